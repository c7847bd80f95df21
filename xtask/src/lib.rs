//! What the developer's commands share: running other programs, and installing what is missing.
//!
//! The commands are in `main.rs`; what measures is a crate of its own, `outcry-measure`, which uses
//! this too.

pub mod run;

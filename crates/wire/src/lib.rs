//! Being laid.

pub mod document;

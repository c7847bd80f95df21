//! Detectors: is there more than is usual, and is it more than chance and a few voices explain?
//!
//! One file each. A detector takes counts and the usual level and says what changed; it knows
//! nothing of services, incidents or causes.

pub mod carpet;
pub mod count;
pub mod failure;
pub mod flood;
pub mod gate;
pub mod online;
pub mod together;
pub mod value;

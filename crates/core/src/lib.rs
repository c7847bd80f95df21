//! The deciding part of Outcry.
//!
//! Signals come in, are counted into series, compared with what is usual, grouped into incidents,
//! and frozen as case files; a verdict is a function of a case file. One way, no way back: a module
//! uses only those above it, and `tests/tidy.rs` fails on an upward import.
//!
//! Nothing here opens a file, asks for the time or throws dice. [`engine::Engine::handle`] is
//! driven by the binary and by the simulator alike; the same input gives the same bytes out.

pub mod time;

pub mod units;

pub mod catalog;

pub mod signal;

pub mod traffic;

pub mod trust;

pub mod series;

pub mod baseline;

pub mod attack;

pub mod detect;

pub mod observe;

pub mod incident;

pub mod hypothesis;

pub mod evidence;

pub mod verdict;

pub mod claim;

pub mod snapshot;

pub mod engine;

pub mod alert;

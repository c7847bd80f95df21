//! Reads bytes that strangers send, and never fails as a whole: what was read, and what was wrong.
//!
//! [`feed`] reads what providers say about themselves, [`mrt`] what routers say to each other.

pub mod feed;

pub mod mrt;

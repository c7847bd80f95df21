//! Looks at services from outside: probes of many kinds, and the schedule that runs them.
//!
//! Every address that is dialled passes [`guard`] first, so that nobody can make a vantage point
//! speak to the network it stands in. [`probe`] looks once and says what it saw, phase by phase.
//! [`schedule`] decides when, with the time passed in.

pub mod address;
pub mod guard;
pub mod certificate;
pub mod phase;
pub mod tls;
pub mod dns;

//! Looks at services from outside: probes of many kinds, and the schedule that runs them.
//!
//! Every address that is dialled passes [`guard`] first, so that nobody can make a vantage point
//! speak to the network it stands in. [`probe`] looks once and says what it saw, phase by phase.
//! [`condition`] weighs it.

pub mod address;
pub mod certificate;
pub mod condition;
pub mod define;
pub mod dial;
pub mod dns;
pub mod feed;
pub mod flow;
pub mod guard;
pub mod phase;
pub mod probe;
pub mod relay;
pub mod repeated;
pub mod schedule;
pub mod soft;
pub mod tls;

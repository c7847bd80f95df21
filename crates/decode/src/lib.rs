//! Reads bytes that strangers send: flow exports, captures, access logs, notices, routes.
//!
//! Every decoder gives records and a bounded list of what was wrong ([`fault::Faults`]); none fails
//! as a whole, panics, opens a file or asks for the time. Memory is bounded by limits with names,
//! whatever the input.
//!
//! What it cannot tell: whether what was exported is true. An exporter may lie, a sampler may be
//! silent about its rate; then [`record::Sampling`] says "unknown", which is never shown as 1.

pub mod access_log;
pub mod address;
pub mod bytes;
pub mod export;
pub mod fault;
#[cfg(feature = "feed")]
pub mod feed;
#[cfg(feature = "mrt")]
pub mod mrt;
pub mod netflow;
pub mod packet;
pub mod pcap;
pub mod record;
pub mod sflow;

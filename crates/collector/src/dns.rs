//! Names: messages of the DNS, carried over UDP, TCP and TLS, and the resolver of this machine.
//!
//! Written by hand rather than with a resolver library: a probe wants each question asked afresh,
//! no cache and no search list, and the response code as evidence. One question, one answer.
//!
//! # References
//!
//! - RFC 1035 (messages, TCP), RFC 7858 (TLS), RFC 6891 (EDNS), RFC 5452 (what makes an answer
//!   believable).

pub mod carry;
pub mod code;
pub mod message;
pub mod resolver;

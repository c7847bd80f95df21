//! Asking: what the public interface of an Outcry says about a service, for `outcry status`,
//! `outcry watch` and the tools of MCP.
//!
//! All of them read the addresses under `/api/v1` that anybody may read, and nothing else, so that
//! none of them can say more than the pages do. A service is found by what people call it, then
//! five questions are answered, each by a file of its own: is it down, since when, for whom, what
//! is said, what does the evidence say.
//!
//! # What it cannot tell
//!
//! How many people are affected, and why. Each answer carries the caution of the pages.

pub mod down;
pub mod evidence;
pub mod find;
pub mod freshness;
pub mod reader;
pub mod said;
pub mod shape;
pub mod since;
pub mod whom;

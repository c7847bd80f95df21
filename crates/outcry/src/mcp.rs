//! The Model Context Protocol: tools by which a language model asks what is known about a service.
//!
//! Every tool reads the public interface and nothing else, and every answer ends with how fresh it
//! is and with the caution of the pages. A model is told what nobody knows as plainly as what
//! somebody does: it will be asked about both.
//!
//! # References
//!
//! - <https://modelcontextprotocol.io/specification>: tools, transports.

pub mod door;
pub mod handler;
pub mod tool;

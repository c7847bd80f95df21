//! Tells people and programs: one [`letter::Letter`], many channels.
//!
//! A channel turns a letter into one request ([`channel::compose`]), which is a pure function, and
//! [`post`] sends it: through the filter every dial passes, to the address that was checked,
//! without following anybody elsewhere. What came of it says whether to try again ([`retry`]).
//!
//! Words come in finished: a letter never says more than the page it links to.
//!
//! # What it cannot tell
//!
//! Whether anybody reads it. "Delivered" means that the other side took it.

pub mod channel;
pub mod letter;
pub mod mail;
pub mod post;
pub mod push;
pub mod retry;
pub mod smtp;

//! The relay: a vantage point at another place brings what it sees to its hub.
//!
//! An agent enrols once with a token, and from then on is known by its key (Ed25519) and a
//! certificate of the hub's own authority. It opens every connection itself; nobody ever connects
//! to it. What it sees goes to its disk first and to the hub second, and leaves the disk when the
//! hub has it on its own. So neither a broken network nor a killed program loses what was
//! acknowledged, and a number that is never given twice keeps it from being counted twice.
//!
//! The protocol is written down in `docs/reference/vantage-protocol.md`.
//!
//! # What it cannot tell
//!
//! Whether an agent lies. A signature says who said it. That is why the hub counts places, and one
//! place alone decides nothing for others.

pub mod agent;
pub mod buffer;
pub mod identity;
pub mod link;
pub mod message;

use std::time::Duration;

/// Version of the protocol, in every path.
pub const VERSION: &str = "/vantage/v1";
/// Time a token may be used.
pub const TOKEN_LIVES: Duration = Duration::from_secs(15 * 60);
/// Days a certificate is valid.
pub const CERTIFICATE_DAYS: i32 = 90;
/// Days after which it is renewed.
pub const RENEW_AFTER_DAYS: i64 = 60;
/// Results in one upload.
pub const RESULTS_PER_UPLOAD_MAX: usize = 500;
/// Bytes of a body that either side reads.
pub const BODY_BYTES_MAX: usize = 4 << 20;
/// Bytes of results that wait on the disk of an agent: a day of 1,000 monitors looked at every
/// minute takes about 650 MB. Beyond it the oldest go, and are counted.
pub const BUFFER_BYTES_MAX: u64 = 1 << 30;
/// How long a hub keeps a request for orders open before it answers that there are none.
pub const ORDERS_WAIT: Duration = Duration::from_secs(20);
/// How long an agent waits for any answer.
pub const ANSWER_WAIT: Duration = Duration::from_secs(40);

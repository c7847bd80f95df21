//! The name server: answers for the names of the platform, or fails to.
//!
//! Modes: `servfail`; `wrong ADDRESS`; `empty` (no such name).

use std::net::Ipv4Addr;
use std::net::UdpSocket;
use std::path::Path;

use anyhow::Result;

use crate::message;
use crate::message::Code;
use crate::part::mode;
use crate::place::DNS;
use crate::place::NAMES;

/// Bytes of a question over UDP.
const BYTES_MAX: usize = 1_232;
/// The type of an address.
const A: u16 = 1;
/// What faults do not touch: it belongs to somebody else.
const UNTOUCHED: &str = "id.test";

/// Answers until it is ended.
pub fn run(dir: &Path) -> Result<()> {
    let socket = UdpSocket::bind((DNS.address(), 53))?;
    let mut buffer = [0; BYTES_MAX];
    loop {
        let (length, from) = socket.recv_from(&mut buffer)?;
        let question = &buffer[..length];
        let Some((name, kind, _)) = message::asked(question) else { continue };
        let (code, address) = answer(&mode(dir, "dns"), &name);
        let address = address.filter(|_| kind == A);
        if let Some(bytes) = message::answer(question, code, address) {
            // A client that is gone by now is no fault of the server.
            let _ = socket.send_to(&bytes, from);
        }
    }
}

fn answer(mode: &str, name: &str) -> (Code, Option<Ipv4Addr>) {
    let known = NAMES.iter().find(|(of, _)| *of == name).map(|(_, address)| *address);
    let Some(address) = known else { return (Code::NxDomain, None) };
    if name == UNTOUCHED {
        return (Code::NoError, Some(address));
    }
    match mode.split_once(' ').unwrap_or((mode, "")) {
        ("servfail", _) => (Code::ServFail, None),
        ("empty", _) => (Code::NxDomain, None),
        ("wrong", other) => (Code::NoError, other.parse().ok()),
        _ => (Code::NoError, Some(address)),
    }
}

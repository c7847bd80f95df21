//! Routes: what routers tell each other, from files of MRT and from RIS Live.
//!
//! A file is read to its end whatever stands in it: each change of a route is handed out, and what
//! could not be read is told with it ([`Read`]). Within one record withdrawals come first, as
//! `bgpdump` prints them, so that a prefix that moves within one message ends up announced.
//!
//! # What it cannot tell
//!
//! What a change means. A collector sees what its peers send; a withdrawal by one peer is not an
//! outage, and the origin of a path is the network that claims the prefix, not one that may.
//!
//! # References
//!
//! - MRT: RFC 6396, RFC 8050. BGP: RFC 4271, RFC 4760, RFC 6793.
//! - RIS Live: RIPE NCC, "RIS Live manual".

use std::io;
use std::net::IpAddr;

use bgpkit_parser::BgpElem;
use bgpkit_parser::BgpkitParser;
use bgpkit_parser::Elementor;
use bgpkit_parser::models::AsPathSegment;
use bgpkit_parser::models::ElemType;
use bgpkit_parser::parse_ris_live_message;

/// Things said to be wrong with one file; more are counted only.
pub const FAULTS_MAX: usize = 20;
/// Errors in a row after which a file is not read on: its frame is lost.
pub const ERRORS_IN_A_ROW_MAX: u64 = 1_000;
/// Bytes of a line of RIS Live; a longer one is a fault.
pub const LINE_BYTES_MAX: usize = 1 << 20;

/// Whether a route came or went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Announced.
    Announce,
    /// Withdrawn.
    Withdraw,
}

impl Kind {
    /// Stable name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Announce => "announce",
            Self::Withdraw => "withdraw",
        }
    }
}

/// A step of a path: one network, or a set in no order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hop {
    /// One network.
    One(u32),
    /// Networks whose order is not known (AS_SET, RFC 4271, section 4.3).
    Set(Vec<u32>),
}

/// One change of one route at one peer.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// When the collector got it, seconds since 1970 UTC.
    pub at_unix_s: f64,
    /// The peer that sent it.
    pub peer: IpAddr,
    /// The peer's network.
    pub peer_asn: u32,
    /// Announced or withdrawn.
    pub kind: Kind,
    /// The prefix in CIDR form.
    pub prefix: String,
    /// The network that originates it; `None` when the path ends in a set of several, or is absent.
    pub origin: Option<u32>,
    /// Networks on the way, nearest first.
    pub path: Vec<Hop>,
}

/// What was read, and what was wrong.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Read {
    /// Changes handed out.
    pub changes: u64,
    /// Records or lines that could not be read.
    pub errors: u64,
    /// Messages that carry no route, such as a change of a peer's state.
    pub without_routes: u64,
    /// The first errors, in words.
    pub faults: Vec<String>,
}

impl Read {
    fn fault(&mut self, fault: String) {
        self.errors += 1;
        if self.faults.len() < FAULTS_MAX {
            self.faults.push(fault);
        }
    }
}

/// Reads a file of MRT (not compressed), record by record.
pub fn mrt(file: impl io::Read, mut each: impl FnMut(Change)) -> Read {
    let mut read = Read::default();
    let mut elementor = Elementor::new();
    let mut in_a_row = 0;
    let records = BgpkitParser::from_reader(file).disable_warnings().into_fallible_record_iter();
    for record in records {
        match record {
            Ok(record) => {
                in_a_row = 0;
                let elements = elementor.record_to_elems(record);
                if elements.is_empty() {
                    read.without_routes += 1;
                }
                hand_out(elements, &mut read, &mut each);
            }
            Err(error) => {
                read.fault(error.to_string());
                in_a_row += 1;
                if in_a_row > ERRORS_IN_A_ROW_MAX {
                    read.fault(format!("gave up after {ERRORS_IN_A_ROW_MAX} errors in a row"));
                    break;
                }
            }
        }
    }
    read
}

/// Reads messages of RIS Live, one JSON object a line; bare message bodies are taken too.
pub fn ris_live(text: &str, mut each: impl FnMut(Change)) -> Read {
    let mut read = Read::default();
    for (index, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let number = index + 1;
        if line.len() > LINE_BYTES_MAX {
            read.fault(format!("line {number} is longer than {LINE_BYTES_MAX} bytes"));
            continue;
        }
        let whole = match wrapped(line) {
            Ok(whole) => whole,
            Err(error) => {
                read.fault(format!("line {number} is not JSON: {error}"));
                continue;
            }
        };
        match whole.map(|message| parse_ris_live_message(&message)) {
            None => read.without_routes += 1,
            Some(Ok(elements)) if elements.is_empty() => read.without_routes += 1,
            Some(Ok(elements)) => hand_out(elements, &mut read, &mut each),
            Some(Err(error)) => read.fault(format!("line {number}: {error}")),
        }
    }
    read
}

/// The message with its wrapper; `None` when it carries no update.
fn wrapped(line: &str) -> Result<Option<String>, serde_json::Error> {
    let value: serde_json::Value = serde_json::from_str(line)?;
    let wrapped = value.get("data").is_some();
    let message = value.get("data").unwrap_or(&value);
    let kind = message.get("type").and_then(serde_json::Value::as_str);
    if kind != Some("UPDATE") {
        return Ok(None);
    }
    if wrapped {
        return Ok(Some(line.to_owned()));
    }
    Ok(Some(serde_json::json!({ "type": "ris_message", "data": message }).to_string()))
}

fn hand_out(mut elements: Vec<BgpElem>, read: &mut Read, each: &mut impl FnMut(Change)) {
    elements.sort_by_key(|element| element.elem_type == ElemType::ANNOUNCE);
    for element in elements {
        read.changes += 1;
        each(change(&element));
    }
}

fn change(element: &BgpElem) -> Change {
    let segments = element.as_path.iter().flat_map(|path| &path.segments);
    let path: Vec<Hop> = segments.flat_map(hops).collect();
    let origin = match path.last() {
        Some(Hop::One(network)) => Some(*network),
        Some(Hop::Set(networks)) if networks.len() == 1 => networks.first().copied(),
        _ => None,
    };
    Change {
        at_unix_s: element.timestamp,
        peer: element.peer_ip,
        peer_asn: element.peer_asn.to_u32(),
        kind: match element.elem_type {
            ElemType::ANNOUNCE => Kind::Announce,
            ElemType::WITHDRAW => Kind::Withdraw,
        },
        prefix: element.prefix.prefix.to_string(),
        origin,
        path,
    }
}

fn hops(segment: &AsPathSegment) -> Vec<Hop> {
    match segment {
        AsPathSegment::AsSequence(networks) | AsPathSegment::ConfedSequence(networks) => {
            networks.iter().map(|network| Hop::One(network.to_u32())).collect()
        }
        AsPathSegment::AsSet(networks) | AsPathSegment::ConfedSet(networks) => {
            vec![Hop::Set(networks.iter().map(|network| network.to_u32()).collect())]
        }
    }
}

#[cfg(test)]
mod tests;

//! What the DNS writes as numbers and people by name: types of records, and codes of answers.
//!
//! # References
//!
//! - IANA, "Domain Name System (DNS) Parameters": resource record types, DNS RCODEs.

use std::fmt;

/// A type of record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kind(pub u16);

const KINDS: &[(&str, u16)] = &[
    ("A", 1),
    ("NS", 2),
    ("CNAME", 5),
    ("SOA", 6),
    ("PTR", 12),
    ("MX", 15),
    ("TXT", 16),
    ("AAAA", 28),
    ("SRV", 33),
    ("CAA", 257),
];

impl Kind {
    /// IPv4 addresses.
    pub const A: Self = Self(1);
    /// IPv6 addresses.
    pub const AAAA: Self = Self(28);

    /// A name of an address.
    pub const PTR: Self = Self(12);

    /// The names of all that can be asked for.
    pub fn names() -> impl Iterator<Item = &'static str> {
        KINDS.iter().map(|(name, _)| *name)
    }

    /// Reads the name of a type, in any case.
    pub fn parse(name: &str) -> Option<Self> {
        let known = KINDS.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        known.map(|(_, number)| Self(*number))
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match KINDS.iter().find(|(_, number)| *number == self.0) {
            Some((name, _)) => f.write_str(name),
            None => write!(f, "TYPE{}", self.0),
        }
    }
}

/// How a server answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rcode(pub u8);

impl Rcode {
    /// All is well.
    pub const NO_ERROR: Self = Self(0);
    /// There is no such name.
    pub const NX_DOMAIN: Self = Self(3);

    /// Whether a text is what an answer's code can be shown as.
    pub fn is_name(text: &str) -> bool {
        (0..=RCODE_MAX).any(|code| Self(code).to_string() == text)
    }
}

/// Four bits hold it, RFC 1035, section 4.1.1.
const RCODE_MAX: u8 = 15;

impl fmt::Display for Rcode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const NAMES: [&str; 11] = [
            "NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED", "YXDOMAIN",
            "YXRRSET", "NXRRSET", "NOTAUTH", "NOTZONE",
        ];
        match NAMES.get(usize::from(self.0)) {
            Some(name) => f.write_str(name),
            None => write!(f, "RCODE{}", self.0),
        }
    }
}

//! Names and requests inside a payload, read on demand: DNS, HTTP, NTP.
//!
//! What it cannot tell: whether a payload on port 53 is DNS. What does not look like it gives
//! nothing.
//!
//! References: RFC 1035 §4.1; RFC 9112 §3; RFC 5905 §7.3 and the private mode of `ntpd`
//! (`ntp_request.h`).

use std::fmt;

use super::Header;
use super::Packet;
use super::protocol;
use crate::bytes;
use crate::record::Fragment;

/// Octets of a name on the wire (RFC 1035 §2.3.4).
const NAME_OCTETS_MAX: usize = 255;
/// Octets of a request that are searched for the user agent.
const HTTP_SEARCHED: usize = 2_048;

/// The first question of a DNS message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dns<'a> {
    /// Whether this answers.
    pub is_response: bool,
    /// Response code; 0 in a query (RFC 1035 §4.1.1: 3 is NXDOMAIN).
    pub code: u8,
    /// The name that is asked for.
    pub name: DnsName<'a>,
    /// The type that is asked for (1 A, 28 AAAA, 255 ANY …).
    pub query_type: u16,
    /// Answers that the header promises.
    pub answers: u16,
}

/// A name as it stands on the wire: lengths and labels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DnsName<'a>(&'a [u8]);

impl<'a> DnsName<'a> {
    /// The labels, the leftmost first.
    pub fn labels(self) -> impl Iterator<Item = &'a [u8]> {
        let mut rest = self.0;
        std::iter::from_fn(move || {
            let (length, after) = rest.split_first()?;
            let label = after.get(..usize::from(*length))?;
            rest = &after[label.len()..];
            (!label.is_empty()).then_some(label)
        })
    }
}

impl fmt::Display for DnsName<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut any = false;
        for label in self.labels() {
            any = true;
            for &byte in label {
                match byte {
                    b'!'..=b'~' if byte != b'.' && byte != b'\\' => {
                        write!(f, "{}", char::from(byte))?;
                    }
                    _ => write!(f, "\\{byte:03}")?,
                }
            }
            f.write_str(".")?;
        }
        if any { Ok(()) } else { f.write_str(".") }
    }
}

/// The beginning of an HTTP/1 request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Http<'a> {
    /// The method.
    pub method: &'a [u8],
    /// The target of the request, as far as it was captured.
    pub uri: &'a [u8],
    /// The user agent, when its line was captured.
    pub user_agent: Option<&'a [u8]>,
    /// The host, when its line was captured.
    pub host: Option<&'a [u8]>,
}

/// An NTP message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ntp {
    /// Mode: 3 client, 4 server, 6 control, 7 private.
    pub mode: u8,
    /// Request code of a private message (42 is MON_GETLIST_1), or the operation of a control one.
    pub request_code: Option<u8>,
    /// Whether a private or control message answers.
    pub is_response: bool,
}

impl<'a> Packet<'a> {
    /// The header that the payload follows.
    fn innermost(&self) -> &Header {
        self.tunnelled.as_ref().unwrap_or(&self.ip)
    }

    fn has_port(&self, port: u16) -> bool {
        let header = self.innermost();
        header.source_port == port || header.target_port == port
    }

    /// The first question of a DNS message on port 53 (or 5353, multicast).
    pub fn dns(&self) -> Option<Dns<'a>> {
        let header = self.innermost();
        if header.fragment == Fragment::Later || !(self.has_port(53) || self.has_port(5353)) {
            return None;
        }
        let message = match header.protocol {
            protocol::UDP => self.payload,
            // Two bytes of length in front (RFC 1035 §4.2.2).
            protocol::TCP => bytes::from(self.payload, 2),
            _ => return None,
        };
        let flags = bytes::u16(message, 2)?;
        if bytes::u16(message, 4)? == 0 {
            return None;
        }
        let question = bytes::from(message, 12);
        let mut end = 0;
        loop {
            let length = usize::from(bytes::u8(question, end)?);
            if length == 0 {
                break;
            }
            end += 1 + length;
            // A first question has nothing before it that a pointer could point to.
            if length > 63 || end >= NAME_OCTETS_MAX {
                return None;
            }
        }
        Some(Dns {
            is_response: flags & 0x8000 != 0,
            code: (flags & 0x000f) as u8,
            name: DnsName(question.get(..end)?),
            query_type: bytes::u16(question, end + 1)?,
            answers: bytes::u16(message, 6)?,
        })
    }

    /// The beginning of an HTTP/1 request, on any port of TCP.
    pub fn http(&self) -> Option<Http<'a>> {
        let header = self.innermost();
        if header.protocol != protocol::TCP || header.fragment == Fragment::Later {
            return None;
        }
        let text = bytes::upto(self.payload, HTTP_SEARCHED);
        let space = text.iter().take(12).position(|&byte| byte == b' ')?;
        let method = &text[..space];
        if !METHODS.contains(&method) {
            return None;
        }
        let after = &text[space + 1..];
        let end = after.iter().position(|byte| matches!(byte, b' ' | b'\r' | b'\n'));
        let uri = &after[..end.unwrap_or(after.len())];
        Some(Http {
            method,
            uri,
            user_agent: field(after, b"user-agent"),
            host: field(after, b"host"),
        })
    }

    /// An NTP message on port 123.
    pub fn ntp(&self) -> Option<Ntp> {
        let header = self.innermost();
        if header.protocol != protocol::UDP || !self.has_port(123) {
            return None;
        }
        if header.fragment == Fragment::Later {
            return None;
        }
        let first = bytes::u8(self.payload, 0)?;
        let second = bytes::u8(self.payload, 1)?;
        let mode = first & 0x07;
        let (request_code, is_response) = match mode {
            6 => (Some(second & 0x1f), second & 0x80 != 0),
            7 => (bytes::u8(self.payload, 3), first & 0x80 != 0),
            mode => (None, mode == 4),
        };
        Some(Ntp { mode, request_code, is_response })
    }
}

/// The value of a header field, by its name in lower case.
fn field<'a>(text: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    text.split(|&byte| byte == b'\n').skip(1).find_map(|line| {
        let value = line.get(name.len()..)?.strip_prefix(b":")?;
        line[..name.len()].eq_ignore_ascii_case(name).then(|| value.trim_ascii())
    })
}

const METHODS: &[&[u8]] = &[
    b"GET",
    b"POST",
    b"HEAD",
    b"PUT",
    b"DELETE",
    b"OPTIONS",
    b"PATCH",
    b"CONNECT",
    b"TRACE",
    b"PROPFIND",
    b"PRI",
];

//! Access logs of web servers, one request a line, whatever the server.
//!
//! Nobody says which format a file has: each line is tried with the format that fitted the line
//! before, then with the others. So rotated, mixed and prefixed logs are read, and a line that fits
//! none is counted.
//!
//! What it cannot tell: whose address stands first in a line. Behind a proxy it is the proxy's, and
//! `X-Forwarded-For` can be written by anyone; see [`Request::client`]. Logs of custom fields
//! without names, if their order is not that of a known format.
//!
//! References: Apache `mod_log_config` (common and combined), nginx `log_format`, HAProxy 2.8
//! configuration manual §8.2.3, AWS "Access logs for your Application Load Balancer", Cloudflare
//! Logpush "HTTP requests", Caddy "log" directive.

use std::borrow::Cow;

use crate::address::Address;
use crate::fault::FaultKind;
use crate::fault::Faults;

mod alb;
mod client;
mod combined;
mod haproxy;
mod json;
mod names;
mod text;
mod time;

#[cfg(test)]
mod tests;

pub use self::client::Client;
pub use self::client::TrustedProxy;

/// Octets of a line; a longer one is counted and passed over.
pub const LINE_MAX: usize = 65_536;
/// Lines that decide whether a file is a log.
const SNIFFED_LINES: usize = 20;

/// What wrote a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Format {
    /// Common log format: no referrer, no user agent.
    Common,
    /// Combined log format of Apache and nginx, with or without more fields behind it.
    Combined,
    /// JSON with names of nginx, HAProxy or one's own.
    Json,
    /// JSON of Caddy.
    Caddy,
    /// JSON of Cloudflare Logpush.
    Cloudflare,
    /// Application load balancer of AWS.
    Alb,
    /// HAProxy's `option httplog`.
    Haproxy,
}

impl Format {
    /// Its name in outputs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Common => "common",
            Self::Combined => "combined",
            Self::Json => "json",
            Self::Caddy => "caddy",
            Self::Cloudflare => "cloudflare",
            Self::Alb => "alb",
            Self::Haproxy => "haproxy",
        }
    }
}

/// One request, as a server logged it.
#[derive(Clone, Debug, PartialEq)]
pub struct Request<'a> {
    /// When, in milliseconds since 1970, UTC.
    pub at_ms: u64,
    /// What wrote it.
    pub format: Format,
    /// Who was connected to the server: a client, or a proxy in front of it.
    pub peer: Option<Address>,
    /// Whether the server itself found the client behind its proxies, and [`Request::peer`] is it.
    pub peer_resolved: bool,
    /// `X-Forwarded-For`, which anyone can write.
    pub forwarded_for: Option<Cow<'a, str>>,
    /// Method; empty when the request was broken.
    pub method: Cow<'a, str>,
    /// Path with its query; empty when the request was broken.
    pub path: Cow<'a, str>,
    /// Status that was answered; 0 when none was.
    pub status: u16,
    /// Octets sent.
    pub octets: Option<u64>,
    /// Page the client says it came from.
    pub referrer: Option<Cow<'a, str>>,
    /// What the client says it is.
    pub user_agent: Option<Cow<'a, str>>,
    /// Protocol, such as `HTTP/2.0`.
    pub protocol: Option<Cow<'a, str>>,
    /// Name of the site.
    pub host: Option<Cow<'a, str>>,
    /// How long it took, in milliseconds.
    pub duration_ms: Option<u64>,
}

impl Request<'_> {
    /// A request of which only the format and time are known.
    fn blank(format: Format, at_ms: u64) -> Self {
        Request {
            at_ms,
            format,
            peer: None,
            peer_resolved: false,
            forwarded_for: None,
            method: Cow::Borrowed(""),
            path: Cow::Borrowed(""),
            status: 0,
            octets: None,
            referrer: None,
            user_agent: None,
            protocol: None,
            host: None,
            duration_ms: None,
        }
    }
}

/// Reads a log line by line.
#[derive(Debug, Default)]
pub struct Log {
    last: Option<Format>,
    number: u64,
    /// What was wrong so far; places are numbers of lines.
    pub faults: Faults,
}

/// What a line was, if it was a request. A time may lack its zone.
struct Read<'a> {
    request: Request<'a>,
    zone_known: bool,
}

impl Log {
    /// Before the first line.
    pub fn new() -> Self {
        Self::default()
    }

    /// Lines so far.
    pub fn lines(&self) -> u64 {
        self.number
    }

    /// Notes a line that was too long to be held; for callers that read a stream.
    pub fn too_long(&mut self) {
        self.number += 1;
        self.faults.add(FaultKind::LineTooLong, self.number);
    }

    /// Reads one line, without or with its end. Empty lines and comments (`#`) are passed over.
    pub fn line<'a>(&mut self, line: &'a [u8]) -> Option<Request<'a>> {
        self.number += 1;
        let line = line.trim_ascii();
        if line.is_empty() || line[0] == b'#' {
            return None;
        }
        if line.len() > LINE_MAX {
            self.faults.add(FaultKind::LineTooLong, self.number);
            return None;
        }
        let read = match String::from_utf8_lossy(line) {
            Cow::Borrowed(line) => read(line, self.last),
            Cow::Owned(line) => {
                self.faults.add(FaultKind::NotUtf8, self.number);
                read(&line, self.last).map(|read| owned(&read))
            }
        };
        match read {
            Ok(read) => {
                self.last = Some(read.request.format);
                if !read.zone_known {
                    self.faults.add(FaultKind::NoZone, self.number);
                }
                Some(read.request)
            }
            Err(kind) => {
                self.faults.add(kind, self.number);
                None
            }
        }
    }
}

/// Whether bytes begin like an access log: most of their first lines are requests.
pub fn is_log(beginning: &[u8]) -> bool {
    let mut log = Log::new();
    let complete = match beginning.iter().rposition(|&byte| byte == b'\n') {
        Some(end) => &beginning[..end],
        None => beginning,
    };
    let lines = complete.split(|&byte| byte == b'\n').filter(|line| !line.is_empty());
    let (read, all) = lines
        .take(SNIFFED_LINES)
        .fold((0, 0), |(read, all), line| (read + usize::from(log.line(line).is_some()), all + 1));
    read > 0 && read * 2 >= all
}

/// All requests of a log that is in memory.
pub fn requests<'a>(log: &mut Log, bytes: &'a [u8]) -> impl Iterator<Item = Request<'a>> {
    bytes.split(|&byte| byte == b'\n').filter_map(move |line| log.line(line))
}

/// The line in the format that fitted last, or else in any.
fn read(line: &str, last: Option<Format>) -> Result<Read<'_>, FaultKind> {
    if let Some(object) = json::object(line) {
        return json::read(object);
    }
    type Reader = for<'a> fn(&'a str) -> Option<Read<'a>>;
    const READERS: [Reader; 3] = [alb::read, haproxy::read, combined::read];
    let first: Reader = match last {
        Some(Format::Haproxy) => haproxy::read,
        Some(Format::Alb) => alb::read,
        _ => combined::read,
    };
    first(line)
        .or_else(|| READERS.iter().find_map(|reader| reader(line)))
        .ok_or(FaultKind::UnknownLine)
}

/// A copy that does not borrow from the line.
fn owned(read: &Read<'_>) -> Read<'static> {
    fn text(text: &str) -> Cow<'static, str> {
        Cow::Owned(text.to_owned())
    }
    let request = &read.request;
    Read {
        zone_known: read.zone_known,
        request: Request {
            at_ms: request.at_ms,
            format: request.format,
            peer: request.peer,
            peer_resolved: request.peer_resolved,
            forwarded_for: request.forwarded_for.as_deref().map(text),
            method: text(&request.method),
            path: text(&request.path),
            status: request.status,
            octets: request.octets,
            referrer: request.referrer.as_deref().map(text),
            user_agent: request.user_agent.as_deref().map(text),
            protocol: request.protocol.as_deref().map(text),
            host: request.host.as_deref().map(text),
            duration_ms: request.duration_ms,
        },
    }
}

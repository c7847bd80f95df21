//! Answers that are no page and no document: calls of gRPC, tables of text.
//!
//! A call of gRPC over HTTP says how it went in its trailers, with status 200 in front; in the form
//! for browsers they stand in the body, as text or as Base64. A table that begins with what only a
//! program writes when it falls over is none.
//!
//! # What it cannot tell
//!
//! What bytes mean otherwise.
//!
//! # References
//!
//! - gRPC, "PROTOCOL-WEB": trailers in the body, frame type 0x80. gRPC status codes: 1 to 16 fail,
//!   of which 3 (invalid argument), 5 (not found) and 16 (unauthenticated) are the caller's.

use base64::prelude::BASE64_STANDARD;
use base64::prelude::Engine as _;
use http::header::CONTENT_TYPE;

use crate::probe::page::Page;
use crate::soft::Finding;
use crate::soft::dump;
use crate::soft::error_text::quote;
use crate::soft::reading::Kind;
use crate::soft::reading::Reading;
use crate::soft::words;

/// Bytes of the longest answer that holds trailers and no message worth the name.
const TRAILERS_BYTES_MAX: usize = 4_096;
/// The name before the status.
const STATUS: &str = "grpc-status";
/// Bytes of what is a message and no data.
const SAID_BYTES_MAX: usize = 600;
/// Lines of it.
const SAID_LINES: usize = 3;
/// How strongly it says that something failed.
const SAID_FAILS: f64 = 1.5;
/// Lines in which a table would begin.
const LINES: usize = 2;

/// Looks for it.
pub fn look(page: &Page<'_>, reading: &Reading) -> Option<Finding> {
    let head = page.headers.get(STATUS).and_then(|value| value.to_str().ok());
    if let Some(found) = head.and_then(|code| failed(code, "")) {
        return Some(found);
    }
    if reading.kind != Kind::Other {
        return None;
    }
    no_beginning(page)
        .or_else(|| in_stream(page, reading))
        .or_else(|| in_body(page.body))
        .or_else(|| in_table(reading))
        .or_else(|| said(reading))
}

/// What a playlist, a calendar, a picture begins with, and this one does not.
const BEGINNINGS: &[(&str, &[u8])] = &[
    (PLAYLIST, b"#EXTM3U"),
    ("text/calendar", b"BEGIN:VCALENDAR"),
    ("text/vtt", b"WEBVTT"),
    ("image/png", b"\x89PNG"),
    ("image/jpeg", b"\xff\xd8"),
    ("image/gif", b"GIF8"),
    ("image/webp", b"RIFF"),
    ("application/pdf", b"%PDF"),
];

/// Text where data of a known beginning should be.
fn no_beginning(page: &Page<'_>) -> Option<Finding> {
    let named = page.headers.get(CONTENT_TYPE)?.to_str().ok()?.to_ascii_lowercase();
    let (name, begins) = BEGINNINGS.iter().find(|(name, _)| named.contains(name))?;
    let text = std::str::from_utf8(page.body).ok()?.trim_start_matches('\u{feff}').trim();
    let is_empty = *name == PLAYLIST && text.lines().all(|it| it.is_empty() || is_remark(it));
    let is_other = !text.is_empty() && (is_empty || !text.as_bytes().starts_with(begins));
    let said = text.lines().find(|line| !line.starts_with("#EXT")).unwrap_or(text);
    is_other.then(|| Finding::fails(0.8, format!("no {name}, but: “{}”", quote(said))))?
}

/// A playlist of which nothing can be played.
const PLAYLIST: &str = "mpegurl";

/// A line of a playlist that names nothing.
fn is_remark(line: &str) -> bool {
    line.starts_with('#') && !line.starts_with("#EXTINF") && !line.starts_with("#EXT-X-STREAM-INF")
}

/// A stream of events of which each is an error.
fn in_stream(page: &Page<'_>, reading: &Reading) -> Option<Finding> {
    let named = page.headers.get(CONTENT_TYPE)?.to_str().ok()?;
    let mut events = reading.source.lines().filter_map(|line| line.strip_prefix("event:"));
    let is_stream = named.starts_with("text/event-stream") && events.clone().next().is_some();
    let is_error = |name: &str| matches!(name.trim(), "error" | "exception");
    let is_end = |name: &str| matches!(name.trim(), "close" | "end" | "done");
    let fails = is_stream
        && events.clone().any(is_error)
        && events.all(|name| is_error(name) || is_end(name));
    let said = reading.source.lines().find_map(|line| line.strip_prefix("data:"));
    let what = format!("a stream of errors: “{}”", quote(said.unwrap_or_default().trim()));
    fails.then(|| Finding::fails(0.8, what))?
}

fn in_body(body: &[u8]) -> Option<Finding> {
    if body.len() > TRAILERS_BYTES_MAX {
        return None;
    }
    let plain = String::from_utf8_lossy(body).into_owned();
    let decoded = BASE64_STANDARD.decode(plain.trim().as_bytes()).ok();
    let decoded = decoded.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    [Some(plain), decoded].into_iter().flatten().find_map(|text| {
        let lower = text.to_ascii_lowercase();
        let from = lower.find("grpc-status:")? + STATUS.len() + 1;
        let code: String =
            lower[from..].trim_start().chars().take_while(char::is_ascii_digit).collect();
        let said = lower.find("grpc-message:").and_then(|at| text.get(at + STATUS.len() + 2..));
        failed(&code, said.and_then(|it| it.lines().next()).unwrap_or_default())
    })
}

fn failed(code: &str, said: &str) -> Option<Finding> {
    let code: u8 = code.trim().parse().ok()?;
    if code == 0 {
        return None;
    }
    let said = if said.trim().is_empty() {
        String::new()
    } else {
        format!(": “{}”", quote(said.trim()))
    };
    Finding::fails(0.85, format!("the call ended with gRPC status {code}{said}"))
}

/// A sentence where a calendar, a table, a style was.
fn said(reading: &Reading) -> Option<Finding> {
    let is_short = reading.source.len() <= SAID_BYTES_MAX && reading.source.contains(' ');
    let first = reading.source.lines().find(|line| !line.trim().is_empty())?;
    let fails = words::failing(words::concepts_of(&reading.source.to_lowercase())) >= SAID_FAILS;
    // Code and data have signs that sentences do not.
    let few = reading.source.lines().filter(|line| !line.trim().is_empty()).count() <= SAID_LINES;
    let is_prose =
        few && first.contains(' ') && !reading.source.contains(['{', '=', '<', ';', '#', '>']);
    let is_said = reading.claims_text && is_short && fails && is_prose;
    is_said.then(|| Finding::fails(0.7, format!("it says: “{}”", quote(first))))?
}

fn in_table(reading: &Reading) -> Option<Finding> {
    let is_table = reading.kind == Kind::Other && reading.claims_text;
    let mut lines = reading.source.lines().filter(|it| !it.trim().is_empty()).take(LINES);
    let line = lines.find(|line| is_table && dump::is_machines_line(line))?;
    Finding::fails(0.85, format!("a message of the program: “{}”", quote(line)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trailers_are_read_as_text_and_as_base64() {
        let frame = b"\x80\x00\x00\x00\x2fgrpc-status:14\r\ngrpc-message:upstream is gone\r\n";
        let coded = BASE64_STANDARD.encode(frame);
        for body in [&frame[..], coded.as_bytes()] {
            let found = in_body(body).expect("trailers");
            assert!(found.what.contains("14: “upstream is gone”"), "{found:?}");
        }
        assert_eq!(in_body(b"\x80\x00\x00\x00\x0fgrpc-status:0\r\n"), None);
        assert_eq!(in_body(b"how to read grpc-status: it is a number"), None);
    }
}

//! From bytes to text, and what an answer is, whatever it calls itself.
//!
//! # References
//!
//! - WHATWG, "Encoding". What names no encoding is read as browsers guess it (chardetng, of
//!   Firefox).

use std::borrow::Cow;

use chardetng::EncodingDetector;
use chardetng::Iso2022JpDetection;
use chardetng::Utf8Detection;
use encoding_rs::Encoding;
use http::header::CONTENT_TYPE;

use crate::probe::page::Page;
use crate::soft::reading::Kind;

/// Bytes at the beginning in which a page may name its encoding.
const SNIFFED_BYTES: usize = 1_024;
/// Bytes from which an encoding is guessed.
const GUESSED_BYTES: usize = 65_536;

/// What a script hands to the function that asked for it: `answer({"error": …});`.
pub(super) fn called_back(source: &str) -> Option<&str> {
    let rest = source.trim().trim_start_matches("/**/").trim_start();
    let (name, inner) = rest.split_once('(')?;
    let is_name = |b: u8| b.is_ascii_alphanumeric() || b"_.$[]'\"".contains(&b);
    let inner = inner.trim_end_matches(';').strip_suffix(')')?.trim();
    let is_call = !name.is_empty() && name.len() <= CALLBACK_BYTES_MAX && name.bytes().all(is_name);
    (is_call && inner.starts_with('{') && inner.ends_with('}')).then_some(inner)
}

/// Bytes of the longest name of a function that is called back.
const CALLBACK_BYTES_MAX: usize = 100;

pub(super) fn named_type<'a>(page: &Page<'a>) -> Option<&'a str> {
    page.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok())
}

pub(super) fn claimed_kind(page: &Page<'_>) -> Kind {
    let claimed = named_type(page);
    let claimed = claimed.unwrap_or("text/html").to_ascii_lowercase();
    let name = claimed.split(';').next().unwrap_or_default().trim();
    match name {
        "text/html" | "application/xhtml+xml" => Kind::Html,
        "text/plain" => Kind::Text,
        _ if name.ends_with("json") || name == "application/json-rpc" => Kind::Json,
        _ if name.ends_with("xml") => Kind::Xml,
        _ => Kind::Other,
    }
}

/// What it is, whatever it calls itself.
pub(super) fn kind_of(claimed: Kind, source: &str) -> Kind {
    let start = source.trim_start_matches(['\u{feff}', ' ', '\n', '\r', '\t']);
    let head: String = start.chars().take(200).collect::<String>().to_ascii_lowercase();
    let looks_html = head.starts_with("<!doctype html") || head.contains("<html");
    // A playlist is data, whatever its songs are called.
    if ["#extm3u", "[playlist]"].iter().any(|begin| head.starts_with(begin)) {
        return Kind::Other;
    }
    match claimed {
        Kind::Other => Kind::Other,
        Kind::Html if looks_html => Kind::Html,
        // A template that nobody filled in begins so.
        Kind::Html if ["{%", "{{", "{#"].iter().any(|open| head.starts_with(open)) => Kind::Html,
        Kind::Html if head.starts_with(['{', '[']) => Kind::Json,
        Kind::Html if head.starts_with("<?xml") => Kind::Xml,
        Kind::Json | Kind::Xml | Kind::Text if looks_html => Kind::Html,
        claimed => claimed,
    }
}

/// Decodes a body: by its head, by itself, as UTF-8, or as a browser would guess; and whether it
/// was a guess.
pub(super) fn decode<'a>(page: &Page<'a>) -> (Cow<'a, str>, bool) {
    let body: &'a [u8] = page.body;
    let named = named_type(page).and_then(label_of).or_else(|| {
        let start = &body[..body.len().min(SNIFFED_BYTES)];
        label_of(&String::from_utf8_lossy(start))
    });
    let marked = Encoding::for_bom(body).map(|(encoding, _)| encoding);
    let (encoding, is_guessed) = match named.or(marked) {
        Some(encoding) => (encoding, false),
        None => match std::str::from_utf8(body) {
            Ok(text) => return (Cow::Borrowed(text), false),
            // A body that was cut may end within a letter.
            Err(error) if error.valid_up_to() + 4 > body.len() => (encoding_rs::UTF_8, false),
            Err(_) => (guess(page), true),
        },
    };
    (encoding.decode(body).0, is_guessed)
}

/// The encoding that a browser would guess, from letters and the ending of the address.
fn guess(page: &Page<'_>) -> &'static Encoding {
    let host = page.url.host.to_string().to_ascii_lowercase();
    let ending = host.rsplit('.').next().filter(|it| !it.is_empty());
    let ending = ending.filter(|it| it.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'));
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(&page.body[..page.body.len().min(GUESSED_BYTES)], true);
    detector.guess(ending.map(str::as_bytes), Utf8Detection::Deny)
}

fn label_of(text: &str) -> Option<&'static Encoding> {
    let lower = text.to_ascii_lowercase();
    let from = lower.find("charset=")? + "charset=".len();
    let rest = lower[from..].trim_start_matches(['"', '\'', ' ']);
    let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && !"-_:".contains(c));
    Encoding::for_label(&rest.as_bytes()[..end.unwrap_or(rest.len())])
}

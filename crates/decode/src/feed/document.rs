//! From bytes to snapshots: one document, or one a line.
//!
//! A line or a document may wrap what was fetched in an object of its own, with the time of the
//! fetch beside it. The wrapper is looked through, one layer deep.

use serde_json::Value;

use crate::feed::FORMS;
use crate::feed::Impact;
use crate::feed::Notice;
use crate::feed::Snapshot;
use crate::feed::field;
use crate::feed::syndication;

/// Characters of a reason that quotes what was found.
const QUOTE_CHARS_MAX: usize = 60;
/// Names under which wrappers tell the time of the fetch.
const FETCHED: &[&str] = &["fetched_at", "retrieved_at", "captured_at", "crawled_at"];

/// All snapshots of a file: one for a document, or one for each line that is not empty.
///
/// Nothing fails: what cannot be read is a snapshot that says why.
pub fn snapshots(bytes: &[u8]) -> Vec<Snapshot> {
    let text = text_of(bytes);
    let trimmed = text.trim();
    if trimmed.is_empty() {
        return vec![Snapshot::unreadable("empty")];
    }
    if trimmed.starts_with('<') {
        return vec![markup(trimmed)];
    }
    match serde_json::from_str::<Value>(trimmed) {
        Ok(document) => vec![one(&document)],
        Err(_) if is_lines(trimmed) => {
            trimmed.lines().map(str::trim).filter(|line| !line.is_empty()).map(line).collect()
        }
        Err(error) => vec![not_json(trimmed, &error)],
    }
}

/// UTF-8, or UTF-16 with its mark, as one provider sends it.
fn text_of(bytes: &[u8]) -> String {
    let wide = |bytes: &[u8], join: fn([u8; 2]) -> u16| {
        let units: Vec<u16> = bytes.chunks_exact(2).map(|pair| join([pair[0], pair[1]])).collect();
        String::from_utf16_lossy(&units)
    };
    match bytes {
        [0xFE, 0xFF, rest @ ..] => wide(rest, u16::from_be_bytes),
        [0xFF, 0xFE, rest @ ..] => wide(rest, u16::from_le_bytes),
        [0xEF, 0xBB, 0xBF, rest @ ..] => String::from_utf8_lossy(rest).into_owned(),
        bytes => String::from_utf8_lossy(bytes).into_owned(),
    }
}

/// Several lines, one of the first of which is a whole document.
fn is_lines(text: &str) -> bool {
    let mut lines = text.lines().filter(|line| !line.trim().is_empty());
    let whole = |line: &str| {
        serde_json::from_str::<Value>(line).is_ok_and(|value| value.is_object() || value.is_array())
    };
    lines.clone().nth(1).is_some() && lines.by_ref().take(5).any(whole)
}

fn line(line: &str) -> Snapshot {
    match serde_json::from_str::<Value>(line) {
        Ok(document) => one(&document),
        Err(_) if line.starts_with('<') => markup(line),
        Err(error) => not_json(line, &error),
    }
}

fn not_json(text: &str, error: &serde_json::Error) -> Snapshot {
    let begins: String = text.chars().take(QUOTE_CHARS_MAX).collect();
    Snapshot::unreadable(format!("not JSON ({error}); it begins with `{begins}`"))
}

/// XML or a web page.
fn markup(text: &str) -> Snapshot {
    let head: String = text.chars().take(2_000).collect::<String>().to_ascii_lowercase();
    if head.contains("<html") || head.contains("<!doctype html") {
        return Snapshot::unreadable("a web page, not a feed");
    }
    syndication::read(text.as_bytes()).unwrap_or_else(Snapshot::unreadable)
}

/// One document, or what it wraps.
fn one(document: &Value) -> Snapshot {
    if let Some(snapshot) = FORMS.iter().find_map(|read| read(document)) {
        return dated(snapshot, document);
    }
    let Value::Object(fields) = document else {
        return Snapshot::unreadable(format!("JSON of no known form: {}", kind(document)));
    };
    for inner in fields.values() {
        let found = match inner {
            Value::Object(_) | Value::Array(_) => FORMS.iter().find_map(|read| read(inner)),
            _ => None,
        };
        if let Some(snapshot) = found {
            return dated(snapshot, document);
        }
    }
    // A wrapper whose body is the text that was fetched.
    let body = fields.iter().find(|(name, _)| matches!(name.as_str(), "body" | "content" | "raw"));
    if let Some((_, Value::String(text))) = body {
        let mut inside = match serde_json::from_str::<Value>(text.trim()) {
            Ok(Value::Object(inner)) => {
                let inner = Value::Object(inner);
                let read = FORMS.iter().find_map(|read| read(&inner));
                read.unwrap_or_else(|| of_no_form(&inner))
            }
            _ => snapshots(text.as_bytes()).pop().unwrap_or_default(),
        };
        inside.fetched_at = field::time(document, FETCHED);
        return inside;
    }
    dated(of_no_form(document), document)
}

fn of_no_form(document: &Value) -> Snapshot {
    let names: Vec<&str> = match document {
        Value::Object(fields) => fields.keys().map(String::as_str).take(6).collect(),
        _ => Vec::new(),
    };
    Snapshot::unreadable(format!("JSON of no known form, with the fields {}", names.join(", ")))
}

fn dated(mut snapshot: Snapshot, document: &Value) -> Snapshot {
    snapshot.fetched_at = field::time(document, FETCHED);
    let later = |notice: &&Notice| notice.started_at > snapshot.fetched_at;
    let planned = |notice: &Notice| notice.impact == Impact::Maintenance;
    let early = snapshot
        .fetched_at
        .and_then(|_| snapshot.notices.iter().filter(later).find(|notice| !planned(notice)));
    if let Some(title) = early.map(|notice| notice.title.clone()) {
        snapshot.fault(format!("`{title}` begins after it was fetched, by the provider's clock"));
    }
    snapshot
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Array(list) if list.is_empty() => "an empty list, which says nothing of its maker",
        Value::Array(_) => "a list",
        Value::String(_) => "a text",
        Value::Number(_) => "a number",
        Value::Bool(_) => "true or false",
        Value::Null => "null",
        Value::Object(_) => "an object",
    }
}

//! Blank and cut-off answers: nothing to see, no scripts that could bring it, or an end in the
//! middle of something.

use http::header::CONTENT_TYPE;

use crate::probe::page::Page;
use crate::soft::Finding;
use crate::soft::reading::Kind;
use crate::soft::reading::Reading;

/// Looks for it.
pub fn look(page: &Page<'_>, reading: &Reading) -> Option<Finding> {
    // 204 and 304 have no body, and what we cut off ourselves ends anywhere.
    if page.is_cut || matches!(page.status, 204 | 205 | 304) {
        return None;
    }
    // A call says in its trailers how it went, and has no body when it has nothing to say.
    if reading.kind == Kind::Other && is_call(page) {
        return None;
    }
    let is_usual = page.usual.is_some_and(|it| it.is_like(page.body.len(), reading.tags));
    if is_usual {
        return None;
    }
    if reading.source.trim().is_empty() {
        let sure = if reading.claimed == Kind::Text { 0.4 } else { 0.8 };
        return Finding::fails(sure, "the answer is empty");
    }
    match reading.kind {
        Kind::Html => look_at_page(reading).or_else(|| is_half(page, reading)),
        Kind::Json => {
            let error = serde_json::from_str::<serde_json::Value>(&reading.source).err()?;
            // Deeper than we read is no mistake of theirs.
            let is_closed = reading.source.trim_end().ends_with([']', '}']);
            if error.to_string().contains("recursion limit") && is_closed {
                return None;
            }
            if error.is_eof() {
                return Finding::fails(0.8, "the JSON is cut off");
            }
            let is_none = reading.claimed == Kind::Json && !is_lines(&reading.source);
            is_none.then(|| Finding::fails(0.7, "the answer claims to be JSON, and is none"))?
        }
        Kind::Xml => {
            let is_whole = reading.source.trim_end().ends_with('>');
            if is_whole { None } else { Finding::fails(0.7, "the XML is cut off") }
        }
        Kind::Text | Kind::Other => None,
    }
}

fn is_call(page: &Page<'_>) -> bool {
    let named = page.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    named.is_some_and(|name| name.starts_with("application/grpc"))
}

/// A value a line, as logs and streams have it; or what keeps browsers from running it as a script,
/// and JSON behind that.
fn is_lines(source: &str) -> bool {
    let is_json = |text: &str| serde_json::from_str::<serde_json::Value>(text).is_ok();
    let first = source.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let guards = [")]}'", "for(;;);", "while(1);", "{}&&"];
    let behind = guards.iter().find_map(|guard| source.trim_start().strip_prefix(guard));
    // JSON with comments is data to who asked for it; a sentence with an address in it is not.
    let is_commented = source.trim_start().starts_with(['{', '[', '/'])
        && (source.contains("//") || source.contains("/*"));
    is_json(first)
        || behind.is_some_and(|rest| is_json(rest.trim_start_matches(',')))
        || is_commented
}

/// It ends without an end, and far before where it usually does.
fn is_half(page: &Page<'_>, reading: &Reading) -> Option<Finding> {
    let usual = page.usual.filter(|it| it.bytes_ratio(page.body.len()) <= HALF)?;
    let is_open = reading.is_document && !reading.is_closed && usual.tags >= 1.0;
    is_open.then(|| Finding::fails(0.75, "the page is cut off far before its usual end"))?
}

/// Part of the usual size up to which a page without an end was cut off.
const HALF: f64 = 0.5;

fn look_at_page(reading: &Reading) -> Option<Finding> {
    let shows_nothing = reading.visible_chars() == 0
        && reading.pictures == 0
        && reading.fields == 0
        && reading.noscript.trim().is_empty();
    if let Some(name) = &reading.ends_inside {
        return Finding::fails(0.8, format!("the page is cut off within <{name}>"));
    }
    if reading.is_document && !reading.is_closed && ends_in_a_tag(&reading.source) {
        return Finding::fails(0.8, "the page is cut off within a tag");
    }
    if shows_nothing && reading.scripts == 0 && !reading.refreshes {
        return Finding::fails(0.8, "the page is blank");
    }
    // An end that is missing is often just left out; with next to nothing before it, it is not.
    if reading.is_document && !reading.is_closed && reading.middle_chars() < 60 {
        return Finding::fails(0.5, "the page ends before its text");
    }
    None
}

fn ends_in_a_tag(source: &str) -> bool {
    let end = source.trim_end();
    let (open, close) = (end.rfind('<'), end.rfind('>'));
    open.is_some_and(|open| close.is_none_or(|close| open > close))
}

//! An empty app shell: scripts and an element they should fill, and no text from the server.
//!
//! Shells that are always empty are normal: the page is made in the browser, and what a probe gets
//! says nothing about it. So history decides, and what frameworks that render on the server leave
//! behind when they rendered an error.

use crate::probe::page::Page;
use crate::soft::Finding;
use crate::soft::reading::Kind;
use crate::soft::reading::Reading;

/// Letters a shell may have: a name, a menu word.
const SHELL_CHARS: usize = 80;
/// Marks of a server that rendered its error page and left the text to the browser.
const RENDERED_ERRORS: &[&str] = &[
    "\"page\":\"/_error\"",
    "\"page\":\"/500\"",
    "\"page\":\"/404\"",
    "\"statuscode\":500",
    "\"statuscode\":503",
    "\"statuscode\":502",
    "\"err\":{",
    "__next_error__",
    "bailout_to_client_side_rendering",
    "serverrendered\":false,\"error",
];

/// Looks for it.
pub fn look(page: &Page<'_>, reading: &Reading) -> Option<Finding> {
    if reading.kind != Kind::Html || reading.scripts == 0 || reading.refreshes {
        return None;
    }
    if reading.middle_chars() > SHELL_CHARS || reading.pictures >= 4 {
        return None;
    }
    let what = "an empty app shell: scripts and no text";
    if let Some(usual) = page.usual {
        let bytes = usual.bytes_ratio(page.body.len());
        let tags = usual.tags_ratio(reading.tags).unwrap_or(1.0);
        if usual.is_like(page.body.len(), reading.tags) {
            return None;
        }
        let is_less = tags < 0.4 || (bytes < 0.4 && tags < 0.7);
        return Finding::fails(if is_less { 0.85 } else { 0.3 }, what);
    }
    let state = reading.source.to_ascii_lowercase().replace(' ', "");
    if RENDERED_ERRORS.iter().any(|mark| state.contains(mark)) {
        return Finding::fails(0.8, "an app shell that carries the error of its server");
    }
    None
}

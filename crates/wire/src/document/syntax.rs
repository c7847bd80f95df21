//! What the TOML parser complains about, as mistakes: one a line.

use toml::de::Error;

use crate::document::form::brief;
use crate::document::sheet::Sheet;

/// The parser's words for a key given twice, which leaves the rest of the tree sound.
const DUPLICATE: &str = "duplicate key";

/// Records the parser's errors; whether the tree is too broken to be read further.
pub(super) fn note_errors(sheet: &Sheet, text: &str, errors: &[Error]) -> bool {
    let mut broken = false;
    let mut noted = Vec::new();
    for error in errors {
        let span = error.span().unwrap_or_default();
        let line = sheet.line_at(span.start.min(text.len().saturating_sub(1)));
        if error.message() == DUPLICATE {
            let key = brief(text.get(span).unwrap_or_default());
            let what = format!("`{key}` is given a second time");
            sheet.note(line, what, "it once".to_owned());
            continue;
        }
        broken = true;
        // What follows the first error of a line follows from it.
        if noted.last() != Some(&line) {
            noted.push(line);
            let (what, instead) = error.message().split_once(", expected ").unwrap_or_default();
            let what = if what.is_empty() { error.message() } else { what };
            sheet.note(line, format!("this is not TOML: {what}"), instead.to_owned());
        }
    }
    broken
}

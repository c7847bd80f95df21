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
            let (what, expected) =
                error.message().split_once(", expected ").unwrap_or((error.message(), ""));
            sheet.note(line, format!("this is not TOML: {what}"), instead_of(expected));
        }
    }
    broken
}

/// What the parser expected, in the words of somebody who writes the file.
fn instead_of(expected: &str) -> String {
    match expected {
        "nothing" => "",
        "literal string" => "a number, true, false or text in quotes",
        "`true`" | "`false`" => "true, false or text in quotes",
        other => other,
    }
    .to_owned()
}

#[cfg(test)]
mod tests {
    use crate::document::Mistake;
    use crate::document::read;

    #[test]
    fn the_parsers_words_become_advice() {
        for (text, expected) in [
            ("a = ", "string values must be quoted; write a number, true, false or text in quotes"),
            ("a = ten", "invalid boolean; write true, false or text in quotes"),
            ("a = 0.5.5", "invalid float"),
            ("[item", "unclosed table; write `]`"),
            ("a = 'x", "invalid literal string; write `'`"),
            ("key", "key with no value; write `=`"),
        ] {
            let mistakes = read("a", text, |_| ()).expect_err("not TOML");
            let told: Vec<String> = mistakes.iter().map(Mistake::to_string).collect();
            assert_eq!(told, [format!("a:1: this is not TOML: {expected}")]);
        }
    }
}

//! Apostrophes: how a text is kept from being a formula where a spreadsheet opens our CSV.
//!
//! Spreadsheets run a cell that begins with `=`, `+`, `-` or `@` as a formula, and some also one
//! behind a TAB, a line end, blanks, or the full-width forms of those four signs. Comments come
//! from strangers; so such a text is written with an apostrophe in front, which a spreadsheet
//! takes as "this is text", and the reader takes exactly that apostrophe off again.
//!
//! The rule: a text is *guarded* with one apostrophe when, after all apostrophes it already
//! begins with, it is empty or begins (after blanks) with one of those signs or with a control
//! character. So `=1+1` is written `'=1+1`, `'=x` is written `''=x`, `'` is written `''`, and the
//! empty text, which is not the same as no value, is written `'`; `it's` and `'tis` stay as they
//! are. A cell that begins with an apostrophe is read as guarded when the text behind it is one
//! the rule guards. No text is both, so every text comes back as it was.
//!
//! # What it cannot tell
//! A spreadsheet that was told to split at another sign than the comma may begin a new cell in
//! the middle of a text. A CSV of somebody else's that means `'=1` with its apostrophe is read
//! without.
//!
//! Reference: OWASP, "CSV Injection",
//! <https://owasp.org/www-community/attacks/CSV_Injection>.

/// The sign that goes in front.
const APOSTROPHE: char = '\'';

/// Whether `text` is written with an apostrophe in front.
pub(crate) fn needs_guard(text: &str) -> bool {
    let rest = text.trim_start_matches(APOSTROPHE);
    rest.is_empty() || rest.trim_start_matches(is_blank).starts_with(is_dangerous)
}

/// The text that the cell `cell`, which is not empty, stands for.
pub(crate) fn without_guard(cell: &str) -> &str {
    match cell.strip_prefix(APOSTROPHE) {
        Some(text) if needs_guard(text) => text,
        _ => cell,
    }
}

/// What a spreadsheet may pass over before it looks for a formula.
fn is_blank(sign: char) -> bool {
    (sign.is_whitespace() && !sign.is_control())
        || matches!(sign, '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{ad}')
}

/// What makes a formula of a cell, or may.
fn is_dangerous(sign: char) -> bool {
    matches!(sign, '=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠') || sign.is_control()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// As the CSV writer does it.
    fn written(text: &str) -> String {
        let guard = if needs_guard(text) { "'" } else { "" };
        format!("{guard}{text}")
    }

    #[test]
    fn a_formula_is_guarded_in_all_its_dresses() {
        let texts = [
            "=1+1",
            "+1",
            "-1",
            "@SUM(A1)",
            "\t=1",
            "\r=1",
            "\n=1",
            "  =1",
            "\u{a0}=1",
            "\u{3000}=1",
            "\u{feff}=1",
            "＝1",
            "＋1",
            "－1",
            "＠x",
            " ＝1",
            "\u{1}=1",
            " \t=1",
        ];
        for text in texts {
            assert_eq!(written(text), format!("'{text}"));
        }
    }

    #[test]
    fn a_plain_text_stays_as_it_is() {
        for text in ["it's down", "'tis", "a=b", "  indented", " ", "1-2", "é", "\"=1\"", "''a"] {
            assert_eq!(written(text), text);
            assert_eq!(without_guard(text), text);
        }
    }

    #[test]
    fn a_text_with_an_apostrophe_of_its_own_keeps_it() {
        for (text, cell) in [("'=1", "''=1"), ("''", "'''"), ("'", "''"), ("", "'")] {
            assert_eq!(written(text), cell);
            assert_eq!(without_guard(cell), text);
        }
    }

    proptest! {
        #[test]
        fn every_text_comes_back_and_none_is_a_formula(
            text in "['=+@\\-＝ \t\r\nab\u{a0}]{0,6}|\\PC{0,12}|[\\s\\S]{0,12}",
        ) {
            let cell = written(&text);
            prop_assert!(!cell.is_empty());
            prop_assert_eq!(without_guard(&cell), &text);
            prop_assert!(!cell.trim_start_matches(is_blank).starts_with(is_dangerous));
        }
    }
}

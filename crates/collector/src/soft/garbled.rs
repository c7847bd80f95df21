//! Garbled text: letters that were decoded twice, or not at all.
//!
//! UTF-8 that somebody took for Latin-1 and encoded again has a shape that no language has: nearly
//! every letter beyond ASCII is one of `Â`–`ô` followed by a sign of the range of continuation
//! bytes (`Ã©`, `Ð°`, `â€œ`). What could not be decoded stands as U+FFFD.
//!
//! # What it cannot tell
//!
//! Text in a wrong eight-bit encoding: it has letters of another alphabet, and nothing odd else.

use crate::probe::page::Page;
use crate::soft::Finding;
use crate::soft::error_text::quote;
use crate::soft::reading::Kind;
use crate::soft::reading::Reading;

/// So many garbled letters, and it is no slip in one name.
const GARBLED_MIN: usize = 24;
/// Their share of all letters beyond ASCII.
const SHARE_MIN: f64 = 0.8;
/// Their share of all that can be read: a page of one garbled comment is well.
const PART_MIN: f64 = 0.04;

/// What Windows-1252 has where continuation bytes are, beyond Latin-1.
const CONTINUED: &str = "€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ";

/// Looks for it.
pub fn look(_page: &Page<'_>, reading: &Reading) -> Option<Finding> {
    if !matches!(reading.kind, Kind::Html | Kind::Text) {
        return None;
    }
    let (mut garbled, mut beyond, mut all) = (0usize, 0usize, 0usize);
    let mut first = None;
    for block in &reading.blocks {
        let (bad, other, chars) = count(&block.text);
        if bad > 0 && first.is_none() {
            first = Some(block);
        }
        garbled += bad;
        beyond += other;
        all += chars;
    }
    let share = garbled as f64 / beyond.max(1) as f64;
    let part = garbled as f64 / all.max(1) as f64;
    if garbled < GARBLED_MIN || share < SHARE_MIN || part < PART_MIN {
        return None;
    }
    Finding::fails(0.8, format!("its letters are garbled: “{}”", quote(&first?.text)))
}

/// Garbled letters, letters beyond ASCII with a garbled pair as one, and all.
fn count(text: &str) -> (usize, usize, usize) {
    let (mut garbled, mut beyond, mut all) = (0, 0, 0);
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        all += 1;
        if c.is_ascii() {
            continue;
        }
        let leads = ('\u{c2}'..='\u{f4}').contains(&c);
        let mut follows = 0;
        while leads && follows < 3 && rest.peek().is_some_and(|next| continues(*next)) {
            rest.next();
            follows += 1;
        }
        let lost = c == char::REPLACEMENT_CHARACTER;
        garbled += usize::from(follows > 0 || lost);
        beyond += usize::from(c.is_alphabetic() || lost);
    }
    (garbled, beyond, all)
}

fn continues(c: char) -> bool {
    ('\u{80}'..='\u{bf}').contains(&c) || CONTINUED.contains(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_encoded_twice_is_known_in_any_script() {
        let twice = |text: &str| -> String { text.bytes().map(char::from).collect() };
        for text in [
            "Градска библиотека „Извор“ – работно време",
            "Où êtes-vous né, à l’été ou après Noël ?",
            "お探しのページはありません",
        ] {
            let (garbled, beyond, _) = count(&twice(text));
            assert!(garbled as f64 >= SHARE_MIN * beyond as f64, "{text}: {garbled} of {beyond}");
            assert_eq!(count(text).0, 0, "{text}");
        }
        assert_eq!(count("caf\u{fffd}").0, 1);
    }
}

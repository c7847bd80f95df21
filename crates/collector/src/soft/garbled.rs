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

/// What UTF-8 looks like to who takes it for the eight bits of another alphabet: each letter begins
/// with one of two or three signs, which stand there once in a hundred otherwise.
const LEADS: &[&[char]] = &[
    // Cyrillic in Windows-1251.
    &['Р', 'С'],
    // Greek in Windows-1253.
    &['Ξ', 'Ο'],
    // Arabic in Windows-1256.
    &['ط', 'ظ', '¸'],
    // Hebrew in Windows-1255.
    &['׳'],
    // Thai in TIS-620.
    &['เ'],
    // Japanese in Shift JIS, Chinese in GBK: what three bytes of UTF-8 make of two signs.
    &['縺', '繧', '繝', '縲'],
    &['銆', '鐨', '涓', '鏄', '鍦', '浣', '锟', '斤', '拷'],
    // U+FFFD taken for Korean in EUC-KR.
    &['占', '쏙', '옙'],
];
/// Their share of the letters beyond ASCII.
const LEADS_SHARE_MIN: f64 = 0.3;

/// Looks for it.
pub fn look(_page: &Page<'_>, reading: &Reading) -> Option<Finding> {
    if !matches!(reading.kind, Kind::Html | Kind::Text) {
        return None;
    }
    if is_noise(&reading.source) {
        return Finding::fails(0.8, "the answer is bytes and no text");
    }
    // Nobody said how it is written: browsers try several ways, and this is one guess.
    if reading.is_guessed {
        return None;
    }
    let shown = || reading.blocks.iter().map(|it| it.text.as_str()).chain([&*reading.title]);
    let (mut garbled, mut beyond, mut all) = (0usize, 0usize, 0usize);
    let mut first = None;
    for text in shown() {
        let (bad, other, chars) = count(text);
        if bad > 0 && first.is_none() {
            first = Some(text);
        }
        garbled += bad;
        beyond += other;
        all += chars;
    }
    let share = garbled as f64 / beyond.max(1) as f64;
    let part = garbled as f64 / all.max(1) as f64;
    if garbled >= GARBLED_MIN && share >= SHARE_MIN && part >= PART_MIN {
        return found(first?);
    }
    // A page of few words that are all so.
    if garbled >= FEW_MIN && share >= SHARE_MIN && part >= FEW_PART_MIN {
        return found(first?);
    }
    if misread(shown()) {
        return found(shown().find(|text| !text.is_ascii())?);
    }
    // What is lost altogether is no text, and stands in no block.
    let lost = reading.source.matches(char::REPLACEMENT_CHARACTER).count();
    let others = reading.source.chars().filter(|c| c.is_alphabetic() && !c.is_ascii()).count();
    if lost >= GARBLED_MIN && lost >= others {
        return found(&reading.title);
    }
    None
}

fn found(text: &str) -> Option<Finding> {
    Finding::fails(0.8, format!("its letters are garbled: “{}”", quote(text)))
}

/// Nearly half of the letters beyond ASCII are those that another encoding begins with.
fn misread<'a>(texts: impl Iterator<Item = &'a str> + Clone) -> bool {
    let is_letter = |c: &char| !c.is_ascii() && (c.is_alphabetic() || *c == '¸');
    let letters = || texts.clone().flat_map(str::chars).filter(is_letter);
    let beyond = letters().count();
    beyond >= GARBLED_MIN
        && LEADS.iter().any(|leads| {
            let led = letters().filter(|c| leads.contains(c)).count();
            led as f64 >= LEADS_SHARE_MIN * beyond as f64
        })
}

/// Something compressed or encrypted: control characters that no text has.
fn is_noise(source: &str) -> bool {
    let is_control = |c: &char| *c < ' ' && !"\t\n\r\u{c}\u{1b}".contains(*c);
    let head = source.chars().take(NOISE_CHARS);
    let (all, control) =
        head.fold((0, 0), |(all, control), c| (all + 1, control + usize::from(is_control(&c))));
    all >= NOISE_CHARS_MIN && control * 25 >= all
}

/// Characters that are looked at for noise, …
const NOISE_CHARS: usize = 2_048;
/// … and fewer say nothing.
const NOISE_CHARS_MIN: usize = 64;
/// So few garbled letters are a page where nothing else can be read, …
const FEW_MIN: usize = 8;
/// … with this share of all that can.
const FEW_PART_MIN: f64 = 0.25;

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

//! How much of a text is made of the words that machines apologise with.
//!
//! An apology has few words of its own: nearly all of them are known stems, or the padding
//! between them ("please", "page", "moment"). Who reports, sells or sings of a failure names
//! things: places, streets, goods, people. The share of known letters tells the two apart in any
//! language whose stems are there, without a word of grammar.
//!
//! # What it cannot tell
//!
//! Short texts: "Error 404" is all known, as an album or as a page.

use crate::soft::words::Concepts;
use crate::soft::words::dictionary;
use crate::soft::words::fold::fold;

/// Letters of the shortest word that is no glue.
const GLUE_CHARS: usize = 4;

/// Letters of a text: those of known words, and all that count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Share {
    /// Letters of words that belong to the concepts.
    pub known: usize,
    /// Letters of all words; short ones that are not known are glue and count as neither.
    pub all: usize,
}

impl Share {
    /// Of a text in small letters.
    pub fn of(lower: &str, about: Concepts) -> Self {
        // Addresses are no words.
        let words = lower.split_whitespace().filter(|word| !is_address(word));
        let plain = words.collect::<Vec<_>>().join(" ");
        let folded = fold(&plain);
        let mut reach = reach_of(&folded, about).into_iter().peekable();
        let (mut share, mut known_until) = (Self::default(), 0);
        let mut letters = folded.char_indices().peekable();
        while let Some((at, first)) = letters.next() {
            if !first.is_alphanumeric() {
                continue;
            }
            let (mut end, mut chars) = (at + first.len_utf8(), 1);
            let is_alone = is_alone(first);
            while let Some((_, next)) = letters.next_if(|(_, next)| !is_alone && goes_on(*next)) {
                chars += 1;
                end += next.len_utf8();
            }
            while let Some((_, until)) = reach.next_if(|(start, _)| *start < end) {
                known_until = known_until.max(until);
            }
            let is_known = known_until > at;
            share.known += if is_known { chars } else { 0 };
            share.all += if is_known || is_alone || chars >= GLUE_CHARS { chars } else { 0 };
        }
        share
    }

    /// Both together.
    pub fn with(self, other: Self) -> Self {
        Self { known: self.known + other.known, all: self.all + other.all }
    }

    /// As a part of one; `None` where nothing counts.
    pub fn part(self) -> Option<f64> {
        (self.all > 0).then(|| self.known as f64 / self.all as f64)
    }
}

fn is_address(word: &str) -> bool {
    word.contains("://") || word.contains("www.") || word.contains('@')
}

/// Where known stems begin and end, in the order of their beginnings.
fn reach_of(folded: &str, about: Concepts) -> Vec<(usize, usize)> {
    let mut reach = Vec::new();
    dictionary().hits(folded, |hit| {
        if about.has(hit.concept) {
            reach.push((hit.span.start, hit.span.end));
        }
    });
    reach.sort_unstable();
    reach
}

/// Scripts that put no blanks between words: each letter counts for itself.
fn is_alone(letter: char) -> bool {
    matches!(
        letter,
        '\u{e00}'..='\u{eff}' | '\u{2e80}'..='\u{abff}' | '\u{f900}'..='\u{faff}'
    )
}

/// A letter, or a sign that is part of one, such as the vowels of Indic scripts.
fn goes_on(letter: char) -> bool {
    let is_mark = matches!(
        letter,
        '\'' | '\u{300}'..='\u{36f}' | '\u{591}'..='\u{5c7}' | '\u{64b}'..='\u{65f}'
            | '\u{900}'..='\u{dff}'
    );
    (letter.is_alphanumeric() || is_mark) && !is_alone(letter)
}

#[cfg(test)]
mod tests {
    use crate::soft::context;

    use super::*;

    #[test]
    fn apologies_are_made_of_their_own_words_and_tales_are_not() {
        for apology in [
            "something went wrong. please try again in a few minutes.",
            "leider kann diese seite momentan nicht angezeigt werden.",
            "vi arbetar med att lösa problemet. försök igen om en stund.",
            "抱歉，系统繁忙，请您稍后再试。",
        ] {
            assert!(Share::of(apology, context::TOPICS).part() > Some(0.6), "{apology}");
        }
        for tale in [
            "the servers are down, the reactor is overheating and you have sixty minutes.",
            "bankomat przy ulicy leśnej jest nieczynny z powodu awarii.",
            "wegen einer störung fährt die fähre nach norderaue heute nur bis zur alten mole.",
        ] {
            assert!(Share::of(tale, context::TOPICS).part() < Some(0.5), "{tale}");
        }
        assert_eq!(Share::of("7 up!", context::TOPICS).part(), None);
    }
}

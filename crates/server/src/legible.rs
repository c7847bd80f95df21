//! What a stranger writes and others read: how long it may be, and what may stand in it.
//!
//! # What it cannot tell
//!
//! Whether it is true, or fit to be read. An operator looks.

use crate::words::Words;

/// What can be wrong with a text whatever it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// Too many characters.
    TooLong {
        /// How many there were.
        chars: usize,
        /// How many there may be.
        max: usize,
    },
    /// It holds characters that cannot be shown as they are.
    Unreadable,
}

impl Flaw {
    /// The first flaw of a text of at most `max` characters, if it has one.
    pub fn of(text: &str, max: usize) -> Option<Self> {
        let chars = text.chars().count();
        match text.chars().any(is_unreadable) {
            true => Some(Self::Unreadable),
            false => (chars > max).then_some(Self::TooLong { chars, max }),
        }
    }

    /// The same for exact words, of which nothing may be lost: what was no UTF-8 came as U+FFFD.
    pub fn of_words(text: &str, max: usize) -> Option<Self> {
        let lost = text.contains(char::REPLACEMENT_CHARACTER);
        if lost { Some(Self::Unreadable) } else { Self::of(text, max) }
    }

    /// The same for exact words in one line.
    pub fn of_line(text: &str, max: usize) -> Option<Self> {
        let breaks = text.chars().any(char::is_control);
        if breaks { Some(Self::Unreadable) } else { Self::of_words(text, max) }
    }

    /// What was wrong and what to write instead.
    pub fn in_words(self, words: &Words) -> String {
        match self {
            Self::TooLong { chars, max } => {
                words.with("fault-too-long", &[("chars", chars.into()), ("max", max.into())])
            }
            Self::Unreadable => words.say("fault-unreadable"),
        }
    }
}

/// Control characters, and those that turn the direction of what stands beside them: whoever reads
/// a comment must see it as it was written.
fn is_unreadable(c: char) -> bool {
    let turns = matches!(c, '\u{061C}' | '\u{200E}' | '\u{200F}')
        || matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
    turns || (c.is_control() && c != '\n' && c != '\t')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_read_as_it_was_written_is_found() {
        // The text, in a text of several lines, in exact words of one line.
        let cases = [
            ("plain", false, false),
            ("two\nlines", false, true),
            ("a\tb", false, true),
            ("a\0b", true, true),
            ("a\u{202E}b", true, true),
            ("a\u{200F}b", true, true),
            ("lost \u{FFFD}", false, true),
            ("é ü 日本", false, false),
        ];
        for (text, in_lines, in_words) in cases {
            let found = Flaw::of(text, 100) == Some(Flaw::Unreadable);
            assert_eq!(found, in_lines, "{text:?}");
            let found = Flaw::of_line(text, 100) == Some(Flaw::Unreadable);
            assert_eq!(found, in_words, "{text:?} as exact words");
        }
    }

    #[test]
    fn characters_are_counted_and_not_bytes() {
        assert_eq!(Flaw::of("ééé", 3), None);
        assert_eq!(Flaw::of("éééé", 3), Some(Flaw::TooLong { chars: 4, max: 3 }));
        assert_eq!(Flaw::of_words("éééé", 3), Some(Flaw::TooLong { chars: 4, max: 3 }));
    }
}

//! Stems found in a text: sorted, so that all of them need hardly more room than their letters.
//!
//! Of all sorted texts that are not beyond a place of a text in their order, the last one begins
//! with the longest stem that stands at that place, if any stem does; and each stem knows the
//! longest other one that it begins with. So one search finds them all. An automaton would be
//! faster on long texts and needs twenty times the room, which each monitor's memory competes with.
//!
//! # What it cannot tell
//!
//! What a stem means in its sentence.

use std::borrow::Cow;

use crate::soft::words::Concepts;

/// Stems by where they may stand.
pub struct Index {
    /// Where a word begins.
    initial: Table,
    /// Anywhere.
    anywhere: Table,
}

/// A stem that was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hit {
    /// What it means.
    pub concept: Concepts,
    /// Where.
    pub span: Span,
}

/// From a byte of a text to before another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// The first byte.
    pub start: usize,
    /// The byte behind the last one.
    pub end: usize,
}

/// A stem with what it means and whether it may stand within a word. What is borrowed is a part of
/// the text that all stems come from.
pub type Meaning = (Cow<'static, str>, Concepts, bool);

impl Index {
    /// Of stems in small letters, and the text that they come from; those of fewer than two bytes
    /// or more than 255 are left out.
    pub fn of(source: &'static str, mut meanings: Vec<Meaning>) -> Self {
        meanings.sort_unstable_by_key(|(_, _, is_anywhere)| *is_anywhere);
        let from = meanings.partition_point(|(_, _, is_anywhere)| !is_anywhere);
        let (anywhere, initial) = (meanings.split_off(from), meanings);
        Self { initial: Table::of(source, initial), anywhere: Table::of(source, anywhere) }
    }

    /// All stems of a text in small letters, in the order of their beginnings.
    pub fn hits(&self, text: &str, mut told: impl FnMut(Hit)) {
        let mut is_within = false;
        for (at, c) in text.char_indices() {
            let rest = text.get(at..).unwrap_or_default().as_bytes();
            let mut tell = |concept, len| {
                told(Hit { concept, span: Span { start: at, end: at + len } });
            };
            self.anywhere.at(rest, &mut tell);
            if !is_within {
                self.initial.at(rest, &mut tell);
            }
            is_within = c.is_alphanumeric();
        }
    }

    /// The meanings that stems have.
    #[cfg(test)]
    pub fn concepts(&self) -> impl Iterator<Item = Concepts> {
        let stems = [&self.initial, &self.anywhere].into_iter().flat_map(|it| &it.stems);
        stems.map(|it| Concepts(1 << it.concept))
    }
}

/// Sorted stems.
struct Table {
    /// The text that most stems are a part of.
    source: &'static str,
    /// Letters of those that are not, one behind the other.
    others: Vec<u8>,
    stems: Vec<Stem>,
    /// For each pair of first bytes the first stem that is not before it.
    firsts: Vec<u32>,
}

/// Twelve bytes: there are tens of thousands of them.
struct Stem {
    /// In the source, or behind its end in the others.
    start: u32,
    /// One more than the place of the longest other stem that this one begins with, or 0.
    parent: u32,
    len: u8,
    /// The number of its bit.
    concept: u8,
}

/// Pairs of bytes.
const PAIRS: usize = 1 << 16;

impl Table {
    fn of(source: &'static str, mut meanings: Vec<Meaning>) -> Self {
        meanings.retain(|(stem, ..)| (2..=usize::from(u8::MAX)).contains(&stem.len()));
        meanings.sort_by(|a, b| (a.0.as_bytes(), a.1.0).cmp(&(b.0.as_bytes(), b.1.0)));
        meanings.dedup_by(|a, b| a.0 == b.0 && a.1 == b.1);
        let stems = Vec::with_capacity(meanings.len());
        let firsts = vec![0; PAIRS + 1];
        let mut table = Self { source, others: Vec::new(), stems, firsts };
        let mut open: Vec<u32> = Vec::new();
        for (stem, concept, _) in meanings {
            while let Some(last) = open.last()
                && !stem.as_bytes().starts_with(table.text(*last))
            {
                open.pop();
            }
            let parent = open.last().map_or(0, |last| *last + 1);
            open.push(narrow(table.stems.len()));
            let start = match &stem {
                Cow::Borrowed(text) => text.as_ptr() as usize - source.as_ptr() as usize,
                Cow::Owned(text) => {
                    table.others.extend_from_slice(text.as_bytes());
                    source.len() + table.others.len() - text.len()
                }
            };
            let len = u8::try_from(stem.len()).unwrap_or(u8::MAX);
            let concept = u8::try_from(concept.0.trailing_zeros()).unwrap_or(u8::MAX);
            table.stems.push(Stem { start: narrow(start), parent, len, concept });
            if let Some(pair) = pair_of(stem.as_bytes()) {
                table.firsts[pair + 1] += 1;
            }
        }
        for pair in 0..PAIRS {
            table.firsts[pair + 1] += table.firsts[pair];
        }
        table.others.shrink_to_fit();
        table
    }

    fn text(&self, stem: u32) -> &[u8] {
        let Stem { start, len, .. } = &self.stems[stem as usize];
        let (start, len) = (*start as usize, usize::from(*len));
        match start.checked_sub(self.source.len()) {
            Some(start) => &self.others[start..start + len],
            None => &self.source.as_bytes()[start..start + len],
        }
    }

    /// Tells all stems that a text begins with: what they mean and how long they are.
    fn at(&self, rest: &[u8], tell: &mut impl FnMut(Concepts, usize)) {
        let Some(pair) = pair_of(rest) else { return };
        let (mut from, mut until) = (self.firsts[pair], self.firsts[pair + 1]);
        let first = from;
        while from < until {
            let middle = from + (until - from) / 2;
            if self.text(middle) <= rest {
                from = middle + 1;
            } else {
                until = middle;
            }
        }
        if from == first {
            return;
        }
        let mut stem = Some(from - 1);
        while let Some(at) = stem {
            let is_here = rest.starts_with(self.text(at));
            let Stem { parent, concept, len, .. } = &self.stems[at as usize];
            if is_here {
                tell(Concepts(1 << concept), usize::from(*len));
            }
            stem = parent.checked_sub(1);
        }
    }
}

fn pair_of(bytes: &[u8]) -> Option<usize> {
    match *bytes {
        [first, second, ..] => Some(usize::from(first) << 8 | usize::from(second)),
        _ => None,
    }
}

fn narrow(at: usize) -> u32 {
    u32::try_from(at).expect("stems are less than four gigabytes")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_stem_at_a_place_is_found_however_they_overlap() {
        let source = "err|error|error in|ror";
        let part = |range: std::ops::Range<usize>, is_anywhere| {
            (Cow::Borrowed(&source[range]), Concepts::ERROR, is_anywhere)
        };
        let own =
            |stem: &str, is_anywhere| (Cow::Owned(stem.to_owned()), Concepts::ERROR, is_anywhere);
        let stems = vec![
            part(0..3, false),
            part(4..9, false),
            part(10..18, false),
            own("errand", false),
            part(19..22, true),
            own("ページ", true),
            own(&"x".repeat(256), true),
        ];
        let index = Index::of(source, stems);
        let found = |text: &str| {
            let mut found = Vec::new();
            index.hits(text, |hit| found.push(text[hit.span.start..hit.span.end].to_owned()));
            found
        };
        assert_eq!(found("error in it"), ["error in", "error", "err", "ror"]);
        assert_eq!(found("terror"), ["ror"]);
        assert_eq!(found("errands, err"), ["errand", "err", "err"]);
        assert_eq!(found("このページは"), ["ページ"]);
        assert!(found("e").is_empty() && found("").is_empty());
    }
}

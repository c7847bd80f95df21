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

/// A stem with what it means and whether it may stand within a word.
pub type Meaning = (String, Concepts, bool);

impl Index {
    /// Of stems in small letters; those of fewer than two bytes are left out.
    pub fn of(meanings: Vec<Meaning>) -> Self {
        let (anywhere, initial): (Vec<_>, Vec<_>) =
            meanings.into_iter().partition(|(_, _, is_anywhere)| *is_anywhere);
        Self { initial: Table::of(initial), anywhere: Table::of(anywhere) }
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
        [&self.initial, &self.anywhere].into_iter().flat_map(|it| &it.stems).map(|it| it.concept)
    }
}

/// Sorted stems.
struct Table {
    /// All their letters, one behind the other.
    letters: Vec<u8>,
    stems: Vec<Stem>,
    /// For each pair of first bytes the first stem that is not before it.
    firsts: Vec<u32>,
}

struct Stem {
    start: u32,
    len: u16,
    /// The longest other stem that this one begins with.
    parent: Option<std::num::NonZeroU32>,
    concept: Concepts,
}

/// Pairs of bytes.
const PAIRS: usize = 1 << 16;

impl Table {
    fn of(mut meanings: Vec<Meaning>) -> Self {
        meanings.retain(|(stem, ..)| stem.len() >= 2);
        meanings.sort_by(|a, b| (a.0.as_bytes(), a.1.0).cmp(&(b.0.as_bytes(), b.1.0)));
        meanings.dedup_by(|a, b| a.0 == b.0 && a.1 == b.1);
        let mut table = Self { letters: Vec::new(), stems: Vec::new(), firsts: vec![0; PAIRS + 1] };
        let mut open: Vec<u32> = Vec::new();
        for (stem, concept, _) in meanings {
            while let Some(last) = open.last()
                && !stem.as_bytes().starts_with(table.text(*last))
            {
                open.pop();
            }
            // One more than its place, so that the first can be named.
            let parent = open.last().and_then(|last| std::num::NonZeroU32::new(*last + 1));
            open.push(narrow(table.stems.len()));
            let (start, len) = (narrow(table.letters.len()), stem.len().min(0xffff) as u16);
            table.letters.extend_from_slice(stem.as_bytes());
            table.stems.push(Stem { start, len, parent, concept });
            if let Some(pair) = pair_of(stem.as_bytes()) {
                table.firsts[pair + 1] += 1;
            }
        }
        for pair in 0..PAIRS {
            table.firsts[pair + 1] += table.firsts[pair];
        }
        table
    }

    fn text(&self, stem: u32) -> &[u8] {
        let Stem { start, len, .. } = &self.stems[stem as usize];
        &self.letters[*start as usize..*start as usize + usize::from(*len)]
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
                tell(*concept, usize::from(*len));
            }
            stem = parent.map(|parent| parent.get() - 1);
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
        let one = |stem: &str, is_anywhere| (stem.to_owned(), Concepts::ERROR, is_anywhere);
        let index = Index::of(vec![
            one("err", false),
            one("error", false),
            one("error in", false),
            one("errand", false),
            one("ror", true),
            one("ページ", true),
        ]);
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

//! What was wrong with the input: every fault counted, the first of them kept with their place.
//!
//! Broken input is data. A decoder goes on after a fault if the format lets it, and the count says
//! how often it did; so a report can tell how much of the input it stands on.

use std::fmt;

/// How many faults are kept with their place; the others are counted only.
pub const FAULTS_KEPT: usize = 64;

macro_rules! faults {
    ($($(#[$doc:meta])* $name:ident = $text:literal),+ $(,)?) => {
        /// A kind of fault. Its text finishes the sentence "at byte N: …".
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum FaultKind { $($(#[$doc])* $name),+ }

        impl FaultKind {
            /// Every kind, in the order of the formats.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// What was wrong, in words.
            pub const fn text(self) -> &'static str {
                match self { $(Self::$name => $text),+ }
            }
        }
    };
}

faults! {
    /// Neither a version nor a magic number that is known.
    UnknownFormat = "the beginning is of no format that is read here",
    /// A file or datagram stops inside something.
    CutShort = "the input ends in the middle of a record",
    /// A length that cannot be, such as a set shorter than its own header.
    BadLength = "a length contradicts what is around it",
    /// A block or record larger than any real one.
    TooLarge = "a record is larger than any real one",
    /// A capture of a link layer that is not read.
    UnknownLink = "the link layer of this capture is not read",
    /// More interfaces in a capture than are kept.
    TooManyInterfaces = "more interfaces than are kept",
    /// A packet of an interface that was never described.
    UnknownInterface = "a packet of an interface that was not described",
    /// A packet that is cut before its addresses.
    PacketCut = "a packet is cut before its addresses end",
    /// A header inside a packet that contradicts itself.
    BadPacket = "a header of a packet contradicts itself",
    /// The header names a number of records the datagram does not hold.
    CountMismatch = "the number of records is not what the header says",
    /// Two exports that cannot both be meant.
    BadTemplate = "a template describes no possible record",
    /// More templates than are kept for an exporter.
    TooManyTemplates = "more templates than are kept for one exporter",
    /// More exporters than are kept.
    TooManyExporters = "more exporters than are kept",
    /// Data whose template did not come in time.
    NoTemplate = "data whose template never came",
    /// A set id the standard reserves.
    ReservedSet = "a set with a reserved id",
    /// More samplers than are kept for an exporter.
    TooManySamplers = "more samplers than are kept for one exporter",
    /// A kind of sample that is not read.
    UnknownSample = "a sample of a kind that is not read",
    /// Octets or packets that cannot be.
    ImpossibleFlow = "a flow counts what cannot be",
    /// A line of a log of no format that is known.
    UnknownLine = "a line of no log format that is read here",
    /// A line longer than any real one.
    LineTooLong = "a line is longer than any real one",
    /// A line without a time.
    NoTime = "a line without a time that can be read",
    /// A time without its zone, read as UTC.
    NoZone = "a time without its zone, read as UTC",
    /// A line that is not UTF-8; what is not is replaced.
    NotUtf8 = "a line that is not UTF-8",
}

impl fmt::Display for FaultKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}

/// One thing that was wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Its kind.
    pub kind: FaultKind,
    /// Where: bytes from the beginning of the input, or the number of a line, from 1.
    pub at: u64,
}

/// All that was wrong: counted by kind, and the first [`FAULTS_KEPT`] with their place.
#[derive(Clone, Debug, Default)]
pub struct Faults {
    kept: Vec<Fault>,
    counts: [u64; FaultKind::ALL.len()],
}

impl Faults {
    /// Nothing wrong so far.
    pub fn new() -> Self {
        Self::default()
    }

    /// Notes a fault.
    #[cold]
    pub fn add(&mut self, kind: FaultKind, at: u64) {
        self.counts[kind as usize] += 1;
        if self.kept.len() < FAULTS_KEPT {
            self.kept.push(Fault { kind, at });
        }
    }

    /// How often a kind was met.
    pub fn count(&self, kind: FaultKind) -> u64 {
        self.counts[kind as usize]
    }

    /// How many there were of all kinds.
    pub fn total(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// Whether nothing was wrong.
    pub fn is_empty(&self) -> bool {
        self.total() == 0
    }

    /// The first of them, with their place.
    pub fn kept(&self) -> &[Fault] {
        &self.kept
    }

    /// Kinds that were met and how often.
    pub fn by_kind(&self) -> impl Iterator<Item = (FaultKind, u64)> + '_ {
        FaultKind::ALL.iter().map(|&kind| (kind, self.count(kind))).filter(|(_, count)| *count > 0)
    }

    /// Adds what another decoder found.
    pub fn merge(&mut self, other: &Self) {
        for (own, more) in self.counts.iter_mut().zip(other.counts) {
            *own += more;
        }
        let room = FAULTS_KEPT.saturating_sub(self.kept.len());
        self.kept.extend(other.kept.iter().take(room));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_bounded_and_the_count_is_not() {
        let mut faults = Faults::new();
        for at in 0..10_000 {
            faults.add(FaultKind::CutShort, at);
        }
        assert_eq!(faults.kept().len(), FAULTS_KEPT);
        assert_eq!(faults.count(FaultKind::CutShort), 10_000);
        let mut sum = Faults::new();
        sum.merge(&faults);
        sum.merge(&faults);
        assert_eq!((sum.total(), sum.kept().len()), (20_000, FAULTS_KEPT));
        assert_eq!(sum.by_kind().count(), 1);
    }
}

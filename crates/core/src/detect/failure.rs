//! Failure: do independent vantage points agree that something fails, and where?
//!
//! # Rounds
//!
//! A vantage point fails a check when [`FAILURES_MIN`] of its last [`ROUNDS`] rounds failed: one
//! lost packet is nothing, and one good answer in between does not hide a failure.
//!
//! # Independence
//!
//! Two vantage points in one network (ASN) or in one address prefix (/16 of IPv4, /32 of IPv6)
//! break together, so they are one *place* together: it fails when more than half of them do. The
//! verdict counts places. Where nothing is known of a vantage point it is a place of its own.
//!
//! # Agreement
//!
//! Of `m` places that could judge: **global** when `max(2, ⌈m/2⌉)` fail; else **regional** when two
//! in one country, or two prefixes of one network, fail while others pass, however many those are:
//! a majority never hides a region; else **partial** when two fail; **local** when one of several
//! does; **one place** when there is only one. A vantage point that was turned away judges nothing
//! (blocked is not down), and neither does one whose own reference targets do not answer.
//!
//! # What it cannot tell
//!
//! Why. Nor whether two networks share a cable: independence is by what is registered.

use std::collections::BTreeSet;

use crate::units::Asn;
use crate::units::Country;
use crate::units::Place;
use crate::units::Text;

/// Rounds of one vantage point that are weighed together.
pub const ROUNDS: u32 = 3;
/// Of those, how many must have failed.
pub const FAILURES_MIN: u32 = 2;
/// Places, or vantage points of a region, that must fail before anybody but them is concerned.
pub const WITNESSES_MIN: usize = 2;

/// How the last rounds of one vantage point ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rounds {
    /// One bit a round, the newest lowest; set where it failed.
    pub(crate) failed: u8,
    /// Rounds that are known, at most [`ROUNDS`].
    pub(crate) known: u8,
}

impl Rounds {
    /// Adds a round.
    pub fn note(&mut self, failed: bool) {
        self.failed = (self.failed << 1 | u8::from(failed)) & ((1 << ROUNDS) - 1);
        self.known = (self.known + 1).min(ROUNDS as u8);
    }

    /// Whether the check fails from here; `None` when nothing can be said: no round yet, or a first
    /// one that failed.
    pub fn fails(self) -> Option<bool> {
        let failures = self.failed.count_ones();
        match self.known {
            0 => None,
            1 if failures == 1 => None,
            _ => Some(failures >= FAILURES_MIN),
        }
    }
}

/// What one vantage point says about one check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stance {
    /// It works from here.
    Passes,
    /// It fails from here.
    Fails,
    /// We were turned away.
    Blocked,
    /// The vantage point itself is cut off.
    CutOff,
}

/// One vantage point's voice.
#[derive(Clone, Copy, Debug)]
pub struct Vote<'a> {
    /// Where it stands.
    pub place: Place,
    /// Its address prefix.
    pub prefix: Option<&'a Text>,
    /// What it says.
    pub stance: Stance,
}

/// What vantage points say together, from the least to the gravest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Agreement {
    /// Nobody could judge: no round of late, or every vantage point is cut off.
    #[default]
    Unknown,
    /// All who could look were turned away.
    Blocked,
    /// It works.
    Passing,
    /// It fails from one place of several: most likely that place's own trouble.
    Local,
    /// It fails from the only place there is.
    OnePlace,
    /// It fails from some places that have nothing in common.
    Partial,
    /// It fails in a country or a network, and elsewhere it works.
    Regional,
    /// It fails from half of all places at least.
    Global,
}

impl Agreement {
    /// All, from the least to the gravest.
    pub const ALL: [Self; 8] = [
        Self::Unknown,
        Self::Blocked,
        Self::Passing,
        Self::Local,
        Self::OnePlace,
        Self::Partial,
        Self::Regional,
        Self::Global,
    ];

    /// Stable name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Blocked => "blocked",
            Self::Passing => "passing",
            Self::Local => "local",
            Self::OnePlace => "one_place",
            Self::Partial => "partial",
            Self::Regional => "regional",
            Self::Global => "global",
        }
    }

    /// The one of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.name() == name)
    }

    /// Whether several places agree that it fails.
    pub fn is_failure(self) -> bool {
        self >= Self::Partial
    }
}

/// What a round of votes comes to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Finding {
    /// In a word.
    pub agreement: Agreement,
    /// Places from which it fails.
    pub failing: u32,
    /// Places that could judge.
    pub asked: u32,
    /// Countries it fails in; of a regional failure those of the region only.
    pub countries: BTreeSet<Country>,
    /// Networks that fail by two prefixes at least, where nothing else explains it.
    pub networks: BTreeSet<Asn>,
}

/// What these vantage points say together.
pub fn agree(votes: &[Vote<'_>]) -> Finding {
    let judging: Vec<&Vote<'_>> =
        votes.iter().filter(|vote| matches!(vote.stance, Stance::Passes | Stance::Fails)).collect();
    if judging.is_empty() {
        let blocked = votes.iter().any(|vote| vote.stance == Stance::Blocked);
        let agreement = if blocked { Agreement::Blocked } else { Agreement::Unknown };
        return Finding { agreement, ..Finding::default() };
    }
    let place_of = places(&judging);
    let places = place_of.iter().max().map_or(0, |last| last + 1);
    let mut tallies = vec![(0_usize, 0_usize); places];
    for (vote, place) in judging.iter().zip(&place_of) {
        tallies[*place].0 += usize::from(fails(vote));
        tallies[*place].1 += 1;
    }
    let failing: Vec<bool> = tallies.iter().map(|(failed, of)| 2 * failed > *of).collect();
    let count = failing.iter().filter(|fails| **fails).count();
    let mut finding = Finding {
        failing: u32::try_from(count).unwrap_or(u32::MAX),
        asked: u32::try_from(places).unwrap_or(u32::MAX),
        countries: judging
            .iter()
            .filter(|vote| fails(vote))
            .filter_map(|vote| vote.place.country)
            .collect(),
        ..Finding::default()
    };
    let somebody_passes = judging.iter().any(|vote| !fails(vote));
    if places > 1 && count >= WITNESSES_MIN.max(places.div_ceil(2)) {
        finding.agreement = Agreement::Global;
        return finding;
    }
    let countries = failing_countries(&judging, &place_of, &failing);
    let networks = if countries.is_empty() { failing_networks(&judging) } else { BTreeSet::new() };
    let region = !(countries.is_empty() && networks.is_empty());
    finding.agreement = if places > 1 && somebody_passes && region {
        if !countries.is_empty() {
            finding.countries = countries;
        }
        finding.networks = networks;
        Agreement::Regional
    } else {
        match count {
            0 => Agreement::Passing,
            1 if places == 1 => Agreement::OnePlace,
            1 => Agreement::Local,
            _ => Agreement::Partial,
        }
    };
    finding
}

fn fails(vote: &Vote<'_>) -> bool {
    vote.stance == Stance::Fails
}

/// The place of each vote, numbered from 0: votes that share a network or a prefix share it.
fn places(votes: &[&Vote<'_>]) -> Vec<usize> {
    let mut place_of: Vec<usize> = (0..votes.len()).collect();
    for (index, vote) in votes.iter().enumerate() {
        for earlier in 0..index {
            let (from, into) = (place_of[index], place_of[earlier]);
            if from != into && are_together(vote, votes[earlier]) {
                let (from, into) = (from.max(into), from.min(into));
                for place in &mut place_of[..=index] {
                    if *place == from {
                        *place = into;
                    }
                }
            }
        }
    }
    let used: BTreeSet<usize> = place_of.iter().copied().collect();
    let number = |place: &usize| used.range(..place).count();
    place_of.iter().map(number).collect()
}

fn are_together(a: &Vote<'_>, b: &Vote<'_>) -> bool {
    let same_network = a.place.asn.is_some() && a.place.asn == b.place.asn;
    same_network || (a.prefix.is_some() && a.prefix == b.prefix)
}

/// Countries in which two places fail.
fn failing_countries(
    votes: &[&Vote<'_>],
    place_of: &[usize],
    failing: &[bool],
) -> BTreeSet<Country> {
    let mut seen: BTreeSet<(Country, usize)> = BTreeSet::new();
    for (vote, place) in votes.iter().zip(place_of) {
        if fails(vote) && failing[*place] {
            seen.extend(vote.place.country.map(|country| (country, *place)));
        }
    }
    repeated(seen.into_iter().map(|(country, _)| country))
}

/// Networks in which vantage points of two prefixes fail.
fn failing_networks(votes: &[&Vote<'_>]) -> BTreeSet<Asn> {
    let of = |vote: &&&Vote<'_>| fails(vote);
    let seen: BTreeSet<(Asn, &Text)> =
        votes.iter().filter(of).filter_map(|vote| Some((vote.place.asn?, vote.prefix?))).collect();
    repeated(seen.into_iter().map(|(asn, _)| asn))
}

/// What is there [`WITNESSES_MIN`] times or more, of items in order.
fn repeated<T: Ord + Copy>(items: impl Iterator<Item = T>) -> BTreeSet<T> {
    let (mut found, mut last, mut times) = (BTreeSet::new(), None, 0);
    for item in items {
        times = if last == Some(item) { times + 1 } else { 1 };
        last = Some(item);
        if times >= WITNESSES_MIN {
            found.insert(item);
        }
    }
    found
}

#[cfg(test)]
mod tests;

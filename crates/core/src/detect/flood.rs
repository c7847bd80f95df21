//! Floods as they happen: which targets receive far more than is usual of what nobody asked for.
//!
//! Slots of a quarter of a second go in. Of each target the last second is compared with its usual
//! level and with a floor ([`track`]). One slot is enough at five times the threshold, else two of
//! the last three seconds. Then what is above usual is split into components ([`excess`]); an
//! attack opens only when one of them is a vector. It ends with its last loud second, once a minute
//! passed without another: so bursts of a pulse wave are one attack. Networks are watched in the
//! same way ([`crate::detect::carpet`]), and an attack on many targets of one is told once.
//!
//! # What it cannot tell
//!
//! The hour of the week: the usual level is that of the last minutes, so a target that is quiet by
//! night is judged by the floor in the morning. Whose connection a packet belongs to: slots keep no
//! pairs, so an exporter that shows one direction only makes downloads look unasked; what ordinary
//! servers send is therefore never a vector here, however much of it there is.
//!
//! # References
//!
//! - `TRAFFIC.md` of the project: time to detect at most 2 s after a tenfold step.

use std::collections::BTreeMap;
use std::collections::VecDeque;

use outcry_decode::address::Address;

use crate::attack::Attack;
use crate::attack::carpet::covers;
use crate::attack::carpet::join;
use crate::detect::carpet::Carpets;
use crate::detect::flood::excess::Sum;
use crate::detect::flood::track::Track;
use crate::traffic::slot::OPEN_MAX;
use crate::traffic::slot::Slot;

pub mod excess;
pub mod track;
pub mod usual;

#[cfg(test)]
mod tests;

/// Length of a slot, in milliseconds.
pub const SLOT_MS: u64 = 250;
/// Targets whose usual level is known.
pub const TRACKS_MAX: usize = 65_536;
/// Attacks that are over and still listed.
pub const CLOSED_MAX: usize = 100;

/// When traffic is loud. The operator chooses; there is no `Default`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FloodConfig {
    /// Packets a second below which nothing is.
    pub floor_pps: f64,
    /// Bits a second below which nothing is, unless its packets are many.
    pub floor_bps: f64,
}

/// Watches all targets of a stream of slots.
#[derive(Clone, Debug)]
pub struct Floods {
    config: FloodConfig,
    tracks: BTreeMap<Address, Track>,
    carpets: Carpets,
    closed: VecDeque<Attack>,
    /// Slots with a target that found no room.
    pub beyond: u64,
}

impl Floods {
    /// Knows of nothing yet.
    pub fn new(config: FloodConfig) -> Self {
        Self {
            config,
            tracks: BTreeMap::new(),
            carpets: Carpets::default(),
            closed: VecDeque::new(),
            beyond: 0,
        }
    }

    /// Takes the slot that began at a time (milliseconds since 1970). Slots come in order.
    pub fn take(&mut self, started_ms: i64, slot: &Slot) {
        let number = started_ms.div_euclid(SLOT_MS as i64);
        let mut summed = self.tracks.values().filter(|track| track.sum.is_some()).count();
        for target in slot.targets() {
            let known = self.tracks.len();
            let track = match self.tracks.get_mut(&target.address) {
                Some(track) => track,
                None if known >= TRACKS_MAX => {
                    self.beyond += 1;
                    continue;
                }
                None => self.tracks.entry(target.address).or_insert_with(|| Track::new(number)),
            };
            let loud = track.push(&self.config, number, &target.classes);
            if !loud {
                continue;
            }
            if track.sum.is_none() {
                if summed >= OPEN_MAX {
                    continue;
                }
                summed += 1;
            }
            track.sum.get_or_insert_with(Box::<Sum>::default).take(slot, target);
            track.decide();
        }
        self.carpets.take(&self.config, number, slot);
        self.settle(number);
    }

    /// Ends what is over, and forgets targets that receive nothing any more.
    fn settle(&mut self, number: i64) {
        for carpet in self.carpets.settle(number) {
            self.close_carpet(carpet);
        }
        let mut ended = Vec::new();
        for (address, track) in self.tracks.iter_mut().filter(|(_, track)| track.is_over(number)) {
            ended.extend(track.close(*address, None));
        }
        if !ended.is_empty() {
            let mut carpets = self.carpets.open();
            carpets.extend(self.closed.iter().filter(|attack| attack.carpet).cloned());
            // What hit a whole prefix was one attack, not one for each of its targets.
            let is_part = |attack: &Attack| {
                carpets.iter().any(|carpet| covers(carpet, attack) && overlap(carpet, attack))
            };
            ended.retain(|attack| !is_part(attack));
        }
        ended.into_iter().for_each(|attack| self.closed.push_front(attack));
        self.closed.truncate(CLOSED_MAX);
        if number.rem_euclid(track::FORGET_EVERY) == 0 {
            self.tracks.retain(|_, track| !track.is_forgotten(number));
        }
    }

    /// Lists a carpet that is over: with the one beside it that ended before, they are one.
    fn close_carpet(&mut self, carpet: Attack) {
        for place in 0..self.closed.len() {
            let Some(before) = self.closed.get(place).filter(|attack| attack.carpet) else {
                continue;
            };
            let (first, second) = if before.target <= carpet.target {
                (before.clone(), carpet.clone())
            } else {
                (carpet.clone(), before.clone())
            };
            let mut both = vec![first];
            join(&mut both, second);
            if let [one] = both.as_slice() {
                self.closed[place] = one.clone();
                return;
            }
        }
        self.closed.push_front(carpet);
    }

    /// Attacks that are going on, the largest first: what hits a whole prefix is one of them.
    pub fn open(&self) -> Vec<Attack> {
        let carpets = self.carpets.open();
        let targets = self.tracks.iter().filter_map(|(address, track)| {
            track.opened_at?;
            track.attack(*address, None)
        });
        let mut all: Vec<Attack> =
            targets.filter(|attack| !carpets.iter().any(|carpet| covers(carpet, attack))).collect();
        all.extend(carpets);
        all.sort_by(|a, b| b.peak_bps.total_cmp(&a.peak_bps).then(a.target.cmp(&b.target)));
        all
    }

    /// Attacks that are over, the newest first.
    pub fn closed(&self) -> impl Iterator<Item = &Attack> {
        self.closed.iter()
    }

    /// Targets whose sources are to be counted closely from the next slot on.
    pub fn watched(&self) -> Vec<Address> {
        let loud = self.tracks.iter().filter(|(_, track)| track.sum.is_some());
        loud.map(|(address, _)| *address).take(OPEN_MAX).collect()
    }

    /// When an attack on a target was seen first, if one is going on; milliseconds since 1970.
    pub fn opened_at(&self, target: Address) -> Option<i64> {
        self.tracks.get(&target)?.opened_at.map(|number| (number + 1) * SLOT_MS as i64)
    }
}

fn overlap(a: &Attack, b: &Attack) -> bool {
    a.span_ms.0 <= b.span_ms.1 && b.span_ms.0 <= a.span_ms.1
}

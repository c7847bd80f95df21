//! Carpets as they happen: attacks that are spread over a network so that no target has much.
//!
//! Networks (/24, /48) are watched as targets are, by the sum of what their addresses receive. It
//! is a carpet when many of them share it and none has much; networks side by side are one.
//!
//! # What it cannot tell
//!
//! What goes to addresses that slots do not count each for itself: of more than some ten thousand
//! targets in one slot the rest is counted by network, and opens nothing here.

use std::collections::BTreeMap;

use outcry_decode::address::Address;

use crate::attack::Attack;
use crate::attack::carpet::TARGET_SHARE_MAX;
use crate::attack::carpet::TARGETS_MIN;
use crate::attack::carpet::join;
use crate::detect::flood::FloodConfig;
use crate::detect::flood::excess::Sum;
use crate::detect::flood::track::Track;
use crate::traffic::slot::Slot;
use crate::traffic::slot::network::NETWORKS_MAX;
use crate::traffic::slot::network::V4_BITS;
use crate::traffic::slot::network::V6_BITS;

/// Networks that are summed at the same time.
const SUMMED_MAX: usize = 64;

/// Watches all networks of a stream of slots.
#[derive(Clone, Debug, Default)]
pub struct Carpets {
    tracks: BTreeMap<Address, Track>,
}

impl Carpets {
    /// Takes a slot.
    pub fn take(&mut self, config: &FloodConfig, number: i64, slot: &Slot) {
        let mut loud = Vec::new();
        for network in slot.networks() {
            let known = self.tracks.len();
            let track = match self.tracks.get_mut(&network.address) {
                Some(track) => track,
                None if known >= NETWORKS_MAX => continue,
                None => self.tracks.entry(network.address).or_insert_with(|| Track::new(number)),
            };
            if track.push(config, number, &network.classes) {
                loud.push(network.address);
            }
        }
        loud.truncate(SUMMED_MAX);
        if loud.is_empty() {
            return;
        }
        for address in &loud {
            if let Some(track) = self.tracks.get_mut(address) {
                track.sum.get_or_insert_with(Box::<Sum>::default).begin_slot();
            }
        }
        for target in slot.targets() {
            let network = target.address.network(V4_BITS, V6_BITS);
            if loud.binary_search(&network).is_err() {
                continue;
            }
            let track = self.tracks.get_mut(&network);
            if let Some(sum) = track.and_then(|track| track.sum.as_mut()) {
                sum.add(slot, target);
            }
        }
        for address in &loud {
            let Some(track) = self.tracks.get_mut(address) else { continue };
            let is_spread = track.sum.as_ref().is_some_and(|sum| {
                sum.targets() >= TARGETS_MIN && sum.largest_share() <= TARGET_SHARE_MAX
            });
            if is_spread {
                track.decide();
            }
        }
    }

    /// Ends what is over, and gives it in order of address.
    pub fn settle(&mut self, number: i64) -> Vec<Attack> {
        let mut ended = Vec::new();
        for (address, track) in self.tracks.iter_mut().filter(|(_, track)| track.is_over(number)) {
            ended.extend(track.close(*address, bits(*address)));
        }
        self.tracks.retain(|_, track| !track.is_forgotten(number));
        ended
    }

    /// Carpets that are going on, in order of address, side by side joined.
    pub fn open(&self) -> Vec<Attack> {
        let mut all = Vec::new();
        for (address, track) in self.tracks.iter().filter(|(_, track)| track.opened_at.is_some()) {
            if let Some(attack) = track.attack(*address, bits(*address)) {
                join(&mut all, attack);
            }
        }
        all
    }
}

fn bits(address: Address) -> Option<u8> {
    u8::try_from(if address.is_v4() { V4_BITS } else { V6_BITS }).ok()
}

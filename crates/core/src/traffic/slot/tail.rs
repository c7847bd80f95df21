//! What goes to targets that found no place of their own: counted by network, and by target at
//! most.
//!
//! A scan or a spray of random targets fills the list of targets with noise. The tail then still
//! shows which network is hit, and names the targets that got most, with the error of that count.

use outcry_decode::address::Address;

use crate::traffic::class::Class;
use crate::traffic::sketch::count_min::CountMin;
use crate::traffic::sketch::hash::HashKey;
use crate::traffic::sketch::top::Counted;
use crate::traffic::sketch::top::Top;
use crate::traffic::slot::Volume;
use crate::traffic::slot::network::Networks;
use crate::traffic::slot::target::Target;

/// Targets of the tail that are named.
pub const NAMED_MAX: usize = 32;
/// Cells a row of the sketch, as a power of two.
const SKETCH_BITS: u32 = 12;

/// The traffic of all targets without a place of their own.
#[derive(Clone, Debug)]
pub struct Tail {
    /// All of it.
    pub total: Volume,
    packets: CountMin,
    named: Top<Address, NAMED_MAX>,
    networks: Networks,
}

impl Tail {
    pub(super) fn new(key: HashKey) -> Self {
        Self {
            total: Volume::default(),
            packets: CountMin::new(SKETCH_BITS),
            named: Top::default(),
            networks: Networks::new(key),
        }
    }

    pub(super) fn clear(&mut self) {
        if self.total == Volume::default() {
            return;
        }
        self.total = Volume::default();
        self.packets.clear();
        self.named = Top::default();
        self.networks.clear();
    }

    pub(super) fn add(&mut self, target: Address, hash: u64, class: Class, volume: Volume) {
        self.total.add(volume);
        self.packets.add(hash, volume.packets);
        self.named.add(target, volume.packets);
        self.networks.add(target, class, volume);
    }

    /// Counts a target of another slot that finds no place in this one.
    pub(super) fn take_over(&mut self, hash: u64, target: &Target) {
        let received = target.received();
        self.total.add(received);
        self.packets.add(hash, received.packets);
        self.named.add(target.address, received.packets);
        self.networks.add_target(target);
    }

    pub(super) fn merge(&mut self, other: &Self) {
        if other.total == Volume::default() {
            return;
        }
        self.total.add(other.total);
        self.packets.merge(&other.packets);
        self.named.merge(&other.named);
        self.networks.merge(&other.networks);
    }

    pub(super) fn networks(&self) -> &Networks {
        &self.networks
    }

    /// Packets to a target at most, by the hash of its address.
    pub fn packets_at_most(&self, hash: u64) -> u64 {
        self.packets.get(hash)
    }

    /// The targets with most packets, with the possible error of each count.
    pub fn named(&self) -> Vec<Counted<Address>> {
        self.named.sorted()
    }
}

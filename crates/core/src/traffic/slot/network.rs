//! Traffic by network: /24 of IPv4 and /48 of IPv6, where attacks on many targets show.

use outcry_decode::address::Address;

use crate::traffic::class::Class;
use crate::traffic::sketch::hash::HashKey;
use crate::traffic::slot::Volume;
use crate::traffic::slot::index::Index;
use crate::traffic::slot::target::Target;

/// Networks that are counted in one slot.
pub const NETWORKS_MAX: usize = 16_384;
/// Length of the prefix of an IPv4 network.
pub const V4_BITS: u32 = 24;
/// Length of the prefix of an IPv6 network.
pub const V6_BITS: u32 = 48;

/// The traffic of one network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Network {
    /// Its first address.
    pub address: Address,
    /// What it received, by class.
    pub classes: [Volume; Class::COUNT],
    /// Which 256th of its addresses received something.
    touched: [u64; 4],
}

impl Network {
    fn new(address: Address) -> Self {
        Self { address, classes: [Volume::default(); Class::COUNT], touched: [0; 4] }
    }

    /// All that it received.
    pub fn received(&self) -> Volume {
        let mut all = Volume::default();
        for volume in self.classes {
            all.add(volume);
        }
        all
    }

    /// How many of its addresses received something: exact for IPv4, estimated for IPv6 (linear
    /// counting in 256 bits; above some thousand it only says "very many").
    pub fn targets(&self) -> f64 {
        let touched: u32 = self.touched.iter().map(|word| word.count_ones()).sum();
        if self.address.is_v4() {
            return f64::from(touched);
        }
        let free = f64::from((256 - touched).max(1)) / 256.0;
        -256.0 * free.ln()
    }

    fn touch(&mut self, key: &HashKey, target: Address) {
        let bit =
            if target.is_v4() { target.bits() as u8 } else { (key.address(target) >> 24) as u8 };
        self.touched[usize::from(bit >> 6)] |= 1 << (bit & 63);
    }
}

/// Networks by address.
#[derive(Clone, Debug)]
pub(super) struct Networks {
    key: HashKey,
    all: Vec<Network>,
    index: Index,
    /// What went to networks that found no room.
    pub(super) beyond: Volume,
}

impl Networks {
    pub(super) fn new(key: HashKey) -> Self {
        Self { key, all: Vec::new(), index: Index::default(), beyond: Volume::default() }
    }

    pub(super) fn clear(&mut self) {
        self.all.clear();
        self.index.clear();
        self.beyond = Volume::default();
    }

    pub(super) fn add(&mut self, target: Address, class: Class, volume: Volume) {
        let key = self.key;
        match self.of(target) {
            Some(network) => {
                network.classes[class as usize].add(volume);
                network.touch(&key, target);
            }
            None => self.beyond.add(volume),
        }
    }

    pub(super) fn add_target(&mut self, target: &Target) {
        let key = self.key;
        match self.of(target.address) {
            Some(network) => {
                for (own, more) in network.classes.iter_mut().zip(target.classes) {
                    own.add(more);
                }
                network.touch(&key, target.address);
            }
            None => self.beyond.add(target.received()),
        }
    }

    pub(super) fn merge(&mut self, other: &Self) {
        self.beyond.add(other.beyond);
        for more in &other.all {
            match self.place(more.address) {
                Some(place) => {
                    let own = &mut self.all[place];
                    for (own, more) in own.classes.iter_mut().zip(more.classes) {
                        own.add(more);
                    }
                    for (own, more) in own.touched.iter_mut().zip(more.touched) {
                        *own |= more;
                    }
                }
                None => self.beyond.add(more.received()),
            }
        }
    }

    pub(super) fn into_sorted(mut self) -> Vec<Network> {
        self.all.sort_unstable_by_key(|network| network.address);
        self.all
    }

    fn of(&mut self, target: Address) -> Option<&mut Network> {
        let place = self.place(target.network(V4_BITS, V6_BITS))?;
        self.all.get_mut(place)
    }

    fn place(&mut self, address: Address) -> Option<usize> {
        let hash = self.key.address(address);
        let all = &self.all;
        if let Some(place) = self.index.find(hash, |at| all[at].address == address) {
            return Some(place);
        }
        if self.all.len() >= NETWORKS_MAX {
            return None;
        }
        let key = self.key;
        self.index.insert(hash, self.all.len(), |at| key.address(all[at].address));
        self.all.push(Network::new(address));
        Some(self.all.len() - 1)
    }
}

//! One target, or one network, over time: its last second, its usual level, and its attack.

use std::collections::BTreeMap;

use outcry_decode::address::Address;

use crate::attack::Attack;
use crate::attack::part::SECONDS_MAX;
use crate::attack::part::Second;
use crate::detect::flood::FloodConfig;
use crate::detect::flood::SLOT_MS;
use crate::detect::flood::excess::Sum;
use crate::detect::flood::usual::Usual;
use crate::traffic::class::Class;
use crate::traffic::slot::Volume;

/// Slots of a second.
const SECOND_SLOTS: i64 = 1_000 / SLOT_MS as i64;
/// Traffic of this many times the usual is loud.
const TIMES_USUAL: f64 = 1.5;
/// At this many times the threshold one slot is enough.
const STEEP_TIMES: f64 = 5.0;
/// Loud slots that are needed otherwise: two of the last three seconds.
const LOUD_SLOTS: u32 = 2 * SECOND_SLOTS as u32;
const LAST_SLOTS_MASK: u32 = (1 << (3 * SECOND_SLOTS)) - 1;
/// Slots of quiet after which an attack is over: a minute, as long as a pulse wave rests at most.
const CLOSE_SLOTS: i64 = 61 * SECOND_SLOTS;
/// Slots of quiet after which a first suspicion is dropped.
const DROP_SLOTS: i64 = 3 * SECOND_SLOTS;
/// Seconds of loud traffic without a vector after which it is learnt.
const LEARNT_AFTER_S: f64 = 3.0;
/// Slots of silence after which a target is forgotten: an hour; and how often that is looked at.
const FORGET_SLOTS: i64 = 3_600 * SECOND_SLOTS;
pub(super) const FORGET_EVERY: i64 = 60 * SECOND_SLOTS;

/// One target, or one network.
#[derive(Clone, Debug)]
pub struct Track {
    ring: [Volume; SECOND_SLOTS as usize],
    number: i64,
    usual: Usual,
    /// The last slots, the newest the lowest bit: which were loud.
    loud: u32,
    last_loud: i64,
    /// What came while it was loud.
    pub sum: Option<Box<Sum>>,
    seconds: BTreeMap<i64, Second>,
    first_loud: i64,
    /// The slot at which an attack was told, while one is going on.
    pub opened_at: Option<i64>,
}

impl Track {
    /// Nothing came before this slot.
    pub fn new(number: i64) -> Self {
        Self {
            ring: [Volume::default(); SECOND_SLOTS as usize],
            number: number - 1,
            usual: Usual::default(),
            loud: 0,
            last_loud: number - 1,
            sum: None,
            seconds: BTreeMap::new(),
            first_loud: number,
            opened_at: None,
        }
    }

    /// Takes what came in one slot; says whether the last second is loud.
    pub fn push(
        &mut self,
        config: &FloodConfig,
        number: i64,
        classes: &[Volume; Class::COUNT],
    ) -> bool {
        // A receiver that was late hands over a slot of a time that was taken: it counts as the next.
        let number = number.max(self.number + 1);
        let gap = number - self.number;
        for missed in 1..=gap.min(SECOND_SLOTS) {
            self.ring[(number - gap + missed).rem_euclid(SECOND_SLOTS) as usize] =
                Volume::default();
        }
        self.loud = self.loud.checked_shl(u32::try_from(gap).unwrap_or(u32::MAX)).unwrap_or(0);
        self.number = number;
        let mut received = Volume::default();
        classes.iter().for_each(|volume| received.add(*volume));
        self.ring[number.rem_euclid(SECOND_SLOTS) as usize] = received;
        let mut second = Volume::default();
        self.ring.iter().for_each(|volume| second.add(*volume));
        let times = self.times(config, second);
        let loud = times >= 1.0;
        if !loud {
            if self.opened_at.is_none() {
                self.usual.learn(classes, gap, SLOT_MS as f64 / 1_000.0);
            }
            return false;
        }
        // What is loud and turns out to be nothing is usual too, in the long run.
        if self.opened_at.is_none() && self.last_loud + 1 < number - DROP_SLOTS {
            self.first_loud = number;
            self.sum = None;
            self.seconds.clear();
        }
        self.last_loud = number;
        self.loud |= if times >= STEEP_TIMES { LAST_SLOTS_MASK } else { 1 };
        let at = number.div_euclid(SECOND_SLOTS);
        if self.seconds.len() < SECONDS_MAX || self.seconds.contains_key(&at) {
            let (packets, octets) = self.usual.excess_of_all(classes, SLOT_MS as f64 / 1_000.0);
            let second = self.seconds.entry(at).or_default();
            second.packets += packets;
            second.octets += octets;
        }
        true
    }

    /// How many times above its threshold a second is.
    fn times(&self, config: &FloodConfig, second: Volume) -> f64 {
        let (packets, octets) = self.usual.total();
        let of = |now: f64, usual: f64, floor: f64| now / (TIMES_USUAL * usual).max(floor).max(1.0);
        of(second.packets as f64, packets, config.floor_pps).max(of(
            second.octets as f64,
            octets,
            config.floor_bps / 8.0,
        ))
    }

    /// Opens an attack, where enough was loud and it has a vector.
    pub fn decide(&mut self) {
        if self.opened_at.is_some() || (self.loud & LAST_SLOTS_MASK).count_ones() < LOUD_SLOTS {
            return;
        }
        let Some(sum) = &self.sum else { return };
        if !sum.parts(&self.usual).is_empty() {
            self.opened_at = Some(self.number);
        } else if sum.seconds() >= LEARNT_AFTER_S {
            // Busier than before, and nothing that is a vector: that is how usual changes.
            self.usual.learn_busy(sum.classes(), sum.seconds());
            self.sum = None;
            self.seconds.clear();
            self.first_loud = self.number;
        }
    }

    /// Whether its attack, or a first suspicion, has ended.
    pub fn is_over(&self, number: i64) -> bool {
        let quiet = number - self.last_loud;
        match self.opened_at {
            Some(_) => quiet > CLOSE_SLOTS,
            None => self.sum.is_some() && quiet > DROP_SLOTS,
        }
    }

    /// Ends its attack, and gives it.
    pub fn close(&mut self, address: Address, bits: Option<u8>) -> Option<Attack> {
        let attack = self.opened_at.and_then(|_| self.attack(address, bits));
        self.opened_at = None;
        self.sum = None;
        self.seconds.clear();
        self.loud = 0;
        attack
    }

    /// Whether nothing came for so long that its usual level is of no use.
    pub fn is_forgotten(&self, number: i64) -> bool {
        self.opened_at.is_none() && number - self.number > FORGET_SLOTS
    }

    /// The attack as it stands.
    pub fn attack(&self, address: Address, bits: Option<u8>) -> Option<Attack> {
        let sum = self.sum.as_ref()?;
        let ms = |number: i64| number * SLOT_MS as i64;
        let span_ms = (ms(self.first_loud), ms(self.last_loud + 1));
        sum.attack(address, bits, &self.usual, span_ms, &self.seconds)
    }
}

//! Data that came before its template, held for a while.
//!
//! A collector that starts, or loses a datagram, meets data it cannot read until the exporter
//! repeats its templates, which may take minutes. Holding a little of it helps when data and
//! template overtook each other; the rest is counted.

use crate::export::DomainKey;

/// Sets that are held of one exporter.
pub const HELD_SETS_MAX: usize = 64;
/// How long a set is held.
pub const HELD_MS_MAX: u64 = 10_000;
/// Octets that are held of all exporters together.
pub const HELD_OCTETS_MAX: usize = 8 << 20;

/// One set of data, and what its datagram said.
#[derive(Clone, Debug)]
pub(crate) struct HeldSet {
    pub(crate) key: DomainKey,
    pub(crate) id: u16,
    pub(crate) received_ms: u64,
    pub(crate) exported_ms: u64,
    pub(crate) uptime_ms: Option<u32>,
    pub(crate) body: Box<[u8]>,
}

/// All that is held, the oldest first.
#[derive(Debug, Default)]
pub(crate) struct Held {
    sets: Vec<HeldSet>,
    octets: usize,
}

impl Held {
    /// Holds a set; returns whether there was room.
    pub(crate) fn hold(&mut self, set: HeldSet) -> bool {
        let exporter = set.key.exporter;
        let of_exporter = self.sets.iter().filter(|held| held.key.exporter == exporter).count();
        if of_exporter >= HELD_SETS_MAX || self.octets + set.body.len() > HELD_OCTETS_MAX {
            return false;
        }
        self.octets += set.body.len();
        self.sets.push(set);
        true
    }

    /// Whether nothing is held.
    pub(crate) fn is_empty(&self) -> bool {
        self.sets.is_empty()
    }

    /// Takes out what waited for a template.
    pub(crate) fn release(&mut self, key: DomainKey, id: u16) -> Vec<HeldSet> {
        let waited = |held: &mut HeldSet| held.key == key && held.id == id;
        let released: Vec<HeldSet> = self.sets.extract_if(.., waited).collect();
        self.octets -= released.iter().map(|set| set.body.len()).sum::<usize>();
        released
    }

    /// Gives up on what waited too long, and says how many sets.
    pub(crate) fn expire(&mut self, now_ms: u64) -> usize {
        let before = self.sets.len();
        self.sets.retain(|set| now_ms.saturating_sub(set.received_ms) <= HELD_MS_MAX);
        self.octets = self.sets.iter().map(|set| set.body.len()).sum();
        before - self.sets.len()
    }
}

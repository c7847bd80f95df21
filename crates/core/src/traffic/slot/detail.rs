//! What is counted closely of a few targets: their sources, as exactly as memory allows, and what
//! tells forged sources from real ones.

use outcry_decode::record::Fields;
use outcry_decode::record::Flow;

use crate::traffic::sketch::distinct::Full;
use crate::traffic::sketch::smallest::Smallest;
use crate::traffic::slot::OPEN_MAX;

/// Of [`OPEN_MAX`], those that may be given to targets detection did not ask for.
const UNASKED_MAX: usize = OPEN_MAX / 2;

/// Sources that are kept of one target: a share of them is some 3 % off.
pub const SAMPLE_MAX: usize = 1_024;

/// What is counted closely of one target.
#[derive(Clone, Debug)]
pub struct Detail {
    /// Distinct sources.
    pub sources: Full,
    /// Flows by the first octet of an IPv4 source: forged sources spread evenly.
    pub first_octets: Box<[u32; 256]>,
    /// Flows by time to live, where exported: forged sources share the few of their real senders.
    pub ttls: Box<[u32; 256]>,
    /// Some of the sources, each with the same chance. They leave the operator's console in no
    /// form.
    pub sample: Smallest,
}

impl Default for Detail {
    fn default() -> Self {
        Self {
            sources: Full::default(),
            first_octets: Box::new([0; 256]),
            ttls: Box::new([0; 256]),
            sample: Smallest::new(SAMPLE_MAX),
        }
    }
}

impl Detail {
    /// Adds what was counted of the same target with the same key.
    pub fn merge(&mut self, more: &Self) {
        self.sources.merge(&more.sources);
        self.sample.merge(&more.sample);
        for (own, more) in
            [(&mut self.first_octets, &more.first_octets), (&mut self.ttls, &more.ttls)]
        {
            for (own, more) in own.iter_mut().zip(more.iter()) {
                *own = own.saturating_add(*more);
            }
        }
    }
}

/// A flow that is to be counted closely.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seen {
    /// Hash of its source.
    pub(super) hash: u64,
    /// Place of the detail.
    pub(super) detail: u16,
    /// Place of the flow among those that came with it.
    pub(super) flow: u16,
}

/// The details of a slot; their memory is kept from slot to slot.
#[derive(Clone, Debug, Default)]
pub struct Details {
    all: Vec<Detail>,
    used: usize,
}

impl Details {
    /// Begins a detail, if there is one left.
    pub(super) fn begin(&mut self, asked_for: bool) -> Option<u16> {
        let limit = if asked_for { OPEN_MAX } else { UNASKED_MAX };
        if self.used >= limit {
            return None;
        }
        if self.used == self.all.len() {
            self.all.push(Detail::default());
        }
        self.used += 1;
        Some(self.used as u16 - 1)
    }

    pub(super) fn get(&self, place: u16) -> Option<&Detail> {
        self.all.get(usize::from(place))
    }

    pub(super) fn get_mut(&mut self, place: u16) -> Option<&mut Detail> {
        self.all.get_mut(usize::from(place))
    }

    /// Counts flows closely. One kind of count after the other: each is a short loop over places
    /// that lie far apart, so that the processor waits for several of them at once.
    pub(super) fn count(&mut self, seen: &[Seen], flows: &[Flow]) {
        for seen in seen {
            if let Some(detail) = self.all.get_mut(usize::from(seen.detail)) {
                detail.sources.add(seen.hash);
            }
        }
        for seen in seen {
            let detail = self.all.get_mut(usize::from(seen.detail));
            let (Some(detail), Some(flow)) = (detail, flows.get(usize::from(seen.flow))) else {
                continue;
            };
            if flow.source.is_v4() {
                let octet = (flow.source.bits() >> 24) as u8;
                detail.first_octets[usize::from(octet)] += 1;
            }
            if flow.exported.has(Fields::TTL) {
                detail.ttls[usize::from(flow.ttl)] += 1;
            }
        }
        for seen in seen {
            let detail = self.all.get_mut(usize::from(seen.detail));
            if let (Some(detail), Some(flow)) = (detail, flows.get(usize::from(seen.flow))) {
                detail.sample.add(seen.hash, flow.source.bits());
            }
        }
    }

    pub(super) fn merge(&mut self, place: u16, more: &Detail) {
        let Some(own) = self.all.get_mut(usize::from(place)) else { return };
        own.merge(more);
    }

    pub(super) fn clear(&mut self) {
        for detail in &mut self.all[..self.used] {
            detail.sources.clear();
            detail.first_octets.fill(0);
            detail.ttls.fill(0);
            detail.sample.clear();
        }
        self.used = 0;
    }
}

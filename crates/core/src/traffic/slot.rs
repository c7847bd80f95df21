//! The traffic of a short time, counted by target: the unit that receivers fill and detection
//! reads.
//!
//! Up to [`HOT_MAX`] targets are counted each for itself; what goes to others is counted by network
//! and, at most, by target ([`tail`]). Slots of several receivers of the same time and key add up,
//! in any order, to what one receiver would have counted (sketches within their errors).
//!
//! Volumes are multiplied by the sampling rate where it is known. Where it is not they count as
//! they came, and the flows are counted apart, so that a reader can say "at least".
//!
//! What it cannot tell: which target in the tail got how much exactly; flows whose time lies far
//! from their receipt: who fills a slot decides what belongs to it.

use outcry_decode::address::Address;
use outcry_decode::packet::protocol;
use outcry_decode::record::Flow;

use crate::traffic::class::Class;
use crate::traffic::sketch::hash::HashKey;

pub mod detail;

pub mod index;

pub mod network;

pub mod tail;

pub mod target;

#[cfg(test)]
mod tests;

use self::detail::Details;
use self::detail::Seen;
use self::index::Index;
use self::network::Network;
use self::network::Networks;
use self::tail::Tail;
use self::target::Target;

/// Targets that are counted each for itself.
pub const HOT_MAX: usize = 32_768;
/// Flows that are counted together.
const TOGETHER_MAX: usize = 64;
/// Targets that detection may ask to be counted with a full counter of sources.
pub const OPEN_MAX: usize = 256;

/// Packets and octets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Volume {
    /// Packets, multiplied by sampling where that is known.
    pub packets: u64,
    /// Octets, multiplied likewise.
    pub octets: u64,
}

impl Volume {
    /// Adds another volume.
    #[inline]
    pub fn add(&mut self, more: Self) {
        self.packets = self.packets.saturating_add(more.packets);
        self.octets = self.octets.saturating_add(more.octets);
    }

    /// What stands behind a flow, and whether its sampling is known.
    #[inline]
    pub fn of(flow: &Flow) -> (Self, bool) {
        match flow.sampling.weight() {
            None => (Self { packets: flow.packets, octets: flow.octets }, false),
            Some(1.0) => (Self { packets: flow.packets, octets: flow.octets }, true),
            Some(weight) => {
                let scaled = |count: u64| (count as f64 * weight) as u64;
                (Self { packets: scaled(flow.packets), octets: scaled(flow.octets) }, true)
            }
        }
    }
}

/// The traffic of a short time.
#[derive(Clone, Debug)]
pub struct Slot {
    key: HashKey,
    targets: Vec<Target>,
    index: Index,
    details: Details,
    tail: Tail,
    /// Targets that detection watches closely, in order.
    open: Vec<Address>,
    /// Empty between two calls; its memory is kept.
    seen: Vec<Seen>,
    /// All of it.
    pub total: Volume,
    /// Flows, or packets of a capture.
    pub flows: u64,
    /// Of these, flows whose sampling nobody said.
    pub flows_of_unknown_sampling: u64,
}

impl Slot {
    /// An empty slot. All slots that are to be merged need the same key.
    pub fn new(key: HashKey) -> Self {
        Self {
            key,
            targets: Vec::new(),
            index: Index::default(),
            details: Details::default(),
            tail: Tail::new(key),
            open: Vec::new(),
            seen: Vec::new(),
            total: Volume::default(),
            flows: 0,
            flows_of_unknown_sampling: 0,
        }
    }

    /// Empties the slot for another time, and keeps its memory. `open` are the targets that
    /// detection watches closely (at most [`OPEN_MAX`] of them).
    pub fn reset(&mut self, open: &[Address]) {
        self.targets.clear();
        self.index.clear();
        self.details.clear();
        self.tail.clear();
        self.open.clear();
        self.open.extend(open.iter().take(OPEN_MAX));
        self.open.sort_unstable();
        self.total = Volume::default();
        self.flows = 0;
        self.flows_of_unknown_sampling = 0;
    }

    /// Counts a flow.
    #[inline]
    pub fn add(&mut self, flow: &Flow) {
        self.add_all(std::slice::from_ref(flow));
    }

    /// Counts flows that came together: cheaper than one by one.
    #[inline]
    pub fn add_all(&mut self, flows: &[Flow]) {
        for flows in flows.chunks(TOGETHER_MAX) {
            let mut seen = std::mem::take(&mut self.seen);
            for (number, flow) in flows.iter().enumerate() {
                self.receive(number as u16, flow, &mut seen);
            }
            self.details.count(&seen, flows);
            seen.clear();
            self.seen = seen;
            flows.iter().for_each(|flow| self.send(flow));
        }
    }

    /// Counts what a target received.
    #[inline]
    fn receive(&mut self, number: u16, flow: &Flow, seen: &mut Vec<Seen>) {
        let (volume, known) = Volume::of(flow);
        let class = Class::of(flow);
        self.flows += 1;
        self.flows_of_unknown_sampling += u64::from(!known);
        self.total.add(volume);
        let hash = self.key.address(flow.target);
        let Some(place) = self.place(flow.target, hash) else {
            self.tail.add(flow.target, hash, class, volume);
            return;
        };
        self.targets[place].add(flow, class, volume, known);
        let hash = self.key.address(flow.source);
        if let Some(detail) = self.count_source(place, hash) {
            seen.push(Seen { hash, detail, flow: number });
        }
    }

    /// Counts what a target sends itself, once it has received something in this slot.
    #[inline]
    fn send(&mut self, flow: &Flow) {
        let hash = self.key.address(flow.source);
        let targets = &self.targets;
        if let Some(sender) = self.index.find(hash, |at| targets[at].address == flow.source) {
            self.targets[sender].sent(flow, Class::of(flow), Volume::of(flow).0);
        }
    }

    /// Adds a slot of the same key, filled by another receiver.
    pub fn merge(&mut self, other: &Self) {
        self.total.add(other.total);
        self.flows += other.flows;
        self.flows_of_unknown_sampling += other.flows_of_unknown_sampling;
        for more in &other.targets {
            let hash = self.key.address(more.address);
            match self.place(more.address, hash) {
                Some(place) => {
                    self.targets[place].merge(more);
                    self.merge_sources(place, more, other);
                }
                None => self.tail.take_over(hash, more),
            }
        }
        self.tail.merge(&other.tail);
    }

    /// The targets that are counted each for itself, in no order.
    pub fn targets(&self) -> &[Target] {
        &self.targets
    }

    /// A target, if it is counted for itself.
    pub fn target(&self, address: Address) -> Option<&Target> {
        let hash = self.key.address(address);
        let place = self.index.find(hash, |at| self.targets[at].address == address)?;
        self.targets.get(place)
    }

    /// About how many sources sent to a target.
    pub fn sources(&self, target: &Target) -> f64 {
        let full = target.detail.and_then(|detail| self.details.get(detail));
        full.map_or_else(|| target.sources.estimate(), |detail| detail.sources.estimate())
    }

    /// What is counted closely of a target, if it is.
    pub fn detail(&self, target: &Target) -> Option<&detail::Detail> {
        self.details.get(target.detail?)
    }

    /// Adds what is known of a target's sources to what is known of them from other slots.
    pub fn gather_sources(&self, target: &Target, into: &mut detail::Detail) {
        match self.detail(target) {
            Some(detail) => into.merge(detail),
            // Of few sources only hashes are kept.
            None => {
                target.sources.pour(&mut into.sources);
            }
        }
    }

    /// What went to targets that are not counted for themselves.
    pub fn tail(&self) -> &Tail {
        &self.tail
    }

    /// All traffic by network: /24 of IPv4, /48 of IPv6.
    pub fn networks(&self) -> Vec<Network> {
        let mut all = Networks::new(self.key);
        for target in &self.targets {
            all.add_target(target);
        }
        all.merge(self.tail.networks());
        all.into_sorted()
    }

    #[inline]
    fn place(&mut self, address: Address, hash: u64) -> Option<usize> {
        let targets = &self.targets;
        if let Some(place) = self.index.find(hash, |at| targets[at].address == address) {
            return Some(place);
        }
        if self.targets.len() >= HOT_MAX {
            return None;
        }
        let key = self.key;
        self.index.insert(hash, self.targets.len(), |at| key.address(targets[at].address));
        self.targets.push(Target::new(address));
        Some(self.targets.len() - 1)
    }

    /// Counts a source of a target; gives the detail it is to be counted in, where there is one.
    #[inline]
    fn count_source(&mut self, place: usize, hash: u64) -> Option<u16> {
        let target = &mut self.targets[place];
        if target.detail.is_some() {
            return target.detail;
        }
        let is_open = || self.open.binary_search(&target.address).is_ok();
        // Before a small counter forgets which hashes it saw, a full one takes them over.
        let (wanted, asked_for) = match (target.flows, target.sources.is_full()) {
            (1, _) => (is_open(), true),
            (_, true) => (true, is_open()),
            _ => (false, false),
        };
        if wanted && let Some(detail) = self.details.begin(asked_for) {
            target.detail = Some(detail);
            target.pour_sources(&mut self.details, detail);
            return target.detail;
        }
        target.sources.add(hash);
        None
    }

    fn merge_sources(&mut self, place: usize, more: &Target, other: &Self) {
        let theirs = more.detail.and_then(|detail| other.details.get(detail));
        let target = &mut self.targets[place];
        if target.detail.is_none()
            && theirs.is_some()
            && target.sources.is_exact()
            && let Some(detail) = self.details.begin(true)
        {
            target.detail = Some(detail);
            target.pour_sources(&mut self.details, detail);
        }
        match (target.detail, theirs) {
            (Some(own), Some(theirs)) => self.details.merge(own, theirs),
            (Some(own), None) => {
                more.pour_sources(&mut self.details, own);
            }
            (None, Some(theirs)) => target.sources.merge_full(&theirs.sources),
            (None, None) => target.sources.merge(&more.sources),
        }
    }
}

/// Whether a flow asks a port for something: UDP, whose answers may be more than was asked.
#[inline]
fn asks(flow: &Flow) -> bool {
    flow.protocol == protocol::UDP
}

//! Attacks: from what is seen of traffic to which target is hurt, how, and by how much.
//!
//! [`Watch`] takes packets or flow records in order of time and keeps bounded tables of targets and
//! of their prefixes, each with its components. [`Watch::report`] judges them: a component that
//! nobody asked for, of enough size and from enough sources, is a vector ([`classify`]); a verdict
//! on the sources ([`spoofing`]) stands before any talk of places. An attack that is spread over a
//! prefix is one attack on the prefix, and adjacent prefixes are one.
//!
//! # What it cannot tell
//!
//! Who ordered it. And over a capture, which has no usual level, whether so much traffic is
//! unusual: rules look at what nobody asked for, not at how much there is.
//!
//! # References
//!
//! - R. Burke et al., "The CSIRT's view on DDoS"; US-CERT TA14-017A for amplification.
//! - NLADC, "dissector", for the fields of a fingerprint.

pub mod asked;
pub mod carpet;
pub mod classify;
pub mod part;
pub mod requests;
pub mod seen;
pub mod spoofing;
pub mod target;
pub mod vector;

use crate::attack::asked::Asked;
use crate::attack::classify::Benign;
use crate::attack::classify::Found;
use crate::attack::part::Class;
use crate::attack::part::Second;
use crate::attack::seen::Seen;
use crate::attack::seen::is_for_many;
use crate::attack::seen::prefix;
use crate::attack::spoofing::Sources;
use crate::attack::target::Table;
use crate::attack::target::Target;
use crate::attack::vector::Vector;
use crate::traffic::sketch::sample::Distinct;
use crate::traffic::sketch::sample::KEPT_MANY;

/// Targets that are told apart.
pub const TARGETS_MAX: usize = 65_536;
/// Prefixes that are told apart.
pub const PREFIXES_MAX: usize = 16_384;
/// Attacks in one report, the largest.
pub const ATTACKS_MAX: usize = 200;
/// Bursts from which on an attack is a pulse wave.
pub const PULSES_MIN: usize = 3;
/// Seconds of quiet between two bursts, at least and at most.
const PULSE_QUIET_S: std::ops::RangeInclusive<i64> = 2..=60;

/// What was seen so far.
#[derive(Clone, Debug)]
pub struct Watch {
    key: u64,
    asked: Asked,
    targets: Table,
    prefixes: Table,
    seen: u64,
    span_ms: Option<(i64, i64)>,
    packets: f64,
    octets: f64,
}

/// One vector of an attack.
#[derive(Clone, Debug, PartialEq)]
pub struct VectorReport {
    /// Which.
    pub vector: Vector,
    /// Packets, as far as nobody asked for them.
    pub packets: f64,
    /// Octets.
    pub octets: f64,
    /// Records, or packets where there are none.
    pub records: u64,
    /// Share of the attack's packets, 0..=1.
    pub fraction: f64,
    /// Distinct sources, estimated.
    pub sources: f64,
    /// What they can be said to be.
    pub verdict: Sources,
    /// The port all of it comes from, if it is one.
    pub source_port: Option<u16>,
    /// Ports of the target, if they are few.
    pub target_ports: Vec<u16>,
    /// First and last, milliseconds since 1970.
    pub span_ms: (i64, i64),
    /// Times to live that were seen, most frequent first.
    pub ttls: Vec<u8>,
}

/// One attack.
#[derive(Clone, Debug, PartialEq)]
pub struct Attack {
    /// The target; of a carpet the first address of its prefix.
    pub target: u128,
    /// Bits of the prefix that is attacked as a whole; `None` for one target.
    pub prefix_bits: Option<u8>,
    /// Distinct targets.
    pub targets: f64,
    /// Spread over a prefix so that no target has much of it.
    pub carpet: bool,
    /// Comes in bursts.
    pub pulse: bool,
    /// Its vectors, the largest first; never empty.
    pub vectors: Vec<VectorReport>,
    /// First and last, milliseconds since 1970.
    pub span_ms: (i64, i64),
    /// Bits per second in the fullest second.
    pub peak_bps: f64,
    /// Packets per second in the fullest second.
    pub peak_pps: f64,
    /// By second, in order.
    pub seconds: Vec<(i64, Second)>,
    /// Distinct sources over all vectors, estimated.
    pub sources: f64,
    /// What they can be said to be, as far as the vectors agree.
    pub verdict: Sources,
    /// Addresses of a sample of the sources. They leave the operator's console in no form.
    pub sample: Vec<u128>,
    /// Share of the target's traffic that is abnormal, less what chance may make of few packets.
    pub confidence: f64,
    /// Nobody said how packets were chosen: all sizes are "at least".
    pub sampling_unknown: bool,
}

/// Something that is no attack and could be taken for one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct BenignReport {
    /// What it is.
    pub class: Benign,
    /// Towards which target; `None` for a prefix.
    pub target: Option<u128>,
}

/// What a watch comes to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Report {
    /// First and last, milliseconds since 1970; `None` when nothing was seen.
    pub span_ms: Option<(i64, i64)>,
    /// Packets and records that were taken.
    pub seen: u64,
    /// Packets that stand behind them.
    pub packets: f64,
    /// Octets that stand behind them.
    pub octets: f64,
    /// Attacks, the largest first.
    pub attacks: Vec<Attack>,
    /// What is no attack.
    pub benign: Vec<BenignReport>,
    /// What found no room in the tables.
    pub beyond: u64,
}

impl Watch {
    /// Has seen nothing. The key of the hashes must be secret where strangers send the traffic.
    pub fn new(key: u64) -> Self {
        Self {
            key,
            asked: Asked::new(key),
            targets: Table::new(TARGETS_MAX),
            prefixes: Table::new(PREFIXES_MAX),
            seen: 0,
            span_ms: None,
            packets: 0.0,
            octets: 0.0,
        }
    }

    /// Takes one packet or record.
    pub fn take(&mut self, seen: &Seen) {
        self.seen += 1;
        self.packets += seen.packets;
        self.octets += seen.octets;
        let (from, until) = self.span_ms.unwrap_or((seen.at_ms, seen.at_ms));
        let last = seen.at_ms + seen.lasts_ms.max(0);
        self.span_ms = Some((from.min(seen.at_ms), until.max(last)));
        let class = Class::of(seen);
        let asked = self.asked.take(seen, class);
        // What is sent to all is nobody's: only requests for addresses are sent so to hurt.
        if is_for_many(seen.target) && class != Class::Dhcp {
            return;
        }
        self.targets.add(seen.target, self.key, seen, class, asked);
        self.prefixes.add(prefix(seen.target), self.key, seen, class, asked);
    }

    /// Judges what was seen so far.
    pub fn report(&self) -> Report {
        let mut attacks = Vec::new();
        let mut benign = Vec::new();
        for (address, target) in self.targets.known() {
            let judged = classify::judge(target);
            benign.extend(
                judged
                    .benign
                    .iter()
                    .map(|class| BenignReport { class: *class, target: Some(address) }),
            );
            attacks.extend(self.attack(address, target, &judged.found));
        }
        let carpets = self.carpets(&mut benign);
        // What hits a whole prefix is one attack, not one for each of its targets.
        attacks.retain(|attack| !carpets.iter().any(|carpet| carpet::covers(carpet, attack)));
        attacks.extend(carpets);
        attacks.sort_by(|a, b| b.peak_bps.total_cmp(&a.peak_bps).then(a.target.cmp(&b.target)));
        attacks.truncate(ATTACKS_MAX);
        benign.sort_unstable();
        benign.dedup();
        Report {
            span_ms: self.span_ms,
            seen: self.seen,
            packets: self.packets,
            octets: self.octets,
            attacks,
            benign,
            beyond: self.targets.beyond.max(self.prefixes.beyond),
        }
    }

    fn attack(&self, address: u128, target: &Target, found: &[Found<'_>]) -> Option<Attack> {
        let all: f64 = found.iter().map(Found::packets).sum();
        let vectors: Vec<VectorReport> =
            found.iter().map(|found| self.vector(address, found, all)).collect();
        let verdicts: Vec<(Sources, f64)> =
            vectors.iter().map(|vector| (vector.verdict, vector.packets)).collect();
        let span_ms = span(vectors.iter().map(|vector| vector.span_ms))?;
        let seconds = seconds(found);
        let of_all = all / target.packets(|_| true).max(1.0);
        let sample: Vec<u128> = found
            .iter()
            .flat_map(|found| found.parts.iter().flat_map(|part| part.sources.sample()))
            .collect();
        let parts = || found.iter().flat_map(|found| &found.parts);
        Some(Attack {
            target: address,
            prefix_bits: None,
            targets: 1.0,
            carpet: false,
            pulse: is_pulse(&seconds),
            span_ms,
            peak_bps: peak(&seconds, |second| second.octets * 8.0),
            peak_pps: peak(&seconds, |second| second.packets),
            seconds,
            sources: sources(found),
            verdict: spoofing::agreed(&verdicts),
            sample,
            confidence: of_all.min(1.0) * all / (all + classify::PACKETS_MIN),
            sampling_unknown: parts().any(|part| part.sampling_unknown),
            vectors,
        })
    }

    fn vector(&self, address: u128, found: &Found<'_>, all: f64) -> VectorReport {
        let main = found.parts[0];
        let mut ttls: Vec<(u8, u64)> = main.ttls.iter().map(|(ttl, n)| (*ttl, *n)).collect();
        ttls.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        VectorReport {
            vector: found.vector,
            packets: found.packets(),
            octets: found.octets(),
            records: found.parts.iter().map(|part| part.records).sum(),
            fraction: found.packets() / all,
            sources: main.sources.count(),
            verdict: spoofing::judge(found.vector, main, address, &self.asked),
            source_port: match found.vector {
                Vector::Amplification(place) => Some(vector::AMPLIFIERS[usize::from(place)].0),
                _ => None,
            },
            target_ports: few_ports(main),
            span_ms: span(found.parts.iter().map(|part| part.span_ms)).unwrap_or(main.span_ms),
            ttls: ttls.into_iter().take(TTLS_TOLD_MAX).map(|(ttl, _)| ttl).collect(),
        }
    }
}

/// Ports of a target beyond which they are "random".
const PORTS_FEW: f64 = 10.0;
/// Times to live that a report tells.
const TTLS_TOLD_MAX: usize = 10;

fn few_ports(part: &part::Part) -> Vec<u16> {
    if part.ports.count() > PORTS_FEW {
        return Vec::new();
    }
    let mut ports: Vec<u16> =
        part.ports.sample().filter_map(|port| u16::try_from(port).ok()).collect();
    ports.sort_unstable();
    ports
}

fn span(spans: impl Iterator<Item = (i64, i64)>) -> Option<(i64, i64)> {
    spans.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)))
}

/// Distinct sources over several vectors; exact while each keeps all of its own.
fn sources(found: &[Found<'_>]) -> f64 {
    let mut all = Distinct::new(KEPT_MANY);
    let parts = || found.iter().flat_map(|found| &found.parts);
    parts().for_each(|part| part.sources.sample().for_each(|source| all.add(0, source)));
    let largest = parts().map(|part| part.sources.count()).fold(0.0, f64::max);
    all.count().max(largest)
}

fn seconds(found: &[Found<'_>]) -> Vec<(i64, Second)> {
    let mut sum = std::collections::BTreeMap::<i64, Second>::new();
    for part in found.iter().flat_map(|found| &found.parts) {
        for (at, second) in &part.seconds {
            let all = sum.entry(*at).or_default();
            all.packets += second.packets;
            all.octets += second.octets;
        }
    }
    sum.into_iter().collect()
}

/// The most of something in one of some seconds.
pub fn peak(seconds: &[(i64, Second)], what: impl Fn(&Second) -> f64) -> f64 {
    seconds.iter().map(|(_, second)| what(second)).fold(0.0, f64::max)
}

/// Bursts with quiet between them: a second is of a burst when it has a tenth of the peak.
pub fn is_pulse(seconds: &[(i64, Second)]) -> bool {
    let floor = peak(seconds, |second| second.packets) / 10.0;
    let loud: Vec<i64> =
        seconds.iter().filter(|(_, second)| second.packets >= floor).map(|(at, _)| *at).collect();
    let quiet = |pair: &&[i64]| PULSE_QUIET_S.contains(&(pair[1] - pair[0] - 1));
    let rests = loud.windows(2).filter(quiet).count();
    // Scattered seconds are no bursts: each must last for as long as the quiet is short.
    rests + 1 >= PULSES_MIN && loud.len() >= 2 * (rests + 1)
}

#[cfg(test)]
mod tests;

//! What is above usual, split into components, and which of them are vectors.
//!
//! The rules are those of [`crate::attack::classify`], over the fewer things that slots keep.
//!
//! # What it cannot tell
//!
//! Bodies of web pages that nobody asked for: slots keep no source ports of TCP. Which of two
//! vectors at the same time a source belongs to: then the verdict on the sources is "unknown".

use std::collections::BTreeMap;

use outcry_decode::address::Address;

use crate::attack::Attack;
use crate::attack::VectorReport;
use crate::attack::classify::AMPLIFIED_SHARE_MIN;
use crate::attack::classify::COMPONENT_SHARE_MIN;
use crate::attack::classify::PACKETS_MIN;
use crate::attack::classify::PEAK_OF_FEW;
use crate::attack::classify::PEAK_OF_STREAM;
use crate::attack::classify::SOURCES_FEW;
use crate::attack::classify::is_of_many;
use crate::attack::is_pulse;
use crate::attack::part::Second;
use crate::attack::peak;
use crate::attack::spoofing;
use crate::attack::spoofing::Signs;
use crate::attack::spoofing::Sources;
use crate::attack::vector::AMPLIFIERS;
use crate::attack::vector::Vector;
use crate::attack::vector::amplifier;
use crate::detect::flood::SLOT_MS;
use crate::detect::flood::usual::Usual;
use crate::traffic::class::Class;
use crate::traffic::sketch::sample::Distinct;
use crate::traffic::sketch::sample::KEPT_FEW;
use crate::traffic::sketch::top::Top;
use crate::traffic::slot::Slot;
use crate::traffic::slot::Volume;
use crate::traffic::slot::detail::Detail;
use crate::traffic::slot::target::ASKED_KEPT;
use crate::traffic::slot::target::PORTS_KEPT;
use crate::traffic::slot::target::Target;

/// Share of what a target receives that it answers when it takes part in a conversation.
const ANSWERED_SHARE: f64 = 0.2;
/// Share of UDP that a port must have to be named.
const PORT_SHARE_MIN: f64 = 0.1;
/// Ports of the target up to which they are told.
const PORTS_TOLD_MAX: usize = 4;
/// The port of QUIC: what comes from it is most often a download.
const QUIC: u16 = 443;
/// How far off the count of distinct sources is (two standard errors).
const SOURCES_OFF: f64 = 0.016;

/// What came while it was loud.
#[derive(Clone, Debug)]
pub struct Sum {
    classes: [Volume; Class::COUNT],
    udp_source_ports: Top<u16, PORTS_KEPT>,
    target_ports: Top<u16, PORTS_KEPT>,
    asked_ports: Top<u16, ASKED_KEPT>,
    sent: Volume,
    sent_syn: u64,
    flows: u64,
    flows_of_unknown_sampling: u64,
    detail: Detail,
    /// Targets, and the packets of those with most; of a network.
    targets: Distinct,
    largest: Top<Address, PORTS_KEPT>,
    seconds: f64,
}

impl Default for Sum {
    fn default() -> Self {
        Self {
            classes: [Volume::default(); Class::COUNT],
            udp_source_ports: Top::default(),
            target_ports: Top::default(),
            asked_ports: Top::default(),
            sent: Volume::default(),
            sent_syn: 0,
            flows: 0,
            flows_of_unknown_sampling: 0,
            detail: Detail::default(),
            targets: Distinct::new(KEPT_FEW),
            largest: Top::default(),
            seconds: 0.0,
        }
    }
}

/// One component that is a vector.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Part {
    /// Which.
    pub vector: Vector,
    /// Packets above usual.
    pub packets: f64,
    /// Octets above usual.
    pub octets: f64,
}

impl Sum {
    /// Adds what a target received in one slot.
    pub fn take(&mut self, slot: &Slot, target: &Target) {
        self.begin_slot();
        self.add(slot, target);
    }

    /// Counts the time of a slot, once however many of its targets are added.
    pub fn begin_slot(&mut self) {
        self.seconds += SLOT_MS as f64 / 1_000.0;
    }

    /// Adds a target of the slot that was begun.
    pub fn add(&mut self, slot: &Slot, target: &Target) {
        for (own, more) in self.classes.iter_mut().zip(target.classes) {
            own.add(more);
        }
        self.udp_source_ports.merge(&target.udp_source_ports);
        self.target_ports.merge(&target.target_ports);
        self.asked_ports.merge(&target.asked_ports);
        self.sent.add(target.sent);
        self.sent_syn = self.sent_syn.saturating_add(target.sent_syn);
        self.flows += target.flows;
        self.flows_of_unknown_sampling += target.flows_of_unknown_sampling;
        slot.gather_sources(target, &mut self.detail);
        self.targets.add(0, target.address.bits());
        self.largest.add(target.address, target.received().packets);
    }

    /// How long it was loud.
    pub fn seconds(&self) -> f64 {
        self.seconds
    }

    /// What came by class.
    pub fn classes(&self) -> &[Volume; Class::COUNT] {
        &self.classes
    }

    /// Distinct targets, estimated.
    pub fn targets(&self) -> f64 {
        self.targets.count()
    }

    /// The largest share of the packets that one target has, 0..=1.
    pub fn largest_share(&self) -> f64 {
        let all: u64 = self.classes.iter().map(|volume| volume.packets).sum();
        let largest = self.largest.sorted().first().map_or(0, |counted| counted.count);
        largest as f64 / (all as f64).max(1.0)
    }

    /// Its vectors, the largest first; none when nothing above usual is one.
    pub fn parts(&self, usual: &Usual) -> Vec<Part> {
        let excess = usual.excess(&self.classes, self.seconds);
        let of = |class: Class| excess[class as usize];
        let mut parts: Vec<Part> = Vec::new();
        let mut put = |vector: Vector, (packets, octets): (f64, f64)| {
            if packets >= PACKETS_MIN {
                parts.push(Part { vector, packets, octets });
            }
        };
        let received: f64 = excess.iter().map(|(packets, _)| packets).sum();
        let answers = self.sent.packets as f64 >= ANSWERED_SHARE * received;
        let seconds = self.seconds.max(0.25);
        let rate = |class: Class| of(class).0 / seconds;
        let sources = self.detail.sources.estimate();
        let many = |class: Class, few: f64| is_of_many(sources, rate(class), few);
        if many(Class::TcpSyn, PEAK_OF_FEW) {
            put(Vector::TcpSyn, of(Class::TcpSyn));
        }
        if many(Class::TcpNull, PEAK_OF_FEW) {
            put(Vector::TcpNull, of(Class::TcpNull));
        }
        let unasked = |class: Class| 2.0 * (self.sent_syn as f64) < of(class).0;
        let reflects = unasked(Class::TcpSynAck) && many(Class::TcpSynAck, PEAK_OF_FEW);
        if reflects {
            put(Vector::TcpSynAck, of(Class::TcpSynAck));
        }
        let small = of(Class::TcpAck).1 / of(Class::TcpAck).0.max(1.0) < 200.0;
        if !answers && small && many(Class::TcpAck, PEAK_OF_STREAM) {
            put(Vector::TcpAck, of(Class::TcpAck));
        }
        if !answers && !reflects && many(Class::TcpReset, PEAK_OF_STREAM) {
            put(Vector::TcpRst, of(Class::TcpReset));
        }
        if many(Class::Icmp, PEAK_OF_FEW) {
            put(Vector::Icmp, of(Class::Icmp));
        }
        for class in [Class::Gre, Class::Ipsec, Class::IpInIp, Class::Other] {
            if !answers && many(class, PEAK_OF_STREAM) {
                put(Vector::IpProtocol, of(class));
            }
        }
        let datagrams = self.datagrams(of(Class::Udp), answers, sources, rate(Class::Udp));
        let fragments = of(Class::Fragment);
        let owned = datagrams.iter().map(|part| part.packets).sum::<f64>();
        for part in &datagrams {
            let share = part.packets / owned;
            put(
                part.vector,
                (part.packets + share * fragments.0, part.octets + share * fragments.1),
            );
        }
        if datagrams.is_empty() && !answers && many(Class::Fragment, PEAK_OF_STREAM) {
            put(Vector::Fragment, fragments);
        }
        distinct(parts, received)
    }

    /// Vectors of UDP: services that amplify and were not asked, and the rest.
    fn datagrams(
        &self,
        (packets, octets): (f64, f64),
        answers: bool,
        sources: f64,
        rate: f64,
    ) -> Vec<Part> {
        let ports = self.udp_source_ports.sorted();
        let all: f64 = self.classes[Class::Udp as usize].packets as f64;
        let asked = self.asked_ports.sorted();
        let was_asked = |port: u16| asked.iter().any(|counted| counted.key == port);
        let share = |counted: u64| counted as f64 / all.max(1.0);
        let quic = ports.iter().find(|port| port.key == QUIC).map_or(0.0, |p| share(p.count));
        let mut amplified = Vec::new();
        let mut amplified_share = 0.0;
        for port in &ports {
            let part = share(port.count - port.error);
            let Some(place) = amplifier(port.key).filter(|_| !was_asked(port.key)) else {
                continue;
            };
            amplified_share += part;
            if part >= PORT_SHARE_MIN && sources > SOURCES_FEW {
                amplified.push(Part {
                    vector: Vector::Amplification(place),
                    packets: part * packets,
                    octets: part * octets,
                });
            }
        }
        if amplified_share >= AMPLIFIED_SHARE_MIN && !amplified.is_empty() {
            return amplified;
        }
        let is_flood = !answers && quic < 0.5 && is_of_many(sources, rate, PEAK_OF_STREAM);
        let asked_all = ports.first().is_some_and(|port| was_asked(port.key));
        if is_flood && !asked_all && packets >= PACKETS_MIN {
            return vec![Part { vector: Vector::Udp, packets, octets }];
        }
        Vec::new()
    }

    /// The attack that this is, if it is one.
    pub fn attack(
        &self,
        address: Address,
        bits: Option<u8>,
        usual: &Usual,
        span_ms: (i64, i64),
        seconds: &BTreeMap<i64, Second>,
    ) -> Option<Attack> {
        let parts = self.parts(usual);
        let all: f64 = parts.iter().map(|part| part.packets).sum();
        let received: f64 = self.classes.iter().map(|volume| volume.packets as f64).sum();
        let sources = self.detail.sources.estimate();
        let told = self.target_ports.sorted();
        let few = told.len() <= PORTS_TOLD_MAX;
        let mut ports: Vec<u16> =
            if few { told.iter().map(|counted| counted.key).collect() } else { Vec::new() };
        ports.sort_unstable();
        let sampling_unknown = self.flows_of_unknown_sampling > 0;
        let vectors: Vec<VectorReport> = parts
            .iter()
            .map(|part| VectorReport {
                vector: part.vector,
                packets: part.packets,
                octets: part.octets,
                records: (self.flows as f64 * part.packets / received.max(1.0)) as u64,
                fraction: part.packets / all,
                sources,
                verdict: self.verdict(part, all),
                source_port: match part.vector {
                    Vector::Amplification(place) => Some(AMPLIFIERS[usize::from(place)].0),
                    _ => None,
                },
                target_ports: ports.clone(),
                span_ms,
                ttls: Vec::new(),
            })
            .collect();
        let first = vectors.first()?;
        let verdicts: Vec<(Sources, f64)> =
            vectors.iter().map(|vector| (vector.verdict, vector.packets)).collect();
        let seconds: Vec<(i64, Second)> = seconds.iter().map(|(at, s)| (*at, *s)).collect();
        Some(Attack {
            target: address.bits(),
            prefix_bits: bits,
            targets: if bits.is_some() { self.targets() } else { 1.0 },
            carpet: bits.is_some() && first.vector != Vector::Dhcp,
            pulse: is_pulse(&seconds),
            span_ms,
            peak_bps: peak(&seconds, |second| second.octets * 8.0),
            peak_pps: peak(&seconds, |second| second.packets),
            sources,
            verdict: spoofing::agreed(&verdicts),
            sample: self.detail.sample.things(),
            confidence: (all / received.max(1.0)).min(1.0) * all / (all + PACKETS_MIN),
            sampling_unknown,
            seconds,
            vectors,
        })
    }

    /// What the sources of a part can be said to be: what is counted of them is of all parts.
    fn verdict(&self, part: &Part, all: f64) -> Sources {
        /// Share of the packets that a part must have for the target's sources to be its own.
        const OWN_SHARE: f64 = 0.9;
        if part.vector.is_reflected() {
            return Sources::Reflected;
        }
        if part.packets < OWN_SHARE * all {
            return Sources::Unknown;
        }
        let wide = |counts: &[u32; 256]| counts.map(u64::from);
        spoofing::of_signs(&Signs {
            sources: self.detail.sources.estimate(),
            off: SOURCES_OFF,
            drawn: self.flows as f64,
            first_octets: &wide(&self.detail.first_octets),
            ttls: &wide(&self.detail.ttls),
        })
    }
}

/// One part a vector, those that are large enough, the largest first.
fn distinct(parts: Vec<Part>, received: f64) -> Vec<Part> {
    let mut one: Vec<Part> = Vec::new();
    for part in parts {
        match one.iter_mut().find(|own| own.vector == part.vector) {
            Some(own) => {
                own.packets += part.packets;
                own.octets += part.octets;
            }
            None => one.push(part),
        }
    }
    let octets: f64 = one.iter().map(|part| part.octets).sum();
    one.retain(|part| {
        let share = (part.packets / received.max(1.0)).max(part.octets / octets.max(1.0));
        share >= COMPONENT_SHARE_MIN
    });
    one.sort_by(|a, b| b.packets.total_cmp(&a.packets));
    one
}

//! From components to vectors: what of the traffic towards a target is an attack, and which.
//!
//! A rule looks at what nobody asked for, at how many sources it has, how fast it came and what it
//! is a share of; each has the same shape, and none knows a file or an address. What looks like an
//! attack and is not (scans, answers to somebody else's forged packets) is a class of its own.
//!
//! # What it cannot tell
//!
//! Intent. And with one side of the traffic only, an answer from a question's absence: where too
//! few sources and packets speak for it, nothing is said.

use outcry_decode::packet::protocol;

use crate::attack::part::Class;
use crate::attack::part::Part;
use crate::attack::target::Target;
use crate::attack::vector::Vector;

/// Packets a component must have at least: fewer are no basis for a share or a rate.
pub const PACKETS_MIN: f64 = 50.0;
/// Share of all that is abnormal which a component must have to be named.
pub const COMPONENT_SHARE_MIN: f64 = 0.1;
/// Share of a protocol's traffic which must be abnormal.
pub const ABNORMAL_SHARE_MIN: f64 = 0.6;
/// Share of UDP which must come from amplifiers for them to be named.
pub const AMPLIFIED_SHARE_MIN: f64 = 0.5;
/// Sources from which on a component is the work of many.
pub const SOURCES_MANY: f64 = 20.0;
/// Sources up to which it is the work of few.
pub const SOURCES_FEW: f64 = 3.0;
/// Packets in a second from which on even few sources are a flood, where replies are expected.
pub const PEAK_OF_FEW: f64 = 100.0;
/// The same where one busy conversation could look so when half of it is not seen.
pub const PEAK_OF_STREAM: f64 = 2_000.0;
/// Ports, or targets, from which on few sources with few packets each are a scan.
pub const SCANNED_MIN: f64 = 20.0;
/// Packets to each port, or target, that a scan sends.
pub const SCAN_PACKETS_MAX: f64 = 6.0;

/// Requests for addresses in a second which no network of people makes.
pub const DHCP_PEAK_MIN: f64 = 25.0;

/// Something that is no attack and could be taken for one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Benign {
    /// Few sources try many ports of a target.
    PortScan,
    /// Few sources try many targets.
    HostScan,
    /// Answers to packets that somebody else forged.
    Backscatter,
}

impl Benign {
    /// Stable name.
    pub fn name(self) -> &'static str {
        match self {
            Self::PortScan => "port_scan",
            Self::HostScan => "host_scan",
            Self::Backscatter => "backscatter",
        }
    }
}

/// A component that is part of an attack.
#[derive(Clone, Debug)]
pub struct Found<'a> {
    /// Which vector.
    pub vector: Vector,
    /// Its components: the main one first, then pieces that belong to it.
    pub parts: Vec<&'a Part>,
}

impl Found<'_> {
    /// Packets that nobody asked for.
    pub fn packets(&self) -> f64 {
        self.parts.iter().map(|part| part.unasked()).sum()
    }

    /// Octets, all of them.
    pub fn octets(&self) -> f64 {
        self.parts.iter().map(|part| part.octets).sum()
    }
}

/// What a target's traffic comes to.
#[derive(Clone, Debug, Default)]
pub struct Judged<'a> {
    /// Vectors, the largest first.
    pub found: Vec<Found<'a>>,
    /// What is no attack.
    pub benign: Vec<Benign>,
}

/// Judges the traffic towards one target, or towards one prefix.
pub fn judge(target: &Target) -> Judged<'_> {
    let mut judged = Judged::default();
    tcp(target, &mut judged);
    udp(target, &mut judged);
    others(target, &mut judged);
    fold_pieces(target, &mut judged);
    let all: f64 = judged.found.iter().map(Found::packets).sum();
    let octets: f64 = judged.found.iter().map(Found::octets).sum();
    judged.found.retain(|found| {
        let share = (found.packets() / all).max(found.octets() / octets);
        share >= COMPONENT_SHARE_MIN
    });
    judged.found.sort_by(|a, b| b.packets().total_cmp(&a.packets()));
    judged.benign.sort_unstable();
    judged.benign.dedup();
    judged
}

/// Few sources that try one thing after the other.
fn scan(part: &Part) -> Option<Benign> {
    let few = part.sources.count() <= SOURCES_FEW;
    let each = |many: f64| many >= SCANNED_MIN && part.packets / many <= SCAN_PACKETS_MAX;
    if few && each(part.targets.count()) {
        Some(Benign::HostScan)
    } else if few && each(part.ports.count()) {
        Some(Benign::PortScan)
    } else {
        None
    }
}

/// Whether a component is large and fast enough, and from enough sources.
fn is_flood(part: &Part, peak_of_few: f64) -> bool {
    part.unasked() >= PACKETS_MIN
        && part.counted >= PACKETS_MIN
        && is_of_many(part.sources.count(), part.peak_packets(), peak_of_few)
}

/// Whether so many sources with so many packets in the fullest second are no conversation.
pub fn is_of_many(sources: f64, peak: f64, peak_of_few: f64) -> bool {
    sources >= SOURCES_MANY || sources > SOURCES_FEW && peak >= PEAK_OF_FEW || peak >= peak_of_few
}

fn tcp<'a>(target: &'a Target, judged: &mut Judged<'a>) {
    let all = target.packets(Class::is_tcp);
    let mut suspects: Vec<Found<'a>> = Vec::new();
    let mut suspect = |class: Class, vector: Vector, holds: &dyn Fn(&Part) -> bool| {
        let Some(part) = target.parts.get(&class) else { return };
        if let Some(benign) = scan(part).filter(|_| part.unasked() >= SCANNED_MIN) {
            // One that answers many who did not ask is a victim whose attacker forged their names.
            let answers = matches!(class, Class::SynAck | Class::Reset);
            judged.benign.push(if answers { Benign::Backscatter } else { benign });
        } else if holds(part) {
            suspects.push(Found { vector, parts: vec![part] });
        }
    };
    suspect(Class::Syn, Vector::TcpSyn, &|part| is_flood(part, PEAK_OF_FEW));
    suspect(Class::Null, Vector::TcpNull, &|part| is_flood(part, PEAK_OF_FEW));
    // Nobody sends these to one who did not ask, however slowly: of several it needs no speed.
    let several = |part: &Part| part.sources.count() > SOURCES_FEW;
    let unasked = |part: &Part| part.unasked().min(part.counted) >= PACKETS_MIN && several(part);
    suspect(Class::SynAck, Vector::TcpSynAck, &|part| unasked(part) || is_flood(part, PEAK_OF_FEW));
    let many = |part: &Part| several(part) && is_flood(part, f64::MAX);
    let short = |part: &Part| part.packets / part.sources.count().max(1.0) <= SCAN_PACKETS_MAX;
    suspect(Class::WebBody, Vector::TcpMiddlebox, &|part| many(part) && short(part));
    let fast = |part: &Part| short(part) || part.peak_packets() >= PEAK_OF_STREAM;
    suspect(Class::Ack, Vector::TcpAck, &|part| is_flood(part, PEAK_OF_STREAM) && fast(part));
    suspect(Class::Reset, Vector::TcpRst, &|part| is_flood(part, PEAK_OF_STREAM) && fast(part));
    let abnormal: f64 = suspects.iter().map(Found::packets).sum();
    if abnormal < ABNORMAL_SHARE_MIN * all {
        return;
    }
    // Reflectors reset what they cannot answer: that is one vector, not two.
    let reflects = suspects.iter().any(|found| found.vector == Vector::TcpSynAck);
    if reflects {
        suspects.retain(|found| found.vector != Vector::TcpRst);
    }
    judged.found.append(&mut suspects);
}

fn udp<'a>(target: &'a Target, judged: &mut Judged<'a>) {
    let is_abnormal = |part: &Part| part.unasked() >= 0.8 * part.packets;
    let mut amplified = Vec::new();
    let mut amplified_packets = 0.0;
    let mut rest = Vec::new();
    let mut all = 0.0;
    for (class, part) in target.parts.iter().filter(|(class, _)| class.is_udp()) {
        all += part.unasked();
        if *class == Class::Dhcp {
            if part.packets >= PACKETS_MIN && part.peak_packets() >= DHCP_PEAK_MIN {
                judged.found.push(Found { vector: Vector::Dhcp, parts: vec![part] });
            }
            continue;
        }
        if let Some(benign) = scan(part).filter(|_| part.unasked() >= SCANNED_MIN)
            && part.peak_packets() < PEAK_OF_STREAM
        {
            judged.benign.push(benign);
            continue;
        }
        if !is_abnormal(part) {
            continue;
        }
        match class {
            Class::Amplifier(place) if part.sources.count() > SOURCES_FEW => {
                amplified_packets += part.unasked();
                if part.unasked().min(part.counted) >= PACKETS_MIN && is_large(part) {
                    let vector = Vector::Amplification(*place);
                    amplified.push(Found { vector, parts: vec![part] });
                }
            }
            // Questions that are not asked at random are ordinary: no arm below may take them.
            Class::DnsQuery if part.named > 0 => {
                let at_random = is_flood(part, PEAK_OF_STREAM) && asks_at_random(part);
                let found = || Found { vector: Vector::DnsQuery, parts: vec![part] };
                judged.found.extend(at_random.then(found));
            }
            _ if is_flood(part, PEAK_OF_STREAM) => {
                rest.push(Found { vector: Vector::Udp, parts: vec![part] });
            }
            _ => {}
        }
    }
    if amplified_packets >= AMPLIFIED_SHARE_MIN * all {
        judged.found.append(&mut amplified);
    } else {
        rest.extend(amplified.into_iter().map(|found| Found { vector: Vector::Udp, ..found }));
    }
    judged.found.extend(merged(rest));
}

/// Answers worth the attacker's while: larger than those that everybody gets all the time.
fn is_large(part: &Part) -> bool {
    /// Octets of an ordinary answer of a name or time server, headers included, and some more.
    const ORDINARY_OCTETS: f64 = 100.0;
    part.octets_mean() > ORDINARY_OCTETS || part.peak_packets() >= PEAK_OF_STREAM
}

/// Names that nobody would ask for twice: a zone is asked for names that do not exist.
fn asks_at_random(part: &Part) -> bool {
    const NEW_NAMES_SHARE_MIN: f64 = 0.7;
    part.names.count() >= NEW_NAMES_SHARE_MIN * part.named as f64
}

/// Several components of one vector are one.
fn merged(found: Vec<Found<'_>>) -> Option<Found<'_>> {
    let vector = found.first()?.vector;
    Some(Found { vector, parts: found.into_iter().flat_map(|found| found.parts).collect() })
}

fn others<'a>(target: &'a Target, judged: &mut Judged<'a>) {
    let mut protocols = Vec::new();
    let mut pings = Vec::new();
    for (class, part) in &target.parts {
        match class {
            Class::Icmp | Class::EchoReply if is_flood(part, PEAK_OF_FEW) => match scan(part) {
                Some(benign) => judged.benign.push(benign),
                None => pings.push(Found { vector: Vector::Icmp, parts: vec![part] }),
            },
            Class::IcmpError if part.unasked() >= PACKETS_MIN => {
                if part.peak_packets() >= PEAK_OF_STREAM && is_most(part, target) {
                    pings.push(Found { vector: Vector::Icmp, parts: vec![part] });
                } else {
                    judged.benign.push(Benign::Backscatter);
                }
            }
            Class::Extended if is_flood(part, PEAK_OF_FEW) && is_most(part, target) => {
                let vector = Vector::Ipv6ExtensionHeaders;
                judged.found.push(Found { vector, parts: vec![part] });
            }
            Class::Protocol(number)
                if *number != protocol::ICMPV6
                    && is_flood(part, PEAK_OF_STREAM)
                    && part.unasked() >= 0.8 * part.packets =>
            {
                protocols.push(Found { vector: Vector::IpProtocol, parts: vec![part] });
            }
            _ => {}
        }
    }
    judged.found.extend(merged(pings));
    judged.found.extend(merged(protocols));
}

fn is_most(part: &Part, target: &Target) -> bool {
    part.packets >= ABNORMAL_SHARE_MIN * target.packets(|_| true)
}

/// Later pieces have no ports: they belong to the vector of their protocol, if there is one.
fn fold_pieces<'a>(target: &'a Target, judged: &mut Judged<'a>) {
    for (class, part) in &target.parts {
        let Class::Later(number) = class else { continue };
        let belongs = |vector: Vector| match *number {
            protocol::UDP => matches!(vector, Vector::Udp | Vector::Amplification(_)),
            protocol::ICMP | protocol::ICMPV6 => vector == Vector::Icmp,
            protocol::TCP => matches!(vector, Vector::TcpSyn | Vector::TcpAck),
            _ => vector == Vector::IpProtocol,
        };
        let mut owners = judged.found.iter_mut().filter(|found| belongs(found.vector));
        let largest = owners.by_ref().max_by(|a, b| a.packets().total_cmp(&b.packets()));
        match largest {
            Some(owner) => owner.parts.push(part),
            None if is_flood(part, PEAK_OF_STREAM) => {
                judged.found.push(Found { vector: Vector::Fragment, parts: vec![part] });
            }
            None => {}
        }
    }
}

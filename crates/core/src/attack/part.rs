//! One component of the traffic towards a target, and what is measured of it.

use std::collections::BTreeMap;

use outcry_decode::packet::flag;
use outcry_decode::packet::protocol;
use outcry_decode::record::Fragment;

use crate::attack::seen::Grain;
use crate::attack::seen::Seen;
use crate::attack::vector::amplifier;
use crate::traffic::sketch::sample::Distinct;
use crate::traffic::sketch::sample::KEPT_FEW;
use crate::traffic::sketch::sample::KEPT_MANY;

/// Seconds of one component that are kept apart; of a longer one the rest is one sum.
pub const SECONDS_MAX: usize = 86_400;

/// Seconds over which a record is spread at most; exporters cut longer flows into several records.
pub const SPREAD_SECONDS_MAX: i64 = 300;

/// Which component a packet belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// SYN without ACK, whatever else.
    Syn,
    /// SYN with ACK.
    SynAck,
    /// RST, or FIN without ACK.
    Reset,
    /// No flags, or FIN, PSH and URG at once.
    Null,
    /// ACK with or without data, from a web server's port with data.
    WebBody,
    /// ACK with or without data.
    Ack,
    /// A record of a whole conversation, or of a part of one whose other parts sampling hides.
    Conversation,
    /// UDP from a service that amplifies.
    Amplifier(u8),
    /// Requests for addresses, and their answers.
    Dhcp,
    /// UDP to port 53.
    DnsQuery,
    /// Any other UDP.
    Udp,
    /// ICMP errors, which quote a packet.
    IcmpError,
    /// Answers to pings.
    EchoReply,
    /// Any other ICMP.
    Icmp,
    /// Later pieces, by protocol.
    Later(u8),
    /// IPv6 with extension headers.
    Extended,
    /// Any other protocol.
    Protocol(u8),
}

impl Class {
    /// The component of one thing seen.
    pub fn of(seen: &Seen) -> Self {
        if seen.extension_headers > 0 {
            return Self::Extended;
        }
        if seen.fragment == Fragment::Later {
            return Self::Later(seen.protocol);
        }
        match seen.protocol {
            protocol::TCP => Self::of_tcp(seen),
            protocol::UDP => Self::of_udp(seen),
            protocol::ICMP => match seen.icmp_type {
                3 | 4 | 5 | 11 | 12 => Self::IcmpError,
                0 => Self::EchoReply,
                _ => Self::Icmp,
            },
            protocol::ICMPV6 => match seen.icmp_type {
                1..=4 => Self::IcmpError,
                129 => Self::EchoReply,
                // Neighbours of a link talk to each other all the time (RFC 4861).
                133..=137 | 143 => Self::Protocol(protocol::ICMPV6),
                _ => Self::Icmp,
            },
            other => Self::Protocol(other),
        }
    }

    fn of_tcp(seen: &Seen) -> Self {
        let flags = seen.tcp_flags & 0x3F;
        let has = |wanted: u16| flags & wanted == wanted;
        if flags == 0 || has(flag::FIN | flag::PSH | flag::URG) && !has(flag::ACK) {
            return Self::Null;
        }
        if seen.grain == Grain::Record {
            let more = flags & (flag::PSH | flag::FIN) != 0;
            if has(flag::SYN | flag::ACK) && (more || seen.packets > 3.0) {
                return Self::Conversation;
            }
        }
        if seen.sampled && !has(flag::SYN) {
            return Self::Conversation;
        }
        if has(flag::SYN) {
            return if has(flag::ACK) { Self::SynAck } else { Self::Syn };
        }
        if has(flag::RST) || has(flag::FIN) && !has(flag::ACK) {
            return Self::Reset;
        }
        let has_body = match seen.payload {
            Some(payload) => payload > 0,
            None => seen.octets / seen.packets.max(1.0) > 200.0,
        };
        if has_body && matches!(seen.source_port, 80 | 443) { Self::WebBody } else { Self::Ack }
    }

    fn of_udp(seen: &Seen) -> Self {
        let dhcp = |port: u16| matches!(port, 67 | 68);
        if dhcp(seen.source_port) && dhcp(seen.target_port) {
            return Self::Dhcp;
        }
        // QUIC, of which sampling shows one side only.
        if seen.sampled && seen.source_port == 443 {
            return Self::Conversation;
        }
        if let Some(place) = amplifier(seen.source_port) {
            return Self::Amplifier(place);
        }
        if seen.target_port == 53 { Self::DnsQuery } else { Self::Udp }
    }

    /// Whether it is TCP.
    pub fn is_tcp(self) -> bool {
        matches!(
            self,
            Self::Syn
                | Self::SynAck
                | Self::Reset
                | Self::Null
                | Self::WebBody
                | Self::Ack
                | Self::Conversation
        )
    }

    /// Whether it is UDP.
    pub fn is_udp(self) -> bool {
        matches!(self, Self::Amplifier(_) | Self::Dhcp | Self::DnsQuery | Self::Udp)
    }
}

/// Packets and octets of one second.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Second {
    /// Packets.
    pub packets: f64,
    /// Octets.
    pub octets: f64,
}

/// One component of the traffic towards one target.
#[derive(Clone, Debug)]
pub struct Part {
    /// Packets.
    pub packets: f64,
    /// Packets that were really looked at.
    pub counted: f64,
    /// Octets.
    pub octets: f64,
    /// Records, or packets where there are no records.
    pub records: u64,
    /// Packets that answer something the target sent, or belong to a connection it took part in.
    pub asked: f64,
    /// First and last, milliseconds since 1970.
    pub span_ms: (i64, i64),
    /// By second.
    pub seconds: BTreeMap<i64, Second>,
    /// Sources.
    pub sources: Distinct,
    /// Ports of the target.
    pub ports: Distinct,
    /// Targets; one, but for prefixes.
    pub targets: Distinct,
    /// Names that were asked for.
    pub names: Distinct,
    /// Packets that asked for a name.
    pub named: u64,
    /// Records by time to live.
    pub ttls: BTreeMap<u8, u64>,
    /// Nobody said how packets were chosen.
    pub sampling_unknown: bool,
}

impl Part {
    /// Nothing seen yet.
    pub fn new(at_ms: i64) -> Self {
        Self {
            packets: 0.0,
            counted: 0.0,
            octets: 0.0,
            records: 0,
            asked: 0.0,
            span_ms: (at_ms, at_ms),
            seconds: BTreeMap::new(),
            sources: Distinct::new(KEPT_MANY),
            ports: Distinct::new(KEPT_FEW),
            targets: Distinct::new(KEPT_FEW),
            names: Distinct::new(KEPT_FEW),
            named: 0,
            ttls: BTreeMap::new(),
            sampling_unknown: false,
        }
    }

    /// Takes one thing seen.
    pub fn add(&mut self, key: u64, seen: &Seen, asked: bool) {
        self.packets += seen.packets;
        self.counted += seen.counted;
        self.octets += seen.octets;
        self.records += 1;
        self.asked += if asked { seen.packets } else { 0.0 };
        let until_ms = seen.at_ms + seen.lasts_ms.max(0);
        self.span_ms = (self.span_ms.0.min(seen.at_ms), self.span_ms.1.max(until_ms));
        self.spread(seen, until_ms);
        self.sources.add(key, seen.source);
        self.ports.add(key, u128::from(seen.target_port));
        self.targets.add(key, seen.target);
        if let Some(name) = seen.dns_name {
            self.names.add(key, u128::from(name));
            self.named += 1;
        }
        if let Some(ttl) = seen.ttl {
            *self.ttls.entry(ttl).or_insert(0) += 1;
        }
        self.sampling_unknown |= seen.sampling_unknown;
    }

    /// Puts what was seen into its second, or evenly into those that a record lasted.
    fn spread(&mut self, seen: &Seen, until_ms: i64) {
        let first = seen.at_ms.div_euclid(1_000);
        let last = until_ms.div_euclid(1_000).min(first + SPREAD_SECONDS_MAX - 1);
        let share = 1.0 / (last - first + 1) as f64;
        for second in first..=last {
            if self.seconds.len() < SECONDS_MAX || self.seconds.contains_key(&second) {
                let second = self.seconds.entry(second).or_default();
                second.packets += seen.packets * share;
                second.octets += seen.octets * share;
            }
        }
    }

    /// Packets that nobody asked for.
    pub fn unasked(&self) -> f64 {
        (self.packets - self.asked).max(0.0)
    }

    /// Packets in the fullest second.
    pub fn peak_packets(&self) -> f64 {
        self.seconds.values().map(|second| second.packets).fold(0.0, f64::max)
    }

    /// Octets of a packet on average.
    pub fn octets_mean(&self) -> f64 {
        self.octets / self.packets.max(1.0)
    }
}

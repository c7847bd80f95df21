//! One flow, as all flow formats are read into: fixed size, no pointers, numbers in SI units.
//!
//! Octets and packets are **as exported**, not multiplied by the sampling rate: the estimate is
//! [`Flow::octets_estimated`], and there is none when the rate is unknown.
//!
//! What it cannot tell: a field that was not exported from one that was zero, unless
//! [`Flow::exported`] is asked. Some exporters write zero where they mean "not known" (AS numbers,
//! interfaces); nobody can tell these apart.

use crate::address::Address;

/// Where a sampling rate was learnt.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SamplingOrigin {
    /// Nobody said. The true traffic is at least what was counted.
    #[default]
    Unknown,
    /// The operator's configuration says so; the exporter did not.
    Configured,
    /// The exporter's sampler table (options data) says so.
    Table,
    /// The record or its datagram says so itself.
    Record,
}

/// How packets were chosen: `taken` out of every `of`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sampling {
    taken: u32,
    of: u32,
    origin: SamplingOrigin,
}

impl Sampling {
    /// Nobody said how packets were chosen.
    pub const UNKNOWN: Self = Self { taken: 0, of: 0, origin: SamplingOrigin::Unknown };

    /// One packet of every `of`; unknown when `of` is 0.
    #[inline]
    pub const fn one_in(of: u32, origin: SamplingOrigin) -> Self {
        Self::ratio(1, of, origin)
    }

    /// `taken` packets of every `of`; unknown when that is no ratio of a part to a whole.
    #[inline]
    pub const fn ratio(taken: u32, of: u32, origin: SamplingOrigin) -> Self {
        if taken == 0 || of < taken || matches!(origin, SamplingOrigin::Unknown) {
            return Self::UNKNOWN;
        }
        Self { taken, of, origin }
    }

    /// Packets that stand behind one that was counted; `None` when unknown, never 1 instead.
    #[inline]
    pub fn weight(self) -> Option<f64> {
        (self.taken != 0).then(|| f64::from(self.of) / f64::from(self.taken))
    }

    /// Where the rate was learnt.
    #[inline]
    pub const fn origin(self) -> SamplingOrigin {
        self.origin
    }

    /// Whether nobody said.
    #[inline]
    pub const fn is_unknown(self) -> bool {
        self.taken == 0
    }
}

/// What is known of fragmentation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Fragment {
    /// Not exported.
    #[default]
    Unknown,
    /// A whole packet.
    Whole,
    /// The first fragment: it holds the ports.
    First,
    /// A later fragment: it holds no ports.
    Later,
}

/// The side of the exporter that saw the flow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Direction {
    /// Not exported.
    #[default]
    Unknown,
    /// Coming in.
    Ingress,
    /// Going out.
    Egress,
}

/// A set of fields that a record was exported with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fields(u32);

impl Fields {
    /// Source address.
    pub const SOURCE: Self = Self(1);
    /// Target address.
    pub const TARGET: Self = Self(1 << 1);
    /// Both ports.
    pub const PORTS: Self = Self(1 << 2);
    /// Protocol number.
    pub const PROTOCOL: Self = Self(1 << 3);
    /// TCP flags.
    pub const TCP_FLAGS: Self = Self(1 << 4);
    /// Octets.
    pub const OCTETS: Self = Self(1 << 5);
    /// Packets.
    pub const PACKETS: Self = Self(1 << 6);
    /// Start and end; without them both are the time of the export.
    pub const TIMES: Self = Self(1 << 7);
    /// ICMP type and code.
    pub const ICMP: Self = Self(1 << 8);
    /// Time to live, or hop limit.
    pub const TTL: Self = Self(1 << 9);
    /// Source AS.
    pub const SOURCE_AS: Self = Self(1 << 10);
    /// Target AS.
    pub const TARGET_AS: Self = Self(1 << 11);
    /// Interface it came in by.
    pub const IN_INTERFACE: Self = Self(1 << 12);
    /// Interface it went out by.
    pub const OUT_INTERFACE: Self = Self(1 << 13);
    /// The router dropped it (forwarding status, RFC 7270 §4.12).
    pub const DROPPED: Self = Self(1 << 14);
    /// It is the other direction of a two-way record (RFC 5103): one record gave two flows.
    pub const ANSWER: Self = Self(1 << 15);
    /// It was read from the sampled head of a packet (IPFIX elements 313 and 315).
    pub const SECTION: Self = Self(1 << 16);

    /// Both sets together.
    #[inline]
    pub const fn with(self, more: Self) -> Self {
        Self(self.0 | more.0)
    }

    /// This set without those.
    #[inline]
    pub const fn without(self, less: Self) -> Self {
        Self(self.0 & !less.0)
    }

    /// Whether all of `wanted` are in.
    #[inline]
    pub const fn has(self, wanted: Self) -> bool {
        self.0 & wanted.0 == wanted.0
    }
}

/// One direction of one conversation, as an exporter counted it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Flow {
    /// Who sent it, as the packets said; the sender may have lied.
    pub source: Address,
    /// Where it went.
    pub target: Address,
    /// Octets counted, from the IP header on (not multiplied by sampling).
    pub octets: u64,
    /// Packets counted (not multiplied by sampling).
    pub packets: u64,
    /// First packet, in milliseconds since 1970, UTC.
    pub start_ms: u64,
    /// Last packet, in milliseconds since 1970, UTC.
    pub end_ms: u64,
    /// How packets were chosen.
    pub sampling: Sampling,
    /// AS of the source; 0 when not exported.
    pub source_as: u32,
    /// AS of the target; 0 when not exported.
    pub target_as: u32,
    /// Interface it came in by; 0 when not exported.
    pub in_interface: u32,
    /// Interface it went out by; 0 when not exported.
    pub out_interface: u32,
    /// Port of the source; 0 in a protocol without ports and in later fragments.
    pub source_port: u16,
    /// Port of the target.
    pub target_port: u16,
    /// All TCP flags seen, FIN in the lowest bit (RFC 9293 §3.1), nine bits.
    pub tcp_flags: u16,
    /// IANA protocol number.
    pub protocol: u8,
    /// ICMP type.
    pub icmp_type: u8,
    /// ICMP code.
    pub icmp_code: u8,
    /// Time to live or hop limit as last seen; 0 when not exported.
    pub ttl: u8,
    /// What is known of fragmentation.
    pub fragment: Fragment,
    /// The side of the exporter that saw it.
    pub direction: Direction,
    /// Which fields the exporter sent.
    pub exported: Fields,
}

impl Flow {
    /// Octets that stand behind those counted; `None` when the sampling is unknown.
    pub fn octets_estimated(&self) -> Option<f64> {
        Some(self.octets as f64 * self.sampling.weight()?)
    }

    /// Packets that stand behind those counted; `None` when the sampling is unknown.
    pub fn packets_estimated(&self) -> Option<f64> {
        Some(self.packets as f64 * self.sampling.weight()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_sampling_has_no_weight() {
        assert_eq!(Sampling::default().weight(), None);
        assert_eq!(Sampling::one_in(0, SamplingOrigin::Record), Sampling::UNKNOWN);
        assert_eq!(Sampling::one_in(5, SamplingOrigin::Unknown), Sampling::UNKNOWN);
        assert_eq!(Sampling::ratio(3, 2, SamplingOrigin::Table), Sampling::UNKNOWN);
        assert_eq!(Sampling::ratio(2, 5, SamplingOrigin::Table).weight(), Some(2.5));
        let flow = Flow { octets: 100, packets: 2, ..Flow::default() };
        assert_eq!((flow.octets_estimated(), flow.packets_estimated()), (None, None));
    }

    #[test]
    fn a_flow_is_small_enough_to_copy() {
        assert!(size_of::<Flow>() <= 128, "{}", size_of::<Flow>());
    }
}

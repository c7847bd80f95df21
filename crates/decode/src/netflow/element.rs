//! Information elements: which numbers of IANA's registry say what a flow record wants to know.
//!
//! Where several elements say the same (octets since the last report, octets in total), the one
//! with the lower rank counts.

/// What a field of a template is wanted for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Slot {
    /// Source address of IPv4.
    Source4,
    /// Target address of IPv4.
    Target4,
    /// Source address of IPv6.
    Source6,
    /// Target address of IPv6.
    Target6,
    /// Octets.
    Octets,
    /// Packets.
    Packets,
    /// Octets of the answers (RFC 5103).
    AnswerOctets,
    /// Packets of the answers.
    AnswerPackets,
    /// Source port.
    SourcePort,
    /// Target port.
    TargetPort,
    /// Protocol number.
    Protocol,
    /// TCP flags.
    TcpFlags,
    /// TCP flags of the answers.
    AnswerTcpFlags,
    /// First packet, in milliseconds of uptime.
    FirstUptime,
    /// Last packet, in milliseconds of uptime.
    LastUptime,
    /// First packet, in seconds since 1970.
    FirstSeconds,
    /// Last packet, in seconds since 1970.
    LastSeconds,
    /// First packet, in milliseconds since 1970.
    FirstMilliseconds,
    /// Last packet, in milliseconds since 1970.
    LastMilliseconds,
    /// First packet, in NTP format, of micro- or nanoseconds.
    FirstNtp,
    /// Last packet, in NTP format.
    LastNtp,
    /// First packet, in microseconds before the export.
    FirstBefore,
    /// Last packet, in microseconds before the export.
    LastBefore,
    /// Duration, in milliseconds.
    Duration,
    /// When the exporter's clock of milliseconds began, in milliseconds since 1970.
    BootedAt,
    /// ICMP type and code in one number.
    IcmpTypeCode,
    /// ICMP type.
    IcmpType,
    /// ICMP code.
    IcmpCode,
    /// Time to live.
    Ttl,
    /// Where a fragment begins.
    FragmentOffset,
    /// Fragment flags of IPv4.
    FragmentFlags,
    /// Direction.
    Direction,
    /// Forwarding status.
    Forwarding,
    /// AS of the source.
    SourceAs,
    /// AS of the target.
    TargetAs,
    /// Interface it came in by.
    InInterface,
    /// Interface it went out by.
    OutInterface,
    /// Sampler or selector that chose the packets.
    Sampler,
    /// One in so many, said by the sampler.
    SamplerInterval,
    /// One in so many.
    SamplingInterval,
    /// Packets taken in a row.
    TakenInRow,
    /// Packets left out between.
    LeftBetween,
    /// Packets taken of a population.
    TakenOf,
    /// The population.
    Population,
    /// Probability of being taken.
    Probability,
    /// The sampled head of a frame.
    FrameSection,
    /// The sampled head of an IP packet.
    PacketSection,
    /// Length of the sampled frame or packet.
    SectionLength,
}

impl Slot {
    /// How many there are.
    pub const COUNT: usize = Self::SectionLength as usize + 1;
}

/// Enterprise number of the answers of two-way flows (RFC 5103 §6.1).
const REVERSE: u32 = 29_305;

/// The slot of an element and its rank in it; `None` when nothing here wants it.
pub fn slot(enterprise: u32, element: u16) -> Option<(Slot, u8)> {
    match enterprise {
        0 => standard(element),
        REVERSE => reverse(element),
        _ => None,
    }
}

fn standard(element: u16) -> Option<(Slot, u8)> {
    Some(match element {
        1 => (Slot::Octets, 0),
        85 => (Slot::Octets, 1),
        231 => (Slot::Octets, 2),
        23 => (Slot::Octets, 3),
        352 => (Slot::Octets, 4),
        2 => (Slot::Packets, 0),
        86 => (Slot::Packets, 1),
        298 => (Slot::Packets, 2),
        24 => (Slot::Packets, 3),
        232 => (Slot::AnswerOctets, 1),
        299 => (Slot::AnswerPackets, 1),
        4 => (Slot::Protocol, 0),
        6 => (Slot::TcpFlags, 0),
        7 => (Slot::SourcePort, 0),
        180 => (Slot::SourcePort, 1),
        182 => (Slot::SourcePort, 2),
        11 => (Slot::TargetPort, 0),
        181 => (Slot::TargetPort, 1),
        183 => (Slot::TargetPort, 2),
        8 => (Slot::Source4, 0),
        12 => (Slot::Target4, 0),
        27 => (Slot::Source6, 0),
        28 => (Slot::Target6, 0),
        10 => (Slot::InInterface, 0),
        252 => (Slot::InInterface, 1),
        14 => (Slot::OutInterface, 0),
        253 => (Slot::OutInterface, 1),
        16 => (Slot::SourceAs, 0),
        17 => (Slot::TargetAs, 0),
        21 => (Slot::LastUptime, 0),
        22 => (Slot::FirstUptime, 0),
        150 => (Slot::FirstSeconds, 0),
        151 => (Slot::LastSeconds, 0),
        152 => (Slot::FirstMilliseconds, 0),
        153 => (Slot::LastMilliseconds, 0),
        154 => (Slot::FirstNtp, 0),
        156 => (Slot::FirstNtp, 1),
        155 => (Slot::LastNtp, 0),
        157 => (Slot::LastNtp, 1),
        158 => (Slot::FirstBefore, 0),
        159 => (Slot::LastBefore, 0),
        160 => (Slot::BootedAt, 0),
        161 => (Slot::Duration, 0),
        32 => (Slot::IcmpTypeCode, 0),
        139 => (Slot::IcmpTypeCode, 1),
        176 => (Slot::IcmpType, 0),
        178 => (Slot::IcmpType, 1),
        177 => (Slot::IcmpCode, 0),
        179 => (Slot::IcmpCode, 1),
        192 => (Slot::Ttl, 0),
        52 => (Slot::Ttl, 1),
        53 => (Slot::Ttl, 2),
        88 => (Slot::FragmentOffset, 0),
        197 => (Slot::FragmentFlags, 0),
        61 => (Slot::Direction, 0),
        89 => (Slot::Forwarding, 0),
        48 => (Slot::Sampler, 1),
        302 => (Slot::Sampler, 0),
        50 => (Slot::SamplerInterval, 0),
        34 => (Slot::SamplingInterval, 0),
        305 => (Slot::TakenInRow, 0),
        306 => (Slot::LeftBetween, 0),
        309 => (Slot::TakenOf, 0),
        310 => (Slot::Population, 0),
        311 => (Slot::Probability, 0),
        315 => (Slot::FrameSection, 0),
        104 => (Slot::FrameSection, 1),
        313 => (Slot::PacketSection, 0),
        312 => (Slot::SectionLength, 0),
        410 => (Slot::SectionLength, 1),
        103 => (Slot::SectionLength, 2),
        _ => return None,
    })
}

fn reverse(element: u16) -> Option<(Slot, u8)> {
    Some(match element {
        1 => (Slot::AnswerOctets, 0),
        85 => (Slot::AnswerOctets, 2),
        2 => (Slot::AnswerPackets, 0),
        86 => (Slot::AnswerPackets, 2),
        6 => (Slot::AnswerTcpFlags, 0),
        _ => return None,
    })
}

//! One captured packet: who sent what to whom, read from the link layer up.
//!
//! A packet has **one** header that counts, [`Packet::ip`]: the outermost IP header. What a tunnel
//! carries is [`Packet::tunnelled`], and what an ICMP error quotes is [`Packet::quoted`]: a quoted
//! address is somebody's earlier packet, so it never is the target of this one.
//!
//! Names and requests inside the payload are read on demand ([`crate::packet::payload`]), since
//! most packets of a flood have none.
//!
//! What it cannot tell: what lay behind the cut of a short capture; lengths are those that the
//! headers say. Ports of later fragments; they stand in the first only.
//!
//! References: RFC 791, 8200, 9293, 768, 792, 4443, 2784, 7348, 3032, 2516.

use crate::address::Address;
use crate::fault::FaultKind;
use crate::record::Direction;
use crate::record::Fields;
use crate::record::Flow;
use crate::record::Fragment;
use crate::record::Sampling;

mod inside;
mod ip;
mod link;
pub mod payload;
mod transport;

#[cfg(test)]
mod tests;

pub use self::link::Link;

/// TCP flags (RFC 9293 §3.1, RFC 3168), as in [`Header::tcp_flags`] and [`Flow::tcp_flags`].
pub mod flag {
    /// No more data from the sender.
    pub const FIN: u16 = 0x01;
    /// Synchronise sequence numbers.
    pub const SYN: u16 = 0x02;
    /// Reset the connection.
    pub const RST: u16 = 0x04;
    /// Push.
    pub const PSH: u16 = 0x08;
    /// The acknowledgement counts.
    pub const ACK: u16 = 0x10;
    /// The urgent pointer counts.
    pub const URG: u16 = 0x20;
    /// Echo of congestion.
    pub const ECE: u16 = 0x40;
    /// Congestion window reduced.
    pub const CWR: u16 = 0x80;
}

/// IANA protocol numbers that are asked for by name.
pub mod protocol {
    /// ICMP of IPv4.
    pub const ICMP: u8 = 1;
    /// IPv4 in IP.
    pub const IPIP: u8 = 4;
    /// TCP.
    pub const TCP: u8 = 6;
    /// UDP.
    pub const UDP: u8 = 17;
    /// IPv6 in IP.
    pub const IPV6: u8 = 41;
    /// Generic routing encapsulation.
    pub const GRE: u8 = 47;
    /// Encrypted payload of IPsec.
    pub const ESP: u8 = 50;
    /// ICMP of IPv6.
    pub const ICMPV6: u8 = 58;
    /// SCTP.
    pub const SCTP: u8 = 132;
}

/// What is said of one IP packet by its own headers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Header {
    /// Who sent it, as it says itself.
    pub source: Address,
    /// Where it goes.
    pub target: Address,
    /// Length of the IP packet in octets, as its header says.
    pub octets: u32,
    /// Length of what follows the transport header in octets, as the headers say.
    pub payload_octets: u32,
    /// Where this fragment begins, in octets; 0 when whole.
    pub fragment_offset: u32,
    /// TCP sequence number; 0 elsewhere.
    pub tcp_sequence: u32,
    /// Port of the source; 0 where there is none.
    pub source_port: u16,
    /// Port of the target.
    pub target_port: u16,
    /// TCP flags, nine bits ([`flag`]).
    pub tcp_flags: u16,
    /// IANA protocol number, after IPv6 extension headers.
    pub protocol: u8,
    /// Time to live, or hop limit.
    pub ttl: u8,
    /// ICMP type; 0 elsewhere.
    pub icmp_type: u8,
    /// ICMP code.
    pub icmp_code: u8,
    /// IPv6 extension headers passed.
    pub extension_headers: u8,
    /// What is known of fragmentation.
    pub fragment: Fragment,
    /// Whether the transport header was captured: ports, flags and type can be believed.
    pub transport_seen: bool,
}

/// What lay around or inside a packet, as a set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wrapping(u16);

impl Wrapping {
    /// IEEE 802.1Q or 802.1ad tags.
    pub const VLAN: Self = Self(1);
    /// MPLS labels.
    pub const MPLS: Self = Self(1 << 1);
    /// PPP over Ethernet.
    pub const PPPOE: Self = Self(1 << 2);
    /// GRE, inside the IP header that counts.
    pub const GRE: Self = Self(1 << 3);
    /// VXLAN.
    pub const VXLAN: Self = Self(1 << 4);
    /// IP in IP, either version in either.
    pub const IPIP: Self = Self(1 << 5);
    /// Geneve.
    pub const GENEVE: Self = Self(1 << 6);
    /// An IPsec authentication header was passed.
    pub const AH: Self = Self(1 << 7);

    /// Adds to the set.
    pub fn add(&mut self, more: Self) {
        self.0 |= more.0;
    }

    /// Whether it is in the set.
    pub const fn has(self, wanted: Self) -> bool {
        self.0 & wanted.0 == wanted.0
    }
}

/// One packet of a capture, or the sampled head of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Packet<'a> {
    /// When it was captured, in nanoseconds since 1970, UTC; 0 when the format does not say.
    pub at_ns: u64,
    /// Its length on the wire in octets, link layer included, however much was captured.
    pub wire_octets: u32,
    /// Octets that were captured.
    pub captured_octets: u32,
    /// EtherType in front of the IP header that counts.
    pub ethertype: u16,
    /// What lay around or inside.
    pub wrapping: Wrapping,
    /// The header that counts: the outermost.
    pub ip: Header,
    /// The innermost header inside a tunnel.
    pub tunnelled: Option<Header>,
    /// The packet that an ICMP error quotes. **Never a target.**
    pub quoted: Option<Header>,
    /// What follows the transport header of the innermost packet, as far as it was captured.
    pub payload: &'a [u8],
}

/// Bytes of one packet as a capture holds them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame<'a> {
    /// When, in nanoseconds since 1970, UTC; 0 when the format does not say.
    pub at_ns: u64,
    /// What the first byte belongs to.
    pub link: Link,
    /// Length on the wire in octets.
    pub wire_octets: u32,
    /// What was captured.
    pub bytes: &'a [u8],
}

/// Why a frame gave no packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotIp {
    /// Something else than IP, such as ARP, with its EtherType: nothing is wrong.
    Other(u16),
    /// It could not be read.
    Fault(FaultKind),
}

impl<'a> Packet<'a> {
    /// Reads one frame.
    ///
    /// # Errors
    ///
    /// [`NotIp`] when the frame holds no IP packet whose addresses were captured.
    #[inline]
    pub fn read(frame: &Frame<'a>) -> Result<Self, NotIp> {
        let mut wrapping = Wrapping::default();
        let network = link::network(frame.link, frame.bytes, &mut wrapping)?;
        let (ip, rest) =
            ip::header(network.bytes, network.version, &mut wrapping).map_err(NotIp::Fault)?;
        let mut packet = Self {
            at_ns: frame.at_ns,
            wire_octets: frame.wire_octets,
            captured_octets: frame.bytes.len() as u32,
            ethertype: network.ethertype,
            wrapping,
            ip,
            tunnelled: None,
            quoted: None,
            payload: rest,
        };
        packet.ip.octets = whole_octets(&packet, network.bytes);
        inside::look(&mut packet);
        Ok(packet)
    }

    /// The packet as a flow of one packet, seen by a sampler.
    pub fn flow(&self, sampling: Sampling) -> Flow {
        let at_ms = self.at_ns / NS_PER_MS;
        let ip = &self.ip;
        let mut exported = Fields::SOURCE
            .with(Fields::TARGET)
            .with(Fields::PROTOCOL)
            .with(Fields::OCTETS)
            .with(Fields::PACKETS)
            .with(Fields::TTL)
            .with(Fields::TIMES);
        if ip.transport_seen {
            exported = exported.with(match ip.protocol {
                protocol::TCP => Fields::PORTS.with(Fields::TCP_FLAGS),
                protocol::ICMP | protocol::ICMPV6 => Fields::ICMP,
                _ => Fields::PORTS,
            });
        }
        Flow {
            source: ip.source,
            target: ip.target,
            octets: u64::from(ip.octets),
            packets: 1,
            start_ms: at_ms,
            end_ms: at_ms,
            sampling,
            source_port: ip.source_port,
            target_port: ip.target_port,
            tcp_flags: ip.tcp_flags,
            protocol: ip.protocol,
            icmp_type: ip.icmp_type,
            icmp_code: ip.icmp_code,
            ttl: ip.ttl,
            fragment: ip.fragment,
            direction: Direction::Unknown,
            exported,
            ..Flow::default()
        }
    }
}

/// The length of the IP packet; a length of zero is a sender that lets its card cut the packet
/// (segmentation offload), then the rest of the frame is it.
fn whole_octets(packet: &Packet<'_>, network: &[u8]) -> u32 {
    if packet.ip.octets != 0 {
        return packet.ip.octets;
    }
    let before = packet.captured_octets - network.len() as u32;
    packet.wire_octets.saturating_sub(before)
}

const NS_PER_MS: u64 = 1_000_000;

//! One thing that was seen of traffic: a packet of a capture, or a record of a flow export.
//!
//! # What it cannot tell
//!
//! Who really sent it. The source is what the packet says of itself.

use outcry_decode::address::Address;
use outcry_decode::record::Fragment;

use crate::traffic::slot::network::V4_BITS;
use crate::traffic::slot::network::V6_BITS;

/// Whether it is one packet or a record of many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Grain {
    /// One packet: its flags are its own.
    #[default]
    Packet,
    /// A record: its flags are those of all its packets together.
    Record,
}

/// A packet or a record of packets.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Seen {
    /// When it began, milliseconds since 1970, UTC.
    pub at_ms: i64,
    /// How long it lasted, milliseconds; 0 for a packet.
    pub lasts_ms: i64,
    /// Who sent it, by its own word; IPv4 as mapped IPv6.
    pub source: u128,
    /// Where it went.
    pub target: u128,
    /// Packets that stand behind it, by the sampling that was said.
    pub packets: f64,
    /// Packets that were really looked at: what stands behind is an estimate, and no evidence.
    pub counted: f64,
    /// Whether others went by that were not looked at, or nobody said: then a missing question is
    /// no sign that nobody asked.
    pub sampled: bool,
    /// Octets that stand behind it, from the IP header on.
    pub octets: f64,
    /// Port of the source; 0 where there is none.
    pub source_port: u16,
    /// Port of the target.
    pub target_port: u16,
    /// TCP flags, nine bits, FIN the lowest.
    pub tcp_flags: u16,
    /// IANA protocol number, after IPv6 extension headers.
    pub protocol: u8,
    /// ICMP type.
    pub icmp_type: u8,
    /// Time to live; `None` when it was not exported.
    pub ttl: Option<u8>,
    /// IPv6 extension headers, fragment headers aside.
    pub extension_headers: u8,
    /// Octets behind the transport header; `None` when not known.
    pub payload: Option<u32>,
    /// Hash of the name a DNS query asks for.
    pub dns_name: Option<u64>,
    /// What is known of fragmentation; a later piece has no ports.
    pub fragment: Fragment,
    /// One packet, or a record of many.
    pub grain: Grain,
    /// Nobody said how packets were chosen: the true numbers are at least these.
    pub sampling_unknown: bool,
}

/// The four bytes of an IPv4 address.
pub fn v4(address: u128) -> Option<u32> {
    Address::v6(address).is_v4().then_some(address as u32)
}

/// The network of an address that is counted as a whole, as slots do.
pub fn prefix(address: u128) -> u128 {
    Address::v6(address).network(V4_BITS, V6_BITS).bits()
}

/// Whether an address is for many: multicast, or the broadcast of all networks.
pub fn is_for_many(address: u128) -> bool {
    match v4(address) {
        Some(bits) => bits >> 28 == 0xE || bits == u32::MAX,
        None => address >> 120 == 0xFF,
    }
}

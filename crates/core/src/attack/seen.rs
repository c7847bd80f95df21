//! One thing that was seen of traffic: a packet of a capture, or a record of a flow export.
//!
//! # What it cannot tell
//!
//! Who really sent it. The source is what the packet says of itself.

/// What is known of fragmentation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Piece {
    /// A whole packet, the first piece of one, or not known.
    #[default]
    Whole,
    /// A later piece: it has no ports.
    Later,
}

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
    /// What is known of fragmentation.
    pub piece: Piece,
    /// One packet, or a record of many.
    pub grain: Grain,
    /// Nobody said how packets were chosen: the true numbers are at least these.
    pub sampling_unknown: bool,
}

/// TCP flags (RFC 9293, section 3.1).
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
}

/// IANA protocol numbers.
pub mod protocol {
    /// ICMP of IPv4.
    pub const ICMP: u8 = 1;
    /// TCP.
    pub const TCP: u8 = 6;
    /// UDP.
    pub const UDP: u8 = 17;
    /// ICMP of IPv6.
    pub const ICMPV6: u8 = 58;
}

/// First bits of a mapped IPv4 address.
const MAPPED: u128 = 0xffff;

/// The four bytes of an IPv4 address.
pub fn v4(address: u128) -> Option<u32> {
    (address >> 32 == MAPPED).then_some(address as u32)
}

/// The /24 of an IPv4 address, or the /48 of an IPv6 address.
pub fn prefix(address: u128) -> u128 {
    let low = if v4(address).is_some() { 8 } else { 80 };
    address >> low << low
}

/// Whether an address is for many: multicast, or the broadcast of all networks.
pub fn is_for_many(address: u128) -> bool {
    match v4(address) {
        Some(bits) => bits >> 28 == 0xE || bits == u32::MAX,
        None => address >> 120 == 0xFF,
    }
}

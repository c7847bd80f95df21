//! What a packet carries: a tunnelled packet, or the packet that an ICMP error quotes.
//!
//! The header that counts stays the outermost: a flood of GRE packets is a flood of GRE, whatever
//! addresses stand inside (they are often random).

use super::Header;
use super::NotIp;
use super::Packet;
use super::Wrapping;
use super::ip;
use super::link;
use super::link::Link;
use super::protocol;
use crate::bytes;
use crate::fault::FaultKind;
use crate::record::Fragment;

/// Tunnels inside tunnels that are followed.
const TUNNELS_MAX: usize = 4;

const VXLAN_PORT: u16 = 4789;
/// The port of Linux before IANA gave one.
const VXLAN_PORT_OLD: u16 = 8472;
const GENEVE_PORT: u16 = 6081;

/// Looks into tunnels and quotations.
#[inline]
pub(super) fn look(packet: &mut Packet<'_>) {
    let mut outer = packet.ip;
    for _ in 0..TUNNELS_MAX {
        if outer.fragment == Fragment::Later {
            return;
        }
        let inner = match outer.protocol {
            protocol::TCP => return,
            protocol::UDP => match outer.target_port {
                VXLAN_PORT | VXLAN_PORT_OLD => vxlan(packet.payload, &mut packet.wrapping),
                GENEVE_PORT => geneve(packet.payload, &mut packet.wrapping),
                _ => return,
            },
            protocol::ICMP | protocol::ICMPV6 => {
                packet.quoted = quoted(&outer, packet.payload);
                return;
            }
            protocol::GRE => gre(packet.payload, &mut packet.wrapping),
            number => match ip::inside(number) {
                Some(version) => {
                    packet.wrapping.add(Wrapping::IPIP);
                    ip::header(packet.payload, version, &mut packet.wrapping).map_err(NotIp::Fault)
                }
                None => return,
            },
        };
        let Ok((header, rest)) = inner else { return };
        packet.tunnelled = Some(header);
        packet.payload = rest;
        outer = header;
    }
}

type Inner<'a> = Result<(Header, &'a [u8]), NotIp>;

const CUT: NotIp = NotIp::Fault(FaultKind::PacketCut);

fn through<'a>(network: Result<link::Network<'a>, NotIp>, wrapping: &mut Wrapping) -> Inner<'a> {
    let network = network?;
    ip::header(network.bytes, network.version, wrapping).map_err(NotIp::Fault)
}

/// RFC 2784 and 2890; version 1 is that of PPTP (RFC 2637).
fn gre<'a>(payload: &'a [u8], wrapping: &mut Wrapping) -> Inner<'a> {
    let head = bytes::u16(payload, 0).ok_or(CUT)?;
    let carried = bytes::u16(payload, 2).ok_or(CUT)?;
    let has = |bit: u16| usize::from(head & bit != 0) * 4;
    let mut passed = 4 + has(0x8000) + has(0x2000) + has(0x1000);
    wrapping.add(Wrapping::GRE);
    match head & 0x0007 {
        0 => {}
        1 => passed += has(0x0080),
        _ => return Err(NotIp::Fault(FaultKind::BadPacket)),
    }
    let rest = bytes::from(payload, passed);
    let network = match carried {
        link::ETHERTYPE_BRIDGE => link::network(Link::Ethernet, rest, wrapping),
        link::ETHERTYPE_PPP => link::network(Link::Ppp, rest, wrapping),
        ethertype => link::typed(ethertype, rest, wrapping),
    };
    through(network, wrapping)
}

/// RFC 7348 §5: the I flag must be set.
fn vxlan<'a>(payload: &'a [u8], wrapping: &mut Wrapping) -> Inner<'a> {
    if bytes::u8(payload, 0).ok_or(CUT)? & 0x08 == 0 {
        return Err(NotIp::Fault(FaultKind::BadPacket));
    }
    wrapping.add(Wrapping::VXLAN);
    let network = link::network(Link::Ethernet, bytes::from(payload, 8), wrapping);
    through(network, wrapping)
}

/// RFC 8926 §3.4.
fn geneve<'a>(payload: &'a [u8], wrapping: &mut Wrapping) -> Inner<'a> {
    let first = bytes::u8(payload, 0).ok_or(CUT)?;
    let carried = bytes::u16(payload, 2).ok_or(CUT)?;
    if first >> 6 != 0 {
        return Err(NotIp::Fault(FaultKind::BadPacket));
    }
    wrapping.add(Wrapping::GENEVE);
    let rest = bytes::from(payload, 8 + usize::from(first & 0x3f) * 4);
    let network = match carried {
        link::ETHERTYPE_BRIDGE => link::network(Link::Ethernet, rest, wrapping),
        ethertype => link::typed(ethertype, rest, wrapping),
    };
    through(network, wrapping)
}

/// The packet that an error quotes (RFC 792, RFC 4443 §2.4): its first bytes follow the eight of
/// the error itself.
fn quoted(outer: &Header, payload: &[u8]) -> Option<Header> {
    let is_error = match outer.protocol {
        protocol::ICMP => matches!(outer.icmp_type, 3 | 4 | 5 | 11 | 12),
        _ => matches!(outer.icmp_type, 1..=4),
    };
    if !is_error || !outer.transport_seen {
        return None;
    }
    let network = link::bare(payload).ok()?;
    let mut ignored = Wrapping::default();
    ip::header(network.bytes, network.version, &mut ignored).ok().map(|(header, _)| header)
}

//! From the first byte of a frame to the IP header: link layers, tags, labels, sessions.
//!
//! What it cannot tell: Ethernet inside MPLS without a control word from IP whose first byte looks
//! like one; the first four bits decide, as in routers (RFC 4928).
//!
//! References: the registry of link types of tcpdump.org; IEEE 802.1Q; RFC 3032, 2516, 4448.

use super::NotIp;
use super::Wrapping;
use crate::bytes;
use crate::fault::FaultKind;

/// What the first byte of a frame belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Link {
    /// Ethernet II or 802.3.
    Ethernet,
    /// An IP header of either version.
    Ip,
    /// Four bytes of address family (BSD loopback), in either byte order.
    Loopback,
    /// Linux "cooked" capture, version 1.
    LinuxCooked,
    /// Linux "cooked" capture, version 2.
    LinuxCooked2,
    /// PPP, with or without its two bytes of HDLC.
    Ppp,
    /// A PPPoE session header.
    PppoeSession,
    /// Cisco HDLC.
    CiscoHdlc,
    /// MPLS labels.
    Mpls,
    /// Another number of the registry, which is not read here.
    Unknown(u32),
}

impl Link {
    /// From the number of a capture (`LINKTYPE_…` of tcpdump.org).
    pub const fn of_capture(number: u32) -> Self {
        match number {
            1 => Self::Ethernet,
            12 | 14 | 101 | 228 | 229 => Self::Ip,
            0 | 108 => Self::Loopback,
            113 => Self::LinuxCooked,
            276 => Self::LinuxCooked2,
            9 | 50 => Self::Ppp,
            51 => Self::PppoeSession,
            104 => Self::CiscoHdlc,
            219 => Self::Mpls,
            other => Self::Unknown(other),
        }
    }

    /// From the `header_protocol` of a raw sFlow header (sFlow version 5 §5.3).
    pub const fn of_sflow(number: u32) -> Self {
        match number {
            1 => Self::Ethernet,
            7 => Self::Ppp,
            11 | 12 => Self::Ip,
            13 => Self::Mpls,
            other => Self::Unknown(other),
        }
    }
}

/// Where the IP header begins.
pub(super) struct Network<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) version: Version,
    pub(super) ethertype: u16,
}

/// The version of IP.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Version {
    V4,
    V6,
}

pub(super) const ETHERTYPE_V4: u16 = 0x0800;
pub(super) const ETHERTYPE_V6: u16 = 0x86dd;
/// Transparent Ethernet bridging, inside GRE and Geneve.
pub(super) const ETHERTYPE_BRIDGE: u16 = 0x6558;
/// PPP inside GRE (RFC 2637).
pub(super) const ETHERTYPE_PPP: u16 = 0x880b;
const ETHERTYPE_MPLS: u16 = 0x8847;
const ETHERTYPE_MPLS_MULTICAST: u16 = 0x8848;
const ETHERTYPE_PPPOE: u16 = 0x8864;

/// Tags, labels and sessions around one packet; more is an attempt to keep us busy.
const WRAPS_MAX: usize = 16;

const CUT: NotIp = NotIp::Fault(FaultKind::PacketCut);

#[inline]
pub(super) fn network<'a>(
    link: Link,
    frame: &'a [u8],
    wrapping: &mut Wrapping,
) -> Result<Network<'a>, NotIp> {
    match link {
        Link::Ethernet => ethernet(frame, wrapping),
        Link::Ip => bare(frame),
        Link::Loopback => loopback(frame),
        Link::LinuxCooked => {
            typed(bytes::u16(frame, 14).ok_or(CUT)?, bytes::from(frame, 16), wrapping)
        }
        Link::LinuxCooked2 => {
            typed(bytes::u16(frame, 0).ok_or(CUT)?, bytes::from(frame, 20), wrapping)
        }
        Link::Ppp => ppp(frame, wrapping),
        Link::PppoeSession => typed(ETHERTYPE_PPPOE, frame, wrapping),
        Link::CiscoHdlc => typed(bytes::u16(frame, 2).ok_or(CUT)?, bytes::from(frame, 4), wrapping),
        Link::Mpls => typed(ETHERTYPE_MPLS, frame, wrapping),
        Link::Unknown(_) => Err(NotIp::Fault(FaultKind::UnknownLink)),
    }
}

#[inline]
fn ethernet<'a>(frame: &'a [u8], wrapping: &mut Wrapping) -> Result<Network<'a>, NotIp> {
    typed(bytes::u16(frame, 12).ok_or(CUT)?, bytes::from(frame, 14), wrapping)
}

/// A bare IP header: its first four bits say which.
pub(super) fn bare(packet: &[u8]) -> Result<Network<'_>, NotIp> {
    match bytes::u8(packet, 0).ok_or(CUT)? >> 4 {
        4 => Ok(Network { bytes: packet, version: Version::V4, ethertype: ETHERTYPE_V4 }),
        6 => Ok(Network { bytes: packet, version: Version::V6, ethertype: ETHERTYPE_V6 }),
        _ => Err(NotIp::Other(0)),
    }
}

fn loopback(frame: &[u8]) -> Result<Network<'_>, NotIp> {
    // The family was written by the machine that captured: 2 everywhere, or one of the numbers
    // that systems gave to IPv6, in the order of that machine.
    let family = bytes::u32(frame, 0).ok_or(CUT)?;
    match family.min(family.swap_bytes()) {
        2 | 10 | 23 | 24 | 28 | 30 => bare(&frame[4..]),
        _ => Err(NotIp::Other(0)),
    }
}

fn ppp<'a>(frame: &'a [u8], wrapping: &mut Wrapping) -> Result<Network<'a>, NotIp> {
    let frame = frame.strip_prefix(&[0xff, 0x03]).unwrap_or(frame);
    // A protocol below 256 may stand in one byte (RFC 1661 §6.5); such a byte is odd.
    let first = bytes::u8(frame, 0).ok_or(CUT)?;
    let (number, rest) = if first & 1 == 1 {
        (u16::from(first), bytes::from(frame, 1))
    } else {
        (bytes::u16(frame, 0).ok_or(CUT)?, bytes::from(frame, 2))
    };
    match number {
        0x0021 => typed(ETHERTYPE_V4, rest, wrapping),
        0x0057 => typed(ETHERTYPE_V6, rest, wrapping),
        0x0281 => typed(ETHERTYPE_MPLS, rest, wrapping),
        other => Err(NotIp::Other(other)),
    }
}

/// Follows EtherTypes until one of IP.
#[inline]
pub(super) fn typed<'a>(
    ethertype: u16,
    mut rest: &'a [u8],
    wrapping: &mut Wrapping,
) -> Result<Network<'a>, NotIp> {
    let mut ethertype = ethertype;
    for _ in 0..WRAPS_MAX {
        match ethertype {
            ETHERTYPE_V4 => {
                return Ok(Network { bytes: rest, version: Version::V4, ethertype });
            }
            ETHERTYPE_V6 => {
                return Ok(Network { bytes: rest, version: Version::V6, ethertype });
            }
            0x8100 | 0x88a8 | 0x9100 | 0x9200 | 0x9300 => {
                wrapping.add(Wrapping::VLAN);
                ethertype = bytes::u16(rest, 2).ok_or(CUT)?;
                rest = bytes::from(rest, 4);
            }
            ETHERTYPE_MPLS | ETHERTYPE_MPLS_MULTICAST => {
                wrapping.add(Wrapping::MPLS);
                return labelled(rest, wrapping);
            }
            ETHERTYPE_PPPOE => {
                wrapping.add(Wrapping::PPPOE);
                return ppp(bytes::from(rest, 6), wrapping);
            }
            // A length: IEEE 802.2 follows, and perhaps an EtherType in its SNAP header.
            0..=1500 => {
                let Some([0xaa, 0xaa, 0x03, 0, 0, 0]) = bytes::array::<6>(rest, 0) else {
                    return Err(NotIp::Other(ethertype));
                };
                ethertype = bytes::u16(rest, 6).ok_or(CUT)?;
                rest = bytes::from(rest, 8);
            }
            other => return Err(NotIp::Other(other)),
        }
    }
    Err(NotIp::Fault(FaultKind::BadPacket))
}

/// Passes MPLS labels to the bottom of the stack.
fn labelled<'a>(stack: &'a [u8], wrapping: &mut Wrapping) -> Result<Network<'a>, NotIp> {
    let mut rest = stack;
    for _ in 0..WRAPS_MAX {
        let label = bytes::u32(rest, 0).ok_or(CUT)?;
        rest = &rest[4..];
        if label & 0x100 == 0 {
            continue;
        }
        return match bytes::u8(rest, 0).ok_or(CUT)? >> 4 {
            4 => Ok(Network { bytes: rest, version: Version::V4, ethertype: ETHERTYPE_V4 }),
            6 => Ok(Network { bytes: rest, version: Version::V6, ethertype: ETHERTYPE_V6 }),
            // A control word in front of Ethernet (RFC 4448 §4.6).
            0 => ethernet_once(bytes::from(rest, 4), wrapping)
                .or_else(|_| ethernet_once(rest, wrapping)),
            _ => ethernet_once(rest, wrapping),
        };
    }
    Err(NotIp::Fault(FaultKind::BadPacket))
}

/// Ethernet inside labels, but no labels inside that: nesting ends here.
fn ethernet_once<'a>(frame: &'a [u8], wrapping: &mut Wrapping) -> Result<Network<'a>, NotIp> {
    let mut ethertype = bytes::u16(frame, 12).ok_or(CUT)?;
    let mut rest = bytes::from(frame, 14);
    while matches!(ethertype, 0x8100 | 0x88a8) {
        wrapping.add(Wrapping::VLAN);
        ethertype = bytes::u16(rest, 2).ok_or(CUT)?;
        rest = bytes::from(rest, 4);
    }
    match ethertype {
        ETHERTYPE_V4 | ETHERTYPE_V6 => typed(ethertype, rest, wrapping),
        other => Err(NotIp::Other(other)),
    }
}

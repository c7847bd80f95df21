//! The IP header of either version, and the transport header behind it.
//!
//! References: RFC 791 §3.1; RFC 8200 §3 and §4; RFC 4302 for the authentication header.

use super::Header;
use super::Wrapping;
use super::link::Version;
use super::protocol;
use super::transport;
use crate::address::Address;
use crate::bytes;
use crate::fault::FaultKind;
use crate::record::Fragment;

/// IPv6 extension headers that are passed in one packet. RFC 8200 §4.1 knows seven.
const EXTENSION_HEADERS_MAX: u8 = 32;

/// Reads the header, and gives what follows the transport header.
#[inline]
pub(super) fn header<'a>(
    packet: &'a [u8],
    version: Version,
    wrapping: &mut Wrapping,
) -> Result<(Header, &'a [u8]), FaultKind> {
    match version {
        Version::V4 => v4(packet, wrapping),
        Version::V6 => v6(packet, wrapping),
    }
}

#[inline]
fn v4<'a>(packet: &'a [u8], wrapping: &mut Wrapping) -> Result<(Header, &'a [u8]), FaultKind> {
    let fixed = bytes::array::<20>(packet, 0).ok_or(FaultKind::PacketCut)?;
    let header_octets = usize::from(fixed[0] & 0x0f) * 4;
    if fixed[0] >> 4 != 4 || header_octets < 20 {
        return Err(FaultKind::BadPacket);
    }
    let octets = u32::from(u16::from_be_bytes([fixed[2], fixed[3]]));
    if octets != 0 && (octets as usize) < header_octets {
        return Err(FaultKind::BadPacket);
    }
    let cut = u16::from_be_bytes([fixed[6], fixed[7]]);
    let mut header = Header {
        source: Address::v4(u32::from_be_bytes([fixed[12], fixed[13], fixed[14], fixed[15]])),
        target: Address::v4(u32::from_be_bytes([fixed[16], fixed[17], fixed[18], fixed[19]])),
        octets,
        fragment_offset: u32::from(cut & 0x1fff) * 8,
        protocol: fixed[9],
        ttl: fixed[8],
        fragment: fragment(cut & 0x1fff != 0, cut & 0x2000 != 0),
        ..Header::default()
    };
    // Ethernet pads short packets: what lies behind the length is not of the packet.
    let whole = if octets == 0 { packet } else { bytes::upto(packet, octets as usize) };
    let mut rest = bytes::from(whole, header_octets);
    let mut rest_octets = (octets as usize).max(whole.len()).saturating_sub(header_octets);
    if header.protocol == AUTHENTICATION && header.fragment != Fragment::Later {
        (rest, rest_octets) = authentication(&mut header, rest, rest_octets, wrapping);
    }
    let rest = transport::read(&mut header, rest, rest_octets as u32);
    Ok((header, rest))
}

fn v6<'a>(packet: &'a [u8], wrapping: &mut Wrapping) -> Result<(Header, &'a [u8]), FaultKind> {
    let fixed = bytes::array::<40>(packet, 0).ok_or(FaultKind::PacketCut)?;
    if fixed[0] >> 4 != 6 {
        return Err(FaultKind::BadPacket);
    }
    let length = u32::from(u16::from_be_bytes([fixed[4], fixed[5]]));
    let address = |at: usize| bytes::array::<16>(packet, at).map_or(0, u128::from_be_bytes);
    let mut header = Header {
        source: Address::v6(address(8)),
        target: Address::v6(address(24)),
        // Zero is a jumbogram (RFC 2675) or segmentation offload: the caller knows the frame.
        octets: if length == 0 { 0 } else { length + 40 },
        protocol: fixed[6],
        ttl: fixed[7],
        fragment: Fragment::Whole,
        ..Header::default()
    };
    let whole = if length == 0 { packet } else { bytes::upto(packet, length as usize + 40) };
    let mut rest = bytes::from(whole, 40);
    let mut rest_octets = (length as usize).max(rest.len());
    while header.extension_headers < EXTENSION_HEADERS_MAX && header.fragment != Fragment::Later {
        let Some([next, size]) = bytes::array::<2>(rest, 0) else { break };
        let passed = match header.protocol {
            // Hop-by-hop, routing, destination options, mobility, host identity, shim6.
            0 | 43 | 60 | 135 | 139 | 140 => usize::from(size) * 8 + 8,
            FRAGMENT => {
                let Some(cut) = bytes::u16(rest, 2) else { break };
                header.fragment_offset = u32::from(cut & 0xfff8);
                header.fragment = fragment(cut & 0xfff8 != 0, cut & 1 != 0);
                8
            }
            AUTHENTICATION => {
                wrapping.add(Wrapping::AH);
                usize::from(size) * 4 + 8
            }
            _ => break,
        };
        header.extension_headers += 1;
        header.protocol = next;
        rest = bytes::from(rest, passed);
        rest_octets = rest_octets.saturating_sub(passed);
    }
    let rest = transport::read(&mut header, rest, rest_octets as u32);
    Ok((header, rest))
}

fn authentication<'a>(
    header: &mut Header,
    rest: &'a [u8],
    rest_octets: usize,
    wrapping: &mut Wrapping,
) -> (&'a [u8], usize) {
    let Some([next, size]) = bytes::array::<2>(rest, 0) else { return (rest, rest_octets) };
    let passed = usize::from(size) * 4 + 8;
    wrapping.add(Wrapping::AH);
    header.protocol = next;
    (bytes::from(rest, passed), rest_octets.saturating_sub(passed))
}

fn fragment(offset: bool, more: bool) -> Fragment {
    match (offset, more) {
        (true, _) => Fragment::Later,
        (false, true) => Fragment::First,
        (false, false) => Fragment::Whole,
    }
}

const FRAGMENT: u8 = 44;
const AUTHENTICATION: u8 = 51;

/// The version of IP that a protocol number says is inside.
pub(super) fn inside(number: u8) -> Option<Version> {
    match number {
        protocol::IPIP => Some(Version::V4),
        protocol::IPV6 => Some(Version::V6),
        _ => None,
    }
}

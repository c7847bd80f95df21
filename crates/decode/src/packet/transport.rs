//! Ports, flags and types: the transport header, as much of it as was captured.

use super::Header;
use super::protocol;
use crate::bytes;
use crate::record::Fragment;

/// Reads the transport header into `header`, and gives what follows it.
///
/// `rest_octets` is how long the rest was before the capture cut it.
#[inline]
pub(super) fn read<'a>(header: &mut Header, rest: &'a [u8], rest_octets: u32) -> &'a [u8] {
    header.payload_octets = rest_octets;
    if header.fragment == Fragment::Later {
        return rest;
    }
    match header.protocol {
        protocol::TCP => tcp(header, rest, rest_octets),
        protocol::UDP | UDP_LITE => {
            ports(header, rest);
            passed(header, rest, rest_octets, 8)
        }
        protocol::SCTP => {
            ports(header, rest);
            passed(header, rest, rest_octets, 12)
        }
        DCCP => {
            ports(header, rest);
            passed(header, rest, rest_octets, 16)
        }
        protocol::ICMP | protocol::ICMPV6 => {
            if let Some([kind, code]) = bytes::array::<2>(rest, 0) {
                header.icmp_type = kind;
                header.icmp_code = code;
                header.transport_seen = true;
            }
            passed(header, rest, rest_octets, 8)
        }
        _ => rest,
    }
}

#[inline]
fn ports(header: &mut Header, rest: &[u8]) {
    if let Some([a, b, c, d]) = bytes::array::<4>(rest, 0) {
        header.source_port = u16::from_be_bytes([a, b]);
        header.target_port = u16::from_be_bytes([c, d]);
        header.transport_seen = true;
    }
}

#[inline]
fn tcp<'a>(header: &mut Header, rest: &'a [u8], rest_octets: u32) -> &'a [u8] {
    let Some(fixed) = bytes::array::<14>(rest, 0) else {
        // An ICMP error quotes eight bytes only: ports and sequence, but no flags.
        ports(header, rest);
        header.transport_seen = false;
        header.tcp_sequence = bytes::u32(rest, 4).unwrap_or_default();
        return &[];
    };
    header.source_port = u16::from_be_bytes([fixed[0], fixed[1]]);
    header.target_port = u16::from_be_bytes([fixed[2], fixed[3]]);
    header.tcp_sequence = u32::from_be_bytes([fixed[4], fixed[5], fixed[6], fixed[7]]);
    header.tcp_flags = u16::from_be_bytes([fixed[12], fixed[13]]) & 0x01ff;
    header.transport_seen = true;
    passed(header, rest, rest_octets, u32::from(fixed[12] >> 4).max(5) * 4)
}

#[inline]
fn passed<'a>(header: &mut Header, rest: &'a [u8], rest_octets: u32, octets: u32) -> &'a [u8] {
    header.payload_octets = rest_octets.saturating_sub(octets);
    bytes::from(rest, octets as usize)
}

const UDP_LITE: u8 = 136;
const DCCP: u8 = 33;

//! The older capture format: one header, then packets with seconds and a fraction.

use super::CAPTURED_MAX;
use super::Capture;
use super::Form;
use super::Interface;
use super::Step;
use super::What;
use crate::bytes::Order;
use crate::fault::FaultKind;
use crate::packet::Frame;
use crate::packet::Link;

pub(super) const FILE_HEADER_OCTETS: usize = 24;
const PACKET_HEADER_OCTETS: usize = 16;
/// Of files that a patched libpcap wrote: eight bytes more in front of each packet.
const PATCHED_HEADER_OCTETS: usize = 24;

/// Byte order, units of time in a second, octets in front of each packet.
pub(super) type Magic = (Order, u64, usize);

/// Reads the magic number.
pub(super) fn magic(bytes: &[u8]) -> Option<Magic> {
    [Order::Big, Order::Little].into_iter().find_map(|order| match order.u32(bytes, 0)? {
        0xa1b2_c3d4 => Some((order, 1_000_000, PACKET_HEADER_OCTETS)),
        0xa1b2_3c4d => Some((order, 1_000_000_000, PACKET_HEADER_OCTETS)),
        0xa1b2_cd34 => Some((order, 1_000_000, PATCHED_HEADER_OCTETS)),
        _ => None,
    })
}

/// Reads the rest of the file's header, of which [`FILE_HEADER_OCTETS`] are there.
pub(super) fn form((order, ticks_per_s, header_octets): Magic, bytes: &[u8]) -> Form {
    let snaplen = order.u32(bytes, 16).unwrap_or_default();
    // The upper six bits say whether a checksum of the frame follows.
    let link = Link::of_capture(order.u32(bytes, 20).unwrap_or_default() & 0x03ff_ffff);
    let interface = Interface { link, ticks_per_s, offset_s: 0, snaplen };
    Form::Classic { order, interface, header_octets }
}

impl Capture {
    #[inline]
    pub(super) fn classic<'a>(
        &mut self,
        order: Order,
        interface: &Interface,
        header_octets: usize,
        bytes: &'a [u8],
    ) -> Step<'a> {
        let (Some(seconds), Some(part), Some(captured), Some(wire_octets)) =
            (order.u32(bytes, 0), order.u32(bytes, 4), order.u32(bytes, 8), order.u32(bytes, 12))
        else {
            return Step { used: 0, what: What::More(header_octets) };
        };
        if captured > CAPTURED_MAX.max(interface.snaplen.min(super::BLOCK_MAX / 2)) {
            // Nothing says where the next packet begins.
            return self.lose(FaultKind::TooLarge);
        }
        let end = header_octets + captured as usize;
        let Some(packet) = bytes.get(header_octets..end) else {
            return Step { used: 0, what: What::More(end) };
        };
        let unit_ns = 1_000_000_000 / interface.ticks_per_s;
        let at_ns = u64::from(seconds) * 1_000_000_000 + u64::from(part) * unit_ns;
        let wire_octets = wire_octets.max(captured);
        let frame = Frame { at_ns, link: interface.link, wire_octets, bytes: packet };
        Step { used: end, what: What::Frame(frame) }
    }
}

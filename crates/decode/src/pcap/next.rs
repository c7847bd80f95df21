//! pcapng: sections of blocks, each with its own length, so that an unknown one is passed over.

use super::BLOCK_MAX;
use super::CAPTURED_MAX;
use super::Capture;
use super::Form;
use super::INTERFACES_MAX;
use super::Interface;
use super::Step;
use super::What;
use super::at_ns;
use crate::bytes::Order;
use crate::fault::FaultKind;
use crate::packet::Frame;
use crate::packet::Link;

const SECTION: u32 = 0x0a0d_0d0a;
const BYTE_ORDER: u32 = 0x1a2b_3c4d;
const INTERFACE: u32 = 1;
/// Obsolete, but old files have it.
const PACKET: u32 = 2;
const SIMPLE_PACKET: u32 = 3;
const ENHANCED_PACKET: u32 = 6;

/// The smallest block: type, length, length again.
const BLOCK_MIN: u32 = 12;
/// Of a section header up to its byte order.
const SECTION_ORDER_END: usize = 12;

const OPTION_TIME_RESOLUTION: u16 = 9;
const OPTION_TIME_OFFSET: u16 = 14;
const MICROSECONDS: u64 = 1_000_000;

/// Whether a section begins here; its type reads the same in either order.
pub(super) fn is_section(bytes: &[u8]) -> bool {
    Order::Big.u32(bytes, 0) == Some(SECTION)
}

impl Capture {
    #[inline]
    pub(super) fn next<'a>(&mut self, order: Order, bytes: &'a [u8]) -> Step<'a> {
        let mut order = order;
        if is_section(bytes) {
            if bytes.len() < SECTION_ORDER_END {
                return Step { used: 0, what: What::More(SECTION_ORDER_END) };
            }
            let orders = [Order::Little, Order::Big];
            let said = orders.into_iter().find(|order| order.u32(bytes, 8) == Some(BYTE_ORDER));
            let Some(said) = said else { return self.lose(FaultKind::UnknownFormat) };
            order = said;
            self.form = Form::Next { order };
        }
        let (Some(kind), Some(length)) = (order.u32(bytes, 0), order.u32(bytes, 4)) else {
            return Step { used: 0, what: What::More(8) };
        };
        if length < BLOCK_MIN || length % 4 != 0 {
            return self.lose(FaultKind::BadLength);
        }
        if length > BLOCK_MAX {
            self.faults.add(FaultKind::TooLarge, self.at);
            self.passing = u64::from(length);
            return Step { used: 0, what: What::Passed };
        }
        let Some(block) = bytes.get(..length as usize) else {
            return Step { used: 0, what: What::More(length as usize) };
        };
        let body = &block[8..block.len() - 4];
        let what = match kind {
            SECTION => {
                self.interfaces.clear();
                What::Passed
            }
            INTERFACE => self.interface(order, body),
            ENHANCED_PACKET => {
                let interface = order.u32(body, 0).map(|number| number as usize);
                self.timed(order, body, interface)
            }
            PACKET => {
                let interface = order.u16(body, 0).map(usize::from);
                self.timed(order, body, interface)
            }
            SIMPLE_PACKET => self.simple(order, body),
            _ => What::Passed,
        };
        Step { used: block.len(), what }
    }

    fn wrong<'a>(&mut self, kind: FaultKind) -> What<'a> {
        self.faults.add(kind, self.at);
        What::Passed
    }

    fn interface<'a>(&mut self, order: Order, body: &[u8]) -> What<'a> {
        let (Some(link), Some(snaplen)) = (order.u16(body, 0), order.u32(body, 4)) else {
            return self.wrong(FaultKind::BadLength);
        };
        if self.interfaces.len() >= INTERFACES_MAX {
            return self.wrong(FaultKind::TooManyInterfaces);
        }
        let mut interface = Interface {
            link: Link::of_capture(u32::from(link)),
            ticks_per_s: MICROSECONDS,
            offset_s: 0,
            snaplen,
        };
        let mut options = &body[8..];
        while let (Some(option), Some(length)) = (order.u16(options, 0), order.u16(options, 2)) {
            let length = usize::from(length);
            let Some(value) = options.get(4..4 + length) else { break };
            match (option, value) {
                (OPTION_TIME_RESOLUTION, [unit]) => interface.ticks_per_s = resolution(*unit),
                (OPTION_TIME_OFFSET, _) if length == 8 => {
                    interface.offset_s = order.u64(value, 0).unwrap_or_default() as i64;
                }
                _ => {}
            }
            options = options.get(4 + length.next_multiple_of(4)..).unwrap_or_default();
        }
        self.interfaces.push(interface);
        What::Passed
    }

    /// A packet with its time: the two kinds differ only in how they name the interface.
    #[inline]
    fn timed<'a>(&mut self, order: Order, body: &'a [u8], interface: Option<usize>) -> What<'a> {
        let (Some(high), Some(low), Some(captured), Some(wire_octets)) =
            (order.u32(body, 4), order.u32(body, 8), order.u32(body, 12), order.u32(body, 16))
        else {
            return self.wrong(FaultKind::BadLength);
        };
        let Some(interface) = interface.and_then(|number| self.interfaces.get(number)) else {
            return self.wrong(FaultKind::UnknownInterface);
        };
        let Some(packet) = body.get(20..20usize.saturating_add(captured as usize)) else {
            return self.wrong(FaultKind::BadLength);
        };
        if captured > CAPTURED_MAX {
            return self.wrong(FaultKind::TooLarge);
        }
        What::Frame(Frame {
            at_ns: at_ns(interface, u64::from(high) << 32 | u64::from(low)),
            link: interface.link,
            wire_octets: wire_octets.max(captured),
            bytes: packet,
        })
    }

    /// A packet without a time, of the first interface.
    fn simple<'a>(&mut self, order: Order, body: &'a [u8]) -> What<'a> {
        let Some(wire_octets) = order.u32(body, 0) else {
            return self.wrong(FaultKind::BadLength);
        };
        let Some(interface) = self.interfaces.first() else {
            return self.wrong(FaultKind::UnknownInterface);
        };
        let snaplen = if interface.snaplen == 0 { u32::MAX } else { interface.snaplen };
        let captured = wire_octets.min(snaplen) as usize;
        let Some(packet) = body.get(4..4usize.saturating_add(captured)) else {
            return self.wrong(FaultKind::BadLength);
        };
        What::Frame(Frame { at_ns: 0, link: interface.link, wire_octets, bytes: packet })
    }
}

/// Units in a second: a power of ten, or of two when the highest bit is set.
fn resolution(unit: u8) -> u64 {
    let power = u32::from(unit & 0x7f);
    let base: u64 = if unit & 0x80 == 0 { 10 } else { 2 };
    // A finer clock than fits in 64 bits cannot be real; microseconds are the default.
    base.checked_pow(power).unwrap_or(MICROSECONDS)
}

//! Reads the records of a set field by field: one field of all records, then the next.
//!
//! The layout is looked at once a field and not once a record, so each loop only loads, swaps the
//! bytes and stores. Records of varying length take the same way, one at a time.

use crate::address::Address;
use crate::bytes;
use crate::export::sampling::Samplers;
use crate::netflow::element::Slot;
use crate::netflow::options;
use crate::netflow::template::Column;
use crate::netflow::template::Columns;
use crate::packet::protocol;
use crate::record::Direction;
use crate::record::Fields;
use crate::record::Flow;
use crate::record::Fragment;
use crate::record::SamplingOrigin;

mod pair;

/// Times that the datagram itself says.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock {
    /// When it was exported, in milliseconds since 1970.
    pub(crate) exported_ms: u64,
    /// The same moment in milliseconds of uptime, in v9.
    pub(crate) uptime_ms: Option<u32>,
    /// When the clock of uptime began, if an option said so.
    pub(crate) booted_ms: Option<u64>,
}

/// Records of equal length, one behind the other.
#[derive(Clone, Copy)]
pub(crate) struct Rows<'a> {
    pub(crate) bytes: &'a [u8],
    pub(crate) stride: usize,
}

/// Fills flows from rows. `flows` are as many as there are rows.
#[inline]
pub(crate) fn fill(
    flows: &mut [Flow],
    rows: Rows<'_>,
    columns: &Columns,
    clock: &Clock,
    samplers: &Samplers,
) {
    let mut left = Times::default();
    let has_icmp = columns.has(Slot::IcmpTypeCode) || columns.has(Slot::IcmpType);
    let mut rest = columns.all();
    while let [column, later @ ..] = rest {
        rest = later;
        if let [next, later @ ..] = later
            && pair::both(flows, rows, column, next, clock, &mut left)
        {
            rest = later;
            continue;
        }
        match column.slot {
            // Ports come before: without a field for it, type and code stand in one of them.
            Slot::Protocol if !has_icmp => each(flows, rows, column, |flow, number| {
                flow.protocol = number as u8;
                icmp_in_port(flow);
            }),
            _ => one(flows, rows, column, clock, &mut left),
        }
    }
    if let Some(booted) = columns.get(Slot::BootedAt) {
        left.uptimes(flows, rows, columns, booted);
    }
    if let Some(duration) = columns.get(Slot::Duration) {
        left.duration(flows, rows, duration);
    }
    left.other_end(flows);
    if options::has_own_rate(columns) || columns.has(Slot::Sampler) || !samplers.is_uniform() {
        sampled(flows, rows, columns, samplers);
    }
}

/// Which times were found.
#[derive(Default)]
struct Times {
    first: bool,
    last: bool,
}

impl Times {
    /// Uptimes whose beginning stands in the record itself (IPFIX, element 160).
    fn uptimes(&mut self, flows: &mut [Flow], rows: Rows<'_>, all: &Columns, booted: &Column) {
        let pairs = [(Slot::FirstUptime, !self.first), (Slot::LastUptime, !self.last)];
        for (slot, wanted) in pairs {
            let Some(column) = all.get(slot).filter(|_| wanted) else { continue };
            for (flow, row) in flows.iter_mut().zip(rows.bytes.chunks_exact(rows.stride)) {
                let at_ms = number(row, booted).saturating_add(number(row, column));
                match slot {
                    Slot::FirstUptime => flow.start_ms = at_ms,
                    _ => flow.end_ms = at_ms,
                }
            }
            match slot {
                Slot::FirstUptime => self.first = true,
                _ => self.last = true,
            }
        }
    }

    /// A duration gives the end that is missing.
    fn duration(&mut self, flows: &mut [Flow], rows: Rows<'_>, column: &Column) {
        let (first, last) = (self.first, self.last);
        each(flows, rows, column, |flow, ms| match (first, last) {
            (true, false) => flow.end_ms = flow.start_ms.saturating_add(ms),
            (false, _) => flow.start_ms = flow.end_ms.saturating_sub(ms),
            (true, true) => {}
        });
        (self.first, self.last) = (true, true);
    }

    /// A flow with one time only began and ended then.
    fn other_end(&self, flows: &mut [Flow]) {
        if self.first == self.last {
            return;
        }
        for flow in flows.iter_mut() {
            if self.first {
                flow.end_ms = flow.start_ms;
            } else {
                flow.start_ms = flow.end_ms;
            }
        }
    }
}

fn one(flows: &mut [Flow], rows: Rows<'_>, column: &Column, clock: &Clock, left: &mut Times) {
    match column.slot {
        Slot::Source4 => each(flows, rows, column, |f, v| f.source = Address::v4(v as u32)),
        Slot::Target4 => each(flows, rows, column, |f, v| f.target = Address::v4(v as u32)),
        Slot::Source6 => each_wide(flows, rows, column, |f, v| put_v6(&mut f.source, v)),
        Slot::Target6 => each_wide(flows, rows, column, |f, v| put_v6(&mut f.target, v)),
        Slot::Octets => each(flows, rows, column, |f, v| f.octets = v),
        Slot::Packets => each(flows, rows, column, |f, v| f.packets = v),
        Slot::SourcePort => each(flows, rows, column, |f, v| f.source_port = v as u16),
        Slot::TargetPort => each(flows, rows, column, |f, v| f.target_port = v as u16),
        Slot::Protocol => each(flows, rows, column, |f, v| f.protocol = v as u8),
        Slot::TcpFlags => each(flows, rows, column, |f, v| f.tcp_flags = v as u16 & 0x01ff),
        Slot::IcmpTypeCode => each(flows, rows, column, |f, v| {
            (f.icmp_type, f.icmp_code) = ((v >> 8) as u8, v as u8);
        }),
        Slot::IcmpType => each(flows, rows, column, |f, v| f.icmp_type = v as u8),
        Slot::IcmpCode => each(flows, rows, column, |f, v| f.icmp_code = v as u8),
        Slot::Ttl => each(flows, rows, column, |f, v| f.ttl = v as u8),
        Slot::FragmentOffset => each(flows, rows, column, |f, v| {
            if v & 0x1fff != 0 {
                f.fragment = Fragment::Later;
            }
        }),
        Slot::FragmentFlags => each(flows, rows, column, |f, v| {
            if f.fragment != Fragment::Later {
                let more = v & 0x20 != 0;
                f.fragment = if more { Fragment::First } else { Fragment::Whole };
            }
        }),
        Slot::Direction => each(flows, rows, column, |f, v| {
            f.direction = match v {
                0 => Direction::Ingress,
                1 => Direction::Egress,
                _ => Direction::Unknown,
            };
        }),
        Slot::Forwarding => each(flows, rows, column, |f, v| {
            if v >> 6 & 3 == 2 {
                f.exported = f.exported.with(Fields::DROPPED);
            }
        }),
        Slot::SourceAs => each(flows, rows, column, |f, v| f.source_as = v as u32),
        Slot::TargetAs => each(flows, rows, column, |f, v| f.target_as = v as u32),
        Slot::InInterface => each(flows, rows, column, |f, v| f.in_interface = v as u32),
        Slot::OutInterface => each(flows, rows, column, |f, v| f.out_interface = v as u32),
        Slot::FirstUptime | Slot::LastUptime => uptime(flows, rows, column, clock, left),
        _ => time(flows, rows, column, clock, left),
    }
}

/// Times that need nothing but the record and the datagram.
fn time(flows: &mut [Flow], rows: Rows<'_>, column: &Column, clock: &Clock, left: &mut Times) {
    let exported_ms = clock.exported_ms;
    match column.slot {
        Slot::FirstSeconds => each(flows, rows, column, |f, v| f.start_ms = ms(v)),
        Slot::LastSeconds => each(flows, rows, column, |f, v| f.end_ms = ms(v)),
        Slot::FirstMilliseconds => each(flows, rows, column, |f, v| f.start_ms = v),
        Slot::LastMilliseconds => each(flows, rows, column, |f, v| f.end_ms = v),
        Slot::FirstNtp => each(flows, rows, column, |f, v| f.start_ms = ntp_ms(v)),
        Slot::LastNtp => each(flows, rows, column, |f, v| f.end_ms = ntp_ms(v)),
        Slot::FirstBefore => each(flows, rows, column, |f, v| {
            f.start_ms = exported_ms.saturating_sub(v / 1_000);
        }),
        Slot::LastBefore => each(flows, rows, column, |f, v| {
            f.end_ms = exported_ms.saturating_sub(v / 1_000);
        }),
        _ => return,
    }
    match column.slot {
        Slot::FirstSeconds | Slot::FirstMilliseconds | Slot::FirstNtp | Slot::FirstBefore => {
            left.first = true;
        }
        _ => left.last = true,
    }
}

fn uptime(flows: &mut [Flow], rows: Rows<'_>, column: &Column, clock: &Clock, left: &mut Times) {
    let is_first = column.slot == Slot::FirstUptime;
    let done = if is_first { &mut left.first } else { &mut left.last };
    let put = |flow: &mut Flow, at_ms: u64| {
        if is_first {
            flow.start_ms = at_ms;
        } else {
            flow.end_ms = at_ms;
        }
    };
    match (clock.uptime_ms, clock.booted_ms) {
        (Some(now), _) => each(flows, rows, column, |flow, then| {
            put(flow, at_uptime(clock.exported_ms, now, then as u32));
        }),
        (None, Some(booted_ms)) => each(flows, rows, column, |flow, then| {
            put(flow, booted_ms.saturating_add(then));
        }),
        (None, None) => return,
    }
    *done = true;
}

/// The time of an uptime; the counter runs over after 49.7 days.
#[inline]
pub(crate) fn at_uptime(exported_ms: u64, now: u32, then: u32) -> u64 {
    let before_ms = now.wrapping_sub(then) as i32;
    exported_ms.saturating_add_signed(-i64::from(before_ms))
}

/// A flow keeps its IPv4 address when a template has room for both and IPv6 is empty.
#[inline]
fn put_v6(place: &mut Address, bits: u128) {
    if bits != 0 || !place.is_v4() {
        *place = Address::v6(bits);
    }
}

/// Exporters without a field for it put type and code of ICMP into the target port.
#[inline]
pub(crate) fn icmp_in_port(flow: &mut Flow) {
    let is_icmp = matches!(flow.protocol, protocol::ICMP | protocol::ICMPV6);
    if is_icmp && flow.target_port != 0 {
        [flow.icmp_type, flow.icmp_code] = flow.target_port.to_be_bytes();
        flow.exported = flow.exported.with(Fields::ICMP);
    }
}

/// Whether the times of a layout can be told with what the datagram says.
pub(crate) fn has_times(columns: &Columns, clock: &Clock) -> bool {
    let uptime = [Slot::FirstUptime, Slot::LastUptime].into_iter().any(|slot| columns.has(slot));
    let based = clock.uptime_ms.is_some() || clock.booted_ms.is_some();
    let absolute = [
        Slot::FirstSeconds,
        Slot::LastSeconds,
        Slot::FirstMilliseconds,
        Slot::LastMilliseconds,
        Slot::FirstNtp,
        Slot::LastNtp,
        Slot::FirstBefore,
        Slot::LastBefore,
    ];
    absolute.into_iter().any(|slot| columns.has(slot))
        || uptime && (based || columns.has(Slot::BootedAt))
}

/// The rate of each flow: its own, its sampler's, its interface's, or what was set before.
fn sampled(flows: &mut [Flow], rows: Rows<'_>, columns: &Columns, samplers: &Samplers) {
    let sampler = columns.get(Slot::Sampler);
    for (flow, row) in flows.iter_mut().zip(rows.bytes.chunks_exact(rows.stride)) {
        let own = options::rate(columns, row, SamplingOrigin::Record);
        if !own.is_unknown() {
            flow.sampling = own;
            continue;
        }
        let named = sampler.map(|column| number(row, column));
        if let Some(known) = samplers.find(named, flow.in_interface) {
            flow.sampling = known;
        }
    }
}

fn ms(seconds: u64) -> u64 {
    seconds.saturating_mul(1_000)
}

/// From seconds since 1900 and a binary fraction (RFC 7011 §6.1.9).
fn ntp_ms(ntp: u64) -> u64 {
    const SECONDS_1900_TO_1970: u64 = 2_208_988_800;
    let seconds = (ntp >> 32).saturating_sub(SECONDS_1900_TO_1970);
    seconds * 1_000 + (((ntp & 0xffff_ffff) * 1_000) >> 32)
}

/// A number of one to eight octets in a row (RFC 7011 §6.2: any field may be sent shorter).
#[inline]
pub(crate) fn number(row: &[u8], column: &Column) -> u64 {
    let from = usize::from(column.offset);
    let field = row.get(from..from + usize::from(column.length)).unwrap_or_default();
    field.iter().fold(0, |sum, &octet| sum << 8 | u64::from(octet))
}

/// Puts one column of all rows.
#[inline]
fn each(flows: &mut [Flow], rows: Rows<'_>, column: &Column, put: impl Fn(&mut Flow, u64)) {
    match column.length {
        1 => of_length::<1>(flows, rows, column, |flow, [a]| put(flow, u64::from(a))),
        2 => of_length::<2>(flows, rows, column, |flow, octets| {
            put(flow, u64::from(u16::from_be_bytes(octets)));
        }),
        4 => of_length::<4>(flows, rows, column, |flow, octets| {
            put(flow, u64::from(u32::from_be_bytes(octets)));
        }),
        8 => of_length::<8>(flows, rows, column, |flow, octets| {
            put(flow, u64::from_be_bytes(octets));
        }),
        _ => {
            for (flow, row) in flows.iter_mut().zip(rows.bytes.chunks_exact(rows.stride)) {
                put(flow, number(row, column));
            }
        }
    }
}

#[inline]
fn each_wide(flows: &mut [Flow], rows: Rows<'_>, column: &Column, put: impl Fn(&mut Flow, u128)) {
    of_length::<16>(flows, rows, column, |flow, octets| put(flow, u128::from_be_bytes(octets)));
}

#[inline]
fn of_length<const N: usize>(
    flows: &mut [Flow],
    rows: Rows<'_>,
    column: &Column,
    put: impl Fn(&mut Flow, [u8; N]),
) {
    let from = usize::from(column.offset);
    // Said once, so that no row is asked again.
    if from + N > rows.stride {
        return;
    }
    for (flow, row) in flows.iter_mut().zip(rows.bytes.chunks_exact(rows.stride)) {
        if let Some(octets) = bytes::array::<N>(row, from) {
            put(flow, octets);
        }
    }
}

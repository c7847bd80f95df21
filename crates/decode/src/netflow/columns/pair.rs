//! Columns that nearly always come together, put in one pass over the rows.
//!
//! A pass costs about as much for its loop as for its field, so two fields in one pass are nearly
//! two for one.

use super::Clock;
use super::Rows;
use super::Times;
use super::at_uptime;
use crate::address::Address;
use crate::bytes;
use crate::netflow::element::Slot;
use crate::netflow::template::Column;
use crate::record::Flow;

/// Puts both columns if they are such a pair, of a usual length; false when they are not.
#[inline]
pub(super) fn both(
    flows: &mut [Flow],
    rows: Rows<'_>,
    a: &Column,
    b: &Column,
    clock: &Clock,
    times: &mut Times,
) -> bool {
    let known = |slots: (Slot, Slot), length: u16| {
        (a.slot, b.slot) == slots && a.length == length && b.length == length
    };
    if known((Slot::Source4, Slot::Target4), 4) {
        words(flows, rows, a, b, |flow, source, target| {
            (flow.source, flow.target) = (Address::v4(source), Address::v4(target));
        });
    } else if known((Slot::Source6, Slot::Target6), 16) {
        two::<16>(flows, rows, a, b, |flow, source, target| {
            super::put_v6(&mut flow.source, u128::from_be_bytes(source));
            super::put_v6(&mut flow.target, u128::from_be_bytes(target));
        });
    } else if known((Slot::Octets, Slot::Packets), 4) {
        words(flows, rows, a, b, |flow, octets, packets| {
            (flow.octets, flow.packets) = (u64::from(octets), u64::from(packets));
        });
    } else if known((Slot::Octets, Slot::Packets), 8) {
        two::<8>(flows, rows, a, b, |flow, octets, packets| {
            (flow.octets, flow.packets) = (u64::from_be_bytes(octets), u64::from_be_bytes(packets));
        });
    } else if known((Slot::SourcePort, Slot::TargetPort), 2) {
        two::<2>(flows, rows, a, b, |flow, source, target| {
            flow.source_port = u16::from_be_bytes(source);
            flow.target_port = u16::from_be_bytes(target);
        });
    } else if known((Slot::SourceAs, Slot::TargetAs), 4) {
        words(flows, rows, a, b, |flow, source, target| {
            (flow.source_as, flow.target_as) = (source, target);
        });
    } else if known((Slot::InInterface, Slot::OutInterface), 4) {
        words(flows, rows, a, b, |flow, input, output| {
            (flow.in_interface, flow.out_interface) = (input, output);
        });
    } else if known((Slot::FirstMilliseconds, Slot::LastMilliseconds), 8) {
        two::<8>(flows, rows, a, b, |flow, first, last| {
            (flow.start_ms, flow.end_ms) = (u64::from_be_bytes(first), u64::from_be_bytes(last));
        });
        (times.first, times.last) = (true, true);
    } else if let Some(now) = clock.uptime_ms
        && known((Slot::FirstUptime, Slot::LastUptime), 4)
    {
        words(flows, rows, a, b, |flow, first, last| {
            flow.start_ms = at_uptime(clock.exported_ms, now, first);
            flow.end_ms = at_uptime(clock.exported_ms, now, last);
        });
        (times.first, times.last) = (true, true);
    } else {
        return false;
    }
    true
}

#[inline]
fn words(
    flows: &mut [Flow],
    rows: Rows<'_>,
    a: &Column,
    b: &Column,
    put: impl Fn(&mut Flow, u32, u32),
) {
    two::<4>(flows, rows, a, b, |flow, a, b| {
        put(flow, u32::from_be_bytes(a), u32::from_be_bytes(b));
    });
}

#[inline]
fn two<const N: usize>(
    flows: &mut [Flow],
    rows: Rows<'_>,
    a: &Column,
    b: &Column,
    put: impl Fn(&mut Flow, [u8; N], [u8; N]),
) {
    let (a, b) = (usize::from(a.offset), usize::from(b.offset));
    if a.max(b) + N > rows.stride {
        return;
    }
    for (flow, row) in flows.iter_mut().zip(rows.bytes.chunks_exact(rows.stride)) {
        if let (Some(a), Some(b)) = (bytes::array::<N>(row, a), bytes::array::<N>(row, b)) {
            put(flow, a, b);
        }
    }
}

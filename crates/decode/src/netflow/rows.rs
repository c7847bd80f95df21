//! Records that are read one by one: their lengths vary, or they hold the head of a packet.

use crate::export::batch::Batch;
use crate::export::sampling::Samplers;
use crate::netflow::columns;
use crate::netflow::columns::Clock;
use crate::netflow::columns::Rows;
use crate::netflow::columns::number;
use crate::netflow::element::Slot;
use crate::netflow::template::Columns;
use crate::netflow::template::Layout;
use crate::packet::Frame;
use crate::packet::Link;
use crate::packet::Packet;
use crate::record::Fields;
use crate::record::Flow;

/// Reads all records of a body; returns how many there were.
pub(crate) fn read(
    body: &[u8],
    layout: &Layout,
    base: &Flow,
    clock: &Clock,
    samplers: &Samplers,
    batch: &mut Batch,
    sink: &mut impl FnMut(&[Flow]),
) -> u32 {
    let mut rest = body;
    let mut count = 0;
    let mut found = Columns::default();
    // What is shorter than the shortest record is padding.
    while rest.len() >= layout.record_octets() {
        let Some(length) = layout.measure(rest, &mut found) else { break };
        let (row, later) = rest.split_at(length);
        rest = later;
        count += 1;
        let mut flow = *base;
        let rows = Rows { bytes: row, stride: row.len() };
        columns::fill(std::slice::from_mut(&mut flow), rows, &found, clock, samplers);
        if layout.has_section() && !from_section(&mut flow, row, &found) {
            continue;
        }
        batch.give_one(&flow, sink);
        if let Some(answer) = answer(&flow, row, &found) {
            batch.give_one(&answer, sink);
        }
    }
    count
}

/// The flow of the other direction, if the record counts it too (RFC 5103).
pub(crate) fn answer(flow: &Flow, row: &[u8], columns: &Columns) -> Option<Flow> {
    let value = |slot: Slot| columns.get(slot).map(|column| number(row, column));
    let octets = value(Slot::AnswerOctets);
    let packets = value(Slot::AnswerPackets);
    if octets.unwrap_or_default() == 0 && packets.unwrap_or_default() == 0 {
        return None;
    }
    let flags = value(Slot::AnswerTcpFlags);
    let counted =
        [(octets, Fields::OCTETS), (packets, Fields::PACKETS), (flags, Fields::TCP_FLAGS)];
    let exported = counted.into_iter().fold(flow.exported, |fields, (value, field)| {
        if value.is_some() { fields.with(field) } else { fields.without(field) }
    });
    Some(Flow {
        source: flow.target,
        target: flow.source,
        octets: octets.unwrap_or_default(),
        packets: packets.unwrap_or_default(),
        source_as: flow.target_as,
        target_as: flow.source_as,
        in_interface: flow.out_interface,
        out_interface: flow.in_interface,
        source_port: flow.target_port,
        target_port: flow.source_port,
        tcp_flags: flags.unwrap_or_default() as u16 & 0x01ff,
        ttl: 0,
        exported: exported.without(Fields::TTL).with(Fields::ANSWER),
        ..*flow
    })
}

/// Reads the sampled head of a packet into its flow; false when it is not IP.
fn from_section(flow: &mut Flow, row: &[u8], columns: &Columns) -> bool {
    let section = [(Slot::FrameSection, Link::Ethernet), (Slot::PacketSection, Link::Ip)]
        .into_iter()
        .find_map(|(slot, link)| columns.get(slot).map(|column| (column, link)));
    let Some((column, link)) = section else { return false };
    let from = usize::from(column.offset);
    let bytes = row.get(from..from + usize::from(column.length)).unwrap_or_default();
    let said = columns.get(Slot::SectionLength).map(|column| number(row, column) as u32);
    let wire_octets = said.unwrap_or_default().max(bytes.len() as u32);
    let frame = Frame { at_ns: 0, link, wire_octets, bytes };
    let Ok(packet) = Packet::read(&frame) else { return false };
    let seen = packet.flow(flow.sampling);
    let exported = flow.exported.with(seen.exported.without(Fields::TIMES)).with(Fields::SECTION);
    let counted = *flow;
    *flow = Flow {
        start_ms: counted.start_ms,
        end_ms: counted.end_ms,
        source_as: counted.source_as,
        target_as: counted.target_as,
        in_interface: counted.in_interface,
        out_interface: counted.out_interface,
        direction: counted.direction,
        exported,
        ..seen
    };
    if counted.exported.has(Fields::OCTETS) {
        flow.octets = counted.octets;
    }
    if counted.exported.has(Fields::PACKETS) {
        flow.packets = counted.packets;
    }
    true
}

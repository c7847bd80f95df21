//! NetFlow version 5: a fixed header and up to thirty fixed records.
//!
//! What it cannot tell: IPv6, AS numbers above 65,535, and a rate of sampling above 16,383.
//!
//! Reference: Cisco, "NetFlow Export Datagram Format", tables B-3 and B-4.

use crate::address::Address;
use crate::bytes;
use crate::export::Head;
use crate::export::Read;
use crate::export::Version;
use crate::export::batch::Batch;
use crate::fault::FaultKind;
use crate::netflow::columns;
use crate::record::Fields;
use crate::record::Flow;
use crate::record::Sampling;
use crate::record::SamplingOrigin;

const HEADER_OCTETS: usize = 24;
const RECORD_OCTETS: usize = 48;
/// Records of one datagram, as Cisco limits it.
const RECORDS_MAX: usize = 30;

/// Octets of the datagram at the beginning of a file.
pub(crate) fn length(file: &[u8]) -> Option<usize> {
    let count = usize::from(bytes::u16(file, 2)?);
    (count <= RECORDS_MAX).then_some(HEADER_OCTETS + count * RECORD_OCTETS)
}

/// Reads one datagram.
#[inline]
pub(crate) fn datagram(
    datagram: &[u8],
    configured: Sampling,
    batch: &mut Batch,
    sink: &mut impl FnMut(&[Flow]),
) -> Read {
    let header = bytes::array::<HEADER_OCTETS>(datagram, 0).ok_or(FaultKind::CutShort)?;
    let word = |at: usize| bytes::u32(&header, at).unwrap_or_default();
    let count = usize::from(u16::from_be_bytes([header[2], header[3]]));
    if count == 0 || count > RECORDS_MAX {
        return Err(FaultKind::CountMismatch);
    }
    let uptime_ms = word(4);
    let exported_ms = u64::from(word(8)) * 1_000 + u64::from(word(12)) / 1_000_000;
    // Two bits of mode; some exporters leave them zero and still sample.
    let interval = u32::from(u16::from_be_bytes([header[22], header[23]]) & 0x3fff);
    let said = Sampling::one_in(interval, SamplingOrigin::Record);
    let head = Head {
        version: Version::Netflow5,
        domain: u32::from(u16::from_be_bytes([header[20], header[21]])),
        exported_ms,
        sequence: word(16),
        advance: Some(count as u32),
    };
    let body = &datagram[HEADER_OCTETS..];
    let present = (body.len() / RECORD_OCTETS).min(count);
    let sampling = if said.is_unknown() { configured } else { said };
    let base = Flow { sampling, exported: EXPORTED, ..Flow::default() };
    let flows = batch.begin(present, &base);
    let (records, _) = body.as_chunks::<RECORD_OCTETS>();
    for (flow, record) in flows.iter_mut().zip(records) {
        put(flow, record, exported_ms, uptime_ms);
    }
    if present > 0 {
        batch.give(present, sink);
    }
    let wrong = match body.len().cmp(&(count * RECORD_OCTETS)) {
        std::cmp::Ordering::Less => Some(FaultKind::CutShort),
        std::cmp::Ordering::Greater => Some(FaultKind::CountMismatch),
        std::cmp::Ordering::Equal => None,
    };
    Ok((head, wrong))
}

#[inline]
fn put(flow: &mut Flow, record: &[u8; RECORD_OCTETS], exported_ms: u64, uptime_ms: u32) {
    let word = |at: usize| {
        u32::from_be_bytes([record[at], record[at + 1], record[at + 2], record[at + 3]])
    };
    let half = |at: usize| u16::from_be_bytes([record[at], record[at + 1]]);
    flow.source = Address::v4(word(0));
    flow.target = Address::v4(word(4));
    flow.in_interface = u32::from(half(12));
    flow.out_interface = u32::from(half(14));
    flow.packets = u64::from(word(16));
    flow.octets = u64::from(word(20));
    flow.start_ms = columns::at_uptime(exported_ms, uptime_ms, word(24));
    flow.end_ms = columns::at_uptime(exported_ms, uptime_ms, word(28));
    flow.source_port = half(32);
    flow.target_port = half(34);
    flow.tcp_flags = u16::from(record[37]);
    flow.protocol = record[38];
    columns::icmp_in_port(flow);
    flow.source_as = u32::from(half(40));
    flow.target_as = u32::from(half(42));
}

const EXPORTED: Fields = Fields::SOURCE
    .with(Fields::TARGET)
    .with(Fields::PORTS)
    .with(Fields::PROTOCOL)
    .with(Fields::TCP_FLAGS)
    .with(Fields::OCTETS)
    .with(Fields::PACKETS)
    .with(Fields::TIMES)
    .with(Fields::SOURCE_AS)
    .with(Fields::TARGET_AS)
    .with(Fields::IN_INTERFACE)
    .with(Fields::OUT_INTERFACE);

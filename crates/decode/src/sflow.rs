//! sFlow version 5: sampled packet heads, and counters that are passed over.
//!
//! A sampled head goes through the packet decoder, so tags, labels and tunnels are read as in a
//! capture. Each sample is a flow of one packet, with the rate that stands in it.
//!
//! What it cannot tell: when a packet was seen; sFlow has no clock but the receiver's. Counters of
//! interfaces are not read, only counted.
//!
//! Reference: sFlow.org, "sFlow Version 5" (2004), §5.

use crate::address::Address;
use crate::bytes;
use crate::export::Counts;
use crate::export::Head;
use crate::export::Read;
use crate::export::Version;
use crate::export::batch::Batch;
use crate::fault::FaultKind;
use crate::packet::Frame;
use crate::packet::Link;
use crate::packet::Packet;
use crate::record::Fields;
use crate::record::Flow;
use crate::record::Sampling;
use crate::record::SamplingOrigin;

#[cfg(test)]
mod tests;

/// Samples of one datagram; more do not fit into one.
const SAMPLES_MAX: u32 = 4_096;
/// Records of one sample.
const RECORDS_MAX: u32 = 256;

const FLOW_SAMPLE: u32 = 1;
const COUNTER_SAMPLE: u32 = 2;
const EXPANDED_FLOW_SAMPLE: u32 = 3;
const EXPANDED_COUNTER_SAMPLE: u32 = 4;

const RAW_HEADER: u32 = 1;
const SAMPLED_IPV4: u32 = 3;
const SAMPLED_IPV6: u32 = 4;
const GATEWAY: u32 = 1_003;

const CUT: FaultKind = FaultKind::CutShort;

/// Words of XDR, taken from the front.
struct Words<'a>(&'a [u8]);

impl<'a> Words<'a> {
    fn next(&mut self) -> Result<u32, FaultKind> {
        let word = bytes::u32(self.0, 0).ok_or(CUT)?;
        self.0 = &self.0[4..];
        Ok(word)
    }

    fn take(&mut self, octets: usize) -> Result<&'a [u8], FaultKind> {
        let taken = self.0.get(..octets).ok_or(CUT)?;
        // XDR fills up to whole words.
        self.0 = bytes::from(self.0, octets.next_multiple_of(4));
        Ok(taken)
    }

    fn address(&mut self) -> Result<Address, FaultKind> {
        match self.next()? {
            1 => Ok(Address::v4(self.next()?)),
            2 => {
                let octets = bytes::array::<16>(self.take(16)?, 0).ok_or(CUT)?;
                Ok(Address::v6(u128::from_be_bytes(octets)))
            }
            0 => Ok(Address::UNSPECIFIED),
            _ => Err(FaultKind::BadLength),
        }
    }
}

/// Where the flows go.
pub(crate) struct Out<'a, S> {
    pub(crate) batch: &'a mut Batch,
    pub(crate) counts: &'a mut Counts,
    pub(crate) sink: &'a mut S,
}

/// Reads one datagram.
pub(crate) fn datagram<S: FnMut(&[Flow])>(
    datagram: &[u8],
    configured: Sampling,
    now_ms: u64,
    out: &mut Out<'_, S>,
) -> Read {
    let mut words = Words(bytes::from(datagram, 4));
    let _agent = words.address()?;
    let domain = words.next()?;
    let sequence = words.next()?;
    let _uptime_ms = words.next()?;
    let count = words.next()?;
    if count > SAMPLES_MAX {
        return Err(FaultKind::CountMismatch);
    }
    let head =
        Head { version: Version::Sflow5, domain, exported_ms: now_ms, sequence, advance: Some(1) };
    let mut wrong = None;
    for _ in 0..count {
        let read = sample(&mut words, configured, now_ms, out);
        match read {
            Ok(None) => {}
            // The length of a sample says where the next one begins.
            Ok(kind) => wrong = kind,
            Err(kind) => return Ok((head, Some(kind))),
        }
    }
    Ok((head, wrong))
}

/// Reads one sample; an error is one after which nothing can be read.
fn sample<S: FnMut(&[Flow])>(
    words: &mut Words<'_>,
    configured: Sampling,
    now_ms: u64,
    out: &mut Out<'_, S>,
) -> Result<Option<FaultKind>, FaultKind> {
    let kind = words.next()?;
    let length = words.next()? as usize;
    let body = words.take(length)?;
    let read = match kind {
        FLOW_SAMPLE | EXPANDED_FLOW_SAMPLE => {
            let expanded = kind == EXPANDED_FLOW_SAMPLE;
            flow_sample(Words(body), expanded, configured, now_ms, out)
        }
        COUNTER_SAMPLE | EXPANDED_COUNTER_SAMPLE => {
            out.counts.counter_samples += 1;
            return Ok(None);
        }
        _ => Err(FaultKind::UnknownSample),
    };
    Ok(read.err())
}

fn flow_sample<S: FnMut(&[Flow])>(
    mut words: Words<'_>,
    expanded: bool,
    configured: Sampling,
    now_ms: u64,
    out: &mut Out<'_, S>,
) -> Result<(), FaultKind> {
    let _sequence = words.next()?;
    let _source = words.next()?;
    if expanded {
        let _source_index = words.next()?;
    }
    let said = Sampling::one_in(words.next()?, SamplingOrigin::Record);
    let _pool = words.next()?;
    let _drops = words.next()?;
    let (input, output) = if expanded {
        ((words.next()?, words.next()?), (words.next()?, words.next()?))
    } else {
        (compact(words.next()?), compact(words.next()?))
    };
    let sampling = if said.is_unknown() { configured } else { said };
    let records = words.next()?;
    let mut found: Option<Flow> = None;
    let mut networks = (0, 0);
    let mut seen_header = false;
    for _ in 0..records.min(RECORDS_MAX) {
        let kind = words.next()?;
        let length = words.next()? as usize;
        let record = Words(words.take(length)?);
        match kind {
            RAW_HEADER => {
                seen_header = true;
                found = raw_header(record, sampling)?.or(found);
            }
            // Only where the head of the packet itself is not there.
            SAMPLED_IPV4 if found.is_none() => found = Some(sampled(record, sampling, 4)?),
            SAMPLED_IPV6 if found.is_none() => found = Some(sampled(record, sampling, 16)?),
            GATEWAY => networks = gateway(record)?,
            _ => {}
        }
    }
    let Some(mut flow) = found else {
        out.counts.other_packets += u64::from(seen_header);
        return Ok(());
    };
    (flow.start_ms, flow.end_ms) = (now_ms, now_ms);
    flow.in_interface = interface(input);
    flow.out_interface = interface(output);
    (flow.source_as, flow.target_as) = networks;
    flow.exported = flow.exported.with(Fields::IN_INTERFACE).with(Fields::OUT_INTERFACE);
    if output.0 == DISCARDED {
        flow.exported = flow.exported.with(Fields::DROPPED);
    }
    out.batch.give_one(&flow, out.sink);
    Ok(())
}

/// The format of an interface that says: the packet was discarded.
const DISCARDED: u32 = 1;

/// An interface in one word: two bits of format, thirty of value.
fn compact(word: u32) -> (u32, u32) {
    (word >> 30, word & 0x3fff_ffff)
}

/// The index of an interface; 0 when it is none, several, or inside the machine.
fn interface((format, value): (u32, u32)) -> u32 {
    const INTERNAL: u32 = 0x3fff_ffff;
    if format == 0 && value != INTERNAL { value } else { 0 }
}

fn raw_header(mut words: Words<'_>, sampling: Sampling) -> Result<Option<Flow>, FaultKind> {
    let link = Link::of_sflow(words.next()?);
    let wire_octets = words.next()?;
    let _stripped = words.next()?;
    let length = words.next()? as usize;
    let bytes = words.take(length)?;
    let frame = Frame { at_ns: 0, link, wire_octets, bytes };
    Ok(Packet::read(&frame).ok().map(|packet| packet.flow(sampling)))
}

fn sampled(mut words: Words<'_>, sampling: Sampling, octets: usize) -> Result<Flow, FaultKind> {
    let length = words.next()?;
    let protocol = words.next()? as u8;
    let mut address = || -> Result<Address, FaultKind> {
        let taken = words.take(octets)?;
        match bytes::array::<16>(taken, 0) {
            Some(wide) => Ok(Address::v6(u128::from_be_bytes(wide))),
            None => bytes::u32(taken, 0).map(Address::v4).ok_or(CUT),
        }
    };
    let (source, target) = (address()?, address()?);
    Ok(Flow {
        source,
        target,
        octets: u64::from(length),
        packets: 1,
        sampling,
        source_port: words.next()? as u16,
        target_port: words.next()? as u16,
        tcp_flags: words.next()? as u16 & 0x01ff,
        protocol,
        exported: Fields::SOURCE
            .with(Fields::TARGET)
            .with(Fields::PORTS)
            .with(Fields::PROTOCOL)
            .with(Fields::TCP_FLAGS)
            .with(Fields::OCTETS)
            .with(Fields::PACKETS)
            .with(Fields::TIMES),
        ..Flow::default()
    })
}

/// AS of the source, and the last AS of the path to the target (§5.4, extended gateway).
fn gateway(mut words: Words<'_>) -> Result<(u32, u32), FaultKind> {
    let _next_hop = words.address()?;
    let own = words.next()?;
    let source = words.next()?;
    let _peer = words.next()?;
    let segments = words.next()?;
    // An empty path: the target lies in the router's own AS.
    let mut target = own;
    for _ in 0..segments.min(RECORDS_MAX) {
        let _kind = words.next()?;
        let length = words.next()?;
        for _ in 0..length.min(RECORDS_MAX) {
            target = words.next()?;
        }
    }
    Ok((source, target))
}

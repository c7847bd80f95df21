//! One datagram of NetFlow v9 or IPFIX: its sets of templates and of data.

use crate::address::Address;
use crate::bytes;
use crate::export::Counts;
use crate::export::Decoder;
use crate::export::DomainKey;
use crate::export::Head;
use crate::export::Learnt;
use crate::export::Read;
use crate::export::Version;
use crate::export::batch::BATCH_FLOWS;
use crate::export::batch::Batch;
use crate::export::domain::Domain;
use crate::export::held::HeldSet;
use crate::fault::FaultKind;
use crate::netflow::columns;
use crate::netflow::columns::Clock;
use crate::netflow::columns::Rows;
use crate::netflow::element::Slot;
use crate::netflow::options;
use crate::netflow::rows;
use crate::netflow::template;
use crate::netflow::template::Columns;
use crate::netflow::template::Layout;
use crate::netflow::template::Said;
use crate::record::Fields;
use crate::record::Flow;

const V9_HEADER_OCTETS: usize = 20;
const IPFIX_HEADER_OCTETS: usize = 16;
const SET_HEADER_OCTETS: usize = 4;

/// What became of one set.
enum Set {
    /// So many records of data.
    Data(u32),
    /// Templates, or nothing that is numbered.
    Nothing,
    /// Data that nobody can count without its template.
    Unread,
}

impl Decoder {
    /// Reads a datagram whose records are described by templates.
    pub(crate) fn templated(
        &mut self,
        exporter: Address,
        version: Version,
        now_ms: u64,
        datagram: &[u8],
        sink: &mut impl FnMut(&[Flow]),
    ) -> Read {
        let (mut head, uptime_ms, mut rest, mut wrong) = match version {
            Version::Netflow9 => v9_head(datagram)?,
            _ => ipfix_head(datagram)?,
        };
        let key = DomainKey { exporter, domain: head.domain, version };
        self.domains.get(key, now_ms)?;
        let mut records = Some(0u32);
        // Version 9 says how many records there are, and no set is without one.
        let mut sets_left = match version {
            Version::Netflow9 => bytes::u16(datagram, 2).unwrap_or_default(),
            _ => u16::MAX,
        };
        while rest.len() >= SET_HEADER_OCTETS {
            let id = bytes::u16(rest, 0).unwrap_or_default();
            let length = usize::from(bytes::u16(rest, 2).unwrap_or_default());
            if length < SET_HEADER_OCTETS {
                // Zeros up to the end are padding that should not be there.
                if rest.iter().any(|octet| *octet != 0) {
                    wrong = Some(FaultKind::BadLength);
                }
                break;
            }
            if sets_left == 0 {
                wrong = Some(FaultKind::CountMismatch);
                break;
            }
            sets_left -= 1;
            if length > rest.len() {
                wrong = Some(FaultKind::CutShort);
            }
            let body = &bytes::upto(rest, length)[SET_HEADER_OCTETS..];
            let context = Context { key, now_ms, exported_ms: head.exported_ms, uptime_ms };
            match self.set(&context, id, body, sink) {
                Set::Data(count) => records = records.map(|sum| sum + count),
                Set::Nothing => {}
                Set::Unread => records = None,
            }
            rest = bytes::from(rest, length);
        }
        if version == Version::Ipfix {
            // IPFIX numbers records of data (RFC 7011 §3.1), v9 numbers datagrams.
            head.advance = records;
        }
        Ok((head, wrong))
    }

    /// Reads what waited for a template.
    pub(crate) fn release(
        &mut self,
        key: DomainKey,
        id: u16,
        now_ms: u64,
        sink: &mut impl FnMut(&[Flow]),
    ) {
        if self.held.is_empty() {
            return;
        }
        for set in self.held.release(key, id) {
            let (exported_ms, uptime_ms) = (set.exported_ms, set.uptime_ms);
            let context = Context { key, now_ms, exported_ms, uptime_ms };
            self.set(&context, id, &set.body, sink);
        }
    }

    fn set(
        &mut self,
        context: &Context,
        id: u16,
        body: &[u8],
        sink: &mut impl FnMut(&[Flow]),
    ) -> Set {
        match (context.key.version, id) {
            (Version::Netflow9, 0) | (Version::Ipfix, 2) => {
                self.templates(context, false, body, sink);
                Set::Nothing
            }
            (Version::Netflow9, 1) | (Version::Ipfix, 3) => {
                self.templates(context, true, body, sink);
                Set::Nothing
            }
            (_, 256..) => self.data(context, id, body, sink),
            _ => {
                self.fault(FaultKind::ReservedSet);
                Set::Nothing
            }
        }
    }

    fn templates(
        &mut self,
        context: &Context,
        is_options: bool,
        body: &[u8],
        sink: &mut impl FnMut(&[Flow]),
    ) {
        let key = context.key;
        let mut found = Vec::new();
        template::read(key.version, is_options, body, |said| found.push(said));
        for said in found {
            let Ok(domain) = self.domains.get(key, context.now_ms) else { return };
            match said {
                Said::Template(id, layout) => {
                    if domain.layout(id) == Some(&layout) {
                        continue;
                    }
                    if !domain.has_room(id) {
                        self.fault(FaultKind::TooManyTemplates);
                        continue;
                    }
                    domain.put(id, layout.clone());
                    let layout = Some(Box::new(layout));
                    self.learnt(Learnt::Template { key, id, layout });
                    self.release(key, id, context.now_ms, sink);
                }
                Said::Withdrawn(0) => {}
                Said::Withdrawn(id) => {
                    domain.withdraw(id);
                    self.learnt(Learnt::Template { key, id, layout: None });
                }
                Said::AllWithdrawn => {
                    for id in domain.withdraw_all(is_options) {
                        self.learnt(Learnt::Template { key, id, layout: None });
                    }
                }
                Said::Bad(kind) => self.fault(kind),
            }
        }
    }

    fn data(
        &mut self,
        context: &Context,
        id: u16,
        body: &[u8],
        sink: &mut impl FnMut(&[Flow]),
    ) -> Set {
        let Ok(domain) = self.domains.get(context.key, context.now_ms) else {
            return Set::Unread;
        };
        let Some(layout) = domain.layout(id) else {
            let held = self.held.hold(HeldSet {
                key: context.key,
                id,
                received_ms: context.now_ms,
                exported_ms: context.exported_ms,
                uptime_ms: context.uptime_ms,
                body: body.into(),
            });
            self.counts.held_sets += u64::from(held);
            if !held {
                self.fault(FaultKind::NoTemplate);
            }
            return Set::Unread;
        };
        if layout.is_options() {
            let layout = layout.clone();
            return Set::Data(self.options(context.key, context.now_ms, &layout, body));
        }
        let clock = Clock {
            exported_ms: context.exported_ms,
            uptime_ms: context.uptime_ms,
            booted_ms: domain.booted_ms,
        };
        Set::Data(flows(body, layout, domain, &clock, &mut self.batch, &mut self.counts, sink))
    }

    fn options(&mut self, key: DomainKey, now_ms: u64, layout: &Layout, body: &[u8]) -> u32 {
        let mut rest = body;
        let mut count = 0;
        let mut found = Columns::default();
        while rest.len() >= layout.record_octets() {
            let Some(length) = layout.measure(rest, &mut found) else { break };
            let (row, later) = rest.split_at(length);
            rest = later;
            count += 1;
            let told = options::read(&found, row);
            let Ok(domain) = self.domains.get(key, now_ms) else { break };
            if told.booted_ms.is_some() {
                domain.booted_ms = told.booted_ms;
            }
            if told.sampling.is_unknown() {
                continue;
            }
            match domain.samplers.put(told.scope, told.sampling) {
                Some(true) => {
                    let (scope, sampling) = (told.scope, told.sampling);
                    self.learnt(Learnt::Sampler { key, scope, sampling });
                }
                Some(false) => {}
                None => self.fault(FaultKind::TooManySamplers),
            }
        }
        self.counts.other_records += u64::from(count);
        count
    }
}

/// What the datagram around a set says.
struct Context {
    key: DomainKey,
    now_ms: u64,
    exported_ms: u64,
    uptime_ms: Option<u32>,
}

/// Reads the records of a set of flows; returns how many there were.
fn flows(
    body: &[u8],
    layout: &Layout,
    domain: &Domain,
    clock: &Clock,
    batch: &mut Batch,
    counts: &mut Counts,
    sink: &mut impl FnMut(&[Flow]),
) -> u32 {
    let stride = layout.record_octets();
    if !layout.is_flow() {
        let count = if layout.by_row() { 0 } else { body.len() / stride };
        counts.other_records += count as u64;
        return count as u32;
    }
    let mut exported = layout.exported();
    if columns::has_times(layout.columns(), clock) {
        exported = exported.with(Fields::TIMES);
    }
    let base = Flow {
        start_ms: clock.exported_ms,
        end_ms: clock.exported_ms,
        sampling: domain.samplers.find(None, 0).unwrap_or(domain.configured),
        exported,
        ..Flow::default()
    };
    if layout.by_row() {
        return rows::read(body, layout, &base, clock, &domain.samplers, batch, sink);
    }
    let all = layout.columns();
    let two_way = all.has(Slot::AnswerOctets) || all.has(Slot::AnswerPackets);
    let mut count = 0;
    for part in body.chunks(stride * BATCH_FLOWS) {
        let length = part.len() / stride;
        let rows = Rows { bytes: part, stride };
        let filled = batch.begin(length, &base);
        columns::fill(filled, rows, all, clock, &domain.samplers);
        let answers: Vec<Flow> = if two_way {
            let pairs = filled.iter().zip(part.chunks_exact(stride));
            pairs.filter_map(|(flow, row)| rows::answer(flow, row, all)).collect()
        } else {
            Vec::new()
        };
        if length > 0 {
            batch.give(length, sink);
        }
        for answer in answers {
            batch.give_one(&answer, sink);
        }
        count += length as u32;
    }
    count
}

type ReadHead<'a> = Result<(Head, Option<u32>, &'a [u8], Option<FaultKind>), FaultKind>;

/// RFC 3954 §5.1.
fn v9_head(datagram: &[u8]) -> ReadHead<'_> {
    let word = |at: usize| bytes::u32(datagram, at).ok_or(FaultKind::CutShort);
    let head = Head {
        version: Version::Netflow9,
        exported_ms: u64::from(word(8)?) * 1_000,
        sequence: word(12)?,
        domain: word(16)?,
        advance: Some(1),
    };
    Ok((head, Some(word(4)?), &datagram[V9_HEADER_OCTETS..], None))
}

/// RFC 7011 §3.1.
fn ipfix_head(datagram: &[u8]) -> ReadHead<'_> {
    let word = |at: usize| bytes::u32(datagram, at).ok_or(FaultKind::CutShort);
    let length = usize::from(bytes::u16(datagram, 2).ok_or(FaultKind::CutShort)?);
    let head = Head {
        version: Version::Ipfix,
        exported_ms: u64::from(word(4)?) * 1_000,
        sequence: word(8)?,
        domain: word(12)?,
        advance: None,
    };
    if length < IPFIX_HEADER_OCTETS {
        return Err(FaultKind::BadLength);
    }
    let wrong = match length.cmp(&datagram.len()) {
        std::cmp::Ordering::Greater => Some(FaultKind::CutShort),
        std::cmp::Ordering::Less => Some(FaultKind::BadLength),
        std::cmp::Ordering::Equal => None,
    };
    Ok((head, None, &bytes::upto(datagram, length)[IPFIX_HEADER_OCTETS..], wrong))
}

/// Octets of the first datagram of v9 in a file: up to what cannot be the id of a set.
pub(crate) fn v9_length(file: &[u8]) -> usize {
    let mut at = V9_HEADER_OCTETS;
    while let (Some(id), Some(length)) = (bytes::u16(file, at), bytes::u16(file, at + 2)) {
        let is_set = matches!(id, 0 | 1 | 256..);
        if !is_set || usize::from(length) < SET_HEADER_OCTETS {
            let begins = matches!(Version::of(&file[at..]), Some(Version::Netflow9));
            return if begins { at } else { file.len() };
        }
        at += usize::from(length);
    }
    at.min(file.len())
}

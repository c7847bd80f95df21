//! Datagrams built by hand: templates, options, rates, and everything that can be wrong.

use super::*;
use crate::export::domain::TEMPLATES_MAX;
use crate::export::held::HELD_MS_MAX;
use crate::export::held::HELD_SETS_MAX;
use crate::record::Fields;
use crate::record::SamplingOrigin;

fn words(values: &[u16]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_be_bytes()).collect()
}

fn set(id: u16, body: &[u8]) -> Vec<u8> {
    let mut bytes = words(&[id, body.len() as u16 + 4]);
    bytes.extend(body);
    bytes
}

fn ipfix(sequence: u32, sets: &[Vec<u8>]) -> Vec<u8> {
    let body = sets.concat();
    let mut bytes = words(&[10, body.len() as u16 + 16]);
    for value in [1_000_000, sequence, 7] {
        bytes.extend(u32::to_be_bytes(value));
    }
    bytes.extend(body);
    bytes
}

fn v9(sets: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = words(&[9, sets.len() as u16]);
    for value in [60_000, 1_000_000, 1, 7] {
        bytes.extend(u32::to_be_bytes(value));
    }
    bytes.extend(sets.concat());
    bytes
}

fn template(id: u16, fields: &[(u16, u16)]) -> Vec<u8> {
    let mut body = vec![id, fields.len() as u16];
    body.extend(fields.iter().flat_map(|(element, length)| [*element, *length]));
    words(&body)
}

struct Reader {
    decoder: Decoder,
    flows: Vec<Flow>,
}

impl Reader {
    fn new() -> Self {
        Self { decoder: Decoder::new(), flows: Vec::new() }
    }

    fn read(&mut self, datagram: &[u8]) -> Option<Head> {
        self.read_at(0, datagram)
    }

    fn read_at(&mut self, now_ms: u64, datagram: &[u8]) -> Option<Head> {
        let Self { decoder, flows } = self;
        let before = flows.len() as u64;
        let counted = decoder.counts.flows;
        let head = decoder.datagram(Address::v4(9), now_ms, datagram, |batch| flows.extend(batch));
        assert_eq!(decoder.counts.flows - counted, flows.len() as u64 - before);
        // Cut anywhere it says less, and never panics.
        for end in 0..datagram.len() {
            Decoder::new().datagram(Address::v4(9), now_ms, &datagram[..end], |_| {});
        }
        head
    }

    fn faults(&self) -> Vec<(FaultKind, u64)> {
        self.decoder.faults.by_kind().collect()
    }
}

/// Source and target, octets of two bytes (reduced size), then what a test adds.
const PLAIN: [(u16, u16); 3] = [(8, 4), (12, 4), (1, 2)];

fn plain(octets: u16) -> Vec<u8> {
    [&[192, 0, 2, 1, 192, 0, 2, 2][..], &octets.to_be_bytes()].concat()
}

#[test]
fn records_are_read_with_reduced_sizes_and_padding() {
    let mut reader = Reader::new();
    let data = [plain(5), plain(6), vec![0, 0]].concat();
    let head = reader.read(&ipfix(41, &[set(2, &template(256, &PLAIN)), set(256, &data)]));
    let head = head.unwrap();
    assert_eq!((head.sequence, head.advance, head.domain), (41, Some(2), 7));
    assert_eq!(reader.flows.iter().map(|flow| flow.octets).collect::<Vec<_>>(), [5, 6]);
    assert_eq!(reader.flows[0].source.to_string(), "192.0.2.1");
    // No time in the record: the time of the export, and it says so.
    assert_eq!(reader.flows[0].end_ms, 1_000_000_000);
    assert!(!reader.flows[0].exported.has(Fields::TIMES));
    assert_eq!(reader.faults(), []);
}

#[test]
fn varying_lengths_and_enterprises_are_passed() {
    let mut reader = Reader::new();
    let mut body = words(&[300, 4, 8, 4, 0x8000 | 99, 65_535]);
    body.extend(words(&[0, 9, 12, 4, 1, 8]));
    let long = [&[255, 1, 4][..], &[7; 260]].concat();
    let row = |name: &[u8]| {
        let octets = 77u64.to_be_bytes();
        [&[192, 0, 2, 1][..], name, &[192, 0, 2, 2], &octets].concat()
    };
    let data = [row(&[3, 1, 2, 3]), row(&long), row(&[0])].concat();
    reader.read(&ipfix(0, &[set(2, &body), set(300, &data)]));
    assert_eq!(reader.flows.len(), 3);
    for flow in &reader.flows {
        assert_eq!((flow.octets, flow.target.to_string().as_str()), (77, "192.0.2.2"));
    }
    assert_eq!(reader.faults(), []);
}

#[test]
fn a_template_may_hold_both_families() {
    let mut reader = Reader::new();
    let fields = [(8, 4), (27, 16), (12, 4), (28, 16)];
    let four = [&[192, 0, 2, 1][..], &[0; 16], &[192, 0, 2, 2], &[0; 16]].concat();
    let six = [&[0; 4][..], &[0x20; 16], &[0; 4], &[0x21; 16]].concat();
    reader.read(&v9(&[set(0, &template(256, &fields)), set(256, &[four, six].concat())]));
    assert_eq!(reader.flows[0].target.to_string(), "192.0.2.2");
    assert!(!reader.flows[1].source.is_v4() && !reader.flows[1].target.is_v4());
}

#[test]
fn times_are_told_in_every_unit() {
    let uptime = [60_000u32 - 5_000, 60_000 - 1_000].map(u32::to_be_bytes).concat();
    let seconds = [999_995u32, 999_999].map(u32::to_be_bytes).concat();
    let ms = [999_995_000u64, 999_999_000].map(u64::to_be_bytes).concat();
    let ntp = [999_995u64, 999_999].map(|s| ((s + 2_208_988_800) << 32).to_be_bytes()).concat();
    let before = [5_000_000u32, 1_000_000].map(u32::to_be_bytes).concat();
    let lasting = [999_995_000u64.to_be_bytes(), [0, 0, 0, 0, 0, 0, 0x0f, 0xa0]].concat();
    type Case = (&'static str, bool, Vec<(u16, u16)>, Vec<u8>);
    let table: Vec<Case> = vec![
        ("uptime", true, vec![(22, 4), (21, 4)], uptime),
        ("seconds", false, vec![(150, 4), (151, 4)], seconds),
        ("milliseconds", false, vec![(152, 8), (153, 8)], ms),
        ("NTP", false, vec![(154, 8), (155, 8)], ntp),
        ("before the export", false, vec![(158, 4), (159, 4)], before),
        ("duration", false, vec![(152, 8), (161, 8)], lasting),
    ];
    for (name, is_v9, times, bytes) in table {
        let mut reader = Reader::new();
        let fields = [&PLAIN[..], &times].concat();
        let data = [plain(1), bytes].concat();
        let described = set(if is_v9 { 0 } else { 2 }, &template(256, &fields));
        let sets = [described, set(256, &data)];
        reader.read(&if is_v9 { v9(&sets) } else { ipfix(0, &sets) });
        let flow = reader.flows[0];
        assert_eq!((flow.start_ms, flow.end_ms), (999_995_000, 999_999_000), "{name}");
        assert!(flow.exported.has(Fields::TIMES), "{name}");
    }
}

#[test]
fn the_rate_of_the_record_goes_before_the_table_and_the_operator() {
    let mut body = words(&[300, 3, 1, 302, 8, 305, 4, 306, 4]);
    let options = set(3, &body);
    let sampler = |id: u64, taken: u32, left: u32| {
        [&id.to_be_bytes()[..], &taken.to_be_bytes(), &left.to_be_bytes()].concat()
    };
    let rates = set(300, &[sampler(1, 1, 99), sampler(2, 2, 6)].concat());
    body = template(256, &[&PLAIN[..], &[(302, 8), (34, 4)]].concat());
    let row = |id: u64, own: u32| [plain(1), id.to_be_bytes().into(), own.to_be_bytes().into()];
    let data = [row(1, 0), row(2, 0), row(3, 0), row(1, 7)].map(|row| row.concat()).concat();
    let mut reader = Reader::new();
    let configured = Sampling::one_in(50, SamplingOrigin::Configured);
    reader.decoder.configure(Address::v4(9), configured);
    reader.read(&ipfix(0, &[options, rates, set(2, &body), set(256, &data)]));
    let said: Vec<_> = reader
        .flows
        .iter()
        .map(|flow| (flow.sampling.weight().unwrap(), flow.sampling.origin()))
        .collect();
    let expected = [
        (100.0, SamplingOrigin::Table),
        (4.0, SamplingOrigin::Table),
        (50.0, SamplingOrigin::Configured),
        (7.0, SamplingOrigin::Record),
    ];
    assert_eq!(said, expected);
}

#[test]
fn a_rate_may_be_said_of_the_whole_exporter_or_an_interface() {
    // v9: scope system, then scope interface.
    let whole = words(&[300, 4, 4, 1, 4, 34, 4]);
    let one = words(&[301, 4, 4, 2, 4, 50, 4]);
    let value = |a: u32, b: u32| [a.to_be_bytes(), b.to_be_bytes()].concat();
    let fields = [&PLAIN[..], &[(10, 4)]].concat();
    let row = |interface: u32| [plain(1), interface.to_be_bytes().into()].concat();
    let mut reader = Reader::new();
    let described = set(0, &template(256, &fields));
    reader.read(&v9(&[described, set(256, &row(3))]));
    reader.read(&v9(&[set(1, &whole), set(300, &value(0, 10)), set(256, &row(3))]));
    reader.read(&v9(&[set(1, &one), set(301, &value(3, 20))]));
    reader.read(&v9(&[set(256, &[row(3), row(4)].concat())]));
    let said: Vec<_> = reader.flows.iter().map(|flow| flow.sampling.weight()).collect();
    assert_eq!(said, [None, Some(10.0), Some(20.0), Some(10.0)]);
}

#[test]
fn data_waits_for_its_template_for_a_while() {
    let described = ipfix(9, &[set(2, &template(256, &PLAIN))]);
    let data = ipfix(0, &[set(256, &plain(5))]);
    let mut reader = Reader::new();
    assert_eq!(reader.read_at(1_000, &data).unwrap().advance, None);
    reader.read_at(1_000 + HELD_MS_MAX, &described);
    assert_eq!((reader.flows.len(), reader.faults()), (1, vec![]));

    let mut late = Reader::new();
    late.read_at(1_000, &data);
    late.decoder.expire(1_001 + HELD_MS_MAX);
    late.read_at(1_001 + HELD_MS_MAX, &described);
    assert_eq!((late.flows.len(), late.faults()), (0, vec![(FaultKind::NoTemplate, 1)]));

    let mut many = Reader::new();
    for _ in 0..HELD_SETS_MAX + 3 {
        many.read_at(0, &data);
    }
    assert_eq!(many.faults(), [(FaultKind::NoTemplate, 3)]);
    many.read_at(0, &described);
    assert_eq!(many.flows.len(), HELD_SETS_MAX);
}

#[test]
fn templates_change_and_are_withdrawn() {
    let mut reader = Reader::new();
    reader.read(&ipfix(0, &[set(2, &template(256, &PLAIN)), set(256, &plain(5))]));
    let turned = [(12, 4), (8, 4), (1, 2)];
    reader.read(&ipfix(0, &[set(2, &template(256, &turned)), set(256, &plain(5))]));
    assert_eq!(reader.flows[0].source, reader.flows[1].target);
    reader.read(&ipfix(0, &[set(2, &template(256, &[])), set(256, &plain(5))]));
    assert_eq!(reader.flows.len(), 2);
    assert_eq!(reader.decoder.take_learnt().len(), 3);
    // Other domains and exporters have templates of their own.
    reader.read(&ipfix(0, &[set(2, &template(256, &PLAIN))]));
    let mut other = ipfix(0, &[set(256, &plain(5))]);
    other[15] = 8;
    reader.read(&other);
    assert_eq!(reader.flows.len(), 2 + 1, "the set held for domain 7 was given, 8's was not");
}

#[test]
fn a_two_way_record_is_two_flows() {
    let mut reader = Reader::new();
    let mut body = words(&[256, 5, 8, 4, 12, 4, 1, 2, 0x8001, 2]);
    body.extend(29_305u32.to_be_bytes());
    body.extend(words(&[0x8002, 2]));
    body.extend(29_305u32.to_be_bytes());
    let data = [plain(5), vec![0, 90, 0, 2], plain(6), vec![0; 4]].concat();
    let head = reader.read(&ipfix(0, &[set(2, &body), set(256, &data)]));
    assert_eq!(head.unwrap().advance, Some(2), "records are counted, not flows");
    assert_eq!(reader.flows.len(), 3);
    let answer = reader.flows.iter().find(|flow| flow.exported.has(Fields::ANSWER)).unwrap();
    assert_eq!((answer.octets, answer.packets), (90, 2));
    assert_eq!(answer.source.to_string(), "192.0.2.2");
}

#[test]
fn the_head_of_a_packet_is_read_as_in_a_capture() {
    let mut reader = Reader::new();
    let ip = [
        0x45, 0, 0, 200, 0, 0, 0, 0, 64, 17, 0, 0, 192, 0, 2, 1, 192, 0, 2, 2, 0, 53, 0, 99, 0, 8,
        0, 0,
    ];
    let frame = [&[2; 12][..], &[8, 0], &ip].concat();
    let body = template(256, &[(10, 4), (315, 65_535)]);
    let data = [&[0, 0, 0, 5, frame.len() as u8][..], &frame].concat();
    reader.read(&ipfix(0, &[set(2, &body), set(256, &data)]));
    let flow = reader.flows[0];
    assert_eq!((flow.octets, flow.packets, flow.source_port), (200, 1, 53));
    assert_eq!((flow.in_interface, flow.sampling.is_unknown()), (5, true));
}

#[test]
fn icmp_in_the_port_is_understood() {
    let mut reader = Reader::new();
    let fields = [&PLAIN[..], &[(4, 1), (7, 2), (11, 2)]].concat();
    let data = [plain(1), vec![1, 0, 0, 3, 1]].concat();
    reader.read(&v9(&[set(0, &template(256, &fields)), set(256, &data)]));
    let flow = reader.flows[0];
    assert_eq!((flow.icmp_type, flow.icmp_code, flow.target_port), (3, 1, 0x0301));
}

#[test]
fn what_is_wrong_has_a_name_and_a_limit() {
    let zero = set(2, &template(256, &[(8, 0)]));
    let endless = set(2, &template(256, &[(8, 65_534), (12, 65_534)]));
    let many = words(&[256, 60_000]);
    let table: Vec<(&str, Vec<u8>, FaultKind)> = vec![
        ("nothing", vec![], FaultKind::UnknownFormat),
        ("version 1", vec![0, 1, 0, 1], FaultKind::UnknownFormat),
        ("a record of no octets", ipfix(0, &[zero]), FaultKind::BadTemplate),
        ("a record of too many octets", ipfix(0, &[endless]), FaultKind::BadTemplate),
        ("more fields than there are", ipfix(0, &[set(2, &many)]), FaultKind::BadTemplate),
        ("a cut template", ipfix(0, &[set(2, &words(&[256, 3, 8, 4]))]), FaultKind::CutShort),
        ("a reserved set", ipfix(0, &[set(9, &[0; 4])]), FaultKind::ReservedSet),
        ("a set shorter than its head", ipfix(0, &[words(&[256, 3])]), FaultKind::BadLength),
        ("a set beyond the end", ipfix(0, &[words(&[4, 99])]), FaultKind::CutShort),
        ("more than the header says", [v5(1, 1), vec![0; 4]].concat(), FaultKind::CountMismatch),
        ("fewer than the header says", v5(2, 1), FaultKind::CutShort),
        ("more sets than records", surplus(), FaultKind::CountMismatch),
        ("too many records", v5(31, 31), FaultKind::CountMismatch),
    ];
    for (name, datagram, kind) in table {
        let mut reader = Reader::new();
        reader.read(&datagram);
        assert!(reader.decoder.faults.count(kind) > 0, "{name}: {:?}", reader.faults());
    }
    let mut reader = Reader::new();
    for id in 256..256 + TEMPLATES_MAX as u16 + 5 {
        reader.read(&ipfix(0, &[set(2, &template(id, &PLAIN))]));
    }
    assert_eq!(reader.faults(), [(FaultKind::TooManyTemplates, 5)]);
}

/// Version 9 with a set more than its header says there are records.
fn surplus() -> Vec<u8> {
    let mut bytes = v9(&[set(0, &template(256, &PLAIN)), set(256, &plain(1))]);
    bytes[3] = 1;
    bytes
}

fn v5(count: u16, records: usize) -> Vec<u8> {
    let mut bytes = words(&[5, count]);
    for value in [60_000u32, 1_000_000, 0, 77] {
        bytes.extend(value.to_be_bytes());
    }
    bytes.extend([0, 3, 0x40, 100]);
    for _ in 0..records {
        let mut record = vec![192, 0, 2, 1, 192, 0, 2, 2, 0, 0, 0, 0, 0, 1, 0, 2];
        for value in [4u32, 400, 59_000, 60_000] {
            record.extend(value.to_be_bytes());
        }
        record.extend([0, 53, 0, 99, 0, 0x12, 6, 0, 0, 7, 0, 8, 0, 0, 0, 0]);
        bytes.extend(record);
    }
    bytes
}

#[test]
fn version_five_is_read() {
    let mut reader = Reader::new();
    let head = reader.read(&v5(2, 2)).unwrap();
    assert_eq!((head.sequence, head.advance, head.domain), (77, Some(2), 3));
    let flow = reader.flows[1];
    assert_eq!((flow.octets, flow.packets, flow.protocol), (400, 4, 6));
    assert_eq!((flow.source_port, flow.target_port, flow.tcp_flags), (53, 99, 0x12));
    assert_eq!((flow.start_ms, flow.end_ms), (999_999_000, 1_000_000_000));
    assert_eq!((flow.source_as, flow.target_as), (7, 8));
    assert_eq!(flow.sampling, Sampling::one_in(100, SamplingOrigin::Record));
    let file = [v5(2, 2), v5(1, 1)].concat();
    assert_eq!(datagrams(&file).map(<[u8]>::len).collect::<Vec<_>>(), [120, 72]);
}

//! Datagrams built by hand.

use crate::address::Address;
use crate::export::Decoder;
use crate::export::Head;
use crate::fault::FaultKind;
use crate::record::Fields;
use crate::record::Flow;
use crate::record::SamplingOrigin;

fn words(values: &[u32]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_be_bytes()).collect()
}

fn tagged(kind: u32, body: &[u8]) -> Vec<u8> {
    let mut bytes = words(&[kind, body.len() as u32]);
    bytes.extend(body);
    bytes.resize(bytes.len().next_multiple_of(4), 0);
    bytes
}

fn datagram(samples: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = words(&[5, 1, 0x0a00_0001, 3, 77, 1_000, samples.len() as u32]);
    bytes.extend(samples.concat());
    bytes
}

/// A UDP packet of 200 octets from 192.0.2.1:53, of which the head is there.
fn raw(protocol: u32) -> Vec<u8> {
    let mut head = if protocol == 1 { [vec![2; 12], vec![8, 0]].concat() } else { vec![] };
    head.extend([0x45, 0, 0, 200, 0, 0, 0, 0, 64, 17, 0, 0, 192, 0, 2, 1, 192, 0, 2, 2]);
    head.extend([0, 53, 0, 99, 0, 180, 0, 0, 1]);
    let mut body = words(&[protocol, 218, 4, head.len() as u32]);
    body.extend(head);
    tagged(1, &body)
}

fn gateway() -> Vec<u8> {
    tagged(1_003, &words(&[1, 0x0a00_0009, 65_000, 65_001, 65_002, 1, 2, 2, 65_003, 65_004]))
}

fn sample(rate: u32, output: u32, records: &[Vec<u8>]) -> Vec<u8> {
    let mut body = words(&[1, 2, rate, 0, 0, 7, output, records.len() as u32]);
    body.extend(records.concat());
    tagged(1, &body)
}

fn expanded(records: &[Vec<u8>]) -> Vec<u8> {
    let mut body = words(&[1, 0, 2, 512, 0, 0, 0, 7, 1, 256, records.len() as u32]);
    body.extend(records.concat());
    tagged(3, &body)
}

fn read(datagram: &[u8]) -> (Option<Head>, Vec<Flow>, Decoder) {
    let mut decoder = Decoder::new();
    let mut flows = Vec::new();
    let head = decoder.datagram(Address::v4(1), 5_000, datagram, |batch| flows.extend(batch));
    for end in 0..datagram.len() {
        Decoder::new().datagram(Address::v4(1), 0, &datagram[..end], |_| {});
    }
    (head, flows, decoder)
}

#[test]
fn samples_of_either_shape_are_flows_of_one_packet() {
    let bytes = datagram(&[
        sample(512, 8, &[raw(1), gateway()]),
        sample(0, 0x8000_0002, &[raw(11)]),
        tagged(2, &[0; 40]),
        expanded(&[raw(1)]),
    ]);
    let (head, flows, decoder) = read(&bytes);
    let head = head.unwrap();
    assert_eq!((head.domain, head.sequence, head.advance), (3, 77, Some(1)));
    assert_eq!((flows.len(), decoder.counts.counter_samples), (3, 1));
    for flow in &flows {
        assert_eq!((flow.octets, flow.packets, flow.source_port), (200, 1, 53));
        assert_eq!((flow.start_ms, flow.in_interface), (5_000, 7));
    }
    assert_eq!(flows[0].sampling.weight(), Some(512.0));
    assert_eq!(flows[0].sampling.origin(), SamplingOrigin::Record);
    assert_eq!((flows[0].source_as, flows[0].target_as), (65_001, 65_004));
    assert_eq!((flows[0].out_interface, flows[1].out_interface), (8, 0));
    assert_eq!(flows[1].sampling.weight(), None, "a rate of 0 is no rate");
    assert!(flows[2].exported.has(Fields::DROPPED), "the router dropped it");
    assert!(decoder.faults.is_empty());
}

#[test]
fn addresses_may_come_without_the_head_of_the_packet() {
    let four = words(&[100, 6, 0xc000_0201, 0xc000_0202, 80, 4_000, 0x12, 0]);
    let mut six = words(&[100, 17]);
    six.extend([0x20; 32]);
    six.extend(words(&[53, 4_000, 0, 0]));
    let bytes = datagram(&[sample(9, 1, &[tagged(3, &four)]), sample(9, 1, &[tagged(4, &six)])]);
    let (_, flows, _) = read(&bytes);
    assert_eq!((flows[0].tcp_flags, flows[0].source_port), (0x12, 80));
    assert_eq!((flows[1].source.is_v4(), flows[1].target_port), (false, 4_000));
}

#[test]
fn what_is_wrong_has_a_name_and_the_next_sample_is_read() {
    let table = [
        (datagram(&[tagged(77, &[0; 8]), sample(9, 1, &[raw(1)])]), 1, FaultKind::UnknownSample),
        (datagram(&[tagged(1, &[0; 8]), sample(9, 1, &[raw(1)])]), 1, FaultKind::CutShort),
        (datagram(&[sample(9, 1, &[raw(1)])])[..60].to_vec(), 0, FaultKind::CutShort),
        (words(&[5, 1, 1, 3, 77, 1_000, 60_000]), 0, FaultKind::CountMismatch),
        (words(&[5, 9, 1, 3, 77, 1_000, 0]), 0, FaultKind::BadLength),
    ];
    for (bytes, expected, kind) in table {
        let (_, flows, decoder) = read(&bytes);
        assert_eq!((flows.len(), decoder.faults.count(kind)), (expected, 1), "{kind}");
    }
    let arp =
        datagram(&[sample(9, 1, &[tagged(1, &words(&[1, 60, 0, 14, 0, 0, 0, 0x0806_0000]))])]);
    let (_, flows, decoder) = read(&arp);
    assert_eq!((flows.len(), decoder.counts.other_packets), (0, 1));
}

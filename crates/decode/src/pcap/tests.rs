//! Files built by hand in every form, read whole and in pieces.

use super::*;

/// A UDP packet from 192.0.2.1:53.
const IP: [u8; 28] = [
    0x45, 0, 0, 28, 0, 0, 0, 0, 64, 17, 0, 0, 192, 0, 2, 1, 192, 0, 2, 2, 0, 53, 0, 99, 0, 8, 0, 0,
];

fn n16(order: Order, value: u16) -> [u8; 2] {
    if order == Order::Big { value.to_be_bytes() } else { value.to_le_bytes() }
}

fn n32(order: Order, value: u32) -> [u8; 4] {
    if order == Order::Big { value.to_be_bytes() } else { value.to_le_bytes() }
}

fn classic(order: Order, magic: u32, packets: &[(u32, u32)]) -> Vec<u8> {
    let mut bytes = n32(order, magic).to_vec();
    bytes.extend(n16(order, 2));
    bytes.extend(n16(order, 4));
    for value in [0, 0, 65_535, 101] {
        bytes.extend(n32(order, value));
    }
    for (seconds, part) in packets {
        for value in [*seconds, *part, IP.len() as u32, 1_500] {
            bytes.extend(n32(order, value));
        }
        bytes.extend(IP);
    }
    bytes
}

fn block(order: Order, kind: u32, body: &[u8]) -> Vec<u8> {
    let padded = body.len().next_multiple_of(4);
    let length = n32(order, padded as u32 + 12);
    let mut bytes = n32(order, kind).to_vec();
    bytes.extend(length);
    bytes.extend(body);
    bytes.resize(8 + padded, 0);
    bytes.extend(length);
    bytes
}

fn section(order: Order) -> Vec<u8> {
    let mut body = n32(order, 0x1a2b_3c4d).to_vec();
    body.extend(n16(order, 1));
    body.extend(n16(order, 0));
    body.extend([0xff; 8]);
    block(order, 0x0a0d_0d0a, &body)
}

fn interface(order: Order, unit: Option<u8>) -> Vec<u8> {
    let mut body = n16(order, 101).to_vec();
    body.extend(n16(order, 0));
    body.extend(n32(order, 0));
    if let Some(unit) = unit {
        body.extend(n16(order, 9));
        body.extend(n16(order, 1));
        body.extend([unit, 0, 0, 0]);
    }
    block(order, 1, &body)
}

fn enhanced(order: Order, interface: u32, ticks: u64) -> Vec<u8> {
    let mut body = Vec::new();
    for value in [interface, (ticks >> 32) as u32, ticks as u32, IP.len() as u32, 1_500] {
        body.extend(n32(order, value));
    }
    body.extend(IP);
    block(order, 6, &body)
}

/// Reads in pieces of at most `piece` bytes, as a shell does.
fn in_pieces(bytes: &[u8], piece: usize) -> (Vec<(u64, u32)>, Faults) {
    let mut capture = Capture::new();
    let mut held: Vec<u8> = Vec::new();
    let mut rest = bytes;
    let mut found = Vec::new();
    loop {
        let step = capture.step(&held);
        if let What::Frame(frame) = step.what {
            found.push((frame.at_ns, frame.wire_octets));
        }
        let wanted = match step.what {
            What::More(wanted) => wanted,
            What::Lost => break,
            _ => 0,
        };
        held.drain(..step.used);
        if wanted > held.len() {
            if rest.is_empty() {
                break;
            }
            let (taken, later) = rest.split_at(piece.min(rest.len()));
            held.extend(taken);
            rest = later;
        }
    }
    capture.end(&held);
    (found, capture.faults)
}

fn whole(bytes: &[u8]) -> Vec<(u64, u32)> {
    packets(bytes).map(|packet| (packet.at_ns, packet.wire_octets)).collect()
}

#[test]
fn every_form_gives_the_same_times_whole_and_in_pieces() {
    for order in [Order::Big, Order::Little] {
        let ms = classic(order, 0xa1b2_c3d4, &[(7, 5), (8, 6)]);
        let ns = classic(order, 0xa1b2_3c4d, &[(7, 5_000), (8, 6_000)]);
        let next = [
            section(order),
            interface(order, None),
            interface(order, Some(9)),
            block(order, 77, &[1, 2, 3]),
            enhanced(order, 0, 7_000_005),
            enhanced(order, 1, 8_000_006_000),
        ]
        .concat();
        for bytes in [ms, ns, next] {
            let expected = vec![(7_000_005_000, 1_500), (8_000_006_000, 1_500)];
            assert_eq!(whole(&bytes), expected);
            for piece in [1, 3, 17, 4_096] {
                let (found, faults) = in_pieces(&bytes, piece);
                assert_eq!(found, expected);
                assert!(faults.is_empty(), "{faults:?}");
            }
        }
    }
}

#[test]
fn a_section_may_change_the_byte_order() {
    let bytes = [
        section(Order::Big),
        interface(Order::Big, Some(0x80 | 10)),
        enhanced(Order::Big, 0, 1 << 10),
        section(Order::Little),
        interface(Order::Little, None),
        enhanced(Order::Little, 0, 2_000_000),
    ]
    .concat();
    assert_eq!(whole(&bytes), [(1_000_000_000, 1_500), (2_000_000_000, 1_500)]);
}

#[test]
fn what_is_wrong_is_told_and_what_follows_is_read() {
    let order = Order::Little;
    let good = enhanced(order, 0, 1_000_000);
    let table: Vec<(Vec<Vec<u8>>, usize, FaultKind)> = vec![
        (vec![vec![]], 0, FaultKind::UnknownFormat),
        (vec![b"hello, this is text".to_vec()], 0, FaultKind::UnknownFormat),
        (vec![section(order), good.clone()], 0, FaultKind::UnknownInterface),
        (
            vec![section(order), interface(order, None), good.clone(), good[..20].to_vec()],
            1,
            FaultKind::CutShort,
        ),
        (
            vec![section(order), interface(order, None), block(order, 6, &[0; 8]), good.clone()],
            1,
            FaultKind::BadLength,
        ),
        (
            vec![
                section(order),
                interface(order, None),
                block(order, 9, &vec![0; BLOCK_MAX as usize + 4]),
                good.clone(),
            ],
            1,
            FaultKind::TooLarge,
        ),
        (vec![section(order), [0, 0, 0, 9, 5, 0, 0, 0].to_vec()], 0, FaultKind::BadLength),
    ];
    for (parts, expected, kind) in table {
        let bytes = parts.concat();
        let mut all = packets(&bytes);
        assert_eq!(all.by_ref().count(), expected, "{kind}");
        assert_eq!(all.faults().count(kind), 1, "{kind}: {:?}", all.faults());
    }
    let mut huge = classic(order, 0xa1b2_c3d4, &[(1, 1)]);
    huge.extend([0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0x7f, 0, 0, 0, 0]);
    let mut all = packets(&huge);
    assert_eq!((all.by_ref().count(), all.faults().count(FaultKind::TooLarge)), (1, 1));
}

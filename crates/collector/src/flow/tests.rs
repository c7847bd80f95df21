//! A real listener on loopback, and datagrams sent to it.

use std::net::UdpSocket;
use std::time::Duration;
use std::time::Instant;

use outcry_decode::fault::FaultKind;
use outcry_decode::record::SamplingOrigin;

use super::*;

fn config(workers: usize) -> Config {
    Config {
        listen: vec!["127.0.0.1:0".parse().unwrap()],
        workers,
        receive_buffer: 4 << 20,
        slot_ms: 200,
        allowed: vec![],
        sampling: vec![],
    }
}

/// Version 5, two flows: 192.0.2.1 → 198.18.0.1, one of 3 and one of 4 packets.
fn v5(sequence: u32) -> Vec<u8> {
    let mut bytes = vec![0, 5, 0, 2];
    for value in [60_000u32, 1_000_000, 0, sequence] {
        bytes.extend(value.to_be_bytes());
    }
    bytes.extend([0; 4]);
    for packets in [3u32, 4] {
        let mut record = vec![192, 0, 2, 1, 198, 18, 0, 1, 0, 0, 0, 0, 0, 1, 0, 2];
        for value in [packets, packets * 100, 59_000, 60_000] {
            record.extend(value.to_be_bytes());
        }
        record.extend([0, 53, 0, 99, 0, 2, 6, 0, 0, 7, 0, 8, 0, 0, 0, 0]);
        bytes.extend(record);
    }
    bytes
}

/// IPFIX: a template of source, target and octets, or data of two records for it.
fn ipfix(sequence: u32, id: u16, body: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0, 10];
    bytes.extend((body.len() as u16 + 20).to_be_bytes());
    for value in [1_000_000, sequence, 7] {
        bytes.extend(u32::to_be_bytes(value));
    }
    bytes.extend(id.to_be_bytes());
    bytes.extend((body.len() as u16 + 4).to_be_bytes());
    bytes.extend(body);
    bytes
}

const TEMPLATE: [u8; 16] = [1, 0, 0, 3, 0, 8, 0, 4, 0, 12, 0, 4, 0, 2, 0, 4];
const DATA: [u8; 24] =
    [192, 0, 2, 1, 198, 18, 0, 1, 0, 0, 0, 5, 192, 0, 2, 2, 198, 18, 0, 1, 0, 0, 0, 6];

fn sender(listener: &Listener) -> UdpSocket {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.connect(listener.addresses().unwrap()[0]).unwrap();
    socket
}

/// Reads windows until `flows` have come, or ten seconds are over.
fn windows(listener: &mut Listener, flows: u64) -> Slot {
    let mut sum: Option<Slot> = None;
    let until = Instant::now() + Duration::from_secs(10);
    while Instant::now() < until && sum.as_ref().is_none_or(|slot| slot.flows < flows) {
        if let Some(window) = listener.next(Duration::from_millis(500)) {
            match &mut sum {
                Some(sum) => {
                    sum.merge(&window.slot);
                    listener.recycle(window);
                }
                None => sum = Some(window.slot),
            }
        }
    }
    sum.expect("a window comes even when nothing is sent")
}

#[test]
fn flows_are_counted_and_gaps_are_losses() {
    let mut listener = listen(config(1)).unwrap();
    let socket = sender(&listener);
    for sequence in [0, 2, 8, 10] {
        socket.send(&v5(sequence)).unwrap();
    }
    socket.send(b"\0\x63 of no version").unwrap();
    let slot = windows(&mut listener, 8);
    let target = slot.target(Address::v4(0xc612_0001)).unwrap();
    assert_eq!((target.received().packets, target.flows), (28, 8));
    assert_eq!(target.flows_of_unknown_sampling, 8);
    let (_, exporter) = listener.exporters().iter().next().unwrap();
    assert_eq!((exporter.datagrams, exporter.flows, exporter.lost()), (4, 8, 4));
    let health = listener.health();
    assert_eq!((health.decoded.refused, health.faults.count(FaultKind::UnknownFormat)), (1, 1));
    assert_eq!((health.socket_drops, health.slots_dropped), (0, 0));
}

#[test]
fn workers_share_one_exporter_and_its_templates() {
    let mut listener = listen(config(3)).unwrap();
    let socket = sender(&listener);
    socket.send(&ipfix(0, 2, &TEMPLATE)).unwrap();
    // As many as one worker holds that has not heard of the template; then all of them have.
    for turn in 0..60 {
        socket.send(&ipfix(turn * 2, 256, &DATA)).unwrap();
    }
    let mut slot = windows(&mut listener, 120);
    for turn in 60..400 {
        socket.send(&ipfix(turn * 2, 256, &DATA)).unwrap();
    }
    slot.merge(&windows(&mut listener, 680));
    assert_eq!((slot.flows, slot.total.packets), (800, 400 * 11));
    let target = slot.target(Address::v4(0xc612_0001)).unwrap();
    assert_eq!(slot.sources(target), 2.0);
    assert_eq!(listener.health().faults.total(), 0);
}

#[test]
fn strangers_are_counted_and_not_read() {
    let network = Network { address: Address::v4(0x0a00_0000), bits: 8 };
    let mut listener = listen(Config { allowed: vec![network], ..config(1) }).unwrap();
    let socket = sender(&listener);
    socket.send(&v5(0)).unwrap();
    let until = Instant::now() + Duration::from_secs(10);
    while listener.health().not_allowed == 0 && Instant::now() < until {
        listener.next(Duration::from_millis(100));
    }
    let health = listener.health();
    assert_eq!((health.not_allowed, health.decoded.flows), (1, 0));
}

#[test]
fn a_slow_reader_costs_slots_and_never_datagrams() {
    let mut config = config(1);
    config.slot_ms = 100;
    let mut listener = listen(config).unwrap();
    let socket = sender(&listener);
    // Longer than the queue holds slots.
    let until = Instant::now() + Duration::from_millis(100 * QUEUE_SLOTS as u64 + 900);
    let mut sent = 0;
    while Instant::now() < until {
        socket.send(&v5(sent)).unwrap();
        sent += 2;
        // Not a wait: flows come at this rate.
        std::thread::sleep(Duration::from_millis(5));
    }
    let mut seen = 0;
    while let Some(window) = listener.next(Duration::from_millis(400)) {
        seen += window.slot.flows;
        let health = listener.health();
        if seen + health.flows_dropped >= u64::from(sent) {
            break;
        }
    }
    // The workers' own counts follow their slots.
    let patience = Instant::now() + Duration::from_secs(10);
    while listener.health().decoded.flows < u64::from(sent) && Instant::now() < patience {
        listener.next(Duration::from_millis(100));
    }
    let health = listener.health();
    assert!(health.slots_dropped > 0);
    assert_eq!(seen + health.flows_dropped, u64::from(sent));
    assert_eq!(health.decoded.flows, u64::from(sent));
    let (_, exporter) = listener.exporters().iter().next().unwrap();
    assert_eq!(exporter.lost(), 0);
}

#[test]
fn the_operator_may_say_what_an_exporter_does_not() {
    let mut config = config(1);
    let said = Sampling::one_in(100, SamplingOrigin::Configured);
    config.sampling = vec![(Address::v4(0x7f00_0001), said)];
    let mut listener = listen(config).unwrap();
    sender(&listener).send(&v5(0)).unwrap();
    let slot = windows(&mut listener, 2);
    assert_eq!((slot.total.packets, slot.flows_of_unknown_sampling), (700, 0));
    let (rest, _) = listener.stop();
    assert!(rest.iter().all(|window| window.slot.flows == 0));
}

#[test]
fn a_configuration_that_cannot_be_is_refused_with_what_to_write() {
    let table = [
        Config { listen: vec![], ..config(1) },
        Config { workers: 0, ..config(1) },
        Config { slot_ms: 5, ..config(1) },
    ];
    for config in table {
        assert!(matches!(listen(config), Err(FlowError::Config(_))));
    }
    let taken = UdpSocket::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    let config = Config { listen: vec![address], ..config(1) };
    assert!(matches!(listen(config), Err(FlowError::Socket { .. })));
}

//! Slots against exact counts.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use outcry_decode::record::Fields;
use outcry_decode::record::Sampling;
use outcry_decode::record::SamplingOrigin;

use super::*;
use crate::traffic::sketch::hash::test_key;

/// Numbers without end (xorshift).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % below
    }
}

fn flow(source: u32, target: u32, packets: u64) -> Flow {
    Flow {
        source: Address::v4(source),
        target: Address::v4(target),
        packets,
        octets: packets * 100,
        protocol: 6,
        tcp_flags: 2,
        target_port: 443,
        sampling: Sampling::one_in(1, SamplingOrigin::Record),
        exported: Fields::TCP_FLAGS,
        ..Flow::default()
    }
}

const NET: u32 = 0xc612_0000;

#[test]
fn slots_count_what_was_sent_to_whom() {
    let mut slot = Slot::new(test_key());
    let mut dice = Dice(7);
    let mut exact: BTreeMap<u32, u64> = BTreeMap::new();
    for _ in 0..20_000 {
        let target = NET + dice.roll(500) as u32;
        let packets = 1 + dice.roll(9);
        *exact.entry(target).or_default() += packets;
        slot.add(&flow(dice.roll(1 << 30) as u32, target, packets));
    }
    assert_eq!((slot.flows, slot.targets().len()), (20_000, exact.len()));
    for (target, packets) in &exact {
        let counted = slot.target(Address::v4(*target)).unwrap();
        let expected = Volume { packets: *packets, octets: packets * 100 };
        assert_eq!((counted.received(), counted.of(Class::TcpSyn)), (expected, expected));
        assert_eq!(counted.target_ports.sorted()[0].key, 443);
    }
    let networks = slot.networks();
    assert_eq!(networks.iter().map(Network::targets).sum::<f64>(), exact.len() as f64);
    let packets: u64 = networks.iter().map(|network| network.received().packets).sum();
    assert_eq!(packets, slot.total.packets);
}

#[test]
fn parts_add_up_to_the_whole_whatever_was_where() {
    let mut whole = Slot::new(test_key());
    let mut parts = [Slot::new(test_key()), Slot::new(test_key()), Slot::new(test_key())];
    let mut dice = Dice(3);
    for _ in 0..30_000 {
        let target = NET + (dice.roll(200) * dice.roll(3)) as u32;
        let flow = flow(dice.roll(40_000) as u32, target, 1 + dice.roll(5));
        whole.add(&flow);
        parts[dice.roll(3) as usize].add(&flow);
    }
    let [mut sum, second, third] = parts;
    sum.merge(&third);
    sum.merge(&second);
    assert_eq!((sum.total, sum.flows), (whole.total, whole.flows));
    for target in whole.targets() {
        let own = sum.target(target.address).unwrap();
        assert_eq!((own.classes, own.flows), (target.classes, target.flows));
        let (told, expected) = (sum.sources(own), whole.sources(target));
        assert!((told / expected - 1.0).abs() < 0.5, "{told} {expected}");
    }
    assert_eq!(sum.networks(), whole.networks());
}

#[test]
fn sources_of_a_flood_are_counted_within_three_percent() {
    let mut slot = Slot::new(test_key());
    slot.reset(&[Address::v4(NET)]);
    let mut exact = BTreeSet::new();
    let mut dice = Dice(11);
    for _ in 0..200_000 {
        let source = dice.roll(1 << 32) as u32;
        exact.insert(source);
        slot.add(&flow(source, NET, 1));
    }
    let told = slot.sources(slot.target(Address::v4(NET)).unwrap());
    assert!((told / exact.len() as f64 - 1.0).abs() < 0.03, "{told} of {}", exact.len());
    let detail = slot.detail(slot.target(Address::v4(NET)).unwrap()).unwrap();
    assert_eq!(detail.first_octets.iter().sum::<u32>(), 200_000);
}

#[test]
fn a_spray_of_targets_does_not_hide_the_network_that_is_hit() {
    let mut slot = Slot::new(test_key());
    let mut dice = Dice(5);
    for _ in 0..HOT_MAX as u32 * 2 {
        slot.add(&flow(1, dice.roll(1 << 28) as u32, 1));
    }
    let before = slot.targets().len();
    for turn in 0..5_000u32 {
        slot.add(&flow(turn, 0xf000_0000 + turn % 200, 1));
    }
    assert_eq!((before, slot.targets().len()), (HOT_MAX, HOT_MAX));
    let networks = slot.networks();
    // More networks were sprayed than are kept, but the hit one came into the tail late and may
    // not have found room; then it is in what lies beyond.
    let hit = networks.iter().find(|network| network.address == Address::v4(0xf000_0000));
    let seen = hit.map_or(0, |network| network.received().packets);
    let named = slot.tail().named();
    assert!(seen == 5_000 || named.iter().any(|n| n.key.bits() as u32 >= 0xf000_0000));
    let all: u64 = slot.targets().iter().map(|target| target.received().packets).sum();
    assert_eq!(all + slot.tail().total.packets, slot.total.packets);
}

#[test]
fn what_a_target_sends_is_counted_beside_what_it_gets() {
    let mut slot = Slot::new(test_key());
    let answer = Flow { protocol: 17, source_port: 53, target_port: 4_000, ..flow(9, NET, 3) };
    let question = Flow { protocol: 17, source_port: 4_000, target_port: 53, ..flow(NET, 9, 2) };
    slot.add(&answer);
    slot.add(&question);
    slot.add(&flow(NET, 9, 1));
    let target = slot.target(Address::v4(NET)).unwrap();
    assert_eq!(target.udp_source_ports.sorted()[0].key, 53);
    assert_eq!(target.asked_ports.sorted()[0].key, 53);
    assert_eq!((target.sent.packets, target.sent_syn), (3, 1));
}

#[test]
fn sampling_scales_and_its_absence_is_said() {
    let mut slot = Slot::new(test_key());
    let sampled = Sampling::ratio(2, 5, SamplingOrigin::Table);
    slot.add(&Flow { sampling: sampled, ..flow(1, NET, 10) });
    slot.add(&Flow { sampling: Sampling::UNKNOWN, ..flow(1, NET, 10) });
    let target = slot.target(Address::v4(NET)).unwrap();
    assert_eq!((target.received().packets, target.flows_of_unknown_sampling), (35, 1));
    slot.reset(&[]);
    assert_eq!((slot.targets().len(), slot.flows, slot.total), (0, 0, Volume::default()));
    assert!(slot.target(Address::v4(NET)).is_none());
}

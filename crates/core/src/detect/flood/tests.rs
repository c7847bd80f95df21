//! Synthetic streams of slots, labelled so: floods of each kind, and busy hours that are none.

use super::*;
use crate::attack::spoofing::Sources;
use crate::traffic::sketch::hash::test_key;
use outcry_decode::packet::flag;
use outcry_decode::packet::protocol;
use outcry_decode::record::Fields;
use outcry_decode::record::Flow;
use outcry_decode::record::Sampling;
use outcry_decode::record::SamplingOrigin;

const TARGET: u32 = 0xC633_6405;
const CONFIG: FloodConfig = FloodConfig { floor_pps: 1_000.0, floor_bps: 10e6 };
const START_MS: i64 = 1_700_000_000_000;

fn scattered(n: u64) -> u32 {
    crate::traffic::sketch::sample::hash(99, u128::from(n)) as u32
}

/// A source somewhere in the routed space.
fn routed(n: u64) -> Address {
    let bits = scattered(n);
    Address::v4((1 + (bits >> 24) % 222) << 24 | bits & 0x00FF_FFFF)
}

fn flow(n: u64, to: u32) -> Flow {
    let exported = [Fields::TCP_FLAGS, Fields::TTL, Fields::PORTS];
    Flow {
        source: routed(n),
        target: Address::v4(to),
        packets: 1,
        octets: 60,
        ttl: 64,
        sampling: Sampling::one_in(1, SamplingOrigin::Record),
        exported: exported.into_iter().fold(Fields::default(), Fields::with),
        ..Flow::default()
    }
}

fn syn(n: u64) -> Flow {
    let ports = (scattered(n) as u16, 443);
    Flow {
        protocol: protocol::TCP,
        tcp_flags: flag::SYN,
        source_port: ports.0,
        target_port: ports.1,
        ttl: 244,
        ..flow(n, TARGET)
    }
}

fn ntp(n: u64) -> Flow {
    Flow {
        protocol: protocol::UDP,
        source_port: 123,
        target_port: 80,
        octets: 468,
        ..flow(n % 700, TARGET)
    }
}

/// A web server's clients, each with an answer of the server.
fn served(n: u64) -> [Flow; 2] {
    let ask = Flow {
        protocol: protocol::TCP,
        tcp_flags: flag::ACK | flag::PSH,
        source_port: 40_000,
        target_port: 443,
        octets: 400,
        ..flow(n % 5_000, TARGET)
    };
    let answer = Flow {
        source: ask.target,
        target: ask.source,
        source_port: 443,
        target_port: 40_000,
        octets: 1_400,
        ..ask
    };
    [ask, answer]
}

/// Slots of some seconds; `fill` says what comes in each.
fn run(floods: &mut Floods, slots: std::ops::Range<i64>, fill: &dyn Fn(i64, &mut Slot)) {
    let mut slot = Slot::new(test_key());
    for number in slots {
        slot.reset(&floods.watched());
        fill(number, &mut slot);
        floods.take(START_MS + number * SLOT_MS as i64, &slot);
    }
}

fn names(attack: &Attack) -> Vec<&'static str> {
    attack.vectors.iter().map(|vector| vector.vector.name()).collect()
}

#[test]
fn floods_of_each_kind_open_and_close() {
    type Make = fn(u64) -> Flow;
    let table: [(&str, Make, Sources); 2] =
        [("tcp_syn_flood", syn, Sources::Spoofed), ("amp_ntp", ntp, Sources::Reflected)];
    for (name, make, verdict) in table {
        let mut floods = Floods::new(CONFIG);
        run(&mut floods, 0..400, &|_, slot| {
            (0..50).flat_map(served).for_each(|flow| slot.add(&flow));
        });
        assert!(floods.open().is_empty(), "{name}: an ordinary server");
        run(&mut floods, 400..480, &|number, slot| {
            (0..50).flat_map(served).for_each(|flow| slot.add(&flow));
            (0..5_000).for_each(|n| slot.add(&make(number as u64 * 5_000 + n)));
        });
        let open = floods.open();
        assert_eq!(open.len(), 1, "{name}");
        assert_eq!(names(&open[0]), [name]);
        assert_eq!(open[0].verdict, verdict, "{name}");
        assert!((open[0].peak_pps / 20_000.0 - 1.0).abs() < 0.02, "{name} {}", open[0].peak_pps);
        assert!(!open[0].pulse && !open[0].carpet && !open[0].sampling_unknown);
        run(&mut floods, 480..800, &|_, slot| {
            (0..50).flat_map(served).for_each(|flow| slot.add(&flow));
        });
        assert!(floods.open().is_empty(), "{name} is over");
        let closed = floods.closed().next().expect("listed");
        let length_ms = closed.span_ms.1 - closed.span_ms.0;
        assert!((20_000..=21_000).contains(&length_ms), "{name}: {length_ms}");
    }
}

#[test]
fn a_tenfold_step_is_told_within_two_seconds() {
    // Records come once a second, as exporters send them, at any phase of the slots.
    let mut delays = Vec::new();
    for phase in 0..40_i64 {
        let mut floods = Floods::new(CONFIG);
        let step_ms = START_MS + 120_000 + 25 * phase;
        run(&mut floods, 0..520, &|number, slot| {
            if number % 4 != 1 {
                return;
            }
            let at = START_MS + number * SLOT_MS as i64;
            let share = ((at - step_ms) as f64 / 1_000.0).clamp(0.0, 1.0);
            let many = 1_000.0 * (1.0 + 9.0 * share);
            (0..many as u64).for_each(|n| slot.add(&ntp(n)));
        });
        let told = floods.opened_at(Address::v4(TARGET)).expect("told");
        delays.push(told - step_ms);
    }
    delays.sort_unstable();
    let p95 = delays[delays.len() * 95 / 100];
    assert!(delays[0] >= 0 && p95 <= 2_000, "{delays:?}");
}

#[test]
fn a_crowd_that_is_served_opens_nothing() {
    let mut floods = Floods::new(CONFIG);
    run(&mut floods, 0..900, &|number, slot| {
        let many = 100 + if number > 400 { (number as u64 - 400) * 4 } else { 0 };
        (0..many).flat_map(served).for_each(|flow| slot.add(&flow));
    });
    assert_eq!(floods.open(), []);
    assert_eq!(floods.closed().count(), 0);
}

#[test]
fn pulses_are_one_attack() {
    let mut floods = Floods::new(CONFIG);
    run(&mut floods, 0..600, &|number, slot| {
        if (number / 40) % 2 == 1 {
            (0..3_000).for_each(|n| slot.add(&ntp(n)));
        }
    });
    let open = floods.open();
    assert_eq!(open.len(), 1);
    assert!(open[0].pulse, "{:?}", open[0].seconds);
    assert_eq!(floods.closed().count(), 0);
}

#[test]
fn a_carpet_over_networks_side_by_side_is_one_attack() {
    let mut floods = Floods::new(CONFIG);
    run(&mut floods, 0..40, &|number, slot| {
        for n in 0..6_000_u64 {
            let to = 0xC633_6400 + (scattered(n + number as u64 * 6_000) % 512);
            slot.add(&Flow { target: Address::v4(to), ..ntp(n) });
        }
    });
    let open = floods.open();
    assert_eq!(open.len(), 1, "{open:?}");
    assert!(open[0].carpet && open[0].prefix_bits == Some(23), "{:?}", open[0].prefix_bits);
    assert_eq!(names(&open[0]), ["amp_ntp"]);
    assert!(open[0].targets > 400.0);
    run(&mut floods, 40..320, &|_, _| {});
    assert_eq!(floods.open(), []);
    let closed: Vec<Option<u8>> = floods.closed().map(|attack| attack.prefix_bits).collect();
    assert_eq!(closed, [Some(23)], "no attack on one of its targets is listed beside it");
}

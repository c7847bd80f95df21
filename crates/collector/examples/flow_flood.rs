//! A flood of forged sources against one watched target, counted in slots of a second.
//!
//! `flow_flood SOURCES SECONDS` gives as many flows as there are sources, each with another source
//! (a permutation of 32 bits), spread over so many slots, among noise to other targets. Prints one
//! line of JSON: the error of the distinct count in each slot (its 99th percentile) and over all
//! of them, whether the target with most packets is the right one, and how much memory grew.

use outcry_core::traffic::sketch::distinct::Full;
use outcry_core::traffic::sketch::hash::HashKey;
use outcry_core::traffic::slot::Slot;
use outcry_decode::address::Address;
use outcry_decode::record::Fields;
use outcry_decode::record::Flow;
use outcry_decode::record::Sampling;
use outcry_decode::record::SamplingOrigin;

const TARGET: Address = Address::v4(0xc612_0007);
/// Other targets, each with some flows of one source.
const OTHERS: u32 = 5_000;

fn resident_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or_default()
}

fn main() {
    let arguments: Vec<u32> =
        std::env::args().skip(1).filter_map(|argument| argument.parse().ok()).collect();
    let [sources, seconds] = arguments.as_slice() else {
        eprintln!("flow_flood SOURCES SECONDS");
        std::process::exit(2);
    };
    let before = resident_kib();
    let key = HashKey::new(std::array::from_fn(|place| (place as u8).wrapping_mul(97) ^ 0x3c));
    // As in the listener: one slot is filled while another is read.
    let mut slots = [Slot::new(key), Slot::new(key)];
    let mut all = Full::default();
    let mut errors = Vec::new();
    let mut top_is_right = true;
    let each = sources / seconds.max(&1);
    for second in 0..*seconds {
        let slot = &mut slots[second as usize % 2];
        slot.reset(&[TARGET]);
        for turn in 0..each {
            // An odd multiplier makes a permutation: every source is another.
            let source = (second * each + turn).wrapping_mul(2_654_435_761);
            slot.add(&flow(source, TARGET));
            if turn % 16 == 0 {
                slot.add(&flow(7, Address::v4(0x0a00_0000 + turn % OTHERS)));
            }
        }
        let Some(target) = slot.target(TARGET) else { continue };
        errors.push((slot.sources(target) / f64::from(each) - 1.0).abs());
        if let Some(detail) = slot.detail(target) {
            all.merge(&detail.sources);
        }
        let top = slot.targets().iter().max_by_key(|target| target.received().packets);
        top_is_right &= top.is_some_and(|top| top.address == TARGET);
    }
    errors.sort_by(f64::total_cmp);
    let p99 = errors.get(errors.len() * 99 / 100).copied().unwrap_or(f64::NAN);
    let over_all = (all.estimate() / f64::from(each * seconds) - 1.0).abs();
    println!(
        r#"{{"p99":{p99:.5},"over_all":{over_all:.5},"top":{top_is_right},"grown_kib":{}}}"#,
        resident_kib() - before
    );
}

fn flow(source: u32, target: Address) -> Flow {
    Flow {
        source: Address::v4(source),
        target,
        octets: 60,
        packets: 1,
        protocol: 6,
        tcp_flags: 2,
        source_port: source as u16,
        target_port: 443,
        sampling: Sampling::one_in(1, SamplingOrigin::Record),
        exported: Fields::TCP_FLAGS,
        ..Flow::default()
    }
}

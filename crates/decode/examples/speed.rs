//! How fast one core decodes: nanoseconds a record, over a file that is read again and again.
//!
//! `speed flows DUMP` takes datagrams as `flowgen` dumps them (length in host order, then bytes),
//! `speed packets FILE.pcap` a capture, `speed requests FILE.log` an access log. Each prints one
//! line of JSON: kind, records, ns a record, and the sum that keeps the work from being left out.

use std::hint::black_box;
use std::time::Instant;

use outcry_decode::access_log;
use outcry_decode::access_log::Log;
use outcry_decode::address::Address;
use outcry_decode::export::Decoder;
use outcry_decode::pcap;

/// Records that a measurement reads.
const RECORDS: u64 = 20_000_000;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, kind, file] = arguments.as_slice() else {
        eprintln!("speed flows|packets|requests FILE");
        std::process::exit(2);
    };
    let bytes = std::fs::read(file).unwrap_or_else(|error| {
        eprintln!("cannot read {file}: {error}");
        std::process::exit(2);
    });
    let once: fn(&[u8]) -> (u64, u64) = match kind.as_str() {
        "flows" => flows,
        "packets" => packets,
        _ => requests,
    };
    let (records, _) = once(&bytes);
    let rounds = (RECORDS / records.max(1)).clamp(20, 1_000_000);
    let mut sum = 0u64;
    let mut times: Vec<u128> = (0..rounds)
        .map(|_| {
            let begun = Instant::now();
            sum = sum.wrapping_add(once(black_box(&bytes)).1);
            begun.elapsed().as_nanos()
        })
        .collect();
    // A round is shorter than a turn of the scheduler: the quick ones were alone on their core.
    times.sort_unstable();
    let ns = times[times.len() / 20] as f64 / records.max(1) as f64;
    println!(r#"{{"kind":"{kind}","records":{records},"ns":{ns:.2},"sum":{sum}}}"#);
}

fn flows(dump: &[u8]) -> (u64, u64) {
    let mut decoder = Decoder::new();
    let mut sum = 0u64;
    let mut rest = dump;
    while let Some((length, after)) = rest.split_first_chunk::<4>() {
        let length = u32::from_ne_bytes(*length) as usize;
        let Some((datagram, later)) = after.split_at_checked(length) else { break };
        rest = later;
        decoder.datagram(Address::v4(1), 0, datagram, |flows| {
            let octets = flows.iter().map(|flow| flow.octets ^ flow.source.bits() as u64);
            sum = octets.fold(sum, u64::wrapping_add);
        });
    }
    (decoder.counts.flows, sum)
}

fn packets(capture: &[u8]) -> (u64, u64) {
    let mut count = 0;
    let mut sum = 0u64;
    for packet in pcap::packets(capture) {
        count += 1;
        sum = sum.wrapping_add(packet.ip.source.bits() as u64 ^ u64::from(packet.ip.octets));
    }
    (count, sum)
}

fn requests(log: &[u8]) -> (u64, u64) {
    let mut reader = Log::new();
    let mut count = 0;
    let mut sum = 0u64;
    for request in access_log::requests(&mut reader, log) {
        count += 1;
        sum = sum.wrapping_add(request.at_ms ^ request.path.len() as u64);
    }
    (count, sum)
}

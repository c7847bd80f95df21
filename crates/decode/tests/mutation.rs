//! Broken input of every kind, quickly: fixtures with bytes changed, cut, doubled and joined.
//!
//! The long way is `fuzz/`. What is asserted: no panic, records bounded by the input, faults
//! bounded by their limit. `OUTCRY_MUTATIONS` sets how many inputs are tried of each fixture.

use std::path::Path;

use outcry_decode::access_log;
use outcry_decode::access_log::Log;
use outcry_decode::address::Address;
use outcry_decode::export;
use outcry_decode::export::Decoder;
use outcry_decode::fault::FAULTS_KEPT;
use outcry_decode::pcap;

/// Numbers without end from a seed (xorshift, G. Marsaglia, 2003).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % below.max(1) as u64) as usize
    }
}

fn rounds() -> usize {
    let said = std::env::var("OUTCRY_MUTATIONS").ok();
    said.and_then(|count| count.parse().ok()).unwrap_or(400)
}

fn fixtures(folder: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let files =
        std::fs::read_dir(folder).expect("fixtures").map(|entry| entry.expect("an entry").path());
    let mut files: Vec<_> = files.filter(|path| path.is_file()).collect();
    files.sort();
    files.iter().map(|path| std::fs::read(path).expect("a fixture")).collect()
}

fn mutated(dice: &mut Dice, all: &[Vec<u8>], of: &[u8]) -> Vec<u8> {
    let mut bytes = of.to_vec();
    for _ in 0..=dice.roll(6) {
        let at = dice.roll(bytes.len());
        match dice.roll(6) {
            0 if !bytes.is_empty() => bytes[at] = dice.roll(256) as u8,
            1 if !bytes.is_empty() => bytes[at] = [0, 1, 255, 254, 128, 5][dice.roll(6)],
            2 => bytes.truncate(at),
            3 if !bytes.is_empty() => bytes[at] ^= 1 << dice.roll(8),
            4 => {
                let other = &all[dice.roll(all.len())];
                let from = dice.roll(other.len());
                bytes.truncate(at);
                bytes.extend(&other[from..]);
            }
            _ => {
                let end = (at + dice.roll(64)).min(bytes.len());
                let part = bytes[at.min(end)..end].to_vec();
                bytes.splice(at..at, part);
            }
        }
    }
    bytes
}

fn for_each_mutation(folder: &str, mut read: impl FnMut(&[u8])) {
    let all = fixtures(folder);
    assert!(!all.is_empty());
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    for fixture in &all {
        for _ in 0..rounds() {
            read(&mutated(&mut dice, &all, fixture));
        }
    }
}

#[test]
fn exports_survive() {
    // One decoder all along, so that broken templates meet data of others.
    let mut decoder = Decoder::new();
    for_each_mutation("testdata/flow", |bytes| {
        for datagram in export::datagrams(bytes) {
            let mut flows = 0;
            decoder.datagram(Address::v4(1), 0, datagram, |batch| flows += batch.len());
            assert!(flows <= 2 * 65 * 65_536, "a record has an octet at least");
        }
        decoder.take_learnt();
        assert!(decoder.faults.kept().len() <= FAULTS_KEPT);
    });
    assert!(decoder.counts.flows > 1_000 && decoder.faults.total() > 1_000);
}

#[test]
fn captures_survive() {
    let mut count = 0;
    for_each_mutation("testdata/pcap", |bytes| {
        let mut packets = pcap::packets(bytes);
        for packet in packets.by_ref() {
            count += 1;
            let _ = (packet.dns(), packet.http(), packet.ntp());
            assert!(packet.payload.len() <= packet.captured_octets as usize);
        }
        assert!(packets.faults().kept().len() <= FAULTS_KEPT);
    });
    assert!(count > 1_000);
}

#[test]
fn logs_survive() {
    let mut log = Log::new();
    let mut count = 0;
    for_each_mutation("src/access_log/testdata", |bytes| {
        count += access_log::requests(&mut log, bytes).count();
    });
    assert!(count > 100 && log.faults.kept().len() <= FAULTS_KEPT);
}

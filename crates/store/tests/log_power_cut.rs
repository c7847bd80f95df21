//! Power is cut thousands of times: what was answered is there, in order, once.
//!
//! Each run lives through several cuts of one disk, some of them while the log is being opened.
//! Whatever was answered, or could be read once, must be there ever after with the same bytes
//! under the same number; what was refused for want of room must not be; nothing may be there
//! twice; and no finding may claim that answered records were lost, since none are.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod faulty;

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;
use std::time::Instant;

use outcry_store::log::Limits;
use outcry_store::log::Log;
use outcry_store::log::Recovery;
use outcry_store::log::Refusal;
use outcry_store::log::finding::Finding;
use outcry_store::log::finding::Standing;

use crate::faulty::Chance;
use crate::faulty::FaultyDisk;
use crate::faulty::HandClock;

const RUNS: u64 = 1_200;
const CUTS_MIN: u64 = 3_000;
const CUTS_PER_RUN: u64 = 3;
const THREADS: u64 = 3;

/// What must be true of the disk of one run.
#[derive(Default)]
struct Ledger {
    /// Answered, or read once.
    kept: BTreeMap<u64, Vec<u8>>,
    /// Sent at all.
    sent: BTreeSet<Vec<u8>>,
    /// Refused for want of room.
    refused: BTreeSet<Vec<u8>>,
    answered: u64,
}

#[derive(Debug, Default)]
struct Counts {
    cuts: u64,
    cuts_while_opening: u64,
    sent: u64,
    answered: u64,
    refused_full: u64,
    torn: u64,
    unfinished: u64,
    skipped: u64,
}

#[test]
fn what_was_answered_survives_thousands_of_power_cuts() {
    let started = Instant::now();
    let mut counts = Counts::default();
    for seed in 0..RUNS {
        live(seed, &mut counts);
    }
    println!("{RUNS} runs in {:.1} s: {counts:?}", started.elapsed().as_secs_f64());
    assert!(counts.cuts >= CUTS_MIN, "{counts:?}");
    for seen in [counts.cuts_while_opening, counts.torn, counts.unfinished, counts.skipped] {
        assert!(seen > 0, "every kind of damage comes up: {counts:?}");
    }
    assert!(counts.answered > 10_000 && counts.refused_full > 100, "{counts:?}");
}

/// One disk through its cuts, and a last time without.
fn live(seed: u64, counts: &mut Counts) {
    let disk = FaultyDisk::new(seed);
    let ledger = Arc::new(Mutex::new(Ledger::default()));
    let mut chance = Chance::new(!seed);
    for round in 0..CUTS_PER_RUN {
        // A batch that was held up is written and synced about here.
        let (first, count) = if is_held_up(round, seed) { (4, 8) } else { (0, 60) };
        disk.cut_after(first + chance.below(count));
        if chance.one_in(4) {
            disk.set_capacity(Some(disk.used_bytes() + chance.below(4_000)));
        }
        match open(&disk, &mut chance) {
            Some((log, recovery)) => {
                count_findings(&recovery, counts, seed);
                read_into(&ledger, &log, seed);
                append_from_threads(&log, &ledger, round, seed);
                read_into(&ledger, &log, seed);
                log.close();
            }
            None => counts.cuts_while_opening += 1,
        }
        disk.restart();
        disk.set_capacity(None);
        counts.cuts += 1;
    }
    let (log, recovery) = open(&disk, &mut chance).unwrap();
    count_findings(&recovery, counts, seed);
    verify(&ledger.lock().unwrap(), &log, seed);
    let last = faulty::append_all(&log, &[b"the last".to_vec()]);
    let seq = *last[0].as_ref().unwrap();
    assert_eq!(faulty::read_all(&log, seq), [(seq, b"the last".to_vec())], "seed {seed}");
    let ledger = ledger.lock().unwrap();
    counts.sent += ledger.sent.len() as u64;
    counts.answered += ledger.answered;
    counts.refused_full += ledger.refused.len() as u64;
}

/// `None` when power was cut meanwhile.
fn open(disk: &FaultyDisk, chance: &mut Chance) -> Option<(Log, Recovery)> {
    let most = if chance.one_in(2) { 20_000 } else { 400_000 };
    let segment_bytes_max = 600 + chance.below(most);
    let limits = Limits { segment_bytes_max, ..Limits::default() };
    let clock = HandClock::at(chance.below(50) as i64);
    match Log::open(Arc::new(disk.clone()), clock, limits) {
        Ok(opened) => Some(opened),
        Err(error) => {
            assert!(disk.is_cut(), "{error}");
            None
        }
    }
}

fn is_held_up(round: u64, seed: u64) -> bool {
    (seed + round).is_multiple_of(3)
}

/// In every third life the writer is held up until all is queued, so that it has several frames
/// to write before it syncs.
fn append_from_threads(log: &Log, ledger: &Arc<Mutex<Ledger>>, round: u64, seed: u64) {
    let held_up = is_held_up(round, seed);
    let (release, released) = mpsc::channel::<()>();
    if held_up {
        let record = format!("{seed}/{round}/first").into_bytes();
        ledger.lock().unwrap().sent.insert(record.clone());
        // Released when the sender is dropped, or at once when the record is refused.
        let _ = log.append(record, Box::new(move |_| released.recv().unwrap_or(())));
    }
    let records_max = if held_up { 800 } else { 120 };
    thread::scope(|scope| {
        for number in 0..THREADS {
            scope.spawn(move || {
                let mut chance = Chance::new(seed ^ (round << 40) ^ (number << 50));
                for count in 0..chance.below(records_max) {
                    let mut record = format!("{seed}/{round}/{number}/{count}:").into_bytes();
                    let byte = chance.number() as u8;
                    record.resize(record.len() + chance.below(150) as usize, byte);
                    let ledger = Arc::clone(ledger);
                    ledger.lock().unwrap().sent.insert(record.clone());
                    let kept = record.clone();
                    let done = move |answer: Result<u64, Refusal>| {
                        let mut ledger = ledger.lock().unwrap();
                        match answer {
                            Ok(seq) => {
                                ledger.answered += 1;
                                let before = ledger.kept.insert(seq, kept.clone());
                                let same = before.is_none_or(|before| before == kept);
                                assert!(same, "{seq} was given twice");
                            }
                            Err(Refusal::Full) => drop(ledger.refused.insert(kept)),
                            Err(Refusal::Broken(_)) => {}
                        }
                    };
                    if log.append(record, Box::new(done)).is_err() {
                        return;
                    }
                    if chance.one_in(16) {
                        thread::yield_now();
                    }
                }
            });
        }
    });
    drop(release);
}

/// Checks the log, and from now on expects all that can be read.
fn read_into(ledger: &Mutex<Ledger>, log: &Log, seed: u64) {
    let end = log.next_seq();
    let mut reader = log.reader(0);
    let mut found = BTreeMap::new();
    while found.last_key_value().is_none_or(|(seq, _)| seq + 1 < end) {
        // A disk whose power is cut cannot be read; what was read before counts.
        let Ok(Some(frame)) = reader.next(Duration::ZERO) else { break };
        found.extend((frame.first_seq..).zip(frame.records));
    }
    let mut ledger = ledger.lock().unwrap();
    for (seq, record) in found {
        let before = ledger.kept.insert(seq, record.clone());
        assert!(before.is_none_or(|before| before == record), "seed {seed}, record {seq}");
    }
}

fn verify(ledger: &Ledger, log: &Log, seed: u64) {
    let mut reader = log.reader(0);
    let mut found = BTreeMap::new();
    let mut once = BTreeSet::new();
    let (mut last_ms, mut next_seq) = (i64::MIN, 0);
    while let Some(frame) = reader.next(Duration::ZERO).unwrap() {
        assert!(frame.at_ms > last_ms && frame.after_ms >= last_ms, "seed {seed}");
        assert!(frame.first_seq >= next_seq, "seed {seed}");
        last_ms = frame.at_ms;
        for (seq, record) in (frame.first_seq..).zip(frame.records) {
            next_seq = seq + 1;
            assert!(ledger.sent.contains(&record), "seed {seed}, record {seq} was never sent");
            assert!(!ledger.refused.contains(&record), "seed {seed}, record {seq} was refused");
            assert!(once.insert(record.clone()), "seed {seed}, record {seq} is there twice");
            found.insert(seq, record);
        }
    }
    assert_eq!(next_seq, log.next_seq(), "seed {seed}");
    for (seq, record) in &ledger.kept {
        assert_eq!(found.get(seq), Some(record), "seed {seed}, record {seq}");
    }
}

/// Only what a power cut can do may be found, and none of it is called a loss.
fn count_findings(recovery: &Recovery, counts: &mut Counts, seed: u64) {
    for finding in &recovery.findings {
        match finding {
            Finding::Torn { .. } => counts.torn += 1,
            Finding::Unfinished { .. } => counts.unfinished += 1,
            Finding::Damaged { standing: Standing::Unsure, .. } => counts.skipped += 1,
            _ => panic!("seed {seed}: {finding}"),
        }
    }
}

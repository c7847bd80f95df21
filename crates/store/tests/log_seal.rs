//! Sealing, pinning and removing, with the power cut at any moment: what was answered is there, in
//! order and once, and what is gone was removed on purpose.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod faulty;

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;
use std::sync::Mutex;
use std::time::Duration;

use outcry_store::log::Limits;
use outcry_store::log::Log;
use outcry_store::log::LogError;
use outcry_store::log::Recovery;
use outcry_store::log::disk::Disk;
use outcry_store::log::disk::DiskFile;
use outcry_store::log::finding::Finding;
use outcry_store::log::finding::Standing;
use outcry_store::log::keep::Expiry;
use outcry_store::log::keep::Pin;
use outcry_store::log::look::Look;
use outcry_store::log::manifest::MANIFEST_NAME;

use crate::faulty::Chance;
use crate::faulty::FaultyDisk;
use crate::faulty::HandClock;

const RUNS: u64 = 500;
const CUTS_PER_RUN: u64 = 4;
const SEGMENT_BYTES: u64 = 1_500;

fn open_at(disk: &FaultyDisk, now_ms: i64) -> Result<(Log, Recovery), LogError> {
    let limits = Limits { segment_bytes_max: SEGMENT_BYTES, ..Limits::default() };
    Log::open(Arc::new(disk.clone()), HandClock::at(now_ms), limits)
}

fn records(from: u64, count: u64) -> Vec<Vec<u8>> {
    (from..from + count).map(|n| format!("record {n} {}", "x".repeat(80)).into_bytes()).collect()
}

/// Appends in frames of their own, so that segments fill up.
fn fill(log: &Log, from: u64, count: u64) {
    for record in records(from, count) {
        faulty::append_all(log, &[record])[0].as_ref().unwrap();
    }
}

fn seal_all(log: &Log) -> Vec<String> {
    std::iter::from_fn(|| log.seal_next().unwrap()).collect()
}

fn look_at(disk: &FaultyDisk) -> Look {
    Look::at(Arc::new(disk.clone())).unwrap()
}

#[test]
fn a_sealed_log_reads_as_before_and_after_a_restart() {
    let disk = FaultyDisk::new(1);
    let (log, _) = open_at(&disk, 1_000).unwrap();
    fill(&log, 0, 60);
    let before = faulty::read_all(&log, 0);
    let mut half_way = log.reader(0);
    let first = half_way.next(Duration::ZERO).unwrap().unwrap();
    let sealed = seal_all(&log);
    assert!(sealed.len() > 3, "{sealed:?}");
    assert_eq!(faulty::read_all(&log, 0), before);
    assert_eq!(faulty::read_all(&log, 31), before[31..]);
    let mut rest = first.records.len();
    while let Some(frame) = half_way.next(Duration::ZERO).unwrap() {
        rest += frame.records.len();
    }
    assert_eq!(rest, 60, "a reader goes on over a segment that is sealed under it");
    log.close();
    let (log, recovery) = open_at(&disk, 2_000).unwrap();
    assert_eq!(recovery.findings, []);
    assert_eq!(recovery.records, 60);
    assert_eq!(faulty::read_all(&log, 0), before);
    fill(&log, 60, 5);
    assert_eq!(faulty::read_all(&log, 0).len(), 65);
    assert_eq!(look_at(&disk).check_sealed(|_| {}).unwrap(), [""; 0]);
    assert_eq!(log.holdings().sealed as usize, sealed.len());
}

#[test]
fn a_segment_is_begun_anew_when_it_is_old_though_not_full() {
    let disk = FaultyDisk::new(2);
    let clock = HandClock::at(0);
    let limits = Limits { segment_age_max_ms: 1_000, ..Limits::default() };
    let (log, _) = Log::open(Arc::new(disk.clone()), clock.clone(), limits).unwrap();
    fill(&log, 0, 2);
    assert_eq!(log.seal_next().unwrap(), None, "the last segment may still grow");
    clock.set(5_000);
    fill(&log, 2, 1);
    assert!(log.seal_next().unwrap().is_some());
    log.close();
    clock.set(5_500);
    let (log, _) = Log::open(Arc::new(disk.clone()), clock.clone(), limits).unwrap();
    fill(&log, 3, 1);
    clock.set(7_000);
    fill(&log, 4, 1);
    assert!(log.seal_next().unwrap().is_some(), "its age is known after a restart too");
    assert_eq!(faulty::read_all(&log, 0).len(), 5);
}

#[test]
fn old_segments_go_unless_they_are_pinned_or_still_needed() {
    let disk = FaultyDisk::new(3);
    let (log, _) = open_at(&disk, 1_000).unwrap();
    fill(&log, 0, 80);
    let sealed = seal_all(&log);
    let end = log.next_seq();
    assert_eq!(log.retire(Expiry { before_ms: i64::MAX, safe_seq: 0 }).unwrap(), [""; 0]);
    assert_eq!(log.retire(Expiry { before_ms: 0, safe_seq: end }).unwrap(), [""; 0]);
    // Frames are stamped 1 ms apart.
    let pin = Pin { incident: "x-1".into(), from_ms: 1_030, until_ms: 1_031 };
    assert_eq!(log.pin(std::slice::from_ref(&pin)).unwrap(), 1);
    assert_eq!(log.pin(&[pin]).unwrap(), 0, "once is enough");
    let removed = log.retire(Expiry { before_ms: i64::MAX, safe_seq: end }).unwrap();
    assert_eq!(removed.len(), sealed.len() - 1);
    assert_eq!(log.holdings().pinned, 1);
    let left = faulty::read_all(&log, 0);
    assert!(left.iter().any(|(seq, _)| *seq == 30), "the evidence is there");
    assert!(left.iter().any(|(seq, _)| *seq == end - 1), "so is the last segment");
    assert!(left[0].0 > 0 && left.len() < 40);
    log.close();
    let (log, recovery) = open_at(&disk, 9_000).unwrap();
    assert_eq!(recovery.findings, [], "what was removed on purpose is not missing");
    assert_eq!(faulty::read_all(&log, 0), left);
    assert_eq!(log.next_seq(), end);
    assert!(look_at(&disk).stretches().len() == 2, "{:?}", look_at(&disk).stretches());
}

/// A disk on which something is done in the middle of a look: after the manifest was read.
struct Meanwhile {
    disk: FaultyDisk,
    act: Mutex<Vec<Box<dyn FnOnce() + Send>>>,
}

impl Disk for Meanwhile {
    fn names(&self) -> io::Result<Vec<String>> {
        let act = self.act.lock().unwrap().pop();
        act.into_iter().for_each(|act| act());
        self.disk.names()
    }
    fn open(&self, name: &str) -> io::Result<Arc<dyn DiskFile>> {
        self.disk.open(name)
    }
    fn create(&self, name: &str) -> io::Result<Arc<dyn DiskFile>> {
        self.disk.create(name)
    }
    fn remove(&self, name: &str) -> io::Result<()> {
        self.disk.remove(name)
    }
    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        self.disk.rename(from, to)
    }
    fn sync_names(&self) -> io::Result<()> {
        self.disk.sync_names()
    }
}

#[test]
fn segments_that_are_sealed_and_removed_during_a_look_are_not_called_damage() {
    let disk = FaultyDisk::new(7);
    let (log, _) = open_at(&disk, 1_000).unwrap();
    fill(&log, 0, 80);
    let (end, log) = (log.next_seq(), Arc::new(log));
    log.seal_next().unwrap();
    let seal = {
        let log = Arc::clone(&log);
        move || drop(seal_all(&log))
    };
    let remove = {
        let log = Arc::clone(&log);
        move || drop(log.retire(Expiry { before_ms: 1_030, safe_seq: end }).unwrap())
    };
    // The last is done first: the first look meets the sealing, the second one the removal.
    let act = Mutex::new(vec![Box::new(remove) as Box<dyn FnOnce() + Send>, Box::new(seal)]);
    let look = Look::at(Arc::new(Meanwhile { disk: disk.clone(), act })).unwrap();
    assert_eq!(look.recovery().findings, []);
    assert!(log.first_seq() > 0, "some were removed");
    assert!(look.was_removed(0, log.first_seq()), "and the look knows that");
    assert_eq!(look.seal(), look_at(&disk).seal());
    let gone = look.files()[2].name.clone();
    disk.remove(&gone).unwrap();
    let findings = &look_at(&disk).recovery().findings.clone();
    assert!(matches!(findings[..], [Finding::Missing { .. }]), "what is gone is: {findings:?}");
}

#[test]
fn every_flipped_bit_of_a_sealed_segment_is_found_and_named() {
    let disk = FaultyDisk::new(4);
    let (log, _) = open_at(&disk, 1_000).unwrap();
    fill(&log, 0, 40);
    let sealed = seal_all(&log);
    log.close();
    let name = &sealed[1];
    let bytes = disk.bytes_of(name);
    for bit in 0..bytes.len() * 8 {
        let mut changed = bytes.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        disk.put(name, &changed);
        let look = look_at(&disk);
        let faults = look.check_sealed(|_| {}).unwrap();
        assert!(faults.iter().any(|fault| fault.contains(name)), "bit {bit}: {faults:?}");
        let mut reader = look.reader(0);
        let mut read = Vec::new();
        // An index that is damaged ends nothing but that segment.
        while let Some(frame) = reader.next(Duration::ZERO).unwrap() {
            read.extend((frame.first_seq..).zip(frame.records));
        }
        for (seq, record) in &read {
            assert_eq!(record, &records(*seq, 1)[0], "bit {bit}: a wrong record is never given");
        }
        assert!(read.len() >= 25 && read.last().unwrap().0 == 39, "bit {bit}: {}", read.len());
    }
}

#[test]
fn a_sealed_segment_that_is_gone_or_replaced_is_named() {
    let disk = FaultyDisk::new(5);
    let (log, _) = open_at(&disk, 1_000).unwrap();
    fill(&log, 0, 40);
    let sealed = seal_all(&log);
    log.close();
    let kept = disk.bytes_of(&sealed[1]);
    disk.lose(&sealed[1]);
    let look = look_at(&disk);
    let missing = |finding: &Finding| matches!(finding, Finding::Missing { .. });
    assert!(look.recovery().findings.iter().any(missing), "{:?}", look.recovery());
    assert!(look.check_sealed(|_| {}).unwrap()[0].contains(&sealed[1]));
    disk.put(&sealed[1], &kept);
    disk.lose(MANIFEST_NAME);
    let (log, recovery) = open_at(&disk, 2_000).unwrap();
    let adopted = |finding: &&Finding| matches!(finding, Finding::Adopted { .. });
    assert_eq!(recovery.findings.iter().filter(adopted).count(), sealed.len());
    assert_eq!(faulty::read_all(&log, 0).len(), 40, "nothing is lost with the manifest");
    assert_eq!(look_at(&disk).check_sealed(|_| {}).unwrap(), [""; 0]);
}

#[test]
fn a_log_that_lost_its_end_is_left_as_it_is() {
    let disk = FaultyDisk::new(6);
    let (log, _) = open_at(&disk, 1_000).unwrap();
    fill(&log, 0, 30);
    log.close();
    let last = disk.list().into_iter().rfind(|name| name.ends_with(".seg")).unwrap();
    let cut = disk.bytes_of(&last)[..60].to_vec();
    disk.put(&last, &cut);
    let limits = Limits { known_seq: 30, ..Limits::default() };
    let refused = Log::open(Arc::new(disk.clone()), HandClock::at(0), limits);
    let Err(LogError::Short { found, known: 30 }) = refused else { panic!("{refused:?}") };
    assert!(found < 30);
    assert_eq!(disk.bytes_of(&last), cut, "nothing was changed");
}

#[test]
fn a_full_disk_stops_sealing_and_nothing_else() {
    let disk = FaultyDisk::new(7);
    let (log, _) = open_at(&disk, 1_000).unwrap();
    fill(&log, 0, 40);
    disk.set_capacity(Some(disk.used_bytes() + 100));
    let before = disk.list();
    assert!(log.seal_next().is_err());
    assert_eq!(disk.list(), before, "what was begun is taken away again");
    assert_eq!(faulty::read_all(&log, 0).len(), 40);
    disk.set_capacity(None);
    assert!(!seal_all(&log).is_empty());
    assert_eq!(faulty::read_all(&log, 0).len(), 40);
}

/// What one disk has lived through.
#[derive(Debug, Default)]
struct Lived {
    cuts: u64,
    cuts_while_opening: u64,
    sealed: u64,
    removed: u64,
    torn: u64,
}

#[test]
fn power_cuts_at_any_moment_of_sealing_and_removing_lose_nothing() {
    let mut lived = Lived::default();
    for seed in 0..RUNS {
        live(seed, &mut lived);
    }
    println!("{RUNS} runs: {lived:?}");
    assert!(lived.cuts >= 1_000 && lived.cuts_while_opening > 100, "{lived:?}");
    assert!(lived.sealed > 1_000 && lived.removed > 300 && lived.torn > 10, "{lived:?}");
}

fn live(seed: u64, lived: &mut Lived) {
    let disk = FaultyDisk::new(seed);
    let mut chance = Chance::new(!seed);
    let mut answered: BTreeMap<u64, Vec<u8>> = BTreeMap::new();
    let (mut now_ms, mut gone_until) = (1_000, 0);
    for round in 0..=CUTS_PER_RUN {
        let last = round == CUTS_PER_RUN;
        if !last {
            let most = if chance.one_in(4) { 8 } else { 90 };
            disk.cut_after(chance.below(most));
        }
        now_ms += 100_000;
        match open_at(&disk, now_ms) {
            Ok((log, recovery)) => {
                check(&recovery, lived, seed);
                // A reader of a disk without power is no witness.
                let read = read_all(&log);
                if !disk.is_cut() {
                    compare(&answered, &read, gone_until, seed);
                }
                work(&log, &mut chance, &mut answered, &mut gone_until, lived);
                log.close();
                if last {
                    let look = look_at(&disk);
                    assert_eq!(look.check_sealed(|_| {}).unwrap(), [""; 0], "seed {seed}");
                }
            }
            Err(error) => {
                assert!(disk.is_cut(), "seed {seed}: {error}");
                lived.cuts_while_opening += 1;
            }
        }
        if !last {
            disk.restart();
            lived.cuts += 1;
        }
    }
}

/// Appends, seals, pins and removes until the power goes.
fn work(
    log: &Log,
    chance: &mut Chance,
    answered: &mut BTreeMap<u64, Vec<u8>>,
    gone_until: &mut u64,
    lived: &mut Lived,
) {
    for _ in 0..chance.below(12) {
        match chance.below(4) {
            0 | 1 => {
                for record in records(chance.number() % 1_000, 1 + chance.below(12)) {
                    let (tell, told) = std::sync::mpsc::channel();
                    let done = Box::new(move |answer| tell.send(answer).unwrap());
                    if log.append(record.clone(), done).is_err() {
                        return;
                    }
                    match told.recv().unwrap() {
                        Ok(seq) => drop(answered.insert(seq, record)),
                        Err(_) => return,
                    }
                }
            }
            2 => match log.seal_next() {
                Ok(sealed) => lived.sealed += u64::from(sealed.is_some()),
                Err(_) => return,
            },
            _ => {
                let pin = Pin { incident: "i".into(), from_ms: i64::MIN, until_ms: i64::MIN };
                let safe_seq = log.next_seq();
                *gone_until = (*gone_until).max(safe_seq);
                let removed = log
                    .pin(&[pin])
                    .and_then(|_| log.retire(Expiry { before_ms: i64::MAX, safe_seq }));
                match removed {
                    Ok(removed) => lived.removed += removed.len() as u64,
                    Err(_) => return,
                }
            }
        }
    }
}

fn read_all(log: &Log) -> BTreeMap<u64, Vec<u8>> {
    let mut reader = log.reader(0);
    let mut found = BTreeMap::new();
    while let Ok(Some(frame)) = reader.next(Duration::ZERO) {
        for (seq, record) in (frame.first_seq..).zip(frame.records) {
            assert!(found.insert(seq, record).is_none(), "{seq} is there twice");
        }
    }
    found
}

/// All that was answered is there, but for what may have been removed.
fn compare(
    answered: &BTreeMap<u64, Vec<u8>>,
    read: &BTreeMap<u64, Vec<u8>>,
    gone_until: u64,
    seed: u64,
) {
    for (seq, record) in answered {
        match read.get(seq) {
            Some(found) => assert_eq!(found, record, "seed {seed}, record {seq}"),
            None => assert!(*seq < gone_until, "seed {seed}: record {seq} is lost"),
        }
    }
}

/// Only what a power cut can do may be found, and none of it is called a loss.
fn check(recovery: &Recovery, lived: &mut Lived, seed: u64) {
    for finding in &recovery.findings {
        match finding {
            Finding::Torn { .. } | Finding::ManifestTorn { .. } => lived.torn += 1,
            Finding::Unfinished { .. } | Finding::Damaged { standing: Standing::Unsure, .. } => {}
            _ => panic!("seed {seed}: {finding}"),
        }
    }
}

#[test]
fn a_look_changes_nothing() {
    let disk = FaultyDisk::new(8);
    let (log, _) = open_at(&disk, 1_000).unwrap();
    fill(&log, 0, 40);
    log.seal_next().unwrap();
    let last = disk.list().into_iter().rfind(|name| name.ends_with(".seg")).unwrap();
    let mut torn = disk.bytes_of(&last);
    torn.extend_from_slice(b"torn");
    log.close();
    disk.put(&last, &torn);
    disk.create("00000000000000009999.packing").unwrap();
    let operations = disk.operations();
    let look = look_at(&disk);
    assert_eq!(look.next_seq(), 40);
    assert_eq!(disk.operations(), operations);
    let files = look.files();
    assert_eq!(files.last().unwrap().bytes, torn.len() as u64 - 4, "only what is whole");
    assert!(files[0].stored_hash.is_some());
}

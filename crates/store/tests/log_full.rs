//! A disk that is full, and a disk that fails to sync: clear answers, and nothing that was answered
//! is lost.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod faulty;

use std::error::Error;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::mpsc;

use outcry_store::log::Limits;
use outcry_store::log::Log;
use outcry_store::log::Refusal;
use outcry_store::log::Refused;
use outcry_store::log::disk::OsDisk;

use crate::faulty::Chance;
use crate::faulty::FaultyDisk;
use crate::faulty::HandClock;
use crate::faulty::append_all;
use crate::faulty::hold_up;
use crate::faulty::open;
use crate::faulty::read_all;

const WIDE: u64 = 1 << 20;

/// Records that do not compress, so that their size is known.
fn noise(count: usize, bytes: usize) -> Vec<Vec<u8>> {
    let mut chance = Chance::new(count as u64);
    (0..count).map(|_| (0..bytes).map(|_| chance.number() as u8).collect()).collect()
}

#[test]
fn a_full_disk_refuses_and_goes_on_when_there_is_room_at_whatever_byte_it_was_full() {
    for segment_bytes_max in [WIDE, 300] {
        for room in 0..400 {
            let disk = FaultyDisk::new(room);
            let (log, _) = open(&disk, segment_bytes_max);
            let mut kept = vec![(0, b"before".to_vec())];
            append_all(&log, &[b"before".to_vec()]);
            disk.set_capacity(Some(disk.used_bytes() + room));
            for record in noise(8, 60) {
                match append_all(&log, std::slice::from_ref(&record)).remove(0) {
                    Ok(seq) => kept.push((seq, record)),
                    Err(refusal) => {
                        assert!(matches!(refusal, Refusal::Full));
                        assert_eq!(
                            refusal.to_string(),
                            "the disk is full: free some room and try again"
                        );
                    }
                }
            }
            assert!(kept.len() < 5, "{room}: there was no room for more");
            assert_eq!(read_all(&log, 0), kept, "{room}");
            disk.set_capacity(None);
            let after = append_all(&log, &[b"after".to_vec()]).remove(0).unwrap();
            kept.push((after, b"after".to_vec()));
            assert_eq!(read_all(&log, 0), kept, "{room}");
            assert_eq!(after + 1, kept.len() as u64, "no number is left out");
            drop(log);
            let (log, recovery) = open(&disk, WIDE);
            assert!(recovery.findings.is_empty(), "{room}: {recovery:?}");
            assert_eq!(read_all(&log, 0), kept, "{room}");
        }
    }
}

#[test]
fn of_a_batch_the_frames_that_fit_are_kept() {
    let disk = FaultyDisk::new(0);
    let (log, _) = open(&disk, WIDE);
    let held_up = hold_up(&log);
    disk.set_capacity(Some(disk.used_bytes() + 60_000));
    let (sent, answers) = mpsc::channel();
    for record in noise(1_500, 80) {
        let sent = sent.clone();
        log.append(record, Box::new(move |answer| sent.send(answer.ok()).unwrap())).unwrap();
    }
    drop((held_up, sent));
    let answers: Vec<Option<u64>> = answers.iter().collect();
    assert_eq!(answers.iter().flatten().count(), 500);
    assert_eq!(answers.iter().filter(|answer| answer.is_none()).count(), 1_000);
    assert_eq!(log.next_seq(), 501);
}

#[test]
fn after_a_failed_sync_nothing_is_taken_and_all_that_was_answered_can_be_read() {
    for syncs in 0..3 {
        let disk = FaultyDisk::new(syncs);
        let (log, _) = open(&disk, 1);
        let mut reader = log.reader(0);
        append_all(&log, &[b"zero".to_vec(), b"one".to_vec()]);
        let held_up = hold_up(&log);
        disk.fail_sync_after(syncs);
        let (sent, answers) = mpsc::channel();
        for record in noise(700, 10) {
            let sent = sent.clone();
            log.append(record, Box::new(move |answer| sent.send(answer).unwrap())).unwrap();
        }
        drop((held_up, sent));
        let answers: Vec<Result<u64, Refusal>> = answers.iter().collect();
        assert_eq!(answers.len(), 700, "everybody is answered");
        // Syncs: header and frame of the first segment, header and frame of the second.
        let expected = if syncs < 2 { 0 } else { 500 };
        assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), expected);
        let Some(Err(Refusal::Broken(fault))) = answers.last() else { panic!("{answers:?}") };
        assert!(fault.to_string().starts_with("could not sync 0000000000"), "{fault}");
        assert_eq!(fault.source().unwrap().to_string(), "the drive did not answer");

        let refused = log.append(b"more".to_vec(), Box::new(|_| panic!("never called")));
        let Err(Refused::Broken(again)) = &refused else { panic!("{refused:?}") };
        assert_eq!(again.to_string(), fault.to_string());
        assert_eq!(refused.unwrap_err().to_string(), Refusal::Broken(fault.clone()).to_string());

        let readable = 3 + expected;
        assert_eq!(log.next_seq(), readable as u64);
        assert_eq!(read_all(&log, 0).len(), readable);
        let mut found = 0;
        while let Some(frame) = reader.next(std::time::Duration::ZERO).unwrap() {
            found += frame.records.len();
        }
        assert_eq!(found, readable);
        log.close();
        drop(log);
        disk.restart();
        let (log, _) = open(&disk, WIDE);
        let found = read_all(&log, 0);
        assert!(found.len() >= readable, "what was answered is there: {}", found.len());
        assert_eq!(append_all(&log, &[b"on".to_vec()])[0].as_ref().ok(), Some(&log_end(&found)));
    }
}

fn log_end(found: &[(u64, Vec<u8>)]) -> u64 {
    found.last().map_or(0, |(seq, _)| seq + 1)
}

#[test]
fn a_failed_sync_while_opening_is_an_error_that_names_the_file() {
    let disk = FaultyDisk::new(0);
    let (log, _) = open(&disk, WIDE);
    append_all(&log, &[b"zero".to_vec()]);
    drop(log);
    disk.fail_sync_after(0);
    let shared = Arc::new(disk.clone());
    let error = Log::open(shared, HandClock::at(0), Limits::default()).unwrap_err();
    assert_eq!(error.to_string(), "could not sync 00000000000000000000.seg");
    assert_eq!(error.source().unwrap().to_string(), "the drive did not answer");
}

/// A mounted file system of one megabyte, unmounted at the end.
struct SmallDisk<'a>(&'a Path);

impl<'a> SmallDisk<'a> {
    fn mount(folder: &'a Path) -> Result<Self, String> {
        let arguments = ["-t", "tmpfs", "-o", "size=1m", "tmpfs"];
        match Command::new("mount").args(arguments).arg(folder).output() {
            Ok(output) if output.status.success() => Ok(Self(folder)),
            Ok(output) => Err(String::from_utf8_lossy(&output.stderr).trim().to_owned()),
            Err(error) => Err(error.to_string()),
        }
    }
}

impl Drop for SmallDisk<'_> {
    fn drop(&mut self) {
        let status = Command::new("umount").arg(self.0).status().unwrap();
        assert!(status.success(), "could not unmount {}", self.0.display());
    }
}

#[test]
fn a_real_disk_of_one_megabyte_fills_up_and_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let small = match SmallDisk::mount(folder.path()) {
        Ok(small) => small,
        Err(why) => {
            println!("no small disk could be mounted here ({why}): only the model was tested");
            return;
        }
    };
    let ballast = folder.path().join("ballast");
    fs::write(&ballast, vec![1; 300 << 10]).unwrap();
    let path = folder.path().join("log");
    let limits = || Limits { segment_bytes_max: 200 << 10, ..Limits::default() };
    let disk = Arc::new(OsDisk::open(&path).unwrap());
    let (log, _) = Log::open(disk, HandClock::at(0), limits()).unwrap();
    let mut kept = Vec::new();
    let mut refused = 0;
    for record in noise(200, 10_000) {
        match append_all(&log, std::slice::from_ref(&record)).remove(0) {
            Ok(seq) => kept.push((seq, record)),
            Err(Refusal::Full) => refused += 1,
            Err(broken) => panic!("{broken}: {}", broken.source().unwrap()),
        }
    }
    assert!(kept.len() > 50 && refused > 50, "{} kept, {refused} refused", kept.len());
    println!("on a disk of 1 MiB {} records were kept and {refused} refused", kept.len());
    assert!(read_all(&log, 0) == kept, "what was answered can be read");
    fs::remove_file(&ballast).unwrap();
    for record in noise(5, 10_000) {
        let seq = append_all(&log, std::slice::from_ref(&record)).remove(0).unwrap();
        kept.push((seq, record));
    }
    drop(log);
    let disk = Arc::new(OsDisk::open(&path).unwrap());
    let (log, recovery) = Log::open(disk, HandClock::at(0), limits()).unwrap();
    assert!(recovery.findings.is_empty(), "{recovery:?}");
    assert!(read_all(&log, 0) == kept, "what was answered is there after a restart");
    drop(log);
    drop(small);
}

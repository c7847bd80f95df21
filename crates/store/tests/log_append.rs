//! Appending, answering, reading and telling the time, while nothing is wrong.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod faulty;

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use outcry_store::log::FRAME_BYTES_MAX;
use outcry_store::log::FRAME_RECORDS_MAX;
use outcry_store::log::Frame;
use outcry_store::log::Limits;
use outcry_store::log::Log;
use outcry_store::log::Refused;
use outcry_store::log::SystemClock;
use outcry_store::log::disk::OsDisk;
use outcry_store::log::segment::name_of;

use crate::faulty::FaultyDisk;
use crate::faulty::HandClock;
use crate::faulty::append_all;
use crate::faulty::hold_up;
use crate::faulty::open;
use crate::faulty::read_all;

const WIDE: u64 = 1 << 20;
/// Long enough that a test that waits for it in vain has failed.
const LONG: Duration = Duration::from_secs(60);

fn frames(log: &Log, from_seq: u64) -> Vec<Frame> {
    let mut reader = log.reader(from_seq);
    std::iter::from_fn(|| reader.next(Duration::ZERO).unwrap()).collect()
}

fn records(count: usize) -> Vec<Vec<u8>> {
    (0..count).map(|number| format!("record {number}").into_bytes()).collect()
}

#[test]
fn what_waits_is_written_together_and_answered_in_order() {
    let disk = FaultyDisk::new(0);
    let (log, _) = open(&disk, WIDE);
    let held_up = hold_up(&log);
    let before = disk.operations();
    let (sent, answers) = mpsc::channel();
    for record in records(2 * FRAME_RECORDS_MAX + 1) {
        let sent = sent.clone();
        log.append(record, Box::new(move |it| sent.send(it.unwrap()).unwrap())).unwrap();
    }
    assert_eq!(log.waiting(), 2 * FRAME_RECORDS_MAX + 1);
    assert_eq!(log.next_seq(), 1, "nothing of it is on disk");
    drop((held_up, sent));
    assert_eq!(answers.iter().collect::<Vec<_>>(), (1..=1_001).collect::<Vec<_>>());
    assert_eq!(disk.operations() - before, 4, "three frames, one sync");
    assert_eq!((log.waiting(), log.next_seq()), (0, 1_002));
    let sizes: Vec<_> = frames(&log, 1).iter().map(|frame| frame.records.len()).collect();
    assert_eq!(sizes, [500, 500, 1]);
}

#[test]
fn frames_hold_a_megabyte_unless_one_record_alone_is_longer() {
    let (log, _) = open(&FaultyDisk::new(0), 64 << 20);
    let held_up = hold_up(&log);
    let third = FRAME_BYTES_MAX / 3;
    let lengths = [third, third, third, 2 * FRAME_BYTES_MAX, 3, 4];
    let (sent, answers) = mpsc::channel();
    for length in lengths {
        let sent = sent.clone();
        let done = Box::new(move |it: Result<_, _>| sent.send(it.unwrap()).unwrap());
        log.append(vec![length as u8; length], done).unwrap();
    }
    drop((held_up, sent));
    assert_eq!(answers.iter().count(), 6);
    let found: Vec<Vec<usize>> =
        frames(&log, 1).iter().map(|frame| frame.records.iter().map(Vec::len).collect()).collect();
    let expected = [vec![third, third], vec![third], vec![2 * FRAME_BYTES_MAX], vec![3, 4]];
    assert_eq!(found, expected);
}

#[test]
fn a_full_queue_refuses_at_once() {
    let limits = Limits { queue_records_max: 3, queue_bytes_max: 10, ..Limits::default() };
    let disk = Arc::new(FaultyDisk::new(0));
    let (log, _) = Log::open(disk, HandClock::at(0), limits).unwrap();
    let held_up = hold_up(&log);
    let add = |bytes: usize| log.append(vec![0; bytes], Box::new(|_| {}));
    assert!(matches!(add(11), Err(Refused::Full)), "longer than the queue");
    add(5).unwrap();
    add(5).unwrap();
    assert!(matches!(add(1), Err(Refused::Full)), "too many bytes");
    add(0).unwrap();
    assert!(matches!(add(0), Err(Refused::Full)), "too many records");
    drop(held_up);
    log.close();
    assert_eq!((log.next_seq(), log.waiting()), (4, 0));
}

#[test]
fn closing_writes_what_waits_and_refuses_more() {
    let disk = FaultyDisk::new(0);
    let (log, _) = open(&disk, WIDE);
    let held_up = hold_up(&log);
    let answers = Arc::new(Mutex::new(Vec::new()));
    for record in records(10) {
        let answers = Arc::clone(&answers);
        let done = move |answer: Result<_, _>| answers.lock().unwrap().push(answer.unwrap());
        log.append(record, Box::new(done)).unwrap();
    }
    drop(held_up);
    log.close();
    assert_eq!(*answers.lock().unwrap(), (1..=10).collect::<Vec<u64>>());
    let refused = log.append(Vec::new(), Box::new(|_| panic!("never called")));
    assert!(matches!(refused, Err(Refused::Closed)));
    log.close();
    assert_eq!(read_all(&log, 1).len(), 10, "a closed log can be read");
}

#[test]
fn the_last_handle_closes_even_inside_a_callback() {
    let disk = FaultyDisk::new(0);
    let (log, _) = open(&disk, WIDE);
    let (sent, answered) = mpsc::channel();
    let handle = log.clone();
    let (release, released) = mpsc::channel::<()>();
    let done = move |answer: Result<u64, _>| {
        released.recv().unwrap_or(());
        drop(handle);
        sent.send(answer.unwrap()).unwrap();
    };
    log.append(b"one".to_vec(), Box::new(done)).unwrap();
    log.append(b"two".to_vec(), Box::new(|_| {})).unwrap();
    let mut reader = log.reader(0);
    drop(log);
    drop(release);
    assert_eq!(answered.recv_timeout(LONG), Ok(0));
    let seen = reader.next(LONG).unwrap().unwrap().records.len();
    if seen == 1 {
        assert_eq!(reader.next(LONG).unwrap().unwrap().records, [b"two"]);
    }
}

#[test]
fn a_callback_that_panics_harms_nobody_else() {
    let (log, _) = open(&FaultyDisk::new(0), WIDE);
    log.append(b"zero".to_vec(), Box::new(|_| panic!("as the test wants"))).unwrap();
    let answers = append_all(&log, &records(2));
    assert_eq!(answers.into_iter().map(Result::unwrap).collect::<Vec<_>>(), [1, 2]);
}

#[test]
fn a_reader_begins_at_any_record_in_any_segment() {
    for segment_bytes_max in [1, 3_000, WIDE] {
        let disk = FaultyDisk::new(0);
        let (log, _) = open(&disk, segment_bytes_max);
        let all: Vec<Vec<u8>> = (0..60).map(|n| vec![n; 40 + usize::from(n) * 7]).collect();
        all.chunks(7).for_each(|some| drop(append_all(&log, some)));
        let numbered: Vec<(u64, Vec<u8>)> = (0..).zip(all).collect();
        for life in ["as written", "as recovered"] {
            let log = if life == "as written" { log.clone() } else { open(&copy(&disk), 1).0 };
            for from in 0..=60 {
                assert_eq!(read_all(&log, from as u64), numbered[from..], "{life}, from {from}");
            }
        }
    }
}

fn copy(disk: &FaultyDisk) -> FaultyDisk {
    let copy = FaultyDisk::new(1);
    disk.list().iter().for_each(|name| copy.put(name, &disk.bytes_of(name)));
    copy
}

#[test]
fn a_reader_far_into_a_long_segment_finds_its_place() {
    let disk = FaultyDisk::new(0);
    let (log, _) = open(&disk, 64 << 20);
    let mut chance = faulty::Chance::new(5);
    let all: Vec<Vec<u8>> = (0..3_000)
        .map(|_| (0..100).flat_map(|_| chance.number().to_le_bytes()).collect())
        .collect();
    all.chunks(500).for_each(|some| drop(append_all(&log, some)));
    for log in [log, open(&copy(&disk), WIDE).0] {
        for from in [0, 1, 1_499, 1_500, 2_000, 2_999] {
            let found = read_all(&log, from as u64);
            assert_eq!(found.len(), all.len() - from);
            assert_eq!(found[0], (from as u64, all[from].clone()));
        }
    }
}

#[test]
fn a_reader_waits_for_what_comes_and_over_segments() {
    let (log, _) = open(&FaultyDisk::new(0), 1);
    let mut reader = log.reader(2);
    assert_eq!(reader.next(Duration::from_millis(1)).unwrap(), None);
    thread::scope(|scope| {
        let reading = scope.spawn(move || {
            let mut found = Vec::new();
            while found.len() < 8 {
                found.extend(reader.next(LONG).unwrap().unwrap().records);
            }
            found
        });
        for record in records(10) {
            append_all(&log, &[record]);
        }
        assert_eq!(reading.join().unwrap(), records(10)[2..]);
    });
}

#[test]
fn frame_times_grow_though_the_clock_stands_or_runs_back() {
    let clock = HandClock::at(1_000);
    let disk = Arc::new(FaultyDisk::new(0));
    let limits = || Limits { segment_bytes_max: 200, ..Limits::default() };
    let (log, _) = Log::open(disk.clone(), clock.clone(), limits()).unwrap();
    let mut times = Vec::new();
    for now_ms in [1_000, 1_000, 500, 2_000, 1_999] {
        clock.set(now_ms);
        append_all(&log, &[b"record".to_vec()]);
    }
    times.extend(frames(&log, 0).iter().map(|frame| (frame.after_ms, frame.at_ms)));
    let expected =
        [(i64::MIN, 1_000), (1_000, 1_001), (1_001, 1_002), (1_002, 2_000), (2_000, 2_001)];
    assert_eq!(times, expected);
    drop(log);
    clock.set(0);
    let (log, _) = Log::open(disk, clock, limits()).unwrap();
    append_all(&log, &[b"after a restart".to_vec()]);
    let last = frames(&log, 5).remove(0);
    assert_eq!((last.after_ms, last.at_ms), (2_001, 2_002));
}

#[test]
fn the_floor_is_below_all_that_comes() {
    let clock = HandClock::at(1_000);
    let limits = Limits::default();
    let disk = Arc::new(FaultyDisk::new(0));
    let (log, _) = Log::open(disk, clock.clone(), limits).unwrap();
    assert_eq!(log.floor_ms(), 999);
    clock.set(5_000);
    assert_eq!(log.floor_ms(), 4_999);
    clock.set(3_000);
    assert_eq!(log.floor_ms(), 4_999, "a promise is kept when the clock runs back");
    append_all(&log, &[b"one".to_vec()]);
    assert_eq!(frames(&log, 0)[0].at_ms, 5_000);
    assert_eq!(log.floor_ms(), 5_000);
    clock.set(9_000);
    assert_eq!(log.floor_ms(), 8_999);
}

#[test]
fn the_floor_stands_while_frames_are_in_flight() {
    let clock = HandClock::at(1_000);
    let disk = FaultyDisk::new(0);
    let (log, _) = Log::open(Arc::new(disk.clone()), clock.clone(), Limits::default()).unwrap();
    append_all(&log, &[b"one".to_vec()]);
    let (enter, entered) = mpsc::channel();
    let (release, released) = mpsc::channel::<()>();
    disk.before_next_sync(Box::new(move || {
        enter.send(()).unwrap();
        released.recv().unwrap_or(());
    }));
    let (sent, answered) = mpsc::channel();
    log.append(b"two".to_vec(), Box::new(move |it| sent.send(it.unwrap()).unwrap())).unwrap();
    entered.recv().unwrap();
    clock.set(9_000);
    assert_eq!(log.floor_ms(), 1_000, "the frame in flight has 1001");
    assert_eq!((log.next_seq(), frames(&log, 1)), (1, vec![]), "it cannot be read yet");
    drop(release);
    assert_eq!(answered.recv(), Ok(1));
    assert_eq!(frames(&log, 1)[0].at_ms, 1_001);
    assert_eq!(log.floor_ms(), 8_999);
}

#[test]
fn a_log_in_a_real_folder_comes_back() {
    let folder = tempfile::tempdir().unwrap();
    let limits = || Limits { segment_bytes_max: 1_024, ..Limits::default() };
    let all: Vec<Vec<u8>> =
        (0..300u32).map(|n| (n..n + 20).flat_map(u32::to_le_bytes).collect()).collect();
    for (life, some) in all.chunks(100).enumerate() {
        let disk = Arc::new(OsDisk::open(folder.path()).unwrap());
        let (log, recovery) = Log::open(disk, Arc::new(SystemClock), limits()).unwrap();
        assert!(recovery.findings.is_empty(), "{recovery:?}");
        assert_eq!(recovery.records, life as u64 * 100);
        some.chunks(30).for_each(|part| drop(append_all(&log, part)));
        let found: Vec<Vec<u8>> = read_all(&log, 0).into_iter().map(|(_, it)| it).collect();
        assert_eq!(found, all[..(life + 1) * 100]);
    }
    assert!(folder.path().join(name_of(0)).exists());
    assert!(std::fs::read_dir(folder.path()).unwrap().count() > 3, "there are many segments");
}

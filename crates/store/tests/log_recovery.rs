//! Logs that were cut short, changed, or lost files: what is found, what is said, what is kept.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod faulty;

use std::sync::Arc;
use std::sync::mpsc;

use outcry_store::log::Limits;
use outcry_store::log::Log;
use outcry_store::log::LogError;
use outcry_store::log::finding::Finding;
use outcry_store::log::finding::Standing;
use outcry_store::log::frame::HEADER_BYTES;
use outcry_store::log::frame::Header;
use outcry_store::log::segment::SEGMENT_HEADER_BYTES;
use outcry_store::log::segment::name_of;

use crate::faulty::FaultyDisk;
use crate::faulty::HandClock;
use crate::faulty::append_all;
use crate::faulty::hold_up;
use crate::faulty::open;
use crate::faulty::read_all;

const WIDE: u64 = 1 << 20;

/// A disk with one frame for each of these records, in segments of `segment_bytes_max`.
fn disk_with(records: &[&[u8]], segment_bytes_max: u64) -> FaultyDisk {
    let disk = FaultyDisk::new(0);
    let (log, recovery) = open(&disk, segment_bytes_max);
    assert!(recovery.findings.is_empty(), "{recovery:?}");
    for record in records {
        append_all(&log, &[record.to_vec()])[0].as_ref().unwrap();
    }
    disk
}

/// The same files on a new disk.
fn copy(disk: &FaultyDisk) -> FaultyDisk {
    let copy = FaultyDisk::new(1);
    disk.list().iter().for_each(|name| copy.put(name, &disk.bytes_of(name)));
    copy
}

/// Where each frame of a segment begins, and where the last one ends.
fn frame_offsets(segment: &[u8]) -> Vec<usize> {
    let mut offsets = vec![SEGMENT_HEADER_BYTES];
    while let Some(header) = Header::parse(&segment[*offsets.last().unwrap()..]) {
        offsets.push(offsets.last().unwrap() + header.frame_bytes() as usize);
    }
    offsets
}

fn numbered(records: &[&[u8]], but: &[u64]) -> Vec<(u64, Vec<u8>)> {
    let all = (0..).zip(records.iter().map(|record| record.to_vec()));
    all.filter(|(seq, _)| !but.contains(seq)).collect()
}

const RECORDS: [&[u8]; 5] = [b"zero", b"", b"the second", b"3", b"four and the last"];

#[test]
fn a_log_cut_at_any_byte_keeps_its_whole_frames_and_goes_on() {
    let disk = disk_with(&RECORDS, WIDE);
    let name = name_of(0);
    let whole = disk.bytes_of(&name);
    let offsets = frame_offsets(&whole);
    assert_eq!(offsets.len(), RECORDS.len() + 1);
    for size in 0..=whole.len() {
        let disk = copy(&disk);
        disk.put(&name, &whole[..size]);
        let (log, recovery) = open(&disk, WIDE);
        let frames = offsets.iter().filter(|&&offset| offset <= size).count().saturating_sub(1);
        let mut records = numbered(&RECORDS[..frames], &[]);
        assert_eq!(read_all(&log, 0), records, "cut at {size}");
        assert_eq!(recovery.records, frames as u64);
        let file = name.clone();
        let offset = offsets[frames];
        let expected = match size {
            _ if size < SEGMENT_HEADER_BYTES => vec![Finding::Unfinished { file }],
            _ if size == offset => vec![],
            _ => {
                let (offset, bytes) = (offset as u64, (size - offset) as u64);
                vec![Finding::Torn { file, offset, bytes }]
            }
        };
        assert_eq!(recovery.findings, expected, "cut at {size}");
        assert_eq!(*append_all(&log, &[b"more".to_vec()])[0].as_ref().unwrap(), frames as u64);
        records.push((frames as u64, b"more".to_vec()));
        drop(log);
        let (log, recovery) = open(&disk, WIDE);
        assert!(recovery.findings.is_empty(), "cut at {size}: {recovery:?}");
        assert_eq!(read_all(&log, 0), records, "cut at {size}");
    }
}

#[test]
fn a_changed_byte_costs_at_most_the_frame_it_is_in() {
    let disk = disk_with(&RECORDS, WIDE);
    let name = name_of(0);
    let whole = disk.bytes_of(&name);
    let offsets = frame_offsets(&whole);
    for at in 0..whole.len() {
        let disk = copy(&disk);
        let mut bytes = whole.clone();
        bytes[at] ^= 0x10;
        disk.put(&name, &bytes);
        let hit = offsets.iter().filter(|&&offset| offset <= at).count().checked_sub(1);
        let (log, recovery) = open(&disk, WIDE);
        let lost: Vec<u64> = hit.iter().map(|&frame| frame as u64).collect();
        assert_eq!(read_all(&log, 0), numbered(&RECORDS, &lost), "byte {at}");
        let [finding] = &recovery.findings[..] else { panic!("byte {at}: {recovery:?}") };
        let file = name.clone();
        let expected = match hit {
            None => Finding::Headless { file },
            Some(frame) => {
                let (from, to) = (offsets[frame] as u64, offsets[frame + 1] as u64);
                let (offset, bytes) = (from, to - from);
                if frame + 1 == RECORDS.len() {
                    Finding::Torn { file, offset, bytes }
                } else {
                    // The next one was written later, and says that this one was on disk.
                    let standing = Standing::Lost;
                    let (first_seq, records) = (frame as u64, 1);
                    Finding::Damaged { file, offset, bytes, first_seq, records, standing }
                }
            }
        };
        assert_eq!(*finding, expected, "byte {at}");
        let next_seq = log.next_seq();
        assert_eq!(*append_all(&log, &[b"on".to_vec()])[0].as_ref().unwrap(), next_seq);
        assert_eq!(read_all(&log, next_seq), [(next_seq, b"on".to_vec())]);
        drop(log);
        let (log, _) = open(&disk, WIDE);
        let mut expected = numbered(&RECORDS, &lost);
        expected.push((next_seq, b"on".to_vec()));
        assert_eq!(read_all(&log, 0), expected, "byte {at}");
    }
}

#[test]
fn damage_in_one_of_many_segments_is_named_with_file_offset_and_count() {
    let disk = disk_with(&RECORDS, 1);
    assert_eq!(disk.list(), (0..5).map(name_of).collect::<Vec<_>>());
    let name = name_of(2);
    let mut bytes = disk.bytes_of(&name);
    *bytes.last_mut().unwrap() ^= 1;
    disk.put(&name, &bytes);
    let (log, recovery) = open(&disk, WIDE);
    assert_eq!(read_all(&log, 0), numbered(&RECORDS, &[2]));
    assert_eq!((recovery.segments, recovery.records), (5, 4));
    assert_eq!(
        recovery.findings.iter().map(Finding::to_string).collect::<Vec<_>>(),
        ["00000000000000000002.seg is damaged at byte 44 (82 bytes): record 2 is lost; \
          everything after is kept"]
    );
}

#[test]
fn frames_written_together_are_kept_after_a_damaged_one_that_was_perhaps_answered() {
    let disk = FaultyDisk::new(0);
    let (log, _) = open(&disk, WIDE);
    let held_up = hold_up(&log);
    let records: Vec<Vec<u8>> = (0..1_200u32).map(|n| n.to_le_bytes().to_vec()).collect();
    let (sent, answered) = mpsc::channel();
    for record in &records {
        let sent = sent.clone();
        log.append(record.clone(), Box::new(move |it| sent.send(it.unwrap()).unwrap())).unwrap();
    }
    drop((held_up, sent));
    assert_eq!(answered.iter().collect::<Vec<_>>(), (1..=1_200).collect::<Vec<_>>());
    drop(log);
    let name = name_of(0);
    let mut bytes = disk.bytes_of(&name);
    let offsets = frame_offsets(&bytes);
    assert_eq!(offsets.len(), 5, "one frame, and three that were synced together");
    bytes[offsets[1] + HEADER_BYTES] ^= 1;
    disk.put(&name, &bytes);
    for life in 0..3 {
        let (log, recovery) = open(&disk, WIDE);
        assert_eq!(read_all(&log, 1).len(), 700 + life);
        assert_eq!(read_all(&log, 1)[0], (501, records[500].clone()));
        let [Finding::Damaged { first_seq: 1, records: 500, standing, .. }] = recovery.findings[..]
        else {
            panic!("{recovery:?}");
        };
        assert_eq!(standing, Standing::Unsure, "what comes later cannot tell either");
        append_all(&log, &[b"later".to_vec()]);
    }
}

#[test]
fn a_missing_segment_is_noticed_and_the_others_are_kept() {
    for lost in 0..4 {
        let disk = disk_with(&RECORDS, 1);
        disk.lose(&name_of(lost));
        let (log, recovery) = open(&disk, WIDE);
        assert_eq!(read_all(&log, 0), numbered(&RECORDS, &[lost]));
        let before = name_of(lost + 1);
        let expected = Finding::Missing { before, first_seq: lost, records: 1 };
        assert_eq!(recovery.findings, [expected]);
        assert_eq!(log.next_seq(), 5);
    }
}

#[test]
fn a_replaced_segment_breaks_the_chain() {
    let disk = disk_with(&RECORDS, WIDE);
    let bytes = disk.bytes_of(&name_of(0));
    let offsets = frame_offsets(&bytes);
    let disk = FaultyDisk::new(0);
    disk.put(&name_of(0), &bytes[..offsets[2]]);
    let (log, _) = open(&disk, 1);
    append_all(&log, &[b"another second".to_vec()]);
    drop(log);
    disk.put(&name_of(0), &[&bytes[..offsets[1]], &twin(&bytes[offsets[1]..offsets[2]])].concat());
    let (log, recovery) = open(&disk, WIDE);
    assert_eq!(read_all(&log, 0).len(), 3);
    assert_eq!(recovery.findings, [Finding::Unchained { file: name_of(2), offset: 0 }]);
}

/// The same frame with another time, whole in itself.
fn twin(frame: &[u8]) -> Vec<u8> {
    let mut frame = frame.to_vec();
    frame[24] += 1;
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&frame[..HEADER_BYTES - 4]);
    hasher.update(&frame[HEADER_BYTES..]);
    frame[HEADER_BYTES - 4..HEADER_BYTES].copy_from_slice(&hasher.finalize().to_le_bytes());
    frame
}

#[test]
fn a_last_segment_of_which_nothing_can_be_read_is_put_aside() {
    let disk = disk_with(&RECORDS, 1);
    let name = name_of(4);
    let noise = vec![0xA5; disk.bytes_of(&name).len()];
    disk.put(&name, &noise);
    disk.put(&format!("{name}.damaged1"), b"from an earlier time");
    let (log, recovery) = open(&disk, WIDE);
    assert_eq!(read_all(&log, 0), numbered(&RECORDS, &[4]));
    let renamed = format!("{name}.damaged2");
    assert_eq!(disk.bytes_of(&renamed), noise);
    let [Finding::Headless { .. }, Finding::Unreadable { renamed: to, .. }] =
        &recovery.findings[..]
    else {
        panic!("{recovery:?}");
    };
    assert_eq!(*to, renamed);
    assert_eq!(*append_all(&log, &[b"again".to_vec()])[0].as_ref().unwrap(), 4);
}

#[test]
fn a_frame_that_a_client_sent_is_never_taken_for_one() {
    let other = disk_with(&[b"forged"], WIDE);
    let forged = other.bytes_of(&name_of(0))[SEGMENT_HEADER_BYTES..].to_vec();
    let disk = disk_with(&[b"zero", &forged, b"two"], WIDE);
    let name = name_of(0);
    let mut bytes = disk.bytes_of(&name);
    let at = frame_offsets(&bytes)[1];
    bytes[at] ^= 1;
    disk.put(&name, &bytes);
    let (log, recovery) = open(&disk, WIDE);
    assert_eq!(read_all(&log, 0), [(0, b"zero".to_vec()), (2, b"two".to_vec())]);
    assert_eq!(recovery.findings.len(), 1);
}

#[test]
fn two_logs_in_one_folder_and_newer_logs_are_refused_untouched() {
    let disk = disk_with(&RECORDS, 1);
    let other = disk_with(&RECORDS, 1);
    disk.put(&name_of(3), &other.bytes_of(&name_of(3)));
    let refused = |disk: &FaultyDisk| {
        let disk: Arc<FaultyDisk> = Arc::new(disk.clone());
        Log::open(disk, HandClock::at(0), Limits::default()).unwrap_err()
    };
    let error = refused(&disk);
    assert!(matches!(&error, LogError::Foreign { name } if *name == name_of(3)), "{error}");

    let disk = disk_with(&RECORDS, 1);
    let mut bytes = disk.bytes_of(&name_of(4));
    bytes[4] = 9;
    let crc = crc32fast::hash(&bytes[..SEGMENT_HEADER_BYTES - 4]);
    bytes[SEGMENT_HEADER_BYTES - 4..SEGMENT_HEADER_BYTES].copy_from_slice(&crc.to_le_bytes());
    disk.put(&name_of(4), &bytes);
    let error = refused(&disk);
    assert_eq!(
        error.to_string(),
        "00000000000000000004.seg has layout 9, this program reads up to 1: use the newer program"
    );
    assert_eq!(disk.bytes_of(&name_of(4)), bytes);
}

#[test]
fn other_files_in_the_folder_are_left_alone() {
    let disk = disk_with(&RECORDS, WIDE);
    disk.put("notes.txt", b"mine");
    disk.put("7.seg", b"not a segment's name");
    let (_, recovery) = open(&disk, WIDE);
    assert!(recovery.findings.is_empty(), "{recovery:?}");
    assert_eq!(disk.list(), [name_of(0).as_str(), "7.seg", "notes.txt"]);
}

//! The check of a database: what of the past days is damaged, stands twice or is not listed is
//! named; a series is read whatever lies between its days.

#![expect(clippy::unwrap_used, reason = "a test that cannot read its own files has failed")]

use std::path::Path;
use std::path::PathBuf;

use outcry_core::series::Cell;
use outcry_core::series::Counts;
use outcry_core::series::Deltas;
use outcry_core::series::Dimension;
use outcry_core::time::UnixMinute;
use outcry_store::Store;
use outcry_store::StoreError;
use outcry_store::record::Batch;
use outcry_store::record::Retention;
use outcry_store::sqlite::SqliteStore;
use rusqlite::Connection;
use tempfile::TempDir;

const DAY: i64 = 1_440;
/// Days with one count each of a service: far apart, and before 1970 too.
const DAYS: [i64; 6] = [-300, 20_000, 20_001, 20_003, 20_400, 1_000_000];
/// Of the last two days minutes are kept, of the two before them hours.
const KEEP: Retention =
    Retention { fold_after_days: 1, minutes_days: 979_603, hours_days: 980_002 };

fn batch(seq: u64, service: &str, day: i64) -> Batch {
    let mut deltas = Deltas::default();
    for minute in [0, 61, 1_439] {
        let minute = UnixMinute(day * DAY + minute);
        let cell = Cell { service: service.into(), minute, dimension: Dimension::All };
        deltas.add(cell, Counts { received: 2, counted: 1 });
    }
    Batch { from_seq: seq, to_seq: seq + 1, deltas, ..Batch::default() }
}

/// A database in which services have days that are folded.
fn folded() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("outcry.sqlite");
    let mut store = SqliteStore::open(&path).unwrap();
    for (seq, day) in (0..).zip(DAYS) {
        store.apply(&batch(2 * seq, "x", day)).unwrap();
        store.apply(&batch(2 * seq + 1, "y", day + 1)).unwrap();
    }
    let now = UnixMinute((DAYS[5] + 3) * DAY);
    while store.tend(now, &KEEP).unwrap().more {}
    assert_eq!(store.integrity().unwrap(), [""; 0]);
    store.close_as_one_file().unwrap();
    (folder, path)
}

/// Changes the file behind the program's back, and says what the check finds.
fn faults_after(path: &Path, sql: &str) -> Vec<String> {
    let connection = Connection::open(path).unwrap();
    connection.execute_batch(sql).unwrap();
    drop(connection);
    SqliteStore::open(path).unwrap().integrity().unwrap()
}

#[test]
fn days_far_apart_are_read_from_whichever_table_they_are_in() {
    let (_folder, path) = folded();
    let connection = Connection::open(&path).unwrap();
    let count = |table: &str| -> i64 {
        let sql = format!("SELECT count(*) FROM {table}");
        connection.query_row(&sql, (), |row| row.get(0)).unwrap()
    };
    let counts = ["day_total", "day_hours", "day_minutes", "cell"].map(count);
    assert!(counts[..3].iter().all(|count| *count > 0), "each table has its days: {counts:?}");
    assert_eq!((counts.iter().sum::<i64>(), counts[3]), (12, 0), "all are folded");
    let store = SqliteStore::open_reader(&path).unwrap();
    let all = Dimension::All;
    let days = store.series_days("x", &all, i64::MIN, i64::MAX, 100).unwrap();
    assert_eq!(days.iter().map(|(day, _)| *day).collect::<Vec<_>>(), DAYS);
    assert!(days.iter().all(|(_, sums)| (sums.received, sums.counted) == (6, 3)));
    let first = store.series_days("x", &all, i64::MIN, i64::MAX, 2).unwrap();
    assert_eq!(first, days[..2]);
    let days = store.series_days("x", &all, 20_001, 20_400, 100).unwrap();
    assert_eq!(days.iter().map(|(day, _)| *day).collect::<Vec<_>>(), [20_001, 20_003]);
    let minutes = |from: i64, until: i64| {
        let span = (UnixMinute(from), UnixMinute(until));
        store.series_range("x", &all, span.0, span.1, 100).unwrap().len()
    };
    assert_eq!(minutes(i64::MIN, i64::MAX), 6);
    assert_eq!(minutes(DAYS[4] * DAY + 1, DAYS[5] * DAY + 62), 4);
    assert_eq!(store.extent("x").unwrap().unwrap().0, UnixMinute(DAYS[0] * DAY));
}

#[test]
fn a_cut_row_a_day_that_stands_twice_and_one_that_is_not_listed_are_named() {
    let cases = [
        (
            "UPDATE day_minutes SET body = substr(body, 1, length(body) - 1)
             WHERE key = (SELECT max(key) FROM day_minutes)",
            "the blob does not match its checksum",
        ),
        (
            "UPDATE day_hours SET body = x'0200' WHERE key = (SELECT min(key) FROM day_hours)",
            "the blob is shorter than its header",
        ),
        ("INSERT INTO day_total SELECT key, 1, 1 FROM day_hours LIMIT 1", "it is kept twice"),
        ("UPDATE series SET last_day = last_day - 1 WHERE service_id = 1", "list of series"),
        ("DELETE FROM day_total WHERE key = (SELECT min(key) FROM day_total)", "list of series"),
    ];
    for (sql, wanted) in cases {
        let (_folder, path) = folded();
        let faults = faults_after(&path, sql);
        assert!(faults.len() == 1 && faults[0].contains(wanted), "{sql}: {faults:?}");
    }
}

#[test]
fn a_day_that_no_key_can_say_is_refused_when_it_comes_in() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = SqliteStore::open(&folder.path().join("outcry.sqlite")).unwrap();
    for day in [-(1 << 23) - 1, 1 << 23] {
        let refused = store.apply(&batch(0, "x", day));
        assert!(matches!(refused, Err(StoreError::BadBatch { .. })), "{refused:?}");
    }
    assert!(store.services().unwrap().is_empty(), "nothing is left of it");
    store.apply(&batch(0, "x", (1 << 23) - 1)).unwrap();
}

//! A site with a past of nine days, made in a moment: a log written under a clock of the test's
//! own, in many small segments that wait to be sealed, pinned and removed; a database in which no
//! day is folded yet, of the present form or of the first; and records that wait to be counted.
#![allow(dead_code, reason = "each test file uses its part")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicI64;
use std::sync::atomic::Ordering;
use std::sync::mpsc;
use std::time::Duration;
use std::time::SystemTime;

use outcry_store::Store;
use outcry_store::log::Clock;
use outcry_store::log::Limits;
use outcry_store::log::Log;
use outcry_store::log::disk::OsDisk;
use outcry_store::log::disk::ReadDisk;
use outcry_store::log::look::Look;
use outcry_store::record::Batch;
use outcry_store::sqlite::SqliteStore;
use outcry_wire::signals::read_line;
use rusqlite::Connection;

use crate::house::House;

/// Days of the past.
const DAYS: i64 = 9;
const DAY_MS: i64 = 86_400_000;
const MINUTE_MS: i64 = 60_000;
/// Bytes of a segment while the past is written.
const SEGMENT_BYTES: u64 = 12 << 10;
/// The day, counted back from now, on which a service fails.
const BAD_DAY: i64 = 6;
const SERVICES: [&str; 5] = ["x", "youtube", "netflix", "steam", "github"];
const PROBLEMS: [&str; 3] = ["not_loading", "login", "slow"];
const COUNTRIES: [&str; 4] = ["GB", "DE", "BR", "CZ"];
/// How long things are kept in the end: each kind of removal has something to do.
const KEEP: &str = "[retention]\nraw_days = 3\nfold_after_days = 1\nminutes_days = 4\n\
                    hours_days = 6\n";
/// Nothing is folded while the past is made.
const KEEP_ALL: &str = "[retention]\nfold_after_days = 3650\nminutes_days = 3700\n\
                        hours_days = 3700\n";

/// The form of the database of a site with a past.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// That of the first release: a start brings it to the present one.
    First,
    Present,
}

struct HandClock(AtomicI64);

impl Clock for HandClock {
    fn now_ms(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }
}

/// Makes the site.
pub fn house_with_a_past(form: Form) -> House {
    let now_ms = i64::try_from(
        SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("after 1970").as_millis(),
    )
    .expect("in range");
    let house = House::with(&format!("[store]\ndir = \"data\"\nsegment_mib = 1\n{KEEP_ALL}"));
    let today_ms = now_ms - 10 * MINUTE_MS;
    write_log(&house, now_ms - DAYS * DAY_MS, today_ms - DAY_MS, now_ms - BAD_DAY * DAY_MS);
    house.done(&["rebuild"]);
    let database = house.path("data/outcry.sqlite");
    let mut store = SqliteStore::open(&database).expect("it opens");
    let (seq, engine) = store.checkpoint().expect("readable").expect("one was saved");
    assert_eq!(seq, store.offset().expect("readable"));
    assert!(!store.incidents(&Default::default(), 9).expect("readable").is_empty(), "a surge");
    // Old segments go once two saved engines stand beyond them.
    let again = Batch { from_seq: seq, to_seq: seq, checkpoint: Some(engine), ..Batch::default() };
    store.apply(&again).expect("it is stored");
    store.close_as_one_file().expect("nobody has it");
    write_log(&house, today_ms - DAY_MS + MINUTE_MS, today_ms, i64::MIN);
    if form == Form::First {
        to_first_form(&database);
    }
    house.configure(&format!("[store]\ndir = \"data\"\nsegment_mib = 1\n{KEEP}"));
    house
}

/// Appends reports: some each half hour, and many in the twenty minutes after `bad_ms`.
fn write_log(house: &House, from_ms: i64, until_ms: i64, bad_ms: i64) {
    let clock = Arc::new(HandClock(AtomicI64::new(from_ms)));
    let disk = Arc::new(OsDisk::open(&house.path("data/log")).expect("nobody has it"));
    let limits = Limits { segment_bytes_max: SEGMENT_BYTES, ..Limits::default() };
    let (log, _) = Log::open(disk, clock.clone(), limits).expect("it opens");
    let (mut at_ms, mut number) = (from_ms, log.next_seq());
    while at_ms < until_ms {
        let bad = (bad_ms..bad_ms + 20 * MINUTE_MS).contains(&at_ms);
        let (frames, reports) = if bad { (6, 40) } else { (1, 4) };
        for frame in 0..frames {
            clock.0.store(at_ms + frame * 10_000, Ordering::SeqCst);
            append(&log, at_ms + frame * 10_000, &mut number, reports, bad);
        }
        at_ms += if bad { MINUTE_MS } else { 30 * MINUTE_MS };
        // The bad minutes are not stepped over.
        if !bad && at_ms > bad_ms && at_ms - 30 * MINUTE_MS < bad_ms {
            at_ms = bad_ms;
        }
    }
    log.close();
}

fn append(log: &Log, at_ms: i64, number: &mut u64, reports: u64, bad: bool) {
    let (tell, told) = mpsc::channel();
    for _ in 0..reports {
        let n = *number;
        *number += 1;
        let pick = |of: usize, step: u64| usize::try_from(n / step).expect("small") % of;
        let service = if bad { "x" } else { SERVICES[pick(SERVICES.len(), 1)] };
        let line = format!(
            "{{\"v\":1,\"type\":\"report\",\"id\":\"{}\",\"at\":\"{}\",\"service\":\"{service}\",\
             \"problem\":\"{}\",\"country\":\"{}\",\"asn\":{},\"source\":\"form\"}}",
            uuid::Uuid::from_u128(u128::from(n) << 64 | 7),
            jiff::Timestamp::from_millisecond(at_ms).expect("a time"),
            PROBLEMS[pick(PROBLEMS.len(), 3)],
            COUNTRIES[pick(COUNTRIES.len(), 2)],
            64_500 + n % 40,
        );
        read_line(&line, 0).expect("a report as the server writes it");
        let tell = tell.clone();
        let done = Box::new(move |answer: Result<u64, _>| {
            tell.send(answer.is_ok()).expect("somebody listens");
        });
        log.append(line.into_bytes(), done).expect("there is room");
    }
    for _ in 0..reports {
        assert!(told.recv().expect("an answer"), "it is on disk");
    }
}

/// Writes a database anew in the form of the first release.
fn to_first_form(database: &Path) {
    let old = database.with_extension("present");
    fs::rename(database, &old).expect("renamed");
    let first = include_str!("../../../store/migrations/0001_first.sql");
    let connection = Connection::open(database).expect("it opens");
    let copy = |sql: &str| connection.execute_batch(sql).expect("it is copied");
    copy(first);
    copy(&format!("ATTACH '{}' AS old; DELETE FROM offset; DELETE FROM dimension;", old.display()));
    let tables = [
        "offset",
        "service",
        "dimension",
        "cell",
        "incident",
        "case_file",
        "comment",
        "checkpoint",
    ];
    for table in tables {
        copy(&format!("INSERT INTO main.{table} SELECT * FROM old.{table};"));
    }
    let folded: i64 = connection
        .query_row("SELECT count(*) FROM old.series", (), |row| row.get(0))
        .expect("readable");
    assert_eq!(folded, 0, "the first form has no folded days");
    copy("DETACH old; PRAGMA user_version = 1; PRAGMA application_id = 0x4f555443;");
    copy("PRAGMA journal_mode = wal;");
    drop(connection);
    fs::remove_file(old).expect("removed");
}

/// Copies a folder with all that is in it.
pub fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("made");
    for entry in fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("readable");
        let (path, to) = (entry.path(), to.join(entry.file_name()));
        match entry.file_type().expect("known").is_dir() {
            true => copy_folder(&path, &to),
            false => drop(fs::copy(&path, &to).expect("copied")),
        }
    }
}

/// Every report of a log by its id, and how often it is there.
pub fn reports_of_log(house: &House) -> BTreeMap<String, u64> {
    let disk = ReadDisk::open(&house.path("data/log")).expect("a folder");
    let look = Look::at(Arc::new(disk)).expect("readable");
    let mut reader = look.reader(0);
    let mut found: BTreeMap<String, u64> = BTreeMap::new();
    while let Some(frame) = reader.next(Duration::ZERO).expect("readable") {
        for (seq, record) in (frame.first_seq..).zip(frame.records) {
            let line = std::str::from_utf8(&record).expect("text");
            let signal = read_line(line, seq).expect("a signal");
            *found.entry(uuid::Uuid::from_u128(signal.id).to_string()).or_default() += 1;
        }
    }
    found
}

/// Fails unless all that was acknowledged is in the log once, every record is counted once, and
/// `outcry verify` finds nothing wrong. The house must have been started since and be stopped.
pub fn check(house: &House, acknowledged: &[String], what: &str) {
    let found = reports_of_log(house);
    for id in acknowledged {
        assert_eq!(found.get(id), Some(&1), "{what}: {id} is in the log once");
    }
    let twice: Vec<_> = found.iter().filter(|(_, times)| **times > 1).collect();
    assert!(twice.is_empty(), "{what}: {twice:?}");
    let store = SqliteStore::open_reader(&house.path("data/outcry.sqlite")).expect("it opens");
    let (offset, counts) = (store.offset().expect("one"), store.counts().expect("readable"));
    // Each record is a report, so as many are counted as records were worked through, whatever was
    // folded or removed since.
    assert_eq!(counts.received, offset, "{what}: each record is counted once");
    let output = house.run(&["verify", "--json"]);
    let words = String::from_utf8_lossy(&output.stdout).into_owned();
    let more = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{what}: {words} {more}");
}

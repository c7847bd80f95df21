//! Whether what is stored is what it was: `outcry verify` and `outcry rebuild` over data folders
//! that are sound, and over some that are not.

mod house;
mod load;

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::PathBuf;

use outcry_core::series::Cell;
use outcry_core::series::Counts;
use outcry_core::series::Dimension;
use outcry_core::time::UnixMinute;
use outcry_store::Store;
use outcry_store::record::Batch;
use outcry_store::sqlite::SqliteStore;

use house::House;
use house::Server;

/// Bytes of a page of the database.
const PAGE_BYTES: usize = 4096;

/// A house in which a server took reports and was stopped by force.
fn lived_in(reports: usize) -> House {
    let house = House::new();
    let server = Server::start(&house);
    for i in 0..reports {
        let problem = if i % 4 == 0 { "works" } else { "not_loading" };
        let body = match problem {
            "works" => r#"{"service":"x","works":true}"#.to_owned(),
            _ => format!(r#"{{"service":"x","problem":"{problem}","comment":"words {i}"}}"#),
        };
        let answer = server.ask(&format!(
            "POST /api/v1/reports HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        ));
        assert!(answer.starts_with("HTTP/1.1 202"), "{answer}");
    }
    drop(server);
    house
}

/// Signals of ten minutes of a past day, as lines.
fn past() -> String {
    (0..200).fold(String::new(), |lines, i| {
        let (minute, second) = (40 + i / 20, i % 20);
        lines
            + &format!(
                "{{\"v\":1,\"type\":\"report\",\"at\":\"2025-03-10T09:{minute}:{second:02}Z\",\
                 \"service\":\"x\",\"component\":\"mobile_app\",\"country\":\"GB\",\
                 \"source\":\"an archive\",\"licence\":\"CC0-1.0\"}}\n"
            )
    })
}

fn report(house: &House) -> serde_json::Value {
    let output = house.run(&["verify", "--json"]);
    serde_json::from_slice(&output.stdout).expect("an object")
}

fn faults(house: &House) -> Vec<String> {
    let report = report(house);
    let faults: Vec<String> = serde_json::from_value(report["faults"].clone()).expect("a list");
    assert_eq!(report["sound"], faults.is_empty());
    faults
}

/// The database of a house in which everything in the log is counted.
fn database(house: &House) -> PathBuf {
    drop(Server::start(house));
    house.path("data/outcry.sqlite")
}

#[test]
fn what_was_stored_is_found_sound_after_a_kill() {
    let house = lived_in(40);
    let file = house.file("past.jsonl", &past());
    house.done(&["import", "reports", file.to_str().expect("plain")]);
    let words = house.done(&["verify"]);
    assert!(words.contains("240 records counted again"), "{words}");
    assert!(words.contains(", 0 counts differ"), "{words}");
    assert!(words.contains("nothing is wrong"), "{words}");
}

#[test]
fn a_running_server_is_verified_without_being_stopped() {
    let house = lived_in(8);
    let server = Server::start(&house);
    assert_eq!(faults(&house), [""; 0]);
    assert!(server.ask("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").contains("200"));
}

#[test]
fn a_count_that_the_log_does_not_have_is_named() {
    let house = lived_in(8);
    let mut store = SqliteStore::open(&database(&house)).expect("opens");
    let offset = store.offset().expect("has one");
    let mut batch = Batch { from_seq: offset, to_seq: offset + 1, ..Batch::default() };
    let cell =
        Cell { service: "x".into(), minute: UnixMinute(29_000_000), dimension: Dimension::All };
    batch.deltas.add(cell, Counts { received: 3, counted: 2 });
    store.apply(&batch).expect("stored");
    drop(store);
    let faults = faults(&house);
    assert!(faults[0].contains("but the log ends at"), "{faults:?}");
    assert_eq!(
        faults[1],
        "counts: x, minute of 2025-02-19T21:20:00Z, all: the log has none, the database 3 received \
         and 2 counted"
    );
}

#[test]
fn a_flipped_bit_in_the_log_is_found() {
    let house = lived_in(8);
    let folder = house.path("data/log");
    let segment = fs::read_dir(&folder)
        .expect("a folder")
        .map(|entry| entry.expect("readable").path())
        .find(|path| path.extension().is_some_and(|extension| extension == "seg"))
        .expect("a segment");
    let mut bytes = fs::read(&segment).expect("readable");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 4;
    fs::write(&segment, bytes).expect("writable");
    let faults = faults(&house);
    assert!(faults.iter().any(|fault| fault.contains("is damaged at byte")), "{faults:?}");
}

#[test]
fn a_seal_that_the_chain_never_had_is_refused() {
    let house = lived_in(4);
    let output = house.run(&["verify", "--seal", "00ff"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stdout).contains("does not have the seal 00ff"));
}

#[test]
fn a_rebuilt_database_counts_what_the_old_one_did() {
    let house = lived_in(40);
    let file = house.file("past.jsonl", &past());
    house.done(&["import", "reports", file.to_str().expect("plain")]);
    let before = house.done(&["export", "series", "x", "--step", "hour", "--format", "csv"]);
    let words = house.done(&["rebuild"]);
    assert!(words.contains("; 0 counts differ"), "{words}");
    assert!(words.contains("is new"), "{words}");
    assert_eq!(house.done(&["export", "series", "x", "--step", "hour", "--format", "csv"]), before);
    assert_eq!(faults(&house), [""; 0]);
}

#[test]
fn a_database_that_was_lost_is_derived_from_the_log() {
    let house = lived_in(12);
    let before = {
        drop(Server::start(&house));
        house.done(&["export", "series", "x", "--format", "csv"])
    };
    for ending in ["", "-wal", "-shm"] {
        // The last two are there only after a kill.
        let _ = fs::remove_file(house.path(&format!("data/outcry.sqlite{ending}")));
    }
    house.done(&["rebuild"]);
    assert_eq!(house.done(&["export", "series", "x", "--format", "csv"]), before);
}

#[test]
fn imported_series_survive_a_rebuild() {
    let house = lived_in(4);
    let rows = "service,dimension,step,at,received,counted,source,licence,synthetic\n\
                x,all,hour,2025-03-10T09:00:00Z,60,50,an archive,CC0-1.0,false\n\
                x,all,hour,2025-03-10T10:00:00Z,6,5,an archive,CC0-1.0,false\n";
    let file = house.file("series.csv", rows);
    house.done(&["import", "series", file.to_str().expect("plain")]);
    let before = house.done(&["export", "series", "x", "--step", "hour", "--format", "csv"]);
    assert!(before.contains(",60,50,"), "{before}");
    house.done(&["rebuild"]);
    let after = house.done(&["export", "series", "x", "--step", "hour", "--format", "csv"]);
    assert_eq!(after, before);
    assert_eq!(faults(&house), [""; 0]);
}

#[test]
fn a_dry_run_changes_nothing() {
    let house = lived_in(4);
    let database = database(&house);
    let inode = |path: &PathBuf| fs::metadata(path).expect("there").ino();
    let before = inode(&database);
    house.done(&["rebuild", "--dry-run"]);
    assert!(inode(&database) == before, "it is the file it was");
    assert!(!house.path("data/rebuild.sqlite").exists());
}

#[test]
fn a_server_in_the_way_and_an_empty_folder_are_named() {
    let house = House::new();
    assert!(house.refused(&["verify"]).contains("there is no"));
    assert!(house.refused(&["rebuild"]).contains("there is no log"));
    let server = Server::start(&house);
    assert!(house.refused(&["rebuild"]).contains("stop it first"));
    drop(server);
}

#[test]
fn damage_is_found_by_itself_after_a_start() {
    let house = lived_in(200);
    let database = database(&house);
    // The root of an index that nothing reads at a start.
    let connection = rusqlite::Connection::open(&database).expect("it opens");
    let sql = "SELECT rootpage FROM sqlite_schema WHERE name = 'comment_by_state'";
    let page: u32 = connection.query_row(sql, (), |row| row.get(0)).expect("it is there");
    let sql = "PRAGMA wal_checkpoint(truncate)";
    connection.query_row(sql, (), |_| Ok(())).expect("all is in one file");
    drop(connection);
    let mut bytes = fs::read(&database).expect("readable");
    bytes[(page as usize - 1) * PAGE_BYTES..][..64].fill(0xa5);
    fs::write(&database, bytes).expect("writable");
    let server = Server::start(&house);
    let ask = || server.ask("GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    let began = std::time::Instant::now();
    while !ask().contains("outcry verify") {
        assert!(began.elapsed() < load::PATIENCE, "{}", ask());
        load::pause_ms(20);
    }
    assert!(ask().contains(r#""damage":"database: "#), "{}", ask());
    assert!(ask().starts_with("HTTP/1.1 200"), "pages and reports go on");
}

#[test]
fn a_database_of_rubbish_and_a_log_without_its_end_are_rebuilt_when_told_so() {
    let house = lived_in(40);
    let database = database(&house);
    fs::write(&database, [7; 9_999]).expect("writable");
    for ending in ["-wal", "-shm"] {
        fs::remove_file(house.path(&format!("data/outcry.sqlite{ending}"))).expect("after a kill");
    }
    assert_eq!(house.run(&["rebuild"]).status.code(), Some(1));
    let words = house.done(&["rebuild", "--from-log-only"]);
    assert!(words.contains("cannot be read, so nothing is compared"), "{words}");
    assert_eq!(faults(&house), [""; 0]);
    let segment = house.path("data/log/00000000000000000000.seg");
    let bytes = fs::read(&segment).expect("readable");
    fs::write(&segment, &bytes[..bytes.len() / 2]).expect("writable");
    assert_eq!(faults(&house).len(), 1, "records were lost");
    assert_eq!(house.run(&["rebuild"]).status.code(), Some(1));
    house.done(&["rebuild", "--from-log-only"]);
    assert_eq!(faults(&house), [""; 0]);
    drop(Server::start(&house));
}

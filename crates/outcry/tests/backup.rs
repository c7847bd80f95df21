//! Backups with the real program: taken while reports come in, cut short by force, damaged, and
//! restored.

mod house;

use std::fs;
use std::path::Path;
use std::process::Command;
use std::process::Stdio;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;
use std::time::Duration;

use outcry_store::Store;
use outcry_store::sqlite::SqliteStore;
use serde_json::Value;

use house::House;
use house::Server;
use house::wait_for;

/// Backups that are cut short by force.
const KILLS: u64 = 20;
/// Reports of the past.
const REPORTS: u64 = 8_000;

/// A house with a past of several sealed segments.
fn long_lived() -> House {
    let house = House::with("[store]\ndir = \"data\"\nsegment_mib = 1\n");
    let mut lines = String::new();
    let mut dice = 20_250_310_u64;
    for i in 0..REPORTS {
        // Words that do not compress, or the log would be short.
        let noise: String = (0..56)
            .map(|_| {
                dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                format!("{:08x}", dice >> 32)
            })
            .collect();
        let (hour, minute, second) = (i / 3600, i / 60 % 60, i % 60);
        lines.push_str(&format!(
            "{{\"v\":1,\"type\":\"report\",\
             \"at\":\"2026-11-20T{hour:02}:{minute:02}:{second:02}Z\",\"service\":\"x\",\
             \"component\":\"mobile_app\",\"country\":\"GB\",\
             \"comment\":\"Something went wrong, {noise}\",\
             \"source\":\"an archive\",\"licence\":\"CC0-1.0\"}}\n"
        ));
    }
    let file = house.file("past.jsonl", &lines);
    house.done(&["import", "reports", file.to_str().expect("plain")]);
    // A server seals what is full.
    let server = Server::start(&house);
    let sealed = || {
        let files = fs::read_dir(house.path("data/log")).expect("a folder");
        let names = files.map(|file| file.expect("readable").file_name());
        names.filter(|name| name.to_string_lossy().ends_with(".sealed")).count()
    };
    wait_for(|| sealed() >= 2);
    drop(server);
    house
}

fn report(server: &Server) -> bool {
    let body = r#"{"service":"x","problem":"not_loading"}"#;
    let answer = server.ask(&format!(
        "POST /api/v1/reports HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    ));
    answer.starts_with("HTTP/1.1 202")
}

fn index(folder: &Path) -> Value {
    let text = fs::read_to_string(folder.join("backup.json")).expect("an index");
    serde_json::from_str(&text).expect("an object")
}

/// Another house with what is in a backup.
fn restored(folder: &Path) -> House {
    let other = House::new();
    other.done(&["restore", folder.to_str().expect("plain")]);
    let words = other.done(&["verify"]);
    assert!(words.contains("nothing is wrong"), "{words}");
    other
}

#[test]
fn a_backup_under_load_is_restored_as_the_site_was_at_a_known_record() {
    let house = long_lived();
    let folder = house.path("vault");
    let name = folder.to_str().expect("plain");
    let server = Server::start(&house);
    let (stop, sent) = (AtomicBool::new(false), AtomicU64::new(0));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !stop.load(Ordering::Relaxed) {
                sent.fetch_add(u64::from(report(&server)), Ordering::Relaxed);
            }
        });
        for _ in 0..5 {
            let before = sent.load(Ordering::Relaxed);
            while sent.load(Ordering::Relaxed) < before + 20 {
                std::thread::yield_now();
            }
            house.done(&["backup", name]);
        }
        stop.store(true, Ordering::Relaxed);
    });
    drop(server);
    house.done(&["backup", name, "--check"]);
    let offset = index(&folder)["offset"].as_u64().expect("a number");
    let other = restored(&folder);
    // At that record the restored database holds what the source does: every record before it.
    let store = SqliteStore::open(&other.path("data/outcry.sqlite")).expect("opens");
    assert_eq!(store.offset().expect("has one"), offset);
    let received = store.counts().expect("readable").received;
    assert_eq!(received, offset, "each record is a report");
    assert!(offset > REPORTS && offset <= REPORTS + sent.into_inner());
    drop(store);
    // And what came in until the log was copied is counted when it is started.
    drop(Server::start(&other));
    let words = other.done(&["verify"]);
    assert!(words.contains("nothing is wrong"), "{words}");
}

#[test]
fn a_sealed_segment_is_copied_once() {
    let house = long_lived();
    let folder = house.path("vault");
    let name = folder.to_str().expect("plain");
    let first = house.done(&["backup", name]);
    assert!(first.contains("; 0 sealed segments were there already"), "{first}");
    let second = house.done(&["backup", name]);
    assert!(!second.contains("; 0 sealed segments were there already"), "{second}");
    let databases = fs::read_dir(&folder).expect("a folder").filter(|file| {
        file.as_ref().expect("readable").file_name().to_string_lossy().ends_with(".sqlite")
    });
    assert_eq!(databases.count(), 1, "older databases are removed");
}

#[test]
fn a_backup_that_is_cut_short_leaves_the_one_before() {
    let house = long_lived();
    let folder = house.path("vault");
    let name = folder.to_str().expect("plain");
    house.done(&["backup", name]);
    let server = Server::start(&house);
    for round in 0..KILLS {
        assert!(report(&server));
        let mut child = Command::new(env!("CARGO_BIN_EXE_outcry"))
            .args(["backup", name, "--config"])
            .arg(house.path("outcry.toml"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("it runs");
        std::thread::sleep(Duration::from_millis(2 + 3 * round));
        child.kill().expect("SIGKILL");
        child.wait().expect("it ends");
        house.done(&["backup", name, "--check"]);
    }
    drop(server);
    drop(restored(&folder));
    house.done(&["backup", name]);
    drop(restored(&folder));
}

#[test]
fn no_backup_goes_where_the_site_keeps_its_data() {
    let house = House::new();
    let server = Server::start(&house);
    assert!(report(&server));
    std::os::unix::fs::symlink(house.path("data"), house.path("link")).expect("a link");
    for place in ["data", "data/sub", ".", "link", "link/below/it", "data/../data"] {
        let folder = house.path(place);
        let words = house.refused(&["backup", folder.to_str().expect("plain")]);
        assert!(words.contains("name another folder"), "{place}: {words}");
    }
    assert!(report(&server));
    drop(server);
    assert!(!house.path("data/sub").exists() && !house.path("data/backup.json").exists());
    house.done(&["verify"]);
}

#[test]
fn a_damaged_backup_is_named_and_not_restored() {
    let house = long_lived();
    let folder = house.path("vault");
    let name = folder.to_str().expect("plain");
    house.done(&["backup", name]);
    let sealed = fs::read_dir(folder.join("log"))
        .expect("a folder")
        .map(|file| file.expect("readable").path())
        .find(|path| path.extension().is_some_and(|extension| extension == "sealed"))
        .expect("a sealed segment");
    let mut bytes = fs::read(&sealed).expect("readable");
    bytes[4_321] ^= 16;
    fs::write(&sealed, bytes).expect("writable");
    assert_eq!(house.run(&["backup", name, "--check"]).status.code(), Some(1));
    let other = House::new();
    assert_eq!(other.run(&["restore", name]).status.code(), Some(1));
    assert!(!other.path("data").exists(), "nothing was restored");
}

#[test]
fn what_the_site_lost_is_kept_and_what_is_damaged_is_not_copied_over_it() {
    let house = long_lived();
    let folder = house.path("vault");
    let name = folder.to_str().expect("plain");
    house.done(&["backup", name]);
    let mut sealed: Vec<_> = fs::read_dir(house.path("data/log"))
        .expect("a folder")
        .map(|file| file.expect("readable").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "sealed"))
        .collect();
    sealed.sort();
    fs::remove_file(&sealed[0]).expect("it was there");
    let mut bytes = fs::read(&sealed[1]).expect("readable");
    bytes[4_321] ^= 16;
    fs::write(&sealed[1], bytes).expect("writable");
    let output = house.run(&["backup", name]);
    let words = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(1), "{words}");
    assert!(words.contains("is gone from the log: the backup keeps its copy"), "{words}");
    house.done(&["backup", name, "--check"]);
    drop(restored(&folder));
}

#[test]
fn a_folder_with_something_in_it_is_not_restored_into() {
    let house = House::new();
    drop(Server::start(&house));
    let folder = house.path("vault");
    let name = folder.to_str().expect("plain");
    assert!(house.refused(&["restore", name]).contains("there is no backup in"));
    house.done(&["backup", name]);
    assert!(house.refused(&["restore", name]).contains("is not empty"));
}

//! Killed without warning, again and again, while reports come in over HTTP: nothing acknowledged
//! is lost, and nothing is counted twice.

mod load;

use std::collections::BTreeMap;
use std::fs;
use std::io::BufRead;
use std::io::BufReader;
use std::path::Path;
use std::process::Child;
use std::process::Command;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;
use std::time::Duration;

use outcry_core::signal::Body;
use outcry_store::Store;
use outcry_store::log::Limits;
use outcry_store::log::Log;
use outcry_store::log::SystemClock;
use outcry_store::log::disk::OsDisk;
use outcry_store::sqlite::SqliteStore;
use outcry_wire::signals::read_line;

use load::Dice;
use load::pause_ms;
use load::send;
use load::wait_until_caught_up;

/// Kills under load.
const KILLS: u64 = 50;
/// Clients that send at the same time.
const CLIENTS: u64 = 4;

/// A server that was started; killed when dropped.
struct Server {
    child: Child,
    address: String,
}

impl Server {
    fn start(folder: &Path) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_outcry"))
            .args(["serve", "--config"])
            .arg(folder.join("outcry.toml"))
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .expect("the server starts");
        let stdout = child.stdout.take().expect("piped");
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line).expect("readable");
        let address = line.trim().rsplit("http://").next().expect("an address").to_owned();
        assert!(address.starts_with("127.0.0.1:"), "the server came up: {line:?}");
        Self { child, address }
    }

    fn kill(mut self) {
        self.child.kill().expect("SIGKILL");
        self.child.wait().expect("it ends");
    }
}

/// Every report of the log by its id, and how often it is there.
fn reports_of_log(folder: &Path) -> BTreeMap<String, u64> {
    let disk = Arc::new(OsDisk::open(&folder.join("data/log")).expect("nobody has it"));
    let (log, recovery) =
        Log::open(disk, Arc::new(SystemClock), Limits::default()).expect("it opens");
    let mut reader = log.reader(0);
    let mut found: BTreeMap<String, u64> = BTreeMap::new();
    let mut read = 0;
    while let Some(frame) = reader.next(Duration::ZERO).expect("readable") {
        for (index, record) in frame.records.iter().enumerate() {
            read += 1;
            let line = std::str::from_utf8(record).expect("text");
            let signal = read_line(line, frame.first_seq + index as u64).expect("a signal");
            assert!(matches!(signal.body, Body::Report(_)));
            *found.entry(uuid::Uuid::from_u128(signal.id).to_string()).or_default() += 1;
        }
    }
    assert_eq!(read, recovery.records, "everything was read");
    found
}

#[test]
fn nothing_acknowledged_is_lost_and_nothing_counts_twice() {
    let folder = tempfile::tempdir().expect("a folder");
    let config = "[probes]\nenabled = false\n[http]\nlisten = \"127.0.0.1:0\"\nthreads = 2\n\
                  trusted_proxies = [\"127.0.0.0/8\"]\n[store]\ndir = \"data\"\nsegment_mib = 1\n\
                  [limits]\nreports_per_prefix_per_minute = 1000000\n[log]\nlevel = \"error\"\n";
    fs::write(folder.path().join("outcry.toml"), config).expect("writable");
    let (sent, acknowledged) = (AtomicU64::new(0), Mutex::new(Vec::new()));
    let mut dice = Dice(20_250_310);
    for round in 0..KILLS {
        let server = Server::start(folder.path());
        let stop = AtomicBool::new(false);
        std::thread::scope(|scope| {
            for client in 0..CLIENTS {
                let own = Dice(dice.next() ^ client);
                let (stop, sent, acknowledged) = (&stop, &sent, &acknowledged);
                let address = &server.address;
                scope.spawn(move || send(address, own, stop, sent, acknowledged));
            }
            pause_ms(20 + dice.next() % 230);
            let Server { mut child, .. } = server;
            child.kill().expect("SIGKILL");
            child.wait().expect("it ends");
            stop.store(true, Ordering::Relaxed);
        });
        // Now and then it is killed again while it recovers.
        if round % 5 == 0 {
            let mut child = Command::new(env!("CARGO_BIN_EXE_outcry"))
                .args(["serve", "--config"])
                .arg(folder.path().join("outcry.toml"))
                .stdout(Stdio::null())
                .spawn()
                .expect("the server starts");
            pause_ms(5 + dice.next() % 40);
            child.kill().expect("SIGKILL");
            child.wait().expect("it ends");
        }
    }
    let server = Server::start(folder.path());
    wait_until_caught_up(&server.address);
    // What is decided is stored within the next turn of the pipeline.
    pause_ms(1_000);
    server.kill();
    let acknowledged = acknowledged.into_inner().expect("no panic");
    let sent = sent.into_inner();
    let log = reports_of_log(folder.path());
    let store = SqliteStore::open(&folder.path().join("data/outcry.sqlite")).expect("it opens");
    let counted = store.counts().expect("readable").received;
    let lost = acknowledged.iter().filter(|id| !log.contains_key(*id)).count();
    let twice = log.values().filter(|n| **n > 1).count();
    println!(
        "crash: {KILLS} kills under load, {sent} sent, {} acknowledged, {} in the log, \
         {counted} counted, {lost} lost, {twice} twice",
        acknowledged.len(),
        log.len()
    );
    assert!(acknowledged.len() > 1_000, "there was load");
    assert_eq!((lost, twice), (0, 0));
    assert_eq!(counted, log.len() as u64, "each report of the log is counted once");
    assert!(acknowledged.len() as u64 <= counted && counted <= sent);
}

//! A real hub and a real agent with TLS between them, over loopback: tokens, revocation, and kills
//! without warning on either side.
//!
//! A few kills by default; `OUTCRY_VANTAGE_KILLS=200` is the full count.

mod house;

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::fs;
use std::io::Read;
use std::io::Write;
use std::net::TcpListener;
use std::path::Path;
use std::process::Child;
use std::process::Command;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;
use std::time::Instant;

use house::House;
use house::Server;
use outcry_core::signal::Body;
use outcry_store::log::Limits;
use outcry_store::log::Log;
use outcry_store::log::SystemClock;
use outcry_store::log::disk::OsDisk;
use outcry_wire::signals::read_line;

/// Kills when nothing else is said.
const KILLS: u64 = 10;
/// Things that are looked at, each at an address of its own.
const MONITORS: u32 = 30;
/// How long anything may take before a test gives up.
const PATIENCE: Duration = Duration::from_secs(60);
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// A service that answers everybody, on every loopback address.
fn stand_in() -> u16 {
    let listener = TcpListener::bind("0.0.0.0:0").expect("a port");
    let port = listener.local_addr().expect("bound").port();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            std::thread::spawn(move || {
                let mut head = [0; 4_096];
                // Who breaks off gets no answer.
                let _ = stream.read(&mut head);
                let page =
                    "<!doctype html><title>Well</title><main><p>All is well here.</p></main>";
                let _ = write!(
                    stream,
                    "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: {}\r\n\
                     connection: close\r\n\r\n{page}",
                    page.len()
                );
            });
        }
    });
    port
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("bound").port()
}

/// A house with a hub, and the address of the hub.
fn hub() -> (House, String) {
    let (target, port) = (stand_in(), free_port());
    let mut section = format!(
        "[store]\ndir = \"data\"\n[hub]\nlisten = \"127.0.0.1:{port}\"\nnames = [\"127.0.0.1\"]\n"
    );
    for n in 0..MONITORS {
        section += &format!(
            "[[hub.monitor]]\nservice = \"x\"\nurl = \"http://127.0.1.{}:{target}/\"\n\
             every_s = 5\n",
            n + 1
        );
    }
    section += "[catalog]\ndir = \"catalog\"\n";
    let house = House::with(&section);
    // A catalogue of one service without a domain: nothing beyond loopback is looked at.
    fs::create_dir(house.path("catalog")).expect("a folder");
    fs::write(house.path("catalog/social.toml"), CATALOG).expect("writable");
    let words = concat!(env!("CARGO_MANIFEST_DIR"), "/../../catalog/vocabulary.toml");
    fs::copy(words, house.path("catalog/vocabulary.toml")).expect("the vocabulary is there");
    (house, format!("https://127.0.0.1:{port}"))
}

const CATALOG: &str = r#"[category]
slug = "social"
name = "Social"

[[service]]
slug = "x"
name = "X"
countries = ["*"]
components = ["web"]
problems = ["not_loading", "other"]
"#;

struct Agent(Child);

impl Drop for Agent {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn agent(folder: &Path, hub: &str, token: Option<&str>) -> Agent {
    let mut command = Command::new(env!("CARGO_BIN_EXE_outcry"));
    command.args(["collect", "--hub", hub, "--allow-private", "--dir"]).arg(folder);
    // One reference, which stands.
    command.args(["--reference", &hub.replace("https", "http")]).env("RUST_LOG", "error");
    if let Some(token) = token {
        command.args(["--enrol", token]);
    }
    let child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn();
    Agent(child.expect("the agent starts"))
}

impl Agent {
    /// How it ends by itself, and what it says.
    fn ended(mut self) -> (Option<i32>, String) {
        let began = Instant::now();
        while self.0.try_wait().expect("it can be asked").is_none() {
            assert!(began.elapsed() < PATIENCE, "it does not end");
            std::thread::sleep(LOOK_EVERY);
        }
        let mut said = String::new();
        self.0.stderr.take().expect("piped").read_to_string(&mut said).expect("text");
        (self.0.wait().expect("it has ended").code(), said)
    }
}

fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let began = Instant::now();
    while !holds() {
        assert!(began.elapsed() < PATIENCE, "{what}");
        std::thread::sleep(LOOK_EVERY);
    }
}

fn sees(server: &Server, word: &str) -> bool {
    server
        .ask("GET /api/v1/services/x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        .contains(word)
}

#[test]
fn a_token_is_good_once_and_who_was_revoked_is_refused() {
    let (house, hub) = hub();
    let server = Server::start(&house);
    let token = house.done(&["admin", "vantages", "enrol", "--name", "fra-1", "--country", "DE"]);
    let token = token.trim();
    let first = agent(&house.path("first"), &hub, Some(token));
    until("its results are shown", || sees(&server, r#""name":"fra-1","country":"DE""#));
    let (code, said) = agent(&house.path("second"), &hub, Some(token)).ended();
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("each is good once"), "{said}");
    let other = format!("{}0", &token[..token.len() - 1]);
    let other = if other == token { format!("{}1", &token[..token.len() - 1]) } else { other };
    let (code, said) = agent(&house.path("third"), &hub, Some(&other)).ended();
    assert!(code != Some(0) && said.contains("not the hub that made the token"), "{said}");
    let listed = house.done(&["admin", "vantages", "list", "--json"]);
    assert!(listed.contains(r#""name":"fra-1""#) && listed.lines().count() == 1, "{listed}");
    house.done(&["admin", "vantages", "revoke", "fra-1", "--reason", "test"]);
    let (code, said) = first.ended();
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("revoked"), "{said}");
    let (code, _) = agent(&house.path("first"), &hub, None).ended();
    assert_eq!(code, Some(2), "its key is of no use any more");
}

/// SplitMix64.
fn next(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let z = (*state ^ (*state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// The numbers of all results in the log, each as often as it is there.
fn in_log(data: &Path) -> BTreeMap<u64, u32> {
    let disk = Arc::new(OsDisk::open(&data.join("log")).expect("the folder of the log"));
    let (log, _) = Log::open(disk, Arc::new(SystemClock), Limits::default()).expect("a log");
    let (mut reader, mut seq, mut found) = (log.reader(0), 0, BTreeMap::new());
    while seq < log.next_seq() {
        let frame = reader.next(PATIENCE).expect("readable").expect("a frame");
        seq = frame.first_seq + frame.records.len() as u64;
        for record in &frame.records {
            let line = std::str::from_utf8(record).expect("text");
            if let Body::Probe(probe) = read_line(line, 0).expect("a signal").body {
                *found.entry(probe.relayed.expect("by an agent").sequence).or_default() += 1;
            }
        }
    }
    found
}

/// The numbers of results that wait at the agent.
fn in_buffer(folder: &Path) -> BTreeSet<u64> {
    let Ok(files) = fs::read_dir(folder.join("buffer")) else { return BTreeSet::new() };
    let texts = files.filter_map(|file| fs::read_to_string(file.ok()?.path()).ok());
    let numbers = |text: String| -> Vec<u64> {
        let whole = text.rfind('\n').map_or("", |end| &text[..end]).to_owned();
        let number = |line: &str| line.split(' ').next()?.parse().ok();
        whole.lines().filter_map(number).collect()
    };
    texts.flat_map(numbers).collect()
}

#[test]
fn kills_of_hub_and_agent_lose_nothing_and_double_nothing() {
    let kills: u64 = std::env::var("OUTCRY_VANTAGE_KILLS")
        .map_or(KILLS, |count| count.parse().expect("OUTCRY_VANTAGE_KILLS is a number"));
    let (house, hub) = hub();
    let folder = house.path("agent");
    let mut server = Some(Server::start(&house));
    let token = house.done(&["admin", "vantages", "enrol", "--name", "fra-1"]);
    let mut running = Some(agent(&folder, &hub, Some(token.trim())));
    until("the first results are there", || sees(server.as_ref().expect("up"), "fra-1"));
    let mut state = 7;
    for kill in 0..kills {
        std::thread::sleep(Duration::from_millis(100 + next(&mut state) % 900));
        match next(&mut state) % 3 {
            0 => {
                drop(server.take());
                server = Some(Server::start(&house));
            }
            1 => {
                drop(running.take());
                running = Some(agent(&folder, &hub, None));
            }
            _ => {
                drop((server.take(), running.take()));
                running = Some(agent(&folder, &hub, None));
                server = Some(Server::start(&house));
            }
        }
        if kill % 20 == 19 {
            eprintln!("{} kills", kill + 1);
        }
    }
    // The hub comes back, and all that waits is brought.
    until("the hub is back", || sees(server.as_ref().expect("up"), "fra-1"));
    drop(running.take());
    running = Some(agent(&folder, &hub, None));
    let waiting = in_buffer(&folder);
    until("what waited is brought", || in_buffer(&folder).is_disjoint(&waiting));
    drop((running, server));
    let (log, buffer) = (in_log(&house.path("data")), in_buffer(&folder));
    let twice: Vec<_> = log.iter().filter(|(_, n)| **n != 1).collect();
    assert!(twice.is_empty(), "written twice: {twice:?}");
    // Within one start an agent numbers without a gap: what is missing was lost.
    let mut boots: BTreeMap<u64, Vec<u64>> = BTreeMap::new();
    for sequence in log.keys().chain(buffer.difference(&log.keys().copied().collect())) {
        boots.entry(sequence >> 32).or_default().push(sequence & 0xffff_ffff);
    }
    for (boot, mut numbers) in boots.clone() {
        numbers.sort_unstable();
        let want: Vec<u64> = (1..=numbers.len() as u64).collect();
        assert_eq!(numbers, want, "start {boot} has a gap");
    }
    println!(
        "{kills} kills, {} starts, {} results in the log, {} waiting: 0 lost, 0 twice",
        boots.len(),
        log.len(),
        buffer.len()
    );
    assert!(log.len() > 20, "{}", log.len());
}

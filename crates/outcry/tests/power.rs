//! Power cuts under the whole program: the real binary runs over a site with a past — it brings
//! the database to its present form, catches up, folds days, seals, pins and removes segments,
//! takes reports, and is backed up twice — while every change to a file is recorded. Then the
//! power goes at a moment of that recording, what was not synced is left to chance, and the real
//! binary starts on what is left.
//!
//! Nothing acknowledged is lost, each record counts once, `outcry verify` finds nothing wrong, and
//! a backup that was said to be taken restores to a site of which all that holds.
//!
//! A few cuts by default; `OUTCRY_POWER_CUTS=1000` or `cargo xtask bench faults` for all.

mod house;
mod load;
mod past;
mod recording;

use std::collections::BTreeMap;
use std::fs;
use std::io::BufRead;
use std::io::BufReader;
use std::io::Write;
use std::process::Child;
use std::process::Command;
use std::process::Stdio;
use std::sync::Mutex;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;
use std::sync::mpsc;
use std::sync::mpsc::Receiver;
use std::time::Instant;

use house::House;
use house::Server;
use load::Dice;
use load::PATIENCE;
use load::pause_ms;
use load::times;
use past::Form;
use past::check;
use past::house_with_a_past;
use recording::Disk;
use recording::Step;
use recording::parse;
use tempfile::NamedTempFile;

const VARIABLE: &str = "OUTCRY_POWER_CUTS";
/// Cuts in a usual run of the tests.
const CUTS: u64 = 12;
/// One in so many backups that are found is restored, besides being checked.
const RESTORED_ONE_IN: usize = 4;
/// The server runs; on a line of input two backups are taken, on the next it is told to end.
const SCRIPT: &str = r#""$0" serve --config "$1/outcry.toml" & server=$!
read go
"$0" backup "$1/vault" --config "$1/outcry.toml"
"$0" backup "$1/vault" --config "$1/outcry.toml"
read go
kill -TERM $server
wait $server"#;

/// What a recording is about at a moment; cuts are spread over all of them.
const PARTS: [&str; 6] = ["start", "log", "sealing", "manifest", "database", "backup"];

#[test]
fn after_a_power_cut_at_any_moment_everything_acknowledged_is_there_and_counts_once() {
    let cuts = times(VARIABLE, CUTS);
    let house = house_with_a_past(Form::First);
    let mut disk = Disk::read(&house.path(""));
    let Some(steps) = record(&house) else {
        assert!(std::env::var(VARIABLE).is_err(), "strace is needed to record");
        println!("strace cannot record here: only the models of the store were tested");
        return;
    };
    let moments = moments(&steps, cuts);
    let (give, take) = mpsc::sync_channel::<Cut>(2);
    let take = Mutex::new(take);
    let seen = Seen::default();
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                let next = |take: &Mutex<Receiver<Cut>>| take.lock().expect("sound").recv();
                while let Ok(cut) = next(&take) {
                    start_on(&cut, &seen);
                }
            });
        }
        let (mut acknowledged, mut backups) = (Vec::new(), 0);
        for (at, step) in steps.iter().enumerate() {
            disk.go(step);
            match step {
                Step::Acknowledged(id) => acknowledged.push(id.clone()),
                Step::Said(line) if line.contains("backup  ") => backups += 1,
                _ => {}
            }
            for (number, part) in moments.get(&at).into_iter().flatten() {
                let mut dice = Dice(*number);
                let files = disk.cut(&mut dice);
                let what = format!("cut {number} at step {at} of {} ({part})", steps.len());
                let acknowledged = acknowledged.clone();
                let cut = Cut { what, files, acknowledged, backups, chance: dice.next() };
                give.send(cut).expect("somebody takes it");
            }
        }
        drop(give);
    });
    println!("power: {cuts} cuts over {} steps, 0 lost, 0 twice; {}", steps.len(), seen.words());
    assert_eq!(seen.cuts.load(Ordering::Relaxed), cuts);
}

/// What a power cut left.
struct Cut {
    what: String,
    files: BTreeMap<String, Vec<u8>>,
    acknowledged: Vec<String>,
    /// Backups that were said to be taken.
    backups: u32,
    chance: u64,
}

#[derive(Default)]
struct Seen {
    cuts: AtomicU64,
    backups: AtomicU64,
    restored: AtomicU64,
    acknowledged: AtomicU64,
}

impl Seen {
    fn words(&self) -> String {
        format!(
            "{} reports were acknowledged before them; {} backups checked, {} restored",
            self.acknowledged.load(Ordering::Relaxed),
            self.backups.load(Ordering::Relaxed),
            self.restored.load(Ordering::Relaxed)
        )
    }
}

/// Starts the program on what a cut left and holds it against what was promised.
fn start_on(cut: &Cut, seen: &Seen) {
    let Cut { what, files, acknowledged, backups, chance } = cut;
    let house = House::new();
    for (name, bytes) in files {
        let path = house.path(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        fs::write(path, bytes).expect("writable");
    }
    start_whole(&house, what);
    check(&house, acknowledged, what);
    seen.cuts.fetch_add(1, Ordering::Relaxed);
    seen.acknowledged.fetch_add(acknowledged.len() as u64, Ordering::Relaxed);
    if !house.path("vault/backup.json").exists() {
        assert_eq!(*backups, 0, "{what}: a backup that was said to be taken is there");
        return;
    }
    let vault = house.path("vault");
    let name = vault.to_str().expect("plain");
    house.done(&["backup", name, "--check"]);
    seen.backups.fetch_add(1, Ordering::Relaxed);
    if Dice(*chance).one_in(RESTORED_ONE_IN) {
        let other = House::new();
        other.done(&["restore", name]);
        let what = format!("{what}, restored");
        start_whole(&other, &what);
        check(&other, &[], &what);
        seen.restored.fetch_add(1, Ordering::Relaxed);
    }
}

/// Starts the program, which finds nothing damaged.
fn start_whole(house: &House, what: &str) {
    let said = tempfile::NamedTempFile::new().expect("a file");
    let server = Server::start_telling(house, said.reopen().expect("ours").into());
    assert!(server.address.starts_with("127."), "{what}: the server came up");
    drop(server);
    expect_no_damage(&said, what);
}

fn expect_no_damage(said: &NamedTempFile, what: &str) {
    let said = fs::read_to_string(said.path()).expect("text");
    assert!(!said.contains("damaged"), "{what}: {said}");
}

/// After which steps the power is cut, by number and part, spread evenly over the parts.
fn moments(steps: &[Step], cuts: u64) -> BTreeMap<usize, Vec<(u64, &'static str)>> {
    let up = |step: &Step| matches!(step, Step::Said(line) if line.contains("Outcry is at"));
    let up = steps.iter().position(up).expect("it came up");
    let mut parts: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (at, step) in steps.iter().enumerate() {
        let path = step.path();
        let part = match path {
            _ if path.starts_with("vault") => "backup",
            _ if path.contains("MANIFEST") => "manifest",
            _ if path.ends_with(".seg") => "log",
            _ if path.starts_with("data/log") => "sealing",
            _ if path.starts_with("data/outcry") => "database",
            _ => continue,
        };
        parts.entry(part).or_default().push(at);
        if at < up {
            parts.entry("start").or_default().push(at);
        }
    }
    assert!(PARTS.iter().all(|part| parts.contains_key(part)), "{:?}", parts.keys());
    let mut dice = Dice(20_250_310);
    let mut moments: BTreeMap<usize, Vec<(u64, &str)>> = BTreeMap::new();
    for number in 0..cuts {
        let part = PARTS[usize::try_from(number).expect("small") % PARTS.len()];
        let at = parts[part][dice.below(parts[part].len())];
        moments.entry(at).or_default().push((number, part));
    }
    moments
}

/// Runs the program and records what it does; `None` where nothing can be recorded.
fn record(house: &House) -> Option<Vec<Step>> {
    let file = || NamedTempFile::new().expect("a file");
    let (trace, said, root) = (file(), file(), house.path(""));
    let root = root.canonicalize().expect("it is there");
    let mut child = Command::new("strace")
        .args(["-f", "--seccomp-bpf", "-y", "-xx", "-s", &parse::BYTES_MAX.to_string()])
        .args(["-e", &format!("trace={}", parse::CALLS), "-o"])
        .arg(trace.path())
        .args(["sh", "-c", SCRIPT, env!("CARGO_BIN_EXE_outcry")])
        .arg(&root)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(said.reopen().expect("ours"))
        .spawn()
        .ok()?;
    let (mut stdin, stdout) = (child.stdin.take()?, child.stdout.take()?);
    let mut lines = BufReader::new(stdout).lines().map_while(Result::ok);
    let first = lines.next()?;
    let address = first.rsplit("http://").next()?.to_owned();
    let (stop, sent, acknowledged) = (AtomicBool::new(false), AtomicU64::new(0), Mutex::default());
    std::thread::scope(|scope| {
        for client in 0..2 {
            let (stop, sent, acknowledged) = (&stop, &sent, &acknowledged);
            let address = &address;
            scope.spawn(move || load::send(address, Dice(client), stop, sent, acknowledged));
        }
        wait_for_removal(house);
        writeln!(stdin).expect("it reads");
        let mut seals = 0;
        while seals < 2 {
            seals += u32::from(lines.next().expect("two backups").starts_with("seal "));
        }
        stop.store(true, Ordering::Relaxed);
    });
    writeln!(stdin).expect("it reads");
    end(child);
    expect_no_damage(&said, "while segments were sealed and removed");
    let trace = fs::read_to_string(trace.path()).expect("text");
    let steps = parse::steps(&trace, &root);
    let told = steps.iter().filter(|step| matches!(step, Step::Acknowledged(_))).count();
    assert_eq!(told, acknowledged.into_inner().expect("sound").len(), "all answers are recorded");
    assert!(told > 20, "there was load: {told}");
    Some(steps)
}

/// Waits until an old segment was removed, days were folded and all that is full was sealed.
fn wait_for_removal(house: &House) {
    let began = Instant::now();
    let names = || {
        let files = fs::read_dir(house.path("data/log")).expect("a folder");
        files.map(|file| file.expect("readable").file_name().to_string_lossy().into_owned())
    };
    let open = || names().filter(|name| name.ends_with(".seg")).count();
    let first = || names().any(|name| name.starts_with("00000000000000000000."));
    while open() > 1 || first() {
        assert!(began.elapsed() < PATIENCE, "segments are sealed and removed");
        pause_ms(20);
    }
}

fn end(mut child: Child) {
    let began = Instant::now();
    while child.try_wait().expect("it is ours").is_none() {
        assert!(began.elapsed() < PATIENCE, "it ends when it is told to");
        pause_ms(10);
    }
}

//! Killed without warning, again and again, in the middle of all that goes on by itself: bringing
//! an older database to its present form, catching up, folding, sealing, pinning, removing, and
//! backups, while reports come in.
//!
//! Nothing acknowledged is lost, each record counts once, and `outcry verify` finds nothing wrong.
//!
//! A few kills by default; `OUTCRY_KILLS=200` or `cargo xtask bench faults` for all.

mod house;
mod load;
mod past;

use std::process::Command;
use std::process::Stdio;
use std::sync::Mutex;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;

use house::House;
use house::Server;
use load::Dice;
use load::pause_ms;
use load::times;
use past::Form;
use past::check;
use past::copy_folder;
use past::house_with_a_past;

/// Kills in a usual run of the tests.
const KILLS: u64 = 8;
/// Kills of one site, before it is looked at.
const KILLS_A_SITE: u64 = 5;
/// The last moment after a start at which it is killed, in milliseconds: by then a release build
/// has folded, sealed and removed what there is.
const LATEST_MS: usize = 600;
/// The last moment after a start at which it is killed while it starts.
const STARTING_MS: usize = 60;

#[test]
fn kills_while_folding_sealing_removing_migrating_and_backing_up_lose_nothing() {
    let kills = times("OUTCRY_KILLS", KILLS);
    let (first, present) = (house_with_a_past(Form::First), house_with_a_past(Form::Present));
    let mut dice = Dice(20_250_310);
    let (mut left, mut told, mut backups) = (kills, 0, 0);
    while left > 0 {
        let site = House::new();
        let template = if dice.one_in(2) { &first } else { &present };
        copy_folder(&template.path(""), &site.path(""));
        let acknowledged = Mutex::new(Vec::new());
        for _ in 0..left.min(KILLS_A_SITE) {
            match dice.below(3) {
                0 => kill_while_starting(&site, &mut dice),
                1 => kill_under_load(&site, &mut dice, &acknowledged),
                _ => {
                    kill_a_backup(&site, &mut dice, &acknowledged);
                    backups += 1;
                }
            }
            left -= 1;
        }
        let acknowledged = acknowledged.into_inner().expect("no panic");
        let what = format!("with {left} of {kills} kills to come");
        let server = Server::start(&site);
        assert!(server.address.starts_with("127."), "{what}: the server came up");
        drop(server);
        check(&site, &acknowledged, &what);
        told += acknowledged.len();
        restore(&site, &what);
    }
    println!("kills: {kills}, {backups} of them of backups, {told} acknowledged, 0 lost, 0 twice");
    assert!(told > 10, "there was load: {told}");
}

fn kill_while_starting(site: &House, dice: &mut Dice) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_outcry"))
        .args(["serve", "--config"])
        .arg(site.path("outcry.toml"))
        .stdout(Stdio::null())
        .spawn()
        .expect("it starts");
    pause_ms(dice.below(STARTING_MS) as u64);
    child.kill().expect("SIGKILL");
    child.wait().expect("it ends");
}

fn kill_under_load(site: &House, dice: &mut Dice, acknowledged: &Mutex<Vec<String>>) {
    under_load(site, dice, acknowledged, |dice| pause_ms(dice.below(LATEST_MS) as u64));
}

/// Runs the server under load while `meanwhile` runs, then kills it.
fn under_load(
    site: &House,
    dice: &mut Dice,
    acknowledged: &Mutex<Vec<String>>,
    meanwhile: impl FnOnce(&mut Dice),
) {
    let mut server = Server::start(site);
    let (stop, sent) = (AtomicBool::new(false), AtomicU64::new(0));
    std::thread::scope(|scope| {
        for _ in 0..2 {
            let own = Dice(dice.next());
            let (stop, sent, address) = (&stop, &sent, server.address.clone());
            scope.spawn(move || load::send(&address, own, stop, sent, acknowledged));
        }
        meanwhile(dice);
        server.child.kill().expect("SIGKILL");
        server.child.wait().expect("it ends");
        stop.store(true, Ordering::Relaxed);
    });
}

/// Kills a backup, and the server beside it a moment later.
fn kill_a_backup(site: &House, dice: &mut Dice, acknowledged: &Mutex<Vec<String>>) {
    under_load(site, dice, acknowledged, |dice| {
        let mut child = Command::new(env!("CARGO_BIN_EXE_outcry"))
            .arg("backup")
            .arg(site.path("vault"))
            .arg("--config")
            .arg(site.path("outcry.toml"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("it starts");
        pause_ms(dice.below(LATEST_MS / 2) as u64);
        child.kill().expect("SIGKILL");
        child.wait().expect("it ends");
    });
}

/// A backup that is there after all that is whole, and one more can be taken over it.
fn restore(site: &House, what: &str) {
    let vault = site.path("vault");
    let name = vault.to_str().expect("plain");
    if vault.join("backup.json").exists() {
        site.done(&["backup", name, "--check"]);
    }
    site.done(&["backup", name]);
    let other = House::new();
    other.done(&["restore", name]);
    drop(Server::start(&other));
    check(&other, &[], &format!("{what}, restored"));
}

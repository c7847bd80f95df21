//! A judge of the rules over access logs: made-up logs of which the truth is known.
//!
//! Written apart from the rules and without a look at them; nothing here is fitted to what they
//! measure. Each kind of log is a function that says in a sentence why its label is true, and is
//! made at several seeds with other rates, sites, histories and forms of log. A harmless log is
//! judged wrongly when any stretch of it is called an attack; an attack when no stretch that
//! overlaps it is called by its vector.
//!
//! Half of the kinds are *open*: who works on the rules may look at what fails there. The other
//! half is *sealed*: only its sums are shown, so that they say how the rules do on what nobody
//! fitted them to. `OUTCRY_SEALED_NAMES=1` breaks the seal; a rule that was changed after that
//! needs new kinds.
//!
//! # What it cannot tell
//!
//! How often each kind occurs in the world. And what no expert could tell by the log alone: a
//! well-made imitation of a crowd, a load test, guessing of passwords at a leisurely rate.

use std::collections::BTreeMap;

use outcry_core::attack::requests::Kind;

use crate::crowds::scene::Scene;

mod crowds {
    //! Kinds of logs and what they are made of.

    /// Functions with their names.
    macro_rules! kinds {
        ($($name:ident),* $(,)?) => {
            [$((stringify!($name), $name as fn(&mut crate::crowds::scene::Scene))),*]
        };
    }

    pub mod dice;
    pub mod flood;
    pub mod harmless_apps;
    pub mod harmless_hosts;
    pub mod harmless_machines;
    pub mod harmless_networks;
    pub mod harmless_signs;
    pub mod harmless_web;
    pub mod hostile_clients;
    pub mod hostile_floods;
    pub mod people;
    pub mod scene;
    pub mod site;
}

/// Logs of each kind.
const SEEDS: u64 = 6;
/// Share of attacks that must be found.
const FOUND_MIN: f64 = 0.95;

/// A kind of log.
#[derive(Clone, Copy)]
struct Log {
    name: &'static str,
    make: fn(&mut Scene),
    is_attack: bool,
}

/// What became of one log.
struct Outcome {
    seed: u64,
    is_right: bool,
    lines: usize,
    said: String,
}

fn kinds() -> Vec<Log> {
    let harmless = [
        crowds::harmless_web::KINDS,
        crowds::harmless_signs::KINDS,
        crowds::harmless_apps::KINDS,
        crowds::harmless_hosts::KINDS,
        crowds::harmless_machines::KINDS,
        crowds::harmless_networks::KINDS,
    ];
    let hostile = [crowds::hostile_floods::KINDS, crowds::hostile_clients::KINDS];
    let of = |kinds: &[&[crowds::scene::Kind]], is_attack| {
        let all = kinds.iter().flat_map(|some| some.iter());
        all.map(move |(name, make)| Log { name, make: *make, is_attack }).collect::<Vec<_>>()
    };
    [of(&harmless, false), of(&hostile, true)].concat()
}

/// FNV-1a of a name: where a kind's seeds begin, and which half it belongs to. A kind stays in its
/// half when others are added.
fn hash(name: &str) -> u64 {
    name.bytes().fold(0xcbf2_9ce4_8422_2325, |sum, byte| {
        (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

fn is_sealed(name: &str) -> bool {
    (hash(name) >> 24) % 2 == 1
}

fn made(log: Log, seed: u64) -> Scene {
    let mut scene = Scene::new(hash(log.name).wrapping_add(seed.wrapping_mul(0x9e37_79b9)));
    (log.make)(&mut scene);
    scene.finish();
    assert_eq!(scene.hostile.is_some(), log.is_attack, "{} is labelled", log.name);
    scene
}

fn judged(log: Log, seed: u64) -> Outcome {
    let scene = made(log, seed);
    let report = scene.report();
    let is_right = match scene.hostile {
        None => !report.iter().any(|stretch| matches!(stretch.kind, Kind::Attack(_))),
        Some((vector, from_ms, to_ms)) => report.iter().any(|stretch| {
            stretch.kind == Kind::Attack(vector)
                && stretch.span_ms.0 < to_ms
                && stretch.span_ms.1 > from_ms
        }),
    };
    let said: Vec<_> =
        report.iter().map(|stretch| format!("{:?} {:?}", stretch.kind, stretch.signs)).collect();
    Outcome { seed, is_right, lines: scene.lines.len(), said: said.join("; ") }
}

/// All logs of all kinds, on two threads since that is what small machines have.
fn all() -> Vec<(Log, Vec<Outcome>)> {
    let kinds = kinds();
    let judge = |log: &Log| (*log, (0..SEEDS).map(|seed| judged(*log, seed)).collect());
    let halves = kinds.split_at(kinds.len() / 2);
    std::thread::scope(|threads| {
        let second = threads.spawn(|| halves.1.iter().map(judge).collect::<Vec<_>>());
        let mut all: Vec<_> = halves.0.iter().map(judge).collect();
        all.extend(second.join().expect("no log makes the rules panic"));
        all
    })
}

#[test]
fn no_harmless_log_is_called_an_attack_and_attacks_are_found() {
    let shows_sealed = std::env::var_os("OUTCRY_SEALED_NAMES").is_some_and(|value| value == "1");
    // By half and label: kinds, logs, logs that were judged rightly.
    let mut sums: BTreeMap<(bool, bool), (usize, usize, usize)> = BTreeMap::new();
    let mut lines = 0;
    for (log, outcomes) in all() {
        let sealed = is_sealed(log.name);
        let sum = sums.entry((sealed, log.is_attack)).or_default();
        let right = outcomes.iter().filter(|outcome| outcome.is_right).count();
        *sum = (sum.0 + 1, sum.1 + outcomes.len(), sum.2 + right);
        lines += outcomes.iter().map(|outcome| outcome.lines).sum::<usize>();
        if right < outcomes.len() && (!sealed || shows_sealed) {
            let label = if log.is_attack { "attack missed" } else { "called an attack" };
            println!("{:<26} {label:<17} {} of {SEEDS}", log.name, outcomes.len() - right);
            for outcome in outcomes.iter().filter(|outcome| !outcome.is_right) {
                println!("    seed {}: {}", outcome.seed, outcome.said);
            }
        }
    }
    println!("half    label     kinds  logs  right");
    for ((sealed, is_attack), (kinds, logs, right)) in &sums {
        let half = if *sealed { "sealed" } else { "open" };
        let label = if *is_attack { "attack" } else { "harmless" };
        println!("{half:<7} {label:<9} {kinds:>5} {logs:>5} {right:>6}");
    }
    println!("{lines} requests");
    let total = |is_attack: bool| {
        let of = sums.iter().filter(move |((_, attack), _)| *attack == is_attack);
        of.fold((0, 0), |sum, (_, (_, logs, right))| (sum.0 + logs, sum.1 + right))
    };
    let ((harmless, quiet), (attacks, found)) = (total(false), total(true));
    let share = found as f64 / attacks as f64;
    assert!(
        quiet == harmless && share >= FOUND_MIN,
        "{} of {harmless} harmless logs were called an attack; {:.1} % of {attacks} attacks found",
        harmless - quiet,
        share * 100.0
    );
}

/// The generator is worth something only while its logs are what their names say.
#[test]
fn logs_are_of_a_sensible_size_and_attacks_stand_out() {
    let shows = std::env::var_os("OUTCRY_LOGS").is_some_and(|value| value == "1");
    for log in kinds() {
        let scene = made(log, 1);
        let secs = (scene.end_ms - scene.start_ms) as f64 / 1_000.0;
        let rps = scene.lines.len() as f64 / secs;
        let mut windows: BTreeMap<i64, usize> = BTreeMap::new();
        for line in &scene.lines {
            *windows.entry(line.at_ms / 10_000).or_default() += 1;
        }
        let peak = windows.values().max().copied().unwrap_or(0) as f64 / 10.0;
        let mut paths: BTreeMap<&str, usize> = BTreeMap::new();
        for line in &scene.lines {
            *paths.entry(&scene.names[line.path as usize]).or_default() += 1;
        }
        let top = paths.values().max().copied().unwrap_or(0) as f64 / scene.lines.len() as f64;
        if shows {
            println!(
                "{:<26} {:>7} lines {secs:>7.0} s usual {:>6.2} mean {rps:>7.2} peak {peak:>7.1} \
                 top path {top:.2}",
                log.name,
                scene.lines.len(),
                scene.usual_rps
            );
        }
        assert!(scene.lines.len() > 20, "{} has lines", log.name);
        assert!(scene.lines.len() < crowds::scene::LINES_MAX, "{} is not cut", log.name);
        if let Some((_, from_ms, to_ms)) = scene.hostile {
            let within = scene.lines.iter().filter(|l| l.at_ms >= from_ms && l.at_ms < to_ms);
            let rps = within.count() as f64 / ((to_ms - from_ms) as f64 / 1_000.0);
            assert!(rps > 15.0 && rps > scene.usual_rps * 4.0, "{} stands out: {rps}", log.name);
        }
    }
}

#[test]
fn the_same_seed_gives_the_same_log() {
    let log = kinds()[0];
    let (one, other) = (made(log, 3), made(log, 3));
    assert_eq!(one.lines.len(), other.lines.len());
    let same = one.lines.iter().zip(&other.lines);
    assert!(same.clone().all(|(a, b)| a.at_ms == b.at_ms && a.client == b.client));
}

//! Every scenario of the repository, through the real engine, held to what it expects.

#![expect(clippy::disallowed_methods, reason = "the files of the repository are read")]

use std::fs;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;

use outcry_core::catalog::Catalog;
use outcry_core::incident::Incident;
use outcry_sim::replay;
use outcry_sim::replay::Outcome;
use outcry_sim::scenario::Scenario;

/// What a server runs with unless it is told otherwise.
const RUN_LENGTH_DAYS: f64 = 100.0;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn catalog() -> Catalog {
    let mut files = Vec::new();
    for entry in fs::read_dir(root().join("catalog")).expect("a catalogue") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        files.push((name, fs::read_to_string(&path).expect("readable")));
    }
    files.sort();
    outcry_wire::catalog::read(&files).expect("no mistake")
}

fn scenario(name: &str) -> Scenario {
    let text = fs::read_to_string(root().join("scenarios").join(name)).expect("readable");
    Scenario::parse(name, &text).unwrap_or_else(|mistakes| panic!("{mistakes:?}"))
}

fn names() -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(root().join("scenarios"))
        .expect("a folder")
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .filter(|name| name.ends_with(".toml"))
        .collect();
    names.sort();
    names
}

fn run(scenario: &Scenario, catalog: &Catalog) -> Outcome {
    let catalog = Arc::new(scenario.catalog(catalog));
    let history = scenario.history(scenario.seed, &catalog);
    let engine = replay::learn(catalog.clone(), history, RUN_LENGTH_DAYS);
    let signals = scenario.signals(scenario.seed, &catalog);
    let onset = scenario.truth.as_ref().map(|truth| truth.onset);
    replay::run(engine, signals, Some(scenario.until), onset)
}

/// Hours of quiet between two surges, the longest.
fn quiet_hours(incident: &Incident) -> f64 {
    let quiet_ms = incident
        .surges
        .windows(2)
        .filter_map(|pair| Some(pair[1].opened_at.since_ms(pair[0].closed_at?)))
        .max();
    quiet_ms.unwrap_or(0) as f64 / 3_600_000.0
}

#[test]
fn every_scenario_ends_as_it_expects() {
    let base = catalog();
    assert!(names().len() >= 4, "the scenarios are there");
    for name in names() {
        let scenario = scenario(&name);
        let mistakes = scenario.check(&name, &scenario.catalog(&base));
        assert!(mistakes.is_empty(), "{mistakes:?}");
        assert!(!scenario.expect.is_empty(), "{name} expects nothing");
        let outcome = run(&scenario, &base);
        assert!(outcome.reports > 1_000, "{name} has a crowd");
        assert_eq!(outcome.counters.late, 0, "{name}");
        let incidents = outcome.incidents();
        for (incident, _) in &incidents {
            let expected = scenario.expect.iter().any(|expect| expect.service == incident.service);
            assert!(expected, "{name}: {} was left alone and has {incident:?}", incident.service);
        }
        for expect in &scenario.expect {
            let own: Vec<_> =
                incidents.iter().filter(|(i, _)| i.service == expect.service).collect();
            let what = format!("{name}: {}: {own:?}", expect.service);
            assert_eq!(own.len() as u64, expect.incidents, "{what}");
            let surges: usize = own.iter().map(|(incident, _)| incident.surges.len()).sum();
            assert!(surges as u64 >= expect.surges_min, "{what}");
            if let Some(bar) = expect.opened_within_s {
                let after = own[0].1.expect("an onset");
                assert!(after <= bar, "{name}: opened {after} s after the onset");
            }
            if let Some(bar) = expect.quiet_hours_min {
                assert!(quiet_hours(own[0].0) >= bar, "{what}");
            }
            if let Some(mostly) = &expect.mostly {
                assert_eq!(&own[0].0.components[0].name, mostly, "{what}");
            }
        }
    }
}

#[test]
fn the_x_day_is_told_as_it_was() {
    let outcome = run(&scenario("x-2025-03-10.toml"), &catalog());
    let incidents = outcome.incidents();
    let (incident, _) = incidents[0];
    let app = &incident.components[0];
    assert!((0.50..=0.62).contains(&app.share), "{app:?}");
    let peaks: Vec<u64> = incident.surges.iter().map(|surge| surge.peak).collect();
    // The published peaks are the United States alone: some half, later two thirds, of all.
    assert!((35_000..=48_000).contains(&peaks[0]), "{peaks:?}");
    let highest = peaks.iter().max().expect("a surge");
    assert!((50_000..=65_000).contains(highest), "{peaks:?}");
    let lines = replay::json_lines(&outcome);
    let claims = lines.iter().filter(|line| line.contains("\"type\":\"claim\"")).count();
    assert_eq!(claims, 5);
    assert!(lines.iter().all(|line| line.contains("\"reconstruction\":true")));
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_seed_the_same_story() {
    let (mut scenario, base) = (scenario("x-2025-03-10.toml"), catalog());
    let first = replay::json_lines(&run(&scenario, &base));
    assert!(first == replay::json_lines(&run(&scenario, &base)));
    scenario.seed += 1;
    let other = run(&scenario, &base);
    assert!(first != replay::json_lines(&other));
    let incidents = other.incidents();
    assert_eq!(incidents.len(), 1);
    assert!(incidents[0].0.surges.len() >= 2);
}

#[test]
fn the_order_of_arrival_within_the_watermark_changes_nothing() {
    let (scenario, base) = (scenario("viral-post.toml"), Arc::new(catalog()));
    let learnt = || {
        let history = scenario.history(scenario.seed, &base);
        replay::learn(base.clone(), history, RUN_LENGTH_DAYS)
    };
    let signals = scenario.signals(scenario.seed, &base);
    let mut swapped = signals.clone();
    for pair in swapped.chunks_exact_mut(2) {
        if pair[0].at.tick() == pair[1].at.tick() {
            pair.swap(0, 1);
        }
    }
    let until = Some(scenario.until);
    let one = replay::run(learnt(), signals, until, None);
    let two = replay::run(learnt(), swapped, until, None);
    assert_eq!(one.lines, two.lines);
}

#[test]
fn kinds_can_be_chosen_and_wrong_ones_are_named() {
    let (scenario, base) = (scenario("x-2025-03-10.toml"), catalog());
    let signals = scenario.signals(1, &base);
    let kinds = ["probe", "flow", "mention", "testimony", "claim", "report"];
    for kind in kinds {
        let only = replay::select(signals.clone(), &[kind.to_owned()], &[]).expect("a kind");
        assert!(!only.is_empty() && only.iter().all(|s| s.body.kind() == kind), "{kind}");
    }
    let error = replay::select(Vec::new(), &["reports".to_owned()], &[]).expect_err("no kind");
    assert!(error.contains("report, probe"), "{error}");
}

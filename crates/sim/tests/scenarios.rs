//! Every scenario of the repository, through the real engine, held to what it expects.

#![expect(clippy::disallowed_methods, reason = "the files of the repository are read")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::LazyLock;
use std::sync::Mutex;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;
use std::time::Instant;

use outcry_core::catalog::Catalog;
use outcry_core::engine::Action;
use outcry_core::engine::Event;
use outcry_core::incident::Incident;
use outcry_core::series::Dimension;
use outcry_core::signal::Signal;
use outcry_core::time::HOUR_MS;
use outcry_core::time::UnixMillis;
use outcry_core::time::UnixMinute;
use outcry_core::units::Country;
use outcry_sim::replay;
use outcry_sim::replay::Outcome;
use outcry_sim::scenario::Scenario;
use outcry_wire::signals::read_line;
use outcry_wire::signals::write_line;

/// What a server runs with unless it is told otherwise.
const RUN_LENGTH_DAYS: f64 = 100.0;

/// Counted reports by minute.
type Minutes = BTreeMap<UnixMinute, u64>;

/// The day of X, run once for all that only look at it.
static X_DAY: LazyLock<Outcome> = LazyLock::new(|| run(&scenario("x-2025-03-10.toml"), &catalog()));

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

/// All scenarios, those of subfolders as `cases/NAME.toml`.
fn names() -> Vec<String> {
    let mut names = Vec::new();
    for folder in ["", "cases/", "lookalikes/"] {
        let entries = fs::read_dir(root().join("scenarios").join(folder)).expect("a folder");
        let found = entries
            .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
            .filter(|name| name.ends_with(".toml"));
        names.extend(found.map(|name| format!("{folder}{name}")));
    }
    names.sort();
    names
}

/// Does the same for every scenario, on all processors.
fn for_every(what: impl Fn(&str, Scenario) + Sync) {
    let (names, next) = (names(), AtomicUsize::new(0));
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                while let Some(name) = names.get(next.fetch_add(1, Ordering::Relaxed)) {
                    what(name, scenario(name));
                }
            });
        }
    });
}

fn run(scenario: &Scenario, catalog: &Catalog) -> Outcome {
    let catalog = Arc::new(scenario.catalog(catalog));
    let history = scenario.history(scenario.seed, &catalog);
    let engine = replay::learn(catalog.clone(), history, RUN_LENGTH_DAYS);
    let signals = scenario.signals(scenario.seed, &catalog);
    let onset = scenario.truth.as_ref().map(|truth| truth.onset);
    replay::run(engine, signals, Some(scenario.until), onset)
}

/// Counted reports of a service by country and minute.
fn counted(scenario: &Scenario, service: &str) -> BTreeMap<Option<Country>, Minutes> {
    let catalog = Arc::new(catalog());
    let mut engine = replay::learn(catalog.clone(), [], RUN_LENGTH_DAYS);
    let mut places = BTreeMap::<Option<Country>, Minutes>::new();
    let signals = scenario.signals(scenario.seed, &catalog).into_iter().map(Event::Signal);
    for event in signals.chain([Event::Watermark(scenario.until)]) {
        for action in engine.handle(event) {
            let Action::Count(deltas) = action else { continue };
            for (cell, counts) in deltas.cells {
                if let (true, Dimension::Country(place)) =
                    (*cell.service == *service, cell.dimension)
                {
                    let minutes = places.entry(place).or_default();
                    *minutes.entry(cell.minute).or_default() += u64::from(counts.counted);
                }
            }
        }
    }
    places
}

/// Reports in the fullest 15 minutes between two times of 10 March 2025.
fn fullest(minutes: &Minutes, from: &str, until: &str) -> u64 {
    let minute = |time: &str| {
        UnixMillis::parse(&format!("2025-03-10T{time}:00Z")).expect("a time").minute().0
    };
    let window = |first: i64| UnixMinute(first)..UnixMinute(first + 15);
    let sums = (minute(from)..=minute(until) - 15)
        .map(|first| minutes.range(window(first)).map(|(_, n)| n).sum());
    sums.max().unwrap_or(0)
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

/// What came out that the scenario does not expect.
fn amiss(scenario: &Scenario, outcome: &Outcome) -> Vec<String> {
    let incidents = outcome.incidents();
    let mut amiss = Vec::new();
    if outcome.counters.late > 0 {
        amiss.push(format!("{} signals came late", outcome.counters.late));
    }
    for (incident, _) in &incidents {
        if !scenario.expect.iter().any(|expect| expect.service == incident.service) {
            amiss.push(format!("was left alone and has {}", brief(incident)));
        }
    }
    for expect in &scenario.expect {
        let own: Vec<_> = incidents.iter().filter(|(i, _)| i.service == expect.service).collect();
        let surges: usize = own.iter().map(|(incident, _)| incident.surges.len()).sum();
        if own.len() as u64 != expect.incidents || (surges as u64) < expect.surges_min {
            let found: Vec<String> = own.iter().map(|(incident, _)| brief(incident)).collect();
            let (wanted, least) = (expect.incidents, expect.surges_min);
            amiss.push(format!("{}: {wanted} wanted, {least} surges: {found:?}", expect.service));
        }
        let Some((incident, after_s)) = own.first() else { continue };
        if expect.opened_within_s.is_some_and(|bar| after_s.is_none_or(|after| after > bar)) {
            amiss.push(format!("{} opened {after_s:?} s after the onset", expect.service));
        }
        if expect.quiet_hours_min.is_some_and(|bar| quiet_hours(incident) < bar) {
            amiss.push(format!("{} was quiet for {} h", expect.service, quiet_hours(incident)));
        }
        let leads = incident.components.first().map(|share| &share.name);
        if expect.mostly.is_some() && expect.mostly.as_ref() != leads {
            amiss.push(format!("{}: {leads:?} leads", expect.service));
        }
    }
    amiss
}

/// An incident in one line.
fn brief(incident: &Incident) -> String {
    let surges = incident.surges.iter().map(|surge| {
        let closed = surge.closed_at.map_or_else(|| "open".to_owned(), |at| at.to_string());
        format!("{} to {closed}, peak {}", surge.opened_at, surge.peak)
    });
    format!("{}: {}", incident.id.0, surges.collect::<Vec<_>>().join("; "))
}

/// All scenarios, or with the environment variable `OUTCRY_SCENARIOS` those whose name holds it.
#[test]
fn every_scenario_ends_as_it_expects() {
    let (base, only) = (catalog(), std::env::var("OUTCRY_SCENARIOS").unwrap_or_default());
    assert!(names().len() >= 70, "the scenarios are there");
    let found = Mutex::new(Vec::new());
    for_every(|name, scenario| {
        if !name.contains(&only) {
            return;
        }
        let begin = Instant::now();
        let missing = scenario.check(name, &scenario.catalog(&base));
        let mut wrong: Vec<String> = missing.iter().map(ToString::to_string).collect();
        let file = name.rsplit('/').next().expect("a file");
        if format!("{}.toml", scenario.id) != file {
            wrong.push("the id is not the name of the file".to_owned());
        }
        if scenario.expect.is_empty() {
            wrong.push("expects nothing".to_owned());
        }
        let outcome = run(&scenario, &base);
        if outcome.reports < 500 {
            wrong.push(format!("has a crowd of {} reports only", outcome.reports));
        }
        wrong.extend(amiss(&scenario, &outcome));
        println!("{name}: {} signals, {} ms", outcome.signals, begin.elapsed().as_millis());
        let mut all = found.lock().expect("no panic within");
        all.extend(wrong.into_iter().map(|what| format!("{name}: {what}")));
    });
    let found = found.into_inner().expect("no panic within");
    assert!(found.is_empty(), "\n{}", found.join("\n"));
}

/// Variants leave out what the detector does not weigh: nothing changes but what is known of why.
#[test]
fn every_variant_leaves_something_out_and_all_reports_in() {
    let base = catalog();
    let variants = AtomicUsize::new(0);
    for_every(|name, scenario| {
        if scenario.variants.is_empty() {
            return;
        }
        let all = scenario.signals(scenario.seed, &scenario.catalog(&base));
        let reports = |signals: &[Signal]| -> Vec<u128> {
            let only = signals.iter().filter(|signal| signal.body.kind() == "report");
            only.map(|signal| signal.id).collect()
        };
        for variant in &scenario.variants {
            variants.fetch_add(1, Ordering::Relaxed);
            let less = variant.select(all.clone());
            assert!(less.len() < all.len(), "{name}: {} leaves nothing out", variant.name);
            assert!(reports(&less) == reports(&all), "{name}: {}", variant.name);
        }
    });
    assert!(variants.into_inner() > 0, "one scenario at least has a variant");
}

#[test]
fn a_variant_ends_as_its_scenario_expects() {
    let (base, scenario) = (catalog(), scenario("x-2025-03-10.toml"));
    let catalog = Arc::new(scenario.catalog(&base));
    let variant = scenario.variant("reports-only").expect("a variant");
    let less = variant.select(scenario.signals(scenario.seed, &catalog));
    let history = scenario.history(scenario.seed, &catalog);
    let engine = replay::learn(catalog.clone(), history, RUN_LENGTH_DAYS);
    let onset = scenario.truth.as_ref().map(|truth| truth.onset);
    let outcome = replay::run(engine, less, Some(scenario.until), onset);
    assert_eq!(amiss(&scenario, &outcome), Vec::<String>::new());
}

#[test]
fn the_x_day_is_told_as_it_was() {
    let outcome = &*X_DAY;
    let incidents = outcome.incidents();
    let (incident, _) = incidents[0];
    let app = &incident.components[0];
    assert!((0.50..=0.62).contains(&app.share), "{app:?}");
    let (first, second) = (&incident.surges[0], &incident.surges[1]);
    let calm = first.closed_at.expect("it was calm for hours");
    assert!(second.opened_at.since_ms(calm) >= 2 * HOUR_MS, "{calm} to {}", second.opened_at);
    let peaks: Vec<u64> = incident.surges.iter().map(|surge| surge.peak).collect();
    // The published peaks are the United States alone: some half, later two thirds, of all.
    assert!((35_000..=48_000).contains(&peaks[0]), "{peaks:?}");
    let highest = peaks.iter().max().expect("a surge");
    assert!((50_000..=65_000).contains(highest), "{peaks:?}");
    let lines = replay::json_lines(outcome);
    let claims = lines.iter().filter(|line| line.contains("\"type\":\"claim\"")).count();
    assert_eq!(claims, 5);
    assert!(lines.iter().all(|line| line.contains("\"reconstruction\":true")));
}

#[test]
fn the_published_peaks_are_reached() {
    let scenario = scenario("x-2025-03-10.toml");
    let places = counted(&scenario, "x");
    let [us, gb] = ["US", "GB"].map(|code| &places[&Country::parse(code)]);
    let waves = [
        ("first, US", us, "09:40", "10:40", 20_538..=22_500),
        ("first, GB", gb, "09:40", "10:40", 10_400..=11_200),
        ("second, US", us, "13:25", "14:55", 37_000..=41_000),
        ("second, GB", gb, "13:25", "14:55", 8_000..=9_500),
        ("third, US", us, "15:00", "15:50", 28_000..=30_000),
        ("fourth, US", us, "16:00", "17:20", 25_000..=34_000),
    ];
    let found: Vec<_> = waves
        .iter()
        .map(|(wave, minutes, from, until, _)| (*wave, fullest(minutes, from, until)))
        .collect();
    let within = found.iter().zip(&waves).all(|((_, n), (.., range))| range.contains(n));
    assert!(within, "{found:?}");
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_seed_the_same_story() {
    let (mut scenario, base) = (scenario("x-2025-03-10.toml"), catalog());
    let first = replay::json_lines(&X_DAY);
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
fn signals_come_in_order_and_are_the_same_after_a_file() {
    let base = catalog();
    for_every(|name, scenario| {
        let signals = scenario.signals(1, &scenario.catalog(&base));
        assert!(signals.is_sorted_by_key(|signal| (signal.at, signal.id)), "{name}");
        let apart = signals.iter().filter(|signal| signal.body.kind() != "report");
        for signal in signals.iter().step_by(1_000).chain(apart) {
            let line = write_line(signal);
            assert_eq!(read_line(&line, 1).as_ref(), Ok(signal), "{name}: {line}");
        }
    });
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

//! How long the engine takes for ten seconds of event time when it watches 100,000 series.
//!
//! 12,000 services with their whole, four countries and three or four problems each, all of them
//! live. "usual" is the load of a large site on a normal day, and what the bar is about. "all at
//! once" is a report in every one of the 100,000 series within the same ten seconds, 48,000
//! reports, and the row after it is that for five minutes, until every service is in a surge: no
//! day has ever brought either, and the only bar is that the engine keeps up with the clock. The
//! bar for a usual tick holds with the probes of five vantage points, once a minute, as well.
//!
//! # What it cannot tell
//!
//! The cost of parsing, of addresses and of the disk: see `cargo xtask bench intake`.

// A bench is a shell: it may ask for the time.
#![allow(clippy::disallowed_methods)]

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

use outcry_core::catalog::Catalog;
use outcry_core::catalog::Category;
use outcry_core::catalog::Service;
use outcry_core::engine::Engine;
use outcry_core::engine::EngineConfig;
use outcry_core::engine::Event;
use outcry_core::series::PastHour;
use outcry_core::signal::Body;
use outcry_core::signal::PrefixKey;
use outcry_core::signal::Problem;
use outcry_core::signal::Provenance;
use outcry_core::signal::Report;
use outcry_core::signal::ReporterKey;
use outcry_core::signal::Signal;
use outcry_core::signal::probe::Probe;
use outcry_core::signal::probe::ProbeOutcome;
use outcry_core::time::HOUR_MS;
use outcry_core::time::TICK_MS;
use outcry_core::time::UnixMillis;
use outcry_core::units::Asn;
use outcry_core::units::Country;
use outcry_core::units::NetworkKind;
use outcry_core::units::Place;
use outcry_core::units::Text;

const SERVICES: usize = 12_000;
const SERIES: usize = 100_000;
const COUNTRIES: [&str; 4] = ["US", "GB", "JP", "BR"];
const PROBLEMS: [&str; 4] = ["not_loading", "sign_in", "slow", "payment"];
/// Hours of the past that are learnt first.
const PAST_HOURS: i64 = 48;
/// Ticks that are measured of each kind.
const TICKS: i64 = 30;
/// Reports in a usual tick: 6,000 a minute over all services.
const USUAL_REPORTS: usize = 1_000;
/// Ticks in which each service is probed once.
const TICKS_PER_MINUTE: usize = 6;
/// A usual tick must take less.
const TICK_MS_BAR: f64 = 20.0;
/// The worst tick must take less: a quarter of the time that it stands for.
const WORST_MS_BAR: f64 = TICK_MS as f64 / 4.0;
/// A series may take this much memory at most, with its share of what its service needs.
const SERIES_BYTES_BAR: f64 = 1_500.0;
/// Silence between two ticks in which everything is reported, so that no surge opens.
const APART_MS: i64 = 31 * 60_000;
/// Monday 2025-03-10T00:00:00Z.
const START: UnixMillis = UnixMillis(1_741_564_800_000);

/// What stays the same for a report of one series.
struct Names {
    services: Vec<Text>,
    problems: Vec<Text>,
    countries: Vec<Country>,
}

/// An engine and where its day stands.
struct Day {
    names: Names,
    engine: Engine,
    now: UnixMillis,
    id: u128,
}

/// Wall times of one kind of tick, milliseconds.
struct Times {
    name: &'static str,
    reports: usize,
    times_ms: Vec<f64>,
}

fn main() -> ExitCode {
    let names = names();
    let before = resident_bytes();
    let engine = taught(&names);
    assert_eq!(engine.keys(), SERIES, "every series is watched");
    let bytes_per_series = resident_bytes().saturating_sub(before) as f64 / SERIES as f64;
    let mut day = Day { names, engine, now: START, id: 0 };
    let mut rows = vec![
        day.measure("nothing", 0, &|_| Vec::new()),
        day.measure("usual", 0, &usual),
        day.probed("usual, and probes of five"),
        day.measure("all at once", APART_MS, &|_| every_series()),
    ];
    let hour_ms = day.end_of_hour_ms();
    rows.push(day.measure("all at once, and again", 0, &|_| every_series()));
    rows.push(day.measure("usual, all in a surge", 0, &usual));
    report(&rows, hour_ms, bytes_per_series)
}

impl Day {
    /// Times ticks with `reports_of` each, with a silence of `apart_ms` before each.
    fn measure(
        &mut self,
        name: &'static str,
        apart_ms: i64,
        reports_of: &dyn Fn(i64) -> Vec<(usize, usize)>,
    ) -> Times {
        let mut times_ms = Vec::new();
        let mut reports = 0;
        for tick in 0..TICKS {
            let load = reports_of(tick);
            reports = load.len();
            self.now = self.now.plus_ms(apart_ms);
            let _ = self.engine.handle(Event::Watermark(self.now));
            let signals = signals(&self.names, &load, self.now, &mut self.id);
            self.now = self.now.plus_ms(TICK_MS);
            let began = Instant::now();
            for signal in signals {
                std::hint::black_box(self.engine.handle(Event::Signal(signal)));
            }
            std::hint::black_box(self.engine.handle(Event::Watermark(self.now)));
            times_ms.push(began.elapsed().as_secs_f64() * 1_000.0);
        }
        Times { name, reports, times_ms }
    }

    /// Times usual ticks in which five vantage points look at a sixth of all services each, as they
    /// do when each is looked at once a minute.
    fn probed(&mut self, name: &'static str) -> Times {
        let (mut times_ms, mut count) = (Vec::new(), 0);
        for tick in 0..TICKS {
            let mut signals = signals(&self.names, &usual(tick), self.now, &mut self.id);
            signals.extend(rounds(&self.names, tick, self.now, &mut self.id));
            count = signals.len();
            self.now = self.now.plus_ms(TICK_MS);
            let began = Instant::now();
            for signal in signals {
                std::hint::black_box(self.engine.handle(Event::Signal(signal)));
            }
            std::hint::black_box(self.engine.handle(Event::Watermark(self.now)));
            times_ms.push(began.elapsed().as_secs_f64() * 1_000.0);
        }
        Times { name, reports: count, times_ms }
    }

    /// Times the tick that ends an hour, in which every series learns what it counted.
    fn end_of_hour_ms(&mut self) -> f64 {
        let end = UnixMillis((self.now.hour() + 1) * HOUR_MS);
        let _ = self.engine.handle(Event::Watermark(end.plus_ms(-1)));
        let began = Instant::now();
        let _ = self.engine.handle(Event::Watermark(end));
        self.now = end;
        began.elapsed().as_secs_f64() * 1_000.0
    }
}

fn names() -> Names {
    Names {
        services: (0..SERVICES).map(|index| format!("service-{index:05}").into()).collect(),
        problems: PROBLEMS.map(Text::from).to_vec(),
        countries: COUNTRIES.map(|code| Country::parse(code).expect("two letters")).to_vec(),
    }
}

/// Problems that are told of a service: every third one has all four, which makes 100,000 series.
fn problems_of(service: usize) -> usize {
    if service.is_multiple_of(3) { 4 } else { 3 }
}

fn taught(names: &Names) -> Engine {
    let mut catalog = Catalog::default();
    for category in 0..20 {
        let slug: Text = format!("category-{category}").into();
        catalog.categories.insert(slug.clone(), Category { slug: slug.clone(), name: slug });
    }
    for (index, slug) in names.services.iter().enumerate() {
        catalog.services.insert(slug.clone(), service(slug, index));
    }
    let mut engine = Engine::new(EngineConfig { run_length_days: 100.0 }, Arc::new(catalog));
    for hour in START.hour() - PAST_HOURS..START.hour() {
        for (index, slug) in names.services.iter().enumerate() {
            let per_slice = 1 + index as u64 % 5;
            let problems = names.problems[..problems_of(index)].iter();
            let _ = engine.handle(Event::Past(PastHour {
                service: slug.clone(),
                hour,
                total: 4 * per_slice,
                components: vec![("web".into(), 4 * per_slice)],
                problems: problems.map(|problem| (problem.clone(), per_slice)).collect(),
                countries: names.countries.iter().map(|c| (*c, per_slice)).collect(),
            }));
        }
    }
    let _ = engine.handle(Event::Watermark(START));
    engine
}

fn service(slug: &Text, index: usize) -> Service {
    Service {
        slug: slug.clone(),
        name: slug.clone(),
        aliases: Vec::new(),
        category: format!("category-{}", index % 20).into(),
        countries: Vec::new(),
        domains: Vec::new(),
        components: vec!["web".into()],
        problems: PROBLEMS.map(Text::from).to_vec(),
        notices: None,
        asns: Vec::new(),
        depends_on: Vec::new(),
    }
}

/// The service and the slice of each report of a usual tick, spread over all services in turn.
fn usual(tick: i64) -> Vec<(usize, usize)> {
    let first = tick as usize * USUAL_REPORTS;
    (first..first + USUAL_REPORTS).map(|n| (n * 7 % SERVICES, n % 4)).collect()
}

/// One report for each slice of each service; the whole gets all four.
fn every_series() -> Vec<(usize, usize)> {
    (0..4).flat_map(|slice| (0..SERVICES).map(move |service| (service, slice))).collect()
}

fn signals(names: &Names, load: &[(usize, usize)], from: UnixMillis, id: &mut u128) -> Vec<Signal> {
    let count = load.len().max(1) as i64;
    let signal_of = |(place, &(service, slice)): (usize, &(usize, usize))| {
        *id += 1;
        let problem = names.problems[slice % problems_of(service)].clone();
        Signal {
            id: *id,
            at: from.plus_ms(place as i64 * TICK_MS / count),
            service: names.services[service].clone(),
            provenance: Provenance::default(),
            body: Body::Report(Report {
                component: Some("web".into()),
                problem: Problem::Fails(problem),
                place: Place {
                    country: Some(names.countries[slice]),
                    asn: Some(Asn(64_500 + slice as u32)),
                    network: NetworkKind::Access,
                },
                reporter: ReporterKey(*id as u64),
                prefix: PrefixKey(*id as u64),
                comment: None,
            }),
        }
    };
    load.iter().enumerate().map(signal_of).collect()
}

/// A round of each of five vantage points at the services whose turn it is; all pass.
fn rounds(names: &Names, tick: i64, from: UnixMillis, id: &mut u128) -> Vec<Signal> {
    let turn = tick.rem_euclid(TICKS_PER_MINUTE as i64) as usize;
    let services = names.services.iter().skip(turn).step_by(TICKS_PER_MINUTE);
    let mut signals = Vec::new();
    for service in services {
        for (vantage, country) in COUNTRIES.iter().chain(["DE"].iter()).enumerate() {
            *id += 1;
            let kind = Text::from("http");
            let mut probe = Probe::new(format!("v{vantage}").into(), kind, ProbeOutcome::Ok);
            probe.place.country = Country::parse(country);
            probe.place.asn = Some(Asn(64_500 + vantage as u32));
            probe.interval_s = Some(60.0);
            signals.push(Signal {
                id: *id,
                at: from.plus_ms(*id as i64 % TICK_MS),
                service: service.clone(),
                provenance: Provenance::default(),
                body: Body::Probe(probe),
            });
        }
    }
    signals
}

/// Memory of this process, bytes; 0 where the system does not tell.
fn resident_bytes() -> u64 {
    /// Bytes of a page on every system this runs on.
    const PAGE: u64 = 4_096;
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages = statm.split_whitespace().nth(1).and_then(|pages| pages.parse::<u64>().ok());
    pages.unwrap_or_default() * PAGE
}

fn report(rows: &[Times], hour_ms: f64, bytes_per_series: f64) -> ExitCode {
    println!("{SERVICES} services, {SERIES} series, {TICKS} ticks of 10 s each");
    println!("{:<26} {:>10} {:>12} {:>12}", "tick", "reports", "median ms", "max ms");
    let mut usual_ms: f64 = 0.0;
    let mut worst_ms: f64 = hour_ms;
    for row in rows {
        let mut sorted = row.times_ms.clone();
        sorted.sort_by(f64::total_cmp);
        let median_ms = sorted[sorted.len() / 2];
        let max_ms = sorted[sorted.len() - 1];
        worst_ms = worst_ms.max(max_ms);
        if row.name.starts_with("usual") && row.name != "usual, all in a surge" {
            usual_ms = usual_ms.max(median_ms);
        }
        println!("{:<26} {:>10} {median_ms:>12.2} {max_ms:>12.2}", row.name, row.reports);
    }
    println!("{:<26} {:>10} {hour_ms:>12.2} {hour_ms:>12.2}", "end of an hour", 0);
    println!(
        "engine: {usual_ms:.1} ms for a usual tick (bar: < {TICK_MS_BAR} ms), \
         {worst_ms:.0} ms for the worst (bar: < {WORST_MS_BAR} ms), \
         {bytes_per_series:.0} bytes a series, its share of the service included \
         (bar: <= {SERIES_BYTES_BAR})"
    );
    let holds =
        usual_ms < TICK_MS_BAR && worst_ms < WORST_MS_BAR && bytes_per_series <= SERIES_BYTES_BAR;
    if holds { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

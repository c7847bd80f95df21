//! The runs behind the scores: scenarios replayed in full, in variants, and damaged.
//!
//! Damage of a run: reports are drawn anew, one in ten of all other signals is lost, one probe in
//! fifty tells the opposite, and each moves by up to a minute. Families are taken away in half of
//! all cases each.

use std::collections::BTreeMap;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;

use anyhow::Context;
use anyhow::Result;
use outcry_core::catalog::Catalog;
use outcry_core::evidence::CaseFile;
use outcry_core::hypothesis::Cause;
use outcry_core::signal::Body;
use outcry_core::signal::Signal;
use outcry_core::signal::probe::ProbeOutcome;
use outcry_core::time::HOUR_MS;
use outcry_core::time::MINUTE_MS;
use outcry_core::time::UnixMillis;
use outcry_core::verdict::assess;
use outcry_core::verdict::assess_items;
use outcry_core::verdict::chance::Chance;
use outcry_core::verdict::table::Table;
use outcry_sim::replay;
use outcry_sim::replay::Outcome;
use outcry_sim::scenario::Scenario;
use outcry_wire::likelihood;

use crate::score::verdicts::expect;
use crate::score::verdicts::measure::Score;
use crate::score::verdicts::measure::Truth;
use xtask::run::root;

/// What a server runs with unless it is told otherwise.
const RUN_LENGTH_DAYS: f64 = 100.0;
/// Scenarios at a time.
const THREADS: usize = 2;
/// Services beside those of a scenario that damaged runs keep: enough to be listened to.
const BYSTANDERS: usize = 60;
/// Part of signals that a damaged run loses, and of probes that tell the opposite.
const LOST: f64 = 0.1;
const TURNED: f64 = 0.02;

/// A case with all its scores.
pub struct Judged {
    /// The scenario's file, without its ending.
    pub id: String,
    /// The truth, in a word.
    pub truth: String,
    /// With full evidence; `None` where nothing may open and nothing did.
    pub full: Option<Score>,
    /// The same without what the table knows from this case alone.
    pub left_out: Option<Score>,
    /// What the prior alone says.
    pub prior: Score,
    /// The scenario's own variants, by name.
    pub variants: Vec<(String, Score)>,
    /// Damaged runs.
    pub noise: Vec<Score>,
    /// Families taken away.
    pub families: Vec<Score>,
    /// Names that became another when one family was taken away.
    pub other_names: usize,
    /// What the scenario expects and does not get.
    pub failures: Vec<String>,
}

impl Judged {
    /// The runs in which something wrong was named, by kind.
    pub fn wrong_names(&self) -> Vec<String> {
        let told = |kind: String, score: &Score| {
            let named = score.named.filter(|_| score.wrong_name)?;
            Some(format!("{} ({kind}): {}", self.id, named.name()))
        };
        let full = self.full.iter().filter_map(|score| told("full".into(), score));
        let apart = self.left_out.iter().filter_map(|score| told("case left out".into(), score));
        let variants = self.variants.iter().filter_map(|(name, score)| told(name.clone(), score));
        let noise = self.noise.iter().filter_map(|score| told("damaged".into(), score));
        let families = self.families.iter().filter_map(|score| told("families".into(), score));
        full.chain(apart).chain(variants).chain(noise).chain(families).collect()
    }
}

/// Replays and scores every scenario with a truth.
pub fn all(only: Option<&str>, seeds: u64) -> Result<Vec<Judged>> {
    let catalog = catalog()?;
    let mut scenarios = Vec::new();
    for path in files(&root().join("scenarios"))? {
        let name = path.strip_prefix(root())?.display().to_string();
        if only.is_some_and(|only| !name.contains(only)) {
            continue;
        }
        let text = std::fs::read_to_string(&path)?;
        let scenario = Scenario::parse(&name, &text).map_err(|mistakes| {
            let told: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
            anyhow::anyhow!("{}", told.join("\n"))
        })?;
        let judged = scenario
            .truth
            .as_ref()
            .is_some_and(|truth| !truth.cause.is_empty() || !truth.accept.is_empty());
        if judged || !scenario.expect_verdict.is_empty() {
            let id = name.trim_start_matches("scenarios/").trim_end_matches(".toml").to_owned();
            scenarios.push((id, scenario));
        }
    }
    let queue = Mutex::new(scenarios.into_iter().enumerate().rev().collect::<Vec<_>>());
    let done: Mutex<BTreeMap<usize, Judged>> = Mutex::default();
    let lock = |queue: &Mutex<Vec<(usize, (String, Scenario))>>| {
        queue.lock().unwrap_or_else(PoisonError::into_inner).pop()
    };
    std::thread::scope(|scope| {
        let work = || {
            while let Some((place, (id, scenario))) = lock(&queue) {
                let judged = judge(id, &scenario, &catalog, seeds);
                done.lock().unwrap_or_else(PoisonError::into_inner).insert(place, judged);
            }
        };
        let threads: Vec<_> = (0..THREADS).map(|_| scope.spawn(work)).collect();
        threads
            .into_iter()
            .try_for_each(|thread| thread.join().map_err(|_| anyhow::anyhow!("a replay panicked")))
    })?;
    Ok(done.into_inner().unwrap_or_else(PoisonError::into_inner).into_values().collect())
}

fn judge(id: String, scenario: &Scenario, base: &Catalog, seeds: u64) -> Judged {
    let table = likelihood::built_in();
    let catalog = Arc::new(scenario.catalog(base));
    let truth = truth_of(scenario);
    let signals = scenario.signals(scenario.seed, &catalog);
    let outcome = play(scenario, &catalog, scenario.seed, signals.clone(), scenario.until);
    let case = case_of(scenario, &outcome);
    let name = id.rsplit('/').next().unwrap_or(&id).to_owned();
    let prior = case
        .map_or_else(|| *table.prior(Default::default()), |case| *table.prior(case.service.kind));
    let before = Score::of(&prior, None, &truth);
    let apart = table.without_case(&name);
    let service = scenario.truth.as_ref().map(|truth| &truth.service);
    let quiet = scenario.expect.iter().any(|it| Some(&it.service) == service && it.incidents == 0);
    // Where nothing may open there is nothing to judge unless something does; where something
    // should have opened, silence is not right whatever the prior says.
    let score = |case: Option<&CaseFile>, table: &Table| match case {
        Some(case) => Some(Score::of_assessment(assess(case, table), &truth)),
        None if quiet => None,
        None => Some(Score { leads_right: false, leads_exactly: false, ..before.clone() }),
    };
    let full = score(case, table);
    let left_out = score(case, &apart);
    let mut failures = Vec::new();
    let mut variants = Vec::new();
    failures.extend(expect::verdicts(scenario, "", case));
    failures.extend(expect::rulings(scenario, "", case));
    for variant in &scenario.variants {
        let kept = variant.select(signals.clone());
        let outcome = play(scenario, &catalog, scenario.seed, kept, scenario.until);
        let case = case_of(scenario, &outcome);
        failures.extend(expect::verdicts(scenario, &variant.name, case));
        failures.extend(expect::rulings(scenario, &variant.name, case));
        variants.extend(score(case, table).map(|score| (variant.name.to_string(), score)));
    }
    let small = Arc::new(smaller(scenario, &catalog));
    let noise = (1..=seeds)
        .filter_map(|seed| {
            let signals = damaged(scenario.signals(seed, &small), seed);
            let outcome = play(scenario, &small, seed, signals, scenario.until);
            score(case_of(scenario, &outcome), table)
        })
        .collect();
    let families = (1..=seeds).filter_map(|seed| Some(fewer(case?, seed, &truth))).collect();
    Judged {
        truth: truth.accept.first().map_or("none", |cause| cause.name()).to_owned(),
        other_names: case.map_or(0, other_names),
        id,
        full,
        left_out,
        prior: before,
        variants,
        noise,
        families,
        failures,
    }
}

fn truth_of(scenario: &Scenario) -> Truth {
    let truth = scenario.truth.as_ref();
    let names = truth.into_iter().flat_map(|truth| {
        std::iter::once(&truth.cause).chain(&truth.accept).filter(|name| !name.is_empty())
    });
    Truth { accept: names.filter_map(|name| Cause::parse(name)).collect() }
}

/// Runs signals through an engine that has learnt the scenario's past.
fn play(
    scenario: &Scenario,
    catalog: &Arc<Catalog>,
    seed: u64,
    signals: Vec<Signal>,
    until: UnixMillis,
) -> Outcome {
    let history = scenario.history(seed, catalog);
    let engine = replay::learn(catalog.clone(), history, RUN_LENGTH_DAYS);
    let onset = scenario.truth.as_ref().map(|truth| truth.onset);
    replay::run(engine, signals, Some(until), onset)
}

/// The last case file of the incident the truth is about: of those that were open after the onset,
/// the one with most reports.
fn case_of<'o>(scenario: &Scenario, outcome: &'o Outcome) -> Option<&'o CaseFile> {
    let truth = scenario.truth.as_ref()?;
    let of_service = outcome.cases.iter().filter(|case| case.incident.service == truth.service);
    let in_time = of_service.filter(|case| {
        case.incident.closed_at.is_none_or(|at| at >= truth.onset)
            && case.incident.opened_at.since_ms(truth.onset) >= -HOUR_MS
    });
    in_time.max_by_key(|case| (case.incident.reports_counted, case.incident.outages.len()))
}

/// The catalogue with what the scenario speaks of, what that depends on, and some bystanders.
fn smaller(scenario: &Scenario, catalog: &Catalog) -> Catalog {
    let mut kept: Vec<&str> = Vec::new();
    kept.extend(scenario.services.iter().map(|service| &*service.slug));
    kept.extend(scenario.reports.iter().map(|reports| &*reports.service));
    kept.extend(scenario.told.iter().map(|told| &*told.service));
    kept.extend(scenario.usual.iter().map(|usual| &*usual.service));
    let named = kept.len();
    for place in 0..named {
        let slug = kept[place];
        if let Some(service) = catalog.service(slug) {
            kept.extend(service.depends_on.iter().map(|slug| &**slug));
        }
    }
    kept.extend(scenario.everyday.ranked.iter().map(|slug| &**slug));
    let mut small = Catalog { categories: catalog.categories.clone(), ..Catalog::default() };
    let bystanders = catalog.services.keys().map(|slug| &**slug).take(BYSTANDERS);
    for slug in kept.iter().copied().chain(bystanders) {
        if let Some(service) = catalog.service(slug) {
            small.services.insert(service.slug.clone(), service.clone());
        }
    }
    small
}

/// Loses, turns and moves signals that are not reports.
fn damaged(mut signals: Vec<Signal>, seed: u64) -> Vec<Signal> {
    let mut chance = Chance::new(seed);
    signals.retain_mut(|signal| {
        if matches!(signal.body, Body::Report(_) | Body::Claim(_) | Body::Operator(_)) {
            return true;
        }
        let moved = ((chance.unit() - 0.5) * 2.0 * MINUTE_MS as f64) as i64;
        signal.at = signal.at.plus_ms(moved);
        if let Body::Probe(probe) = &mut signal.body
            && chance.unit() < TURNED
        {
            probe.outcome = match probe.outcome {
                ProbeOutcome::Ok => ProbeOutcome::Failed,
                _ => ProbeOutcome::Ok,
            };
        }
        chance.unit() >= LOST
    });
    signals.sort_by_key(|signal| (signal.at, signal.id));
    signals
}

/// The verdict with families taken away at random.
fn fewer(case: &CaseFile, seed: u64, truth: &Truth) -> Score {
    let mut chance = Chance::new(seed);
    let mut items = case.items();
    items.retain(|_| chance.unit() < 0.5);
    Score::of_assessment(assess_items(case, items, likelihood::built_in()), truth)
}

/// How often the name becomes another when one family is taken away.
fn other_names(case: &CaseFile) -> usize {
    let table = likelihood::built_in();
    let items = case.items();
    let Some(named) = assess_items(case, items.clone(), table).named else { return 0 };
    (0..items.len())
        .filter(|place| {
            let mut rest = items.clone();
            rest.remove(*place);
            let other = assess_items(case, rest, table).named;
            other.is_some_and(|other| {
                let both = matches!((other, named), (Cause::One(a), Cause::One(b)) if a != b);
                other.group() != named.group() || both
            })
        })
        .count()
}

fn catalog() -> Result<Catalog> {
    let mut read = Vec::new();
    for path in files(&root().join("catalog"))? {
        let name = path.file_name().context("a file has a name")?.to_string_lossy().into_owned();
        read.push((name, std::fs::read_to_string(&path)?));
    }
    read.sort();
    outcry_wire::catalog::read(&read).map_err(|_| anyhow::anyhow!("the catalogue has mistakes"))
}

/// TOML files below a folder, in order.
fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(files(&path)?);
        } else if path.extension().is_some_and(|end| end == "toml") {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

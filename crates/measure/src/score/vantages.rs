//! `score vantages`: what vantage points decide together, liars among them, in simulated time.

use std::process::ExitCode;

use anyhow::Result;
use outcry_core::detect::failure::Agreement;
use outcry_core::incident::Scope;
use outcry_core::units::Country;
use outcry_sim::vantages::Nature;
use outcry_sim::vantages::Plan;
use outcry_sim::vantages::Run;
use outcry_sim::vantages::honest;
use outcry_sim::vantages::run;

/// Seconds between two rounds.
const INTERVAL_S: i64 = 60;
/// Seconds after an interval within which a hard failure is to be decided.
const DECIDED_S_BAR: f64 = 6.0;
/// The part of rounds that fail by chance.
const LOSS: f64 = 0.002;

/// What can be set.
#[derive(Clone, Debug, clap::Args)]
pub struct Arguments {
    /// Runs of each kind.
    #[arg(long, default_value_t = 1_000)]
    runs: u64,
    /// The first seed; each run has the next.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

fn plan(vantages: usize) -> Plan {
    Plan {
        vantages: honest(vantages),
        interval_s: INTERVAL_S,
        minutes: 60,
        loss: LOSS,
        fails: None,
        fails_in: None,
    }
}

/// Runs all kinds and prints a table.
pub fn run_all(arguments: &Arguments) -> Result<ExitCode> {
    let seeds = || (0..arguments.runs).map(|n| arguments.seed + n);
    println!("{} runs each, an hour of rounds every {INTERVAL_S} s", arguments.runs);
    println!("{:<44} {:>10} {:>10}", "", "runs", "wrong");
    let natures = [
        ("one of five says that all fails", Nature::SaysFails),
        ("one of five says anything", Nature::SaysAnything),
        ("one of five is cut off", Nature::CutOff),
    ];
    let mut false_alarms = 0;
    for (name, nature) in natures {
        let wrong = seeds()
            .filter(|seed| {
                let mut plan = plan(5);
                plan.vantages[(seed % 5) as usize].nature = nature;
                !run(&plan, *seed).incidents.is_empty()
            })
            .count();
        println!("{name:<44} {:>10} {wrong:>10}", arguments.runs);
        false_alarms += wrong;
    }
    let (missed, p99_s, per_minute) = hard(seeds());
    println!(
        "{:<44} {:>10} {missed:>10}",
        "fails everywhere, one of five says it works", arguments.runs
    );
    let late = seeds().filter(|seed| !is_found_in_two_rounds(&regional(*seed))).count();
    println!(
        "{:<44} {:>10} {late:>10}",
        "fails for 2 of 43, regional within 2 rounds", arguments.runs
    );
    println!("most rounds in any minute, five vantage points: {per_minute}");
    let bar_s = INTERVAL_S as f64 + DECIDED_S_BAR;
    println!(
        "vantages: {false_alarms} false incidents (bar: 0), {missed} failures missed (bar: 0), \
         decided after {p99_s:.1} s at p99 (bar: <= {bar_s:.0} s), {late} regions late (bar: 0)"
    );
    let holds = false_alarms == 0 && missed == 0 && p99_s <= bar_s && late == 0;
    Ok(if holds { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Failures everywhere: how many were missed or called something else, the delay at p99, and the
/// most rounds in a minute.
fn hard(seeds: impl Iterator<Item = u64>) -> (usize, f64, u64) {
    let (mut delays_s, mut missed, mut per_minute) = (Vec::new(), 0, 0);
    for seed in seeds {
        let mut plan = plan(5);
        plan.fails = Some((20, 50));
        plan.vantages[(seed % 5) as usize].nature = Nature::SaysWorks;
        let run = run(&plan, seed);
        per_minute = per_minute.max(run.rounds_per_minute_max);
        let global = |run: &Run| {
            run.incidents.len() == 1
                && run.incidents[0].closed_at.is_some()
                && run.incidents[0].outages[0].agreement == Agreement::Global
        };
        match run.decided_after_s.filter(|_| global(&run)) {
            Some(after_s) => delays_s.push(after_s),
            None => missed += 1,
        }
    }
    delays_s.sort_by(f64::total_cmp);
    let rank = (delays_s.len() * 99).div_ceil(100).saturating_sub(1);
    (missed, delays_s.get(rank).copied().unwrap_or(f64::INFINITY), per_minute)
}

fn regional(seed: u64) -> Run {
    let [jp, us] = ["JP", "US"].map(|code| Country::parse(code).expect("two letters"));
    let mut plan = plan(43);
    (plan.fails, plan.fails_in, plan.minutes) = (Some((20, 50)), Some(jp), 30);
    for vantage in plan.vantages.iter_mut().filter(|vantage| vantage.country == jp).skip(2) {
        vantage.country = us;
    }
    run(&plan, seed)
}

fn is_found_in_two_rounds(run: &Run) -> bool {
    let jp = Country::parse("JP").expect("two letters");
    run.decided_after_s.is_some_and(|after_s| after_s <= 2.0 * INTERVAL_S as f64)
        && run.incidents.last().is_some_and(|incident| {
            incident.outages[0].agreement == Agreement::Regional
                && incident.scope == Scope::Countries(vec![jp])
        })
}

//! `score crowd`: false alarms and delays of the count head on a simulated population.
//!
//! Several populations are simulated: the whole one; the same with clusters left in; and the
//! hundred busiest services alone for months, because ten services for a week say next to nothing
//! about a rate. All of them run through the engine of a server; see `outcry_sim::population`.

mod plot;
mod table;

use std::process::ExitCode;
use std::sync::Mutex;
use std::time::Instant;

use anyhow::Context;
use anyhow::Result;
use outcry_sim::population::measure::Figure;
use outcry_sim::population::people::Origin;
use outcry_sim::population::plan::Plan;
use outcry_sim::population::plan::SERVICES;
use outcry_sim::population::rare;
use outcry_sim::population::trial;
use outcry_sim::population::trial::Outcome;

/// Ranks up to this are the busy services that are simulated for longer.
const BUSY_RANKS: usize = 100;
/// Service-days of the busy ones for each one of the whole.
const BUSY_SHARE: f64 = 0.09;
/// Service-days with clusters for each one without.
const CLUSTER_SHARE: f64 = 0.5;
/// Jobs at a time.
const THREADS: usize = 2;

/// What can be set.
#[derive(Clone, Debug, clap::Args)]
pub struct Arguments {
    /// Gives all chance.
    #[arg(long, default_value_t = 101)]
    seed: u64,
    /// Part of reports that bring more from other devices of the same prefix, in the row about
    /// clusters: 1% or 0.01.
    #[arg(long, default_value = "1%", value_parser = part)]
    clusters: f64,
    /// Service-days of the whole population.
    #[arg(long, default_value_t = 100_000)]
    service_days: i64,
    /// Only these worlds, for a quick look: whole, busy, clusters, rare. Bars need all of them.
    #[arg(long, value_delimiter = ',')]
    only: Vec<String>,
    /// Print each false alarm and each outage that was missed.
    #[arg(long)]
    explain: bool,
    /// Draw delay against false alarms for several run lengths into this file.
    #[arg(long)]
    plot: Option<std::path::PathBuf>,
}

/// What was simulated.
struct Results {
    whole: Outcome,
    busy: Outcome,
    clusters: Outcome,
    prefix: (u64, u64),
    hosting: (u64, u64),
    carriers: Option<(Figure, Figure)>,
}

/// Simulates, prints the table, and says whether all bars hold.
pub fn run(arguments: &Arguments) -> Result<ExitCode> {
    if let Some(path) = &arguments.plot {
        return plot::run(arguments.seed, arguments.service_days, path);
    }
    let began = Instant::now();
    let results = simulate(arguments)?;
    if arguments.explain {
        explain(&results);
    }
    let seconds = began.elapsed().as_secs_f64();
    let holds = table::print(arguments, &results, seconds);
    Ok(if holds { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The plan of the whole population.
fn whole(seed: u64, service_days: i64) -> Plan {
    Plan::whole(seed, service_days)
}

/// The plan of the busiest services, with chance of its own.
fn busy(seed: u64, service_days: i64) -> Plan {
    let days = service_days as f64 * BUSY_SHARE / BUSY_RANKS as f64;
    Plan {
        ranks: (1..=BUSY_RANKS).collect(),
        scored_days: (days.ceil() as i64).max(1),
        ..Plan::whole(seed ^ 0xb5, 1)
    }
}

fn simulate(arguments: &Arguments) -> Result<Results> {
    let &Arguments { seed, clusters, service_days, .. } = arguments;
    let cluster_days = (service_days as f64 * CLUSTER_SHARE).max(SERVICES as f64) as i64;
    let with_clusters = Plan { clusters, ..Plan::whole(seed ^ 0xc1, cluster_days) };
    let (mut one, mut two, mut three) =
        (Outcome::default(), Outcome::default(), Outcome::default());
    let (mut prefix, mut hosting, mut carriers) = ((0, 0), (0, 0), None);
    let jobs: Vec<Box<dyn FnOnce() + Send + '_>> = vec![
        Box::new(|| carriers = Some(rare::carriers(seed))),
        Box::new(|| hosting = rare::brigades(seed, Origin::Hosting)),
        Box::new(|| prefix = rare::brigades(seed, Origin::OnePrefix)),
        Box::new(|| three = trial::run(&with_clusters)),
        Box::new(|| two = trial::run(&busy(seed, service_days))),
        Box::new(|| one = trial::run(&whole(seed, service_days))),
    ];
    let mut jobs = jobs;
    if !arguments.only.is_empty() {
        let names = ["rare", "rare", "rare", "clusters", "busy", "whole"];
        let mut names = names.iter();
        jobs.retain(|_| names.next().is_some_and(|name| arguments.only.iter().any(|o| o == name)));
    }
    at_once(jobs)?;
    Ok(Results { whole: one, busy: two, clusters: three, prefix, hosting, carriers })
}

/// Runs jobs on a few threads, the last first.
fn at_once(jobs: Vec<Box<dyn FnOnce() + Send + '_>>) -> Result<()> {
    let jobs = Mutex::new(jobs);
    let next = || jobs.lock().ok().and_then(|mut jobs| jobs.pop());
    std::thread::scope(|scope| {
        let work = || {
            while let Some(job) = next() {
                job();
            }
        };
        let threads: Vec<_> = (0..THREADS).map(|_| scope.spawn(work)).collect();
        threads.into_iter().all(|thread| thread.join().is_ok())
    })
    .then_some(())
    .context("a simulation broke off")
}

fn explain(results: &Results) {
    let worlds =
        [("whole", &results.whole), ("busy", &results.busy), ("clusters", &results.clusters)];
    for (name, outcome) in worlds {
        println!("{name}: {} reports, {} series", outcome.reports, outcome.keys);
        for alarm in &outcome.false_alarms {
            println!(
                "{name}: rank {} at {} {:?}: {}",
                alarm.rank, alarm.at, alarm.severity, alarm.why
            );
        }
        for heard in outcome.outages.iter().filter(|heard| heard.delay_minutes.is_none()) {
            let burst = &heard.burst;
            println!(
                "{name}: rank {} missed {:?} of {:.1} a minute for {} min at {}",
                heard.rank,
                burst.form,
                burst.peak_per_minute,
                burst.lasts_ms / 60_000,
                burst.onset
            );
        }
    }
}

/// Reads `1%` or `0.01`.
fn part(text: &str) -> Result<f64, String> {
    let (number, unit) = match text.strip_suffix('%') {
        Some(number) => (number, 100.0),
        None => (text, 1.0),
    };
    let part: f64 = number.trim().parse().map_err(|_| "write a part such as 1% or 0.01")?;
    if (0.0..=1.0).contains(&(part / unit)) {
        Ok(part / unit)
    } else {
        Err("write a part from 0% to 100%".into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_per_cent_or_a_fraction() {
        assert_eq!(part("1%"), Ok(0.01));
        assert_eq!(part("0.25"), Ok(0.25));
        for wrong in ["", "%", "101%", "-1%", "NaN", "many"] {
            assert!(part(wrong).is_err(), "{wrong}");
        }
    }
}

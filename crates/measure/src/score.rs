//! `cargo xtask score`: how well the detectors do, each figure beside its bar.

mod attacks;
mod crowd;
pub(crate) mod flows;
mod kpi;
mod nab;
mod notices;
mod soft;
mod value;
mod vantages;
mod verdicts;

use std::process::ExitCode;

use anyhow::Result;
use clap::Subcommand;

/// What is scored.
#[derive(Clone, Debug, Subcommand)]
pub enum Score {
    /// The count head on a simulated population of 12,000 services.
    Crowd(crowd::Arguments),
    /// Flow exports of real exporters, against tshark.
    Flows(flows::Arguments),
    /// The value head on the Numenta Anomaly Benchmark.
    Nab,
    /// The value head on labelled operational series.
    Kpi,
    /// Soft failures on labelled pages.
    Soft(soft::Arguments),
    /// Captures of attacks and of what is none.
    Attacks,
    /// Providers' notices in every form that is at hand.
    Notices,
    /// What vantage points decide together, liars among them.
    Vantages(vantages::Arguments),
    /// Verdicts about causes, against every scenario with a truth.
    Verdicts(verdicts::Arguments),
}

/// Runs one score to its end; a bar that does not hold is a failure.
pub fn run(which: Score) -> Result<ExitCode> {
    match which {
        Score::Crowd(arguments) => crowd::run(&arguments),
        Score::Flows(arguments) => flows::run(&arguments),
        Score::Nab => nab::run(),
        Score::Kpi => kpi::run(),
        Score::Soft(arguments) => soft::run(&arguments),
        Score::Attacks => attacks::run(),
        Score::Notices => notices::run(),
        Score::Vantages(arguments) => vantages::run_all(&arguments),
        Score::Verdicts(arguments) => verdicts::run(&arguments),
    }
}

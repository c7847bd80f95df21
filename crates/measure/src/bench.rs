//! `cargo xtask bench`: each figure beside its bar, as a ratio to a peer or a floor in the same run
//! wherever the speed of the machine would otherwise be part of the figure.

mod alerts;
mod api;
mod faults;
mod flows;
mod intake;
mod load;
mod page_size;
mod pages;
mod probes;
mod replay;
mod rss;
mod server;
mod within;

use std::io::BufRead;
use std::io::BufReader;
use std::process::Command;
use std::process::ExitCode;
use std::process::Stdio;

use anyhow::Context;
use anyhow::Result;
use clap::Subcommand;

use xtask::run;

/// What is measured.
#[derive(Clone, Copy, Debug, Subcommand)]
pub enum Bench {
    /// From a decision to those who want to be told, in full numbers.
    Alerts,
    /// Ten seconds of event time over 100,000 series.
    Engine,
    /// Power cuts and kills, in full numbers.
    Faults,
    /// Years of counts: time to read one, room for 12,000 services, folding beside writing.
    Store,
    /// Flows decoded and counted, beside nfcapd and nfacctd.
    Flows(flows::Arguments),
    /// Memory of an idle server.
    Rss,
    /// A story from its file to its result.
    Replay,
    /// Reports taken and kept, beside a handler that does nothing.
    Intake,
    /// A page out of memory, beside nginx with the same bytes.
    Pages,
    /// JSON out of memory, beside nginx with the same bytes; a series that has to be made.
    Api,
    /// Probes a second of processor time, beside blackbox_exporter; memory; punctuality.
    Probes,
    /// Bytes of the pages.
    PageSize,
    /// Values a second of the value head, and the room of a series.
    Values,
}

/// Runs one bench to its end; a bar that does not hold is a failure.
pub fn run(which: Bench) -> Result<ExitCode> {
    match which {
        Bench::Alerts => alerts::run(),
        Bench::Engine => within::run("outcry-core", "engine"),
        Bench::Flows(arguments) => flows::run(arguments),
        Bench::Faults => faults::run(),
        Bench::Store => within::run("outcry-store", "store"),
        Bench::Rss => rss::run(),
        Bench::Replay => replay::run(),
        Bench::Intake => intake::run(),
        Bench::Pages => pages::run(),
        Bench::Api => api::run(),
        Bench::Probes => probes::run(),
        Bench::PageSize => page_size::run(),
        Bench::Values => within::run("outcry-core", "value"),
    }
}

/// Runs tests on a release build, one at a time, with the numbers of the bars in the environment;
/// prints each line that holds one of `wanted` as it comes. Tells whether all passed.
fn full_tests(
    package: &str,
    tests: &[&str],
    numbers: &[(&str, &str)],
    wanted: &[&str],
) -> Result<bool> {
    let mut arguments = vec!["test", "--release", "--quiet", "--package", package];
    tests.iter().for_each(|test| arguments.extend(["--test", test]));
    arguments.extend(["--", "--nocapture", "--test-threads", "1"]);
    let mut child = Command::new("cargo")
        .args(&arguments)
        .envs(numbers.iter().copied())
        .current_dir(run::root())
        .stdout(Stdio::piped())
        .spawn()
        .context("cannot start cargo")?;
    let stdout = child.stdout.take().context("no standard output")?;
    for line in BufReader::new(stdout).lines().map_while(Result::ok) {
        // The test runner's own lines say nothing that its end does not.
        if line.contains("panicked") || wanted.iter().any(|word| line.contains(word)) {
            println!("  {line}");
        }
    }
    Ok(child.wait().context("cargo did not end")?.success())
}

/// The figure beside its bar, as the last line.
fn close(line: &str, holds: bool) -> ExitCode {
    println!("{line}");
    if holds { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// The middle of some figures.
fn median(figures: &[f64]) -> f64 {
    let mut sorted = figures.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN)
}

//! `bench replay`: a whole story from its file to its result, twice, and the same both times.

use std::process::ExitCode;
use std::time::Instant;

use anyhow::Context;
use anyhow::Result;
use anyhow::bail;

use crate::bench::close;
use xtask::run;

const SCENARIO: &str = "scenarios/x-2025-03-10.toml";
/// A replay must take less.
const REPLAY_S_BAR: f64 = 2.0;
const RUNS: usize = 3;

/// Replays the scenario several times and compares what comes out byte by byte.
pub fn run() -> Result<ExitCode> {
    let binary = run::release_binary()?;
    let binary = binary.to_str().context("the target folder has no plain name")?;
    println!("{:>5} {:>8} {:>12}", "run", "s", "bytes");
    let mut first: Option<String> = None;
    let mut slowest_s: f64 = 0.0;
    let mut same = true;
    for turn in 1..=RUNS {
        let began = Instant::now();
        let said = run::output(binary, &["replay", SCENARIO, "--json"])?;
        let seconds = began.elapsed().as_secs_f64();
        println!("{turn:>5} {seconds:>8.2} {:>12}", said.len());
        if said.is_empty() {
            bail!("the replay said nothing");
        }
        slowest_s = slowest_s.max(seconds);
        same &= first.get_or_insert_with(|| said.clone()) == &said;
    }
    let sameness = if same { "all runs identical" } else { "the runs DIFFER" };
    let line = format!("replay: {slowest_s:.2} s (bar: < {REPLAY_S_BAR} s), {sameness}");
    Ok(close(&line, same && slowest_s < REPLAY_S_BAR))
}

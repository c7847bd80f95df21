//! `bench faults`: power cuts and kills in full numbers, on a release build.
//!
//! The tests do a few of each by default; here their numbers are those of the bars. The models of
//! the store come first: they cut, tear and reorder bytes at the level of one file. Then the real
//! binary: recorded with `strace` and cut at moments of the recording, and killed.

use std::process::ExitCode;

use anyhow::Result;

use crate::bench::close;
use crate::bench::full_tests;
use xtask::run;

/// Power cuts under the whole program, and kills of it.
const CUTS: u64 = 1_000;
const KILLS: u64 = 200;
/// Tests, by package, and what says how often.
const RUNS: [(&str, &[&str], &str, u64); 3] = [
    ("outcry-store", &["log_power_cut", "log_seal", "sqlite_power"], "OUTCRY_SQLITE_CUTS", CUTS),
    ("outcry", &["power"], "OUTCRY_POWER_CUTS", CUTS),
    ("outcry", &["kills"], "OUTCRY_KILLS", KILLS),
];

/// Runs all of them; the first loss is a failure.
pub fn run() -> Result<ExitCode> {
    run::need("strace", &["strace"])?;
    let mut holds = true;
    for (package, tests, variable, times) in RUNS {
        println!("{package}: {} with {variable}={times}", tests.join(", "));
        let numbers = [(variable, &*times.to_string())];
        holds &= full_tests(package, tests, &numbers, &["cuts", "kills"])?;
    }
    let line = format!(
        "faults: {CUTS} power cuts and {KILLS} kills of the whole program, and those of the \
         models: {} (bar: nothing lost, nothing twice, verify finds nothing wrong)",
        if holds { "nothing lost" } else { "SOMETHING FAILED" }
    );
    Ok(close(&line, holds))
}

//! `bench faults`: power cuts and kills in full numbers, on a release build.
//!
//! The tests do a few of each by default; here their numbers are those of the bars. The models of
//! the store come first: they cut, tear and reorder bytes at the level of one file. Then the real
//! binary: recorded with `strace` and cut at moments of the recording, and killed.

use std::io::BufRead;
use std::io::BufReader;
use std::process::Command;
use std::process::ExitCode;
use std::process::Stdio;

use anyhow::Context;
use anyhow::Result;

use crate::bench::close;
use crate::run;

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
        let mut arguments = vec!["test", "--release", "--quiet", "--package", package];
        tests.iter().for_each(|test| arguments.extend(["--test", test]));
        arguments.extend(["--", "--nocapture"]);
        println!("{package}: {} with {variable}={times}", tests.join(", "));
        let mut child = Command::new("cargo")
            .args(&arguments)
            .env(variable, times.to_string())
            .current_dir(run::root())
            .stdout(Stdio::piped())
            .spawn()
            .context("cannot start cargo")?;
        let stdout = child.stdout.take().context("no standard output")?;
        for line in BufReader::new(stdout).lines().map_while(Result::ok) {
            // The test runner's own lines say nothing that its end does not.
            if line.contains("cuts") || line.contains("kills") || line.contains("panicked") {
                println!("  {line}");
            }
        }
        holds &= child.wait().context("cargo did not end")?.success();
    }
    let line = format!(
        "faults: {CUTS} power cuts and {KILLS} kills of the whole program, and those of the \
         models: {} (bar: nothing lost, nothing twice, verify finds nothing wrong)",
        if holds { "nothing lost" } else { "SOMETHING FAILED" }
    );
    Ok(close(&line, holds))
}

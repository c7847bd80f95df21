//! `bench store`: counts over years; the bench itself is in the store.

use std::process::Command;
use std::process::ExitCode;
use std::process::Stdio;

use anyhow::Context;
use anyhow::Result;

use xtask::run;

const BENCH: [&str; 6] = ["bench", "--quiet", "--package", "outcry-store", "--bench", "store"];

/// Runs the bench of the store; it prints its own table and closing line.
pub fn run() -> Result<ExitCode> {
    let mut build = BENCH.to_vec();
    build.push("--no-run");
    run::run("cargo", &build)?;
    let status = Command::new("cargo")
        .args(BENCH)
        .current_dir(run::root())
        // Cargo would add lines of its own after the closing one.
        .stderr(Stdio::null())
        .status()
        .context("cannot start cargo")?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

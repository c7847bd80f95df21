//! Benches that stand within a crate, beside what they measure: they print their own table and
//! closing line.

use std::process::Command;
use std::process::ExitCode;
use std::process::Stdio;

use anyhow::Context;
use anyhow::Result;
use xtask::run;

/// Builds and runs the bench of a package.
pub fn run(package: &str, bench: &str) -> Result<ExitCode> {
    let told = ["bench", "--quiet", "--package", package, "--bench", bench];
    let mut build = told.to_vec();
    build.push("--no-run");
    run::run("cargo", &build)?;
    let status = Command::new("cargo")
        .args(told)
        .current_dir(run::root())
        // Cargo would add lines of its own after the closing one.
        .stderr(Stdio::null())
        .status()
        .context("cannot start cargo")?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

//! `cargo xtask lab`: the laboratory, with all it needs.
//!
//! Installs what is missing, builds `outcry` and `outcry-lab`, and hands over. What runs, and what
//! it cannot tell, stands in `crates/lab`.

use std::process::Command;
use std::process::ExitCode;

use anyhow::Context;
use anyhow::Result;

use crate::run;

/// Programs and the Debian packages that bring them.
const NEEDED: [(&str, &str); 6] = [
    ("nginx", "nginx"),
    ("ip", "iproute2"),
    ("tcpdump", "tcpdump"),
    ("curl", "curl"),
    ("setpriv", "util-linux"),
    ("sysctl", "procps"),
];

/// What the laboratory is told: `run --seeds 20`, `score`, `faults`, `clean`.
#[derive(Clone, Debug, clap::Args)]
pub struct Arguments {
    /// As `outcry-lab` takes it.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, required = true)]
    told: Vec<String>,
}

/// Runs it; its exit code is ours.
pub fn run(arguments: &Arguments) -> Result<ExitCode> {
    for (program, package) in NEEDED {
        run::need(program, &[package])?;
    }
    run::run("cargo", &["build", "--package", "outcry", "--package", "outcry-lab"])?;
    let status = Command::new(run::target().join("debug/outcry-lab"))
        .args(&arguments.told)
        .current_dir(run::root())
        .status()
        .context("cannot start the laboratory")?;
    Ok(status
        .code()
        .and_then(|code| u8::try_from(code).ok())
        .map_or(ExitCode::FAILURE, ExitCode::from))
}

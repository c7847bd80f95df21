//! `cargo xtask lab`: the laboratory, with all it needs.
//!
//! Installs what is missing, builds `outcry` (a release: thirty looks a second of a debug build
//! starve the machine they measure) and `outcry-lab`, and hands over. What runs, and what
//! it cannot tell, stands in `crates/lab`.

use std::process::Command;
use std::process::ExitCode;

use anyhow::Context;
use anyhow::Result;

use xtask::run;

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
    run::run("cargo", &["build", "--package", "outcry-lab"])?;
    let mut command = Command::new(run::target().join("debug/outcry-lab"));
    command.args(&arguments.told);
    let looks = arguments.told.first().is_some_and(|what| what == "run" || what == "score");
    if looks && !arguments.told.iter().any(|word| word.starts_with("--outcry")) {
        command.arg("--outcry").arg(run::release_binary()?);
    }
    let status =
        command.current_dir(run::root()).status().context("cannot start the laboratory")?;
    Ok(run::code_of(status))
}

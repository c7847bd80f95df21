//! `cargo xtask bench` and `cargo xtask score`: hands over to `crates/measure`, built as a release.

use std::process::Command;
use std::process::ExitCode;

use anyhow::Context;
use anyhow::Result;
use xtask::run;

/// What is measured, as `outcry-measure` takes it.
#[derive(Clone, Debug, clap::Args)]
#[command(disable_help_flag = true)]
pub struct Arguments {
    /// Its name and its arguments; `--help` lists them.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    told: Vec<String>,
}

/// Builds it and runs it; its exit code is ours.
pub fn run(what: &str, arguments: &Arguments) -> Result<ExitCode> {
    run::run("cargo", &["build", "--release", "--package", "outcry-measure"])?;
    let mut command = Command::new(run::target().join("release/outcry-measure"));
    command.arg(what).args(&arguments.told).current_dir(run::root());
    let status = command.status().with_context(|| format!("cannot start {what}"))?;
    Ok(run::code_of(status))
}

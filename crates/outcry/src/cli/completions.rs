//! `outcry completions`: what completes these commands in a shell, made from the command line
//! itself so that it never says less or more.

use std::io::Write;

use clap::CommandFactory;
use clap_complete::Shell;

use crate::cli::Arguments;

/// Arguments of `outcry completions`.
#[derive(Debug, clap::Args)]
pub struct Completions {
    /// The shell.
    shell: Shell,
}

/// Prints them.
pub fn run(arguments: &Completions) -> anyhow::Result<()> {
    let mut text = Vec::new();
    clap_complete::generate(arguments.shell, &mut Arguments::command(), "outcry", &mut text);
    std::io::stdout().write_all(&text)?;
    Ok(())
}

//! What is longer than a line: test set-up, benches, builds.
//!
//! Each command builds what it needs and installs what is missing. This crate links nothing of the
//! product, so that its tests begin at once; what does is a program of its own, handed over to.

mod browser;
mod check;
mod dist;
mod lab;
mod measure;
mod test;

use std::process::ExitCode;

use anyhow::Result;
use clap::Parser;
use clap::Subcommand;

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Developer commands of Outcry")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Formatting, lints and documentation, as CI runs them.
    Check,
    /// Installs or starts what the tests need, and runs all of them.
    Test {
        /// Leave out the browser tests.
        #[arg(long)]
        no_browser: bool,
    },
    /// Speed, as a ratio to a peer or a floor in the same run.
    Bench(measure::Arguments),
    /// How well the detectors do, as tables with their bars.
    Score(measure::Arguments),
    /// Breaks a real platform in network namespaces and checks what Outcry says.
    Lab(lab::Arguments),
    /// A static binary in target/dist.
    Dist,
    /// Screenshots of every page kind into shots/.
    Shots,
}

fn main() -> Result<ExitCode> {
    match Arguments::parse().command {
        Command::Check => check::run()?,
        Command::Test { no_browser: true } => {
            return test::run(test::Extent::WithoutBrowser);
        }
        Command::Test { no_browser: false } => return test::run(test::Extent::All),
        Command::Bench(arguments) => return measure::run("bench", &arguments),
        Command::Score(arguments) => return measure::run("score", &arguments),
        Command::Lab(arguments) => return lab::run(&arguments),
        Command::Dist => dist::run()?,
        Command::Shots => browser::shots()?,
    }
    Ok(ExitCode::SUCCESS)
}

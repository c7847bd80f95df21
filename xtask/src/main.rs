//! What is longer than a line: test set-up, benches, builds.
//!
//! Each command builds what it needs, installs what it compares with, and ends with one line that
//! says the figure beside its bar; the exit code says whether the bar holds.

mod bench;
mod browser;
mod check;
mod dist;
mod lab;
mod run;
mod score;
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
    #[command(subcommand)]
    Bench(bench::Bench),
    /// How well the detectors do, as tables with their bars.
    #[command(subcommand)]
    Score(score::Score),
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
        Command::Bench(which) => return bench::run(which),
        Command::Score(which) => return score::run(which),
        Command::Lab(arguments) => return lab::run(&arguments),
        Command::Dist => dist::run()?,
        Command::Shots => browser::shots()?,
    }
    Ok(ExitCode::SUCCESS)
}

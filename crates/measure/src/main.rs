//! `cargo xtask bench` and `cargo xtask score`: how fast it is and how well it does, with bars.
//!
//! Each command builds what it needs, installs what it compares with, and ends with one line that
//! says the figure beside its bar; the exit code says whether the bar holds. It is a crate of its
//! own, since it links the engine and the decoders: the tests are not to wait for that.
//!
//! # What it cannot tell
//!
//! How fast another machine is: ratios to a peer or a floor in the same run say more than times.

mod bench;
mod score;

use std::process::ExitCode;

use anyhow::Result;
use clap::Parser;
use clap::Subcommand;

#[derive(Parser)]
#[command(name = "cargo xtask", about = "What is measured, beside its bars")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Speed, as a ratio to a peer or a floor in the same run.
    #[command(subcommand)]
    Bench(bench::Bench),
    /// How well the detectors do, as tables with their bars.
    #[command(subcommand)]
    Score(score::Score),
}

fn main() -> Result<ExitCode> {
    match Arguments::parse().command {
        Command::Bench(which) => bench::run(which),
        Command::Score(which) => score::run(which),
    }
}

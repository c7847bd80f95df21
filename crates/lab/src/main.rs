//! The laboratory: it breaks a real platform in network namespaces of its own, and holds what
//! Outcry says against what was done. Never shipped; `cargo xtask lab` drives it.

mod client;
mod edge;
mod fault;
mod message;
mod net;
mod part;
mod place;
mod platform;
mod run;
mod score;
mod series;
mod signals;
mod status;
mod traffic;
mod verdict;
mod watch;

use std::process::ExitCode;

use clap::Parser;
use clap::Subcommand;

#[derive(Debug, Parser)]
#[command(name = "outcry-lab", about = "Breaks a real platform and checks what Outcry says")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Breaks the platform once for each seed, and scores the phase that probes name.
    Run(series::Arguments),
    /// Runs sealed seeds, and scores what the engine says about why.
    Score(series::Arguments),
    /// The faults there are.
    Faults,
    /// Removes what killed runs left behind.
    Clean,
    /// A part of the platform; the laboratory starts these itself.
    #[command(subcommand, hide = true)]
    Part(part::Part),
}

fn main() -> ExitCode {
    let done = match Arguments::parse().command {
        Command::Run(arguments) => series::run(&arguments),
        Command::Score(arguments) => series::score(&arguments),
        Command::Faults => {
            for fault in fault::ALL {
                println!("{:<30} {}", fault.name, fault.what);
            }
            Ok(true)
        }
        Command::Clean => {
            println!("{} namespaces removed", net::clean());
            Ok(true)
        }
        Command::Part(part) => part::run(part).map(|()| true),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::from(2)
        }
    }
}

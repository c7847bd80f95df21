//! The command line: a file a command.

/// Prints a line. Who pipes into `head` has read enough: that is no failure, see `main`.
macro_rules! say {
    ($($word:tt)*) => {
        std::io::Write::write_fmt(
            &mut std::io::stdout(),
            format_args!("{}\n", format_args!($($word)*)),
        )
    };
}

pub mod admin;
pub mod check;
pub mod demo;
pub mod detect;
pub mod export;
pub mod import;
pub mod replay;
pub mod serve;

use clap::Parser;
use clap::Subcommand;
use outcry_wire::document::Mistake;

/// What was given on the command line.
#[derive(Debug, Parser)]
#[command(
    name = "outcry",
    version,
    about = "An open outage observatory: is it down, for whom, and what does the evidence say?",
    after_help = "Begin with `outcry demo`: it replays the day X failed and needs nothing else."
)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the site over a reconstructed day, then stay live.
    Demo(demo::Demo),
    /// Serve the site as a configuration file says.
    Serve(serve::Serve),
    /// Run a scenario or a file of signals through the engine, as fast as it goes.
    Replay(replay::Replay),
    /// Run the detector over files of numbers.
    Detect(detect::Detect),
    /// Look for every mistake in a configuration and what it names.
    Check(check::Check),
    /// Write out what is stored: incidents, series, reports or the whole site.
    Export(export::Export),
    /// Read in what was exported: series, reports or incidents.
    Import(import::Import),
    /// Acts of an operator: comments and claims.
    Admin(admin::Admin),
}

/// What was given is wrong. Ends with exit code 2.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct BadInput(pub String);

impl BadInput {
    /// All mistakes of a document, a line each.
    pub fn mistakes(mistakes: &[Mistake]) -> Self {
        let lines: Vec<String> = mistakes.iter().map(|mistake| format!("  {mistake}")).collect();
        let found = if mistakes.len() == 1 { "a mistake" } else { "mistakes" };
        Self(format!("{found} in what was given:\n{}", lines.join("\n")))
    }
}

/// Runs the command.
///
/// # Errors
///
/// A chain that holds [`BadInput`] when what was given is wrong.
pub fn run(arguments: &Arguments) -> anyhow::Result<()> {
    match &arguments.command {
        Command::Demo(demo) => demo::run(demo),
        Command::Serve(serve) => serve::run(serve),
        Command::Replay(replay) => replay::run(replay),
        Command::Detect(detect) => detect::run(detect),
        Command::Check(check) => check::run(check),
        Command::Export(export) => export::run(export),
        Command::Import(import) => import::run(import),
        Command::Admin(admin) => admin::run(admin),
    }
}

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
pub mod admin_verdicts;
pub mod analyze;
pub mod assess;
pub mod backup;
pub mod check;
pub mod collect;
pub mod completions;
pub mod demo;
pub mod detect;
pub mod explain;
pub mod export;
pub mod feed;
pub mod import;
pub mod manual;
pub mod mcp;
pub mod paint;
pub mod probe;
pub mod rebuild;
pub mod replay;
pub mod route;
pub mod serve;
pub mod server;
pub mod status;
pub mod verify;
pub mod watch;

use std::process::ExitCode;

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
    /// Say in one answer whether a service is down, since when, for whom and what is said.
    Status(status::Status),
    /// Watch services in the terminal, those in trouble first, until you leave.
    Watch(watch::Watch),
    /// Be a vantage point: look at services for a hub, from where you are.
    Collect(collect::Collect),
    /// Run a scenario or a file of signals through the engine, as fast as it goes.
    Replay(replay::Replay),
    /// Look once at a page, a port, a name, a certificate, and explain what was seen.
    Probe(probe::Probe),
    /// Work a verdict out again from its case file.
    Assess(assess::Assess),
    /// Run the detector over files of numbers.
    Detect(detect::Detect),
    /// Look for attacks in captures, flow datagrams and access logs.
    Analyze(analyze::Analyze),
    /// Say why an incident opened: the count, the usual level, the odds and the voices.
    Explain(explain::Explain),
    /// Read a provider's notices, from a file or from its page.
    Feed(feed::Feed),
    /// Read announcements and withdrawals of routes from a file.
    Route(route::Route),
    /// Look for every mistake in a configuration and what it names.
    Check(check::Check),
    /// Write out what is stored: incidents, series, reports or the whole site.
    Export(export::Export),
    /// Read in what was exported: series, reports or incidents.
    Import(import::Import),
    /// Copy everything that is stored, beside a running server.
    Backup(backup::Backup),
    /// Put a backup into an empty data folder.
    Restore(backup::Restore),
    /// Read all that is stored, count it again, and say what is wrong.
    Verify(verify::Verify),
    /// Derive everything again from the log, compare, and put it in place.
    Rebuild(rebuild::Rebuild),
    /// Acts of an operator: comments, claims and verdicts.
    Admin(admin::Admin),
    /// Answer a language model's questions over the Model Context Protocol, on standard input.
    Mcp(mcp::Mcp),
    /// Print what completes these commands in a shell.
    Completions(completions::Completions),
    /// Print the manual page, or write one for each command.
    Manual(manual::Manual),
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

/// Runs the command, and says with which code it ends.
///
/// # Errors
///
/// A chain that holds [`BadInput`] when what was given is wrong.
pub fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    match &arguments.command {
        Command::Demo(demo) => demo::run(demo),
        Command::Serve(serve) => serve::run(serve),
        Command::Status(status) => return status::run(status),
        Command::Watch(watch) => watch::run(watch),
        Command::Collect(collect) => collect::run(collect),
        Command::Replay(replay) => replay::run(replay),
        Command::Probe(probe) => probe::run(probe),
        Command::Assess(assess) => assess::run(assess),
        Command::Detect(detect) => detect::run(detect),
        Command::Analyze(analyze) => analyze::run(analyze),
        Command::Explain(explain) => explain::run(explain),
        Command::Feed(feed) => feed::run(feed),
        Command::Route(route) => route::run(route),
        Command::Check(check) => check::run(check),
        Command::Export(export) => export::run(export),
        Command::Import(import) => import::run(import),
        Command::Backup(backup) => backup::run(backup),
        Command::Restore(restore) => backup::restore(restore),
        Command::Verify(verify) => verify::run(verify),
        Command::Rebuild(rebuild) => rebuild::run(rebuild),
        Command::Admin(admin) => admin::run(admin),
        Command::Mcp(mcp) => mcp::run(mcp),
        Command::Completions(completions) => completions::run(completions),
        Command::Manual(manual) => manual::run(manual),
    }?;
    Ok(ExitCode::SUCCESS)
}

//! The `outcry` program: command line, configuration, and the wiring of everything else.
//!
//! Exit code 2 means that what was given is wrong, 1 that something failed; those of `status` stand
//! there.

mod alerts;
mod analysis;
mod ask;
mod cli;
mod config;
mod data;
mod flows;
mod hub;
mod inspect;
mod journal;
mod keeper;
mod looking;
mod mcp;
mod notices;
mod origins;
mod pipeline;
mod places;
mod probing;
mod records;
mod recount;
mod shared;
mod start;
mod station;
mod stories;
mod tables;
mod tokens;
mod unpacked;
mod vault;
mod written;

use std::process::ExitCode;

use clap::Parser;

/// Records are made on one thread and freed on another, which this allocator is made for.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let arguments = cli::Arguments::parse();
    match cli::run(&arguments) {
        Ok(code) => code,
        Err(error) if error.chain().any(is_closed_pipe) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("outcry: {error:#}");
            let bad_input = error.chain().any(|cause| cause.is::<cli::BadInput>());
            ExitCode::from(if bad_input { 2 } else { 1 })
        }
    }
}

/// Whoever read our output has stopped reading.
fn is_closed_pipe(cause: &(dyn std::error::Error + 'static)) -> bool {
    let error = cause.downcast_ref::<std::io::Error>();
    error.is_some_and(|error| error.kind() == std::io::ErrorKind::BrokenPipe)
}

//! `cargo xtask check`: formatting, lints, documentation, and the dependency rules.

use anyhow::Result;

use xtask::run;
use xtask::run::has;

/// Licences, duplicates and sources. Advisories change by the day and need the network: a build
/// that was clean yesterday is not broken today, so they are asked for apart, `cargo deny check
/// advisories`.
const DENY: [&str; 5] = ["deny", "check", "bans", "licenses", "sources"];

/// Runs every check that needs no test.
pub fn run() -> Result<()> {
    run::run("cargo", &["fmt", "--all", "--check"])?;
    let lints = ["clippy", "--workspace", "--all-targets", "--quiet", "--", "-D", "warnings"];
    run::run("cargo", &lints)?;
    run::run("cargo", &["doc", "--workspace", "--no-deps", "--quiet"])?;
    for (tool, arguments) in [("cargo-deny", &DENY[..]), ("typos", &[][..])] {
        if !has(tool) {
            println!("{tool} is not installed here: skipped (cargo install {tool})");
        } else if tool == "typos" {
            run::run("typos", arguments)?;
        } else {
            run::run("cargo", arguments)?;
        }
    }
    println!("check: all clean");
    Ok(())
}

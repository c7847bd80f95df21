//! `bench engine`: ten seconds of event time over 100,000 series; the bench itself is in the core.

use anyhow::Result;

use crate::run;

/// Runs the bench of the core; it prints its own table and closing line.
pub fn run() -> Result<()> {
    run::run("cargo", &["bench", "--quiet", "--package", "outcry-core", "--bench", "engine"])
}

//! `bench alerts`: from a decision to a thousand receivers, ten thousand e-mails into the outbox,
//! and kills with alerts on their way, on a release build.
//!
//! The tests do a few of each by default; here their numbers are those of the bars, and the bars
//! are theirs.

use std::process::ExitCode;

use anyhow::Result;

use crate::bench::close;
use crate::bench::full_tests;

/// What says how many there are, and how many that is here.
const NUMBERS: [(&str, &str); 3] =
    [("OUTCRY_RECEIVERS", "1000"), ("OUTCRY_SUBSCRIBERS", "10000"), ("OUTCRY_KILLS", "200")];

/// Runs all of them; the first that does not hold is a failure.
pub fn run() -> Result<ExitCode> {
    let holds = full_tests("outcry", &["alerts"], &NUMBERS, &["alerts:"])?;
    let line = format!(
        "alerts: 1,000 receivers, 10,000 e-mails and 200 kills: {} (bars: p95 of decision to \
         webhook 2 s; queued in 10 s; nothing lost, nothing twice by id)",
        if holds { "all hold" } else { "SOMETHING FAILED" }
    );
    Ok(close(&line, holds))
}

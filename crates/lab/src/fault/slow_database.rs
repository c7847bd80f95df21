//! The database takes its time: pages come late, or not at all.

use serde_json::json;

use crate::fault::Fault;

/// Milliseconds added to each question: more than a probe's patience for pages.
const ADDED_MS: (f64, f64) = (1_600.0, 2_300.0);

pub const FAULT: Fault = Fault {
    name: "slow_database",
    what: "every question to the database takes over a second longer",
    phases: &["processing", "content"],
    accept: &["infrastructure_failure", "overload", "bad_change"],
    notice: Some("Increased latency of our database."),
    begin: |platform, dice| {
        let added_ms = dice.log_uniform(ADDED_MS.0, ADDED_MS.1).round();
        platform.mode("db", &format!("slow {added_ms}"))?;
        Ok(json!({"added_ms": added_ms}))
    },
    end: |platform| platform.mode("db", ""),
};

//! Verdicts: the signals of a run through the real engine, its case file through the real
//! `outcry assess`, and the answer held against the truth.
//!
//! A cause is right when its group is one of the fault's: as for cases, an attack of either kind is
//! an attack. Where the cause is none that Outcry lists, only naming one is wrong. In a quiet run
//! nothing may be named; an incident may open, since people report on any day.

use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;

use anyhow::Context;
use anyhow::Result;
use outcry_core::catalog::Catalog;
use outcry_core::evidence::CaseFile;
use outcry_core::hypothesis::Cause;
use outcry_core::signal::Signal;
use outcry_core::time::HOUR_MS;
use outcry_sim::replay;
use outcry_sim::scenario::Scenario;
use outcry_wire::case_file;
use outcry_wire::signals::read_line;
use serde_json::Value;

use crate::run::Ran;
use crate::signals::BEGIN;

/// What a server runs with unless it is told otherwise.
const RUN_LENGTH_DAYS: f64 = 100.0;
/// The services, and their usual days.
const WORLD: &str = include_str!("world.toml");
/// The service that faults are about.
const SERVICE: &str = "chirp";

/// How a verdict did.
#[derive(Clone, Debug)]
pub struct Judged {
    /// Nothing was broken.
    pub quiet: bool,
    /// What was broken has a cause that Outcry lists.
    pub listed: bool,
    /// The right cause is named or leads.
    pub right: bool,
    /// Something was named.
    pub named: bool,
    /// What was named is wrong.
    pub wrong_name: bool,
    /// All of it in a line.
    pub line: String,
}

/// Runs the signals of a run through the engine, and holds its verdict against the truth.
pub fn judge(ran: &Ran) -> Result<Judged> {
    let accept: Vec<Cause> = ran
        .injected
        .iter()
        .flat_map(|done| done.fault.accept)
        .filter_map(|name| Cause::parse(name))
        .collect();
    let case = case(ran)?;
    let told = match &case {
        Some(case) => Some(assessed(ran, case)?),
        None => None,
    };
    let named = told.as_ref().and_then(|told| told["named"].as_str().and_then(Cause::parse));
    let leads = told.as_ref().and_then(leading);
    let is_right = |cause: Cause| accept.iter().any(|right| right.group() == cause.group());
    let quiet = ran.injected.is_empty();
    let right = named.or(leads).is_some_and(is_right);
    let wrong_name = named.is_some_and(|named| !is_right(named));
    let faults: Vec<&str> = ran.injected.iter().map(|done| done.fault.name).collect();
    let line = format!(
        "seed {}  {:<44} {}, named {}, leads {}: {}",
        ran.seed,
        if quiet { "nothing".to_owned() } else { faults.join(" + ") },
        if case.is_some() { "incident" } else { "no incident" },
        named.map_or("nothing", Cause::name),
        leads.map_or("nothing", Cause::name),
        match (quiet || accept.is_empty(), right, wrong_name) {
            (_, _, true) => "WRONG NAME",
            (true, ..) => "right, nothing is named",
            (false, true, _) => "right",
            (false, false, _) => "not found",
        }
    );
    let listed = !accept.is_empty();
    Ok(Judged { quiet, listed, right, named: named.is_some(), wrong_name, line })
}

/// The last case file of the service's incident, if one opened.
fn case(ran: &Ran) -> Result<Option<CaseFile>> {
    let scenario = Scenario::parse("world.toml", WORLD).map_err(|mistakes| {
        let told: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
        anyhow::anyhow!("{}", told.join("\n"))
    })?;
    let catalog = Arc::new(scenario.catalog(&Catalog::default()));
    let text = std::fs::read_to_string(ran.dir.join("signals.jsonl"))?;
    let signals: Result<Vec<Signal>, _> =
        (1..).zip(text.lines()).map(|(number, line)| read_line(line, number)).collect();
    let history = scenario.history(ran.seed, &catalog);
    let engine = replay::learn(catalog.clone(), history, RUN_LENGTH_DAYS);
    let outcome = replay::run(engine, signals?, Some(BEGIN.plus_ms(HOUR_MS)), None);
    let of_service = outcome.cases.into_iter().filter(|case| &*case.incident.service == SERVICE);
    Ok(of_service.max_by_key(|case| case.incident.reports_counted))
}

/// What the real program says about a case file.
fn assessed(ran: &Ran, case: &CaseFile) -> Result<Value> {
    let file: PathBuf = ran.dir.join("case.json");
    std::fs::write(&file, case_file::write(case))?;
    let output = Command::new(&ran.outcry).arg("assess").arg(&file).arg("--json").output()?;
    let told = serde_json::from_slice(&output.stdout).context("`outcry assess` says no JSON")?;
    std::fs::write(ran.dir.join("verdict.json"), format!("{told:#}\n"))?;
    Ok(told)
}

/// The cause with the largest share.
fn leading(told: &Value) -> Option<Cause> {
    let shares = told["posteriors"].as_object()?;
    let p = |share: &Value| share["p"].as_f64().unwrap_or_default();
    let first = shares.iter().max_by(|a, b| p(a.1).total_cmp(&p(b.1)))?;
    Cause::parse(first.0)
}

//! `bench intake`: reports taken, kept on disk and answered, beside a handler of the same server
//! that parses the same body and does nothing with it.
//!
//! One thread serves, as in the floor; the journal and the engine have threads of their own, as
//! everywhere. Every report comes from another network, and 1,000 connections stay open. At the
//! end the numbers must agree: what was answered with 202 is what the API says was received.
//!
//! # What it cannot tell
//!
//! The ratio is one of throughput. The cost in processor time over all threads stands in the last
//! column and is higher: what the journal and the engine do happens beside the answering.

use std::process::ExitCode;
use std::time::Duration;
use std::time::Instant;

use anyhow::Context;
use anyhow::Result;
use anyhow::bail;
use serde_json::Value;
use serde_json::json;

use crate::bench::close;
use crate::bench::load::Load;
use crate::bench::load::Outcome;
use crate::bench::median;
use crate::bench::server::Server;
use xtask::run;

/// Reports against answers that do nothing.
const RATIO_BAR: f64 = 0.5;
const CONNECTIONS: usize = 1_000;
const SECONDS: u64 = 10;
const WARM_UP_SECONDS: u64 = 3;
const PAIRS: u64 = 5;
/// Services that are reported about.
const SERVICES: usize = 50;
/// One body in this many has a comment.
const COMMENT_EVERY: usize = 10;
/// Reports that are sent one by one at the end, to compare counts exactly.
const EXACT_REPORTS: u64 = 200;
/// The API must have counted all reports within this.
const SETTLED: Duration = Duration::from_secs(60);
const REPORTS: &str = "/api/v1/reports";
const NOTHING: &str = "/bench/noop";

/// Sends both kinds of load in turn and compares them.
pub fn run() -> Result<ExitCode> {
    let http = "threads = 1\ntrusted_proxies = [\"127.0.0.0/8\"]\nbench_noop = true";
    let limits = "[limits]\nreports_per_prefix_per_minute = 1000000";
    let server = Server::start_with("intake", http, limits, None)?;
    let slugs = slugs(&server)?;
    let bodies = bodies(&server, &slugs)?;
    let file = run::target().join("bench/intake/bodies.txt");
    std::fs::write(&file, bodies.join("\n")).context("cannot write the bodies")?;
    let file = file.to_str().context("the target folder has no plain name")?;
    let send = |path, seconds, seed: u64| {
        let url = format!("http://127.0.0.1:{}{path}", server.port);
        let seed = seed.to_string();
        let script = ("intake.lua", &[file, seed.as_str()][..]);
        let load = Load { url, connections: CONNECTIONS, seconds, script, headers: &[] };
        let outcome = load.send();
        server.must_run()?;
        outcome
    };
    let mut answered = send(REPORTS, WARM_UP_SECONDS, 0)?.good;
    send(NOTHING, WARM_UP_SECONDS, 0)?;
    println!("{CONNECTIONS} connections, {PAIRS} pairs of {SECONDS} s, one thread serves");
    println!(
        "{:<5} {:<16} {:>9} {:>9} {:>9} {:>9} {:>8} {:>9}",
        "pair", "handler", "2xx a s", "p50 ms", "p99 ms", "refused", "broken", "cpu us"
    );
    let mut ratios = Vec::new();
    let mut refused = 0;
    for pair in 1..=PAIRS {
        let before_s = server.cpu_s()?;
        let nothing = send(NOTHING, SECONDS, pair)?;
        let between_s = server.cpu_s()?;
        show(pair, NOTHING, &nothing, between_s - before_s);
        let reports = send(REPORTS, SECONDS, pair)?;
        show(pair, REPORTS, &reports, server.cpu_s()? - between_s);
        answered += reports.good;
        refused += reports.refused + reports.broken;
        ratios.push(reports.per_s / nothing.per_s);
    }
    let kept = agree(&server, &slugs, answered, &bodies)?;
    println!("{answered} answers of 202 read by wrk, {kept} reports received as the API says");
    if refused > 0 {
        println!("{refused} reports were refused or broke: they count for nothing");
    }
    let ratio = median(&ratios);
    let line = format!("intake: {ratio:.2} of the no-op handler (bar: >= {RATIO_BAR})");
    Ok(close(&line, ratio >= RATIO_BAR))
}

/// The last column is what an answer cost the server; it shows where a busy machine misleads.
fn show(pair: u64, path: &str, outcome: &Outcome, cpu_s: f64) {
    let cpu_us = cpu_s * 1e6 / outcome.good.max(1) as f64;
    println!(
        "{pair:<5} {path:<16} {:>9.0} {:>9.2} {:>9.2} {:>9} {:>8} {cpu_us:>9.1}",
        outcome.per_s, outcome.p50_ms, outcome.p99_ms, outcome.refused, outcome.broken
    );
}

/// Services of the catalogue, spread over it.
fn slugs(server: &Server) -> Result<Vec<String>> {
    let all = server.json("/api/v1/services")?;
    let all = all["services"].as_array().context("the API lists no services")?;
    let step = (all.len() / SERVICES).max(1);
    let names = all.iter().step_by(step).take(SERVICES);
    Ok(names.filter_map(|service| Some(service["slug"].as_str()?.to_owned())).collect())
}

/// A report for every choice that the services offer.
fn bodies(server: &Server, slugs: &[String]) -> Result<Vec<String>> {
    let mut bodies = Vec::new();
    for slug in slugs {
        let service = server.json(&format!("/api/v1/services/{slug}"))?;
        let choices = |what: &str| service["choices"][what].as_array().cloned();
        let affected = choices("affected").with_context(|| format!("{slug} has no choices"))?;
        for affected in affected {
            for problem in choices("problem").unwrap_or_default() {
                let mut body = json!({"service": slug, "affected": affected, "problem": problem});
                if bodies.len() % COMMENT_EVERY == 0 {
                    body["comment"] =
                        "It was fine this morning, now it only shows a circle.".into();
                }
                bodies.push(body.to_string());
            }
        }
    }
    Ok(bodies)
}

/// Checks that nothing answered with 202 is missing, and that from there on every count is exact.
fn agree(server: &Server, slugs: &[String], answered: u64, bodies: &[String]) -> Result<u64> {
    let kept = settled(server, slugs, answered)?;
    // When wrk ends a run it drops answers that are on their way; the reports are kept.
    let in_flight = CONNECTIONS as u64 * (PAIRS + 1);
    if kept > answered + in_flight {
        bail!("{kept} reports received, but only {answered} answers and {in_flight} in flight");
    }
    let mut accepted = 0;
    for (index, body) in bodies.iter().cycle().take(EXACT_REPORTS as usize).enumerate() {
        let headers = format!("X-Forwarded-For: 198.51.{}.7\r\n", index % 256);
        accepted += u64::from(server.post_json(REPORTS, &headers, body)?.status == 202);
    }
    let now = settled(server, slugs, kept + accepted)?;
    if accepted != EXACT_REPORTS || now != kept + accepted {
        bail!("{accepted} of {EXACT_REPORTS} more reports accepted, {} received", now - kept);
    }
    Ok(now)
}

/// Waits until the API says at least `wanted` reports and its count stands still.
fn settled(server: &Server, slugs: &[String], wanted: u64) -> Result<u64> {
    let began = Instant::now();
    let mut before = 0;
    while began.elapsed() < SETTLED {
        let mut sum = 0;
        for slug in slugs {
            let service: Value = server.json(&format!("/api/v1/services/{slug}"))?;
            sum += service["received_24h"].as_u64().context("the API has no received_24h")?;
        }
        if sum >= wanted && sum == before {
            return Ok(sum);
        }
        before = sum;
        std::thread::sleep(Duration::from_millis(1_500));
    }
    bail!("{wanted} reports were answered with 202, but only {before} were received after 60 s")
}

//! Signals: what probes, people and providers said in a run, as Outcry takes it.
//!
//! Probes are told as they looked. People are told as people are: not everybody who fails reports,
//! nobody at once, and who has no network at all cannot. All of it is marked as synthetic, since
//! the platform is not one that anybody needs.

use std::io::Write;

use anyhow::Context;
use anyhow::Result;
use outcry_core::signal::Body;
use outcry_core::signal::Notice;
use outcry_core::signal::PrefixKey;
use outcry_core::signal::Problem;
use outcry_core::signal::Provenance;
use outcry_core::signal::Report;
use outcry_core::signal::ReporterKey;
use outcry_core::signal::Signal;
use outcry_core::signal::probe::Probe;
use outcry_core::signal::probe::ProbeOutcome;
use outcry_core::signal::probe::References;
use outcry_core::time::MINUTE_MS;
use outcry_core::time::UnixMillis;
use outcry_core::units::Asn;
use outcry_core::units::Country;
use outcry_core::units::NetworkKind;
use outcry_core::units::Place;
use outcry_sim::dice::Dice;
use outcry_wire::signals::write_line;
use serde_json::Value;

use crate::place;
use crate::place::REGIONS;
use crate::place::Region;
use crate::run::Ran;
use crate::run::SCALE;
use crate::traffic;
use crate::watch::Look;
use crate::watch::ROUND;

/// When runs begin on the laboratory's clock: 2025-06-03T10:00:00Z, a Tuesday.
pub const BEGIN: UnixMillis = UnixMillis(1_748_944_800_000);
/// Who says all this.
const SOURCE: &str = "lab";
/// Part of those who fail that report it; each at most once in this time.
const REPORT_PART: f64 = 0.5;
const ONCE_IN_MS: i64 = 15 * MINUTE_MS;
/// Milliseconds from a failed try to the report: median, and spread of its logarithm.
const DELAY_MS: f64 = 70_000.0;
const DELAY_SPREAD: f64 = 0.8;
/// Tries slower than this are told as slow.
const SLOW_MS: u64 = 2_000;
/// Reports a minute that come anyway, by service.
pub const USUAL: [(&str, f64); 3] = [("chirp", 0.2), ("wares", 0.1), ("ident", 0.05)];

/// A moment of the machine on the laboratory's clock.
pub fn at(ran: &Ran, unix_ms: i64) -> UnixMillis {
    BEGIN.plus_ms((unix_ms - ran.began_unix_ms) * SCALE)
}

/// Writes all signals of a run, in order of time, to `signals.jsonl`; gives how many.
pub fn write(ran: &Ran) -> Result<usize> {
    let mut signals: Vec<Signal> = ran.looks.iter().map(|look| probe(ran, look)).collect();
    signals.extend(reports(ran)?);
    signals.extend(usual(ran));
    signals.extend(traffic::signals(ran)?);
    signals.extend(ran.notices.iter().map(|(seen, text)| notice(ran, *seen, text)));
    signals.sort_by_key(|signal| signal.at);
    let mut file = std::fs::File::create(ran.dir.join("signals.jsonl"))?;
    let mut dice = Dice::new(ran.seed, &["ids"]);
    for signal in &mut signals {
        signal.id = u128::from(dice.next()) << 64 | u128::from(dice.next());
        writeln!(file, "{}", write_line(signal))?;
    }
    Ok(signals.len())
}

/// A signal of the laboratory.
pub fn signal(at: UnixMillis, service: &str, body: Body) -> Signal {
    let provenance = Provenance { source: SOURCE.into(), licence: None, synthetic: true };
    Signal { id: 0, at, service: service.into(), provenance, body }
}

fn place(region: &Region) -> Place {
    Place {
        country: Country::parse(region.country),
        asn: Some(Asn(region.asn)),
        network: NetworkKind::Access,
    }
}

fn probe(ran: &Ran, look: &Look) -> Signal {
    let outcome = match look.outcome() {
        "ok" => ProbeOutcome::Ok,
        "soft_failure" => ProbeOutcome::SoftFailure,
        "blocked" => ProbeOutcome::Blocked,
        _ => ProbeOutcome::Failed,
    };
    // As `outcry serve` writes it: the reason without its phase, and content for what a page says.
    let reason = look.told["reason"].as_str();
    let (head, detail) = match reason.and_then(|reason| reason.split_once(": ")) {
        Some((head, detail)) => (Some(head), Some(detail)),
        None => (None, reason),
    };
    let phase = head.map(|head| match (outcome, head) {
        (ProbeOutcome::SoftFailure, _) | (_, "condition") => "content",
        (_, head) => head,
    });
    let phases_ms = look.told["phases_ms"].as_object();
    let body = Probe {
        place: place(&look.region),
        component: look.monitor.component.map(Into::into),
        phase: phase.map(Into::into),
        detail: detail.map(Into::into),
        phases_ms: phases_ms
            .into_iter()
            .flatten()
            .filter_map(|(phase, ms)| Some((phase.as_str().into(), ms.as_f64()?)))
            .collect(),
        prefix: Some(look.region.host.prefix().as_str().into()),
        monitor: Some(look.monitor.target.into()),
        lag_ms: Some(look.own_ms()),
        interval_s: Some(ROUND.as_secs_f64() * SCALE as f64),
        references: Some(if look.connected { References::Ok } else { References::Failed }),
        ..Probe::new(look.region.host.name.into(), look.monitor.kind.into(), outcome)
    };
    signal(at(ran, look.at_unix_ms), look.monitor.service, Body::Probe(body))
}

/// What the provider's page said, when it was first seen there.
fn notice(ran: &Ran, seen_unix_ms: i64, text: &str) -> Signal {
    let body = Notice {
        notice: "n-1".into(),
        title: text.into(),
        state: "investigating".into(),
        impact: "major".into(),
        text: text.into(),
        starts: None,
        ends: None,
    };
    signal(at(ran, seen_unix_ms), "chirp", Body::Notice(body))
}

/// What people report, from what they tried.
fn reports(ran: &Ran) -> Result<Vec<Signal>> {
    let mut tries: Vec<Value> = Vec::new();
    for entry in std::fs::read_dir(&ran.dir)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name.starts_with("tries-") {
            let text = std::fs::read_to_string(&path)?;
            // A process that was ended in the middle of a line leaves half of it.
            tries.extend(text.lines().filter_map(|line| serde_json::from_str(line).ok()));
        }
    }
    tries.sort_by_key(|tried| (tried["at_unix_ms"].as_i64(), tried["who"].as_u64()));
    let mut dice = Dice::new(ran.seed, &["reports"]);
    let mut last = std::collections::BTreeMap::new();
    let mut reports = Vec::new();
    for tried in &tries {
        let Some(problem) = problem(tried) else { continue };
        let host = tried["host"].as_str().and_then(place::sender).context("an odd host")?;
        let who = tried["who"].as_u64().and_then(|who| u16::try_from(who).ok()).unwrap_or(0);
        let seen = at(ran, tried["at_unix_ms"].as_i64().context("a try without a time")?);
        let told = last.get(&(host.host.k, who)).copied();
        if told.is_some_and(|told| seen.since_ms(told) < ONCE_IN_MS) {
            continue;
        }
        last.insert((host.host.k, who), seen);
        if dice.unit() >= REPORT_PART {
            continue;
        }
        let delay = DELAY_MS * (DELAY_SPREAD * dice.normal()).exp();
        let service = tried["service"].as_str().unwrap_or_default();
        let component = tried["component"].as_str().map(Into::into);
        let body = report(ran.seed, host, who, component, problem);
        reports.push(signal(seen.plus_ms(delay as i64), service, Body::Report(body)));
    }
    let end = ran.looks.last().map_or(ran.began_unix_ms, |look| look.at_unix_ms);
    reports.retain(|report| report.at <= at(ran, end));
    Ok(reports)
}

fn report(
    seed: u64,
    host: &Region,
    who: u16,
    component: Option<outcry_core::units::Text>,
    problem: &str,
) -> Report {
    let address = host.host.person(who).to_string();
    let prefix = address.rsplit_once('.').map_or("", |(prefix, _)| prefix);
    Report {
        component,
        problem: Problem::Fails(problem.into()),
        place: place(host),
        reporter: ReporterKey(Dice::new(seed, &["who", &address]).next()),
        prefix: PrefixKey(Dice::new(seed, &["prefix", prefix]).next()),
        comment: None,
    }
}

/// What a person would call it; none when all was well, or they have no network to report over.
fn problem(tried: &Value) -> Option<&'static str> {
    let detail = tried["detail"].as_str().unwrap_or_default();
    match tried["phase"].as_str() {
        None if tried["ms"].as_u64().unwrap_or(0) >= SLOW_MS => Some("slow"),
        None => None,
        Some("resolve") if detail.contains("does not answer") => None,
        Some("resolve" | "connect") => Some("not_loading"),
        Some("processing" | "transfer") if detail.contains("timeout") => Some("slow"),
        Some(_) => Some("error_message"),
    }
}

/// Reports that come on any day.
fn usual(ran: &Ran) -> Vec<Signal> {
    let last = ran.looks.last().map_or(ran.began_unix_ms, |look| look.at_unix_ms);
    let length_ms = at(ran, last).since_ms(BEGIN).max(0) as u64;
    let mut dice = Dice::new(ran.seed, &["usual"]);
    let mut signals = Vec::new();
    for (service, per_minute) in USUAL {
        for _ in 0..dice.poisson(per_minute * length_ms as f64 / MINUTE_MS as f64) {
            let when = BEGIN.plus_ms(dice.below(length_ms) as i64);
            let region = &REGIONS[dice.below(REGIONS.len() as u64) as usize];
            // Other people than those who are watched.
            let who = 5_000 + dice.below(8_000) as u16;
            let body = report(ran.seed, region, who, Some("web".into()), "error_message");
            signals.push(signal(when, service, Body::Report(body)));
        }
    }
    signals
}

//! One look in words: how long each phase took, what was shown, and why it is not well.

use std::fmt::Write;
use std::time::Duration;

use jiff::Timestamp;
use outcry_collector::certificate::Certificate;
use outcry_collector::phase::About;
use outcry_collector::phase::Phase;
use outcry_collector::probe::outcome::Outcome;
use outcry_collector::probe::outcome::Verdict;
use serde_json::Value;
use serde_json::json;

/// Columns of the longest bar.
const BAR_COLUMNS: usize = 32;
/// Names of a certificate that are told.
const NAMES_MAX: usize = 4;
/// Seconds of a day.
const DAY_S: i64 = 86_400;

/// Whether the words are coloured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Paint {
    /// As they are.
    Plain,
    /// For a terminal.
    Colour,
}

impl Paint {
    fn wrap(self, code: &str, text: &str) -> String {
        match self {
            Self::Plain => text.to_owned(),
            Self::Colour => format!("\u{1b}[{code}m{text}\u{1b}[0m"),
        }
    }
}

/// A line of JSON: the contract of `outcry probe --json`.
pub fn json(target: &str, outcome: &Outcome) -> Value {
    let phases: serde_json::Map<String, Value> = Phase::TIMED
        .into_iter()
        .filter(|phase| !outcome.phases.spent(*phase).is_zero())
        .map(|phase| (phase.name().to_owned(), json!(ms(outcome.phases.spent(phase)))))
        .collect();
    let rulings: Vec<Value> = outcome
        .rulings
        .iter()
        .map(|ruling| json!({ "holds": ruling.holds, "condition": &*ruling.shown }))
        .collect();
    json!({
        "target": target,
        "outcome": outcome.verdict.name(),
        "reason": outcome.reason(),
        "status": outcome.facts.status,
        "phases_ms": phases,
        "total_ms": ms(outcome.phases.total()),
        "address": outcome.address.map(|address| address.to_string()),
        "redirects": outcome.facts.redirects,
        "certificate": certificate(outcome),
        "conditions": rulings,
        "about_us": outcome.fault.as_ref().is_some_and(|fault| fault.about != About::Target),
    })
}

fn certificate(outcome: &Outcome) -> Value {
    let chain: Vec<Certificate> =
        outcome.facts.chain.iter().filter_map(|der| Certificate::read(der)).collect();
    let Some(own) = chain.first() else { return Value::Null };
    let one = |it: &Certificate| {
        json!({
            "subject": it.subject,
            "issuer": it.issuer,
            "not_before": day(it.not_before_unix_s),
            "not_after": day(it.not_after_unix_s),
        })
    };
    json!({
        "subject": own.subject,
        "issuer": own.issuer,
        "names": own.names,
        "not_before": day(own.not_before_unix_s),
        "not_after": day(own.not_after_unix_s),
        "days_left": days_left(own),
        "chain": chain.iter().map(one).collect::<Vec<_>>(),
    })
}

/// Several lines for people.
pub fn words(target: &str, outcome: &Outcome, paint: Paint) -> String {
    let mut text = String::new();
    let (colour, verdict) = match outcome.verdict {
        Verdict::Ok => ("32;1", "ok"),
        Verdict::SoftFailure => ("35;1", "soft failure"),
        Verdict::Blocked => ("33;1", "blocked"),
        Verdict::Failed => ("31;1", "failed"),
    };
    let mut summary = paint.wrap(colour, verdict);
    if let Some(status) = outcome.facts.status {
        let _ = write!(summary, " · status {status}");
    }
    let _ = write!(summary, " · {}", span(outcome.phases.total()));
    let _ = writeln!(text, "{} {summary}\n", paint.wrap("1", target));
    draw_phases(&mut text, outcome, paint);
    if let Some(fault) = &outcome.fault {
        let _ = writeln!(text, "\n  {}", paint.wrap(colour, &fault.reason));
        for line in meaning(outcome) {
            let _ = writeln!(text, "  {line}");
        }
    }
    if !outcome.rulings.is_empty() {
        text.push('\n');
    }
    for ruling in &outcome.rulings {
        let mark = if ruling.holds { paint.wrap("32", "✓") } else { paint.wrap("31", "✗") };
        let _ = writeln!(text, "  {mark} {}", ruling.shown);
    }
    text.push('\n');
    if let Some(address) = outcome.address {
        let _ = writeln!(text, "  address      {address}");
    }
    if outcome.facts.redirects > 0 {
        let _ = writeln!(text, "  redirects    {} followed", outcome.facts.redirects);
    }
    if outcome.facts.status.is_some() {
        let cut = if outcome.facts.body_is_cut { ", cut" } else { "" };
        let _ = writeln!(text, "  body         {} bytes{cut}", outcome.facts.body.len());
    }
    draw_chain(&mut text, outcome, paint);
    text
}

fn draw_phases(text: &mut String, outcome: &Outcome, paint: Paint) {
    let failing = match (outcome.verdict, &outcome.fault) {
        (Verdict::Failed, Some(fault)) => Some(fault.phase),
        _ => None,
    };
    let longest = Phase::TIMED.iter().map(|phase| outcome.phases.spent(*phase)).max();
    let longest = longest.unwrap_or_default().as_secs_f64().max(1e-9);
    // Bars stand one after the other, as the phases did.
    let whole = outcome.phases.total().as_secs_f64().max(longest);
    let mut before = 0.0;
    for phase in Phase::TIMED {
        let spent = outcome.phases.spent(phase);
        if spent.is_zero() && failing != Some(phase) {
            continue;
        }
        let columns = |seconds: f64| (seconds / whole * BAR_COLUMNS as f64).round() as usize;
        let (start, width) = (columns(before), columns(spent.as_secs_f64()).max(1));
        before += spent.as_secs_f64();
        let is_failing = failing == Some(phase);
        let bar = "█".repeat(width);
        let bar = paint.wrap(if is_failing { "31" } else { "36" }, &bar);
        let mark = if is_failing { "  ← here it failed" } else { "" };
        let pad = " ".repeat(start.min(BAR_COLUMNS));
        let (name, spent) = (phase.name(), span(spent));
        let _ = writeln!(text, "  {name:<11}{spent:>10}  {pad}{bar}{mark}");
    }
}

/// What the outcome means for whom.
fn meaning(outcome: &Outcome) -> Vec<&'static str> {
    let about = outcome.fault.as_ref().map(|fault| fault.about);
    match (outcome.verdict, about) {
        (_, Some(About::Filter)) => {
            vec!["Nothing was sent: our own filter refused. This says nothing about the target."]
        }
        (_, Some(About::Here)) => {
            vec!["The fault is on this machine. This says nothing about the target."]
        }
        (Verdict::SoftFailure, _) => vec![
            "The server answered well, and the page says that it does not work:",
            "people see this as an outage, and checks of the status alone do not.",
        ],
        (Verdict::Blocked, _) => vec![
            "The service stands and turns us away. Others may well get in:",
            "this is no evidence of an outage.",
        ],
        _ => Vec::new(),
    }
}

fn draw_chain(text: &mut String, outcome: &Outcome, paint: Paint) {
    let chain = outcome.facts.chain.iter().filter_map(|der| Certificate::read(der));
    for (nth, it) in chain.enumerate() {
        let left = days_left(&it);
        let until = match left {
            ..0 => paint.wrap("31", &format!("expired {} days ago", -left)),
            0..14 => paint.wrap("33", &format!("{left} days left")),
            _ => format!("{left} days left"),
        };
        let head = if nth == 0 { "certificate " } else { "    signed by" };
        let _ = writeln!(
            text,
            "  {head} {} · by {} · until {}, {until}",
            it.subject,
            it.issuer,
            day(it.not_after_unix_s),
        );
        if nth == 0 && !it.names.is_empty() {
            let more = it.names.len().saturating_sub(NAMES_MAX);
            let names: Vec<&str> = it.names.iter().take(NAMES_MAX).map(String::as_str).collect();
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            let _ = writeln!(text, "               for {}{more}", names.join(", "));
        }
    }
}

fn days_left(it: &Certificate) -> i64 {
    (it.not_after_unix_s - Timestamp::now().as_second()).div_euclid(DAY_S)
}

fn day(unix_s: i64) -> String {
    Timestamp::from_second(unix_s).map(|at| at.to_string()).unwrap_or_default()
}

fn ms(span: Duration) -> f64 {
    (span.as_secs_f64() * 1e6).round() / 1e3
}

fn span(span: Duration) -> String {
    let ms = span.as_secs_f64() * 1e3;
    match ms {
        ..10.0 => format!("{ms:.2} ms"),
        ..1_000.0 => format!("{ms:.0} ms"),
        _ => format!("{:.2} s", ms / 1e3),
    }
}

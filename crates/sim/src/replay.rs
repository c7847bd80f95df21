//! Replay: signals through the real engine, in event time, as fast as it goes.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Arc;

use outcry_core::catalog::Catalog;
use outcry_core::claim::ClaimRecord;
use outcry_core::claim::rule::rule;
use outcry_core::detect::together::Finding;
use outcry_core::engine::Action;
use outcry_core::engine::Change;
use outcry_core::engine::Counters;
use outcry_core::engine::Engine;
use outcry_core::engine::EngineConfig;
use outcry_core::engine::Event;
use outcry_core::evidence::CaseFile;
use outcry_core::evidence::Family;
use outcry_core::evidence::State;
use outcry_core::hypothesis::Hypothesis;
use outcry_core::incident::Incident;
use outcry_core::incident::IncidentId;
use outcry_core::incident::Severity;
use outcry_core::series::PastHour;
use outcry_core::signal::Body;
use outcry_core::signal::Signal;
use outcry_core::time::DAY_MS;
use outcry_core::time::TICK_MS;
use outcry_core::time::UnixMillis;
use outcry_core::verdict::Assessment;
use outcry_core::verdict::assess;
use outcry_wire::incident::claim_line;
use outcry_wire::incident::incident_line;
use outcry_wire::incident::peers::finding_line;
use outcry_wire::likelihood;
use outcry_wire::verdict::verdict_line;

/// How long time goes on after the last signal when no end is given: what is open can close.
const AFTER_MS: i64 = DAY_MS / 12;

/// A verdict is told again when a share moved by so much.
const TOLD_FROM: f64 = 0.02;
/// Causes told in words, beside `unknown`.
const SHARES_TOLD: usize = 4;

/// What came out of a replay.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// What happened, in order of event time, and the final state of everything at the end.
    pub lines: Vec<Line>,
    /// Reports that went in.
    pub reports: u64,
    /// Signals of all kinds that went in.
    pub signals: u64,
    /// What could not be used.
    pub counters: Counters,
    /// The last case file of each incident, in order of id.
    pub cases: Vec<CaseFile>,
}

/// Something to be told.
#[derive(Clone, Debug, PartialEq)]
pub enum Line {
    /// An incident as it stood.
    Incident {
        /// The incident.
        incident: Incident,
        /// Seconds from the onset to its opening, where an onset is known.
        detected_after_s: Option<f64>,
    },
    /// What the evidence said about it at one moment.
    Verdict(Box<Assessment>),
    /// What services have in common that have trouble at the same time.
    Finding(Finding),
    /// A claim about an incident with its rulings.
    Claim {
        /// The incident.
        incident: IncidentId,
        /// The claim.
        record: ClaimRecord,
        /// Whether the incident is made from synthetic signals.
        reconstruction: bool,
    },
}

/// A fresh engine that has learnt what was usual.
pub fn learn(
    catalog: Arc<Catalog>,
    history: impl IntoIterator<Item = PastHour>,
    run_length_days: f64,
) -> Engine {
    let mut engine = Engine::new(EngineConfig { run_length_days }, catalog);
    for hour in history {
        engine.handle(Event::Past(hour));
    }
    engine
}

/// Runs signals, in order of time, through an engine, up to `until` or until all has closed.
pub fn run(
    mut engine: Engine,
    signals: impl IntoIterator<Item = Signal>,
    until: Option<UnixMillis>,
    onset: Option<UnixMillis>,
) -> Outcome {
    let mut told = Told { onset, ..Told::default() };
    let mut watermark: Option<UnixMillis> = None;
    for signal in signals {
        told.signals += 1;
        told.reports += u64::from(matches!(signal.body, Body::Report(_)));
        // What lies a tick back cannot be preceded any more: signals come in order.
        let due = watermark.is_none_or(|before| signal.at.since_ms(before) >= TICK_MS);
        if due {
            told.take(engine.handle(Event::Watermark(signal.at)));
            watermark = Some(signal.at);
        }
        told.take(engine.handle(Event::Signal(signal)));
    }
    let end = until.or_else(|| watermark.map(|last| last.plus_ms(AFTER_MS)));
    if let Some(end) = end {
        told.take(engine.handle(Event::Watermark(end)));
    }
    told.outcome(engine.counters())
}

#[derive(Default)]
struct Told {
    onset: Option<UnixMillis>,
    lines: Vec<Line>,
    last: BTreeMap<IncidentId, Incident>,
    /// The last case file of each incident, and what its shares were when they were last told.
    cases: BTreeMap<IncidentId, CaseFile>,
    told: BTreeMap<IncidentId, Assessment>,
    weighed: BTreeMap<IncidentId, Vec<(Family, State)>>,
    reports: u64,
    signals: u64,
}

impl Told {
    fn take(&mut self, actions: Vec<Action>) {
        for action in actions {
            match action {
                Action::Incident(change, incident) => {
                    if change != Change::Revised {
                        self.lines.push(self.line(incident.clone()));
                    }
                    self.last.insert(incident.id.clone(), incident);
                }
                Action::Case(case) => {
                    self.weigh(&case);
                    self.cases.insert(case.incident.id.clone(), case);
                }
                Action::Finding(finding) => self.lines.push(Line::Finding(finding)),
                Action::Count(_) | Action::Recheck(_) => {}
            }
        }
    }

    /// Tells a verdict where it says something else than the last one. It follows from the states
    /// of its families: while these stand, it stands, and is not worked out again.
    fn weigh(&mut self, case: &CaseFile) {
        let states: Vec<(Family, State)> =
            case.items().iter().map(|item| (item.family, item.state)).collect();
        if self.weighed.get(&case.incident.id) == Some(&states) {
            return;
        }
        self.weighed.insert(case.incident.id.clone(), states);
        let assessment = assess(case, likelihood::built_in());
        let changed = self.told.get(&case.incident.id).is_none_or(|last| {
            last.named != assessment.named
                || last
                    .shares
                    .iter()
                    .zip(&assessment.shares)
                    .any(|(a, b)| (a.p - b.p).abs() >= TOLD_FROM)
        });
        if changed {
            self.lines.push(Line::Verdict(Box::new(assessment.clone())));
            self.told.insert(case.incident.id.clone(), assessment);
        }
    }

    fn line(&self, incident: Incident) -> Line {
        let after_ms = self.onset.map(|onset| incident.opened_at.since_ms(onset));
        let detected_after_s = after_ms.filter(|ms| *ms >= 0).map(|ms| ms as f64 / 1_000.0);
        Line::Incident { incident, detected_after_s }
    }

    fn outcome(mut self, counters: Counters) -> Outcome {
        let last: Vec<Line> =
            self.last.values().cloned().map(|incident| self.line(incident)).collect();
        let mut lines = std::mem::take(&mut self.lines);
        lines.extend(last);
        for (id, case) in &self.cases {
            let assessment = assess(case, likelihood::built_in());
            let records = rule(case, &assessment);
            let reconstruction = assessment.reconstruction;
            lines.push(Line::Verdict(Box::new(assessment)));
            lines.extend(records.into_iter().map(|record| Line::Claim {
                incident: id.clone(),
                record,
                reconstruction,
            }));
        }
        let cases = self.cases.into_values().collect();
        Outcome { lines, reports: self.reports, signals: self.signals, counters, cases }
    }
}

impl Outcome {
    /// The final state of every incident, in order of id.
    pub fn incidents(&self) -> Vec<(&Incident, Option<f64>)> {
        let mut last: BTreeMap<&IncidentId, (&Incident, Option<f64>)> = BTreeMap::new();
        for line in &self.lines {
            if let Line::Incident { incident, detected_after_s } = line {
                last.insert(&incident.id, (incident, *detected_after_s));
            }
        }
        last.into_values().collect()
    }
}

impl Outcome {
    /// The final verdict on an incident.
    pub fn verdict(&self, id: &IncidentId) -> Option<&Assessment> {
        self.lines.iter().rev().find_map(|line| match line {
            Line::Verdict(assessment) if assessment.incident == *id => Some(&**assessment),
            _ => None,
        })
    }
}

/// One JSON object a line, as the contract of `replay --json` says.
pub fn json_lines(outcome: &Outcome) -> Vec<String> {
    let line = |line: &Line| match line {
        Line::Incident { incident, detected_after_s } => incident_line(incident, *detected_after_s),
        Line::Verdict(assessment) => verdict_line(assessment, likelihood::built_in()),
        Line::Finding(finding) => finding_line(finding),
        Line::Claim { incident, record, reconstruction } => {
            claim_line(incident, record, *reconstruction)
        }
    };
    outcome.lines.iter().map(line).collect()
}

/// The same for people.
pub fn summary(outcome: &Outcome) -> String {
    let mut text = String::new();
    let incidents = outcome.incidents();
    // Writing to a String cannot fail.
    let _ = writeln!(
        text,
        "{} signals, {} of them reports; {} incidents\n",
        outcome.signals,
        outcome.reports,
        incidents.len()
    );
    for (incident, detected_after_s) in incidents {
        describe(&mut text, incident, detected_after_s);
        if let Some(assessment) = outcome.verdict(&incident.id) {
            describe_verdict(&mut text, assessment);
        }
        for line in &outcome.lines {
            if let Line::Claim { incident: id, record, .. } = line
                && *id == incident.id
            {
                let rulings: Vec<String> =
                    record.rulings.iter().map(|it| it.ruling.name().replace('_', " ")).collect();
                let earlier = if record.claim.earlier { ", about an earlier incident" } else { "" };
                let _ = writeln!(
                    text,
                    "  claim     {} ({}{earlier}): {}",
                    record.claim.claim,
                    record.claim.speaker_role,
                    rulings.join(", ")
                );
            }
        }
        text.push('\n');
    }
    text
}

fn describe(text: &mut String, incident: &Incident, detected_after_s: Option<f64>) {
    let severity = match incident.severity {
        Severity::Danger => "danger",
        Severity::Warning => "warning",
    };
    let closed = incident.closed_at.map_or_else(|| "still open".to_owned(), |at| at.to_string());
    let made_up = if incident.reconstruction { ", a reconstruction" } else { "" };
    let _ = writeln!(text, "{} ({severity}{made_up})", incident.id.0);
    let _ = writeln!(text, "  from      {} until {closed}", incident.opened_at);
    if let Some(seconds) = detected_after_s {
        let _ = writeln!(text, "  detected  {seconds:.0} s after the onset");
    }
    for (index, surge) in incident.surges.iter().enumerate() {
        let closed = surge.closed_at.map_or_else(|| "open".to_owned(), |at| at.to_string());
        let _ = writeln!(
            text,
            "  surge {}   {} to {closed}, peak {} in 15 min at {}, usually {:.1}",
            index + 1,
            surge.opened_at,
            surge.peak,
            surge.peak_at,
            surge.usual
        );
    }
    for (index, outage) in incident.outages.iter().enumerate() {
        let closed = outage.closed_at.map_or_else(|| "open".to_owned(), |at| at.to_string());
        let phase = outage.phase.as_deref().unwrap_or("no phase told");
        let _ = writeln!(
            text,
            "  probes {}  {} to {closed}, {}: {} of {} places fail, {} ({phase})",
            index + 1,
            outage.opened_at,
            outage.agreement.name().replace('_', " "),
            outage.failing,
            outage.asked,
            outage.kind,
        );
    }
    for (what, shares) in [("affected", &incident.components), ("problem", &incident.problems)] {
        let parts: Vec<String> = shares
            .iter()
            .take(4)
            .map(|share| {
                let usual = share.usual.map_or_else(|| "?".into(), |u| format!("{:.0}", u * 100.0));
                format!("{} {:.0} % (usually {usual} %)", share.name, share.share * 100.0)
            })
            .collect();
        let _ = writeln!(text, "  {what:9} {}", parts.join(", "));
    }
    let _ = writeln!(
        text,
        "  reports   {} counted of {} received",
        incident.reports_counted, incident.reports_received
    );
}

/// The verdict in a few lines, as for `assess`.
pub fn describe_verdict(text: &mut String, assessment: &Assessment) {
    let word = |name: &str| name.replace('_', " ");
    let made_up = if assessment.reconstruction { " in this reconstruction" } else { "" };
    let _ = match assessment.named {
        Some(cause) => writeln!(text, "  cause     {}{made_up}", word(cause.name())),
        None => {
            let why: Vec<String> =
                assessment.refusals.iter().map(|refusal| word(refusal.name())).collect();
            writeln!(text, "  cause     not established{made_up} ({})", why.join(", "))
        }
    };
    let mut shares: Vec<(Hypothesis, f64)> =
        Hypothesis::ALL.into_iter().map(|it| (it, assessment.share(it).p)).collect();
    shares.sort_by(|a, b| b.1.total_cmp(&a.1));
    let unknown = |it: &(Hypothesis, f64)| it.0 == Hypothesis::Unknown;
    let told = shares.iter().enumerate().filter(|(n, it)| *n < SHARES_TOLD || unknown(it));
    let parts: Vec<String> = told
        .map(|(_, (hypothesis, _))| {
            let share = assessment.share(*hypothesis);
            let percent = |p: f64| format!("{:.0}", p * 100.0);
            let (p, low, high) = (percent(share.p), percent(share.low), percent(share.high));
            format!("{} {p} % ({low}–{high})", word(hypothesis.name()))
        })
        .collect();
    let _ = writeln!(text, "  shares    {}", parts.join(", "));
    let looked: Vec<String> = assessment
        .evidence
        .iter()
        .map(|it| format!("{}: {}", it.item.family.name(), word(&it.item.state.name())))
        .collect();
    let _ = writeln!(text, "  looked    {}", looked.join(", "));
    let missing: Vec<&str> = assessment.missing.iter().map(|it| it.family.name()).collect();
    let _ = writeln!(text, "  missing   {}", missing.join(", "));
}

/// Keeps the kinds of `only` (all when empty) and leaves out those of `drop`.
///
/// # Errors
///
/// Names the kinds there are when one is unknown.
pub fn select(
    mut signals: Vec<Signal>,
    only: &[String],
    drop: &[String],
) -> Result<Vec<Signal>, String> {
    for kind in only.iter().chain(drop) {
        if !Body::KINDS.contains(&kind.as_str()) {
            return Err(format!(
                "{kind:?} is no kind of signal; write one of {}",
                Body::KINDS.join(", ")
            ));
        }
    }
    let named = |list: &[String], kind: &str| list.iter().any(|name| name == kind);
    signals.retain(|signal| {
        let kind = signal.body.kind();
        (only.is_empty() || named(only, kind)) && !named(drop, kind)
    });
    Ok(signals)
}

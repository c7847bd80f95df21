//! Traffic: flows towards a service and its access logs, for the time it failed and before.
//!
//! This is the only family that can show an attack. A flood that is over before the outage begins
//! did not cause it, though what was done against it may have; requests that grow like a crowd are
//! a crowd.
//!
//! # What it cannot tell
//!
//! Who sends. And whether a flood that is there is also the reason: large services are flooded on
//! any day.

use std::collections::BTreeSet;

use crate::evidence::CaseFile;
use crate::evidence::Family;
use crate::evidence::Item;
use crate::evidence::State;
use crate::observe::traffic::FlowSpell;
use crate::observe::traffic::LogSpell;
use crate::time::HOUR_MS;
use crate::time::MINUTE_MS;
use crate::time::UnixMillis;
use crate::units::Text;

/// States of the family.
pub const STATES: &[&str] = &[
    "ordinary",
    "flood_during",
    "flood_ended_before",
    "requests_hostile",
    "requests_up_human",
    "sent_in_circles",
    "requests_up_unclear",
    "inflow_unanswered",
    "errors_usual_load",
    "traffic_gone",
];

/// Vectors of requests rather than of packets.
const REQUEST_VECTORS: &[&str] = &["http_flood", "http2_rapid_reset", "slowloris"];
/// What looks like a flood and is none.
const BENIGN: &[&str] = &[
    "flash_crowd",
    "scan",
    "redirect_loop",
    "port_scan",
    "address_scan",
    "speed_test",
    "download",
    "backup",
    "backscatter",
];
/// A flood that ended at least this long before the outage is no part of it, up to this far back.
const ENDED_BEFORE_MS: i64 = 10 * MINUTE_MS;
const ENDED_WITHIN_MS: i64 = 6 * HOUR_MS;
/// A flood smaller than this many times the ordinary traffic is an ordinary day.
const FLOOD_TIMES: f64 = 1.5;
/// Requests or inflow of this many times the usual are up.
const UP_TIMES: f64 = 1.8;
/// Traffic under this part of the usual is gone.
const GONE_TIMES: f64 = 0.35;
/// Inflow over outflow from which nothing is answered.
const UNANSWERED_RATIO: f64 = 5.0;
/// Share of 5xx from which requests fail.
const ERRORS_SHARE: f64 = 0.1;
/// Share of clients seen on earlier days that says people, and that says strangers.
const RETURNING_PEOPLE: f64 = 0.4;
const RETURNING_STRANGERS: f64 = 0.15;
/// Share of the most requested path that says a script.
const ONE_PATH_SHARE: f64 = 0.6;
/// As many more clients as there are more requests, within this: nobody asks more than before.
const EACH_AS_BEFORE_TIMES: f64 = 1.5;
/// A share of the most requested path this near to the usual one is the usual one.
const SAME_PATHS: f64 = 0.15;
/// Windows that show what is ordinary, where all that is known began shortly before the outage.
const ORDINARY_WINDOWS_MIN: u32 = 3;

/// What flows and logs say.
pub fn look(case: &CaseFile) -> Option<Item> {
    let seen = Seen::of(case);
    if seen.flows.is_empty() && seen.logs.is_empty() {
        return None;
    }
    let state = seen.state(case);
    let names: BTreeSet<Text> = seen
        .flows
        .iter()
        .flat_map(|spell| spell.vectors.iter())
        .chain(seen.logs.iter().flat_map(|spell| spell.vectors.iter()))
        .cloned()
        .collect();
    let top = |values: &mut dyn Iterator<Item = f64>| values.fold(0.0, f64::max);
    let mut figures = vec![
        ("bps_in_max", top(&mut seen.flows.iter().map(|spell| spell.bps_in_max))),
        ("pps_in_max", top(&mut seen.flows.iter().map(|spell| spell.pps_in_max))),
        ("rps_max", top(&mut seen.logs.iter().map(|spell| spell.rps))),
        ("errors_share_max", top(&mut seen.logs.iter().map(|spell| spell.errors_share))),
    ];
    figures.extend(seen.bps_before.map(|bps| ("bps_in_before", bps)));
    figures.extend(seen.rps_before.map(|rps| ("rps_before", rps)));
    figures.extend(seen.in_out_ratio().map(|ratio| ("in_out_ratio", ratio)));
    figures.extend(ended_before_min(case).map(|min| ("flood_ended_before_min", min)));
    Some(Item {
        family: Family::Traffic,
        state: State::Listed(state),
        figures,
        names: names.into_iter().collect(),
        source: match (seen.flows.is_empty(), seen.logs.is_empty()) {
            (false, false) => "flows_and_logs",
            (false, true) => "flows",
            _ => "logs",
        },
        window: case.window(),
        caveat: "addresses_are_not_culprits",
        synthetic: seen.synthetic,
    })
}

/// Spells of flood before an outage that it did not reach into: their first and last moment.
pub fn flood_before(case: &CaseFile) -> Option<(UnixMillis, UnixMillis)> {
    let (first, _) = case.window();
    let floods = case.observed.flows.iter().filter(|spell| is_flood(spell));
    let over = floods.filter(|spell| {
        let since = first.since_ms(spell.until);
        (0..=ENDED_WITHIN_MS).contains(&since)
    });
    let (mut from, mut until) = (None::<UnixMillis>, None::<UnixMillis>);
    for spell in over {
        from = Some(from.map_or(spell.from, |at| at.min(spell.from)));
        until = until.max(Some(spell.until));
    }
    from.zip(until)
}

/// Minutes between the end of the last flood and the begin of the outage, where none reached into
/// it.
fn ended_before_min(case: &CaseFile) -> Option<f64> {
    let (_, until) = flood_before(case)?;
    let since_ms = case.incident.opened_at.since_ms(until);
    let none_during = flood_during(case).is_none();
    (none_during && since_ms >= 0).then(|| since_ms as f64 / MINUTE_MS as f64)
}

/// First and last moment of floods during an outage.
pub fn flood_during(case: &CaseFile) -> Option<(UnixMillis, UnixMillis)> {
    let floods = case.observed.flows.iter().filter(|spell| is_flood(spell));
    let during = floods.filter(|spell| case.during(spell.from, spell.until));
    during.fold(None, |span, spell| match span {
        None => Some((spell.from, spell.until)),
        Some((from, until)) => Some((from.min(spell.from), until.max(spell.until))),
    })
}

fn is_flood(spell: &FlowSpell) -> bool {
    spell
        .vectors
        .iter()
        .any(|vector| !BENIGN.contains(&&**vector) && !REQUEST_VECTORS.contains(&&**vector))
}

fn has(vectors: &[Text], names: &[&str]) -> bool {
    vectors.iter().any(|vector| names.contains(&&**vector))
}

/// Flows and logs of the outage, beside the ordinary before it.
struct Seen<'c> {
    flows: Vec<&'c FlowSpell>,
    logs: Vec<&'c LogSpell>,
    bps_before: Option<f64>,
    rps_before: Option<f64>,
    /// Spells of requests of an ordinary time.
    ordinary: Vec<&'c LogSpell>,
    synthetic: bool,
}

impl<'c> Seen<'c> {
    fn of(case: &'c CaseFile) -> Self {
        let (flows, logs) = (&case.observed.flows, &case.observed.logs);
        let span = |from, until, windows, vectors: &[Text]| {
            vectors.is_empty().then_some(Span { from, until, windows })
        };
        let ordinary_flows =
            ordinary(case, flows, |it| span(it.from, it.until, it.count, &it.vectors));
        let ordinary = ordinary(case, logs, |it| span(it.from, it.until, it.count, &it.vectors));
        let mut seen = Self {
            flows: flows.iter().filter(|spell| case.during(spell.from, spell.until)).collect(),
            logs: logs.iter().filter(|spell| case.during(spell.from, spell.until)).collect(),
            bps_before: mean(ordinary_flows.iter().map(|it| (it.bps_in, it.count))),
            rps_before: mean(ordinary.iter().map(|it| (it.rps, it.count))),
            ordinary,
            synthetic: false,
        };
        seen.synthetic = seen.flows.iter().any(|spell| spell.synthetic)
            || seen.logs.iter().any(|spell| spell.synthetic);
        seen
    }

    fn state(&self, case: &CaseFile) -> &'static str {
        let large = |bps: f64| self.bps_before.is_none_or(|before| bps >= FLOOD_TIMES * before);
        let floods = self.flows.iter().any(|spell| is_flood(spell) && large(spell.bps_in_max));
        let hostile = self.logs.iter().any(|spell| has(&spell.vectors, REQUEST_VECTORS))
            || self.flows.iter().any(|spell| has(&spell.vectors, REQUEST_VECTORS));
        let crowd = self.logs.iter().any(|spell| has(&spell.vectors, &["flash_crowd"]))
            || self.flows.iter().any(|spell| has(&spell.vectors, &["flash_crowd"]));
        if floods {
            return "flood_during";
        }
        if hostile {
            return "requests_hostile";
        }
        let (first, _) = case.window();
        let over = flood_before(case)
            .is_some_and(|(_, until)| case.incident.opened_at.since_ms(until) >= ENDED_BEFORE_MS);
        if over && !self.flows.iter().any(|spell| is_flood(spell) && spell.until > first) {
            return "flood_ended_before";
        }
        if crowd {
            return "requests_up_human";
        }
        if self.logs.iter().any(|spell| has(&spell.vectors, &["redirect_loop"])) {
            return "sent_in_circles";
        }
        self.by_size()
    }

    /// What sizes say where no vector was named.
    fn by_size(&self) -> &'static str {
        let most = |values: &mut dyn Iterator<Item = f64>| {
            values.fold(None::<f64>, |m, v| Some(m.map_or(v, |m| m.max(v))))
        };
        let least = |values: &mut dyn Iterator<Item = f64>| {
            values.fold(None::<f64>, |m, v| Some(m.map_or(v, |m| m.min(v))))
        };
        let times = |now: Option<f64>, before: Option<f64>| match (now, before) {
            (Some(now), Some(before)) if before > 0.0 => Some(now / before),
            _ => None,
        };
        let rps_up = times(most(&mut self.logs.iter().map(|s| s.rps)), self.rps_before);
        let bps_up = times(most(&mut self.flows.iter().map(|s| s.bps_in)), self.bps_before);
        let rps_down = times(least(&mut self.logs.iter().map(|s| s.rps)), self.rps_before);
        let bps_down = times(least(&mut self.flows.iter().map(|s| s.bps_in)), self.bps_before);
        let errors = self.logs.iter().any(|spell| spell.errors_share >= ERRORS_SHARE);
        if bps_up.is_some_and(|times| times >= UP_TIMES) && self.unanswered() {
            return "inflow_unanswered";
        }
        let up = |times: Option<f64>| times.is_some_and(|times| times >= UP_TIMES);
        if up(rps_up) || up(bps_up) {
            return self.who_asks();
        }
        if errors {
            return "errors_usual_load";
        }
        let gone = |times: Option<f64>| times.is_some_and(|times| times <= GONE_TIMES);
        if gone(rps_down) || gone(bps_down) {
            return "traffic_gone";
        }
        "ordinary"
    }

    fn unanswered(&self) -> bool {
        self.in_out_ratio().is_some_and(|ratio| ratio >= UNANSWERED_RATIO)
    }

    /// Bits towards the service for each bit from it, in the spell where they differ most.
    fn in_out_ratio(&self) -> Option<f64> {
        let ratios =
            self.flows.iter().filter_map(|spell| Some(spell.bps_in / spell.bps_out?.max(1.0)));
        ratios.reduce(f64::max)
    }

    /// Whether the loudest requests look like people.
    fn who_asks(&self) -> &'static str {
        let loudest = self.logs.iter().max_by(|a, b| a.rps.total_cmp(&b.rps));
        let Some(spell) = loudest else { return "requests_up_unclear" };
        let one_path = spell.top_path_share.is_some_and(|share| share >= ONE_PATH_SHARE);
        match spell.returning_share {
            Some(share) if share >= RETURNING_PEOPLE => "requests_up_human",
            Some(share) if share <= RETURNING_STRANGERS && one_path => "requests_hostile",
            None if self.is_more_of_the_same(spell) => "requests_up_human",
            _ => "requests_up_unclear",
        }
    }

    /// Whether requests grew because so many more ask, each no more than before and for the same:
    /// machines ask more each, or for less.
    fn is_more_of_the_same(&self, spell: &LogSpell) -> bool {
        let clients = self.ordinary.iter().filter_map(|it| it.clients_distinct).max();
        let paths = self.ordinary.iter().filter_map(|it| Some((it.top_path_share?, it.count)));
        let (Some(clients), Some(paths)) = (clients, mean(paths)) else { return false };
        let (Some(now), Some(path), Some(rps)) =
            (spell.clients_distinct, spell.top_path_share, self.rps_before)
        else {
            return false;
        };
        let more_clients = now as f64 / clients.max(1) as f64;
        more_clients >= UP_TIMES
            && spell.rps / rps.max(f64::MIN_POSITIVE) <= EACH_AS_BEFORE_TIMES * more_clients
            && (path - paths).abs() <= SAME_PATHS
    }
}

/// When a spell of traffic without a vector was, and how many windows it has.
struct Span {
    from: UnixMillis,
    until: UnixMillis,
    windows: u32,
}

/// Spells of ordinary traffic: those before the outage. Where all that is known began in its lead,
/// the first of them, if another came after it and the outage opened later still.
fn ordinary<'s, S>(
    case: &CaseFile,
    spells: &'s [S],
    span_of: impl Fn(&S) -> Option<Span>,
) -> Vec<&'s S> {
    let (lead, opened) = (case.window().0, case.incident.opened_at);
    let spans: Vec<(&S, Span)> =
        spells.iter().filter_map(|spell| Some((spell, span_of(spell)?))).collect();
    // A spell that reaches into the outage was ordinary for its greater part.
    let is_before = |span: &Span| {
        let before = lead.since_ms(span.from);
        before > 0 && 2 * before >= span.until.since_ms(span.from)
    };
    let before: Vec<&S> =
        spans.iter().filter(|(_, span)| is_before(span)).map(|(spell, _)| *spell).collect();
    if !before.is_empty() {
        return before;
    }
    let first = spans.iter().min_by_key(|(_, span)| span.from);
    let first = first.filter(|(_, first)| {
        let changed = spans.iter().any(|(_, span)| span.from >= first.until);
        first.windows >= ORDINARY_WINDOWS_MIN && first.until <= opened && changed
    });
    first.map(|(spell, _)| *spell).into_iter().collect()
}

fn mean(values: impl Iterator<Item = (f64, u32)>) -> Option<f64> {
    let (mut sum, mut n) = (0.0, 0.0);
    for (value, count) in values {
        sum += value * f64::from(count);
        n += f64::from(count);
    }
    (n > 0.0).then(|| sum / n)
}

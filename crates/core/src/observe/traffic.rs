//! Spells of traffic: windows of flows and of access logs that look alike.
//!
//! # What it cannot tell
//!
//! Who sends. Sources may be forged, and an address is a machine, not a person.

use crate::observe::BRIDGE_MS;
use crate::signal::Flow;
use crate::signal::Log;
use crate::signal::Provenance;
use crate::time::UnixMillis;
use crate::units::Text;

/// A window belongs to a spell whose mean it is not this many times above or below.
const LIKE_TIMES: f64 = 2.0;
/// Shares of errors further apart than this are not alike.
const LIKE_SHARE: f64 = 0.15;

/// Windows of traffic with the same vectors and about the same size.
#[derive(Clone, Debug, PartialEq)]
pub struct FlowSpell {
    /// Begin of the first window.
    pub from: UnixMillis,
    /// End of the last window.
    pub until: UnixMillis,
    /// How many windows.
    pub count: u32,
    /// Vector names in order; empty for ordinary traffic.
    pub vectors: Vec<Text>,
    /// What the sources can be said to be.
    pub sources: Text,
    /// Who exported it.
    pub exporter: Text,
    /// Mean bits a second towards the service.
    pub bps_in: f64,
    /// Highest bits a second towards the service.
    pub bps_in_max: f64,
    /// Highest packets a second towards the service.
    pub pps_in_max: f64,
    /// Mean bits a second from the service, where known.
    pub bps_out: Option<f64>,
    /// Most distinct sources in a window, where known.
    pub sources_distinct: Option<u64>,
    /// Made by a generator.
    pub synthetic: bool,
}

/// Windows of an access log with the same vectors and about the same rate and errors.
#[derive(Clone, Debug, PartialEq)]
pub struct LogSpell {
    /// Begin of the first window.
    pub from: UnixMillis,
    /// End of the last window.
    pub until: UnixMillis,
    /// How many windows.
    pub count: u32,
    /// Vector names in order; empty for ordinary requests.
    pub vectors: Vec<Text>,
    /// Mean requests a second.
    pub rps: f64,
    /// Mean share answered with 5xx.
    pub errors_share: f64,
    /// Most distinct clients in a window, where known.
    pub clients_distinct: Option<u64>,
    /// Mean share of the most requested path, where known.
    pub top_path_share: Option<f64>,
    /// Mean share of clients seen on earlier days, where known.
    pub returning_share: Option<f64>,
    /// Made by a generator.
    pub synthetic: bool,
}

impl FlowSpell {
    /// Adds a window to the last spell of its exporter, or begins another.
    pub(super) fn take(list: &mut Vec<Self>, at: UnixMillis, by: &Provenance, flow: &Flow) {
        let begin = at.plus_ms(-((flow.window_s * 1_000.0) as i64));
        let vectors = sorted(&flow.vectors);
        let last = list.iter_mut().rev().find(|spell| spell.exporter == flow.exporter);
        if let Some(spell) = last
            && spell.vectors == vectors
            && spell.sources == flow.sources
            && begin.since_ms(spell.until) <= BRIDGE_MS
            && alike(spell.bps_in, flow.bps_in)
        {
            let n = f64::from(spell.count);
            spell.until = spell.until.max(at);
            spell.count = spell.count.saturating_add(1);
            spell.bps_in = mean(spell.bps_in, n, flow.bps_in);
            spell.bps_in_max = spell.bps_in_max.max(flow.bps_in);
            spell.pps_in_max = spell.pps_in_max.max(flow.pps_in);
            spell.bps_out = mean_of_known(spell.bps_out, n, flow.bps_out);
            spell.sources_distinct = spell.sources_distinct.max(flow.sources_distinct);
            spell.synthetic |= by.synthetic;
            return;
        }
        list.push(Self {
            from: begin,
            until: at,
            count: 1,
            vectors,
            sources: flow.sources.clone(),
            exporter: flow.exporter.clone(),
            bps_in: flow.bps_in,
            bps_in_max: flow.bps_in,
            pps_in_max: flow.pps_in,
            bps_out: flow.bps_out,
            sources_distinct: flow.sources_distinct,
            synthetic: by.synthetic,
        });
    }
}

impl LogSpell {
    /// Adds a window to the last spell, or begins another.
    pub(super) fn take(list: &mut Vec<Self>, at: UnixMillis, by: &Provenance, log: &Log) {
        let begin = at.plus_ms(-((log.window_s * 1_000.0) as i64));
        let vectors = sorted(&log.vectors);
        if let Some(spell) = list.last_mut()
            && spell.vectors == vectors
            && begin.since_ms(spell.until) <= BRIDGE_MS
            && alike(spell.rps, log.rps)
            && (spell.errors_share - log.errors_share).abs() <= LIKE_SHARE
        {
            let n = f64::from(spell.count);
            spell.until = spell.until.max(at);
            spell.count = spell.count.saturating_add(1);
            spell.rps = mean(spell.rps, n, log.rps);
            spell.errors_share = mean(spell.errors_share, n, log.errors_share);
            spell.clients_distinct = spell.clients_distinct.max(log.clients_distinct);
            spell.top_path_share = mean_of_known(spell.top_path_share, n, log.top_path_share);
            spell.returning_share = mean_of_known(spell.returning_share, n, log.returning_share);
            spell.synthetic |= by.synthetic;
            return;
        }
        list.push(Self {
            from: begin,
            until: at,
            count: 1,
            vectors,
            rps: log.rps,
            errors_share: log.errors_share,
            clients_distinct: log.clients_distinct,
            top_path_share: log.top_path_share,
            returning_share: log.returning_share,
            synthetic: by.synthetic,
        });
    }
}

fn sorted(names: &[Text]) -> Vec<Text> {
    let mut names = names.to_vec();
    names.sort_unstable();
    names.dedup();
    names
}

fn alike(a: f64, b: f64) -> bool {
    a.max(b) <= LIKE_TIMES * a.min(b)
}

fn mean(mean: f64, n: f64, next: f64) -> f64 {
    mean + (next - mean) / (n + 1.0)
}

fn mean_of_known(known: Option<f64>, n: f64, next: Option<f64>) -> Option<f64> {
    match (known, next) {
        (Some(known), Some(next)) => Some(mean(known, n, next)),
        (known, next) => known.or(next),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_between_ordinary_hours_is_three_spells() {
        let mut spells = Vec::new();
        for minute in 0..180_i64 {
            let flood = (60..90).contains(&minute);
            let flow = Flow {
                window_s: 60.0,
                bps_in: if flood { 4e11 } else { 1e9 + 1e6 * minute as f64 },
                pps_in: 1e6,
                bps_out: Some(1e9),
                vectors: if flood { vec!["tcp_syn_flood".into()] } else { Vec::new() },
                sources: "unknown".into(),
                sources_distinct: None,
                exporter: "edge".into(),
            };
            let at = UnixMillis(minute * 60_000);
            FlowSpell::take(&mut spells, at, &Provenance::default(), &flow);
        }
        let counts: Vec<u32> = spells.iter().map(|spell| spell.count).collect();
        assert_eq!(counts, [60, 30, 90]);
    }
}

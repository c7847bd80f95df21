//! The operator's page of traffic, and its figures for programs.

use std::fmt::Write;
use std::sync::Arc;
use std::sync::PoisonError;

use outcry_collector::flow::exporter::Exporter;
use outcry_collector::flow::exporter::ExporterKey;
use outcry_core::detect::flood::SLOT_MS;
use outcry_core::time::UnixMillis;
use outcry_decode::export::Version;
use outcry_server::page::traffic;
use outcry_server::page::traffic::operator::ExporterView;
use outcry_server::page::traffic::operator::OperatorView;
use outcry_server::page::traffic::operator::TargetView;
use outcry_server::words::Words;

use crate::cli::analyze::html::of_attack;
use crate::flows::Shown;
use crate::flows::view::View;
use crate::origins::Maps;

/// Attacks that are over and shown.
const CLOSED_SHOWN: usize = 20;

/// What the console asks.
#[derive(Clone)]
pub struct Traffic {
    shown: Shown,
    maps: Arc<Maps>,
}

impl Traffic {
    /// Of a view that is replaced while it is read.
    pub fn new(shown: Shown, maps: Maps) -> Self {
        Self { shown, maps: Arc::new(maps) }
    }

    fn view(&self) -> View {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The page.
    pub fn page(&self) -> String {
        traffic::operator::operator(&Words::english(), &of(&self.view(), &self.maps))
    }

    /// Figures in the text format of Prometheus.
    pub fn metrics(&self) -> String {
        let view = self.view();
        let mut text = String::new();
        let mut put = |name: &str, kind: &str, help: &str, rows: &[(String, u64)]| {
            let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} {kind}");
            for (labels, value) in rows {
                let _ = writeln!(text, "{name}{labels} {value}");
            }
        };
        let labels = |key: &ExporterKey| {
            let (address, version, domain) = (key.address, key.version.name(), key.domain);
            format!("{{exporter=\"{address}\",version=\"{version}\",domain=\"{domain}\"}}")
        };
        let of = |what: fn(&Exporter) -> u64| -> Vec<(String, u64)> {
            view.exporters.iter().map(|(key, it)| (labels(key), what(it))).collect()
        };
        put("outcry_flows_total", "counter", "Flows received.", &of(|it| it.flows));
        put("outcry_flow_datagrams_total", "counter", "Datagrams read.", &of(|it| it.datagrams));
        let lost = "Datagrams (v9, sFlow) or flows (v5, IPFIX) that never arrived.";
        put("outcry_flow_lost_total", "counter", lost, &of(Exporter::lost));
        let losses: Vec<(String, u64)> = losses(&view)
            .into_iter()
            .map(|(name, count)| (format!("{{where=\"{name}\"}}"), count))
            .collect();
        put("outcry_flow_dropped_total", "counter", "What was dropped here.", &losses);
        let open = [(String::new(), view.open.len() as u64)];
        put("outcry_attacks_open", "gauge", "Attacks that are going on.", &open);
        text
    }
}

fn of(view: &View, maps: &Maps) -> OperatorView {
    let at = (view.at_ms > 0).then_some(UnixMillis(view.at_ms));
    let second = 1_000.0 / SLOT_MS as f64;
    let open = view.open.iter().map(|attack| {
        let mut told = of_attack(attack, maps, true);
        // The last second has only begun.
        told.points.retain(|(at, _)| *at < view.at_ms / 1_000);
        told
    });
    let closed = view.closed.iter().take(CLOSED_SHOWN).map(|attack| of_attack(attack, maps, false));
    OperatorView {
        at,
        attacks: open.chain(closed).collect(),
        points: view.seconds.iter().map(|(at, volume)| (*at, volume.octets as f64 * 8.0)).collect(),
        targets: view
            .targets
            .iter()
            .map(|(address, volume, sources)| TargetView {
                address: address.to_string(),
                bps: volume.octets as f64 * 8.0 * second,
                pps: volume.packets as f64 * second,
                sources: sources.round() as u64,
            })
            .collect(),
        exporters: view.exporters.iter().map(exporter).collect(),
        losses: losses(view),
        databases: maps
            .sources()
            .into_iter()
            .map(|(name, built)| (name, UnixMillis(built)))
            .collect(),
    }
}

fn losses(view: &View) -> Vec<(&'static str, u64)> {
    let health = &view.health;
    vec![
        ("socket", health.socket_drops),
        ("slots", health.flows_dropped),
        ("stranger", health.not_allowed),
        ("refused", health.decoded.refused),
        ("exporters", health.exporters_beyond),
        ("targets", view.beyond),
    ]
}

fn exporter((key, exporter): &(ExporterKey, Exporter)) -> ExporterView {
    let lost = exporter.lost();
    // Version 5 and IPFIX number flows, the others datagrams.
    let came = match key.version {
        Version::Netflow5 | Version::Ipfix => exporter.flows,
        Version::Netflow9 | Version::Sflow5 => exporter.datagrams,
    };
    ExporterView {
        address: key.address.to_string(),
        version: key.version.name(),
        domain: key.domain,
        datagrams: exporter.datagrams,
        flows: exporter.flows,
        lost,
        lost_share: lost as f64 / (lost + came).max(1) as f64,
        seen: UnixMillis(i64::try_from(exporter.seen_ms).unwrap_or(i64::MAX)),
    }
}

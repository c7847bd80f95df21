//! The analysis as one page that needs nothing else, in the site's look.

use outcry_core::attack::Attack;
use outcry_core::attack::requests::Kind;
use outcry_core::attack::requests::Stretch;
use outcry_core::attack::spoofing::Sources;
use outcry_core::time::UnixMillis;
use outcry_server::page::traffic;
use outcry_server::page::traffic::AnalysisView;
use outcry_server::page::traffic::AttackView;
use outcry_server::page::traffic::PlacesView;
use outcry_server::page::traffic::Size;
use outcry_server::page::traffic::VectorView;
use outcry_server::words::Words;

use crate::cli::analyze::Findings;
use crate::cli::analyze::json::address;
use crate::origins::Maps;
use crate::origins::Told;

/// The whole report.
pub fn report(findings: &Findings, files: &[String]) -> String {
    let maps = &findings.maps;
    let mut attacks: Vec<AttackView> =
        findings.attacks().map(|attack| of_attack(attack, maps, false)).collect();
    attacks.extend(findings.stretches.iter().filter_map(|stretch| of_stretch(stretch, findings)));
    let span = findings.span_ms().map(|(from, until)| (UnixMillis(from), UnixMillis(until)));
    let analysis = &findings.analysis;
    let faults = analysis.faults.by_kind();
    let databases = maps.sources().into_iter().map(|(name, built)| (name, UnixMillis(built)));
    let view = AnalysisView {
        files: files.to_vec(),
        read: [analysis.packet_count, analysis.flow_count, analysis.requests.seen],
        span,
        unsampled: analysis.flows_without_sampling,
        attacks,
        benign: findings.benign(),
        faults: faults.map(|(kind, count)| (kind.to_string(), count)).collect(),
        databases: databases.collect(),
    };
    traffic::analysis(&Words::english(), &view)
}

/// An attack, as pages tell it.
pub fn of_attack(attack: &Attack, maps: &Maps, open: bool) -> AttackView {
    let target = match attack.prefix_bits {
        Some(bits) => format!("{}/{bits}", address(attack.target)),
        None => address(attack.target).to_string(),
    };
    let vectors = attack.vectors.iter().map(|vector| VectorView {
        name: vector.vector.name(),
        share: vector.fraction,
        packets: vector.packets,
        octets: Some(vector.octets),
        ports: vector.target_ports.clone(),
    });
    AttackView {
        target: Some(target),
        targets: attack.targets.round() as u64,
        carpet: attack.carpet,
        pulse: attack.pulse,
        open,
        span: (UnixMillis(attack.span_ms.0), UnixMillis(attack.span_ms.1)),
        size: Size::Traffic {
            bps: attack.peak_bps,
            pps: attack.peak_pps,
            at_least: attack.sampling_unknown,
        },
        points: attack.seconds.iter().map(|(at, second)| (*at, second.packets)).collect(),
        vectors: vectors.collect(),
        verdict: attack.verdict.name(),
        sources: attack.sources.round() as u64,
        places: places(maps, attack.verdict, &attack.sample),
        signs: Vec::new(),
    }
}

fn of_stretch(stretch: &Stretch, findings: &Findings) -> Option<AttackView> {
    let Kind::Attack(vector) = stretch.kind else { return None };
    let (from, until) = stretch.span_ms;
    let inside = |(at, _): &&(i64, f64)| (from / 1_000..until / 1_000).contains(at);
    Some(AttackView {
        target: None,
        targets: 1,
        carpet: false,
        pulse: false,
        open: false,
        span: (UnixMillis(from), UnixMillis(until)),
        size: Size::Requests {
            rps: stretch.peak_rps,
            usual: stretch.usual_rps,
            errors_share: stretch.errors_share,
        },
        points: spread(findings.rates.iter().filter(inside).copied()),
        vectors: vec![VectorView {
            name: vector.name(),
            share: 1.0,
            packets: stretch.requests,
            octets: None,
            ports: Vec::new(),
        }],
        verdict: Sources::Handshake.name(),
        sources: stretch.clients.round() as u64,
        places: places(&findings.maps, Sources::Handshake, &stretch.sample),
        signs: stretch.signs.clone(),
    })
}

/// Windows of ten seconds as seconds: a rate holds for all of its window.
fn spread(windows: impl Iterator<Item = (i64, f64)>) -> Vec<(i64, f64)> {
    let length_s = outcry_core::attack::requests::WINDOW_MS / 1_000;
    windows.flat_map(|(at, rate)| (at..at + length_s).map(move |second| (second, rate))).collect()
}

fn places(maps: &Maps, verdict: Sources, sample: &[u128]) -> PlacesView {
    match maps.countries(verdict, sample) {
        Told::Withheld(reason) => PlacesView::Withheld(reason.name()),
        Told::Countries(countries) => PlacesView::Countries(
            countries.into_iter().map(|cell| (cell.country, cell.low, cell.high)).collect(),
        ),
    }
}

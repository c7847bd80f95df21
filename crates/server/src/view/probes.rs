//! What probes say, as the API shows it.

use outcry_core::detect::failure::Stance;
use outcry_core::incident::Outage;
use outcry_core::signal::probe::AddressFamily;
use outcry_core::snapshot::ProbesNow;
use outcry_core::snapshot::VantageNow;
use outcry_core::snapshot::VantagePoint;
use serde::Serialize;

/// What vantage points say of a service now.
#[derive(Debug, Serialize)]
pub struct ProbesView {
    agreement: &'static str,
    failing: u32,
    asked: u32,
    kind: String,
    phase: Option<String>,
    detail: Option<String>,
    soft: bool,
    newest: Option<String>,
    vantages: Vec<VantageView>,
}

#[derive(Debug, Serialize)]
struct VantageView {
    name: String,
    country: Option<String>,
    asn: Option<u32>,
    says: &'static str,
    at: String,
    phase: Option<String>,
    detail: Option<String>,
    /// Rounds that judged in the last 24 hours, and those of them that failed.
    rounds: u32,
    failed: u32,
}

/// All vantage points.
#[derive(Debug, Serialize)]
pub struct VantagesView {
    vantages: Vec<PointView>,
}

#[derive(Debug, Serialize)]
struct PointView {
    name: String,
    country: Option<String>,
    asn: Option<u32>,
    at: String,
    services: u32,
}

impl VantagesView {
    /// From what the engine knows.
    pub fn new(points: &[VantagePoint]) -> Self {
        let point = |point: &VantagePoint| PointView {
            name: point.name.to_string(),
            country: point.place.country.map(|country| country.to_string()),
            asn: point.place.asn.map(|asn| asn.0),
            at: point.at.to_string(),
            services: point.services,
        };
        Self { vantages: points.iter().map(point).collect() }
    }
}

/// A stretch of time in which probes failed.
#[derive(Debug, Serialize)]
pub struct OutageView {
    opened_at: String,
    closed_at: Option<String>,
    agreement: &'static str,
    failing: u32,
    asked: u32,
    countries: Vec<String>,
    networks: Vec<u32>,
    kind: String,
    component: Option<String>,
    family: Option<&'static str>,
    phase: Option<String>,
    detail: Option<String>,
    soft: bool,
}

impl From<&ProbesNow> for ProbesView {
    fn from(probes: &ProbesNow) -> Self {
        Self {
            agreement: probes.agreement.name(),
            failing: probes.failing,
            asked: probes.asked,
            kind: probes.kind.to_string(),
            phase: probes.phase.as_ref().map(ToString::to_string),
            detail: probes.detail.as_ref().map(ToString::to_string),
            soft: probes.soft,
            newest: probes.newest.map(|at| at.to_string()),
            vantages: probes.vantages.iter().map(VantageView::from).collect(),
        }
    }
}

impl From<&VantageNow> for VantageView {
    fn from(vantage: &VantageNow) -> Self {
        Self {
            name: vantage.name.to_string(),
            country: vantage.place.country.map(|country| country.to_string()),
            asn: vantage.place.asn.map(|asn| asn.0),
            says: match vantage.stance {
                Some(Stance::Passes) => "passes",
                Some(Stance::Fails) => "fails",
                Some(Stance::Blocked) => "blocked",
                Some(Stance::CutOff) => "cut_off",
                None => "nothing",
            },
            at: vantage.at.to_string(),
            phase: vantage.phase.as_ref().map(ToString::to_string),
            detail: vantage.detail.as_ref().map(ToString::to_string),
            rounds: vantage.cells.iter().map(|cell| cell.asked).sum(),
            failed: vantage.cells.iter().map(|cell| cell.failed).sum(),
        }
    }
}

impl From<&Outage> for OutageView {
    fn from(outage: &Outage) -> Self {
        Self {
            opened_at: outage.opened_at.to_string(),
            closed_at: outage.closed_at.map(|at| at.to_string()),
            agreement: outage.agreement.name(),
            failing: outage.failing,
            asked: outage.asked,
            countries: outage.countries.iter().map(ToString::to_string).collect(),
            networks: outage.networks.iter().map(|asn| asn.0).collect(),
            kind: outage.kind.to_string(),
            component: outage.component.as_ref().map(ToString::to_string),
            family: outage.family.map(|family| match family {
                AddressFamily::V4 => "v4",
                AddressFamily::V6 => "v6",
            }),
            phase: outage.phase.as_ref().map(ToString::to_string),
            detail: outage.detail.as_ref().map(ToString::to_string),
            soft: outage.soft,
        }
    }
}

//! Views: what the API shows. Apart from the domain, so that either can change alone.

pub mod health;
pub mod probes;

use std::collections::BTreeMap;

use outcry_core::catalog::Catalog;
use outcry_core::catalog::Service;
use outcry_core::incident::Incident;
use outcry_core::incident::PlaceCount;
use outcry_core::incident::Scope;
use outcry_core::incident::Severity;
use outcry_core::incident::Share;
use outcry_core::snapshot::ServiceSnapshot;
use serde::Serialize;

use crate::summary::Summary;
use crate::view::probes::OutageView;
use crate::view::probes::ProbesView;

/// All services.
#[derive(Debug, Serialize)]
pub struct ServicesView {
    reconstruction: bool,
    services: Vec<ServiceLine>,
    /// Ask for these next, or `null` at the end.
    next: Option<String>,
}

#[derive(Debug, Serialize)]
struct ServiceLine {
    slug: String,
    name: String,
    aliases: Vec<String>,
    category: String,
    state: &'static str,
    times_usual: Option<f64>,
    counted_15min: u64,
    incident: Option<String>,
}

impl ServicesView {
    /// From the summaries; what else people call a service is in the catalogue.
    pub fn new(
        reconstruction: bool,
        catalog: &Catalog,
        all: &[Summary],
        next: Option<String>,
    ) -> Self {
        let aliases = |slug: &str| -> Vec<String> {
            let of = |service: &Service| service.aliases.iter().map(|it| it.to_string()).collect();
            catalog.service(slug).map(of).unwrap_or_default()
        };
        let line = |summary: &Summary| ServiceLine {
            slug: summary.slug.to_string(),
            name: summary.name.to_string(),
            aliases: aliases(&summary.slug),
            category: summary.category.to_string(),
            state: state(summary.open().map(|open| open.severity), summary.knows_usual),
            times_usual: summary.knows_usual.then(|| rounded(summary.times_usual)),
            counted_15min: summary.counted_15min,
            incident: summary.open().map(|open| open.id.0.to_string()),
        };
        let services = all.iter().map(line).collect();
        Self { reconstruction, services, next }
    }
}

/// One service.
#[derive(Debug, Serialize)]
pub struct ServiceView {
    slug: String,
    name: String,
    category: String,
    reconstruction: bool,
    state: &'static str,
    received_5min: u64,
    counted_5min: u64,
    usual_5min: Option<f64>,
    counted_15min: u64,
    usual_15min: Option<f64>,
    times_usual: Option<f64>,
    works_15min: u64,
    received_24h: u64,
    counted_24h: u64,
    weeks_learnt: f64,
    affected: BTreeMap<String, ShareView>,
    problems: BTreeMap<String, ShareView>,
    places: Vec<PlaceView>,
    choices: Choices,
    probes: Option<ProbesView>,
    incident: Option<IncidentView>,
    earlier: Vec<String>,
}

#[derive(Debug, Serialize)]
struct Choices {
    affected: Vec<String>,
    problem: Vec<String>,
}

#[derive(Debug, Serialize)]
struct ShareView {
    count: u64,
    share: f64,
    usual: Option<f64>,
}

#[derive(Debug, Serialize)]
struct PlaceView {
    country: Option<String>,
    count: u64,
    times_usual: Option<f64>,
}

impl ServiceView {
    /// From a snapshot.
    pub fn new(service: &Service, snapshot: &ServiceSnapshot) -> Self {
        let texts =
            |list: &[outcry_core::units::Text]| list.iter().map(|t| t.to_string()).collect();
        let sum = |of: fn(&outcry_core::series::MinuteRow) -> u32| -> u64 {
            snapshot.minutes.iter().map(|row| u64::from(of(row))).sum()
        };
        let open = snapshot.incident.as_ref().filter(|incident| incident.is_open());
        let usual = |level: f64| snapshot.knows_usual().then(|| rounded(level));
        Self {
            slug: service.slug.to_string(),
            name: service.name.to_string(),
            category: service.category.to_string(),
            reconstruction: snapshot.reconstruction,
            state: state(open.map(|incident| incident.severity), snapshot.knows_usual()),
            received_5min: snapshot.received_5min,
            counted_5min: snapshot.counted_5min,
            usual_5min: usual(snapshot.usual_5min),
            counted_15min: snapshot.counted_15min,
            usual_15min: usual(snapshot.usual_15min),
            times_usual: usual(snapshot.times_usual()),
            works_15min: snapshot.works_15min,
            received_24h: sum(|row| row.received),
            counted_24h: sum(|row| row.counted),
            weeks_learnt: rounded(snapshot.weeks_learnt),
            affected: shares(&snapshot.components),
            problems: shares(&snapshot.problems),
            places: places(&snapshot.places),
            choices: Choices {
                affected: texts(&service.components),
                problem: texts(&service.problems),
            },
            probes: snapshot.probes.as_ref().map(ProbesView::from),
            incident: snapshot.incident.as_ref().map(IncidentView::from),
            earlier: snapshot.earlier.iter().map(|incident| incident.id.0.to_string()).collect(),
        }
    }
}

/// One incident.
#[derive(Debug, Serialize)]
pub struct IncidentView {
    id: String,
    service: String,
    severity: &'static str,
    opened_at: String,
    closed_at: Option<String>,
    surges: Vec<SurgeView>,
    probes: Vec<OutageView>,
    affected: BTreeMap<String, ShareView>,
    problems: BTreeMap<String, ShareView>,
    places: Vec<PlaceView>,
    scope: ScopeView,
    reports_counted: u64,
    reports_received: u64,
    /// No cause is named from reports.
    named: Option<String>,
    reconstruction: bool,
    revision: u32,
}

#[derive(Debug, Serialize)]
struct SurgeView {
    opened_at: String,
    peak_at: String,
    closed_at: Option<String>,
    peak: u64,
    usual: f64,
    counted: u64,
    excess: f64,
}

#[derive(Debug, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum ScopeView {
    Everywhere,
    Countries { countries: Vec<String> },
    Network { asn: u32 },
    Partial,
    OnePlace,
    Unknown,
}

impl From<&Incident> for IncidentView {
    fn from(incident: &Incident) -> Self {
        let surge = |surge: &outcry_core::incident::Surge| SurgeView {
            opened_at: surge.opened_at.to_string(),
            peak_at: surge.peak_at.to_string(),
            closed_at: surge.closed_at.map(|at| at.to_string()),
            peak: surge.peak,
            usual: rounded(surge.usual),
            counted: surge.counted,
            excess: rounded(surge.excess),
        };
        Self {
            id: incident.id.0.to_string(),
            service: incident.service.to_string(),
            severity: state(Some(incident.severity), true),
            opened_at: incident.opened_at.to_string(),
            closed_at: incident.closed_at.map(|at| at.to_string()),
            surges: incident.surges.iter().map(surge).collect(),
            probes: incident.outages.iter().map(OutageView::from).collect(),
            affected: shares(&incident.components),
            problems: shares(&incident.problems),
            places: places(&incident.places),
            scope: ScopeView::of(&incident.scope, incident.knows_places()),
            reports_counted: incident.reports_counted,
            reports_received: incident.reports_received,
            named: None,
            reconstruction: incident.reconstruction,
            revision: incident.revision,
        }
    }
}

impl ScopeView {
    /// Who knows no places cannot say that none stands out.
    fn of(scope: &Scope, knows_places: bool) -> Self {
        match scope {
            Scope::Everywhere if !knows_places => Self::Unknown,
            Scope::Everywhere => Self::Everywhere,
            Scope::Countries(list) => {
                Self::Countries { countries: list.iter().map(|c| c.to_string()).collect() }
            }
            Scope::Network(asn) => Self::Network { asn: asn.0 },
            Scope::Partial => Self::Partial,
            Scope::OnePlace => Self::OnePlace,
        }
    }
}

/// A page of incidents.
#[derive(Debug, Serialize)]
pub struct IncidentsView {
    incidents: Vec<IncidentView>,
    /// Ask for these next, or `null` at the end.
    next: Option<String>,
}

impl IncidentsView {
    /// A page of a list, and the address of the next.
    pub fn new(incidents: &[Incident], next: Option<String>) -> Self {
        Self { incidents: incidents.iter().map(IncidentView::from).collect(), next }
    }
}

fn state(severity: Option<Severity>, knows_usual: bool) -> &'static str {
    match severity {
        None if !knows_usual => "unknown",
        None => "usual",
        Some(Severity::Warning) => "warning",
        Some(Severity::Danger) => "danger",
    }
}

fn shares(list: &[Share]) -> BTreeMap<String, ShareView> {
    list.iter()
        .map(|share| {
            let view = ShareView {
                count: share.count,
                share: rounded(share.share),
                usual: share.usual.map(rounded),
            };
            (share.name.to_string(), view)
        })
        .collect()
}

fn places(list: &[PlaceCount]) -> Vec<PlaceView> {
    list.iter()
        .map(|place| PlaceView {
            country: place.country.map(|country| country.to_string()),
            count: place.count,
            times_usual: place.times_usual.map(rounded),
        })
        .collect()
}

/// Three decimals: more would claim more than a count holds.
pub fn rounded(value: f64) -> f64 {
    (value * 1_000.0).round() / 1_000.0
}

#[cfg(test)]
mod tests {
    use outcry_core::units::Asn;
    use serde_json::json;

    use super::*;

    #[test]
    fn everywhere_is_said_only_where_places_are_known() {
        let network = json!({ "kind": "network", "asn": 64_500 });
        for (scope, knows_places, want) in [
            (Scope::Everywhere, true, json!({ "kind": "everywhere" })),
            (Scope::Everywhere, false, json!({ "kind": "unknown" })),
            (Scope::Network(Asn(64_500)), false, network.clone()),
            (Scope::Network(Asn(64_500)), true, network),
            (Scope::OnePlace, false, json!({ "kind": "one_place" })),
            (Scope::Partial, false, json!({ "kind": "partial" })),
        ] {
            let view = ScopeView::of(&scope, knows_places);
            assert_eq!(serde_json::to_value(view).expect("JSON"), want, "{scope:?}");
        }
    }
}

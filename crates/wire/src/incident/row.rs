//! The stored rows of an incident: every field of it, exactly, for any form of time.
//!
//! A store keeps `Ms`; a case file, which people read, keeps `Iso`.

use outcry_core::incident::Ending;
use outcry_core::incident::Incident;
use outcry_core::incident::IncidentId;
use outcry_core::incident::Opening;
use outcry_core::incident::Outage;
use outcry_core::incident::PlaceCount;
use outcry_core::incident::Scope;
use outcry_core::incident::Severity;
use outcry_core::incident::Share;
use outcry_core::incident::Surge;
use outcry_core::series::Slice;
use outcry_core::time::UnixMillis;
use outcry_core::units::Asn;
use serde::Deserialize;
use serde::Serialize;

use crate::incident::outage::OutageRow;
use crate::incident::peers::PeersRow;
use crate::incident::scalar::Code;
use crate::incident::scalar::Number;
use crate::incident::scalar::Word;

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct IncidentRow<T> {
    id: Word,
    service: Word,
    severity: SeverityRow,
    opened_at: T,
    closed_at: Option<T>,
    surges: Vec<SurgeRow<T>>,
    // Absent in what was stored before probes were weighed.
    #[serde(default = "Vec::new")]
    outages: Vec<OutageRow<T>>,
    components: Vec<ShareRow>,
    problems: Vec<ShareRow>,
    places: Vec<PlaceRow>,
    scope: ScopeRow,
    #[serde(default = "PeersRow::default")]
    peers: PeersRow<T>,
    reports_counted: u64,
    reports_received: u64,
    reconstruction: bool,
    revision: u32,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SeverityRow {
    Warning,
    Danger,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub(crate) enum ScopeRow {
    Everywhere,
    Countries { countries: Vec<Code> },
    Network { asn: u32 },
    Partial,
    OnePlace,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SurgeRow<T> {
    opened_at: T,
    peak_at: T,
    closed_at: Option<T>,
    #[serde(default)]
    ending: Option<EndingRow>,
    peak: u64,
    usual: Number,
    counted: u64,
    excess: Number,
    opening: OpeningRow,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum EndingRow {
    Calm,
    NewUsual,
}

/// The doubt in rows of before it was written down.
fn none() -> Number {
    Number(0.0)
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OpeningRow {
    count: u64,
    usual: Number,
    #[serde(default = "none")]
    doubt: Number,
    e_value: Number,
    threshold: Number,
    reporters: u64,
    networks: u64,
    prefixes: u64,
    slice: SliceRow,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub(crate) enum SliceRow {
    All,
    Country { country: Code },
    Component { name: Word },
    Problem { name: Word },
    Network { asn: u32 },
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ShareRow {
    name: Word,
    count: u64,
    share: Number,
    usual: Option<Number>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PlaceRow {
    country: Option<Code>,
    count: u64,
    times_usual: Option<Number>,
}

impl<T: From<UnixMillis>> From<&Incident> for IncidentRow<T> {
    fn from(incident: &Incident) -> Self {
        Self {
            id: Word(incident.id.0.clone()),
            service: Word(incident.service.clone()),
            severity: incident.severity.into(),
            opened_at: incident.opened_at.into(),
            closed_at: incident.closed_at.map(T::from),
            surges: incident.surges.iter().map(SurgeRow::from).collect(),
            outages: incident.outages.iter().map(OutageRow::from).collect(),
            components: incident.components.iter().map(ShareRow::from).collect(),
            problems: incident.problems.iter().map(ShareRow::from).collect(),
            places: incident.places.iter().map(PlaceRow::from).collect(),
            scope: (&incident.scope).into(),
            peers: (&incident.peers).into(),
            reports_counted: incident.reports_counted,
            reports_received: incident.reports_received,
            reconstruction: incident.reconstruction,
            revision: incident.revision,
        }
    }
}

impl<T: Into<UnixMillis>> From<IncidentRow<T>> for Incident {
    fn from(row: IncidentRow<T>) -> Self {
        Self {
            id: IncidentId(row.id.0),
            service: row.service.0,
            severity: match row.severity {
                SeverityRow::Warning => Severity::Warning,
                SeverityRow::Danger => Severity::Danger,
            },
            opened_at: row.opened_at.into(),
            closed_at: row.closed_at.map(T::into),
            surges: row.surges.into_iter().map(Surge::from).collect(),
            outages: row.outages.into_iter().map(Outage::from).collect(),
            components: row.components.into_iter().map(Share::from).collect(),
            problems: row.problems.into_iter().map(Share::from).collect(),
            places: row.places.into_iter().map(PlaceCount::from).collect(),
            scope: match row.scope {
                ScopeRow::Everywhere => Scope::Everywhere,
                ScopeRow::Countries { countries } => {
                    Scope::Countries(countries.into_iter().map(|code| code.0).collect())
                }
                ScopeRow::Network { asn } => Scope::Network(Asn(asn)),
                ScopeRow::Partial => Scope::Partial,
                ScopeRow::OnePlace => Scope::OnePlace,
            },
            peers: row.peers.into(),
            reports_counted: row.reports_counted,
            reports_received: row.reports_received,
            reconstruction: row.reconstruction,
            revision: row.revision,
        }
    }
}

impl From<Severity> for SeverityRow {
    fn from(severity: Severity) -> Self {
        match severity {
            Severity::Warning => Self::Warning,
            Severity::Danger => Self::Danger,
        }
    }
}

impl From<&Scope> for ScopeRow {
    fn from(scope: &Scope) -> Self {
        match scope {
            Scope::Everywhere => Self::Everywhere,
            Scope::Countries(countries) => {
                Self::Countries { countries: countries.iter().copied().map(Code).collect() }
            }
            Scope::Network(asn) => Self::Network { asn: asn.0 },
            Scope::Partial => Self::Partial,
            Scope::OnePlace => Self::OnePlace,
        }
    }
}

impl<T: From<UnixMillis>> From<&Surge> for SurgeRow<T> {
    fn from(surge: &Surge) -> Self {
        Self {
            opened_at: surge.opened_at.into(),
            peak_at: surge.peak_at.into(),
            closed_at: surge.closed_at.map(T::from),
            ending: surge.ending.map(EndingRow::from),
            peak: surge.peak,
            usual: Number(surge.usual),
            counted: surge.counted,
            excess: Number(surge.excess),
            opening: (&surge.opening).into(),
        }
    }
}

impl From<&Opening> for OpeningRow {
    fn from(opening: &Opening) -> Self {
        Self {
            count: opening.count,
            usual: Number(opening.usual),
            doubt: Number(opening.doubt),
            e_value: Number(opening.e_value),
            threshold: Number(opening.threshold),
            reporters: opening.reporters,
            networks: opening.networks,
            prefixes: opening.prefixes,
            slice: (&opening.slice).into(),
        }
    }
}

impl From<OpeningRow> for Opening {
    fn from(row: OpeningRow) -> Self {
        Self {
            count: row.count,
            usual: row.usual.0,
            doubt: row.doubt.0,
            e_value: row.e_value.0,
            threshold: row.threshold.0,
            reporters: row.reporters,
            networks: row.networks,
            prefixes: row.prefixes,
            slice: row.slice.into(),
        }
    }
}

impl<T: Into<UnixMillis>> From<SurgeRow<T>> for Surge {
    fn from(row: SurgeRow<T>) -> Self {
        Self {
            opened_at: row.opened_at.into(),
            peak_at: row.peak_at.into(),
            closed_at: row.closed_at.map(T::into),
            ending: row.ending.map(Ending::from),
            peak: row.peak,
            usual: row.usual.0,
            counted: row.counted,
            excess: row.excess.0,
            opening: row.opening.into(),
        }
    }
}

impl From<Ending> for EndingRow {
    fn from(ending: Ending) -> Self {
        match ending {
            Ending::Calm => Self::Calm,
            Ending::NewUsual => Self::NewUsual,
        }
    }
}

impl From<EndingRow> for Ending {
    fn from(row: EndingRow) -> Self {
        match row {
            EndingRow::Calm => Self::Calm,
            EndingRow::NewUsual => Self::NewUsual,
        }
    }
}

impl From<&Slice> for SliceRow {
    fn from(slice: &Slice) -> Self {
        match slice {
            Slice::All => Self::All,
            Slice::Country(country) => Self::Country { country: Code(*country) },
            Slice::Component(name) => Self::Component { name: Word(name.clone()) },
            Slice::Problem(name) => Self::Problem { name: Word(name.clone()) },
            Slice::Network(asn) => Self::Network { asn: asn.0 },
        }
    }
}

impl From<SliceRow> for Slice {
    fn from(row: SliceRow) -> Self {
        match row {
            SliceRow::All => Self::All,
            SliceRow::Country { country } => Self::Country(country.0),
            SliceRow::Component { name } => Self::Component(name.0),
            SliceRow::Problem { name } => Self::Problem(name.0),
            SliceRow::Network { asn } => Self::Network(Asn(asn)),
        }
    }
}

impl From<&Share> for ShareRow {
    fn from(share: &Share) -> Self {
        Self {
            name: Word(share.name.clone()),
            count: share.count,
            share: Number(share.share),
            usual: share.usual.map(Number),
        }
    }
}

impl From<ShareRow> for Share {
    fn from(row: ShareRow) -> Self {
        Self {
            name: row.name.0,
            count: row.count,
            share: row.share.0,
            usual: row.usual.map(|usual| usual.0),
        }
    }
}

impl From<&PlaceCount> for PlaceRow {
    fn from(place: &PlaceCount) -> Self {
        Self {
            country: place.country.map(Code),
            count: place.count,
            times_usual: place.times_usual.map(Number),
        }
    }
}

impl From<PlaceRow> for PlaceCount {
    fn from(row: PlaceRow) -> Self {
        Self {
            country: row.country.map(|code| code.0),
            count: row.count,
            times_usual: row.times_usual.map(|times| times.0),
        }
    }
}

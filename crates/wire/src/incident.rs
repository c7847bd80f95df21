//! Incidents and claims as lines of `replay --json`, rounded for people and programs to read, and
//! the stored form of an incident, which keeps every field exactly.
//!
//! # What it cannot tell
//!
//! Why an incident happened. The lines are rounded; the stored form is exact.

pub(crate) mod claim;
pub(crate) mod outage;
pub mod peers;
pub(crate) mod row;
pub(crate) mod scalar;
pub mod told;

use outcry_core::claim::ClaimRecord;
use outcry_core::incident::Incident;
use outcry_core::incident::IncidentId;
use outcry_core::incident::PlaceCount;
use outcry_core::incident::Share;
use outcry_core::incident::Surge;
use serde::Deserialize;
use serde::Serialize;
use serde::Serializer;

use crate::incident::claim::ClaimRow;
use crate::incident::claim::Reconstruction;
use crate::incident::outage::OutageRow;
use crate::incident::peers::PeersRow;
use crate::incident::row::EndingRow;
use crate::incident::row::IncidentRow;
use crate::incident::row::OpeningRow;
use crate::incident::row::ScopeRow;
use crate::incident::row::SeverityRow;
use crate::incident::scalar::Code;
use crate::incident::scalar::Iso;
use crate::incident::scalar::Ms;

/// Version of the stored form of an incident.
pub const STORED_INCIDENT_VERSION: u32 = 1;

/// Decimals of a share in a line.
const SHARE_DECIMALS: i32 = 4;
/// Decimals of a usual level, an excess or a multiple in a line.
const LEVEL_DECIMALS: i32 = 2;
/// Decimals of a span in seconds in a line.
const SPAN_DECIMALS: i32 = 3;

/// Why a stored form could not be read.
#[derive(Debug, thiserror::Error)]
pub enum FormError {
    /// The text is not of this form.
    #[error("this is no {form}; give the text exactly as it was written")]
    Unreadable {
        /// What was expected.
        form: &'static str,
        /// Where it stopped making sense.
        source: serde_json::Error,
    },
    /// The text is of another version of this form.
    #[error("{form} of version {found}, {known} is known; read it with the outcry that wrote it")]
    Version {
        /// What was expected.
        form: &'static str,
        /// The version it says.
        found: u32,
        /// The version that can be read.
        known: u32,
    },
}

/// Writes an incident as one line of `replay --json`, without the end of the line.
///
/// `detected_after_s` is the delay from the true start in seconds, where a truth is known.
pub fn incident_line(incident: &Incident, detected_after_s: Option<f64>) -> String {
    let line = IncidentLine {
        line_type: "incident",
        id: &incident.id.0,
        service: &incident.service,
        opened_at: Iso(incident.opened_at),
        closed_at: incident.closed_at.map(Iso),
        severity: incident.severity.into(),
        surges: incident.surges.iter().map(SurgeLine::from).collect(),
        probes: incident.outages.iter().map(OutageRow::from).collect(),
        components: Shares(&incident.components),
        components_usual: SharesUsual(&incident.components),
        problems: Shares(&incident.problems),
        problems_usual: SharesUsual(&incident.problems),
        places: incident.places.iter().map(PlaceLine::from).collect(),
        scope: (&incident.scope).into(),
        peers: (&incident.peers).into(),
        reports_counted: incident.reports_counted,
        reports_received: incident.reports_received,
        reconstruction: incident.reconstruction,
        revision: incident.revision,
        detected_after_s: detected_after_s.map(|span_s| round(span_s, SPAN_DECIMALS)),
    };
    serde_json::to_string(&line).expect("a line has texts for keys")
}

/// Writes a claim and its rulings as one line of `replay --json`, without the end of the line.
pub fn claim_line(incident: &IncidentId, record: &ClaimRecord, reconstruction: bool) -> String {
    let row = ClaimRow::from(record).in_line(incident, Reconstruction(reconstruction));
    serde_json::to_string(&row).expect("a line has texts for keys")
}

/// Writes an incident for a store: every field exactly, times in milliseconds since 1970.
pub fn write_incident(incident: &Incident) -> String {
    let stored: Stored<IncidentRow<Ms>> =
        Stored { v: STORED_INCIDENT_VERSION, incident: incident.into() };
    serde_json::to_string(&stored).expect("a row has texts for keys")
}

/// Reads what [`write_incident`] wrote.
pub fn read_incident(text: &str) -> Result<Incident, FormError> {
    const FORM: &str = "stored incident";
    let unreadable = |source| FormError::Unreadable { form: FORM, source };
    let version: StoredVersion = serde_json::from_str(text).map_err(unreadable)?;
    if version.v != STORED_INCIDENT_VERSION {
        let (found, known) = (version.v, STORED_INCIDENT_VERSION);
        return Err(FormError::Version { form: FORM, found, known });
    }
    let stored: Stored<IncidentRow<Ms>> = serde_json::from_str(text).map_err(unreadable)?;
    Ok(stored.incident.into())
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored<I> {
    v: u32,
    incident: I,
}

#[derive(Deserialize)]
struct StoredVersion {
    v: u32,
}

#[derive(Serialize)]
struct IncidentLine<'a> {
    #[serde(rename = "type")]
    line_type: &'static str,
    id: &'a str,
    service: &'a str,
    opened_at: Iso,
    closed_at: Option<Iso>,
    severity: SeverityRow,
    surges: Vec<SurgeLine>,
    probes: Vec<OutageRow<Iso>>,
    components: Shares<'a>,
    components_usual: SharesUsual<'a>,
    problems: Shares<'a>,
    problems_usual: SharesUsual<'a>,
    places: Vec<PlaceLine>,
    scope: ScopeRow,
    peers: PeersRow<Iso>,
    reports_counted: u64,
    reports_received: u64,
    reconstruction: bool,
    revision: u32,
    detected_after_s: Option<f64>,
}

#[derive(Serialize)]
struct SurgeLine {
    opened_at: Iso,
    peak_at: Iso,
    closed_at: Option<Iso>,
    ending: Option<EndingRow>,
    peak: u64,
    usual: f64,
    counted: u64,
    excess: f64,
    opening: OpeningRow,
}

#[derive(Serialize)]
struct PlaceLine {
    country: Option<Code>,
    count: u64,
    times_usual: Option<f64>,
}

/// An object of shares by name, in their order.
struct Shares<'a>(&'a [Share]);

/// An object of usual shares by name, `null` where nothing is known.
struct SharesUsual<'a>(&'a [Share]);

impl From<&Surge> for SurgeLine {
    fn from(surge: &Surge) -> Self {
        Self {
            opened_at: Iso(surge.opened_at),
            peak_at: Iso(surge.peak_at),
            closed_at: surge.closed_at.map(Iso),
            ending: surge.ending.map(EndingRow::from),
            peak: surge.peak,
            usual: round(surge.usual, LEVEL_DECIMALS),
            counted: surge.counted,
            excess: round(surge.excess, LEVEL_DECIMALS),
            opening: (&surge.opening).into(),
        }
    }
}

impl From<&PlaceCount> for PlaceLine {
    fn from(place: &PlaceCount) -> Self {
        Self {
            country: place.country.map(Code),
            count: place.count,
            times_usual: place.times_usual.map(|times| round(times, LEVEL_DECIMALS)),
        }
    }
}

impl Serialize for Shares<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_map(self.0.iter().map(|it| (&*it.name, round(it.share, SHARE_DECIMALS))))
    }
}

impl Serialize for SharesUsual<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let usual = |it: &Share| it.usual.map(|usual| round(usual, SHARE_DECIMALS));
        to.collect_map(self.0.iter().map(|it| (&*it.name, usual(it))))
    }
}

pub(crate) fn round(number: f64, decimals: i32) -> f64 {
    let scale = 10_f64.powi(decimals);
    let scaled = number * scale;
    // A number too large to be scaled has no decimals to lose.
    if scaled.is_finite() { scaled.round() / scale } else { number }
}

#[cfg(test)]
pub(crate) mod tests;

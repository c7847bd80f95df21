//! One service in the vocabulary that tools know from Downdetector: levels `success`, `warning` and
//! `danger`, 96 values of a quarter of an hour, a baseline, and indicators.
//!
//! # What it cannot tell
//!
//! A level while nobody knows what is usual: it is null then, and not `success`.

use outcry_core::incident::Severity;
use outcry_core::incident::Share;
use outcry_core::series::MinuteRow;
use outcry_core::snapshot::ServiceSnapshot;
use serde::Serialize;

use crate::site::Site;
use crate::summary::STEP_MINUTES;
use crate::view::rounded;

/// Quarters of an hour in a day.
const VALUES: usize = 96;

/// A service as Downdetector's tools read it.
#[derive(Debug, Serialize)]
pub struct Crowd {
    slug: String,
    name: String,
    level: Option<&'static str>,
    stats_24: Vec<Value>,
    baseline: Vec<Value>,
    indicators: Vec<Indicator>,
    event: Option<Event>,
    reconstruction: bool,
}

#[derive(Debug, Serialize)]
struct Value {
    date: String,
    value: f64,
}

#[derive(Debug, Serialize)]
struct Indicator {
    slug: String,
    name: String,
    amount: u64,
    percentage: f64,
}

#[derive(Debug, Serialize)]
struct Event {
    id: String,
    measurement: Measurement,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Measurement {
    started_on: String,
    ended_on: Option<String>,
    expected: f64,
    actual: u64,
}

impl Crowd {
    /// From a snapshot.
    pub fn new(site: &Site, name: &str, snapshot: &ServiceSnapshot) -> Self {
        let open = snapshot.incident.as_ref().filter(|incident| incident.is_open());
        let known = snapshot.knows_usual();
        let indicator = |share: &Share| Indicator {
            slug: share.name.to_string(),
            name: site.words.term("problem", &share.name),
            amount: share.count,
            percentage: rounded(share.share * 100.0),
        };
        let event = snapshot.incident.as_ref().and_then(|incident| {
            let surge = incident.surges.last()?;
            let measurement = Measurement {
                started_on: surge.opened_at.to_string(),
                ended_on: surge.closed_at.map(|at| at.to_string()),
                expected: rounded(surge.usual),
                actual: surge.peak,
            };
            Some(Event { id: incident.id.0.to_string(), measurement })
        });
        let values = |of: fn(&MinuteRow) -> f64| -> Vec<Value> { quarters(&snapshot.minutes, of) };
        Self {
            slug: snapshot.service.to_string(),
            name: name.to_owned(),
            level: match open.map(|incident| incident.severity) {
                Some(Severity::Danger) => Some("danger"),
                Some(Severity::Warning) => Some("warning"),
                None => known.then_some("success"),
            },
            stats_24: values(|row| f64::from(row.counted)),
            baseline: if known { values(|row| row.usual) } else { Vec::new() },
            indicators: snapshot.problems.iter().map(indicator).collect(),
            event,
            reconstruction: snapshot.reconstruction,
        }
    }
}

/// Sums of a quarter of an hour, the newest last and ending now; at most a day of them.
fn quarters(rows: &[MinuteRow], of: fn(&MinuteRow) -> f64) -> Vec<Value> {
    let value = |step: &[MinuteRow]| {
        let first = step.first()?;
        let sum = step.iter().map(of).sum();
        Some(Value { date: first.minute.start().to_string(), value: rounded(sum) })
    };
    let mut values: Vec<Value> =
        rows.rchunks(STEP_MINUTES).take(VALUES).filter_map(value).collect();
    values.reverse();
    values
}

//! Figures: the charts of the pages, with their words.
//!
//! The title of a chart is its finding. What is drawn is counted reports; what was received and
//! not counted stands in the numbers beside it.

use maud::Markup;
use outcry_core::claim::ClaimRecord;
use outcry_core::incident::Incident;
use outcry_core::incident::PlaceCount;
use outcry_core::series::MinuteRow;
use outcry_core::snapshot::ServiceSnapshot;
use outcry_core::time::UnixMinute;

use crate::site::Site;

/// What the chart shows, in one sentence.
pub fn finding(site: &Site, in_trouble: bool, incident: Option<&Incident>) -> String {
    let words = &site.words;
    let Some(incident) = incident else { return words.say("finding-calm") };
    let quiet_ms = incident
        .surges
        .windows(2)
        .filter_map(|pair| Some(pair[1].opened_at.since_ms(pair[0].closed_at?)))
        .max();
    let surges = incident.surges.len().into();
    match quiet_ms {
        Some(quiet_ms) => words.with(
            "finding-surges",
            &[("surges", surges), ("quiet", words.span(quiet_ms).into())],
        ),
        None if in_trouble => words.say("finding-surge-open"),
        None => words.say("finding-surge-over"),
    }
}

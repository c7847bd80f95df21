//! Shares and places: counts made fit to be shown.

use std::collections::BTreeMap;

use crate::baseline::Mix;
use crate::incident::Incident;
use crate::incident::PlaceCount;
use crate::incident::Share;
use crate::incident::Surge;
use crate::time::MINUTE_MS;
use crate::time::UnixMillis;
use crate::units::Country;
use crate::units::Text;

/// Reports under which a country is not published alone.
pub(crate) const PLACE_REPORTS_MIN: u64 = 10;
/// Reports usual in the window under which no multiple is given.
const USUAL_REPORTS_MIN: f64 = 0.5;

/// Shares of counts, largest first, then by name.
pub(crate) fn shares(
    counts: &BTreeMap<Text, u64>,
    usual: impl Fn(&str) -> Option<f64>,
) -> Vec<Share> {
    let total: u64 = counts.values().sum();
    let mut shares: Vec<Share> = counts
        .iter()
        .map(|(name, count)| Share {
            name: name.clone(),
            count: *count,
            share: *count as f64 / total.max(1) as f64,
            usual: usual(name),
        })
        .collect();
    shares.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.name.cmp(&b.name)));
    shares
}

/// Counts by country, most first; those under [`PLACE_REPORTS_MIN`] are merged into "elsewhere".
pub(crate) fn places(
    counts: &BTreeMap<Option<Country>, u64>,
    usual: impl Fn(Country) -> Option<f64>,
) -> Vec<PlaceCount> {
    let mut elsewhere = 0;
    let mut places = Vec::new();
    for (country, count) in counts {
        match country {
            Some(country) if *count >= PLACE_REPORTS_MIN => {
                let times_usual = usual(*country)
                    .filter(|usual| *usual >= USUAL_REPORTS_MIN)
                    .map(|usual| *count as f64 / usual);
                places.push(PlaceCount { country: Some(*country), count: *count, times_usual });
            }
            _ => elsewhere += count,
        }
    }
    places.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.country.cmp(&b.country)));
    if elsewhere > 0 {
        places.push(PlaceCount { country: None, count: elsewhere, times_usual: None });
    }
    places
}

/// Adds one to the count of `name`, which is there nearly always.
pub(crate) fn add_one(counts: &mut BTreeMap<Text, u64>, name: &Text) {
    match counts.get_mut(name) {
        Some(n) => *n += 1,
        None => {
            counts.insert(name.clone(), 1);
        }
    }
}

/// Takes away the reports that are there on any day.
pub(crate) fn subtract_usual(counts: &mut BTreeMap<Text, u64>, usual: f64, mix: &Mix) {
    for (name, n) in counts.iter_mut() {
        let expected = usual * mix.share(name).unwrap_or(0.0);
        *n = (*n as f64 - expected).max(0.0).round() as u64;
    }
    counts.retain(|_, n| *n > 0);
}

/// Minutes an incident's surges have lasted.
pub(crate) fn surge_minutes(incident: &Incident, now: UnixMillis) -> f64 {
    let lasted = |surge: &Surge| surge.closed_at.unwrap_or(now).since_ms(surge.opened_at).max(0);
    incident.surges.iter().map(lasted).sum::<i64>() as f64 / MINUTE_MS as f64 + 15.0
}

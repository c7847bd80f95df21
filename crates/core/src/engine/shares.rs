//! Shares and places: counts made fit to be shown.

use std::collections::BTreeMap;

use crate::incident::PlaceCount;
use crate::incident::Share;
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

//! Incidents: surges and outages of one service that belong together, and how bad they are.
//!
//! A surge is a stretch of time with more reports than usual. Surges of one service at most
//! [`JOIN_WITHIN_MS`] apart with the same mix of components and problems are one incident: on
//! 10 March 2025 X failed, was quiet for hours and failed again, and that was one story. An outage
//! is a stretch of time in which probes fail; one at the time of a surge is a part of its story.
//!
//! # What it cannot tell
//!
//! Why. An incident says that people report trouble or that probes fail, since when, with what and
//! from where.

use crate::detect::failure::Agreement;
use crate::detect::together::Peers;
use crate::series::Slice;
use crate::signal::probe::AddressFamily;
use crate::time::HOUR_MS;
use crate::time::UnixMillis;
use crate::units::Asn;
use crate::units::Country;
use crate::units::Text;

/// Surges of one service no more than this apart may be one incident.
pub const JOIN_WITHIN_MS: i64 = 12 * HOUR_MS;
/// Largest total variation between two mixes that still counts as the same mix.
pub const SAME_MIX_VARIATION_MAX: f64 = 0.35;
/// A surge that opens again within this time is the same surge.
pub const REOPEN_WITHIN_MS: i64 = HOUR_MS;
/// Outages one incident lists; further ones are a part of the last.
pub const OUTAGES_PER_INCIDENT_MAX: usize = 100;
/// Length of the window that `peak` and `usual` of a surge are counted over.
pub const PEAK_WINDOW_MS: i64 = 15 * crate::time::MINUTE_MS;

/// `SERVICE-YYYY-MM-DD-N`: the N-th incident of the service that opened that day (UTC).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IncidentId(pub Text);

/// How bad an incident is, by reports or by probes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// More reports than chance allows, or probes that fail from some places.
    Warning,
    /// At least three times the usual *and* at least 20 distinct reporters in 15 minutes; or probes
    /// agree that it fails everywhere or in a region.
    Danger,
}

/// One incident of one service.
#[derive(Clone, Debug, PartialEq)]
pub struct Incident {
    /// Its name for ever.
    pub id: IncidentId,
    /// The slug of the service.
    pub service: Text,
    /// The worst it has been.
    pub severity: Severity,
    /// When its first surge or outage opened.
    pub opened_at: UnixMillis,
    /// When the last of them closed; `None` while one is open.
    pub closed_at: Option<UnixMillis>,
    /// Its surges in order of time; empty when only probes saw it.
    pub surges: Vec<Surge>,
    /// Its outages in order of time; empty when no probe saw it.
    pub outages: Vec<Outage>,
    /// What is affected, largest share first. Shares of the counted reports that named a component.
    pub components: Vec<Share>,
    /// What goes wrong, largest share first. Shares of the counted reports that named a problem.
    pub problems: Vec<Share>,
    /// Where reports came from, most first. Places under 10 reports are merged before publishing.
    pub places: Vec<PlaceCount>,
    /// For whom.
    pub scope: Scope,
    /// What is known from other services.
    pub peers: Peers,
    /// Reports during its surges that were counted, one a reporter in 15 minutes.
    pub reports_counted: u64,
    /// Reports during its surges that came in, counted or not.
    pub reports_received: u64,
    /// True when any signal behind it was synthetic.
    pub reconstruction: bool,
    /// Counts the changes of this record, from 1.
    pub revision: u32,
}

impl Incident {
    /// Whether a surge or an outage is open now.
    pub fn is_open(&self) -> bool {
        self.closed_at.is_none()
    }

    /// Whether it is known where anybody is: a country of reports, or probes of several places.
    pub fn knows_places(&self) -> bool {
        self.places.iter().any(|place| place.country.is_some())
            || self.outages.iter().any(|outage| outage.agreement == Agreement::Global)
    }

    /// When a part of it began or ended last: what was over may fail again.
    pub fn last_news(&self) -> UnixMillis {
        let surges = self.surges.iter().flat_map(|it| [Some(it.opened_at), it.closed_at]);
        let outages = self.outages.iter().flat_map(|it| [Some(it.opened_at), it.closed_at]);
        let news = surges.chain(outages).chain([self.closed_at]).flatten();
        news.fold(self.opened_at, UnixMillis::max)
    }

    /// The outage that is open now.
    pub fn outage(&self) -> Option<&Outage> {
        self.outages.last().filter(|outage| outage.closed_at.is_none())
    }

    /// The surge that is open now.
    pub fn surge(&self) -> Option<&Surge> {
        self.surges.last().filter(|surge| surge.closed_at.is_none())
    }
}

/// A stretch of time in which probes failed, as it was at its worst.
#[derive(Clone, Debug, PartialEq)]
pub struct Outage {
    /// When it was decided.
    pub opened_at: UnixMillis,
    /// Since when it works again, or since when nobody can tell. `None` while open.
    pub closed_at: Option<UnixMillis>,
    /// What vantage points said together.
    pub agreement: Agreement,
    /// Independent places from which it failed.
    pub failing: u32,
    /// Independent places that could judge.
    pub asked: u32,
    /// Countries it failed in; of a regional failure those of the region only.
    pub countries: Vec<Country>,
    /// Networks it failed in, where that is what the failures have in common.
    pub networks: Vec<Asn>,
    /// What was tried: `http`, `dns`, …
    pub kind: Text,
    /// The component that was tried.
    pub component: Option<Text>,
    /// The addresses that were dialled, where that was told apart.
    pub family: Option<AddressFamily>,
    /// The phase in which most failed.
    pub phase: Option<Text>,
    /// What most saw.
    pub detail: Option<Text>,
    /// Most answers said that they were fine, and were not.
    pub soft: bool,
}

impl Outage {
    /// For whom it fails.
    pub fn scope(&self) -> Scope {
        match (self.agreement, self.networks.first()) {
            (Agreement::Global, _) => Scope::Everywhere,
            (Agreement::Regional, _) if !self.countries.is_empty() && self.networks.is_empty() => {
                Scope::Countries(self.countries.clone())
            }
            (Agreement::Regional, Some(asn)) => Scope::Network(*asn),
            (Agreement::OnePlace, _) => Scope::OnePlace,
            _ => Scope::Partial,
        }
    }
}

/// A stretch of time with more reports than usual.
#[derive(Clone, Debug, PartialEq)]
pub struct Surge {
    /// When it was decided: the end of the tick (or the report) that crossed the threshold.
    pub opened_at: UnixMillis,
    /// End of the fullest 15 minutes.
    pub peak_at: UnixMillis,
    /// When it was over: the first minute of the calm that closed it. `None` while open.
    pub closed_at: Option<UnixMillis>,
    /// How it ended; `None` while open.
    pub ending: Option<Ending>,
    /// Counted reports in the fullest 15 minutes.
    pub peak: u64,
    /// Reports that are usual in those 15 minutes.
    pub usual: f64,
    /// Counted reports from opening to closing.
    pub counted: u64,
    /// Counted reports above the usual level from opening to closing.
    pub excess: f64,
    /// What was known at the opening.
    pub opening: Opening,
}

/// How a surge ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The count was usual again.
    Calm,
    /// The count stayed where it was for a day while probes found nothing wrong: that level is the
    /// usual one from then on.
    NewUsual,
}

/// The measurement that opened a surge: enough to explain it in a sentence and to check it.
#[derive(Clone, Debug, PartialEq)]
pub struct Opening {
    /// Counted reports of the last 15 minutes.
    pub count: u64,
    /// Reports usual in 15 minutes.
    pub usual: f64,
    /// How far `usual` may be off because little is known yet, reports in 15 minutes.
    pub doubt: f64,
    /// The e-value reached: how many times likelier the excess is than the usual level.
    pub e_value: f64,
    /// The threshold it had to reach.
    pub threshold: f64,
    /// Distinct reporters in 15 minutes.
    pub reporters: u64,
    /// Distinct networks (ASNs) they came from, 0 when no place is known.
    pub networks: u64,
    /// Distinct network prefixes they came from.
    pub prefixes: u64,
    /// The slice of reports that crossed it.
    pub slice: Slice,
}

/// The part of reports that says one thing, beside its usual part.
#[derive(Clone, Debug, PartialEq)]
pub struct Share {
    /// A component or a problem.
    pub name: Text,
    /// Reports that say it.
    pub count: u64,
    /// Part of all reports that say any, 0..=1.
    pub share: f64,
    /// The usual part, `None` when too little is known (under 20 reports).
    pub usual: Option<f64>,
}

/// Reports from one country, beside its own usual level.
#[derive(Clone, Debug, PartialEq)]
pub struct PlaceCount {
    /// `None`: the place is not known, or merged because it had under 10 reports.
    pub country: Option<Country>,
    /// Counted reports.
    pub count: u64,
    /// How many times the country's own usual level, `None` when that is not known.
    pub times_usual: Option<f64>,
}

/// For whom a service fails, as far as reports and probes can tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// No place stands out, or places are not known.
    Everywhere,
    /// These countries are above their own usual level, or fail, and the rest of the world is not.
    Countries(Vec<Country>),
    /// Reports come from one access network, or probes fail in it.
    Network(Asn),
    /// Probes fail from some places that have nothing in common.
    Partial,
    /// Probes fail from the only place there is.
    OnePlace,
}

impl Scope {
    /// How many it concerns, as a rank: two scopes can be compared and nothing more.
    pub fn width(&self) -> u8 {
        match self {
            Self::OnePlace => 0,
            Self::Partial => 1,
            Self::Network(_) => 2,
            Self::Countries(_) => 3,
            Self::Everywhere => 4,
        }
    }
}

/// Half the sum of absolute differences between two mixes, 0 (same) ..= 1 (disjoint).
///
/// Each mix is a list of (name, count); names may come in any order.
pub fn total_variation(a: &[(Text, u64)], b: &[(Text, u64)]) -> f64 {
    let sum = |mix: &[(Text, u64)]| mix.iter().map(|(_, n)| *n).sum::<u64>() as f64;
    let (sum_a, sum_b) = (sum(a), sum(b));
    if sum_a == 0.0 || sum_b == 0.0 {
        return if sum_a == sum_b { 0.0 } else { 1.0 };
    }
    let mut difference: std::collections::BTreeMap<&str, f64> = std::collections::BTreeMap::new();
    for (name, n) in a {
        *difference.entry(name).or_default() += *n as f64 / sum_a;
    }
    for (name, n) in b {
        *difference.entry(name).or_default() -= *n as f64 / sum_b;
    }
    difference.values().map(|d| d.abs()).sum::<f64>() / 2.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn total_variation_is_zero_for_the_same_mix_and_one_for_strangers() {
        let mix = |pairs: &[(&str, u64)]| -> Vec<(Text, u64)> {
            pairs.iter().map(|&(name, n)| (name.into(), n)).collect()
        };
        let cases = [
            (mix(&[("app", 1), ("web", 1)]), mix(&[("web", 50), ("app", 50)]), 0.0),
            (mix(&[("app", 3)]), mix(&[("web", 9)]), 1.0),
            (mix(&[("app", 3), ("web", 1)]), mix(&[("app", 1), ("web", 3)]), 0.5),
            (mix(&[]), mix(&[]), 0.0),
            (mix(&[]), mix(&[("web", 9)]), 1.0),
        ];
        for (a, b, want) in cases {
            assert!((total_variation(&a, &b) - want).abs() < 1e-12, "{a:?} {b:?}");
        }
    }

    fn failing(opened_at: i64, closed_at: Option<i64>) -> Outage {
        Outage {
            opened_at: UnixMillis(opened_at),
            closed_at: closed_at.map(UnixMillis),
            agreement: Agreement::Global,
            failing: 3,
            asked: 3,
            countries: Vec::new(),
            networks: Vec::new(),
            kind: "http".into(),
            component: None,
            family: None,
            phase: None,
            detail: None,
            soft: false,
        }
    }

    fn incident(outages: Vec<Outage>, closed_at: Option<i64>) -> Incident {
        Incident {
            id: IncidentId("x-1970-01-01-1".into()),
            service: "x".into(),
            severity: Severity::Danger,
            opened_at: UnixMillis(1_000),
            closed_at: closed_at.map(UnixMillis),
            surges: Vec::new(),
            outages,
            components: Vec::new(),
            problems: Vec::new(),
            places: Vec::new(),
            scope: Scope::Everywhere,
            peers: Peers::default(),
            reports_counted: 0,
            reports_received: 0,
            reconstruction: false,
            revision: 1,
        }
    }

    #[test]
    fn news_never_go_back_in_time_when_it_fails_again() {
        let first = failing(1_000, Some(5_000));
        let mut before = UnixMillis(0);
        for (outages, closed_at, want) in [
            (vec![failing(1_000, None)], None, 1_000),
            (vec![first.clone()], Some(5_000), 5_000),
            (vec![first.clone(), failing(9_000, None)], None, 9_000),
            (vec![first, failing(9_000, Some(9_500))], Some(9_500), 9_500),
        ] {
            let news = incident(outages, closed_at).last_news();
            assert_eq!(news, UnixMillis(want));
            assert!(news > before, "{news} after {before}");
            before = news;
        }
    }
}

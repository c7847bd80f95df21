//! For whom? What is affected and where, beside what is usual there.

use outcry_core::units::Country;
use outcry_server::page::service::SHARES_REPORTS_MIN;
use outcry_server::words::Words;
use serde::Serialize;

use crate::ask::shape::Place;
use crate::ask::shape::Scope;
use crate::ask::shape::Service;

/// Components and problems that are told.
const PARTS_MAX: usize = 4;
/// Countries that are told.
const PLACES_MAX: usize = 6;

/// For whom a service fails, by the reports of the last hour.
#[derive(Clone, Debug, Serialize)]
pub struct Whom {
    /// What the open incident is about; null when none is open.
    pub scope: Option<Scope>,
    /// What is affected, most first.
    pub affected: Vec<Part>,
    /// What goes wrong, most first.
    pub problems: Vec<Part>,
    /// Countries, most reports first; those with few reports stand together without a name.
    pub countries: Vec<Place>,
}

/// A part of the reports.
#[derive(Clone, Debug, Serialize)]
pub struct Part {
    /// In a word.
    pub name: String,
    /// Its share of the reports that say so.
    pub share: f64,
    /// The share that is usual.
    pub usual: Option<f64>,
}

impl Whom {
    /// Of a service.
    pub fn of(service: &Service) -> Self {
        let parts = |of: &std::collections::BTreeMap<String, crate::ask::shape::Share>| {
            // Of a handful of reports a share says nothing.
            let told: u64 = of.values().map(|share| share.count).sum();
            let enough = told >= SHARES_REPORTS_MIN;
            let mut parts: Vec<Part> = of
                .iter()
                .filter(|_| enough)
                .filter(|(_, share)| share.count > 0)
                .map(|(name, it)| Part { name: name.clone(), share: it.share, usual: it.usual })
                .collect();
            parts.sort_by(|a, b| b.share.total_cmp(&a.share).then(a.name.cmp(&b.name)));
            parts.truncate(PARTS_MAX);
            parts
        };
        let mut countries = service.places.clone();
        countries.sort_by(|a, b| {
            a.country.is_none().cmp(&b.country.is_none()).then(b.count.cmp(&a.count))
        });
        countries.truncate(PLACES_MAX);
        Self {
            scope: service.open().map(|incident| incident.scope.clone()),
            affected: parts(&service.affected),
            problems: parts(&service.problems),
            countries,
        }
    }

    /// A line for each of what, how and where.
    pub fn lines(&self, words: &Words) -> Vec<String> {
        let parts = |kind: &str, parts: &[Part]| {
            let part = |it: &Part| {
                let usual = it.usual.map(|usual| format!(" (usually {})", words.percent(usual)));
                let (name, share) = (words.term(kind, &it.name), words.percent(it.share));
                format!("{name} {share}{}", usual.unwrap_or_default())
            };
            parts.iter().map(part).collect::<Vec<_>>().join(", ")
        };
        let mut lines = Vec::new();
        if !self.affected.is_empty() {
            lines.push(format!("Affected: {}.", parts("component", &self.affected)));
        }
        if !self.problems.is_empty() {
            lines.push(format!("Problems: {}.", parts("problem", &self.problems)));
        }
        if !self.countries.is_empty() {
            let place = |it: &Place| {
                let name = it
                    .country
                    .as_deref()
                    .map_or("elsewhere or unknown".to_owned(), |it| name_of(words, it));
                let times = it.times_usual.filter(|times| *times >= 1.5);
                let times = times.map(|it| format!(", {} times usual", words.multiple(it)));
                format!("{name} {}{}", words.count(it.count), times.unwrap_or_default())
            };
            let places: Vec<String> = self.countries.iter().map(place).collect();
            lines.push(format!("Reports of the last hour: {}.", places.join("; ")));
        }
        if let Some(scope) = &self.scope {
            lines.push(scope_in_words(words, scope));
        }
        if lines.is_empty() {
            lines.push("Nothing was reported in the last hour.".to_owned());
        }
        lines
    }
}

fn name_of(words: &Words, code: &str) -> String {
    Country::parse(code).map_or_else(|| code.to_owned(), |it| words.country(it))
}

/// The sentence of the pages.
pub fn scope_in_words(words: &Words, scope: &Scope) -> String {
    let countries: Vec<String> = scope.countries.iter().map(|it| name_of(words, it)).collect();
    let asn = scope.asn.unwrap_or_default().to_string();
    let id = format!("scope-{}", scope.kind.replace('_', "-"));
    words.with(&id, &[("countries", countries.join(", ").into()), ("asn", asn.into())])
}

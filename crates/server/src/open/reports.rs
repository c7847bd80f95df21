//! Reports summed up over whole UTC days: how many, about what, from where.
//!
//! Countries with few reports are merged day by day before days are added, so that no difference
//! of two answers tells a single report.
//!
//! # What it cannot tell
//!
//! Days whose minutes have been folded away; for those a series by days has the sums.

use std::collections::BTreeMap;

use outcry_core::series::Dimension;
use outcry_core::time::DAY_MS;
use outcry_core::time::UnixMillis;
use serde::Serialize;

use crate::contract::Records;
use crate::contract::Tally;
use crate::limit::REPORT_DAYS_MAX;
use crate::open::Asked;
use crate::problem::Problem;
use crate::route::parameter::day;

/// A country with fewer counted reports on a day is not told apart.
pub const COUNTRY_REPORTS_MIN: u64 = 10;

/// Sums over days.
#[derive(Debug, Serialize)]
pub struct Reports {
    service: String,
    first_day: String,
    last_day: String,
    received: u64,
    counted: u64,
    works: u64,
    affected: BTreeMap<String, u64>,
    problems: BTreeMap<String, u64>,
    /// By country; under `other` those with few reports on their day, or whose country is unknown.
    countries: BTreeMap<String, u64>,
}

impl Reports {
    /// Sums days up.
    ///
    /// # Errors
    ///
    /// When the days cannot be, or the store cannot be read.
    pub fn read(
        records: &dyn Records,
        asked: &Asked,
        slug: &str,
        now: UnixMillis,
    ) -> Result<Self, Problem> {
        let wrong = |what: String| Err(Problem::Unreadable(what));
        let today = now.0.div_euclid(DAY_MS);
        let last = asked.value("last_day").and_then(day).unwrap_or(today);
        let first = asked.value("first_day").and_then(day).unwrap_or(last);
        if first > last {
            return wrong("first_day is after last_day; swap them".to_owned());
        }
        if last - first >= REPORT_DAYS_MAX {
            return wrong(format!("ask for at most {REPORT_DAYS_MAX} days; or for a series"));
        }
        let date = |day: i64| UnixMillis(day.saturating_mul(DAY_MS)).date();
        let mut sums = Self {
            service: slug.to_owned(),
            first_day: date(first),
            last_day: date(last),
            received: 0,
            counted: 0,
            works: 0,
            affected: BTreeMap::new(),
            problems: BTreeMap::new(),
            countries: BTreeMap::new(),
        };
        for day in first..=last {
            sums.add(records.day(slug, day).map_err(|_| Problem::Unavailable)?);
        }
        Ok(sums)
    }

    fn add(&mut self, day: BTreeMap<Dimension, Tally>) {
        for (dimension, Tally { received, counted }) in day {
            let (list, name) = match dimension {
                Dimension::All => {
                    self.received += received;
                    self.counted += counted;
                    continue;
                }
                Dimension::Works => {
                    self.works += counted;
                    continue;
                }
                Dimension::Component(name) => (&mut self.affected, name.to_string()),
                Dimension::Problem(name) => (&mut self.problems, name.to_string()),
                Dimension::Country(Some(country)) if counted >= COUNTRY_REPORTS_MIN => {
                    (&mut self.countries, country.to_string())
                }
                Dimension::Country(_) => (&mut self.countries, "other".to_owned()),
            };
            *list.entry(name).or_default() += counted;
        }
    }
}

//! The town: services, their traffic over the week, and where their reports come from.
//!
//! Rates follow Zipf's law: 300 reports a minute over all 12,000 services, 30 for the first, 0.3
//! for the hundredth, 0.03 for the thousandth. A third of the services live in one country.

use std::sync::Arc;

use outcry_core::catalog::Catalog;
use outcry_core::catalog::Category;
use outcry_core::catalog::Service;
use outcry_core::time::DAY_MS;
use outcry_core::time::HOUR_MS;
use outcry_core::time::HOURS_PER_WEEK;
use outcry_core::time::UnixMillis;
use outcry_core::time::hour_of_week;
use outcry_core::units::Text;

use crate::dice::Dice;
use crate::population::plan::CLOCK_CHANGE;
use crate::population::plan::HOLIDAY;
use crate::population::plan::SCORED_FROM;
use crate::population::plan::SERVICES;

/// Reports a minute over the whole population.
const REPORTS_PER_MINUTE: f64 = 300.0;
/// Categories: hour of the peak (UTC), how far the day swings, and the weekend as a part of other
/// days.
const CATEGORIES: [(f64, f64, f64); 8] = [
    (19.0, 0.5, 1.1),
    (20.0, 0.7, 1.4),
    (14.0, 0.8, 0.3),
    (12.0, 0.6, 0.6),
    (21.0, 0.4, 1.2),
    (9.0, 0.7, 0.5),
    (17.0, 0.5, 0.9),
    (2.0, 0.3, 1.0),
];
/// Two letters for each country; shares fall with the place in the list.
pub const COUNTRIES: [&str; 20] = [
    "US", "IN", "BR", "GB", "DE", "JP", "FR", "MX", "ID", "CA", "IT", "ES", "AU", "PL", "NL", "SE",
    "CZ", "PT", "NZ", "IS",
];
/// Part of services that live mostly in one country.
const NATIONAL_SHARE: f64 = 0.33;
/// Part of a national service's reports that come from home.
pub const HOME_SHARE: f64 = 0.9;
/// Traffic of a holiday as a part of the same hour of a Sunday.
const HOLIDAY_RATE: f64 = 1.15;

/// One service.
#[derive(Clone, Debug)]
pub struct Profile {
    /// Its slug, `s` and its rank.
    pub slug: Text,
    /// 1 is the busiest.
    pub rank: usize,
    /// Reports a minute, averaged over the week.
    pub per_minute: f64,
    /// Place in the list of categories.
    pub category: usize,
    /// Hours its day is shifted against its category.
    pub shift_hours: i64,
    /// The country it lives in, if it is one.
    pub home: Option<usize>,
}

/// All services that are simulated.
#[derive(Clone, Debug)]
pub struct Town {
    /// In order of rank.
    pub services: Vec<Profile>,
    weeks: Vec<[f64; HOURS_PER_WEEK]>,
}

impl Town {
    /// The services of these ranks.
    pub fn new(seed: u64, ranks: &[usize]) -> Self {
        let whole: f64 = (1..=SERVICES).map(|rank| 1.0 / rank as f64).sum();
        let profile = |&rank: &usize| {
            let slug: Text = format!("s{rank:05}").into();
            let mut dice = Dice::new(seed, &["town", &slug]);
            Profile {
                rank,
                per_minute: REPORTS_PER_MINUTE / rank as f64 / whole,
                category: dice.below(CATEGORIES.len() as u64) as usize,
                shift_hours: dice.below(5) as i64 - 2,
                home: (dice.unit() < NATIONAL_SHARE).then(|| country(&mut dice)),
                slug,
            }
        };
        Self {
            services: ranks.iter().map(profile).collect(),
            weeks: CATEGORIES.iter().map(week).collect(),
        }
    }

    /// The catalogue of the engine.
    pub fn catalog(&self) -> Arc<Catalog> {
        let mut catalog = Catalog::default();
        for index in 0..CATEGORIES.len() {
            let slug: Text = format!("c{index}").into();
            catalog.categories.insert(slug.clone(), Category { slug: slug.clone(), name: slug });
        }
        for profile in &self.services {
            let service = Service {
                slug: profile.slug.clone(),
                name: profile.slug.clone(),
                aliases: Vec::new(),
                category: format!("c{}", profile.category).into(),
                countries: Vec::new(),
                domains: Vec::new(),
                components: Vec::new(),
                problems: Vec::new(),
                notices: None,
                asns: Vec::new(),
                depends_on: Vec::new(),
            };
            catalog.services.insert(profile.slug.clone(), service);
        }
        Arc::new(catalog)
    }

    /// Reports a minute of a service at the beginning of an hour, before its rate wanders.
    pub fn usual_per_minute(&self, profile: &Profile, at: UnixMillis) -> f64 {
        let day = at.since_ms(SCORED_FROM).div_euclid(DAY_MS);
        let changed = i64::from(day >= CLOCK_CHANGE);
        let slot = hour_of_week(at.hour() + profile.shift_hours + changed);
        let week = &self.weeks[profile.category];
        // Categories that rest on weekends rest on a holiday; the others have their best day.
        let rate =
            if day == HOLIDAY { HOLIDAY_RATE * week[6 * 24 + slot % 24] } else { week[slot] };
        profile.per_minute * rate
    }

    /// The same between two hours, in a straight line.
    pub fn rate_per_minute(&self, profile: &Profile, at: UnixMillis) -> f64 {
        let start = UnixMillis(at.hour() * HOUR_MS);
        let part = at.since_ms(start) as f64 / HOUR_MS as f64;
        let here = self.usual_per_minute(profile, start);
        here + part * (self.usual_per_minute(profile, start.plus_ms(HOUR_MS)) - here)
    }
}

/// A country, the first of the list most often: shares fall as one over the place.
pub fn country(dice: &mut Dice) -> usize {
    zipf(dice, COUNTRIES.len())
}

/// 0 ≤ n < `many`, with a probability that falls as `1/(n+1)`.
pub fn zipf(dice: &mut Dice, many: usize) -> usize {
    let whole: f64 = (1..=many).map(|n| 1.0 / n as f64).sum();
    let mut at = dice.unit() * whole;
    for n in 1..many {
        at -= 1.0 / n as f64;
        if at < 0.0 {
            return n - 1;
        }
    }
    many - 1
}

/// The week of a category, Monday first, with a mean of one.
fn week(&(peak, swing, weekend): &(f64, f64, f64)) -> [f64; HOURS_PER_WEEK] {
    let mut week = [0.0; HOURS_PER_WEEK];
    for (slot, rate) in week.iter_mut().enumerate() {
        let angle = ((slot % 24) as f64 - peak) / 24.0 * std::f64::consts::TAU;
        let day = 1.0 + swing * angle.cos() + 0.15 * swing * (2.0 * angle).cos();
        *rate = day.max(0.05) * if slot >= 5 * 24 { weekend } else { 1.0 };
    }
    let mean = week.iter().sum::<f64>() / HOURS_PER_WEEK as f64;
    week.map(|rate| rate / mean)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn traffic_falls_with_rank_and_adds_up() {
        let town = Town::new(1, &(1..=SERVICES).collect::<Vec<_>>());
        let sum: f64 = town.services.iter().map(|service| service.per_minute).sum();
        assert!((sum - 300.0).abs() < 1e-6, "{sum}");
        for (rank, want) in [(1, 30.0), (100, 0.3), (1_000, 0.03)] {
            let found = town.services[rank - 1].per_minute;
            assert!((found / want - 1.0).abs() < 0.05, "{rank}: {found}");
        }
    }

    #[test]
    fn a_week_has_a_day_a_night_and_a_mean_of_one() {
        for category in &CATEGORIES {
            let week = week(category);
            let mean = week.iter().sum::<f64>() / HOURS_PER_WEEK as f64;
            let (low, high) =
                week.iter().fold((f64::MAX, 0.0_f64), |(a, b), r| (a.min(*r), b.max(*r)));
            assert!((mean - 1.0).abs() < 1e-9 && high > 1.5 * low, "{mean} {low} {high}");
        }
    }
}

//! A new usual level: a surge that no longer is one.
//!
//! A service doubles its users, or a form is linked from a busy page: reports stay far above what
//! they were, and nothing is broken. A surge whose hourly counts have followed the shape of the
//! week for 24 hours, at whatever height, while probes found nothing wrong, is closed, and that
//! height is what is usual from then on.
//!
//! # What it cannot tell
//!
//! Anything without probes: then a lasting fault and a new level look the same, and the surge stays
//! open until counts fall or an operator closes it.

use crate::baseline::Shape;
use crate::detect::count::margin;
use crate::detect::failure::Agreement;
use crate::engine::key::Level;
use crate::engine::watch::Watch;
use crate::incident::Ending;
use crate::time::HOUR_MS;
use crate::time::MINUTE_MS;
use crate::time::UnixMillis;

/// Hours that a level must hold before it is the usual one.
const SETTLED_HOURS: usize = 24;
/// Reports that hold the ratio of a slice's levels at that of the whole.
const PRIOR_REPORTS: f64 = 10.0;

/// The hours of an open surge in which the level held.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Held {
    /// Reports of the whole, and how many were usual, an hour.
    pub(crate) hours: Vec<(f64, f64)>,
    /// Reports by key over these hours.
    pub(crate) by_key: Vec<f64>,
}

impl Held {
    /// How many times the old level the new one is.
    fn ratio(&self) -> f64 {
        let (seen, usual) = self.hours.iter().fold((0.0, 0.0), |(a, b), (s, u)| (a + s, b + u));
        seen / f64::max(usual, f64::MIN_POSITIVE)
    }
}

impl Watch {
    /// Whether vantage points looked of late and all is well from there.
    pub(crate) fn probes_are_green(&self, now: UnixMillis) -> bool {
        self.probing.weigh(now).finding.agreement == Agreement::Passing
    }

    /// Notes an hour that ended at `end` in an open surge, and closes the surge when its level has
    /// held for long enough. Call it before the hour's counts are dropped.
    pub(crate) fn note_held_hour(&mut self, end: UnixMillis, shapes: &[Shape]) -> bool {
        let start = end.plus_ms(-HOUR_MS);
        let green = self.probes_are_green(end);
        let usual = 60.0 * self.usual(0, start.plus_ms(HOUR_MS / 2), shapes);
        let counts: Vec<f64> = self.keys.iter().map(|key| f64::from(key.hour_count)).collect();
        let whole_hour = self
            .incidents
            .back()
            .and_then(|incident| incident.surges.last())
            .is_some_and(|surge| surge.opened_at <= start);
        let dispersion = self.dispersion.value();
        let Some(open) = &mut self.surge else { return false };
        let held = &mut open.held;
        if !green || !whole_hour {
            *held = Held::default();
            return false;
        }
        held.hours.push((counts[0], usual));
        let level = held.ratio() * usual;
        let (drift, chance) =
            (margin(level / 60.0, dispersion), 2.0 * (dispersion * level).sqrt() + 1.0);
        if counts[0] > level * drift + chance || counts[0] < level / drift - chance {
            *held = Held { hours: vec![(counts[0], usual)], by_key: Vec::new() };
        }
        held.by_key.resize(counts.len(), 0.0);
        held.by_key.iter_mut().zip(&counts).for_each(|(sum, count)| *sum += count);
        if held.hours.len() < SETTLED_HOURS {
            return false;
        }
        let held = std::mem::take(held);
        self.raise(&held, end, shapes);
        self.close(end, Ending::NewUsual);
        true
    }

    /// Takes the level of these hours for the usual one.
    fn raise(&mut self, held: &Held, end: UnixMillis, shapes: &[Shape]) {
        let whole = held.ratio();
        let hours = held.hours.len() as i64;
        let ratios: Vec<f64> = (0..self.keys.len())
            .map(|key| {
                let middles = (0..hours).map(|n| end.plus_ms(-n * HOUR_MS - 30 * MINUTE_MS));
                let usual: f64 = middles.map(|at| 60.0 * self.usual(key, at, shapes)).sum();
                let seen = held.by_key.get(key).copied().unwrap_or_default();
                (seen + PRIOR_REPORTS * whole) / (usual + PRIOR_REPORTS)
            })
            .collect();
        for (index, key) in self.keys.iter_mut().enumerate() {
            if let Level::Own(baseline) = &mut key.level {
                baseline.scale(if index == 0 { whole } else { ratios[index] });
            }
        }
    }
}

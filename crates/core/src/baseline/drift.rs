//! Drift: how far a service's traffic of the last hour lies above what the hour of the week says.
//!
//! # Idea
//!
//! A holiday, a clock that was put forward, a new release: traffic wanders for hours without
//! anything being broken. A rate that wanders by a quarter (standard deviation of its logarithm) is
//! well described by a gamma distribution with mean 1 and weight 16 = 1/0.25². With `n` reports
//! where `u` were usual its best guess is
//!
//! `drift = (n + 16) / (u + 16)`,
//!
//! with both sums forgetting in an hour. A service with one report a minute is followed closely;
//! one with a report an hour hardly moves, and needs no following: chance is larger there than
//! drift.
//!
//! The last ten minutes are left out and so is every minute with an open surge, so that an outage
//! never hides itself. Drift only raises the level, twice at most.
//!
//! # What it cannot tell
//!
//! A leak that grows over hours from drift, as long as it stays under twice the usual.

use crate::time::UnixMinute;

/// Weight of "as usual", in reports: one over the squared standard deviation of the drift.
const PRIOR_REPORTS: f64 = 16.0;
/// Minutes in which what was seen is forgotten.
const FORGET_MINUTES: f64 = 60.0;
/// The newest minutes, which are not taken yet.
pub(crate) const LAG_MINUTES: i64 = 10;
/// The most that drift may raise a level.
const DRIFT_MAX: f64 = 2.0;

/// The drift of one service.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Drift {
    /// Reports seen, and reports usual, both fading.
    pub(crate) seen: f64,
    pub(crate) usual: f64,
    /// All minutes up to this one are taken.
    pub(crate) until: UnixMinute,
}

impl Default for Drift {
    fn default() -> Self {
        Self { seen: 0.0, usual: 0.0, until: UnixMinute(i64::MIN / 2) }
    }
}

impl Drift {
    /// How many times the usual level is to be expected now, 1 to 2.
    pub fn factor(&self) -> f64 {
        ((self.seen + PRIOR_REPORTS) / (self.usual + PRIOR_REPORTS)).clamp(1.0, DRIFT_MAX)
    }

    /// The last minute that may be taken at `now`.
    pub(crate) fn due(now: UnixMinute) -> UnixMinute {
        UnixMinute(now.0 - LAG_MINUTES)
    }

    /// Takes the minutes up to `until`, of which one had `seen(minute)` reports and
    /// `usual_per_minute` were usual. Only the last `known` of them can have had any.
    pub(crate) fn take(
        &mut self,
        until: UnixMinute,
        known: i64,
        usual_per_minute: f64,
        seen: impl Fn(UnixMinute) -> u64,
    ) {
        let minutes = until.0.saturating_sub(self.until.0);
        if minutes <= 0 {
            return;
        }
        let silent = (minutes - known).max(0);
        let keep = (-1.0 / FORGET_MINUTES).exp();
        let faded = (-(silent as f64) / FORGET_MINUTES).exp();
        self.seen *= faded;
        self.usual = self.usual * faded + usual_per_minute * (1.0 - faded) / (1.0 - keep);
        for minute in until.0 - (minutes - silent) + 1..=until.0 {
            self.seen = self.seen * keep + seen(UnixMinute(minute)) as f64;
            self.usual = self.usual * keep + usual_per_minute;
        }
        self.until = until;
    }

    /// Passes over the minutes up to `until`: nothing is learnt from them.
    pub(crate) fn skip(&mut self, until: UnixMinute) {
        self.until = self.until.max(until);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The factor after `minutes` minutes of `seen` reports where `usual` are usual.
    fn after(minutes: i64, seen: u64, usual: f64) -> f64 {
        let mut drift = Drift { until: UnixMinute(0), ..Drift::default() };
        for minute in 1..=minutes {
            drift.take(UnixMinute(minute), 1, usual, |_| seen);
        }
        drift.factor()
    }

    #[test]
    fn a_busy_service_is_followed_and_a_quiet_one_is_not() {
        assert!(after(120, 3, 2.0) > 1.4, "{}", after(120, 3, 2.0));
        assert!(after(120, 2, 2.0) < 1.01);
        assert!(after(5, 3, 2.0) < 1.2, "five minutes are no drift");
        assert_eq!(after(600, 90, 2.0), 2.0, "twice at most");
        assert_eq!(after(600, 0, 2.0), 1.0, "it only raises");
    }

    #[test]
    fn a_stretch_taken_at_once_is_the_same_minute_by_minute() {
        let mut at_once = Drift { until: UnixMinute(0), ..Drift::default() };
        let mut stepped = at_once;
        let seen = |minute: UnixMinute| if minute.0 > 90 { 2 } else { 0 };
        at_once.take(UnixMinute(100), 10, 0.4, seen);
        for minute in 1..=100 {
            stepped.take(UnixMinute(minute), 1, 0.4, seen);
        }
        assert!((at_once.seen - stepped.seen).abs() < 1e-9);
        assert!((at_once.usual - stepped.usual).abs() < 1e-9);
    }
}

//! Baselines: what is usual at this hour of the week.
//!
//! # Idea
//!
//! Each series has 168 slots, one for each hour of the week (UTC). A slot is the mean of the same
//! hour in past weeks, shrunk towards the series' own level times the shape of its category
//! (empirical Bayes), so that a service with a few reports a day still has a day and a night:
//!
//! `mu_h = (Σ capped counts + K·λ·shape_h + 0.02) / ((weeks_h + K)·60)` a minute, `K` = 3
//! pseudo-weeks, `λ` the mean count an hour of this series.
//!
//! Counts are capped at `6·mean + 6` before they are learnt, and nothing is learnt while an
//! incident is open: an outage must not become usual.
//!
//! # How sure it is
//!
//! A series that was watched for `H` hours with `Σ` reports knows its level only so well. The
//! doubt that detection allows for is, an hour,
//!
//! `(2·√(Σ + 1.5) + 1.5) / (H + ¼) + 20 / (H + 1)²`:
//!
//! two standard errors of a Poisson mean and a start of 20 reports that fades. A service added
//! today is watched today, with a wide margin, and one watched for months has almost none. On the
//! first day the running hour counts as well, and hours with a surge are learnt too: what looks
//! like a surge then may be the level.
//!
//! # What it cannot tell
//!
//! Holidays, and the shift of daylight-saving time: an hour of the week is an hour in UTC here.
//! What they change is followed within the hour by [`drift`].

pub mod breakdown;
pub mod drift;

use crate::time::HOUR_MS;
use crate::time::HOURS_PER_WEEK;
use crate::time::UnixMillis;
use crate::time::hour_of_week;
use crate::units::Text;

/// Pseudo-weeks of the prior of a slot.
const PRIOR_WEEKS: f64 = 3.0;
/// Hours after which an old hour fades.
pub(crate) const HOURS_MAX: u32 = WEEKS_MAX as u32 * HOURS_PER_WEEK as u32;
/// Reports added to a slot, so that no level is zero.
const PRIOR_REPORTS: f64 = 0.02;
/// Weeks after which an old week fades out of a slot.
const WEEKS_MAX: u8 = 12;
/// Reports an hour that a series never seen before is assumed to be able to have.
const COLD_PER_HOUR: f64 = 20.0;
/// Hours under which a series is new.
const NEW_HOURS: u32 = 24;
/// Hours below which a level is not divided by less.
const LEVEL_HOURS_MIN: f64 = 0.25;
/// Reports that hold a slot of a category's shape at the mean.
const SHAPE_PRIOR_REPORTS: f64 = 30.0;
/// Dispersion before anything is learnt: 1 is Poisson.
const DISPERSION_PRIOR: f64 = 1.1;
/// Expected squares of the prior of the dispersion.
const DISPERSION_PRIOR_WEIGHT: f64 = 400.0;
/// Expected squares after which older minutes fade out of the dispersion.
const DISPERSION_WEIGHT_MAX: f64 = 40_000.0;
/// Bounds of the learnt dispersion.
pub const DISPERSION_RANGE: (f64, f64) = (1.05, 4.0);
/// Reports a mix must rest on before its shares are called usual.
pub const MIX_REPORTS_MIN: f64 = 20.0;
/// Reports after which older hours fade out of a mix.
const MIX_REPORTS_MAX: f64 = 50_000.0;

/// Hours that were learnt, by slot. One for all series of a service: they are watched together.
#[derive(Clone, Debug, PartialEq)]
pub struct Learnt {
    pub(crate) weeks: [u8; HOURS_PER_WEEK],
    pub(crate) hours: u32,
    /// When the watch began, where that is known.
    pub(crate) began: Option<UnixMillis>,
}

/// The part of the current hour that a new series is judged by as well.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Running {
    hours: f64,
    count: f64,
}

impl Default for Learnt {
    fn default() -> Self {
        Self { weeks: [0; HOURS_PER_WEEK], hours: 0, began: None }
    }
}

impl Learnt {
    /// Notes one more hour of `slot`. True when an old week must fade out of it first.
    pub fn note(&mut self, slot: usize) -> bool {
        self.hours = self.hours.saturating_add(1).min(HOURS_MAX);
        let full = self.weeks[slot] >= WEEKS_MAX;
        if !full {
            self.weeks[slot] += 1;
        }
        full
    }

    /// Whether so little is known that the running hour matters and no hour may be left out.
    pub fn is_new(&self) -> bool {
        self.hours < NEW_HOURS
    }

    /// The running hour up to `at` with `count` reports in it; nothing once a day has been learnt.
    pub fn running(&self, at: UnixMillis, count: u32) -> Running {
        if !self.is_new() {
            return Running::default();
        }
        let hour_start = UnixMillis(at.hour() * HOUR_MS);
        let from = self.began.unwrap_or(hour_start).max(hour_start);
        Running { hours: at.since_ms(from).max(0) as f64 / HOUR_MS as f64, count: f64::from(count) }
    }

    /// Weeks that were learnt, on average over the slots.
    pub fn weeks_mean(&self) -> f64 {
        f64::from(self.hours) / HOURS_PER_WEEK as f64
    }
}

/// What is usual for one series.
#[derive(Clone, Debug, PartialEq)]
pub struct Baseline {
    pub(crate) slots: [f32; HOURS_PER_WEEK],
    pub(crate) sum: f64,
}

impl Default for Baseline {
    fn default() -> Self {
        Self { slots: [0.0; HOURS_PER_WEEK], sum: 0.0 }
    }
}

impl Baseline {
    /// Reports usual in a minute at `at`, interpolated between the middles of the hours.
    pub fn usual_per_minute(
        &self,
        at: UnixMillis,
        learnt: &Learnt,
        running: Running,
        shape: &Shape,
    ) -> f64 {
        let half = HOUR_MS / 2;
        let before = at.0 - half;
        let hour = before.div_euclid(HOUR_MS);
        let part = before.rem_euclid(HOUR_MS) as f64 / HOUR_MS as f64;
        let here = self.slot_per_minute(hour_of_week(hour), learnt, running, shape);
        let next = self.slot_per_minute(hour_of_week(hour + 1), learnt, running, shape);
        here + (next - here) * part
    }

    /// How far the usual level may be off because little is known yet, reports a minute.
    pub fn doubt_per_minute(&self, learnt: &Learnt, running: Running) -> f64 {
        let hours = f64::from(learnt.hours) + running.hours;
        let sum = self.sum + running.count;
        let error = (2.0 * (sum + 1.5).sqrt() + 1.5) / (hours + LEVEL_HOURS_MIN);
        (error + COLD_PER_HOUR / (hours + 1.0).powi(2)) / 60.0
    }

    /// The mean count of an hour.
    fn level(&self, learnt: &Learnt, running: Running) -> f64 {
        let hours = f64::from(learnt.hours) + running.hours;
        (self.sum + running.count) / hours.max(LEVEL_HOURS_MIN)
    }

    fn slot_per_minute(
        &self,
        slot: usize,
        learnt: &Learnt,
        running: Running,
        shape: &Shape,
    ) -> f64 {
        let prior = PRIOR_WEEKS * self.level(learnt, running) * shape.of(slot);
        let weeks = f64::from(learnt.weeks[slot]);
        (f64::from(self.slots[slot]) + prior + PRIOR_REPORTS) / ((weeks + PRIOR_WEEKS) * 60.0)
    }

    /// Reports usual in an hour of the week, as far as hours that have ended tell.
    pub fn per_hour(&self, slot: usize, learnt: &Learnt, shape: &Shape) -> f64 {
        self.slot_per_minute(slot, learnt, Running::default(), shape) * 60.0
    }

    /// The count of an hour as it may be learnt: at most six times the mean and six more.
    ///
    /// Call it before the hour is noted in `learnt`. The first hours of a series are taken as they
    /// are: there is nothing yet to compare them with.
    pub fn capped(&self, slot: usize, count: u32, learnt: &Learnt, shape: &Shape) -> f64 {
        let count = f64::from(count);
        if learnt.is_new() {
            return count;
        }
        count.min(6.0 * self.per_hour(slot, learnt, shape) + 6.0)
    }

    /// Lets the oldest week fade out of a slot that holds [`WEEKS_MAX`] weeks.
    pub fn fade(&mut self, slot: usize) {
        let old = f64::from(self.slots[slot]) / f64::from(WEEKS_MAX);
        self.slots[slot] -= old as f32;
        self.sum = (self.sum - old).max(0.0);
    }

    /// Takes another height for the usual one; the shape stays.
    pub fn scale(&mut self, times: f64) {
        self.slots.iter_mut().for_each(|slot| *slot *= times as f32);
        self.sum *= times;
    }

    /// Learns the capped count of one hour.
    pub fn learn(&mut self, slot: usize, capped: f64) {
        self.slots[slot] += capped as f32;
        self.sum += capped;
    }
}

/// The shape of a week, pooled over the services of a category; its mean is 1.
#[derive(Clone, Debug, PartialEq)]
pub struct Shape {
    pub(crate) sums: [f64; HOURS_PER_WEEK],
    pub(crate) hours: [f64; HOURS_PER_WEEK],
    pub(crate) sum: f64,
    pub(crate) hour: f64,
}

impl Default for Shape {
    fn default() -> Self {
        Self { sums: [0.0; HOURS_PER_WEEK], hours: [0.0; HOURS_PER_WEEK], sum: 0.0, hour: 0.0 }
    }
}

impl Shape {
    /// Learns one hour of one service.
    pub fn learn(&mut self, slot: usize, capped: f64) {
        self.sums[slot] += capped;
        self.hours[slot] += 1.0;
        self.sum += capped;
        self.hour += 1.0;
    }

    /// How busy this slot is compared with the mean.
    pub fn of(&self, slot: usize) -> f64 {
        let mean = self.sum / self.hour.max(1.0);
        (self.sums[slot] + SHAPE_PRIOR_REPORTS) / (self.hours[slot] * mean + SHAPE_PRIOR_REPORTS)
    }
}

/// How much more reports cluster within a minute than chance would have it: 1 is Poisson.
///
/// For a minute with `n` reports in 6 ticks, chance gives `Σ (y_i − n/6)² = n·5/6` on average. The
/// ratio of the two sums over many minutes is the dispersion, shrunk to 1.1. Slow drift does not
/// enter: it belongs to the margin between usual and alarming, not here.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Dispersion {
    pub(crate) observed: f64,
    pub(crate) expected: f64,
}

impl Default for Dispersion {
    fn default() -> Self {
        Self {
            observed: DISPERSION_PRIOR * DISPERSION_PRIOR_WEIGHT,
            expected: DISPERSION_PRIOR_WEIGHT,
        }
    }
}

impl Dispersion {
    /// Learns the ticks of one minute.
    pub fn learn(&mut self, ticks: &[u32]) {
        let parts = ticks.len() as f64;
        let n: f64 = ticks.iter().map(|&y| f64::from(y)).sum();
        if n == 0.0 || parts < 2.0 {
            return;
        }
        let mean = n / parts;
        self.observed += ticks.iter().map(|&y| (f64::from(y) - mean).powi(2)).sum::<f64>();
        self.expected += n * (1.0 - 1.0 / parts);
        if self.expected > DISPERSION_WEIGHT_MAX {
            self.observed /= 2.0;
            self.expected /= 2.0;
        }
    }

    /// The dispersion, within [`DISPERSION_RANGE`].
    pub fn value(&self) -> f64 {
        (self.observed / self.expected).clamp(DISPERSION_RANGE.0, DISPERSION_RANGE.1)
    }
}

/// How reports are usually shared out among names, such as components.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Mix {
    pub(crate) counts: std::collections::BTreeMap<Text, f64>,
}

impl Mix {
    /// Learns more reports of each name.
    pub fn learn<'a>(&mut self, counts: impl IntoIterator<Item = (&'a Text, f64)>) {
        for (name, n) in counts {
            match self.counts.get_mut(name) {
                Some(sum) => *sum += n,
                None => {
                    self.counts.insert(name.clone(), n);
                }
            }
        }
        if self.total() > MIX_REPORTS_MAX {
            self.counts.values_mut().for_each(|n| *n /= 2.0);
        }
    }

    /// The usual share of `name`, `None` while the mix rests on under [`MIX_REPORTS_MIN`] reports.
    pub fn share(&self, name: &str) -> Option<f64> {
        let total = self.total();
        (total >= MIX_REPORTS_MIN)
            .then(|| self.counts.get(name).copied().unwrap_or_default() / total)
    }

    /// The names that were learnt, in order.
    pub fn names(&self) -> impl Iterator<Item = &Text> {
        self.counts.keys()
    }

    fn total(&self) -> f64 {
        self.counts.values().sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn learn_weeks(weeks: usize, count: impl Fn(usize) -> u32) -> (Baseline, Learnt, Shape) {
        let (mut baseline, mut learnt, mut shape) =
            (Baseline::default(), Learnt::default(), Shape::default());
        for _ in 0..weeks {
            for slot in 0..HOURS_PER_WEEK {
                let capped = baseline.capped(slot, count(slot), &learnt, &shape);
                if learnt.note(slot) {
                    baseline.fade(slot);
                }
                baseline.learn(slot, capped);
                shape.learn(slot, capped);
            }
        }
        (baseline, learnt, shape)
    }

    /// The middle of a slot in the week of Monday 1970-01-05.
    fn middle(slot: usize) -> UnixMillis {
        UnixMillis((96 + slot as i64) * HOUR_MS + HOUR_MS / 2)
    }

    #[test]
    fn a_steady_series_is_usual_at_its_rate() {
        let (baseline, learnt, shape) = learn_weeks(6, |_| 120);
        let usual = baseline.usual_per_minute(middle(50), &learnt, Running::default(), &shape);
        assert!((usual - 2.0).abs() < 0.02, "{usual}");
        assert!(baseline.doubt_per_minute(&learnt, Running::default()) < 0.02);
    }

    #[test]
    fn day_and_night_are_told_apart() {
        let (baseline, learnt, shape) = learn_weeks(6, |slot| if slot % 24 < 12 { 60 } else { 6 });
        let usual =
            |slot| baseline.usual_per_minute(middle(slot), &learnt, Running::default(), &shape);
        assert!(usual(5) > 0.8 && usual(17) < 0.2, "{} {}", usual(5), usual(17));
        let (dusk, after) = (usual(11), usual(12));
        let between = baseline.usual_per_minute(
            UnixMillis(108 * HOUR_MS),
            &learnt,
            Running::default(),
            &shape,
        );
        assert!(after < between && between < dusk, "interpolated: {after} {between} {dusk}");
    }

    #[test]
    fn one_outage_hardly_moves_the_usual_level() {
        let (mut baseline, mut learnt, shape) = learn_weeks(4, |_| 60);
        let before = baseline.usual_per_minute(middle(9), &learnt, Running::default(), &shape);
        let capped = baseline.capped(9, 1_000_000, &learnt, &shape);
        learnt.note(9);
        baseline.learn(9, capped);
        let after = baseline.usual_per_minute(middle(9), &learnt, Running::default(), &shape);
        assert!(capped < 400.0, "{capped}");
        assert!(after < 2.0 * before, "{before} {after}");
    }

    #[test]
    fn old_weeks_fade() {
        let (baseline, learnt, shape) = learn_weeks(60, |_| 60);
        assert_eq!(learnt.weeks[3], WEEKS_MAX);
        assert!(
            (baseline.usual_per_minute(middle(3), &learnt, Running::default(), &shape) - 1.0).abs()
                < 0.01
        );
    }

    #[test]
    fn a_new_series_is_unsure_and_says_so() {
        let (baseline, learnt) = (Baseline::default(), Learnt::default());
        assert!(baseline.doubt_per_minute(&learnt, Running::default()) > 0.3);
        assert_eq!(learnt.weeks_mean(), 0.0);
    }

    #[test]
    fn dispersion_sees_clusters_and_ignores_level() {
        let mut even = Dispersion::default();
        let mut clustered = Dispersion::default();
        let mut state = 1_u64;
        for _ in 0..20_000 {
            let mut ticks = [0; 6];
            for _ in 0..12 {
                state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
                ticks[(state >> 33) as usize % 6] += 1;
            }
            even.learn(&ticks);
            clustered.learn(&ticks.map(|y| y * 3));
        }
        assert!((even.value() - 1.0).abs() <= 0.06, "{}", even.value());
        assert!((clustered.value() - 3.0).abs() < 0.1, "{}", clustered.value());
    }

    #[test]
    fn a_mix_is_usual_only_when_it_rests_on_enough() {
        let mut mix = Mix::default();
        let (app, web): (Text, Text) = ("app".into(), "web".into());
        mix.learn([(&app, 10.0), (&web, 5.0)]);
        assert_eq!(mix.share("app"), None);
        mix.learn([(&app, 10.0), (&web, 5.0)]);
        assert_eq!(mix.share("app"), Some(20.0 / 30.0));
        assert_eq!(mix.share("api"), Some(0.0));
    }
}

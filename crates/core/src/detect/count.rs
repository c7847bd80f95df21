//! The count head: a negative-binomial Shiryaev–Roberts e-detector.
//!
//! # Statistic
//!
//! Under the null, the count `y` of a tick of `dt` minutes is negative binomial with mean
//! `mu0·dt` and dispersion `φ` (variance `φ·mean`). Against each of eight alternatives
//! `mu0 + d_j` the likelihood ratio is, with `r = mu0·dt/(φ−1)` and `r_j = (mu0+d_j)·dt/(φ−1)`,
//!
//! `LR_j(y) = φ^−(r_j−r) · Γ(y+r_j)Γ(r) / (Γ(y+r)Γ(r_j))`, which has mean 1 under the null.
//!
//! For whole `y` the gammas are a product, `Π_{i<y} (r_j+i)/(r+i)`, so each report multiplies the
//! ratio once and no gamma function is ever computed. `R_j ← min((1+R_j)·LR_j, 10·J·T)` sums up the
//! evidence for a change at any earlier tick; `M`, the mean of the `R_j`, opens at `T`.
//!
//! # Promise
//!
//! `E[M_t] ≤ t` whenever the mean is at most `mu0` given the past, so the mean time between false
//! alarms is at least `T` ticks for each key. Between ticks a report may *peek*: the ratio of the
//! count so far only rises until the tick's end, so a peek anticipates and breaks no promise.
//!
//! # Silence
//!
//! A tick without reports multiplies by a constant, so a stretch of silence has a closed form and
//! costs nothing until the next report.
//!
//! # What it cannot tell
//!
//! Why there are more reports, and whether they are honest: see `gate` and `trust`.
//!
//! # References
//!
//! - J. Shin, A. Ramdas, A. Rinaldo, "E-detectors: a nonparametric framework for sequential change
//!   detection", New England Journal of Statistics in Data Science (2024).

/// Alternatives that are tried at once.
pub const ALTERNATIVES: usize = 8;
/// Excess of the fixed alternatives, reports a minute.
const EXCESS_PER_MINUTE: [f64; 6] = [0.5, 1.5, 5.0, 15.0, 50.0, 150.0];
/// Reports a minute that are never surprising.
const FLOOR_PER_MINUTE: f64 = 0.002;
/// The statistic is capped at this many times `ALTERNATIVES · T`; a cap at `T` misses slow outages.
const CAP: f64 = 10.0;
/// A likelihood ratio is not followed beyond this: it is far above any threshold.
const RATIO_MAX: f64 = 1e200;
/// Ticks of silence after which a statistic has forgotten what was before.
const SILENCE_TICKS_MAX: i64 = 100_000;

/// What holds while nothing is wrong.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Null {
    /// The largest mean that is still no alarm, reports a minute.
    pub per_minute: f64,
    /// Variance over mean, above 1.
    pub dispersion: f64,
    /// Length of a tick, minutes.
    pub tick_minutes: f64,
}

impl Null {
    /// The null above a usual level that is known to within `doubt`, both reports a minute:
    /// `mu + √(((κ−1)·mu)² + doubt²) + c0`, which is `κ·mu + c0` once the level is well known.
    ///
    /// `κ` is at least 1.6, 2 above one report a minute, and at least `(φ−1)/ln φ`, below which a
    /// drift of the rate would look like a change. Drift and doubt are independent, so their
    /// squares add.
    pub fn above(usual: f64, doubt: f64, dispersion: f64, tick_minutes: f64) -> Self {
        let drift = (margin(usual, dispersion) - 1.0) * usual;
        let per_minute = usual + drift.hypot(doubt) + FLOOR_PER_MINUTE;
        Self { per_minute, dispersion, tick_minutes }
    }
}

/// `κ`: how many times the usual level is still usual.
pub fn margin(usual_per_minute: f64, dispersion: f64) -> f64 {
    let by_rate: f64 = if usual_per_minute > 1.0 { 2.0 } else { 1.6 };
    by_rate.max((dispersion - 1.0) / dispersion.ln())
}

/// The threshold `T` for at most one false alarm of a service in `run_length_days` on average.
pub fn threshold(run_length_days: f64, tick_s: f64, keys: usize) -> f64 {
    run_length_days * 86_400.0 / tick_s * keys.max(1) as f64
}

/// The statistic of one key.
#[derive(Clone, Debug, PartialEq)]
pub struct CountDetector {
    /// `R_j` at the end of the last tick that was committed.
    pub(crate) sums: [f64; ALTERNATIVES],
    /// `LR_j` of the reports of the current tick so far.
    pub(crate) ratios: [f64; ALTERNATIVES],
    /// `r` and `r_j − r` of the current tick.
    pub(crate) size: f64,
    pub(crate) steps: [f64; ALTERNATIVES],
    /// Reports in the current tick.
    pub(crate) count: u32,
}

impl Default for CountDetector {
    fn default() -> Self {
        Self {
            sums: [0.0; ALTERNATIVES],
            ratios: [1.0; ALTERNATIVES],
            size: 0.0,
            steps: [0.0; ALTERNATIVES],
            count: 0,
        }
    }
}

impl CountDetector {
    /// Begins a tick, with `null` known before its first report.
    pub fn begin(&mut self, null: Null) {
        let excess = alternatives(null.per_minute);
        let scale = null.tick_minutes / (null.dispersion - 1.0);
        let log = null.dispersion.ln();
        self.size = null.per_minute * scale;
        self.count = 0;
        for (j, d) in excess.into_iter().enumerate() {
            self.steps[j] = d * scale;
            self.ratios[j] = (-self.steps[j] * log).exp();
        }
    }

    /// Adds one report to the current tick.
    pub fn add(&mut self) {
        let seen = self.size + f64::from(self.count);
        for (ratio, step) in self.ratios.iter_mut().zip(&self.steps) {
            *ratio = (*ratio * (1.0 + step / seen)).min(RATIO_MAX);
        }
        self.count = self.count.saturating_add(1);
    }

    /// Adds `reports` reports at once; stops early when no ratio can say more.
    pub fn add_many(&mut self, reports: u32) {
        for _ in 0..reports {
            if self.ratios.iter().all(|ratio| *ratio >= RATIO_MAX) {
                break;
            }
            self.add();
        }
    }

    /// The mean statistic if the tick ended now.
    pub fn peek(&self) -> f64 {
        let sum: f64 =
            self.sums.iter().zip(&self.ratios).map(|(sum, ratio)| (1.0 + sum) * ratio).sum();
        sum / ALTERNATIVES as f64
    }

    /// Ends the current tick and returns the mean statistic.
    pub fn commit(&mut self, threshold: f64) -> f64 {
        let cap = CAP * ALTERNATIVES as f64 * threshold;
        for (sum, ratio) in self.sums.iter_mut().zip(&mut self.ratios) {
            *sum = ((1.0 + *sum) * *ratio).min(cap);
            *ratio = 1.0;
        }
        self.count = 0;
        self.sums.iter().sum::<f64>() / ALTERNATIVES as f64
    }

    /// Passes over `ticks` ticks without reports, all under `null`.
    ///
    /// `R ← (1+R)·q` repeated `n` times is `qⁿ·R + q·(1−qⁿ)/(1−q)`.
    pub fn pass_silence(&mut self, null: Null, ticks: i64) {
        if ticks <= 0 {
            return;
        }
        let n = ticks.min(SILENCE_TICKS_MAX) as f64;
        let log = null.dispersion.ln() * null.tick_minutes / (null.dispersion - 1.0);
        for (sum, d) in self.sums.iter_mut().zip(alternatives(null.per_minute)) {
            let quiet = (-d * log).exp();
            let faded = (-d * log * n).exp();
            *sum = faded * *sum + quiet * (1.0 - faded) / (1.0 - quiet).max(f64::MIN_POSITIVE);
        }
    }

    /// Forgets everything: used after a gap that nothing is known about.
    pub fn reset(&mut self) {
        *self = Self::default();
    }
}

/// `d_j`: six fixed excesses, none below the null itself, and one and four times the null.
fn alternatives(null_per_minute: f64) -> [f64; ALTERNATIVES] {
    let mut excess = [0.0; ALTERNATIVES];
    for (d, fixed) in excess.iter_mut().zip(EXCESS_PER_MINUTE) {
        *d = fixed.max(null_per_minute);
    }
    excess[6] = null_per_minute;
    excess[7] = 4.0 * null_per_minute;
    excess
}

#[cfg(test)]
mod tests {
    use super::*;

    const TICK_MINUTES: f64 = 1.0 / 6.0;

    fn null(usual_per_minute: f64, dispersion: f64) -> Null {
        Null::above(usual_per_minute, 0.0, dispersion, TICK_MINUTES)
    }

    /// Ratios of a tick with `y` reports.
    fn ratios(null: Null, y: u32) -> [f64; ALTERNATIVES] {
        let mut detector = CountDetector::default();
        detector.begin(null);
        (0..y).for_each(|_| detector.add());
        detector.ratios
    }

    /// Probability of `y` under the null, by the recurrence of the negative binomial.
    fn probability(null: Null, y: u32) -> f64 {
        let r = null.per_minute * null.tick_minutes / (null.dispersion - 1.0);
        let p = 1.0 / null.dispersion;
        (0..y).fold(p.powf(r), |mass, i| mass * (f64::from(i) + r) / f64::from(i + 1) * (1.0 - p))
    }

    #[test]
    fn every_likelihood_ratio_has_mean_one_under_the_null() {
        for (usual, dispersion) in [(0.01, 1.05), (0.3, 1.1), (5.0, 1.3), (30.0, 2.0), (3.0, 4.0)] {
            let null = null(usual, dispersion);
            let mut means = [0.0; ALTERNATIVES];
            for y in 0..1_500 {
                let mass = probability(null, y);
                for (mean, ratio) in means.iter_mut().zip(ratios(null, y)) {
                    *mean += mass * ratio;
                }
            }
            for (j, mean) in means.into_iter().enumerate() {
                // The largest alternatives of a small null put their weight on counts so rare that
                // their mass is below what a double can add up: mean at most one is what counts.
                assert!(mean < 1.000_001, "usual {usual} φ {dispersion} alternative {j}: {mean}");
                if j >= 6 {
                    assert!(mean > 0.999, "usual {usual} φ {dispersion} alternative {j}: {mean}");
                }
            }
        }
    }

    #[test]
    fn silence_in_one_step_is_silence_tick_by_tick() {
        for usual in [0.001, 0.2, 7.0] {
            let null = null(usual, 1.1);
            let sums = [3.0, 0.0, 700.0, 1e6, 0.5, 2.0, 9.0, 4.0];
            let mut stepped = CountDetector { sums, ..CountDetector::default() };
            let mut leapt = stepped.clone();
            for _ in 0..500 {
                stepped.begin(null);
                stepped.commit(1e9);
            }
            leapt.pass_silence(null, 500);
            for (a, b) in stepped.sums.iter().zip(leapt.sums) {
                assert!((a - b).abs() <= 1e-9 * a.abs().max(1e-300), "{a} {b} at {usual}");
            }
        }
    }

    #[test]
    fn a_peek_only_rises_with_each_report_and_ends_as_the_commit() {
        let mut detector = CountDetector::default();
        detector.begin(null(0.3, 1.1));
        let mut last = detector.peek();
        for _ in 0..40 {
            detector.add();
            assert!(detector.peek() > last);
            last = detector.peek();
        }
        let committed = detector.commit(f64::MAX / 1e6);
        assert!((committed - last).abs() <= 1e-9 * last);
    }

    #[test]
    fn a_surge_crosses_within_a_minute_and_usual_traffic_does_not() {
        let threshold = threshold(100.0, 10.0, 1);
        let crossed_after = |per_tick: u32| {
            let mut detector = CountDetector::default();
            (1..=360).find(|_| {
                detector.begin(null(3.0, 1.1));
                (0..per_tick).for_each(|_| detector.add());
                detector.commit(threshold) >= threshold
            })
        };
        assert_eq!(crossed_after(0), None);
        assert_eq!(crossed_after(1), None, "six a minute is κ times three: no alarm");
        assert!(crossed_after(5).is_some_and(|ticks| ticks <= 6), "{:?}", crossed_after(5));
        assert_eq!(crossed_after(50), Some(1));
    }

    #[test]
    fn extreme_counts_stay_finite() {
        let mut detector = CountDetector::default();
        detector.begin(null(0.0, 1.05));
        (0..200_000).for_each(|_| detector.add());
        assert!(detector.peek().is_finite());
        assert!(detector.commit(1e6).is_finite());
    }

    #[test]
    fn the_margin_grows_with_rate_and_dispersion() {
        assert_eq!(margin(0.5, 1.1), 1.6);
        assert_eq!(margin(5.0, 1.1), 2.0);
        assert!((margin(0.5, 4.0) - 2.164).abs() < 0.001);
    }
}

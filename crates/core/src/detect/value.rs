//! The value head: latency, error share, traffic, any number over time, at any step.
//!
//! # Idea
//!
//! Two questions are asked of each row, and the louder answer counts.
//!
//! 1. *Does it stand out?* Its residual from the shape of the day and from levels of three speeds
//!    is compared with the usual residual and with fading past peaks of the same sign ([`peaks`]).
//! 2. *Is it new?* Three features (residual, spread, lead of the latest rows) are compared with
//!    the ranges they have kept so far ([`range`]).
//!
//! Both are averaged or joined over a dozen sets of parameters. Three corrections make one
//! threshold fit every series:
//!
//! - few rows prove little: both answers grow with n / (n + n₀);
//! - rows are chances: at twelve rows an hour, the first answer must be larger than at one an hour
//!   by a power law, so that the number of false alarms a day does not depend on the step;
//! - refractory: after an alarm only a larger one is told, and the memory of it fades by half in
//!   three hours, so that an incident is one alarm and not a hundred.
//!
//! The score is e / (e + e₀): [`THRESHOLD`] is the alarm, and there is nothing to set.
//!
//! # What it cannot tell
//!
//! Whether unusual is bad: half the latency is as novel as twice. What happens in the first
//! hundred rows. And a slow leak: a level that rises by less than its noise in a day is learnt.
//!
//! # References
//!
//! - A. Lavin, S. Ahmad, "Evaluating Real-Time Anomaly Detection Algorithms: the Numenta Anomaly
//!   Benchmark", ICMLA (2015): the measure, and why rows above the threshold are dear.
//! - A. Siffer et al., "Anomaly Detection in Streams with Extreme Value Theory", KDD (2017): why a
//!   threshold belongs to the tail and not to the scale.

mod peaks;
mod range;
mod usual;
mod window;

use crate::detect::online::Judgement;
use crate::detect::online::State;
use crate::time::HOUR_MS;
use crate::time::UnixMillis;

/// A score of this much is an alarm.
pub const THRESHOLD: f64 = 0.5;

/// What is known of one series: about 4 kB.
#[derive(Clone, Debug)]
pub struct ValueDetector {
    usual: usual::Usual,
    peaks: [peaks::Peaks; usual::SPEEDS.len()],
    window: window::Window,
    residual_range: range::Range,
    spread_ranges: [range::Range; window::WINDOWS_LEN],
    lead_ranges: [range::Range; window::WINDOWS_LEN],
    clock: Clock,
    rows: u64,
    /// Excess of the last alarm, fading; a smaller excess is not told.
    told: f64,
    calm_rows: Option<u32>,
    /// Rows that were no numbers; they are passed over.
    pub not_numbers: u64,
    /// Rows not later than one before, until time goes on or [`RESET_ROWS`] of them in a row say
    /// that the clock was set back; they are passed over.
    pub out_of_order: u64,
}

/// Rows in a row that are not later than the latest, after which their time is believed.
pub const RESET_ROWS: u32 = 24;

impl Default for ValueDetector {
    fn default() -> Self {
        Self::new()
    }
}

impl ValueDetector {
    /// Starts knowing nothing.
    pub fn new() -> Self {
        Self {
            usual: usual::Usual::new(),
            peaks: Default::default(),
            window: window::Window::new(),
            residual_range: range::Range::default(),
            spread_ranges: Default::default(),
            lead_ranges: Default::default(),
            clock: Clock::default(),
            rows: 0,
            told: 0.0,
            calm_rows: None,
            not_numbers: 0,
            out_of_order: 0,
        }
    }

    /// Takes the next row: the score says whether there is something *new* to tell, the state
    /// whether the last that was told still goes on. A row that cannot be used is counted, scores
    /// 0 and changes nothing.
    pub fn row(&mut self, at: UnixMillis, value: f64) -> Judgement {
        if value.is_nan() || value.abs() > VALUE_MAX {
            self.not_numbers += 1;
            return Judgement { score: 0.0, state: self.state() };
        }
        let Some(hours) = self.clock.advance(at) else {
            self.out_of_order += 1;
            return Judgement { score: 0.0, state: self.state() };
        };
        self.told *= (-std::f64::consts::LN_2 * hours / TOLD_HOURS).exp();
        let rows_per_hour = self.clock.rows_per_hour();
        let residuals = self.usual.residuals(at, value, rows_per_hour);
        let outlying = self.outlying(&residuals);
        let novel = self.novel(residuals[0], value);
        let rows = self.rows as f64;
        self.rows += 1;
        let chances = CHANCE_COST * rows_per_hour.clamp(1.0, CHANCES_MAX).ln();
        let outlying = outlying * rows / (rows + OUTLYING_ROWS) - chances;
        let known = NOVEL_ROWS.max(NOVEL_HOURS * rows_per_hour);
        let novel = NOVEL_WEIGHT * novel * rows / (rows + known);
        let excess = outlying.max(novel).max(0.0);
        let score = if excess > self.told {
            self.told = excess;
            excess / (excess + EXCESS_AT_THRESHOLD)
        } else {
            0.0
        };
        self.follow(score, excess);
        Judgement { score, state: self.state() }
    }

    fn state(&self) -> State {
        if self.calm_rows.is_some() { State::Open } else { State::Calm }
    }

    /// Opens at the threshold; closes after [`CALM_ROWS`] rows in a row that have less than half
    /// of what an alarm needs.
    fn follow(&mut self, score: f64, excess: f64) {
        self.calm_rows = match self.calm_rows {
            _ if score >= THRESHOLD => Some(0),
            Some(_) if excess >= 0.5 * EXCESS_AT_THRESHOLD => Some(0),
            Some(rows) if rows + 1 < CALM_ROWS => Some(rows + 1),
            _ => None,
        };
    }

    /// Mean over sets of parameters of the larger excess of the slow level and a faster one.
    fn outlying(&mut self, residuals: &[f64; usual::SPEEDS.len()]) -> f64 {
        let grain = self.usual.grain;
        let mut excess = [[0.0; peaks::BARS_LEN]; usual::SPEEDS.len()];
        for ((peaks, residual), excess) in self.peaks.iter_mut().zip(residuals).zip(&mut excess) {
            *excess = peaks.excess(*residual, grain);
        }
        let [slow, faster @ ..] = &excess;
        let of_pair = |fast: &[f64; peaks::BARS_LEN]| -> f64 {
            slow.iter().zip(fast).map(|(slow, fast)| slow.max(*fast)).sum()
        };
        let sets = (faster.len() * peaks::BARS_LEN) as f64;
        faster.iter().map(of_pair).sum::<f64>() / sets
    }

    /// The largest excess of a feature over its range.
    fn novel(&mut self, residual: f64, value: f64) -> f64 {
        let keep = self.clock.range_keep();
        let mut novel = self.residual_range.excess(residual, keep);
        for (i, feature) in self.window.push(value).into_iter().enumerate() {
            let Some(feature) = feature else { continue };
            novel = novel.max(self.spread_ranges[i].excess(feature.ln_spread, keep));
            novel = novel.max(self.lead_ranges[i].excess(feature.lead, keep));
        }
        novel
    }
}

/// The time of the rows and the usual time between them.
#[derive(Clone, Copy, Debug, Default)]
struct Clock {
    latest: Option<UnixMillis>,
    step_hours: f64,
    steps: u32,
    disordered: u32,
    keep: f64,
}

impl Clock {
    /// Hours since the row before, at most [`GAP_HOURS_MAX`]; none when the row is not later.
    fn advance(&mut self, at: UnixMillis) -> Option<f64> {
        let Some(latest) = self.latest.replace(at) else {
            return Some(0.0);
        };
        let passed = at.since_ms(latest);
        if passed <= 0 {
            self.disordered += 1;
            if self.disordered < RESET_ROWS {
                self.latest = Some(latest);
                return None;
            }
            self.disordered = 0;
            return Some(0.0);
        }
        self.disordered = 0;
        let hours = (passed as f64 / HOUR_MS as f64).min(GAP_HOURS_MAX);
        self.learn(hours);
        Some(hours)
    }

    /// Follows the median of the steps; a constant step is known from the first.
    fn learn(&mut self, hours: f64) {
        self.steps = self.steps.saturating_add(1);
        let speed = STEP_SPEED.max(1.0 / (f64::from(self.steps) + 1.0));
        if self.steps == 1 {
            self.step_hours = hours;
        } else if hours > self.step_hours * (1.0 + STEP_TOLERANCE) {
            self.step_hours *= 1.0 + speed;
        } else if hours < self.step_hours * (1.0 - STEP_TOLERANCE) {
            self.step_hours *= 1.0 - speed;
        } else if self.keep > 0.0 {
            return;
        }
        let rows = RANGE_ROWS.max(RANGE_HOURS / self.step_hours);
        self.keep = (-std::f64::consts::LN_2 / rows).exp();
    }

    fn rows_per_hour(&self) -> f64 {
        if self.step_hours > 0.0 { 1.0 / self.step_hours } else { 1.0 }
    }

    /// Part of a range that is kept from row to row.
    fn range_keep(&self) -> f64 {
        if self.keep > 0.0 { self.keep } else { 1.0 }
    }
}

/// Largest magnitude that is taken; sums of squares of larger ones have no end.
const VALUE_MAX: f64 = 1e100;
/// Excess that is an alarm: a score of [`THRESHOLD`].
const EXCESS_AT_THRESHOLD: f64 = 0.088;
/// Hours in which the memory of an alarm fades by half.
const TOLD_HOURS: f64 = 3.0;
/// Hours of a gap that count for fading; a day of silence is no day of calm.
const GAP_HOURS_MAX: f64 = 2.0;
/// Rows at which standing out counts half.
const OUTLYING_ROWS: f64 = 300.0;
/// Rows at which leaving a range counts half.
const NOVEL_ROWS: f64 = 800.0;
/// And hours: a range of ten minutes is none, however many rows it has.
const NOVEL_HOURS: f64 = 24.0;
/// Weight of leaving a range against standing out.
const NOVEL_WEIGHT: f64 = 1.2;
/// What a factor e of rows an hour costs.
const CHANCE_COST: f64 = 0.25;
/// Rows an hour beyond which rows are no chances of their own: neighbours are alike.
const CHANCES_MAX: f64 = 12.0;
/// Rows below half an alarm that close it.
const CALM_ROWS: u32 = 6;
/// Rows, at least, in which a range fades by half.
const RANGE_ROWS: f64 = 4_000.0;
/// Hours, at least, in which a range fades by half: sixty days.
const RANGE_HOURS: f64 = 1_440.0;
/// Speed at which the usual step is followed.
const STEP_SPEED: f64 = 0.01;
/// Part by which a step may differ and still be the usual one.
const STEP_TOLERANCE: f64 = 0.01;

#[cfg(test)]
mod tests;

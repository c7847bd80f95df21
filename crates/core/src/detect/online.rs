//! One series of counts at any step, learnt online: what `outcry detect --kind count` runs.
//!
//! The same baseline, statistic and closing rule as in the engine, without services, places or
//! reporters: a row is a count, and each count is taken to be that many distinct reporters.
//!
//! # What it cannot tell
//!
//! Anything in its first hour, when there is nothing to compare with. And who counted: a file of
//! numbers has no reporters, so neither the reporter rule nor the gate of several networks can be
//! applied.

use crate::baseline::Baseline;
use crate::baseline::Dispersion;
use crate::baseline::Learnt;
use crate::baseline::Shape;
use crate::detect::count::CountDetector;
use crate::detect::count::Null;
use crate::detect::count::margin;
use crate::detect::count::threshold;
use crate::detect::gate::REPORTERS_MIN;
use crate::time::HOUR_MS;
use crate::time::UnixMillis;
use crate::time::hour_of_week;

/// Rows kept to sum up the last 15 minutes at the smallest step.
const ROWS_KEPT_MAX: usize = 900;
/// Largest count of a row that is taken; a larger one is cut and is surprising enough.
const ROW_COUNT_MAX: f64 = 1e7;

/// After a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// No surge is open.
    Calm,
    /// A surge is open.
    Open,
}

/// The score and the state after a row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Judgement {
    /// 0..=1: how far the statistic has come to the threshold, on a logarithmic scale; 1 is there.
    pub score: f64,
    /// Calm or open.
    pub state: State,
}

/// A detector for one series.
#[derive(Clone, Debug)]
pub struct OnlineCount {
    step_minutes: f64,
    threshold: f64,
    baseline: Baseline,
    learnt: Learnt,
    shape: Shape,
    dispersion: Dispersion,
    detector: CountDetector,
    hour: Option<i64>,
    hour_count: f64,
    hour_frozen: bool,
    recent: std::collections::VecDeque<f64>,
    open: bool,
    calm_rows: u32,
    last: Option<UnixMillis>,
    /// Rows that were not numbers, negative or out of order.
    pub unusable: u64,
}

impl OnlineCount {
    /// Starts knowing nothing but the step between rows, in seconds.
    pub fn new(step_s: f64, run_length_days: f64) -> Self {
        let step_s = step_s.clamp(1.0, 3_600.0);
        Self {
            step_minutes: step_s / 60.0,
            threshold: threshold(run_length_days, step_s, 1),
            baseline: Baseline::default(),
            learnt: Learnt::default(),
            shape: Shape::default(),
            dispersion: Dispersion::default(),
            detector: CountDetector::default(),
            hour: None,
            hour_count: 0.0,
            hour_frozen: false,
            recent: std::collections::VecDeque::new(),
            open: false,
            calm_rows: 0,
            last: None,
            unusable: 0,
        }
    }

    /// Takes the next row. A value that is no count is passed over and counted as unusable.
    pub fn row(&mut self, at: UnixMillis, value: f64) -> Judgement {
        if !value.is_finite() || value < 0.0 || self.last.is_some_and(|last| at <= last) {
            self.unusable += 1;
            return Judgement { score: 0.0, state: self.state() };
        }
        self.last = Some(at);
        self.learnt.began.get_or_insert(at);
        self.turn_hour(at);
        let count = value.min(ROW_COUNT_MAX);
        self.remember(count);
        let (usual, doubt) = self.usual_and_doubt(at);
        let null = Null::above(usual, doubt, self.dispersion.value(), self.step_minutes);
        self.detector.begin(null);
        self.detector.add_many(count.round() as u32);
        let statistic = self.detector.commit(self.threshold);
        self.decide(at, statistic);
        self.hour_count += count;
        self.hour_frozen |= self.open;
        let score = ((1.0 + statistic).ln() / (1.0 + self.threshold).ln()).clamp(0.0, 1.0);
        Judgement { score, state: self.state() }
    }

    fn state(&self) -> State {
        if self.open { State::Open } else { State::Calm }
    }

    /// Both reports a minute.
    fn usual_and_doubt(&self, at: UnixMillis) -> (f64, f64) {
        let running = self.learnt.running(at, self.hour_count as u32);
        let usual = self.baseline.usual_per_minute(at, &self.learnt, running, &self.shape);
        (usual, self.baseline.doubt_per_minute(&self.learnt, running))
    }

    fn remember(&mut self, count: f64) {
        self.recent.push_back(count);
        if self.recent.len() > ROWS_KEPT_MAX {
            self.recent.pop_front();
        }
    }

    /// The count of the last `minutes`, at least one row, and the minutes it covers.
    fn last_minutes(&self, minutes: f64) -> (f64, f64) {
        let rows = (minutes / self.step_minutes).round().max(1.0) as usize;
        let count = self.recent.iter().rev().take(rows).sum();
        (count, rows as f64 * self.step_minutes)
    }

    fn decide(&mut self, at: UnixMillis, statistic: f64) {
        if !self.open {
            let enough = self.last_minutes(15.0).0 >= REPORTERS_MIN as f64;
            let watched_ms = self.learnt.began.map_or(0, |began| at.since_ms(began));
            self.open = statistic >= self.threshold && enough && watched_ms >= HOUR_MS;
            self.calm_rows = 0;
            return;
        }
        let (usual, doubt) = self.usual_and_doubt(at);
        let level = usual + doubt;
        let dispersion = self.dispersion.value();
        let (count, minutes) = self.last_minutes(10.0);
        let usual = minutes * level * (1.0 + margin(level, dispersion)) / 2.0;
        let calm = count <= usual + 2.0 * (dispersion * usual).sqrt() + 1.0;
        self.calm_rows = if calm { self.calm_rows + 1 } else { 0 };
        if f64::from(self.calm_rows) * self.step_minutes >= 5.0 {
            self.open = false;
            self.detector.reset();
        }
    }

    /// Learns the hour that ended, unless a surge was open in it.
    fn turn_hour(&mut self, at: UnixMillis) {
        let hour = at.hour();
        let Some(before) = self.hour.replace(hour) else { return };
        if before == hour {
            return;
        }
        let frozen = std::mem::replace(&mut self.hour_frozen, self.open);
        if !frozen || self.learnt.is_new() {
            let slot = hour_of_week(before);
            let count = self.hour_count as u32;
            let capped = self.baseline.capped(slot, count, &self.learnt, &self.shape);
            if self.learnt.note(slot) {
                self.baseline.fade(slot);
            }
            self.baseline.learn(slot, capped);
            self.shape.learn(slot, capped);
        }
        self.hour_count = 0.0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The rows at which the state became open.
    fn openings(step_s: i64, counts: impl Iterator<Item = f64>) -> Vec<usize> {
        let mut online = OnlineCount::new(step_s as f64, 30.0);
        let mut open = false;
        let mut opened = Vec::new();
        for (i, count) in counts.enumerate() {
            let judgement = online.row(UnixMillis(i as i64 * step_s * 1_000), count);
            assert!((0.0..=1.0).contains(&judgement.score));
            if judgement.state == State::Open && !open {
                opened.push(i);
            }
            open = judgement.state == State::Open;
        }
        opened
    }

    #[test]
    fn a_steady_series_never_opens_at_any_step() {
        for step_s in [1, 10, 60, 900, 3_600] {
            let per_row = step_s as f64 / 60.0 * 2.0;
            let counts = (0..3_000)
                .map(|i| ((i + 1) as f64 * per_row).floor() - (i as f64 * per_row).floor());
            assert_eq!(openings(step_s, counts), [0; 0], "step {step_s}");
        }
    }

    #[test]
    fn a_surge_opens_once_and_closes() {
        let counts = (0..1_440).map(|i| if (700..760).contains(&i) { 60.0 } else { 1.0 });
        assert_eq!(openings(60, counts).len(), 1);
    }

    #[test]
    fn what_is_no_count_is_passed_over_and_counted() {
        let mut online = OnlineCount::new(60.0, 100.0);
        for (i, value) in [1.0, f64::NAN, -3.0, f64::INFINITY, 2.0].into_iter().enumerate() {
            online.row(UnixMillis(i as i64 * 60_000), value);
        }
        online.row(UnixMillis(0), 1.0);
        assert_eq!(online.unusable, 4);
    }
}

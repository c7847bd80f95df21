//! Levels: what is usual for one key of a service, and how surely it is known.
//!
//! The whole, a country and a kind of problem have a week of their own. A network has not: there
//! are thousands of them, so a service keeps its [`NETWORKS_PER_SERVICE_MAX`] busiest and each has
//! a
//! *part* of the whole, `(n + 10) / (all + 10)` for `n` of `all` reports whose network is known. A
//! network that is new to a full list takes the place of the rarest one and inherits its count
//! (Space-Saving), so that a part is never under-estimated: too high a level only costs time.
//!
//! # References
//!
//! - A. Metwally, D. Agrawal, A. El Abbadi, "Efficient Computation of Frequent and Top-k Elements
//!   in Data Streams", ICDT (2005).

use crate::baseline::Baseline;
use crate::baseline::Running;
use crate::baseline::Shape;
use crate::baseline::drift::Drift;
use crate::detect::count::Null;
use crate::engine::key::Key;
use crate::engine::key::Level;
use crate::engine::key::RING_MINUTES;
use crate::engine::watch::TICK_MINUTES;
use crate::engine::watch::Watch;
use crate::series::Slice;
use crate::time::MINUTE_MS;
use crate::time::UnixMillis;

/// Slices of one service that are watched apart, networks aside. Reports of further ones count in
/// the whole.
pub const SLICES_PER_SERVICE_MAX: usize = 128;
/// Networks of one service that are watched apart.
pub const NETWORKS_PER_SERVICE_MAX: usize = 24;
/// Keys that room is made for at once: most services have few, and twice as many is much memory.
const KEYS_MORE: usize = 4;
/// Reports that hold a network's part at the whole.
const PART_PRIOR_REPORTS: f64 = 10.0;
/// Reports by network after which older ones fade.
const PART_REPORTS_MAX: f64 = 50_000.0;
/// Reports by network from which the part of each is known.
pub(crate) const PARTS_KNOWN_REPORTS: f64 = 100.0;
/// An hour teaches a part at most this many times its usual, and this many more.
const CAP: f64 = 6.0;

impl Watch {
    /// The key of a slice, made if there is room.
    pub(crate) fn key(&mut self, slice: &Slice) -> Option<usize> {
        if let Some(index) = self.key_of.get(slice) {
            return Some(*index);
        }
        let networks = self.keys.iter().filter(|key| matches!(key.level, Level::Part(_))).count();
        let index = match slice {
            Slice::Network(_) if networks >= NETWORKS_PER_SERVICE_MAX => self.rarest_network()?,
            Slice::Network(_) => self.keys.len(),
            _ if self.keys.len() - networks >= SLICES_PER_SERVICE_MAX => return None,
            _ => self.keys.len(),
        };
        if index == self.keys.len() {
            if self.keys.len() == self.keys.capacity() {
                self.keys.reserve_exact(KEYS_MORE);
            }
            self.keys.push(Key::new(slice.clone()));
        } else {
            let key = Key { level: self.keys[index].level.clone(), ..Key::new(slice.clone()) };
            let gone = std::mem::replace(&mut self.keys[index], key);
            self.key_of.remove(&gone.slice);
        }
        self.key_of.insert(slice.clone(), index);
        Some(index)
    }

    /// The network with the fewest reports that is in no open surge.
    fn rarest_network(&self) -> Option<usize> {
        let busy =
            |index: &usize| self.surge.as_ref().is_some_and(|open| open.keys.contains(index));
        let count = |index: usize| match &self.keys[index].level {
            Level::Part(sum) => Some(sum + f64::from(self.keys[index].hour_count)),
            Level::Own(_) => None,
        };
        (0..self.keys.len())
            .filter(|index| !busy(index))
            .filter_map(|index| Some((count(index)?, index)))
            .min_by(|a, b| a.0.total_cmp(&b.0))
            .map(|(_, index)| index)
    }

    /// The part of the whole that a network with `sum` reports has.
    fn part(&self, sum: f64) -> f64 {
        (sum + PART_PRIOR_REPORTS) / (self.parts_sum.max(sum) + PART_PRIOR_REPORTS)
    }

    /// Reports usual in a minute at `at` in a slice, as shown.
    pub(crate) fn usual(&self, key: usize, at: UnixMillis, shapes: &[Shape]) -> f64 {
        match &self.keys[key].level {
            Level::Own(baseline) => {
                let running = self.running(key, at);
                baseline.usual_per_minute(at, &self.learnt, running, &shapes[self.category])
            }
            Level::Part(sum) => self.part(*sum) * self.usual(0, at, shapes),
        }
    }

    fn running(&self, key: usize, at: UnixMillis) -> Running {
        self.learnt.running(at, self.keys[key].hour_count)
    }

    /// How far the usual level may be off, reports a minute.
    pub(crate) fn doubt(&self, key: usize, at: UnixMillis, shapes: &[Shape]) -> f64 {
        match &self.keys[key].level {
            Level::Own(baseline) => {
                let own = baseline.doubt_per_minute(&self.learnt, self.running(key, at));
                match self.untold_part(key, baseline) {
                    0.0 => own,
                    part => own + part * self.expected(0, at, shapes),
                }
            }
            Level::Part(sum) => self.part(*sum) * self.doubt(0, at, shapes),
        }
    }

    /// The part of the whole that may belong to a slice because the past does not tell it apart.
    fn untold_part(&self, key: usize, baseline: &Baseline) -> f64 {
        match self.keys[key].slice {
            Slice::Country(_) => self.by_country.untold_part(baseline.sum),
            Slice::Problem(_) => self.by_problem.untold_part(baseline.sum),
            Slice::All | Slice::Component(_) | Slice::Network(_) => 0.0,
        }
    }

    /// What is to be expected now, with the drift of the last hour.
    pub(crate) fn expected(&self, key: usize, at: UnixMillis, shapes: &[Shape]) -> f64 {
        self.usual(key, at, shapes) * self.drift.factor()
    }

    /// The level to be expected and the doubt about it: what a surge must fall back to.
    pub(crate) fn level(&self, key: usize, at: UnixMillis, shapes: &[Shape]) -> f64 {
        self.expected(key, at, shapes) + self.doubt(key, at, shapes)
    }

    pub(crate) fn null(&self, key: usize, at: UnixMillis, shapes: &[Shape]) -> Null {
        let (expected, doubt) = (self.expected(key, at, shapes), self.doubt(key, at, shapes));
        Null::above(expected, doubt, self.dispersion.value(), TICK_MINUTES)
    }

    /// Reports usual in the `minutes` minutes before `at`.
    pub(crate) fn usual_over(
        &self,
        key: usize,
        at: UnixMillis,
        minutes: i64,
        shapes: &[Shape],
    ) -> f64 {
        let middle = at.plus_ms(-minutes * MINUTE_MS / 2);
        self.usual(key, middle, shapes) * minutes as f64
    }

    /// Lets the drift follow up to `at`. Call it before a report at `at` is counted.
    pub(crate) fn follow_drift(&mut self, at: UnixMillis, shapes: &[Shape]) {
        let due = Drift::due(at.minute());
        if due <= self.drift.until {
            return;
        }
        if self.surge.is_some() || self.frozen || self.learnt.is_new() {
            return self.drift.skip(due);
        }
        let middle = (due.0.saturating_add(self.drift.until.0.max(due.0 - 60))) / 2;
        let usual = self.usual(0, UnixMillis(middle.saturating_mul(MINUTE_MS)), shapes);
        let whole = &self.keys[0];
        self.drift.take(due, RING_MINUTES as i64, usual, |minute| whole.sum(minute, 1));
    }

    /// Reports that are too many to be chance for `key`: half of what a service may be wrong is the
    /// whole's, the other half is shared by its slices.
    pub(crate) fn threshold_of(&self, key: usize, threshold_for_one: f64) -> f64 {
        match (self.keys.len(), key) {
            (1, _) => threshold_for_one,
            (_, 0) => 2.0 * threshold_for_one,
            (keys, _) => 2.0 * (keys - 1) as f64 * threshold_for_one,
        }
    }

    /// Learns one hour of this service: `counts` by key, the whole first; keys left out had none.
    pub(crate) fn learn_hour(
        &mut self,
        slot: usize,
        counts: &[(usize, u32)],
        shapes: &mut [Shape],
    ) {
        let shape = &mut shapes[self.category];
        let mut whole = 0.0;
        let whole_usual = match &self.keys[0].level {
            Level::Own(baseline) => baseline.per_hour(slot, &self.learnt, shape),
            Level::Part(_) => 0.0,
        };
        let capped: Vec<(usize, f64)> = counts
            .iter()
            .map(|&(key, n)| {
                let capped = match &self.keys[key].level {
                    Level::Own(baseline) => {
                        let part = self.untold_part(key, baseline);
                        let more = CAP * part * whole_usual;
                        let capped = baseline.capped(slot, n, &self.learnt, shape) + more;
                        capped.min(f64::from(n))
                    }
                    Level::Part(sum) => f64::from(n).min(CAP * self.part(*sum) * whole + CAP),
                };
                if key == 0 {
                    whole = capped;
                }
                (key, capped)
            })
            .collect();
        let named = |is_of: fn(&Slice) -> bool| -> f64 {
            let of_kind = capped.iter().filter(|(key, _)| is_of(&self.keys[*key].slice));
            of_kind.map(|(_, capped)| capped).sum()
        };
        self.by_country.note(whole, named(|slice| matches!(slice, Slice::Country(_))));
        self.by_problem.note(whole, named(|slice| matches!(slice, Slice::Problem(_))));
        if self.learnt.note(slot) {
            self.by_country.fade();
            self.by_problem.fade();
            for key in &mut self.keys {
                if let Level::Own(baseline) = &mut key.level {
                    baseline.fade(slot);
                }
            }
        }
        for (key, capped) in capped {
            match &mut self.keys[key].level {
                Level::Own(baseline) => baseline.learn(slot, capped),
                Level::Part(sum) => {
                    *sum += capped;
                    self.parts_sum += capped;
                }
            }
            if key == 0 {
                shape.learn(slot, capped);
            }
        }
        if self.parts_sum > PART_REPORTS_MAX {
            self.parts_sum /= 2.0;
            for key in &mut self.keys {
                if let Level::Part(sum) = &mut key.level {
                    *sum /= 2.0;
                }
            }
        }
    }
}

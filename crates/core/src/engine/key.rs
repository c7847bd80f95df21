//! Keys: one watched slice of a service's reports, with its usual level and its detector.

use crate::baseline::Baseline;
use crate::detect::count::CountDetector;
use crate::detect::count::Null;
use crate::series::Slice;
use crate::time::Tick;
use crate::time::UnixMillis;
use crate::time::UnixMinute;

/// Minutes a key remembers one by one.
pub(crate) const RING_MINUTES: usize = 16;

/// What is usual for a key.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Level {
    /// A week of its own.
    Own(Box<Baseline>),
    /// A part of the whole, by the reports learnt.
    Part(f64),
}

/// One watched slice of a service's reports.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Key {
    pub(crate) slice: Slice,
    pub(crate) level: Level,
    pub(crate) detector: CountDetector,
    /// The tick the detector is in; all before it are committed.
    pub(crate) tick: Option<Tick>,
    /// Counted reports of the current hour.
    pub(crate) hour_count: u32,
    pub(crate) ring: [u32; RING_MINUTES],
    pub(crate) ring_minute: UnixMinute,
}

impl Key {
    pub(crate) fn new(slice: Slice) -> Self {
        let level = match slice {
            Slice::Network(_) => Level::Part(0.0),
            _ => Level::Own(Box::default()),
        };
        Self {
            slice,
            level,
            detector: CountDetector::default(),
            tick: None,
            hour_count: 0,
            ring: [0; RING_MINUTES],
            ring_minute: UnixMinute(i64::MIN / 2),
        }
    }

    /// Counts one report at `at`, in the tick it was advanced to, and returns the statistic
    /// reached so far.
    pub(crate) fn count(&mut self, at: UnixMillis) -> f64 {
        self.detector.add();
        self.hour_count = self.hour_count.saturating_add(1);
        self.turn_ring(at.minute());
        let slot = at.minute().0.rem_euclid(RING_MINUTES as i64) as usize;
        self.ring[slot] = self.ring[slot].saturating_add(1);
        self.detector.peek()
    }

    /// Brings the detector to `tick`: ends the tick it was in and passes over the silence between.
    pub(crate) fn advance(&mut self, tick: Tick, null: Null, threshold: f64) {
        match self.tick {
            Some(current) if current >= tick => return,
            Some(current) => {
                self.detector.commit(threshold);
                self.detector.pass_silence(null, tick.0 - current.0 - 1);
            }
            None => {}
        }
        self.detector.begin(null);
        self.tick = Some(tick);
    }

    fn turn_ring(&mut self, minute: UnixMinute) {
        let gone = (minute.0 - self.ring_minute.0).clamp(0, RING_MINUTES as i64);
        for step in 1..=gone {
            let slot = (minute.0 - gone + step).rem_euclid(RING_MINUTES as i64) as usize;
            self.ring[slot] = 0;
        }
        self.ring_minute = self.ring_minute.max(minute);
    }

    /// Counted reports in the `minutes` minutes that end with `last`, at most 16.
    pub(crate) fn sum(&self, last: UnixMinute, minutes: i64) -> u64 {
        (0..minutes.min(RING_MINUTES as i64))
            .map(|back| last.0 - back)
            .filter(|minute| {
                *minute <= self.ring_minute.0 && self.ring_minute.0 - minute < RING_MINUTES as i64
            })
            .map(|minute| u64::from(self.ring[minute.rem_euclid(RING_MINUTES as i64) as usize]))
            .sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::watch::TICK_MINUTES;

    #[test]
    fn the_ring_sums_the_last_minutes_and_forgets_the_rest() {
        let mut key = Key::new(Slice::All);
        let null = Null::above(1.0, 0.0, 1.1, TICK_MINUTES);
        for minute in [0_i64, 0, 3, 9, 14, 30] {
            let at = UnixMinute(minute).start();
            key.advance(at.tick(), null, 1e9);
            key.count(at);
            let last = UnixMinute(minute);
            let want = [(0, 2), (3, 3), (9, 4), (14, 5), (30, 1)];
            if minute > 0 {
                let (_, n) = want.iter().find(|(m, _)| *m == minute).expect("listed");
                assert_eq!(key.sum(last, 15), *n, "minute {minute}");
            }
        }
        assert_eq!(key.sum(UnixMinute(200), 15), 0);
    }
}

//! The watch kept over one service: its counts, its usual level, its voices.

use std::collections::BTreeMap;
use std::collections::VecDeque;

use crate::baseline::Baseline;
use crate::baseline::Dispersion;
use crate::baseline::Learnt;
use crate::baseline::Mix;
use crate::baseline::Running;
use crate::baseline::Shape;
use crate::claim::ClaimRecord;
use crate::detect::count::CountDetector;
use crate::detect::count::Null;
use crate::detect::gate::Voice;
use crate::detect::gate::Voices;
use crate::engine::surge::OpenSurge;
use crate::engine::surge::Tally;
use crate::incident::Incident;
use crate::series::Slice;
use crate::signal::Problem;
use crate::signal::Report;
use crate::time::TICK_MS;
use crate::time::Tick;
use crate::time::UnixMillis;
use crate::time::UnixMinute;
use crate::time::hour_of_week;
use crate::trust::ReporterRule;
use crate::units::Country;
use crate::units::NetworkKind;
use crate::units::Text;

/// Slices of one service that are watched apart. Reports of further ones count in the whole.
pub const SLICES_PER_SERVICE_MAX: usize = 64;
/// Minutes of counts that are kept in memory: two days.
pub const RECENT_MINUTES_MAX: i64 = 2880;
/// Minutes a key remembers one by one.
const RING_MINUTES: usize = 16;
/// Minutes in a tick.
pub(crate) const TICK_MINUTES: f64 = TICK_MS as f64 / 60_000.0;
/// Ticks in a minute.
const TICKS_PER_MINUTE: usize = 6;

/// One watched slice of a service's reports.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Key {
    pub(crate) slice: Slice,
    pub(crate) baseline: Baseline,
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
        Self {
            slice,
            baseline: Baseline::default(),
            detector: CountDetector::default(),
            tick: None,
            hour_count: 0,
            ring: [0; RING_MINUTES],
            ring_minute: UnixMinute(i64::MIN / 2),
        }
    }

    /// Counts one report at `at`, in the tick it was advanced to, and returns the statistic
    /// reached so far.
    fn count(&mut self, at: UnixMillis) -> f64 {
        self.detector.add();
        self.hour_count = self.hour_count.saturating_add(1);
        self.turn_ring(at.minute());
        let slot = at.minute().0.rem_euclid(RING_MINUTES as i64) as usize;
        self.ring[slot] = self.ring[slot].saturating_add(1);
        self.detector.peek()
    }

    /// Brings the detector to `tick`: ends the tick it was in and passes over the silence between.
    fn advance(&mut self, tick: Tick, null: Null, threshold: f64) {
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

    /// Counted reports in the `minutes` minutes that end with `last`, at most 15.
    pub(crate) fn sum(&self, last: UnixMinute, minutes: i64) -> u64 {
        (0..minutes.min(RING_MINUTES as i64 - 1))
            .map(|back| last.0 - back)
            .filter(|minute| {
                *minute <= self.ring_minute.0 && self.ring_minute.0 - minute < RING_MINUTES as i64
            })
            .map(|minute| u64::from(self.ring[minute.rem_euclid(RING_MINUTES as i64) as usize]))
            .sum()
    }
}

/// Counts of one minute, as they are shown.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Minute {
    pub(crate) minute: UnixMinute,
    pub(crate) received: u32,
    pub(crate) counted: u32,
    pub(crate) works: u32,
    pub(crate) components: Vec<(Text, u32)>,
    pub(crate) problems: Vec<(Text, u32)>,
    pub(crate) countries: Vec<(Option<Country>, u32)>,
}

/// Everything remembered about one service.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Watch {
    pub(crate) service: Text,
    pub(crate) category: usize,
    pub(crate) rule: ReporterRule,
    pub(crate) voices: Voices,
    pub(crate) learnt: Learnt,
    pub(crate) dispersion: Dispersion,
    /// The whole comes first.
    pub(crate) keys: Vec<Key>,
    pub(crate) key_of: BTreeMap<Slice, usize>,
    pub(crate) components_usual: Mix,
    pub(crate) problems_usual: Mix,
    pub(crate) hour_components: BTreeMap<Text, u32>,
    pub(crate) hour_problems: BTreeMap<Text, u32>,
    /// True when a surge was open during the current hour: nothing is learnt from it.
    pub(crate) frozen: bool,
    /// Counted reports of the current minute by tick.
    pub(crate) minute_ticks: [u32; TICKS_PER_MINUTE],
    pub(crate) minute: UnixMinute,
    pub(crate) recent: VecDeque<Minute>,
    pub(crate) surge: Option<OpenSurge>,
    /// Of the last incident.
    pub(crate) tally: Tally,
    /// Newest last.
    pub(crate) incidents: VecDeque<Incident>,
    pub(crate) claims: Vec<ClaimRecord>,
    /// Signals by hour and kind.
    pub(crate) kinds: BTreeMap<(i64, Text), u64>,
    pub(crate) synthetic: bool,
    pub(crate) changed: bool,
}

impl Watch {
    pub(crate) fn new(service: Text, category: usize) -> Self {
        Self {
            service,
            category,
            rule: ReporterRule::default(),
            voices: Voices::default(),
            learnt: Learnt::default(),
            dispersion: Dispersion::default(),
            keys: vec![Key::new(Slice::All)],
            key_of: BTreeMap::from([(Slice::All, 0)]),
            components_usual: Mix::default(),
            problems_usual: Mix::default(),
            hour_components: BTreeMap::new(),
            hour_problems: BTreeMap::new(),
            frozen: false,
            minute_ticks: [0; TICKS_PER_MINUTE],
            minute: UnixMinute(i64::MIN / 2),
            recent: VecDeque::new(),
            surge: None,
            tally: Tally::default(),
            incidents: VecDeque::new(),
            claims: Vec::new(),
            kinds: BTreeMap::new(),
            synthetic: false,
            changed: false,
        }
    }

    /// The key of a slice, made if there is room.
    pub(crate) fn key(&mut self, slice: &Slice) -> Option<usize> {
        if let Some(index) = self.key_of.get(slice) {
            return Some(*index);
        }
        if self.keys.len() >= SLICES_PER_SERVICE_MAX {
            return None;
        }
        self.keys.push(Key::new(slice.clone()));
        self.key_of.insert(slice.clone(), self.keys.len() - 1);
        Some(self.keys.len() - 1)
    }

    /// Reports usual in a minute at `at` in a slice, as shown.
    pub(crate) fn usual(&self, key: usize, at: UnixMillis, shapes: &[Shape]) -> f64 {
        let shape = &shapes[self.category];
        let running = self.running(key, at);
        self.keys[key].baseline.usual_per_minute(at, &self.learnt, running, shape)
    }

    fn running(&self, key: usize, at: UnixMillis) -> Running {
        self.learnt.running(at, self.keys[key].hour_count)
    }

    fn doubt(&self, key: usize, at: UnixMillis) -> f64 {
        self.keys[key].baseline.doubt_per_minute(&self.learnt, self.running(key, at))
    }

    /// The usual level and the doubt about it: what a surge must fall back to.
    pub(crate) fn level(&self, key: usize, at: UnixMillis, shapes: &[Shape]) -> f64 {
        self.usual(key, at, shapes) + self.doubt(key, at)
    }

    pub(crate) fn null(&self, key: usize, at: UnixMillis, shapes: &[Shape]) -> Null {
        let (usual, doubt) = (self.usual(key, at, shapes), self.doubt(key, at));
        Null::above(usual, doubt, self.dispersion.value(), TICK_MINUTES)
    }

    /// Takes one report in order of time. Returns whether it counts, and the keys whose statistic
    /// reached the threshold with it.
    pub(crate) fn report(
        &mut self,
        at: UnixMillis,
        report: &Report,
        shapes: &[Shape],
        threshold_per_key: f64,
    ) -> (bool, Vec<(usize, f64)>) {
        self.changed = true;
        if report.problem == Problem::Works {
            self.minute_at(at.minute()).works += 1;
            return (false, Vec::new());
        }
        let counted = self.rule.admit(at, report);
        self.note_recent(at.minute(), report, counted);
        if !counted || report.place.network == NetworkKind::Hosting {
            return (counted, Vec::new());
        }
        self.voices.add(Voice::of(at, report));
        self.note_tick(at);
        let mut slices = vec![Slice::All];
        slices.extend(report.place.country.map(Slice::Country));
        if let Problem::Fails(name) = &report.problem {
            *self.hour_problems.entry(name.clone()).or_default() += 1;
            slices.push(Slice::Problem(name.clone()));
        }
        if let Some(name) = &report.component {
            *self.hour_components.entry(name.clone()).or_default() += 1;
        }
        let threshold = threshold_per_key * self.keys.len() as f64;
        let mut reached = Vec::new();
        for slice in &slices {
            let Some(key) = self.key(slice) else { continue };
            if self.keys[key].tick.is_none_or(|tick| tick < at.tick()) {
                let null = self.null(key, at.tick().start(), shapes);
                self.keys[key].advance(at.tick(), null, threshold);
            }
            let statistic = self.keys[key].count(at);
            if statistic >= threshold {
                reached.push((key, statistic));
            }
        }
        (true, reached)
    }

    fn note_recent(&mut self, minute: UnixMinute, report: &Report, counted: bool) {
        let problem = match &report.problem {
            Problem::Fails(name) => Some(name.clone()),
            Problem::Unspecified | Problem::Works => None,
        };
        let row = self.minute_at(minute);
        row.received = row.received.saturating_add(1);
        if !counted {
            return;
        }
        row.counted = row.counted.saturating_add(1);
        if let Some(name) = &report.component {
            bump(&mut row.components, name);
        }
        if let Some(name) = &problem {
            bump(&mut row.problems, name);
        }
        bump(&mut row.countries, &report.place.country);
    }

    /// The row of a minute, made in its place in order of time.
    pub(crate) fn minute_at(&mut self, minute: UnixMinute) -> &mut Minute {
        if self.recent.back().is_some_and(|row| row.minute == minute) {
            return self.recent.back_mut().expect("it was there a line ago");
        }
        let index = self.recent.partition_point(|row| row.minute < minute);
        if self.recent.get(index).is_none_or(|row| row.minute != minute) {
            self.recent.insert(index, Minute { minute, ..Minute::default() });
            while self
                .recent
                .front()
                .is_some_and(|row| row.minute.0 < minute.0 - RECENT_MINUTES_MAX)
            {
                self.recent.pop_front();
            }
        }
        let index = self.recent.partition_point(|row| row.minute < minute);
        &mut self.recent[index]
    }

    /// Notes a counted report in its tick, and learns the dispersion from the minute before.
    fn note_tick(&mut self, at: UnixMillis) {
        if at.minute() != self.minute {
            if self.surge.is_none() {
                self.dispersion.learn(&self.minute_ticks);
            }
            self.minute_ticks = [0; TICKS_PER_MINUTE];
            self.minute = at.minute();
        }
        let tick = at.tick().0.rem_euclid(TICKS_PER_MINUTE as i64) as usize;
        self.minute_ticks[tick] = self.minute_ticks[tick].saturating_add(1);
    }

    /// Notes a signal by its kind.
    pub(crate) fn note_kind(&mut self, hour: i64, kind: &str) {
        let known = self.kinds.range_mut((hour, Text::default())..);
        for ((at, name), n) in known {
            if *at != hour {
                break;
            }
            if **name == *kind {
                *n += 1;
                return;
            }
        }
        self.kinds.insert((hour, kind.into()), 1);
    }

    /// Ends hour `hour`: learns it, unless a surge was open.
    pub(crate) fn end_hour(&mut self, hour: i64, shapes: &mut [Shape]) {
        let slot = hour_of_week(hour);
        let frozen = std::mem::replace(&mut self.frozen, self.surge.is_some());
        let components = std::mem::take(&mut self.hour_components);
        let problems = std::mem::take(&mut self.hour_problems);
        if frozen && !self.learnt.is_new() {
            self.keys.iter_mut().for_each(|key| key.hour_count = 0);
            return;
        }
        self.components_usual.learn(components.iter().map(|(name, n)| (name, f64::from(*n))));
        self.problems_usual.learn(problems.iter().map(|(name, n)| (name, f64::from(*n))));
        let mut counts = Vec::new();
        for (index, key) in self.keys.iter_mut().enumerate() {
            if key.hour_count > 0 || index == 0 {
                counts.push((index, std::mem::take(&mut key.hour_count)));
            }
        }
        self.learn_hour(slot, &counts, shapes);
    }

    /// Learns one hour of this service: `counts` by key, the whole first; keys left out had none.
    pub(crate) fn learn_hour(
        &mut self,
        slot: usize,
        counts: &[(usize, u32)],
        shapes: &mut [Shape],
    ) {
        let shape = &mut shapes[self.category];
        let capped: Vec<(usize, f64)> = counts
            .iter()
            .map(|&(key, n)| (key, self.keys[key].baseline.capped(slot, n, &self.learnt, shape)))
            .collect();
        if self.learnt.note(slot) {
            self.keys.iter_mut().for_each(|key| key.baseline.fade(slot));
        }
        for (key, capped) in capped {
            self.keys[key].baseline.learn(slot, capped);
            if key == 0 {
                shape.learn(slot, capped);
            }
        }
    }
}

/// Adds one to the count of `name`.
fn bump<T: Clone + PartialEq>(counts: &mut Vec<(T, u32)>, name: &T) {
    match counts.iter_mut().find(|(known, _)| known == name) {
        Some((_, n)) => *n = n.saturating_add(1),
        None => counts.push((name.clone(), 1)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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

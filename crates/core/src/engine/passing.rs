//! Time passing: ticks end, surges are looked at, hours are learnt.

use crate::detect::together::WINDOW_MS;
use crate::engine::Action;
use crate::engine::CASE_EVERY_MINUTES;
use crate::engine::Change;
use crate::engine::Engine;
use crate::engine::GAP_MS_MAX;
use crate::engine::KINDS_HOURS_MAX;
use crate::time::HOUR_MS;
use crate::time::MINUTE_MS;
use crate::time::TICK_MS;
use crate::time::UnixMillis;

impl Engine {
    /// Lets time pass to `at`, tick by tick.
    pub(super) fn pass_time(&mut self, at: UnixMillis, actions: &mut Vec<Action>) {
        let Some(now) = self.now else {
            self.now = Some(at);
            self.watches.iter_mut().for_each(|watch| watch.learnt.began = Some(at));
            return;
        };
        if at.since_ms(now) > GAP_MS_MAX {
            self.leap();
            self.now = Some(at);
            return;
        }
        let mut end = now.tick().end();
        while end <= at {
            self.end_tick(end, actions);
            end = self.next_end(end);
        }
        self.now = Some(now.max(at));
    }

    /// The end of the next tick in which anything can happen without a report: any tick while a
    /// surge is open or a case file waits, else the last one of a window or an hour. What lies
    /// between has a closed form.
    fn next_end(&self, end: UnixMillis) -> UnixMillis {
        if self.surging.is_empty() && self.frozen.waiting.is_empty() {
            return UnixMillis((end.0.div_euclid(WINDOW_MS) + 1).saturating_mul(WINDOW_MS));
        }
        end.plus_ms(TICK_MS)
    }

    /// Forgets every statistic after a gap that nothing is known about.
    fn leap(&mut self) {
        self.counters.gaps += 1;
        for watch in &mut self.watches {
            watch.frozen = true;
            for key in &mut watch.keys {
                key.detector.reset();
                key.tick = None;
            }
        }
    }

    fn end_tick(&mut self, end: UnixMillis, actions: &mut Vec<Action>) {
        let whole_minute = end.0.rem_euclid(MINUTE_MS) == 0;
        let whole_hour = end.0.rem_euclid(HOUR_MS) == 0;
        self.freeze_waiting(end, actions);
        if end.0.rem_euclid(WINDOW_MS) == 0 || whole_minute && !self.surging.is_empty() {
            self.look_together(end, actions);
        }
        for index in self.surging.iter().copied().collect::<Vec<_>>() {
            self.look(index, end, whole_minute, actions);
        }
        if whole_hour {
            let hour = end.hour();
            self.openings.forget(end);
            self.listened.clear();
            let mut settled = Vec::new();
            for (index, watch) in self.watches.iter_mut().enumerate() {
                if watch.end_hour(hour - 1, &mut self.shapes) {
                    settled.push(index);
                }
                watch.kinds.retain(|(at, _), _| hour - at <= KINDS_HOURS_MAX);
            }
            settled.into_iter().for_each(|index| self.settle_at(index, end, actions));
        }
    }

    /// Tells of a surge whose level has become the usual one.
    fn settle_at(&mut self, index: usize, end: UnixMillis, actions: &mut Vec<Action>) {
        let watch = &mut self.watches[index];
        watch.settle();
        watch.revise(end, &self.shapes);
        let busy = watch.is_busy();
        if !busy {
            self.surging.remove(&index);
        }
        let change = if busy { Change::Revised } else { Change::Closed };
        self.tell(index, change, end, actions);
    }

    fn look(
        &mut self,
        index: usize,
        end: UnixMillis,
        whole_minute: bool,
        actions: &mut Vec<Action>,
    ) {
        match self.watches[index].look(end, &self.shapes) {
            Some(change) => {
                if !self.watches[index].is_busy() {
                    self.surging.remove(&index);
                }
                self.tell(index, change, end, actions);
            }
            None if whole_minute => {
                self.watches[index].revise(end, &self.shapes);
                let incident = self.watches[index].incidents.back().cloned();
                actions
                    .extend(incident.map(|incident| Action::Incident(Change::Revised, incident)));
                if end.minute().0.rem_euclid(CASE_EVERY_MINUTES) == 0 {
                    self.freeze_soon(index, end, actions);
                }
            }
            None => {}
        }
    }
}

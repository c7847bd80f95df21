//! Who is looked at when. No clock, no socket, no chance: times are spans since the plan was made.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::collections::BinaryHeap;
use std::sync::Arc;
use std::time::Duration;

use crate::phase::About;
use crate::probe::outcome::Outcome;
use crate::probe::outcome::Verdict;
use crate::schedule::Cause;
use crate::schedule::MONITORS_MAX;
use crate::schedule::Monitor;
use crate::schedule::Round;
use crate::schedule::polite::Polite;
use crate::schedule::polite::target_of;

/// First looks a second after a start.
pub const STARTS_PER_S: u32 = 50;
/// How late a planned look may be before every second one is left out.
pub const SHED_AFTER: Duration = Duration::from_secs(2);
/// When a first failure is looked at again.
pub const RECHECKS: [Duration; 3] =
    [Duration::ZERO, Duration::from_secs(5), Duration::from_secs(15)];
/// At most one round of a service that reports ask for in this time.
pub const SURGE_GAP: Duration = Duration::from_secs(60);
/// How long a triggered look waits when the monitor is being looked at right now.
const AGAIN: Duration = Duration::from_millis(500);
/// 1/φ: multiples of it, less their whole part, fill the interval evenly however many there are.
const GOLDEN: f64 = 0.618_033_988_749_894_9;

/// The plan of one vantage point.
#[derive(Debug)]
pub struct Plan {
    slots: Vec<Slot>,
    by_id: BTreeMap<Arc<str>, usize>,
    free: Vec<usize>,
    queue: BinaryHeap<Reverse<Due>>,
    polite: Polite,
    surged: BTreeMap<Arc<str>, Duration>,
    share: f64,
    /// Monitors that were ever added, for their phases.
    added: u32,
    /// What was done and what was left out.
    pub counts: Counts,
}

/// What was done and what was left out, since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Looks that began because their time had come.
    pub planned: u64,
    /// Looks that began because of a failure.
    pub rechecks: u64,
    /// Looks that began because of reports.
    pub surges: u64,
    /// Looks that were left out because there was too much to do.
    pub shed: u64,
    /// Looks that were left out because the one before had not ended.
    pub overlapped: u64,
    /// Looks that waited because their target had just been looked at.
    pub put_off: u64,
    /// Rounds that reports asked for too soon after another.
    pub refused: u64,
}

/// A look that is running, so that its end finds its monitor although others came and went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ticket {
    slot: usize,
    life: u32,
}

#[derive(Debug)]
struct Slot {
    monitor: Option<Arc<Monitor>>,
    /// Grows when another monitor takes the slot, so that what was queued for the old one is stale.
    life: u32,
    target: Option<String>,
    phase: Duration,
    is_running: bool,
    was_shed: bool,
    is_failing: bool,
    burst_at: Option<Duration>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Due {
    at: Duration,
    ticket: Ticket,
    cause: Cause,
    /// When it was due by the plan, before politeness.
    planned_at: Duration,
}

impl Plan {
    /// An empty plan. `share` is the place of this vantage point in the interval, 0 to 1.
    pub fn new(gap: Duration, share: f64) -> Self {
        Self {
            slots: Vec::new(),
            by_id: BTreeMap::new(),
            free: Vec::new(),
            queue: BinaryHeap::new(),
            polite: Polite::new(gap),
            surged: BTreeMap::new(),
            share: if share.is_finite() { share.clamp(0.0, 1.0) } else { 0.0 },
            added: 0,
            counts: Counts::default(),
        }
    }

    /// Replaces all monitors. Those that stay keep their phase and what is known of them; of those
    /// beyond [`MONITORS_MAX`], and of two with one name the later, nothing is taken.
    pub fn set(&mut self, monitors: Vec<Monitor>, now: Duration) {
        let mut kept = BTreeMap::new();
        let mut fresh = Vec::new();
        for monitor in monitors.into_iter().take(MONITORS_MAX) {
            match self.by_id.remove(&monitor.id) {
                Some(slot) if self.interval(slot) == Some(monitor.interval) => {
                    kept.insert(monitor.id.clone(), slot);
                    self.slots[slot].target = target_of(&monitor.check.target);
                    self.slots[slot].monitor = Some(Arc::new(monitor));
                }
                Some(slot) => {
                    self.vacate(slot);
                    fresh.push(monitor);
                }
                None if kept.contains_key(&monitor.id) => {}
                None => fresh.push(monitor),
            }
        }
        for slot in std::mem::replace(&mut self.by_id, kept).into_values() {
            self.vacate(slot);
        }
        let mut order = 0;
        for monitor in fresh {
            if !self.by_id.contains_key(&monitor.id) {
                self.add(monitor, now, order);
                order += 1;
            }
        }
    }

    /// How many monitors there are.
    pub fn len(&self) -> usize {
        self.by_id.len()
    }

    /// Whether there is nothing to look at.
    pub fn is_empty(&self) -> bool {
        self.by_id.is_empty()
    }

    /// When something is due next.
    pub fn next_at(&self) -> Option<Duration> {
        self.queue.peek().map(|due| due.0.at)
    }

    /// The next look that is due, if there is one.
    pub fn take(&mut self, now: Duration) -> Option<Round> {
        while let Some(Reverse(due)) = self.queue.peek().copied() {
            if due.at > now {
                return None;
            }
            self.queue.pop();
            if let Some(round) = self.begin(due, now) {
                return Some(round);
            }
        }
        None
    }

    /// Tells how a look ended. A first failure brings the burst of [`RECHECKS`].
    pub fn ended(&mut self, ticket: Ticket, outcome: &Outcome, now: Duration) {
        let Some(slot) = self.slots.get_mut(ticket.slot) else { return };
        if slot.life != ticket.life {
            return;
        }
        slot.is_running = false;
        let ours = outcome.fault.as_ref().is_some_and(|fault| fault.about != About::Target);
        match outcome.verdict {
            _ if ours => {}
            Verdict::Ok | Verdict::Blocked => slot.is_failing = false,
            Verdict::SoftFailure | Verdict::Failed if slot.is_failing => {}
            Verdict::SoftFailure | Verdict::Failed => {
                slot.is_failing = true;
                self.burst(ticket, now);
            }
        }
    }

    /// Somebody else saw this monitor fail for the first time: look too. `false` when there is no
    /// such monitor, or it was looked at for such a reason within its interval.
    pub fn recheck(&mut self, id: &str, now: Duration) -> bool {
        let Some(&slot) = self.by_id.get(id) else { return false };
        self.burst(Ticket { slot, life: self.slots[slot].life }, now)
    }

    /// Reports say that a service fails: all its monitors are due. `false` when they were less
    /// than [`SURGE_GAP`] ago, or there are none.
    pub fn surge(&mut self, service: &str, now: Duration) -> bool {
        let of_service = |slot: &usize| {
            let monitor = self.slots[*slot].monitor.as_ref();
            monitor.is_some_and(|monitor| &*monitor.service == service)
        };
        let slots: Vec<usize> = self.by_id.values().copied().filter(of_service).collect();
        let too_soon = self.surged.get(service).is_some_and(|last| now < *last + SURGE_GAP);
        if slots.is_empty() || too_soon {
            self.counts.refused += 1;
            return false;
        }
        self.surged.retain(|_, last| now < *last + SURGE_GAP);
        self.surged.insert(service.into(), now);
        for slot in slots {
            let ticket = Ticket { slot, life: self.slots[slot].life };
            let due = Due { at: now, ticket, cause: Cause::Surge, planned_at: now };
            self.queue.push(Reverse(due));
        }
        true
    }

    fn interval(&self, slot: usize) -> Option<Duration> {
        self.slots[slot].monitor.as_ref().map(|monitor| monitor.interval)
    }

    fn vacate(&mut self, slot: usize) {
        self.slots[slot].life += 1;
        self.slots[slot].monitor = None;
        self.free.push(slot);
    }

    fn add(&mut self, monitor: Monitor, now: Duration, order: u32) {
        let share = (f64::from(self.added) * GOLDEN + self.share).fract();
        self.added = self.added.wrapping_add(1);
        let phase = monitor.interval.mul_f64(share);
        let target = target_of(&monitor.check.target);
        let (id, interval) = (monitor.id.clone(), monitor.interval);
        let at = self.free.pop().unwrap_or(self.slots.len());
        let life = self.slots.get(at).map_or(0, |slot| slot.life);
        let slot = Slot {
            monitor: Some(Arc::new(monitor)),
            life,
            target,
            phase,
            is_running: false,
            was_shed: false,
            is_failing: false,
            burst_at: None,
        };
        if at == self.slots.len() {
            self.slots.push(slot);
        } else {
            self.slots[at] = slot;
        }
        self.by_id.insert(id, at);
        let soon = now + Duration::from_secs(1) * order / STARTS_PER_S;
        let first = soon.min(next_of(phase, interval, now));
        let ticket = Ticket { slot: at, life };
        let due = Due { at: first, ticket, cause: Cause::Planned, planned_at: first };
        self.queue.push(Reverse(due));
    }

    fn burst(&mut self, ticket: Ticket, now: Duration) -> bool {
        let slot = &mut self.slots[ticket.slot];
        let Some(monitor) = &slot.monitor else { return false };
        let rest = monitor.interval.max(RECHECKS[2]);
        if slot.burst_at.is_some_and(|last| now < last + rest) {
            return false;
        }
        slot.burst_at = Some(now);
        for (nth, after) in (1..).zip(RECHECKS) {
            let (at, cause) = (now + after, Cause::Recheck(nth));
            self.queue.push(Reverse(Due { at, ticket, cause, planned_at: at }));
        }
        true
    }

    /// Begins a look that is due, or says why not: puts it back, or leaves it out.
    fn begin(&mut self, due: Due, now: Duration) -> Option<Round> {
        let slot = self.slots.get_mut(due.ticket.slot)?;
        if slot.life != due.ticket.life {
            return None;
        }
        let monitor = slot.monitor.clone()?;
        let is_planned = due.cause == Cause::Planned;
        if slot.is_running {
            if is_planned {
                self.counts.overlapped += 1;
                let at = next_of(slot.phase, monitor.interval, now);
                self.queue.push(Reverse(Due { at, planned_at: at, ..due }));
            } else {
                self.queue.push(Reverse(Due { at: now + AGAIN, ..due }));
            }
            return None;
        }
        if is_planned {
            let late = now.saturating_sub(due.planned_at);
            let is_shed = late > monitor.interval || (late > SHED_AFTER && !slot.was_shed);
            if is_shed {
                slot.was_shed = true;
                self.counts.shed += 1;
                self.plan_next(due, &monitor, now);
                return None;
            }
        }
        if let Some(target) = &slot.target
            && let Err(free_at) = self.polite.admit(target, now)
        {
            self.counts.put_off += 1;
            // What waits for its turn is not late: the turn is part of the plan.
            let waited = due.planned_at + free_at.saturating_sub(due.at.max(due.planned_at));
            self.queue.push(Reverse(Due { at: free_at, planned_at: waited, ..due }));
            return None;
        }
        slot.is_running = true;
        match due.cause {
            Cause::Planned => {
                slot.was_shed = false;
                self.counts.planned += 1;
                self.plan_next(due, &monitor, now);
            }
            Cause::Recheck(_) => self.counts.rechecks += 1,
            Cause::Surge => self.counts.surges += 1,
        }
        let late = now.saturating_sub(due.at);
        Some(Round { monitor, cause: due.cause, late, ticket: due.ticket })
    }

    fn plan_next(&mut self, due: Due, monitor: &Monitor, now: Duration) {
        let phase = self.slots[due.ticket.slot].phase;
        // At least half an interval after the last, which may have been a first look.
        let earliest = now.max(due.planned_at) + monitor.interval / 2;
        let at = next_of(phase, monitor.interval, earliest);
        self.queue.push(Reverse(Due { at, planned_at: at, ..due }));
    }
}

/// The next time of a phase at or after `earliest`.
fn next_of(phase: Duration, interval: Duration, earliest: Duration) -> Duration {
    let (phase, interval, earliest) = (phase.as_nanos(), interval.as_nanos(), earliest.as_nanos());
    let past = earliest.saturating_sub(phase).div_ceil(interval.max(1));
    let at = phase + past * interval;
    Duration::from_nanos(u64::try_from(at).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests;

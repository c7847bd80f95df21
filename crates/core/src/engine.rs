//! The engine: events in, actions out, in event time.
//!
//! Signals are held until the watermark passes them, then taken in order of time (and of id within
//! a millisecond), so that the order of arrival changes nothing. Between them time moves in ticks
//! of ten seconds. Live and replay run this same code; only who moves the watermark differs.
//!
//! # Limits
//!
//! What comes after its tick was closed is kept in the history and opens nothing. What cannot be
//! used is counted in [`Counters`], never dropped in silence.

mod crowd;
mod freeze;
mod frozen;
mod groups;
mod key;
mod ledger;
mod level;
mod looking;
mod openings;
mod outage;
mod passing;
mod peers;
pub mod probing;
mod revise;
mod save;
mod settled;
mod shares;
mod show;
mod spillover;
mod surge;
mod taking;
mod watch;

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::sync::Arc;

use crate::baseline::Shape;
use crate::catalog::Catalog;
use crate::detect::together::Finding;
use crate::engine::frozen::Frozen;
use crate::engine::groups::KnownGroups;
use crate::engine::ledger::Ledger;
use crate::engine::openings::Openings;
use crate::engine::peers::Together;
use crate::engine::watch::Watch;
use crate::evidence::CaseFile;
use crate::incident::Incident;
use crate::series::Deltas;
use crate::series::PastHour;
use crate::signal::Body;
use crate::signal::Signal;
use crate::time::HOUR_MS;
use crate::time::UnixMillis;
use crate::time::hour_of_week;
use crate::units::Text;

pub use surge::Change;

/// Signals that may wait for the watermark. More are taken as if the watermark had reached them.
pub const WAITING_MAX: usize = 1_000_000;
/// A gap in time longer than this is not walked through tick by tick: nothing is known about it,
/// so nothing is learnt from it and every statistic begins anew.
pub const GAP_MS_MAX: i64 = 14 * 24 * HOUR_MS;
/// Minutes between two case files of an open incident.
const CASE_EVERY_MINUTES: i64 = 5;
/// Hours of signal counts that are kept by kind.
const KINDS_HOURS_MAX: i64 = 72;

/// What an operator can set.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EngineConfig {
    /// At most one false alarm of a service in this many days, on average.
    pub run_length_days: f64,
}

/// What the engine is told.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// A signal, in any order within the watermark.
    Signal(Signal),
    /// A signal that came too late to decide anything: it fills the history, and opens and closes
    /// nothing.
    Late(Signal),
    /// What a past hour counted: learnt, never alarmed on.
    Past(PastHour),
    /// Nothing earlier than this will come any more.
    Watermark(UnixMillis),
    /// The catalogue changed.
    Catalog(Arc<Catalog>),
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Add these counts to the store.
    Count(Deltas),
    /// Store and show this incident.
    Incident(Change, Incident),
    /// Freeze this case file.
    Case(CaseFile),
    /// Show what services have in common that have trouble at the same time: new, changed or over.
    Finding(Finding),
    /// Let vantage points look at this service out of turn, once: at once, and twice again soon.
    Recheck(Text),
}

/// What could not be used, and why.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Signals that came after their tick was closed: kept as history, not detected on.
    pub late: u64,
    /// Signals about a service that the catalogue does not have.
    pub unknown_service: u64,
    /// Signals taken early because too many were waiting.
    pub overflow: u64,
    /// Gaps that were leapt over.
    pub gaps: u64,
    /// Signals of kinds that are kept and not weighed: mentions.
    pub not_weighed: u64,
    /// Rounds of vantage points that were cut off or late themselves.
    pub vetoed: u64,
    /// Rounds of more checks or vantage points than one service may have.
    pub no_room: u64,
}

/// All watches, and where time stands.
#[derive(Debug)]
pub struct Engine {
    config: EngineConfig,
    catalog: Arc<Catalog>,
    index: BTreeMap<Text, usize>,
    watches: Vec<Watch>,
    /// Watches with a surge or an outage that is open: only they are looked at in every tick.
    surging: BTreeSet<usize>,
    categories: BTreeMap<Text, usize>,
    shapes: Vec<Shape>,
    /// Whether the catalogue in force has the service of a watch.
    listed: Vec<bool>,
    /// Signals in order of time, each with its watch.
    waiting: BTreeMap<(UnixMillis, u128), (usize, Box<Signal>)>,
    /// All before this is decided.
    now: Option<UnixMillis>,
    together: Together,
    groups: KnownGroups,
    /// When surges began.
    openings: Openings,
    /// How many services are listened to, by hour; counted anew when an hour was learnt.
    listened: BTreeMap<i64, u64>,
    /// Case files of this tick, and those that wait.
    frozen: Frozen,
    ledger: Ledger,
    /// The service of the last signal: the next one is often about the same.
    last: Option<(Text, usize)>,
    counters: Counters,
}

impl Engine {
    /// Starts with a catalogue and nothing learnt.
    pub fn new(config: EngineConfig, catalog: Arc<Catalog>) -> Self {
        let mut engine = Self {
            config,
            catalog: Arc::default(),
            index: BTreeMap::new(),
            watches: Vec::new(),
            surging: BTreeSet::new(),
            categories: BTreeMap::new(),
            shapes: Vec::new(),
            listed: Vec::new(),
            waiting: BTreeMap::new(),
            now: None,
            together: Together::default(),
            groups: KnownGroups::default(),
            openings: Openings::default(),
            listened: BTreeMap::new(),
            frozen: Frozen::default(),
            ledger: Ledger::default(),
            last: None,
            counters: Counters::default(),
        };
        engine.set_catalog(catalog);
        engine
    }

    /// Takes one event and says what is to be done.
    pub fn handle(&mut self, event: Event) -> Vec<Action> {
        let mut actions = Vec::new();
        match event {
            // Nobody stands for it yet: it is not even counted.
            Event::Signal(signal) | Event::Late(signal) if is_proposal(&signal) => {}
            Event::Signal(signal) => self.receive(signal, &mut actions),
            Event::Late(signal) => self.receive_late(&signal),
            Event::Past(hour) => self.learn(&hour),
            Event::Watermark(at) => self.advance(at, &mut actions),
            Event::Catalog(catalog) => self.set_catalog(catalog),
        }
        if !self.ledger.is_empty() {
            actions.push(Action::Count(self.ledger.take(|watch| &self.watches[watch].service)));
        }
        actions
    }

    /// What could not be used so far.
    pub fn counters(&self) -> Counters {
        self.counters
    }

    /// The moment before which all is decided.
    pub fn now(&self) -> Option<UnixMillis> {
        self.now
    }

    /// Series that are watched, over all services.
    pub fn keys(&self) -> usize {
        self.watches.iter().map(|watch| watch.keys.len()).sum()
    }

    fn set_catalog(&mut self, catalog: Arc<Catalog>) {
        self.listed = vec![false; self.watches.len()];
        for service in catalog.services.values() {
            let next = self.categories.len();
            let category = *self.categories.entry(service.category.clone()).or_insert(next);
            self.shapes.resize(self.shapes.len().max(category + 1), Shape::default());
            let index = self.index.get(&service.slug).copied().unwrap_or(self.watches.len());
            if index == self.watches.len() {
                self.index.insert(service.slug.clone(), index);
                let mut watch = Watch::new(service.slug.clone(), category);
                watch.learnt.began = self.now;
                self.watches.push(watch);
                self.listed.push(true);
            }
            self.watches[index].category = category;
            self.listed[index] = true;
        }
        self.catalog = catalog;
        self.last = None;
        self.listened.clear();
        self.groups.clear();
    }

    /// A watched service that the catalogue still has.
    fn watch_of(&self, service: &str) -> Option<usize> {
        if let Some((_, index)) = self.last.as_ref().filter(|(last, _)| **last == *service) {
            return Some(*index);
        }
        self.index.get(service).copied().filter(|index| self.listed[*index])
    }

    /// The same, remembered for the next signal.
    fn find_watch(&mut self, service: &Text) -> Option<usize> {
        let index = self.watch_of(service)?;
        if self.last.as_ref().is_none_or(|(last, _)| last != service) {
            self.last = Some((service.clone(), index));
        }
        Some(index)
    }

    fn receive(&mut self, signal: Signal, actions: &mut Vec<Action>) {
        let Some(index) = self.find_watch(&signal.service) else {
            self.counters.unknown_service += 1;
            return;
        };
        if self.now.is_some_and(|now| signal.at < now) {
            self.counters.late += 1;
            self.take_late(index, &signal);
            return;
        }
        self.waiting.insert((signal.at, signal.id), (index, Box::new(signal)));
        if self.waiting.len() > WAITING_MAX {
            self.counters.overflow += 1;
            if let Some(((at, _), _)) = self.waiting.first_key_value() {
                self.advance(at.plus_ms(1), actions);
            }
        }
    }

    fn receive_late(&mut self, signal: &Signal) {
        match self.find_watch(&signal.service) {
            Some(index) => {
                self.counters.late += 1;
                self.take_late(index, signal);
            }
            None => self.counters.unknown_service += 1,
        }
    }

    /// Learns what a past hour counted.
    fn learn(&mut self, past: &PastHour) {
        let Some(index) = self.watch_of(&past.service) else {
            self.counters.unknown_service += 1;
            return;
        };
        self.listened.clear();
        self.groups.touch(index);
        let watch = &mut self.watches[index];
        if past.total == 0 {
            watch.learn_hour(hour_of_week(past.hour), &[(0, 0)], &mut self.shapes);
            return;
        }
        let mut counts = vec![(0, count_of(past.total))];
        let slices = past.countries.iter().map(|(c, n)| (crate::series::Slice::Country(*c), *n));
        let problems =
            past.problems.iter().map(|(p, n)| (crate::series::Slice::Problem(p.clone()), *n));
        for (slice, n) in slices.chain(problems).filter(|(_, n)| *n > 0) {
            if let Some(key) = watch.key(&slice) {
                counts.push((key, count_of(n)));
            }
        }
        watch.components_usual.learn(past.components.iter().map(|(name, n)| (name, *n as f64)));
        watch.problems_usual.learn(past.problems.iter().map(|(name, n)| (name, *n as f64)));
        watch.learn_hour(hour_of_week(past.hour), &counts, &mut self.shapes);
    }

    /// Takes what waits before `until`, and lets time pass up to it.
    fn advance(&mut self, until: UnixMillis, actions: &mut Vec<Action>) {
        while let Some(entry) = self.waiting.first_entry() {
            if entry.key().0 >= until {
                break;
            }
            let (index, signal) = entry.remove();
            self.pass_time(signal.at, actions);
            self.take(index, *signal, actions);
        }
        self.pass_time(until, actions);
    }

    fn tell(&mut self, index: usize, change: Change, at: UnixMillis, actions: &mut Vec<Action>) {
        if let Some(incident) = self.watches[index].incidents.back().cloned() {
            if let Some(surge) = incident.surges.last() {
                self.openings.note(surge.opened_at, index);
            }
            actions.push(Action::Incident(change, incident));
            self.freeze_soon(index, at, actions);
        }
    }
}

/// Whether it is a claim that waits for an operator.
fn is_proposal(signal: &Signal) -> bool {
    matches!(signal.body, Body::Proposal(_))
}

fn count_of(n: u64) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;

//! The watch kept over one service: its counts, its usual level, its voices.

use std::collections::BTreeMap;
use std::collections::VecDeque;

use crate::baseline::Dispersion;
use crate::baseline::Learnt;
use crate::baseline::Mix;
use crate::baseline::Shape;
use crate::baseline::breakdown::Breakdown;
use crate::baseline::drift::Drift;
use crate::detect::gate::Voice;
use crate::detect::gate::Voices;
use crate::engine::crowd::CrowdTally;
use crate::engine::crowd::network_name;
use crate::engine::key::Key;
use crate::engine::peers::WindowCounts;
use crate::engine::probing::Probing;
use crate::engine::surge::OpenSurge;
use crate::engine::surge::Tally;
use crate::evidence::Act;
use crate::evidence::facts::Said;
use crate::incident::Incident;
use crate::observe::Observed;
use crate::series::Slice;
use crate::signal::Problem;
use crate::signal::Report;
use crate::time::HOUR_MS;
use crate::time::TICK_MS;
use crate::time::UnixMillis;
use crate::time::UnixMinute;
use crate::time::hour_of_week;
use crate::trust::ReporterRule;
use crate::units::Asn;
use crate::units::Country;
use crate::units::NetworkKind;
use crate::units::Text;

/// Minutes of counts that are kept in memory: two days.
pub const RECENT_MINUTES_MAX: i64 = 2880;
/// Access networks whose usual shares are learnt from one hour.
const NETWORKS_PER_HOUR_MAX: usize = 64;
/// Minutes in a tick.
pub(crate) const TICK_MINUTES: f64 = TICK_MS as f64 / 60_000.0;
/// Ticks in a minute.
const TICKS_PER_MINUTE: usize = 6;

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
    pub(crate) drift: Drift,
    /// The whole comes first.
    pub(crate) keys: Vec<Key>,
    pub(crate) key_of: BTreeMap<Slice, usize>,
    /// Reports learnt whose network is known.
    pub(crate) parts_sum: f64,
    /// How much of what was learnt tells countries, and problems.
    pub(crate) by_country: Breakdown,
    pub(crate) by_problem: Breakdown,
    pub(crate) components_usual: Mix,
    pub(crate) problems_usual: Mix,
    pub(crate) hour_components: Vec<(Text, u32)>,
    pub(crate) hour_problems: Vec<(Text, u32)>,
    /// Usual shares of access networks, by number.
    pub(crate) networks_usual: Mix,
    pub(crate) hour_networks: Vec<(Asn, u32)>,
    /// True when a surge was open during the current hour: nothing is learnt from it.
    pub(crate) frozen: bool,
    /// Counted reports of the current minute by tick.
    pub(crate) minute_ticks: [u32; TICKS_PER_MINUTE],
    pub(crate) minute: UnixMinute,
    pub(crate) window: WindowCounts,
    pub(crate) recent: VecDeque<Minute>,
    pub(crate) surge: Option<OpenSurge>,
    /// What probes say.
    pub(crate) probing: Probing,
    /// Of the last incident.
    pub(crate) tally: Tally,
    /// Who reported, of the last incident.
    pub(crate) crowd: CrowdTally,
    /// Newest last.
    pub(crate) incidents: VecDeque<Incident>,
    pub(crate) claims: Vec<Said>,
    pub(crate) observed: Observed,
    /// Acts of operators about its incidents.
    pub(crate) acts: Vec<Act>,
    /// Revision of the newest case file of the last incident.
    pub(crate) frozen_revision: Option<u32>,
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
            drift: Drift::default(),
            keys: vec![Key::new(Slice::All)],
            key_of: BTreeMap::from([(Slice::All, 0)]),
            parts_sum: 0.0,
            by_country: Breakdown::default(),
            by_problem: Breakdown::default(),
            components_usual: Mix::default(),
            problems_usual: Mix::default(),
            hour_components: Vec::new(),
            hour_problems: Vec::new(),
            networks_usual: Mix::default(),
            hour_networks: Vec::new(),
            frozen: false,
            minute_ticks: [0; TICKS_PER_MINUTE],
            minute: UnixMinute(i64::MIN / 2),
            window: WindowCounts::default(),
            recent: VecDeque::new(),
            surge: None,
            probing: Probing::default(),
            tally: Tally::default(),
            crowd: CrowdTally::default(),
            incidents: VecDeque::new(),
            claims: Vec::new(),
            observed: Observed::default(),
            acts: Vec::new(),
            frozen_revision: None,
            kinds: BTreeMap::new(),
            synthetic: false,
            changed: false,
        }
    }

    /// Whether one of its incidents that are kept in memory has this id.
    pub(crate) fn has_incident(&self, id: &str) -> bool {
        self.incidents.iter().any(|incident| &*incident.id.0 == id)
    }

    /// Takes one report in order of time. Returns whether it counts, and the keys whose statistic
    /// reached the threshold with it.
    pub(crate) fn report(
        &mut self,
        at: UnixMillis,
        report: &Report,
        shapes: &[Shape],
        threshold_for_one: f64,
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
        self.follow_drift(at, shapes);
        self.voices.add(Voice::of(at, report));
        self.note_tick(at);
        let problem = match &report.problem {
            Problem::Fails(name) => Some(name),
            Problem::Unspecified | Problem::Works => None,
        };
        if let Some(name) = problem {
            bump(&mut self.hour_problems, name);
        }
        if let Some(name) = &report.component {
            bump(&mut self.hour_components, name);
        }
        if let Some(asn) = &report.place.asn
            && self.hour_networks.len() < NETWORKS_PER_HOUR_MAX
        {
            bump(&mut self.hour_networks, asn);
        }
        let slices = [
            Some(Slice::All),
            report.place.country.map(Slice::Country),
            problem.cloned().map(Slice::Problem),
            report.place.asn.map(Slice::Network),
        ];
        let component = report.component.clone().map(Slice::Component);
        self.window.add(at, slices.iter().chain([&component]).flatten());
        let mut reached = Vec::new();
        for slice in slices.iter().flatten() {
            let Some(key) = self.key(slice) else { continue };
            let threshold = self.threshold_of(key, threshold_for_one);
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

    /// Ends hour `hour`: learns it, unless a surge was open. True when the surge has ended with it,
    /// because its level has become the usual one.
    pub(crate) fn end_hour(&mut self, hour: i64, shapes: &mut [Shape]) -> bool {
        let slot = hour_of_week(hour);
        let end = UnixMillis((hour + 1).saturating_mul(HOUR_MS));
        let settled = self.surge.is_some() && self.note_held_hour(end, shapes);
        let frozen = std::mem::replace(&mut self.frozen, self.surge.is_some());
        let components = std::mem::take(&mut self.hour_components);
        let problems = std::mem::take(&mut self.hour_problems);
        let networks = std::mem::take(&mut self.hour_networks);
        if frozen && !self.learnt.is_new() {
            self.keys.iter_mut().for_each(|key| key.hour_count = 0);
            return settled;
        }
        self.components_usual.learn(components.iter().map(|(name, n)| (name, f64::from(*n))));
        self.problems_usual.learn(problems.iter().map(|(name, n)| (name, f64::from(*n))));
        let networks: Vec<(Text, u32)> =
            networks.into_iter().map(|(asn, n)| (network_name(asn), n)).collect();
        self.networks_usual.learn(networks.iter().map(|(name, n)| (name, f64::from(*n))));
        let mut counts = Vec::new();
        for (index, key) in self.keys.iter_mut().enumerate() {
            if key.hour_count > 0 || index == 0 {
                counts.push((index, std::mem::take(&mut key.hour_count)));
            }
        }
        self.learn_hour(slot, &counts, shapes);
        settled
    }
}

/// Adds one to the count of `name`.
fn bump<T: Clone + PartialEq>(counts: &mut Vec<(T, u32)>, name: &T) {
    match counts.iter_mut().find(|(known, _)| known == name) {
        Some((_, n)) => *n = n.saturating_add(1),
        None => counts.push((name.clone(), 1)),
    }
}

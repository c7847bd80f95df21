//! Opening, following and closing the surges of one service, and joining them into incidents.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::baseline::Shape;
use crate::detect::count::margin;
use crate::detect::gate::NETWORK_PREFIXES_MIN;
use crate::detect::gate::Passage;
use crate::detect::together::Peers;
use crate::engine::crowd::CrowdTally;
use crate::engine::key::RING_MINUTES;
use crate::engine::level::PARTS_KNOWN_REPORTS;
use crate::engine::settled::Held;
use crate::engine::shares::add_one;
use crate::engine::shares::subtract_usual;
use crate::engine::watch::Watch;
use crate::incident::Ending;
use crate::incident::Incident;
use crate::incident::IncidentId;
use crate::incident::JOIN_WITHIN_MS;
use crate::incident::Opening;
use crate::incident::REOPEN_WITHIN_MS;
use crate::incident::SAME_MIX_VARIATION_MAX;
use crate::incident::Scope;
use crate::incident::Severity;
use crate::incident::Share;
use crate::incident::Surge;
use crate::incident::total_variation;
use crate::series::Slice;
use crate::time::MINUTE_MS;
use crate::time::UnixMillis;
use crate::units::Country;
use crate::units::Text;

/// Calm this long closes a surge.
const CALM_MS: i64 = 5 * MINUTE_MS;
/// Minutes whose count must be calm.
const CALM_WINDOW_MINUTES: i64 = 10;
/// Multiple of the usual level from which an incident is `danger` …
const DANGER_TIMES_USUAL: f64 = 3.0;
/// … with at least this many distinct reporters in 15 minutes.
const DANGER_REPORTERS_MIN: u64 = 20;
/// Incidents of a service that are kept in memory.
pub(crate) const INCIDENTS_KEPT_MAX: usize = 32;

/// A surge that is open, and what has been added up since.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct OpenSurge {
    /// Keys that crossed their threshold.
    pub(crate) keys: BTreeSet<usize>,
    pub(crate) calm_since: Option<UnixMillis>,
    /// Hours in which the level held.
    pub(crate) held: Held,
}

/// What added up over all surges of an incident; the incident's shares are made from it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Tally {
    pub(crate) components: BTreeMap<Text, u64>,
    pub(crate) problems: BTreeMap<Text, u64>,
    pub(crate) countries: BTreeMap<Option<Country>, u64>,
}

/// What happened to an incident.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// Its first surge opened.
    Opened,
    /// Another surge joined it, or its last one opened again.
    Reopened,
    /// Its numbers, severity or claims changed.
    Revised,
    /// Its last surge closed.
    Closed,
}

impl Watch {
    /// Opens, joins or reopens a surge if the voices behind key `key` pass the gate.
    pub(crate) fn try_open(
        &mut self,
        at: UnixMillis,
        key: usize,
        e_value: f64,
        threshold: f64,
        shapes: &[Shape],
    ) -> Option<Change> {
        if let Some(open) = &mut self.surge {
            open.keys.insert(key);
            return None;
        }
        // Whoever stands behind them, so few are no more than usual: spares a look at every voice.
        let at_most = self.keys[key].sum(at.minute(), RING_MINUTES as i64);
        if !self.is_excess(key, at_most, at, shapes) {
            return None;
        }
        let crowd = self.voices.crowd(&self.keys[key].slice);
        let scope = match crowd.passage() {
            Passage::Held => return None,
            Passage::Public => match &self.keys[key].slice {
                Slice::Country(country) => Scope::Countries(vec![*country]),
                _ => Scope::Everywhere,
            },
            Passage::ScopedTo(asn) => Scope::Network(asn),
        };
        // Few prefixes are enough for a network only when its part of the whole is known.
        let few = matches!(scope, Scope::Network(_)) && crowd.prefixes < NETWORK_PREFIXES_MIN;
        if few && self.parts_sum < PARTS_KNOWN_REPORTS {
            return None;
        }
        // There must still be more than usual when the loudest prefix is left out: the usual few
        // from elsewhere are no second witness, and one prefix never opens an incident.
        if !self.is_excess(key, crowd.without_loudest, at, shapes) {
            return None;
        }
        let opening = Opening {
            count: crowd.count,
            usual: self.usual_over(key, at, 15, shapes),
            doubt: 15.0 * self.doubt(key, at, shapes),
            e_value,
            threshold,
            reporters: crowd.reporters,
            networks: crowd.networks,
            prefixes: crowd.prefixes,
            slice: self.keys[key].slice.clone(),
        };
        self.frozen = true;
        self.surge = Some(OpenSurge { keys: BTreeSet::from([key]), ..OpenSurge::default() });
        Some(self.enter(at, opening, scope))
    }

    /// Whether `count` reports in 15 minutes are more than usual and more than chance adds to it.
    fn is_excess(&self, key: usize, count: u64, at: UnixMillis, shapes: &[Shape]) -> bool {
        let usual = self.usual_over(key, at, 15, shapes) * self.drift.factor();
        let chance = 2.0 * (self.dispersion.value() * usual).sqrt() + 1.0;
        count as f64 > usual + chance
    }

    /// Enters a new surge: the last one again, one more of the last incident, or a new incident.
    fn enter(&mut self, at: UnixMillis, opening: Opening, scope: Scope) -> Change {
        let tally = self.tally_of_voices(opening.usual);
        let same_story = self.incidents.back().is_some_and(|last| self.joins(last, at, &tally));
        if !same_story {
            self.incidents.push_back(self.new_incident(at, scope));
            if self.incidents.len() > INCIDENTS_KEPT_MAX {
                self.incidents.pop_front();
            }
            self.tally = Tally::default();
            self.crowd = CrowdTally::default();
            self.frozen_revision = None;
        }
        let incident = self.incidents.back_mut().expect("one was there or has been added");
        let reopens = incident
            .surges
            .last()
            .and_then(|surge| surge.closed_at)
            .is_some_and(|closed| at.since_ms(closed) <= REOPEN_WITHIN_MS);
        if reopens {
            let last = incident.surges.last_mut().expect("it has one");
            (last.closed_at, last.ending) = (None, None);
        } else {
            incident.surges.push(Surge {
                opened_at: at,
                peak_at: at,
                closed_at: None,
                ending: None,
                peak: opening.count,
                usual: opening.usual,
                counted: 0,
                excess: 0.0,
                opening,
            });
        }
        incident.closed_at = None;
        if same_story { Change::Reopened } else { Change::Opened }
    }

    /// Whether a surge that opens now belongs to incident `last`.
    ///
    /// The first reports of a surge are few, and a few differ from any mix by chance: the expected
    /// variation of `n` draws over `k` names, `½·√(2k/πn)`, is allowed for.
    fn joins(&self, last: &Incident, at: UnixMillis, tally: &Tally) -> bool {
        let Some(closed) = last.closed_at else { return true };
        let apart_ms = at.since_ms(closed);
        if apart_ms <= REOPEN_WITHIN_MS {
            return true;
        }
        let same = |now: &BTreeMap<Text, u64>, before: &[Share]| {
            let n: u64 = now.values().sum();
            if n == 0 || before.is_empty() {
                return true;
            }
            let names = now.len().max(before.len()) as f64;
            let chance = (2.0 * names / (std::f64::consts::PI * n as f64)).sqrt() / 2.0;
            let now: Vec<(Text, u64)> = now.iter().map(|(name, n)| (name.clone(), *n)).collect();
            let before: Vec<(Text, u64)> =
                before.iter().map(|share| (share.name.clone(), share.count)).collect();
            total_variation(&now, &before) <= SAME_MIX_VARIATION_MAX + chance
        };
        apart_ms <= JOIN_WITHIN_MS
            && !last.surges.is_empty()
            && same(&tally.components, &last.components)
            && same(&tally.problems, &last.problems)
    }

    pub(crate) fn new_incident(&self, at: UnixMillis, scope: Scope) -> Incident {
        let date = at.date();
        let today = format!("{}-{date}-", self.service);
        let number = self
            .incidents
            .iter()
            .filter_map(|incident| incident.id.0.strip_prefix(&today)?.parse::<u32>().ok())
            .max()
            .unwrap_or(0)
            + 1;
        Incident {
            id: IncidentId(format!("{today}{number}").into()),
            service: self.service.clone(),
            severity: Severity::Warning,
            opened_at: at,
            closed_at: None,
            surges: Vec::new(),
            outages: Vec::new(),
            components: Vec::new(),
            problems: Vec::new(),
            places: Vec::new(),
            scope,
            peers: Peers::default(),
            reports_counted: 0,
            reports_received: 0,
            reconstruction: self.synthetic,
            revision: 0,
        }
    }

    /// What the voices of the last 15 minutes say beyond the `usual` number of them.
    fn tally_of_voices(&self, usual: f64) -> Tally {
        let mut tally = Tally::default();
        for voice in &self.voices.0 {
            for (name, into) in
                [(&voice.component, &mut tally.components), (&voice.problem, &mut tally.problems)]
            {
                if let Some(name) = name {
                    *into.entry(name.clone()).or_default() += 1;
                }
            }
            *tally.countries.entry(voice.place.country).or_default() += 1;
        }
        subtract_usual(&mut tally.components, usual, &self.components_usual);
        subtract_usual(&mut tally.problems, usual, &self.problems_usual);
        tally
    }

    /// Adds one report to the open surge, counted or not.
    pub(crate) fn follow(&mut self, counted: bool) {
        if self.surge.is_none() {
            return;
        }
        let voice = self.voices.0.back();
        let Some(incident) = self.incidents.back_mut() else { return };
        incident.reports_received += 1;
        if !counted {
            return;
        }
        incident.reports_counted += 1;
        if let Some(surge) = incident.surges.last_mut() {
            surge.counted += 1;
        }
        let Some(voice) = voice else { return };
        if let Some(name) = &voice.component {
            add_one(&mut self.tally.components, name);
        }
        if let Some(name) = &voice.problem {
            add_one(&mut self.tally.problems, name);
        }
        *self.tally.countries.entry(voice.place.country).or_default() += 1;
    }

    /// Looks at what is open at the end of a tick; closes it when calm has held.
    pub(crate) fn look(&mut self, now: UnixMillis, shapes: &[Shape]) -> Option<Change> {
        let surge_ended = self.look_at_surge(now, shapes);
        if !self.look_at_outage(now) && !surge_ended {
            return None;
        }
        self.settle();
        self.revise(now, shapes);
        Some(if self.is_busy() { Change::Revised } else { Change::Closed })
    }

    /// Whether the open surge has ended.
    fn look_at_surge(&mut self, now: UnixMillis, shapes: &[Shape]) -> bool {
        let Some(open) = &self.surge else { return false };
        let calm = open.keys.iter().all(|key| self.is_calm(*key, now, shapes));
        let since = open.calm_since.filter(|_| calm).or(calm.then_some(now));
        let whole_minute = now.0.rem_euclid(MINUTE_MS) == 0;
        if let Some(open) = &mut self.surge {
            open.calm_since = since;
        }
        if whole_minute {
            self.follow_minute(now, shapes);
        }
        let ended = since.filter(|since| now.since_ms(*since) >= CALM_MS);
        ended.into_iter().for_each(|since| self.close(since, Ending::Calm));
        ended.is_some()
    }

    fn is_calm(&self, key: usize, now: UnixMillis, shapes: &[Shape]) -> bool {
        let last = now.plus_ms(-1).minute();
        let count = self.keys[key].sum(last, CALM_WINDOW_MINUTES) as f64;
        let level = self.level(key, now, shapes);
        let dispersion = self.dispersion.value();
        let usual = CALM_WINDOW_MINUTES as f64 * level * (1.0 + margin(level, dispersion)) / 2.0;
        count <= usual + 2.0 * (dispersion * usual).sqrt() + 1.0
    }

    pub(crate) fn close(&mut self, at: UnixMillis, ending: Ending) {
        self.surge = None;
        self.keys.iter_mut().for_each(|key| {
            key.detector.reset();
            key.tick = None;
        });
        let surge = self.incidents.back_mut().and_then(|incident| incident.surges.last_mut());
        if let Some(surge) = surge {
            surge.closed_at = Some(at.max(surge.opened_at));
            surge.ending = Some(ending);
        }
    }

    /// Follows the peak, the excess and the severity, once a minute.
    fn follow_minute(&mut self, now: UnixMillis, shapes: &[Shape]) {
        let last = now.plus_ms(-1).minute();
        let fullest = self.keys[0].sum(last, 15);
        let usual = self.usual_over(0, now, 15, shapes);
        let minute = self.keys[0].sum(last, 1) as f64;
        let usual_minute = self.usual(0, now, shapes);
        let expected = usual * self.drift.factor();
        let Some(incident) = self.incidents.back_mut() else { return };
        if fullest as f64 >= DANGER_TIMES_USUAL * expected && fullest >= DANGER_REPORTERS_MIN {
            incident.severity = Severity::Danger;
        }
        let Some(surge) = incident.surges.last_mut() else { return };
        surge.excess += (minute - usual_minute).max(0.0);
        if fullest > surge.peak {
            (surge.peak, surge.peak_at, surge.usual) = (fullest, now, usual);
        }
    }
}

//! Across services in the engine: counts by window, groups from the catalogue, findings over time.
//!
//! Once a minute while anything is open, and at the end of every window of 30 minutes, the services
//! with new reports are weighed; see [`crate::detect::together`] for what is made of it. The
//! loudest prefix of a unit counts as one voice, and a finding needs as many prefixes behind it as
//! a carrier shows: whoever reports many services from one address is one person.
//!
//! # What it cannot tell
//!
//! Groups that the catalogue does not state. A country or a network is a group of the services that
//! have reports from there.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::catalog::Catalog;
use crate::detect::count::Null;
use crate::detect::gate::NETWORK_PREFIXES_ALONE_MIN;
use crate::detect::together::CLIENTS;
use crate::detect::together::Crossing;
use crate::detect::together::Factor;
use crate::detect::together::Finding;
use crate::detect::together::SERVICES_LISTED_MAX;
use crate::detect::together::SERVICES_MIN;
use crate::detect::together::Standing;
use crate::detect::together::UP_E_VALUE;
use crate::detect::together::Unit;
use crate::detect::together::WINDOW_MINUTES;
use crate::detect::together::WINDOW_MS;
use crate::detect::together::crossings;
use crate::detect::together::e_value;
use crate::engine::Action;
use crate::engine::Engine;
use crate::engine::watch::Watch;
use crate::series::Slice;
use crate::time::UnixMillis;
use crate::units::Text;

/// Findings that an incident keeps.
const FINDINGS_PER_INCIDENT_MAX: usize = 8;

/// What is remembered between two looks.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Together {
    /// The window that `units` are about.
    pub(crate) window: i64,
    /// Services with reports since the last look.
    pub(crate) touched: BTreeSet<usize>,
    /// E-values above one in this window, by group and service.
    pub(crate) units: BTreeMap<Factor, BTreeMap<usize, f64>>,
    /// Findings that hold.
    pub(crate) open: BTreeMap<Factor, Finding>,
}

/// Counted reports of one service in one window.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct WindowCounts {
    pub(crate) number: i64,
    pub(crate) counts: Vec<SliceCount>,
}

/// Counted reports of one slice of a service in one window.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct SliceCount {
    pub(crate) slice: Slice,
    pub(crate) count: u32,
    /// Reports came since it was last weighed. What did not change is not weighed again.
    pub(crate) fresh: bool,
}

/// The number of the window that `at` lies in.
pub(crate) fn window_of(at: UnixMillis) -> i64 {
    at.0.div_euclid(WINDOW_MS)
}

impl WindowCounts {
    /// Counts one report in its slices.
    pub(crate) fn add<'a>(&mut self, at: UnixMillis, slices: impl Iterator<Item = &'a Slice>) {
        let number = window_of(at);
        if number != self.number {
            self.number = number;
            self.counts.clear();
        }
        for slice in slices.filter(|slice| !matches!(slice, Slice::Problem(_))) {
            match self.counts.iter_mut().find(|known| known.slice == *slice) {
                Some(known) => {
                    known.count = known.count.saturating_add(1);
                    known.fresh = true;
                }
                None => {
                    self.counts.push(SliceCount { slice: slice.clone(), count: 1, fresh: true });
                }
            }
        }
    }
}

impl Engine {
    /// Findings that hold now, those that are named first, then by e-value.
    pub fn findings(&self) -> Vec<Finding> {
        let mut findings: Vec<Finding> = self.together.open.values().cloned().collect();
        let rank = |f: &Finding| (f.standing == Standing::Unnamed, -f.e_value);
        findings.sort_by(|a, b| {
            let ((a_rank, a_e), (b_rank, b_e)) = (rank(a), rank(b));
            a_rank.cmp(&b_rank).then(a_e.total_cmp(&b_e)).then_with(|| a.factor.cmp(&b.factor))
        });
        findings
    }

    /// Looks across services at `end`, the end of a minute.
    pub(super) fn look_together(&mut self, end: UnixMillis, actions: &mut Vec<Action>) {
        let window = window_of(end.plus_ms(-1));
        if self.together.window != window {
            self.together.window = window;
            self.together.units.clear();
        }
        for index in std::mem::take(&mut self.together.touched) {
            self.weigh_units(index, end);
        }
        self.together.units.retain(|_, units| !units.is_empty());
        let enough = |units: &BTreeMap<usize, f64>| {
            units.values().filter(|e_value| **e_value >= UP_E_VALUE).count()
                >= SERVICES_MIN as usize
        };
        let mut changed = Vec::new();
        if self.together.units.values().any(enough) {
            let units: BTreeMap<Factor, Vec<Unit>> = self
                .together
                .units
                .iter()
                .map(|(factor, units)| (factor.clone(), units_of(units)))
                .collect();
            let groups = self.groups.of(&self.watches, &self.listed, &self.catalog);
            for crossing in crossings(groups, &units, self.config.run_length_days) {
                if self.has_voices(&crossing.services) {
                    changed.extend(self.note_crossing(crossing, end));
                }
            }
        }
        if end.0.rem_euclid(WINDOW_MS) == 0 {
            changed.extend(self.close_findings(end));
        }
        for finding in changed {
            for slug in &finding.services {
                if let Some(index) = self.index.get(slug) {
                    self.watches[*index].note_finding(&finding);
                }
            }
            actions.push(Action::Finding(finding));
        }
        self.look_for_spillover(end);
    }

    /// Weighs the units of one service.
    fn weigh_units(&mut self, index: usize, end: UnixMillis) {
        let (watch, catalog) = (&self.watches[index], &self.catalog);
        if watch.window.number != self.together.window || !self.listed[index] {
            return;
        }
        let shared = OnceCell::new();
        for SliceCount { slice, count, .. } in watch.window.counts.iter().filter(|it| it.fresh) {
            let repeats = |slice: &Slice| {
                shared.get_or_init(|| watch.voices.shared_prefixes()).repeats(slice)
            };
            let e_value =
                watch.window_e_value(slice, *count, end, &self.shapes, repeats).unwrap_or(0.0);
            for factor in factors(catalog, &watch.service, slice) {
                let units = self.together.units.entry(factor).or_default();
                if e_value > 1.0 {
                    units.insert(index, e_value);
                } else {
                    units.remove(&index);
                }
            }
        }
        self.watches[index].window.counts.iter_mut().for_each(|it| it.fresh = false);
    }

    /// Whether enough prefixes stand behind these services together.
    fn has_voices(&self, services: &[usize]) -> bool {
        let mut prefixes = BTreeSet::new();
        for index in services {
            for voice in &self.watches[*index].voices.0 {
                prefixes.insert(voice.prefix);
                if prefixes.len() as u64 >= NETWORK_PREFIXES_ALONE_MIN {
                    return true;
                }
            }
        }
        false
    }

    /// Enters a group that crossed; the finding when there is something new to tell.
    fn note_crossing(&mut self, crossing: Crossing, end: UnixMillis) -> Option<Finding> {
        let listed = crossing.services.iter().take(SERVICES_LISTED_MAX);
        let services: Vec<Text> =
            listed.map(|index| self.watches[*index].service.clone()).collect();
        let known = self.together.open.get(&crossing.factor);
        let named = crossing.standing == Standing::Named
            || known.is_some_and(|finding| finding.standing == Standing::Named);
        let [members, up, others, others_up] = crossing.table;
        let finding = Finding {
            factor: crossing.factor.clone(),
            standing: if named { Standing::Named } else { Standing::Unnamed },
            opened_at: known.map_or(end, |finding| finding.opened_at),
            as_of: end,
            closed_at: None,
            e_value: crossing.e_value,
            threshold: crossing.threshold,
            members,
            up,
            others,
            others_up,
            p_value: crossing.p_value,
            services,
        };
        let told = |known: &Finding| (known.standing, known.up) == (finding.standing, finding.up);
        let news = !known.is_some_and(told);
        self.together.open.insert(crossing.factor, finding.clone());
        news.then_some(finding)
    }

    /// Closes the findings that did not cross in the window that ended at `end`.
    fn close_findings(&mut self, end: UnixMillis) -> Vec<Finding> {
        let start = end.plus_ms(-WINDOW_MS);
        let mut over = Vec::new();
        self.together.open.retain(|_, finding| {
            let holds = finding.as_of > start;
            if !holds {
                over.push(Finding { closed_at: Some(finding.as_of), ..finding.clone() });
            }
            holds
        });
        over
    }
}

fn units_of(units: &BTreeMap<usize, f64>) -> Vec<Unit> {
    units.iter().map(|(service, e_value)| Unit { service: *service, e_value: *e_value }).collect()
}

/// The groups that a slice of a service belongs to.
pub(super) fn factors(catalog: &Catalog, slug: &Text, slice: &Slice) -> Vec<Factor> {
    match slice {
        Slice::All => catalog.service(slug).map_or_else(Vec::new, |service| {
            let mut factors = vec![Factor::Category(service.category.clone())];
            factors.extend(service.depends_on.iter().cloned().map(Factor::Provider));
            // What others depend on is a member of its own group; one that nobody depends on is a
            // group of one, and those are not looked at.
            factors.push(Factor::Provider(slug.clone()));
            factors
        }),
        Slice::Country(country) => vec![Factor::Country(*country)],
        Slice::Network(asn) => vec![Factor::Network(*asn)],
        Slice::Component(name) if CLIENTS.contains(&&**name) => vec![Factor::Client(name.clone())],
        Slice::Component(_) | Slice::Problem(_) => Vec::new(),
    }
}

impl Watch {
    /// The e-value of `count` reports of a slice in this window so far, the loudest prefix of the
    /// last quarter of an hour taken for one voice: its `repeats` are left out; `None` when they
    /// are no more than may be usual.
    fn window_e_value(
        &self,
        slice: &Slice,
        count: u32,
        now: UnixMillis,
        shapes: &[crate::baseline::Shape],
        repeats: impl Fn(&Slice) -> u64,
    ) -> Option<f64> {
        if self.learnt.is_new() {
            return None;
        }
        let (part, key) = match slice {
            Slice::Component(name) => (self.components_usual.share(name).unwrap_or(1.0), 0),
            _ => (1.0, *self.key_of.get(slice)?),
        };
        let (expected, doubt) = (self.expected(key, now, shapes), self.doubt(key, now, shapes));
        let dispersion = self.dispersion.value();
        let null = Null::above(part * expected, part * doubt, dispersion, WINDOW_MINUTES);
        if f64::from(count) <= null.per_minute * WINDOW_MINUTES {
            return None;
        }
        let voices = u64::from(count).saturating_sub(repeats(slice));
        Some(e_value(null.per_minute, dispersion, u32::try_from(voices).unwrap_or(u32::MAX)))
    }

    /// Notes a finding with the incident that is open.
    fn note_finding(&mut self, finding: &Finding) {
        let Some(incident) = self.incidents.back_mut().filter(|incident| incident.is_open()) else {
            return;
        };
        let findings = &mut incident.peers.findings;
        match findings
            .iter_mut()
            .find(|known| (&known.factor, known.opened_at) == (&finding.factor, finding.opened_at))
        {
            Some(known) => *known = finding.clone(),
            None => findings.push(finding.clone()),
        }
        if findings.len() > FINDINGS_PER_INCIDENT_MAX {
            findings.remove(0);
        }
        self.changed = true;
    }
}

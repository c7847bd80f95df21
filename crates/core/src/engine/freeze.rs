//! Freezing: everything that is known about the newest incident of a service, as a case file.
//!
//! # What it cannot tell
//!
//! Anything of services that the catalogue does not have, and of peers before they were watched.

use std::collections::BTreeMap;

use crate::catalog::Service;
use crate::claim::publish::incident_of;
use crate::engine::Action;
use crate::engine::Change;
use crate::engine::Engine;
use crate::engine::show::Usual;
use crate::engine::watch::Watch;
use crate::evidence::Act;
use crate::evidence::CASE_FILE_VERSION;
use crate::evidence::CaseFile;
use crate::evidence::LEAD_MS;
use crate::evidence::MinutePoint;
use crate::evidence::facts::Peer;
use crate::evidence::facts::PeerFacts;
use crate::evidence::facts::ProviderState;
use crate::evidence::facts::Relation;
use crate::evidence::facts::Said;
use crate::evidence::facts::ServiceFacts;
use crate::evidence::facts::ServiceKind;
use crate::evidence::facts::times_usual;
use crate::evidence::vantages::failing_share;
use crate::incident::Incident;
use crate::observe::KEPT_MS;
use crate::series::Slice;
use crate::signal::said::OperatorAct;
use crate::time::HOUR_MS;
use crate::time::MINUTE_MS;
use crate::time::UnixMillis;
use crate::time::UnixMinute;
use crate::units::Text;

/// Minutes of series before the first surge that a case file holds.
const CASE_LEAD_MINUTES: i64 = 60;
/// Minutes of series that a case file holds at most, the newest.
const CASE_MINUTES_MAX: i64 = 2_880;
/// Claims of one service that are kept in memory.
const CLAIMS_PER_SERVICE_MAX: usize = 100;
/// Acts of operators about incidents of one service that are kept in memory.
const ACTS_PER_SERVICE_MAX: usize = 200;
/// What is told about an incident this long after it closed still revises its case.
const TOLD_AFTER_MS: i64 = 30 * 24 * HOUR_MS;
/// How far apart two services may begin to surge to be peers.
const PEER_WITHIN_MS: i64 = 90 * MINUTE_MS;
/// Peers that a case file holds, the largest multiple first.
const PEERS_MAX: usize = 48;
/// Reports a day from which a service counts as listened to.
const LISTENED_PER_DAY_MIN: f64 = 0.5;
/// Minutes in a day.
const MINUTES_PER_DAY: f64 = 1440.0;

impl Engine {
    /// The case file of the newest incident of a service.
    pub(super) fn case_of(&mut self, index: usize, as_of: UnixMillis) -> Option<CaseFile> {
        let opened_at = self.watches[index].incidents.back()?.opened_at;
        let listened = self.listened_beside(index, opened_at);
        let case = self.freeze(index, as_of, listened)?;
        self.watches[index].frozen_revision = Some(case.incident.revision);
        Some(case)
    }

    /// Takes a claim about a service; its newest incident is frozen anew.
    pub(super) fn take_claim(&mut self, index: usize, said: Said, actions: &mut Vec<Action>) {
        let (at, claims) = (said.said_at, &mut self.watches[index].claims);
        if claims.len() < CLAIMS_PER_SERVICE_MAX {
            claims.push(said);
        }
        self.tell_again(index, at, actions);
    }

    /// Takes an act of an operator about an incident that is in memory.
    pub(super) fn take_act(
        &mut self,
        index: usize,
        at: UnixMillis,
        act: OperatorAct,
        actions: &mut Vec<Action>,
    ) {
        let watch = &mut self.watches[index];
        if !watch.has_incident(incident_of(&act.subject)) {
            return;
        }
        if watch.acts.len() >= ACTS_PER_SERVICE_MAX {
            watch.acts.remove(0);
        }
        watch.acts.push(Act { at, act });
        self.tell_again(index, at, actions);
    }

    /// Freezes the newest incident anew: something was told about it.
    pub(super) fn tell_again(&mut self, index: usize, at: UnixMillis, actions: &mut Vec<Action>) {
        let watch = &mut self.watches[index];
        watch.changed = true;
        let told_of = |incident: &Incident| {
            incident.closed_at.is_none_or(|closed| at.since_ms(closed) <= TOLD_AFTER_MS)
        };
        if watch.incidents.back().is_some_and(told_of) {
            watch.revise(at, &self.shapes);
            self.tell(index, Change::Revised, at, actions);
        }
    }

    fn freeze(&self, index: usize, as_of: UnixMillis, listened: u64) -> Option<CaseFile> {
        let watch = &self.watches[index];
        let incident = watch.incidents.back()?.clone();
        let service = self.catalog.service(&watch.service);
        let claims = watch
            .claims
            .iter()
            .filter(|said| {
                said.claim.earlier || said.said_at.since_ms(incident.opened_at) >= -HOUR_MS
            })
            .cloned()
            .collect();
        let hours = incident.opened_at.hour() - 1..=as_of.hour();
        let mut signals = BTreeMap::new();
        for ((hour, kind), n) in &watch.kinds {
            if hours.contains(hour) {
                *signals.entry(kind.clone()).or_default() += n;
            }
        }
        let home_share = self.home_share(watch, incident.opened_at);
        let of_this = |act: &&Act| incident_of(&act.act.subject) == &*incident.id.0;
        let acts = watch.acts.iter().filter(of_this);
        Some(CaseFile {
            version: CASE_FILE_VERSION,
            as_of,
            parent: watch.frozen_revision.filter(|revision| *revision < incident.revision),
            minutes: self.points(watch, &incident, as_of),
            service: service.map_or_else(ServiceFacts::default, facts_of),
            crowd: watch.crowd.facts(&watch.networks_usual, home_share),
            peers: self.peers(index, &incident, as_of, service, listened),
            observed: watch.observed.within(incident.opened_at.plus_ms(-KEPT_MS), as_of),
            signals,
            claims,
            acts: acts.cloned().collect(),
            incident,
        })
    }

    fn points(&self, watch: &Watch, incident: &Incident, as_of: UnixMillis) -> Vec<MinutePoint> {
        let last = as_of.plus_ms(-1).minute().0;
        let first = incident.opened_at.minute().0 - CASE_LEAD_MINUTES;
        let first = first.max(last - CASE_MINUTES_MAX + 1);
        let mut known = watch.recent.iter().skip_while(|row| row.minute.0 < first).peekable();
        let mut usual = Usual::new(self, watch);
        (first..=last)
            .map(|minute| MinutePoint {
                minute: UnixMinute(minute),
                counted: known.next_if(|row| row.minute.0 == minute).map_or(0, |row| row.counted),
                usual: usual.at(UnixMinute(minute)),
            })
            .collect()
    }

    /// Share of usual reports that come from the country with most of them.
    fn home_share(&self, watch: &Watch, at: UnixMillis) -> Option<f64> {
        let (mut most, mut all) = (0.0_f64, 0.0);
        for (index, key) in watch.keys.iter().enumerate() {
            if matches!(key.slice, Slice::Country(_)) {
                let usual = watch.usual(index, at, &self.shapes);
                most = most.max(usual);
                all += usual;
            }
        }
        (all > 0.0 && !watch.learnt.is_new()).then(|| most / all)
    }

    /// What happened to other services at about the same time.
    fn peers(
        &self,
        own: usize,
        incident: &Incident,
        as_of: UnixMillis,
        service: Option<&Service>,
        listened: u64,
    ) -> PeerFacts {
        let mut facts = PeerFacts { listened, ..PeerFacts::default() };
        let others = self.openings.near(incident.opened_at, span(incident, as_of));
        let others = others.into_iter().filter(|index| *index != own && self.listed[*index]);
        let mut beside: Vec<(f64, usize, Beside)> = others
            .filter_map(|index| {
                let found = surge_beside(&self.watches[index], incident, as_of)?;
                Some((found.times_usual(), index, found))
            })
            .collect();
        beside.sort_by(|a, b| {
            let slug = |index: usize| &self.watches[index].service;
            b.0.total_cmp(&a.0).then_with(|| slug(a.1).cmp(slug(b.1)))
        });
        for (_, index, Beside { opened_at, peak, usual }) in beside.into_iter().take(PEERS_MAX) {
            let watch = &self.watches[index];
            let Some(other) = self.catalog.service(&watch.service) else { continue };
            facts.surging.push(Peer {
                service: watch.service.clone(),
                category: other.category.clone(),
                kind: ServiceKind::of(&other.category, &other.components),
                relation: service.map_or(Relation::Stranger, |own| relation(own, other)),
                shared: service.map_or_else(Vec::new, |own| shared(own, other)),
                opened_at,
                peak,
                usual,
                countries: other.countries.clone(),
                failing_share: failing(watch, incident, as_of),
            });
        }
        for slug in service.into_iter().flat_map(|own| &own.depends_on) {
            let Some(index) = self.watch_of(slug).filter(|index| *index != own) else { continue };
            let watch = &self.watches[index];
            let surging = surge_beside(watch, incident, as_of).is_some();
            facts.providers.extend(provider_state(watch, incident, as_of, surging));
        }
        facts.providers.sort_by(|a, b| a.service.cmp(&b.service));
        facts
    }

    /// Services but one that are listened to in an hour; counted once for each hour.
    fn listened_beside(&mut self, own: usize, at: UnixMillis) -> u64 {
        let hour = at.hour();
        let counted = self.listened.get(&hour).copied().unwrap_or_else(|| {
            let all = self.watches.iter().zip(&self.listed).filter(|(_, listed)| **listed);
            let heard = all.filter(|(watch, _)| self.is_listened_to(watch, hour)).count();
            u64::try_from(heard).unwrap_or(u64::MAX)
        });
        self.listened.insert(hour, counted);
        let is_one = self.listed[own] && self.is_listened_to(&self.watches[own], hour);
        counted.saturating_sub(u64::from(is_one))
    }

    fn is_listened_to(&self, watch: &Watch, hour: i64) -> bool {
        let at = UnixMillis(hour.saturating_mul(HOUR_MS));
        let per_day = watch.usual(0, at, &self.shapes) * MINUTES_PER_DAY;
        !watch.learnt.is_new() && per_day >= LISTENED_PER_DAY_MIN
    }
}

fn facts_of(service: &Service) -> ServiceFacts {
    ServiceFacts {
        category: service.category.clone(),
        kind: ServiceKind::of(&service.category, &service.components),
        asns: service.asns.clone(),
        depends_on: service.depends_on.clone(),
        countries: service.countries.clone(),
    }
}

/// The span around an incident in which another service is its peer.
fn span(incident: &Incident, as_of: UnixMillis) -> (UnixMillis, UnixMillis) {
    let until = incident.closed_at.unwrap_or(as_of);
    let beside = incident.opened_at.plus_ms(PEER_WITHIN_MS).min(until.plus_ms(LEAD_MS));
    (incident.opened_at.plus_ms(-PEER_WITHIN_MS), beside)
}

/// The surge of another service that began beside an incident.
#[derive(Clone, Copy)]
struct Beside {
    opened_at: UnixMillis,
    peak: u64,
    usual: f64,
}

impl Beside {
    fn times_usual(&self) -> f64 {
        times_usual(self.peak, self.usual)
    }
}

fn surge_beside(watch: &Watch, incident: &Incident, as_of: UnixMillis) -> Option<Beside> {
    let (from, until) = span(incident, as_of);
    let surges = watch.incidents.iter().rev().flat_map(|other| &other.surges);
    let beside = surges.filter(|surge| {
        let over = surge.closed_at.is_some_and(|at| at < incident.opened_at.plus_ms(-LEAD_MS));
        surge.opened_at >= from && surge.opened_at <= until && !over
    });
    beside
        .max_by(|a, b| a.peak.cmp(&b.peak).then(b.opened_at.cmp(&a.opened_at)))
        .map(|surge| Beside { opened_at: surge.opened_at, peak: surge.peak, usual: surge.usual })
}

fn failing(watch: &Watch, incident: &Incident, as_of: UnixMillis) -> Option<f64> {
    let from = incident.opened_at.plus_ms(-LEAD_MS);
    failing_share(&watch.observed, &[(from, incident.closed_at.unwrap_or(as_of))])
}

fn provider_state(
    watch: &Watch,
    incident: &Incident,
    as_of: UnixMillis,
    surging: bool,
) -> Option<ProviderState> {
    let (from, until) = (incident.opened_at.plus_ms(-HOUR_MS), incident.closed_at.unwrap_or(as_of));
    let told = watch.observed.notices.iter().filter(|told| {
        (from..=until).contains(&told.at)
            && !matches!(&*told.notice.state, "scheduled" | "resolved" | "completed")
            && !matches!(&*told.notice.impact, "none" | "maintenance")
    });
    let notice = told.count() > 0;
    let failing_share = failing(watch, incident, as_of);
    (surging || notice || failing_share.is_some()).then(|| ProviderState {
        service: watch.service.clone(),
        surging,
        notice,
        failing_share,
        synthetic: watch.synthetic || watch.observed.is_synthetic(),
    })
}

fn relation(own: &Service, other: &Service) -> Relation {
    if own.depends_on.contains(&other.slug) {
        Relation::Provider
    } else if other.depends_on.contains(&own.slug) {
        Relation::Dependant
    } else if own.asns.iter().any(|asn| other.asns.contains(asn)) {
        Relation::Sibling
    } else if !shared(own, other).is_empty() {
        Relation::Cousin
    } else if own.category == other.category {
        Relation::Related
    } else {
        Relation::Stranger
    }
}

fn shared(own: &Service, other: &Service) -> Vec<Text> {
    own.depends_on.iter().filter(|slug| other.depends_on.contains(slug)).cloned().collect()
}

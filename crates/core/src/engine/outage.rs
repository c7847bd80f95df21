//! Opening, following and closing outages: stretches of time in which probes fail.
//!
//! An outage and a surge of one service at one time are one incident. Whoever is first opens it;
//! it closes when both are over.
//!
//! # What it cannot tell
//!
//! Whether people notice. Probes try what they are told to; people use something else.

use crate::baseline::Shape;
use crate::detect::failure::Agreement;
use crate::engine::Change;
use crate::engine::crowd::CrowdTally;
use crate::engine::probing::OpenOutage;
use crate::engine::probing::Weighed;
use crate::engine::surge::INCIDENTS_KEPT_MAX;
use crate::engine::surge::Tally;
use crate::engine::watch::Watch;
use crate::incident::Incident;
use crate::incident::JOIN_WITHIN_MS;
use crate::incident::OUTAGES_PER_INCIDENT_MAX;
use crate::incident::Outage;
use crate::incident::REOPEN_WITHIN_MS;
use crate::incident::Scope;
use crate::incident::Severity;
use crate::time::MINUTE_MS;
use crate::time::UnixMillis;

/// It has to work for this long before an outage is over; it is over since it works.
const CALM_MS: i64 = 2 * MINUTE_MS;
/// Some places that have nothing in common must fail for this long.
const PARTIAL_MS: i64 = MINUTE_MS;
/// When nobody could judge for this long, an outage is over since it was last seen.
const UNSEEN_MS: i64 = 15 * MINUTE_MS;

impl Watch {
    /// Whether anything is open that is to be looked at in every tick.
    pub(crate) fn is_busy(&self) -> bool {
        self.surge.is_some() || self.probing.outage.is_some()
    }

    /// Weighs what probes say at `at`: opens an outage, or follows the one that is open.
    pub(crate) fn weigh_probes(&mut self, at: UnixMillis, shapes: &[Shape]) -> Option<Change> {
        let weighed = self.probing.weigh(at);
        let mut seen = Seen::of(&weighed);
        seen.opens &= self.holds(at, seen.now.agreement);
        let change = if self.probing.outage.is_some() {
            self.follow_outage(at, seen).then_some(Change::Revised)
        } else if seen.opens {
            Some(self.open_outage(at, seen))
        } else {
            None
        };
        if change.is_some() {
            self.settle();
            self.revise(at, shapes);
        }
        change
    }

    /// Whether a failure has lasted for as long as it must. Two places that have nothing in common
    /// may fail at one moment by chance, most of all when one of them always does; such a failure
    /// is to last until each has looked again.
    fn holds(&mut self, at: UnixMillis, agreement: Agreement) -> bool {
        if agreement != Agreement::Partial {
            self.probing.partial_since = None;
            return true;
        }
        let since = *self.probing.partial_since.get_or_insert(at);
        at.since_ms(since) >= PARTIAL_MS
    }

    fn open_outage(&mut self, at: UnixMillis, seen: Seen) -> Change {
        let outage = seen.outage(at);
        let was_open = self.is_busy();
        let joins = was_open || self.incidents.back().is_some_and(|last| last.takes(at, &outage));
        if !joins {
            let incident = self.new_incident(at, outage.scope());
            self.incidents.push_back(incident);
            if self.incidents.len() > INCIDENTS_KEPT_MAX {
                self.incidents.pop_front();
            }
            self.tally = Tally::default();
            self.crowd = CrowdTally::default();
            self.frozen_revision = None;
        }
        self.probing.outage = Some(OpenOutage::default());
        let incident = self.incidents.back_mut().expect("one was there or has been added");
        incident.severity = incident.severity.max(seen.severity);
        // Flapping has an end in memory: the last one goes on.
        let full = incident.outages.len() >= OUTAGES_PER_INCIDENT_MAX;
        match incident.outages.last_mut().filter(|_| full) {
            Some(last) => last.closed_at = None,
            None => incident.outages.push(outage),
        }
        match (joins, was_open) {
            (false, _) => Change::Opened,
            (true, false) => Change::Reopened,
            (true, true) => Change::Revised,
        }
    }

    /// Follows an open outage. Whether it is worse than was known.
    fn follow_outage(&mut self, at: UnixMillis, seen: Seen) -> bool {
        let Some(open) = &mut self.probing.outage else { return false };
        match seen.now.agreement {
            Agreement::Passing | Agreement::Local => {
                open.calm_since.get_or_insert(at);
                open.unseen_since = None;
                return false;
            }
            Agreement::Unknown | Agreement::Blocked => {
                open.unseen_since.get_or_insert(at);
                return false;
            }
            _ => *open = OpenOutage::default(),
        }
        let Some(incident) = self.incidents.back_mut() else { return false };
        let Some(outage) = incident.outages.last_mut() else { return false };
        let worse = (seen.now.agreement, seen.now.failing) > (outage.agreement, outage.failing)
            && (seen.opens || seen.now.agreement != Agreement::OnePlace);
        if worse {
            incident.severity = incident.severity.max(seen.severity);
            *outage = Outage { opened_at: outage.opened_at, ..seen.now };
        }
        worse
    }

    /// Looks at an open outage at the end of a tick. Whether it has ended.
    pub(crate) fn look_at_outage(&mut self, now: UnixMillis) -> bool {
        if self.probing.outage.is_none() {
            return false;
        }
        let seen = Seen::of(&self.probing.weigh(now));
        self.follow_outage(now, seen);
        let Some(open) = &self.probing.outage else { return false };
        let over = |since: Option<UnixMillis>, for_ms| {
            since.filter(|since| now.since_ms(*since) >= for_ms)
        };
        let ended = over(open.calm_since, CALM_MS).or(over(open.unseen_since, UNSEEN_MS));
        let Some(ended) = ended else { return false };
        self.probing.outage = None;
        let outage = self.incidents.back_mut().and_then(|incident| incident.outages.last_mut());
        if let Some(outage) = outage {
            outage.closed_at = Some(ended.max(outage.opened_at));
        }
        true
    }

    /// An incident is closed when nothing of it is open, since the last of it closed.
    pub(crate) fn settle(&mut self) {
        let busy = self.is_busy();
        let Some(incident) = self.incidents.back_mut() else { return };
        let surges = incident.surges.iter().map(|surge| surge.closed_at);
        let outages = incident.outages.iter().map(|outage| outage.closed_at);
        let last = surges.chain(outages).flatten().max();
        incident.closed_at = if busy { None } else { last };
    }

    /// For whom it fails, by reports and by probes: the wider of the two.
    ///
    /// Reports that come from no known country say "everywhere" for want of knowledge; then a
    /// region that probes see is the better answer.
    pub(crate) fn joint_scope(&self, reports: Option<Scope>) -> Option<Scope> {
        let incident = self.incidents.back()?;
        let outage = incident.outages.last().filter(|_| self.probing.outage.is_some());
        let Some(probes) = outage.map(Outage::scope) else { return reports };
        let Some(reports) = reports else { return Some(probes) };
        let placeless = self.tally.countries.keys().all(Option::is_none);
        Some(match (reports, probes) {
            (Scope::Everywhere, Scope::Countries(list)) if placeless => Scope::Countries(list),
            (Scope::Countries(mut list), Scope::Countries(more)) => {
                list.extend(more);
                list.sort_unstable();
                list.dedup();
                Scope::Countries(list)
            }
            (reports, probes) => std::cmp::max_by_key(reports, probes, Scope::width),
        })
    }
}

/// What probes say, with nothing borrowed.
struct Seen {
    opens: bool,
    severity: Severity,
    now: Outage,
}

impl Seen {
    fn of(weighed: &Weighed<'_>) -> Self {
        let finding = &weighed.finding;
        let v6 = weighed.check.is_some_and(|check| check.is_v6());
        // Where IPv6 alone fails, most people are served by IPv4 and see nothing.
        let grave = finding.agreement >= Agreement::Regional && !v6;
        Self {
            opens: weighed.opens(),
            severity: if grave { Severity::Danger } else { Severity::Warning },
            now: Outage {
                opened_at: UnixMillis::default(),
                closed_at: None,
                agreement: finding.agreement,
                failing: finding.failing,
                asked: finding.asked,
                countries: finding.countries.iter().copied().collect(),
                networks: finding.networks.iter().copied().collect(),
                kind: weighed.check.map(|check| check.kind.clone()).unwrap_or_default(),
                component: weighed.check.and_then(|check| check.component.clone()),
                family: weighed.check.and_then(|check| check.family),
                phase: weighed.seen.0.cloned(),
                detail: weighed.seen.1.cloned(),
                soft: weighed.soft,
            },
        }
    }

    fn outage(&self, at: UnixMillis) -> Outage {
        Outage { opened_at: at, ..self.now.clone() }
    }
}

impl Incident {
    /// Whether an outage that begins at `at` belongs to this incident, which is over: soon after,
    /// or the same failure within half a day.
    fn takes(&self, at: UnixMillis, outage: &Outage) -> bool {
        let Some(closed) = self.closed_at else { return true };
        let same = |last: &Outage| last.phase == outage.phase && last.component == outage.component;
        let apart_ms = at.since_ms(closed);
        apart_ms <= REOPEN_WITHIN_MS
            || (apart_ms <= JOIN_WITHIN_MS && self.outages.last().is_some_and(same))
    }
}

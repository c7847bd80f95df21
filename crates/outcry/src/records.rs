//! Records: what the pages ask for, from the engine where it is recent, from the store where not.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::Ordering;

use arc_swap::ArcSwap;
use outcry_core::catalog::Catalog;
use outcry_core::detect::together::Finding;
use outcry_core::evidence::CaseFile;
use outcry_core::incident::Incident;
use outcry_core::incident::IncidentId;
use outcry_core::series::Dimension;
use outcry_core::snapshot::ServiceSnapshot;
use outcry_core::snapshot::VantagePoint;
use outcry_core::time::UnixMinute;
use outcry_core::units::Text;
use outcry_server::contract::ApprovedComment;
use outcry_server::contract::Clock;
use outcry_server::contract::Dossier;
use outcry_server::contract::Grain;
use outcry_server::contract::Health;
use outcry_server::contract::Records;
use outcry_server::contract::Span;
use outcry_server::contract::Tally;
use outcry_server::contract::Unavailable;
use outcry_server::contract::Which;
use outcry_server::limit::REVISIONS_MAX;
use outcry_store::Store;
use outcry_store::StoreError;
use outcry_store::log::Log;
use outcry_store::record::CommentState;
use outcry_store::record::IncidentFilter;
use outcry_store::record::Openness;
use outcry_store::record::Sums;

use crate::shared::Shared;

const MINUTES_PER_HOUR: i64 = 60;
const MINUTES_PER_DAY: i64 = 24 * MINUTES_PER_HOUR;

/// The engine, the store and the catalogue behind the pages.
pub struct Known {
    /// The engine and how it is doing.
    pub shared: Arc<Shared>,
    /// A store to read from.
    pub store: Mutex<Box<dyn Store>>,
    /// The catalogue in force.
    pub catalog: ArcSwap<Catalog>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// The log, when one is written; an export has none.
    pub log: Option<Log>,
}

impl Known {
    fn ask<T>(
        &self,
        what: &'static str,
        question: impl FnOnce(&dyn Store) -> Result<T, StoreError>,
    ) -> Result<T, Unavailable> {
        let store = self.store.lock().unwrap_or_else(PoisonError::into_inner);
        question(&**store).map_err(|error| {
            tracing::error!(%error, what, "the store cannot be read");
            Unavailable
        })
    }

    /// The incident as the engine has it: the store may be a moment behind.
    fn recent(&self, id: &str) -> Option<Incident> {
        let service = outcry_server::board::service_of(id)?;
        let snapshot = self.service(service)?;
        snapshot.incident.into_iter().chain(snapshot.earlier).find(|incident| &*incident.id.0 == id)
    }
}

impl Records for Known {
    fn catalog(&self) -> Arc<Catalog> {
        self.catalog.load_full()
    }

    fn take_changed(&self) -> Vec<Text> {
        self.shared.engine.lock().unwrap_or_else(PoisonError::into_inner).take_changed()
    }

    fn service(&self, slug: &str) -> Option<ServiceSnapshot> {
        let now = self.clock.now();
        self.shared.engine.lock().unwrap_or_else(PoisonError::into_inner).snapshot(slug, now)
    }

    fn vantages(&self) -> Vec<VantagePoint> {
        self.shared.engine.lock().unwrap_or_else(PoisonError::into_inner).vantages()
    }

    fn incident(&self, id: &str) -> Result<Option<Dossier>, Unavailable> {
        let (stored, case, revisions) = self.ask("an incident", |store| {
            Ok((
                store.incident(id)?,
                store.case_file(id, None)?,
                store.case_revisions(id, REVISIONS_MAX)?,
            ))
        })?;
        let incident = match (self.recent(id), stored) {
            (Some(recent), Some(stored)) if stored.revision > recent.revision => stored,
            (Some(recent), _) => recent,
            (None, Some(stored)) => stored,
            (None, None) => return Ok(None),
        };
        Ok(Some(Dossier { incident, case, revisions }))
    }

    fn case_file(&self, id: &str, revision: Option<u32>) -> Result<Option<CaseFile>, Unavailable> {
        self.ask("a case file", |store| store.case_file(id, revision))
    }

    fn incidents(&self, which: &Which, limit: u32) -> Result<Vec<Incident>, Unavailable> {
        // The empty id comes before every other: incidents of that very moment are left out.
        let before = which.before.clone().map(|(at, id)| (at, IncidentId(id)));
        let openness = if which.open { Openness::Open } else { Openness::Any };
        let filter = IncidentFilter { service: which.service.clone(), openness, before };
        self.ask("incidents", |store| store.incidents(&filter, limit))
    }

    fn counts(
        &self,
        service: &str,
        of: &Dimension,
        span: Span,
        limit: u32,
    ) -> Result<Vec<(UnixMinute, Tally)>, Unavailable> {
        let Span { from, until, grain } = span;
        let sums = |sums: Sums| Tally { received: sums.received, counted: sums.counted };
        let part = |minutes: i64| (from.0.div_euclid(minutes), until.0.div_euclid(minutes));
        self.ask("a series", |store| {
            let (found, minutes) = match grain {
                Grain::Minute => {
                    let rows = store.series_range(service, of, from, until, limit)?;
                    let rows = rows.into_iter().map(|(at, counts)| (at, sums(counts.into())));
                    return Ok(rows.collect());
                }
                Grain::Hour => {
                    let (from, until) = part(MINUTES_PER_HOUR);
                    (store.series_hours(service, of, from, until, limit)?, MINUTES_PER_HOUR)
                }
                Grain::Day => {
                    let (from, until) = part(MINUTES_PER_DAY);
                    (store.series_days(service, of, from, until, limit)?, MINUTES_PER_DAY)
                }
            };
            let rows = found.into_iter().map(|(n, it)| (UnixMinute(n * minutes), sums(it)));
            Ok(rows.collect())
        })
    }

    fn day(&self, service: &str, day: i64) -> Result<BTreeMap<Dimension, Tally>, Unavailable> {
        let from = UnixMinute(day.saturating_mul(MINUTES_PER_DAY));
        let until = UnixMinute(from.0.saturating_add(MINUTES_PER_DAY));
        let cells = self.ask("a day", |store| store.cells(service, from, until))?;
        let mut day: BTreeMap<Dimension, Tally> = BTreeMap::new();
        for (_, dimension, counts) in cells {
            let sums = Tally { received: counts.received.into(), counted: counts.counted.into() };
            day.entry(dimension).or_default().add(sums);
        }
        Ok(day)
    }

    fn comments(&self, slug: &str, limit: u32) -> Result<Vec<ApprovedComment>, Unavailable> {
        let comments = self
            .ask("comments", |store| store.comments(CommentState::Approved, Some(slug), limit))?;
        let approved = |comment: outcry_store::record::Comment| ApprovedComment {
            at: comment.at,
            country: comment.country,
            component: comment.component,
            problem: comment.problem,
            text: comment.text,
        };
        Ok(comments.into_iter().map(approved).collect())
    }

    fn findings(&self) -> Vec<Finding> {
        self.shared.engine.lock().unwrap_or_else(PoisonError::into_inner).findings()
    }

    fn health(&self) -> Health {
        let (decided_until, late) = {
            let engine = self.shared.engine.lock().unwrap_or_else(PoisonError::into_inner);
            (engine.now(), engine.counters().late)
        };
        let decided = self.shared.decided_seq.load(Ordering::Relaxed);
        let end = self.log.as_ref().map_or(decided, Log::next_seq);
        let told = |what: &Mutex<Option<String>>| {
            what.lock().unwrap_or_else(PoisonError::into_inner).clone()
        };
        let (failure, damage) = (told(&self.shared.failure), told(&self.shared.damage));
        Health { decided_until, behind: end.saturating_sub(decided), late, failure, damage }
    }
}

//! Records: what the pages ask for, from the engine where it is recent, from the store where not.

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
use outcry_core::snapshot::ServiceSnapshot;
use outcry_core::snapshot::VantagePoint;
use outcry_core::time::UnixMillis;
use outcry_core::units::Text;
use outcry_server::contract::ApprovedComment;
use outcry_server::contract::Clock;
use outcry_server::contract::Dossier;
use outcry_server::contract::Health;
use outcry_server::contract::Records;
use outcry_server::contract::Unavailable;
use outcry_server::limit::REVISIONS_MAX;
use outcry_store::Store;
use outcry_store::StoreError;
use outcry_store::log::Log;
use outcry_store::record::CommentState;
use outcry_store::record::IncidentFilter;
use outcry_store::record::Openness;

use crate::shared::Shared;

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

    fn incidents(
        &self,
        service: Option<&str>,
        before: Option<UnixMillis>,
        limit: u32,
    ) -> Result<Vec<Incident>, Unavailable> {
        // The empty id comes before every other: incidents of that very moment are left out.
        let before = before.map(|at| (at, IncidentId("".into())));
        let filter =
            IncidentFilter { service: service.map(Text::from), openness: Openness::Any, before };
        self.ask("incidents", |store| store.incidents(&filter, limit))
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

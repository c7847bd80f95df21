//! The keeper: seals full segments of the log, pins those with an incident's evidence, and removes
//! old ones, beside everything else and with the least claim to the machine.
//!
//! A segment goes only when it is older than raw reports are kept, when two saved engines and the
//! database stand beyond it on disk, and when no incident needs it.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use outcry_core::incident::Incident;
use outcry_core::incident::IncidentId;
use outcry_core::time::DAY_MS;
use outcry_core::time::HOUR_MS;
use outcry_core::time::UnixMillis;
use outcry_server::contract::Clock;
use outcry_store::Store;
use outcry_store::log::Log;
use outcry_store::log::keep::Expiry;
use outcry_store::log::keep::Pin;
use outcry_store::record::IncidentFilter;
use outcry_store::sqlite::SqliteStore;

use crate::shared::Shared;

/// Time between two rounds.
const ROUND: Duration = Duration::from_secs(10);
/// Time between two looks at whether to end.
const LOOK: Duration = Duration::from_millis(200);
/// Incidents read at once.
const PAGE: u32 = 1_000;
/// Reports this long before an incident opened and after it closed are its evidence too: what was
/// usual before, and how it ended.
const MARGIN_MS: i64 = HOUR_MS;

/// Keeps a log in order.
pub struct Keeper {
    /// The log.
    pub log: Log,
    /// A store to read incidents from.
    pub store: Box<dyn Store>,
    /// Where the database is.
    pub database: PathBuf,
    /// How far the engine is, and whether to end.
    pub shared: Arc<Shared>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Days that raw reports are kept; `None` is for ever.
    pub raw_days: Option<u32>,
}

impl Keeper {
    /// Goes round until told to stop.
    pub fn run(self) {
        let mut windows = BTreeMap::new();
        let mut depth = None;
        while !self.is_stopped() {
            if let Err(error) = self.go_round(&mut windows, depth) {
                tracing::error!("the log is not kept in order: {error:#}");
            } else {
                // Older incidents than these were seen in the first round and change no more.
                depth = Some(PAGE);
            }
            let mut waited = Duration::ZERO;
            while waited < ROUND && !self.is_stopped() {
                std::thread::sleep(LOOK);
                waited += LOOK;
            }
        }
    }

    fn is_stopped(&self) -> bool {
        self.shared.stop.load(Ordering::Relaxed)
    }

    /// Seals, pins and removes what there is to.
    fn go_round(
        &self,
        windows: &mut BTreeMap<IncidentId, (i64, i64)>,
        depth: Option<u32>,
    ) -> anyhow::Result<()> {
        while !self.is_stopped()
            && let Some(file) = self.log.seal_next()?
        {
            tracing::info!(file, "a segment was sealed");
        }
        self.read_windows(windows, depth)?;
        let pins: Vec<Pin> = windows
            .iter()
            .map(|(id, (from_ms, until_ms))| Pin {
                incident: id.0.to_string(),
                from_ms: *from_ms,
                until_ms: *until_ms,
            })
            .collect();
        self.log.pin(&pins)?;
        let Some(days) = self.raw_days else { return Ok(()) };
        let before_ms = self.clock.now().0 - i64::from(days) * DAY_MS;
        let safe_seq = self.shared.safe_seq.load(Ordering::Relaxed);
        // What was counted may not have reached the disk yet; once the records are gone it must.
        SqliteStore::sync_files(&self.database)?;
        for file in self.log.retire(Expiry { before_ms, safe_seq })? {
            tracing::info!(file, "an old segment was removed");
        }
        Ok(())
    }

    /// Notes when each incident was, the newest `depth` of them, or all.
    fn read_windows(
        &self,
        windows: &mut BTreeMap<IncidentId, (i64, i64)>,
        depth: Option<u32>,
    ) -> anyhow::Result<()> {
        let mut before: Option<(UnixMillis, IncidentId)> = None;
        let mut read = 0;
        loop {
            let filter = IncidentFilter { before: before.take(), ..IncidentFilter::default() };
            let page = self.store.incidents(&filter, PAGE)?;
            read += PAGE;
            let Some(last) = page.last() else { return Ok(()) };
            before = Some((last.opened_at, last.id.clone()));
            windows.extend(page.iter().map(|incident| (incident.id.clone(), window_of(incident))));
            if depth.is_some_and(|depth| read >= depth) {
                return Ok(());
            }
        }
    }
}

/// From when to when the reports of an incident are its evidence, milliseconds since 1970.
fn window_of(incident: &Incident) -> (i64, i64) {
    let until = incident.closed_at.map_or(i64::MAX, |at| at.0.saturating_add(MARGIN_MS));
    (incident.opened_at.0.saturating_sub(MARGIN_MS), until)
}

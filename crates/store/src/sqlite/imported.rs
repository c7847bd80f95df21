//! What was imported: counts with no report behind them, where counts came from, and incidents of
//! other installations.

use std::collections::BTreeSet;

use outcry_core::time::UnixMillis;
use outcry_core::time::UnixMinute;
use outcry_core::units::Text;
use rusqlite::Connection;
use rusqlite::TransactionBehavior;

use super::SqliteStore;
use super::days;
use super::days::Which;
use super::fault::execute;
use super::fault::refused;
use super::fault::rows;
use super::key::Key;
use super::key::check_day;
use super::names::Names;
use super::names::service_id;
use super::series;
use super::series::day_of;
use super::series::minutes_of;
use super::tend::Sweep;
use super::tend::columns;
use crate::StoreError;
use crate::import::Import;
use crate::import::ImportKind;
use crate::import::ImportedIncident;
use crate::import::SeriesRow;
use crate::import::Step;
use crate::record::HOURS_PER_DAY;
use crate::record::Kept;
use crate::record::MINUTES_PER_HOUR;
use crate::record::Sums;

const OPERATION: &str = "import counts";
const TWICE: &str = "a stretch of a series is there twice: leave one of them out";

impl SqliteStore {
    /// Adds counts where there are none, all that `fill` hands over or nothing, and notes where
    /// they came from. They are in the database only: ask [`SqliteStore::overlaps`] first.
    pub fn import_series<E: From<StoreError>>(
        &mut self,
        origins: &[Import],
        fill: impl FnOnce(&mut dyn FnMut(&SeriesRow) -> Result<(), StoreError>) -> Result<(), E>,
    ) -> Result<(), E> {
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(refused("begin an import"))?;
        let (names, sweep) = (&mut self.names, &mut self.sweep);
        let done = fill(&mut |row| add(&transaction, names, sweep, row))
            .and_then(|()| Ok(note(&transaction, origins)?))
            .and_then(|()| Ok(transaction.commit().map_err(refused("commit an import"))?));
        self.names.settle(&done);
        done
    }

    /// Whether anything of a service is counted in a stretch of time that counts by `step` are to
    /// be imported for.
    pub fn overlaps(
        &self,
        service: &str,
        step: Step,
        span: (UnixMinute, UnixMinute),
    ) -> Result<bool, StoreError> {
        overlaps(&self.connection, service, step, span)
    }

    /// Where the imported counts of a service with `from <= minute < until` came from, in order of
    /// day.
    pub fn imports(
        &self,
        service: &str,
        from: UnixMinute,
        until: UnixMinute,
    ) -> Result<Vec<Import>, StoreError> {
        list(&self.connection, service, (from, until))
    }

    /// Stores incidents of other installations, all or none; returns how many were not there yet,
    /// or only as they stood earlier.
    pub fn import_incidents(&mut self, incidents: &[ImportedIncident]) -> Result<u64, StoreError> {
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(refused("begin an import"))?;
        let mut new = 0;
        for incident in incidents {
            new += u64::from(add_incident(&transaction, incident)?);
        }
        transaction.commit().map_err(refused("commit an import"))?;
        Ok(new)
    }

    /// Up to `limit` incidents of other installations, newest first, after the last one seen.
    pub fn imported_incidents(
        &self,
        after: Option<&ImportedIncident>,
        limit: u32,
    ) -> Result<Vec<ImportedIncident>, StoreError> {
        incidents(&self.connection, after, limit)
    }
}

/// Notes where counts came from; wider stretches of a day swallow narrower ones. Index: the primary
/// key of `import`.
pub(super) fn note(on: &Connection, imports: &[Import]) -> Result<(), StoreError> {
    let sql = "INSERT INTO import (service, day, kind, source, licence, synthetic,
                                   from_minute, until_minute)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
               ON CONFLICT (service, day, kind, source, licence, synthetic) DO UPDATE SET
                 from_minute = min(from_minute, excluded.from_minute),
                 until_minute = max(until_minute, excluded.until_minute)";
    for import in imports {
        let values = (
            &*import.service,
            import.day(),
            kind_number(import.kind),
            &*import.source,
            import.licence.as_deref().unwrap_or(""),
            import.synthetic,
            import.from.0,
            import.until.0,
        );
        execute(on, OPERATION, sql, values)?;
    }
    Ok(())
}

/// Where the counts of a service came from, in order of day. Index: the primary key of `import`.
pub(super) fn list(
    on: &Connection,
    service: &str,
    (from, until): (UnixMinute, UnixMinute),
) -> Result<Vec<Import>, StoreError> {
    let sql = "SELECT service, kind, source, licence, synthetic, from_minute, until_minute
               FROM import
               WHERE service = ?1 AND day BETWEEN ?2 AND ?3
                 AND from_minute < ?4 AND until_minute > ?5
               ORDER BY day, kind, source, licence, synthetic LIMIT ?6";
    let days = (day_of(from), day_of(UnixMinute(until.0.saturating_sub(1))));
    let values = (service, days.0, days.1, until.0, from.0, i64::MAX);
    rows(on, "list what was imported", sql, values, |row| {
        let kind: i64 = row.get(1)?;
        let licence: Text = row.get(3)?;
        Ok(Import {
            service: row.get(0)?,
            kind: if kind == KIND_SERIES { ImportKind::Series } else { ImportKind::Reports },
            source: row.get(2)?,
            licence: Some(licence).filter(|licence| !licence.is_empty()),
            synthetic: row.get(4)?,
            from: UnixMinute(row.get(5)?),
            until: UnixMinute(row.get(6)?),
        })
    })
}

/// Whether anything of a service is counted in a stretch of time. Counts of hours and days overlap
/// all of a day that is folded. Index: the primary keys of `cell` and the tables of days.
pub(super) fn overlaps(
    on: &Connection,
    service: &str,
    step: Step,
    (from, until): (UnixMinute, UnixMinute),
) -> Result<bool, StoreError> {
    let Some(id) = service_id(on, service)? else { return Ok(false) };
    let cells = "SELECT EXISTS (SELECT 1 FROM cell
                   WHERE service_id = ?1 AND minute >= ?2 AND minute < ?3)";
    let fresh: bool =
        on.query_row(cells, (id, from.0, until.0), |row| row.get(0)).map_err(refused(OPERATION))?;
    if fresh {
        return Ok(true);
    }
    let span = (day_of(from), day_of(UnixMinute(until.0.saturating_sub(1))));
    let of_service = Which::Service(id);
    let mut coarse = false;
    for kept in [Kept::Days, Kept::Hours] {
        days::walk(on, kept, of_service, span, |_, _| {
            coarse = true;
            Ok(false)
        })?;
    }
    let mut in_minutes = BTreeSet::new();
    days::walk(on, Kept::Minutes, of_service, span, |key, _| {
        in_minutes.insert(key.day);
        Ok(true)
    })?;
    if coarse || (step != Step::Minute && !in_minutes.is_empty()) {
        return Ok(true);
    }
    for day in in_minutes {
        let (begin, end) = (minutes_of(day).0, minutes_of(day + 1).0);
        let part = (UnixMinute(from.0.max(begin)), UnixMinute(until.0.min(end)));
        if !series::cells(on, service, part)?.is_empty() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Adds counts of a stretch where there are none. Index: the primary keys.
pub(super) fn add(
    on: &Connection,
    names: &mut Names,
    sweep: &mut Sweep,
    row: &SeriesRow,
) -> Result<(), StoreError> {
    let service = names.service(on, &row.service)?;
    let dimension = names.dimension(on, &row.dimension)?;
    let key = Key { service, dimension, day: day_of(row.from) };
    check_day(key.day)?;
    match row.step {
        Step::Minute => {
            let sql = "INSERT INTO cell (service_id, dimension_id, minute, received, counted)
                       VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING";
            let (received, counted) = columns(row.sums);
            let values = (service, dimension, row.from.0, received, counted);
            if execute(on, OPERATION, sql, values)? == 0 {
                return Err(StoreError::BadBatch { what: TWICE });
            }
            sweep.note(service, row.from);
            Ok(())
        }
        Step::Hour => {
            let hour = row.from.0.div_euclid(MINUTES_PER_HOUR).rem_euclid(HOURS_PER_DAY);
            add_past(on, key, Kept::Hours, (u16::try_from(hour).expect("below 24"), row.sums))
        }
        Step::Day => add_past(on, key, Kept::Days, (0, row.sums)),
    }
}

/// Adds an hour to the hours of a day, or a day, that must not be there. Index: the primary keys.
fn add_past(on: &Connection, key: Key, kept: Kept, slot: (u16, Sums)) -> Result<(), StoreError> {
    let mut slots = match days::find(on, key)? {
        None => Vec::new(),
        Some((found, slots)) if found == kept => slots,
        Some(_) => return Err(StoreError::BadBatch { what: TWICE }),
    };
    match slots.binary_search_by_key(&slot.0, |(at, _)| *at) {
        Ok(_) => return Err(StoreError::BadBatch { what: TWICE }),
        Err(place) => slots.insert(place, slot),
    }
    days::note(on, key)?;
    days::put(on, key, kept, &slots)
}

/// Stores an incident of another installation, unless the same or a later one is there; says
/// whether it was stored. Index: the primary key of `imported_incident`.
pub(super) fn add_incident(
    on: &Connection,
    incident: &ImportedIncident,
) -> Result<bool, StoreError> {
    let sql = "INSERT INTO imported_incident (source, id, service, opened_at, revision, body)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6)
               ON CONFLICT (source, id) DO UPDATE SET
                 service = excluded.service, opened_at = excluded.opened_at,
                 revision = excluded.revision, body = excluded.body
               WHERE excluded.revision > revision";
    let values = (
        &*incident.source,
        &*incident.id,
        &*incident.service,
        incident.opened_at.0,
        incident.revision,
        &incident.body,
    );
    Ok(execute(on, "store an incident of others", sql, values)? > 0)
}

/// Incidents of other installations, newest first, after the opening, id and source of the last one
/// seen. Index: `imported_incident_by_time`.
pub(super) fn incidents(
    on: &Connection,
    after: Option<&ImportedIncident>,
    limit: u32,
) -> Result<Vec<ImportedIncident>, StoreError> {
    let sql = "SELECT source, id, service, opened_at, revision, body FROM imported_incident
               WHERE (opened_at, id, source) < (?1, ?2, ?3)
               ORDER BY opened_at DESC, id DESC, source DESC LIMIT ?4";
    let all = "SELECT source, id, service, opened_at, revision, body FROM imported_incident
               ORDER BY opened_at DESC, id DESC, source DESC LIMIT ?1";
    let operation = "list incidents of others";
    match after {
        Some(last) => {
            let values = (last.opened_at.0, &*last.id, &*last.source, limit);
            rows(on, operation, sql, values, incident_of)
        }
        None => rows(on, operation, all, [limit], incident_of),
    }
}

fn incident_of(row: &rusqlite::Row<'_>) -> rusqlite::Result<ImportedIncident> {
    Ok(ImportedIncident {
        source: row.get(0)?,
        id: row.get(1)?,
        service: row.get(2)?,
        opened_at: UnixMillis(row.get(3)?),
        revision: row.get(4)?,
        body: row.get(5)?,
    })
}

fn kind_number(kind: ImportKind) -> i64 {
    match kind {
        ImportKind::Series => KIND_SERIES,
        ImportKind::Reports => KIND_REPORTS,
    }
}

const KIND_SERIES: i64 = 1;
const KIND_REPORTS: i64 = 2;

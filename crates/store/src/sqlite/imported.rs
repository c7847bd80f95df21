//! What was imported: counts with no report behind them, where counts came from, and incidents of
//! other installations.

use outcry_core::time::UnixMillis;
use outcry_core::time::UnixMinute;
use outcry_core::units::Text;
use rusqlite::Connection;

use super::fault::execute;
use super::fault::refused;
use super::fault::rows;
use super::names::Names;
use super::names::service_id;
use super::series;
use super::series::day_of;
use super::series::minutes_of;
use super::tend::Sweep;
use super::tend::columns;
use super::tend::number;
use crate::StoreError;
use crate::import::Import;
use crate::import::ImportKind;
use crate::import::ImportedIncident;
use crate::import::SeriesRow;
use crate::import::Step;
use crate::record::Kept;
use crate::record::MINUTES_PER_HOUR;

const OPERATION: &str = "import counts";
const TWICE: &str = "a stretch of a series is there twice: leave one of them out";

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
/// all of a day that is folded. Index: the primary keys of `cell`, `day` and `day_blob`.
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
    let days = "SELECT day, min(kept) FROM day
                WHERE service_id = ?1 AND day BETWEEN ?2 AND ?3 GROUP BY day LIMIT ?4";
    let (first, last) = (day_of(from), day_of(UnixMinute(until.0 - 1)));
    let folded: Vec<(i64, i64)> = rows(on, OPERATION, days, (id, first, last, i64::MAX), |row| {
        Ok((row.get(0)?, row.get(1)?))
    })?;
    for (day, kept) in folded {
        let (begin, end) = (minutes_of(day).0, minutes_of(day + 1).0);
        let whole = from.0 <= begin && end <= until.0;
        if whole || step != Step::Minute || kept != number(Kept::Minutes) {
            return Ok(true);
        }
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
    let series = (names.service(on, &row.service)?, names.dimension(on, &row.dimension)?);
    let (received, counted) = columns(row.sums);
    match row.step {
        Step::Minute => {
            let sql = "INSERT INTO cell (service_id, dimension_id, minute, received, counted)
                       VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING";
            once(on, sql, (series.0, series.1, row.from.0, received, counted))?;
            sweep.note(series.0, row.from);
        }
        Step::Hour => {
            let sql = "INSERT INTO hour (service_id, dimension_id, hour, received, counted)
                       VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING";
            let hour = row.from.0.div_euclid(MINUTES_PER_HOUR);
            once(on, sql, (series.0, series.1, hour, received, counted))?;
            let sql = "INSERT INTO day (service_id, dimension_id, day, received, counted, kept)
                       VALUES (?1, ?2, ?3, ?4, ?5, ?6)
                       ON CONFLICT (service_id, dimension_id, day) DO UPDATE SET
                         received = received + excluded.received,
                         counted = counted + excluded.counted";
            let kept = number(Kept::Hours);
            let values = (series.0, series.1, day_of(row.from), received, counted, kept);
            execute(on, OPERATION, sql, values)?;
        }
        Step::Day => {
            let sql = "INSERT INTO day (service_id, dimension_id, day, received, counted, kept)
                       VALUES (?1, ?2, ?3, ?4, ?5, 0) ON CONFLICT DO NOTHING";
            once(on, sql, (series.0, series.1, day_of(row.from), received, counted))?;
        }
    }
    Ok(())
}

/// Inserts a row that must not be there.
fn once(on: &Connection, sql: &str, values: (i64, i64, i64, i64, i64)) -> Result<(), StoreError> {
    match execute(on, OPERATION, sql, values)? {
        0 => Err(StoreError::BadBatch { what: TWICE }),
        _ => Ok(()),
    }
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

//! Series: adding counts to cells, and reading minutes, hours and days back, folded or not.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use outcry_core::series::Counts;
use outcry_core::series::Deltas;
use outcry_core::series::Dimension;
use outcry_core::time::UnixMinute;
use outcry_core::units::Text;
use rusqlite::Connection;
use rusqlite::Row;

use super::days;
use super::days::Which;
use super::fault::refused;
use super::fault::rows;
use super::key::DAY_MAX;
use super::key::DAY_MIN;
use super::key::check_day;
use super::merge::Merged;
use super::merge::add_last;
use super::names::ID_ALL;
use super::names::ID_WORKS;
use super::names::Names;
use super::names::damaged;
use super::names::dimension_id;
use super::names::dimension_of;
use super::names::service_id;
use super::tend::Sweep;
use super::view::at_once;
use crate::StoreError;
use crate::record::HOURS_PER_DAY;
use crate::record::Kept;
use crate::record::MINUTES_PER_DAY;
use crate::record::MINUTES_PER_HOUR;
use crate::record::Sums;
use crate::record::Totals;

/// Dimensions of one service that are read: far more than a catalogue names.
pub(super) const DIMENSIONS_MAX: u32 = 65_536;
const OPERATION: &str = "read the series";

/// Adds counts to cells. Index: the primary key of `cell`.
pub(super) fn add(
    on: &Connection,
    names: &mut Names,
    sweep: &mut Sweep,
    deltas: &Deltas,
) -> Result<(), StoreError> {
    let mut upsert = on
        .prepare_cached(
            "INSERT INTO cell (service_id, minute, dimension_id, received, counted)
             VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (service_id, minute, dimension_id) DO UPDATE SET
               received = received + excluded.received,
               counted = counted + excluded.counted",
        )
        .map_err(refused("add counts"))?;
    for (cell, counts) in &deltas.cells {
        let service = names.service(on, &cell.service)?;
        let dimension = names.dimension(on, &cell.dimension)?;
        check_day(day_of(cell.minute))?;
        upsert
            .execute((service, cell.minute.0, dimension, counts.received, counts.counted))
            .map_err(refused("add counts"))?;
        sweep.note(service, cell.minute);
    }
    Ok(())
}

/// Counts of one series, in one snapshot of the database. Index: the primary keys of `series` and
/// `day_minutes`, and that of `cell`, by service and minute; it passes over the other dimensions of
/// those minutes, which lie side by side.
pub(super) fn range(
    on: &Connection,
    series: (&str, &Dimension),
    (from, until): (UnixMinute, UnixMinute),
    limit: u32,
) -> Result<Vec<(UnixMinute, Counts)>, StoreError> {
    at_once(on, |on| {
        let Some((service, dimension)) = numbers(on, series)? else { return Ok(Vec::new()) };
        let sql = "SELECT minute, received, counted FROM cell
                   WHERE service_id = ?1 AND minute >= ?2 AND minute < ?3 AND dimension_id = ?4
                   ORDER BY minute LIMIT ?5";
        let values = (service, from.0, until.0, dimension, limit);
        let fresh = rows(on, OPERATION, sql, values, |row| Ok((row.get(0)?, sums(row, 1)?)))?;
        let mut merged =
            Merged::new(fresh, limit, |minute, sums| (UnixMinute(minute), sums.counts()));
        let (series, span) = ((service, dimension), (from.0, until.0));
        days::each_slot(on, Kept::Minutes, series, span, |minute, sums| {
            merged.add(minute, sums);
            !merged.is_full()
        })?;
        Ok(merged.finish())
    })
}

/// Every count of one service, in one snapshot of the database. Index: the primary keys of `cell`
/// and `day_minutes`.
pub(super) fn cells(
    on: &Connection,
    service: &str,
    (from, until): (UnixMinute, UnixMinute),
) -> Result<Vec<(UnixMinute, Dimension, Counts)>, StoreError> {
    at_once(on, |on| {
        let Some(service) = service_id(on, service)? else { return Ok(Vec::new()) };
        let mut found: BTreeMap<(i64, i64), Sums> = BTreeMap::new();
        let sql = "SELECT minute, dimension_id, received, counted FROM cell
                   WHERE service_id = ?1 AND minute >= ?2 AND minute < ?3 LIMIT ?4";
        let fresh = rows(on, OPERATION, sql, (service, from.0, until.0, i64::MAX), |row| {
            Ok(((row.get(0)?, row.get(1)?), sums(row, 2)?))
        })?;
        found.extend(fresh);
        let days = match from < until {
            true => (day_of(from), day_of(UnixMinute(until.0 - 1))),
            false => return Ok(Vec::new()),
        };
        days::walk(on, Kept::Minutes, Which::Service(service), days, |key, row| {
            let midnight = minutes_of(key.day).0;
            days::unpack(Kept::Minutes, key, row, |minute, sums| {
                let minute = midnight + i64::from(minute);
                if (from.0..until.0).contains(&minute) {
                    found.entry((minute, key.dimension)).or_default().add(sums);
                }
            })
            .map_err(|what| damaged(on, key, what))?;
            Ok(true)
        })?;
        let mut named = BTreeMap::new();
        let mut listed = Vec::with_capacity(found.len());
        for ((minute, id), sums) in found {
            let dimension: &Dimension = match named.entry(id) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(new) => new.insert(dimension_of(on, id)?),
            };
            listed.push((UnixMinute(minute), dimension.clone(), sums.counts()));
        }
        listed.sort_by(|(a, of_a, _), (b, of_b, _)| (a, of_a).cmp(&(b, of_b)));
        Ok(listed)
    })
}

/// Dimensions of a service, in order. Index: the primary key of `series`; that of `cell`, all of
/// what is not folded.
pub(super) fn dimensions(on: &Connection, service: &str) -> Result<Vec<Dimension>, StoreError> {
    let Some(service) = service_id(on, service)? else { return Ok(Vec::new()) };
    let sql = "SELECT dimension_id FROM series WHERE service_id = ?1
               UNION SELECT dimension_id FROM cell WHERE service_id = ?1 LIMIT ?2";
    let ids: Vec<i64> = rows(on, OPERATION, sql, (service, DIMENSIONS_MAX), |row| row.get(0))?;
    let mut found =
        ids.into_iter().map(|id| dimension_of(on, id)).collect::<Result<Vec<_>, _>>()?;
    found.sort();
    Ok(found)
}

/// The stretch of time that a service was counted in, to the day where it is folded. Index: the
/// primary keys of `cell` and `series`.
pub(super) fn extent(
    on: &Connection,
    service: &str,
) -> Result<Option<(UnixMinute, UnixMinute)>, StoreError> {
    let Some(service) = service_id(on, service)? else { return Ok(None) };
    let sql = "SELECT (SELECT min(minute) FROM cell WHERE service_id = ?1),
                      (SELECT max(minute) FROM cell WHERE service_id = ?1),
                      (SELECT min(first_day) FROM series WHERE service_id = ?1),
                      (SELECT max(last_day) FROM series WHERE service_id = ?1)";
    type Ends = (Option<i64>, Option<i64>, Option<i64>, Option<i64>);
    let (first, last, first_day, last_day): Ends = on
        .query_row(sql, [service], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))
        .map_err(refused(OPERATION))?;
    let begin = first.into_iter().chain(first_day.map(|day| minutes_of(day).0)).min();
    let end = last.into_iter().chain(last_day.map(|day| minutes_of(day).1)).max();
    Ok(begin.zip(end).map(|(begin, end)| (UnixMinute(begin), UnixMinute(end.saturating_add(1)))))
}

/// Sums by the hour or by the day.
#[derive(Clone, Copy, Debug)]
pub(super) enum Span {
    Hour,
    Day,
}

impl Span {
    /// Its length in minutes.
    pub(super) fn minutes(self) -> i64 {
        match self {
            Self::Hour => MINUTES_PER_HOUR,
            Self::Day => MINUTES_PER_DAY,
        }
    }

    /// The tables that say them.
    fn tables(self) -> &'static [Kept] {
        match self {
            Self::Hour => &[Kept::Hours, Kept::Minutes],
            Self::Day => &Kept::ALL,
        }
    }
}

/// Sums of one series by hour or day, in one snapshot of the database. Index: the primary keys of
/// `series` and the tables of days, and that of `cell` as in [`range`].
pub(super) fn spans(
    on: &Connection,
    span: Span,
    series: (&str, &Dimension),
    (from, until): (i64, i64),
    limit: u32,
) -> Result<Vec<(i64, Sums)>, StoreError> {
    at_once(on, |on| {
        let Some((service, dimension)) = numbers(on, series)? else { return Ok(Vec::new()) };
        let mut folded = Vec::new();
        for &kept in span.tables() {
            let finer_steps = span.minutes() / days::step(kept);
            let edge = |at: i64| at.saturating_mul(finer_steps);
            let (series, slots) = ((service, dimension), (edge(from), edge(until)));
            let mut of_table = Vec::new();
            days::each_slot(on, kept, series, slots, |slot, sums| {
                add_last(&mut of_table, slot.div_euclid(finer_steps), sums);
                // The last of them may not be whole yet.
                of_table.len() <= usize::try_from(limit).unwrap_or(usize::MAX)
            })?;
            folded.append(&mut of_table);
        }
        // A day stands in one table.
        folded.sort_by_key(|(at, _)| *at);
        let fresh = unfolded(on, span, (service, dimension), (from, until), limit)?;
        let mut merged = Merged::new(fresh, limit, |at, sums| (at, sums));
        for (at, sums) in folded {
            merged.add(at, sums);
        }
        Ok(merged.finish())
    })
}

/// Sums of cells by hour or day, the first `limit`.
fn unfolded(
    on: &Connection,
    span: Span,
    (service, dimension): (i64, i64),
    (from, until): (i64, i64),
    limit: u32,
) -> Result<Vec<(i64, Sums)>, StoreError> {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let sql = "SELECT minute, received, counted FROM cell
               WHERE service_id = ?1 AND minute >= ?2 AND minute < ?3 AND dimension_id = ?4
               ORDER BY minute LIMIT ?5";
    let edge = |at: i64| at.saturating_mul(span.minutes());
    let mut statement = on.prepare_cached(sql).map_err(refused(OPERATION))?;
    let mut found = statement
        .query((service, edge(from), edge(until), dimension, i64::MAX))
        .map_err(refused(OPERATION))?;
    let mut fresh = Vec::new();
    while fresh.len() <= limit
        && let Some(row) = found.next().map_err(refused(OPERATION))?
    {
        let minute: i64 = row.get(0).map_err(refused(OPERATION))?;
        let sums = sums(row, 1).map_err(refused(OPERATION))?;
        add_last(&mut fresh, minute.div_euclid(span.minutes()), sums);
    }
    fresh.truncate(limit);
    Ok(fresh)
}

/// Names of all services. Index: the unique one on `name`.
pub(super) fn services(on: &Connection) -> Result<Vec<Text>, StoreError> {
    let sql = "SELECT name FROM service ORDER BY name LIMIT ?1";
    rows(on, "list the services", sql, [i64::MAX], |row| row.get(0))
}

/// Sums over all days, cells, comments and proposals. Reads every cell and every day: no index
/// would help.
pub(super) fn totals(on: &Connection) -> Result<Totals, StoreError> {
    at_once(on, |on| {
        let sql = "SELECT coalesce(sum(received) FILTER (WHERE dimension_id = ?1), 0),
                          coalesce(sum(counted) FILTER (WHERE dimension_id = ?1), 0),
                          coalesce(sum(received) FILTER (WHERE dimension_id = ?2), 0),
                          (SELECT count(*) FROM comment LIMIT 1),
                          (SELECT count(*) FROM proposal LIMIT 1)
                   FROM cell LIMIT 1";
        let mut totals = on
            .prepare_cached(sql)
            .and_then(|mut statement| {
                statement.query_row((ID_ALL, ID_WORKS), |row| {
                    let sum = |column| row.get(column).map(i64::unsigned_abs);
                    Ok(Totals {
                        received: sum(0)?,
                        counted: sum(1)?,
                        works: sum(2)?,
                        comments: sum(3)?,
                        proposals: sum(4)?,
                    })
                })
            })
            .map_err(refused(OPERATION))?;
        for kept in Kept::ALL {
            days::walk(on, kept, Which::All, (DAY_MIN, DAY_MAX), |key, row| {
                if [ID_ALL, ID_WORKS].contains(&key.dimension) {
                    days::unpack(kept, key, row, |_, sums| match key.dimension {
                        ID_ALL => {
                            totals.received = totals.received.saturating_add(sums.received);
                            totals.counted = totals.counted.saturating_add(sums.counted);
                        }
                        _ => totals.works = totals.works.saturating_add(sums.received),
                    })
                    .map_err(|what| damaged(on, key, what))?;
                }
                Ok(true)
            })?;
        }
        Ok(totals)
    })
}

/// The numbers of a series, if there is one.
fn numbers(
    on: &Connection,
    (service, dimension): (&str, &Dimension),
) -> Result<Option<(i64, i64)>, StoreError> {
    Ok(service_id(on, service)?.zip(dimension_id(on, dimension)?))
}

/// The columns `received` and `counted`, of which `first` is the first.
pub(super) fn sums(row: &Row<'_>, first: usize) -> rusqlite::Result<Sums> {
    let sum = |column| row.get(column).map(i64::unsigned_abs);
    Ok(Sums { received: sum(first)?, counted: sum(first + 1)? })
}

/// The UTC day of a minute, in days since 1970.
pub(super) fn day_of(minute: UnixMinute) -> i64 {
    minute.0.div_euclid(MINUTES_PER_DAY)
}

/// The first minute of a day and the last.
pub(super) fn minutes_of(day: i64) -> (i64, i64) {
    let first = day.saturating_mul(MINUTES_PER_DAY);
    (first, first.saturating_add(MINUTES_PER_DAY - 1))
}

/// The first hour of a day and the last.
pub(super) fn hours_of(day: i64) -> (i64, i64) {
    let first = day.saturating_mul(HOURS_PER_DAY);
    (first, first.saturating_add(HOURS_PER_DAY - 1))
}

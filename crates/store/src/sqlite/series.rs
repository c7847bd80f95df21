//! Series: adding counts to cells, and reading them back by minute and by hour.

use outcry_core::series::Counts;
use outcry_core::series::Deltas;
use outcry_core::series::Dimension;
use outcry_core::series::PastHour;
use outcry_core::time::UnixMinute;
use outcry_core::units::Country;
use outcry_core::units::Text;
use rusqlite::Connection;
use rusqlite::OptionalExtension as _;

use super::fault::refused;
use super::fault::rows;
use super::names::ID_ALL;
use super::names::ID_WORKS;
use super::names::KIND_COMPONENT;
use super::names::KIND_COUNTRY;
use super::names::KIND_PROBLEM;
use super::names::Names;
use super::names::dimension_id;
use super::names::service_id;
use crate::StoreError;
use crate::record::Totals;

/// Dimensions of one service in one hour that are read: far more than a catalogue names.
const DIMENSIONS_MAX: u32 = 65_536;
const MINUTES_PER_HOUR: i64 = 60;
const OPERATION: &str = "read the series";

/// Adds counts to cells. Index: the primary key of `cell`.
pub(super) fn add(on: &Connection, names: &mut Names, deltas: &Deltas) -> Result<(), StoreError> {
    let mut upsert = on
        .prepare_cached(
            "INSERT INTO cell (service_id, minute, dimension_id, received, counted)
             VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (service_id, minute, dimension_id) DO UPDATE SET
               received = min(4294967295, received + excluded.received),
               counted = min(4294967295, counted + excluded.counted)",
        )
        .map_err(refused("add counts"))?;
    for (cell, counts) in &deltas.cells {
        let service = names.service(on, &cell.service)?;
        let dimension = names.dimension(on, &cell.dimension)?;
        upsert
            .execute((service, cell.minute.0, dimension, counts.received, counts.counted))
            .map_err(refused("add counts"))?;
    }
    Ok(())
}

/// Counts of one series. Index: the primary key of `cell`, by service and minute; it passes over
/// the other dimensions of those minutes, which lie side by side.
pub(super) fn range(
    on: &Connection,
    (service, dimension): (&str, &Dimension),
    (from, until): (UnixMinute, UnixMinute),
    limit: u32,
) -> Result<Vec<(UnixMinute, Counts)>, StoreError> {
    let (Some(service), Some(dimension)) = (service_id(on, service)?, dimension_id(on, dimension)?)
    else {
        return Ok(Vec::new());
    };
    let sql = "SELECT minute, received, counted FROM cell
               WHERE service_id = ?1 AND minute >= ?2 AND minute < ?3 AND dimension_id = ?4
               ORDER BY minute LIMIT ?5";
    rows(on, OPERATION, sql, (service, from.0, until.0, dimension, limit), |row| {
        Ok((UnixMinute(row.get(0)?), Counts { received: row.get(1)?, counted: row.get(2)? }))
    })
}

/// Sums of past hours, hour by hour, in one snapshot of the database.
pub(super) fn hours(
    on: &Connection,
    (from_hour, until_hour): (i64, i64),
    limit: u32,
) -> Result<Vec<PastHour>, StoreError> {
    let snapshot = on.unchecked_transaction().map_err(refused(OPERATION))?;
    let mut past = Vec::new();
    let mut hour = from_hour;
    let wanted = usize::try_from(limit).unwrap_or(usize::MAX);
    while past.len() < wanted {
        let Some(next) = next_hour(&snapshot, hour)?.filter(|&next| next < until_hour) else {
            break;
        };
        let left = wanted - past.len();
        for (id, service) in services_in(&snapshot, next, left)? {
            past.push(hour_of(&snapshot, id, service, next)?);
        }
        hour = next.saturating_add(1);
    }
    Ok(past)
}

/// The first hour from `hour` on with any count. Index: the primary key of `cell`, one step for
/// each service.
fn next_hour(on: &Connection, hour: i64) -> Result<Option<i64>, StoreError> {
    let sql = "SELECT min((SELECT minute FROM cell
                           WHERE service_id = service.id AND minute >= ?1
                           ORDER BY minute LIMIT 1))
               FROM service LIMIT 1";
    let minute: Option<i64> = on
        .prepare_cached(sql)
        .and_then(|mut statement| statement.query_row([first_minute(hour)], |row| row.get(0)))
        .optional()
        .map_err(refused(OPERATION))?
        .flatten();
    Ok(minute.map(|minute| minute.div_euclid(MINUTES_PER_HOUR)))
}

/// Services with problem reports in an hour, by name. Index: the primary key of `cell`.
fn services_in(on: &Connection, hour: i64, limit: usize) -> Result<Vec<(i64, Text)>, StoreError> {
    let sql = "SELECT id, name FROM service
               WHERE EXISTS (SELECT 1 FROM cell
                             WHERE service_id = service.id AND minute BETWEEN ?1 AND ?2
                               AND dimension_id = ?3 LIMIT 1)
               ORDER BY name LIMIT ?4";
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    rows(on, OPERATION, sql, (first_minute(hour), last_minute(hour), ID_ALL, limit), |row| {
        Ok((row.get(0)?, row.get(1)?))
    })
}

/// The sums of one service in one hour. Index: the primary key of `cell`.
fn hour_of(
    on: &Connection,
    service_id: i64,
    service: Text,
    hour: i64,
) -> Result<PastHour, StoreError> {
    let sql = "SELECT dimension.id, dimension.kind, dimension.name, sums.counted
               FROM (SELECT dimension_id, sum(counted) AS counted FROM cell
                     WHERE service_id = ?1 AND minute BETWEEN ?2 AND ?3
                     GROUP BY dimension_id LIMIT ?4) AS sums
               JOIN dimension ON dimension.id = sums.dimension_id
               WHERE sums.counted > 0
               ORDER BY dimension.kind, dimension.name LIMIT ?4";
    let minutes = (service_id, first_minute(hour), last_minute(hour), DIMENSIONS_MAX);
    let sums: Vec<(i64, i64, Text, i64)> = rows(on, OPERATION, sql, minutes, |row| {
        Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
    })?;
    let (components, problems, countries) = (Vec::new(), Vec::new(), Vec::new());
    let mut past = PastHour { service, hour, total: 0, components, problems, countries };
    for (id, kind, name, counted) in sums {
        let counted = counted.unsigned_abs();
        match kind {
            _ if id == ID_ALL => past.total = counted,
            KIND_COMPONENT => past.components.push((name, counted)),
            KIND_PROBLEM => past.problems.push((name, counted)),
            KIND_COUNTRY => {
                past.countries.extend(Country::parse(&name).map(|country| (country, counted)));
            }
            _ => {}
        }
    }
    Ok(past)
}

/// Sums over all cells and comments. Reads every row: no index would help.
pub(super) fn totals(on: &Connection) -> Result<Totals, StoreError> {
    let sql = "SELECT coalesce(sum(received) FILTER (WHERE dimension_id = ?1), 0),
                      coalesce(sum(counted) FILTER (WHERE dimension_id = ?1), 0),
                      coalesce(sum(received) FILTER (WHERE dimension_id = ?2), 0),
                      (SELECT count(*) FROM comment LIMIT 1)
               FROM cell LIMIT 1";
    on.prepare_cached(sql)
        .and_then(|mut statement| {
            statement.query_row((ID_ALL, ID_WORKS), |row| {
                let sum = |column| row.get(column).map(i64::unsigned_abs);
                let (received, counted) = (sum(0)?, sum(1)?);
                Ok(Totals { received, counted, works: sum(2)?, comments: sum(3)? })
            })
        })
        .map_err(refused(OPERATION))
}

fn first_minute(hour: i64) -> i64 {
    hour.saturating_mul(MINUTES_PER_HOUR)
}

fn last_minute(hour: i64) -> i64 {
    first_minute(hour).saturating_add(MINUTES_PER_HOUR - 1)
}

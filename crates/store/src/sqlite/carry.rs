//! Carrying over: what an older database knows of the time before a moment, into a fresh one that
//! is then rebuilt from the log.
//!
//! # What it cannot tell
//!
//! Parts. Of a day of which only hours are kept, those that ended are carried; of one of which
//! only the sum is kept, nothing unless the day ended. An incident is carried as it stands, with
//! what happened to it later.

use std::path::Path;

use outcry_core::time::UnixMinute;
use rusqlite::Connection;
use rusqlite::TransactionBehavior;

use super::blob;
use super::days;
use super::fault::execute;
use super::fault::refused;
use super::fault::rows;
use super::key::Key;
use super::names::damaged;
use super::open;
use super::read_offset;
use super::sequence;
use super::series::day_of;
use super::series::minutes_of;
use super::tend::columns;
use crate::StoreError;
use crate::record::HOURS_PER_DAY;
use crate::record::Kept;
use crate::record::MINUTES_PER_HOUR;

const OPERATION: &str = "carry over an older database";
/// Rows of the day that is cut in two, taken into memory at once.
const PAGE: u32 = 1_000;

/// Copies what is before a minute from the database at `old`, in one transaction.
pub(super) fn carry(
    connection: &mut Connection,
    old: &Path,
    before: UnixMinute,
) -> Result<(), StoreError> {
    check_fresh(connection)?;
    // Refuses what is not a database of this form; opened to read only, so nothing is changed.
    drop(open::reader(old)?);
    let Some(name) = old.to_str() else {
        let source = std::io::ErrorKind::InvalidFilename.into();
        return Err(StoreError::File { operation: "find, since its name is not UTF-8,", source });
    };
    execute(connection, OPERATION, "ATTACH DATABASE ?1 AS old", [name])?;
    let carried = connection
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .map_err(refused(OPERATION))
        .and_then(|transaction| {
            counts(&transaction, before)?;
            stories(&transaction, before)?;
            imports(&transaction, before)?;
            alerts(&transaction)?;
            transaction.commit().map_err(refused(OPERATION))
        });
    // Statements that were kept prepared name tables of the other database.
    connection.flush_prepared_statement_cache();
    let detached = execute(connection, OPERATION, "DETACH DATABASE old", ());
    carried.and(detached.map(drop))
}

/// Moves the offset of a fresh database.
pub(super) fn set_offset(connection: &mut Connection, seq: u64) -> Result<(), StoreError> {
    if i64::try_from(seq).is_err() {
        return Err(StoreError::BadBatch { what: "a sequence number is below 2^63: name another" });
    }
    let sql = "UPDATE offset SET seq = ?1 WHERE seq = 0";
    if execute(connection, OPERATION, sql, [sequence(seq)])? == 0 {
        let found = read_offset(connection)?;
        return Err(StoreError::OffsetMoved { expected: 0, found });
    }
    Ok(())
}

/// Refuses a database that holds anything.
fn check_fresh(on: &Connection) -> Result<(), StoreError> {
    let found = read_offset(on)?;
    if found != 0 {
        return Err(StoreError::OffsetMoved { expected: 0, found });
    }
    let sql = "SELECT EXISTS (SELECT 1 FROM service) OR EXISTS (SELECT 1 FROM incident)
                   OR EXISTS (SELECT 1 FROM case_file) OR EXISTS (SELECT 1 FROM comment)
                   OR EXISTS (SELECT 1 FROM proposal) OR EXISTS (SELECT 1 FROM checkpoint)";
    let used: bool = on.query_row(sql, (), |row| row.get(0)).map_err(refused(OPERATION))?;
    match used {
        true => Err(StoreError::BadBatch { what: "the database is not empty: make a new one" }),
        false => Ok(()),
    }
}

/// Counts of minutes before `before`, under the same numbers. Reads all of it: no index is made
/// for what is done once.
fn counts(on: &Connection, before: UnixMinute) -> Result<(), StoreError> {
    let day = day_of(before);
    let names = "INSERT OR IGNORE INTO main.dimension SELECT * FROM old.dimension";
    execute(on, OPERATION, names, ())?;
    execute(on, OPERATION, "INSERT INTO main.service SELECT * FROM old.service", ())?;
    let cells = "INSERT INTO main.cell SELECT * FROM old.cell WHERE minute < ?1";
    execute(on, OPERATION, cells, [before.0])?;
    for sql in [
        "INSERT INTO main.day_minutes SELECT * FROM old.day_minutes WHERE key < ?1 ORDER BY key",
        "INSERT INTO main.day_hours SELECT * FROM old.day_hours WHERE key < ?1 ORDER BY key",
        "INSERT INTO main.day_total SELECT * FROM old.day_total WHERE key < ?1 ORDER BY key",
    ] {
        execute(on, OPERATION, sql, [Key::first_of(day)])?;
    }
    hours_of_cut_day(on, before)?;
    minutes_of_cut_day(on, before)?;
    for (series, extent) in days::extents(on)? {
        days::note_extent(on, series, extent)?;
    }
    // A service is known by its counts, and those it has may all be later.
    let unknown = "DELETE FROM main.service
                   WHERE NOT EXISTS (SELECT 1 FROM main.cell WHERE service_id = service.id)
                     AND NOT EXISTS (SELECT 1 FROM main.series WHERE service_id = service.id)";
    execute(on, OPERATION, unknown, ())?;
    Ok(())
}

/// Hours that ended of the day that `before` is in, where it has no minutes any more.
fn hours_of_cut_day(on: &Connection, before: UnixMinute) -> Result<(), StoreError> {
    let hour = before.0.div_euclid(MINUTES_PER_HOUR).rem_euclid(HOURS_PER_DAY);
    let sql = "SELECT key, body FROM old.day_hours
               WHERE key >= ?1 AND key < ?2 ORDER BY key LIMIT ?3";
    each_of_day(on, sql, day_of(before), |key, body| {
        let mut hours = Vec::new();
        blob::unpack(blob::Of::Hours, key, body, |slot, sums| hours.push((slot, sums)))
            .map_err(|what| damaged(on, key, what))?;
        hours.retain(|(slot, _)| i64::from(*slot) < hour);
        match hours.is_empty() {
            true => Ok(()),
            false => days::put(on, key, Kept::Hours, &hours),
        }
    })
}

/// Minutes before `before` of the day that it is in become cells.
fn minutes_of_cut_day(on: &Connection, before: UnixMinute) -> Result<(), StoreError> {
    let sql = "SELECT key, body FROM old.day_minutes
               WHERE key >= ?1 AND key < ?2 ORDER BY key LIMIT ?3";
    let cell = "INSERT INTO main.cell (service_id, minute, dimension_id, received, counted)
                VALUES (?1, ?2, ?3, ?4, ?5)
                ON CONFLICT (service_id, minute, dimension_id) DO UPDATE SET
                  received = received + excluded.received,
                  counted = counted + excluded.counted";
    each_of_day(on, sql, day_of(before), |key, body| {
        let mut minutes = Vec::new();
        blob::unpack(blob::Of::Minutes, key, body, |minute, sums| {
            minutes.push((minutes_of(key.day).0 + i64::from(minute), sums));
        })
        .map_err(|what| damaged(on, key, what))?;
        for (minute, sums) in minutes.into_iter().filter(|(minute, _)| *minute < before.0) {
            let (received, counted) = columns(sums);
            execute(on, OPERATION, cell, (key.service, minute, key.dimension, received, counted))?;
        }
        Ok(())
    })
}

/// Calls `each` with the rows of a day, taken into memory some at a time.
fn each_of_day(
    on: &Connection,
    sql: &str,
    day: i64,
    mut each: impl FnMut(Key, &[u8]) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let (mut from, end) = (Key::first_of(day), Key::first_of(day.saturating_add(1)));
    loop {
        let page: Vec<(i64, Vec<u8>)> =
            rows(on, OPERATION, sql, (from, end, PAGE), |row| Ok((row.get(0)?, row.get(1)?)))?;
        let Some((last, _)) = page.last() else { return Ok(()) };
        from = last + 1;
        for (number, body) in &page {
            each(Key::of(*number), body)?;
        }
    }
}

/// Where counts before `before` came from, and incidents of other installations.
fn imports(on: &Connection, before: UnixMinute) -> Result<(), StoreError> {
    let origins = "INSERT INTO main.import SELECT * FROM old.import WHERE from_minute < ?1";
    execute(on, OPERATION, origins, [before.0])?;
    let incidents = "INSERT INTO main.imported_incident SELECT * FROM old.imported_incident";
    execute(on, OPERATION, incidents, ())?;
    Ok(())
}

/// What was told and is to be told, whole: none of it can be found again in the log.
fn alerts(on: &Connection) -> Result<(), StoreError> {
    let tables = [
        "INSERT INTO main.alert_state SELECT * FROM old.alert_state",
        "INSERT INTO main.alert_story SELECT * FROM old.alert_story",
        "INSERT INTO main.outbox SELECT * FROM old.outbox ORDER BY number",
        "INSERT INTO main.acknowledgement SELECT * FROM old.acknowledgement",
        "INSERT INTO main.silence SELECT * FROM old.silence",
        "INSERT INTO main.channel_off SELECT * FROM old.channel_off",
        "INSERT INTO main.subscriber SELECT * FROM old.subscriber ORDER BY id",
    ];
    tables.into_iter().try_for_each(|sql| execute(on, OPERATION, sql, ()).map(drop))
}

/// Incidents that opened before `before` with all their case files, and comments and proposed
/// claims of before it.
fn stories(on: &Connection, before: UnixMinute) -> Result<(), StoreError> {
    let moment = before.start().0;
    for sql in [
        "INSERT INTO main.incident SELECT * FROM old.incident WHERE opened_at < ?1
         ORDER BY number",
        "INSERT INTO main.case_file SELECT * FROM old.case_file
         WHERE incident IN (SELECT id FROM old.incident WHERE opened_at < ?1) ORDER BY number",
        "INSERT INTO main.comment SELECT * FROM old.comment WHERE at < ?1 ORDER BY number",
        "INSERT INTO main.proposal SELECT * FROM old.proposal WHERE at < ?1 ORDER BY number",
    ] {
        execute(on, OPERATION, sql, [moment])?;
    }
    Ok(())
}

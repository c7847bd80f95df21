//! Checking: whether the file is sound, and whether what is folded says the same in each form.

use std::collections::BTreeMap;

use rusqlite::Connection;

use super::FAULTS_MAX;
use super::blob;
use super::blob::Key;
use super::fault::refused;
use super::fault::rows;
use super::names::label;
use super::series::hours_of;
use super::series::sums;
use super::tend::number;
use super::view::at_once;
use crate::StoreError;
use crate::record::HOURS_PER_DAY;
use crate::record::Kept;
use crate::record::MINUTES_PER_DAY;
use crate::record::MINUTES_PER_HOUR;
use crate::record::Sums;

const OPERATION: &str = "check the database";

/// What SQLite finds wrong; `pragma` is `integrity_check` or `quick_check`. Reads every page.
pub(super) fn pages(on: &Connection, pragma: &str) -> Result<Vec<String>, StoreError> {
    let sql = format!("PRAGMA {pragma}({FAULTS_MAX})");
    let mut lines: Vec<String> = rows(on, OPERATION, &sql, (), |row| row.get(0))?;
    lines.retain(|line| line != "ok");
    Ok(lines)
}

/// What of the folded days contradicts itself. Reads them all, in the order of their primary key.
pub(super) fn folded(on: &Connection, faults: &mut Vec<String>) -> Result<(), StoreError> {
    at_once(on, |on| {
        let sql = "SELECT day.service_id, day.dimension_id, day.day,
                          day.received, day.counted, day.kept, day_blob.body
                   FROM day LEFT JOIN day_blob USING (service_id, dimension_id, day)
                   ORDER BY day.service_id, day.dimension_id, day.day LIMIT ?1";
        let mut statement = on.prepare_cached(sql).map_err(refused(OPERATION))?;
        let mut days = statement.query([i64::MAX]).map_err(refused(OPERATION))?;
        while let Some(row) = days.next().map_err(refused(OPERATION))? {
            let read = || {
                let key = Key { service: row.get(0)?, dimension: row.get(1)?, day: row.get(2)? };
                Ok((key, sums(row, 3)?, row.get::<_, i64>(5)?, row.get_ref(6)?.as_blob_or_null()?))
            };
            let (key, total, kept, body) = read().map_err(refused(OPERATION))?;
            if let Some(fault) = fault_of(on, key, total, kept, body)? {
                report(faults, format!("{}: {fault}", label(on, key)));
            }
        }
        let sql = "SELECT service_id, dimension_id, day FROM day_blob
                   WHERE NOT EXISTS (SELECT 1 FROM day
                                     WHERE day.service_id = day_blob.service_id
                                       AND day.dimension_id = day_blob.dimension_id
                                       AND day.day = day_blob.day)
                   LIMIT ?1";
        let strays = rows(on, OPERATION, sql, [FAULTS_MAX], |row| {
            Ok(Key { service: row.get(0)?, dimension: row.get(1)?, day: row.get(2)? })
        })?;
        for key in strays {
            report(faults, format!("{}: minutes are kept of a day without a sum", label(on, key)));
        }
        Ok(())
    })
}

/// What is wrong with one day of one series. Index: the primary key of `hour`.
fn fault_of(
    on: &Connection,
    key: Key,
    total: Sums,
    kept: i64,
    body: Option<&[u8]>,
) -> Result<Option<String>, StoreError> {
    let (first, last) = hours_of(key.day);
    let sql = "SELECT hour, received, counted FROM hour
               WHERE service_id = ?1 AND dimension_id = ?2 AND hour BETWEEN ?3 AND ?4
               ORDER BY hour LIMIT ?5";
    let values = (key.service, key.dimension, first, last, HOURS_PER_DAY);
    let hours: BTreeMap<i64, Sums> =
        rows(on, OPERATION, sql, values, |row| Ok((row.get(0)?, sums(row, 1)?)))?
            .into_iter()
            .collect();
    let of_hours = hours.values().fold(Sums::default(), |mut sum, hour| {
        sum.add(*hour);
        sum
    });
    let fault = match body {
        None if kept >= number(Kept::Minutes) => Some("its minutes are missing".to_owned()),
        Some(_) if kept < number(Kept::Minutes) => Some("it has removed minutes".to_owned()),
        None if kept >= number(Kept::Hours) && of_hours != total => Some(differ(of_hours, total)),
        None if kept < number(Kept::Hours) && !hours.is_empty() => {
            Some("it has removed hours".to_owned())
        }
        None => None,
        Some(body) => {
            let mut of_minutes: BTreeMap<i64, Sums> = BTreeMap::new();
            let midnight = key.day.wrapping_mul(MINUTES_PER_DAY);
            let unpacked = blob::unpack(key, body, |minute, sums| {
                let minute = midnight.wrapping_add(minute.into());
                of_minutes.entry(minute.div_euclid(MINUTES_PER_HOUR)).or_default().add(sums);
            });
            match unpacked {
                Err(what) => Some(format!("the blob {what}")),
                Ok(()) if of_minutes != hours => {
                    Some("its hours are not the sums of its minutes".to_owned())
                }
                Ok(()) if of_hours != total => Some(differ(of_hours, total)),
                Ok(()) => None,
            }
        }
    };
    Ok(fault)
}

fn differ(hours: Sums, day: Sums) -> String {
    format!(
        "its hours have {} received and {} counted, the day {} and {}",
        hours.received, hours.counted, day.received, day.counted
    )
}

fn report(faults: &mut Vec<String>, fault: String) {
    if faults.len() < usize::try_from(FAULTS_MAX).unwrap_or(usize::MAX) {
        faults.push(fault);
    }
}

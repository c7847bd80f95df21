//! Checking: whether the file is sound, and whether each past day can be read and stands once.

use std::collections::BTreeMap;

use rusqlite::Connection;

use super::FAULTS_MAX;
use super::days;
use super::days::Extent;
use super::days::Which;
use super::fault::rows;
use super::key::DAY_MAX;
use super::key::DAY_MIN;
use super::key::Key;
use super::names::label;
use super::view::at_once;
use crate::StoreError;
use crate::record::Kept;

const OPERATION: &str = "check the database";

/// What SQLite finds wrong; `pragma` is `integrity_check` or `quick_check`. Reads every page.
pub(super) fn pages(on: &Connection, pragma: &str) -> Result<Vec<String>, StoreError> {
    let sql = format!("PRAGMA {pragma}({FAULTS_MAX})");
    let mut lines: Vec<String> = rows(on, OPERATION, &sql, (), |row| row.get(0))?;
    lines.retain(|line| line != "ok");
    Ok(lines)
}

/// What is wrong with the folded days. Reads them all, in the order of their primary key.
pub(super) fn folded(on: &Connection, faults: &mut Vec<String>) -> Result<(), StoreError> {
    at_once(on, |on| {
        let mut extents = BTreeMap::new();
        for kept in Kept::ALL {
            days::walk(on, kept, Which::All, (DAY_MIN, DAY_MAX), |key, row| {
                days::widen(&mut extents, key);
                if let Err(what) = days::unpack(kept, key, row, |_, _| {}) {
                    report(faults, format!("{}: the blob {what}", label(on, key)));
                }
                Ok(true)
            })?;
        }
        twice(on, faults)?;
        listed(on, extents, faults)
    })
}

/// Days that stand in more than one table, so that they are counted twice. Index: the primary keys.
fn twice(on: &Connection, faults: &mut Vec<String>) -> Result<(), StoreError> {
    let sql = "SELECT key FROM day_hours JOIN day_minutes USING (key)
               UNION SELECT key FROM day_total JOIN day_minutes USING (key)
               UNION SELECT key FROM day_total JOIN day_hours USING (key)
               LIMIT ?1";
    let keys: Vec<i64> = rows(on, OPERATION, sql, [FAULTS_MAX], |row| row.get(0))?;
    for key in keys {
        report(faults, format!("{}: it is kept twice", label(on, Key::of(key))));
    }
    Ok(())
}

/// Whether the table of series says which days there are.
fn listed(
    on: &Connection,
    mut extents: BTreeMap<(i64, i64), Extent>,
    faults: &mut Vec<String>,
) -> Result<(), StoreError> {
    let sql = "SELECT service_id, dimension_id, first_day, last_day FROM series LIMIT ?1";
    let series: Vec<((i64, i64), Extent)> = rows(on, OPERATION, sql, [i64::MAX], |row| {
        Ok(((row.get(0)?, row.get(1)?), (row.get(2)?, row.get(3)?)))
    })?;
    let strays = series.into_iter().filter(|(of, extent)| extents.remove(of) != Some(*extent));
    let strays: Vec<_> = strays.collect();
    // What is left is kept and not listed.
    for ((service, dimension), (day, _)) in strays.into_iter().chain(extents) {
        let label = label(on, Key { service, dimension, day });
        report(faults, format!("{label}: the list of series has other days of it than are kept"));
    }
    Ok(())
}

fn report(faults: &mut Vec<String>, fault: String) {
    if faults.len() < usize::try_from(FAULTS_MAX).unwrap_or(usize::MAX) {
        faults.push(fault);
    }
}

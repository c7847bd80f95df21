//! Days: what is kept of each day of each series that is over, in one row of one of three tables.
//!
//! A row of minutes says hours and the sum of the day too, a row of hours the sum; so nothing is
//! stored twice, and nothing can contradict itself.
//!
//! # How it is read
//!
//! A table is in order of day, then series. A [`walk`] of one series looks up one key a day. What
//! it finds instead, when there is no such row, says which day to look at next: days of which the
//! table has nothing cost nothing.

use std::collections::BTreeMap;

use rusqlite::Connection;
use rusqlite::OptionalExtension as _;
use rusqlite::Row;

use super::blob;
use super::fault::execute;
use super::fault::refused;
use super::key::DAY_MAX;
use super::key::DAY_MIN;
use super::key::Key;
use super::key::NUMBER_MAX;
use super::merge::add_last;
use super::names::damaged;
use super::series::sums;
use super::tend::columns;
use crate::StoreError;
use crate::record::Kept;
use crate::record::MINUTES_PER_DAY;
use crate::record::MINUTES_PER_HOUR;
use crate::record::Sums;

/// Minutes, or other parts, of a day with their sums, in order.
type Minutes = Vec<(u16, Sums)>;

const OPERATION: &str = "read past days";
const WRITING: &str = "write a past day";

/// First and last day of a series.
pub(super) type Extent = (i64, i64);

/// The series a walk looks at.
#[derive(Clone, Copy, Debug)]
pub(super) enum Which {
    All,
    Service(i64),
    Series(i64, i64),
}

impl Which {
    /// Its first and its last key of a day.
    fn keys(self, day: i64) -> (i64, i64) {
        let (first, last) = match self {
            Self::All => ((0, 0), (NUMBER_MAX, NUMBER_MAX)),
            Self::Service(service) => ((service, 0), (service, NUMBER_MAX)),
            Self::Series(service, dimension) => ((service, dimension), (service, dimension)),
        };
        let number = |(service, dimension)| Key { service, dimension, day }.number();
        (number(first), number(last))
    }
}

/// The length in minutes of what a table keeps of a day.
pub(super) fn step(kept: Kept) -> i64 {
    match kept {
        Kept::Minutes => 1,
        Kept::Hours => MINUTES_PER_HOUR,
        Kept::Days => MINUTES_PER_DAY,
    }
}

/// Calls `each` with the rows of some series from a day to another, in order of key, until it says
/// no. Index: the primary key of the table.
pub(super) fn walk(
    on: &Connection,
    kept: Kept,
    which: Which,
    (first, last): (i64, i64),
    mut each: impl FnMut(Key, &Row<'_>) -> Result<bool, StoreError>,
) -> Result<(), StoreError> {
    let sql = match kept {
        Kept::Minutes => {
            "SELECT key, body FROM day_minutes WHERE key BETWEEN ?1 AND ?2 ORDER BY key LIMIT ?3"
        }
        Kept::Hours => {
            "SELECT key, body FROM day_hours WHERE key BETWEEN ?1 AND ?2 ORDER BY key LIMIT ?3"
        }
        Kept::Days => {
            "SELECT key, received, counted FROM day_total
             WHERE key BETWEEN ?1 AND ?2 ORDER BY key LIMIT ?3"
        }
    };
    let mut statement = on.prepare_cached(sql).map_err(refused(OPERATION))?;
    let (mut day, last) = (first.max(DAY_MIN), last.min(DAY_MAX));
    let end = which.keys(last).1;
    while day <= last {
        let from = which.keys(day).0;
        let mut found = statement.query((from, end, i64::MAX)).map_err(refused(OPERATION))?;
        day = loop {
            let Some(row) = found.next().map_err(refused(OPERATION))? else { return Ok(()) };
            let number = row.get(0).map_err(refused(OPERATION))?;
            let key = Key::of(number);
            let (low, high) = which.keys(key.day);
            if number < low {
                break key.day;
            }
            if number > high {
                break key.day + 1;
            }
            if !each(key, row)? {
                return Ok(());
            }
            if low == high {
                break key.day + 1;
            }
        };
    }
    Ok(())
}

/// Calls `each` with what a row of a walk keeps: a minute or an hour of the day, or 0, and sums.
///
/// When the row is damaged it says how, in words that complete "the blob ...".
#[inline]
pub(super) fn unpack(
    kept: Kept,
    key: Key,
    row: &Row<'_>,
    mut each: impl FnMut(u16, Sums),
) -> Result<(), &'static str> {
    let body = || row.get_ref(1).ok().and_then(|body| body.as_blob().ok()).ok_or("is not one");
    match kept {
        Kept::Minutes => blob::unpack(blob::Of::Minutes, key, body()?, each),
        Kept::Hours => blob::unpack(blob::Of::Hours, key, body()?, each),
        Kept::Days => {
            each(0, sums(row, 1).map_err(|_| "is not a sum")?);
            Ok(())
        }
    }
}

/// Calls `each` with what is kept in one table of one series, in order of time, until it says no;
/// then with the rest of that day at most. `from`, `until` and what `each` is told are minutes,
/// hours or days since 1970.
pub(super) fn each_slot(
    on: &Connection,
    kept: Kept,
    (service, dimension): (i64, i64),
    (from, until): (i64, i64),
    mut each: impl FnMut(i64, Sums) -> bool,
) -> Result<(), StoreError> {
    let Some(extent) = extent(on, service, dimension)?.filter(|_| from < until) else {
        return Ok(());
    };
    let slots = MINUTES_PER_DAY / step(kept);
    let (first, last) = (from.div_euclid(slots), (until - 1).div_euclid(slots));
    let days = (first.max(extent.0), last.min(extent.1));
    walk(on, kept, Which::Series(service, dimension), days, |key, row| {
        // Only the first and the last day can be cut.
        let whole = first < key.day && key.day < last;
        let (begin, mut wanted) = (key.day * slots, true);
        unpack(kept, key, row, |slot, sums| {
            let at = begin + i64::from(slot);
            if whole || (from..until).contains(&at) {
                wanted = each(at, sums);
            }
        })
        .map_err(|what| damaged(on, key, what))?;
        Ok(wanted)
    })
}

/// The first and the last day of a series of which anything is kept. Index: the primary key of
/// `series`.
fn extent(on: &Connection, service: i64, dimension: i64) -> Result<Option<Extent>, StoreError> {
    let sql = "SELECT first_day, last_day FROM series
               WHERE service_id = ?1 AND dimension_id = ?2 LIMIT 1";
    on.prepare_cached(sql)
        .and_then(|mut query| {
            query.query_row((service, dimension), |row| Ok((row.get(0)?, row.get(1)?))).optional()
        })
        .map_err(refused(OPERATION))
}

/// The first day from `day` on of which minutes or hours are kept. Index: the primary keys.
pub(super) fn next_day(on: &Connection, day: i64) -> Result<Option<i64>, StoreError> {
    let sql = "SELECT (SELECT key FROM day_minutes WHERE key >= ?1 ORDER BY key LIMIT 1),
                      (SELECT key FROM day_hours WHERE key >= ?1 ORDER BY key LIMIT 1) LIMIT 1";
    let found: (Option<i64>, Option<i64>) = on
        .prepare_cached(sql)
        .and_then(|mut query| {
            query.query_row([Key::first_of(day)], |row| Ok((row.get(0)?, row.get(1)?)))
        })
        .map_err(refused(OPERATION))?;
    Ok([found.0, found.1].into_iter().flatten().min().map(|number| Key::of(number).day))
}

/// What is kept of a day of a series, or `None` when it was never folded. Index: the primary keys.
pub(super) fn find(on: &Connection, key: Key) -> Result<Option<(Kept, Minutes)>, StoreError> {
    // Most days that are folded come after all others of their series.
    let days = extent(on, key.service, key.dimension)?;
    if days.is_none_or(|(first, last)| key.day < first || key.day > last) {
        return Ok(None);
    }
    for kept in [Kept::Minutes, Kept::Hours, Kept::Days] {
        let mut found = None;
        let which = Which::Series(key.service, key.dimension);
        walk(on, kept, which, (key.day, key.day), |key, row| {
            let mut slots = Vec::new();
            unpack(kept, key, row, |slot, sums| slots.push((slot, sums)))
                .map_err(|what| damaged(on, key, what))?;
            found = Some((kept, slots));
            Ok(false)
        })?;
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}

/// Writes what is kept of a day of a series, in place of what the same table has of it. Index: the
/// primary key.
pub(super) fn put(
    on: &Connection,
    key: Key,
    kept: Kept,
    slots: &[(u16, Sums)],
) -> Result<(), StoreError> {
    let number = key.number();
    let body = |of| blob::pack(of, key, slots);
    match kept {
        Kept::Minutes => {
            let sql = "INSERT INTO day_minutes (key, body) VALUES (?1, ?2)
                       ON CONFLICT (key) DO UPDATE SET body = excluded.body";
            execute(on, WRITING, sql, (number, body(blob::Of::Minutes)))?;
        }
        Kept::Hours => {
            let sql = "INSERT INTO day_hours (key, body) VALUES (?1, ?2)
                       ON CONFLICT (key) DO UPDATE SET body = excluded.body";
            execute(on, WRITING, sql, (number, body(blob::Of::Hours)))?;
        }
        Kept::Days => {
            let mut total = Sums::default();
            slots.iter().for_each(|(_, sums)| total.add(*sums));
            let (received, counted) = columns(total);
            let sql = "INSERT INTO day_total (key, received, counted) VALUES (?1, ?2, ?3)
                       ON CONFLICT (key) DO UPDATE SET
                         received = excluded.received, counted = excluded.counted";
            execute(on, WRITING, sql, (number, received, counted))?;
        }
    }
    Ok(())
}

/// Takes a row out of a table. Index: the primary key.
pub(super) fn remove(on: &Connection, key: Key, kept: Kept) -> Result<(), StoreError> {
    let sql = match kept {
        Kept::Minutes => "DELETE FROM day_minutes WHERE key = ?1",
        Kept::Hours => "DELETE FROM day_hours WHERE key = ?1",
        Kept::Days => "DELETE FROM day_total WHERE key = ?1",
    };
    execute(on, WRITING, sql, [key.number()])?;
    Ok(())
}

/// Notes that something is kept of a day of a series. Index: the primary key of `series`.
pub(super) fn note(on: &Connection, key: Key) -> Result<(), StoreError> {
    note_extent(on, (key.service, key.dimension), (key.day, key.day))
}

/// Notes that something is kept of some days of a series. Index: the primary key of `series`.
pub(super) fn note_extent(
    on: &Connection,
    (service, dimension): (i64, i64),
    (first, last): Extent,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO series (service_id, dimension_id, first_day, last_day)
               VALUES (?1, ?2, ?3, ?4)
               ON CONFLICT (service_id, dimension_id) DO UPDATE SET
                 first_day = min(first_day, excluded.first_day),
                 last_day = max(last_day, excluded.last_day)
               WHERE excluded.first_day < first_day OR excluded.last_day > last_day";
    execute(on, WRITING, sql, (service, dimension, first, last))?;
    Ok(())
}

/// Coarser slots of a day from finer ones, both in order of time.
pub(super) fn coarser(slots: &[(u16, Sums)], from: Kept, to: Kept) -> Vec<(u16, Sums)> {
    let finer_steps = step(to) / step(from);
    let mut coarse = Vec::new();
    for &(slot, sums) in slots {
        add_last(&mut coarse, i64::from(slot) / finer_steps, sums);
    }
    let of_day = |slot| u16::try_from(slot).expect("a slot of a day is below 1440");
    coarse.into_iter().map(|(slot, sums)| (of_day(slot), sums)).collect()
}

/// First and last days of all series, worked out from the tables: reads every key.
pub(super) fn extents(on: &Connection) -> Result<BTreeMap<(i64, i64), Extent>, StoreError> {
    let mut found: BTreeMap<(i64, i64), Extent> = BTreeMap::new();
    for kept in Kept::ALL {
        walk(on, kept, Which::All, (DAY_MIN, DAY_MAX), |key, _| {
            widen(&mut found, key);
            Ok(true)
        })?;
    }
    Ok(found)
}

/// Adds a day to the days of its series.
pub(super) fn widen(extents: &mut BTreeMap<(i64, i64), Extent>, key: Key) {
    let extent = extents.entry((key.service, key.dimension)).or_insert((key.day, key.day));
    *extent = (extent.0.min(key.day), extent.1.max(key.day));
}

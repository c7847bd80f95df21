//! Tending: days that are over are folded, and what is old is removed, a short piece at a time.
//!
//! Each piece is one transaction that reads and writes little, so that no batch waits long for it
//! and a power cut takes back one piece at most. What is old goes first, so that nothing is folded
//! into a day of which a part is about to go.
//!
//! # How it finds its work
//!
//! What is old is found by the index `day_by_kept`. An index of cells by time would be paid for
//! with every report; instead each service is asked for its first cell, one look at the front of
//! its part of `cell`, once when the edge of what is folded moves (each midnight) and once after
//! the start. In between, [`Sweep::note`] hears of late counts as they come in. So nothing about
//! it is on disk, and when nothing is to be done, a call asks the index twice and is over.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use outcry_core::time::UnixMinute;
use rusqlite::Connection;
use rusqlite::OptionalExtension as _;
use rusqlite::TransactionBehavior;

use super::blob;
use super::blob::Key;
use super::fault::execute;
use super::fault::refused;
use super::fault::rows;
use super::merge::Merged;
use super::merge::add_last;
use super::names::damaged;
use super::series::day_of;
use super::series::hours_of;
use super::series::minutes_of;
use super::series::sums;
use crate::StoreError;
use crate::record::Edges;
use crate::record::Kept;
use crate::record::MINUTES_PER_DAY;
use crate::record::MINUTES_PER_HOUR;
use crate::record::Retention;
use crate::record::Sums;
use crate::record::Tended;

/// Cells read at once of one day of one service; the rest of a busy day waits for the next piece.
const DAY_CELLS_MAX: usize = 2_000;
/// No other day is begun in a piece after this many cells, so it has less than 4,000.
const CELLS_ENOUGH: usize = 2_000;
/// Nor after this many series of a day: each touches a page in three tables.
const SERIES_ENOUGH: usize = 300;
/// Services asked for their first cell in one piece.
const SERVICES_MAX: usize = 2_000;
/// Series of a day of which minutes or hours are removed in one piece.
const REMOVED_DAYS_MAX: u32 = 300;
const OPERATION: &str = "fold a day";
const REMOVAL: &str = "remove what is old";

/// Which services may have days to be folded.
#[derive(Debug, Default)]
pub(super) struct Sweep {
    /// Days before this one are to be folded; none yet.
    target: Option<i64>,
    /// The first service that was not asked yet, by number; `None` when all were.
    next: Option<i64>,
    /// Late counts: days before the target and services.
    late: BTreeSet<(i64, i64)>,
}

impl Sweep {
    /// Hears of a count as it comes in. It is no harm if that is taken back.
    #[inline]
    pub(super) fn note(&mut self, service: i64, minute: UnixMinute) {
        if self.target.is_some_and(|target| minute.0 < minutes_of(target).0) {
            self.late.insert((day_of(minute), service));
        }
    }

    /// Begins anew when more is to be folded than was looked for.
    fn aim(&mut self, edge: i64) {
        let aimed = self.target.is_some_and(|target| match self.next {
            None => edge <= target,
            Some(_) => edge == target,
        });
        if !aimed {
            self.target = Some(edge);
            self.next = Some(i64::MIN);
        }
    }

    fn is_done(&self, edges: Edges) -> bool {
        self.next.is_none() && self.late.first().is_none_or(|(day, _)| *day >= edges.fold)
    }
}

/// Does one piece of work, in one transaction.
pub(super) fn tend(
    connection: &mut Connection,
    sweep: &mut Sweep,
    now: UnixMinute,
    keep: &Retention,
) -> Result<Tended, StoreError> {
    let edges = keep.edges(now);
    sweep.aim(edges.fold);
    let oldest = Removal::ALL.map(|removal| removal.old(connection, edges, 1));
    if sweep.is_done(edges) && oldest.iter().all(|old| matches!(old, Ok(old) if old.is_empty())) {
        return Ok(Tended::default());
    }
    let transaction = connection
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .map_err(refused(OPERATION))?;
    let mut done = Tended::default();
    for removal in Removal::ALL {
        let old = removal.old(&transaction, edges, REMOVED_DAYS_MAX)?;
        for &key in &old {
            done.removed_rows += removal.remove(&transaction, key)?;
        }
        if !old.is_empty() {
            done.more = true;
            break;
        }
    }
    let mut folding = Folding { on: &transaction, edges, cells: 0, series: 0 };
    let mut left = Left { next: sweep.next, late: Vec::new() };
    if !done.more {
        left = folding.run(sweep)?;
    }
    done.folded_cells = u64::try_from(folding.cells).unwrap_or(u64::MAX);
    transaction.commit().map_err(refused(OPERATION))?;
    // Only now: what was taken back would be looked for in vain.
    sweep.next = left.next;
    for late in left.late {
        sweep.late.remove(&late);
    }
    done.more |= !sweep.is_done(edges);
    Ok(done)
}

/// What is removed of a day of a series that is old, in this order.
#[derive(Clone, Copy)]
enum Removal {
    Minutes,
    Hours,
}

impl Removal {
    const ALL: [Self; 2] = [Self::Minutes, Self::Hours];

    /// The oldest days that have what is to be removed. Index: `day_by_kept`.
    fn old(self, on: &Connection, edges: Edges, limit: u32) -> Result<Vec<Key>, StoreError> {
        let (kept, before) = match self {
            Self::Minutes => (Kept::Minutes, edges.minutes),
            Self::Hours => (Kept::Hours, edges.hours),
        };
        let sql = "SELECT service_id, dimension_id, day FROM day
                   WHERE kept > 0 AND kept = ?1 AND day < ?2
                   ORDER BY day LIMIT ?3";
        rows(on, REMOVAL, sql, (number(kept), before, limit), |row| {
            Ok(Key { service: row.get(0)?, dimension: row.get(1)?, day: row.get(2)? })
        })
    }

    /// Removes it; returns the number of rows. Index: the primary keys.
    fn remove(self, on: &Connection, key: Key) -> Result<u64, StoreError> {
        let Key { service, dimension, day } = key;
        let (removed, kept) = match self {
            Self::Minutes => {
                let sql = "DELETE FROM day_blob
                           WHERE service_id = ?1 AND dimension_id = ?2 AND day = ?3";
                (execute(on, REMOVAL, sql, (service, dimension, day))?, Kept::Hours)
            }
            Self::Hours => {
                let (first, last) = hours_of(day);
                let sql = "DELETE FROM hour WHERE service_id = ?1 AND dimension_id = ?2
                             AND hour BETWEEN ?3 AND ?4";
                (execute(on, REMOVAL, sql, (service, dimension, first, last))?, Kept::Days)
            }
        };
        let sql = "UPDATE day SET kept = ?4
                   WHERE service_id = ?1 AND dimension_id = ?2 AND day = ?3";
        execute(on, REMOVAL, sql, (service, dimension, day, number(kept)))?;
        Ok(u64::try_from(removed).unwrap_or(u64::MAX))
    }
}

/// What a piece of work leaves for the next one.
struct Left {
    next: Option<i64>,
    /// Late days that are folded now.
    late: Vec<(i64, i64)>,
}

/// Folding in one transaction.
struct Folding<'a> {
    on: &'a Connection,
    edges: Edges,
    cells: usize,
    series: usize,
}

impl Folding<'_> {
    /// Folds late days first, then the days of one service after another.
    fn run(&mut self, sweep: &Sweep) -> Result<Left, StoreError> {
        let mut left = Left { next: sweep.next, late: Vec::new() };
        for &(day, service) in &sweep.late {
            if self.is_enough() || day >= self.edges.fold {
                break;
            }
            if self.fold(service, day)? {
                left.late.push((day, service));
            }
        }
        let mut asked = 0;
        while !self.is_enough()
            && asked < SERVICES_MAX
            && let Some(from) = left.next
        {
            let found = self.ask(from, SERVICES_MAX - asked)?;
            asked += found.len();
            // Fewer than were asked for: that was the last of them.
            left.next =
                if asked < SERVICES_MAX { None } else { found.last().map(|(id, _)| id + 1) };
            for (service, first) in found {
                let mut first = first;
                while let Some(minute) = first.filter(|&minute| day_of(minute) < self.edges.fold) {
                    if self.is_enough() {
                        left.next = Some(service);
                        return Ok(left);
                    }
                    self.fold(service, day_of(minute))?;
                    first = self.first_cell(service)?;
                }
            }
        }
        Ok(left)
    }

    fn is_enough(&self) -> bool {
        self.cells >= CELLS_ENOUGH || self.series >= SERIES_ENOUGH
    }

    /// Services from a number on, with their first cells. Index: the primary key of `cell`.
    fn ask(&self, from: i64, most: usize) -> Result<Vec<(i64, Option<UnixMinute>)>, StoreError> {
        let sql = "SELECT id, (SELECT minute FROM cell WHERE service_id = service.id
                               ORDER BY minute LIMIT 1)
                   FROM service WHERE id >= ?1 ORDER BY id LIMIT ?2";
        rows(self.on, OPERATION, sql, (from, i64::try_from(most).unwrap_or(i64::MAX)), |row| {
            Ok((row.get(0)?, row.get::<_, Option<i64>>(1)?.map(UnixMinute)))
        })
    }

    fn first_cell(&self, service: i64) -> Result<Option<UnixMinute>, StoreError> {
        let sql = "SELECT minute FROM cell WHERE service_id = ?1 ORDER BY minute LIMIT 1";
        self.on
            .prepare_cached(sql)
            .and_then(|mut query| query.query_row([service], |row| row.get(0)).optional())
            .map(|minute| minute.map(UnixMinute))
            .map_err(refused(OPERATION))
    }

    /// Folds a day of a service, or its first cells; returns whether that was all. Index: the
    /// primary key of `cell`.
    fn fold(&mut self, service: i64, day: i64) -> Result<bool, StoreError> {
        let (first, last) = minutes_of(day);
        let sql = "SELECT minute, dimension_id, received, counted FROM cell
                   WHERE service_id = ?1 AND minute BETWEEN ?2 AND ?3
                   ORDER BY minute, dimension_id LIMIT ?4";
        let most = i64::try_from(DAY_CELLS_MAX).unwrap_or(i64::MAX);
        let cells: Vec<(i64, i64, Sums)> =
            rows(self.on, OPERATION, sql, (service, first, last, most), |row| {
                Ok((row.get(0)?, row.get(1)?, sums(row, 2)?))
            })?;
        let Some(&(end_minute, end_dimension, _)) = cells.last() else { return Ok(true) };
        let read = cells.len();
        let mut by_dimension: BTreeMap<i64, Vec<(i64, Sums)>> = BTreeMap::new();
        for (minute, dimension, sums) in cells {
            by_dimension.entry(dimension).or_default().push((minute, sums));
        }
        self.cells += read;
        self.series += by_dimension.len();
        for (dimension, minutes) in by_dimension {
            self.add(Key { service, dimension, day }, minutes)?;
        }
        let sql = "DELETE FROM cell WHERE service_id = ?1 AND minute >= ?2
                     AND (minute, dimension_id) <= (?3, ?4)";
        let removed =
            execute(self.on, OPERATION, sql, (service, first, end_minute, end_dimension))?;
        debug_assert_eq!(removed, read, "what was added is taken away");
        Ok(read < DAY_CELLS_MAX)
    }

    /// Adds minutes of a day to what is kept of it. Index: the primary keys.
    fn add(&self, key: Key, minutes: Vec<(i64, Sums)>) -> Result<(), StoreError> {
        let Key { service, dimension, day } = key;
        let (mut hours, mut total) = (Vec::new(), Sums::default());
        for &(minute, sums) in &minutes {
            add_last(&mut hours, minute.div_euclid(MINUTES_PER_HOUR), sums);
            total.add(sums);
        }
        // What was removed is not begun again.
        let kept = self.kept(key)?.unwrap_or_else(|| number(self.edges.kept(day)));
        if kept >= number(Kept::Minutes) {
            self.add_minutes(key, minutes)?;
        }
        if kept >= number(Kept::Hours) {
            let sql = "INSERT INTO hour (service_id, dimension_id, hour, received, counted)
                       VALUES (?1, ?2, ?3, ?4, ?5)
                       ON CONFLICT (service_id, dimension_id, hour) DO UPDATE SET
                         received = received + excluded.received,
                         counted = counted + excluded.counted";
            for (hour, sums) in hours {
                let (received, counted) = columns(sums);
                execute(self.on, OPERATION, sql, (service, dimension, hour, received, counted))?;
            }
        }
        let sql = "INSERT INTO day (service_id, dimension_id, day, received, counted, kept)
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6)
                   ON CONFLICT (service_id, dimension_id, day) DO UPDATE SET
                     received = received + excluded.received,
                     counted = counted + excluded.counted";
        let (received, counted) = columns(total);
        execute(self.on, OPERATION, sql, (service, dimension, day, received, counted, kept))?;
        Ok(())
    }

    /// What is kept of a day, or `None` when it was never folded.
    fn kept(&self, key: Key) -> Result<Option<i64>, StoreError> {
        let sql = "SELECT kept FROM day
                   WHERE service_id = ?1 AND dimension_id = ?2 AND day = ?3 LIMIT 1";
        let values = (key.service, key.dimension, key.day);
        self.on
            .prepare_cached(sql)
            .and_then(|mut query| query.query_row(values, |row| row.get(0)).optional())
            .map_err(refused(OPERATION))
    }

    fn add_minutes(&self, key: Key, minutes: Vec<(i64, Sums)>) -> Result<(), StoreError> {
        let sql = "SELECT body FROM day_blob
                   WHERE service_id = ?1 AND dimension_id = ?2 AND day = ?3 LIMIT 1";
        let values = (key.service, key.dimension, key.day);
        let body: Option<Vec<u8>> = self
            .on
            .prepare_cached(sql)
            .and_then(|mut query| query.query_row(values, |row| row.get(0)).optional())
            .map_err(refused(OPERATION))?;
        let of_day = |minute: i64| minute.rem_euclid(MINUTES_PER_DAY);
        let fresh = minutes.into_iter().map(|(minute, sums)| (of_day(minute), sums)).collect();
        let make = |minute, sums| (u16::try_from(minute).expect("a minute of a day"), sums);
        let mut merged = Merged::new(fresh, u32::MAX, make);
        if let Some(body) = body {
            blob::unpack(key, &body, |minute, sums| merged.add(minute.into(), sums))
                .map_err(|what| damaged(self.on, key, what))?;
        }
        let body = blob::pack(key, &merged.finish());
        let sql = "INSERT INTO day_blob (service_id, dimension_id, day, body)
                   VALUES (?1, ?2, ?3, ?4)
                   ON CONFLICT (service_id, dimension_id, day) DO UPDATE SET body = excluded.body";
        execute(self.on, OPERATION, sql, (key.service, key.dimension, key.day, body))?;
        Ok(())
    }
}

/// What is kept, as the column holds it.
pub(super) fn number(kept: Kept) -> i64 {
    match kept {
        Kept::Days => 0,
        Kept::Hours => 1,
        Kept::Minutes => 2,
    }
}

/// Sums as the columns `received` and `counted` hold them.
pub(super) fn columns(sums: Sums) -> (i64, i64) {
    let column = |sum| i64::try_from(sum).unwrap_or(i64::MAX);
    (column(sums.received), column(sums.counted))
}

//! Tending: days that are over are folded, and what is old is removed, a short piece at a time.
//!
//! Each piece is one transaction that reads and writes little, so that no batch waits long for it
//! and a power cut takes back one piece at most. What is old goes first, so that nothing is folded
//! into a day of which a part is about to go.
//!
//! # How it finds its work
//!
//! What is old stands at the front of its table. An index of cells by time would be paid for with
//! every report; instead each service is asked for its first cell, one look at the front of its
//! part of `cell`. One round of asking finds the first day that is to be folded; the next folds it,
//! of one service after another, and finds the day after; so rows are written in the order of their
//! tables, on full pages. It begins when the edge of what is folded moves (each midnight), and
//! after the start. In between, [`Sweep::note`] hears of late counts as they come in. So nothing
//! about it is on disk, and when nothing is to be done, a call looks at two rows and is over.
//!
//! # What it cannot do
//!
//! Go past a damaged row: it says so each time, and nothing is folded or removed until the database
//! was built anew. Counts stay where they are.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use outcry_core::time::UnixMinute;
use rusqlite::Connection;
use rusqlite::OptionalExtension as _;
use rusqlite::TransactionBehavior;

use super::days;
use super::days::Which;
use super::fault::execute;
use super::fault::refused;
use super::fault::rows;
use super::key::DAY_MIN;
use super::key::Key;
use super::merge::Merged;
use super::merge::add_last;
use super::names::damaged;
use super::series::day_of;
use super::series::minutes_of;
use super::series::sums;
use crate::StoreError;
use crate::record::Edges;
use crate::record::Kept;
use crate::record::MINUTES_PER_DAY;
use crate::record::Retention;
use crate::record::Sums;
use crate::record::Tended;

/// Cells read at once of one day of one service; the rest of a busy day waits for the next piece.
const DAY_CELLS_MAX: usize = 2_000;
/// No other day is begun in a piece after this many cells, so it has less than 4,000.
const CELLS_ENOUGH: usize = 2_000;
/// Nor after this many series of a day.
const SERIES_ENOUGH: usize = 300;
/// Services asked for their first cell in one piece.
const SERVICES_MAX: usize = 2_000;
/// Series of a day of which minutes or hours are removed in one piece.
const REMOVED_DAYS_MAX: usize = 300;
const OPERATION: &str = "fold a day";

/// Which services may have days to be folded.
#[derive(Debug, Default)]
pub(super) struct Sweep {
    /// Days before this one are to be folded; none yet.
    target: Option<i64>,
    /// Where the asking stands.
    round: Round,
    /// Late counts: days before the target and services.
    late: BTreeSet<(i64, i64)>,
}

/// One round of asking all services, in order of number.
#[derive(Clone, Copy, Debug, Default)]
struct Round {
    /// The day that is folded in it.
    day: i64,
    /// The first service that was not asked yet; `None` when all is folded.
    next: Option<i64>,
    /// The first day that was met for a later round.
    later: Option<i64>,
}

impl Round {
    fn of(day: i64) -> Self {
        Self { day, next: Some(i64::MIN), later: None }
    }
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
        let aimed = self.target.is_some_and(|target| match self.round.next {
            None => edge <= target,
            Some(_) => edge == target,
        });
        if !aimed {
            self.target = Some(edge);
            // The first round finds a day, and folds none.
            self.round = Round::of(i64::MIN);
        }
    }

    fn is_done(&self, edges: Edges) -> bool {
        self.round.next.is_none() && self.late.first().is_none_or(|(day, _)| *day >= edges.fold)
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
    if sweep.is_done(edges) && !has_old(connection, edges)? {
        return Ok(Tended::default());
    }
    let transaction = connection
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .map_err(refused(OPERATION))?;
    let mut done = Tended { removed_rows: remove_old(&transaction, edges)?, ..Tended::default() };
    done.more = done.removed_rows > 0;
    let mut folding = Folding { on: &transaction, edges, cells: 0, series: 0 };
    let mut left = Left { round: sweep.round, late: Vec::new() };
    if !done.more {
        left = folding.run(sweep)?;
    }
    done.folded_cells = u64::try_from(folding.cells).unwrap_or(u64::MAX);
    transaction.commit().map_err(refused(OPERATION))?;
    // Only now: what was taken back would be looked for in vain.
    sweep.round = left.round;
    for late in left.late {
        sweep.late.remove(&late);
    }
    done.more |= !sweep.is_done(edges);
    Ok(done)
}

/// What is removed, in this order, and of days before which.
fn removals(edges: Edges) -> [(Kept, i64); 2] {
    [(Kept::Minutes, edges.minutes), (Kept::Hours, edges.hours)]
}

/// Whether anything is to be removed. Index: the primary keys.
fn has_old(on: &Connection, edges: Edges) -> Result<bool, StoreError> {
    let mut found = false;
    for (kept, before) in removals(edges) {
        days::walk(on, kept, Which::All, (DAY_MIN, before.saturating_sub(1)), |_, _| {
            found = true;
            Ok(false)
        })?;
    }
    Ok(found)
}

/// Removes minutes or hours of the oldest days that have them; returns of how many. Index: the
/// primary keys.
fn remove_old(on: &Connection, edges: Edges) -> Result<u64, StoreError> {
    for (kept, before) in removals(edges) {
        let mut old = Vec::new();
        days::walk(on, kept, Which::All, (DAY_MIN, before.saturating_sub(1)), |key, row| {
            let mut slots = Vec::new();
            days::unpack(kept, key, row, |slot, sums| slots.push((slot, sums)))
                .map_err(|what| damaged(on, key, what))?;
            old.push((key, slots));
            Ok(old.len() < REMOVED_DAYS_MAX)
        })?;
        for (key, slots) in &old {
            let stays = edges.kept(key.day);
            days::put(on, *key, stays, &days::coarser(slots, kept, stays))?;
            days::remove(on, *key, kept)?;
        }
        if !old.is_empty() {
            return Ok(old.len() as u64);
        }
    }
    Ok(0)
}

/// What a piece of work leaves for the next one.
struct Left {
    round: Round,
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
    /// Folds late days first, then day after day of one service after another.
    fn run(&mut self, sweep: &Sweep) -> Result<Left, StoreError> {
        let mut left = Left { round: sweep.round, late: Vec::new() };
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
            && let Some(from) = left.round.next
        {
            let found = self.ask(from, SERVICES_MAX - asked)?;
            asked += found.len();
            for (service, first) in found {
                if !self.fold_service(service, first, &mut left.round)? {
                    return Ok(left);
                }
            }
            // Fewer than were asked for: that was the last of them.
            if asked < SERVICES_MAX {
                left.round = match left.round.later {
                    Some(day) => Round::of(day),
                    None => Round { next: None, ..left.round },
                };
            }
        }
        Ok(left)
    }

    /// Folds what a service has of the day of a round; returns whether all of it.
    fn fold_service(
        &mut self,
        service: i64,
        mut first: Option<UnixMinute>,
        round: &mut Round,
    ) -> Result<bool, StoreError> {
        round.next = Some(service);
        while let Some(day) = first.map(day_of).filter(|&day| day < self.edges.fold) {
            if day > round.day {
                round.later = Some(round.later.map_or(day, |later| later.min(day)));
                break;
            }
            if self.is_enough() {
                return Ok(false);
            }
            self.fold(service, day)?;
            first = self.first_cell(service)?;
        }
        round.next = Some(service.saturating_add(1));
        Ok(true)
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
        // What was removed is not begun again.
        let (kept, known) = match days::find(self.on, key)? {
            Some(found) => found,
            None => {
                days::note(self.on, key)?;
                (self.edges.kept(key.day), Vec::new())
            }
        };
        let mut fresh = Vec::new();
        for (minute, sums) in minutes {
            add_last(&mut fresh, minute.rem_euclid(MINUTES_PER_DAY) / days::step(kept), sums);
        }
        let make = |slot, sums| (u16::try_from(slot).expect("a slot of a day"), sums);
        let mut merged = Merged::new(fresh, u32::MAX, make);
        for (slot, sums) in known {
            merged.add(slot.into(), sums);
        }
        days::put(self.on, key, kept, &merged.finish())
    }
}

/// Sums as the columns `received` and `counted` hold them.
pub(super) fn columns(sums: Sums) -> (i64, i64) {
    let column = |sum| i64::try_from(sum).unwrap_or(i64::MAX);
    (column(sums.received), column(sums.counted))
}

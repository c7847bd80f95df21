//! Moving: past days of the third form into the tables of the fourth.
//!
//! Tables of the third form are in order of series, those of the fourth in order of day. SQLite
//! sorts, in files of its own where memory is short, so that the new pages are full and nothing is
//! read at random. All of it is one transaction. It says what it is at, since the server waits: a
//! year of 12,000 services takes minutes, and for that time as much room again as the database has.
//!
//! # What it cannot do
//!
//! Make the file smaller. Its free pages are filled by the days to come.

use rusqlite::Connection;
use rusqlite::Row;

use super::days;
use super::fault::execute;
use super::fault::refused;
use super::key::Key;
use super::series::sums;
use crate::StoreError;
use crate::record::HOURS_PER_DAY;
use crate::record::Kept;
use crate::record::Sums;

const OPERATION: &str = "move past days to where they stand now";
/// Rows between two lines of the log.
const ROWS_TOLD: u64 = 1_000_000;

/// Moves all past days and drops the tables they were in.
pub(super) fn move_days(on: &Connection) -> Result<(), StoreError> {
    let all: i64 = on
        .query_row("SELECT count(*) FROM day LIMIT 1", (), |row| row.get(0))
        .map_err(refused(OPERATION))?;
    let mut moving = Moving { on, all: all.unsigned_abs(), moved: 0 };
    if moving.all >= ROWS_TOLD {
        tracing::info!(
            days = moving.all,
            "past days move to where they take less room: this may take minutes, and stops nothing \
             but this start"
        );
    }
    moving.minutes()?;
    moving.hours()?;
    moving.totals()?;
    let series = "INSERT INTO series (service_id, dimension_id, first_day, last_day)
                  SELECT service_id, dimension_id, min(day), max(day) FROM day
                  GROUP BY service_id, dimension_id";
    execute(on, OPERATION, series, ())?;
    if moving.moved != moving.all {
        // Only when the database contradicted itself, which the check of the third form names.
        let (kept, days) = (moving.moved, moving.all);
        tracing::warn!(kept, days, "some past days were damaged and could not be moved");
        drop_lost(on)?;
    }
    on.execute_batch("DROP TABLE day_blob; DROP TABLE hour; DROP TABLE day")
        .map_err(refused(OPERATION))
}

/// Makes the list of series say what there is, when something of it could not be moved.
fn drop_lost(on: &Connection) -> Result<(), StoreError> {
    execute(on, OPERATION, "DELETE FROM series", ())?;
    for (series, extent) in days::extents(on)? {
        days::note_extent(on, series, extent)?;
    }
    Ok(())
}

struct Moving<'a> {
    on: &'a Connection,
    /// Days of series that there are.
    all: u64,
    moved: u64,
}

impl Moving<'_> {
    /// Days of which minutes are kept.
    fn minutes(&mut self) -> Result<(), StoreError> {
        let sql = "SELECT day, service_id, dimension_id, body FROM day_blob
                   ORDER BY day, service_id, dimension_id LIMIT ?1";
        let insert = "INSERT INTO day_minutes (key, body) VALUES (?1, ?2)";
        let mut insert = self.on.prepare(insert).map_err(refused(OPERATION))?;
        each(self.on, sql, |row| {
            let number = key(row).map_err(refused(OPERATION))?.number();
            let body = row.get_ref(3).map_err(refused(OPERATION))?;
            let body = body.as_blob().unwrap_or_default();
            insert.execute((number, body)).map_err(refused(OPERATION))?;
            self.told();
            Ok(())
        })
    }

    /// Days of which hours are kept, and no minutes.
    fn hours(&mut self) -> Result<(), StoreError> {
        // Hours of a day lie side by side in both tables, so both are read from front to end.
        let sql = "SELECT day.day, day.service_id, day.dimension_id,
                          hour.received, hour.counted, hour.hour
                   FROM day NOT INDEXED CROSS JOIN hour
                     ON hour.service_id = day.service_id
                    AND hour.dimension_id = day.dimension_id
                    AND hour.hour >= day.day * 24 AND hour.hour < day.day * 24 + 24
                   WHERE day.kept = 1
                   ORDER BY day.day, day.service_id, day.dimension_id, hour.hour LIMIT ?1";
        let mut whole: Option<(Key, Vec<(u16, Sums)>)> = None;
        each(self.on, sql, |row| {
            let read = || Ok((key(row)?, sums(row, 3)?, row.get::<_, i64>(5)?));
            let (key, sums, hour) = read().map_err(refused(OPERATION))?;
            let hour = u16::try_from(hour.rem_euclid(HOURS_PER_DAY)).expect("below 24");
            match &mut whole {
                Some((of, hours)) if *of == key => hours.push((hour, sums)),
                _ => {
                    if let Some((of, hours)) = whole.replace((key, vec![(hour, sums)])) {
                        self.put(of, Kept::Hours, &hours)?;
                    }
                }
            }
            Ok(())
        })?;
        match whole {
            Some((of, hours)) => self.put(of, Kept::Hours, &hours),
            None => Ok(()),
        }
    }

    /// Days of which the sum is kept.
    fn totals(&mut self) -> Result<(), StoreError> {
        let sql = "SELECT day, service_id, dimension_id, received, counted FROM day NOT INDEXED
                   WHERE kept = 0 ORDER BY day, service_id, dimension_id LIMIT ?1";
        each(self.on, sql, |row| {
            let read = || Ok((key(row)?, sums(row, 3)?));
            let (key, sums) = read().map_err(refused(OPERATION))?;
            self.put(key, Kept::Days, &[(0, sums)])
        })
    }

    fn put(&mut self, key: Key, kept: Kept, slots: &[(u16, Sums)]) -> Result<(), StoreError> {
        days::put(self.on, key, kept, slots)?;
        self.told();
        Ok(())
    }

    /// Counts a day, and says now and then how many there were.
    fn told(&mut self) {
        self.moved += 1;
        if self.moved.is_multiple_of(ROWS_TOLD) {
            tracing::info!(moved = self.moved, of = self.all, "past days move");
        }
    }
}

/// Calls `each` with every row of a query.
fn each(
    on: &Connection,
    sql: &str,
    mut each: impl FnMut(&Row<'_>) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let mut statement = on.prepare(sql).map_err(refused(OPERATION))?;
    let mut found = statement.query([i64::MAX]).map_err(refused(OPERATION))?;
    while let Some(row) = found.next().map_err(refused(OPERATION))? {
        each(row)?;
    }
    Ok(())
}

/// The columns `day`, `service_id` and `dimension_id`, which come first.
fn key(row: &Row<'_>) -> rusqlite::Result<Key> {
    Ok(Key { day: row.get(0)?, service: row.get(1)?, dimension: row.get(2)? })
}

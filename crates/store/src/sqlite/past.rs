//! Past hours: sums of all services hour by hour, to rebuild baselines from.
//!
//! The table of hours is kept in order of series, and the answer is in order of time. So a window
//! of hours is read at once, service after service, and put in order in memory. The window begins
//! with an hour and grows while it finds little, so that a year of quiet services takes a few
//! windows, and one hour of busy ones is not read with a month behind it.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use outcry_core::series::Dimension;
use outcry_core::series::PastHour;
use outcry_core::units::Text;
use rusqlite::Connection;
use rusqlite::OptionalExtension as _;

use super::fault::refused;
use super::fault::rows;
use super::names::ID_ALL;
use super::names::dimension_of;
use super::series::DIMENSIONS_MAX;
use super::view::at_once;
use crate::StoreError;
use crate::record::MINUTES_PER_HOUR;

/// Hours of the longest window.
const WINDOW_HOURS_MAX: i64 = 1_024;
/// A window that finds more hours of services than this is followed by a shorter one.
const WINDOW_FOUND_MAX: usize = 20_000;
const WINDOW_GROWTH: i64 = 4;
const OPERATION: &str = "read past hours";

/// Sums of past hours, in one snapshot of the database.
pub(super) fn hours(
    on: &Connection,
    (from_hour, until_hour): (i64, i64),
    limit: u32,
) -> Result<Vec<PastHour>, StoreError> {
    at_once(on, |on| {
        let sql = "SELECT id, name FROM service ORDER BY name LIMIT ?1";
        let services: Vec<(i64, Text)> =
            rows(on, OPERATION, sql, [i64::MAX], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let wanted = usize::try_from(limit).unwrap_or(usize::MAX);
        let (mut past, mut dimensions) = (Vec::new(), Dimensions::default());
        let (mut hour, mut length) = (from_hour, 1_i64);
        while past.len() < wanted
            && let Some(first) = next_hour(on, hour)?.filter(|&first| first < until_hour)
        {
            let end = first.saturating_add(length).min(until_hour);
            let mut window = Window::find(on, &services, (first, end))?;
            length = match window.listed.len() {
                0..WINDOW_FOUND_MAX => (length * WINDOW_GROWTH).min(WINDOW_HOURS_MAX),
                _ => (length / WINDOW_GROWTH).max(1),
            };
            window.listed.truncate(wanted - past.len());
            past.extend(window.read(on, &services, &mut dimensions)?);
            hour = end;
        }
        Ok(past)
    })
}

/// The first hour from `hour` on with any count. Index: the primary keys of `cell` and `hour`, one
/// step in each for a service.
fn next_hour(on: &Connection, hour: i64) -> Result<Option<i64>, StoreError> {
    let sql = "SELECT min((SELECT minute FROM cell
                           WHERE service_id = service.id AND minute >= ?1
                           ORDER BY minute LIMIT 1)),
                      min((SELECT hour FROM hour
                           WHERE service_id = service.id AND dimension_id = ?2 AND hour >= ?3
                           ORDER BY hour LIMIT 1))
               FROM service LIMIT 1";
    let found: Option<(Option<i64>, Option<i64>)> = on
        .prepare_cached(sql)
        .and_then(|mut statement| {
            let values = (first_minute(hour), ID_ALL, hour);
            statement.query_row(values, |row| Ok((row.get(0)?, row.get(1)?))).optional()
        })
        .map_err(refused(OPERATION))?;
    let (minute, folded) = found.unwrap_or_default();
    let unfolded = minute.map(|minute| minute.div_euclid(MINUTES_PER_HOUR));
    Ok([unfolded, folded].into_iter().flatten().min())
}

/// Hours of services that had problem reports in a stretch of time.
#[derive(Default)]
struct Window {
    /// The hour, and the place of the service in the list; in order.
    listed: Vec<(i64, usize)>,
    /// What is not folded, by service, hour and number of dimension.
    fresh: BTreeMap<usize, BTreeMap<(i64, i64), u64>>,
}

impl Window {
    /// Finds out which there are. Index: the primary keys of `cell` and `hour`.
    fn find(
        on: &Connection,
        services: &[(i64, Text)],
        (from, until): (i64, i64),
    ) -> Result<Self, StoreError> {
        let mut window = Self::default();
        let of_cells = "SELECT minute, dimension_id, counted FROM cell
                        WHERE service_id = ?1 AND minute >= ?2 AND minute < ?3 LIMIT ?4";
        let of_hours = "SELECT hour FROM hour
                        WHERE service_id = ?1 AND dimension_id = ?2 AND hour >= ?3 AND hour < ?4
                        ORDER BY hour LIMIT ?5";
        for (i, (id, _)) in services.iter().enumerate() {
            let minutes = (id, first_minute(from), first_minute(until), i64::MAX);
            let cells: Vec<(i64, i64, i64)> = rows(on, OPERATION, of_cells, minutes, |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?))
            })?;
            let values = (id, ID_ALL, from, until, i64::MAX);
            let mut hours: Vec<i64> = rows(on, OPERATION, of_hours, values, |row| row.get(0))?;
            if !cells.is_empty() {
                let fresh = window.fresh.entry(i).or_default();
                for (minute, dimension, counted) in cells {
                    let hour = minute.div_euclid(MINUTES_PER_HOUR);
                    *fresh.entry((hour, dimension)).or_default() += counted.unsigned_abs();
                    if dimension == ID_ALL {
                        hours.push(hour);
                    }
                }
                hours.sort_unstable();
                hours.dedup();
            }
            window.listed.extend(hours.into_iter().map(|hour| (hour, i)));
        }
        window.listed.sort_unstable();
        Ok(window)
    }

    /// Reads the sums of what is listed. Index: the primary key of `hour`.
    fn read(
        mut self,
        on: &Connection,
        services: &[(i64, Text)],
        dimensions: &mut Dimensions,
    ) -> Result<Vec<PastHour>, StoreError> {
        let mut spans: BTreeMap<usize, (i64, i64)> = BTreeMap::new();
        for &(hour, i) in &self.listed {
            spans.entry(i).or_insert((hour, hour)).1 = hour;
        }
        // Steps from one dimension of the service to the next, and reads its hours.
        let sql = "WITH RECURSIVE met (id) AS (
                     SELECT min(dimension_id) FROM hour WHERE service_id = ?1
                     UNION ALL
                     SELECT (SELECT min(dimension_id) FROM hour
                             WHERE service_id = ?1 AND dimension_id > met.id)
                     FROM met WHERE met.id IS NOT NULL LIMIT ?4)
                   SELECT hour.hour, hour.dimension_id, hour.counted FROM met CROSS JOIN hour
                   WHERE hour.service_id = ?1 AND hour.dimension_id = met.id
                     AND hour.hour BETWEEN ?2 AND ?3
                   LIMIT ?5";
        let mut sums: BTreeMap<(i64, usize), BTreeMap<Dimension, u64>> =
            self.listed.iter().map(|key| (*key, BTreeMap::new())).collect();
        for (i, (first, last)) in spans {
            let values = (services[i].0, first, last, DIMENSIONS_MAX, i64::MAX);
            let folded: Vec<(i64, i64, i64)> = rows(on, OPERATION, sql, values, |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?))
            })?;
            let folded = folded.into_iter().map(|(hour, of, sum)| (hour, of, sum.unsigned_abs()));
            let fresh = self.fresh.remove(&i).unwrap_or_default();
            let fresh = fresh.into_iter().map(|((hour, of), sum)| (hour, of, sum));
            for (hour, dimension, counted) in folded.chain(fresh) {
                let Some(of_hour) = sums.get_mut(&(hour, i)) else { continue };
                let dimension = dimensions.name(on, dimension)?;
                match of_hour.get_mut(dimension) {
                    Some(sum) => *sum += counted,
                    None => drop(of_hour.insert(dimension.clone(), counted)),
                }
            }
        }
        let past = |((hour, i), sums): ((i64, usize), _)| past_hour(&services[i].1, hour, sums);
        Ok(sums.into_iter().map(past).collect())
    }
}

/// Dimensions by number, each looked up once.
#[derive(Default)]
struct Dimensions(BTreeMap<i64, Dimension>);

impl Dimensions {
    fn name(&mut self, on: &Connection, id: i64) -> Result<&Dimension, StoreError> {
        Ok(match self.0.entry(id) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => new.insert(dimension_of(on, id)?),
        })
    }
}

fn past_hour(service: &Text, hour: i64, sums: BTreeMap<Dimension, u64>) -> PastHour {
    let (components, problems, countries) = (Vec::new(), Vec::new(), Vec::new());
    let service = service.clone();
    let mut past = PastHour { service, hour, total: 0, components, problems, countries };
    for (dimension, sum) in sums.into_iter().filter(|(_, sum)| *sum > 0) {
        match dimension {
            Dimension::All => past.total = sum,
            Dimension::Component(name) => past.components.push((name, sum)),
            Dimension::Problem(name) => past.problems.push((name, sum)),
            Dimension::Country(Some(country)) => past.countries.push((country, sum)),
            Dimension::Country(None) | Dimension::Works => {}
        }
    }
    past
}

fn first_minute(hour: i64) -> i64 {
    hour.saturating_mul(MINUTES_PER_HOUR)
}

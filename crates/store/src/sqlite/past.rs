//! Past hours: sums of all services hour by hour, to rebuild baselines from.
//!
//! A walk through the days, in the order they are kept in. Of each day the hours that had problem
//! reports are listed first, and only as many of them are added up as were asked for: a day of many
//! services may have more, and is then read again for the next ones.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::collections::btree_map::Entry;

use outcry_core::series::Dimension;
use outcry_core::series::PastHour;
use outcry_core::time::UnixMinute;
use outcry_core::units::Text;
use rusqlite::Connection;
use rusqlite::OptionalExtension as _;

use super::days;
use super::days::Which;
use super::fault::refused;
use super::fault::rows;
use super::names::ID_ALL;
use super::names::damaged;
use super::names::dimension_of;
use super::series::day_of;
use super::series::hours_of;
use super::view::at_once;
use crate::StoreError;
use crate::record::HOURS_PER_DAY;
use crate::record::Kept;
use crate::record::MINUTES_PER_HOUR;

const OPERATION: &str = "read past hours";
/// An hour, and the place of a service in the list of services.
type Spot = (i64, usize);

/// Sums of past hours, in one snapshot of the database.
pub(super) fn hours(
    on: &Connection,
    (from_hour, until_hour): (i64, i64),
    limit: u32,
) -> Result<Vec<PastHour>, StoreError> {
    at_once(on, |on| {
        let mut past = Past::of(on, from_hour)?;
        let wanted = usize::try_from(limit).unwrap_or(usize::MAX);
        let (mut found, mut hour) = (Vec::new(), from_hour);
        while found.len() < wanted
            && let Some(day) = past.next_day(hour)?
        {
            let (first, last) = hours_of(day);
            let span = (hour.max(first), until_hour.min(last.saturating_add(1)));
            if span.0 >= span.1 {
                break;
            }
            let mut listed = past.list(day, span)?;
            if let Some(&end) = listed.iter().nth(wanted - found.len()) {
                drop(listed.split_off(&end));
            }
            found.extend(past.read(day, listed)?);
            hour = span.1;
            past.pass(hour)?;
        }
        Ok(found)
    })
}

/// The services, and how far each was read.
struct Past<'a> {
    on: &'a Connection,
    services: Vec<Service>,
    /// Places in that list by number.
    places: BTreeMap<i64, usize>,
    dimensions: Dimensions,
}

struct Service {
    id: i64,
    name: Text,
    /// Its next minute that is not folded.
    next_minute: Option<i64>,
}

impl<'a> Past<'a> {
    /// Index: the primary key of `cell`, one step in it for a service.
    fn of(on: &'a Connection, from_hour: i64) -> Result<Self, StoreError> {
        let sql = "SELECT id, name, (SELECT minute FROM cell
                                     WHERE service_id = service.id AND minute >= ?1
                                     ORDER BY minute LIMIT 1)
                   FROM service ORDER BY name LIMIT ?2";
        let values = (first_minute(from_hour), i64::MAX);
        let services: Vec<Service> = rows(on, OPERATION, sql, values, |row| {
            Ok(Service { id: row.get(0)?, name: row.get(1)?, next_minute: row.get(2)? })
        })?;
        let places = services.iter().enumerate().map(|(i, service)| (service.id, i)).collect();
        Ok(Self { on, services, places, dimensions: Dimensions::default() })
    }

    /// The first day with any count in the hours from `hour` on, or the day of `hour`.
    fn next_day(&self, hour: i64) -> Result<Option<i64>, StoreError> {
        let day = hour.div_euclid(HOURS_PER_DAY);
        let folded = days::next_day(self.on, day)?;
        let minutes = self.services.iter().filter_map(|service| service.next_minute).min();
        let fresh = minutes.map(|minute| day_of(UnixMinute(minute)));
        Ok([folded, fresh].into_iter().flatten().min())
    }

    /// The hours of a day in which services had problem reports. Index: the primary keys.
    fn list(&self, day: i64, (from, until): (i64, i64)) -> Result<BTreeSet<Spot>, StoreError> {
        let mut listed = BTreeSet::new();
        self.each_hour(day, Some(ID_ALL), |hour, place, _, _| {
            if (from..until).contains(&hour) {
                listed.insert((hour, place));
            }
        })?;
        let sql = "SELECT minute FROM cell
                   WHERE service_id = ?1 AND minute >= ?2 AND minute < ?3 AND dimension_id = ?4
                   LIMIT ?5";
        let (first, end) = (first_minute(from), first_minute(until));
        for (place, service) in self.services.iter().enumerate() {
            if service.next_minute.is_some_and(|minute| minute < end) {
                let values = (service.id, first, end, ID_ALL, i64::MAX);
                let minutes: Vec<i64> = rows(self.on, OPERATION, sql, values, |row| row.get(0))?;
                listed.extend(minutes.into_iter().map(|minute| (hour_of(minute), place)));
            }
        }
        Ok(listed)
    }

    /// Adds up hours of a day. Index: the primary keys.
    fn read(&mut self, day: i64, listed: BTreeSet<Spot>) -> Result<Vec<PastHour>, StoreError> {
        let mut spans: BTreeMap<usize, (i64, i64)> = BTreeMap::new();
        for &(hour, place) in &listed {
            spans.entry(place).or_insert((hour, hour)).1 = hour;
        }
        let mut sums: BTreeMap<Spot, BTreeMap<i64, u64>> =
            listed.into_iter().map(|spot| (spot, BTreeMap::new())).collect();
        let mut add = |hour, place, dimension, counted: u64| {
            if let Some(of_hour) = sums.get_mut(&(hour, place)) {
                let sum = of_hour.entry(dimension).or_default();
                *sum = sum.saturating_add(counted);
            }
        };
        if !spans.is_empty() {
            self.each_hour(day, None, &mut add)?;
        }
        let sql = "SELECT minute, dimension_id, counted FROM cell
                   WHERE service_id = ?1 AND minute >= ?2 AND minute < ?3 LIMIT ?4";
        for (place, (first, last)) in spans {
            let Service { id, next_minute, .. } = self.services[place];
            let end = first_minute(last.saturating_add(1));
            if next_minute.is_some_and(|minute| minute < end) {
                let values = (id, first_minute(first), end, i64::MAX);
                let cells: Vec<(i64, i64, i64)> = rows(self.on, OPERATION, sql, values, |row| {
                    Ok((row.get(0)?, row.get(1)?, row.get(2)?))
                })?;
                for (minute, dimension, counted) in cells {
                    add(hour_of(minute), place, dimension, counted.unsigned_abs());
                }
            }
        }
        let mut past = Vec::with_capacity(sums.len());
        for ((hour, place), of_hour) in sums {
            let mut named = BTreeMap::new();
            for (dimension, counted) in of_hour {
                named.insert(self.dimensions.name(self.on, dimension)?.clone(), counted);
            }
            past.push(past_hour(&self.services[place].name, hour, named));
        }
        Ok(past)
    }

    /// Calls `each` with hour, service, dimension and count of what is folded of a day, of one
    /// dimension or of all.
    fn each_hour(
        &self,
        day: i64,
        only: Option<i64>,
        mut each: impl FnMut(i64, usize, i64, u64),
    ) -> Result<(), StoreError> {
        for kept in [Kept::Minutes, Kept::Hours] {
            let slots = MINUTES_PER_HOUR / days::step(kept);
            days::walk(self.on, kept, Which::All, (day, day), |key, row| {
                let Some(&place) = self.places.get(&key.service) else { return Ok(true) };
                if only.is_some_and(|only| key.dimension != only) {
                    return Ok(true);
                }
                let first = hours_of(key.day).0;
                let mut last: Option<(i64, u64)> = None;
                days::unpack(kept, key, row, |slot, sums| {
                    let hour = first + i64::from(slot) / slots;
                    match &mut last {
                        Some((of, sum)) if *of == hour => *sum = sum.saturating_add(sums.counted),
                        _ => {
                            if let Some((of, sum)) = last.replace((hour, sums.counted)) {
                                each(of, place, key.dimension, sum);
                            }
                        }
                    }
                })
                .map_err(|what| damaged(self.on, key, what))?;
                if let Some((of, sum)) = last {
                    each(of, place, key.dimension, sum);
                }
                Ok(true)
            })?;
        }
        Ok(())
    }

    /// Leaves everything before an hour behind. Index: the primary key of `cell`.
    fn pass(&mut self, hour: i64) -> Result<(), StoreError> {
        let sql = "SELECT minute FROM cell WHERE service_id = ?1 AND minute >= ?2
                   ORDER BY minute LIMIT 1";
        let first = first_minute(hour);
        for service in &mut self.services {
            if service.next_minute.is_some_and(|minute| minute < first) {
                service.next_minute = self
                    .on
                    .prepare_cached(sql)
                    .and_then(|mut query| {
                        query.query_row((service.id, first), |row| row.get(0)).optional()
                    })
                    .map_err(refused(OPERATION))?;
            }
        }
        Ok(())
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

fn hour_of(minute: i64) -> i64 {
    minute.div_euclid(MINUTES_PER_HOUR)
}

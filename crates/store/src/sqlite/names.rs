//! Names: services and dimensions are written once and then called by number.
//!
//! Numbers learnt inside a transaction that is rolled back must be forgotten with it, or cells
//! would be stored under a number that nobody has. Numbers of committed names never change.

use std::collections::BTreeMap;

use outcry_core::series::Dimension;
use outcry_core::time::DAY_MS;
use outcry_core::time::UnixMillis;
use outcry_core::units::Country;
use outcry_core::units::Text;
use rusqlite::Connection;
use rusqlite::OptionalExtension as _;

use super::fault::execute;
use super::fault::refused;
use super::key::Key;
use super::key::NUMBER_MAX;
use crate::StoreError;

const OPERATION: &str = "look up a name";

/// The numbers of names this connection has met.
#[derive(Debug, Default)]
pub(super) struct Names {
    services: BTreeMap<Text, i64>,
    dimensions: BTreeMap<Dimension, i64>,
    new_services: Vec<Text>,
    new_dimensions: Vec<Dimension>,
}

impl Names {
    /// The number of a service; gives it one if it has none.
    pub(super) fn service(&mut self, on: &Connection, name: &Text) -> Result<i64, StoreError> {
        if let Some(&id) = self.services.get(name) {
            return Ok(id);
        }
        let id = match service_id(on, name)? {
            Some(id) => id,
            None => {
                execute(on, OPERATION, "INSERT INTO service (name) VALUES (?1)", [&**name])?;
                fit(on.last_insert_rowid())?
            }
        };
        self.services.insert(name.clone(), id);
        self.new_services.push(name.clone());
        Ok(id)
    }

    /// The number of a dimension; gives it one if it has none.
    pub(super) fn dimension(&mut self, on: &Connection, of: &Dimension) -> Result<i64, StoreError> {
        if let Some(&id) = self.dimensions.get(of) {
            return Ok(id);
        }
        let id = match dimension_id(on, of)? {
            Some(id) => id,
            None => {
                let sql = "INSERT INTO dimension (kind, name) VALUES (?1, ?2)";
                execute(on, OPERATION, sql, kind_and_name(of))?;
                fit(on.last_insert_rowid())?
            }
        };
        self.dimensions.insert(of.clone(), id);
        self.new_dimensions.push(of.clone());
        Ok(id)
    }

    /// The transaction was committed: what was learnt in it holds.
    pub(super) fn keep(&mut self) {
        self.new_services.clear();
        self.new_dimensions.clear();
    }

    /// The transaction was rolled back: what was learnt in it does not hold.
    pub(super) fn forget(&mut self) {
        for name in self.new_services.drain(..) {
            self.services.remove(&name);
        }
        for dimension in self.new_dimensions.drain(..) {
            self.dimensions.remove(&dimension);
        }
    }
}

/// Refuses a number that no key can say.
fn fit(number: i64) -> Result<i64, StoreError> {
    match number <= NUMBER_MAX {
        true => Ok(number),
        false => {
            Err(StoreError::BadBatch { what: "there are more than a million names: merge some" })
        }
    }
}

/// The number of a service, if it has one. Index: the unique one on `name`.
pub(super) fn service_id(on: &Connection, name: &str) -> Result<Option<i64>, StoreError> {
    on.prepare_cached("SELECT id FROM service WHERE name = ?1 LIMIT 1")
        .and_then(|mut statement| statement.query_row([name], |row| row.get(0)).optional())
        .map_err(refused(OPERATION))
}

/// The number of a dimension, if it has one. Index: the unique one on `(kind, name)`.
pub(super) fn dimension_id(on: &Connection, of: &Dimension) -> Result<Option<i64>, StoreError> {
    on.prepare_cached("SELECT id FROM dimension WHERE kind = ?1 AND name = ?2 LIMIT 1")
        .and_then(|mut query| query.query_row(kind_and_name(of), |row| row.get(0)).optional())
        .map_err(refused(OPERATION))
}

/// The dimension of a number. Index: the primary key of `dimension`.
pub(super) fn dimension_of(on: &Connection, id: i64) -> Result<Dimension, StoreError> {
    let found: Option<(i64, Text)> = on
        .prepare_cached("SELECT kind, name FROM dimension WHERE id = ?1 LIMIT 1")
        .and_then(|mut query| {
            query.query_row([id], |row| Ok((row.get(0)?, row.get(1)?))).optional()
        })
        .map_err(refused(OPERATION))?;
    match found {
        Some((KIND_ALL, _)) => Ok(Dimension::All),
        Some((KIND_WORKS, _)) => Ok(Dimension::Works),
        Some((KIND_COMPONENT, name)) => Ok(Dimension::Component(name)),
        Some((KIND_PROBLEM, name)) => Ok(Dimension::Problem(name)),
        Some((KIND_COUNTRY, name)) => Ok(Dimension::Country(Country::parse(&name))),
        _ => Err(StoreError::Corrupt { what: format!("nothing says what dimension {id} is") }),
    }
}

/// Names a series of one day in words.
pub(super) fn label(on: &Connection, key: Key) -> String {
    let service: Option<Text> = on
        .prepare_cached("SELECT name FROM service WHERE id = ?1 LIMIT 1")
        .and_then(|mut query| query.query_row([key.service], |row| row.get(0)).optional())
        .unwrap_or_default();
    let service = service.unwrap_or_else(|| format!("number {}", key.service).into());
    let dimension = match dimension_of(on, key.dimension) {
        Ok(Dimension::All) => "all reports".to_owned(),
        Ok(Dimension::Works) => "works for me".to_owned(),
        Ok(Dimension::Component(name)) => format!("component \"{name}\""),
        Ok(Dimension::Problem(name)) => format!("problem \"{name}\""),
        Ok(Dimension::Country(Some(country))) => format!("country {country}"),
        Ok(Dimension::Country(None)) => "country not known".to_owned(),
        Err(_) => format!("dimension {}", key.dimension),
    };
    let date = UnixMillis(key.day.saturating_mul(DAY_MS)).date();
    format!("service {service}, {dimension}, {date}")
}

/// A blob that cannot be read; `what` completes "the blob ...".
pub(super) fn damaged(on: &Connection, key: Key, what: &str) -> StoreError {
    StoreError::Corrupt { what: format!("{}: the blob {what}", label(on, key)) }
}

/// A dimension as the columns `kind` and `name` hold it.
fn kind_and_name(dimension: &Dimension) -> (i64, &str) {
    match dimension {
        Dimension::All => (KIND_ALL, ""),
        Dimension::Works => (KIND_WORKS, ""),
        Dimension::Component(name) => (KIND_COMPONENT, name),
        Dimension::Problem(name) => (KIND_PROBLEM, name),
        Dimension::Country(country) => (KIND_COUNTRY, country.as_ref().map_or("", Country::code)),
    }
}

const KIND_ALL: i64 = 1;
const KIND_WORKS: i64 = 2;
const KIND_COMPONENT: i64 = 3;
const KIND_PROBLEM: i64 = 4;
const KIND_COUNTRY: i64 = 5;
/// `id` of the dimension of all problem reports, given in the first migration.
pub(super) const ID_ALL: i64 = 1;
/// `id` of the dimension of "works for me", given in the first migration.
pub(super) const ID_WORKS: i64 = 2;

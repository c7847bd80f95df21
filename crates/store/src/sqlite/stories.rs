//! Stories: incidents as they stand, and the case files that were frozen on the way.

use std::fmt::Display;

use outcry_core::evidence::CaseFile;
use outcry_core::incident::Incident;
use outcry_core::time::UnixMillis;
use outcry_wire::case_file;
use outcry_wire::incident::read_incident;
use outcry_wire::incident::write_incident;
use rusqlite::Connection;
use rusqlite::ToSql;

use super::fault::execute;
use super::fault::rows;
use crate::StoreError;
use crate::record::IncidentFilter;
use crate::record::Openness;

/// Stores incidents that are newer than what is there. Index: the unique one on `id`.
pub(super) fn add_incidents(on: &Connection, incidents: &[Incident]) -> Result<(), StoreError> {
    let sql = "INSERT INTO incident (id, service, opened_at, open, revision, body)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6)
               ON CONFLICT (id) DO UPDATE SET
                 service = excluded.service, opened_at = excluded.opened_at,
                 open = excluded.open, revision = excluded.revision, body = excluded.body
               WHERE excluded.revision > revision";
    for incident in incidents {
        let values = (
            &*incident.id.0,
            &*incident.service,
            incident.opened_at.0,
            incident.is_open(),
            incident.revision,
            write_incident(incident),
        );
        execute(on, "store an incident", sql, values)?;
    }
    Ok(())
}

/// Stores case files that are not there yet. Index: the unique one on `(incident, revision)`.
pub(super) fn add_cases(on: &Connection, cases: &[CaseFile]) -> Result<(), StoreError> {
    let sql = "INSERT INTO case_file (incident, revision, as_of, body) VALUES (?1, ?2, ?3, ?4)
               ON CONFLICT (incident, revision) DO NOTHING";
    for case in cases {
        let incident = &case.incident;
        let values = (&*incident.id.0, incident.revision, case.as_of.0, case_file::write(case));
        execute(on, "store a case file", sql, values)?;
    }
    Ok(())
}

/// One incident. Index: the unique one on `id`.
pub(super) fn incident(on: &Connection, id: &str) -> Result<Option<Incident>, StoreError> {
    let sql = "SELECT id, body FROM incident WHERE id = ?1 LIMIT 1";
    Ok(read_incidents(on, sql, &[&id])?.pop())
}

/// A page of incidents, newest first. Index: `incident_by_time`, `incident_by_service` or
/// `incident_open`; only of one service *and* open, which are few, the rest is sifted.
pub(super) fn incidents(
    on: &Connection,
    filter: &IncidentFilter,
    limit: u32,
) -> Result<Vec<Incident>, StoreError> {
    let (mut conditions, mut values): (Vec<&str>, Vec<&dyn ToSql>) = (Vec::new(), Vec::new());
    if filter.openness == Openness::Open {
        conditions.push("open = 1");
    }
    let service = filter.service.as_deref();
    if service.is_some() {
        conditions.push("service = ?");
        values.push(&service);
    }
    let before = filter.before.as_ref().map(|(at, id)| (at.0, &*id.0));
    if let Some((at, id)) = &before {
        conditions.push("(opened_at, id) < (?, ?)");
        values.extend([at as &dyn ToSql, id]);
    }
    values.push(&limit);
    let conditions = match conditions.is_empty() {
        true => String::new(),
        false => format!("WHERE {}", conditions.join(" AND ")),
    };
    let sql = format!(
        "SELECT id, body FROM incident {conditions} ORDER BY opened_at DESC, id DESC LIMIT ?"
    );
    read_incidents(on, &sql, &values)
}

/// The case file of a revision, or the latest. Index: the unique one on `(incident, revision)`.
pub(super) fn case_file(
    on: &Connection,
    incident: &str,
    revision: Option<u32>,
) -> Result<Option<CaseFile>, StoreError> {
    let operation = "read a case file";
    let latest = "SELECT body FROM case_file WHERE incident = ?1
                  ORDER BY revision DESC LIMIT 1";
    let exact = "SELECT body FROM case_file WHERE incident = ?1 AND revision = ?2 LIMIT 1";
    let mut bodies: Vec<String> = match revision {
        None => rows(on, operation, latest, [incident], |row| row.get(0))?,
        Some(revision) => rows(on, operation, exact, (incident, revision), |row| row.get(0))?,
    };
    let read =
        |body: String| case_file::read(&body).map_err(|e| damaged("a case file of", incident, &e));
    bodies.pop().map(read).transpose()
}

/// Revisions with a case file, latest first. Index: the unique one on `(incident, revision)`.
pub(super) fn case_revisions(
    on: &Connection,
    incident: &str,
    limit: u32,
) -> Result<Vec<(u32, UnixMillis)>, StoreError> {
    let sql = "SELECT revision, as_of FROM case_file WHERE incident = ?1
               ORDER BY revision DESC LIMIT ?2";
    rows(on, "list case files", sql, (incident, limit), |row| {
        Ok((row.get(0)?, UnixMillis(row.get(1)?)))
    })
}

fn read_incidents(
    on: &Connection,
    sql: &str,
    values: &[&dyn ToSql],
) -> Result<Vec<Incident>, StoreError> {
    let stored: Vec<(String, String)> =
        rows(on, "read incidents", sql, values, |row| Ok((row.get(0)?, row.get(1)?)))?;
    let read = |(id, body): (String, String)| {
        read_incident(&body).map_err(|error| damaged("incident", &id, &error))
    };
    stored.into_iter().map(read).collect()
}

fn damaged(kind: &str, id: &str, error: &dyn Display) -> StoreError {
    StoreError::Corrupt { what: format!("{kind} {id}: {error}") }
}

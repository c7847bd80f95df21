//! Incidents of other installations, whole or flat. They stand in a table of their own, with their
//! source and licence, are never changed, and leave again with an export.

use std::path::Path;

use outcry_core::catalog::is_slug;
use outcry_core::time::UnixMillis;
use outcry_store::import::ImportedIncident;
use outcry_store::log::Log;
use outcry_table::format::Format;
use outcry_table::value::Value;
use serde_json::Value as Json;

use crate::cli::BadInput;
use crate::cli::import::Given;
use crate::cli::import::Mistakes;
use crate::cli::import::each_row;
use crate::config::Config;
use crate::start::count_all;
use crate::tables;

/// Incidents that are imported at once: they are in memory until all were looked at.
const INCIDENTS_MAX: usize = 100_000;
/// Bytes of an incident.
const LINE_BYTES_MAX: usize = 1 << 20;

/// Imports incidents.
pub fn import(config: &Config, log: &Log, given: &Given) -> anyhow::Result<()> {
    let (mut incidents, mut mistakes) = (Vec::new(), Mistakes::default());
    for file in &given.files {
        read(given, file, &mut incidents, &mut mistakes)?;
    }
    mistakes.judge(given)?;
    let (mut store, _) = count_all(config, log)?;
    let new = store.import_incidents(&incidents)?;
    let known = incidents.len() as u64 - new;
    say!("imported {new} incidents; {known} were there already")?;
    Ok(())
}

fn read(
    given: &Given,
    file: &Path,
    incidents: &mut Vec<ImportedIncident>,
    mistakes: &mut Mistakes,
) -> anyhow::Result<()> {
    let mut take = |read: Result<ImportedIncident, String>| {
        match read {
            Ok(incident) => incidents.push(incident),
            Err(what) => mistakes.add(what),
        }
        if incidents.len() > INCIDENTS_MAX {
            let what = format!("more than {INCIDENTS_MAX} incidents: import fewer files at once");
            anyhow::bail!(BadInput(what));
        }
        Ok(())
    };
    let format = Format::of_path(file).map_err(|error| BadInput(error.to_string()))?;
    if format == (Format::Jsonl, outcry_table::format::Packing::Plain) {
        let text = crate::data::text_of(file)?;
        for (number, line) in (1_u64..).zip(text.lines()) {
            if !line.trim().is_empty() {
                let read = incident(given, line);
                take(read.map_err(|what| format!("{}, line {number}: {what}", file.display())))?;
            }
        }
        return Ok(());
    }
    each_row(file, tables::incidents(), |at, row| {
        let line = row.map(|row| line_of(&row));
        take(line.and_then(|line| {
            let place = crate::cli::import::place(file, at);
            incident(given, &line).map_err(|what| format!("{place}: {what}"))
        }))
    })
}

/// Reads a line, whole or flat.
fn incident(given: &Given, line: &str) -> Result<ImportedIncident, String> {
    if line.len() > LINE_BYTES_MAX {
        return Err(format!("the line has over {LINE_BYTES_MAX} bytes; write less"));
    }
    let mut body: Json =
        serde_json::from_str(line).map_err(|error| format!("it is no JSON object: {error}"))?;
    if body.get("type").is_some_and(|kind| kind != "incident") {
        return Err("it is no incident; leave it out".into());
    }
    let id = text(&body, "id").filter(|id| id.len() <= 200).ok_or("it has no id")?;
    let service = text(&body, "service").filter(|slug| is_slug(slug));
    let service = service.ok_or("service is the slug of one, such as \"x\"")?;
    if !matches!(text(&body, "severity"), Some("warning" | "danger")) {
        return Err("severity is warning or danger".into());
    }
    let time = |name: &str| text(&body, name).and_then(UnixMillis::parse);
    let opened_at = time("opened_at").ok_or("opened_at is a time like 2025-03-10T09:45:00Z")?;
    if !body["closed_at"].is_null() && time("closed_at").is_none_or(|at| at < opened_at) {
        return Err("closed_at is a time after opened_at, or null".into());
    }
    for name in ["reports_counted", "reports_received"] {
        if body[name].as_u64().is_none() {
            return Err(format!("{name} is a whole number"));
        }
    }
    let whole = body["surges"].as_array().is_some_and(|surges| {
        !surges.is_empty() && surges.iter().all(|surge| surge["peak"].as_u64().is_some())
    });
    if !whole && (body["surges"].as_u64().is_none() || body["peak"].as_u64().is_none()) {
        return Err("surges is a list of surges, or a number with peak beside it".into());
    }
    if !body["reconstruction"].is_boolean() {
        return Err("reconstruction is true or false".into());
    }
    let revision = body["revision"].as_u64().and_then(|n| u32::try_from(n).ok());
    let revision = revision.ok_or("revision is a whole number")?;
    let source = text(&body, "source").filter(|source| !source.is_empty());
    let incident = ImportedIncident {
        source: source.unwrap_or(&given.source).into(),
        id: id.into(),
        service: service.into(),
        opened_at,
        revision,
        body: String::new(),
    };
    let kept = source.is_some() && (body["licence"].is_string() || given.licence.is_none());
    if kept {
        return Ok(ImportedIncident { body: line.trim().to_owned(), ..incident });
    }
    body["source"] = incident.source.to_string().into();
    if !body["licence"].is_string() {
        body["licence"] = given.licence.clone().map_or(Json::Null, Json::from);
    }
    Ok(ImportedIncident { body: body.to_string(), ..incident })
}

fn text<'a>(body: &'a Json, name: &str) -> Option<&'a str> {
    body.get(name)?.as_str()
}

/// A flat row as a line.
fn line_of(row: &[Value]) -> String {
    let mut line = serde_json::Map::new();
    for (column, value) in tables::incidents().columns.iter().zip(row) {
        let value = match value {
            Value::None => Json::Null,
            Value::Integer(number) => (*number).into(),
            Value::Flag(flag) => (*flag).into(),
            other => other.to_string().into(),
        };
        line.insert(column.name.to_owned(), value);
    }
    Json::Object(line).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    const FLAT: &str = r#"{"id":"x-2025-03-10-1","service":"x","severity":"danger",
        "opened_at":"2025-03-10T09:45:00Z","surges":1,"peak":9,"reports_counted":9,
        "reports_received":9,"reconstruction":true,"revision":3}"#;

    fn given(licence: Option<&str>) -> Given {
        Given {
            files: Vec::new(),
            source: "there".into(),
            licence: licence.map(str::to_owned),
            skip_bad: false,
        }
    }

    #[test]
    fn an_incident_that_names_no_source_gets_the_one_given() {
        let read = incident(&given(Some("CC0-1.0")), FLAT).expect("a flat incident");
        assert_eq!(&*read.source, "there");
        let body: Json = serde_json::from_str(&read.body).expect("an object");
        assert_eq!(
            (body["source"].as_str(), body["licence"].as_str()),
            (Some("there"), Some("CC0-1.0"))
        );
    }

    #[test]
    fn every_field_that_is_wrong_is_named() {
        for (right, wrong, name) in [
            ("\"danger\"", "\"bad\"", "severity"),
            ("\"service\":\"x\"", "\"service\":\"=x\"", "service"),
            ("2025-03-10T09:45:00Z", "yesterday", "opened_at"),
            ("\"surges\":1", "\"surges\":[]", "surges"),
            ("\"revision\":3", "\"revision\":-3", "revision"),
        ] {
            let error = incident(&given(None), &FLAT.replace(right, wrong)).expect_err(name);
            assert!(error.contains(name), "{error}");
        }
    }
}

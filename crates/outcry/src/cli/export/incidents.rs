//! Incidents: our own, newest first, then those that were imported.
//!
//! As JSON lines each is whole, as `replay --json` writes it, with `source` and `licence` behind.
//! A flat row has what fits into columns.

use std::io::BufWriter;
use std::io::Write;

use outcry_core::incident::Incident;
use outcry_core::incident::IncidentId;
use outcry_core::incident::Severity;
use outcry_core::time::UnixMillis;
use outcry_core::units::Text;
use outcry_store::Store;
use outcry_store::import::ImportedIncident;
use outcry_store::record::IncidentFilter;
use outcry_store::record::Openness;
use outcry_store::sqlite::SqliteStore;
use outcry_table::format::Format;
use outcry_table::format::Packing;
use outcry_table::value::Value;
use outcry_wire::incident::incident_line;

use crate::cli::BadInput;
use crate::cli::export::sink;
use crate::cli::export::sink::Stream;
use crate::cli::export::sink::Wanted;
use crate::config::Config;
use crate::tables;

/// Incidents read at once.
const PAGE: u32 = 1_000;

/// How much of an incident is written as JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// All of it.
    Whole,
    /// What fits into columns.
    Flat,
}

/// Calls `take` with every incident of this installation, a page at a time.
pub fn each_own(
    store: &dyn Store,
    service: Option<&str>,
    mut take: impl FnMut(&Incident) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let mut before: Option<(UnixMillis, IncidentId)> = None;
    loop {
        let filter = IncidentFilter {
            service: service.map(Text::from),
            openness: Openness::Any,
            before: before.clone(),
        };
        let page = store.incidents(&filter, PAGE)?;
        let Some(last) = page.last() else { return Ok(()) };
        before = Some((last.opened_at, last.id.clone()));
        page.iter().try_for_each(&mut take)?;
    }
}

/// Writes all incidents.
pub fn incidents(
    config: &Config,
    store: &SqliteStore,
    service: Option<&str>,
    (wanted, shape): (&Wanted, Shape),
) -> anyhow::Result<()> {
    let own = tables::own_source(config);
    let (format, packing) = wanted.format(Format::Jsonl)?;
    if format == Format::Jsonl && shape == Shape::Whole {
        if packing != Packing::Plain {
            anyhow::bail!(BadInput("whole incidents are not packed: add --flat".into()));
        }
        return lines(store, service, &own, wanted);
    }
    let (sink, mut table) = wanted.table(Format::Jsonl, tables::incidents())?;
    each_own(store, service, |incident| {
        sink::write(wanted, &mut table, (&own, None), &row(incident, &own))
    })?;
    each_imported(store, service, |incident| {
        let body: serde_json::Value = serde_json::from_str(&incident.body)?;
        let licence = body["licence"].as_str();
        sink::write(wanted, &mut table, (&incident.source, licence), &flat(incident, &body))
    })?;
    sink.keep(table.finish()?)
}

/// Writes whole incidents as lines.
fn lines(
    store: &SqliteStore,
    service: Option<&str>,
    own: &str,
    wanted: &Wanted,
) -> anyhow::Result<()> {
    let (sink, stream) = wanted.open()?;
    let mut out: BufWriter<Stream> = BufWriter::new(stream);
    if wanted.takes(own, None) {
        let source = serde_json::to_string(own)?;
        each_own(store, service, |incident| {
            let line = incident_line(incident, None);
            let open = line.strip_suffix('}').unwrap_or(&line);
            Ok(writeln!(out, "{open},\"source\":{source},\"licence\":null}}")?)
        })?;
    }
    each_imported(store, service, |incident| {
        let body: serde_json::Value = serde_json::from_str(&incident.body)?;
        if wanted.takes(&incident.source, body["licence"].as_str()) {
            writeln!(out, "{}", incident.body)?;
        }
        Ok(())
    })?;
    sink.keep(out.into_inner().map_err(std::io::IntoInnerError::into_error)?)
}

fn each_imported(
    store: &SqliteStore,
    service: Option<&str>,
    mut take: impl FnMut(&ImportedIncident) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let mut last: Option<ImportedIncident> = None;
    loop {
        let page = store.imported_incidents(last.as_ref(), PAGE)?;
        let of_service = |it: &&ImportedIncident| service.is_none_or(|slug| *it.service == *slug);
        page.iter().filter(of_service).try_for_each(&mut take)?;
        match page.into_iter().last() {
            Some(seen) => last = Some(seen),
            None => return Ok(()),
        }
    }
}

fn row(incident: &Incident, own: &str) -> Vec<Value> {
    let severity = match incident.severity {
        Severity::Warning => "warning",
        Severity::Danger => "danger",
    };
    let peak = incident.surges.iter().map(|surge| surge.peak).max().unwrap_or(0);
    vec![
        tables::text(Some(&incident.id.0)),
        tables::text(Some(&incident.service)),
        tables::text(Some(severity)),
        Value::Time(incident.opened_at.0),
        incident.closed_at.map_or(Value::None, |at| Value::Time(at.0)),
        tables::integer(incident.surges.len() as u64),
        tables::integer(peak),
        tables::integer(incident.reports_counted),
        tables::integer(incident.reports_received),
        Value::Flag(incident.reconstruction),
        Value::Integer(incident.revision.into()),
        tables::text(Some(own)),
        Value::None,
    ]
}

/// The columns of an imported incident, which came whole or flat and was checked then.
fn flat(incident: &ImportedIncident, body: &serde_json::Value) -> Vec<Value> {
    let number = |name: &str| tables::integer(body[name].as_u64().unwrap_or(0));
    let surges = body["surges"].as_array();
    let peaks = surges.map(|surges| surges.iter().filter_map(|surge| surge["peak"].as_u64()));
    let closed_at = body["closed_at"].as_str().and_then(UnixMillis::parse);
    vec![
        tables::text(Some(&incident.id)),
        tables::text(Some(&incident.service)),
        tables::text(body["severity"].as_str()),
        Value::Time(incident.opened_at.0),
        closed_at.map_or(Value::None, |at| Value::Time(at.0)),
        surges.map_or_else(|| number("surges"), |surges| tables::integer(surges.len() as u64)),
        peaks.map_or_else(|| number("peak"), |peaks| tables::integer(peaks.max().unwrap_or(0))),
        number("reports_counted"),
        number("reports_received"),
        Value::Flag(body["reconstruction"].as_bool().unwrap_or(false)),
        Value::Integer(incident.revision.into()),
        tables::text(Some(&incident.source)),
        tables::text(body["licence"].as_str()),
    ]
}

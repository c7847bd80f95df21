//! Reports of the past: records of the log, marked as imported, counted for their own minutes.
//!
//! A report that is in the log already, by its id, is passed over. That is looked up in the log
//! itself, once for every [`CHUNK_REPORTS`] of a file, so that memory stays bounded whatever the
//! size of either.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::collections::HashSet;
use std::fs::File;
use std::io::BufRead;
use std::io::BufReader;
use std::io::Read;
use std::path::Path;
use std::sync::mpsc;
use std::time::Duration;

use outcry_core::catalog::Catalog;
use outcry_core::signal::Body;
use outcry_core::signal::Signal;
use outcry_core::time::UnixMillis;
use outcry_core::time::UnixMinute;
use outcry_core::units::Text;
use outcry_server::contract::Clock;
use outcry_store::StoreError;
use outcry_store::import::Import;
use outcry_store::import::ImportKind;
use outcry_store::import::Step;
use outcry_store::log::Log;
use outcry_store::log::Refused;
use outcry_store::sqlite::SqliteStore;
use outcry_table::error::RowAt;
use outcry_table::format::Format;
use outcry_table::value::Value;
use outcry_wire::signals::read_line;

use crate::cli::BadInput;
use crate::cli::import::Given;
use crate::cli::import::Mistakes;
use crate::cli::import::each_row;
use crate::cli::import::place;
use crate::config::Config;
use crate::start::count_all;
use crate::station::MachineClock;
use crate::tables;
use crate::written;

/// Reports that are in memory at once, and for which the log is read once.
const CHUNK_REPORTS: usize = 200_000;
/// Records that may wait to be on disk.
const WAITING_MAX: usize = 10_000;
/// Bytes of a line that are read; a longer one is a mistake.
const LINE_BYTES_MAX: u64 = 1 << 20;
/// The first bytes of a file that is packed with zstd.
const ZSTD_MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

/// Imports reports.
pub fn import(config: &Config, log: &Log, given: &Given) -> anyhow::Result<()> {
    let catalog = crate::data::catalog(config.catalog_dir.as_deref())?;
    let (store, _) = count_all(config, log)?;
    let (now, days) = (MachineClock.now(), RefCell::default());
    let judge = Judge { catalog: &catalog, given, store: &store, now, days };
    let (mut good, mut mistakes) = (0_u64, Mistakes::default());
    for file in &given.files {
        judge.each(file, |report| {
            match report {
                Ok(_) => good += 1,
                Err(what) => mistakes.add(what),
            }
            Ok(())
        })?;
    }
    mistakes.judge(given)?;
    let mut chunk = Chunk { log, reports: Vec::new(), added: 0 };
    for file in &given.files {
        judge.each(file, |report| match report {
            Ok(report) => chunk.take(&report),
            Err(what) if given.skip_bad => {
                tracing::debug!(what, "left out");
                Ok(())
            }
            Err(what) => {
                Err(BadInput(format!("the file changed while it was read: {what}")).into())
            }
        })?;
    }
    chunk.write()?;
    let added = chunk.added;
    count_all(config, log)?;
    say!("imported {added} reports; {} were there already", good.saturating_sub(added))?;
    Ok(())
}

/// Reports that wait to be looked up and written.
struct Chunk<'a> {
    log: &'a Log,
    reports: Vec<(u128, Vec<u8>)>,
    added: u64,
}

impl Chunk<'_> {
    fn take(&mut self, report: &Signal) -> anyhow::Result<()> {
        self.reports.push((report.id, written::write_imported(report)));
        if self.reports.len() >= CHUNK_REPORTS { self.write() } else { Ok(()) }
    }

    /// Writes those that are not in the log yet.
    fn write(&mut self) -> anyhow::Result<()> {
        let mut new: HashSet<u128> = self.reports.iter().map(|(id, _)| *id).collect();
        let (mut reader, end) = (self.log.reader(0), self.log.next_seq());
        let mut seq = 0;
        while seq < end && !new.is_empty() {
            let Some(frame) = reader.next(Duration::ZERO)? else { break };
            for (at, record) in (frame.first_seq..).zip(&frame.records) {
                if let Some(id) = written::id_of(record, at) {
                    new.remove(&id);
                }
                seq = at + 1;
            }
        }
        // The first of two with one id is written.
        let reports = self.reports.drain(..).filter(|(id, _)| new.remove(id));
        self.added += append(self.log, reports.map(|(_, record)| record))?;
        Ok(())
    }
}

/// Writes records and waits until all are on disk; gives their number.
fn append(log: &Log, records: impl Iterator<Item = Vec<u8>>) -> anyhow::Result<u64> {
    let (tell, told) = mpsc::channel();
    let (mut waiting, mut kept) = (0, 0);
    for record in records {
        loop {
            let tell = tell.clone();
            // The receiver lives until all have been told.
            let done = Box::new(move |fate: Result<u64, _>| drop(tell.send(fate)));
            match log.append(record.clone(), done) {
                Ok(()) => break,
                Err(Refused::Full) if waiting > 0 => {
                    told.recv()??;
                    (waiting, kept) = (waiting - 1, kept + 1);
                }
                Err(refused) => return Err(refused.into()),
            }
        }
        waiting += 1;
        while waiting > WAITING_MAX {
            told.recv()??;
            (waiting, kept) = (waiting - 1, kept + 1);
        }
    }
    for _ in 0..waiting {
        told.recv()??;
        kept += 1;
    }
    Ok(kept)
}

/// What a report is held against.
struct Judge<'a> {
    catalog: &'a Catalog,
    given: &'a Given,
    store: &'a SqliteStore,
    now: UnixMillis,
    /// Where the counts came from of the day of each service that was asked for last.
    days: RefCell<BTreeMap<Text, (i64, Vec<Import>)>>,
}

impl Judge<'_> {
    /// Calls `take` with each report of a file, or what is wrong with it.
    fn each(
        &self,
        file: &Path,
        mut take: impl FnMut(Result<Signal, String>) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        let wrong =
            |error: std::io::Error| BadInput(format!("cannot read {}: {error}", file.display()));
        let format = Format::of_path(file).map_err(|error| BadInput(error.to_string()))?.0;
        if format == Format::Jsonl && is_signals(file).map_err(wrong)? {
            let mut lines = open(file).map_err(wrong)?;
            let (mut line, mut number) = (Vec::new(), 0_u64);
            loop {
                line.clear();
                let limit = lines.by_ref().take(LINE_BYTES_MAX);
                if { limit }.read_until(b'\n', &mut line).map_err(wrong)? == 0 {
                    return Ok(());
                }
                number += 1;
                let at = RowAt::Line(number);
                let signal = match std::str::from_utf8(&line) {
                    Ok(text) if text.trim().is_empty() => continue,
                    Ok(text) => read_line(text, number).map_err(|error| error.to_string()),
                    Err(_) => Err("it is not UTF-8; write UTF-8".to_owned()),
                };
                take(self.weigh(signal).map_err(|what| format!("{}: {what}", place(file, at))))?;
            }
        }
        each_row(file, tables::reports(), |at, row| {
            take(row.and_then(|row| {
                let number = match at {
                    RowAt::Line(number) | RowAt::Row(number) => number,
                    RowAt::File => 0,
                };
                let signal = read_line(&line_of(&row), number).map_err(|error| error.to_string());
                self.weigh(signal).map_err(|what| format!("{}: {what}", place(file, at)))
            }))
        })
    }

    /// Whether a minute of a service lies in series that were imported.
    fn is_of_series(&self, service: &Text, minute: UnixMinute) -> Result<bool, StoreError> {
        let mut days = self.days.borrow_mut();
        let length = Step::Day.minutes();
        let day = minute.0.div_euclid(length);
        if days.get(service).is_none_or(|(known, _)| *known != day) {
            let span = (UnixMinute(day * length), UnixMinute((day + 1) * length));
            let imports = self.store.imports(service, span.0, span.1)?;
            days.insert(service.clone(), (day, imports));
        }
        let holds =
            |it: &Import| it.kind == ImportKind::Series && (it.from..it.until).contains(&minute);
        Ok(days.get(service).is_some_and(|(_, imports)| imports.iter().any(holds)))
    }

    /// Refuses what is no report of the past of a service that is known.
    fn weigh(&self, signal: Result<Signal, String>) -> Result<Signal, String> {
        let mut signal = signal?;
        if !matches!(signal.body, Body::Report(_)) {
            return Err(format!("a {} is no report; leave it out", signal.body.kind()));
        }
        let service = &signal.service;
        if self.catalog.service(service).is_none() {
            return Err(format!("the catalogue has no service {service:?}"));
        }
        if signal.at > self.now {
            return Err(format!("{} has not come yet; write when it was reported", signal.at));
        }
        if self.is_of_series(service, signal.at.minute()).map_err(|error| error.to_string())? {
            return Err(format!(
                "series of {service} were imported for {}: it would count twice",
                signal.at
            ));
        }
        let provenance = &mut signal.provenance;
        if provenance.source.is_empty() {
            provenance.source = self.given.source.as_str().into();
        }
        if provenance.licence.is_none() {
            provenance.licence = self.given.licence.as_deref().map(Text::from);
        }
        Ok(signal)
    }
}

/// A row of the table as a line of signals, which is then read like any other.
fn line_of(row: &[Value]) -> String {
    let mut line = serde_json::json!({ "v": 1, "type": "report" });
    for (column, value) in tables::reports().columns.iter().zip(row) {
        let key = if column.name == "affected" { "component" } else { column.name };
        let value = match value {
            Value::None => continue,
            Value::Text(text) if text.is_empty() => continue,
            Value::Integer(number) => (*number).into(),
            Value::Flag(flag) => (*flag).into(),
            other => other.to_string().into(),
        };
        line[key] = value;
    }
    line.to_string()
}

/// Whether a file of JSON lines is one of signals, which say their type, and not a table.
fn is_signals(file: &Path) -> std::io::Result<bool> {
    let mut first = Vec::new();
    open(file)?.take(LINE_BYTES_MAX).read_until(b'\n', &mut first)?;
    let object: Option<serde_json::Value> = serde_json::from_slice(&first).ok();
    Ok(object.is_some_and(|object| object.get("type").is_some()))
}

fn open(path: &Path) -> std::io::Result<Box<dyn BufRead>> {
    let mut file = BufReader::new(File::open(path)?);
    if file.fill_buf()?.starts_with(&ZSTD_MAGIC) {
        return Ok(Box::new(BufReader::new(zstd::Decoder::with_buffer(file)?)));
    }
    Ok(Box::new(file))
}

//! Series: counts of the past of services, so that a new installation knows what is usual.
//!
//! No report stands behind them, so they are in the database and not in the log. They may overlap
//! nothing that was counted: two counts of one minute could not be told apart.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::PoisonError;

use outcry_core::catalog::Catalog;
use outcry_core::series::Dimension;
use outcry_core::time::DAY_MS;
use outcry_core::time::MINUTE_MS;
use outcry_core::time::UnixMillis;
use outcry_core::time::UnixMinute;
use outcry_core::units::Text;
use outcry_server::contract::Clock;
use outcry_store::Store;
use outcry_store::StoreError;
use outcry_store::import::Import;
use outcry_store::import::ImportKind;
use outcry_store::import::SeriesRow;
use outcry_store::import::Step;
use outcry_store::log::Log;
use outcry_store::record::Batch;
use outcry_store::record::Sums;
use outcry_store::sqlite::SqliteStore;
use outcry_table::error::RowAt;
use outcry_table::value::Value;

use crate::cli::BadInput;
use crate::cli::import::Given;
use crate::cli::import::Mistakes;
use crate::cli::import::Origin;
use crate::cli::import::each_row;
use crate::cli::import::place;
use crate::config::Config;
use crate::shared::Shared;
use crate::start::count_all;
use crate::start::learn;
use crate::station::MachineClock;
use crate::tables;

/// Days of services, by origin, that one import may span: they are in memory while it runs.
const DAYS_MAX: usize = 2_000_000;
/// Minutes of a day.
const DAY_MINUTES: i64 = DAY_MS / MINUTE_MS;

/// What the files span.
#[derive(Default)]
struct Found {
    /// By service: the step, the first minute and the first after the last.
    spans: BTreeMap<Text, (Step, i64, i64)>,
    /// By service, day and origin: the first minute and the first after the last.
    days: BTreeMap<(Text, i64, Origin), (i64, i64)>,
    /// Services with rows of all reports, by problem, and by country.
    kinds: [BTreeSet<Text>; 3],
    rows: u64,
}

/// Services that a note names.
const NAMED_MAX: usize = 5;

/// Imports counts.
pub fn import(config: &Config, log: &Log, given: &Given) -> anyhow::Result<()> {
    let catalog = crate::data::catalog(config.catalog_dir.as_deref())?;
    let judge = Judge { catalog: &catalog, given, now: MachineClock.now() };
    let (mut found, mut mistakes) = (Found::default(), Mistakes::default());
    for file in &given.files {
        each_row(file, tables::series(), |at, row| {
            match row.and_then(|row| judge.row(file, at, &row)) {
                Ok((row, origin)) => found.add(&row, origin)?,
                Err(what) => mistakes.add(what),
            }
            Ok(())
        })?;
    }
    mistakes.judge(given)?;
    let (mut store, shared) = count_all(config, log)?;
    refuse_overlap(&store, &found)?;
    store.import_series(&found.origins(), |add| fill(&judge, add))?;
    teach(&mut store, &shared, &found)?;
    say!("imported {} rows of {} services", found.rows, found.spans.len())?;
    for note in found.notes() {
        say!("{note}")?;
    }
    Ok(())
}

/// Hands over every row, as it was judged.
fn fill(
    judge: &Judge<'_>,
    add: &mut dyn FnMut(&SeriesRow) -> Result<(), StoreError>,
) -> anyhow::Result<()> {
    for file in &judge.given.files {
        each_row(file, tables::series(), |at, row| {
            let Ok((row, _)) = row.and_then(|row| judge.row(file, at, &row)) else {
                return Ok(());
            };
            add(&row).map_err(|error| match error {
                StoreError::BadBatch { what } => {
                    BadInput(format!("nothing was imported: {}: {what}", place(file, at))).into()
                }
                other => anyhow::Error::from(other),
            })
        })?;
    }
    Ok(())
}

fn refuse_overlap(store: &SqliteStore, found: &Found) -> anyhow::Result<()> {
    let mut lines = Vec::new();
    for (service, &(step, from, until)) in &found.spans {
        let span = (UnixMinute(from), UnixMinute(until));
        if store.overlaps(service, step, span)? {
            let (from, until) = (span.0.start(), span.1.start());
            lines.push(format!("  {service}: something is counted from {from} to {until}"));
        }
    }
    if lines.is_empty() {
        return Ok(());
    }
    let what = "nothing was imported: no minute is counted twice. Export up to what is counted \
                here (export series --until), or import into another data folder";
    Err(BadInput(format!("{what}\n{}", lines.join("\n"))).into())
}

/// Lets the engine learn the hours that are whole, and saves it.
fn teach(store: &mut SqliteStore, shared: &Shared, found: &Found) -> anyhow::Result<()> {
    let hour = Step::Hour.minutes();
    let first = found.spans.values().map(|(_, from, _)| from.div_euclid(hour)).min();
    let last = found.spans.values().map(|(_, _, until)| until.div_euclid(hour)).max();
    let Some(hours) = first.zip(last) else { return Ok(()) };
    let mut engine = shared.engine.lock().unwrap_or_else(PoisonError::into_inner);
    learn(&mut engine, store, hours, |past| {
        let (begin, end) = (past.hour * hour, (past.hour + 1) * hour);
        let span = found.spans.get(&past.service);
        Ok(span.is_some_and(|(_, from, until)| *from <= begin && end <= *until))
    })?;
    let offset = store.offset()?;
    let checkpoint = (engine.waiting() == 0).then(|| engine.save());
    store.apply(&Batch { from_seq: offset, to_seq: offset, checkpoint, ..Batch::default() })?;
    Ok(())
}

impl Found {
    /// What the files did not tell, and what follows from it.
    fn notes(&self) -> Vec<String> {
        let [wholes, problems, countries] = &self.kinds;
        let note = |known: &BTreeSet<Text>, what: &str| {
            let without: Vec<&str> =
                wholes.difference(known).map(|service| &**service).take(NAMED_MAX + 1).collect();
            let more = if without.len() > NAMED_MAX { ", …" } else { "" };
            let names = without.iter().take(NAMED_MAX).copied().collect::<Vec<_>>().join(", ");
            (!without.is_empty()).then(|| {
                format!(
                    "no rows by {what} for {names}{more}: all may have been of one, so a surge \
                     of one alone is seen late, until counts by {what} have come for some weeks; \
                     `export series --dimension every` has them"
                )
            })
        };
        [note(problems, "problem"), note(countries, "country")].into_iter().flatten().collect()
    }

    fn add(&mut self, row: &SeriesRow, origin: Origin) -> anyhow::Result<()> {
        self.rows += 1;
        let kind = match &row.dimension {
            Dimension::All => Some(0),
            Dimension::Problem(_) => Some(1),
            Dimension::Country(_) => Some(2),
            Dimension::Works | Dimension::Component(_) => None,
        };
        if let Some(kind) = kind
            && !self.kinds[kind].contains(&row.service)
        {
            self.kinds[kind].insert(row.service.clone());
        }
        let (from, until) = (row.from.0, row.from.0 + row.step.minutes());
        let span = self.spans.entry(row.service.clone()).or_insert((row.step, from, until));
        if span.0 != row.step {
            // Minutes, and the hours they are of, would count twice.
            let service = &row.service;
            anyhow::bail!(BadInput(format!(
                "nothing was imported: rows of {service} have different steps; import each apart"
            )));
        }
        *span = (row.step, span.1.min(from), span.2.max(until));
        let day = from.div_euclid(DAY_MINUTES);
        let days = self.days.entry((row.service.clone(), day, origin)).or_insert((from, until));
        *days = (days.0.min(from), days.1.max(until));
        if self.days.len() > DAYS_MAX {
            anyhow::bail!(BadInput(format!(
                "the files span more than {DAYS_MAX} days of services: import fewer at once"
            )));
        }
        Ok(())
    }

    /// Where the counts came from, day by day. Where one origin has a day, all of it is of that
    /// origin, as far as the files go: minutes without reports have no rows.
    fn origins(&self) -> Vec<Import> {
        let mut origins_of_day: BTreeMap<(&Text, i64), u32> = BTreeMap::new();
        for (service, day, _) in self.days.keys() {
            *origins_of_day.entry((service, *day)).or_default() += 1;
        }
        let import = |((service, day, origin), &(from, until)): (&(Text, i64, Origin), &_)| {
            let (mut from, mut until): (i64, i64) = (from, until);
            if origins_of_day.get(&(service, *day)) == Some(&1)
                && let Some((_, first, last)) = self.spans.get(service)
            {
                from = (day * DAY_MINUTES).max(*first);
                until = ((day + 1) * DAY_MINUTES).min(*last);
            }
            Import {
                service: service.clone(),
                kind: ImportKind::Series,
                source: origin.source.as_str().into(),
                licence: origin.licence.as_deref().map(Text::from),
                synthetic: origin.synthetic,
                from: UnixMinute(from),
                until: UnixMinute(until),
            }
        };
        self.days.iter().map(import).collect()
    }
}

/// What a row is held against.
struct Judge<'a> {
    catalog: &'a Catalog,
    given: &'a Given,
    now: UnixMillis,
}

impl Judge<'_> {
    fn row(&self, file: &Path, at: RowAt, row: &[Value]) -> Result<(SeriesRow, Origin), String> {
        let [service, dimension, step, time, received, counted, source, licence, synthetic] = row
        else {
            return Err(format!("{}: write one value a column", place(file, at)));
        };
        let wrong = |what: String| format!("{}: {what}", place(file, at));
        let said = |value: &Value| value.to_string();
        if self.catalog.service(&said(service)).is_none() {
            return Err(wrong(format!("the catalogue has no service {:?}", said(service))));
        }
        let Some(of) = tables::read_dimension(&said(dimension)) else {
            let known = "all, works, component:NAME, problem:NAME, country:XX or country:unknown";
            return Err(wrong(format!("{:?} is no dimension: write {known}", said(dimension))));
        };
        let Some(length) = tables::read_step(&said(step)) else {
            return Err(wrong(format!("{:?} is no step: write minute, hour or day", said(step))));
        };
        let Value::Time(ms) = time else {
            return Err(wrong("the time is missing: write the start of the stretch".into()));
        };
        let length_ms = length.minutes() * MINUTE_MS;
        if ms.rem_euclid(length_ms) != 0 {
            return Err(wrong(format!("{time} begins no {}: write its start", said(step))));
        }
        if ms + length_ms > self.now.0 {
            return Err(wrong(format!("the {} of {time} is not over yet", said(step))));
        }
        let number = |value: &Value| match value {
            Value::Integer(number) => u32::try_from(*number).ok().map(u64::from),
            _ => None,
        };
        let sums = match (number(received), number(counted)) {
            (Some(received), Some(counted)) if counted <= received => Sums { received, counted },
            _ => {
                return Err(wrong(format!(
                    "{counted} of {received} reports are counted: write whole numbers from 0 to \
                     {}, counted at most received",
                    u32::MAX
                )));
            }
        };
        let from = UnixMinute(ms.div_euclid(MINUTE_MS));
        let service = said(service).as_str().into();
        let row = SeriesRow { service, dimension: of, step: length, from, sums };
        Ok((row, self.given.origin(source, licence, synthetic)))
    }
}

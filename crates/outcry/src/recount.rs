//! Counting again: what the counts are when the log is read from its first record, in a database of
//! its own, and where another database says otherwise.
//!
//! # What it cannot tell
//!
//! Where records are gone, whether a report of the next 15 minutes was one too many of its
//! reporter: such minutes are not compared. Nor are counts that were imported as series, which the
//! log never had, nor those of services that the catalogue has no more.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use outcry_core::catalog::Catalog;
use outcry_core::engine::Action;
use outcry_core::engine::Engine;
use outcry_core::engine::EngineConfig;
use outcry_core::engine::Event;
use outcry_core::series::Dimension;
use outcry_core::time::UnixMillis;
use outcry_core::time::UnixMinute;
use outcry_core::units::Text;
use outcry_store::Store;
use outcry_store::StoreError;
use outcry_store::import::Import;
use outcry_store::import::ImportKind;
use outcry_store::import::Step;
use outcry_store::log::Frame;
use outcry_store::log::look::Look;
use outcry_store::record::Batch;
use outcry_store::record::Sums;
use outcry_store::sqlite::SqliteStore;

use crate::tables::write_dimension;
use crate::written;
use crate::written::Record;

/// Minutes after records that are gone in which it is not known whom the reporter rule remembers.
pub const REMEMBERED_MINUTES: i64 = 16;
/// Differences that are told; the rest are counted.
pub const DIFFERENCES_TOLD_MAX: usize = 50;
/// Records after which counts go into the database.
const BATCH_RECORDS_MAX: u64 = 50_000;
/// Most days of a service, and hours of a day, that are asked for.
const ROWS_MAX: u32 = 1_000_000;

/// How a server counts.
#[derive(Clone, Copy, Debug)]
pub struct Rules {
    /// What an operator can set.
    pub engine: EngineConfig,
    /// How far a report's own time may lie before that of its frame, in milliseconds.
    pub slack_ms: i64,
}

/// What the log counts.
pub struct Recount {
    store: SqliteStore,
    catalog: Arc<Catalog>,
    /// Stretches of time in which every count is known, first and end, in minutes.
    known: Vec<(i64, i64)>,
    /// Whether every record from the first ever on was read.
    whole: bool,
    /// Records that were read.
    pub records: u64,
    /// Records that could not be read.
    pub unreadable: u64,
}

/// Where a database and the log differ.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Differences {
    /// Services that were compared.
    pub services: u64,
    /// Days of services that were compared.
    pub days: u64,
    /// Counts that differ.
    pub counts: u64,
    /// The first of them, a sentence each.
    pub told: Vec<String>,
    /// Services that have counts and that the catalogue has no more.
    pub unlisted: Vec<Text>,
}

impl Recount {
    /// Reads the records before `end` into a fresh database at `path`; `progress` is told how far
    /// it is.
    ///
    /// # Errors
    ///
    /// When the log cannot be read, or the database not be written.
    pub fn read(
        look: &Look,
        end: u64,
        (rules, catalog): (Rules, Arc<Catalog>),
        path: &Path,
        mut progress: impl FnMut(u64),
    ) -> anyhow::Result<Self> {
        let store = SqliteStore::open(path).context("the database to count in")?;
        let (known, whole) = (Vec::new(), true);
        let mut recount = Self { store, catalog, known, whole, records: 0, unreadable: 0 };
        let mut expected = 0;
        for (first, last) in look.stretches() {
            let last = last.min(end);
            if first < last {
                recount.whole &= first == expected;
                expected = last;
                recount.stretch(look, rules, (first, last), &mut progress)?;
            }
        }
        recount.whole &= expected == end;
        if recount.whole {
            recount.known = vec![(i64::MIN, i64::MAX)];
        } else if expected == end
            && let Some(last) = recount.known.last_mut()
        {
            last.1 = i64::MAX;
        }
        Ok(recount)
    }

    /// Counts one stretch of the log, with an engine that knows nothing of what was before.
    fn stretch(
        &mut self,
        look: &Look,
        rules: Rules,
        (first, last): (u64, u64),
        progress: &mut impl FnMut(u64),
    ) -> anyhow::Result<()> {
        let catalog = self.catalog.clone();
        let fresh = || Engine::new(rules.engine, catalog.clone());
        let (mut engine, mut reader) = (fresh(), look.reader(first));
        let mut batch = Batch { from_seq: self.records, to_seq: self.records, ..Batch::default() };
        let (mut next, mut span) = (first, None);
        while next < last {
            let Some(frame) = reader.next(Duration::ZERO)? else { break };
            let at = UnixMillis(frame.at_ms).minute().0;
            if frame.first_seq != next {
                // Records are gone here too: what was remembered of reporters is not what it was.
                self.known.extend(span.take());
                (engine, self.whole) = (fresh(), false);
            }
            let remembers = if frame.first_seq == 0 { i64::MIN } else { at + REMEMBERED_MINUTES };
            span = Some((span.map_or(remembers, |(from, _)| from), at));
            next = frame.first_seq + frame.records.len() as u64;
            self.frame(&mut engine, rules.slack_ms, &frame, &mut batch);
            if batch.to_seq - batch.from_seq >= BATCH_RECORDS_MAX {
                self.store.apply(&batch)?;
                batch = Batch { from_seq: batch.to_seq, to_seq: batch.to_seq, ..Batch::default() };
            }
            progress(self.records);
        }
        self.store.apply(&batch)?;
        self.known.extend(span);
        self.whole &= next == last;
        Ok(())
    }

    /// Counts one frame as the pipeline does.
    fn frame(&mut self, engine: &mut Engine, slack_ms: i64, frame: &Frame, batch: &mut Batch) {
        let earliest = frame.after_ms.saturating_add(1).max(frame.at_ms - slack_ms);
        let mut actions = Vec::new();
        for (index, record) in frame.records.iter().enumerate() {
            match written::read(record, frame.first_seq + index as u64) {
                Ok(Record::Told(signal)) => {
                    let event = written::event_of(signal, earliest, frame.at_ms);
                    actions.append(&mut engine.handle(event));
                }
                Ok(Record::Imported(signal)) => written::count_imported(&signal, batch),
                Err(_) => self.unreadable += 1,
            }
        }
        let watermark = UnixMillis(frame.at_ms.saturating_add(1));
        actions.append(&mut engine.handle(Event::Watermark(watermark)));
        for action in actions {
            if let Action::Count(deltas) = action {
                for (cell, counts) in deltas.cells {
                    batch.deltas.add(cell, counts);
                }
            }
        }
        self.records += frame.records.len() as u64;
        batch.to_seq = self.records;
    }

    /// Counts that were made elsewhere from the log: of minutes from `from` on, or of all when
    /// none is given.
    pub fn made(store: SqliteStore, catalog: Arc<Catalog>, from: Option<UnixMinute>) -> Self {
        let known = vec![(from.map_or(i64::MIN, |from| from.0), i64::MAX)];
        Self { store, catalog, known, whole: from.is_none(), records: 0, unreadable: 0 }
    }

    /// The database that was counted into.
    pub fn store(&self) -> &SqliteStore {
        &self.store
    }

    /// The database that was counted into.
    pub fn into_store(self) -> SqliteStore {
        self.store
    }

    /// Compares every count that is known with what `found` says.
    ///
    /// # Errors
    ///
    /// When either database cannot be read.
    pub fn compare(
        &self,
        found: &SqliteStore,
        mut progress: impl FnMut(u64),
    ) -> Result<Differences, StoreError> {
        let mut differences = Differences::default();
        let services: BTreeSet<Text> =
            found.services()?.into_iter().chain(self.store.services()?).collect();
        for service in services {
            if !self.catalog.services.contains_key(&service) {
                differences.unlisted.push(service);
                continue;
            }
            differences.services += 1;
            self.compare_service(found, &service, &mut differences)?;
            progress(differences.services);
        }
        Ok(differences)
    }

    fn compare_service(
        &self,
        found: &SqliteStore,
        service: &Text,
        differences: &mut Differences,
    ) -> Result<(), StoreError> {
        let mut days = BTreeSet::new();
        for store in [found, &self.store] {
            for dimension in [Dimension::All, Dimension::Works] {
                let listed =
                    store.series_days(service, &dimension, i64::MIN, i64::MAX, ROWS_MAX)?;
                days.extend(listed.into_iter().map(|(day, _)| day));
            }
        }
        for day in days {
            differences.days += 1;
            let step = finest(found, service, day)?.max(finest(&self.store, service, day)?);
            let unknown = self.unknown(found, service, day)?;
            let ours = counts_of(&self.store, service, day, step)?;
            let theirs = counts_of(found, service, day, step)?;
            let keys: BTreeSet<&(i64, Dimension)> = ours.keys().chain(theirs.keys()).collect();
            for key in keys {
                let slot = (key.0 * step.minutes(), (key.0 + 1) * step.minutes());
                let (log, database) = (ours.get(key), theirs.get(key));
                if log == database || !self.is_known(slot) || overlaps(&unknown, slot) {
                    continue;
                }
                differences.counts += 1;
                if differences.told.len() < DIFFERENCES_TOLD_MAX {
                    let sums = (log.copied(), database.copied());
                    differences.told.push(sentence(service, (slot.0, step), &key.1, sums));
                }
            }
        }
        Ok(())
    }

    /// Whether every record of these minutes was read.
    fn is_known(&self, (from, until): (i64, i64)) -> bool {
        self.known.iter().any(|known| known.0 <= from && until <= known.1)
    }

    /// Minutes of a day that have counts which the log does not have.
    fn unknown(
        &self,
        found: &SqliteStore,
        service: &str,
        day: i64,
    ) -> Result<Vec<(i64, i64)>, StoreError> {
        let minute = |day: i64| UnixMinute(day.saturating_mul(Step::Day.minutes()));
        let imports = found.imports(service, minute(day), minute(day + 1))?;
        let missing = |import: &Import| import.kind == ImportKind::Series || !self.whole;
        Ok(imports.iter().filter(|it| missing(it)).map(|it| (it.from.0, it.until.0)).collect())
    }
}

/// The finest step in which a database has all of a day's counts.
///
/// # Errors
///
/// When it cannot be read.
pub fn finest(store: &SqliteStore, service: &str, day: i64) -> Result<Step, StoreError> {
    let sum = |counts: BTreeMap<(i64, Dimension), Sums>| {
        let mut sums = [Sums::default(); 2];
        for ((_, dimension), counted) in counts {
            match dimension {
                Dimension::All => sums[0].add(counted),
                Dimension::Works => sums[1].add(counted),
                _ => {}
            }
        }
        sums
    };
    let all = sum(counts_of(store, service, day, Step::Day)?);
    for step in [Step::Minute, Step::Hour] {
        if sum(counts_of(store, service, day, step)?) == all {
            return Ok(step);
        }
    }
    Ok(Step::Day)
}

/// Counts of a day of a service, by slot since 1970 and dimension.
///
/// # Errors
///
/// When it cannot be read.
pub fn counts_of(
    store: &SqliteStore,
    service: &str,
    day: i64,
    step: Step,
) -> Result<BTreeMap<(i64, Dimension), Sums>, StoreError> {
    let mut counts: BTreeMap<(i64, Dimension), Sums> = BTreeMap::new();
    if step == Step::Minute {
        let minute = |day: i64| UnixMinute(day * Step::Day.minutes());
        for (minute, dimension, found) in store.cells(service, minute(day), minute(day + 1))? {
            counts.entry((minute.0, dimension)).or_default().add(Sums::from(found));
        }
        return Ok(counts);
    }
    let hours = Step::Day.minutes() / Step::Hour.minutes();
    for dimension in store.dimensions(service)? {
        let slots = match step {
            Step::Hour => {
                let (from, until) = (day * hours, (day + 1) * hours);
                store.series_hours(service, &dimension, from, until, ROWS_MAX)?
            }
            Step::Minute | Step::Day => {
                store.series_days(service, &dimension, day, day + 1, ROWS_MAX)?
            }
        };
        for (slot, sums) in slots {
            counts.insert((slot, dimension.clone()), sums);
        }
    }
    Ok(counts)
}

fn overlaps(spans: &[(i64, i64)], (from, until): (i64, i64)) -> bool {
    spans.iter().any(|span| span.0 < until && from < span.1)
}

/// What differs, in words.
fn sentence(
    service: &str,
    (minute, step): (i64, Step),
    dimension: &Dimension,
    (log, database): (Option<Sums>, Option<Sums>),
) -> String {
    let at = UnixMinute(minute).start();
    let words = |sums: Option<Sums>| match sums {
        None => "none".to_owned(),
        Some(sums) => format!("{} received and {} counted", sums.received, sums.counted),
    };
    format!(
        "{service}, {} of {at}, {}: the log has {}, the database {}",
        step.name(),
        write_dimension(dimension),
        words(log),
        words(database),
    )
}

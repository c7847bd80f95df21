//! Starting: which engine to go on with, what it learns from the database, and catching up with the
//! log. A server does it, and so does an import that finds none.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use std::time::Instant;

use indicatif::ProgressBar;
use indicatif::ProgressStyle;
use outcry_core::catalog::Catalog;
use outcry_core::engine::Engine;
use outcry_core::engine::EngineConfig;
use outcry_core::engine::Event;
use outcry_core::series::PastHour;
use outcry_core::time::UnixMillis;
use outcry_core::time::UnixMinute;
use outcry_core::units::Text;
use outcry_server::contract::Clock;
use outcry_store::Store;
use outcry_store::import::Import;
use outcry_store::import::ImportKind;
use outcry_store::import::Step;
use outcry_store::log::Log;
use outcry_store::log::LogError;
use outcry_store::sqlite::SqliteStore;

use crate::cli::BadInput;
use crate::config::Config;
use crate::pipeline::Pipeline;
use crate::pipeline::Timing;
use crate::shared::Shared;
use crate::station::DATABASE;
use crate::station::MachineClock;
use crate::station::open_log;
use crate::station::open_log_of;

/// Hours of services read at once.
const HOURS_PAGE: u32 = 100_000;
/// Records from which on catching up shows how far it is.
const PROGRESS_RECORDS_MIN: u64 = 50_000;
/// Hours of a day.
const HOURS_PER_DAY: i64 = 24;

/// The engine as it was saved, or a fresh one, and the place in the log where it stands.
///
/// # Errors
///
/// When the log or the database cannot be read.
pub fn engine_of(
    store: &SqliteStore,
    log: &Log,
    config: EngineConfig,
    catalog: &Arc<Catalog>,
    (fresh, now): (Option<Engine>, UnixMillis),
) -> anyhow::Result<(Engine, u64)> {
    if let Some(engine) = fresh {
        return Ok((engine, store.offset()?));
    }
    if let Some((seq, bytes)) = store.checkpoint()? {
        match Engine::load(config, catalog.clone(), &bytes) {
            Some(engine) => {
                tracing::info!(record.seq = seq, "going on from the saved engine");
                return Ok((engine, seq));
            }
            None => tracing::warn!("the saved engine is of another version: the log is read again"),
        }
    }
    let mut engine = Engine::new(config, catalog.clone());
    learn_from_store(&mut engine, store, log, now)?;
    Ok((engine, 0))
}

/// Records before this are needed no more: both saved engines stand beyond them, and it is the
/// newer one that goes on, at `from`.
///
/// # Errors
///
/// When the database cannot be read.
pub fn safe_seq_of(store: &SqliteStore, from: u64) -> anyhow::Result<u64> {
    Ok(match store.saved_engines()?.as_slice() {
        [newest, before, ..] if *newest == from => *before.min(newest),
        _ => 0,
    })
}

/// Learns from the database what was usual before the log begins, where older segments were
/// removed, and in hours that were imported as series, which the log does not have.
fn learn_from_store(
    engine: &mut Engine,
    store: &SqliteStore,
    log: &Log,
    now: UnixMillis,
) -> anyhow::Result<()> {
    let first = match log.first_seq() {
        0 => None,
        _ => log.reader(0).next(Duration::ZERO)?.map(|frame| UnixMillis(frame.at_ms).hour()),
    };
    let mut imports = ImportedHours::default();
    learn(engine, store, (i64::MIN, now.hour()), |past| {
        Ok(first.is_some_and(|first| past.hour < first) || imports.hold(store, past)?)
    })
}

/// Learns from the database those hours of a stretch that `wanted` says.
///
/// # Errors
///
/// When the database cannot be read.
pub fn learn(
    engine: &mut Engine,
    store: &SqliteStore,
    (mut from_hour, until_hour): (i64, i64),
    mut wanted: impl FnMut(&PastHour) -> anyhow::Result<bool>,
) -> anyhow::Result<()> {
    loop {
        let past = store.hour_totals(from_hour, until_hour, HOURS_PAGE)?;
        let Some(last) = past.last().map(|hour| hour.hour) else { return Ok(()) };
        // The last hour may have been cut off by the limit: it is read again, unless it is all.
        let whole = past.len() < HOURS_PAGE as usize;
        let all_one = past.first().is_some_and(|first| first.hour == last);
        let end = if whole || all_one { last + 1 } else { last };
        for hour in past.into_iter().filter(|hour| hour.hour < end) {
            if wanted(&hour)? {
                engine.handle(Event::Past(hour));
            }
        }
        if whole {
            return Ok(());
        }
        from_hour = end;
    }
}

/// Which hours were imported whole as series: asked for once a day of a service.
#[derive(Default)]
struct ImportedHours(BTreeMap<Text, (i64, Vec<Import>)>);

impl ImportedHours {
    fn hold(&mut self, store: &SqliteStore, past: &PastHour) -> anyhow::Result<bool> {
        let minute = |hour: i64| UnixMinute(hour.saturating_mul(Step::Hour.minutes()));
        let day = past.hour.div_euclid(HOURS_PER_DAY);
        let known = self.0.get(&past.service).is_some_and(|(known, _)| *known == day);
        if !known {
            let (from, until) = (minute(day * HOURS_PER_DAY), minute((day + 1) * HOURS_PER_DAY));
            let imports = store.imports(&past.service, from, until)?;
            self.0.insert(past.service.clone(), (day, imports));
        }
        let (begin, end) = (minute(past.hour), minute(past.hour.saturating_add(1)));
        Ok(self.0.get(&past.service).is_some_and(|(_, imports)| {
            let whole = |it: &Import| it.from <= begin && end <= it.until;
            imports.iter().any(|it| it.kind == ImportKind::Series && whole(it))
        }))
    }
}

/// Counts all that is in the log while no server does, as one does when it starts. Gives the
/// database, and the engine as it stands at the end of the log.
///
/// # Errors
///
/// When the log or the database cannot be read or written.
pub fn count_all(config: &Config, log: &Log) -> anyhow::Result<(SqliteStore, Arc<Shared>)> {
    let catalog = Arc::new(crate::data::catalog(config.catalog_dir.as_deref())?);
    let database = config.store.dir.join(DATABASE);
    let store = SqliteStore::open(&database)?;
    let now = MachineClock.now();
    let (engine, from) = engine_of(&store, log, config.engine, &catalog, (None, now))?;
    let shared = Arc::new(Shared::new(engine));
    let timing = Timing { slack_ms: crate::cli::serve::SLACK_MS, keep: config.keep };
    let mut pipeline = Pipeline::new(log.clone(), Box::new(store), shared.clone(), timing, from)?;
    catch_up(&mut pipeline, from, log.next_seq())?;
    Ok((SqliteStore::open(&database)?, shared))
}

/// Opens the log of a site that nobody else may have open.
///
/// # Errors
///
/// [`BadInput`] while a server does; else when it cannot be opened.
pub fn lock(config: &Config) -> anyhow::Result<Log> {
    in_words(config, open_log(config, Arc::new(MachineClock)))
}

/// The same, also of a log that ends before the database does.
///
/// # Errors
///
/// As those of [`lock`].
pub fn lock_what_is_left(config: &Config) -> anyhow::Result<Log> {
    in_words(config, open_log_of(config, Arc::new(MachineClock), 0))
}

fn in_words(config: &Config, opened: anyhow::Result<Log>) -> anyhow::Result<Log> {
    let in_use = |cause: &(dyn std::error::Error + 'static)| {
        matches!(cause.downcast_ref(), Some(LogError::InUse { .. }))
    };
    match opened {
        Err(error) if error.chain().any(in_use) => Err(BadInput(format!(
            "a server has {} open: stop it first, or name the configuration of another",
            config.store.dir.display()
        ))
        .into()),
        opened => opened,
    }
}

/// Works through the log up to `end`; shows how far it is when that takes a while.
///
/// # Errors
///
/// When the log cannot be read, or the database takes nothing.
pub fn catch_up(pipeline: &mut Pipeline, from: u64, end: u64) -> anyhow::Result<()> {
    let records = end.saturating_sub(from);
    if records == 0 {
        return pipeline.catch_up(|_| {});
    }
    let began = Instant::now();
    let bar = if records < PROGRESS_RECORDS_MIN {
        ProgressBar::hidden()
    } else {
        let style = ProgressStyle::with_template("catching up {bar:40} {pos}/{len} records, {eta}");
        ProgressBar::new(records).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
    };
    pipeline.catch_up(|next| bar.set_position(next.saturating_sub(from)))?;
    bar.finish_and_clear();
    let took_ms = began.elapsed().as_millis();
    tracing::info!(records, took_ms, "caught up with the log");
    Ok(())
}

//! `outcry rebuild`: derives everything again from the log into a fresh database, compares it with
//! the old one, and puts it in its place. The old one stays beside it under another name.
//!
//! Where older raw reports were removed from the log, what the old database knows of that time is
//! carried over; the rest is counted again. Counts that were imported as series are carried too,
//! since the log never had them.
//!
//! # What it cannot tell
//!
//! What the catalogue and the settings of earlier days were: incidents are found again with those
//! of today, and may differ. Counts do not depend on them.

mod carried;

use std::collections::BTreeMap;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use anyhow::Context;
use outcry_core::catalog::Catalog;
use outcry_core::engine::Engine;
use outcry_core::time::UnixMillis;
use outcry_core::time::UnixMinute;
use outcry_server::contract::Clock;
use outcry_store::Store;
use outcry_store::StoreError;
use outcry_store::log::Log;
use outcry_store::log::disk::ReadDisk;
use outcry_store::log::look::Look;
use outcry_store::record::IncidentFilter;
use outcry_store::sqlite::SqliteStore;

use crate::cli::BadInput;
use crate::cli::serve::SLACK_MS;
use crate::cli::serve::read_config;
use crate::config::Config;
use crate::pipeline::Pipeline;
use crate::pipeline::Timing;
use crate::recount::Differences;
use crate::recount::REMEMBERED_MINUTES;
use crate::recount::Recount;
use crate::shared::Shared;
use crate::start;
use crate::station::DATABASE;
use crate::station::LOG;
use crate::station::MachineClock;

/// The database while it is being made.
const FRESH: &str = "rebuild.sqlite";
/// The old database after the new one took its place.
const BEFORE: &str = "outcry.sqlite.before-rebuild";
/// Incidents that are read at once.
const INCIDENTS_PAGE: u32 = 500;
/// Differences between incidents that are told.
const TOLD_MAX: usize = 20;

/// Arguments of `outcry rebuild`.
#[derive(Debug, clap::Args)]
pub struct Rebuild {
    /// The configuration of the site.
    #[arg(long, default_value = "outcry.toml")]
    config: PathBuf,
    /// Take nothing from the old database, even what the log does not have any more.
    #[arg(long)]
    from_log_only: bool,
    /// Make and compare the new database, then remove it again.
    #[arg(long)]
    dry_run: bool,
}

/// Rebuilds.
pub fn run(arguments: &Rebuild) -> anyhow::Result<()> {
    crate::cli::serve::begin_log("warn");
    let config = read_config(&arguments.config)?;
    let dir = &config.store.dir;
    if !dir.join(LOG).exists() {
        anyhow::bail!(BadInput(format!(
            "there is no log in {}: name the configuration of a site that has run",
            dir.display()
        )));
    }
    // What is left of a log that lost its end is all there is, when nothing else is to be used.
    let log = match arguments.from_log_only {
        true => start::lock_what_is_left(&config)?,
        false => start::lock(&config)?,
    };
    let done = rebuild(&config, &log, arguments);
    log.close();
    if done.is_err() {
        // A database that was not finished is of no use to anybody.
        let _ = remove(&dir.join(FRESH));
    }
    done
}

fn rebuild(config: &Config, log: &Log, arguments: &Rebuild) -> anyhow::Result<()> {
    let catalog = Arc::new(crate::data::catalog(config.catalog_dir.as_deref())?);
    let (old, fresh) = (config.store.dir.join(DATABASE), config.store.dir.join(FRESH));
    remove(&fresh)?;
    let start = Start::find(&config.store.dir.join(LOG))?;
    let carries = old.exists() && !arguments.from_log_only;
    if carries {
        // What waits in the log is counted first: what is carried must be all there is.
        drop(start::count_all(config, log).with_context(|| lost(&old))?);
    } else if start.from.is_some() && !arguments.from_log_only {
        anyhow::bail!(BadInput(format!(
            "the log does not go back to the beginning, and there is no {} to take the rest from: \
             restore it from a backup, or do without with --from-log-only",
            old.display()
        )));
    }
    let new = derive(config, log, &catalog, carries.then_some(&old), start)?;
    if !old.exists() {
        return swap(&old, new, &fresh, Old::Sound);
    }
    let made = Recount::made(new, catalog, start.from);
    let compared = compare(&old, &made, start);
    let new = made.into_store();
    let state = match compared {
        Ok(()) => Old::Sound,
        // Only with --from-log-only: else all of it was read already.
        Err(error) if arguments.from_log_only && error.is::<StoreError>() => {
            say!("the old database cannot be read, so nothing is compared: {error}")?;
            Old::Unreadable
        }
        Err(error) => return Err(error),
    };
    if arguments.dry_run {
        return forget(new, &fresh);
    }
    swap(&old, new, &fresh, state)
}

/// Tells where the new database differs from the old one.
fn compare(old: &Path, made: &Recount, start: Start) -> anyhow::Result<()> {
    let found = SqliteStore::open_reader(old)?;
    tell(&made.compare(&found, |_| {})?)?;
    compare_incidents(&found, made.store(), start)
}

fn forget(new: SqliteStore, fresh: &Path) -> anyhow::Result<()> {
    drop(new);
    remove(fresh)?;
    say!("nothing was changed, as was asked with --dry-run")?;
    Ok(())
}

/// What becomes of the database that was there.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Old {
    /// It is closed as one file before it is set aside, or there is none.
    Sound,
    /// It is set aside as it is. What SQLite kept beside it goes: it is of no use without it, and
    /// would be taken for that of the new one.
    Unreadable,
}

/// Where counting begins.
#[derive(Clone, Copy, Debug)]
struct Start {
    /// The first record of the stretch that goes on to the end of the log.
    seq: u64,
    /// What is before this minute cannot be counted from the log; none when all can.
    from: Option<UnixMinute>,
}

impl Start {
    fn find(folder: &Path) -> anyhow::Result<Self> {
        let look = Look::at(Arc::new(ReadDisk::open(folder)?))?;
        let seq = look.stretches().last().map_or(0, |(first, _)| *first);
        if seq == 0 {
            return Ok(Self { seq, from: None });
        }
        let frame = look.reader(seq).next(Duration::ZERO)?;
        let from = frame.map(|frame| {
            let first = UnixMillis(frame.at_ms).minute();
            UnixMinute(first.0.saturating_add(REMEMBERED_MINUTES))
        });
        Ok(Self { seq, from })
    }
}

/// Makes the new database from the log, and from the old one what the log does not have.
fn derive(
    config: &Config,
    log: &Log,
    catalog: &Arc<Catalog>,
    old: Option<&PathBuf>,
    start: Start,
) -> anyhow::Result<SqliteStore> {
    let fresh = config.store.dir.join(FRESH);
    let mut new = SqliteStore::open(&fresh)?;
    let mut engine = Engine::new(config.engine, catalog.clone());
    match (old, start.from) {
        (Some(old), Some(from)) => {
            new.carry_from(old, from).with_context(|| lost(old))?;
            let hours = (i64::MIN, from.start().hour());
            start::learn(&mut engine, &new, hours, |_| Ok(true))?;
        }
        (Some(old), None) => {
            let old = SqliteStore::open_reader(old)?;
            carried::series_and_incidents(&old, &mut new)?;
            let hours = (i64::MIN, MachineClock.now().hour());
            start::learn(&mut engine, &new, hours, |_| Ok(true))?;
        }
        (None, _) => {}
    }
    new.set_offset(start.seq)?;
    let shared = Arc::new(Shared::new(engine));
    let timing = Timing { slack_ms: SLACK_MS, keep: config.keep };
    let mut pipeline =
        Pipeline::new(log.clone(), Box::new(new), shared.clone(), timing, start.seq)?;
    pipeline.carried = start.from;
    start::catch_up(&mut pipeline, start.seq, log.next_seq())?;
    // It ends at once, and leaves a saved engine.
    shared.stop.store(true, Ordering::Relaxed);
    pipeline.run();
    let mut new = SqliteStore::open(&fresh)?;
    while new.tend(MachineClock.now().minute(), &config.keep)?.more {}
    let faults = new.integrity()?;
    if let Some(fault) = faults.first() {
        anyhow::bail!("the new database is damaged ({fault}): look at the disk, then try again");
    }
    Ok(new)
}

fn lost(old: &Path) -> String {
    format!(
        "{} cannot be used: restore it from a backup, or do without with --from-log-only",
        old.display()
    )
}

fn tell(differences: &Differences) -> anyhow::Result<()> {
    say!(
        "counted again: {} services, {} days; {} counts differ from the old database",
        differences.services,
        differences.days,
        differences.counts
    )?;
    for line in &differences.told {
        say!("  {line}")?;
    }
    Ok(())
}

/// Tells which incidents differ, and refuses when one that was carried over was lost.
fn compare_incidents(old: &SqliteStore, new: &SqliteStore, start: Start) -> anyhow::Result<()> {
    let (old, new) = (incidents(old)?, incidents(new)?);
    let mut lines = Vec::new();
    for (id, before) in &old {
        let carried = start.from.is_some_and(|from| before.0 < from.start());
        match new.get(id) {
            Some(now) if now == before => {}
            _ if carried => anyhow::bail!(
                "incident {id} was to be carried over, and another has its name now: nothing was \
                 changed; report this"
            ),
            Some(now) => lines.push(format!(
                "{id}: opened {} instead of {}, {} surges instead of {}",
                now.0, before.0, now.1, before.1
            )),
            None => lines.push(format!("{id}: the log gives no such incident now")),
        }
    }
    let added = new.keys().filter(|id| !old.contains_key(*id));
    lines.extend(added.map(|id| format!("{id}: the old database did not have it")));
    say!("incidents: {} in the old database, {} in the new one", old.len(), new.len())?;
    for line in lines.iter().take(TOLD_MAX) {
        say!("  {line}")?;
    }
    if lines.len() > TOLD_MAX {
        say!("  and {} more that differ", lines.len() - TOLD_MAX)?;
    }
    Ok(())
}

/// When each incident opened, and its surges.
fn incidents(store: &SqliteStore) -> anyhow::Result<BTreeMap<String, (UnixMillis, usize)>> {
    let mut all = BTreeMap::new();
    let mut filter = IncidentFilter::default();
    loop {
        let page = store.incidents(&filter, INCIDENTS_PAGE)?;
        let Some(last) = page.last() else { return Ok(all) };
        filter.before = Some((last.opened_at, last.id.clone()));
        for incident in page {
            all.insert(incident.id.0.to_string(), (incident.opened_at, incident.surges.len()));
        }
    }
}

/// Puts the new database where the old one is. At every moment one of them has the name.
fn swap(old: &Path, new: SqliteStore, fresh: &Path, state: Old) -> anyhow::Result<()> {
    new.close_as_one_file()?;
    let before = old.with_file_name(BEFORE);
    if old.exists() {
        match state {
            Old::Sound => SqliteStore::open(old)?
                .close_as_one_file()
                .context("another program reads the old database: end it, then try again")?,
            Old::Unreadable => remove_beside(old)?,
        }
        if before.exists() {
            std::fs::remove_file(&before)?;
        }
        std::fs::hard_link(old, &before)?;
    }
    std::fs::rename(fresh, old)?;
    let folder = old.parent().unwrap_or(Path::new("."));
    std::fs::File::open(folder)?.sync_all()?;
    say!("{} is new", old.display())?;
    if before.exists() {
        say!("the old one is kept as {}: remove it when all is well", before.display())?;
    }
    Ok(())
}

/// Removes a database and what SQLite keeps beside it.
fn remove(path: &Path) -> anyhow::Result<()> {
    remove_beside(path)?;
    remove_all(path, &[""])
}

fn remove_beside(path: &Path) -> anyhow::Result<()> {
    remove_all(path, &["-wal", "-shm", "-journal"])
}

fn remove_all(path: &Path, endings: &[&str]) -> anyhow::Result<()> {
    for ending in endings {
        let mut name = path.as_os_str().to_owned();
        name.push(ending);
        match std::fs::remove_file(&name) {
            Ok(()) => {}
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(error).context(format!("cannot remove {}", path.display())),
        }
    }
    Ok(())
}

//! `outcry verify`: whether everything that is stored is what it was, beside a running server or
//! without one. Nothing is changed.
//!
//! The log is read to its last byte and held against its hash chain; the database is checked page
//! by page and fold by fold; then the log is counted again and every count compared.
//!
//! # What it cannot tell
//!
//! Whether somebody who could write to the disk wrote the whole chain anew: keep the seal that this
//! prints in another place, and compare.

use std::io::IsTerminal as _;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use anyhow::Context;
use indicatif::ProgressBar;
use indicatif::ProgressStyle;
use outcry_store::Store;
use outcry_store::log::disk::ReadDisk;
use outcry_store::log::look::Look;
use outcry_store::record::IncidentFilter;
use outcry_store::sqlite::SqliteStore;
use serde::Serialize;

use crate::cli::BadInput;
use crate::cli::serve::SLACK_MS;
use crate::cli::serve::read_config;
use crate::config::Config;
use crate::inspect::faults_of_sealed;
use crate::recount::Differences;
use crate::recount::Recount;
use crate::recount::Rules;
use crate::station::DATABASE;
use crate::station::LOG;

/// Incidents that are read at once.
const INCIDENTS_PAGE: u32 = 500;
/// Services without a place in the catalogue that are named; the rest are counted.
const UNLISTED_NAMED_MAX: usize = 5;

/// Arguments of `outcry verify`.
#[derive(Debug, clap::Args)]
pub struct Verify {
    /// The configuration of the site.
    #[arg(long, default_value = "outcry.toml")]
    config: PathBuf,
    /// One JSON object instead of text.
    #[arg(long)]
    json: bool,
    /// The seal of an earlier look, kept in another place: the chain must still have it.
    #[arg(long)]
    seal: Option<String>,
}

/// What was found. Faults make the command fail, notes do not.
#[derive(Debug, Default, Serialize)]
pub struct Report {
    /// Nothing is wrong.
    pub sound: bool,
    /// Segment files of the log.
    pub segments: u32,
    /// Those of them that are sealed and in the hash chain.
    pub sealed: u64,
    /// Records that can be read.
    pub records: u64,
    /// The sequence number after the last record.
    pub next_seq: u64,
    /// The end of the hash chain.
    pub seal: String,
    /// Where the database stands in the log.
    pub offset: u64,
    /// Records that were counted again.
    pub recounted: u64,
    /// Services whose counts were compared.
    pub services: u64,
    /// Days of services whose counts were compared.
    pub days: u64,
    /// Counts that differ.
    pub differences: u64,
    /// Incidents whose case files were read.
    pub incidents: u64,
    /// What is wrong.
    pub faults: Vec<String>,
    /// What is worth knowing and not wrong.
    pub notes: Vec<String>,
}

/// Verifies, and fails when anything is wrong.
pub fn run(arguments: &Verify) -> anyhow::Result<()> {
    crate::cli::serve::begin_log("warn");
    let config = read_config(&arguments.config)?;
    let began = Instant::now();
    let report = verify(&config, arguments.seal.as_deref())?;
    if arguments.json {
        say!("{}", serde_json::to_string(&report)?)?;
    } else {
        print(&report, began)?;
    }
    match report.faults.len() {
        0 => Ok(()),
        1 => anyhow::bail!("a fault was found; the guide for operators says what to do"),
        faults => {
            anyhow::bail!("{faults} faults were found; the guide for operators says what to do")
        }
    }
}

/// Reads all that is stored and says what is wrong with it.
///
/// # Errors
///
/// [`BadInput`] when there is nothing to verify; else when something cannot be read at all.
pub fn verify(config: &Config, seal: Option<&str>) -> anyhow::Result<Report> {
    let database = config.store.dir.join(DATABASE);
    let folder = config.store.dir.join(LOG);
    for path in [&database, &folder] {
        if !path.exists() {
            anyhow::bail!(BadInput(format!(
                "there is no {}: name the configuration of a site that has run",
                path.display()
            )));
        }
    }
    let catalog = Arc::new(crate::data::catalog(config.catalog_dir.as_deref())?);
    let store = SqliteStore::open_reader(&database).context("the database")?;
    let mut report = Report::default();
    let mut failed = None;
    // The log is looked at after the snapshot is taken, so that it has all the database knows.
    store.snapshot(|store| {
        let look = look_at(&folder, seal, &mut report);
        let checked = look.and_then(|look| {
            check_database(store, &look, &mut report)?;
            let scratch = tempfile::tempdir().context("a folder to count in")?;
            let rules = Rules { engine: config.engine, slack_ms: SLACK_MS };
            let (end, path) = (report.offset, scratch.path().join(DATABASE));
            let bar = bar("counting again {bar:40} {pos}/{len} records, {eta}", end);
            let again = Recount::read(&look, end, (rules, catalog.clone()), &path, |at| {
                bar.set_position(at);
            })?;
            bar.finish_and_clear();
            report.recounted = again.records;
            let bar = bar_of_services(store)?;
            let differences = again.compare(store, |at| bar.set_position(at))?;
            bar.finish_and_clear();
            tell_unreadable(again.unreadable, &mut report);
            tell(differences, &mut report);
            Ok(())
        });
        failed = checked.err();
        Ok(())
    })?;
    if let Some(error) = failed {
        return Err(error);
    }
    report.sound = report.faults.is_empty();
    Ok(report)
}

/// Checks the log against its checksums and its hash chain.
fn look_at(folder: &Path, seal: Option<&str>, report: &mut Report) -> anyhow::Result<Look> {
    let look = Look::at(Arc::new(ReadDisk::open(folder)?))?;
    let recovery = look.recovery();
    report.segments = recovery.segments;
    report.records = recovery.records;
    report.next_seq = look.next_seq();
    report.seal = look.seal();
    for finding in &recovery.findings {
        let known = if finding.is_damage() { &mut report.faults } else { &mut report.notes };
        known.push(format!("log: {finding}"));
    }
    let files = look.files();
    report.sealed = files.iter().filter(|file| file.stored_hash.is_some()).count() as u64;
    let bytes: u64 = files.iter().filter(|it| it.stored_hash.is_some()).map(|it| it.bytes).sum();
    let bar = bar("reading sealed segments {bar:40} {bytes}/{total_bytes}", bytes);
    report.faults.extend(faults_of_sealed(folder, |bytes| bar.inc(bytes))?);
    bar.finish_and_clear();
    if let Some(seal) = seal
        && !look.has_seal(seal)?
    {
        report.faults.push(format!("log: the hash chain does not have the seal {seal}"));
    }
    for pair in look.stretches().windows(2) {
        if let [(_, end), (first, _)] = pair
            && look.was_removed(*end, *first)
        {
            report.notes.push(format!(
                "log: records {end} to {} are not here any more: they were older than raw reports \
                 are kept, and no incident rests on them",
                first - 1
            ));
        }
    }
    Ok(look)
}

/// Checks pages, folds, offsets and case files of the database.
fn check_database(store: &SqliteStore, look: &Look, report: &mut Report) -> anyhow::Result<()> {
    let faults = store.integrity()?;
    report.faults.extend(faults.into_iter().map(|fault| format!("database: {fault}")));
    report.offset = store.offset()?;
    let (offset, end) = (report.offset, look.next_seq());
    if offset > end {
        report.faults.push(format!(
            "the database stands at record {offset}, but the log ends at {end}: records were lost"
        ));
    } else if offset < end {
        let behind = end - offset;
        report
            .notes
            .push(format!("the database is {behind} records behind the log; a server catches up"));
    }
    if let Some((seq, _)) = store.checkpoint()?
        && seq > offset
    {
        report.faults.push(format!(
            "database: the saved engine stands at record {seq}, the counts at {offset}"
        ));
    }
    let mut filter = IncidentFilter::default();
    loop {
        let page = store.incidents(&filter, INCIDENTS_PAGE)?;
        let Some(last) = page.last() else { return Ok(()) };
        filter.before = Some((last.opened_at, last.id.clone()));
        for incident in page {
            report.incidents += 1;
            match store.case_file(incident.id.0.as_ref(), None) {
                Ok(Some(_)) => {}
                Ok(None) => {
                    report.faults.push(format!("incident {}: it has no case file", incident.id.0))
                }
                Err(error) => report.faults.push(format!("incident {}: {error}", incident.id.0)),
            }
        }
    }
}

fn tell_unreadable(unreadable: u64, report: &mut Report) {
    if unreadable > 0 {
        let what = format!(
            "log: {unreadable} records are whole and yet no signal; they count for nothing"
        );
        report.notes.push(what);
    }
}

fn tell(differences: Differences, report: &mut Report) {
    let Differences { services, days, counts, told, unlisted } = differences;
    (report.services, report.days, report.differences) = (services, days, counts);
    let more = counts - told.len() as u64;
    report.faults.extend(told.into_iter().map(|fault| format!("counts: {fault}")));
    if more > 0 {
        report.faults.push(format!("counts: and {more} more that differ"));
    }
    if !unlisted.is_empty() {
        let named: Vec<&str> = unlisted.iter().take(UNLISTED_NAMED_MAX).map(|it| &**it).collect();
        let more = unlisted.len() - named.len();
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        report.notes.push(format!(
            "counts: not compared for {}{more}, which the catalogue does not have",
            named.join(", ")
        ));
    }
}

fn print(report: &Report, began: Instant) -> anyhow::Result<()> {
    say!(
        "log        {} segments, {} of them sealed, {} records up to {}",
        report.segments,
        report.sealed,
        report.records,
        report.next_seq
    )?;
    say!("seal       {}", seal_words(&report.seal))?;
    say!("database   stands at record {}", report.offset)?;
    say!(
        "counts     {} records counted again: {} services, {} days, {} counts differ",
        report.recounted,
        report.services,
        report.days,
        report.differences
    )?;
    say!("incidents  {}, each with its case file read", report.incidents)?;
    for note in &report.notes {
        say!("note       {note}")?;
    }
    for fault in &report.faults {
        say!("FAULT      {fault}")?;
    }
    let verdict = if report.sound { "nothing is wrong" } else { "something is wrong" };
    say!("{verdict} ({:.1} s)", began.elapsed().as_secs_f64())?;
    Ok(())
}

/// The end of the hash chain, which begins with the first sealed segment.
pub fn seal_words(seal: &str) -> &str {
    if seal.is_empty() { "none yet: no segment is sealed" } else { seal }
}

/// A bar on a terminal, nothing elsewhere.
pub fn bar(template: &str, length: u64) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template(template);
    ProgressBar::new(length).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

fn bar_of_services(store: &SqliteStore) -> anyhow::Result<ProgressBar> {
    let services = store.services()?.len() as u64;
    Ok(bar("comparing {bar:40} {pos}/{len} services", services))
}

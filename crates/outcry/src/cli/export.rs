//! `outcry export`: what is stored, as files that outlive the program.
//!
//! Reads the database of a data folder, with or without a server on it. The site is rendered by
//! the same code that serves it.

use std::io::Write;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::Mutex;
use std::time::Duration;

use anyhow::Context;
use arc_swap::ArcSwap;
use indicatif::ProgressBar;
use indicatif::ProgressStyle;
use outcry_core::engine::Engine;
use outcry_core::incident::Incident;
use outcry_core::incident::IncidentId;
use outcry_core::series::Dimension;
use outcry_core::signal::Body;
use outcry_core::signal::Problem;
use outcry_core::time::UnixMillis;
use outcry_core::time::UnixMinute;
use outcry_core::units::Text;
use outcry_server::board::Board;
use outcry_server::contract::Clock;
use outcry_server::limit::Limits;
use outcry_server::site::Site;
use outcry_server::words::Words;
use outcry_store::Store;
use outcry_store::record::IncidentFilter;
use outcry_store::record::Openness;
use outcry_store::sqlite::SqliteStore;
use outcry_wire::incident::incident_line;
use outcry_wire::signals::read_line;

use crate::cli::BadInput;
use crate::cli::serve::read_config;
use crate::config::Config;
use crate::data;
use crate::places::Places;
use crate::records::Known;
use crate::shared::Shared;
use crate::station::DATABASE;
use crate::station::MachineClock;
use crate::station::open_log;

/// The file that says a folder is ours to write to.
const SITE_MARKER: &str = ".outcry-site";
/// Incidents and minutes read from the store at once.
const PAGE: u32 = 1_000;

/// Arguments of `outcry export`.
#[derive(Debug, clap::Args)]
pub struct Export {
    /// The configuration of the site.
    #[arg(long, global = true, default_value = "outcry.toml")]
    config: PathBuf,
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// All incidents, newest first.
    Incidents {
        /// Only of this service.
        #[arg(long)]
        service: Option<String>,
        /// csv or jsonl.
        #[arg(long, default_value = "jsonl")]
        format: Format,
    },
    /// Minutes of one service: received and counted.
    Series {
        /// Slug of the service.
        service: String,
        /// From this time on, such as 2025-03-10T00:00:00Z.
        #[arg(long)]
        from: String,
        /// Up to this time.
        #[arg(long)]
        until: String,
        /// csv or jsonl.
        #[arg(long, default_value = "csv")]
        format: Format,
    },
    /// Reports as they were told, without the keys of their senders and without comments. Reads the
    /// log, so no server may have it open.
    Reports {
        /// Only of this service.
        #[arg(long)]
        service: Option<String>,
        /// csv or jsonl.
        #[arg(long, default_value = "jsonl")]
        format: Format,
    },
    /// The whole site as static files.
    Site {
        /// Folder to write to; made if it is not there.
        #[arg(long)]
        out: PathBuf,
    },
}

/// Form of an export.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// Comma-separated values with a header.
    Csv,
    /// One JSON object a line.
    Jsonl,
}

/// Exports to standard output or to a folder.
pub fn run(arguments: &Export) -> anyhow::Result<()> {
    crate::cli::serve::begin_log("warn");
    let config = read_config(&arguments.config)?;
    let path = config.store.dir.join(DATABASE);
    if !path.exists() {
        anyhow::bail!(BadInput(format!(
            "{} does not exist: start `outcry serve` once, or name another configuration",
            path.display()
        )));
    }
    let store = SqliteStore::open_reader(&path)
        .with_context(|| format!("{} cannot be exported", path.display()))?;
    let service = match &arguments.what {
        What::Incidents { service, .. } | What::Reports { service, .. } => service.as_deref(),
        What::Series { service, .. } => Some(service.as_str()),
        What::Site { .. } => None,
    };
    if let Some(slug) = service {
        let catalog = data::catalog(config.catalog_dir.as_deref())?;
        if catalog.service(slug).is_none() {
            anyhow::bail!(BadInput(format!("there is no service {slug:?} in the catalogue")));
        }
    }
    match &arguments.what {
        What::Incidents { service, format } => incidents(&store, service.as_deref(), *format),
        What::Series { service, from, until, format } => {
            let (from, until) = (time(from)?, time(until)?);
            if until <= from {
                anyhow::bail!(BadInput("--until must be later than --from".into()));
            }
            series(&store, service, (from, until), *format)
        }
        What::Reports { service, format } => reports(&config, service.as_deref(), *format),
        What::Site { out } => site(&config, store, out),
    }
}

fn time(text: &str) -> anyhow::Result<UnixMinute> {
    UnixMillis::parse(text).map(UnixMillis::minute).ok_or_else(|| {
        BadInput(format!("{text:?} is no time; write it like 2025-03-10T00:00:00Z")).into()
    })
}

/// Every incident of the store, a page at a time.
fn each_incident(
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

fn incidents(store: &dyn Store, service: Option<&str>, format: Format) -> anyhow::Result<()> {
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    if format == Format::Csv {
        writeln!(
            out,
            "id,service,severity,opened_at,closed_at,surges,peak,reports_counted,\
             reports_received,reconstruction"
        )?;
    }
    each_incident(store, service, |incident| {
        if format == Format::Jsonl {
            return Ok(writeln!(out, "{}", incident_line(incident, None))?);
        }
        let severity = format!("{:?}", incident.severity).to_lowercase();
        writeln!(
            out,
            "{},{},{severity},{},{},{},{},{},{},{}",
            incident.id.0,
            incident.service,
            incident.opened_at,
            incident.closed_at.map(|at| at.to_string()).unwrap_or_default(),
            incident.surges.len(),
            incident.surges.iter().map(|surge| surge.peak).max().unwrap_or(0),
            incident.reports_counted,
            incident.reports_received,
            incident.reconstruction,
        )?;
        Ok(())
    })?;
    out.flush()?;
    Ok(())
}

fn series(
    store: &dyn Store,
    service: &str,
    (from, until): (UnixMinute, UnixMinute),
    format: Format,
) -> anyhow::Result<()> {
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    if format == Format::Csv {
        writeln!(out, "minute,received,counted")?;
    }
    let mut next = from;
    loop {
        let rows = store.series_range(service, &Dimension::All, next, until, PAGE)?;
        for (minute, counts) in &rows {
            let at = minute.start();
            match format {
                Format::Csv => writeln!(out, "{at},{},{}", counts.received, counts.counted)?,
                Format::Jsonl => writeln!(
                    out,
                    "{{\"minute\":\"{at}\",\"received\":{},\"counted\":{}}}",
                    counts.received, counts.counted
                )?,
            }
        }
        match rows.last() {
            Some((last, _)) if rows.len() == PAGE as usize => next = UnixMinute(last.0 + 1),
            _ => break,
        }
    }
    out.flush()?;
    Ok(())
}

/// Every report of the log, as far as it may leave the house: no key of a sender, no comment.
fn reports(config: &Config, service: Option<&str>, format: Format) -> anyhow::Result<()> {
    let log = open_log(config, Arc::new(MachineClock))?;
    let mut reader = log.reader(0);
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    if format == Format::Csv {
        writeln!(out, "at,service,affected,problem,works,country,asn,synthetic")?;
    }
    while let Some(frame) = reader.next(Duration::ZERO)? {
        for (index, record) in frame.records.iter().enumerate() {
            let number = frame.first_seq + index as u64;
            let line = String::from_utf8_lossy(record);
            let Ok(mut signal) = read_line(&line, number) else { continue };
            let synthetic = signal.provenance.synthetic;
            let Body::Report(report) = &mut signal.body else { continue };
            if service.is_some_and(|slug| *signal.service != *slug) {
                continue;
            }
            let problem = match &report.problem {
                Problem::Fails(name) => name.to_string(),
                Problem::Unspecified | Problem::Works => String::new(),
            };
            let works = report.problem == Problem::Works;
            let country = report.place.country.map(|c| c.to_string()).unwrap_or_default();
            let asn = report.place.asn.map(|asn| asn.0.to_string()).unwrap_or_default();
            let affected = report.component.as_deref().unwrap_or("");
            let (at, slug) = (signal.at, &signal.service);
            match format {
                Format::Csv => writeln!(
                    out,
                    "{at},{slug},{affected},{problem},{works},{country},{asn},{synthetic}"
                )?,
                Format::Jsonl => {
                    let line = serde_json::json!({
                        "at": at.to_string(), "service": &**slug, "affected": affected,
                        "problem": problem, "works": works, "country": country, "asn": asn,
                        "synthetic": synthetic,
                    });
                    writeln!(out, "{line}")?;
                }
            }
        }
    }
    out.flush()?;
    Ok(())
}

/// A clock that stands still: an export shows one moment.
struct Still(UnixMillis);

impl Clock for Still {
    fn now(&self) -> UnixMillis {
        self.0
    }
}

fn site(config: &Config, store: SqliteStore, out: &Path) -> anyhow::Result<()> {
    let catalog = Arc::new(data::catalog(config.catalog_dir.as_deref())?);
    let saved = store.checkpoint()?;
    let engine = saved
        .and_then(|(_, bytes)| Engine::load(config.engine, catalog.clone(), &bytes))
        .unwrap_or_else(|| Engine::new(config.engine, catalog.clone()));
    let now = engine.now().unwrap_or_default();
    let mut ids: Vec<Text> = Vec::new();
    each_incident(&store, None, |incident| {
        ids.push(incident.id.0.clone());
        Ok(())
    })?;
    let clock: Arc<dyn Clock> = Arc::new(Still(now));
    let known = Arc::new(Known {
        shared: Arc::new(Shared::new(engine)),
        store: Mutex::new(Box::new(store)),
        catalog: ArcSwap::new(catalog.clone()),
        clock: clock.clone(),
        log: None,
    });
    let places = Places::open(config.places.country.as_deref(), config.places.asn.as_deref())?;
    let board = Board::new(
        Arc::new(Site {
            words: Words::english(),
            records: known,
            places: Arc::new(places),
            clock,
            public_url: config.http.public_url.clone(),
            limits: Limits::default(),
            reconstruction: None,
        }),
        config.engine,
    );
    let mut addresses: Vec<String> =
        ["/", "/services", "/incidents", "/methods", "/data", "/api/v1/services"]
            .map(str::to_owned)
            .to_vec();
    addresses.extend(catalog.services.keys().map(|slug| format!("/s/{slug}")));
    for id in &ids {
        addresses.extend([format!("/i/{id}"), format!("/i/{id}/case.json")]);
    }
    write_site(&board, &addresses, &ids, out)
}

fn write_site(board: &Board, addresses: &[String], ids: &[Text], out: &Path) -> anyhow::Result<()> {
    let marker = out.join(SITE_MARKER);
    let others = std::fs::read_dir(out).is_ok_and(|mut entries| entries.next().is_some());
    if others && !marker.exists() {
        anyhow::bail!(BadInput(format!(
            "{} holds files that are not of an earlier export; name an empty folder",
            out.display()
        )));
    }
    write(out, SITE_MARKER, b"made by outcry export site; the next export writes over it\n")?;
    let style = ProgressStyle::with_template("writing {bar:40} {pos}/{len} pages, {eta}");
    let bar = ProgressBar::new(addresses.len() as u64)
        .with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    for address in addresses {
        let Ok(page) = board.page(address) else {
            tracing::warn!(address, "the page cannot be rendered");
            continue;
        };
        write(out, &file_of(address), &page.plain)?;
        bar.inc(1);
    }
    for (name, bytes) in outcry_server::asset::ALL {
        write(out, &format!("assets/{name}"), bytes)?;
    }
    bar.finish_and_clear();
    say!("{}: {} pages, {} incidents", out.display(), addresses.len(), ids.len())?;
    Ok(())
}

/// A web server finds `s/x/index.html` at `/s/x/`, and the links of the pages lead there.
fn file_of(address: &str) -> String {
    let path = address.trim_start_matches('/');
    if path.ends_with(".json") {
        return path.to_owned();
    }
    if path.starts_with("api/") {
        return format!("{path}.json");
    }
    if path.is_empty() { "index.html".into() } else { format!("{path}/index.html") }
}

fn write(out: &Path, file: &str, bytes: &[u8]) -> anyhow::Result<()> {
    let path = out.join(file);
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::write(&path, bytes)
        .map_err(|error| BadInput(format!("cannot write {}: {error}", path.display())))?;
    Ok(())
}

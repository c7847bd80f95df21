//! `outcry serve`: the site, as a configuration file says.

use std::io::IsTerminal;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use std::time::SystemTime;

use outcry_collector::guard::Reach;
use outcry_core::engine::Event;
use outcry_store::sqlite::SqliteStore;

use crate::cli::BadInput;
use crate::config::Config;
use crate::data;
use crate::flows;
use crate::keeper::Keeper;
use crate::looking;
use crate::notices::Notices;
use crate::pipeline::Timing;
use crate::probing;
use crate::station::DATABASE;
use crate::station::MachineClock;
use crate::station::Parts;
use crate::station::Station;
use crate::station::step_back;

/// How far a report's own time may lie before that of its frame.
pub const SLACK_MS: i64 = 250;
/// How often the catalogue folder and the operators' inbox are looked at.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Arguments of `outcry serve`.
#[derive(Debug, clap::Args)]
pub struct Serve {
    /// The configuration; outcry.example.toml shows every option.
    #[arg(long)]
    config: PathBuf,
}

/// Serves until told to stop.
pub fn run(arguments: &Serve) -> anyhow::Result<()> {
    let config = read_config(&arguments.config)?;
    begin_log(&config.log_level);
    crate::station::try_address(config.http.listen)?;
    let catalog = Arc::new(data::catalog(config.catalog_dir.as_deref())?);
    let strange = crate::alerts::rules::strangers(&config.alerts, &catalog);
    if !strange.is_empty() {
        let file = arguments.config.display();
        anyhow::bail!(BadInput(format!("mistakes in {file}:\n  {}", strange.join("\n  "))));
    }
    for what in config.lacks_address() {
        tracing::warn!("{what}");
    }
    let parts = Parts {
        config: config.clone(),
        catalog,
        clock: Arc::new(MachineClock),
        timing: Timing { slack_ms: SLACK_MS, keep: config.keep },
        reconstruction: None,
        engine: None,
    };
    let mut station = Station::start(parts)?;
    keep(&mut station, &config)?;
    crate::inspect::begin(&config.store.dir, station.shared())?;
    crate::hub::start::start(&mut station, &config)?;
    ask_notices(&mut station, &config)?;
    let traffic = flows::start(&mut station, &config)?;
    crate::alerts::start(&mut station, &config, &arguments.config)?;
    probing::start(&mut station, &config, &arguments.config, traffic)?;
    watch(&mut station, config)?;
    station.serve(|address| println!("Outcry is at http://{address}"))
}

/// Reads a configuration.
///
/// # Errors
///
/// [`BadInput`] with every mistake.
pub fn read_config(path: &std::path::Path) -> anyhow::Result<Config> {
    let text = data::text_of(path)?;
    Config::read(&path.display().to_string(), &text)
        .map_err(|mistakes| BadInput::mistakes(&mistakes).into())
}

/// Lets the program say what it does on standard error; `RUST_LOG` overrules the configuration.
pub fn begin_log(level: &str) {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new(level));
    // A second call, in tests, changes nothing.
    let _ = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_target(false)
        .with_ansi(std::io::stderr().is_terminal())
        .try_init();
}

/// Keeps the log in order from now on.
fn keep(station: &mut Station, config: &Config) -> anyhow::Result<()> {
    let database = config.store.dir.join(DATABASE);
    let keeper = Keeper {
        log: station.log.clone(),
        store: Box::new(SqliteStore::open_reader(&database)?),
        database,
        shared: station.shared(),
        clock: Arc::new(MachineClock),
        raw_days: config.raw_days,
    };
    station.spawn("keep", move || {
        step_back();
        keeper.run();
    })
}

/// Asks the providers' notice pages from now on.
fn ask_notices(station: &mut Station, config: &Config) -> anyhow::Result<()> {
    let Some(interval_s) = config.notices_interval_s else { return Ok(()) };
    let agent = looking::agent_of(&config.http.public_url);
    let notices = Notices {
        log: station.log.clone(),
        known: station.known.clone(),
        shared: station.shared(),
        context: looking::context(agent, Reach::Public),
        interval: Duration::from_secs(interval_s),
    };
    station.spawn("notices", move || {
        step_back();
        notices.run();
    })
}

/// Looks at the catalogue folder and at the inbox of operators, once a second.
fn watch(station: &mut Station, config: Config) -> anyhow::Result<()> {
    let shared = station.shared();
    let (log, known, board) = (station.log.clone(), station.known.clone(), station.board.clone());
    let alerts = station.alerts.clone();
    let mut seen = config.catalog_dir.as_deref().and_then(newest_change);
    station.spawn("watch", move || {
        let mut named = Vec::new();
        while !shared.stop.load(Ordering::Relaxed) {
            std::thread::sleep(LOOK_EVERY);
            crate::cli::admin::take_inbox(&config.store.dir, &log);
            for file in crate::cli::admin::strangers_in_inbox(&config.store.dir) {
                if !named.contains(&file) {
                    tracing::warn!(file = %file.display(), "not taken: only .jsonl is");
                    named.push(file);
                }
            }
            let Some(dir) = config.catalog_dir.as_deref() else { continue };
            let changed = newest_change(dir);
            if changed == seen {
                continue;
            }
            seen = changed;
            match data::catalog(Some(dir)) {
                Ok(catalog) => {
                    let catalog = Arc::new(catalog);
                    known.catalog.store(catalog.clone());
                    for what in crate::alerts::rules::strangers(&alerts.load(), &catalog) {
                        tracing::warn!("nobody is told of it: {what}");
                    }
                    // A new catalogue gives no action: nothing was counted.
                    shared
                        .engine
                        .lock()
                        .unwrap_or_else(std::sync::PoisonError::into_inner)
                        .handle(Event::Catalog(catalog.clone()));
                    board.catalog_changed();
                    tracing::info!(
                        services = catalog.services.len(),
                        "the new catalogue is in force"
                    );
                }
                Err(error) => {
                    tracing::error!("the last good catalogue stays in force; {error:#}");
                }
            }
        }
    })
}

/// When a file of the folder was last changed, and how many there are.
fn newest_change(dir: &std::path::Path) -> Option<(SystemTime, usize)> {
    let files: Vec<SystemTime> = std::fs::read_dir(dir)
        .ok()?
        .flatten()
        .filter(|entry| entry.path().extension().is_some_and(|extension| extension == "toml"))
        .filter_map(|entry| entry.metadata().ok()?.modified().ok())
        .collect();
    Some((files.iter().max().copied()?, files.len()))
}

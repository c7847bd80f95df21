//! `outcry demo`: the site over a reconstructed day, then live.
//!
//! Everything runs as in `serve`, with a temporary folder and a clock that tells the story faster.
//! What lies before the beginning was learnt and decided by the same engine before the first page
//! is served.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use indicatif::ProgressBar;
use outcry_core::engine::Action;
use outcry_core::engine::Engine;
use outcry_core::engine::Event;
use outcry_core::signal::Signal;
use outcry_core::time::MINUTE_MS;
use outcry_core::time::UnixMillis;
use outcry_server::contract::Clock;
use outcry_server::limit::Limits;
use outcry_server::site::Reconstruction;
use outcry_sim::scenario::Scenario;
use outcry_store::Store;
use outcry_store::log::Log;
use outcry_store::record::Batch;
use outcry_store::record::Retention;
use outcry_store::sqlite::SqliteStore;
use outcry_wire::signals::write_line;

use crate::cli::BadInput;
use crate::config::Config;
use crate::data;
use crate::pipeline::Timing;
use crate::shared::Shared;
use crate::station::DATABASE;
use crate::station::Parts;
use crate::station::Station;
use crate::stories;
use crate::stories::StoryClock;

/// Story time before the onset at which a demo begins.
const LEAD_MS: i64 = 15 * MINUTE_MS;
/// Real time between two looks at what the story has to tell.
const STEP: Duration = Duration::from_millis(50);
/// Real time that a report's own time may lie before that of its frame.
const SLACK_MS: f64 = 250.0;

/// Arguments of `outcry demo`.
#[derive(Debug, clap::Args)]
pub struct Demo {
    /// Address to listen on.
    #[arg(long, default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// How many times as fast as it happened the story is told.
    #[arg(long, default_value_t = 120.0)]
    speed: f64,
    /// The story: a built-in scenario, or the path of a .toml file.
    #[arg(long, default_value = "x-2025-03-10")]
    scenario: String,
    /// Where in the story to begin, such as 2025-03-10T14:05:00Z; by default shortly before its
    /// onset. All that happened earlier is known then.
    #[arg(long)]
    start: Option<String>,
    /// Answers of the API that may be made for one network prefix in a minute, for those who test
    /// it with many.
    #[arg(long, default_value_t = Limits::default().reads_per_prefix_per_minute)]
    reads: u32,
}

/// Serves the story until told to stop.
pub fn run(arguments: &Demo) -> anyhow::Result<()> {
    if !(arguments.speed.is_finite() && (0.01..=100_000.0).contains(&arguments.speed)) {
        anyhow::bail!(BadInput("--speed must lie between 0.01 and 100000, such as 120".into()));
    }
    crate::cli::serve::begin_log("warn");
    let scenario = stories::scenario(&arguments.scenario)?;
    let catalog = Arc::new(scenario.catalog(&data::catalog(None)?));
    let mistakes = scenario.check(&arguments.scenario, &catalog);
    if !mistakes.is_empty() {
        anyhow::bail!(BadInput::mistakes(&mistakes));
    }
    let start = start_of(arguments, &scenario)?;
    crate::station::try_address(arguments.listen)?;
    let spinner = ProgressBar::new_spinner().with_message("learning what is usual …");
    spinner.enable_steady_tick(Duration::from_millis(80));
    let folder = tempfile::Builder::new().prefix("outcry-demo-").tempdir()?;
    let mut config = Config::default();
    config.http.listen = arguments.listen;
    // A demo is for whoever started it, so it is reached where it listens, if that is one place.
    if arguments.listen.port() != 0 && !arguments.listen.ip().is_unspecified() {
        config.http.public_url = format!("http://{}", arguments.listen);
    }
    config.http.limits.reads_per_prefix_per_minute = arguments.reads;
    config.store.dir = folder.path().to_owned();
    let clock = Arc::new(StoryClock::new(start, scenario.until, arguments.speed));
    let mut signals = scenario.signals(scenario.seed, &catalog);
    let later = signals.split_off(signals.partition_point(|signal| signal.at < start));
    let mut engine = Engine::new(config.engine, catalog.clone());
    for hour in scenario.history(scenario.seed, &catalog) {
        engine.handle(Event::Past(hour));
    }
    prepare(&mut engine, &config, scenario.from, start, signals)?;
    let parts = Parts {
        config,
        catalog,
        clock: clock.clone(),
        timing: Timing {
            slack_ms: (SLACK_MS * arguments.speed).max(SLACK_MS) as i64,
            keep: Retention::default(),
        },
        reconstruction: Some(Reconstruction { title: scenario.title.to_string() }),
        engine: Some(engine),
    };
    clock.begin();
    let mut station = Station::start(parts)?;
    spinner.finish_and_clear();
    let (log, shared) = (station.log.clone(), station.shared());
    station.spawn("story", move || tell(&later, &log, &clock, &shared))?;
    let speed = arguments.speed;
    station.serve(|address| {
        println!("Outcry is at http://{address}");
        println!("  {} (a reconstruction), {speed} times as fast, from {start}", scenario.title);
        println!("  Ctrl-C ends it; nothing is kept.");
    })
}

fn start_of(arguments: &Demo, scenario: &Scenario) -> anyhow::Result<UnixMillis> {
    let start = match &arguments.start {
        None => {
            scenario.truth.as_ref().map_or(scenario.from, |truth| truth.onset.plus_ms(-LEAD_MS))
        }
        Some(text) => UnixMillis::parse(text).ok_or_else(|| {
            BadInput(format!("{text:?} is no time; write it like {}", scenario.from))
        })?,
    };
    if start < scenario.from || start > scenario.until {
        anyhow::bail!(BadInput(format!(
            "{start} lies outside the story; write a time from {} to {}",
            scenario.from, scenario.until
        )));
    }
    Ok(start)
}

/// Decides what happened before the beginning, and stores what follows from it.
fn prepare(
    engine: &mut Engine,
    config: &Config,
    from: UnixMillis,
    start: UnixMillis,
    signals: Vec<Signal>,
) -> anyhow::Result<()> {
    let mut batch = Batch::default();
    let mut keep = |actions: Vec<Action>| {
        for action in actions {
            match action {
                // Minutes of before are in the engine; a demo keeps no history beyond it.
                Action::Count(_) | Action::Finding(_) | Action::Recheck(_) => {}
                Action::Incident(_, incident) => batch.incidents.push(incident),
                Action::Case(case) => batch.cases.push(case),
            }
        }
    };
    engine.handle(Event::Watermark(from));
    for signal in signals {
        keep(engine.handle(Event::Signal(signal)));
    }
    keep(engine.handle(Event::Watermark(start)));
    SqliteStore::open(&config.store.dir.join(DATABASE))?.apply(&batch)?;
    Ok(())
}

/// Writes the story's signals to the log as their time comes.
fn tell(signals: &[Signal], log: &Log, clock: &StoryClock, shared: &Shared) {
    let mut told = 0;
    while told < signals.len() && !shared.stop.load(Ordering::Relaxed) {
        let now = clock.now();
        while told < signals.len() && signals[told].at <= now {
            let record = write_line(&signals[told]).into_bytes();
            // A full queue: the next round goes on from here.
            if log.append(record, Box::new(|_| {})).is_err() {
                break;
            }
            told += 1;
        }
        std::thread::sleep(STEP);
    }
}

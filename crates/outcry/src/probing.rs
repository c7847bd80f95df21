//! Live probing: what the catalogue and the operator want looked at becomes monitors; what is seen
//! becomes signals in the log, and the log alone tells the engine.
//!
//! `[probes] enabled = false` switches it off; `demo` and `replay` never begin it. What tells
//! nothing about a target (our own filter, a network that is down, a loop that was late) is counted
//! and not written down.

pub mod alerts;
pub mod config;
pub mod console;
pub mod context;
pub mod latest;
pub mod metrics;
pub mod monitors;
pub mod told;

use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use std::time::SystemTime;

use outcry_collector::schedule::Looked;
use outcry_collector::schedule::run;
use outcry_collector::schedule::run::Scheduler;
use outcry_core::catalog::Catalog;
use outcry_store::log::Log;
use tokio::sync::broadcast::error::TryRecvError;

use crate::config::Config;
use crate::data;
use crate::flows::page::Traffic;
use crate::probing::config::Probes;
use crate::probing::console::Console;
use crate::probing::latest::Latest;
use crate::probing::told::Teller;
use crate::records::Known;
use crate::shared::Shared;
use crate::station::Station;
use crate::tokens::Tokens;

/// How often orders and files are looked at.
const LOOK_EVERY: Duration = Duration::from_millis(200);
/// Rounds of that after which files are looked at.
const FILES_EVERY: u32 = 5;

/// Begins to probe, if the configuration says so.
///
/// # Errors
///
/// When a file it names cannot be read, or the operator's listener cannot be opened.
pub fn start(
    station: &mut Station,
    config: &Config,
    file: &Path,
    traffic: Option<Traffic>,
) -> anyhow::Result<()> {
    let context = context::of(&config.probes, &config.http.public_url)?;
    let latest = Arc::new(Latest::default());
    if !config.probes.enabled {
        // The console shows traffic, also where nothing is looked at.
        let tokens = Tokens::new(&config.store.dir);
        let console = Console { latest, scheduler: None, context, tokens, traffic };
        let Some(open) = console.open(&config.probes)? else { return Ok(()) };
        let shared = station.shared();
        return station.spawn("console", move || {
            while !shared.stop.load(Ordering::Relaxed) {
                std::thread::sleep(LOOK_EVERY);
            }
            drop(open);
        });
    }
    let settings = context::settings(&config.probes);
    let teller = Teller::new(&config.probes)?;
    let sink = sink(station.log.clone(), latest.clone(), teller);
    let scheduler = run::spawn(settings, context.clone(), sink)?;
    let tokens = Tokens::new(&config.store.dir);
    let scheduler_shown = Some(scheduler.clone());
    let console = Console { latest, scheduler: scheduler_shown, context, tokens, traffic };
    let console = console.open(&config.probes)?;
    let control = Control {
        scheduler,
        known: station.known.clone(),
        shared: station.shared(),
        file: file.to_owned(),
        seen: changed_at(file),
        probes: config.probes.clone(),
    };
    station.spawn("probe control", move || {
        control.run();
        drop(console);
    })
}

/// Writes what was seen into the log. Called on the thread that looks.
fn sink(log: Log, latest: Arc<Latest>, teller: Teller) -> run::Sink {
    Box::new(move |looked: Looked| {
        latest.note(&looked);
        if !looked.is_evidence() {
            return latest.untold();
        }
        let (kept, lost) = (latest.clone(), latest.clone());
        let told = Box::new(move |fate: Result<u64, _>| match fate {
            Ok(_) => kept.told(),
            Err(_) => kept.lost(),
        });
        if log.append(teller.record(&looked), told).is_err() {
            lost.lost();
        }
    })
}

/// Gives the loop its monitors and orders until the program ends.
struct Control {
    scheduler: Scheduler,
    known: Arc<Known>,
    shared: Arc<Shared>,
    file: PathBuf,
    seen: Option<SystemTime>,
    probes: Probes,
}

impl Control {
    fn run(mut self) {
        let mut rechecks = self.shared.rechecks.subscribe();
        let mut catalog = self.known.catalog.load_full();
        self.set(&catalog);
        let mut rounds = 0_u32;
        while !self.shared.stop.load(Ordering::Relaxed) {
            std::thread::sleep(LOOK_EVERY);
            loop {
                match rechecks.try_recv() {
                    Ok(service) => drop(self.scheduler.surge(&service)),
                    Err(TryRecvError::Lagged(_)) => {}
                    Err(TryRecvError::Empty | TryRecvError::Closed) => break,
                }
            }
            rounds = rounds.wrapping_add(1);
            if !rounds.is_multiple_of(FILES_EVERY) {
                continue;
            }
            let now = self.known.catalog.load_full();
            let is_new = !Arc::ptr_eq(&now, &catalog);
            catalog = now;
            if self.read_again() || is_new {
                self.set(&catalog);
            }
        }
        self.scheduler.stop();
    }

    fn set(&self, catalog: &Catalog) {
        let (monitors, wrong) = monitors::of(&self.probes, catalog);
        for what in wrong {
            tracing::warn!("{what}");
        }
        tracing::info!(monitors = monitors.len(), "probing");
        if !self.scheduler.set(monitors) {
            tracing::error!("the loop that probes is gone");
        }
    }

    /// Reads the configuration again when it has changed. With a mistake in it the last good one
    /// stays in force. Only monitors change in a running program.
    fn read_again(&mut self) -> bool {
        let changed = changed_at(&self.file);
        if changed == self.seen {
            return false;
        }
        self.seen = changed;
        let name = self.file.display().to_string();
        let read = data::text_of(&self.file).map(|text| Config::read(&name, &text));
        match read {
            Ok(Ok(config)) => {
                tracing::info!("the new monitors are in force");
                self.probes = config.probes;
                true
            }
            Ok(Err(mistakes)) => {
                for mistake in mistakes {
                    tracing::error!(%mistake, "the last good monitors stay in force");
                }
                false
            }
            Err(error) => {
                tracing::error!("the last good monitors stay in force; {error:#}");
                false
            }
        }
    }
}

fn changed_at(file: &Path) -> Option<SystemTime> {
    std::fs::metadata(file).ok()?.modified().ok()
}

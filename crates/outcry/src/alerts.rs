//! Alerts of a station: what the engine decided is held against rules ([`planner`]), stored with
//! the incident, and sent by a thread of its own ([`sender`]).
//!
//! Rules and channels are read from the configuration, and again whenever it changes. With a
//! mistake in it the last good ones stay in force.

pub mod clockwork;
pub mod config;
pub mod people;
pub mod planner;
pub mod push;
pub mod rules;
pub mod sender;
pub mod told;
pub mod ways;

use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::SystemTime;

use arc_swap::ArcSwap;
use outcry_store::sqlite::outbox::Outbox;

use crate::alerts::config::AlertConfig;
use crate::alerts::sender::Sender;
use crate::alerts::ways::Ways;
use crate::config::Config;
use crate::data;
use crate::records::Known;
use crate::station::DATABASE;
use crate::station::MachineClock;
use crate::station::Station;
use crate::station::step_back;

/// The settings in force, for those who plan and those who send.
pub type InForce = Arc<ArcSwap<AlertConfig>>;

/// Reads a configuration again when its file has changed.
pub struct Reading {
    file: PathBuf,
    seen: Option<SystemTime>,
    in_force: InForce,
    known: Arc<Known>,
}

impl Reading {
    /// Of this file, as it is now.
    pub fn new(file: &Path, in_force: InForce, known: Arc<Known>) -> Self {
        Self { file: file.to_owned(), seen: changed_at(file), in_force, known }
    }

    /// Looks at the file, and puts new settings in force.
    pub fn look(&mut self) {
        let changed = changed_at(&self.file);
        if changed == self.seen {
            return;
        }
        self.seen = changed;
        let name = self.file.display().to_string();
        match data::text_of(&self.file).map(|text| Config::read(&name, &text)) {
            Ok(Ok(config)) => {
                let strange = rules::strangers(&config.alerts, &self.known.catalog.load());
                if !strange.is_empty() {
                    for what in strange {
                        tracing::error!("the last good alerts stay in force; {what}");
                    }
                    return;
                }
                tracing::info!(rules = config.alerts.rules.len(), "the new alerts are in force");
                self.in_force.store(Arc::new(config.alerts));
            }
            Ok(Err(mistakes)) => {
                for mistake in mistakes {
                    tracing::error!(%mistake, "the last good alerts stay in force");
                }
            }
            Err(error) => tracing::error!("the last good alerts stay in force; {error:#}"),
        }
    }
}

/// Sends from now on.
///
/// # Errors
///
/// When the outbox cannot be opened, or a file the configuration names cannot be used.
pub fn start(station: &mut Station, config: &Config, file: &Path) -> anyhow::Result<()> {
    let sender = Sender {
        outbox: Outbox::open(&config.store.dir.join(DATABASE))?,
        in_force: station.alerts.clone(),
        reading: Reading::new(file, station.alerts.clone(), station.known.clone()),
        shared: station.shared(),
        clock: Arc::new(MachineClock),
        ways: Arc::new(Ways::new(config)?),
    };
    station.spawn("alerts", move || {
        step_back();
        sender.run();
    })
}

fn changed_at(file: &Path) -> Option<SystemTime> {
    std::fs::metadata(file).ok()?.modified().ok()
}

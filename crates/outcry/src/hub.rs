//! The hub: where vantage points of other places bring what they see.
//!
//! It has an address of its own, apart from the public pages, and speaks TLS 1.3 only, with an
//! authority that it made itself. Whoever comes shows a certificate of that authority; the one
//! thing that can be done without is to enrol, with a token.
//!
//! A result is acknowledged when it is in the log, and not before. By the number that its agent
//! gave it, it is known when it comes again.
//!
//! # What it cannot tell
//!
//! Whether an agent stands where its address says. Country and network are looked up from the
//! address it comes from, unless the operator stated them.

pub mod authority;
pub mod courtesy;
pub mod door;
pub mod fleet;
pub mod intake;
pub mod registry;
pub mod start;
#[cfg(test)]
mod tests;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;

use outcry_server::contract::Clock;
use outcry_server::contract::PlaceLookup;
use outcry_store::log::Log;

use crate::hub::authority::Authority;
use crate::hub::courtesy::Courtesy;
use crate::hub::fleet::Fleet;
use crate::hub::intake::Taken;
use crate::hub::registry::Registry;

/// Name of the folder in the data folder.
pub const FOLDER: &str = "hub";

/// What an operator can set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HubConfig {
    /// Address to listen on; `None`: there is no hub.
    pub listen: Option<SocketAddr>,
    /// Names and addresses under which agents reach it.
    pub names: Vec<String>,
    /// Further things that vantage points look at.
    pub monitors: Vec<Extra>,
}

/// A monitor that an operator adds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Extra {
    /// Slug of the service.
    pub service: String,
    /// The address.
    pub url: String,
    /// Seconds between two rounds.
    pub interval_s: u32,
}

/// All that a hub shares between its connections.
pub struct Hub {
    /// Who signs.
    pub authority: Authority,
    /// Who may come.
    pub registry: Registry,
    /// What has come.
    pub taken: Taken,
    /// What is to be looked at.
    pub fleet: Mutex<Arc<Fleet>>,
    /// Who is asked to look out of turn.
    pub courtesy: Courtesy,
    /// The log.
    pub log: Log,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Where addresses are.
    pub places: Arc<dyn PlaceLookup>,
}

impl Hub {
    /// Opens a hub in its folder, and learns from the log what it has.
    ///
    /// # Errors
    ///
    /// When its folder or the log cannot be read.
    pub fn open(
        folder: PathBuf,
        names: &[String],
        log: Log,
        clock: Arc<dyn Clock>,
        places: Arc<dyn PlaceLookup>,
    ) -> anyhow::Result<Self> {
        std::fs::create_dir_all(&folder)?;
        Ok(Self {
            authority: Authority::open(&folder, names)?,
            taken: Taken::open(&folder, &log)?,
            registry: Registry::new(folder),
            fleet: Mutex::default(),
            courtesy: Courtesy::default(),
            log,
            clock,
            places,
        })
    }

    /// What is to be looked at now.
    pub fn fleet(&self) -> Arc<Fleet> {
        self.fleet.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Sets what is to be looked at.
    pub fn set_fleet(&self, fleet: Fleet) {
        *self.fleet.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new(fleet);
    }
}

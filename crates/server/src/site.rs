//! The site: what every page and handler shares, made once at the start.

use std::sync::Arc;

use outcry_core::time::UnixMillis;

use crate::contract::Clock;
use crate::contract::PlaceLookup;
use crate::contract::Records;
use crate::limit::Limits;
use crate::words::Words;

/// What every page and handler shares.
pub struct Site {
    /// The words of the pages.
    pub words: Words,
    /// What is known.
    pub records: Arc<dyn Records>,
    /// Places of addresses.
    pub places: Arc<dyn PlaceLookup>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Where the site is reached from outside, without a slash at its end; empty when unknown.
    pub public_url: String,
    /// Whether people may ask to be told by e-mail.
    pub tells_by_mail: bool,
    /// The key to which browsers subscribe; `None` where they are not told.
    pub push_key: Option<String>,
    /// Limits an operator may set.
    pub limits: Limits,
    /// Set when the whole site shows a reconstruction.
    pub reconstruction: Option<Reconstruction>,
}

/// The story that a reconstruction shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reconstruction {
    /// The title of the scenario.
    pub title: String,
}

impl Site {
    /// What stands before a path of this site, where a relative address is understood too: where
    /// the site is reached, or nothing when that is not known.
    pub fn url(&self) -> &str {
        &self.public_url
    }

    /// Where the site is reached, for people to read; a stand-in that says so when that is not
    /// known.
    pub fn shown_url(&self) -> &str {
        if self.public_url.is_empty() { "https://ADDRESS-OF-THIS-SITE" } else { &self.public_url }
    }

    /// Now.
    pub fn now(&self) -> UnixMillis {
        self.clock.now()
    }
}

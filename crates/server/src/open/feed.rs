//! Feeds: incidents of a service, a country, a category, or all, and claims with their rulings, as
//! RSS 2.0, Atom and JSON Feed.
//!
//! An incident is one entry for ever; it is updated when it closes. Readers that show updates tell
//! of both, others of the first.

mod entries;
mod write;

use outcry_core::time::DAY_MS;
use outcry_core::time::UnixMillis;

use crate::body::Page;
use crate::contract::Records;
use crate::open::Asked;
use crate::problem::Problem;
use crate::site::Site;

/// What a feed is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Topic {
    /// All incidents.
    All,
    /// Incidents of one service.
    Service,
    /// Incidents in one country.
    Country,
    /// Incidents of one category.
    Category,
    /// All claims.
    Claims,
    /// One claim.
    Claim,
}

/// A feed in no form yet.
struct Feed {
    title: String,
    description: String,
    /// The page that shows the same.
    home: Address,
    /// Its own address.
    own: Address,
    updated: UnixMillis,
    entries: Vec<Entry>,
}

/// An address of this site: whole, or only its path where it is not known where people reach it.
struct Address(String);

impl Address {
    fn of(site: &Site, path: &str) -> Self {
        Self(format!("{}{path}", site.url()))
    }

    /// The address, unless it is only a path.
    fn whole(&self) -> Option<&str> {
        (!self.0.starts_with('/')).then_some(&self.0)
    }
}

/// One entry.
struct Entry {
    /// Its name for ever.
    id: String,
    url: Address,
    title: String,
    text: String,
    published: UnixMillis,
    updated: UnixMillis,
}

/// Renders a feed in the form that was asked for.
///
/// # Errors
///
/// When there is no such service, category or claim, or the store cannot be read.
pub fn render(site: &Site, asked: &Asked, topic: Topic) -> Result<Page, Problem> {
    let records: &dyn Records = &*site.records;
    let (about, path) = entries::about(site, asked, topic)?;
    let entries = match topic {
        Topic::Claims | Topic::Claim => entries::claims(site, asked.value("claim"))?,
        _ => entries::incidents(site, records, asked, topic)?,
    };
    if topic == Topic::Claim && entries.is_empty() {
        return Err(Problem::NotFound("claim"));
    }
    // Without entries nothing happened that would give it a time; a day is fine enough.
    let today = UnixMillis(site.now().0.div_euclid(DAY_MS) * DAY_MS);
    let feed = Feed {
        title: site.words.with("feed-title", &[("about", about.into())]),
        description: site.words.say("feed-description"),
        home: Address::of(site, &path),
        own: Address::of(site, asked.address()),
        updated: entries.iter().map(|entry| entry.updated).max().unwrap_or(today),
        entries,
    };
    let (kind, text) = match asked.value("form") {
        Some("rss.xml") => ("application/rss+xml; charset=utf-8", write::rss(&feed)),
        Some("feed.json") => ("application/feed+json", write::json(&feed)),
        _ => ("application/atom+xml; charset=utf-8", write::atom(&feed)),
    };
    Ok(Page::open(kind, text))
}

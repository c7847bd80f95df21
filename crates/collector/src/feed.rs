//! Fetching what providers say about themselves, politely and through the filter.
//!
//! A notice page is asked under the addresses where its machine-readable form stands, in the order
//! of [`PATHS`]; the first that can be read is remembered by the caller. An `ETag` is honoured, so
//! that a page that has not changed costs its provider one short answer.
//!
//! # What it cannot tell
//!
//! Whether silence means health: a page that cannot be read is unreadable, never "operational".

pub mod follow;

use ::http::HeaderMap;
use ::http::HeaderValue;
use ::http::header;
use bytes::Bytes;
use outcry_decode::feed;
use outcry_decode::feed::Snapshot;

use crate::address::Url;
use crate::probe::Context;
use crate::probe::exchange::Message;
use crate::probe::http;

/// Where machine-readable notices stand below a page, most frequent first.
pub const PATHS: &[&str] = &[
    "/api/v2/summary.json",
    "/summary.json",
    "/index.json",
    "/api/v2.0.0/current",
    "/incidents.json",
    "/history.atom",
    "/history.rss",
    "/feed",
];
/// Least time between two questions to one page, seconds.
pub const INTERVAL_S_MIN: u64 = 60;
/// Redirects that are followed.
const REDIRECTS_MAX: u8 = 3;

/// What came of one question.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// The page has not changed since the last time.
    Unchanged,
    /// What stands there now, with the mark to ask with next time.
    Read {
        /// All snapshots of the document.
        snapshots: Vec<Snapshot>,
        /// Its `ETag`.
        etag: Option<HeaderValue>,
    },
    /// It could not be fetched. A lower-case fragment.
    Failed(String),
}

impl Answer {
    /// Whether it holds a snapshot that could be read.
    pub fn readable(&self) -> bool {
        matches!(self, Self::Read { snapshots, .. } if snapshots.iter().any(Snapshot::readable))
    }
}

/// Asks one address.
pub async fn ask(url: &Url, etag: Option<&HeaderValue>, context: &Context) -> Answer {
    let mut target = http::Target::new(url.clone());
    target.redirects_max = REDIRECTS_MAX;
    target.message = Message { headers: asking(etag), ..Message::default() };
    // An answer is weighed by what can be read in it, not as a page for people.
    let context = Context { judge: crate::probe::page::trust, ..context.clone() };
    let outcome = http::probe(&target, &context).await;
    if outcome.facts.status == Some(304) && etag.is_some() {
        return Answer::Unchanged;
    }
    if let Some(reason) = outcome.reason() {
        return Answer::Failed(reason);
    }
    let facts = outcome.facts;
    if facts.body_is_cut {
        let limit = crate::probe::body::BODY_BYTES_MAX;
        return Answer::Failed(format!("the document is longer than {limit} bytes"));
    }
    let etag = facts.headers.get(header::ETAG).cloned();
    Answer::Read { snapshots: snapshots(&facts.body), etag }
}

/// Asks a page under every address it may have, until one can be read.
///
/// Hands back the address that answered, to be asked from then on.
pub async fn find(page: &Url, context: &Context) -> (Url, Answer) {
    let first = ask(page, None, context).await;
    if first.readable() {
        return (page.clone(), first);
    }
    for path in PATHS {
        let Ok(url) = page.join(path) else { continue };
        let answer = ask(&url, None, context).await;
        if answer.readable() {
            return (url, answer);
        }
    }
    (page.clone(), first)
}

fn asking(etag: Option<&HeaderValue>) -> HeaderMap {
    let mut headers = HeaderMap::new();
    let accepted = "application/json, application/atom+xml, application/rss+xml, */*;q=0.1";
    headers.insert(header::ACCEPT, HeaderValue::from_static(accepted));
    if let Some(etag) = etag {
        headers.insert(header::IF_NONE_MATCH, etag.clone());
    }
    headers
}

fn snapshots(body: &Bytes) -> Vec<Snapshot> {
    feed::snapshots(body)
}

//! What one window of a log counts, and what several come to.
//!
//! Sums only: what they mean is said in `facts` and `judge`. Windows that follow each other can be
//! added up; clients, paths and what clients say of themselves are known by keyed hashes.
//!
//! # What it cannot tell
//!
//! More than [`COUNTED_MAX`] paths or agents of one window: later ones are counted in no place of
//! their own.

use std::collections::BTreeMap;

use crate::attack::requests::COUNTED_MAX;
use crate::attack::requests::Request;
use crate::attack::requests::agent::Says;
use crate::attack::requests::visitor::Step;
use crate::attack::requests::visitor::Visitors;
use crate::traffic::sketch::sample::Distinct;
use crate::traffic::sketch::sample::hash;

/// Clients that are kept when windows are added up.
const SUMMED_MAX: usize = 65_536;
/// Distinct questions that are kept to estimate how many there are.
const QUERIES_KEPT: usize = 256;

/// What a window counts.
#[derive(Clone, Debug)]
pub(super) struct Window {
    pub(super) requests: f64,
    /// Answered with 5xx.
    pub(super) errors: f64,
    pub(super) not_found: f64,
    pub(super) aborted: f64,
    pub(super) unfinished: f64,
    /// Went away unanswered after ten seconds and more.
    pub(super) stalled: f64,
    pub(super) assets: f64,
    /// Pages, or calls, that were answered as they should.
    pub(super) pages: f64,
    pub(super) redirected: f64,
    /// Became connections of another protocol (101).
    pub(super) switched: f64,
    /// Requests whose form tells a referrer, and those that have one.
    pub(super) referrers_told: f64,
    pub(super) referred: f64,
    /// Methods that send something; methods that are known at all.
    pub(super) posts: f64,
    pub(super) agents: BTreeMap<u64, (Says, f64)>,
    pub(super) says: [f64; Says::COUNT],
    pub(super) paths: BTreeMap<u64, Asked>,
    /// Requests with a question, how many distinct ones, and distinct names of their first field.
    pub(super) queried: f64,
    pub(super) queries: Distinct,
    pub(super) query_names: Distinct,
    pub(super) visitors: Visitors,
    pub(super) http2: f64,
}

/// What is counted of one path.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Asked {
    pub(super) requests: f64,
    pub(super) queried: f64,
    pub(super) switched: f64,
}

/// Endings of what belongs to a page, or to what is played in it.
const ASSETS: &[&str] = &[
    ".css", ".js", ".mjs", ".png", ".jpg", ".jpeg", ".gif", ".svg", ".webp", ".avif", ".ico",
    ".woff", ".woff2", ".ttf", ".eot", ".map", ".mp4", ".webm", ".m3u8", ".ts", ".m4s", ".mpd",
    ".mp3", ".wasm", ".pbf",
];
/// Fields of a question that say where a visit comes from: they are no new page.
const CAMPAIGNS: &[&str] =
    &["utm_", "fbclid", "gclid", "mc_", "msclkid", "ref", "igshid", "_hs", "mkt_tok", "source"];

impl Window {
    /// One window.
    pub(super) fn new(key: u64) -> Self {
        Self::with_room(key, COUNTED_MAX)
    }

    /// Many windows together.
    pub(super) fn sum(key: u64) -> Self {
        Self::with_room(key, SUMMED_MAX)
    }

    fn with_room(key: u64, clients: usize) -> Self {
        Self {
            requests: 0.0,
            errors: 0.0,
            not_found: 0.0,
            aborted: 0.0,
            unfinished: 0.0,
            stalled: 0.0,
            assets: 0.0,
            pages: 0.0,
            redirected: 0.0,
            switched: 0.0,
            referrers_told: 0.0,
            referred: 0.0,
            posts: 0.0,
            agents: BTreeMap::new(),
            says: [0.0; Says::COUNT],
            paths: BTreeMap::new(),
            queried: 0.0,
            queries: Distinct::new(QUERIES_KEPT),
            query_names: Distinct::new(QUERIES_KEPT),
            visitors: Visitors::new(key, clients),
            http2: 0.0,
        }
    }

    pub(super) fn take(&mut self, key: u64, request: &Request<'_>) {
        self.requests += 1.0;
        let (path, query) = match request.path.split_once('?') {
            Some((path, query)) => (path, query),
            None => (request.path, ""),
        };
        let is_asset = is_asset(path);
        let yes = |holds: bool| f64::from(u8::from(holds));
        let status = request.status;
        self.errors += yes(status >= 500);
        self.not_found += yes(matches!(status, 400 | 401 | 403 | 404 | 405));
        let nothing = request.octets.is_none_or(|octets| octets == 0);
        let soon = request.took_ms.is_none_or(|took_ms| took_ms < 1_000);
        self.aborted += yes(matches!(status, 0 | 499) && nothing && soon);
        let slow = request.took_ms.is_some_and(|took_ms| took_ms >= 10_000);
        let empty = matches!(path, "" | "-" | "<BADREQ>");
        // A client that hangs up on a slow answer may have finished its request: it names a path.
        self.stalled += yes(matches!(status, 0 | 499) && !empty && nothing && slow);
        self.unfinished += yes(status == 408
            || status == 400 && (slow || empty && nothing)
            || matches!(status, 0 | 499) && empty && nothing);
        self.assets += yes(is_asset);
        self.pages += yes(!is_asset && matches!(status, 200..=206 | 304));
        self.redirected += yes(matches!(status, 300..=303 | 305..400));
        self.switched += yes(status == 101 || is_socket(path, query));
        self.posts += yes(matches!(request.method, "POST" | "PUT" | "PATCH"));
        let is_referred = request.has_referrer == Some(true) || request.referrer.is_some();
        self.referrers_told += yes(request.has_referrer.is_some() || is_referred);
        self.referred += yes(is_referred);
        self.http2 += yes(request.is_http2);
        let agent = request.agent.map_or(0, |agent| self.agent(key, agent, request.at_ms));
        let hashed = self.path(key, path, query, status == 101 || is_socket(path, query));
        if let Some(client) = request.client.map(of_one_line) {
            let from = request.referrer.and_then(path_of_link);
            let step = Step {
                at_ms: request.at_ms,
                path: hashed,
                agent,
                from: from.map(|path| text_hash(key, path)),
                is_asset,
                is_referred,
                status,
            };
            self.visitors.take(client, &step);
        }
    }

    fn agent(&mut self, key: u64, agent: &str, at_ms: i64) -> u64 {
        let agent = agent.to_ascii_lowercase();
        let hashed = text_hash(key, &agent);
        let known = self.agents.get(&hashed).map(|(says, _)| *says);
        let says = known.unwrap_or_else(|| Says::of(&agent, at_ms));
        self.says[says as usize] += 1.0;
        if known.is_some() || self.agents.len() < COUNTED_MAX {
            self.agents.entry(hashed).or_insert((says, 0.0)).1 += 1.0;
        }
        hashed
    }

    fn path(&mut self, key: u64, path: &str, query: &str, is_switched: bool) -> u64 {
        let hashed = text_hash(key, path);
        let is_query =
            !query.is_empty() && !CAMPAIGNS.iter().any(|campaign| query.starts_with(campaign));
        if is_query {
            self.queried += 1.0;
            self.queries.add(key, u128::from(text_hash(hashed, query)));
            let name = query.split(['=', '&']).next().unwrap_or_default();
            self.query_names.add(key, u128::from(text_hash(key, name)));
        }
        if self.paths.len() < COUNTED_MAX || self.paths.contains_key(&hashed) {
            let asked = self.paths.entry(hashed).or_default();
            asked.requests += 1.0;
            asked.queried += f64::from(u8::from(is_query));
            asked.switched += f64::from(u8::from(is_switched));
        }
        hashed
    }

    /// Adds a later window.
    pub(super) fn merge(&mut self, other: &Self) {
        self.merge_sums(other);
        self.visitors.merge(&other.visitors);
    }

    /// Adds another window without its clients.
    pub(super) fn merge_sums(&mut self, other: &Self) {
        for (to, from) in [
            (&mut self.requests, other.requests),
            (&mut self.errors, other.errors),
            (&mut self.not_found, other.not_found),
            (&mut self.aborted, other.aborted),
            (&mut self.unfinished, other.unfinished),
            (&mut self.stalled, other.stalled),
            (&mut self.assets, other.assets),
            (&mut self.pages, other.pages),
            (&mut self.redirected, other.redirected),
            (&mut self.switched, other.switched),
            (&mut self.referrers_told, other.referrers_told),
            (&mut self.referred, other.referred),
            (&mut self.posts, other.posts),
            (&mut self.queried, other.queried),
            (&mut self.http2, other.http2),
        ] {
            *to += from;
        }
        self.says.iter_mut().zip(other.says).for_each(|(to, from)| *to += from);
        for (hash, (says, n)) in &other.agents {
            self.agents.entry(*hash).or_insert((*says, 0.0)).1 += n;
        }
        for (hash, asked) in &other.paths {
            let to = self.paths.entry(*hash).or_default();
            to.requests += asked.requests;
            to.queried += asked.queried;
            to.switched += asked.switched;
        }
        self.queries.merge(&other.queries);
        self.query_names.merge(&other.query_names);
    }

    /// Share of the most requested path, its question aside.
    pub(super) fn top_path_share(&self) -> f64 {
        let top = self.paths.values().map(|asked| asked.requests).fold(0.0, f64::max);
        top / self.requests.max(1.0)
    }

    pub(super) fn is_unfinished(&self) -> bool {
        let held = self.unfinished + self.stalled;
        held >= 20.0 && held >= 0.5 * self.requests
    }

    pub(super) fn is_scanned(&self) -> bool {
        let few = self.visitors.count() <= 3.0;
        few && self.not_found >= 30.0 && self.not_found >= 0.6 * self.requests
    }
}

fn is_asset(path: &str) -> bool {
    let Some(dot) = path.rfind('.') else { return false };
    let ending = path[dot..].to_ascii_lowercase();
    ASSETS.contains(&&*ending)
}

/// Whether a path is one where connections of another protocol begin, by the habits of libraries.
fn is_socket(path: &str, query: &str) -> bool {
    let ends = ["/ws", "/ws/", "/cable", "/websocket", "/wss"];
    path.starts_with("/socket.io/")
        || path.contains("/sockjs/")
        || path.starts_with("/signalr/")
        || query.contains("transport=websocket")
        || ends.iter().any(|end| path.ends_with(end))
}

/// One subscriber has 2^72 addresses of IPv6 (RFC 6177 speaks of a /56), and may use each once.
fn of_one_line(client: u128) -> u128 {
    match client >> 72 {
        0 => client,
        line => line << 72,
    }
}

/// The path of a whole address, without its question.
fn path_of_link(link: &str) -> Option<&str> {
    let (_, rest) = link.split_once("://")?;
    let path = rest.find('/').map_or("/", |at| &rest[at..]);
    path.split(['?', '#']).next()
}

/// A keyed hash of a text. The path of `/` is the one of which more is known than of others.
pub(super) fn text_hash(key: u64, text: &str) -> u64 {
    text.as_bytes().chunks(16).fold(key, |state, chunk| {
        let mut bytes = [0; 16];
        bytes[..chunk.len()].copy_from_slice(chunk);
        hash(state, u128::from_le_bytes(bytes) ^ ((chunk.len() as u128) << 120))
    })
}

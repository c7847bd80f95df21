//! What one window of a log counts, and the signs in it.

use std::collections::BTreeMap;

use crate::attack::requests::COUNTED_MAX;
use crate::attack::requests::Request;
use crate::attack::requests::Requests;
use crate::traffic::sketch::sample::Distinct;
use crate::traffic::sketch::sample::hash;

/// What a window counts.
#[derive(Clone, Debug)]
pub(super) struct Window {
    pub(super) requests: f64,
    pub(super) errors: f64,
    pub(super) not_found: f64,
    pub(super) aborted: f64,
    pub(super) unfinished: f64,
    pub(super) assets: f64,
    pub(super) from_nowhere: (f64, f64),
    pub(super) agents: BTreeMap<u64, f64>,
    pub(super) tools: f64,
    pub(super) bots: f64,
    pub(super) paths: BTreeMap<u64, f64>,
    pub(super) whole_paths: Distinct,
    pub(super) clients: BTreeMap<u128, f64>,
    pub(super) http2: f64,
}

/// The largest of some counts.
pub(super) fn top(counts: &BTreeMap<u64, f64>) -> f64 {
    counts.values().copied().fold(0.0, f64::max)
}

/// Endings of what belongs to a page.
const ASSETS: &[&str] = &[
    ".css", ".js", ".mjs", ".png", ".jpg", ".jpeg", ".gif", ".svg", ".webp", ".avif", ".ico",
    ".woff", ".woff2", ".ttf", ".map", ".mp4", ".webm",
];
/// What programs that send requests say of themselves.
const TOOLS: &[&str] = &[
    "python",
    "curl/",
    "wget",
    "go-http-client",
    "java/",
    "okhttp",
    "libwww",
    "httpx",
    "aiohttp",
    "node-fetch",
    "axios",
    "ab/",
    "apachebench",
    "siege",
    "wrk",
    "hey/",
    "vegeta",
    "masscan",
    "zgrab",
    "scrapy",
    "loic",
    "slowhttptest",
];
/// What machines that read sites say of themselves.
const BOTS: &[&str] = &["bot", "crawler", "spider", "slurp"];

impl Window {
    pub(super) fn new() -> Self {
        Self {
            requests: 0.0,
            errors: 0.0,
            not_found: 0.0,
            aborted: 0.0,
            unfinished: 0.0,
            assets: 0.0,
            from_nowhere: (0.0, 0.0),
            agents: BTreeMap::new(),
            tools: 0.0,
            bots: 0.0,
            paths: BTreeMap::new(),
            whole_paths: Distinct::new(256),
            clients: BTreeMap::new(),
            http2: 0.0,
        }
    }

    pub(super) fn take(&mut self, key: u64, request: &Request<'_>) {
        self.requests += 1.0;
        let path = request.path.split('?').next().unwrap_or("");
        let lower = path.to_ascii_lowercase();
        let yes = |holds: bool| f64::from(u8::from(holds));
        self.errors += yes(request.status >= 500);
        self.not_found += yes(matches!(request.status, 400 | 401 | 403 | 404 | 405));
        let nothing = request.octets.is_none_or(|octets| octets == 0);
        self.aborted += yes(matches!(request.status, 0 | 499) && nothing);
        let slow = request.took_ms.is_some_and(|took_ms| took_ms >= 10_000);
        let empty = matches!(path, "" | "-");
        self.unfinished += yes(request.status == 408
            || matches!(request.status, 0 | 400 | 499) && (slow || empty && nothing));
        self.assets += yes(ASSETS.iter().any(|ending| lower.ends_with(ending)));
        if let Some(has_referrer) = request.has_referrer {
            self.from_nowhere.0 += yes(!has_referrer);
            self.from_nowhere.1 += 1.0;
        }
        if let Some(agent) = request.agent {
            let agent = agent.to_ascii_lowercase();
            self.tools +=
                yes(matches!(&*agent, "" | "-") || TOOLS.iter().any(|tool| agent.contains(tool)));
            self.bots += yes(BOTS.iter().any(|bot| agent.contains(bot)));
            count(&mut self.agents, text_hash(key, &agent));
        }
        count(&mut self.paths, text_hash(key, path));
        self.whole_paths.add(key, u128::from(text_hash(key, request.path)));
        if let Some(client) = request.client
            && (self.clients.len() < COUNTED_MAX || self.clients.contains_key(&client))
        {
            *self.clients.entry(client).or_insert(0.0) += 1.0;
        }
        self.http2 += yes(request.is_http2);
    }

    pub(super) fn merge(&mut self, other: &Self) {
        self.requests += other.requests;
        self.errors += other.errors;
        self.not_found += other.not_found;
        self.aborted += other.aborted;
        self.unfinished += other.unfinished;
        self.assets += other.assets;
        self.from_nowhere.0 += other.from_nowhere.0;
        self.from_nowhere.1 += other.from_nowhere.1;
        self.tools += other.tools;
        self.bots += other.bots;
        self.http2 += other.http2;
        for (from, to) in [(&other.agents, &mut self.agents), (&other.paths, &mut self.paths)] {
            from.iter().for_each(|(hash, n)| *to.entry(*hash).or_insert(0.0) += n);
        }
        other.whole_paths.sample().for_each(|path| self.whole_paths.add(0, path));
        for (client, n) in &other.clients {
            *self.clients.entry(*client).or_insert(0.0) += n;
        }
    }

    pub(super) fn is_unfinished(&self) -> bool {
        self.unfinished >= 10.0 && self.unfinished >= 0.5 * self.requests
    }

    pub(super) fn is_scanned(&self) -> bool {
        self.clients.len() <= 3 && self.not_found >= 30.0 && self.not_found >= 0.6 * self.requests
    }

    /// Signs that are hostile by themselves, over so many windows.
    pub(super) fn signs(&self, windows: f64) -> Vec<&'static str> {
        let mut signs = Vec::new();
        let clients = self.clients.len().max(1) as f64;
        if top(&self.paths) >= 0.5 * self.requests {
            signs.push("few_paths");
        }
        // Two requests a second, for as long as it lasts, of the average client.
        if !self.clients.is_empty() && self.requests / clients / windows >= 20.0 {
            signs.push("faster_than_people");
        }
        let same = top(&self.agents) >= 0.5 * self.requests && clients >= 20.0;
        if self.tools >= 0.5 * self.requests {
            signs.push("tools");
        } else if same {
            signs.push("one_agent");
        }
        signs
    }

    pub(super) fn bare_signs(&self) -> Vec<&'static str> {
        let mut signs = Vec::new();
        if self.assets <= 0.02 * self.requests {
            signs.push("no_assets");
        }
        if self.from_nowhere.1 > 0.0 && self.from_nowhere.0 >= 0.9 * self.from_nowhere.1 {
            signs.push("no_referrers");
        }
        signs
    }

    /// Share of the clients that were seen before a window.
    pub(super) fn returning(&self, requests: &Requests, first: i64) -> f64 {
        if self.clients.is_empty() {
            return 0.0;
        }
        let before = || requests.windows.range(..first).map(|(_, window)| window);
        let known = |client: &&u128| before().any(|window| window.clients.contains_key(*client));
        let asked = self.clients.keys().take(RETURNING_ASKED_MAX);
        let count = asked.clone().count() as f64;
        asked.filter(known).count() as f64 / count
    }
}

/// Clients of a stretch that are looked for in the time before it.
const RETURNING_ASKED_MAX: usize = 512;

fn count(counts: &mut BTreeMap<u64, f64>, hash: u64) {
    if counts.len() < COUNTED_MAX || counts.contains_key(&hash) {
        *counts.entry(hash).or_insert(0.0) += 1.0;
    }
}

fn text_hash(key: u64, text: &str) -> u64 {
    text.as_bytes().chunks(16).fold(key, |state, chunk| {
        let mut bytes = [0; 16];
        bytes[..chunk.len()].copy_from_slice(chunk);
        hash(state, u128::from_le_bytes(bytes) ^ ((chunk.len() as u128) << 120))
    })
}

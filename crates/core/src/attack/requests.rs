//! Web requests from access logs: floods, and what looks like one and is a crowd.
//!
//! Requests are summed in windows of ten seconds. What is far above the file's own usual rate, or a
//! file that is nothing else, is judged by who asks and how: hostile clients ask for few paths,
//! fetch nothing that belongs to a page, come from nowhere, say the same of themselves or ask more
//! often than a person can. A crowd fetches the images too.
//!
//! # What it cannot tell
//!
//! A well-made imitation of a crowd. And whose address a line holds: behind a proxy, the proxy's.

use std::collections::BTreeMap;

use crate::attack::sample::Distinct;
use crate::attack::sample::KEPT_MANY;
use crate::attack::sample::hash;
use crate::attack::vector::Vector;

/// Length of a window, milliseconds.
pub const WINDOW_MS: i64 = 10_000;
/// Windows that are kept: some eleven days.
pub const WINDOWS_MAX: usize = 100_000;
/// Paths, agents and clients that are counted in one window.
pub const COUNTED_MAX: usize = 4_096;
/// Requests in a second below which nothing is a flood.
pub const RPS_MIN: f64 = 20.0;
/// How far above the file's usual rate a flood or a crowd is.
pub const ABOVE_USUAL_MIN: f64 = 5.0;
/// Requests that are needed before anything is said.
pub const REQUESTS_MIN: f64 = 200.0;
/// Windows between two loud ones that still belong together.
const GAP_WINDOWS_MAX: i64 = 6;

/// One request as a log tells it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Request<'a> {
    /// When, milliseconds since 1970, UTC.
    pub at_ms: i64,
    /// Who was connected, if it can be believed.
    pub client: Option<u128>,
    /// Path with its query.
    pub path: &'a str,
    /// Status; 0 when none was answered.
    pub status: u16,
    /// Octets sent.
    pub octets: Option<u64>,
    /// Whether a page was named that the client came from; `None` where the form has no field.
    pub has_referrer: Option<bool>,
    /// What the client says it is; `None` where the form has no field.
    pub agent: Option<&'a str>,
    /// Whether it came over HTTP/2.
    pub is_http2: bool,
    /// How long it took, milliseconds.
    pub took_ms: Option<u64>,
}

/// What a stretch of a log is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Hostile.
    Attack(Vector),
    /// Many people at once.
    FlashCrowd,
    /// Few clients try many addresses of a site.
    Scan,
    /// A machine that reads a site and says so.
    Crawler,
}

/// A stretch of a log that is not as usual.
#[derive(Clone, Debug, PartialEq)]
pub struct Stretch {
    /// What it is.
    pub kind: Kind,
    /// From when until when, milliseconds since 1970.
    pub span_ms: (i64, i64),
    /// Requests.
    pub requests: f64,
    /// Requests in a second, in the fullest window.
    pub peak_rps: f64,
    /// Requests in a second that are usual in this file; `None` when all of it is loud.
    pub usual_rps: Option<f64>,
    /// Distinct clients, estimated.
    pub clients: f64,
    /// Share answered with 5xx.
    pub errors_share: f64,
    /// Share of the most requested path, its query aside.
    pub top_path_share: f64,
    /// Share of clients that were seen before the stretch.
    pub returning_share: Option<f64>,
    /// What speaks for it, in stable names.
    pub signs: Vec<&'static str>,
    /// A sample of the clients. Addresses leave the operator's console in no form.
    pub sample: Vec<u128>,
}

/// What a window counts.
#[derive(Clone, Debug)]
struct Window {
    requests: f64,
    errors: f64,
    not_found: f64,
    aborted: f64,
    unfinished: f64,
    assets: f64,
    from_nowhere: (f64, f64),
    agents: BTreeMap<u64, f64>,
    tools: f64,
    bots: f64,
    paths: BTreeMap<u64, f64>,
    whole_paths: Distinct,
    clients: BTreeMap<u128, f64>,
    http2: f64,
}

/// Sums a log.
#[derive(Clone, Debug)]
pub struct Requests {
    key: u64,
    windows: BTreeMap<i64, Window>,
    /// Requests that were taken.
    pub seen: u64,
    /// Requests of windows that had no room any more.
    pub beyond: u64,
}

impl Requests {
    /// Has seen nothing.
    pub fn new(key: u64) -> Self {
        Self { key, windows: BTreeMap::new(), seen: 0, beyond: 0 }
    }

    /// Takes one request.
    pub fn take(&mut self, request: &Request<'_>) {
        self.seen += 1;
        let at = request.at_ms.div_euclid(WINDOW_MS);
        if self.windows.len() >= WINDOWS_MAX && !self.windows.contains_key(&at) {
            self.beyond += 1;
            return;
        }
        let key = self.key;
        self.windows.entry(at).or_insert_with(Window::new).take(key, request);
    }

    /// From when until when, milliseconds since 1970.
    pub fn span_ms(&self) -> Option<(i64, i64)> {
        let (first, _) = self.windows.first_key_value()?;
        let (last, _) = self.windows.last_key_value()?;
        Some((first * WINDOW_MS, (last + 1) * WINDOW_MS))
    }

    /// Requests by window, for a chart: seconds since 1970 and requests in a second.
    pub fn rates(&self) -> impl Iterator<Item = (i64, f64)> + '_ {
        self.windows.iter().map(|(at, window)| (at * WINDOW_MS / 1_000, rps(window.requests)))
    }

    /// Judges what was seen.
    pub fn report(&self) -> Vec<Stretch> {
        let usual = self.usual_rps();
        let floor = usual.map_or(RPS_MIN, |usual| (usual * ABOVE_USUAL_MIN).max(RPS_MIN));
        let mut stretches = Vec::new();
        for (first, last) in self.runs(|window| rps(window.requests) >= floor) {
            stretches.extend(self.loud(first, last, usual));
        }
        for (first, last) in self.runs(Window::is_unfinished) {
            stretches.extend(self.unfinished(first, last, usual));
        }
        for (first, last) in self.runs(Window::is_scanned) {
            let inside = |stretch: &Stretch| stretch.span_ms.0 <= first * WINDOW_MS;
            if !stretches.iter().any(inside) {
                let sum = self.sum(first, last);
                stretches.push(self.stretch(
                    Kind::Scan,
                    (first, last),
                    &sum,
                    usual,
                    vec!["not_found"],
                ));
            }
        }
        stretches.sort_by_key(|stretch| stretch.span_ms.0);
        stretches
    }

    /// The median window of the file; `None` when the file is too short to have a usual rate.
    fn usual_rps(&self) -> Option<f64> {
        /// Windows that are needed for a usual rate: five minutes.
        const WINDOWS_USUAL: i64 = 30;
        let (first, _) = self.windows.first_key_value()?;
        let (last, _) = self.windows.last_key_value()?;
        let length = last - first + 1;
        if length < WINDOWS_USUAL {
            return None;
        }
        let mut all: Vec<f64> = self.windows.values().map(|window| window.requests).collect();
        // Windows without a request are windows too.
        let quiet = usize::try_from(length).unwrap_or(WINDOWS_MAX).min(WINDOWS_MAX * 10);
        all.resize(quiet.max(all.len()), 0.0);
        all.sort_by(f64::total_cmp);
        Some(rps(all[all.len() / 2]))
    }

    /// Stretches of windows of which something holds, with short gaps between.
    fn runs(&self, holds: impl Fn(&Window) -> bool) -> Vec<(i64, i64)> {
        let mut runs: Vec<(i64, i64)> = Vec::new();
        for (at, _) in self.windows.iter().filter(|(_, window)| holds(window)) {
            match runs.last_mut().filter(|run| at - run.1 <= GAP_WINDOWS_MAX) {
                Some(run) => run.1 = *at,
                None => runs.push((*at, *at)),
            }
        }
        runs
    }

    fn sum(&self, first: i64, last: i64) -> Window {
        let mut sum = Window::new();
        for window in self.windows.range(first..=last).map(|(_, window)| window) {
            sum.merge(window);
        }
        sum
    }

    fn loud(&self, first: i64, last: i64, usual: Option<f64>) -> Option<Stretch> {
        let sum = self.sum(first, last);
        if sum.requests < REQUESTS_MIN {
            return None;
        }
        let before = self.windows.range(..first).map(|(_, window)| window);
        let usual_is_bare = self.is_bare_usually(first, last);
        if sum.http2 >= 0.8 * sum.requests && sum.aborted >= 0.6 * sum.requests {
            let kind = Kind::Attack(Vector::Http2RapidReset);
            let signs = vec!["streams_reset"];
            return Some(self.stretch(kind, (first, last), &sum, usual, signs));
        }
        let mut signs = sum.signs((last - first + 1) as f64);
        let strong = signs.len();
        if usual.is_some() && before.count() > 0 && sum.returning(self, first) < 0.1 {
            signs.push("new_clients");
        }
        // A site whose pages never have images or referrers says nothing by having none.
        if !usual_is_bare {
            signs.extend(sum.bare_signs());
        }
        let human = sum.assets >= 0.2 * sum.requests
            || sum.from_nowhere.1 > 0.0 && sum.from_nowhere.0 <= 0.6 * sum.from_nowhere.1;
        if sum.bots >= 0.8 * sum.requests && strong == 0 {
            return Some(self.stretch(Kind::Crawler, (first, last), &sum, usual, signs));
        }
        if sum.clients.len() <= 3 && sum.not_found >= 0.6 * sum.requests {
            return Some(self.stretch(Kind::Scan, (first, last), &sum, usual, vec!["not_found"]));
        }
        let hostile = strong >= 1 && signs.len() >= 3 || strong >= 2;
        if hostile && !(human && strong < 2) {
            let kind = Kind::Attack(Vector::Http);
            return Some(self.stretch(kind, (first, last), &sum, usual, signs));
        }
        // A crowd needs a usual rate that it stands out of.
        let stands_out = usual.is_some() && human && sum.clients.len() >= 50;
        stands_out.then(|| self.stretch(Kind::FlashCrowd, (first, last), &sum, usual, signs))
    }

    fn unfinished(&self, first: i64, last: i64, usual: Option<f64>) -> Option<Stretch> {
        let sum = self.sum(first, last);
        let kind = Kind::Attack(Vector::Slowloris);
        (sum.unfinished >= REQUESTS_MIN / 4.0).then(|| {
            self.stretch(kind, (first, last), &sum, usual, vec!["requests_never_finished"])
        })
    }

    /// Whether requests outside a stretch have neither assets nor referrers either, as of an API.
    fn is_bare_usually(&self, first: i64, last: i64) -> bool {
        let mut sum = Window::new();
        for (at, window) in &self.windows {
            if !(first..=last).contains(at) {
                sum.merge(window);
            }
        }
        sum.requests >= REQUESTS_MIN / 4.0 && sum.assets <= 0.02 * sum.requests
    }

    fn stretch(
        &self,
        kind: Kind,
        (first, last): (i64, i64),
        sum: &Window,
        usual: Option<f64>,
        signs: Vec<&'static str>,
    ) -> Stretch {
        let mut clients = Distinct::new(KEPT_MANY);
        sum.clients.keys().for_each(|client| clients.add(self.key, *client));
        let windows = self.windows.range(first..=last);
        Stretch {
            kind,
            span_ms: (first * WINDOW_MS, (last + 1) * WINDOW_MS),
            requests: sum.requests,
            peak_rps: windows.map(|(_, window)| rps(window.requests)).fold(0.0, f64::max),
            usual_rps: usual,
            clients: clients.count(),
            errors_share: sum.errors / sum.requests.max(1.0),
            top_path_share: top(&sum.paths) / sum.requests.max(1.0),
            returning_share: usual.map(|_| sum.returning(self, first)),
            signs,
            sample: clients.sample().collect(),
        }
    }
}

fn rps(requests: f64) -> f64 {
    requests * 1_000.0 / WINDOW_MS as f64
}

fn top(counts: &BTreeMap<u64, f64>) -> f64 {
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
    fn new() -> Self {
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

    fn take(&mut self, key: u64, request: &Request<'_>) {
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
        if let Some(client) = request.client {
            if self.clients.len() < COUNTED_MAX || self.clients.contains_key(&client) {
                *self.clients.entry(client).or_insert(0.0) += 1.0;
            }
        }
        self.http2 += yes(request.is_http2);
    }

    fn merge(&mut self, other: &Self) {
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

    fn is_unfinished(&self) -> bool {
        self.unfinished >= 10.0 && self.unfinished >= 0.5 * self.requests
    }

    fn is_scanned(&self) -> bool {
        self.clients.len() <= 3 && self.not_found >= 30.0 && self.not_found >= 0.6 * self.requests
    }

    /// Signs that are hostile by themselves, over so many windows.
    fn signs(&self, windows: f64) -> Vec<&'static str> {
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

    fn bare_signs(&self) -> Vec<&'static str> {
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
    fn returning(&self, requests: &Requests, first: i64) -> f64 {
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

#[cfg(test)]
mod tests;

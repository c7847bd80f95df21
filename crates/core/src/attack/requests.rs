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

mod window;

use std::collections::BTreeMap;

use crate::attack::requests::window::Window;
use crate::attack::requests::window::top;
use crate::attack::vector::Vector;
use crate::traffic::sketch::sample::Distinct;
use crate::traffic::sketch::sample::KEPT_MANY;

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

    /// Forgets windows before a time, milliseconds since 1970.
    pub fn forget_before(&mut self, at_ms: i64) {
        self.windows = self.windows.split_off(&at_ms.div_euclid(WINDOW_MS));
    }

    /// What the windows of a time come to.
    pub fn summary(&self, (from_ms, until_ms): (i64, i64)) -> Summary {
        let (first, last) = (from_ms.div_euclid(WINDOW_MS), (until_ms - 1).div_euclid(WINDOW_MS));
        let sum = self.sum(first, last.max(first));
        let is_new = self.windows.first_key_value().is_none_or(|(at, _)| *at >= first);
        Summary {
            requests: sum.requests,
            errors_share: sum.errors / sum.requests.max(1.0),
            clients: self.clients(&sum).count(),
            top_path_share: top(&sum.paths) / sum.requests.max(1.0),
            returning_share: (!is_new).then(|| sum.returning(self, first)),
        }
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

    fn clients(&self, sum: &Window) -> Distinct {
        let mut clients = Distinct::new(KEPT_MANY);
        sum.clients.keys().for_each(|client| clients.add(self.key, *client));
        clients
    }

    fn stretch(
        &self,
        kind: Kind,
        (first, last): (i64, i64),
        sum: &Window,
        usual: Option<f64>,
        signs: Vec<&'static str>,
    ) -> Stretch {
        let clients = self.clients(sum);
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

/// What some windows of a log come to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Summary {
    /// Requests.
    pub requests: f64,
    /// Share answered with 5xx.
    pub errors_share: f64,
    /// Distinct clients, estimated.
    pub clients: f64,
    /// Share of the most requested path, its query aside.
    pub top_path_share: f64,
    /// Share of clients that were seen before; `None` when nothing is known of before.
    pub returning_share: Option<f64>,
}

fn rps(requests: f64) -> f64 {
    requests * 1_000.0 / WINDOW_MS as f64
}

#[cfg(test)]
mod tests;

//! Web requests from access logs: floods, and what looks like one and is a crowd.
//!
//! Requests are summed in windows of ten seconds (`window`, and `visitor` for each client in it).
//! What is above the file's own usual rate, or a file that is nothing else, is a stretch
//! (`reading`); what is usual around it (`before`) and who asks for what is beyond (`facts`, of a
//! `group` of clients) become a word (`judge`). Hostile machines ask for few paths, again and
//! again, faster, more evenly or for longer than people do, fetch nothing that belongs to a page,
//! and say of themselves what nobody here says. A crowd does what is usual here, only more of it.
//!
//! # What it cannot tell
//!
//! A well-made imitation of a crowd. And whose address a line holds: behind a proxy, the proxy's.

mod agent;
mod before;
mod facts;
mod group;
mod judge;
mod reading;
mod visitor;
mod window;

use std::collections::BTreeMap;

use crate::attack::requests::before::Known;
use crate::attack::requests::reading::Reading;
use crate::attack::requests::window::Window;
use crate::attack::vector::Vector;

/// Length of a window, milliseconds.
pub const WINDOW_MS: i64 = 10_000;
/// Windows that are kept: some eleven days.
pub const WINDOWS_MAX: usize = 100_000;
/// Paths, agents and clients that are counted in one window.
pub const COUNTED_MAX: usize = 4_096;
/// Requests in a second below which nothing is a flood.
pub const RPS_MIN: f64 = 20.0;
/// How far above the file's usual rate a crowd is.
pub const ABOVE_USUAL_MIN: f64 = 5.0;
/// How far above it a stretch is that is looked at for a flood.
pub const LOOKED_AT_MIN: f64 = 2.5;
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
    /// Method; empty when it is not known.
    pub method: &'a str,
    /// Status; 0 when none was answered.
    pub status: u16,
    /// Octets sent.
    pub octets: Option<u64>,
    /// Whether a page was named that the client came from; `None` where the form has no field.
    pub has_referrer: Option<bool>,
    /// That page, where it is known.
    pub referrer: Option<&'a str>,
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
    /// Machines that read a site and say so.
    Crawler,
    /// Clients that the site sends in a circle: its own mistake.
    RedirectLoop,
}

impl Kind {
    /// Stable name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Attack(vector) => vector.name(),
            Self::FlashCrowd => "flash_crowd",
            Self::Scan => "scan",
            Self::Crawler => "crawler",
            Self::RedirectLoop => "redirect_loop",
        }
    }
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
        self.windows.entry(at).or_insert_with(|| Window::new(key)).take(key, request);
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
        let mut known = Known::default();
        known.advance(&self.windows, first, &[]);
        Summary {
            requests: sum.requests,
            errors_share: sum.errors / sum.requests.max(1.0),
            clients: sum.visitors.count(),
            top_path_share: sum.top_path_share(),
            returning_share: (!is_new).then(|| known.share_of(&sum)),
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
        Reading::of(self).stretches()
    }

    /// The middle window of the file, and that of its quiet quarter; `None` when it is too short.
    fn usual_rps(&self) -> Option<(f64, f64)> {
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
        Some((rps(all[all.len() / 2]), rps(all[all.len() / 4])))
    }

    /// Stretches of windows of which something holds, with short gaps between.
    fn runs(&self, (first, last): (i64, i64), holds: impl Fn(&Window) -> bool) -> Vec<(i64, i64)> {
        let mut runs: Vec<(i64, i64)> = Vec::new();
        let range = self.windows.range(first..=last);
        for (at, _) in range.filter(|(_, window)| holds(window)) {
            match runs.last_mut().filter(|run| at - run.1 <= GAP_WINDOWS_MAX) {
                Some(run) => run.1 = *at,
                None => runs.push((*at, *at)),
            }
        }
        runs
    }

    fn sum(&self, first: i64, last: i64) -> Window {
        let mut sum = Window::sum(self.key);
        for window in self.windows.range(first..=last).map(|(_, window)| window) {
            sum.merge(window);
        }
        sum
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

//! What the same log says of the time around a stretch: what is usual for this site.
//!
//! How much is asked, for which paths, by which clients that say what of themselves, whether pages
//! come with what belongs to them, how often one client asks, and who was here before. A stretch is
//! judged by what it has beyond that: a site that is always bare says nothing by being bare.
//!
//! # What it cannot tell
//!
//! What is usual of a log that is all loud. Whether somebody who was here before was well-meaning:
//! clients of a stretch that was called an attack count as never seen.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::attack::requests::agent::Says;
use crate::attack::requests::window::Asked;
use crate::attack::requests::window::Window;

/// Requests from which on quiet windows say what is usual.
const REQUESTS_USUAL: f64 = 50.0;
/// Windows that are needed to know who usually comes: five minutes.
const WINDOWS_KNOWN: i64 = 30;
/// Windows around a stretch that may already be a part of it.
pub(super) const GUARD: i64 = 3;
/// Clients from which on they are not a proxy or two.
const FEW: usize = 4;
/// Clients that are remembered.
const KNOWN_MAX: usize = 1 << 20;

/// What is usual.
#[derive(Clone, Debug)]
pub(super) struct Before {
    /// Windows, also those in which nobody asked.
    windows: f64,
    sum: Window,
    /// Requests of one client for pages in one window, of nine in ten.
    pub(super) client_peak: f64,
    /// Whether nearly all comes from one address, as behind a proxy that is not named.
    pub(super) is_masked: bool,
}

impl Before {
    /// What windows outside of loud runs say; `None` when that is too little.
    pub(super) fn of(
        key: u64,
        windows: &BTreeMap<i64, Window>,
        runs: &[(i64, i64)],
    ) -> Option<Self> {
        let (first, _) = windows.first_key_value()?;
        let (last, _) = windows.last_key_value()?;
        let loud: i64 = runs.iter().map(|(from, to)| to - from + 1 + 2 * GUARD).sum();
        let mut runs = runs.iter().peekable();
        let mut before = Self {
            windows: (last - first + 1 - loud).max(1) as f64,
            sum: Window::sum(key),
            client_peak: 0.0,
            is_masked: false,
        };
        let mut peaks = Peaks::default();
        for (at, window) in windows {
            while runs.next_if(|(_, to)| to + GUARD < *at).is_some() {}
            if runs.peek().is_none_or(|(from, _)| *at < from - GUARD) {
                before.sum.merge_sums(window);
                peaks.take(window);
            }
        }
        before.finish(&peaks)
    }

    /// What some windows say, such as those of a crowd around its loudest minute.
    pub(super) fn around<'w>(key: u64, windows: impl Iterator<Item = &'w Window>) -> Option<Self> {
        let mut before =
            Self { windows: 0.0, sum: Window::sum(key), client_peak: 0.0, is_masked: false };
        let mut peaks = Peaks::default();
        for window in windows {
            before.sum.merge_sums(window);
            before.windows += 1.0;
            peaks.take(window);
        }
        before.finish(&peaks)
    }

    fn finish(mut self, peaks: &Peaks) -> Option<Self> {
        self.client_peak = peaks.of_most();
        let of_one = peaks.of_one >= 0.8 * self.sum.requests && peaks.clients.len() < FEW;
        self.is_masked = of_one || peaks.of_many >= 0.5 * self.sum.requests;
        (self.sum.requests >= REQUESTS_USUAL && self.windows >= 6.0).then_some(self)
    }

    /// Requests in one window.
    pub(super) fn rate(&self) -> f64 {
        self.sum.requests / self.windows
    }

    /// Requests for a path in one window.
    pub(super) fn path_rate(&self, path: u64) -> f64 {
        self.path(path).map_or(0.0, |asked| asked.requests / self.windows)
    }

    /// What was asked of a path.
    pub(super) fn path(&self, path: u64) -> Option<&Asked> {
        self.sum.paths.get(&path)
    }

    /// Share of requests of those who say a thing of themselves.
    pub(super) fn agent_share(&self, agent: u64) -> f64 {
        self.sum.agents.get(&agent).map_or(0.0, |(_, n)| n / self.sum.requests)
    }

    /// Share of requests of those who say such things of themselves.
    pub(super) fn said_share(&self, all: &[Says]) -> f64 {
        all.iter().map(|says| self.sum.says[*says as usize]).sum::<f64>() / self.sum.requests
    }

    /// Requests for what belongs to a page, for each page.
    pub(super) fn assets_a_page(&self) -> f64 {
        self.sum.assets / self.sum.pages.max(1.0)
    }

    /// Share of requests that come from a page; `None` where the log does not tell.
    pub(super) fn referred_share(&self) -> Option<f64> {
        let told = self.sum.referrers_told;
        (told > 0.0).then(|| self.sum.referred / self.sum.requests)
    }

    /// Share of requests that were never finished.
    pub(super) fn unfinished_share(&self) -> f64 {
        (self.sum.unfinished + self.sum.stalled) / self.sum.requests.max(1.0)
    }
}

/// How often single clients ask in one window.
#[derive(Default)]
struct Peaks {
    /// By the power of two.
    counts: [f64; 32],
    of_one: f64,
    /// Requests of addresses that many people stand behind.
    of_many: f64,
    /// The first of all clients.
    clients: BTreeSet<u128>,
}

impl Peaks {
    fn take(&mut self, window: &Window) {
        let mut most = 0.0_f64;
        for (client, visitor) in window.visitors.iter() {
            if self.clients.len() < FEW {
                self.clients.insert(client);
            }
            let requests = f64::from(visitor.requests);
            most = most.max(requests);
            self.of_many += if visitor.is_many() { requests } else { 0.0 };
            let pages = visitor.requests.saturating_sub(visitor.assets);
            self.counts[pages.max(1).ilog2() as usize] += 1.0;
        }
        self.of_one += most;
    }

    /// What nine of ten clients do not pass.
    fn of_most(&self) -> f64 {
        let all: f64 = self.counts.iter().sum();
        let mut below = 0.0;
        for (power, count) in self.counts.iter().enumerate() {
            below += count;
            if below >= 0.9 * all {
                return (power as f64 + 1.0).exp2() - 1.0;
            }
        }
        1.0
    }
}

/// Who was here before, as time goes on.
#[derive(Clone, Debug, Default)]
pub(super) struct Known {
    clients: BTreeSet<u128>,
    until: Option<i64>,
    began: Option<i64>,
}

impl Known {
    /// Adds windows up to a time, without those of attacks.
    pub(super) fn advance(
        &mut self,
        windows: &BTreeMap<i64, Window>,
        first: i64,
        attacks: &[(i64, i64)],
    ) {
        self.began = self.began.or_else(|| windows.first_key_value().map(|(at, _)| *at));
        let from = self.until.map_or(i64::MIN, |until| until);
        let until = (first - GUARD).max(from);
        for (at, window) in windows.range(from..until) {
            let is_attack = |(from, to): &(i64, i64)| (from - GUARD..=to + GUARD).contains(at);
            if !attacks.iter().any(is_attack) && self.clients.len() < KNOWN_MAX {
                self.clients.extend(window.visitors.iter().map(|(client, _)| client));
            }
        }
        self.until = Some(until);
    }

    /// Whether it is known who usually comes.
    pub(super) fn is_enough(&self) -> bool {
        let length = self.until.zip(self.began).map_or(0, |(until, began)| until - began);
        length >= WINDOWS_KNOWN - GUARD && self.clients.len() >= 3
    }

    /// Share of the clients of some windows that were here.
    pub(super) fn share_of(&self, sum: &Window) -> f64 {
        let (mut all, mut known) = (0.0, 0.0);
        for (client, _) in sum.visitors.iter() {
            all += 1.0;
            known += f64::from(u8::from(self.has(client)));
        }
        known / f64::max(all, 1.0)
    }

    /// Whether a client was here.
    pub(super) fn has(&self, client: u128) -> bool {
        self.clients.contains(&client)
    }
}

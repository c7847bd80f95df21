//! What is kept of one client: how often it asked, for what, and with which gaps between.
//!
//! A person loads what belongs to a page, goes on to other pages and pauses; a machine asks for one
//! thing again and again, as fast or as evenly as it was told. All of that is seen in a few sums.
//!
//! Of very many clients a part is kept, chosen by a keyed hash: the same part in each window, so
//! that windows can be put together.
//!
//! # What it cannot tell
//!
//! How many people stand behind one address. Gaps under a second, where the log has seconds only.

use std::collections::BTreeMap;

use crate::traffic::sketch::sample::hash;

/// One client in some windows that follow each other.
#[derive(Clone, Copy, Debug)]
pub(super) struct Visitor {
    pub(super) requests: u32,
    /// Of them, for what belongs to a page.
    pub(super) assets: u32,
    pub(super) referred: u32,
    /// From a page that it had asked for itself.
    pub(super) followed: u32,
    pub(super) redirected: u32,
    pub(super) failed: u32,
    pub(super) partial: u32,
    /// The path of most requests, and how many more they are than all others.
    pub(super) path: (u64, u32),
    /// What it mostly says of itself, in the same way.
    pub(super) agent: (u64, u32),
    /// How often it said something else than before.
    pub(super) changes: u32,
    /// Windows in which it asked, and the most in one.
    pub(super) windows: u32,
    pub(super) peak: u32,
    first_ms: i64,
    last_ms: i64,
    gaps_s_squared: f32,
    last_agent: u64,
    last_page: u64,
}

/// One request, as far as it says something of a client.
#[derive(Clone, Copy, Debug)]
pub(super) struct Step {
    pub(super) at_ms: i64,
    pub(super) path: u64,
    pub(super) agent: u64,
    /// The path of the page it says it came from.
    pub(super) from: Option<u64>,
    pub(super) is_asset: bool,
    pub(super) is_referred: bool,
    pub(super) status: u16,
}

impl Visitor {
    fn first(step: &Step) -> Self {
        Self {
            requests: 0,
            assets: 0,
            referred: 0,
            followed: 0,
            redirected: 0,
            failed: 0,
            partial: 0,
            path: (step.path, 0),
            agent: (step.agent, 0),
            changes: 0,
            windows: 1,
            peak: 0,
            first_ms: step.at_ms,
            last_ms: step.at_ms,
            gaps_s_squared: 0.0,
            last_agent: step.agent,
            last_page: 0,
        }
    }

    fn take(&mut self, step: &Step) {
        let yes = |holds: bool| u32::from(holds);
        self.requests += 1;
        self.peak += 1;
        self.assets += yes(step.is_asset);
        self.referred += yes(step.is_referred);
        let is_followed = step.from.is_some_and(|from| from == self.last_page && from != step.path);
        self.followed += yes(is_followed);
        self.redirected += yes(matches!(step.status, 300..=303 | 305..400));
        self.failed += yes(step.status >= 500 || matches!(step.status, 0 | 429 | 499));
        self.partial += yes(step.status == 206);
        // Of a page and what belongs to it the page is what was asked for.
        if !step.is_asset && self.requests == self.assets + 1 {
            self.path = (step.path, 1);
        } else if !step.is_asset || self.requests == self.assets {
            self.path = majority(self.path, (step.path, 1));
        }
        self.agent = majority(self.agent, (step.agent, 1));
        self.changes += yes(step.agent != self.last_agent);
        self.last_agent = step.agent;
        if !step.is_asset {
            self.last_page = step.path;
        }
        self.gap_to(step.at_ms);
        self.last_ms = self.last_ms.max(step.at_ms);
        self.first_ms = self.first_ms.min(step.at_ms);
    }

    fn gap_to(&mut self, at_ms: i64) {
        let gap_s = (at_ms - self.last_ms).max(0) as f32 / 1_000.0;
        self.gaps_s_squared += gap_s * gap_s;
    }

    /// Adds a later time of the same client.
    fn merge(&mut self, later: &Self) {
        self.path = match (self.requests == self.assets, later.requests == later.assets) {
            (true, false) => later.path,
            (false, true) => self.path,
            _ => majority(self.path, later.path),
        };
        self.requests += later.requests;
        self.assets += later.assets;
        self.referred += later.referred;
        self.followed += later.followed;
        self.redirected += later.redirected;
        self.failed += later.failed;
        self.partial += later.partial;
        self.agent = majority(self.agent, later.agent);
        self.changes += later.changes + u32::from(later.last_agent != self.last_agent);
        self.windows += later.windows;
        self.peak = self.peak.max(later.peak);
        self.gap_to(later.first_ms);
        self.gaps_s_squared += later.gaps_s_squared;
        self.last_ms = self.last_ms.max(later.last_ms);
        self.last_agent = later.last_agent;
        self.last_page = later.last_page;
    }

    /// Share of its requests for the path of most of them, at least.
    pub(super) fn one_path_share(&self) -> f64 {
        let of = if self.requests == self.assets { self.assets.into() } else { self.pages() };
        (f64::from(self.path.1) / of.max(1.0) + 1.0) / 2.0
    }

    /// Requests for pages, or calls.
    pub(super) fn pages(&self) -> f64 {
        f64::from(self.requests - self.assets.min(self.requests))
    }

    /// Whether it loads one page with all that belongs to it, each second or two, for most of a
    /// minute and longer: nobody reads like that, and no cache is so cold.
    pub(super) fn reloads(&self) -> bool {
        let lasts_s = self.lasts_s();
        self.pages() >= 25.0
            && lasts_s >= 40.0
            && self.pages() >= 0.5 * lasts_s
            && f64::from(self.assets) >= self.pages()
            && self.one_path_share() >= 0.9
            && self.changes * 10 <= self.requests
    }

    /// Whether it says many things of itself, as an address of many people does.
    pub(super) fn is_many(&self) -> bool {
        self.requests >= 4 && self.changes * 2 >= self.requests
    }

    /// Whether it never asked for what belongs to a page, nor followed a link.
    pub(super) fn is_bare(&self) -> bool {
        let one_asset = self.requests == self.assets && self.one_path_share() >= 0.8;
        let few_assets = self.assets * 50 <= self.requests || one_asset;
        few_assets && self.followed * 10 <= self.requests
    }

    /// Seconds between its first and its last request.
    pub(super) fn lasts_s(&self) -> f64 {
        (self.last_ms - self.first_ms) as f64 / 1_000.0
    }

    /// Requests in a second, while it asked.
    pub(super) fn rps(&self) -> f64 {
        f64::from(self.requests) / self.lasts_s().max(1.0)
    }

    /// Whether its gaps are as even as those of a clock.
    pub(super) fn is_even(&self) -> bool {
        /// Standard deviation over mean; that of people is above one.
        const EVEN: f64 = 0.35;
        let gaps = f64::from(self.requests) - 1.0;
        let mean_s = self.lasts_s() / gaps.max(1.0);
        // Below, whole seconds of a log are not fine enough; above, it is no flood.
        if self.requests < 8 || !(0.8..=30.0).contains(&mean_s) {
            return false;
        }
        let variance = f64::from(self.gaps_s_squared) / gaps - mean_s * mean_s;
        variance <= (EVEN * mean_s).powi(2)
    }

    /// Whether it goes on for minutes and leaves out hardly any window of ten seconds.
    pub(super) fn is_steady(&self) -> bool {
        let spanned = self.lasts_s() / 10.0 + 1.0;
        self.requests >= 12 && self.windows >= 9 && f64::from(self.windows) >= 0.8 * spanned
    }

    /// Whether it came again and again over minutes.
    pub(super) fn comes_again(&self) -> bool {
        self.requests >= 6 && self.lasts_s() >= 100.0
    }
}

/// The majority of two counts of majorities (Boyer and Moore).
fn majority(a: (u64, u32), b: (u64, u32)) -> (u64, u32) {
    match (a.0 == b.0, a.1 >= b.1) {
        (true, _) => (a.0, a.1 + b.1),
        (_, true) => (a.0, a.1 - b.1),
        _ => (b.0, b.1 - a.1),
    }
}

/// Clients, or a part of them.
#[derive(Clone, Debug)]
pub(super) struct Visitors {
    key: u64,
    most: usize,
    kept: BTreeMap<u128, Visitor>,
    /// One of `2^level` clients is kept.
    level: u32,
}

impl Visitors {
    /// Keeps at most so many.
    pub(super) fn new(key: u64, most: usize) -> Self {
        Self { key, most, kept: BTreeMap::new(), level: 0 }
    }

    pub(super) fn take(&mut self, client: u128, step: &Step) {
        if !self.keeps(client) {
            return;
        }
        self.kept.entry(client).or_insert_with(|| Visitor::first(step)).take(step);
        self.shrink();
    }

    /// Adds those of a later time.
    pub(super) fn merge(&mut self, later: &Self) {
        if later.level > self.level {
            self.level = later.level;
            self.drop_others();
        }
        for (client, visitor) in &later.kept {
            if !self.keeps(*client) {
                continue;
            }
            match self.kept.get_mut(client) {
                Some(before) => before.merge(visitor),
                None => {
                    self.kept.insert(*client, *visitor);
                }
            }
        }
        self.shrink();
    }

    /// All that are kept.
    pub(super) fn iter(&self) -> impl Iterator<Item = (u128, &Visitor)> {
        self.kept.iter().map(|(client, visitor)| (*client, visitor))
    }

    /// How many clients one that is kept stands for.
    pub(super) fn weight(&self) -> f64 {
        f64::from(1_u32 << self.level.min(31))
    }

    /// How many there are, estimated.
    pub(super) fn count(&self) -> f64 {
        self.kept.len() as f64 * self.weight()
    }

    /// Whether a client is one of the part that is kept.
    pub(super) fn keeps(&self, client: u128) -> bool {
        self.level == 0 || hash(self.key, client).leading_zeros() >= self.level
    }

    fn shrink(&mut self) {
        while self.kept.len() > self.most && self.level < 31 {
            self.level += 1;
            self.drop_others();
        }
    }

    fn drop_others(&mut self) {
        let (key, level) = (self.key, self.level);
        self.kept.retain(|client, _| hash(key, *client).leading_zeros() >= level);
    }
}

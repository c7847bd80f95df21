//! The clients of a stretch that are looked at together, and what they come to.
//!
//! See `facts` for the idea.
//!
//! # What it cannot tell
//!
//! Two floods at once on two paths: the larger one hides the other.

use std::collections::BTreeMap;

use crate::attack::requests::REQUESTS_MIN;
use crate::attack::requests::agent::Says;
use crate::attack::requests::before::Before;
use crate::attack::requests::before::Known;
use crate::attack::requests::facts::Facts;
use crate::attack::requests::facts::Group;
use crate::attack::requests::visitor::Visitor;
use crate::attack::requests::window::Window;

/// Share of the excess that a group needs to be looked at.
const GROUP_SHARE_MIN: f64 = 0.3;
/// Requests of one client in a window that are faster than people: two in a second.
const FAST: f64 = 20.0;
/// The same of a busy script: fifteen in a second.
const QUICK: f64 = 150.0;
/// Requests of one client in a window that no single person's machine comes to: 60 in a second.
const VERY_FAST: f64 = 600.0;

/// How many clients make four fifths of all requests.
pub(super) fn carriers(mut each: Vec<f64>, weight: f64) -> f64 {
    each.sort_by(|a, b| b.total_cmp(a));
    let enough = 0.8 * each.iter().sum::<f64>();
    let mut sum = 0.0;
    let many = each.iter().take_while(|n| {
        let goes_on = sum < enough;
        sum += **n;
        goes_on
    });
    many.count() as f64 * weight
}

/// Which clients are looked at.
pub(super) struct Chosen {
    pub(super) group: Group,
    pub(super) path: Option<u64>,
}

impl Chosen {
    pub(super) fn of(sum: &Window, windows: f64, excess: f64, before: Option<&Before>) -> Self {
        let weight = sum.visitors.weight();
        let (mut paths, mut bare) = (BTreeMap::<u64, f64>::new(), 0.0);
        for (_, visitor) in sum.visitors.iter().filter(|(_, visitor)| visitor.is_bare()) {
            let requests = f64::from(visitor.requests) * weight;
            bare += if visitor.requests >= 5 { requests } else { 0.0 };
            if visitor.one_path_share() >= 0.8 {
                *paths.entry(visitor.path.0).or_insert(0.0) += requests;
            }
        }
        let beyond = |(path, requests): (u64, f64)| {
            (path, requests - before.map_or(0.0, |before| before.path_rate(path) * windows))
        };
        let top = paths.into_iter().map(beyond).max_by(|a, b| a.1.total_cmp(&b.1));
        let enough =
            |requests: f64| requests >= GROUP_SHARE_MIN * excess && requests >= 0.5 * REQUESTS_MIN;
        match top.filter(|(_, requests)| enough(*requests)) {
            Some((path, _)) => Self { group: Group::OnePath, path: Some(path) },
            None if enough(bare) => Self { group: Group::ManyPaths, path: None },
            None => Self { group: Group::Nobody, path: None },
        }
    }

    /// The most requested path.
    pub(super) fn unseen(sum: &Window) -> Self {
        let top = sum.paths.iter().max_by(|a, b| a.1.requests.total_cmp(&b.1.requests));
        Self { group: Group::Unseen, path: top.map(|(path, _)| *path) }
    }

    pub(super) fn has(&self, visitor: &Visitor) -> bool {
        let same = |path: u64| visitor.path.0 == path && visitor.one_path_share() >= 0.8;
        visitor.is_bare() && self.path.map_or(visitor.requests >= 5, same)
    }
}

/// Sums over the clients of a group.
#[derive(Default)]
pub(super) struct Members {
    requests: f64,
    each: Vec<f64>,
    weight: f64,
    a_window: f64,
    fast: f64,
    very_fast: f64,
    quick: f64,
    even: f64,
    steady: f64,
    again: f64,
    changing: f64,
    says: [f64; Says::COUNT],
    says_all: [f64; Says::COUNT],
    agents: BTreeMap<u64, f64>,
    usual_agents: f64,
    known: f64,
    referred: f64,
    failed: f64,
    redirected: f64,
    partial: f64,
}

impl Members {
    /// What sums say where clients are not told.
    pub(super) fn of_agents(sum: &Window, before: Option<&Before>) -> Self {
        let mut members = Self { requests: sum.requests.max(1.0), ..Self::default() };
        for (agent, (says, n)) in &sum.agents {
            members.agent(*agent, *says, *n, before);
        }
        members
    }

    pub(super) fn take(
        &mut self,
        client: u128,
        visitor: &Visitor,
        weight: f64,
        sum: &Window,
        before: Option<&Before>,
        known: &Known,
    ) {
        let requests = f64::from(visitor.requests) * weight;
        let if_so = |holds: bool| if holds { requests } else { 0.0 };
        let usual = 3.0 * before.map_or(0.0, |before| before.client_peak);
        let peak = f64::from(visitor.peak);
        // Who goes on like that for long is fast at what others do for a moment.
        let lasting = visitor.requests >= 20 && visitor.rps() >= 0.7;
        let is_fast = peak >= FAST.max(usual) || lasting && visitor.rps() * 30.0 >= usual;
        self.weight = weight;
        self.requests += requests;
        self.each.push(requests);
        self.a_window += requests * f64::from(visitor.requests) / f64::from(visitor.windows.max(1));
        self.fast += if_so(is_fast);
        self.very_fast += if_so(peak >= VERY_FAST);
        self.quick += if_so(peak >= QUICK);
        self.even += if_so(visitor.is_even());
        self.steady += if_so(visitor.is_steady());
        self.again += if_so(visitor.comes_again());
        self.changing += if_so(visitor.is_many());
        self.known += if_so(known.has(client));
        self.referred += f64::from(visitor.referred) * weight;
        self.failed += f64::from(visitor.failed) * weight;
        self.redirected += f64::from(visitor.redirected) * weight;
        self.partial += f64::from(visitor.partial) * weight;
        if let Some((says, _)) = sum.agents.get(&visitor.agent.0) {
            self.agent(visitor.agent.0, *says, requests, before);
        }
    }

    fn agent(&mut self, agent: u64, says: Says, requests: f64, before: Option<&Before>) {
        *self.agents.entry(agent).or_insert(0.0) += requests;
        self.says_all[says as usize] += requests;
        if before.is_some_and(|before| before.agent_share(agent) >= 0.005) {
            self.usual_agents += requests;
        } else {
            self.says[says as usize] += requests;
        }
    }

    pub(super) fn tell(self, facts: &mut Facts, before: Option<&Before>, known: &Known) {
        let all = self.requests.max(1.0);
        facts.group_requests = self.requests;
        facts.clients = self.each.len() as f64 * self.weight;
        facts.fast = self.fast / all;
        facts.very_fast = self.very_fast / all;
        facts.quick = self.quick / all;
        facts.even = self.even / all;
        facts.steady = self.steady / all;
        facts.again = self.again / all;
        facts.changing = self.changing / all;
        facts.known = known.is_enough().then_some(self.known / all);
        facts.referred = self.referred / all;
        facts.failed = self.failed / all;
        facts.redirected = self.redirected / all;
        facts.partial = self.partial / all;
        facts.is_faster_than_usual = before.is_some_and(|before| {
            let each = self.a_window / all;
            each >= 5.0 && each >= 3.0 * before.client_peak
        });
        self.tell_agents(facts, before);
        facts.carriers = carriers(self.each, self.weight);
    }

    pub(super) fn tell_agents(&self, facts: &mut Facts, before: Option<&Before>) {
        let all = self.requests.max(1.0);
        facts.says = self.says.map(|n| n / all);
        facts.says_all = self.says_all.map(|n| n / all);
        facts.agents = self.agents.len() as f64;
        facts.usual_agents = self.usual_agents / all;
        let beyond = |(agent, n): (&u64, &f64)| {
            n / all - before.map_or(0.0, |before| before.agent_share(*agent))
        };
        facts.one_agent = self.agents.iter().map(beyond).fold(0.0, f64::max);
    }
}

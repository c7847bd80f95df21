//! A stretch of a log in figures: what it has beyond the usual, and who asks for it.
//!
//! Clients are looked at one by one, since a flood may stand within a crowd. Those who load nothing
//! that belongs to a page, follow no link and ask for one path are a group; the facts are of the
//! largest such group, or, when no path stands out, of all who are bare. Where a log has no clients
//! that can be believed, they are of the most requested path.
//!
//! # What it cannot tell
//!
//! What the facts mean: that is `judge`.

use crate::attack::requests::agent::Says;
use crate::attack::requests::before::Before;
use crate::attack::requests::before::Known;
use crate::attack::requests::group::Chosen;
use crate::attack::requests::group::Members;
use crate::attack::requests::group::carriers;
use crate::attack::requests::visitor::Visitor;
use crate::attack::requests::window::Asked;
use crate::attack::requests::window::Window;
use crate::attack::requests::window::text_hash;

/// What is known of who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Group {
    /// Clients that ask for one path.
    OnePath,
    /// Clients that ask for several.
    ManyPaths,
    /// The most requested path, since clients are not told.
    Unseen,
    /// Nobody stands out.
    Nobody,
}

/// A stretch in figures. Shares are of the requests of the group, between 0 and 1.
#[derive(Clone, Copy, Debug)]
pub(super) struct Facts {
    pub(super) group: Group,
    /// Windows of ten seconds.
    pub(super) windows: f64,
    /// All requests of the stretch, and those beyond the usual.
    pub(super) requests: f64,
    pub(super) excess: f64,
    /// Whether anything is usual at all.
    pub(super) has_usual: bool,
    /// Requests and clients of the group; how many clients make four fifths of its requests.
    pub(super) group_requests: f64,
    pub(super) clients: f64,
    pub(super) carriers: f64,
    /// Clients that ask more often, or for longer, than people do; as evenly as a clock.
    pub(super) fast: f64,
    pub(super) quick: f64,
    pub(super) very_fast: f64,
    pub(super) even: f64,
    pub(super) steady: f64,
    /// Clients that come again and again over minutes.
    pub(super) again: f64,
    /// Whether clients ask several times as often as is usual here.
    pub(super) is_faster_than_usual: bool,
    /// Clients that say something else again and again.
    pub(super) changing: f64,
    /// What clients say, where it is not usual here.
    pub(super) says: [f64; Says::COUNT],
    /// The same, usual or not.
    pub(super) says_all: [f64; Says::COUNT],
    /// What most say, beyond its usual share, and how many different things are said.
    pub(super) one_agent: f64,
    pub(super) agents: f64,
    pub(super) usual_agents: f64,
    /// Requests of clients that were here before; `None` when that is not known.
    pub(super) known: Option<f64>,
    pub(super) referred: f64,
    /// Whether the form of the log has a field for it.
    pub(super) tells_referrers: bool,
    pub(super) failed: f64,
    pub(super) redirected: f64,
    pub(super) partial: f64,
    /// The path of the group: its usual share of requests, and whether it makes connections (101).
    pub(super) path_is_usual: bool,
    pub(super) path_switches: bool,
    /// Ever new questions to a path that has none usually; the same where that is not known.
    pub(super) busting: Busting,
    /// Whether the names of the questions' fields are ever new.
    pub(super) new_names: bool,
    /// Questions that are each asked about once, of all of the path.
    pub(super) distinct: f64,
    pub(super) posts: f64,
    /// Of all requests of the stretch.
    pub(super) all: Whole,
}

/// Whether questions are there to get past a cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Busting {
    /// They are not, or are usual.
    No,
    /// Ever new, and nobody knows whether that is usual.
    Perhaps,
    /// Ever new where none are usual, or with ever new names.
    Yes,
}

/// Shares of all requests of a stretch.
#[derive(Clone, Copy, Debug)]
pub(super) struct Whole {
    pub(super) clients: f64,
    pub(super) carriers: f64,
    pub(super) top_path: f64,
    /// Different things that are said by clients.
    pub(super) agents: f64,
    /// What is usually said by browsers, and by scripts.
    pub(super) usual_browsers: f64,
    pub(super) usual_scripts: f64,
    /// Distinct paths, for each request.
    pub(super) paths: f64,
    pub(super) not_found: f64,
    pub(super) redirected: f64,
    pub(super) bots: f64,
    /// Requests of clients that load what belongs to pages, or follow links.
    pub(super) sessions: f64,
    pub(super) referred: f64,
    /// Share of requests of clients that load one page with all of it again and again, without
    /// the busiest of them.
    pub(super) reloads: f64,
    pub(super) assets: f64,
    pub(super) usual_agents: f64,
    pub(super) usual_paths: f64,
    /// Whether pages come with far less of what belongs to them than usual.
    pub(super) is_barer: bool,
    /// Whether the site's pages usually come with what belongs to them, and with referrers.
    pub(super) usually_assets: bool,
    pub(super) usually_referred: bool,
}

impl Facts {
    /// Of the sum of so many windows.
    pub(super) fn of(
        key: u64,
        sum: &Window,
        windows: f64,
        before: Option<&Before>,
        known: &Known,
    ) -> Self {
        let usual = before.map_or(0.0, Before::rate) * windows;
        let excess = (sum.requests - usual).max(0.2 * sum.requests);
        // One address that says many things and asks for many: there are people behind it.
        let many = |visitor: &Visitor| !visitor.is_bare() || visitor.one_path_share() < 0.8;
        let is_masked = before.is_some_and(|before| before.is_masked)
            || sum.visitors.count() <= 1.0
                && sum.agents.len() >= 10
                && sum.visitors.iter().all(|(_, visitor)| many(visitor));
        let group = if is_masked || sum.visitors.count() == 0.0 {
            Chosen::unseen(sum)
        } else {
            Chosen::of(sum, windows, excess, before)
        };
        let mut facts = Self::blank(group.group, sum, windows, before);
        facts.excess = excess;
        facts.all = Whole::of(sum, before);
        let mut members = Members::default();
        match group.group {
            Group::OnePath | Group::ManyPaths => {
                let weight = sum.visitors.weight();
                for (client, visitor) in sum.visitors.iter() {
                    if group.has(visitor) {
                        members.take(client, visitor, weight, sum, before, known);
                    }
                }
            }
            Group::Unseen | Group::Nobody => {}
        }
        members.tell(&mut facts, before, known);
        if group.group == Group::Unseen {
            facts.take_sums(sum, before, group.path);
        }
        if let Some(path) = group.path {
            facts.path(key, path, sum, before);
        }
        facts
    }

    /// Requests of the group in a second.
    pub(super) fn rps(&self) -> f64 {
        self.group_requests / self.windows.max(1.0) / 10.0
    }

    fn blank(group: Group, sum: &Window, windows: f64, before: Option<&Before>) -> Self {
        Self {
            group,
            windows,
            requests: sum.requests,
            excess: 0.0,
            has_usual: before.is_some(),
            group_requests: 0.0,
            clients: 0.0,
            carriers: 0.0,
            fast: 0.0,
            quick: 0.0,
            very_fast: 0.0,
            even: 0.0,
            steady: 0.0,
            again: 0.0,
            is_faster_than_usual: false,
            changing: 0.0,
            says: [0.0; Says::COUNT],
            says_all: [0.0; Says::COUNT],
            one_agent: 0.0,
            agents: 0.0,
            usual_agents: 0.0,
            known: None,
            referred: 0.0,
            tells_referrers: sum.referrers_told > 0.0,
            failed: 0.0,
            redirected: 0.0,
            partial: 0.0,
            path_is_usual: false,
            path_switches: false,
            busting: Busting::No,
            new_names: false,
            distinct: 0.0,
            posts: sum.posts / sum.requests.max(1.0),
            all: Whole::of(sum, before),
        }
    }

    /// What sums alone say, where clients are not told.
    fn take_sums(&mut self, sum: &Window, before: Option<&Before>, path: Option<u64>) {
        let path = path.and_then(|path| sum.paths.get(&path));
        self.group_requests = path.map_or(0.0, |asked| asked.requests);
        let all = sum.requests.max(1.0);
        Members::of_agents(sum, before).tell_agents(self, before);
        self.referred = sum.referred / all;
        self.failed = sum.errors / all;
        self.redirected = sum.redirected / all;
    }

    fn path(&mut self, key: u64, path: u64, sum: &Window, before: Option<&Before>) {
        let asked = sum.paths.get(&path).copied().unwrap_or_default();
        let usual = before.and_then(|before| before.path(path)).copied();
        let has = |asked: &Asked| asked.switched >= 0.02 * asked.requests && asked.switched >= 2.0;
        self.path_switches = has(&asked) || usual.as_ref().is_some_and(has);
        self.path_is_usual = before.zip(usual).is_some_and(|(before, usual)| {
            usual.requests >= 3.0 && before.path_rate(path) >= 0.02 * before.rate()
        });
        let new = |distinct: f64| distinct / sum.queried.max(1.0);
        let is_queried = asked.queried >= 0.7 * asked.requests;
        if !is_queried {
            return;
        }
        self.distinct = new(sum.queries.count()).min(1.0);
        if self.distinct < 0.5 {
            return;
        }
        let usually_none = usual
            .is_some_and(|usual| usual.requests >= 5.0 && usual.queried <= 0.2 * usual.requests);
        let is_root = path == text_hash(key, "/") && usual.is_none_or(|it| it.queried == 0.0);
        self.new_names = new(sum.query_names.count()) >= 0.3;
        self.busting = match (usually_none || is_root || self.new_names, before) {
            (true, _) => Busting::Yes,
            (_, None) => Busting::Perhaps,
            _ => Busting::No,
        };
    }
}

impl Whole {
    fn of(sum: &Window, before: Option<&Before>) -> Self {
        let all = sum.requests.max(1.0);
        let usual_agents = before.map_or(0.0, |before| {
            let usual = sum.agents.iter().filter(|(agent, _)| before.agent_share(**agent) > 0.0);
            usual.map(|(_, (_, n))| n).sum::<f64>()
        });
        let usual_paths = before.map_or(0.0, |before| {
            let usual = sum.paths.iter().filter(|(path, _)| before.path(**path).is_some());
            usual.map(|(_, asked)| asked.requests).sum::<f64>()
        });
        let usually = |all: &[Says]| before.map_or(0.0, |before| before.said_share(all));
        let weight = sum.visitors.weight();
        let sessions: f64 = sum
            .visitors
            .iter()
            .filter(|(_, visitor)| !visitor.is_bare())
            .map(|(_, visitor)| f64::from(visitor.requests) * weight)
            .sum();
        // A single address may be a school: the busiest one says nothing.
        let reloads: Vec<f64> = sum
            .visitors
            .iter()
            .filter(|(_, visitor)| visitor.reloads())
            .map(|(_, visitor)| f64::from(visitor.requests) * weight)
            .collect();
        let busiest = reloads.iter().copied().fold(0.0, f64::max);
        let reloads = reloads.iter().sum::<f64>() - busiest;
        let each = sum.visitors.iter().map(|(_, visitor)| f64::from(visitor.requests) * weight);
        Self {
            clients: sum.visitors.count(),
            carriers: carriers(each.collect(), weight),
            top_path: sum.top_path_share(),
            agents: sum.agents.len() as f64,
            usual_browsers: usually(&[Says::Browser, Says::OldBrowser]),
            usual_scripts: usually(&[Says::Script, Says::Nothing, Says::Load, Says::Library]),
            paths: sum.paths.len() as f64 / all,
            not_found: sum.not_found / all,
            redirected: sum.redirected / all,
            bots: sum.says[Says::Bot as usize] / all,
            sessions: sessions / all,
            reloads: reloads / all,
            referred: sum.referred / all,
            assets: sum.assets / all,
            usual_agents: usual_agents / all,
            usual_paths: usual_paths / all,
            is_barer: before.is_some_and(|before| {
                sum.assets / sum.pages.max(1.0) <= 0.4 * before.assets_a_page()
            }),
            usually_assets: before.is_some_and(|before| before.assets_a_page() >= 0.2),
            usually_referred: before
                .and_then(Before::referred_share)
                .is_some_and(|share| share >= 0.3),
        }
    }
}

//! Reachability: names, routes and connections, before anything is said over them.
//!
//! A prefix that is withdrawn is gone for everyone; one that moves to a network that washes floods
//! was moved for a reason; a first packet that is lost from everywhere says that something stands
//! in front of the service or that nothing does any more.
//!
//! # What it cannot tell
//!
//! A flood from a dead router by lost packets alone. That routes are calm: nobody tells of a route
//! that does not change.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::evidence::CaseFile;
use crate::evidence::Family;
use crate::evidence::Item;
use crate::evidence::State;
use crate::evidence::vantages;
use crate::evidence::vantages::Reach;
use crate::evidence::vantages::View;
use crate::observe::RouteSpell;
use crate::observe::symptom::Phase;
use crate::observe::symptom::Symptom;
use crate::signal::RouteChange;
use crate::time::MINUTE_MS;
use crate::units::Asn;
use crate::units::Text;

/// States of the family.
pub const STATES: &[&str] = &[
    "all_reachable",
    "names_fail",
    "withdrawn",
    "rerouted",
    "to_scrubbing",
    "handshake_lost",
    "refused",
    "one_country",
    "one_network",
    "scattered",
];

/// Networks that sell the washing of floods and take over a customer's prefixes for it, as their
/// owners publish them: Akamai Prolexic, Vercara (Neustar), Imperva, F5 Silverline, Radware,
/// Qrator, StormWall, Link11, Nexusguard, Voxility.
const SCRUBBERS: [Asn; 10] = [
    Asn(32_787),
    Asn(19_905),
    Asn(19_551),
    Asn(55_002),
    Asn(198_949),
    Asn(200_449),
    Asn(59_796),
    Asn(34_309),
    Asn(45_474),
    Asn(3_223),
];
/// A withdrawal counts when no more than this share of full-feed peers still sees the prefix.
const VISIBLE_MAX: f64 = 0.5;
/// Routes that changed this long before the outage belong to it.
const ROUTES_BEFORE_MS: i64 = 30 * MINUTE_MS;

/// What was seen of names, routes and connections.
pub fn look(case: &CaseFile) -> Option<Item> {
    let views = vantages::views(case);
    let enough = vantages::vantages(views.iter()).len() >= vantages::VANTAGES_MIN;
    let routes = Routes::of(case);
    let by_probes = enough.then(|| by_probes(&views));
    let state = match (routes.state(), by_probes) {
        (Some(state), None | Some("all_reachable" | "names_fail" | "scattered")) => state,
        (Some(state @ ("withdrawn" | "to_scrubbing" | "rerouted")), Some("handshake_lost")) => {
            state
        }
        (Some("withdrawn"), Some("refused" | "one_country" | "one_network")) => "withdrawn",
        (_, Some(state)) => state,
        // Calm routes alone say nothing about connections.
        (None, None) => return None,
    };
    let unreached = |view: &&View| view.symptom.phase() == Phase::Reach;
    let failing = vantages::vantages(views.iter().filter(unreached));
    let mut names = failing.clone();
    names.extend(routes.changed.iter().cloned());
    Some(Item {
        family: Family::Reachability,
        state: State::Listed(state),
        figures: vec![
            ("vantages", vantages::vantages(views.iter()).len() as f64),
            ("vantages_failing", failing.len() as f64),
            ("prefixes_changed", routes.changed.len() as f64),
        ],
        names,
        source: if enough { "probes" } else { "routes" },
        window: case.window(),
        caveat: if enough { "vantages_are_few" } else { "routes_only" },
        synthetic: views.iter().any(|view| view.synthetic) || routes.synthetic,
    })
}

fn by_probes(views: &[View]) -> &'static str {
    let unreached = |symptom: Symptom| symptom.phase() == Phase::Reach;
    match vantages::reach(views, unreached) {
        Reach::Nobody => "all_reachable",
        Reach::OneCountry => "one_country",
        Reach::OneNetwork => "one_network",
        Reach::Some => "scattered",
        Reach::Most => match vantages::leading(views, unreached) {
            Some(Symptom::NameMissing | Symptom::NameFails | Symptom::NameTimeout) => "names_fail",
            Some(Symptom::ConnectRefused) => "refused",
            _ => "handshake_lost",
        },
    }
}

/// What changed about the routes of a service around its outage.
#[derive(Default)]
struct Routes {
    withdrawn: bool,
    rerouted: bool,
    scrubbed: bool,
    changed: BTreeSet<Text>,
    synthetic: bool,
}

impl Routes {
    fn of(case: &CaseFile) -> Self {
        let (first, until) = case.window();
        let from = first.plus_ms(-ROUTES_BEFORE_MS);
        let mut routes = Self::default();
        let mut before: BTreeMap<&Text, &RouteSpell> = BTreeMap::new();
        for spell in &case.observed.routes {
            let known = before.insert(&spell.prefix, spell);
            if spell.until < from || spell.from > until {
                continue;
            }
            routes.take(spell, known, &case.service.asns);
        }
        routes
    }

    fn take(&mut self, spell: &RouteSpell, known: Option<&RouteSpell>, own: &[Asn]) {
        let change = match spell.change {
            RouteChange::Withdraw => {
                let gone = spell.visibility.is_none_or(|share| share <= VISIBLE_MAX);
                self.withdrawn |= gone;
                gone
            }
            RouteChange::Announce => {
                let washed = |path: &[Asn]| path.iter().any(|asn| SCRUBBERS.contains(asn));
                let scrubbed = (washed(&spell.path)
                    || spell.origin.is_some_and(|asn| SCRUBBERS.contains(&asn)))
                    && !known.is_some_and(|known| washed(&known.path));
                let other_than_known = known.is_some_and(|known| {
                    known.change == RouteChange::Announce
                        && known.origin.is_some()
                        && spell.origin.is_some()
                        && known.origin != spell.origin
                });
                let stranger = spell.origin.is_some_and(|asn| {
                    !own.is_empty() && !own.contains(&asn) && !SCRUBBERS.contains(&asn)
                });
                let detour = known.is_some_and(|known| {
                    known.change == RouteChange::Announce
                        && known.origin == spell.origin
                        && !known.path.is_empty()
                        && strangers(&known.path, &spell.path) >= DETOUR_NETWORKS_MIN
                });
                self.scrubbed |= scrubbed;
                let away = !scrubbed && (other_than_known || stranger || detour);
                self.rerouted |= away;
                scrubbed || away
            }
        };
        if change {
            self.changed.insert(spell.prefix.clone());
            self.synthetic |= spell.synthetic;
        }
    }

    fn state(&self) -> Option<&'static str> {
        if self.scrubbed {
            Some("to_scrubbing")
        } else if self.rerouted {
            Some("rerouted")
        } else if self.withdrawn {
            Some("withdrawn")
        } else {
            None
        }
    }
}

/// New networks on a way from which it is a detour: one that was swapped is an ordinary day.
const DETOUR_NETWORKS_MIN: usize = 2;

/// Networks of `path` that were not on the way `before`.
fn strangers(before: &[Asn], path: &[Asn]) -> usize {
    let path: BTreeSet<Asn> = path.iter().copied().collect();
    path.iter().filter(|asn| !before.contains(asn)).count()
}

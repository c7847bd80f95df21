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
use std::net::IpAddr;

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
            let covering = covering(&before, spell);
            let known = before.insert(&spell.prefix, spell);
            if spell.until < from || spell.from > until {
                continue;
            }
            routes.take(spell, known, covering, &case.service.asns);
        }
        routes
    }

    /// Takes a change of a prefix: `known` is what was told of it before, `covering` the route that
    /// packets would take without it.
    fn take(
        &mut self,
        spell: &RouteSpell,
        known: Option<&RouteSpell>,
        covering: Option<&RouteSpell>,
        own: &[Asn],
    ) {
        let change = match spell.change {
            RouteChange::Withdraw => {
                let seen = spell.visibility.is_some_and(|share| share > VISIBLE_MAX);
                let gone = !seen && covering.is_none();
                self.withdrawn |= gone;
                gone
            }
            RouteChange::Announce => {
                let known =
                    known.filter(|known| known.change == RouteChange::Announce).or(covering);
                let washed = |path: &[Asn]| path.iter().any(|asn| SCRUBBERS.contains(asn));
                let scrubbed = (washed(&spell.path)
                    || spell.origin.is_some_and(|asn| SCRUBBERS.contains(&asn)))
                    && !known.is_some_and(|known| washed(&known.path));
                let other_than_known = known.is_some_and(|known| {
                    known.origin.is_some() && spell.origin.is_some() && known.origin != spell.origin
                });
                let stranger = spell.origin.is_some_and(|asn| {
                    !own.is_empty() && !own.contains(&asn) && !SCRUBBERS.contains(&asn)
                });
                let detour = known.is_some_and(|known| {
                    known.origin == spell.origin
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

/// The narrowest prefix around that of `spell`, as it was last announced: a more specific route
/// takes packets from it, and gives them back when it goes.
fn covering<'r>(
    before: &BTreeMap<&Text, &'r RouteSpell>,
    spell: &RouteSpell,
) -> Option<&'r RouteSpell> {
    let inner = Block::parse(&spell.prefix)?;
    before
        .values()
        .filter(|known| known.change == RouteChange::Announce)
        .filter_map(|known| Some((Block::parse(&known.prefix)?, *known)))
        .filter(|(outer, _)| outer.length < inner.length && outer.holds(&inner))
        .max_by_key(|(outer, _)| outer.length)
        .map(|(_, known)| known)
}

/// A prefix as a block of addresses; IPv4 lies where IPv6 maps it.
struct Block {
    first: u128,
    length: u32,
}

impl Block {
    /// Reads `192.0.2.0/24` or `2001:db8::/32`.
    fn parse(prefix: &str) -> Option<Self> {
        let (address, length) = prefix.split_once('/')?;
        let length: u32 = length.parse().ok()?;
        let (first, length) = match address.parse().ok()? {
            IpAddr::V4(v4) => (v4.to_ipv6_mapped().to_bits(), length.checked_add(96)?),
            IpAddr::V6(v6) => (v6.to_bits(), length),
        };
        (length <= 128).then_some(Self { first, length })
    }

    fn holds(&self, other: &Self) -> bool {
        let differs = self.first ^ other.first;
        self.length <= other.length && differs.checked_shr(128 - self.length).unwrap_or(0) == 0
    }
}

/// New networks on a way from which it is a detour: one that was swapped is an ordinary day.
const DETOUR_NETWORKS_MIN: usize = 2;

/// Networks of `path` that were not on the way `before`.
fn strangers(before: &[Asn], path: &[Asn]) -> usize {
    let path: BTreeSet<Asn> = path.iter().copied().collect();
    path.iter().filter(|asn| !before.contains(asn)).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::UnixMillis;

    fn spell(prefix: &str, change: RouteChange, origin: u32, path: &[u32]) -> RouteSpell {
        RouteSpell {
            from: UnixMillis(0),
            until: UnixMillis(0),
            count: 1,
            prefix: prefix.into(),
            change,
            origin: Some(Asn(origin)),
            path: path.iter().map(|asn| Asn(*asn)).collect(),
            visibility: None,
            synthetic: false,
        }
    }

    #[test]
    fn a_narrower_prefix_is_held_against_the_one_around_it() {
        use RouteChange::Announce;
        use RouteChange::Withdraw;
        let around = spell("198.51.100.0/23", Announce, 1, &[10, 1]);
        let cases = [
            ("a hijack of a half", spell("198.51.100.0/24", Announce, 2, &[20, 2]), "rerouted"),
            ("a leak of a half", spell("198.51.101.0/24", Announce, 1, &[30, 31, 1]), "rerouted"),
            ("an own half by the own way", spell("198.51.100.0/24", Announce, 1, &[10, 1]), ""),
            ("a half that is taken back", spell("198.51.100.0/24", Withdraw, 1, &[]), ""),
            ("the whole that is gone", spell("198.51.100.0/23", Withdraw, 1, &[]), "withdrawn"),
            ("another's prefix", spell("203.0.113.0/24", Withdraw, 1, &[]), "withdrawn"),
            ("no prefix at all", spell("x", Announce, 1, &[10, 1]), ""),
        ];
        for (name, spell, wanted) in cases {
            let mut before = BTreeMap::from([(&around.prefix, &around)]);
            let covering = covering(&before, &spell);
            let known = before.insert(&spell.prefix, &spell);
            let mut routes = Routes::default();
            routes.take(&spell, known, covering, &[]);
            assert_eq!(routes.state().unwrap_or(""), wanted, "{name}");
        }
    }
}

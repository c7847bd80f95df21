//! Peers: which other services surged at about the same time, and what they share.
//!
//! Many brands that fail in the same minutes and sit on the same delivery network point at it; many
//! that share nothing point at what people hold in their hands or are connected by; a small rise
//! beside a neighbour's large one may be the neighbour's.
//!
//! # What it cannot tell
//!
//! What services share without saying so. The catalogue knows only what is public.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::evidence::CaseFile;
use crate::evidence::Family;
use crate::evidence::Item;
use crate::evidence::State;
use crate::evidence::facts::Peer;
use crate::evidence::facts::Relation;
use crate::evidence::facts::ServiceKind;
use crate::time::MINUTE_MS;
use crate::units::Country;
use crate::units::Text;

/// States of the family.
pub const STATES: &[&str] = &[
    "alone",
    "shared_provider",
    "dependants_too",
    "siblings",
    "many_unrelated",
    "one_country_many",
    "overshadowed",
    "some_related",
];

/// Services that must be listened to before "alone" means anything.
const LISTENED_MIN: u64 = 20;
/// Others that surge without sharing anything, from which they are many.
const MANY_MIN: usize = 3;
/// A peer with this many times our multiple, and begun no later than we, overshadows us.
const SHADOW_TIMES: f64 = 3.0;
/// Our peak over our usual level under which we can be overshadowed at all.
const SMALL_TIMES: f64 = 12.0;
/// A peer that began this much later than we cannot be the reason for our reports.
const LATER_MS: i64 = 10 * MINUTE_MS;

/// What other services did.
pub fn look(case: &CaseFile) -> Option<Item> {
    let peers = &case.peers;
    let surging = &peers.surging;
    let in_trouble: Vec<Text> = peers
        .providers
        .iter()
        .filter(|provider| {
            provider.surging || provider.notice || provider.failing_share.is_some_and(|s| s >= 0.5)
        })
        .map(|provider| provider.service.clone())
        .collect();
    if peers.listened < LISTENED_MIN && surging.is_empty() && in_trouble.is_empty() {
        return None;
    }
    let state = state(case, surging, !in_trouble.is_empty());
    let mut names = in_trouble;
    names.extend(surging.iter().take(12).map(|peer| peer.service.clone()));
    let mut seen = BTreeSet::new();
    names.retain(|name| seen.insert(name.clone()));
    let synthetic =
        case.incident.reconstruction || peers.providers.iter().any(|provider| provider.synthetic);
    Some(Item {
        family: Family::Peers,
        state: State::Listed(state),
        figures: vec![("listened", peers.listened as f64), ("surging", surging.len() as f64)],
        names,
        source: "reports",
        window: case.window(),
        caveat: "shared_things_may_be_unknown",
        synthetic,
    })
}

fn state(case: &CaseFile, surging: &[Peer], provider_in_trouble: bool) -> &'static str {
    let count = |relation: Relation| surging.iter().filter(|p| p.relation == relation).count();
    if case.incident.peers.spillover.is_some() {
        return "overshadowed";
    }
    // What a service stands on explains it before any neighbour does, however large that one is.
    if provider_in_trouble || count(Relation::Provider) > 0 {
        return "shared_provider";
    }
    if overshadowed(case, surging) {
        return "overshadowed";
    }
    if shared_by_two(surging) {
        return "shared_provider";
    }
    if count(Relation::Dependant) >= 2
        || (case.service.kind == ServiceKind::Provider && count(Relation::Dependant) >= 1)
    {
        return "dependants_too";
    }
    if count(Relation::Sibling) >= 1 && count(Relation::Stranger) < MANY_MIN {
        return "siblings";
    }
    let others = surging.iter().filter(|peer| peer.relation != Relation::Sibling);
    if others.clone().count() >= MANY_MIN {
        return if one_country(case, others.clone()) {
            "one_country_many"
        } else {
            "many_unrelated"
        };
    }
    if surging.is_empty() { "alone" } else { "some_related" }
}

/// Whether one provider is shared with at least two that surge, or most of them.
fn shared_by_two(surging: &[Peer]) -> bool {
    let mut by_provider: BTreeMap<&Text, usize> = BTreeMap::new();
    for peer in surging {
        for provider in &peer.shared {
            *by_provider.entry(provider).or_default() += 1;
        }
    }
    by_provider.values().any(|n| *n >= 2)
}

/// Whether a neighbour in trouble can explain our small rise.
fn overshadowed(case: &CaseFile, surging: &[Peer]) -> bool {
    let ours = case
        .incident
        .surges
        .iter()
        .map(|surge| surge.peak as f64 / surge.usual.max(1.0))
        .fold(0.0, f64::max);
    let peak = case.incident.surges.iter().map(|surge| surge.peak).max().unwrap_or(0);
    if ours > SMALL_TIMES {
        return false;
    }
    surging.iter().any(|peer| {
        let near = matches!(peer.relation, Relation::Related | Relation::Dependant)
            || (peer.relation == Relation::Stranger && peer.kind == case.service.kind)
            || (peer.relation == Relation::Cousin && peer.category == case.service.category)
            || case.service.kind == ServiceKind::AccessNetwork;
        near && peer.times_usual() >= SHADOW_TIMES * ours
            && peer.peak > 2 * peak
            && peer.opened_at.since_ms(case.incident.opened_at) <= LATER_MS
    })
}

/// Whether all of them work mainly in one country, and so do we.
fn one_country<'p>(case: &CaseFile, peers: impl Iterator<Item = &'p Peer>) -> bool {
    let of = |countries: &[Country]| match countries {
        [one] => Some(*one),
        _ => None,
    };
    let Some(home) = of(&case.service.countries) else { return false };
    let (mut all, mut same) = (0, 0);
    for peer in peers {
        all += 1;
        same += usize::from(of(&peer.countries) == Some(home));
    }
    4 * same >= 3 * all
}

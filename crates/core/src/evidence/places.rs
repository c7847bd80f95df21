//! Places: from which countries and networks reports came, and from which they did not.
//!
//! One country, network after network, while the rest of the world is calm, is a block or an
//! access network. A network that reports as a rule and falls silent is cut off. Many reports from
//! few machines, word for word the same, by the clock, are not a crowd.
//!
//! # What it cannot tell
//!
//! Where a person is: a country is where an address is registered. For a service with one country
//! as its audience, one country is everyone.

use crate::evidence::CaseFile;
use crate::evidence::Family;
use crate::evidence::Item;
use crate::evidence::State;
use crate::incident::Scope;
use crate::units::Text;

/// States of the family.
pub const STATES: &[&str] =
    &["everywhere", "home", "one_country", "one_network", "network_missing", "staged", "uneven"];

/// Reports with a known country under which places say nothing.
const REPORTS_MIN: u64 = 40;
/// Usual share of one country from which it is the whole audience.
const HOME_SHARE: f64 = 0.75;
/// Share of reports from one country, of an audience that is not there alone.
const ONE_COUNTRY_SHARE: f64 = 0.85;
/// Usual share of a network from which its silence is news.
const SILENT_USUAL: f64 = 0.12;
/// Multiples of the usual level that differ by more than this are uneven.
const UNEVEN_TIMES: f64 = 4.0;
/// Signs of a stage: shares of machines, of one prefix, of one text, and the beat of a clock.
const MACHINES_SHARE: f64 = 0.3;
const PREFIX_SHARE: f64 = 0.2;
const SAME_TEXT_SHARE: f64 = 0.6;
const SAME_TEXT_MIN: u64 = 20;
const CLOCK_EVENNESS: f64 = 0.4;
/// Signs that must come together.
const SIGNS_MIN: usize = 2;

/// What places and networks say.
pub fn look(case: &CaseFile) -> Option<Item> {
    let incident = &case.incident;
    let known: u64 = incident.places.iter().filter(|p| p.country.is_some()).map(|p| p.count).sum();
    let crowd = &case.crowd;
    let signs = signs(case);
    let lead = incident.places.iter().find(|place| place.country.is_some());
    let lead_share = lead.map_or(0.0, |place| place.count as f64 / known.max(1) as f64);
    let missing = crowd.silent.iter().any(|network| network.usual >= SILENT_USUAL);
    let enough = known >= REPORTS_MIN || crowd.networks_known >= REPORTS_MIN;
    if !enough && signs < SIGNS_MIN {
        return None;
    }
    let home = crowd.home_share.is_some_and(|share| share >= HOME_SHARE)
        || (crowd.home_share.is_none() && case.service.countries.len() == 1);
    let state = if signs >= SIGNS_MIN {
        "staged"
    } else if missing {
        "network_missing"
    } else if matches!(incident.scope, Scope::Network(_)) {
        "one_network"
    } else if home {
        "home"
    } else if one_country(case, lead_share) {
        "one_country"
    } else if uneven(case) {
        "uneven"
    } else {
        "everywhere"
    };
    let country = |p: &crate::incident::PlaceCount| p.country.map(|c| Text::from(c.code()));
    Some(Item {
        family: Family::Places,
        state: State::Listed(state),
        figures: vec![
            ("reports", known as f64),
            ("countries", incident.places.iter().filter(|p| p.country.is_some()).count() as f64),
            ("lead_share", lead_share),
            ("signs_of_a_stage", signs as f64),
            ("networks_silent", crowd.silent.len() as f64),
        ],
        names: incident.places.iter().filter_map(country).take(5).collect(),
        source: "reports",
        window: case.window(),
        caveat: "registered_places",
        synthetic: incident.reconstruction,
    })
}

/// Only one country reports, and it is not where all of the audience is.
fn one_country(case: &CaseFile, lead_share: f64) -> bool {
    let scoped = matches!(&case.incident.scope, Scope::Countries(list) if list.len() == 1);
    let usually_less = case.crowd.home_share.is_none_or(|share| share < HOME_SHARE);
    usually_less && (lead_share >= ONE_COUNTRY_SHARE || (scoped && lead_share >= 0.6))
}

/// Whether countries with many reports stand at very different multiples of their usual level.
fn uneven(case: &CaseFile) -> bool {
    let times: Vec<f64> = case
        .incident
        .places
        .iter()
        .filter(|place| place.country.is_some() && place.count >= 20)
        .filter_map(|place| place.times_usual)
        .collect();
    let (low, high) =
        times.iter().fold((f64::INFINITY, 0.0_f64), |(low, high), t| (low.min(*t), high.max(*t)));
    times.len() >= 2 && high > UNEVEN_TIMES * low.max(0.5)
}

/// Signs that the reports were staged.
fn signs(case: &CaseFile) -> usize {
    let crowd = &case.crowd;
    let received = case.incident.reports_received.max(1) as f64;
    let share = |n: u64| n as f64 / received;
    let one_network = matches!(case.incident.scope, Scope::Network(_));
    [
        share(crowd.hosting) >= MACHINES_SHARE,
        share(crowd.largest_prefix) >= PREFIX_SHARE || one_network,
        crowd.texts >= SAME_TEXT_MIN
            && crowd.same_text as f64 >= SAME_TEXT_SHARE * crowd.texts as f64
            && share(crowd.texts) >= 0.3,
        crowd.evenness.is_some_and(|evenness| evenness <= CLOCK_EVENNESS),
    ]
    .iter()
    .filter(|sign| **sign)
    .count()
}

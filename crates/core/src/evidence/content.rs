//! Content: what a service answers to those who reach it.
//!
//! An error that comes fast over a healthy connection was sent by somebody's software; a feature
//! that fails while the rest works is not a flood; an error of the delivery network says that the
//! edge stands and the origin does not.
//!
//! # What it cannot tell
//!
//! Anything while nobody gets a connection: then this family is missing. And little by the words
//! on an error page, since "Something went wrong" appears with every cause there is.

use std::collections::BTreeMap;

use crate::evidence::CaseFile;
use crate::evidence::Family;
use crate::evidence::Item;
use crate::evidence::State;
use crate::evidence::vantages;
use crate::evidence::vantages::Reach;
use crate::evidence::vantages::View;
use crate::observe::symptom::Phase;
use crate::observe::symptom::Symptom;
use crate::units::Text;

/// States of the family.
pub const STATES: &[&str] = &[
    "all_fine",
    "server_errors",
    "edge_errors",
    "soft_failures",
    "one_component",
    "hangs",
    "certificate",
    "turned_away",
    "maintenance_page",
    "one_country",
    "some_places",
];

/// Share of its vantage points for which a component must fail, or be fine, to say so of it.
const COMPONENT_SHARE: f64 = 0.5;

/// What was answered.
pub fn look(case: &CaseFile) -> Option<Item> {
    let views = vantages::views(case);
    let all = vantages::vantages(views.iter());
    let connected: Vec<View> =
        views.iter().filter(|view| view.symptom.phase() == Phase::Answer).cloned().collect();
    let answered = vantages::vantages(connected.iter());
    if answered.len() < vantages::VANTAGES_MIN {
        return None;
    }
    let fails = |symptom: Symptom| symptom != Symptom::Fine;
    let failing = vantages::vantages(connected.iter().filter(|view| fails(view.symptom)));
    // Where most of them get no connection, that the rest is fine says nothing about answers.
    if failing.is_empty() && 2 * answered.len() < all.len() {
        return None;
    }
    let state = match vantages::reach(&connected, fails) {
        Reach::Nobody => "all_fine",
        Reach::OneCountry | Reach::OneNetwork => "one_country",
        Reach::Some | Reach::Most if one_component(&connected) => "one_component",
        Reach::Some => "some_places",
        Reach::Most => of(vantages::leading(&connected, fails)),
    };
    let seen = connected.iter().filter(|view| fails(view.symptom));
    let mut names: Vec<Text> = seen.map(|view| view.symptom.name().into()).collect();
    names.sort_unstable();
    names.dedup();
    Some(Item {
        family: Family::Content,
        state: State::Listed(state),
        figures: vec![
            ("vantages", answered.len() as f64),
            ("vantages_failing", failing.len() as f64),
        ],
        names,
        source: "probes",
        window: case.window(),
        caveat: "error_text_says_little",
        synthetic: connected.iter().any(|view| view.synthetic),
    })
}

fn of(symptom: Option<Symptom>) -> &'static str {
    match symptom {
        Some(Symptom::EdgeError) => "edge_errors",
        Some(Symptom::SoftError | Symptom::ClientError | Symptom::Other) => "soft_failures",
        Some(Symptom::Hangs | Symptom::TlsFails) => "hangs",
        Some(Symptom::Certificate) => "certificate",
        Some(Symptom::TurnedAway | Symptom::BlockPage) => "turned_away",
        Some(Symptom::Maintenance) => "maintenance_page",
        _ => "server_errors",
    }
}

/// Whether some components fail at most of their vantage points while others are fine at theirs.
fn one_component(views: &[View]) -> bool {
    let mut by_component: BTreeMap<Option<&Text>, (u32, u32)> = BTreeMap::new();
    for view in views {
        let (all, failing) = by_component.entry(view.component.as_ref()).or_default();
        *all += 1;
        *failing += u32::from(view.symptom != Symptom::Fine);
    }
    let share = |(all, failing): &(u32, u32)| f64::from(*failing) / f64::from(*all);
    by_component.len() >= 2
        && by_component.values().any(|counts| share(counts) >= COMPONENT_SHARE)
        && by_component.values().any(|counts| share(counts) == 0.0)
}

//! Components and clients: what of a service is reported as failing, beside its usual share.
//!
//! # What it cannot tell
//!
//! Much, where the shares are as always: an app that half of all people use has half of all
//! reports, whatever fails.

use crate::evidence::CaseFile;
use crate::evidence::Family;
use crate::evidence::Item;
use crate::evidence::State;
use crate::evidence::facts::ServiceKind;
use crate::incident::Share;

/// States of the family.
pub const STATES: &[&str] =
    &["usual_mix", "one_feature", "one_client", "sign_in", "control_plane", "shifted"];

/// Reports that name a component, under which nothing is said.
const REPORTS_MIN: u64 = 30;
/// Share of one component, and its distance from the usual, that make it the one.
const LEAD_SHARE: f64 = 0.5;
const LEAD_ABOVE: f64 = 0.25;
/// Share that does so where nothing usual is known.
const LEAD_SHARE_ALONE: f64 = 0.7;
/// Share of one client that makes it the one: clients lead on any day.
const CLIENT_SHARE: f64 = 0.8;
const CLIENT_ABOVE: f64 = 0.3;
/// Distance from the usual of any component that makes a shift.
const SHIFT: f64 = 0.2;

/// Ways to use the whole of a service.
const CLIENTS: &[&str] = &["mobile_app", "desktop_app", "web", "console", "tv_app", "websites"];
/// Signing in.
const SIGN_IN: &[&str] = &["login", "account"];
/// What administrators use.
const CONTROL: &[&str] = &["api", "console", "dashboard", "account", "builds", "login"];

/// What components say.
pub fn look(case: &CaseFile) -> Option<Item> {
    let shares = &case.incident.components;
    let named: u64 = shares.iter().map(|share| share.count).sum();
    if named < REPORTS_MIN {
        return None;
    }
    let lead = shares.first()?;
    Some(Item {
        family: Family::Components,
        state: State::Listed(state(case.service.kind, shares, lead)),
        figures: [("reports", named as f64), ("lead_share", lead.share)]
            .into_iter()
            .chain(lead.usual.map(|usual| ("lead_usual", usual)))
            .collect(),
        names: vec![lead.name.clone()],
        source: "reports",
        window: case.window(),
        caveat: "people_choose_what_they_name",
        synthetic: case.incident.reconstruction,
    })
}

fn state(kind: ServiceKind, shares: &[Share], lead: &Share) -> &'static str {
    let leads = |share: f64, above: f64| match lead.usual {
        Some(usual) => lead.share >= share && lead.share - usual >= above,
        None => lead.share >= LEAD_SHARE_ALONE.max(share),
    };
    let is = |names: &[&str]| names.contains(&&*lead.name);
    let control: f64 =
        shares.iter().filter(|share| CONTROL.contains(&&*share.name)).map(|s| s.share).sum();
    if kind == ServiceKind::Provider && control >= 0.7 && !is(&["websites"]) {
        return "control_plane";
    }
    if is(SIGN_IN) && leads(LEAD_SHARE, LEAD_ABOVE) {
        return "sign_in";
    }
    if is(CLIENTS) && leads(CLIENT_SHARE, CLIENT_ABOVE) {
        return "one_client";
    }
    if !is(CLIENTS) && leads(LEAD_SHARE, LEAD_ABOVE) {
        return "one_feature";
    }
    let shifted = shares
        .iter()
        .any(|share| share.usual.is_some_and(|usual| (share.share - usual).abs() >= SHIFT));
    if shifted { "shifted" } else { "usual_mix" }
}

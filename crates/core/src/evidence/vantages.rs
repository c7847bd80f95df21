//! Vantage points: which of them found the service failing while people reported it, and how.
//!
//! A vantage point fails when at least [`FAILING_SHARE`] of its probes during the outage did, and
//! not with what it found on any day before. Where they stand decides for whom it fails.
//!
//! # What it cannot tell
//!
//! Whether a vantage point's own network was down. Two vantage points in one country and one
//! network may be one observer.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::evidence::CaseFile;
use crate::observe::Observed;
use crate::observe::ProbeSpell;
use crate::observe::symptom::Symptom;
use crate::time::HOUR_MS;
use crate::time::UnixMillis;
use crate::units::Place;
use crate::units::Text;

/// Vantage points without which nothing is said: one place is not the world.
pub const VANTAGES_MIN: usize = 2;
/// Share of failed probes from which a vantage point fails.
pub const FAILING_SHARE: f64 = 0.25;
/// Failed probes from which a vantage point fails whatever the share: an outage of minutes in a
/// surge of hours.
const FAILING_COUNT: f64 = 5.0;
/// Share of failed probes before the outage from which a finding is no news.
const CHRONIC_SHARE: f64 = 0.5;
/// How far back "before the outage" reaches.
const BEFORE_MS: i64 = 6 * HOUR_MS;

/// What one vantage point found about one component.
#[derive(Clone, Debug, PartialEq)]
pub struct View {
    /// Its name.
    pub vantage: Text,
    /// Where it stands.
    pub place: Place,
    /// What it tried.
    pub component: Option<Text>,
    /// The symptom it failed with; [`Symptom::Fine`] when it did not fail.
    pub symptom: Symptom,
    /// Whether the probes behind it were made by a generator.
    pub synthetic: bool,
}

/// For whom it fails, by where the failing vantage points stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// For none of them.
    Nobody,
    /// For most of them, in several places or networks.
    Most,
    /// Only in one country, while others are fine.
    OneCountry,
    /// Only in one network, while others in its country or elsewhere are fine.
    OneNetwork,
    /// For some here and there.
    Some,
}

/// All views during the outage of a case.
pub fn views(case: &CaseFile) -> Vec<View> {
    views_within(&case.observed, &case.spans())
}

/// All views during `outages`.
pub fn views_within(observed: &Observed, outages: &[(UnixMillis, UnixMillis)]) -> Vec<View> {
    let Some(first) = outages.first().map(|(from, _)| *from) else { return Vec::new() };
    let before = [(first.plus_ms(-BEFORE_MS), first)];
    let mut by_key: BTreeMap<(&Text, Option<&Text>), Vec<&ProbeSpell>> = BTreeMap::new();
    for spell in &observed.probes {
        by_key.entry((&spell.vantage, spell.component.as_ref())).or_default().push(spell);
    }
    let mut views = Vec::new();
    for ((vantage, component), spells) in by_key {
        let (now, then) = (tally(&spells, outages), tally(&spells, &before));
        let Some(symptom) = verdict(&now, &then) else { continue };
        views.push(View {
            vantage: vantage.clone(),
            place: spells[0].place,
            component: component.cloned(),
            symptom,
            synthetic: spells.iter().any(|spell| spell.synthetic),
        });
    }
    views
}

/// Probes by symptom that fall into `spans`, a spell's count shared out evenly over its length.
fn tally(spells: &[&ProbeSpell], spans: &[(UnixMillis, UnixMillis)]) -> BTreeMap<Symptom, f64> {
    let mut tally: BTreeMap<Symptom, f64> = BTreeMap::new();
    for spell in spells {
        let length = spell.until.since_ms(spell.from);
        for (from, until) in spans {
            let overlap = spell.until.min(*until).since_ms(spell.from.max(*from));
            if overlap < 0 {
                continue;
            }
            let share = if length == 0 { 1.0 } else { overlap as f64 / length as f64 };
            *tally.entry(spell.symptom).or_default() += f64::from(spell.count) * share;
        }
    }
    tally
}

/// What a vantage point found, or `None` when it did not look.
fn verdict(now: &BTreeMap<Symptom, f64>, then: &BTreeMap<Symptom, f64>) -> Option<Symptom> {
    let all: f64 = now.values().sum();
    if all < 1.0 {
        return None;
    }
    let all_then: f64 = then.values().sum();
    let chronic = |symptom: &Symptom| {
        all_then >= 1.0 && then.get(symptom).copied().unwrap_or(0.0) / all_then >= CHRONIC_SHARE
    };
    let news = now.iter().filter(|(symptom, _)| **symptom != Symptom::Fine && !chronic(symptom));
    let failed: f64 = news.clone().map(|(_, n)| n).sum();
    let fails = failed >= 1.0 && (failed / all >= FAILING_SHARE || failed >= FAILING_COUNT);
    let mut most = (Symptom::Fine, 0.0);
    for (symptom, n) in news.filter(|_| fails) {
        if *n > most.1 {
            most = (*symptom, *n);
        }
    }
    Some(most.0)
}

/// For whom it fails with a symptom that `counts` holds true, among the vantage points of `views`.
pub fn reach(views: &[View], counts: impl Fn(Symptom) -> bool) -> Reach {
    let mut failing: BTreeMap<&Text, Place> = BTreeMap::new();
    let mut all: BTreeMap<&Text, Place> = BTreeMap::new();
    for view in views {
        all.insert(&view.vantage, view.place);
        if counts(view.symptom) {
            failing.insert(&view.vantage, view.place);
        }
    }
    let fine: Vec<&Place> = all
        .iter()
        .filter(|(name, _)| !failing.contains_key(*name))
        .map(|(_, place)| place)
        .collect();
    if failing.is_empty() {
        return Reach::Nobody;
    }
    let countries: BTreeSet<_> = failing.values().map(|place| place.country).collect();
    let networks: BTreeSet<_> = failing.values().map(|place| place.asn).collect();
    let one_network = networks.len() == 1 && networks.iter().all(Option::is_some);
    let other_network =
        fine.iter().any(|place| place.asn.is_some_and(|a| !networks.contains(&Some(a))));
    let one_country = countries.len() == 1 && countries.iter().all(Option::is_some);
    let abroad = fine.iter().filter(|place| !countries.contains(&place.country)).count();
    let at_home = fine.iter().filter(|place| countries.contains(&place.country)).count();
    if one_network && other_network && failing.len() + abroad + at_home >= 3 {
        return Reach::OneNetwork;
    }
    if one_country && abroad >= 2 && at_home <= failing.len() {
        return Reach::OneCountry;
    }
    if 2 * failing.len() >= all.len() { Reach::Most } else { Reach::Some }
}

/// Share of vantage points that find a service failing during `outages`, if enough looked.
pub fn failing_share(observed: &Observed, outages: &[(UnixMillis, UnixMillis)]) -> Option<f64> {
    let views = views_within(observed, outages);
    let all: BTreeSet<&Text> = views.iter().map(|view| &view.vantage).collect();
    let failing: BTreeSet<&Text> = views
        .iter()
        .filter(|view| view.symptom != Symptom::Fine)
        .map(|view| &view.vantage)
        .collect();
    (all.len() >= VANTAGES_MIN).then(|| failing.len() as f64 / all.len() as f64)
}

/// Distinct vantage points of some views.
pub fn vantages<'a>(views: impl Iterator<Item = &'a View>) -> Vec<Text> {
    let names: BTreeSet<&Text> = views.map(|view| &view.vantage).collect();
    names.into_iter().cloned().collect()
}

/// The symptom that most views among those `counts` holds true have.
pub fn leading(views: &[View], counts: impl Fn(Symptom) -> bool) -> Option<Symptom> {
    let mut tally: BTreeMap<Symptom, usize> = BTreeMap::new();
    for view in views.iter().filter(|view| counts(view.symptom)) {
        *tally.entry(view.symptom).or_default() += 1;
    }
    let most = tally.values().max()?;
    tally.iter().find(|(_, n)| *n == most).map(|(symptom, _)| *symptom)
}

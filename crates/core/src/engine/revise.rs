//! What is said of an incident, written anew: shares, places and scope.
//!
//! # What it cannot tell
//!
//! For whom a service fails among those who do not report.

use crate::baseline::Shape;
use crate::detect::gate::Passage;
use crate::engine::shares::PLACE_REPORTS_MIN;
use crate::engine::shares::places;
use crate::engine::shares::shares;
use crate::engine::shares::surge_minutes;
use crate::engine::watch::Watch;
use crate::incident::Scope;
use crate::series::Slice;
use crate::time::UnixMillis;

/// Countries that can be the scope of an incident together.
const SCOPE_COUNTRIES_MAX: usize = 3;

impl Watch {
    /// Writes the incident's shares, places and scope anew and counts the revision.
    pub(crate) fn revise(&mut self, now: UnixMillis, shapes: &[Shape]) {
        let components = shares(&self.tally.components, |name| self.components_usual.share(name));
        let problems = shares(&self.tally.problems, |name| self.problems_usual.share(name));
        let minutes = self.incidents.back().map_or(0.0, |incident| surge_minutes(incident, now));
        let places = places(&self.tally.countries, |country| {
            let key = self.key_of.get(&Slice::Country(country))?;
            Some(self.usual(*key, now, shapes) * minutes)
        });
        let scope = self.joint_scope(self.scope(now, shapes));
        let synthetic = self.synthetic;
        let Some(incident) = self.incidents.back_mut() else { return };
        incident.components = components;
        incident.problems = problems;
        incident.places = places;
        incident.reconstruction = synthetic;
        if let Some(scope) = scope {
            incident.scope = scope;
        }
        incident.revision += 1;
        self.changed = true;
    }

    /// For whom it fails now; `None` when nothing new can be said.
    fn scope(&self, now: UnixMillis, shapes: &[Shape]) -> Option<Scope> {
        let open = self.surge.as_ref()?;
        if self.voices.is_one_network()
            && let Passage::ScopedTo(asn) = self.voices.crowd(&Slice::All).passage()
        {
            return Some(Scope::Network(asn));
        }
        let last = now.plus_ms(-1).minute();
        let allowed = |usual: f64| usual + 2.0 * (self.dispersion.value() * usual).sqrt() + 1.0;
        let (mut rest, mut rest_level) =
            (self.keys[0].sum(last, 15) as f64, 15.0 * self.level(0, now, shapes));
        let mut countries = Vec::new();
        for (index, key) in self.keys.iter().enumerate() {
            let Slice::Country(country) = key.slice else { continue };
            let (count, level) = (key.sum(last, 15) as f64, 15.0 * self.level(index, now, shapes));
            if count > allowed(level) + PLACE_REPORTS_MIN as f64 {
                countries.push(country);
                rest -= count;
                rest_level -= level;
            }
        }
        countries.sort_unstable();
        let scoped = !countries.is_empty()
            && countries.len() <= SCOPE_COUNTRIES_MAX
            && rest <= allowed(rest_level.max(0.0));
        let everywhere = open.keys.contains(&0).then_some(Scope::Everywhere);
        if scoped { Some(Scope::Countries(countries)) } else { everywhere }
    }
}

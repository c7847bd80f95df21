//! The groups that units belong to, kept from look to look.
//!
//! Thousands of services have a hundred thousand units, and hardly any of them is new in a minute:
//! only services with new reports are looked at, and counted again only when their countries or
//! networks changed. All of it follows from the catalogue and the watches, so none of it is saved.

use std::collections::BTreeSet;

use crate::catalog::Catalog;
use crate::detect::together::Groups;
use crate::engine::peers::factors;
use crate::engine::watch::Watch;
use crate::series::Slice;

/// Groups, and what of each service is in them.
#[derive(Debug, Default)]
pub(crate) struct KnownGroups {
    groups: Groups,
    /// Countries and networks of each service that are counted; `None` before it is.
    counted: Vec<Option<Vec<Slice>>>,
    /// Services whose countries and networks may have changed since.
    touched: BTreeSet<usize>,
    /// Whether all services were counted once.
    is_begun: bool,
}

impl KnownGroups {
    /// Forgets all: the catalogue is another one.
    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }

    /// Notes that countries and networks of a service may have changed.
    pub(crate) fn touch(&mut self, index: usize) {
        if self.is_begun {
            self.touched.insert(index);
        }
    }

    /// The groups of all services that are `listed`, as they are now.
    pub(crate) fn of(&mut self, watches: &[Watch], listed: &[bool], catalog: &Catalog) -> &Groups {
        self.counted.resize(watches.len(), None);
        let touched = match std::mem::replace(&mut self.is_begun, true) {
            true => std::mem::take(&mut self.touched),
            false => (0..watches.len()).collect(),
        };
        for index in touched.into_iter().filter(|index| listed[*index]) {
            let watch = &watches[index];
            let places = || {
                let slices = watch.keys.iter().map(|key| &key.slice);
                slices.filter(|it| matches!(it, Slice::Country(_) | Slice::Network(_)))
            };
            match self.counted[index].take() {
                Some(counted) if counted.iter().eq(places()) => {
                    self.counted[index] = Some(counted);
                    continue;
                }
                Some(counted) => {
                    counted.iter().for_each(|it| self.count(catalog, watch, it, -1));
                }
                None => self.count_itself(catalog, watch),
            }
            places().for_each(|slice| self.count(catalog, watch, slice, 1));
            self.counted[index] = Some(places().cloned().collect());
        }
        &self.groups
    }

    /// Counts a service as a whole, and through each client.
    fn count_itself(&mut self, catalog: &Catalog, watch: &Watch) {
        let service = catalog.service(&watch.service);
        let components = service.map(|service| service.components.as_slice()).unwrap_or_default();
        for component in components {
            self.count(catalog, watch, &Slice::Component(component.clone()), 1);
        }
        self.count(catalog, watch, &Slice::All, 1);
    }

    /// Enters one unit more, or less.
    fn count(&mut self, catalog: &Catalog, watch: &Watch, slice: &Slice, more: i32) {
        let mut kind = None;
        for factor in factors(catalog, &watch.service, slice) {
            kind = Some(factor.units());
            let members = self.groups.members.entry(factor.clone()).or_default();
            *members = members.saturating_add_signed(more);
            if *members == 0 {
                self.groups.members.remove(&factor);
            }
        }
        if let Some(kind) = kind {
            let pool = self.groups.pools.entry(kind).or_default();
            *pool = pool.saturating_add_signed(more);
            if *pool == 0 {
                self.groups.pools.remove(&kind);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::catalog::Service;
    use crate::engine::Engine;
    use crate::engine::EngineConfig;
    use crate::engine::Event;
    use crate::engine::key::Key;
    use crate::series::PastHour;
    use crate::signal::Body;
    use crate::signal::PrefixKey;
    use crate::signal::Problem;
    use crate::signal::Provenance;
    use crate::signal::Report;
    use crate::signal::ReporterKey;
    use crate::signal::Signal;
    use crate::time::UnixMillis;
    use crate::units::Asn;
    use crate::units::Country;
    use crate::units::Place;

    fn catalog() -> Arc<Catalog> {
        let mut catalog = Catalog::default();
        for (slug, category, depends_on) in
            [("a", "social", &["cloud"][..]), ("b", "social", &[]), ("cloud", "cloud", &[])]
        {
            let service = Service {
                slug: slug.into(),
                name: slug.into(),
                aliases: Vec::new(),
                category: category.into(),
                countries: Vec::new(),
                domains: Vec::new(),
                components: vec!["web".into(), "login".into()],
                problems: Vec::new(),
                notices: None,
                asns: Vec::new(),
                depends_on: depends_on.iter().map(|it| (*it).into()).collect(),
            };
            catalog.services.insert(slug.into(), service);
        }
        Arc::new(catalog)
    }

    #[test]
    fn what_is_kept_is_what_would_be_counted_anew() {
        let catalog = catalog();
        let mut watches: Vec<Watch> =
            ["a", "b", "cloud"].map(|slug| Watch::new(slug.into(), 0)).into();
        let country = |code: &str| Slice::Country(Country::parse(code).expect("a country"));
        let network = |number: u32| Slice::Network(Asn(number));
        let (mut kept, mut sizes) = (KnownGroups::default(), Vec::new());
        // Which watch gets which slice, in place of which key.
        let steps = [
            (0, None, network(1)),
            (1, None, network(1)),
            (0, Some(1), network(2)),
            (1, None, Slice::Problem("slow".into())),
            (2, None, country("DE")),
            (1, Some(1), network(3)),
        ];
        for (watch, place, slice) in steps {
            match place {
                Some(place) => watches[watch].keys[place] = Key::new(slice),
                None => watches[watch].keys.push(Key::new(slice)),
            }
            kept.touch(watch);
            let anew = KnownGroups::default().of(&watches, &[true; 3], &catalog).clone();
            assert_eq!(kept.of(&watches, &[true; 3], &catalog), &anew);
            sizes.push((anew.members.len(), anew.pools.values().sum::<u32>()));
        }
        // Two categories, three providers, one client of three; then networks and a country.
        assert_eq!(sizes, [(7, 7), (7, 8), (8, 8), (8, 8), (9, 9), (9, 9)]);
    }

    #[test]
    fn an_engine_keeps_them_whatever_teaches_it_a_slice() {
        let catalog = catalog();
        let mut engine = Engine::new(EngineConfig { run_length_days: 100.0 }, catalog.clone());
        let report = |n: u64| {
            let country = Country::parse(["DE", "FR", "JP"][n as usize % 3]);
            let place = Place { country, asn: Some(Asn(n as u32 % 40)), ..Place::default() };
            let problem = Problem::Fails("slow".into());
            let (reporter, prefix) = (ReporterKey(n), PrefixKey(n));
            Signal {
                id: u128::from(n) + 1,
                at: UnixMillis(1_748_822_400_000 + n as i64 * 20_000),
                service: ["a", "b"][n as usize % 2].into(),
                provenance: Provenance::default(),
                body: Body::Report(Report {
                    problem,
                    place,
                    reporter,
                    prefix,
                    ..Report::default()
                }),
            }
        };
        let mut seen = Vec::new();
        for n in 0..400 {
            engine.handle(Event::Signal(report(n)));
            if n % 90 == 50 {
                let us = Country::parse("US").expect("a country");
                let past = PastHour {
                    service: "cloud".into(),
                    hour: 485_000 + n as i64,
                    total: 5,
                    countries: vec![(us, 3)],
                    components: Vec::new(),
                    problems: Vec::new(),
                };
                engine.handle(Event::Past(past));
            }
            if n % 7 == 0 {
                let listed = &engine.listed;
                let anew = KnownGroups::default().of(&engine.watches, listed, &catalog).clone();
                let kept = engine.groups.of(&engine.watches, listed, &catalog);
                assert_eq!(kept, &anew, "after {n}");
                seen.push(anew.members.len());
            }
        }
        assert!(seen.last() > seen.first(), "slices were learnt: {seen:?}");
    }
}

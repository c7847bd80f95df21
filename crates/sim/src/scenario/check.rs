//! Checking a scenario against a catalogue: whether all that it names is there.

use std::collections::BTreeSet;

use outcry_core::catalog::Catalog;
use outcry_core::catalog::Service;
use outcry_core::signal::Body;
use outcry_core::units::Text;
use outcry_wire::document::Mistake;
use outcry_wire::document::spelling::nearest;

use crate::scenario::Mix;
use crate::scenario::Scenario;

impl Scenario {
    /// What the scenario names and the catalogue lacks, by line. Give it the catalogue of
    /// [`Scenario::catalog`], so that services of its own are known.
    pub fn check(&self, file: &str, catalog: &Catalog) -> Vec<Mistake> {
        let mut missing = Missing { catalog, found: BTreeSet::new() };
        for slug in &self.everyday.ranked {
            missing.service(self.everyday.line, slug);
        }
        for usual in &self.usual {
            missing.mixes(usual.line, &usual.service, &usual.components, &usual.problems);
        }
        for reports in &self.reports {
            missing.mixes(reports.line, &reports.service, &reports.components, &reports.problems);
        }
        for expect in &self.expect {
            let known = missing.service(expect.line, &expect.service);
            if let (Some(service), Some(name)) = (known, &expect.mostly) {
                missing.component(expect.line, service, name);
            }
        }
        for expect in &self.expect_verdict {
            missing.service(expect.line, &expect.service);
        }
        for told in &self.told {
            let known = missing.service(told.line, &told.service);
            if let (Some(service), Body::Probe(probe)) = (known, &told.body)
                && let Some(name) = &probe.component
            {
                missing.component(told.line, service, name);
            }
        }
        let mistake =
            |(line, what, instead)| Mistake { file: file.to_owned(), line, what, instead };
        missing.found.into_iter().map(mistake).collect()
    }
}

/// What was not found: its line, what is wrong, and what to write instead.
struct Missing<'c> {
    catalog: &'c Catalog,
    found: BTreeSet<(usize, String, String)>,
}

impl<'c> Missing<'c> {
    fn service(&mut self, line: usize, slug: &str) -> Option<&'c Service> {
        let known = self.catalog.service(slug);
        if known.is_none() {
            let near = nearest(slug, self.catalog.services.keys().map(|slug| &**slug));
            let instead = near.map_or_else(
                || "the slug of a service, or define it here as [[service]]".to_owned(),
                |near| format!("{near:?}, or define it here as [[service]]"),
            );
            self.found.insert((
                line,
                format!("there is no service {slug:?} in the catalogue"),
                instead,
            ));
        }
        known
    }

    fn mixes(&mut self, line: usize, slug: &str, components: &Mix, problems: &Mix) {
        let Some(service) = self.service(line, slug) else { return };
        for (name, _) in components {
            self.component(line, service, name);
        }
        for (name, _) in problems {
            self.name(line, service, ("problem", name), &service.problems);
        }
    }

    fn component(&mut self, line: usize, service: &Service, name: &str) {
        self.name(line, service, ("component", name), &service.components);
    }

    fn name(&mut self, line: usize, service: &Service, (kind, name): (&str, &str), of: &[Text]) {
        if !of.iter().any(|known| **known == *name) {
            let listed: Vec<&str> = of.iter().map(|known| &**known).collect();
            let what = format!("{} has no {kind} {name:?}", service.slug);
            self.found.insert((line, what, format!("one of {}", listed.join(", "))));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "id = \"s\"\ntitle = \"S\"\nfrom = 2025-03-10T00:00:00Z\n\
                        until = 2025-03-11T00:00:00Z\n";

    #[test]
    fn what_the_catalogue_lacks_is_named_with_its_line() {
        let text = format!(
            "{HEAD}[[service]]\nslug = \"photos\"\ncomponents = [\"web\"]\nproblems = [\"slow\"]\n\
             [[usual]]\nservice = \"photo\"\nper_minute = 1\n\
             [[reports]]\nservice = \"photos\"\npoints = {{ \"09:00\" = 0, \"10:00\" = 5 }}\n\
             components = {{ app = 1 }}\nproblems = {{ slow = 1, hot = 1 }}\n\
             [[probe]]\nat = 2025-03-10T09:00:00Z\nservice = \"photos\"\ncomponent = \"api\"\n\
             vantages = [\"fra:DE\"]\n"
        );
        let scenario = Scenario::parse("s.toml", &text).expect("well formed");
        let catalog = scenario.catalog(&Catalog::default());
        let found: Vec<String> =
            scenario.check("s.toml", &catalog).iter().map(ToString::to_string).collect();
        assert_eq!(
            found,
            [
                "s.toml:10: there is no service \"photo\" in the catalogue; write \"photos\", or \
                 define it here as [[service]]",
                "s.toml:13: photos has no component \"app\"; write one of web",
                "s.toml:13: photos has no problem \"hot\"; write one of slow",
                "s.toml:19: photos has no component \"api\"; write one of web",
            ]
        );
    }
}

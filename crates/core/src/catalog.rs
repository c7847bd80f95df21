//! The catalogue: which services are watched, and what people can say about them.
//!
//! Read from `catalog/*.toml` by `outcry-wire`; here are the types and what holds between them.
//!
//! # What it cannot tell
//!
//! Whether a fact in it is true. ASNs and providers are entered only where they are publicly known;
//! an empty list means "not stated", never "none".

use std::collections::BTreeMap;

use crate::units::Asn;
use crate::units::Country;
use crate::units::Text;

/// Services a catalogue may hold. Pages and the detector are measured up to this size.
pub const SERVICES_MAX: usize = 20_000;
/// Components one service may list.
pub const COMPONENTS_PER_SERVICE_MAX: usize = 16;
/// Kinds of problem one service may list.
pub const PROBLEMS_PER_SERVICE_MAX: usize = 16;
/// Characters in a slug.
pub const SLUG_CHARS_MAX: usize = 40;

/// A group of services of one kind, such as `social`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Category {
    /// Stable name in addresses: lower-case letters, digits and hyphens.
    pub slug: Text,
    /// The name people read.
    pub name: Text,
}

/// One service that is watched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    /// Stable name in addresses and incident ids: lower-case letters, digits and hyphens.
    pub slug: Text,
    /// The name people read.
    pub name: Text,
    /// Other names people search for.
    pub aliases: Vec<Text>,
    /// The slug of its category.
    pub category: Text,
    /// Where it mainly operates; empty means worldwide.
    pub countries: Vec<Country>,
    /// Host names people use, the main one first.
    pub domains: Vec<Text>,
    /// What can be affected, the most used first.
    pub components: Vec<Text>,
    /// What can go wrong.
    pub problems: Vec<Text>,
    /// The operator's own notice page, where one is known.
    pub notices: Option<Text>,
    /// Networks it announces itself, where publicly known.
    pub asns: Vec<Asn>,
    /// Slugs of services it publicly depends on.
    pub depends_on: Vec<Text>,
}

/// All services, by slug.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Catalog {
    /// Categories by slug.
    pub categories: BTreeMap<Text, Category>,
    /// Services by slug.
    pub services: BTreeMap<Text, Service>,
}

impl Catalog {
    /// The service of this slug.
    pub fn service(&self, slug: &str) -> Option<&Service> {
        self.services.get(slug)
    }

    /// Services whose name, slug or alias matches `query`, best first: exact, then prefix, then
    /// substring; ties by name. Case is ignored. At most `limit`.
    pub fn search(&self, query: &str, limit: usize) -> Vec<&Service> {
        let query = query.trim().to_lowercase();
        if query.is_empty() {
            return Vec::new();
        }
        let mut found: Vec<(u8, &Service)> =
            self.services.values().filter_map(|s| Some((rank(s, &query)?, s))).collect();
        found.sort_by_key(|a| (a.0, a.1.name.to_lowercase()));
        found.into_iter().take(limit).map(|(_, service)| service).collect()
    }
}

/// 0 for an exact match, 1 for a prefix, 2 for a substring.
fn rank(service: &Service, query: &str) -> Option<u8> {
    let names = std::iter::once(&service.slug)
        .chain(std::iter::once(&service.name))
        .chain(&service.aliases)
        .chain(&service.domains);
    names
        .filter_map(|name| {
            let name = name.to_lowercase();
            match name.find(query) {
                Some(0) if name.len() == query.len() => Some(0),
                Some(0) => Some(1),
                Some(_) => Some(2),
                None => None,
            }
        })
        .min()
}

/// Whether `text` is a slug: lower-case letters and digits in groups joined by single hyphens.
pub fn is_slug(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= SLUG_CHARS_MAX
        && text.split('-').all(|part| {
            !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn service(slug: &str, name: &str, aliases: &[&str]) -> Service {
        Service {
            slug: slug.into(),
            name: name.into(),
            aliases: aliases.iter().map(|&a| a.into()).collect(),
            category: "social".into(),
            countries: Vec::new(),
            domains: Vec::new(),
            components: vec!["web".into()],
            problems: vec!["other".into()],
            notices: None,
            asns: Vec::new(),
            depends_on: Vec::new(),
        }
    }

    #[test]
    fn search_puts_the_exact_name_first() {
        let mut catalog = Catalog::default();
        for s in [
            service("xbox", "Xbox", &[]),
            service("x", "X", &["Twitter"]),
            service("netflix", "Netflix", &[]),
        ] {
            catalog.services.insert(s.slug.clone(), s);
        }
        let names = |q: &str| -> Vec<String> {
            catalog.search(q, 10).iter().map(|s| s.name.to_string()).collect()
        };
        assert_eq!(names("x"), ["X", "Xbox", "Netflix"]);
        assert_eq!(names(" TWIT "), ["X"]);
        assert_eq!(names(""), [""; 0]);
    }

    #[test]
    fn slugs_are_plain() {
        for good in ["x", "tmobile-us", "microsoft-365"] {
            assert!(is_slug(good), "{good}");
        }
        for bad in ["", "X", "-x", "x-", "a--b", "a_b", "é"] {
            assert!(!is_slug(bad), "{bad}");
        }
    }
}

//! One sentence on what services have in common that have trouble at the same time.
//!
//! Only a factor that sets its members apart is named; see `outcry_core::detect::together`.
//!
//! # What it cannot tell
//!
//! That the shared factor is the cause. The sentence says how many, and of how many, and no more.

use outcry_core::catalog::Catalog;
use outcry_core::detect::together::Factor;
use outcry_core::detect::together::Finding;
use outcry_core::detect::together::Standing;

use crate::words::Words;

/// The sentence about the gravest finding that is named, if there is one.
pub fn sentence(words: &Words, catalog: &Catalog, findings: &[Finding]) -> Option<String> {
    let finding = findings.iter().find(|finding| finding.standing == Standing::Named)?;
    let (id, name) = match &finding.factor {
        Factor::Provider(slug) => {
            let name = catalog.service(slug).map_or(slug, |service| &service.name);
            ("together-provider", name.to_string())
        }
        Factor::Category(slug) => {
            let name = catalog.categories.get(slug).map_or(slug, |category| &category.name);
            ("together-category", name.to_string())
        }
        Factor::Country(country) => ("together-country", words.country(*country)),
        Factor::Network(asn) => ("together-network", format!("AS{}", asn.0)),
        Factor::Client(slug) => ("together-client", words.term("component", slug)),
    };
    let values = [
        ("up", finding.up.into()),
        ("members", finding.members.into()),
        ("rest", finding.others_up.into()),
        ("others", finding.others.into()),
        ("name", name.into()),
    ];
    Some(words.with(id, &values))
}

#[cfg(test)]
mod tests {
    use outcry_core::time::UnixMillis;

    use super::*;

    fn finding(factor: Factor, standing: Standing) -> Finding {
        Finding {
            factor,
            standing,
            opened_at: UnixMillis(0),
            as_of: UnixMillis(0),
            closed_at: None,
            e_value: 1e9,
            threshold: 1e6,
            members: 46,
            up: 31,
            others: 719,
            others_up: 2,
            p_value: 1e-30,
            services: vec!["x".into()],
        }
    }

    #[test]
    fn only_a_factor_that_sets_its_members_apart_is_named() {
        let words = Words::english();
        let catalog = Catalog::default();
        let aws = Factor::Provider("aws".into());
        let say = |findings: &[Finding]| sentence(&words, &catalog, findings);
        assert_eq!(say(&[]), None);
        assert_eq!(say(&[finding(aws.clone(), Standing::Unnamed)]), None);
        let said = say(&[finding(aws, Standing::Named)]).expect("named");
        assert!(said.contains("31 of 46") && said.contains("aws"), "{said}");
        for factor in [
            Factor::Category("social".into()),
            Factor::Network(outcry_core::units::Asn(64_500)),
            Factor::Client("mobile_app".into()),
        ] {
            let said = say(&[finding(factor, Standing::Named)]).expect("named");
            assert!(said.contains("31 of 46") && !said.contains('{'), "{said}");
        }
    }
}

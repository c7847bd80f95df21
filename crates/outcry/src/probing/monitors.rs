//! Monitors: those of the catalogue by default, and those the operator wrote.
//!
//! Of each service with a domain its page is looked at, its certificate and its name; of further
//! domains the page. A host that is named like a component of the service speaks for it.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use outcry_collector::address::Url;
use outcry_collector::define::Definition;
use outcry_collector::schedule::INTERVAL_MAX;
use outcry_collector::schedule::Monitor;
use outcry_collector::schedule::polite::OptOut;
use outcry_collector::schedule::polite::target_of;
use outcry_core::catalog::Catalog;
use outcry_core::catalog::Service;

use crate::probing::config::Probes;

/// How many times less often a certificate is looked at than a page.
const TLS_EVERY: u32 = 60;
/// The same of a name: who resolves a page looks at it each time.
const DNS_EVERY: u32 = 5;
/// Redirects that lead from a domain to the page people see.
const REDIRECTS: u8 = 5;
/// Domains of one service that are looked at.
const DOMAINS_MAX: usize = 8;

/// All monitors, and what is wrong with those that are left out.
pub fn of(probes: &Probes, catalog: &Catalog) -> (Vec<Monitor>, Vec<String>) {
    let out = OptOut::new(probes.opt_out.iter().map(String::as_str));
    let mut monitors = Vec::new();
    let mut wrong = Vec::new();
    let mut by_name: HashMap<String, Vec<Definition>> = HashMap::new();
    for definition in &probes.own {
        let service = definition.service.clone().unwrap_or_default();
        let Some(known) = catalog.service(&service) else {
            let what = format!("a probe is of {service:?}, which the catalogue does not have");
            wrong.push(what);
            continue;
        };
        let component = definition.component.as_deref().unwrap_or("");
        if !component.is_empty() && !known.components.iter().any(|it| **it == *component) {
            wrong.push(format!(
                "a probe is of {component:?}, which is no component of {service:?}; write one of \
                 {:?}, or none",
                known.components
            ));
            continue;
        }
        let slash = if component.is_empty() { "" } else { "/" };
        let mut id = format!("{service}/{component}{slash}{}", name_of(definition));
        // `https://x.com` and `https://x.com/` are one page.
        let plain = plainly(definition);
        let key = format!("{service}/{component}{slash}{}", name_of(&plain));
        let named = by_name.entry(key).or_default();
        if named.contains(&plain) {
            wrong.push(format!("two probes are the same: {id}; leave one out"));
            continue;
        }
        named.push(plain);
        if named.len() > 1 {
            // One address, asked in another way: with another body, for something else.
            id = format!("{id} ({})", named.len());
        }
        match monitor(definition, id, probes.interval_s) {
            Some(monitor) => monitors.push(monitor),
            None => wrong.push(format!("a probe of {service:?} is not understood")),
        }
    }
    if probes.catalog {
        for service in catalog.services.values() {
            let all = of_service(service).into_iter();
            monitors.extend(all.filter_map(|(definition, id, times)| {
                let interval_s = probes.interval_s.saturating_mul(times);
                monitor(&definition, id, interval_s)
            }));
        }
    }
    // Two of one name: the operator's comes first and stays.
    let before = monitors.len();
    monitors.retain(|monitor| {
        target_of(&monitor.check.target).is_none_or(|target| !out.holds(&target))
    });
    if monitors.len() < before {
        let count = before - monitors.len();
        tracing::info!(monitors = count, "left out, because their targets opted out");
    }
    (monitors, wrong)
}

/// The same with its target as it is asked for.
fn plainly(definition: &Definition) -> Definition {
    let target = definition.target.trim();
    let is_page = definition.kind.as_deref().is_none_or(|kind| kind == "http");
    let whole = match target.contains(':') {
        false if is_page && !target.is_empty() => format!("https://{target}"),
        _ => target.to_owned(),
    };
    let whole = match whole.strip_prefix("dns:") {
        Some(name) => format!("dns:{}", name.trim_end_matches('.').to_ascii_lowercase()),
        None => whole,
    };
    let target = Url::parse(&whole).map_or(whole, |url| {
        let usual = matches!(
            (&*url.scheme, url.port),
            ("https" | "wss" | "tls" | "grpcs", Some(443))
                | ("http" | "ws" | "grpc", Some(80))
                | ("ssh", Some(22))
        );
        Url { port: url.port.filter(|_| !usual), ..url }.to_string()
    });
    Definition { target, ..definition.clone() }
}

/// What a monitor is called: its target, or where its flow begins, and over which family or for
/// which records it asks where that is said.
fn name_of(definition: &Definition) -> String {
    let mut name = match definition.steps.first() {
        Some(first) if definition.target.is_empty() => format!("flow:{}", first.url),
        _ => definition.target.clone(),
    };
    let family = definition.family.as_deref().filter(|it| *it != "any");
    for said in [family, definition.record.as_deref()].into_iter().flatten() {
        name.push_str(&format!(" ({said})"));
    }
    name
}

/// What is looked at of a service: what, under which name, and how many times less often.
fn of_service(service: &Service) -> Vec<(Definition, String, u32)> {
    let slug = &service.slug;
    let mut all = Vec::new();
    for (nth, domain) in service.domains.iter().take(DOMAINS_MAX).enumerate() {
        let component = component_of(service, domain);
        let page = Definition {
            target: format!("https://{domain}/"),
            service: Some(slug.to_string()),
            component,
            redirects: Some(REDIRECTS),
            ..Definition::default()
        };
        let id = format!("{slug}/{}", page.target);
        let plain = |target: &str, kind: &str| Definition {
            target: target.into(),
            kind: Some(kind.into()),
            ..Definition { conditions: Vec::new(), redirects: None, ..page.clone() }
        };
        if nth == 0 {
            let certificate = format!("tls://{domain}:443");
            let name = format!("dns:{domain}");
            let id = |target: &str| format!("{slug}/{target}");
            let (tls, dns) = (plain(&certificate, "tls"), plain(&name, "dns"));
            all.push((tls, id(&certificate), TLS_EVERY));
            all.push((dns, id(&name), DNS_EVERY));
        }
        all.push((page, id, 1));
    }
    all
}

/// The component that a host stands for: the one its first label names.
pub fn component_of(service: &Service, domain: &str) -> Option<String> {
    let label = domain.split('.').next().unwrap_or_default();
    let known = |name: &str| service.components.iter().any(|it| &**it == name);
    match label {
        "m" | "mobile" if known("mobile_app") => Some("mobile_app".into()),
        "login" | "accounts" | "auth" if known("login") => Some("login".into()),
        label if domain.matches('.').count() > 1 && known(label) => Some(label.into()),
        _ => None,
    }
}

fn monitor(definition: &Definition, id: String, interval_s: u32) -> Option<Monitor> {
    let (kind, check) = definition.check().ok()?;
    let interval = Duration::from_secs(u64::from(definition.interval_s.unwrap_or(interval_s)));
    Some(Monitor {
        id: id.into(),
        service: Arc::from(definition.service.as_deref().unwrap_or_default()),
        component: definition.component.as_deref().map(Arc::from),
        kind,
        check,
        interval: interval.min(INTERVAL_MAX),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_service_with_a_domain_is_looked_at_in_three_ways() {
        let catalog = crate::data::catalog(None).expect("the built-in one");
        let (monitors, wrong) = of(&Probes::default(), &catalog);
        assert!(wrong.is_empty(), "{wrong:?}");
        for service in catalog.services.values().filter(|it| !it.domains.is_empty()) {
            let kinds: Vec<&str> = monitors
                .iter()
                .filter(|monitor| *monitor.service == *service.slug)
                .map(|monitor| monitor.kind)
                .collect();
            for kind in ["http", "tls", "dns"] {
                assert!(kinds.contains(&kind), "{} has no {kind}", service.slug);
            }
        }
        let none = Probes { catalog: false, ..Probes::default() };
        assert!(of(&none, &catalog).0.is_empty());
    }

    #[test]
    fn one_target_can_be_looked_at_in_several_ways_and_no_way_twice() {
        let catalog = crate::data::catalog(None).expect("the built-in one");
        let of_x = |target: &str, record: Option<&str>, conditions: &[&str]| Definition {
            service: Some("x".into()),
            record: record.map(str::to_owned),
            conditions: conditions.iter().map(|it| (*it).to_owned()).collect(),
            ..Definition::new(target)
        };
        let own = vec![
            of_x("dns:x.com", Some("A"), &[]),
            of_x("dns:x.com", Some("AAAA"), &[]),
            of_x("https://x.com/", None, &[]),
            of_x("https://x.com/", None, &["[STATUS] == 200"]),
            of_x("https://x.com/", None, &[]),
            of_x("https://x.com", None, &[]),
            of_x("x.com", None, &[]),
            of_x("https://X.com:443/", None, &[]),
            Definition { component: Some("engine".into()), ..of_x("https://x.com/a", None, &[]) },
        ];
        let (monitors, wrong) = of(&Probes { own, catalog: false, ..Probes::default() }, &catalog);
        let ids: Vec<&str> = monitors.iter().map(|it| &*it.id).collect();
        let want =
            ["x/dns:x.com (A)", "x/dns:x.com (AAAA)", "x/https://x.com/", "x/https://x.com/ (2)"];
        assert_eq!(ids, want);
        assert_eq!(wrong.len(), 5, "{wrong:?}");
    }

    #[test]
    fn who_opted_out_is_not_looked_at_and_strangers_are_told() {
        let catalog = crate::data::catalog(None).expect("the built-in one");
        let probes = Probes {
            opt_out: vec!["x.com".into()],
            own: vec![Definition {
                service: Some("no-such-service".into()),
                ..Definition::new("https://example.org/")
            }],
            ..Probes::default()
        };
        let (monitors, wrong) = of(&probes, &catalog);
        assert_eq!(wrong.len(), 1);
        assert!(!monitors.iter().any(|monitor| monitor.id.contains("/x.com/")));
        assert!(monitors.iter().any(|monitor| monitor.id.contains("twitter.com")));
    }
}

//! What stands in a feed: incidents and claims, in words.

use outcry_core::incident::Incident;
use outcry_core::incident::Scope;
use outcry_core::incident::Severity;
use outcry_core::time::UnixMillis;
use outcry_core::units::Country;

use crate::contract::Records;
use crate::contract::Which;
use crate::limit::CLAIMS_LOOKED_MAX;
use crate::limit::FEED_ITEMS_MAX;
use crate::limit::FEED_LOOKED_MAX;
use crate::open::Asked;
use crate::open::claims::shown;
use crate::open::feed::Address;
use crate::open::feed::Entry;
use crate::open::feed::Topic;
use crate::page::verdict::Judged;
use crate::problem::Problem;
use crate::site::Site;

/// What the feed is about, in words, and the page that shows the same.
pub fn about(site: &Site, asked: &Asked, topic: Topic) -> Result<(String, String), Problem> {
    let catalog = site.records.catalog();
    let value = |name: &str| asked.value(name).unwrap_or_default();
    let words = &site.words;
    Ok(match topic {
        Topic::All => (words.say("feed-all"), "/incidents".into()),
        Topic::Service => {
            let service = catalog.service(value("slug")).ok_or(Problem::NotFound("service"))?;
            (service.name.to_string(), format!("/s/{}", service.slug))
        }
        Topic::Category => {
            let category = catalog.categories.get(value("category"));
            let category = category.ok_or(Problem::NotFound("category"))?;
            (category.name.to_string(), "/services".into())
        }
        Topic::Country => {
            let country = Country::parse(value("country")).ok_or(Problem::NotFound("country"))?;
            (words.country(country), "/incidents".into())
        }
        Topic::Claims => (words.say("feed-claims"), "/claims".into()),
        Topic::Claim => {
            let claim = value("claim").to_owned();
            let path = format!("/claims#claim-{claim}");
            (words.with("feed-claim", &[("claim", claim.into())]), path)
        }
    })
}

/// Incidents, the newest first.
pub fn incidents(
    site: &Site,
    records: &dyn Records,
    asked: &Asked,
    topic: Topic,
) -> Result<Vec<Entry>, Problem> {
    let service = asked.value("slug").filter(|_| topic == Topic::Service).map(Into::into);
    let which = Which { service, ..Which::default() };
    let list = records.incidents(&which, FEED_LOOKED_MAX).map_err(|_| Problem::Unavailable)?;
    let catalog = records.catalog();
    let country = asked.value("country").and_then(Country::parse);
    let is_in = |incident: &Incident| {
        let service = catalog.service(&incident.service);
        match topic {
            Topic::Category => {
                service.is_some_and(|it| Some(&*it.category) == asked.value("category"))
            }
            Topic::Country => {
                let home = service.map(|it| it.countries.as_slice()).unwrap_or_default();
                country.is_some_and(|country| concerns(incident, home, country))
            }
            _ => true,
        }
    };
    let entries = list.iter().filter(|incident| is_in(incident)).take(FEED_ITEMS_MAX);
    Ok(entries.map(|incident| entry(site, incident)).collect())
}

/// Whether an incident is one of that country: it fails there, people there report it, or the
/// service is one of that country.
fn concerns(incident: &Incident, home: &[Country], country: Country) -> bool {
    let scope = match &incident.scope {
        Scope::Countries(countries) => countries.contains(&country),
        _ => false,
    };
    let told = incident.places.iter().any(|place| place.country == Some(country));
    let probed = incident.outages.iter().any(|outage| outage.countries.contains(&country));
    scope || told || probed || home.contains(&country)
}

fn entry(site: &Site, incident: &Incident) -> Entry {
    let words = &site.words;
    let catalog = site.records.catalog();
    let name = catalog.service(&incident.service).map_or(&incident.service, |it| &it.name);
    let name = name.to_string();
    let at =
        |at: UnixMillis| format!("{}, {} {}", words.date(at), words.clock(at), words.say("utc"));
    let opened = at(incident.opened_at);
    let mut text = Vec::new();
    let severity = match incident.severity {
        _ if incident.surges.is_empty() => "severity-probes",
        Severity::Danger => "severity-danger",
        Severity::Warning => "severity-warning",
    };
    text.push(words.say(severity));
    if let Some(surge) = incident.surges.iter().max_by_key(|surge| surge.peak) {
        let values = [("peak", surge.peak.into()), ("usual", words.level(surge.usual).into())];
        text.push(words.with("feed-peak", &values));
    }
    if let Some(outage) = incident.outages.last() {
        let values = [("failing", outage.failing.into()), ("asked", outage.asked.into())];
        text.push(words.with("feed-probes", &values));
    }
    let title = match incident.closed_at {
        None => "feed-open",
        Some(closed) => {
            text.push(words.with("feed-over", &[("closed", at(closed).into())]));
            "feed-closed"
        }
    };
    text.push(words.say("feed-cause"));
    if incident.reconstruction {
        text.push(format!("{} {}", words.say("reconstruction"), words.say("reconstruction-what")));
    }
    let id = &incident.id.0;
    Entry {
        id: format!("tag:outcry,2025:incident:{id}"),
        url: Address::of(site, &format!("/i/{id}")),
        title: words.with(title, &[("name", name.into()), ("opened", opened.into())]),
        text: text.join(" "),
        published: incident.opened_at,
        updated: incident.last_news(),
    }
}

/// Claims with their rulings, those about the newest incidents first; only `one` where it is given.
pub fn claims(site: &Site, one: Option<&str>) -> Result<Vec<Entry>, Problem> {
    let records = &site.records;
    let unavailable = |_| Problem::Unavailable;
    let list = records.incidents(&Which::default(), CLAIMS_LOOKED_MAX).map_err(unavailable)?;
    let mut entries = Vec::new();
    for incident in list {
        let id = &incident.id.0;
        let case = records.case_file(id, None).map_err(unavailable)?;
        let Some(case) = case.filter(|case| !case.claims.is_empty()) else { continue };
        let judged = Judged::of(&case);
        for record in &judged.ledger {
            let claim = &record.claim.claim;
            if one.is_some_and(|one| one != &**claim) {
                continue;
            }
            let ruling = |ruled: &outcry_core::claim::Ruled| {
                let word = match shown(&judged, record, ruled) {
                    Some((ruling, _)) => {
                        let name = ruling.name().replace('_', "-");
                        site.words.say(&format!("ruling-{name}"))
                    }
                    None => site.words.say("publication-review"),
                };
                format!("{}: {word}", ruled.assertion.what)
            };
            let rulings: Vec<String> = record.rulings.iter().map(ruling).collect();
            let values = [
                ("role", record.claim.speaker_role.to_string().into()),
                ("quote", record.claim.quote.to_string().into()),
            ];
            entries.push(Entry {
                id: format!("tag:outcry,2025:claim:{id}:{claim}"),
                url: Address::of(site, &format!("/i/{id}#claim-{claim}")),
                title: site.words.with("feed-claim-said", &values),
                text: format!("{}.", rulings.join("; ")),
                published: record.said_at,
                // A ruling is as new as the case file it was made from.
                updated: case.as_of.max(record.said_at),
            });
            if entries.len() >= FEED_ITEMS_MAX {
                return Ok(entries);
            }
        }
    }
    Ok(entries)
}

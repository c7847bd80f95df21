//! The public interface: everything that programs fetch, and what other sites embed.
//!
//! A request is read by the line of its address in [`crate::route::table`]: what is there is
//! checked against the parameters of that line, and what does not fit is answered with what to
//! write instead. [`render`] has one arm for each kind of answer.
//!
//! # What it cannot tell
//!
//! Anything about single people: countries with few reports are merged per day, and comments under
//! moderation, addresses and tokens never reach this module.

pub mod badge;
pub mod card;
pub mod claims;
pub mod crowd;
pub mod cursor;
pub mod embed;
pub mod feed;
pub mod fresh;
pub mod picture;
pub mod render;
pub mod reports;
pub mod series;
pub mod statuspage;
pub mod verdict;

use std::collections::BTreeMap;

use outcry_core::time::UnixMillis;
use outcry_core::units::Text;

use crate::board::service_of;
use crate::open::badge::Says;
use crate::open::cursor::Cursor;
use crate::open::feed::Topic;
use crate::open::statuspage::Part;
use crate::problem::Problem;
use crate::route::Answer;
use crate::route::Route;
use crate::route::parameter;
use crate::route::table::ROUTES;
use crate::router::decoded;

/// A kind of answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The OpenAPI document.
    Document,
    /// All services.
    Services,
    /// One service.
    Service,
    /// A series as JSON.
    SeriesJson,
    /// A series as CSV.
    SeriesCsv,
    /// Reports summed up over days.
    Reports,
    /// One service in the vocabulary of Downdetector.
    Crowd,
    /// Incidents.
    Incidents,
    /// One incident.
    Incident,
    /// What the evidence says about one incident.
    Verdict,
    /// The claims about one incident.
    IncidentClaims,
    /// Verdicts of many incidents.
    Verdicts,
    /// Claims about many incidents.
    Claims,
    /// Vantage points.
    Vantages,
    /// How the observatory is doing.
    State,
    /// The shape of Statuspage.
    Statuspage(Part),
    /// A badge as a picture.
    Badge(Says),
    /// A badge as shields.io reads it.
    Shield(Says),
    /// A feed.
    Feed(Topic),
    /// The card for frames.
    Card,
    /// The picture of a service for previews.
    Picture,
    /// What may be embedded for an address.
    OEmbed,
}

/// What was asked for: an address of the table with values that fit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// The kind of answer.
    pub kind: Kind,
    values: BTreeMap<&'static str, String>,
    address: String,
}

/// Parameters whose answers are made for the one who asks, and not kept.
const PASSING: [&str; 12] = [
    "cursor",
    "limit",
    "before",
    "from",
    "until",
    "step",
    "of",
    "first_day",
    "last_day",
    "url",
    "maxwidth",
    "maxheight",
];

impl Asked {
    /// Reads a path, decoded, and its query, as it came. `None` when the path is of none of these.
    ///
    /// # Errors
    ///
    /// When a value does not fit, or the query has what the address does not take.
    pub fn read(path: &str, query: &str) -> Result<Option<Self>, Problem> {
        let Some((route, kind, parts)) = ROUTES.iter().find_map(|route| match route.answer {
            Answer::Open(kind) => Some((route, kind, route.matches(path)?)),
            _ => None,
        }) else {
            return Ok(None);
        };
        let mut values = BTreeMap::new();
        for (parameter, value) in route.in_path().zip(parts) {
            if !parameter.fits(value) {
                return Err(Problem::NotFound(match parameter.name {
                    "slug" | "key" => "service",
                    "id" => "incident",
                    other => other,
                }));
            }
            values.insert(parameter.name, value.to_owned());
        }
        let mut address = path.to_owned();
        for (name, value) in read_query(route, query)? {
            let mark = if address.contains('?') { '&' } else { '?' };
            address.push_str(&format!("{mark}{name}={}", encoded(&value)));
            values.insert(name, value);
        }
        Ok(Some(Self { kind, values, address }))
    }

    /// The address in its one form.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// A value by its name.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str)
    }

    /// A number by its name; it fits.
    pub fn number(&self, name: &str) -> Option<u32> {
        self.value(name)?.parse().ok()
    }

    /// A moment by its name; it fits.
    pub fn time(&self, name: &str) -> Option<UnixMillis> {
        UnixMillis::parse(self.value(name)?)
    }

    /// Where a list goes on.
    pub fn cursor(&self) -> Option<Cursor> {
        Cursor::read(self.value("cursor")?)
    }

    /// The service it is about, if it is about one.
    pub fn service(&self) -> Option<&str> {
        let by_id = || self.value("id").and_then(service_of);
        let by_key = || self.value("key").map(slug_of_key);
        self.value("slug").or(self.value("service")).or_else(by_key).or_else(by_id)
    }

    /// Whether any change concerns it at once. What takes many case files or incidents to make
    /// follows with the next refresh.
    pub fn is_list(&self) -> bool {
        let cheap = matches!(self.kind, Kind::Services | Kind::Incidents | Kind::Statuspage(_));
        cheap && self.service().is_none()
    }

    /// Whether the answer is kept in memory for all who ask the same.
    pub fn is_kept(&self) -> bool {
        !PASSING.iter().any(|name| self.values.contains_key(name))
    }

    /// The same address with another place to go on from.
    pub fn going_on(&self, cursor: &Cursor) -> String {
        let path = self.address.split('?').next().unwrap_or_default();
        let others = self.address.split_once('?').map_or("", |(_, query)| query);
        let mut pairs: Vec<String> = others
            .split('&')
            .filter(|pair| !pair.is_empty() && !pair.starts_with("cursor="))
            .map(str::to_owned)
            .collect();
        pairs.push(format!("cursor={}", encoded(&cursor.text())));
        format!("{path}?{}", pairs.join("&"))
    }
}

/// The slug in the key of Gatus, `GROUP_NAME`: a slug has no underscore.
pub fn slug_of_key(key: &str) -> &str {
    key.rsplit('_').next().unwrap_or(key)
}

/// A slug as the text that the catalogue has.
pub fn text(value: &str) -> Text {
    Text::from(value)
}

/// Pairs of a query, in the order of the table.
fn read_query(route: &Route, query: &str) -> Result<Vec<(&'static str, String)>, Problem> {
    let mut found: BTreeMap<&'static str, String> = BTreeMap::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let (name, value) = (decoded(name), decoded(value));
        let Some(parameter) = route.in_query().find(|parameter| parameter.name == name) else {
            let known: Vec<&str> = route.in_query().map(|parameter| parameter.name).collect();
            let takes = if known.is_empty() { "nothing".into() } else { known.join(", ") };
            let name: String = name.chars().take(40).collect();
            let what = format!("there is no {name:?} here; this address takes {takes}");
            return Err(Problem::Unreadable(what));
        };
        if parameter.name == "service" && !parameter.fits(&value) {
            return Err(Problem::NotFound("service"));
        }
        if !parameter.fits(&value) {
            let value: String = value.chars().take(80).collect();
            let what = format!("{name}={value:?} does not fit; {}", parameter.instead());
            return Err(Problem::Unreadable(what));
        }
        if found.insert(parameter.name, value).is_some() {
            return Err(Problem::Unreadable(format!("{name} stands twice; write it once")));
        }
    }
    let ordered = route.query.split_whitespace().filter_map(parameter::named);
    Ok(ordered.filter_map(|it| Some((it.name, found.remove(it.name)?))).collect())
}

/// A value for a query (RFC 3986, section 2.3, and what a query may have as it is).
pub fn encoded(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    for byte in value.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b':' | b'/' => {
                text.push(char::from(byte));
            }
            byte => text.push_str(&format!("%{byte:02X}")),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(address: &str) -> Result<Option<Asked>, Problem> {
        let (path, query) = address.split_once('?').unwrap_or((address, ""));
        Asked::read(path, query)
    }

    #[test]
    fn an_address_has_one_form() {
        let asked = read("/api/v1/incidents?limit=5&service=x").expect("fits").expect("known");
        assert_eq!(asked.address(), "/api/v1/incidents?service=x&limit=5");
        assert!(!asked.is_kept());
        assert_eq!(asked.service(), Some("x"));
        let next = asked.going_on(&Cursor::Slug("x".into()));
        assert_eq!(next, "/api/v1/incidents?service=x&limit=5&cursor=x");
        assert_eq!(
            read(&next).expect("fits").expect("known").going_on(&Cursor::Slug("y".into())),
            "/api/v1/incidents?service=x&limit=5&cursor=y"
        );
        assert_eq!(read("/services"), Ok(None), "a page is none of these");
    }

    #[test]
    fn what_does_not_fit_is_told_with_what_to_write() {
        for (address, says) in [
            ("/api/v1/services/x/series.json?step=5s", "such as 5m, 1h or 1d"),
            ("/api/v1/services/x/series.json?from=yesterday", "write from=2025-03-10T13:00:00Z"),
            ("/api/v1/incidents?limit=0", "from 1 to 1000"),
            ("/api/v1/incidents?limit=1&limit=2", "write it once"),
            ("/api/v1/vantages?x=1", "takes nothing"),
            ("/api/v1/incidents?state=closed", "any, open"),
        ] {
            match read(address) {
                Err(Problem::Unreadable(what)) => assert!(what.contains(says), "{what}"),
                other => panic!("{address}: {other:?}"),
            }
        }
        assert_eq!(read("/api/v1/services/X"), Err(Problem::NotFound("service")));
    }

    #[test]
    fn the_key_of_gatus_holds_the_slug() {
        let badge = "/api/v1/endpoints/social_t-mobile-us/health/badge.svg";
        assert_eq!(read(badge).expect("fits").expect("known").service(), Some("t-mobile-us"));
    }
}

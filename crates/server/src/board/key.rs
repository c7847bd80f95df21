//! Keys: which page an address means.
//!
//! Addresses never break; each line here is a promise.

use outcry_core::catalog::is_slug;
use outcry_core::time::UnixMillis;

use crate::open::Asked;
use crate::problem::Problem;
use crate::router::decoded;

/// A page, whatever its form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Key {
    /// `/`
    Home,
    /// `/services`
    Services,
    /// `/s/SLUG`
    Service(String),
    /// `/i/ID`
    Incident(String),
    /// `/i/ID/case.json`, with the revision if one was asked for.
    Case(String, Option<u32>),
    /// `/incidents`, with the time before which it begins.
    Incidents(Option<UnixMillis>),
    /// `/claims`
    Claims,
    /// `/claims/new`, with the service that is chosen if one was asked for.
    ClaimForm(Option<String>),
    /// `/methods`
    Methods,
    /// `/methods/table.toml`
    Table,
    /// `/data`
    Data,
    /// Something of the public interface.
    Open(Asked),
}

impl Key {
    /// Reads a path with its query.
    ///
    /// # Errors
    ///
    /// When no page can be there, or a value of the query is none.
    pub fn read(address: &str) -> Result<Self, Problem> {
        let nowhere = Problem::NotFound("page");
        let (path, query) = address.split_once('?').unwrap_or((address, ""));
        // An address may be written with %XX where it need not be (RFC 3986, section 6.2.2.2).
        let path = if path.contains('%') { decoded(path) } else { path.to_owned() };
        let Some(path) = path.strip_prefix('/').filter(|_| !has_hidden_slash(address)) else {
            return Err(nowhere);
        };
        let parts: Vec<&str> = path.split('/').collect();
        let key = match *parts.as_slice() {
            [""] => Self::Home,
            ["services"] => Self::Services,
            ["s", slug] if is_slug(slug) => Self::Service(slug.into()),
            ["i", id] if is_id(id) => Self::Incident(id.into()),
            ["i", id, "case.json"] if is_id(id) => Self::Case(id.into(), revision(query)?),
            ["incidents"] => Self::Incidents(before(query)?),
            ["claims"] => Self::Claims,
            ["claims", "new"] => {
                let asked = value(query, "service").filter(|slug| is_slug(slug));
                Self::ClaimForm(asked.map(Into::into))
            }
            ["methods"] => Self::Methods,
            ["methods", "table.toml"] => Self::Table,
            ["data"] => Self::Data,
            _ => return Asked::read(&format!("/{path}"), query)?.map(Self::Open).ok_or(nowhere),
        };
        Ok(key)
    }

    /// The address in its one form, so that no page is kept twice.
    pub fn address(&self) -> String {
        let before = |at: &Option<UnixMillis>| at.map(|at| format!("before={at}"));
        let query = |parts: Vec<String>| {
            if parts.is_empty() { String::new() } else { format!("?{}", parts.join("&")) }
        };
        match self {
            Self::Home => "/".into(),
            Self::Services => "/services".into(),
            Self::Service(slug) => format!("/s/{slug}"),
            Self::Incident(id) => format!("/i/{id}"),
            Self::Case(id, None) => format!("/i/{id}/case.json"),
            Self::Case(id, Some(n)) => format!("/i/{id}/case.json?revision={n}"),
            Self::Incidents(at) => format!("/incidents{}", query(before(at).into_iter().collect())),
            Self::Claims => "/claims".into(),
            Self::ClaimForm(None) => "/claims/new".into(),
            Self::ClaimForm(Some(slug)) => format!("/claims/new?service={slug}"),
            Self::Methods => "/methods".into(),
            Self::Table => "/methods/table.toml".into(),
            Self::Data => "/data".into(),
            Self::Open(asked) => asked.address().to_owned(),
        }
    }

    /// The service it shows, if it shows one.
    pub fn service(&self) -> Option<&str> {
        match self {
            Self::Service(slug) => Some(slug),
            // `SERVICE-YYYY-MM-DD-N`
            Self::Incident(id) | Self::Case(id, None) => service_of(id),
            Self::Open(asked) => asked.service(),
            _ => None,
        }
    }

    /// Whether it shows many services, so that any change concerns it.
    pub fn is_list(&self) -> bool {
        match self {
            Self::Home | Self::Services | Self::Incidents(None) | Self::Claims => true,
            Self::Open(asked) => asked.is_list(),
            _ => false,
        }
    }

    /// Whether it is kept in memory for all who ask the same.
    pub fn is_kept(&self) -> bool {
        !matches!(self, Self::Open(asked) if !asked.is_kept())
    }

    /// Whether it is of the public interface, which has a limit of its own.
    pub fn is_open(&self) -> bool {
        matches!(self, Self::Open(_))
    }
}

/// The service of an incident's id.
pub fn service_of(id: &str) -> Option<&str> {
    id.rsplitn(5, '-').nth(4)
}

/// Whether `id` has the form `SERVICE-YYYY-MM-DD-N`.
pub fn is_id(id: &str) -> bool {
    let digits = |text: &str, n: usize| text.len() == n && text.bytes().all(|b| b.is_ascii_digit());
    let parts: Vec<&str> = id.rsplitn(5, '-').collect();
    match *parts.as_slice() {
        [n, day, month, year, service] => {
            is_slug(service)
                && digits(day, 2)
                && digits(month, 2)
                && digits(year, 4)
                && (1..=6).contains(&n.len())
                && digits(n, n.len())
        }
        _ => false,
    }
}

fn value<'a>(query: &'a str, name: &str) -> Option<&'a str> {
    query.split('&').find_map(|pair| pair.split_once('=').filter(|(n, _)| *n == name)).map(|p| p.1)
}

fn before(query: &str) -> Result<Option<UnixMillis>, Problem> {
    let Some(text) = value(query, "before").map(decoded) else { return Ok(None) };
    match UnixMillis::parse(&text) {
        Some(at) => Ok(Some(at)),
        None => Err(Problem::Unreadable(format!(
            "before={text} is no time; write before=2025-03-10T09:45:00Z"
        ))),
    }
}

/// Whether a path has a slash that is data and not a separator (RFC 3986, section 2.2): no name
/// here has one.
fn has_hidden_slash(address: &str) -> bool {
    let path = address.split('?').next().unwrap_or(address);
    path.split('%').skip(1).any(|rest| rest.starts_with("2F") || rest.starts_with("2f"))
}

fn revision(query: &str) -> Result<Option<u32>, Problem> {
    let other = query.split('&').find(|pair| !pair.is_empty() && !pair.starts_with("revision="));
    if let Some(other) = other {
        let name: String = other.split('=').next().unwrap_or("").chars().take(40).collect();
        return Err(Problem::Unreadable(format!(
            "there is no {name:?} here; this address takes revision"
        )));
    }
    let Some(text) = value(query, "revision") else { return Ok(None) };
    text.parse().map(Some).map_err(|_| {
        Problem::Unreadable(format!("revision={text} is no number; write revision=1, or leave it"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_address_reads_as_itself() {
        for address in [
            "/",
            "/services",
            "/s/x",
            "/i/x-2025-03-10-1",
            "/i/t-mobile-us-2025-03-10-12/case.json",
            "/i/x-2025-03-10-1/case.json?revision=3",
            "/incidents",
            "/incidents?before=2025-03-10T09:45:00Z",
            "/claims",
            "/claims/new",
            "/claims/new?service=x",
            "/methods",
            "/data",
            "/api/v1/services",
            "/api/v1/services/x",
            "/api/v1/services/x/series.csv",
            "/api/v1/incidents",
            "/api/v1/incidents?service=x&before=2025-03-10T09:45:00Z",
            "/api/v1/incidents/x-2025-03-10-1",
            "/api/v1/vantages",
        ] {
            let key = Key::read(address).unwrap_or_else(|problem| panic!("{address}: {problem:?}"));
            assert_eq!(key.address(), address);
        }
    }

    #[test]
    fn what_cannot_be_a_page_is_none() {
        for address in [
            "",
            "x",
            "/s/",
            "/s/X",
            "/s/a/b",
            "/s%2Fx",
            "/api/v1%2fservices",
            "/i/x",
            "/i/x-2025-3-10-1",
            "/services/",
        ] {
            assert_eq!(Key::read(address), Err(Problem::NotFound("page")), "{address}");
        }
        assert_eq!(Key::read("/s/%78"), Key::read("/s/x"));
        assert_eq!(Key::read("/claims/new?service=%3Cb%3E&a=b"), Key::read("/claims/new"));
    }

    #[test]
    fn a_value_that_is_none_is_named() {
        for address in [
            "/incidents?before=garbage",
            "/api/v1/incidents?before=",
            "/i/x-2025-03-10-1/case.json?revision=abc",
            "/i/x-2025-03-10-1/case.json?revision=-1",
            "/i/x-2025-03-10-1/case.json?foo",
            "/i/x-2025-03-10-1/case.json?revision=1&a=b",
        ] {
            assert!(matches!(Key::read(address), Err(Problem::Unreadable(_))), "{address}");
        }
    }

    #[test]
    fn an_incident_belongs_to_the_service_of_its_id() {
        let key = Key::read("/i/t-mobile-us-2025-03-10-12").expect("an id");
        assert_eq!(key.service(), Some("t-mobile-us"));
    }
}

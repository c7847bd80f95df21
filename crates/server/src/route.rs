//! Routes: every address of the site, one line each.
//!
//! The [`table`] is the source of the router, of the OpenAPI document and of the list on the data
//! page, so that none of them can know an address that the others do not.

pub mod parameter;
pub mod table;

use crate::open::Kind;
use crate::route::parameter::Parameter;
use crate::route::table::ROUTES;

/// One method of one address.
#[derive(Debug)]
pub struct Route {
    /// Its name in the document; with `api-` before it, the message that explains it.
    pub name: &'static str,
    /// The path; `{name}` is a parameter of [`parameter::ALL`].
    pub path: &'static str,
    /// Names of the parameters its query may have, with blanks between them.
    pub query: &'static str,
    /// What answers.
    pub answer: Answer,
    /// What is answered when all is well.
    pub gives: Gives,
}

/// What answers an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// A page out of memory.
    Page,
    /// The page of a service, with thanks after a report.
    Service,
    /// The form of a service.
    Form,
    /// Back to the page, for those who load the answer of the form again.
    Back,
    /// Live numbers.
    Live,
    /// The search.
    Find,
    /// A file that never changes.
    Asset,
    /// How the server is doing.
    Health,
    /// A report from a program.
    Report,
    /// A wish to be told by e-mail.
    Wish,
    /// A browser that wants to be told, or no more.
    Push,
    /// The question whether a wish is meant.
    AskConfirm,
    /// It is meant.
    Confirm,
    /// The question whether somebody wants to leave.
    AskLeave,
    /// They do.
    Leave,
    /// The list of claims, with thanks after one was proposed.
    Claims,
    /// A claim that is proposed.
    Propose,
    /// Something of the public interface.
    Open(Kind),
}

/// What an answer holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gives {
    /// A page for people.
    Html,
    /// JSON of a shape in `openapi/shapes.txt`.
    Json(&'static str),
    /// JSON whose form is told elsewhere.
    AnyJson,
    /// Comma-separated values.
    Csv,
    /// A document in TOML.
    Toml,
    /// A picture that scales.
    Svg,
    /// A picture of points.
    Png,
    /// RSS, Atom or JSON Feed, as the address says.
    Feed,
    /// Server-sent events.
    Events,
    /// A file.
    File,
}

impl Gives {
    /// Media types, without parameters.
    pub fn media(self) -> &'static [&'static str] {
        match self {
            Self::Html => &["text/html"],
            Self::Json(_) | Self::AnyJson => &["application/json"],
            Self::Csv => &["text/csv"],
            Self::Toml => &["application/toml"],
            Self::Svg => &["image/svg+xml"],
            Self::Png => &["image/png"],
            Self::Feed => &["application/rss+xml", "application/atom+xml", "application/feed+json"],
            Self::Events => &["text/event-stream"],
            Self::File => &["font/woff2", "image/svg+xml", "text/javascript"],
        }
    }
}

impl Route {
    /// The method, upper case.
    pub fn method(&self) -> &'static str {
        match self.answer {
            Answer::Form | Answer::Report | Answer::Wish => "POST",
            Answer::Push | Answer::Confirm | Answer::Leave | Answer::Propose => "POST",
            _ => "GET",
        }
    }

    /// Whether it is for programs: those stand in the document.
    pub fn is_open(&self) -> bool {
        matches!(self.answer, Answer::Open(_) | Answer::Report | Answer::Live | Answer::Health)
            || matches!(self.gives, Gives::AnyJson | Gives::Toml)
    }

    /// Parameters of the path, in order.
    pub fn in_path(&self) -> impl Iterator<Item = &'static Parameter> {
        let names = self.path.split('/').filter_map(name_of);
        names.filter_map(parameter::named)
    }

    /// Parameters of the query, in order.
    pub fn in_query(&self) -> impl Iterator<Item = &'static Parameter> {
        self.query.split_whitespace().filter_map(parameter::named)
    }

    /// An address that can be asked for, without a query.
    pub fn example(&self) -> String {
        let part = |part: &str| match name_of(part).and_then(parameter::named) {
            Some(parameter) => parameter.example.to_owned(),
            None => part.to_owned(),
        };
        self.path.split('/').map(part).collect::<Vec<_>>().join("/")
    }

    /// The parts of a path that stand where this route has parameters, in order.
    pub fn matches<'a>(&self, path: &'a str) -> Option<Vec<&'a str>> {
        let (mut ours, mut theirs) = (self.path.split('/'), path.split('/'));
        let mut values = Vec::new();
        loop {
            match (ours.next(), theirs.next()) {
                (None, None) => return Some(values),
                (Some(our), Some(their)) if name_of(our).is_some() && !their.is_empty() => {
                    values.push(their);
                }
                (Some(our), Some(their)) if our == their => {}
                _ => return None,
            }
        }
    }
}

/// The name of a parameter in a part of a path.
fn name_of(part: &str) -> Option<&str> {
    part.strip_prefix('{')?.strip_suffix('}')
}

/// Methods that an address takes, as `Allow` tells them.
pub fn allowed(path: &str) -> &'static str {
    let of = |method| {
        ROUTES.iter().any(|route| route.method() == method && route.matches(path).is_some())
    };
    match (of("GET"), of("POST")) {
        (true, true) => "GET, HEAD, POST, OPTIONS",
        (false, true) => "POST, OPTIONS",
        _ => "GET, HEAD, OPTIONS",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::Words;

    #[test]
    fn every_route_has_a_name_of_its_own_and_words() {
        let words = Words::english();
        let mut names = std::collections::BTreeSet::new();
        for route in ROUTES {
            assert!(names.insert(route.name), "{} stands twice", route.name);
            let id = format!("api-{}", route.name);
            assert!(!route.is_open() || words.has(&id), "{id} is missing");
            let in_path = route.path.matches('{').count();
            assert_eq!(route.in_path().count(), in_path, "{}", route.path);
            let in_query = route.query.split_whitespace().count();
            assert_eq!(route.in_query().count(), in_query, "{}", route.name);
            for parameter in route.in_path().chain(route.in_query()) {
                let id = format!("param-{}", parameter.name.replace('_', "-"));
                assert!(words.has(&id), "{id} is missing");
            }
            assert!(route.matches(&route.example()).is_some(), "{}", route.name);
        }
    }

    #[test]
    fn an_address_says_what_it_takes() {
        assert_eq!(allowed("/api/v1/reports"), "POST, OPTIONS");
        assert_eq!(allowed("/s/x/report"), "GET, HEAD, POST, OPTIONS");
        assert_eq!(allowed("/claims/new"), "GET, HEAD, POST, OPTIONS");
        assert_eq!(allowed("/api/v1/services"), "GET, HEAD, OPTIONS");
    }
}

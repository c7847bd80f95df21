//! Parameters of addresses: what each may be, and what to write instead of what it is not.

use outcry_core::catalog::SLUG_CHARS_MAX;
use outcry_core::catalog::is_slug;
use outcry_core::time::UnixMillis;
use outcry_core::units::Country;

use crate::board::is_id;
use crate::limit::API_ITEMS_MAX;
use crate::limit::NAME_CHARS_MAX;
use crate::limit::SEARCH_CHARS_MAX;
use crate::limit::STEP_DAYS_MAX;
use crate::limit::TOKEN_CHARS_MAX;
use crate::open::cursor::Cursor;

/// One parameter; the same name is the same thing everywhere.
#[derive(Debug)]
pub struct Parameter {
    /// Its name; with `param-` before it, the message that explains it.
    pub name: &'static str,
    /// What it may be.
    pub kind: Kind,
    /// One value it may have, which there is in the story of the demo; empty where an example
    /// would say nothing.
    pub example: &'static str,
}

/// What a value may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A slug of the catalogue.
    Slug,
    /// The id of an incident.
    Incident,
    /// A moment, RFC 3339.
    Time,
    /// A day, `YYYY-MM-DD`, UTC.
    Day,
    /// A number of minutes, hours or days: `5m`, `1h`, `1d`.
    Step,
    /// What a series is about.
    Of,
    /// How many at most.
    Limit,
    /// Where a list goes on.
    Cursor,
    /// Two letters that ISO 3166-1 has assigned.
    Country,
    /// One of these.
    Choice(&'static [&'static str]),
    /// A number from 0 to this.
    Number(u32),
    /// Lower-case letters, digits, `-` and `_`.
    Name,
    /// Any text of so many characters.
    Text(usize),
}

/// Every parameter there is.
pub const ALL: &[Parameter] = &[
    new("slug", Kind::Slug, "x"),
    new("id", Kind::Incident, "x-2025-03-10-1"),
    new("service", Kind::Slug, "x"),
    new("category", Kind::Slug, "social"),
    new("country", Kind::Country, "US"),
    new("claim", Kind::Name, "owner-attack"),
    new("key", Kind::Name, "social_x"),
    new("window", Kind::Choice(&["1h", "24h", "7d", "30d"]), "24h"),
    new("form", Kind::Choice(&["rss.xml", "atom.xml", "feed.json"]), "atom.xml"),
    new("name", Kind::Text(NAME_CHARS_MAX), "favicon.svg"),
    new("from", Kind::Time, "2025-03-10T13:00:00Z"),
    new("until", Kind::Time, "2025-03-10T15:00:00Z"),
    new("before", Kind::Time, "2025-03-11T00:00:00Z"),
    new("step", Kind::Step, "5m"),
    new("of", Kind::Of, "all"),
    new("first_day", Kind::Day, "2025-03-09"),
    new("last_day", Kind::Day, "2025-03-10"),
    new("state", Kind::Choice(&["any", "open"]), "any"),
    new("cursor", Kind::Cursor, ""),
    new("limit", Kind::Limit, "10"),
    new("revision", Kind::Number(u32::MAX), "1"),
    new("proposed", Kind::Choice(&["1"]), ""),
    new("reported", Kind::Text(NAME_CHARS_MAX), ""),
    new("t", Kind::Text(TOKEN_CHARS_MAX), ""),
    new("q", Kind::Text(SEARCH_CHARS_MAX), "x"),
    new("url", Kind::Text(2_000), "http://localhost:8080/s/x"),
    new("format", Kind::Choice(&["json"]), "json"),
    new("maxwidth", Kind::Number(10_000), "480"),
    new("maxheight", Kind::Number(10_000), "220"),
];

const fn new(name: &'static str, kind: Kind, example: &'static str) -> Parameter {
    Parameter { name, kind, example }
}

/// The parameter of that name.
pub fn named(name: &str) -> Option<&'static Parameter> {
    ALL.iter().find(|parameter| parameter.name == name)
}

impl Parameter {
    /// Whether a value, decoded, can be one of these.
    pub fn fits(&self, value: &str) -> bool {
        match self.kind {
            Kind::Slug => is_slug(value),
            Kind::Incident => is_id(value),
            Kind::Time => UnixMillis::parse(value).is_some(),
            Kind::Day => day(value).is_some(),
            Kind::Step => step_minutes(value).is_some(),
            Kind::Of => is_of(value),
            Kind::Limit => value.parse().is_ok_and(|n| (1..=API_ITEMS_MAX).contains(&n)),
            Kind::Cursor => Cursor::read(value).is_some(),
            Kind::Country => Country::parse(value).is_some_and(|it| it.is_assigned()),
            Kind::Choice(choices) => choices.contains(&value),
            Kind::Number(most) => value.parse::<u32>().is_ok_and(|n| n <= most),
            Kind::Name => is_name(value),
            Kind::Text(most) => value.chars().count() <= most,
        }
    }

    /// What to write instead.
    pub fn instead(&self) -> String {
        let (name, example) = (self.name, self.example);
        match self.kind {
            Kind::Choice(choices) => format!("write {name}= and one of {}", choices.join(", ")),
            Kind::Limit => format!("write a number from 1 to {API_ITEMS_MAX}, such as limit=10"),
            Kind::Number(most) => format!("write a number from 0 to {most}, or leave it"),
            Kind::Cursor => "take the address under `next` of the page before, as it is".to_owned(),
            Kind::Of => "write of=all, of=works, of=affected:NAME or of=problem:NAME".to_owned(),
            Kind::Step => format!(
                "write minutes, hours or days, such as 5m, 1h or 1d; {STEP_DAYS_MAX}d at most"
            ),
            Kind::Text(most) => format!("write at most {most} characters"),
            _ => format!("write {name}={example}"),
        }
    }

    /// What it is, as JSON Schema says it.
    pub fn schema(&self) -> serde_json::Value {
        let pattern = |pattern: &str| serde_json::json!({ "type": "string", "pattern": pattern });
        match self.kind {
            Kind::Slug => {
                let mut schema = pattern("^[a-z0-9]+(-[a-z0-9]+)*$");
                schema["maxLength"] = SLUG_CHARS_MAX.into();
                schema
            }
            Kind::Incident => pattern(
                "^[a-z0-9]{1,20}(-[a-z0-9]{1,9}){0,2}-[0-9]{4}-[0-9]{2}-[0-9]{2}-[0-9]{1,6}$",
            ),
            Kind::Time => pattern(
                "^20[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])T([01][0-9]|2[0-3]):\
                 [0-5][0-9]:[0-5][0-9]Z$",
            ),
            Kind::Day => pattern("^20[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])$"),
            Kind::Step => pattern("^([1-9][0-9]{0,3}m|[1-9][0-9]{0,2}h|[1-9][0-9]?d)$"),
            Kind::Of => pattern("^(all|works|(affected|problem):[a-z0-9_]{1,40})$"),
            Kind::Limit => serde_json::json!({
                "type": "integer", "minimum": 1, "maximum": API_ITEMS_MAX,
            }),
            Kind::Cursor => pattern(
                "^([a-z0-9]{1,40}|20[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])T12:00:00Z~\
                 [a-z0-9-]{0,60})$",
            ),
            Kind::Country => pattern("^[A-Za-z]{2}$"),
            Kind::Choice(choices) => serde_json::json!({ "type": "string", "enum": choices }),
            Kind::Number(most) => {
                serde_json::json!({ "type": "integer", "minimum": 0, "maximum": most })
            }
            Kind::Name => pattern("^[a-z0-9_-]{1,80}$"),
            Kind::Text(most) => serde_json::json!({ "type": "string", "maxLength": most }),
        }
    }
}

/// Minutes of a step, whole and at least one.
pub fn step_minutes(text: &str) -> Option<i64> {
    let unit = match text.chars().last()? {
        'm' => 1,
        'h' => 60,
        'd' => 24 * 60,
        _ => return None,
    };
    let digits = text.get(..text.len() - 1)?;
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) || digits.len() > 6 {
        return None;
    }
    let minutes = digits.parse::<i64>().ok()? * unit;
    (1..=STEP_DAYS_MAX * 24 * 60).contains(&minutes).then_some(minutes)
}

/// The UTC day since 1970 of `YYYY-MM-DD`.
pub fn day(text: &str) -> Option<i64> {
    if text.len() != 10 {
        return None;
    }
    let midnight = UnixMillis::parse(&format!("{text}T00:00:00Z"))?;
    Some(midnight.0.div_euclid(outcry_core::time::DAY_MS))
}

fn is_of(text: &str) -> bool {
    match text.split_once(':') {
        None => text == "all" || text == "works",
        Some((kind, name)) => (kind == "affected" || kind == "problem") && is_name(name),
    }
}

fn is_name(text: &str) -> bool {
    (1..=NAME_CHARS_MAX).contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_example_fits_its_own_parameter() {
        for parameter in ALL.iter().filter(|parameter| !parameter.example.is_empty()) {
            assert!(parameter.fits(parameter.example), "{}", parameter.name);
        }
    }

    #[test]
    fn countries_are_those_there_are() {
        let country = named("country").expect("a parameter");
        for (code, want) in
            [("US", true), ("gb", true), ("XK", true), ("UK", false), ("ZZ", false), ("USA", false)]
        {
            assert_eq!(country.fits(code), want, "{code}");
        }
    }

    #[test]
    fn steps_are_whole_minutes() {
        let cases = [
            ("1m", Some(1)),
            ("90m", Some(90)),
            ("2h", Some(120)),
            ("1d", Some(1_440)),
            ("0m", None),
            ("", None),
            ("m", None),
            ("5", None),
            ("-5m", None),
            ("5s", None),
            ("1.5h", None),
            ("é", None),
            ("999999d", None),
        ];
        for (text, want) in cases {
            assert_eq!(step_minutes(text), want, "{text}");
        }
    }

    #[test]
    fn days_are_days_that_there_are() {
        assert_eq!(day("1970-01-02"), Some(1));
        assert_eq!(day("2025-02-30"), None);
        assert_eq!(day("2025-2-3"), None);
    }
}

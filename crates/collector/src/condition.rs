//! Conditions: one line each, in the language of Gatus, so that what people wrote can be kept.
//!
//! `[STATUS] == 200`, `[BODY].user.name == "x"`, `len([BODY].items) > 0`, `[BODY] == pat(*ok*)`,
//! `has([BODY].error) == false`, `[RESPONSE_TIME] < 300ms`, `[CERTIFICATE_EXPIRATION] > 48h`,
//! `[DNS_RCODE] == NOERROR`, `[STATUS] == any(200, 429)`, `[IP]`, `[CONNECTED] == true`.
//!
//! A condition is read once and ruled often: text is made only where one does not hold.
//!
//! # What it cannot tell
//!
//! `[DOMAIN_EXPIRATION]` needs the registries and is refused with a mistake that says so. A value
//! that is not there is never equal to anything, and never smaller or larger: unlike Gatus, where
//! it compares as text, a missing value cannot make a condition hold; `!=` alone holds.
//!
//! # References
//!
//! - Gatus, README, "Conditions": <https://github.com/TwiN/gatus#conditions>.

pub mod parse;
mod sense;
pub mod value;

use std::fmt;
use std::net::SocketAddr;

use crate::condition::value::Path;
use crate::condition::value::Value;
use crate::probe::outcome::Facts;
use crate::repeated::repeated;

/// Characters of a value that a reason repeats.
const SHOWN_CHARS_MAX: usize = 80;

/// A condition, ready to be ruled.
#[derive(Clone, Debug)]
pub struct Condition {
    text: Box<str>,
    left: Term,
    compare: Compare,
    right: Term,
}

/// What is wrong with a line, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason}\n  {line}\n  {:>width$}", "^", width = .column)]
pub struct ConditionError {
    /// The line as it was given.
    pub line: Box<str>,
    /// The character where it goes wrong, the first being 1.
    pub column: usize,
    /// What is wrong and what to write instead.
    pub reason: Box<str>,
}

/// Whether a condition holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ruling {
    /// It does.
    pub holds: bool,
    /// The condition; where it does not hold, with what was found.
    pub shown: Box<str>,
}

/// One side of a comparison.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Term {
    Literal(Value),
    Pattern(Box<str>),
    Any(Vec<Term>),
    Fact(Fact),
    Length(Fact),
    Has(Fact),
}

/// Something a probe saw.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Fact {
    Status,
    ResponseTime,
    Ip,
    Connected,
    CertificateExpiration,
    DnsRcode,
    Body(Path),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Compare {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Condition {
    /// Reads one line.
    ///
    /// # Errors
    ///
    /// [`ConditionError`], which points at the place.
    pub fn parse(line: &str) -> Result<Self, ConditionError> {
        let (left, compare, right) = parse::read(line)?;
        Ok(Self { text: line.trim().into(), left, compare, right })
    }

    /// Whether it looks at the status, and so replaces the rule that 400 and above is a failure.
    pub fn reads_status(&self) -> bool {
        [&self.left, &self.right].iter().any(|term| **term == Term::Fact(Fact::Status))
    }

    /// The facts that it looks at and that only some kinds of probes see, as they are written.
    pub fn facts(&self) -> impl Iterator<Item = &'static str> {
        [&self.left, &self.right].into_iter().flat_map(Term::facts)
    }

    /// Whether both can never hold at the same look: `[STATUS] == 200` and `[STATUS] == 500`.
    pub fn excludes(&self, other: &Self) -> bool {
        sense::excludes(
            (&self.left, self.compare, &self.right),
            (&other.left, other.compare, &other.right),
        )
    }

    /// Rules over what a probe saw.
    pub fn rule(&self, facts: &Facts, address: Option<SocketAddr>, now_unix_s: i64) -> Ruling {
        let seen = Seen { facts, address, now_unix_s };
        let (left, right) = (self.left.evaluate(&seen), self.right.evaluate(&seen));
        let holds = compare(&left, self.compare, &right);
        if holds {
            return Ruling { holds, shown: self.text.clone() };
        }
        let mut found = String::new();
        for (term, side) in [(&self.left, &left), (&self.right, &right)] {
            if !matches!(term, Term::Literal(_) | Term::Pattern(_) | Term::Any(_)) {
                if !found.is_empty() {
                    found.push_str(" and ");
                }
                found.push_str(&side.to_string());
            }
        }
        Ruling { holds, shown: format!("{} does not hold: found {found}", self.text).into() }
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

struct Seen<'a> {
    facts: &'a Facts,
    address: Option<SocketAddr>,
    now_unix_s: i64,
}

/// What a term comes to.
enum Side<'a> {
    One(Value),
    Pattern(&'a str),
    Any(Vec<Side<'a>>),
}

impl fmt::Display for Side<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self {
            Self::One(value) => value.to_string(),
            Self::Pattern(pattern) => (*pattern).to_owned(),
            Self::Any(sides) => {
                let sides: Vec<String> = sides.iter().map(Self::to_string).collect();
                sides.join(" or ")
            }
        };
        let spaced: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        f.write_str(&repeated(&spaced, SHOWN_CHARS_MAX))
    }
}

impl Term {
    fn facts(&self) -> Vec<&'static str> {
        match self {
            Self::Literal(_) | Self::Pattern(_) => Vec::new(),
            Self::Any(terms) => terms.iter().flat_map(Self::facts).collect(),
            Self::Fact(fact) | Self::Length(fact) | Self::Has(fact) => vec![fact.name()],
        }
    }

    fn evaluate<'a>(&'a self, seen: &Seen<'_>) -> Side<'a> {
        match self {
            Self::Literal(value) => Side::One(value.clone()),
            Self::Pattern(pattern) => Side::Pattern(pattern),
            Self::Any(terms) => Side::Any(terms.iter().map(|term| term.evaluate(seen)).collect()),
            Self::Fact(fact) => Side::One(fact.find(seen)),
            Self::Length(fact) => Side::One(fact.find(seen).length()),
            Self::Has(fact) => Side::One(Value::Truth(fact.find(seen) != Value::Missing)),
        }
    }
}

impl Fact {
    fn name(&self) -> &'static str {
        match self {
            Self::Status => "[STATUS]",
            Self::ResponseTime => "[RESPONSE_TIME]",
            Self::Ip => "[IP]",
            Self::Connected => "[CONNECTED]",
            Self::CertificateExpiration => "[CERTIFICATE_EXPIRATION]",
            Self::DnsRcode => "[DNS_RCODE]",
            Self::Body(_) => "[BODY]",
        }
    }

    fn find(&self, seen: &Seen<'_>) -> Value {
        let facts = seen.facts;
        match self {
            Self::Status => facts.status.map_or(Value::Missing, |s| Value::Number(f64::from(s))),
            Self::ResponseTime => Value::Number(facts.took.as_secs_f64() * 1_000.0),
            Self::Ip => {
                seen.address.map_or(Value::Missing, |at| Value::Text(at.ip().to_string().into()))
            }
            Self::Connected => Value::Truth(facts.connected),
            Self::CertificateExpiration => match facts.earliest_expiry_unix_s() {
                Some(expiry) => Value::Number((expiry - seen.now_unix_s) as f64 * 1_000.0),
                None => Value::Missing,
            },
            Self::DnsRcode => {
                facts.rcode.map_or(Value::Missing, |code| Value::Text(code.to_string().into()))
            }
            Self::Body(path) => path.find(&facts.body),
        }
    }
}

fn compare(left: &Side<'_>, how: Compare, right: &Side<'_>) -> bool {
    match how {
        Compare::Equal => equal(left, right),
        Compare::NotEqual => !equal(left, right),
        _ => {
            let (Side::One(left), Side::One(right)) = (left, right) else { return false };
            let (Some(left), Some(right)) = (left.number(), right.number()) else { return false };
            match how {
                Compare::Less => left < right,
                Compare::LessOrEqual => left <= right,
                Compare::Greater => left > right,
                _ => left >= right,
            }
        }
    }
}

fn equal(left: &Side<'_>, right: &Side<'_>) -> bool {
    match (left, right) {
        (Side::Any(sides), other) | (other, Side::Any(sides)) => {
            sides.iter().any(|side| equal(side, other))
        }
        (Side::Pattern(pattern), Side::One(value)) | (Side::One(value), Side::Pattern(pattern)) => {
            *value != Value::Missing && value::matches(pattern, &value.to_string())
        }
        (Side::One(left), Side::One(right)) => left.equals(right),
        (Side::Pattern(_), Side::Pattern(_)) => false,
    }
}

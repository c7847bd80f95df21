//! Conditions that can never hold, or never fail: a slip of who wrote them.
//!
//! `[STATUS] == abc` reads well and would fail at every look; `[RESPONSE_TIME] < -5` too. Each
//! fact has values that it can take, and a comparison with any other is refused where it is read.
//!
//! # What it cannot tell
//!
//! What a body can hold: every comparison with a part of it makes sense.

use std::net::IpAddr;
use std::ops::RangeInclusive;

use crate::condition::Compare;
use crate::condition::Fact;
use crate::condition::Term;
use crate::condition::value::Value;
use crate::dns::code::Rcode;

/// Status codes of HTTP, RFC 9110, section 15; those of gRPC are smaller.
const STATUSES: RangeInclusive<f64> = 0.0..=599.0;

/// What is wrong with comparing these two, and what to write instead.
pub(crate) fn mistake(left: &Term, how: Compare, right: &Term) -> Option<&'static str> {
    if left == right && !matches!(left, Term::Literal(_)) {
        return Some("both sides are the same, and this can never hold or never fail");
    }
    match (left, right) {
        (measured, Term::Any(terms)) | (Term::Any(terms), measured) => {
            terms.iter().find_map(|term| mistake(measured, how, term))
        }
        (measured, Term::Literal(value)) => of(measured, how, value),
        (Term::Literal(value), measured) => of(measured, turned(how), value),
        _ => None,
    }
}

fn of(measured: &Term, how: Compare, value: &Value) -> Option<&'static str> {
    let is_within = |range: RangeInclusive<f64>| {
        value.number().is_some_and(|number| range.contains(&number) && can_differ(number, how))
    };
    match measured {
        Term::Fact(Fact::Status) | Term::Length(_)
            if value.number().is_some_and(|number| number.fract() != 0.0) =>
        {
            Some("this is a whole number")
        }
        Term::Fact(Fact::Status) if !is_within(STATUSES) || is_between(value) => {
            Some("a status is a number such as 200, and this can never hold or never fail")
        }
        Term::Fact(Fact::ResponseTime) if !is_within(0.0..=f64::MAX) => {
            Some("a time is a span such as 300ms, and this can never hold or never fail")
        }
        Term::Fact(Fact::CertificateExpiration) if value.number().is_none() => {
            Some("what is left of a certificate is a span such as 48h")
        }
        Term::Length(_) if !is_within(0.0..=f64::MAX) => {
            Some("a length is a number such as 3, and this can never hold or never fail")
        }
        Term::Has(_) | Term::Fact(Fact::Connected) if !matches!(value, Value::Truth(_)) => {
            Some("this is true or false")
        }
        Term::Fact(Fact::Ip) if !is_address(value) => {
            Some("an address is written such as 192.0.2.1, or as a pattern: pat(192.0.2.*)")
        }
        Term::Fact(Fact::DnsRcode) if !is_rcode(value) => {
            Some("a code of DNS is a name such as NOERROR, NXDOMAIN or SERVFAIL")
        }
        _ => None,
    }
}

/// A comparison: its sides, and how they compare.
type Comparison<'a> = (&'a Term, Compare, &'a Term);

/// Whether two comparisons of one fact with fixed values can never hold together.
pub(crate) fn excludes(first: Comparison<'_>, second: Comparison<'_>) -> bool {
    // One of several: none of them may go with the other.
    for (several, other) in [(first, second), (second, first)] {
        if let (fact, Compare::Equal, Term::Any(terms)) = several {
            return terms.iter().all(|term| excludes((fact, Compare::Equal, term), other));
        }
        if let (fact, Compare::NotEqual, Term::Any(terms)) = several {
            return terms.iter().any(|term| excludes((fact, Compare::NotEqual, term), other));
        }
    }
    let (Some((fact, how, value)), Some((other, its_how, its_value))) =
        (measured(first), measured(second))
    else {
        return false;
    };
    if fact != other {
        return false;
    }
    let (Some(x), Some(y)) = (value.number(), its_value.number()) else {
        return match (how, its_how) {
            (Compare::Equal, Compare::Equal) => !value.equals(its_value),
            (Compare::Equal, Compare::NotEqual) | (Compare::NotEqual, Compare::Equal) => {
                value.equals(its_value)
            }
            _ => false,
        };
    };
    // Where both hold anywhere, they do at an end, between the ends or beyond them.
    let places = [x, y, x.midpoint(y), x.min(y) - 1.0, x.max(y) + 1.0];
    !places.iter().any(|at| holds(*at, how, x) && holds(*at, its_how, y))
}

fn measured((left, how, right): Comparison<'_>) -> Option<(&Term, Compare, &Value)> {
    match (left, right) {
        (Term::Literal(value), fact) => Some((fact, turned(how), value)),
        (fact, Term::Literal(value)) => Some((fact, how, value)),
        _ => None,
    }
}

fn holds(number: f64, how: Compare, bound: f64) -> bool {
    match how {
        Compare::Equal => number == bound,
        Compare::NotEqual => number != bound,
        Compare::Less => number < bound,
        Compare::LessOrEqual => number <= bound,
        Compare::Greater => number > bound,
        Compare::GreaterOrEqual => number >= bound,
    }
}

/// Beyond the states of gRPC and before the codes of HTTP.
fn is_between(value: &Value) -> bool {
    value.number().is_some_and(|number| number > 16.0 && number < 100.0)
}

/// Nothing measured here is below zero.
fn can_differ(number: f64, how: Compare) -> bool {
    number > 0.0 || !matches!(how, Compare::Less | Compare::GreaterOrEqual)
}

fn turned(how: Compare) -> Compare {
    match how {
        Compare::Less => Compare::Greater,
        Compare::LessOrEqual => Compare::GreaterOrEqual,
        Compare::Greater => Compare::Less,
        Compare::GreaterOrEqual => Compare::LessOrEqual,
        same => same,
    }
}

fn is_address(value: &Value) -> bool {
    matches!(value, Value::Text(text) if text.parse::<IpAddr>().is_ok())
}

fn is_rcode(value: &Value) -> bool {
    matches!(value, Value::Text(text) if Rcode::is_name(text))
}

#[cfg(test)]
mod tests {
    use crate::condition::Condition;

    #[test]
    fn what_can_never_hold_or_never_fail_is_refused() {
        for line in [
            "[STATUS] == abc",
            "[STATUS] == 99999",
            "[STATUS] > 600",
            "[STATUS] == 99",
            "[STATUS] < 0",
            "[STATUS] == 200.5",
            "[STATUS] == [STATUS]",
            "len([BODY].a) == 1.5",
            "[STATUS] >= 0",
            "0 > [STATUS]",
            "[STATUS] == any(200, ok)",
            "[RESPONSE_TIME] < -5",
            "[RESPONSE_TIME] < fast",
            "[CONNECTED] == 3",
            "[IP] == localhost",
            "[DNS_RCODE] == FINE",
            "[CERTIFICATE_EXPIRATION] > soon",
            "len([BODY].a) == -1",
            "len([BODY].a) >= 0",
            "has([BODY].a) == maybe",
        ] {
            assert!(Condition::parse(line).is_err(), "{line}");
        }
    }

    #[test]
    fn what_never_holds_together_is_known() {
        for (first, second, want) in [
            ("[STATUS] == 200", "[STATUS] == 500", true),
            ("[STATUS] == 200", "200 == [STATUS]", false),
            ("[STATUS] == 200", "[STATUS] < 300", false),
            ("[STATUS] >= 300", "[STATUS] < 300", true),
            ("[RESPONSE_TIME] < 100", "300ms < [RESPONSE_TIME]", true),
            ("[RESPONSE_TIME] < 300", "[RESPONSE_TIME] > 100", false),
            ("[BODY].a == x", "[BODY].a == y", true),
            ("[BODY].a == x", "[BODY].b == y", false),
            ("[BODY].a != x", "[BODY].a != y", false),
            ("[BODY] == pat(*a*)", "[BODY] == pat(*b*)", false),
            ("[IP] == 192.0.2.1", "[IP] == 192.0.2.2", true),
            ("[STATUS] == any(200, 204)", "[STATUS] == any(301, 302)", true),
            ("[STATUS] == any(200, 204)", "[STATUS] == any(204, 302)", false),
            ("[STATUS] != any(200, 204)", "[STATUS] == 204", true),
            ("[STATUS] != any(200, 204)", "[STATUS] == 206", false),
            ("[BODY].a == UP", "[BODY].a != UP", true),
        ] {
            let read = |line| Condition::parse(line).unwrap();
            assert_eq!(read(first).excludes(&read(second)), want, "{first} and {second}");
        }
    }

    #[test]
    fn what_may_hold_and_may_not_is_read() {
        for line in [
            "[STATUS] == 0",
            "[STATUS] == \"200\"",
            "[STATUS] < 500",
            "[RESPONSE_TIME] > 0",
            "[CERTIFICATE_EXPIRATION] > 0",
            "[CERTIFICATE_EXPIRATION] > 48h",
            "[IP] == 2001:db8::1",
            "[DNS_RCODE] == any(NOERROR, NXDOMAIN)",
            "len([BODY].a) > 0",
            "[BODY].a < -5",
            "[BODY].a == abc",
            "[BODY].a == [BODY].b",
        ] {
            assert!(Condition::parse(line).is_ok(), "{line}");
        }
    }
}

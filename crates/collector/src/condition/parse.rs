//! Reads one line of the condition language. Errors point at the character where it goes wrong.

use crate::condition::Compare;
use crate::condition::ConditionError;
use crate::condition::Fact;
use crate::condition::Term;
use crate::condition::sense;
use crate::condition::value::Path;
use crate::condition::value::Value;

/// Bytes a condition may have.
const LINE_BYTES_MAX: usize = 1_024;
/// Alternatives in one `any()`.
const ALTERNATIVES_MAX: usize = 64;

const COMPARISONS: &[(&str, Compare)] = &[
    ("==", Compare::Equal),
    ("!=", Compare::NotEqual),
    ("<=", Compare::LessOrEqual),
    (">=", Compare::GreaterOrEqual),
    ("<", Compare::Less),
    (">", Compare::Greater),
];

/// Both sides and what stands between.
pub(crate) fn read(line: &str) -> Result<(Term, Compare, Term), ConditionError> {
    let reader = Reader { line };
    if line.len() > LINE_BYTES_MAX {
        return Err(reader.wrong(0, "a condition has at most 1024 bytes"));
    }
    let (at, symbol, compare) = reader.comparison()?;
    let left = reader.term(0, at, Quoting::None)?;
    let after = at + symbol.len();
    let right = reader.term(after, line.len(), Quoting::None)?;
    let fixed = |term: &Term| matches!(term, Term::Literal(_) | Term::Pattern(_) | Term::Any(_));
    if fixed(&left) && fixed(&right) {
        let reason = "nothing here is measured: name a fact, as in [STATUS] == 200";
        return Err(reader.wrong(reader.skip_space(0), reason));
    }
    let order = !matches!(compare, Compare::Equal | Compare::NotEqual);
    let unordered = |term: &Term| matches!(term, Term::Pattern(_) | Term::Any(_));
    if order && (unordered(&left) || unordered(&right)) {
        return Err(reader.wrong(at, "pat() and any() are compared with == or !="));
    }
    if let Some(reason) = sense::mistake(&left, compare, &right) {
        return Err(reader.wrong(reader.skip_space(after), reason));
    }
    Ok((left, compare, right))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Quoting {
    /// The outermost level.
    None,
    /// Inside of `any()`.
    InAny,
}

struct Reader<'a> {
    line: &'a str,
}

impl<'a> Reader<'a> {
    fn wrong(&self, at: usize, reason: &str) -> ConditionError {
        let column = self.line[..at].chars().count() + 1;
        ConditionError { line: self.line.into(), column, reason: reason.into() }
    }

    fn skip_space(&self, at: usize) -> usize {
        at + self.line[at..].len() - self.line[at..].trim_start().len()
    }

    /// The first comparison that is in no quotes, brackets or parentheses.
    fn comparison(&self) -> Result<(usize, &'static str, Compare), ConditionError> {
        let mut depth = 0_i32;
        let mut quoted = None;
        for (at, c) in self.line.char_indices() {
            match c {
                '"' if quoted.is_some() => quoted = None,
                '"' => quoted = Some(at),
                '(' | '[' if quoted.is_none() => depth += 1,
                ')' | ']' if quoted.is_none() => depth -= 1,
                '=' | '!' | '<' | '>' if quoted.is_none() && depth == 0 => {
                    let found = COMPARISONS.iter().find(|(s, _)| self.line[at..].starts_with(s));
                    let (symbol, compare) = found
                        .ok_or_else(|| self.wrong(at, "compare with ==, !=, <, <=, > or >="))?;
                    return Ok((at, symbol, *compare));
                }
                _ => {}
            }
        }
        if let Some(at) = quoted {
            return Err(self.wrong(at, "this quote is not closed"));
        }
        let end = self.line.trim_end().len();
        Err(self.wrong(end, "compare with something, as in [STATUS] == 200"))
    }

    fn term(&self, from: usize, until: usize, level: Quoting) -> Result<Term, ConditionError> {
        let from = self.skip_space(from).min(until);
        let text = self.line[from..until].trim_end();
        if text.is_empty() {
            return Err(self.wrong(from, "something to compare is missing here"));
        }
        if let Some(inner) = text.strip_prefix('"') {
            let end =
                inner.find('"').ok_or_else(|| self.wrong(from, "this quote is not closed"))?;
            if end + 1 != inner.len() {
                return Err(self.wrong(from + end + 2, "nothing may follow the closing quote"));
            }
            return Ok(Term::Literal(Value::Text(inner[..end].into())));
        }
        for name in ["len", "has", "pat", "any"] {
            if let Some(inner) = text.strip_prefix(name).and_then(|rest| rest.strip_prefix('(')) {
                let Some(inner) = inner.strip_suffix(')') else {
                    return Err(self.wrong(from + text.len(), "close the function with )"));
                };
                let start = from + name.len() + 1;
                return self.call(name, start, start + inner.len(), level);
            }
        }
        if text.starts_with('[') {
            return self.fact(from, text).map(Term::Fact);
        }
        Ok(Term::Literal(literal(text)))
    }

    fn call(
        &self,
        name: &str,
        from: usize,
        until: usize,
        level: Quoting,
    ) -> Result<Term, ConditionError> {
        let start = self.skip_space(from).min(until);
        let inner = self.line[start..until].trim_end();
        match name {
            "pat" => Ok(Term::Pattern(inner.trim_matches('"').into())),
            "len" => Ok(Term::Length(self.fact(start, inner)?)),
            "has" => Ok(Term::Has(self.fact(start, inner)?)),
            _ if level == Quoting::InAny => {
                Err(self.wrong(from, "any() does not stand inside of any()"))
            }
            _ => {
                let mut terms = Vec::new();
                let mut at = from;
                for part in parts(&self.line[from..until]) {
                    if terms.len() == ALTERNATIVES_MAX {
                        return Err(self.wrong(at, "any() takes at most 64 alternatives"));
                    }
                    terms.push(self.term(at, at + part.len(), Quoting::InAny)?);
                    at += part.len() + 1;
                }
                Ok(Term::Any(terms))
            }
        }
    }

    fn fact(&self, from: usize, text: &'a str) -> Result<Fact, ConditionError> {
        let inner = text
            .strip_prefix('[')
            .ok_or_else(|| self.wrong(from, "name a fact in brackets here, as in [BODY].items"))?;
        let end = inner.find(']').ok_or_else(|| self.wrong(from, "close the bracket with ]"))?;
        let (name, rest) = (&inner[..end], &inner[end + 1..]);
        let fact = match name {
            "BODY" => {
                let after = from + end + 2;
                let path = Path::parse(rest).map_err(|(at, why)| self.wrong(after + at, why))?;
                return Ok(Fact::Body(path));
            }
            "STATUS" => Fact::Status,
            "RESPONSE_TIME" => Fact::ResponseTime,
            "IP" => Fact::Ip,
            "CONNECTED" => Fact::Connected,
            "CERTIFICATE_EXPIRATION" => Fact::CertificateExpiration,
            "DNS_RCODE" => Fact::DnsRcode,
            "DOMAIN_EXPIRATION" => {
                let reason = "[DOMAIN_EXPIRATION] asks registries and is not known here; \
                              watch [CERTIFICATE_EXPIRATION]";
                return Err(self.wrong(from, reason));
            }
            _ => {
                let reason = "there is no such fact; write one of [STATUS], [BODY], \
                              [RESPONSE_TIME], [IP], [CONNECTED], [CERTIFICATE_EXPIRATION], \
                              [DNS_RCODE]";
                return Err(self.wrong(from, reason));
            }
        };
        if !rest.is_empty() {
            return Err(self.wrong(from + end + 2, "only [BODY] has parts"));
        }
        Ok(fact)
    }
}

/// What stands between commas that are in no quotes.
fn parts(text: &str) -> Vec<&str> {
    let (mut parts, mut from, mut is_quoted) = (Vec::new(), 0, false);
    for (at, c) in text.char_indices() {
        match c {
            '"' => is_quoted = !is_quoted,
            ',' if !is_quoted => {
                parts.push(&text[from..at]);
                from = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[from..]);
    parts
}

/// A word without quotes: a span, a number, true or false, or text.
fn literal(text: &str) -> Value {
    if let Some(span_ms) = span_ms(text) {
        return Value::Number(span_ms);
    }
    match text {
        "true" => Value::Truth(true),
        "false" => Value::Truth(false),
        _ => match text.parse::<f64>() {
            Ok(number) if number.is_finite() => Value::Number(number),
            _ => Value::Text(text.into()),
        },
    }
}

/// `300ms`, `10s`, `1h30m`, as Go writes spans.
fn span_ms(text: &str) -> Option<f64> {
    const UNITS: [(&str, f64); 5] =
        [("ms", 1.0), ("s", 1_000.0), ("m", 60_000.0), ("h", 3_600_000.0), ("d", 86_400_000.0)];
    let mut rest = text;
    let mut sum = 0.0;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let number: f64 = rest[..digits].parse().ok()?;
        let letters = &rest[digits..];
        let end = letters.find(|c: char| c.is_ascii_digit()).unwrap_or(letters.len());
        let (_, factor) = UNITS.iter().find(|(unit, _)| *unit == &letters[..end])?;
        sum += number * factor;
        rest = &letters[end..];
    }
    (!text.is_empty()).then_some(sum)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use bytes::Bytes;

    use crate::condition::Condition;
    use crate::dns::code::Rcode;
    use crate::probe::outcome::Facts;

    fn facts() -> Facts {
        Facts {
            connected: true,
            status: Some(200),
            body: Bytes::from_static(
                br#"{"status":"UP","items":[1,2,3],"user":{"name":"jo","age":40},"ok":true,
                    "v":"10"}"#,
            ),
            took: Duration::from_millis(250),
            rcode: Some(Rcode::NO_ERROR),
            ..Facts::default()
        }
    }

    fn holds(line: &str) -> bool {
        let condition = Condition::parse(line).unwrap_or_else(|error| panic!("{error}"));
        condition.rule(&facts(), Some(([192, 0, 2, 1], 443).into()), 0).holds
    }

    #[test]
    fn conditions_of_gatus_mean_what_they_mean_there() {
        for line in [
            "[STATUS] == 200",
            "[STATUS] != 500",
            "[STATUS] < 300",
            "200 == [STATUS]",
            "[STATUS] == any(200, 429)",
            "[STATUS] == any(404,200)",
            "[BODY].user.name == any(\"a, b\", jo)",
            "[STATUS] == pat(20*)",
            "[CONNECTED] == true",
            "[RESPONSE_TIME] < 300",
            "[RESPONSE_TIME] < 300ms",
            "[RESPONSE_TIME] <= 1m30s",
            "[RESPONSE_TIME] > 0.1s",
            "[BODY].status == UP",
            "[BODY].status == \"UP\"",
            "[BODY].status == pat(U*)",
            "[BODY] == pat(*\"UP\"*)",
            "[BODY].user.name == any(jo, \"al\")",
            "[BODY].user.age >= 40",
            "[BODY].items[1] == 2",
            "len([BODY].items) == 3",
            "len([BODY].user.name) == 2",
            "has([BODY].error) == false",
            "has([BODY].items) == true",
            "[BODY].ok == true",
            "[BODY].v > 9",
            "[BODY].none != 1",
            "[DNS_RCODE] == NOERROR",
            "[IP] == 192.0.2.1",
            "[IP] == pat(192.*)",
        ] {
            assert!(holds(line), "{line}");
        }
    }

    #[test]
    fn conditions_can_fail() {
        for line in [
            "[STATUS] == 201",
            "[STATUS] == any(404, 500)",
            "[RESPONSE_TIME] < 249",
            "[BODY].status == DOWN",
            "[BODY].none == 1",
            "[BODY].none > 1",
            "[BODY].none < 1",
            "[BODY].none == pat(*)",
            "len([BODY].none) == 0",
            "[CERTIFICATE_EXPIRATION] > 48h",
            "[DNS_RCODE] == NXDOMAIN",
            "[BODY].user > 1",
        ] {
            assert!(!holds(line), "{line}");
        }
    }

    #[test]
    fn a_broken_condition_says_what_was_found() {
        let condition = Condition::parse("[BODY].status == \"DOWN\"").unwrap();
        let ruling = condition.rule(&facts(), None, 0);
        assert_eq!(&*ruling.shown, "[BODY].status == \"DOWN\" does not hold: found UP");
        let condition = Condition::parse("[BODY].gone > 3").unwrap();
        let ruling = condition.rule(&facts(), None, 0);
        assert_eq!(&*ruling.shown, "[BODY].gone > 3 does not hold: found nothing");
    }

    #[test]
    fn mistakes_point_at_the_place() {
        let cases = [
            ("[STATUS]", 9, "compare with something"),
            ("[STATUS] = 200", 10, "compare with =="),
            ("[STATUS] ==", 12, "missing"),
            ("== 200", 1, "missing"),
            ("[STATUZ] == 200", 1, "no such fact"),
            ("[STATUS].x == 200", 9, "only [BODY]"),
            ("[STATUS == 200", 15, "compare with something"),
            ("[BODY].a[x] == 1", 10, "an index is a number"),
            ("[BODY]..a == 1", 8, "a name after the dot"),
            ("len(BODY) == 1", 5, "in brackets"),
            ("[BODY] == \"open", 11, "not closed"),
            ("[BODY] == \"a\" b", 14, "nothing may follow"),
            ("[BODY] == pat(*x", 17, "close the function"),
            ("1 == 1", 1, "nothing here is measured"),
            ("[STATUS] < any(1, 2)", 10, "== or !="),
            ("[STATUS] == any(1, any(2))", 24, "inside of any"),
            ("[DOMAIN_EXPIRATION] > 720h", 1, "registries"),
        ];
        for (line, column, reason) in cases {
            let error = Condition::parse(line).unwrap_err();
            assert_eq!(error.column, column, "{error}");
            assert!(error.reason.contains(reason), "{error}");
        }
    }

    #[test]
    fn no_line_panics() {
        let parts = ["[", "]", "BODY", "STATUS", "(", ")", "pat", "any", "\"", "==", "<", ".", "ü"];
        let mut state = 7_u64;
        for _ in 0..20_000 {
            let mut line = String::new();
            for _ in 0..8 {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                line.push_str(parts[(state >> 33) as usize % parts.len()]);
            }
            if let Ok(condition) = Condition::parse(&line) {
                condition.rule(&facts(), None, 0);
            }
        }
    }
}

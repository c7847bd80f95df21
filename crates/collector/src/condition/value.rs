//! Values that conditions compare, and the paths that find them in a body of JSON.

use std::fmt;

use serde_json::Value as Json;

/// Steps a path may have.
pub const STEPS_MAX: usize = 32;

/// A value on one side of a comparison.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Nothing was there.
    Missing,
    /// Spans of time are in milliseconds.
    Number(f64),
    /// `true` or `false`.
    Truth(bool),
    /// Text.
    Text(Box<str>),
    /// A list or an object of JSON.
    Tree(Box<Json>),
}

impl Value {
    /// The number it is, or reads as.
    pub fn number(&self) -> Option<f64> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Text(text) => text.trim().parse().ok().filter(|number: &f64| number.is_finite()),
            Self::Missing | Self::Truth(_) | Self::Tree(_) => None,
        }
    }

    /// Entries of a list or object, characters of a text.
    pub fn length(&self) -> Self {
        let length = match self {
            Self::Text(text) => text.chars().count(),
            Self::Tree(tree) => match &**tree {
                Json::Array(entries) => entries.len(),
                Json::Object(entries) => entries.len(),
                other => other.to_string().len(),
            },
            Self::Number(_) | Self::Truth(_) => self.to_string().len(),
            Self::Missing => return Self::Missing,
        };
        Self::Number(length as f64)
    }

    /// Equal as numbers if both are, or else as text. What is missing equals nothing.
    pub fn equals(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Missing, _) | (_, Self::Missing) => false,
            (Self::Text(left), Self::Text(right)) => left == right,
            _ => match (self.number(), other.number()) {
                (Some(left), Some(right)) => left == right,
                _ => self.to_string() == other.to_string(),
            },
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str("nothing"),
            Self::Number(number) => write!(f, "{}", (number * 1_000.0).round() / 1_000.0),
            Self::Truth(truth) => truth.fmt(f),
            Self::Text(text) => f.write_str(text),
            Self::Tree(tree) => tree.fmt(f),
        }
    }
}

/// A way into a body: `.data[0].name`. Without steps the body as text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Path(pub(crate) Vec<Step>);

/// One step of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Key(Box<str>),
    Index(usize),
}

impl Path {
    /// Reads `.data[0].name`; a leading dot may be missing.
    ///
    /// # Errors
    ///
    /// The byte where it goes wrong, and why.
    pub fn parse(text: &str) -> Result<Self, (usize, &'static str)> {
        let mut steps = Vec::new();
        let mut at = 0;
        while at < text.len() {
            if steps.len() == STEPS_MAX {
                return Err((at, "a path has at most 32 steps"));
            }
            let rest = &text[at..];
            if let Some(inner) = rest.strip_prefix('[') {
                let end = inner.find(']').ok_or((at, "close the bracket of the index with ]"))?;
                let index = inner[..end].parse();
                let index = index.map_err(|_| (at + 1, "an index is a number, as in [0]"))?;
                steps.push(Step::Index(index));
                at += end + 2;
                continue;
            }
            let dot = usize::from(rest.starts_with('.'));
            let key = &rest[dot..];
            let key = &key[..key.find(['.', '[']).unwrap_or(key.len())];
            if key.is_empty() {
                return Err((at + dot, "write a name after the dot"));
            }
            steps.push(Step::Key(key.into()));
            at += dot + key.len();
        }
        Ok(Self(steps))
    }

    /// What the path leads to.
    pub fn find(&self, body: &[u8]) -> Value {
        if self.0.is_empty() {
            // A body that is one JSON value and nothing else keeps its text, as in Gatus.
            return Value::Text(String::from_utf8_lossy(body).trim().into());
        }
        let Ok(mut tree) = serde_json::from_slice::<Json>(body) else { return Value::Missing };
        for step in &self.0 {
            let inner = match step {
                Step::Key(key) => tree.get_mut(&**key),
                Step::Index(index) => tree.get_mut(*index),
            };
            match inner {
                Some(inner) => tree = inner.take(),
                None => return Value::Missing,
            }
        }
        match tree {
            Json::Null => Value::Text("null".into()),
            Json::Bool(truth) => Value::Truth(truth),
            Json::Number(number) => number.as_f64().map_or(Value::Missing, Value::Number),
            Json::String(text) => Value::Text(text.into()),
            tree => Value::Tree(Box::new(tree)),
        }
    }

    /// Whether there are no steps.
    pub fn is_whole(&self) -> bool {
        self.0.is_empty()
    }
}

/// Whether a text fits a pattern, in which `*` stands for any characters and `?` for one. Takes
/// time in proportion to pattern times text, whatever the pattern.
pub fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.as_bytes(), text.as_bytes());
    let (mut p, mut t) = (0, 0);
    let mut back: Option<(usize, usize)> = None;
    while t < text.len() {
        match pattern.get(p) {
            Some(b'*') => {
                back = Some((p + 1, t));
                p += 1;
            }
            Some(b'?') => {
                p += 1;
                t += char_length(text[t]).min(text.len() - t);
            }
            Some(byte) if *byte == text[t] => {
                p += 1;
                t += 1;
            }
            _ => match &mut back {
                // The last star takes one byte more.
                Some((after, from)) => {
                    *from += 1;
                    (p, t) = (*after, *from);
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|byte| *byte == b'*')
}

fn char_length(first: u8) -> usize {
    match first {
        0xf0.. => 4,
        0xe0.. => 3,
        0xc0.. => 2,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_fit_as_shells_do_it() {
        let cases = [
            ("*", "", true),
            ("*", "x", true),
            ("a*c", "abc", true),
            ("a*c", "ab", false),
            ("*ok*", "all is ok here", true),
            ("*ok*", "all is well", false),
            ("a?c", "aüc", true),
            ("a?c", "ac", false),
            ("a**b", "ab", true),
            ("*a*b*", "xxaxxbxx", true),
            ("", "", true),
            ("", "x", false),
        ];
        for (pattern, text, fits) in cases {
            assert_eq!(matches(pattern, text), fits, "{pattern:?} on {text:?}");
        }
    }

    #[test]
    fn a_pattern_of_stars_ends_soon() {
        let began = std::time::Instant::now();
        assert!(!matches(
            &"*a".repeat(20),
            &"a".repeat(19).repeat(500).replace("aaaa", "aaab")[..40]
        ));
        assert!(!matches("*a*a*a*a*a*a*b", &"a".repeat(100_000)));
        assert!(began.elapsed().as_secs() < 5);
    }

    #[test]
    fn paths_lead_into_json() {
        let body = br#"{"status":"UP","n":[{"id":7},null],"deep":{"a":{"b":true}},"e":[]}"#;
        let find = |path: &str| Path::parse(path).unwrap().find(body).to_string();
        assert_eq!(find(".status"), "UP");
        assert_eq!(find("n[0].id"), "7");
        assert_eq!(find(".n[1]"), "null");
        assert_eq!(find(".deep.a.b"), "true");
        assert_eq!(find(".deep.a"), r#"{"b":true}"#);
        assert_eq!(find(".nowhere.a"), "nothing");
        assert_eq!(find(".n[5]"), "nothing");
        assert_eq!(Path::parse(".a").unwrap().find(b"<html>"), Value::Missing);
        assert!(Path::parse(".a[x]").is_err());
        assert!(Path::parse("..a").is_err());
    }
}

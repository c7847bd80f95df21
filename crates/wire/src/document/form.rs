//! What a value is expected to be, what it is instead, and how each is put in words.

use std::fmt::Display;
use std::ops::RangeInclusive;

use outcry_core::time::UnixMillis;
use toml::de::DeValue;

/// Characters of a value that are repeated in a mistake.
const SHOWN_CHARS_MAX: usize = 40;

/// The form a value is expected to have: a noun for it and an example in TOML.
pub(super) struct Form {
    pub(super) noun: String,
    pub(super) example: String,
    /// The largest number that is allowed, as a number and in TOML.
    most: Option<(f64, String)>,
}

impl Form {
    pub(super) fn new(noun: &str, example: &str) -> Self {
        Self { noun: noun.to_owned(), example: example.to_owned(), most: None }
    }

    pub(super) fn text() -> Self {
        Self::new("text in quotes", "\"…\"")
    }

    pub(super) fn time() -> Self {
        Self::new("a time with its offset", "2025-03-10T09:45:00Z")
    }

    pub(super) fn integer(allowed: &RangeInclusive<i64>) -> Self {
        let least = Some(*allowed.start()).filter(|end| *end != i64::MIN);
        let most = Some(*allowed.end()).filter(|end| *end != i64::MAX);
        Self::ranged("a whole number", least, most)
    }

    pub(super) fn number(allowed: &RangeInclusive<f64>) -> Self {
        let bound = |end: f64| Some(end).filter(|end| end.abs() < f64::MAX);
        Self::ranged("a number", bound(*allowed.start()), bound(*allowed.end()))
    }

    /// What to write instead: the allowed number that is nearest, where a number was written.
    pub(super) fn instead_of(&self, value: &DeValue<'_>) -> &str {
        let number = as_number(value, &(f64::MIN..=f64::MAX));
        let above = self.most.as_ref().filter(|(most, _)| number.is_some_and(|it| it > *most));
        above.map_or(&*self.example, |(_, text)| text)
    }

    fn ranged<N: Display>(noun: &str, least: Option<N>, most: Option<N>) -> Self {
        let ceiling = most.as_ref().map(|end| end.to_string());
        let ceiling = ceiling.and_then(|text| Some((text.parse().ok()?, text)));
        let (noun, example) = match (least, most) {
            (Some(least), Some(most)) => (format!("{noun} from {least} to {most}"), Some(least)),
            (Some(least), None) => (format!("{noun} of at least {least}"), Some(least)),
            (None, Some(most)) => (format!("{noun} of at most {most}"), Some(most)),
            (None, None) => (noun.to_owned(), None),
        };
        let example = example.map_or_else(|| "0".to_owned(), |end| end.to_string());
        Self { noun, example, most: ceiling }
    }
}

pub(super) fn as_text(value: &DeValue<'_>) -> Option<String> {
    value.as_str().map(str::to_owned)
}

pub(super) fn as_integer(value: &DeValue<'_>, allowed: &RangeInclusive<i64>) -> Option<i64> {
    let written = value.as_integer()?;
    let number = i64::from_str_radix(written.as_str(), written.radix()).ok()?;
    allowed.contains(&number).then_some(number)
}

pub(super) fn as_number(value: &DeValue<'_>, allowed: &RangeInclusive<f64>) -> Option<f64> {
    let number = match value {
        DeValue::Float(written) => written.as_str().parse().ok()?,
        _ => as_integer(value, &(i64::MIN..=i64::MAX))? as f64,
    };
    (number.is_finite() && allowed.contains(&number)).then_some(number)
}

pub(super) fn as_time(value: &DeValue<'_>) -> Option<UnixMillis> {
    match value {
        DeValue::Datetime(written) => UnixMillis::parse(&written.to_string()),
        _ => UnixMillis::parse(value.as_str()?),
    }
}

/// A value as a mistake names it: its kind, and itself where it is short.
pub(super) fn described(value: &DeValue<'_>) -> String {
    match value {
        DeValue::String(text) => format!("the text {}", quoted(text)),
        DeValue::Integer(number) => brief(&number.to_string()),
        DeValue::Float(number) => brief(&number.to_string()),
        DeValue::Boolean(flag) => flag.to_string(),
        DeValue::Datetime(time) if time.offset.is_none() => {
            format!("{time}, which has no offset")
        }
        DeValue::Datetime(time) => format!("the time {time}"),
        DeValue::Array(items) if items.is_empty() => "an empty list".to_owned(),
        DeValue::Array(_) => "a list".to_owned(),
        DeValue::Table(_) => "a table".to_owned(),
    }
}

/// The beginning of a text, in quotes.
pub(super) fn quoted(text: &str) -> String {
    format!("\"{}\"", brief(text))
}

/// The beginning of a text, with control characters written out.
pub(super) fn brief(text: &str) -> String {
    let mut chars = text.chars();
    let head: String = chars.by_ref().take(SHOWN_CHARS_MAX).flat_map(char::escape_debug).collect();
    if chars.next().is_some() { format!("{head}…") } else { head }
}

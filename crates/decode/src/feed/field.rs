//! Fields of documents that nobody promised to keep in form.
//!
//! A field is looked for under several names, a number may be a text and a text a number, and a
//! time may be written in the way of RFC 3339, of RFC 2822, of JavaScript or as Unix seconds.

use serde_json::Value;

use crate::feed::TEXT_CHARS_MAX;
use crate::feed::UnixMs;

/// Seconds above which a bare number must be milliseconds (the year 5138).
const UNIX_SECONDS_MAX: f64 = 1e11;

/// A text, or a number as text.
pub(super) fn text(value: &Value, names: &[&str]) -> Option<String> {
    names.iter().find_map(|name| plain(value.get(name)?)).filter(|text| !text.is_empty())
}

/// A text, a number as text, or a text in some language of a table of languages.
pub(super) fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(shortened(text.trim())),
        Value::Number(number) => Some(number.to_string()),
        Value::Object(languages) => {
            let chosen = languages.get("en").or_else(|| languages.get("default"));
            chosen.and_then(Value::as_str).map(|text| shortened(text.trim()))
        }
        _ => None,
    }
}

/// At most [`TEXT_CHARS_MAX`] characters.
pub(super) fn shortened(text: &str) -> String {
    match text.char_indices().nth(TEXT_CHARS_MAX) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}

/// A list, or nothing.
pub(super) fn list<'a>(value: &'a Value, names: &[&str]) -> &'a [Value] {
    names.iter().find_map(|name| value.get(name)?.as_array()).map_or(&[], Vec::as_slice)
}

/// The first of some fields that is a time.
pub(super) fn time(value: &Value, names: &[&str]) -> Option<UnixMs> {
    names.iter().find_map(|name| moment(value.get(name)?))
}

/// A time in any of the forms that were met.
pub(super) fn moment(value: &Value) -> Option<UnixMs> {
    match value {
        Value::Number(number) => from_number(number.as_f64()?),
        Value::String(text) => written(text),
        _ => None,
    }
}

fn from_number(number: f64) -> Option<UnixMs> {
    let seconds = if number.abs() > UNIX_SECONDS_MAX { number / 1_000.0 } else { number };
    let sane = seconds.is_finite() && seconds > 0.0 && seconds < UNIX_SECONDS_MAX;
    sane.then_some((seconds * 1_000.0) as UnixMs)
}

/// A time in words.
pub(super) fn written(text: &str) -> Option<UnixMs> {
    let text = text.trim();
    if text.is_empty() {
        return None;
    }
    if let Ok(number) = text.parse::<f64>() {
        return from_number(number);
    }
    if let Ok(at) = text.parse::<jiff::Timestamp>() {
        return Some(at.as_millisecond());
    }
    if let Ok(at) = jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(text) {
        return Some(at.as_millisecond());
    }
    // JavaScript: `Sat Jun 11 2022 18:55:50 GMT+0000 (Coordinated Universal Time)`.
    let bare = text.split(" (").next().unwrap_or(text);
    for form in ["%a %b %d %Y %H:%M:%S GMT%z", "%a, %d %b %Y %H:%M:%S %z", "%Y-%m-%d %H:%M:%S %z"] {
        if let Ok(at) = jiff::Timestamp::strptime(form, bare) {
            return Some(at.as_millisecond());
        }
    }
    // `GMT`, `UTC` and no zone at all are taken as UTC; the others have no one meaning.
    let bare = bare.trim_end_matches(" UTC").trim_end_matches(" GMT").trim_end_matches('Z');
    for form in ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f", "%a, %d %b %Y %H:%M:%S"] {
        if let Ok(at) = jiff::civil::DateTime::strptime(form, bare) {
            let at = jiff::tz::TimeZone::UTC.to_timestamp(at).ok()?;
            return Some(at.as_millisecond());
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_read_in_every_form_that_was_met() {
        let cases = [
            ("2022-06-11T18:55:50Z", Some(1_654_973_750_000)),
            ("2022-06-11T11:55:50.500-07:00", Some(1_654_973_750_500)),
            (
                "Sat Jun 11 2022 18:55:50 GMT+0000 (Coordinated Universal Time)",
                Some(1_654_973_750_000),
            ),
            ("Sat, 11 Jun 2022 18:55:50 +0000", Some(1_654_973_750_000)),
            ("Sat, 11 Jun 2022 18:55:50 GMT", Some(1_654_973_750_000)),
            ("2022-06-11 18:55:50 UTC", Some(1_654_973_750_000)),
            ("1654973750", Some(1_654_973_750_000)),
            ("1654973750000", Some(1_654_973_750_000)),
            ("", None),
            ("soon", None),
            ("-1", None),
            ("1e300", None),
        ];
        for (text, want) in cases {
            assert_eq!(written(text), want, "{text}");
        }
    }
}

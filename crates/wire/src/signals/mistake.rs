//! Explains a line that could not be read: the first thing wrong with it, and what to write.

use std::fmt;

use outcry_core::signal::Body;
use outcry_core::signal::COMMENT_CHARS_MAX;
use outcry_core::time::UnixMillis;
use outcry_core::units::Country;
use serde::Deserialize;
use serde::Deserializer;
use serde::de::MapAccess;
use serde::de::Visitor;
use serde_json::Value;

use crate::document::spelling::nearest;
use crate::signals::SIGNALS_VERSION;
use crate::signals::field::ASSERTION;
use crate::signals::field::Field;
use crate::signals::field::HEAD;
use crate::signals::field::Shape;
use crate::signals::field::fields;
use crate::signals::key::read_id;
use crate::signals::key::read_key;
use crate::signals::taken::amount;
use crate::signals::taken::is_too_long;
use crate::signals::taken::share;

/// Characters of a wrong value that are shown.
const SHOWN_CHARS_MAX: usize = 40;

/// What is wrong, and what to write instead.
type Mistake = (String, String);

/// Explains why `line` was refused.
pub(super) fn explain(line: &str) -> Mistake {
    if line.is_empty() {
        return ("the line is empty".to_owned(), "one signal a line, or no line".to_owned());
    }
    let pairs = match serde_json::from_str::<Pairs>(line) {
        Ok(pairs) => pairs.0,
        Err(error) => return explain_json(line, &error),
    };
    check_line(&pairs).err().unwrap_or_else(|| {
        let what = "the line does not hold one signal".to_owned();
        (what, "the fields of docs/reference/signals.md".to_owned())
    })
}

fn explain_json(line: &str, error: &serde_json::Error) -> Mistake {
    let what = match serde_json::from_str::<Value>(line) {
        Ok(value) => format!("the line is {}, not an object", shown(&value)),
        Err(_) if error.is_eof() => "the line breaks off before its object ends".to_owned(),
        Err(_) => format!("the line is not JSON at column {}", error.column()),
    };
    (what, "one object in one line, such as {\"v\":1,\"type\":\"report\",…}".to_owned())
}

fn check_line(pairs: &[(String, Value)]) -> Result<(), Mistake> {
    let version = held(pairs, "v");
    if version.and_then(Value::as_u64) != Some(SIGNALS_VERSION) {
        let what = match version {
            Some(value) => format!("field \"v\" is {}, a version that is not known", shown(value)),
            None => "field \"v\" is missing".to_owned(),
        };
        return Err((what, format!("\"v\":{SIGNALS_VERSION}")));
    }
    let kinds = || format!("one of {}", Body::KINDS.join(", "));
    let Some(kind) = held(pairs, "type") else {
        return Err(("field \"type\" is missing".to_owned(), kinds()));
    };
    let Some((kind, own)) = kind.as_str().and_then(|kind| Some((kind, fields(kind)?))) else {
        let meant = kind.as_str().and_then(|kind| nearest(kind, Body::KINDS));
        let instead = match meant {
            Some(meant) => format!("\"{meant}\", or another of {}", Body::KINDS.join(", ")),
            None => kinds(),
        };
        return Err((format!("field \"type\" is {}, which is no kind", shown(kind)), instead));
    };
    check_names(pairs, kind, own)?;
    for field in HEAD.iter().chain(own) {
        check_field(pairs, field, "")?;
    }
    let works = held(pairs, "works").and_then(Value::as_bool) == Some(true);
    if works && held(pairs, "problem").is_some() {
        let what = "fields \"works\" and \"problem\" contradict each other".to_owned();
        return Err((what, "one of the two".to_owned()));
    }
    if held(pairs, "sequence").is_none()
        && let Some(name) =
            ["revision", "skew_ms"].into_iter().find(|name| held(pairs, name).is_some())
    {
        let what = format!("field \"{name}\" is there without \"sequence\"");
        return Err((what, "\"sequence\": the agent's number of the result".to_owned()));
    }
    Ok(())
}

/// Every field is known, belongs to the kind, and is there once.
fn check_names(pairs: &[(String, Value)], kind: &str, own: &[Field]) -> Result<(), Mistake> {
    let names = || own.iter().chain(HEAD).map(|field| field.name);
    for (index, (name, _)) in pairs.iter().enumerate() {
        if pairs[..index].iter().any(|(earlier, _)| earlier == name) {
            return Err((format!("field {} is there twice", quoted(name)), "it once".to_owned()));
        }
        if names().any(|known| known == name) {
            continue;
        }
        let home = Body::KINDS.into_iter().find(|other| {
            fields(other).is_some_and(|fields| fields.iter().any(|field| field.name == name))
        });
        return Err(match (home, nearest(name, names())) {
            (Some(home), _) => (
                format!("field {} does not belong to a line of type {kind}", quoted(name)),
                format!("it in a line of type {home}, or leave it out"),
            ),
            (None, Some(meant)) => {
                (format!("field {} is not known", quoted(name)), format!("\"{meant}\""))
            }
            (None, None) => {
                let known: Vec<&str> = names().collect();
                (format!("field {} is not known", quoted(name)), one_of(&known))
            }
        });
    }
    Ok(())
}

/// A field is there when it must be, and holds what it should. `inside` names what it lies in.
fn check_field(pairs: &[(String, Value)], field: &Field, inside: &str) -> Result<(), Mistake> {
    let name = format!("field \"{inside}{}\"", field.name);
    let Some(value) = held(pairs, field.name) else {
        let example = example(field.shape);
        let missing = (format!("{name} is missing"), format!("\"{}\": {example}", field.name));
        return if field.required { Err(missing) } else { Ok(()) };
    };
    if let Shape::Assertions = field.shape {
        return check_assertions(value);
    }
    if let (Shape::Comment, Some(comment)) = (field.shape, value.as_str()) {
        if !is_too_long(comment) {
            return Ok(());
        }
        let chars = comment.chars().count();
        let what = format!("{name} has {chars} characters, {COMMENT_CHARS_MAX} are the most");
        return Err((what, "a shorter comment".to_owned()));
    }
    match fits(field.shape, value) {
        true => Ok(()),
        false => Err((format!("{name} is {}", shown(value)), wanted(field.shape))),
    }
}

fn check_assertions(value: &Value) -> Result<(), Mistake> {
    let Some(list) = value.as_array() else {
        let what = format!("field \"assertions\" is {}", shown(value));
        return Err((what, wanted(Shape::Assertions)));
    };
    for (index, assertion) in list.iter().enumerate() {
        let inside = format!("assertions[{index}]");
        let Some(object) = assertion.as_object() else {
            let what = format!("field \"{inside}\" is {}", shown(assertion));
            return Err((what, wanted(Shape::Assertions)));
        };
        let pairs: Vec<(String, Value)> =
            object.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
        let names: Vec<&str> = ASSERTION.iter().map(|field| field.name).collect();
        if let Some((name, _)) = pairs.iter().find(|(name, _)| !names.contains(&name.as_str())) {
            let instead = nearest(name, names.iter().copied())
                .map_or_else(|| one_of(&names), |meant| format!("\"{meant}\""));
            return Err((format!("field {inside}.{} is not known", quoted(name)), instead));
        }
        for field in ASSERTION {
            check_field(&pairs, field, &format!("{inside}."))?;
        }
    }
    Ok(())
}

fn fits(shape: Shape, value: &Value) -> bool {
    let text = value.as_str();
    let is_asn = |value: &Value| value.as_u64().is_some_and(|asn| asn <= u64::from(u32::MAX));
    match shape {
        Shape::Version => value.as_u64() == Some(SIGNALS_VERSION),
        Shape::Kind => text.and_then(fields).is_some(),
        Shape::Id => text.and_then(read_id).is_some(),
        Shape::Time => text.and_then(UnixMillis::parse).is_some(),
        Shape::Text | Shape::Comment => text.is_some(),
        Shape::Texts => every(value, Value::is_string),
        Shape::Flag => value.is_boolean(),
        Shape::Country => text.and_then(Country::parse).is_some(),
        Shape::Choice(choices) => text.is_some_and(|text| choices.contains(&text)),
        Shape::Key => text.and_then(read_key).is_some(),
        Shape::Asn => is_asn(value),
        Shape::Asns => every(value, is_asn),
        Shape::Count => value.is_u64(),
        Shape::Amount => value.as_f64().and_then(amount).is_some(),
        Shape::Signed => value.is_i64(),
        Shape::Share => value.as_f64().and_then(share).is_some(),
        Shape::Phases => every(value, |pair| match pair.as_array().map(Vec::as_slice) {
            Some([name, ms]) => name.is_string() && fits(Shape::Amount, ms),
            _ => false,
        }),
        Shape::Assertions => value.is_array(),
    }
}

fn every(value: &Value, check: impl Fn(&Value) -> bool) -> bool {
    value.as_array().is_some_and(|list| list.iter().all(check))
}

/// What a field of this shape should hold, in words.
fn wanted(shape: Shape) -> String {
    let example = example(shape);
    match shape {
        Shape::Version | Shape::Flag | Shape::Asn | Shape::Count | Shape::Amount => example,
        Shape::Signed => example,
        Shape::Kind | Shape::Choice(_) => example,
        Shape::Text | Shape::Comment => "a text in double quotes".to_owned(),
        Shape::Id => format!("a UUID such as {example}, or leave it out"),
        Shape::Time => "2025-03-10T09:46:00Z, a time with Z or an offset".to_owned(),
        Shape::Texts => format!("a list of texts such as {example}"),
        Shape::Country => format!("two letters such as {example}"),
        Shape::Key => format!("16 hexadecimal digits such as {example}, or leave it out"),
        Shape::Asns => format!("a list of network numbers such as {example}"),
        Shape::Share => "a number from 0 to 1".to_owned(),
        Shape::Phases => format!("pairs of a phase and its milliseconds such as {example}"),
        Shape::Assertions => format!("a list of objects such as {example}"),
    }
}

/// What could stand after the colon.
fn example(shape: Shape) -> String {
    match shape {
        Shape::Kind => one_of(&Body::KINDS),
        Shape::Choice(choices) => one_of(choices),
        Shape::Version => "1".to_owned(),
        Shape::Id => "\"01957f3a-0c22-7d10-9a4e-5b6c7d8e9fa0\"".to_owned(),
        Shape::Time => "\"2025-03-10T09:46:00Z\"".to_owned(),
        Shape::Text | Shape::Comment => "\"…\"".to_owned(),
        Shape::Texts => "[\"tcp_syn_flood\"]".to_owned(),
        Shape::Flag => "true or false".to_owned(),
        Shape::Country => "\"GB\"".to_owned(),
        Shape::Key => "\"00000000000000ab\"".to_owned(),
        Shape::Asn => "a network number such as 13414".to_owned(),
        Shape::Asns => "[3356,13414]".to_owned(),
        Shape::Count => "a whole number, 0 or more".to_owned(),
        Shape::Amount => "a number, 0 or more".to_owned(),
        Shape::Signed => "a whole number such as -250".to_owned(),
        Shape::Share => "a number from 0 to 1".to_owned(),
        Shape::Phases => "[[\"resolve\",12.5]]".to_owned(),
        Shape::Assertions => "[{\"kind\":\"cause\",\"what\":\"…\"}]".to_owned(),
    }
}

fn one_of(words: &[&str]) -> String {
    format!("one of {}", words.join(", "))
}

/// The value of a field; `null` is the same as no field.
fn held<'a>(pairs: &'a [(String, Value)], name: &str) -> Option<&'a Value> {
    pairs.iter().find(|(field, _)| field == name).map(|(_, value)| value).filter(|v| !v.is_null())
}

fn shown(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(flag) => flag.to_string(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => quoted(text),
        Value::Array(_) => "a list that does not fit".to_owned(),
        Value::Object(_) => "an object".to_owned(),
    }
}

/// The text in quotes, control characters escaped, cut when it is long.
fn quoted(text: &str) -> String {
    let start: String = text.chars().take(SHOWN_CHARS_MAX).collect();
    let more = if start.len() < text.len() { "…" } else { "" };
    format!("\"{}{more}\"", start.escape_debug())
}

/// An object with its fields in order, the same one twice included.
struct Pairs(Vec<(String, Value)>);

impl<'de> Deserialize<'de> for Pairs {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_map(PairsVisitor)
    }
}

struct PairsVisitor;

impl<'de> Visitor<'de> for PairsVisitor {
    type Value = Pairs;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Pairs, A::Error> {
        let mut pairs = Vec::new();
        while let Some(pair) = map.next_entry()? {
            pairs.push(pair);
        }
        Ok(Pairs(pairs))
    }
}

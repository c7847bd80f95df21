//! JSON lines: of nginx, HAProxy, Caddy, Cloudflare, or with names of one's own.
//!
//! Objects inside are walked too (Caddy keeps the request and its headers in them); of a list its
//! first element counts.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::DeserializeSeed;
use serde::de::Deserializer;
use serde::de::IgnoredAny;
use serde::de::MapAccess;
use serde::de::SeqAccess;
use serde::de::Visitor;

use super::Format;
use super::Read;
use super::Request;
use super::client;
use super::names;
use super::names::Field;
use super::text;
use super::time;
use crate::fault::FaultKind;

/// The object of a line, perhaps behind a prefix of syslog.
pub(super) fn object(line: &str) -> Option<&str> {
    if !line.ends_with('}') {
        return None;
    }
    if line.starts_with('{') {
        return Some(line);
    }
    let (_, object) = line.split_once(": {\"")?;
    Some(&line[line.len() - object.len() - 2..])
}

/// Reads an object.
pub(super) fn read(object: &str) -> Result<Read<'_>, FaultKind> {
    let mut found = Found::default();
    let mut json = serde_json::Deserializer::from_str(object);
    let walk = Walk { found: &mut found, under: None };
    walk.deserialize(&mut json).map_err(|_| FaultKind::UnknownLine)?;
    found.request()
}

/// A plain value.
#[derive(Clone, Debug)]
enum Plain<'a> {
    Text(Cow<'a, str>),
    Number(f64),
}

impl<'a> Plain<'a> {
    fn text(self) -> Option<Cow<'a, str>> {
        match self {
            Self::Text(text) if text.is_empty() || text == "-" => None,
            Self::Text(text) => Some(text),
            Self::Number(number) => Some(Cow::Owned(number.to_string())),
        }
    }

    fn number(&self) -> Option<f64> {
        match self {
            Self::Text(text) => text.trim_start_matches('+').parse().ok(),
            Self::Number(number) => Some(*number),
        }
    }
}

#[derive(Default)]
struct Found<'a> {
    values: [Option<(u8, Plain<'a>)>; Field::COUNT],
    is_caddy: bool,
    is_cloudflare: bool,
    is_resolved: bool,
}

impl<'a> Found<'a> {
    fn note(&mut self, name: &str, value: Plain<'a>) {
        self.is_caddy |= name == "logger"
            && matches!(&value, Plain::Text(text) if text.starts_with("http.log.access"));
        self.is_cloudflare |= name.starts_with("Edge") || name.starts_with("ClientRequest");
        let Some((field, rank)) = names::field(name) else { return };
        // "request" is a line in nginx and an object in Caddy; only a line comes here.
        let place = &mut self.values[field as usize];
        if place.as_ref().is_none_or(|(before, _)| rank < *before) {
            *place = Some((rank, value));
            if field == Field::Peer {
                self.is_resolved = rank < names_decided_by_server();
            }
        }
    }

    fn take(&mut self, field: Field) -> Option<Plain<'a>> {
        self.values[field as usize].take().map(|(_, value)| value)
    }

    fn text(&mut self, field: Field) -> Option<Cow<'a, str>> {
        self.take(field).and_then(Plain::text)
    }

    fn count(&mut self, field: Field) -> Option<u64> {
        let number = self.take(field)?.number()?;
        (0.0..=COUNT_MAX).contains(&number).then_some(number as u64)
    }

    fn request(mut self) -> Result<Read<'a>, FaultKind> {
        let at = self.take(Field::Time).ok_or(FaultKind::NoTime)?;
        let at = match &at {
            Plain::Text(text) => time::of_text(text),
            Plain::Number(number) => time::of_number(*number),
        };
        let (at_ms, zone_known) = at.ok_or(FaultKind::NoTime)?;
        let format = match (self.is_cloudflare, self.is_caddy) {
            (true, _) => Format::Cloudflare,
            (_, true) => Format::Caddy,
            _ => Format::Json,
        };
        let mut request = Request::blank(format, at_ms);
        let status = self.count(Field::Status);
        request.status = status.and_then(|status| u16::try_from(status).ok()).unwrap_or_default();
        request.host = self.text(Field::Host);
        if let Some(line) = self.text(Field::Line) {
            match line {
                Cow::Borrowed(line) => text::request_line(line, &mut request),
                Cow::Owned(line) => {
                    let mut other = Request::blank(format, at_ms);
                    text::request_line(&line, &mut other);
                    request.method = Cow::Owned(other.method.into_owned());
                    request.protocol = other.protocol.map(|text| Cow::Owned(text.into_owned()));
                    request.path = Cow::Owned(other.path.into_owned());
                }
            }
        }
        if let Some(method) = self.text(Field::Method) {
            request.method = method;
        }
        if let Some(path) = self.text(Field::Path) {
            text::uri_into(path, &mut request);
        }
        if status.is_none() && request.method.is_empty() && request.path.is_empty() {
            return Err(FaultKind::UnknownLine);
        }
        request.peer = self.text(Field::Peer).and_then(|text| client::address(&text));
        request.peer_resolved = self.is_resolved && request.format != Format::Json;
        request.forwarded_for = self.text(Field::Forwarded);
        request.octets = self.count(Field::Octets);
        request.referrer = self.text(Field::Referrer);
        request.user_agent = self.text(Field::Agent);
        if let Some(protocol) = self.text(Field::Protocol) {
            request.protocol = Some(protocol);
        }
        let seconds = self.take(Field::Seconds).and_then(|value| value.number());
        request.duration_ms =
            seconds.filter(|s| (0.0..1e9).contains(s)).map(|s| (s * 1e3).round() as u64);
        Ok(Read { request, zone_known })
    }
}

/// The largest count that a number of JSON holds exactly.
const COUNT_MAX: f64 = 9_007_199_254_740_992.0;

/// Names in front of `remote_addr`: the server decided who the client is.
const fn names_decided_by_server() -> u8 {
    2
}

/// A name, borrowed from the line unless it has escapes.
struct Name<'a>(Cow<'a, str>);

impl<'a> Deserialize<'a> for Name<'a> {
    fn deserialize<D: Deserializer<'a>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(NameVisitor).map(Self)
    }
}

struct NameVisitor;

impl<'a> Visitor<'a> for NameVisitor {
    type Value = Cow<'a, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_borrowed_str<E>(self, text: &'a str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(text))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(text.to_owned()))
    }
}

/// Walks one value; `under` is the name it has.
struct Walk<'w, 'a> {
    found: &'w mut Found<'a>,
    under: Option<&'w str>,
}

impl<'a> DeserializeSeed<'a> for Walk<'_, 'a> {
    type Value = ();

    fn deserialize<D: Deserializer<'a>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'a> Walk<'_, 'a> {
    fn plain<E>(self, value: Plain<'a>) -> Result<(), E> {
        if let Some(name) = self.under {
            self.found.note(name, value);
        }
        Ok(())
    }
}

impl<'a> Visitor<'a> for Walk<'_, 'a> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_borrowed_str<E>(self, text: &'a str) -> Result<(), E> {
        self.plain(Plain::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<(), E> {
        self.plain(Plain::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_u64<E>(self, number: u64) -> Result<(), E> {
        self.plain(Plain::Number(number as f64))
    }

    fn visit_i64<E>(self, number: i64) -> Result<(), E> {
        self.plain(Plain::Number(number as f64))
    }

    fn visit_f64<E>(self, number: f64) -> Result<(), E> {
        self.plain(Plain::Number(number))
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'a>>(self, mut list: A) -> Result<(), A::Error> {
        list.next_element_seed(self)?;
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'a>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(Name(name)) = map.next_key()? {
            if names::PASSED_OVER.contains(&name.as_ref()) {
                map.next_value::<IgnoredAny>()?;
            } else {
                map.next_value_seed(Walk { found: self.found, under: Some(&name) })?;
            }
        }
        Ok(())
    }
}

//! One flat row for every kind of signal: what a line holds before anybody has judged it.
//!
//! All fields are optional, so that one pass reads any kind, in any order of fields. What is left
//! over after a kind took its own fields does not belong to it.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::Deserializer;
use serde::Serialize;
use serde::Serializer;
use serde::de::Error;
use serde::de::Visitor;

/// Declares the row: every field optional, absent when it is `None`, in the order written.
macro_rules! row {
    ($($(#[$attribute:meta])* $name:ident: $form:ty,)*) => {
        /// A line of signals, field by field.
        #[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
        #[serde(deny_unknown_fields)]
        pub(super) struct Row<'a> {
            $(
                $(#[$attribute])*
                #[serde(skip_serializing_if = "Option::is_none")]
                pub(super) $name: Option<$form>,
            )*
        }
    };
}

row! {
    v: u64,
    // With one borrowed field the derived reader lives as long as the line, for all of them.
    #[serde(borrow, rename = "type")]
    kind_of_signal: Words<'a>,
    id: Words<'a>,
    at: Words<'a>,
    service: Words<'a>,
    // Reports first: they are nearly all there is, and fields are compared in this order.
    component: Words<'a>,
    problem: Words<'a>,
    works: bool,
    country: Words<'a>,
    asn: u32,
    network: Words<'a>,
    reporter: Words<'a>,
    prefix: Words<'a>,
    comment: Words<'a>,
    vantage: Words<'a>,
    kind: Words<'a>,
    outcome: Words<'a>,
    phase: Words<'a>,
    detail: Words<'a>,
    phases_ms: Vec<(Words<'a>, f64)>,
    family: Words<'a>,
    monitor: Words<'a>,
    interval_s: f64,
    lag_ms: f64,
    references: Words<'a>,
    sequence: u64,
    revision: Words<'a>,
    skew_ms: i64,
    notice: Words<'a>,
    title: Words<'a>,
    state: Words<'a>,
    impact: Words<'a>,
    starts: Words<'a>,
    ends: Words<'a>,
    change: Words<'a>,
    origin: Origin<'a>,
    path: Vec<u32>,
    visibility: f64,
    window_s: f64,
    bps_in: f64,
    pps_in: f64,
    bps_out: f64,
    rps: f64,
    errors_share: f64,
    clients_distinct: u64,
    top_path_share: f64,
    returning_share: f64,
    vectors: Vec<Words<'a>>,
    sources: Words<'a>,
    sources_distinct: u64,
    exporter: Words<'a>,
    authors: u64,
    class: Words<'a>,
    claim: Words<'a>,
    quote: Words<'a>,
    speaker: Words<'a>,
    speaker_role: Words<'a>,
    medium: Words<'a>,
    said_at_words: Words<'a>,
    evidence_offered: Words<'a>,
    about: Words<'a>,
    earlier: bool,
    proposed: bool,
    assertions: Vec<AssertionRow<'a>>,
    text: Words<'a>,
    supports: Words<'a>,
    denies: Words<'a>,
    act: Words<'a>,
    subject: Words<'a>,
    actor: Words<'a>,
    reason: Words<'a>,
    source: Words<'a>,
    licence: Words<'a>,
    synthetic: bool,
}

/// One assertion of a claim.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AssertionRow<'a> {
    #[serde(borrow)]
    pub(super) kind: Words<'a>,
    pub(super) what: Words<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) cause: Option<Words<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) would_settle: Option<Words<'a>>,
}

/// A text that stays in the line it was read from, unless it holds escapes.
#[derive(Debug, PartialEq)]
pub(super) struct Words<'a>(pub(super) Cow<'a, str>);

impl<'a> From<&'a str> for Words<'a> {
    fn from(text: &'a str) -> Self {
        Self(Cow::Borrowed(text))
    }
}

impl From<String> for Words<'_> {
    fn from(text: String) -> Self {
        Self(Cow::Owned(text))
    }
}

impl Serialize for Words<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&self.0)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Words<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_str(WordsVisitor).map(Self)
    }
}

struct WordsVisitor;

impl<'de> Visitor<'de> for WordsVisitor {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text")
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(text))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(text.to_owned()))
    }
}

/// `origin` is a network of a route and a name of a testimony.
#[derive(Debug, PartialEq)]
pub(super) enum Origin<'a> {
    Network(u32),
    Name(Words<'a>),
}

impl Serialize for Origin<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Network(asn) => to.serialize_u32(*asn),
            Self::Name(name) => name.serialize(to),
        }
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Origin<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(OriginVisitor)
    }
}

struct OriginVisitor;

impl<'de> Visitor<'de> for OriginVisitor {
    type Value = Origin<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a network number or a text")
    }

    fn visit_u64<E: Error>(self, asn: u64) -> Result<Self::Value, E> {
        u32::try_from(asn).map(Origin::Network).map_err(|_| E::custom("a number over 32 bits"))
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Origin::Name(text.into()))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Origin::Name(text.to_owned().into()))
    }
}

//! Single values of the stored rows: how a time, a text, a number and a country stand in JSON.

use std::borrow::Cow;
use std::fmt;

use outcry_core::time::UnixMillis;
use outcry_core::units::Country;
use outcry_core::units::Text;
use serde::Deserialize;
use serde::Deserializer;
use serde::Serialize;
use serde::Serializer;
use serde::de::Error;
use serde::de::Visitor;

/// A time as whole milliseconds since 1970.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Ms(i64);

/// A time in RFC 3339, UTC.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Iso(pub(crate) UnixMillis);

/// A text, shared with the domain.
#[derive(Clone, Debug)]
pub(crate) struct Word(pub(crate) Text);

/// A number. One that is not finite has no form in JSON and stands as its name, such as `"inf"`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Number(pub(crate) f64);

/// A country by its code.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Code(pub(crate) Country);

impl From<UnixMillis> for Ms {
    fn from(at: UnixMillis) -> Self {
        Self(at.0)
    }
}

impl From<Ms> for UnixMillis {
    fn from(at: Ms) -> Self {
        Self(at.0)
    }
}

impl From<UnixMillis> for Iso {
    fn from(at: UnixMillis) -> Self {
        Self(at)
    }
}

impl From<Iso> for UnixMillis {
    fn from(at: Iso) -> Self {
        at.0
    }
}

impl Serialize for Iso {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Iso {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = Cow::<str>::deserialize(from)?;
        UnixMillis::parse(&text)
            .map(Self)
            .ok_or_else(|| D::Error::custom("a time such as 2025-03-10T09:46:00Z is wanted"))
    }
}

impl Serialize for Word {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Word {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from).map(|text| Self(text.into()))
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.0.code())
    }
}

impl<'de> Deserialize<'de> for Code {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = Cow::<str>::deserialize(from)?;
        Country::parse(&text)
            .map(Self)
            .ok_or_else(|| D::Error::custom("a country of two letters such as GB is wanted"))
    }
}

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self.0.is_finite() {
            true => to.serialize_f64(self.0),
            false => to.collect_str(&self.0),
        }
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(NumberVisitor)
    }
}

struct NumberVisitor;

impl Visitor<'_> for NumberVisitor {
    type Value = Number;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number, or \"inf\", \"-inf\" or \"NaN\"")
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Number, E> {
        Ok(Number(number))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Number, E> {
        Ok(Number(number as f64))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Number, E> {
        Ok(Number(number as f64))
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<Number, E> {
        match name {
            "inf" => Ok(Number(f64::INFINITY)),
            "-inf" => Ok(Number(f64::NEG_INFINITY)),
            "NaN" => Ok(Number(f64::NAN)),
            _ => Err(E::invalid_value(serde::de::Unexpected::Str(name), &self)),
        }
    }
}

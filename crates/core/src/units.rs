//! Quantities that are not times: where a signal came from, and names that are compared often.
//!
//! A unit lives in the type here, so that a country is never mistaken for a language and a network
//! number never for a count.

use std::fmt;
use std::sync::Arc;

/// A short text that is shared rather than copied: a slug, a component, a kind of problem.
pub type Text = Arc<str>;

/// A country by its ISO 3166-1 alpha-2 code, upper case.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Country([u8; 2]);

impl Country {
    /// Reads a two-letter code in either case; anything else is `None`.
    ///
    /// Letters are checked, not membership: user-assigned codes such as `XK` are in use.
    pub fn parse(text: &str) -> Option<Self> {
        match *text.as_bytes() {
            [a, b] if a.is_ascii_alphabetic() && b.is_ascii_alphabetic() => {
                Some(Self([a.to_ascii_uppercase(), b.to_ascii_uppercase()]))
            }
            _ => None,
        }
    }

    /// The code, upper case.
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.0).expect("two ASCII letters")
    }
}

impl fmt::Display for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Debug for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// An autonomous system number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Asn(pub u32);

/// What kind of network an address belongs to, as far as the lookup can tell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NetworkKind {
    /// Homes, offices and phones: people.
    Access,
    /// Data centres: machines. Reports from here never open an incident alone.
    Hosting,
    /// Not known. Treated as access, since most networks are.
    #[default]
    Unknown,
}

/// Where a signal came from, as coarse as it is kept: never an address.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The country, or `None` when no database knows.
    pub country: Option<Country>,
    /// The network, or `None` when no database knows.
    pub asn: Option<Asn>,
    /// What kind of network it is.
    pub network: NetworkKind,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_country_is_two_letters() {
        assert_eq!(Country::parse("us").expect("two letters").code(), "US");
        for bad in ["", "U", "USA", "U1", "é"] {
            assert_eq!(Country::parse(bad), None, "{bad:?}");
        }
    }
}

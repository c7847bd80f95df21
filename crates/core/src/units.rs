//! Quantities that are not times: where a signal came from, and names that are compared often.
//!
//! A unit lives in the type here, so that a country is never mistaken for a language and a network
//! number never for a count.

use std::fmt;
use std::sync::Arc;

/// Codes of countries: ISO 3166-1 alpha-2, and `XK`.
const ASSIGNED: &str = "\
    AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ \
    BR BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM \
    DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS \
    GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN \
    KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ \
    MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM \
    PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV \
    SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI \
    VN VU WF WS XK YE YT ZA ZM ZW";

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

    /// Whether the code is assigned to a country (ISO 3166-1), or is `XK`, which is in use.
    pub fn is_assigned(&self) -> bool {
        ASSIGNED.split(' ').any(|code| code == self.code())
    }

    /// All codes that are assigned, in order.
    pub fn assigned() -> impl Iterator<Item = Self> {
        ASSIGNED.split(' ').filter_map(Self::parse)
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
        let is_assigned = |text| Country::parse(text).is_some_and(|it| it.is_assigned());
        assert!(["ad", "DE", "XK", "ZW"].into_iter().all(is_assigned));
        assert!(!["UK", "AA", "ZZ"].into_iter().any(is_assigned));
        assert_eq!(ASSIGNED.split(' ').count(), 250);
    }
}

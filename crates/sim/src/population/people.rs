//! People: who sends a report, from which network, and what they say.
//!
//! Everybody has a device of their own; one in ten sends the report again. Each country has twelve
//! access networks. The first is a mobile carrier that shows all its customers behind eight
//! prefixes; the others have thousands.

use outcry_core::signal::Body;
use outcry_core::signal::PrefixKey;
use outcry_core::signal::Problem;
use outcry_core::signal::Provenance;
use outcry_core::signal::Report;
use outcry_core::signal::ReporterKey;
use outcry_core::signal::Signal;
use outcry_core::time::MINUTE_MS;
use outcry_core::time::UnixMillis;
use outcry_core::units::Asn;
use outcry_core::units::Country;
use outcry_core::units::NetworkKind;
use outcry_core::units::Place;
use outcry_core::units::Text;

use crate::dice::Dice;
use crate::population::plan::RETRY_SHARE;
use crate::population::town::COUNTRIES;
use crate::population::town::HOME_SHARE;
use crate::population::town::Profile;
use crate::population::town::country;
use crate::population::town::zipf;

/// Access networks of a country.
pub const NETWORKS: usize = 12;
/// Prefixes behind which the carrier of a country shows all its customers.
pub const CARRIER_PREFIXES: u64 = 8;
/// Prefixes of any other access network.
const NETWORK_PREFIXES: u64 = 20_000;
/// Part of everyday reports that come through the carrier of their country.
const CARRIER_SHARE: f64 = 0.25;
/// Longest time after which a device sends a report again.
const RETRY_WITHIN_MS: u64 = 10 * MINUTE_MS as u64;
/// Longest time after which other devices of the same prefix follow.
const CLUSTER_WITHIN_MS: u64 = 3 * MINUTE_MS as u64;
/// Kinds of problem, the first most often.
pub const PROBLEMS: [&str; 5] = ["not_loading", "sign_in", "slow", "payment", "other"];
/// Part of the reports of an outage that name its own kind of problem.
const OUTAGE_PROBLEM_SHARE: f64 = 0.7;
/// Networks for private use (RFC 6996): they can be nobody's.
const FIRST_ASN: u32 = 4_200_000_000;
/// The hosting network is the one after the access networks of all countries.
const HOSTING: usize = COUNTRIES.len() * NETWORKS;

/// A report, before it becomes a signal: small, so that an hour of them is quickly sorted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tap {
    /// When.
    pub at: UnixMillis,
    /// Place in the list of services.
    pub service: u32,
    /// Place in the list of problems; beyond it, that it works.
    pub problem: u8,
    /// Place in the list of countries.
    pub country: u8,
    /// Place in the list of all networks.
    pub network: u16,
    /// Who.
    pub reporter: u64,
    /// From which prefix.
    pub prefix: u64,
}

/// Where a crowd comes from and what it says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Origin {
    /// From everywhere, with any problem.
    Everyday,
    /// From everywhere, mostly with one problem.
    Outage {
        /// The problem.
        problem: u8,
    },
    /// From one country, mostly with one problem.
    Country {
        /// Place in the list of countries.
        country: u8,
        /// The problem.
        problem: u8,
    },
    /// From one network, mostly with one problem.
    Network {
        /// Place in the list of countries.
        country: u8,
        /// Place in the country's list of networks.
        network: u16,
        /// The problem.
        problem: u8,
    },
    /// One /24 that reports under many names.
    OnePrefix,
    /// Many prefixes of one hosting network.
    Hosting,
}

impl Origin {
    /// Draws one person.
    pub fn person(self, at: UnixMillis, service: u32, profile: &Profile, dice: &mut Dice) -> Tap {
        let problem = match self {
            Self::Outage { problem }
            | Self::Country { problem, .. }
            | Self::Network { problem, .. }
                if dice.unit() < OUTAGE_PROBLEM_SHARE =>
            {
                problem
            }
            _ => zipf(dice, PROBLEMS.len()) as u8,
        };
        let country = match self {
            Self::Country { country, .. } | Self::Network { country, .. } => usize::from(country),
            Self::OnePrefix => 0,
            _ => match profile.home {
                Some(home) if dice.unit() < HOME_SHARE => home,
                _ => country(dice),
            },
        };
        let inside = match self {
            Self::Network { network, .. } => usize::from(network),
            Self::OnePrefix => 1,
            _ if dice.unit() < CARRIER_SHARE => 0,
            _ => 1 + zipf(dice, NETWORKS - 1),
        };
        let network = match self {
            Self::Hosting => HOSTING,
            _ => country * NETWORKS + inside,
        };
        let prefix = match self {
            Self::OnePrefix => 7,
            _ if inside == 0 => dice.below(CARRIER_PREFIXES),
            _ => dice.below(NETWORK_PREFIXES),
        };
        Tap {
            at,
            service,
            problem,
            country: country as u8,
            network: network as u16,
            reporter: dice.next(),
            prefix: (network as u64 + 1) << 32 | prefix,
        }
    }
}

/// What a report brings along: the same device again, and other devices of the same prefix with
/// probability `clusters`.
pub fn follow(tap: Tap, clusters: f64, dice: &mut Dice, taps: &mut Vec<Tap>) {
    if dice.unit() < RETRY_SHARE {
        let at = tap.at.plus_ms(dice.below(RETRY_WITHIN_MS) as i64);
        taps.push(Tap { at, ..tap });
    }
    if clusters > 0.0 && dice.unit() < clusters {
        loop {
            let at = tap.at.plus_ms(dice.below(CLUSTER_WITHIN_MS) as i64);
            taps.push(Tap { at, reporter: dice.next(), ..tap });
            if dice.unit() < 0.5 {
                break;
            }
        }
    }
}

/// Turns taps into signals.
#[derive(Clone, Debug)]
pub struct Post {
    source: Text,
    problems: Vec<Text>,
    countries: Vec<Country>,
    sent: u128,
}

impl Default for Post {
    fn default() -> Self {
        let country = |code| Country::parse(code).expect("the list holds two letters each");
        Self {
            source: "simulation".into(),
            problems: PROBLEMS.iter().map(|&name| name.into()).collect(),
            countries: COUNTRIES.iter().map(|code| country(code)).collect(),
            sent: 0,
        }
    }
}

impl Post {
    /// The signal of a tap.
    pub fn signal(&mut self, tap: &Tap, service: &Text) -> Signal {
        self.sent += 1;
        let hosting = usize::from(tap.network) == HOSTING;
        let problem = self.problems.get(usize::from(tap.problem)).cloned();
        Signal {
            id: self.sent,
            at: tap.at,
            service: service.clone(),
            provenance: Provenance { source: self.source.clone(), licence: None, synthetic: true },
            body: Body::Report(Report {
                component: None,
                problem: problem.map_or(Problem::Works, Problem::Fails),
                place: Place {
                    country: self.countries.get(usize::from(tap.country)).copied(),
                    asn: Some(Asn(FIRST_ASN + u32::from(tap.network))),
                    network: if hosting { NetworkKind::Hosting } else { NetworkKind::Access },
                },
                reporter: ReporterKey(tap.reporter),
                prefix: PrefixKey(tap.prefix),
                comment: None,
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::population::town::Town;

    #[test]
    fn a_carrier_shows_eight_prefixes_and_a_brigade_one() {
        let town = Town::new(1, &[5]);
        let mut dice = Dice::new(1, &["people"]);
        let mut prefixes = |origin: Origin| {
            let taps = (0..500)
                .map(|_| origin.person(UnixMillis(0), 0, &town.services[0], &mut dice).prefix);
            taps.collect::<std::collections::BTreeSet<u64>>().len()
        };
        assert_eq!(prefixes(Origin::Network { country: 3, network: 0, problem: 0 }), 8);
        assert_eq!(prefixes(Origin::OnePrefix), 1);
        assert!(prefixes(Origin::Hosting) > 300);
        assert!(prefixes(Origin::Everyday) > 300);
    }

    #[test]
    fn clusters_come_from_other_devices_of_the_same_prefix() {
        let town = Town::new(1, &[5]);
        let mut dice = Dice::new(1, &["clusters"]);
        let (mut followers, mut taps) = (0, Vec::new());
        for _ in 0..2_000 {
            let tap = Origin::Everyday.person(UnixMillis(0), 0, &town.services[0], &mut dice);
            taps.clear();
            follow(tap, 1.0, &mut dice, &mut taps);
            assert!(taps.iter().all(|other| other.prefix == tap.prefix));
            followers += taps.iter().filter(|other| other.reporter != tap.reporter).count();
        }
        assert!((3_700..4_300).contains(&followers), "two on average: {followers}");
    }
}

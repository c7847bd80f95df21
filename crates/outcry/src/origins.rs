//! Where sources stand, as far as the verdict on them allows it to be told.
//!
//! A share comes from a sample of distinct sources and from one or two databases: its range is
//! widened by both. Cells under ten sources are merged. For forged sources, and where that cannot
//! be told, nothing is looked up at all.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::net::Ipv4Addr;
use std::net::Ipv6Addr;
use std::path::Path;
use std::path::PathBuf;

use outcry_core::attack::spoofing::Sources;
use outcry_server::contract::PlaceLookup;

use crate::cli::BadInput;
use crate::places::Places;

/// Sources under which a country is merged with the others.
pub const CELL_MIN: u64 = 10;
/// Countries and networks that are listed.
pub const LISTED_MAX: usize = 12;
/// Standard deviations of a range of 95 %.
const Z: f64 = 1.96;

/// The databases of one run.
pub struct Maps {
    countries: Vec<Places>,
    networks: Option<Places>,
}

/// What may be said about where sources stand.
pub enum Told {
    /// Nothing, and why.
    Withheld(Reason),
    /// Countries, each with the range of its share of distinct sources, 0..=1.
    Countries(Vec<Country>),
}

/// Why places are withheld.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The sources are forged.
    Forged,
    /// Whether they are cannot be told.
    Untold,
    /// There is no database.
    NoDatabase,
    /// Of no source an address was kept.
    NoSample,
}

impl Reason {
    /// Stable name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Forged => "forged",
            Self::Untold => "untold",
            Self::NoDatabase => "no-database",
            Self::NoSample => "no-sample",
        }
    }

    /// In words, for a terminal.
    pub fn text(self) -> &'static str {
        match self {
            Self::Forged => "the sources are forged: their addresses say nothing",
            Self::Untold => "whether the sources are forged cannot be told",
            Self::NoDatabase => "no database of places was given",
            Self::NoSample => "of too few sources an address was kept",
        }
    }
}

/// One country's share.
pub struct Country {
    /// Two letters, or `other`.
    pub country: String,
    /// Least share, 0..=1.
    pub low: f64,
    /// Largest share, 0..=1.
    pub high: f64,
}

impl Maps {
    /// Opens what was given: one or two databases of countries, one of networks.
    pub fn open(countries: &[PathBuf], networks: Option<&Path>) -> anyhow::Result<Self> {
        if countries.len() > 2 {
            anyhow::bail!(BadInput("give --country once, or twice for a range".into()));
        }
        let open = |path: &PathBuf| Places::open(Some(path), None);
        Ok(Self {
            countries: countries.iter().map(open).collect::<anyhow::Result<_>>()?,
            networks: networks.map(|path| Places::open(None, Some(path))).transpose()?,
        })
    }

    /// Names and dates of the databases in use.
    pub fn sources(&self) -> Vec<(String, i64)> {
        let all = self.countries.iter().chain(&self.networks);
        all.flat_map(PlaceLookup::sources).map(|source| (source.name, source.built_at.0)).collect()
    }

    /// Countries of a sample of sources.
    pub fn countries(&self, verdict: Sources, sample: &[u128]) -> Told {
        if !verdict.has_places() {
            return Told::Withheld(match verdict {
                Sources::Spoofed => Reason::Forged,
                _ => Reason::Untold,
            });
        }
        if self.countries.is_empty() {
            return Told::Withheld(Reason::NoDatabase);
        }
        if (sample.len() as u64) < CELL_MIN {
            return Told::Withheld(Reason::NoSample);
        }
        let counts: Vec<BTreeMap<String, u64>> =
            self.countries.iter().map(|places| count(places, sample)).collect();
        Told::Countries(shares(&counts, sample.len() as f64))
    }

    /// Networks of a sample of sources, by number, with their share of distinct sources.
    pub fn networks(&self, verdict: Sources, sample: &[u128]) -> Vec<(u32, f64)> {
        let Some(places) = self.networks.as_ref().filter(|_| verdict.has_places()) else {
            return Vec::new();
        };
        let mut counts = BTreeMap::new();
        for asn in sample.iter().filter_map(|source| places.place(address(*source)).asn) {
            *counts.entry(asn.0).or_insert(0_u64) += 1;
        }
        let mut listed: Vec<(u32, u64)> =
            counts.into_iter().filter(|(_, count)| *count >= CELL_MIN).collect();
        listed.sort_by_key(|(asn, count)| (std::cmp::Reverse(*count), *asn));
        let all = sample.len() as f64;
        listed.into_iter().take(LISTED_MAX).map(|(asn, count)| (asn, count as f64 / all)).collect()
    }
}

fn count(places: &Places, sample: &[u128]) -> BTreeMap<String, u64> {
    let mut counts = BTreeMap::new();
    for source in sample {
        let country = places.place(address(*source)).country;
        let name = country.map_or_else(|| "unknown".to_owned(), |country| country.to_string());
        *counts.entry(name).or_insert(0) += 1;
    }
    counts
}

fn shares(counts: &[BTreeMap<String, u64>], all: f64) -> Vec<Country> {
    let of = |country: &str| -> Vec<u64> {
        counts.iter().map(|counts| counts.get(country).copied().unwrap_or(0)).collect()
    };
    let mut names: Vec<&String> = counts.iter().flat_map(BTreeMap::keys).collect();
    names.sort();
    names.dedup();
    names.sort_by_key(|name| std::cmp::Reverse(of(name).into_iter().max()));
    let mut listed = Vec::new();
    let mut others = vec![0; counts.len()];
    for name in names {
        let counted = of(name);
        let is_cell = counted.iter().all(|count| *count >= CELL_MIN);
        if is_cell && listed.len() < LISTED_MAX {
            listed.push(range(name.clone(), &counted, all));
        } else {
            others.iter_mut().zip(counted).for_each(|(sum, count)| *sum += count);
        }
    }
    if others.iter().any(|count| *count > 0) {
        listed.push(range("other".to_owned(), &others, all));
    }
    listed
}

/// From the least to the largest of the databases, each widened by the chance of the sample
/// (Wilson's score interval; E. B. Wilson, 1927).
fn range(country: String, counts: &[u64], all: f64) -> Country {
    let bounds = counts.iter().map(|count| wilson(*count as f64, all));
    let (low, high) =
        bounds.fold((1.0_f64, 0.0_f64), |(low, high), (a, b)| (low.min(a), high.max(b)));
    Country { country, low, high }
}

fn wilson(count: f64, all: f64) -> (f64, f64) {
    let share = count / all;
    let centre = (share + Z * Z / (2.0 * all)) / (1.0 + Z * Z / all);
    let half =
        Z / (1.0 + Z * Z / all) * (share * (1.0 - share) / all + Z * Z / (4.0 * all * all)).sqrt();
    ((centre - half).max(0.0), (centre + half).min(1.0))
}

fn address(bits: u128) -> IpAddr {
    if bits >> 32 == 0xffff {
        IpAddr::from(Ipv4Addr::from_bits(bits as u32))
    } else {
        IpAddr::from(Ipv6Addr::from_bits(bits))
    }
}

//! Places: country and network of an address, from databases on disk.
//!
//! One small interface in front of any MMDB file. Without a database a place is unknown, and the
//! pages say so. Whether a network hosts machines or serves people is told by a short list of
//! well-known hosting networks; a network that is not on it counts as access.
//!
//! # What it cannot tell
//!
//! Where a person is. An address is registered somewhere, and two free databases disagree on some
//! 7 % of addresses.

use std::net::IpAddr;
use std::path::Path;

use maxminddb::Reader;
use outcry_core::time::UnixMillis;
use outcry_core::units::Asn;
use outcry_core::units::Country;
use outcry_core::units::NetworkKind;
use outcry_core::units::Place;
use outcry_server::contract::PlaceLookup;
use outcry_server::contract::PlaceSource;
use serde::Deserialize;

use crate::cli::BadInput;

/// Networks that rent out machines, by their own public description. People browse from none of
/// them, but for tunnels; see `NetworkKind::Hosting` for what follows.
const HOSTING: &[u32] = &[
    8075, 8560, 9009, 12876, 14061, 14618, 15169, 16276, 16509, 19318, 20473, 24940, 26496, 31898,
    36352, 37963, 45090, 45102, 46606, 51167, 53667, 60068, 60781, 62567, 63949, 132203, 136907,
    138915, 200019, 202053, 207990, 212238, 213230, 396982, 398101,
];

/// The databases that were found.
pub struct Places {
    country: Option<Reader<Vec<u8>>>,
    asn: Option<Reader<Vec<u8>>>,
    sources: Vec<PlaceSource>,
}

/// A country record in any of the forms that are in use.
#[derive(Deserialize)]
struct CountryRecord<'a> {
    #[serde(borrow, default)]
    country_code: Option<&'a str>,
    #[serde(borrow, default)]
    country: Option<CountryField<'a>>,
}

#[derive(Deserialize)]
struct CountryField<'a> {
    #[serde(borrow, default)]
    iso_code: Option<&'a str>,
}

#[derive(Deserialize)]
struct AsnRecord {
    #[serde(default)]
    autonomous_system_number: Option<u32>,
}

impl Places {
    /// Opens the databases that are given.
    pub fn open(country: Option<&Path>, asn: Option<&Path>) -> anyhow::Result<Self> {
        let mut sources = Vec::new();
        let mut open = |path: Option<&Path>| -> anyhow::Result<Option<Reader<Vec<u8>>>> {
            let Some(path) = path else { return Ok(None) };
            let reader = Reader::open_readfile(path).map_err(|error| {
                BadInput(format!("cannot read the place database {}: {error}", path.display()))
            })?;
            let metadata = reader.metadata();
            let built_s = i64::try_from(metadata.build_epoch).unwrap_or(0);
            sources.push(PlaceSource {
                name: metadata.database_type.clone(),
                built_at: UnixMillis(built_s.saturating_mul(1_000)),
            });
            Ok(Some(reader))
        };
        let (country, asn) = (open(country)?, open(asn)?);
        Ok(Self { country, asn, sources })
    }

    /// Names of the databases in use.
    pub fn names(&self) -> Vec<String> {
        self.sources.iter().map(|source| source.name.clone()).collect()
    }
}

impl PlaceLookup for Places {
    fn place(&self, address: IpAddr) -> Place {
        let country = self.country.as_ref().and_then(|reader| country_of(reader, address));
        let asn = self.asn.as_ref().and_then(|reader| {
            let record: AsnRecord = reader.lookup(address).ok()?.decode().ok()??;
            record.autonomous_system_number.map(Asn)
        });
        let network = match asn {
            Some(Asn(number)) if HOSTING.binary_search(&number).is_ok() => NetworkKind::Hosting,
            Some(_) => NetworkKind::Access,
            None => NetworkKind::Unknown,
        };
        Place { country, asn, network }
    }

    fn sources(&self) -> Vec<PlaceSource> {
        self.sources.clone()
    }
}

fn country_of(reader: &Reader<Vec<u8>>, address: IpAddr) -> Option<Country> {
    let record: CountryRecord<'_> = reader.lookup(address).ok()?.decode().ok()??;
    record.country_code.or(record.country.and_then(|c| c.iso_code)).and_then(Country::parse)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_of_hosting_networks_is_sorted() {
        assert!(HOSTING.is_sorted());
    }

    #[test]
    fn without_a_database_every_place_is_unknown() {
        let place =
            Places::open(None, None).expect("nothing to open").place(IpAddr::from([192, 0, 2, 1]));
        assert_eq!(place, Place::default());
    }

    #[test]
    fn a_missing_database_is_named() {
        let error = Places::open(Some(Path::new("/nowhere.mmdb")), None).err().expect("missing");
        assert!(error.to_string().contains("/nowhere.mmdb"), "{error}");
    }
}

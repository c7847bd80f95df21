//! Places: who stands where in the small internet, and under which names.

use std::net::Ipv4Addr;

use crate::net::Host;

/// The name server.
pub const DNS: Host = Host { name: "dns", k: 11 };
/// The delivery network in front of two brands.
pub const EDGE: Host = Host { name: "edge", k: 12 };
/// The applications of both brands.
pub const APP: Host = Host { name: "app", k: 13 };
/// The database behind them.
pub const DB: Host = Host { name: "db", k: 14 };
/// The identity provider that both brands ask, and the providers' status pages.
pub const IDENT: Host = Host { name: "ident", k: 15 };
/// Where a crowd of real clients comes from.
pub const CROWD: Host = Host { name: "crowd", k: 31 };
/// Where floods come from.
pub const FLOOD: Host = Host { name: "flood", k: 32 };

/// Ports of parts.
pub const HTTP: u16 = 80;
/// Where the edge speaks TLS.
pub const HTTPS: u16 = 443;
/// Where applications, identity provider and status page listen.
pub const APP_PORT: u16 = 8000;
/// Where the database listens.
pub const DB_PORT: u16 = 5432;
/// Where the status page listens.
pub const STATUS_PORT: u16 = 8080;

/// Names that the name server knows, and what they stand for.
pub const NAMES: &[(&str, Ipv4Addr)] = &[
    ("chirp.test", EDGE.address()),
    ("api.chirp.test", EDGE.address()),
    ("wares.test", EDGE.address()),
    ("id.test", IDENT.address()),
];

/// A region: people, and a vantage point among them.
#[derive(Clone, Copy, Debug)]
pub struct Region {
    /// Its host.
    pub host: Host,
    /// Two letters.
    pub country: &'static str,
    /// The network of its people.
    pub asn: u32,
}

const fn region(name: &'static str, k: u8, country: &'static str, asn: u32) -> Region {
    Region { host: Host { name, k }, country, asn }
}

/// All regions; the first two share a country.
pub const REGIONS: &[Region] = &[
    region("de1", 21, "DE", 3_320),
    region("de2", 22, "DE", 6_805),
    region("fr1", 23, "FR", 3_215),
    region("us1", 24, "US", 7_922),
    region("br1", 25, "BR", 28_573),
    region("jp1", 26, "JP", 2_516),
];

/// Every host there is.
pub fn hosts() -> Vec<Host> {
    let mut hosts = vec![DNS, EDGE, APP, DB, IDENT, CROWD, FLOOD];
    hosts.extend(REGIONS.iter().map(|region| region.host));
    hosts
}

/// Where a crowd comes from: everywhere, over one exchange.
const CROWDS: [Region; 2] = [region("crowd", 31, "US", 7_018), region("flood", 32, "US", 14_061)];

/// A host that clients can stand behind.
pub fn sender(name: &str) -> Option<&'static Region> {
    REGIONS.iter().chain(&CROWDS).find(|region| region.host.name == name)
}

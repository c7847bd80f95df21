//! The filter that every probe passes before it dials: no vantage point speaks to its own network.
//!
//! A target's name is resolved once. If *any* of its addresses is special-use the whole target is
//! refused, and otherwise one address is pinned and dialled: a name that answers differently a
//! moment later (rebinding) finds nobody who asks again. Each redirect is a target of its own and
//! passes here again. [`Pinned`] has no other source, so an address that was not checked cannot be
//! dialled.
//!
//! Operators who watch their own machines open the filter with [`Reach::Private`]. Metadata
//! services of clouds, multicast and addresses that wrap another address stay closed even then.
//!
//! # What it cannot tell
//!
//! An address of this machine behind a translator (NAT) looks like any other: list it in
//! [`Guard::with_own`].
//!
//! # References
//!
//! - IANA IPv4 and IPv6 Special-Purpose Address Registries (RFC 6890, RFC 8190).
//! - RFC 4291 (mapped), RFC 3056 (6to4), RFC 4380 (Teredo), RFC 6052 and RFC 8215 (NAT64).
//! - RFC 6761, RFC 6762 (special-use names).

use std::net::IpAddr;
use std::net::Ipv4Addr;
use std::net::Ipv6Addr;
use std::net::SocketAddr;
use std::net::UdpSocket;

use crate::address::Host;

/// Ports that may be probed when the operator lists none.
pub const PORTS: &[u16] =
    &[22, 25, 53, 80, 110, 143, 443, 465, 587, 853, 993, 995, 5222, 5269, 8000, 8080, 8443];

/// What may be dialled.
#[derive(Clone, Debug)]
pub struct Guard {
    reach: Reach,
    ports: Ports,
    own: Vec<IpAddr>,
}

/// How far into private networks a probe may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Addresses of the public internet only.
    Public,
    /// Private, shared, loopback and test networks too. For operators, never for the public.
    Private,
}

/// Which ports may be dialled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ports {
    /// These.
    Listed(Vec<u16>),
    /// All.
    Any,
}

/// An address that passed. Made only by [`Guard::pin`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pinned(SocketAddr);

/// Which family of addresses to use. Both at once are two probes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Family {
    /// IPv4 if there is one, or else IPv6.
    Any,
    /// IPv4 only.
    V4,
    /// IPv6 only.
    V6,
}

/// Why a target is not dialled. Says nothing about the target's health.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// An address that does not belong to the public internet.
    #[error("{address} is {range}; only addresses of the public internet are probed")]
    SpecialUse {
        /// The address.
        address: IpAddr,
        /// What it is, with an article.
        range: &'static str,
    },
    /// An address of this very machine.
    #[error("{0} is an address of this machine")]
    Own(IpAddr),
    /// A name that never leaves the local network.
    #[error("{0:?} is a name of the local network; only public names are probed")]
    LocalName(Box<str>),
    /// A port that is not listed.
    #[error("port {0} is not on the list of ports that are probed")]
    Port(u16),
    /// No address of the wanted family.
    #[error("no {0} address to probe")]
    NoAddress(&'static str),
}

impl Guard {
    /// The filter for targets of the catalogue: the public internet on [`PORTS`].
    pub fn public() -> Self {
        Self { reach: Reach::Public, ports: Ports::Listed(PORTS.to_vec()), own: Vec::new() }
    }

    /// The filter an operator chose.
    pub fn new(reach: Reach, ports: Ports) -> Self {
        Self { reach, ports, own: Vec::new() }
    }

    /// Adds addresses under which this machine is reached from outside.
    pub fn with_own(mut self, own: Vec<IpAddr>) -> Self {
        self.own.extend(own);
        self
    }

    /// Looks at host and port before anything is resolved.
    ///
    /// # Errors
    ///
    /// [`Refusal`] when no address could make this target a public one.
    pub fn admit(&self, host: &Host, port: u16) -> Result<(), Refusal> {
        if let Ports::Listed(ports) = &self.ports
            && !ports.contains(&port)
        {
            return Err(Refusal::Port(port));
        }
        match host {
            Host::Address(address) => self.admit_address(*address),
            Host::Name(name) if self.reach == Reach::Public && is_local(name) => {
                Err(Refusal::LocalName(name.clone()))
            }
            Host::Name(_) => Ok(()),
        }
    }

    /// Checks *all* addresses of a target and pins one of the family.
    ///
    /// # Errors
    ///
    /// [`Refusal`] when any address is special-use, or none is of the family.
    pub fn pin(&self, addresses: &[IpAddr], port: u16, family: Family) -> Result<Pinned, Refusal> {
        for address in addresses {
            self.admit_address(*address)?;
        }
        let first = |wanted: fn(&&IpAddr) -> bool| addresses.iter().find(wanted).copied();
        let (pinned, name) = match family {
            Family::Any => (first(|a| a.is_ipv4()).or_else(|| first(|a| a.is_ipv6())), "IP"),
            Family::V4 => (first(|a| a.is_ipv4()), "IPv4"),
            Family::V6 => (first(|a| a.is_ipv6()), "IPv6"),
        };
        let address = pinned.ok_or(Refusal::NoAddress(name))?;
        Ok(Pinned(SocketAddr::new(address, port)))
    }

    fn admit_address(&self, address: IpAddr) -> Result<(), Refusal> {
        if let Some(range) = range_of(address)
            && !(range.opens == Opens::ForOperators && self.reach == Reach::Private)
        {
            return Err(Refusal::SpecialUse { address, range: range.name });
        }
        let private = self.reach == Reach::Private;
        if self.own.contains(&address) || (!private && routes_to_itself(address)) {
            return Err(Refusal::Own(address));
        }
        Ok(())
    }
}

impl Pinned {
    /// Where to dial.
    pub fn address(self) -> SocketAddr {
        self.0
    }
}

/// Names that mean this machine or this network whatever a resolver says.
fn is_local(name: &str) -> bool {
    const SUFFIXES: &[&str] = &[
        "localhost",
        "local",
        "localdomain",
        "internal",
        "intranet",
        "lan",
        "home",
        "corp",
        "private",
        "home.arpa",
        "test",
        "invalid",
        "onion",
    ];
    let ends = |suffix: &&str| {
        name.strip_suffix(*suffix).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    };
    !name.contains('.') || SUFFIXES.iter().any(ends)
}

/// Whether the kernel would answer itself: it picks the address as its own source. Sends nothing.
fn routes_to_itself(address: IpAddr) -> bool {
    let any: IpAddr = match address {
        IpAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        IpAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    };
    let source = UdpSocket::bind((any, 0)).and_then(|socket| {
        socket.connect((address, 9))?;
        socket.local_addr()
    });
    // No socket or no route: the dial fails by itself a moment later.
    source.is_ok_and(|source| source.ip() == address)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Opens {
    ForOperators,
    Never,
}

struct Range<A> {
    base: A,
    bits: u32,
    name: &'static str,
    opens: Opens,
}

struct Found {
    name: &'static str,
    opens: Opens,
}

/// The first range that holds the address; narrow ones stand before wide ones.
fn range_of(address: IpAddr) -> Option<Found> {
    match address {
        IpAddr::V4(address) => {
            let bits = address.to_bits();
            let holds = |range: &&Range<[u8; 4]>| {
                let shift = 32 - range.bits;
                u64::from(bits) >> shift == u64::from(u32::from_be_bytes(range.base)) >> shift
            };
            let found = RANGES_V4.iter().find(holds)?;
            Some(Found { name: found.name, opens: found.opens })
        }
        IpAddr::V6(address) => {
            let bits = address.to_bits();
            let holds = |range: &&Range<[u16; 8]>| {
                let base = Ipv6Addr::from_segments(range.base).to_bits();
                (bits ^ base).leading_zeros() >= range.bits
            };
            if let Some(found) = RANGES_V6.iter().find(holds) {
                return Some(Found { name: found.name, opens: found.opens });
            }
            // Only 2000::/3 is handed out at all.
            let global = bits >> 125 == 0b001;
            (!global).then_some(Found { name: "not handed out by IANA", opens: Opens::Never })
        }
    }
}

const fn v4(base: [u8; 4], bits: u32, name: &'static str, opens: Opens) -> Range<[u8; 4]> {
    Range { base, bits, name, opens }
}

const fn v6(base: [u16; 8], bits: u32, name: &'static str, opens: Opens) -> Range<[u16; 8]> {
    Range { base, bits, name, opens }
}

const METADATA: &str = "a metadata service of a cloud";
const DOCUMENTATION: &str = "for documentation";

#[rustfmt::skip]
const RANGES_V4: &[Range<[u8; 4]>] = &[
    v4([169, 254, 169, 254], 32, METADATA, Opens::Never),
    v4([169, 254, 169, 253], 32, METADATA, Opens::Never),
    v4([169, 254, 170, 2], 32, METADATA, Opens::Never),
    v4([169, 254, 170, 23], 32, METADATA, Opens::Never),
    v4([100, 100, 100, 200], 32, METADATA, Opens::Never),
    v4([168, 63, 129, 16], 32, METADATA, Opens::Never),
    v4([192, 0, 0, 192], 32, METADATA, Opens::Never),
    v4([0, 0, 0, 0], 8, "\"this network\"", Opens::Never),
    v4([10, 0, 0, 0], 8, "a private address", Opens::ForOperators),
    v4([100, 64, 0, 0], 10, "shared by customers of one provider", Opens::ForOperators),
    v4([127, 0, 0, 0], 8, "a loopback address", Opens::ForOperators),
    v4([169, 254, 0, 0], 16, "a link-local address", Opens::ForOperators),
    v4([172, 16, 0, 0], 12, "a private address", Opens::ForOperators),
    v4([192, 0, 0, 0], 24, "for protocols of the IETF", Opens::Never),
    v4([192, 0, 2, 0], 24, DOCUMENTATION, Opens::ForOperators),
    v4([192, 31, 196, 0], 24, "for AS112", Opens::Never),
    v4([192, 52, 193, 0], 24, "for AMT", Opens::Never),
    v4([192, 88, 99, 0], 24, "a 6to4 relay", Opens::Never),
    v4([192, 168, 0, 0], 16, "a private address", Opens::ForOperators),
    v4([192, 175, 48, 0], 24, "for AS112", Opens::Never),
    v4([198, 18, 0, 0], 15, "for benchmarks", Opens::ForOperators),
    v4([198, 51, 100, 0], 24, DOCUMENTATION, Opens::ForOperators),
    v4([203, 0, 113, 0], 24, DOCUMENTATION, Opens::ForOperators),
    v4([224, 0, 0, 0], 4, "a multicast address", Opens::Never),
    v4([255, 255, 255, 255], 32, "the broadcast address", Opens::Never),
    v4([240, 0, 0, 0], 4, "reserved", Opens::Never),
];

#[rustfmt::skip]
const RANGES_V6: &[Range<[u16; 8]>] = &[
    v6([0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254], 128, METADATA, Opens::Never),
    v6([0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x23], 128, METADATA, Opens::Never),
    v6([0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254], 128, METADATA, Opens::Never),
    v6([0; 8], 128, "the unspecified address", Opens::Never),
    v6([0, 0, 0, 0, 0, 0, 0, 1], 128, "a loopback address", Opens::ForOperators),
    v6([0, 0, 0, 0, 0, 0xffff, 0, 0], 96, "an IPv4 address in IPv6 clothes", Opens::Never),
    v6([0; 8], 96, "an IPv4 address in IPv6 clothes", Opens::Never),
    v6([0, 0, 0, 0, 0xffff, 0, 0, 0], 96, "an IPv4 address in IPv6 clothes", Opens::Never),
    v6([0x64, 0xff9b, 0, 0, 0, 0, 0, 0], 96, "an IPv4 address behind NAT64", Opens::Never),
    v6([0x64, 0xff9b, 1, 0, 0, 0, 0, 0], 48, "an IPv4 address behind NAT64", Opens::Never),
    v6([0x100, 0, 0, 0, 0, 0, 0, 0], 64, "to be discarded", Opens::Never),
    v6([0x100, 0, 0, 1, 0, 0, 0, 0], 64, "a dummy prefix", Opens::Never),
    v6([0x2001, 0, 0, 0, 0, 0, 0, 0], 32, "an IPv4 address in a Teredo tunnel", Opens::Never),
    v6([0x2001, 2, 0, 0, 0, 0, 0, 0], 48, "for benchmarks", Opens::ForOperators),
    v6([0x2001, 0xdb8, 0, 0, 0, 0, 0, 0], 32, DOCUMENTATION, Opens::ForOperators),
    v6([0x2001, 0, 0, 0, 0, 0, 0, 0], 23, "for protocols of the IETF", Opens::Never),
    v6([0x2002, 0, 0, 0, 0, 0, 0, 0], 16, "an IPv4 address in a 6to4 tunnel", Opens::Never),
    v6([0x2620, 0x4f, 0x8000, 0, 0, 0, 0, 0], 48, "for AS112", Opens::Never),
    v6([0x3fff, 0, 0, 0, 0, 0, 0, 0], 20, DOCUMENTATION, Opens::ForOperators),
    v6([0x5f00, 0, 0, 0, 0, 0, 0, 0], 16, "for segment routing", Opens::Never),
    v6([0xfc00, 0, 0, 0, 0, 0, 0, 0], 7, "a private address", Opens::ForOperators),
    v6([0xfe80, 0, 0, 0, 0, 0, 0, 0], 10, "a link-local address", Opens::ForOperators),
    v6([0xfec0, 0, 0, 0, 0, 0, 0, 0], 10, "a site-local address", Opens::ForOperators),
    v6([0xff00, 0, 0, 0, 0, 0, 0, 0], 8, "a multicast address", Opens::Never),
];

#[cfg(test)]
mod tests {
    use crate::address::Url;

    use super::*;

    /// What the filter says about an address as written, with what its name resolves to.
    fn verdict(guard: &Guard, url: &str, resolved: &[&str]) -> Result<SocketAddr, String> {
        let url = Url::parse(url).map_err(|error| error.to_string())?;
        let port = url.port.unwrap_or(if &*url.scheme == "https" { 443 } else { 80 });
        guard.admit(&url.host, port).map_err(|refusal| refusal.to_string())?;
        let resolved: Vec<IpAddr> = match url.host {
            Host::Address(address) => vec![address],
            Host::Name(_) => resolved.iter().map(|text| text.parse().unwrap()).collect(),
        };
        let pinned = guard.pin(&resolved, port, Family::Any);
        pinned.map(Pinned::address).map_err(|refusal| refusal.to_string())
    }

    const NONE: &[&str] = &[];

    /// Address as written, what its name resolves to, a part of the reason.
    const REFUSED: &[(&str, &[&str], &str)] = &[
        // Special-use addresses, written plainly.
        ("http://127.0.0.1/", NONE, "loopback"),
        ("http://127.255.255.254/", NONE, "loopback"),
        ("http://0.0.0.0/", NONE, "this network"),
        ("http://0.1.2.3/", NONE, "this network"),
        ("http://10.0.0.1/", NONE, "private"),
        ("http://10.255.255.255/", NONE, "private"),
        ("http://172.16.0.1/", NONE, "private"),
        ("http://172.31.255.255/", NONE, "private"),
        ("http://192.168.1.1/", NONE, "private"),
        ("http://100.64.0.1/", NONE, "shared"),
        ("http://100.127.255.255/", NONE, "shared"),
        ("http://169.254.0.1/", NONE, "link-local"),
        ("http://169.254.169.254/latest/meta-data/", NONE, "metadata"),
        ("http://169.254.170.2/v2/credentials", NONE, "metadata"),
        ("http://100.100.100.200/", NONE, "metadata"),
        ("http://168.63.129.16/", NONE, "metadata"),
        ("http://192.0.0.192/", NONE, "metadata"),
        ("http://192.0.0.8/", NONE, "IETF"),
        ("http://192.0.2.1/", NONE, "documentation"),
        ("http://198.51.100.7/", NONE, "documentation"),
        ("http://203.0.113.9/", NONE, "documentation"),
        ("http://198.18.0.1/", NONE, "benchmarks"),
        ("http://198.19.255.255/", NONE, "benchmarks"),
        ("http://192.88.99.1/", NONE, "6to4"),
        ("http://192.31.196.1/", NONE, "AS112"),
        ("http://192.52.193.1/", NONE, "AMT"),
        ("http://192.175.48.1/", NONE, "AS112"),
        ("http://224.0.0.1/", NONE, "multicast"),
        ("http://239.255.255.250/", NONE, "multicast"),
        ("http://240.0.0.1/", NONE, "reserved"),
        ("http://255.255.255.255/", NONE, "broadcast"),
        // IPv6.
        ("http://[::]/", NONE, "unspecified"),
        ("http://[::1]/", NONE, "loopback"),
        ("http://[0:0:0:0:0:0:0:1]/", NONE, "loopback"),
        ("http://[::ffff:127.0.0.1]/", NONE, "IPv6 clothes"),
        ("http://[::ffff:7f00:1]/", NONE, "IPv6 clothes"),
        ("http://[::ffff:93.184.216.34]/", NONE, "IPv6 clothes"),
        ("http://[::127.0.0.1]/", NONE, "IPv6 clothes"),
        ("http://[::ffff:0:127.0.0.1]/", NONE, "IPv6 clothes"),
        ("http://[64:ff9b::7f00:1]/", NONE, "NAT64"),
        ("http://[64:ff9b::169.254.169.254]/", NONE, "NAT64"),
        ("http://[64:ff9b:1::a00:1]/", NONE, "NAT64"),
        ("http://[2002:7f00:1::]/", NONE, "6to4"),
        ("http://[2002:a9fe:a9fe::1]/", NONE, "6to4"),
        ("http://[2001:0:4136:e378:8000:63bf:3fff:fdd2]/", NONE, "Teredo"),
        ("http://[2001:2::1]/", NONE, "benchmarks"),
        ("http://[2001:10::1]/", NONE, "IETF"),
        ("http://[2001:db8::1]/", NONE, "documentation"),
        ("http://[3fff::1]/", NONE, "documentation"),
        ("http://[2620:4f:8000::1]/", NONE, "AS112"),
        ("http://[5f00::1]/", NONE, "segment routing"),
        ("http://[100::1]/", NONE, "discarded"),
        ("http://[fc00::1]/", NONE, "private"),
        ("http://[fdff::1]/", NONE, "private"),
        ("http://[fd00:ec2::254]/", NONE, "metadata"),
        ("http://[fd20:ce::254]/", NONE, "metadata"),
        ("http://[fe80::1]/", NONE, "link-local"),
        ("http://[fec0::1]/", NONE, "site-local"),
        ("http://[ff02::1]/", NONE, "multicast"),
        ("http://[4000::1]/", NONE, "not handed out"),
        ("http://[fe80::1%25eth0]/", NONE, "no host name"),
        ("http://[::1/", NONE, "no port"),
        // Numbers that browsers take for addresses.
        ("http://2130706433/", NONE, "four decimal numbers"),
        ("http://0x7f000001/", NONE, "four decimal numbers"),
        ("http://0x7f.1/", NONE, "four decimal numbers"),
        ("http://0177.0.0.1/", NONE, "four decimal numbers"),
        ("http://017700000001/", NONE, "four decimal numbers"),
        ("http://127.1/", NONE, "four decimal numbers"),
        ("http://127.0.1/", NONE, "four decimal numbers"),
        ("http://127.0.0.01/", NONE, "four decimal numbers"),
        ("http://127.0.0.0x1/", NONE, "four decimal numbers"),
        ("http://127.0.0.256/", NONE, "four decimal numbers"),
        ("http://127.0.0.1.5/", NONE, "four decimal numbers"),
        ("http://0x/", NONE, "four decimal numbers"),
        ("http://example.0x7f/", NONE, "four decimal numbers"),
        // Trailing dots and empty labels.
        ("http://127.0.0.1./", NONE, "four decimal numbers"),
        ("http://localhost./", NONE, "local network"),
        ("http://example.org../", NONE, "no host name"),
        ("http://.example.org/", NONE, "no host name"),
        ("http:///etc/passwd", NONE, "no host name"),
        // Names of the local network.
        ("http://localhost/", NONE, "local network"),
        ("http://LOCALHOST/", NONE, "local network"),
        ("http://app.localhost/", NONE, "local network"),
        ("http://printer.local/", NONE, "local network"),
        ("http://metadata.google.internal/", NONE, "local network"),
        ("http://metadata/", NONE, "local network"),
        ("http://router.home.arpa/", NONE, "local network"),
        // Names that resolve to what must not be dialled.
        ("http://localtest.example/", &["127.0.0.1"], "loopback"),
        ("http://both.example/", &["93.184.216.34", "10.0.0.1"], "private"),
        ("http://both.example/", &["93.184.216.34", "::1"], "loopback"),
        ("http://mapped.example/", &["::ffff:10.0.0.1"], "IPv6 clothes"),
        ("http://nat64.example/", &["64:ff9b::a9fe:a9fe"], "NAT64"),
        ("http://empty.example/", NONE, "no IP address"),
        // Where a host ends.
        ("http://example.org@127.0.0.1/", NONE, "credentials"),
        ("http://127.0.0.1@example.org/", &["93.184.216.34"], "credentials"),
        ("http://user:password@example.org/", &["93.184.216.34"], "credentials"),
        ("http://example.org\\@127.0.0.1/", NONE, "percent-encode"),
        ("http://127.0.0.1\\.example.org/", NONE, "percent-encode"),
        ("http://example.org\t@127.0.0.1/", NONE, "percent-encode"),
        ("http://exam\nple.org/", NONE, "percent-encode"),
        ("http://example.org /", NONE, "percent-encode"),
        ("http://127.0.0.1%2eexample.org/", NONE, "no host name"),
        ("http://%31%32%37.0.0.1/", NONE, "four decimal numbers"),
        ("http://%6c%6f%63alhost/", NONE, "no host name"),
        ("http://127.0.0.1#@example.org/", NONE, "loopback"),
        ("http://127.0.0.1?@example.org/", NONE, "loopback"),
        ("http://127.0.0.1:80:443/", NONE, "no port"),
        ("//127.0.0.1/", NONE, "scheme"),
        // Letters that turn into others.
        ("http://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ/", NONE, "xn--"),
        ("http://１２７.0.0.1/", NONE, "xn--"),
        ("http://127。0。0。1/", NONE, "xn--"),
        ("http://①②⑦.0.0.1/", NONE, "xn--"),
        ("http://bücher.example/", NONE, "xn--"),
        ("http://loc\u{ad}alhost/", NONE, "xn--"),
        // Ports.
        ("http://93.184.216.34:6379/", NONE, "port 6379"),
        ("http://93.184.216.34:11211/", NONE, "port 11211"),
        ("http://93.184.216.34:99999/", NONE, "no port"),
    ];

    #[test]
    fn what_is_not_of_the_public_internet_is_refused() {
        let guard = Guard::public();
        for (url, resolved, reason) in REFUSED {
            match verdict(&guard, url, resolved) {
                Ok(address) => panic!("{url} with {resolved:?} would dial {address}"),
                Err(said) => assert!(said.contains(reason), "{url}: {said}"),
            }
        }
        assert!(REFUSED.len() >= 70, "the table has {} cases", REFUSED.len());
    }

    #[test]
    fn the_public_internet_is_admitted() {
        let cases: &[(&str, &[&str], &str)] = &[
            ("http://93.184.216.34/", NONE, "93.184.216.34:80"),
            ("https://1.1.1.1/", NONE, "1.1.1.1:443"),
            ("http://11.0.0.1/", NONE, "11.0.0.1:80"),
            ("http://100.63.255.255/", NONE, "100.63.255.255:80"),
            ("http://100.128.0.1/", NONE, "100.128.0.1:80"),
            ("http://172.15.255.255/", NONE, "172.15.255.255:80"),
            ("http://172.32.0.1/", NONE, "172.32.0.1:80"),
            ("http://198.20.0.1/", NONE, "198.20.0.1:80"),
            ("http://223.255.255.255:8080/", NONE, "223.255.255.255:8080"),
            ("https://[2606:4700:4700::1111]/", NONE, "[2606:4700:4700::1111]:443"),
            ("https://Example.ORG./", &["93.184.216.34"], "93.184.216.34:443"),
            ("https://xn--bcher-kva.example/", &["2600::1"], "[2600::1]:443"),
            ("https://a.example/", &["2600::1", "93.184.216.34"], "93.184.216.34:443"),
            ("https://127.0.0.1.nip.example/", &["93.184.216.34"], "93.184.216.34:443"),
        ];
        let guard = Guard::public();
        for (url, resolved, address) in cases {
            let said = verdict(&guard, url, resolved).map(|address| address.to_string());
            assert_eq!(said.as_deref(), Ok(*address), "{url}");
        }
    }

    #[test]
    fn operators_reach_their_own_network_and_no_metadata_service() {
        let guard = Guard::new(Reach::Private, Ports::Any);
        let open =
            ["127.0.0.1", "[::1]", "10.1.2.3", "192.168.0.1:9090", "100.64.0.1", "[fd12::1]"];
        for host in open {
            assert!(verdict(&guard, &format!("http://{host}/"), NONE).is_ok(), "{host}");
        }
        let closed = [
            "169.254.169.254",
            "168.63.129.16",
            "[fd00:ec2::254]",
            "[::ffff:127.0.0.1]",
            "0.0.0.0",
            "224.0.0.1",
            "255.255.255.255",
            "[64:ff9b::7f00:1]",
            "[2002:7f00:1::]",
            "[ff02::1]",
        ];
        for host in closed {
            assert!(verdict(&guard, &format!("http://{host}/"), NONE).is_err(), "{host}");
        }
    }

    #[test]
    fn own_addresses_are_refused() {
        let own: IpAddr = "93.184.216.34".parse().unwrap();
        let guard = Guard::public().with_own(vec![own]);
        let said = guard.pin(&[own], 443, Family::Any);
        assert_eq!(said, Err(Refusal::Own(own)));
        // The kernel answers itself here, as it does for the public addresses of a server.
        assert!(routes_to_itself("127.0.0.1".parse().unwrap()));
        assert!(!routes_to_itself("127.0.0.2".parse().unwrap()));
    }

    #[test]
    fn one_family_is_pinned_and_all_are_checked() {
        let both: [IpAddr; 2] = ["93.184.216.34".parse().unwrap(), "2600::1".parse().unwrap()];
        let guard = Guard::public();
        let v6 = guard.pin(&both, 443, Family::V6).unwrap();
        assert_eq!(v6.address().to_string(), "[2600::1]:443");
        let none = guard.pin(&both[..1], 443, Family::V6);
        assert_eq!(none, Err(Refusal::NoAddress("IPv6")));
        let mixed: [IpAddr; 2] = ["93.184.216.34".parse().unwrap(), "fd00::1".parse().unwrap()];
        assert!(guard.pin(&mixed, 443, Family::V4).is_err(), "the other family counts too");
    }

    #[test]
    fn redirects_are_read_and_refused_like_any_address() {
        let base = Url::parse("https://example.org/a/b").unwrap();
        let guard = Guard::public();
        for location in [
            "http://127.0.0.1/",
            "//127.0.0.1/",
            "//[::1]/x",
            "https://169.254.169.254/latest",
            "http://0x7f.1/",
            "//localhost",
            "/\\127.0.0.1/",
            "http:\\\\127.0.0.1\\",
            "//example.org@10.0.0.1/",
            "gopher:127.0.0.1",
            "http:127.0.0.1",
        ] {
            let said = base
                .join(location)
                .map_err(|error| error.to_string())
                .and_then(|url| verdict(&guard, &url.to_string(), NONE));
            assert!(said.is_err(), "{location} would dial {said:?}");
        }
    }
}

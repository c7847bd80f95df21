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
mod tests;

//! Who sent a request, as far as that can be known behind proxies.

use super::Request;
use crate::address::Address;

/// Hops of one header that are looked at.
const HOPS_MAX: usize = 32;

/// Who sent a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Client {
    /// The other end of the connection.
    Connected(Address),
    /// The last hop that a trusted proxy wrote down.
    Forwarded(Address),
    /// Nobody knows: the header was written by someone who is not trusted.
    Unknown,
}

impl Client {
    /// The address, when it is known.
    pub const fn address(self) -> Option<Address> {
        match self {
            Self::Connected(address) | Self::Forwarded(address) => Some(address),
            Self::Unknown => None,
        }
    }
}

/// A network whose `X-Forwarded-For` the operator believes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TrustedProxy {
    /// Its first address.
    pub network: Address,
    /// Length of its prefix in bits, of the address's own family.
    pub bits: u32,
}

impl TrustedProxy {
    fn holds(&self, address: Address) -> bool {
        self.network.is_v4() == address.is_v4()
            && address.network(self.bits, self.bits) == self.network
    }
}

impl Request<'_> {
    /// Who sent this.
    ///
    /// A header that came through a trusted proxy is read from its end, up to the first hop that is
    /// not trusted. Any other header makes the client unknown: its connection may be a proxy's, and
    /// what it says may be invented.
    pub fn client(&self, trusted: &[TrustedProxy]) -> Client {
        let Some(peer) = self.peer else { return Client::Unknown };
        let Some(hops) = self.forwarded_for.as_deref().filter(|_| !self.peer_resolved) else {
            return Client::Connected(peer);
        };
        let is_trusted = |address: Address| trusted.iter().any(|proxy| proxy.holds(address));
        if !is_trusted(peer) {
            return Client::Unknown;
        }
        for hop in hops.rsplit(',').take(HOPS_MAX) {
            match address(hop.trim()) {
                Some(hop) if is_trusted(hop) => {}
                Some(hop) => return Client::Forwarded(hop),
                None => return Client::Unknown,
            }
        }
        Client::Unknown
    }
}

/// An address, perhaps in brackets, perhaps with a port.
pub(super) fn address(text: &str) -> Option<Address> {
    let plain = |text: &str| text.parse::<std::net::IpAddr>().ok().map(Address::from);
    plain(text).or_else(|| plain(text.strip_prefix('[')?.split_once(']')?.0)).or_else(|| {
        let (host, port) = text.rsplit_once(':')?;
        port.parse::<u16>().ok()?;
        plain(host)
    })
}

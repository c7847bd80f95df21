//! An Internet address of either family in sixteen bytes.
//!
//! IPv4 is written v4-mapped (RFC 4291 §2.5.5.2), so that tables need one key only.
//!
//! What it cannot tell: an IPv4 address from the same address that was sent v4-mapped in an IPv6
//! header. No router forwards the latter.

use std::fmt;
use std::net::IpAddr;
use std::net::Ipv4Addr;
use std::net::Ipv6Addr;

/// An address, IPv4 as `::ffff:a.b.c.d`.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address(u128);

/// The first 96 bits of a mapped IPv4 address.
const MAPPED: u128 = 0xffff_0000_0000;

impl Address {
    /// `::`, what a record holds when no address was exported.
    pub const UNSPECIFIED: Self = Self(0);

    /// From the four bytes of IPv4, as a number.
    #[inline]
    pub const fn v4(bits: u32) -> Self {
        Self(MAPPED | bits as u128)
    }

    /// From the sixteen bytes of IPv6, as a number.
    #[inline]
    pub const fn v6(bits: u128) -> Self {
        Self(bits)
    }

    /// All 128 bits.
    #[inline]
    pub const fn bits(self) -> u128 {
        self.0
    }

    /// Whether this is IPv4.
    #[inline]
    pub const fn is_v4(self) -> bool {
        self.0 >> 32 == MAPPED >> 32
    }

    /// Whether no address was exported.
    #[inline]
    pub const fn is_unspecified(self) -> bool {
        self.0 == 0 || self.0 == MAPPED
    }

    /// The network this address lies in: the first `v4_bits` of IPv4, or `v6_bits` of IPv6.
    #[inline]
    pub const fn network(self, v4_bits: u32, v6_bits: u32) -> Self {
        let kept = if self.is_v4() { 96 + v4_bits } else { v6_bits };
        let rest = 128u32.saturating_sub(kept);
        Self(if rest >= 128 { 0 } else { self.0 >> rest << rest })
    }

    /// The address as the standard library knows it.
    pub const fn ip(self) -> IpAddr {
        if self.is_v4() {
            IpAddr::V4(Ipv4Addr::from_bits(self.0 as u32))
        } else {
            IpAddr::V6(Ipv6Addr::from_bits(self.0))
        }
    }
}

impl From<IpAddr> for Address {
    fn from(ip: IpAddr) -> Self {
        match ip {
            IpAddr::V4(ip) => Self::v4(ip.to_bits()),
            IpAddr::V6(ip) => Self::v6(ip.to_bits()),
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.ip().fmt(f)
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.ip().fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_keep_the_family() {
        let table = [
            ("192.0.2.77", "192.0.2.0"),
            ("2001:db8:1:2::3", "2001:db8:1::"),
            ("255.255.255.255", "255.255.255.0"),
        ];
        for (address, network) in table {
            let address = Address::from(address.parse::<IpAddr>().unwrap());
            assert_eq!(address.network(24, 48).to_string(), network);
            assert_eq!(address.network(32, 128), address);
        }
        assert!(Address::v4(1).network(0, 0).is_v4());
        assert_eq!(Address::v6(1 << 127).network(24, 0), Address::UNSPECIFIED);
    }
}

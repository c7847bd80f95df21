//! What kind of traffic a flow is, as far as its headers say: one class each.

use outcry_decode::packet::flag;
use outcry_decode::packet::protocol;
use outcry_decode::record::Flow;
use outcry_decode::record::Fragment;

/// The class of a flow. A flow has exactly one, so that classes add up to the total.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// Later fragments, of whatever protocol.
    Fragment,
    /// TCP: SYN and no ACK.
    TcpSyn,
    /// TCP: SYN and ACK, and nothing that a whole connection would add.
    TcpSynAck,
    /// TCP: RST, or FIN alone.
    TcpReset,
    /// TCP: no flag, or FIN, PSH and URG at once.
    TcpNull,
    /// TCP: ACK without SYN, with or without PSH.
    TcpAck,
    /// TCP: SYN, ACK and more: a flow that saw a connection from its beginning.
    TcpWhole,
    /// TCP whose flags were not exported.
    TcpUnknown,
    /// UDP.
    Udp,
    /// ICMP and ICMPv6.
    Icmp,
    /// GRE.
    Gre,
    /// IPsec, ESP or AH.
    Ipsec,
    /// IP in IP.
    IpInIp,
    /// Any other protocol.
    Other,
}

impl Class {
    /// How many there are.
    pub const COUNT: usize = Self::Other as usize + 1;

    /// Every class, in order.
    pub const ALL: [Self; Self::COUNT] = [
        Self::Fragment,
        Self::TcpSyn,
        Self::TcpSynAck,
        Self::TcpReset,
        Self::TcpNull,
        Self::TcpAck,
        Self::TcpWhole,
        Self::TcpUnknown,
        Self::Udp,
        Self::Icmp,
        Self::Gre,
        Self::Ipsec,
        Self::IpInIp,
        Self::Other,
    ];

    /// The class of a flow.
    #[inline]
    pub fn of(flow: &Flow) -> Self {
        if flow.fragment == Fragment::Later {
            return Self::Fragment;
        }
        match flow.protocol {
            protocol::TCP => Self::of_flags(flow),
            protocol::UDP => Self::Udp,
            protocol::ICMP | protocol::ICMPV6 => Self::Icmp,
            protocol::GRE => Self::Gre,
            protocol::ESP | AUTHENTICATION => Self::Ipsec,
            protocol::IPIP | protocol::IPV6 => Self::IpInIp,
            _ => Self::Other,
        }
    }

    #[inline]
    fn of_flags(flow: &Flow) -> Self {
        use outcry_decode::record::Fields;
        if !flow.exported.has(Fields::TCP_FLAGS) {
            return Self::TcpUnknown;
        }
        // ECE and CWR are set in ordinary SYNs (RFC 3168 §6.1.1).
        let flags = flow.tcp_flags & !(flag::ECE | flag::CWR) & 0x3f;
        let has = |wanted: u16| flags & wanted == wanted;
        match flags {
            0 => Self::TcpNull,
            _ if has(flag::FIN | flag::PSH | flag::URG) && !has(flag::ACK) => Self::TcpNull,
            _ if has(flag::SYN) && !has(flag::ACK) => Self::TcpSyn,
            _ if flags == flag::SYN | flag::ACK => Self::TcpSynAck,
            _ if has(flag::SYN) => Self::TcpWhole,
            _ if has(flag::RST) || flags == flag::FIN => Self::TcpReset,
            _ => Self::TcpAck,
        }
    }
}

const AUTHENTICATION: u8 = 51;

#[cfg(test)]
mod tests {
    use super::*;
    use outcry_decode::record::Fields;

    #[test]
    fn flags_decide_the_class() {
        let table = [
            (0x02, Class::TcpSyn),
            (0xc2, Class::TcpSyn),
            (0x06, Class::TcpSyn),
            (0x12, Class::TcpSynAck),
            (0x1b, Class::TcpWhole),
            (0x10, Class::TcpAck),
            (0x18, Class::TcpAck),
            (0x14, Class::TcpReset),
            (0x01, Class::TcpReset),
            (0x00, Class::TcpNull),
            (0x29, Class::TcpNull),
        ];
        for (tcp_flags, class) in table {
            let exported = Fields::TCP_FLAGS;
            let flow = Flow { protocol: 6, tcp_flags, exported, ..Flow::default() };
            assert_eq!(Class::of(&flow), class, "{tcp_flags:#x}");
            let later = Flow { fragment: Fragment::Later, ..flow };
            assert_eq!(Class::of(&later), Class::Fragment);
            let silent = Flow { exported: Fields::default(), ..flow };
            assert_eq!(Class::of(&silent), Class::TcpUnknown);
        }
        for (place, class) in Class::ALL.into_iter().enumerate() {
            assert_eq!(place, class as usize);
        }
    }
}

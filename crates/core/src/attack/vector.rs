//! Vectors: how traffic hurts, by the names that every output uses.
//!
//! UDP amplification is told by the port that the traffic comes *from*: a reflector answers from
//! the port of its service. The table is that of the field (US-CERT TA14-017A and its successors).

/// Services that are known to amplify, by UDP source port.
pub const AMPLIFIERS: &[(u16, &str)] = &[
    (17, "amp_qotd"),
    (19, "amp_chargen"),
    (53, "amp_dns"),
    (69, "amp_tftp"),
    (111, "amp_portmap"),
    (123, "amp_ntp"),
    (137, "amp_netbios"),
    (161, "amp_snmp"),
    (177, "amp_xdmcp"),
    (389, "amp_cldap"),
    (427, "amp_slp"),
    (500, "amp_isakmp"),
    (520, "amp_rip"),
    (623, "amp_ipmi"),
    (1194, "amp_openvpn"),
    (1434, "amp_mssql"),
    (1701, "amp_l2tp"),
    (1900, "amp_ssdp"),
    (3283, "amp_ard"),
    (3389, "amp_rdp"),
    (3478, "amp_stun"),
    (3702, "amp_wsd"),
    (4500, "amp_ipsec_natt"),
    (5060, "amp_sip"),
    (5093, "amp_sentinel"),
    (5351, "amp_nat_pmp"),
    (5353, "amp_mdns"),
    (5683, "amp_coap"),
    (6881, "amp_bittorrent"),
    (7001, "amp_afs"),
    (10001, "amp_ubiquiti"),
    (10074, "amp_tp240"),
    (11211, "amp_memcached"),
    (27015, "amp_source"),
    (32414, "amp_plex"),
    (33848, "amp_jenkins"),
    (37810, "amp_dhdiscover"),
    (47808, "amp_bacnet"),
];

/// One way in which traffic hurts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Vector {
    /// SYN without ACK.
    TcpSyn,
    /// SYN-ACK that nobody asked for, and the resets that come with it.
    TcpSynAck,
    /// ACK or PSH-ACK outside of any connection.
    TcpAck,
    /// RST or FIN outside of any connection.
    TcpRst,
    /// No flags, or all at once.
    TcpNull,
    /// Bodies of web pages that nobody asked for.
    TcpMiddlebox,
    /// ICMP of either version.
    Icmp,
    /// UDP from no port of the table.
    Udp,
    /// Pieces of packets that belong to no other vector.
    Fragment,
    /// Any other protocol.
    IpProtocol,
    /// IPv6 extension headers.
    Ipv6ExtensionHeaders,
    /// UDP from a service that amplifies: its place in [`AMPLIFIERS`].
    Amplification(u8),
    /// Requests for addresses.
    Dhcp,
    /// Questions for names.
    DnsQuery,
    /// Hostile web requests.
    Http,
    /// HTTP/2 streams opened and reset at once (CVE-2023-44487).
    Http2RapidReset,
    /// Web requests that are never finished.
    Slowloris,
}

impl Vector {
    /// Stable name.
    pub fn name(self) -> &'static str {
        match self {
            Self::TcpSyn => "tcp_syn_flood",
            Self::TcpSynAck => "tcp_synack_reflection",
            Self::TcpAck => "tcp_ack_flood",
            Self::TcpRst => "tcp_rst_flood",
            Self::TcpNull => "tcp_null_flood",
            Self::TcpMiddlebox => "tcp_middlebox_amp",
            Self::Icmp => "icmp_flood",
            Self::Udp => "udp_flood",
            Self::Fragment => "fragment_flood",
            Self::IpProtocol => "ip_protocol_flood",
            Self::Ipv6ExtensionHeaders => "ipv6_exthdr_flood",
            Self::Amplification(place) => AMPLIFIERS[usize::from(place)].1,
            Self::Dhcp => "dhcp_flood",
            Self::DnsQuery => "dns_query_flood",
            Self::Http => "http_flood",
            Self::Http2RapidReset => "http2_rapid_reset",
            Self::Slowloris => "slowloris",
        }
    }

    /// Whether what arrives was sent by others than the attacker, in good faith.
    pub fn is_reflected(self) -> bool {
        matches!(self, Self::TcpSynAck | Self::TcpMiddlebox | Self::Amplification(_))
    }
}

/// The place of a UDP source port in [`AMPLIFIERS`].
pub fn amplifier(source_port: u16) -> Option<u8> {
    let place = AMPLIFIERS.binary_search_by_key(&source_port, |(port, _)| *port).ok()?;
    u8::try_from(place).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_and_its_names_are_its_own() {
        assert!(AMPLIFIERS.windows(2).all(|pair| pair[0].0 < pair[1].0));
        for (port, name) in AMPLIFIERS {
            let place = amplifier(*port).expect("in the table");
            assert_eq!(Vector::Amplification(place).name(), *name);
        }
        assert_eq!(amplifier(80), None);
    }
}

//! The client's address: of the connection, or what a trusted proxy says.
//!
//! `X-Forwarded-For` is believed only as far as it was written by proxies that are configured:
//! read from the right, the first address that is none of them is the client. Anything further
//! left was written by strangers.

use std::net::IpAddr;

use http::HeaderMap;
use ipnet::IpNet;

/// The address of the client behind a connection from `peer`.
pub fn address(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> IpAddr {
    let is_trusted = |address: IpAddr| trusted.iter().any(|net| net.contains(&address));
    let peer = peer.to_canonical();
    if trusted.is_empty() || !is_trusted(peer) {
        return peer;
    }
    let mut client = peer;
    let hops = headers.get_all("x-forwarded-for").iter().rev();
    for hop in hops.filter_map(|value| value.to_str().ok()).flat_map(|text| text.rsplit(',')) {
        // A hop that is no address ends what can be believed.
        let Some(address) = read(hop.trim()) else { break };
        client = address;
        if !is_trusted(address) {
            break;
        }
    }
    client
}

/// An address with or without a port.
fn read(text: &str) -> Option<IpAddr> {
    let address = text
        .parse::<IpAddr>()
        .ok()
        .or_else(|| text.parse::<std::net::SocketAddr>().ok().map(|socket| socket.ip()))?;
    Some(address.to_canonical())
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn only_what_trusted_proxies_wrote_is_believed() {
        let cases: &[(&str, &[&str], &str, &str)] = &[
            ("no proxy is configured", &["198.51.100.1"], "", "192.0.2.9"),
            ("a stranger's header is ignored", &["198.51.100.1"], "10.0.0.0/8", "192.0.2.9"),
            ("one proxy", &["198.51.100.1"], "192.0.2.0/24", "198.51.100.1"),
            ("a forged hop", &["203.0.113.5, 198.51.100.1"], "192.0.2.0/24", "198.51.100.1"),
            ("two proxies", &["198.51.100.1, 192.0.2.7"], "192.0.2.0/24", "198.51.100.1"),
            ("two headers", &["203.0.113.5", "198.51.100.1"], "192.0.2.0/24", "198.51.100.1"),
            ("a port", &["198.51.100.1:4711"], "192.0.2.0/24", "198.51.100.1"),
            ("rubbish ends the walk", &["x, 192.0.2.7"], "192.0.2.0/24", "192.0.2.7"),
            ("no header", &[], "192.0.2.0/24", "192.0.2.9"),
            ("version 6", &["2001:db8::1"], "192.0.2.0/24", "2001:db8::1"),
        ];
        for (name, hops, trusted, want) in cases {
            let mut headers = HeaderMap::new();
            for hop in *hops {
                headers.append("x-forwarded-for", HeaderValue::from_static(hop));
            }
            let trusted: Vec<IpNet> =
                trusted.split_whitespace().map(|net| net.parse().expect("a net")).collect();
            let peer = "192.0.2.9".parse().expect("an address");
            assert_eq!(address(peer, &headers, &trusted).to_string(), *want, "{name}");
        }
    }
}

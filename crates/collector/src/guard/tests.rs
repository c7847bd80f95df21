//! Addresses that are let through, and those that are not.

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
    ("http://[::1/", NONE, "in brackets"),
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
    let open = ["127.0.0.1", "[::1]", "10.1.2.3", "192.168.0.1:9090", "100.64.0.1", "[fd12::1]"];
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

//! Lines as the servers' own documentation shows them.

use super::*;

struct Case {
    name: &'static str,
    line: &'static str,
    format: Format,
    at_ms: u64,
    peer: &'static str,
    method: &'static str,
    path: &'static str,
    status: u16,
    octets: Option<u64>,
    agent: Option<&'static str>,
    host: Option<&'static str>,
    duration_ms: Option<u64>,
}

const CASES: &[Case] = &[
    Case {
        name: "Apache common",
        line: include_str!("testdata/common.log"),
        format: Format::Common,
        at_ms: 971_211_336_000,
        peer: "127.0.0.1",
        method: "GET",
        path: "/apache_pb.gif",
        status: 200,
        octets: Some(2_326),
        agent: None,
        host: None,
        duration_ms: None,
    },
    Case {
        name: "Apache combined with a virtual host and an escaped quote",
        line: include_str!("testdata/vhost_combined.log"),
        format: Format::Combined,
        at_ms: 971_211_336_000,
        peer: "2001:db8::7",
        method: "GET",
        path: r#"/?q=\"a\""#,
        status: 304,
        octets: Some(0),
        agent: Some("Mozilla/4.08 [en] (Win98; I ;Nav)"),
        host: Some("www.example.com"),
        duration_ms: None,
    },
    Case {
        name: "nginx JSON",
        line: include_str!("testdata/nginx_json.log"),
        format: Format::Json,
        at_ms: 971_211_336_000,
        peer: "192.0.2.9",
        method: "POST",
        path: "/login",
        status: 401,
        octets: Some(12),
        agent: Some("curl/8"),
        host: Some("a.example"),
        duration_ms: Some(25),
    },
    Case {
        name: "Caddy",
        line: include_str!("testdata/caddy.log"),
        format: Format::Caddy,
        at_ms: 1_646_861_401_524,
        peer: "192.0.2.8",
        method: "GET",
        path: "/a",
        status: 200,
        octets: Some(10_900),
        agent: Some("curl/7.82.0"),
        host: Some("localhost"),
        duration_ms: Some(1),
    },
    Case {
        name: "Cloudflare",
        line: include_str!("testdata/cloudflare.log"),
        format: Format::Cloudflare,
        at_ms: 1_546_390_861_000,
        peer: "192.0.2.7",
        method: "GET",
        path: "/x?y",
        status: 200,
        octets: Some(4_600),
        agent: Some("M"),
        host: Some("b.example"),
        duration_ms: None,
    },
    Case {
        name: "AWS ALB",
        line: include_str!("testdata/alb.log"),
        format: Format::Alb,
        at_ms: 1_530_570_180_186,
        peer: "192.168.131.39",
        method: "GET",
        path: "/p",
        status: 200,
        octets: Some(57),
        agent: Some("curl/7.46.0"),
        host: Some("www.example.com"),
        duration_ms: Some(171),
    },
    Case {
        name: "HAProxy",
        line: include_str!("testdata/haproxy.log"),
        format: Format::Haproxy,
        at_ms: 1_233_922_454_655,
        peer: "10.0.1.2",
        method: "GET",
        path: "/index.html",
        status: 200,
        octets: Some(2_750),
        agent: None,
        host: None,
        duration_ms: Some(109),
    },
    Case {
        name: "HAProxy JSON behind syslog",
        line: include_str!("testdata/haproxy_json.log"),
        format: Format::Json,
        at_ms: 1_233_922_454_655,
        peer: "10.0.1.2",
        method: "GET",
        path: "/i",
        status: 0,
        octets: Some(75),
        agent: None,
        host: None,
        duration_ms: None,
    },
];

#[test]
fn every_format_is_known_by_its_lines() {
    for case in CASES {
        let mut log = Log::new();
        let request = log.line(case.line.as_bytes()).expect(case.name);
        assert_eq!(request.format, case.format, "{}", case.name);
        assert_eq!(request.at_ms, case.at_ms, "{}", case.name);
        assert_eq!(request.peer.unwrap().to_string(), case.peer, "{}", case.name);
        assert_eq!(request.method, case.method, "{}", case.name);
        assert_eq!(request.path, case.path, "{}", case.name);
        assert_eq!(request.status, case.status, "{}", case.name);
        assert_eq!(request.octets, case.octets, "{}", case.name);
        assert_eq!(request.user_agent.as_deref(), case.agent, "{}", case.name);
        assert_eq!(request.host.as_deref(), case.host, "{}", case.name);
        assert_eq!(request.duration_ms, case.duration_ms, "{}", case.name);
        assert!(is_log(case.line.as_bytes()), "{}", case.name);
        assert_eq!(log.faults.total(), u64::from(case.format == Format::Haproxy), "no zone");
    }
}

#[test]
fn lines_of_many_formats_may_stand_in_one_file() {
    let mut log = Log::new();
    let text = CASES.iter().map(|case| case.line).collect::<Vec<_>>().join("\r\n");
    let found: Vec<_> = requests(&mut log, text.as_bytes()).map(|r| r.format).collect();
    assert_eq!(found, CASES.iter().map(|case| case.format).collect::<Vec<_>>());
}

#[test]
fn a_forwarded_address_counts_only_from_a_trusted_proxy() {
    let line = |peer: &str, hops: &str| {
        format!(
            r#"{peer} - - [10/Oct/2000:13:55:36 +0000] "GET / HTTP/1.1" 200 1 "-" "a" "{hops}""#
        )
    };
    let network = |text: &str, bits| TrustedProxy {
        network: Address::from(text.parse::<std::net::IpAddr>().unwrap()),
        bits,
    };
    let trusted = [network("10.0.0.0", 8), network("2001:db8::", 32)];
    let table = [
        ("192.0.2.1", "-", "192.0.2.1"),
        ("10.0.0.1", "-", "10.0.0.1"),
        ("192.0.2.1", "203.0.113.5", "unknown"),
        ("10.0.0.1", "203.0.113.5", "203.0.113.5"),
        ("10.0.0.1", "6.6.6.6, 203.0.113.5, 10.0.0.7", "203.0.113.5"),
        ("2001:db8::1", "[2001:db9::4]:443", "2001:db9::4"),
        ("10.0.0.1", "junk, 10.0.0.7", "unknown"),
        ("10.0.0.1", "10.0.0.7", "unknown"),
    ];
    for (peer, hops, expected) in table {
        let line = line(peer, hops);
        let mut log = Log::new();
        let client = log.line(line.as_bytes()).unwrap().client(&trusted);
        let client = client.address().map_or("unknown".to_owned(), |a| a.to_string());
        assert_eq!(client, expected, "{peer} {hops}");
    }
}

#[test]
fn broken_requests_are_requests_without_a_path() {
    let mut log = Log::new();
    let lines = [
        r#"192.0.2.1 - - [10/Oct/2000:13:55:36 +0000] "-" 408 0 "-" "-""#,
        r#"192.0.2.1 - - [10/Oct/2000:13:55:36 +0000] "\x16\x03\x01\x02" 400 157 "-" "-""#,
        r#"192.0.2.1 - - [10/Oct/2000:13:55:36 +0000] "" 400 0 "-" "-""#,
    ];
    for line in lines {
        let request = log.line(line.as_bytes()).expect(line);
        assert_eq!((request.method.as_ref(), request.path.as_ref()), ("", ""), "{line}");
        assert_eq!(request.user_agent, None);
    }
}

#[test]
fn what_is_no_request_is_counted_by_its_line() {
    let mut log = Log::new();
    let long = "x".repeat(LINE_MAX + 1);
    let table = [
        ("hello", FaultKind::UnknownLine),
        (r#"{"a":1"#, FaultKind::UnknownLine),
        (r#"{"a":1}"#, FaultKind::NoTime),
        (r#"{"time":"2000-01-01T00:00:00Z","msg":"started"}"#, FaultKind::UnknownLine),
        (r#"{"time":"yesterday","status":200}"#, FaultKind::NoTime),
        (r#"1.1.1.1 - - [nonsense] "GET / HTTP/1.1" 200 5"#, FaultKind::UnknownLine),
        (&long, FaultKind::LineTooLong),
    ];
    for (line, kind) in table {
        let before = log.faults.count(kind);
        assert_eq!(log.line(line.as_bytes()), None, "{line}");
        assert_eq!(log.faults.count(kind), before + 1, "{line}");
    }
    assert_eq!(log.faults.kept()[2].at, 3);
    assert!(!is_log(b"hello\nworld\n"));
    assert!(!is_log(b""));
    let bytes = b"192.0.2.1 - - [10/Oct/2000:13:55:36 +0000] \"GET /\xff HTTP/1.1\" 200 5";
    assert_eq!(log.line(bytes).unwrap().path, "/\u{fffd}");
    assert_eq!(log.faults.count(FaultKind::NotUtf8), 1);
    let nested = format!("{}{}", "{\"a\":".repeat(5_000), "}".repeat(5_000));
    assert_eq!(log.line(nested.as_bytes()), None);
}

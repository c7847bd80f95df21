//! Packets built by hand, layer by layer.

use super::payload::Ntp;
use super::*;

fn tcp(source: u16, target: u16, flags: u8, body: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    bytes.extend(source.to_be_bytes());
    bytes.extend(target.to_be_bytes());
    bytes.extend([0, 0, 0, 7, 0, 0, 0, 0, 0x50, flags, 1, 0, 0, 0, 0, 0]);
    bytes.extend(body);
    bytes
}

fn udp(source: u16, target: u16, body: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    bytes.extend(source.to_be_bytes());
    bytes.extend(target.to_be_bytes());
    bytes.extend((body.len() as u16 + 8).to_be_bytes());
    bytes.extend([0, 0]);
    bytes.extend(body);
    bytes
}

fn v4_cut(protocol: u8, cut: u16, body: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0x45, 0];
    bytes.extend((body.len() as u16 + 20).to_be_bytes());
    bytes.extend([0, 1]);
    bytes.extend(cut.to_be_bytes());
    bytes.extend([64, protocol, 0, 0, 192, 0, 2, 1, 198, 51, 100, 2]);
    bytes.extend(body);
    bytes
}

fn v4(protocol: u8, body: &[u8]) -> Vec<u8> {
    v4_cut(protocol, 0, body)
}

fn v6(protocol: u8, body: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0x60, 0, 0, 0];
    bytes.extend((body.len() as u16).to_be_bytes());
    bytes.extend([protocol, 63]);
    bytes.extend([0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
    bytes.extend([0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2]);
    bytes.extend(body);
    bytes
}

fn ethernet(ethertype: u16, body: &[u8]) -> Vec<u8> {
    let mut bytes = vec![2; 12];
    bytes.extend(ethertype.to_be_bytes());
    bytes.extend(body);
    bytes
}

fn frame(link: Link, bytes: &[u8]) -> Frame<'_> {
    Frame { at_ns: 5_000_000, link, wire_octets: bytes.len() as u32, bytes }
}

fn read(link: Link, bytes: &[u8]) -> Packet<'_> {
    Packet::read(&frame(link, bytes)).unwrap()
}

fn joined(parts: &[&[u8]]) -> Vec<u8> {
    parts.concat()
}

#[test]
fn every_way_to_the_ip_header_gives_the_same_packet() {
    let ip = v4(6, &tcp(1000, 443, 0x02, b""));
    let tagged = joined(&[&[0, 7, 0x81, 0], &[0, 8, 8, 0], &ip]);
    let labels = joined(&[&[0, 1, 0x00, 64], &[0, 2, 0x01, 64], &ip]);
    let pseudowire = joined(&[&[0, 1, 0x01, 64], &[0, 0, 0, 0], &ethernet(0x8100, &tagged[4..])]);
    let pppoe = joined(&[&[0x11, 0, 0, 1, 0, 42], &[0, 0x21], &ip]);
    let snap = joined(&[&[0xaa, 0xaa, 3, 0, 0, 0, 8, 0], &ip]);
    let cooked = joined(&[&[0; 14], &[8, 0], &ip]);
    let cooked2 = joined(&[&[8, 0], &[0; 18], &ip]);
    let ways: Vec<(&str, Link, Vec<u8>)> = vec![
        ("bare", Link::Ip, ip.clone()),
        ("Ethernet", Link::Ethernet, ethernet(0x0800, &ip)),
        ("Q-in-Q", Link::Ethernet, ethernet(0x88a8, &tagged)),
        ("MPLS", Link::Ethernet, ethernet(0x8847, &labels)),
        ("Ethernet over MPLS", Link::Ethernet, ethernet(0x8847, &pseudowire)),
        ("PPPoE", Link::Ethernet, ethernet(0x8864, &pppoe)),
        ("802.3", Link::Ethernet, ethernet(48, &snap)),
        ("loopback, big", Link::Loopback, joined(&[&[0, 0, 0, 2], &ip])),
        ("loopback, little", Link::Loopback, joined(&[&[2, 0, 0, 0], &ip])),
        ("cooked", Link::LinuxCooked, cooked),
        ("cooked 2", Link::LinuxCooked2, cooked2),
        ("PPP", Link::Ppp, joined(&[&[0xff, 3, 0, 0x21], &ip])),
        ("PPP, short", Link::Ppp, joined(&[&[0x21], &ip])),
        ("HDLC", Link::CiscoHdlc, joined(&[&[0x0f, 0, 8, 0], &ip])),
    ];
    for (name, link, bytes) in ways {
        let packet = read(link, &bytes);
        assert_eq!(packet.ip.source.to_string(), "192.0.2.1", "{name}");
        assert_eq!((packet.ip.source_port, packet.ip.target_port), (1000, 443), "{name}");
        assert_eq!((packet.ip.tcp_flags, packet.ip.ttl), (flag::SYN, 64), "{name}");
        assert_eq!((packet.ip.octets, packet.ip.payload_octets), (40, 0), "{name}");
        assert_eq!(packet.tunnelled, None, "{name}");
        // Cut anywhere, it is a packet with fewer fields or a fault, and never a panic.
        for end in 0..bytes.len() {
            let _ = Packet::read(&frame(link, &bytes[..end]));
        }
    }
}

#[test]
fn tunnels_keep_the_outer_header_and_show_the_inner() {
    let inner = v6(17, &udp(53, 4000, b"x"));
    let vxlan = joined(&[&[8, 0, 0, 0, 0, 0, 5, 0], &ethernet(0x86dd, &inner)]);
    let geneve = joined(&[&[1, 0, 0x65, 0x58, 0, 0, 5, 0], &[9; 4], &ethernet(0x86dd, &inner)]);
    let keyed = joined(&[&[0x20, 0, 0x86, 0xdd], &[0, 0, 0, 9], &inner]);
    let table = [
        ("6in4", v4(41, &inner), Wrapping::IPIP, 41),
        ("GRE", v4(47, &joined(&[&[0, 0, 0x86, 0xdd], &inner])), Wrapping::GRE, 47),
        ("GRE with a key", v4(47, &keyed), Wrapping::GRE, 47),
        ("VXLAN", v4(17, &udp(1, 4789, &vxlan)), Wrapping::VXLAN, 17),
        ("Geneve", v4(17, &udp(1, 6081, &geneve)), Wrapping::GENEVE, 17),
    ];
    for (name, bytes, wrapping, protocol) in table {
        let packet = read(Link::Ip, &bytes);
        assert_eq!(packet.ip.protocol, protocol, "{name}");
        assert!(packet.wrapping.has(wrapping), "{name}");
        let tunnelled = packet.tunnelled.expect(name);
        assert_eq!(tunnelled.source.to_string(), "2001:db8::1", "{name}");
        assert_eq!((tunnelled.source_port, tunnelled.ttl), (53, 63), "{name}");
        assert_eq!(packet.payload, b"x", "{name}");
        for end in 0..bytes.len() {
            let _ = Packet::read(&frame(Link::Ip, &bytes[..end]));
        }
    }
}

#[test]
fn quoted_addresses_are_no_targets() {
    let quoted = v4(17, &udp(161, 9999, b""));
    let error = joined(&[&[3, 3, 0, 0, 0, 0, 0, 0], &quoted]);
    let bytes = v4(1, &error);
    let packet = read(Link::Ip, &bytes);
    assert_eq!((packet.ip.icmp_type, packet.ip.icmp_code), (3, 3));
    assert_eq!(packet.quoted.unwrap().source_port, 161);
    assert_eq!((packet.ip.source_port, packet.tunnelled), (0, None));
    // An echo carries whatever its sender likes: nothing is quoted.
    let bytes = v4(1, &joined(&[&[8, 0, 0, 0, 0, 0, 0, 0], &quoted]));
    assert_eq!(read(Link::Ip, &bytes).quoted, None);
}

#[test]
fn fragments_are_told_apart() {
    let table = [
        (0x0000, Fragment::Whole, 0, 53),
        (0x4000, Fragment::Whole, 0, 53),
        (0x2000, Fragment::First, 0, 53),
        (0x2010, Fragment::Later, 128, 0),
        (0x0010, Fragment::Later, 128, 0),
    ];
    for (cut, fragment, offset, port) in table {
        let bytes = v4_cut(17, cut, &udp(53, 1000, b"abc"));
        let ip = read(Link::Ip, &bytes).ip;
        assert_eq!((ip.fragment, ip.fragment_offset, ip.source_port), (fragment, offset, port));
        assert_eq!(ip.transport_seen, fragment != Fragment::Later);
    }
    let later = joined(&[&[17, 0, 0, 0x81], &[0, 0, 0, 9], &udp(53, 1000, b"")]);
    let bytes = v6(44, &later);
    let ip = read(Link::Ip, &bytes).ip;
    assert_eq!((ip.fragment, ip.fragment_offset), (Fragment::Later, 128));
    assert_eq!((ip.protocol, ip.source_port, ip.extension_headers), (17, 0, 1));
}

#[test]
fn extension_headers_are_passed_and_counted() {
    let options = [60, 0, 1, 4, 0, 0, 0, 0];
    let more = [6, 1, 1, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    let bytes = v6(0, &joined(&[&options, &more, &tcp(5, 6, 0x12, b"")]));
    let ip = read(Link::Ip, &bytes).ip;
    assert_eq!((ip.extension_headers, ip.protocol, ip.target_port), (2, 6, 6));
    assert_eq!(ip.tcp_flags, flag::SYN | flag::ACK);
    let endless = v6(60, &options.repeat(180));
    assert!(read(Link::Ip, &endless).ip.extension_headers <= 32);
}

#[test]
fn a_cut_packet_keeps_the_lengths_that_its_headers_say() {
    let bytes = v4(6, &tcp(80, 1000, 0x18, &[0; 500]));
    let ip = read(Link::Ip, &bytes[..60]).ip;
    assert_eq!((ip.octets, ip.payload_octets), (540, 500));
    // Padding behind the packet is not of it.
    let padded = joined(&[&v4(6, &tcp(80, 1000, 0x10, b"")), &[0; 6]]);
    let packet = read(Link::Ip, &padded);
    assert_eq!((packet.ip.payload_octets, packet.payload), (0, &b""[..]));
}

#[test]
fn what_is_no_ip_is_said_to_be_something_else_or_broken() {
    let arp = ethernet(0x0806, &[0; 28]);
    assert_eq!(Packet::read(&frame(Link::Ethernet, &arp)), Err(NotIp::Other(0x0806)));
    let short = ethernet(0x0800, &[0x45, 0, 0]);
    let cut = Err(NotIp::Fault(FaultKind::PacketCut));
    assert_eq!(Packet::read(&frame(Link::Ethernet, &short)), cut);
    let bytes = v4(6, &[]);
    let unknown = Packet::read(&frame(Link::Unknown(105), &bytes));
    assert_eq!(unknown, Err(NotIp::Fault(FaultKind::UnknownLink)));
}

#[test]
fn payloads_are_read_on_demand() {
    let question = b"\x12\x34\x01\0\0\x01\0\0\0\0\0\0\x03www\x07ex.mple\x03com\0\0\xff\0\x01";
    let bytes = v4(17, &udp(4000, 53, question));
    let dns = read(Link::Ip, &bytes).dns().unwrap();
    assert_eq!(dns.name.to_string(), "www.ex\\046mple.com.");
    assert_eq!((dns.query_type, dns.is_response), (255, false));
    let elsewhere = v4(17, &udp(4000, 54, question));
    assert_eq!(read(Link::Ip, &elsewhere).dns(), None);
    let request = b"GET /a?b=c HTTP/1.1\r\nHost: x.example\r\nUser-Agent: curl/8\r\n\r\n";
    let bytes = v4(6, &tcp(4000, 80, 0x18, request));
    let http = read(Link::Ip, &bytes).http().unwrap();
    assert_eq!((http.method, http.uri), (&b"GET"[..], &b"/a?b=c"[..]));
    assert_eq!(http.user_agent, Some(&b"curl/8"[..]));
    assert_eq!(http.host, Some(&b"x.example"[..]));
    let bytes = v4(17, &udp(123, 4000, &[0xd7, 0, 3, 42, 0, 0, 0, 0]));
    let ntp = read(Link::Ip, &bytes).ntp().unwrap();
    assert_eq!(ntp, Ntp { mode: 7, request_code: Some(42), is_response: true });
}

#[test]
fn a_packet_is_a_flow_of_one() {
    let bytes = v4(6, &tcp(80, 1000, 0x12, b"abc"));
    let flow = read(Link::Ip, &bytes).flow(Sampling::UNKNOWN);
    assert_eq!((flow.octets, flow.packets, flow.start_ms), (43, 1, 5));
    assert!(flow.exported.has(Fields::TCP_FLAGS) && !flow.exported.has(Fields::ICMP));
    assert_eq!(flow.packets_estimated(), None);
}

//! Synthetic traffic of every vector, and of what looks like one. Labelled so: no capture is here.

use super::*;
use crate::traffic::sketch::sample::hash;
use outcry_decode::packet::flag;
use outcry_decode::packet::protocol;
use outcry_decode::record::Fragment;

/// An IPv4 address as mapped IPv6.
fn v4(bits: u32) -> u128 {
    0xffff_0000_0000 | u128::from(bits)
}

const TARGET: u32 = 0xC633_6405;

/// Any number, the same each time, spread over 32 bits.
fn scattered(n: u64) -> u32 {
    hash(99, u128::from(n)) as u32
}

/// A source somewhere in the routed space.
fn routed(n: u64) -> u128 {
    let bits = scattered(n);
    v4((1 + (bits >> 24) % 222) << 24 | bits & 0x00FF_FFFF)
}

fn packet(at_ms: i64, source: u128, octets: f64) -> Seen {
    Seen {
        at_ms,
        source,
        target: v4(TARGET),
        packets: 1.0,
        counted: 1.0,
        octets,
        ttl: Some(64),
        ..Seen::default()
    }
}

fn watch(packets: impl Iterator<Item = Seen>) -> Report {
    let mut watch = Watch::new(5);
    packets.for_each(|packet| watch.take(&packet));
    watch.report()
}

fn names(report: &Report) -> Vec<Vec<&'static str>> {
    let of = |attack: &Attack| attack.vectors.iter().map(|vector| vector.vector.name()).collect();
    report.attacks.iter().map(of).collect()
}

struct Case {
    name: &'static str,
    make: fn(u64) -> Seen,
    want: &'static [&'static str],
    verdict: Sources,
}

const CASES: &[Case] = &[
    Case {
        name: "forged SYNs of one machine",
        make: |n| Seen {
            protocol: protocol::TCP,
            tcp_flags: flag::SYN,
            source_port: scattered(n) as u16,
            target_port: 443,
            ttl: Some(244),
            ..packet(n as i64, routed(n), 60.0)
        },
        want: &["tcp_syn_flood"],
        verdict: Sources::Spoofed,
    },
    Case {
        name: "SYNs of a botnet stand unevenly and come again",
        make: |n| Seen {
            protocol: protocol::TCP,
            tcp_flags: flag::SYN,
            target_port: 443,
            ttl: Some(40 + (scattered(n % 900) % 60) as u8),
            ..packet(n as i64, v4(0x5000_0000 | scattered(n % 900) & 0x0FFF_FFFF), 60.0)
        },
        want: &["tcp_syn_flood"],
        verdict: Sources::Unknown,
    },
    Case {
        name: "time servers answer what was not asked",
        make: |n| Seen {
            protocol: protocol::UDP,
            source_port: 123,
            target_port: 80,
            payload: Some(440),
            ..packet(n as i64, routed(n % 700), 468.0)
        },
        want: &["amp_ntp"],
        verdict: Sources::Reflected,
    },
    Case {
        name: "later pieces belong to the answers they are pieces of",
        make: |n| {
            let later = n % 3 == 0;
            Seen {
                protocol: protocol::UDP,
                source_port: if later { 0 } else { 53 },
                fragment: if later { Fragment::Later } else { Fragment::Whole },
                ..packet(n as i64, routed(n % 700), 1_500.0)
            }
        },
        want: &["amp_dns"],
        verdict: Sources::Reflected,
    },
    Case {
        name: "SYN-ACKs of many web servers",
        make: |n| Seen {
            protocol: protocol::TCP,
            tcp_flags: flag::SYN | flag::ACK,
            source_port: 443,
            target_port: scattered(n) as u16,
            ..packet(n as i64, routed(n % 2_000), 60.0)
        },
        want: &["tcp_synack_reflection"],
        verdict: Sources::Reflected,
    },
    Case {
        name: "UDP from anywhere to anywhere",
        make: |n| Seen {
            protocol: protocol::UDP,
            source_port: 40_000 + (scattered(n) % 20_000) as u16,
            target_port: scattered(n + 7) as u16,
            ..packet(n as i64, routed(n % 300), 1_000.0)
        },
        want: &["udp_flood"],
        verdict: Sources::Unknown,
    },
    Case {
        name: "pings of many",
        make: |n| Seen {
            protocol: protocol::ICMP,
            icmp_type: 8,
            ..packet(n as i64, routed(n % 300), 1_028.0)
        },
        want: &["icmp_flood"],
        verdict: Sources::Unknown,
    },
    Case {
        name: "GRE of many",
        make: |n| Seen { protocol: 47, ..packet(n as i64, routed(n % 300), 512.0) },
        want: &["ip_protocol_flood"],
        verdict: Sources::Unknown,
    },
    Case {
        name: "names that nobody would ask for twice",
        make: |n| Seen {
            protocol: protocol::UDP,
            target_port: 53,
            source_port: scattered(n) as u16 | 1_024,
            dns_name: Some(u64::from(scattered(n)) | 1),
            ..packet(n as i64, routed(n % 300), 70.0)
        },
        want: &["dns_query_flood"],
        verdict: Sources::Unknown,
    },
    Case {
        name: "a second vector is not lost",
        make: |n| {
            let base = packet(n as i64, routed(n % 900), 400.0);
            if n % 5 == 0 {
                return Seen { protocol: protocol::UDP, source_port: 389, ..base };
            }
            Seen { protocol: protocol::UDP, source_port: 11_211, ..base }
        },
        want: &["amp_memcached", "amp_cldap"],
        verdict: Sources::Reflected,
    },
    Case {
        name: "one source that tries all ports is a scan",
        make: |n| Seen {
            protocol: protocol::TCP,
            tcp_flags: flag::SYN,
            target_port: (n % 1_000) as u16,
            ..packet(n as i64, v4(7), 44.0)
        },
        want: &[],
        verdict: Sources::Unknown,
    },
    Case {
        name: "few packets say nothing",
        make: |n| Seen {
            protocol: protocol::UDP,
            source_port: 123,
            ..packet(n as i64 * 60_000, v4((n % 3) as u32), 76.0)
        },
        want: &[],
        verdict: Sources::Unknown,
    },
];

#[test]
fn every_vector_is_told_and_what_is_none_is_not() {
    for case in CASES {
        let report = watch((0..4_000).map(case.make));
        let want: Vec<Vec<&str>> =
            if case.want.is_empty() { Vec::new() } else { vec![case.want.to_vec()] };
        assert_eq!(names(&report), want, "{}", case.name);
        if let Some(attack) = report.attacks.first() {
            assert_eq!(attack.verdict, case.verdict, "{}", case.name);
        }
    }
}

/// A client and a server that talk: each side's packets in turn.
fn conversation(n: u64) -> Seen {
    let (client, port) = (v4(0x0A00_0000 | (n / 12) as u32), 30_000 + (n / 12 % 30_000) as u16);
    let step = n % 12;
    let to_server = step.is_multiple_of(2);
    let flags = match step {
        0 => flag::SYN,
        1 => flag::SYN | flag::ACK,
        _ => flag::ACK | flag::PSH,
    };
    let base =
        Seen { protocol: protocol::TCP, tcp_flags: flags, ..packet(n as i64, client, 300.0) };
    if to_server {
        return Seen { source_port: port, target_port: 443, ..base };
    }
    Seen { source: v4(TARGET), target: client, source_port: 443, target_port: port, ..base }
}

#[test]
fn a_busy_server_is_not_attacked_and_its_clients_are_who_they_say() {
    let report = watch((0..60_000).map(conversation));
    assert_eq!(names(&report), Vec::<Vec<&str>>::new());
}

#[test]
fn a_carpet_is_one_attack_on_the_prefix_and_neighbours_are_one() {
    let report = watch((0..20_000_u64).map(|n| Seen {
        protocol: protocol::UDP,
        source_port: 389,
        target: v4(0xC000_0200 + (n % 1_024) as u32),
        ..packet((n / 10) as i64, routed(n % 900), 1_400.0)
    }));
    assert_eq!(names(&report), [["amp_cldap"]]);
    let attack = &report.attacks[0];
    assert_eq!((attack.carpet, attack.prefix_bits), (true, Some(21)), "{:x}", attack.target);
    assert!(attack.targets > 900.0, "{}", attack.targets);
}

#[test]
fn bursts_are_one_attack_in_pulses() {
    let report = watch((0..30_000_u64).map(|n| {
        let at_ms = (n / 10_000) as i64 * 30_000 + (n % 10_000) as i64;
        Seen {
            protocol: protocol::UDP,
            source_port: 1_900,
            ..packet(at_ms, routed(n % 900), 400.0)
        }
    }));
    assert_eq!(names(&report), [["amp_ssdp"]]);
    assert!(report.attacks[0].pulse);
}

#[test]
fn answers_of_one_to_many_who_did_not_ask_are_backscatter() {
    let packets = (0..3_000_u64).map(|n| Seen {
        protocol: protocol::TCP,
        tcp_flags: flag::SYN | flag::ACK,
        source_port: 80,
        target: v4(0xC000_0200 | (n % 250) as u32),
        ..packet(n as i64 * 7, v4(9), 60.0)
    });
    let report = watch(packets.filter(|seen| seen.at_ms < 7 * 750));
    assert_eq!(names(&report), Vec::<Vec<&str>>::new());
    assert_eq!(report.benign[0].class, Benign::Backscatter);
}

#[test]
fn slow_answers_of_several_beside_slow_openings_are_two_vectors_of_little_weight() {
    let report = watch((0..900_u64).map(|n| {
        let answers = n % 5 < 3;
        let source = if answers { v4(1 + scattered(n) % 6) } else { routed(n % 50) };
        Seen {
            protocol: protocol::TCP,
            tcp_flags: if answers { flag::SYN | flag::ACK } else { flag::SYN },
            source_port: if answers { 21 } else { 50_000 },
            target_port: if answers { 21 } else { (n % 60) as u16 },
            ttl: Some(40 + (scattered(n) % 60) as u8),
            ..packet(n as i64 * 900, source, 44.0)
        }
    }));
    assert_eq!(names(&report), [["tcp_synack_reflection", "tcp_syn_flood"]]);
    assert_eq!(report.attacks[0].verdict, Sources::Unknown);
    assert!(report.attacks[0].peak_pps < 10.0);
}

#[test]
fn a_target_that_speaks_to_its_attacker_is_attacked_all_the_same() {
    let report = watch((0..2_000_u64).map(|n| {
        let seen = Seen {
            protocol: protocol::ICMPV6,
            icmp_type: 128,
            extension_headers: 1,
            ..packet(n as i64, 0x2001_0db8 << 96 | 2, 900.0)
        };
        let target = 0x2001_0db8 << 96 | 1;
        if n == 0 {
            return Seen { source: target, target: seen.source, extension_headers: 0, ..seen };
        }
        Seen { target, ..seen }
    }));
    assert_eq!(names(&report), [["ipv6_exthdr_flood"]]);
}

#[test]
fn a_sample_of_ordinary_traffic_is_no_flood_however_much_stands_behind_it() {
    let report = watch((0..5_000_u64).map(|n| Seen {
        protocol: protocol::TCP,
        tcp_flags: if n % 12 == 0 { flag::SYN } else { flag::ACK },
        packets: 1_000.0,
        sampled: true,
        grain: seen::Grain::Record,
        target_port: 443,
        ..packet(n as i64 * 10, routed(n % 1_500), 400_000.0)
    }));
    assert_eq!(names(&report), Vec::<Vec<&str>>::new());
    let few = watch((0..30_u64).map(|n| Seen {
        protocol: protocol::TCP,
        tcp_flags: flag::SYN,
        packets: 1_000.0,
        sampled: true,
        grain: seen::Grain::Record,
        ..packet(n as i64, routed(n), 60_000.0)
    }));
    assert_eq!(names(&few), Vec::<Vec<&str>>::new());
}

//! The analysis as one JSON object, and fingerprints in the fields of NLADC's dissector.

use std::net::IpAddr;
use std::net::Ipv4Addr;
use std::net::Ipv6Addr;

use outcry_core::attack::Attack;
use outcry_core::attack::VectorReport;
use outcry_core::attack::requests::Kind;
use outcry_core::attack::requests::Stretch;
use outcry_core::attack::spoofing::Sources;
use outcry_core::attack::vector::Vector;
use serde_json::Value;
use serde_json::json;

use crate::cli::analyze::Findings;
use crate::origins::Maps;
use crate::origins::Told;

/// Whether a fingerprint holds addresses of sources.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Addresses {
    /// It does: a file that the operator writes for himself.
    Written,
    /// It does not.
    Withheld,
}

/// The whole report.
pub fn report(findings: &Findings) -> Value {
    let maps = &findings.maps;
    let of_traffic = findings.attacks().map(|attack| of_attack(attack, maps));
    let is_attack = |stretch: &&Stretch| matches!(stretch.kind, Kind::Attack(_));
    let of_logs = findings.stretches.iter().filter(is_attack);
    let attacks: Vec<Value> =
        of_traffic.chain(of_logs.map(|stretch| of_stretch(stretch, maps))).collect();
    let span = findings.span_ms();
    let faults: Vec<Value> = findings
        .analysis
        .faults
        .by_kind()
        .map(|(kind, count)| json!({ "what": kind.to_string(), "count": count }))
        .collect();
    json!({
        "from": span.map(|(from, _)| moment(from)),
        "until": span.map(|(_, until)| moment(until)),
        "packets": findings.analysis.packet_count,
        "flows": findings.analysis.flow_count,
        "flows_without_sampling": findings.analysis.flows_without_sampling,
        "requests": findings.analysis.requests.seen,
        "attacks": attacks,
        "benign": benign(findings),
        "faults": faults,
        "place_databases": maps.sources().into_iter()
            .map(|(name, built)| json!({ "name": name, "built_at": moment(built) }))
            .collect::<Vec<_>>(),
    })
}

fn benign(findings: &Findings) -> Vec<Value> {
    let reports = findings.packets.benign.iter().chain(&findings.flows.benign);
    let mut all: Vec<(&str, String, Vec<&str>)> = reports
        .map(|benign| {
            let note = match benign.target {
                Some(target) => format!("towards {}", address(target)),
                None => "over many targets".to_owned(),
            };
            (benign.class.name(), note, Vec::new())
        })
        .collect();
    for stretch in &findings.stretches {
        let class = match stretch.kind {
            Kind::Attack(_) => continue,
            kind => kind.name(),
        };
        let (from, until) = stretch.span_ms;
        let span = format!("{} to {}", moment(from), moment(until));
        all.push((class, span, stretch.signs.clone()));
    }
    all.dedup();
    all.into_iter()
        .map(|(class, note, signs)| json!({ "class": class, "note": note, "signs": signs }))
        .collect()
}

fn of_attack(attack: &Attack, maps: &Maps) -> Value {
    let vectors: Vec<&str> = attack.vectors.iter().map(|vector| vector.vector.name()).collect();
    let parts: Vec<Value> = attack
        .vectors
        .iter()
        .map(|vector| {
            json!({
                "vector": vector.vector.name(),
                "fraction": rounded(vector.fraction),
                "packets": vector.packets.round(),
                "octets": vector.octets.round(),
                "sources_distinct": vector.sources.round(),
                "sources_verdict": vector.verdict.name(),
                "source_port": vector.source_port,
                "target_ports": vector.target_ports,
            })
        })
        .collect();
    let prefix = attack.prefix_bits.map(|bits| format!("{}/{bits}", address(attack.target)));
    json!({
        "vectors": vectors,
        "parts": parts,
        "targets": if prefix.is_some() { vec![] } else { vec![address(attack.target).to_string()] },
        "targets_distinct": attack.targets.round(),
        "prefix": prefix,
        "carpet": attack.carpet,
        "pulse": attack.pulse,
        "started_at": moment(attack.span_ms.0),
        "ended_at": moment(attack.span_ms.1),
        "peak_bps": attack.peak_bps.round(),
        "peak_pps": attack.peak_pps.round(),
        "sampling": if attack.sampling_unknown { "unknown" } else { "known" },
        "severity": severity(attack),
        "sources": sources(attack.sources, attack.verdict, &attack.sample, maps),
        "confidence": rounded(attack.confidence),
        "fingerprint": fingerprint(attack, Addresses::Withheld),
    })
}

/// By size alone: what fills no link and no table of connections pages nobody.
pub fn severity(attack: &Attack) -> &'static str {
    if attack.peak_pps >= 100_000.0 || attack.peak_bps >= 1e9 {
        "high"
    } else if attack.peak_pps >= 1_000.0 || attack.peak_bps >= 1e7 {
        "medium"
    } else {
        "low"
    }
}

fn sources(distinct: f64, verdict: Sources, sample: &[u128], maps: &Maps) -> Value {
    let networks: Vec<Value> = maps
        .networks(verdict, sample)
        .into_iter()
        .map(|(asn, share)| json!({ "asn": asn, "share": rounded(share) }))
        .collect();
    let (places, reason) = match maps.countries(verdict, sample) {
        Told::Withheld(reason) => (json!("withheld"), Some(reason.text())),
        Told::Countries(countries) => {
            let cells: Vec<Value> = countries
                .iter()
                .map(|cell| {
                    json!({
                        "country": cell.country,
                        "low": rounded(cell.low),
                        "high": rounded(cell.high),
                        "lift": Value::Null,
                    })
                })
                .collect();
            (json!(cells), None)
        }
    };
    json!({
        "distinct": distinct.round(),
        "verdict": verdict.name(),
        "places": places,
        "places_reason": reason,
        "places_are_of": match verdict {
            Sources::Reflected => "reflectors, not attackers",
            Sources::Handshake => "connecting hosts, not those who direct them",
            _ => "nobody",
        },
        "asns": networks,
    })
}

fn of_stretch(stretch: &Stretch, maps: &Maps) -> Value {
    let Kind::Attack(vector) = stretch.kind else { return Value::Null };
    json!({
        "vectors": [vector.name()],
        "targets": [],
        "prefix": Value::Null,
        "carpet": false,
        "started_at": moment(stretch.span_ms.0),
        "ended_at": moment(stretch.span_ms.1),
        "peak_bps": Value::Null,
        "peak_pps": Value::Null,
        "peak_rps": rounded(stretch.peak_rps),
        "usual_rps": stretch.usual_rps.map(rounded),
        "requests": stretch.requests,
        "errors_share": rounded(stretch.errors_share),
        "top_path_share": rounded(stretch.top_path_share),
        "returning_share": stretch.returning_share.map(rounded),
        "signs": stretch.signs,
        // Who sends a request has completed a handshake, with us or with a proxy we believe.
        "sources": sources(stretch.clients, Sources::Handshake, &stretch.sample, maps),
        "confidence": rounded((stretch.signs.len() as f64 / 5.0).min(1.0)),
        "fingerprint": {
            "attack_vectors": [{ "service": "HTTP", "protocol": "TCP", "fraction_of_attack": 1.0 }],
            "time_start": moment(stretch.span_ms.0),
            "time_end": moment(stretch.span_ms.1),
            "duration_seconds": (stretch.span_ms.1 - stretch.span_ms.0) / 1_000,
            "tags": [vector.name()],
        },
    })
}

/// A fingerprint of an attack.
pub fn fingerprint(attack: &Attack, addresses: Addresses) -> Value {
    let seconds = ((attack.span_ms.1 - attack.span_ms.0) as f64 / 1_000.0).max(1.0);
    let packets: f64 = attack.vectors.iter().map(|vector| vector.packets).sum();
    let octets: f64 = attack.vectors.iter().map(|vector| vector.octets).sum();
    let records: u64 = attack.vectors.iter().map(|vector| vector.records).sum();
    let target = match attack.prefix_bits {
        Some(bits) => format!("{}/{bits}", address(attack.target)),
        None => address(attack.target).to_string(),
    };
    let vectors: Vec<Value> =
        attack.vectors.iter().map(|vector| of_vector(attack, vector, addresses)).collect();
    let mut tags: Vec<&str> = attack.vectors.iter().map(|vector| vector.vector.name()).collect();
    tags.extend(attack.carpet.then_some("carpet"));
    tags.extend(attack.pulse.then_some("pulse"));
    tags.extend((attack.vectors.len() > 1).then_some("multi_vector"));
    json!({
        "attack_vectors": vectors,
        "target": target,
        "tags": tags,
        "key": key(attack),
        "time_start": moment(attack.span_ms.0),
        "time_end": moment(attack.span_ms.1),
        "duration_seconds": rounded(seconds),
        "total_flows": records,
        "total_megabytes": rounded(octets / 1e6),
        "total_packets": packets.round(),
        "total_ips": attack.sources.round(),
        "avg_bps": (octets * 8.0 / seconds).round(),
        "avg_pps": (packets / seconds).round(),
        "avg_Bpp": (octets / packets.max(1.0)).round(),
    })
}

/// A name by which two looks at one attack find each other: what it does, not when or to whom.
fn key(attack: &Attack) -> String {
    let mut names: Vec<String> = attack
        .vectors
        .iter()
        .map(|vector| format!("{}:{:?}", vector.vector.name(), vector.target_ports))
        .collect();
    names.sort();
    let digest = names.join("|").bytes().fold(0xcbf2_9ce4_8422_2325_u64, |state, byte| {
        (state ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("{digest:016x}")
}

fn of_vector(attack: &Attack, vector: &VectorReport, addresses: Addresses) -> Value {
    let source_ips: Vec<String> = match addresses {
        Addresses::Written => attack.sample.iter().map(|ip| address(*ip).to_string()).collect(),
        Addresses::Withheld => Vec::new(),
    };
    let ports =
        if vector.target_ports.is_empty() { json!("random") } else { json!(vector.target_ports) };
    json!({
        "service": service(vector.vector),
        "protocol": protocol(vector.vector),
        "fraction_of_attack": rounded(vector.fraction),
        "source_port": vector.source_port.map_or_else(|| json!("random"), |port| json!(port)),
        "destination_ports": ports,
        "tcp_flags": flags(vector.vector),
        "nr_flows": vector.records,
        "nr_packets": vector.packets.round(),
        "nr_megabytes": rounded(vector.octets / 1e6),
        "time_start": moment(vector.span_ms.0),
        "duration_seconds": rounded((vector.span_ms.1 - vector.span_ms.0) as f64 / 1_000.0),
        "source_ips": source_ips,
        "ttl": vector.ttls,
    })
}

fn service(vector: Vector) -> Option<String> {
    vector.name().strip_prefix("amp_").map(str::to_ascii_uppercase)
}

fn protocol(vector: Vector) -> &'static str {
    match vector {
        Vector::TcpSyn
        | Vector::TcpSynAck
        | Vector::TcpAck
        | Vector::TcpRst
        | Vector::TcpNull
        | Vector::TcpMiddlebox
        | Vector::Http
        | Vector::Http2RapidReset
        | Vector::Slowloris => "TCP",
        Vector::Icmp => "ICMP",
        Vector::Udp | Vector::Amplification(_) | Vector::Dhcp | Vector::DnsQuery => "UDP",
        Vector::Fragment | Vector::IpProtocol | Vector::Ipv6ExtensionHeaders => "IP",
    }
}

fn flags(vector: Vector) -> Option<&'static str> {
    match vector {
        Vector::TcpSyn => Some("······S·"),
        Vector::TcpSynAck => Some("···A··S·"),
        Vector::TcpAck | Vector::TcpMiddlebox => Some("···A····"),
        Vector::TcpRst => Some("·····R··"),
        Vector::TcpNull => Some("········"),
        _ => None,
    }
}

/// A moment in words.
pub fn moment(at_ms: i64) -> String {
    jiff::Timestamp::from_millisecond(at_ms).map(|at| at.to_string()).unwrap_or_default()
}

/// A target's address.
pub fn address(bits: u128) -> IpAddr {
    if bits >> 32 == 0xffff {
        IpAddr::from(Ipv4Addr::from_bits(bits as u32))
    } else {
        IpAddr::from(Ipv6Addr::from_bits(bits))
    }
}

fn rounded(number: f64) -> f64 {
    (number * 1_000.0).round() / 1_000.0
}

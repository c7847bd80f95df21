//! What netgauze-flow-pkt reads in datagrams, and how long netflow_parser takes for them.
//!
//! `flow-oracles netgauze DUMP SKIP` prints a line a flow: source, target, ports, protocol, octets,
//! packets, separated by tabs, of the datagrams behind the first SKIP. `flow-oracles speed DUMP`
//! prints nanoseconds a record of netflow_parser as JSON, measured as `speed flows` measures ours.

use std::hint::black_box;
use std::time::Instant;

use bytes::BytesMut;
use netflow_parser::NetflowPacket;
use netflow_parser::NetflowParser;
use netgauze_flow_pkt::codec::FlowInfoCodec;
use serde_json::Value;
use tokio_util::codec::Decoder;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["netgauze", dump, skip] => netgauze(&read(dump), skip.parse().unwrap_or(0)),
        ["speed", dump] => speed(&read(dump)),
        _ => {
            eprintln!("flow-oracles netgauze DUMP SKIP | speed DUMP");
            std::process::exit(2);
        }
    }
}

/// Datagrams of a dump: length in host order, then bytes.
fn read(path: &str) -> Vec<Vec<u8>> {
    let bytes = std::fs::read(path).expect("a dump");
    let mut rest = bytes.as_slice();
    let mut all = Vec::new();
    while let Some((length, after)) = rest.split_first_chunk::<4>() {
        let (datagram, later) = after.split_at(u32::from_ne_bytes(*length) as usize);
        all.push(datagram.to_vec());
        rest = later;
    }
    all
}

fn netgauze(datagrams: &[Vec<u8>], skip: usize) {
    let mut codec = FlowInfoCodec::new();
    for (number, datagram) in datagrams.iter().enumerate() {
        let mut bytes = BytesMut::from(datagram.as_slice());
        let decoded = codec.decode(&mut bytes);
        let Ok(Some(info)) = decoded else { continue };
        if number < skip {
            continue;
        }
        let json = serde_json::to_value(&info).expect("JSON");
        records(&json, &mut |fields| println!("{}", row(fields)));
    }
}

/// Every record of data that has an address, as its list of fields.
fn records(value: &Value, take: &mut impl FnMut(&[Value])) {
    match value {
        Value::Object(members) => {
            let fields = members.get("fields").and_then(Value::as_array);
            if let Some(fields) = fields.filter(|fields| find(fields, ADDRESSES).is_some()) {
                take(fields);
            }
            members.values().for_each(|value| records(value, take));
        }
        Value::Array(all) => all.iter().for_each(|value| records(value, take)),
        _ => {}
    }
}

const ADDRESSES: &[&str] = &[
    "sourceIPv4Address",
    "sourceIPv6Address",
    "destinationIPv4Address",
    "destinationIPv6Address",
];

/// The value of the first field with one of these names.
fn find<'a>(fields: &'a [Value], names: &[&str]) -> Option<&'a Value> {
    names.iter().find_map(|name| fields.iter().find_map(|field| field.get(*name)))
}

fn row(fields: &[Value]) -> String {
    let address = |four: &str, six: &str| {
        let text = |name: &str| find(fields, &[name]).and_then(Value::as_str).map(str::to_owned);
        match (text(four), text(six)) {
            (Some(_), Some(six)) if six != "::" => six,
            (Some(four), _) => four,
            (None, six) => six.unwrap_or_else(|| "::".to_owned()),
        }
    };
    let number = |names: &[&str]| match find(fields, names) {
        Some(Value::Number(number)) => number.as_u64().unwrap_or_default(),
        // A protocol has a name.
        Some(Value::String(name)) => protocol(name),
        Some(Value::Object(named)) => named.values().find_map(Value::as_u64).unwrap_or_default(),
        _ => 0,
    };
    [
        address("sourceIPv4Address", "sourceIPv6Address"),
        address("destinationIPv4Address", "destinationIPv6Address"),
        number(&["sourceTransportPort", "udpSourcePort", "tcpSourcePort"]).to_string(),
        number(&["destinationTransportPort", "udpDestinationPort", "tcpDestinationPort"])
            .to_string(),
        number(&["protocolIdentifier"]).to_string(),
        number(&["octetDeltaCount", "octetTotalCount", "initiatorOctets", "postOctetDeltaCount"])
            .to_string(),
        number(&["packetDeltaCount", "packetTotalCount", "initiatorPackets"]).to_string(),
    ]
    .join("\t")
}

fn protocol(name: &str) -> u64 {
    match name.to_ascii_uppercase().as_str() {
        "ICMP" => 1,
        "IGMP" => 2,
        "IPV4" => 4,
        "TCP" => 6,
        "UDP" => 17,
        "IPV6" => 41,
        "GRE" => 47,
        "ESP" => 50,
        "IPV6-ICMP" | "IPV6ICMP" => 58,
        "OSPFIGP" => 89,
        "PIM" => 103,
        "VRRP" => 112,
        "SCTP" => 132,
        _ => 0,
    }
}

fn speed(datagrams: &[Vec<u8>]) {
    let once = || {
        let mut parser = NetflowParser::default();
        datagrams.iter().map(|datagram| count(&parser.parse_bytes(black_box(datagram)).packets)).sum()
    };
    let records: u64 = once();
    let mut times: Vec<u128> = (0..60)
        .map(|_| {
            let begun = Instant::now();
            black_box(once());
            begun.elapsed().as_nanos()
        })
        .collect();
    times.sort_unstable();
    let ns = times[times.len() / 20] as f64 / records.max(1) as f64;
    println!(r#"{{"records":{records},"ns":{ns:.2}}}"#);
}

fn count(packets: &[NetflowPacket]) -> u64 {
    use netflow_parser::variable_versions::ipfix::FlowSetBody as Ipfix;
    use netflow_parser::variable_versions::v9::FlowSetBody as V9;
    let of = |packet: &NetflowPacket| match packet {
        NetflowPacket::V5(v5) => v5.flowsets.len(),
        NetflowPacket::V9(v9) => v9
            .flowsets
            .iter()
            .map(|set| if let V9::Data(data) = &set.body { data.fields.len() } else { 0 })
            .sum(),
        NetflowPacket::IPFix(ipfix) => ipfix
            .flowsets
            .iter()
            .map(|set| if let Ipfix::Data(data) = &set.body { data.fields.len() } else { 0 })
            .sum(),
        _ => 0,
    };
    packets.iter().map(|packet| of(packet) as u64).sum()
}

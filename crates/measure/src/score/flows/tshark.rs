//! What tshark reads in the same datagrams.

use std::collections::BTreeMap;
use std::process::Command;

use anyhow::Context;
use anyhow::Result;
use anyhow::bail;
use outcry_decode::address::Address;
use outcry_decode::export::Version;
use serde_json::Value;

use super::Exporter;
use super::Found;
use super::Row;
use xtask::run;

/// Ports that tshark takes for flow exports.
const FLOW_PORT: u16 = 2_055;
const SFLOW_PORT: u16 = 6_343;

/// Asks tshark about all datagrams, written twice.
pub(super) fn read(exporters: &[Exporter]) -> Result<Found> {
    let folder = run::target().join("score/flows");
    std::fs::create_dir_all(&folder).context("cannot make a folder in target")?;
    let capture = folder.join("exporters.pcap");
    let (bytes, half) = written(exporters);
    std::fs::write(&capture, bytes).context("cannot write the capture")?;
    let output = Command::new("tshark")
        .arg("-r")
        .arg(&capture)
        .args(["-T", "json", "--no-duplicate-keys", "-d", "udp.port==2055,cflow"])
        .args(["-d", "udp.port==6343,sflow"])
        .output()
        .context("cannot start tshark")?;
    if !output.status.success() {
        bail!("tshark failed: {}", String::from_utf8_lossy(&output.stderr));
    }
    let frames: Vec<Value> =
        serde_json::from_slice(&output.stdout).context("tshark's JSON cannot be read")?;
    let mut samplers = BTreeMap::new();
    let mut found = Found::default();
    for learn in [true, false] {
        for frame in frames.iter().skip(half) {
            let layers = &frame["_source"]["layers"];
            let address = first(&layers["ip"])["ip.src"].as_str();
            let Some(Ok(ip)) = address.map(str::parse::<std::net::IpAddr>) else { continue };
            let mut context = Reading {
                exporter: Address::from(ip),
                domain: domain(&layers["cflow"]),
                v5_rate: v5_rate(&layers["cflow"]),
                samplers: &mut samplers,
                found: &mut found,
            };
            match learn {
                true => context.options(&layers["cflow"]),
                false => {
                    context.flows(&layers["cflow"]);
                    context.samples(&layers["sflow"]);
                }
            }
        }
    }
    Ok(found)
}

/// All datagrams, twice, as one capture; and how many frames the first half has.
fn written(exporters: &[Exporter]) -> (Vec<u8>, usize) {
    let mut bytes = Vec::new();
    for word in [0xa1b2_c3d4u32, 0x0002_0004, 0, 0, 262_144, 101] {
        bytes.extend(word.to_be_bytes());
    }
    let mut count = 0;
    for _ in 0..2 {
        for exporter in exporters {
            for datagram in &exporter.datagrams {
                count += 1;
                let port = match Version::of(datagram) {
                    Some(Version::Sflow5) => SFLOW_PORT,
                    _ => FLOW_PORT,
                };
                let packet = packet(exporter.address, port, datagram);
                for word in [count as u32, 0, packet.len() as u32, packet.len() as u32] {
                    bytes.extend(word.to_be_bytes());
                }
                bytes.extend(packet);
            }
        }
    }
    (bytes, count / 2)
}

fn packet(source: Address, port: u16, datagram: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0x45, 0];
    bytes.extend((datagram.len() as u16 + 28).to_be_bytes());
    bytes.extend([0, 0, 0, 0, 64, 17, 0, 0]);
    bytes.extend((source.bits() as u32).to_be_bytes());
    bytes.extend([192, 0, 2, 1]);
    bytes.extend(port.to_be_bytes());
    bytes.extend(port.to_be_bytes());
    bytes.extend((datagram.len() as u16 + 8).to_be_bytes());
    bytes.extend([0, 0]);
    bytes.extend(datagram);
    bytes
}

/// Whose rate, and of which sampler; without one, of the whole domain.
type Sampler = (Address, String, Option<String>);

struct Reading<'a> {
    exporter: Address,
    domain: String,
    v5_rate: Option<f64>,
    samplers: &'a mut BTreeMap<Sampler, f64>,
    found: &'a mut Found,
}

impl Reading<'_> {
    /// Notes the rates that options say.
    fn options(&mut self, cflow: &Value) {
        each_flow(cflow, &mut |fields| {
            if address(fields, "src").is_some() || address(fields, "dst").is_some() {
                return;
            }
            if let Some(rate) = rate(fields) {
                let key = (self.exporter, self.domain.clone(), sampler(fields));
                self.samplers.insert(key, rate);
            }
        });
    }

    fn flows(&mut self, cflow: &Value) {
        let mut rows = Vec::new();
        each_flow(cflow, &mut |fields| rows.extend(self.row(fields)));
        for (row, rate) in rows {
            self.put(row, rate);
        }
    }

    fn row(&self, fields: &BTreeMap<String, String>) -> Option<(Row, Option<f64>)> {
        let (source, target) = (address(fields, "src"), address(fields, "dst"));
        if source.is_none() && target.is_none() {
            return None;
        }
        let unspecified = || "::".to_owned();
        let row = Row {
            source: source.unwrap_or_else(unspecified),
            target: target.unwrap_or_else(unspecified),
            ports: (number(fields, &PORTS[0]) as u16, number(fields, &PORTS[1]) as u16),
            protocol: number(fields, &["cflow.protocol"]) as u8,
            octets: number(fields, OCTETS),
            packets: number(fields, PACKETS),
        };
        let named = sampler(fields);
        let known = |sampler: Option<String>| {
            self.samplers.get(&(self.exporter, self.domain.clone(), sampler)).copied()
        };
        let rate = rate(fields)
            .or(self.v5_rate)
            .or_else(|| named.as_ref().and_then(|named| known(Some(named.clone()))))
            .or_else(|| known(None))
            .or_else(|| self.only_sampler(named.as_ref()));
        Some((row, rate))
    }

    /// The rate of a domain with one sampler, for flows that name none.
    fn only_sampler(&self, named: Option<&String>) -> Option<f64> {
        let own = |key: &Sampler| key.0 == self.exporter && key.1 == self.domain;
        let mut all = self.samplers.iter().filter(|(key, _)| own(key));
        match (named, all.next(), all.next()) {
            (None, Some((_, rate)), None) => Some(*rate),
            _ => None,
        }
    }

    /// Samples of sFlow.
    fn samples(&mut self, sflow: &Value) {
        let mut samples = Vec::new();
        each_object(sflow, &mut |name, value| {
            if name.starts_with("Flow sample") || name.starts_with("Expanded flow sample") {
                samples.push(value.clone());
            }
        });
        for sample in samples {
            let mut rate = None;
            each_object(&sample, &mut |name, value| {
                if name == "sflow.flow_sample.sampling_rate" {
                    rate = value.as_str().and_then(|text| text.parse::<f64>().ok());
                }
            });
            let mut header = None;
            each_object(&sample, &mut |name, value| {
                if name == "sflow_245.header_tree" {
                    header = Some(value.clone());
                }
            });
            let Some(row) = header.as_ref().and_then(packet_row) else { continue };
            self.put(row, rate.filter(|rate| *rate > 0.0));
        }
    }

    fn put(&mut self, row: Row, rate: Option<f64>) {
        let rate = rate.map_or_else(|| "unknown".to_owned(), |rate| rate.to_string());
        self.found.rates.entry(self.exporter).or_default().push(rate);
        self.found.rows.entry(self.exporter).or_default().push(row);
    }
}

/// The outermost IP packet of a sampled header.
fn packet_row(header: &Value) -> Option<Row> {
    let text = |value: &Value, name: &str| first(&value[name]).as_str().map(str::to_owned);
    let count = |value: &Value, name: &str| {
        text(value, name).and_then(|text| text.parse().ok()).unwrap_or(0u64)
    };
    let (four, six) = (first(&header["ip"]), first(&header["ipv6"]));
    let (source, target, protocol, octets) = if four.is_object() {
        let protocol = count(four, "ip.proto");
        (text(four, "ip.src")?, text(four, "ip.dst")?, protocol, count(four, "ip.len"))
    } else {
        let octets = count(six, "ipv6.plen") + 40;
        (text(six, "ipv6.src")?, text(six, "ipv6.dst")?, count(six, "ipv6.nxt"), octets)
    };
    let ports = ["tcp", "udp"].iter().find_map(|name| {
        let layer = first(&header[*name]);
        layer.is_object().then(|| {
            let port = |side: &str| count(layer, &format!("{name}.{side}port")) as u16;
            (port("src"), port("dst"))
        })
    });
    let ports = if matches!(protocol, 6 | 17) { ports.unwrap_or_default() } else { (0, 0) };
    Some(Row { source, target, ports, protocol: protocol as u8, octets, packets: 1 })
}

const PORTS: [[&str; 3]; 2] = [
    ["cflow.srcport", "cflow.udp_source_port", "cflow.tcp_source_port"],
    ["cflow.dstport", "cflow.udp_dest_port", "cflow.tcp_dest_port"],
];
const OCTETS: &[&str] = &[
    "cflow.octets",
    "cflow.octets64",
    "cflow.permanent_octets",
    "cflow.octets_total",
    "cflow.octet_total_count",
    "cflow.octettotalcount",
    "cflow.initiator_octets",
    "cflow.octets_exp",
];
const PACKETS: &[&str] = &[
    "cflow.packets",
    "cflow.packets64",
    "cflow.permanent_packets",
    "cflow.packets_total",
    "cflow.packet_total_count",
    "cflow.packettotalcount",
    "cflow.initiator_packets",
];

fn number(fields: &BTreeMap<String, String>, names: &[&str]) -> u64 {
    let text = names.iter().find_map(|name| fields.get(*name));
    text.and_then(|text| text.parse().ok()).unwrap_or_default()
}

/// The address of one side. With room for both families, the one that is not empty.
fn address(fields: &BTreeMap<String, String>, side: &str) -> Option<String> {
    let four = fields.get(&format!("cflow.{side}addr"));
    let six = fields.get(&format!("cflow.{side}addrv6"));
    match (four, six) {
        (Some(_), Some(six)) if six != "::" => Some(six.clone()),
        (Some(four), _) => Some(four.clone()),
        (None, six) => six.cloned(),
    }
}

fn sampler(fields: &BTreeMap<String, String>) -> Option<String> {
    ["cflow.selector_id", "cflow.sampler_id", "cflow.flow_sampler_id"]
        .iter()
        .find_map(|name| fields.get(*name).cloned())
}

/// The rate that one record says, as IANA and Cisco define its fields.
fn rate(fields: &BTreeMap<String, String>) -> Option<f64> {
    let value = |names: &[&str]| {
        let text = names.iter().find_map(|name| fields.get(*name))?;
        text.parse::<f64>().ok().filter(|value| *value > 0.0)
    };
    let taken = value(&["cflow.sampling_packet_interval"]);
    let left = fields.get("cflow.sampling_packet_space").and_then(|text| text.parse::<f64>().ok());
    if let (Some(taken), Some(left)) = (taken, left) {
        return Some((taken + left) / taken);
    }
    let (size, population) =
        (value(&["cflow.sampling_size"]), value(&["cflow.sampling_population"]));
    if let (Some(size), Some(population)) = (size, population) {
        return Some(population / size);
    }
    value(&["cflow.sampler_random_interval", "cflow.flow_sampler_random_interval"])
        .or_else(|| value(&["cflow.sampling_interval"]))
}

fn v5_rate(cflow: &Value) -> Option<f64> {
    if first(&cflow["cflow.version"]).as_str() != Some("5") {
        return None;
    }
    let text = first(&cflow["cflow.samplerate"]).as_str()?;
    text.parse().ok().filter(|rate| *rate > 0.0)
}

fn domain(cflow: &Value) -> String {
    let id = ["cflow.source_id", "cflow.od_id"].iter().find_map(|name| cflow[*name].as_str());
    format!("{} {}", first(&cflow["cflow.version"]), id.unwrap_or_default())
}

/// A value, or the first of several with one name.
fn first(value: &Value) -> &Value {
    value.as_array().and_then(|all| all.first()).unwrap_or(value)
}

/// All fields of every record of data, flat.
fn each_flow(value: &Value, take: &mut impl FnMut(&BTreeMap<String, String>)) {
    let mut records = Vec::new();
    each_object(value, &mut |name, value| {
        let is_record = name.starts_with("Flow ") || name.starts_with("pdu ");
        if is_record && value.is_object() {
            records.push(value.clone());
        }
    });
    for record in records {
        let mut fields = BTreeMap::new();
        each_object(&record, &mut |name, value| {
            if let Some(text) = first(value).as_str() {
                fields.entry(name.to_owned()).or_insert_with(|| text.to_owned());
            }
        });
        take(&fields);
    }
}

/// Every named value, however deep.
fn each_object(value: &Value, take: &mut impl FnMut(&str, &Value)) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                match value {
                    Value::Array(all) => all.iter().for_each(|one| take(name, one)),
                    one => take(name, one),
                }
                each_object(value, take);
            }
        }
        Value::Array(all) => all.iter().for_each(|value| each_object(value, take)),
        _ => {}
    }
}

//! From files to an analysis: captures, raw flow datagrams and access logs are told apart by their
//! first bytes and handed to the watches of `core::attack`.
//!
//! A capture of an exporter's datagrams is two things: packets, and the flows in them. Both are
//! looked at, each with a watch of its own.

use ipnet::IpNet;
use outcry_core::attack::Report;
use outcry_core::attack::Watch;
use outcry_core::attack::requests::Request;
use outcry_core::attack::requests::Requests;
use outcry_core::attack::seen::Grain;
use outcry_core::attack::seen::Seen;
use outcry_core::traffic::sketch::sample::hash;
use outcry_decode::access_log;
use outcry_decode::access_log::Format;
use outcry_decode::access_log::TrustedProxy;
use outcry_decode::address::Address;
use outcry_decode::export::Decoder;
use outcry_decode::export::Version;
use outcry_decode::export::datagrams;
use outcry_decode::fault::Faults;
use outcry_decode::packet::Packet;
use outcry_decode::packet::protocol;
use outcry_decode::pcap;
use outcry_decode::record::Flow;
use outcry_decode::record::Fragment;

/// Ports that exporters send to, as registered with IANA and as configured by habit.
const EXPORT_PORTS: &[u16] = &[2055, 2056, 4739, 6343, 6344, 9555, 9991, 9995, 9996];

/// What files are read into.
pub struct Analysis {
    packets: Watch,
    flows: Watch,
    /// Requests of access logs.
    pub requests: Requests,
    target: Option<IpNet>,
    trusted: Vec<TrustedProxy>,
    key: u64,
    /// Packets that were read.
    pub packet_count: u64,
    /// Flow records that were read.
    pub flow_count: u64,
    /// Of them, those whose sampling nobody said.
    pub flows_without_sampling: u64,
    /// What was wrong with the files.
    pub faults: Faults,
}

/// What a file was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A capture.
    Capture,
    /// Flow datagrams, one behind the other.
    Datagrams,
    /// An access log.
    Log,
}

impl Analysis {
    /// Has read nothing. Only traffic towards `target` counts, where one is given.
    pub fn new(key: u64, target: Option<IpNet>, trusted: Vec<TrustedProxy>) -> Self {
        Self {
            packets: Watch::new(key),
            flows: Watch::new(key),
            requests: Requests::new(key),
            target,
            trusted,
            key,
            packet_count: 0,
            flow_count: 0,
            flows_without_sampling: 0,
            faults: Faults::new(),
        }
    }

    /// Reads one file; `None` when it is nothing that can be read.
    pub fn read(&mut self, bytes: &[u8]) -> Option<Form> {
        if pcap::is_capture(bytes) {
            self.capture(bytes);
            Some(Form::Capture)
        } else if Version::of(bytes).is_some() {
            self.datagrams(datagrams(bytes));
            Some(Form::Datagrams)
        } else if let Some(framed) = framed(bytes) {
            self.datagrams(framed.into_iter());
            Some(Form::Datagrams)
        } else if access_log::is_log(bytes) {
            self.log(bytes);
            Some(Form::Log)
        } else {
            None
        }
    }

    /// What captures, and what flow records come to.
    pub fn reports(&self) -> (Report, Report) {
        (self.packets.report(), self.flows.report())
    }

    fn capture(&mut self, bytes: &[u8]) {
        let mut decoder = Decoder::new();
        let mut packets = pcap::packets(bytes);
        for packet in packets.by_ref() {
            self.packet_count += 1;
            let carries_flows = packet.ip.protocol == protocol::UDP
                && EXPORT_PORTS.contains(&packet.ip.target_port)
                && Version::of(packet.payload).is_some();
            if carries_flows {
                let now_ms = packet.at_ns / 1_000_000;
                let exporter = packet.ip.source;
                let mut flows = Vec::new();
                decoder.datagram(exporter, now_ms, packet.payload, |batch| {
                    flows.extend_from_slice(batch);
                });
                flows.iter().for_each(|flow| self.flow(flow));
                continue;
            }
            let seen = of_packet(&packet, self.key);
            if self.wanted(seen.target, seen.source) {
                self.packets.take(&seen);
            }
        }
        self.faults.merge(packets.faults());
        decoder.end();
        self.faults.merge(&decoder.faults);
    }

    fn datagrams<'a>(&mut self, all: impl Iterator<Item = &'a [u8]>) {
        let mut decoder = Decoder::new();
        let mut flows = Vec::new();
        for datagram in all {
            // A file has no time of receipt; flows carry their own, or that of their export.
            decoder.datagram(Address::UNSPECIFIED, 0, datagram, |batch| {
                flows.extend_from_slice(batch);
            });
            flows.drain(..).for_each(|flow| self.flow(&flow));
        }
        decoder.end();
        self.faults.merge(&decoder.faults);
    }

    fn flow(&mut self, flow: &Flow) {
        self.flow_count += 1;
        self.flows_without_sampling += u64::from(flow.sampling.is_unknown());
        let seen = of_flow(flow);
        if self.wanted(seen.target, seen.source) {
            self.flows.take(&seen);
        }
    }

    fn log(&mut self, bytes: &[u8]) {
        let mut log = access_log::Log::new();
        for request in access_log::requests(&mut log, bytes) {
            self.requests.take(&of_line(&request, &self.trusted));
        }
        self.faults.merge(&log.faults);
    }

    /// Answers of the target are looked at too: they say what it was asked, and by whom.
    fn wanted(&self, target: u128, source: u128) -> bool {
        let Some(net) = &self.target else { return true };
        let inside = |bits: u128| {
            let mapped = bits >> 32 == 0xffff;
            let ip = if mapped {
                std::net::IpAddr::from(std::net::Ipv4Addr::from_bits(bits as u32))
            } else {
                std::net::IpAddr::from(std::net::Ipv6Addr::from_bits(bits))
            };
            net.contains(&ip)
        };
        inside(target) || inside(source)
    }
}

/// Datagrams with a length of four bytes before each, little-endian, as load generators write them.
fn framed(bytes: &[u8]) -> Option<Vec<&[u8]>> {
    /// Octets of the largest datagram there can be.
    const DATAGRAM_MAX: usize = 65_507;
    let mut all = Vec::new();
    let mut rest = bytes;
    while let Some((head, after)) = rest.split_first_chunk::<4>() {
        let length = usize::try_from(u32::from_le_bytes(*head)).ok()?;
        if length > DATAGRAM_MAX {
            return None;
        }
        let datagram = after.get(..length)?;
        Version::of(datagram)?;
        all.push(datagram);
        rest = &after[length..];
    }
    (!all.is_empty() && rest.is_empty()).then_some(all)
}

fn of_packet(packet: &Packet<'_>, key: u64) -> Seen {
    let ip = &packet.ip;
    let pieces = matches!(ip.fragment, Fragment::First | Fragment::Later);
    // In IPv6 a fragment header is an extension header; it is told as a piece already.
    let extended = ip.extension_headers.saturating_sub(u8::from(pieces));
    let dns = packet.dns().filter(|dns| !dns.is_response && packet.tunnelled.is_none());
    Seen {
        at_ms: i64::try_from(packet.at_ns / 1_000_000).unwrap_or(i64::MAX),
        lasts_ms: 0,
        source: ip.source.bits(),
        target: ip.target.bits(),
        packets: 1.0,
        counted: 1.0,
        sampled: false,
        octets: f64::from(ip.octets),
        source_port: ip.source_port,
        target_port: ip.target_port,
        tcp_flags: ip.tcp_flags,
        protocol: ip.protocol,
        icmp_type: ip.icmp_type,
        ttl: Some(ip.ttl),
        extension_headers: extended,
        payload: ip.transport_seen.then_some(ip.payload_octets),
        dns_name: dns.map(|dns| {
            dns.name.labels().fold(key, |state, label| {
                label.chunks(16).fold(state, |state, chunk| {
                    let mut bytes = [0; 16];
                    bytes[..chunk.len()].copy_from_slice(chunk);
                    hash(state, u128::from_le_bytes(bytes))
                })
            })
        }),
        fragment: ip.fragment,
        grain: Grain::Packet,
        sampling_unknown: false,
    }
}

/// A line of an access log as the detector of floods takes it.
pub fn of_line<'a>(line: &'a access_log::Request<'_>, trusted: &[TrustedProxy]) -> Request<'a> {
    // These forms have both fields in each line: a dash there is read as nothing.
    let has_fields = matches!(line.format, Format::Combined | Format::Caddy);
    let referrer = line.referrer.as_deref().filter(|it| !matches!(*it, "" | "-"));
    let without = (has_fields || line.referrer.is_some()).then_some(false);
    let nothing = has_fields.then_some("-");
    Request {
        at_ms: i64::try_from(line.at_ms).unwrap_or(i64::MAX),
        client: line.client(trusted).address().map(Address::bits),
        path: &line.path,
        method: &line.method,
        status: line.status,
        octets: line.octets,
        has_referrer: referrer.map(|_| true).or(without),
        referrer,
        agent: line.user_agent.as_deref().or(nothing),
        is_http2: line.protocol.as_deref().is_some_and(|text| text.contains("/2")),
        took_ms: line.duration_ms,
    }
}

fn of_flow(flow: &Flow) -> Seen {
    let start = i64::try_from(flow.start_ms).unwrap_or(i64::MAX);
    let end = i64::try_from(flow.end_ms).unwrap_or(i64::MAX);
    Seen {
        at_ms: start,
        lasts_ms: (end - start).max(0),
        source: flow.source.bits(),
        target: flow.target.bits(),
        counted: flow.packets as f64,
        sampled: flow.sampling.weight() != Some(1.0),
        packets: flow.packets_estimated().unwrap_or(flow.packets as f64),
        octets: flow.octets_estimated().unwrap_or(flow.octets as f64),
        source_port: flow.source_port,
        target_port: flow.target_port,
        tcp_flags: flow.tcp_flags,
        protocol: flow.protocol,
        icmp_type: flow.icmp_type,
        ttl: (flow.ttl != 0).then_some(flow.ttl),
        extension_headers: 0,
        payload: None,
        dns_name: None,
        fragment: flow.fragment,
        grain: Grain::Record,
        sampling_unknown: flow.sampling.is_unknown(),
    }
}

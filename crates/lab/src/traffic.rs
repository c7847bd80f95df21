//! Traffic of a run: the edge's packets and requests in windows, with what `outcry analyze` calls
//! them.
//!
//! The capture is tcpdump's and the log is nginx's. Sums come from Outcry's own decoders; names of
//! attacks, and what the sources can be said to be, come from the real program over the whole file,
//! and hold for the windows they overlap.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::net::IpAddr;
use std::path::Path;
use std::process::Command;

use anyhow::Context;
use anyhow::Result;
use jiff::Timestamp;
use outcry_core::signal::Body;
use outcry_core::signal::Flow;
use outcry_core::signal::Log;
use outcry_core::signal::Signal;
use outcry_core::units::Text;
use outcry_decode::access_log;
use outcry_decode::address::Address;
use outcry_decode::pcap;
use serde_json::Value;

use crate::place::EDGE;
use crate::run::Ran;
use crate::signals;
use crate::watch::ROUND;

/// Who exports the flows.
const EXPORTER: &str = "edge";
/// What a log names that is no attack.
const CRAWLER: &str = "crawler";

/// What was named, from when to when, and what can be said of the sources.
struct Named {
    vectors: Vec<Text>,
    from_unix_ms: i64,
    until_unix_ms: i64,
    sources: String,
}

/// One window of packets.
#[derive(Default)]
struct Packets {
    octets_in: u64,
    packets_in: u64,
    octets_out: u64,
    sources: BTreeSet<Address>,
}

/// One window of requests.
#[derive(Default)]
struct Requests {
    count: u64,
    errors: u64,
    clients: BTreeSet<Address>,
    paths: BTreeMap<String, u64>,
}

/// Flow and log signals of a run.
pub fn signals(ran: &Ran) -> Result<Vec<Signal>> {
    let mut signals = flows(ran)?;
    signals.extend(logs(ran)?);
    Ok(signals)
}

fn window_of(ran: &Ran, unix_ms: i64) -> Option<i64> {
    let since = unix_ms - ran.began_unix_ms;
    (since >= 0).then(|| since / window_ms())
}

fn window_ms() -> i64 {
    i64::try_from(ROUND.as_millis()).unwrap_or(i64::MAX)
}

/// The window's begin and end on the machine's clock.
fn span(ran: &Ran, window: i64) -> (i64, i64) {
    let from = ran.began_unix_ms + window * window_ms();
    (from, from + window_ms())
}

fn flows(ran: &Ran) -> Result<Vec<Signal>> {
    let file = ran.dir.join("edge.pcap");
    let bytes = std::fs::read(&file).context("the capture of the edge is not there")?;
    let edge = Address::from(IpAddr::from(EDGE.address()));
    let mut windows: BTreeMap<i64, Packets> = BTreeMap::new();
    for packet in pcap::packets(&bytes) {
        let at_unix_ms = i64::try_from(packet.at_ns / 1_000_000).unwrap_or(0);
        let Some(window) = window_of(ran, at_unix_ms) else { continue };
        let sums = windows.entry(window).or_default();
        let octets = u64::from(packet.ip.octets);
        if packet.ip.target == edge {
            sums.octets_in += octets;
            sums.packets_in += 1;
            sums.sources.insert(packet.ip.source);
        } else {
            sums.octets_out += octets;
        }
    }
    // The last window is cut off by the end of the run.
    windows.pop_last();
    let named = analyze(ran, &file)?;
    let seconds = ROUND.as_secs_f64();
    let told = windows.into_iter().map(|(window, sums)| {
        let span = span(ran, window);
        let (vectors, sources) = overlapping(&named, span);
        let body = Flow {
            window_s: 60.0,
            bps_in: sums.octets_in as f64 * 8.0 / seconds,
            pps_in: sums.packets_in as f64 / seconds,
            bps_out: Some(sums.octets_out as f64 * 8.0 / seconds),
            vectors,
            sources: sources.unwrap_or("unknown").into(),
            sources_distinct: Some(sums.sources.len() as u64),
            exporter: EXPORTER.into(),
        };
        signals::signal(signals::at(ran, span.1), "chirp", Body::Flow(body))
    });
    Ok(told.collect())
}

fn logs(ran: &Ran) -> Result<Vec<Signal>> {
    let file = ran.dir.join("access.log");
    let bytes = std::fs::read(&file).context("the edge's log is not there")?;
    let mut log = access_log::Log::new();
    let mut windows: BTreeMap<i64, Requests> = BTreeMap::new();
    for request in access_log::requests(&mut log, &bytes) {
        let at_unix_ms = i64::try_from(request.at_ms).unwrap_or(0);
        let Some(window) = window_of(ran, at_unix_ms) else { continue };
        let sums = windows.entry(window).or_default();
        sums.count += 1;
        sums.errors += u64::from(request.status >= 500);
        sums.clients.extend(request.peer);
        let path = request.path.split('?').next().unwrap_or_default().to_owned();
        *sums.paths.entry(path).or_default() += 1;
    }
    windows.pop_last();
    let named = analyze(ran, &file)?;
    let told = windows.into_iter().map(|(window, sums)| {
        let span = span(ran, window);
        let share = |part: u64| part as f64 / sums.count as f64;
        let body = Log {
            window_s: 60.0,
            rps: sums.count as f64 / ROUND.as_secs_f64(),
            errors_share: share(sums.errors),
            clients_distinct: Some(sums.clients.len() as u64),
            top_path_share: sums.paths.values().max().map(|most| share(*most)),
            // A run has no earlier days.
            returning_share: None,
            vectors: overlapping(&named, span).0,
        };
        signals::signal(signals::at(ran, span.1), "chirp", Body::Log(body))
    });
    Ok(told.collect())
}

/// All vectors that were named for a span, and what is said of their sources.
fn overlapping(named: &[Named], (from, until): (i64, i64)) -> (Vec<Text>, Option<&str>) {
    let at_work: Vec<&Named> = named
        .iter()
        .filter(|named| named.from_unix_ms < until && named.until_unix_ms >= from)
        .collect();
    let vectors: BTreeSet<Text> =
        at_work.iter().flat_map(|named| named.vectors.iter().cloned()).collect();
    (vectors.into_iter().collect(), at_work.first().map(|named| named.sources.as_str()))
}

/// What the real program names in a file.
fn analyze(ran: &Ran, file: &Path) -> Result<Vec<Named>> {
    if std::fs::metadata(file)?.len() == 0 {
        return Ok(Vec::new());
    }
    let output = Command::new(&ran.outcry).arg("analyze").arg(file).arg("--json").output()?;
    let told: Value = serde_json::from_slice(&output.stdout)
        .with_context(|| format!("`outcry analyze {}` says no JSON", file.display()))?;
    let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    std::fs::write(ran.dir.join(format!("{name}.analysis.json")), format!("{told:#}\n"))?;
    let moment = |value: &str| value.parse::<Timestamp>().map(Timestamp::as_millisecond);
    let mut named = Vec::new();
    for attack in told["attacks"].as_array().into_iter().flatten() {
        let names = attack["vectors"].as_array().into_iter().flatten();
        named.push(Named {
            vectors: names.filter_map(Value::as_str).map(Into::into).collect(),
            from_unix_ms: moment(attack["started_at"].as_str().unwrap_or_default())?,
            until_unix_ms: moment(attack["ended_at"].as_str().unwrap_or_default())?,
            sources: attack["sources"]["verdict"].as_str().unwrap_or("unknown").to_owned(),
        });
    }
    for benign in told["benign"].as_array().into_iter().flatten() {
        let Some((from, until)) = benign["note"].as_str().and_then(|note| note.split_once(" to "))
        else {
            continue;
        };
        // As a server that follows the log names them.
        let Some(class) = benign["class"].as_str().filter(|class| *class != CRAWLER) else {
            continue;
        };
        named.push(Named {
            vectors: vec![class.into()],
            from_unix_ms: moment(from)?,
            until_unix_ms: moment(until)?,
            sources: "handshake".to_owned(),
        });
    }
    Ok(named)
}

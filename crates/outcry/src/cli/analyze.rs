//! `outcry analyze`: is it an attack, which, how large, and what its sources can and cannot tell.
//!
//! No address of a source is printed, in no form: only counts, and countries where the verdict on
//! the sources allows them. `--fingerprint` writes a file of the operator's own, with addresses.

pub mod html;
pub mod json;
mod text;

use std::io::Write;
use std::path::Path;
use std::path::PathBuf;

use anyhow::Context;
use anyhow::bail;
use ipnet::IpNet;
use outcry_core::attack::Attack;
use outcry_core::attack::Report;
use outcry_core::attack::requests::Kind;
use outcry_core::attack::requests::Stretch;
use outcry_decode::access_log::TrustedProxy;
use outcry_decode::address::Address;

use crate::analysis::Analysis;
use crate::cli::BadInput;
use crate::origins::Maps;
use crate::unpacked;

/// Key of the hashes: files are read after the fact, and the same files must give the same report.
const KEY: u64 = 0x6F75_7463_7279;
/// Bytes of one file that are held.
const FILE_BYTES_MAX: u64 = 4 << 30;

/// Arguments of `outcry analyze`.
#[derive(Debug, clap::Args)]
pub struct Analyze {
    /// Captures (pcap, pcapng), raw flow datagrams or access logs; also packed (.gz, .zst).
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// Only what goes to this address or prefix, and its answers.
    #[arg(long)]
    target: Option<String>,
    /// One JSON object.
    #[arg(long)]
    json: bool,
    /// Write one page with all of it to this file: it needs nothing else, and holds no source.
    #[arg(long)]
    html: Option<PathBuf>,
    /// MMDB file with countries; given twice, shares have a range between the two.
    #[arg(long)]
    country: Vec<PathBuf>,
    /// MMDB file with networks.
    #[arg(long)]
    asn: Option<PathBuf>,
    /// Proxies whose X-Forwarded-For is believed in access logs, such as 10.0.0.0/8.
    #[arg(long)]
    trusted_proxy: Vec<String>,
    /// Write fingerprints of the attacks to this file, with addresses of sources: for yourself.
    #[arg(long)]
    fingerprint: Option<PathBuf>,
}

/// All that one run found.
pub struct Findings {
    /// What packets come to.
    pub packets: Report,
    /// What flow records come to.
    pub flows: Report,
    /// What requests come to.
    pub stretches: Vec<Stretch>,
    /// Requests in a second by window, seconds since 1970.
    pub rates: Vec<(i64, f64)>,
    /// The files' analysis, for its counts.
    pub analysis: Analysis,
    /// Where sources may be told to be.
    pub maps: Maps,
}

impl Findings {
    /// Attacks of packets and flows, the largest first.
    pub fn attacks(&self) -> impl Iterator<Item = &Attack> {
        self.packets.attacks.iter().chain(&self.flows.attacks)
    }

    /// What is no attack, by stable names.
    pub fn benign(&self) -> Vec<&'static str> {
        let scans = self.packets.benign.iter().chain(&self.flows.benign);
        let mut classes: Vec<&str> = scans.map(|benign| benign.class.name()).collect();
        classes.extend(self.stretches.iter().filter_map(|stretch| match stretch.kind {
            Kind::Attack(_) => None,
            kind => Some(kind.name()),
        }));
        classes.sort_unstable();
        classes.dedup();
        classes
    }

    /// From when until when anything was seen.
    pub fn span_ms(&self) -> Option<(i64, i64)> {
        [self.packets.span_ms, self.flows.span_ms, self.analysis.requests.span_ms()]
            .into_iter()
            .flatten()
            .reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)))
    }
}

/// Reads the files and prints what they come to.
pub fn run(arguments: &Analyze) -> anyhow::Result<()> {
    let target = arguments.target.as_deref().map(net).transpose()?;
    let trusted: Vec<TrustedProxy> = arguments
        .trusted_proxy
        .iter()
        .map(|text| Ok(trusted_proxy(net(text)?)))
        .collect::<anyhow::Result<_>>()?;
    let maps = Maps::open(&arguments.country, arguments.asn.as_deref())?;
    let mut analysis = Analysis::new(KEY, target, trusted);
    for file in &arguments.files {
        let bytes = held(file)?;
        if analysis.read(&bytes).is_none() {
            bail!(BadInput(format!(
                "{} is no capture (pcap, pcapng), no raw flow datagrams (NetFlow v5, v9, IPFIX, \
                 sFlow v5) and no access log that is read here",
                file.display()
            )));
        }
    }
    let (packets, flows) = analysis.reports();
    let stretches = analysis.requests.report();
    let rates = analysis.requests.rates().collect();
    let findings = Findings { packets, flows, stretches, rates, analysis, maps };
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    if arguments.json {
        writeln!(out, "{}", json::report(&findings))?;
    } else {
        text::report(&mut out, &findings)?;
    }
    out.flush()?;
    if let Some(file) = &arguments.html {
        let names: Vec<String> = arguments
            .files
            .iter()
            .filter_map(|file| Some(file.file_name()?.to_string_lossy().into_owned()))
            .collect();
        let page = html::report(&findings, &names);
        std::fs::write(file, page).with_context(|| format!("cannot write {}", file.display()))?;
    }
    if let Some(file) = &arguments.fingerprint {
        let fingerprints: Vec<_> = findings
            .attacks()
            .map(|attack| json::fingerprint(attack, json::Addresses::Written))
            .collect();
        let text = serde_json::to_string_pretty(&fingerprints)?;
        std::fs::write(file, text).with_context(|| format!("cannot write {}", file.display()))?;
    }
    Ok(())
}

/// An address or a prefix.
fn net(text: &str) -> anyhow::Result<IpNet> {
    let read = text.parse::<IpNet>().or_else(|_| text.parse::<std::net::IpAddr>().map(IpNet::from));
    read.map(|net| net.trunc()).map_err(|_| {
        BadInput(format!("{text} is no prefix; write 192.0.2.0/24, or a single address")).into()
    })
}

fn trusted_proxy(net: IpNet) -> TrustedProxy {
    TrustedProxy { network: Address::from(net.network()), bits: u32::from(net.prefix_len()) }
}

fn held(file: &Path) -> anyhow::Result<Vec<u8>> {
    let bytes = unpacked::read(file)?;
    if bytes.len() as u64 >= FILE_BYTES_MAX {
        bail!(BadInput(format!("{} holds more than {FILE_BYTES_MAX} bytes", file.display())));
    }
    Ok(bytes)
}

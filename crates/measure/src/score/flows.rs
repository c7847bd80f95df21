//! `score flows`: datagrams of real exporters, ours against tshark, field by field.
//!
//! All datagrams of the fixtures are written into one capture, each file's exporter with an address
//! of its own, and everything twice: what comes the second time has had its templates and options,
//! whatever their order was. Of that second half, every flow of tshark must be one of ours and the
//! other way round: addresses, ports, protocol, octets, packets. So must the rate of sampling be
//! the one that tshark shows in the exporter's options.
//!
//! # What it cannot tell
//!
//! What tshark cannot read either. The answers of two-way flows and the sampled heads of packets,
//! which tshark does not show as flows, are left out of the comparison and counted. Datagrams that
//! we refuse as a whole are shown as refused: tshark reads what their header cannot mean. With
//! `--oracles` netgauze-flow-pkt reads the same datagrams too; it takes minutes to build. With
//! `--live` a real exporter sends to us, to nfcapd and to nfacctd at the same time ([`live`]).

use std::collections::BTreeMap;
use std::path::Path;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use anyhow::Result;
use clap::Args;
use outcry_decode::address::Address;
use outcry_decode::export;
use outcry_decode::export::Decoder;
use outcry_decode::export::Version;
use outcry_decode::fault::FaultKind;
use outcry_decode::pcap;
use outcry_decode::record::Fields;
use outcry_decode::record::Flow;

use xtask::run;

mod live;
pub(crate) mod oracles;
mod tshark;

/// What to compare with.
#[derive(Args, Clone, Debug)]
pub struct Arguments {
    /// Build and ask netgauze-flow-pkt too.
    #[arg(long)]
    oracles: bool,
    /// Replay captures past softflowd, in a network namespace of their own (needs root).
    #[arg(long)]
    live: bool,
}

/// One flow as every decoder can tell it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Row {
    pub(super) source: String,
    pub(super) target: String,
    pub(super) ports: (u16, u16),
    pub(super) protocol: u8,
    pub(super) octets: u64,
    pub(super) packets: u64,
}

/// Files of one exporter, and what is in them.
pub(super) struct Exporter {
    name: String,
    pub(super) address: Address,
    pub(super) datagrams: Vec<Vec<u8>>,
}

/// Flows and rates that one decoder found, by exporter.
#[derive(Default)]
pub(super) struct Found {
    pub(super) rows: BTreeMap<Address, Vec<Row>>,
    pub(super) rates: BTreeMap<Address, Vec<String>>,
    /// Why all datagrams of an exporter were refused.
    refused: BTreeMap<Address, FaultKind>,
}

/// Compares, and prints a line for each exporter that differs.
pub fn run(arguments: &Arguments) -> Result<ExitCode> {
    run::need("tshark", &["tshark"])?;
    let exporters = exporters()?;
    let datagrams: usize = exporters.iter().map(|exporter| exporter.datagrams.len()).sum();
    println!("{} exporters, {datagrams} datagrams", exporters.len());
    let (ours, apart) = ours(&exporters);
    let theirs = tshark::read(&exporters)?;
    let mut wrong = 0;
    let mut flows = 0;
    let mut sampled = 0;
    println!("\n{:<62} {:>7} {:>8} {:>9}", "exporter", "flows", "tshark", "rates");
    for exporter in &exporters {
        let (own, their) = (ours.of(exporter), theirs.of(exporter));
        let (rates, their_rates) = (ours.rates_of(exporter), theirs.rates_of(exporter));
        let refused = ours.refused.get(&exporter.address).copied();
        let same = own == their && rates == their_rates || refused.is_some() && own.is_empty();
        wrong += u32::from(!same);
        flows += own.len();
        sampled += u32::from(their_rates.iter().any(|rate| rate != "unknown"));
        let said = rates.iter().collect::<std::collections::BTreeSet<_>>();
        let said: Vec<_> = said.into_iter().map(String::as_str).collect();
        println!(
            "{:<62} {:>7} {:>8} {:>9}{}",
            exporter.name,
            own.len(),
            their.len(),
            said.join(" "),
            match (same, refused) {
                (false, _) => "  DIFFERS".to_owned(),
                (true, Some(kind)) => format!("  refused: {kind}"),
                (true, None) => String::new(),
            }
        );
        if !same {
            differences(&own, &their);
            if rates != their_rates {
                println!("    rates {rates:?}\n   tshark {their_rates:?}");
            }
        }
    }
    println!("\nanswers and sampled heads, which tshark shows as no flow: {apart}");
    if arguments.oracles {
        wrong += oracles::compare(&exporters)?;
    }
    if arguments.live {
        wrong += live::compare()?;
    }
    let holds = wrong == 0 && flows > 0 && sampled > 0;
    println!(
        "{flows} flows of {} exporters, {wrong} differ (bar 0); sampling right in {sampled} \
         exporters that say it",
        exporters.len()
    );
    Ok(if holds { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

impl Found {
    fn of(&self, exporter: &Exporter) -> Vec<Row> {
        let mut rows = self.rows.get(&exporter.address).cloned().unwrap_or_default();
        rows.sort();
        rows
    }

    fn rates_of(&self, exporter: &Exporter) -> Vec<String> {
        let mut rates = self.rates.get(&exporter.address).cloned().unwrap_or_default();
        rates.sort();
        rates
    }
}

pub(super) fn differences(own: &[Row], their: &[Row]) {
    let only = |a: &[Row], b: &[Row]| -> Vec<Row> {
        let mut left = b.to_vec();
        let keep = |row: &&Row| match left.iter().position(|other| other == *row) {
            Some(place) => {
                left.swap_remove(place);
                false
            }
            None => true,
        };
        a.iter().filter(keep).cloned().collect()
    };
    for row in only(own, their).iter().take(3) {
        println!("    ours only   {row:?}");
    }
    for row in only(their, own).iter().take(3) {
        println!("    theirs only {row:?}");
    }
}

/// Ours, the second half, and how many flows tshark does not show as such.
fn ours(exporters: &[Exporter]) -> (Found, u64) {
    let mut found = Found::default();
    let mut apart = 0;
    for exporter in exporters {
        let mut decoder = Decoder::new();
        let mut flows: Vec<Flow> = Vec::new();
        for half in 0..2 {
            for datagram in &exporter.datagrams {
                decoder.datagram(exporter.address, 0, datagram, |batch| {
                    if half == 1 {
                        flows.extend(batch);
                    }
                });
            }
        }
        let all = 2 * exporter.datagrams.len() as u64;
        if let Some((kind, _)) = decoder.faults.by_kind().next()
            && decoder.counts.refused == all
        {
            found.refused.insert(exporter.address, kind);
        }
        for flow in flows {
            let shown_apart = [Fields::ANSWER, Fields::SECTION];
            if shown_apart.into_iter().any(|field| flow.exported.has(field)) {
                apart += 1;
                continue;
            }
            let rate = flow.sampling.weight();
            let rate = rate.map_or_else(|| "unknown".to_owned(), |rate| rate.to_string());
            found.rates.entry(exporter.address).or_default().push(rate);
            found.rows.entry(exporter.address).or_default().push(Row {
                source: flow.source.to_string(),
                target: flow.target.to_string(),
                ports: (flow.source_port, flow.target_port),
                protocol: flow.protocol,
                octets: flow.octets,
                packets: flow.packets,
            });
        }
    }
    (found, apart)
}

/// Where fixtures are: those of the repository, and all of them where the shared data is.
fn folders() -> Vec<PathBuf> {
    let shared = run::root()
        .ancestors()
        .map(|folder| folder.join("shared/data/traffic/flow"))
        .find(|folder| folder.is_dir());
    match shared {
        Some(shared) => ["akvorado", "logstash-plugins", "ntop", "pmacct"]
            .iter()
            .map(|part| shared.join(part))
            .chain([run::root().join("crates/decode/testdata/flow")])
            .filter(|folder| folder.is_dir())
            .collect(),
        None => {
            println!("shared/data is not here: only the fixtures of the repository are read");
            vec![run::root().join("crates/decode/testdata/flow")]
        }
    }
}

/// All fixtures by exporter. Files whose names begin the same, up to the word that says whether
/// they hold templates or data, are of one exporter; an address in a capture makes another.
fn exporters() -> Result<Vec<Exporter>> {
    let mut groups: BTreeMap<(String, Address), Vec<Vec<u8>>> = BTreeMap::new();
    for folder in folders() {
        let mut files: Vec<PathBuf> = std::fs::read_dir(&folder)
            .with_context(|| format!("cannot read {}", folder.display()))?
            .filter_map(|entry| Some(entry.ok()?.path()))
            .filter(|path| path.extension().is_some_and(|kind| kind == "dat" || kind == "pcap"))
            .collect();
        files.sort();
        let parent = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        for path in files {
            let group = format!("{parent}/{}", stem(&path));
            for (address, datagram) in datagrams(&path)? {
                groups.entry((group.clone(), address)).or_default().push(datagram);
            }
        }
    }
    let exporters = groups.into_iter().enumerate().map(|(number, ((name, _), datagrams))| {
        let address = Address::v4(0xc612_0001 + number as u32);
        Exporter { name, address, datagrams }
    });
    Ok(exporters.collect())
}

fn stem(path: &Path) -> String {
    let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let words = ["opttpl", "tpl", "template", "options", "data"];
    let end = words.iter().filter_map(|word| name.rfind(word)).min();
    name[..end.unwrap_or(name.len())].trim_end_matches(['_', '-']).to_owned()
}

/// The flow datagrams of a file, and who sent them.
fn datagrams(path: &Path) -> Result<Vec<(Address, Vec<u8>)>> {
    let bytes = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    if !pcap::is_capture(&bytes) {
        let parts = export::datagrams(&bytes);
        return Ok(parts.map(|part| (Address::UNSPECIFIED, part.to_vec())).collect());
    }
    Ok(pcap::packets(&bytes)
        .filter(|packet| packet.ip.protocol == 17 && Version::of(packet.payload).is_some())
        .map(|packet| (packet.ip.source, packet.payload.to_vec()))
        .collect())
}

//! `outcry route`: announcements and withdrawals of a file of MRT, or of messages of RIS Live.

use std::collections::BTreeMap;
use std::io::BufWriter;
use std::io::Read;
use std::io::Write;
use std::path::PathBuf;

use outcry_decode::mrt;
use outcry_decode::mrt::Change;
use outcry_decode::mrt::Hop;
use outcry_decode::mrt::Kind;
use serde_json::Value;
use serde_json::json;

use crate::cli::BadInput;
use crate::unpacked;

/// Prefixes and networks that the summary lists.
const LISTED_MAX: usize = 10;
/// Prefixes that the summary counts apart; a file with more is summed up without the rest.
const PREFIXES_MAX: usize = 4_000_000;

/// Arguments of `outcry route`.
#[derive(Debug, clap::Args)]
pub struct Route {
    /// A file of MRT or of RIS Live messages, a line each; also packed (.gz, .zst).
    file: PathBuf,
    /// One JSON object for each change.
    #[arg(long)]
    json: bool,
}

/// What the summary counts.
#[derive(Default)]
struct Sum {
    announced: u64,
    withdrawn: u64,
    from_s: Option<f64>,
    until_s: Option<f64>,
    peers: BTreeMap<String, u64>,
    origins: BTreeMap<u32, u64>,
    withdrawn_by_prefix: BTreeMap<String, u64>,
}

/// Reads the file and prints it.
pub fn run(arguments: &Route) -> anyhow::Result<()> {
    let mut file = unpacked::open(&arguments.file)?;
    // MRT begins with a time in binary; JSON with a brace.
    let mut head = [0; 1];
    let got = file.read(&mut head).map_err(|error| unreadable(arguments, &error.to_string()))?;
    let mut whole = head[..got].chain(file);
    let mut out = BufWriter::new(std::io::stdout().lock());
    let mut sum = Sum::default();
    let mut failed = None;
    let json = arguments.json;
    let each = |change: Change| {
        if json {
            let written = writeln!(out, "{}", line(&change));
            failed = failed.take().or(written.err());
        } else {
            sum.add(&change);
        }
    };
    let read = if matches!(head[0], b'{' | b' ' | b'\n' | b'[') && got > 0 {
        let mut text = String::new();
        whole
            .read_to_string(&mut text)
            .map_err(|error| unreadable(arguments, &error.to_string()))?;
        mrt::ris_live(&text, each)
    } else {
        mrt::mrt(whole, each)
    };
    if let Some(error) = failed {
        return Err(error.into());
    }
    for fault in &read.faults {
        eprintln!("warning: {fault}");
    }
    if read.errors as usize > read.faults.len() {
        eprintln!("warning: {} more could not be read", read.errors as usize - read.faults.len());
    }
    if read.changes == 0 && read.errors > 0 {
        return Err(unreadable(arguments, "no route in it could be read").into());
    }
    if !json {
        sum.print(&mut out, &read)?;
    }
    out.flush()?;
    Ok(())
}

fn unreadable(arguments: &Route, why: &str) -> BadInput {
    BadInput(format!(
        "cannot read {}: {why}; give a file of MRT updates, or of RIS Live messages a line each",
        arguments.file.display()
    ))
}

/// The line of the contract.
fn line(change: &Change) -> Value {
    let path: Vec<Value> = change.path.iter().map(hop).collect();
    json!({
        "at": moment(change.at_unix_s),
        "peer": change.peer.to_string(),
        "peer_asn": change.peer_asn,
        "kind": change.kind.name(),
        "prefix": change.prefix,
        "origin": change.origin,
        "path": path,
    })
}

fn hop(hop: &Hop) -> Value {
    match hop {
        Hop::One(network) => json!(network),
        Hop::Set(networks) => json!(networks),
    }
}

fn moment(unix_s: f64) -> Option<String> {
    let at = jiff::Timestamp::from_microsecond((unix_s * 1e6).round() as i64).ok()?;
    Some(at.to_string())
}

impl Sum {
    fn add(&mut self, change: &Change) {
        let at = change.at_unix_s;
        self.from_s = Some(self.from_s.map_or(at, |from| from.min(at)));
        self.until_s = Some(self.until_s.map_or(at, |until| until.max(at)));
        *self.peers.entry(format!("AS{} {}", change.peer_asn, change.peer)).or_insert(0) += 1;
        match change.kind {
            Kind::Announce => {
                self.announced += 1;
                if let Some(origin) = change.origin {
                    *self.origins.entry(origin).or_insert(0) += 1;
                }
            }
            Kind::Withdraw => {
                self.withdrawn += 1;
                let counts = &mut self.withdrawn_by_prefix;
                if counts.len() < PREFIXES_MAX || counts.contains_key(&change.prefix) {
                    *counts.entry(change.prefix.clone()).or_insert(0) += 1;
                }
            }
        }
    }

    fn print(&self, out: &mut impl Write, read: &mrt::Read) -> std::io::Result<()> {
        let span = self.from_s.and_then(moment).zip(self.until_s.and_then(moment));
        if let Some((from, until)) = span {
            writeln!(out, "From {from} until {until}, by {} peers", self.peers.len())?;
        }
        writeln!(out, "  announced     {:>10}", self.announced)?;
        writeln!(out, "  withdrawn     {:>10}", self.withdrawn)?;
        writeln!(out, "  without route {:>10}", read.without_routes)?;
        writeln!(out, "  unreadable    {:>10}", read.errors)?;
        table(out, "Withdrawn most often", &self.withdrawn_by_prefix, |prefix| prefix.clone())?;
        table(out, "Announced most often, by origin", &self.origins, |asn| format!("AS{asn}"))?;
        table(out, "Most talkative peers", &self.peers, |peer| peer.clone())?;
        writeln!(out, "\nA withdrawal by one peer is no outage; look at how many peers agree.")
    }
}

fn table<K: Ord>(
    out: &mut impl Write,
    title: &str,
    counts: &BTreeMap<K, u64>,
    name: impl Fn(&K) -> String,
) -> std::io::Result<()> {
    let mut sorted: Vec<(&K, u64)> = counts.iter().map(|(key, count)| (key, *count)).collect();
    sorted.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    if !sorted.is_empty() {
        writeln!(out, "\n{title}")?;
    }
    for (key, count) in sorted.into_iter().take(LISTED_MAX) {
        writeln!(out, "  {count:>8}  {}", name(key))?;
    }
    Ok(())
}

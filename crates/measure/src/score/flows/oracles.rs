//! What netgauze-flow-pkt reads in the same datagrams; netflow_parser is measured for speed only.
//!
//! They bring a hundred and fifty crates, so they live in a workspace of their own
//! (`oracles/flows`), which is built only when it is asked for.

use std::path::Path;
use std::path::PathBuf;
use std::process::Command;

use anyhow::Context;
use anyhow::Result;
use anyhow::bail;
use outcry_decode::export::Version;

use super::Exporter;
use super::Row;
use super::differences;
use xtask::run;

/// Compares with netgauze; returns how many exporters differ.
pub(super) fn compare(exporters: &[Exporter]) -> Result<u32> {
    let program = build()?;
    let folder = run::target().join("score/flows");
    let mut wrong = 0;
    for exporter in exporters {
        // A group of files may hold sFlow besides, which netgauze does not read.
        let read = |datagram: &&Vec<u8>| {
            matches!(Version::of(datagram), Some(Version::Netflow9 | Version::Ipfix))
        };
        let exporter = &Exporter {
            name: exporter.name.clone(),
            address: exporter.address,
            datagrams: exporter.datagrams.iter().filter(read).cloned().collect(),
        };
        let dump = folder.join("exporter.dump");
        let mut bytes = Vec::new();
        for datagram in exporter.datagrams.iter().chain(&exporter.datagrams) {
            bytes.extend((datagram.len() as u32).to_ne_bytes());
            bytes.extend(datagram);
        }
        std::fs::write(&dump, bytes).context("cannot write a dump")?;
        let half = exporter.datagrams.len().to_string();
        let theirs = ask(&program, &dump, &half)?;
        let own = super::ours(std::slice::from_ref(exporter)).0.of(exporter);
        // Without a flow of version 9 or 10 netgauze has nothing to say.
        if !theirs.is_empty() && theirs != own {
            println!("{}: netgauze has {} flows, ours {}", exporter.name, theirs.len(), own.len());
            differences(&own, &theirs);
            wrong += 1;
        }
    }
    Ok(wrong)
}

/// Builds the other decoders; the path of their program.
pub(crate) fn build() -> Result<PathBuf> {
    let manifest = run::root().join("oracles/flows/Cargo.toml");
    let target = run::target().join("oracles");
    let status = Command::new("cargo")
        .args(["build", "--release", "--quiet", "--manifest-path"])
        .arg(&manifest)
        .env("CARGO_TARGET_DIR", &target)
        .status()
        .context("cannot start cargo")?;
    if !status.success() {
        bail!("the other decoders cannot be built");
    }
    Ok(target.join("release/flow-oracles"))
}

fn ask(program: &Path, dump: &Path, skip: &str) -> Result<Vec<Row>> {
    let output = Command::new(program)
        .arg("netgauze")
        .arg(dump)
        .arg(skip)
        .output()
        .context("cannot start the other decoders")?;
    if !output.status.success() {
        bail!("netgauze failed: {}", String::from_utf8_lossy(&output.stderr));
    }
    let text = String::from_utf8_lossy(&output.stdout);
    let mut rows: Vec<Row> = text.lines().filter_map(row).collect();
    rows.sort();
    Ok(rows)
}

fn row(line: &str) -> Option<Row> {
    let mut parts = line.split('\t');
    let mut next = || parts.next();
    Some(Row {
        source: next()?.to_owned(),
        target: next()?.to_owned(),
        ports: (next()?.parse().ok()?, next()?.parse().ok()?),
        protocol: next()?.parse().ok()?,
        octets: next()?.parse().ok()?,
        packets: next()?.parse().ok()?,
    })
}

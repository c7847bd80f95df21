//! `cargo xtask score attacks`: captures of attacks and of what is none, through the real program.
//!
//! Each file of the manifest is given to `outcry analyze --json`. An attack is right when the set
//! of vectors is the manifest's, the verdict on the sources too, and nothing is called a carpet
//! that is none; a negative is right when no attack is found in it. Speed is measured over a
//! capture that is one of them many times over.

use std::fs;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::Context;
use anyhow::Result;
use serde_json::Value;

use xtask::run;

/// Packets of the capture that speed is measured over.
const SPEED_PACKETS: usize = 2_000_000;
/// Packets a second from the file to the report.
const SPEED_BAR: f64 = 1_000_000.0;
/// Bytes of the header of a classic capture.
const FILE_HEADER: usize = 24;
/// Where a classic capture's link type and byte order stand, and that of the files here.
const MAGIC: &[u8] = &[0xd4, 0xc3, 0xb2, 0xa1];

/// Scores every file of the manifest.
pub fn run() -> Result<ExitCode> {
    let folder = run::root().join("../shared/data/traffic");
    let Ok(manifest) = fs::read_to_string(folder.join("manifest.json")) else {
        println!("{} is absent: nothing was scored", folder.display());
        return Ok(ExitCode::FAILURE);
    };
    let manifest: Value = serde_json::from_str(&manifest).context("the manifest")?;
    let binary = run::release_binary()?;
    let (mut attacks, mut attacks_right) = (0, 0);
    let (mut negatives, mut false_alarms) = (0, 0);
    println!("{:<58} {:<44} {:<10} right", "file", "vectors", "sources");
    for entry in entries(&manifest) {
        let kind = entry["kind"].as_str().unwrap_or_default();
        let file = folder.join(entry["file"].as_str().unwrap_or_default());
        let is_attack = kind.starts_with("attack");
        if !is_attack && !kind.starts_with("negative") {
            continue;
        }
        let report = analyze(&binary, &file)?;
        let found = vectors(&report);
        let verdict = report["attacks"][0]["sources"]["verdict"].as_str().unwrap_or("-").to_owned();
        let right = if is_attack {
            let mut want: Vec<String> = texts(&entry["vectors"]);
            want.sort();
            let wanted_verdict = entry["sources"].as_str().unwrap_or("-");
            let carpet = report["attacks"][0]["carpet"] == entry["carpet"];
            found == want && verdict == wanted_verdict && carpet
        } else {
            found.is_empty()
        };
        if is_attack {
            attacks += 1;
            attacks_right += usize::from(right);
        } else {
            negatives += 1;
            false_alarms += usize::from(!right);
        }
        let name = entry["file"].as_str().unwrap_or_default();
        let word = if right { "yes" } else { "NO" };
        println!("{name:<58} {:<44} {verdict:<10} {word}", found.join(" "));
    }
    let speed = speed(&binary, &folder.join("attack"))?;
    if let Some(speed) = speed {
        println!("\n{:.2} M packets a second from capture to report, by CPU time", speed / 1e6);
    }
    let holds = attacks_right == attacks
        && false_alarms == 0
        && speed.is_none_or(|speed| speed >= SPEED_BAR);
    println!(
        "attacks {attacks_right} of {attacks} exact (bar: all), false alarms {false_alarms} of \
         {negatives} (bar: 0), {:.2} M packets/s (bar: 1)",
        speed.unwrap_or(f64::NAN) / 1e6
    );
    Ok(if holds { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn entries(manifest: &Value) -> Vec<&Value> {
    let all = match manifest {
        Value::Array(all) => all.iter().collect(),
        Value::Object(fields) => fields.values().filter_map(Value::as_array).flatten().collect(),
        _ => Vec::new(),
    };
    all.into_iter().filter(|entry: &&Value| entry["file"].is_string()).collect()
}

fn analyze(binary: &Path, file: &Path) -> Result<Value> {
    let output = Command::new(binary).args(["analyze", "--json"]).arg(file).output()?;
    anyhow::ensure!(
        output.status.success(),
        "analyze {}: {}",
        file.display(),
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(serde_json::from_slice(&output.stdout)?)
}

fn vectors(report: &Value) -> Vec<String> {
    let attacks = report["attacks"].as_array().map(Vec::as_slice).unwrap_or_default();
    let mut all: Vec<String> =
        attacks.iter().flat_map(|attack| texts(&attack["vectors"])).collect();
    all.sort();
    all.dedup();
    all
}

fn texts(list: &Value) -> Vec<String> {
    let texts = list.as_array().map(Vec::as_slice).unwrap_or_default();
    texts.iter().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// Packets a second of CPU time over one capture, many times over.
fn speed(binary: &Path, folder: &Path) -> Result<Option<f64>> {
    let mut captures: Vec<PathBuf> = fs::read_dir(folder)?.flatten().map(|e| e.path()).collect();
    captures.sort_by_key(|path| std::cmp::Reverse(fs::metadata(path).map_or(0, |m| m.len())));
    let whole = captures.iter().filter_map(|path| fs::read(path).ok());
    let Some(capture) = whole.into_iter().find(|bytes| bytes.starts_with(MAGIC)) else {
        return Ok(None);
    };
    let report_of = |bytes: &[u8]| -> Result<(f64, f64)> {
        let file = std::env::temp_dir().join(format!("outcry-speed-{}.pcap", std::process::id()));
        fs::write(&file, bytes)?;
        let began = Instant::now();
        let before = children_cpu_s()?;
        let report = analyze(binary, &file)?;
        let spent = children_cpu_s()? - before;
        fs::remove_file(&file)?;
        let packets = report["packets"].as_f64().unwrap_or(0.0);
        println!("{packets} packets in {:.2} s", began.elapsed().as_secs_f64());
        Ok((packets, spent))
    };
    let (once, _) = report_of(&capture)?;
    let times = (SPEED_PACKETS as f64 / once.max(1.0)).ceil() as usize;
    let mut large = capture[..FILE_HEADER].to_vec();
    (0..times).for_each(|_| large.extend_from_slice(&capture[FILE_HEADER..]));
    let (packets, spent) = report_of(&large)?;
    Ok(Some(packets / spent))
}

/// CPU seconds of all children that have ended (proc(5), fields 16 and 17 of `stat`).
fn children_cpu_s() -> Result<f64> {
    /// Ticks of the kernel's clock in a second, on every Linux that is in use.
    const TICKS_PER_S: f64 = 100.0;
    let stat = fs::read_to_string("/proc/self/stat")?;
    let after_name = stat.rsplit(')').next().context("/proc/self/stat")?;
    let fields: Vec<f64> =
        after_name.split_whitespace().skip(13).take(2).filter_map(|f| f.parse().ok()).collect();
    anyhow::ensure!(fields.len() == 2, "/proc/self/stat has another form");
    Ok((fields[0] + fields[1]) / TICKS_PER_S)
}

//! `cargo xtask score notices`: providers' notices in every form that is at hand.
//!
//! Truth comes from the documents themselves, read apart from the decoder where they have a field
//! for it (the indicator of Statuspage), and from damage that is done to them here: half a document
//! or an error page must be unreadable, and never "nothing is wrong".

use std::fs;
use std::io::Read;
use std::path::Path;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use outcry_decode::feed;
use outcry_decode::feed::Impact;
use outcry_decode::feed::Snapshot;
use outcry_decode::feed::State;
use serde_json::Value;

use xtask::run;

/// Error pages and answers that providers' hosts were seen to give.
const NOT_NOTICES: &[&str] = &[
    "",
    "<html><head><title>502 Bad Gateway</title></head><body>All systems operational</body></html>",
    "<!DOCTYPE html><html lang=\"en\"><body>Just a moment...</body></html>",
    "upstream connect error or disconnect/reset before headers",
    "{\"error\":\"rate limited\",\"status\":429}",
    "{\"message\":\"Not Found\",\"documentation_url\":\"https://docs.example\"}",
    "error code: 1015",
    "null",
];

/// What is counted of one file.
#[derive(Default)]
struct Count {
    documents: usize,
    readable: usize,
    notices: usize,
    states_unknown: usize,
    faults: usize,
    indicators: usize,
    indicators_right: usize,
}

/// Reads everything and prints the table.
pub fn run() -> Result<ExitCode> {
    let folder = run::root().join("../shared/data/feeds/status");
    let mut files = Vec::new();
    find(&folder, &mut files);
    files.sort();
    if files.is_empty() {
        println!("{} is absent: nothing was scored", folder.display());
        return Ok(ExitCode::FAILURE);
    }
    println!(
        "{:<52} {:>9} {:>9} {:>8} {:>8} {:>7} {:>11}",
        "file", "documents", "readable", "notices", "unknown", "faults", "indicators"
    );
    let mut sum = Count::default();
    let (mut damaged, mut called_fine) = (0, 0);
    for file in &files {
        let bytes = unpacked(file)?;
        let count = count(&bytes);
        let name = file.strip_prefix(&folder).unwrap_or(file).display().to_string();
        println!(
            "{name:<52} {:>9} {:>9} {:>8} {:>8} {:>7} {:>5}/{:<5}",
            count.documents,
            count.readable,
            count.notices,
            count.states_unknown,
            count.faults,
            count.indicators_right,
            count.indicators
        );
        sum.add(&count);
        for text in lines(&bytes) {
            let half = text.chars().count() / 2;
            let cut: String = text.chars().take(half).collect();
            damaged += 1;
            called_fine += usize::from(feed::snapshots(cut.as_bytes()).iter().any(is_fine));
        }
    }
    for text in NOT_NOTICES {
        damaged += 1;
        called_fine += usize::from(feed::snapshots(text.as_bytes()).iter().any(is_fine));
    }
    println!(
        "\n{damaged} damaged documents and error pages, {called_fine} of them called readable"
    );
    let holds = sum.readable == sum.documents
        && sum.states_unknown == 0
        && sum.indicators_right == sum.indicators
        && called_fine == 0;
    println!(
        "readable {} of {} (bar: all), unknown states {} (bar: 0), indicators {} of {} (bar: all), \
         damage called readable {called_fine} (bar: 0)",
        sum.readable, sum.documents, sum.states_unknown, sum.indicators_right, sum.indicators
    );
    Ok(if holds { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

impl Count {
    fn add(&mut self, other: &Self) {
        self.documents += other.documents;
        self.readable += other.readable;
        self.notices += other.notices;
        self.states_unknown += other.states_unknown;
        self.faults += other.faults;
        self.indicators += other.indicators;
        self.indicators_right += other.indicators_right;
    }
}

fn is_fine(snapshot: &Snapshot) -> bool {
    snapshot.readable()
}

fn count(bytes: &[u8]) -> Count {
    let snapshots = feed::snapshots(bytes);
    let notices = || snapshots.iter().flat_map(|snapshot| &snapshot.notices);
    let mut count = Count {
        documents: snapshots.len(),
        readable: snapshots.iter().filter(|snapshot| snapshot.readable()).count(),
        notices: notices().count(),
        states_unknown: notices().filter(|notice| notice.state == State::Unknown).count(),
        faults: snapshots.iter().map(|snapshot| snapshot.faults.len()).sum(),
        ..Count::default()
    };
    for (text, snapshot) in lines(bytes).iter().zip(&snapshots) {
        let Ok(value) = serde_json::from_str::<Value>(text) else { continue };
        let indicator = ["/status/indicator", "/summary/status/indicator"]
            .iter()
            .find_map(|pointer| value.pointer(pointer)?.as_str());
        if let Some(indicator) = indicator {
            count.indicators += 1;
            let said = snapshot.overall.map(Impact::name);
            count.indicators_right += usize::from(said == Some(indicator));
        }
    }
    count
}

/// Documents as they were split: the whole, or its lines.
fn lines(bytes: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(bytes).into_owned();
    if serde_json::from_str::<Value>(&text).is_ok() {
        return vec![text];
    }
    text.lines().filter(|line| !line.trim().is_empty()).map(str::to_owned).collect()
}

fn find(folder: &Path, files: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for path in entries.flatten().map(|entry| entry.path()) {
        if path.is_dir() {
            find(&path, files);
        } else {
            files.push(path);
        }
    }
}

fn unpacked(file: &Path) -> Result<Vec<u8>> {
    let bytes = fs::read(file)?;
    if file.extension().is_none_or(|extension| extension != "gz") {
        return Ok(bytes);
    }
    let mut unpacked = Vec::new();
    flate2::read::MultiGzDecoder::new(bytes.as_slice()).read_to_end(&mut unpacked)?;
    Ok(unpacked)
}

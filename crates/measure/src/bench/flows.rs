//! `bench flows`: what decoding and counting flows costs, beside nfcapd and nfacctd.
//!
//! Four parts, each with its bars:
//! - decoding alone, nanoseconds a record, beside netflow_parser with `--oracles`;
//! - packets of a capture a second;
//! - the same stream of `flowgen` to each collector in turn, for each version: processor time per
//!   million flows, as ratios in one interleaved run, memory, and what was lost;
//! - a flood of forged sources: memory and the error of the distinct count.
//!
//! # What it cannot tell
//!
//! What the network costs: all goes over loopback, and the generator takes a core of its own. On a
//! machine that does other work the lossless rate is that of what was left; ratios of processor
//! time still compare.

use std::path::Path;
use std::path::PathBuf;
use std::process::Command;
use std::process::ExitCode;

use anyhow::Context;
use anyhow::Result;
use anyhow::bail;
use clap::Args;
use serde_json::Value;

use crate::bench::close;
use crate::bench::median;
use crate::score::flows::oracles;
use xtask::run;

mod collector;

use self::collector::Kind;
use self::collector::Measured;

/// What to measure.
#[derive(Args, Clone, Copy, Debug)]
pub struct Arguments {
    /// Build netflow_parser too, and measure it beside ours (minutes to build).
    #[arg(long)]
    oracles: bool,
    /// Seconds of the lossless run of each version.
    #[arg(long, default_value_t = 30)]
    seconds: u64,
}

/// Versions as `flowgen` numbers them, and flows a second that must not be lost.
const VERSIONS: [(&str, &str, u64); 3] =
    [("5", "v5", 3_000_000), ("9", "v9", 2_000_000), ("10", "IPFIX", 2_000_000)];
/// Flows sent to each collector in one round.
const FLOWS: u64 = 3_000_000;
/// Flows sent to nfacctd, which takes a tenth of the rate.
const FLOWS_NFACCTD: u64 = 600_000;
/// Flows a second of the rounds: below what nfcapd takes, and what nfacctd takes.
const RATE: u64 = 600_000;
const RATE_NFACCTD: u64 = 150_000;
const ROUNDS: usize = 3;
const SOURCES: u64 = 100_000;
const TARGETS: u64 = 256;
/// Records of a dump that is read again and again: one pass is shorter than a turn of the
/// scheduler.
const DUMP_RECORDS: &str = "20000";

const DECODE_V9_NS_BAR: f64 = 20.0;
const PARSER_RATIO_BAR: f64 = 10.0;
const PACKETS_PER_S_BAR: f64 = 1e6;
const NFCAPD_RATIO_BAR: f64 = 1.0;
const NFACCTD_RATIO_BAR: f64 = 1.0 / 6.0;
const FLOOD_SOURCES: &str = "20000000";
const FLOOD_SECONDS: &str = "60";
const FLOOD_GROWTH_KIB_BAR: u64 = 128 * 1_024;
const FLOOD_ERROR_BAR: f64 = 0.03;

/// Bars that did not hold, in words.
type Missed = Vec<String>;

/// Measures all parts.
pub fn run(arguments: Arguments) -> Result<ExitCode> {
    run::need("nfcapd", &["nfdump"])?;
    run::need("gcc", &["gcc"])?;
    if !Path::new("/usr/sbin/nfacctd").is_file() {
        run::need("nfacctd", &["pmacct"])?;
    }
    let folder = run::target().join("bench/flows");
    std::fs::create_dir_all(&folder).context("cannot make a folder in target")?;
    let flowgen = flowgen(&folder)?;
    run::run("cargo", &["build", "--release", "-p", "outcry-decode", "--example", "speed"])?;
    let examples = ["--example", "flow_listen", "--example", "flow_flood"];
    run::run(
        "cargo",
        &[&["build", "--release", "-p", "outcry-collector"], &examples[..]].concat(),
    )?;
    let mut missed = Missed::new();
    decoding(arguments, &flowgen, &folder, &mut missed)?;
    packets(&mut missed)?;
    let summary = interleaved(&flowgen, &folder, &mut missed)?;
    lossless(arguments, &flowgen, &folder, &mut missed)?;
    flood(&mut missed)?;
    for bar in &missed {
        println!("MISSED: {bar}");
    }
    Ok(close(&format!("{summary}; {} bars missed", missed.len()), missed.is_empty()))
}

fn example(name: &str) -> PathBuf {
    run::target().join("release/examples").join(name)
}

/// Builds the generator of the project's shared tools.
fn flowgen(folder: &Path) -> Result<PathBuf> {
    let source = run::root()
        .ancestors()
        .map(|above| above.join("shared/tools/flowgen.c"))
        .find(|path| path.is_file())
        .context("shared/tools/flowgen.c is not here: the load cannot be made")?;
    let program = folder.join("flowgen");
    let status =
        Command::new("gcc").args(["-O2", "-w", "-o"]).arg(&program).arg(&source).status()?;
    if !status.success() {
        bail!("flowgen cannot be built");
    }
    Ok(program)
}

fn json(program: &Path, arguments: &[&str]) -> Result<Value> {
    let output = Command::new(program).args(arguments).output()?;
    if !output.status.success() {
        bail!("{} failed: {}", program.display(), String::from_utf8_lossy(&output.stderr));
    }
    serde_json::from_slice(&output.stdout).with_context(|| format!("{}", program.display()))
}

fn decoding(
    arguments: Arguments,
    flowgen: &Path,
    folder: &Path,
    missed: &mut Missed,
) -> Result<()> {
    let oracle = if arguments.oracles { Some(oracles::build()?) } else { None };
    println!("{:<8} {:>12} {:>16} {:>8}", "decode", "ours ns", "netflow_parser", "ratio");
    for (version, name, _) in VERSIONS {
        let dump = folder.join(format!("{name}.dump"));
        let path = dump.to_str().context("a path without a name")?;
        let (sources, targets) = (SOURCES.to_string(), TARGETS.to_string());
        let status = Command::new(flowgen)
            .args([version, "1", DUMP_RECORDS, "0", &sources, &targets, path])
            .stderr(std::process::Stdio::null())
            .status()?;
        if !status.success() {
            bail!("flowgen failed");
        }
        // In turn, so that both meet the same machine.
        let (mut own, mut their) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            let measured = json(&example("speed"), &["flows", path])?;
            own.push(measured["ns"].as_f64().unwrap_or(f64::NAN));
            if let Some(oracle) = &oracle {
                let measured = json(oracle, &["speed", path])?;
                their.push(measured["ns"].as_f64().unwrap_or(f64::NAN));
            }
        }
        let (own, their) = (median(&own), median(&their));
        println!("{name:<8} {own:>12.1} {their:>16.1} {:>8.1}", their / own);
        if version == "9" && own > DECODE_V9_NS_BAR {
            missed.push(format!("v9 takes {own:.1} ns a record, bar {DECODE_V9_NS_BAR}"));
        }
        // Version 5 is a copy for everyone; what templates cost is compared.
        if version != "5" && oracle.is_some() && their / own < PARSER_RATIO_BAR {
            missed.push(format!("{name}: {:.1} × netflow_parser, bar 10", their / own));
        }
    }
    Ok(())
}

fn packets(missed: &mut Missed) -> Result<()> {
    let capture = run::root()
        .ancestors()
        .map(|above| {
            above.join("shared/data/traffic/attack/stopddos_pkt.TCP.synflood.spoofed.pcap")
        })
        .find(|path| path.is_file())
        .unwrap_or_else(|| run::root().join("crates/decode/testdata/pcap/wrapped.pcap"));
    let path = capture.to_str().context("a path without a name")?;
    let measured = json(&example("speed"), &["packets", path])?;
    let per_s = 1e9 / measured["ns"].as_f64().unwrap_or(f64::NAN);
    println!("\npackets of a capture: {:.1} M/s a core (bar 1 M/s)", per_s / 1e6);
    if per_s.is_nan() || per_s < PACKETS_PER_S_BAR {
        missed.push(format!("{per_s:.0} packets/s, bar 1 M"));
    }
    Ok(())
}

/// Every collector in turn with the same stream, some rounds; ratios of processor time.
fn interleaved(flowgen: &Path, folder: &Path, missed: &mut Missed) -> Result<String> {
    println!(
        "\n{:<7} {:<8} {:>14} {:>10} {:>10}",
        "version", "who", "CPU-s/M flows", "RSS MiB", "lost"
    );
    let mut said = Vec::new();
    for (version, name, _) in VERSIONS {
        let mut costs = [Vec::new(), Vec::new(), Vec::new()];
        let mut last: Vec<Measured> = Vec::new();
        for _ in 0..ROUNDS {
            last.clear();
            for (kind, costs) in Kind::ALL.into_iter().zip(&mut costs) {
                let (flows, rate) = match kind {
                    Kind::Nfacctd => (FLOWS_NFACCTD, RATE_NFACCTD),
                    _ => (FLOWS, RATE),
                };
                let sent = collector::Load { version, flows, rate };
                let measured = collector::measure(kind, flowgen, folder, &sent)?;
                costs.push(measured.cpu_s * 1e6 / measured.sent as f64);
                last.push(measured);
            }
        }
        let costs = costs.map(|costs| median(&costs));
        for ((kind, cost), measured) in Kind::ALL.into_iter().zip(costs).zip(&last) {
            println!(
                "{name:<7} {:<8} {cost:>14.3} {:>10.1} {:>10}",
                kind.name(),
                measured.resident_kib as f64 / 1_024.0,
                measured.lost.map_or_else(|| "?".to_owned(), |lost| lost.to_string())
            );
        }
        let (nfcapd, nfacctd) = (costs[0] / costs[1], costs[0] / costs[2]);
        println!("{name:<7} ratio    {nfcapd:.2} × nfcapd, 1/{:.1} of nfacctd", 1.0 / nfacctd);
        said.push(format!("{name} {nfcapd:.2} × nfcapd, 1/{:.1} of nfacctd", 1.0 / nfacctd));
        if nfcapd > NFCAPD_RATIO_BAR {
            missed.push(format!("{name} costs {nfcapd:.2} × nfcapd, bar 1.0"));
        }
        if nfacctd > NFACCTD_RATIO_BAR {
            missed.push(format!("{name} costs 1/{:.1} of nfacctd, bar 1/6", 1.0 / nfacctd));
        }
    }
    Ok(said.join("; "))
}

/// Ours alone, as fast as must be taken without loss.
fn lossless(
    arguments: Arguments,
    flowgen: &Path,
    folder: &Path,
    missed: &mut Missed,
) -> Result<()> {
    println!("\n{:<7} {:>12} {:>12} {:>12} {:>8}", "version", "asked/s", "sent/s", "flows", "lost");
    for (version, name, rate) in VERSIONS {
        let sent = collector::Load { version, flows: rate * arguments.seconds, rate };
        let measured = collector::measure(Kind::Ours, flowgen, folder, &sent)?;
        let lost = measured.lost.unwrap_or(measured.sent);
        println!("{name:<7} {rate:>12} {:>12.0} {:>12} {lost:>8}", measured.rate, measured.sent);
        if lost > 0 {
            missed.push(format!("{name}: {lost} of {} flows lost", measured.sent));
        } else if measured.rate < rate as f64 * 0.95 {
            missed
                .push(format!("{name}: the generator reached {:.0} a second only", measured.rate));
        }
    }
    Ok(())
}

fn flood(missed: &mut Missed) -> Result<()> {
    let told = json(&example("flow_flood"), &[FLOOD_SOURCES, FLOOD_SECONDS])?;
    let number = |name: &str| told[name].as_f64().unwrap_or(f64::NAN);
    let grown = told["grown_kib"].as_u64().unwrap_or(u64::MAX);
    println!(
        "\nflood of {FLOOD_SOURCES} forged sources in {FLOOD_SECONDS} slots: grown {:.1} MiB \
         (bar 128), distinct {:.2} % off at p99 a slot, {:.2} % over all (bar 3 %), top target {}",
        grown as f64 / 1_024.0,
        number("p99") * 100.0,
        number("over_all") * 100.0,
        told["top"]
    );
    let holds = grown <= FLOOD_GROWTH_KIB_BAR
        && number("p99") <= FLOOD_ERROR_BAR
        && number("over_all") <= FLOOD_ERROR_BAR
        && told["top"] == Value::Bool(true);
    if !holds {
        missed.push("the flood of forged sources".to_owned());
    }
    Ok(())
}

//! One collector with one stream: started, fed, measured, ended.

use std::io::BufRead;
use std::io::BufReader;
use std::path::Path;
use std::process::Child;
use std::process::Command;
use std::process::Stdio;
use std::time::Duration;

use anyhow::Context;
use anyhow::Result;
use anyhow::bail;
use serde_json::Value;

use super::SOURCES;
use super::TARGETS;
use xtask::run;
use xtask::run::Started;

/// Ticks of the kernel's clock of processor time in a second, on every Linux that is common.
const TICKS_PER_S: f64 = 100.0;
/// After the last datagram, until everything has been counted.
const SETTLE: Duration = Duration::from_millis(1_500);

/// Who collects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Ours,
    Nfcapd,
    Nfacctd,
}

impl Kind {
    pub(super) const ALL: [Self; 3] = [Self::Ours, Self::Nfcapd, Self::Nfacctd];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Ours => "ours",
            Self::Nfcapd => "nfcapd",
            Self::Nfacctd => "nfacctd",
        }
    }
}

/// What `flowgen` sends.
pub(super) struct Load {
    pub(super) version: &'static str,
    pub(super) flows: u64,
    pub(super) rate: u64,
}

/// What came of it.
pub(super) struct Measured {
    pub(super) cpu_s: f64,
    pub(super) resident_kib: u64,
    pub(super) sent: u64,
    pub(super) rate: f64,
    /// Flows that were sent and not counted, where the collector says what it counted.
    pub(super) lost: Option<u64>,
}

/// Starts a collector, sends it the stream, and looks what it cost.
pub(super) fn measure(kind: Kind, flowgen: &Path, folder: &Path, load: &Load) -> Result<Measured> {
    let port = run::free_udp_port()?;
    let mut started = start(kind, folder, port)?;
    let pid = started.0.id();
    let before = cost(pid);
    let (sent, rate) = send(flowgen, port, load)?;
    std::thread::sleep(SETTLE);
    let after = cost(pid);
    let counted = if kind == Kind::Ours { Some(finish(&mut started.0)?) } else { None };
    Ok(Measured {
        cpu_s: after.0 - before.0,
        resident_kib: after.1,
        sent,
        rate,
        lost: counted.map(|counted| sent.saturating_sub(counted)),
    })
}

fn start(kind: Kind, folder: &Path, port: u16) -> Result<Started> {
    let port = port.to_string();
    let files = folder.join(kind.name());
    let _ = std::fs::remove_dir_all(&files);
    std::fs::create_dir_all(&files)?;
    let mut command = match kind {
        Kind::Ours => {
            let mut command = Command::new(super::example("flow_listen"));
            command.args([&port, "1"]);
            command
        }
        Kind::Nfcapd => {
            let mut command = Command::new("nfcapd");
            command.args(["-p", &port, "-b", "127.0.0.1", "-B", "4000000", "-t", "3600", "-w"]);
            command.arg(&files);
            command
        }
        Kind::Nfacctd => {
            let config = files.join("nfacctd.conf");
            std::fs::write(&config, nfacctd(&port, &files))?;
            let mut command = Command::new("nfacctd");
            command.env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin").arg("-f").arg(&config);
            command
        }
    };
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().with_context(|| format!("cannot start {}", kind.name()))?;
    if kind == Kind::Ours {
        let output = child.stdout.as_mut().context("no output")?;
        let mut line = String::new();
        BufReader::with_capacity(1, output).read_line(&mut line)?;
    } else {
        child.stdout.take();
        std::thread::sleep(Duration::from_millis(800));
        if let Some(status) = child.try_wait()? {
            bail!("{} ended at once: {status}", kind.name());
        }
    }
    Ok(Started(child))
}

/// The memory plugin, counting by target as ours does.
fn nfacctd(port: &str, files: &Path) -> String {
    format!(
        "daemonize: false\nnfacctd_ip: 127.0.0.1\nnfacctd_port: {port}\n\
         nfacctd_pipe_size: 8000000\nplugins: memory[m]\naggregate[m]: dst_host\n\
         imt_path[m]: {}\nplugin_pipe_size[m]: 104857600\nplugin_buffer_size[m]: 1048576\n",
        files.join("imt.pipe").display()
    )
}

fn send(flowgen: &Path, port: u16, load: &Load) -> Result<(u64, f64)> {
    let numbers = [u64::from(port), load.flows, load.rate, SOURCES, TARGETS];
    let output = Command::new(flowgen)
        .arg(load.version)
        .args(numbers.map(|number| number.to_string()))
        .output()
        .context("cannot start flowgen")?;
    let text = String::from_utf8_lossy(&output.stdout);
    let value = |name: &str| {
        let (_, after) = text.split_once(name)?;
        after.split_whitespace().next()?.parse::<f64>().ok()
    };
    match (value("records="), value("rate=")) {
        (Some(sent), Some(rate)) => Ok((sent as u64, rate)),
        _ => bail!("flowgen said: {text}"),
    }
}

/// Processor seconds and resident memory of a process and its children.
fn cost(pid: u32) -> (f64, u64) {
    let all = std::iter::once(pid).chain(children(pid));
    all.fold((0.0, 0), |(cpu_s, resident_kib), pid| {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        let after = stat.rsplit_once(") ").map_or("", |(_, after)| after);
        let fields: Vec<&str> = after.split(' ').collect();
        let ticks = |place: usize| fields.get(place).and_then(|t| t.parse::<f64>().ok());
        let used = (ticks(11).unwrap_or(0.0) + ticks(12).unwrap_or(0.0)) / TICKS_PER_S;
        let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let peak = peak.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok());
        (cpu_s + used, resident_kib + peak.unwrap_or_default())
    })
}

fn children(pid: u32) -> Vec<u32> {
    let path = format!("/proc/{pid}/task/{pid}/children");
    let text = std::fs::read_to_string(path).unwrap_or_default();
    text.split_whitespace().filter_map(|pid| pid.parse().ok()).collect()
}

/// Closes the input of ours, and reads what it counted.
fn finish(child: &mut Child) -> Result<u64> {
    drop(child.stdin.take());
    let output = child.stdout.take().context("no output")?;
    let line = BufReader::new(output).lines().next().context("no last line")??;
    let told: Value = serde_json::from_str(&line)?;
    told["flows"].as_u64().context("no flows")
}

//! A real exporter beside real collectors: tcpreplay plays a capture past softflowd, which sends
//! what it saw to us, to nfcapd and to nfacctd at the same time. Ours must have counted the packets
//! and octets that the exporter says it exported.
//!
//! All of it runs in a network namespace of its own, with two interfaces that lead to each other:
//! nothing leaves it, and nothing of this machine's traffic comes into it.
//!
//! # What it cannot tell
//!
//! What the exporter left out: what the capture holds is printed beside. softflowd never sees the
//! last packets of a replay, which wait in libpcap's block for more, and counts the padding of
//! short frames. So the truth is its own table of flows, just before it sends it.

use std::io::BufRead;
use std::io::BufReader;
use std::path::Path;
use std::path::PathBuf;
use std::process::Child;
use std::process::Command;
use std::process::Stdio;
use std::time::Duration;

use anyhow::Context;
use anyhow::Result;
use anyhow::bail;
use outcry_decode::pcap;
use serde_json::Value;

use xtask::run;
use xtask::run::Started;

/// The namespace, and the two interfaces in it.
const SPACE: &str = "outcry-score";
const SENDS: &str = "oscore0";
const SEES: &str = "oscore1";
/// Where each collector listens, in the namespace.
const PORTS: [u16; 3] = [2_055, 2_056, 2_057];
/// Versions that softflowd writes.
const VERSIONS: [(&str, &str); 3] = [("5", "v5"), ("9", "v9"), ("10", "IPFIX")];
/// Captures that are replayed, of IPv4 only and without fragments: version 5 knows nothing else.
const CAPTURES: [&str; 2] =
    ["attack/stopddos_pkt.TCP.synflood.spoofed.pcap", "negative/ntop_synscan.pcap"];
/// Packets a second of the replay.
const RATE: &str = "20000";
/// Flows that softflowd keeps at the same time: more than any of the captures has.
const FLOWS_MAX: &str = "200000";
/// Until a program that was started listens, and until what was sent has been written.
const SETTLE: Duration = Duration::from_millis(900);

/// Packets and octets that one collector counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Counted {
    packets: u64,
    octets: u64,
}

/// Ends the namespace, and with it its interfaces.
struct Space;

impl Drop for Space {
    fn drop(&mut self) {
        // Its programs have ended before.
        let _ = Command::new("ip").args(["netns", "del", SPACE]).status();
    }
}

/// Replays each capture in each version; returns how many differ.
pub(super) fn compare() -> Result<u32> {
    run::need("nfcapd", &["nfdump"])?;
    run::need("tcpreplay", &["tcpreplay"])?;
    for (program, package) in [("softflowd", "softflowd"), ("nfacctd", "pmacct")] {
        if !Path::new("/usr/sbin").join(program).is_file() {
            run::need(program, &[package])?;
        }
    }
    let example = ["build", "--release", "-p", "outcry-collector", "--example", "flow_listen"];
    run::run("cargo", &example)?;
    let folder = run::target().join("score/flows/live");
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder)?;
    let _space = space()?;
    let mut wrong = 0;
    println!("\n{:<34} {:<6} {:>16} {:>9} {:>12}", "replayed", "as", "who", "packets", "octets");
    for name in CAPTURES {
        let Some(capture) = shared(name) else {
            println!("{name}: the shared data is not here");
            continue;
        };
        let truth = truth(&capture)?;
        for (version, told) in VERSIONS {
            let folder = folder.join(format!("{told}-{}", truth.packets));
            std::fs::create_dir_all(&folder)?;
            let (exported, counted) = replay(&capture, version, &folder)?;
            let short = name.rsplit('/').next().unwrap_or(name);
            let short: String = short.chars().take(34).collect();
            for (who, counted) in ["capture", "softflowd", "ours", "nfcapd", "nfacctd"]
                .into_iter()
                .zip([truth, exported].into_iter().chain(counted))
            {
                let (packets, octets) = (counted.packets, counted.octets);
                let differs =
                    if who == "capture" || counted == exported { "" } else { "  DIFFERS" };
                println!("{short:<34} {told:<6} {who:>16} {packets:>9} {octets:>12}{differs}");
            }
            // What the others get wrong is shown; only ours is judged.
            wrong += u32::from(counted[0] != exported || exported.packets == 0);
        }
    }
    Ok(wrong)
}

fn shared(name: &str) -> Option<PathBuf> {
    let all = run::root();
    let mut all = all.ancestors().map(|above| above.join("shared/data/traffic").join(name));
    all.find(|path| path.is_file())
}

fn space() -> Result<Space> {
    let ip = |arguments: &[&str]| run::run("ip", arguments);
    if Command::new("ip").args(["netns", "del", SPACE]).stderr(Stdio::null()).status()?.success() {
        println!("a namespace of an earlier run was removed");
    }
    ip(&["netns", "add", SPACE]).context("a network namespace needs root")?;
    let space = Space;
    let inside = |arguments: &[&str]| ip(&[&["-n", SPACE][..], arguments].concat());
    inside(&["link", "set", "lo", "up"])?;
    inside(&["link", "add", SENDS, "mtu", "9000", "type", "veth", "peer", "name", SEES])?;
    inside(&["link", "set", SEES, "mtu", "9000"])?;
    for name in [SENDS, SEES] {
        // Without IPv6 the interfaces say nothing of their own.
        let quiet = format!("net.ipv6.conf.{name}.disable_ipv6=1");
        run::run("ip", &["netns", "exec", SPACE, "sysctl", "-q", "-w", &quiet])?;
        inside(&["link", "set", name, "up"])?;
    }
    Ok(space)
}

fn within(program: &str) -> Command {
    let mut command = Command::new("ip");
    command.env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
    command.args(["netns", "exec", SPACE, program]);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command
}

/// What is in the capture.
fn truth(capture: &Path) -> Result<Counted> {
    let bytes = std::fs::read(capture)?;
    let mut counted = Counted::default();
    for packet in pcap::packets(&bytes) {
        counted.packets += 1;
        counted.octets += u64::from(packet.ip.octets);
    }
    Ok(counted)
}

/// What the exporter exported, and all three collectors over it: ours, nfcapd, nfacctd.
fn replay(capture: &Path, version: &str, folder: &Path) -> Result<(Counted, [Counted; 3])> {
    let mut ours = ours()?;
    let nfcapd = within("nfcapd")
        .args(["-p", &PORTS[1].to_string(), "-b", "127.0.0.1", "-B", "4000000"])
        .args(["-t", "3600", "-w"])
        .arg(folder)
        .spawn()?;
    let nfcapd = Started(nfcapd);
    let config = folder.join("nfacctd.conf");
    let table = folder.join("nfacctd.csv");
    let text = format!(
        "daemonize: false\nnfacctd_ip: 127.0.0.1\nnfacctd_port: {}\n\
         nfacctd_pipe_size: 8000000\nplugins: print[p]\n\
         aggregate[p]: src_host,dst_host,src_port,dst_port,proto\nprint_output[p]: csv\n\
         print_refresh_time[p]: 2\nprint_output_file[p]: {}\nprint_output_file_append[p]: true\n\
         nfacctd_disable_checks: true\nprint_cache_entries[p]: 400009\n\
         plugin_pipe_size[p]: 104857600\nplugin_buffer_size[p]: 1048576\n",
        PORTS[2],
        table.display()
    );
    std::fs::write(&config, text)?;
    let nfacctd = Started(within("nfacctd").arg("-f").arg(&config).spawn()?);
    std::thread::sleep(SETTLE);
    let exported = export(capture, version, folder)?;
    // nfacctd writes what it has every two seconds.
    std::thread::sleep(3 * SETTLE);
    let own = finish(&mut ours.0)?;
    end(&nfcapd.0)?;
    end(&nfacctd.0)?;
    std::thread::sleep(SETTLE);
    let counted = [own, of_nfcapd(folder)?, of_nfacctd(&table)?];
    Ok((exported, counted))
}

fn ours() -> Result<Started> {
    let program = run::target().join("release/examples/flow_listen");
    let mut command = within(program.to_str().context("a path without a name")?);
    command.args([&PORTS[0].to_string(), "1"]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().context("cannot start ours")?;
    let mut line = String::new();
    let output = child.stdout.as_mut().context("no output")?;
    BufReader::with_capacity(1, output).read_line(&mut line)?;
    Ok(Started(child))
}

/// softflowd watches one interface while tcpreplay plays into the other; then it says what it has,
/// and sends it.
fn export(capture: &Path, version: &str, folder: &Path) -> Result<Counted> {
    let to: Vec<String> = PORTS.iter().map(|port| format!("127.0.0.1:{port}")).collect();
    let (control, pid) = (folder.join("softflowd.ctl"), folder.join("softflowd.pid"));
    let softflowd = within("softflowd")
        .args(["-d", "-i", SEES, "-v", version, "-m", FLOWS_MAX, "-n", &to.join(",")])
        .arg("-c")
        .arg(&control)
        .arg("-p")
        .arg(&pid)
        .spawn()?;
    let mut softflowd = Started(softflowd);
    std::thread::sleep(SETTLE);
    let status = within("tcpreplay").args(["-q", "-i", SENDS, "-p", RATE]).arg(capture).status()?;
    if !status.success() {
        bail!("tcpreplay failed: {status}");
    }
    std::thread::sleep(SETTLE);
    let ask = |what: &str| -> Result<String> {
        let mut command = within("softflowctl");
        let output = command.arg("-c").arg(&control).arg(what).stdout(Stdio::piped()).output()?;
        if !output.status.success() {
            bail!("softflowd does not hear {what}: {}", output.status);
        }
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    };
    let table = ask("dump-flows")?;
    ask("shutdown")?;
    softflowd.0.wait()?;
    let mut counted = Counted::default();
    for word in table.split_whitespace() {
        let number = |names: [&str; 2]| {
            names.iter().find_map(|name| word.strip_prefix(name)?.parse::<u64>().ok())
        };
        counted.packets += number(["packets>:", "packets<:"]).unwrap_or(0);
        counted.octets += number(["octets>:", "octets<:"]).unwrap_or(0);
    }
    Ok(counted)
}

/// Asks a program that was started here to end, as its service manager would.
fn end(child: &Child) -> Result<()> {
    run::run("kill", &["-TERM", &child.id().to_string()])
}

fn finish(child: &mut Child) -> Result<Counted> {
    drop(child.stdin.take());
    let output = child.stdout.take().context("no output")?;
    let line = BufReader::new(output).lines().next().context("no last line")??;
    let told: Value = serde_json::from_str(&line)?;
    let number = |name: &str| told[name].as_u64().with_context(|| format!("no {name}: {told}"));
    Ok(Counted { packets: number("packets")?, octets: number("octets")? })
}

fn of_nfcapd(folder: &Path) -> Result<Counted> {
    let mut counted = Counted::default();
    for entry in std::fs::read_dir(folder)?.flatten() {
        if !entry.file_name().to_string_lossy().starts_with("nfcapd.") {
            continue;
        }
        let path = entry.path();
        let text = run::output("nfdump", &["-I", "-r", path.to_str().context("a path")?])?;
        let value = |name: &str| {
            let line = text.lines().find_map(|line| line.strip_prefix(name))?;
            line.trim().parse::<u64>().ok()
        };
        counted.packets += value("Packets:").unwrap_or(0);
        counted.octets += value("Bytes:").unwrap_or(0);
    }
    Ok(counted)
}

fn of_nfacctd(table: &Path) -> Result<Counted> {
    let mut counted = Counted::default();
    let text = std::fs::read_to_string(table).unwrap_or_default();
    for line in text.lines() {
        // The last two columns; a heading has no numbers in them.
        let mut columns = line.rsplit(',');
        let mut number = || columns.next().and_then(|text| text.trim().parse::<u64>().ok());
        if let (Some(octets), Some(packets)) = (number(), number()) {
            counted.packets += packets;
            counted.octets += octets;
        }
    }
    Ok(counted)
}

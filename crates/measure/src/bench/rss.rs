//! `bench rss`: the memory of an idle server that has the whole catalogue.

use std::process::ExitCode;
use std::time::Duration;
use std::time::Instant;

use anyhow::Context;
use anyhow::Result;

use crate::bench::close;
use crate::bench::server::Server;

/// The idle server must not hold more, MB of 1,000,000 bytes.
const RSS_MB_BAR: f64 = 60.0;
/// How long the server is left alone before it is asked, and how often it is asked.
const ROUNDS: u32 = 5;
const PAUSE: Duration = Duration::from_secs(2);

/// Starts a server with nothing to do and reads what the kernel says of it.
pub fn run() -> Result<ExitCode> {
    let server = Server::start("rss", "")?;
    println!("{:>8} {:>12} {:>12}", "s", "VmRSS MB", "VmHWM MB");
    let began = Instant::now();
    let mut rss_mb: f64 = 0.0;
    for _ in 0..ROUNDS {
        std::thread::sleep(PAUSE);
        rss_mb = memory_mb(server.pid(), "VmRSS")?;
        let peak_mb = memory_mb(server.pid(), "VmHWM")?;
        println!("{:>8.0} {rss_mb:>12.1} {peak_mb:>12.1}", began.elapsed().as_secs_f64());
    }
    let line = format!("rss: {rss_mb:.1} MB idle with the catalogue (bar: <= {RSS_MB_BAR} MB)");
    Ok(close(&line, rss_mb <= RSS_MB_BAR))
}

fn memory_mb(pid: u32, field: &str) -> Result<f64> {
    let path = format!("/proc/{pid}/status");
    let text = std::fs::read_to_string(&path).with_context(|| format!("cannot read {path}"))?;
    let line = text.lines().find_map(|line| line.strip_prefix(field)?.strip_prefix(':'));
    let kib = line.and_then(|rest| rest.split_whitespace().next()?.parse::<f64>().ok());
    Ok(kib.with_context(|| format!("{path} has no {field}"))? * 1024.0 / 1e6)
}

//! `cargo xtask bench probes`: our probes beside Debian's blackbox_exporter, against one nginx.
//!
//! Ours is the whole server: conditions, soft-failure judge, signal, segment log, engine, database
//! and pages. Theirs is the exporter alone, without the Prometheus that would store what it says.
//! Both are asked in turns, so that a busy machine is busy for both, and what is compared is probes
//! per second of their own processor time.
//!
//! A target gets one look a second at most, so there are many: addresses of 127.0.0.0/8, all of
//! them the same nginx.

mod peer;

use std::process::ExitCode;
use std::time::Duration;
use std::time::Instant;

use anyhow::Context;
use anyhow::Result;
use anyhow::bail;

use crate::bench::close;
use crate::bench::median;
use crate::bench::probes::peer::Peer;
use crate::bench::probes::peer::Web;
use crate::bench::server::Server;
use crate::bench::server::get;
use xtask::run;

/// Rounds of each, in turns.
const ROUNDS: usize = 3;
/// Time in which every monitor had its first look.
const WARM_UP: Duration = Duration::from_secs(6);
/// Time over which a server at rest is watched: a minute for every monitor, and some.
const WATCHED: Duration = Duration::from_secs(75);
/// Time in which looks succeed again after the exporter had nginx for itself.
const CALM_WITHIN: Duration = Duration::from_secs(30);
/// How often it is looked whether they do.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// Length of one round.
const ROUND: Duration = Duration::from_secs(8);
/// Services of the catalogue that monitors are spread over: at 10,000 monitors a service has 250.
const SERVICES: &str = "
    x facebook instagram threads tiktok whatsapp messenger telegram signal discord youtube
    netflix twitch prime-video disney-plus playstation-network xbox steam
    nintendo-switch-online epic-games gmail outlook yahoo-mail icloud-mail aol-mail chatgpt
    claude gemini microsoft-copilot github-copilot aws azure google-cloud oracle-cloud
    ibm-cloud microsoft-365 teams onedrive slack zoom
";
/// Letters of the token of the console.
const TOKEN: &str = "a-token-of-the-bench-alone";
const HTTP_RATIO_MIN: f64 = 6.0;
const TLS_RATIO_MIN: f64 = 3.0;
const RSS_1K_MIB_MAX: f64 = 60.0;
const RSS_10K_MIB_MAX: f64 = 180.0;
const LATE_P99_MS_MAX: f64 = 25.0;
const FIRST_S_MAX: f64 = 2.0;

/// Measures all of it.
pub fn run() -> Result<ExitCode> {
    run::need("nginx", &["nginx"])?;
    run::need("prometheus-blackbox-exporter", &["prometheus-blackbox-exporter"])?;
    run::release_binary()?;
    let web = Web::start()?;
    let mut rows = Vec::new();
    let mut holds = true;
    for (what, ratio_min) in [("http", HTTP_RATIO_MIN), ("tls", TLS_RATIO_MIN)] {
        let (ours, theirs) = compare(&web, what)?;
        let ratio = ours / theirs;
        holds &= ratio >= ratio_min;
        rows.push(format!(
            "{what}: {ours:.0} probes a CPU second, blackbox {theirs:.0}: {ratio:.1} times (bar \
             {ratio_min})"
        ));
        println!("{}", rows.last().map_or("", String::as_str));
    }
    for (count, rss_max) in [(1_000, RSS_1K_MIB_MAX), (10_000, RSS_10K_MIB_MAX)] {
        let seen = at_rest(&web, count)?;
        let late_max = LATE_P99_MS_MAX.max(2.0 * seen.timer_p99_ms);
        holds &= seen.rss_mib <= rss_max && seen.late_p99_ms <= late_max;
        holds &= seen.first_s <= FIRST_S_MAX;
        rows.push(format!(
            "{count} monitors at 60 s: {:.0} MiB (bar {rss_max:.0}), p99 late {} {:.0} ms (bar \
             {late_max:.0}; a bare timer {:.1} ms), first probe after {:.2} s (bar {FIRST_S_MAX})",
            seen.rss_mib, "≤", seen.late_p99_ms, seen.timer_p99_ms, seen.first_s
        ));
        println!("{}", rows.last().map_or("", String::as_str));
    }
    Ok(close(&rows.join("; "), holds))
}

/// Probes a second of processor time: ours and theirs.
fn compare(web: &Web, what: &str) -> Result<(f64, f64)> {
    let is_tls = what == "tls";
    // Five monitors of each address, every five seconds: one look a second at each.
    let addresses = if is_tls { peer::TLS_ADDRESSES } else { 800 };
    let targets = (0..addresses * 5).map(|n| web.target(n / 5, is_tls));
    let console = run::free_port()?;
    let config = config(web, console, 5, targets);
    let server = Server::start_as("probes", &config.0, "", &config.1, None)?;
    let peer = Peer::start(web)?;
    wait_for_first(console)?;
    std::thread::sleep(WARM_UP);
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        wait_for_calm(console)?;
        let (looks, looked_at) = (Looks::read(console)?, Instant::now());
        let (cpu, cpu_at) = (server.cpu_s()?, Instant::now());
        std::thread::sleep(ROUND);
        // What it costs to show all figures of all monitors is no look: it lies outside of the time
        // whose cost is taken. Looks and cost are compared by the second.
        let (later, later_at) = (server.cpu_s()?, Instant::now());
        let (then, then_at) = (Looks::read(console)?, Instant::now());
        if then.failed > looks.failed {
            bail!("{} looks did not succeed", then.failed - looks.failed);
        }
        let looks_a_second = (then.told - looks.told) / (then_at - looked_at).as_secs_f64();
        let cost_a_second = (later - cpu) / (later_at - cpu_at).as_secs_f64();
        ours.push(looks_a_second / cost_a_second);
        // Ours goes on meanwhile; what is divided by is the exporter's own time.
        theirs.push(peer.probes_per_cpu_s(&web.target(0, is_tls), is_tls, ROUND)?);
    }
    Ok((median(&ours), median(&theirs)))
}

struct AtRest {
    rss_mib: f64,
    late_p99_ms: f64,
    timer_p99_ms: f64,
    first_s: f64,
}

/// A server with many monitors once a minute.
fn at_rest(web: &Web, count: usize) -> Result<AtRest> {
    let console = run::free_port()?;
    let config = config(web, console, 60, (0..count).map(|n| web.target(n, false)));
    let began = Instant::now();
    let server = Server::start_as("probes", &config.0, "", &config.1, None)?;
    wait_for_first(console)?;
    let first_s = began.elapsed().as_secs_f64();
    let timer = std::thread::spawn(move || bare_timer(count));
    std::thread::sleep(WATCHED);
    let text = ask(console, "/metrics")?;
    let timer_p99_ms = timer.join().ok().context("the bare timer broke")?;
    Ok(AtRest {
        rss_mib: server.rss_mib()?,
        late_p99_ms: late_p99_ms(&text)?,
        timer_p99_ms,
        first_s,
    })
}

/// The lateness of a thread that does nothing but wake as often, p99 in milliseconds.
fn bare_timer(count: usize) -> f64 {
    let every = Duration::from_secs(60) / u32::try_from(count).unwrap_or(1);
    let began = Instant::now();
    let mut late = Vec::new();
    let mut due = Duration::ZERO;
    while due < Duration::from_secs(60) {
        due += every;
        std::thread::sleep(due.saturating_sub(began.elapsed()));
        late.push((began.elapsed() - due).as_secs_f64() * 1e3);
    }
    late.sort_by(f64::total_cmp);
    late.get(late.len() * 99 / 100).copied().unwrap_or(f64::NAN)
}

/// The upper bound of the bucket in which the 99th percentile lies.
fn late_p99_ms(text: &str) -> Result<f64> {
    let bucket = |line: &str| {
        let rest = line.strip_prefix("outcry_probe_lag_seconds_bucket{le=\"")?;
        let (bound, count) = rest.split_once("\"} ")?;
        Some((bound.parse::<f64>().unwrap_or(f64::INFINITY), count.parse::<f64>().ok()?))
    };
    let buckets: Vec<(f64, f64)> = text.lines().filter_map(bucket).collect();
    let all = buckets.last().context("no lag is exported")?.1;
    let of_p99 = buckets.iter().find(|(_, count)| *count >= all * 0.99);
    Ok(of_p99.context("no bucket holds the percentile")?.0 * 1e3)
}

/// The sections of probes, and the monitors.
fn config(
    web: &Web,
    console: u16,
    interval_s: u32,
    targets: impl Iterator<Item = String>,
) -> (String, String) {
    let head = format!(
        "[probes]\nprobe_catalog = false\nallow_private = true\nreferences = []\n\
         interval_s = {interval_s}\ntrusted_roots = {:?}\nconsole = \"127.0.0.1:{console}\"\n\
         token = {TOKEN:?}\n",
        web.roots
    );
    let services = SERVICES.split_whitespace().cycle();
    let monitors = targets.zip(services).enumerate().map(|(n, (target, service))| {
        // Each page is one of its own to us, and the same to the server.
        let target = if target.starts_with("http") { format!("{target}?n={n}") } else { target };
        format!(
            "[[probe]]\nservice = {service:?}\ntarget = {target:?}\n\
             conditions = [\"[STATUS] == 200\", \"[RESPONSE_TIME] < 5000\"]\n"
        )
    });
    (head, monitors.collect())
}

struct Looks {
    told: f64,
    failed: usize,
}

impl Looks {
    fn read(console: u16) -> Result<Self> {
        let text = ask(console, "/metrics")?;
        let told = "outcry_probe_looks_total{why=\"told\"} ";
        let told = text.lines().find_map(|line| line.strip_prefix(told)?.parse().ok());
        let failed = |line: &&str| line.starts_with("probe_success{") && line.ends_with(" 0");
        Ok(Self { told: told.context("no looks")?, failed: text.lines().filter(failed).count() })
    }
}

fn ask(console: u16, path: &str) -> Result<String> {
    let answer = get(console, path, &format!("Authorization: Bearer {TOKEN}\r\n"))?;
    if answer.status != 200 {
        bail!("the console answers {}", answer.status);
    }
    Ok(String::from_utf8_lossy(&answer.body).into_owned())
}

/// Until looks that the exporter kept from nginx were taken again.
fn wait_for_calm(console: u16) -> Result<()> {
    let began = Instant::now();
    loop {
        let failed = Looks::read(console)?.failed;
        if failed == 0 {
            return Ok(());
        }
        if began.elapsed() > CALM_WITHIN {
            bail!("{failed} monitors still fail {CALM_WITHIN:?} after the last round");
        }
        std::thread::sleep(LOOK_EVERY);
    }
}

fn wait_for_first(console: u16) -> Result<()> {
    let began = Instant::now();
    while began.elapsed() < Duration::from_secs(30) {
        if ask(console, "/metrics").is_ok_and(|text| text.contains("\nprobe_success{")) {
            return Ok(());
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    bail!("nothing was probed in 30 s")
}

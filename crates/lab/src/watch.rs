//! Vantage points: from every region, the real `outcry probe`, round after round.
//!
//! Each look is a process of its own inside the region's namespace, with its own resolver and the
//! platform's authority. All looks of a round begin together, and a round that is late is late:
//! nothing is made up for it.

use std::path::Path;
use std::process::Child;
use std::process::Stdio;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;
use std::time::Duration;
use std::time::Instant;

use serde_json::Value;

use crate::net::Way;
use crate::part::people::now_unix_ms;
use crate::place::DNS;
use crate::place::EDGE;
use crate::place::REGIONS;
use crate::place::Region;

/// Between two rounds of a vantage point: a minute of the laboratory's clock.
pub const ROUND: Duration = Duration::from_secs(2);
/// Milliseconds that a look may take.
const LOOK_MS_MAX: &str = "1900";
/// Milliseconds from which an answer is too slow.
const SLOW_MS: u32 = 1_300;
/// Milliseconds of a machine's own slowness from which a look tells nothing; as in the engine.
const OWN_MS_MAX: f64 = 1_000.0;

/// What is looked at.
#[derive(Clone, Copy, Debug)]
pub struct Monitor {
    /// The service it speaks for.
    pub service: &'static str,
    /// The component, where it is one.
    pub component: Option<&'static str>,
    /// Kind of probe.
    pub kind: &'static str,
    /// Target, as `outcry probe` takes it.
    pub target: &'static str,
}

const fn monitor(
    service: &'static str,
    component: Option<&'static str>,
    kind: &'static str,
    target: &'static str,
) -> Monitor {
    Monitor { service, component, kind, target }
}

/// What stands as long as a vantage point's own network does.
const REFERENCE: &str = "tcp://10.15.0.1:8080";

/// All monitors of a vantage point; the last is its reference and speaks for no service.
/// They speak for components as `outcry serve` makes them: a main page for none, `api.` for the API.
pub const MONITORS: &[Monitor] = &[
    monitor("chirp", None, "http", "https://chirp.test/"),
    monitor("chirp", Some("api"), "http", "https://api.chirp.test/v1/timeline"),
    monitor("chirp", None, "dns", "dns:chirp.test"),
    monitor("wares", None, "http", "https://wares.test/"),
    monitor("ident", None, "http", "http://id.test/"),
    monitor("", None, "tcp", REFERENCE),
];

/// What one look said.
#[derive(Clone, Debug)]
pub struct Look {
    /// When it began.
    pub at_unix_ms: i64,
    /// From where.
    pub region: Region,
    /// At what.
    pub monitor: Monitor,
    /// `outcry probe --json`, word for word.
    pub told: Value,
    /// Whether the vantage point's reference answered in the same round.
    pub connected: bool,
}

impl Look {
    /// `ok`, `soft_failure`, `blocked` or `failed`.
    pub fn outcome(&self) -> &str {
        self.told["outcome"].as_str().unwrap_or("failed")
    }

    /// The phase that failed, as the reason begins with it; a page that says it fails, or that does
    /// not hold a condition, fails in its content, and one that is slow where the time went.
    pub fn phase(&self) -> Option<&str> {
        let reason = self.told["reason"].as_str()?;
        let head = reason.split(':').next().unwrap_or_default();
        match (self.outcome(), head) {
            ("ok", _) => None,
            ("soft_failure" | "blocked", _) => Some("content"),
            (_, "condition") if self.monitor.kind == "dns" => Some("resolve"),
            (_, "condition") if reason.contains("RESPONSE_TIME") => self.longest(),
            (_, "condition") => Some("content"),
            (_, phase) => Some(phase),
        }
    }

    /// Milliseconds in which the look did nothing that has a phase: its own machine had no time for
    /// it. Above [`OWN_MS_MAX`] it tells nothing, as for a round that begins late.
    pub fn own_ms(&self) -> f64 {
        let phases = self.told["phases_ms"].as_object().into_iter().flatten();
        let spent: f64 = phases.filter_map(|(_, ms)| ms.as_f64()).sum();
        (self.told["total_ms"].as_f64().unwrap_or(0.0) - spent).max(0.0)
    }

    /// Whether it says something about its target.
    pub fn tells(&self) -> bool {
        self.connected && self.own_ms() <= OWN_MS_MAX
    }

    fn longest(&self) -> Option<&str> {
        let phases = self.told["phases_ms"].as_object()?;
        let ms = |value: &Value| value.as_f64().unwrap_or_default();
        let longest = phases.iter().max_by(|a, b| ms(a.1).total_cmp(&ms(b.1)))?;
        Some(longest.0)
    }
}

/// Looks from all regions until `over`; the looks, in order of time.
pub fn watch(way: &Way, outcry: &Path, roots: &str, over: &AtomicBool) -> Vec<Look> {
    let looks = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for (nth, region) in REGIONS.iter().enumerate() {
            let looks = &looks;
            scope.spawn(move || {
                // Spread over the round, as a scheduler would.
                let share = ROUND * u32::try_from(nth).unwrap_or(0);
                std::thread::sleep(share / u32::try_from(REGIONS.len()).unwrap_or(1));
                while !over.load(Ordering::Relaxed) {
                    let began = Instant::now();
                    let seen = round(way, outcry, roots, region);
                    looks.lock().unwrap_or_else(PoisonError::into_inner).extend(seen);
                    std::thread::sleep(ROUND.saturating_sub(began.elapsed()));
                }
            });
        }
    });
    let mut looks = looks.into_inner().unwrap_or_else(PoisonError::into_inner);
    looks.sort_by_key(|look| (look.at_unix_ms, look.region.host.k, look.monitor.target));
    looks
}

fn round(way: &Way, outcry: &Path, roots: &str, region: &Region) -> Vec<Look> {
    let at_unix_ms = now_unix_ms();
    let begun: Vec<(&Monitor, std::io::Result<Child>)> = MONITORS
        .iter()
        .map(|monitor| {
            let mut command = way.command(region.host.name, &outcry.display().to_string());
            command.args(["probe", monitor.target, "--json", "--timeout-ms", LOOK_MS_MAX]);
            command.args(["--resolver", &DNS.address().to_string(), "--roots", roots]);
            for condition in conditions(monitor) {
                command.args(["--condition", &condition]);
            }
            (monitor, command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn())
        })
        .collect();
    let mut looks: Vec<Look> = begun
        .into_iter()
        .filter_map(|(monitor, child)| {
            let output = child.ok()?.wait_with_output().ok()?;
            // A look that could not be taken says nothing: it is left out, not guessed.
            let told = serde_json::from_slice(&output.stdout).ok()?;
            Some(Look { at_unix_ms, region: *region, monitor: *monitor, told, connected: true })
        })
        .collect();
    let of_reference = looks.iter().position(|look| look.monitor.target == REFERENCE);
    let connected = of_reference.is_some_and(|at| looks.swap_remove(at).outcome() == "ok");
    looks.iter_mut().for_each(|look| look.connected = connected);
    looks
}

/// What has to hold, beside what a probe of its kind asks anyway.
fn conditions(monitor: &Monitor) -> Vec<String> {
    let quick = format!("[RESPONSE_TIME] < {SLOW_MS}");
    match (monitor.kind, monitor.component) {
        ("tcp", _) => Vec::new(),
        ("dns", _) => vec![format!("[BODY] == pat(*{}*)", EDGE.address())],
        (_, Some("api")) => vec!["[BODY].status == \"UP\"".to_owned(), quick],
        _ => vec![quick],
    }
}

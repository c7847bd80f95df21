//! One run: a platform, calm, faults, calm; and everything that was seen and done, written down.
//!
//! The laboratory's clock runs [`SCALE`] times faster than the machine's: a round of probes every
//! two seconds is one a minute. What is timed inside a probe stays as it was measured.
//!
//! # What it cannot tell
//!
//! Anything about slow failures: forty seconds are twenty minutes here, and no more.

use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;
use std::time::Duration;
use std::time::Instant;

use anyhow::Result;
use anyhow::bail;
use outcry_sim::dice::Dice;
use serde_json::Value;
use serde_json::json;

use crate::fault;
use crate::fault::Fault;
use crate::part::people::now_unix_ms;
use crate::platform::Platform;
use crate::signals;
use crate::status;
use crate::watch;
use crate::watch::Look;

/// Seconds of the laboratory's clock in one of the machine's.
pub const SCALE: i64 = 30;
/// Part of runs in which nothing is broken, and in which two things are.
const FAULT_FREE: f64 = 0.2;
const TWO_FAULTS: f64 = 0.15;
/// Milliseconds of calm before the onset, of the fault, and after it.
const CALM_MS: (f64, f64) = (9_000.0, 14_000.0);
const FAULT_MS: (f64, f64) = (14_000.0, 20_000.0);
const AFTER_MS: u64 = 5_000;
/// Before the clock of a run begins.
const SETTLE: Duration = Duration::from_millis(1_500);
/// Milliseconds from a fault to the provider's word, and part of faults about which it is silent or
/// says that all is well.
const LAG_MS: (f64, f64) = (3_000.0, 12_000.0);
const SILENT: f64 = 0.3;
/// Between two looks at the clock.
const STEP: Duration = Duration::from_millis(20);

/// What is to be run.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Seed of everything that is left to chance.
    pub seed: u64,
    /// The faults, none for a quiet run.
    pub faults: Vec<&'static Fault>,
    /// The binary that is looked through.
    pub outcry: PathBuf,
    /// The folder that takes what was seen.
    pub dir: PathBuf,
}

/// What was done, and when; sealed from Outcry.
#[derive(Clone, Debug)]
pub struct Injected {
    /// What was broken.
    pub fault: &'static Fault,
    /// From when.
    pub from_unix_ms: i64,
    /// Until when.
    pub until_unix_ms: i64,
    /// What chance decided.
    pub how: Value,
}

/// A run that came to its end.
#[derive(Clone, Debug)]
pub struct Ran {
    /// The seed.
    pub seed: u64,
    /// When it began, on the machine's clock.
    pub began_unix_ms: i64,
    /// What was done.
    pub injected: Vec<Injected>,
    /// What the probes said.
    pub looks: Vec<Look>,
    /// What the provider's page was seen to say, and when.
    pub notices: Vec<(i64, String)>,
    /// The program it was looked through.
    pub outcry: PathBuf,
    /// Where it lies.
    pub dir: PathBuf,
}

/// What a seed does: nothing, one fault or two.
pub fn chosen(seed: u64) -> Vec<&'static Fault> {
    let mut dice = Dice::new(seed, &["what"]);
    let throw = dice.unit();
    let count = match throw {
        it if it < FAULT_FREE => 0,
        it if it < FAULT_FREE + TWO_FAULTS => 2,
        _ => 1,
    };
    let mut left: Vec<&'static Fault> = fault::ALL.to_vec();
    (0..count).map(|_| left.swap_remove(dice.below(left.len() as u64) as usize)).collect()
}

/// Runs a plan to its end, or until `stop`.
///
/// # Errors
///
/// What is missing, or that it was stopped. The platform is gone in any case.
pub fn run(plan: &Plan, stop: &AtomicBool) -> Result<Ran> {
    if plan.dir.exists() {
        std::fs::remove_dir_all(&plan.dir)?;
    }
    std::fs::create_dir_all(&plan.dir)?;
    let mut platform = Platform::start(&plan.dir, plan.seed)?;
    // People come in, and the machine has done with starting things.
    wait(SETTLE, stop)?;
    let began_unix_ms = now_unix_ms();
    let roots = plan.dir.join("roots.pem").display().to_string();
    let over = AtomicBool::new(false);
    let watched = platform.net.way.clone();
    let (looks, notices, injected) = std::thread::scope(|scope| {
        let looks = scope.spawn(|| watch::watch(&watched, &plan.outcry, &roots, &over));
        let notices = scope.spawn(|| status::watch(&watched, &over));
        let injected = inject(plan, &mut platform, stop);
        over.store(true, Ordering::Relaxed);
        (looks.join(), notices.join(), injected)
    });
    drop(platform);
    let (Ok(looks), Ok(notices)) = (looks, notices) else { bail!("a vantage point broke") };
    let ran = Ran {
        seed: plan.seed,
        began_unix_ms,
        injected: injected?,
        looks,
        notices,
        outcry: plan.outcry.clone(),
        dir: plan.dir.clone(),
    };
    std::fs::write(plan.dir.join("truth.json"), format!("{:#}\n", ran.truth()))?;
    signals::write(&ran)?;
    Ok(ran)
}

fn inject(plan: &Plan, platform: &mut Platform, stop: &AtomicBool) -> Result<Vec<Injected>> {
    let mut dice = Dice::new(plan.seed, &["when"]);
    let between = |dice: &mut Dice, (low, high): (f64, f64)| {
        Duration::from_secs_f64((low + (high - low) * dice.unit()) / 1_000.0)
    };
    wait(between(&mut dice, CALM_MS), stop)?;
    let length = between(&mut dice, FAULT_MS);
    let mut injected = Vec::new();
    for fault in &plan.faults {
        let how = (fault.begin)(platform, &mut dice)?;
        let from_unix_ms = now_unix_ms();
        injected.push(Injected { fault, from_unix_ms, until_unix_ms: 0, how });
    }
    let lag = between(&mut dice, LAG_MS).min(length);
    wait(lag, stop)?;
    let told = injected.iter().find_map(|done: &Injected| done.fault.notice);
    if let Some(told) = told.filter(|_| dice.unit() >= SILENT) {
        platform.mode("status", told)?;
    }
    wait(length - lag, stop)?;
    for done in &mut injected {
        (done.fault.end)(platform)?;
        done.until_unix_ms = now_unix_ms();
    }
    wait(Duration::from_millis(AFTER_MS), stop)?;
    Ok(injected)
}

/// Waits, unless the laboratory is told to stop.
fn wait(time: Duration, stop: &AtomicBool) -> Result<()> {
    let until = Instant::now() + time;
    while Instant::now() < until {
        if stop.load(Ordering::Relaxed) {
            bail!("stopped");
        }
        std::thread::sleep(STEP);
    }
    Ok(())
}

impl Ran {
    /// The truth, as it is written beside the signals.
    pub fn truth(&self) -> Value {
        let faults = self.injected.iter().map(|done| {
            json!({
                "fault": done.fault.name, "what": done.fault.what,
                "phases": done.fault.phases, "accept": done.fault.accept,
                "from": signals::at(self, done.from_unix_ms).0,
                "until": signals::at(self, done.until_unix_ms).0, "how": done.how,
            })
        });
        json!({
            "seed": self.seed, "began_unix_ms": self.began_unix_ms, "scale": SCALE,
            "times": "milliseconds of the laboratory's clock, as in signals.jsonl",
            "faults": faults.collect::<Vec<_>>(),
        })
    }
}

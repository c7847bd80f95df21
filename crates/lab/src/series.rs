//! A series of runs, some at a time, and its figures beside their bars.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;
use std::time::Instant;

use anyhow::Context;
use anyhow::Result;
use anyhow::bail;

use crate::fault;
use crate::net;
use crate::run;
use crate::run::Plan;
use crate::run::Ran;
use crate::score;
use crate::verdict;

/// Part of runs in which the phase has to be right: 18 of 20.
const RIGHT_MIN: f64 = 0.9;
/// Programs that have to be there.
const NEEDED: [&str; 7] = ["ip", "tc", "nsenter", "setpriv", "nginx", "sysctl", "tcpdump"];
/// Seeds of scores begin here: no run that anybody looks at has one of them.
const SEALED_FROM: u64 = 1_000_000;
/// Part of runs with a fault in which its cause has to be named or lead.
const CAUSE_MIN: f64 = 0.9;

/// What is run.
#[derive(Clone, Debug, clap::Args)]
pub struct Arguments {
    /// How many seeds.
    #[arg(long, default_value_t = 20)]
    seeds: u64,
    /// The first of them.
    #[arg(long, default_value_t = 1)]
    first: u64,
    /// Always these faults, such as bad_release,edge_dead, instead of what the seed says.
    #[arg(long, value_delimiter = ',')]
    fault: Vec<String>,
    /// Runs at a time.
    #[arg(long, default_value_t = 2)]
    at_once: usize,
    /// The program that is looked through.
    #[arg(long)]
    outcry: Option<PathBuf>,
    /// Where signals and truths are put, in a folder for each seed.
    #[arg(long, default_value = "target/lab")]
    out: PathBuf,
}

/// Runs the series; whether its bar holds.
pub fn run(arguments: &Arguments) -> Result<bool> {
    let began = Instant::now();
    let rans = all(arguments)?;
    let right = rans.iter().filter(|ran| score::phase_is_right(ran, score::phase(ran))).count();
    let holds = right as f64 >= RIGHT_MIN * rans.len() as f64;
    println!(
        "{} runs in {:.0} s: the phase that probes name is the injected one in {right} (bar {:.0})",
        rans.len(),
        began.elapsed().as_secs_f64(),
        (RIGHT_MIN * rans.len() as f64).ceil()
    );
    Ok(holds)
}

/// Runs sealed seeds and scores verdicts; whether the bars hold.
pub fn score(arguments: &Arguments) -> Result<bool> {
    let began = Instant::now();
    let sealed = Arguments { first: SEALED_FROM + arguments.first, ..arguments.clone() };
    let rans = all(&sealed)?;
    let mut judged = Vec::new();
    for ran in &rans {
        judged.push(verdict::judge(ran)?);
        println!("{}", judged.last().map_or("", |judged| &judged.line));
    }
    let broken: Vec<_> = judged.iter().filter(|judged| judged.listed).collect();
    let right = broken.iter().filter(|judged| judged.right).count();
    let wrong = judged.iter().filter(|judged| judged.wrong_name).count();
    let quiet = judged.iter().filter(|judged| judged.quiet).count();
    let false_names = judged.iter().filter(|judged| judged.quiet && judged.named).count();
    let holds = right as f64 >= CAUSE_MIN * broken.len() as f64 && false_names == 0 && wrong == 0;
    println!(
        "{} sealed runs in {:.0} s: the injected cause is named or leads in {right} of {} with a \
         listed one (bar {:.0}); named in {false_names} of {quiet} fault-free ones (bar 0); wrong \
         names {wrong} (bar 0)",
        rans.len(),
        began.elapsed().as_secs_f64(),
        broken.len(),
        (CAUSE_MIN * broken.len() as f64).ceil(),
    );
    Ok(holds)
}

/// Runs all seeds and prints a line for each as it ends; the runs in order of their seeds.
fn all(arguments: &Arguments) -> Result<Vec<Ran>> {
    missing()?;
    net::clean();
    let outcry = match &arguments.outcry {
        Some(path) => path.clone(),
        None => std::env::current_exe()?.with_file_name("outcry"),
    };
    if !outcry.is_file() {
        bail!("there is no {}: build it, or name it with --outcry", outcry.display());
    }
    let outcry = outcry.canonicalize()?;
    std::fs::create_dir_all(&arguments.out).context("cannot make the folder of runs")?;
    let out = arguments.out.canonicalize()?;
    let named: Result<Vec<_>> = arguments
        .fault
        .iter()
        .map(|name| fault::named(name).with_context(|| format!("there is no fault {name}")))
        .collect();
    let named = named?;
    let seeds = arguments.first..arguments.first + arguments.seeds;
    let plans: Vec<Plan> = seeds
        .rev()
        .map(|seed| Plan {
            seed,
            faults: if named.is_empty() { run::chosen(seed) } else { named.clone() },
            outcry: outcry.clone(),
            dir: out.join(format!("seed-{seed}")),
        })
        .collect();
    let stop = Arc::new(AtomicBool::new(false));
    for signal in [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM] {
        signal_hook::flag::register(signal, stop.clone())?;
    }
    let (queue, done) = (Mutex::new(plans), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..arguments.at_once.max(1) {
            scope.spawn(|| {
                while !stop.load(Ordering::Relaxed) {
                    let plan = queue.lock().unwrap_or_else(PoisonError::into_inner).pop();
                    let Some(plan) = plan else { return };
                    let ran = run::run(&plan, &stop);
                    match &ran {
                        Ok(ran) => println!("{}", line(ran)),
                        Err(error) => eprintln!("seed {}: {error:#}", plan.seed),
                    }
                    done.lock().unwrap_or_else(PoisonError::into_inner).push((plan.seed, ran));
                }
            });
        }
    });
    if stop.load(Ordering::Relaxed) {
        bail!("stopped; nothing is left behind");
    }
    let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.sort_by_key(|(seed, _)| *seed);
    done.into_iter().map(|(_, ran)| ran).collect()
}

fn line(ran: &Ran) -> String {
    let named = score::phase(ran);
    let done: Vec<&str> = ran.injected.iter().map(|done| done.fault.name).collect();
    let wanted: Vec<&str> =
        ran.injected.iter().flat_map(|done| done.fault.phases).copied().collect();
    let none = |text: String| if text.is_empty() { "nothing".to_owned() } else { text };
    format!(
        "seed {:>3}  {:<44} probes name {:<10} of {:<22} {}  ({} looks, {} starved or cut off)",
        ran.seed,
        none(done.join(" + ")),
        named.unwrap_or("nothing"),
        none(wanted.join("/")),
        if score::phase_is_right(ran, named) { "right" } else { "WRONG" },
        ran.looks.len(),
        ran.looks.iter().filter(|look| !look.tells()).count(),
    )
}

/// Fails with what is not there.
fn missing() -> Result<()> {
    let paths = std::env::var_os("PATH").unwrap_or_default();
    let has = |program: &str| std::env::split_paths(&paths).any(|it| it.join(program).is_file());
    let missing: Vec<&str> = NEEDED.into_iter().filter(|program| !has(program)).collect();
    if !missing.is_empty() {
        bail!(
            "missing: {}. On Debian: apt-get install iproute2 util-linux procps nginx tcpdump",
            missing.join(", ")
        );
    }
    Ok(())
}

//! `outcry replay`: a scenario or a file of signals through the engine, in event time, as fast as
//! it goes.

use std::collections::BTreeMap;
use std::io::BufRead;
use std::io::BufReader;
use std::io::Read;
use std::io::Write;
use std::iter::Flatten;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc;
use std::thread::Scope;

use indicatif::ProgressBar;
use indicatif::ProgressStyle;
use outcry_core::catalog::Catalog;
use outcry_core::signal::Body;
use outcry_core::signal::Signal;
use outcry_sim::replay;
use outcry_wire::signals::read_line;

use crate::cli::BadInput;
use crate::config::Config;
use crate::data;
use crate::stories;

/// Mistakes of a file that are listed; the rest are counted.
const MISTAKES_LISTED_MAX: usize = 20;
/// Signals a file may hold: they are sorted in memory.
const SIGNALS_MAX: usize = 20_000_000;
/// Bytes of a line that are read; a longer one is a mistake.
const LINE_BYTES_MAX: u64 = 1 << 20;

/// Level at which signals are compressed for a file that ends in .zst.
const ZSTD_LEVEL: i32 = 3;

/// Things made ahead that are handed over at once, and how many such chunks may wait.
const CHUNK: usize = 2_048;
const CHUNKS_WAITING_MAX: usize = 64;

/// Arguments of `outcry replay`.
#[derive(Debug, clap::Args)]
pub struct Replay {
    /// SCENARIO.toml (or the name of a built-in one), or SIGNALS.jsonl, also as .jsonl.zst.
    input: String,
    /// One JSON object a line instead of words.
    #[arg(long)]
    json: bool,
    /// Another seed than the scenario's own.
    #[arg(long)]
    seed: Option<u64>,
    /// Only signals of these kinds, such as report,claim.
    #[arg(long, value_delimiter = ',')]
    only: Vec<String>,
    /// No signals of these kinds.
    #[arg(long, value_delimiter = ',')]
    drop: Vec<String>,
    /// Folder of another catalogue than the one built in.
    #[arg(long)]
    catalog: Option<std::path::PathBuf>,
    /// Write the signals of a scenario to this file as JSON lines, and do not run them.
    #[arg(long)]
    write_signals: Option<std::path::PathBuf>,
}

/// Replays and prints.
pub fn run(arguments: &Replay) -> anyhow::Result<()> {
    let days = Config::default().engine.run_length_days;
    let base = data::catalog(arguments.catalog.as_deref())?;
    let select = |signals: Vec<Signal>| {
        replay::select(signals, &arguments.only, &arguments.drop).map_err(BadInput)
    };
    let is_signals = arguments.input.ends_with(".jsonl") || arguments.input.ends_with(".jsonl.zst");
    let outcome = if is_signals {
        if arguments.seed.is_some() || arguments.write_signals.is_some() {
            anyhow::bail!(BadInput(
                "--seed and --write-signals are for scenarios; a file of signals is what it is"
                    .into()
            ));
        }
        let signals = select(read_signals(Path::new(&arguments.input))?)?;
        warn_of_strangers(&signals, &base);
        replay::run(replay::learn(Arc::new(base), [], days), signals, None, None)
    } else {
        let scenario = stories::scenario(&arguments.input)?;
        let catalog = Arc::new(scenario.catalog(&base));
        let mistakes = scenario.check(&arguments.input, &catalog);
        if !mistakes.is_empty() {
            anyhow::bail!(BadInput::mistakes(&mistakes));
        }
        let seed = arguments.seed.unwrap_or(scenario.seed);
        if let Some(path) = &arguments.write_signals {
            return write_signals(path, &select(scenario.signals(seed, &catalog))?);
        }
        // What is usual is learnt while the past and the crowd are made.
        let (scenario, catalog) = (&scenario, &catalog);
        let onset = scenario.truth.as_ref().map(|truth| truth.onset);
        let whole = arguments.only.is_empty() && arguments.drop.is_empty();
        std::thread::scope(|scope| {
            let signals = ahead(scope, move || scenario.in_order(seed, catalog));
            let history = ahead(scope, move || scenario.history(seed, catalog));
            let engine = replay::learn(catalog.clone(), history, days);
            anyhow::Ok(if whole {
                replay::run(engine, signals, Some(scenario.until), onset)
            } else {
                replay::run(engine, select(signals.collect())?, Some(scenario.until), onset)
            })
        })?
    };
    let mut out = std::io::stdout().lock();
    if arguments.json {
        for line in replay::json_lines(&outcome) {
            writeln!(out, "{line}")?;
        }
    } else {
        write!(out, "{}", replay::summary(&outcome))?;
    }
    Ok(())
}

/// What another thread makes while this one uses what it made before.
fn ahead<'scope, I, T>(
    scope: &'scope Scope<'scope, '_>,
    make: impl FnOnce() -> I + Send + 'scope,
) -> Flatten<mpsc::IntoIter<Vec<T>>>
where
    I: Iterator<Item = T>,
    T: Send + 'scope,
{
    let (tell, told) = mpsc::sync_channel::<Vec<T>>(CHUNKS_WAITING_MAX);
    scope.spawn(move || {
        let mut things = make().peekable();
        while things.peek().is_some() {
            if tell.send(things.by_ref().take(CHUNK).collect()).is_err() {
                return;
            }
        }
    });
    told.into_iter().flatten()
}

/// Says which services and components the catalogue does not have: their signals are not counted,
/// or not by component.
fn warn_of_strangers(signals: &[Signal], catalog: &Catalog) {
    let mut services: BTreeMap<&str, u64> = BTreeMap::new();
    let mut components: BTreeMap<(&str, &str), u64> = BTreeMap::new();
    for signal in signals {
        let Some(service) = catalog.service(&signal.service) else {
            *services.entry(&signal.service).or_default() += 1;
            continue;
        };
        if let Body::Report(report) = &signal.body
            && let Some(name) = &report.component
            && !service.components.contains(name)
        {
            *components.entry((&signal.service, name)).or_default() += 1;
        }
    }
    for (service, n) in services.iter().take(MISTAKES_LISTED_MAX) {
        eprintln!(
            "outcry: signals about {service:?}: {n}, not weighed: the catalogue has no such service"
        );
    }
    for ((service, name), n) in components.iter().take(MISTAKES_LISTED_MAX) {
        eprintln!(
            "outcry: reports about {service:?} name {name:?}, not one of its components: {n}"
        );
    }
}

fn write_signals(path: &Path, signals: &[Signal]) -> anyhow::Result<()> {
    let file = std::fs::File::create(path)
        .map_err(|error| BadInput(format!("cannot write {}: {error}", path.display())))?;
    let out = std::io::BufWriter::new(file);
    if path.extension().is_some_and(|end| end == "zst") {
        let mut out = zstd::Encoder::new(out, ZSTD_LEVEL)?;
        write_lines(&mut out, signals)?;
        out.finish()?.flush()?;
    } else {
        let mut out = out;
        write_lines(&mut out, signals)?;
        out.flush()?;
    }
    eprintln!("{}: {} signals", path.display(), signals.len());
    Ok(())
}

fn write_lines(out: &mut impl Write, signals: &[Signal]) -> std::io::Result<()> {
    for signal in signals {
        writeln!(out, "{}", outcry_wire::signals::write_line(signal))?;
    }
    Ok(())
}

/// Reads signals; every line that cannot be read is a mistake, and all are told at once.
///
/// # Errors
///
/// [`BadInput`] with the lines and what to write instead.
pub fn read_signals(path: &Path) -> anyhow::Result<Vec<Signal>> {
    let wrong =
        |error: std::io::Error| BadInput(format!("cannot read {}: {error}", path.display()));
    let file = std::fs::File::open(path).map_err(wrong)?;
    let bytes = file.metadata().map_or(0, |metadata| metadata.len());
    let style = ProgressStyle::with_template("reading {bar:40} {bytes}/{total_bytes}, {eta}");
    let bar =
        ProgressBar::new(bytes).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    let file = bar.wrap_read(file);
    let mut input: Box<dyn BufRead> = if path.extension().is_some_and(|end| end == "zst") {
        Box::new(BufReader::new(zstd::Decoder::new(file).map_err(wrong)?))
    } else {
        Box::new(BufReader::new(file))
    };
    let (mut signals, mut mistakes, mut number) = (Vec::new(), Vec::new(), 0_u64);
    let mut line = Vec::new();
    loop {
        line.clear();
        if input.by_ref().take(LINE_BYTES_MAX).read_until(b'\n', &mut line).map_err(wrong)? == 0 {
            break;
        }
        number += 1;
        let text = match std::str::from_utf8(&line) {
            Ok(text) => text.trim(),
            Err(error) => {
                let at = error.valid_up_to() + 1;
                let name = path.display();
                mistakes.push(format!("  {name}:{number}: byte {at} is not UTF-8; write UTF-8"));
                continue;
            }
        };
        if text.is_empty() {
            continue;
        }
        match read_line(text, number) {
            Ok(signal) => signals.push(signal),
            Err(error) => mistakes.push(format!("  {}:{number}: {error}", path.display())),
        }
        if signals.len() > SIGNALS_MAX {
            anyhow::bail!(BadInput(format!("{} holds over {SIGNALS_MAX} signals", path.display())));
        }
    }
    bar.finish_and_clear();
    if mistakes.is_empty() {
        signals.sort_by_key(|signal| (signal.at, signal.id));
        return Ok(signals);
    }
    let more = mistakes.len().saturating_sub(MISTAKES_LISTED_MAX);
    mistakes.truncate(MISTAKES_LISTED_MAX);
    if more > 0 {
        mistakes.push(format!("  and {more} more"));
    }
    Err(BadInput(format!("mistakes in what was given:\n{}", mistakes.join("\n"))).into())
}

//! `outcry detect`: the detector on files of numbers.
//!
//! One row out for each row in, `timestamp,value,anomaly_score,state`, judged from the rows before
//! it and never from those after. Columns beyond the second are never read: they may be labels.

use std::fs;
use std::io::BufWriter;
use std::io::Write;
use std::path::Path;
use std::path::PathBuf;

use anyhow::Context;
use anyhow::bail;
use outcry_core::detect::online::Judgement;
use outcry_core::detect::online::OnlineCount;
use outcry_core::detect::online::State;
use outcry_core::detect::value::ValueDetector;
use outcry_core::time::UnixMillis;

use crate::cli::BadInput;

/// Bytes an input file may have.
const FILE_BYTES_MAX: u64 = 1 << 30;

/// What kind of numbers a file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Kind {
    /// Counts of reports, errors or mentions.
    Count,
    /// Any number over time: latency, error share, traffic.
    Value,
}

/// The detector of a file.
enum Head {
    Count(Box<OnlineCount>),
    Value(Box<ValueDetector>),
}

impl Head {
    fn new(rows: &[Row], arguments: &Detect) -> Self {
        match arguments.kind {
            Kind::Count => {
                Self::Count(Box::new(OnlineCount::new(step_s(rows), arguments.run_length_days)))
            }
            Kind::Value => Self::Value(Box::new(ValueDetector::new())),
        }
    }

    fn row(&mut self, row: &Row) -> Judgement {
        match self {
            Self::Count(online) => online.row(row.at, row.value),
            Self::Value(detector) => detector.row(row.at, row.value),
        }
    }

    /// What could not be used, in words; none when all could.
    fn unusable(&self) -> Option<String> {
        match self {
            Self::Count(online) => (online.unusable > 0)
                .then(|| format!("{} rows were no counts or out of order", online.unusable)),
            Self::Value(detector) => {
                let (bad, late) = (detector.not_numbers, detector.out_of_order);
                (bad + late > 0).then(|| {
                    format!("passed over {bad} rows that are no numbers and {late} out of order")
                })
            }
        }
    }
}

/// Arguments of `outcry detect`.
#[derive(Debug, clap::Args)]
pub struct Detect {
    /// What the numbers are.
    #[arg(long, value_enum)]
    kind: Kind,
    /// Folder for the results, one file for each input, of the same name.
    #[arg(long)]
    out: PathBuf,
    /// Counts only: at most one false alarm in this many days, on average.
    #[arg(long, default_value_t = 30.0)]
    run_length_days: f64,
    /// CSV files: the time first (ISO 8601 or Unix seconds), then the value.
    #[arg(required = true)]
    files: Vec<PathBuf>,
}

/// Runs the detector over every file.
pub fn run(arguments: &Detect) -> anyhow::Result<()> {
    if !(arguments.run_length_days.is_finite() && arguments.run_length_days >= 0.01) {
        bail!(BadInput("--run-length-days must be a number of days, such as 30".into()));
    }
    fs::create_dir_all(&arguments.out)
        .with_context(|| format!("cannot make the folder {}", arguments.out.display()))?;
    refuse_overwriting(arguments)?;
    for file in &arguments.files {
        one_file(file, arguments)?;
    }
    Ok(())
}

/// A result never takes the place of an input, or of another input's result.
fn refuse_overwriting(arguments: &Detect) -> anyhow::Result<()> {
    let real = |path: &Path| fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let inputs: Vec<PathBuf> = arguments.files.iter().map(|file| real(file)).collect();
    let mut results = Vec::new();
    for file in &arguments.files {
        let name =
            file.file_name().ok_or_else(|| BadInput(format!("{} is no file", file.display())))?;
        let result = real(&arguments.out).join(name);
        if inputs.contains(&real(&result)) {
            bail!(BadInput(format!(
                "the result for {} would overwrite {}; name another folder with --out",
                file.display(),
                result.display()
            )));
        }
        if results.contains(&result) {
            bail!(BadInput(format!(
                "two inputs are named {}, and so would be their results; run them one by one",
                name.to_string_lossy()
            )));
        }
        results.push(result);
    }
    Ok(())
}

/// One row that could be read: its text as it stood, and its number.
struct Row {
    line: usize,
    at: UnixMillis,
    time: String,
    text: String,
    value: f64,
}

fn one_file(file: &Path, arguments: &Detect) -> anyhow::Result<()> {
    let size = fs::metadata(file)
        .map_err(|error| BadInput(format!("cannot read {}: {error}", file.display())))?
        .len();
    if size > FILE_BYTES_MAX {
        bail!(BadInput(format!("{} is larger than {FILE_BYTES_MAX} bytes", file.display())));
    }
    let text = fs::read_to_string(file)
        .map_err(|error| BadInput(format!("cannot read {}: {error}", file.display())))?;
    let rows = read_rows(file, &text)?;
    let mut head = Head::new(&rows, arguments);
    let name = file.file_name().context("a file has a name")?;
    let path = arguments.out.join(name);
    let out =
        fs::File::create(&path).with_context(|| format!("cannot write {}", path.display()))?;
    let mut out = BufWriter::new(out);
    writeln!(out, "timestamp,value,anomaly_score,state")?;
    let (mut openings, mut first, mut was_open) = (0, None, false);
    for row in &rows {
        let judgement = head.row(row);
        let open = judgement.state == State::Open;
        if open && !was_open {
            openings += 1;
            first.get_or_insert(row.time.as_str());
        }
        was_open = open;
        let state = if open { "open" } else { "calm" };
        writeln!(out, "{},{},{:.6},{state}", row.time, row.text, judgement.score)?;
    }
    out.flush()?;
    let first = first.map(|time| format!(", the first at {time}")).unwrap_or_default();
    say!("{}: {} rows, opened {openings} times{first}", path.display(), rows.len())?;
    if let Some(unusable) = head.unusable() {
        eprintln!("{}: {unusable}", file.display());
    }
    Ok(())
}

fn read_rows(file: &Path, text: &str) -> anyhow::Result<Vec<Row>> {
    let mut rows = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let line_number = index + 1;
        if line.trim().is_empty() {
            continue;
        }
        let mut columns = line.split(',').map(|column| column.trim().trim_matches('"'));
        let (time, value) = (columns.next().unwrap_or(""), columns.next());
        let Some(at) = read_time(time) else {
            // A header has no number where the values are.
            let number = value.is_some_and(|value| value.parse::<f64>().is_ok());
            if rows.is_empty() && line_number == 1 && !number {
                continue;
            }
            bail!(BadInput(format!(
                "{}:{line_number}: {time:?} is no time; write 2026-05-12T13:54:50Z or Unix seconds",
                file.display()
            )));
        };
        let Some(text) = value else {
            bail!(BadInput(format!(
                "{}:{line_number}: there is no second column; write time,value",
                file.display()
            )));
        };
        let value = text.parse().unwrap_or(f64::NAN);
        let (time, text) = (time.to_owned(), text.to_owned());
        rows.push(Row { line: line_number, at, time, text, value });
    }
    if rows.is_empty() {
        bail!(BadInput(format!("{}: there is no row; write time,value", file.display())));
    }
    let year = |pair: &&[Row]| pair[1].at.since_ms(pair[0].at) > 366 * 86_400_000;
    if let Some(pair) = rows.windows(2).find(year) {
        eprintln!("{}:{}: more than a year after the row before", file.display(), pair[1].line);
    }
    Ok(rows)
}

/// ISO 8601 with or without an offset (then UTC), with a `T` or a space, or Unix seconds.
fn read_time(text: &str) -> Option<UnixMillis> {
    if let Some(at) = UnixMillis::parse(text) {
        return Some(at);
    }
    if let Ok(seconds) = text.parse::<f64>() {
        let plausible = seconds.is_finite() && seconds.abs() < 1e11;
        return plausible.then_some(UnixMillis((seconds * 1_000.0) as i64));
    }
    UnixMillis::parse(&format!("{text}Z"))
}

/// The usual time between rows in seconds: the median, so that gaps do not count.
fn step_s(rows: &[Row]) -> f64 {
    let mut steps: Vec<i64> = rows
        .windows(2)
        .map(|pair| pair[1].at.since_ms(pair[0].at))
        .filter(|step| *step > 0)
        .collect();
    steps.sort_unstable();
    steps.get(steps.len() / 2).map_or(60.0, |step| *step as f64 / 1_000.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_in_every_usual_form() {
        let want = UnixMillis(1_778_594_090_000);
        for text in ["2026-05-12T13:54:50Z", "2026-05-12 13:54:50", "1778594090", "1778594090.0"] {
            assert_eq!(read_time(text), Some(want), "{text}");
        }
        for text in ["", "soon", "timestamp", "1e300"] {
            assert_eq!(read_time(text), None, "{text}");
        }
    }
}

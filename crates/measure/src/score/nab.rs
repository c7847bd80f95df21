//! `score nab`: the value head on the Numenta Anomaly Benchmark, v1.1, at its fixed threshold.
//!
//! The rules are those of the benchmark: rows of the first 15 % (at most 750) do not count; the
//! first row above the threshold in a window earns by how early it is; every row above it outside
//! a window costs, by how far it is behind the last window; a window that is missed costs a full
//! point, or two. 0 is a detector that says nothing, 100 a perfect one. `nab_score.py`, which
//! lies beside the data, is asked as well, and must say the same.
//!
//! Reference: A. Lavin, S. Ahmad, "Evaluating Real-Time Anomaly Detection Algorithms", 2015.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::process::ExitCode;

use anyhow::Context;
use anyhow::Result;
use outcry_core::detect::value::THRESHOLD;
use outcry_core::time::UnixMillis;

use super::value;
use super::value::Series;

/// Name, cost of a false row, cost of a missed window, pass, goal.
const PROFILES: [Profile; 3] = [
    Profile { name: "standard", key: "standard", row: 0.11, miss: 1.0, pass: 62.0, goal: 70.0 },
    Profile {
        name: "low-FP",
        key: "reward_low_FP_rate",
        row: 0.22,
        miss: 1.0,
        pass: 56.0,
        goal: 66.0,
    },
    Profile {
        name: "low-FN",
        key: "reward_low_FN_rate",
        row: 0.11,
        miss: 2.0,
        pass: 67.0,
        goal: 73.0,
    },
];

struct Profile {
    name: &'static str,
    key: &'static str,
    row: f64,
    miss: f64,
    pass: f64,
    goal: f64,
}

/// A series with its windows.
struct Labelled {
    series: Series,
    /// First row that counts.
    from: usize,
    /// The window a row is in.
    window: Vec<Option<usize>>,
    /// What a row above the threshold earns in a window, or costs outside (negative).
    worth: Vec<f64>,
    windows: usize,
}

/// What a threshold did on a file.
#[derive(Clone, Copy, Default)]
struct Outcome {
    earned: f64,
    missed: f64,
    cost: f64,
    false_rows: f64,
    windows: f64,
}

/// Scores all files; fails when a pass bar does not hold.
pub fn run() -> Result<ExitCode> {
    let Some(folder) = value::data("nab") else {
        println!("../shared/data/detection/nab is not here: nothing to score");
        return Ok(ExitCode::FAILURE);
    };
    let files = label(value::read_all(&folder.join("data"))?, &folder)?;
    let all: Vec<usize> = (0..files.len()).collect();
    println!("{:40} {:>7} {:>7} {:>6} {:>10}", "file", "windows", "found", "earned", "false rows");
    for file in &files {
        let outcome = file.outcome(THRESHOLD);
        println!(
            "{:40} {:7} {:7} {:6.2} {:10}",
            file.series.name,
            outcome.windows,
            outcome.windows - outcome.missed,
            outcome.earned,
            outcome.false_rows
        );
    }
    let names: Vec<&str> = files.iter().map(|file| file.series.family.as_str()).collect();
    println!("\n{:40} {:>8} {:>8} {:>8}", "family", "standard", "low-FP", "low-FN");
    for family in families(&names) {
        let members: Vec<usize> = all.iter().copied().filter(|i| names[*i] == family).collect();
        let figures = PROFILES.map(|profile| profile.figure(&files, &members, THRESHOLD));
        if figures[0].is_finite() {
            println!("{family:40} {:8.1} {:8.1} {:8.1}", figures[0], figures[1], figures[2]);
        }
    }
    println!(
        "\n{:10} {:>6} {:>15} {:>22}",
        "profile", "score", "95 % of files", "halves fitted/other"
    );
    let (mut holds, mut line) = (true, Vec::new());
    for profile in &PROFILES {
        let figure = profile.figure(&files, &all, THRESHOLD);
        let (low, high) =
            value::interval(files.len(), |drawn| profile.figure(&files, drawn, THRESHOLD));
        let (fitted, other) =
            value::halves(files.len(), |half, threshold| profile.figure(&files, half, threshold));
        println!(
            "{:10} {figure:6.1} {:>15} {:>22}",
            profile.name,
            format!("{low:.1}..{high:.1}"),
            format!("{fitted:.1} / {other:.1}")
        );
        holds &= figure >= profile.pass;
        line.push(format!(
            "{} {figure:.1} (pass {:.0}, goal {:.0})",
            profile.name, profile.pass, profile.goal
        ));
    }
    holds &= agrees(&files, &all, &folder)?;
    println!("nab, threshold {THRESHOLD} on {} files: {}", files.len(), line.join(", "));
    Ok(if holds { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn families<'a>(names: &[&'a str]) -> Vec<&'a str> {
    let mut families = names.to_vec();
    families.dedup();
    families
}

impl Profile {
    fn figure(&self, files: &[Labelled], chosen: &[usize], threshold: f64) -> f64 {
        let (mut got, mut windows) = (0.0, 0.0);
        for i in chosen {
            let outcome = files[*i].outcome(threshold);
            got += outcome.earned - self.miss * outcome.missed + self.row * outcome.cost;
            windows += outcome.windows;
        }
        100.0 * (got + self.miss * windows) / ((1.0 + self.miss) * windows)
    }
}

impl Labelled {
    fn outcome(&self, threshold: f64) -> Outcome {
        let mut best = vec![f64::NAN; self.windows];
        let mut outcome = Outcome { windows: self.windows as f64, ..Outcome::default() };
        for i in self.from..self.series.scores.len() {
            if self.series.scores[i] < threshold {
                continue;
            }
            match self.window[i] {
                Some(window) => best[window] = best[window].max(self.worth[i]),
                None => {
                    outcome.cost += self.worth[i];
                    outcome.false_rows += 1.0;
                }
            }
        }
        for best in best {
            if best.is_nan() { outcome.missed += 1.0 } else { outcome.earned += best }
        }
        outcome
    }
}

/// The benchmark's scaled sigmoid: 1 far before the end of a window, −1 far behind it.
fn sigmoid(position: f64) -> f64 {
    if position > 3.0 { -1.0 } else { 2.0 / (1.0 + (5.0 * position).exp()) - 1.0 }
}

fn label(series: Vec<Series>, folder: &Path) -> Result<Vec<Labelled>> {
    let text = fs::read_to_string(folder.join("labels/combined_windows.json"))?;
    let windows: BTreeMap<String, Vec<[String; 2]>> = serde_json::from_str(&text)?;
    let mut files = Vec::new();
    for series in series {
        let key = format!("{}/{}.csv", series.family, series.name);
        if let Some(windows) = windows.get(&key) {
            files.push(label_one(series, windows).with_context(|| key.clone())?);
        }
    }
    Ok(files)
}

fn label_one(series: Series, windows: &[[String; 2]]) -> Result<Labelled> {
    let rows = series.times.len();
    let time = |text: &str| UnixMillis::parse(&format!("{}Z", text.get(..19)?));
    let times: Vec<Option<UnixMillis>> = series.times.iter().map(|text| time(text)).collect();
    let row = |text: &str| {
        let at = time(text);
        times.iter().position(|row| *row == at).with_context(|| format!("no row at {text}"))
    };
    let mut window = vec![None; rows];
    let mut worth = vec![-1.0; rows];
    let mut spans = Vec::new();
    for (k, [first, last]) in windows.iter().enumerate() {
        let (first, last) = (row(first)?, row(last)?);
        let length = (last - first + 1) as f64;
        for i in first..=last {
            window[i] = Some(k);
            worth[i] = sigmoid(-((last - i + 1) as f64) / length) / sigmoid(-1.0);
        }
        spans.push((first, last));
    }
    let mut before = None;
    for i in 0..rows {
        if let Some(k) = window[i] {
            before = Some(spans[k]);
        } else if let Some((first, last)) = before {
            worth[i] = sigmoid((i - last) as f64 / (last - first) as f64);
        }
    }
    let from = (0.15 * rows as f64).floor().min(0.15 * 5_000.0) as usize;
    Ok(Labelled { series, from, window, worth, windows: windows.len() })
}

/// Whether `nab_score.py` says the same; true, and said, when there is no Python to ask.
fn agrees(files: &[Labelled], all: &[usize], folder: &Path) -> Result<bool> {
    let out = xtask::run::root().join("target/score-nab");
    for file in files {
        let series = &file.series;
        fs::create_dir_all(out.join(&series.family))?;
        let mut text = String::from("timestamp,value,anomaly_score\n");
        for ((time, value), score) in series.times.iter().zip(&series.texts).zip(&series.scores) {
            text.push_str(&format!("{time},{value},{score:.6}\n"));
        }
        fs::write(out.join(&series.family).join(format!("{}.csv", series.name)), text)?;
    }
    let thresholds: BTreeMap<_, _> =
        PROFILES.iter().map(|profile| (profile.key, THRESHOLD)).collect();
    fs::write(out.join("thresholds.json"), serde_json::to_string(&thresholds)?)?;
    let output = Command::new("python3")
        .arg(folder.join("nab_score.py"))
        .arg("--data")
        .arg(folder.join("data"))
        .arg("--labels")
        .arg(folder.join("labels/combined_windows.json"))
        .arg("--results")
        .arg(&out)
        .arg("--thresholds")
        .arg(out.join("thresholds.json"))
        .output();
    let Ok(output) = output else {
        println!("\npython3 is not here: nab_score.py was not asked");
        return Ok(true);
    };
    let told: serde_json::Value = serde_json::from_slice(&output.stdout)
        .with_context(|| String::from_utf8_lossy(&output.stderr).into_owned())?;
    let mut same = true;
    for profile in &PROFILES {
        let theirs = told["profiles"][profile.key]["score"].as_f64().unwrap_or(f64::NAN);
        let ours = profile.figure(files, all, THRESHOLD);
        same &= (theirs - ours).abs() < 0.01;
    }
    println!("\nnab_score.py {}", if same { "says the same" } else { "DOES NOT say the same" });
    Ok(same)
}

//! What `score nab` and `score kpi` share: reading the series, running the detector, splitting.
//!
//! The detector is run as it ships, with its one threshold; nothing is fitted here. A split fits
//! the threshold alone on one half of the files and uses it on the other, so that one sees how
//! much a fitted threshold flatters. What no split can show: the files given were all looked at
//! while the detector was made. Only files kept aside tell.

use std::fs;
use std::path::Path;
use std::path::PathBuf;

use anyhow::Context;
use anyhow::Result;
use anyhow::bail;
use outcry_core::detect::value::ValueDetector;
use outcry_core::time::UnixMillis;

use xtask::run;

/// Random halves.
pub const SPLITS: usize = 200;
/// Resamples of the files for an interval.
const RESAMPLES: usize = 2_000;

/// A file of values.
#[derive(Debug)]
pub struct Series {
    /// File name without its ending.
    pub name: String,
    /// The folder it is in.
    pub family: String,
    /// Times as they stand in the file.
    pub times: Vec<String>,
    /// Values as they stand in the file.
    pub texts: Vec<String>,
    /// The third column, where there is one.
    pub labels: Vec<bool>,
    /// What the detector said, row by row.
    pub scores: Vec<f64>,
}

/// Where the data of detection lies beside the repository, if it is there.
pub fn data(folder: &str) -> Option<PathBuf> {
    let beside = run::root().join("../shared/data/detection").join(folder);
    let given = Path::new("/work/shared/data/detection").join(folder);
    [beside, given].into_iter().find(|path| path.is_dir())
}

/// All CSV files under `folder/FAMILY/`, in order, with the scores of the detector.
pub fn read_all(folder: &Path) -> Result<Vec<Series>> {
    let mut series = Vec::new();
    let mut families: Vec<PathBuf> = entries(folder)?;
    families.retain(|path| path.is_dir());
    for family in families {
        for file in entries(&family)? {
            if file.extension().is_some_and(|ending| ending == "csv") {
                series.push(read(&file).with_context(|| file.display().to_string())?);
            }
        }
    }
    if series.is_empty() {
        bail!("there is no CSV file under {}", folder.display());
    }
    Ok(series)
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        paths.push(entry?.path());
    }
    paths.sort();
    Ok(paths)
}

fn read(file: &Path) -> Result<Series> {
    let text = fs::read_to_string(file)?;
    let stem = |path: Option<&Path>| {
        path.and_then(Path::file_stem).map(|stem| stem.to_string_lossy().into_owned())
    };
    let mut series = Series {
        name: stem(Some(file)).context("a file has a name")?,
        family: stem(file.parent()).context("a file has a folder")?,
        times: Vec::new(),
        texts: Vec::new(),
        labels: Vec::new(),
        scores: Vec::new(),
    };
    let mut detector = ValueDetector::new();
    for line in text.trim_start_matches('\u{feff}').lines().skip(1) {
        let mut columns = line.split(',').map(|column| column.trim().trim_matches('"'));
        let (Some(time), Some(value)) = (columns.next(), columns.next()) else { continue };
        let at = UnixMillis::parse(time)
            .or_else(|| UnixMillis::parse(&format!("{time}Z")))
            .with_context(|| format!("{time:?} is no time"))?;
        let score = detector.row(at, value.parse().unwrap_or(f64::NAN)).score;
        series.scores.push(score);
        series.times.push(time.to_owned());
        series.texts.push(value.to_owned());
        series.labels.push(columns.next() == Some("1"));
    }
    Ok(series)
}

/// Thresholds that a fit may choose from.
pub fn thresholds() -> impl Iterator<Item = f64> + Clone {
    (1..100).map(|percent| f64::from(percent) / 100.0)
}

/// Chance for splits and resamples: a seeded SplitMix64, so that a run can be repeated.
pub struct Chance(pub u64);

impl Chance {
    /// A number below `below`.
    pub fn index(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % below as u64) as usize
    }

    /// `files` in a random order.
    pub fn shuffled(&mut self, files: usize) -> Vec<usize> {
        let mut order: Vec<usize> = (0..files).collect();
        for i in (1..files).rev() {
            order.swap(i, self.index(i + 1));
        }
        order
    }
}

/// The middle 95 % of a figure when files are drawn with replacement.
pub fn interval(files: usize, figure: impl Fn(&[usize]) -> f64) -> (f64, f64) {
    let mut chance = Chance(1);
    let mut figures: Vec<f64> = (0..RESAMPLES)
        .map(|_| {
            let drawn: Vec<usize> = (0..files).map(|_| chance.index(files)).collect();
            figure(&drawn)
        })
        .filter(|figure| figure.is_finite())
        .collect();
    figures.sort_by(f64::total_cmp);
    let at = |part: f64| figures[((figures.len() - 1) as f64 * part) as usize];
    (at(0.025), at(0.975))
}

/// Mean over random halves: the figure on the half whose threshold was fitted, and on the other.
pub fn halves(files: usize, figure: impl Fn(&[usize], f64) -> f64) -> (f64, f64) {
    let mut chance = Chance(2);
    let (mut fitted, mut other, mut splits) = (0.0, 0.0, 0.0);
    for _ in 0..SPLITS {
        let order = chance.shuffled(files);
        let (one, two) = order.split_at(files / 2);
        let best = thresholds()
            .map(|threshold| (figure(one, threshold), threshold))
            .filter(|(figure, _)| figure.is_finite())
            .max_by(|a, b| a.0.total_cmp(&b.0));
        let Some((best, threshold)) = best else { continue };
        let there = figure(two, threshold);
        if there.is_finite() {
            fitted += best;
            other += there;
            splits += 1.0;
        }
    }
    (fitted / splits, other / splits)
}

//! `score kpi`: the value head on labelled operational series, at its fixed threshold.
//!
//! The first 30 % of a series do not count. An event is a run of labelled rows; it is hit by a
//! score above the threshold from its first row to seven later. A false row is above the threshold,
//! not labelled and not within seven rows of the start of an event; false rows within 60 of the
//! first of them are one. F1 is over all files together.
//!
//! Joining each false row to the *last* one instead has a hole: a detector that is always on then
//! makes one false alarm a calm stretch and reaches 0.85. So it is the first that counts here; the
//! other figure is printed too.

use std::process::ExitCode;

use anyhow::Result;
use outcry_core::detect::value::THRESHOLD;

use super::value;
use super::value::Series;

/// Part of a series that does not count.
const UNSCORED: f64 = 0.3;
/// Rows after the start of an event that may still hit it.
const HIT_ROWS: usize = 7;
/// False rows this near are one.
const MERGE_ROWS: usize = 60;
const PASS: f64 = 0.74;
const GOAL: f64 = 0.82;

#[derive(Clone, Copy, Default)]
struct Counts {
    hit: u32,
    missed: u32,
    false_alarms: u32,
}

/// To which false row another is joined.
#[derive(Clone, Copy)]
enum Merge {
    First,
    Last,
}

/// Scores all files; fails when the pass bar does not hold.
pub fn run() -> Result<ExitCode> {
    let Some(folder) = value::data("microsoft") else {
        println!("../shared/data/detection/microsoft is not here: nothing to score");
        return Ok(ExitCode::FAILURE);
    };
    let files = value::read_all(&folder)?;
    let all: Vec<usize> = (0..files.len()).collect();
    println!("{:38} {:16} {:>4} {:>6} {:>5}", "family", "file", "hit", "missed", "false");
    for file in &files {
        let counts = count(file, THRESHOLD, Merge::First);
        println!(
            "{:38} {:16} {:4} {:6} {:5}",
            file.family, file.name, counts.hit, counts.missed, counts.false_alarms
        );
    }
    let f1 = |chosen: &[usize], threshold: f64| f1(&files, chosen, threshold, Merge::First);
    let figure = f1(&all, THRESHOLD);
    let (low, high) = value::interval(files.len(), |drawn| f1(drawn, THRESHOLD));
    let (fitted, other) = value::halves(files.len(), f1);
    let total = total(&files, &all, THRESHOLD, Merge::First);
    println!(
        "\nhit {} of {} events, {} false alarms; 95 % of files {low:.3}..{high:.3}",
        total.hit,
        total.hit + total.missed,
        total.false_alarms
    );
    println!("threshold fitted on random halves: {fitted:.3} there, {other:.3} on the other half");
    let chained = self::f1(&files, &all, THRESHOLD, Merge::Last);
    println!("false rows joined to the last one instead of the first: {chained:.3}");
    println!(
        "kpi, threshold {THRESHOLD} on {} files: event F1 {figure:.3} (pass {PASS}, goal {GOAL})",
        files.len()
    );
    Ok(if figure >= PASS { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn total(files: &[Series], chosen: &[usize], threshold: f64, merge: Merge) -> Counts {
    chosen.iter().fold(Counts::default(), |sum, i| {
        let counts = count(&files[*i], threshold, merge);
        Counts {
            hit: sum.hit + counts.hit,
            missed: sum.missed + counts.missed,
            false_alarms: sum.false_alarms + counts.false_alarms,
        }
    })
}

fn f1(files: &[Series], chosen: &[usize], threshold: f64, merge: Merge) -> f64 {
    let sum = total(files, chosen, threshold, merge);
    let hit = 2.0 * f64::from(sum.hit);
    hit / (hit + f64::from(sum.missed) + f64::from(sum.false_alarms))
}

fn count(file: &Series, threshold: f64, merge: Merge) -> Counts {
    let rows = file.scores.len();
    let starts = |i: usize| file.labels[i] && (i == 0 || !file.labels[i - 1]);
    let mut excused = file.labels.clone();
    for i in (0..rows).filter(|i| starts(*i)) {
        excused[i..rows.min(i + HIT_ROWS + 1)].fill(true);
    }
    let mut counts = Counts::default();
    let mut alarm: Option<usize> = None;
    let from = (UNSCORED * rows as f64) as usize;
    for (i, excused) in excused.iter().enumerate().skip(from) {
        if starts(i) {
            let reach = &file.scores[i..rows.min(i + HIT_ROWS + 1)];
            if reach.iter().any(|score| *score >= threshold) {
                counts.hit += 1;
            } else {
                counts.missed += 1;
            }
        }
        if file.scores[i] < threshold || *excused {
            continue;
        }
        let joined = alarm.is_some_and(|alarm| i - alarm <= MERGE_ROWS);
        if !joined {
            counts.false_alarms += 1;
        }
        if !joined || matches!(merge, Merge::Last) {
            alarm = Some(i);
        }
    }
    counts
}

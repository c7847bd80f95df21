//! How many values a second one core can watch, and how much room a series takes.
//!
//! Budget: 1 M values a second and 16 kB a series pass, 5 M is the goal (`docs/explanation`). The
//! load is 1,000 series side by side, a row of each in turn, so that no series stays in the
//! nearest cache: a day with noise, and in one row of a hundred a spike, which costs logarithms.
//!
//! # What it cannot tell
//!
//! The cost of reading numbers from anywhere.

// A bench is a shell: it may ask for the time.
#![allow(clippy::disallowed_methods)]

use std::hint::black_box;
use std::process::ExitCode;
use std::time::Instant;

use outcry_core::detect::value::ValueDetector;
use outcry_core::time::UnixMillis;

const SERIES: usize = 1_000;
const ROWS: i64 = 2_000;
const ROUNDS: usize = 5;
const PASS_PER_S: f64 = 1e6;
const GOAL_PER_S: f64 = 5e6;
const BYTES_MAX: usize = 16_384;

fn main() -> ExitCode {
    let mut best = 0.0_f64;
    println!("{:>6} {:>16}", "round", "values a second");
    for round in 0..ROUNDS {
        let mut detectors = vec![ValueDetector::new(); SERIES];
        let begun = Instant::now();
        let mut told = 0.0;
        for row in 0..ROWS {
            for (series, detector) in detectors.iter_mut().enumerate() {
                let at = UnixMillis(row * 60_000);
                told += detector.row(at, black_box(value(row, series as i64))).score;
            }
        }
        black_box(told);
        let per_s = (SERIES as i64 * ROWS) as f64 / begun.elapsed().as_secs_f64();
        println!("{round:>6} {per_s:>16.0}");
        best = best.max(per_s);
    }
    let bytes = size_of::<ValueDetector>();
    println!(
        "values {:.1} M a second on one core (pass {:.0} M, goal {:.0} M), {bytes} bytes a \
         series (pass {BYTES_MAX})",
        best / 1e6,
        PASS_PER_S / 1e6,
        GOAL_PER_S / 1e6
    );
    let holds = best >= PASS_PER_S && bytes <= BYTES_MAX;
    if holds { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Cheap: a triangle for a day, a hash for noise.
fn value(row: i64, series: i64) -> f64 {
    let day = ((row % 1_440) - 720).abs() as f64;
    let mixed = ((row * 7_919 + series * 104_729) as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let noise = (mixed >> 40) as f64 / f64::from(1_u32 << 24);
    let spike = if mixed.is_multiple_of(100) { 900.0 } else { 0.0 };
    200.0 + day / 10.0 + 20.0 * noise + spike
}

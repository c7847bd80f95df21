//! A day in a thumbnail: reports over usual, each step of height doubles, one scale for all.
//!
//! The line is drawn from half the usual level to 128 times; a stretch that reaches twice the usual
//! is filled. Steps without a measurement are a dotted band, never a level.
//!
//! # What it cannot tell
//!
//! How many reports there were: a small service at 8 times its usual stands as high as a large one.

use maud::Markup;
use maud::html;

use crate::chart::path::PathData;

/// Units of height one doubling takes.
const UNITS_PER_DOUBLING: f64 = 4.0;
/// Doublings above the usual level that are drawn: 2^7 is 128 times.
const DOUBLINGS_MAX: f64 = 7.0;
/// Doublings below the usual level that are drawn: half.
const DOUBLINGS_MIN: f64 = -1.0;
/// Height of the drawing, in units.
const HEIGHT: i64 = 32;
/// Where the usual level lies, in units from the top.
const USUAL_Y: i64 = 28;
/// Where twice the usual lies: a stretch that never gets there is not filled.
const FILLED_Y: i64 = 24;
/// Path data longer than this is drawn again in steps twice as long, so that a list stays small.
const PATH_BYTES_MAX: usize = 240;

/// Draws `multiples` of the usual level, oldest first, `None` where nothing was measured.
///
/// `label` is the whole of it in words.
pub fn spark(multiples: &[Option<f64>], label: &str) -> Markup {
    let mut levels: Vec<Option<i64>> = multiples.iter().map(|m| m.and_then(level)).collect();
    let mut lines = Lines::of(&levels);
    while lines.bytes() > PATH_BYTES_MAX {
        levels = levels.chunks(2).map(highest).collect();
        lines = Lines::of(&levels);
    }
    let width = levels.len().max(2) - 1;
    html! {
        svg.spark viewBox={"0 0 " (width) " " (HEIGHT)} preserveAspectRatio="none" role="img"
            aria-label=(label) {
            path.us d={"M0 " (USUAL_Y) "h" (width)} {}
            @if !lines.missing.is_empty() { path.no d=(lines.missing) {} }
            @if !lines.calm.is_empty() { path.ln d=(lines.calm) {} }
            @if !lines.filled.is_empty() { path.ex d=(lines.filled) {} }
        }
    }
}

/// Height of a multiple in units from the top; `None` when it is not a number.
fn level(multiple: f64) -> Option<i64> {
    if multiple.is_nan() {
        return None;
    }
    let doublings = multiple.max(0.0).log2().clamp(DOUBLINGS_MIN, DOUBLINGS_MAX);
    Some(((DOUBLINGS_MAX - doublings) * UNITS_PER_DOUBLING).round() as i64)
}

/// The highest of some steps, which is the smallest y; missing only when all are.
fn highest(steps: &[Option<i64>]) -> Option<i64> {
    steps.iter().flatten().min().copied()
}

/// Path data of the three kinds of stretch; every step is in one of them only.
struct Lines {
    calm: String,
    filled: String,
    missing: String,
}

impl Lines {
    fn of(levels: &[Option<i64>]) -> Self {
        let (mut calm, mut filled, mut missing) =
            (PathData::new(), PathData::new(), PathData::new());
        let mut from = 0;
        while from < levels.len() {
            let kind = kind(levels, from);
            let until = (from..levels.len())
                .find(|&i| self::kind(levels, i) != kind)
                .unwrap_or(levels.len());
            match kind {
                Kind::Missing => {
                    missing.move_to(position(from), USUAL_Y);
                    missing.line_to(position(until.min(levels.len() - 1)), USUAL_Y);
                }
                Kind::Calm => draw(&mut calm, levels, from, until),
                Kind::Filled => draw_filled(&mut filled, levels, from, until),
            }
            from = until;
        }
        Self { calm: calm.finish(), filled: filled.finish(), missing: missing.finish() }
    }

    fn bytes(&self) -> usize {
        self.calm.len() + self.filled.len() + self.missing.len()
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Missing,
    Calm,
    Filled,
}

/// Whether a step belongs to a stretch above usual that somewhere reaches [`FILLED_Y`].
fn kind(levels: &[Option<i64>], at: usize) -> Kind {
    let above = |level: &Option<i64>| level.is_some_and(|y| y < USUAL_Y);
    match levels[at] {
        None => Kind::Missing,
        Some(y) if y >= USUAL_Y => Kind::Calm,
        Some(_) => {
            let before = levels[..at].iter().rev().take_while(|l| above(l));
            let after = levels[at..].iter().take_while(|l| above(l));
            let reaches = before.chain(after).flatten().any(|&y| y <= FILLED_Y);
            if reaches { Kind::Filled } else { Kind::Calm }
        }
    }
}

/// A calm stretch. A step alone between two gaps becomes a dash, or it would not be seen.
fn draw(path: &mut PathData, levels: &[Option<i64>], from: usize, until: usize) {
    let stretch: Vec<i64> = levels[from..until].iter().flatten().copied().collect();
    for (i, &y) in stretch.iter().enumerate() {
        if i == 0 {
            path.move_to(position(from), y);
        } else {
            path.line_to(position(from + i), y);
        }
    }
    if let [alone] = stretch[..]
        && until < levels.len()
    {
        path.line_to(position(until), alone);
    }
}

/// A filled stretch, tied to its neighbours. An open path is filled along the chord between its
/// ends, so both ends lie at the usual level.
fn draw_filled(path: &mut PathData, levels: &[Option<i64>], from: usize, until: usize) {
    match from.checked_sub(1).and_then(|i| levels[i]) {
        Some(y) => path.move_to(position(from - 1), y),
        None => path.move_to(position(from), USUAL_Y),
    }
    for (i, &y) in (from..until).zip(levels[from..until].iter().flatten()) {
        path.line_to(position(i), y);
    }
    match levels.get(until).copied().flatten() {
        Some(y) => path.line_to(position(until), y),
        None => path.line_to(position(until - 1), USUAL_Y),
    }
}

fn position(step: usize) -> i64 {
    i64::try_from(step).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::any;
    use proptest::prelude::proptest;

    use super::*;

    #[test]
    fn a_stretch_at_eight_times_is_filled_and_noise_is_not() {
        let mut day = vec![Some(1.0); 96];
        day[10] = Some(1.4);
        assert!(!spark(&day, "quiet").into_string().contains("path class=\"ex\""));
        day[40..44].fill(Some(8.0));
        let svg = spark(&day, "a surge").into_string();
        assert!(svg.contains("<path class=\"ex\" d=\"M39 28l1-12h3l1 12\">"), "{svg}");
    }

    #[test]
    fn what_was_not_measured_is_a_band_and_not_a_level() {
        let day = [Some(1.0), Some(1.0), None, None, Some(1.0), Some(1.0)];
        let svg = spark(&day, "a gap").into_string();
        assert!(svg.contains("class=\"no\" d=\"M2 28h2\""), "{svg}");
        assert!(svg.contains("class=\"ln\" d=\"M0 28h1m3 0h1\""), "{svg}");
    }

    #[test]
    fn the_scale_is_cut_at_half_and_at_128_times() {
        assert_eq!(level(0.0), Some(32));
        assert_eq!(level(0.5), Some(32));
        assert_eq!(level(1.0), Some(28));
        assert_eq!(level(128.0), Some(0));
        assert_eq!(level(f64::INFINITY), Some(0));
        assert_eq!(level(f64::NAN), None);
    }

    proptest! {
        #[test]
        fn any_day_is_at_most_500_bytes(
            day in proptest::collection::vec(proptest::option::of(any::<f64>()), 0..200),
        ) {
            let svg = spark(&day, "Reports for X in the last 24 hours").into_string();
            assert!(svg.len() <= 500, "{} bytes: {svg}", svg.len());
            assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
        }
    }
}

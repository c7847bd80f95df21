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
/// Where the usual level lies, in units from the top; the style sheet draws it.
const USUAL_Y: i64 = 28;
/// Where twice the usual lies: a stretch that never gets there is not filled.
const FILLED_Y: i64 = 24;
/// Paths longer than this are drawn again in steps twice as long, so that a list stays small.
const PATH_BYTES_MAX: usize = 360;
/// Bytes around the data of one path.
const TAG_BYTES: usize = 29;

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
            @if !lines.missing.is_empty() { path.no d=(lines.missing) {} }
            @if !lines.filled.is_empty() { path.ex d=(lines.filled) {} }
            @if !lines.line.is_empty() { path.ln d=(lines.line) {} }
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

/// Path data by how it is drawn.
struct Lines {
    /// A line alone.
    line: String,
    /// A line with what it encloses filled, which takes half the bytes of a line and an area.
    filled: String,
    /// Not measured.
    missing: String,
}

impl Lines {
    fn of(levels: &[Option<i64>]) -> Self {
        let (mut line, mut filled, mut missing) =
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
                Kind::Calm => draw_calm(&mut line, levels, from, until),
                Kind::Filled => draw_filled(&mut filled, levels, from, until),
            }
            from = until;
        }
        Self { line: line.finish(), filled: filled.finish(), missing: missing.finish() }
    }

    fn bytes(&self) -> usize {
        let paths = [&self.line, &self.filled, &self.missing];
        paths.iter().filter(|data| !data.is_empty()).map(|data| data.len() + TAG_BYTES).sum()
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

/// A filled stretch as one open path, which is filled along the chord between its ends.
///
/// Between two calm stretches both ends lie at the usual level. Where the stretch ends at now or at
/// a gap the path begins with its foot instead, and its last side is the chord: filled, not drawn.
fn draw_filled(path: &mut PathData, levels: &[Option<i64>], from: usize, until: usize) {
    let (before, after) = neighbours(levels, from, until);
    let left = position(if before.is_some() { from - 1 } else { from });
    let right = position(if after.is_some() { until } else { until - 1 });
    let stretch = levels[from..until].iter().enumerate();
    let stretch = stretch.filter_map(|(i, level)| Some((position(from + i), (*level)?)));
    match (before, after) {
        (_, None) => {
            path.move_to(right, USUAL_Y);
            path.line_to(left, USUAL_Y);
        }
        (None, Some(_)) => {
            path.move_to(left, USUAL_Y);
            path.line_to(right, USUAL_Y);
            stretch.rev().for_each(|(x, y)| path.line_to(x, y));
            return;
        }
        _ => path.move_to(left, USUAL_Y),
    }
    stretch.for_each(|(x, y)| path.line_to(x, y));
    if after.is_some() {
        path.line_to(right, USUAL_Y);
    }
}

/// A calm stretch as a line; where it meets a filled one it comes to the usual level, so that the
/// fill, which is closed along the chord between its ends, has a level foot.
fn draw_calm(path: &mut PathData, levels: &[Option<i64>], from: usize, until: usize) {
    let (before, after) = neighbours(levels, from, until);
    let stretch: Vec<i64> = levels[from..until].iter().flatten().copied().collect();
    if stretch.len() == 1 && before.is_some() && after.is_some() {
        // Both neighbours come down to the usual level here.
        return;
    }
    let first = stretch.first().copied().unwrap_or(USUAL_Y);
    path.move_to(position(from), if before.is_some() { USUAL_Y } else { first });
    for (i, &y) in stretch.iter().enumerate() {
        path.line_to(position(from + i), y);
    }
    match (&stretch[..], after) {
        (_, Some(_)) => path.line_to(position(until - 1), USUAL_Y),
        ([alone], None) if before.is_none() && until < levels.len() => {
            path.line_to(position(until), *alone);
        }
        _ => {}
    }
}

/// The levels just before and just after a stretch.
fn neighbours(levels: &[Option<i64>], from: usize, until: usize) -> (Option<i64>, Option<i64>) {
    let before = from.checked_sub(1).and_then(|i| levels[i]);
    (before, levels.get(until).copied().flatten())
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

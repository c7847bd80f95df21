//! Points: rows of minutes summed to what a line can show, and no minute invented.
//!
//! A point stands at the end of its window of whole minutes; windows follow the clock, so a peak
//! keeps its value from one page to the next. The newest window ends at the newest row instead. A
//! window with a minute missing is missing: a sum with a hole would pass for calm.

use std::ops::Range;

use outcry_core::series::MinuteRow;
use outcry_core::time::UnixMinute;

/// Minutes in a day.
pub const DAY_MINUTES: i64 = 24 * 60;
/// Rows older than this before the newest are left out.
pub const SPAN_MINUTES_MAX: i64 = 92 * DAY_MINUTES;
/// A span up to this is drawn minute by minute.
const EVERY_MINUTE_MAX: i64 = 720;
/// Points drawn for a longer span.
const POINTS_MAX: i64 = 300;
/// Windows a longer span is summed to, in minutes; each divides a day.
const STEPS: [i64; 9] = [5, 10, 15, 30, 60, 120, 180, 360, 720];
/// Beyond chance is this many times the usual level ...
const BEYOND_TIMES_USUAL: f64 = 2.0;
/// ... and above it by this many times its square root: a report alone is never beyond chance.
const BEYOND_DEVIATIONS: f64 = 4.0;
/// A usual level above this is taken for this.
const USUAL_MAX: f64 = 1e12;

/// Reports of one window.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// The end of the window, in minutes since 1970.
    pub minute: i64,
    /// Reports counted in it; `None` when a minute is missing.
    pub counted: Option<u64>,
    /// Reports usual in it; `None` when that is not known.
    pub usual: Option<f64>,
}

impl Point {
    /// Whether more was counted than is usual.
    pub fn is_above(&self) -> bool {
        self.counted.zip(self.usual).is_some_and(|(counted, usual)| counted as f64 > usual)
    }

    /// Whether so much more was counted that it is drawn in colour outside every surge too.
    pub fn is_beyond_chance(&self) -> bool {
        self.counted.zip(self.usual).is_some_and(|(counted, usual)| {
            let chance = usual + BEYOND_DEVIATIONS * usual.max(1.0).sqrt();
            counted as f64 >= (usual * BEYOND_TIMES_USUAL).max(chance)
        })
    }
}

/// Every window of some rows.
#[derive(Clone, Debug, PartialEq)]
pub struct Points {
    /// Minutes in a window.
    pub step: i64,
    /// Windows by the clock, oldest first and none left out.
    pub grid: Vec<Point>,
    /// The window that ends at the newest row, when the clock has none there.
    pub newest: Option<Point>,
    /// The usual level after the newest row, as far as the rows know it.
    pub ahead: Vec<Point>,
}

impl Points {
    /// Sums `rows`; those after `now` only tell what is usual.
    pub fn of(rows: &[MinuteRow], now: Option<UnixMinute>) -> Self {
        let Some(span) = span(rows, now) else {
            return Self { step: 1, grid: Vec::new(), newest: None, ahead: Vec::new() };
        };
        let step = step_of(span.end - span.start);
        let minutes = Minutes::of(rows, &span);
        let first = (span.start + step).div_euclid(step) * step;
        let first = if first < span.start + step { first + step } else { first };
        let ends = (0..).map(|i| first + i * step).take_while(|end| *end <= span.end);
        let grid: Vec<Point> = ends.map(|end| minutes.window(end, step)).collect();
        let on_grid = grid.last().is_some_and(|point| point.minute == span.end);
        let newest = (!on_grid).then(|| minutes.window(span.end, step));
        Self { step, grid, newest, ahead: ahead(rows, &span, step) }
    }

    /// Every window in order of time.
    pub fn all(&self) -> impl DoubleEndedIterator<Item = Point> + Clone + '_ {
        self.grid.iter().copied().chain(self.newest)
    }

    /// The fullest window that ends in a span of minutes, the first of equals.
    pub fn peak(&self, within: Range<i64>) -> Option<Point> {
        let inside = self.all().filter(|p| within.contains(&p.minute) && p.counted.is_some());
        inside.rev().max_by_key(|p| p.counted)
    }
}

/// Reports of one hour or day, as far as it was measured.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sum {
    /// Its first minute since 1970.
    pub start: i64,
    /// Reports counted in the minutes there are.
    pub counted: u64,
    /// Reports usual in the minutes there are.
    pub usual: f64,
    /// Minutes there are.
    pub minutes: i64,
    /// Minutes there should be: fewer at both ends of the span.
    pub minutes_due: i64,
}

/// Sums by the clock in steps of `step` minutes, from the first measured minute to the last.
pub fn sums(rows: &[MinuteRow], now: Option<UnixMinute>, step: i64) -> Vec<Sum> {
    let Some(span) = span(rows, now) else { return Vec::new() };
    let minutes = Minutes::of(rows, &span);
    let first = span.start.div_euclid(step) * step;
    let starts = (0..).map(|i| first + i * step).take_while(|start| *start < span.end);
    let sum = |start: i64| {
        let (from, until) = (start.max(span.start), (start + step).min(span.end));
        let cells = minutes.between(from, until).iter().flatten();
        let empty = Sum { start, counted: 0, usual: 0.0, minutes: 0, minutes_due: until - from };
        cells.fold(empty, |sum, (counted, usual)| Sum {
            counted: sum.counted + counted,
            usual: sum.usual + usual.unwrap_or(0.0),
            minutes: sum.minutes + 1,
            ..sum
        })
    };
    starts.map(sum).collect()
}

/// Minutes summed to one point for a span of minutes.
pub fn step_of(span: i64) -> i64 {
    if span <= EVERY_MINUTE_MAX {
        return 1;
    }
    let fits = |step: &i64| span / step <= POINTS_MAX;
    let days = || DAY_MINUTES * (span / DAY_MINUTES / POINTS_MAX + 1);
    STEPS.into_iter().find(fits).unwrap_or_else(days)
}

/// From the first measured minute to the end of the last one, not longer than is drawn.
pub fn span(rows: &[MinuteRow], now: Option<UnixMinute>) -> Option<Range<i64>> {
    let measured = || rows.iter().map(minute_of).filter(|m| is_measured(*m, now));
    let (oldest, newest) = (measured().min()?, measured().max()?);
    Some(oldest.max(newest - SPAN_MINUTES_MAX + 1)..newest + 1)
}

/// The minute of a row, kept away from the ends of time, where sums would overflow.
fn minute_of(row: &MinuteRow) -> i64 {
    row.minute.0.clamp(i64::MIN / 4, i64::MAX / 4)
}

fn is_measured(minute: i64, now: Option<UnixMinute>) -> bool {
    now.is_none_or(|now| minute <= now.0)
}

fn usual_of(row: &MinuteRow) -> Option<f64> {
    row.usual.is_finite().then(|| row.usual.clamp(0.0, USUAL_MAX))
}

/// The usual level after the rows that were measured, one point a window.
fn ahead(rows: &[MinuteRow], span: &Range<i64>, step: i64) -> Vec<Point> {
    let after = span.end..span.end.saturating_add(SPAN_MINUTES_MAX);
    let mut points: Vec<Point> = rows
        .iter()
        .filter(|row| after.contains(&minute_of(row)) && minute_of(row) % step == 0)
        .map(|row| Point {
            minute: minute_of(row),
            counted: None,
            usual: usual_of(row).map(|usual| usual * step as f64),
        })
        .collect();
    points.sort_by_key(|point| point.minute);
    points.dedup_by_key(|point| point.minute);
    points
}

/// One place for each minute of a span.
struct Minutes {
    start: i64,
    counts: Vec<Option<(u64, Option<f64>)>>,
}

impl Minutes {
    fn of(rows: &[MinuteRow], span: &Range<i64>) -> Self {
        let mut counts = vec![None; usize::try_from(span.end - span.start).unwrap_or(0)];
        for row in rows {
            let place = usize::try_from(minute_of(row) - span.start).ok();
            if let Some(cell) = place.and_then(|i| counts.get_mut(i)) {
                *cell = Some((u64::from(row.counted), usual_of(row)));
            }
        }
        Self { start: span.start, counts }
    }

    fn window(&self, end: i64, step: i64) -> Point {
        let cells = self.between(end - step, end);
        let cells = if cells.is_empty() { &[None] } else { cells };
        let counted = cells.iter().map(|cell| cell.map(|(counted, _)| counted)).sum();
        let usual = cells.iter().map(|cell| cell.and_then(|(_, usual)| usual)).sum();
        Point { minute: end, counted, usual }
    }

    /// The minutes from one to before another; none when any lies outside.
    fn between(&self, from: i64, until: i64) -> &[Option<(u64, Option<f64>)>] {
        let place = |minute: i64| usize::try_from(minute - self.start).ok();
        let cells = place(from).zip(place(until)).and_then(|(a, b)| self.counts.get(a..b));
        cells.unwrap_or(&[])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(minute: i64, counted: u32) -> MinuteRow {
        MinuteRow { minute: UnixMinute(minute), received: counted, counted, usual: 1.0 }
    }

    #[test]
    fn a_day_is_summed_to_five_minutes_and_nothing_is_lost() {
        let rows: Vec<MinuteRow> = (0..1440).map(|m| row(m, 1)).collect();
        let points = Points::of(&rows, None);
        assert_eq!((points.step, points.grid.len()), (5, 288));
        assert!(points.all().all(|p| p.counted == Some(5) && p.usual == Some(5.0)));
        assert_eq!(points.grid[0].minute, 5, "a window stands at its end");
        assert_eq!(points.newest, None, "the clock has a window that ends there");
    }

    #[test]
    fn the_newest_window_ends_at_the_newest_row() {
        let rows: Vec<MinuteRow> = (0..1442).map(|m| row(m, 1)).collect();
        let newest = Points::of(&rows, None).newest.expect("two minutes past the grid");
        assert_eq!((newest.minute, newest.counted), (1442, Some(5)));
    }

    #[test]
    fn a_window_with_a_hole_is_missing() {
        let rows: Vec<MinuteRow> = (0..1440).filter(|m| *m != 17).map(|m| row(m, 1)).collect();
        let points = Points::of(&rows, None);
        let missing: Vec<i64> =
            points.all().filter(|p| p.counted.is_none()).map(|p| p.minute).collect();
        assert_eq!(missing, [20]);
    }

    #[test]
    fn rows_after_now_only_tell_what_is_usual() {
        let rows: Vec<MinuteRow> = (0..10).map(|m| row(m, 3)).collect();
        let points = Points::of(&rows, Some(UnixMinute(6)));
        assert_eq!(points.grid.len(), 7);
        assert_eq!(points.ahead.len(), 3);
        assert!(points.ahead.iter().all(|p| p.counted.is_none() && p.usual == Some(1.0)));
    }

    #[test]
    fn steps_grow_with_the_span() {
        let cases = [(1, 1), (720, 1), (721, 5), (1440, 5), (2880, 10), (4320, 15), (10_080, 60)];
        for (span, step) in cases {
            assert_eq!(step_of(span), step, "{span} minutes");
        }
        assert_eq!(step_of(365 * DAY_MINUTES), 2 * DAY_MINUTES);
    }
}

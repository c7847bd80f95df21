//! The scene of a surge chart: its points in its frame, as paths, gaps and a skyline.
//!
//! Nothing here is about words. The skyline answers the one question labels ask: how high does
//! anything drawn reach between two places across?

use std::ops::Range;

use outcry_core::series::MinuteRow;
use outcry_core::time::UnixMinute;

use crate::chart::frame::Frame;
use crate::chart::frame::UNITS;
use crate::chart::frame::gridlines;
use crate::chart::path::PathData;
use crate::chart::points::DAY_MINUTES;
use crate::chart::points::Point;
use crate::chart::points::Points;
use crate::chart::points::SPAN_MINUTES_MAX;

/// Height of the smallest plot a page shows, in pixels.
pub const HEIGHT_PX_MIN: f64 = 330.0;
/// Pixels above the top gridline, for its label.
const TOP_LABEL_PX: f64 = 22.0;
/// Minutes across at least; a chart that has just begun leaves room for what is to come.
const SPAN_MINUTES_MIN: i64 = 60;
/// Part of the frame left empty before the first minute, at most.
const LEAD_MAX: f64 = 0.5;
/// The usual level runs on for the span divided by this.
const RUN_ON_PARTS: i64 = 6;
/// The scale reaches at least this many times the usual level, so that noise does not look tall.
const TIMES_USUAL_MIN: f64 = 3.0;
/// The scale reaches at least this many reports.
const COUNT_MIN: f64 = 10.0;
/// A chart's data where it will be drawn.
pub struct Scene {
    /// The windows.
    pub points: Points,
    /// The frame they are in.
    pub frame: Frame,
    /// Reports between two gridlines, and how many lines there are.
    pub grid: (u64, u64),
    /// The minute at which data ends and what is usual runs on alone.
    pub end: i64,
    /// The last window, when it is fresh enough to be called now.
    pub now: Option<Point>,
    /// Stretches without data, in minutes.
    pub gaps: Vec<Range<i64>>,
    sky: Vec<[(f64, f64); 2]>,
}

impl Scene {
    /// Puts rows in a frame with `headroom` pixels above the highest count, and `lead` of the
    /// frame left empty before the first minute.
    pub fn of(rows: &[MinuteRow], now: Option<UnixMinute>, headroom: f64, lead: f64) -> Self {
        let points = Points::of(rows, now);
        let newest = points.all().next_back().map(|p| p.minute);
        let limit = i64::MAX / 4;
        let clock = now.map(|now| now.0.clamp(-limit, limit));
        let end = match (newest, clock) {
            (Some(end), Some(now)) => now.clamp(end, end + SPAN_MINUTES_MAX),
            (end, now) => end.or(now).unwrap_or(0),
        };
        let first = points.all().next().map_or(end - DAY_MINUTES, |p| p.minute - points.step);
        let drawn = end - first;
        let run_on = if now.is_some() { drawn / RUN_ON_PARTS } else { 0 };
        let run_on = run_on.max(SPAN_MINUTES_MIN - drawn);
        let lead = lead.min(LEAD_MAX);
        let lead = ((drawn + run_on) as f64 * lead / (1.0 - lead)).ceil() as i64;
        let (grid, top) = scale(&points, headroom);
        let span = lead + drawn + run_on;
        let frame = Frame { left: first - lead, start: first, span, top };
        let gaps = gaps(&points, first, end);
        let fresh = |p: &Point| p.counted.is_some() && end - p.minute <= points.step;
        let now = points.all().next_back().filter(|p| now.is_some() && fresh(p));
        let sky = Vec::new();
        let mut scene = Self { points, frame, grid, end, now, gaps, sky };
        scene.sky = scene.skyline();
        scene
    }

    /// The highest point drawn between two places across, 0 the top of the frame and 1 its foot.
    pub fn highest(&self, from: f64, until: f64) -> f64 {
        let cut = |[(x0, y0), (x1, y1)]: &[(f64, f64); 2]| {
            let at = |x: f64| {
                let part = if x1 > x0 { (x.clamp(*x0, *x1) - x0) / (x1 - x0) } else { 0.0 };
                y0 + (y1 - y0) * part
            };
            at(from).min(at(until))
        };
        let over = self.sky.iter().filter(|[(x0, _), (x1, _)]| *x1 >= from && *x0 <= until);
        over.map(cut).fold(1.0, f64::min)
    }

    /// Whether a stretch without data lies between two places across.
    pub fn is_missing(&self, from: f64, until: f64) -> bool {
        let place = |gap: &Range<i64>| (self.frame.x(gap.start), self.frame.x(gap.end));
        self.gaps.iter().map(place).any(|(x0, x1)| x0 < until && from < x1)
    }

    /// What is usual at the right edge, in reports a window.
    pub fn usual_at_end(&self) -> Option<f64> {
        self.usual().rev().find_map(|point| point.usual)
    }

    /// The line of counted reports.
    pub fn line(&self) -> String {
        let mut path = PathData::new();
        let points: Vec<Point> = self.points.all().collect();
        for stretch in points.split(|p| p.counted.is_none()) {
            if let [alone] = stretch {
                // Its own window, level: a point alone would not be seen.
                let (x, y) = self.place(alone, alone.counted.map(|c| c as f64));
                path.move_to((x - self.points.step).max(0), y);
                path.line_to(x, y);
                continue;
            }
            self.trace(&mut path, stretch, |p| p.counted.map(|c| c as f64));
        }
        path.finish()
    }

    /// The usual level, on to the right edge when the chart runs on.
    pub fn usual_line(&self) -> String {
        let mut path = PathData::new();
        let mut points: Vec<Point> = self.usual().collect();
        let right = self.frame.left + self.frame.span;
        if let Some(last) = points.last().copied() {
            points.push(Point { minute: right.max(last.minute), ..last });
        }
        for stretch in points.split(|p| p.usual.is_none()) {
            self.trace(&mut path, stretch, |p| p.usual);
        }
        path.finish()
    }

    /// What exceeds the usual level, by more than chance or inside one of `surges`.
    pub fn excess(&self, surges: &[Range<i64>]) -> String {
        let points: Vec<Point> = self.points.all().collect();
        let mut path = PathData::new();
        let mut from = 0;
        while from < points.len() {
            let above = points[from..].iter().take_while(|p| p.is_above()).count();
            let run = &points[from..from + above];
            if run
                .iter()
                .any(|p| p.is_beyond_chance() || surges.iter().any(|s| s.contains(&p.minute)))
            {
                let before = from.checked_sub(1).map(|i| points[i]);
                self.fill(&mut path, before, run, points.get(from + above).copied());
            }
            from += above.max(1);
        }
        path.finish()
    }

    fn fill(
        &self,
        path: &mut PathData,
        before: Option<Point>,
        run: &[Point],
        after: Option<Point>,
    ) {
        let (Some(first), Some(last)) = (run.first(), run.last()) else { return };
        let counted = |p: &Point| p.counted.map(|c| c as f64);
        let start = before.and_then(|p| self.crossing(&p, first));
        let start = start.unwrap_or_else(|| self.place(first, first.usual));
        path.move_to(start.0, start.1);
        for point in run {
            let (x, y) = self.place(point, counted(point));
            path.line_to(x, y);
        }
        if let Some((x, y)) = after.and_then(|p| self.crossing(last, &p)) {
            path.line_to(x, y);
        }
        for point in run.iter().rev() {
            let (x, y) = self.place(point, point.usual);
            path.line_to(x, y);
        }
        path.line_to(start.0, start.1);
    }

    /// Where the line crosses the usual level between two points, when it does.
    fn crossing(&self, a: &Point, b: &Point) -> Option<(i64, i64)> {
        let over = |p: &Point| Some(p.counted? as f64 - p.usual?);
        let (over_a, over_b) = (over(a)?, over(b)?);
        let part = over_a / (over_a - over_b);
        if !(0.0..=1.0).contains(&part) {
            return None;
        }
        let (usual_a, usual_b) = (a.usual?, b.usual?);
        let x = a.minute + (part * (b.minute - a.minute) as f64).round() as i64;
        let y = self.frame.y_units(usual_a + (usual_b - usual_a) * part);
        Some((self.frame.x_units(x), y))
    }

    fn trace(&self, path: &mut PathData, points: &[Point], value: fn(&Point) -> Option<f64>) {
        for (i, point) in points.iter().enumerate() {
            let (x, y) = self.place(point, value(point));
            if i == 0 {
                path.move_to(x, y);
            } else {
                path.line_to(x, y);
            }
        }
    }

    fn place(&self, point: &Point, value: Option<f64>) -> (i64, i64) {
        let y = value.map_or(UNITS, |value| self.frame.y_units(value));
        (self.frame.x_units(point.minute), y)
    }

    fn usual(&self) -> impl DoubleEndedIterator<Item = Point> + '_ {
        let right = self.frame.left + self.frame.span;
        let ahead = self.points.ahead.iter().filter(move |p| p.minute <= right);
        self.points.all().chain(ahead.copied())
    }

    fn skyline(&self) -> Vec<[(f64, f64); 2]> {
        let right = self.frame.left + self.frame.span;
        let mut points: Vec<(f64, f64)> = self
            .usual()
            .map(|p| {
                let counted = p.counted.map_or(0.0, |c| c as f64);
                (self.frame.x(p.minute), self.frame.y(counted.max(p.usual.unwrap_or(0.0))))
            })
            .collect();
        let usual = self.usual_at_end().map_or(1.0, |usual| self.frame.y(usual));
        if let Some((x, _)) = points.last().copied() {
            points.extend([(x, usual), (self.frame.x(right), usual)]);
        }
        points.windows(2).map(|pair| [pair[0], pair[1]]).collect()
    }
}

/// The gridlines, and the count at the top edge.
fn scale(points: &Points, headroom: f64) -> ((u64, u64), f64) {
    let counted = points.all().filter_map(|p| p.counted).max().unwrap_or(0) as f64;
    let usual = points.all().chain(points.ahead.iter().copied()).filter_map(|p| p.usual);
    let usual = usual.fold(0.0, f64::max);
    let grid = gridlines(counted.max(usual * TIMES_USUAL_MIN).max(COUNT_MIN));
    let with_room = |count: f64, room_px: f64| count / (1.0 - room_px / HEIGHT_PX_MIN);
    let top_line = (grid.0.saturating_mul(grid.1)) as f64;
    (grid, with_room(counted, headroom).max(with_room(top_line, TOP_LABEL_PX)))
}

/// Stretches of `from..until` between two measured windows that do not follow each other.
fn gaps(points: &Points, from: i64, until: i64) -> Vec<Range<i64>> {
    let measured = points.all().filter(|p| p.counted.is_some()).map(|p| p.minute);
    let mut gaps = Vec::new();
    let mut last = from;
    for minute in measured.chain([until]) {
        if minute - last > points.step {
            gaps.push(last..minute);
        }
        last = minute;
    }
    gaps
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(counts: &[Option<u32>]) -> Vec<MinuteRow> {
        let row = |(i, count): (usize, &Option<u32>)| {
            count.map(|counted| MinuteRow {
                minute: UnixMinute(i as i64),
                received: counted,
                counted,
                usual: 2.0,
            })
        };
        counts.iter().enumerate().filter_map(row).collect()
    }

    #[test]
    fn only_what_exceeds_chance_is_filled() {
        let mut day = vec![Some(2); 200];
        day[20] = Some(4);
        assert_eq!(Scene::of(&rows(&day), None, 40.0, 0.0).excess(&[]), "");
        day[100] = Some(50);
        let scene = Scene::of(&rows(&day), None, 40.0, 0.0);
        assert_eq!(scene.excess(&[]).matches(['M', 'm']).count(), 1);
        let surge = 15..30;
        assert_eq!(scene.excess(&[surge]).matches(['M', 'm']).count(), 2, "a surge always is");
    }

    #[test]
    fn a_gap_breaks_the_line_and_is_known() {
        let mut day = vec![Some(2); 200];
        day[50..80].fill(None);
        let scene = Scene::of(&rows(&day), None, 40.0, 0.0);
        assert_eq!(scene.gaps, vec![50..81]);
        assert_eq!(scene.line().matches(['M', 'm']).count(), 2);
    }

    #[test]
    fn the_skyline_is_as_high_as_the_highest_inside() {
        let mut day = vec![Some(2); 200];
        day[100] = Some(50);
        let scene = Scene::of(&rows(&day), None, 40.0, 0.0);
        let peak = scene.frame.y(50.0);
        let x = scene.frame.x(101);
        assert!((scene.highest(x - 0.1, x + 0.1) - peak).abs() < 1e-9);
        assert!(scene.highest(x + 0.1, x + 0.2) > 0.9);
    }

    #[test]
    fn a_quiet_day_does_not_fill_the_frame() {
        let scene = Scene::of(&rows(&[Some(3); 300]), None, 40.0, 0.0);
        assert!(scene.highest(0.0, 1.0) > 0.6, "noise stays low");
    }
}

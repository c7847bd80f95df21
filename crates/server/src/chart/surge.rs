//! The surge chart: reports over time, and only what exceeds the usual level in colour.
//!
//! The line is what was counted, from zero; the usual level is dashed and runs on past now. Values
//! are written on the marks they belong to. Minutes without data are hatched, never a zero.
//!
//! # What it cannot tell
//!
//! Whether something failed: it shows how many people said so, beside how many usually do.

use std::ops::Range;

use maud::Markup;
use maud::html;
use outcry_core::series::MinuteRow;
use outcry_core::time::UnixMinute;

use crate::chart::axis::axis;
use crate::chart::axis::clock;
use crate::chart::axis::midnights;
use crate::chart::frame::Frame;
use crate::chart::frame::UNITS;
use crate::chart::hatch;
use crate::chart::hours;
use crate::chart::label::Page;
use crate::chart::layout::Layout;
use crate::chart::layout::NARROW;
use crate::chart::layout::Rule;
use crate::chart::layout::WIDE;
use crate::chart::percent;
use crate::chart::points;
use crate::chart::points::Point;
use crate::chart::scene::Scene;
use crate::chart::wanted::wanted;

/// Pixels above the highest count; the first that lets most labels in is taken.
const HEADROOMS_PX: [f64; 3] = [30.0, 50.0, 80.0];
/// Beyond this many minutes across, a peak is named with its day.
const SAME_DAY_MINUTES_MAX: i64 = 36 * 60;

/// Reports of one service over time, with all the words the chart needs.
pub struct SurgeChart<'a> {
    /// Id of the figure, unique on the page.
    pub id: &'a str,
    /// The finding, in a sentence.
    pub title: &'a str,
    /// What a person who cannot see it should know: surges, peaks, times, gaps.
    pub description: &'a str,
    /// One row a minute; rows after `now` only tell what is usual.
    pub rows: &'a [MinuteRow],
    /// The present minute, when the usual level is to run on past it.
    pub now: Option<UnixMinute>,
    /// What is marked, in order of time.
    pub marks: Vec<Mark>,
    /// Words and formats.
    pub words: Words<'a>,
}

/// Something that happened, or a stretch of time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// When it was or began.
    pub from: UnixMinute,
    /// When it ended; `None` for a moment and for what goes on.
    pub until: Option<UnixMinute>,
    /// Words for it, one line.
    pub label: String,
    /// Fewer words for it, for a narrow page.
    pub short: String,
    /// What it is.
    pub kind: MarkKind,
}

/// What a mark is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MarkKind {
    /// A surge, from opening to closing: its peak is labelled with value and time.
    Surge,
    /// A stretch at the usual level worth a remark.
    Quiet,
    /// A claim about the cause, at the moment it was made.
    Claim,
    /// A notice of the operator.
    Notice,
}

/// Words and formats of a surge chart and its table.
#[derive(Clone, Copy)]
pub struct Words<'a> {
    /// What is counted in which time, as "reports in 5 minutes"; [`SurgeChart::step_minutes`] says
    /// how many.
    pub unit: &'a str,
    /// The usual level, as "Usual Monday level".
    pub usual: &'a str,
    /// The same for a narrow page, as "Usual".
    pub usual_short: &'a str,
    /// What stands under the newest value, as "now, 13:40".
    pub now: &'a str,
    /// The same for a narrow page, as "now".
    pub now_short: &'a str,
    /// The time zone, as "UTC".
    pub zone: &'a str,
    /// Instead of numbers where there are none, as "no data".
    pub missing: &'a str,
    /// Beside the sum of an hour with a minute missing, as "partly measured".
    pub partly: &'a str,
    /// Caption of the table.
    pub table: &'a str,
    /// Heading of times.
    pub time: &'a str,
    /// Heading of counted reports.
    pub counted: &'a str,
    /// Heading of usual reports.
    pub usually: &'a str,
    /// Writes a number.
    pub number: &'a dyn Fn(u64) -> String,
    /// Writes a value and a time, as "4,100 at 09:55"; both come formatted.
    pub value_at: &'a dyn Fn(&str, &str) -> String,
    /// Writes the day of a minute, as "10 March".
    pub day: &'a dyn Fn(UnixMinute) -> String,
}

impl SurgeChart<'_> {
    /// Minutes each point sums: 1 up to 12 hours of rows, 5 for a day, more for longer.
    pub fn step_minutes(&self) -> i64 {
        step_minutes(self.rows, self.now)
    }

    /// The minutes at the left and right edges, for strips that share the axis.
    pub fn edges(&self) -> (UnixMinute, UnixMinute) {
        let frame = Drawing::of(self, |scene, _, _| scene.frame);
        (UnixMinute(frame.left), UnixMinute(frame.left + frame.span))
    }

    /// Minutes of each surge, end included.
    pub fn surges(&self) -> Vec<Range<i64>> {
        let end = i64::MAX;
        let until = |mark: &Mark| mark.until.map_or(end, |until| until.0.saturating_add(1));
        let surges = self.marks.iter().filter(|mark| mark.kind == MarkKind::Surge);
        surges.map(|mark| mark.from.0..until(mark)).collect()
    }

    /// A point as words: its value and its time, with the day when several are shown.
    pub fn value_at(&self, point: &Point) -> String {
        let span = points::span(self.rows, self.now).map_or(0, |span| span.end - span.start);
        let mut time = clock(point.minute);
        if span > SAME_DAY_MINUTES_MAX {
            time = format!("{} {time}", (self.words.day)(UnixMinute(point.minute)));
        }
        (self.words.value_at)(&(self.words.number)(point.counted.unwrap_or(0)), &time)
    }
}

/// Minutes each point of a chart of these rows sums.
pub fn step_minutes(rows: &[MinuteRow], now: Option<UnixMinute>) -> i64 {
    points::span(rows, now).map_or(1, |span| points::step_of(span.end - span.start))
}

/// Draws the chart as a figure, with its axis.
///
/// A script finds in `data-from` the minute of the first value, in `data-step` the minutes from one
/// to the next, in `data-values` the counts (`-` where there is none), in `data-left` and
/// `data-span` the minute at the left edge and the minutes across, in `data-top` the count at the
/// top edge.
pub fn surge(chart: &SurgeChart) -> Markup {
    Drawing::of(chart, |scene, wide, narrow| draw(chart, scene, wide, narrow))
}

/// The same numbers hour by hour, for a `details` under the chart.
pub fn table(chart: &SurgeChart) -> Markup {
    hours::table(chart)
}

struct Drawing;

impl Drawing {
    /// Finds the frame in which most labels have room, and hands it on.
    fn of<T>(chart: &SurgeChart, then: impl FnOnce(&Scene, &Layout, &Layout) -> T) -> T {
        let scenes = HEADROOMS_PX.map(|headroom| Self::scene(chart, headroom));
        let layouts = scenes.iter().map(|scene| {
            let wide = Layout::of(scene, WIDE, &wanted(chart, scene, WIDE));
            let narrow = Layout::of(scene, NARROW, &wanted(chart, scene, NARROW));
            (scene, wide, narrow)
        });
        let best = layouts.min_by_key(|(_, wide, narrow)| wide.lost + narrow.lost);
        let (scene, wide, narrow) = best.expect("there is at least one height to choose from");
        then(scene, &wide, &narrow)
    }

    /// The scene, with room at the left when numbers on gridlines would touch what is drawn.
    fn scene(chart: &SurgeChart, headroom: f64) -> Scene {
        let scene = Scene::of(chart.rows, chart.now, headroom, 0.0);
        let touches = |page| Layout::numbers_touch(&scene, page, &wanted(chart, &scene, page));
        if scene.points.grid.is_empty() || !(touches(WIDE) || touches(NARROW)) {
            return scene;
        }
        let lead = Layout::lead(NARROW, &wanted(chart, &scene, NARROW));
        Scene::of(chart.rows, chart.now, headroom, lead)
    }
}

fn draw(chart: &SurgeChart, scene: &Scene, wide: &Layout, narrow: &Layout) -> Markup {
    let (frame, points) = (&scene.frame, &scene.points);
    let id = chart.id;
    let from = points.grid.first().map_or(frame.left, |p| p.minute);
    html! {
        figure.fig id=(id) data-from=(from) data-step=(points.step) data-left=(frame.left)
            data-span=(frame.span) data-top=(frame.top.round()) data-values=(values(&points.grid)) {
            svg.plot role="img" aria-labelledby={(id) "-t " (id) "-d"} {
                title id={(id) "-t"} { (chart.title) }
                desc id={(id) "-d"} { (chart.description) }
                (gaps(scene, id))
                @if !points.grid.is_empty() { (grid(scene)) }
                svg width="100%" height="100%" preserveAspectRatio="none"
                    viewBox={"0 0 " (frame.span) " " (UNITS)} {
                    path.ex d=(scene.excess(&chart.surges())) {}
                    path.us d=(scene.usual_line()) {}
                    path.ln d=(scene.line()) {}
                }
                line.g0 x2="100%" y1="100%" y2="100%" {}
                @if points.grid.is_empty() {
                    text x="43%" y="50%" text-anchor="middle" { (chart.words.missing) }
                } @else {
                    g.w { (labels(wide, &WIDE)) }
                    g.n { (labels(narrow, &NARROW)) }
                }
                @if let Some(now) = scene.now { (dot(frame, &now)) }
            }
            (axis(frame, chart.words.day, chart.words.zone))
        }
    }
}

/// Counts separated by spaces, `-` for a window that is missing.
fn values(grid: &[Point]) -> String {
    let value = |p: &Point| p.counted.map_or_else(|| "-".to_owned(), |count| count.to_string());
    grid.iter().map(value).collect::<Vec<_>>().join(" ")
}

/// Hatched stretches; their pattern is in pixels, so it is outside the stretched drawing.
fn gaps(scene: &Scene, id: &str) -> Markup {
    let across = |minutes: &Range<i64>| {
        let (x0, x1) = (scene.frame.x(minutes.start), scene.frame.x(minutes.end));
        (percent(x0), percent(x1 - x0))
    };
    html! {
        @if !scene.gaps.is_empty() {
            (hatch(&format!("{id}-h")))
            @for (x, width) in scene.gaps.iter().map(across) {
                rect x=(x) width=(width) height="100%" fill={"url(#" (id) "-h)"} {}
            }
        }
    }
}

fn grid(scene: &Scene) -> Markup {
    let (step, lines) = scene.grid;
    html! {
        @for y in (1..=lines).map(|i| percent(scene.frame.y((step * i) as f64))) {
            line.g x2="100%" y1=(y) y2=(y) {}
        }
        @for x in midnights(&scene.frame).map(|m| percent(scene.frame.x(m))) {
            line.g x1=(x) x2=(x) y2="100%" {}
        }
    }
}

fn labels(layout: &Layout, page: &Page) -> Markup {
    let down = |px: f64| percent(px / page.height);
    let rule = |class: &str, rule: &Rule| {
        html! {
            line class=(class) x1=(percent(rule.x0)) x2=(percent(rule.x1)) y1=(down(rule.top))
                y2=(down(rule.bottom)) {}
        }
    };
    html! {
        @for stem in &layout.stems { (rule("ev", stem)) }
        @for bracket in &layout.brackets { (rule("br", bracket)) }
        @for label in &layout.labels { (label.draw(page)) }
    }
}

/// The newest value; in colour when it is above the usual level by more than chance.
fn dot(frame: &Frame, now: &Point) -> Markup {
    let (x, y) = (percent(frame.x(now.minute)), percent(frame.y(now.counted.unwrap_or(0) as f64)));
    let hot = now.is_beyond_chance();
    html! {
        @if hot { circle.pulse cx=(x) cy=(y) r="4" {} }
        circle.dot.hot[hot] cx=(x) cy=(y) r="5" {}
    }
}

#[cfg(test)]
mod tests;

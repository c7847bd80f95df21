//! A rate by second: traffic or requests, from the first second to the last.
//!
//! Seconds without a value are zero, since what is counted came or did not. Where there are more
//! seconds than pixels a column shows its fullest one.
//!
//! # What it cannot tell
//!
//! What is usual: a line alone says only how much there was.

use maud::Markup;
use maud::html;

use crate::chart::frame::UNITS;
use crate::chart::frame::gridlines;
use crate::chart::path::PathData;
use crate::chart::percent;

/// Columns of the drawing, at most.
const COLUMNS_MAX: i64 = 600;
/// Where data begins, as a part of the width: what lies left of it is room for numbers.
const LEFT: f64 = 0.13;
/// A peak further to the left has the unit beside it, and is written in the caption only.
const PEAK_X_MIN: f64 = 0.2;

/// What is drawn, and in which words.
pub struct Rate<'a> {
    /// Seconds since 1970 and values, in order.
    pub points: &'a [(i64, f64)],
    /// The whole of it in words.
    pub label: String,
    /// Writes a value with its unit.
    pub value: &'a dyn Fn(f64) -> String,
    /// Writes a value without: the unit stands once, on the top line.
    pub number: &'a dyn Fn(f64) -> String,
    /// Writes a time of day with seconds.
    pub clock: &'a dyn Fn(i64) -> String,
    /// Whether it is an attack: filled, not only a line.
    pub is_abnormal: bool,
}

/// Draws it; nothing where there is no time between the first and the last second.
pub fn rate(rate: &Rate<'_>) -> Markup {
    let (Some((first, _)), Some((last, _))) = (rate.points.first(), rate.points.last()) else {
        return html! {};
    };
    let length = last - first + 1;
    if length < 2 {
        return html! {};
    }
    let width = length.min(COLUMNS_MAX);
    let mut columns = vec![0.0_f64; usize::try_from(width).unwrap_or(1)];
    for (at, value) in rate.points {
        let column = usize::try_from((at - first) * width / length).unwrap_or(0);
        if let Some(most) = columns.get_mut(column) {
            *most = most.max(*value);
        }
    }
    let most = columns.iter().copied().fold(0.0, f64::max);
    let (step, lines) = gridlines(most);
    let top = (step * lines) as f64;
    let peak = rate.points.iter().max_by(|a, b| a.1.total_cmp(&b.1)).copied().unwrap_or_default();
    let peak_x = (peak.0 - first) as f64 / length as f64;
    let across = |x: f64| percent(LEFT + (1.0 - LEFT) * x);
    let end = |x: f64| if x > 0.5 { "end" } else { "start" };
    html! {
        svg.plot.rate role="img" aria-label=(rate.label) {
            @for line in 0..=lines {
                @let y = percent(1.0 - line as f64 / lines as f64);
                line class=(if line == 0 { "g0" } else { "g" }) x1="0" x2="100%" y1=(y) y2=(y) {}
            }
            svg viewBox={ "0 0 " (width) " " (UNITS) } preserveAspectRatio="none" x=(percent(LEFT))
                width=(percent(1.0 - LEFT)) height="100%" {
                @if rate.is_abnormal { path.ex d=(shape(&columns, top, Close::Filled)) {} }
                path.ln d=(shape(&columns, top, Close::Open)) {}
            }
            @for line in 1..=lines {
                @let y = percent(1.0 - line as f64 / lines as f64);
                @let value = (step * line) as f64;
                @if line == lines { text.m x="0" y=(y) dy="-7" { ((rate.value)(value)) } }
                @else { text.m x="0" y=(y) dy="15" { ((rate.number)(value)) } }
            }
            @if peak_x > PEAK_X_MIN {
                text.h x=(across(peak_x)) y=(percent(1.0 - peak.1 / top)) dy="-6"
                    text-anchor=(end(peak_x)) { ((rate.value)(peak.1)) }
            }
        }
        svg.axis.short aria-hidden="true" {
            text x=(percent(LEFT)) y="19" { ((rate.clock)(*first)) }
            text x="100%" y="19" text-anchor="end" { ((rate.clock)(*last)) }
        }
    }
}

/// Whether a path ends where it began.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Close {
    Open,
    Filled,
}

fn shape(columns: &[f64], top: f64, close: Close) -> String {
    let y = |value: f64| ((1.0 - value / top).clamp(0.0, 1.0) * UNITS as f64).round() as i64;
    let mut path = PathData::new();
    if close == Close::Filled {
        path.move_to(0, UNITS);
        path.line_to(0, y(columns[0]));
    } else {
        path.move_to(0, y(columns[0]));
    }
    let mut x = 0;
    for column in columns {
        path.line_to(x, y(*column));
        x += 1;
        path.line_to(x, y(*column));
    }
    if close == Close::Filled {
        path.line_to(x, UNITS);
    }
    path.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draw(points: &[(i64, f64)]) -> String {
        rate(&Rate {
            points,
            label: "packets".into(),
            value: &|value| format!("{value}/s"),
            number: &|value| format!("{value}"),
            clock: &|at| at.to_string(),
            is_abnormal: true,
        })
        .into_string()
    }

    #[test]
    fn a_second_without_a_value_is_zero_and_the_peak_is_written() {
        let text = draw(&[(100, 10.0), (103, 40.0), (104, 20.0)]);
        assert!(text.contains(r#"d="M0 750h1v250h2v-1000h1v500h1""#), "{text}");
        assert!(text.contains(">40/s<") && text.contains(">100<") && text.contains(">104<"));
        assert!(!text.contains("style="));
    }

    #[test]
    fn a_long_time_keeps_its_fullest_second() {
        let mut points: Vec<(i64, f64)> = (0..100_000).map(|at| (at, 1.0)).collect();
        points[77_777].1 = 9_000.0;
        let text = draw(&points);
        assert!(text.contains("9000/s") && text.len() < 3_000, "{}", text.len());
        assert_eq!(draw(&[(5, 1.0)]), "");
    }
}

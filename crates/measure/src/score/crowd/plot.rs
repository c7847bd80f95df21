//! The plot of delay against false alarms: one point for each run length, one line for each class
//! of size.

use std::fmt::Write;
use std::path::Path;
use std::process::ExitCode;

use anyhow::Context;
use anyhow::Result;
use outcry_sim::population::measure::Figure;
use outcry_sim::population::outage::SIZES_PER_MINUTE;
use outcry_sim::population::plan::Plan;
use outcry_sim::population::trial;

use crate::score::crowd::at_once;
use crate::score::crowd::table::median;
use crate::score::crowd::table::of_size;
use crate::score::crowd::table::rate;

/// Run lengths that are drawn, days.
const RUN_LENGTHS_DAYS: [f64; 5] = [0.3, 1.0, 5.0, 25.0, 100.0];
/// Size of the drawing, pixels.
const SIZE: (f64, f64) = (720.0, 420.0);
/// Left, right, upper and lower edge of the field in it.
const FIELD: (f64, f64, f64, f64) = (64.0, 560.0, 24.0, 360.0);
/// Ends of the axis of false alarms in 1000 service-days; both axes are logarithmic.
const ALARMS: (f64, f64) = (0.003, 30.0);
/// Ends of the axis of delays, minutes.
const MINUTES: (f64, f64) = (0.3, 10.0);
/// A colour for each class of size, the smallest first.
const COLORS: [&str; 4] = ["#7a5195", "#3b6ea8", "#2a9d8f", "#d1495b"];

/// One run length.
struct Point {
    run_length_days: f64,
    false_alarms: Figure,
    delays_minutes: [f64; 4],
}

/// Simulates each run length and draws.
pub fn run(seed: u64, service_days: i64, path: &Path) -> Result<ExitCode> {
    let mut points: Vec<Option<Point>> = RUN_LENGTHS_DAYS.iter().map(|_| None).collect();
    let mut jobs: Vec<Box<dyn FnOnce() + Send + '_>> = Vec::new();
    for (place, days) in points.iter_mut().zip(RUN_LENGTHS_DAYS) {
        jobs.push(Box::new(move || *place = Some(point(seed, service_days, days))));
    }
    at_once(jobs)?;
    let points: Vec<Point> = points.into_iter().flatten().collect();
    println!("{:>8} {:>9} {:>15}  median minutes 1-3, 3-10, 10-30, 30+", "days", "FA", "95 %");
    for point in &points {
        let Figure { value, low, high } = point.false_alarms;
        let limits = format!("{low:.3}-{high:.3}");
        let delays = point.delays_minutes;
        println!("{:>8} {value:>9.3} {limits:>15}  {delays:.2?}", point.run_length_days);
    }
    let svg = draw(&points);
    std::fs::write(path, svg).with_context(|| format!("cannot write {}", path.display()))?;
    Ok(ExitCode::SUCCESS)
}

fn point(seed: u64, service_days: i64, run_length_days: f64) -> Point {
    let outcome = trial::run(&Plan { run_length_days, ..Plan::whole(seed, service_days) });
    Point {
        run_length_days,
        false_alarms: rate(&[&outcome], |_| true),
        delays_minutes: SIZES_PER_MINUTE.map(|size| median(&of_size(&outcome.outages, size)).value),
    }
}

/// The place of a value on a logarithmic axis.
fn place(value: f64, (low, high): (f64, f64), (from, to): (f64, f64)) -> f64 {
    let part = (value.max(low) / low).ln() / (high / low).ln();
    from + part.min(1.0) * (to - from)
}

fn across(alarms: f64) -> f64 {
    place(alarms, ALARMS, (FIELD.0, FIELD.1))
}

fn upward(minutes: f64) -> f64 {
    place(minutes, MINUTES, (FIELD.3, FIELD.2))
}

/// The drawing. Writing to a string cannot fail.
fn draw(points: &[Point]) -> String {
    let (width, height) = SIZE;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" role=\"img\" \
         font-family=\"sans-serif\" font-size=\"12\"><title>Median delay against false alarms\
         </title><rect width=\"{width}\" height=\"{height}\" fill=\"#fff\"/>\n"
    );
    axes(&mut svg);
    for (class, ((low, high), color)) in SIZES_PER_MINUTE.iter().zip(COLORS).enumerate() {
        let at =
            |point: &Point| (across(point.false_alarms.value), upward(point.delays_minutes[class]));
        let line: Vec<String> =
            points.iter().map(at).map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
        let _ = writeln!(
            svg,
            "<polyline points=\"{}\" fill=\"none\" stroke=\"{color}\" stroke-width=\"2\"/>",
            line.join(" ")
        );
        for point in points {
            let (x, y) = at(point);
            let limits = (across(point.false_alarms.low), across(point.false_alarms.high));
            let _ = writeln!(
                svg,
                "<path d=\"M{:.1} {y:.1}H{:.1}\" stroke=\"{color}\" opacity=\".4\"/>\
                 <circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3.5\" fill=\"{color}\"><title>\
                 {} days: {:.2} false alarms, {:.2} min</title></circle>",
                limits.0,
                limits.1,
                point.run_length_days,
                point.false_alarms.value,
                point.delays_minutes[class]
            );
        }
        let y = points.first().map_or(FIELD.3, |point| at(point).1);
        let _ = writeln!(
            svg,
            "<text x=\"{:.1}\" y=\"{:.1}\" fill=\"{color}\">peak {low} to {high} a minute</text>",
            FIELD.1 + 8.0,
            y + 4.0
        );
    }
    svg.push_str("</svg>\n");
    svg
}

fn axes(svg: &mut String) {
    let (left, right, top, bottom) = FIELD;
    for alarms in [0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0] {
        let x = across(alarms);
        let _ = writeln!(
            svg,
            "<path d=\"M{x:.1} {top}V{bottom}\" stroke=\"#ddd\"/><text x=\"{x:.1}\" y=\"{}\" \
             text-anchor=\"middle\">{alarms}</text>",
            bottom + 16.0
        );
    }
    for minutes in [0.3, 0.5, 1.0, 2.0, 5.0, 10.0] {
        let y = upward(minutes);
        let _ = writeln!(
            svg,
            "<path d=\"M{left} {y:.1}H{right}\" stroke=\"#ddd\"/><text x=\"{}\" y=\"{:.1}\" \
             text-anchor=\"end\">{minutes}</text>",
            left - 6.0,
            y + 4.0
        );
    }
    let middle = (left + right) / 2.0;
    let _ = writeln!(
        svg,
        "<text x=\"{middle}\" y=\"{}\" text-anchor=\"middle\">false alarms in 1000 service-days \
         (lines: 95 % limits)</text><text x=\"{left}\" y=\"14\">median minutes from the onset to \
         the opening</text>",
        bottom + 38.0
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_drawing_has_a_point_for_each_run_length_and_class() {
        let figure = Figure { value: 0.1, low: 0.0, high: 0.4 };
        let points = [1.0, 100.0].map(|run_length_days| Point {
            run_length_days,
            false_alarms: figure,
            delays_minutes: [5.0, 2.0, f64::INFINITY, 0.7],
        });
        let svg = draw(&points);
        assert_eq!(svg.matches("<circle").count(), 8);
        assert!(!svg.contains("NaN") && !svg.contains("\"inf"), "{svg}");
    }

    #[test]
    fn axes_are_logarithmic() {
        assert_eq!(across(ALARMS.0), FIELD.0);
        assert_eq!(across(ALARMS.1), FIELD.1);
        assert!((across(0.3) - (FIELD.0 + FIELD.1) / 2.0).abs() < 1e-9);
    }
}

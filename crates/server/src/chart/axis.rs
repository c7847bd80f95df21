//! The time axis: hours in UTC, and below them the days they belong to.

use maud::Markup;
use maud::html;
use outcry_core::time::UnixMinute;

use crate::chart::frame::Frame;
use crate::chart::frame::tick_step;
use crate::chart::frame::ticks;
use crate::chart::label::Area;
use crate::chart::label::Page;
use crate::chart::label::text_width;
use crate::chart::layout::NARROW;
use crate::chart::layout::WIDE;
use crate::chart::percent;
use crate::chart::points::DAY_MINUTES;

/// Pixels one tick has to itself at least.
const TICK_PX: f64 = 60.0;
/// Baseline of the hours, in pixels.
const HOURS_Y: i64 = 19;
/// Baseline of the days, in pixels.
const DAYS_Y: i64 = 37;

/// One text on the axis.
#[derive(Clone, Debug, PartialEq)]
pub struct Tick {
    /// Its place across, 0..=1.
    pub x: f64,
    /// The text.
    pub text: String,
    /// What it covers, from its place.
    pub area: Area,
}

/// The axis under a frame; `day` writes a date and `zone` names the time zone.
pub fn axis(frame: &Frame, day: &dyn Fn(UnixMinute) -> String, zone: &str) -> Markup {
    let rows = |page: &Page| {
        let (hours, days) = (hours(frame, page, day), days(frame, page, day, zone));
        html! {
            @for tick in hours { (draw(&tick, HOURS_Y)) }
            @for tick in days { (draw(&tick, DAYS_Y)) }
        }
    };
    html! {
        svg.axis aria-hidden="true" {
            g.w { (rows(&WIDE)) }
            g.n { (rows(&NARROW)) }
        }
    }
}

/// Midnights inside the frame, after data begins.
pub fn midnights(frame: &Frame) -> impl Iterator<Item = i64> {
    let (start, right) = (frame.start, frame.left + frame.span);
    ticks(start, right - start, DAY_MINUTES).filter(move |m| start < *m && *m < right)
}

/// The hour of a minute as `09:45`, in UTC.
pub fn clock(minute: i64) -> String {
    let minute = minute.rem_euclid(DAY_MINUTES);
    format!("{:02}:{:02}", minute / 60, minute % 60)
}

/// Texts of the first row: hours, or dates when a tick is a day or more.
pub fn hours(frame: &Frame, page: &Page, day: &dyn Fn(UnixMinute) -> String) -> Vec<Tick> {
    let step = step(frame, page);
    let text = |m: i64| if step < DAY_MINUTES { clock(m) } else { day(UnixMinute(m)) };
    let mut kept: Vec<Tick> = Vec::new();
    for minute in ticks(frame.start, frame.left + frame.span - frame.start, step) {
        let text = text(minute);
        let width = text_width(&text, page.text);
        let x = frame.x(minute);
        let left = match x {
            x if x < 0.002 => 0.0,
            x if x > 0.998 => -width,
            _ => -width / 2.0,
        };
        keep(&mut kept, page, (x, left, width), text);
    }
    kept
}

/// Texts of the second row: the day data begins on, with the time zone, and each midnight.
pub fn days(
    frame: &Frame,
    page: &Page,
    day: &dyn Fn(UnixMinute) -> String,
    zone: &str,
) -> Vec<Tick> {
    let start = frame.x(frame.start);
    let width = |text: &str| text_width(text, page.text);
    let mut kept: Vec<Tick> = Vec::new();
    if step(frame, page) >= DAY_MINUTES {
        keep(&mut kept, page, (start, 0.0, width(zone)), zone.to_owned());
        return kept;
    }
    let zoned = |m: i64| format!("{} · {zone}", day(UnixMinute(m)));
    let first = zoned(frame.start);
    // A day that ends before its own name would stand under the hours of the next one.
    let until = midnights(frame).next().map_or(1.0, |m| frame.x(m));
    if (until - start) * page.width_min > width(&first) {
        keep(&mut kept, page, (start, 0.0, width(&first)), first);
    }
    for minute in midnights(frame) {
        let text = if kept.is_empty() { zoned(minute) } else { day(UnixMinute(minute)) };
        keep(&mut kept, page, (frame.x(minute), 0.0, width(&text)), text);
    }
    kept
}

/// Minutes from one tick to the next.
fn step(frame: &Frame, page: &Page) -> i64 {
    tick_step(frame.span, (page.width_min / TICK_PX) as i64)
}

/// Keeps a text that stays inside the frame and meets none kept before.
fn keep(kept: &mut Vec<Tick>, page: &Page, (x, left, width): (f64, f64, f64), text: String) {
    let area = Area { x, left, right: left + width, top: 0.0, bottom: 1.0 };
    if area.is_inside(page) && !kept.iter().any(|tick| tick.area.meets(&area, page)) {
        kept.push(Tick { x, text, area });
    }
}

fn draw(tick: &Tick, y: i64) -> Markup {
    let anchor = match tick.area.left {
        left if left >= 0.0 => None,
        left if left > -tick.area.right - 0.5 && tick.area.right > 0.5 => Some("middle"),
        _ => Some("end"),
    };
    html! {
        text x=(percent(tick.x)) y=(y) text-anchor=[anchor] { (tick.text) }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::proptest;

    use super::*;

    fn day(minute: UnixMinute) -> String {
        format!("{} March", minute.0.div_euclid(DAY_MINUTES))
    }

    fn frame(left: i64) -> Frame {
        Frame { left, start: left, span: DAY_MINUTES, top: 10.0 }
    }

    fn texts(ticks: &[Tick]) -> Vec<&str> {
        ticks.iter().map(|t| t.text.as_str()).collect()
    }

    #[test]
    fn a_day_has_an_hour_every_three_on_a_wide_page_and_every_six_on_a_narrow_one() {
        let frame = frame(10 * DAY_MINUTES);
        assert_eq!(hours(&frame, &WIDE, &day).len(), 9);
        assert_eq!(
            texts(&hours(&frame, &NARROW, &day)),
            ["00:00", "06:00", "12:00", "18:00", "00:00"],
            "both ends stand inside the frame"
        );
        assert_eq!(texts(&days(&frame, &WIDE, &day, "UTC")), ["10 March · UTC"]);
    }

    #[test]
    fn midnight_names_the_new_day() {
        let frame = frame(10 * DAY_MINUTES + 800);
        let days = days(&frame, &NARROW, &day, "UTC");
        assert_eq!(texts(&days), ["10 March · UTC", "11 March"]);
    }

    #[test]
    fn a_day_about_to_end_leaves_its_place_to_the_next() {
        let frame = frame(11 * DAY_MINUTES - 30);
        assert_eq!(texts(&days(&frame, &WIDE, &day, "UTC")), ["11 March · UTC"]);
    }

    proptest! {
        #[test]
        fn texts_stay_inside_and_apart(left in -5_000_000..5_000_000_i64, span in 60..200_000_i64) {
            let frame = Frame { span, ..frame(left) };
            for page in [WIDE, NARROW] {
                for row in [hours(&frame, &page, &day), days(&frame, &page, &day, "UTC")] {
                    assert!(row.iter().all(|t| t.area.is_inside(&page)));
                    for (i, a) in row.iter().enumerate() {
                        assert!(row[..i].iter().all(|b| !a.area.meets(&b.area, &page)));
                    }
                }
            }
        }
    }
}

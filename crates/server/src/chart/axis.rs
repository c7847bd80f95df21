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

/// One text on the axis, and on which pages it finds room.
#[derive(Clone, Debug, PartialEq)]
pub struct Tick {
    /// Its place across, 0..=1.
    pub x: f64,
    /// The text.
    pub text: String,
    /// What it covers, from its place.
    pub area: Area,
    /// Whether a wide page has room for it.
    pub wide: bool,
    /// Whether a narrow page has room for it.
    pub narrow: bool,
}

/// The axis under a frame; `day` writes a date and `zone` names the time zone.
pub fn axis(frame: &Frame, day: &dyn Fn(UnixMinute) -> String, zone: &str) -> Markup {
    html! {
        svg.axis aria-hidden="true" {
            @for tick in hours(frame, day) { (draw(&tick, HOURS_Y)) }
            @for tick in days(frame, day, zone) { (draw(&tick, DAYS_Y)) }
        }
    }
}

/// Midnights inside the frame.
pub fn midnights(frame: &Frame) -> impl Iterator<Item = i64> {
    let (left, right) = (frame.left, frame.left + frame.span);
    ticks(left, frame.span, DAY_MINUTES).filter(move |m| left < *m && *m < right)
}

/// The hour of a minute as `09:45`, in UTC.
pub fn clock(minute: i64) -> String {
    let minute = minute.rem_euclid(DAY_MINUTES);
    format!("{:02}:{:02}", minute / 60, minute % 60)
}

/// Texts of the first row: hours, or dates when a tick is a day or more.
pub fn hours(frame: &Frame, day: &dyn Fn(UnixMinute) -> String) -> Vec<Tick> {
    let most = |page: &Page| (page.width_min / TICK_PX) as i64;
    let step = tick_step(frame.span, most(&WIDE), 1);
    let narrow_step = tick_step(frame.span, most(&NARROW), step);
    let text = |m: i64| if step < DAY_MINUTES { clock(m) } else { day(UnixMinute(m)) };
    let mut kept: Vec<Tick> = Vec::new();
    for minute in ticks(frame.left, frame.span, step) {
        let text = text(minute);
        let width = text_width(&text, WIDE.text);
        let x = frame.x(minute);
        let left = match x {
            x if x < 0.002 => 0.0,
            x if x > 0.998 => -width,
            _ => -width / 2.0,
        };
        keep(&mut kept, (x, left, width), text, minute % narrow_step == 0);
    }
    kept
}

/// Texts of the second row: the day at the left edge, with the time zone, and each midnight.
pub fn days(frame: &Frame, day: &dyn Fn(UnixMinute) -> String, zone: &str) -> Vec<Tick> {
    let per_tick = (WIDE.width_min / TICK_PX) as i64;
    let mut kept: Vec<Tick> = Vec::new();
    if tick_step(frame.span, per_tick, 1) >= DAY_MINUTES {
        keep(&mut kept, (0.0, 0.0, text_width(zone, WIDE.text)), zone.to_owned(), true);
        return kept;
    }
    let zoned = |m: i64| format!("{} · {zone}", day(UnixMinute(m)));
    let first = zoned(frame.left);
    let width = text_width(&first, WIDE.text);
    let next = midnights(frame).next().map(|m| frame.x(m));
    // A day that ends before its own name would stand under the hours of the next one.
    if next.is_none_or(|x| x * NARROW.width_min > width) {
        keep(&mut kept, (0.0, 0.0, width), first, true);
    }
    for minute in midnights(frame) {
        let text = if kept.is_empty() { zoned(minute) } else { day(UnixMinute(minute)) };
        let width = text_width(&text, WIDE.text);
        keep(&mut kept, (frame.x(minute), 0.0, width), text, true);
    }
    kept
}

/// Keeps a text on each page where it stays inside the frame and meets none kept there before.
fn keep(kept: &mut Vec<Tick>, (x, left, width): (f64, f64, f64), text: String, narrow: bool) {
    let area = Area { x, left, right: left + width, top: 0.0, bottom: 1.0 };
    let fits = |page: &Page, on: fn(&Tick) -> bool| {
        let met = kept.iter().filter(|t| on(t)).any(|t| t.area.meets(&area, page));
        area.is_inside(page) && !met
    };
    let wide = fits(&WIDE, |t| t.wide);
    let narrow = narrow && fits(&NARROW, |t| t.narrow);
    if wide || narrow {
        kept.push(Tick { x, text, area, wide, narrow });
    }
}

fn draw(tick: &Tick, y: i64) -> Markup {
    let class = match (tick.wide, tick.narrow) {
        (true, false) => Some("w"),
        (false, true) => Some("n"),
        _ => None,
    };
    let anchor = match tick.area.left {
        left if left >= 0.0 => None,
        left if left > -tick.area.right - 0.5 && tick.area.right > 0.5 => Some("middle"),
        _ => Some("end"),
    };
    html! {
        text class=[class] x=(percent(tick.x)) y=(y) text-anchor=[anchor] { (tick.text) }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::proptest;

    use super::*;

    fn day(minute: UnixMinute) -> String {
        format!("{} March", minute.0.div_euclid(DAY_MINUTES))
    }

    fn texts(ticks: &[Tick], on: fn(&Tick) -> bool) -> Vec<&str> {
        ticks.iter().filter(|t| on(t)).map(|t| t.text.as_str()).collect()
    }

    #[test]
    fn a_day_has_an_hour_every_three_on_a_wide_page_and_every_six_on_a_narrow_one() {
        let frame = Frame { left: 10 * DAY_MINUTES, span: DAY_MINUTES, top: 10.0 };
        let hours = hours(&frame, &day);
        assert_eq!(texts(&hours, |t| t.wide).len(), 9);
        assert_eq!(
            texts(&hours, |t| t.narrow),
            ["00:00", "06:00", "12:00", "18:00", "00:00"],
            "both ends stand inside the frame"
        );
        assert_eq!(texts(&days(&frame, &day, "UTC"), |t| t.wide), ["10 March · UTC"]);
    }

    #[test]
    fn midnight_names_the_new_day() {
        let frame = Frame { left: 10 * DAY_MINUTES + 800, span: DAY_MINUTES, top: 10.0 };
        let days = days(&frame, &day, "UTC");
        assert_eq!(texts(&days, |t| t.narrow), ["10 March · UTC", "11 March"]);
    }

    #[test]
    fn a_day_about_to_end_leaves_its_place_to_the_next() {
        let frame = Frame { left: 11 * DAY_MINUTES - 30, span: DAY_MINUTES, top: 10.0 };
        assert_eq!(texts(&days(&frame, &day, "UTC"), |t| t.wide), ["11 March · UTC"]);
    }

    proptest! {
        #[test]
        fn texts_stay_inside_and_apart(left in -5_000_000..5_000_000_i64, span in 60..200_000_i64) {
            let frame = Frame { left, span, top: 10.0 };
            for row in [hours(&frame, &day), days(&frame, &day, "UTC")] {
                for (page, on) in [(WIDE, (|t: &Tick| t.wide) as fn(&Tick) -> bool),
                    (NARROW, |t: &Tick| t.narrow)]
                {
                    let kept: Vec<&Tick> = row.iter().filter(|t| on(t)).collect();
                    assert!(kept.iter().all(|t| t.area.is_inside(&page)));
                    for (i, a) in kept.iter().enumerate() {
                        assert!(kept[..i].iter().all(|b| !a.area.meets(&b.area, &page)));
                    }
                }
            }
        }
    }
}

//! The table under a surge chart: counted and usual reports, hour by hour and day by day.
//!
//! An hour with a minute missing says so beside its sum; an hour without any says only that.

use maud::Markup;
use maud::html;
use outcry_core::time::UnixMinute;

use crate::chart::axis::clock;
use crate::chart::points::DAY_MINUTES;
use crate::chart::points::Sum;
use crate::chart::points::span;
use crate::chart::points::sums;
use crate::chart::surge::SurgeChart;

/// Minutes in an hour.
const HOUR_MINUTES: i64 = 60;
/// Beyond this many minutes the table goes by days.
const HOURLY_MINUTES_MAX: i64 = 14 * DAY_MINUTES;

/// Draws the table.
pub fn table(chart: &SurgeChart) -> Markup {
    let words = &chart.words;
    let minutes = span(chart.rows, chart.now).map_or(0, |span| span.end - span.start);
    let step = if minutes > HOURLY_MINUTES_MAX { DAY_MINUTES } else { HOUR_MINUTES };
    let sums = sums(chart.rows, chart.now, step);
    if sums.is_empty() {
        return html! { p { (words.missing) } };
    }
    let same_day = |a: &Sum, b: &Sum| day_of(a) == day_of(b);
    html! {
        table {
            caption { (words.table) }
            thead {
                tr {
                    th scope="col" { (words.time) " (" (words.zone) ")" }
                    th scope="col" { (words.counted) }
                    th scope="col" { (words.usually) }
                }
            }
            @if step == DAY_MINUTES {
                tbody { @for sum in &sums { (row(chart, sum, &day(chart, sum))) } }
            } @else {
                @for hours in sums.chunk_by(same_day) {
                    tbody {
                        tr { th colspan="3" scope="rowgroup" { (day(chart, &hours[0])) } }
                        @for sum in hours { (row(chart, sum, &clock(sum.start))) }
                    }
                }
            }
        }
    }
}

fn row(chart: &SurgeChart, sum: &Sum, time: &str) -> Markup {
    let words = &chart.words;
    html! {
        tr {
            th scope="row" { (time) }
            @if sum.minutes == 0 {
                td colspan="2" { (words.missing) }
            } @else {
                td {
                    ((words.number)(sum.counted))
                    @if sum.minutes < sum.minutes_due { " (" (words.partly) ")" }
                }
                td { ((words.number)(sum.usual.round() as u64)) }
            }
        }
    }
}

fn day(chart: &SurgeChart, sum: &Sum) -> String {
    (chart.words.day)(UnixMinute(sum.start))
}

fn day_of(sum: &Sum) -> i64 {
    sum.start.div_euclid(DAY_MINUTES)
}

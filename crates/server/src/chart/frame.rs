//! The frame of a chart over time: which minute is where, how high a count stands, where lines go.

use crate::chart::points::DAY_MINUTES;

/// Height of the drawing in its own units.
pub const UNITS: i64 = 1000;
/// Gridlines above zero, at most.
const GRIDLINES_MAX: i64 = 4;
/// Steps between gridlines are one of these times a power of ten.
const MANTISSAS: [f64; 9] = [1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0];
/// Steps between hours on the axis, in minutes, before whole days.
const TICKS: [i64; 11] = [1, 5, 10, 15, 30, 60, 120, 180, 240, 360, 720];

/// Where minutes and counts lie in a chart.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Frame {
    /// The minute at the left edge.
    pub left: i64,
    /// The minute where data begins; what lies left of it is room for numbers, not time.
    pub start: i64,
    /// Minutes across, at least 1.
    pub span: i64,
    /// The count at the top edge, above 0.
    pub top: f64,
}

impl Frame {
    /// Where a minute lies, 0 at the left edge and 1 at the right one.
    pub fn x(&self, minute: i64) -> f64 {
        (minute - self.left) as f64 / self.span as f64
    }

    /// Where a count lies, 0 at the top edge and 1 at zero reports.
    pub fn y(&self, count: f64) -> f64 {
        (1.0 - count / self.top).clamp(0.0, 1.0)
    }

    /// A minute in units of the drawing, which are minutes.
    pub fn x_units(&self, minute: i64) -> i64 {
        minute - self.left
    }

    /// A count in units of the drawing.
    pub fn y_units(&self, count: f64) -> i64 {
        (self.y(count) * UNITS as f64).round() as i64
    }
}

/// Gridlines above zero: the lowest count that is on the last one is `max` or more.
///
/// Returns the count between two lines and how many lines there are, 1..=4.
pub fn gridlines(max: f64) -> (u64, u64) {
    let max = max.max(1.0);
    let at_least = if max <= 1.0 { 1 } else { 2 };
    let choice = |lines: i64| (nice_step(max / lines as f64), lines as u64);
    (at_least..=GRIDLINES_MAX)
        .map(choice)
        .min_by_key(|(step, lines)| (step.saturating_mul(*lines), u64::MAX - lines))
        .unwrap_or((1, 1))
}

/// The smallest nice whole number that is `value` or more.
fn nice_step(value: f64) -> u64 {
    let power = 10_f64.powf(value.max(1.0).log10().floor());
    let nice = |power: f64| MANTISSAS.map(|mantissa| mantissa * power);
    let whole = |step: &f64| step.fract() == 0.0 && *step >= value;
    let found = nice(power).into_iter().chain(nice(power * 10.0)).find(whole);
    found.unwrap_or(value.ceil()) as u64
}

/// Minutes between ticks so that at most `ticks_max` steps lie in `span` minutes.
pub fn tick_step(span: i64, ticks_max: i64) -> i64 {
    let ticks_max = ticks_max.max(1);
    let short = TICKS.into_iter().find(|step| span / step <= ticks_max);
    short.unwrap_or(DAY_MINUTES * (span / DAY_MINUTES / (ticks_max + 1) + 1))
}

/// The multiples of `step` minutes from `left` for `span` minutes, both ends included.
pub fn ticks(left: i64, span: i64, step: i64) -> impl Iterator<Item = i64> {
    let first = (left + step - 1).div_euclid(step) * step;
    (0..).map(move |i| first + i * step).take_while(move |minute| *minute <= left + span)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::proptest;

    use super::*;

    #[test]
    fn gridlines_are_round_numbers_just_above_the_largest() {
        let cases = [
            (0.0, (1, 1)),
            (1.0, (1, 1)),
            (2.0, (1, 2)),
            (3.0, (1, 3)),
            (7.0, (2, 4)),
            (20.0, (5, 4)),
            (100.0, (25, 4)),
            (2497.0, (1000, 3)),
            (4100.0, (1500, 3)),
        ];
        for (max, want) in cases {
            assert_eq!(gridlines(max), want, "{max}");
        }
    }

    proptest! {
        #[test]
        fn gridlines_hold_every_count_and_waste_at_most_a_half(max in 1.0..1e13_f64) {
            let (step, lines) = gridlines(max);
            let top = (step * lines) as f64;
            assert!(top >= max && (1..=4).contains(&lines), "{max}: {lines} lines of {step}");
            assert!(top <= (max * 1.5).max(max + 1.0), "{max}: {lines} lines of {step}");
        }

        #[test]
        fn there_are_never_more_ticks_than_fit(
            left in -10_000_000..10_000_000_i64,
            span in 1..200_000_i64,
            most in 1..20_i64,
        ) {
            let step = tick_step(span, most);
            let count = ticks(left, span, step).count() as i64;
            assert!(count <= most + 2, "{count} ticks of {step} in {span}");
        }
    }
}

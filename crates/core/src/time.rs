//! Times and spans, all in UTC.
//!
//! The core never asks for the time: every time here came with a signal or with an event. One type
//! for each resolution, so that a minute is never mistaken for a millisecond.

use std::fmt;

use jiff::Timestamp;

/// Milliseconds since 1970-01-01T00:00:00Z, leap seconds not counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnixMillis(pub i64);

/// Whole minutes since 1970-01-01T00:00Z.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnixMinute(pub i64);

/// The index of a tick since 1970: each tick is [`TICK_MS`] long, and detection decides at its end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tick(pub i64);

/// Length of a tick in milliseconds.
pub const TICK_MS: i64 = 10_000;
/// Milliseconds in a minute.
pub const MINUTE_MS: i64 = 60_000;
/// Milliseconds in an hour.
pub const HOUR_MS: i64 = 60 * MINUTE_MS;
/// Milliseconds in a day.
pub const DAY_MS: i64 = 24 * HOUR_MS;
/// Hours in a week: the number of slots of a baseline.
pub const HOURS_PER_WEEK: usize = 168;

impl UnixMillis {
    /// The minute this moment lies in.
    pub fn minute(self) -> UnixMinute {
        UnixMinute(self.0.div_euclid(MINUTE_MS))
    }

    /// The tick this moment lies in.
    pub fn tick(self) -> Tick {
        Tick(self.0.div_euclid(TICK_MS))
    }

    /// Hours since 1970.
    pub fn hour(self) -> i64 {
        self.0.div_euclid(HOUR_MS)
    }

    /// This moment and `span_ms` more; saturates at the ends of time.
    pub fn plus_ms(self, span_ms: i64) -> Self {
        Self(self.0.saturating_add(span_ms))
    }

    /// Milliseconds from `earlier` to this moment; negative when it lies after.
    pub fn since_ms(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// The day in UTC as `YYYY-MM-DD`, as used in incident ids.
    pub fn date(self) -> String {
        self.timestamp().strftime("%Y-%m-%d").to_string()
    }

    /// Reads an RFC 3339 time such as `2025-03-10T09:45:00Z`; an offset is required.
    pub fn parse(text: &str) -> Option<Self> {
        text.parse::<Timestamp>().ok().map(|t| Self(t.as_millisecond()))
    }

    fn timestamp(self) -> Timestamp {
        let clamped = self.0.clamp(
            Timestamp::MIN.as_millisecond() + DAY_MS,
            Timestamp::MAX.as_millisecond() - DAY_MS,
        );
        Timestamp::from_millisecond(clamped).expect("clamped to what a timestamp can hold")
    }
}

impl fmt::Display for UnixMillis {
    /// RFC 3339 in UTC, without milliseconds when they are zero.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.timestamp())
    }
}

impl UnixMinute {
    /// The first moment of the minute.
    pub fn start(self) -> UnixMillis {
        UnixMillis(self.0.saturating_mul(MINUTE_MS))
    }
}

impl Tick {
    /// The first moment of the tick.
    pub fn start(self) -> UnixMillis {
        UnixMillis(self.0.saturating_mul(TICK_MS))
    }

    /// The first moment after the tick.
    pub fn end(self) -> UnixMillis {
        UnixMillis(self.0.saturating_add(1).saturating_mul(TICK_MS))
    }
}

/// The slot of the week, 0..168, that hour `hour` since 1970 falls in; slot 0 is Monday 00:00 UTC.
pub fn hour_of_week(hour: i64) -> usize {
    // 1970-01-01 was a Thursday, three days after a Monday.
    usize::try_from((hour + 72).rem_euclid(HOURS_PER_WEEK as i64)).expect("0..168 fits")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn monday_midnight_is_slot_zero() {
        let monday = UnixMillis::parse("2025-03-10T00:00:00Z").expect("a valid time");
        assert_eq!(hour_of_week(monday.hour()), 0);
        assert_eq!(hour_of_week(monday.hour() - 1), 167);
    }

    #[test]
    fn times_before_1970_round_down() {
        assert_eq!(UnixMillis(-1).minute(), UnixMinute(-1));
        assert_eq!(UnixMillis(-1).tick(), Tick(-1));
    }

    #[test]
    fn a_time_prints_as_it_was_read() {
        let text = "2025-03-10T09:45:00Z";
        assert_eq!(UnixMillis::parse(text).expect("valid").to_string(), text);
        assert_eq!(UnixMillis::parse(text).expect("valid").date(), "2025-03-10");
        assert_eq!(UnixMillis::parse("2025-03-10 09:45"), None, "no offset, no time");
        assert!(!UnixMillis(i64::MAX).to_string().is_empty(), "the end of time prints too");
    }
}

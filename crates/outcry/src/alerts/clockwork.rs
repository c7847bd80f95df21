//! Times of day and of the week: quiet hours of a rule, maintenance of a service.
//!
//! Hours are those of UTC, or of a fixed distance from it.
//!
//! # What it cannot tell
//!
//! Summer time. A window in local time has to be changed twice a year.

use outcry_core::time::DAY_MS;
use outcry_core::time::MINUTE_MS;
use outcry_core::time::UnixMillis;

/// Days of the week by their names in the configuration, Monday first.
pub const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
/// Minutes of a day.
const DAY_MINUTES: i64 = 24 * 60;
/// Days a window is looked for in, before and after.
const DAYS_LOOKED: i64 = 1;

/// A window that comes back every day, or on some days of the week.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hours {
    /// Minute of the day it begins.
    pub from: i64,
    /// Minute of the day it ends; before `from` it is on the next day.
    pub until: i64,
    /// Days of the week on which it begins, 0 for Monday; empty for every day.
    pub days: Vec<i64>,
    /// Minutes local time is ahead of UTC.
    pub ahead: i64,
}

/// A window of time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Window {
    /// It comes back.
    Hours(Hours),
    /// It is once.
    Once(UnixMillis, UnixMillis),
}

impl Window {
    /// The end of the window that `now` lies in, if it lies in one.
    pub fn until(&self, now: UnixMillis) -> Option<UnixMillis> {
        match self {
            Self::Once(from, until) => (*from <= now && now < *until).then_some(*until),
            Self::Hours(hours) => hours.end_of(now),
        }
    }
}

impl Hours {
    /// The end of the window that `now` lies in, if it lies in one.
    pub fn end_of(&self, now: UnixMillis) -> Option<UnixMillis> {
        let shift_ms = self.ahead * MINUTE_MS;
        let today = (now.0 + shift_ms).div_euclid(DAY_MS);
        let length = match self.until - self.from {
            length if length <= 0 => length + DAY_MINUTES,
            length => length,
        };
        (today - DAYS_LOOKED..=today).rev().find_map(|day| {
            // 1 January 1970 was a Thursday.
            let weekday = (day + 3).rem_euclid(7);
            let begins = day * DAY_MS + self.from * MINUTE_MS - shift_ms;
            let ends = begins + length * MINUTE_MS;
            let is_day = self.days.is_empty() || self.days.contains(&weekday);
            (is_day && begins <= now.0 && now.0 < ends).then_some(UnixMillis(ends))
        })
    }
}

/// Minutes of the day of two times such as `22:00-07:00`.
pub fn read_hours(text: &str) -> Option<(i64, i64)> {
    let (from, until) = text.split_once('-')?;
    Some((minute(from)?, minute(until)?)).filter(|(from, until)| from != until)
}

/// Minutes ahead of UTC: `UTC`, `+02:00`, `-05:30`.
pub fn read_zone(text: &str) -> Option<i64> {
    if text == "UTC" {
        return Some(0);
    }
    let (sign, rest) = match text.split_at_checked(1)? {
        ("+", rest) => (1, rest),
        ("-", rest) => (-1, rest),
        _ => return None,
    };
    Some(sign * minute(rest)?)
}

fn minute(text: &str) -> Option<i64> {
    let (hour, minute) = text.trim().split_once(':')?;
    let (hour, minute): (i64, i64) = (hour.parse().ok()?, minute.parse().ok()?);
    ((0..24).contains(&hour) && (0..60).contains(&minute)).then_some(hour * 60 + minute)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quiet_hours_end_in_the_morning_wherever_that_is() {
        let (from, until) = read_hours("22:00-07:00").expect("hours");
        let berlin = Hours { from, until, days: vec![], ahead: read_zone("+01:00").expect("zone") };
        let at = |text: &str| UnixMillis::parse(text).expect("a time");
        let cases = [
            ("2025-03-10T20:59:00Z", None),
            ("2025-03-10T21:00:00Z", Some("2025-03-11T06:00:00Z")),
            ("2025-03-11T05:59:00Z", Some("2025-03-11T06:00:00Z")),
            ("2025-03-11T06:00:00Z", None),
        ];
        for (now, end) in cases {
            assert_eq!(berlin.end_of(at(now)), end.map(at), "{now}");
        }
        // 10 March 2025 was a Monday: a window of Monday night reaches into Tuesday.
        let monday = Hours { days: vec![0], ..berlin };
        assert!(monday.end_of(at("2025-03-11T05:00:00Z")).is_some());
        assert!(monday.end_of(at("2025-03-11T22:00:00Z")).is_none());
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in ["22-07", "25:00-07:00", "07:00-07:00", "x"] {
            assert_eq!(read_hours(text), None, "{text}");
        }
        for text in ["Europe/Berlin", "1", "+1", ""] {
            assert_eq!(read_zone(text), None, "{text}");
        }
    }
}

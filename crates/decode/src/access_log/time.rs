//! Times of logs, in milliseconds since 1970.
//!
//! References: RFC 3339; the proleptic Gregorian calendar as in H. Hinnant, "chrono-Compatible
//! Low-Level Date Algorithms" (`days_from_civil`).

/// A time, and whether its zone was said (otherwise it was read as UTC).
pub(super) type Time = (u64, bool);

/// `10/Oct/2000:13:55:36 -0700`, also with `.655` and without a zone.
pub(super) fn of_common(text: &str) -> Option<Time> {
    let (date, zone) = match text.split_once(' ') {
        Some((date, zone)) => (date, Some(offset_s(zone)?)),
        None => (text, None),
    };
    let mut parts = date.splitn(3, '/');
    let day = number(parts.next()?)?;
    let name = parts.next()?;
    let month = MONTHS.iter().position(|month| month.eq_ignore_ascii_case(name))? as i64 + 1;
    let (year, clock) = parts.next()?.split_once(':')?;
    moment(number(year)?, month, day, clock, zone)
}

/// `2018-07-02T22:23:00.186641Z`, also with an offset, a space for the T, and without a zone.
pub(super) fn of_iso(text: &str) -> Option<Time> {
    let (date, clock) = text.split_at_checked(10)?;
    let clock = clock.strip_prefix(['T', 't', ' '])?;
    let mut parts = date.splitn(3, '-');
    let (year, month, day) =
        (number(parts.next()?)?, number(parts.next()?)?, number(parts.next()?)?);
    let (clock, zone) = match clock.find(['Z', 'z', '+', '-', ' ']) {
        Some(end) => (&clock[..end], Some(offset_s(clock[end..].trim_start())?)),
        None => (clock, None),
    };
    moment(year, month, day, clock, zone)
}

/// A count since 1970, of seconds, or of a unit that its size tells.
pub(super) fn of_number(count: f64) -> Option<Time> {
    let ms = match count {
        _ if !count.is_finite() || count <= 0.0 => return None,
        _ if count < 1e11 => count * 1e3,
        _ if count < 1e14 => count,
        _ if count < 1e17 => count / 1e3,
        _ => count / 1e6,
    };
    (ms < YEAR_9999_MS).then_some((ms.round() as u64, true))
}

/// Any of these.
pub(super) fn of_text(text: &str) -> Option<Time> {
    of_iso(text)
        .or_else(|| of_common(text.trim_matches(['[', ']'])))
        .or_else(|| of_number(text.parse().ok()?))
}

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const YEAR_9999_MS: f64 = 253_402_300_800_000.0;

fn number(text: &str) -> Option<i64> {
    let digits = !text.is_empty() && text.len() <= 9 && text.bytes().all(|b| b.is_ascii_digit());
    digits.then(|| text.parse().ok())?
}

/// `-0700`, `+05:30`, `Z`, `UTC`.
fn offset_s(zone: &str) -> Option<i64> {
    let sign = match zone.as_bytes().first()? {
        b'Z' | b'z' => return Some(0),
        b'U' | b'G' => return matches!(zone, "UTC" | "GMT").then_some(0),
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let digits = &zone[1..];
    let (hours, minutes) = match digits.split_once(':') {
        Some((hours, minutes)) => (number(hours)?, number(minutes)?),
        None => match number(digits)? {
            whole if digits.len() == 4 => (whole / 100, whole % 100),
            hours if digits.len() == 2 => (hours, 0),
            _ => return None,
        },
    };
    (hours < 24 && minutes < 60).then_some(sign * (hours * 3_600 + minutes * 60))
}

fn moment(year: i64, month: i64, day: i64, clock: &str, zone: Option<i64>) -> Option<Time> {
    let (clock, part) = clock.split_once(['.', ',']).unwrap_or((clock, ""));
    let mut parts = clock.splitn(3, ':');
    let (hour, minute, second) =
        (number(parts.next()?)?, number(parts.next()?)?, number(parts.next()?)?);
    let possible = (1970..10_000).contains(&year)
        && (1..=12).contains(&month)
        && (1..=31).contains(&day)
        && hour < 24
        && minute < 60
        && second < 61;
    if !possible || !part.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let milliseconds = part.bytes().chain(*b"000").take(3);
    let milliseconds = milliseconds.fold(0, |sum, digit| sum * 10 + i64::from(digit - b'0'));
    let seconds = days_since_1970(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second
        - zone.unwrap_or_default();
    let at_ms = u64::try_from(seconds * 1_000 + milliseconds).ok()?;
    Some((at_ms, zone.is_some()))
}

fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    // The year begins in March, so that the day of leap years is its last.
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_in_every_spelling() {
        let table = [
            ("10/Oct/2000:13:55:36 -0700", Some((971_211_336_000, true))),
            ("06/Feb/2009:12:14:14.655", Some((1_233_922_454_655, false))),
            ("2018-07-02T22:23:00.186641Z", Some((1_530_570_180_186, true))),
            ("2018-07-03T00:23:00+02:00", Some((1_530_570_180_000, true))),
            ("2018-07-02 22:23:00,5", Some((1_530_570_180_500, false))),
            ("1530570180.186", Some((1_530_570_180_186, true))),
            ("1530570180186", Some((1_530_570_180_186, true))),
            ("1530570180186641000", Some((1_530_570_180_187, true))),
            ("2024-02-29T00:00:00Z", Some((1_709_164_800_000, true))),
            ("31/Foo/2000:00:00:00 +0000", None),
            ("2018-13-02T22:23:00Z", None),
            ("2018-07-02T22:23:00.xZ", None),
            ("-5", None),
            ("NaN", None),
            ("", None),
            ("äöü-ä-öTü", None),
        ];
        for (text, expected) in table {
            assert_eq!(of_text(text), expected, "{text}");
        }
    }
}

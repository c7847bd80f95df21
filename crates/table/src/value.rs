//! Values: the cells of a row, and how they are written where a format has only text.
//!
//! Times are RFC 3339 in UTC (`2025-03-10T09:45:00Z`), with milliseconds only when there are any;
//! an offset is understood when reading. Numbers are written with as many digits as it takes to
//! read the same number again.
//!
//! Reference: RFC 3339, section 5.6.

use std::fmt;

use jiff::Timestamp;

use crate::CELL_BYTES_MAX;
use crate::error::TableError;
use crate::error::quoted;
use crate::schema::Column;
use crate::schema::Kind;
use crate::schema::Schema;

/// One cell of a row.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Nothing: only where the column is not required.
    None,
    /// A text of at most [`CELL_BYTES_MAX`] bytes, without NUL. Empty is not the same as `None`.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// A finite number.
    Number(f64),
    /// Milliseconds since 1970 in UTC, from [`TIME_MS_MIN`] to [`TIME_MS_MAX`].
    Time(i64),
    /// True or false.
    Flag(bool),
}

/// The earliest time, milliseconds since 1970: the first moment of the year 0, as RFC 3339 has
/// four digits for a year and no sign.
pub const TIME_MS_MIN: i64 = -62_167_219_200_000;

/// The latest time, milliseconds since 1970: 22 hours before the year 9999 is over, so that it
/// can still be said with any offset.
pub const TIME_MS_MAX: i64 = 253_402_207_200_000;

/// What is wrong with a row, before it is known in which file: the column where it is one's, and
/// what was wrong and what to write instead.
pub(crate) type Wrong = (Option<&'static str>, String);

/// Refuses a row that is not of the schema, or that not all three formats could carry.
pub(crate) fn check_row(schema: &Schema, row: &[Value]) -> Result<(), Wrong> {
    if row.len() != schema.columns.len() {
        let (has, needs) = (row.len(), schema.columns.len());
        return Err((None, format!("the row has {has} values: give {needs}, one for each column")));
    }
    for (column, value) in schema.columns.iter().zip(row) {
        check(column, value).map_err(|what| (Some(column.name), what))?;
    }
    Ok(())
}

/// Refuses a value that the column cannot have.
pub(crate) fn check(column: &Column, value: &Value) -> Result<(), String> {
    match (column.kind, value) {
        (_, Value::None) if column.required => Err(missing(column.kind)),
        (_, Value::None) | (Kind::Integer, Value::Integer(_)) | (Kind::Flag, Value::Flag(_)) => {
            Ok(())
        }
        (Kind::Text, Value::Text(text)) => check_text(text),
        (Kind::Number, Value::Number(number)) if number.is_finite() => Ok(()),
        (Kind::Number, Value::Number(number)) => {
            Err(format!("{number} is no finite number: leave the value out"))
        }
        (Kind::Time, Value::Time(ms)) => check_time(*ms),
        (kind, other) => Err(format!("{} was given: give {kind}", other.article())),
    }
}

/// What is said of a cell that has nothing although its column is required.
pub(crate) fn missing(kind: Kind) -> String {
    format!("it is empty: write {kind}, the column is required")
}

/// Refuses a text that not all formats could carry.
pub(crate) fn check_text(text: &str) -> Result<(), String> {
    if text.len() > CELL_BYTES_MAX {
        return Err(format!("the text is {} bytes: write at most {CELL_BYTES_MAX}", text.len()));
    }
    if text.contains('\0') {
        return Err("the text has a NUL character: write it without".into());
    }
    Ok(())
}

/// Refuses a time that RFC 3339 cannot say.
pub(crate) fn check_time(ms: i64) -> Result<(), String> {
    if (TIME_MS_MIN..=TIME_MS_MAX).contains(&ms) {
        return Ok(());
    }
    Err(format!("{ms} ms since 1970 is not in the years 0 to 9999: write a time that is"))
}

/// Writes a time, which [`check_time`] has let pass, as RFC 3339.
pub(crate) fn time_text(ms: i64) -> String {
    // Out of range only where `check_time` was not asked; the bounds are jiff's own or inside.
    let at = Timestamp::from_millisecond(ms.clamp(TIME_MS_MIN, TIME_MS_MAX));
    at.expect("inside the range of a timestamp").to_string()
}

/// Writes a finite number so that reading it gives the same: `0.1`, `1.0`, `1e300`.
pub(crate) fn number_text(number: f64) -> String {
    format!("{number:?}")
}

/// Reads a value of `kind` from text that is not empty.
pub(crate) fn parse(kind: Kind, text: &str) -> Result<Value, String> {
    match kind {
        Kind::Text => check_text(text).map(|()| Value::Text(text.to_owned())),
        Kind::Integer => parse_integer(text).map(Value::Integer),
        Kind::Number => parse_number(text).map(Value::Number),
        Kind::Time => parse_time(text).map(Value::Time),
        Kind::Flag if text.eq_ignore_ascii_case("true") => Ok(Value::Flag(true)),
        Kind::Flag if text.eq_ignore_ascii_case("false") => Ok(Value::Flag(false)),
        Kind::Flag => Err(format!("{} is neither: write true or false", quoted(text))),
    }
}

/// Reads a whole number.
pub(crate) fn parse_integer(text: &str) -> Result<i64, String> {
    text.parse().map_err(|_| {
        format!(
            "{} is no whole number: write digits only, from {} to {}",
            quoted(text),
            i64::MIN,
            i64::MAX
        )
    })
}

/// Reads a finite number.
pub(crate) fn parse_number(text: &str) -> Result<f64, String> {
    let plain = |byte| matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E');
    let number = text.bytes().all(plain).then(|| text.parse::<f64>().ok()).flatten();
    match number {
        Some(number) if number.is_finite() => Ok(number),
        Some(_) => Err(format!("{} is too large a number: write a smaller one", quoted(text))),
        None => {
            Err(format!("{} is no number: write digits and a point, such as 0.5", quoted(text)))
        }
    }
}

/// Reads an RFC 3339 time, with its offset, to the millisecond.
pub(crate) fn parse_time(text: &str) -> Result<i64, String> {
    let wrong = |what| Err(format!("{} {what}: {TIME_RULE}", quoted(text)));
    if !is_rfc_3339(text.as_bytes()) {
        return wrong("is no RFC 3339 time");
    }
    let Ok(at) = text.parse::<Timestamp>() else {
        return wrong("is a time that never was");
    };
    if at.subsec_nanosecond() % NANOS_A_MILLI != 0 {
        return wrong("is finer than a millisecond");
    }
    let ms = at.as_millisecond();
    if check_time(ms).is_err() {
        return wrong("is outside the years 0 to 9999");
    }
    Ok(ms)
}

/// What is to be written instead of a wrong time.
pub(crate) const TIME_RULE: &str = "write date, time and Z or an offset, such as \
     2025-03-10T09:45:00Z, with at most three digits after the seconds";

/// Nanoseconds of a millisecond.
const NANOS_A_MILLI: i32 = 1_000_000;

/// Whether `text` has the shape of an RFC 3339 time: jiff alone would take more than that.
fn is_rfc_3339(text: &[u8]) -> bool {
    let shape = |text: &[u8], shape: &[u8]| {
        text.len() == shape.len()
            && text.iter().zip(shape).all(|(byte, like)| match like {
                b'0' => byte.is_ascii_digit(),
                b'T' => matches!(byte, b'T' | b't' | b' '),
                b'+' => matches!(byte, b'+' | b'-'),
                _ => byte == like,
            })
    };
    let Some((start, rest)) = text.split_at_checked(SECONDS_SHAPE.len()) else { return false };
    let rest = match rest.split_first() {
        Some((b'.', after)) => {
            let digits = after.iter().take_while(|byte| byte.is_ascii_digit()).count();
            if !(1..=FRACTION_DIGITS_MAX).contains(&digits) {
                return false;
            }
            &after[digits..]
        }
        _ => rest,
    };
    shape(start, SECONDS_SHAPE) && (matches!(rest, b"Z" | b"z") || shape(rest, b"+00:00"))
}

/// A date and a time to the second; `0` stands for any digit.
const SECONDS_SHAPE: &[u8] = b"0000-00-00T00:00:00";

/// Digits after the second that are looked at.
const FRACTION_DIGITS_MAX: usize = 9;

impl Value {
    /// What the value is, for a message.
    fn article(&self) -> String {
        match self {
            Value::None => "nothing".into(),
            Value::Text(_) => Kind::Text.to_string(),
            Value::Integer(_) => Kind::Integer.to_string(),
            Value::Number(_) => Kind::Number.to_string(),
            Value::Time(_) => Kind::Time.to_string(),
            Value::Flag(_) => Kind::Flag.to_string(),
        }
    }
}

/// For people: nothing, the text as it is, or what would be written in CSV.
impl fmt::Display for Value {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::None => Ok(()),
            Value::Text(text) => out.write_str(text),
            Value::Integer(number) => write!(out, "{number}"),
            Value::Number(number) => out.write_str(&number_text(*number)),
            Value::Time(ms) => out.write_str(&time_text(*ms)),
            Value::Flag(flag) => write!(out, "{flag}"),
        }
    }
}

/// Names the row and the column in which something is wrong.
pub(crate) fn refused(schema: &Schema, row: u64, (column, what): Wrong) -> TableError {
    let place = crate::error::Place::new(schema.name.as_ref(), crate::error::RowAt::Row(row));
    let place = match column {
        Some(name) => place.column(name),
        None => place,
    };
    TableError::Refused { place, what }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_written_with_milliseconds_only_when_there_are_any() {
        assert_eq!(time_text(1_741_599_900_000), "2025-03-10T09:45:00Z");
        assert_eq!(time_text(1_741_599_900_250), "2025-03-10T09:45:00.25Z");
        assert_eq!(time_text(TIME_MS_MIN), "0000-01-01T00:00:00Z");
        assert_eq!(time_text(TIME_MS_MAX), "9999-12-30T22:00:00Z");
    }

    #[test]
    fn a_time_is_read_with_its_offset() {
        assert_eq!(parse_time("2025-03-10T10:45:00+01:00"), Ok(1_741_599_900_000));
        assert_eq!(parse_time("2025-03-10 09:45:00.250z"), Ok(1_741_599_900_250));
        assert_eq!(parse_time(&time_text(TIME_MS_MIN)), Ok(TIME_MS_MIN));
        assert_eq!(parse_time(&time_text(TIME_MS_MAX)), Ok(TIME_MS_MAX));
    }

    #[test]
    fn what_is_not_rfc_3339_is_refused_with_what_to_write() {
        for text in [
            "1741599900000",
            "2025-03-10",
            "2025-03-10T09:45:00",
            "2025-03-10T09:45Z",
            "10.03.2025 09:45",
            "2025-02-30T09:45:00Z",
            "2025-03-10T09:45:00.0001Z",
            "2025-03-10T09:45:00+01",
            "2025-03-10T09:45:00Z[UTC]",
            "2025-03-10T09:45:00.Z",
            "−2025-03-10T09:45:00Z",
        ] {
            let what = parse_time(text).expect_err(text);
            assert!(what.contains("such as 2025-03-10T09:45:00Z"), "{what}");
        }
    }

    #[test]
    fn a_number_is_plain_and_finite() {
        assert_eq!(parse_number("-1.5e3"), Ok(-1500.0));
        for text in ["inf", "NaN", "1e999", "0,5", " 1", "", "1_000", "--1"] {
            parse_number(text).expect_err(text);
        }
        assert_eq!(parse_number(&number_text(-0.0)).map(f64::is_sign_negative), Ok(true));
    }

    #[test]
    fn a_value_of_the_wrong_kind_is_refused() {
        let column = Column { name: "weight", kind: Kind::Number, required: true };
        check(&column, &Value::Number(0.5)).expect("a number");
        for wrong in [Value::Number(f64::NAN), Value::Integer(1), Value::None] {
            check(&column, &wrong).expect_err("no finite number");
        }
        let what = check(&column, &Value::Number(f64::INFINITY)).expect_err("not finite");
        assert_eq!(what, "inf is no finite number: leave the value out");
    }

    #[test]
    fn a_time_no_format_can_say_is_refused() {
        check_time(TIME_MS_MAX + 1).expect_err("too late");
        check_time(TIME_MS_MIN - 1).expect_err("too early");
        check_time(i64::MIN).expect_err("too early");
    }

    #[test]
    fn a_text_with_nul_is_refused() {
        check_text("a\0b").expect_err("NUL");
        check_text(&"a".repeat(CELL_BYTES_MAX + 1)).expect_err("too long");
        check_text(&"a".repeat(CELL_BYTES_MAX)).expect("just short enough");
    }
}

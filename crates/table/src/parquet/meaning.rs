//! Meaning: how the values of a Parquet column, as some other program wrote it, are to be taken.

use parquet::basic::ConvertedType;
use parquet::basic::LogicalType;
use parquet::basic::TimeUnit;
use parquet::basic::Type as Physical;
use parquet::schema::types::ColumnDescriptor;

use crate::schema::Kind;

/// What a stored value stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// UTF-8.
    Text,
    /// A whole number, signed.
    Integer,
    /// A whole number without a sign.
    Unsigned,
    /// A number, whole or not.
    Number,
    /// A moment, in parts of a millisecond: 1, 1000 or 1 000 000 of them.
    Time {
        /// How many units are one millisecond.
        units_a_milli: i64,
    },
    /// True or false.
    Flag,
}

/// How a column of the file is to be taken as one of `kind`, or what it should have been.
pub(crate) fn of(kind: Kind, column: &ColumnDescriptor) -> Result<Meaning, String> {
    if column.max_rep_level() > 0 || column.max_def_level() > 1 || column.path().parts().len() > 1 {
        return Err(format!("it is nested: write a flat column of type {}", type_name(kind)));
    }
    let known = match kind {
        Kind::Text => is_text(column).then_some(Meaning::Text),
        Kind::Integer => integer(column),
        Kind::Number => number(column),
        Kind::Time => return time(column),
        Kind::Flag => flag(column),
    };
    known.ok_or_else(|| wrong(kind, column))
}

/// How each kind is written in Parquet.
fn type_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Text => "BYTE_ARRAY (STRING)",
        Kind::Integer => "INT64",
        Kind::Number => "DOUBLE",
        Kind::Time => "INT64 (TIMESTAMP(MILLIS, UTC))",
        Kind::Flag => "BOOLEAN",
    }
}

fn wrong(kind: Kind, column: &ColumnDescriptor) -> String {
    let physical = column.physical_type();
    let is = match (column.logical_type_ref(), column.converted_type()) {
        (Some(logical), _) => format!("{physical} ({logical:?})"),
        (None, ConvertedType::NONE) => physical.to_string(),
        (None, converted) => format!("{physical} ({converted})"),
    };
    format!("its type is {is}: write {}", type_name(kind))
}

fn is_text(column: &ColumnDescriptor) -> bool {
    let logical = matches!(
        (column.logical_type_ref(), column.converted_type()),
        (Some(LogicalType::String | LogicalType::Enum | LogicalType::Json), _)
            | (
                None,
                ConvertedType::NONE
                    | ConvertedType::UTF8
                    | ConvertedType::ENUM
                    | ConvertedType::JSON
            )
    );
    logical && column.physical_type() == Physical::BYTE_ARRAY
}

fn integer(column: &ColumnDescriptor) -> Option<Meaning> {
    if !matches!(column.physical_type(), Physical::INT32 | Physical::INT64) {
        return None;
    }
    match (column.logical_type_ref(), column.converted_type()) {
        (Some(LogicalType::Integer(int)), _) if int.is_signed => Some(Meaning::Integer),
        (Some(LogicalType::Integer(_)), _) => Some(Meaning::Unsigned),
        (Some(_), _) => None,
        (
            None,
            ConvertedType::NONE
            | ConvertedType::INT_8
            | ConvertedType::INT_16
            | ConvertedType::INT_32
            | ConvertedType::INT_64,
        ) => Some(Meaning::Integer),
        (
            None,
            ConvertedType::UINT_8
            | ConvertedType::UINT_16
            | ConvertedType::UINT_32
            | ConvertedType::UINT_64,
        ) => Some(Meaning::Unsigned),
        (None, _) => None,
    }
}

fn number(column: &ColumnDescriptor) -> Option<Meaning> {
    match column.physical_type() {
        Physical::FLOAT | Physical::DOUBLE => Some(Meaning::Number),
        // Whole numbers are numbers too, as long as they are exact.
        _ => (integer(column)? == Meaning::Integer).then_some(Meaning::Number),
    }
}

fn flag(column: &ColumnDescriptor) -> Option<Meaning> {
    (column.physical_type() == Physical::BOOLEAN).then_some(Meaning::Flag)
}

fn time(column: &ColumnDescriptor) -> Result<Meaning, String> {
    if column.physical_type() != Physical::INT64 {
        return Err(wrong(Kind::Time, column));
    }
    let unit = match (column.logical_type_ref(), column.converted_type()) {
        (Some(LogicalType::Timestamp(time)), _) if !time.is_adjusted_to_u_t_c => {
            let write = type_name(Kind::Time);
            return Err(format!("its times do not say that they are in UTC: write {write}"));
        }
        (Some(LogicalType::Timestamp(time)), _) => time.unit,
        (None, ConvertedType::TIMESTAMP_MILLIS) => TimeUnit::MILLIS,
        (None, ConvertedType::TIMESTAMP_MICROS) => TimeUnit::MICROS,
        _ => return Err(wrong(Kind::Time, column)),
    };
    let units_a_milli = match unit {
        TimeUnit::MILLIS => 1,
        TimeUnit::MICROS => 1_000,
        TimeUnit::NANOS => 1_000_000,
    };
    Ok(Meaning::Time { units_a_milli })
}

//! What is written is what is read: random tables, in every format.

use std::ops::Range;

use outcry_table::error::TableError;
use outcry_table::format::Format;
use outcry_table::format::Packing;
use outcry_table::reader::Reader;
use outcry_table::schema::Column;
use outcry_table::schema::Kind;
use outcry_table::schema::Schema;
use outcry_table::value::TIME_MS_MAX;
use outcry_table::value::TIME_MS_MIN;
use outcry_table::value::Value;
use outcry_table::writer::Writer;
use proptest::prelude::*;

/// What is built in.
const FORMATS: &[(Format, Packing)] = if cfg!(feature = "parquet") {
    &[
        (Format::Csv, Packing::Plain),
        (Format::Csv, Packing::Zstd),
        (Format::Jsonl, Packing::Plain),
        (Format::Jsonl, Packing::Zstd),
        (Format::Parquet, Packing::Plain),
    ]
} else {
    &[(Format::Csv, Packing::Plain), (Format::Jsonl, Packing::Zstd)]
};

const NAMES: [&str; 6] = ["at", "service", "n2", "weight_kg", "x", "a_b_c"];

const COLUMNS: Range<usize> = 1..7;

const ROWS: Range<usize> = 0..12;

fn kinds() -> impl Strategy<Value = Kind> {
    prop::sample::select(vec![Kind::Text, Kind::Integer, Kind::Number, Kind::Time, Kind::Flag])
}

/// Texts with what the three formats have their trouble with.
fn texts() -> impl Strategy<Value = String> {
    prop_oneof![
        "['\"=+@,;\\-＝ \t\r\n\\\\ab\u{feff}\u{a0}]{0,8}",
        "[^\\x00]{0,20}",
        Just("null".to_owned()),
        Just("\u{10ffff}\u{fffe}\u{2028}\u{85}".to_owned()),
    ]
}

fn values(kind: Kind, required: bool) -> BoxedStrategy<Value> {
    let edges = [i64::MIN, i64::MAX, 0, -1];
    let value = match kind {
        Kind::Text => texts().prop_map(Value::Text).boxed(),
        Kind::Integer => prop_oneof![any::<i64>(), prop::sample::select(edges.to_vec())]
            .prop_map(Value::Integer)
            .boxed(),
        Kind::Number => {
            use proptest::num::f64::NEGATIVE;
            use proptest::num::f64::NORMAL;
            use proptest::num::f64::POSITIVE;
            use proptest::num::f64::SUBNORMAL;
            use proptest::num::f64::ZERO;
            (NORMAL | SUBNORMAL | ZERO | POSITIVE | NEGATIVE).prop_map(Value::Number).boxed()
        }
        Kind::Time => prop_oneof![
            TIME_MS_MIN..=TIME_MS_MAX,
            Just(TIME_MS_MIN),
            Just(TIME_MS_MAX),
            (TIME_MS_MIN / 1000..=TIME_MS_MAX / 1000).prop_map(|seconds| seconds * 1000),
        ]
        .prop_map(Value::Time)
        .boxed(),
        Kind::Flag => any::<bool>().prop_map(Value::Flag).boxed(),
    };
    match required {
        true => value,
        false => prop_oneof![1 => Just(Value::None), 2 => value].boxed(),
    }
}

fn tables() -> impl Strategy<Value = (Schema, Vec<Vec<Value>>)> {
    prop::collection::vec((kinds(), any::<bool>()), COLUMNS).prop_flat_map(|columns| {
        let rows = columns.iter().map(|(kind, required)| values(*kind, *required));
        let rows = prop::collection::vec(rows.collect::<Vec<_>>(), ROWS);
        let named = columns.iter().zip(NAMES);
        let columns =
            named.map(|(&(kind, required), name)| Column { name, kind, required }).collect();
        (Just(Schema { name: "random", columns }), rows)
    })
}

fn written(
    (format, packing): (Format, Packing),
    schema: &Schema,
    rows: &[Vec<Value>],
) -> Result<Vec<u8>, TableError> {
    let mut writer = Writer::packed(format, packing, schema.clone(), Vec::new())?;
    rows.iter().try_for_each(|row| writer.row(row))?;
    writer.finish()
}

fn read(format: Format, schema: &Schema, bytes: &[u8]) -> Result<Vec<Vec<Value>>, TableError> {
    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), bytes).expect("written");
    Reader::open(format, schema.clone(), file.path())?.collect()
}

/// As bits, so that the two zeros are not the same.
fn bits(rows: &[Vec<Value>]) -> Vec<u64> {
    let all = rows.iter().flatten();
    all.filter_map(|value| match value {
        Value::Number(number) => Some(number.to_bits()),
        _ => None,
    })
    .collect()
}

proptest! {
    #[test]
    fn every_table_comes_back_in_every_format((schema, rows) in tables()) {
        for &form in FORMATS {
            let bytes = written(form, &schema, &rows).expect("rows of the schema");
            let again = read(form.0, &schema, &bytes).expect("what was written");
            prop_assert_eq!(&again, &rows, "{:?}", form);
            prop_assert_eq!(bits(&again), bits(&rows));
        }
    }
}

#[test]
fn what_not_every_format_can_carry_none_takes() {
    let column = |kind| Column { name: "x", kind, required: false };
    let wrong = [
        (Kind::Number, Value::Number(f64::NAN)),
        (Kind::Number, Value::Number(f64::NEG_INFINITY)),
        (Kind::Text, Value::Text("a\0".into())),
        (Kind::Time, Value::Time(TIME_MS_MAX + 1)),
        (Kind::Time, Value::Integer(0)),
    ];
    for (kind, value) in wrong {
        let schema = Schema { name: "random", columns: vec![column(kind)] };
        for &form in FORMATS {
            let error = written(form, &schema, &[vec![value.clone()]]).expect_err("refused");
            assert!(error.to_string().starts_with("random, row 1, column x: "), "{error}");
        }
    }
}

//! Parquet: files of another writer are read, ours say what they are, damaged ones are refused.

#![cfg(feature = "parquet")]

use std::path::Path;

use outcry_table::ROW_GROUP_ROWS_MAX;
use outcry_table::error::TableError;
use outcry_table::format::Format;
use outcry_table::reader::Reader;
use outcry_table::schema::Column;
use outcry_table::schema::Kind;
use outcry_table::schema::Schema;
use outcry_table::value::Value;
use outcry_table::writer::Writer;
use parquet::file::reader::FileReader;
use parquet::file::serialized_reader::SerializedFileReader;
use proptest::prelude::*;

fn schema() -> Schema {
    let column = |name, kind, required| Column { name, kind, required };
    Schema {
        name: "reports",
        columns: vec![
            column("at", Kind::Time, true),
            column("service", Kind::Text, true),
            column("count", Kind::Integer, false),
            column("weight", Kind::Number, false),
            column("held", Kind::Flag, false),
            column("comment", Kind::Text, false),
        ],
    }
}

/// The row `at` of the files that `testdata/make.py` made.
fn row(at: i64) -> Vec<Value> {
    let or_none = |missing, value| if missing { Value::None } else { value };
    vec![
        Value::Time(1_741_599_900_000 + at * 1000),
        Value::Text(["mail", "chat", "maps"][at as usize % 3].into()),
        or_none(at % 5 == 0, Value::Integer(at % 11)),
        or_none(at % 3 == 0, Value::Number((at % 8) as f64 / 4.0)),
        or_none(at % 4 == 1, Value::Flag(at % 2 == 0)),
        or_none(at % 4 == 3, Value::Text(format!("comment {} é", at % 7))),
    ]
}

fn open(name: &str) -> Result<Reader, String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata").join(name);
    Reader::open(Format::Parquet, schema(), &path).map_err(|error| told(&error))
}

/// The message from the file's name on.
fn told(error: &TableError) -> String {
    let told = error.to_string();
    told.rsplit_once("testdata/").map_or(told.clone(), |(_, told)| told.to_owned())
}

fn written(rows: impl IntoIterator<Item = Vec<Value>>) -> Vec<u8> {
    let mut writer = Writer::new(Format::Parquet, schema(), Vec::new()).expect("begun");
    rows.into_iter().for_each(|row| writer.row(&row).expect("a row of the schema"));
    writer.finish().expect("into memory")
}

fn read(schema: Schema, bytes: &[u8]) -> Result<Vec<Vec<Value>>, TableError> {
    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), bytes).expect("written");
    Reader::open(Format::Parquet, schema, file.path())?.collect()
}

#[test]
fn a_file_of_pyarrow_with_dictionaries_and_nulls_is_read() {
    let rows: Vec<_> = open("snappy.parquet").expect("open").map(|row| row.expect("row")).collect();
    assert_eq!(rows, (0..2000).map(row).collect::<Vec<_>>());
}

#[test]
fn a_file_of_pyarrow_with_delta_encodings_is_read() {
    let rows: Vec<_> =
        open("pages_v2.parquet").expect("open").map(|row| row.expect("row")).collect();
    assert_eq!(rows, (0..60).map(row).collect::<Vec<_>>());
}

#[test]
fn a_column_of_the_wrong_type_is_refused_with_what_to_write() {
    let cases = [
        ("no_zone.parquet", "column at: its times do not say that they are in UTC: write INT64"),
        ("nested.parquet", "column comment: it is nested: write a flat column"),
        ("text_count.parquet", "column count: its type is BYTE_ARRAY (String): write INT64"),
        ("gzip.parquet", "column comment: it is packed with GZIP"),
    ];
    for (name, what) in cases {
        let error = open(name).err().expect(name);
        assert!(error.starts_with(&format!("{name}, {what}")), "{error}");
    }
}

#[test]
fn reading_goes_on_after_a_mistake() {
    let rows: Vec<_> = open("mistakes.parquet").expect("open").collect();
    rows[0].as_ref().expect("a good row");
    let told = |at: usize| told(rows[at].as_ref().expect_err("a mistake"));
    assert_eq!(
        told(1),
        "mistakes.parquet, row 2, column at: the time is finer than a millisecond: write whole \
         milliseconds"
    );
    assert_eq!(
        told(2),
        "mistakes.parquet, row 3, column weight: NaN is no finite number: leave the value out"
    );
    assert_eq!(rows.len(), 3);
}

#[test]
fn our_file_says_which_table_it_is_and_has_statistics() {
    let rows = ROW_GROUP_ROWS_MAX as i64 + 10;
    let bytes = written((0..rows).map(row));
    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), &bytes).expect("written");
    let reader = SerializedFileReader::new(file.reopen().expect("there")).expect("Parquet");
    let metadata = reader.metadata();
    let said = metadata.file_metadata().key_value_metadata().expect("said");
    let said: Vec<_> = said.iter().map(|said| (&*said.key, said.value.as_deref())).collect();
    assert_eq!(said, [("outcry.table", Some("reports")), ("outcry.version", Some("1"))]);
    let groups = metadata.row_groups();
    let rows_of: Vec<_> = groups.iter().map(|group| group.num_rows()).collect();
    assert_eq!(rows_of, [ROW_GROUP_ROWS_MAX as i64, 10]);
    for column in groups.iter().flat_map(|group| group.columns()) {
        let statistics = column.statistics().expect("statistics");
        assert!(statistics.min_bytes_opt().is_some() && statistics.max_bytes_opt().is_some());
    }
    assert_eq!(read(schema(), &bytes).expect("ours").len() as i64, rows);
}

#[test]
fn another_table_and_another_columns_file_are_refused() {
    let bytes = written([row(1)]);
    let other = Schema { name: "incidents", ..schema() };
    let error = read(other, &bytes).expect_err("another table");
    assert!(
        error
            .to_string()
            .ends_with("it is the table \"reports\": give a file of the table incidents")
    );
    let mut fewer = schema();
    fewer.columns.truncate(2);
    let error = read(fewer, &bytes).expect_err("unknown columns");
    assert!(error.to_string().ends_with("\"count\" is unknown: write at, service"), "{error}");
    let mut more = schema();
    more.columns[2] = Column { name: "weeks", kind: Kind::Integer, required: true };
    read(more, &bytes).expect_err("a column is missing");
    let mut more = schema();
    more.columns.push(Column { name: "weeks", kind: Kind::Integer, required: false });
    assert_eq!(read(more, &bytes).expect("it is optional")[0][6], Value::None);
}

#[test]
fn a_required_column_may_lie_in_the_file_as_an_optional_one() {
    let mut optional = schema();
    optional.columns.iter_mut().for_each(|column| column.required = false);
    let mut writer = Writer::new(Format::Parquet, optional, Vec::new()).expect("begun");
    writer.row(&row(1)).expect("a row");
    writer.row(&vec![Value::None; 6]).expect("nothing");
    let error = read(schema(), &writer.finish().expect("memory")).expect_err("required");
    assert!(error.to_string().contains(", row 2, column at: it is empty: write a time"), "{error}");
}

#[test]
fn a_file_that_is_no_parquet_is_said_so() {
    for bytes in [&b""[..], b"PAR1", b"at,service\n", b"PAR1\xff\xff\xff\x7fPAR1"] {
        let error = read(schema(), bytes).expect_err("no Parquet");
        assert!(error.to_string().ends_with("or not a whole one: write it anew"), "{error}");
    }
    let bytes = written((0..100).map(row));
    read(schema(), &bytes[..bytes.len() / 2]).expect_err("torn");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_bytes_are_read_without_panic(bytes in any::<Vec<u8>>()) {
        let _ = read(schema(), &bytes);
        // With the marks at both ends, the footer is looked at.
        let length = u32::try_from(bytes.len()).expect("short").to_le_bytes();
        let _ = read(schema(), &[b"PAR1", &bytes[..], &length, b"PAR1"].concat());
    }

    #[test]
    fn a_damaged_file_is_read_without_panic(
        pyarrow in any::<bool>(),
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        let mut bytes = if pyarrow {
            include_bytes!("../testdata/pages_v2.parquet").to_vec()
        } else {
            written((0..50).map(row))
        };
        for (at, byte) in damage {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        let _ = read(schema(), &bytes);
    }
}

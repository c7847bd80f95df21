//! CSV and JSON lines from outside: what is understood, what is refused, and what is said then.

use std::io::Write;
use std::path::PathBuf;

use outcry_table::CELL_BYTES_MAX;
use outcry_table::COLUMNS_MAX;
use outcry_table::LINE_BYTES_MAX;
use outcry_table::error::TableError;
use outcry_table::format::Format;
use outcry_table::format::Packing;
use outcry_table::reader::Reader;
use outcry_table::schema::Column;
use outcry_table::schema::Kind;
use outcry_table::schema::Schema;
use outcry_table::value::Value;
use outcry_table::writer::Writer;
use proptest::prelude::*;
use tempfile::TempDir;

/// What is built in.
const FORMATS: &[Format] = if cfg!(feature = "parquet") {
    &[Format::Csv, Format::Jsonl, Format::Parquet]
} else {
    &[Format::Csv, Format::Jsonl]
};

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

fn row() -> Vec<Value> {
    vec![
        Value::Time(1_741_599_900_000),
        Value::Text("mail".into()),
        Value::Integer(-3),
        Value::Number(0.5),
        Value::Flag(true),
        Value::Text("=1+1, \"down\"\nagain".into()),
    ]
}

struct File {
    folder: TempDir,
    path: PathBuf,
}

fn file(name: &str, bytes: &[u8]) -> File {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).expect("written");
    File { folder, path }
}

/// All rows and mistakes; messages begin with the file's name, not its folder.
fn read(format: Format, bytes: &[u8]) -> Result<Vec<Result<Vec<Value>, String>>, String> {
    let file = file("in", bytes);
    let folder = format!("{}/", file.folder.path().display());
    let told = |error: TableError| error.to_string().replace(&folder, "");
    let rows = Reader::open(format, schema(), &file.path).map_err(told)?;
    Ok(rows.map(|row| row.map_err(told)).collect())
}

/// What is wrong with one line behind a good one.
fn mistake(format: Format, line: &str) -> String {
    let good = match format {
        Format::Csv => "at,service,count,weight,held,comment\n2025-03-10T09:45:00Z,mail,,,,\n",
        _ => "{\"at\":\"2025-03-10T09:45:00Z\",\"service\":\"mail\"}\n\n",
    };
    let rows = read(format, format!("{good}{line}\n").as_bytes()).expect("a header");
    assert_eq!(rows.len(), 2, "{rows:?}");
    rows[0].as_ref().expect("the good line");
    rows[1].clone().expect_err("the bad line")
}

fn written(format: Format, packing: Packing, rows: &[Vec<Value>]) -> Vec<u8> {
    let mut writer = Writer::packed(format, packing, schema(), Vec::new()).expect("begun");
    rows.iter().for_each(|row| writer.row(row).expect("a row of the schema"));
    writer.finish().expect("into memory")
}

#[test]
fn csv_looks_as_documented() {
    let text = String::from_utf8(written(Format::Csv, Packing::Plain, &[row()])).expect("UTF-8");
    assert_eq!(
        text,
        "at,service,count,weight,held,comment\n\
         2025-03-10T09:45:00Z,mail,-3,0.5,true,\"'=1+1, \"\"down\"\"\nagain\"\n"
    );
}

#[test]
fn json_lines_look_as_documented() {
    let mut short = row();
    short[2..].fill(Value::None);
    let text = written(Format::Jsonl, Packing::Plain, &[row(), short]);
    assert_eq!(
        String::from_utf8(text).expect("UTF-8"),
        "{\"at\":\"2025-03-10T09:45:00Z\",\"service\":\"mail\",\"count\":-3,\"weight\":0.5,\
         \"held\":true,\"comment\":\"=1+1, \\\"down\\\"\\nagain\"}\n\
         {\"at\":\"2025-03-10T09:45:00Z\",\"service\":\"mail\"}\n"
    );
}

#[test]
fn a_packed_file_comes_back() {
    for format in [Format::Csv, Format::Jsonl] {
        let bytes = written(format, Packing::Zstd, &[row(), row()]);
        let rows = read(format, &bytes).expect("a header");
        assert_eq!(rows, [Ok(row()), Ok(row())]);
        // Torn: what is whole is read, then it is said that the rest is not there.
        let torn = read(format, &bytes[..bytes.len() - 9]);
        let error = match torn {
            Ok(rows) => rows.last().expect("something").clone().expect_err("torn"),
            Err(error) => error,
        };
        assert!(error.contains("whole"), "{error}");
    }
}

#[test]
fn csv_of_other_programs_is_understood() {
    let text = "\u{feff}\"service\",at,held,weight\r\n\
                mail,2025-03-10T10:45:00+01:00,TRUE,1e3\r\n\
                \r\n\
                \"-x\",2025-03-10T09:45:00.250Z,,";
    let rows = read(Format::Csv, text.as_bytes()).expect("a header");
    let row = |ms, service: &str, weight, held| {
        let service = Value::Text(service.into());
        Ok(vec![Value::Time(ms), service, Value::None, weight, held, Value::None])
    };
    assert_eq!(
        rows,
        [
            row(1_741_599_900_000, "mail", Value::Number(1000.0), Value::Flag(true)),
            row(1_741_599_900_250, "-x", Value::None, Value::None),
        ]
    );
}

#[test]
fn a_csv_mistake_names_line_column_and_what_to_write() {
    let cases = [
        ("x,mail,,,,", "column at: \"x\" is no RFC 3339 time: write date, time and Z"),
        ("2025-03-10T09:45:00Z,,,,,", "column service: it is empty: write a text"),
        ("2025-03-10T09:45:00Z,mail,1.5,,,", "column count: \"1.5\" is no whole number"),
        ("2025-03-10T09:45:00Z,mail,,\"0,5\",,", "column weight: \"0,5\" is no number"),
        ("2025-03-10T09:45:00Z,mail,,inf,,", "column weight: \"inf\" is no number"),
        ("2025-03-10T09:45:00Z,mail,,,yes,", "column held: \"yes\" is neither: write true"),
        ("2025-03-10T09:45:00Z,mail,,,,a\0", "column comment: the text has a NUL"),
        ("2025-03-10T09:45:00Z,mail", "the row has 2 cells: write 6, as the header has"),
        ("2025-03-10T09:45:00Z,mail,,,,\"x", "a quote is opened and not closed"),
    ];
    for (line, what) in cases {
        let mistake = mistake(Format::Csv, line);
        assert!(mistake.starts_with("in, line 3"), "{mistake}");
        assert!(mistake.contains(what), "{mistake}");
    }
    let many = ",".repeat(COLUMNS_MAX + 1);
    assert!(mistake(Format::Csv, &many).contains("the row has over 256 cells"));
}

#[test]
fn a_json_mistake_names_line_key_and_what_to_write() {
    let start = "{\"at\":\"2025-03-10T09:45:00Z\"";
    let cases = [
        (",\"sevice\":\"mail\"}", "the key \"sevice\" is unknown: write one of at, service, count"),
        ("}", "column service: it is empty: write a text, the column is required"),
        (",\"service\":null}", "column service: it is empty"),
        (",\"service\":5}", "column service: a number stands there: write a text in quotes"),
        (",\"service\":\"a\",\"service\":\"b\"}", "column service: the key is there twice"),
        (",\"service\":\"\\ud800\"}", "column service: \"\\\"\\\\ud800\\\"\" has an escape"),
        (",\"count\":1.0}", "column count: \"1.0\" is no whole number"),
        (",\"count\":\"1\"}", "column count: a text in quotes stands there: write a whole number"),
        (",\"weight\":1e999}", "column weight: \"1e999\" is too large a number"),
        (",\"held\":[true]}", "column held: an array stands there: write true"),
        (",\"held\":tru}", "the line is no JSON from byte"),
        (",", "the line ends in the middle of its JSON: write one object a line"),
    ];
    for (end, what) in cases {
        let mistake = mistake(Format::Jsonl, &format!("{start}{end}"));
        assert!(mistake.starts_with("in, line 3"), "{mistake}");
        assert!(mistake.contains(what), "{mistake}");
    }
    assert!(mistake(Format::Jsonl, "[1]").contains("the line is no JSON object"));
    assert!(mistake(Format::Jsonl, "{\"at\":1741599900000}").contains("a time in quotes"));
}

#[test]
fn reading_goes_on_after_a_mistake() {
    let text = "at,service\nx,a\n2025-03-10T09:45:00Z,\"b\nb\"\ny,c\n2025-03-10T09:45:00Z,d\n";
    let rows = read(Format::Csv, text.as_bytes()).expect("a header");
    let lines: Vec<_> = rows.iter().map(|row| row.as_ref().err().map(|told| &told[..10])).collect();
    assert_eq!(lines, [Some("in, line 2"), None, Some("in, line 5"), None]);
}

#[test]
fn lines_are_counted_whatever_ends_them() {
    for end in ["\n", "\r\n"] {
        let text = ["at,service", "", "2025-03-10T09:45:00Z,a", "", "", "x,b", "y,c"].join(end);
        let rows = read(Format::Csv, text.as_bytes()).expect("a header");
        let told: Vec<_> = rows.iter().filter_map(|row| row.as_ref().err()).collect();
        assert!(told[0].starts_with("in, line 6, column at"), "{told:?}");
        assert!(told[1].starts_with("in, line 7, column at"), "{told:?}");
    }
}

#[test]
fn a_header_that_is_not_the_schemas_is_refused() {
    let cases: [(&[u8], &str); 6] = [
        (b"", "in: it is empty: write a header, at,service,count,weight,held,comment"),
        (b"at,service,Wait\n", "in, line 1: the column \"Wait\" is unknown: write at, service, c"),
        (b"\nat\n", "in, line 2: the column service is missing"),
        (b"at,at\n", "in, line 1: the column at is there twice"),
        (b"at;service\n", "the sign between columns is the comma"),
        (b"\xff\xfea\0t\0", "in, line 1: the text is not UTF-8: save the file as CSV in UTF-8"),
    ];
    for (bytes, what) in cases {
        let told = read(Format::Csv, bytes).expect_err("no header of the schema's");
        assert!(told.contains(what), "{told}");
    }
}

#[test]
fn a_file_that_is_not_there_is_said_so() {
    for &format in FORMATS {
        let path = PathBuf::from("/not/there");
        let error = Reader::open(format, schema(), &path).err().expect("not there");
        assert!(error.to_string().starts_with("/not/there cannot be read: "), "{error}");
    }
}

#[test]
fn a_row_without_end_does_not_fill_the_memory() {
    let mut text = b"at,service\n2025-03-10T09:45:00Z,\"".to_vec();
    text.resize(3 * LINE_BYTES_MAX, b'\n');
    let rows = read(Format::Csv, &text).expect("a header");
    assert_eq!(rows.len(), 1);
    assert!(rows[0].as_ref().expect_err("open").contains("a quote is opened"), "{rows:?}");

    text.extend_from_slice(b"\"\n2025-03-10T09:45:00Z,mail");
    let rows = read(Format::Csv, &text).expect("a header");
    assert!(rows[0].as_ref().expect_err("long").contains("is over 4194304 bytes"), "{rows:?}");
    rows[1].as_ref().expect("the next row is read");

    let mut text = vec![b'['; 2 * LINE_BYTES_MAX];
    text.extend_from_slice(b"\n{\"at\":\"2025-03-10T09:45:00Z\",\"service\":\"mail\"}");
    let rows = read(Format::Jsonl, &text).expect("open");
    assert!(rows[0].as_ref().expect_err("long").contains("line 1: the line is over 4194304"));
    rows[1].as_ref().expect("the next line is read");
}

#[test]
fn a_row_that_could_not_be_read_again_is_not_written() {
    for format in [Format::Csv, Format::Jsonl] {
        let mut writer = Writer::new(format, schema(), Vec::new()).expect("begun");
        let mut wrong = row();
        wrong[3] = Value::Number(f64::NAN);
        assert_eq!(
            writer.row(&wrong).expect_err("NaN").to_string(),
            "reports, row 1, column weight: NaN is no finite number: leave the value out"
        );
        wrong[3] = Value::Integer(1);
        writer.row(&wrong).expect_err("the wrong kind");
        writer.row(&wrong[1..]).expect_err("too short");
        writer.row(&row()).expect("a good row afterwards");
        let rows = read(format, &writer.finish().expect("finished")).expect("a header");
        assert_eq!(rows, [Ok(row())]);
    }
    let columns = ["a", "b", "c"].map(|name| Column { name, kind: Kind::Text, required: true });
    let schema = Schema { name: "wide", columns: columns.into() };
    let mut writer = Writer::new(Format::Csv, schema, Vec::new()).expect("begun");
    let quotes = Value::Text("\"".repeat(CELL_BYTES_MAX));
    let told = writer.row(&vec![quotes; 3]).expect_err("6 MiB").to_string();
    assert!(told.starts_with("wide, row 1: the row is 629"), "{told}");
}

#[test]
fn a_full_disk_is_said_so() {
    struct Full;
    impl Write for Full {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(std::io::ErrorKind::StorageFull.into())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    for &format in FORMATS {
        let written = Writer::new(format, schema(), Full).and_then(|mut writer| {
            writer.row(&row())?;
            writer.finish()
        });
        let error = written.err().expect("full");
        assert!(matches!(error, TableError::Write { table: "reports", .. }), "{error:?}");
    }
}

proptest! {
    #[test]
    fn any_bytes_are_read_without_panic(bytes in any::<Vec<u8>>()) {
        for format in [Format::Csv, Format::Jsonl] {
            let _ = read(format, &bytes);
        }
    }

    #[test]
    fn any_text_behind_a_header_is_read_without_panic(
        text in "[\"',\r\n\\{\\}:a0TZ=-]{0,60}|\\PC{0,40}",
    ) {
        let _ = read(Format::Csv, format!("at,service\n{text}").as_bytes());
        let _ = read(Format::Jsonl, format!("{{\"at\":{text}").as_bytes());
    }
}

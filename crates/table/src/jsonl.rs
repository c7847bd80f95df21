//! JSON lines: one object a line, its keys in the order of the schema; no value, no key.
//!
//! Times are RFC 3339 texts. A reader takes the keys in any order, and `null` as no value. An
//! unknown key, a key said twice and a value of another type are mistakes, as a row with a typo
//! in it would otherwise lose what was meant.
//!
//! Reference: RFC 8259, <https://jsonlines.org>.

use std::fmt;
use std::path::Path;
use std::path::PathBuf;

use serde::Deserialize;
use serde::Deserializer;
use serde::de::MapAccess;
use serde::de::Visitor;
use serde_json::error::Category;
use serde_json::value::RawValue;

use crate::LINE_BYTES_MAX;
use crate::error::Place;
use crate::error::RowAt;
use crate::error::TableError;
use crate::error::quoted;
use crate::schema::Kind;
use crate::schema::Schema;
use crate::stream;
use crate::stream::Line;
use crate::stream::Source;
use crate::value;
use crate::value::Value;

/// Writes one row, with its line end, into `line`. The row has been checked.
pub(crate) fn write_row(schema: &Schema, row: &[Value], line: &mut Vec<u8>) {
    line.push(b'{');
    let mut between = "";
    for (column, value) in schema.columns.iter().zip(row) {
        let text = match value {
            Value::None => continue,
            Value::Text(text) => json(text),
            Value::Time(ms) => json(&value::time_text(*ms)),
            other => other.to_string(),
        };
        line.extend_from_slice(between.as_bytes());
        line.extend_from_slice(json(column.name).as_bytes());
        line.push(b':');
        line.extend_from_slice(text.as_bytes());
        between = ",";
    }
    line.extend_from_slice(b"}\n");
}

fn json(text: &str) -> String {
    serde_json::to_string(text).expect("a text is always JSON")
}

/// The rows of a JSON lines file, one by one.
pub(crate) struct Rows {
    schema: Schema,
    file: PathBuf,
    source: Source,
    line: Vec<u8>,
    lines: u64,
}

impl Rows {
    /// Opens a file.
    pub(crate) fn open(schema: Schema, path: &Path) -> Result<Rows, TableError> {
        let file = path.to_owned();
        match stream::open(path) {
            Ok(source) => Ok(Rows { schema, file, source, line: Vec::new(), lines: 0 }),
            Err(source) => Err(TableError::Read { file, source }),
        }
    }

    /// The next row, or what is wrong with it. Blank lines are passed over.
    pub(crate) fn read(&mut self) -> Option<Result<Vec<Value>, TableError>> {
        loop {
            let found = stream::read_line(&mut self.source, &mut self.line, LINE_BYTES_MAX);
            self.lines += 1;
            match found {
                Err(source) => {
                    return Some(Err(TableError::Read { file: self.file.clone(), source }));
                }
                Ok(Line::End) => return None,
                Ok(Line::TooLong) => {
                    let what = format!("the line is over {LINE_BYTES_MAX} bytes: write less");
                    return Some(Err(self.place().mistake(what)));
                }
                Ok(Line::Whole) if self.line.trim_ascii().is_empty() => {}
                Ok(Line::Whole) => return Some(self.row()),
            }
        }
    }

    /// The line of the row that was read last.
    pub(crate) fn row_at(&self) -> RowAt {
        RowAt::Line(self.lines)
    }

    fn place(&self) -> Place {
        Place::new(&self.file, RowAt::Line(self.lines))
    }

    fn row(&self) -> Result<Vec<Value>, TableError> {
        let text = std::str::from_utf8(&self.line)
            .map_err(|_| self.place().mistake("the line is not UTF-8: save the file in UTF-8"))?;
        let object = serde_json::from_str::<Object>(text)
            .map_err(|error| self.place().mistake(no_object(&error)))?;
        let mut row = vec![None; self.schema.columns.len()];
        for (key, raw) in object.0 {
            let Some(at) = self.schema.position(&key) else {
                let known = self.schema.names_by(", ");
                let what = format!("the key {} is unknown: write one of {known}", quoted(&key));
                return Err(self.place().mistake(what));
            };
            let column = &self.schema.columns[at];
            let place = || self.place().column(column.name);
            if row[at].is_some() {
                return Err(place().mistake("the key is there twice: write it once"));
            }
            row[at] = Some(parse(column.kind, raw.get()).map_err(|what| place().mistake(what))?);
        }
        let row: Vec<Value> = row.into_iter().map(|value| value.unwrap_or(Value::None)).collect();
        for (column, value) in self.schema.columns.iter().zip(&row) {
            value::check(column, value)
                .map_err(|what| self.place().column(column.name).mistake(what))?;
        }
        Ok(row)
    }
}

fn parse(kind: Kind, raw: &str) -> Result<Value, String> {
    let first = raw.bytes().next().unwrap_or_default();
    match (kind, first) {
        (_, b'n') => Ok(Value::None),
        (Kind::Text | Kind::Time, b'"') => {
            let text = serde_json::from_str::<String>(raw).map_err(|_| {
                format!("{} has an escape that is no character: write it out", quoted(raw))
            })?;
            value::parse(kind, &text)
        }
        (Kind::Integer | Kind::Number, b'-' | b'0'..=b'9') | (Kind::Flag, b't' | b'f') => {
            value::parse(kind, raw)
        }
        (_, first) => Err(format!("{} stands there: write {}", json_type(first), example(kind))),
    }
}

fn json_type(first: u8) -> &'static str {
    match first {
        b'"' => "a text in quotes",
        b'{' => "an object",
        b'[' => "an array",
        b't' | b'f' => "true or false",
        _ => "a number",
    }
}

fn example(kind: Kind) -> &'static str {
    match kind {
        Kind::Text => "a text in quotes, such as \"slow\"",
        Kind::Integer => "a whole number without quotes, such as 12",
        Kind::Number => "a number without quotes, such as 0.5",
        Kind::Time => "a time in quotes, such as \"2025-03-10T09:45:00Z\"",
        Kind::Flag => "true or false, without quotes",
    }
}

fn no_object(error: &serde_json::Error) -> String {
    let reason = match error.classify() {
        Category::Eof => "the line ends in the middle of its JSON".to_owned(),
        Category::Data => "the line is no JSON object".to_owned(),
        Category::Syntax | Category::Io => {
            format!("the line is no JSON from byte {} on", error.column())
        }
    };
    format!("{reason}: write one object a line, such as {{\"key\":\"value\"}}")
}

/// An object as it was written: the same key may be there twice.
struct Object<'line>(Vec<(String, &'line RawValue)>);

impl<'line> Deserialize<'line> for Object<'line> {
    fn deserialize<D: Deserializer<'line>>(from: D) -> Result<Object<'line>, D::Error> {
        struct Keys;

        impl<'line> Visitor<'line> for Keys {
            type Value = Object<'line>;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("a JSON object")
            }

            fn visit_map<M: MapAccess<'line>>(self, mut map: M) -> Result<Object<'line>, M::Error> {
                let mut entries = Vec::new();
                while let Some(key) = map.next_key::<String>()? {
                    entries.push((key, map.next_value()?));
                }
                Ok(Object(entries))
            }
        }

        from.deserialize_map(Keys)
    }
}

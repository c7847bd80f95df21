//! CSV: RFC 4180 with a header, LF at the end of lines; CRLF and a byte order mark are understood.
//!
//! No value is an empty cell. Texts are kept from being formulas as the module `apostrophe` says;
//! numbers, times and flags are written plain. Quoting and parsing are csv-core's, in buffers of
//! ours, so that a quote that is never closed cannot fill the memory.
//!
//! # What it cannot tell
//! A quote in the middle of a cell that is not quoted is taken as it is, as most readers do.
//!
//! Reference: RFC 4180.

use std::path::Path;
use std::path::PathBuf;

use csv_core::ReadRecordResult;
use csv_core::Reader;
use csv_core::Terminator;
use csv_core::WriterBuilder;

use crate::CELL_BYTES_MAX;
use crate::COLUMNS_MAX;
use crate::LINE_BYTES_MAX;
use crate::apostrophe;
use crate::error::Place;
use crate::error::RowAt;
use crate::error::TableError;
use crate::schema::Kind;
use crate::schema::Schema;
use crate::stream;
use crate::stream::Source;
use crate::value;
use crate::value::Value;

/// Writes the header, with its line end, into `line`.
pub(crate) fn write_header(schema: &Schema, line: &mut Vec<u8>) {
    write_cells(line, schema.columns.iter().map(|column| column.name.to_owned()));
}

/// Writes one row, with its line end, into `line`. The row has been checked.
pub(crate) fn write_row(row: &[Value], line: &mut Vec<u8>) {
    write_cells(
        line,
        row.iter().map(|value| match value {
            Value::Text(text) if apostrophe::needs_guard(text) => format!("'{text}"),
            other => other.to_string(),
        }),
    );
}

fn write_cells(line: &mut Vec<u8>, cells: impl Iterator<Item = String>) {
    let mut writer = WriterBuilder::new().terminator(Terminator::Any(b'\n')).build();
    for (at, cell) in cells.enumerate() {
        if at > 0 {
            grow(line, DELIMITER_BYTES_MAX, |room| writer.delimiter(room).1);
        }
        grow(line, 2 * cell.len() + QUOTES_BYTES, |room| writer.field(cell.as_bytes(), room).2);
    }
    grow(line, TERMINATOR_BYTES_MAX, |room| writer.terminator(room).1);
}

/// Lets `write` put at most `bytes_max` more bytes behind `line`; it says how many they were.
fn grow(line: &mut Vec<u8>, bytes_max: usize, write: impl FnOnce(&mut [u8]) -> usize) {
    let start = line.len();
    line.resize(start + bytes_max, 0);
    let written = write(&mut line[start..]);
    line.truncate(start + written);
}

/// The quotes around a cell.
const QUOTES_BYTES: usize = 2;

/// A closing quote and a comma.
const DELIMITER_BYTES_MAX: usize = 2;

/// The quotes of an empty row, or a closing quote, and a line end.
const TERMINATOR_BYTES_MAX: usize = 4;

/// The rows of a CSV file, one by one.
pub(crate) struct Rows {
    schema: Schema,
    file: PathBuf,
    records: Records,
    /// For each cell of the file's rows, the column of the schema.
    columns: Vec<usize>,
}

impl Rows {
    /// Opens a file and finds the columns by its header.
    pub(crate) fn open(schema: Schema, path: &Path) -> Result<Rows, TableError> {
        let failed = |source| TableError::Read { file: path.to_owned(), source };
        let mut records = Records::new(stream::open(path).map_err(failed)?);
        let header = records.read().map_err(failed)?;
        let place = |line| Place::new(path, RowAt::Line(line));
        let line = match header {
            Found::Record { line } => line,
            Found::End => {
                let what = format!("it is empty: write a header, {}", schema.names_by(","));
                return Err(Place::new(path, RowAt::File).not_readable(what));
            }
            Found::Wrong { line, what } => return Err(place(line).not_readable(what)),
        };
        let names = records
            .cells()
            .map(|cell| std::str::from_utf8(cell).map_err(|_| NOT_UTF8))
            .collect::<Result<Vec<_>, _>>()
            .map_err(|what| place(line).not_readable(what))?;
        let columns = schema.columns_of(&names).map_err(|mut what| {
            if names.len() == 1 && names[0].contains([';', '\t', '|']) {
                what.push_str("; the sign between columns is the comma");
            }
            place(line).not_readable(what)
        })?;
        Ok(Rows { schema, file: path.to_owned(), records, columns })
    }

    /// The next row, or what is wrong with it.
    pub(crate) fn read(&mut self) -> Option<Result<Vec<Value>, TableError>> {
        let found = match self.records.read() {
            Ok(found) => found,
            Err(source) => {
                return Some(Err(TableError::Read { file: self.file.clone(), source }));
            }
        };
        match found {
            Found::End => None,
            Found::Wrong { line, what } => Some(Err(self.place(line).mistake(what))),
            Found::Record { line } => Some(self.row(line)),
        }
    }

    /// The line on which the row begins that was read last.
    pub(crate) fn row_at(&self) -> RowAt {
        RowAt::Line(self.records.line)
    }

    fn place(&self, line: u64) -> Place {
        Place::new(&self.file, RowAt::Line(line))
    }

    fn row(&self, line: u64) -> Result<Vec<Value>, TableError> {
        let (has, needs) = (self.records.cells, self.columns.len());
        if has != needs {
            let what = format!("the row has {has} cells: write {needs}, as the header has");
            return Err(self.place(line).mistake(what));
        }
        let mut row = vec![Value::None; self.schema.columns.len()];
        for (cell, &at) in self.records.cells().zip(&self.columns) {
            let column = &self.schema.columns[at];
            row[at] = parse(column.kind, cell)
                .and_then(|value| value::check(column, &value).map(|()| value))
                .map_err(|what| self.place(line).column(column.name).mistake(what))?;
        }
        Ok(row)
    }
}

fn parse(kind: Kind, cell: &[u8]) -> Result<Value, String> {
    if cell.is_empty() {
        return Ok(Value::None);
    }
    // One more than a text may have: its apostrophe.
    if cell.len() > CELL_BYTES_MAX + 1 {
        return Err(format!("the cell is {} bytes: write at most {CELL_BYTES_MAX}", cell.len()));
    }
    let cell = std::str::from_utf8(cell).map_err(|_| NOT_UTF8.to_owned())?;
    match kind {
        Kind::Text => value::parse(kind, apostrophe::without_guard(cell)),
        _ => value::parse(kind, cell),
    }
}

const NOT_UTF8: &str = "the text is not UTF-8: save the file as CSV in UTF-8";

/// The records of a CSV text, in bounded memory.
struct Records {
    source: Source,
    parser: Reader,
    /// The cells of the last record, one behind the other.
    bytes: Vec<u8>,
    /// Where each of them ends.
    ends: Vec<usize>,
    /// How many there are.
    cells: usize,
    /// Line feeds that have been passed.
    line_feeds: u64,
    /// The line on which the last record begins.
    line: u64,
}

/// What comes next in a CSV text.
enum Found {
    /// A record; its cells lie ready.
    Record { line: u64 },
    /// Nothing.
    End,
    /// A record that cannot be taken apart.
    Wrong { line: u64, what: String },
}

impl Records {
    fn new(source: Source) -> Records {
        Records {
            source,
            parser: Reader::new(),
            bytes: vec![0; BYTES_AT_FIRST],
            ends: vec![0; COLUMNS_MAX + 1],
            cells: 0,
            line_feeds: 0,
            line: 0,
        }
    }

    /// The cells of the record that was found last.
    fn cells(&self) -> impl Iterator<Item = &[u8]> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).take(self.cells).map(|(start, &end)| &self.bytes[start..end])
    }

    /// Passes over blank lines and what is left of the last line end. Says whether more comes.
    fn skip_line_ends(&mut self) -> std::io::Result<bool> {
        loop {
            let bytes = self.source.fill_buf()?;
            let ends = bytes.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
            if ends == 0 {
                return Ok(!bytes.is_empty());
            }
            self.line_feeds += line_feeds(&bytes[..ends]);
            self.source.consume(ends);
        }
    }

    fn read(&mut self) -> std::io::Result<Found> {
        if !self.skip_line_ends()? {
            return Ok(Found::End);
        }
        let line = self.line_feeds + 1;
        self.line = line;
        let (mut filled, mut cells) = (0, 0);
        let mut wrong: Option<String> = None;
        // At the end of the file, a line end is added: what goes on behind it is a quote.
        let mut ended = false;
        loop {
            let bytes = self.source.fill_buf()?;
            let at_end = bytes.is_empty();
            let input = match (at_end, ended) {
                (true, false) => b"\n",
                _ => bytes,
            };
            let (result, used, more, more_cells) =
                self.parser.read_record(input, &mut self.bytes[filled..], &mut self.ends[cells..]);
            filled += more;
            cells += more_cells;
            if at_end {
                ended |= used > 0;
            } else {
                self.line_feeds += line_feeds(&bytes[..used]);
                self.source.consume(used);
            }
            match result {
                ReadRecordResult::InputEmpty if at_end => {
                    wrong = Some(OPEN_QUOTE.into());
                }
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputFull if self.bytes.len() < LINE_BYTES_MAX => {
                    let bytes = (2 * self.bytes.len()).min(LINE_BYTES_MAX);
                    self.bytes.resize(bytes, 0);
                }
                ReadRecordResult::OutputFull => {
                    wrong.get_or_insert_with(|| {
                        format!("the row is over {LINE_BYTES_MAX} bytes: close its quotes")
                    });
                    filled = 0;
                }
                ReadRecordResult::OutputEndsFull => {
                    wrong.get_or_insert_with(|| {
                        format!("the row has over {COLUMNS_MAX} cells: write fewer")
                    });
                    cells = 0;
                }
                ReadRecordResult::Record | ReadRecordResult::End => break,
            }
        }
        self.cells = cells;
        Ok(match wrong {
            Some(what) => Found::Wrong { line, what },
            None => Found::Record { line },
        })
    }
}

const OPEN_QUOTE: &str = "a quote is opened and not closed until the file ends: close it, \
                          and write a quote inside a text twice";

/// Bytes of the first buffer for a record.
const BYTES_AT_FIRST: usize = 4096;

fn line_feeds(bytes: &[u8]) -> u64 {
    bytes.iter().filter(|byte| **byte == b'\n').count() as u64
}

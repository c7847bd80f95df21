//! Writer: takes the rows of a table one by one and writes them in one of the three formats.

use std::io::Write;

use crate::LINE_BYTES_MAX;
use crate::csv;
use crate::error::TableError;
use crate::format::Format;
use crate::format::PACKS_ITSELF;
use crate::format::Packing;
use crate::jsonl;
#[cfg(feature = "parquet")]
use crate::parquet::write::Groups;
use crate::schema::Schema;
use crate::stream::Sink;
use crate::value;
use crate::value::Value;

/// Writes one table. What was written is whole only after [`Writer::finish`].
pub struct Writer<W: Write + Send> {
    schema: Schema,
    /// Rows that were handed over, with those that were refused.
    rows: u64,
    target: Target<W>,
}

/// Where the rows go.
enum Target<W: Write + Send> {
    Csv(Lines<W>),
    Jsonl(Lines<W>),
    #[cfg(feature = "parquet")]
    Parquet(Box<Groups<W>>),
}

/// Text, a line at a time.
struct Lines<W: Write> {
    sink: Sink<W>,
    line: Vec<u8>,
}

impl<W: Write + Send> Writer<W> {
    /// Begins a table in `out`, which need not be buffered.
    pub fn new(format: Format, schema: Schema, out: W) -> Result<Writer<W>, TableError> {
        Writer::packed(format, Packing::Plain, schema, out)
    }

    /// Begins a table in `out`, packed as a whole.
    pub fn packed(
        format: Format,
        packing: Packing,
        schema: Schema,
        out: W,
    ) -> Result<Writer<W>, TableError> {
        schema.check()?;
        if format == Format::Parquet {
            return Writer::parquet(packing, schema, out);
        }
        let sink = Sink::new(packing, out).map_err(|error| failed(&schema, error))?;
        let mut lines = Lines { sink, line: Vec::new() };
        let target = if format == Format::Csv {
            csv::write_header(&schema, &mut lines.line);
            lines.flush_line().map_err(|error| failed(&schema, error))?;
            Target::Csv(lines)
        } else {
            Target::Jsonl(lines)
        };
        Ok(Writer { schema, rows: 0, target })
    }

    #[cfg(feature = "parquet")]
    fn parquet(packing: Packing, schema: Schema, out: W) -> Result<Writer<W>, TableError> {
        if packing != Packing::Plain {
            let what = "no Parquet file is packed once more".to_owned();
            return Err(TableError::UnknownFormat { what, instead: PACKS_ITSELF });
        }
        let groups = Groups::new(&schema, out).map_err(|error| failed(&schema, error))?;
        Ok(Writer { schema, rows: 0, target: Target::Parquet(Box::new(groups)) })
    }

    #[cfg(not(feature = "parquet"))]
    fn parquet(_: Packing, _: Schema, _: W) -> Result<Writer<W>, TableError> {
        let _ = PACKS_ITSELF;
        Err(crate::format::no_parquet())
    }

    /// Writes one row, a value for each column in the schema's order. After a row that was
    /// refused, others may follow; after [`TableError::Write`] none should.
    pub fn row(&mut self, row: &[Value]) -> Result<(), TableError> {
        self.rows += 1;
        value::check_row(&self.schema, row)
            .map_err(|wrong| value::refused(&self.schema, self.rows, wrong))?;
        let lines = match &mut self.target {
            Target::Csv(lines) => {
                csv::write_row(row, &mut lines.line);
                lines
            }
            Target::Jsonl(lines) => {
                jsonl::write_row(&self.schema, row, &mut lines.line);
                lines
            }
            #[cfg(feature = "parquet")]
            Target::Parquet(groups) => {
                return groups.row(row).map_err(|error| failed(&self.schema, error));
            }
        };
        let bytes = lines.line.len();
        if bytes > LINE_BYTES_MAX {
            lines.line.clear();
            let what = format!("the row is {bytes} bytes long: write at most {LINE_BYTES_MAX}");
            return Err(value::refused(&self.schema, self.rows, (None, what)));
        }
        lines.flush_line().map_err(|error| failed(&self.schema, error))
    }

    /// Writes what is still to be written, flushes, and gives back what was written to.
    pub fn finish(self) -> Result<W, TableError> {
        match self.target {
            Target::Csv(lines) | Target::Jsonl(lines) => {
                lines.sink.finish().map_err(|error| failed(&self.schema, error))
            }
            #[cfg(feature = "parquet")]
            Target::Parquet(groups) => groups.finish().map_err(|error| failed(&self.schema, error)),
        }
    }
}

impl<W: Write> Lines<W> {
    fn flush_line(&mut self) -> std::io::Result<()> {
        self.sink.write_all(&self.line)?;
        self.line.clear();
        Ok(())
    }
}

fn failed(
    schema: &Schema,
    source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
) -> TableError {
    TableError::Write { table: schema.name, source: source.into() }
}

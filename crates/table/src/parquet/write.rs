//! Writing Parquet: rows wait, column by column, until a row group of them is full.

use std::io::Write;
use std::sync::Arc;

use parquet::basic::Compression;
use parquet::basic::LogicalType;
use parquet::basic::Repetition;
use parquet::basic::TimeUnit;
use parquet::basic::Type as Physical;
use parquet::basic::ZstdLevel;
use parquet::data_type::BoolType;
use parquet::data_type::ByteArray;
use parquet::data_type::ByteArrayType;
use parquet::data_type::DoubleType;
use parquet::data_type::Int64Type;
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::EnabledStatistics;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedColumnWriter;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::Type;

use super::TABLE_KEY;
use super::VERSION;
use super::VERSION_KEY;
use crate::ROW_GROUP_ROWS_MAX;
use crate::ROW_GROUP_TEXT_BYTES_MAX;
use crate::schema::Column;
use crate::schema::Kind;
use crate::schema::Schema;
use crate::value::Value;

/// A Parquet file that is being written, row group by row group.
pub(crate) struct Groups<W: Write + Send> {
    file: SerializedFileWriter<W>,
    columns: Vec<Waiting>,
    rows: usize,
    text_bytes: usize,
}

/// The values of one column that wait for their row group to be full.
struct Waiting {
    cells: Cells,
    /// For an optional column, 1 for each value and 0 for each that is missing.
    levels: Option<Vec<i16>>,
}

enum Cells {
    Texts(Vec<ByteArray>),
    Longs(Vec<i64>),
    Doubles(Vec<f64>),
    Flags(Vec<bool>),
}

impl<W: Write + Send> Groups<W> {
    /// Begins a file.
    pub(crate) fn new(schema: &Schema, out: W) -> Result<Groups<W>, ParquetError> {
        let fields = schema.columns.iter().map(|column| field(column).map(Arc::new));
        let fields = fields.collect::<Result<_, _>>()?;
        let root = Type::group_type_builder(schema.name).with_fields(fields).build()?;
        let file = SerializedFileWriter::new(out, Arc::new(root), Arc::new(properties(schema)?))?;
        let columns = schema.columns.iter().map(Waiting::new).collect();
        Ok(Groups { file, columns, rows: 0, text_bytes: 0 })
    }

    /// Takes one row, which has been checked.
    pub(crate) fn row(&mut self, row: &[Value]) -> Result<(), ParquetError> {
        for (waiting, value) in self.columns.iter_mut().zip(row) {
            self.text_bytes += waiting.push(value);
        }
        self.rows += 1;
        if self.rows == ROW_GROUP_ROWS_MAX || self.text_bytes >= ROW_GROUP_TEXT_BYTES_MAX {
            self.write_group()?;
        }
        Ok(())
    }

    /// Writes the last row group and the footer, and gives back what was written to.
    pub(crate) fn finish(mut self) -> Result<W, ParquetError> {
        if self.rows > 0 {
            self.write_group()?;
        }
        let mut out = self.file.into_inner()?;
        out.flush()?;
        Ok(out)
    }

    fn write_group(&mut self) -> Result<(), ParquetError> {
        let mut group = self.file.next_row_group()?;
        for waiting in &mut self.columns {
            let column = group.next_column()?;
            waiting.write(column.expect("the group has the columns of the schema"))?;
        }
        group.close()?;
        (self.rows, self.text_bytes) = (0, 0);
        Ok(())
    }
}

/// How hard zstd tries: its own default.
const ZSTD_LEVEL: i32 = 3;

fn properties(schema: &Schema) -> Result<WriterProperties, ParquetError> {
    let said = |key: &str, value: String| KeyValue::new(key.to_owned(), value);
    let properties = WriterProperties::builder()
        .set_created_by(concat!("outcry version ", env!("CARGO_PKG_VERSION")).to_owned())
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(ZSTD_LEVEL)?))
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .set_key_value_metadata(Some(vec![
            said(TABLE_KEY, schema.name.to_owned()),
            said(VERSION_KEY, VERSION.to_string()),
        ]));
    Ok(properties.build())
}

fn field(column: &Column) -> Result<Type, ParquetError> {
    let (physical, logical) = match column.kind {
        Kind::Text => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
        Kind::Integer => (Physical::INT64, None),
        Kind::Number => (Physical::DOUBLE, None),
        Kind::Time => (Physical::INT64, Some(LogicalType::timestamp(true, TimeUnit::MILLIS))),
        Kind::Flag => (Physical::BOOLEAN, None),
    };
    let repetition = if column.required { Repetition::REQUIRED } else { Repetition::OPTIONAL };
    Type::primitive_type_builder(column.name, physical)
        .with_logical_type(logical)
        .with_repetition(repetition)
        .build()
}

impl Waiting {
    fn new(column: &Column) -> Waiting {
        let cells = match column.kind {
            Kind::Text => Cells::Texts(Vec::new()),
            Kind::Integer | Kind::Time => Cells::Longs(Vec::new()),
            Kind::Number => Cells::Doubles(Vec::new()),
            Kind::Flag => Cells::Flags(Vec::new()),
        };
        Waiting { cells, levels: (!column.required).then(Vec::new) }
    }

    /// Takes one value; gives the bytes of its text.
    fn push(&mut self, value: &Value) -> usize {
        if let Some(levels) = &mut self.levels {
            levels.push(i16::from(*value != Value::None));
        }
        match (&mut self.cells, value) {
            (Cells::Texts(cells), Value::Text(text)) => {
                cells.push(ByteArray::from(text.as_str()));
                return text.len();
            }
            (Cells::Longs(cells), Value::Integer(long) | Value::Time(long)) => cells.push(*long),
            (Cells::Doubles(cells), Value::Number(double)) => cells.push(*double),
            (Cells::Flags(cells), Value::Flag(flag)) => cells.push(*flag),
            // Nothing: the row has been checked, so nothing else is left.
            _ => {}
        }
        0
    }

    fn write(&mut self, mut column: SerializedColumnWriter<'_>) -> Result<(), ParquetError> {
        let levels = self.levels.as_deref();
        match &mut self.cells {
            Cells::Texts(cells) => {
                column.typed::<ByteArrayType>().write_batch(cells, levels, None)?;
                cells.clear();
            }
            Cells::Longs(cells) => {
                column.typed::<Int64Type>().write_batch(cells, levels, None)?;
                cells.clear();
            }
            Cells::Doubles(cells) => {
                column.typed::<DoubleType>().write_batch(cells, levels, None)?;
                cells.clear();
            }
            Cells::Flags(cells) => {
                column.typed::<BoolType>().write_batch(cells, levels, None)?;
                cells.clear();
            }
        }
        if let Some(levels) = &mut self.levels {
            levels.clear();
        }
        column.close()
    }
}

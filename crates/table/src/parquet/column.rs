//! One column of a row group, read a stretch of rows at a time.

use parquet::column::reader::ColumnReader;
use parquet::column::reader::ColumnReaderImpl;
use parquet::column::reader::get_column_reader;
use parquet::data_type::BoolType;
use parquet::data_type::ByteArrayType;
use parquet::data_type::DataType;
use parquet::data_type::DoubleType;
use parquet::data_type::FloatType;
use parquet::data_type::Int32Type;
use parquet::data_type::Int64Type;
use parquet::errors::ParquetError;
use parquet::file::reader::RowGroupReader;

use super::meaning::Meaning;
use super::pages::Pages;
use crate::CELL_BYTES_MAX;
use crate::value;
use crate::value::Value;

/// A column, and the stretch of it that was read last.
pub(crate) struct Stretch {
    cells: Cells,
    /// For each row of the stretch, whether it has a value; empty where each has.
    levels: Vec<i16>,
    optional: bool,
    meaning: Meaning,
    /// The next row of the stretch that is to be given out, and its value.
    row: usize,
    value: usize,
}

enum Cells {
    Flags(Typed<BoolType>),
    Ints(Typed<Int32Type>),
    Longs(Typed<Int64Type>),
    Floats(Typed<FloatType>),
    Doubles(Typed<DoubleType>),
    Bytes(Typed<ByteArrayType>),
}

struct Typed<T: DataType> {
    reader: ColumnReaderImpl<T>,
    values: Vec<T::T>,
}

impl Stretch {
    /// Begins the column `at` of a row group.
    pub(crate) fn new(
        group: &dyn RowGroupReader,
        at: usize,
        meaning: Meaning,
    ) -> Result<Stretch, ParquetError> {
        let column = group.metadata().column(at).column_descr_ptr();
        let optional = column.max_def_level() > 0;
        let pages = Pages(group.get_column_page_reader(at)?);
        let cells = match get_column_reader(column, Box::new(pages)) {
            ColumnReader::BoolColumnReader(reader) => Cells::Flags(Typed::new(reader)),
            ColumnReader::Int32ColumnReader(reader) => Cells::Ints(Typed::new(reader)),
            ColumnReader::Int64ColumnReader(reader) => Cells::Longs(Typed::new(reader)),
            ColumnReader::FloatColumnReader(reader) => Cells::Floats(Typed::new(reader)),
            ColumnReader::DoubleColumnReader(reader) => Cells::Doubles(Typed::new(reader)),
            ColumnReader::ByteArrayColumnReader(reader) => Cells::Bytes(Typed::new(reader)),
            _ => return Err(ParquetError::General("a type that has no meaning here".into())),
        };
        Ok(Stretch { cells, levels: Vec::new(), optional, meaning, row: 0, value: 0 })
    }

    /// Reads the next `rows` rows, which must be there.
    pub(crate) fn fill(&mut self, rows: usize) -> Result<(), ParquetError> {
        let levels = &mut self.levels;
        let (found, values) = match &mut self.cells {
            Cells::Flags(typed) => typed.fill(rows, levels),
            Cells::Ints(typed) => typed.fill(rows, levels),
            Cells::Longs(typed) => typed.fill(rows, levels),
            Cells::Floats(typed) => typed.fill(rows, levels),
            Cells::Doubles(typed) => typed.fill(rows, levels),
            Cells::Bytes(typed) => typed.fill(rows, levels),
        }?;
        (self.row, self.value) = (0, 0);
        let there = match self.optional {
            true => self.levels.iter().filter(|level| **level > 0).count(),
            false => rows,
        };
        let levels = if self.optional { self.levels.len() } else { rows };
        if found != rows || levels != rows || values != there {
            let what = format!("a column ends after {found} of {rows} more rows");
            return Err(ParquetError::General(what));
        }
        Ok(())
    }

    /// The value of the next row of the stretch.
    pub(crate) fn next_value(&mut self) -> Result<Value, String> {
        let row = self.row;
        self.row += 1;
        if self.optional && self.levels.get(row).is_none_or(|level| *level == 0) {
            return Ok(Value::None);
        }
        let at = self.value;
        self.value += 1;
        match &self.cells {
            Cells::Flags(typed) => Ok(Value::Flag(typed.values[at])),
            Cells::Ints(typed) => {
                let int = typed.values[at];
                match self.meaning {
                    // The same bits, without a sign.
                    Meaning::Unsigned => Ok(Value::Integer(i64::from(int.cast_unsigned()))),
                    meaning => long(meaning, i64::from(int)),
                }
            }
            Cells::Longs(typed) => long(self.meaning, typed.values[at]),
            Cells::Floats(typed) => Ok(Value::Number(f64::from(typed.values[at]))),
            Cells::Doubles(typed) => Ok(Value::Number(typed.values[at])),
            Cells::Bytes(typed) => text(typed.values[at].data()),
        }
    }
}

impl<T: DataType> Typed<T> {
    fn new(reader: ColumnReaderImpl<T>) -> Typed<T> {
        Typed { reader, values: Vec::new() }
    }

    /// Reads up to `rows` rows; gives how many rows and how many values there were.
    fn fill(&mut self, rows: usize, levels: &mut Vec<i16>) -> Result<(usize, usize), ParquetError> {
        levels.clear();
        self.values.clear();
        let (found, ..) = self.reader.read_records(rows, Some(levels), None, &mut self.values)?;
        Ok((found, self.values.len()))
    }
}

fn long(meaning: Meaning, stored: i64) -> Result<Value, String> {
    match meaning {
        Meaning::Number if stored.unsigned_abs() <= EXACT_MAX => Ok(Value::Number(stored as f64)),
        Meaning::Number => {
            Err(format!("{stored} is no exact DOUBLE: write a number below {EXACT_MAX}"))
        }
        Meaning::Unsigned if stored < 0 => {
            let stored = stored.cast_unsigned();
            Err(format!("{stored} is too large: write at most {}", i64::MAX))
        }
        Meaning::Time { units_a_milli } if stored % units_a_milli != 0 => {
            Err("the time is finer than a millisecond: write whole milliseconds".into())
        }
        Meaning::Time { units_a_milli } => Ok(Value::Time(stored / units_a_milli)),
        _ => Ok(Value::Integer(stored)),
    }
}

/// The whole numbers up to which each is a floating-point number too.
const EXACT_MAX: u64 = 1 << 53;

fn text(bytes: &[u8]) -> Result<Value, String> {
    if bytes.len() > CELL_BYTES_MAX {
        return Err(format!("the text is {} bytes: write at most {CELL_BYTES_MAX}", bytes.len()));
    }
    let text = std::str::from_utf8(bytes).map_err(|_| "the text is not UTF-8: write UTF-8")?;
    value::check_text(text)?;
    Ok(Value::Text(text.to_owned()))
}

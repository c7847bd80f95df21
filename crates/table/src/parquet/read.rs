//! Reading Parquet: row group by row group, a stretch of rows at a time.
//!
//! The `parquet` crate (60.1) mostly answers a damaged file with errors, but about one in five
//! hundred files with a few bytes changed makes it panic. Everything it does is therefore done in
//! [`apart`], which catches the panic and tells it as an error like any other; nothing is read
//! after it. The panic's own message still goes to standard error, and a build whose panics abort
//! is not protected. Codecs other than zstd and snappy are not built in and are refused by name.

use std::fs::File;
use std::panic::AssertUnwindSafe;
use std::panic::catch_unwind;
use std::path::Path;
use std::path::PathBuf;

use parquet::basic::Compression;
use parquet::errors::ParquetError;
use parquet::file::metadata::ParquetMetaData;
use parquet::file::reader::FileReader;
use parquet::file::serialized_reader::SerializedFileReader;
use parquet::schema::types::ColumnDescriptor;

use super::TABLE_KEY;
use super::VERSION;
use super::VERSION_KEY;
use super::column::Stretch;
use super::meaning;
use super::meaning::Meaning;
use crate::error::Place;
use crate::error::RowAt;
use crate::error::TableError;
use crate::error::quoted;
use crate::schema::Schema;
use crate::value;
use crate::value::Value;
use crate::value::Wrong;

/// Rows that are read of each column before they are given out.
const STRETCH_ROWS_MAX: usize = 1024;

/// The rows of a Parquet file, one by one.
pub(crate) struct Rows {
    schema: Schema,
    file: PathBuf,
    reader: SerializedFileReader<File>,
    /// For each column of the file, the column of the schema, and how it is to be taken.
    columns: Vec<(usize, Meaning)>,
    /// The columns of the row group that is being read.
    stretches: Vec<Stretch>,
    /// The row group that comes next.
    group: usize,
    /// Rows of the row group that are still to be read.
    rows_of_group: usize,
    /// Rows of the stretch that are still to be given out.
    rows_of_stretch: usize,
    /// Rows that have been given out.
    rows: u64,
}

impl Rows {
    /// Opens a file and finds the columns by their names.
    pub(crate) fn open(schema: Schema, path: &Path) -> Result<Rows, TableError> {
        let file = path.to_owned();
        let opened = match File::open(path) {
            Ok(opened) => opened,
            Err(source) => return Err(TableError::Read { file, source }),
        };
        let place = || Place::new(path, RowAt::File);
        let reader = apart(|| SerializedFileReader::new(opened)).map_err(|source| {
            let what = "it is no Parquet file, or not a whole one: write it anew".into();
            TableError::NotReadable { place: place(), what, source: Some(source.into()) }
        })?;
        let wrong = |(column, what): Wrong| match column {
            Some(column) => place().column(column).not_readable(what),
            None => place().not_readable(what),
        };
        check_said(&schema, reader.metadata()).map_err(|what| wrong((None, what)))?;
        let columns = find_columns(&schema, reader.metadata()).map_err(wrong)?;
        Ok(Rows {
            schema,
            file,
            reader,
            columns,
            stretches: Vec::new(),
            group: 0,
            rows_of_group: 0,
            rows_of_stretch: 0,
            rows: 0,
        })
    }

    /// The next row, or what is wrong with it.
    pub(crate) fn read(&mut self) -> Option<Result<Vec<Value>, TableError>> {
        if self.rows_of_stretch == 0 {
            match apart(|| self.fill()) {
                Ok(0) => return None,
                Ok(rows) => self.rows_of_stretch = rows,
                Err(source) => {
                    let place = Place::new(&self.file, RowAt::Row(self.rows + 1));
                    let what = "the file is damaged from here on: write it anew".into();
                    let source = Some(source.into());
                    return Some(Err(TableError::NotReadable { place, what, source }));
                }
            }
        }
        self.rows_of_stretch -= 1;
        self.rows += 1;
        Some(self.row())
    }

    /// The row that was read last.
    pub(crate) fn row_at(&self) -> RowAt {
        RowAt::Row(self.rows)
    }

    /// Reads the next stretch of all columns; gives the number of its rows, 0 at the file's end.
    fn fill(&mut self) -> Result<usize, ParquetError> {
        while self.rows_of_group == 0 {
            if self.group == self.reader.num_row_groups() {
                return Ok(0);
            }
            let group = self.reader.get_row_group(self.group)?;
            self.group += 1;
            self.rows_of_group = usize::try_from(group.metadata().num_rows())
                .map_err(|_| ParquetError::General("a row group has less than no rows".into()))?;
            let stretches = self.columns.iter().enumerate();
            self.stretches = stretches
                .map(|(at, (_, meaning))| Stretch::new(group.as_ref(), at, *meaning))
                .collect::<Result<_, _>>()?;
        }
        let rows = self.rows_of_group.min(STRETCH_ROWS_MAX);
        self.stretches.iter_mut().try_for_each(|stretch| stretch.fill(rows))?;
        self.rows_of_group -= rows;
        Ok(rows)
    }

    fn row(&mut self) -> Result<Vec<Value>, TableError> {
        let mut row = vec![Value::None; self.schema.columns.len()];
        let mut wrong = None;
        // All columns go on by one, whatever is wrong with some of them.
        for (stretch, (at, _)) in self.stretches.iter_mut().zip(&self.columns) {
            let column = &self.schema.columns[*at];
            match stretch.next_value().and_then(|value| {
                value::check(column, &value)?;
                Ok(value)
            }) {
                Ok(value) => row[*at] = value,
                Err(what) => wrong = wrong.or(Some((column.name, what))),
            }
        }
        match wrong {
            None => Ok(row),
            Some((name, what)) => {
                let place = Place::new(&self.file, RowAt::Row(self.rows));
                Err(place.column(name).mistake(what))
            }
        }
    }
}

/// Does what may go wrong in the `parquet` crate; a panic becomes an error.
fn apart<T>(work: impl FnOnce() -> Result<T, ParquetError>) -> Result<T, ParquetError> {
    // Whatever was being changed is not used any more: every error of ours ends the reading.
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| {
        Err(ParquetError::General("the parquet library gave up on it (a panic)".into()))
    })
}

/// Refuses a file that says that it is another table, or one laid out in a newer way. A file that
/// says nothing, as those of other programs do, is taken by its columns.
fn check_said(schema: &Schema, metadata: &ParquetMetaData) -> Result<(), String> {
    let said = |wanted: &str| {
        let all = metadata.file_metadata().key_value_metadata()?;
        all.iter().find(|said| said.key == wanted)?.value.as_deref()
    };
    if let Some(table) = said(TABLE_KEY).filter(|table| *table != schema.name) {
        let (table, needed) = (quoted(table), schema.name);
        return Err(format!("it is the table {table}: give a file of the table {needed}"));
    }
    match said(VERSION_KEY) {
        Some(version) if version.parse::<u32>().is_ok_and(|version| version <= VERSION) => Ok(()),
        Some(version) => {
            let version = quoted(version);
            Err(format!(
                "it is of version {version}: write version {VERSION}, or use a newer outcry"
            ))
        }
        None => Ok(()),
    }
}

/// For each column of the file, the column of the schema, and how it is to be taken.
fn find_columns(
    schema: &Schema,
    metadata: &ParquetMetaData,
) -> Result<Vec<(usize, Meaning)>, Wrong> {
    let file = metadata.file_metadata().schema_descr();
    let names: Vec<&str> = file.columns().iter().map(|column| top_name(column)).collect();
    if names.is_empty() {
        return Err((None, format!("it has no columns: write {}", schema.names_by(", "))));
    }
    let places = schema.columns_of(&names).map_err(|what| (None, what))?;
    let mut columns = Vec::new();
    for (at, stored) in places.into_iter().zip(file.columns()) {
        let column = &schema.columns[at];
        let meaning = meaning::of(column.kind, stored).map_err(|what| (Some(column.name), what))?;
        columns.push((at, meaning));
    }
    for group in metadata.row_groups() {
        for ((at, _), stored) in columns.iter().zip(group.columns()) {
            let codec = stored.compression();
            if !is_built_in(codec) {
                let what = format!("it is packed with {codec}: write it with zstd or snappy");
                return Err((Some(schema.columns[*at].name), what));
            }
        }
    }
    Ok(columns)
}

/// The name a column is known by: of a nested one, what it is nested in.
fn top_name(column: &ColumnDescriptor) -> &str {
    column.path().parts().first().map_or("", String::as_str)
}

fn is_built_in(codec: Compression) -> bool {
    matches!(codec, Compression::UNCOMPRESSED | Compression::SNAPPY | Compression::ZSTD(_))
}

//! Reader: gives the rows of a file one by one, and says of each that is wrong what is wrong.

use std::path::Path;

use crate::csv;
use crate::error::RowAt;
use crate::error::TableError;
use crate::format::Format;
use crate::jsonl;
#[cfg(feature = "parquet")]
use crate::parquet;
use crate::schema::Schema;
use crate::value::Value;

/// The rows of a table, in the file's order, each with a value for each column of the schema.
///
/// After a [`TableError::Mistake`] the next rows follow, so that whoever imports may collect some
/// before giving up. After any other error there is nothing more.
pub struct Reader {
    source: Source,
    /// Whether the last row, or an error that nothing follows, has been given out.
    ended: bool,
}

/// Where the rows come from.
enum Source {
    Csv(Box<csv::Rows>),
    Jsonl(Box<jsonl::Rows>),
    #[cfg(feature = "parquet")]
    Parquet(Box<parquet::read::Rows>),
}

impl Reader {
    /// Opens a file and finds its columns by their names. CSV and JSON lines may be packed with
    /// zstd, whatever the file is called.
    pub fn open(format: Format, schema: Schema, path: &Path) -> Result<Reader, TableError> {
        schema.check()?;
        let source = match format {
            Format::Csv => Source::Csv(Box::new(csv::Rows::open(schema, path)?)),
            Format::Jsonl => Source::Jsonl(Box::new(jsonl::Rows::open(schema, path)?)),
            #[cfg(feature = "parquet")]
            Format::Parquet => Source::Parquet(Box::new(parquet::read::Rows::open(schema, path)?)),
            #[cfg(not(feature = "parquet"))]
            Format::Parquet => return Err(crate::format::no_parquet()),
        };
        Ok(Reader { source, ended: false })
    }

    /// Where the row is that was given out last.
    pub fn row_at(&self) -> RowAt {
        match &self.source {
            Source::Csv(rows) => rows.row_at(),
            Source::Jsonl(rows) => rows.row_at(),
            #[cfg(feature = "parquet")]
            Source::Parquet(rows) => rows.row_at(),
        }
    }
}

impl Iterator for Reader {
    type Item = Result<Vec<Value>, TableError>;

    fn next(&mut self) -> Option<Result<Vec<Value>, TableError>> {
        if self.ended {
            return None;
        }
        let found = match &mut self.source {
            Source::Csv(rows) => rows.read(),
            Source::Jsonl(rows) => rows.read(),
            #[cfg(feature = "parquet")]
            Source::Parquet(rows) => rows.read(),
        };
        self.ended = !matches!(found, Some(Ok(_) | Err(TableError::Mistake { .. })));
        found
    }
}

impl std::iter::FusedIterator for Reader {}

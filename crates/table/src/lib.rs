//! Tables out and in: rows of plain values, written to and read from CSV, JSON lines and Parquet.
//!
//! The crate knows nothing of services or reports. Whoever exports says what the columns are (a
//! [`schema::Schema`]) and hands rows over one by one to a [`writer::Writer`]; whoever imports
//! names the same schema and takes rows, or mistakes, one by one from a [`reader::Reader`]. What
//! was written comes back exactly, whichever the format. Memory stays bounded in both directions:
//! one line at a time, or one row group.

pub mod error;
pub mod format;
pub mod reader;
pub mod schema;
pub mod value;
pub mod writer;

mod apostrophe;
mod csv;
mod jsonl;
#[cfg(feature = "parquet")]
mod parquet;
mod stream;

/// Bytes of one text: more is refused, in and out.
pub const CELL_BYTES_MAX: usize = 1 << 20;

/// Bytes of one line of CSV or JSON, without its end: more is refused, in and out.
pub const LINE_BYTES_MAX: usize = 4 << 20;

/// Columns of a table.
pub const COLUMNS_MAX: usize = 256;

/// Bytes of the name of a table or of a column.
pub const NAME_BYTES_MAX: usize = 64;

/// Rows of a Parquet row group as we write it: they wait in memory until it is full.
pub const ROW_GROUP_ROWS_MAX: usize = 65_536;

/// Bytes of text that wait in memory at most before a Parquet row group is written.
pub const ROW_GROUP_TEXT_BYTES_MAX: usize = 64 << 20;

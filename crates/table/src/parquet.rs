//! Parquet: tables in columns, through the `parquet` crate without arrow.
//!
//! Written are flat columns, `REQUIRED` where the schema says so, in row groups of at most
//! [`crate::ROW_GROUP_ROWS_MAX`] rows, packed with zstd, with statistics for every column of a
//! row group. A text is `BYTE_ARRAY (STRING)`, a time `INT64 (TIMESTAMP(MILLIS, UTC))`. The file
//! says of itself `outcry.table` and `outcry.version`.
//!
//! Reference: <https://github.com/apache/parquet-format>.

pub(crate) mod column;
pub(crate) mod meaning;
pub(crate) mod pages;
pub(crate) mod read;
pub(crate) mod write;

/// The metadata key under which a file says which table it is.
const TABLE_KEY: &str = "outcry.table";

/// The metadata key under which a file says how its table is laid out.
const VERSION_KEY: &str = "outcry.version";

/// How tables are laid out now.
const VERSION: u32 = 1;

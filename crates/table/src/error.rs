//! Error: what was wrong with a table, where it was, and what to write instead.

use std::fmt;
use std::path::Path;
use std::path::PathBuf;

use thiserror::Error;

/// A table, a row or a value that cannot be written or read.
#[derive(Debug, Error)]
pub enum TableError {
    /// The schema itself cannot be carried by all formats.
    #[error("the table {table:?} cannot be written or read: {what}")]
    BadSchema {
        /// The table's name.
        table: &'static str,
        /// What is wrong, and what to write instead.
        what: String,
    },
    /// No format is called so, or no file ends so.
    #[error("{what}: {instead}")]
    UnknownFormat {
        /// What was asked for.
        what: String,
        /// What can be asked for.
        instead: &'static str,
    },
    /// A row or a value that was to be written, and was not. Rows after it may still be written.
    #[error("{place}: {what}")]
    Refused {
        /// The row and the column.
        place: Place,
        /// What is wrong, and what to write instead.
        what: String,
    },
    /// Something that was read. Rows after it may still be read.
    #[error("{place}: {what}")]
    Mistake {
        /// The file, the line or row, and the column.
        place: Place,
        /// What is wrong, and what to write instead.
        what: String,
    },
    /// The file as a whole cannot be read as a table of this format; nothing comes after it.
    #[error("{place}: {what}")]
    NotReadable {
        /// The file and, where it is known, the row.
        place: Place,
        /// What is wrong, and what to write instead.
        what: String,
        /// What the format's library said.
        #[source]
        source: Option<Box<dyn std::error::Error + Send + Sync>>,
    },
    /// The file could not be opened or read; nothing comes after it.
    #[error("{} cannot be read: look whether it is there, whole and readable", file.display())]
    Read {
        /// The file.
        file: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// The sink did not take what was written to it.
    #[error("the table {table} cannot be written: look whether there is room for it")]
    Write {
        /// The table's name.
        table: &'static str,
        /// What the system, or the format's library, said.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

/// Where in a table something is. Reads as `reports.csv, line 4, column weight`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The file as it was named, or, when writing, the table.
    pub file: PathBuf,
    /// The line or the row; none when it is about the whole file.
    pub row: RowAt,
    /// The column's name; none when it is about the whole row.
    pub column: Option<String>,
}

/// Which row of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowAt {
    /// No row: the file as a whole.
    File,
    /// The line of the file on which the row begins, from 1.
    Line(u64),
    /// The row of the table, from 1: Parquet has no lines, and a writer does not count them.
    Row(u64),
}

impl Place {
    /// The row `row` of `file`, all of it.
    pub(crate) fn new(file: &Path, row: RowAt) -> Place {
        Place { file: file.to_owned(), row, column: None }
    }

    /// One column of it.
    pub(crate) fn column(self, name: &str) -> Place {
        Place { column: Some(name.to_owned()), ..self }
    }

    /// What is wrong here, as it is told of a row that was read.
    pub(crate) fn mistake(self, what: impl Into<String>) -> TableError {
        TableError::Mistake { place: self, what: what.into() }
    }

    /// What is wrong here, as it is told of a file that cannot be gone on with.
    pub(crate) fn not_readable(self, what: impl Into<String>) -> TableError {
        TableError::NotReadable { place: self, what: what.into(), source: None }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}", self.file.display())?;
        match self.row {
            RowAt::File => {}
            RowAt::Line(line) => write!(out, ", line {line}")?,
            RowAt::Row(row) => write!(out, ", row {row}")?,
        }
        match &self.column {
            Some(column) => write!(out, ", column {column}"),
            None => Ok(()),
        }
    }
}

/// `text` for a message: in quotes, control characters made visible, and not too long.
pub(crate) fn quoted(text: &str) -> String {
    match text.char_indices().nth(QUOTED_CHARS_MAX) {
        Some((end, _)) => format!("{:?}…", &text[..end]),
        None => format!("{text:?}"),
    }
}

/// Characters of somebody's text in a message of ours.
const QUOTED_CHARS_MAX: usize = 60;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_says_file_line_and_column() {
        let place = Place::new(Path::new("in/reports.csv"), RowAt::Line(4)).column("weight");
        assert_eq!(place.to_string(), "in/reports.csv, line 4, column weight");
        let place = Place::new(Path::new("x.parquet"), RowAt::Row(9));
        assert_eq!(place.to_string(), "x.parquet, row 9");
    }

    #[test]
    fn a_long_text_is_quoted_in_part_and_never_raw() {
        assert_eq!(quoted("a\u{1b}[31m"), "\"a\\u{1b}[31m\"");
        assert_eq!(quoted(&"é".repeat(100)).chars().count(), QUOTED_CHARS_MAX + 3);
    }
}

//! Format: CSV, JSON lines or Parquet, and whether the whole file is packed with zstd.
//!
//! A packed file is recognised by its first bytes when it is read; the name's ending matters only
//! where something new is written.

use std::fmt;
use std::path::Path;
use std::str::FromStr;

use crate::error::TableError;

/// How rows are written into a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Comma-separated values with a header: RFC 4180, safe to open in a spreadsheet.
    Csv,
    /// One JSON object a line.
    Jsonl,
    /// Apache Parquet.
    Parquet,
}

/// Whether a CSV or JSON lines file is packed as a whole. Parquet packs its own pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Packing {
    /// As it is.
    Plain,
    /// In zstd frames: `.csv.zst`, `.jsonl.zst`.
    Zstd,
}

impl Format {
    /// Guesses format and packing from how the file is called: `reports.csv`, `reports.jsonl.zst`.
    pub fn of_path(path: &Path) -> Result<(Format, Packing), TableError> {
        let unknown = |instead| TableError::UnknownFormat {
            what: format!("the name {} does not say which format it is", path.display()),
            instead,
        };
        let name = path.file_name().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
        let (name, packing) = match name.strip_suffix(".zst") {
            Some(inner) => (inner, Packing::Zstd),
            None => (&*name, Packing::Plain),
        };
        let format = match name.rsplit_once('.').map(|(_, ending)| ending) {
            Some("csv") => Format::Csv,
            Some("jsonl" | "ndjson") => Format::Jsonl,
            Some("parquet") => Format::Parquet,
            _ => return Err(unknown(ENDINGS)),
        };
        match (format, packing) {
            (Format::Parquet, Packing::Zstd) => Err(unknown(PACKS_ITSELF)),
            known => Ok(known),
        }
    }
}

impl FromStr for Format {
    type Err = TableError;

    fn from_str(name: &str) -> Result<Format, TableError> {
        match name {
            "csv" => Ok(Format::Csv),
            "jsonl" => Ok(Format::Jsonl),
            "parquet" => Ok(Format::Parquet),
            other => Err(TableError::UnknownFormat {
                what: format!("no format is called {}", crate::error::quoted(other)),
                instead: "write csv, jsonl or parquet",
            }),
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Format::Csv => "csv",
            Format::Jsonl => "jsonl",
            Format::Parquet => "parquet",
        })
    }
}

const ENDINGS: &str = "name the format, or let the file end in .csv, .jsonl, .parquet, .csv.zst \
                       or .jsonl.zst";

/// Also what a writer says who is asked for it.
pub(crate) const PACKS_ITSELF: &str =
    "Parquet packs its own pages, let the file end in .parquet alone";

/// What is said where Parquet was asked for and is not built in.
#[cfg(not(feature = "parquet"))]
pub(crate) fn no_parquet() -> TableError {
    TableError::UnknownFormat {
        what: "this build has no Parquet".into(),
        instead: "write csv or jsonl, or build it with the feature parquet",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_format_is_guessed_from_the_ending() {
        let of = |name: &str| Format::of_path(Path::new(name)).expect(name);
        assert_eq!(of("a/reports.csv"), (Format::Csv, Packing::Plain));
        assert_eq!(of("REPORTS.CSV"), (Format::Csv, Packing::Plain));
        assert_eq!(of("reports.2025.jsonl.zst"), (Format::Jsonl, Packing::Zstd));
        assert_eq!(of("reports.ndjson"), (Format::Jsonl, Packing::Plain));
        assert_eq!(of("reports.parquet"), (Format::Parquet, Packing::Plain));
    }

    #[test]
    fn a_name_that_says_nothing_is_refused_with_what_to_write() {
        for name in ["reports", "reports.xlsx", "csv", "reports.zst", "..", "a.parquet.zst"] {
            let error = Format::of_path(Path::new(name)).expect_err(name);
            assert!(error.to_string().contains("let the file end in"), "{error}");
        }
    }

    #[test]
    fn a_format_is_read_as_it_is_written() {
        for format in [Format::Csv, Format::Jsonl, Format::Parquet] {
            assert_eq!(format.to_string().parse::<Format>().expect("its own name"), format);
        }
        let error = "CSV".parse::<Format>().expect_err("upper case");
        assert_eq!(error.to_string(), "no format is called \"CSV\": write csv, jsonl or parquet");
    }
}

//! Where a table goes, in which format, and which of its rows.

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::path::PathBuf;

use outcry_table::format::Format;
use outcry_table::format::Packing;
use outcry_table::schema::Schema;
use outcry_table::value::Value;
use outcry_table::writer::Writer;

use crate::cli::BadInput;

/// What every export of a table is asked.
#[derive(Debug, clap::Args)]
pub struct Wanted {
    /// csv, jsonl or parquet. Without it: as the file of --out is called, or the table's own.
    #[arg(long)]
    format: Option<Format>,
    /// The file to write; it is there only once it is whole. Without it: standard output.
    #[arg(long)]
    out: Option<PathBuf>,
    /// Only what came from this source.
    #[arg(long)]
    source: Option<String>,
    /// Only what is under this licence; "" is our own.
    #[arg(long)]
    licence: Option<String>,
}

/// A stream that a table is written to.
pub type Stream = Box<dyn Write + Send>;

/// A file that takes its name once it is whole.
pub struct Sink {
    part: Option<(PathBuf, PathBuf)>,
}

impl Wanted {
    /// The format, where `usual` is the table's own, and how it is packed.
    pub fn format(&self, usual: Format) -> anyhow::Result<(Format, Packing)> {
        let by_name = self.out.as_deref().map(Format::of_path);
        match (self.format, by_name) {
            (Some(format), Some(Ok((named, packing)))) if named == format => Ok((format, packing)),
            (Some(format), _) => Ok((format, Packing::Plain)),
            (None, Some(named)) => named.map_err(|error| BadInput(error.to_string()).into()),
            (None, None) => Ok((usual, Packing::Plain)),
        }
    }

    /// Whether rows of this origin are wanted.
    pub fn takes(&self, source: &str, licence: Option<&str>) -> bool {
        self.source.as_deref().is_none_or(|wanted| wanted == source)
            && self.licence.as_deref().is_none_or(|wanted| wanted == licence.unwrap_or(""))
    }

    /// Opens what is written to.
    pub fn open(&self) -> anyhow::Result<(Sink, Stream)> {
        let Some(path) = &self.out else {
            return Ok((Sink { part: None }, Box::new(std::io::stdout())));
        };
        let part = part_of(path);
        let file = File::create(&part)
            .map_err(|error| BadInput(format!("cannot write {}: {error}", part.display())))?;
        Ok((Sink { part: Some((part, path.clone())) }, Box::new(file)))
    }

    /// Opens a table.
    pub fn table(&self, usual: Format, schema: Schema) -> anyhow::Result<(Sink, Writer<Stream>)> {
        let (format, packing) = self.format(usual)?;
        let (sink, stream) = self.open()?;
        Ok((sink, Writer::packed(format, packing, schema, stream)?))
    }
}

impl Sink {
    /// Gives a file that is whole its name.
    pub fn keep(self, mut stream: Stream) -> anyhow::Result<()> {
        stream.flush()?;
        drop(stream);
        if let Some((part, path)) = &self.part {
            File::open(part)?.sync_all()?;
            std::fs::rename(part, path)?;
        }
        Ok(())
    }
}

/// The name of a file while it is written.
fn part_of(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".part");
    path.with_file_name(name)
}

/// Writes a row if its origin is wanted.
pub fn write(
    wanted: &Wanted,
    table: &mut Writer<Stream>,
    (source, licence): (&str, Option<&str>),
    row: &[Value],
) -> anyhow::Result<()> {
    if wanted.takes(source, licence) {
        table.row(row)?;
    }
    Ok(())
}

//! `outcry import`: the past of a service, reports and incidents, from files of any installation.
//!
//! Every row is looked at before the first is written. Nothing is written while a server holds the
//! data folder: what it counted would be passed over. `docs/decisions/0013-imports.md` says what is
//! kept where, and why.

mod incidents;
mod reports;
mod series;

use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;

use outcry_store::log::Log;
use outcry_store::log::LogError;
use outcry_table::error::RowAt;
use outcry_table::error::TableError;
use outcry_table::format::Format;
use outcry_table::reader::Reader;
use outcry_table::schema::Schema;
use outcry_table::value::Value;

use crate::cli::BadInput;
use crate::cli::serve::read_config;
use crate::config::Config;
use crate::station::MachineClock;
use crate::station::open_log;

/// Bad rows that are listed; the rest are counted.
const MISTAKES_LISTED_MAX: usize = 20;

/// Arguments of `outcry import`.
#[derive(Debug, clap::Args)]
pub struct Import {
    /// The configuration of the site.
    #[arg(long, global = true, default_value = "outcry.toml")]
    config: PathBuf,
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// Counts of the past: they are kept, shown, and teach what is usual.
    Series(Given),
    /// Reports of the past: they are kept in the log and counted for their own minutes.
    Reports(Given),
    /// Incidents of other installations: they are kept beside our own, and exported.
    Incidents(Given),
}

/// What is imported.
#[derive(Debug, clap::Args)]
struct Given {
    /// Files that end in .csv, .jsonl, .parquet, .csv.zst or .jsonl.zst.
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// The source of rows that name none.
    #[arg(long, default_value = "import")]
    source: String,
    /// The licence of rows that name none.
    #[arg(long)]
    licence: Option<String>,
    /// Leave out rows that cannot be used; they are counted and the first of them named.
    #[arg(long)]
    skip_bad: bool,
}

/// Where a row came from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Origin {
    source: String,
    licence: Option<String>,
    synthetic: bool,
}

impl Given {
    /// Where a row came from that says this much.
    fn origin(&self, source: &Value, licence: &Value, synthetic: &Value) -> Origin {
        Origin {
            source: told(source).unwrap_or(&self.source).to_owned(),
            licence: told(licence).map(str::to_owned).or_else(|| self.licence.clone()),
            synthetic: *synthetic == Value::Flag(true),
        }
    }
}

/// A text that is there and says something.
fn told(value: &Value) -> Option<&str> {
    match value {
        Value::Text(text) if !text.is_empty() => Some(text),
        _ => None,
    }
}

/// Imports.
pub fn run(arguments: &Import) -> anyhow::Result<()> {
    crate::cli::serve::begin_log("warn");
    let config = read_config(&arguments.config)?;
    let log = lock(&config)?;
    let done = match &arguments.what {
        What::Series(given) => series::import(&config, &log, given),
        What::Reports(given) => reports::import(&config, &log, given),
        What::Incidents(given) => incidents::import(&config, &log, given),
    };
    log.close();
    done
}

/// Opens the log, which nobody else may have.
fn lock(config: &Config) -> anyhow::Result<Log> {
    let in_use = |cause: &(dyn std::error::Error + 'static)| {
        matches!(cause.downcast_ref(), Some(LogError::InUse { .. }))
    };
    match open_log(config, Arc::new(MachineClock)) {
        Err(error) if error.chain().any(in_use) => Err(BadInput(format!(
            "a server has {} open: stop it first, or import into another data folder",
            config.store.dir.display()
        ))
        .into()),
        opened => opened,
    }
}

/// Rows that cannot be used.
#[derive(Debug, Default)]
struct Mistakes {
    listed: Vec<String>,
    count: u64,
}

impl Mistakes {
    fn add(&mut self, mistake: impl Into<String>) {
        self.count += 1;
        if self.listed.len() < MISTAKES_LISTED_MAX {
            self.listed.push(mistake.into());
        }
    }

    /// Ends the import when there were any and they are not to be left out; tells of them when
    /// they are.
    fn judge(self, given: &Given) -> anyhow::Result<()> {
        if self.count == 0 {
            return Ok(());
        }
        let more = self.count - self.listed.len() as u64;
        let more = if more > 0 { format!("\n  and {more} more") } else { String::new() };
        let list = format!("  {}{more}", self.listed.join("\n  "));
        if given.skip_bad {
            eprintln!("outcry: rows that were left out: {}\n{list}", self.count);
            return Ok(());
        }
        let what = "nothing was imported: mend these rows, or leave them out with --skip-bad";
        Err(BadInput(format!("{what}\n{list}")).into())
    }
}

/// Names a row: `reports.csv, line 4`.
fn place(file: &Path, row: RowAt) -> String {
    let file = file.display();
    match row {
        RowAt::File => file.to_string(),
        RowAt::Line(line) => format!("{file}, line {line}"),
        RowAt::Row(row) => format!("{file}, row {row}"),
    }
}

/// Reads the rows of a table; `take` gets each with its place, or what is wrong with it.
fn each_row(
    file: &Path,
    schema: Schema,
    mut take: impl FnMut(RowAt, Result<Vec<Value>, String>) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let bad = |error: TableError| BadInput(format!("{:#}", anyhow::Error::from(error)));
    let (format, _) = Format::of_path(file).map_err(bad)?;
    let mut reader = Reader::open(format, schema, file).map_err(bad)?;
    while let Some(row) = reader.next() {
        match row {
            Ok(row) => take(reader.row_at(), Ok(row))?,
            Err(error @ TableError::Mistake { .. }) => {
                take(reader.row_at(), Err(error.to_string()))?;
            }
            Err(error) => return Err(bad(error).into()),
        }
    }
    Ok(())
}

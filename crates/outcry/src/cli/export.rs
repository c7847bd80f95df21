//! `outcry export`: what is stored, as files that outlive the program.
//!
//! Reads a data folder, with or without a server on it.

mod incidents;
mod reports;
mod series;
mod sink;
mod site;

use std::path::PathBuf;

use anyhow::Context;
use outcry_core::time::UnixMillis;
use outcry_core::time::UnixMinute;
use outcry_store::import::Step;
use outcry_store::sqlite::SqliteStore;

use crate::cli::BadInput;
use crate::cli::export::incidents::Shape;
use crate::cli::export::series::Asked;
use crate::cli::export::sink::Wanted;
use crate::cli::serve::read_config;
use crate::data;
use crate::station::DATABASE;
use crate::tables;

/// Arguments of `outcry export`.
#[derive(Debug, clap::Args)]
pub struct Export {
    /// The configuration of the site.
    #[arg(long, global = true, default_value = "outcry.toml")]
    config: PathBuf,
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// All incidents, newest first; then those that were imported.
    Incidents {
        /// Only of this service.
        #[arg(long)]
        service: Option<String>,
        /// JSON lines with the columns of CSV and Parquet instead of whole incidents.
        #[arg(long)]
        flat: bool,
        #[command(flatten)]
        wanted: Wanted,
    },
    /// Counts of services: received and counted.
    Series {
        /// Slug of the service; without it, all.
        service: Option<String>,
        /// From this time on, such as 2025-03-10T00:00:00Z; by default from the first.
        #[arg(long)]
        from: Option<String>,
        /// Up to this time; by default to the last.
        #[arg(long)]
        until: Option<String>,
        /// minute, hour or day. Minutes are removed first, days never.
        #[arg(long, default_value = "minute", value_parser = step)]
        step: Step,
        /// all, works, component:NAME, problem:NAME, country:XX, country:unknown or every.
        #[arg(long, default_value = "all")]
        dimension: String,
        #[command(flatten)]
        wanted: Wanted,
    },
    /// Reports as they were told, without the keys of their senders and without comments.
    Reports {
        /// Only of this service.
        #[arg(long)]
        service: Option<String>,
        #[command(flatten)]
        wanted: Wanted,
    },
    /// The whole site as static files.
    Site {
        /// Folder to write to; made if it is not there.
        #[arg(long)]
        out: PathBuf,
    },
}

fn step(name: &str) -> Result<Step, String> {
    tables::read_step(name).ok_or_else(|| "write minute, hour or day".to_owned())
}

/// Exports to standard output or to a folder.
pub fn run(arguments: &Export) -> anyhow::Result<()> {
    crate::cli::serve::begin_log("warn");
    let config = read_config(&arguments.config)?;
    let path = config.store.dir.join(DATABASE);
    if !path.exists() {
        anyhow::bail!(BadInput(format!(
            "{} does not exist: start `outcry serve` once, or name another configuration",
            path.display()
        )));
    }
    let store = SqliteStore::open_reader(&path)
        .with_context(|| format!("{} cannot be exported", path.display()))?;
    let service = match &arguments.what {
        What::Incidents { service, .. }
        | What::Reports { service, .. }
        | What::Series { service, .. } => service.as_deref(),
        What::Site { .. } => None,
    };
    if let Some(slug) = service {
        let catalog = data::catalog(config.catalog_dir.as_deref())?;
        if catalog.service(slug).is_none() {
            anyhow::bail!(BadInput(format!("there is no service {slug:?} in the catalogue")));
        }
    }
    match &arguments.what {
        What::Incidents { flat, wanted, .. } => {
            let shape = if *flat { Shape::Flat } else { Shape::Whole };
            incidents::incidents(&config, &store, service, (wanted, shape))
        }
        What::Series { from, until, step, dimension, wanted, .. } => {
            let span = (from.as_deref().map(time), until.as_deref().map(time));
            let span = (span.0.transpose()?, span.1.transpose()?);
            if span.0.zip(span.1).is_some_and(|(from, until)| until <= from) {
                anyhow::bail!(BadInput("--until must be later than --from".into()));
            }
            let asked = Asked { service, span, step: *step, dimension };
            series::series(&config, &store, &asked, wanted)
        }
        What::Reports { wanted, .. } => reports::reports(&config, service, wanted),
        What::Site { out } => site::site(&config, store, out),
    }
}

fn time(text: &str) -> anyhow::Result<UnixMinute> {
    UnixMillis::parse(text).map(UnixMillis::minute).ok_or_else(|| {
        BadInput(format!("{text:?} is no time; write it like 2025-03-10T00:00:00Z")).into()
    })
}

//! Parts of the platform: each a process of its own, inside a namespace of its own.
//!
//! A part does what its mode says. The mode is a small file that it reads whenever it has something
//! to do; writing that file is how a fault is switched on and off. Without the file it is well.

pub mod app;
pub mod db;
pub mod dns;
pub mod flood;
pub mod ident;
pub mod people;

use std::path::Path;
use std::path::PathBuf;

use anyhow::Result;
use clap::Subcommand;

/// A part, as its process is started.
#[derive(Clone, Debug, Subcommand)]
pub enum Part {
    /// The name server.
    Dns(Folder),
    /// The database.
    Db(Folder),
    /// The applications.
    App(Folder),
    /// The identity provider.
    Ident(Folder),
    /// People who use the platform, or a crowd of them.
    People(people::Arguments),
    /// A bounded flood.
    Flood(flood::Arguments),
}

/// Where the modes of a run lie.
#[derive(Clone, Debug, clap::Args)]
pub struct Folder {
    /// The folder of the run.
    #[arg(long)]
    pub dir: PathBuf,
}

/// Runs a part until it is ended.
pub fn run(part: Part) -> Result<()> {
    match part {
        Part::Dns(folder) => dns::run(&folder.dir),
        Part::Db(folder) => db::run(&folder.dir),
        Part::App(folder) => app::run(&folder.dir),
        Part::Ident(folder) => ident::run(&folder.dir),
        Part::People(arguments) => people::run(&arguments),
        Part::Flood(arguments) => flood::run(&arguments),
    }
}

/// The mode of a part: empty when it is well.
pub fn mode(dir: &Path, part: &str) -> String {
    std::fs::read_to_string(file(dir, part)).unwrap_or_default().trim().to_owned()
}

/// Sets the mode of a part at once: a reader sees the old one or the new one.
pub fn set_mode(dir: &Path, part: &str, mode: &str) -> Result<()> {
    let fresh = dir.join(format!("{part}.mode.new"));
    std::fs::write(&fresh, mode)?;
    std::fs::rename(fresh, file(dir, part))?;
    Ok(())
}

fn file(dir: &Path, part: &str) -> PathBuf {
    dir.join(format!("{part}.mode"))
}

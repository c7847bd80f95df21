//! `outcry backup`: a copy of everything that is stored, taken beside a running server, into a
//! folder that a later run brings up to date.

use std::path::Path;
use std::path::PathBuf;
use std::time::Instant;

use indicatif::HumanBytes;

use crate::cli::BadInput;
use crate::cli::serve::read_config;
use crate::cli::verify::bar;
use crate::cli::verify::seal_words;
use crate::vault::Vault;

/// Arguments of `outcry backup`.
#[derive(Debug, clap::Args)]
pub struct Backup {
    /// The folder of the backup; made when there is none. Another disk, best of all.
    folder: PathBuf,
    /// The configuration of the site.
    #[arg(long, default_value = "outcry.toml")]
    config: PathBuf,
    /// Take nothing: read the backup that is there and say whether it is what was copied.
    #[arg(long)]
    check: bool,
}

/// Arguments of `outcry restore`.
#[derive(Debug, clap::Args)]
pub struct Restore {
    /// The folder of the backup.
    folder: PathBuf,
    /// The configuration of the site, whose data folder must be empty or not there.
    #[arg(long, default_value = "outcry.toml")]
    config: PathBuf,
}

/// Takes a backup, or checks one.
pub fn run(arguments: &Backup) -> anyhow::Result<()> {
    crate::cli::serve::begin_log("warn");
    let vault = Vault::new(&arguments.folder);
    if arguments.check {
        return check(&vault, &arguments.folder);
    }
    let config = read_config(&arguments.config)?;
    if !config.store.dir.exists() {
        anyhow::bail!(BadInput(format!(
            "there is no {}: name the configuration of a site that has run",
            config.store.dir.display()
        )));
    }
    let began = Instant::now();
    let taken = vault.take(&config.store.dir, jiff::Timestamp::now().to_string())?;
    say!("backup     {}, {}", arguments.folder.display(), HumanBytes(taken.index.bytes()))?;
    say!(
        "copied     {} in {:.1} s; {} sealed segments were there already",
        HumanBytes(taken.copied_bytes),
        began.elapsed().as_secs_f64(),
        taken.reused
    )?;
    say!("database   stands at record {}", taken.index.offset)?;
    say!("log        up to record {}", taken.index.next_seq)?;
    say!("seal       {}", seal_words(&taken.index.seal))?;
    for fault in &taken.faults {
        say!("FAULT      {fault}")?;
    }
    if !taken.faults.is_empty() {
        anyhow::bail!(
            "the backup was taken, but the site is not as it should be: run outcry verify"
        );
    }
    Ok(())
}

fn check(vault: &Vault, folder: &Path) -> anyhow::Result<()> {
    let bytes = vault.index()?.map_or(0, |index| index.bytes());
    let bar = bar("reading {bar:40} {bytes}/{total_bytes}", bytes);
    let faults = vault.check(|bytes| bar.inc(bytes))?;
    bar.finish_and_clear();
    for fault in &faults {
        say!("FAULT      {fault}")?;
    }
    match faults.len() {
        0 => Ok(say!("{} of {} are what was copied", HumanBytes(bytes), folder.display())?),
        _ => anyhow::bail!("the backup is damaged: take another into a new folder"),
    }
}

/// Restores a backup, then verifies what was restored.
pub fn restore(arguments: &Restore) -> anyhow::Result<()> {
    crate::cli::serve::begin_log("warn");
    let config = read_config(&arguments.config)?;
    let vault = Vault::new(&arguments.folder);
    let bytes = vault.index()?.map_or(0, |index| index.bytes());
    let bar = bar("restoring {bar:40} {bytes}/{total_bytes}", bytes);
    let index = vault.restore(&config.store.dir, |bytes| bar.inc(bytes))?;
    bar.finish_and_clear();
    say!("restored   {}, as of {}", config.store.dir.display(), index.taken_at)?;
    say!("database   stands at record {}", index.offset)?;
    say!("log        up to record {}", index.next_seq)?;
    say!("to make sure of it: outcry verify --config {}", arguments.config.display())?;
    Ok(())
}

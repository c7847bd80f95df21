//! The look at what is stored, once after each start, beside everything else and with the least
//! claim to the machine: every page of the database and every byte of the sealed segments.
//!
//! What is damaged is named in the log of the program and stands in `/healthz`; taking reports and
//! showing pages goes on, since the log of reports is sound where it is written.
//!
//! # What it cannot tell
//!
//! Whether the counts are those of the log: `outcry verify` counts again and compares.

use std::path::Path;
use std::sync::Arc;
use std::sync::PoisonError;
use std::time::Instant;

use outcry_store::log::LogError;
use outcry_store::log::disk::ReadDisk;
use outcry_store::log::look::Look;
use outcry_store::sqlite::SqliteStore;

use crate::shared::Shared;
use crate::station::DATABASE;
use crate::station::LOG;
use crate::station::step_back;

/// Begins the look; nobody waits for it, at the end of the program neither.
///
/// # Errors
///
/// When the system has no thread to give.
pub fn begin(dir: &Path, shared: Arc<Shared>) -> std::io::Result<()> {
    let dir = dir.to_owned();
    std::thread::Builder::new().name("inspect".into()).spawn(move || {
        step_back();
        let began = Instant::now();
        match faults(&dir) {
            Err(error) => tracing::warn!("what is stored was not inspected: {error:#}"),
            Ok(faults) => {
                let took_ms = began.elapsed().as_millis();
                tracing::info!(faults = faults.len(), took_ms, "what is stored was inspected");
                tell(&faults, &shared);
            }
        }
    })?;
    Ok(())
}

fn tell(faults: &[String], shared: &Shared) {
    for fault in faults {
        tracing::error!(fault, "what is stored is damaged");
    }
    let Some(first) = faults.first() else { return };
    let what = match faults.len() - 1 {
        0 => format!("{first}; see outcry verify"),
        more => format!("{first}, and {more} more; see outcry verify"),
    };
    *shared.damage.lock().unwrap_or_else(PoisonError::into_inner) = Some(what);
}

/// What is damaged in a data folder, a sentence each.
fn faults(dir: &Path) -> anyhow::Result<Vec<String>> {
    let pages = SqliteStore::open_reader(&dir.join(DATABASE))?.quick_check()?;
    let mut faults: Vec<String> = pages.iter().map(|page| format!("database: {page}")).collect();
    let folder = dir.join(LOG);
    let look = Look::at(Arc::new(ReadDisk::open(&folder)?))?;
    let damage = look.recovery().findings.iter().filter(|finding| finding.is_damage());
    faults.extend(damage.map(|finding| format!("log: {finding}")));
    faults.extend(faults_of_sealed(&folder, |_| {})?);
    Ok(faults)
}

/// What is not as it was sealed, a sentence each. A segment that is removed in order, while it is
/// read, is no fault: what is found counts if a second look finds it too.
///
/// # Errors
///
/// When the log cannot be read.
pub fn faults_of_sealed(
    folder: &Path,
    mut progress: impl FnMut(u64),
) -> Result<Vec<String>, LogError> {
    let look = || Look::at(Arc::new(ReadDisk::open(folder)?));
    let mut faults = look()?.check_sealed(&mut progress)?;
    if !faults.is_empty() {
        let again = look()?.check_sealed(|_| {})?;
        faults.retain(|fault| again.contains(fault));
    }
    Ok(faults.into_iter().map(|fault| format!("log: {fault}")).collect())
}

//! A look at a log that somebody else may be writing to: everything is checked, nothing is changed.
//!
//! The manifest and the folder are read one after the other, and segments may be sealed or removed
//! in between. A look that finds something amiss counts only if the manifest stood still meanwhile;
//! else it is taken again.

use std::io;
use std::sync::Arc;

use crate::log::Limits;
use crate::log::LogError;
use crate::log::Recovery;
use crate::log::SystemClock;
use crate::log::disk::Disk;
use crate::log::folder::Mending;
use crate::log::folder::failed;
use crate::log::manifest::Entry;
use crate::log::manifest::MANIFEST_NAME;
use crate::log::manifest::Manifest;
use crate::log::manifest::hex;
use crate::log::reader::Reader;
use crate::log::recovery::Recovered;
use crate::log::recovery::recover;
use crate::log::sealed::SealedFile;
use crate::log::sealed::hash_of;
use crate::log::segment::first_seq_of;
use crate::log::segment::name_of;
use crate::log::segment::sealed_seq_of;
use crate::log::state::Form;
use crate::log::state::Segment;
use crate::log::state::Shared;

/// How often a log is looked at whose segments are sealed or removed in the middle of each look.
pub const LOOKS_MAX: u32 = 50;

/// A log as it stood when it was looked at.
pub struct Look {
    shared: Arc<Shared>,
    recovery: Recovery,
}

/// A segment file, for whoever copies it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SegmentFile {
    /// Its name.
    pub name: String,
    /// The part of it that is whole, in bytes.
    pub bytes: u64,
    /// SHA-256 of a sealed one, in hexadecimal; the others still grow.
    pub stored_hash: Option<String>,
}

/// Looks until nothing is amiss, or the manifest is the same before and after the look.
fn settled(disk: &dyn Disk) -> Result<Recovered, LogError> {
    let mut before = manifest_stand(disk)?;
    for _ in 1..LOOKS_MAX {
        let outcome = recover(disk, Mending::LookOnly);
        if outcome.as_ref().is_ok_and(|found| found.recovery.findings.is_empty()) {
            return outcome;
        }
        let after = manifest_stand(disk)?;
        if before == after {
            return outcome;
        }
        before = after;
    }
    recover(disk, Mending::LookOnly)
}

/// Seal of the manifest's last sound line, and bytes after it.
fn manifest_stand(disk: &dyn Disk) -> Result<(String, u64), LogError> {
    let (manifest, flaws) = Manifest::read(disk).map_err(failed("read", MANIFEST_NAME))?;
    Ok((manifest.seal().to_owned(), flaws.torn_bytes))
}

impl Look {
    /// Looks at the log on `disk`.
    ///
    /// # Errors
    ///
    /// When a file cannot be read, or is of a newer layout. Damage is no error: it is in
    /// [`Look::recovery`].
    pub fn at(disk: Arc<dyn Disk>) -> Result<Self, LogError> {
        let Recovered { state, recovery, manifest, .. } = settled(&*disk)?;
        let limits = Limits::default();
        let shared = Shared::new(disk, Arc::new(SystemClock), limits, (state, manifest));
        Ok(Self { shared: Arc::new(shared), recovery })
    }

    /// What was found.
    pub fn recovery(&self) -> &Recovery {
        &self.recovery
    }

    /// Reads all records from `from_seq` on that were there.
    pub fn reader(&self, from_seq: u64) -> Reader {
        Reader::new(Arc::clone(&self.shared), from_seq)
    }

    /// The sequence number after the last record.
    pub fn next_seq(&self) -> u64 {
        self.shared.lock().next_seq
    }

    /// Stretches of records that follow each other without a gap, first and end, in order.
    pub fn stretches(&self) -> Vec<(u64, u64)> {
        let state = self.shared.lock();
        let manifest = self.manifest();
        let mut stretches: Vec<(u64, u64)> = Vec::new();
        for (at, segment) in state.segments.iter().enumerate() {
            let next = state.segments.get(at + 1).map_or(state.next_seq, |next| next.first_seq);
            let end = manifest.sealed(segment.first_seq).map_or(next, |entry| entry.end_seq);
            match stretches.last_mut() {
                Some((_, last)) if *last == segment.first_seq => *last = end,
                _ => stretches.push((segment.first_seq, end)),
            }
        }
        stretches
    }

    /// The files of the log, manifest not included, in order.
    ///
    /// # Errors
    ///
    /// When a file cannot be measured.
    pub fn files(&self) -> Vec<SegmentFile> {
        let manifest = self.manifest();
        let file = |segment: &Segment| match manifest.sealed(segment.first_seq) {
            Some(entry) if segment.form == Form::Sealed => SegmentFile {
                name: entry.file.clone(),
                bytes: entry.stored_bytes,
                stored_hash: Some(entry.stored_hash.clone()),
            },
            _ => SegmentFile {
                name: name_of(segment.first_seq),
                bytes: segment.durable_bytes,
                stored_hash: None,
            },
        };
        self.shared.lock().segments.iter().map(file).collect()
    }

    /// The seal of the manifest's last line: who keeps it elsewhere can prove the chain later.
    pub fn seal(&self) -> String {
        self.manifest().seal().to_owned()
    }

    /// How many bytes of the manifest are sound lines.
    pub fn manifest_bytes(&self) -> u64 {
        self.manifest().bytes()
    }

    /// Whether a segment file that is not here was removed or sealed in order.
    pub fn is_accounted_for(&self, name: &str) -> bool {
        let manifest = self.manifest();
        match (sealed_seq_of(name), first_seq_of(name)) {
            (Some(first_seq), _) => manifest.is_removed(first_seq),
            (None, Some(first_seq)) => {
                manifest.is_removed(first_seq) || manifest.sealed(first_seq).is_some()
            }
            (None, None) => true,
        }
    }

    /// Whether the hash chain has a seal that was its last one at some time.
    ///
    /// # Errors
    ///
    /// When the manifest cannot be read.
    pub fn has_seal(&self, seal: &str) -> Result<bool, LogError> {
        self.manifest().has_seal(seal).map_err(failed("read", MANIFEST_NAME))
    }

    /// Whether records that are not here were removed in order: they were older than raw reports
    /// are kept, and no incident rested on them.
    pub fn was_removed(&self, from: u64, until: u64) -> bool {
        self.manifest().removed_all(from, until)
    }

    /// Reads every sealed segment to its last byte and says what is not as it was sealed, a
    /// sentence each; `progress` is told the bytes read.
    ///
    /// # Errors
    ///
    /// When a file cannot be read.
    pub fn check_sealed(&self, mut progress: impl FnMut(u64)) -> Result<Vec<String>, LogError> {
        let entries: Vec<Entry> = self.manifest().all_sealed().cloned().collect();
        let mut faults = Vec::new();
        for entry in entries {
            self.check_one(&entry, &mut faults)?;
            progress(entry.stored_bytes);
        }
        Ok(faults)
    }

    fn check_one(&self, entry: &Entry, faults: &mut Vec<String>) -> Result<(), LogError> {
        let name = &entry.file;
        let file = match self.shared.disk.open(name) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let (first, end) = (entry.first_seq, entry.end_seq);
                faults.push(format!("{name} is gone, with records {first} to {end}"));
                return Ok(());
            }
            Err(error) => return Err(failed("open", name)(error)),
        };
        let (hash, bytes) = hash_of(&*file).map_err(failed("read", name))?;
        if hex(&hash) == entry.stored_hash && bytes == entry.stored_bytes {
            return Ok(());
        }
        faults.push(format!(
            "{name} is not the file that was sealed: it has {bytes} bytes and SHA-256 {}, the \
             manifest says {} and {}",
            hex(&hash),
            entry.stored_bytes,
            entry.stored_hash,
        ));
        let sealed = SealedFile::open(file, name).map_err(failed("read", name))?;
        let Some(sealed) = sealed else {
            faults.push(format!("{name}: its index cannot be read; restore it from a backup"));
            return Ok(());
        };
        for (offset, bytes) in sealed.damaged_blocks().map_err(failed("read", name))? {
            faults.push(format!("{name}: {bytes} bytes from byte {offset} on are damaged"));
        }
        Ok(())
    }

    fn manifest(&self) -> std::sync::MutexGuard<'_, Manifest> {
        self.shared.keeper.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

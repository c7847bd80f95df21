//! Keeping: full segments are sealed, those with an incident's evidence are pinned, and old ones
//! that nobody needs any more are removed, each step entered in the manifest.
//!
//! All of it happens beside the writer and its readers, who never wait for it.
//!
//! # What it cannot tell
//!
//! What a removed segment said. A reader that is in the middle of one goes on with the next.

use std::io;
use std::sync::Arc;
use std::sync::MutexGuard;
use std::sync::PoisonError;

use crate::log::Log;
use crate::log::LogError;
use crate::log::disk::DiskFile;
use crate::log::folder::failed;
use crate::log::folder::read_header;
use crate::log::manifest::Act;
use crate::log::manifest::Entry;
use crate::log::manifest::MANIFEST_NAME;
use crate::log::manifest::Manifest;
use crate::log::pack::pack;
use crate::log::sealed::Packed;
use crate::log::sealed::SealedFile;
use crate::log::segment::Beginning;
use crate::log::segment::SegmentHeader;
use crate::log::segment::name_of;
use crate::log::segment::packing_name_of;
use crate::log::segment::sealed_name_of;
use crate::log::state::Form;
use crate::log::state::Shared;

/// Records between two times that must stay, and for whose sake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pin {
    /// The incident whose evidence they are.
    pub incident: String,
    /// From this time on, milliseconds since 1970.
    pub from_ms: i64,
    /// Up to and with this time.
    pub until_ms: i64,
}

/// Which sealed segments may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expiry {
    /// Those whose last frame is older than this, milliseconds since 1970.
    pub before_ms: i64,
    /// Those with no record from this on: later ones are still to be worked through.
    pub safe_seq: u64,
}

/// What the log's folder holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Holdings {
    /// Segments that can be read.
    pub segments: u32,
    /// Of them, those that are sealed.
    pub sealed: u32,
    /// Of them, those kept for an incident.
    pub pinned: u32,
    /// Bytes of the sealed files.
    pub sealed_bytes: u64,
}

impl Log {
    /// Seals the oldest full segment; returns the name of the new file, `None` when there is none
    /// to be sealed.
    ///
    /// # Errors
    ///
    /// When a file cannot be read or written; nothing is lost then, and the next call tries again.
    pub fn seal_next(&self) -> Result<Option<String>, LogError> {
        let shared = &*self.handle.shared;
        let mut manifest = keeper(shared);
        let Some((first_seq, plain_bytes)) = next_full(shared) else { return Ok(None) };
        let plain = name_of(first_seq);
        let file = shared.disk.open(&plain).map_err(failed("open", &plain))?;
        let Beginning::Known(header) = read_header(&*file).map_err(failed("read", &plain))? else {
            set_form(shared, first_seq, Form::Headless, None);
            return Ok(None);
        };
        let sealed = sealed_name_of(first_seq);
        let packed = packed(shared, (&file, header), plain_bytes)?;
        let act = Act::Sealed(Box::new(Entry::of(&sealed, &packed)));
        let entered = manifest.append(&*shared.disk, &act);
        entered.map_err(failed("write to", MANIFEST_NAME))?;
        set_form(shared, first_seq, Form::Sealed, Some(packed));
        shared.disk.remove(&plain).map_err(failed("remove", &plain))?;
        shared.disk.sync_names().map_err(failed("sync", "the log's folder"))?;
        Ok(Some(sealed))
    }

    /// Pins the sealed segments with records of an incident; returns how many pins are new.
    ///
    /// # Errors
    ///
    /// When the manifest cannot be written.
    pub fn pin(&self, pins: &[Pin]) -> Result<u32, LogError> {
        let shared = &*self.handle.shared;
        let mut manifest = keeper(shared);
        let mut acts = Vec::new();
        for entry in manifest.all_sealed() {
            let of_time =
                |pin: &&Pin| pin.from_ms <= entry.until_ms && entry.from_ms <= pin.until_ms;
            for pin in pins.iter().filter(of_time) {
                if !manifest.pins(entry.first_seq).any(|incident| incident == pin.incident) {
                    let (file, incident) = (entry.file.clone(), pin.incident.clone());
                    acts.push(Act::Pinned { file, incident });
                }
            }
        }
        for act in &acts {
            let entered = manifest.append(&*shared.disk, act);
            entered.map_err(failed("write to", MANIFEST_NAME))?;
        }
        Ok(acts.len() as u32)
    }

    /// Removes the sealed segments that are old and not pinned; returns their names.
    ///
    /// # Errors
    ///
    /// When the manifest cannot be written or a file not removed; the next call tries again.
    pub fn retire(&self, expiry: Expiry) -> Result<Vec<String>, LogError> {
        let shared = &*self.handle.shared;
        let mut manifest = keeper(shared);
        let old: Vec<Entry> = manifest
            .all_sealed()
            .filter(|entry| entry.until_ms < expiry.before_ms && entry.end_seq <= expiry.safe_seq)
            .filter(|entry| manifest.pins(entry.first_seq).next().is_none())
            .cloned()
            .collect();
        let mut removed = Vec::new();
        for Entry { file, first_seq, end_seq, .. } in old {
            let act = Act::Removed { file: file.clone(), first_seq, end_seq };
            let entered = manifest.append(&*shared.disk, &act);
            entered.map_err(failed("write to", MANIFEST_NAME))?;
            shared.lock().segments.retain(|segment| segment.first_seq != first_seq);
            match shared.disk.remove(&file) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    return Err(failed("remove", &file)(error));
                }
                _ => removed.push(file),
            }
        }
        if !removed.is_empty() {
            shared.disk.sync_names().map_err(failed("sync", "the log's folder"))?;
        }
        Ok(removed)
    }

    /// What the folder holds now.
    pub fn holdings(&self) -> Holdings {
        let shared = &*self.handle.shared;
        let manifest = keeper(shared);
        let state = shared.lock();
        let pinned = |entry: &&Entry| manifest.pins(entry.first_seq).next().is_some();
        Holdings {
            segments: state.segments.len() as u32,
            sealed: manifest.all_sealed().count() as u32,
            pinned: manifest.all_sealed().filter(pinned).count() as u32,
            sealed_bytes: manifest.all_sealed().map(|entry| entry.stored_bytes).sum(),
        }
    }

    /// The first record that can be read, or the next to come when there is none.
    pub fn first_seq(&self) -> u64 {
        let state = self.handle.shared.lock();
        state.segments.first().map_or(state.next_seq, |segment| segment.first_seq)
    }
}

fn keeper(shared: &Shared) -> MutexGuard<'_, Manifest> {
    shared.keeper.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The oldest segment that grows no more and is not sealed: the last one may still grow.
fn next_full(shared: &Shared) -> Option<(u64, u64)> {
    let state = shared.lock();
    let (_, full) = state.segments.split_last()?;
    let next = full.iter().find(|segment| segment.form == Form::Open)?;
    Some((next.first_seq, next.durable_bytes))
}

fn set_form(shared: &Shared, first_seq: u64, form: Form, packed: Option<Packed>) {
    let mut state = shared.lock();
    if let Some(segment) = state.segments.iter_mut().find(|it| it.first_seq == first_seq) {
        segment.form = form;
        if let Some(packed) = packed.filter(|packed| !packed.marks.is_empty()) {
            segment.marks = packed.marks;
        }
    }
}

/// Packs a segment under a name of its own, reads it back, and gives it its name.
fn packed(
    shared: &Shared,
    (file, header): (&Arc<dyn DiskFile>, SegmentHeader),
    plain_bytes: u64,
) -> Result<Packed, LogError> {
    let disk = &*shared.disk;
    let (packing, sealed) = (packing_name_of(header.first_seq), sealed_name_of(header.first_seq));
    match disk.remove(&packing) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            return Err(failed("remove", &packing)(error));
        }
        _ => {}
    }
    let into = disk.create(&packing).map_err(failed("make", &packing))?;
    let done = pack(file, header, plain_bytes, &*into).and_then(|packed| {
        let back = SealedFile::open(Arc::clone(&into), &packing)?;
        let sound = match &back {
            Some(back) => back.summary() == &packed.summary && back.damaged_blocks()?.is_empty(),
            None => false,
        };
        if sound { Ok(packed) } else { Err(io::Error::other("what was written reads otherwise")) }
    });
    let packed = match done {
        Ok(packed) => packed,
        Err(error) => {
            // The unpacked segment is still there; what was begun would only take room.
            let _ = disk.remove(&packing);
            return Err(failed("seal", &name_of(header.first_seq))(error));
        }
    };
    disk.rename(&packing, &sealed).map_err(failed("rename", &packing))?;
    disk.sync_names().map_err(failed("sync", "the log's folder"))?;
    Ok(packed)
}

//! The log's folder: which segments there are, in which form, and what an interrupted sealing or
//! removal left behind.
//!
//! A segment changes its form in steps that a power cut may come between: it is packed under a name
//! of its own, renamed, entered in the manifest, and only then is the unpacked file removed. So at
//! any moment one sound file holds the records, and what is left over says which step was last.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;

use crate::log::LogError;
use crate::log::disk::Disk;
use crate::log::disk::DiskFile;
use crate::log::finding::Finding;
use crate::log::frame::VERSION;
use crate::log::manifest::Act;
use crate::log::manifest::Entry;
use crate::log::manifest::Flaws;
use crate::log::manifest::MANIFEST_NAME;
use crate::log::manifest::Manifest;
use crate::log::sealed::Packed;
use crate::log::sealed::SealedFile;
use crate::log::sealed::Summary;
use crate::log::sealed::hash_of;
use crate::log::segment::Beginning;
use crate::log::segment::SEGMENT_HEADER_BYTES;
use crate::log::segment::SegmentHeader;
use crate::log::segment::first_seq_of;
use crate::log::segment::name_of;
use crate::log::segment::packing_seq_of;
use crate::log::segment::sealed_name_of;
use crate::log::segment::sealed_seq_of;

/// Whether what is wrong may be put right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mending {
    /// It is.
    Mend,
    /// Nothing is changed: somebody else may have the log open.
    LookOnly,
}

/// A segment before its frames are looked at.
pub struct Candidate {
    /// The sequence number in its name.
    pub first_seq: u64,
    /// The file.
    pub name: String,
    /// What is in it.
    pub body: Body,
}

/// The form of a segment.
pub enum Body {
    /// As it was written.
    Open {
        /// Bytes of the file.
        size_bytes: u64,
        /// What its first bytes are.
        beginning: Beginning,
    },
    /// Packed.
    Sealed(Box<SealedFile>),
    /// Packed, and its index is damaged; what the manifest says of it.
    Unreadable(Option<Box<Summary>>),
}

/// A folder that is being looked at.
pub struct Folder<'a> {
    /// Where it is.
    pub disk: &'a dyn Disk,
    /// Whether it may be changed.
    pub mending: Mending,
    /// Its manifest.
    pub manifest: Manifest,
    /// What was wrong.
    pub findings: Vec<Finding>,
}

impl<'a> Folder<'a> {
    /// Reads the manifest.
    ///
    /// # Errors
    ///
    /// When it cannot be read or mended.
    pub fn open(disk: &'a dyn Disk, mending: Mending) -> Result<Self, LogError> {
        let (manifest, flaws) = Manifest::read(disk).map_err(failed("read", MANIFEST_NAME))?;
        let Flaws { damaged_lines, torn_bytes } = flaws;
        let mut folder = Self { disk, mending, manifest, findings: Vec::new() };
        let damaged = damaged_lines.into_iter().map(|line| Finding::ManifestDamaged { line });
        folder.findings.extend(damaged);
        if torn_bytes > 0 {
            folder.findings.push(Finding::ManifestTorn { bytes: torn_bytes });
            if mending == Mending::Mend {
                let cut = folder.manifest.mend();
                cut.map_err(failed("cut the torn end off", MANIFEST_NAME))?;
            }
        }
        Ok(folder)
    }

    /// All segments in order; leftovers are put right.
    ///
    /// # Errors
    ///
    /// When a file cannot be read, or is of a newer layout.
    pub fn candidates(&mut self) -> Result<Vec<Candidate>, LogError> {
        let names = self.disk.names().map_err(failed("list", "the log's folder"))?;
        let mut forms: BTreeMap<u64, (bool, bool)> = BTreeMap::new();
        for name in &names {
            if packing_seq_of(name).is_some() {
                self.remove(name)?;
            } else if let Some(first_seq) = first_seq_of(name) {
                forms.entry(first_seq).or_default().0 = true;
            } else if let Some(first_seq) = sealed_seq_of(name) {
                forms.entry(first_seq).or_default().1 = true;
            }
        }
        let mut candidates = Vec::new();
        for (first_seq, (open, sealed)) in forms {
            if sealed && let Some(candidate) = self.sealed(first_seq, open)? {
                candidates.push(candidate);
            } else if open {
                candidates.push(self.unpacked(first_seq)?);
            }
        }
        Ok(candidates)
    }

    /// The sealed form of a segment, or `None` when it is not the one to be used.
    fn sealed(&mut self, first_seq: u64, open: bool) -> Result<Option<Candidate>, LogError> {
        let name = sealed_name_of(first_seq);
        if self.manifest.is_removed(first_seq) {
            self.remove(&name)?;
            return Ok(None);
        }
        let file = self.disk.open(&name).map_err(failed("open", &name))?;
        let size = file.size_bytes().map_err(failed("measure", &name))?;
        let sealed = SealedFile::open(Arc::clone(&file), &name).map_err(failed("read", &name))?;
        let sealed = sealed.filter(|sealed| sealed.summary().header.first_seq == first_seq);
        let entry = self.manifest.sealed(first_seq);
        if open {
            let done = entry.is_some_and(|entry| entry.stored_bytes == size) && sealed.is_some();
            let superfluous = if done { name_of(first_seq) } else { name.clone() };
            self.remove(&superfluous)?;
            if !done {
                return Ok(None);
            }
        }
        let body = match sealed {
            Some(sealed) => {
                if self.manifest.sealed(first_seq).is_none() {
                    self.adopt(&name, &*file, &sealed)?;
                }
                Body::Sealed(Box::new(sealed))
            }
            None => {
                let summary = self.manifest.sealed(first_seq).map(|entry| entry.summary());
                let records = summary.map_or(0, |summary| summary.records);
                let file = name.clone();
                self.findings.push(Finding::SealedUnreadable { file, first_seq, records });
                Body::Unreadable(summary.map(Box::new))
            }
        };
        Ok(Some(Candidate { first_seq, name, body }))
    }

    /// Enters a sealed segment that the manifest does not know.
    fn adopt(
        &mut self,
        name: &str,
        file: &dyn DiskFile,
        sealed: &SealedFile,
    ) -> Result<(), LogError> {
        self.findings.push(Finding::Adopted { file: name.to_owned() });
        if self.mending == Mending::LookOnly {
            return Ok(());
        }
        let (stored_hash, stored_bytes) = hash_of(file).map_err(failed("read", name))?;
        let (summary, marks) = (*sealed.summary(), Vec::new());
        let packed = Packed { summary, stored_bytes, stored_hash, marks };
        let act = Act::Sealed(Box::new(Entry::of(name, &packed)));
        self.manifest.append(self.disk, &act).map_err(failed("write to", MANIFEST_NAME))
    }

    fn unpacked(&self, first_seq: u64) -> Result<Candidate, LogError> {
        let name = name_of(first_seq);
        let file = self.disk.open(&name).map_err(failed("open", &name))?;
        let size_bytes = file.size_bytes().map_err(failed("measure", &name))?;
        let header = read_header(&*file).map_err(failed("read", &name))?;
        let beginning = match header {
            Beginning::Newer(found) => {
                return Err(LogError::Newer { name, found, known: VERSION });
            }
            Beginning::Known(header) if header.first_seq != first_seq => Beginning::Damaged,
            beginning => beginning,
        };
        Ok(Candidate { first_seq, name, body: Body::Open { size_bytes, beginning } })
    }

    fn remove(&self, name: &str) -> Result<(), LogError> {
        match self.mending {
            Mending::LookOnly => Ok(()),
            Mending::Mend => self.disk.remove(name).map_err(failed("remove", name)),
        }
    }
}

/// What the first bytes of a segment are.
///
/// # Errors
///
/// When they cannot be read.
pub fn read_header(file: &dyn DiskFile) -> io::Result<Beginning> {
    let mut bytes = [0; SEGMENT_HEADER_BYTES];
    let mut got = 0;
    while got < bytes.len() {
        match file.read_at(&mut bytes[got..], got as u64)? {
            0 => break,
            more => got += more,
        }
    }
    Ok(SegmentHeader::parse(&bytes[..got]))
}

/// What could not be done to which file.
pub fn failed(doing: &'static str, name: &str) -> impl FnOnce(io::Error) -> LogError {
    let name = name.to_owned();
    move |source| LogError::Io { doing, name, source }
}

//! The manifest: what became of every segment that was sealed, a line an act, each line sealed with
//! the SHA-256 of itself and of the line before.
//!
//! It is the memory of the log. It outlives the segments: the hashes of those that were removed
//! stay in the chain, so that a copy found elsewhere can still be proven to be the one.
//!
//! ```text
//! {"act":"sealed","file":"….sealed","first_seq":0,…,"stored_hash":"…","seal":"…"}
//! {"act":"pinned","file":"….sealed","incident":"x-2025-03-10-1","seal":"…"}
//! {"act":"removed","file":"….sealed","first_seq":0,"end_seq":900,"seal":"…"}
//! ```
//!
//! # What it cannot tell
//!
//! Whether somebody with write access wrote the whole chain anew. Whoever must be able to show
//! that nobody did keeps the last seal somewhere else; `outcry verify` prints it.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::io;
use std::sync::Arc;

use serde::Deserialize;
use serde::Serialize;
use sha2::Digest;
use sha2::Sha256;

use crate::log::disk::Disk;
use crate::log::disk::DiskFile;
use crate::log::sealed::HASH_BYTES;
use crate::log::sealed::Packed;
use crate::log::sealed::Summary;
use crate::log::segment::SegmentHeader;

/// The name of the file.
pub const MANIFEST_NAME: &str = "MANIFEST";
/// Bytes it may have: a century of segments. A longer one is not ours.
pub const MANIFEST_BYTES_MAX: u64 = 1 << 30;

const SEAL_KEY: &str = ",\"seal\":\"";

/// One line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "act", rename_all = "snake_case")]
pub enum Act {
    /// A segment was packed.
    Sealed(Box<Entry>),
    /// A segment is kept for the sake of an incident.
    Pinned {
        /// The file.
        file: String,
        /// Whose evidence it holds.
        incident: String,
    },
    /// A segment was removed because it was old.
    Removed {
        /// The file.
        file: String,
        /// Its first record.
        first_seq: u64,
        /// The record after its last.
        end_seq: u64,
    },
}

/// A sealed segment, as the manifest knows it. Hashes are SHA-256, in hexadecimal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The file.
    pub file: String,
    /// The number of the log.
    pub log_id: u64,
    /// Its first record.
    pub first_seq: u64,
    /// The record after its last.
    pub end_seq: u64,
    /// Records in whole frames.
    pub records: u64,
    /// `at_ms` of the last frame before it.
    pub after_ms: i64,
    /// `at_ms` of its first frame.
    pub from_ms: i64,
    /// `at_ms` of its last frame.
    pub until_ms: i64,
    /// CRC-32 of the last frame before it.
    pub chain: u32,
    /// CRC-32 of its last frame.
    pub last_crc: u32,
    /// Bytes before packing.
    pub plain_bytes: u64,
    /// Hash of the bytes before packing.
    pub plain_hash: String,
    /// Bytes of the file.
    pub stored_bytes: u64,
    /// Hash of the file.
    pub stored_hash: String,
}

impl Entry {
    /// What is to be written about a packed segment.
    pub fn of(file: &str, packed: &Packed) -> Self {
        let summary = &packed.summary;
        Self {
            file: file.to_owned(),
            log_id: summary.header.log_id,
            first_seq: summary.header.first_seq,
            end_seq: summary.end_seq,
            records: summary.records,
            after_ms: summary.header.after_ms,
            from_ms: summary.from_ms,
            until_ms: summary.until_ms,
            chain: summary.header.chain,
            last_crc: summary.last_crc,
            plain_bytes: summary.plain_bytes,
            plain_hash: hex(&summary.plain_hash),
            stored_bytes: packed.stored_bytes,
            stored_hash: hex(&packed.stored_hash),
        }
    }

    /// The summary of the segment, without the hash of its bytes.
    pub fn summary(&self) -> Summary {
        Summary {
            header: SegmentHeader {
                log_id: self.log_id,
                first_seq: self.first_seq,
                after_ms: self.after_ms,
                chain: self.chain,
            },
            last_crc: self.last_crc,
            end_seq: self.end_seq,
            records: self.records,
            from_ms: self.from_ms,
            until_ms: self.until_ms,
            plain_bytes: self.plain_bytes,
            plain_hash: [0; HASH_BYTES],
        }
    }
}

/// The manifest as it was read.
#[derive(Default)]
pub struct Manifest {
    sealed: BTreeMap<u64, Entry>,
    pins: BTreeMap<u64, BTreeSet<String>>,
    removed: BTreeMap<u64, u64>,
    /// The seal of the last line.
    seal: String,
    bytes: u64,
    file: Option<Arc<dyn DiskFile>>,
}

/// What was wrong with the lines.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Flaws {
    /// Lines that are not what was written, counted from 1, before the last sound one.
    pub damaged_lines: Vec<u64>,
    /// Bytes after the last sound line.
    pub torn_bytes: u64,
}

impl Manifest {
    /// Reads the manifest of a folder; an empty one when there is none.
    ///
    /// # Errors
    ///
    /// When it cannot be read.
    pub fn read(disk: &dyn Disk) -> io::Result<(Self, Flaws)> {
        let mut manifest = Self::default();
        let file = match disk.open(MANIFEST_NAME) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Ok((manifest, Flaws::default()));
            }
            Err(error) => return Err(error),
        };
        let flaws = manifest.take(&text_of(&*file)?);
        manifest.file = Some(file);
        Ok((manifest, flaws))
    }

    /// Takes lines up to the last sound one.
    fn take(&mut self, text: &[u8]) -> Flaws {
        let mut flaws = Flaws::default();
        let mut doubtful = Vec::new();
        let mut prev = String::new();
        let mut at = 0;
        for (number, line) in (1..).zip(text.split_inclusive(|byte| *byte == b'\n')) {
            at += line.len() as u64;
            match read_line(line, &prev) {
                Some((act, seal)) => {
                    flaws.damaged_lines.append(&mut doubtful);
                    self.note(&act);
                    self.bytes = at;
                    prev = seal;
                }
                None => {
                    // The line after a damaged one is judged by the seal that can still be read.
                    prev = seal_of(line).unwrap_or(prev);
                    doubtful.push(number);
                }
            }
        }
        self.seal = if doubtful.is_empty() { prev } else { last_seal(text, self.bytes) };
        flaws.torn_bytes = text.len() as u64 - self.bytes;
        flaws
    }

    fn note(&mut self, act: &Act) {
        match act {
            Act::Sealed(entry) => {
                self.removed.remove(&entry.first_seq);
                self.sealed.insert(entry.first_seq, (**entry).clone());
            }
            Act::Pinned { file, incident } => {
                if let Some(first_seq) = crate::log::segment::sealed_seq_of(file) {
                    self.pins.entry(first_seq).or_default().insert(incident.clone());
                }
            }
            Act::Removed { first_seq, end_seq, .. } => {
                self.sealed.remove(first_seq);
                self.pins.remove(first_seq);
                self.removed.insert(*first_seq, *end_seq);
            }
        }
    }

    /// Cuts off what is after the last sound line.
    ///
    /// # Errors
    ///
    /// When the file cannot be cut.
    pub fn mend(&self) -> io::Result<()> {
        let Some(file) = &self.file else { return Ok(()) };
        file.truncate(self.bytes)?;
        file.sync()
    }

    /// Writes a line, and returns when it is on disk.
    ///
    /// # Errors
    ///
    /// When it cannot be written; then the manifest is as it was.
    pub fn append(&mut self, disk: &dyn Disk, act: &Act) -> io::Result<()> {
        let body = serde_json::to_string(act).map_err(io::Error::other)?;
        let seal = seal_after(&self.seal, body.as_bytes());
        let open = body.strip_suffix('}').unwrap_or(&body);
        let line = format!("{open}{SEAL_KEY}{seal}\"}}\n");
        let file = match &self.file {
            Some(file) => Arc::clone(file),
            None => {
                let file = disk.create(MANIFEST_NAME)?;
                self.file = Some(Arc::clone(&file));
                disk.sync_names()?;
                file
            }
        };
        let written = file.write_at(line.as_bytes(), self.bytes).and_then(|()| file.sync());
        if let Err(error) = written {
            // Whatever came of it is cut off, or else written over by the next line.
            let _ = file.truncate(self.bytes);
            return Err(error);
        }
        self.bytes += line.len() as u64;
        self.seal = seal;
        self.note(act);
        Ok(())
    }

    /// How long it is up to the end of its last sound line.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Whether a line ends in this seal, which was the last one at some time.
    ///
    /// # Errors
    ///
    /// When the file cannot be read.
    pub fn has_seal(&self, seal: &str) -> io::Result<bool> {
        let Some(file) = &self.file else { return Ok(false) };
        let text = text_of(&**file)?;
        let sound = &text[..text.len().min(self.bytes as usize)];
        let mut lines = sound.split(|byte| *byte == b'\n');
        Ok(lines.any(|line| seal_of(line).is_some_and(|found| found == seal)))
    }

    /// The sealed segment that begins at a record.
    pub fn sealed(&self, first_seq: u64) -> Option<&Entry> {
        self.sealed.get(&first_seq)
    }

    /// All sealed segments there should be, in order.
    pub fn all_sealed(&self) -> impl Iterator<Item = &Entry> {
        self.sealed.values()
    }

    /// Incidents a segment is kept for.
    pub fn pins(&self, first_seq: u64) -> impl Iterator<Item = &str> {
        self.pins.get(&first_seq).into_iter().flatten().map(String::as_str)
    }

    /// Whether the segment that began at a record was removed on purpose.
    pub fn is_removed(&self, first_seq: u64) -> bool {
        self.removed.contains_key(&first_seq)
    }

    /// Whether all records from `from` to `until` were removed on purpose.
    pub fn removed_all(&self, mut from: u64, until: u64) -> bool {
        while from < until {
            match self.removed.get(&from) {
                Some(end) if *end > from => from = *end,
                _ => return false,
            }
        }
        true
    }

    /// The record after the last that was ever sealed.
    pub fn end_seq(&self) -> u64 {
        let sealed = self.sealed.values().map(|entry| entry.end_seq).max();
        sealed.max(self.removed.values().max().copied()).unwrap_or(0)
    }

    /// The seal of the last line, empty when there is none.
    pub fn seal(&self) -> &str {
        &self.seal
    }
}

/// The act of a line that is whole and follows from `prev`, and its seal.
fn read_line(line: &[u8], prev: &str) -> Option<(Act, String)> {
    let seal = seal_of(line)?;
    let text = std::str::from_utf8(line).ok()?;
    let (open, _) = text.rsplit_once(SEAL_KEY)?;
    let body = format!("{open}}}");
    if seal_after(prev, body.as_bytes()) != seal {
        return None;
    }
    Some((serde_json::from_str(&body).ok()?, seal))
}

/// The seal a line says it has.
fn seal_of(line: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(line).ok()?.strip_suffix("\"}\n")?;
    let (_, seal) = text.rsplit_once(SEAL_KEY)?;
    let plain = seal.len() == HASH_BYTES * 2 && seal.bytes().all(|byte| byte.is_ascii_hexdigit());
    plain.then(|| seal.to_owned())
}

fn last_seal(text: &[u8], end: u64) -> String {
    let sound = &text[..end as usize];
    sound.split_inclusive(|byte| *byte == b'\n').next_back().and_then(seal_of).unwrap_or_default()
}

fn seal_after(prev: &str, body: &[u8]) -> String {
    let mut hash = Sha256::new();
    hash.update(prev.as_bytes());
    hash.update(b"\n");
    hash.update(body);
    let hash: [u8; HASH_BYTES] = hash.finalize().into();
    hex(&hash)
}

/// All of a manifest file.
fn text_of(file: &dyn DiskFile) -> io::Result<Vec<u8>> {
    let size = file.size_bytes()?;
    if size > MANIFEST_BYTES_MAX {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "the manifest is too long"));
    }
    let mut text = vec![0; size as usize];
    let mut got = 0;
    while got < text.len() {
        match file.read_at(&mut text[got..], got as u64)? {
            0 => break,
            more => got += more,
        }
    }
    text.truncate(got);
    Ok(text)
}

/// Bytes in hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing into a string does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(acts: &[Act]) -> Vec<u8> {
        let folder = tempfile::tempdir().unwrap();
        let disk = crate::log::disk::OsDisk::open(folder.path()).unwrap();
        let mut manifest = Manifest::default();
        for act in acts {
            manifest.append(&disk, act).unwrap();
        }
        let (again, flaws) = Manifest::read(&disk).unwrap();
        assert_eq!((again.seal, flaws), (manifest.seal, Flaws::default()));
        std::fs::read(folder.path().join(MANIFEST_NAME)).unwrap()
    }

    fn some_acts() -> Vec<Act> {
        let removed = |first_seq, end_seq| Act::Removed { file: "a".into(), first_seq, end_seq };
        let pinned = Act::Pinned {
            file: crate::log::segment::sealed_name_of(20),
            incident: "x-2025-03-10-1".into(),
        };
        vec![removed(0, 10), pinned, removed(10, 20), removed(30, 40)]
    }

    fn taken(text: &[u8]) -> (Manifest, Flaws) {
        let mut manifest = Manifest::default();
        let flaws = manifest.take(text);
        (manifest, flaws)
    }

    #[test]
    fn what_was_removed_and_pinned_is_remembered() {
        let (manifest, _) = taken(&lines(&some_acts()));
        assert!(manifest.removed_all(0, 20) && manifest.removed_all(30, 40));
        assert!(!manifest.removed_all(0, 30) && !manifest.removed_all(5, 10));
        assert_eq!(manifest.pins(20).collect::<Vec<_>>(), ["x-2025-03-10-1"]);
        assert_eq!(manifest.end_seq(), 40);
    }

    #[test]
    fn every_flipped_bit_is_found_at_its_line_or_the_next() {
        let text = lines(&some_acts());
        for bit in 0..text.len() * 8 {
            let mut changed = text.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            let (_, flaws) = taken(&changed);
            let line = 1 + text[..bit / 8].iter().filter(|byte| **byte == b'\n').count() as u64;
            let last = line == 4;
            let named = flaws.damaged_lines.iter().any(|it| *it == line || *it == line + 1);
            assert!(named || flaws.torn_bytes > 0, "bit {bit} of line {line}: {flaws:?}");
            assert!(!last || flaws.torn_bytes > 0, "bit {bit}");
        }
    }

    #[test]
    fn a_torn_last_line_is_passed_over_and_the_chain_goes_on_before_it() {
        let text = lines(&some_acts());
        let whole = lines(&some_acts()[..3]);
        for end in whole.len()..text.len() {
            let (manifest, flaws) = taken(&text[..end]);
            assert_eq!(flaws.damaged_lines, [0; 0]);
            assert_eq!(flaws.torn_bytes as usize, end - whole.len());
            assert_eq!(manifest.bytes as usize, whole.len());
            assert_eq!(manifest.seal, taken(&whole).0.seal);
        }
    }
}

//! A sealed segment as a file: the bytes of the segment it was made from, in compressed blocks.
//!
//! Frames are written as they come, so that a report is answered soon; a segment that is full is
//! packed afterwards, in blocks of 1 MiB, each with a CRC-32 of its own, so that a flipped bit
//! costs one block and can be named. Read through [`SealedFile`] it is the segment it was, byte for
//! byte, and whatever reads segments reads it too.
//!
//! ```text
//! header   magic "\xF0OCz", version, three zeros
//! blocks   zstd, one after the other
//! index    for each block: place, length, CRC-32, and where the first frame in it begins
//! footer   what the segment says of itself, SHA-256 of its bytes, CRC-32 of index and footer
//! ```
//!
//! # What it cannot tell
//!
//! Whether the whole file was replaced by another one that is sound: the manifest knows its hash.

use std::io;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;

use sha2::Digest;
use sha2::Sha256;

use crate::log::disk::DiskFile;
use crate::log::frame::i64_at;
use crate::log::frame::u32_at;
use crate::log::frame::u64_at;
use crate::log::segment::SegmentHeader;
use crate::log::state::Mark;

/// Bytes of the segment in one block.
pub const BLOCK_BYTES: usize = 1 << 20;
/// Blocks a sealed segment has at most: 4 GiB, the longest segment there can be.
pub const BLOCKS_MAX: u64 = 4 << 10;
/// Bytes of a SHA-256.
pub const HASH_BYTES: usize = 32;

const MAGIC: [u8; 4] = *b"\xF0OCz";
pub(super) const END_MAGIC: [u8; 4] = *b"zCO\xF0";
const VERSION: u8 = 1;
pub(super) const HEADER: [u8; 8] = [MAGIC[0], MAGIC[1], MAGIC[2], MAGIC[3], VERSION, 0, 0, 0];
pub(super) const ENTRY_BYTES: usize = 32;
pub(super) const FOOTER_BYTES: usize = 120;

/// What a sealed segment says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Summary {
    /// The header of the segment.
    pub header: SegmentHeader,
    /// CRC of its last frame.
    pub last_crc: u32,
    /// The sequence number after its last record.
    pub end_seq: u64,
    /// Records in whole frames.
    pub records: u64,
    /// `at_ms` of the first frame.
    pub from_ms: i64,
    /// `at_ms` of the last frame.
    pub until_ms: i64,
    /// Bytes of the segment before packing.
    pub plain_bytes: u64,
    /// SHA-256 of those bytes.
    pub plain_hash: [u8; HASH_BYTES],
}

/// A segment that was packed into a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packed {
    /// What it says of itself.
    pub summary: Summary,
    /// Bytes of the file.
    pub stored_bytes: u64,
    /// SHA-256 of the file.
    pub stored_hash: [u8; HASH_BYTES],
    /// Where frames begin, one a block.
    pub marks: Vec<Mark>,
}

/// One block of the index.
#[derive(Clone, Copy, Debug)]
pub(super) struct Block {
    /// Its first byte in the file.
    pub(super) offset: u64,
    /// Its length in the file.
    pub(super) stored_bytes: u32,
    /// CRC-32 of it as it is stored.
    pub(super) crc: u32,
    /// The first frame that begins in it; `u64::MAX` twice when none does.
    pub(super) mark: Mark,
}

/// A sealed segment, read as the segment it was made from.
pub struct SealedFile {
    file: Arc<dyn DiskFile>,
    name: String,
    summary: Summary,
    blocks: Vec<Block>,
    /// The block that was read last, by number.
    recent: Mutex<Option<(usize, Vec<u8>)>>,
}

impl SealedFile {
    /// Reads the footer and the index; `None` when they are not what was written.
    ///
    /// # Errors
    ///
    /// When the file cannot be read.
    pub fn open(file: Arc<dyn DiskFile>, name: &str) -> io::Result<Option<Self>> {
        let size = file.size_bytes()?;
        let Some(footer_at) = size.checked_sub(FOOTER_BYTES as u64) else { return Ok(None) };
        let mut footer = [0; FOOTER_BYTES];
        read_exact(&*file, &mut footer, footer_at)?;
        let count = u64::from(u32_at(&footer, 104));
        let index_bytes = count * ENTRY_BYTES as u64;
        let whole = footer[112..116] == END_MAGIC && footer[116..] == [0; 4];
        if !whole || count > BLOCKS_MAX || index_bytes + HEADER.len() as u64 > footer_at {
            return Ok(None);
        }
        let mut header = [0; HEADER.len()];
        read_exact(&*file, &mut header, 0)?;
        let mut tail = vec![0; index_bytes as usize];
        read_exact(&*file, &mut tail, footer_at - index_bytes)?;
        let mut crc = crc32fast::Hasher::new();
        crc.update(&tail);
        crc.update(&footer[..108]);
        if header != HEADER || crc.finalize() != u32_at(&footer, 108) {
            return Ok(None);
        }
        let blocks = tail.chunks_exact(ENTRY_BYTES).map(Block::read).collect();
        let summary = Summary::read(&footer);
        let recent = Mutex::new(None);
        Ok(Some(Self { file, name: name.to_owned(), summary, blocks, recent }))
    }

    /// What the segment says of itself.
    pub fn summary(&self) -> &Summary {
        &self.summary
    }

    /// Where frames begin, one a block.
    pub fn marks(&self) -> Vec<Mark> {
        self.blocks.iter().map(|block| block.mark).filter(|mark| mark.offset < u64::MAX).collect()
    }

    /// The bytes of a block, or `None` when they are not what was written.
    fn block(&self, number: usize) -> io::Result<Option<Vec<u8>>> {
        let block = &self.blocks[number];
        let mut stored = vec![0; block.stored_bytes as usize];
        if let Err(error) = read_exact(&*self.file, &mut stored, block.offset) {
            if error.kind() == io::ErrorKind::UnexpectedEof {
                return Ok(None);
            }
            return Err(error);
        }
        if crc32fast::hash(&stored) != block.crc {
            return Ok(None);
        }
        let plain = zstd::bulk::decompress(&stored, BLOCK_BYTES).ok();
        Ok(plain.filter(|plain| plain.len() == self.plain_len(number)))
    }

    fn plain_len(&self, number: usize) -> usize {
        let left = self.summary.plain_bytes.saturating_sub((number * BLOCK_BYTES) as u64);
        left.min(BLOCK_BYTES as u64) as usize
    }

    /// Blocks that are not what was written: their place in the file and their length, in bytes.
    ///
    /// # Errors
    ///
    /// When the file cannot be read.
    pub fn damaged_blocks(&self) -> io::Result<Vec<(u64, u64)>> {
        let mut damaged = Vec::new();
        let mut hash = Sha256::new();
        for (number, block) in self.blocks.iter().enumerate() {
            match self.block(number)? {
                Some(plain) => hash.update(&plain),
                None => damaged.push((block.offset, u64::from(block.stored_bytes))),
            }
        }
        let hash: [u8; HASH_BYTES] = hash.finalize().into();
        if damaged.is_empty() && hash != self.summary.plain_hash {
            damaged.push((0, self.file.size_bytes()?));
        }
        Ok(damaged)
    }
}

impl DiskFile for SealedFile {
    fn size_bytes(&self) -> io::Result<u64> {
        Ok(self.summary.plain_bytes)
    }

    /// A damaged block reads as zeros, which no frame is made of: it is passed over like any other
    /// damage in a segment, and what is around it stays readable.
    fn read_at(&self, into: &mut [u8], offset: u64) -> io::Result<usize> {
        if offset >= self.summary.plain_bytes || into.is_empty() {
            return Ok(0);
        }
        let number = (offset / BLOCK_BYTES as u64) as usize;
        let mut recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        if recent.as_ref().is_none_or(|(kept, _)| *kept != number) {
            let plain = self.block(number)?.unwrap_or_else(|| {
                tracing::error!(file = self.name, block = number, "a sealed segment is damaged");
                vec![0; self.plain_len(number)]
            });
            *recent = Some((number, plain));
        }
        let Some((_, plain)) = &*recent else { return Ok(0) };
        let within = (offset % BLOCK_BYTES as u64) as usize;
        let rest = &plain[within.min(plain.len())..];
        let got = rest.len().min(into.len());
        into[..got].copy_from_slice(&rest[..got]);
        Ok(got)
    }

    fn write_at(&self, _: &[u8], _: u64) -> io::Result<()> {
        Err(io::ErrorKind::ReadOnlyFilesystem.into())
    }

    fn truncate(&self, _: u64) -> io::Result<()> {
        Err(io::ErrorKind::ReadOnlyFilesystem.into())
    }

    fn sync(&self) -> io::Result<()> {
        Ok(())
    }
}

impl Block {
    fn read(bytes: &[u8]) -> Self {
        Self {
            offset: u64_at(bytes, 0),
            stored_bytes: u32_at(bytes, 8),
            crc: u32_at(bytes, 12),
            mark: Mark { first_seq: u64_at(bytes, 16), offset: u64_at(bytes, 24) },
        }
    }
}

impl Summary {
    fn read(footer: &[u8; FOOTER_BYTES]) -> Self {
        let mut plain_hash = [0; HASH_BYTES];
        plain_hash.copy_from_slice(&footer[72..104]);
        Self {
            header: SegmentHeader {
                log_id: u64_at(footer, 0),
                first_seq: u64_at(footer, 8),
                after_ms: i64_at(footer, 16),
                chain: u32_at(footer, 24),
            },
            last_crc: u32_at(footer, 28),
            end_seq: u64_at(footer, 32),
            records: u64_at(footer, 40),
            from_ms: i64_at(footer, 48),
            until_ms: i64_at(footer, 56),
            plain_bytes: u64_at(footer, 64),
            plain_hash,
        }
    }
}

/// SHA-256 of a whole file, and its length in bytes.
///
/// # Errors
///
/// When it cannot be read.
pub fn hash_of(file: &dyn DiskFile) -> io::Result<([u8; HASH_BYTES], u64)> {
    let mut hash = Sha256::new();
    let mut bytes = vec![0; BLOCK_BYTES];
    let mut at = 0;
    loop {
        match file.read_at(&mut bytes, at)? {
            0 => return Ok((hash.finalize().into(), at)),
            got => {
                hash.update(&bytes[..got]);
                at += got as u64;
            }
        }
    }
}

/// Fills `into` from byte `offset` on.
pub(super) fn read_exact(file: &dyn DiskFile, into: &mut [u8], offset: u64) -> io::Result<()> {
    let mut got = 0;
    while got < into.len() {
        match file.read_at(&mut into[got..], offset + got as u64) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(more) => got += more,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

//! Packing: a segment that is full becomes a sealed one; `sealed` says what that looks like.

use std::io;
use std::sync::Arc;

use sha2::Digest;
use sha2::Sha256;

use crate::log::disk::DiskFile;
use crate::log::sealed::BLOCK_BYTES;
use crate::log::sealed::Block;
use crate::log::sealed::END_MAGIC;
use crate::log::sealed::ENTRY_BYTES;
use crate::log::sealed::FOOTER_BYTES;
use crate::log::sealed::HASH_BYTES;
use crate::log::sealed::HEADER;
use crate::log::sealed::Packed;
use crate::log::sealed::Summary;
use crate::log::sealed::read_exact;
use crate::log::segment::SEGMENT_HEADER_BYTES;
use crate::log::segment::SegmentHeader;
use crate::log::state::Mark;
use crate::log::walk::Step;
use crate::log::walk::Walk;

/// Higher levels take three times as long for a tenth less, beside reports that come in.
const ZSTD_LEVEL: i32 = 3;

/// Writes at the end of a file and hashes what it writes.
struct Out<'a> {
    file: &'a dyn DiskFile,
    bytes: u64,
    hash: Sha256,
}

impl Out<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_at(bytes, self.bytes)?;
        self.bytes += bytes.len() as u64;
        self.hash.update(bytes);
        Ok(())
    }
}

/// Packs a segment that grows no more, `plain_bytes` long, into the empty file `into` and syncs it.
///
/// # Errors
///
/// When a file cannot be read or written.
pub fn pack(
    segment: &Arc<dyn DiskFile>,
    header: SegmentHeader,
    plain_bytes: u64,
    into: &dyn DiskFile,
) -> io::Result<Packed> {
    let (mut summary, marks) = survey(segment, header, plain_bytes)?;
    let mut out = Out { file: into, bytes: 0, hash: Sha256::new() };
    out.write(&HEADER)?;
    let mut blocks = Vec::new();
    let mut plain_hash = Sha256::new();
    let mut compressor = zstd::bulk::Compressor::new(ZSTD_LEVEL)?;
    let mut at = 0;
    while at < plain_bytes {
        let mut plain = vec![0; (plain_bytes - at).min(BLOCK_BYTES as u64) as usize];
        read_exact(&**segment, &mut plain, at)?;
        plain_hash.update(&plain);
        let stored = compressor.compress(&plain)?;
        let end = at + plain.len() as u64;
        let within = |mark: &&Mark| (at..end).contains(&mark.offset);
        let none = Mark { first_seq: u64::MAX, offset: u64::MAX };
        blocks.push(Block {
            offset: out.bytes,
            stored_bytes: stored.len() as u32,
            crc: crc32fast::hash(&stored),
            mark: marks.iter().find(within).copied().unwrap_or(none),
        });
        out.write(&stored)?;
        at = end;
    }
    summary.plain_hash = plain_hash.finalize().into();
    let tail = tail_of(&summary, &blocks);
    out.write(&tail)?;
    into.sync()?;
    let marks = blocks.iter().map(|block| block.mark).filter(|mark| mark.offset < u64::MAX);
    Ok(Packed {
        summary,
        stored_bytes: out.bytes,
        stored_hash: out.hash.finalize().into(),
        marks: marks.collect(),
    })
}

/// What the frames of a segment add up to, and where each of them begins.
fn survey(
    segment: &Arc<dyn DiskFile>,
    header: SegmentHeader,
    plain_bytes: u64,
) -> io::Result<(Summary, Vec<Mark>)> {
    let mut summary = Summary {
        header,
        last_crc: header.chain,
        end_seq: header.first_seq,
        records: 0,
        from_ms: header.after_ms,
        until_ms: header.after_ms,
        plain_bytes,
        plain_hash: [0; HASH_BYTES],
    };
    let start = SEGMENT_HEADER_BYTES as u64;
    let mut walk = Walk::new(Arc::clone(segment), Some(header.log_id), start, header.first_seq);
    let mut marks = Vec::new();
    loop {
        match walk.step(plain_bytes)? {
            Step::Frame(frame, offset) => {
                if summary.records == 0 {
                    summary.from_ms = frame.at_ms;
                }
                summary.records += u64::from(frame.count);
                (summary.end_seq, summary.last_crc) = (frame.end_seq(), frame.crc);
                summary.until_ms = frame.at_ms;
                marks.push(Mark { first_seq: frame.first_seq, offset });
            }
            Step::Damage(..) => {}
            Step::End => return Ok((summary, marks)),
        }
    }
}

/// Index and footer.
fn tail_of(summary: &Summary, blocks: &[Block]) -> Vec<u8> {
    let mut tail = Vec::with_capacity(blocks.len() * ENTRY_BYTES + FOOTER_BYTES);
    for block in blocks {
        tail.extend_from_slice(&block.offset.to_le_bytes());
        tail.extend_from_slice(&block.stored_bytes.to_le_bytes());
        tail.extend_from_slice(&block.crc.to_le_bytes());
        tail.extend_from_slice(&block.mark.first_seq.to_le_bytes());
        tail.extend_from_slice(&block.mark.offset.to_le_bytes());
    }
    tail.extend_from_slice(&summary.header.log_id.to_le_bytes());
    tail.extend_from_slice(&summary.header.first_seq.to_le_bytes());
    tail.extend_from_slice(&summary.header.after_ms.to_le_bytes());
    tail.extend_from_slice(&summary.header.chain.to_le_bytes());
    tail.extend_from_slice(&summary.last_crc.to_le_bytes());
    tail.extend_from_slice(&summary.end_seq.to_le_bytes());
    tail.extend_from_slice(&summary.records.to_le_bytes());
    tail.extend_from_slice(&summary.from_ms.to_le_bytes());
    tail.extend_from_slice(&summary.until_ms.to_le_bytes());
    tail.extend_from_slice(&summary.plain_bytes.to_le_bytes());
    tail.extend_from_slice(&summary.plain_hash);
    tail.extend_from_slice(&(blocks.len() as u32).to_le_bytes());
    let crc = crc32fast::hash(&tail);
    tail.extend_from_slice(&crc.to_le_bytes());
    tail.extend_from_slice(&END_MAGIC);
    tail.extend_from_slice(&[0; 4]);
    tail
}

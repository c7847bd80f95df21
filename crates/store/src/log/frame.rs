//! A frame as bytes: a header, then its records, each with its length before it.
//!
//! Numbers are little-endian. The CRC-32 of a frame is taken over its header and its payload, and
//! the header holds the CRC of the frame before: a chain, in which no frame can be changed, taken
//! out or put in by accident without the next one noticing. The log's own number in each header
//! keeps bytes that a client sent from ever being taken for a frame.
//!
//! # What it cannot tell
//! Whether somebody with write access forged a frame: a CRC chain finds accidents, not intent.

use std::cell::RefCell;

use crate::log::FRAME_RECORDS_MAX;

/// Bytes of a frame before its payload.
pub const HEADER_BYTES: usize = 68;
/// What every frame begins with.
pub const MAGIC: [u8; 4] = *b"\xF0OCf";
/// The layout of frames and segments. A new layout begins a new segment, whose header says so.
pub const VERSION: u8 = 1;
/// Payloads shorter than this are not compressed as they come: it would not pay. Longer ones are,
/// since the drive is what a busy log waits for.
pub const COMPRESSED_BYTES_MIN: usize = 512;
/// Bytes before each record: its length.
pub const LENGTH_BYTES: usize = 4;

const ZSTD_LEVEL: i32 = 1;
const FLAG_ZSTD: u8 = 1;
const FLAG_FIRST_OF_RUN: u8 = 2;
const FLAGS_KNOWN: u8 = FLAG_ZSTD | FLAG_FIRST_OF_RUN;

/// Where in the run of a process a frame was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// It is the first one since the log was opened.
    FirstOfRun,
    /// It followed another one.
    Later,
}

/// What a frame says of itself, apart from its records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// The number of the log it belongs to.
    pub log_id: u64,
    /// The sequence number of its first record.
    pub first_seq: u64,
    /// When it was stamped, in milliseconds since 1970.
    pub at_ms: i64,
    /// `at_ms` of the frame before, `i64::MIN` for the first.
    pub after_ms: i64,
    /// All records before this one were known to be on disk when the frame was written.
    pub synced_seq: u64,
    /// CRC of the frame before, 0 for the first.
    pub chain: u32,
    /// Where in its run it was written.
    pub place: Place,
    /// How many records it holds.
    pub count: u32,
    /// Bytes of the payload as it is stored.
    pub stored_bytes: u32,
    /// Bytes of the payload before compression.
    pub plain_bytes: u32,
    /// CRC-32 over the header and the stored payload.
    pub crc: u32,
    flags: u8,
}

impl Header {
    /// Reads a header; `None` when these bytes are none. The CRC is not checked yet.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let (bytes, _) = bytes.split_first_chunk::<HEADER_BYTES>()?;
        if bytes[..4] != MAGIC || bytes[4] != VERSION || bytes[5] & !FLAGS_KNOWN != 0 {
            return None;
        }
        let flags = bytes[5];
        let first = flags & FLAG_FIRST_OF_RUN != 0;
        let header = Self {
            log_id: u64_at(bytes, 8),
            first_seq: u64_at(bytes, 16),
            at_ms: i64_at(bytes, 24),
            after_ms: i64_at(bytes, 32),
            synced_seq: u64_at(bytes, 40),
            chain: u32_at(bytes, 56),
            place: if first { Place::FirstOfRun } else { Place::Later },
            count: u32_at(bytes, 48),
            stored_bytes: u32_at(bytes, 52),
            plain_bytes: u32_at(bytes, 60),
            crc: u32_at(bytes, HEADER_BYTES - 4),
            flags,
        };
        let counted = (1..=FRAME_RECORDS_MAX as u32).contains(&header.count);
        let ordered = header.at_ms > header.after_ms && header.synced_seq <= header.first_seq;
        let ends = header.first_seq.checked_add(u64::from(header.count)).is_some();
        (counted && ordered && ends).then_some(header)
    }

    /// The sequence number after its last record.
    pub fn end_seq(&self) -> u64 {
        self.first_seq + u64::from(self.count)
    }

    /// Bytes of the whole frame.
    pub fn frame_bytes(&self) -> u64 {
        HEADER_BYTES as u64 + u64::from(self.stored_bytes)
    }

    /// Whether `frame`, header and payload, is what was written.
    pub fn fits(&self, frame: &[u8]) -> bool {
        frame.len() as u64 == self.frame_bytes() && crc_of(frame) == self.crc
    }
}

/// Writes frames; keeps what the compressor needs between them.
pub struct Encoder {
    compressor: Option<zstd::bulk::Compressor<'static>>,
    plain: Vec<u8>,
    packed: Vec<u8>,
    frame: Vec<u8>,
}

impl Encoder {
    /// An encoder; without a compressor, should there be no memory for one.
    pub fn new() -> Self {
        let compressor = zstd::bulk::Compressor::new(ZSTD_LEVEL).ok();
        Self { compressor, plain: Vec::new(), packed: Vec::new(), frame: Vec::new() }
    }

    /// Takes one record into the next frame.
    pub fn add(&mut self, record: &[u8]) {
        self.plain.extend_from_slice(&(record.len() as u32).to_le_bytes());
        self.plain.extend_from_slice(record);
    }

    /// Forgets the records since the last frame.
    pub fn clear(&mut self) {
        self.plain.clear();
    }

    /// The frame of all records since the last, with its CRC. `stamp` fills in the rest.
    pub fn finish(&mut self, stamp: &Stamp, count: u32) -> (&[u8], u32) {
        let mut flags = match stamp.place {
            Place::FirstOfRun => FLAG_FIRST_OF_RUN,
            Place::Later => 0,
        };
        let plain_bytes = self.plain.len() as u32;
        if self.pack() {
            flags |= FLAG_ZSTD;
        } else {
            std::mem::swap(&mut self.plain, &mut self.packed);
        }
        let frame = &mut self.frame;
        frame.clear();
        frame.extend_from_slice(&MAGIC);
        frame.extend_from_slice(&[VERSION, flags, 0, 0]);
        frame.extend_from_slice(&stamp.log_id.to_le_bytes());
        frame.extend_from_slice(&stamp.first_seq.to_le_bytes());
        frame.extend_from_slice(&stamp.at_ms.to_le_bytes());
        frame.extend_from_slice(&stamp.after_ms.to_le_bytes());
        frame.extend_from_slice(&stamp.synced_seq.to_le_bytes());
        frame.extend_from_slice(&count.to_le_bytes());
        frame.extend_from_slice(&(self.packed.len() as u32).to_le_bytes());
        frame.extend_from_slice(&stamp.chain.to_le_bytes());
        frame.extend_from_slice(&plain_bytes.to_le_bytes());
        frame.extend_from_slice(&[0; 4]);
        frame.extend_from_slice(&self.packed);
        let crc = crc_of(frame);
        frame[HEADER_BYTES - 4..HEADER_BYTES].copy_from_slice(&crc.to_le_bytes());
        self.plain.clear();
        self.packed.clear();
        (frame, crc)
    }

    /// Fills `packed` from `plain`; false when that does not make it smaller.
    fn pack(&mut self) -> bool {
        self.packed.clear();
        let Some(compressor) = &mut self.compressor else { return false };
        if self.plain.len() < COMPRESSED_BYTES_MIN {
            return false;
        }
        self.packed.reserve(zstd::zstd_safe::compress_bound(self.plain.len()));
        let packed = compressor.compress_to_buffer(&self.plain, &mut self.packed);
        packed.is_ok_and(|bytes| bytes < self.plain.len())
    }
}

impl Default for Encoder {
    fn default() -> Self {
        Self::new()
    }
}

/// What a frame gets besides its records; see [`Header`] for the meanings.
#[derive(Clone, Copy, Debug)]
pub struct Stamp {
    /// The number of the log.
    pub log_id: u64,
    /// The sequence number of the first record.
    pub first_seq: u64,
    /// Now, in milliseconds since 1970.
    pub at_ms: i64,
    /// `at_ms` of the frame before.
    pub after_ms: i64,
    /// The first record not known to be on disk.
    pub synced_seq: u64,
    /// CRC of the frame before.
    pub chain: u32,
    /// Where in its run it is written.
    pub place: Place,
}

/// The records of a frame whose CRC fits, or `None` when they are not what the header says.
pub fn unpack(header: &Header, payload: &[u8]) -> Option<Vec<Vec<u8>>> {
    let unpacked;
    let mut plain = payload;
    if header.flags & FLAG_ZSTD != 0 {
        unpacked = decompress(payload, header.plain_bytes as usize)?;
        plain = &unpacked;
    }
    let mut records = Vec::with_capacity(header.count as usize);
    for _ in 0..header.count {
        let (length, rest) = plain.split_first_chunk::<LENGTH_BYTES>()?;
        let (record, rest) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
        records.push(record.to_vec());
        plain = rest;
    }
    plain.is_empty().then_some(records)
}

thread_local! {
    /// Making a decompressor costs more than using it on a usual frame.
    static DECOMPRESSOR: RefCell<Option<zstd::bulk::Decompressor<'static>>> =
        const { RefCell::new(None) };
}

fn decompress(payload: &[u8], plain_bytes: usize) -> Option<Vec<u8>> {
    DECOMPRESSOR.with_borrow_mut(|kept| {
        if kept.is_none() {
            *kept = zstd::bulk::Decompressor::new().ok();
        }
        kept.as_mut()?.decompress(payload, plain_bytes).ok()
    })
}

/// CRC-32 over a frame, the place of the CRC itself left out.
fn crc_of(frame: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&frame[..HEADER_BYTES - 4]);
    hasher.update(&frame[HEADER_BYTES..]);
    hasher.finalize()
}

/// The number at byte `at`.
pub fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(bytes[at..at + 4].try_into().expect("four bytes make four bytes"))
}

/// The number at byte `at`.
pub fn u64_at(bytes: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(bytes[at..at + 8].try_into().expect("eight bytes make eight bytes"))
}

/// The number at byte `at`.
pub fn i64_at(bytes: &[u8], at: usize) -> i64 {
    i64::from_le_bytes(bytes[at..at + 8].try_into().expect("eight bytes make eight bytes"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn stamp() -> Stamp {
        Stamp {
            log_id: 7,
            first_seq: 41,
            at_ms: 1_000,
            after_ms: 999,
            synced_seq: 40,
            chain: 0xABCD,
            place: Place::FirstOfRun,
        }
    }

    fn encode(records: &[Vec<u8>]) -> Vec<u8> {
        let mut encoder = Encoder::new();
        records.iter().for_each(|record| encoder.add(record));
        encoder.finish(&stamp(), records.len() as u32).0.to_vec()
    }

    proptest! {
        #[test]
        fn what_goes_in_comes_out(
            records in prop::collection::vec(prop::collection::vec(0u8..4, 0..300), 1..20)
        ) {
            let frame = encode(&records);
            let header = Header::parse(&frame).unwrap();
            prop_assert!(header.fits(&frame));
            prop_assert_eq!((header.first_seq, header.end_seq()), (41, 41 + records.len() as u64));
            prop_assert_eq!((header.at_ms, header.after_ms, header.chain), (1_000, 999, 0xABCD));
            prop_assert_eq!((header.synced_seq, header.place), (40, Place::FirstOfRun));
            prop_assert_eq!(unpack(&header, &frame[HEADER_BYTES..]).unwrap(), records);
        }

        #[test]
        fn bytes_that_are_no_frame_are_none(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let whole = Header::parse(&bytes).is_some_and(|header| header.fits(&bytes));
            prop_assert!(!whole);
        }
    }

    #[test]
    fn any_changed_bit_is_found() {
        let frame = encode(&[b"a record".to_vec(), Vec::new(), vec![9; 900]]);
        for at in 0..frame.len() * 8 {
            let mut changed = frame.clone();
            changed[at / 8] ^= 1 << (at % 8);
            let whole = Header::parse(&changed).is_some_and(|header| header.fits(&changed));
            assert!(!whole, "bit {at}");
        }
    }

    #[test]
    fn only_long_payloads_that_shrink_are_compressed() {
        let noise: Vec<u8> =
            (0..900u32).flat_map(|n| crc32fast::hash(&n.to_le_bytes()).to_le_bytes()).collect();
        let least = COMPRESSED_BYTES_MIN - LENGTH_BYTES;
        for (record, small) in [(vec![1; least - 1], false), (vec![1; least], true), (noise, false)]
        {
            let frame = encode(std::slice::from_ref(&record));
            assert_eq!(frame.len() < HEADER_BYTES + LENGTH_BYTES + record.len(), small);
            assert_eq!(
                unpack(&Header::parse(&frame).unwrap(), &frame[HEADER_BYTES..]).unwrap()[0],
                record
            );
        }
    }

    #[test]
    fn a_frame_that_promises_more_than_it_holds_gives_nothing() {
        let frame = encode(&[b"one".to_vec(), b"two".to_vec()]);
        let header = Header::parse(&frame).unwrap();
        let payload = &frame[HEADER_BYTES..];
        assert_eq!(unpack(&Header { count: 3, ..header }, payload), None);
        assert_eq!(unpack(&Header { count: 1, ..header }, payload), None);
        assert_eq!(unpack(&Header { flags: FLAG_ZSTD, ..header }, payload), None);
    }
}

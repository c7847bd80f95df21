//! A segment file: its name, and the header it begins with.

use crate::log::frame::VERSION;
use crate::log::frame::i64_at;
use crate::log::frame::u32_at;
use crate::log::frame::u64_at;

/// Bytes before the first frame of a segment.
pub const SEGMENT_HEADER_BYTES: usize = 44;

const MAGIC: [u8; 4] = *b"\xF0OCs";
const NAME_DIGITS: usize = 20;
const NAME_END: &str = ".seg";
const SEALED_END: &str = ".sealed";
const PACKING_END: &str = ".packing";

/// What a segment says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SegmentHeader {
    /// The number of the log it belongs to, the same in all of its segments.
    pub log_id: u64,
    /// The sequence number its first frame begins with.
    pub first_seq: u64,
    /// `at_ms` of the last frame before it, `i64::MIN` when there is none.
    pub after_ms: i64,
    /// CRC of the last frame before it, 0 when there is none.
    pub chain: u32,
}

/// What the beginning of a segment file turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beginning {
    /// A header.
    Known(SegmentHeader),
    /// A header in a layout of a later program.
    Newer(u8),
    /// No header.
    Damaged,
}

impl SegmentHeader {
    /// As bytes.
    pub fn encode(&self) -> [u8; SEGMENT_HEADER_BYTES] {
        let mut bytes = [0; SEGMENT_HEADER_BYTES];
        bytes[..4].copy_from_slice(&MAGIC);
        bytes[4] = VERSION;
        bytes[8..16].copy_from_slice(&self.log_id.to_le_bytes());
        bytes[16..24].copy_from_slice(&self.first_seq.to_le_bytes());
        bytes[24..32].copy_from_slice(&self.after_ms.to_le_bytes());
        bytes[32..36].copy_from_slice(&self.chain.to_le_bytes());
        let crc = crc32fast::hash(&bytes[..SEGMENT_HEADER_BYTES - 4]);
        bytes[SEGMENT_HEADER_BYTES - 4..].copy_from_slice(&crc.to_le_bytes());
        bytes
    }

    /// From the first bytes of a file.
    pub fn parse(bytes: &[u8]) -> Beginning {
        let Some((bytes, _)) = bytes.split_first_chunk::<SEGMENT_HEADER_BYTES>() else {
            return Beginning::Damaged;
        };
        let crc = crc32fast::hash(&bytes[..SEGMENT_HEADER_BYTES - 4]);
        if bytes[..4] != MAGIC || crc != u32_at(bytes, SEGMENT_HEADER_BYTES - 4) {
            return Beginning::Damaged;
        }
        if bytes[4] != VERSION {
            return Beginning::Newer(bytes[4]);
        }
        Beginning::Known(Self {
            log_id: u64_at(bytes, 8),
            first_seq: u64_at(bytes, 16),
            after_ms: i64_at(bytes, 24),
            chain: u32_at(bytes, 32),
        })
    }
}

/// The name of the segment whose first record is `first_seq`.
pub fn name_of(first_seq: u64) -> String {
    format!("{first_seq:0NAME_DIGITS$}{NAME_END}")
}

/// The name it has once it is sealed.
pub fn sealed_name_of(first_seq: u64) -> String {
    format!("{first_seq:0NAME_DIGITS$}{SEALED_END}")
}

/// The name it has while it is being packed.
pub fn packing_name_of(first_seq: u64) -> String {
    format!("{first_seq:0NAME_DIGITS$}{PACKING_END}")
}

/// The first sequence number in a segment's name; `None` when it is not the name of one.
pub fn first_seq_of(name: &str) -> Option<u64> {
    number_in(name, NAME_END)
}

/// The first sequence number in a sealed segment's name.
pub fn sealed_seq_of(name: &str) -> Option<u64> {
    number_in(name, SEALED_END)
}

/// The first sequence number in the name of a segment that is being packed.
pub fn packing_seq_of(name: &str) -> Option<u64> {
    number_in(name, PACKING_END)
}

fn number_in(name: &str, end: &str) -> Option<u64> {
    let digits = name.strip_suffix(end)?;
    let plain = digits.len() == NAME_DIGITS && digits.bytes().all(|byte| byte.is_ascii_digit());
    if plain { digits.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: SegmentHeader =
        SegmentHeader { log_id: 5, first_seq: 1_234, after_ms: -7, chain: 0xF00D };

    #[test]
    fn a_header_comes_back_and_any_changed_bit_is_found() {
        let bytes = HEADER.encode();
        assert_eq!(SegmentHeader::parse(&bytes), Beginning::Known(HEADER));
        assert_eq!(SegmentHeader::parse(&bytes[1..]), Beginning::Damaged);
        for at in 0..bytes.len() * 8 {
            let mut changed = bytes;
            changed[at / 8] ^= 1 << (at % 8);
            assert_eq!(SegmentHeader::parse(&changed), Beginning::Damaged, "bit {at}");
        }
    }

    #[test]
    fn a_later_layout_is_known_as_such() {
        let mut bytes = HEADER.encode();
        bytes[4] = 2;
        let crc = crc32fast::hash(&bytes[..SEGMENT_HEADER_BYTES - 4]);
        bytes[SEGMENT_HEADER_BYTES - 4..].copy_from_slice(&crc.to_le_bytes());
        assert_eq!(SegmentHeader::parse(&bytes), Beginning::Newer(2));
    }

    #[test]
    fn names_are_twenty_digits_and_sort_as_numbers() {
        assert_eq!(name_of(1_234), "00000000000000001234.seg");
        for (name, first_seq) in [
            ("00000000000000001234.seg", Some(1_234)),
            ("18446744073709551615.seg", Some(u64::MAX)),
            ("18446744073709551616.seg", None),
            ("1234.seg", None),
            ("+0000000000000001234.seg", None),
            ("00000000000000001234.seg.damaged", None),
            ("LOCK", None),
        ] {
            assert_eq!(first_seq_of(name), first_seq, "{name}");
        }
    }
}

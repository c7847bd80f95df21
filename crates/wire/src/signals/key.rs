//! Ids and keys in hexadecimal, and those that are derived where a line has none.
//!
//! # References
//!
//! FNV-1a with 128 bits: G. Fowler et al., <https://www.rfc-editor.org/rfc/rfc9923>. Not a
//! cryptographic hash: whoever writes the file may choose its ids anyway.

const FNV_OFFSET: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
const FNV_PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;
/// Bits of a UUID that hold its version and variant (RFC 9562).
const UUID_MARKS: u128 = 0xf << 76 | 0x3 << 62;
/// Version 8, "made as the application likes", and the variant of RFC 9562.
const UUID_VERSION_8: u128 = 0x8 << 76 | 0x2 << 62;

/// The id of a line that has none: the same for the same bytes at the same number, for ever.
pub(super) fn derive_id(line: &str, number: u64) -> u128 {
    let hash = fold(fold(FNV_OFFSET, &number.to_le_bytes()), line.as_bytes());
    hash & !UUID_MARKS | UUID_VERSION_8
}

/// A key of 64 bits derived from an id, another for each `purpose`.
pub(super) fn derive_key(id: u128, purpose: &str) -> u64 {
    let hash = fold(fold(FNV_OFFSET, purpose.as_bytes()), &id.to_le_bytes());
    // The last bytes reach only some bits of FNV; the finaliser of SplitMix64 spreads them.
    let mut bits = (hash >> 64) as u64 ^ (hash as u64).rotate_left(32);
    bits = (bits ^ bits >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ bits >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ bits >> 31
}

/// An id as a UUID in lower case.
pub(super) fn id_text(id: u128) -> String {
    let mut text = String::with_capacity(36);
    for place in 0..32_u32 {
        if matches!(place, 8 | 12 | 16 | 20) {
            text.push('-');
        }
        text.push(digit((id >> (124 - 4 * place)) as u64));
    }
    text
}

/// Reads a UUID, in either case, with its four hyphens or with none.
pub(super) fn read_id(text: &str) -> Option<u128> {
    let bytes = text.as_bytes();
    let hyphenated = bytes.len() == 36;
    if !hyphenated && bytes.len() != 32 {
        return None;
    }
    let mut id = 0;
    for (index, byte) in bytes.iter().enumerate() {
        if hyphenated && matches!(index, 8 | 13 | 18 | 23) {
            if *byte != b'-' {
                return None;
            }
            continue;
        }
        id = id << 4 | u128::from(char::from(*byte).to_digit(16)?);
    }
    Some(id)
}

/// A key as 16 hexadecimal digits.
pub(super) fn key_text(key: u64) -> String {
    (0..16).map(|place| digit(key >> (60 - 4 * place))).collect()
}

/// Reads 16 hexadecimal digits, in either case.
pub(super) fn read_key(text: &str) -> Option<u64> {
    if text.len() != 16 {
        return None;
    }
    text.chars().try_fold(0, |key, c| Some(key << 4 | u64::from(c.to_digit(16)?)))
}

fn digit(bits: u64) -> char {
    char::from(b"0123456789abcdef"[(bits & 0xf) as usize])
}

fn fold(hash: u128, bytes: &[u8]) -> u128 {
    bytes.iter().fold(hash, |hash, byte| (hash ^ u128::from(*byte)).wrapping_mul(FNV_PRIME))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_fnv_1a() {
        assert_eq!(fold(FNV_OFFSET, b"a"), 0xd228_cb69_6f1a_8caf_7891_2b70_4e4a_8964);
    }

    #[test]
    fn an_id_prints_as_a_uuid_and_is_read_in_every_usual_form() {
        let id = 0x0195_7f3a_0c22_7d10_9a4e_5b6c_7d8e_9fa0;
        let text = "01957f3a-0c22-7d10-9a4e-5b6c7d8e9fa0";
        assert_eq!(id_text(id), text);
        for form in [text, &text.to_uppercase(), &text.replace('-', "")] {
            assert_eq!(read_id(form), Some(id), "{form}");
        }
        for bad in ["", "01957f3a", &text.replace('0', "g"), &text.replace('-', "0"), "é"] {
            assert_eq!(read_id(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_key_is_sixteen_digits() {
        assert_eq!(key_text(0xab), "00000000000000ab");
        assert_eq!(read_key("00000000000000AB"), Some(0xab));
        for bad in ["", "ab", "00000000000000ag", "000000000000000é"] {
            assert_eq!(read_key(bad), None, "{bad}");
        }
    }

    #[test]
    fn derived_ids_differ_by_line_and_by_number_and_stay_the_same() {
        assert_eq!(derive_id("{}", 1), derive_id("{}", 1));
        assert_ne!(derive_id("{}", 1), derive_id("{}", 2));
        assert_ne!(derive_id("{}", 1), derive_id("{ }", 1));
        assert!(id_text(derive_id("{}", 1)).chars().nth(14) == Some('8'), "a UUID of version 8");
        let keys: std::collections::BTreeSet<u64> =
            (0..10_000).map(|n| derive_key(derive_id("{}", n), "reporter")).collect();
        assert_eq!(keys.len(), 10_000);
        assert_ne!(derive_key(1, "reporter"), derive_key(1, "prefix"));
    }
}

//! Blobs: all minutes or hours of one series in one UTC day, in the few bytes they need.
//!
//! # Form
//!
//! One byte, the version: [`MINUTES`] or [`HOURS`]. Four bytes, little-endian, the CRC-32 of the
//! version, the numbers of service and dimension and the day (8 bytes each, little-endian) and of
//! all that follows: a blob under another key is a damaged one. Then, for each minute or hour that
//! has counts, in order of time, three variable-length integers (LEB128):
//!
//! - how many were left out since the one before, or since midnight;
//! - reports received;
//! - reports received less reports counted, with the sign in the lowest bit (zigzag).
//!
//! A minute without counts costs nothing, one of a busy day three bytes, or four from 128 reports
//! on.

use super::key::Key;
use crate::record::HOURS_PER_DAY;
use crate::record::MINUTES_PER_DAY;
use crate::record::Sums;

/// The first byte of a blob of minutes.
const MINUTES: u8 = 1;
/// The first byte of a blob of hours.
const HOURS: u8 = 2;
/// Bytes before the first minute.
const HEADER: usize = 5;
/// Sums are at most what a column holds.
const SUM_MAX: u64 = i64::MAX.unsigned_abs();

/// What a blob is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Of {
    Minutes,
    Hours,
}

impl Of {
    fn version(self) -> u8 {
        match self {
            Self::Minutes => MINUTES,
            Self::Hours => HOURS,
        }
    }

    /// How many a day has.
    fn slots(self) -> u64 {
        match self {
            Self::Minutes => MINUTES_PER_DAY.unsigned_abs(),
            Self::Hours => HOURS_PER_DAY.unsigned_abs(),
        }
    }
}

/// Packs minutes of the day, 0..1440, or hours, 0..24, that are in order of time.
pub(super) fn pack(of: Of, key: Key, slots: &[(u16, Sums)]) -> Vec<u8> {
    let mut body = vec![of.version(), 0, 0, 0, 0];
    let mut next = 0;
    for &(slot, sums) in slots {
        let (received, counted) = (sums.received.min(SUM_MAX), sums.counted.min(SUM_MAX));
        debug_assert!(u64::from(slot) >= next, "they are in order of time");
        put(&mut body, u64::from(slot).saturating_sub(next));
        put(&mut body, received);
        put(&mut body, zigzag(received.cast_signed() - counted.cast_signed()));
        next = u64::from(slot) + 1;
    }
    let crc = seal(of, key, &body[HEADER..]).to_le_bytes();
    body[1..HEADER].copy_from_slice(&crc);
    body
}

/// Calls `each` with the minutes of the day, 0..1440, or the hours, 0..24, in order of time.
///
/// When the blob is damaged it says how, in words that complete "the blob ...".
pub(super) fn unpack(
    of: Of,
    key: Key,
    body: &[u8],
    mut each: impl FnMut(u16, Sums),
) -> Result<(), &'static str> {
    let Some((&[version, a, b, c, d], mut rest)) = body.split_first_chunk::<HEADER>() else {
        return Err("is shorter than its header");
    };
    if version != of.version() {
        return Err("has a version that this program does not know");
    }
    if seal(of, key, rest) != u32::from_le_bytes([a, b, c, d]) {
        return Err("does not match its checksum");
    }
    let mut next = 0;
    while !rest.is_empty() {
        let (gap, received, less) = (take(&mut rest)?, take(&mut rest)?, take(&mut rest)?);
        let slot = gap.saturating_add(next);
        if slot >= of.slots() {
            return Err("has a minute or an hour after the end of its day");
        }
        let counted = i128::from(received) - i128::from(unzigzag(less));
        let counted = u64::try_from(counted).ok().filter(|&counted| counted <= SUM_MAX);
        let (Some(counted), true) = (counted, received <= SUM_MAX) else {
            return Err("has a count that no column holds");
        };
        next = slot + 1;
        each(slot.try_into().expect("below 1440"), Sums { received, counted });
    }
    Ok(())
}

fn seal(of: Of, key: Key, rest: &[u8]) -> u32 {
    let mut crc = crc32fast::Hasher::new();
    crc.update(&[of.version()]);
    for number in [key.service, key.dimension, key.day] {
        crc.update(&number.to_le_bytes());
    }
    crc.update(rest);
    crc.finalize()
}

fn put(body: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        body.push(value.to_le_bytes()[0] | 0x80);
        value >>= 7;
    }
    body.push(value.to_le_bytes()[0]);
}

#[inline]
fn take(rest: &mut &[u8]) -> Result<u64, &'static str> {
    // Almost every integer is one byte long.
    if let [byte, after @ ..] = *rest
        && *byte < 0x80
    {
        *rest = after;
        return Ok((*byte).into());
    }
    take_long(rest)
}

fn take_long(rest: &mut &[u8]) -> Result<u64, &'static str> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let Some((&byte, after)) = rest.split_first() else {
            return Err("ends in the middle of a minute");
        };
        *rest = after;
        let bits = u64::from(byte & 0x7f);
        if bits << shift >> shift != bits {
            break;
        }
        value |= bits << shift;
        if byte < 0x80 {
            return Ok(value);
        }
    }
    Err("has an integer of more than 64 bits")
}

/// Small numbers of either sign as small ones without.
fn zigzag(value: i64) -> u64 {
    ((value << 1) ^ (value >> 63)).cast_unsigned()
}

fn unzigzag(value: u64) -> i64 {
    (value >> 1).cast_signed() ^ -(value & 1).cast_signed()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::collection::btree_map;
    use proptest::collection::vec;
    use proptest::prelude::Strategy;
    use proptest::prelude::any;
    use proptest::prop_assert;
    use proptest::prop_assert_eq;
    use proptest::prop_oneof;
    use proptest::proptest;

    use super::*;

    const KEY: Key = Key { service: 7, dimension: 1, day: 20_157 };

    fn unpacked(key: Key, body: &[u8]) -> Result<Vec<(u16, Sums)>, &'static str> {
        let mut minutes = Vec::new();
        unpack(Of::Minutes, key, body, |minute, sums| minutes.push((minute, sums)))?;
        Ok(minutes)
    }

    fn sums() -> impl Strategy<Value = Sums> {
        let sum = || prop_oneof![0..300_u64, any::<u32>().prop_map(u64::from), 0..=SUM_MAX];
        (sum(), sum()).prop_map(|(received, counted)| Sums { received, counted })
    }

    /// A body with a seal that fits, whatever is in it.
    fn sealed(rest: &[u8]) -> Vec<u8> {
        [&[MINUTES], &seal(Of::Minutes, KEY, rest).to_le_bytes()[..], rest].concat()
    }

    proptest! {
        #[test]
        fn what_was_packed_comes_out(minutes in btree_map(0..1_440_u16, sums(), 0..1_440)) {
            let minutes: Vec<_> = minutes.into_iter().collect();
            prop_assert_eq!(unpacked(KEY, &pack(Of::Minutes, KEY, &minutes)).unwrap(), minutes);
        }

        #[test]
        fn a_changed_bit_or_length_is_found(
            minutes in btree_map(0..1_440_u16, sums(), 1..50),
            at in any::<usize>(),
            bit in 0..8_u32,
        ) {
            let minutes: Vec<_> = minutes.into_iter().collect();
            let body = pack(Of::Minutes, KEY, &minutes);
            let at = at % body.len();
            let mut changed = body.clone();
            changed[at] ^= 1 << bit;
            prop_assert!(unpacked(KEY, &changed).is_err());
            prop_assert!(unpacked(KEY, &body[..at]).is_err());
            let elsewhere = Key { day: KEY.day + 1, ..KEY };
            prop_assert!(unpacked(elsewhere, &body).is_err());
        }

        #[test]
        fn garbage_never_panics_even_under_a_good_seal(rest in vec(any::<u8>(), 0..200)) {
            prop_assert!(unpacked(KEY, &rest).is_err());
            if let Ok(minutes) = unpacked(KEY, &sealed(&rest)) {
                prop_assert!(minutes.is_sorted_by(|(a, _), (b, _)| a < b));
                prop_assert_eq!(unpacked(KEY, &pack(Of::Minutes, KEY, &minutes)).unwrap(), minutes);
            }
        }
    }

    #[test]
    fn a_dense_minute_takes_at_most_four_bytes() {
        let sums = |m: u64| Sums { received: m % 900, counted: m % 900 - m % 60 % (m % 900 + 1) };
        let minutes: Vec<_> = (0..1_440).map(|m| (m, sums(m.into()))).collect();
        let bytes = pack(Of::Minutes, KEY, &minutes).len();
        assert!(bytes <= 4 * 1_440, "{bytes} bytes");
        let quiet: BTreeMap<u16, Sums> = BTreeMap::from([(719, sums(3))]);
        let minutes: Vec<_> = quiet.into_iter().collect();
        assert_eq!(
            pack(Of::Minutes, KEY, &minutes).len(),
            HEADER + 4,
            "minutes without reports cost nothing"
        );
    }

    #[test]
    fn what_no_day_can_hold_is_refused() {
        let long = [0xff; 11];
        let cases: [(&[u8], &str); 4] = [
            (&[0xa0, 0x0b, 1, 0], "has a minute or an hour after the end of its day"),
            (&[0, 1, 4], "has a count that no column holds"),
            (&[0, 0x80], "ends in the middle of a minute"),
            (&long, "has an integer of more than 64 bits"),
        ];
        for (rest, wanted) in cases {
            assert_eq!(unpacked(KEY, &sealed(rest)), Err(wanted));
        }
        let mut newer = sealed(&[]);
        newer[0] = HOURS + 1;
        assert!(unpacked(KEY, &newer).unwrap_err().contains("version"));
        assert_eq!(unpacked(KEY, &sealed(&[])), Ok(Vec::new()), "a day without counts");
    }

    #[test]
    fn hours_are_packed_alike_and_never_taken_for_minutes() {
        let hours: Vec<_> = [0, 7, 23].map(|hour| (hour, Sums { received: 9, counted: 8 })).into();
        let body = pack(Of::Hours, KEY, &hours);
        let mut found = Vec::new();
        unpack(Of::Hours, KEY, &body, |hour, sums| found.push((hour, sums))).unwrap();
        assert_eq!(found, hours);
        assert!(unpacked(KEY, &body).is_err());
        let late = pack(Of::Hours, KEY, &[(24, Sums::default())]);
        assert!(unpack(Of::Hours, KEY, &late, |_, _| {}).is_err(), "a day has 24 hours");
    }
}

//! Keys: one integer says which day of which series a row is of.
//!
//! Day, service and dimension, from the highest bits to the lowest: the order of the integers is
//! that of days, then services, then dimensions. SQLite fills the pages of a table to the brim only
//! when rows come in the order of such a key, and keeps them in a quarter of the room a key of
//! three columns takes.
//!
//! # What it cannot tell
//!
//! More than a million services, or dimensions of all services together, and days more than 22,000
//! years from 1970. Names beyond that get no number, and such days are refused when they come in.

use crate::StoreError;

/// Bits of the number of a service, and as many of that of a dimension.
const NUMBER_BITS: u32 = 20;
/// The greatest number that a service or a dimension may have.
pub(super) const NUMBER_MAX: i64 = (1 << NUMBER_BITS) - 1;
/// The earliest day of a key, in days since 1970, UTC.
pub(super) const DAY_MIN: i64 = -(1 << 23);
/// The latest.
pub(super) const DAY_MAX: i64 = (1 << 23) - 1;

/// A series and a day of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    pub(super) service: i64,
    pub(super) dimension: i64,
    /// Days since 1970, UTC.
    pub(super) day: i64,
}

impl Key {
    /// As the column `key` holds it. Numbers out of range are taken as the nearest in it.
    pub(super) fn number(self) -> i64 {
        let day = self.day.clamp(DAY_MIN, DAY_MAX);
        let service = self.service.clamp(0, NUMBER_MAX);
        let dimension = self.dimension.clamp(0, NUMBER_MAX);
        (day << (2 * NUMBER_BITS)) | (service << NUMBER_BITS) | dimension
    }

    /// Reads the column.
    pub(super) fn of(number: i64) -> Self {
        Self {
            service: (number >> NUMBER_BITS) & NUMBER_MAX,
            dimension: number & NUMBER_MAX,
            day: number >> (2 * NUMBER_BITS),
        }
    }

    /// The first key of a day, or of the first day there is, or one that is greater than any.
    pub(super) fn first_of(day: i64) -> i64 {
        if day > DAY_MAX {
            return i64::MAX;
        }
        Self { service: 0, dimension: 0, day }.number()
    }
}

/// Refuses a day that no key can say.
pub(super) fn check_day(day: i64) -> Result<(), StoreError> {
    match (DAY_MIN..=DAY_MAX).contains(&day) {
        true => Ok(()),
        false => Err(StoreError::BadBatch { what: "a day is within 22,000 years of 1970" }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_in_order_of_day_then_service_then_dimension() {
        let mut keys = Vec::new();
        for day in [DAY_MIN, -1, 0, 20_157, DAY_MAX] {
            for service in [0, 1, 12_000, NUMBER_MAX] {
                for dimension in [0, 1, NUMBER_MAX] {
                    keys.push(Key { service, dimension, day });
                }
            }
        }
        assert!(keys.is_sorted_by(|a, b| a.number() < b.number()));
        for key in keys {
            assert_eq!(Key::of(key.number()), key);
            assert!(Key::first_of(key.day) <= key.number());
        }
        assert!(check_day(DAY_MAX).is_ok() && check_day(DAY_MAX + 1).is_err());
        assert_eq!(Key::first_of(i64::MIN), Key::first_of(DAY_MIN));
    }
}

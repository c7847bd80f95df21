//! Ids of signals: UUIDs of version 7, random enough that two servers never make the same.
//!
//! RFC 9562: 48 bits of milliseconds, then 74 random bits. The random bits are asked for by the
//! page, since a system call for each id costs more than the id.

use std::sync::Mutex;
use std::sync::PoisonError;

use outcry_core::time::UnixMillis;
use uuid::Builder;

/// Random bytes an id takes.
const ID_BYTES: usize = 10;
/// Ids made of what is asked for at once.
const IDS_PER_PAGE: usize = 256;

/// Makes ids.
pub struct Ids(Mutex<Page>);

struct Page {
    bytes: [u8; ID_BYTES * IDS_PER_PAGE],
    used: usize,
}

impl Ids {
    /// Starts with a first page of random bytes.
    ///
    /// # Errors
    ///
    /// When the system has no random numbers to give.
    pub fn new() -> Result<Self, getrandom::Error> {
        let mut page = Page { bytes: [0; ID_BYTES * IDS_PER_PAGE], used: 0 };
        getrandom::fill(&mut page.bytes)?;
        Ok(Self(Mutex::new(page)))
    }

    /// An id of this moment.
    pub fn next(&self, now: UnixMillis) -> u128 {
        let mut page = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if page.used == IDS_PER_PAGE {
            page.used = 0;
            if let Err(error) = getrandom::fill(&mut page.bytes) {
                // The page is used again: with another millisecond the id is another one too.
                tracing::error!(%error, "no random numbers for ids");
            }
        }
        let (ids, _) = page.bytes.as_chunks::<ID_BYTES>();
        let random = ids[page.used];
        page.used += 1;
        let millis = u64::try_from(now.0).unwrap_or(0);
        Builder::from_unix_timestamp_millis(millis, &random).into_uuid().as_u128()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn ids_differ_and_say_when() {
        let ids = Ids::new().expect("random numbers");
        let at = UnixMillis(1_741_585_500_000);
        let made: HashSet<u128> = (0..IDS_PER_PAGE * 4).map(|_| ids.next(at)).collect();
        assert_eq!(made.len(), IDS_PER_PAGE * 4);
        for id in made {
            let id = uuid::Uuid::from_u128(id);
            assert_eq!(id.get_version_num(), 7);
            assert_eq!(id.as_u128() >> 80, at.0 as u128);
        }
    }
}

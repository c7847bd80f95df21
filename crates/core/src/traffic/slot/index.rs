//! Finds entries of a list by hash: open addressing with linear probing, half full at most.
//!
//! A cell holds the place of an entry and sixteen bits of its hash, so that the entry itself is
//! looked at nearly only when it is the one.

/// Places by hash.
#[derive(Clone, Debug)]
pub struct Index {
    cells: Vec<u32>,
}

/// Entries that sixteen bits of place can name, and one value for "empty".
const PLACES_MAX: usize = (1 << 16) - 1;

impl Index {
    /// Room for so many entries, 65,535 at most.
    pub fn for_entries(count: usize) -> Self {
        Self { cells: vec![0; (count.min(PLACES_MAX) * 2).next_power_of_two()] }
    }

    #[inline]
    fn first(&self, hash: u64) -> usize {
        hash as usize & (self.cells.len() - 1)
    }

    #[inline]
    fn tag(hash: u64) -> u32 {
        (hash >> 48) as u32
    }

    /// The place of the entry that `is` it.
    #[inline]
    pub fn find(&self, hash: u64, is: impl Fn(usize) -> bool) -> Option<usize> {
        let mut at = self.first(hash);
        let tag = Self::tag(hash);
        loop {
            let cell = self.cells[at];
            if cell == 0 {
                return None;
            }
            if cell >> 16 == tag {
                let place = (cell & 0xffff) as usize - 1;
                if is(place) {
                    return Some(place);
                }
            }
            at = (at + 1) & (self.cells.len() - 1);
        }
    }

    /// Notes the place of an entry that is not there yet. The caller keeps the number of entries
    /// below what the index was made for.
    #[inline]
    pub fn insert(&mut self, hash: u64, place: usize) {
        debug_assert!(place < PLACES_MAX);
        let mut at = self.first(hash);
        while self.cells[at] != 0 {
            at = (at + 1) & (self.cells.len() - 1);
        }
        self.cells[at] = Self::tag(hash) << 16 | (place as u32 + 1);
    }

    /// Forgets all.
    pub fn clear(&mut self) {
        self.cells.fill(0);
    }
}

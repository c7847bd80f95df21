//! Finds entries of a list by hash: open addressing with linear probing, half full at most.
//!
//! A cell holds the place of an entry and sixteen bits of its hash, so that the entry itself is
//! looked at nearly only when it is the one. It grows with its entries: while they are few, all of
//! it stays in the nearest cache, and most who are looked for are not there.

/// Places by hash.
#[derive(Clone, Debug)]
pub struct Index {
    cells: Vec<u32>,
    entries: usize,
}

/// Cells of an index that is new.
const CELLS_MIN: usize = 1_024;

/// Entries that sixteen bits of place can name, but for one value that says "empty".
const PLACES_MAX: usize = (1 << 16) - 1;

impl Default for Index {
    /// An index without entries.
    fn default() -> Self {
        Self { cells: vec![0; CELLS_MIN], entries: 0 }
    }
}

impl Index {
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

    /// Notes an entry that is not there yet, in the next `place`; `hash_of` gives the hashes of
    /// those before it, for when the room is too small. The caller keeps places below 65,535.
    #[inline]
    pub fn insert(&mut self, hash: u64, place: usize, hash_of: impl Fn(usize) -> u64) {
        debug_assert!(place < PLACES_MAX && place == self.entries);
        if 2 * self.entries >= self.cells.len() {
            self.cells = vec![0; 2 * self.cells.len()];
            for before in 0..place {
                self.put(hash_of(before), before);
            }
        }
        self.put(hash, place);
        self.entries += 1;
    }

    #[inline]
    fn put(&mut self, hash: u64, place: usize) {
        let mut at = self.first(hash);
        while self.cells[at] != 0 {
            at = (at + 1) & (self.cells.len() - 1);
        }
        self.cells[at] = Self::tag(hash) << 16 | (place as u32 + 1);
    }

    /// Forgets all. It keeps the room that it needed, and gives back what it did not.
    pub fn clear(&mut self) {
        let needed = (2 * self.entries).next_power_of_two().max(CELLS_MIN);
        self.cells.truncate(needed);
        self.cells.fill(0);
        self.entries = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::traffic::sketch::hash::test_key;

    #[test]
    fn entries_are_found_while_it_grows_and_after_it_was_cleared() {
        let hash = |entry: usize| test_key().words(entry as u64, 3);
        let mut index = Index::default();
        for many in [3_usize, 40_000, 600, 0, 5_000] {
            for entry in 0..many {
                assert_eq!(index.find(hash(entry), |place| place == entry), None);
                index.insert(hash(entry), entry, hash);
            }
            for entry in 0..many {
                assert_eq!(index.find(hash(entry), |place| place == entry), Some(entry));
            }
            assert_eq!(index.find(hash(many), |place| place == many), None);
            index.clear();
            assert_eq!(index.find(hash(0), |_| true), None, "nothing is left of {many}");
            let room = (2 * many).next_power_of_two().max(CELLS_MIN);
            assert!(index.cells.len() <= room, "{} cells after {many}", index.cells.len());
        }
    }
}

//! How often at most: counts of any number of keys in a fixed table.
//!
//! Each key has a cell in each of four rows; its count is the least of them. Adding raises only
//! cells that are too low (conservative update), which makes over-counting rare. It never
//! under-counts.
//!
//! References: G. Cormode, S. Muthukrishnan, "An Improved Data Stream Summary" (2005); C. Estan,
//! G. Varghese, "New Directions in Traffic Measurement and Accounting" (2002), §3.2.

/// Rows of the table.
const ROWS: usize = 4;

/// Counts by the hash of a key.
#[derive(Clone, Debug)]
pub struct CountMin {
    cells: Vec<u64>,
    width: usize,
}

impl CountMin {
    /// An empty table of `2^bits` cells a row.
    pub fn new(bits: u32) -> Self {
        let width = 1 << bits;
        Self { cells: vec![0; width * ROWS], width }
    }

    /// The cells of a key: one hash gives all of them (Kirsch and Mitzenmacher, 2006).
    #[inline]
    fn places(&self, hash: u64) -> [usize; ROWS] {
        let step = (hash >> 32) | 1;
        std::array::from_fn(|row| {
            let mixed = hash.wrapping_add(step.wrapping_mul(row as u64 * 2 + 1));
            row * self.width + (mixed as usize ^ (mixed >> 29) as usize) % self.width
        })
    }

    /// Adds to a key, and gives its count afterwards.
    #[inline]
    pub fn add(&mut self, hash: u64, count: u64) -> u64 {
        let places = self.places(hash);
        let least = places.iter().map(|&place| self.cells[place]).min().unwrap_or_default();
        let raised = least.saturating_add(count);
        for place in places {
            self.cells[place] = self.cells[place].max(raised);
        }
        raised
    }

    /// How often a key was added, at most.
    pub fn get(&self, hash: u64) -> u64 {
        self.places(hash).iter().map(|&place| self.cells[place]).min().unwrap_or_default()
    }

    /// Adds another table of the same width and key.
    pub fn merge(&mut self, other: &Self) {
        for (own, more) in self.cells.iter_mut().zip(&other.cells) {
            *own = own.saturating_add(*more);
        }
    }

    /// Forgets all.
    pub fn clear(&mut self) {
        self.cells.fill(0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::traffic::sketch::hash::test_key;

    #[test]
    fn counts_are_never_too_low_and_rarely_too_high() {
        let key = test_key();
        let (mut table, mut half, mut other) =
            (CountMin::new(12), CountMin::new(12), CountMin::new(12));
        // Key n is added n times 1 + 3: some thousand keys on 4,096 cells.
        for number in 0..8_000u64 {
            let hash = key.words(number, 5);
            table.add(hash, number % 97 + 1);
            if number % 2 == 0 { &mut half } else { &mut other }.add(hash, number % 97 + 1);
        }
        half.merge(&other);
        let mut excess = 0;
        for number in 0..8_000u64 {
            let exact = number % 97 + 1;
            let told = table.get(key.words(number, 5));
            assert!(told >= exact);
            assert!(half.get(key.words(number, 5)) >= exact);
            excess += told - exact;
        }
        // The bound of the paper is e/width of the total; conservative update stays far below.
        let total: u64 = (0..8_000u64).map(|number| number % 97 + 1).sum();
        assert!(excess / 8_000 <= total * 3 / 4_096, "{excess} of {total}");
    }
}

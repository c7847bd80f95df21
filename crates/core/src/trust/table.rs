//! A table of 64-bit keys: the memory of the reporter rule.
//!
//! Open addressing with linear probing, and removal by moving back what follows (Knuth, "The Art of
//! Computer Programming", volume 3, section 6.4, algorithm R). It is never walked through, so its
//! order can change nothing. Keys are digests and spread by themselves; they are mixed once more
//! for those that a person wrote into a file.

/// Places of a table that has any.
const PLACES_MIN: usize = 16;

/// Values by 64-bit key.
#[derive(Clone, Debug)]
pub(crate) struct Table<V> {
    places: Vec<Option<(u64, V)>>,
    taken: usize,
}

impl<V> Default for Table<V> {
    fn default() -> Self {
        Self { places: Vec::new(), taken: 0 }
    }
}

impl<V: Copy + Default> Table<V> {
    /// The value of a key, made if it is not there.
    pub(crate) fn entry(&mut self, key: u64) -> &mut V {
        if self.taken * 4 >= self.places.len() * 3 {
            self.grow();
        }
        let place = self.place_of(key);
        self.taken += usize::from(self.places[place].is_none());
        &mut self.places[place].get_or_insert((key, V::default())).1
    }

    /// The value of a key that is there.
    pub(crate) fn find(&mut self, key: u64) -> Option<&mut V> {
        if self.taken == 0 {
            return None;
        }
        let place = self.place_of(key);
        self.places[place].as_mut().map(|(_, value)| value)
    }

    /// Whether the key is there.
    pub(crate) fn contains(&self, key: u64) -> bool {
        self.taken > 0 && self.places[self.place_of(key)].is_some()
    }

    /// Takes a key out. An empty table gives its memory back.
    pub(crate) fn remove(&mut self, key: u64) {
        if self.taken == 0 {
            return;
        }
        let mut hole = self.place_of(key);
        if self.places[hole].take().is_none() {
            return;
        }
        self.taken -= 1;
        if self.taken == 0 {
            self.places = Vec::new();
            return;
        }
        let last = self.places.len() - 1;
        let mut next = hole;
        loop {
            next = (next + 1) & last;
            let Some((found, _)) = self.places[next] else { return };
            let home = self.home_of(found);
            // It may move back unless its home lies between the hole and where it is.
            if (next.wrapping_sub(home) & last) >= (next.wrapping_sub(hole) & last) {
                self.places.swap(hole, next);
                hole = next;
            }
        }
    }

    fn home_of(&self, key: u64) -> usize {
        // Fibonacci hashing: the high bits of a product by 2^64 over the golden ratio.
        let mixed = key.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 20;
        mixed as usize & (self.places.len() - 1)
    }

    /// Where a key is, or the place it would take.
    fn place_of(&self, key: u64) -> usize {
        let last = self.places.len() - 1;
        let mut place = self.home_of(key);
        while self.places[place].as_ref().is_some_and(|(found, _)| *found != key) {
            place = (place + 1) & last;
        }
        place
    }

    fn grow(&mut self) {
        let places = (self.places.len() * 2).max(PLACES_MIN);
        let before = std::mem::replace(&mut self.places, vec![None; places]);
        for (key, value) in before.into_iter().flatten() {
            let place = self.place_of(key);
            self.places[place] = Some((key, value));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn a_table_says_what_a_map_says() {
        let mut state = 7_u64;
        let (mut table, mut map) = (Table::<u32>::default(), BTreeMap::<u64, u32>::new());
        for step in 0..200_000_u64 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            // Few keys, close together, so that runs form and are broken up again.
            let key = (state >> 33) % 700;
            if (state >> 60) < 9 {
                *table.entry(key) += 1;
                *map.entry(key).or_default() += 1;
            } else {
                table.remove(key);
                map.remove(&key);
            }
            let probe = step % 700;
            assert_eq!(table.contains(probe), map.contains_key(&probe));
            assert_eq!(table.find(probe).copied(), map.get(&probe).copied());
        }
        for key in 0..700 {
            table.remove(key);
        }
        assert!(table.places.is_empty(), "an empty table gives its memory back");
    }
}

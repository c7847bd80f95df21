//! A sample of distinct things in which each has the same chance, however often it came: those with
//! the smallest hashes.
//!
//! Things are put down as they come, and sorted out when there are twice as many as are kept: a
//! flood pays a few nanoseconds for each, and nothing is allocated once there is room.
//!
//! What it cannot tell: how often each came, and how many there were; that is for the counters.
//!
//! Reference: Z. Bar-Yossef et al., "Counting Distinct Elements in a Data Stream" (2002).

/// Some of the things that came.
#[derive(Clone, Debug)]
pub struct Smallest {
    /// In no order, with some of them more than once.
    held: Vec<Held>,
    most: usize,
    /// So many smaller hashes are held that this one, and larger ones, are not needed.
    needless_from: Option<u64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Held {
    hash: u64,
    /// High and low half: without the room that whole ones would leave between.
    thing: [u64; 2],
}

impl Smallest {
    /// Keeps `most` things, one at least.
    pub fn new(most: usize) -> Self {
        Self { held: Vec::new(), most: most.max(1), needless_from: None }
    }

    /// Takes one thing by its keyed hash; all hashes of one sample need the same key.
    #[inline]
    pub fn add(&mut self, hash: u64, thing: u128) {
        if self.needless_from.is_some_and(|limit| hash >= limit) {
            return;
        }
        self.held.push(Held { hash, thing: [(thing >> 64) as u64, thing as u64] });
        if self.held.len() >= 2 * self.most {
            self.sort_out();
        }
    }

    fn sort_out(&mut self) {
        self.held.sort_unstable();
        self.held.dedup();
        if let Some(needless) = self.held.get(self.most) {
            self.needless_from = Some(needless.hash);
            self.held.truncate(self.most);
        }
    }

    /// Adds what another sample with the same key holds.
    pub fn merge(&mut self, other: &Self) {
        for held in &other.held {
            self.add(held.hash, u128::from(held.thing[0]) << 64 | u128::from(held.thing[1]));
        }
    }

    /// Forgets all, and keeps the room.
    pub fn clear(&mut self) {
        self.held.clear();
        self.needless_from = None;
    }

    /// The things, by their hashes: all, while there are few.
    pub fn things(&self) -> Vec<u128> {
        let mut sorted = self.clone();
        sorted.sort_out();
        let whole = |held: &Held| u128::from(held.thing[0]) << 64 | u128::from(held.thing[1]);
        sorted.held.iter().map(whole).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::traffic::sketch::hash::test_key;
    use std::collections::BTreeMap;

    fn hash(thing: u64) -> u64 {
        test_key().words(thing, 5)
    }

    #[test]
    fn the_smallest_are_kept_however_often_and_in_whatever_order_things_come() {
        for many in [0_u64, 1, 9, 10, 11, 20, 21, 500, 5_000] {
            let exact: BTreeMap<u64, u128> = (0..many).map(|n| (hash(n), u128::from(n))).collect();
            let wanted: Vec<u128> = exact.values().take(10).copied().collect();
            let mut once = Smallest::new(10);
            (0..many).for_each(|n| once.add(hash(n), u128::from(n)));
            assert_eq!(once.things(), wanted, "{many}");
            let mut often = Smallest::new(10);
            for n in (0..many).rev().flat_map(|n| [n, n / 2, n]) {
                often.add(hash(n), u128::from(n));
            }
            assert_eq!(often.things(), wanted, "{many}, often");
            assert!(often.held.len() <= 20, "what is held has an end");
            let (mut left, mut right) = (Smallest::new(10), Smallest::new(10));
            for n in 0..many {
                if n % 3 == 0 { &mut left } else { &mut right }.add(hash(n), u128::from(n));
            }
            left.merge(&right);
            assert_eq!(left.things(), wanted, "{many}, merged");
            left.clear();
            left.add(hash(3), 3);
            assert_eq!(left.things(), [3]);
        }
    }

    #[test]
    fn a_thing_comes_back_whole() {
        let mut sample = Smallest::new(4);
        for thing in [0, 1, u128::MAX, 0x2001_0db8_0000_0000_0000_0000_0000_0001] {
            sample.add(thing as u64, thing);
        }
        let mut things = sample.things();
        things.sort_unstable();
        assert_eq!(things, [0, 1, 0x2001_0db8_0000_0000_0000_0000_0000_0001, u128::MAX]);
    }
}

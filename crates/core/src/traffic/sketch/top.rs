//! Which most often: the few most frequent of any number of keys (space-saving).
//!
//! A new key takes the place of the least frequent one and inherits its count, which is remembered
//! as the key's possible error. Whatever makes up more than one part in `N` of all is in the list.
//!
//! Reference: A. Metwally, D. Agrawal, A. El Abbadi, "Efficient Computation of Frequent and Top-k
//! Elements in Data Streams" (2005).

/// One of the most frequent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counted<K> {
    /// What was counted.
    pub key: K,
    /// How often at most.
    pub count: u64,
    /// By how much that may be too high.
    pub error: u64,
}

/// The `N` most frequent keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Top<K, const N: usize> {
    places: [Counted<K>; N],
    length: u8,
}

impl<K: Copy + Default + Eq, const N: usize> Default for Top<K, N> {
    fn default() -> Self {
        Self { places: [Counted::default(); N], length: 0 }
    }
}

impl<K: Copy + Default + Ord, const N: usize> Top<K, N> {
    /// Counts a key.
    #[inline]
    pub fn add(&mut self, key: K, count: u64) {
        self.put(Counted { key, count, error: 0 });
    }

    #[inline]
    fn put(&mut self, more: Counted<K>) {
        let used = &mut self.places[..usize::from(self.length)];
        if let Some(place) = used.iter_mut().find(|place| place.key == more.key) {
            place.count = place.count.saturating_add(more.count);
            place.error = place.error.saturating_add(more.error);
            return;
        }
        if used.len() < N {
            self.places[usize::from(self.length)] = more;
            self.length += 1;
            return;
        }
        if let Some(least) = used.iter_mut().min_by_key(|place| place.count) {
            *least = Counted {
                key: more.key,
                count: least.count.saturating_add(more.count),
                error: least.count.saturating_add(more.error),
            };
        }
    }

    /// Adds what another list counted.
    ///
    /// A key that stands in one list only may have been counted in the other up to its least count;
    /// that is added to count and error.
    pub fn merge(&mut self, other: &Self) {
        let (own_floor, other_floor) = (self.floor(), other.floor());
        let mut all: Vec<Counted<K>> = Vec::with_capacity(2 * N);
        for own in self.all() {
            let met = other.all().iter().find(|place| place.key == own.key);
            let (count, error) = met.map_or((other_floor, other_floor), |m| (m.count, m.error));
            all.push(Counted {
                key: own.key,
                count: own.count.saturating_add(count),
                error: own.error.saturating_add(error),
            });
        }
        for more in other.all() {
            if self.all().iter().all(|place| place.key != more.key) {
                all.push(Counted {
                    key: more.key,
                    count: more.count.saturating_add(own_floor),
                    error: more.error.saturating_add(own_floor),
                });
            }
        }
        all.sort_by(|a, b| b.count.cmp(&a.count).then(a.key.cmp(&b.key)));
        all.truncate(N);
        self.length = all.len() as u8;
        self.places[..all.len()].copy_from_slice(&all);
    }

    /// What a key that is not in the list was counted at most.
    fn floor(&self) -> u64 {
        let full = usize::from(self.length) == N;
        let least = self.all().iter().map(|place| place.count).min();
        if full { least.unwrap_or_default() } else { 0 }
    }

    fn all(&self) -> &[Counted<K>] {
        &self.places[..usize::from(self.length)]
    }

    /// The keys, the most frequent first.
    pub fn sorted(&self) -> Vec<Counted<K>> {
        let mut all = self.all().to_vec();
        all.sort_by(|a, b| b.count.cmp(&a.count).then(a.key.cmp(&b.key)));
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    /// Keys as they come in real life: few often, many once.
    fn stream(seed: u64) -> impl Iterator<Item = u16> {
        let mut state = seed | 1;
        (0..20_000).map(move |_| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            if state % 10 < 6 { (state >> 20) as u16 % 4 } else { (state >> 20) as u16 }
        })
    }

    #[test]
    fn the_most_frequent_are_in_the_list_with_true_bounds() {
        for seed in 1..20 {
            let mut exact: BTreeMap<u16, u64> = BTreeMap::new();
            let (mut whole, mut left, mut right) =
                (Top::<u16, 8>::default(), Top::<u16, 8>::default(), Top::<u16, 8>::default());
            for (turn, key) in stream(seed).enumerate() {
                *exact.entry(key).or_default() += 1;
                whole.add(key, 1);
                if turn % 3 == 0 { &mut left } else { &mut right }.add(key, 1);
            }
            left.merge(&right);
            for list in [whole, left] {
                let sorted = list.sorted();
                for key in 0..4u16 {
                    assert!(sorted.iter().any(|place| place.key == key), "{key} of seed {seed}");
                }
                for place in sorted {
                    let exact = exact.get(&place.key).copied().unwrap_or_default();
                    assert!(place.count >= exact, "{place:?} {exact}");
                    assert!(place.count - place.error <= exact, "{place:?} {exact}");
                }
            }
        }
    }
}

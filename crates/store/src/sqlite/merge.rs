//! Merging: what is folded and what is not yet, added up in order of time.

use std::iter::Peekable;
use std::vec::IntoIter;

use crate::record::Sums;

/// A list in order of time that is put together of two; `T` is made of a time and its sums.
pub(super) struct Merged<T, F: Fn(i64, Sums) -> T> {
    fresh: Peekable<IntoIter<(i64, Sums)>>,
    make: F,
    limit: usize,
    list: Vec<T>,
}

impl<T, F: Fn(i64, Sums) -> T> Merged<T, F> {
    /// Begins with what is not folded, in order of time and each time once.
    pub(super) fn new(fresh: Vec<(i64, Sums)>, limit: u32, make: F) -> Self {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        Self { fresh: fresh.into_iter().peekable(), make, limit, list: Vec::new() }
    }

    /// Adds what is folded at a time later than every one before.
    #[inline]
    pub(super) fn add(&mut self, at: i64, mut sums: Sums) {
        while let Some((earlier, more)) = self.fresh.next_if(|(fresh, _)| *fresh <= at) {
            if earlier == at {
                sums.add(more);
            } else {
                self.list.push((self.make)(earlier, more));
            }
        }
        self.list.push((self.make)(at, sums));
    }

    /// Whether the list is as long as was asked for.
    pub(super) fn is_full(&self) -> bool {
        self.list.len() >= self.limit
    }

    /// The list, at most as long as was asked for.
    pub(super) fn finish(mut self) -> Vec<T> {
        let make = self.make;
        self.list.extend(self.fresh.map(|(at, sums)| make(at, sums)));
        self.list.truncate(self.limit);
        self.list
    }
}

/// Adds sums to a list in order of time, of which they are the latest.
pub(super) fn add_last(list: &mut Vec<(i64, Sums)>, at: i64, sums: Sums) {
    match list.last_mut() {
        Some((last, known)) if *last == at => known.add(sums),
        _ => list.push((at, sums)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_lists_become_one_in_order_of_time() {
        let sums = |received| Sums { received, counted: 0 };
        let fresh = || vec![(1, sums(1)), (4, sums(2)), (9, sums(3))];
        for limit in [0, 1, 2, 3, 4, 9] {
            let mut merged = Merged::new(fresh(), limit, |at, sums| (at, sums.received));
            for (at, received) in [(2, 10), (4, 20), (8, 30)] {
                merged.add(at, sums(received));
            }
            let all = [(1, 1), (2, 10), (4, 22), (8, 30), (9, 3)];
            let wanted = &all[..all.len().min(limit.try_into().unwrap())];
            assert_eq!(merged.finish(), wanted);
        }
        let mut list = Vec::new();
        for (at, received) in [(3, 1), (3, 2), (5, 7)] {
            add_last(&mut list, at, sums(received));
        }
        assert_eq!(list, [(3, sums(3)), (5, sums(7))]);
    }
}

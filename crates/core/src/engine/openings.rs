//! When surges began, over all services: who may be a peer is found without asking everybody.
//!
//! An incident is frozen again and again, and each time its peers are looked for. When everything
//! fails at once, that is every service asking every other; so no more than
//! [`OPENINGS_LOOKED_MAX`] beginnings are looked at, those nearest in time.
//!
//! # What it cannot tell
//!
//! Of a day on which more services than that fail within three hours, all of them.

use std::collections::BTreeSet;

use crate::time::DAY_MS;
use crate::time::UnixMillis;

/// Beginnings of surges that one incident looks at, the nearest in time.
pub const OPENINGS_LOOKED_MAX: usize = 256;
/// How long a beginning is known: as long as an incident is frozen anew, and a day.
const KEPT_MS: i64 = 31 * DAY_MS;

/// The beginnings of surges with the watch of each, in order of time.
#[derive(Clone, Debug, Default)]
pub(super) struct Openings(BTreeSet<(UnixMillis, usize)>);

impl Openings {
    /// Notes that a surge of a watch began; what is noted twice is there once.
    pub(super) fn note(&mut self, opened_at: UnixMillis, index: usize) {
        self.0.insert((opened_at, index));
    }

    /// Forgets what no incident can be beside any more.
    pub(super) fn forget(&mut self, now: UnixMillis) {
        let kept = self.0.split_off(&(now.plus_ms(-KEPT_MS), 0));
        self.0 = kept;
    }

    /// Watches with a surge that began in a span, those that began nearest to `at`; by index.
    pub(super) fn near(
        &self,
        at: UnixMillis,
        (from, until): (UnixMillis, UnixMillis),
    ) -> BTreeSet<usize> {
        let (first, last) = (at.max(from), until.max(at).max(from));
        let mut before = self.0.range((from.min(at), 0)..(at, 0)).rev().peekable();
        let mut after = self.0.range((first, 0)..=(last, usize::MAX)).peekable();
        let mut near = BTreeSet::new();
        for _ in 0..OPENINGS_LOOKED_MAX {
            let next = match (before.peek(), after.peek()) {
                (Some((earlier, _)), Some((later, _))) => {
                    let earlier_is_nearer = at.since_ms(*earlier) < later.since_ms(at);
                    if earlier_is_nearer { before.next() } else { after.next() }
                }
                (Some(_), None) => before.next(),
                (None, _) => after.next(),
            };
            let Some((_, index)) = next else { break };
            near.insert(*index);
        }
        near
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn openings(all: impl IntoIterator<Item = (i64, usize)>) -> Openings {
        let mut openings = Openings::default();
        all.into_iter().for_each(|(at, index)| openings.note(UnixMillis(at), index));
        openings
    }

    #[test]
    fn the_nearest_are_looked_at_and_no_more_than_the_limit() {
        let most = OPENINGS_LOOKED_MAX;
        let span = (UnixMillis(0), UnixMillis(10_000));
        let few = openings([(10, 3), (20, 1), (20, 2), (20_000, 4)]);
        assert_eq!(few.near(UnixMillis(15), span), BTreeSet::from([1, 2, 3]));
        let many = openings((0..10_000).map(|at| (at, at as usize)));
        let near = many.near(UnixMillis(5_000), span);
        assert_eq!(near.len(), most);
        let half = most / 2;
        assert!(near.contains(&(5_001 - half)) && near.contains(&(5_000 + half)));
        assert!(!near.contains(&(5_000 - half)) && !near.contains(&(5_001 + half)));
    }

    #[test]
    fn a_beginning_outside_of_the_span_is_no_neighbour() {
        let all = openings([(10, 3), (20, 1), (30, 2)]);
        assert_eq!(all.near(UnixMillis(20), (UnixMillis(15), UnixMillis(25))), [1].into());
        assert_eq!(all.near(UnixMillis(20), (UnixMillis(25), UnixMillis(25))), [].into());
        assert_eq!(openings([]).near(UnixMillis(20), (UnixMillis(0), UnixMillis(9))), [].into());
    }

    #[test]
    fn what_is_long_over_is_forgotten() {
        let mut all = openings([(0, 3), (KEPT_MS, 1)]);
        all.forget(UnixMillis(KEPT_MS + 1));
        assert_eq!(all.near(UnixMillis(0), (UnixMillis(0), UnixMillis(i64::MAX))), [1].into());
    }
}

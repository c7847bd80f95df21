//! Is this observer fit to judge? A loop that comes late measures itself, not its targets.
//!
//! Every wake-up of the loop is compared with when it should have been. After a delay of more than
//! [`LATE_MAX`] nothing that ran at that time, or begins within [`SETTLE`], counts as a failure.

use std::time::Duration;

/// Lateness of the loop from which on it gives no verdict.
pub const LATE_MAX: Duration = Duration::from_millis(1_000);
/// How long it gives none after that.
pub const SETTLE: Duration = Duration::from_secs(5);
/// Upper bounds of the buckets of lateness, in milliseconds, as they are exported.
pub const BUCKETS_MS: [u64; 10] = [1, 2, 5, 10, 25, 50, 100, 250, 1_000, 5_000];

/// The pulse of the loop. Times are spans since one moment.
#[derive(Clone, Debug, Default)]
pub struct Pulse {
    late_until: Option<Duration>,
    /// Looks by how late they began: one more bucket than bounds, for all beyond.
    pub buckets: [u64; BUCKETS_MS.len() + 1],
    /// The sum of lateness.
    pub total: Duration,
    /// The latest of all.
    pub max: Duration,
}

impl Pulse {
    /// The loop woke up this late.
    pub fn woke(&mut self, late: Duration, now: Duration) {
        if late > LATE_MAX {
            self.late_until = Some(now + SETTLE);
        }
    }

    /// A look began this late.
    pub fn began(&mut self, late: Duration, now: Duration) {
        let bucket = BUCKETS_MS.iter().position(|bound| late <= Duration::from_millis(*bound));
        self.buckets[bucket.unwrap_or(BUCKETS_MS.len())] += 1;
        self.total += late;
        self.max = self.max.max(late);
        self.woke(late, now);
    }

    /// Whether something that began at this time may count.
    pub fn was_late(&self, began_at: Duration) -> bool {
        self.late_until.is_some_and(|until| began_at < until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_a_late_wake_up_nothing_counts_for_a_while() {
        let s = Duration::from_secs(1);
        let mut pulse = Pulse::default();
        pulse.began(s / 100, s);
        assert!(!pulse.was_late(s));
        pulse.woke(s * 3, s * 10);
        assert!(pulse.was_late(s * 7), "it ran while we slept");
        assert!(pulse.was_late(s * 12));
        assert!(!pulse.was_late(s * 15));
        assert_eq!(pulse.buckets.iter().sum::<u64>(), 1);
    }
}

//! Rate: how many reports a network prefix may send in a minute.
//!
//! Counts by hidden prefix, in whole minutes, and forgets the minute before last. It protects the
//! disk, not the truth: whose report counts is decided by the reporter rule.

use std::collections::HashMap;
use std::sync::Mutex;

use outcry_core::time::UnixMillis;

use crate::limit::RATE_PREFIXES_MAX;

/// Independent parts, so that requests seldom wait for each other.
const SHARDS: usize = 16;

/// Counts of this minute by prefix.
pub struct Rate {
    per_minute: u32,
    shards: Vec<Mutex<Shard>>,
}

#[derive(Default)]
struct Shard {
    minute: i64,
    counts: HashMap<u64, u32>,
}

impl Rate {
    /// Allows `per_minute` reports of one prefix in one minute.
    pub fn new(per_minute: u32) -> Self {
        let shards = (0..SHARDS).map(|_| Mutex::default()).collect();
        Self { per_minute, shards }
    }

    /// Whether one more may come in now.
    pub fn admit(&self, prefix: u64, now: UnixMillis) -> bool {
        let shard = &self.shards[(prefix % SHARDS as u64) as usize];
        let mut shard = shard.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let minute = now.minute().0;
        if shard.minute != minute || shard.counts.len() >= RATE_PREFIXES_MAX / SHARDS {
            shard.minute = minute;
            shard.counts.clear();
        }
        let count = shard.counts.entry(prefix).or_default();
        *count = count.saturating_add(1);
        *count <= self.per_minute
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_is_stopped_for_the_rest_of_its_minute() {
        let rate = Rate::new(3);
        let admitted = (0..10).filter(|i| rate.admit(7, UnixMillis(i * 100))).count();
        assert_eq!(admitted, 3);
        assert!(rate.admit(8, UnixMillis(900)), "another prefix is free");
        assert!(rate.admit(7, UnixMillis(60_000)), "the next minute is new");
    }
}

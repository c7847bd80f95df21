//! Rate: how many reports a network prefix may send in a minute, and how many answers may be made
//! for it.
//!
//! Counts by hidden prefix, in whole minutes, and forgets the minute before last. It protects the
//! disk, not the truth: whose report counts is decided by the reporter rule.

use std::collections::HashMap;
use std::hash::BuildHasher;
use std::hash::RandomState;
use std::net::IpAddr;
use std::sync::Mutex;

use http::HeaderValue;
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
        self.count(prefix, now, 1) <= self.per_minute
    }

    /// Counts `more` of this minute and says how many there are then.
    fn count(&self, prefix: u64, now: UnixMillis, more: u32) -> u32 {
        let shard = &self.shards[(prefix % SHARDS as u64) as usize];
        let mut shard = shard.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let minute = now.minute().0;
        if shard.minute != minute || shard.counts.len() >= RATE_PREFIXES_MAX / SHARDS {
            shard.minute = minute;
            shard.counts.clear();
        }
        if more == 0 {
            return shard.counts.get(&prefix).copied().unwrap_or(0);
        }
        let count = shard.counts.entry(prefix).or_default();
        *count = count.saturating_add(more);
        *count
    }
}

/// Counts of answers that were made, by network prefix under a key of this run that is never told.
pub struct Reads {
    rate: Rate,
    key: RandomState,
    policy: HeaderValue,
}

impl Reads {
    /// Allows `per_minute` answers to be made for one prefix in one minute.
    pub fn new(per_minute: u32) -> Self {
        let policy = HeaderValue::from_str(&format!("\"reads\";q={per_minute};w=60"));
        let policy = policy.expect("digits and plain signs");
        Self { rate: Rate::new(per_minute), key: RandomState::new(), policy }
    }

    /// Takes one of this minute; how many are left then, or `None` when none was.
    pub fn take(&self, client: IpAddr, now: UnixMillis) -> Option<u32> {
        self.rate.per_minute.checked_sub(self.rate.count(self.prefix(client), now, 1))
    }

    /// How many are left of this minute.
    pub fn left(&self, client: IpAddr, now: UnixMillis) -> u32 {
        self.rate.per_minute.saturating_sub(self.rate.count(self.prefix(client), now, 0))
    }

    /// The policy, as its header says it.
    pub fn policy(&self) -> HeaderValue {
        self.policy.clone()
    }

    /// The /24 or /56 of an address, hidden.
    fn prefix(&self, client: IpAddr) -> u64 {
        match client.to_canonical() {
            IpAddr::V4(address) => self.key.hash_one(address.to_bits() >> 8),
            IpAddr::V6(address) => self.key.hash_one(address.to_bits() >> 72),
        }
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

    #[test]
    fn what_is_left_of_a_minute_is_told() {
        let reads = Reads::new(2);
        let client: IpAddr = "192.0.2.7".parse().expect("an address");
        let neighbour: IpAddr = "::ffff:192.0.2.99".parse().expect("an address");
        assert_eq!(reads.left(client, UnixMillis(0)), 2);
        assert_eq!(reads.take(client, UnixMillis(0)), Some(1));
        assert_eq!(reads.take(neighbour, UnixMillis(1)), Some(0), "one prefix");
        assert_eq!(reads.take(client, UnixMillis(2)), None);
        assert_eq!(reads.left(client, UnixMillis(3)), 0);
        assert_eq!(reads.take(client, UnixMillis(60_000)), Some(1), "the next minute is new");
    }
}

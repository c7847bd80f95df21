//! When to try again: soon at first, then ever later, for about three days.
//!
//! # References
//!
//! Standard Webhooks, "Deliverability and reliability": the schedule, and the jitter.

/// Milliseconds after which each further try is made.
const WAITS_MS: [i64; 9] = [
    5_000,
    5 * 60_000,
    30 * 60_000,
    2 * 3_600_000,
    5 * 3_600_000,
    10 * 3_600_000,
    14 * 3_600_000,
    20 * 3_600_000,
    24 * 3_600_000,
];
/// A wait is longer by up to this part, so that those who failed together do not come together.
const JITTER_PARTS: i64 = 10;
/// The longest a receiver may make us wait, in seconds.
pub const ASKED_S_MAX: i64 = 6 * 3_600;

/// Milliseconds until the next try of a message that was refused `refused` times; `asked_s` is what
/// the receiver asked for. The same message always gets the same jitter.
pub fn wait_ms(id: &str, refused: u32, asked_s: Option<i64>) -> i64 {
    let place = usize::try_from(refused.max(1) - 1).unwrap_or(usize::MAX);
    let wait = WAITS_MS[place.min(WAITS_MS.len() - 1)];
    // FNV-1a: spreads, and needs no dice.
    let hash = id.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    let most = wait / JITTER_PARTS;
    let jitter = i64::try_from(hash >> 1).unwrap_or(0) % most.max(1);
    let asked_ms = asked_s.map_or(0, |s| s.clamp(0, ASKED_S_MAX) * 1_000);
    (wait + jitter).max(asked_ms)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_and_are_spread() {
        let waits: Vec<i64> = (1..=9).map(|n| wait_ms("a:b:1", n, None)).collect();
        assert!(waits.is_sorted(), "{waits:?}");
        assert!((5_000..5_500).contains(&waits[0]), "{waits:?}");
        assert_eq!(wait_ms("a:b:1", 99, None), waits[8], "the last wait stands");
        assert_ne!(wait_ms("a:b:1", 1, None), wait_ms("a:c:1", 1, None));
        assert_eq!(wait_ms("a:b:1", 1, Some(120)), 120_000, "who asks for time gets it");
        assert_eq!(wait_ms("a:b:1", 1, Some(i64::MAX)), ASKED_S_MAX * 1_000);
    }
}

//! Trust: whose report counts.
//!
//! A hundred reports from one phone are one person. Counting them as a hundred is what makes
//! detectors cry wolf: one per cent of household and retry clusters left in costs more false alarms
//! than the choice of statistic ever saves.
//!
//! # The rule
//!
//! Within 15 minutes and one service, a reporter counts once, and a network prefix (/24, /56) with
//! `n` distinct reporters counts `1 + ⌊log2 n⌋` times: a carrier's shared address is many people,
//! but nobody can tell how many. Everything is kept; what is not counted is shown as such.
//!
//! # Keys
//!
//! A reporter is the token its installation sent, else its prefix and user agent together. Both are
//! reduced to 64 bits by HMAC-SHA256 under a random key of the day that is never written down. It
//! is dropped when the next day begins, and with it every way back.
//!
//! # What it cannot tell
//!
//! Two people behind one address with one browser are one reporter here, and one person with two
//! networks is two.

mod table;

use std::collections::VecDeque;
use std::net::IpAddr;

use hmac::Hmac;
use hmac::KeyInit;
use hmac::Mac;
use sha2::Sha256;

use crate::signal::PrefixKey;
use crate::signal::Report;
use crate::signal::ReporterKey;
use crate::time::DAY_MS;
use crate::time::MINUTE_MS;
use crate::time::UnixMillis;
use crate::trust::table::Table;

/// Window of the reporter rule.
pub const REPORTER_WINDOW_MS: i64 = 15 * MINUTE_MS;
/// Reporters of one service that are remembered within the window. Beyond it the oldest are
/// forgotten early, so that one of them might count twice.
pub const REPORTERS_PER_SERVICE_MAX: usize = 200_000;

/// The key under which addresses are hidden today.
#[derive(Debug)]
pub struct KeyRing {
    day: i64,
    /// Holds the key: what the two passes over it leave behind, made once a day.
    keyed: Hmac<Sha256>,
}

impl KeyRing {
    /// Starts with a random key for the day `at` lies in.
    pub fn new(at: UnixMillis, key: [u8; 32]) -> Self {
        let keyed = Hmac::new_from_slice(&key).expect("HMAC takes a key of any length");
        Self { day: at.0.div_euclid(DAY_MS), keyed }
    }

    /// Whether the key is of another day than `at` and must be replaced with a fresh one.
    ///
    /// Time that runs backwards keeps the key: an older day never gets its key back.
    pub fn is_stale(&self, at: UnixMillis) -> bool {
        at.0.div_euclid(DAY_MS) > self.day
    }

    /// Hides an address: the key of the reporter and the key of its prefix.
    ///
    /// A reporter is `install_token` where one was sent, else the prefix and the user agent.
    pub fn hide(
        &self,
        address: IpAddr,
        user_agent: &str,
        install_token: Option<&str>,
    ) -> (ReporterKey, PrefixKey) {
        let prefix = prefix_bytes(address);
        let reporter = match install_token {
            Some(token) => self.digest(&[b"token", token.as_bytes()]),
            None => self.digest(&[b"agent", &prefix, user_agent.as_bytes()]),
        };
        (ReporterKey(reporter), self.hide_prefix(address))
    }

    /// The key of an address's prefix alone.
    pub fn hide_prefix(&self, address: IpAddr) -> PrefixKey {
        PrefixKey(self.digest(&[b"prefix", &prefix_bytes(address)]))
    }

    fn digest(&self, parts: &[&[u8]]) -> u64 {
        let mut mac = self.keyed.clone();
        for part in parts {
            mac.update(&(part.len() as u64).to_le_bytes());
            mac.update(part);
        }
        let bytes = mac.finalize().into_bytes();
        u64::from_le_bytes(bytes[..8].try_into().expect("SHA-256 has 32 bytes"))
    }
}

/// The /24 of an IPv4 address (mapped ones too) or the /56 of an IPv6 address.
fn prefix_bytes(address: IpAddr) -> [u8; 8] {
    match address.to_canonical() {
        IpAddr::V4(v4) => {
            let [a, b, c, _] = v4.octets();
            [4, a, b, c, 0, 0, 0, 0]
        }
        IpAddr::V6(v6) => {
            let o = v6.octets();
            [6, o[0], o[1], o[2], o[3], o[4], o[5], o[6]]
        }
    }
}

/// Decides for the reports of one service, in order of time, which of them count.
#[derive(Clone, Debug, Default)]
pub struct ReporterRule {
    /// Reporters of the window in order of time; the rest is made from it.
    pub(crate) order: VecDeque<Seen>,
    seen: Table<()>,
    /// Distinct reporters in the window by prefix, and how many of them counted.
    prefixes: Table<Crowd>,
}

impl PartialEq for ReporterRule {
    fn eq(&self, other: &Self) -> bool {
        self.order == other.order
    }
}

/// One reporter of the window.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Seen {
    pub(crate) at: UnixMillis,
    pub(crate) reporter: ReporterKey,
    pub(crate) prefix: PrefixKey,
    pub(crate) counted: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Crowd {
    reporters: u32,
    counted: u32,
}

impl ReporterRule {
    /// The rule as it stood after these reporters.
    pub(crate) fn after(order: VecDeque<Seen>) -> Self {
        let mut rule = Self { order, ..Self::default() };
        for seen in &rule.order {
            rule.seen.entry(seen.reporter.0);
            let crowd = rule.prefixes.entry(seen.prefix.0);
            crowd.reporters += 1;
            crowd.counted += u32::from(seen.counted);
        }
        rule
    }

    /// Whether this report counts. Call it for every problem report, in order of time.
    pub fn admit(&mut self, at: UnixMillis, report: &Report) -> bool {
        self.forget(at);
        if self.seen.contains(report.reporter.0) {
            return false;
        }
        if self.order.len() >= REPORTERS_PER_SERVICE_MAX {
            self.forget_oldest();
        }
        let crowd = self.prefixes.entry(report.prefix.0);
        crowd.reporters += 1;
        let counted = crowd.counted < 1 + crowd.reporters.ilog2();
        crowd.counted += u32::from(counted);
        let (reporter, prefix) = (report.reporter, report.prefix);
        self.seen.entry(reporter.0);
        self.order.push_back(Seen { at, reporter, prefix, counted });
        counted
    }

    /// Whether nothing is remembered any more.
    pub fn is_empty(&self) -> bool {
        self.order.is_empty()
    }

    /// Drops what lies before the window that ends at `now`.
    pub fn forget(&mut self, now: UnixMillis) {
        let from = now.plus_ms(-REPORTER_WINDOW_MS);
        while self.order.front().is_some_and(|seen| seen.at <= from) {
            self.forget_oldest();
        }
    }

    fn forget_oldest(&mut self) {
        let Some(seen) = self.order.pop_front() else { return };
        self.seen.remove(seen.reporter.0);
        if let Some(crowd) = self.prefixes.find(seen.prefix.0) {
            crowd.reporters = crowd.reporters.saturating_sub(1);
            crowd.counted = crowd.counted.saturating_sub(u32::from(seen.counted));
            if crowd.reporters == 0 {
                self.prefixes.remove(seen.prefix.0);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(reporter: u64, prefix: u64) -> Report {
        Report { reporter: ReporterKey(reporter), prefix: PrefixKey(prefix), ..Report::default() }
    }

    /// Admits `(minute, reporter, prefix)` in order and says how many counted.
    fn counted(reports: &[(i64, u64, u64)]) -> usize {
        let mut rule = ReporterRule::default();
        let admitted = |&&(minute, r, p): &&(i64, u64, u64)| {
            rule.admit(UnixMillis(minute * MINUTE_MS), &report(r, p))
        };
        reports.iter().filter(admitted).count()
    }

    #[test]
    fn a_reporter_counts_once_in_fifteen_minutes() {
        assert_eq!(counted(&[(0, 1, 1), (1, 1, 1), (14, 1, 1)]), 1);
        assert_eq!(counted(&[(0, 1, 1), (15, 1, 1)]), 2, "the window is over");
        assert_eq!(counted(&[(0, 1, 1), (0, 2, 2)]), 2, "two people, two networks");
    }

    #[test]
    fn a_prefix_counts_with_the_logarithm_of_its_reporters() {
        for (n, want) in [(1, 1), (2, 2), (3, 2), (4, 3), (8, 4), (1_000, 10), (1_024, 11)] {
            let crowd: Vec<_> = (0..n).map(|r| (0, r, 7)).collect();
            assert_eq!(counted(&crowd), want, "{n} reporters");
        }
    }

    #[test]
    fn the_key_hides_the_address_and_keeps_the_prefix() {
        let ring = KeyRing::new(UnixMillis(0), [7; 32]);
        let ip = |text: &str| text.parse::<IpAddr>().expect("an address");
        let (a, prefix_a) = ring.hide(ip("192.0.2.1"), "browser", None);
        let (b, prefix_b) = ring.hide(ip("192.0.2.200"), "browser", None);
        assert_eq!((a, prefix_a), (b, prefix_b), "one /24 and one agent are one reporter");
        let (mapped, _) = ring.hide(ip("::ffff:192.0.2.9"), "browser", None);
        assert_eq!(mapped, a, "a mapped address is the address");
        let (other, _) = ring.hide(ip("192.0.2.1"), "another", None);
        assert_ne!(other, a);
        let (token, prefix_t) = ring.hide(ip("192.0.2.1"), "browser", Some("install-1"));
        let (moved, _) = ring.hide(ip("198.51.100.1"), "phone", Some("install-1"));
        assert_eq!(token, moved, "a token stays one reporter on the move");
        assert_eq!(prefix_t, prefix_a);
        let next = KeyRing::new(UnixMillis(0), [8; 32]);
        assert_ne!(next.hide(ip("192.0.2.1"), "browser", None).0, a, "another key, another name");
    }

    #[test]
    fn a_key_is_stale_the_next_day() {
        let ring = KeyRing::new(UnixMillis(DAY_MS), [7; 32]);
        assert!(!ring.is_stale(UnixMillis(2 * DAY_MS - 1)));
        assert!(ring.is_stale(UnixMillis(2 * DAY_MS)));
        assert!(!ring.is_stale(UnixMillis(0)));
    }
}

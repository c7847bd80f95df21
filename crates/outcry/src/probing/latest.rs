//! What was seen last of each monitor, for the operator.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;

use outcry_collector::phase::Phase;
use outcry_collector::probe::outcome::Outcome;
use outcry_collector::probe::outcome::Verdict;
use outcry_collector::schedule::Looked;
use outcry_collector::schedule::MONITORS_MAX;

/// The last look at each monitor.
#[derive(Debug, Default)]
pub struct Latest {
    seen: Mutex<BTreeMap<Arc<str>, Seen>>,
    told: AtomicU64,
    untold: AtomicU64,
    lost: AtomicU64,
}

/// What is kept of a look.
#[derive(Clone, Debug)]
pub struct Seen {
    /// Of which service.
    pub service: Arc<str>,
    /// In which way.
    pub kind: &'static str,
    /// When, in milliseconds since 1970.
    pub at_unix_ms: i64,
    /// What came out.
    pub figures: Figures,
}

/// The figures of a look, under the names of blackbox_exporter in [`super::metrics`].
#[derive(Clone, Copy, Debug)]
pub struct Figures {
    /// How it ended.
    pub verdict: Verdict,
    /// Seconds of each timed phase.
    pub phases_s: [f64; Phase::TIMED.len()],
    /// The status.
    pub status: Option<u16>,
    /// Bytes of the body.
    pub bytes: usize,
    /// Redirects.
    pub redirects: u8,
    /// When the first certificate expires.
    pub expiry_unix_s: Option<i64>,
    /// 4 or 6; 0 when nothing was dialled.
    pub ip_protocol: u8,
}

impl Figures {
    /// Of one look.
    pub fn of(outcome: &Outcome) -> Self {
        Self {
            verdict: outcome.verdict,
            phases_s: Phase::TIMED.map(|phase| outcome.phases.spent(phase).as_secs_f64()),
            status: outcome.facts.status,
            bytes: outcome.facts.body.len(),
            redirects: outcome.facts.redirects,
            expiry_unix_s: outcome.facts.earliest_expiry_unix_s(),
            ip_protocol: match outcome.address {
                None => 0,
                Some(address) if address.is_ipv4() => 4,
                Some(_) => 6,
            },
        }
    }
}

impl Latest {
    /// Keeps a look.
    pub fn note(&self, looked: &Looked) {
        let monitor = &looked.monitor;
        let mut all = self.all();
        if all.len() >= MONITORS_MAX && !all.contains_key(&monitor.id) {
            return;
        }
        let seen = Seen {
            service: monitor.service.clone(),
            kind: monitor.kind,
            at_unix_ms: looked.at_unix_ms,
            figures: Figures::of(&looked.outcome),
        };
        all.insert(monitor.id.clone(), seen);
    }

    /// All that is known, by monitor.
    pub fn all(&self) -> MutexGuard<'_, BTreeMap<Arc<str>, Seen>> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One more is in the log.
    pub fn told(&self) {
        self.told.fetch_add(1, Ordering::Relaxed);
    }

    /// One more told nothing about its target.
    pub fn untold(&self) {
        self.untold.fetch_add(1, Ordering::Relaxed);
    }

    /// One more could not be written.
    pub fn lost(&self) {
        self.lost.fetch_add(1, Ordering::Relaxed);
    }

    /// How many are in the log, told nothing, and could not be written.
    pub fn counts(&self) -> (u64, u64, u64) {
        let of = |count: &AtomicU64| count.load(Ordering::Relaxed);
        (of(&self.told), of(&self.untold), of(&self.lost))
    }
}

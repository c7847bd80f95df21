//! "My network is down": reference targets that stand as long as our own network does.
//!
//! They are looked at every [`CALM_EVERY`], and when something fails, at most every
//! [`DOUBT_EVERY`]. Only when *all* of them fail are we the ones who are cut off: then nothing that
//! fails counts. They should be named, not numbered, so that our resolver is tried too, and
//! belong to networks that have nothing to do with each other.
//!
//! # What it cannot tell
//!
//! A network that is half broken: one reference that answers is enough to believe in ourselves.

use std::sync::Arc;
use std::time::Duration;

use crate::probe::Check;
use crate::probe::Context;
use crate::probe::outcome::Verdict;

/// How often references are looked at when nothing fails.
pub const CALM_EVERY: Duration = Duration::from_secs(60);
/// How often at most when something does.
pub const DOUBT_EVERY: Duration = Duration::from_secs(5);
/// References there may be.
pub const REFERENCES_MAX: usize = 8;

/// What is known of our own network. Times are spans since one moment.
#[derive(Clone, Copy, Debug, Default)]
pub struct Network {
    looked_at: Option<Duration>,
    /// Whether all references failed when they were looked at last.
    pub is_down: bool,
}

impl Network {
    /// Whether what is known is older than `every`.
    pub fn is_stale(&self, every: Duration, now: Duration) -> bool {
        self.looked_at.is_none_or(|at| now >= at + every)
    }

    /// What the references said.
    pub fn learn(&mut self, is_down: bool, now: Duration) {
        self.looked_at = Some(now);
        self.is_down = is_down;
    }
}

/// Looks at all references at once. `true` when there are some and none answers: any answer at
/// all, even a refusal by HTTP, came over a network that works.
pub async fn is_down(references: &[Check], context: &Arc<Context>) -> bool {
    let references = &references[..references.len().min(REFERENCES_MAX)];
    let looks = references.iter().map(|check| {
        let (check, context) = (check.clone(), context.clone());
        tokio::spawn(async move { check.run(&context).await })
    });
    let looks: Vec<_> = looks.collect();
    if looks.is_empty() {
        return false;
    }
    for look in looks {
        let Ok(outcome) = look.await else { continue };
        if outcome.facts.connected || outcome.verdict != Verdict::Failed {
            return false;
        }
    }
    true
}

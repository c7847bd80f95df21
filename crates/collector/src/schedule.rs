//! The schedule of one vantage point: which monitor is looked at when, and whether what was seen
//! may count.
//!
//! # How to use it
//!
//! [`run::spawn`] starts a thread that looks. It is given [`Settings`], the shared
//! [`Context`](crate::probe::Context) and a function that takes every [`Looked`]. The
//! [`run::Scheduler`] that comes back takes [`Monitor`]s (`set`), a surge of reports (`surge`) and
//! a failure that somebody else saw (`recheck`), and says how it fares (`state`). A server, and an
//! agent at another place, use the same one; neither knows of the other here.
//!
//! A [`Looked`] is evidence only if [`Looked::is_evidence`] says so: our own loop was on time, our
//! own network stood, and the fault is the target's.
//!
//! # The idea
//!
//! [`plan::Plan`] decides without a clock, a socket or chance, so that tests run days in
//! milliseconds. Looks are spread evenly over the interval by the golden ratio, and a vantage
//! point's share shifts all of them, so that two do not look at the same second. After a start
//! everything is looked at soon, at up to [`plan::STARTS_PER_S`].
//!
//! A first failure is looked at again at once, after 5 and after 15 seconds. A surge of reports
//! brings one round of all the service's monitors, at most one a minute. Whatever the trigger, a
//! target gets at most one look in [`Settings::gap`].
//!
//! # When there is too much to do
//!
//! A planned look that comes up late by more than [`plan::SHED_AFTER`] is left out, unless the one
//! before was left out too: at twice the load that the machine bears every monitor is looked at
//! every second time. What is later than its interval is left out in any case. Looks that were
//! triggered are never left out. Everything left out is counted.
//!
//! # What it cannot tell
//!
//! Whether a service is down: that takes more than one look, and better more than one place. A
//! redirect is part of one look, so a target that redirects to itself gets two requests in it.

pub mod health;
pub mod network;
pub mod plan;
pub mod polite;
pub mod run;

use std::sync::Arc;
use std::time::Duration;

use crate::phase::About;
use crate::probe::Check;
use crate::probe::Target;
use crate::probe::outcome::Outcome;
use crate::probe::outcome::Verdict;

/// Monitors of one vantage point.
pub const MONITORS_MAX: usize = 100_000;
/// Looks that may run at the same time when nothing else is said.
pub const RUNNING_MAX: usize = 2_000;
/// Shortest time between two looks at one target when nothing else is said.
pub const GAP: Duration = Duration::from_secs(1);
/// Shortest interval of a monitor.
pub const INTERVAL_MIN: Duration = Duration::from_secs(5);
/// Longest interval of a monitor: a day.
pub const INTERVAL_MAX: Duration = Duration::from_secs(86_400);

/// Something that is looked at again and again.
#[derive(Clone, Debug)]
pub struct Monitor {
    /// Its name, the same over restarts: `x/web/https://x.com/`.
    pub id: Arc<str>,
    /// Slug of the service it is about.
    pub service: Arc<str>,
    /// The component of the service, where it is known.
    pub component: Option<Arc<str>>,
    /// Its kind, as signals name it: `http`, `tls`, `dns`, …
    pub kind: &'static str,
    /// What is looked at, and what has to hold.
    pub check: Check,
    /// Time between two planned looks.
    pub interval: Duration,
}

impl Monitor {
    /// The key it waits for, where it is heard and not looked at.
    pub fn key(&self) -> Option<&str> {
        match &self.check.target {
            Target::Heartbeat(target) => Some(&target.key),
            _ => None,
        }
    }
}

/// Why a look happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cause {
    /// Its time has come.
    Planned,
    /// It has just failed, here or elsewhere; the first, second or third look after that.
    Recheck(u8),
    /// People report that the service fails.
    Surge,
}

/// One look that is to be taken now.
#[derive(Clone, Debug)]
pub struct Round {
    /// At what.
    pub monitor: Arc<Monitor>,
    /// Why.
    pub cause: Cause,
    /// How much later than it was due.
    pub late: Duration,
    /// Which look it is, for [`plan::Plan::ended`].
    pub ticket: plan::Ticket,
}

/// Whether this vantage point was fit to judge while it looked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It was.
    Sound,
    /// Its own loop was late: what looks like a slow target may be a slow observer.
    Late,
    /// Its own network is down: none of its reference targets answers.
    Offline,
}

/// One look that was taken.
#[derive(Clone, Debug)]
pub struct Looked {
    /// At what.
    pub monitor: Arc<Monitor>,
    /// Why.
    pub cause: Cause,
    /// When it began, in milliseconds since 1970.
    pub at_unix_ms: i64,
    /// How much later than it was due it began.
    pub late: Duration,
    /// Whether we were fit to judge.
    pub standing: Standing,
    /// What was seen.
    pub outcome: Outcome,
}

impl Looked {
    /// Whether it says something about the target. What went well does in any case: no failure of
    /// ours makes a page appear that is not there.
    pub fn is_evidence(&self) -> bool {
        match &self.outcome.fault {
            None => self.outcome.verdict == Verdict::Ok,
            Some(fault) => self.standing == Standing::Sound && fault.about == About::Target,
        }
    }
}

/// How a vantage point looks.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Looks that may run at the same time.
    pub running_max: usize,
    /// Shortest time between two looks at one target.
    pub gap: Duration,
    /// Where in the interval this vantage point begins, 0 to 1: several do not look at once.
    pub share: f64,
    /// Targets that stand as long as our own network does; none means that it is believed to stand.
    pub references: Vec<Check>,
}

impl Default for Settings {
    fn default() -> Self {
        Self { running_max: RUNNING_MAX, gap: GAP, share: 0.0, references: Vec::new() }
    }
}

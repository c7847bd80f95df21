//! Snapshots: what is known about a service at one moment, ready to be shown.
//!
//! The engine hands these out on change; pages and the API are made from them and from nothing
//! else, so that no viewer costs a query.

use crate::claim::ClaimRecord;
use crate::detect::failure::Agreement;
use crate::detect::failure::Stance;
use crate::incident::Incident;
use crate::incident::PlaceCount;
use crate::incident::Share;
use crate::series::MinuteRow;
use crate::time::UnixMillis;
use crate::units::Place;
use crate::units::Text;

/// Minutes of series a snapshot holds: the last 24 hours.
pub const SNAPSHOT_MINUTES: usize = 1440;
/// Past incidents of a service that a snapshot lists, newest first.
pub const SNAPSHOT_INCIDENTS_MAX: usize = 10;

/// Weeks a service must have been watched before anything can be called usual: a day.
pub const USUAL_WEEKS_MIN: f64 = 1.0 / 7.0;

/// One service at one moment.
#[derive(Clone, Debug, PartialEq)]
pub struct ServiceSnapshot {
    /// Slug of the service.
    pub service: Text,
    /// Nothing later than this is in it.
    pub as_of: UnixMillis,
    /// The last 24 hours or less, one row a minute, the current minute last; none before the watch
    /// began.
    pub minutes: Vec<MinuteRow>,
    /// Problem reports of the last hour by component, most first, beside the usual shares.
    pub components: Vec<Share>,
    /// Problem reports of the last hour by kind, most first, beside the usual shares.
    pub problems: Vec<Share>,
    /// Problem reports of the last hour by country, places under 10 reports merged.
    pub places: Vec<PlaceCount>,
    /// "Works for me" in the last 15 minutes.
    pub works_15min: u64,
    /// Problem reports received in the last five minutes.
    pub received_5min: u64,
    /// Of those, how many count.
    pub counted_5min: u64,
    /// Problem reports usual in five minutes at this hour of the week.
    pub usual_5min: f64,
    /// Counted reports of the last 15 minutes.
    pub counted_15min: u64,
    /// Reports usual in 15 minutes at this hour of the week.
    pub usual_15min: f64,
    /// Whole weeks the usual level was learnt from; under 2 it is a guess from the category.
    pub weeks_learnt: f64,
    /// The open incident, or the last one that closed within 24 hours.
    pub incident: Option<Incident>,
    /// Earlier incidents, newest first.
    pub earlier: Vec<Incident>,
    /// Claims about the incident, in order of time.
    pub claims: Vec<ClaimRecord>,
    /// What probes say; `None` when nothing was probed.
    pub probes: Option<ProbesNow>,
    /// True when any of this was made by a generator.
    pub reconstruction: bool,
}

/// What probes say about a service at one moment.
#[derive(Clone, Debug, PartialEq)]
pub struct ProbesNow {
    /// What vantage points say together about the gravest of the checks.
    pub agreement: Agreement,
    /// Independent places from which that check fails.
    pub failing: u32,
    /// Independent places that could judge it.
    pub asked: u32,
    /// What is tried in that check.
    pub kind: Text,
    /// The phase in which it fails from most places.
    pub phase: Option<Text>,
    /// What most of them see.
    pub detail: Option<Text>,
    /// Most failures are answers that say they are fine.
    pub soft: bool,
    /// When any vantage point looked last.
    pub newest: Option<UnixMillis>,
    /// Length of a cell, in milliseconds.
    pub cell_ms: i64,
    /// Each vantage point, by name.
    pub vantages: Vec<VantageNow>,
}

/// One vantage point, over all services it looks at.
#[derive(Clone, Debug, PartialEq)]
pub struct VantagePoint {
    /// Its name.
    pub name: Text,
    /// Where it stands.
    pub place: Place,
    /// When it looked last, at whatever.
    pub at: UnixMillis,
    /// Services it has looked at.
    pub services: u32,
}

/// What one vantage point saw in the last 24 hours.
#[derive(Clone, Debug, PartialEq)]
pub struct VantageNow {
    /// Its name.
    pub name: Text,
    /// Where it stands.
    pub place: Place,
    /// The gravest thing it says now; `None` when it has not looked of late.
    pub stance: Option<Stance>,
    /// When it looked last.
    pub at: UnixMillis,
    /// The phase in which it fails.
    pub phase: Option<Text>,
    /// What it sees.
    pub detail: Option<Text>,
    /// Its rounds by time, the oldest first.
    pub cells: Vec<ProbeCell>,
}

/// Rounds of one vantage point in one stretch of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProbeCell {
    /// Its first moment.
    pub start: UnixMillis,
    /// Rounds that judged; 0 when it is not known how it was.
    pub asked: u32,
    /// Of those, how many failed.
    pub failed: u32,
}

impl ServiceSnapshot {
    /// Whether the service was watched for long enough to say what is usual. Until then the level
    /// that detection uses is a guess that follows the reports, and it is not to be shown.
    pub fn knows_usual(&self) -> bool {
        self.weeks_learnt >= USUAL_WEEKS_MIN
    }

    /// Whether a surge or an outage is open now.
    pub fn in_trouble(&self) -> bool {
        self.incident.as_ref().is_some_and(Incident::is_open)
    }

    /// Counted reports of the last 15 minutes as a multiple of the usual, of one at least.
    pub fn times_usual(&self) -> f64 {
        self.counted_15min as f64 / self.usual_15min.max(1.0)
    }
}

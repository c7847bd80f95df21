//! Snapshots: what is known about a service at one moment, ready to be shown.
//!
//! The engine hands these out on change; pages and the API are made from them and from nothing
//! else, so that no viewer costs a query.

use crate::claim::ClaimRecord;
use crate::incident::Incident;
use crate::incident::PlaceCount;
use crate::incident::Share;
use crate::series::MinuteRow;
use crate::time::UnixMillis;
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
    /// True when any of this was made by a generator.
    pub reconstruction: bool,
}

impl ServiceSnapshot {
    /// Whether the service was watched for long enough to say what is usual. Until then the level
    /// that detection uses is a guess that follows the reports, and it is not to be shown.
    pub fn knows_usual(&self) -> bool {
        self.weeks_learnt >= USUAL_WEEKS_MIN
    }

    /// Whether a surge is open now.
    pub fn in_trouble(&self) -> bool {
        self.incident.as_ref().is_some_and(Incident::is_open)
    }

    /// Counted reports of the last 15 minutes as a multiple of the usual, of one at least.
    pub fn times_usual(&self) -> f64 {
        self.counted_15min as f64 / self.usual_15min.max(1.0)
    }
}

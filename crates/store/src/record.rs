//! Records: what goes into a store and what comes out of it, whichever database is behind.
//!
//! A [`Batch`] is everything that followed from one stretch of the log. It is stored whole or not
//! at all, with the place in the log where the next one begins.

use outcry_core::evidence::CaseFile;
use outcry_core::incident::Incident;
use outcry_core::incident::IncidentId;
use outcry_core::series::Counts;
use outcry_core::series::Deltas;
use outcry_core::signal::Signal;
use outcry_core::time::UnixMillis;
use outcry_core::time::UnixMinute;
use outcry_core::units::Country;
use outcry_core::units::Text;

use crate::CHECKPOINT_BYTES_MAX;
use crate::StoreError;
use crate::alerts::Alerts;
use crate::import::Import;

/// Largest log sequence number: databases have signed integers.
const SEQ_MAX: u64 = i64::MAX.unsigned_abs();
pub(crate) const MINUTES_PER_HOUR: i64 = 60;
pub(crate) const HOURS_PER_DAY: i64 = 24;
pub(crate) const MINUTES_PER_DAY: i64 = HOURS_PER_DAY * MINUTES_PER_HOUR;

/// What followed from the log records `from_seq..to_seq`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Batch {
    /// The first log record it is about: the offset the store must stand at.
    pub from_seq: u64,
    /// The first log record it is not about any more: the offset the store stands at afterwards.
    /// Equal to `from_seq` when only time passed; then there are no deltas.
    pub to_seq: u64,
    /// Counts to be added.
    pub deltas: Deltas,
    /// Where those of the counts came from that were imported.
    pub imports: Vec<Import>,
    /// Incidents that changed. One with a revision no newer than the stored one is ignored.
    pub incidents: Vec<Incident>,
    /// Case files, each named by its incident and that incident's revision. One that is there
    /// already is kept as it is.
    pub cases: Vec<CaseFile>,
    /// Comments that came in; they are held until somebody decides. Known ids are ignored.
    pub comments: Vec<NewComment>,
    /// Claims that were proposed; they are held until somebody decides. Known ids are ignored.
    pub proposals: Vec<Signal>,
    /// What was decided about proposed claims, these or earlier ones, in order. The first decision
    /// about each holds; those about none that is there are ignored.
    pub decided: Vec<(u128, ProposalState)>,
    /// What is to be told. Messages whose id is known are ignored.
    pub alerts: Alerts,
    /// The saved engine as it stood before record `to_seq`, or `None` when it was not saved.
    pub checkpoint: Option<Vec<u8>>,
}

impl Batch {
    /// Refuses a batch that contradicts itself or is too large: every store asks this first.
    pub fn check(&self) -> Result<(), StoreError> {
        let refuse = |what| Err(StoreError::BadBatch { what });
        if self.to_seq < self.from_seq {
            return refuse("it ends before it begins: swap from_seq and to_seq");
        }
        if self.to_seq > SEQ_MAX {
            return refuse("a sequence number is below 2^63: count from 0");
        }
        if self.to_seq == self.from_seq && !self.deltas.is_empty() {
            // The offset could not fence it: applied twice, it would count twice.
            return refuse("it has counts of no record: move to_seq past the records they are of");
        }
        if self.checkpoint.as_ref().is_some_and(|saved| saved.len() > CHECKPOINT_BYTES_MAX) {
            return refuse("a checkpoint has at most 256 MiB: leave it out, or save less");
        }
        Ok(())
    }

    /// Whether it moves nothing and holds nothing.
    pub fn is_empty(&self) -> bool {
        let (from_seq, to_seq) = (self.from_seq, self.from_seq);
        *self == Self { from_seq, to_seq, ..Self::default() }
    }

    /// Takes out everything of the time before `before`, which was carried over from elsewhere.
    pub fn leave_out_before(&mut self, before: UnixMinute) {
        let moment = before.start();
        self.deltas.cells.retain(|cell, _| cell.minute >= before);
        self.imports.retain(|import| import.from >= before);
        self.comments.retain(|comment| comment.at >= moment);
        self.proposals.retain(|signal| signal.at >= moment);
        self.incidents.retain(|incident| incident.opened_at >= moment);
        self.cases.retain(|case| case.incident.opened_at >= moment);
    }
}

/// A comment that came with a report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewComment {
    /// Its name for ever; the same comment read twice from the log has the same one.
    pub id: u128,
    /// When it came in.
    pub at: UnixMillis,
    /// Slug of the service.
    pub service: Text,
    /// Where it came from, or `None` when the place is not known.
    pub country: Option<Country>,
    /// The component it is about, if any was named.
    pub component: Option<Text>,
    /// The kind of problem, if any was named.
    pub problem: Option<Text>,
    /// What was written.
    pub text: Text,
}

/// Whether a comment may be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CommentState {
    /// Nobody decided yet: not shown.
    Held,
    /// May be shown.
    Approved,
    /// Not shown.
    Rejected,
}

impl CommentState {
    /// Every state, in the order they are listed.
    pub const ALL: [Self; 3] = [Self::Held, Self::Approved, Self::Rejected];

    /// Stable name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Approved => "approved",
            Self::Rejected => "rejected",
        }
    }
}

/// A comment as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comment {
    /// Its name for ever.
    pub id: u128,
    /// When it came in.
    pub at: UnixMillis,
    /// Slug of the service.
    pub service: Text,
    /// Where it came from, or `None` when the place is not known.
    pub country: Option<Country>,
    /// The component it is about, if any was named.
    pub component: Option<Text>,
    /// The kind of problem, if any was named.
    pub problem: Option<Text>,
    /// What was written.
    pub text: Text,
    /// Whether it may be shown.
    pub state: CommentState,
}

/// What was decided about a proposed claim. A decision is final: what was accepted stands as a
/// claim of its own, which is not taken out again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ProposalState {
    /// Nobody decided yet.
    Held,
    /// Somebody made a claim of it.
    Accepted,
    /// Nobody will.
    Rejected,
}

impl ProposalState {
    /// Every state, in the order they are listed.
    pub const ALL: [Self; 3] = [Self::Held, Self::Accepted, Self::Rejected];

    /// Stable name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Accepted => "accepted",
            Self::Rejected => "rejected",
        }
    }
}

/// A claim that somebody proposed, as it is stored. Its name for ever is the id of its signal.
#[derive(Clone, Debug, PartialEq)]
pub struct Proposal {
    /// What was sent in.
    pub signal: Signal,
    /// What was decided about it.
    pub state: ProposalState,
}

/// Which incidents are asked for by their state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Openness {
    /// Open and closed ones.
    #[default]
    Any,
    /// Only those with a surge open now.
    Open,
}

/// Which incidents are asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IncidentFilter {
    /// Only those of this service.
    pub service: Option<Text>,
    /// Only those in this state.
    pub openness: Openness,
    /// Only those after this one in a newest-first list: the opening and id of the last one seen.
    pub before: Option<(UnixMillis, IncidentId)>,
}

/// Sums over everything a store holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Problem reports that came in.
    pub received: u64,
    /// Problem reports that were counted.
    pub counted: u64,
    /// "Works for me" reports that came in.
    pub works: u64,
    /// Comments, in whatever state.
    pub comments: u64,
    /// Proposed claims, in whatever state.
    pub proposals: u64,
}

/// Reports of one hour or day of one series.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sums {
    /// Reports that came in.
    pub received: u64,
    /// Reports that count.
    pub counted: u64,
}

impl Sums {
    /// Adds other sums; saturates.
    pub fn add(&mut self, other: Self) {
        self.received = self.received.saturating_add(other.received);
        self.counted = self.counted.saturating_add(other.counted);
    }

    /// As the counts of one minute; saturates.
    pub fn counts(self) -> Counts {
        let clamp = |sum| u32::try_from(sum).unwrap_or(u32::MAX);
        Counts { received: clamp(self.received), counted: clamp(self.counted) }
    }
}

impl From<Counts> for Sums {
    fn from(counts: Counts) -> Self {
        Self { received: counts.received.into(), counted: counts.counted.into() }
    }
}

/// How long counts are kept in full, in whole UTC days after the day they are of ended.
///
/// Counts by day are kept for ever. Minutes are never removed before they are folded, nor hours
/// before minutes: a smaller number counts as the one above it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// Days that pass before the minutes of a day are folded: packed.
    pub fold_after_days: u32,
    /// Days that pass before the minutes of a day are removed.
    pub minutes_days: u32,
    /// Days that pass before the hours of a day are removed.
    pub hours_days: u32,
}

impl Default for Retention {
    fn default() -> Self {
        Self { fold_after_days: 2, minutes_days: 400, hours_days: 1_100 }
    }
}

impl Retention {
    /// Which days are folded and removed at `now`.
    pub(crate) fn edges(&self, now: UnixMinute) -> Edges {
        let today = now.0.div_euclid(MINUTES_PER_DAY);
        let minutes_days = self.minutes_days.max(self.fold_after_days);
        let hours_days = self.hours_days.max(minutes_days);
        let before = |days: u32| today.saturating_sub(days.into());
        Edges {
            fold: before(self.fold_after_days),
            minutes: before(minutes_days),
            hours: before(hours_days),
        }
    }
}

/// Days since 1970, UTC, before which something is done with them: `hours <= minutes <= fold`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Edges {
    /// Earlier days are folded.
    pub(crate) fold: i64,
    /// Earlier days have no minutes.
    pub(crate) minutes: i64,
    /// Earlier days have no hours.
    pub(crate) hours: i64,
}

impl Edges {
    /// What is kept of a day that is folded now.
    pub(crate) fn kept(&self, day: i64) -> Kept {
        match day {
            _ if day >= self.minutes => Kept::Minutes,
            _ if day >= self.hours => Kept::Hours,
            _ => Kept::Days,
        }
    }
}

/// What is kept of a folded day, the most last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kept {
    /// Its sum.
    Days,
    /// Its hours too.
    Hours,
    /// Its minutes too.
    Minutes,
}

impl Kept {
    /// All of them, the least first.
    pub(crate) const ALL: [Self; 3] = [Self::Days, Self::Hours, Self::Minutes];
}

/// What one call of [`crate::Store::tend`] did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tended {
    /// Counts of single minutes that were folded.
    pub folded_cells: u64,
    /// Days of one series of which minutes or hours were removed since they were old.
    pub removed_rows: u64,
    /// Whether there is more to do: call again.
    pub more: bool,
}

#[cfg(test)]
mod tests {
    use outcry_core::series::Cell;
    use outcry_core::series::Dimension;

    use super::*;

    #[test]
    fn a_batch_that_contradicts_itself_is_refused() {
        let span = |from_seq, to_seq| Batch { from_seq, to_seq, ..Batch::default() };
        let mut counts_of_nothing = span(7, 7);
        let cell = Cell { service: "x".into(), minute: UnixMinute(0), dimension: Dimension::All };
        counts_of_nothing.deltas.add(cell, Counts { received: 1, counted: 1 });
        let huge = Some(vec![0; CHECKPOINT_BYTES_MAX + 1]);
        let too_large = Batch { checkpoint: huge, ..Batch::default() };
        for bad in [span(2, 1), span(0, u64::MAX), counts_of_nothing, too_large] {
            assert!(matches!(bad.check(), Err(StoreError::BadBatch { .. })), "{}", bad.to_seq);
        }
        for good in [span(0, 0), span(0, 1), span(SEQ_MAX, SEQ_MAX)] {
            assert!(good.check().is_ok(), "{good:?}");
        }
    }

    #[test]
    fn a_batch_is_empty_when_it_holds_nothing_and_moves_nothing() {
        let still = Batch { from_seq: 7, to_seq: 7, ..Batch::default() };
        assert!(still.is_empty());
        assert!(!Batch { to_seq: 8, ..still.clone() }.is_empty());
        assert!(!Batch { decided: vec![(1, ProposalState::Held)], ..still.clone() }.is_empty());
        assert!(!Batch { checkpoint: Some(Vec::new()), ..still }.is_empty());
    }

    #[test]
    fn a_day_is_folded_once_it_ended_that_many_whole_days_ago() {
        let keep = Retention { fold_after_days: 2, minutes_days: 10, hours_days: 20 };
        // Day 7 ends when day 8 begins; two days later day 10 begins.
        let edge = |minute| keep.edges(UnixMinute(minute)).fold;
        assert_eq!(edge(10 * MINUTES_PER_DAY - 1), 7, "day 7 is not folded yet");
        assert_eq!(edge(10 * MINUTES_PER_DAY), 8, "day 7 is folded");
        assert_eq!(edge(-1), -3);
    }

    #[test]
    fn hours_are_kept_as_long_as_minutes_and_minutes_until_they_are_folded() {
        let backwards = Retention { fold_after_days: 9, minutes_days: 3, hours_days: 1 };
        let edges = backwards.edges(UnixMinute(100 * MINUTES_PER_DAY));
        assert_eq!(edges, Edges { fold: 91, minutes: 91, hours: 91 });
        let extreme = backwards.edges(UnixMinute(i64::MIN));
        assert_eq!(extreme.kept(i64::MAX), Kept::Minutes);
        let keep = Retention { fold_after_days: 1, minutes_days: 3, hours_days: 5 };
        let edges = keep.edges(UnixMinute(10 * MINUTES_PER_DAY));
        let kept = [7, 6, 5, 4].map(|day| edges.kept(day));
        assert_eq!(kept, [Kept::Minutes, Kept::Hours, Kept::Hours, Kept::Days]);
    }
}

//! Records: what goes into a store and what comes out of it, whichever database is behind.
//!
//! A [`Batch`] is everything that followed from one stretch of the log. It is stored whole or not
//! at all, with the place in the log where the next one begins.

use outcry_core::evidence::CaseFile;
use outcry_core::incident::Incident;
use outcry_core::incident::IncidentId;
use outcry_core::series::Deltas;
use outcry_core::time::UnixMillis;
use outcry_core::units::Country;
use outcry_core::units::Text;

use crate::CHECKPOINT_BYTES_MAX;
use crate::StoreError;

/// Largest log sequence number: databases have signed integers.
const SEQ_MAX: u64 = i64::MAX.unsigned_abs();

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
    /// Incidents that changed. One with a revision no newer than the stored one is ignored.
    pub incidents: Vec<Incident>,
    /// Case files, each named by its incident and that incident's revision. One that is there
    /// already is kept as it is.
    pub cases: Vec<CaseFile>,
    /// Comments that came in; they are held until somebody decides. Known ids are ignored.
    pub comments: Vec<NewComment>,
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
}

#[cfg(test)]
mod tests {
    use outcry_core::series::Cell;
    use outcry_core::series::Counts;
    use outcry_core::series::Dimension;
    use outcry_core::time::UnixMinute;

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
}

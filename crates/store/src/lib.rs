//! Keeping: the segment log, which is the truth, and the stores that are built from it.
//!
//! A [`Store`] holds what followed from the log up to an offset. It may be behind the log at any
//! time, after a power cut or on a new machine, and catches up by reading on from
//! [`Store::offset`]. The offset moves in the same transaction as the sums it stands for, so that
//! no report is lost and none is counted twice.
//!
//! # What it cannot tell
//!
//! Whether the batch it is given is right: it stores sums, it does not make them.

pub mod alerts;
pub mod conformance;
pub mod import;
pub mod log;
pub mod record;
pub mod sqlite;

use outcry_core::evidence::CaseFile;
use outcry_core::incident::Incident;
use outcry_core::series::Counts;
use outcry_core::series::Dimension;
use outcry_core::series::PastHour;
use outcry_core::time::UnixMillis;
use outcry_core::time::UnixMinute;
use outcry_core::units::Text;

use crate::record::Batch;
use crate::record::Comment;
use crate::record::CommentState;
use crate::record::IncidentFilter;
use crate::record::Proposal;
use crate::record::ProposalState;
use crate::record::Retention;
use crate::record::Sums;
use crate::record::Tended;
use crate::record::Totals;

/// Checkpoints that are kept: the newest, and the one before should the newest be damaged.
pub const CHECKPOINTS_KEPT: u32 = 2;
/// Largest checkpoint in bytes, before compression.
pub const CHECKPOINT_BYTES_MAX: usize = 256 << 20;

/// What every database behind Outcry can do. `conformance` is the suite each one passes.
pub trait Store: Send {
    /// The first log sequence number whose effects are not in here yet.
    fn offset(&self) -> Result<u64, StoreError>;

    /// Stores a batch, all of it or nothing, and moves the offset from `from_seq` to `to_seq`.
    ///
    /// A batch that does not begin at the offset is refused with [`StoreError::OffsetMoved`], so
    /// that none is ever added twice.
    fn apply(&mut self, batch: &Batch) -> Result<(), StoreError>;

    /// Does one short piece of the work that time brings: folds days that are over, then removes
    /// what is older than it is kept. Call it again, with pauses, while it says there is more.
    ///
    /// Folding changes no answer. Removal takes minutes and hours away, never days. `now` is the
    /// minute it is, of the clock or of the log.
    fn tend(&mut self, now: UnixMinute, keep: &Retention) -> Result<Tended, StoreError>;

    /// The newest saved engine that is undamaged, with the `to_seq` of its batch.
    fn checkpoint(&self) -> Result<Option<(u64, Vec<u8>)>, StoreError>;

    /// The first `limit` counts of one series with `from <= minute < until`, in order of time.
    /// Minutes without reports are left out.
    fn series_range(
        &self,
        service: &str,
        dimension: &Dimension,
        from: UnixMinute,
        until: UnixMinute,
        limit: u32,
    ) -> Result<Vec<(UnixMinute, Counts)>, StoreError>;

    /// The first `limit` hours of one series with `from_hour <= hour < until_hour` since 1970, in
    /// order of time. Hours without reports are left out.
    fn series_hours(
        &self,
        service: &str,
        dimension: &Dimension,
        from_hour: i64,
        until_hour: i64,
        limit: u32,
    ) -> Result<Vec<(i64, Sums)>, StoreError>;

    /// The first `limit` UTC days of one series with `from_day <= day < until_day` since 1970, in
    /// order of time. Days without reports are left out.
    fn series_days(
        &self,
        service: &str,
        dimension: &Dimension,
        from_day: i64,
        until_day: i64,
        limit: u32,
    ) -> Result<Vec<(i64, Sums)>, StoreError>;

    /// Every count of one service with `from <= minute < until`, in order of minute, then
    /// dimension. As long as the span: ask for a day or so at a time.
    fn cells(
        &self,
        service: &str,
        from: UnixMinute,
        until: UnixMinute,
    ) -> Result<Vec<(UnixMinute, Dimension, Counts)>, StoreError>;

    /// Every service that was ever counted for, in order of name.
    fn services(&self) -> Result<Vec<Text>, StoreError>;

    /// Sums of the hours `from_hour <= hour < until_hour` since 1970, to rebuild a baseline.
    ///
    /// The first `limit` of them in order of hour, then service; hours in which a service had no
    /// problem report are left out. Names in an hour are in order, without those that count 0.
    fn hour_totals(
        &self,
        from_hour: i64,
        until_hour: i64,
        limit: u32,
    ) -> Result<Vec<PastHour>, StoreError>;

    /// The incident of that id as it stands.
    fn incident(&self, id: &str) -> Result<Option<Incident>, StoreError>;

    /// Up to `limit` incidents, the last opened first; of two opened at once, the greater id.
    fn incidents(&self, filter: &IncidentFilter, limit: u32) -> Result<Vec<Incident>, StoreError>;

    /// The case file of an incident at a revision, or the latest when `revision` is `None`.
    fn case_file(
        &self,
        incident: &str,
        revision: Option<u32>,
    ) -> Result<Option<CaseFile>, StoreError>;

    /// Up to `limit` case files of an incident, latest revision first: revision and `as_of`.
    fn case_revisions(
        &self,
        incident: &str,
        limit: u32,
    ) -> Result<Vec<(u32, UnixMillis)>, StoreError>;

    /// Up to `limit` comments in a state, newest first; of two at once, the greater id.
    fn comments(
        &self,
        state: CommentState,
        service: Option<&str>,
        limit: u32,
    ) -> Result<Vec<Comment>, StoreError>;

    /// Decides on a comment; a decision can be taken back.
    fn decide_comment(&mut self, id: u128, state: CommentState) -> Result<(), StoreError>;

    /// Up to `limit` proposed claims in a state, newest first; of two at once, the greater id.
    fn proposals(&self, state: ProposalState, limit: u32) -> Result<Vec<Proposal>, StoreError>;

    /// The proposed claim whose signal has that id.
    fn proposal(&self, id: u128) -> Result<Option<Proposal>, StoreError>;

    /// Sums over everything, by reading all of it: for tests and `admin`.
    fn counts(&self) -> Result<Totals, StoreError>;
}

/// Why a store could not do what was asked. After any of them it holds what it held before.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Another process held the database for too long.
    #[error("the database is busy: another process is writing to it; try again")]
    Busy,
    /// The batch does not begin where the store stands.
    #[error("the batch begins at {expected}, but the store stands at {found}: read its offset")]
    OffsetMoved {
        /// Where the batch begins.
        expected: u64,
        /// Where the store stands.
        found: u64,
    },
    /// No comment has that id.
    #[error("no comment has that id; list them to see the ids there are")]
    CommentNotFound,
    /// The batch contradicts itself.
    #[error("the batch cannot be stored: {what}")]
    BadBatch {
        /// What is wrong with it, and what it should be instead.
        what: &'static str,
    },
    /// The database was written by a later version of this program.
    #[error("the database has form {found}, this program knows {known}: use a newer program")]
    Newer {
        /// The form of the database.
        found: i64,
        /// The latest form this program knows.
        known: i64,
    },
    /// The database was written by an earlier version and can only be read after a step.
    #[error("the database has form {found}, not yet {known}: start the server on it once")]
    Older {
        /// The form of the database.
        found: i64,
        /// The form this program reads.
        known: i64,
    },
    /// The file is some other program's database.
    #[error("the file is not a database of Outcry: name another file")]
    Foreign,
    /// What was read is not what was written.
    #[error("the database is damaged: {what}; move it away and let it be rebuilt from the log")]
    Corrupt {
        /// What could not be read.
        what: String,
    },
    /// The disk, or the size the database may have, is full.
    #[error("no space is left for the database: free some and try again")]
    Full,
    /// The database file could not be made or protected.
    #[error("could not {operation} the database file")]
    File {
        /// What was tried.
        operation: &'static str,
        /// What the system said.
        source: std::io::Error,
    },
    /// SQLite refused.
    #[error("SQLite could not {operation}")]
    Sqlite {
        /// What was tried.
        operation: &'static str,
        /// What SQLite said.
        source: rusqlite::Error,
    },
}

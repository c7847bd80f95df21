//! SQLite: the store behind one server, in one file, with nothing to set up.
//!
//! The log is the truth and SQLite follows it. That is why it runs with `synchronous=NORMAL`: a
//! power cut may take the last transactions back, whole ones, and the offset goes back with them,
//! so they are applied again from the log. Waiting for the disk at each of them would buy nothing.
//!
//! One connection writes; any number of readers, in this process or others, see the last
//! committed batch and never wait for the writer (WAL).
//!
//! Days that are over are folded into few bytes by [`Store::tend`], and lose their minutes and then
//! their hours as they grow old; every read adds up what is folded and what is not.
//!
//! # What it cannot tell
//!
//! Decisions on comments are not in the log. One that was made just before a power cut may be
//! taken back by it.
//!
//! # References
//!
//! SQLite, <https://www.sqlite.org/wal.html>, <https://www.sqlite.org/pragma.html>.

mod blob;
mod carry;
mod check;
mod checkpoint;
mod comments;
mod copy;
mod days;
mod fault;
mod imported;
mod key;
mod merge;
mod moved;
mod names;
mod open;
pub mod outbox;
mod past;
mod proposals;
mod series;
mod stories;
mod tend;
mod view;

use std::path::Path;

use outcry_core::evidence::CaseFile;
use outcry_core::incident::Incident;
use outcry_core::series::Counts;
use outcry_core::series::Dimension;
use outcry_core::series::PastHour;
use outcry_core::time::UnixMillis;
use outcry_core::time::UnixMinute;
use outcry_core::units::Text;
use rusqlite::Connection;
use rusqlite::TransactionBehavior;

use crate::Store;
use crate::StoreError;
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
use crate::sqlite::checkpoint::Packed;
use crate::sqlite::fault::execute;
use crate::sqlite::fault::refused;
use crate::sqlite::names::Names;
use crate::sqlite::series::Span;
use crate::sqlite::tend::Sweep;

/// Faults that [`SqliteStore::integrity`] and [`SqliteStore::quick_check`] list at most.
pub const FAULTS_MAX: u32 = 100;

/// A connection to a database file.
#[derive(Debug)]
pub struct SqliteStore {
    connection: Connection,
    names: Names,
    sweep: Sweep,
}

impl SqliteStore {
    /// Opens a database to write and read it; makes the file (mode 0600) when there is none.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        Ok(Self::on(open::writer(path)?))
    }

    /// Opens a database that is there to read it; writing to it fails.
    pub fn open_reader(path: &Path) -> Result<Self, StoreError> {
        Ok(Self::on(open::reader(path)?))
    }

    fn on(connection: Connection) -> Self {
        Self { connection, names: Names::default(), sweep: Sweep::default() }
    }

    /// Reads the whole database and lists what is wrong with it, at most [`FAULTS_MAX`] faults;
    /// nothing when it is sound. Unpacks every past day too.
    pub fn integrity(&self) -> Result<Vec<String>, StoreError> {
        let mut faults = check::pages(&self.connection, "integrity_check")?;
        if faults.is_empty() {
            check::folded(&self.connection, &mut faults)?;
        }
        Ok(faults)
    }

    /// Lists what is wrong with the pages of the file, as [`SqliteStore::integrity`] does, but
    /// compares no indexes with tables and looks into no day: several times faster.
    pub fn quick_check(&self) -> Result<Vec<String>, StoreError> {
        check::pages(&self.connection, "quick_check")
    }

    /// Runs several reads on the database as it stands at one moment, whatever is written by
    /// others in between. The WAL grows while it runs.
    pub fn snapshot<T>(
        &self,
        reads: impl FnOnce(&Self) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        view::at_once(&self.connection, |connection| {
            // A transaction has its snapshot from its first read on.
            read_offset(connection)?;
            reads(self)
        })
    }

    /// Copies the database, as it stands at one moment, into a new file (mode 0600), while others
    /// read and write; returns the offset of the copy.
    pub fn snapshot_to(&self, path: &Path) -> Result<u64, StoreError> {
        copy::copy(&self.connection, path)
    }

    /// Fills a freshly made database with what the one at `old` has of the time before `before`:
    /// counts, incidents opened with their case files, and comments with their state.
    ///
    /// Of a day of which the minutes were removed, whole hours that ended are carried, or the
    /// whole day if that ended. The offset stays 0: see [`SqliteStore::set_offset`].
    pub fn carry_from(&mut self, old: &Path, before: UnixMinute) -> Result<(), StoreError> {
        self.names = Names::default();
        self.sweep = Sweep::default();
        carry::carry(&mut self.connection, old, before)
    }

    /// Moves the offset of a database that stands at 0: to the first log record that is not in
    /// what was carried over.
    pub fn set_offset(&mut self, seq: u64) -> Result<(), StoreError> {
        carry::set_offset(&mut self.connection, seq)
    }

    /// Every dimension that was ever counted for a service, in order.
    pub fn dimensions(&self, service: &str) -> Result<Vec<Dimension>, StoreError> {
        series::dimensions(&self.connection, service)
    }

    /// The first minute of a service that anything is known of, and the first after the last;
    /// `None` when nothing is.
    pub fn extent(&self, service: &str) -> Result<Option<(UnixMinute, UnixMinute)>, StoreError> {
        series::extent(&self.connection, service)
    }

    /// Lets the database file grow to at most `pages_max` pages of 4 KiB through this connection;
    /// then batches are refused with [`StoreError::Full`] until it is raised. Not kept in the file.
    pub fn limit_pages(&mut self, pages_max: u32) -> Result<(), StoreError> {
        self.connection
            .pragma_update_and_check(None, "max_page_count", pages_max, |_| Ok(()))
            .map_err(refused("limit the size"))
    }
}

impl Store for SqliteStore {
    fn offset(&self) -> Result<u64, StoreError> {
        read_offset(&self.connection)
    }

    fn apply(&mut self, batch: &Batch) -> Result<(), StoreError> {
        batch.check()?;
        let saved = batch.checkpoint.as_deref();
        let packed = saved.map(|plain| checkpoint::pack(batch.to_seq, plain)).transpose()?;
        let done = self.write(batch, packed.as_ref());
        self.names.settle(&done);
        done
    }

    fn tend(&mut self, now: UnixMinute, keep: &Retention) -> Result<Tended, StoreError> {
        tend::tend(&mut self.connection, &mut self.sweep, now, keep)
    }

    fn checkpoint(&self) -> Result<Option<(u64, Vec<u8>)>, StoreError> {
        checkpoint::newest(&self.connection)
    }

    fn series_range(
        &self,
        service: &str,
        dimension: &Dimension,
        from: UnixMinute,
        until: UnixMinute,
        limit: u32,
    ) -> Result<Vec<(UnixMinute, Counts)>, StoreError> {
        series::range(&self.connection, (service, dimension), (from, until), limit)
    }

    fn series_hours(
        &self,
        service: &str,
        dimension: &Dimension,
        from_hour: i64,
        until_hour: i64,
        limit: u32,
    ) -> Result<Vec<(i64, Sums)>, StoreError> {
        let (series, hours) = ((service, dimension), (from_hour, until_hour));
        series::spans(&self.connection, Span::Hour, series, hours, limit)
    }

    fn series_days(
        &self,
        service: &str,
        dimension: &Dimension,
        from_day: i64,
        until_day: i64,
        limit: u32,
    ) -> Result<Vec<(i64, Sums)>, StoreError> {
        let (series, days) = ((service, dimension), (from_day, until_day));
        series::spans(&self.connection, Span::Day, series, days, limit)
    }

    fn cells(
        &self,
        service: &str,
        from: UnixMinute,
        until: UnixMinute,
    ) -> Result<Vec<(UnixMinute, Dimension, Counts)>, StoreError> {
        series::cells(&self.connection, service, (from, until))
    }

    fn services(&self) -> Result<Vec<Text>, StoreError> {
        series::services(&self.connection)
    }

    fn hour_totals(
        &self,
        from_hour: i64,
        until_hour: i64,
        limit: u32,
    ) -> Result<Vec<PastHour>, StoreError> {
        past::hours(&self.connection, (from_hour, until_hour), limit)
    }

    fn incident(&self, id: &str) -> Result<Option<Incident>, StoreError> {
        stories::incident(&self.connection, id)
    }

    fn incidents(&self, filter: &IncidentFilter, limit: u32) -> Result<Vec<Incident>, StoreError> {
        stories::incidents(&self.connection, filter, limit)
    }

    fn case_file(
        &self,
        incident: &str,
        revision: Option<u32>,
    ) -> Result<Option<CaseFile>, StoreError> {
        stories::case_file(&self.connection, incident, revision)
    }

    fn case_revisions(
        &self,
        incident: &str,
        limit: u32,
    ) -> Result<Vec<(u32, UnixMillis)>, StoreError> {
        stories::case_revisions(&self.connection, incident, limit)
    }

    fn comments(
        &self,
        state: CommentState,
        service: Option<&str>,
        limit: u32,
    ) -> Result<Vec<Comment>, StoreError> {
        comments::list(&self.connection, state, service, limit)
    }

    fn decide_comment(&mut self, id: u128, state: CommentState) -> Result<(), StoreError> {
        comments::decide(&self.connection, id, state)
    }

    fn proposals(&self, state: ProposalState, limit: u32) -> Result<Vec<Proposal>, StoreError> {
        proposals::list(&self.connection, state, limit)
    }

    fn proposal(&self, id: u128) -> Result<Option<Proposal>, StoreError> {
        proposals::one(&self.connection, id)
    }

    fn counts(&self) -> Result<Totals, StoreError> {
        series::totals(&self.connection)
    }
}

impl SqliteStore {
    /// Stores a batch in one transaction.
    fn write(&mut self, batch: &Batch, packed: Option<&Packed>) -> Result<(), StoreError> {
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(refused("begin a batch"))?;
        let fence = "UPDATE offset SET seq = ?2 WHERE seq = ?1";
        let (from, to) = (sequence(batch.from_seq), sequence(batch.to_seq));
        if execute(&transaction, "move the offset", fence, (from, to))? == 0 {
            let found = read_offset(&transaction)?;
            return Err(StoreError::OffsetMoved { expected: batch.from_seq, found });
        }
        series::add(&transaction, &mut self.names, &mut self.sweep, &batch.deltas)?;
        imported::note(&transaction, &batch.imports)?;
        stories::add_incidents(&transaction, &batch.incidents)?;
        stories::add_cases(&transaction, &batch.cases)?;
        comments::add(&transaction, &batch.comments)?;
        proposals::add(&transaction, &batch.proposals)?;
        proposals::decide(&transaction, &batch.decided)?;
        outbox::add(&transaction, &batch.alerts)?;
        if let Some(packed) = packed {
            checkpoint::keep(&transaction, packed)?;
        }
        transaction.commit().map_err(refused("commit a batch"))
    }
}

fn read_offset(on: &Connection) -> Result<u64, StoreError> {
    on.prepare_cached("SELECT seq FROM offset LIMIT 1")
        .and_then(|mut statement| statement.query_row((), |row| row.get(0)))
        .map(i64::unsigned_abs)
        .map_err(refused("read the offset"))
}

/// A sequence number as a column holds it.
fn sequence(seq: u64) -> i64 {
    i64::try_from(seq).expect("a batch is checked before anything else")
}

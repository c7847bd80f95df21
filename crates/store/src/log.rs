//! The segment log: what was appended here and answered is kept, whatever happens after.
//!
//! Records come in from many threads and wait in one queue. A single writer takes all that queued
//! up while the last sync ran, writes it as frames, syncs once, and only then answers. So the log
//! is as fast as the drive can sync, and a batch is as large as the drive is slow.
//!
//! Frames lie in segments, `<first sequence number>.seg`, each sealed on disk before the next is
//! begun. Every frame holds the CRC of the one before, over segments too. Sequence numbers begin
//! at 0 and are never given twice to records that were answered.
//!
//! After a failed sync nobody knows what is on disk, and a second sync would wrongly succeed
//! (Rebello et al., "Can Applications Recover from fsync Failures?", USENIX ATC 2020). So the
//! first failure ends all appending until the log is opened again; reading goes on.
//!
//! # What it cannot tell
//! - Whether segments are missing at the very end, or damage at the very end was once answered:
//!   both look like the tail of an interrupted write.
//! - Whether a record that was refused as [`Refusal::Broken`], or never answered, is on disk.
//! - What [`Log::floor_ms`] promised before the log was opened, should the clock have run back.

pub mod disk;
pub mod finding;
pub mod folder;
pub mod frame;
pub mod keep;
pub mod look;
pub mod manifest;
pub mod pack;
pub mod reader;
pub mod recovery;
pub mod sealed;
pub mod segment;
pub mod state;
pub mod walk;
pub mod writer;

use std::fmt;
use std::io;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::thread;
use std::thread::JoinHandle;
use std::time::SystemTime;

use crate::log::disk::Disk;
use crate::log::finding::Finding;
use crate::log::folder::Mending;
use crate::log::reader::Reader;
use crate::log::recovery::Recovered;
use crate::log::state::Shared;
use crate::log::state::State;
use crate::log::writer::Writer;

/// Records a frame holds at most.
pub const FRAME_RECORDS_MAX: usize = 500;
/// Bytes of records a frame holds at most, lengths included, unless one record alone is longer.
pub const FRAME_BYTES_MAX: usize = 1 << 20;
/// Bytes of a segment, usually: one frame alone may be longer.
pub const SEGMENT_BYTES_MAX: u64 = 64 << 20;
/// Age of a segment's first frame after which a new segment is begun: a day.
pub const SEGMENT_AGE_MS_MAX: i64 = 24 * 3_600_000;
/// Records that may wait to be written.
pub const QUEUE_RECORDS_MAX: usize = 65_536;
/// Bytes of records that may wait to be written.
pub const QUEUE_BYTES_MAX: usize = 64 << 20;
/// What [`Limits::queue_bytes_max`] may be at most: lengths in a frame are 32 bits wide.
pub const QUEUE_BYTES_CEILING: usize = 1 << 30;

/// Tells the time.
pub trait Clock: Send + Sync {
    /// Milliseconds since 1970-01-01T00:00:00Z.
    fn now_ms(&self) -> i64;
}

/// The clock of the machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now_ms(&self) -> i64 {
        match SystemTime::now().duration_since(SystemTime::UNIX_EPOCH) {
            Ok(since) => i64::try_from(since.as_millis()).unwrap_or(i64::MAX),
            Err(before) => -i64::try_from(before.duration().as_millis()).unwrap_or(i64::MAX),
        }
    }
}

/// How large segments and the queue may grow.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes after which a new segment is begun.
    pub segment_bytes_max: u64,
    /// Milliseconds after its first frame from which on a new segment is begun.
    pub segment_age_max_ms: i64,
    /// Records that may wait.
    pub queue_records_max: usize,
    /// Bytes of records that may wait; a record longer than this is always refused.
    pub queue_bytes_max: usize,
    /// Records before this one are known to have been answered: a log that ends earlier lost some,
    /// and is left as it is instead of being mended and written on.
    pub known_seq: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            segment_bytes_max: SEGMENT_BYTES_MAX,
            segment_age_max_ms: SEGMENT_AGE_MS_MAX,
            queue_records_max: QUEUE_RECORDS_MAX,
            queue_bytes_max: QUEUE_BYTES_MAX,
            known_seq: 0,
        }
    }
}

/// What is called when a record is on disk, with its sequence number, or never will be for sure.
///
/// It is called on the writer's thread, in the order of the log, and should be short.
pub type Done = Box<dyn FnOnce(Result<u64, Refusal>) + Send>;

/// A log that is open. Clones are handles to the same one; the last one dropped closes it.
#[derive(Clone)]
pub struct Log {
    handle: Arc<Handle>,
}

/// Records that were written together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// Sequence number of the first of `records`.
    pub first_seq: u64,
    /// When they were written, in milliseconds since 1970; grows from frame to frame.
    pub at_ms: i64,
    /// `at_ms` of the frame before, `i64::MIN` for the first.
    pub after_ms: i64,
    /// The records, in order.
    pub records: Vec<Vec<u8>>,
}

/// What opening the log found.
#[derive(Clone, Debug, Default)]
pub struct Recovery {
    /// Segments there are.
    pub segments: u32,
    /// Records that can be read.
    pub records: u64,
    /// What was wrong, oldest first.
    pub findings: Vec<Finding>,
}

/// Why a record was not even queued. Its [`Done`] is not called.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Refused {
    /// As much as allowed is waiting, or the record is longer than the queue.
    #[error("too many records are waiting to be written: try again in a second")]
    Full,
    /// The log stopped for good.
    #[error("the log cannot be written any more: mend the disk, then start again")]
    Broken(#[source] Fault),
    /// [`Log::close`] was called.
    #[error("the log is closed")]
    Closed,
}

/// Why a record that was queued is not in the log.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Refusal {
    /// There is no room; the log goes on when there is.
    #[error("the disk is full: free some room and try again")]
    Full,
    /// The log stopped for good; the record may or may not be found when it is opened again.
    #[error("the log cannot be written any more: mend the disk, then start again")]
    Broken(#[source] Fault),
}

/// What stopped a log.
#[derive(Clone, Debug, thiserror::Error)]
#[error("could not {operation} {name}")]
pub struct Fault {
    /// What was tried.
    pub operation: &'static str,
    /// The file it was tried on.
    pub name: String,
    /// What the system said.
    pub source: Arc<io::Error>,
}

/// Why a log cannot be opened or read.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// Somebody else has it open.
    #[error("{folder} is in use by another process: stop that one, or name another folder")]
    InUse {
        /// The folder.
        folder: String,
    },
    /// The system refused.
    #[error("could not {doing} {name}")]
    Io {
        /// What was tried.
        doing: &'static str,
        /// The file or folder it was tried on.
        name: String,
        /// What the system said.
        source: io::Error,
    },
    /// Two logs got into one folder.
    #[error("{name} belongs to another log than the files before it: move it out of the folder")]
    Foreign {
        /// The file.
        name: String,
    },
    /// Its end is missing.
    #[error(
        "the log ends before record {found}, but records up to {known} were worked through: files \
         are missing or were cut; nothing was changed; restore them from a backup"
    )]
    Short {
        /// The record after its last.
        found: u64,
        /// The record after the last that was worked through.
        known: u64,
    },
    /// It was written by a newer program.
    #[error("{name} has layout {found}, this program reads up to {known}: use the newer program")]
    Newer {
        /// The file.
        name: String,
        /// Its layout.
        found: u8,
        /// The newest layout known here.
        known: u8,
    },
}

impl Log {
    /// Opens the log on `disk`: checks all of it, cuts off a torn tail, and starts the writer.
    ///
    /// # Errors
    /// When a file cannot be read or mended, or is of a newer layout. Damage is no error: it is in
    /// the [`Recovery`].
    pub fn open(
        disk: Arc<dyn Disk>,
        clock: Arc<dyn Clock>,
        limits: Limits,
    ) -> Result<(Self, Recovery), LogError> {
        if limits.known_seq > 0 {
            let found = recovery::recover(&*disk, Mending::LookOnly)?.state.next_seq;
            if found < limits.known_seq {
                return Err(LogError::Short { found, known: limits.known_seq });
            }
        }
        let recovered = recovery::recover(&*disk, Mending::Mend)?;
        let Recovered { state, tail, recovery, manifest } = recovered;
        for finding in &recovery.findings {
            tracing::warn!("{finding}");
        }
        let queue_bytes_max = limits.queue_bytes_max.min(QUEUE_BYTES_CEILING);
        let limits = Limits { queue_bytes_max, ..limits };
        let shared = Arc::new(Shared::new(disk, clock, limits, (state, manifest)));
        let writer = Writer::new(Arc::clone(&shared), tail);
        let thread = thread::Builder::new()
            .name("log-writer".to_owned())
            .spawn(move || writer.run())
            .map_err(|source| LogError::Io { doing: "start", name: "log-writer".into(), source })?;
        let handle = Handle { shared, writer: Mutex::new(Some(thread)) };
        Ok((Self { handle: Arc::new(handle) }, recovery))
    }

    /// Queues a record. `done` is called once it is on disk, or refused after all.
    ///
    /// # Errors
    /// At once, when it cannot be queued; `done` is dropped then.
    pub fn append(&self, record: Vec<u8>, done: Done) -> Result<(), Refused> {
        self.handle.shared.append(record, done)
    }

    /// Reads all records from `from_seq` on, those to come too.
    pub fn reader(&self, from_seq: u64) -> Reader {
        Reader::new(Arc::clone(&self.handle.shared), from_seq)
    }

    /// The first sequence number that is not on disk yet.
    pub fn next_seq(&self) -> u64 {
        self.handle.shared.lock().next_seq
    }

    /// No frame that becomes readable later has an `at_ms` of this or below, in milliseconds.
    pub fn floor_ms(&self) -> i64 {
        let shared = &self.handle.shared;
        let mut state = shared.lock();
        state.promise_floor(&*shared.clock)
    }

    /// Records that wait to be written.
    pub fn waiting(&self) -> usize {
        self.handle.shared.lock().queue.len()
    }

    /// Refuses new records, writes those that wait, and returns when the writer has ended.
    ///
    /// Called from within a [`Done`] it does not wait. Readers can read on.
    pub fn close(&self) {
        self.handle.close();
    }
}

impl fmt::Debug for Log {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let State { next_seq, queue, .. } = &*self.handle.shared.lock();
        f.debug_struct("Log").field("next_seq", next_seq).field("waiting", &queue.len()).finish()
    }
}

/// The last of these to go closes the log.
struct Handle {
    shared: Arc<Shared>,
    writer: Mutex<Option<JoinHandle<()>>>,
}

impl Handle {
    fn close(&self) {
        self.shared.begin_closing();
        let mut writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let inside = writer.as_ref().is_some_and(|it| it.thread().id() == thread::current().id());
        if inside {
            return;
        }
        if let Some(writer) = writer.take()
            && writer.join().is_err()
        {
            tracing::error!("the log's writer ended in a panic");
        }
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.close();
    }
}

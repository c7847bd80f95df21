//! What the log's handles, its writer and its readers share, behind one lock.

use std::mem;
use std::sync::Arc;
use std::sync::Condvar;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;

use crate::log::Clock;
use crate::log::Done;
use crate::log::Fault;
use crate::log::Limits;
use crate::log::Refused;
use crate::log::disk::Disk;
use crate::log::disk::DiskFile;
use crate::log::manifest::Manifest;

/// Bytes between two marks of a segment: what a reader walks at most to find its first record.
pub const MARK_EVERY_BYTES: u64 = 256 << 10;

/// One log's shared parts.
pub struct Shared {
    /// Where the segments lie.
    pub disk: Arc<dyn Disk>,
    /// What frames are stamped by.
    pub clock: Arc<dyn Clock>,
    /// How far things may grow.
    pub limits: Limits,
    /// Notified when a record is queued for a writer that sleeps, and at the end.
    work: Condvar,
    /// Notified when more became readable.
    pub readable: Condvar,
    /// What became of the segments; whoever seals and removes holds it.
    pub keeper: Mutex<Manifest>,
    state: Mutex<State>,
}

/// What changes.
pub struct State {
    /// Records that wait.
    pub queue: Vec<Waiting>,
    /// Bytes of the records that wait.
    pub queue_bytes: usize,
    /// Whether more may be queued.
    pub phase: Phase,
    /// What the writer does.
    pub writer: Busy,
    /// The number of this log, in every header.
    pub log_id: u64,
    /// The first sequence number that is not on disk.
    pub next_seq: u64,
    /// `at_ms` of the last readable frame.
    pub readable_ms: i64,
    /// The latest `at_ms` ever given to a frame, written or not.
    pub stamped_ms: i64,
    /// The latest floor that was promised to anybody.
    pub promised_ms: i64,
    /// What can be read, in order.
    pub segments: Vec<Segment>,
}

/// A record in the queue.
pub struct Waiting {
    /// Its bytes.
    pub record: Vec<u8>,
    /// Who wants to know.
    pub done: Done,
}

/// Whether records are taken.
pub enum Phase {
    /// They are.
    Open,
    /// The writer ends once the queue is empty.
    Closing,
    /// The writer has ended, because of this.
    Broken(Fault),
}

/// What the writer does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Busy {
    /// It waits for records, and must be woken.
    Asleep,
    /// It is awake, with no frame in flight.
    Awake,
    /// It has frames that are not readable yet.
    InFlight,
}

/// The readable part of one segment.
#[derive(Clone, Debug)]
pub struct Segment {
    /// The sequence number in its name.
    pub first_seq: u64,
    /// Bytes that are on disk for sure.
    pub durable_bytes: u64,
    /// Where some of its frames begin, in order.
    pub marks: Vec<Mark>,
    /// The form of its file.
    pub form: Form,
}

/// The form of a segment's file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// As it was written.
    Open,
    /// As it was written, and its header is damaged: it stays as it is.
    Headless,
    /// Packed.
    Sealed,
}

/// Where a frame begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// The frame's first sequence number.
    pub first_seq: u64,
    /// Its first byte in the segment.
    pub offset: u64,
}

/// Where the writer goes on.
pub struct Tail {
    /// The last segment, `None` when the next frame begins a new one.
    pub active: Option<Active>,
    /// CRC of the last frame.
    pub chain: u32,
}

/// The segment that is written to.
pub struct Active {
    /// Its file.
    pub file: Arc<dyn DiskFile>,
    /// Its name.
    pub name: String,
    /// Where the next frame goes.
    pub size_bytes: u64,
    /// `at_ms` of its first frame.
    pub begun_ms: Option<i64>,
}

impl Shared {
    /// Around a state.
    pub fn new(
        disk: Arc<dyn Disk>,
        clock: Arc<dyn Clock>,
        limits: Limits,
        (state, manifest): (State, Manifest),
    ) -> Self {
        let (work, readable) = (Condvar::new(), Condvar::new());
        let (keeper, state) = (Mutex::new(manifest), Mutex::new(state));
        Self { disk, clock, limits, work, readable, keeper, state }
    }

    /// The state, for as long as the guard lives.
    pub fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Queues a record.
    pub fn append(&self, record: Vec<u8>, done: Done) -> Result<(), Refused> {
        let mut state = self.lock();
        match &state.phase {
            Phase::Open => {}
            Phase::Closing => return Err(Refused::Closed),
            Phase::Broken(fault) => return Err(Refused::Broken(fault.clone())),
        }
        let queue_bytes = state.queue_bytes.saturating_add(record.len());
        let full = state.queue.len() >= self.limits.queue_records_max;
        if full || queue_bytes > self.limits.queue_bytes_max {
            return Err(Refused::Full);
        }
        state.queue_bytes = queue_bytes;
        state.queue.push(Waiting { record, done });
        let asleep = state.writer == Busy::Asleep;
        drop(state);
        if asleep {
            self.work.notify_one();
        }
        Ok(())
    }

    /// All that waits, once something does; `None` when the log is closed and nothing is left.
    pub fn take(&self) -> Option<Vec<Waiting>> {
        let mut state = self.lock();
        while state.queue.is_empty() {
            if !matches!(state.phase, Phase::Open) {
                return None;
            }
            state.writer = Busy::Asleep;
            state = self.work.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        state.writer = Busy::InFlight;
        state.queue_bytes = 0;
        let room = Vec::with_capacity(state.queue.len());
        Some(mem::replace(&mut state.queue, room))
    }

    /// Lets the writer end after what waits.
    pub fn begin_closing(&self) {
        let mut state = self.lock();
        if matches!(state.phase, Phase::Open) {
            state.phase = Phase::Closing;
        }
        drop(state);
        self.work.notify_all();
    }
}

impl State {
    /// The time for the next frame: the clock's, or just after the last, whichever is later.
    pub fn stamp(&mut self, clock: &dyn Clock) -> i64 {
        let least = self.stamped_ms.max(self.promised_ms).saturating_add(1);
        self.stamped_ms = clock.now_ms().max(least);
        self.stamped_ms
    }

    /// A time that no later frame will have or be before, remembered so that none will.
    ///
    /// While frames are in flight the last promise stands: they are stamped after it.
    pub fn promise_floor(&mut self, clock: &dyn Clock) -> i64 {
        let mut floor = self.readable_ms.max(self.promised_ms);
        if self.writer != Busy::InFlight {
            floor = floor.max(clock.now_ms().saturating_sub(1));
        }
        self.promised_ms = floor;
        floor
    }
}

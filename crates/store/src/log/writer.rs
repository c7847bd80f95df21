//! The thread that writes: takes all that waits, writes it as frames, syncs once, then answers.

use std::io;
use std::panic;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::vec;

use crate::log::Done;
use crate::log::FRAME_BYTES_MAX;
use crate::log::FRAME_RECORDS_MAX;
use crate::log::Fault;
use crate::log::Refusal;
use crate::log::frame::Encoder;
use crate::log::frame::HEADER_BYTES;
use crate::log::frame::LENGTH_BYTES;
use crate::log::frame::Place;
use crate::log::frame::Stamp;
use crate::log::segment::SEGMENT_HEADER_BYTES;
use crate::log::segment::SegmentHeader;
use crate::log::segment::name_of;
use crate::log::state::Active;
use crate::log::state::Busy;
use crate::log::state::Form;
use crate::log::state::MARK_EVERY_BYTES;
use crate::log::state::Mark;
use crate::log::state::Phase;
use crate::log::state::Segment;
use crate::log::state::Shared;
use crate::log::state::Tail;
use crate::log::state::Waiting;

/// What only the writer knows.
pub struct Writer {
    shared: Arc<Shared>,
    log_id: u64,
    active: Option<Active>,
    encoder: Encoder,
    /// The sequence number of the next record that is written.
    next_seq: u64,
    /// The first that is not on disk for sure.
    synced_seq: u64,
    chain: u32,
    last_ms: i64,
    place: Place,
    /// Of the batch: what is not in a frame yet, the frame at hand, and what is to be synced.
    rest: vec::IntoIter<Waiting>,
    frame: Vec<Done>,
    written: Vec<(Done, u64)>,
    /// Whether the segment was changed since its last sync, be it only by a frame cut off again.
    unsynced: bool,
    /// Where frames began since the last sync, and the last mark before.
    marks: Vec<Mark>,
    marked_offset: u64,
}

/// Whether there was room on the disk.
enum Room {
    Found,
    None,
}

impl Writer {
    /// Goes on after `tail`.
    pub fn new(shared: Arc<Shared>, tail: Tail) -> Self {
        let state = shared.lock();
        let (log_id, next_seq, last_ms) = (state.log_id, state.next_seq, state.readable_ms);
        let last_mark = state.segments.last().and_then(|segment| segment.marks.last());
        let marked_offset = last_mark.map_or(0, |mark| mark.offset);
        drop(state);
        Self {
            shared,
            log_id,
            active: tail.active,
            encoder: Encoder::new(),
            next_seq,
            synced_seq: next_seq,
            chain: tail.chain,
            last_ms,
            place: Place::FirstOfRun,
            rest: Vec::new().into_iter(),
            frame: Vec::new(),
            written: Vec::new(),
            unsynced: false,
            marks: Vec::new(),
            marked_offset,
        }
    }

    /// Writes until the log is closed or breaks.
    pub fn run(mut self) {
        while let Some(batch) = self.shared.take() {
            self.rest = batch.into_iter();
            if let Err(fault) = self.write() {
                self.break_off(&fault);
                return;
            }
        }
    }

    /// Writes the batch and answers all of it.
    fn write(&mut self) -> Result<(), Fault> {
        while let Some(plain_bytes) = self.gather() {
            let room = match self.make_room((HEADER_BYTES + plain_bytes) as u64)? {
                Room::Found => self.put()?,
                Room::None => Room::None,
            };
            if let Room::None = room {
                self.encoder.clear();
                tracing::warn!(records = self.frame.len(), "the disk is full: records refused");
                for done in self.frame.drain(..) {
                    answer(done, Err(Refusal::Full));
                }
            }
        }
        self.settle(Busy::Awake)
    }

    /// Takes records for one frame; returns their bytes, `None` when there are no more.
    fn gather(&mut self) -> Option<usize> {
        let mut bytes = 0;
        while let Some(next) = self.rest.as_slice().first() {
            let more = LENGTH_BYTES + next.record.len();
            let full = self.frame.len() == FRAME_RECORDS_MAX || bytes + more > FRAME_BYTES_MAX;
            if full && !self.frame.is_empty() {
                break;
            }
            if let Some(Waiting { record, done }) = self.rest.next() {
                self.encoder.add(&record);
                self.frame.push(done);
                bytes += more;
            }
        }
        (!self.frame.is_empty()).then_some(bytes)
    }

    /// Begins a new segment if there is none, or a frame of up to `bytes` is too much for it.
    fn make_room(&mut self, bytes: u64) -> Result<Room, Fault> {
        if self.active.as_ref().is_some_and(|active| self.goes_on_in(active, bytes)) {
            return Ok(Room::Found);
        }
        self.settle(Busy::InFlight)?;
        let name = name_of(self.next_seq);
        let disk = &self.shared.disk;
        let file = match disk.create(&name) {
            Ok(file) => file,
            Err(error) if is_full(&error) => return Ok(Room::None),
            Err(error) => return Err(fault("make", &name, error)),
        };
        let header = SegmentHeader {
            log_id: self.log_id,
            first_seq: self.next_seq,
            after_ms: self.last_ms,
            chain: self.chain,
        };
        match file.write_at(&header.encode(), 0) {
            Ok(()) => {}
            Err(error) if is_full(&error) => {
                disk.remove(&name).map_err(|error| fault("remove", &name, error))?;
                return Ok(Room::None);
            }
            Err(error) => return Err(fault("write to", &name, error)),
        }
        file.sync().map_err(|error| fault("sync", &name, error))?;
        disk.sync_names().map_err(|error| fault("sync the folder of", &name, error))?;
        let size_bytes = SEGMENT_HEADER_BYTES as u64;
        let first = Mark { first_seq: self.next_seq, offset: size_bytes };
        self.marked_offset = first.offset;
        self.shared.lock().segments.push(Segment {
            first_seq: self.next_seq,
            durable_bytes: size_bytes,
            marks: vec![first],
            form: Form::Open,
        });
        self.active = Some(Active { file, name, size_bytes, begun_ms: None });
        Ok(Room::Found)
    }

    /// Whether a segment is neither too full for `bytes` more nor too old.
    fn goes_on_in(&self, active: &Active, bytes: u64) -> bool {
        let limits = &self.shared.limits;
        let Some(begun_ms) = active.begun_ms else { return true };
        let age_ms = self.shared.clock.now_ms().saturating_sub(begun_ms);
        active.size_bytes + bytes <= limits.segment_bytes_max && age_ms < limits.segment_age_max_ms
    }

    /// Writes the frame at hand at the end of the segment.
    fn put(&mut self) -> Result<Room, Fault> {
        let Some(active) = &mut self.active else { return Ok(Room::None) };
        let stamp = Stamp {
            log_id: self.log_id,
            first_seq: self.next_seq,
            at_ms: self.shared.lock().stamp(&*self.shared.clock),
            after_ms: self.last_ms,
            synced_seq: self.synced_seq,
            chain: self.chain,
            place: self.place,
        };
        let (bytes, crc) = self.encoder.finish(&stamp, self.frame.len() as u32);
        let offset = active.size_bytes;
        self.unsynced = true;
        if let Err(error) = active.file.write_at(bytes, offset) {
            if !is_full(&error) {
                return Err(fault("write to", &active.name, error));
            }
            let cut = active.file.truncate(offset);
            cut.map_err(|error| fault("cut a partial frame off", &active.name, error))?;
            return Ok(Room::None);
        }
        if offset - self.marked_offset >= MARK_EVERY_BYTES {
            self.marked_offset = offset;
            self.marks.push(Mark { first_seq: self.next_seq, offset });
        }
        active.size_bytes += bytes.len() as u64;
        active.begun_ms.get_or_insert(stamp.at_ms);
        for done in self.frame.drain(..) {
            self.written.push((done, self.next_seq));
            self.next_seq += 1;
        }
        (self.chain, self.last_ms, self.place) = (crc, stamp.at_ms, Place::Later);
        Ok(Room::Found)
    }

    /// Syncs what was written, makes it readable, and answers.
    fn settle(&mut self, after: Busy) -> Result<(), Fault> {
        if self.unsynced
            && let Some(active) = &self.active
        {
            active.file.sync().map_err(|error| fault("sync", &active.name, error))?;
        }
        (self.unsynced, self.synced_seq) = (false, self.next_seq);
        let mut state = self.shared.lock();
        state.next_seq = self.next_seq;
        state.readable_ms = self.last_ms;
        state.writer = after;
        if let (Some(segment), Some(active)) = (state.segments.last_mut(), &self.active) {
            segment.durable_bytes = active.size_bytes;
            segment.marks.append(&mut self.marks);
        }
        drop(state);
        self.shared.readable.notify_all();
        for (done, seq) in self.written.drain(..) {
            answer(done, Ok(seq));
        }
        Ok(())
    }

    /// Ends the log: nothing that is not on disk for sure will be.
    fn break_off(mut self, fault: &Fault) {
        let cause: &dyn std::error::Error = fault;
        tracing::error!(fault = cause, "the log is broken and takes no more records");
        let mut state = self.shared.lock();
        state.phase = Phase::Broken(fault.clone());
        state.queue_bytes = 0;
        let queue = std::mem::take(&mut state.queue);
        drop(state);
        let written = self.written.drain(..).map(|(done, _)| done);
        let waiting = self.rest.chain(queue).map(|waiting| waiting.done);
        for done in written.chain(self.frame.drain(..)).chain(waiting) {
            answer(done, Err(Refusal::Broken(fault.clone())));
        }
    }
}

/// Calls `done`; should it panic, the others are answered all the same.
fn answer(done: Done, result: Result<u64, Refusal>) {
    if panic::catch_unwind(AssertUnwindSafe(|| done(result))).is_err() {
        tracing::error!("a callback of the log panicked");
    }
}

/// Whether a write failed only for want of room.
fn is_full(error: &io::Error) -> bool {
    use io::ErrorKind::FileTooLarge;
    use io::ErrorKind::QuotaExceeded;
    use io::ErrorKind::StorageFull;
    use io::ErrorKind::WriteZero;
    matches!(error.kind(), StorageFull | QuotaExceeded | FileTooLarge | WriteZero)
}

fn fault(operation: &'static str, name: &str, error: io::Error) -> Fault {
    Fault { operation, name: name.to_owned(), source: Arc::new(error) }
}

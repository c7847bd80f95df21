//! Reading a log in order, up to what is on disk, and waiting there for more.

use std::io;
use std::sync::Arc;
use std::sync::PoisonError;
use std::time::Duration;
use std::time::Instant;

use crate::log::Frame;
use crate::log::LogError;
use crate::log::disk::DiskFile;
use crate::log::frame;
use crate::log::frame::Header;
use crate::log::sealed::SealedFile;
use crate::log::segment::name_of;
use crate::log::segment::sealed_name_of;
use crate::log::state::Form;
use crate::log::state::Mark;
use crate::log::state::Shared;
use crate::log::state::State;
use crate::log::walk::Step;
use crate::log::walk::Walk;

/// A place in a log. It goes on working after the log is closed or broken.
pub struct Reader {
    shared: Arc<Shared>,
    /// Records before this one were given out, or not asked for.
    from_seq: u64,
    place: Option<Place>,
}

/// A segment that is being read.
struct Place {
    first_seq: u64,
    walk: Walk,
}

/// What there is to read at a place.
enum Ahead {
    /// This segment, up to that byte; it may still grow, or not.
    Here(u64),
    /// Another segment, from there on.
    Other(u64, Mark, Form),
    /// Nothing yet.
    Nothing,
}

impl Reader {
    /// Begins at the record `from_seq`, or the first after it.
    pub fn new(shared: Arc<Shared>, from_seq: u64) -> Self {
        Self { shared, from_seq, place: None }
    }

    /// The next frame, without the records before `from_seq`. Waits for up to `wait` when there is
    /// none yet, then returns `None`.
    ///
    /// Where records are missing the next frame's `first_seq` jumps ahead.
    ///
    /// # Errors
    /// When a file cannot be read. The next call tries the same place again.
    pub fn next(&mut self, wait: Duration) -> Result<Option<Frame>, LogError> {
        let deadline = Instant::now().checked_add(wait);
        let mut end = self.end_here();
        loop {
            if let Some(place) = &mut self.place {
                let name = || name_of(place.first_seq);
                let failed = |source| LogError::Io { doing: "read", name: name(), source };
                match place.walk.step(end).map_err(failed)? {
                    Step::Frame(header, offset) => {
                        if let Some(frame) = self.frame(&header, offset) {
                            return Ok(Some(frame));
                        }
                        continue;
                    }
                    Step::Damage(from, to) => {
                        let (file, bytes) = (name(), to - from);
                        tracing::warn!(file, offset = from, bytes, "damage in the log is skipped");
                        continue;
                    }
                    Step::End => {}
                }
            }
            match self.look_ahead(end, deadline) {
                Ahead::Here(further) => end = further,
                Ahead::Other(first_seq, mark, form) => {
                    self.enter(first_seq, mark, form)?;
                    end = self.end_here();
                }
                Ahead::Nothing => return Ok(None),
            }
        }
    }

    /// The frame the walk is at, from `from_seq` on; `None` when all of it lies before.
    fn frame(&mut self, header: &Header, offset: u64) -> Option<Frame> {
        let Place { first_seq: segment, walk } = self.place.as_ref()?;
        if header.end_seq() <= self.from_seq {
            return None;
        }
        let Some(mut records) = frame::unpack(header, walk.payload()) else {
            let file = name_of(*segment);
            tracing::warn!(file, offset, "a frame of the log cannot be unpacked and is skipped");
            return None;
        };
        let first_seq = header.first_seq.max(self.from_seq);
        records.drain(..(first_seq - header.first_seq) as usize);
        self.from_seq = header.end_seq();
        Some(Frame { first_seq, at_ms: header.at_ms, after_ms: header.after_ms, records })
    }

    /// Up to which byte the segment at hand can be read.
    fn end_here(&self) -> u64 {
        let Some(place) = &self.place else { return 0 };
        let state = self.shared.lock();
        let at = state.segments.partition_point(|segment| segment.first_seq < place.first_seq);
        let here = state.segments.get(at).filter(|here| here.first_seq == place.first_seq);
        here.map_or(0, |segment| segment.durable_bytes)
    }

    /// What there is after byte `end` of the segment at hand, waiting for it until `deadline`.
    fn look_ahead(&self, end: u64, deadline: Option<Instant>) -> Ahead {
        let mut state = self.shared.lock();
        loop {
            if let Some(ahead) = self.ahead(&state, end) {
                return ahead;
            }
            let left = match deadline {
                Some(deadline) => deadline.saturating_duration_since(Instant::now()),
                None => Duration::MAX,
            };
            if left.is_zero() {
                return Ahead::Nothing;
            }
            let readable = &self.shared.readable;
            (state, _) = readable.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn ahead(&self, state: &State, end: u64) -> Option<Ahead> {
        let segments = &state.segments;
        let Some(place) = &self.place else {
            let after = segments.partition_point(|segment| segment.first_seq <= self.from_seq);
            let segment = segments.get(after.saturating_sub(1))?;
            let mark = segment.marks.partition_point(|mark| mark.first_seq <= self.from_seq);
            let mark = segment.marks.get(mark.saturating_sub(1))?;
            return Some(Ahead::Other(segment.first_seq, *mark, segment.form));
        };
        let at = segments.partition_point(|segment| segment.first_seq < place.first_seq);
        let here = segments.get(at)?;
        // A segment that was removed meanwhile is left behind.
        let gone = here.first_seq != place.first_seq;
        if !gone && here.durable_bytes > end {
            return Some(Ahead::Here(here.durable_bytes));
        }
        let next = if gone { here } else { segments.get(at + 1)? };
        Some(Ahead::Other(next.first_seq, *next.marks.first()?, next.form))
    }

    fn enter(&mut self, first_seq: u64, mark: Mark, form: Form) -> Result<(), LogError> {
        let log_id = self.shared.lock().log_id;
        let file = match self.open(first_seq, form) {
            // It was sealed since we looked.
            Err(error) if form != Form::Sealed && error.kind() == io::ErrorKind::NotFound => {
                self.open(first_seq, Form::Sealed)
            }
            opened => opened,
        };
        let failed = |source| LogError::Io { doing: "open", name: name_of(first_seq), source };
        let walk = Walk::new(file.map_err(failed)?, Some(log_id), mark.offset, mark.first_seq);
        self.place = Some(Place { first_seq, walk });
        Ok(())
    }

    fn open(&self, first_seq: u64, form: Form) -> io::Result<Arc<dyn DiskFile>> {
        if form != Form::Sealed {
            return self.shared.disk.open(&name_of(first_seq));
        }
        let name = sealed_name_of(first_seq);
        let file = self.shared.disk.open(&name)?;
        match SealedFile::open(file, &name)? {
            Some(sealed) => Ok(Arc::new(sealed)),
            None => Err(io::Error::new(io::ErrorKind::InvalidData, "its index is damaged")),
        }
    }
}

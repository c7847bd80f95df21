//! From frame to frame through one segment, over damage to the next frame that is whole.

use std::io;
use std::ops::Range;
use std::sync::Arc;

use crate::log::disk::DiskFile;
use crate::log::frame::HEADER_BYTES;
use crate::log::frame::Header;
use crate::log::frame::MAGIC;

/// Bytes that are read at once.
pub const WINDOW_BYTES: usize = 1 << 20;

/// A place in a segment.
pub struct Walk {
    file: Arc<dyn DiskFile>,
    log_id: Option<u64>,
    /// Where the next frame should begin.
    offset: u64,
    /// Frames with records before this one are not taken for frames of this place.
    least_seq: u64,
    least_ms: i64,
    window: Vec<u8>,
    window_at: u64,
    /// The last frame in the window.
    frame: Range<usize>,
}

/// What comes next in a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// A whole frame, which begins at this byte.
    Frame(Header, u64),
    /// From this byte up to that one there is none.
    Damage(u64, u64),
    /// The end.
    End,
}

impl Walk {
    /// Begins at byte `offset`, where the frame with `least_seq` should be. The log's number is
    /// taken from the first frame when it is not known.
    pub fn new(file: Arc<dyn DiskFile>, log_id: Option<u64>, offset: u64, least_seq: u64) -> Self {
        let (window, frame, least_ms) = (Vec::new(), 0..0, i64::MIN);
        Self { file, log_id, offset, least_seq, least_ms, window, window_at: 0, frame }
    }

    /// The number of the log, once it is known.
    pub fn log_id(&self) -> Option<u64> {
        self.log_id
    }

    /// The bytes of the last frame's payload.
    pub fn payload(&self) -> &[u8] {
        &self.window[self.frame.start + HEADER_BYTES..self.frame.end]
    }

    /// Takes one step in the part of the file before byte `end`.
    pub fn step(&mut self, end: u64) -> io::Result<Step> {
        let from = self.offset;
        if from >= end {
            return Ok(Step::End);
        }
        if let Some(header) = self.frame_at(from, end)? {
            self.offset = from + header.frame_bytes();
            self.least_seq = header.end_seq();
            self.least_ms = header.at_ms;
            self.log_id = Some(header.log_id);
            return Ok(Step::Frame(header, from));
        }
        self.offset = self.search(from + 1, end)?;
        Ok(Step::Damage(from, self.offset))
    }

    /// The frame that begins at `at`, if there is a whole one that can belong there.
    fn frame_at(&mut self, at: u64, end: u64) -> io::Result<Option<Header>> {
        let range = self.fill(at, HEADER_BYTES, end)?;
        let Some(header) = Header::parse(&self.window[range]) else { return Ok(None) };
        let ours = self.log_id.is_none_or(|log_id| log_id == header.log_id);
        let later = header.first_seq >= self.least_seq && header.at_ms > self.least_ms;
        if !ours || !later || header.frame_bytes() > end - at {
            return Ok(None);
        }
        let Ok(bytes) = usize::try_from(header.frame_bytes()) else { return Ok(None) };
        let range = self.fill(at, bytes, end)?;
        let range = range.start..range.end.min(range.start + bytes);
        if !header.fits(&self.window[range.clone()]) {
            return Ok(None);
        }
        self.frame = range;
        Ok(Some(header))
    }

    /// Where the next whole frame begins at `at` or after it; `end` when there is none.
    fn search(&mut self, mut at: u64, end: u64) -> io::Result<u64> {
        while at < end {
            let range = self.fill(at, HEADER_BYTES, end)?;
            let bytes = &self.window[range];
            if bytes.len() < HEADER_BYTES {
                break;
            }
            match bytes.windows(MAGIC.len()).position(|four| four == MAGIC) {
                Some(skipped) => {
                    at += skipped as u64;
                    if self.frame_at(at, end)?.is_some() {
                        return Ok(at);
                    }
                    at += 1;
                }
                None => at += (bytes.len() - MAGIC.len() + 1) as u64,
            }
        }
        Ok(end)
    }

    /// The part of the window from byte `at` of the file on: `bytes` or more, fewer at the end.
    fn fill(&mut self, at: u64, bytes: usize, end: u64) -> io::Result<Range<usize>> {
        let wanted = (bytes as u64).min(end - at);
        let window_end = self.window_at + self.window.len() as u64;
        if at < self.window_at || at + wanted > window_end {
            let size = wanted.max(WINDOW_BYTES as u64).min(end - at) as usize;
            self.window.resize(size, 0);
            self.window_at = at;
            let mut got = 0;
            while got < size {
                match self.file.read_at(&mut self.window[got..], at + got as u64) {
                    Ok(0) => break,
                    Ok(more) => got += more,
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    Err(error) => {
                        self.window.clear();
                        return Err(error);
                    }
                }
            }
            self.window.truncate(got);
        }
        let start = usize::try_from(at - self.window_at).expect("a window fits into memory");
        Ok(start.min(self.window.len())..self.window.len())
    }
}

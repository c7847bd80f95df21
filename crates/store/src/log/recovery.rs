//! Opening a log: every byte is checked, a torn tail is cut off, and nothing else is thrown away.
//!
//! Damage before the last frame is left where it is. What comes after it is found by the next
//! whole frame, and the sequence numbers that are missing stay missing.
//!
//! # What it cannot tell
//! A file that cannot be read at all is an error, never taken for damage: the next start may be
//! able to read it.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::io;
use std::sync::Arc;

use crate::log::LogError;
use crate::log::Recovery;
use crate::log::disk::Disk;
use crate::log::disk::DiskFile;
use crate::log::finding::Finding;
use crate::log::finding::Standing;
use crate::log::frame::Header;
use crate::log::frame::Place;
use crate::log::frame::VERSION;
use crate::log::segment::Beginning;
use crate::log::segment::SEGMENT_HEADER_BYTES;
use crate::log::segment::SegmentHeader;
use crate::log::segment::first_seq_of;
use crate::log::state::Busy;
use crate::log::state::MARK_EVERY_BYTES;
use crate::log::state::Mark;
use crate::log::state::Phase;
use crate::log::state::Segment;
use crate::log::state::State;
use crate::log::walk::Step;
use crate::log::walk::Walk;

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
}

/// A segment file before its frames are looked at.
struct Candidate {
    first_seq: u64,
    name: String,
    size_bytes: u64,
    beginning: Beginning,
}

/// Damage whose end is not known yet.
struct Gap {
    file: String,
    offset: u64,
    bytes: u64,
}

/// What is known of the log while it is walked through.
struct Check<'a> {
    disk: &'a dyn Disk,
    log_id: Option<u64>,
    /// The sequence number the next frame should begin with.
    next_seq: u64,
    last_ms: i64,
    chain: u32,
    /// Whether the next frame must hold `chain`.
    link: Link,
    gap: Option<Gap>,
    /// Findings whose standing is open: their index, and the first record that is missing.
    doubts: Vec<(usize, u64)>,
    segments: Vec<Segment>,
    recovery: Recovery,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Link {
    Known,
    Lost,
}

/// Checks the log on `disk` and mends its tail.
pub fn recover(disk: &dyn Disk) -> Result<(State, Tail, Recovery), LogError> {
    let mut check = Check {
        disk,
        log_id: None,
        next_seq: 0,
        last_ms: i64::MIN,
        chain: 0,
        link: Link::Known,
        gap: None,
        doubts: Vec::new(),
        segments: Vec::new(),
        recovery: Recovery::default(),
    };
    let mut candidates = check.survey()?;
    check.remove_unfinished(&mut candidates)?;
    let mut active = None;
    for (at, candidate) in candidates.iter().enumerate() {
        let file = open(disk, &candidate.name)?;
        check.begin(candidate);
        let frames = check.walk(candidate, &file)?;
        if at + 1 == candidates.len() {
            active = check.end(candidate, file, frames)?;
        }
    }
    disk.sync_names().map_err(failed("sync", "the log's folder"))?;
    check.recovery.segments = check.segments.len() as u32;
    for finding in &check.recovery.findings {
        tracing::warn!("{finding}");
    }
    let state = State {
        queue: Vec::new(),
        queue_bytes: 0,
        phase: Phase::Open,
        writer: Busy::Awake,
        log_id: check.log_id.unwrap_or_else(|| RandomState::new().hash_one("outcry")),
        next_seq: check.next_seq,
        readable_ms: check.last_ms,
        stamped_ms: check.last_ms,
        promised_ms: i64::MIN,
        segments: check.segments,
    };
    Ok((state, Tail { active, chain: check.chain }, check.recovery))
}

impl Check<'_> {
    /// All segment files in order, and the number of the log from the first header.
    fn survey(&mut self) -> Result<Vec<Candidate>, LogError> {
        let mut candidates = Vec::new();
        let names = self.disk.names().map_err(failed("list", "the log's folder"))?;
        for name in names {
            let Some(first_seq) = first_seq_of(&name) else { continue };
            let file = open(self.disk, &name)?;
            let size_bytes = file.size_bytes().map_err(failed("measure", &name))?;
            let mut bytes = [0; SEGMENT_HEADER_BYTES];
            let mut got = 0;
            while got < bytes.len() {
                match file.read_at(&mut bytes[got..], got as u64).map_err(failed("read", &name))? {
                    0 => break,
                    more => got += more,
                }
            }
            let beginning = match SegmentHeader::parse(&bytes[..got]) {
                Beginning::Newer(found) => {
                    return Err(LogError::Newer { name, found, known: VERSION });
                }
                Beginning::Known(header) if header.first_seq != first_seq => Beginning::Damaged,
                beginning => beginning,
            };
            candidates.push(Candidate { first_seq, name, size_bytes, beginning });
        }
        candidates.sort_by_key(|candidate| candidate.first_seq);
        for candidate in &candidates {
            let Beginning::Known(header) = candidate.beginning else { continue };
            if *self.log_id.get_or_insert(header.log_id) != header.log_id {
                return Err(LogError::Foreign { name: candidate.name.clone() });
            }
        }
        Ok(candidates)
    }

    /// Takes away a last segment that never got its header.
    fn remove_unfinished(&mut self, candidates: &mut Vec<Candidate>) -> Result<(), LogError> {
        let unfinished = |last: &mut Candidate| {
            last.beginning == Beginning::Damaged && last.size_bytes <= SEGMENT_HEADER_BYTES as u64
        };
        if let Some(Candidate { name: file, .. }) = candidates.pop_if(unfinished) {
            self.disk.remove(&file).map_err(failed("remove", &file))?;
            self.recovery.findings.push(Finding::Unfinished { file });
        }
        Ok(())
    }

    /// Goes on from the segment before to this one.
    fn begin(&mut self, candidate: &Candidate) {
        self.close_gap(candidate.first_seq, Standing::Lost);
        if candidate.first_seq > self.next_seq {
            self.recovery.findings.push(Finding::Missing {
                before: candidate.name.clone(),
                first_seq: self.next_seq,
                records: candidate.first_seq - self.next_seq,
            });
            self.next_seq = candidate.first_seq;
            self.link = Link::Lost;
        }
        let Beginning::Known(header) = candidate.beginning else {
            self.recovery.findings.push(Finding::Headless { file: candidate.name.clone() });
            return;
        };
        if self.link == Link::Known && header.chain != self.chain {
            let file = candidate.name.clone();
            self.recovery.findings.push(Finding::Unchained { file, offset: 0 });
        }
        (self.chain, self.link) = (header.chain, Link::Known);
        self.last_ms = self.last_ms.max(header.after_ms);
    }

    /// Looks at all frames of a segment; returns how many there are.
    fn walk(&mut self, candidate: &Candidate, file: &Arc<dyn DiskFile>) -> Result<u64, LogError> {
        let first = Mark { first_seq: self.next_seq, offset: SEGMENT_HEADER_BYTES as u64 };
        let mut walk = Walk::new(Arc::clone(file), self.log_id, first.offset, first.first_seq);
        let mut marks = vec![first];
        let mut frames = 0;
        loop {
            let step = walk.step(candidate.size_bytes);
            match step.map_err(failed("read", &candidate.name))? {
                Step::Frame(header, offset) => {
                    frames += 1;
                    self.frame(&header, offset, &candidate.name);
                    if marks.last().is_none_or(|it| offset - it.offset >= MARK_EVERY_BYTES) {
                        marks.push(Mark { first_seq: header.first_seq, offset });
                    }
                }
                Step::Damage(offset, to) => {
                    let file = candidate.name.clone();
                    self.gap = Some(Gap { file, offset, bytes: to - offset });
                }
                Step::End => break,
            }
        }
        self.log_id = self.log_id.or(walk.log_id());
        let durable_bytes = candidate.size_bytes;
        self.segments.push(Segment { first_seq: candidate.first_seq, durable_bytes, marks });
        Ok(frames)
    }

    /// Takes in one whole frame.
    fn frame(&mut self, header: &Header, offset: u64, file: &str) {
        let damaged = self.gap.is_some();
        self.close_gap(header.first_seq, Standing::Unsure);
        let findings = &mut self.recovery.findings;
        if header.first_seq > self.next_seq {
            let (first_seq, records) = (self.next_seq, header.first_seq - self.next_seq);
            findings.push(Finding::Missing { before: file.to_owned(), first_seq, records });
        } else if !damaged && self.link == Link::Known && header.chain != self.chain {
            findings.push(Finding::Unchained { file: file.to_owned(), offset });
        }
        self.doubts.retain(|(at, missing)| {
            let open = header.synced_seq <= *missing;
            if !open
                && header.place == Place::Later
                && let Some(Finding::Damaged { standing, .. }) = findings.get_mut(*at)
            {
                *standing = Standing::Lost;
            }
            open
        });
        self.next_seq = header.end_seq();
        (self.chain, self.link) = (header.crc, Link::Known);
        self.last_ms = header.at_ms;
        self.recovery.records += u64::from(header.count);
    }

    /// Says what was missing up to `next_seq`, should there be damage before it.
    fn close_gap(&mut self, next_seq: u64, standing: Standing) {
        let Some(Gap { file, offset, bytes }) = self.gap.take() else { return };
        let (first_seq, records) = (self.next_seq, next_seq.saturating_sub(self.next_seq));
        if standing == Standing::Unsure && records > 0 {
            self.doubts.push((self.recovery.findings.len(), first_seq));
        }
        let finding = Finding::Damaged { file, offset, bytes, first_seq, records, standing };
        self.recovery.findings.push(finding);
        self.next_seq = self.next_seq.max(next_seq);
        self.link = Link::Lost;
    }

    /// Makes the last segment ready to be written to; `None` when a new one is needed.
    fn end(
        &mut self,
        candidate: &Candidate,
        file: Arc<dyn DiskFile>,
        frames: u64,
    ) -> Result<Option<Active>, LogError> {
        let name = &candidate.name;
        if frames == 0 && candidate.beginning == Beginning::Damaged {
            self.set_aside(name)?;
            return Ok(None);
        }
        let mut size_bytes = candidate.size_bytes;
        if let Some(Gap { offset, bytes, .. }) = self.gap.take() {
            file.truncate(offset).map_err(failed("cut the torn tail off", name))?;
            size_bytes = offset;
            self.recovery.findings.push(Finding::Torn { file: name.clone(), offset, bytes });
        }
        file.sync().map_err(failed("sync", name))?;
        if let Some(segment) = self.segments.last_mut() {
            segment.durable_bytes = size_bytes;
        }
        Ok(Some(Active { file, name: name.clone(), size_bytes }))
    }

    /// Renames the last segment, of which nothing can be used, so that its bytes are kept.
    fn set_aside(&mut self, name: &str) -> Result<(), LogError> {
        let names = self.disk.names().map_err(failed("list", "the log's folder"))?;
        let renamed = (1..)
            .map(|number: u32| format!("{name}.damaged{number}"))
            .find(|renamed| !names.contains(renamed))
            .expect("a folder holds fewer files than there are numbers");
        self.disk.rename(name, &renamed).map_err(failed("rename", name))?;
        self.gap = None;
        self.segments.pop();
        let file = name.to_owned();
        self.recovery.findings.push(Finding::Unreadable { file, renamed });
        Ok(())
    }
}

fn open(disk: &dyn Disk, name: &str) -> Result<Arc<dyn DiskFile>, LogError> {
    disk.open(name).map_err(failed("open", name))
}

fn failed(doing: &'static str, name: &str) -> impl FnOnce(io::Error) -> LogError {
    let name = name.to_owned();
    move |source| LogError::Io { doing, name, source }
}

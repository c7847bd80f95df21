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
use std::sync::Arc;

use crate::log::LogError;
use crate::log::Recovery;
use crate::log::disk::Disk;
use crate::log::disk::DiskFile;
use crate::log::finding::Finding;
use crate::log::finding::Standing;
use crate::log::folder::Body;
use crate::log::folder::Candidate;
use crate::log::folder::Folder;
use crate::log::folder::Mending;
use crate::log::folder::failed;
use crate::log::frame::Header;
use crate::log::frame::Place;
use crate::log::manifest::Manifest;
use crate::log::sealed::SealedFile;
use crate::log::sealed::Summary;
use crate::log::segment::Beginning;
use crate::log::segment::SEGMENT_HEADER_BYTES;
use crate::log::state::Active;
use crate::log::state::Busy;
use crate::log::state::Form;
use crate::log::state::MARK_EVERY_BYTES;
use crate::log::state::Mark;
use crate::log::state::Phase;
use crate::log::state::Segment;
use crate::log::state::State;
use crate::log::state::Tail;
use crate::log::walk::Step;
use crate::log::walk::Walk;

/// Damage whose end is not known yet.
struct Gap {
    file: String,
    offset: u64,
    bytes: u64,
}

/// What is known of the log while it is walked through.
struct Check<'a> {
    disk: &'a dyn Disk,
    mending: Mending,
    manifest: &'a Manifest,
    log_id: Option<u64>,
    /// The sequence number the next frame should begin with.
    next_seq: u64,
    last_ms: i64,
    /// `at_ms` of the first frame of the segment at hand.
    begun_ms: i64,
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

/// A log that was looked through.
pub struct Recovered {
    /// What there is.
    pub state: State,
    /// Where the writer goes on.
    pub tail: Tail,
    /// What was found.
    pub recovery: Recovery,
    /// What became of sealed segments.
    pub manifest: Manifest,
}

/// Checks the log on `disk`, and mends what an interrupted write left if it may.
pub fn recover(disk: &dyn Disk, mending: Mending) -> Result<Recovered, LogError> {
    let mut folder = Folder::open(disk, mending)?;
    let mut candidates = folder.candidates()?;
    let Folder { manifest, findings, .. } = folder;
    let mut check = Check {
        disk,
        mending,
        manifest: &manifest,
        log_id: None,
        next_seq: 0,
        last_ms: i64::MIN,
        begun_ms: i64::MIN,
        chain: 0,
        link: Link::Known,
        gap: None,
        doubts: Vec::new(),
        segments: Vec::new(),
        recovery: Recovery { findings, ..Recovery::default() },
    };
    check.identify(&candidates)?;
    check.remove_unfinished(&mut candidates)?;
    let active = check.walk_all(&candidates)?;
    check.expect_all_sealed();
    if mending == Mending::Mend {
        disk.sync_names().map_err(failed("sync", "the log's folder"))?;
    }
    check.recovery.segments = check.segments.len() as u32;
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
    let tail = Tail { active, chain: check.chain };
    let recovery = check.recovery;
    Ok(Recovered { state, tail, recovery, manifest })
}

impl Check<'_> {
    /// Looks at every segment; returns the one to write on in.
    fn walk_all(&mut self, candidates: &[Candidate]) -> Result<Option<Active>, LogError> {
        let mut active = None;
        for (at, candidate) in candidates.iter().enumerate() {
            match &candidate.body {
                Body::Open { size_bytes, beginning } => {
                    let file = open(self.disk, &candidate.name)?;
                    let form = (*size_bytes, *beginning);
                    self.begin(candidate, *beginning);
                    let frames = self.walk(candidate, &file, form)?;
                    if at + 1 == candidates.len() {
                        active = self.end(candidate, file, form, frames)?;
                    }
                }
                Body::Sealed(sealed) => self.take_sealed(candidate, sealed),
                Body::Unreadable(Some(summary)) => {
                    self.begin(candidate, Beginning::Known(summary.header));
                    self.pass(summary);
                }
                Body::Unreadable(None) => self.link = Link::Lost,
            }
        }
        Ok(active)
    }

    /// Sequence numbers that the manifest knows are never given again, should the files be gone.
    fn expect_all_sealed(&mut self) {
        let end_seq = self.manifest.end_seq();
        if end_seq <= self.next_seq {
            return;
        }
        if !self.manifest.removed_all(self.next_seq, end_seq) {
            let (first_seq, records) = (self.next_seq, end_seq - self.next_seq);
            let before = "the end of the log".to_owned();
            self.recovery.findings.push(Finding::Missing { before, first_seq, records });
        }
        self.next_seq = end_seq;
    }

    /// Takes the number of the log from the first header, and refuses a second one.
    fn identify(&mut self, candidates: &[Candidate]) -> Result<(), LogError> {
        for candidate in candidates {
            let log_id = match &candidate.body {
                Body::Open { beginning: Beginning::Known(header), .. } => header.log_id,
                Body::Sealed(sealed) => sealed.summary().header.log_id,
                Body::Open { .. } | Body::Unreadable(_) => continue,
            };
            if *self.log_id.get_or_insert(log_id) != log_id {
                return Err(LogError::Foreign { name: candidate.name.clone() });
            }
        }
        Ok(())
    }

    /// Takes away a last segment that never got its header.
    fn remove_unfinished(&mut self, candidates: &mut Vec<Candidate>) -> Result<(), LogError> {
        let unfinished = |last: &mut Candidate| {
            let least = SEGMENT_HEADER_BYTES as u64;
            matches!(last.body, Body::Open { size_bytes, beginning: Beginning::Damaged }
                if size_bytes <= least)
        };
        if let Some(Candidate { name: file, .. }) = candidates.pop_if(unfinished) {
            if self.mending == Mending::Mend {
                self.disk.remove(&file).map_err(failed("remove", &file))?;
            }
            self.recovery.findings.push(Finding::Unfinished { file });
        }
        Ok(())
    }

    /// Goes on from the segment before to this one.
    fn begin(&mut self, candidate: &Candidate, beginning: Beginning) {
        self.close_gap(candidate.first_seq, Standing::Lost);
        if candidate.first_seq > self.next_seq {
            if !self.manifest.removed_all(self.next_seq, candidate.first_seq) {
                self.recovery.findings.push(Finding::Missing {
                    before: candidate.name.clone(),
                    first_seq: self.next_seq,
                    records: candidate.first_seq - self.next_seq,
                });
            }
            self.next_seq = candidate.first_seq;
            self.link = Link::Lost;
        }
        let Beginning::Known(header) = beginning else {
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

    /// Takes in a sealed segment: what it says of itself was checked when it was sealed.
    fn take_sealed(&mut self, candidate: &Candidate, sealed: &SealedFile) {
        let summary = *sealed.summary();
        self.begin(candidate, Beginning::Known(summary.header));
        let mut marks = sealed.marks();
        if marks.is_empty() {
            let offset = SEGMENT_HEADER_BYTES as u64;
            marks.push(Mark { first_seq: candidate.first_seq, offset });
        }
        self.segments.push(Segment {
            first_seq: candidate.first_seq,
            durable_bytes: summary.plain_bytes,
            marks,
            form: Form::Sealed,
        });
        self.recovery.records += summary.records;
        self.pass(&summary);
    }

    /// Goes on after a sealed segment.
    fn pass(&mut self, summary: &Summary) {
        self.next_seq = self.next_seq.max(summary.end_seq);
        (self.chain, self.link) = (summary.last_crc, Link::Known);
        self.last_ms = self.last_ms.max(summary.until_ms);
    }

    /// Looks at all frames of a segment; returns how many there are.
    fn walk(
        &mut self,
        candidate: &Candidate,
        file: &Arc<dyn DiskFile>,
        (size_bytes, beginning): (u64, Beginning),
    ) -> Result<u64, LogError> {
        let first = Mark { first_seq: self.next_seq, offset: SEGMENT_HEADER_BYTES as u64 };
        let mut walk = Walk::new(Arc::clone(file), self.log_id, first.offset, first.first_seq);
        let mut marks = vec![first];
        let mut frames = 0;
        loop {
            let step = walk.step(size_bytes);
            match step.map_err(failed("read", &candidate.name))? {
                Step::Frame(header, offset) => {
                    frames += 1;
                    if frames == 1 {
                        self.begun_ms = header.at_ms;
                    }
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
        let known = matches!(beginning, Beginning::Known(_));
        self.segments.push(Segment {
            first_seq: candidate.first_seq,
            durable_bytes: size_bytes,
            marks,
            form: if known { Form::Open } else { Form::Headless },
        });
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
        (mut size_bytes, beginning): (u64, Beginning),
        frames: u64,
    ) -> Result<Option<Active>, LogError> {
        let name = &candidate.name;
        if frames == 0 && beginning == Beginning::Damaged {
            self.set_aside(name)?;
            return Ok(None);
        }
        if let Some(Gap { offset, bytes, .. }) = self.gap.take() {
            if self.mending == Mending::Mend {
                file.truncate(offset).map_err(failed("cut the torn tail off", name))?;
            }
            size_bytes = offset;
            self.recovery.findings.push(Finding::Torn { file: name.clone(), offset, bytes });
        }
        if self.mending == Mending::Mend {
            file.sync().map_err(failed("sync", name))?;
        }
        if let Some(segment) = self.segments.last_mut() {
            segment.durable_bytes = size_bytes;
        }
        let begun_ms = (frames > 0).then_some(self.begun_ms);
        Ok(Some(Active { file, name: name.clone(), size_bytes, begun_ms }))
    }

    /// Renames the last segment, of which nothing can be used, so that its bytes are kept.
    fn set_aside(&mut self, name: &str) -> Result<(), LogError> {
        let names = self.disk.names().map_err(failed("list", "the log's folder"))?;
        let renamed = (1..)
            .map(|number: u32| format!("{name}.damaged{number}"))
            .find(|renamed| !names.contains(renamed))
            .expect("a folder holds fewer files than there are numbers");
        if self.mending == Mending::Mend {
            self.disk.rename(name, &renamed).map_err(failed("rename", name))?;
        }
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

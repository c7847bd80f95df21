//! The pipeline: records out of the log, through the engine, into the store.
//!
//! The same loop runs after a start and for ever: it reads frames in the order of the log, gives
//! their signals to the engine, and applies what follows in one transaction that also moves the
//! offset. What was derived before a crash is derived again and passed over: nothing is lost or
//! counted twice.
//!
//! # Time
//!
//! A report's time is the time of its frame, or its own if that lies within [`Timing::slack_ms`]
//! before it. So the order of the log is the order of event time, no report is ever late, and
//! reading the log again gives the same. While nothing comes in, the watermark follows the clock
//! at that distance.
//!
//! An imported report keeps its own time: it is counted for its own minute here, beside the engine,
//! which never hears of it ([`crate::written`]).

use std::sync::Arc;
use std::sync::PoisonError;
use std::sync::atomic::Ordering;
use std::time::Duration;
use std::time::Instant;

use outcry_core::engine::Action;
use outcry_core::engine::Event;
use outcry_core::signal::Body;
use outcry_core::signal::Signal;
use outcry_core::time::UnixMillis;
use outcry_core::time::UnixMinute;
use outcry_store::Store;
use outcry_store::StoreError;
use outcry_store::log::Frame;
use outcry_store::log::Log;
use outcry_store::log::LogError;
use outcry_store::log::reader::Reader;
use outcry_store::record::Batch;
use outcry_store::record::CommentState;
use outcry_store::record::Retention;

use crate::alerts::planner::Planner;
use crate::shared::Shared;
use crate::written;
use crate::written::Record;

/// Records after which a batch is applied, even if more wait.
const BATCH_RECORDS_MAX: usize = 20_000;
/// Time for which effects are gathered into a batch while records keep coming. Pages do not wait
/// for it, since they are made from the engine; a crash loses nothing, since the log has it all.
const BATCH_EVERY: Duration = Duration::from_millis(250);
/// Time for which frames come together before the engine decides on them.
const DECIDE_EVERY: Duration = Duration::from_millis(20);
/// Time between two saved engines.
const CHECKPOINT_EVERY: Duration = Duration::from_secs(60);
/// Time between two looks at what is to be folded or removed, while nothing is.
const TEND_EVERY: Duration = Duration::from_secs(10);
/// How long the loop waits for a frame before it lets time pass.
const IDLE: Duration = Duration::from_millis(100);
/// How long it waits before it tries again what the store refused.
const RETRY: Duration = Duration::from_millis(200);

/// How event time follows the clock.
#[derive(Clone, Copy, Debug)]
pub struct Timing {
    /// How far a report's own time may lie before that of its frame, in milliseconds.
    pub slack_ms: i64,
    /// How long counts are kept in full.
    pub keep: Retention,
}

/// The loop that turns records into what is shown.
pub struct Pipeline {
    log: Log,
    reader: Reader,
    store: Box<dyn Store>,
    shared: Arc<Shared>,
    timing: Timing,
    /// Records before this have their effects in the store.
    offset: u64,
    /// The next record to be read.
    next: u64,
    batch: Batch,
    decisions: Vec<(u128, CommentState)>,
    /// The watermark of frames that were taken and not decided yet.
    waiting: Option<UnixMillis>,
    decided_at: Instant,
    checkpoint_at: Instant,
    checkpoint_now: bool,
    /// Where the newest saved engine stands that this run has stored.
    saved_seq: u64,
    /// When effects were last stored, or found to be none.
    applied_at: Instant,
    unreadable: u64,
    /// When there was last nothing to be folded or removed.
    tended_at: Option<Instant>,
    /// Plans what is told of it; nothing is told where there is none.
    pub planner: Option<Planner>,
    /// What is before this was carried over and is not to be counted again.
    pub carried: Option<UnixMinute>,
}

impl Pipeline {
    /// Goes on at `from`, the place in the log where the engine of `shared` stands.
    ///
    /// # Errors
    ///
    /// When the store cannot be read, or stands beyond the end of the log.
    pub fn new(
        log: Log,
        store: Box<dyn Store>,
        shared: Arc<Shared>,
        timing: Timing,
        from: u64,
    ) -> anyhow::Result<Self> {
        let offset = store.offset()?;
        let end = log.next_seq();
        if offset > end {
            anyhow::bail!(
                "the database stands at record {offset}, but the log ends at {end}: they do not \
                 belong together, or segments of the log are missing"
            );
        }
        let reader = log.reader(from);
        shared.decided_seq.store(from, Ordering::Relaxed);
        Ok(Self {
            log,
            reader,
            store,
            shared,
            timing,
            offset,
            next: from,
            batch: Batch { from_seq: offset, to_seq: offset, ..Batch::default() },
            decisions: Vec::new(),
            waiting: None,
            decided_at: Instant::now(),
            checkpoint_at: Instant::now(),
            checkpoint_now: false,
            saved_seq: 0,
            applied_at: Instant::now(),
            unreadable: 0,
            tended_at: None,
            planner: None,
            carried: None,
        })
    }

    /// Works through everything that is in the log now; tells `progress` how far it is.
    ///
    /// # Errors
    ///
    /// When the log cannot be read or the store takes nothing.
    pub fn catch_up(&mut self, mut progress: impl FnMut(u64)) -> anyhow::Result<()> {
        let end = self.log.next_seq();
        while self.next < end {
            let Some(frame) = self.reader.next(IDLE)? else { continue };
            self.take_frame(frame);
            self.decide_if_due();
            if self.is_full() {
                self.apply()?;
            }
            progress(self.next);
        }
        self.apply()?;
        Ok(())
    }

    /// Runs until told to stop, then stores a last checkpoint.
    pub fn run(mut self) {
        while !self.shared.stop.load(Ordering::Relaxed) {
            if let Err(error) = self.turn() {
                tracing::error!(%error, "the log cannot be read");
                self.shared.fail(Some(error.to_string()));
                std::thread::sleep(RETRY);
            }
        }
        self.checkpoint_now = true;
        if let Err(error) = self.apply() {
            tracing::warn!(%error, "no last checkpoint: the next start takes longer");
        }
    }

    /// Takes what is there, or lets time pass; then applies what follows.
    fn turn(&mut self) -> Result<(), LogError> {
        while !self.is_full() && self.applied_at.elapsed() < BATCH_EVERY {
            let wait = if self.waiting.is_some() { DECIDE_EVERY } else { IDLE };
            match self.reader.next(wait)? {
                Some(frame) => {
                    self.take_frame(frame);
                    self.decide_if_due();
                }
                None if self.waiting.is_some() => self.decide(),
                None => {
                    self.pass_time();
                    break;
                }
            }
            if self.shared.stop.load(Ordering::Relaxed) {
                break;
            }
        }
        while let Err(error) = self.apply() {
            tracing::error!(%error, "the store takes nothing");
            self.shared.fail(Some(error.to_string()));
            if self.shared.stop.load(Ordering::Relaxed) {
                return Ok(());
            }
            std::thread::sleep(RETRY);
        }
        self.applied_at = Instant::now();
        self.tend();
        Ok(())
    }

    /// Does a short piece of what time brings: folding and removing. The next turn does the next.
    fn tend(&mut self) {
        if self.tended_at.is_some_and(|at| at.elapsed() < TEND_EVERY) {
            return;
        }
        let now = UnixMillis(self.log.floor_ms()).minute();
        match self.store.tend(now, &self.timing.keep) {
            Ok(tended) => self.tended_at = (!tended.more).then(Instant::now),
            Err(error) => {
                // Nothing is lost by it: counts stay where they are until it can be done.
                tracing::warn!(%error, "counts of past days are not folded");
                self.tended_at = Some(Instant::now());
            }
        }
    }

    fn is_full(&self) -> bool {
        self.next - self.batch.from_seq.min(self.next) >= BATCH_RECORDS_MAX as u64
    }

    /// Gives a frame's signals to the engine.
    fn take_frame(&mut self, frame: Frame) {
        let end = frame.first_seq + frame.records.len() as u64;
        let earliest = frame.after_ms.saturating_add(1).max(frame.at_ms - self.timing.slack_ms);
        let mut events = Vec::with_capacity(frame.records.len());
        for (index, record) in frame.records.iter().enumerate() {
            let seq = frame.first_seq + index as u64;
            match written::read(record, seq) {
                Ok(Record::Told(signal)) => {
                    self.note(&signal);
                    events.push(written::event_of(signal, earliest, frame.at_ms));
                }
                Ok(Record::Imported(signal)) => {
                    self.note(&signal);
                    if end > self.offset {
                        written::count_imported(&signal, &mut self.batch);
                    }
                }
                Err(why) => self.pass_over(seq, &why),
            }
        }
        let mut actions = Vec::new();
        {
            let mut engine = self.shared.engine.lock().unwrap_or_else(PoisonError::into_inner);
            for event in events {
                actions.append(&mut engine.handle(event));
            }
        }
        self.next = end;
        self.waiting = Some(UnixMillis(frame.at_ms.saturating_add(1)));
        self.collect(actions, end);
    }

    /// Decides what was taken once enough came together, and always at the offset the store had:
    /// effects before it are known, those after it are not.
    fn decide_if_due(&mut self) {
        if self.next == self.offset || self.decided_at.elapsed() >= DECIDE_EVERY {
            self.decide();
        }
    }

    /// Lets the engine decide up to the time of the last frame.
    fn decide(&mut self) {
        let Some(watermark) = self.waiting.take() else { return };
        let actions = {
            let mut engine = self.shared.engine.lock().unwrap_or_else(PoisonError::into_inner);
            engine.handle(Event::Watermark(watermark))
        };
        self.decided_at = Instant::now();
        self.shared.decided_seq.store(self.next, Ordering::Relaxed);
        self.collect(actions, self.next);
    }

    /// Comments, proposed claims and operators' acts: the store keeps them, the engine does not
    /// weigh them.
    fn note(&mut self, signal: &Signal) {
        match &signal.body {
            Body::Report(_) => self.batch.comments.extend(written::comment_of(signal)),
            Body::Proposal(_) => self.batch.proposals.push(signal.clone()),
            Body::Operator(act) => {
                self.decisions.extend(written::decision(act));
                self.batch.decided.extend(written::decision_on_proposal(act));
                if let Some(planner) = &mut self.planner {
                    planner.note(act, signal.at, &mut self.batch.alerts);
                }
            }
            _ => {}
        }
    }

    fn pass_over(&mut self, seq: u64, why: &str) {
        self.unreadable += 1;
        tracing::warn!(record.seq = seq, why, "a record of the log cannot be read");
    }

    /// Nothing came in: time passes all the same, so that surges close.
    fn pass_time(&mut self) {
        let watermark = UnixMillis(self.log.floor_ms().saturating_sub(self.timing.slack_ms));
        let actions = {
            let mut engine = self.shared.engine.lock().unwrap_or_else(PoisonError::into_inner);
            // A log that was never written to promises nothing; time begins with the first record.
            if engine.now().is_some_and(|now| now >= watermark) {
                return;
            }
            engine.handle(Event::Watermark(watermark))
        };
        self.collect(actions, self.next);
    }

    /// Adds what follows to the batch. What lies before the offset is in the store already.
    fn collect(&mut self, actions: Vec<Action>, end: u64) {
        if let Some(planner) = &mut self.planner {
            planner.plan(&actions, &mut self.batch.alerts);
        }
        let known = end <= self.offset;
        for action in actions {
            match action {
                Action::Count(deltas) if !known => {
                    for (cell, counts) in deltas.cells {
                        self.batch.deltas.add(cell, counts);
                    }
                }
                Action::Count(_) => {}
                Action::Incident(_, incident) => self.batch.incidents.push(incident),
                Action::Case(case) => self.batch.cases.push(case),
                // Stored with the incidents that are part of it; pages ask the engine.
                Action::Finding(_) => {}
                Action::Recheck(service) => self.shared.recheck(service),
            }
        }
        self.batch.to_seq = self.batch.to_seq.max(end);
    }

    /// Stores the batch, if there is anything in it.
    fn apply(&mut self) -> Result<(), StoreError> {
        self.decide();
        let due = (self.checkpoint_now || self.checkpoint_at.elapsed() >= CHECKPOINT_EVERY)
            && self.next >= self.batch.to_seq;
        let empty = self.batch.is_empty();
        let mut left = self.decide_comments()?;
        if empty && !due && left.is_empty() {
            self.decisions.clear();
            return Ok(());
        }
        if due {
            let engine = self.shared.engine.lock().unwrap_or_else(PoisonError::into_inner);
            self.batch.checkpoint = (engine.waiting() == 0).then(|| engine.save());
        }
        if let Some(before) = self.carried {
            self.batch.leave_out_before(before);
        }
        self.store.apply(&self.batch)?;
        if !self.batch.alerts.messages.is_empty() {
            self.shared.outbox_grew.store(true, Ordering::Relaxed);
        }
        if due {
            self.checkpoint_at = Instant::now();
        }
        if self.batch.checkpoint.is_some() {
            self.shared.safe_seq.fetch_max(self.saved_seq, Ordering::Relaxed);
            self.saved_seq = self.batch.to_seq;
        }
        self.offset = self.batch.to_seq;
        self.batch = Batch { from_seq: self.offset, to_seq: self.offset, ..Batch::default() };
        // A comment that came in with this batch can be decided on only now.
        std::mem::swap(&mut self.decisions, &mut left);
        for (id, _) in self.decide_comments()? {
            tracing::warn!(comment.id = %uuid::Uuid::from_u128(id), "there is no such comment");
        }
        self.decisions.clear();
        self.shared.fail(None);
        Ok(())
    }

    /// Carries out decisions on comments; gives back those whose comment is not there yet.
    fn decide_comments(&mut self) -> Result<Vec<(u128, CommentState)>, StoreError> {
        let mut left = Vec::new();
        for (id, state) in &self.decisions {
            match self.store.decide_comment(*id, *state) {
                Ok(()) => {}
                Err(StoreError::CommentNotFound) => left.push((*id, *state)),
                Err(error) => return Err(error),
            }
        }
        Ok(left)
    }
}

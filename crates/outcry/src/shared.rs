//! What the threads of a station share: the engine, how far it is, and whether to end.

use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::AtomicU64;

use outcry_core::engine::Engine;
use outcry_core::units::Text;
use tokio::sync::broadcast;

/// Rechecks that a slow listener may leave unread; older ones are passed over.
const RECHECKS_WAITING_MAX: usize = 1_024;

/// What others may look at while the pipeline runs.
pub struct Shared {
    /// The engine. Held for the time of a frame at most.
    pub engine: Mutex<Engine>,
    /// First log sequence number that is not decided yet.
    pub decided_seq: AtomicU64,
    /// Records before this are needed no more to start again: the saved engine before the newest
    /// one stands here.
    pub safe_seq: AtomicU64,
    /// What is wrong, for whoever runs this.
    pub failure: Mutex<Option<String>>,
    /// What the look at the start found damaged.
    pub damage: Mutex<Option<String>>,
    /// Services that vantage points are to look at out of turn, as they come up.
    pub rechecks: broadcast::Sender<Text>,
    /// Set when messages came into the outbox; whoever sends takes it back.
    pub outbox_grew: AtomicBool,
    /// Set when the pipeline is to end.
    pub stop: AtomicBool,
}

impl Shared {
    /// Starts with an engine.
    pub fn new(engine: Engine) -> Self {
        Self {
            engine: Mutex::new(engine),
            decided_seq: AtomicU64::new(0),
            safe_seq: AtomicU64::new(0),
            failure: Mutex::new(None),
            damage: Mutex::new(None),
            rechecks: broadcast::Sender::new(RECHECKS_WAITING_MAX),
            outbox_grew: AtomicBool::new(false),
            stop: AtomicBool::new(false),
        }
    }

    /// Tells whoever listens that a service is to be looked at out of turn.
    pub fn recheck(&self, service: Text) {
        // Nobody may listen: then nobody looks. So it is while the log is read again after a start,
        // since what was asked for then was asked for in its time.
        let _ = self.rechecks.send(service);
    }

    /// Says what is wrong, or that nothing is any more.
    pub fn fail(&self, what: Option<String>) {
        *self.failure.lock().unwrap_or_else(PoisonError::into_inner) = what;
    }
}

//! What workers and reader share: nothing on the way of a datagram but a few atomic numbers.

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::AtomicU32;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;

use outcry_core::traffic::sketch::hash::HashKey;
use outcry_core::traffic::slot::Slot;
use outcry_decode::address::Address;
use outcry_decode::export::Learnt;

/// Things that workers told each other; a worker that starts late would need all of them.
const LEARNT_MAX: usize = 1 << 16;

/// Shared by all threads of a listener.
pub(super) struct Shared {
    pub(super) stop: AtomicBool,
    pub(super) slots_dropped: AtomicU64,
    pub(super) flows_dropped: AtomicU64,
    /// The kernel's count of each socket.
    pub(super) socket_drops: Vec<AtomicU32>,
    key: HashKey,
    free: Mutex<Vec<Slot>>,
    open: Mutex<Arc<[Address]>>,
    learnt: Mutex<Vec<(usize, Arc<Learnt>)>>,
    learnt_count: AtomicUsize,
}

/// A lock whose holder panicked still holds whole values: each is replaced at once.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shared {
    pub(super) fn new(key: HashKey, sockets: usize) -> Self {
        Self {
            stop: AtomicBool::new(false),
            slots_dropped: AtomicU64::new(0),
            flows_dropped: AtomicU64::new(0),
            socket_drops: (0..sockets).map(|_| AtomicU32::new(0)).collect(),
            key,
            free: Mutex::new(Vec::new()),
            open: Mutex::new(Arc::new([])),
            learnt: Mutex::new(Vec::new()),
            learnt_count: AtomicUsize::new(0),
        }
    }

    /// An empty slot, made or used before.
    pub(super) fn slot(&self) -> Slot {
        let used = lock(&self.free).pop();
        let mut slot = used.unwrap_or_else(|| Slot::new(self.key));
        slot.reset(&self.open());
        slot
    }

    /// Gives a slot back, so that its memory is used again.
    pub(super) fn give_back(&self, slot: Slot) {
        let mut free = lock(&self.free);
        if free.len() < super::WORKERS_MAX {
            free.push(slot);
        }
    }

    pub(super) fn open(&self) -> Arc<[Address]> {
        Arc::clone(&lock(&self.open))
    }

    pub(super) fn watch(&self, targets: &[Address]) {
        *lock(&self.open) = targets.into();
    }

    /// Tells the other workers.
    pub(super) fn tell(&self, worker: usize, news: Vec<Learnt>) {
        let mut learnt = lock(&self.learnt);
        for one in news {
            if learnt.len() < LEARNT_MAX {
                learnt.push((worker, Arc::new(one)));
            }
        }
        self.learnt_count.store(learnt.len(), Ordering::Release);
    }

    /// What others told since `read`, which is moved on.
    pub(super) fn news(&self, worker: usize, read: &mut usize) -> Vec<Arc<Learnt>> {
        if self.learnt_count.load(Ordering::Acquire) == *read {
            return Vec::new();
        }
        let learnt = lock(&self.learnt);
        let from = std::mem::replace(read, learnt.len());
        learnt[from..]
            .iter()
            .filter(|(teller, _)| *teller != worker)
            .map(|(_, news)| Arc::clone(news))
            .collect()
    }
}

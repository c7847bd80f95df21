//! Puts the slots of all workers together, and keeps count of exporters and losses.

use std::collections::BTreeMap;
use std::net::UdpSocket;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::Receiver;
use std::sync::mpsc::RecvTimeoutError;
use std::sync::mpsc::sync_channel;
use std::thread::JoinHandle;
use std::time::Duration;
use std::time::Instant;

use outcry_core::traffic::sketch::hash::HashKey;
use outcry_decode::address::Address;
use outcry_decode::export::Counts;

use super::Config;
use super::FlowError;
use super::Health;
use super::QUEUE_SLOTS;
use super::WAIT;
use super::Window;
use super::exporter::Exporters;
use super::shared::Shared;
use super::worker::Handed;
use super::worker::Worker;
use super::worker::now_ms;

/// How long after its end a slot waits for workers that are late.
const GRACE_MS: u64 = 3 * WAIT.as_millis() as u64;

/// A running listener; it ends when it is dropped.
pub struct Listener {
    config: Arc<Config>,
    shared: Arc<Shared>,
    sockets: Vec<UdpSocket>,
    threads: Vec<JoinHandle<()>>,
    queue: Receiver<Handed>,
    /// Slots that wait for other workers, by number.
    gathering: BTreeMap<u64, Gathering>,
    exporters: Exporters,
    counts: Vec<Counts>,
    health: Health,
}

struct Gathering {
    window: Window,
    workers: usize,
}

impl Listener {
    pub(super) fn start(
        config: Arc<Config>,
        key: HashKey,
        sockets: Vec<UdpSocket>,
    ) -> Result<Self, FlowError> {
        let shared = Arc::new(Shared::new(key, sockets.len()));
        let (sender, queue) = sync_channel(QUEUE_SLOTS.max(config.workers * 4));
        let mut listener = Self {
            counts: vec![Counts::default(); config.workers],
            config: Arc::clone(&config),
            shared: Arc::clone(&shared),
            sockets,
            threads: Vec::new(),
            queue,
            gathering: BTreeMap::new(),
            exporters: Exporters::default(),
            health: Health::default(),
        };
        for number in 0..config.workers {
            let shared_sockets: std::io::Result<Vec<_>> =
                listener.sockets.iter().map(UdpSocket::try_clone).collect();
            let worker = Worker {
                number,
                config: Arc::clone(&config),
                shared: Arc::clone(&shared),
                sockets: shared_sockets.map_err(FlowError::Start)?,
                queue: sender.clone(),
            };
            let thread = std::thread::Builder::new().name(format!("flows-{number}"));
            listener.threads.push(thread.spawn(move || worker.run()).map_err(FlowError::Start)?);
        }
        Ok(listener)
    }

    /// Where it listens; of use when a port was left to the system.
    ///
    /// # Errors
    ///
    /// Those of the socket.
    pub fn addresses(&self) -> std::io::Result<Vec<std::net::SocketAddr>> {
        self.sockets.iter().map(UdpSocket::local_addr).collect()
    }

    /// Targets to be watched closely from the next slot on; the first 256 of them.
    pub fn watch(&self, targets: &[Address]) {
        self.shared.watch(targets);
    }

    /// Waits for the next slot of time that is over, for `timeout` at most.
    ///
    /// A slot is given when all workers have handed theirs over, or some time after its end. A
    /// worker that comes later still has what it counted given as a window of the same time.
    pub fn next(&mut self, timeout: Duration) -> Option<Window> {
        let until = Instant::now() + timeout;
        loop {
            while let Ok(handed) = self.queue.try_recv() {
                self.gather(handed);
            }
            if let Some(window) = self.complete() {
                return Some(window);
            }
            let left = until.saturating_duration_since(Instant::now()).min(WAIT);
            if left.is_zero() {
                return None;
            }
            match self.queue.recv_timeout(left) {
                Ok(handed) => self.gather(handed),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return None,
            }
        }
    }

    /// Gives a window's memory back, to be used again.
    pub fn recycle(&self, window: Window) {
        self.shared.give_back(window.slot);
    }

    /// All exporters, and what of each was lost.
    pub fn exporters(&self) -> &Exporters {
        &self.exporters
    }

    /// What went wrong so far.
    pub fn health(&self) -> Health {
        let shared = &self.shared;
        let mut health = self.health.clone();
        let drops = shared.socket_drops.iter().map(|drops| drops.load(Ordering::Relaxed));
        health.socket_drops = drops.map(u64::from).sum();
        health.slots_dropped = shared.slots_dropped.load(Ordering::Relaxed);
        health.flows_dropped = shared.flows_dropped.load(Ordering::Relaxed);
        health.exporters_beyond = self.exporters.beyond;
        for counts in &self.counts {
            let sum = &mut health.decoded;
            sum.datagrams += counts.datagrams;
            sum.refused += counts.refused;
            sum.flows += counts.flows;
            sum.other_records += counts.other_records;
            sum.counter_samples += counts.counter_samples;
            sum.other_packets += counts.other_packets;
            sum.held_sets += counts.held_sets;
        }
        health
    }

    /// Ends receiving, and gives what was not given yet.
    pub fn stop(mut self) -> (Vec<Window>, Health) {
        self.end();
        while let Ok(handed) = self.queue.try_recv() {
            self.gather(handed);
        }
        let rest = std::mem::take(&mut self.gathering);
        let windows = rest.into_values().map(|gathering| gathering.window).collect();
        (windows, self.health())
    }

    fn end(&mut self) {
        self.shared.stop.store(true, Ordering::Relaxed);
        for thread in self.threads.drain(..) {
            // A worker that panicked has told so on standard error already.
            let _ = thread.join();
        }
    }

    fn gather(&mut self, handed: Handed) {
        self.counts[handed.worker] = handed.counts;
        self.health.faults.merge(&handed.faults);
        self.health.not_allowed += handed.not_allowed;
        self.exporters.merge(&handed.exporters);
        let length_ms = self.config.slot_ms;
        match self.gathering.get_mut(&handed.number) {
            Some(gathering) => {
                gathering.window.slot.merge(&handed.slot);
                gathering.workers += 1;
                self.shared.give_back(handed.slot);
            }
            None => {
                let started_ms = handed.number * length_ms;
                let window = Window { started_ms, length_ms, slot: handed.slot };
                self.gathering.insert(handed.number, Gathering { window, workers: 1 });
            }
        }
    }

    /// The oldest slot, if it waits for nobody.
    fn complete(&mut self) -> Option<Window> {
        let oldest = self.gathering.first_entry()?;
        let window = &oldest.get().window;
        let over_ms = window.started_ms + window.length_ms + GRACE_MS;
        let is_complete = oldest.get().workers >= self.config.workers || now_ms() >= over_ms;
        is_complete.then(|| oldest.remove().window)
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.end();
    }
}

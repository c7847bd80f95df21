//! One receiving thread: datagrams in, slots out.

use std::net::UdpSocket;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::SyncSender;
use std::time::SystemTime;
use std::time::UNIX_EPOCH;

use outcry_core::traffic::slot::Slot;
use outcry_decode::address::Address;
use outcry_decode::export::Counts;
use outcry_decode::export::Decoder;
use outcry_decode::fault::Faults;

use super::Config;
use super::exporter::ExporterKey;
use super::exporter::Exporters;
use super::shared::Shared;
use super::socket::Buffers;

/// What a worker hands over at the end of a slot.
pub(super) struct Handed {
    pub(super) worker: usize,
    /// Which slot, counted from 1970.
    pub(super) number: u64,
    pub(super) slot: Slot,
    pub(super) exporters: Exporters,
    pub(super) not_allowed: u64,
    /// Of the worker's decoder since it began.
    pub(super) counts: Counts,
    /// Since the last slot.
    pub(super) faults: Faults,
}

pub(super) struct Worker {
    pub(super) number: usize,
    pub(super) config: Arc<Config>,
    pub(super) shared: Arc<Shared>,
    pub(super) sockets: Vec<UdpSocket>,
    pub(super) queue: SyncSender<Handed>,
}

/// What a worker counts until the end of a slot.
struct Counting {
    decoder: Decoder,
    slot: Slot,
    exporters: Exporters,
    not_allowed: u64,
    last_allowed: Option<Address>,
}

/// Milliseconds since 1970.
pub(super) fn now_ms() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as u64)
}

impl Worker {
    pub(super) fn run(self) {
        let mut buffers = Buffers::new();
        let mut counting = Counting {
            decoder: Decoder::new(),
            slot: self.shared.slot(),
            exporters: Exporters::default(),
            not_allowed: 0,
            last_allowed: None,
        };
        for (exporter, sampling) in &self.config.sampling {
            counting.decoder.configure(*exporter, *sampling);
        }
        let mut number = now_ms() / self.config.slot_ms;
        let mut read = 0;
        let mut socket = 0;
        while !self.shared.stop.load(Ordering::Relaxed) {
            socket = (socket + 1) % self.sockets.len();
            let now_ms = now_ms();
            if now_ms / self.config.slot_ms != number {
                self.hand_over(&mut counting, number, now_ms);
                number = now_ms / self.config.slot_ms;
            }
            for news in self.shared.news(self.number, &mut read) {
                let Counting { decoder, slot, .. } = &mut counting;
                decoder.learn(&news, now_ms, |flows| slot.add_all(flows));
            }
            let received = buffers.receive(&self.sockets[socket], |from, datagram| {
                counting.take(&self.config, from, now_ms, datagram);
            });
            if let Ok((_, Some(dropped))) = received {
                self.shared.socket_drops[socket].fetch_max(dropped, Ordering::Relaxed);
            }
            if self.config.workers > 1 {
                let news = counting.decoder.take_learnt();
                if !news.is_empty() {
                    self.shared.tell(self.number, news);
                }
            }
        }
        self.hand_over(&mut counting, number, now_ms());
    }

    fn hand_over(&self, counting: &mut Counting, number: u64, now_ms: u64) {
        counting.decoder.expire(now_ms);
        counting.decoder.take_learnt();
        let slot = std::mem::replace(&mut counting.slot, self.shared.slot());
        let handed = Handed {
            worker: self.number,
            number,
            slot,
            exporters: std::mem::take(&mut counting.exporters),
            not_allowed: std::mem::take(&mut counting.not_allowed),
            counts: counting.decoder.counts,
            faults: std::mem::take(&mut counting.decoder.faults),
        };
        // Receiving never waits for deciding.
        if let Err(error) = self.queue.try_send(handed) {
            let (std::sync::mpsc::TrySendError::Full(lost)
            | std::sync::mpsc::TrySendError::Disconnected(lost)) = error;
            self.shared.slots_dropped.fetch_add(1, Ordering::Relaxed);
            self.shared.flows_dropped.fetch_add(lost.slot.flows, Ordering::Relaxed);
            counting.exporters = lost.exporters;
            counting.not_allowed = lost.not_allowed;
            counting.decoder.faults.merge(&lost.faults);
            self.shared.give_back(lost.slot);
        }
    }
}

impl Counting {
    #[inline]
    fn take(&mut self, config: &Config, from: Address, now_ms: u64, datagram: &[u8]) {
        if self.last_allowed != Some(from) {
            if !config.is_allowed(from) {
                self.not_allowed += 1;
                return;
            }
            self.last_allowed = Some(from);
        }
        let slot = &mut self.slot;
        let mut count = 0;
        let head = self.decoder.datagram(from, now_ms, datagram, |flows| {
            count += flows.len() as u64;
            slot.add_all(flows);
        });
        if let Some(head) = head {
            let key = ExporterKey { address: from, version: head.version, domain: head.domain };
            self.exporters.note(key, &head, datagram.len(), count, now_ms);
        }
    }
}

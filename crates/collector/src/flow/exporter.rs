//! What each exporter sent, and what of it was lost.

use std::collections::BTreeMap;

use outcry_decode::address::Address;
use outcry_decode::export::Head;
use outcry_decode::export::Version;
use outcry_decode::export::loss::Span;

/// Exporters (with their domains) that are kept apart.
pub const EXPORTERS_MAX: usize = 4_096;

/// One numbering of one exporter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ExporterKey {
    /// Its address.
    pub address: Address,
    /// What it writes.
    pub version: Version,
    /// Observation domain, source id, engine, or sub-agent.
    pub domain: u32,
}

/// What one exporter sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Exporter {
    /// Datagrams that could be read.
    pub datagrams: u64,
    /// Flows in them.
    pub flows: u64,
    /// Octets of them.
    pub octets: u64,
    /// When the last came, in milliseconds since 1970.
    pub seen_ms: u64,
    numbers: Span,
}

impl Exporter {
    /// What never arrived, by the exporter's own numbers: datagrams for NetFlow v9 and sFlow,
    /// flows for v5 and IPFIX.
    pub fn lost(&self) -> u64 {
        self.numbers.lost()
    }

    fn merge(&mut self, more: &Self) {
        self.datagrams += more.datagrams;
        self.flows += more.flows;
        self.octets += more.octets;
        self.seen_ms = self.seen_ms.max(more.seen_ms);
        self.numbers.merge(&more.numbers);
    }
}

/// Exporters by key; the last one is found at once, since datagrams come in runs.
#[derive(Debug, Default)]
pub struct Exporters {
    all: BTreeMap<ExporterKey, Exporter>,
    last: Option<(ExporterKey, Exporter)>,
    pub(super) beyond: u64,
}

impl Exporters {
    pub(super) fn note(
        &mut self,
        key: ExporterKey,
        head: &Head,
        octets: usize,
        flows: u64,
        ms: u64,
    ) {
        if self.last.as_ref().is_none_or(|(last, _)| *last != key) {
            self.settle();
            self.last = Some((key, Exporter::default()));
        }
        let Some((_, exporter)) = &mut self.last else { return };
        exporter.datagrams += 1;
        exporter.flows += flows;
        exporter.octets += octets as u64;
        exporter.seen_ms = ms;
        exporter.numbers.add(head.sequence, head.advance);
    }

    fn settle(&mut self) {
        if let Some((key, counted)) = self.last.take() {
            self.add(key, &counted);
        }
    }

    fn add(&mut self, key: ExporterKey, more: &Exporter) {
        let has_room = self.all.len() < EXPORTERS_MAX || self.all.contains_key(&key);
        if has_room {
            self.all.entry(key).or_default().merge(more);
        } else {
            self.beyond += more.datagrams;
        }
    }

    /// Adds what another worker, or a later slot, counted.
    pub(super) fn merge(&mut self, more: &Self) {
        self.beyond += more.beyond;
        for (key, exporter) in more.all.iter().chain(more.last.iter().map(|(k, e)| (k, e))) {
            self.add(*key, exporter);
        }
    }

    /// All exporters, in the order of their addresses.
    pub fn iter(&self) -> impl Iterator<Item = (&ExporterKey, &Exporter)> {
        self.all.iter()
    }
}

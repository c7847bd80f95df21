//! Flow exports over UDP, of any version: one datagram in, flows and faults out.
//!
//! [`Decoder::datagram`] tells NetFlow v5, v9, IPFIX and sFlow v5 apart by their first bytes and
//! gives flows in batches. It remembers templates and sampling tables of each exporter, within
//! limits; data that comes before its template is held for a while ([`held`]).
//!
//! Several decoders may share the datagrams of one exporter: what one learns ([`Learnt`]) the
//! others are told by [`Decoder::learn`].
//!
//! What it cannot tell: whether an exporter is who its address says. UDP can be forged; listen
//! where only exporters can send.

use crate::address::Address;
use crate::bytes;
use crate::fault::FaultKind;
use crate::fault::Faults;
use crate::netflow::data;
use crate::netflow::template::Layout;
use crate::netflow::v5;
use crate::record::Flow;
use crate::record::Sampling;
use crate::sflow;

pub mod batch;
pub mod domain;
pub mod held;
pub mod loss;
pub mod sampling;

#[cfg(test)]
mod tests;

use self::batch::Batch;
use self::domain::Domains;
use self::held::Held;
use self::sampling::Scope;

/// What a datagram was written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Version {
    /// NetFlow version 5.
    Netflow5,
    /// NetFlow version 9 (RFC 3954).
    Netflow9,
    /// IPFIX (RFC 7011).
    Ipfix,
    /// sFlow version 5.
    Sflow5,
}

impl Version {
    /// Its name in outputs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Netflow5 => "NetFlow v5",
            Self::Netflow9 => "NetFlow v9",
            Self::Ipfix => "IPFIX",
            Self::Sflow5 => "sFlow v5",
        }
    }

    /// The version of a datagram, by its first bytes.
    pub fn of(datagram: &[u8]) -> Option<Self> {
        match bytes::u16(datagram, 0)? {
            5 => Some(Self::Netflow5),
            9 => Some(Self::Netflow9),
            10 => Some(Self::Ipfix),
            0 if bytes::u16(datagram, 2)? == 5 => Some(Self::Sflow5),
            _ => None,
        }
    }
}

/// The header of a datagram.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// What it was written in.
    pub version: Version,
    /// Observation domain, source id, engine, or sub-agent.
    pub domain: u32,
    /// When it was exported, in milliseconds since 1970; the time of receipt for sFlow.
    pub exported_ms: u64,
    /// Its number.
    pub sequence: u32,
    /// How far the number moves to the next; `None` when that cannot be known.
    pub advance: Option<u32>,
}

/// Counts of one decoder since it began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Datagrams with a header that could be read.
    pub datagrams: u64,
    /// Datagrams that could not be read at all.
    pub refused: u64,
    /// Flows given.
    pub flows: u64,
    /// Records that are no flows, such as options.
    pub other_records: u64,
    /// Samples of sFlow that count interfaces and not packets.
    pub counter_samples: u64,
    /// Samples of sFlow whose packet is not IP.
    pub other_packets: u64,
    /// Sets of data that wait for their template.
    pub held_sets: u64,
}

/// Something that an exporter said and that decodes what it sends later.
#[derive(Clone, Debug, PartialEq)]
pub enum Learnt {
    /// A template, or its withdrawal.
    Template {
        /// Whose.
        key: DomainKey,
        /// Its number.
        id: u16,
        /// How its records are laid out; `None` when withdrawn.
        layout: Option<Box<Layout>>,
    },
    /// A rate of sampling.
    Sampler {
        /// Whose.
        key: DomainKey,
        /// Of what.
        scope: Scope,
        /// The rate.
        sampling: Sampling,
    },
}

/// Whose templates: an exporter and its observation domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct DomainKey {
    /// Address of the exporter.
    pub exporter: Address,
    /// Its observation domain.
    pub domain: u32,
    /// NetFlow v9 and IPFIX number their templates apart.
    pub version: Version,
}

/// Decodes the datagrams of any number of exporters.
#[derive(Debug, Default)]
pub struct Decoder {
    pub(crate) domains: Domains,
    pub(crate) held: Held,
    pub(crate) batch: Batch,
    learnt: Vec<Learnt>,
    at: u64,
    /// What it did so far.
    pub counts: Counts,
    /// What was wrong so far; places are numbers of datagrams, from 1.
    pub faults: Faults,
}

impl Decoder {
    /// Knows nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the operator's word for the sampling of an exporter that does not say it.
    pub fn configure(&mut self, exporter: Address, sampling: Sampling) {
        self.domains.configure(exporter, sampling);
    }

    /// Decodes one datagram, gives its flows in batches, and then its head.
    ///
    /// `now_ms` is the time of receipt in milliseconds since 1970. Returns `None` when the datagram
    /// could not be read at all; [`Decoder::faults`] says why.
    #[inline]
    pub fn datagram(
        &mut self,
        exporter: Address,
        now_ms: u64,
        datagram: &[u8],
        mut sink: impl FnMut(&[Flow]),
    ) -> Option<Head> {
        self.at += 1;
        let read = match Version::of(datagram) {
            Some(Version::Netflow5) => {
                let configured = self.domains.configured(exporter);
                v5::datagram(datagram, configured, &mut self.batch, &mut sink)
            }
            Some(version @ (Version::Netflow9 | Version::Ipfix)) => {
                self.templated(exporter, version, now_ms, datagram, &mut sink)
            }
            Some(Version::Sflow5) => {
                let configured = self.domains.configured(exporter);
                let Self { batch, counts, .. } = self;
                let mut out = sflow::Out { batch, counts, sink: &mut sink };
                sflow::datagram(datagram, configured, now_ms, &mut out)
            }
            None => Err(FaultKind::UnknownFormat),
        };
        self.counts.flows += self.batch.take_given();
        match read {
            Ok((head, wrong)) => {
                self.counts.datagrams += 1;
                if let Some(kind) = wrong {
                    self.fault(kind);
                }
                Some(head)
            }
            Err(kind) => {
                self.counts.refused += 1;
                self.fault(kind);
                None
            }
        }
    }

    /// What was learnt since the last call, for other decoders of the same exporters.
    pub fn take_learnt(&mut self) -> Vec<Learnt> {
        std::mem::take(&mut self.learnt)
    }

    /// Takes over what another decoder learnt, and gives the flows that waited for it.
    pub fn learn(&mut self, learnt: &Learnt, now_ms: u64, mut sink: impl FnMut(&[Flow])) {
        match learnt {
            Learnt::Template { key, id, layout } => {
                if let Ok(domain) = self.domains.get(*key, now_ms) {
                    match layout {
                        Some(layout) => domain.put(*id, (**layout).clone()),
                        None => domain.withdraw(*id),
                    }
                    self.release(*key, *id, now_ms, &mut sink);
                }
            }
            Learnt::Sampler { key, scope, sampling } => {
                if let Ok(domain) = self.domains.get(*key, now_ms) {
                    domain.samplers.put(*scope, *sampling);
                }
            }
        }
        self.counts.flows += self.batch.take_given();
    }

    /// Gives up on data that has waited too long; call it now and then.
    pub fn expire(&mut self, now_ms: u64) {
        let expired = self.held.expire(now_ms);
        for _ in 0..expired {
            self.fault(FaultKind::NoTemplate);
        }
    }

    /// Gives up on all data that waits: nothing more will come.
    pub fn end(&mut self) {
        self.expire(u64::MAX);
    }

    pub(crate) fn fault(&mut self, kind: FaultKind) {
        self.faults.add(kind, self.at);
    }

    pub(crate) fn learnt(&mut self, learnt: Learnt) {
        if self.learnt.len() < LEARNT_MAX {
            self.learnt.push(learnt);
        }
    }
}

/// What is kept for other decoders until it is taken.
const LEARNT_MAX: usize = 4_096;

/// What a reader of one version gives: the head, and a fault that did not end it.
pub(crate) type Read = Result<(Head, Option<FaultKind>), FaultKind>;

/// Cuts a file of raw datagrams, written one behind the other, into them.
///
/// NetFlow v5, IPFIX and v9 say their length or show their end; what cannot be cut is the last.
pub fn datagrams(file: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = file;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let length = match Version::of(rest) {
            Some(Version::Netflow5) => v5::length(rest),
            Some(Version::Ipfix) => bytes::u16(rest, 2).map(usize::from),
            Some(Version::Netflow9) => Some(data::v9_length(rest)),
            _ => None,
        };
        let length = length.filter(|length| (1..rest.len()).contains(length));
        let (taken, later) = rest.split_at(length.unwrap_or(rest.len()));
        rest = later;
        Some(taken)
    })
}

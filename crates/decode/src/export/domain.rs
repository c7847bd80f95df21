//! What is remembered of one observation domain of one exporter.

use std::collections::BTreeMap;

use crate::address::Address;
use crate::export::DomainKey;
use crate::export::sampling::Samplers;
use crate::fault::FaultKind;
use crate::netflow::template::Layout;
use crate::record::Sampling;

/// Pairs of an exporter and an observation domain that are remembered.
pub const DOMAINS_MAX: usize = 4_096;
/// A domain that was silent for so long makes room for another.
pub const DOMAIN_IDLE_MS: u64 = 1_800_000;
/// How often an idle domain is searched for.
const SEARCH_AGAIN_MS: u64 = 1_000;
/// Templates of one domain.
pub const TEMPLATES_MAX: usize = 1_024;

/// Templates and rates of one domain.
#[derive(Debug)]
pub(crate) struct Domain {
    templates: BTreeMap<u16, Layout>,
    pub(crate) samplers: Samplers,
    /// What the operator says, or unknown.
    pub(crate) configured: Sampling,
    /// When the exporter's clock of milliseconds began, if an option said so.
    pub(crate) booted_ms: Option<u64>,
    /// When it last sent something.
    pub(crate) seen_ms: u64,
}

impl Domain {
    pub(crate) fn new(configured: Sampling) -> Self {
        Self {
            templates: BTreeMap::new(),
            samplers: Samplers::default(),
            configured,
            booted_ms: None,
            seen_ms: 0,
        }
    }

    pub(crate) fn layout(&self, id: u16) -> Option<&Layout> {
        self.templates.get(&id)
    }

    /// Whether another template fits.
    pub(crate) fn has_room(&self, id: u16) -> bool {
        self.templates.len() < TEMPLATES_MAX || self.templates.contains_key(&id)
    }

    pub(crate) fn put(&mut self, id: u16, layout: Layout) {
        if self.has_room(id) {
            self.templates.insert(id, layout);
        }
    }

    pub(crate) fn withdraw(&mut self, id: u16) {
        self.templates.remove(&id);
    }

    pub(crate) fn withdraw_all(&mut self, options: bool) -> Vec<u16> {
        let gone: Vec<u16> = self
            .templates
            .iter()
            .filter(|(_, layout)| layout.is_options() == options)
            .map(|(id, _)| *id)
            .collect();
        self.templates.retain(|_, layout| layout.is_options() != options);
        gone
    }
}

/// The domains of all exporters.
#[derive(Debug, Default)]
pub(crate) struct Domains {
    all: BTreeMap<DomainKey, Domain>,
    /// When there was no idle domain to be found.
    full_ms: u64,
    configured: BTreeMap<Address, Sampling>,
}

impl Domains {
    pub(crate) fn configure(&mut self, exporter: Address, sampling: Sampling) {
        self.configured.insert(exporter, sampling);
        for (_, domain) in self.all.iter_mut().filter(|(key, _)| key.exporter == exporter) {
            domain.configured = sampling;
        }
    }

    pub(crate) fn configured(&self, exporter: Address) -> Sampling {
        self.configured.get(&exporter).copied().unwrap_or_default()
    }

    /// The domain of a key, made if there is room.
    pub(crate) fn get(&mut self, key: DomainKey, now_ms: u64) -> Result<&mut Domain, FaultKind> {
        if !self.all.contains_key(&key) && self.all.len() >= DOMAINS_MAX {
            // Whoever forges exporters must not keep us searching.
            if now_ms.saturating_sub(self.full_ms) < SEARCH_AGAIN_MS {
                return Err(FaultKind::TooManyExporters);
            }
            self.full_ms = now_ms;
            let idle = self.all.iter().min_by_key(|(_, domain)| domain.seen_ms);
            let oldest = idle.map(|(key, domain)| (*key, domain.seen_ms));
            match oldest {
                Some((oldest, ms)) if now_ms.saturating_sub(ms) >= DOMAIN_IDLE_MS => {
                    self.all.remove(&oldest);
                }
                _ => return Err(FaultKind::TooManyExporters),
            }
        }
        let configured = self.configured(key.exporter);
        let domain = self.all.entry(key).or_insert_with(|| Domain::new(configured));
        domain.seen_ms = now_ms;
        Ok(domain)
    }
}

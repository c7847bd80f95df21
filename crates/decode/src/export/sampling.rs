//! Rates of sampling that an exporter sent apart from its flows, and which one a flow has.
//!
//! A rate has a scope: a sampler, an interface, or all of the exporter's domain. The rate in the
//! record itself goes before the table, the table before the operator's configuration, and without
//! any of them the rate is unknown.
//!
//! References: RFC 5477 §8 (selectors); Cisco, "NetFlow v9 export format", fields 34, 35, 48
//! to 50.

use crate::record::Sampling;

/// Rates that are kept of one domain.
pub const SAMPLERS_MAX: usize = 1_024;

/// Of what a rate was said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// All that the domain exports.
    Domain,
    /// What comes in by an interface.
    Interface(u32),
    /// What a sampler (or selector) chose.
    Sampler(u64),
}

/// The rates of one domain.
#[derive(Clone, Debug, Default)]
pub struct Samplers {
    rates: Vec<(Scope, Sampling)>,
}

impl Samplers {
    /// Keeps a rate; returns whether it is new, or `None` when there is no room.
    pub fn put(&mut self, scope: Scope, sampling: Sampling) -> Option<bool> {
        match self.rates.binary_search_by_key(&scope, |(scope, _)| *scope) {
            Ok(place) => {
                let before = std::mem::replace(&mut self.rates[place].1, sampling);
                Some(before != sampling)
            }
            Err(_) if self.rates.len() >= SAMPLERS_MAX => None,
            Err(place) => {
                self.rates.insert(place, (scope, sampling));
                Some(true)
            }
        }
    }

    fn get(&self, scope: Scope) -> Option<Sampling> {
        let place = self.rates.binary_search_by_key(&scope, |(scope, _)| *scope).ok()?;
        Some(self.rates[place].1).filter(|sampling| !sampling.is_unknown())
    }

    /// Whether there is no rate but perhaps one for the domain, so that all flows have the same.
    pub fn is_uniform(&self) -> bool {
        self.rates.last().is_none_or(|(scope, _)| *scope == Scope::Domain)
    }

    /// The rate of the domain.
    pub fn domain(&self) -> Option<Sampling> {
        self.get(Scope::Domain)
    }

    /// The rate of a flow, by its sampler, its interface, or the domain.
    pub fn find(&self, sampler: Option<u64>, interface: u32) -> Option<Sampling> {
        let by_sampler = sampler.and_then(|id| self.get(Scope::Sampler(id)));
        by_sampler
            .or_else(|| (interface != 0).then(|| self.get(Scope::Interface(interface)))?)
            .or_else(|| self.domain())
            .or_else(|| self.only_sampler(sampler))
    }

    /// A domain with one sampler, whose flows do not name it, was sampled by that one.
    fn only_sampler(&self, named: Option<u64>) -> Option<Sampling> {
        match (named, self.rates.as_slice()) {
            (None, [(Scope::Sampler(_), sampling)]) => Some(*sampling),
            _ => None,
        }
    }
}

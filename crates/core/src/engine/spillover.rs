//! Spillover: reports name one service, its probes are green, and a related one is in danger.
//!
//! When a network fails, people report the messenger they could not reach; when a provider fails,
//! they report whatever they were using; and of two rivals the better known gets the other's
//! reports. Such an incident stands, but it says that it may belong elsewhere.
//!
//! # What it cannot tell
//!
//! Which of two failing services came first when nobody probes them: without green probes nothing
//! is said.

use std::collections::BTreeMap;

use crate::detect::together::Factor;
use crate::detect::together::Spillover;
use crate::engine::Engine;
use crate::incident::Severity;
use crate::series::Slice;
use crate::time::MINUTE_MS;
use crate::time::UnixMillis;

/// The service in danger opened before the other, or at most this much after it.
const OPENED_WITHIN_MS: i64 = 15 * MINUTE_MS;

/// A service in danger: how many reports it has, when it opened, and which it is.
type InDanger = (u64, UnixMillis, usize);

impl Engine {
    /// Looks at every open incident whose probes are green.
    pub(super) fn look_for_spillover(&mut self, end: UnixMillis) {
        let green: Vec<usize> = self
            .surging
            .iter()
            .copied()
            .filter(|index| self.watches[*index].surge.is_some())
            .filter(|index| self.watches[*index].probes_are_green(end))
            .collect();
        let dangers = if green.is_empty() { BTreeMap::new() } else { self.dangers(end) };
        for index in green {
            let found = self.spillover_of(index, end, &dangers);
            let Some(incident) = self.watches[index].incidents.back_mut() else { continue };
            let known = incident.peers.spillover.take();
            let same = |known: &Spillover| {
                found.as_ref().is_some_and(|found| found.in_danger == known.in_danger)
            };
            incident.peers.spillover = known.filter(same).or(found);
        }
    }

    /// The service in danger with the most reports, by what relates it to others.
    fn dangers(&self, end: UnixMillis) -> BTreeMap<Factor, InDanger> {
        let mut dangers: BTreeMap<Factor, InDanger> = BTreeMap::new();
        for index in &self.surging {
            let watch = &self.watches[*index];
            let Some(incident) = watch.incidents.back().filter(|incident| incident.is_open())
            else {
                continue;
            };
            if incident.severity != Severity::Danger || watch.probes_are_green(end) {
                continue;
            }
            let count = watch.keys[0].sum(end.plus_ms(-1).minute(), 15);
            let own = (count, incident.opened_at, *index);
            for factor in super::peers::factors(&self.catalog, &watch.service, &Slice::All) {
                let most = dangers.entry(factor).or_insert(own);
                if own.0 > most.0 {
                    *most = own;
                }
            }
        }
        dangers
    }

    fn spillover_of(
        &self,
        index: usize,
        end: UnixMillis,
        dangers: &BTreeMap<Factor, InDanger>,
    ) -> Option<Spillover> {
        let watch = &self.watches[index];
        let opened_at = watch.incidents.back()?.opened_at;
        let count = watch.keys[0].sum(end.plus_ms(-1).minute(), 15);
        let mut factors = super::peers::factors(&self.catalog, &watch.service, &Slice::All);
        // A provider says more than a category.
        factors.sort();
        factors.into_iter().find_map(|relation| {
            let (most, since, other) = *dangers.get(&relation)?;
            let earlier = since.since_ms(opened_at) <= OPENED_WITHIN_MS;
            (other != index && most >= count && earlier).then(|| Spillover {
                in_danger: self.watches[other].service.clone(),
                relation,
                since: end,
            })
        })
    }
}

//! Probes in the engine: a round taken, others asked to look, and what is shown of them.

use std::collections::BTreeMap;

use crate::detect::failure::Stance;
use crate::engine::Action;
use crate::engine::Engine;
use crate::engine::probing::CELL_MS;
use crate::engine::probing::Eye;
use crate::engine::probing::Noted;
use crate::engine::probing::Probing;
use crate::engine::probing::Strip;
use crate::signal::probe::Probe;
use crate::snapshot::ProbeCell;
use crate::snapshot::ProbesNow;
use crate::snapshot::SNAPSHOT_MINUTES;
use crate::snapshot::VantageNow;
use crate::snapshot::VantagePoint;
use crate::time::MINUTE_MS;
use crate::time::UnixMillis;
use crate::units::Text;

/// Rounds of one service are asked for out of turn at most once in this time, whoever asks:
/// neither a failure that flaps nor false reports can turn vantage points into a weapon.
const RECHECK_EVERY_MS: i64 = MINUTE_MS;

impl Engine {
    /// Takes one round of one vantage point.
    pub(super) fn take_probe(
        &mut self,
        index: usize,
        at: UnixMillis,
        probe: &Probe,
        actions: &mut Vec<Action>,
    ) {
        let watch = &mut self.watches[index];
        let noted = watch.probing.note(at, probe);
        match noted {
            Noted::Vetoed => return self.counters.vetoed += 1,
            Noted::NoRoom => return self.counters.no_room += 1,
            Noted::Same => return,
            Noted::Changed | Noted::FirstFailure => {}
        }
        watch.changed = true;
        if let Some(change) = watch.weigh_probes(at, &self.shapes) {
            self.surging.insert(index);
            self.tell(index, change, at, actions);
        }
        if noted == Noted::FirstFailure {
            self.ask_again(index, at, actions);
        }
    }

    /// All vantage points that looked at anything, by name.
    pub fn vantages(&self) -> Vec<VantagePoint> {
        let mut points: BTreeMap<&Text, VantagePoint> = BTreeMap::new();
        for (name, strip) in self.watches.iter().flat_map(|watch| &watch.probing.strips) {
            let point = points.entry(name).or_insert_with(|| VantagePoint {
                name: name.clone(),
                place: strip.place,
                at: strip.at,
                services: 0,
            });
            point.services += 1;
            if strip.at > point.at {
                (point.at, point.place) = (strip.at, strip.place);
            }
        }
        points.into_values().collect()
    }

    /// Lets vantage points look at a service at once, unless they were asked a moment ago.
    pub(super) fn ask_again(&mut self, index: usize, at: UnixMillis, actions: &mut Vec<Action>) {
        let watch = &mut self.watches[index];
        let asked = &mut watch.probing.rechecked_at;
        if asked.is_none_or(|before| at.since_ms(before) >= RECHECK_EVERY_MS) {
            *asked = Some(at);
            actions.push(Action::Recheck(watch.service.clone()));
        }
    }
}

impl Probing {
    /// What is shown at `now`; `None` when nothing was probed.
    pub(crate) fn shown(&self, now: UnixMillis) -> Option<ProbesNow> {
        if self.strips.is_empty() {
            return None;
        }
        let weighed = self.weigh(now);
        let mut says: BTreeMap<&Text, (Stance, &Eye)> = BTreeMap::new();
        for (name, eye) in self.checks.values().flatten() {
            let Some(stance) = eye.stance(now) else { continue };
            let graver = |known: &(Stance, &Eye)| gravity(stance) > gravity(known.0);
            if says.get(name).is_none_or(graver) {
                says.insert(name, (stance, eye));
            }
        }
        let vantage = |(name, strip): (&Text, &Strip)| {
            let said = says.get(name);
            let eye = said.filter(|(stance, _)| *stance == Stance::Fails).map(|(_, eye)| eye);
            VantageNow {
                name: name.clone(),
                place: strip.place,
                stance: said.map(|(stance, _)| *stance),
                at: strip.at,
                phase: eye.and_then(|eye| eye.phase.clone()),
                detail: eye.and_then(|eye| eye.detail.clone()),
                cells: strip.shown(now),
            }
        };
        Some(ProbesNow {
            agreement: weighed.finding.agreement,
            failing: weighed.finding.failing,
            asked: weighed.finding.asked,
            kind: weighed.check.map(|check| check.kind.clone()).unwrap_or_default(),
            phase: weighed.seen.0.cloned(),
            detail: weighed.seen.1.cloned(),
            soft: weighed.soft,
            newest: self.newest(),
            cell_ms: CELL_MS,
            vantages: self.strips.iter().map(vantage).collect(),
        })
    }
}

/// The order in which what one vantage point says of several checks is told.
fn gravity(stance: Stance) -> u8 {
    match stance {
        Stance::Passes => 0,
        Stance::Blocked => 1,
        Stance::CutOff => 2,
        Stance::Fails => 3,
    }
}

impl Strip {
    /// The cells of the last 24 hours.
    fn shown(&self, now: UnixMillis) -> Vec<ProbeCell> {
        let from = now.plus_ms(-(SNAPSHOT_MINUTES as i64) * MINUTE_MS - CELL_MS);
        let first = self.first();
        let cell = |(number, &(asked, failed)): (i64, &(u8, u8))| ProbeCell {
            start: UnixMillis(number * CELL_MS),
            asked: u32::from(asked),
            failed: u32::from(failed),
        };
        (first..).zip(&self.cells).map(cell).filter(|cell| cell.start > from).collect()
    }
}

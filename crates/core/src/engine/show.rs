//! What the engine shows: snapshots for pages.

use std::collections::BTreeMap;

use crate::claim::ClaimRecord;
use crate::engine::Engine;
use crate::engine::shares::places;
use crate::engine::shares::shares;
use crate::engine::watch::Minute;
use crate::engine::watch::Watch;
use crate::series::MinuteRow;
use crate::series::Slice;
use crate::snapshot::SNAPSHOT_INCIDENTS_MAX;
use crate::snapshot::SNAPSHOT_MINUTES;
use crate::snapshot::ServiceSnapshot;
use crate::time::DAY_MS;
use crate::time::MINUTE_MS;
use crate::time::UnixMillis;
use crate::time::UnixMinute;
use crate::units::Country;
use crate::units::Text;

impl Engine {
    /// Services that changed since this was last asked, in order of slug.
    pub fn take_changed(&mut self) -> Vec<Text> {
        let mut changed: Vec<Text> = Vec::new();
        for watch in &mut self.watches {
            if std::mem::take(&mut watch.changed) {
                changed.push(watch.service.clone());
            }
        }
        changed.sort_unstable();
        changed
    }

    /// What is known about a service at `now`, or `None` when it is not in the catalogue.
    pub fn snapshot(&self, service: &str, now: UnixMillis) -> Option<ServiceSnapshot> {
        let watch = &self.watches[self.watch_of(service)?];
        let last = now.minute();
        let five = watch.total_since(UnixMinute(last.0 - 4), last);
        let fifteen = watch.total_since(UnixMinute(last.0 - 14), last);
        let hour = watch.total_since(UnixMinute(last.0 - 59), last);
        let usual = |minutes| watch.usual_over(0, now, minutes, &self.shapes);
        let incident = watch.incidents.back().filter(|incident| {
            incident.closed_at.is_none_or(|closed| now.since_ms(closed) <= DAY_MS)
        });
        let earlier = watch.incidents.iter().rev().skip(usize::from(incident.is_some()));
        Some(ServiceSnapshot {
            service: watch.service.clone(),
            as_of: now,
            minutes: self.rows(watch, last),
            components: shares(&hour.components, |name| watch.components_usual.share(name)),
            problems: shares(&hour.problems, |name| watch.problems_usual.share(name)),
            places: places(&hour.countries, |country| {
                let key = watch.key_of.get(&Slice::Country(country))?;
                Some(watch.usual_over(*key, now, 60, &self.shapes))
            }),
            works_15min: fifteen.works,
            received_5min: five.received,
            counted_5min: five.counted,
            usual_5min: usual(5),
            counted_15min: fifteen.counted,
            usual_15min: usual(15),
            weeks_learnt: watch.learnt.weeks_mean(),
            incident: incident.cloned(),
            earlier: earlier.take(SNAPSHOT_INCIDENTS_MAX).cloned().collect(),
            claims: watch.claims.iter().cloned().map(ClaimRecord::unruled).collect(),
            probes: watch.probing.shown(now),
            reconstruction: watch.synthetic,
        })
    }

    /// Minutes before the watch began are left out: nothing is known about them.
    fn rows(&self, watch: &Watch, last: UnixMinute) -> Vec<MinuteRow> {
        let began = watch.learnt.began.map_or(i64::MIN, |began| began.minute().0);
        let first = (last.0 - SNAPSHOT_MINUTES as i64 + 1).max(began.min(last.0));
        let mut known = watch.recent.iter().skip_while(|row| row.minute.0 < first).peekable();
        let mut usual = Usual::new(self, watch);
        (first..=last.0)
            .map(|minute| {
                let row = known.next_if(|row| row.minute.0 == minute);
                MinuteRow {
                    minute: UnixMinute(minute),
                    received: row.map_or(0, |row| row.received),
                    counted: row.map_or(0, |row| row.counted),
                    usual: usual.at(UnixMinute(minute)),
                }
            })
            .collect()
    }
}

/// The usual level minute by minute, computed once in ten: it moves by the hour.
pub(super) struct Usual<'a> {
    engine: &'a Engine,
    watch: &'a Watch,
    step: i64,
    value: f64,
}

impl<'a> Usual<'a> {
    const STEP_MINUTES: i64 = 10;

    pub(super) fn new(engine: &'a Engine, watch: &'a Watch) -> Self {
        Self { engine, watch, step: i64::MIN, value: 0.0 }
    }

    pub(super) fn at(&mut self, minute: UnixMinute) -> f64 {
        let step = minute.0.div_euclid(Self::STEP_MINUTES);
        if step != self.step {
            let middle = UnixMillis((step * Self::STEP_MINUTES + 5) * MINUTE_MS);
            self.step = step;
            self.value = self.watch.usual(0, middle, &self.engine.shapes);
        }
        self.value
    }
}

/// Sums over some minutes.
#[derive(Default)]
struct Totals {
    received: u64,
    counted: u64,
    works: u64,
    components: BTreeMap<Text, u64>,
    problems: BTreeMap<Text, u64>,
    countries: BTreeMap<Option<Country>, u64>,
}

impl Watch {
    fn total_since(&self, from: UnixMinute, last: UnixMinute) -> Totals {
        let mut totals = Totals::default();
        let rows = self.recent.iter().rev().skip_while(|row| row.minute > last);
        for row in rows.take_while(|row| row.minute >= from) {
            totals.add(row);
        }
        totals
    }
}

impl Totals {
    fn add(&mut self, row: &Minute) {
        self.received += u64::from(row.received);
        self.counted += u64::from(row.counted);
        self.works += u64::from(row.works);
        for (name, n) in &row.components {
            *self.components.entry(name.clone()).or_default() += u64::from(*n);
        }
        for (name, n) in &row.problems {
            *self.problems.entry(name.clone()).or_default() += u64::from(*n);
        }
        for (country, n) in &row.countries {
            *self.countries.entry(*country).or_default() += u64::from(*n);
        }
    }
}

//! The model: a store that is plain maps, so simple that it can be seen to be right.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::ops::Bound;
use std::ops::Range;

use outcry_core::evidence::CaseFile;
use outcry_core::incident::Incident;
use outcry_core::incident::IncidentId;
use outcry_core::series::Cell;
use outcry_core::series::Counts;
use outcry_core::series::Dimension;
use outcry_core::series::PastHour;
use outcry_core::time::UnixMillis;
use outcry_core::time::UnixMinute;
use outcry_core::units::Text;

use crate::Store;
use crate::StoreError;
use crate::record::Batch;
use crate::record::Comment;
use crate::record::CommentState;
use crate::record::HOURS_PER_DAY;
use crate::record::IncidentFilter;
use crate::record::Kept;
use crate::record::MINUTES_PER_DAY;
use crate::record::MINUTES_PER_HOUR;
use crate::record::Openness;
use crate::record::Proposal;
use crate::record::ProposalState;
use crate::record::Retention;
use crate::record::Sums;
use crate::record::Tended;
use crate::record::Totals;

/// A series, and an hour or a day of it since 1970.
type Spot = (Text, Dimension, i64);

/// Everything a store holds, in memory: minutes, hours and days each on their own.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Model {
    offset: u64,
    services: BTreeSet<Text>,
    minutes: BTreeMap<Cell, Sums>,
    hours: BTreeMap<Spot, Sums>,
    days: BTreeMap<Spot, Sums>,
    /// What is kept of the days that were folded.
    kept: BTreeMap<Spot, Kept>,
    incidents: BTreeMap<IncidentId, Incident>,
    cases: BTreeMap<(Text, u32), CaseFile>,
    comments: BTreeMap<u128, Comment>,
    proposals: BTreeMap<u128, Proposal>,
    checkpoint: Option<(u64, Vec<u8>)>,
}

impl Store for Model {
    fn offset(&self) -> Result<u64, StoreError> {
        Ok(self.offset)
    }

    fn apply(&mut self, batch: &Batch) -> Result<(), StoreError> {
        batch.check()?;
        if batch.from_seq != self.offset {
            let (expected, found) = (batch.from_seq, self.offset);
            return Err(StoreError::OffsetMoved { expected, found });
        }
        self.offset = batch.to_seq;
        for (cell, counts) in &batch.deltas.cells {
            let spot = |at| (cell.service.clone(), cell.dimension.clone(), at);
            let sums = Sums::from(*counts);
            self.services.insert(cell.service.clone());
            self.minutes.entry(cell.clone()).or_default().add(sums);
            self.hours.entry(spot(hour_of(cell.minute))).or_default().add(sums);
            self.days.entry(spot(day_of(cell.minute))).or_default().add(sums);
        }
        for incident in &batch.incidents {
            let known = self.incidents.get(&incident.id).map_or(0, |known| known.revision);
            if incident.revision > known {
                self.incidents.insert(incident.id.clone(), incident.clone());
            }
        }
        for case in &batch.cases {
            let key = (case.incident.id.0.clone(), case.incident.revision);
            self.cases.entry(key).or_insert_with(|| case.clone());
        }
        for new in batch.comments.iter().cloned() {
            self.comments.entry(new.id).or_insert_with(|| Comment {
                id: new.id,
                at: new.at,
                service: new.service,
                country: new.country,
                component: new.component,
                problem: new.problem,
                text: new.text,
                state: CommentState::Held,
            });
        }
        for signal in batch.proposals.iter().cloned() {
            let held = Proposal { signal, state: ProposalState::Held };
            self.proposals.entry(held.signal.id).or_insert(held);
        }
        for (id, state) in &batch.decided {
            let proposal = self.proposals.get_mut(id);
            if let Some(held) = proposal.filter(|it| it.state == ProposalState::Held) {
                held.state = *state;
            }
        }
        if let Some(saved) = &batch.checkpoint {
            self.checkpoint = Some((batch.to_seq, saved.clone()));
        }
        Ok(())
    }

    fn tend(&mut self, now: UnixMinute, keep: &Retention) -> Result<Tended, StoreError> {
        let edges = keep.edges(now);
        for ((_, _, day), kept) in &mut self.kept {
            *kept = (*kept).min(edges.kept(*day));
        }
        for (service, dimension, day) in self.days.keys().filter(|(_, _, day)| *day < edges.fold) {
            let spot = (service.clone(), dimension.clone(), *day);
            self.kept.entry(spot).or_insert_with(|| edges.kept(*day));
        }
        // What came late for a day that is not folded now, but was, stays until it is.
        let kept = &self.kept;
        let is_kept = |service: &Text, dimension: &Dimension, day, what| {
            day >= edges.fold || kept[&(service.clone(), dimension.clone(), day)] >= what
        };
        self.minutes.retain(|cell, _| {
            is_kept(&cell.service, &cell.dimension, day_of(cell.minute), Kept::Minutes)
        });
        self.hours.retain(|(service, dimension, hour), _| {
            is_kept(service, dimension, hour.div_euclid(HOURS_PER_DAY), Kept::Hours)
        });
        Ok(Tended::default())
    }

    fn checkpoint(&self) -> Result<Option<(u64, Vec<u8>)>, StoreError> {
        Ok(self.checkpoint.clone())
    }

    fn series_range(
        &self,
        service: &str,
        dimension: &Dimension,
        from: UnixMinute,
        until: UnixMinute,
        limit: u32,
    ) -> Result<Vec<(UnixMinute, Counts)>, StoreError> {
        let wanted = |cell: &Cell| {
            *cell.service == *service
                && cell.dimension == *dimension
                && (from..until).contains(&cell.minute)
        };
        let found = self.minutes.iter().filter(|(cell, _)| wanted(cell));
        Ok(found.map(|(cell, sums)| (cell.minute, sums.counts())).take(size(limit)).collect())
    }

    fn series_hours(
        &self,
        service: &str,
        dimension: &Dimension,
        from_hour: i64,
        until_hour: i64,
        limit: u32,
    ) -> Result<Vec<(i64, Sums)>, StoreError> {
        Ok(spans(&self.hours, (service, dimension), from_hour..until_hour, limit))
    }

    fn series_days(
        &self,
        service: &str,
        dimension: &Dimension,
        from_day: i64,
        until_day: i64,
        limit: u32,
    ) -> Result<Vec<(i64, Sums)>, StoreError> {
        Ok(spans(&self.days, (service, dimension), from_day..until_day, limit))
    }

    fn cells(
        &self,
        service: &str,
        from: UnixMinute,
        until: UnixMinute,
    ) -> Result<Vec<(UnixMinute, Dimension, Counts)>, StoreError> {
        // In order of service, minute and dimension already.
        let wanted =
            |cell: &Cell| *cell.service == *service && (from..until).contains(&cell.minute);
        let found = self.minutes.iter().filter(|(cell, _)| wanted(cell));
        let row =
            |(cell, sums): (&Cell, &Sums)| (cell.minute, cell.dimension.clone(), sums.counts());
        Ok(found.map(row).collect())
    }

    fn services(&self) -> Result<Vec<Text>, StoreError> {
        Ok(self.services.iter().cloned().collect())
    }

    fn hour_totals(
        &self,
        from_hour: i64,
        until_hour: i64,
        limit: u32,
    ) -> Result<Vec<PastHour>, StoreError> {
        let mut hours: BTreeMap<(i64, Text), BTreeMap<Dimension, u64>> = BTreeMap::new();
        for ((service, dimension, hour), sums) in &self.hours {
            if (from_hour..until_hour).contains(hour) {
                let counted = hours.entry((*hour, service.clone())).or_default();
                *counted.entry(dimension.clone()).or_default() += sums.counted;
            }
        }
        let listed = hours.into_iter().filter(|(_, sums)| sums.contains_key(&Dimension::All));
        Ok(listed.map(past_hour).take(size(limit)).collect())
    }

    fn incident(&self, id: &str) -> Result<Option<Incident>, StoreError> {
        Ok(self.incidents.get(&IncidentId(id.into())).cloned())
    }

    fn incidents(&self, filter: &IncidentFilter, limit: u32) -> Result<Vec<Incident>, StoreError> {
        let key = |incident: &Incident| (incident.opened_at, incident.id.clone());
        let wanted = |incident: &Incident| {
            filter.service.as_ref().is_none_or(|service| *service == incident.service)
                && (filter.openness == Openness::Any || incident.is_open())
                && filter.before.as_ref().is_none_or(|before| key(incident) < *before)
        };
        let mut found: Vec<_> = self.incidents.values().filter(|i| wanted(i)).cloned().collect();
        found.sort_by_key(key);
        found.reverse();
        found.truncate(size(limit));
        Ok(found)
    }

    fn case_file(
        &self,
        incident: &str,
        revision: Option<u32>,
    ) -> Result<Option<CaseFile>, StoreError> {
        let mut found = self.cases_of(incident).rev();
        Ok(found.find(|(r, _)| revision.is_none_or(|wanted| wanted == *r)).map(|(_, c)| c.clone()))
    }

    fn case_revisions(
        &self,
        incident: &str,
        limit: u32,
    ) -> Result<Vec<(u32, UnixMillis)>, StoreError> {
        let found = self.cases_of(incident).rev().map(|(revision, case)| (revision, case.as_of));
        Ok(found.take(size(limit)).collect())
    }

    fn comments(
        &self,
        state: CommentState,
        service: Option<&str>,
        limit: u32,
    ) -> Result<Vec<Comment>, StoreError> {
        let wanted = |comment: &Comment| {
            comment.state == state && service.is_none_or(|service| *service == *comment.service)
        };
        let mut found: Vec<_> = self.comments.values().filter(|c| wanted(c)).cloned().collect();
        found.sort_by_key(|comment| (comment.at, comment.id));
        found.reverse();
        found.truncate(size(limit));
        Ok(found)
    }

    fn decide_comment(&mut self, id: u128, state: CommentState) -> Result<(), StoreError> {
        let comment = self.comments.get_mut(&id).ok_or(StoreError::CommentNotFound)?;
        comment.state = state;
        Ok(())
    }

    fn proposals(&self, state: ProposalState, limit: u32) -> Result<Vec<Proposal>, StoreError> {
        let mut found: Vec<_> =
            self.proposals.values().filter(|it| it.state == state).cloned().collect();
        found.sort_by_key(|it| (it.signal.at, it.signal.id));
        found.reverse();
        found.truncate(size(limit));
        Ok(found)
    }

    fn proposal(&self, id: u128) -> Result<Option<Proposal>, StoreError> {
        Ok(self.proposals.get(&id).cloned())
    }

    fn counts(&self) -> Result<Totals, StoreError> {
        let mut totals = Totals {
            comments: self.comments.len() as u64,
            proposals: self.proposals.len() as u64,
            ..Totals::default()
        };
        for ((_, dimension, _), sums) in &self.days {
            match dimension {
                Dimension::All => {
                    totals.received += sums.received;
                    totals.counted += sums.counted;
                }
                Dimension::Works => totals.works += sums.received,
                _ => {}
            }
        }
        Ok(totals)
    }
}

impl Model {
    fn cases_of(&self, incident: &str) -> impl DoubleEndedIterator<Item = (u32, &CaseFile)> {
        let incident: Text = incident.into();
        let from = Bound::Included((incident.clone(), 0));
        let until = Bound::Included((incident, u32::MAX));
        self.cases.range((from, until)).map(|((_, revision), case)| (*revision, case))
    }
}

fn spans(
    of: &BTreeMap<Spot, Sums>,
    (service, dimension): (&str, &Dimension),
    span: Range<i64>,
    limit: u32,
) -> Vec<(i64, Sums)> {
    let wanted = |(of_service, of_dimension, at): &Spot| {
        **of_service == *service && of_dimension == dimension && span.contains(at)
    };
    let found = of.iter().filter(|(spot, _)| wanted(spot));
    found.map(|((_, _, at), sums)| (*at, *sums)).take(size(limit)).collect()
}

fn hour_of(minute: UnixMinute) -> i64 {
    minute.0.div_euclid(MINUTES_PER_HOUR)
}

fn day_of(minute: UnixMinute) -> i64 {
    minute.0.div_euclid(MINUTES_PER_DAY)
}

fn past_hour(((hour, service), sums): ((i64, Text), BTreeMap<Dimension, u64>)) -> PastHour {
    let (components, problems, countries) = (Vec::new(), Vec::new(), Vec::new());
    let mut past = PastHour { service, hour, total: 0, components, problems, countries };
    for (dimension, sum) in sums.into_iter().filter(|(_, sum)| *sum > 0) {
        match dimension {
            Dimension::All => past.total = sum,
            Dimension::Component(name) => past.components.push((name, sum)),
            Dimension::Problem(name) => past.problems.push((name, sum)),
            Dimension::Country(Some(country)) => past.countries.push((country, sum)),
            Dimension::Country(None) | Dimension::Works => {}
        }
    }
    past
}

fn size(limit: u32) -> usize {
    usize::try_from(limit).expect("a usize has at least 32 bits")
}

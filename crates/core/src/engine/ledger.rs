//! The ledger: counts of the event at hand, by service and minute, until they are handed out.
//!
//! Names of one minute are few, so they stand in short lists; the sums by cell, in their order, are
//! made once an event and not once a report.

use std::collections::BTreeMap;

use crate::series::Cell;
use crate::series::Counts;
use crate::series::Deltas;
use crate::series::Dimension;
use crate::signal::Problem;
use crate::signal::Report;
use crate::time::UnixMinute;
use crate::units::Country;
use crate::units::Text;

/// Counts that were not handed out yet.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    rows: BTreeMap<(usize, UnixMinute), Row>,
}

#[derive(Debug, Default)]
struct Row {
    all: Counts,
    works: Counts,
    components: Vec<(Text, Counts)>,
    problems: Vec<(Text, Counts)>,
    countries: Vec<(Option<Country>, Counts)>,
}

impl Ledger {
    /// Adds one report to every cell it belongs to, as [`Deltas::add_report`] does.
    pub(crate) fn add(&mut self, watch: usize, at: UnixMinute, report: &Report, counted: bool) {
        let counts = Counts { received: 1, counted: u32::from(counted) };
        let row = self.rows.entry((watch, at)).or_default();
        match &report.problem {
            Problem::Works => return row.works.add(counts),
            Problem::Fails(name) => bump(&mut row.problems, name, counts),
            Problem::Unspecified => {}
        }
        row.all.add(counts);
        bump(&mut row.countries, &report.place.country, counts);
        if let Some(name) = &report.component {
            bump(&mut row.components, name, counts);
        }
    }

    /// Whether nothing was added.
    pub(crate) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Hands all out; `service` names a watch.
    pub(crate) fn take<'a>(&mut self, service: impl Fn(usize) -> &'a Text) -> Deltas {
        let mut deltas = Deltas::default();
        for ((watch, minute), row) in std::mem::take(&mut self.rows) {
            let service = service(watch);
            let mut add = |dimension, counts: Counts| {
                if counts != Counts::default() {
                    deltas.add(Cell { service: service.clone(), minute, dimension }, counts);
                }
            };
            add(Dimension::All, row.all);
            add(Dimension::Works, row.works);
            row.components.into_iter().for_each(|(name, n)| add(Dimension::Component(name), n));
            row.problems.into_iter().for_each(|(name, n)| add(Dimension::Problem(name), n));
            row.countries.into_iter().for_each(|(place, n)| add(Dimension::Country(place), n));
        }
        deltas
    }
}

fn bump<T: Clone + PartialEq>(list: &mut Vec<(T, Counts)>, name: &T, counts: Counts) {
    match list.iter_mut().find(|(known, _)| known == name) {
        Some((_, sum)) => sum.add(counts),
        None => list.push((name.clone(), counts)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ledger_says_what_adding_cell_by_cell_says() {
        let service: Text = "x".into();
        let (mut ledger, mut deltas) = (Ledger::default(), Deltas::default());
        let problems =
            [Problem::Works, Problem::Unspecified, Problem::Fails("slow".into()), Problem::Works];
        for n in 0..200_i64 {
            let report = Report {
                problem: problems[(n % 4) as usize].clone(),
                component: (n % 3 == 0).then(|| if n % 2 == 0 { "web" } else { "app" }.into()),
                ..Report::default()
            };
            ledger.add(0, UnixMinute(n / 50), &report, n % 5 == 0);
            deltas.add_report(&service, UnixMinute(n / 50), &report, n % 5 == 0);
        }
        assert!(ledger.take(|_| &service) == deltas);
        assert!(ledger.is_empty());
    }
}

//! Series: counts of reports by minute, service and slice.
//!
//! Two numbers stand side by side and are never mixed: what was *received*, and what was *counted*
//! after the reporter rule of `trust`. Detection uses the second; both are kept and shown.

use std::collections::BTreeMap;

use crate::signal::Problem;
use crate::signal::Report;
use crate::time::UnixMinute;
use crate::units::Asn;
use crate::units::Country;
use crate::units::Text;

/// What a count is about, besides its service and minute.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Dimension {
    /// All problem reports.
    All,
    /// "Works for me".
    Works,
    /// Problem reports about one component.
    Component(Text),
    /// Problem reports of one kind.
    Problem(Text),
    /// Problem reports from one country; `None` when the place is not known.
    Country(Option<Country>),
}

/// One cell of a series.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cell {
    /// Slug of the service.
    pub service: Text,
    /// The minute.
    pub minute: UnixMinute,
    /// What the count is about.
    pub dimension: Dimension,
}

/// Reports of one cell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Reports that came in.
    pub received: u32,
    /// Reports that count: at most one a reporter in 15 minutes, fewer for a crowded prefix.
    pub counted: u32,
}

impl Counts {
    /// Adds another count; saturates.
    pub fn add(&mut self, other: Self) {
        self.received = self.received.saturating_add(other.received);
        self.counted = self.counted.saturating_add(other.counted);
    }
}

/// Partial sums to be added to a store, in one transaction with the log offset they come from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Deltas {
    /// Sums by cell.
    pub cells: BTreeMap<Cell, Counts>,
}

impl Deltas {
    /// Adds `counts` to a cell.
    pub fn add(&mut self, cell: Cell, counts: Counts) {
        self.cells.entry(cell).or_default().add(counts);
    }

    /// Adds one report to every cell it belongs to.
    pub fn add_report(
        &mut self,
        service: &Text,
        minute: UnixMinute,
        report: &Report,
        counted: bool,
    ) {
        let counts = Counts { received: 1, counted: u32::from(counted) };
        let mut add = |dimension| {
            self.add(Cell { service: service.clone(), minute, dimension }, counts);
        };
        match &report.problem {
            Problem::Works => return add(Dimension::Works),
            Problem::Fails(name) => add(Dimension::Problem(name.clone())),
            Problem::Unspecified => {}
        }
        add(Dimension::All);
        add(Dimension::Country(report.place.country));
        if let Some(name) = &report.component {
            add(Dimension::Component(name.clone()));
        }
    }

    /// Whether there is nothing to store.
    pub fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }
}

/// Reports of one past hour of one service: how a baseline learns what was usual before today.
#[derive(Clone, Debug, PartialEq)]
pub struct PastHour {
    /// Slug of the service.
    pub service: Text,
    /// Hours since 1970.
    pub hour: i64,
    /// Counted problem reports.
    pub total: u64,
    /// Counted problem reports by component.
    pub components: Vec<(Text, u64)>,
    /// Counted problem reports by kind of problem.
    pub problems: Vec<(Text, u64)>,
    /// Counted problem reports by country.
    pub countries: Vec<(Country, u64)>,
}

/// One minute of one service as it is shown.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MinuteRow {
    /// The minute.
    pub minute: UnixMinute,
    /// Reports that came in.
    pub received: u32,
    /// Reports that count.
    pub counted: u32,
    /// Reports usual in that minute.
    pub usual: f64,
}

/// Which reports of a service a count is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Slice {
    /// All of them.
    All,
    /// Those from one country.
    Country(Country),
    /// Those about one component.
    Component(Text),
    /// Those with one kind of problem.
    Problem(Text),
    /// Those from one network.
    Network(Asn),
}

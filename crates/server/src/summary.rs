//! Summaries: one service in one line, as lists show it.
//!
//! Kept for every service, since the home page and the list of services show them all; far smaller
//! than a snapshot.

use outcry_core::catalog::Service;
use outcry_core::incident::IncidentId;
use outcry_core::incident::Scope;
use outcry_core::incident::Severity;
use outcry_core::incident::Share;
use outcry_core::series::MinuteRow;
use outcry_core::snapshot::SNAPSHOT_MINUTES;
use outcry_core::snapshot::ServiceSnapshot;
use outcry_core::time::UnixMillis;
use outcry_core::units::Text;

/// Minutes one step of a sparkline covers.
pub const STEP_MINUTES: usize = 15;
/// Steps a sparkline has: 24 hours.
const STEPS: usize = SNAPSHOT_MINUTES / STEP_MINUTES;
/// Reports a usual level is at least taken for when a multiple is formed: three reports where 0.1
/// are usual are not "thirty times".
const USUAL_MIN: f64 = 1.0;

/// One service in one line.
#[derive(Clone, Debug, PartialEq)]
pub struct Summary {
    /// Its slug.
    pub slug: Text,
    /// Its name.
    pub name: Text,
    /// Slug of its category.
    pub category: Text,
    /// Multiples of the usual level in steps of [`STEP_MINUTES`], the newest last.
    pub multiples: Vec<Option<f64>>,
    /// Counted reports of the last 15 minutes as a multiple of the usual.
    pub times_usual: f64,
    /// Whether it was watched for long enough to say what is usual.
    pub knows_usual: bool,
    /// Weeks for which it has been watched, as far as that still matters.
    pub weeks_learnt: f64,
    /// Counted reports of the last 15 minutes.
    pub counted_15min: u64,
    /// Reports received in the last 24 hours.
    pub received_24h: u64,
    /// What is affected most often in the last hour.
    pub most: Option<Share>,
    /// The open incident, or the last one that closed within 24 hours.
    pub trouble: Option<Trouble>,
    /// Whether any of it was made by a generator.
    pub reconstruction: bool,
}

/// The incident of a summary.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// Its id.
    pub id: IncidentId,
    /// How bad it has been.
    pub severity: Severity,
    /// For whom.
    pub scope: Scope,
    /// When the newest surge or outage opened.
    pub opened_at: UnixMillis,
    /// What is open by probes alone: from how many places it fails, of how many.
    pub by_probes: Option<(u32, u32)>,
    /// When it closed; `None` while it is open.
    pub closed_at: Option<UnixMillis>,
    /// Its surges so far.
    pub surges: usize,
}

impl Summary {
    /// Sums a snapshot up.
    pub fn of(service: &Service, snapshot: &ServiceSnapshot) -> Self {
        let trouble = snapshot.incident.as_ref().map(|incident| Trouble {
            id: incident.id.clone(),
            severity: incident.severity,
            scope: incident.scope.clone(),
            opened_at: incident
                .surge()
                .map(|surge| surge.opened_at)
                .or(incident.outage().map(|outage| outage.opened_at))
                .unwrap_or(incident.opened_at),
            by_probes: incident
                .outage()
                .filter(|_| incident.surge().is_none())
                .map(|outage| (outage.failing, outage.asked)),
            closed_at: incident.closed_at,
            surges: incident.surges.len(),
        });
        Self {
            slug: service.slug.clone(),
            name: service.name.clone(),
            category: service.category.clone(),
            multiples: multiples(&snapshot.minutes),
            times_usual: snapshot.times_usual(),
            knows_usual: snapshot.knows_usual(),
            weeks_learnt: snapshot.weeks_learnt,
            counted_15min: snapshot.counted_15min,
            received_24h: snapshot.minutes.iter().map(|row| u64::from(row.received)).sum(),
            most: snapshot.components.first().cloned(),
            trouble,
            reconstruction: snapshot.reconstruction,
        }
    }

    /// A service about which nothing was told yet.
    pub fn silent(service: &Service) -> Self {
        Self {
            slug: service.slug.clone(),
            name: service.name.clone(),
            category: service.category.clone(),
            multiples: Vec::new(),
            times_usual: 0.0,
            knows_usual: false,
            weeks_learnt: 0.0,
            counted_15min: 0,
            received_24h: 0,
            most: None,
            trouble: None,
            reconstruction: false,
        }
    }

    /// The open incident, if one is.
    pub fn open(&self) -> Option<&Trouble> {
        self.trouble.as_ref().filter(|trouble| trouble.closed_at.is_none())
    }

    /// Whether reports are at least three times the usual, and many.
    pub fn is_grave(&self) -> bool {
        self.open().is_some_and(|trouble| trouble.severity == Severity::Danger)
    }
}

/// Counted reports over usual ones, in steps of the last 24 hours; `None` where nothing is known.
pub fn multiples(rows: &[MinuteRow]) -> Vec<Option<f64>> {
    let multiple = |step: &[MinuteRow]| {
        let usual: f64 = step.iter().map(|row| row.usual).sum();
        let counted: f64 = step.iter().map(|row| f64::from(row.counted)).sum();
        Some(counted / usual.max(USUAL_MIN))
    };
    let unknown = STEPS.saturating_sub(rows.len().div_ceil(STEP_MINUTES));
    let known = rows.rchunks(STEP_MINUTES).rev().map(multiple);
    std::iter::repeat_n(None, unknown).chain(known).collect()
}

/// The services in trouble, worst first: by severity, then by how many times the usual.
pub fn worst_first<'a>(all: impl Iterator<Item = &'a Summary>) -> Vec<&'a Summary> {
    let mut open: Vec<&Summary> = all.filter(|summary| summary.open().is_some()).collect();
    open.sort_by(|a, b| {
        b.is_grave()
            .cmp(&a.is_grave())
            .then(b.times_usual.total_cmp(&a.times_usual))
            .then(b.counted_15min.cmp(&a.counted_15min))
            .then(a.slug.cmp(&b.slug))
    });
    open
}

#[cfg(test)]
mod tests {
    use outcry_core::time::UnixMinute;

    use super::*;

    #[test]
    fn a_multiple_never_blows_up_a_single_report() {
        let row = |minute, counted, usual| MinuteRow {
            minute: UnixMinute(minute),
            received: counted,
            counted,
            usual,
        };
        let rows: Vec<MinuteRow> = (0..15).map(|m| row(m, u32::from(m == 3), 0.001)).collect();
        assert_eq!(multiples(&rows).last(), Some(&Some(1.0)));
        assert_eq!(multiples(&rows).len(), STEPS, "what is not known is there as None");
        let rows: Vec<MinuteRow> = (0..20).map(|m| row(m, 8, 2.0)).collect();
        assert_eq!(multiples(&rows)[STEPS - 3..], [None, Some(4.0), Some(4.0)]);
    }
}

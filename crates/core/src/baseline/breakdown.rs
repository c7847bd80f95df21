//! Breakdown: how much of a service's past was counted as a whole and not told apart, by country or
//! by kind of problem.
//!
//! # Idea
//!
//! Counts that were imported as totals say nothing of countries. That no report of a country was
//! ever counted is then no sign that none is usual there: all of them may have been. Of `untold`
//! reports that came in hours without any country, and `told` reports with one, of which `n` were
//! of this country, up to
//!
//! `untold / (untold + told) · (n + 10) / (told + 10)`
//!
//! of the whole may be its own besides what was counted as its own. Detection allows for that as a
//! doubt; it is never shown as usual. It fades as hours come that tell countries.
//!
//! # What it cannot tell
//!
//! Whether a country that is rare now was rare then.

use crate::baseline::HOURS_MAX;

/// Reports that hold a slice's part at the whole.
const PRIOR_REPORTS: f64 = 10.0;

/// What the hours that were learnt tell of one kind of slices.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Breakdown {
    /// Reports whose slice was known.
    pub(crate) told: f64,
    /// Reports of hours in which none was.
    pub(crate) untold: f64,
}

impl Breakdown {
    /// Notes an hour with `whole` reports, of which `named` were told apart.
    pub fn note(&mut self, whole: f64, named: f64) {
        if named > 0.0 {
            self.told += named;
        } else {
            self.untold += whole;
        }
    }

    /// Lets an hour of the oldest week fade, as it fades out of the levels.
    pub fn fade(&mut self) {
        let kept = 1.0 - 1.0 / f64::from(HOURS_MAX);
        self.told *= kept;
        self.untold *= kept;
    }

    /// The part of the whole that a slice with `sum` reports may have besides those: 0 to 1.
    pub fn untold_part(&self, sum: f64) -> f64 {
        if self.untold <= 0.0 {
            return 0.0;
        }
        let part = (sum + PRIOR_REPORTS) / (self.told.max(sum) + PRIOR_REPORTS);
        part * self.untold / (self.untold + self.told)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_never_told_may_be_anybodys() {
        let mut countries = Breakdown::default();
        assert_eq!(countries.untold_part(0.0), 0.0, "nothing was counted");
        countries.note(1_000.0, 0.0);
        assert_eq!(countries.untold_part(0.0), 1.0, "all of it may be of one country");
        countries.note(990.0, 990.0);
        let (rare, frequent) = (countries.untold_part(0.0), countries.untold_part(490.0));
        assert!((rare - 0.01 * 1_000.0 / 1_990.0).abs() < 1e-9, "{rare}");
        assert!((frequent - 0.5 * 1_000.0 / 1_990.0).abs() < 1e-9, "{frequent}");
        (0..20 * HOURS_MAX).for_each(|_| {
            countries.fade();
            countries.note(1.0, 1.0);
        });
        assert!(countries.untold_part(1_000.0) < 1e-6, "it fades with hours that tell");
    }
}

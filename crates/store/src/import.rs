//! Imports: counts that came from a file, where they are from, and incidents of others.
//!
//! # What it cannot tell
//!
//! Which report of a minute came from where: the origin is kept by day of a service, with the first
//! and the last minute of that day.

use outcry_core::series::Dimension;
use outcry_core::time::UnixMillis;
use outcry_core::time::UnixMinute;
use outcry_core::units::Text;

use crate::record::HOURS_PER_DAY;
use crate::record::MINUTES_PER_DAY;
use crate::record::MINUTES_PER_HOUR;
use crate::record::Sums;

/// Where imported counts of one service came from, for minutes of one UTC day.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Import {
    /// Slug of the service.
    pub service: Text,
    /// What the file held.
    pub kind: ImportKind,
    /// Who gave it.
    pub source: Text,
    /// Its licence, `None` when it is our own.
    pub licence: Option<Text>,
    /// Whether it was made by a generator.
    pub synthetic: bool,
    /// The first minute.
    pub from: UnixMinute,
    /// The first minute after it; of the same day, or the midnight that ends it.
    pub until: UnixMinute,
}

/// What a file held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ImportKind {
    /// Counts: they overlap nothing else that was counted.
    Series,
    /// Reports, which stand in the log and are counted beside others.
    Reports,
}

impl Import {
    /// The UTC day it is of, since 1970.
    pub fn day(&self) -> i64 {
        self.from.0.div_euclid(MINUTES_PER_DAY)
    }

    /// Takes another into this one, if both are of the same day and origin; says whether.
    pub fn widen(&mut self, other: &Self) -> bool {
        let same = (&self.service, self.kind, self.day(), &self.source, &self.licence)
            == (&other.service, other.kind, other.day(), &other.source, &other.licence)
            && self.synthetic == other.synthetic;
        if same {
            self.from = self.from.min(other.from);
            self.until = self.until.max(other.until);
        }
        same
    }
}

/// How long the stretches of a series are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// Minutes.
    Minute,
    /// Hours.
    Hour,
    /// UTC days.
    Day,
}

impl Step {
    /// Every step.
    pub const ALL: [Self; 3] = [Self::Minute, Self::Hour, Self::Day];

    /// Stable name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Minute => "minute",
            Self::Hour => "hour",
            Self::Day => "day",
        }
    }

    /// Its length in minutes.
    pub fn minutes(self) -> i64 {
        match self {
            Self::Minute => 1,
            Self::Hour => MINUTES_PER_HOUR,
            Self::Day => HOURS_PER_DAY * MINUTES_PER_HOUR,
        }
    }
}

/// Counts of one stretch of one series, to be imported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeriesRow {
    /// Slug of the service.
    pub service: Text,
    /// What the counts are about.
    pub dimension: Dimension,
    /// How long the stretch is.
    pub step: Step,
    /// Its first minute.
    pub from: UnixMinute,
    /// Its reports.
    pub sums: Sums,
}

/// An incident of another installation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportedIncident {
    /// Who gave it.
    pub source: Text,
    /// Its id there.
    pub id: Text,
    /// Slug of the service.
    pub service: Text,
    /// When it opened.
    pub opened_at: UnixMillis,
    /// How often it was changed; a later one replaces an earlier one.
    pub revision: u32,
    /// The line it came as.
    pub body: String,
}

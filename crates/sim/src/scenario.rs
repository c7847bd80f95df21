//! A scenario: an outage written down, facts apart from what was made up to fit them.
//!
//! Facts have a figure, a source and a certainty. Curves and windows are synthetic and become
//! signals. `truth` says what happened and when the synthetic excess begins; `expect` says what
//! the engine must make of it, `expect_verdict` and `expect_ruling` what the verdict must. The form
//! is described in docs/reference/scenario.md.

mod check;
mod judge;
mod read;
mod told;

use outcry_core::catalog::Catalog;
use outcry_core::catalog::Service;
use outcry_core::signal::Body;
use outcry_core::time::UnixMillis;
use outcry_core::units::Asn;
use outcry_core::units::Country;
use outcry_core::units::Text;
use outcry_wire::document;
use outcry_wire::document::Mistake;

pub use crate::scenario::judge::ExpectRuling;
pub use crate::scenario::judge::ExpectVerdict;
pub use crate::scenario::judge::Part;
pub use crate::scenario::judge::Truth;
pub use crate::scenario::judge::Variant;

/// Parts of a whole by name; they need not add up to one.
pub type Mix = Vec<(Text, f64)>;

/// An outage, or a quiet day, written down.
#[derive(Clone, Debug, PartialEq)]
pub struct Scenario {
    /// Its name, that of its file.
    pub id: Text,
    /// What people call it.
    pub title: Text,
    /// What happened, in a few sentences.
    pub summary: Text,
    /// Where it begins.
    pub from: UnixMillis,
    /// Where it ends.
    pub until: UnixMillis,
    /// The seed that is used when no other is given.
    pub seed: u64,
    /// Weeks before the beginning that are learnt from.
    pub history_weeks: u32,
    /// What is documented.
    pub facts: Vec<Fact>,
    /// What happened, when that is known.
    pub truth: Option<Truth>,
    /// What the engine must make of it.
    pub expect: Vec<Expect>,
    /// What verdicts must come to.
    pub expect_verdict: Vec<ExpectVerdict>,
    /// What rulings must come to.
    pub expect_ruling: Vec<ExpectRuling>,
    /// Services that only this scenario has.
    pub services: Vec<Service>,
    /// Usual traffic of all services that have none of their own.
    pub everyday: Everyday,
    /// Usual traffic of single services.
    pub usual: Vec<Usual>,
    /// Reports beyond the usual.
    pub reports: Vec<Reports>,
    /// Signals of all other kinds.
    pub told: Vec<Told>,
    /// From where nobody can report for a while.
    pub silences: Vec<Silence>,
    /// The same with less to go on.
    pub variants: Vec<Variant>,
}

/// A documented figure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// What it is about.
    pub what: Text,
    /// The figure, with its range where sources differ.
    pub figure: Text,
    /// Who says so.
    pub source: Text,
    /// `documented`, `inferred` or `doubtful`.
    pub certainty: Text,
}

/// What the engine must make of a service.
#[derive(Clone, Debug, PartialEq)]
pub struct Expect {
    /// Slug of the service.
    pub service: Text,
    /// Incidents there must be.
    pub incidents: u64,
    /// Surges there must be at least, over all its incidents.
    pub surges_min: u64,
    /// Seconds after the onset in which the first surge must open.
    pub opened_within_s: Option<f64>,
    /// Hours of quiet there must be between two surges at least.
    pub quiet_hours_min: Option<f64>,
    /// The component that must lead.
    pub mostly: Option<Text>,
    /// The line it stands in.
    pub line: usize,
}

/// Usual traffic over the whole catalogue: few services get most of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Everyday {
    /// Problem reports a minute over all services that have no traffic of their own, at the hours
    /// that `day` gives as 1.
    pub per_minute: f64,
    /// Services with the most traffic, in order; the others follow in order of slug.
    pub ranked: Vec<Text>,
    /// Where reports come from.
    pub countries: Mix,
    /// Traffic by hour of the day (UTC), 24 numbers around 1.
    pub day: Vec<f64>,
    /// Traffic of Saturdays and Sundays as a part of that of other days.
    pub weekend: f64,
    /// Part of reports that a reporter sends once more within minutes.
    pub repeat_share: f64,
    /// The line it stands in.
    pub line: usize,
}

/// Usual traffic of one service.
#[derive(Clone, Debug, PartialEq)]
pub struct Usual {
    /// Slug of the service.
    pub service: Text,
    /// Problem reports a minute at the hours that `day` of the everyday traffic gives as 1.
    pub per_minute: f64,
    /// What is named as affected; empty takes the order of the catalogue.
    pub components: Mix,
    /// What is named as going wrong; empty takes the order of the catalogue.
    pub problems: Mix,
    /// Where reports come from; empty takes the everyday mix.
    pub countries: Mix,
    /// Named networks they come from; empty takes networks that are nobody's.
    pub asns: Vec<(Asn, f64)>,
    /// The line it stands in.
    pub line: usize,
}

/// Reports beyond the usual, along a curve.
#[derive(Clone, Debug, PartialEq)]
pub struct Reports {
    /// Slug of the service.
    pub service: Text,
    /// Reports a minute at points in time, straight between them and none outside.
    pub points: Vec<(UnixMillis, f64)>,
    /// What is named as affected.
    pub components: Mix,
    /// What is named as going wrong.
    pub problems: Mix,
    /// Where reports come from.
    pub countries: Mix,
    /// Named networks they come from; empty takes networks that are nobody's.
    pub asns: Vec<(Asn, f64)>,
    /// Access networks of each country.
    pub networks: u64,
    /// Network prefixes of each country that reports come from.
    pub prefixes: u64,
    /// Distinct reporters; 0 means that every report has its own.
    pub reporters: u64,
    /// Part of reports that a reporter sends once more within minutes.
    pub repeat_share: f64,
    /// Part of reports that come from a hosting network.
    pub hosting_share: f64,
    /// Part of reports that say that it works.
    pub works_share: f64,
    /// Comments; one in `comment_every` reports carries one.
    pub comments: Vec<Text>,
    /// Reports to each comment.
    pub comment_every: u64,
    /// The line it stands in.
    pub line: usize,
}

/// A signal of any other kind, at its time.
#[derive(Clone, Debug, PartialEq)]
pub struct Told {
    /// When.
    pub at: UnixMillis,
    /// Slug of the service.
    pub service: Text,
    /// Who told it; empty for the scenario itself.
    pub source: Text,
    /// Made up to fit, or documented.
    pub synthetic: bool,
    /// What was told.
    pub body: Body,
    /// The line its block stands in.
    pub line: usize,
}

/// From where nobody can report for a while: a network that is down carries no complaints.
#[derive(Clone, Debug, PartialEq)]
pub struct Silence {
    /// From when.
    pub from: UnixMillis,
    /// Until when.
    pub until: UnixMillis,
    /// Countries that are silent; empty for all.
    pub countries: Vec<Country>,
    /// Networks that are silent; empty for all.
    pub asns: Vec<Asn>,
    /// Part of their reports that is lost.
    pub part: f64,
}

impl Scenario {
    /// Reads a scenario.
    ///
    /// # Errors
    ///
    /// Every mistake, with its line and what to write instead.
    pub fn parse(file: &str, text: &str) -> Result<Self, Vec<Mistake>> {
        document::read(file, text, read::scenario)
    }

    /// The catalogue with the services that only this scenario has.
    pub fn catalog(&self, base: &Catalog) -> Catalog {
        let mut catalog = base.clone();
        for service in &self.services {
            catalog.services.insert(service.slug.clone(), service.clone());
        }
        catalog
    }
}

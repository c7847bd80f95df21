//! Shapes: the parts of answers of the public interface that are read here. Fields that are not
//! needed are passed over, so that a newer server is understood too; the full list stands in
//! `docs/reference/api.md`.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::Serialize;

/// How a service is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// As usual.
    Usual,
    /// In trouble.
    Warning,
    /// In grave trouble.
    Danger,
    /// Nobody knows yet what is usual; also what a newer server might say.
    #[serde(other)]
    Unknown,
}

impl State {
    /// Whether there is trouble.
    pub fn is_trouble(self) -> bool {
        matches!(self, Self::Warning | Self::Danger)
    }
}

/// How old an answer is, and whether the observatory is well.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Freshness {
    /// All signals before this have been weighed.
    pub decided_until: Option<String>,
    /// Vantage points that looked at anything within 15 minutes.
    pub vantages: u64,
    /// Whether signals are taken and worked through.
    pub healthy: bool,
    /// Whether the whole site is a reconstruction.
    pub reconstruction: bool,
}

/// All services.
#[derive(Debug, Deserialize)]
pub struct Services {
    /// When it was made.
    pub as_of: String,
    /// How fresh it is.
    pub freshness: Freshness,
    /// A line each.
    pub services: Vec<Line>,
    /// Ask for these next.
    pub next: Option<String>,
}

/// A service in a list.
#[derive(Clone, Debug, Deserialize)]
pub struct Line {
    /// Its slug.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// What else people call it. Older servers do not say.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// How it is.
    pub state: State,
    /// Counted reports of 15 minutes over what is usual.
    pub times_usual: Option<f64>,
    /// Counted reports of 15 minutes.
    pub counted_15min: u64,
    /// Its open incident.
    pub incident: Option<String>,
}

/// One service.
#[derive(Debug, Deserialize)]
pub struct Service {
    /// When it was made.
    pub as_of: String,
    /// How fresh it is.
    pub freshness: Freshness,
    /// Its slug.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// How it is.
    pub state: State,
    /// Counted reports of 15 minutes over what is usual.
    pub times_usual: Option<f64>,
    /// Counted reports of 15 minutes.
    pub counted_15min: u64,
    /// What is usual in 15 minutes.
    pub usual_15min: Option<f64>,
    /// People who say that it works for them.
    pub works_15min: u64,
    /// What is affected, of the last hour.
    pub affected: BTreeMap<String, Share>,
    /// What goes wrong, of the last hour.
    pub problems: BTreeMap<String, Share>,
    /// Where, of the last hour.
    pub places: Vec<Place>,
    /// What vantage points see.
    pub probes: Option<Probes>,
    /// The open incident, or the last one of 24 hours.
    pub incident: Option<Incident>,
}

impl Service {
    /// The incident that is open.
    pub fn open(&self) -> Option<&Incident> {
        self.incident.as_ref().filter(|incident| incident.closed_at.is_none())
    }
}

/// A part of the reports.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Share {
    /// Reports.
    pub count: u64,
    /// Their share.
    pub share: f64,
    /// The share that is usual; unknown while too little is known.
    pub usual: Option<f64>,
}

/// Reports of a country; those of few reports stand together without one.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Place {
    /// Two letters.
    pub country: Option<String>,
    /// Reports.
    pub count: u64,
    /// Over what is usual there.
    pub times_usual: Option<f64>,
}

/// What vantage points say together.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Probes {
    /// In a word.
    pub agreement: String,
    /// Independent places from which it fails.
    pub failing: u64,
    /// Independent places that looked.
    pub asked: u64,
}

/// Incidents.
#[derive(Debug, Deserialize)]
pub struct Incidents {
    /// The newest first.
    pub incidents: Vec<Incident>,
}

/// One incident.
#[derive(Clone, Debug, Deserialize)]
pub struct Incident {
    /// Its id.
    pub id: String,
    /// Its service.
    pub service: String,
    /// When it opened.
    pub opened_at: String,
    /// When it closed.
    pub closed_at: Option<String>,
    /// Its surges.
    pub surges: Vec<Surge>,
    /// What is affected, over all its surges.
    pub affected: BTreeMap<String, Share>,
    /// What goes wrong, over all its surges.
    pub problems: BTreeMap<String, Share>,
    /// For whom.
    pub scope: Scope,
    /// Reports that count, over all its surges.
    pub reports_counted: u64,
}

/// A surge of reports.
#[derive(Clone, Debug, Deserialize)]
pub struct Surge {
    /// When it opened.
    pub opened_at: String,
    /// When it closed.
    pub closed_at: Option<String>,
}

/// For whom something fails.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Scope {
    /// `everywhere`, `countries`, `network`, `partial`, `one_place` or `unknown`.
    pub kind: String,
    /// Countries that stand out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub countries: Vec<String>,
    /// The network that stands out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub asn: Option<u32>,
}

/// Claims about one incident.
#[derive(Debug, Deserialize)]
pub struct Claims {
    /// In order of time.
    pub claims: Vec<Claim>,
}

/// A claim in its own words.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Claim {
    /// Its exact words.
    pub quote: String,
    /// Who said it.
    pub speaker: Option<String>,
    /// In which role.
    pub speaker_role: String,
    /// When.
    pub said_at: String,
    /// When, in words, where the moment is not known.
    #[serde(default)]
    pub said_at_words: Option<String>,
    /// Whether it was said about an earlier incident.
    #[serde(default)]
    pub earlier: bool,
    /// Where it can be read.
    pub source: String,
    /// What our evidence says to each of its assertions.
    pub rulings: Vec<Ruling>,
}

/// What our evidence says to an assertion.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Ruling {
    /// The assertion.
    pub what: String,
    /// In a word.
    pub ruling: String,
}

/// What the evidence says about one incident.
#[derive(Debug, Deserialize)]
pub struct Verdict {
    /// The incident.
    pub incident: String,
    /// When it was weighed.
    pub decided_at: String,
    /// The cause that is named.
    pub named: Option<Named>,
    /// Whether something waits for two persons.
    pub under_review: bool,
    /// Why no more is named.
    pub refusals: Vec<String>,
    /// Shares of groups of causes.
    pub groups: BTreeMap<String, f64>,
    /// The state of each family of evidence.
    pub evidence: Vec<Family>,
    /// What would help.
    pub missing: Vec<Missing>,
}

/// A cause that is named.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Named {
    /// In a word.
    pub cause: String,
    /// As people say it.
    pub words: String,
}

/// A family of evidence.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Family {
    /// Its name.
    pub family: String,
    /// Its state.
    pub state: String,
}

/// A family that is missing.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Missing {
    /// Its name.
    pub family: String,
    /// What it would gain.
    pub gain_bits: f64,
}

/// Counts over time.
#[derive(Debug, Deserialize)]
pub struct Series {
    /// The oldest first.
    pub points: Vec<Point>,
}

/// One step of a series.
#[derive(Clone, Debug, Deserialize)]
pub struct Point {
    /// When it begins.
    pub at: String,
    /// Counted reports.
    pub counted: u64,
}

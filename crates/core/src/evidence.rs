//! Evidence: the case file, and what each family of evidence says about it.
//!
//! A case file is everything that is known about an incident at one moment, frozen: reports, and
//! facts boiled down from all other signals. A verdict is a function of a case file and of nothing
//! else, so that it can be run again by anyone. Each family has one extractor, which looks at the
//! case file and says in which of the family's states it is. A family that was not looked at, or
//! below its stated coverage, says nothing: it is missing, not normal.
//!
//! # What it cannot tell
//!
//! What nobody measured. "Looked and not seen" is a state of its own and needs somebody who looked.

pub mod components;
pub mod content;
pub mod facts;
pub mod notices;
pub mod peers;
pub mod places;
pub mod reachability;
pub mod shape;
pub mod testimony;
pub mod traffic;
pub mod vantages;
pub mod words;

use std::collections::BTreeMap;

use crate::evidence::facts::CrowdFacts;
use crate::evidence::facts::PeerFacts;
use crate::evidence::facts::Said;
use crate::evidence::facts::ServiceFacts;
use crate::hypothesis::Cause;
use crate::incident::Incident;
use crate::observe::Observed;
use crate::signal::said::OperatorAct;
use crate::time::MINUTE_MS;
use crate::time::UnixMillis;
use crate::time::UnixMinute;
use crate::units::Text;

/// Version of the case file's form.
pub const CASE_FILE_VERSION: u32 = 2;
/// Reports lag behind what they report: an outage is taken to begin this long before they surge.
pub const LEAD_MS: i64 = 10 * MINUTE_MS;

/// The families evidence is grouped in. One family speaks once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Family {
    /// How it began, rose and fell.
    Shape,
    /// DNS, routes, TCP.
    Reachability,
    /// TLS, HTTP, soft failures.
    Content,
    /// Flows and access logs.
    Traffic,
    /// Other services, and providers they share.
    Peers,
    /// Countries and networks of reporters.
    Places,
    /// Components and clients.
    Components,
    /// What the operator said, and when.
    Notices,
    /// What third parties say they saw.
    Testimony,
}

impl Family {
    /// All families, in the order they are shown.
    pub const ALL: [Self; 9] = [
        Self::Shape,
        Self::Reachability,
        Self::Content,
        Self::Traffic,
        Self::Peers,
        Self::Places,
        Self::Components,
        Self::Notices,
        Self::Testimony,
    ];

    /// Stable name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Shape => "shape",
            Self::Reachability => "reachability",
            Self::Content => "content",
            Self::Traffic => "traffic",
            Self::Peers => "peers",
            Self::Places => "places",
            Self::Components => "components",
            Self::Notices => "notices",
            Self::Testimony => "testimony",
        }
    }

    /// The family of a stable name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|family| family.name() == name)
    }

    /// The states its extractor can find, in the order of the table. Testimony has a state for
    /// each voice and each cause, and none listed here.
    pub fn states(self) -> &'static [&'static str] {
        match self {
            Self::Shape => shape::STATES,
            Self::Reachability => reachability::STATES,
            Self::Content => content::STATES,
            Self::Traffic => traffic::STATES,
            Self::Peers => peers::STATES,
            Self::Places => places::STATES,
            Self::Components => components::STATES,
            Self::Notices => notices::STATES,
            Self::Testimony => &[],
        }
    }

    /// What its extractor finds in a case file.
    fn look(self, case: &CaseFile) -> Option<Item> {
        match self {
            Self::Shape => shape::look(case),
            Self::Reachability => reachability::look(case),
            Self::Content => content::look(case),
            Self::Traffic => traffic::look(case),
            Self::Peers => peers::look(case),
            Self::Places => places::look(case),
            Self::Components => components::look(case),
            Self::Notices => notices::look(case),
            Self::Testimony => testimony::look(case),
        }
    }
}

/// One minute of an incident's series.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MinutePoint {
    /// The minute.
    pub minute: UnixMinute,
    /// Counted reports.
    pub counted: u32,
    /// Reports usual in that minute.
    pub usual: f64,
}

/// An act of an operator of this observatory about an incident.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Act {
    /// When.
    pub at: UnixMillis,
    /// What was done, by whom and why.
    pub act: OperatorAct,
}

/// Everything known about an incident at `as_of`.
#[derive(Clone, Debug, PartialEq)]
pub struct CaseFile {
    /// Form of this record: [`CASE_FILE_VERSION`].
    pub version: u32,
    /// Nothing later than this is in it.
    pub as_of: UnixMillis,
    /// The incident's revision in the case file before this one, if there was one.
    pub parent: Option<u32>,
    /// The incident as it stood.
    pub incident: Incident,
    /// Counted reports and usual level from an hour before the first surge on.
    pub minutes: Vec<MinutePoint>,
    /// What the catalogue says about the service.
    pub service: ServiceFacts,
    /// Who reported.
    pub crowd: CrowdFacts,
    /// What happened to other services.
    pub peers: PeerFacts,
    /// What was observed besides reports.
    pub observed: Observed,
    /// Signals of each kind about this service in the window, whether or not they are weighed.
    pub signals: BTreeMap<Text, u64>,
    /// Claims about it, as they were made.
    pub claims: Vec<Said>,
    /// Acts of operators about it: what is approved, what is held.
    pub acts: Vec<Act>,
}

/// The state a family is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// One of the family's listed states.
    Listed(&'static str),
    /// Somebody says that this is the cause.
    Says(testimony::Voice, Cause),
}

impl State {
    /// Stable name, such as `handshake_lost` or `measured:attack`.
    pub fn name(self) -> String {
        match self {
            Self::Listed(name) => name.to_owned(),
            Self::Says(voice, cause) => format!("{}:{}", voice.name(), cause.name()),
        }
    }
}

/// What one family says.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    /// The family.
    pub family: Family,
    /// Its one joint state.
    pub state: State,
    /// Figures behind it, by stable name, in the order they are told.
    pub figures: Vec<(&'static str, f64)>,
    /// Names behind it: vantage points, providers, vectors, as they were given.
    pub names: Vec<Text>,
    /// Who saw it.
    pub source: &'static str,
    /// What it was seen in.
    pub window: (UnixMillis, UnixMillis),
    /// What it cannot tell, by stable name.
    pub caveat: &'static str,
    /// Whether any of it was made by a generator.
    pub synthetic: bool,
}

impl CaseFile {
    /// What each family says, in order; families that say nothing are left out.
    pub fn items(&self) -> Vec<Item> {
        Family::ALL.into_iter().filter_map(|family| family.look(self)).collect()
    }

    /// Families that nobody looked at, or not enough, in order.
    pub fn missing(&self) -> Vec<Family> {
        let items = self.items();
        let spoke = |family: &Family| items.iter().any(|item| item.family == *family);
        Family::ALL.into_iter().filter(|family| !spoke(family)).collect()
    }

    /// When it is taken to have failed: surges of reports, each with the lead of [`LEAD_MS`], and
    /// outages that probes saw; in order of time, what overlaps joined.
    pub fn spans(&self) -> Vec<(UnixMillis, UnixMillis)> {
        let end = |closed: Option<UnixMillis>| closed.unwrap_or(self.as_of);
        let incident = &self.incident;
        let surges = incident.surges.iter().map(|surge| (surge.opened_at, surge.closed_at));
        let outages = incident.outages.iter().map(|outage| (outage.opened_at, outage.closed_at));
        let mut spans: Vec<(UnixMillis, UnixMillis)> = surges
            .chain(outages)
            .map(|(opened, closed)| (opened.plus_ms(-LEAD_MS), end(closed)))
            .collect();
        spans.sort_unstable();
        let mut joined: Vec<(UnixMillis, UnixMillis)> = Vec::new();
        for (from, until) in spans {
            match joined.last_mut() {
                Some(last) if from <= last.1 => last.1 = last.1.max(until),
                _ => joined.push((from, until)),
            }
        }
        joined
    }

    /// From its first moment to its last.
    pub fn window(&self) -> (UnixMillis, UnixMillis) {
        let until = self.incident.closed_at.unwrap_or(self.as_of);
        (self.incident.opened_at.plus_ms(-LEAD_MS), until)
    }

    /// Whether `[from, until]` overlaps an outage.
    pub fn during(&self, from: UnixMillis, until: UnixMillis) -> bool {
        self.spans().iter().any(|(begin, end)| until >= *begin && from <= *end)
    }
}

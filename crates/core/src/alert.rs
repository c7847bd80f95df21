//! Alerts: what is worth telling whom, once, and when.
//!
//! Each change of an incident is held against rules. A rule remembers what it has told about an
//! incident, and tells only what differs: that it opened, got worse, has a named cause, has a claim
//! ruled on, is over. So sixty monitors of one service give one message, since they are one
//! incident, and an outage shorter than a minute still gives its two.
//!
//! [`plan::plan`] is a pure function of the story, the rules, what was told before, and the moment.
//! The plan is stored in the same transaction as the incident; others carry it out.
//!
//! # Three promises
//!
//! 1. The first message about an incident is never held back to see whether more follow.
//! 2. A story of a revision that was told already plans nothing: reading the log again after a
//!    crash sends nothing twice.
//! 3. Nothing is told that the page does not show. A cause or a ruling that waits for two persons
//!    waits here too.
//!
//! # What it cannot tell
//!
//! Whether anybody has read it. An acknowledgement is somebody's word.

pub mod choice;
pub mod plan;

use std::collections::BTreeMap;

use crate::alert::choice::About;
use crate::claim::ClaimRecord;
use crate::claim::Ruling;
use crate::claim::publish::contradicted;
use crate::claim::publish::publication;
use crate::claim::rule::rule;
use crate::evidence::CaseFile;
use crate::hypothesis::Cause;
use crate::incident::Incident;
use crate::incident::IncidentId;
use crate::incident::Severity;
use crate::time::MINUTE_MS;
use crate::time::UnixMillis;
use crate::units::Text;
use crate::verdict::assess;
use crate::verdict::table::Table;

/// Openings and closings of one service within [`FLAP_WITHIN_MS`] from which on it is flapping.
pub const FLIPS_MAX: usize = 4;
/// The span flips are counted over; and the calm after which flapping is over.
pub const FLAP_WITHIN_MS: i64 = 15 * MINUTE_MS;
/// Share of the reports from which on an incident is about a component.
pub const COMPONENT_SHARE_MIN: f64 = 0.2;
/// Incidents of one service that a rule remembers; the oldest are forgotten first.
pub const REMEMBERED_MAX: usize = 32;

/// An incident at one revision, with what its page says about why.
#[derive(Clone, Debug, PartialEq)]
pub struct Story {
    /// The incident as it stands.
    pub incident: Incident,
    /// Nothing later than this is in it.
    pub as_of: UnixMillis,
    /// What the page says about why; `None` when the evidence was not weighed at this revision.
    pub weighed: Option<Weighed>,
}

/// What a page says about why, as far as it is published.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Weighed {
    /// The cause that is named, if any.
    pub cause: Option<Cause>,
    /// Claims with their rulings, by name.
    pub ruled: BTreeMap<Text, Vec<Ruling>>,
}

impl Story {
    /// Weighs a case file as its page does, and keeps what is published.
    pub fn of_case(case: &CaseFile, table: &Table) -> Self {
        let assessment = assess(case, table);
        let ledger = rule(case, &assessment);
        let shown = publication(case, assessment.named, &ledger);
        let cause = assessment.named.filter(|cause| shown.shows(cause.name()));
        let is_shown = |record: &&ClaimRecord| {
            let held = shown.held_by.is_some();
            !held && !record.rulings.is_empty() && shown.shows(&contradicted(&record.claim.claim))
        };
        let ruled = ledger.iter().filter(is_shown).map(|record| {
            let rulings = record.rulings.iter().map(|ruled| ruled.ruling).collect();
            (record.claim.claim.clone(), rulings)
        });
        let weighed = Weighed { cause, ruled: ruled.collect() };
        Self { incident: case.incident.clone(), as_of: case.as_of, weighed: Some(weighed) }
    }
}

/// What can be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Occasion {
    /// An incident opened, or opened again.
    Opened,
    /// It became `danger`.
    Worse,
    /// A cause was named, another one, or none any more.
    Cause,
    /// A claim about it was ruled on.
    Claim,
    /// It is over.
    Resolved,
}

impl Occasion {
    /// All, in the order of pages.
    pub const ALL: [Self; 5] =
        [Self::Opened, Self::Worse, Self::Cause, Self::Claim, Self::Resolved];

    /// Stable name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Opened => "opened",
            Self::Worse => "worse",
            Self::Cause => "cause",
            Self::Claim => "claim",
            Self::Resolved => "resolved",
        }
    }
}

/// What is told to whom. An empty list means all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Its name; what was told is remembered under it.
    pub name: Text,
    /// Slugs of services.
    pub services: Vec<Text>,
    /// Which incidents of them.
    pub about: About,
    /// What is told.
    pub on: Vec<Occasion>,
    /// To whom.
    pub to: Vec<To>,
    /// Who is told when nobody acknowledges.
    pub escalation: Option<Escalation>,
}

/// Who is told when nobody acknowledges.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Escalation {
    /// Milliseconds after the first message.
    pub after_ms: i64,
    /// Names of channels.
    pub to: Vec<Text>,
}

/// Where a message goes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum To {
    /// A channel by its name.
    Channel(Text),
    /// Everybody who subscribed to the service and chose these incidents: the written form of an
    /// [`About`].
    Subscribers(Text),
}

impl To {
    /// As it stands in the id of a message.
    pub fn name(&self) -> &str {
        match self {
            Self::Channel(name) => name,
            Self::Subscribers(_) => SUBSCRIBERS,
        }
    }
}

/// The name that no channel may have.
pub const SUBSCRIBERS: &str = "subscribers";

/// What a message says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// It opened.
    Opened,
    /// It opened again.
    Reopened,
    /// It became `danger`.
    Worse,
    /// What is named as the cause changed.
    Cause,
    /// A claim was ruled on.
    Claim,
    /// It is over.
    Resolved,
    /// It opens and closes so often that each is no longer told.
    Flapping,
    /// It stopped flapping, and this is how it stands.
    Settled,
    /// Nobody acknowledged it.
    Escalated,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Opened,
        Self::Reopened,
        Self::Worse,
        Self::Cause,
        Self::Claim,
        Self::Resolved,
        Self::Flapping,
        Self::Settled,
        Self::Escalated,
    ];

    /// Stable name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Opened => "opened",
            Self::Reopened => "reopened",
            Self::Worse => "worse",
            Self::Cause => "cause",
            Self::Claim => "claim",
            Self::Resolved => "resolved",
            Self::Flapping => "flapping",
            Self::Settled => "settled",
            Self::Escalated => "escalated",
        }
    }

    /// The kind of a stable name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// Whether this is told to somebody who asked for `on`. That it is flapping stands for its
    /// beginnings, how it settled for the last beginning or end.
    pub fn is_for(self, on: &[Occasion]) -> bool {
        match self {
            Self::Opened | Self::Reopened | Self::Flapping => on.contains(&Occasion::Opened),
            Self::Worse => on.contains(&Occasion::Worse),
            Self::Cause => on.contains(&Occasion::Cause),
            Self::Claim => on.contains(&Occasion::Claim),
            Self::Resolved => on.contains(&Occasion::Resolved),
            Self::Settled => on.contains(&Occasion::Opened) || on.contains(&Occasion::Resolved),
            // Those who are told have not asked for it themselves.
            Self::Escalated => true,
        }
    }
}

/// What else must hold when its time has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Condition {
    /// Nothing.
    Always,
    /// Nobody acknowledged the incident, and it is still open.
    UnlessAcknowledged,
    /// Its receiver was told of this incident before.
    IfTold,
}

/// One message to one receiver, or to all subscribers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// The incident.
    pub incident: IncidentId,
    /// The revision it tells of.
    pub revision: u32,
    /// The rule that asked for it.
    pub rule: Text,
    /// Who gets it.
    pub to: To,
    /// What it says.
    pub kind: Kind,
    /// Not to be sent earlier.
    pub not_before: Option<UnixMillis>,
    /// What else must hold.
    pub condition: Condition,
}

impl Message {
    /// Its name for ever: `INCIDENT:CHANNEL:REVISION`. A settled state is named by the revision
    /// that began the flapping, so that a later one takes its place.
    pub fn id(&self) -> String {
        let mark = match self.kind {
            Kind::Settled => "s",
            Kind::Escalated => "e",
            _ => "",
        };
        format!("{}:{}:{mark}{}", self.incident.0, self.to.name(), self.revision)
    }
}

/// What is known at the moment of planning, besides the story.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Moment {
    /// The time of the decision.
    pub now: UnixMillis,
    /// What opened before this and was not told is no news any more.
    pub fresh_from: UnixMillis,
    /// Until when nothing is begun about the service: maintenance, or an operator's silence.
    pub muted_until: Option<UnixMillis>,
    /// Until when a rule has its quiet hours, by its name.
    pub quiet_until: BTreeMap<Text, UnixMillis>,
}

/// What was told about one service, by rule.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct State {
    /// Rules that told anything, by name.
    pub rules: BTreeMap<Text, RuleState>,
}

/// What one rule told about one service.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RuleState {
    /// What it told, by incident, in the order of the first message.
    pub told: Vec<(IncidentId, Told)>,
    /// When it opened and closed of late.
    pub flips: Vec<UnixMillis>,
    /// The incident and revision that began the flapping, while it lasts.
    pub flapping: Option<(IncidentId, u32)>,
}

/// What was told about one incident.
#[derive(Clone, Debug, PartialEq)]
pub struct Told {
    /// The revision of the last message.
    pub revision: u32,
    /// Whether it was open then.
    pub open: bool,
    /// How bad it was then.
    pub severity: Severity,
    /// What its page said about why.
    pub weighed: Weighed,
}

#[cfg(test)]
mod tests;

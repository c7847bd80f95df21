//! Providers' notices: what a service says about itself, in whatever form it says it.
//!
//! A document is tried against each form in turn ([`FORMS`]); the first that knows it reads it.
//! Reading is lenient, since providers leave fields out, invent states and change names. What can
//! not be read at all is a [`Snapshot`] that says so: **unreadable is a state of its own, and never
//! means "operational"**. To add a form, write its file and its line in [`FORMS`].
//!
//! # What it cannot tell
//!
//! Whether the provider is right. A notice is testimony of the operator, and its time is the time
//! the operator gives it.
//!
//! # References
//!
//! - Atlassian Statuspage, "Status API v2"; incident.io and others serve the same shape.
//! - Instatus, "Status page JSON"; Better Stack, "Status page JSON" (JSON:API).
//! - RSS 2.0; Atom, RFC 4287.

mod aws;
mod betterstack;
mod document;
mod field;
mod gcp;
mod instatus;
mod slack;
mod statuspage;
mod syndication;
mod wording;

pub use document::snapshots;

use serde_json::Value;

/// Notices kept of one document; the rest is counted in [`Snapshot::faults`].
pub const NOTICES_MAX: usize = 1_000;
/// Updates kept of one notice, the newest.
pub const UPDATES_MAX: usize = 200;
/// Characters kept of one text.
pub const TEXT_CHARS_MAX: usize = 8_000;
/// Components kept of one document.
pub const COMPONENTS_MAX: usize = 2_000;
/// Things said to be wrong with one document.
pub const FAULTS_MAX: usize = 20;

/// Milliseconds since 1970, UTC.
pub type UnixMs = i64;

/// The form of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Format {
    /// Statuspage v2 and its many clones.
    Statuspage,
    /// Instatus.
    Instatus,
    /// Better Stack (JSON:API).
    BetterStack,
    /// Amazon Web Services, the old `data.json` and the newer list of events.
    Aws,
    /// Google Cloud `incidents.json`.
    Gcp,
    /// Slack `api/v2.0.0/current`.
    Slack,
    /// RSS.
    Rss,
    /// Atom.
    Atom,
}

impl Format {
    /// Stable name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Statuspage => "statuspage",
            Self::Instatus => "instatus",
            Self::BetterStack => "betterstack",
            Self::Aws => "aws",
            Self::Gcp => "gcp",
            Self::Slack => "slack",
            Self::Rss => "rss",
            Self::Atom => "atom",
        }
    }
}

/// How bad a provider says it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Impact {
    /// Nothing is affected, or nothing was said.
    #[default]
    None,
    /// Planned work.
    Maintenance,
    /// Slower than usual, or a part of a part.
    Minor,
    /// A part fails.
    Major,
    /// All fails, or what matters most.
    Critical,
}

impl Impact {
    /// Stable name.
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Maintenance => "maintenance",
            Self::Minor => "minor",
            Self::Major => "major",
            Self::Critical => "critical",
        }
    }
}

/// Where a notice stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// Not said, or in words that are not known.
    #[default]
    Unknown,
    /// Planned and not begun.
    Scheduled,
    /// Planned work goes on.
    InProgress,
    /// Something is wrong; why is not known yet.
    Investigating,
    /// The cause is known to the provider.
    Identified,
    /// Mended, and watched.
    Monitoring,
    /// Over.
    Resolved,
    /// Over, and told afterwards.
    Postmortem,
}

impl State {
    /// Stable name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Scheduled => "scheduled",
            Self::InProgress => "in_progress",
            Self::Investigating => "investigating",
            Self::Identified => "identified",
            Self::Monitoring => "monitoring",
            Self::Resolved => "resolved",
            Self::Postmortem => "postmortem",
        }
    }

    /// Whether the provider says that it is over.
    pub fn is_over(self) -> bool {
        matches!(self, Self::Resolved | Self::Postmortem)
    }
}

/// A part of a service and how the provider says it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Component {
    /// Its name.
    pub name: String,
    /// How bad.
    pub impact: Impact,
}

/// One thing a provider said about a notice.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Update {
    /// When, if it was said.
    pub at: Option<UnixMs>,
    /// The state it sets.
    pub state: State,
    /// The words, without markup.
    pub text: String,
}

/// One notice: an incident or planned work.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Notice {
    /// The provider's own id, or one made of what it does not change.
    pub id: String,
    /// Its title.
    pub title: String,
    /// How bad.
    pub impact: Impact,
    /// Where it stands.
    pub state: State,
    /// Parts it names.
    pub components: Vec<String>,
    /// When it began, by the provider's word.
    pub started_at: Option<UnixMs>,
    /// When it ended, by the provider's word.
    pub resolved_at: Option<UnixMs>,
    /// What was said, the newest first.
    pub updates: Vec<Update>,
}

/// One document as it was at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Snapshot {
    /// Its form; `None` when it could not be told.
    pub format: Option<Format>,
    /// When it was fetched, where the document's wrapper says so.
    pub fetched_at: Option<UnixMs>,
    /// Why it cannot be read; `None` when it was read.
    pub unreadable: Option<String>,
    /// The provider's own word for the whole, if it has one.
    pub overall: Option<Impact>,
    /// Parts that are not as they should be.
    pub components: Vec<Component>,
    /// Notices, in the provider's order.
    pub notices: Vec<Notice>,
    /// What was wrong and could be passed over.
    pub faults: Vec<String>,
}

impl Snapshot {
    fn of(format: Format) -> Self {
        Self { format: Some(format), ..Self::default() }
    }

    fn unreadable(reason: impl Into<String>) -> Self {
        Self { unreadable: Some(reason.into()), ..Self::default() }
    }

    /// Whether it was read.
    pub fn readable(&self) -> bool {
        self.unreadable.is_none()
    }

    fn fault(&mut self, fault: impl Into<String>) {
        if self.faults.len() < FAULTS_MAX {
            self.faults.push(fault.into());
        }
    }

    /// Adds a notice; what is beyond the limit is told once.
    fn push(&mut self, mut notice: Notice) {
        if self.notices.len() == NOTICES_MAX {
            let fault = format!("more than {NOTICES_MAX} notices; the rest was left out");
            if !self.faults.contains(&fault) {
                self.fault(fault);
            }
            return;
        }
        // Stable: updates without a time keep the provider's order.
        if notice.updates.iter().all(|update| update.at.is_some()) {
            notice.updates.sort_by_key(|update| std::cmp::Reverse(update.at));
        }
        notice.updates.truncate(UPDATES_MAX);
        self.notices.push(notice);
    }

    fn component(&mut self, name: String, impact: Impact) {
        if impact != Impact::None && self.components.len() < COMPONENTS_MAX {
            self.components.push(Component { name, impact });
        }
    }
}

/// What reads one form: `None` when the document is of another form.
type Reader = fn(&Value) -> Option<Snapshot>;

/// Forms in JSON, in the order they are tried: those with the plainest marks first.
const FORMS: &[Reader] =
    &[slack::read, betterstack::read, instatus::read, statuspage::read, aws::read, gcp::read];

#[cfg(test)]
mod tests;

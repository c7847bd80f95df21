//! The case file: everything that is known about an incident at one moment, frozen.
//!
//! A verdict is a function of a case file and of nothing else, so that it can be run again by
//! anyone. A family of evidence that was not looked at is listed as such: it is missing, not
//! normal.
//!
//! # What it cannot tell
//!
//! With reports alone, four of nine families can be looked at, and none of them separates an
//! attack from a fault. That is why such a case names no cause.

use std::collections::BTreeMap;

use crate::claim::ClaimRecord;
use crate::incident::Incident;
use crate::time::UnixMillis;
use crate::time::UnixMinute;
use crate::units::Text;

/// Version of the case file's form.
pub const CASE_FILE_VERSION: u32 = 1;

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

/// Everything known about an incident at `as_of`.
#[derive(Clone, Debug, PartialEq)]
pub struct CaseFile {
    /// Form of this record: [`CASE_FILE_VERSION`].
    pub version: u32,
    /// Nothing later than this is in it.
    pub as_of: UnixMillis,
    /// The incident as it stood.
    pub incident: Incident,
    /// Counted reports and usual level from an hour before the first surge on.
    pub minutes: Vec<MinutePoint>,
    /// Families that were looked at; the others are missing.
    pub looked: Vec<Family>,
    /// Signals of each kind about this service in the window, whether or not they are weighed.
    pub signals: BTreeMap<Text, u64>,
    /// Claims about it, each with its ruling.
    pub claims: Vec<ClaimRecord>,
}

impl CaseFile {
    /// Families that nobody looked at, in order.
    pub fn missing(&self) -> Vec<Family> {
        Family::ALL.into_iter().filter(|family| !self.looked.contains(family)).collect()
    }
}

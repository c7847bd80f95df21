//! The case file as JSON: everything a verdict may use, for people to read and for anyone to run
//! the verdict again.
//!
//! What follows from the rest (`missing`, `reconstruction`, `named`, `verdict`, `note`) is written
//! for the reader and for the record, and not read back: it is worked out again. So a stored case
//! file keeps the verdict as it was shown, beside all that it was made from. A name that waits for
//! two persons is not in it, though whoever runs `outcry assess` can work it out.
//!
//! # What it cannot tell
//!
//! Rulings on claims: a case file has what was said, and rulings are worked out as the verdict is.
//! Files of version 1 are read; they have no facts beside reports.

mod facts;
mod layout;
mod observed;
mod told;

use std::collections::BTreeMap;

use outcry_core::claim::publish::publication;
use outcry_core::claim::rule::rule;
use outcry_core::evidence::Act;
use outcry_core::evidence::CASE_FILE_VERSION;
use outcry_core::evidence::CaseFile;
use outcry_core::evidence::Family;
use outcry_core::evidence::MinutePoint;
use outcry_core::evidence::facts::Said;
use outcry_core::incident::Incident;
use outcry_core::verdict;
use outcry_core::verdict::Assessment;
use serde::Deserialize;
use serde::Deserializer;
use serde::Serialize;
use serde::Serializer;
use serde::de::Error;
use serde::de::IgnoredAny;

use crate::case_file::facts::ActRow;
use crate::case_file::facts::CrowdRow;
use crate::case_file::facts::PeersRow;
use crate::case_file::facts::ServiceRow;
use crate::case_file::layout::Layout;
use crate::case_file::observed::ObservedRow;
use crate::incident::FormError;
use crate::incident::claim::ClaimRow;
use crate::incident::row::IncidentRow;
use crate::incident::scalar::Iso;
use crate::incident::scalar::Number;
use crate::likelihood;
use crate::verdict::VerdictRow;

/// The oldest form that is still read.
const OLDEST_VERSION: u32 = 1;

/// What every case file says about its own reach.
const NOTE: &str = "The verdict follows from this file and the published table, and from nothing \
                    else; `outcry assess` works it out again. Reports say that a service fails, \
                    since when, with what and from where, and never why. Families \
                    under \"missing\" were not looked at, or not enough, which does not mean that \
                    they were normal.";

/// Writes a case file as JSON over several lines, without the end of the last line.
pub fn write(case: &CaseFile) -> String {
    let table = likelihood::built_in();
    let assessment = shown(case, verdict::assess(case, table));
    let row = CaseRow {
        version: case.version,
        note: NOTE,
        as_of: Iso(case.as_of),
        parent: case.parent,
        reconstruction: assessment.reconstruction,
        named: assessment.named.map(|cause| cause.name()),
        incident: IncidentRow::from(&case.incident),
        looked: None,
        missing: case.missing().into_iter().map(FamilyRow).collect(),
        verdict: Some(VerdictRow::new(&assessment, table, false)),
        signals: case.signals.iter().map(|(kind, count)| (kind.to_string(), *count)).collect(),
        service: ServiceRow::from(&case.service),
        crowd: CrowdRow::from(&case.crowd),
        peers: PeersRow::from(&case.peers),
        observed: ObservedRow::from(&case.observed),
        claims: case.claims.iter().map(ClaimRow::from).collect(),
        acts: case.acts.iter().map(ActRow::from).collect(),
        minutes: case.minutes.iter().map(MinuteRow::from).collect(),
    };
    let mut text = Vec::new();
    let mut writer = serde_json::Serializer::with_formatter(&mut text, Layout::default());
    row.serialize(&mut writer).expect("a row has texts for keys");
    String::from_utf8(text).expect("JSON is UTF-8")
}

/// An assessment without the name that waits for two persons; its shares stay.
fn shown(case: &CaseFile, mut assessment: Assessment) -> Assessment {
    let Some(named) = assessment.named else { return assessment };
    let ledger = rule(case, &assessment);
    if !publication(case, Some(named), &ledger).shows(named.name()) {
        (assessment.named, assessment.mechanism) = (None, None);
    }
    assessment
}

/// Reads what [`write`] wrote, or wrote in an older form.
pub fn read(text: &str) -> Result<CaseFile, FormError> {
    const FORM: &str = "case file";
    let unreadable = |source| FormError::Unreadable { form: FORM, source };
    let version: Version = serde_json::from_str(text).map_err(unreadable)?;
    if !(OLDEST_VERSION..=CASE_FILE_VERSION).contains(&version.version) {
        let (found, known) = (version.version, CASE_FILE_VERSION);
        return Err(FormError::Version { form: FORM, found, known });
    }
    let row: CaseRow<IgnoredAny, IgnoredAny, IgnoredAny> =
        serde_json::from_str(text).map_err(unreadable)?;
    Ok(CaseFile {
        version: CASE_FILE_VERSION,
        as_of: row.as_of.0,
        parent: row.parent,
        incident: Incident::from(row.incident),
        minutes: row.minutes.into_iter().map(MinutePoint::from).collect(),
        service: row.service.into(),
        crowd: row.crowd.into(),
        peers: row.peers.into(),
        observed: row.observed.into(),
        signals: row.signals.into_iter().map(|(kind, count)| (kind.into(), count)).collect(),
        claims: row.claims.into_iter().map(Said::from).collect(),
        acts: row.acts.into_iter().map(Act::from).collect(),
    })
}

#[derive(Deserialize)]
struct Version {
    version: u32,
}

/// A case file, in the order people read it: what it is, what is known, and the numbers last.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct CaseRow<Note, Named, Verdict> {
    version: u32,
    note: Note,
    as_of: Iso,
    #[serde(default)]
    parent: Option<u32>,
    reconstruction: bool,
    named: Option<Named>,
    incident: IncidentRow<Iso>,
    /// Only in version 1, which could not work it out.
    #[serde(default, skip_serializing)]
    #[allow(dead_code)]
    looked: Option<Looked>,
    missing: Vec<FamilyRow>,
    #[serde(default)]
    verdict: Option<Verdict>,
    signals: BTreeMap<String, u64>,
    #[serde(default)]
    service: ServiceRow,
    #[serde(default)]
    crowd: CrowdRow,
    #[serde(default)]
    peers: PeersRow,
    #[serde(default)]
    observed: ObservedRow,
    claims: Vec<ClaimRow>,
    #[serde(default)]
    acts: Vec<ActRow>,
    minutes: Vec<MinuteRow>,
}

/// Families that version 1 says were looked at; they are found again.
#[derive(Deserialize)]
struct Looked(#[allow(dead_code)] Vec<FamilyRow>);

/// A minute as `[time, counted, usual]`.
#[derive(Serialize, Deserialize)]
struct MinuteRow(Iso, u32, Number);

/// A family by its stable name.
struct FamilyRow(Family);

impl From<&MinutePoint> for MinuteRow {
    fn from(point: &MinutePoint) -> Self {
        Self(Iso(point.minute.start()), point.counted, Number(point.usual))
    }
}

impl From<MinuteRow> for MinutePoint {
    fn from(row: MinuteRow) -> Self {
        Self { minute: row.0.0.minute(), counted: row.1, usual: row.2.0 }
    }
}

impl Serialize for FamilyRow {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.0.name())
    }
}

impl<'de> Deserialize<'de> for FamilyRow {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let name = String::deserialize(from)?;
        Family::ALL
            .into_iter()
            .find(|family| family.name() == name)
            .map(Self)
            .ok_or_else(|| D::Error::custom(format!("{name:?} is no family of evidence")))
    }
}

#[cfg(test)]
mod tests;

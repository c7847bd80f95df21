//! The row of a claim and its rulings: the same in `replay --json` and in a case file.

use outcry_core::claim::ClaimRecord;
use outcry_core::claim::Reason;
use outcry_core::claim::Ruling;
use outcry_core::incident::IncidentId;
use outcry_core::signal::Assertion;
use outcry_core::signal::Claim;
use outcry_core::units::Text;
use serde::Deserialize;
use serde::Serialize;

use crate::incident::scalar::Iso;
use crate::incident::scalar::Word;

/// One claim. The fields that are only in a line of its own are absent in a case file.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ClaimRow {
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    line_type: Option<Word>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    incident: Option<Word>,
    claim: Word,
    quote: Word,
    speaker: Option<Word>,
    speaker_role: Word,
    medium: Word,
    said_at: Iso,
    said_at_words: Option<Word>,
    evidence_offered: Option<Word>,
    about: Option<Word>,
    earlier: bool,
    source: Word,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reconstruction: Option<bool>,
    assertions: Vec<AssertionRow>,
}

/// One assertion with its ruling; an assertion nobody has ruled on has neither.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct AssertionRow {
    kind: Word,
    what: Word,
    cause: Option<Word>,
    ruling: Option<RulingRow>,
    reason: Option<ReasonRow>,
    would_settle: Option<Word>,
    /// Items of evidence behind the ruling. Reports are none, so that this is empty.
    #[serde(default)]
    evidence: Vec<Word>,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum RulingRow {
    Supported,
    Contradicted,
    Disputed,
    NotShown,
    DoesNotCarry,
    NotTestable,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum ReasonRow {
    ReportsOnly,
}

impl ClaimRow {
    /// The row as a line of its own, with what a case file says elsewhere.
    pub(crate) fn in_line(self, incident: &IncidentId, reconstruction: Reconstruction) -> Self {
        Self {
            line_type: Some(Word("claim".into())),
            incident: Some(Word(incident.0.clone())),
            reconstruction: Some(reconstruction.0),
            ..self
        }
    }
}

/// Whether the incident of a claim was made by a generator.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reconstruction(pub(crate) bool);

impl From<&ClaimRecord> for ClaimRow {
    fn from(record: &ClaimRecord) -> Self {
        let claim = &record.claim;
        let rulings = record.rulings.iter().copied().map(Some).chain(std::iter::repeat(None));
        Self {
            line_type: None,
            incident: None,
            claim: Word(claim.claim.clone()),
            quote: Word(claim.quote.clone()),
            speaker: word(&claim.speaker),
            speaker_role: Word(claim.speaker_role.clone()),
            medium: Word(claim.medium.clone()),
            said_at: Iso(record.said_at),
            said_at_words: word(&claim.said_at_words),
            evidence_offered: word(&claim.evidence_offered),
            about: word(&claim.about),
            earlier: claim.earlier,
            source: Word(record.source.clone()),
            reconstruction: None,
            assertions: claim
                .assertions
                .iter()
                .zip(rulings)
                .map(|(assertion, ruled)| AssertionRow::new(assertion, ruled))
                .collect(),
        }
    }
}

impl From<ClaimRow> for ClaimRecord {
    fn from(row: ClaimRow) -> Self {
        let rulings = row.assertions.iter().filter_map(AssertionRow::ruled).collect();
        let claim = Claim {
            claim: row.claim.0,
            quote: row.quote.0,
            speaker: text(row.speaker),
            speaker_role: row.speaker_role.0,
            medium: row.medium.0,
            said_at_words: text(row.said_at_words),
            evidence_offered: text(row.evidence_offered),
            about: text(row.about),
            earlier: row.earlier,
            assertions: row.assertions.into_iter().map(Assertion::from).collect(),
        };
        Self { said_at: row.said_at.0, claim, source: row.source.0, rulings }
    }
}

impl AssertionRow {
    fn new(assertion: &Assertion, ruled: Option<(Ruling, Reason)>) -> Self {
        Self {
            kind: Word(assertion.kind.clone()),
            what: Word(assertion.what.clone()),
            cause: word(&assertion.cause),
            ruling: ruled.map(|(ruling, _)| ruling.into()),
            reason: ruled.map(|(_, reason)| reason.into()),
            would_settle: word(&assertion.would_settle),
            evidence: Vec::new(),
        }
    }

    fn ruled(&self) -> Option<(Ruling, Reason)> {
        Some((self.ruling?.into(), self.reason?.into()))
    }
}

impl From<AssertionRow> for Assertion {
    fn from(row: AssertionRow) -> Self {
        Self {
            kind: row.kind.0,
            what: row.what.0,
            cause: text(row.cause),
            would_settle: text(row.would_settle),
        }
    }
}

impl From<Ruling> for RulingRow {
    fn from(ruling: Ruling) -> Self {
        match ruling {
            Ruling::Supported => Self::Supported,
            Ruling::Contradicted => Self::Contradicted,
            Ruling::Disputed => Self::Disputed,
            Ruling::NotShown => Self::NotShown,
            Ruling::DoesNotCarry => Self::DoesNotCarry,
            Ruling::NotTestable => Self::NotTestable,
        }
    }
}

impl From<RulingRow> for Ruling {
    fn from(row: RulingRow) -> Self {
        match row {
            RulingRow::Supported => Self::Supported,
            RulingRow::Contradicted => Self::Contradicted,
            RulingRow::Disputed => Self::Disputed,
            RulingRow::NotShown => Self::NotShown,
            RulingRow::DoesNotCarry => Self::DoesNotCarry,
            RulingRow::NotTestable => Self::NotTestable,
        }
    }
}

impl From<Reason> for ReasonRow {
    fn from(reason: Reason) -> Self {
        match reason {
            Reason::ReportsOnly => Self::ReportsOnly,
        }
    }
}

impl From<ReasonRow> for Reason {
    fn from(row: ReasonRow) -> Self {
        match row {
            ReasonRow::ReportsOnly => Self::ReportsOnly,
        }
    }
}

fn word(text: &Option<Text>) -> Option<Word> {
    text.clone().map(Word)
}

fn text(word: Option<Word>) -> Option<Text> {
    word.map(|word| word.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rulings_are_written_by_their_stable_names() {
        for ruling in [
            Ruling::Supported,
            Ruling::Contradicted,
            Ruling::Disputed,
            Ruling::NotShown,
            Ruling::DoesNotCarry,
            Ruling::NotTestable,
        ] {
            let written = serde_json::to_value(RulingRow::from(ruling)).unwrap();
            assert_eq!(written, ruling.name());
            assert_eq!(Ruling::from(serde_json::from_value::<RulingRow>(written).unwrap()), ruling);
        }
        let reason = Reason::ReportsOnly;
        assert_eq!(serde_json::to_value(ReasonRow::from(reason)).unwrap(), reason.name());
    }
}

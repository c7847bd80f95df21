//! The row of a claim: with its rulings in `replay --json`, and without them in a case file, where
//! a claim is what was said and the ruling is worked out.

use outcry_core::claim::ClaimRecord;
use outcry_core::claim::Ruled;
use outcry_core::evidence::facts::Said;
use outcry_core::incident::IncidentId;
use outcry_core::signal::said::Assertion;
use outcry_core::signal::said::Claim;
use outcry_core::time::UnixMillis;
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
    /// Wordings that were entered before and corrected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    corrected: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reconstruction: Option<bool>,
    assertions: Vec<AssertionRow>,
}

/// One assertion with its ruling; in a case file nobody has ruled yet, and it has neither.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct AssertionRow {
    kind: Word,
    what: Word,
    cause: Option<Word>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ruling: Option<Word>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reason: Option<Word>,
    would_settle: Option<Word>,
    /// Items of evidence behind the ruling.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    evidence: Option<Vec<Word>>,
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

impl ClaimRow {
    fn of(said_at: UnixMillis, claim: &Claim, source: &Text) -> Self {
        Self {
            line_type: None,
            incident: None,
            claim: Word(claim.claim.clone()),
            quote: Word(claim.quote.clone()),
            speaker: word(&claim.speaker),
            speaker_role: Word(claim.speaker_role.clone()),
            medium: Word(claim.medium.clone()),
            said_at: Iso(said_at),
            said_at_words: word(&claim.said_at_words),
            evidence_offered: word(&claim.evidence_offered),
            about: word(&claim.about),
            earlier: claim.earlier,
            source: Word(source.clone()),
            corrected: None,
            reconstruction: None,
            assertions: Vec::new(),
        }
    }
}

impl From<&Said> for ClaimRow {
    fn from(said: &Said) -> Self {
        let assertions = said.claim.assertions.iter().map(AssertionRow::from).collect();
        Self { assertions, ..Self::of(said.said_at, &said.claim, &said.source) }
    }
}

impl From<&ClaimRecord> for ClaimRow {
    fn from(record: &ClaimRecord) -> Self {
        Self {
            assertions: record.rulings.iter().map(AssertionRow::from).collect(),
            corrected: (record.corrected > 0).then_some(record.corrected),
            ..Self::of(record.said_at, &record.claim, &record.source)
        }
    }
}

impl From<ClaimRow> for Said {
    fn from(row: ClaimRow) -> Self {
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
        Self { said_at: row.said_at.0, claim, source: row.source.0 }
    }
}

impl From<&Assertion> for AssertionRow {
    fn from(assertion: &Assertion) -> Self {
        Self {
            kind: Word(assertion.kind.clone()),
            what: Word(assertion.what.clone()),
            cause: word(&assertion.cause),
            ruling: None,
            reason: None,
            would_settle: word(&assertion.would_settle),
            evidence: None,
        }
    }
}

impl From<&Ruled> for AssertionRow {
    fn from(ruled: &Ruled) -> Self {
        Self {
            ruling: Some(Word(ruled.ruling.name().into())),
            reason: Some(Word(ruled.reason.name().into())),
            would_settle: Some(
                word(&ruled.assertion.would_settle)
                    .unwrap_or_else(|| Word(settles(&ruled.assertion.kind).into())),
            ),
            evidence: Some(
                ruled.evidence.iter().map(|family| Word(family.name().into())).collect(),
            ),
            ..Self::from(&ruled.assertion)
        }
    }
}

/// What would settle an assertion of a kind whose entry does not say.
fn settles(kind: &str) -> &'static str {
    match kind {
        "cause" | "denial" => "measurements of traffic, logs or changes of that time",
        "origin" => "lists of sources, with forged ones removed; and even those name machines",
        "inference" => "evidence on who directed the machines; where they stood does not say it",
        "actor" => "something only the one who did it could know, told before it was public",
        "scale" => "published rates, with how they were measured",
        "duration" => "times of measurements from several places",
        "attribution_of_words" => "the original words, recorded",
        _ => "evidence that speaks of it",
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

fn word(text: &Option<Text>) -> Option<Word> {
    text.clone().map(Word)
}

fn text(word: Option<Word>) -> Option<Text> {
    word.map(|word| word.0)
}

//! Claims with their rulings, as programs read them. "Contradicted" is under review until two
//! persons have approved that very ruling, as on the pages.

use outcry_core::claim::ClaimRecord;
use outcry_core::claim::Ruled;
use outcry_core::claim::Ruling;
use serde::Serialize;

use crate::page::verdict::Judged;

/// A claim about an incident.
#[derive(Debug, Serialize)]
pub struct ClaimView {
    claim: String,
    incident: String,
    quote: String,
    speaker: Option<String>,
    speaker_role: String,
    medium: String,
    source: String,
    said_at: String,
    said_at_words: Option<String>,
    evidence_offered: Option<String>,
    about: Option<String>,
    earlier: bool,
    corrected: u32,
    rulings: Vec<RulingView>,
}

#[derive(Debug, Serialize)]
struct RulingView {
    kind: String,
    what: String,
    /// `under_review` until it may be shown.
    ruling: &'static str,
    reason: Option<&'static str>,
    evidence: Vec<&'static str>,
    would_settle: Option<String>,
}

/// The ruling as it may be shown, with its reason.
pub fn shown(
    judged: &Judged,
    record: &ClaimRecord,
    ruled: &Ruled,
) -> Option<(Ruling, &'static str)> {
    let shows = judged.publication.shows_ruling(&record.claim.claim, ruled.ruling);
    shows.then(|| (ruled.ruling, ruled.reason.name()))
}

impl ClaimView {
    /// The claims of an incident, in order of time.
    pub fn all(incident: &str, judged: &Judged) -> Vec<Self> {
        judged.ledger.iter().map(|record| Self::new(incident, judged, record)).collect()
    }

    fn new(incident: &str, judged: &Judged, record: &ClaimRecord) -> Self {
        let said = &record.claim;
        let text = |text: &Option<outcry_core::units::Text>| text.as_ref().map(|it| it.to_string());
        let ruling = |ruled: &Ruled| {
            let shown = shown(judged, record, ruled);
            RulingView {
                kind: ruled.assertion.kind.to_string(),
                what: ruled.assertion.what.to_string(),
                ruling: shown.map_or("under_review", |(ruling, _)| ruling.name()),
                reason: shown.map(|(_, reason)| reason),
                evidence: match shown {
                    Some(_) => ruled.evidence.iter().map(|family| family.name()).collect(),
                    None => Vec::new(),
                },
                would_settle: text(&ruled.assertion.would_settle),
            }
        };
        Self {
            claim: said.claim.to_string(),
            incident: incident.to_owned(),
            quote: said.quote.to_string(),
            speaker: text(&said.speaker),
            speaker_role: said.speaker_role.to_string(),
            medium: said.medium.to_string(),
            source: record.source.to_string(),
            said_at: record.said_at.to_string(),
            said_at_words: text(&said.said_at_words),
            evidence_offered: text(&said.evidence_offered),
            about: text(&said.about),
            earlier: said.earlier,
            corrected: record.corrected,
            rulings: record.rulings.iter().map(ruling).collect(),
        }
    }
}

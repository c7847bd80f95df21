//! Verdicts as programs read them, with the same caution as the dossier: shares in steps of 5 %,
//! nothing named before it may be, and always an unknown share.

use std::collections::BTreeMap;

use outcry_core::hypothesis::Group;
use outcry_core::hypothesis::Hypothesis;
use outcry_core::incident::Incident;
use serde::Serialize;

use crate::page::verdict::Judged;
use crate::page::verdict::cause_name;
use crate::site::Site;
use crate::view::rounded;

/// Shares are told in steps of so much.
const STEP: f64 = 0.05;

/// What the evidence says about one incident.
#[derive(Debug, Serialize)]
pub struct VerdictView {
    incident: String,
    service: String,
    revision: u32,
    decided_at: String,
    method: u32,
    table: String,
    reconstruction: bool,
    /// The cause that is named and may be shown.
    named: Option<Named>,
    /// Whether something waits for two persons, or the page is held.
    under_review: bool,
    refusals: Vec<&'static str>,
    groups: BTreeMap<&'static str, f64>,
    shares: Vec<ShareView>,
    evidence: Vec<EvidenceView>,
    missing: Vec<MissingView>,
}

#[derive(Debug, Serialize)]
struct Named {
    cause: &'static str,
    words: String,
}

#[derive(Debug, Serialize)]
struct ShareView {
    cause: &'static str,
    group: &'static str,
    share: f64,
    low: f64,
    high: f64,
}

#[derive(Debug, Serialize)]
struct EvidenceView {
    family: &'static str,
    state: String,
    caveat: &'static str,
    synthetic: bool,
}

#[derive(Debug, Serialize)]
struct MissingView {
    family: &'static str,
    gain_bits: f64,
}

impl VerdictView {
    /// From what was judged.
    pub fn new(site: &Site, incident: &Incident, judged: &Judged) -> Self {
        let assessment = &judged.assessment;
        let share = |hypothesis: Hypothesis| {
            let share = assessment.share(hypothesis);
            ShareView {
                cause: hypothesis.name(),
                group: hypothesis.group().name(),
                share: stepped(share.p),
                low: stepped(share.low),
                high: stepped(share.high),
            }
        };
        let group = |group: Group| (group.name(), stepped(assessment.group(group)));
        Self {
            incident: incident.id.0.to_string(),
            service: incident.service.to_string(),
            revision: assessment.revision,
            decided_at: assessment.as_of.to_string(),
            method: assessment.method,
            table: assessment.table.to_string(),
            reconstruction: assessment.reconstruction,
            named: judged
                .shown()
                .map(|cause| Named { cause: cause.name(), words: cause_name(site, cause) }),
            under_review: judged.publication.is_under_review(),
            refusals: assessment.refusals.iter().map(|refusal| refusal.name()).collect(),
            groups: Group::ALL.into_iter().map(group).collect(),
            shares: Hypothesis::ALL.into_iter().map(share).collect(),
            evidence: assessment
                .evidence
                .iter()
                .map(|evidence| EvidenceView {
                    family: evidence.item.family.name(),
                    state: evidence.item.state.name(),
                    caveat: evidence.item.caveat,
                    synthetic: evidence.item.synthetic,
                })
                .collect(),
            missing: assessment
                .missing
                .iter()
                .map(|missing| MissingView {
                    family: missing.family.name(),
                    gain_bits: rounded(missing.gain_bits),
                })
                .collect(),
        }
    }
}

/// The nearest step.
fn stepped(share: f64) -> f64 {
    rounded((share / STEP).round() * STEP)
}

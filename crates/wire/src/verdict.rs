//! Verdicts as lines of `replay --json` and of `assess --json`.
//!
//! Shares are written with six decimals, and so that they sum to 1 exactly as written.
//!
//! # What it cannot tell
//!
//! More than the assessment: this is only its written form.

use std::collections::BTreeMap;

use outcry_core::evidence::Family;
use outcry_core::evidence::State;
use outcry_core::hypothesis::Group;
use outcry_core::hypothesis::HYPOTHESES;
use outcry_core::hypothesis::Hypothesis;
use outcry_core::verdict::Assessment;
use outcry_core::verdict::Evidence;
use outcry_core::verdict::parts::Part;
use outcry_core::verdict::posterior::Share;
use outcry_core::verdict::table::Table;
use serde::Serialize;
use serde::Serializer;
use serde::ser::SerializeMap;

use crate::incident::round;
use crate::incident::scalar::Iso;
use crate::incident::scalar::Word;

/// Decimals of a share.
const SHARE_DECIMALS: i32 = 6;
/// Decimals of a ratio, a gain or a figure.
const RATIO_DECIMALS: i32 = 4;

/// Writes an assessment as one line, without the end of the line. `table` gives the sentences.
pub fn verdict_line(assessment: &Assessment, table: &Table) -> String {
    serde_json::to_string(&VerdictRow::new(assessment, table, true)).expect("keys are texts")
}

/// A verdict, as a line of its own or inside a case file.
#[derive(Debug, Serialize)]
pub(crate) struct VerdictRow {
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    line_type: Option<&'static str>,
    incident: Word,
    revision: u32,
    parent: Option<u32>,
    as_of: Iso,
    method: u32,
    table: Word,
    reconstruction: bool,
    named: Option<&'static str>,
    not_named_because: Vec<&'static str>,
    #[serde(rename = "where")]
    place: Option<&'static str>,
    mechanism: Option<&'static str>,
    posteriors: Posteriors,
    groups: BTreeMap<&'static str, f64>,
    prior: BTreeMap<&'static str, f64>,
    under_other_priors: BTreeMap<&'static str, BTreeMap<&'static str, f64>>,
    parts: Vec<PartRow>,
    evidence: Vec<EvidenceRow>,
    missing: Vec<MissingRow>,
}

/// Shares by hypothesis, in the order of hypotheses.
#[derive(Debug)]
struct Posteriors(Vec<(&'static str, ShareRow)>);

#[derive(Debug, Serialize)]
struct ShareRow {
    p: f64,
    low: f64,
    high: f64,
}

#[derive(Debug, Serialize)]
struct PartRow {
    hypothesis: &'static str,
    from: Iso,
    until: Option<Iso>,
    by: &'static str,
}

#[derive(Debug, Serialize)]
struct EvidenceRow {
    id: &'static str,
    family: &'static str,
    state: String,
    what: String,
    source: &'static str,
    window: WindowRow,
    figures: BTreeMap<&'static str, f64>,
    names: Vec<Word>,
    likelihood_ratios: BTreeMap<&'static str, f64>,
    caveat: &'static str,
    synthetic: bool,
}

#[derive(Debug, Serialize)]
struct WindowRow {
    from: Iso,
    until: Iso,
}

#[derive(Debug, Serialize)]
struct MissingRow {
    what: &'static str,
    expected_gain: f64,
}

impl VerdictRow {
    pub(crate) fn new(assessment: &Assessment, table: &Table, alone: bool) -> Self {
        let shares = exact(&assessment.shares);
        let by_name = |values: &[f64; HYPOTHESES]| -> BTreeMap<&'static str, f64> {
            let named = Hypothesis::ALL.into_iter().zip(values);
            named.map(|(h, value)| (h.name(), round(*value, SHARE_DECIMALS))).collect()
        };
        let group = |group: Group| -> f64 {
            group.members().map(|hypothesis| shares[hypothesis.index()]).sum()
        };
        Self {
            line_type: alone.then_some("verdict"),
            incident: Word(assessment.incident.0.clone()),
            revision: assessment.revision,
            parent: assessment.parent,
            as_of: Iso(assessment.as_of),
            method: assessment.method,
            table: Word(assessment.table.clone()),
            reconstruction: assessment.reconstruction,
            named: assessment.named.map(|cause| cause.name()),
            not_named_because: assessment.refusals.iter().map(|why| why.name()).collect(),
            place: assessment.place.map(|place| place.name()),
            mechanism: assessment.mechanism.map(|cause| cause.name()),
            posteriors: Posteriors(
                Hypothesis::ALL
                    .into_iter()
                    .map(|hypothesis| {
                        let Share { low, high, .. } = assessment.share(hypothesis);
                        let p = shares[hypothesis.index()];
                        let (low, high) = (round(low, SHARE_DECIMALS), round(high, SHARE_DECIMALS));
                        (hypothesis.name(), ShareRow { p, low: low.min(p), high: high.max(p) })
                    })
                    .collect(),
            ),
            groups: Group::ALL
                .into_iter()
                .map(|it| (it.name(), round(group(it), SHARE_DECIMALS)))
                .collect(),
            prior: by_name(&assessment.prior),
            under_other_priors: assessment
                .alternatives
                .iter()
                .map(|other| (other.prior.name(), by_name(&other.shares)))
                .collect(),
            parts: assessment.parts.iter().map(PartRow::from).collect(),
            evidence: assessment.evidence.iter().map(|it| EvidenceRow::new(it, table)).collect(),
            missing: assessment
                .missing
                .iter()
                .map(|missing| MissingRow {
                    what: missing.family.name(),
                    expected_gain: round(missing.gain_bits, RATIO_DECIMALS),
                })
                .collect(),
        }
    }
}

/// Rounded shares whose sum is 1 as written: the largest takes what rounding left.
fn exact(shares: &[Share; HYPOTHESES]) -> [f64; HYPOTHESES] {
    let scale = 10_f64.powi(SHARE_DECIMALS);
    let mut whole = shares.map(|share| (share.p * scale).round());
    let mut largest = 0;
    for (index, value) in whole.iter().enumerate() {
        if *value > whole[largest] {
            largest = index;
        }
    }
    whole[largest] += scale - whole.iter().sum::<f64>();
    whole.map(|value| value / scale)
}

impl Serialize for Posteriors {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(Some(self.0.len()))?;
        for (name, share) in &self.0 {
            map.serialize_entry(name, share)?;
        }
        map.end()
    }
}

impl From<&Part> for PartRow {
    fn from(part: &Part) -> Self {
        Self {
            hypothesis: part.cause.name(),
            from: Iso(part.from),
            until: part.until.map(Iso),
            by: part.by.name(),
        }
    }
}

impl EvidenceRow {
    fn new(evidence: &Evidence, table: &Table) -> Self {
        let item = &evidence.item;
        let ratios = Hypothesis::ALL.into_iter().zip(&evidence.ratios);
        Self {
            id: item.family.name(),
            family: item.family.name(),
            state: item.state.name(),
            what: sentence(item.family, item.state, table),
            source: item.source,
            window: WindowRow { from: Iso(item.window.0), until: Iso(item.window.1) },
            figures: item
                .figures
                .iter()
                .map(|(name, value)| (*name, round(*value, RATIO_DECIMALS)))
                .collect(),
            names: item.names.iter().cloned().map(Word).collect(),
            likelihood_ratios: ratios
                .map(|(hypothesis, ratio)| (hypothesis.name(), round(*ratio, RATIO_DECIMALS)))
                .collect(),
            caveat: item.caveat,
            synthetic: item.synthetic,
        }
    }
}

/// What a state means, in the words of the table.
fn sentence(family: Family, state: State, table: &Table) -> String {
    match state {
        State::Listed(name) => {
            let rows = table.family(family);
            let row = rows.and_then(|rows| rows.states.iter().find(|row| &*row.name == name));
            row.map_or_else(|| name.to_owned(), |row| row.what.to_string())
        }
        State::Says(voice, cause) => {
            let entry = table.voices.iter().find(|entry| entry.voice == voice);
            let who = entry.map_or(voice.name(), |entry| &entry.why);
            format!("{who}: {}", cause.name())
        }
    }
}

//! What does the evidence say? The verdict with all its caution: a cause only where one is named
//! and may be shown, the share of the unknown always, and what is missing.

use outcry_server::words::Words;
use serde::Serialize;

use crate::ask::freshness::moment;
use crate::ask::reader::AskError;
use crate::ask::reader::Reader;
use crate::ask::shape::Family;
use crate::ask::shape::Missing;
use crate::ask::shape::Named;
use crate::ask::shape::Verdict;

/// Groups of causes that are told in words.
const GROUPS_MAX: usize = 3;
/// Families of missing evidence that are told.
const MISSING_MAX: usize = 3;

/// What the evidence says about an incident.
#[derive(Clone, Debug, Serialize)]
pub struct Evidence {
    /// The incident.
    pub incident: String,
    /// When it was weighed; null before the first time.
    pub decided_at: Option<String>,
    /// The cause that is named; null where none is established.
    pub named: Option<Named>,
    /// Whether something waits for two persons, and is not shown.
    pub under_review: bool,
    /// Why no more is named.
    pub refusals: Vec<String>,
    /// Shares of groups of causes, the largest first. No share alone names a cause.
    pub groups: Vec<(String, f64)>,
    /// The state of each family of evidence.
    pub evidence: Vec<Family>,
    /// What would help most.
    pub missing: Vec<Missing>,
}

impl Evidence {
    /// About an incident.
    ///
    /// # Errors
    ///
    /// When the server cannot be asked.
    pub async fn about(reader: &Reader, incident: &str) -> Result<Self, AskError> {
        let path = format!("/api/v1/incidents/{}/verdict", super::reader::encoded(incident));
        let verdict: Verdict = match reader.read(&path).await {
            // Nothing was weighed yet.
            Err(AskError::NotFound(_)) => return Ok(Self::none_yet(incident)),
            other => other?,
        };
        let mut groups: Vec<(String, f64)> = verdict.groups.into_iter().collect();
        groups.sort_by(|a, b| b.1.total_cmp(&a.1));
        let mut missing = verdict.missing;
        missing.sort_by(|a, b| b.gain_bits.total_cmp(&a.gain_bits));
        missing.truncate(MISSING_MAX);
        Ok(Self {
            incident: verdict.incident,
            decided_at: Some(verdict.decided_at),
            named: verdict.named,
            under_review: verdict.under_review,
            refusals: verdict.refusals,
            groups,
            evidence: verdict.evidence,
            missing,
        })
    }

    fn none_yet(incident: &str) -> Self {
        Self {
            incident: incident.to_owned(),
            decided_at: None,
            named: None,
            under_review: false,
            refusals: Vec::new(),
            groups: Vec::new(),
            evidence: Vec::new(),
            missing: Vec::new(),
        }
    }

    /// In words, a line for each thing.
    pub fn lines(&self, words: &Words) -> Vec<String> {
        let Some(decided_at) = &self.decided_at else {
            return vec!["No cause is established: nothing was weighed yet.".to_owned()];
        };
        let at = moment(decided_at);
        let mut lines = vec![match &self.named {
            Some(named) => format!("The evidence names a cause, as of {at}: {}.", named.words),
            None => format!("No cause is established, as of {at}."),
        }];
        if self.under_review {
            lines.push("Something waits until two persons have approved it.".to_owned());
        }
        let told = self.groups.iter().filter(|(_, share)| *share > 0.0).take(GROUPS_MAX);
        let told: Vec<String> = told
            .map(|(group, share)| {
                let name = words.say(&format!("group-{}", group.replace('_', "-")));
                format!("{name} {}", words.percent(*share))
            })
            .collect();
        if self.named.is_none() && !told.is_empty() {
            lines.push(format!("Shares, none of which names a cause: {}.", told.join(", ")));
        }
        for refusal in &self.refusals {
            let id = format!("refusal-{}", refusal.replace('_', "-"));
            if words.has(&id) {
                lines.push(words.say(&id));
            }
        }
        for missing in &self.missing {
            let id = format!("family-would-{}", missing.family.replace('_', "-"));
            if words.has(&id) {
                let name = words.say(&format!("family-{}", missing.family.replace('_', "-")));
                lines.push(format!("Missing: {name}. {}", words.say(&id)));
            }
        }
        lines
    }
}

//! Publishing: what waits for two persons, and what is held.
//!
//! Detection publishes itself. Naming an attack or brigading, and the ruling "contradicted", wait
//! until two different persons have approved that very finding; until then the shares are shown
//! and the words "under review". A ruling "supported" waits with the name that it rests on. One act
//! holds a page; another lets it go.
//!
//! # What it cannot tell
//!
//! Who a person is. Two names are two persons here; an operator's accounts must see to it.

use std::collections::BTreeSet;

use crate::claim::ClaimRecord;
use crate::claim::Ruling;
use crate::evidence::CaseFile;
use crate::hypothesis::Cause;
use crate::hypothesis::Group;
use crate::hypothesis::Hypothesis;
use crate::units::Text;

/// Persons who must approve a finding.
pub const APPROVALS_MIN: usize = 2;
/// The act of approving a finding.
pub const APPROVED: &str = "verdict_approved";
/// The act of withdrawing one's approval.
pub const WITHDRAWN: &str = "verdict_withdrawn";
/// The act of holding a page.
pub const HELD: &str = "verdict_held";
/// The act of letting a held page go.
pub const RELEASED: &str = "verdict_released";

/// A finding that waits, or waited, for two persons.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Its name: a cause, or `contradicted:` and the name of a claim.
    pub name: Text,
    /// Who has approved it.
    pub approved_by: Vec<Text>,
}

impl Finding {
    /// Whether it may be shown.
    pub fn is_approved(&self) -> bool {
        self.approved_by.len() >= APPROVALS_MIN
    }
}

/// What may be shown of an assessment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Publication {
    /// Whether the page is held, and by whom.
    pub held_by: Option<Text>,
    /// Findings that need approval, in the order of the page.
    pub findings: Vec<Finding>,
}

impl Publication {
    /// Whether a finding may be shown: it needs no approval, or has it.
    pub fn shows(&self, finding: &str) -> bool {
        self.held_by.is_none()
            && self.findings.iter().all(|it| *it.name != *finding || it.is_approved())
    }

    /// Whether the ruling on an assertion of a claim may be shown: "contradicted" waits for itself,
    /// and "supported" for the name that it would give away.
    pub fn shows_ruling(&self, claim: &str, ruling: Ruling) -> bool {
        match ruling {
            Ruling::Contradicted => self.shows(&contradicted(claim)),
            Ruling::Supported => {
                let names = self.findings.iter().filter(|it| !it.name.starts_with(OF_CLAIMS));
                self.held_by.is_none() && names.into_iter().all(Finding::is_approved)
            }
            _ => true,
        }
    }

    /// Whether anything waits.
    pub fn is_under_review(&self) -> bool {
        self.held_by.is_some() || self.findings.iter().any(|finding| !finding.is_approved())
    }
}

/// The subject of an act about a finding of an incident.
pub fn subject(incident: &str, finding: &str) -> String {
    format!("{incident}#{finding}")
}

/// The incident an act is about.
pub fn incident_of(subject: &str) -> &str {
    subject.split('#').next().unwrap_or(subject)
}

/// What the names of findings about claims begin with.
const OF_CLAIMS: &str = "contradicted:";

/// The name of the finding that a claim is contradicted.
pub fn contradicted(claim: &str) -> String {
    format!("{OF_CLAIMS}{claim}")
}

/// What may be shown of a case, by the acts in it.
pub fn publication(case: &CaseFile, named: Option<Cause>, ledger: &[ClaimRecord]) -> Publication {
    let mut names: Vec<String> = Vec::new();
    if let Some(cause) = named
        && (cause.group() == Group::Attack || cause.covers(Hypothesis::Brigading))
    {
        names.push(cause.name().to_owned());
    }
    for record in ledger {
        if record.rulings.iter().any(|ruled| ruled.ruling == Ruling::Contradicted) {
            names.push(contradicted(&record.claim.claim));
        }
    }
    let incident = &case.incident.id.0;
    let mut held_by = None;
    for act in &case.acts {
        match &*act.act.act {
            HELD if incident_of(&act.act.subject) == &**incident => {
                held_by = Some(act.act.actor.clone());
            }
            RELEASED if incident_of(&act.act.subject) == &**incident => held_by = None,
            _ => {}
        }
    }
    let findings = names.into_iter().map(|name| {
        let about = subject(incident, &name);
        let mut approved_by: BTreeSet<Text> = BTreeSet::new();
        for act in case.acts.iter().filter(|act| *act.act.subject == *about) {
            match &*act.act.act {
                APPROVED => approved_by.insert(act.act.actor.clone()),
                WITHDRAWN => approved_by.remove(&act.act.actor),
                _ => false,
            };
        }
        Finding { name: name.into(), approved_by: approved_by.into_iter().collect() }
    });
    Publication { held_by, findings: findings.collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ruling_gives_no_name_away_that_waits() {
        let finding = |name: &str, persons: &[&str]| Finding {
            name: name.into(),
            approved_by: persons.iter().map(|person| (*person).into()).collect(),
        };
        let shown = |findings: Vec<Finding>, ruling| {
            Publication { held_by: None, findings }.shows_ruling("words", ruling)
        };
        let attack = |persons: &[&str]| vec![finding("volumetric_attack", persons)];
        let words = |persons: &[&str]| vec![finding("contradicted:words", persons)];
        assert!(shown(Vec::new(), Ruling::Supported));
        assert!(!shown(attack(&["a"]), Ruling::Supported));
        assert!(shown(attack(&["a", "b"]), Ruling::Supported));
        assert!(shown(words(&[]), Ruling::Supported));
        assert!(!shown(words(&[]), Ruling::Contradicted));
        assert!(shown(attack(&[]), Ruling::NotShown));
    }
}

//! Ruling on claims: a function of the case file and its assessment, and of nothing else.
//!
//! An assertion of origin is ruled on twice: whether it is shown, and, as an assertion of the kind
//! `inference` that is added here, whether it carries what it is used for. It never does.
//!
//! # What it cannot tell
//!
//! The sense of words. Whether an ascribed quotation is the original is judged by the words in it,
//! and a person confirms before "contradicted" is shown.

use std::collections::BTreeSet;

use crate::claim::ClaimRecord;
use crate::claim::Reason;
use crate::claim::Ruled;
use crate::claim::Ruling;
use crate::evidence::CaseFile;
use crate::evidence::Family;
use crate::evidence::facts::Said;
use crate::evidence::testimony::Sides;
use crate::evidence::testimony::Voice;
use crate::hypothesis::Cause;
use crate::hypothesis::Group;
use crate::signal::said::Assertion;
use crate::units::Text;
use crate::verdict::Assessment;

/// Kind of the assertion that is added to one of origin.
pub const INFERENCE: &str = "inference";
/// What would settle an assertion that nothing could.
const NOTHING: &str = "nothing";
/// Share under which a group can be contradicted.
const CONTRADICTED_MAX: f64 = 0.05;
/// Ratio at which a family that looked shows otherwise.
const OTHERWISE_RATIO: f64 = 0.34;
/// Letters of a word that carries meaning.
const WORD_LETTERS_MIN: usize = 5;

/// The ledger of a case: one record for each claim, its last wording, in order of time.
pub fn rule(case: &CaseFile, assessment: &Assessment) -> Vec<ClaimRecord> {
    let bench = Bench { case, assessment, sides: Sides::of(case) };
    let mut ledger: Vec<ClaimRecord> = Vec::new();
    for said in &case.claims {
        let record = ClaimRecord {
            rulings: said.claim.assertions.iter().flat_map(|it| bench.rule(said, it)).collect(),
            ..ClaimRecord::unruled(said.clone())
        };
        match ledger.iter_mut().find(|known| known.claim.claim == said.claim.claim) {
            Some(known) => {
                let corrected = known.corrected + 1;
                *known = ClaimRecord { corrected, ..record };
            }
            None => ledger.push(record),
        }
    }
    ledger
        .sort_by(|a, b| a.said_at.cmp(&b.said_at).then_with(|| a.claim.claim.cmp(&b.claim.claim)));
    ledger
}

struct Bench<'c> {
    case: &'c CaseFile,
    assessment: &'c Assessment,
    sides: Sides,
}

type Finding = (Ruling, Reason, Vec<Family>);

impl Bench<'_> {
    /// The rulings on one assertion: its own, and that on what it is used for.
    fn rule(&self, said: &Said, assertion: &Assertion) -> Vec<Ruled> {
        let ruled = |assertion: Assertion, (ruling, reason, evidence): Finding| Ruled {
            assertion,
            ruling,
            reason,
            evidence,
        };
        let mut rulings = vec![ruled(assertion.clone(), self.find(said, assertion))];
        if &*assertion.kind == "origin" {
            let inference = Assertion {
                kind: INFERENCE.into(),
                what: assertion.what.clone(),
                cause: None,
                would_settle: assertion.would_settle.clone(),
            };
            let carries = (Ruling::DoesNotCarry, Reason::AddressIsNoCulprit, Vec::new());
            rulings.push(ruled(inference, carries));
        }
        rulings
    }

    fn find(&self, said: &Said, assertion: &Assertion) -> Finding {
        let settle = assertion.would_settle.as_deref().unwrap_or_default();
        if settle.trim().eq_ignore_ascii_case(NOTHING) {
            return (Ruling::NotTestable, Reason::NothingSettles, Vec::new());
        }
        if said.claim.earlier {
            return match self.is_denied_here(said) {
                true => (Ruling::Disputed, Reason::VoicesOnBothSides, Vec::new()),
                false => (Ruling::NotShown, Reason::OtherIncident, Vec::new()),
            };
        }
        let cause = assertion.cause.as_deref().and_then(Cause::parse);
        match (&*assertion.kind, cause) {
            ("attribution_of_words", _) => self.words(said),
            ("denial", Some(cause)) => self.denial(cause.group()),
            ("cause", Some(cause)) => self.cause(cause.group()),
            ("origin", _) => self.not_shown(Reason::OriginNotMeasured),
            ("actor", _) => self.not_shown(Reason::ActorNotMeasured),
            ("scale" | "duration", _) => self.not_shown(Reason::NoFigure),
            _ => self.not_shown(Reason::NotNamed),
        }
    }

    fn not_shown(&self, reason: Reason) -> Finding {
        let reason = if self.reports_only() { Reason::ReportsOnly } else { reason };
        (Ruling::NotShown, reason, self.looked())
    }

    fn cause(&self, group: Group) -> Finding {
        if self.is_named(group) {
            return (Ruling::Supported, Reason::Named, self.speaking_for(group));
        }
        if let Some(families) = self.shows_otherwise(group) {
            let reason = match self.assessment.named {
                Some(_) => Reason::OtherwiseNamed,
                None => Reason::LookedAndOtherwise,
            };
            return (Ruling::Contradicted, reason, families);
        }
        if self.is_disputed(group) {
            return (Ruling::Disputed, Reason::VoicesOnBothSides, vec![Family::Testimony]);
        }
        self.not_shown(Reason::NotNamed)
    }

    fn denial(&self, group: Group) -> Finding {
        if self.is_named(group) {
            return (Ruling::Contradicted, Reason::OtherwiseNamed, self.speaking_for(group));
        }
        if let Some(families) = self.shows_otherwise(group) {
            return (Ruling::Supported, Reason::LookedAndOtherwise, families);
        }
        let said = self.sides.for_group(group).is_some_and(Voice::is_credible);
        if said {
            return (Ruling::Disputed, Reason::VoicesOnBothSides, vec![Family::Testimony]);
        }
        self.not_shown(Reason::NotNamed)
    }

    fn is_named(&self, group: Group) -> bool {
        self.assessment.named.is_some_and(|named| named.group() == group)
    }

    fn is_disputed(&self, group: Group) -> bool {
        let credible = |voice: Option<Voice>| voice.is_some_and(Voice::is_credible);
        credible(self.sides.for_group(group)) && credible(self.sides.against_group(group))
    }

    /// Families that could have shown a group, looked, and show otherwise, if its share is small.
    fn shows_otherwise(&self, group: Group) -> Option<Vec<Family>> {
        if self.assessment.group(group) > CONTRADICTED_MAX {
            return None;
        }
        let could = |family: Family| match group {
            Group::Attack => family == Family::Traffic,
            _ => !matches!(family, Family::Shape | Family::Components | Family::Testimony),
        };
        let families: Vec<Family> = self
            .assessment
            .evidence
            .iter()
            .filter(|evidence| {
                could(evidence.item.family)
                    && group.members().all(|h| evidence.ratios[h.index()] <= OTHERWISE_RATIO)
            })
            .map(|evidence| evidence.item.family)
            .collect();
        (!families.is_empty()).then_some(families)
    }

    fn speaking_for(&self, group: Group) -> Vec<Family> {
        let evidence = self.assessment.evidence.iter();
        let speaks = evidence.filter(|it| group.members().any(|h| it.ratios[h.index()] > 1.15));
        speaks.map(|evidence| evidence.item.family).collect()
    }

    fn looked(&self) -> Vec<Family> {
        self.assessment.evidence.iter().map(|evidence| evidence.item.family).collect()
    }

    fn reports_only(&self) -> bool {
        self.looked().iter().all(|family| {
            matches!(family, Family::Shape | Family::Places | Family::Components | Family::Peers)
        })
    }

    /// Whether the ledger holds a denial of this claim.
    fn is_denied_here(&self, said: &Said) -> bool {
        self.case.claims.iter().any(|other| {
            other.claim.about.as_ref() == Some(&said.claim.claim)
                && other.claim.speaker_role != said.claim.speaker_role
                && other.claim.assertions.iter().any(|assertion| &*assertion.kind == "denial")
        })
    }

    /// Whether the words a claim ascribes are those of the claim it is about.
    fn words(&self, said: &Said) -> Finding {
        let original = said
            .claim
            .about
            .as_ref()
            .and_then(|about| self.case.claims.iter().find(|it| it.claim.claim == *about));
        let Some(original) = original else {
            return (Ruling::NotShown, Reason::WordsNotHere, Vec::new());
        };
        let (own, theirs) = (words_of(&said.claim.quote), words_of(&original.claim.quote));
        let strange = own.difference(&theirs).count();
        match 2 * strange > own.len() {
            true => (Ruling::Contradicted, Reason::WordsDiffer, Vec::new()),
            false => (Ruling::Supported, Reason::WordsAgree, Vec::new()),
        }
    }
}

/// The words of a text that carry meaning, lower case and without endings.
fn words_of(text: &Text) -> BTreeSet<String> {
    text.to_lowercase()
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| word.chars().count() >= WORD_LETTERS_MIN)
        .map(|word| word.chars().take(6).collect())
        .collect()
}

//! The verdict: what the evidence says about why, how strongly, and what is missing.
//!
//! `assess` is a pure function of a case file and of the likelihood table. Each family of evidence
//! is in one state; the table says how probable that state is under each hypothesis; the prior by
//! kind of service and the product of the rows give the posterior. Naming a cause is a decision of
//! its own, with a rule of its own ([`naming`]). What is shown are shares, and often the answer is
//! "no cause is established".
//!
//! # What it cannot tell
//!
//! More than its families can see. They are taken as independent given the cause, which is why
//! each speaks once, with one joint state, however many measurements stand behind it.
//!
//! # References
//!
//! - I. J. Good, "Probability and the Weighing of Evidence" (1950).
//! - Beyer et al., "The Site Reliability Workbook" (2018), appendix C, for the prior.

pub mod chance;
pub mod gain;
pub mod naming;
pub mod parts;
pub mod posterior;
pub mod table;

use crate::evidence::CaseFile;
use crate::evidence::Family;
use crate::evidence::Item;
use crate::hypothesis::Cause;
use crate::hypothesis::Group;
use crate::hypothesis::HYPOTHESES;
use crate::hypothesis::Hypothesis;
use crate::incident::IncidentId;
use crate::time::UnixMillis;
use crate::units::Text;
use crate::verdict::naming::Refusal;
use crate::verdict::parts::Part;
use crate::verdict::parts::Where;
use crate::verdict::posterior::Share;
use crate::verdict::posterior::Weights;
use crate::verdict::table::PriorKind;
use crate::verdict::table::Table;

/// Version of the method: any change of an extractor, a rule or a form makes a new one. The table
/// has a version of its own.
pub const METHOD_VERSION: u32 = 1;

/// What one family says, and how it weighs.
#[derive(Clone, Debug, PartialEq)]
pub struct Evidence {
    /// What it says.
    pub item: Item,
    /// Likelihood ratio against `unknown` by hypothesis, in the order of [`Hypothesis::ALL`].
    pub ratios: [f64; HYPOTHESES],
}

/// A family that would help and is missing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Missing {
    /// The family.
    pub family: Family,
    /// Bits it is expected to add about the cause.
    pub gain_bits: f64,
}

/// The answer under another prior.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Alternative {
    /// Which prior.
    pub prior: PriorKind,
    /// The shares, in the order of [`Hypothesis::ALL`].
    pub shares: [f64; HYPOTHESES],
}

/// A verdict on an incident.
#[derive(Clone, Debug, PartialEq)]
pub struct Assessment {
    /// Version of the method.
    pub method: u32,
    /// Version of the table.
    pub table: Text,
    /// The incident.
    pub incident: IncidentId,
    /// Revision of the case file it was made from.
    pub revision: u32,
    /// Revision of the case file that the assessment before it was made from.
    pub parent: Option<u32>,
    /// Nothing later than this is in it.
    pub as_of: UnixMillis,
    /// Whether any of what it rests on was made by a generator.
    pub reconstruction: bool,
    /// What is named, if anything.
    pub named: Option<Cause>,
    /// Why nothing more is named.
    pub refusals: Vec<Refusal>,
    /// Where it failed, where that can be said.
    pub place: Option<Where>,
    /// By which mechanism, where that can be said apart from where.
    pub mechanism: Option<Cause>,
    /// The shares, in the order of [`Hypothesis::ALL`].
    pub shares: [Share; HYPOTHESES],
    /// The shares before any evidence.
    pub prior: [f64; HYPOTHESES],
    /// The answer under other priors.
    pub alternatives: Vec<Alternative>,
    /// Causes in order of time.
    pub parts: Vec<Part>,
    /// What was weighed, in the order of families.
    pub evidence: Vec<Evidence>,
    /// What was not looked at, the most helpful first.
    pub missing: Vec<Missing>,
}

impl Assessment {
    /// The share of a hypothesis.
    pub fn share(&self, hypothesis: Hypothesis) -> Share {
        self.shares[hypothesis.index()]
    }

    /// The share of a group, 0..=1.
    pub fn group(&self, group: Group) -> f64 {
        group.members().map(|hypothesis| self.share(hypothesis).p).sum()
    }

    /// The hypothesis with the largest share; of equal ones the first.
    pub fn leading(&self) -> Hypothesis {
        posterior::leading(&self.shares.map(|share| share.p))
    }

    /// The group with the largest share; of equal ones the first.
    pub fn leading_group(&self) -> Group {
        let mut best = Group::Attack;
        for group in Group::ALL {
            if self.group(group) > self.group(best) {
                best = group;
            }
        }
        best
    }

    /// What a family said, if it did.
    pub fn evidence_of(&self, family: Family) -> Option<&Evidence> {
        self.evidence.iter().find(|evidence| evidence.item.family == family)
    }
}

/// Weighs a case file. The same case file and table give the same assessment, always.
///
pub fn assess(case: &CaseFile, table: &Table) -> Assessment {
    assess_items(case, case.items(), table)
}

/// The same for given items: what the answer would be if this and no more had been found.
pub fn assess_items(case: &CaseFile, items: Vec<Item>, table: &Table) -> Assessment {
    let prior = table.prior(case.service.kind);
    let evidence: Vec<Evidence> = items
        .into_iter()
        .map(|item| Evidence { ratios: table.ratios(item.family, item.state), item })
        .collect();
    let weights = Weights::new(table, prior, &evidence);
    let shares = weights.shares_with_ranges();
    let point = shares.map(|share| share.p);
    let alternatives: Vec<Alternative> = PriorKind::ALTERNATIVES
        .into_iter()
        .map(|kind| Alternative { prior: kind, shares: weights.under(&kind.of(prior)) })
        .collect();
    let (named, refusals) = naming::decide(&weights, &shares, &alternatives);
    let parts = parts::parts(case, &evidence, &point, named);
    let (place, mechanism) = parts::place_and_mechanism(&evidence, &point, named);
    let missing = gain::missing(table, &evidence, &point);
    Assessment {
        method: METHOD_VERSION,
        table: table.version.clone(),
        incident: case.incident.id.clone(),
        revision: case.incident.revision,
        parent: case.parent,
        as_of: case.as_of,
        reconstruction: case.incident.reconstruction
            || evidence.iter().any(|evidence| evidence.item.synthetic),
        named,
        refusals,
        place,
        mechanism,
        shares,
        prior: *prior,
        alternatives,
        parts,
        evidence,
        missing,
    }
}

//! Naming: when a cause is said aloud.
//!
//! Shares are always shown; a name is a decision of its own. A cause, or else its group, is named
//! when its share is at least [`SHARE_MIN`], the lower end of its range at least [`LOWER_MIN`], at
//! least [`FAMILIES_MIN`] families speak for it (the operator's page and the operator's word are
//! one witness), one of them made of something else than reports, at least one family was observed
//! that could have refuted it, and it still leads with [`LOWER_MIN`] under every other prior. An
//! attack needs a measurement of traffic, of logs or of routes besides, and an access network that
//! other services were looked at: whatever fails, people report their carrier too. And whatever
//! family is taken away, what is left must not name something else.
//!
//! # What it cannot tell
//!
//! That nothing else happened. A named cause is what the evidence supports, not a judgement.

use crate::evidence::Family;
use crate::evidence::State;
use crate::evidence::testimony::Voice;
use crate::hypothesis::Cause;
use crate::hypothesis::Group;
use crate::hypothesis::HYPOTHESES;
use crate::hypothesis::Hypothesis;
use crate::verdict::Alternative;
use crate::verdict::posterior::Share;
use crate::verdict::posterior::Weights;
use crate::verdict::posterior::leading;
use crate::verdict::posterior::total;

/// Share from which a cause may be named.
pub const SHARE_MIN: f64 = 0.80;
/// Lower end of the range, and share under every other prior, from which it may.
pub const LOWER_MIN: f64 = 0.60;
/// Families that must speak for it.
pub const FAMILIES_MIN: usize = 2;
/// Ratio from which a family speaks for a cause: over `unknown` and over the mean of the others.
const SUPPORT_RATIO: f64 = 1.15;
/// A family could have refuted a cause if one of its states is this improbable under it.
const REFUTE_RATIO: f64 = 0.34;

/// The source of families that are made of reports.
const REPORTS: &str = "reports";

/// Why something is not named.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Refusal {
    /// No share is large enough.
    ShareTooSmall,
    /// The range reaches too low.
    RangeTooWide,
    /// Too few families speak for it.
    FewFamilies,
    /// All that speaks for it is made of people's reports: several families, one witness.
    ReportsAlone,
    /// No family was observed that could have refuted it.
    NothingCouldRefute,
    /// Another prior changes the answer.
    RestsOnThePrior,
    /// An attack without a measurement of traffic, logs or routes.
    NoDirectMeasurement,
    /// One family less, and something else would be named.
    RestsOnOneFamily,
    /// What leads is that nothing can be told.
    UnknownLeads,
}

impl Refusal {
    /// Stable name.
    pub fn name(self) -> &'static str {
        match self {
            Self::ShareTooSmall => "share_too_small",
            Self::RangeTooWide => "range_too_wide",
            Self::FewFamilies => "few_families",
            Self::ReportsAlone => "reports_alone",
            Self::NothingCouldRefute => "nothing_could_refute",
            Self::RestsOnThePrior => "rests_on_the_prior",
            Self::NoDirectMeasurement => "no_direct_measurement",
            Self::RestsOnOneFamily => "rests_on_one_family",
            Self::UnknownLeads => "unknown_leads",
        }
    }
}

/// What is named, and what stood against naming the leader.
pub fn decide(
    weights: &Weights,
    shares: &[Share; HYPOTHESES],
    alternatives: &[Alternative],
) -> (Option<Cause>, Vec<Refusal>) {
    let point = shares.map(|share| share.p);
    let under: Vec<[f64; HYPOTHESES]> = alternatives.iter().map(|other| other.shares).collect();
    match by_rule(weights, &point, &under) {
        Err(refusals) => (None, refusals),
        Ok(cause) => {
            // Whatever family is taken away, what is left names the same, a wider or narrower
            // word for the same, or nothing.
            let another = (0..weights.evidence.len()).any(|place| {
                let rest = weights.without(place);
                let under: Vec<[f64; HYPOTHESES]> = alternatives
                    .iter()
                    .map(|other| rest.under(&other.prior.of(&rest.prior())))
                    .collect();
                by_rule(&rest, &rest.shares(), &under)
                    .is_ok_and(|other| other.group() != cause.group() || is_other(other, cause))
            });
            if another {
                (None, vec![Refusal::RestsOnOneFamily])
            } else {
                (Some(cause), Vec::new())
            }
        }
    }
}

/// Two different members of one group.
fn is_other(a: Cause, b: Cause) -> bool {
    matches!((a, b), (Cause::One(a), Cause::One(b)) if a != b)
}

/// The rule without its last clause: the leading hypothesis, or else the leading group.
fn by_rule(
    weights: &Weights,
    shares: &[f64; HYPOTHESES],
    under: &[[f64; HYPOTHESES]],
) -> Result<Cause, Vec<Refusal>> {
    let lead = leading(shares);
    let one = check(Cause::One(lead), weights, shares, under);
    if one.is_empty() {
        return Ok(Cause::One(lead));
    }
    let mut best = Group::Attack;
    for group in Group::ALL {
        if total(shares, Cause::Any(group)) > total(shares, Cause::Any(best)) {
            best = group;
        }
    }
    let any = check(Cause::Any(best), weights, shares, under);
    if any.is_empty() { Ok(Cause::Any(best)) } else { Err(any) }
}

/// What stands against naming a cause.
fn check(
    cause: Cause,
    weights: &Weights,
    shares: &[f64; HYPOTHESES],
    under: &[[f64; HYPOTHESES]],
) -> Vec<Refusal> {
    if cause.covers(Hypothesis::Unknown) {
        return vec![Refusal::UnknownLeads];
    }
    let mut refusals = Vec::new();
    if total(shares, cause) < SHARE_MIN {
        refusals.push(Refusal::ShareTooSmall);
    }
    let supporting = supporting(cause, weights, shares);
    if witnesses(&supporting, weights) < FAMILIES_MIN {
        refusals.push(Refusal::FewFamilies);
    }
    let apart = |family: &Family| {
        let mut of_family = weights.evidence.iter().filter(|it| it.item.family == *family);
        of_family.any(|evidence| evidence.item.source != REPORTS)
    };
    if !supporting.is_empty() && !supporting.iter().any(apart) {
        refusals.push(Refusal::ReportsAlone);
    }
    if !could_be_refuted(cause, weights) || !others_looked_at(cause, weights, shares) {
        refusals.push(Refusal::NothingCouldRefute);
    }
    let survives = |shares: &[f64; HYPOTHESES]| {
        cause.covers(leading(shares)) && total(shares, cause) >= LOWER_MIN
            || matches!(cause, Cause::Any(_)) && total(shares, cause) >= LOWER_MIN
    };
    if !under.iter().all(survives) {
        refusals.push(Refusal::RestsOnThePrior);
    }
    if cause.group() == Group::Attack && !directly_measured(weights) {
        refusals.push(Refusal::NoDirectMeasurement);
    }
    // The dearest question comes last.
    if refusals.is_empty() && weights.lower_bound(cause) < LOWER_MIN {
        refusals.push(Refusal::RangeTooWide);
    }
    refusals
}

/// Families that speak for a cause: more probable under it than under `unknown`, and than under
/// the mean of all others.
pub fn supporting(cause: Cause, weights: &Weights, shares: &[f64; HYPOTHESES]) -> Vec<Family> {
    weights
        .evidence
        .iter()
        .filter(|evidence| {
            let (own, rest) = means(&evidence.ratios, cause, shares);
            own >= SUPPORT_RATIO && own >= SUPPORT_RATIO * rest
        })
        .map(|evidence| evidence.item.family)
        .collect()
}

/// How many witnesses some families are: the operator's page and the operator's word are one.
fn witnesses(families: &[Family], weights: &Weights) -> usize {
    let is_operators = |family: &Family| match family {
        Family::Notices => true,
        Family::Testimony => weights
            .evidence
            .iter()
            .any(|evidence| matches!(evidence.item.state, State::Says(Voice::Operator, _))),
        _ => false,
    };
    let operators = families.iter().filter(|family| is_operators(family)).count();
    families.len() - operators.saturating_sub(1)
}

/// The mean ratio of what a cause covers, by share, and that of all the rest.
fn means(ratios: &[f64; HYPOTHESES], cause: Cause, shares: &[f64; HYPOTHESES]) -> (f64, f64) {
    let mean = |covered: bool| {
        let (mut sum, mut weight) = (0.0, 0.0);
        for hypothesis in Hypothesis::ALL {
            if cause.covers(hypothesis) == covered {
                let share = shares[hypothesis.index()];
                sum += share * ratios[hypothesis.index()];
                weight += share;
            }
        }
        if weight > 0.0 { sum / weight } else { 1.0 }
    };
    (mean(true), mean(false))
}

/// Whether some observed family has a state that would have spoken clearly against the cause.
/// Testimony cannot refute.
fn could_be_refuted(cause: Cause, weights: &Weights) -> bool {
    let strong = [
        Family::Reachability,
        Family::Content,
        Family::Traffic,
        Family::Peers,
        Family::Places,
        Family::Notices,
    ];
    weights.evidence.iter().any(|evidence| {
        strong.contains(&evidence.item.family)
            && weights.least_ratio(evidence.item.family, cause) <= REFUTE_RATIO
    })
}

/// Whether other services were looked at, where only they could tell: whatever fails, people
/// report their carrier too.
fn others_looked_at(cause: Cause, weights: &Weights, shares: &[f64; HYPOTHESES]) -> bool {
    let carrier = Hypothesis::AccessNetworkFailure;
    let is_carrier = cause.covers(carrier) && leading(shares) == carrier;
    !is_carrier || weights.evidence.iter().any(|it| it.item.family == Family::Peers)
}

/// Whether traffic, logs or routes were measured and speak for an attack.
fn directly_measured(weights: &Weights) -> bool {
    weights.evidence.iter().any(|evidence| {
        let for_attack = Group::Attack
            .members()
            .any(|hypothesis| evidence.ratios[hypothesis.index()] >= SUPPORT_RATIO);
        let direct = match evidence.item.family {
            Family::Traffic => true,
            Family::Reachability => evidence.item.state == State::Listed("to_scrubbing"),
            _ => false,
        };
        direct && for_attack
    })
}

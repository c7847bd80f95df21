//! Measures of verdicts: who leads, what is named, Brier, log score and calibration.
//!
//! Causes that a truth accepts count as one: the share of the right answer is the sum over them.
//! The Brier score is half the sum of squared differences over that class and all others.
//!
//! # What it cannot tell
//!
//! Twenty seeds are not twenty cases: intervals are drawn over cases, never over runs.

use outcry_core::hypothesis::Cause;
use outcry_core::hypothesis::HYPOTHESES;
use outcry_core::hypothesis::Hypothesis;
use outcry_core::verdict::Assessment;
use outcry_core::verdict::chance::Chance;
use outcry_core::verdict::posterior::leading;

use crate::score::verdicts::runs::Judged;

/// Bins of the calibration error.
const BINS: usize = 10;
/// Draws of the bootstrap.
const DRAWS: usize = 1_000;
/// Shares under this are taken as this, so that a logarithm is finite.
const SHARE_FLOOR: f64 = 1e-6;

/// The truth of a case.
#[derive(Clone, Debug)]
pub struct Truth {
    /// Causes and groups that count as right.
    pub accept: Vec<Cause>,
}

impl Truth {
    fn covers(&self, hypothesis: Hypothesis) -> bool {
        self.accept.iter().any(|cause| cause.covers(hypothesis))
    }

    /// Whether a hypothesis is of a group that counts as right: bars work on groups.
    fn covers_group(&self, hypothesis: Hypothesis) -> bool {
        self.accept.iter().any(|cause| cause.group() == hypothesis.group())
    }

    fn accepts(&self, named: Cause) -> bool {
        self.accept.iter().any(|cause| cause.group() == named.group())
    }
}

/// How one verdict did.
#[derive(Clone, Debug)]
pub struct Score {
    /// The verdict, if there was an incident.
    pub assessment: Option<Assessment>,
    /// What was named.
    pub named: Option<Cause>,
    /// Whether the right group leads.
    pub leads_right: bool,
    /// Whether the right cause itself leads.
    pub leads_exactly: bool,
    /// Whether what was named is wrong.
    pub wrong_name: bool,
    /// Share of what leads, and whether it is right.
    pub confidence: f64,
    /// Half the sum of squared differences.
    pub brier: f64,
    /// The negative logarithm of the share of the right answer.
    pub log: f64,
}

impl Score {
    /// Scores shares and a name against the truth.
    pub fn of(shares: &[f64; HYPOTHESES], named: Option<Cause>, truth: &Truth) -> Self {
        let lead = leading(shares);
        let right: f64 = Hypothesis::ALL
            .iter()
            .filter(|hypothesis| truth.covers(**hypothesis))
            .map(|hypothesis| shares[hypothesis.index()])
            .sum();
        let others: f64 = Hypothesis::ALL
            .iter()
            .filter(|hypothesis| !truth.covers(**hypothesis))
            .map(|hypothesis| shares[hypothesis.index()].powi(2))
            .sum();
        Self {
            assessment: None,
            named,
            leads_right: truth.covers_group(lead),
            leads_exactly: truth.covers(lead),
            wrong_name: named.is_some_and(|cause| !truth.accepts(cause)),
            confidence: shares[lead.index()],
            brier: 0.5 * ((1.0 - right).powi(2) + others),
            log: -right.max(SHARE_FLOOR).ln(),
        }
    }

    /// The same of an assessment, which is kept.
    pub fn of_assessment(assessment: Assessment, truth: &Truth) -> Self {
        let shares = assessment.shares.map(|share| share.p);
        let score = Self::of(&shares, assessment.named, truth);
        Self { assessment: Some(assessment), ..score }
    }
}

/// Many scores together.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// Verdicts.
    pub runs: usize,
    /// Those in which something is named.
    pub named: usize,
    /// Those in which it is wrong.
    pub wrong: usize,
    leads: f64,
    exact: f64,
    brier: f64,
    log: f64,
    weight: f64,
    calibration: Vec<(f64, bool)>,
}

impl Tally {
    /// Adds up scores by case; each case weighs the same, however many runs it has.
    pub fn of<'s>(cases: impl Iterator<Item = &'s [Score]>) -> Self {
        let mut tally = Self::default();
        for scores in cases.filter(|scores| !scores.is_empty()) {
            let weight = 1.0 / scores.len() as f64;
            tally.weight += 1.0;
            for score in scores {
                tally.runs += 1;
                tally.named += usize::from(score.named.is_some());
                tally.wrong += usize::from(score.wrong_name);
                tally.leads += weight * f64::from(u8::from(score.leads_right));
                tally.exact += weight * f64::from(u8::from(score.leads_exactly));
                tally.brier += weight * score.brier;
                tally.log += weight * score.log;
                tally.calibration.push((score.confidence, score.leads_exactly));
            }
        }
        tally
    }

    /// Share of cases in which the right group leads.
    pub fn leads(&self) -> f64 {
        self.leads / self.weight.max(1.0)
    }

    /// Share of cases in which the right cause leads.
    pub fn exact(&self) -> f64 {
        self.exact / self.weight.max(1.0)
    }

    /// Mean Brier score.
    pub fn brier(&self) -> f64 {
        self.brier / self.weight.max(1.0)
    }

    /// Mean log score.
    pub fn log(&self) -> f64 {
        self.log / self.weight.max(1.0)
    }

    /// Expected calibration error of what leads.
    pub fn ece(&self) -> f64 {
        ece(&self.calibration)
    }
}

/// Mean distance between confidence and frequency, over bins of confidence.
fn ece(pairs: &[(f64, bool)]) -> f64 {
    let mut bins = vec![(0.0, 0.0, 0.0); BINS];
    for (confidence, right) in pairs {
        let bin = &mut bins[((confidence * BINS as f64) as usize).min(BINS - 1)];
        bin.0 += 1.0;
        bin.1 += confidence;
        bin.2 += f64::from(u8::from(*right));
    }
    let all = pairs.len().max(1) as f64;
    bins.iter()
        .map(|(_, confidence, right): &(f64, f64, f64)| (confidence - right).abs())
        .sum::<f64>()
        / all
}

/// The range that holds 90 % of the calibration errors of cases drawn anew.
pub fn ece_range(cases: &[Judged]) -> (f64, f64) {
    let mut chance = Chance::new(7);
    let full: Vec<&Score> = cases.iter().filter_map(|case| case.full.as_ref()).collect();
    if full.is_empty() {
        return (0.0, 0.0);
    }
    let mut drawn: Vec<f64> = (0..DRAWS)
        .map(|_| {
            let pairs: Vec<(f64, bool)> = (0..full.len())
                .map(|_| {
                    let place = (chance.unit() * full.len() as f64) as usize;
                    let score = full[place.min(full.len() - 1)];
                    (score.confidence, score.leads_exactly)
                })
                .collect();
            ece(&pairs)
        })
        .collect();
    drawn.sort_by(f64::total_cmp);
    (drawn[DRAWS / 20], drawn[DRAWS - DRAWS / 20])
}

/// The largest rate with which `n` trials give at most `hits` with 5 % (Clopper and Pearson 1934).
pub fn upper_bound(hits: usize, n: usize) -> f64 {
    if hits >= n {
        return 1.0;
    }
    let (mut low, mut high) = (0.0, 1.0);
    for _ in 0..60 {
        let rate = (low + high) / 2.0;
        if at_most(hits, n, rate) > 0.05 { low = rate } else { high = rate }
    }
    high
}

/// Probability of at most `hits` in `n` trials.
fn at_most(hits: usize, n: usize, rate: f64) -> f64 {
    let (mut term, mut sum) = ((1.0 - rate).powi(n as i32), 0.0);
    for k in 0..=hits {
        sum += term;
        term *= (n - k) as f64 / (k + 1) as f64 * rate / (1.0 - rate);
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_wrong_in_seventeen_still_allows_sixteen_per_cent() {
        assert!((upper_bound(0, 17) - 0.162).abs() < 0.001);
        assert!(upper_bound(1, 17) > 0.2 && upper_bound(17, 17) == 1.0);
    }

    #[test]
    fn certainty_that_is_right_scores_nothing_and_certainty_that_is_wrong_scores_one() {
        let truth = Truth { accept: vec![Cause::One(Hypothesis::Overload)] };
        let certain = |hypothesis: Hypothesis| {
            let mut shares = [0.0; HYPOTHESES];
            shares[hypothesis.index()] = 1.0;
            Score::of(&shares, Some(Cause::One(hypothesis)), &truth)
        };
        let right = certain(Hypothesis::Overload);
        assert!(right.brier == 0.0 && right.log == 0.0 && !right.wrong_name);
        let wrong = certain(Hypothesis::BadChange);
        assert!(wrong.brier == 1.0 && wrong.wrong_name && !wrong.leads_right);
    }
}

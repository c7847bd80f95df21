//! From evidence to shares: prior times likelihood ratios, normalised, with a floor for `unknown`.
//!
//! Sums run in the order of hypotheses and of families, so that the order in which evidence came
//! changes nothing, to the last bit. Intervals hold 90 % of what comes out when every ratio is
//! drawn anew from the table's own uncertainty, with a fixed seed.
//!
//! # What it cannot tell
//!
//! The uncertainty of the method itself: families that depend on each other beyond what the table
//! says, and causes nobody listed, for which `unknown` keeps its floor.

use crate::evidence::Family;
use crate::hypothesis::Cause;
use crate::hypothesis::HYPOTHESES;
use crate::hypothesis::Hypothesis;
use crate::verdict::Evidence;
use crate::verdict::chance::Chance;
use crate::verdict::table::FamilyRows;
use crate::verdict::table::Table;

/// `unknown` never falls below this.
pub const UNKNOWN_MIN: f64 = 0.05;
/// Draws behind an interval.
const DRAWS: usize = 400;
/// Seed of the draws; any other gives about the same.
const SEED: u64 = 20_250_310;
/// Uncertainty of each share of the prior, as a factor of one standard deviation.
const PRIOR_SPREAD: f64 = 1.4;

/// A share with the range that holds 90 % of the draws.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Share {
    /// The share, 0..=1.
    pub p: f64,
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

/// What is weighed: the prior, and the ratios of each family with their doubts.
#[derive(Clone, Debug)]
pub struct Weights {
    prior: [f64; HYPOTHESES],
    ratios: Vec<[f64; HYPOTHESES]>,
    doubts: Vec<[f64; HYPOTHESES]>,
    /// The smallest ratio each hypothesis has in any state of each family.
    least: Vec<(Family, [f64; HYPOTHESES])>,
    /// The evidence, in the same order.
    pub evidence: Vec<Evidence>,
}

impl Weights {
    /// Weighs `evidence` in the order of families.
    pub fn new(table: &Table, prior: &[f64; HYPOTHESES], evidence: &[Evidence]) -> Self {
        let mut evidence = evidence.to_vec();
        evidence.sort_by_key(|evidence| evidence.item.family);
        Self {
            prior: *prior,
            ratios: evidence.iter().map(|evidence| evidence.ratios).collect(),
            doubts: evidence
                .iter()
                .map(|evidence| table.doubts(evidence.item.family, evidence.item.state))
                .collect(),
            least: table.families.iter().map(least).collect(),
            evidence,
        }
    }

    /// The prior.
    pub fn prior(&self) -> [f64; HYPOTHESES] {
        self.prior
    }

    /// The smallest ratio that a family's states can give what a cause covers.
    pub fn least_ratio(&self, family: Family, cause: Cause) -> f64 {
        let row = self.least.iter().find(|(known, _)| *known == family);
        let covered = Hypothesis::ALL.iter().filter(|hypothesis| cause.covers(**hypothesis));
        row.map_or(1.0, |(_, row)| {
            covered.map(|hypothesis| row[hypothesis.index()]).fold(f64::INFINITY, f64::min)
        })
    }

    /// The shares under another prior.
    pub fn under(&self, prior: &[f64; HYPOTHESES]) -> [f64; HYPOTHESES] {
        let mut logs = prior.map(f64::ln);
        for ratios in self.ratios.iter().map(|ratios| ratios.map(f64::ln)) {
            if speaks(&ratios) {
                logs.iter_mut().zip(ratios).for_each(|(log, ratio)| *log += ratio);
            }
        }
        shares(&logs)
    }

    /// The shares.
    pub fn shares(&self) -> [f64; HYPOTHESES] {
        self.under(&self.prior)
    }

    /// The same without one family.
    pub fn without(&self, place: usize) -> Self {
        let mut rest = self.clone();
        rest.ratios.remove(place);
        rest.doubts.remove(place);
        rest.evidence.remove(place);
        rest
    }

    /// The shares with their ranges.
    pub fn shares_with_ranges(&self) -> [Share; HYPOTHESES] {
        let (low, high) = (self.quantiles(|shares| *shares), 0.05);
        let point = self.shares();
        std::array::from_fn(|index| {
            let p = point[index];
            let range = &low[index];
            let at = |q: f64| range[(q * (DRAWS - 1) as f64).round() as usize];
            Share { p, low: at(high).min(p), high: at(1.0 - high).max(p) }
        })
    }

    /// The lower end of the share of a cause that may be a group.
    pub fn lower_bound(&self, cause: Cause) -> f64 {
        let of = |shares: &[f64; HYPOTHESES]| total(shares, cause);
        let draws = self.quantiles(|shares| [of(shares)]);
        draws[0][(0.05 * (DRAWS - 1) as f64).round() as usize].min(of(&self.shares()))
    }

    /// Some figures of each draw, sorted.
    fn quantiles<const N: usize>(
        &self,
        figures: impl Fn(&[f64; HYPOTHESES]) -> [f64; N],
    ) -> Vec<Vec<f64>> {
        let mut chance = Chance::new(SEED);
        let mut drawn: Vec<Vec<f64>> = vec![Vec::with_capacity(DRAWS); N];
        let logs: Vec<[f64; HYPOTHESES]> =
            self.ratios.iter().map(|ratios| ratios.map(f64::ln)).collect();
        let prior = self.prior.map(f64::ln);
        let prior_doubt = PRIOR_SPREAD.ln();
        for _ in 0..DRAWS {
            let mut sums = prior;
            for (index, sum) in sums.iter_mut().enumerate() {
                if index != Hypothesis::Unknown.index() {
                    *sum += prior_doubt * chance.normal();
                }
            }
            for (logs, doubts) in logs.iter().zip(&self.doubts).filter(|(logs, _)| speaks(logs)) {
                for ((sum, log), doubt) in sums.iter_mut().zip(logs).zip(doubts) {
                    // A draw is taken even where there is no doubt, so that each has its place.
                    *sum += log + doubt * chance.normal();
                }
            }
            for (list, figure) in drawn.iter_mut().zip(figures(&shares(&sums))) {
                list.push(figure);
            }
        }
        for list in &mut drawn {
            list.sort_by(f64::total_cmp);
        }
        drawn
    }
}

/// Whether a family says anything: one whose ratios are all 1 is weighed as if it were not there,
/// its doubts too.
fn speaks(logs: &[f64; HYPOTHESES]) -> bool {
    /// What sums of rounded numbers may be off.
    const TINY: f64 = 1e-9;
    logs.iter().any(|log| log.abs() > TINY)
}

/// The smallest ratio of each hypothesis over the states of a family.
fn least(rows: &FamilyRows) -> (Family, [f64; HYPOTHESES]) {
    let mut least = [f64::INFINITY; HYPOTHESES];
    for row in rows.rows() {
        let unknown = row[Hypothesis::Unknown.index()];
        for (least, value) in least.iter_mut().zip(row) {
            *least = least.min(value / unknown);
        }
    }
    (rows.family, least)
}

/// The share of a cause that may be a group.
pub fn total(shares: &[f64; HYPOTHESES], cause: Cause) -> f64 {
    Hypothesis::ALL
        .iter()
        .filter(|hypothesis| cause.covers(**hypothesis))
        .map(|hypothesis| shares[hypothesis.index()])
        .sum()
}

/// The hypothesis with the largest share; of equal ones the first.
pub fn leading(shares: &[f64; HYPOTHESES]) -> Hypothesis {
    let mut best = Hypothesis::ALL[0];
    for hypothesis in Hypothesis::ALL {
        if shares[hypothesis.index()] > shares[best.index()] {
            best = hypothesis;
        }
    }
    best
}

/// Shares from logarithms of weights, with the floor of `unknown`.
fn shares(logs: &[f64; HYPOTHESES]) -> [f64; HYPOTHESES] {
    let most = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let weights = logs.map(|log| (log - most).exp());
    let sum: f64 = weights.iter().sum();
    let mut shares = weights.map(|weight| weight / sum);
    let unknown = Hypothesis::Unknown.index();
    if shares[unknown] < UNKNOWN_MIN {
        let rest = 1.0 - shares[unknown];
        shares = shares.map(|share| share / rest * (1.0 - UNKNOWN_MIN));
        shares[unknown] = UNKNOWN_MIN;
    }
    shares
}

//! What would change it: how much each missing family is expected to tell.
//!
//! The expected gain is the mutual information between the cause and the family's state, in bits,
//! under the shares as they stand: what looking is worth before one has looked (Lindley, "On a
//! Measure of the Information Provided by an Experiment", 1956).
//!
//! # What it cannot tell
//!
//! Whether anybody can look. Traffic is seen by few.

use crate::evidence::Family;
use crate::evidence::State;
use crate::evidence::testimony::Voice;
use crate::hypothesis::Cause;
use crate::hypothesis::HYPOTHESES;
use crate::hypothesis::Hypothesis;
use crate::verdict::Evidence;
use crate::verdict::Missing;
use crate::verdict::table::Table;

/// Missing families, the most helpful first; of equal ones in the order of families.
pub fn missing(table: &Table, evidence: &[Evidence], shares: &[f64; HYPOTHESES]) -> Vec<Missing> {
    let looked = |family: Family| evidence.iter().any(|known| known.item.family == family);
    let mut missing: Vec<Missing> = Family::ALL
        .into_iter()
        .filter(|family| !looked(*family))
        .map(|family| Missing { family, gain_bits: gain(&rows(table, family), shares) })
        .collect();
    missing.sort_by(|a, b| b.gain_bits.total_cmp(&a.gain_bits).then(a.family.cmp(&b.family)));
    missing
}

/// P(state | hypothesis) of a family, a row a state. For testimony: a measuring third party that
/// names one of the causes.
fn rows(table: &Table, family: Family) -> Vec<[f64; HYPOTHESES]> {
    if let Some(rows) = table.family(family) {
        return rows.rows();
    }
    let named = Hypothesis::ALL.iter().filter(|hypothesis| **hypothesis != Hypothesis::Unknown);
    named
        .map(|hypothesis| {
            let state = State::Says(Voice::Measured, Cause::One(*hypothesis));
            table.ratios(family, state).map(|ratio| ratio / (HYPOTHESES as f64 - 1.0))
        })
        .collect()
}

/// Bits that the state of a family tells about the cause.
fn gain(rows: &[[f64; HYPOTHESES]], shares: &[f64; HYPOTHESES]) -> f64 {
    let mut bits = 0.0;
    for row in rows {
        let state: f64 = row.iter().zip(shares).map(|(p, share)| p * share).sum();
        for (p, share) in row.iter().zip(shares) {
            if *p > 0.0 && *share > 0.0 {
                bits += share * p * (p / state).log2();
            }
        }
    }
    bits.max(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_tells_nothing_gains_nothing_and_what_tells_all_gains_all() {
        let shares = [1.0 / HYPOTHESES as f64; HYPOTHESES];
        assert!(gain(&[[0.4; HYPOTHESES], [0.6; HYPOTHESES]], &shares) < 1e-12);
        let oracle: Vec<[f64; HYPOTHESES]> = (0..HYPOTHESES)
            .map(|state| std::array::from_fn(|h| f64::from(u8::from(h == state))))
            .collect();
        assert!((gain(&oracle, &shares) - (HYPOTHESES as f64).log2()).abs() < 1e-12);
    }
}

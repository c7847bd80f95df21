//! Distinct things, counted and sampled in little room: the smallest hashes (KMV).
//!
//! The `k` smallest of all hashes are kept, each with its thing. Their largest says how many
//! distinct things there were, and they are a sample of them in which each has the same chance,
//! however often it came. The hash has a key, so that nobody can craft things that are missed.
//!
//! Up to `k` the count is exact; beyond, its standard error is 1/√(k−2), some 1.6 % for 4,096.
//!
//! Reference: Z. Bar-Yossef et al., "Counting Distinct Elements in a Data Stream" (2002).

use std::collections::BTreeMap;

/// Things that are kept when many distinct ones are expected.
pub const KEPT_MANY: usize = 4_096;
/// Things that are kept where the order of magnitude is enough.
pub const KEPT_FEW: usize = 256;

/// Distinct things.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Distinct {
    kept: BTreeMap<u64, u128>,
    most: usize,
    full: bool,
}

impl Distinct {
    /// Keeps `most` things.
    pub fn new(most: usize) -> Self {
        Self { kept: BTreeMap::new(), most, full: false }
    }

    /// Takes one thing.
    pub fn add(&mut self, key: u64, thing: u128) {
        self.add_hashed(hash(key, thing), thing);
    }

    /// Takes one thing by a keyed hash that is known already; all things of one counter need
    /// hashes of one key.
    #[inline]
    pub fn add_hashed(&mut self, hash: u64, thing: u128) {
        if self.full && self.kept.last_key_value().is_some_and(|(largest, _)| *largest <= hash) {
            return;
        }
        self.kept.insert(hash, thing);
        if self.kept.len() > self.most {
            self.kept.pop_last();
            self.full = true;
        }
    }

    /// Adds what another counter with the same key and room kept.
    pub fn merge(&mut self, other: &Self) {
        other.kept.iter().for_each(|(hash, thing)| self.add_hashed(*hash, *thing));
        // What the other did not keep any more is not to be counted as never seen.
        self.full |= other.full;
    }

    /// Forgets all.
    pub fn clear(&mut self) {
        self.kept.clear();
        self.full = false;
    }

    /// How many distinct things there were, estimated.
    pub fn count(&self) -> f64 {
        match self.kept.last_key_value() {
            Some((largest, _)) if self.full => {
                (self.kept.len() as f64 - 1.0) * (u64::MAX as f64) / (*largest as f64).max(1.0)
            }
            _ => self.kept.len() as f64,
        }
    }

    /// A sample of them: all, while there are few.
    pub fn sample(&self) -> impl Iterator<Item = u128> + '_ {
        self.kept.values().copied()
    }
}

/// A keyed hash of 128 bits to 64 (two rounds of the finaliser of SplitMix64).
pub fn hash(key: u64, thing: u128) -> u64 {
    let low = mix((thing as u64) ^ key);
    mix(low ^ ((thing >> 64) as u64).wrapping_add(key.rotate_left(32)))
}

fn mix(mut bits: u64) -> u64 {
    bits = bits.wrapping_add(0x9E37_79B9_7F4A_7C15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    bits ^ (bits >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_are_exact_and_many_are_near() {
        for (many, off) in
            [(0_u32, 0.0), (100, 0.0), (4_096, 0.0), (100_000, 0.06), (1_000_000, 0.06)]
        {
            let mut distinct = Distinct::new(KEPT_MANY);
            for thing in 0..many {
                distinct.add(7, u128::from(thing) << 5);
                distinct.add(7, u128::from(thing / 2) << 5);
            }
            let error = (distinct.count() - f64::from(many)).abs();
            assert!(error <= off * f64::from(many), "{many}: {}", distinct.count());
        }
    }
}

//! Seeded chance: the same seed gives the same log on every machine.
//!
//! SplitMix64 (S. Vigna); good enough for made-up logs, and for nothing that must stay secret.

/// A source of chance.
#[derive(Clone, Debug)]
pub struct Dice(u64);

impl Dice {
    /// Starts at a seed.
    pub fn new(seed: u64) -> Self {
        Self(seed ^ 0x5851_f42d_4c95_7f2d)
    }

    /// Sixty-four fresh bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// From 0 to below 1.
    pub fn unit(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// Anything between two numbers.
    pub fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    /// A whole number, both ends included.
    pub fn whole(&mut self, low: u64, high: u64) -> u64 {
        low + self.bits() % (high - low + 1)
    }

    /// A size, both ends included.
    pub fn size(&mut self, low: usize, high: usize) -> usize {
        low + (self.bits() % (high - low + 1) as u64) as usize
    }

    /// True in this share of cases.
    pub fn chance(&mut self, share: f64) -> bool {
        self.unit() < share
    }

    /// One of these.
    pub fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[(self.bits() % of.len() as u64) as usize]
    }

    /// Waiting time of a process without memory.
    pub fn wait(&mut self, mean: f64) -> f64 {
        -(1.0 - self.unit()).ln() * mean
    }

    /// Skewed to the right, as sizes and thinking times are; the spread is that of the logarithm.
    pub fn skewed(&mut self, median: f64, spread: f64) -> f64 {
        let normal = (0..4).map(|_| self.unit()).sum::<f64>() - 2.0;
        median * (normal * 1.732 * spread).exp()
    }

    /// A place of `len` by popularity: the first is the most popular (Zipf, exponent near one).
    pub fn popular(&mut self, len: usize) -> usize {
        let place = ((len as f64 + 1.0).ln() * self.unit()).exp() - 1.0;
        (place as usize).min(len - 1)
    }

    /// One of several by weight.
    pub fn weighted<T: Copy>(&mut self, of: &[(T, f64)]) -> T {
        let sum: f64 = of.iter().map(|(_, weight)| weight).sum();
        let mut left = sum * self.unit();
        for (thing, weight) in of {
            left -= weight;
            if left < 0.0 {
                return *thing;
            }
        }
        of[of.len() - 1].0
    }

    /// Letters and digits without meaning.
    pub fn token(&mut self, len: usize) -> String {
        const LETTERS: &[u8] = b"abcdefghijklmnopqrstuvwxyz0123456789";
        (0..len).map(|_| char::from(self.pick(LETTERS))).collect()
    }
}

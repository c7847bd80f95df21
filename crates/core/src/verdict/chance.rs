//! Chance with a fixed seed: the draws behind an interval, the same on every machine and run.
//!
//! SplitMix64 (Steele, Lea, Flood, "Fast Splittable Pseudorandom Number Generators", OOPSLA 2014).
//! A normal draw is the sum of twelve uniform ones less six: no function that differs by platform.
//!
//! # What it cannot tell
//!
//! Tails: no draw lies beyond six standard deviations, and intervals here are of 90 %.

/// A stream of draws.
#[derive(Clone, Debug)]
pub struct Chance(u64);

impl Chance {
    /// A stream of its own for each seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Uniform in 0..1.
    pub fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// About normal, with mean 0 and standard deviation 1 (Irwin–Hall).
    pub fn normal(&mut self) -> f64 {
        // Three uniform draws of 21 bits each from one number: fast, and fine enough.
        let mut sum = 0.0;
        for _ in 0..4 {
            let bits = self.next();
            for shift in [0, 21, 42] {
                sum += ((bits >> shift) & 0x1f_ffff) as f64;
            }
        }
        sum / f64::from(1 << 21) - 6.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_have_the_moments_they_promise() {
        let mut chance = Chance::new(1);
        let draws: Vec<f64> = (0..20_000).map(|_| chance.normal()).collect();
        let mean = draws.iter().sum::<f64>() / 20_000.0;
        let square = draws.iter().map(|draw| draw * draw).sum::<f64>() / 20_000.0;
        assert!(mean.abs() < 0.03 && (square - 1.0).abs() < 0.05, "{mean} {square}");
        assert_eq!(Chance::new(7).next(), Chance::new(7).next());
        assert!((0..100).all(|_| (0.0..1.0).contains(&chance.unit())));
    }
}

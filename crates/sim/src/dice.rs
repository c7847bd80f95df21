//! Seeded chance: the same seed gives the same throws, on every machine.
//!
//! SplitMix64 (Steele, Lea, Flood, "Fast Splittable Pseudorandom Number Generators", OOPSLA 2014).

/// A stream of chance.
#[derive(Clone, Debug)]
pub struct Dice {
    state: u64,
}

/// Means above this use the normal approximation: its error is below that of any curve here.
const POISSON_EXACT_MAX: f64 = 30.0;

impl Dice {
    /// A stream of its own for each seed and name.
    pub fn new(seed: u64, names: &[&str]) -> Self {
        let mut state = seed ^ 0x9e37_79b9_7f4a_7c15;
        for byte in names.iter().flat_map(|name| name.bytes().chain([0xff])) {
            state = (state ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
        let mut dice = Self { state };
        dice.next();
        dice
    }

    /// 64 bits.
    #[expect(clippy::should_implement_trait, reason = "a stream of dice has no end")]
    pub fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// 0 ≤ x < 1.
    pub fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// 0 ≤ n < `below`; 0 when `below` is 0.
    pub fn below(&mut self, below: u64) -> u64 {
        ((u128::from(self.next()) * u128::from(below)) >> 64) as u64
    }

    /// `low` ≤ x < `high`, evenly spread on a logarithmic scale; both must be above zero.
    pub fn log_uniform(&mut self, low: f64, high: f64) -> f64 {
        low * (high / low).powf(self.unit())
    }

    /// A Poisson count of this mean.
    pub fn poisson(&mut self, mean: f64) -> u64 {
        if mean <= 0.0 || !mean.is_finite() {
            return 0;
        }
        if mean > POISSON_EXACT_MAX {
            return (mean + mean.sqrt() * self.normal()).round().max(0.0) as u64;
        }
        // Knuth, "The Art of Computer Programming", volume 2, section 3.4.1.
        let limit = (-mean).exp();
        let (mut count, mut product) = (0, self.unit());
        while product > limit {
            count += 1;
            product *= self.unit();
        }
        count
    }

    /// The standard normal distribution, by Box and Muller.
    pub fn normal(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.unit()).ln()).sqrt();
        radius * (std::f64::consts::TAU * self.unit()).cos()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_and_a_name_give_the_same_throws() {
        let throws = |seed, name: &str| {
            let mut dice = Dice::new(seed, &[name]);
            (0..4).map(|_| dice.next()).collect::<Vec<_>>()
        };
        assert_eq!(throws(1, "x"), throws(1, "x"));
        assert_ne!(throws(1, "x"), throws(2, "x"));
        assert_ne!(throws(1, "x"), throws(1, "y"));
    }

    #[test]
    fn poisson_counts_have_their_mean_and_spread() {
        for mean in [0.01, 0.5, 3.0, 29.0, 31.0, 400.0] {
            let mut dice = Dice::new(7, &["poisson"]);
            let throws: Vec<f64> = (0..20_000).map(|_| dice.poisson(mean) as f64).collect();
            let average = throws.iter().sum::<f64>() / throws.len() as f64;
            let spread =
                throws.iter().map(|n| (n - average).powi(2)).sum::<f64>() / throws.len() as f64;
            assert!((average - mean).abs() < 0.05 * mean.max(0.2), "{mean}: {average}");
            assert!((spread - mean).abs() < 0.08 * mean.max(0.2), "{mean}: {spread}");
        }
        assert_eq!(Dice::new(1, &[]).poisson(f64::NAN), 0);
    }
}

//! Figures with their doubt: rates of rare events, shares and medians, each with 95 % limits.
//!
//! Strata are simulated for different lengths of time, since ten busy services alone need months
//! to show a rate. A rate over the whole population is the sum of the strata's rates, weighed by
//! their services; its limits are those of Fay and Feuer, which are the exact Poisson limits when
//! there is one stratum.
//!
//! # References
//!
//! - M. P. Fay, E. J. Feuer, "Confidence intervals for directly standardized rates: a method based
//!   on the gamma distribution", Statistics in Medicine 16 (1997).
//! - E. B. Wilson, "Probable Inference, the Law of Succession, and Statistical Inference", Journal
//!   of the American Statistical Association 22 (1927).
//! - W. H. Press and others, "Numerical Recipes", sections 6.1 and 6.2 (gamma functions).

/// Ends of a 95 % interval.
const TAIL: f64 = 0.025;
/// The standard normal deviate of the same interval.
const DEVIATE: f64 = 1.96;

/// A figure and its 95 % limits.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Figure {
    /// The best guess.
    pub value: f64,
    /// Lower limit.
    pub low: f64,
    /// Upper limit.
    pub high: f64,
}

/// Events of one stratum.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Stratum {
    /// Events that were seen.
    pub events: u64,
    /// Days in which they were.
    pub days: f64,
    /// Part of the population, 0..=1.
    pub weight: f64,
}

/// Events in 1000 days over the population.
pub fn rate_per_1000(strata: &[Stratum]) -> Figure {
    let strata: Vec<&Stratum> = strata.iter().filter(|s| s.days > 0.0 && s.weight > 0.0).collect();
    let each = |s: &Stratum| 1_000.0 * s.weight / s.days;
    let value: f64 = strata.iter().map(|s| each(s) * s.events as f64).sum();
    let variance: f64 = strata.iter().map(|s| each(s).powi(2) * s.events as f64).sum();
    // The event that was not seen is taken to be of the usual weight rather than the largest one
    // (Tiwari, Clegg, Zou 2006), since a stratum that was watched for long weighs next to nothing.
    let parts = strata.len().max(1) as f64;
    let unseen = strata.iter().map(|s| each(s)).sum::<f64>() / parts;
    let unseen_square = strata.iter().map(|s| each(s).powi(2)).sum::<f64>() / parts;
    let low = match variance {
        v if v > 0.0 => v / value * gamma_quantile(value * value / v, TAIL),
        _ => 0.0,
    };
    let (mean, spread) = (value + unseen, variance + unseen_square);
    let high = match mean {
        m if m > 0.0 => spread / m * gamma_quantile(m * m / spread, 1.0 - TAIL),
        _ => f64::INFINITY,
    };
    Figure { value, low, high }
}

/// `hits` of `all` as a part, 0..=1.
pub fn share(hits: u64, all: u64) -> Figure {
    let (n, p) = (all as f64, hits as f64 / all.max(1) as f64);
    if all == 0 {
        return Figure { value: f64::NAN, low: 0.0, high: 1.0 };
    }
    let square = DEVIATE * DEVIATE;
    let middle = p + square / (2.0 * n);
    let reach = DEVIATE * (p * (1.0 - p) / n + square / (4.0 * n * n)).sqrt();
    let whole = 1.0 + square / n;
    Figure { value: p, low: (middle - reach) / whole, high: (middle + reach) / whole }
}

/// The `part` quantile of some figures, infinite ones among them; limits by order statistics.
pub fn quantile(figures: &mut [f64], part: f64) -> Figure {
    figures.sort_by(f64::total_cmp);
    let n = figures.len() as f64;
    let at = |place: f64| {
        let place = place.clamp(0.0, (n - 1.0).max(0.0)) as usize;
        figures.get(place).copied().unwrap_or(f64::NAN)
    };
    let reach = DEVIATE * (n * part * (1.0 - part)).sqrt();
    Figure {
        value: at((n * part).floor()),
        low: at((n * part - reach).floor()),
        high: at((n * part + reach).ceil()),
    }
}

/// `x` with `P(shape, x) = part` of the gamma distribution with scale one, by bisection.
fn gamma_quantile(shape: f64, part: f64) -> f64 {
    let (mut low, mut high) = (0.0, shape + 20.0 * shape.sqrt() + 40.0);
    for _ in 0..200 {
        let middle = (low + high) / 2.0;
        if gamma_below(shape, middle) < part { low = middle } else { high = middle }
    }
    (low + high) / 2.0
}

/// The regularised lower incomplete gamma function.
fn gamma_below(shape: f64, x: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    let front = (shape * x.ln() - x - ln_gamma(shape)).exp();
    if x < shape + 1.0 {
        let (mut term, mut sum, mut n) = (1.0 / shape, 1.0 / shape, shape);
        while term > sum * 1e-15 {
            n += 1.0;
            term *= x / n;
            sum += term;
        }
        return front * sum;
    }
    // Lentz's continued fraction of the upper function.
    let mut b = x + 1.0 - shape;
    let (mut c, mut d) = (1e300, 1.0 / b);
    let mut h = d;
    for i in 1..10_000 {
        let an = -f64::from(i) * (f64::from(i) - shape);
        b += 2.0;
        d = 1.0 / (an * d + b);
        c = b + an / c;
        h *= d * c;
        if (d * c - 1.0).abs() < 1e-14 {
            break;
        }
    }
    1.0 - front * h
}

/// Stirling's series, after moving up to where it is exact.
fn ln_gamma(mut x: f64) -> f64 {
    let mut shift = 0.0;
    while x < 10.0 {
        shift += x.ln();
        x += 1.0;
    }
    let tail = 1.0 / (12.0 * x) - 1.0 / (360.0 * x.powi(3)) + 1.0 / (1260.0 * x.powi(5));
    (x - 0.5) * x.ln() - x + 0.5 * std::f64::consts::TAU.ln() + tail - shift
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limits_of_one_stratum_are_the_exact_ones_of_poisson() {
        // Garwood's limits for 0, 1, 5 and 20 events.
        let known = [(0, 0.0, 3.689), (1, 0.0253, 5.572), (5, 1.623, 11.668), (20, 12.217, 30.889)];
        for (events, low, high) in known {
            let figure = rate_per_1000(&[Stratum { events, days: 1_000.0, weight: 1.0 }]);
            assert!((figure.low - low).abs() < 2e-3, "{events}: {figure:?}");
            assert!((figure.high - high).abs() < 2e-3, "{events}: {figure:?}");
        }
    }

    #[test]
    fn strata_count_by_their_services() {
        let busy = Stratum { events: 10, days: 1_000.0, weight: 0.01 };
        let rest = Stratum { events: 1, days: 10_000.0, weight: 0.99 };
        let figure = rate_per_1000(&[busy, rest]);
        assert!((figure.value - 0.199).abs() < 1e-9, "{figure:?}");
        assert!(figure.low < 0.199 && figure.high < 0.75, "{figure:?}");
    }

    #[test]
    fn a_miss_is_later_than_any_delay() {
        let mut delays = [3.0, f64::INFINITY, 1.0, 2.0, f64::INFINITY];
        assert_eq!(quantile(&mut delays, 0.5).value, 3.0);
        assert_eq!(quantile(&mut delays, 0.8).value, f64::INFINITY);
        assert!(quantile(&mut [], 0.5).value.is_nan());
    }

    #[test]
    fn a_share_of_all_is_still_in_doubt() {
        let figure = share(100, 100);
        assert!(figure.value == 1.0 && (figure.low - 0.963).abs() < 1e-3, "{figure:?}");
    }
}

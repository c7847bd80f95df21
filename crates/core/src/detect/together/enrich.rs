//! Enrichment: are there more members among those that are up than the factor's size explains?
//!
//! Fisher's exact test, one-sided: of `n + m` units `k + l` are up; if the factor meant nothing,
//! the number of members among them would follow the hypergeometric distribution. The answer is the
//! logarithm of the probability of `k` or more, since that of a real outage is far below what a
//! number can hold.

/// Terms of the tail that are summed; they fall at least as fast as a geometric series long before.
const TERMS_MAX: u32 = 2_000;
/// A term below this part of the sum changes nothing.
const TERM_MIN: f64 = 1e-16;

/// The logarithm of the probability of `k` or more members up, for `[n, k, m, l]`: members, members
/// up, others, others up.
pub fn ln_enrichment([members, up, others, others_up]: [u32; 4]) -> f64 {
    let (up, others_up) = (up.min(members), others_up.min(others));
    let (all, all_up) = (members + others, up + others_up);
    let most = members.min(all_up);
    let ln_first = ln_choose(members, up) + ln_choose(others, others_up) - ln_choose(all, all_up);
    // Each term follows from the one before: C(n,i+1)·C(m,s−i−1) over C(n,i)·C(m,s−i).
    let (mut sum, mut term) = (1.0, 1.0);
    for i in (up..most).take(TERMS_MAX as usize) {
        let left = f64::from(all_up - i);
        let (n, m) = (f64::from(members - i), f64::from(others) - left + 1.0);
        term *= n / f64::from(i + 1) * left / m;
        sum += term;
        if term < sum * TERM_MIN {
            break;
        }
    }
    (ln_first + sum.ln()).min(0.0)
}

fn ln_choose(n: u32, k: u32) -> f64 {
    ln_factorial(n) - ln_factorial(k) - ln_factorial(n - k)
}

/// Stirling's series; below its range the product itself.
fn ln_factorial(n: u32) -> f64 {
    const EXACT_MAX: u32 = 20;
    if n <= EXACT_MAX {
        return (2..=n).map(|i| f64::from(i).ln()).sum();
    }
    let x = f64::from(n);
    let tail = 1.0 / (12.0 * x) - 1.0 / (360.0 * x.powi(3)) + 1.0 / (1260.0 * x.powi(5));
    x * x.ln() - x + 0.5 * (std::f64::consts::TAU * x).ln() + tail
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lady_tasting_tea() {
        // Fisher's own table: all four of eight cups right, then three of four.
        assert!((ln_enrichment([4, 4, 4, 0]).exp() - 1.0 / 70.0).abs() < 1e-12);
        assert!((ln_enrichment([4, 3, 4, 1]).exp() - 17.0 / 70.0).abs() < 1e-12);
        assert!((ln_enrichment([4, 0, 4, 4]).exp() - 1.0).abs() < 1e-12);
    }

    #[test]
    fn a_whole_tail_is_certain_and_a_real_outage_stays_finite() {
        for table in [[0, 0, 10, 3], [10, 0, 0, 0], [5, 0, 20, 7]] {
            assert!((ln_enrichment(table).exp() - 1.0).abs() < 1e-9, "{table:?}");
        }
        let huge = ln_enrichment([500, 480, 11_500, 4]);
        assert!(huge.is_finite() && huge < -1_000.0, "{huge}");
    }

    #[test]
    fn factorials_agree_where_the_two_ways_meet() {
        let exact: f64 = (2..=40_u32).map(|i| f64::from(i).ln()).sum();
        assert!((ln_factorial(40) - exact).abs() < 1e-9);
    }
}

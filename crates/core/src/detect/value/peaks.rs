//! How far a residual stands out: its logarithmic ratio to a bar made of what was seen before.
//!
//! The bar is the larger of a multiple of the usual residual (the 80 % quantile of its size) and
//! of the past peak of the same sign, which fades by half in `fade_rows`. A residual above the bar
//! moves the peak an eighth of the way, on a logarithmic scale: a spike that was seen before is
//! worth less, one that was seen many times is worth nothing, and one huge spike does not hide the
//! next. Four bars (two multiples, two fades) are averaged, so that none of them is the lucky one.
//!
//! # References
//!
//! - H. Robbins, S. Monro, "A Stochastic Approximation Method", Annals of Mathematical Statistics
//!   22 (1951): the quantile follows by steps up and down.

/// Multiples of the usual residual and rows in which a peak fades by half.
const BARS: [(f64, f64); BARS_LEN] = [(4.4, 600.0), (4.4, 1_700.0), (5.6, 600.0), (5.6, 1_700.0)];
/// Bars of a residual.
pub(super) const BARS_LEN: usize = 4;
/// The smallest multiple among [`BARS`]: nothing below it needs a look at peaks.
const MULTIPLE_MIN: f64 = 4.4;
/// How far a residual moves the peak towards itself, on a logarithmic scale.
const PEAK_SPEED: f64 = 0.12;
/// Quantile of the size of residuals that is usual.
const QUANTILE: f64 = 0.8;
/// Step of the quantile on a logarithmic scale.
const QUANTILE_SPEED: f64 = 0.03;
/// Rows averaged before the quantile follows by steps.
const START_ROWS: u64 = 20;
/// Rows before anything stands out.
const WARM_ROWS: u64 = 40;
/// The mean of the first rows, as a quantile.
const START_FACTOR: f64 = 1.2;

#[derive(Clone, Copy, Debug, Default)]
struct Peak {
    ln: f64,
    at_row: u64,
}

/// The bars of one residual, up and down.
#[derive(Clone, Debug, Default)]
pub(super) struct Peaks {
    rows: u64,
    usual: f64,
    /// None before the first residual above a bar.
    peaks: [[Option<Peak>; BARS_LEN]; 2],
}

impl Peaks {
    /// By how much the residual stands out above each bar: ln of the ratio, at least 0.
    pub(super) fn excess(&mut self, residual: f64, grain: f64) -> [f64; BARS_LEN] {
        self.rows += 1;
        let size = residual.abs();
        let usual = self.usual.max(grain);
        let mut excess = [0.0; BARS_LEN];
        if size > MULTIPLE_MIN * usual && usual > 0.0 {
            let ln_size = size.ln();
            let ln_usual = usual.ln();
            let warm = self.rows > WARM_ROWS;
            let side = &mut self.peaks[usize::from(residual > 0.0)];
            for (i, (multiple, fade_rows)) in BARS.iter().enumerate() {
                let floor = ln_usual + multiple.ln();
                let faded = side[i].map_or(f64::NEG_INFINITY, |peak| {
                    let rows = (self.rows - peak.at_row) as f64;
                    peak.ln - std::f64::consts::LN_2 * rows / fade_rows
                });
                let bar = floor.max(faded);
                if ln_size <= bar {
                    continue;
                }
                let ln = if warm { bar + PEAK_SPEED * (ln_size - bar) } else { ln_size };
                side[i] = Some(Peak { ln, at_row: self.rows });
                if warm {
                    excess[i] = ln_size - bar;
                }
            }
        }
        self.learn(size, grain);
        excess
    }

    fn learn(&mut self, size: f64, grain: f64) {
        if self.rows <= START_ROWS {
            let mean = self.usual / START_FACTOR;
            self.usual = START_FACTOR * (mean + (size - mean) / self.rows as f64);
            return;
        }
        let speed = QUANTILE_SPEED.max(2.0 / self.rows as f64);
        // exp(x) ≈ 1 + x + x²/2, near enough for |x| ≤ 0.08.
        let step = speed * if size > self.usual { QUANTILE } else { QUANTILE - 1.0 };
        self.usual = (self.usual * (1.0 + step + 0.5 * step * step)).max(0.01 * grain);
    }
}

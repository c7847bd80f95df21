//! Range novelty: by how much a feature leaves the range it has kept so far.
//!
//! The running extremes shrink towards their centre, by half in `fade_rows`, so that a range is
//! forgotten slowly. The excess is in units of the range: 0.1 is a tenth of all that was ever seen.

/// Rows before a range is known well enough to be left.
const WARM_ROWS: u32 = 100;
/// Excess of a feature that had no range at all before.
const EXCESS_MAX: f64 = 1e3;
/// Part of the magnitude below which a range is none but rounding.
const ROUNDING: f64 = 1e-9;

/// The range of one feature.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Range {
    low: f64,
    high: f64,
    rows: u32,
}

impl Range {
    /// The excess over the range, at least 0; then the range takes it in. `keep` is the part of
    /// the range that is kept from row to row.
    pub(super) fn excess(&mut self, value: f64, keep: f64) -> f64 {
        if self.rows == 0 {
            (self.low, self.high) = (value, value);
        }
        self.rows = self.rows.saturating_add(1);
        let half = 0.5 * (self.high - self.low) * keep;
        let centre = 0.5 * (self.high + self.low);
        (self.low, self.high) = (centre - half, centre + half);
        let over = (value - self.high).max(self.low - value).max(0.0);
        let width = self.high - self.low;
        let rounding = ROUNDING * (self.high.abs() + self.low.abs()) + f64::MIN_POSITIVE;
        self.low = self.low.min(value);
        self.high = self.high.max(value);
        if self.rows <= WARM_ROWS || over <= rounding {
            0.0
        } else {
            (over / (width + rounding)).min(EXCESS_MAX)
        }
    }
}

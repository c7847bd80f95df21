//! Features of the last rows: how widely they spread, and how far the latest are from the rest.
//!
//! Three pairs of windows. The sums are kept up row by row and made anew once around the ring, so
//! that rounding does not add up; values are held relative to one of them, so that a small spread
//! on a large level is not lost.

/// Pairs of a short and a long window, in rows.
const WINDOWS: [(usize, usize); WINDOWS_LEN] = [(4, 36), (6, 48), (8, 64)];
/// Pairs of windows.
pub(super) const WINDOWS_LEN: usize = 3;
/// Rows kept: the longest window.
const KEPT: usize = 64;
/// Speed at which the usual spread is learnt.
const SPREAD_SPEED: f64 = 0.002;
/// Part of the usual spread that is added before the logarithm, so that calm is not novel.
const SPREAD_FLOOR: f64 = 0.05;

#[derive(Clone, Copy, Debug, Default)]
struct Sums {
    short: f64,
    long: f64,
    long_squares: f64,
    usual_spread: f64,
    rows: u32,
}

/// The two features of a pair of windows.
#[derive(Clone, Copy, Debug)]
pub(super) struct Feature {
    /// ln of the standard deviation over the long window.
    pub(super) ln_spread: f64,
    /// Mean of the short window less that of the long one.
    pub(super) lead: f64,
}

/// The last rows of a series.
#[derive(Clone, Debug)]
pub(super) struct Window {
    ring: [f64; KEPT],
    rows: u64,
    origin: f64,
    sums: [Sums; WINDOWS_LEN],
}

impl Window {
    pub(super) fn new() -> Self {
        Self { ring: [0.0; KEPT], rows: 0, origin: 0.0, sums: [Sums::default(); WINDOWS_LEN] }
    }

    /// Takes a row; the features of each pair, none before its long window is half full.
    pub(super) fn push(&mut self, value: f64) -> [Option<Feature>; WINDOWS_LEN] {
        if self.rows.is_multiple_of(KEPT as u64) {
            self.renew(value);
        }
        let relative = value - self.origin;
        let at = (self.rows % KEPT as u64) as usize;
        let before = |rows: usize| self.ring[(at + KEPT - rows) % KEPT];
        let mut features = [None; WINDOWS_LEN];
        for (i, ((short, long), sums)) in WINDOWS.iter().zip(&mut self.sums).enumerate() {
            // Places that were never filled hold 0 and take nothing away.
            let leaving = before(*long);
            sums.short += relative - before(*short);
            sums.long += relative - leaving;
            sums.long_squares += relative * relative - leaving * leaving;
            let filled = (self.rows + 1).min(*long as u64) as f64;
            if filled as usize >= long / 2 {
                features[i] = sums.feature(*short as f64, filled);
            }
        }
        self.ring[at] = relative;
        self.rows += 1;
        features
    }

    /// Holds all rows relative to `value` and adds them up again.
    fn renew(&mut self, value: f64) {
        let shift = self.origin - value;
        self.origin = value;
        let filled = self.rows.min(KEPT as u64) as usize;
        for kept in &mut self.ring[..filled] {
            *kept += shift;
        }
        // The ring has come around: its end is the latest row.
        for ((short, long), sums) in WINDOWS.iter().zip(&mut self.sums) {
            sums.short = self.ring[KEPT - short..].iter().sum();
            sums.long = self.ring[KEPT - long..].iter().sum();
            sums.long_squares = self.ring[KEPT - long..].iter().map(|kept| kept * kept).sum();
        }
    }
}

impl Sums {
    /// None while no row has differed from another.
    fn feature(&mut self, short: f64, filled: f64) -> Option<Feature> {
        let mean = self.long / filled;
        let spread = (self.long_squares / filled - mean * mean).max(0.0).sqrt();
        self.rows = self.rows.saturating_add(1);
        let speed = SPREAD_SPEED.max(1.0 / f64::from(self.rows));
        self.usual_spread += speed * (spread - self.usual_spread);
        let spread = spread + SPREAD_FLOOR * self.usual_spread;
        let lead = self.short / short - mean;
        (spread > 0.0).then(|| Feature { ln_spread: spread.ln(), lead })
    }
}

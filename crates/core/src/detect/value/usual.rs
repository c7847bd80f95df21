//! What is usual for a series of values: a shape of the day and levels of three speeds.
//!
//! The shape has 288 slots of five minutes. A level follows the value less its slot. What a value
//! is away from slot and level is its residual, one for each speed: the slow level sees what
//! lasts for hours, the fast ones see a spike on a ramp. No row moves a level or a slot by more
//! than [`CLIP`] times the usual residual, so an outage is not learnt at once.
//!
//! # What it cannot tell
//!
//! A week from a day: a Saturday is away from the shape that five working days have taught.

use crate::time::DAY_MS;
use crate::time::UnixMillis;

/// Speeds of the levels: the part of a residual that a row adds.
pub(super) const SPEEDS: [f64; 3] = [0.01, 0.05, 0.2];
/// Residuals are clipped at this many usual ones before anything learns from them.
const CLIP: f64 = 4.0;
/// Rows before anything is clipped.
const FREE_ROWS: u64 = 20;
/// Slots of the day: five minutes each.
const SLOTS: usize = 288;
/// Slots of an hour.
const SLOTS_PER_HOUR: f64 = SLOTS as f64 / 24.0;
/// The part of a residual that a day adds to a slot; the rows of the day share it.
const SLOT_SPEED: f64 = 0.2;
/// Speed at which the usual size of a residual is learnt.
const SCALE_SPEED: f64 = 0.01;
/// Mean absolute residual to standard deviation, for a normal one: √(π/2).
const DEVIATION: f64 = 1.25;

#[derive(Clone, Copy, Debug, Default)]
struct Level {
    value: f64,
    scale: f64,
}

/// The shape and the levels of one series.
#[derive(Clone, Debug)]
pub(super) struct Usual {
    slots: [f32; SLOTS],
    slot_days: [u8; SLOTS],
    slot: usize,
    levels: [Level; SPEEDS.len()],
    rows: u64,
    last: f64,
    /// The smallest change between two rows that was ever seen: the grain of the numbers. An
    /// integer is never surprising by less than one.
    pub(super) grain: f64,
}

impl Usual {
    pub(super) fn new() -> Self {
        Self {
            slots: [0.0; SLOTS],
            slot_days: [0; SLOTS],
            slot: SLOTS,
            levels: [Level::default(); SPEEDS.len()],
            rows: 0,
            last: 0.0,
            grain: 0.0,
        }
    }

    /// The residual at each speed; then learns from the row, one of `rows_per_hour`.
    pub(super) fn residuals(
        &mut self,
        at: UnixMillis,
        value: f64,
        rows_per_hour: f64,
    ) -> [f64; SPEEDS.len()] {
        let slot = (at.0.rem_euclid(DAY_MS) as usize * SLOTS) / DAY_MS as usize;
        if self.rows == 0 {
            self.levels.iter_mut().for_each(|level| level.value = value);
        } else {
            let change = (value - self.last).abs();
            if change > 0.0 && (self.grain == 0.0 || change < self.grain) {
                self.grain = change;
            }
        }
        self.last = value;
        self.rows += 1;
        let shaped = value - f64::from(self.slots[slot]);
        let free = self.rows <= FREE_ROWS;
        let part = 1.0 / (self.rows + 1) as f64;
        let mut residuals = [0.0; SPEEDS.len()];
        let mut learnt = 0.0;
        for (i, level) in self.levels.iter_mut().enumerate() {
            let residual = shaped - level.value;
            let most = CLIP * level.scale.max(self.grain);
            let clipped = if free { residual } else { residual.clamp(-most, most) };
            level.scale += part.max(SCALE_SPEED) * (DEVIATION * clipped.abs() - level.scale);
            level.value += part.max(SPEEDS[i]) * clipped;
            residuals[i] = residual;
            if i == 0 {
                learnt = clipped;
            }
        }
        if slot != self.slot {
            self.slot = slot;
            self.slot_days[slot] = self.slot_days[slot].saturating_add(1);
        }
        let day = SLOT_SPEED.max(1.0 / (f64::from(self.slot_days[slot]) + 1.0));
        let row = day / (rows_per_hour / SLOTS_PER_HOUR).max(1.0);
        self.slots[slot] += (row * learnt) as f32;
        residuals
    }
}

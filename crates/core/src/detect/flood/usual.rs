//! What a target, or a network, usually receives: the mean of the last ten minutes, by class.
//!
//! # What it cannot tell
//!
//! The hour of the week: what is usual in the evening is learnt in the evening.

use crate::traffic::class::Class;
use crate::traffic::slot::Volume;

/// Seconds over which the usual level forgets: ten minutes.
const MEMORY_S: f64 = 600.0;
/// Seconds over which it forgets at least, while it learns what is busier.
const BUSY_MEMORY_S: f64 = 60.0;

/// What a target usually receives, by class.
#[derive(Clone, Debug, Default)]
pub struct Usual {
    /// Packets and octets a second.
    classes: [(f64, f64); Class::COUNT],
    seconds: f64,
}

impl Usual {
    /// Learns one slot, and the silence of the slots before it.
    pub fn learn(&mut self, classes: &[Volume; Class::COUNT], slots: i64, slot_s: f64) {
        let silent_s = (slots - 1) as f64 * slot_s;
        self.seconds = (self.seconds + silent_s + slot_s).min(MEMORY_S);
        let weight = slot_s / self.seconds;
        let kept = (1.0 - weight) * (-silent_s / self.seconds).exp();
        for (usual, now) in self.classes.iter_mut().zip(classes) {
            usual.0 = usual.0 * kept + weight * now.packets as f64 / slot_s;
            usual.1 = usual.1 * kept + weight * now.octets as f64 / slot_s;
        }
    }

    /// Learns from what was loud and is no attack.
    pub fn learn_busy(&mut self, classes: &[Volume; Class::COUNT], seconds: f64) {
        self.seconds = self.seconds.max(BUSY_MEMORY_S);
        let weight = seconds / self.seconds;
        for (usual, now) in self.classes.iter_mut().zip(classes) {
            usual.0 += weight * (now.packets as f64 / seconds - usual.0);
            usual.1 += weight * (now.octets as f64 / seconds - usual.1);
        }
    }

    /// Packets and octets of some seconds above usual, by class.
    pub fn excess(&self, classes: &[Volume; Class::COUNT], seconds: f64) -> Vec<(f64, f64)> {
        let each = classes.iter().zip(self.classes).map(|(volume, usual)| {
            let packets = (volume.packets as f64 - usual.0 * seconds).max(0.0);
            (packets, (volume.octets as f64 - usual.1 * seconds).max(0.0))
        });
        each.collect()
    }

    /// All packets and octets of a usual second.
    pub fn total(&self) -> (f64, f64) {
        self.classes.iter().fold((0.0, 0.0), |sum, class| (sum.0 + class.0, sum.1 + class.1))
    }

    /// All packets and octets of some seconds above usual.
    pub fn excess_of_all(&self, classes: &[Volume; Class::COUNT], seconds: f64) -> (f64, f64) {
        let each = self.excess(classes, seconds).into_iter();
        each.fold((0.0, 0.0), |sum, class| (sum.0 + class.0, sum.1 + class.1))
    }
}

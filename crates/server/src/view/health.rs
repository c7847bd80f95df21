//! How the inside is doing, as the API shows it.

use serde::Serialize;

use crate::contract::Health;

/// For whoever runs this.
#[derive(Debug, Serialize)]
pub struct HealthView {
    ok: bool,
    failure: Option<String>,
    damage: Option<String>,
    decided_until: Option<String>,
    behind: u64,
    late: u64,
}

impl From<&Health> for HealthView {
    fn from(health: &Health) -> Self {
        Self {
            ok: health.failure.is_none(),
            failure: health.failure.clone(),
            damage: health.damage.clone(),
            decided_until: health.decided_until.map(|at| at.to_string()),
            behind: health.behind,
            late: health.late,
        }
    }
}

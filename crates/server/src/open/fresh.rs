//! Freshness: how old an answer is, from how many places, and whether the observatory is well.
//!
//! Every answer in JSON begins with it; the entity tag does not cover it, so that 304 means that
//! nothing else has changed.

use outcry_core::snapshot::VantagePoint;
use outcry_core::time::MINUTE_MS;
use outcry_core::time::UnixMillis;
use serde::Serialize;

use crate::contract::Health;
use crate::contract::Records;

/// A vantage point that has not looked for this long is not counted.
const LOOKED_WITHIN_MS: i64 = 15 * MINUTE_MS;

/// How fresh what is known is.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Freshness {
    /// All signals before this have been weighed.
    decided_until: Option<String>,
    /// Vantage points that looked at anything within 15 minutes.
    vantages: usize,
    /// Whether signals are taken and worked through.
    healthy: bool,
    /// Whether all of it is a reconstruction, and not what happened.
    reconstruction: bool,
}

impl Freshness {
    /// As it is now.
    pub fn of(records: &dyn Records, now: UnixMillis, reconstruction: bool) -> Self {
        let Health { decided_until, failure, .. } = records.health();
        let fresh = |point: &VantagePoint| now.since_ms(point.at) <= LOOKED_WITHIN_MS;
        Self {
            decided_until: decided_until.map(|at| at.to_string()),
            vantages: records.vantages().iter().filter(|point| fresh(point)).count(),
            healthy: failure.is_none(),
            reconstruction,
        }
    }
}

/// A body, which is an object, with its time and freshness before it.
pub fn dressed(body: &str, as_of: UnixMillis, freshness: &Freshness) -> String {
    let freshness = serde_json::to_string(freshness).expect("texts and numbers");
    let rest = body.strip_prefix('{').unwrap_or(body);
    let comma = if rest == "}" { "" } else { "," };
    format!("{{\"as_of\":\"{as_of}\",\"freshness\":{freshness}{comma}{rest}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_keeps_its_fields() {
        for body in ["{}", "{\"a\":1}"] {
            let text = dressed(body, UnixMillis(0), &Freshness::default());
            let value: serde_json::Value = serde_json::from_str(&text).expect("JSON");
            assert_eq!(value["as_of"], "1970-01-01T00:00:00Z");
            assert_eq!(value["freshness"]["vantages"], 0);
            assert_eq!(value.get("a").is_some(), body.len() > 2);
        }
    }
}

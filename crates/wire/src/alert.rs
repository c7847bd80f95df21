//! The stored form of what was told about a service, so that a planner goes on where it was.

pub mod about;

use outcry_core::alert::RuleState;
use outcry_core::alert::State;
use outcry_core::alert::Told;
use outcry_core::alert::Weighed;
use outcry_core::claim::Ruling;
use outcry_core::hypothesis::Cause;
use outcry_core::incident::IncidentId;
use outcry_core::incident::Severity;
use outcry_core::time::UnixMillis;
use serde::Deserialize;
use serde::Serialize;

use crate::incident::FormError;

/// Version of the form.
pub const STATE_VERSION: u32 = 1;

#[derive(Debug, Serialize, Deserialize)]
struct StateRow {
    version: u32,
    rules: Vec<RuleRow>,
}

#[derive(Debug, Serialize, Deserialize)]
struct RuleRow {
    name: String,
    told: Vec<ToldRow>,
    flips: Vec<i64>,
    flapping: Option<(String, u32)>,
}

#[derive(Debug, Serialize, Deserialize)]
struct ToldRow {
    incident: String,
    revision: u32,
    open: bool,
    danger: bool,
    cause: Option<String>,
    ruled: Vec<(String, Vec<String>)>,
}

/// Writes what was told as JSON.
pub fn write_state(state: &State) -> String {
    let rules = state.rules.iter().map(|(name, rule)| RuleRow {
        name: name.to_string(),
        told: rule.told.iter().map(|(id, told)| told_row(id, told)).collect(),
        flips: rule.flips.iter().map(|at| at.0).collect(),
        flapping: rule.flapping.as_ref().map(|(id, revision)| (id.0.to_string(), *revision)),
    });
    let row = StateRow { version: STATE_VERSION, rules: rules.collect() };
    serde_json::to_string(&row).expect("plain rows have a form")
}

/// Reads what was told.
///
/// # Errors
///
/// When the text is not of this form, or of another version of it.
pub fn read_state(text: &str) -> Result<State, FormError> {
    let form = "record of what was told";
    let row: StateRow =
        serde_json::from_str(text).map_err(|source| FormError::Unreadable { form, source })?;
    if row.version != STATE_VERSION {
        return Err(FormError::Version { form, found: row.version, known: STATE_VERSION });
    }
    let rules = row.rules.into_iter().map(|rule| {
        let state = RuleState {
            told: rule.told.into_iter().map(told_of).collect(),
            flips: rule.flips.into_iter().map(UnixMillis).collect(),
            flapping: rule
                .flapping
                .map(|(id, revision)| (IncidentId(id.as_str().into()), revision)),
        };
        (rule.name.as_str().into(), state)
    });
    Ok(State { rules: rules.collect() })
}

fn told_row(id: &IncidentId, told: &Told) -> ToldRow {
    let names = |rulings: &[Ruling]| rulings.iter().map(|it| it.name().to_owned()).collect();
    let ruled = told.weighed.ruled.iter();
    ToldRow {
        incident: id.0.to_string(),
        revision: told.revision,
        open: told.open,
        danger: told.severity == Severity::Danger,
        cause: told.weighed.cause.map(|cause| cause.name().to_owned()),
        ruled: ruled.map(|(claim, rulings)| (claim.to_string(), names(rulings))).collect(),
    }
}

fn told_of(row: ToldRow) -> (IncidentId, Told) {
    let ruling = |name: String| Ruling::ALL.into_iter().find(|ruling| ruling.name() == name);
    let ruled = row.ruled.into_iter().map(|(claim, names)| {
        (claim.as_str().into(), names.into_iter().filter_map(ruling).collect())
    });
    let told = Told {
        revision: row.revision,
        open: row.open,
        severity: if row.danger { Severity::Danger } else { Severity::Warning },
        weighed: Weighed {
            cause: row.cause.as_deref().and_then(Cause::parse),
            ruled: ruled.collect(),
        },
    };
    (IncidentId(row.incident.as_str().into()), told)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use outcry_core::hypothesis::Hypothesis;

    use super::*;

    #[test]
    fn what_was_told_reads_back() {
        let told = Told {
            revision: 7,
            open: true,
            severity: Severity::Danger,
            weighed: Weighed {
                cause: Some(Cause::One(Hypothesis::BadChange)),
                ruled: BTreeMap::from([("c".into(), Ruling::ALL.to_vec())]),
            },
        };
        let rule = RuleState {
            told: vec![(IncidentId("x-2025-03-10-1".into()), told)],
            flips: vec![UnixMillis(5), UnixMillis(6)],
            flapping: Some((IncidentId("x-2025-03-10-1".into()), 4)),
        };
        let state = State { rules: BTreeMap::from([("all".into(), rule)]) };
        assert_eq!(read_state(&write_state(&state)).expect("reads back"), state);
        assert!(read_state("{}").is_err());
    }
}

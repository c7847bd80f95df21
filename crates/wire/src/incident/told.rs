//! Reading back what a line of `replay --json` says about why an incident opened.
//!
//! # What it cannot tell
//!
//! All that the line leaves out or rounds; the stored form is exact.

use outcry_core::detect::together::Peers;
use outcry_core::incident::Ending;
use outcry_core::incident::Incident;
use outcry_core::incident::IncidentId;
use outcry_core::incident::Opening;
use outcry_core::time::UnixMillis;
use serde::Deserialize;

use crate::incident::FormError;
use crate::incident::peers::PeersRow;
use crate::incident::row::EndingRow;
use crate::incident::row::OpeningRow;
use crate::incident::scalar::Iso;
use crate::incident::scalar::Word;

/// Why an incident opened, as it was told.
#[derive(Clone, Debug, PartialEq)]
pub struct Told {
    /// The incident.
    pub id: IncidentId,
    /// Its surges in order of time: when each opened, what was known then, and how it ended.
    pub surges: Vec<(UnixMillis, Opening, Option<Ending>)>,
    /// What is known from other services.
    pub peers: Peers,
}

impl From<&Incident> for Told {
    fn from(incident: &Incident) -> Self {
        let surge = |surge: &outcry_core::incident::Surge| {
            (surge.opened_at, surge.opening.clone(), surge.ending)
        };
        Self {
            id: incident.id.clone(),
            surges: incident.surges.iter().map(surge).collect(),
            peers: incident.peers.clone(),
        }
    }
}

/// Reads one line of `replay --json`; `None` when it is about something else than an incident.
///
/// # Errors
///
/// [`FormError::Unreadable`] when the line is no JSON, or an incident without its openings.
pub fn read_told(line: &str) -> Result<Option<Told>, FormError> {
    let unreadable = |source| FormError::Unreadable { form: "line of `replay --json`", source };
    let kind: Kind = serde_json::from_str(line).map_err(unreadable)?;
    if &*kind.line_type.0 != "incident" {
        return Ok(None);
    }
    let row: Row = serde_json::from_str(line).map_err(unreadable)?;
    let surge = |surge: SurgeTold| {
        (surge.opened_at.0, surge.opening.into(), surge.ending.map(Ending::from))
    };
    Ok(Some(Told {
        id: IncidentId(row.id.0),
        surges: row.surges.into_iter().map(surge).collect(),
        peers: row.peers.into(),
    }))
}

#[derive(Deserialize)]
struct Kind {
    #[serde(rename = "type")]
    line_type: Word,
}

#[derive(Deserialize)]
struct Row {
    id: Word,
    surges: Vec<SurgeTold>,
    #[serde(default = "PeersRow::default")]
    peers: PeersRow<Iso>,
}

#[derive(Deserialize)]
struct SurgeTold {
    opened_at: Iso,
    opening: OpeningRow,
    #[serde(default)]
    ending: Option<EndingRow>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::incident::incident_line;
    use crate::incident::tests::incident;

    #[test]
    fn what_a_line_tells_of_an_incident_is_read_back() {
        let incident = incident();
        let told = read_told(&incident_line(&incident, None)).expect("our own line");
        assert_eq!(told, Some(Told::from(&incident)));
        assert_eq!(read_told(r#"{"type":"claim"}"#).expect("another line"), None);
        assert!(read_told("{").is_err() && read_told(r#"{"type":"incident"}"#).is_err());
    }
}

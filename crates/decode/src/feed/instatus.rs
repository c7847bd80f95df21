//! Instatus `summary.json`: dates in the way of JavaScript, words in capitals, `status` in `page`
//! or on top.

use serde_json::Value;

use crate::feed::Format;
use crate::feed::Impact;
use crate::feed::Notice;
use crate::feed::Snapshot;
use crate::feed::State;
use crate::feed::field;
use crate::feed::wording;

/// Reads it, or says that it is something else.
pub(super) fn read(document: &Value) -> Option<Snapshot> {
    let status = document.get("page").and_then(|page| page.get("status"));
    let status = status.or_else(|| document.get("status")).and_then(Value::as_str);
    let known = ["UP", "HASISSUES", "UNDERMAINTENANCE"];
    let lists = ["activeIncidents", "activeMaintenances"];
    let has_lists = lists.iter().any(|name| document.get(name).is_some());
    if !has_lists && !status.is_some_and(|word| known.contains(&word)) {
        return None;
    }
    let mut snapshot = Snapshot::of(Format::Instatus);
    if let Some(word) = status {
        snapshot.overall = wording::impact(word);
        if snapshot.overall.is_none() {
            snapshot.fault(format!("status `{word}` is not known"));
        }
    }
    for event in field::list(document, &["activeIncidents"]) {
        snapshot.push(notice(event, false));
    }
    for event in field::list(document, &["activeMaintenances"]) {
        snapshot.push(notice(event, true));
    }
    for component in field::list(document, &["components"]) {
        let name = field::text(component, &["name"]).unwrap_or_default();
        let word = field::text(component, &["status"]).unwrap_or_default();
        snapshot.component(name, wording::impact(&word).unwrap_or_default());
    }
    Some(snapshot)
}

fn notice(event: &Value, planned: bool) -> Notice {
    let title = field::text(event, &["name", "title"]).unwrap_or_default();
    let said = field::text(event, &["status"]).unwrap_or_default();
    let impact = field::text(event, &["impact"]).and_then(|word| wording::impact(&word));
    let started_at = field::time(event, &["started", "start", "startedAt"]);
    let state = wording::state(&said);
    Notice {
        id: field::text(event, &["id", "url"]).unwrap_or_else(|| title.clone()),
        title,
        impact: if planned { Impact::Maintenance } else { impact.unwrap_or_default() },
        state: if planned && state == State::Identified { State::InProgress } else { state },
        components: field::list(event, &["components"])
            .iter()
            .filter_map(|component| field::text(component, &["name"]))
            .collect(),
        started_at,
        resolved_at: field::time(event, &["resolved", "end", "resolvedAt"]),
        updates: Vec::new(),
    }
}

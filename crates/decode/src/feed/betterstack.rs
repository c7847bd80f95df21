//! Better Stack `index.json`, in the form of JSON:API: reports and updates stand in `included`.

use serde_json::Value;

use crate::feed::Format;
use crate::feed::Impact;
use crate::feed::Notice;
use crate::feed::Snapshot;
use crate::feed::State;
use crate::feed::Update;
use crate::feed::field;
use crate::feed::wording;

/// Reads it, or says that it is something else.
pub(super) fn read(document: &Value) -> Option<Snapshot> {
    let data = document.get("data")?;
    let attributes = data.get("attributes")?;
    let kind = data.get("type").and_then(Value::as_str);
    if kind != Some("status_page") && attributes.get("aggregate_state").is_none() {
        return None;
    }
    let mut snapshot = Snapshot::of(Format::BetterStack);
    match field::text(attributes, &["aggregate_state"]) {
        Some(word) => {
            snapshot.overall = wording::impact(&word);
            if snapshot.overall.is_none() {
                snapshot.fault(format!("aggregate_state `{word}` is not known"));
            }
        }
        None => snapshot.fault("aggregate_state is missing"),
    }
    let included = field::list(document, &["included"]);
    for entry in included.iter().filter(|entry| is(entry, "status_page_resource")) {
        let Some(attributes) = entry.get("attributes") else { continue };
        let name = field::text(attributes, &["public_name", "name"]).unwrap_or_default();
        let word = field::text(attributes, &["status"]).unwrap_or_default();
        snapshot.component(name, wording::impact(&word).unwrap_or_default());
    }
    for entry in included.iter().filter(|entry| is(entry, "status_report")) {
        snapshot.push(report(entry, included));
    }
    Some(snapshot)
}

fn is(entry: &Value, kind: &str) -> bool {
    entry.get("type").and_then(Value::as_str) == Some(kind)
}

fn report(entry: &Value, included: &[Value]) -> Notice {
    let nothing = Value::Null;
    let attributes = entry.get("attributes").unwrap_or(&nothing);
    let id = field::text(entry, &["id"]).unwrap_or_default();
    let belongs = |update: &&Value| {
        let own = update.pointer("/attributes/status_report_id").and_then(field::plain);
        let related = update.pointer("/relationships/status_report/data/id");
        own.or_else(|| related.and_then(field::plain)).as_deref() == Some(&id)
            || listed(entry, update)
    };
    let updates: Vec<Update> = included
        .iter()
        .filter(|entry| is(entry, "status_update"))
        .filter(belongs)
        .filter_map(|update| update.get("attributes"))
        .map(|update| {
            let text = field::text(update, &["message"]).unwrap_or_default();
            let text = wording::without_markup(&text);
            Update {
                at: field::time(update, &["published_at", "created_at"]),
                state: wording::state_in_prose(&text),
                text,
            }
        })
        .collect();
    let resolved_at = field::time(attributes, &["ends_at"]);
    let planned = field::text(attributes, &["report_type"]).as_deref() == Some("maintenance");
    let word = field::text(attributes, &["aggregate_state"]).unwrap_or_default();
    let state = match (wording::state(&word), planned) {
        (State::Resolved, _) => State::Resolved,
        (_, true) => State::InProgress,
        (State::Unknown, false) => State::Investigating,
        (state, false) => state,
    };
    Notice {
        title: field::text(attributes, &["title"]).unwrap_or_default(),
        impact: if planned {
            Impact::Maintenance
        } else {
            wording::impact(&word).unwrap_or_default()
        },
        state,
        components: Vec::new(),
        started_at: field::time(attributes, &["starts_at", "created_at"]),
        resolved_at,
        updates,
        id,
    }
}

/// Whether a report lists an update among its own.
fn listed(report: &Value, update: &Value) -> bool {
    let listed = report.pointer("/relationships/status_updates/data").and_then(Value::as_array);
    let id = update.get("id");
    listed.is_some_and(|listed| listed.iter().any(|entry| entry.get("id") == id && id.is_some()))
}

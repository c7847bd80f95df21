//! Google Cloud and Workspace `incidents.json`: a list of incidents, the newest first.

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
    let events = match document {
        Value::Array(events) => events.as_slice(),
        one if is_event(one) => std::slice::from_ref(one),
        _ => return None,
    };
    // An empty list says nothing of its maker.
    if events.is_empty() || !events.iter().all(is_event) {
        return None;
    }
    let mut snapshot = Snapshot::of(Format::Gcp);
    for event in events {
        snapshot.push(notice(event));
    }
    let open = snapshot.notices.iter().filter(|notice| !notice.state.is_over());
    snapshot.overall = Some(open.map(|notice| notice.impact).max().unwrap_or_default());
    Some(snapshot)
}

fn is_event(event: &Value) -> bool {
    event.get("begin").is_some() && event.get("external_desc").is_some()
}

fn notice(event: &Value) -> Notice {
    let resolved_at = field::time(event, &["end"]);
    let updates: Vec<Update> = field::list(event, &["updates"])
        .iter()
        .map(|update| {
            let text = wording::without_markup(&field::text(update, &["text"]).unwrap_or_default());
            let word = field::text(update, &["status"]).unwrap_or_default();
            let state = match wording::state(&word) {
                State::Resolved => State::Resolved,
                // The word says how bad it is, not how far the work is; the text may.
                told => match wording::state_in_prose(&text) {
                    State::Unknown | State::Resolved => told,
                    state => state,
                },
            };
            Update { at: field::time(update, &["when", "created"]), state, text }
        })
        .collect();
    let newest = updates.iter().max_by_key(|update| update.at).map(|update| update.state);
    let severity = field::text(event, &["severity"]).and_then(|word| wording::impact(&word));
    let impact = field::text(event, &["status_impact"]).and_then(|word| wording::impact(&word));
    let products = field::list(event, &["affected_products"]).iter();
    let mut components: Vec<String> =
        products.filter_map(|product| field::text(product, &["title"])).collect();
    if components.is_empty() {
        components.extend(field::text(event, &["service_name"]));
    }
    Notice {
        id: field::text(event, &["id", "number"]).unwrap_or_default(),
        title: field::text(event, &["external_desc"]).unwrap_or_default(),
        impact: impact.max(severity).unwrap_or(Impact::Minor),
        state: if resolved_at.is_some() {
            State::Resolved
        } else {
            newest.unwrap_or(State::Investigating)
        },
        components,
        started_at: field::time(event, &["begin", "created"]),
        resolved_at,
        updates,
    }
}

//! Statuspage v2, the shape most providers and other makers of status pages serve.
//!
//! `summary.json`, `status.json`, `incidents.json`, `scheduled-maintenances.json` and single
//! incidents are read. Updates are called `incident_updates`, or `event_updates` by some. The
//! indicator may be `maintenance`, which the reference does not list.

use serde_json::Value;

use crate::feed::Format;
use crate::feed::Impact;
use crate::feed::Notice;
use crate::feed::Snapshot;
use crate::feed::State;
use crate::feed::Update;
use crate::feed::field;
use crate::feed::wording;

const UPDATES: &[&str] = &["incident_updates", "event_updates", "updates", "maintenance_updates"];
const LISTS: &[&str] = &[
    "incidents",
    "scheduled_maintenances",
    "ongoing_incidents",
    "in_progress_maintenances",
    "maintenances",
];

/// Reads it, or says that it is something else.
pub(super) fn read(document: &Value) -> Option<Snapshot> {
    let mut snapshot = Snapshot::of(Format::Statuspage);
    if let Some(events) = document.as_array() {
        let all = !events.is_empty() && events.iter().all(is_notice);
        events.iter().for_each(|event| snapshot.push(notice(event, false)));
        return all.then_some(snapshot);
    }
    if is_notice(document) {
        snapshot.push(notice(document, false));
        return Some(snapshot);
    }
    let indicator = document.get("status").and_then(|status| status.get("indicator"));
    let lists = LISTS.iter().filter(|name| document.get(name).is_some_and(Value::is_array));
    let has_page = document.get("page").is_some_and(Value::is_object);
    let has_components = document.get("components").is_some_and(Value::is_array);
    if indicator.is_none() && !(has_page && (has_components || lists.clone().count() > 0)) {
        return None;
    }
    if let Some(word) = indicator.and_then(Value::as_str) {
        snapshot.overall = wording::impact(word);
        if snapshot.overall.is_none() {
            snapshot.fault(format!("status.indicator `{word}` is not known"));
        }
    }
    for component in field::list(document, &["components"]) {
        let Some(name) = field::text(component, &["name", "id"]) else { continue };
        if component.get("group").and_then(Value::as_bool) == Some(true) {
            continue;
        }
        match component_impact(component) {
            Ok(impact) => snapshot.component(name, impact),
            Err(word) => {
                snapshot.fault(format!("component `{name}` has the unknown status `{word}`"))
            }
        }
    }
    for name in lists {
        let planned = name.contains("maintenance");
        for event in field::list(document, &[name]) {
            snapshot.push(notice(event, planned));
        }
    }
    if snapshot.overall.is_none() {
        snapshot.overall = snapshot.components.iter().map(|component| component.impact).max();
    }
    Some(snapshot)
}

fn component_impact(component: &Value) -> Result<Impact, String> {
    let Some(word) = field::text(component, &["status", "current_status"]) else {
        return Ok(Impact::None);
    };
    wording::impact(&word).ok_or(word)
}

/// An incident by itself has an id, a name and the updates that only notices have.
fn is_notice(value: &Value) -> bool {
    let updates = UPDATES.iter().any(|name| value.get(name).is_some_and(Value::is_array));
    updates && field::text(value, &["name", "title"]).is_some() && value.get("page").is_none()
}

fn notice(event: &Value, planned: bool) -> Notice {
    let updates: Vec<Update> = field::list(event, UPDATES).iter().map(update).collect();
    let planned = planned || event.get("scheduled_for").is_some_and(|at| !at.is_null());
    let said = field::text(event, &["status", "current_worst_impact"]).unwrap_or_default();
    let mut state = wording::state(&said);
    if state == State::Unknown {
        state = updates.first().map_or(State::Unknown, |update| update.state);
    }
    let impact = field::text(event, &["impact", "impact_override", "current_worst_impact"]);
    let impact = if planned {
        Impact::Maintenance
    } else {
        impact.and_then(|word| wording::impact(&word)).unwrap_or_default()
    };
    let title = field::text(event, &["name", "title"]).unwrap_or_default();
    let started = ["started_at", "scheduled_for", "starts_at", "created_at"];
    Notice {
        id: field::text(event, &["id", "shortlink", "url"]).unwrap_or_else(|| title.clone()),
        title,
        impact,
        state,
        components: components(event, field::list(event, UPDATES)),
        started_at: field::time(event, &started),
        resolved_at: field::time(event, &["resolved_at", "ended_at"])
            .or_else(|| ended(state, &updates))
            .or_else(|| field::time(event, &["scheduled_until"]).filter(|_| planned)),
        updates,
    }
}

/// Providers that do not fill `resolved_at` still date the update that resolves.
fn ended(state: State, updates: &[Update]) -> Option<i64> {
    let over = updates.iter().filter(|update| update.state == State::Resolved);
    over.filter_map(|update| update.at).min().filter(|_| state.is_over())
}

fn update(update: &Value) -> Update {
    let text = field::text(update, &["body", "message", "text"]).unwrap_or_default();
    let said = field::text(update, &["status", "to_status"]).unwrap_or_default();
    Update {
        at: field::time(update, &["display_at", "created_at", "published_at", "updated_at"]),
        state: wording::state(&said),
        text: wording::without_markup(&text),
    }
}

/// Parts that the notice, or any of its updates, names.
fn components(event: &Value, updates: &[Value]) -> Vec<String> {
    let own = field::list(event, &["components", "affected_components"]);
    let told = updates.iter().flat_map(|update| field::list(update, &["affected_components"]));
    let mut names = Vec::new();
    for component in own.iter().chain(told) {
        let name = field::text(component, &["name"]).or_else(|| field::plain(component));
        if let Some(name) = name.filter(|name| !names.contains(name)) {
            names.push(name);
        }
    }
    names
}

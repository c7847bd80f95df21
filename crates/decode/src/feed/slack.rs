//! Slack `api/v2.0.0/current` and `/history`.

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
    let events = match document.as_array() {
        // The history is a bare list; its entries have notes, which no other form has.
        Some(events) => events.first()?.get("notes").map(|_| events.as_slice())?,
        None => document.get("active_incidents")?.as_array()?.as_slice(),
    };
    let mut snapshot = Snapshot::of(Format::Slack);
    for event in events {
        snapshot.push(notice(event));
    }
    let open = snapshot.notices.iter().filter(|notice| !notice.state.is_over());
    let worst = open.map(|notice| notice.impact).max().unwrap_or_default();
    match document.get("status").and_then(Value::as_str) {
        Some("ok") => snapshot.overall = Some(Impact::None),
        Some("active") => snapshot.overall = Some(worst.max(Impact::Minor)),
        Some(word) => snapshot.fault(format!("status `{word}` is not known")),
        None => {}
    }
    Some(snapshot)
}

fn notice(event: &Value) -> Notice {
    let updates: Vec<Update> = field::list(event, &["notes"])
        .iter()
        .map(|note| {
            let text = wording::without_markup(&field::text(note, &["body"]).unwrap_or_default());
            Update {
                at: field::time(note, &["date_created"]),
                state: wording::state_in_prose(&text),
                text,
            }
        })
        .collect();
    let said = wording::state(&field::text(event, &["status"]).unwrap_or_default());
    let kind = field::text(event, &["type"]).unwrap_or_default();
    let newest = updates.iter().map(|update| update.state).find(|state| *state != State::Unknown);
    let state = match said {
        // "active" says no more than that it goes on; the newest note may say how far it is.
        State::Investigating => newest.filter(|state| !state.is_over()).unwrap_or(said),
        state => state,
    };
    let resolved_at = state.is_over().then(|| field::time(event, &["date_updated"])).flatten();
    Notice {
        id: field::text(event, &["id", "url"]).unwrap_or_default(),
        title: field::text(event, &["title"]).unwrap_or_default(),
        impact: match kind.as_str() {
            "outage" => Impact::Critical,
            "maintenance" => Impact::Maintenance,
            "notice" => Impact::Minor,
            _ => Impact::Major,
        },
        state,
        components: field::list(event, &["services"]).iter().filter_map(field::plain).collect(),
        started_at: field::time(event, &["date_created"]),
        resolved_at,
        updates,
    }
}

//! Amazon Web Services: the old `data.json` (`current` and `archive`), and the list of events that
//! came after it.
//!
//! The old form numbers its states: 0 operating normally, 1 informational, 2 degraded, 3 disrupted.
//! Its updates carry a time of the day without a date ("6:36 AM PST"), so they get no time here.

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
    let mut snapshot = Snapshot::of(Format::Aws);
    let events: Vec<&Value> = match document.as_array() {
        Some(events) => events.iter().collect(),
        None => {
            let old = document.get("current").is_some_and(Value::is_array)
                || document.get("archive").is_some_and(Value::is_array);
            if !old {
                return None;
            }
            let current = field::list(document, &["current"]).iter();
            current.chain(field::list(document, &["archive"])).collect()
        }
    };
    // A list must have an entry that shows its form; the old document may well be empty.
    let known = events.iter().all(|event| is_event(event));
    if !known || (document.is_array() && events.is_empty()) {
        return None;
    }
    for event in events {
        snapshot.push(notice(event));
    }
    let open = snapshot.notices.iter().filter(|notice| !notice.state.is_over());
    snapshot.overall = Some(open.map(|notice| notice.impact).max().unwrap_or_default());
    Some(snapshot)
}

fn is_event(event: &Value) -> bool {
    let has = |name: &str| event.get(name).is_some();
    has("summary") && (has("service_name") || has("event_log")) && has("status") && has("date")
}

fn notice(event: &Value) -> Notice {
    let title = field::text(event, &["summary"]).unwrap_or_default();
    let log = field::list(event, &["event_log"]);
    let updates: Vec<Update> = if log.is_empty() {
        old_updates(&field::text(event, &["description"]).unwrap_or_default())
    } else {
        log.iter().map(logged).collect()
    };
    let level = field::text(event, &["status"]).unwrap_or_default();
    let newest = updates.iter().map(|update| update.state).find(|state| *state != State::Unknown);
    let state = if wording::state_in_prose(&title) == State::Resolved || level == "0" {
        State::Resolved
    } else {
        newest.unwrap_or(State::Investigating)
    };
    let started_at = field::time(event, &["date"]);
    let service = field::text(event, &["service", "arn", "service_name"]).unwrap_or_default();
    let date = field::text(event, &["date"]).unwrap_or_default();
    let over = updates.iter().find(|update| update.state == State::Resolved);
    Notice {
        id: field::text(event, &["arn", "id"]).unwrap_or_else(|| format!("{service}/{date}")),
        title,
        impact: match level.as_str() {
            "0" => Impact::None,
            "1" => Impact::Minor,
            "2" => Impact::Major,
            _ => Impact::Critical,
        },
        state,
        components: field::text(event, &["service_name"]).into_iter().collect(),
        started_at,
        resolved_at: over.and_then(|update| update.at).filter(|_| state.is_over()),
        updates,
    }
}

/// `<div><span …>6:36 AM PST</span>&nbsp;We are investigating …</div>`, any number of times.
fn old_updates(description: &str) -> Vec<Update> {
    let parts = description.split("</div>").map(wording::without_markup);
    parts
        .filter(|text| !text.is_empty())
        .map(|text| {
            let said = after_clock(&text);
            Update { at: None, state: wording::state_in_prose(said), text }
        })
        .collect()
}

/// The words behind a time such as `6:36 AM PST` or `Nov 26, 1:02 AM PST`.
fn after_clock(text: &str) -> &str {
    let zone = [" PST ", " PDT ", " UTC "].iter().find_map(|zone| Some((text.find(zone)?, zone)));
    match zone {
        Some((at, zone)) if at < 24 => &text[at + zone.len()..],
        _ => text,
    }
}

fn logged(entry: &Value) -> Update {
    let text = field::text(entry, &["message", "summary"]).unwrap_or_default();
    let summary = field::text(entry, &["summary"]).unwrap_or_default();
    let state = match wording::state_in_prose(&summary) {
        State::Resolved => State::Resolved,
        _ => wording::state_in_prose(&text),
    };
    Update {
        at: field::time(entry, &["timestamp", "date"]),
        state,
        text: wording::without_markup(&text),
    }
}

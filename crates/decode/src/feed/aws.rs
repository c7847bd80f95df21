//! Amazon Web Services: the old `data.json` (`current` and `archive`), and the list of events that
//! came after it.
//!
//! The old form numbers its states: 0 operating normally, 1 informational, 2 degraded, 3 disrupted.
//! Its updates carry a time of the day, mostly without a date ("6:36 AM PST"): they are put on the
//! day that brings them nearest to the event's `date`. That field itself runs up to some hours
//! late, so an event begins with its first update where that is earlier.

use serde_json::Value;

use crate::feed::Format;
use crate::feed::Impact;
use crate::feed::Notice;
use crate::feed::Snapshot;
use crate::feed::State;
use crate::feed::UnixMs;
use crate::feed::Update;
use crate::feed::field;
use crate::feed::wording;

const DAY_MS: i64 = 24 * 60 * 60 * 1_000;
const HOUR_MS: i64 = 60 * 60 * 1_000;
/// Bytes at the beginning of an update in which its clock stands.
const CLOCK_BYTES_MAX: usize = 28;
/// Zones of clocks, and how far they lie from UTC.
const ZONES: &[(&str, i64)] =
    &[(" PST", -8 * HOUR_MS), (" PDT", -7 * HOUR_MS), (" UTC", 0), (" GMT", 0)];

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
    let dated = field::time(event, &["date"]);
    let mut updates: Vec<Update> = if log.is_empty() {
        old_updates(&field::text(event, &["description"]).unwrap_or_default(), dated)
    } else {
        log.iter().map(logged).collect()
    };
    if updates.iter().all(|update| update.at.is_some()) {
        updates.sort_by_key(|update| std::cmp::Reverse(update.at));
    }
    let level = field::text(event, &["status"]).unwrap_or_default();
    let newest = updates.iter().map(|update| update.state).find(|state| *state != State::Unknown);
    let state = if wording::state_in_prose(&title) == State::Resolved || level == "0" {
        State::Resolved
    } else {
        newest.unwrap_or(State::Investigating)
    };
    let first = updates.iter().filter_map(|update| update.at).min();
    let started_at = dated.map(|at| first.map_or(at, |first| first.min(at)));
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
fn old_updates(description: &str, dated: Option<UnixMs>) -> Vec<Update> {
    let parts = description.split("</div>").map(wording::without_markup);
    parts
        .filter(|text| !text.is_empty())
        .map(|text| {
            let (clock, said) = after_clock(&text);
            let at = dated.and_then(|dated| moment(clock?, dated));
            Update { at, state: wording::state_in_prose(said), text }
        })
        .collect()
}

/// A time such as `6:36 AM PST` or `Nov 26, 1:02 AM PST`, and the words behind it.
fn after_clock(text: &str) -> (Option<&str>, &str) {
    let zone = ZONES.iter().find_map(|(zone, _)| Some((text.find(zone)?, zone)));
    match zone {
        Some((at, zone)) if at < CLOCK_BYTES_MAX => {
            let end = at + zone.len();
            (Some(&text[..end]), text[end..].trim_start())
        }
        _ => (None, text),
    }
}

/// Milliseconds since 1970 of a clock time, on the day that brings it nearest to `dated` unless a
/// day of that year is named.
fn moment(clock: &str, dated: UnixMs) -> Option<UnixMs> {
    let (zone, offset_ms) = ZONES.iter().find(|(zone, _)| clock.ends_with(zone))?;
    let clock = clock.strip_suffix(zone)?;
    let (day, time) = match clock.split_once(',') {
        Some((day, time)) => (Some(day.trim()), time.trim()),
        None => (None, clock.trim()),
    };
    let time = jiff::civil::Time::strptime("%I:%M %p", time).ok()?;
    let minutes = i64::from(time.hour()) * 60 + i64::from(time.minute());
    let local = dated + offset_ms;
    let midnight = match day {
        None => local.div_euclid(DAY_MS) * DAY_MS,
        Some(day) => {
            let year = jiff::Timestamp::from_millisecond(local).ok()?.to_string();
            let named = format!("{day} {}", year.get(..4)?);
            let date = jiff::civil::Date::strptime("%b %d %Y", named).ok()?;
            let at = date.at(0, 0, 0, 0);
            jiff::tz::TimeZone::UTC.to_timestamp(at).ok()?.as_millisecond()
        }
    };
    let at = midnight + minutes * 60_000 - offset_ms;
    let moves = if day.is_some() { [0, 0, 0] } else { [0, -DAY_MS, DAY_MS] };
    moves.into_iter().map(|by| at + by).min_by_key(|at| (at - dated).abs())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_without_a_day_stands_on_the_day_nearest_to_the_event() {
        let dated = 1_606_336_447_000; // 2020-11-25T20:34:07Z
        let cases = [
            ("6:36 AM PST", Some(1_606_314_960_000)),
            ("11:50 PM PST", Some(1_606_377_000_000)),
            ("Nov 26, 1:02 AM PST", Some(1_606_381_320_000)),
            ("6:36 AM CET", None),
            ("soon PST", None),
        ];
        for (clock, want) in cases {
            assert_eq!(moment(clock, dated), want, "{clock}");
        }
    }
}

//! Alertmanager: an alert of an incident, posted to version 2 of its API.
//!
//! An alert that is not resolved ends by itself after [`OPEN_FOR_S`]: a message that is never
//! followed by another cannot burn for ever.

use serde_json::json;

use crate::channel::Channel;
use crate::channel::Outgoing;
use crate::letter::Parcel;

/// Seconds for which an open incident stands without another word.
const OPEN_FOR_S: i64 = 24 * 3_600;

/// The request. The address is that of Alertmanager; the path is added.
pub fn compose(channel: &Channel, parcel: &Parcel) -> Outgoing {
    let letter = &parcel.letter;
    let ends_at = match &letter.closed_at {
        Some(at) if !letter.open => at.clone(),
        _ => rfc3339(parcel.sent_at_unix_s + OPEN_FOR_S),
    };
    let mut alert = json!({
        "labels": {
            "alertname": "OutcryIncident",
            "service": letter.service,
            "incident": letter.incident,
            "severity": if letter.severity == "danger" { "critical" } else { "warning" },
        },
        "annotations": { "summary": letter.title, "description": letter.body() },
        "startsAt": letter.opened_at,
        "endsAt": ends_at,
    });
    if !letter.url.is_empty() {
        alert["generatorURL"] = json!(letter.url);
    }
    let url = format!("{}/api/v2/alerts", channel.url.trim_end_matches('/'));
    let outgoing = Outgoing::json(url, &json!([alert]));
    match channel.token() {
        "" => outgoing,
        token => outgoing.with("authorization", format!("Bearer {token}")),
    }
}

/// Seconds since 1970 as RFC 3339 in UTC.
pub(crate) fn rfc3339(unix_s: i64) -> String {
    let (days, second) = (unix_s.div_euclid(86_400), unix_s.rem_euclid(86_400));
    let (year, month, day) = civil(days);
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

/// Year, month and day of a count of days since 1970 (H. Hinnant, `civil_from_days`).
pub(crate) fn civil(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

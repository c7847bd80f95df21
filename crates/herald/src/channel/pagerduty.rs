//! PagerDuty Events, version 2: one event for each incident, triggered and resolved by its key.

use serde_json::json;

use crate::channel::Channel;
use crate::channel::Outgoing;
use crate::letter::Parcel;

/// Where events go when no other address is set.
pub const URL: &str = "https://events.pagerduty.com/v2/enqueue";
/// Characters a summary takes.
const SUMMARY_CHARS_MAX: usize = 1_024;

/// The request.
pub fn compose(channel: &Channel, parcel: &Parcel) -> Outgoing {
    let letter = &parcel.letter;
    let summary: String = letter.title.chars().take(SUMMARY_CHARS_MAX).collect();
    let severity = ["info", "warning", "critical"][usize::from(letter.loudness())];
    let links = match letter.url.as_str() {
        "" => json!([]),
        url => json!([{ "href": url, "text": letter.incident }]),
    };
    let body = json!({
        "routing_key": channel.token(),
        "event_action": if letter.open { "trigger" } else { "resolve" },
        "dedup_key": letter.key(),
        "payload": {
            "summary": summary,
            "source": letter.service,
            "severity": severity,
            "timestamp": letter.as_of,
            "custom_details": { "lines": letter.lines },
        },
        "links": links,
    });
    let url = if channel.url.is_empty() { URL } else { &channel.url };
    Outgoing::json(url, &body)
}

//! Apprise: its API speaks to a hundred services more.

use serde_json::json;

use crate::channel::Channel;
use crate::channel::Outgoing;
use crate::letter::Parcel;

/// The request. With receivers it asks them; without, those that stand behind the address.
pub fn compose(channel: &Channel, parcel: &Parcel) -> Outgoing {
    let letter = &parcel.letter;
    let kind = ["success", "warning", "failure"][usize::from(letter.loudness())];
    let text = format!("{}\n{}", letter.body(), letter.url);
    let mut body = json!({
        "title": letter.title,
        "body": text.trim_end(),
        "type": kind,
        "format": "text",
    });
    if !channel.to.is_empty() {
        body["urls"] = json!(channel.to.join(","));
    }
    Outgoing::json(&channel.url, &body)
}

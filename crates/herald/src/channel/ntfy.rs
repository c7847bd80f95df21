//! ntfy: a message published to a topic, as JSON, so that titles may be of any letters.

use serde_json::json;

use crate::channel::Channel;
use crate::channel::Outgoing;
use crate::letter::Parcel;

/// Priorities by loudness: low, usual, high.
const PRIORITIES: [u8; 3] = [2, 3, 4];

/// The request.
pub fn compose(channel: &Channel, parcel: &Parcel) -> Outgoing {
    let letter = &parcel.letter;
    let mut body = json!({
        "topic": channel.target(),
        "title": letter.title,
        "message": letter.body(),
        "priority": PRIORITIES[usize::from(letter.loudness())],
    });
    if !letter.url.is_empty() {
        body["click"] = json!(letter.url);
    }
    let outgoing = Outgoing::json(&channel.url, &body);
    match channel.token() {
        "" => outgoing,
        token => outgoing.with("authorization", format!("Bearer {token}")),
    }
}

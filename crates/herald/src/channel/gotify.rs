//! Gotify: a message of an application. The token goes into a head, not into the address.

use serde_json::json;

use crate::channel::Channel;
use crate::channel::Outgoing;
use crate::letter::Parcel;

/// Priorities by loudness.
const PRIORITIES: [u8; 3] = [2, 5, 8];

/// The request.
pub fn compose(channel: &Channel, parcel: &Parcel) -> Outgoing {
    let letter = &parcel.letter;
    let click = json!({ "client::notification": { "click": { "url": letter.url } } });
    let body = json!({
        "title": letter.title,
        "message": letter.body(),
        "priority": PRIORITIES[usize::from(letter.loudness())],
        "extras": if letter.url.is_empty() { json!({}) } else { click },
    });
    let url = format!("{}/message", channel.url.trim_end_matches('/'));
    Outgoing::json(url, &body).with("x-gotify-key", channel.token())
}

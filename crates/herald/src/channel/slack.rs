//! Slack: an incoming webhook, with blocks, and a text for notifications and screen readers.

use serde_json::json;

use crate::channel::Channel;
use crate::channel::Outgoing;
use crate::letter::Parcel;

/// Characters a header block takes.
const HEADER_CHARS_MAX: usize = 150;

/// The request.
pub fn compose(channel: &Channel, parcel: &Parcel) -> Outgoing {
    let letter = &parcel.letter;
    let header: String = letter.title.chars().take(HEADER_CHARS_MAX).collect();
    let mut text = plain(&letter.body());
    if !letter.url.is_empty() {
        text.push_str(&format!("\n<{}>", letter.url));
    }
    let body = json!({
        "text": plain(&letter.title),
        "blocks": [
            { "type": "header", "text": { "type": "plain_text", "text": header } },
            { "type": "section", "text": { "type": "mrkdwn", "text": text } },
        ],
    });
    Outgoing::json(&channel.url, &body)
}

/// A text in which nothing is a link or a mention.
fn plain(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

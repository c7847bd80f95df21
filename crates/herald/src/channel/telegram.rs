//! Telegram: a bot's message to a chat, as plain text, so that nothing in it is markup.

use serde_json::json;

use crate::channel::Channel;
use crate::channel::Outgoing;
use crate::letter::Parcel;

/// Characters a message takes.
const TEXT_CHARS_MAX: usize = 4_096;

/// The request. The address is that of the API; the token of the bot stands in the path.
pub fn compose(channel: &Channel, parcel: &Parcel) -> Outgoing {
    let text: String = parcel.letter.text().chars().take(TEXT_CHARS_MAX).collect();
    let body = json!({
        "chat_id": channel.target(),
        "text": text,
        "disable_notification": parcel.letter.loudness() == 0,
        "link_preview_options": { "is_disabled": true },
    });
    let base = channel.url.trim_end_matches('/');
    Outgoing::json(format!("{base}/bot{}/sendMessage", channel.token()), &body)
}

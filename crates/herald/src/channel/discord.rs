//! Discord: a webhook, with an embed. Nobody is mentioned, whatever the words are.

use serde_json::json;

use crate::channel::Channel;
use crate::channel::Outgoing;
use crate::letter::Parcel;

/// Characters the title of an embed takes.
const TITLE_CHARS_MAX: usize = 256;
/// Grey, amber, red, by loudness.
const COLOURS: [u32; 3] = [0x7a_7a_7a, 0xc9_7a_00, 0xc0_2b_1d];

/// The request.
pub fn compose(channel: &Channel, parcel: &Parcel) -> Outgoing {
    let letter = &parcel.letter;
    let title: String = letter.title.chars().take(TITLE_CHARS_MAX).collect();
    let mut embed = json!({
        "title": title,
        "description": letter.body(),
        "color": COLOURS[usize::from(letter.loudness())],
        "timestamp": letter.as_of,
    });
    if !letter.url.is_empty() {
        embed["url"] = json!(letter.url);
    }
    let body = json!({ "embeds": [embed], "allowed_mentions": { "parse": [] } });
    Outgoing::json(&channel.url, &body)
}

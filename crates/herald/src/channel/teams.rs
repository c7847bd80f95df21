//! Teams: an Adaptive Card, posted to the address of a workflow.

use serde_json::json;

use crate::channel::Channel;
use crate::channel::Outgoing;
use crate::letter::Parcel;

/// The request.
pub fn compose(channel: &Channel, parcel: &Parcel) -> Outgoing {
    let letter = &parcel.letter;
    let colour = ["Default", "Warning", "Attention"][usize::from(letter.loudness())];
    let mut blocks = vec![json!({
        "type": "TextBlock", "text": letter.title, "weight": "Bolder", "size": "Medium",
        "color": colour, "wrap": true,
    })];
    blocks.extend(letter.lines.iter().map(
        |line| json!({ "type": "TextBlock", "text": line, "wrap": true, "spacing": "Small" }),
    ));
    let mut card = json!({
        "type": "AdaptiveCard", "version": "1.4",
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "body": blocks,
    });
    if !letter.url.is_empty() {
        card["actions"] =
            json!([{ "type": "Action.OpenUrl", "title": letter.incident, "url": letter.url }]);
    }
    let attachment = json!({
        "contentType": "application/vnd.microsoft.card.adaptive", "content": card,
    });
    Outgoing::json(&channel.url, &json!({ "type": "message", "attachments": [attachment] }))
}

//! Matrix: a notice in a room. The id of the message is the transaction's, so that a server that
//! has it already takes it as the same.
//!
//! # References
//!
//! Matrix client-server API, `PUT /_matrix/client/v3/rooms/{roomId}/send/{eventType}/{txnId}`.

use serde_json::json;

use crate::channel::Channel;
use crate::channel::Outgoing;
use crate::channel::escaped;
use crate::letter::Parcel;

/// The request.
pub fn compose(channel: &Channel, parcel: &Parcel) -> Outgoing {
    let base = channel.url.trim_end_matches('/');
    let (room, id) = (escaped(channel.target()), escaped(&parcel.id));
    let url = format!("{base}/_matrix/client/v3/rooms/{room}/send/m.room.message/{id}");
    let body = json!({ "msgtype": "m.notice", "body": parcel.letter.text() });
    let outgoing = Outgoing { method: "PUT", ..Outgoing::json(url, &body) };
    outgoing.with("authorization", format!("Bearer {}", channel.token()))
}

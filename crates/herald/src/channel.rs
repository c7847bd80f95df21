//! Channels: one file each, each with one pure function from a parcel to a request.

pub mod alertmanager;
pub mod apprise;
pub mod discord;
pub mod gotify;
pub mod matrix;
pub mod ntfy;
pub mod pagerduty;
pub mod slack;
pub mod teams;
pub mod telegram;
pub mod webhook;

use crate::letter::Parcel;
use base64::prelude::BASE64_STANDARD;
use base64::prelude::Engine as _;
use bytes::Bytes;

/// A channel, as the operator set it up.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Channel {
    /// Its name.
    pub name: String,
    /// What speaks there.
    pub kind: Kind,
    /// Where it is. Of e-mail: `smtp://`, `smtps://` or `submission://` and the server.
    pub url: String,
    /// What lets us in: of a webhook the secrets it signs with (`whsec_…`, the newest first), of
    /// others one token; of e-mail the password.
    pub secrets: Vec<String>,
    /// Telegram's chat, Matrix' room, ntfy's topic, or addresses of e-mail.
    pub to: Vec<String>,
    /// Who an e-mail is from.
    pub from: String,
    /// Who logs in to the mail server; empty for nobody.
    pub user: String,
}

/// What speaks in a channel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kind {
    /// Standard Webhooks.
    #[default]
    Webhook,
    /// E-mail over SMTP.
    Email,
    /// Slack, by an incoming webhook.
    Slack,
    /// Discord, by a webhook.
    Discord,
    /// Teams, by the address of a workflow.
    Teams,
    /// A bot of Telegram.
    Telegram,
    /// A room of Matrix.
    Matrix,
    /// A topic of ntfy.
    Ntfy,
    /// An application of Gotify.
    Gotify,
    /// PagerDuty Events, version 2.
    Pagerduty,
    /// Alertmanager, version 2 of its API.
    Alertmanager,
    /// Apprise API, for whatever else there is.
    Apprise,
}

impl Kind {
    /// All, with their stable names.
    pub const ALL: [(&'static str, Self); 12] = [
        ("webhook", Self::Webhook),
        ("email", Self::Email),
        ("slack", Self::Slack),
        ("discord", Self::Discord),
        ("teams", Self::Teams),
        ("telegram", Self::Telegram),
        ("matrix", Self::Matrix),
        ("ntfy", Self::Ntfy),
        ("gotify", Self::Gotify),
        ("pagerduty", Self::Pagerduty),
        ("alertmanager", Self::Alertmanager),
        ("apprise", Self::Apprise),
    ];

    /// Stable name.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, kind)| *kind == self).map_or("", |(name, _)| name)
    }
}

impl Channel {
    /// The first secret; empty when there is none.
    pub fn token(&self) -> &str {
        self.secrets.first().map_or("", String::as_str)
    }

    /// The first receiver; empty when there is none.
    pub fn target(&self) -> &str {
        self.to.first().map_or("", String::as_str)
    }

    /// A mark of its settings that tells two apart and tells nobody what they are.
    pub fn mark(&self) -> String {
        let text = format!("{:?}", (&self.url, &self.secrets, &self.to, &self.user, &self.from));
        let digest = ring::digest::digest(&ring::digest::SHA256, text.as_bytes());
        BASE64_STANDARD.encode(&digest.as_ref()[..12])
    }
}

/// A request to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outgoing {
    /// `POST` or `PUT`.
    pub method: &'static str,
    /// Where to.
    pub url: String,
    /// Heads, in order.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: Bytes,
}

impl Outgoing {
    /// A JSON body to be posted.
    pub fn json(url: impl Into<String>, body: &serde_json::Value) -> Self {
        Self {
            method: "POST",
            url: url.into(),
            headers: vec![("content-type", "application/json".into())],
            body: body.to_string().into(),
        }
    }

    /// With one more head.
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}

/// The request that tells a parcel in a channel; `None` for e-mail, which is no request.
pub fn compose(channel: &Channel, parcel: &Parcel) -> Option<Outgoing> {
    Some(match channel.kind {
        Kind::Email => return None,
        Kind::Webhook => webhook::compose(channel, parcel),
        Kind::Slack => slack::compose(channel, parcel),
        Kind::Discord => discord::compose(channel, parcel),
        Kind::Teams => teams::compose(channel, parcel),
        Kind::Telegram => telegram::compose(channel, parcel),
        Kind::Matrix => matrix::compose(channel, parcel),
        Kind::Ntfy => ntfy::compose(channel, parcel),
        Kind::Gotify => gotify::compose(channel, parcel),
        Kind::Pagerduty => pagerduty::compose(channel, parcel),
        Kind::Alertmanager => alertmanager::compose(channel, parcel),
        Kind::Apprise => apprise::compose(channel, parcel),
    })
}

/// A text as a part of a path.
pub(crate) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                out.push(char::from(byte));
            }
            byte => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

#[cfg(test)]
pub(crate) mod tests;

//! Alerts as they are stored: a durable outbox, filled in the transaction that stores the incident
//! they are about, and emptied by whoever sends.
//!
//! A message has one id for ever. It is tried until its receiver took it, or refused it
//! [`REFUSED_MAX`] times, and each try carries that id: a receiver that honours it sees none twice.
//!
//! # What it cannot tell
//!
//! What a message says: that is text here.

use outcry_core::time::UnixMillis;
use outcry_core::units::Text;

/// Refusals after which a message is given up and kept as a dead letter.
pub const REFUSED_MAX: u32 = 10;
/// Messages that may wait. More are refused and counted, the newest first.
pub const WAITING_MAX: u32 = 200_000;
/// Subscribers of all services.
pub const SUBSCRIBERS_MAX: u32 = 100_000;
/// Addresses that may wait for their confirmation.
pub const UNCONFIRMED_MAX: u32 = 10_000;
/// Questions one address may leave unanswered: nobody's letter box is filled through us.
pub const UNCONFIRMED_PER_ADDRESS_MAX: u32 = 3;
/// Different choices of incidents that subscribers of one service may have: each is a rule that is
/// planned, and remembers what it told.
pub const ABOUTS_PER_SERVICE_MAX: u32 = 500;
/// Services about which one browser may be told.
pub const PER_BROWSER_MAX: u32 = 100;
/// What the address of a browser begins with, and the channel through which it is told. No channel
/// of a configuration has a colon in its name.
pub const PUSH: &str = "push:";
/// Milliseconds an address may wait for its confirmation before it is forgotten.
pub const UNCONFIRMED_MS_MAX: i64 = 48 * 60 * 60 * 1_000;
/// Milliseconds a message that is done is kept, for whoever asks what was sent.
pub const DONE_KEPT_MS: i64 = 30 * 24 * 60 * 60 * 1_000;
/// Characters kept of what a receiver said.
pub const SAID_CHARS_MAX: usize = 200;

/// What follows from one stretch of the log for those who want to be told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Alerts {
    /// What was told about a service, as text, in place of what stood there.
    pub states: Vec<(Text, String)>,
    /// What messages say, by name.
    pub stories: Vec<(String, String)>,
    /// Messages, in the order they are to arrive.
    pub messages: Vec<NewMessage>,
    /// Incidents that somebody looks at: since when, and who.
    pub acknowledged: Vec<(Text, UnixMillis, Text)>,
    /// Incidents that nobody looks at any more, and since when.
    pub unacknowledged: Vec<(Text, UnixMillis)>,
    /// Services that are to be silent: until when, and who said so. `""` is all.
    pub silenced: Vec<(Text, UnixMillis, Text)>,
}

impl Alerts {
    /// Whether there is nothing to store.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// A message to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewMessage {
    /// Its name for ever.
    pub id: String,
    /// The incident it is about.
    pub incident: Text,
    /// The service it is about.
    pub service: Text,
    /// The name of what it says.
    pub story: String,
    /// Who gets it.
    pub to: Receiver,
    /// What it is: `opened`, `resolved`, …
    pub kind: &'static str,
    /// When it was planned.
    pub made_at: UnixMillis,
    /// Not to be sent earlier.
    pub not_before: UnixMillis,
    /// What else must hold.
    pub condition: Condition,
}

/// Who gets a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Receiver {
    /// A channel by its name.
    Channel(Text),
    /// Confirmed subscribers of the service.
    Subscribers {
        /// Through which channel.
        channel: Text,
        /// Those who chose these incidents.
        about: Text,
        /// Those who chose moments of which the bit is set: `1 << moments`.
        moments: u8,
    },
}

/// Somebody who subscribed, without their address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subscriber {
    /// The service.
    pub service: String,
    /// Which moments they are told of: 0 the news, 1 the end, 2 everything.
    pub moments: u8,
    /// Which incidents, as text; empty for all.
    pub about: String,
}

/// A service about which nothing is begun to be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Silence {
    /// The service; empty for all.
    pub service: String,
    /// Until when.
    pub until: UnixMillis,
    /// Who said so.
    pub actor: String,
}

/// An incident that somebody looks at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acknowledged {
    /// Its id.
    pub incident: String,
    /// Since when.
    pub at: UnixMillis,
    /// Who said so.
    pub actor: String,
}

/// What else must hold for a message to be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Condition {
    /// Nothing.
    Always,
    /// The incident is not acknowledged and not over.
    UnlessAcknowledged,
    /// An attempt was made to tell the receiver of the incident.
    IfTold,
}

/// A message whose time has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Due {
    /// Its place in the outbox.
    pub number: i64,
    /// Its name for ever.
    pub id: String,
    /// The channel.
    pub channel: String,
    /// An address within the channel; empty for the channel's own.
    pub recipient: String,
    /// What it is.
    pub kind: String,
    /// Tries, this one among them.
    pub attempts: u32,
    /// Those of them that the receiver did not take. The end of the program takes no try back, but
    /// refuses nothing either.
    pub refused: u32,
    /// When it was planned.
    pub made_at: UnixMillis,
    /// What it says.
    pub body: String,
}

/// How a try ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// The receiver took it.
    Delivered,
    /// Another try at that time, unless it was the last.
    Again(UnixMillis),
    /// It will never be taken.
    Dead,
}

/// How many messages are in which state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Waiting.
    pub waiting: u64,
    /// Delivered.
    pub delivered: u64,
    /// Given up.
    pub dead: u64,
    /// Not needed any more.
    pub cancelled: u64,
    /// Subscribers who confirmed.
    pub subscribers: u64,
}

/// A message as an operator sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Its name.
    pub id: String,
    /// `waiting`, `delivered`, `dead` or `cancelled`.
    pub state: &'static str,
    /// What it is.
    pub kind: String,
    /// Tries so far.
    pub attempts: u32,
    /// When it was planned.
    pub made_at: UnixMillis,
    /// When it is tried next.
    pub next_at: UnixMillis,
    /// What the receiver said last.
    pub said: Option<String>,
}

/// A channel that answered "gone".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChannelOff {
    /// Its name.
    pub channel: String,
    /// Which settings it had.
    pub mark: String,
    /// Since when.
    pub at: UnixMillis,
    /// What it said.
    pub said: String,
}

/// What became of somebody's wish to be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subscribed {
    /// A question is to be sent to the address: this is its number.
    Ask(i64),
    /// The address was asked, or is a subscriber; nothing is sent.
    Known,
    /// There is no room for more.
    Full,
}

//! What the server asks of the application, and all it may reach.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

use outcry_core::alert::choice::Choice;
use outcry_core::catalog::Catalog;
use outcry_core::catalog::Service;
use outcry_core::detect::together::Finding;
use outcry_core::evidence::CaseFile;
use outcry_core::incident::Incident;
use outcry_core::series::Dimension;
use outcry_core::snapshot::ServiceSnapshot;
use outcry_core::snapshot::VantagePoint;
use outcry_core::time::UnixMillis;
use outcry_core::time::UnixMinute;
use outcry_core::units::Country;
use outcry_core::units::Place;
use outcry_core::units::Text;

/// The durable journal of signals.
pub trait Journal: Send + Sync + 'static {
    /// Queues a record; `done` is called once it is on disk, or is known never to be.
    ///
    /// # Errors
    ///
    /// Refuses at once, without calling `done`, when nothing can be queued.
    fn append(&self, record: Vec<u8>, done: Done) -> Result<(), NotKept>;
}

/// Called with the fate of a record.
pub type Done = Box<dyn FnOnce(Result<(), NotKept>) + Send>;

/// Why a record was not kept. Whoever sent it must be told to come again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotKept {
    /// Too many records wait for the disk.
    #[error("too many reports at this moment")]
    Busy,
    /// The disk has no room.
    #[error("the disk is full")]
    Full,
    /// The disk failed, or the program is ending.
    #[error("the journal is closed")]
    Closed,
}

/// Country and network of an address; the address goes no further.
pub trait PlaceLookup: Send + Sync + 'static {
    /// Where an address is registered.
    fn place(&self, address: IpAddr) -> Place;
    /// The databases in use, for the data page; empty when every place is unknown.
    fn sources(&self) -> Vec<PlaceSource>;
}

/// One database of places.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlaceSource {
    /// Its own name for itself.
    pub name: String,
    /// When it was built.
    pub built_at: UnixMillis,
}

/// What the token of somebody who subscribes is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// To say yes.
    Confirm,
    /// To leave.
    Leave,
}

/// People who are told by e-mail.
pub trait Subscriptions: Send + Sync + 'static {
    /// Notes a wish and sends a question to the address, unless it was asked before.
    ///
    /// # Errors
    ///
    /// [`Unavailable`] when it cannot be noted.
    fn wish(&self, service: &Service, address: &str, choice: &Choice) -> Result<Wish, Unavailable>;
    /// What somebody chose, by their token for that; `None` when it is none of ours, is for
    /// something else, or they are not known any more.
    ///
    /// # Errors
    ///
    /// [`Unavailable`] when it cannot be read.
    fn chosen(&self, purpose: Purpose, token: &str) -> Result<Option<Chosen>, Unavailable>;
    /// Somebody says yes; whether the token was one of ours.
    ///
    /// # Errors
    ///
    /// [`Unavailable`] when it cannot be noted.
    fn confirm(&self, token: &str) -> Result<bool, Unavailable>;
    /// Somebody leaves; whether the token was one of ours. Leaving twice is leaving.
    ///
    /// # Errors
    ///
    /// [`Unavailable`] when it cannot be noted.
    fn leave(&self, token: &str) -> Result<bool, Unavailable>;
    /// Notes a browser that wants to be told what it chose, or, without a choice, one that wants
    /// no more.
    ///
    /// # Errors
    ///
    /// [`Unavailable`] when it cannot be noted.
    fn browser(
        &self,
        service: &Service,
        browser: &Browser<'_>,
        choice: Option<&Choice>,
    ) -> Result<Wish, Unavailable>;
}

/// What a browser hands over to be told (Push API, `PushSubscription`).
#[derive(Clone, Copy, Debug)]
pub struct Browser<'a> {
    /// Its address at its push service.
    pub endpoint: &'a str,
    /// Its public key, in Base64 for addresses.
    pub p256dh: &'a str,
    /// Its secret, in the same.
    pub auth: &'a str,
}

/// What somebody who subscribed chose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chosen {
    /// The slug of the service.
    pub service: Text,
    /// Which incidents of it, and which moments of them.
    pub choice: Choice,
}

/// What became of a wish.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    /// It is noted, or was before: which of both is told to nobody.
    Noted,
    /// There is no room for more.
    Full,
    /// It cannot be met; the text says why and what to do.
    Refused(&'static str),
}

/// The time, real or of a story.
pub trait Clock: Send + Sync + 'static {
    /// Now.
    fn now(&self) -> UnixMillis;
}

/// What is known, from memory where it is recent and from the store where it is not.
pub trait Records: Send + Sync + 'static {
    /// The catalogue in force.
    fn catalog(&self) -> Arc<Catalog>;
    /// Slugs of services about which something changed since the last call.
    fn take_changed(&self) -> Vec<Text>;
    /// One service now; `None` when the catalogue does not have it.
    fn service(&self, slug: &str) -> Option<ServiceSnapshot>;
    /// All vantage points that looked at anything, by name.
    fn vantages(&self) -> Vec<VantagePoint>;
    /// One incident with its newest case file.
    ///
    /// # Errors
    ///
    /// [`Unavailable`] when the store cannot be read.
    fn incident(&self, id: &str) -> Result<Option<Dossier>, Unavailable>;
    /// A case file as it was frozen at a revision; `None` asks for the newest.
    ///
    /// # Errors
    ///
    /// [`Unavailable`] when the store cannot be read.
    fn case_file(&self, id: &str, revision: Option<u32>) -> Result<Option<CaseFile>, Unavailable>;
    /// The first `limit` incidents of those asked for, newest first; of two opened at once, the
    /// greater id first.
    ///
    /// # Errors
    ///
    /// [`Unavailable`] when the store cannot be read.
    fn incidents(&self, which: &Which, limit: u32) -> Result<Vec<Incident>, Unavailable>;
    /// The first `limit` counts of one series of a service, in order of time; steps without reports
    /// are left out.
    ///
    /// # Errors
    ///
    /// [`Unavailable`] when the store cannot be read.
    fn counts(
        &self,
        service: &str,
        of: &Dimension,
        span: Span,
        limit: u32,
    ) -> Result<Vec<(UnixMinute, Tally)>, Unavailable>;
    /// All counts of one service on one UTC day since 1970, by what they are about.
    ///
    /// # Errors
    ///
    /// [`Unavailable`] when the store cannot be read.
    fn day(&self, service: &str, day: i64) -> Result<BTreeMap<Dimension, Tally>, Unavailable>;
    /// Approved comments of a service, newest first.
    ///
    /// # Errors
    ///
    /// [`Unavailable`] when the store cannot be read.
    fn comments(&self, slug: &str, limit: u32) -> Result<Vec<ApprovedComment>, Unavailable>;
    /// What services have in common that have trouble at the same time, the gravest first.
    fn findings(&self) -> Vec<Finding>;
    /// Whether signals are still being taken and worked through.
    fn health(&self) -> Health;
}

/// Which incidents are asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Which {
    /// Only those of this service.
    pub service: Option<Text>,
    /// Only those that are open.
    pub open: bool,
    /// Only those after this one in a newest-first list: when it opened, and its id; an empty id
    /// leaves out all of that very moment.
    pub before: Option<(UnixMillis, Text)>,
}

impl Which {
    /// Those that opened before a moment.
    pub fn before(at: Option<UnixMillis>) -> Self {
        Self { before: at.map(|at| (at, "".into())), ..Self::default() }
    }
}

/// How finely a series is read. Folded days keep their sums longer than their minutes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grain {
    /// Minute by minute.
    Minute,
    /// By whole hours.
    Hour,
    /// By whole UTC days.
    Day,
}

/// A stretch of time, `from <= minute < until`, on whole grains.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// Its first minute.
    pub from: UnixMinute,
    /// The first minute after it.
    pub until: UnixMinute,
    /// How finely.
    pub grain: Grain,
}

/// Reports of one step of a series.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Reports that came in.
    pub received: u64,
    /// Reports that count.
    pub counted: u64,
}

impl Tally {
    /// Adds another; saturates.
    pub fn add(&mut self, other: Self) {
        self.received = self.received.saturating_add(other.received);
        self.counted = self.counted.saturating_add(other.counted);
    }
}

/// The store cannot be read now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the store cannot be read now")]
pub struct Unavailable;

/// Everything a dossier page is made from.
#[derive(Clone, Debug, PartialEq)]
pub struct Dossier {
    /// The incident as it stands.
    pub incident: Incident,
    /// The newest case file.
    pub case: Option<CaseFile>,
    /// Revisions at which a case file was frozen, newest first, and when.
    pub revisions: Vec<(u32, UnixMillis)>,
}

/// A comment an operator has let through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApprovedComment {
    /// When it was sent.
    pub at: UnixMillis,
    /// From which country; never closer.
    pub country: Option<Country>,
    /// What was affected.
    pub component: Option<Text>,
    /// What went wrong.
    pub problem: Option<Text>,
    /// The words.
    pub text: Text,
}

/// How the inside is doing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Health {
    /// All before this is decided.
    pub decided_until: Option<UnixMillis>,
    /// Records in the journal that are not decided yet.
    pub behind: u64,
    /// Signals that came too late to be detected on.
    pub late: u64,
    /// What is wrong, in words for an operator; `None` when all is well.
    pub failure: Option<String>,
    /// What of the past was found damaged; it keeps nothing from going on.
    pub damage: Option<String>,
}

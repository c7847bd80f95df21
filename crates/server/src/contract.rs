//! What the server asks of the application, and all it may reach.

use std::net::IpAddr;
use std::sync::Arc;

use outcry_core::catalog::Catalog;
use outcry_core::catalog::Service;
use outcry_core::detect::together::Finding;
use outcry_core::evidence::CaseFile;
use outcry_core::incident::Incident;
use outcry_core::snapshot::ServiceSnapshot;
use outcry_core::snapshot::VantagePoint;
use outcry_core::time::UnixMillis;
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

/// People who are told by e-mail.
pub trait Subscriptions: Send + Sync + 'static {
    /// Notes a wish and sends a question to the address, unless it was asked before.
    ///
    /// # Errors
    ///
    /// [`Unavailable`] when it cannot be noted.
    fn wish(&self, service: &Service, address: &str, wants: Wants) -> Result<Wish, Unavailable>;
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
}

/// What somebody wants to be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wants {
    /// That it fails, why if that is known, and that it is over.
    All,
    /// That it is over.
    End,
}

/// What became of a wish.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    /// It is noted, or was before: which of both is told to nobody.
    Noted,
    /// There is no room for more.
    Full,
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
    /// Incidents that opened before `before`, newest first.
    ///
    /// # Errors
    ///
    /// [`Unavailable`] when the store cannot be read.
    fn incidents(
        &self,
        service: Option<&str>,
        before: Option<UnixMillis>,
        limit: u32,
    ) -> Result<Vec<Incident>, Unavailable>;
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

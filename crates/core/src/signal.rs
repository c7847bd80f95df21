//! Signals: everything Outcry is told, by anyone, as it was told.
//!
//! A signal is a fact about the telling ("this report came in at 09:46 from Britain"), never yet
//! about the world. Signals are append-only; all after them is derived and can be rebuilt.
//!
//! # What it cannot tell
//!
//! A report is not a user, an address is not a culprit, and a claim is not its content.

pub mod probe;
pub mod said;

use crate::signal::probe::Probe;
use crate::signal::said::Claim;
use crate::signal::said::OperatorAct;
use crate::signal::said::Testimony;
use crate::time::UnixMillis;
use crate::units::Asn;
use crate::units::Place;
use crate::units::Text;

/// Characters in a comment; a longer one is refused with a message, never cut in silence.
pub const COMMENT_CHARS_MAX: usize = 500;

/// Where a signal came from and under which terms it may be passed on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Provenance {
    /// Who gave it: `form`, `api`, a feed's address, `scenario:x-2025-03-10`.
    pub source: Text,
    /// Licence of the data, `None` when it is our own.
    pub licence: Option<Text>,
    /// Made by a generator, not by the world. Travels with everything derived from it.
    pub synthetic: bool,
}

/// One signal of any kind.
#[derive(Clone, Debug, PartialEq)]
pub struct Signal {
    /// Unique for ever: a UUID, version 7 where we made it.
    pub id: u128,
    /// When it happened (event time).
    pub at: UnixMillis,
    /// The slug of the service it is about; empty when it is about something wider.
    pub service: Text,
    /// Where it came from.
    pub provenance: Provenance,
    /// What was told.
    pub body: Body,
}

/// What a signal tells, by kind.
#[derive(Clone, Debug, PartialEq)]
pub enum Body {
    /// A person says that something fails, or that it works.
    Report(Report),
    /// A vantage point tried the service.
    Probe(Probe),
    /// The operator said something on its notice page.
    Notice(Notice),
    /// A route was announced or withdrawn.
    Route(Route),
    /// A window of traffic towards the service.
    Flow(Flow),
    /// A window of access-log lines of the service.
    Log(Log),
    /// Public posts that name the service and a failure, counted.
    Mention(Mention),
    /// Somebody credible says what happened.
    Testimony(Testimony),
    /// Somebody says publicly why it happened. Kept to be checked, not believed.
    Claim(Claim),
    /// A claim that somebody sent in. Part of nothing until an operator enters it as a claim.
    Proposal(Claim),
    /// An act of an operator of this observatory.
    Operator(OperatorAct),
}

impl Body {
    /// All kinds, in the order of the reference.
    pub const KINDS: [&'static str; 10] = [
        "report",
        "probe",
        "notice",
        "route",
        "flow",
        "log",
        "mention",
        "testimony",
        "claim",
        "operator",
    ];

    /// The kind's name.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Report(_) => "report",
            Self::Probe(_) => "probe",
            Self::Notice(_) => "notice",
            Self::Route(_) => "route",
            Self::Flow(_) => "flow",
            Self::Log(_) => "log",
            Self::Mention(_) => "mention",
            Self::Testimony(_) => "testimony",
            Self::Claim(_) | Self::Proposal(_) => "claim",
            Self::Operator(_) => "operator",
        }
    }
}

/// A person's report. Whose it is has been reduced to two keys that cannot be turned back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// What is affected: a component of the service, `None` when not said.
    pub component: Option<Text>,
    /// What goes wrong, or that nothing does.
    pub problem: Problem,
    /// Country and network, as coarse as they are kept.
    pub place: Place,
    /// Key of the sending installation or browser; see `trust`.
    pub reporter: ReporterKey,
    /// Key of the network prefix (/24 or /56); see `trust`.
    pub prefix: PrefixKey,
    /// What the person wrote. Held until an operator approves it.
    pub comment: Option<Text>,
}

/// What a report says about the state of the service.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Problem {
    /// It fails, in this way (a problem of the service's list).
    Fails(Text),
    /// It fails; how was not said.
    #[default]
    Unspecified,
    /// "Works for me": counted apart, never as a problem.
    Works,
}

/// Keyed hash of a reporter, 64 bits, with a key that is destroyed within 48 hours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReporterKey(pub u64);

/// Keyed hash of a network prefix, 64 bits, with a key that is destroyed within 48 hours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PrefixKey(pub u64);

/// One state of an operator's notice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// The provider's own id.
    pub notice: Text,
    /// Its title.
    pub title: Text,
    /// `investigating`, `identified`, `monitoring`, `resolved`, `scheduled`, `postmortem`, …
    pub state: Text,
    /// `none`, `minor`, `major`, `critical`, `maintenance`.
    pub impact: Text,
    /// The text.
    pub text: Text,
    /// Where what is scheduled begins: work, or with the impact `none` an event that draws people.
    pub starts: Option<UnixMillis>,
    /// Where it is meant to end.
    pub ends: Option<UnixMillis>,
}

/// A change of a route, seen by a peer.
#[derive(Clone, Debug, PartialEq)]
pub struct Route {
    /// Announced or withdrawn.
    pub change: RouteChange,
    /// The prefix in CIDR form.
    pub prefix: Text,
    /// The network that originates it.
    pub origin: Option<Asn>,
    /// Networks on the way, nearest first.
    pub path: Vec<Asn>,
    /// Share of full-feed peers that see the prefix after the change, 0..=1.
    pub visibility: Option<f64>,
}

/// Whether a route came or went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RouteChange {
    /// Announced.
    Announce,
    /// Withdrawn.
    Withdraw,
}

/// A window of traffic towards a service, summed. No address is kept.
#[derive(Clone, Debug, PartialEq)]
pub struct Flow {
    /// Length of the window in seconds.
    pub window_s: f64,
    /// Bits per second towards the service.
    pub bps_in: f64,
    /// Packets per second towards the service.
    pub pps_in: f64,
    /// Bits per second from the service.
    pub bps_out: Option<f64>,
    /// Vector names of `docs/reference`, such as `tcp_syn_flood`; empty for ordinary traffic.
    pub vectors: Vec<Text>,
    /// What the sources can be said to be: `spoofed`, `reflected`, `handshake`, `unknown`.
    pub sources: Text,
    /// Distinct sources seen, estimated.
    pub sources_distinct: Option<u64>,
    /// Who exported it.
    pub exporter: Text,
}

/// A window of access-log lines, summed.
#[derive(Clone, Debug, PartialEq)]
pub struct Log {
    /// Length of the window in seconds.
    pub window_s: f64,
    /// Requests per second.
    pub rps: f64,
    /// Share answered with 5xx, 0..=1.
    pub errors_share: f64,
    /// Distinct clients, estimated.
    pub clients_distinct: Option<u64>,
    /// Share of requests to the most requested path, 0..=1.
    pub top_path_share: Option<f64>,
    /// Share of clients seen on earlier days, 0..=1.
    pub returning_share: Option<f64>,
    /// What the window looks like, such as `http_flood` or `flash_crowd`; empty for ordinary.
    pub vectors: Vec<Text>,
}

/// Public posts counted over a window.
#[derive(Clone, Debug, PartialEq)]
pub struct Mention {
    /// Length of the window in seconds.
    pub window_s: f64,
    /// Posts that name the service and a failure, one for each author.
    pub authors: u64,
    /// The network they were posted on.
    pub network: Text,
}

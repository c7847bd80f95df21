//! Facts that a case file freezes besides the incident and what was observed: what the catalogue
//! says, who reported, what happened to other services, and what was claimed.
//!
//! # What it cannot tell
//!
//! Anything about a network or prefix with fewer than ten reports: those are not published.

use crate::signal::said::Claim;
use crate::time::UnixMillis;
use crate::units::Asn;
use crate::units::Country;
use crate::units::Text;

/// What kind of thing a service is. Priors differ by it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum ServiceKind {
    /// A site, an app, a game: something people use.
    #[default]
    Site,
    /// A delivery network, DNS or cloud that others are built on.
    Provider,
    /// A mobile, fixed or satellite network people are connected by.
    AccessNetwork,
}

impl ServiceKind {
    /// All kinds.
    pub const ALL: [Self; 3] = [Self::Site, Self::Provider, Self::AccessNetwork];

    /// Stable name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Site => "site",
            Self::Provider => "provider",
            Self::AccessNetwork => "access_network",
        }
    }

    /// The kind of a service, by its category, or by its components where the category is new.
    pub fn of(category: &str, components: &[Text]) -> Self {
        let has = |names: &[&str]| components.iter().any(|own| names.contains(&&**own));
        match category {
            "cdn-dns" | "cloud" => Self::Provider,
            "mobile-networks" | "fixed-networks" | "satellite" => Self::AccessNetwork,
            _ if has(&["mobile_data", "fixed_internet", "satellite_internet"]) => {
                Self::AccessNetwork
            }
            _ if has(&["compute", "dns", "network"]) && !has(&["mobile_app"]) => Self::Provider,
            _ => Self::Site,
        }
    }
}

/// What the catalogue says about the service.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ServiceFacts {
    /// Slug of its category.
    pub category: Text,
    /// What kind of thing it is.
    pub kind: ServiceKind,
    /// Networks it announces itself, where known.
    pub asns: Vec<Asn>,
    /// Services it publicly depends on.
    pub depends_on: Vec<Text>,
    /// Where it mainly operates; empty means worldwide.
    pub countries: Vec<Country>,
}

/// Reports from one access network.
#[derive(Clone, Debug, PartialEq)]
pub struct NetworkCount {
    /// The network.
    pub asn: Asn,
    /// Counted reports; at least ten.
    pub count: u64,
    /// Its usual share of reports, where known.
    pub usual: Option<f64>,
}

/// A network that reports as a rule and does not now.
#[derive(Clone, Debug, PartialEq)]
pub struct SilentNetwork {
    /// The network.
    pub asn: Asn,
    /// Its usual share of reports.
    pub usual: f64,
    /// Reports it would have sent at its usual share; it sent under a quarter of them.
    pub expected: f64,
}

/// Who reported while its surges were open.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CrowdFacts {
    /// Counted reports from networks of rented machines.
    pub hosting: u64,
    /// "Works for me".
    pub works: u64,
    /// Counted reports from a known network.
    pub networks_known: u64,
    /// Networks with at least ten reports, most first.
    pub networks: Vec<NetworkCount>,
    /// Networks that fell silent.
    pub silent: Vec<SilentNetwork>,
    /// Received reports of the prefix that sent most, counted or not.
    pub largest_prefix: u64,
    /// Received reports with a comment.
    pub texts: u64,
    /// Of those, how many carry the most frequent text.
    pub same_text: u64,
    /// Spread of received reports over the ticks of each minute, against that of chance: about 1
    /// for people, near 0 for a clock; `None` while too few came in.
    pub evenness: Option<f64>,
    /// Share of usual reports that come from the country with most, where known.
    pub home_share: Option<f64>,
}

/// How a service that surges as well stands to this one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Relation {
    /// This one depends on it.
    Provider,
    /// It depends on this one.
    Dependant,
    /// Both depend on a third.
    Cousin,
    /// Both announce the same network: one operator.
    Sibling,
    /// The same category.
    Related,
    /// Nothing known.
    Stranger,
}

impl Relation {
    /// All relations, in the order in which they are saved.
    pub const ALL: [Self; 6] = [
        Self::Provider,
        Self::Dependant,
        Self::Cousin,
        Self::Sibling,
        Self::Related,
        Self::Stranger,
    ];

    /// Stable name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Provider => "provider",
            Self::Dependant => "dependant",
            Self::Cousin => "cousin",
            Self::Sibling => "sibling",
            Self::Related => "related",
            Self::Stranger => "stranger",
        }
    }
}

/// Another service whose reports surge at about the same time.
#[derive(Clone, Debug, PartialEq)]
pub struct Peer {
    /// Its slug.
    pub service: Text,
    /// Its category.
    pub category: Text,
    /// What kind of thing it is.
    pub kind: ServiceKind,
    /// How it stands to this one.
    pub relation: Relation,
    /// Providers both depend on.
    pub shared: Vec<Text>,
    /// When its surge opened.
    pub opened_at: UnixMillis,
    /// Counted reports in its fullest 15 minutes.
    pub peak: u64,
    /// Reports usual in those.
    pub usual: f64,
    /// Where it mainly operates; empty means worldwide.
    pub countries: Vec<Country>,
    /// Share of its vantage points that find it failing, where two or more tried.
    pub failing_share: Option<f64>,
}

/// What is known about a provider this service depends on.
#[derive(Clone, Debug, PartialEq)]
pub struct ProviderState {
    /// Its slug.
    pub service: Text,
    /// Whether its own reports surge.
    pub surging: bool,
    /// Whether its own notices tell of trouble in the window.
    pub notice: bool,
    /// Share of its vantage points that find it failing, where two or more tried.
    pub failing_share: Option<f64>,
    /// Whether any of it was made by a generator.
    pub synthetic: bool,
}

/// What happened to other services at about the same time.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PeerFacts {
    /// Other services that people report on as a rule: those that could have surged.
    pub listened: u64,
    /// Those that surge as well, the largest multiple first.
    pub surging: Vec<Peer>,
    /// Providers of this service that anything is known about.
    pub providers: Vec<ProviderState>,
}

/// A claim as it was made, before any ruling.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// When it was said.
    pub said_at: UnixMillis,
    /// The claim in its own words.
    pub claim: Claim,
    /// Where it was published.
    pub source: Text,
}

impl Peer {
    /// Its peak as a multiple of its usual level, of one report at least.
    pub fn times_usual(&self) -> f64 {
        times_usual(self.peak, self.usual)
    }
}

/// A peak as a multiple of the usual level, of one report at least.
pub(crate) fn times_usual(peak: u64, usual: f64) -> f64 {
    peak as f64 / usual.max(1.0)
}

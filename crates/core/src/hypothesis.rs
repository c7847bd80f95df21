//! The causes an incident can have, and the groups they belong to.
//!
//! A list that is closed on purpose: whatever is not on it is [`Hypothesis::Unknown`], which never
//! disappears. Where something failed and how are told apart: a delivery network that broke by its
//! own change is `upstream_failure` for those who depend on it, with `bad_change` as mechanism.
//!
//! # What it cannot tell
//!
//! Who is to blame. A cause is a mechanism, not an intention, and not a person.

/// A cause.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Hypothesis {
    /// A flood at layers 3 and 4.
    VolumetricAttack,
    /// Hostile requests at layer 7.
    ApplicationAttack,
    /// A deploy, a configuration or a migration.
    BadChange,
    /// Power, hardware, a data centre.
    InfrastructureFailure,
    /// More real users than capacity; retry storms.
    Overload,
    /// A delivery network, DNS, a cloud, somebody's API.
    UpstreamFailure,
    /// BGP.
    RoutingFailure,
    /// An access or mobile network.
    AccessNetworkFailure,
    /// A court, a government or a network blocks it.
    AccessBlocked,
    /// An app, an SDK or software on people's machines.
    ClientFailure,
    /// Announced maintenance.
    PlannedWork,
    /// The operator closed it on purpose.
    PrecautionaryShutdown,
    /// The reports are about another service.
    Spillover,
    /// The reports are not about an outage.
    Brigading,
    /// A cause that is not listed, or that cannot be told.
    Unknown,
}

/// Number of hypotheses, [`Hypothesis::Unknown`] among them.
pub const HYPOTHESES: usize = Hypothesis::ALL.len();

impl Hypothesis {
    /// All, in the order of sums and of pages; [`Self::Unknown`] is the last.
    pub const ALL: [Self; 15] = [
        Self::VolumetricAttack,
        Self::ApplicationAttack,
        Self::BadChange,
        Self::InfrastructureFailure,
        Self::Overload,
        Self::UpstreamFailure,
        Self::RoutingFailure,
        Self::AccessNetworkFailure,
        Self::AccessBlocked,
        Self::ClientFailure,
        Self::PlannedWork,
        Self::PrecautionaryShutdown,
        Self::Spillover,
        Self::Brigading,
        Self::Unknown,
    ];

    /// Stable name.
    pub fn name(self) -> &'static str {
        match self {
            Self::VolumetricAttack => "volumetric_attack",
            Self::ApplicationAttack => "application_attack",
            Self::BadChange => "bad_change",
            Self::InfrastructureFailure => "infrastructure_failure",
            Self::Overload => "overload",
            Self::UpstreamFailure => "upstream_failure",
            Self::RoutingFailure => "routing_failure",
            Self::AccessNetworkFailure => "access_network_failure",
            Self::AccessBlocked => "access_blocked",
            Self::ClientFailure => "client_failure",
            Self::PlannedWork => "planned_work",
            Self::PrecautionaryShutdown => "precautionary_shutdown",
            Self::Spillover => "spillover",
            Self::Brigading => "brigading",
            Self::Unknown => "unknown",
        }
    }

    /// The hypothesis of a stable name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|hypothesis| hypothesis.name() == name)
    }

    /// Its place in [`Self::ALL`].
    pub fn index(self) -> usize {
        self as usize
    }

    /// The group it belongs to.
    pub fn group(self) -> Group {
        match self {
            Self::VolumetricAttack | Self::ApplicationAttack => Group::Attack,
            Self::BadChange | Self::InfrastructureFailure => Group::Internal,
            Self::Overload => Group::Overload,
            Self::UpstreamFailure
            | Self::RoutingFailure
            | Self::AccessNetworkFailure
            | Self::AccessBlocked => Group::Outside,
            Self::ClientFailure => Group::Client,
            Self::PlannedWork | Self::PrecautionaryShutdown => Group::Planned,
            Self::Spillover | Self::Brigading => Group::NotHere,
            Self::Unknown => Group::Unknown,
        }
    }
}

/// Causes that a reader, and often the evidence, cannot tell apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Group {
    /// Somebody attacks it, in either way.
    Attack,
    /// It broke inside the operator's own house.
    Internal,
    /// More users than capacity.
    Overload,
    /// Something outside it broke or was closed.
    Outside,
    /// Software on people's machines.
    Client,
    /// It was meant to be closed.
    Planned,
    /// The service did not fail.
    NotHere,
    /// Not listed, or cannot be told.
    Unknown,
}

impl Group {
    /// All groups, in the order of pages.
    pub const ALL: [Self; 8] = [
        Self::Attack,
        Self::Internal,
        Self::Overload,
        Self::Outside,
        Self::Client,
        Self::Planned,
        Self::NotHere,
        Self::Unknown,
    ];

    /// Stable name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Attack => "attack",
            Self::Internal => "internal",
            Self::Overload => "overload",
            Self::Outside => "outside",
            Self::Client => "client",
            Self::Planned => "planned",
            Self::NotHere => "not_here",
            Self::Unknown => "unknown",
        }
    }

    /// Its members, in order.
    pub fn members(self) -> impl Iterator<Item = Hypothesis> {
        Hypothesis::ALL.into_iter().filter(move |hypothesis| hypothesis.group() == self)
    }
}

/// Where something failed, from the point of view of the service that is reported.
pub const PLACES: [&str; 5] = ["service", "provider", "network", "client", "none"];

/// Hypotheses, then the groups that have no namesake among them: everything that may be named.
pub fn names() -> impl Iterator<Item = &'static str> {
    let hypotheses = Hypothesis::ALL.into_iter().map(Hypothesis::name);
    let groups = Group::ALL.into_iter().map(Group::name);
    hypotheses.chain(groups.filter(|name| Hypothesis::parse(name).is_none()))
}

/// A hypothesis or a group: what a verdict may name and a claim may assert.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cause {
    /// One hypothesis.
    One(Hypothesis),
    /// A group whose members are not told apart.
    Any(Group),
}

impl Cause {
    /// The cause of a stable name. A hypothesis is preferred where both have the name
    /// (`overload`); common spellings of people are understood as well.
    pub fn parse(name: &str) -> Option<Self> {
        let name = name.trim().to_ascii_lowercase().replace([' ', '-'], "_");
        let alias = match name.as_str() {
            "ddos" | "cyberattack" | "cyber_attack" | "hack" => "attack",
            "not here" => "not_here",
            other => other,
        };
        Hypothesis::parse(alias)
            .map(Self::One)
            .or_else(|| Group::ALL.into_iter().find(|g| g.name() == alias).map(Self::Any))
    }

    /// Stable name.
    pub fn name(self) -> &'static str {
        match self {
            Self::One(hypothesis) => hypothesis.name(),
            Self::Any(group) => group.name(),
        }
    }

    /// The group it is or belongs to.
    pub fn group(self) -> Group {
        match self {
            Self::One(hypothesis) => hypothesis.group(),
            Self::Any(group) => group,
        }
    }

    /// Whether `hypothesis` is what it says, or one of what it says.
    pub fn covers(self, hypothesis: Hypothesis) -> bool {
        match self {
            Self::One(one) => one == hypothesis,
            Self::Any(group) => hypothesis.group() == group,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_reads_back_and_every_hypothesis_has_its_place() {
        for (index, hypothesis) in Hypothesis::ALL.into_iter().enumerate() {
            assert_eq!(hypothesis.index(), index);
            assert_eq!(Hypothesis::parse(hypothesis.name()), Some(hypothesis));
            assert!(hypothesis.group().members().any(|member| member == hypothesis));
        }
        assert_eq!(Cause::parse("attack"), Some(Cause::Any(Group::Attack)));
        assert_eq!(Cause::parse("DDoS"), Some(Cause::Any(Group::Attack)));
        assert_eq!(Cause::parse("overload"), Some(Cause::One(Hypothesis::Overload)));
        assert_eq!(Cause::parse("gremlins"), None);
    }
}

//! Parts in time, and where apart from how.
//!
//! Some outages are two stories in order: a flood, and then what was done against it; work that was
//! announced, and then did not end. Parts say which cause from when until when, and by what that is
//! known. Where something failed is told apart from the mechanism: `provider` by `bad_change`.
//!
//! # What it cannot tell
//!
//! Parts that nothing marks in time. A single story is one part, or none when no cause leads.

use crate::evidence::CaseFile;
use crate::evidence::Family;
use crate::evidence::State;
use crate::evidence::traffic;
use crate::hypothesis::Cause;
use crate::hypothesis::Group;
use crate::hypothesis::HYPOTHESES;
use crate::hypothesis::Hypothesis;
use crate::time::UnixMillis;
use crate::verdict::Evidence;
use crate::verdict::posterior::leading;
use crate::verdict::posterior::total;

/// Share from which a cause is told as a part or as a place.
const TOLD_MIN: f64 = 0.5;

/// A cause for some of the time.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    /// The cause.
    pub cause: Cause,
    /// From when.
    pub from: UnixMillis,
    /// Until when; `None` while it lasts.
    pub until: Option<UnixMillis>,
    /// The family of evidence that marks it.
    pub by: Family,
}

/// Where something failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Where {
    /// The service itself.
    Service,
    /// A provider it is built on.
    Provider,
    /// A network on the way.
    Network,
    /// Software on people's machines.
    Client,
    /// Somewhere else: the service did not fail.
    Elsewhere,
}

impl Where {
    /// Stable name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Service => "service",
            Self::Provider => "provider",
            Self::Network => "network",
            Self::Client => "client",
            Self::Elsewhere => "none",
        }
    }

    /// Where a hypothesis says that it failed.
    pub fn of(hypothesis: Hypothesis) -> Option<Self> {
        match hypothesis {
            Hypothesis::UpstreamFailure => Some(Self::Provider),
            Hypothesis::RoutingFailure
            | Hypothesis::AccessNetworkFailure
            | Hypothesis::AccessBlocked => Some(Self::Network),
            Hypothesis::ClientFailure => Some(Self::Client),
            Hypothesis::Spillover | Hypothesis::Brigading => Some(Self::Elsewhere),
            Hypothesis::Unknown => None,
            _ => Some(Self::Service),
        }
    }
}

/// The parts of a case, in order of time.
pub fn parts(
    case: &CaseFile,
    evidence: &[Evidence],
    shares: &[f64; HYPOTHESES],
    named: Option<Cause>,
) -> Vec<Part> {
    let lead = leading(shares);
    let cause = named.or_else(|| {
        (lead != Hypothesis::Unknown && shares[lead.index()] >= TOLD_MIN)
            .then_some(Cause::One(lead))
    });
    let incident = &case.incident;
    let mut parts = Vec::new();
    let after_a_flood = state_of(evidence, Family::Traffic) == Some("flood_ended_before");
    if after_a_flood && let Some((from, until)) = traffic::flood_before(case) {
        let flood = Cause::One(Hypothesis::VolumetricAttack);
        parts.push(Part { cause: flood, from, until: Some(until), by: Family::Traffic });
    }
    let Some(cause) = cause else { return parts };
    let by = marking(evidence, cause, shares);
    let mut from = incident.opened_at;
    // A flood that came first and a closing that was chosen: two parts.
    if cause.group() == Group::Planned
        && let Some((begin, end)) = traffic::flood_during(case)
    {
        let flood = Cause::One(Hypothesis::VolumetricAttack);
        parts.push(Part { cause: flood, from: begin, until: Some(end), by: Family::Traffic });
        from = closed_at(case).unwrap_or(from).max(begin);
    }
    if parts.iter().all(|part| part.cause != cause) {
        parts.push(Part { cause, from, until: incident.closed_at, by });
    }
    parts
}

/// When the operator said that it closed the service.
fn closed_at(case: &CaseFile) -> Option<UnixMillis> {
    let notices = &case.observed.notices;
    let closed = notices.iter().find(|told| {
        let text = format!("{}. {}", told.notice.title, told.notice.text);
        crate::evidence::words::cause(&text) == Some(Hypothesis::PrecautionaryShutdown)
    });
    closed.map(|told| told.at)
}

/// The family that speaks most for a cause.
fn marking(evidence: &[Evidence], cause: Cause, shares: &[f64; HYPOTHESES]) -> Family {
    let weight = |evidence: &Evidence| {
        let covered = Hypothesis::ALL.iter().filter(|hypothesis| cause.covers(**hypothesis));
        covered.map(|h| shares[h.index()] * evidence.ratios[h.index()]).sum::<f64>()
    };
    let mut best: Option<(&Evidence, f64)> = None;
    for evidence in evidence {
        let weight = weight(evidence);
        if best.is_none_or(|(_, most)| weight > most) {
            best = Some((evidence, weight));
        }
    }
    best.map_or(Family::Shape, |(evidence, _)| evidence.item.family)
}

fn state_of(evidence: &[Evidence], family: Family) -> Option<&'static str> {
    let found = evidence.iter().find(|evidence| evidence.item.family == family)?;
    match found.item.state {
        State::Listed(name) => Some(name),
        State::Says(..) => None,
    }
}

/// Where it failed and by which mechanism, where more than half of the shares say so.
pub fn place_and_mechanism(
    evidence: &[Evidence],
    shares: &[f64; HYPOTHESES],
    named: Option<Cause>,
) -> (Option<Where>, Option<Cause>) {
    let places = [Where::Service, Where::Provider, Where::Network, Where::Client, Where::Elsewhere];
    let place = places.into_iter().find(|place| {
        let share: f64 = Hypothesis::ALL
            .iter()
            .filter(|hypothesis| Where::of(**hypothesis) == Some(*place))
            .map(|hypothesis| shares[hypothesis.index()])
            .sum();
        share >= TOLD_MIN
    });
    // That a provider or a network failed is a place; how it failed, its own words may tell.
    let told = match state_of(evidence, Family::Notices) {
        Some("names_change") => Some(Cause::One(Hypothesis::BadChange)),
        Some("names_hardware") => Some(Cause::One(Hypothesis::InfrastructureFailure)),
        Some("names_load") => Some(Cause::One(Hypothesis::Overload)),
        Some("names_network") => Some(Cause::One(Hypothesis::RoutingFailure)),
        _ => None,
    };
    let mechanism = match place {
        Some(Where::Provider | Where::Network) => told,
        Some(Where::Elsewhere) | None => None,
        Some(Where::Service | Where::Client) => named.or_else(|| {
            let lead = leading(shares);
            let group = Cause::Any(lead.group());
            let enough = |cause: Cause| total(shares, cause) >= TOLD_MIN;
            [Cause::One(lead), group].into_iter().find(|cause| enough(*cause))
        }),
    };
    (place, mechanism)
}

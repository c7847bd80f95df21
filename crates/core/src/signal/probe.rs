//! What a vantage point saw when it tried a service.
//!
//! # What it cannot tell
//!
//! Whether others see the same. Vantage points that share a network or a prefix count as one.

use crate::units::Place;
use crate::units::Text;

/// One probe from one vantage point.
#[derive(Clone, Debug, PartialEq)]
pub struct Probe {
    /// Name of the vantage point.
    pub vantage: Text,
    /// Where it stands.
    pub place: Place,
    /// The component that was tried.
    pub component: Option<Text>,
    /// What was tried: `http`, `tcp`, `tls`, `dns`, `icmp`, and the others of the reference.
    pub kind: Text,
    /// How it ended.
    pub outcome: ProbeOutcome,
    /// The phase that failed: `resolve`, `connect`, `tls`, `processing`, `transfer`, `content`.
    pub phase: Option<Text>,
    /// What was seen, such as `503` or `SERVFAIL`.
    pub detail: Option<Text>,
    /// Milliseconds by phase, in the order they happened.
    pub phases_ms: Vec<(Text, f64)>,
    /// The address prefix it stands in, /16 of IPv4 or /32 of IPv6, as any text: two vantage points
    /// with the same one, or with the same network, are not independent.
    pub prefix: Option<Text>,
    /// The family of addresses that was dialled, where it matters.
    pub family: Option<AddressFamily>,
    /// Name of the monitor, where several look at the same component in the same way.
    pub monitor: Option<Text>,
    /// Seconds between two rounds of this monitor.
    pub interval_s: Option<f64>,
    /// Milliseconds by which this round began later than it was planned.
    pub lag_ms: Option<f64>,
    /// What the vantage point's own reference targets said in this round.
    pub references: Option<References>,
    /// How it came here, where it came from an agent.
    pub relayed: Option<Relayed>,
}

impl Probe {
    /// A probe of which only what must be known is known.
    pub fn new(vantage: Text, kind: Text, outcome: ProbeOutcome) -> Self {
        Self {
            vantage,
            place: Place::default(),
            component: None,
            kind,
            outcome,
            phase: None,
            detail: None,
            phases_ms: Vec::new(),
            prefix: None,
            family: None,
            monitor: None,
            interval_s: None,
            lag_ms: None,
            references: None,
            relayed: None,
        }
    }
}

/// A family of addresses; a service can fail in one and not in the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum AddressFamily {
    /// IPv4.
    V4,
    /// IPv6.
    V6,
}

/// Whether a vantage point reaches targets that hardly ever fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum References {
    /// One of them answered at least.
    Ok,
    /// None of them did: it is the vantage point that is cut off, and what it says tells nothing.
    Failed,
}

/// How a result came from an agent to its hub.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Relayed {
    /// The agent's own number of this result; it never gives one twice.
    pub sequence: u64,
    /// The configuration the agent had.
    pub revision: Text,
    /// Milliseconds by which the agent's clock was ahead of the hub's.
    pub skew_ms: i64,
}

/// How a probe ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ProbeOutcome {
    /// As it should be.
    Ok,
    /// An answer that says it is fine and is not: an error page with status 200.
    SoftFailure,
    /// We were turned away; others may not be.
    Blocked,
    /// It failed.
    Failed,
}

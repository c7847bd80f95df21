//! Whether the sources are who they say: the verdict that stands before any map.
//!
//! Measured on real floods: forged sources share few times to live although they claim to stand all
//! over the world, spread evenly over the whole address space, and hardly ever come twice. Packets
//! a source, addresses that nobody may use, and an uneven mix say nothing. All signs are effect
//! sizes, with what chance alone would make of them taken off; none is a p-value.
//!
//! # What it cannot tell
//!
//! With few sources, nothing: the answer is "unknown", and then no place is told.

use crate::attack::asked::Asked;
use crate::attack::part::Part;
use crate::attack::seen::v4;
use crate::attack::vector::Vector;

/// Distinct sources that are needed before forging can be told.
pub const SOURCES_MIN: f64 = 500.0;
/// Times to live, by their exponential entropy, up to which so many sources cannot be real.
const TTLS_EFFECTIVE_MAX: f64 = 4.0;
/// First bytes of addresses, by the same measure, from which on sources stand all over the world.
const NETWORKS_EFFECTIVE_MIN: f64 = 40.0;
/// Distance from an even spread over the routed space, up to which the spread is even.
const UNEVEN_MAX: f64 = 0.25;
/// Size of the pool that sources are drawn from (n²/2c), from which on it is no botnet.
const POOL_MIN: f64 = 1_000_000.0;
/// Share of sources that completed a handshake, from which on they are real.
const HANDSHAKES_MIN: f64 = 0.5;

/// What the sources can be said to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sources {
    /// Forged.
    Spoofed,
    /// Machines that answered forged questions in good faith.
    Reflected,
    /// Machines that completed a handshake: they are where they say.
    Handshake,
    /// Cannot be told.
    Unknown,
}

impl Sources {
    /// Stable name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Spoofed => "spoofed",
            Self::Reflected => "reflected",
            Self::Handshake => "handshake",
            Self::Unknown => "unknown",
        }
    }

    /// Whether a place may be told at all.
    pub fn has_places(self) -> bool {
        matches!(self, Self::Reflected | Self::Handshake)
    }
}

/// The verdict on the sources of one vector.
pub fn judge(vector: Vector, part: &Part, target: u128, asked: &Asked) -> Sources {
    if vector.is_reflected() {
        return Sources::Reflected;
    }
    let known: Vec<u128> = part.sources.sample().collect();
    let shook = known.iter().filter(|source| asked.shook_hands(**source, target)).count();
    if !known.is_empty() && shook as f64 >= HANDSHAKES_MIN * known.len() as f64 {
        return Sources::Handshake;
    }
    let ttls: Vec<u64> = part.ttls.values().copied().collect();
    of_signs(&Signs {
        sources: part.sources.count(),
        off: 0.0,
        drawn: part.records as f64,
        first_octets: &first_bytes(&known),
        ttls: &ttls,
    })
}

/// What tells forged sources from others, whoever counted it.
#[derive(Clone, Copy, Debug)]
pub struct Signs<'a> {
    /// Distinct sources, estimated.
    pub sources: f64,
    /// By what share that may be off: sources that came again are not told apart below it.
    pub off: f64,
    /// Records, or packets where there are none.
    pub drawn: f64,
    /// IPv4 sources by their first octet, 256 counts.
    pub first_octets: &'a [u64],
    /// Records by time to live; empty where it was not exported.
    pub ttls: &'a [u64],
}

/// Whether sources that completed no handshake and reflect nothing are forged.
pub fn of_signs(signs: &Signs<'_>) -> Sources {
    if signs.sources < SOURCES_MIN {
        return Sources::Unknown;
    }
    let one_origin = effective(signs.ttls.iter().copied()) <= TTLS_EFFECTIVE_MAX
        && signs.ttls.iter().any(|count| *count > 0)
        && effective(signs.first_octets.iter().copied()) >= NETWORKS_EFFECTIVE_MIN;
    let even = unevenness(signs.first_octets) <= UNEVEN_MAX && pool(signs) >= POOL_MIN;
    if one_origin || even { Sources::Spoofed } else { Sources::Unknown }
}

/// One verdict over several vectors: theirs, where they agree.
pub fn agreed(verdicts: &[(Sources, f64)]) -> Sources {
    /// Share of the packets that must agree; the rest is a trace.
    const AGREED_MIN: f64 = 0.9;
    let all: f64 = verdicts.iter().map(|(_, packets)| packets).sum();
    let kinds = [Sources::Spoofed, Sources::Reflected, Sources::Handshake];
    let share = |kind: Sources| -> f64 {
        verdicts.iter().filter(|(verdict, _)| *verdict == kind).map(|(_, packets)| packets).sum()
    };
    kinds.into_iter().find(|kind| share(*kind) >= AGREED_MIN * all).unwrap_or(Sources::Unknown)
}

/// Sampled IPv4 sources by their first byte.
fn first_bytes(sources: &[u128]) -> Vec<u64> {
    let mut counts = vec![0; 256];
    for bits in sources.iter().filter_map(|source| v4(*source)) {
        counts[(bits >> 24) as usize] += 1;
    }
    counts
}

/// How many kinds there are in effect: e to the entropy (Hill number of order 1).
fn effective(counts: impl Iterator<Item = u64> + Clone) -> f64 {
    let all: u64 = counts.clone().sum();
    let entropy: f64 = counts
        .filter(|count| *count > 0)
        .map(|count| count as f64 / all as f64)
        .map(|share| -share * share.ln())
        .sum();
    entropy.exp()
}

/// Whether addresses with this first byte are routed on the internet (RFC 6890: not 0, 10, 127, and
/// none from 224 on).
fn is_routed(first: usize) -> bool {
    (1..224).contains(&first) && first != 10 && first != 127
}

/// Total variation between the spread of sources and an even one over the routed space, less what
/// a sample of this size shows by chance.
fn unevenness(counts: &[u64]) -> f64 {
    let all: u64 = counts.iter().sum();
    if all == 0 {
        return 1.0;
    }
    let routed = (0..counts.len()).filter(|first| is_routed(*first)).count() as f64;
    let distance: f64 = counts
        .iter()
        .enumerate()
        .map(|(first, count)| {
            let even = if is_routed(first) { 1.0 / routed } else { 0.0 };
            (*count as f64 / all as f64 - even).abs()
        })
        .sum();
    // The mean absolute deviation of a Poisson count of mean m is near √(2m/π).
    let by_chance = (2.0 * routed / (std::f64::consts::PI * all as f64)).sqrt();
    ((distance - by_chance) / 2.0).max(0.0)
}

/// The size of the pool from which sources were drawn, by how often one came again.
fn pool(signs: &Signs<'_>) -> f64 {
    let again = (signs.drawn - signs.sources).max(signs.off * signs.drawn).max(1.0);
    signs.drawn * signs.drawn / (2.0 * again)
}

//! The ledger of public claims: exact words, who said them, and how far the evidence carries them.
//!
//! A claim is taken apart into assertions, and each is ruled on alone. With reports as the only
//! evidence every ruling is [`Ruling::NotShown`]: reports say that something fails, never why.
//!
//! # What it cannot tell
//!
//! Whether a claim is true. "Not shown" is a statement about our evidence, not about the world.

use crate::signal::Claim;
use crate::time::UnixMillis;

/// How far the evidence carries an assertion.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ruling {
    /// The group or attribute is named by our evidence.
    Supported,
    /// Evidence that could have shown it, looked, and shows otherwise.
    Contradicted,
    /// Credible testimony on both sides.
    Disputed,
    /// Evidence neither way.
    NotShown,
    /// Even if true, it says little about what it is used for.
    DoesNotCarry,
    /// Nothing could settle it.
    NotTestable,
}

impl Ruling {
    /// All rulings, in the order they are explained.
    pub const ALL: [Self; 6] = [
        Self::Supported,
        Self::Contradicted,
        Self::Disputed,
        Self::NotShown,
        Self::DoesNotCarry,
        Self::NotTestable,
    ];

    /// Stable name, as in `replay --json`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Supported => "supported",
            Self::Contradicted => "contradicted",
            Self::Disputed => "disputed",
            Self::NotShown => "not_shown",
            Self::DoesNotCarry => "does_not_carry",
            Self::NotTestable => "not_testable",
        }
    }
}

/// Why a ruling was reached, as a typed statement; the words live with the pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// Only reports were looked at, and reports do not speak about causes, sources or actors.
    ReportsOnly,
}

impl Reason {
    /// Stable name.
    pub fn name(self) -> &'static str {
        match self {
            Self::ReportsOnly => "reports_only",
        }
    }
}

/// A claim in the ledger of an incident.
#[derive(Clone, Debug, PartialEq)]
pub struct ClaimRecord {
    /// When it was said.
    pub said_at: UnixMillis,
    /// The claim in its own words.
    pub claim: Claim,
    /// Where it was published.
    pub source: crate::units::Text,
    /// One ruling for each assertion, in their order.
    pub rulings: Vec<(Ruling, Reason)>,
}

impl ClaimRecord {
    /// Enters a claim, ruled by what reports alone can say.
    pub fn by_reports_only(said_at: UnixMillis, claim: Claim, source: crate::units::Text) -> Self {
        let rulings = vec![(Ruling::NotShown, Reason::ReportsOnly); claim.assertions.len()];
        Self { said_at, claim, source, rulings }
    }
}

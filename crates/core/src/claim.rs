//! The ledger of public claims: exact words, who said them, and how far the evidence carries them.
//!
//! A claim is taken apart into assertions, and each is ruled on alone, by rules that anyone can run
//! again. Rulings work on groups of causes: "an attack" is supported when an attack of either kind
//! is named. What a claim is used for is ruled on apart from the claim: that addresses stood in
//! some country may be so, and still says nothing about who directed them.
//!
//! # What it cannot tell
//!
//! Whether a claim is true. "Not shown" is a statement about our evidence, not about the world.

pub mod propose;
pub mod publish;
pub mod rule;

use crate::evidence::Family;
use crate::evidence::facts::Said;
use crate::signal::said::Assertion;
use crate::signal::said::Claim;
use crate::time::UnixMillis;
use crate::units::Text;

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
    /// All rulings, in the order of the reference.
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// Only reports were looked at, and reports do not speak about causes, sources or actors.
    ReportsOnly,
    /// The evidence names the group it speaks of.
    Named,
    /// The evidence names something else, and what could have shown this was looked at.
    OtherwiseNamed,
    /// What could have shown it was looked at, and shows otherwise.
    LookedAndOtherwise,
    /// Credible voices say it and deny it.
    VoicesOnBothSides,
    /// The evidence does not reach as far as a name.
    NotNamed,
    /// Nothing here measures where addresses are.
    OriginNotMeasured,
    /// An address is a machine, not the one who directs it.
    AddressIsNoCulprit,
    /// Nothing here says who did it.
    ActorNotMeasured,
    /// No figure was given that could be compared.
    NoFigure,
    /// The words it ascribes are not those that were said.
    WordsDiffer,
    /// The words it ascribes are those that were said.
    WordsAgree,
    /// The words it ascribes are not in this ledger.
    WordsNotHere,
    /// It is about another incident, which this evidence does not cover.
    OtherIncident,
    /// Nothing could settle it.
    NothingSettles,
}

impl Reason {
    /// All reasons, in the order of the reference.
    pub const ALL: [Self; 15] = [
        Self::ReportsOnly,
        Self::Named,
        Self::OtherwiseNamed,
        Self::LookedAndOtherwise,
        Self::VoicesOnBothSides,
        Self::NotNamed,
        Self::OriginNotMeasured,
        Self::AddressIsNoCulprit,
        Self::ActorNotMeasured,
        Self::NoFigure,
        Self::WordsDiffer,
        Self::WordsAgree,
        Self::WordsNotHere,
        Self::OtherIncident,
        Self::NothingSettles,
    ];

    /// Stable name.
    pub fn name(self) -> &'static str {
        match self {
            Self::ReportsOnly => "reports_only",
            Self::Named => "named",
            Self::OtherwiseNamed => "otherwise_named",
            Self::LookedAndOtherwise => "looked_and_otherwise",
            Self::VoicesOnBothSides => "voices_on_both_sides",
            Self::NotNamed => "not_named",
            Self::OriginNotMeasured => "origin_not_measured",
            Self::AddressIsNoCulprit => "address_is_no_culprit",
            Self::ActorNotMeasured => "actor_not_measured",
            Self::NoFigure => "no_figure",
            Self::WordsDiffer => "words_differ",
            Self::WordsAgree => "words_agree",
            Self::WordsNotHere => "words_not_here",
            Self::OtherIncident => "other_incident",
            Self::NothingSettles => "nothing_settles",
        }
    }
}

/// One assertion with its ruling.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ruled {
    /// What is asserted. Some are not in the claim's own list: see [`rule`].
    pub assertion: Assertion,
    /// How far the evidence carries it.
    pub ruling: Ruling,
    /// Why.
    pub reason: Reason,
    /// The families of evidence behind the ruling; each is an item of the verdict.
    pub evidence: Vec<Family>,
}

/// A claim in the ledger of an incident.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimRecord {
    /// When it was said.
    pub said_at: UnixMillis,
    /// The claim in its own words.
    pub claim: Claim,
    /// Where it was published.
    pub source: Text,
    /// Its assertions with their rulings, in order; empty while nobody has ruled.
    pub rulings: Vec<Ruled>,
    /// Wordings of it that were entered before and corrected. They stay in the log.
    pub corrected: u32,
}

impl ClaimRecord {
    /// A claim that nobody has ruled on.
    pub fn unruled(said: Said) -> Self {
        let Said { said_at, claim, source } = said;
        Self { said_at, claim, source, rulings: Vec::new(), corrected: 0 }
    }
}

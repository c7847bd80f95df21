//! What people say about an outage, in their words, and what operators of this observatory do.
//!
//! # What it cannot tell
//!
//! Whether it is so. A claim is not its content; testimony is weighed by how near the speaker was.

use crate::units::Text;

/// What somebody credible says they saw. A family of evidence of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Testimony {
    /// How near the speaker was: `operator`, `third_party_measurement`, `named_expert`,
    /// `anonymous_insider`, `interested_claimant`.
    pub class: Text,
    /// Who says it, by role.
    pub speaker_role: Text,
    /// What they say.
    pub text: Text,
    /// The cause it speaks for, by its name in the reference, if any.
    pub supports: Option<Text>,
    /// The cause it speaks against, if any.
    pub denies: Option<Text>,
    /// Articles with the same value count once.
    pub origin: Option<Text>,
}

/// A public claim about an outage, in the exact words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// Stable name of the claim, such as `owner-attack`.
    pub claim: Text,
    /// The exact words.
    pub quote: Text,
    /// The name, only of a public figure on record.
    pub speaker: Option<Text>,
    /// The role: "owner", "operator", "anonymous group".
    pub speaker_role: Text,
    /// Where it was said.
    pub medium: Text,
    /// When it was said, in words, where the minute is not known; the signal's `at` orders it.
    pub said_at_words: Option<Text>,
    /// What evidence was offered; `None` when none was.
    pub evidence_offered: Option<Text>,
    /// The claim this one replies to or misquotes.
    pub about: Option<Text>,
    /// True when it is about another, earlier incident.
    pub earlier: bool,
    /// What exactly is asserted, each to be ruled on alone.
    pub assertions: Vec<Assertion>,
}

/// One thing a claim asserts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assertion {
    /// `cause`, `origin`, `actor`, `scale`, `duration`, `denial`, `attribution_of_words`.
    pub kind: Text,
    /// What is asserted, in a few words.
    pub what: Text,
    /// The cause or group it names, if it names one.
    pub cause: Option<Text>,
    /// What would settle it, in words.
    pub would_settle: Option<Text>,
}

/// An act of an operator of this observatory: logged like any signal, and shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OperatorAct {
    /// `comment_approved`, `comment_rejected`, `claim_entered`, `claim_accepted`, `claim_rejected`,
    /// `verdict_approved`, and the others of the reference.
    pub act: Text,
    /// What it was done to.
    pub subject: Text,
    /// Who did it.
    pub actor: Text,
    /// Why.
    pub reason: Option<Text>,
}

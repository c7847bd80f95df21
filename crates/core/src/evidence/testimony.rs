//! Testimony: what third parties say they saw or know.
//!
//! A family of its own, because hearing is not measuring. How far it carries depends on who speaks,
//! and is capped by class; everyone who cites one article counts once; credible voices on both
//! sides all but cancel, unless one side measured and the other only whispers.
//!
//! # What it cannot tell
//!
//! Whether a voice is right. Somebody who profits from a claim says nothing by making it.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::evidence::CaseFile;
use crate::evidence::Family;
use crate::evidence::Item;
use crate::evidence::State;
use crate::hypothesis::Cause;
use crate::hypothesis::Group;
use crate::units::Text;

/// Who speaks, the weakest first. A stronger voice is heard over a weaker one.
///
/// Two of them are what comes of voices on both sides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Voice {
    /// Somebody with an interest in being believed.
    Claimed,
    /// Credible voices on both sides.
    Contested,
    /// Somebody inside who is not named.
    Whispered,
    /// The operator.
    Operator,
    /// A named expert.
    Expert,
    /// A third party that measured, against which only somebody unnamed speaks.
    Doubted,
    /// A third party that measured.
    Measured,
}

impl Voice {
    /// All voices, in the order in which they are named.
    pub const ALL: [Self; 7] = [
        Self::Claimed,
        Self::Contested,
        Self::Whispered,
        Self::Operator,
        Self::Expert,
        Self::Doubted,
        Self::Measured,
    ];

    /// Stable name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Claimed => "claimed",
            Self::Contested => "contested",
            Self::Whispered => "whispered",
            Self::Operator => "operator",
            Self::Expert => "expert",
            Self::Doubted => "doubted",
            Self::Measured => "measured",
        }
    }

    /// The voice of a class of testimony.
    pub fn of_class(class: &str) -> Self {
        match class {
            "third_party_measurement" => Self::Measured,
            "named_expert" => Self::Expert,
            "operator" => Self::Operator,
            "anonymous_insider" => Self::Whispered,
            _ => Self::Claimed,
        }
    }

    /// Whether it can stand against another.
    pub fn is_credible(self) -> bool {
        self > Self::Contested
    }
}

/// Who speaks for a cause and who against it, each origin once.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sides {
    /// The strongest voice for each cause.
    pub supports: BTreeMap<Cause, Voice>,
    /// The strongest voice against each cause.
    pub denies: BTreeMap<Cause, Voice>,
    /// Distinct origins.
    pub origins: usize,
    /// Whether any of it was made by a generator.
    pub synthetic: bool,
}

impl Sides {
    /// The sides of a case.
    pub fn of(case: &CaseFile) -> Self {
        let mut sides = Self::default();
        let mut heard: BTreeSet<&Text> = BTreeSet::new();
        // The strongest voice of each origin is the one that is heard.
        let mut told: Vec<_> = case.observed.testimony.iter().collect();
        told.sort_by_key(|told| std::cmp::Reverse(Voice::of_class(&told.testimony.class)));
        for told in told {
            let testimony = &told.testimony;
            if testimony.origin.as_ref().is_some_and(|origin| !heard.insert(origin)) {
                continue;
            }
            let voice = Voice::of_class(&testimony.class);
            let cause = |name: &Option<Text>| Cause::parse(name.as_deref()?);
            let raise = |side: &mut BTreeMap<Cause, Voice>, cause: Cause| {
                let known = side.entry(cause).or_insert(voice);
                *known = voice.max(*known);
            };
            let (supports, denies) = (cause(&testimony.supports), cause(&testimony.denies));
            if let Some(cause) = supports {
                raise(&mut sides.supports, cause);
            }
            if let Some(cause) = denies {
                raise(&mut sides.denies, cause);
            }
            if supports.is_some() || denies.is_some() {
                sides.origins += 1;
                sides.synthetic |= told.synthetic;
            }
        }
        sides
    }

    /// The strongest voice for anything of a group.
    pub fn for_group(&self, group: Group) -> Option<Voice> {
        strongest(&self.supports, group)
    }

    /// The strongest voice against anything of a group.
    pub fn against_group(&self, group: Group) -> Option<Voice> {
        strongest(&self.denies, group)
    }
}

fn strongest(side: &BTreeMap<Cause, Voice>, group: Group) -> Option<Voice> {
    side.iter().filter(|(cause, _)| cause.group() == group).map(|(_, voice)| *voice).max()
}

/// What is testified.
pub fn look(case: &CaseFile) -> Option<Item> {
    let sides = Sides::of(case);
    // The strongest voice; of equal ones the cause that comes first in the list of causes.
    let (cause, voice) = sides
        .supports
        .iter()
        .map(|(cause, voice)| (*cause, *voice))
        .max_by_key(|(cause, voice)| (*voice, std::cmp::Reverse(*cause)))?;
    let group = cause.group();
    let denied = sides.against_group(group).filter(|voice| voice.is_credible());
    let contradicted =
        sides.supports.iter().any(|(other, against)| other.group() != group && *against >= voice);
    let voice = match denied {
        _ if !voice.is_credible() => voice,
        Some(Voice::Whispered) if voice == Voice::Measured && !contradicted => Voice::Doubted,
        Some(_) => Voice::Contested,
        None if contradicted => Voice::Contested,
        None => voice,
    };
    Some(Item {
        family: Family::Testimony,
        state: State::Says(voice, cause),
        figures: vec![("origins", sides.origins as f64)],
        names: Vec::new(),
        source: "third_parties",
        window: case.window(),
        caveat: "hearing_is_not_measuring",
        synthetic: sides.synthetic,
    })
}

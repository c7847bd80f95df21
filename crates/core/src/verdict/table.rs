//! The likelihood table: how probable each state of each family is under each hypothesis.
//!
//! The table is data, in one file (`table.toml` beside this one), read by `outcry-wire`. For each
//! state it has a base, its probability under `unknown`, and entries that raise or lower it under
//! some hypotheses, each with a reason, an uncertainty and the cases it was set with in mind. A row
//! of P(state | hypothesis) is base times entry over the sum of its family, so that every row sums
//! to 1 whatever is written; the likelihood ratio is that over the base.
//!
//! # What it cannot tell
//!
//! Truth. Its numbers are judgements with a written reason, and each can be argued with.

use std::collections::BTreeSet;

use crate::evidence::Family;
use crate::evidence::State;
use crate::evidence::facts::ServiceKind;
use crate::evidence::testimony::Voice;
use crate::hypothesis::Cause;
use crate::hypothesis::Group;
use crate::hypothesis::HYPOTHESES;
use crate::hypothesis::Hypothesis;
use crate::units::Text;

/// Uncertainty of what no entry speaks of, as a factor of one standard deviation.
pub const SPREAD_UNSAID: f64 = 1.3;

/// The table.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    /// Its version.
    pub version: Text,
    /// Priors by kind of service.
    pub priors: Vec<Prior>,
    /// Families with listed states, in order.
    pub families: Vec<FamilyRows>,
    /// How far each voice carries.
    pub voices: Vec<VoiceEntry>,
}

/// Shares before any evidence, for one kind of service.
#[derive(Clone, Debug, PartialEq)]
pub struct Prior {
    /// The kind.
    pub kind: ServiceKind,
    /// Where it comes from.
    pub source: Text,
    /// The shares, in the order of [`Hypothesis::ALL`]; they sum to 1.
    pub shares: [f64; HYPOTHESES],
}

/// The states of one family.
#[derive(Clone, Debug, PartialEq)]
pub struct FamilyRows {
    /// The family.
    pub family: Family,
    /// What must have been looked at before it says anything.
    pub coverage: Text,
    /// Its states, in order; their bases sum to 1.
    pub states: Vec<StateRow>,
}

/// One state.
#[derive(Clone, Debug, PartialEq)]
pub struct StateRow {
    /// Stable name, as extractors find it.
    pub name: Text,
    /// What it means, in a sentence.
    pub what: Text,
    /// Its probability under `unknown`.
    pub base: f64,
    /// What raises or lowers it.
    pub entries: Vec<Entry>,
}

/// How some hypotheses change the weight of a state.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The hypotheses.
    pub causes: Vec<Hypothesis>,
    /// The weight, as a multiple of the base.
    pub factor: f64,
    /// Its uncertainty, as a factor of one standard deviation.
    pub spread: f64,
    /// Why, or who says so.
    pub why: Text,
    /// Cases it was set with in mind.
    pub from_cases: Vec<Text>,
}

/// How far one voice carries: the weight of naming the true cause over naming any other.
#[derive(Clone, Debug, PartialEq)]
pub struct VoiceEntry {
    /// The voice.
    pub voice: Voice,
    /// The weight, which is also its cap.
    pub factor: f64,
    /// Its uncertainty, as a factor of one standard deviation.
    pub spread: f64,
    /// Why.
    pub why: Text,
    /// Cases it was set with in mind.
    pub from_cases: Vec<Text>,
}

/// Which prior.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PriorKind {
    /// The published one.
    Published,
    /// All hypotheses alike.
    Flat,
    /// Half for `unknown`, the rest as published.
    Sceptical,
    /// Attacks a third of the published.
    AttackThird,
    /// Attacks three times the published.
    AttackTriple,
}

impl PriorKind {
    /// All but the published one.
    pub const ALTERNATIVES: [Self; 4] =
        [Self::Flat, Self::Sceptical, Self::AttackThird, Self::AttackTriple];

    /// Stable name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Published => "published",
            Self::Flat => "flat",
            Self::Sceptical => "sceptical",
            Self::AttackThird => "attack_third",
            Self::AttackTriple => "attack_triple",
        }
    }

    /// This prior, made from the published one.
    pub fn of(self, published: &[f64; HYPOTHESES]) -> [f64; HYPOTHESES] {
        let attack = |times: f64| {
            let mut shares = *published;
            for hypothesis in Group::Attack.members() {
                shares[hypothesis.index()] *= times;
            }
            normalised(shares)
        };
        match self {
            Self::Published => *published,
            Self::Flat => [1.0 / HYPOTHESES as f64; HYPOTHESES],
            Self::Sceptical => {
                let unknown = Hypothesis::Unknown.index();
                let rest = 1.0 - published[unknown];
                let mut shares = published.map(|share| share / rest / 2.0);
                shares[unknown] = 0.5;
                shares
            }
            Self::AttackThird => attack(1.0 / 3.0),
            Self::AttackTriple => attack(3.0),
        }
    }
}

/// Shares over their sum, added up in the order of hypotheses.
pub fn normalised(shares: [f64; HYPOTHESES]) -> [f64; HYPOTHESES] {
    let sum: f64 = shares.iter().sum();
    shares.map(|share| share / sum)
}

impl Table {
    /// The published prior of a kind of service, or that of a site.
    pub fn prior(&self, kind: ServiceKind) -> &[f64; HYPOTHESES] {
        let of = |kind: ServiceKind| self.priors.iter().find(|prior| prior.kind == kind);
        &of(kind)
            .or_else(|| of(ServiceKind::Site))
            .expect("a table has a prior for sites: whoever reads it checks that")
            .shares
    }

    /// The rows of a family with listed states.
    pub fn family(&self, family: Family) -> Option<&FamilyRows> {
        self.families.iter().find(|rows| rows.family == family)
    }

    /// Likelihood ratios of a state against `unknown`. A state that the table does not have says
    /// nothing: 1 for all.
    pub fn ratios(&self, family: Family, state: State) -> [f64; HYPOTHESES] {
        match state {
            State::Listed(name) => {
                let rows = self.family(family);
                rows.and_then(|rows| rows.ratios(name)).unwrap_or([1.0; HYPOTHESES])
            }
            State::Says(voice, cause) => self.voice_ratios(voice, cause),
        }
    }

    /// Uncertainty of a state's ratios, as the standard deviation of their logarithms.
    pub fn doubts(&self, family: Family, state: State) -> [f64; HYPOTHESES] {
        let mut doubts = match state {
            State::Listed(name) => {
                let row = self.family(family).and_then(|rows| rows.state(name));
                row.map_or([SPREAD_UNSAID.ln(); HYPOTHESES], StateRow::doubts)
            }
            State::Says(voice, _) => {
                let spread = self.voice(voice).map_or(SPREAD_UNSAID, |entry| entry.spread);
                [spread.ln(); HYPOTHESES]
            }
        };
        doubts[Hypothesis::Unknown.index()] = 0.0;
        doubts
    }

    fn voice(&self, voice: Voice) -> Option<&VoiceEntry> {
        self.voices.iter().find(|entry| entry.voice == voice)
    }

    /// A voice names one of all causes but `unknown`, or a group of them; under `unknown` each
    /// alike, and under a cause itself what it belongs to `factor` times as often as any other: who says
    /// "an attack" of an attack does not have to know which.
    fn voice_ratios(&self, voice: Voice, cause: Cause) -> [f64; HYPOTHESES] {
        let factor = self.voice(voice).map_or(1.0, |entry| entry.factor);
        let named = HYPOTHESES as f64 - 1.0;
        let covered =
            Hypothesis::ALL.iter().filter(|hypothesis| cause.covers(**hypothesis)).count() as f64;
        let mut ratios = [1.0; HYPOTHESES];
        for hypothesis in Hypothesis::ALL {
            if hypothesis == Hypothesis::Unknown || covered == 0.0 {
                continue;
            }
            // P(names the covered | h) over P(the same | unknown) = covered / named.
            ratios[hypothesis.index()] = if cause.covers(hypothesis) {
                factor * named / (factor * covered + (named - covered))
            } else {
                named / (factor + (named - 1.0))
            };
        }
        ratios
    }

    /// The table without what rests on `case` alone: such entries become 1.
    pub fn without_case(&self, case: &str) -> Self {
        let rests = |cases: &[Text]| {
            let cases: BTreeSet<&str> = cases.iter().map(|name| &**name).collect();
            cases.len() == 1 && cases.contains(case)
        };
        let mut table = self.clone();
        for rows in &mut table.families {
            for state in &mut rows.states {
                for entry in state.entries.iter_mut().filter(|entry| rests(&entry.from_cases)) {
                    entry.factor = 1.0;
                }
            }
        }
        for voice in table.voices.iter_mut().filter(|voice| rests(&voice.from_cases)) {
            voice.factor = 1.0;
        }
        table
    }
}

impl FamilyRows {
    fn state(&self, name: &str) -> Option<&StateRow> {
        self.states.iter().find(|state| *state.name == *name)
    }

    /// P(state | hypothesis) of every state, in order; for each hypothesis they sum to 1.
    pub fn rows(&self) -> Vec<[f64; HYPOTHESES]> {
        let mut rows: Vec<[f64; HYPOTHESES]> =
            self.states.iter().map(|state| state.factors().map(|f| f * state.base)).collect();
        let mut sums = [0.0; HYPOTHESES];
        for row in &rows {
            for (sum, value) in sums.iter_mut().zip(row) {
                *sum += value;
            }
        }
        for row in &mut rows {
            for (value, sum) in row.iter_mut().zip(&sums) {
                *value /= sum;
            }
        }
        rows
    }

    /// Likelihood ratios of one state against `unknown`.
    pub fn ratios(&self, name: &str) -> Option<[f64; HYPOTHESES]> {
        let place = self.states.iter().position(|state| *state.name == *name)?;
        let row = self.rows().swap_remove(place);
        let unknown = row[Hypothesis::Unknown.index()];
        Some(row.map(|value| value / unknown))
    }
}

impl StateRow {
    /// The weight of each hypothesis, 1 where no entry speaks of it.
    pub fn factors(&self) -> [f64; HYPOTHESES] {
        let mut factors = [1.0; HYPOTHESES];
        for entry in &self.entries {
            for cause in &entry.causes {
                factors[cause.index()] *= entry.factor;
            }
        }
        factors[Hypothesis::Unknown.index()] = 1.0;
        factors
    }

    fn doubts(&self) -> [f64; HYPOTHESES] {
        let mut doubts = [SPREAD_UNSAID.ln(); HYPOTHESES];
        for entry in &self.entries {
            for cause in &entry.causes {
                doubts[cause.index()] = entry.spread.ln();
            }
        }
        doubts
    }
}

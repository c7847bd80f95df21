//! What somebody typed into the form for claims, and what is wrong with it.
//!
//! Every mistake is found at once and belongs to a field. Nothing about the sender is in here.
//!
//! # What it cannot tell
//!
//! Whether the words were ever said, or stand at the address. An operator looks.

use http::Uri;
use outcry_core::catalog::Catalog;
use outcry_core::claim::propose;
use outcry_core::signal::Body;
use outcry_core::signal::Provenance;
use outcry_core::signal::Signal;
use outcry_core::signal::said::Claim;
use outcry_core::time::UnixMillis;
use outcry_core::units::Text;

use crate::legible::Flaw;
use crate::limit::EVIDENCE_CHARS_MAX;
use crate::limit::MEDIUM_CHARS_MAX;
use crate::limit::QUOTE_CHARS_MAX;
use crate::limit::SAID_FROM;
use crate::limit::SOURCE_CHARS_MAX;
use crate::limit::SPEAKER_CHARS_MAX;
use crate::words::Words;

/// Characters of a wrong answer that are said again.
const GIVEN_CHARS_MAX: usize = 40;
/// Roles to choose from. With a blank for each hyphen it is what a claim holds, and with
/// `propose-role-` before it the message that names it.
pub const ROLES: [&str; 8] = [
    "owner",
    "operator",
    "authority",
    "anonymous-insider",
    "group-that-claims-it",
    "expert",
    "journalist",
    "other",
];

/// A field of the form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// The service.
    Service,
    /// The exact words.
    Quote,
    /// Who said them, by role.
    Role,
    /// The name of a public figure.
    Speaker,
    /// When.
    When,
    /// Where, in words.
    Medium,
    /// Where, as an address.
    Source,
    /// What evidence was offered.
    Evidence,
}

impl Field {
    /// All fields, in the order of the form.
    pub const ALL: [Self; 8] = [
        Self::Service,
        Self::Quote,
        Self::Role,
        Self::Speaker,
        Self::When,
        Self::Medium,
        Self::Source,
        Self::Evidence,
    ];

    /// Its name in the form.
    pub fn name(self) -> &'static str {
        match self {
            Self::Service => "service",
            Self::Quote => "quote",
            Self::Role => "role",
            Self::Speaker => "speaker",
            Self::When => "when",
            Self::Medium => "medium",
            Self::Source => "source",
            Self::Evidence => "evidence",
        }
    }

    /// Whether it must be filled in.
    pub fn is_required(self) -> bool {
        !matches!(self, Self::Speaker | Self::Evidence)
    }

    /// Whether it may have several lines.
    pub fn has_lines(self) -> bool {
        matches!(self, Self::Quote | Self::Evidence)
    }

    /// What is wrong with a text whatever it says. Nothing may be lost: these are exact words.
    pub fn flaw(self, text: &str) -> Option<Flaw> {
        let max = self.chars_max().unwrap_or(usize::MAX);
        if self.has_lines() { Flaw::of_words(text, max) } else { Flaw::of_line(text, max) }
    }

    /// Characters it may have; `None` where one of a list is chosen.
    pub fn chars_max(self) -> Option<usize> {
        match self {
            Self::Quote => Some(QUOTE_CHARS_MAX),
            Self::Speaker => Some(SPEAKER_CHARS_MAX),
            Self::Medium => Some(MEDIUM_CHARS_MAX),
            Self::Source => Some(SOURCE_CHARS_MAX),
            Self::Evidence => Some(EVIDENCE_CHARS_MAX),
            Self::Service | Self::Role | Self::When => None,
        }
    }
}

/// Something wrong with one field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The field.
    pub field: Field,
    /// What is wrong.
    pub wrong: Wrong,
}

/// What can be wrong with a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// It is empty and must not be.
    Missing,
    /// Too long, or unreadable.
    Flaw(Flaw),
    /// It is not what belongs there; cut to [`GIVEN_CHARS_MAX`] characters.
    Unfit(String),
    /// It lies in the future.
    Future(UnixMillis),
    /// It lies before [`SAID_FROM`].
    TooEarly,
}

impl Fault {
    /// What was wrong and what to write instead.
    pub fn in_words(&self, words: &Words) -> String {
        let name = self.field.name();
        match &self.wrong {
            Wrong::Missing => words.say(&format!("propose-missing-{name}")),
            Wrong::Flaw(flaw) => flaw.in_words(words),
            Wrong::Unfit(given) => {
                words.with(&format!("propose-unfit-{name}"), &[("given", given.clone().into())])
            }
            Wrong::Future(now) => {
                let now = [("date", words.date(*now).into()), ("clock", words.clock(*now).into())];
                words.with("propose-future", &now)
            }
            Wrong::TooEarly => words.with("propose-too-early", &[("from", SAID_FROM.into())]),
        }
    }
}

/// What was typed, as it was typed, by field.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Typed([String; Field::ALL.len()]);

impl Typed {
    /// A form in which a service is chosen already.
    pub fn about(service: &str) -> Self {
        let mut typed = Self::default();
        typed.0[Field::Service as usize] = service.to_owned();
        typed
    }

    /// Reads the pairs of a form; the first of two equal names counts, unknown names are ignored.
    pub fn from_form(pairs: Vec<(String, String)>) -> Self {
        let mut typed = Self::default();
        for (name, value) in pairs.into_iter().rev() {
            if let Some(field) = Field::ALL.into_iter().find(|field| field.name() == name) {
                // Browsers send line ends as CR LF.
                typed.0[field as usize] = value.replace("\r\n", "\n");
            }
        }
        typed
    }

    /// What was typed into a field.
    pub fn text(&self, field: Field) -> &str {
        &self.0[field as usize]
    }

    /// Checks every field.
    ///
    /// # Errors
    ///
    /// All faults at once, in the order of the form.
    pub fn check(&self, catalog: &Catalog, now: UnixMillis) -> Result<Checked, Vec<Fault>> {
        let faults: Vec<Fault> = Field::ALL
            .into_iter()
            .filter_map(|field| Some(Fault { field, wrong: self.wrong(field, catalog, now)? }))
            .collect();
        let said_at = moment(self.text(Field::When).trim());
        let Some(said_at) = said_at.filter(|_| faults.is_empty()) else {
            return Err(faults);
        };
        let given = |field| self.text(field).trim();
        let maybe = |field| Some(given(field)).filter(|it| !it.is_empty()).map(Text::from);
        let claim = Claim {
            claim: "".into(),
            quote: given(Field::Quote).into(),
            speaker: maybe(Field::Speaker),
            speaker_role: given(Field::Role).replace('-', " ").into(),
            medium: given(Field::Medium).into(),
            said_at_words: None,
            evidence_offered: maybe(Field::Evidence),
            about: None,
            earlier: false,
            assertions: Vec::new(),
        };
        let (service, source) = (given(Field::Service).into(), given(Field::Source).into());
        Ok(Checked { service, claim, source, said_at })
    }

    /// What is wrong with one field, if anything is.
    fn wrong(&self, field: Field, catalog: &Catalog, now: UnixMillis) -> Option<Wrong> {
        let given = self.text(field).trim();
        if given.is_empty() {
            return field.is_required().then_some(Wrong::Missing);
        }
        if let Some(flaw) = field.flaw(given) {
            return Some(Wrong::Flaw(flaw));
        }
        let unfit = || Some(Wrong::Unfit(given.chars().take(GIVEN_CHARS_MAX).collect()));
        match field {
            Field::Service if catalog.service(given).is_none() => unfit(),
            Field::Role if !ROLES.contains(&given) => unfit(),
            Field::Source if !is_address(given) => unfit(),
            Field::When => match moment(given) {
                None => unfit(),
                Some(at) if at > now => Some(Wrong::Future(now)),
                Some(at) if at.date().as_str() < SAID_FROM => Some(Wrong::TooEarly),
                Some(_) => None,
            },
            _ => None,
        }
    }
}

/// A form without a fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    service: Text,
    claim: Claim,
    source: Text,
    said_at: UnixMillis,
}

impl Checked {
    /// The signal of a claim that was proposed now.
    pub fn signal(self, words: &Words, id: u128, now: UnixMillis) -> Signal {
        let Self { service, mut claim, source, said_at } = self;
        let when = [("date", words.date(said_at).into()), ("clock", words.clock(said_at).into())];
        // The signal's own time is that of coming in; that of saying is a stranger's word.
        claim.said_at_words = Some(words.with("propose-said-at", &when).into());
        claim.claim = propose::name(&claim, id);
        let provenance = Provenance { source, licence: None, synthetic: false };
        Signal { id, at: now, service, provenance, body: Body::Proposal(claim) }
    }
}

/// `2025-03-10T17:25` as browsers write it, with seconds or a blank too, in UTC.
fn moment(text: &str) -> Option<UnixMillis> {
    let text = text.replacen(' ', "T", 1);
    let text = text.strip_suffix('Z').unwrap_or(&text);
    let seconds = if text.len() == "2025-03-10T17:25".len() { ":00" } else { "" };
    UnixMillis::parse(&format!("{text}{seconds}Z"))
}

/// Whether it is the address of a page that anybody may look at.
pub fn is_address(text: &str) -> bool {
    let Ok(address) = text.parse::<Uri>() else { return false };
    let Some(place) = address.authority() else { return false };
    let is_web = matches!(address.scheme_str(), Some("http" | "https"));
    let is_named = address.host().is_some_and(|host| host.trim_matches('.').contains('.'));
    is_web && is_named && !place.as_str().contains('@')
}

#[cfg(test)]
mod tests;

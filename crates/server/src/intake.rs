//! Intake: what a person sent becomes a signal, or an explanation of what was wrong with it.
//!
//! Every mistake is found at once and belongs to a field. The address is looked up and hidden here,
//! and goes no further.

use std::borrow::Cow;
use std::net::IpAddr;
use std::sync::RwLock;

use outcry_core::catalog::Service;
use outcry_core::signal::Body;
use outcry_core::signal::COMMENT_CHARS_MAX;
use outcry_core::signal::Problem;
use outcry_core::signal::Provenance;
use outcry_core::signal::Report;
use outcry_core::signal::Signal;
use outcry_core::time::UnixMillis;
use outcry_core::trust::KeyRing;
use outcry_core::units::Text;
use serde::Deserialize;

use crate::ids::Ids;
use crate::legible::Flaw;
use crate::limit::TOKEN_CHARS_MAX;
use crate::site::Site;
use crate::words::Words;

/// What was sent, as it was sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answers {
    /// What is affected, a component; empty when not said.
    pub affected: String,
    /// What goes wrong, a problem; empty when not said.
    pub problem: String,
    /// "Works for me".
    pub works: bool,
    /// What the person wrote.
    pub comment: String,
    /// Token of an installation, if the client has one.
    pub token: String,
}

/// A report as JSON.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReportBody<'a> {
    /// Slug of the service.
    #[serde(borrow)]
    pub service: Cow<'a, str>,
    #[serde(borrow, default)]
    affected: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    problem: Option<Cow<'a, str>>,
    #[serde(default)]
    works: Option<bool>,
    #[serde(borrow, default)]
    comment: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    token: Option<Cow<'a, str>>,
}

impl From<ReportBody<'_>> for Answers {
    fn from(body: ReportBody<'_>) -> Self {
        let text = |field: Option<Cow<'_, str>>| field.map(Cow::into_owned).unwrap_or_default();
        Self {
            affected: text(body.affected),
            problem: text(body.problem),
            works: body.works.unwrap_or(false),
            comment: text(body.comment),
            token: text(body.token),
        }
    }
}

impl Answers {
    /// Reads the pairs of a form; the first of two equal names counts, unknown names are ignored.
    pub fn from_form(pairs: Vec<(String, String)>) -> Self {
        let mut answers = Self::default();
        for (name, value) in pairs.into_iter().rev() {
            match name.as_str() {
                "affected" => answers.affected = value,
                "problem" => answers.problem = value,
                "works" => answers.works = matches!(value.as_str(), "yes" | "true" | "1" | "on"),
                // Browsers send line ends as CR LF.
                "comment" => answers.comment = value.replace("\r\n", "\n"),
                "token" => answers.token = value,
                _ => {}
            }
        }
        answers
    }

    /// Checks every field against what the service lists.
    ///
    /// # Errors
    ///
    /// All faults at once.
    pub fn check(&self, service: &Service) -> Result<Checked, Vec<Fault>> {
        let mut faults = Vec::new();
        let affected = choice(Field::Affected, &self.affected, &service.components, &mut faults);
        let problem = choice(Field::Problem, &self.problem, &service.problems, &mut faults);
        if !self.works && self.affected.trim().is_empty() && self.problem.trim().is_empty() {
            faults.push(Fault { field: Field::Affected, wrong: Wrong::Missing });
            faults.push(Fault { field: Field::Problem, wrong: Wrong::Missing });
        }
        if self.works && !self.problem.trim().is_empty() {
            faults.push(Fault { field: Field::Problem, wrong: Wrong::BothWays });
        }
        let comment = self.comment.trim();
        let flaw = |field, text, max| {
            Flaw::of(text, max).map(|flaw| Fault { field, wrong: Wrong::Flaw(flaw) })
        };
        faults.extend(flaw(Field::Comment, comment, COMMENT_CHARS_MAX));
        faults.extend(flaw(Field::Token, &self.token, TOKEN_CHARS_MAX));
        if !faults.is_empty() {
            return Err(faults);
        }
        let problem = match (self.works, problem) {
            (true, _) => Problem::Works,
            (false, Some(problem)) => Problem::Fails(problem),
            (false, None) => Problem::Unspecified,
        };
        let comment = (!comment.is_empty()).then(|| Text::from(comment));
        let token = (!self.token.is_empty()).then(|| self.token.clone());
        Ok(Checked { affected, problem, comment, token })
    }
}

fn choice(field: Field, given: &str, among: &[Text], faults: &mut Vec<Fault>) -> Option<Text> {
    let given = given.trim();
    if given.is_empty() {
        return None;
    }
    let found = among.iter().find(|choice| &***choice == given).cloned();
    if found.is_none() {
        let given = given.chars().take(40).collect();
        let wrong = Wrong::Unknown { given, choices: among.to_vec() };
        faults.push(Fault { field, wrong });
    }
    found
}

/// Answers without a fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    affected: Option<Text>,
    problem: Problem,
    comment: Option<Text>,
    token: Option<String>,
}

/// A field of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// What is affected.
    Affected,
    /// What goes wrong.
    Problem,
    /// The comment.
    Comment,
    /// The installation's token.
    Token,
}

impl Field {
    /// Its name in forms and JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Affected => "affected",
            Self::Problem => "problem",
            Self::Comment => "comment",
            Self::Token => "token",
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
    /// Neither question was answered.
    Missing,
    /// Not one of the choices.
    Unknown {
        /// What was given, cut to 40 characters.
        given: String,
        /// What could have been given.
        choices: Vec<Text>,
    },
    /// Too long, or unreadable.
    Flaw(Flaw),
    /// "Works for me" and a problem at once.
    BothWays,
}

impl Fault {
    /// What was wrong and what to write instead.
    pub fn in_words(&self, words: &Words) -> String {
        match &self.wrong {
            Wrong::Missing => words.say("fault-missing"),
            Wrong::Unknown { given, choices } => words.with(
                "fault-unknown",
                &[
                    ("given", given.clone().into()),
                    ("choices", choices.iter().map(|c| &**c).collect::<Vec<_>>().join(", ").into()),
                ],
            ),
            Wrong::Flaw(flaw) => flaw.in_words(words),
            Wrong::BothWays => words.say("fault-both-ways"),
        }
    }
}

/// Turns checked answers into signals; holds the key of the day.
pub struct Intake {
    ring: RwLock<KeyRing>,
    ids: Ids,
}

/// Who sent a report. Exists only between the socket and [`Intake::signal`].
#[derive(Clone, Copy, Debug)]
pub struct Sender<'a> {
    /// The address.
    pub address: IpAddr,
    /// What the browser calls itself.
    pub user_agent: &'a str,
    /// `form` or `api`.
    pub door: &'static str,
}

impl Intake {
    /// Starts with a fresh random key.
    ///
    /// # Errors
    ///
    /// When the system has no random numbers to give.
    pub fn new(now: UnixMillis) -> Result<Self, getrandom::Error> {
        Ok(Self { ring: RwLock::new(KeyRing::new(now, random_key()?)), ids: Ids::new()? })
    }

    /// The signal of a report that was received now.
    pub fn signal(
        &self,
        site: &Site,
        service: &Service,
        checked: Checked,
        sender: Sender<'_>,
        now: UnixMillis,
    ) -> Signal {
        self.turn_key(now);
        let ring = self.ring.read().unwrap_or_else(std::sync::PoisonError::into_inner);
        let token = checked.token.as_deref();
        let (reporter, prefix) = ring.hide(sender.address, sender.user_agent, token);
        Signal {
            id: self.ids.next(now),
            at: now,
            service: service.slug.clone(),
            provenance: Provenance { source: sender.door.into(), licence: None, synthetic: false },
            body: Body::Report(Report {
                component: checked.affected,
                problem: checked.problem,
                place: site.places.place(sender.address),
                reporter,
                prefix,
                comment: checked.comment,
            }),
        }
    }

    /// An id that nothing else has.
    pub fn id(&self, now: UnixMillis) -> u128 {
        self.ids.next(now)
    }

    /// Drops yesterday's key for good.
    fn turn_key(&self, now: UnixMillis) {
        let stale = |ring: &KeyRing| ring.is_stale(now);
        if !stale(&self.ring.read().unwrap_or_else(std::sync::PoisonError::into_inner)) {
            return;
        }
        // Without random numbers the old key stays: reports go on, and the next one tries again.
        let Ok(key) = random_key() else {
            tracing::error!("no random numbers: the key of the day stays");
            return;
        };
        let mut ring = self.ring.write().unwrap_or_else(std::sync::PoisonError::into_inner);
        if stale(&ring) {
            *ring = KeyRing::new(now, key);
        }
    }
}

fn random_key() -> Result<[u8; 32], getrandom::Error> {
    let mut key = [0; 32];
    getrandom::fill(&mut key)?;
    Ok(key)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::service;

    fn faults(pairs: &[(&str, &str)]) -> Vec<(&'static str, String)> {
        let pairs = pairs.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        let words = Words::english();
        Answers::from_form(pairs)
            .check(&service())
            .err()
            .unwrap_or_default()
            .iter()
            .map(|fault| (fault.field.name(), fault.in_words(&words)))
            .collect()
    }

    #[test]
    fn one_answer_is_enough() {
        assert_eq!(faults(&[("affected", "web")]), []);
        assert_eq!(faults(&[("problem", "slow")]), []);
        assert_eq!(faults(&[("works", "yes")]), []);
        assert_eq!(faults(&[("works", "yes"), ("affected", "web")]), [], "the web works for me");
    }

    #[test]
    fn every_mistake_is_named_at_its_field() {
        let both = faults(&[("comment", "hello")]);
        assert_eq!(both.iter().map(|f| f.0).collect::<Vec<_>>(), ["affected", "problem"]);
        let long = "a".repeat(COMMENT_CHARS_MAX + 1);
        let all = faults(&[("affected", "wbe"), ("problem", "sloow"), ("comment", &long)]);
        assert_eq!(all.iter().map(|f| f.0).collect::<Vec<_>>(), ["affected", "problem", "comment"]);
        assert!(all[0].1.contains("wbe") && all[0].1.contains("mobile_app"), "{}", all[0].1);
        assert!(all[2].1.contains("501") && all[2].1.contains("500"), "{}", all[2].1);
        assert_eq!(faults(&[("works", "yes"), ("problem", "slow")])[0].0, "problem");
        let hidden = [("affected", "web"), ("comment", "a\u{202E}b"), ("token", "a\0b")];
        assert_eq!(faults(&hidden).iter().map(|f| f.0).collect::<Vec<_>>(), ["comment", "token"]);
    }

    #[test]
    fn unknown_fields_of_json_are_refused() {
        let good = serde_json::from_str::<ReportBody<'_>>(r#"{"service":"x","affected":"web"}"#);
        assert_eq!(Answers::from(good.expect("readable")).affected, "web");
        let bad = serde_json::from_str::<ReportBody<'_>>(r#"{"service":"x","afected":"web"}"#);
        assert!(bad.expect_err("a wrong name").to_string().contains("afected"));
    }
}

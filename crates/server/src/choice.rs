//! What somebody who subscribes chose: read from the fields of a form, and said in words.
//!
//! Every mistake is found at once, and each says what may be written.

use outcry_core::alert::choice::About;
use outcry_core::alert::choice::CHOSEN_MAX;
use outcry_core::alert::choice::Choice;
use outcry_core::alert::choice::Moments;
use outcry_core::catalog::Service;
use outcry_core::hypothesis::Group;
use outcry_core::incident::Severity;
use outcry_core::units::Country;
use outcry_core::units::Text;
use outcry_wire::document::spelling::nearest;

use crate::words::Words;

/// Characters of what was written that a fault repeats.
const GIVEN_CHARS_MAX: usize = 40;
/// The severities that may be chosen.
const SEVERITIES: [(&str, Severity); 2] =
    [("warning", Severity::Warning), ("danger", Severity::Danger)];

/// Reads a choice: `wants`, `country`, `component`, `severity`, `cause`. Fields that are empty or
/// absent choose nothing; `country`, `component` and `cause` may come several times.
///
/// # Errors
///
/// All faults, in words.
pub fn read(
    fields: &[(String, String)],
    service: &Service,
    words: &Words,
) -> Result<Choice, Vec<String>> {
    let mut reading = Reading { fields, service, words, faults: Vec::new() };
    let moments = reading.one("wants", &Moments::ALL.map(|it| (it.name(), it)));
    let components: Vec<(&str, Text)> =
        service.components.iter().map(|it| (&**it, it.clone())).collect();
    let about = About {
        countries: reading.countries(),
        components: reading.several("component", &components),
        severity: reading.one("severity", &SEVERITIES).unwrap_or(Severity::Warning),
        causes: reading.several("cause", &Group::ALL.map(|it| (it.name(), it))),
    };
    match reading.faults.is_empty() {
        true => Ok(Choice { about, moments: moments.unwrap_or_default() }),
        false => Err(reading.faults),
    }
}

/// A choice in words, a sentence for each thing that was chosen.
pub fn said(words: &Words, choice: &Choice) -> Vec<String> {
    let moments = words.say(&format!("chosen-{}", choice.moments.name()));
    std::iter::once(moments).chain(said_about(words, &choice.about)).collect()
}

/// Which incidents were chosen, in words; nothing where all were.
pub fn said_about(words: &Words, about: &About) -> Vec<String> {
    let About { countries, components, severity, causes } = about;
    let countries = countries.iter().map(|it| words.country(*it)).collect();
    let components = components.iter().map(|it| words.term("component", it)).collect();
    let causes = causes.iter().map(|group| words.term("group", group.name())).collect();
    let list = |id: &str, names: Vec<String>| match names.is_empty() {
        true => None,
        false => Some(words.with(id, &[("names", names.join(", ").into())])),
    };
    let danger = (*severity == Severity::Danger).then(|| words.say("chosen-danger"));
    let said = [
        list("chosen-countries", countries),
        list("chosen-components", components),
        danger,
        list("chosen-causes", causes),
    ];
    said.into_iter().flatten().collect()
}

/// Fields that are being read.
struct Reading<'a> {
    fields: &'a [(String, String)],
    service: &'a Service,
    words: &'a Words,
    faults: Vec<String>,
}

impl<'a> Reading<'a> {
    /// What stands in the fields of a name, without what is empty. One more than may be chosen is
    /// enough to know that it is too many.
    fn given(&self, name: &'static str) -> impl Iterator<Item = &'a str> + use<'a> {
        let of = self.fields.iter().filter(move |(known, _)| known == name);
        of.map(|(_, value)| value.trim()).filter(|value| !value.is_empty()).take(CHOSEN_MAX + 1)
    }

    /// The value of a field that is written once.
    fn one<T: Clone + PartialEq>(&mut self, name: &'static str, known: &[(&str, T)]) -> Option<T> {
        let mut found = self.several(name, known);
        if found.len() > 1 {
            let names: Vec<&str> = known.iter().map(|(name, _)| *name).collect();
            let values = [("field", name.into()), ("known", names.join(", ").into())];
            self.faults.push(self.words.with("choice-twice", &values));
        }
        found.pop()
    }

    /// The values of a field that may be written several times.
    fn several<T: Clone + PartialEq>(&mut self, name: &'static str, known: &[(&str, T)]) -> Vec<T> {
        let mut found = Vec::new();
        for given in self.given(name) {
            match known.iter().find(|(name, _)| *name == given) {
                Some((_, value)) => found.push(value.clone()),
                None => {
                    let names: Vec<&str> = known.iter().map(|(name, _)| *name).collect();
                    self.unknown(name, given, &names);
                }
            }
        }
        self.limited(name, found)
    }

    /// Countries, by code or by name.
    fn countries(&mut self) -> Vec<Country> {
        let mut found = Vec::new();
        for given in self.given("country") {
            match country(self.words, given) {
                Ok(country) => found.push(country),
                Err(near) => {
                    let near = near.unwrap_or_else(|| self.words.say("choice-country-such"));
                    let values = [("given", brief(given).into()), ("near", near.into())];
                    self.faults.push(self.words.with("choice-country", &values));
                }
            }
        }
        self.limited("country", found)
    }

    fn unknown(&mut self, name: &str, given: &str, known: &[&str]) {
        let near = nearest(given, known.iter().copied()).unwrap_or("");
        let values = [
            ("field", name.to_owned().into()),
            ("service", self.service.name.to_string().into()),
            ("given", brief(given).into()),
            ("known", known.join(", ").into()),
        ];
        let mut fault = self.words.with("choice-unknown", &values);
        if !near.is_empty() {
            let near = self.words.with("choice-near", &[("near", near.to_owned().into())]);
            fault = format!("{fault} {near}");
        }
        self.faults.push(fault);
    }

    /// What was chosen, each once, in the order it was written in.
    fn limited<T: PartialEq>(&mut self, name: &'static str, found: Vec<T>) -> Vec<T> {
        if found.len() > CHOSEN_MAX {
            let values = [("field", name.into()), ("most", (CHOSEN_MAX as u64).into())];
            self.faults.push(self.words.with("choice-many", &values));
        }
        let mut once: Vec<T> = Vec::new();
        for value in found.into_iter().take(CHOSEN_MAX) {
            if !once.contains(&value) {
                once.push(value);
            }
        }
        once
    }
}

/// A country by its code or its name.
///
/// # Errors
///
/// When there is none: then the name nearest to it, with its code, if one is near.
pub fn country(words: &Words, given: &str) -> Result<Country, Option<String>> {
    if let Some(country) = Country::parse(given).filter(Country::is_assigned) {
        return Ok(country);
    }
    let named: Vec<(String, Country)> =
        Country::assigned().map(|country| (words.country(country), country)).collect();
    let plain = given.trim().to_lowercase();
    let is_plain = |name: &String| name.to_lowercase() == plain;
    let is_it = |(name, country): &&(String, Country)| {
        is_plain(name) || words.also_called(*country).iter().any(is_plain)
    };
    if let Some((_, country)) = named.iter().find(is_it) {
        return Ok(*country);
    }
    let near =
        nearest(given, named.iter().map(|(name, _)| name.as_str()).filter(|it| it.len() > 2));
    let near = near.and_then(|near| named.iter().find(|(name, _)| name == near));
    Err(near.map(|(name, country)| format!("{name} ({country})")))
}

/// The beginning of what was written.
fn brief(given: &str) -> String {
    given.chars().filter(|c| !c.is_control()).take(GIVEN_CHARS_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::service;

    fn read_pairs(pairs: &[(&str, &str)]) -> Result<Choice, Vec<String>> {
        let pairs: Vec<(String, String)> =
            pairs.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        read(&pairs, &service(), &Words::english())
    }

    #[test]
    fn who_says_nothing_chooses_all() {
        let empty = [("address", "a@b.example"), ("country", " "), ("wants", "")];
        assert_eq!(read_pairs(&empty), Ok(Choice::default()));
    }

    #[test]
    fn a_choice_is_read_and_said_in_words() {
        let choice = read_pairs(&[
            ("wants", "everything"),
            ("country", "germany"),
            ("country", "np"),
            ("component", "mobile_app"),
            ("severity", "danger"),
            ("cause", "not_here"),
        ]);
        let choice = choice.expect("no fault");
        assert_eq!(choice.moments, Moments::Everything);
        assert_eq!(choice.about.causes, [Group::NotHere]);
        let said = said(&Words::english(), &choice).join(" ");
        for part in ["Germany, NP", "Mobile app", "many more", "did not fail", "claim"] {
            assert!(said.contains(part), "{part}: {said}");
        }
    }

    /// Fields, and what their fault says.
    type Case = (&'static [(&'static str, &'static str)], &'static [&'static str]);

    #[test]
    fn every_fault_says_what_may_be_written() {
        let cases: &[Case] = &[
            (&[("country", "Germny")], &["Germny", "Germany (DE)"]),
            (&[("country", "ZZ")], &["ZZ", "two letters"]),
            (&[("component", "mobil_app")], &["mobile_app, web", "mean mobile_app"]),
            (&[("cause", "outsid")], &["attack, internal", "mean outside"]),
            (&[("severity", "bad")], &["warning, danger"]),
            (&[("wants", "always")], &["news, end, everything"]),
            (&[("wants", "end"), ("wants", "everything")], &["once", "wants"]),
        ];
        for (pairs, want) in cases {
            let faults = read_pairs(pairs).expect_err("a fault");
            assert_eq!(faults.len(), 1, "{faults:?}");
            for part in *want {
                assert!(faults[0].contains(part), "{part}: {faults:?}");
            }
        }
        let many = [("country", "DE"); CHOSEN_MAX + 1];
        assert!(read_pairs(&many).expect_err("too many")[0].contains("10"));
        let two = read_pairs(&[("country", "?"), ("cause", "?")]);
        assert_eq!(two.expect_err("both").len(), 2, "all at once");
    }
}

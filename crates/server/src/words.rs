//! Words: every sentence a person reads, out of Fluent files and never built in code.
//!
//! Pages hand over typed values; plurals, order and punctuation belong to the language. English is
//! built in; a missing message shows its own name, so that a hole is seen and not hidden.

use std::borrow::Cow;

use fluent_bundle::FluentArgs;
use fluent_bundle::FluentResource;
use fluent_bundle::FluentValue;
use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::types::FluentNumber;
use outcry_core::series::Slice;
use outcry_core::time::UnixMillis;
use outcry_core::units::Country;
use unic_langid::LanguageIdentifier;

const ENGLISH: &str = include_str!("../../../web/words/en.ftl");

/// The words of one language.
pub struct Words {
    bundle: FluentBundle<FluentResource>,
}

/// A value put into a sentence.
pub type Value<'a> = FluentValue<'a>;

impl Words {
    /// English, the language everything is first written in.
    pub fn english() -> Self {
        let language: LanguageIdentifier = "en".parse().expect("a language tag");
        let mut bundle = FluentBundle::new_concurrent(vec![language]);
        bundle.set_use_isolating(false);
        bundle.set_formatter(Some(grouped));
        let resource =
            FluentResource::try_new(ENGLISH.to_owned()).unwrap_or_else(|(resource, _)| resource);
        // A message given twice keeps its first form; the test below refuses such a file.
        let _ = bundle.add_resource(resource);
        Self { bundle }
    }

    /// The language as the `lang` attribute wants it.
    pub fn language(&self) -> &'static str {
        "en"
    }

    /// A message without values.
    pub fn say(&self, id: &str) -> String {
        self.with(id, &[])
    }

    /// A message with values.
    pub fn with(&self, id: &str, values: &[(&str, Value<'_>)]) -> String {
        let Some(pattern) = self.bundle.get_message(id).and_then(|message| message.value()) else {
            return id.to_owned();
        };
        let mut arguments = FluentArgs::with_capacity(values.len());
        for (name, value) in values {
            arguments.set(Cow::Owned((*name).to_owned()), value.clone());
        }
        let mut errors = Vec::new();
        self.bundle.format_pattern(pattern, Some(&arguments), &mut errors).into_owned()
    }

    /// Whether there is such a message.
    pub fn has(&self, id: &str) -> bool {
        self.bundle.has_message(id)
    }

    /// The name of a component or a problem: `component-mobile-app`, else the slug in plain words.
    pub fn term(&self, kind: &str, slug: &str) -> String {
        let id = format!("{kind}-{}", slug.replace('_', "-"));
        if self.has(&id) { self.say(&id) } else { capitalised(&slug.replace('_', " ")) }
    }

    /// Which reports a count is of: the kind of slice, and its name.
    pub fn slice(&self, slice: &Slice) -> (&'static str, String) {
        match slice {
            Slice::All => ("all", String::new()),
            Slice::Country(country) => ("country", self.country(*country)),
            // A number of a network has no thousands.
            Slice::Network(asn) => ("network", asn.0.to_string()),
            Slice::Component(name) => ("component", self.term("component", name)),
            Slice::Problem(name) => ("problem", self.term("problem", name)),
        }
    }

    /// The name of a country; its code where no name is known.
    pub fn country(&self, country: Country) -> String {
        let id = format!("country-{}", country.code());
        if self.has(&id) { self.say(&id) } else { country.code().to_owned() }
    }

    /// Other names of a country that people use.
    pub fn also_called(&self, country: Country) -> Vec<String> {
        let id = format!("country-also-{}", country.code());
        if !self.has(&id) {
            return Vec::new();
        }
        self.say(&id).split(',').map(|name| name.trim().to_owned()).collect()
    }

    /// `14:05`, in UTC.
    pub fn clock(&self, at: UnixMillis) -> String {
        let text = at.to_string();
        text.get(11..16).unwrap_or("").to_owned()
    }

    /// `10 March 2025`.
    pub fn date(&self, at: UnixMillis) -> String {
        let text = at.date();
        let mut parts = text.split('-');
        let (year, month, day) = (parts.next(), parts.next(), parts.next());
        let month = self.say(&format!("month-{}", month.unwrap_or("")));
        let day = day.unwrap_or("").trim_start_matches('0').to_owned();
        self.with(
            "date",
            &[
                ("day", day.into()),
                ("month", month.into()),
                ("year", year.unwrap_or("").to_owned().into()),
            ],
        )
    }

    /// `11 %` of a share in 0..=1, as a whole number.
    pub fn percent(&self, share: f64) -> String {
        self.with("percent", &[("n", (share * 100.0).round().into())])
    }

    /// A multiple as people read it: `21`, `3.4`; one decimal below ten.
    pub fn multiple(&self, times: f64) -> String {
        let rounded = if times < 9.95 { (times * 10.0).round() / 10.0 } else { times.round() };
        self.with("number", &[("n", rounded.into())])
    }

    /// A count with its thousands apart.
    pub fn count(&self, n: u64) -> String {
        self.with("number", &[("n", n.into())])
    }

    /// A usual level: whole numbers from ten on, one decimal below, "under 0.1" at the bottom.
    pub fn level(&self, level: f64) -> String {
        if level < 0.05 { self.say("level-tiny") } else { self.multiple(level) }
    }

    /// A span such as `3 h 40 min`.
    pub fn span(&self, span_ms: i64) -> String {
        let minutes = (span_ms.max(0) + 30_000) / 60_000;
        let values = [("h", (minutes / 60).into()), ("min", (minutes % 60).into())];
        match (minutes / 60, minutes % 60) {
            (0, _) => self.with("span-min", &values),
            (_, 0) => self.with("span-h", &values),
            _ => self.with("span-h-min", &values),
        }
    }
}

/// Numbers with a comma between thousands; what is not a number is left to Fluent.
fn grouped<M>(value: &FluentValue<'_>, _: &M) -> Option<String> {
    let FluentValue::Number(FluentNumber { value, .. }) = value else { return None };
    let text = format!("{value}");
    let (sign, text) = text.strip_prefix('-').map_or(("", text.as_str()), |rest| ("−", rest));
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let mut grouped = String::with_capacity(whole.len() + whole.len() / 3 + 8);
    grouped.push_str(sign);
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    if !part.is_empty() {
        grouped.push('.');
        grouped.push_str(part);
    }
    Some(grouped)
}

/// A name as it stands inside a sentence: with a small letter, unless it is written with large
/// ones, as `API` and `Wi-Fi` are.
pub fn in_a_sentence(name: String) -> String {
    let mut rest = name.chars();
    let Some(first) = rest.next() else { return name };
    let word = rest.as_str().split(' ').next().unwrap_or("");
    if word.is_empty() || word.chars().any(char::is_uppercase) {
        return name;
    }
    first.to_lowercase().collect::<String>() + rest.as_str()
}

fn capitalised(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map_or_else(String::new, |first| {
        first.to_uppercase().collect::<String>() + characters.as_str()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stand_in_sentences_as_they_are_written() {
        for (name, want) in [
            ("Mobile app", "mobile app"),
            ("API", "API"),
            ("Wi-Fi", "Wi-Fi"),
            ("TV app", "TV app"),
            ("Logging in", "logging in"),
            ("", ""),
        ] {
            assert_eq!(in_a_sentence(name.to_owned()), want);
        }
    }

    #[test]
    fn the_english_file_has_no_mistake() {
        let resource = FluentResource::try_new(ENGLISH.to_owned());
        assert!(resource.is_ok(), "{:?}", resource.err().map(|(_, errors)| errors));
        let mut ids: Vec<&str> = ENGLISH
            .lines()
            .filter(|line| line.starts_with(|c: char| c.is_ascii_lowercase()))
            .filter_map(|line| line.split_once(" =").map(|(id, _)| id))
            .collect();
        let all = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), all, "a message is given twice");
    }

    #[test]
    fn numbers_and_times_read_well() {
        let words = Words::english();
        assert_eq!(words.count(1_234_567), "1,234,567");
        assert_eq!(words.count(999), "999");
        assert_eq!(words.multiple(3.44), "3.4");
        assert_eq!(words.multiple(139.2), "139");
        assert_eq!(words.percent(0.567), "57%");
        assert_eq!(words.span(3 * 3_600_000 + 40 * 60_000), "3 h 40 min");
        assert_eq!(words.span(12 * 60_000), "12 min");
        let at = UnixMillis::parse("2025-03-10T09:05:00Z").expect("a time");
        assert_eq!(words.clock(at), "09:05");
        assert_eq!(words.date(at), "10 March 2025");
    }

    #[test]
    fn a_term_without_a_name_is_read_from_its_slug() {
        let words = Words::english();
        assert_eq!(words.term("component", "mobile_app"), "Mobile app");
        assert_eq!(words.term("component", "never_heard_of"), "Never heard of");
        assert_eq!(words.say("no-such-message"), "no-such-message");
    }
}

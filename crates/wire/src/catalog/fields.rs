//! The fields of a category and of a service, each read with its check.

use std::collections::BTreeSet;

use outcry_core::catalog::COMPONENTS_PER_SERVICE_MAX;
use outcry_core::catalog::PROBLEMS_PER_SERVICE_MAX;
use outcry_core::units::Asn;
use outcry_core::units::Country;
use outcry_core::units::Text;

use crate::catalog::Vocabulary;
use crate::catalog::checks::Fault;
use crate::catalog::checks::check_asn;
use crate::catalog::checks::check_country;
use crate::document::Table;
use crate::document::spelling::nearest;

/// Aliases, domains or dependencies one service may list.
pub const NAMES_PER_SERVICE_MAX: usize = 32;
/// Countries one service may list; more than that is worldwide.
pub const COUNTRIES_PER_SERVICE_MAX: usize = 100;
/// Networks one service may list.
pub const ASNS_PER_SERVICE_MAX: usize = 100;

/// A text that must be there and pass `check`; empty when it is not there.
pub(super) fn required_text(
    t: &mut Table<'_>,
    key: &str,
    check: impl FnOnce(&str) -> Result<(), Fault>,
) -> Text {
    if !t.has(key) {
        return t.required_text(key).into();
    }
    optional_text(t, key, check).unwrap_or_else(|| "".into())
}

/// A text that passes `check` when it is there.
pub(super) fn optional_text(
    t: &mut Table<'_>,
    key: &str,
    check: impl FnOnce(&str) -> Result<(), Fault>,
) -> Option<Text> {
    let text = t.text(key)?;
    if let Err(Fault { not, instead }) = check(&text) {
        t.mistake(key, format!("`{key}` is {text:?}, not {not}"), format!("`{key} = {instead}`"));
    }
    Some(text.into())
}

/// Names, hosts or slugs, each passing `check`.
pub(super) fn names(
    t: &mut Table<'_>,
    key: &str,
    check: impl Fn(&str) -> Result<(), Fault>,
) -> Vec<Text> {
    let texts = t.texts(key);
    checked(t, key, NAMES_PER_SERVICE_MAX, texts, check)
}

/// The countries a service says; empty when it says worldwide.
pub(super) fn countries(t: &mut Table<'_>) -> Vec<Country> {
    let texts = t.required_texts("countries");
    if texts == ["*"] {
        return Vec::new();
    }
    let texts = checked(t, "countries", COUNTRIES_PER_SERVICE_MAX, texts, check_country);
    texts.iter().filter_map(|code| Country::parse(code)).collect()
}

/// The components of a service, in the words of the vocabulary.
pub(super) fn components(t: &mut Table<'_>, vocabulary: Option<&Vocabulary>) -> Vec<Text> {
    let known = vocabulary.map(|v| (v.components.as_slice(), v.problems.as_slice()));
    words(t, ["components", "problems"], COMPONENTS_PER_SERVICE_MAX, known)
}

/// The problems of a service, in the words of the vocabulary.
pub(super) fn problems(t: &mut Table<'_>, vocabulary: Option<&Vocabulary>) -> Vec<Text> {
    let known = vocabulary.map(|v| (v.problems.as_slice(), v.components.as_slice()));
    words(t, ["problems", "components"], PROBLEMS_PER_SERVICE_MAX, known)
}

/// The networks a service announces.
pub(super) fn asns(t: &mut Table<'_>) -> Vec<Asn> {
    let mut asns = Vec::new();
    for number in t.numbers("asns", 1.0..=f64::from(u32::MAX)) {
        match check_asn(number) {
            Ok(asn) => asns.push(asn),
            Err(Fault { not, instead }) => {
                t.mistake("asns", format!("`asns` holds {number}, not {not}"), instead);
            }
        }
    }
    note_repeats(t, "asns", ASNS_PER_SERVICE_MAX, asns.iter().map(|asn| asn.0));
    asns
}

/// The words under the first key; the second key is where the other words of the vocabulary belong.
fn words(
    t: &mut Table<'_>,
    [key, other_key]: [&str; 2],
    most: usize,
    known: Option<(&[Text], &[Text])>,
) -> Vec<Text> {
    let texts = t.required_texts(key);
    checked(t, key, most, texts, |word| {
        let Some((own, other)) = known else { return Ok(()) };
        let has = |words: &[Text]| words.iter().any(|known| **known == *word);
        if has(own) {
            return Ok(());
        }
        let instead = if has(other) {
            format!("it under `{other_key}`")
        } else {
            match nearest(word, own.iter().map(|known| &**known)) {
                Some(near) => format!("{near:?}"),
                None => "a word of the vocabulary, or add it there".to_owned(),
            }
        };
        Err(Fault { not: format!("one of the {key} in the vocabulary"), instead })
    })
}

fn checked(
    t: &mut Table<'_>,
    key: &str,
    most: usize,
    texts: Vec<String>,
    check: impl Fn(&str) -> Result<(), Fault>,
) -> Vec<Text> {
    for text in &texts {
        if let Err(Fault { not, instead }) = check(text) {
            t.mistake(key, format!("`{key}` holds {text:?}, not {not}"), instead);
        }
    }
    note_repeats(t, key, most, texts.iter().map(|text| format!("{text:?}")));
    texts.into_iter().map(Text::from).collect()
}

/// Complains about items listed twice and about more than `most` of them.
fn note_repeats<T: Ord + std::fmt::Display + Clone>(
    t: &mut Table<'_>,
    key: &str,
    most: usize,
    items: impl ExactSizeIterator<Item = T>,
) {
    let count = items.len();
    if count > most {
        t.mistake(key, format!("`{key}` lists {count}, more than {most}"), "fewer");
    }
    let mut seen = BTreeSet::new();
    for item in items {
        if !seen.insert(item.clone()) {
            t.mistake(key, format!("`{key}` holds {item} twice"), "it once");
        }
    }
}

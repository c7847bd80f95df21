//! The catalogue as it is written: `vocabulary.toml` and one TOML file a category, checked together
//! so that one run names every mistake in all of them.
//!
//! # What it cannot tell
//!
//! Whether a host answers, a network belongs to a service or a notice page is the right one: only
//! whether it is well formed.

pub mod checks;
pub mod fields;

use std::collections::BTreeMap;

use outcry_core::catalog::Catalog;
use outcry_core::catalog::Category;
use outcry_core::catalog::SERVICES_MAX;
use outcry_core::catalog::Service;
use outcry_core::catalog::is_slug;
use outcry_core::units::Text;

use crate::catalog::checks::check_domain;
use crate::catalog::checks::check_name;
use crate::catalog::checks::check_notices;
use crate::catalog::checks::check_slug;
use crate::catalog::checks::check_word;
use crate::document::Mistake;
use crate::document::Table;
use crate::document::mistakes::Mistakes;
use crate::document::spelling::nearest;

/// The file that holds the vocabulary; every other file holds a category.
pub const VOCABULARY_FILE: &str = "vocabulary.toml";
/// Words of one kind a vocabulary may hold.
pub const VOCABULARY_WORDS_MAX: usize = 500;
/// Categories a catalogue may hold.
pub const CATEGORIES_MAX: usize = 200;

/// The words services are described with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Vocabulary {
    /// What can be affected, the most used first.
    pub components: Vec<Text>,
    /// What can go wrong, the most used first.
    pub problems: Vec<Text>,
}

/// Reads the files of a catalogue, pairs of a file's name and its text, in any order.
pub fn read(files: &[(String, String)]) -> Result<Catalog, Vec<Mistake>> {
    let mut draft = Draft::default();
    let (vocabularies, categories): (Vec<_>, Vec<_>) =
        files.iter().partition(|(file, _)| last_part(file) == VOCABULARY_FILE);
    match vocabularies.as_slice() {
        [] => draft.mistakes.note(
            VOCABULARY_FILE,
            1,
            "the catalogue has no vocabulary".to_owned(),
            format!("`{VOCABULARY_FILE}` with [[component]] and [[problem]]"),
        ),
        [(file, text), more @ ..] => {
            draft.vocabulary = draft.mistakes.read(file, text, build_vocabulary);
            for (other, _) in more {
                let what = format!("a second vocabulary, after {file}");
                draft.mistakes.note(other, 1, what, "one".to_owned());
            }
        }
    }
    for (file, text) in categories {
        draft.read_category(file, text);
    }
    draft.check_dependencies();
    draft.mistakes.finish(Some(draft.catalog))
}

/// Reads a vocabulary alone.
pub fn read_vocabulary(file: &str, text: &str) -> Result<Vocabulary, Vec<Mistake>> {
    crate::document::read(file, text, build_vocabulary)
}

/// A place in a file, for a mistake that is found later.
#[derive(Clone)]
struct Place {
    file: String,
    line: usize,
}

/// What is known of the catalogue while it is read.
#[derive(Default)]
struct Draft {
    catalog: Catalog,
    mistakes: Mistakes,
    /// `None` when it could not be read; then no word is checked against it.
    vocabulary: Option<Vocabulary>,
    categories: BTreeMap<Text, Place>,
    services: BTreeMap<Text, Place>,
    dependencies: Vec<(Place, Text, Text)>,
    /// Files that could not be read, whose services are therefore not known.
    unread: usize,
}

impl Draft {
    fn read_category(&mut self, file: &str, text: &str) {
        // The mistakes are lent out while the rest is filled in.
        let mut mistakes = std::mem::take(&mut self.mistakes);
        let read = mistakes.read(file, text, |t| {
            let slug = t.table("category", |t| self.add_category(file, t));
            if slug.is_none() && !t.has("category") {
                let what = "the file names no category";
                t.mistake("category", what, "`[category]` with `slug` and `name` at the top");
            }
            let category = slug.unwrap_or_else(|| "".into());
            let services = t.tables("service", |t| self.add_service(file, &category, t));
            if services.is_empty() && !t.has("service") {
                t.mistake("service", "the category has no service", "at least one [[service]]");
            }
        });
        self.mistakes = mistakes;
        self.unread += usize::from(read.is_none());
    }

    fn add_category(&mut self, file: &str, t: &mut Table<'_>) -> Text {
        let slug = fields::required_text(t, "slug", check_slug);
        let name = fields::required_text(t, "name", check_name);
        let stem = last_part(file).trim_end_matches(".toml");
        if is_slug(&slug) && *slug != *stem {
            let what = format!("the file of category `{slug}` is named `{}`", last_part(file));
            t.mistake("slug", what, format!("it to `{slug}.toml`, or `slug = {stem:?}`"));
        }
        note_duplicate(t, &self.categories, &slug, "category");
        if self.categories.len() == CATEGORIES_MAX {
            let what = format!("the catalogue has more than {CATEGORIES_MAX} categories");
            t.mistake("slug", what, "fewer");
        }
        let place = Place { file: file.to_owned(), line: t.line("slug") };
        self.categories.entry(slug.clone()).or_insert(place);
        self.catalog.categories.insert(slug.clone(), Category { slug: slug.clone(), name });
        slug
    }

    fn add_service(&mut self, file: &str, category: &Text, t: &mut Table<'_>) {
        let slug = fields::required_text(t, "slug", check_slug);
        note_duplicate(t, &self.services, &slug, "service");
        if self.services.len() == SERVICES_MAX {
            t.mistake(
                "slug",
                format!("the catalogue has more than {SERVICES_MAX} services"),
                "fewer",
            );
        }
        let vocabulary = self.vocabulary.as_ref();
        let service = Service {
            slug: slug.clone(),
            name: fields::required_text(t, "name", check_name),
            aliases: fields::names(t, "aliases", check_name),
            category: category.clone(),
            countries: fields::countries(t),
            domains: fields::names(t, "domains", check_domain),
            components: fields::components(t, vocabulary),
            problems: fields::problems(t, vocabulary),
            notices: fields::optional_text(t, "notices", check_notices),
            asns: fields::asns(t),
            depends_on: fields::names(t, "depends_on", |_| Ok(())),
        };
        let place = |key| Place { file: file.to_owned(), line: t.line(key) };
        for other in &service.depends_on {
            self.dependencies.push((place("depends_on"), slug.clone(), other.clone()));
        }
        self.services.entry(slug.clone()).or_insert(place("slug"));
        self.catalog.services.insert(slug, service);
    }

    fn check_dependencies(&mut self) {
        if self.unread > 0 {
            return;
        }
        for (place, slug, other) in &self.dependencies {
            let (what, instead) = if slug == other {
                (format!("`{slug}` depends on itself"), "only other services".to_owned())
            } else if self.services.contains_key(other) {
                continue;
            } else {
                let known = self.services.keys().map(|known| &**known);
                let instead = match nearest(other, known.filter(|known| *known != &**slug)) {
                    Some(near) => format!("`{near}`"),
                    None => "the slug of a service in the catalogue, or nothing".to_owned(),
                };
                (format!("`{slug}` depends on `{other}`, which is no service"), instead)
            };
            self.mistakes.note(&place.file, place.line, what, instead);
        }
    }
}

fn build_vocabulary(t: &mut Table<'_>) -> Vocabulary {
    let mut kind = |key: &str| {
        let mut seen: BTreeMap<Text, usize> = BTreeMap::new();
        let words = t.tables(key, |t| {
            let word = fields::required_text(t, "slug", check_word);
            if word.is_empty() {
                return word;
            }
            if let Some(line) = seen.insert(word.clone(), t.line("slug")) {
                t.mistake("slug", format!("{key} `{word}` is already on line {line}"), "it once");
            }
            word
        });
        if !t.has(key) {
            t.mistake(key, format!("the vocabulary has no {key}"), format!("[[{key}]]"));
        } else if words.len() > VOCABULARY_WORDS_MAX {
            let what = format!("the vocabulary has more than {VOCABULARY_WORDS_MAX} {key}s");
            t.mistake(key, what, "fewer");
        }
        words
    };
    Vocabulary { components: kind("component"), problems: kind("problem") }
}

fn last_part(file: &str) -> &str {
    file.rsplit(['/', '\\']).next().unwrap_or(file)
}

fn note_duplicate(t: &mut Table<'_>, known: &BTreeMap<Text, Place>, slug: &Text, noun: &str) {
    if let Some(Place { file, line }) = known.get(slug).filter(|_| !slug.is_empty()) {
        let what = format!("{noun} `{slug}` is already at {file}:{line}");
        t.mistake("slug", what, "another slug, or remove one of the two");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WORDS: &str = "[[component]]\nslug = 'web'\n[[component]]\nslug = 'mobile_app'\n\
                         [[problem]]\nslug = 'slow'\n[[problem]]\nslug = 'other'\n";
    const HEAD: &str = "[category]\nslug = 'social'\nname = 'Social'\n";

    /// A service that is right, with `more` lines after its slug on line 5.
    fn service(slug: &str, more: &str) -> String {
        let mut text = format!("[[service]]\nslug = '{slug}'\n{more}\n");
        for (key, value) in [
            ("name", "'A name'"),
            ("countries", "['*']"),
            ("components", "['web']"),
            ("problems", "['slow']"),
        ] {
            if !more.contains(&format!("{key} =")) {
                text.push_str(&format!("{key} = {value}\n"));
            }
        }
        text
    }

    fn told(files: &[(&str, &str)]) -> Vec<String> {
        let files: Vec<(String, String)> =
            files.iter().map(|(file, text)| ((*file).into(), (*text).into())).collect();
        match read(&files) {
            Ok(_) => Vec::new(),
            Err(mistakes) => mistakes.iter().map(Mistake::to_string).collect(),
        }
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "a test may read the files it is about")]
    fn the_real_catalogue_has_no_mistake() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../catalog");
        let files: Vec<(String, String)> = std::fs::read_dir(folder)
            .expect("the catalogue is in the repository")
            .map(|entry| {
                let path = entry.expect("an entry").path();
                let text = std::fs::read_to_string(&path).expect("a readable file");
                (path.file_name().expect("a name").to_string_lossy().into_owned(), text)
            })
            .collect();
        let catalog = read(&files).unwrap_or_else(|mistakes| {
            let lines: Vec<String> = mistakes.iter().map(Mistake::to_string).collect();
            panic!("{}", lines.join("\n"))
        });
        assert!(catalog.services.len() >= 700, "{} services", catalog.services.len());
        assert!(catalog.categories.len() >= 20, "{} categories", catalog.categories.len());
        let x = catalog.service("x").expect("a service everybody knows");
        assert_eq!((&*x.category, x.countries.len(), x.asns[0].0), ("social", 0, 13_414));
        for service in catalog.services.values() {
            assert!(!service.components.is_empty() && !service.problems.is_empty());
            assert!(catalog.categories.contains_key(&service.category));
        }
    }

    #[test]
    fn each_bad_service_is_told_with_what_to_write() {
        for (more, expected) in [
            ("nmae = 'A'", ":6: [[service]] has no key `nmae`; write `name`"),
            (
                "components = ['web', 'moble_app']",
                "`components` holds \"moble_app\", not one of \
              the components in the vocabulary; write \"mobile_app\"",
            ),
            ("components = ['slow']", "write it under `problems`"),
            ("problems = ['zzzzzz']", "write a word of the vocabulary, or add it there"),
            ("problems = ['slow', 'slow']", "`problems` holds \"slow\" twice; write it once"),
            (
                "components = []",
                ":6: `components` is an empty list, not a list with something in \
              it; write `components = [\"…\"]`",
            ),
            ("problems = 'slow'", "`problems` is the text \"slow\", not a list"),
            ("countries = ['us']", "write \"US\""),
            ("countries = ['UK', 'US']", "write \"GB\""),
            ("countries = ['*', 'US']", "write [\"*\"] alone for worldwide"),
            ("countries = []", "`countries` is an empty list"),
            ("domains = ['https://X.com/']", "not a host name in lower case; write \"x.com\""),
            ("notices = 'http://x.com'", "write `notices = \"https://x.com\"`"),
            ("asns = [64512]", "`asns` holds 64512, not a network of its own: it is private"),
            ("asns = [0]", "`asns` holds 0, not a number from 1 to 4294967295"),
            ("asns = ['AS13414']", "`asns` holds the text \"AS13414\", not a number"),
            ("asns = [1, 1]", "`asns` holds 1 twice"),
            ("name = ' A'", "write `name = \"A\"`"),
            ("aliases = ['']", "`aliases` holds \"\", not 1 to 80 visible characters"),
            ("depends_on = ['good']", "`good` depends on itself"),
            (
                "depends_on = ['othre']",
                "`good` depends on `othre`, which is no service; \
              write `other`",
            ),
            ("depends_on = ['nobody']", "write the slug of a service in the catalogue"),
        ] {
            let text = HEAD.to_owned() + &service("good", more) + &service("other", "");
            let told = told(&[("c/social.toml", &text), ("c/vocabulary.toml", WORDS)]);
            assert_eq!(told.len(), 1, "{more}: {told:#?}");
            assert!(told[0].contains(expected) && told[0].contains("social.toml:6:"), "{told:#?}");
        }
    }

    #[test]
    fn each_bad_file_is_told() {
        let good = HEAD.to_owned() + &service("good", "");
        let twice = good.clone() + &service("good", "");
        let games = good.replace("social", "games").replace("'good'", "'Bad One'");
        let bare = "[[service]]\n".to_owned();
        let doubled = WORDS.to_owned() + "[[problem]]\nslug = 'slow'\n";
        let hyphen = WORDS.replace("mobile_app", "mobile-app");
        for (files, expected) in [
            (vec![("social.toml", good.as_str())], vec![":1: the catalogue has no vocabulary"]),
            (
                vec![("vocabulary.toml", WORDS), ("social.toml", &twice)],
                vec!["social.toml:12: service `good` is already at social.toml:5; write another"],
            ),
            (
                vec![("vocabulary.toml", WORDS), ("social.toml", &good), ("x/social.toml", &good)],
                vec![
                    "x/social.toml:2: category `social` is already at social.toml:2",
                    "x/social.toml:5: service `good` is already at social.toml:5",
                ],
            ),
            (
                vec![("vocabulary.toml", WORDS), ("media.toml", &games)],
                vec!["`games.toml`, or `slug = \"media\"`", "`slug = \"bad-one\"`"],
            ),
            (
                vec![("vocabulary.toml", WORDS), ("social.toml", &bare)],
                vec![
                    "the file names no category",
                    "lacks `slug`",
                    "lacks `name`",
                    "lacks `countries`",
                    "lacks `components`",
                    "lacks `problems`",
                ],
            ),
            (
                vec![("vocabulary.toml", WORDS), ("social.toml", HEAD)],
                vec!["the category has no service"],
            ),
            (
                vec![("vocabulary.toml", &doubled), ("social.toml", &good)],
                vec!["vocabulary.toml:10: problem `slow` is already on line 6"],
            ),
            (
                vec![("vocabulary.toml", &hyphen), ("social.toml", &good)],
                vec!["vocabulary.toml:4: `slug` is \"mobile-app\""],
            ),
            (
                vec![("vocabulary.toml", "x = "), ("social.toml", &good)],
                vec!["vocabulary.toml:1: this is not TOML"],
            ),
            (
                vec![("vocabulary.toml", WORDS), ("a/vocabulary.toml", WORDS)],
                vec!["a/vocabulary.toml:1: a second vocabulary, after vocabulary.toml"],
            ),
        ] {
            let told = told(&files);
            assert_eq!(told.len(), expected.len(), "{told:#?}");
            for (told, expected) in told.iter().zip(expected) {
                assert!(told.contains(expected), "{told} lacks {expected}");
            }
        }
    }

    #[test]
    fn a_file_that_is_not_toml_does_not_make_its_services_missing() {
        let good = HEAD.to_owned() + &service("good", "depends_on = ['aws']");
        let told = told(&[
            ("vocabulary.toml", WORDS),
            ("cloud.toml", "[category"),
            ("social.toml", &good),
        ]);
        assert_eq!(told.len(), 1, "{told:#?}");
        assert!(told[0].starts_with("cloud.toml:1: this is not TOML"), "{told:#?}");
    }

    #[test]
    fn a_catalogue_that_is_too_large_is_refused() {
        let mut text = HEAD.to_owned();
        let rest = "name='n'\ncountries=['*']\ncomponents=['web']\nproblems=['slow']\n";
        for n in 0..=SERVICES_MAX {
            text += &format!("[[service]]\nslug='s{n}'\n{rest}");
        }
        let told = told(&[("vocabulary.toml", WORDS), ("social.toml", &text)]);
        assert_eq!(told.len(), 1, "{:?}", told.first());
        assert!(told[0].contains("more than 20000 services"), "{told:#?}");
    }

    #[test]
    fn a_vocabulary_is_read_alone() {
        let vocabulary = read_vocabulary("vocabulary.toml", WORDS).expect("a good one");
        assert_eq!(vocabulary.components, ["web".into(), "mobile_app".into()] as [Text; 2]);
        assert_eq!(vocabulary.problems, ["slow".into(), "other".into()] as [Text; 2]);
        let mistakes = read_vocabulary("vocabulary.toml", "").expect_err("an empty one");
        assert_eq!(mistakes.len(), 2, "{mistakes:?}");
    }
}

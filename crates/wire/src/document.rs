//! TOML documents read leniently: every mistake is collected, each with its file, its line and what
//! to write instead, so that one look at the answer mends the whole file.
//!
//! Reading goes on after a mistake with a neutral value. Only a file that is not TOML at all stops
//! early, because what follows a syntax error is guesswork.
//!
//! # What it cannot tell
//!
//! Whether a value is true. What holds between two keys is for the caller to check and to record
//! with [`Table::mistake`].

mod depth;
mod form;
pub mod mistakes;
mod sheet;
pub mod spelling;
mod syntax;

use std::cell::RefCell;
use std::fmt;
use std::ops::RangeInclusive;

use outcry_core::time::UnixMillis;
use toml::Spanned;
use toml::de::DeTable;
use toml::de::DeValue;

use crate::document::depth::KEY_PARTS_MAX;
use crate::document::depth::long_key;
use crate::document::form::Form;
use crate::document::form::as_integer;
use crate::document::form::as_number;
use crate::document::form::as_text;
use crate::document::form::as_time;
use crate::document::form::brief;
use crate::document::form::described;
use crate::document::form::quoted;
use crate::document::mistakes::Mistakes;
use crate::document::sheet::Heading;
use crate::document::sheet::Sheet;
use crate::document::spelling::nearest;
use crate::document::syntax::note_errors;

/// Bytes a document may hold.
pub const DOCUMENT_BYTES_MAX: usize = 4 << 20;
/// Mistakes listed at once; one more entry then says how many are left out.
pub const MISTAKES_MAX: usize = 200;

/// One thing wrong with a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// The file as the caller named it.
    pub file: String,
    /// The line in it, from 1.
    pub line: usize,
    /// What is wrong.
    pub what: String,
    /// What to write instead; empty when there is nothing to suggest.
    pub instead: String,
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.what)?;
        if self.instead.is_empty() { Ok(()) } else { write!(f, "; write {}", self.instead) }
    }
}

impl std::error::Error for Mistake {}

/// Reads `text` with `build` and answers what it built, or every mistake in it by line.
///
/// A key that `build` never asked for is a mistake. It is not called when the text is not TOML.
pub fn read<T>(
    file: &str,
    text: &str,
    build: impl FnOnce(&mut Table<'_>) -> T,
) -> Result<T, Vec<Mistake>> {
    let (built, mistakes) = build_from(file, text, build);
    mistakes.finish(built)
}

/// What `build` makes of `text`, unless it is not TOML, and the mistakes in it.
fn build_from<T>(
    file: &str,
    text: &str,
    build: impl FnOnce(&mut Table<'_>) -> T,
) -> (Option<T>, Mistakes) {
    let sheet = Sheet::new(file, text);
    if text.len() > DOCUMENT_BYTES_MAX {
        let what = format!("the file has {} bytes, more than {DOCUMENT_BYTES_MAX}", text.len());
        sheet.note(1, what, "several smaller files".to_owned());
        return (None, sheet.into_mistakes());
    }
    if let Some(at) = long_key(text) {
        let what = format!("a key has more than {KEY_PARTS_MAX} parts");
        sheet.note(sheet.line_at(at), what, "fewer tables within tables".to_owned());
        return (None, sheet.into_mistakes());
    }
    let (root, errors) = DeTable::parse_recoverable(text);
    if note_errors(&sheet, text, &errors) {
        return (None, sheet.into_mistakes());
    }
    let built = visit(&sheet, root.get_ref(), 1, Heading::Document, build);
    (Some(built), sheet.into_mistakes())
}

/// One table of a document. Every method marks its key as known; a mistake is recorded, and
/// answered with a neutral value.
pub struct Table<'d> {
    sheet: &'d Sheet,
    values: &'d DeTable<'d>,
    line: usize,
    heading: Heading,
    asked: RefCell<Vec<String>>,
}

impl<'d> Table<'d> {
    /// Text, such as `name = "Example"`.
    pub fn text(&mut self, key: &str) -> Option<String> {
        self.value(key, &Form::text(), as_text)
    }

    /// Text that must be there; empty when it is not.
    pub fn required_text(&mut self, key: &str) -> String {
        self.required(key, &Form::text(), as_text).unwrap_or_default()
    }

    /// A whole number within `allowed`.
    pub fn integer(&mut self, key: &str, allowed: RangeInclusive<i64>) -> Option<i64> {
        self.value(key, &Form::integer(&allowed), |v| as_integer(v, &allowed))
    }

    /// A whole number that must be there; the least allowed one when it is not.
    pub fn required_integer(&mut self, key: &str, allowed: RangeInclusive<i64>) -> i64 {
        self.required(key, &Form::integer(&allowed), |v| as_integer(v, &allowed))
            .unwrap_or(*allowed.start())
    }

    /// A finite number within `allowed`; a whole number is one too.
    pub fn number(&mut self, key: &str, allowed: RangeInclusive<f64>) -> Option<f64> {
        self.value(key, &Form::number(&allowed), |v| as_number(v, &allowed))
    }

    /// A number that must be there; the least allowed one when it is not.
    pub fn required_number(&mut self, key: &str, allowed: RangeInclusive<f64>) -> f64 {
        self.required(key, &Form::number(&allowed), |v| as_number(v, &allowed))
            .unwrap_or(*allowed.start())
    }

    /// `true` or `false`.
    pub fn flag(&mut self, key: &str) -> Option<bool> {
        self.value(key, &Form::new("true or false", "true"), |v| v.as_bool())
    }

    /// A moment with its offset, such as `2025-03-10T09:45:00Z`, bare or as text.
    pub fn time(&mut self, key: &str) -> Option<UnixMillis> {
        self.value(key, &Form::time(), as_time)
    }

    /// A moment that must be there; 1970 when it is not.
    pub fn required_time(&mut self, key: &str) -> UnixMillis {
        self.required(key, &Form::time(), as_time).unwrap_or_default()
    }

    /// A list of texts; empty when absent.
    pub fn texts(&mut self, key: &str) -> Vec<String> {
        self.list(key, &Form::text(), as_text)
    }

    /// A list of texts that must be there and hold at least one; empty when it does not.
    pub fn required_texts(&mut self, key: &str) -> Vec<String> {
        let form = Form::new("a list with something in it", "[\"…\"]");
        let empty = |v: &DeValue<'_>| v.as_array().is_some_and(|items| items.is_empty());
        match self.required(key, &form, |v| (!empty(v)).then_some(())) {
            Some(()) => self.texts(key),
            None => Vec::new(),
        }
    }

    /// A list of finite numbers within `allowed`; empty when absent.
    pub fn numbers(&mut self, key: &str, allowed: RangeInclusive<f64>) -> Vec<f64> {
        self.list(key, &Form::number(&allowed), |v| as_number(v, &allowed))
    }

    /// One of the named values.
    pub fn choice<T: Copy>(&mut self, key: &str, among: &[(&str, T)]) -> Option<T> {
        let first = among.first().map_or("", |(name, _)| *name);
        let form = Form::new("text", &format!("{first:?}"));
        let word = self.value(key, &form, as_text)?;
        if let Some((_, value)) = among.iter().find(|(name, _)| *name == word) {
            return Some(*value);
        }
        let names: Vec<String> = among.iter().map(|(name, _)| format!("{name:?}")).collect();
        let names = names.join(", ");
        let what = format!("`{key}` is {}, not one of {names}", quoted(&word));
        let instead = match nearest(&word, among.iter().map(|(name, _)| *name)) {
            Some(name) => format!("`{key} = {name:?}`"),
            None => format!("one of {names}"),
        };
        self.mistake(key, what, instead);
        None
    }

    /// Finite numbers by name, sorted by name: `{ a = 0.5, b = 0.5 }`; empty when absent.
    pub fn number_map(&mut self, key: &str, allowed: RangeInclusive<f64>) -> Vec<(String, f64)> {
        self.map(key, &Form::number(&allowed), |v| as_number(v, &allowed))
    }

    /// Texts by name, sorted by name: `{ a = "b" }`; empty when absent.
    pub fn text_map(&mut self, key: &str) -> Vec<(String, String)> {
        self.map(key, &Form::text(), as_text)
    }

    /// The table `[key]`, read with `build`.
    pub fn table<R>(&mut self, key: &str, build: impl FnOnce(&mut Table<'_>) -> R) -> Option<R> {
        let value = self.entry(key)?;
        let Some(table) = value.get_ref().as_table() else {
            let what = format!("`{key}` is {}, not a table", described(value.get_ref()));
            self.mistake(key, what, format!("`[{}]`", self.heading.path(key)));
            return None;
        };
        let heading = Heading::Table(self.heading.path(key));
        Some(visit(self.sheet, table, self.sheet.line(value), heading, build))
    }

    /// The tables `[[key]]` in order, each read with `build`; empty when there is none.
    pub fn tables<R>(&mut self, key: &str, mut build: impl FnMut(&mut Table<'_>) -> R) -> Vec<R> {
        let Some(value) = self.entry(key) else { return Vec::new() };
        let path = self.heading.path(key);
        let Some(items) = value.get_ref().as_array() else {
            let what = format!("`{key}` is {}, not a list of tables", described(value.get_ref()));
            self.mistake(key, what, format!("`[[{path}]]`"));
            return Vec::new();
        };
        let mut built = Vec::new();
        for item in items {
            let line = self.sheet.line(item);
            if let Some(table) = item.get_ref().as_table() {
                let heading = Heading::Item(path.clone());
                built.push(visit(self.sheet, table, line, heading, &mut build));
            } else {
                let what = format!("`{key}` holds {}, not a table", described(item.get_ref()));
                self.sheet.note(line, what, format!("`[[{path}]]`"));
            }
        }
        built
    }

    /// Whether the key is there, whatever its value.
    pub fn has(&self, key: &str) -> bool {
        self.entry(key).is_some()
    }

    /// The line of the key, or of the table when the key is absent.
    pub fn line(&self, key: &str) -> usize {
        self.ask(key);
        match self.values.get_key_value(key) {
            Some((found, _)) => self.sheet.line(found),
            None => self.line,
        }
    }

    /// Records a mistake at the key's line.
    pub fn mistake(&mut self, key: &str, what: impl Into<String>, instead: impl Into<String>) {
        self.sheet.note(self.line(key), what.into(), instead.into());
    }

    fn ask(&self, key: &str) {
        let mut asked = self.asked.borrow_mut();
        if !asked.iter().any(|known| known == key) {
            asked.push(key.to_owned());
        }
    }

    fn entry(&self, key: &str) -> Option<&'d Spanned<DeValue<'d>>> {
        self.ask(key);
        self.values.get(key)
    }

    fn value<T>(
        &mut self,
        key: &str,
        form: &Form,
        take: impl FnOnce(&DeValue<'_>) -> Option<T>,
    ) -> Option<T> {
        let value = self.entry(key)?.get_ref();
        let taken = take(value);
        if taken.is_none() {
            let what = format!("`{key}` is {}, not {}", described(value), form.noun);
            self.mistake(key, what, format!("`{key} = {}`", form.example));
        }
        taken
    }

    fn required<T>(
        &mut self,
        key: &str,
        form: &Form,
        take: impl FnOnce(&DeValue<'_>) -> Option<T>,
    ) -> Option<T> {
        if !self.has(key) {
            let what = format!("{} lacks `{key}`", self.heading);
            self.mistake(key, what, format!("`{key} = {}`", form.example));
        }
        self.value(key, form, take)
    }

    fn list<T>(
        &mut self,
        key: &str,
        form: &Form,
        take: impl Fn(&DeValue<'_>) -> Option<T>,
    ) -> Vec<T> {
        let whole = Form::new("a list", &format!("[{}]", form.example));
        let Some(value) = self.entry(key) else { return Vec::new() };
        let Some(items) = value.get_ref().as_array() else {
            return self.value(key, &whole, |_| None).unwrap_or_default();
        };
        let mut taken = Vec::new();
        for item in items {
            match take(item.get_ref()) {
                Some(value) => taken.push(value),
                None => self.sheet.note(
                    self.sheet.line(item),
                    format!("`{key}` holds {}, not {}", described(item.get_ref()), form.noun),
                    format!("`{key} = {}`", whole.example),
                ),
            }
        }
        taken
    }

    fn map<T>(
        &mut self,
        key: &str,
        form: &Form,
        take: impl Fn(&DeValue<'_>) -> Option<T>,
    ) -> Vec<(String, T)> {
        let whole = Form::new("a table", &format!("{{ name = {} }}", form.example));
        let Some(value) = self.entry(key) else { return Vec::new() };
        let Some(table) = value.get_ref().as_table() else {
            return self.value(key, &whole, |_| None).unwrap_or_default();
        };
        let mut taken = Vec::new();
        for (name, item) in table {
            match take(item.get_ref()) {
                Some(value) => taken.push((name.get_ref().to_string(), value)),
                None => self.sheet.note(
                    self.sheet.line(name),
                    format!(
                        "`{}` in `{key}` is {}, not {}",
                        brief(name.get_ref()),
                        described(item.get_ref()),
                        form.noun
                    ),
                    format!("`{key} = {}`", whole.example),
                ),
            }
        }
        taken
    }

    /// Complains about every key nobody asked for.
    fn close(self) {
        let asked = self.asked.into_inner();
        for (key, _) in self.values {
            let word = key.get_ref();
            if asked.iter().any(|known| known == word) {
                continue;
            }
            let instead = match nearest(word, asked.iter().map(String::as_str)) {
                Some(known) => format!("`{known}`"),
                None if asked.is_empty() => "nothing here".to_owned(),
                None => format!("one of `{}`, or nothing", asked.join("`, `")),
            };
            let what = format!("{} has no key `{}`", self.heading, brief(word));
            self.sheet.note(self.sheet.line(key), what, instead);
        }
    }
}

fn visit<R>(
    sheet: &Sheet,
    values: &DeTable<'_>,
    line: usize,
    heading: Heading,
    build: impl FnOnce(&mut Table<'_>) -> R,
) -> R {
    let mut table = Table { sheet, values, line, heading, asked: RefCell::default() };
    let built = build(&mut table);
    table.close();
    built
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Reads one key of each kind, so that each kind of mistake can be made.
    fn build(t: &mut Table<'_>) -> String {
        let name = t.required_text("name");
        t.integer("count", 1..=10);
        t.number("share", 0.0..=1.0);
        t.number("above", 0.0..=f64::INFINITY);
        t.flag("open");
        t.time("start");
        t.texts("words");
        t.numbers("weights", 0.0..=1.0);
        t.choice("shape", &[("circle", 1), ("square", 2)]);
        t.number_map("mix", 0.0..=1.0);
        t.text_map("labels");
        t.table("inner", |t| {
            t.required_integer("depth", 0..=3);
            t.tables("part", |t| t.required_time("at"));
        });
        t.tables("item", |t| (t.required_text("slug"), t.required_number("size", 0.5..=2.0)));
        name
    }

    fn told(text: &str) -> Vec<String> {
        match read("a.toml", text, build) {
            Ok(_) => Vec::new(),
            Err(mistakes) => mistakes.iter().map(Mistake::to_string).collect(),
        }
    }

    #[test]
    fn each_mistake_has_its_line_and_what_to_write() {
        for (text, expected) in [
            ("", "a.toml:1: the document lacks `name`; write `name = \"…\"`"),
            ("name = 5", "a.toml:1: `name` is 5, not text in quotes; write `name = \"…\"`"),
            (
                "name = ''\ncount = \"11\"",
                "a.toml:2: `count` is the text \"11\", not a whole number from 1 to 10; \
                 write `count = 1`",
            ),
            (
                "name = ''\ncount = 11",
                "a.toml:2: `count` is 11, not a whole number from 1 to 10; write `count = 1`",
            ),
            (
                "name = ''\n\nshare = nan",
                "a.toml:3: `share` is nan, not a number from 0 to 1; write `share = 0`",
            ),
            (
                "name = ''\nabove = -0.5",
                "a.toml:2: `above` is -0.5, not a number of at least 0; write `above = 0`",
            ),
            (
                "name = ''\nabove = 1e999",
                "a.toml:2: `above` is 1e999, not a number of at least 0; write `above = 0`",
            ),
            (
                "name = ''\nopen = 'yes'",
                "a.toml:2: `open` is the text \"yes\", not true or false; write `open = true`",
            ),
            (
                "name = ''\nstart = 2025-03-10T09:45:00",
                "a.toml:2: `start` is 2025-03-10T09:45:00, which has no offset, not a time with \
                 its offset; write `start = 2025-03-10T09:45:00Z`",
            ),
            (
                "name = ''\nwords = [\n  'a',\n  2,\n]",
                "a.toml:4: `words` holds 2, not text in quotes; write `words = [\"…\"]`",
            ),
            (
                "name = ''\nwords = 'a'",
                "a.toml:2: `words` is the text \"a\", not a list; write `words = [\"…\"]`",
            ),
            (
                "name = ''\nweights = [0.5, 2]",
                "a.toml:2: `weights` holds 2, not a number from 0 to 1; write `weights = [0]`",
            ),
            (
                "name = ''\nshape = 'sqare'",
                "a.toml:2: `shape` is \"sqare\", not one of \"circle\", \"square\"; \
                 write `shape = \"square\"`",
            ),
            (
                "name = ''\nshape = 'dot'",
                "a.toml:2: `shape` is \"dot\", not one of \"circle\", \"square\"; \
                 write one of \"circle\", \"square\"",
            ),
            (
                "name = ''\nmix = { ios = 1.5 }",
                "a.toml:2: `ios` in `mix` is 1.5, not a number from 0 to 1; \
                 write `mix = { name = 0 }`",
            ),
            (
                "name = ''\nlabels = [1]",
                "a.toml:2: `labels` is a list, not a table; write `labels = { name = \"…\" }`",
            ),
            ("name = ''\n[inner]", "a.toml:2: [inner] lacks `depth`; write `depth = 0`"),
            ("name = ''\ninner = true", "a.toml:2: `inner` is true, not a table; write `[inner]`"),
            (
                "name = ''\n[inner]\ndepth = 1\n[[inner.part]]",
                "a.toml:4: [[inner.part]] lacks `at`; write `at = 2025-03-10T09:45:00Z`",
            ),
            (
                "name = ''\n[item]\nslug = ''",
                "a.toml:2: `item` is a table, not a list of tables; write `[[item]]`",
            ),
            ("name = ''\nitem = [1]", "a.toml:2: `item` holds 1, not a table; write `[[item]]`"),
            (
                "name = ''\nshap = 'circle'",
                "a.toml:2: the document has no key `shap`; write `shape`",
            ),
            (
                "name = ''\n[[item]]\nslug = ''\nsize = 1\nzzz = 1",
                "a.toml:5: [[item]] has no key `zzz`; write one of `slug`, `size`, or nothing",
            ),
            ("name = ''\nname = ''", "a.toml:2: `name` is given a second time; write it once"),
        ] {
            assert_eq!(told(text), [expected], "{text}");
        }
    }

    #[test]
    fn every_mistake_is_told_at_once_and_by_line() {
        let text =
            "[[item]]\nslug = 1\nsize = 1\ncolour = 2\n[[item]]\nsize = 3\n[inner]\ndeph = 1";
        let mistakes = read("b.toml", text, build).expect_err("many mistakes");
        let lines: Vec<usize> = mistakes.iter().map(|m| m.line).collect();
        assert_eq!(lines, [1, 2, 4, 5, 6, 7, 8], "{mistakes:#?}");
    }

    #[test]
    fn text_that_is_not_toml_is_told_by_line_and_not_read_further() {
        for (text, line, words) in [
            ("name = ", 1, "not TOML"),
            ("name = 'a'\ncount = ten", 2, "not TOML"),
            ("name = 'a'\n[item", 2, "unclosed table"),
            ("name = 'a'\nshare = 0.5.5", 2, "not TOML"),
            ("name = \"a", 1, "not TOML"),
            ("a\u{0}b", 1, "not TOML"),
        ] {
            let mistakes = read("a.toml", text, build).expect_err(text);
            assert_eq!(mistakes[0].line, line, "{text:?}: {mistakes:?}");
            assert!(mistakes[0].what.contains(words), "{text:?}: {mistakes:?}");
            assert!(!mistakes.iter().any(|m| m.what.contains("lacks")), "{mistakes:?}");
        }
        let several = "name = \ncount = 3\nshare = oops\n";
        let lines: Vec<usize> =
            read("a.toml", several, build).expect_err("two").iter().map(|m| m.line).collect();
        assert_eq!(lines, [1, 3]);
    }

    #[test]
    fn good_values_are_read_as_written() {
        let text = "count = 0x_a\nshare = 1\nopen = true\nstart = 2025-03-10 09:45:00Z\n\
                    words = ['a', 'b']\nweights = [1, 0.5]\nshape = 'square'\n\
                    mix = { web = 0.25, app = 1 }\nlabels.de = 'x'\n[inner]\n[[item]]\n[[item]]";
        let text = text.replace("0x_a", "0x0a");
        let read = read("c.toml", &text, |t| {
            assert_eq!(t.integer("count", 1..=10), Some(10));
            assert_eq!(t.number("share", 0.0..=1.0), Some(1.0));
            assert_eq!(t.flag("open"), Some(true));
            assert_eq!(t.time("start"), UnixMillis::parse("2025-03-10T09:45:00Z"));
            assert_eq!(t.texts("words"), ["a", "b"]);
            assert_eq!(t.numbers("weights", 0.0..=1.0), [1.0, 0.5]);
            assert_eq!(t.choice("shape", &[("circle", 1), ("square", 2)]), Some(2));
            let mix = t.number_map("mix", 0.0..=1.0);
            assert_eq!(mix, [("app".to_owned(), 1.0), ("web".to_owned(), 0.25)]);
            assert_eq!(t.text_map("labels"), [("de".to_owned(), "x".to_owned())]);
            assert_eq!(t.table("inner", |t| t.line("absent")), Some(10));
            assert_eq!(t.tables("item", |t| t.line("absent")), [11, 12]);
            assert_eq!((t.has("count"), t.has("absent")), (true, false));
            assert_eq!((t.text("absent"), t.line("share")), (None, 2));
        });
        assert_eq!(read, Ok(()));
    }

    #[test]
    fn a_time_may_stand_in_quotes() {
        for text in ["'2025-03-10T09:45:00Z'", "2025-03-10T10:45:00+01:00", "2025-03-10T09:45:00z"]
        {
            let read = read("a", &format!("at = {text}"), |t| t.required_time("at"));
            assert_eq!(read.ok(), UnixMillis::parse("2025-03-10T09:45:00Z"), "{text}");
        }
    }

    #[test]
    fn many_mistakes_are_cut_with_their_number() {
        let text: String = (0..1000).rev().map(|n| format!("k{n} = 1\n")).collect();
        let mistakes = read("d.toml", &text, |_| ()).expect_err("a thousand");
        assert_eq!(mistakes.len(), MISTAKES_MAX + 1);
        assert!((1..=MISTAKES_MAX).eq(mistakes[..MISTAKES_MAX].iter().map(|m| m.line)));
        assert_eq!(mistakes[MISTAKES_MAX].to_string(), "d.toml:200: and 800 more mistakes");
    }

    #[test]
    fn a_document_that_is_too_large_is_refused() {
        let text = " ".repeat(DOCUMENT_BYTES_MAX + 1);
        let mistakes = read("e.toml", &text, |_| ()).expect_err("too large");
        assert!(mistakes[0].what.contains("more than 4194304"), "{mistakes:?}");
    }

    #[test]
    fn deep_nesting_does_not_exhaust_the_stack() {
        let dotted = ["a"; KEY_PARTS_MAX].join(".");
        let inline = |levels: usize, key: &str| {
            let head = format!("[{key}]\n{key} = ") + &format!("{{{key}=").repeat(levels);
            head + "1" + &"}".repeat(levels)
        };
        for text in [
            vec!["a"; 100_000].join(".") + " = 1",
            "a = ".to_owned() + &"[".repeat(100_000),
            "a = ".to_owned() + &"{a=".repeat(100_000),
            inline(79, &dotted),
            inline(1000, &dotted),
            inline(79, &["a"; 79].join(".")),
        ] {
            assert!(read("f.toml", &text, |_| ()).is_err());
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "\\PC*") {
            let _ = read("p", &text, build);
        }

        #[test]
        fn no_nearly_right_text_panics(
            parts in prop::collection::vec(prop::sample::select(vec![
                "name", "item", "inner", "part", "slug", "size", " = ", "=", "[", "]", "[[", "]]",
                "{", "}", ",", ".", "\n", "\n", "'a'", "\"", "\"\"\"", "1", "-9223372036854775809",
                "1e400", "inf", "true", "2025-03-10T09:45:00Z", "#", "\u{feff}", "é", "\r", "\t",
            ]), 0..40)
        ) {
            for mistake in read("p", &parts.concat(), build).err().unwrap_or_default() {
                prop_assert!(mistake.line >= 1);
                prop_assert!(!mistake.what.is_empty());
            }
        }
    }
}

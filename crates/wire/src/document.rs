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
            let instead = format!("`{key} = {}`", form.instead_of(value));
            self.mistake(key, what, instead);
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
mod tests;

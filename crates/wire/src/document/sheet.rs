//! Where mistakes are collected: the file's name, where its lines begin, and what was found so far.

use std::cell::Cell;
use std::cell::RefCell;
use std::fmt;

use toml::Spanned;

use crate::document::MISTAKES_MAX;
use crate::document::Mistake;

/// One file being read.
pub(super) struct Sheet {
    file: String,
    /// Byte offsets at which lines begin, the first one 0.
    starts: Vec<usize>,
    found: RefCell<Vec<Mistake>>,
    dropped: Cell<usize>,
}

impl Sheet {
    pub(super) fn new(file: &str, text: &str) -> Self {
        let ends = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        Self {
            file: file.to_owned(),
            starts: std::iter::once(0).chain(ends.map(|(at, _)| at + 1)).collect(),
            found: RefCell::default(),
            dropped: Cell::default(),
        }
    }

    /// The line, from 1, on which `value` begins.
    pub(super) fn line<T>(&self, value: &Spanned<T>) -> usize {
        self.line_at(value.span().start)
    }

    /// The line, from 1, that byte `at` lies on.
    pub(super) fn line_at(&self, at: usize) -> usize {
        self.starts.partition_point(|start| *start <= at).max(1)
    }

    /// Records a mistake. However many there are, few are held: the first by line.
    pub(super) fn note(&self, line: usize, what: String, instead: String) {
        let mut found = self.found.borrow_mut();
        found.push(Mistake { file: self.file.clone(), line, what, instead });
        if found.len() > 2 * MISTAKES_MAX {
            found.sort_by_key(|mistake| mistake.line);
            self.dropped.set(self.dropped.get() + found.len() - MISTAKES_MAX);
            found.truncate(MISTAKES_MAX);
        }
    }

    /// All mistakes by line, cut at [`MISTAKES_MAX`].
    pub(super) fn into_mistakes(self) -> Vec<Mistake> {
        let mut found = self.found.into_inner();
        found.sort_by_key(|mistake| mistake.line);
        cut(found, self.dropped.get())
    }
}

/// Keeps the first [`MISTAKES_MAX`] mistakes and says how many more there were, with `dropped`
/// already gone.
pub(super) fn cut(mut mistakes: Vec<Mistake>, dropped: usize) -> Vec<Mistake> {
    let more = mistakes.len().saturating_sub(MISTAKES_MAX) + dropped;
    mistakes.truncate(MISTAKES_MAX);
    if more > 0
        && let Some(last) = mistakes.last()
    {
        let (file, line) = (last.file.clone(), last.line);
        let what = format!("and {more} more mistakes");
        mistakes.push(Mistake { file, line, what, instead: String::new() });
    }
    mistakes
}

/// Where a table stands, as it is named in a mistake.
pub(super) enum Heading {
    Document,
    Table(String),
    Item(String),
}

impl Heading {
    pub(super) fn path(&self, key: &str) -> String {
        match self {
            Self::Document => key.to_owned(),
            Self::Table(path) | Self::Item(path) => format!("{path}.{key}"),
        }
    }
}

impl fmt::Display for Heading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Document => f.write_str("the document"),
            Self::Table(path) => write!(f, "[{path}]"),
            Self::Item(path) => write!(f, "[[{path}]]"),
        }
    }
}

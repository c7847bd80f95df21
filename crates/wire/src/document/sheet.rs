//! Where mistakes are collected: the file's name, where its lines begin, and what was found so far.

use std::cell::RefCell;
use std::fmt;

use toml::Spanned;

use crate::document::mistakes::Mistakes;

/// One file being read.
pub(super) struct Sheet {
    file: String,
    /// Byte offsets at which lines begin, the first one 0.
    starts: Vec<usize>,
    mistakes: RefCell<Mistakes>,
}

impl Sheet {
    pub(super) fn new(file: &str, text: &str) -> Self {
        let ends = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        Self {
            file: file.to_owned(),
            starts: std::iter::once(0).chain(ends.map(|(at, _)| at + 1)).collect(),
            mistakes: RefCell::default(),
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

    /// Records a mistake.
    pub(super) fn note(&self, line: usize, what: String, instead: String) {
        self.mistakes.borrow_mut().note(&self.file, line, what, instead);
    }

    /// What was recorded.
    pub(super) fn into_mistakes(self) -> Mistakes {
        self.mistakes.into_inner()
    }
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

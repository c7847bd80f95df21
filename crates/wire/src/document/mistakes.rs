//! Mistakes of one file or of several read together, cut at a number people can read.

use crate::document::MISTAKES_MAX;
use crate::document::Mistake;
use crate::document::Table;
use crate::document::build_from;

/// What was found so far. However much that is, little is held: the first by file and line.
#[derive(Debug, Default)]
pub struct Mistakes {
    found: Vec<Mistake>,
    dropped: usize,
}

impl Mistakes {
    /// Records one mistake; `line` counts from 1.
    pub fn note(&mut self, file: &str, line: usize, what: String, instead: String) {
        self.found.push(Mistake { file: file.to_owned(), line, what, instead });
        if self.found.len() > 2 * MISTAKES_MAX {
            self.cut();
        }
    }

    /// Reads one more file. What was built is answered even when there are mistakes in it, so that
    /// files can be checked against each other; `None` when the file is not TOML.
    pub fn read<T>(
        &mut self,
        file: &str,
        text: &str,
        build: impl FnOnce(&mut Table<'_>) -> T,
    ) -> Option<T> {
        let (built, mut other) = build_from(file, text, build);
        self.found.append(&mut other.found);
        self.dropped += other.dropped;
        self.cut();
        built
    }

    /// What was built, or every mistake by file and line. After [`MISTAKES_MAX`] comes one more
    /// that says how many are left out.
    pub fn finish<T>(mut self, built: Option<T>) -> Result<T, Vec<Mistake>> {
        self.cut();
        if let Some(built) = built.filter(|_| self.found.is_empty()) {
            return Ok(built);
        }
        if let Some(last) = self.found.last().filter(|_| self.dropped > 0) {
            let what = format!("and {} more mistakes", self.dropped);
            let tail = Mistake { what, instead: String::new(), ..last.clone() };
            self.found.push(tail);
        }
        Err(self.found)
    }

    fn cut(&mut self) {
        self.found.sort_by(|a, b| (&a.file, a.line).cmp(&(&b.file, b.line)));
        self.dropped += self.found.len().saturating_sub(MISTAKES_MAX);
        self.found.truncate(MISTAKES_MAX);
    }
}

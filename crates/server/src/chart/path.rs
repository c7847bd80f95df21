//! Path data as short as SVG allows: relative, integer, level runs joined.

use std::fmt::Write;

/// Path data being written, in whole units of a view box.
#[derive(Clone, Debug, Default)]
pub struct PathData {
    text: String,
    command: char,
    at: (i64, i64),
    /// Length of a level run not yet written.
    level: i64,
}

impl PathData {
    /// Nothing drawn yet.
    pub fn new() -> Self {
        Self { command: ' ', ..Self::default() }
    }

    /// Lifts the pen and puts it down at `x`, `y`.
    pub fn move_to(&mut self, x: i64, y: i64) {
        self.flush();
        self.command(if self.text.is_empty() { 'M' } else { 'm' });
        let from = if self.text.len() == 1 { (0, 0) } else { self.at };
        self.number(x - from.0);
        self.number(y - from.1);
        self.at = (x, y);
        // Pairs that follow a move are lines: no letter is needed for them.
        self.command = if self.command == 'm' { 'l' } else { 'L' };
    }

    /// A straight line to `x`, `y`.
    pub fn line_to(&mut self, x: i64, y: i64) {
        let (dx, dy) = (x - self.at.0, y - self.at.1);
        self.at = (x, y);
        if dy == 0 {
            self.level += dx;
            return;
        }
        self.flush();
        if dx == 0 {
            self.command('v');
            self.number(dy);
        } else {
            self.command('l');
            self.number(dx);
            self.number(dy);
        }
    }

    /// Whether nothing has been drawn.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// The finished data.
    pub fn finish(mut self) -> String {
        self.flush();
        self.text
    }

    fn flush(&mut self) {
        if self.level != 0 {
            let level = std::mem::take(&mut self.level);
            self.command('h');
            self.number(level);
        }
    }

    fn command(&mut self, command: char) {
        if self.command != command {
            self.text.push(command);
            self.command = command;
        }
    }

    fn number(&mut self, value: i64) {
        if value >= 0 && self.text.ends_with(|c: char| c.is_ascii_digit()) {
            self.text.push(' ');
        }
        let _ = write!(self.text, "{value}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_is_relative_and_level_runs_are_joined() {
        let mut path = PathData::new();
        path.move_to(0, 990);
        path.line_to(5, 990);
        path.line_to(10, 990);
        path.line_to(15, 800);
        path.line_to(20, 850);
        path.line_to(20, 990);
        path.move_to(40, 10);
        path.line_to(45, 5);
        assert_eq!(path.finish(), "M0 990h10l5-190 5 50v140m20-980 5-5");
    }

    #[test]
    fn nothing_drawn_is_an_empty_text() {
        assert!(PathData::new().is_empty());
        assert_eq!(PathData::new().finish(), "");
    }
}

//! Paint: what a terminal shows of a text, and how wide that is.
//!
//! Names, quotes and details come from a server and from strangers. What could steer a terminal is
//! taken out before anything is shown.
//!
//! # References
//!
//! - https://no-color.org: `NO_COLOR`, set to anything, means no colour.

use std::io::IsTerminal;

use unicode_width::UnicodeWidthChar;
use unicode_width::UnicodeWidthStr;

use crate::ask::shape::State;

/// Whether words are coloured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Paint {
    /// As they are.
    Plain,
    /// For a terminal.
    Colour,
}

impl Paint {
    /// For standard output, as it and `NO_COLOR` want it.
    pub fn of_stdout() -> Self {
        let wanted = std::env::var_os("NO_COLOR").is_none_or(|it| it.is_empty());
        let dumb = std::env::var_os("TERM").is_some_and(|it| it == "dumb");
        let is_terminal = std::io::stdout().is_terminal();
        if is_terminal && wanted && !dumb { Self::Colour } else { Self::Plain }
    }

    /// What is most important.
    pub fn bold(self, text: &str) -> String {
        self.wrap("1", text)
    }

    /// What stands aside.
    pub fn dim(self, text: &str) -> String {
        self.wrap("2", text)
    }

    /// What went wrong here, apart from any service.
    pub fn alarm(self, text: &str) -> String {
        self.wrap("1;35", text)
    }

    /// In the colour of a state.
    pub fn state(self, state: State, text: &str) -> String {
        match state {
            State::Danger => self.wrap("1;31", text),
            State::Warning => self.wrap("33", text),
            State::Usual => self.wrap("32", text),
            State::Unknown => self.wrap("2", text),
        }
    }

    fn wrap(self, code: &str, text: &str) -> String {
        match self {
            Self::Colour if !text.is_empty() => format!("\u{1b}[{code}m{text}\u{1b}[0m"),
            _ => text.to_owned(),
        }
    }
}

/// A text without what could steer a terminal.
pub fn tame(text: &str) -> String {
    text.chars().filter(|&c| !steers(c)).collect()
}

/// Control characters, and those that turn the direction of what stands beside them.
fn steers(c: char) -> bool {
    c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// A text of several lines without what could steer a terminal, each line set in by four columns.
pub fn indented(text: &str) -> String {
    let lines: Vec<String> = text.lines().map(|line| format!("    {}", tame(line))).collect();
    lines.join("\n")
}

/// One line of JSON in which what could steer a terminal is told by its number: to whoever reads
/// the JSON it is the same.
pub fn escaped(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        if steers(c) {
            out.push_str(&format!("\\u{:04x}", u32::from(c)));
        } else {
            out.push(c);
        }
    }
    out
}

/// A text in exactly so many columns: cut with `…`, or filled up at its end.
pub fn fitted(text: &str, columns: usize) -> String {
    let mut out = cut(text, columns);
    out.push_str(&" ".repeat(columns.saturating_sub(out.width())));
    out
}

/// The same, filled up at its beginning: for numbers.
pub fn fitted_right(text: &str, columns: usize) -> String {
    let out = cut(text, columns);
    format!("{}{out}", " ".repeat(columns.saturating_sub(out.width())))
}

/// A text in at most so many columns.
pub fn cut(text: &str, columns: usize) -> String {
    if text.width() <= columns {
        return text.to_owned();
    }
    let mut out = String::new();
    let mut used = 0;
    for c in text.chars() {
        let width = c.width().unwrap_or(0);
        if used + width + 1 > columns {
            break;
        }
        used += width;
        out.push(c);
    }
    if columns > 0 {
        out.push('…');
    }
    out
}

/// A text in lines of at most so many columns, broken between words.
pub fn wrapped(text: &str, columns: usize) -> Vec<String> {
    let indent: String = text.chars().take_while(|c| *c == ' ').collect();
    let mut lines: Vec<String> = Vec::new();
    let mut line = indent.clone();
    for word in text.split_whitespace() {
        let is_begun = line.width() > indent.width();
        if is_begun && line.width() + 1 + word.width() > columns {
            lines.push(std::mem::replace(&mut line, indent.clone()));
        }
        if line.width() > indent.width() {
            line.push(' ');
        }
        line.push_str(word);
    }
    lines.push(line);
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_strangers_write_steers_no_terminal() {
        let steering = "a\u{1b}[2J\u{7}b\u{9b}c\u{202e}d\n";
        assert_eq!(tame(steering), "a[2Jbcd");
        assert_eq!(indented("a\u{1b}\r\nb\u{202e}"), "    a\n    b");
        let json = serde_json::json!({ "quote": steering, "name": "žlutý" }).to_string();
        let safe = escaped(&json);
        assert!(!safe.chars().any(steers) && safe.contains("žlutý"), "{safe}");
        let read: serde_json::Value = serde_json::from_str(&safe).expect("JSON still");
        assert_eq!(read["quote"], steering);
    }

    #[test]
    fn texts_fit_by_columns_and_not_by_letters() {
        for (text, columns, want) in [
            ("abc", 5, "abc  "),
            ("abcdef", 4, "abc…"),
            ("日本語", 5, "日本…"),
            ("日本語", 4, "日… "),
        ] {
            assert_eq!(fitted(text, columns), want);
            assert_eq!(fitted(text, columns).width(), columns);
        }
        assert_eq!(fitted_right("12", 4), "  12");
        assert_eq!(wrapped("  one two three", 9), ["  one two", "  three"]);
        assert_eq!(wrapped("unbreakable", 4), ["unbreakable"]);
    }

    #[test]
    fn plain_has_no_colour() {
        assert_eq!(Paint::Plain.state(State::Danger, "x"), "x");
        assert_eq!(Paint::Colour.state(State::Danger, "x"), "\u{1b}[1;31mx\u{1b}[0m");
        assert_eq!(Paint::Colour.bold(""), "");
    }
}

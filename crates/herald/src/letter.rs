//! A letter: what is told, frozen when it was decided, the same on every try and to everybody.

use serde::Deserialize;
use serde::Serialize;

/// Facts for programs, and finished words for people.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Letter {
    /// `opened`, `resolved`, …
    pub kind: String,
    /// Slug of the service.
    pub service: String,
    /// Its name.
    pub name: String,
    /// The incident; empty in a test letter.
    pub incident: String,
    /// Its revision.
    pub revision: u32,
    /// `warning` or `danger`.
    pub severity: String,
    /// Whether it is open.
    pub open: bool,
    /// When it opened, RFC 3339, UTC.
    pub opened_at: String,
    /// When it was over.
    pub closed_at: Option<String>,
    /// Nothing later than this is in it.
    pub as_of: String,
    /// The cause its page names; `None` when none is named.
    pub cause: Option<String>,
    /// Counted problem reports since it opened.
    pub reports: u64,
    /// The reports that opened the surge of now; `None` when none is open.
    #[serde(default)]
    pub opening: Option<Opening>,
    /// Places from which probes fail, and places that could judge.
    pub probes: Option<(u32, u32)>,
    /// Countries it is about; empty when none stands out.
    pub countries: Vec<String>,
    /// Whether any of it was made by a generator.
    pub reconstruction: bool,
    /// Its page; empty when the site has no public address.
    pub url: String,
    /// One line that says it.
    pub title: String,
    /// What else is to be said, a sentence or two each.
    pub lines: Vec<String>,
}

/// The reports before a surge opened: those that opened it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Opening {
    /// How long they came in, minutes.
    pub minutes: u32,
    /// How many were counted.
    pub reports: u64,
    /// How many are usual in as long.
    pub usual: f64,
    /// Of which reports: `all`, `country:DE`, `network:64500`, `component:login`, `problem:crash`.
    pub of: String,
}

/// A letter on its way: with its name, and to whom.
#[derive(Clone, Debug, PartialEq)]
pub struct Parcel {
    /// Its name for ever; the same on every try.
    pub id: String,
    /// What it says.
    pub letter: Letter,
    /// An address within the channel; empty for the channel's own.
    pub recipient: String,
    /// Where whoever gets it can end that; empty where they cannot.
    pub leave_url: String,
    /// When this try is made, seconds since 1970.
    pub sent_at_unix_s: i64,
}

impl Letter {
    /// Title and lines, a line each, and the address last.
    pub fn text(&self) -> String {
        let mut text = self.title.clone();
        for line in self.lines.iter().chain(std::iter::once(&self.url)) {
            if !line.is_empty() {
                text.push('\n');
                text.push_str(line);
            }
        }
        text
    }

    /// The same without the title.
    pub fn body(&self) -> String {
        self.lines.join("\n")
    }

    /// What a thing of an incident is called where others keep it: one for all its messages.
    pub fn key(&self) -> String {
        format!("outcry:{}", if self.incident.is_empty() { "test" } else { &self.incident })
    }

    /// How loud: 0 for what is over or settled, 1 for `warning`, 2 for `danger`.
    pub fn loudness(&self) -> u8 {
        match (self.open, self.severity.as_str()) {
            (false, _) => 0,
            (true, "danger") => 2,
            (true, _) => 1,
        }
    }
}

//! Labels: what classes and ids call the elements around a text.
//!
//! Who writes a page for failures calls it so, and in English, whatever language the page speaks:
//! `error-page`, `maintenance`, `captcha`, `waiting-room`.
//!
//! # What it cannot tell
//!
//! Whether the name was meant so: a form has its `error`, too. See [`crate::soft::called`].

/// A set of labels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Labels(u8);

impl Labels {
    /// Error, crash, 500.
    pub const ERROR: Self = Self(1);
    /// Maintenance, offline.
    pub const UPKEEP: Self = Self(1 << 1);
    /// Queue, waiting room.
    pub const QUEUE: Self = Self(1 << 2);
    /// Captcha, challenge, firewall.
    pub const HUMAN: Self = Self(1 << 3);
    /// Not found, 404.
    pub const NOT_FOUND: Self = Self(1 << 4);
    /// Forbidden, blocked, 403.
    pub const DENIED: Self = Self(1 << 5);

    /// Whether all of `other` are in it.
    pub fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Both together.
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Those in the classes or the id of one element, in small letters.
    pub fn of(names: &str) -> Self {
        let names = names.split_ascii_whitespace().filter(|name| parts(name).count() <= PARTS_MAX);
        let words = names.flat_map(parts);
        let known = |word: &str| {
            let found = NAMES.iter().find(|(_, names)| names.contains(&word));
            found.map_or(Self::default(), |(label, _)| *label)
        };
        words.map(known).fold(Self::default(), Self::with)
    }
}

/// A name of more parts is about something else that has to do with it.
const PARTS_MAX: usize = 4;

/// Parts of names, by what they say.
const NAMES: [(Labels, &[&str]); 6] = [
    (
        Labels::ERROR,
        &[
            "error",
            "errors",
            "errorpage",
            "error500",
            "error503",
            "err",
            "crash",
            "crashed",
            "fail",
            "failed",
            "failure",
            "exception",
            "oops",
            "whoops",
            "fatal",
            "500",
            "502",
            "503",
            "504",
            "fehler",
            "erreur",
            "erro",
        ],
    ),
    (
        Labels::UPKEEP,
        &[
            "maintenance",
            "maintenancemode",
            "maint",
            "wartung",
            "offline",
            "unavailable",
            "outage",
            "downtime",
            "mantenimiento",
            "manutencao",
            "manutenzione",
            "onderhoud",
        ],
    ),
    (Labels::QUEUE, &["queue", "queueit", "waitingroom", "waitroom", "waiting", "overload"]),
    (
        Labels::HUMAN,
        &["captcha", "challenge", "human", "robot", "bot", "firewall", "waf", "antibot"],
    ),
    (Labels::NOT_FOUND, &["404", "error404", "notfound"]),
    (Labels::DENIED, &["forbidden", "denied", "blocked", "403", "error403", "geoblock"]),
];

fn parts(name: &str) -> impl Iterator<Item = &str> {
    name.split(['-', '_']).filter(|part| !part.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_elements_tell_what_they_hold() {
        for (names, want) in [
            ("error-page", Labels::ERROR),
            ("page page--error500", Labels::ERROR),
            ("container-maintenance", Labels::UPKEEP),
            ("is-ctl-maintenance", Labels::UPKEEP),
            ("captcha__human", Labels::HUMAN),
            ("waiting-room", Labels::QUEUE),
            ("error404", Labels::NOT_FOUND),
            ("terror-films", Labels::default()),
            ("has-no-error-tracking-consent", Labels::default()),
            ("", Labels::default()),
        ] {
            assert_eq!(Labels::of(names), want, "{names}");
        }
    }
}

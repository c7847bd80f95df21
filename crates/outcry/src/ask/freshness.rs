//! Freshness: how old an answer is, and whether it may be relied on.

use outcry_core::time::UnixMillis;
use outcry_server::words::Words;
use serde::Serialize;

use crate::ask::shape;

/// Milliseconds that deciding may be behind before an answer counts as old.
const BEHIND_MS_MAX: i64 = 120_000;

/// How old an answer is.
#[derive(Clone, Debug, Serialize)]
pub struct Freshness {
    /// When it was made.
    pub as_of: String,
    /// All signals before this have been weighed.
    pub decided_until: Option<String>,
    /// Vantage points that looked at anything within 15 minutes.
    pub vantages: u64,
    /// Whether the observatory is well and up to date; else nothing it says may be relied on.
    pub reliable: bool,
    /// Whether it was made by a generator and is not what happened.
    pub reconstruction: bool,
}

impl Freshness {
    /// Of an answer.
    pub fn of(as_of: &str, told: &shape::Freshness) -> Self {
        let behind_ms = || {
            let until = UnixMillis::parse(told.decided_until.as_deref()?)?;
            Some(UnixMillis::parse(as_of)?.0 - until.0)
        };
        // The clock of a story runs faster than its freshness is looked at.
        let up_to_date = told.reconstruction || behind_ms().is_none_or(|it| it <= BEHIND_MS_MAX);
        Self {
            as_of: as_of.to_owned(),
            decided_until: told.decided_until.clone(),
            vantages: told.vantages,
            reliable: told.healthy && up_to_date,
            reconstruction: told.reconstruction,
        }
    }

    /// In words, a line for each thing.
    pub fn lines(&self) -> Vec<String> {
        let mut lines = vec![format!(
            "As of {}, {}.",
            moment(&self.as_of),
            match self.vantages {
                0 => "from reports alone: no vantage point has looked within 15 minutes".to_owned(),
                1 => "from reports and one vantage point".to_owned(),
                n => format!("from reports and {n} vantage points"),
            }
        )];
        if !self.reliable {
            lines.push(match &self.decided_until {
                Some(until) => format!(
                    "DO NOT RELY ON THIS: the observatory is not well or behind; it has weighed \
                     what came in until {}.",
                    moment(until)
                ),
                None => "DO NOT RELY ON THIS: the observatory is not well.".to_owned(),
            });
        }
        if self.reconstruction {
            lines.push("A reconstruction: made from synthetic signals, not what happened.".into());
        }
        lines
    }
}

/// The caution of every page.
pub fn caution(words: &Words) -> String {
    words.say("footer-honest")
}

/// `2025-03-10 14:05 UTC`, of a time as the interface writes it.
pub fn moment(at: &str) -> String {
    match (at.get(..10), at.get(11..16)) {
        (Some(day), Some(clock)) => format!("{day} {clock} UTC"),
        _ => at.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(until: Option<&str>, healthy: bool, reconstruction: bool) -> shape::Freshness {
        let decided_until = until.map(str::to_owned);
        shape::Freshness { decided_until, vantages: 0, healthy, reconstruction }
    }

    #[test]
    fn an_observatory_that_is_behind_is_not_relied_on() {
        let now = "2025-03-10T14:05:00Z";
        for (name, until, healthy, made, want) in [
            ("up to date", Some("2025-03-10T14:04:50Z"), true, false, true),
            ("before the first report", None, true, false, true),
            ("behind", Some("2025-03-10T14:02:59Z"), true, false, false),
            ("not well", Some("2025-03-10T14:04:50Z"), false, false, false),
            ("a story that runs fast", Some("2025-03-10T13:00:00Z"), true, true, true),
        ] {
            let freshness = Freshness::of(now, &told(until, healthy, made));
            assert_eq!(freshness.reliable, want, "{name}");
            let lines = freshness.lines().join(" ");
            assert_eq!(lines.contains("DO NOT RELY"), !want, "{name}");
            assert_eq!(lines.contains("reconstruction"), made, "{name}");
        }
    }
}

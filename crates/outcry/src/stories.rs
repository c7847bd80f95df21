//! Stories: the scenarios built into the binary, and a clock that tells them at any speed.

use std::path::Path;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Instant;

use outcry_core::time::UnixMillis;
use outcry_server::contract::Clock;
use outcry_sim::scenario::Scenario;
use outcry_wire::document::Mistake;

use crate::cli::BadInput;

const SCENARIOS: &[(&str, &str)] = &[
    ("x-2025-03-10", include_str!("../../../scenarios/x-2025-03-10.toml")),
    ("quiet-weekday", include_str!("../../../scenarios/quiet-weekday.toml")),
    ("quiet-sunday", include_str!("../../../scenarios/quiet-sunday.toml")),
    ("viral-post", include_str!("../../../scenarios/viral-post.toml")),
];

/// A scenario by its name, or read from a file.
///
/// # Errors
///
/// [`BadInput`] with every mistake, or with the names there are.
pub fn scenario(name: &str) -> anyhow::Result<Scenario> {
    read(name)?.map_err(|mistakes| BadInput::mistakes(&mistakes).into())
}

/// The same, with the mistakes of the scenario apart.
///
/// # Errors
///
/// [`BadInput`] when there is no such scenario or file.
pub fn read(name: &str) -> anyhow::Result<Result<Scenario, Vec<Mistake>>> {
    let (file, text) = match SCENARIOS.iter().find(|(built_in, _)| *built_in == name) {
        Some((built_in, text)) => (format!("scenarios/{built_in}.toml"), (*text).to_owned()),
        None if Path::new(name).extension().is_some() => {
            (name.to_owned(), crate::data::text_of(Path::new(name))?)
        }
        None => {
            let names: Vec<&str> = SCENARIOS.iter().map(|(name, _)| *name).collect();
            anyhow::bail!(BadInput(format!(
                "there is no scenario {name:?}; write one of {}, or the path of a .toml file",
                names.join(", ")
            )));
        }
    };
    Ok(Scenario::parse(&file, &text))
}

/// The clock of a story: it runs at a chosen speed until the story is told, then as clocks do.
pub struct StoryClock {
    pace: Mutex<Pace>,
    end: UnixMillis,
}

#[derive(Clone, Copy)]
struct Pace {
    /// Story time at `since`.
    from: UnixMillis,
    since: Instant,
    speed: f64,
}

impl StoryClock {
    /// Starts at `from` and runs `speed` times as fast as time does, until `end`.
    pub fn new(from: UnixMillis, end: UnixMillis, speed: f64) -> Self {
        Self { pace: Mutex::new(Pace { from, since: Instant::now(), speed }), end }
    }

    /// Starts again from the same moment: what was prepared took its time.
    pub fn begin(&self) {
        self.pace.lock().unwrap_or_else(PoisonError::into_inner).since = Instant::now();
    }
}

impl Clock for StoryClock {
    fn now(&self) -> UnixMillis {
        let pace = *self.pace.lock().unwrap_or_else(PoisonError::into_inner);
        let passed_ms = pace.since.elapsed().as_secs_f64() * 1_000.0;
        let left_ms = self.end.since_ms(pace.from).max(0) as f64;
        let told_ms = (passed_ms * pace.speed).min(left_ms);
        // What is left of the time that passed, once the story is told, passes at its own pace.
        let after_ms = passed_ms - told_ms / pace.speed;
        pace.from.plus_ms((told_ms + after_ms.max(0.0)) as i64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_story_names_those_there_are() {
        let error = scenario("y-2025").expect_err("no such story").to_string();
        assert!(error.contains("x-2025-03-10") && error.contains("quiet-sunday"), "{error}");
    }

    #[test]
    fn every_story_built_in_is_readable() {
        for (name, _) in SCENARIOS {
            assert_eq!(&*scenario(name).expect("no mistake").id, *name);
        }
    }

    #[test]
    fn the_clock_of_a_story_never_runs_back_and_slows_down_at_its_end() {
        let clock = StoryClock::new(UnixMillis(0), UnixMillis(1), 1_000_000.0);
        let first = clock.now();
        let second = clock.now();
        assert!(second >= first);
        assert!(second.0 < 60_000, "after the end it runs at the pace of clocks: {second:?}");
    }
}

//! Series of any step over any range, as JSON and CSV.
//!
//! The last 24 hours come from the engine, minute by minute, with what is usual; what is older
//! comes from the store, by minutes, whole hours or whole days, whichever the step allows.
//!
//! # What it cannot tell
//!
//! Whether a step that is missing was quiet or not watched; and series by country, which would
//! tell single reports.

use outcry_core::series::Dimension;
use outcry_core::snapshot::ServiceSnapshot;
use outcry_core::time::DAY_MS;
use outcry_core::time::MINUTE_MS;
use outcry_core::time::UnixMillis;
use outcry_core::time::UnixMinute;
use serde::Serialize;

use crate::contract::Grain;
use crate::contract::Records;
use crate::contract::Span;
use crate::contract::Tally;
use crate::limit::API_POINTS_MAX;
use crate::open::Asked;
use crate::problem::Problem;
use crate::route::parameter::step_minutes;
use crate::view::rounded;

const MINUTES_PER_HOUR: i64 = 60;
const MINUTES_PER_DAY: i64 = 24 * MINUTES_PER_HOUR;

/// A series.
#[derive(Debug, Serialize)]
pub struct Series {
    service: String,
    of: String,
    step_s: i64,
    from: String,
    until: String,
    reconstruction: bool,
    points: Vec<Point>,
}

/// One step.
#[derive(Debug, Serialize)]
struct Point {
    at: String,
    received: u64,
    counted: u64,
    /// Null where it is not known what was usual.
    usual: Option<f64>,
}

/// What is asked for, on whole steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Range {
    from: UnixMinute,
    until: UnixMinute,
    step: i64,
}

impl Range {
    fn read(asked: &Asked, now: UnixMillis) -> Result<Self, Problem> {
        let wrong = |what: String| Err(Problem::Unreadable(what));
        let step = asked.value("step").and_then(step_minutes).unwrap_or(1);
        let end = asked.time("until").unwrap_or(UnixMillis(now.minute().start().0 + MINUTE_MS));
        let begin = asked.time("from").unwrap_or(end.plus_ms(-DAY_MS));
        if begin >= end {
            return wrong(format!("from={begin} is not before until={end}; swap them"));
        }
        let down = |minute: i64| minute.div_euclid(step) * step;
        let until_ms = end.0.saturating_add(MINUTE_MS - 1);
        let until = down(until_ms.div_euclid(MINUTE_MS).saturating_add(step - 1));
        let from = down(begin.minute().0);
        let points = (until - from) / step;
        if points > API_POINTS_MAX {
            let least = (until - from) / API_POINTS_MAX + 1;
            let advice = if least <= MINUTES_PER_HOUR {
                format!("step={least}m")
            } else if least <= MINUTES_PER_DAY {
                format!("step={}h", least / MINUTES_PER_HOUR + 1)
            } else {
                format!("step={}d", least / MINUTES_PER_DAY + 1)
            };
            return wrong(format!(
                "that is {points} steps, and an answer has at most {API_POINTS_MAX}; write \
                 {advice} or a shorter range"
            ));
        }
        Ok(Self { from: UnixMinute(from), until: UnixMinute(until), step })
    }

    fn grain(self) -> (Grain, i64) {
        if self.step % MINUTES_PER_DAY == 0 {
            (Grain::Day, MINUTES_PER_DAY)
        } else if self.step % MINUTES_PER_HOUR == 0 {
            (Grain::Hour, MINUTES_PER_HOUR)
        } else {
            (Grain::Minute, 1)
        }
    }
}

impl Series {
    /// Reads it.
    ///
    /// # Errors
    ///
    /// When the range cannot be, or the store cannot be read.
    pub fn read(
        records: &dyn Records,
        asked: &Asked,
        snapshot: &ServiceSnapshot,
    ) -> Result<Self, Problem> {
        let range = Range::read(asked, snapshot.as_of)?;
        let of = asked.value("of").unwrap_or("all");
        let dimension = match of.split_once(':') {
            Some(("affected", name)) => Dimension::Component(name.into()),
            Some((_, name)) => Dimension::Problem(name.into()),
            None if of == "works" => Dimension::Works,
            None => Dimension::All,
        };
        let mut points = Points::new(range);
        let recent = snapshot.minutes.first().map(|row| row.minute);
        let recent = recent.filter(|_| dimension == Dimension::All);
        if let Some(first) = recent {
            for row in snapshot.minutes.iter().filter(|row| range.holds(row.minute)) {
                let tally = Tally { received: row.received.into(), counted: row.counted.into() };
                points.add(row.minute, tally, snapshot.knows_usual().then_some(row.usual));
            }
            let seam = UnixMinute(first.0.clamp(range.from.0, range.until.0));
            older(records, snapshot, &dimension, range, seam, &mut points)?;
        } else {
            older(records, snapshot, &dimension, range, range.until, &mut points)?;
        }
        Ok(Self {
            service: snapshot.service.to_string(),
            of: of.to_owned(),
            step_s: range.step * 60,
            from: range.from.start().to_string(),
            until: range.until.start().to_string(),
            reconstruction: snapshot.reconstruction,
            points: points.finish(),
        })
    }

    /// As comma-separated values.
    pub fn csv(&self) -> String {
        let mut text = String::from("minute,received,counted,usual,reconstruction\n");
        for Point { at, received, counted, usual } in &self.points {
            let usual = usual.map_or_else(String::new, |usual| format!("{usual:.3}"));
            let made = self.reconstruction;
            text.push_str(&format!("{at},{received},{counted},{usual},{made}\n"));
        }
        text
    }
}

impl Range {
    fn holds(self, minute: UnixMinute) -> bool {
        self.from <= minute && minute < self.until
    }
}

/// Adds what the store has of the time before `seam`.
fn older(
    records: &dyn Records,
    snapshot: &ServiceSnapshot,
    of: &Dimension,
    range: Range,
    seam: UnixMinute,
    points: &mut Points,
) -> Result<(), Problem> {
    let (grain, minutes) = range.grain();
    // Whole hours and days up to the seam, and single minutes between there and the seam.
    let whole = UnixMinute(seam.0.div_euclid(minutes) * minutes);
    let spans = [(range.from, whole, grain), (whole, seam, Grain::Minute)];
    for (from, until, grain) in spans {
        if from >= until {
            continue;
        }
        let span = Span { from, until, grain };
        let limit = u32::try_from((until.0 - from.0) + 1).unwrap_or(u32::MAX);
        let read = records.counts(&snapshot.service, of, span, limit);
        for (minute, tally) in read.map_err(|_| Problem::Unavailable)? {
            points.add(minute, tally, None);
        }
    }
    Ok(())
}

/// Steps that have anything, in order.
struct Points {
    range: Range,
    found: std::collections::BTreeMap<i64, (Tally, f64, i64)>,
}

impl Points {
    fn new(range: Range) -> Self {
        Self { range, found: std::collections::BTreeMap::new() }
    }

    fn add(&mut self, minute: UnixMinute, tally: Tally, usual: Option<f64>) {
        let step = minute.0.div_euclid(self.range.step);
        let (sum, level, known) = self.found.entry(step).or_default();
        sum.add(tally);
        if let Some(usual) = usual {
            *level += usual;
            *known += 1;
        }
    }

    /// What is usual is known of a step when it is known of each of its minutes, or of those up to
    /// now in the last one.
    fn finish(self) -> Vec<Point> {
        let last = self.found.keys().next_back().copied();
        let step = self.range.step;
        let point = |(n, (tally, level, known)): (i64, (Tally, f64, i64))| Point {
            at: UnixMinute(n * step).start().to_string(),
            received: tally.received,
            counted: tally.counted,
            usual: (known == step || (known > 0 && Some(n) == last)).then(|| rounded(level)),
        };
        self.found.into_iter().map(point).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(query: &str) -> Result<Range, Problem> {
        let asked = Asked::read("/api/v1/services/x/series.json", query)?.expect("a route");
        Range::read(&asked, UnixMillis::parse("2025-03-10T10:00:30Z").expect("a time"))
    }

    #[test]
    fn without_words_it_is_the_last_day_by_minutes() {
        let range = range("").expect("fits");
        assert_eq!((range.until.0 - range.from.0, range.step), (1_440, 1));
        assert_eq!(range.until.start().to_string(), "2025-03-10T10:01:00Z");
    }

    #[test]
    fn a_range_is_widened_to_whole_steps() {
        let query = "from=2025-03-10T09:07:00Z&until=2025-03-10T09:21:00Z&step=10m";
        let range = range(query).expect("fits");
        assert_eq!(range.from.start().to_string(), "2025-03-10T09:00:00Z");
        assert_eq!(range.until.start().to_string(), "2025-03-10T09:30:00Z");
    }

    #[test]
    fn too_many_steps_are_refused_with_a_step_that_fits() {
        let query = "from=2024-03-10T00:00:00Z&until=2025-03-10T00:00:00Z";
        let Err(Problem::Unreadable(what)) = range(query) else { panic!("525,600 steps") };
        assert!(what.contains("write step=53m"), "{what}");
        assert!(range(&format!("{query}&step=53m")).is_ok());
        let backwards = "from=2025-03-10T00:00:00Z&until=2025-03-09T00:00:00Z";
        assert!(matches!(range(backwards), Err(Problem::Unreadable(_))));
    }
}

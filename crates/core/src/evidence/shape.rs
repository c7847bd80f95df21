//! Shape: how reports began, rose and fell.
//!
//! A change that is pushed everywhere fails at once; a crowd that comes to an event grows; what is
//! pushed to devices one by one grows slowly. None of this is strong: people report when they
//! notice, and they notice when they are awake.
//!
//! # What it cannot tell
//!
//! Pulses. Attacks and flapping configurations both go on and off like clockwork, so the state
//! `pulsing` says nearly nothing.

use crate::evidence::CaseFile;
use crate::evidence::Family;
use crate::evidence::Item;
use crate::evidence::LEAD_MS;
use crate::evidence::State;
use crate::evidence::notices;
use crate::time::MINUTE_MS;

/// States of the family.
pub const STATES: &[&str] = &["instant", "ramp", "slow", "pulsing", "brief", "before_event"];

/// Counted reports in 15 minutes under which a shape is chance.
const PEAK_MIN: u64 = 40;
/// Minutes over which the series is smoothed.
const SMOOTH_MINUTES: usize = 3;
/// Rise from a tenth to six tenths of the peak, in minutes: at once, or a ramp; longer is slow.
const INSTANT_MINUTES_MAX: usize = 6;
const RAMP_MINUTES_MAX: usize = 30;
/// An outage no longer than this is brief.
const BRIEF_MS_MAX: i64 = 20 * MINUTE_MS;
/// Pulses from which it is pulsing.
const PULSES_MIN: usize = 3;
/// How long before an announced event a rise still belongs to it, and how long after its begin.
const EVENT_BEFORE_MS: i64 = 45 * MINUTE_MS;
const EVENT_AFTER_MS: i64 = 5 * MINUTE_MS;

/// What the shape of the reports says.
pub fn look(case: &CaseFile) -> Option<Item> {
    let peak = case.incident.surges.iter().map(|surge| surge.peak).max()?;
    if peak < PEAK_MIN || case.minutes.is_empty() {
        return None;
    }
    let excess = smoothed(case);
    let first = case.incident.surges.first()?;
    let from = first.opened_at.plus_ms(-LEAD_MS).minute().0 - case.minutes[0].minute.0;
    let from = usize::try_from(from).unwrap_or(0).min(excess.len().saturating_sub(1));
    let until = first.closed_at.unwrap_or(case.as_of).minute().0 - case.minutes[0].minute.0;
    let until = usize::try_from(until + 1).unwrap_or(0).clamp(from + 1, excess.len());
    let rise = rise_minutes(&excess[from..until]);
    let pulses = pulses(&excess[from..]);
    let lasted_ms = case.incident.closed_at.map(|at| at.since_ms(case.incident.opened_at));
    let event = notices::events(case).into_iter().find(|event| {
        let lead = event.since_ms(first.opened_at);
        (-EVENT_AFTER_MS..=EVENT_BEFORE_MS).contains(&lead)
    });
    let state = if event.is_some() {
        "before_event"
    } else if lasted_ms.is_some_and(|ms| ms <= BRIEF_MS_MAX) {
        "brief"
    } else if pulses >= PULSES_MIN {
        "pulsing"
    } else if rise <= INSTANT_MINUTES_MAX {
        "instant"
    } else if rise <= RAMP_MINUTES_MAX {
        "ramp"
    } else {
        "slow"
    };
    Some(Item {
        family: Family::Shape,
        state: State::Listed(state),
        figures: vec![
            ("rise_minutes", rise as f64),
            ("pulses", pulses as f64),
            ("surges", case.incident.surges.len() as f64),
            ("peak_15min", peak as f64),
        ],
        names: Vec::new(),
        source: "reports",
        window: case.window(),
        caveat: "people_notice_late",
        synthetic: case.incident.reconstruction,
    })
}

/// Reports above the usual level, as a mean over [`SMOOTH_MINUTES`] minutes that end there.
fn smoothed(case: &CaseFile) -> Vec<f64> {
    let excess: Vec<f64> =
        case.minutes.iter().map(|point| f64::from(point.counted) - point.usual).collect();
    (0..excess.len())
        .map(|at| {
            let from = (at + 1).saturating_sub(SMOOTH_MINUTES);
            excess[from..=at].iter().sum::<f64>() / (at + 1 - from) as f64
        })
        .collect()
}

/// Minutes from the first tenth of the peak to the first six tenths of it.
fn rise_minutes(excess: &[f64]) -> usize {
    let peak = excess.iter().copied().fold(0.0, f64::max);
    let first = |share: f64| excess.iter().position(|value| *value >= share * peak);
    match (first(0.1), first(0.6)) {
        (Some(low), Some(high)) => high.saturating_sub(low),
        _ => 0,
    }
}

/// Rises over a third of the peak with a fall under a tenth of it between them.
fn pulses(excess: &[f64]) -> usize {
    let peak = excess.iter().copied().fold(0.0, f64::max);
    let (mut pulses, mut high) = (0, false);
    for value in excess {
        if !high && *value >= peak / 3.0 {
            (pulses, high) = (pulses + 1, true);
        } else if high && *value <= peak / 10.0 {
            high = false;
        }
    }
    if peak > 0.0 { pulses } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rises_are_told_apart_by_their_minutes() {
        let step: Vec<f64> = (0..60).map(|m| if m < 10 { 0.0 } else { 50.0 }).collect();
        let ramp: Vec<f64> = (0..60).map(|m| f64::from(m).min(40.0)).collect();
        assert!(rise_minutes(&step) <= 1);
        assert_eq!(rise_minutes(&ramp), 20);
        assert_eq!(rise_minutes(&[0.0; 9]), 0);
    }

    #[test]
    fn a_pulse_needs_a_fall_before_the_next() {
        let wave = |minute: usize| if minute % 20 < 10 { 30.0 } else { 0.0 };
        assert_eq!(pulses(&(0..80).map(wave).collect::<Vec<f64>>()), 4);
        assert_eq!(pulses(&[30.0, 20.0, 30.0, 20.0, 30.0]), 1);
        assert_eq!(pulses(&[0.0; 5]), 0);
    }
}

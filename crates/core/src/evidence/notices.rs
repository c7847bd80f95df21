//! Notices: what the operator said on its own page, and when.
//!
//! An operator that names its own change knows; one that names an attack early was wrong, unproven
//! or half right in most cases on record. Work that was announced before is announced work. Silence
//! counts only where the page is read: some notice of this operator must have been seen.
//!
//! # What it cannot tell
//!
//! Intentions. A late first word may be a dashboard that broke with the rest.

use crate::evidence::CaseFile;
use crate::evidence::Family;
use crate::evidence::Item;
use crate::evidence::State;
use crate::evidence::words;
use crate::hypothesis::Hypothesis;
use crate::observe::NoticeTold;
use crate::time::DAY_MS;
use crate::time::HOUR_MS;
use crate::time::MINUTE_MS;
use crate::time::UnixMillis;

/// States of the family.
pub const STATES: &[&str] = &[
    "silent",
    "acknowledged",
    "names_change",
    "names_provider",
    "names_attack",
    "names_load",
    "names_hardware",
    "names_network",
    "names_block",
    "names_client",
    "announced",
    "closed_on_purpose",
    "says_normal",
];

/// Work counts as announced when the notice came this long before the outage, and no longer ago.
const ANNOUNCED_BEFORE_MS: i64 = 10 * MINUTE_MS;
const ANNOUNCED_WITHIN_MS: i64 = 7 * DAY_MS;
/// Announced work that ended this long before the outage is over.
const WORK_OVER_MS: i64 = 2 * HOUR_MS;
/// Work that says when it starts may start this much early, and without an end lasts this long.
const WORK_EARLY_MS: i64 = HOUR_MS / 2;
const WORK_LASTS_MS: i64 = 12 * HOUR_MS;
/// Silence is said only after this long.
const SILENT_AFTER_MS: i64 = 15 * MINUTE_MS;

/// What the operator told.
pub fn look(case: &CaseFile) -> Option<Item> {
    let notices = &case.observed.notices;
    if notices.is_empty() {
        return None;
    }
    let (first, _) = case.window();
    let during: Vec<&NoticeTold> = notices
        .iter()
        .filter(|told| told.at >= first.plus_ms(-LEAD_OF_WORD_MS) && is_trouble(told))
        .collect();
    let lag_ms = during.first().map(|told| told.at.since_ms(case.incident.opened_at));
    let announced = announced(case);
    let state = if announced.is_some() {
        "announced"
    } else if let Some(cause) = last_cause(&during) {
        of(cause)
    } else if during.is_empty() {
        if case.as_of.since_ms(case.incident.opened_at) < SILENT_AFTER_MS {
            return None;
        }
        "silent"
    } else {
        "acknowledged"
    };
    let mut figures = vec![("notices", during.len() as f64)];
    figures.extend(lag_ms.map(|ms| ("first_word_minutes", ms as f64 / MINUTE_MS as f64)));
    Some(Item {
        family: Family::Notices,
        state: State::Listed(state),
        figures,
        names: during.iter().map(|told| told.notice.title.clone()).take(3).collect(),
        source: "operator_notices",
        window: case.window(),
        caveat: "operators_have_interests",
        synthetic: notices.iter().any(|told| told.synthetic),
    })
}

/// A word of the operator that came before people reported.
const LEAD_OF_WORD_MS: i64 = HOUR_MS;

fn of(cause: Hypothesis) -> &'static str {
    match cause {
        Hypothesis::VolumetricAttack | Hypothesis::ApplicationAttack => "names_attack",
        Hypothesis::BadChange => "names_change",
        Hypothesis::InfrastructureFailure => "names_hardware",
        Hypothesis::Overload => "names_load",
        Hypothesis::UpstreamFailure => "names_provider",
        Hypothesis::RoutingFailure | Hypothesis::AccessNetworkFailure => "names_network",
        Hypothesis::AccessBlocked => "names_block",
        Hypothesis::ClientFailure => "names_client",
        Hypothesis::PlannedWork => "announced",
        Hypothesis::PrecautionaryShutdown => "closed_on_purpose",
        Hypothesis::Spillover | Hypothesis::Brigading => "says_normal",
        Hypothesis::Unknown => "acknowledged",
    }
}

/// Whether a notice tells of trouble or denies it, rather than of work or of an event to come.
fn is_trouble(told: &NoticeTold) -> bool {
    let notice = &told.notice;
    !is_ahead(told) && (&*notice.impact != "maintenance" || words_of(told).is_some())
}

fn is_ahead(told: &NoticeTold) -> bool {
    matches!(&*told.notice.state, "scheduled" | "planned" | "upcoming")
}

fn is_work(told: &NoticeTold) -> bool {
    let text = format!("{} {}", told.notice.title, told.notice.text).to_lowercase();
    &*told.notice.impact == "maintenance"
        || ["maintenance", "planned work", "scheduled work", "upgrade work", "migration window"]
            .iter()
            .any(|word| text.contains(word))
}

fn words_of(told: &NoticeTold) -> Option<Hypothesis> {
    words::cause(&format!("{}. {}", told.notice.title, told.notice.text))
}

/// The cause that the last notice with one names, unless a later one takes it back. "Announced" is
/// not told afterwards.
fn last_cause(during: &[&NoticeTold]) -> Option<Hypothesis> {
    let mut withdrawn = Vec::new();
    let causes = during.iter().rev().filter_map(move |told| {
        let cause = words_of(told).filter(|cause| !withdrawn.contains(cause));
        withdrawn.extend(words::withdrawn(&told.notice.text));
        cause
    });
    let mut causes = causes.filter(|cause| *cause != Hypothesis::PlannedWork);
    let last = causes.next()?;
    // "Operating normally" after trouble was acknowledged is the end of it, not a denial.
    let acknowledged = during.iter().any(|told| {
        !matches!(&*told.notice.state, "resolved" | "none" | "operational" | "completed")
            && words_of(told) != Some(Hypothesis::Spillover)
    });
    if last == Hypothesis::Spillover && acknowledged {
        return causes.find(|cause| *cause != Hypothesis::Spillover);
    }
    Some(last)
}

/// When work was announced that was due when it failed.
fn announced(case: &CaseFile) -> Option<UnixMillis> {
    let (first, _) = case.window();
    let notices = &case.observed.notices;
    let opened = case.incident.opened_at;
    let mut ahead = notices.iter().filter(|told| {
        let before = first.since_ms(told.at);
        let told_before = (-LEAD_OF_WORD_MS / 6..=ANNOUNCED_WITHIN_MS).contains(&before)
            && (is_ahead(told) || before >= ANNOUNCED_BEFORE_MS);
        let due = told.notice.starts.is_none_or(|starts| {
            let ends = told.notice.ends.unwrap_or_else(|| starts.plus_ms(WORK_LASTS_MS));
            opened >= starts.plus_ms(-WORK_EARLY_MS) && opened <= ends.plus_ms(WORK_OVER_MS)
        });
        is_work(told) && told_before && due
    });
    ahead.find_map(|told| {
        let over = notices.iter().any(|other| {
            other.notice.notice == told.notice.notice
                && matches!(&*other.notice.state, "completed" | "resolved")
                && first.since_ms(other.at) >= WORK_OVER_MS
        });
        (!over).then_some(told.at)
    })
}

/// Events that were announced, which are no work: when they start, or else the time of day their
/// words give, in UTC.
pub fn events(case: &CaseFile) -> Vec<UnixMillis> {
    let ahead = case.observed.notices.iter().filter(|told| is_ahead(told) && !is_work(told));
    ahead
        .filter_map(|told| {
            if told.notice.starts.is_some() {
                return told.notice.starts;
            }
            let text = format!("{} {}", told.notice.title, told.notice.text);
            let minutes = time_of_day(&text)?;
            let midnight = case.incident.opened_at.0.div_euclid(DAY_MS) * DAY_MS;
            // The nearest day on which that time lies close to the opening.
            [-DAY_MS, 0, DAY_MS]
                .into_iter()
                .map(|day| UnixMillis(midnight + day + minutes * MINUTE_MS))
                .min_by_key(|at| at.since_ms(case.incident.opened_at).abs())
        })
        .collect()
}

/// The first `HH:MM` of a text, in minutes of the day.
fn time_of_day(text: &str) -> Option<i64> {
    text.match_indices(':').find_map(|(at, _)| {
        let hour = text.get(at.checked_sub(2)?..at)?.parse::<i64>().ok()?;
        let minute = text.get(at + 1..at + 3)?.parse::<i64>().ok()?;
        ((0..24).contains(&hour) && (0..60).contains(&minute)).then_some(hour * 60 + minute)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_of_day_is_found_in_words() {
        assert_eq!(time_of_day("A livestream at 00:00 UTC"), Some(0));
        assert_eq!(time_of_day("doors 19:30, see https://x"), Some(19 * 60 + 30));
        assert_eq!(time_of_day("ratio 1:2, no time"), None);
        assert_eq!(time_of_day(":"), None);
    }
}

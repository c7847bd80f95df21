//! Scores: what Outcry said, held against what was done.

use std::collections::BTreeMap;

use crate::run::Ran;

/// Milliseconds after the onset in which a look may have begun before it.
const SETTLE_MS: i64 = 300;
/// Part of failing looks from which a phase counts: the first of these on the way is the one.
const COUNTS_FROM: f64 = 0.25;
/// Part of looks that have to fail before anything is named.
const FAILS_FROM: f64 = 0.1;
/// Phases, in the order of the way.
pub const WAY: [&str; 6] = ["resolve", "connect", "tls", "processing", "transfer", "content"];

/// The failing phase that the probes name while a fault is at work: the first on the way with a
/// quarter of all that fails, since what comes after it fails because of it. None when hardly
/// anything fails.
pub fn phase(ran: &Ran) -> Option<&'static str> {
    let from = ran.injected.iter().map(|done| done.from_unix_ms).min();
    let until = ran.injected.iter().map(|done| done.until_unix_ms).max();
    // A quiet run is judged over all of it.
    let (from, until) = (from.unwrap_or(i64::MIN), until.unwrap_or(i64::MAX));
    let looks = ran.looks.iter().filter(|look| {
        look.at_unix_ms >= from.saturating_add(SETTLE_MS) && look.at_unix_ms < until
    });
    let (mut all, mut failing) = (0, 0);
    let mut by_phase: BTreeMap<&str, u32> = BTreeMap::new();
    // A vantage point that is cut off, or starved, tells nothing, and a provider's own page is another service.
    for look in looks.filter(|look| look.tells() && look.monitor.service != "ident") {
        all += 1;
        if let Some(phase) = look.phase() {
            failing += 1;
            *by_phase.entry(phase).or_default() += 1;
        }
    }
    if f64::from(failing) < f64::from(all) * FAILS_FROM {
        return None;
    }
    let counts = |phase: &&&str| {
        let count = by_phase.get(**phase).copied().unwrap_or_default();
        f64::from(count) >= f64::from(failing) * COUNTS_FROM
    };
    WAY.iter().find(counts).copied()
}

/// Whether that phase is right: one of a fault's own, or none where nothing was broken.
pub fn phase_is_right(ran: &Ran, named: Option<&str>) -> bool {
    match named {
        None => ran.injected.iter().all(|done| done.fault.phases.is_empty()),
        Some(named) => ran.injected.iter().any(|done| done.fault.phases.contains(&named)),
    }
}

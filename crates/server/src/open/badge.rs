//! Badges: one word about a service as a small picture, and the same as shields.io reads it.
//!
//! Addresses are those of Gatus, so that a README needs a new host and nothing else. The share of
//! quiet time is the time without a surge or an outage, over what was watched of the window.
//!
//! # What it cannot tell
//!
//! That a service was up: that nobody reported trouble, and no probe saw any, is what it says.

use maud::html;
use outcry_core::incident::Incident;
use outcry_core::incident::Severity;
use outcry_core::snapshot::ServiceSnapshot;
use outcry_core::time::DAY_MS;
use outcry_core::time::HOUR_MS;
use outcry_core::time::UnixMillis;
use serde::Serialize;

use crate::contract::Records;
use crate::contract::Unavailable;
use crate::contract::Which;
use crate::limit::QUIET_INCIDENTS_MAX;
use crate::site::Site;

/// What a badge says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Says {
    /// Whether there is trouble now.
    Trouble,
    /// The share of a window without trouble.
    Quiet,
}

/// How good that is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tone {
    Fine,
    Warning,
    Danger,
    Unknown,
}

impl Tone {
    /// As shields.io names it, and as the picture is filled; white on it has a contrast over 4.5.
    fn colours(self) -> (&'static str, &'static str) {
        match self {
            Self::Fine => ("brightgreen", "#256f45"),
            Self::Warning => ("orange", "#8a5a00"),
            Self::Danger => ("red", "#b92a17"),
            Self::Unknown => ("lightgrey", "#666b74"),
        }
    }
}

/// A badge.
#[derive(Debug)]
pub struct Badge {
    label: String,
    message: String,
    tone: Tone,
}

/// As shields.io reads it: <https://shields.io/badges/endpoint-badge>.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Shield {
    schema_version: u32,
    label: String,
    message: String,
    color: &'static str,
    /// About the badge, not about the service.
    is_error: bool,
    cache_seconds: u32,
}

/// Seconds that shields.io should keep a badge.
const CACHE_S: u32 = 60;

impl Badge {
    /// Whether there is trouble now.
    pub fn of_state(site: &Site, name: &str, snapshot: &ServiceSnapshot) -> Self {
        let open = snapshot.incident.as_ref().filter(|incident| incident.is_open());
        let (id, tone) = match open.map(|incident| incident.severity) {
            Some(Severity::Danger) => ("badge-danger", Tone::Danger),
            Some(Severity::Warning) if open.is_some_and(|it| it.surges.is_empty()) => {
                ("badge-probes", Tone::Warning)
            }
            Some(Severity::Warning) => ("badge-warning", Tone::Warning),
            None if snapshot.knows_usual() => ("badge-fine", Tone::Fine),
            None => ("badge-unknown", Tone::Unknown),
        };
        Self { label: name.to_owned(), message: site.words.say(id), tone }
    }

    /// The share of a window, such as `24h`, without trouble.
    ///
    /// # Errors
    ///
    /// When the store cannot be read.
    pub fn of_window(
        site: &Site,
        snapshot: &ServiceSnapshot,
        window: &str,
    ) -> Result<Self, Unavailable> {
        let span_ms = match window {
            "1h" => HOUR_MS,
            "7d" => 7 * DAY_MS,
            "30d" => 30 * DAY_MS,
            _ => DAY_MS,
        };
        let label = site.words.with("badge-quiet", &[("window", window.to_owned().into())]);
        let Some(quiet) = quiet(&*site.records, snapshot, span_ms)? else {
            let message = site.words.say("badge-unknown");
            return Ok(Self { label, message, tone: Tone::Unknown });
        };
        // Rounded down, so that 100 % means all of it.
        let percent = (quiet * 10_000.0).floor() / 100.0;
        let message = site.words.with("percent", &[("n", percent.into())]);
        let tone = match percent {
            99.0.. => Tone::Fine,
            90.0.. => Tone::Warning,
            _ => Tone::Danger,
        };
        Ok(Self { label, message, tone })
    }

    /// For shields.io.
    pub fn shield(&self) -> Shield {
        Shield {
            schema_version: 1,
            label: self.label.clone(),
            message: self.message.clone(),
            color: self.tone.colours().0,
            is_error: false,
            cache_seconds: CACHE_S,
        }
    }

    /// As a picture of its own. Widths are those of the text in the fonts that viewers have, on
    /// average; `textLength` makes it fit in all.
    pub fn svg(&self) -> String {
        let (left, right) = (width(&self.label), width(&self.message));
        let (left_box, right_box) = (left + 12, right + 12);
        let all = left_box + right_box;
        let says = format!("{}: {}", self.label, self.message);
        let fill = self.tone.colours().1;
        let text = |x: u32, length: u32, text: &str| {
            html! {
                text x=(x) y="14" fill="#fff" textLength=(length) lengthAdjust="spacingAndGlyphs"
                    { (text) }
            }
        };
        let picture = html! {
            svg xmlns="http://www.w3.org/2000/svg" width=(all) height="20" role="img"
                aria-label=(says) font-family="Verdana,Geneva,DejaVu Sans,sans-serif"
                font-size="11" {
                title { (says) }
                rect width=(all) height="20" rx="3" fill="#474c56" {}
                path fill=(fill) d={ "M" (left_box) " 0h" (right_box.saturating_sub(3))
                    "a3 3 0 0 1 3 3v14a3 3 0 0 1-3 3h-" (right_box.saturating_sub(3)) "z" } {}
                (text(6, left, &self.label))
                (text(left_box + 6, right, &self.message))
            }
        };
        picture.into_string()
    }
}

/// Width of a text in 11 px Verdana, roughly.
fn width(text: &str) -> u32 {
    let of = |c: char| match c {
        'i' | 'j' | 'l' | '.' | ',' | ':' | ' ' | '\'' | '|' => 4,
        'm' | 'w' | 'M' | 'W' | '%' => 10,
        c if c.is_uppercase() || !c.is_ascii() => 8,
        _ => 7,
    };
    text.chars().map(of).sum()
}

/// The share without trouble of what was watched in the last `span_ms`; `None` of nothing.
fn quiet(
    records: &dyn Records,
    snapshot: &ServiceSnapshot,
    span_ms: i64,
) -> Result<Option<f64>, Unavailable> {
    let now = snapshot.as_of;
    let learnt_ms = (snapshot.weeks_learnt.clamp(0.0, 5_000.0) * 7.0 * DAY_MS as f64) as i64;
    let watched_ms = span_ms.min(learnt_ms);
    if watched_ms <= 0 {
        return Ok(None);
    }
    let begin = now.plus_ms(-watched_ms);
    let which = Which { service: Some(snapshot.service.clone()), ..Which::default() };
    let mut incidents = records.incidents(&which, QUIET_INCIDENTS_MAX)?;
    // What is open may be newer here than in the store.
    if let Some(recent) = &snapshot.incident {
        incidents.retain(|incident| incident.id != recent.id);
        incidents.push(recent.clone());
    }
    let trouble: Vec<(UnixMillis, UnixMillis)> =
        incidents.iter().flat_map(|incident| stretches(incident, now)).collect();
    let troubled_ms = covered_ms(trouble, begin, now);
    Ok(Some(1.0 - troubled_ms as f64 / watched_ms as f64))
}

/// When an incident had trouble.
fn stretches(incident: &Incident, now: UnixMillis) -> Vec<(UnixMillis, UnixMillis)> {
    let surges = incident.surges.iter().map(|it| (it.opened_at, it.closed_at.unwrap_or(now)));
    let outages = incident.outages.iter().map(|it| (it.opened_at, it.closed_at.unwrap_or(now)));
    surges.chain(outages).collect()
}

/// How much of `begin..end` the stretches cover together.
fn covered_ms(
    mut stretches: Vec<(UnixMillis, UnixMillis)>,
    begin: UnixMillis,
    end: UnixMillis,
) -> i64 {
    stretches.sort();
    let (mut sum, mut until) = (0, begin);
    for (from, to) in stretches {
        let (from, to) = (from.max(until), to.min(end));
        if to > from {
            sum += to.since_ms(from);
            until = to;
        }
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_is_covered_once() {
        let stretch = |from, to| (UnixMillis(from), UnixMillis(to));
        let cases = [
            (vec![], 0),
            (vec![stretch(10, 20), stretch(15, 30)], 20),
            (vec![stretch(90, 300), stretch(-50, 5)], 15),
            (vec![stretch(0, 100), stretch(20, 30)], 100),
            (vec![stretch(200, 300)], 0),
        ];
        for (stretches, want) in cases {
            let covered = covered_ms(stretches.clone(), UnixMillis(0), UnixMillis(100));
            assert_eq!(covered, want, "{stretches:?}");
        }
    }

    #[test]
    fn a_badge_is_a_picture_that_says_its_words() {
        let (label, message) = ("X & co".to_owned(), "trouble".to_owned());
        let svg = Badge { label, message, tone: Tone::Danger }.svg();
        assert!(svg.contains("aria-label=\"X &amp; co: trouble\""), "{svg}");
        assert!(svg.len() < 1_024, "{} bytes", svg.len());
    }
}

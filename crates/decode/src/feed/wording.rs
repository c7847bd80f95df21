//! States and impacts in the words of many providers.
//!
//! Structured fields are read by [`state`] and [`impact`], whose words are those of the providers'
//! references. Where there is only prose, [`state_in_prose`] looks for the words with which
//! operators open and close a notice, and says [`State::Unknown`] rather than guess.

use crate::feed::Impact;
use crate::feed::State;

/// A state field, in any case, with any joints between the words.
pub(super) fn state(word: &str) -> State {
    match joined(word).as_str() {
        "investigating"
        | "active"
        | "open"
        | "ongoing"
        | "detected"
        | "reported"
        | "triage"
        | "acknowledged"
        | "started"
        | "service_disruption"
        | "service_outage"
        | "service_information" => State::Investigating,
        "identified" | "fixing" | "mitigating" | "identified_and_fixing" => State::Identified,
        "monitoring" | "watching" | "recovering" | "mitigated" => State::Monitoring,
        "resolved" | "completed" | "complete" | "closed" | "fixed" | "operational"
        | "available" | "done" | "cancelled" | "canceled" | "ended" | "ok" => State::Resolved,
        "postmortem" | "post_mortem" => State::Postmortem,
        "scheduled" | "notstartedyet" | "not_started_yet" | "upcoming" | "planned" | "future"
        | "not_started" => State::Scheduled,
        "in_progress" | "inprogress" | "verifying" | "underway" | "maintenance_in_progress" => {
            State::InProgress
        }
        _ => State::Unknown,
    }
}

/// An impact, an indicator or the state of a component.
pub(super) fn impact(word: &str) -> Option<Impact> {
    Some(match joined(word).as_str() {
        "none"
        | "operational"
        | "up"
        | "ok"
        | "available"
        | "resolved"
        | "all_systems_operational"
        | "normal"
        | "informational"
        | "service_information" => Impact::None,
        "maintenance" | "under_maintenance" | "undermaintenance" | "scheduled" => {
            Impact::Maintenance
        }
        "minor"
        | "degraded"
        | "degraded_performance"
        | "degradedperformance"
        | "low"
        | "notice"
        | "minoroutage"
        | "minor_outage"
        | "partial_degradation" => Impact::Minor,
        "major" | "partial_outage" | "partialoutage" | "hasissues" | "has_issues" | "medium"
        | "service_disruption" | "incident" | "disruption" => Impact::Major,
        "critical" | "major_outage" | "majoroutage" | "full_outage" | "outage" | "down"
        | "downtime" | "high" | "service_outage" => Impact::Critical,
        _ => return None,
    })
}

/// `Degraded Performance` and `degraded-performance` are one word.
fn joined(word: &str) -> String {
    word.trim().to_ascii_lowercase().replace([' ', '-'], "_")
}

/// The state that prose tells: from how it begins, or from words that close a notice.
pub(super) fn state_in_prose(text: &str) -> State {
    let text = text.trim().to_lowercase();
    let begins = |words: &[&str]| words.iter().any(|word| text.starts_with(word));
    let holds = |words: &[&str]| words.iter().any(|word| text.contains(word));
    if begins(&["[resolved]", "resolved", "completed", "service is operating normally"]) {
        return State::Resolved;
    }
    if begins(&["postmortem", "post-mortem", "post mortem"]) {
        return State::Postmortem;
    }
    if begins(&["scheduled", "planned", "upcoming"]) {
        return State::Scheduled;
    }
    if begins(&["in progress", "maintenance in progress", "verifying"]) {
        return State::InProgress;
    }
    if begins(&["monitoring"]) {
        return State::Monitoring;
    }
    if begins(&["identified"]) {
        return State::Identified;
    }
    if begins(&["investigating", "update - we are investigating"]) {
        return State::Investigating;
    }
    let over = [
        "has been resolved",
        "have been resolved",
        "issue is resolved",
        "is now resolved",
        "is operating normally",
        "are operating normally",
        "has been fully restored",
        "is fully recovered",
        "have fully recovered",
        "has now recovered",
        "no further updates",
    ];
    let mended = [
        "monitoring",
        "fix has been implemented",
        "deployed a fix",
        "seeing recovery",
        "signs of recovery",
        "are recovering",
        "is recovering",
        "continue to recover",
    ];
    let known = [
        "have identified",
        "has been identified",
        "identified the root cause",
        "identified the cause",
        "root cause has been",
        "determined the cause",
    ];
    let open = ["investigating", "aware of", "looking into", "are experiencing", "may experience"];
    if holds(&over) && !holds(&["not been resolved", "until"]) {
        State::Resolved
    } else if holds(&mended) {
        State::Monitoring
    } else if holds(&known) {
        State::Identified
    } else if holds(&open) {
        State::Investigating
    } else {
        State::Unknown
    }
}

/// Text without markup, entities read, white space folded.
pub(super) fn without_markup(html: &str) -> String {
    let mut text = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        text.push_str(&rest[..at]);
        // A tag has a letter or a slash behind its bracket; "a < b" is text.
        let is_tag =
            rest[at + 1..].starts_with(|c: char| c.is_ascii_alphabetic() || c == '/' || c == '!');
        match rest[at..].find('>').filter(|_| is_tag) {
            Some(end) => {
                text.push(' ');
                rest = &rest[at + end + 1..];
            }
            None => {
                text.push('<');
                rest = &rest[at + 1..];
            }
        }
    }
    text.push_str(rest);
    let text = text
        .replace("&nbsp;", " ")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&apos;", "'")
        .replace("&amp;", "&");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prose_tells_its_state_or_nothing() {
        let cases = [
            ("[RESOLVED] Increased API error rates", State::Resolved),
            ("We are investigating increased error rates.", State::Investigating),
            ("We have identified the root cause and are working on it.", State::Identified),
            ("A fix has been implemented and we are monitoring.", State::Monitoring),
            ("The issue has been resolved and the service is operating normally.", State::Resolved),
            ("This has not been resolved yet; we are investigating.", State::Investigating),
            ("Scheduled maintenance on Sunday", State::Scheduled),
            ("Hello.", State::Unknown),
        ];
        for (text, want) in cases {
            assert_eq!(state_in_prose(text), want, "{text}");
        }
    }

    #[test]
    fn markup_goes_and_text_stays() {
        let html = "<p><small>Nov <var>25</var></small><br />a &lt; b &amp;&nbsp;c, 1 < 2</p>";
        assert_eq!(without_markup(html), "Nov 25 a < b & c, 1 < 2");
    }
}

//! RSS and Atom: prose with a date, from which a state is read where it is plainly said.
//!
//! Entities of the outside are never followed: the parser has no way to fetch anything.

use feed_rs::model::FeedType;

use crate::feed::Format;
use crate::feed::Impact;
use crate::feed::Notice;
use crate::feed::Snapshot;
use crate::feed::State;
use crate::feed::Update;
use crate::feed::field;
use crate::feed::wording;

/// Reads a feed, or says why it cannot be read.
pub(super) fn read(bytes: &[u8]) -> Result<Snapshot, String> {
    // A document that defines its own entities can grow without end when they are put in.
    if bytes.windows(8).any(|window| window == b"<!ENTITY") {
        return Err("XML that defines entities of its own, which is refused".to_owned());
    }
    let feed = feed_rs::parser::parse(bytes).map_err(|error| format!("not a feed: {error}"))?;
    let format = match feed.feed_type {
        FeedType::Atom => Format::Atom,
        _ => Format::Rss,
    };
    let mut snapshot = Snapshot::of(format);
    for entry in feed.entries {
        let title = entry.title.map(|title| wording::without_markup(&title.content));
        let title = field::shortened(&title.unwrap_or_default());
        let body = entry.content.and_then(|content| content.body);
        let body = body.or_else(|| entry.summary.map(|summary| summary.content));
        let published = entry.published.map(|at| at.timestamp_millis());
        let updated = entry.updated.map(|at| at.timestamp_millis());
        let updates = updates(&body.unwrap_or_default(), updated.or(published));
        let newest = updates.iter().map(|update| update.state).find(|s| *s != State::Unknown);
        let titled = wording::state_in_prose(&title);
        let state = match titled {
            State::Unknown => newest.unwrap_or(State::Unknown),
            titled => newest.filter(|state| state.is_over()).unwrap_or(titled),
        };
        let lower = title.to_lowercase();
        let planned =
            matches!(state, State::Scheduled | State::InProgress) || lower.contains("maintenance");
        snapshot.push(Notice {
            id: entry.id,
            impact: impact(&lower, planned),
            title,
            state,
            components: Vec::new(),
            started_at: published.or(updated),
            resolved_at: updated.filter(|_| state.is_over()),
            updates,
        });
    }
    Ok(snapshot)
}

/// Only what a title says outright; an impact is never guessed from the length of an apology.
fn impact(title: &str, planned: bool) -> Impact {
    if planned {
        Impact::Maintenance
    } else if title.contains("major outage") || title.contains("service disruption") {
        Impact::Critical
    } else if title.contains("outage") || title.contains("unavailable") {
        Impact::Major
    } else if title.contains("operating normally") {
        Impact::None
    } else {
        Impact::Minor
    }
}

/// Status pages put their updates into one text, each behind its state in bold.
fn updates(body: &str, at: Option<i64>) -> Vec<Update> {
    let parts: Vec<&str> = body.split("<p>").map(str::trim).filter(|p| !p.is_empty()).collect();
    let bold = |part: &&str| part.contains("<strong>") && part.contains(" - ");
    if parts.len() > 1 && parts.iter().filter(|part| bold(part)).count() == parts.len() {
        return parts.iter().map(|part| behind_bold(part)).collect();
    }
    let text = field::shortened(&wording::without_markup(body));
    if text.is_empty() {
        return Vec::new();
    }
    let state = match parts.first().filter(|part| bold(part)) {
        Some(part) => behind_bold(part).state,
        None => wording::state_in_prose(&text),
    };
    vec![Update { at, state, text }]
}

fn behind_bold(part: &str) -> Update {
    let word = part.split("<strong>").nth(1).and_then(|rest| rest.split("</strong>").next());
    let text = part.split("</strong>").nth(1).unwrap_or(part);
    Update {
        at: None,
        state: wording::state(word.unwrap_or_default()),
        text: field::shortened(wording::without_markup(text).trim_start_matches("- ")),
    }
}

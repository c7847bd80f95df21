//! What a claim must be before it is entered.
//!
//! # What it cannot tell
//!
//! Whether the assertions are what the words say. A person reads them.

use std::path::Path;

use outcry_core::catalog::Catalog;
use outcry_core::hypothesis::Cause;
use outcry_core::signal::Signal;
use outcry_core::signal::said::Assertion;
use outcry_core::signal::said::Claim;
use outcry_core::units::Text;
use outcry_server::legible::Flaw;
use outcry_server::limit::NAME_CHARS_MAX;
use outcry_server::proposal::typed::Field;
use outcry_server::proposal::typed::is_address;

use crate::cli::BadInput;
use crate::cli::replay::read_signals;

/// What an assertion may be (docs/reference/signals.md).
const KINDS: [&str; 7] =
    ["cause", "origin", "actor", "scale", "duration", "denial", "attribution_of_words"];

/// The line of a file that has one.
pub(super) fn only_line(file: &Path) -> anyhow::Result<Signal> {
    let mut signals = read_signals(file)?;
    match (signals.pop(), signals.len()) {
        (Some(signal), 0) => Ok(signal),
        (last, before) => anyhow::bail!(BadInput(format!(
            "{} holds {} lines; one claim is one line",
            file.display(),
            before + usize::from(last.is_some())
        ))),
    }
}

/// Refuses a service that the catalogue does not have.
pub(super) fn known_service(catalog: &Catalog, service: &Text) -> anyhow::Result<()> {
    match catalog.service(service) {
        Some(_) => Ok(()),
        None => anyhow::bail!(BadInput(format!("there is no service {service:?}"))),
    }
}

/// Refuses a proposal that nothing was found to assert.
pub(super) fn asserts(claim: &Claim, id: &str) -> anyhow::Result<()> {
    if claim.assertions.is_empty() {
        anyhow::bail!(BadInput(format!(
            "nothing was found that these words assert; `outcry admin claims show {id} > FILE`, \
             write the assertions into it, and accept it with --file FILE"
        )));
    }
    Ok(())
}

/// Refuses what could not be ruled on, or not be found again.
pub(super) fn check(claim: &Claim) -> anyhow::Result<()> {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_';
    let name = &*claim.claim;
    if name.is_empty() || name.len() > NAME_CHARS_MAX || !name.chars().all(fits) {
        anyhow::bail!(BadInput(format!(
            "{name:?} cannot be the name of a claim; write lower-case letters, digits, - and _, \
             such as owner-attack"
        )));
    }
    for assertion in &claim.assertions {
        let kind = &*assertion.kind;
        if !KINDS.contains(&kind) {
            let kinds = KINDS.join(", ");
            anyhow::bail!(BadInput(format!(
                "{kind:?} is no kind of assertion; write one of {kinds}"
            )));
        }
        if let Some(cause) = assertion.cause.as_deref().filter(|it| Cause::parse(it).is_none()) {
            anyhow::bail!(BadInput(format!(
                "{cause:?} is no cause; write one of the methods page, such as attack or bad_change"
            )));
        }
    }
    Ok(())
}

/// Refuses a source that nobody can look at.
pub(super) fn found(source: &str) -> anyhow::Result<()> {
    match is_address(source) {
        true => Ok(()),
        false => anyhow::bail!(BadInput(format!(
            "{source:?} is no address where the words can be looked up; write https://…"
        ))),
    }
}

/// Refuses what the form would refuse: it is read by people, in pages and in feeds.
pub(super) fn readable(claim: &Claim, source: &str) -> anyhow::Result<()> {
    let texts = [
        ("quote", Field::Quote, Some(&claim.quote)),
        ("speaker", Field::Speaker, claim.speaker.as_ref()),
        ("speaker_role", Field::Speaker, Some(&claim.speaker_role)),
        ("medium", Field::Medium, Some(&claim.medium)),
        ("said_at_words", Field::Medium, claim.said_at_words.as_ref()),
        ("evidence_offered", Field::Evidence, claim.evidence_offered.as_ref()),
    ];
    let asserted = claim.assertions.iter().flat_map(|it| {
        [
            ("what", Field::Quote, Some(&it.what)),
            ("would_settle", Field::Quote, it.would_settle.as_ref()),
        ]
    });
    let texts = texts.into_iter().chain(asserted);
    let texts = texts.filter_map(|(what, field, text)| Some((what, field, &**text?)));
    let source = [("source", Field::Source, source)];
    for (what, field, text) in texts.chain(source) {
        if let Some(flaw) = field.flaw(text) {
            anyhow::bail!(BadInput(format!("{what}: {}", in_short(flaw))));
        }
    }
    Ok(())
}

fn in_short(flaw: Flaw) -> String {
    match flaw {
        Flaw::TooLong { chars, max } => {
            format!("{chars} characters; write {max} at most, and … for what is left out")
        }
        Flaw::Unreadable => "it has characters that cannot be seen; take them out".to_owned(),
    }
}

/// An assertion in a line for people.
pub(super) fn in_words(assertion: &Assertion) -> String {
    let cause = assertion.cause.as_deref().map(|cause| format!(" ({cause})")).unwrap_or_default();
    format!("{}{cause}: {}", assertion.kind, assertion.what.replace('\n', " "))
}

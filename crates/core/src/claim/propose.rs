//! Proposing assertions: what a quotation seems to assert, for a person to confirm or correct.
//!
//! Words that people use for causes, origins, actors and scale are found in the quotation, and each
//! becomes a proposed assertion. A proposal is never ruled on: it becomes a claim only when somebody
//! confirms it.
//!
//! # What it cannot tell
//!
//! Irony, negation across sentences, and any language but English.

use crate::evidence::words;
use crate::hypothesis::Group;
use crate::signal::Assertion;

/// Words by kind of assertion, beside causes, which have words of their own.
const KINDS: &[(&str, &[&str])] = &[
    ("origin", &["originating", "addresses from", "ip addresses", "came from", "traced to"]),
    (
        "actor",
        &[
            "group",
            "country",
            "state actor",
            "nation",
            "we did it",
            "hackers",
            "gang",
            "troops",
            "army",
            "behind it",
            "responsible",
        ],
    ),
    ("scale", &["massive", "largest", "biggest", "unprecedented", "a lot of resources", "huge"]),
    ("duration", &["for hours", "for days", "minutes", "all day", "still is"]),
];
/// Words for an attack of either kind.
const ATTACK: &[&str] = &["attack", "ddos", "cyber", "denial of service"];

/// What a quotation seems to assert, in a fixed order; at most one of each kind.
pub fn propose(quote: &str) -> Vec<Assertion> {
    let text = quote.to_lowercase();
    let assertion = |kind: &str, cause: Option<&str>| Assertion {
        kind: kind.into(),
        what: quote.trim().into(),
        cause: cause.map(Into::into),
        would_settle: None,
    };
    let mut proposed = Vec::new();
    if words::denies_attack(quote) {
        proposed.push(assertion("denial", Some(Group::Attack.name())));
    } else if ATTACK.iter().any(|word| text.contains(word)) {
        proposed.push(assertion("cause", Some(Group::Attack.name())));
    } else if let Some(cause) = words::cause(quote) {
        proposed.push(assertion("cause", Some(cause.name())));
    }
    for (kind, words) in KINDS {
        if words.iter().any(|word| text.contains(word)) {
            proposed.push(assertion(kind, None));
        }
    }
    proposed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quotation_is_taken_apart() {
        let kinds = |quote: &str| -> Vec<String> {
            propose(quote).iter().map(|assertion| assertion.kind.to_string()).collect()
        };
        let owner = "There was (still is) a massive cyberattack. Either a large, coordinated group \
                     and/or a country is involved.";
        assert_eq!(kinds(owner), ["cause", "actor", "scale", "duration"]);
        let later = "a massive cyber-attack with IP addresses originating in the Ukraine area";
        assert_eq!(kinds(later), ["cause", "origin", "scale"]);
        assert_eq!(kinds("This was not a cyberattack."), ["denial"]);
        assert_eq!(kinds("We rolled back a configuration change."), ["cause"]);
        assert_eq!(kinds("Hello."), [""; 0]);
    }
}

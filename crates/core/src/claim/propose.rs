//! Proposing assertions: what a quotation seems to assert, for a person to confirm or correct, and
//! a name for a claim that somebody sent in.
//!
//! Words that people use for causes, origins, actors and scale are found in the quotation, and each
//! becomes a proposed assertion. A proposal is never ruled on: it becomes a claim only when
//! somebody confirms it.
//!
//! # What it cannot tell
//!
//! Irony, negation across sentences, and any language but English.

use crate::evidence::words;
use crate::hypothesis::Group;
use crate::signal::said::Assertion;
use crate::signal::said::Claim;
use crate::units::Text;

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

/// Characters of a role that become part of a name.
const ROLE_CHARS_MAX: usize = 24;

/// A name for a claim that was sent in: whose it is, what it asserts first, and the end of its id,
/// so that it is the claim's own.
pub fn name(claim: &Claim, id: u128) -> Text {
    let first = propose(&claim.quote).into_iter().next();
    let what = first.map_or_else(|| "claim".into(), |it| it.cause.unwrap_or(it.kind));
    let kebab = |text: &str| -> String {
        let words =
            text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
        words.map(str::to_ascii_lowercase).collect::<Vec<_>>().join("-")
    };
    let role: String = kebab(&claim.speaker_role).chars().take(ROLE_CHARS_MAX).collect();
    let parts = [role, kebab(&what), format!("{:05x}", id & 0xf_ffff)];
    let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    parts.join("-").into()
}

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

    #[test]
    fn a_name_says_whose_claim_it_is_and_is_its_own() {
        let named = |role: &str, quote: &str, id| {
            let claim = Claim {
                claim: "".into(),
                quote: quote.into(),
                speaker: None,
                speaker_role: role.into(),
                medium: "a post".into(),
                said_at_words: None,
                evidence_offered: None,
                about: None,
                earlier: false,
                assertions: Vec::new(),
            };
            name(&claim, id).to_string()
        };
        assert_eq!(named("owner of X", "A cyberattack.", 0xabc_def1), "owner-of-x-attack-cdef1");
        assert_eq!(
            named("operator", "We rolled back a configuration change.", 1),
            "operator-bad-change-00001"
        );
        assert_eq!(named("Ředitel", "Hello.", u128::MAX), "editel-claim-fffff");
        assert_eq!(named("", "", 0), "claim-00000");
    }
}

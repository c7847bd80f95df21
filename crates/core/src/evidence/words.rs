//! Words: which cause a text of an operator speaks of, by phrases that are in use.
//!
//! Only what the text affirms: "this was not an attack" names none. Where several causes are
//! named, the one with more phrases leads, and an attack yields to any other, since "we first
//! suspected an attack" stands in many a post-mortem of a bad change.
//!
//! # What it cannot tell
//!
//! Whether it is true; and nothing in other languages than English.

use crate::hypothesis::Hypothesis;

/// Phrases by cause. Lower case; the text is lower-cased first.
const PHRASES: &[(Hypothesis, &[&str])] = &[
    (
        Hypothesis::BadChange,
        &[
            "configuration change",
            "config change",
            "misconfig",
            "bad configuration",
            "faulty configuration",
            "configuration error",
            "configuration file",
            "deployment",
            "deployed",
            "roll back",
            "rolled back",
            "rolling back",
            "rollback",
            "revert",
            "migration",
            "code change",
            "software bug",
            "a bug",
            "latent bug",
            "bad release",
            "faulty release",
            "recent change",
            "change we made",
            "change that",
            "software update",
            "feature file",
            "typo",
            "internal system issue",
            "expired certificate",
        ],
    ),
    (
        Hypothesis::UpstreamFailure,
        &[
            "third-party",
            "third party",
            "upstream provider",
            "our provider",
            "cloud provider",
            "hosting provider",
            "cdn provider",
            "dns provider",
            "service provider",
            "provider outage",
            "vendor",
            "upstream",
            "our cdn",
            "underlying cloud",
        ],
    ),
    (
        Hypothesis::VolumetricAttack,
        &["ddos", "denial of service", "denial-of-service", "flood of traffic", "volumetric"],
    ),
    (
        Hypothesis::ApplicationAttack,
        &["http flood", "layer 7", "malicious requests", "abnormal traffic", "bot traffic"],
    ),
    (
        Hypothesis::Overload,
        &[
            "high demand",
            "unprecedented demand",
            "increased load",
            "high load",
            "record load",
            "overload",
            "capacity",
            "surge in traffic",
            "traffic spike",
            "more users than",
            "record volume",
            "thundering herd",
            "retry storm",
            "too many requests",
        ],
    ),
    (
        Hypothesis::InfrastructureFailure,
        &[
            "power outage",
            "power failure",
            "loss of power",
            "power loss",
            "power cut",
            "fire",
            "cooling",
            "hardware failure",
            "hardware fault",
            "faulty hardware",
            "data center",
            "data centre",
            "datacenter",
            "disk failure",
            "optical",
            "ups failure",
            "generator",
        ],
    ),
    (
        Hypothesis::RoutingFailure,
        &["bgp", "route leak", "routing", "hijack", "prefixes", "backbone router", "withdrew"],
    ),
    (
        Hypothesis::AccessNetworkFailure,
        &[
            "mobile network",
            "core network",
            "voice and data",
            "calls and data",
            "broadband",
            "fibre cut",
            "fiber cut",
            "nationwide network",
            "subscribers",
        ],
    ),
    (
        Hypothesis::AccessBlocked,
        &[
            "court order",
            "ordered to block",
            "blocked by",
            "government order",
            "regulator",
            "restricted in",
            "access has been restricted",
            "will be shut off",
        ],
    ),
    (
        Hypothesis::ClientFailure,
        &[
            "app version",
            "latest version of the app",
            "update the app",
            "update your app",
            "sdk",
            "sensor",
            "driver",
            "browser",
            "client update",
            "content update",
            "endpoint software",
            "ios app",
            "android app",
        ],
    ),
    (
        Hypothesis::PrecautionaryShutdown,
        &[
            "precaution",
            "taken offline",
            "took the",
            "took down our",
            "abundance of caution",
            "turned off",
            "halted trading",
            "temporarily suspended",
            "shut down the service",
            "we have disabled",
            "deliberately",
        ],
    ),
    (Hypothesis::PlannedWork, &["scheduled maintenance", "planned maintenance", "planned work"]),
    (
        Hypothesis::Spillover,
        &[
            "operating normally",
            "no issues",
            "not experiencing",
            "fully operational",
            "no outage",
            "issues elsewhere",
            "another provider",
        ],
    ),
];
/// Words that turn what follows within [`REACH_CHARS`] characters into its opposite.
const NOT: &[&str] =
    &["not ", "no evidence", "no indication", "n't ", "ruled out", "rule out", "without "];
/// Characters over which a negation reaches.
const REACH_CHARS: usize = 48;
/// What says, behind a phrase of the same sentence, that it was not it: a remedy that failed does
/// not point at its cause.
const IN_VAIN: &[&str] = &[
    "did not help",
    "didn't help",
    "has not helped",
    "hasn't helped",
    "did not fix",
    "didn't fix",
    "did not resolve",
    "didn't resolve",
    "did not work",
    "had no effect",
    "without effect",
    "made no difference",
    "was not the cause",
    "were not the cause",
    "is not the cause",
    "wasn't the cause",
    "unrelated",
    "ruled out",
    "in vain",
];

/// The cause a text affirms, if any.
pub fn cause(text: &str) -> Option<Hypothesis> {
    let text = text.to_lowercase();
    let mut best: Option<(usize, bool, Hypothesis)> = None;
    for (hypothesis, phrases) in PHRASES {
        let hits = phrases.iter().filter(|phrase| affirms(&text, phrase)).count();
        let attack = hypothesis.group() == crate::hypothesis::Group::Attack;
        let rank = (hits, !attack, *hypothesis);
        let better = |(n, calm, _): (usize, bool, Hypothesis)| (!attack, hits) > (calm, n);
        if hits > 0 && best.is_none_or(better) {
            best = Some(rank);
        }
    }
    best.map(|(_, _, hypothesis)| hypothesis)
}

/// The causes that a text takes back: a rollback that did not help withdraws the change.
pub fn withdrawn(text: &str) -> Vec<Hypothesis> {
    let text = text.to_lowercase();
    let in_vain = |phrase: &&str| text.match_indices(*phrase).any(|(at, _)| is_in_vain(&text, at));
    PHRASES
        .iter()
        .filter(|(_, phrases)| phrases.iter().any(&in_vain))
        .map(|(hypothesis, _)| *hypothesis)
        .collect()
}

/// Whether the text denies an attack in so many words.
pub fn denies_attack(text: &str) -> bool {
    let text = text.to_lowercase();
    ["attack", "ddos", "cyber", "malicious", "denial of service", "breach"]
        .iter()
        .any(|word| text.match_indices(word).any(|(at, _)| is_denied(&text, at)))
}

fn affirms(text: &str, phrase: &str) -> bool {
    text.match_indices(phrase).any(|(at, _)| {
        let starts_word = text[..at].chars().next_back().is_none_or(|c| !c.is_alphanumeric());
        starts_word && !is_denied(text, at) && !is_in_vain(text, at)
    })
}

/// Whether the sentence goes on to say that it was not it.
fn is_in_vain(text: &str, at: usize) -> bool {
    let rest = text[at..].split(['.', ';', '!', '?']).next().unwrap_or_default();
    IN_VAIN.iter().any(|words| rest.contains(words))
}

/// Whether a negation stands before the word at `at`. It does not reach over the end of a sentence.
fn is_denied(text: &str, at: usize) -> bool {
    let mut from = at.saturating_sub(REACH_CHARS);
    while !text.is_char_boundary(from) {
        from += 1;
    }
    let before = text[from..at].rsplit(['.', ';', '!', '?']).next().unwrap_or_default();
    NOT.iter().any(|word| before.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_names_what_it_affirms() {
        let cases = [
            ("We rolled back a configuration change.", Some(Hypothesis::BadChange)),
            ("This was not a cyberattack and there is no evidence of a DDoS.", None),
            ("We are mitigating a DDoS attack.", Some(Hypothesis::VolumetricAttack)),
            (
                "At first we suspected a DDoS attack. A feature file had doubled.",
                Some(Hypothesis::BadChange),
            ),
            ("An issue with a third-party provider.", Some(Hypothesis::UpstreamFailure)),
            ("We are seeing unusually high demand.", Some(Hypothesis::Overload)),
            ("Our systems are operating normally.", Some(Hypothesis::Spillover)),
            ("We are investigating elevated errors.", None),
            ("A fire in the data centre cut the power.", Some(Hypothesis::InfrastructureFailure)),
            ("The rollback did not help.", None),
            ("Reverting the deployment made no difference, we look further.", None),
            ("The rollback helped. The cache did not help.", Some(Hypothesis::BadChange)),
            ("Zażółć gęślą jaźń", None),
        ];
        for (text, want) in cases {
            assert_eq!(cause(text), want, "{text}");
        }
        assert_eq!(withdrawn("The rollback did not help."), [Hypothesis::BadChange]);
        assert_eq!(withdrawn("The rollback helped."), []);
        assert!(denies_attack("There is no indication of a cyberattack."));
        assert!(!denies_attack("We are under attack."));
        assert!(!denies_attack("All is well."));
    }
}

//! What the form for claims takes, and what it says of the rest.

use super::*;
use crate::fixture::service;

const GOOD: [(&str, &str); 6] = [
    ("service", "x"),
    ("quote", "There was (still is) a massive cyberattack"),
    ("role", "owner"),
    ("when", "2025-03-10T17:25"),
    ("medium", "a post on X"),
    ("source", "https://news.example/2?a=b#c"),
];

fn catalog() -> Catalog {
    let mut catalog = Catalog::default();
    catalog.services.insert("x".into(), service());
    catalog
}

fn now() -> UnixMillis {
    UnixMillis::parse("2025-03-10T18:00:00Z").expect("a time")
}

/// A good form with some fields typed otherwise.
fn with(others: &[(&str, &str)]) -> Typed {
    let pairs = others.iter().chain(&GOOD).map(|(name, value)| ((*name).into(), (*value).into()));
    Typed::from_form(pairs.collect())
}

/// Fields in error, with what is said.
fn faults(others: &[(&str, &str)]) -> Vec<(&'static str, String)> {
    let faults = with(others).check(&catalog(), now()).err().unwrap_or_default();
    faults.iter().map(|it| (it.field.name(), it.in_words(&Words::english()))).collect()
}

#[test]
fn each_mistake_is_named_at_its_field_with_what_to_write() {
    let (long, wide) = ("a".repeat(QUOTE_CHARS_MAX + 1), "é".repeat(SPEAKER_CHARS_MAX + 1));
    let far = format!("https://news.example/{}", "a".repeat(SOURCE_CHARS_MAX));
    // The field, what is typed, and what stands in the answer; nothing where all is well.
    let cases: &[(&str, &str, &str)] = &[
        ("service", "", "Choose"),
        ("service", "nowhere", "nowhere"),
        ("service", " x ", ""),
        ("quote", " \r\n ", "exact words"),
        ("quote", &long, "1,001"),
        ("quote", &long[1..], ""),
        ("quote", "two\r\nlines \u{1F937}", ""),
        ("quote", "a\u{202E}b", "plain text"),
        ("quote", "a\u{1b}[2Jb", "plain text"),
        ("role", "", "Choose"),
        ("role", "king", "king"),
        ("role", "group-that-claims-it", ""),
        ("speaker", "Ada Lovelace", ""),
        ("speaker", &wide, "101"),
        ("speaker", "Ada\nLovelace", "plain text"),
        ("when", "", "date"),
        ("when", "yesterday", "2025-03-10"),
        ("when", "2025-02-30T10:00", "2025-03-10"),
        ("when", "2025-03-10", "2025-03-10"),
        ("when", "2025-03-10 17:25", ""),
        ("when", "2025-03-10T17:25:59Z", ""),
        ("when", "2025-03-10T18:00", ""),
        ("when", "2025-03-10T18:01", "future"),
        ("when", "2000-01-01T00:00", ""),
        ("when", "1999-12-31T23:59", "2000-01-01"),
        ("medium", "", "Say where"),
        ("medium", "a\tb", "plain text"),
        ("source", "", "address"),
        ("source", &far, "500"),
        ("source", "news.example/2", "https://"),
        ("source", "javascript:alert(1)", "https://"),
        ("source", "ftp://news.example/2", "https://"),
        ("source", "https://localhost/", "https://"),
        ("source", "https://me:secret@news.example/", "https://"),
        ("source", "https:///2", "https://"),
        ("source", "http://news.example", ""),
        ("source", "https://news.example/a b", "https://"),
        ("evidence", "none\r\nat all", ""),
        ("evidence", "a\0b", "plain text"),
    ];
    for (field, typed, says) in cases {
        let found = faults(&[(field, typed)]);
        match says.is_empty() {
            true => assert_eq!(found, [], "{field}: {typed:?}"),
            false => {
                assert_eq!(found.len(), 1, "{field}: {typed:?}: {found:?}");
                assert_eq!(found[0].0, *field);
                assert!(found[0].1.contains(says), "{typed:?}: {}", found[0].1);
                assert!(!found[0].1.contains("propose-"), "there are words: {}", found[0].1);
            }
        }
    }
}

#[test]
fn an_empty_form_names_every_field_that_is_needed() {
    let faults = Typed::default().check(&catalog(), now()).expect_err("nothing was typed");
    let named: Vec<Field> = faults.iter().map(|fault| fault.field).collect();
    assert_eq!(named, Field::ALL.into_iter().filter(|it| it.is_required()).collect::<Vec<_>>());
    let words = Words::english();
    for field in Field::ALL {
        assert!(words.has(&format!("propose-{}", field.name())), "{}", field.name());
    }
    for role in ROLES {
        assert!(words.has(&format!("propose-role-{role}")), "{role}");
    }
}

#[test]
fn what_was_typed_becomes_a_proposal_and_nothing_else_does() {
    let typed = with(&[
        ("role", "anonymous-insider"),
        ("speaker", " "),
        ("evidence", "a screenshot\r\n"),
        ("quote", "“It was a configuration change.”\n"),
        ("quote", "the second of two equal names is not read"),
        ("reporter", "unknown names are not read either"),
    ]);
    let checked = typed.check(&catalog(), now()).expect("all is well");
    let signal = checked.signal(&Words::english(), 0x42, now());
    let (Body::Proposal(claim), at) = (signal.body, signal.at) else { panic!("a proposal") };
    assert_eq!((at, &*signal.service), (now(), "x"));
    assert_eq!(&*signal.provenance.source, "https://news.example/2?a=b#c");
    assert_eq!(&*claim.quote, "“It was a configuration change.”");
    assert_eq!((&*claim.speaker_role, claim.speaker), ("anonymous insider", None));
    assert_eq!(claim.said_at_words.as_deref(), Some("10 March 2025, about 17:25 UTC"));
    assert_eq!(claim.evidence_offered.as_deref(), Some("a screenshot"));
    assert_eq!(&*claim.claim, "anonymous-insider-bad-change-00042");
    assert!(claim.assertions.is_empty() && !claim.earlier);
}

//! Every kind survives writing and reading; every mistake is named; no text makes reading panic.

use std::sync::Arc;

use outcry_core::signal::Body;
use outcry_core::signal::COMMENT_CHARS_MAX;
use outcry_core::signal::Flow;
use outcry_core::signal::Log;
use outcry_core::signal::Mention;
use outcry_core::signal::Notice;
use outcry_core::signal::PrefixKey;
use outcry_core::signal::Problem;
use outcry_core::signal::Provenance;
use outcry_core::signal::Report;
use outcry_core::signal::ReporterKey;
use outcry_core::signal::Route;
use outcry_core::signal::RouteChange;
use outcry_core::signal::Signal;
use outcry_core::signal::probe::AddressFamily;
use outcry_core::signal::probe::Probe;
use outcry_core::signal::probe::ProbeOutcome;
use outcry_core::signal::probe::References;
use outcry_core::signal::probe::Relayed;
use outcry_core::signal::said::Assertion;
use outcry_core::signal::said::Claim;
use outcry_core::signal::said::OperatorAct;
use outcry_core::signal::said::Testimony;
use outcry_core::time::UnixMillis;
use outcry_core::units::Asn;
use outcry_core::units::Country;
use outcry_core::units::NetworkKind;
use outcry_core::units::Place;
use outcry_core::units::Text;
use proptest::option;
use proptest::prelude::Just;
use proptest::prelude::Strategy;
use proptest::prelude::any;
use proptest::prop_assert_eq;
use proptest::prop_oneof;
use proptest::proptest;

use super::*;
use crate::signals::field::Field;
use crate::signals::field::HEAD;
use crate::signals::field::fields;

fn signal(body: Body) -> Signal {
    Signal {
        id: 0x0195_7f3a_0c22_7d10_9a4e_5b6c_7d8e_9fa0,
        at: UnixMillis::parse("2025-03-10T09:46:01.250Z").unwrap(),
        service: "x".into(),
        provenance: Provenance {
            source: "scenario:x-2025-03-10".into(),
            licence: Some("CC-BY-4.0".into()),
            synthetic: true,
        },
        body,
    }
}

fn some(text: &str) -> Option<Text> {
    Some(text.into())
}

fn place() -> Place {
    Place { country: Country::parse("GB"), asn: Some(Asn(u32::MAX)), network: NetworkKind::Access }
}

fn report() -> Report {
    Report {
        component: some("mobile_app"),
        problem: Problem::Fails("not_loading".into()),
        place: place(),
        reporter: ReporterKey(0xab),
        prefix: PrefixKey(u64::MAX),
        comment: some("\"white\\\" page\nsince 9:45 — nothing 🤷"),
    }
}

/// One signal of each kind with every field filled, in the order of the reference.
fn full() -> Vec<Body> {
    let observed = [
        Body::Report(report()),
        Body::Probe(Probe {
            vantage: "fra-1".into(),
            place: place(),
            component: some("web"),
            kind: "http".into(),
            outcome: ProbeOutcome::SoftFailure,
            phase: some("content"),
            detail: some("503"),
            phases_ms: vec![("resolve".into(), 0.1), ("connect".into(), 1.0 / 3.0)],
            prefix: some("198.51.0.0/16"),
            family: Some(AddressFamily::V6),
            monitor: some("login page"),
            interval_s: Some(60.0),
            lag_ms: Some(0.25),
            references: Some(References::Failed),
            relayed: Some(Relayed { sequence: 7, revision: "r3".into(), skew_ms: -250 }),
        }),
        Body::Notice(Notice {
            notice: "n-1".into(),
            title: "Elevated errors".into(),
            state: "investigating".into(),
            impact: "major".into(),
            text: "We are looking.".into(),
            starts: Some(UnixMillis(1_741_600_000_000)),
            ends: Some(UnixMillis(1_741_603_600_000)),
        }),
        Body::Route(Route {
            change: RouteChange::Withdraw,
            prefix: "104.244.42.0/24".into(),
            origin: Some(Asn(13414)),
            path: vec![Asn(3356), Asn(13414)],
            visibility: Some(0.07),
        }),
        Body::Flow(Flow {
            window_s: 60.0,
            bps_in: 1.234e12,
            pps_in: 9.9e8,
            bps_out: Some(0.0),
            vectors: vec!["tcp_syn_flood".into(), "dns_amplification".into()],
            sources: "spoofed".into(),
            sources_distinct: Some(u64::MAX),
            exporter: "edge-1".into(),
        }),
        Body::Log(Log {
            window_s: 10.0,
            rps: 5e5,
            errors_share: 1.0,
            clients_distinct: Some(120_000),
            top_path_share: Some(0.9),
            returning_share: Some(0.1),
            vectors: vec!["http_flood".into()],
        }),
    ];
    observed.into_iter().chain(said()).collect()
}

fn said() -> [Body; 4] {
    let assertion = Assertion {
        kind: "cause".into(),
        what: "a massive attack".into(),
        cause: some("ddos"),
        would_settle: some("flow records at the edge"),
    };
    [
        Body::Mention(Mention { window_s: 300.0, authors: 412, network: "mastodon".into() }),
        Body::Testimony(Testimony {
            class: "named_expert".into(),
            speaker_role: "network analyst".into(),
            text: "Origin servers were reachable past the shield.".into(),
            supports: some("ddos"),
            denies: some("config_change"),
            origin: some("article-1"),
        }),
        Body::Proposal(Claim {
            claim: "owner-attack".into(),
            quote: "There was (still is) a massive cyberattack".into(),
            speaker: some("Elon Musk"),
            speaker_role: "owner".into(),
            medium: "post on the service itself".into(),
            said_at_words: some("in the afternoon"),
            evidence_offered: some("none but the words"),
            about: some("group-did-it"),
            earlier: true,
            assertions: vec![assertion],
        }),
        Body::Operator(OperatorAct {
            act: "comment_approved".into(),
            subject: "r-1".into(),
            actor: "ana".into(),
            reason: some("no personal data"),
        }),
    ]
}

/// The same kinds with nothing said that need not be.
fn bare() -> Vec<Body> {
    let mut bodies = full();
    for body in &mut bodies {
        match body {
            Body::Report(it) => *it = Report::default(),
            Body::Probe(it) => {
                let outcome = it.outcome;
                *it = Probe::new(it.vantage.clone(), it.kind.clone(), outcome);
            }
            Body::Route(it) => {
                (it.origin, it.visibility) = (None, None);
                it.path.clear();
            }
            Body::Flow(it) => {
                (it.bps_out, it.sources_distinct) = (None, None);
                it.vectors.clear();
            }
            Body::Log(it) => {
                (it.clients_distinct, it.top_path_share, it.returning_share) = (None, None, None);
                it.vectors.clear();
            }
            Body::Testimony(it) => (it.supports, it.denies, it.origin) = (None, None, None),
            Body::Claim(it) | Body::Proposal(it) => {
                (it.speaker, it.said_at_words, it.evidence_offered) = (None, None, None);
                (it.about, it.earlier) = (None, false);
                it.assertions.clear();
            }
            Body::Operator(it) => it.reason = None,
            Body::Notice(it) => (it.starts, it.ends) = (None, None),
            Body::Mention(_) => {}
        }
    }
    bodies
}

#[test]
fn every_kind_survives_writing_and_reading() {
    let kinds: Vec<&str> = full().iter().map(Body::kind).collect();
    assert_eq!(kinds, Body::KINDS);
    for body in full().into_iter().chain(bare()) {
        let told = signal(body);
        let line = write_line(&told);
        assert_eq!(read_line(&line, 1), Ok(told), "{line}");
        assert!(!line.contains("null") && !line.contains("[]") && !line.contains("false"));
    }
}

#[test]
fn a_proposed_claim_is_told_from_one_that_was_entered() {
    let line = of("claim", r#""claim":"a","quote":"b","speaker_role":"c","medium":"d""#);
    let Body::Claim(claim) = read_line(&line, 1).unwrap().body else { panic!("{line}") };
    for (field, proposed) in [("true", true), ("false", false), ("null", false)] {
        let line = line.replace(r#""claim":"a""#, &format!(r#""claim":"a","proposed":{field}"#));
        let read = read_line(&line, 1).unwrap();
        let want = if proposed { Body::Proposal } else { Body::Claim };
        assert_eq!(read.body, want(claim.clone()), "{line}");
        assert_eq!(write_line(&read).contains(r#""proposed":true"#), proposed, "{line}");
    }
    let report = with(r#""proposed":true"#);
    let text = read_line(&report, 1).unwrap_err().to_string();
    assert!(text.contains("does not belong to a line of type report"), "{text}");
}

#[test]
fn a_full_signal_uses_every_field_of_its_kind_and_no_other() {
    for body in full() {
        let own = fields(body.kind()).unwrap();
        let line = write_line(&signal(body));
        let object: serde_json::Map<String, serde_json::Value> =
            serde_json::from_str(&line).unwrap();
        for field in HEAD.iter().chain(own).filter(|field| field.name != "works") {
            assert!(object.contains_key(field.name), "{} is in {line}", field.name);
        }
        let works = usize::from(own.iter().any(|field| field.name == "works"));
        assert_eq!(object.len() + works, HEAD.len() + own.len(), "{line}");
    }
}

#[test]
fn a_report_is_written_as_the_reference_says() {
    let written = write_line(&signal(Body::Report(report())));
    let want = concat!(
        r#"{"v":1,"type":"report","id":"01957f3a-0c22-7d10-9a4e-5b6c7d8e9fa0","#,
        r#""at":"2025-03-10T09:46:01.25Z","service":"x","component":"mobile_app","#,
        r#""problem":"not_loading","country":"GB","asn":4294967295,"network":"access","#,
        r#""reporter":"00000000000000ab","prefix":"ffffffffffffffff","#,
        r#""comment":"\"white\\\" page\nsince 9:45 — nothing 🤷","#,
        r#""source":"scenario:x-2025-03-10","licence":"CC-BY-4.0","synthetic":true}"#,
    );
    assert_eq!(written, want);
}

#[test]
fn the_shortest_reports_are_reporters_of_their_own() {
    let line = r#"{"v":1,"type":"report","at":"2025-03-10T09:46:00Z","service":"x"}"#;
    let read = |line: &str, number| read_line(line, number).unwrap();
    let (first, second) = (read(line, 1), read(line, 2));
    assert_eq!(first, read(&format!("\u{feff} {line}\r\n"), 1), "the same line, the same signal");
    assert_ne!(first.id, second.id);
    let (Body::Report(one), Body::Report(two)) = (first.body, second.body) else {
        panic!("two reports")
    };
    assert_ne!((one.reporter, one.prefix), (two.reporter, two.prefix));
    assert_ne!(one.reporter, two.reporter);
    assert_ne!(one.prefix, two.prefix);
    assert_eq!(one.problem, Problem::Unspecified);
}

#[test]
fn works_is_told_apart_from_not_said() {
    for (fields, want) in [
        (r#""works":true"#, Problem::Works),
        (r#""works":false"#, Problem::Unspecified),
        (r#""works":false,"problem":"slow""#, Problem::Fails("slow".into())),
        (r#""problem":null,"comment":null"#, Problem::Unspecified),
    ] {
        match read_line(&with(fields), 1).unwrap().body {
            Body::Report(report) => assert_eq!(report.problem, want),
            other => panic!("{other:?}"),
        }
    }
}

/// A report with more fields.
fn with(fields: &str) -> String {
    format!(r#"{{"v":1,"type":"report","at":"2025-03-10T09:46:00Z","service":"x",{fields}}}"#)
}

/// A line of a kind with more fields.
fn of(kind: &str, fields: &str) -> String {
    with(fields).replace("report", kind)
}

#[test]
fn a_mistake_is_named_with_what_to_write() {
    let long = "é".repeat(COMMENT_CHARS_MAX + 1);
    let comment = with(&format!(r#""comment":"{long}""#));
    let huge = with(&format!(r#""comment":"{}""#, "a".repeat(LINE_BYTES_MAX)));
    let cases: &[(&str, &[&str])] = &[
        ("", &["the line is empty"]),
        ("{", &["breaks off", "one object in one line"]),
        ("service: x", &["not JSON at column 1", "one object"]),
        ("[1]", &["a list", "not an object"]),
        ("{}", &[r#""v" is missing"#, r#"write "v":1"#]),
        (r#"{"v":2}"#, &[r#""v" is 2"#, r#"write "v":1"#]),
        (r#"{"v":"1"}"#, &[r#""v" is "1""#]),
        (r#"{"v":1}"#, &[r#""type" is missing"#, "report, probe", "operator"]),
        (r#"{"v":1,"type":"reprot"}"#, &[r#""type" is "reprot""#, r#"write "report""#, "claim"]),
        (r#"{"v":1,"type":7}"#, &[r#""type" is 7"#, "one of report, probe"]),
        (r#"{"v":1,"type":"report"}"#, &[r#""at" is missing"#, "2025-03-10T09:46:00Z"]),
        (&with(r#""problm":"slow""#), &[r#""problm" is not known"#, r#"write "problem""#]),
        (&with(r#""zzzzzzzz":1"#), &[r#""zzzzzzzz" is not known"#, "one of component, problem"]),
        (&with(r#""vantage":"a""#), &["does not belong to a line of type report", "type probe"]),
        (&with(r#""v":1"#), &[r#""v" is there twice"#]),
        (&with(r#""problem":5"#), &[r#""problem" is 5"#, "a text in double quotes"]),
        (&with(r#""works":true,"problem":"slow""#), &["contradict", "one of the two"]),
        (&with(r#""country":"GBR""#), &[r#""country" is "GBR""#, r#"two letters such as "GB""#]),
        (&with(r#""asn":4294967296"#), &[r#""asn" is 4294967296"#, "such as 13414"]),
        (&with(r#""network":"home""#), &[r#""network" is "home""#, "one of access, hosting"]),
        (&with(r#""reporter":"ab""#), &[r#""reporter" is "ab""#, "16 hexadecimal digits"]),
        (&with(r#""id":"7""#), &[r#""id" is "7""#, "UUID", "leave it out"]),
        (&with(r#""synthetic":"yes""#), &[r#""synthetic" is "yes""#, "true or false"]),
        (&comment, &[r#""comment" has 501 characters, 500 are the most"#, "shorter"]),
        (&huge, &["bytes, 65536 are the most", "less text"]),
        (&with("").replace(",}", "}").replace("09:46:00Z", "09:46"), &[r#""at" is"#, "00Z"]),
        (&of("probe", r#""vantage":"a""#), &[r#""kind" is missing"#, r#""kind": "…""#]),
        (
            &of("probe", r#""vantage":"a","kind":"tcp","outcome":"fail""#),
            &[r#""outcome" is "fail""#, "one of ok, soft_failure, blocked, failed"],
        ),
        (
            &of("route", r#""change":"withdraw","prefix":"::/0","visibility":1.5"#),
            &[r#""visibility" is 1.5"#, "a number from 0 to 1"],
        ),
        (
            &of("route", r#""change":"withdraw","prefix":"::/0","origin":"AS1""#),
            &[r#""origin" is "AS1""#, "network number"],
        ),
        (&of("log", r#""window_s":-1"#), &[r#""window_s" is -1"#, "0 or more"]),
        (
            &of("mention", r#""window_s":60,"authors":1.5,"network":"a""#),
            &[r#""authors" is 1.5"#, "a whole number"],
        ),
        (
            &of(
                "claim",
                r#""claim":"a","quote":"a","speaker_role":"a","medium":"a",
                "assertions":[{"kind":"cause","waht":"a"}]"#,
            ),
            &[r#"assertions[0]."waht" is not known"#, r#"write "what""#],
        ),
    ];
    for (line, words) in cases {
        let error = read_line(line, 12).expect_err(line);
        assert_eq!(error.number, 12);
        let text = error.to_string();
        assert!(text.contains("; write "), "{text}");
        for word in *words {
            assert!(text.contains(word), "{word:?} is in {text:?} for {line:.200}");
        }
    }
}

#[test]
fn whatever_is_wrong_with_a_field_the_field_is_named() {
    let wrong = ["7.5", "-1", "true", "\"?\"", "[[1]]", "{\"a\":1}", "[null]", "1e300", "null"];
    for body in full() {
        let own = fields(body.kind()).unwrap();
        let line = write_line(&signal(body));
        let full: serde_json::Map<String, serde_json::Value> = serde_json::from_str(&line).unwrap();
        for field in HEAD.iter().chain(own) {
            for value in wrong {
                let mut object = full.clone();
                object.insert(field.name.to_owned(), serde_json::from_str(value).unwrap());
                let line = serde_json::to_string(&object).unwrap();
                if let Err(error) = read_line(&line, 1) {
                    let text = error.to_string();
                    assert!(text.contains(field.name), "{text}: {line}");
                }
            }
        }
    }
}

/// The reference for people: this format's one other description.
const REFERENCE: &str = include_str!("../../../../docs/reference/signals.md");

#[test]
fn the_examples_of_the_reference_can_be_read() {
    let lines = REFERENCE.lines().filter(|line| line.starts_with('{'));
    let kinds: Vec<&str> =
        lines.map(|line| read_line(line, 1).expect(line).body.kind()).skip(1).collect();
    assert_eq!(kinds, Body::KINDS, "the shortest line, then one of each kind");
}

#[test]
fn the_reference_lists_the_fields_that_are_read() {
    let rows = |title: &str| -> Vec<(String, String)> {
        let part = REFERENCE.split("\n## ").find(|part| part.starts_with(title)).expect(title);
        let rows = part.lines().filter(|line| line.starts_with("| `"));
        let cell = |row: &str, n: usize| row.split('|').nth(n).unwrap().trim().replace('`', "");
        rows.map(|row| (cell(row, 1), cell(row, 3))).collect()
    };
    let listed = |fields: &[Field]| -> Vec<(String, String)> {
        let word = |required| if required { "yes" } else { "no" };
        fields.iter().map(|it| (it.name.to_owned(), word(it.required).to_owned())).collect()
    };
    assert_eq!(rows("Every line"), listed(HEAD));
    for kind in Body::KINDS {
        assert_eq!(rows(kind), listed(fields(kind).unwrap()), "{kind}");
    }
}

#[test]
fn long_and_odd_values_are_shown_short_and_plain() {
    let line = with(&format!(r#""country":"\u0007{}""#, "x".repeat(1000)));
    let text = read_line(&line, 1).unwrap_err().to_string();
    assert!(text.len() < 200 && !text.contains('\u{7}'), "{text}");
}

fn any_text() -> impl Strategy<Value = Text> {
    prop_oneof![any::<String>(), "\\PC{0,40}", Just(String::new())].prop_map(Arc::from)
}

fn any_report() -> impl Strategy<Value = Report> {
    let problem = prop_oneof![
        any_text().prop_map(Problem::Fails),
        Just(Problem::Unspecified),
        Just(Problem::Works)
    ];
    let network = prop_oneof![
        Just(NetworkKind::Access),
        Just(NetworkKind::Hosting),
        Just(NetworkKind::Unknown)
    ];
    let place = (option::of("[a-zA-Z]{2}"), option::of(any::<u32>()), network).prop_map(
        |(country, asn, network)| Place {
            country: country.and_then(|code| Country::parse(&code)),
            asn: asn.map(Asn),
            network,
        },
    );
    let keys = (any::<u64>(), any::<u64>());
    (option::of(any_text()), problem, place, keys, option::of(any_text())).prop_map(
        |(component, problem, place, keys, comment)| Report {
            component,
            problem,
            place,
            reporter: ReporterKey(keys.0),
            prefix: PrefixKey(keys.1),
            comment,
        },
    )
}

proptest! {
    #[test]
    fn any_report_survives(
        id in any::<u128>(),
        at in -62_135_596_800_000_i64..253_402_000_000_000,
        service in any_text(),
        source in any_text(),
        licence in option::of(any_text()),
        synthetic in any::<bool>(),
        report in any_report(),
    ) {
        let provenance = Provenance { source, licence, synthetic };
        let at = UnixMillis(at);
        let told = Signal { id, at, service, provenance, body: Body::Report(report) };
        let line = write_line(&told);
        assert!(!line.contains('\n'));
        prop_assert_eq!(read_line(&line, 1), Ok(told));
    }

    #[test]
    fn any_numbers_survive(window_s in 0.0..1e300, bps_in in any::<f64>(), share in 0.0..=1.0) {
        let log = Log {
            window_s,
            rps: if bps_in.is_finite() { bps_in.abs() } else { 0.0 },
            errors_share: share,
            clients_distinct: None,
            top_path_share: Some(share),
            returning_share: None,
            vectors: Vec::new(),
        };
        let told = signal(Body::Log(log));
        prop_assert_eq!(read_line(&write_line(&told), 1), Ok(told));
    }

    #[test]
    fn no_text_makes_reading_panic(line in any::<String>(), number in any::<u64>()) {
        let _ = read_line(&line, number);
    }

    #[test]
    fn no_damaged_line_makes_reading_panic(
        kind in 0_usize..10,
        at in any::<proptest::sample::Index>(),
        damage in "[ -~é]{0,3}",
    ) {
        let line = write_line(&signal(full()[kind].clone()));
        let place = at.index(line.len());
        if line.is_char_boundary(place) {
            let cut: String = line[place..].chars().skip(1).collect();
            let _ = read_line(&format!("{}{damage}{cut}", &line[..place]), 1);
            let _ = read_line(&line[..place], 1);
        }
    }
}

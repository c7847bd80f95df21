//! Case files written and read.

use std::collections::BTreeMap;

use outcry_core::evidence::facts::CrowdFacts;
use outcry_core::evidence::facts::NetworkCount;
use outcry_core::evidence::facts::Peer;
use outcry_core::evidence::facts::PeerFacts;
use outcry_core::evidence::facts::ProviderState;
use outcry_core::evidence::facts::Relation;
use outcry_core::evidence::facts::ServiceFacts;
use outcry_core::evidence::facts::ServiceKind;
use outcry_core::evidence::facts::SilentNetwork;
use outcry_core::hypothesis::Cause;
use outcry_core::observe::Observed;
use outcry_core::signal::said::OperatorAct;
use outcry_core::time::UnixMillis;
use outcry_core::time::UnixMinute;
use outcry_core::units::Asn;
use outcry_core::units::Country;
use proptest::prelude::any;
use proptest::prop_assert_eq;
use proptest::proptest;

use super::*;
use crate::incident::tests::incident;
use crate::incident::tests::said;
use crate::signals::read_line;

fn at(text: &str) -> UnixMillis {
    UnixMillis::parse(text).unwrap()
}

/// One signal of each kind that is observed.
fn observed() -> Observed {
    let lines = [
        r#"{"v":1,"type":"probe","at":"2025-03-10T09:50:00Z","service":"x","vantage":"fra-1","country":"DE","asn":3320,"network":"hosting","component":"web","kind":"http","outcome":"failed","phase":"connect","detail":"SYN timeout","synthetic":true}"#,
        r#"{"v":1,"type":"route","at":"2025-03-10T09:44:10Z","service":"x","change":"withdraw","prefix":"192.0.2.0/24","origin":64500,"path":[64501,64500],"visibility":0.04}"#,
        r#"{"v":1,"type":"flow","at":"2025-03-10T09:47:00Z","service":"x","window_s":60,"bps_in":2.5e11,"pps_in":9.1e7,"bps_out":4e9,"vectors":["tcp_syn_flood"],"sources":"spoofed","sources_distinct":81000,"exporter":"edge-1"}"#,
        r#"{"v":1,"type":"log","at":"2025-03-10T09:47:00Z","service":"x","window_s":60,"rps":182000,"errors_share":0.62,"clients_distinct":410000,"top_path_share":0.88,"returning_share":0.07,"vectors":["http_flood"]}"#,
        r#"{"v":1,"type":"notice","at":"2025-03-10T10:20:00Z","service":"x","notice":"n","title":"Elevated errors","state":"investigating","impact":"major","text":"We look."}"#,
        r#"{"v":1,"type":"testimony","at":"2025-03-11T15:00:00Z","service":"x","class":"named_expert","speaker_role":"analyst","text":"A flood.","supports":"attack","denies":"overload","origin":"a"}"#,
    ];
    let mut observed = Observed::default();
    for (n, line) in lines.iter().enumerate() {
        assert!(observed.take(&read_line(line, n as u64).unwrap()));
    }
    observed
}

fn case() -> CaseFile {
    let first = at("2025-03-10T08:46:00Z").minute();
    let minutes = (0..3).map(|n| MinutePoint {
        minute: UnixMinute(first.0 + i64::from(n)),
        counted: n * 100,
        usual: 1.0 / 3.0,
    });
    let us = Country::parse("US").unwrap();
    CaseFile {
        version: CASE_FILE_VERSION,
        as_of: at("2025-03-10T18:00:00.001Z"),
        parent: Some(3),
        incident: incident(),
        minutes: minutes.collect(),
        service: ServiceFacts {
            category: "social".into(),
            kind: ServiceKind::Provider,
            asns: vec![Asn(13414)],
            depends_on: vec!["cloudflare".into()],
            countries: vec![us],
        },
        crowd: CrowdFacts {
            hosting: 3,
            works: 4,
            networks_known: 90,
            networks: vec![NetworkCount { asn: Asn(1), count: 80, usual: Some(0.3) }],
            silent: vec![SilentNetwork { asn: Asn(2), usual: 0.4, expected: 36.0 }],
            largest_prefix: 5,
            texts: 6,
            same_text: 2,
            evenness: Some(1.01),
            home_share: Some(0.5),
        },
        peers: PeerFacts {
            listened: 700,
            surging: vec![Peer {
                service: "chatgpt".into(),
                category: "ai".into(),
                kind: ServiceKind::Site,
                relation: Relation::Cousin,
                shared: vec!["cloudflare".into()],
                opened_at: at("2025-03-10T09:46:00Z"),
                peak: 500,
                usual: 2.5,
                countries: Vec::new(),
                failing_share: None,
            }],
            providers: vec![ProviderState {
                service: "cloudflare".into(),
                surging: true,
                notice: false,
                failing_share: Some(0.75),
                synthetic: true,
            }],
        },
        observed: observed(),
        signals: BTreeMap::from([("report".into(), 4500), ("claim".into(), 1)]),
        claims: vec![said()],
        acts: vec![Act {
            at: at("2025-03-10T12:00:00Z"),
            act: OperatorAct {
                act: "verdict_held".into(),
                subject: "x-2025-03-10-1".into(),
                actor: "ana".into(),
                reason: None,
            },
        }],
    }
}

#[test]
fn a_case_file_comes_back_exactly_and_is_written_the_same_again() {
    let mut empty = case();
    empty.minutes.clear();
    empty.claims.clear();
    empty.acts.clear();
    empty.signals.clear();
    empty.observed = Observed::default();
    empty.peers = PeerFacts::default();
    empty.crowd = CrowdFacts::default();
    empty.parent = None;
    for case in [case(), empty] {
        let text = write(&case);
        let back = read(&text).unwrap();
        assert_eq!(back, case);
        assert_eq!(write(&back), text);
    }
}

#[test]
fn a_reader_sees_what_is_missing_and_the_verdict_as_it_was() {
    let text = write(&case());
    let value: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert!(value.get("named").is_some());
    assert_eq!(value["reconstruction"], true);
    assert_eq!(value["named"], value["verdict"]["named"]);
    let sum: f64 = value["verdict"]["posteriors"]
        .as_object()
        .unwrap()
        .values()
        .map(|share| share["p"].as_f64().unwrap())
        .sum();
    assert!((sum - 1.0).abs() < 1e-9, "{sum}");
    assert_eq!(value["claims"][0]["assertions"][0].get("ruling"), None);
    assert!(text.contains("\n    [\"2025-03-10T08:47:00Z\",100,0.3333333333333333],\n"));
    assert!(text.contains("\"opened_at\": \"2025-03-10T09:46:40Z\""), "{text}");
}

#[test]
fn a_name_that_waits_for_two_persons_is_not_in_it() {
    let approved = |actor: &str, finding: &str| Act {
        at: at("2025-03-10T13:00:00Z"),
        act: OperatorAct {
            act: "verdict_approved".into(),
            subject: format!("x-2025-03-10-1#{finding}").into(),
            actor: actor.into(),
            reason: None,
        },
    };
    let both = |finding: &str| vec![approved("ana", finding), approved("ben", finding)];
    let held = case().acts;
    let cases = [
        ("attack", vec![], false),
        ("attack", vec![approved("ana", "attack")], false),
        ("attack", vec![approved("ana", "attack"), approved("ana", "attack")], false),
        ("attack", both("attack"), true),
        ("attack", both("brigading"), false),
        ("volumetric_attack", both("attack"), false),
        ("brigading", vec![], false),
        ("bad_change", vec![], true),
        ("bad_change", held, false),
    ];
    for (name, acts, is_shown) in cases {
        let case = CaseFile { acts, ..case() };
        let cause = Cause::parse(name).unwrap();
        let mut assessment = verdict::assess(&case, likelihood::built_in());
        let shares = assessment.shares;
        assessment.named = Some(cause);
        let seen = shown(&case, assessment);
        assert_eq!(seen.named, is_shown.then_some(cause), "{name} after {:?}", case.acts);
        assert_eq!(seen.shares, shares, "shares are shown all the same");
    }
}

#[test]
fn a_case_file_of_version_1_is_read() {
    let mut value: serde_json::Value = serde_json::from_str(&write(&case())).unwrap();
    let fields = value.as_object_mut().unwrap();
    for new in ["parent", "verdict", "service", "crowd", "peers", "observed", "acts"] {
        fields.remove(new);
    }
    fields.insert("version".into(), 1.into());
    fields.insert("looked".into(), serde_json::json!(["shape", "places"]));
    fields["claims"][0]["assertions"][0]["ruling"] = "not_shown".into();
    fields["claims"][0]["assertions"][0]["reason"] = "reports_only".into();
    fields["claims"][0]["assertions"][0]["evidence"] = serde_json::json!([]);
    let back = read(&value.to_string()).unwrap();
    assert_eq!(back.incident, case().incident);
    assert_eq!(back.claims, case().claims);
    assert!(back.observed.is_empty());
    assert_eq!(back.version, CASE_FILE_VERSION);
}

#[test]
fn a_case_file_of_another_form_is_refused() {
    let text = write(&case());
    let newer = text.replace("\"version\": 2,", "\"version\": 3,");
    assert_eq!(
        read(&newer).unwrap_err().to_string(),
        "case file of version 3, 2 is known; read it with the outcry that wrote it"
    );
    for bad in ["", "{}", "[1]", &text.replace("\"connect_timeout\"", "\"bad\""), &text[..99]] {
        let error = read(bad).unwrap_err();
        assert!(matches!(error, FormError::Unreadable { .. }), "{bad}: {error}");
    }
}

proptest! {
    #[test]
    fn any_numbers_come_back_exactly(
        usual in any::<f64>(),
        counted in any::<u32>(),
        kind in any::<String>(),
        count in any::<u64>(),
    ) {
        let mut case = case();
        case.minutes[1].usual = if usual.is_nan() { f64::INFINITY } else { usual };
        case.minutes[2].counted = counted;
        case.signals.insert(kind.into(), count);
        prop_assert_eq!(read(&write(&case)).unwrap(), case);
    }

    #[test]
    fn no_text_makes_reading_panic(text in any::<String>(), cut in any::<usize>()) {
        let _ = read(&text);
        let whole = write(&case());
        let cut = cut % whole.len();
        if whole.is_char_boundary(cut) {
            let _ = read(&whole[..cut]);
        }
    }
}

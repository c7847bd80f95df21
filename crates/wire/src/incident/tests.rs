//! The lines are what the contract says, byte for byte; the stored form loses nothing.

use outcry_core::claim::ClaimRecord;
use outcry_core::claim::Reason;
use outcry_core::claim::Ruled;
use outcry_core::claim::Ruling;
use outcry_core::detect::failure::Agreement;
use outcry_core::detect::together::Factor;
use outcry_core::detect::together::Finding;
use outcry_core::detect::together::Peers;
use outcry_core::detect::together::Spillover;
use outcry_core::detect::together::Standing;
use outcry_core::evidence::Family;
use outcry_core::evidence::facts::Said;
use outcry_core::incident::Ending;
use outcry_core::incident::Opening;
use outcry_core::incident::Outage;
use outcry_core::incident::Scope;
use outcry_core::incident::Severity;
use outcry_core::series::Slice;
use outcry_core::signal::probe::AddressFamily;
use outcry_core::signal::said::Assertion;
use outcry_core::signal::said::Claim;
use outcry_core::time::UnixMillis;
use outcry_core::units::Asn;
use outcry_core::units::Country;
use proptest::prelude::any;
use proptest::prop_assert_eq;
use proptest::proptest;

use super::*;

fn at(text: &str) -> UnixMillis {
    UnixMillis::parse(text).unwrap()
}

fn country(code: &str) -> Country {
    Country::parse(code).unwrap()
}

fn share(name: &str, count: u64, share: f64, usual: Option<f64>) -> Share {
    Share { name: name.into(), count, share, usual }
}

fn surge(slice: Slice) -> Surge {
    Surge {
        opened_at: at("2025-03-10T09:46:40Z"),
        peak_at: at("2025-03-10T10:05:00.007Z"),
        closed_at: Some(at("2025-03-10T10:41:00Z")),
        ending: Some(Ending::Calm),
        peak: 1830,
        usual: 6.249_9,
        counted: 4021,
        excess: 4010.0 + 1.0 / 3.0,
        opening: Opening {
            count: 12,
            usual: 0.1 + 0.2,
            doubt: 0.5,
            e_value: f64::INFINITY,
            threshold: 1e6,
            reporters: 11,
            networks: 4,
            prefixes: 9,
            slice,
        },
    }
}

fn peers() -> Peers {
    let aws = Factor::Provider("aws".into());
    let finding = Finding {
        factor: aws.clone(),
        standing: Standing::Named,
        opened_at: at("2025-03-10T10:02:00Z"),
        as_of: at("2025-03-10T10:03:00Z"),
        closed_at: None,
        e_value: 1e12,
        threshold: 1e5,
        members: 46,
        up: 31,
        others: 719,
        others_up: 2,
        p_value: 1e-40,
        services: vec!["x".into(), "slack".into()],
    };
    let since = at("2025-03-10T10:05:00Z");
    let spillover = Spillover { in_danger: "aws".into(), relation: aws, since };
    Peers { findings: vec![finding], spillover: Some(spillover) }
}

fn outage() -> Outage {
    Outage {
        opened_at: at("2025-03-10T09:46:10Z"),
        closed_at: None,
        agreement: Agreement::Regional,
        failing: 2,
        asked: 43,
        countries: vec![country("JP")],
        networks: vec![Asn(2516)],
        kind: "http".into(),
        component: Some("web".into()),
        family: Some(AddressFamily::V4),
        phase: Some("connect".into()),
        detail: None,
        soft: false,
    }
}

pub(crate) fn incident() -> Incident {
    let open = Surge { closed_at: None, ending: None, ..surge(Slice::Country(country("GB"))) };
    Incident {
        id: IncidentId("x-2025-03-10-1".into()),
        service: "x".into(),
        severity: Severity::Danger,
        opened_at: at("2025-03-10T09:46:40Z"),
        closed_at: None,
        surges: vec![surge(Slice::All), open],
        outages: vec![outage()],
        components: vec![
            share("mobile_app", 640, 0.570_049_9, Some(1.0 / 3.0)),
            share("web", 480, 0.429_950_1, None),
        ],
        problems: vec![share("not_loading", 9, 1.0, Some(0.5))],
        places: vec![
            PlaceCount { country: Some(country("US")), count: 900, times_usual: Some(61.239) },
            PlaceCount { country: None, count: 12, times_usual: None },
        ],
        scope: Scope::Everywhere,
        peers: peers(),
        reports_counted: 4021,
        reports_received: 4500,
        reconstruction: true,
        revision: 7,
    }
}

pub(crate) fn said() -> Said {
    let claim = Claim {
        claim: "owner-attack".into(),
        quote: "There was (still is) a massive cyberattack against 𝕏".into(),
        speaker: Some("Elon Musk".into()),
        speaker_role: "owner".into(),
        medium: "post".into(),
        said_at_words: None,
        evidence_offered: None,
        about: None,
        earlier: false,
        assertions: vec![
            Assertion {
                kind: "cause".into(),
                what: "an attack".into(),
                cause: Some("ddos".into()),
                would_settle: Some("flow records".into()),
            },
            Assertion {
                kind: "scale".into(),
                what: "massive".into(),
                cause: None,
                would_settle: None,
            },
        ],
    };
    Said { said_at: at("2025-03-10T17:25:00Z"), claim, source: "https://x.com/1".into() }
}

fn claim() -> ClaimRecord {
    let said = said();
    let rulings = said.claim.assertions.iter().map(|assertion| Ruled {
        assertion: assertion.clone(),
        ruling: Ruling::NotShown,
        reason: Reason::ReportsOnly,
        evidence: vec![Family::Shape],
    });
    ClaimRecord { rulings: rulings.collect(), ..ClaimRecord::unruled(said.clone()) }
}

#[test]
fn an_incident_line_is_what_the_contract_says() {
    let want = concat!(
        r#"{"type":"incident","id":"x-2025-03-10-1","service":"x","#,
        r#""opened_at":"2025-03-10T09:46:40Z","closed_at":null,"severity":"danger","#,
        r#""surges":[{"opened_at":"2025-03-10T09:46:40Z","peak_at":"2025-03-10T10:05:00.007Z","#,
        r#""closed_at":"2025-03-10T10:41:00Z","ending":"calm","peak":1830,"usual":6.25,"#,
        r#""counted":4021,"excess":4010.33,"opening":{"count":12,"usual":0.30000000000000004,"#,
        r#""doubt":0.5,"e_value":"inf","threshold":1000000.0,"reporters":11,"networks":4,"#,
        r#""prefixes":9,"slice":{"kind":"all"}}},{"opened_at":"2025-03-10T09:46:40Z","#,
        r#""peak_at":"2025-03-10T10:05:00.007Z","closed_at":null,"ending":null,"peak":1830,"#,
        r#""usual":6.25,"counted":4021,"excess":4010.33,"opening":{"count":12,"#,
        r#""usual":0.30000000000000004,"doubt":0.5,"e_value":"inf","threshold":1000000.0,"#,
        r#""reporters":11,"networks":4,"prefixes":9,"slice":{"kind":"country","country":"GB"}}}],"probes":["#,
        r#"{"opened_at":"2025-03-10T09:46:10Z","#,
        r#""closed_at":null,"agreement":"regional","failing":2,"asked":43,"countries":["JP"],"#,
        r#""networks":[2516],"kind":"http","component":"web","family":"v4","phase":"connect","#,
        r#""detail":null,"soft":false}],"components":{"mobile_app":0.57,"web":0.43},"#,
        r#""components_usual":{"mobile_app":0.3333,"web":null},"#,
        r#""problems":{"not_loading":1.0},"problems_usual":{"not_loading":0.5},"#,
        r#""places":[{"country":"US","count":900,"times_usual":61.24},"#,
        r#"{"country":null,"count":12,"times_usual":null}],"scope":{"kind":"everywhere"},"#,
        r#""peers":{"findings":[{"factor":{"kind":"provider","service":"aws"},"named":true,"#,
        r#""opened_at":"2025-03-10T10:02:00Z","as_of":"2025-03-10T10:03:00Z","closed_at":null,"#,
        r#""e_value":1000000000000.0,"threshold":100000.0,"members":46,"up":31,"others":719,"others_up":2,"#,
        r#""p_value":1e-40,"services":["x","slack"]}],"spillover":{"in_danger":"aws","#,
        r#""relation":{"kind":"provider","service":"aws"},"since":"2025-03-10T10:05:00Z"}},"#,
        r#""reports_counted":4021,"reports_received":4500,"reconstruction":true,"revision":7,"#,
        r#""detected_after_s":100.5}"#,
    );
    assert_eq!(incident_line(&incident(), Some(100.500_01)), want);
    assert!(incident_line(&incident(), None).ends_with(r#","detected_after_s":null}"#));
}

#[test]
fn a_scope_says_which_countries_or_which_network() {
    for (scope, want) in [
        (
            Scope::Countries(vec![country("GB"), country("IE")]),
            r#""scope":{"kind":"countries","countries":["GB","IE"]},"#,
        ),
        (Scope::Network(Asn(2856)), r#""scope":{"kind":"network","asn":2856},"#),
        (Scope::Partial, r#""scope":{"kind":"partial"},"#),
        (Scope::OnePlace, r#""scope":{"kind":"one_place"},"#),
    ] {
        let line = incident_line(&Incident { scope, ..incident() }, None);
        assert!(line.contains(want), "{want} is in {line}");
    }
}

#[test]
fn a_claim_line_is_what_the_contract_says() {
    let want = concat!(
        r#"{"type":"claim","incident":"x-2025-03-10-1","claim":"owner-attack","#,
        r#""quote":"There was (still is) a massive cyberattack against 𝕏","speaker":"Elon Musk","#,
        r#""speaker_role":"owner","medium":"post","said_at":"2025-03-10T17:25:00Z","#,
        r#""said_at_words":null,"evidence_offered":null,"about":null,"earlier":false,"#,
        r#""source":"https://x.com/1","reconstruction":true,"assertions":[{"kind":"cause","#,
        r#""what":"an attack","cause":"ddos","ruling":"not_shown","reason":"reports_only","#,
        r#""would_settle":"flow records","evidence":["shape"]},{"kind":"scale","#,
        r#""what":"massive","cause":null,"ruling":"not_shown","reason":"reports_only","#,
        r#""would_settle":"published rates, with how they were measured","#,
        r#""evidence":["shape"]}]}"#,
    );
    assert_eq!(claim_line(&incident().id, &claim(), true), want);
}

#[test]
fn a_stored_incident_comes_back_exactly() {
    let closed = Incident {
        closed_at: Some(at("2025-03-10T12:00:00.001Z")),
        severity: Severity::Warning,
        scope: Scope::Countries(vec![country("GB")]),
        surges: vec![
            surge(Slice::All),
            surge(Slice::Country(country("BR"))),
            surge(Slice::Component("web".into())),
            surge(Slice::Problem("slow".into())),
            surge(Slice::Network(Asn(u32::MAX))),
        ],
        reconstruction: false,
        ..incident()
    };
    let network = Incident { scope: Scope::Network(Asn(1)), ..incident() };
    let outages = Agreement::ALL.map(|agreement| Outage { agreement, ..outage() }).to_vec();
    let probed = Incident { scope: Scope::OnePlace, surges: vec![], outages, ..incident() };
    for kept in [incident(), closed, network, probed] {
        assert_eq!(read_incident(&write_incident(&kept)).unwrap(), kept);
    }
    let old = write_incident(&Incident { outages: vec![], ..incident() });
    let old = old.replace(r#""outages":[],"#, "");
    assert_eq!(read_incident(&old).unwrap().outages, vec![], "stored before probes were weighed");
    let mut odd = incident();
    odd.surges[0].excess = f64::NAN;
    let back = read_incident(&write_incident(&odd)).unwrap();
    assert!(back.surges[0].excess.is_nan());
}

#[test]
fn a_stored_incident_of_another_form_is_refused() {
    let whole = write_incident(&incident());
    let newer = whole.replace("\"v\":1", "\"v\":2");
    assert_eq!(
        read_incident(&newer).unwrap_err().to_string(),
        "stored incident of version 2, 1 is known; read it with the outcry that wrote it"
    );
    for bad in ["", "{}", "[]", &whole.replace("danger", "bad"), &whole[..whole.len() / 2]] {
        let error = read_incident(bad).unwrap_err();
        assert!(matches!(error, FormError::Unreadable { .. }), "{bad}: {error}");
    }
}

proptest! {
    #[test]
    fn any_numbers_and_times_come_back_exactly(
        floats in any::<[f64; 6]>(),
        counts in any::<[u64; 4]>(),
        times in any::<[i64; 3]>(),
        name in any::<String>(),
    ) {
        let mut kept = incident();
        let floats = floats.map(|it| if it.is_nan() { -0.0 } else { it });
        let surge = &mut kept.surges[1];
        (surge.usual, surge.excess) = (floats[0], floats[1]);
        (surge.opening.e_value, surge.opening.threshold) = (floats[2], floats[3]);
        (surge.peak, surge.counted) = (counts[0], counts[1]);
        (surge.opened_at, surge.closed_at) = (UnixMillis(times[0]), Some(UnixMillis(times[1])));
        kept.opened_at = UnixMillis(times[2]);
        (kept.reports_counted, kept.reports_received) = (counts[2], counts[3]);
        kept.components[0].name = name.into();
        kept.components[0].share = floats[4];
        kept.places[0].times_usual = Some(floats[5]);
        prop_assert_eq!(read_incident(&write_incident(&kept)).unwrap(), kept.clone());
        assert!(!incident_line(&kept, Some(floats[0])).contains('\n'));
    }

    #[test]
    fn no_text_makes_reading_an_incident_panic(text in any::<String>(), cut in 0_usize..900) {
        let _ = read_incident(&text);
        let whole = write_incident(&incident());
        let _ = read_incident(&whole[..cut.min(whole.len())]);
    }
}

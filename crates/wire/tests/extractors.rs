//! Extractors over signals told in many ways: each line of a table is a claim about one family.
//!
//! A case has one surge from 10:00 to 11:00 and whatever its signals say; nothing else is known.

use std::collections::BTreeMap;

use outcry_core::evidence::CASE_FILE_VERSION;
use outcry_core::evidence::CaseFile;
use outcry_core::evidence::Family;
use outcry_core::evidence::MinutePoint;
use outcry_core::evidence::facts::Peer;
use outcry_core::evidence::facts::Relation;
use outcry_core::evidence::facts::ServiceKind;
use outcry_core::incident::Incident;
use outcry_core::incident::IncidentId;
use outcry_core::incident::Opening;
use outcry_core::incident::Scope;
use outcry_core::incident::Severity;
use outcry_core::incident::Surge;
use outcry_core::observe::Observed;
use outcry_core::series::Slice;
use outcry_core::time::UnixMillis;
use outcry_core::time::UnixMinute;
use outcry_core::units::Asn;
use outcry_wire::signals::read_line;

fn at(clock: &str) -> UnixMillis {
    UnixMillis::parse(&format!("2025-03-10T{clock}:00Z")).expect("a time of day")
}

fn case(lines: &[String]) -> CaseFile {
    let mut observed = Observed::default();
    let mut signals: Vec<_> = lines
        .iter()
        .enumerate()
        .map(|(n, line)| read_line(line, n as u64).unwrap_or_else(|e| panic!("{line}: {e}")))
        .collect();
    signals.sort_by_key(|signal| signal.at);
    for signal in &signals {
        observed.take(signal);
    }
    let first = at("09:00").minute().0;
    let surge = Surge {
        opened_at: at("10:00"),
        peak_at: at("10:20"),
        closed_at: Some(at("11:00")),
        ending: None,
        peak: 3_000,
        usual: 10.0,
        counted: 9_000,
        excess: 8_900.0,
        opening: Opening {
            count: 30,
            usual: 10.0,
            doubt: 0.0,
            e_value: 1e9,
            threshold: 1e6,
            reporters: 30,
            networks: 5,
            prefixes: 30,
            slice: Slice::All,
        },
    };
    CaseFile {
        version: CASE_FILE_VERSION,
        as_of: at("11:10"),
        parent: None,
        incident: Incident {
            id: IncidentId("x-2025-03-10-1".into()),
            service: "x".into(),
            severity: Severity::Danger,
            opened_at: at("10:00"),
            closed_at: Some(at("11:00")),
            surges: vec![surge],
            outages: Vec::new(),
            components: Vec::new(),
            problems: Vec::new(),
            places: Vec::new(),
            scope: Scope::Everywhere,
            peers: Default::default(),
            reports_counted: 9_000,
            reports_received: 9_100,
            reconstruction: false,
            revision: 1,
        },
        minutes: (0..130)
            .map(|n| MinutePoint {
                minute: UnixMinute(first + n),
                counted: if (60..120).contains(&n) { 150 } else { 1 },
                usual: 1.0,
            })
            .collect(),
        service: Default::default(),
        crowd: Default::default(),
        peers: Default::default(),
        observed,
        signals: BTreeMap::new(),
        claims: Vec::new(),
        acts: Vec::new(),
    }
}

fn state(case: &CaseFile, family: Family) -> String {
    let items = case.items();
    let found = items.into_iter().find(|item| item.family == family);
    found.map_or_else(|| "missing".to_owned(), |item| item.state.name())
}

/// Probes of one vantage point every five minutes from 09:00 to 11:00: fine, and during the surge
/// as told.
fn probes(vantage: &str, country: &str, during: &str) -> Vec<String> {
    (0..24)
        .map(|n| {
            let (hour, minute) = (9 + n / 12, n % 12 * 5);
            let told = if hour == 10 { during } else { r#""outcome":"ok""# };
            format!(
                r#"{{"v":1,"type":"probe","at":"2025-03-10T{hour:02}:{minute:02}:00Z","service":"x","vantage":"{vantage}","country":"{country}","kind":"http",{told}}}"#
            )
        })
        .collect()
}

fn everywhere(during: &str) -> Vec<String> {
    [("fra", "DE"), ("lon", "GB"), ("iad", "US"), ("nrt", "JP")]
        .iter()
        .flat_map(|(vantage, country)| probes(vantage, country, during))
        .collect()
}

fn failed(phase: &str, detail: &str) -> String {
    let mut told = r#""outcome":"failed""#.to_owned();
    for (key, value) in [("phase", phase), ("detail", detail)] {
        if !value.is_empty() {
            told.push_str(&format!(r#","{key}":"{value}""#));
        }
    }
    told
}

#[test]
fn probes_tell_how_far_they_got() {
    let ok = r#""outcome":"ok""#.to_owned();
    let cases = [
        (everywhere(&ok), "all_reachable", "all_fine"),
        (everywhere(&failed("connect", "SYN timeout")), "handshake_lost", "missing"),
        (everywhere(&failed("", "connection timed out")), "handshake_lost", "missing"),
        (everywhere(&failed("connect", "")), "handshake_lost", "missing"),
        (everywhere(&failed("connect", "connection refused")), "refused", "missing"),
        (everywhere(&failed("resolve", "SERVFAIL")), "names_fail", "missing"),
        (everywhere(&failed("", "NXDOMAIN")), "names_fail", "missing"),
        (everywhere(&failed("processing", "503")), "all_reachable", "server_errors"),
        (everywhere(&failed("", "HTTP 500")), "all_reachable", "server_errors"),
        (everywhere(&failed("processing", "522")), "all_reachable", "edge_errors"),
        (everywhere(&failed("processing", "timeout")), "all_reachable", "hangs"),
        (everywhere(&failed("tls", "expired certificate")), "all_reachable", "certificate"),
        (
            everywhere(r#""outcome":"soft_failure","detail":"Something went wrong""#),
            "all_reachable",
            "soft_failures",
        ),
        (
            everywhere(r#""outcome":"soft_failure","detail":"maintenance page""#),
            "all_reachable",
            "maintenance_page",
        ),
        (everywhere(r#""outcome":"blocked","detail":"403""#), "all_reachable", "turned_away"),
        (probes("fra", "DE", &failed("connect", "SYN timeout")), "missing", "missing"),
        (Vec::new(), "missing", "missing"),
    ];
    for (lines, reach, content) in cases {
        let case = case(&lines);
        let found = (state(&case, Family::Reachability), state(&case, Family::Content));
        assert_eq!(found, (reach.to_owned(), content.to_owned()), "{:?}", lines.get(15));
    }
}

#[test]
fn where_probes_fail_says_for_whom() {
    let ok = r#""outcome":"ok""#;
    let mut lines = Vec::new();
    for (vantage, country) in [("fra", "DE"), ("lon", "GB"), ("iad", "US")] {
        lines.extend(probes(vantage, country, ok));
    }
    lines.extend(probes("ist-1", "TR", &failed("tls", "connection reset")));
    lines.extend(probes("ist-2", "TR", &failed("tls", "connection reset")));
    let case_tls = case(&lines);
    assert_eq!(state(&case_tls, Family::Content), "one_country");
    assert_eq!(state(&case_tls, Family::Reachability), "all_reachable");
    let cut: Vec<String> = lines
        .iter()
        .map(|line| line.replace("tls", "connect").replace("connection reset", "SYN timeout"))
        .collect();
    assert_eq!(state(&case(&cut), Family::Reachability), "one_country");
}

#[test]
fn what_failed_all_along_is_no_news() {
    let mut lines = everywhere(r#""outcome":"ok""#);
    lines.extend(
        probes("old", "FR", &failed("processing", "404"))
            .iter()
            .map(|line| line.replace(r#""outcome":"ok""#, &failed("processing", "404"))),
    );
    assert_eq!(state(&case(&lines), Family::Content), "all_fine");
}

#[test]
fn one_part_that_fails_is_told_from_the_whole() {
    let with = |component: &str, during: &str| -> Vec<String> {
        let more = format!(r#""kind":"http","component":"{component}""#);
        everywhere(during).iter().map(|l| l.replace(r#""kind":"http""#, &more)).collect()
    };
    let mut lines = with("web", r#""outcome":"ok""#);
    lines.extend(with("livestream", &failed("processing", "503")));
    assert_eq!(state(&case(&lines), Family::Content), "one_component");
}

fn flow(from: i64, until: i64, rest: &str) -> Vec<String> {
    (from..until)
        .map(|minute| {
            let (hour, minute) = (minute / 60, minute % 60);
            format!(
                r#"{{"v":1,"type":"flow","at":"2025-03-10T{hour:02}:{minute:02}:00Z","service":"x","window_s":60,"pps_in":1e6,"sources":"unknown","exporter":"e",{rest}}}"#
            )
        })
        .collect()
}

fn log(from: i64, until: i64, rest: &str) -> Vec<String> {
    (from..until)
        .map(|minute| {
            let (hour, minute) = (minute / 60, minute % 60);
            format!(
                r#"{{"v":1,"type":"log","at":"2025-03-10T{hour:02}:{minute:02}:00Z","service":"x","window_s":60,{rest}}}"#
            )
        })
        .collect()
}

const CALM: &str =
    r#""rps":1000,"errors_share":0.001,"clients_distinct":8000,"top_path_share":0.4"#;
const CROWD: &str =
    r#""rps":6000,"errors_share":0.2,"clients_distinct":50000,"top_path_share":0.45"#;

const FEW: &str = r#""rps":6000,"errors_share":0.2,"clients_distinct":9000,"top_path_share":0.45"#;
const ONE_PATH: &str =
    r#""rps":6000,"errors_share":0.2,"clients_distinct":50000,"top_path_share":0.9"#;

/// An hour of ordinary requests, and then others.
fn after_calm(rest: &str) -> Vec<String> {
    [log(540, 595, CALM), log(598, 650, rest)].concat()
}

#[test]
fn traffic_tells_floods_from_crowds_and_from_silence() {
    let ordinary = r#""bps_in":1e9,"bps_out":1e10"#;
    let flood = r#""bps_in":4e11,"bps_out":1e9,"vectors":["tcp_syn_flood"]"#;
    let both = |a: Vec<String>, b: Vec<String>| -> Vec<String> { [a, b].concat() };
    let cases = [
        (flow(540, 661, ordinary), "ordinary"),
        (both(flow(540, 595, ordinary), flow(596, 640, flood)), "flood_during"),
        (
            [flow(480, 530, ordinary), flow(530, 560, flood), flow(560, 660, ordinary)].concat(),
            "flood_ended_before",
        ),
        (
            both(flow(540, 595, ordinary), flow(598, 650, r#""bps_in":8e9,"bps_out":1e9"#)),
            "inflow_unanswered",
        ),
        (
            both(flow(540, 595, ordinary), flow(598, 650, r#""bps_in":1e8,"bps_out":1e8"#)),
            "traffic_gone",
        ),
        (
            both(
                log(540, 595, r#""rps":1000,"errors_share":0.001"#),
                log(598, 650, r#""rps":900,"errors_share":0.6"#),
            ),
            "errors_usual_load",
        ),
        (
            both(
                log(540, 595, r#""rps":1000,"errors_share":0.001"#),
                log(598, 650, r#""rps":9000,"errors_share":0.4,"returning_share":0.7"#),
            ),
            "requests_up_human",
        ),
        (
            both(
                log(540, 595, r#""rps":1000,"errors_share":0.001"#),
                log(
                    598,
                    650,
                    r#""rps":9000,"errors_share":0.4,"returning_share":0.05,"top_path_share":0.9"#,
                ),
            ),
            "requests_hostile",
        ),
        (
            log(598, 650, r#""rps":9000,"errors_share":0.4,"vectors":["http_flood"]"#),
            "requests_hostile",
        ),
        // So many more ask, each no more than before and for the same; or a few ask more, or for
        // one thing only; or they are sent in circles.
        (after_calm(CROWD), "requests_up_human"),
        (after_calm(FEW), "requests_up_unclear"),
        (after_calm(ONE_PATH), "requests_up_unclear"),
        (
            after_calm(r#""rps":5000,"errors_share":0,"vectors":["redirect_loop"]"#),
            "sent_in_circles",
        ),
        // What is known begins shortly before the outage: its begin is what is ordinary.
        (both(log(592, 597, CALM), log(598, 650, CROWD)), "requests_up_human"),
        (
            both(flow(592, 597, ordinary), flow(598, 650, r#""bps_in":8e9,"bps_out":1e9"#)),
            "inflow_unanswered",
        ),
        (Vec::new(), "missing"),
    ];
    for (lines, want) in cases {
        assert_eq!(state(&case(&lines), Family::Traffic), want, "{:?}", lines.last());
    }
}

#[test]
fn routes_tell_withdrawals_hijacks_and_washing() {
    let route = |clock: &str, rest: &str| {
        format!(
            r#"{{"v":1,"type":"route","at":"2025-03-10T{clock}:00Z","service":"x","prefix":"192.0.2.0/24",{rest}}}"#
        )
    };
    let known = route("08:00", r#""change":"announce","origin":64500,"path":[64510,64500]"#);
    let cases = [
        (route("09:58", r#""change":"withdraw","visibility":0.02"#), "withdrawn"),
        (route("09:58", r#""change":"announce","origin":64666,"path":[64510,64666]"#), "rerouted"),
        (
            route("10:05", r#""change":"announce","origin":64500,"path":[64510,32787,64500]"#),
            "to_scrubbing",
        ),
        (route("09:58", r#""change":"announce","origin":64500,"path":[64510,64500]"#), "missing"),
        (route("05:00", r#""change":"withdraw","visibility":0.02"#), "missing"),
    ];
    for (line, want) in cases {
        let mut case = case(&[known.clone(), line.clone()]);
        case.service.asns = vec![Asn(64_500)];
        assert_eq!(state(&case, Family::Reachability), want, "{line}");
    }
}

#[test]
fn notices_name_what_they_name() {
    let notice = |clock: &str, state: &str, impact: &str, text: &str| {
        format!(
            r#"{{"v":1,"type":"notice","at":"2025-03-10T{clock}:00Z","service":"x","notice":"n","title":"Trouble","state":"{state}","impact":"{impact}","text":"{text}"}}"#
        )
    };
    let cases = [
        (vec![notice("10:20", "investigating", "major", "We look into it.")], "acknowledged"),
        (
            vec![
                notice("10:20", "investigating", "major", "We suspect a DDoS attack."),
                notice("10:40", "identified", "major", "We rolled back a configuration change."),
            ],
            "names_change",
        ),
        (
            vec![notice("10:30", "identified", "major", "A third-party provider fails.")],
            "names_provider",
        ),
        (vec![notice("08:00", "scheduled", "maintenance", "Planned work.")], "announced"),
        (vec![notice("05:00", "resolved", "none", "All is well.")], "silent"),
        (vec![notice("10:10", "update", "none", "We are operating normally.")], "says_normal"),
        (Vec::new(), "missing"),
    ];
    for (lines, want) in cases {
        assert_eq!(state(&case(&lines), Family::Notices), want, "{:?}", lines.last());
    }
}

#[test]
fn one_article_counts_once_and_opposed_voices_are_contested() {
    let told = |class: &str, rest: &str| {
        format!(
            r#"{{"v":1,"type":"testimony","at":"2025-03-10T10:30:00Z","service":"x","class":"{class}","speaker_role":"r","text":"t",{rest}}}"#
        )
    };
    let cases = [
        (vec![told("named_expert", r#""supports":"attack""#)], "expert:attack"),
        (
            vec![
                told("third_party_measurement", r#""supports":"attack","origin":"a""#),
                told("named_expert", r#""denies":"attack","origin":"a""#),
            ],
            "measured:attack",
        ),
        (
            vec![
                told("third_party_measurement", r#""supports":"attack","origin":"a""#),
                told("anonymous_insider", r#""denies":"attack","origin":"b""#),
            ],
            "doubted:attack",
        ),
        (
            vec![
                told("third_party_measurement", r#""supports":"attack","origin":"a""#),
                told("named_expert", r#""denies":"attack","origin":"b""#),
            ],
            "contested:attack",
        ),
        (
            vec![
                told("named_expert", r#""supports":"attack","origin":"a""#),
                told("anonymous_insider", r#""denies":"attack","origin":"b""#),
            ],
            "contested:attack",
        ),
        (vec![told("interested_claimant", r#""supports":"attack""#)], "claimed:attack"),
        (vec![told("named_expert", r#""supports":"gremlins""#)], "missing"),
    ];
    for (lines, want) in cases {
        assert_eq!(state(&case(&lines), Family::Testimony), want, "{:?}", lines.last());
    }
}

#[test]
fn peers_tell_shared_providers_from_neighbours() {
    let peer = |service: &str, relation: Relation, peak: u64| Peer {
        service: service.into(),
        category: "ai".into(),
        kind: ServiceKind::Site,
        relation,
        shared: if relation == Relation::Cousin { vec!["cdn".into()] } else { Vec::new() },
        opened_at: at("10:02"),
        peak,
        usual: 5.0,
        countries: Vec::new(),
        failing_share: None,
    };
    let cases = [
        (Vec::new(), "alone"),
        (vec![peer("cdn", Relation::Provider, 900)], "shared_provider"),
        (
            vec![peer("a", Relation::Cousin, 500), peer("b", Relation::Cousin, 400)],
            "shared_provider",
        ),
        (["a", "b", "c", "d"].map(|s| peer(s, Relation::Stranger, 500)).to_vec(), "many_unrelated"),
        (vec![peer("sister", Relation::Sibling, 500)], "siblings"),
        (vec![peer("a", Relation::Stranger, 500)], "some_related"),
    ];
    for (surging, want) in cases {
        let mut case = case(&[]);
        case.peers.listened = 500;
        case.peers.surging = surging;
        assert_eq!(state(&case, Family::Peers), want);
    }
    let mut small = case(&[]);
    small.peers.listened = 500;
    small.incident.surges[0].peak = 40;
    small.incident.surges[0].usual = 8.0;
    small.peers.surging = vec![peer("big", Relation::Related, 9_000)];
    assert_eq!(state(&small, Family::Peers), "overshadowed");
}

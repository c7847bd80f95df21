//! Probes through the real engine: what opens, what closes, and what never does.

use super::*;
use crate::detect::failure::Agreement;
use crate::signal::probe::Probe;
use crate::signal::probe::ProbeOutcome;
use crate::signal::probe::References;

use crate::signal::probe::ProbeOutcome::Blocked as B;
use crate::signal::probe::ProbeOutcome::Failed as F;
use crate::signal::probe::ProbeOutcome::Ok as P;
use crate::signal::probe::ProbeOutcome::SoftFailure as S;

const COUNTRIES: [&str; 5] = ["DE", "US", "JP", "BR", "GB"];

/// What vantage point `n` of as many countries sees at `at_s` seconds after midnight.
fn round(n: usize, at_s: i64, outcome: ProbeOutcome) -> Signal {
    let mut probe = Probe::new(format!("v{n}").into(), "http".into(), outcome);
    probe.place = Place {
        country: Country::parse(COUNTRIES[n % COUNTRIES.len()]),
        asn: Some(Asn(100 + n as u32)),
        network: NetworkKind::Hosting,
    };
    probe.interval_s = Some(60.0);
    probe.references = Some(References::Ok);
    if outcome != P {
        (probe.phase, probe.detail) = (Some("connect".into()), Some("timeout".into()));
    }
    Signal {
        id: (at_s as u128) << 16 | n as u128 | 1 << 100,
        at: MIDNIGHT.plus_ms(at_s * 1_000),
        service: "x".into(),
        provenance: Provenance::default(),
        body: Body::Probe(probe),
    }
}

/// A round a minute of each of `outcomes`, a second apart, in each of `minutes`.
fn rounds(minutes: std::ops::Range<i64>, outcomes: &[ProbeOutcome]) -> Vec<Signal> {
    let at = |minute, n: usize| 60 * minute + n as i64;
    minutes
        .flat_map(|minute| {
            outcomes.iter().enumerate().map(move |(n, o)| round(n, at(minute, n), *o))
        })
        .collect()
}

fn changed(signals: &mut [Signal], change: impl Fn(&mut Probe)) {
    for signal in signals {
        if let Body::Probe(probe) = &mut signal.body {
            change(probe);
        }
    }
}

fn last(actions: &[Action]) -> Option<Incident> {
    let incident = |action: &Action| match action {
        Action::Incident(_, incident) => Some(incident.clone()),
        _ => None,
    };
    actions.iter().rev().find_map(incident)
}

#[test]
fn an_outage_opens_closes_and_says_what_it_was() {
    let mut engine = taught(60);
    let mut signals = rounds(0..10, &[P; 5]);
    signals.extend(rounds(10..20, &[F, F, F, P, P]));
    signals.extend(rounds(20..30, &[P; 5]));
    let actions = run(&mut engine, signals, 30);
    let changes = changes(&actions);
    let kinds: Vec<Change> = changes.iter().map(|(change, _)| *change).collect();
    assert_eq!(kinds, [Change::Opened, Change::Closed]);
    let (_, opened) = &changes[0];
    assert_eq!(opened.opened_at, MIDNIGHT.plus_ms((11 * 60 + 2) * 1_000), "in its second round");
    let (_, closed) = &changes[1];
    assert_eq!(closed.severity, Severity::Danger);
    assert_eq!(closed.scope, Scope::Everywhere);
    assert_eq!(closed.surges, []);
    let outage = &closed.outages[0];
    assert_eq!((outage.agreement, outage.failing, outage.asked), (Agreement::Global, 3, 5));
    assert_eq!(outage.phase.as_deref(), Some("connect"));
    // Two of three pass again in their second good round; one that fails is its own trouble.
    assert_eq!(closed.closed_at, Some(MIDNIGHT.plus_ms((21 * 60 + 1) * 1_000)));
}

#[test]
fn what_is_not_a_failure_of_the_service_opens_nothing() {
    let cut_off = |probe: &mut Probe| probe.references = Some(References::Failed);
    let late = |probe: &mut Probe| probe.lag_ms = Some(9_000.0);
    let one_network = |probe: &mut Probe| probe.place.asn = Some(Asn(7));
    let one_prefix = |probe: &mut Probe| probe.prefix = Some("198.51.0.0/16".into());
    let nothing = |_: &mut Probe| {};
    type Case<'a> = (&'a str, &'a [ProbeOutcome], &'a dyn Fn(&mut Probe));
    let cases: &[Case<'_>] = &[
        ("one liar of five", &[F, P, P, P, P], &nothing),
        ("one of two", &[F, P], &nothing),
        ("turned away everywhere", &[B; 5], &nothing),
        ("turned away but for one that fails", &[F, B, B, B, B], &cut_off),
        ("all cut off", &[F; 5], &cut_off),
        ("an observatory that is late itself", &[F; 5], &late),
        ("one network", &[F; 3], &one_network),
        ("one prefix", &[S; 3], &one_prefix),
    ];
    for (name, outcomes, change) in cases {
        let mut engine = taught(60);
        let mut signals = rounds(0..60, outcomes);
        changed(&mut signals, change);
        let actions = run(&mut engine, signals, 61);
        assert_eq!(changes(&actions), [], "{name}");
    }
}

#[test]
fn a_region_is_found_whatever_the_majority_says() {
    let mut engine = taught(60);
    // 43 vantage points; two of the nine of Japan fail.
    let all = |minute: i64| -> Vec<Signal> {
        let fails = |n: usize| n == 2 || n == 7;
        (0..43)
            .map(|n| round(n, minute * 60 + n as i64, if fails(n) && minute >= 5 { F } else { P }))
            .collect()
    };
    let signals: Vec<Signal> = (0..10).flat_map(all).collect();
    let actions = run(&mut engine, signals, 10);
    let (_, opened) = &changes(&actions)[0];
    let after_s = opened.opened_at.since_ms(MIDNIGHT) / 1_000 - 300;
    assert!(after_s <= 120, "within two rounds: {after_s} s");
    assert_eq!(opened.outages[0].agreement, Agreement::Regional);
    assert_eq!(opened.outages[0].asked, 43);
    assert_eq!(opened.scope, Scope::Countries(vec![Country::parse("JP").expect("a country")]));
    assert_eq!(opened.severity, Severity::Danger);
}

#[test]
fn a_failure_without_a_pattern_must_last() {
    // One always fails; another fails twice, and passes when it looks again 5 and 15 s later.
    let by_chance = [(301, F), (302, F), (306, P), (316, P)];
    let lasting = [(301, F), (302, F), (306, F), (316, F), (361, F), (421, F)];
    for (second, want) in [(&by_chance[..], 0), (&lasting[..], 1)] {
        let mut engine = taught(60);
        let mut signals = rounds(0..10, &[F, P, P, P, P]);
        signals.retain(|signal| {
            let Body::Probe(probe) = &signal.body else { return false };
            &*probe.vantage != "v1" || signal.at < MIDNIGHT.plus_ms(300_000)
        });
        signals.extend(second.iter().map(|(at_s, outcome)| round(1, *at_s, *outcome)));
        let actions = run(&mut engine, signals, 10);
        let opened = changes(&actions).iter().filter(|(it, _)| *it == Change::Opened).count();
        assert_eq!(opened, want);
        let last = last(&actions).map(|incident| (incident.severity, incident.scope));
        assert_eq!(last, (want == 1).then_some((Severity::Warning, Scope::Partial)));
    }
}

#[test]
fn one_place_alone_is_believed_only_by_the_stricter_rule() {
    let opened = |before: &[ProbeOutcome], change: &dyn Fn(&mut Probe), minutes: i64| {
        let mut engine = taught(60);
        let mut signals = rounds(0..5, before);
        signals.extend(rounds(5..5 + minutes, &[F]));
        changed(&mut signals, change);
        let actions = run(&mut engine, signals, 5 + minutes);
        changes(&actions).first().map(|(_, incident)| incident.clone())
    };
    assert_eq!(opened(&[P], &|_| {}, 3), None, "three rounds are not enough");
    let found = opened(&[P], &|_| {}, 4).expect("four in three minutes are");
    assert_eq!((found.scope, found.severity), (Scope::OnePlace, Severity::Warning));
    assert_eq!(found.outages[0].agreement, Agreement::OnePlace);
    assert_eq!(opened(&[F], &|_| {}, 60), None, "it never worked from here");
    let unlooked = |probe: &mut Probe| probe.references = None;
    assert_eq!(opened(&[P], &unlooked, 60), None, "nobody knows whether it is cut off");
}

#[test]
fn reports_and_probes_at_one_time_are_one_incident() {
    for probes_first in [true, false] {
        let mut engine = taught(60);
        let mut signals = rounds(0..120, &[P; 3]);
        let (fail_from, report_from) = if probes_first { (30, 35) } else { (35, 30) };
        signals.retain(|signal| signal.at < MIDNIGHT.plus_ms(fail_from * MINUTE_MS));
        signals.extend(rounds(fail_from..50, &[F; 3]));
        signals.extend(rounds(50..120, &[P; 3]));
        signals.extend(crowd(report_from..60, 60, "web"));
        let actions = run(&mut engine, signals, 120);
        let incident = last(&actions).expect("an incident");
        let ids: Vec<IncidentId> = changes(&actions).into_iter().map(|(_, i)| i.id).collect();
        assert!(ids.iter().all(|id| *id == incident.id), "one: {ids:?}");
        assert_eq!((incident.surges.len(), incident.outages.len()), (1, 1));
        let outage_closed = incident.outages[0].closed_at.expect("closed");
        let surge_closed = incident.surges[0].closed_at.expect("closed");
        assert_eq!(incident.closed_at, Some(outage_closed.max(surge_closed)));
        assert!(outage_closed < surge_closed, "probes are well before people stop to report");
        assert_eq!(incident.severity, Severity::Danger);
    }
}

#[test]
fn late_results_fill_history_and_decide_nothing() {
    let mut engine = taught(60);
    let mut actions = run(&mut engine, rounds(0..120, &[P; 5]), 120);
    let signals = rounds(10..60, &[F; 5]);
    for (index, signal) in signals.into_iter().enumerate() {
        let event = if index % 2 == 0 { Event::Signal(signal) } else { Event::Late(signal) };
        actions.extend(engine.handle(event));
    }
    actions.extend(engine.handle(Event::Watermark(MIDNIGHT.plus_ms(180 * MINUTE_MS))));
    assert_eq!(changes(&actions), []);
    assert_eq!(engine.counters().late, 250);
    let now = MIDNIGHT.plus_ms(120 * MINUTE_MS);
    let probes = engine.snapshot("x", now).expect("known").probes.expect("probed");
    let failed: u32 = probes.vantages[0].cells.iter().map(|cell| cell.failed).sum();
    assert_eq!(failed, 50, "shown where they belong");
    assert_eq!(probes.agreement, Agreement::Passing);
    // Nor does a late success close what is open.
    let mut engine = taught(60);
    run(&mut engine, rounds(0..60, &[F; 5]), 60);
    for signal in rounds(20..50, &[P; 5]) {
        assert_eq!(changes(&engine.handle(Event::Late(signal))), []);
    }
    assert!(engine.snapshot("x", now).expect("known").in_trouble());
}

#[test]
fn an_outage_nobody_can_see_any_more_ends_when_it_was_last_seen() {
    let mut engine = taught(60);
    let mut signals = rounds(0..20, &[F; 5]);
    signals.extend(rounds(20..60, &[B; 5]));
    let actions = run(&mut engine, signals, 60);
    let incident = last(&actions).expect("an incident");
    let closed = incident.closed_at.expect("closed").since_ms(MIDNIGHT) / MINUTE_MS;
    assert_eq!(closed, 20);
}

#[test]
fn a_first_failure_asks_the_others_once_a_minute_at_most() {
    let mut engine = taught(60);
    let mut signals = rounds(0..3, &[P; 5]);
    // Flaps every ten seconds for five minutes.
    signals.extend((0..30).map(|n| round(0, 200 + n * 10, if n % 2 == 0 { F } else { P })));
    let actions = run(&mut engine, signals, 10);
    let asked = actions.iter().filter(|action| matches!(action, Action::Recheck(_))).count();
    assert!((4..=6).contains(&asked), "{asked} times in five minutes");
    // A surge of reports asks as well.
    let mut engine = taught(60);
    let actions = run(&mut engine, crowd(30..40, 60, "web"), 40);
    let asked = actions.iter().filter(|action| matches!(action, Action::Recheck(_))).count();
    assert_eq!(asked, 1);
}

#[test]
fn ipv6_alone_is_a_warning() {
    let mut engine = taught(60);
    let mut v4 = rounds(0..20, &[P; 5]);
    let mut v6 = rounds(0..20, &[F; 5]);
    changed(&mut v4, |probe| probe.family = Some(AddressFamily::V4));
    changed(&mut v6, |probe| probe.family = Some(AddressFamily::V6));
    v6.iter_mut().for_each(|signal| signal.id |= 1 << 101);
    v4.extend(v6);
    let actions = run(&mut engine, v4, 20);
    let incident = last(&actions).expect("an incident");
    assert_eq!(incident.severity, Severity::Warning);
    assert_eq!(incident.outages[0].family, Some(AddressFamily::V6));
}

#[test]
fn a_saved_engine_goes_on_with_its_probes() {
    let mut whole = taught(60);
    let mut first = rounds(0..12, &[F, F, P, P, S]);
    let rest = rounds(12..40, &[P; 5]);
    let mut engine = taught(60);
    run(&mut engine, first.clone(), 12);
    let saved = engine.save();
    let mut restored = Engine::load(CONFIG, catalog(), &saved).expect("its own state");
    assert!(restored.save() == saved);
    let after = run(&mut restored, rest.clone(), 40);
    first.extend(rest);
    let all = run(&mut whole, first, 40);
    assert_eq!(last(&after), last(&all));
    assert!(last(&all).expect("an incident").closed_at.is_some());
    assert!(whole.save() == restored.save());
}

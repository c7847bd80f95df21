//! Across services, networks, new levels: through the real engine.

use super::*;
use crate::detect::together::Factor;
use crate::detect::together::Finding;
use crate::detect::together::Standing;
use crate::incident::Ending;
use crate::signal::probe::Probe;
use crate::signal::probe::ProbeOutcome;
use crate::signal::probe::References;

/// 40 services in four categories of ten; `s0` is a cloud that `s1`, `s2`, `s11`, `s12`, … depend
/// on.
fn town() -> Arc<Catalog> {
    let mut catalog = Catalog::default();
    let template = super::catalog().services["x"].clone();
    for number in 0..40 {
        let slug: Text = format!("s{number}").into();
        let category: Text = format!("c{}", number / 10).into();
        let name = category.clone();
        catalog.categories.insert(category.clone(), Category { slug: category.clone(), name });
        let on_cloud = (1..=2).contains(&(number % 10));
        let depends_on = if on_cloud { vec!["s0".into()] } else { Vec::new() };
        let service = Service { slug: slug.clone(), category, depends_on, ..template.clone() };
        catalog.services.insert(slug, service);
    }
    Arc::new(catalog)
}

fn taught_town() -> Engine {
    let mut engine = Engine::new(CONFIG, town());
    for hour in (MIDNIGHT.hour() - 2 * 168)..MIDNIGHT.hour() {
        for number in 0..40 {
            let past = PastHour {
                service: format!("s{number}").into(),
                hour,
                total: 6,
                components: vec![("web".into(), 3), ("mobile_app".into(), 3)],
                problems: vec![("not_loading".into(), 6)],
                countries: vec![(us(), 3), (brazil(), 1)],
            };
            let _ = engine.handle(Event::Past(past));
        }
    }
    engine
}

fn brazil() -> Country {
    Country::parse("BR").expect("two letters")
}

/// `per_minute` reports of each of these services, from as many people, in minutes 10 to 40.
fn trouble(
    services: &[usize],
    per_minute: i64,
    change: impl Fn(usize, &mut Report),
) -> Vec<Signal> {
    let mut signals = Vec::new();
    for number in services {
        let mut some = each(crowd(10..40, per_minute, "web"), &change);
        for signal in &mut some {
            signal.service = format!("s{number}").into();
            signal.id += (*number as u128) << 64;
            if let Body::Report(report) = &mut signal.body {
                report.reporter.0 += *number as u64 * 1_000_003;
            }
        }
        signals.extend(some);
    }
    signals.sort_by_key(|signal| (signal.at, signal.id));
    signals
}

fn findings(actions: &[Action]) -> Vec<&Finding> {
    let mut found = Vec::new();
    for action in actions {
        if let Action::Finding(finding) = action {
            found.push(finding);
        }
    }
    found
}

fn named(actions: &[Action]) -> Vec<Factor> {
    let mut named: Vec<Factor> = findings(actions)
        .into_iter()
        .filter(|finding| finding.standing == Standing::Named)
        .map(|finding| finding.factor.clone())
        .collect();
    named.sort();
    named.dedup();
    named
}

#[test]
fn a_cloud_that_fails_is_named_and_told_with_each_incident() {
    let cloud = Factor::Provider("s0".into());
    let mut engine = taught_town();
    let actions = run(&mut engine, trouble(&[1, 2, 11, 12, 21, 22, 31], 10, |_, _| {}), 30);
    assert_eq!(named(&actions), std::slice::from_ref(&cloud));
    let open = engine.findings();
    assert_eq!((&open[0].factor, open[0].up, open[0].members), (&cloud, 7, 9));
    let incident = engine.snapshot("s11", MIDNIGHT.plus_ms(30 * MINUTE_MS)).expect("watched");
    let peers = &incident.incident.expect("it is open").peers;
    assert!(peers.findings.iter().any(|finding| finding.factor == cloud), "{peers:?}");
    // It is over when a whole window has passed without it.
    let later = engine.handle(Event::Watermark(MIDNIGHT.plus_ms(3 * HOUR_MS)));
    assert!(findings(&later).iter().any(|f| f.factor == cloud && f.closed_at.is_some()));
    assert_eq!(engine.findings(), []);
}

#[test]
fn services_that_share_nothing_name_nothing() {
    let mut engine = taught_town();
    let actions = run(&mut engine, trouble(&[3, 14, 25, 36], 10, |_, _| {}), 60);
    assert_eq!(named(&actions), [], "{:?}", findings(&actions));
}

#[test]
fn a_country_is_named_when_only_its_part_of_the_services_fails() {
    let mut engine = taught_town();
    let from_brazil = |_: usize, report: &mut Report| report.place.country = Some(brazil());
    let few = trouble(&[3, 4, 5, 13, 14, 15, 23, 24, 25, 33, 34, 35], 10, from_brazil);
    let actions = run(&mut engine, few, 60);
    assert!(named(&actions).contains(&Factor::Country(brazil())), "{:?}", findings(&actions));
}

#[test]
fn one_address_that_reports_many_services_is_no_pattern() {
    let mut engine = taught_town();
    let one = |_: usize, report: &mut Report| report.prefix = PrefixKey(7);
    let actions = run(&mut engine, trouble(&[1, 2, 11, 12, 21, 22, 31], 10, one), 60);
    assert_eq!(findings(&actions), Vec::<&Finding>::new());
    assert_eq!(changes(&actions), []);
}

/// Rounds of three vantage points a minute that pass.
fn green(service: &str, minutes: std::ops::Range<i64>) -> Vec<Signal> {
    let countries = ["DE", "US", "JP"];
    let round = |(minute, n): (i64, usize)| {
        let vantage = format!("v{n}").into();
        let mut probe = Probe::new(vantage, "http".into(), ProbeOutcome::Ok);
        probe.place = Place {
            country: Country::parse(countries[n]),
            asn: Some(Asn(100 + n as u32)),
            network: NetworkKind::Hosting,
        };
        probe.interval_s = Some(600.0);
        probe.references = Some(References::Ok);
        Signal {
            id: (minute as u128) << 16 | n as u128 | 1 << 100,
            at: MIDNIGHT.plus_ms(minute * MINUTE_MS + n as i64),
            service: service.into(),
            provenance: Provenance::default(),
            body: Body::Probe(probe),
        }
    };
    minutes.step_by(10).flat_map(|minute| (0..3).map(move |n| round((minute, n)))).collect()
}

#[test]
fn reports_of_a_service_that_works_are_said_to_belong_to_the_one_in_danger() {
    let mut engine = taught_town();
    let mut signals = trouble(&[0], 40, |_, _| {});
    signals.extend(trouble(&[11], 6, |_, _| {}));
    signals.extend(green("s11", 0..40));
    signals.sort_by_key(|signal| (signal.at, signal.id));
    let _ = run(&mut engine, signals, 35);
    let snapshot = engine.snapshot("s11", MIDNIGHT.plus_ms(35 * MINUTE_MS)).expect("watched");
    let spillover = snapshot.incident.expect("open").peers.spillover.expect("its probes are green");
    assert_eq!(&*spillover.in_danger, "s0");
    assert_eq!(spillover.relation, Factor::Provider("s0".into()));
    let danger = engine.snapshot("s0", MIDNIGHT.plus_ms(35 * MINUTE_MS)).expect("watched");
    assert_eq!(danger.incident.expect("open").peers.spillover, None);
}

#[test]
fn one_network_is_not_drowned_by_the_world() {
    let mut engine = taught(1_200);
    // Twenty a minute from seven networks is usual; each has its part of it.
    let usual = crowd(0..300, 20, "web");
    let outage = each(crowd(240..270, 12, "mobile_app"), |i, report| {
        report.place.asn = Some(Asn(64_999));
        report.prefix = PrefixKey(i as u64 % 40);
    });
    let all: Vec<Signal> = usual.into_iter().chain(outage).collect();
    let mut signals = each(all, |_, report| report.place.country = None);
    signals.sort_by_key(|signal| (signal.at, signal.id));
    let actions = run(&mut engine, signals, 300);
    let changes = changes(&actions);
    let (change, opened) = changes.first().expect("it opens");
    assert_eq!((*change, &opened.scope), (Change::Opened, &Scope::Network(Asn(64_999))));
    assert!((240..245).contains(&minute_of(opened.opened_at)), "{}", minute_of(opened.opened_at));
}

#[test]
fn a_level_that_holds_for_a_day_is_the_usual_one_only_with_green_probes() {
    let days = 3;
    let minutes = 24 * 60 * days;
    for (probed, want) in [(true, Some(Ending::NewUsual)), (false, None)] {
        let mut engine = taught(30);
        let mut signals = each(crowd(60..minutes, 6, "web"), |i, report| {
            report.prefix = PrefixKey(i as u64 % 5_000);
        });
        if probed {
            signals.extend(green("x", 0..minutes));
        }
        signals.sort_by_key(|signal| (signal.at, signal.id));
        let actions = run(&mut engine, signals, minutes);
        let changes = changes(&actions);
        assert_eq!(changes[0].0, Change::Opened);
        let now = MIDNIGHT.plus_ms(minutes * MINUTE_MS);
        let snapshot = engine.snapshot("x", now).expect("watched");
        let surge =
            &snapshot.earlier.first().or(snapshot.incident.as_ref()).expect("one").surges[0];
        assert_eq!(surge.ending, want, "probed: {probed}");
        if probed {
            assert!(snapshot.usual_15min > 60.0, "{}", snapshot.usual_15min);
            assert_eq!(changes.len(), 2, "opened once and closed once: {changes:?}");
        }
    }
}

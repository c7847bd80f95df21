//! Scenarios through the real engine: what opens, what does not, and that the way of feeding it
//! changes nothing.

mod peers;
mod probes;
mod properties;
mod traffic;

use super::*;
use crate::catalog::Category;
use crate::catalog::Service;
use crate::incident::IncidentId;
use crate::incident::Scope;
use crate::incident::Severity;
use crate::signal::Body;
use crate::signal::PrefixKey;
use crate::signal::Problem;
use crate::signal::Provenance;
use crate::signal::Report;
use crate::signal::ReporterKey;
use crate::signal::probe::AddressFamily;
use crate::signal::said::Claim;
use crate::time::MINUTE_MS;
use crate::units::Asn;
use crate::units::Country;
use crate::units::NetworkKind;
use crate::units::Place;

/// Monday 2025-03-10T00:00:00Z.
const MIDNIGHT: UnixMillis = UnixMillis(1_741_564_800_000);
const CONFIG: EngineConfig = EngineConfig { run_length_days: 100.0 };

fn catalog() -> Arc<Catalog> {
    let mut catalog = Catalog::default();
    let category = Category { slug: "social".into(), name: "Social".into() };
    catalog.categories.insert("social".into(), category);
    for slug in ["x", "other"] {
        catalog.services.insert(
            slug.into(),
            Service {
                slug: slug.into(),
                name: slug.into(),
                aliases: Vec::new(),
                category: "social".into(),
                countries: Vec::new(),
                domains: Vec::new(),
                components: vec!["mobile_app".into(), "web".into()],
                problems: vec!["not_loading".into(), "other".into()],
                notices: None,
                asns: Vec::new(),
                depends_on: Vec::new(),
            },
        );
    }
    Arc::new(catalog)
}

/// An engine that has learnt four weeks of `per_hour` reports.
fn taught(per_hour: u64) -> Engine {
    let mut engine = Engine::new(CONFIG, catalog());
    for hour in (MIDNIGHT.hour() - 4 * 168)..MIDNIGHT.hour() {
        for service in ["x", "other"] {
            let _ = engine.handle(Event::Past(past_hour(service, hour, per_hour)));
        }
    }
    engine
}

fn past_hour(service: &str, hour: i64, per_hour: u64) -> PastHour {
    PastHour {
        service: service.into(),
        hour,
        total: per_hour,
        components: vec![("mobile_app".into(), per_hour / 2), ("web".into(), per_hour / 2)],
        problems: vec![("not_loading".into(), per_hour)],
        countries: vec![(us(), per_hour / 2)],
    }
}

fn us() -> Country {
    Country::parse("US").expect("two letters")
}

/// Reports of `x`: `per_minute` in each minute of `minutes`, from as many people and networks.
fn crowd(minutes: std::ops::Range<i64>, per_minute: i64, component: &str) -> Vec<Signal> {
    let mut signals = Vec::new();
    for minute in minutes {
        for i in 0..per_minute {
            let id = (minute * 100_000 + i) as u128 + 1 + component.len() as u128 * 50_000;
            let network = u32::try_from(i % 7).expect("small");
            signals.push(Signal {
                id,
                at: MIDNIGHT.plus_ms(minute * MINUTE_MS + i * MINUTE_MS / per_minute),
                service: "x".into(),
                provenance: Provenance::default(),
                body: Body::Report(Report {
                    component: Some(component.into()),
                    problem: Problem::Fails("not_loading".into()),
                    place: Place {
                        country: Some(us()),
                        asn: Some(Asn(64_500 + network)),
                        network: NetworkKind::Access,
                    },
                    reporter: ReporterKey(id as u64),
                    prefix: PrefixKey(id as u64),
                    comment: None,
                }),
            });
        }
    }
    signals
}

/// Feeds signals and lets the day pass up to `minute`.
fn run(engine: &mut Engine, signals: Vec<Signal>, minute: i64) -> Vec<Action> {
    let mut actions = engine.handle(Event::Watermark(MIDNIGHT));
    for signal in signals {
        actions.extend(engine.handle(Event::Signal(signal)));
    }
    actions.extend(engine.handle(Event::Watermark(MIDNIGHT.plus_ms(minute * MINUTE_MS))));
    actions
}

fn changes(actions: &[Action]) -> Vec<(Change, Incident)> {
    actions
        .iter()
        .filter_map(|action| match action {
            Action::Incident(change, incident) if *change != Change::Revised => {
                Some((*change, incident.clone()))
            }
            _ => None,
        })
        .collect()
}

fn minute_of(at: UnixMillis) -> i64 {
    at.since_ms(MIDNIGHT) / MINUTE_MS
}

#[test]
fn usual_traffic_opens_nothing() {
    let mut engine = taught(120);
    let actions = run(&mut engine, crowd(0..600, 2, "web"), 610);
    assert_eq!(changes(&actions), []);
}

#[test]
fn a_past_of_totals_makes_no_country_and_no_problem_unusual() {
    let mut engine = Engine::new(CONFIG, catalog());
    for hour in (MIDNIGHT.hour() - 4 * 168)..MIDNIGHT.hour() {
        let told = past_hour("x", hour, 300);
        let past = PastHour { problems: Vec::new(), countries: Vec::new(), ..told };
        let _ = engine.handle(Event::Past(past));
    }
    let actions = run(&mut engine, crowd(0..600, 5, "web"), 610);
    assert_eq!(changes(&actions), [], "as many as ever, and now their country is told");
    let actions = run(&mut engine, crowd(610..630, 100, "web"), 640);
    let [(Change::Opened, opened)] = &changes(&actions)[..] else { panic!("{actions:?}") };
    assert_eq!(minute_of(opened.opened_at), 610);
}

#[test]
fn a_surge_opens_within_a_minute_and_closes_when_it_is_over() {
    let mut engine = taught(60);
    let mut signals = crowd(0..60, 1, "web");
    signals.extend(crowd(60..100, 200, "mobile_app"));
    let actions = run(&mut engine, signals, 200);
    let changes = changes(&actions);
    let [(Change::Opened, opened), (Change::Closed, closed)] = &changes[..] else {
        panic!("opened and closed: {changes:?}");
    };
    assert_eq!(opened.id.0.as_ref(), "x-2025-03-10-1");
    assert_eq!(minute_of(opened.opened_at), 60);
    assert_eq!(closed.severity, Severity::Danger);
    assert_eq!(closed.surges.len(), 1);
    let surge = &closed.surges[0];
    let over = minute_of(surge.closed_at.expect("closed"));
    assert!((105..=115).contains(&over), "calm for ten minutes after 100: {over}");
    assert!((2_800..=3_000).contains(&surge.peak), "fifteen minutes of 200: {}", surge.peak);
    assert_eq!(closed.components[0].name.as_ref(), "mobile_app");
    assert!(closed.components[0].share > 0.95);
    let usual = closed.components[0].usual.expect("four weeks were learnt");
    assert!((usual - 0.5).abs() < 0.01, "{usual}");
    assert_eq!(closed.places[0].country, Some(us()));
}

#[test]
fn two_surges_with_quiet_hours_between_are_one_incident() {
    let mut engine = taught(60);
    let mut signals = crowd(60..90, 100, "mobile_app");
    signals.extend(crowd(300..330, 100, "mobile_app"));
    let actions = run(&mut engine, signals, 500);
    let changes = changes(&actions);
    let kinds: Vec<Change> = changes.iter().map(|(change, _)| *change).collect();
    assert_eq!(kinds, [Change::Opened, Change::Closed, Change::Reopened, Change::Closed]);
    assert_eq!(changes[3].1.surges.len(), 2);
    assert_eq!(changes[3].1.id, changes[0].1.id);
}

#[test]
fn a_surge_with_another_mix_is_another_incident() {
    let mut engine = taught(60);
    let mut signals = crowd(60..90, 100, "mobile_app");
    signals.extend(crowd(300..330, 100, "web"));
    let changes = changes(&run(&mut engine, signals, 500));
    assert_eq!(changes.last().expect("some").1.id.0.as_ref(), "x-2025-03-10-2");
}

#[test]
fn a_surge_that_returns_within_the_hour_is_the_same_surge() {
    let mut engine = taught(60);
    let mut signals = crowd(60..80, 100, "web");
    signals.extend(crowd(120..140, 100, "web"));
    let changes = changes(&run(&mut engine, signals, 300));
    assert_eq!(changes.last().expect("some").1.surges.len(), 1);
}

/// Changes `report` in every signal.
fn each(mut signals: Vec<Signal>, change: impl Fn(usize, &mut Report)) -> Vec<Signal> {
    for (i, signal) in signals.iter_mut().enumerate() {
        if let Body::Report(report) = &mut signal.body {
            change(i, report);
        }
    }
    signals
}

#[test]
fn one_voice_many_times_opens_nothing() {
    type Twist = fn(usize, &mut Report);
    let cases: [(&str, Twist); 4] = [
        ("one reporter", |_, report| report.reporter = ReporterKey(1)),
        ("one prefix", |_, report| report.prefix = PrefixKey(1)),
        ("one hosting network", |_, report| {
            report.place.asn = Some(Asn(1));
            report.place.network = NetworkKind::Hosting;
        }),
        ("it works for them", |_, report| report.problem = Problem::Works),
    ];
    for (name, twist) in cases {
        let mut engine = taught(6);
        let actions = run(&mut engine, each(crowd(60..90, 100, "web"), twist), 200);
        assert_eq!(changes(&actions), [], "{name}");
        let snapshot = engine.snapshot("x", MIDNIGHT.plus_ms(89 * MINUTE_MS)).expect("watched");
        let kept = snapshot.received_5min + snapshot.works_15min;
        assert!(kept > 100, "{name}: all is kept and shown, {kept}");
    }
}

#[test]
fn one_access_network_opens_for_itself() {
    let mut engine = taught(6);
    let signals = each(crowd(60..90, 40, "web"), |_, report| report.place.asn = Some(Asn(7)));
    let changes = changes(&run(&mut engine, signals, 200));
    assert_eq!(changes[0].1.scope, Scope::Network(Asn(7)));
}

#[test]
fn a_national_outage_is_scoped_to_its_country() {
    let mut engine = taught(600);
    let brazil = Country::parse("BR").expect("two letters");
    let signals = each(crowd(60..100, 40, "web"), |i, report| {
        report.place.country = Some(if i % 8 == 0 { us() } else { brazil });
    });
    let actions = run(&mut engine, signals, 80);
    let last = actions.iter().rev().find_map(|action| match action {
        Action::Incident(_, incident) => Some(incident),
        _ => None,
    });
    assert_eq!(last.expect("opened").scope, Scope::Countries(vec![brazil]));
}

/// Everything a reader could see.
fn outcome(engine: &mut Engine, actions: &[Action]) -> String {
    let incidents: Vec<_> =
        actions.iter().filter(|action| matches!(action, Action::Incident(..))).collect();
    let mut sums = Deltas::default();
    for action in actions {
        if let Action::Count(deltas) = action {
            deltas.cells.iter().for_each(|(cell, counts)| sums.add(cell.clone(), *counts));
        }
    }
    let snapshot = engine.snapshot("x", MIDNIGHT.plus_ms(400 * MINUTE_MS));
    format!("{incidents:?}{sums:?}{snapshot:?}")
}

fn a_day() -> Vec<Signal> {
    let mut signals = crowd(0..400, 1, "web");
    signals = each(signals, |i, report| {
        if i % 2 == 0 {
            report.component = Some("mobile_app".into());
        }
    });
    signals.extend(crowd(60..90, 60, "mobile_app"));
    signals.extend(crowd(300..340, 30, "mobile_app"));
    signals.sort_by_key(|signal| (signal.at, signal.id));
    signals
}

#[test]
fn the_order_of_arrival_and_the_chunks_change_nothing() {
    let mut whole = taught(60);
    let actions = run(&mut whole, a_day(), 400);
    let want = outcome(&mut whole, &actions);
    let mut shuffled = taught(60);
    let mut reversed = a_day();
    reversed.reverse();
    let actions = run(&mut shuffled, reversed, 400);
    assert!(outcome(&mut shuffled, &actions) == want, "reversed within the watermark");
    let mut chunked = taught(60);
    let mut actions = chunked.handle(Event::Watermark(MIDNIGHT));
    for signal in a_day() {
        let at = signal.at;
        actions.extend(chunked.handle(Event::Signal(signal)));
        actions.extend(chunked.handle(Event::Watermark(at)));
    }
    let end = MIDNIGHT.plus_ms(400 * MINUTE_MS);
    actions.extend(chunked.handle(Event::Watermark(end)));
    assert!(outcome(&mut chunked, &actions) == want, "signal by signal");
}

/// A claim of the operator in the middle of [`a_day`], entered or only proposed.
fn claim(minute: i64, body: fn(Claim) -> Body) -> Signal {
    let claim = Claim {
        claim: "operator-attack".into(),
        quote: "A massive attack.".into(),
        speaker: None,
        speaker_role: "operator".into(),
        medium: "a post".into(),
        said_at_words: None,
        evidence_offered: None,
        about: None,
        earlier: false,
        assertions: crate::claim::propose::propose("A massive attack."),
    };
    let provenance = Provenance { source: "https://news.example".into(), ..Default::default() };
    let (id, at) = (u128::MAX - minute as u128, MIDNIGHT.plus_ms(minute * MINUTE_MS));
    Signal { id, at, service: "x".into(), provenance, body: body(claim) }
}

#[test]
fn a_proposed_claim_changes_nothing_that_an_entered_one_does() {
    let told = |body: Option<fn(Claim) -> Body>| {
        let mut engine = taught(60);
        let mut signals = a_day();
        signals.extend(body.into_iter().flat_map(|body| [70, 75, 390].map(|at| claim(at, body))));
        signals.sort_by_key(|signal| (signal.at, signal.id));
        let actions = run(&mut engine, signals, 400);
        // One that comes late does no more.
        let late = body.map(|body| engine.handle(Event::Late(claim(10, body))));
        assert!(late.is_none_or(|actions| actions.is_empty()), "nothing is to be done");
        let cases: Vec<CaseFile> = actions
            .iter()
            .filter_map(|action| match action {
                Action::Case(case) => Some(case.clone()),
                _ => None,
            })
            .collect();
        (outcome(&mut engine, &actions), cases, engine.save(), engine.counters())
    };
    let (nobody, proposed) = (told(None), told(Some(Body::Proposal)));
    assert!(nobody == proposed, "not even a count of signals differs");
    let (outcome, cases, ..) = told(Some(Body::Claim));
    assert!(outcome != nobody.0 && cases != nobody.1, "an entered claim is seen");
    assert!(cases.iter().any(|case| !case.claims.is_empty()));
}

#[test]
fn a_saved_engine_goes_on_as_if_it_had_never_stopped() {
    for stop in [10, 70, 95, 250, 320] {
        let mut whole = taught(60);
        let all = run(&mut whole, a_day(), 400);
        let at = MIDNIGHT.plus_ms(stop * MINUTE_MS);
        let (before, after): (Vec<_>, Vec<_>) = a_day().into_iter().partition(|s| s.at < at);
        let mut first = taught(60);
        let mut actions = run(&mut first, before, stop);
        let bytes = first.save();
        let mut second = Engine::load(CONFIG, catalog(), &bytes).expect("our own bytes");
        actions.extend(run(&mut second, after, 400));
        assert!(outcome(&mut second, &actions) == outcome(&mut whole, &all), "minute {stop}");
    }
}

#[test]
fn damaged_memory_is_refused_and_never_panics() {
    let mut engine = taught(60);
    let _ = run(&mut engine, a_day(), 100);
    let bytes = engine.save();
    for cut in (0..bytes.len()).step_by(bytes.len() / 997 + 1) {
        assert!(Engine::load(CONFIG, catalog(), &bytes[..cut]).is_none(), "cut at {cut}");
        let mut flipped = bytes.clone();
        flipped[cut] ^= 0x55;
        let _ = Engine::load(CONFIG, catalog(), &flipped);
    }
}

#[test]
fn late_signals_are_kept_and_open_nothing() {
    let mut engine = taught(6);
    let _ = engine.handle(Event::Watermark(MIDNIGHT));
    let _ = engine.handle(Event::Watermark(MIDNIGHT.plus_ms(HOUR_MS)));
    let late = crowd(10..30, 100, "web");
    let actions: Vec<Action> =
        late.into_iter().flat_map(|signal| engine.handle(Event::Signal(signal))).collect();
    assert_eq!(changes(&actions), []);
    assert_eq!(engine.counters().late, 2_000);
    let snapshot = engine.snapshot("x", MIDNIGHT.plus_ms(HOUR_MS)).expect("watched");
    let received: u64 = snapshot.minutes.iter().map(|row| u64::from(row.received)).sum();
    assert_eq!(received, 2_000);
}

#[test]
fn time_may_leap_and_stand_still() {
    let mut engine = taught(6);
    for hours in [0, 5, 2, 24 * 7, 24 * 400, 24 * 399, 24 * 3_000_000] {
        let actions = engine.handle(Event::Watermark(MIDNIGHT.plus_ms(hours * HOUR_MS)));
        assert_eq!(changes(&actions), [], "{hours} hours");
    }
    assert_eq!(engine.counters().gaps, 2);
}

#[test]
fn the_usual_mix_does_not_split_a_story() {
    let mut engine = taught(60);
    let changes = changes(&run(&mut engine, a_day(), 400));
    let last = &changes.last().expect("some").1;
    assert_eq!((last.id.0.as_ref(), last.surges.len()), ("x-2025-03-10-1", 2));
}

#[test]
fn one_loud_prefix_opens_nothing_beside_the_usual_few() {
    let mut engine = taught(4);
    // Three voices from elsewhere by chance, and an office that never rests.
    let few = crowd(0..180, 1, "web").into_iter();
    let few = few.filter(|signal| [50, 54, 58].contains(&minute_of(signal.at)));
    let office = each(crowd(60..120, 40, "web"), |_, report| report.prefix = PrefixKey(7));
    let mut signals: Vec<Signal> = few.chain(office).collect();
    signals.sort_by_key(|signal| (signal.at, signal.id));
    assert_eq!(changes(&run(&mut engine, signals, 200)), []);
}

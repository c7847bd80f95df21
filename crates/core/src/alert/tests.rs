//! The plan against tables of stories, and its promises as properties.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::choice::About;
use super::choice::Moments;
use super::plan::plan;
use super::*;
use crate::detect::together::Peers;
use crate::hypothesis::Group;
use crate::hypothesis::Hypothesis;
use crate::incident::PlaceCount;
use crate::incident::Scope;
use crate::incident::Share;
use crate::units::Country;

const T0: i64 = 1_741_600_000_000;

fn incident(id: &str, revision: u32, open: bool, severity: Severity) -> Incident {
    Incident {
        id: IncidentId(id.into()),
        service: "x".into(),
        severity,
        opened_at: UnixMillis(T0),
        closed_at: (!open).then_some(UnixMillis(T0 + 30_000)),
        surges: Vec::new(),
        outages: Vec::new(),
        components: vec![Share { name: "web".into(), count: 9, share: 0.9, usual: None }],
        problems: Vec::new(),
        places: vec![PlaceCount { country: Country::parse("US"), count: 30, times_usual: None }],
        scope: Scope::Everywhere,
        peers: Peers::default(),
        reports_counted: 40,
        reports_received: 44,
        reconstruction: false,
        revision,
    }
}

fn story(revision: u32, open: bool, severity: Severity, weighed: Option<Weighed>) -> Story {
    let incident = incident("x-2025-03-10-1", revision, open, severity);
    Story { incident, as_of: UnixMillis(T0), weighed }
}

fn ops() -> Rule {
    Rule {
        name: "all".into(),
        services: Vec::new(),
        about: About::default(),
        on: Occasion::ALL.to_vec(),
        to: vec![To::Channel("ops".into())],
        escalation: None,
    }
}

fn about(about: About) -> Rule {
    Rule { about, ..ops() }
}

fn germany() -> Country {
    Country::parse("DE").expect("two letters")
}

fn named(cause: Hypothesis) -> Option<Weighed> {
    Some(Weighed { cause: Some(Cause::One(cause)), ruled: BTreeMap::new() })
}

fn at(minute: i64) -> Moment {
    Moment { now: UnixMillis(T0 + minute * MINUTE_MS), ..Moment::default() }
}

/// A step: the minute, the revision, whether it is open, how bad, what is said about why.
type Step = (i64, u32, bool, Severity, Option<Weighed>);

struct Case {
    name: &'static str,
    rule: Rule,
    steps: Vec<Step>,
    expect: &'static [&'static str],
}

/// `KIND ID`, and `@MINUTE` when it waits until then.
fn told(rules: &[Rule], steps: &[Step]) -> Vec<String> {
    let mut state = State::default();
    let mut told = Vec::new();
    for (minute, revision, open, severity, weighed) in steps {
        let story = story(*revision, *open, *severity, weighed.clone());
        for message in plan(&story, rules, &mut state, &at(*minute)) {
            let wait = message.not_before.map_or(String::new(), |until| {
                format!(" @{}", until.since_ms(UnixMillis(T0)) / MINUTE_MS)
            });
            told.push(format!("{} {}{wait}", message.kind.name(), message.id()));
        }
    }
    told
}

fn cases() -> Vec<Case> {
    use Severity::Danger;
    use Severity::Warning;
    let flips = |n: u32| -> Vec<Step> {
        (0..n).map(|i| (i64::from(i), i + 1, i % 2 == 0, Warning, None)).collect()
    };
    let flapping: &[&str] = &[
        "opened x-2025-03-10-1:ops:1",
        "resolved x-2025-03-10-1:ops:2",
        "reopened x-2025-03-10-1:ops:3",
        "flapping x-2025-03-10-1:ops:4",
        "settled x-2025-03-10-1:ops:s4 @18",
        "settled x-2025-03-10-1:ops:s4 @19",
        "settled x-2025-03-10-1:ops:s4 @20",
    ];
    vec![
        Case {
            name: "an outage shorter than a minute gives its two messages",
            rule: ops(),
            steps: vec![(0, 1, true, Danger, None), (0, 2, false, Danger, None)],
            expect: &["opened x-2025-03-10-1:ops:1", "resolved x-2025-03-10-1:ops:2"],
        },
        Case {
            name: "what stays as it is is told once",
            rule: ops(),
            steps: (1..60).map(|i| (i64::from(i), i, true, Warning, None)).collect(),
            expect: &["opened x-2025-03-10-1:ops:1"],
        },
        Case {
            name: "a story that was planned already plans nothing",
            rule: ops(),
            steps: vec![
                (0, 1, true, Warning, None),
                (1, 2, false, Warning, None),
                (1, 1, true, Warning, None),
                (1, 2, false, Warning, None),
            ],
            expect: &["opened x-2025-03-10-1:ops:1", "resolved x-2025-03-10-1:ops:2"],
        },
        Case {
            name: "worse, a cause, another one and none are each told",
            rule: ops(),
            steps: vec![
                (0, 1, true, Warning, None),
                (1, 2, true, Danger, None),
                (2, 3, true, Danger, named(Hypothesis::UpstreamFailure)),
                (3, 4, true, Danger, None),
                (4, 5, true, Danger, named(Hypothesis::BadChange)),
                (5, 6, true, Danger, Some(Weighed::default())),
            ],
            expect: &[
                "opened x-2025-03-10-1:ops:1",
                "worse x-2025-03-10-1:ops:2",
                "cause x-2025-03-10-1:ops:3",
                "cause x-2025-03-10-1:ops:5",
                "cause x-2025-03-10-1:ops:6",
            ],
        },
        Case {
            name: "a ruling is told when it is made and when it changes",
            rule: ops(),
            steps: [Ruling::NotShown, Ruling::NotShown, Ruling::Contradicted]
                .into_iter()
                .zip(1..)
                .map(|(ruling, i)| {
                    let ruled = BTreeMap::from([("c1".into(), vec![ruling])]);
                    let weighed = (i > 1).then_some(Weighed { cause: None, ruled });
                    (i64::from(i), i, true, Warning, weighed)
                })
                .collect(),
            expect: &[
                "opened x-2025-03-10-1:ops:1",
                "claim x-2025-03-10-1:ops:2",
                "claim x-2025-03-10-1:ops:3",
            ],
        },
        Case {
            name: "the fourth flip in 15 minutes is told as flapping, the rest once it is calm",
            rule: ops(),
            steps: flips(6),
            expect: flapping,
        },
        Case {
            name: "after 15 minutes of calm it is told again",
            rule: ops(),
            steps: flips(6).into_iter().chain([(40, 7, true, Warning, None)]).collect(),
            expect: &[
                "opened x-2025-03-10-1:ops:1",
                "resolved x-2025-03-10-1:ops:2",
                "reopened x-2025-03-10-1:ops:3",
                "flapping x-2025-03-10-1:ops:4",
                "settled x-2025-03-10-1:ops:s4 @18",
                "settled x-2025-03-10-1:ops:s4 @19",
                "settled x-2025-03-10-1:ops:s4 @20",
                "reopened x-2025-03-10-1:ops:7",
            ],
        },
        Case {
            name: "who asks for danger hears of it when it is, and of its end",
            rule: about(About { severity: Danger, ..About::default() }),
            steps: vec![
                (0, 1, true, Warning, None),
                (1, 2, true, Danger, None),
                (2, 3, false, Danger, None),
            ],
            expect: &["opened x-2025-03-10-1:ops:2", "resolved x-2025-03-10-1:ops:3"],
        },
        Case {
            name: "who asks for the end hears of nothing else",
            rule: Rule { on: vec![Occasion::Resolved], ..ops() },
            steps: vec![
                (0, 1, true, Warning, None),
                (1, 2, true, Danger, None),
                (2, 3, false, Danger, None),
            ],
            expect: &["resolved x-2025-03-10-1:ops:3"],
        },
        Case {
            name: "who asks for a group of causes waits for its name",
            rule: about(About { causes: vec![Group::Outside], ..About::default() }),
            steps: vec![
                (0, 1, true, Danger, None),
                (1, 2, true, Danger, named(Hypothesis::BadChange)),
                (2, 3, true, Danger, named(Hypothesis::UpstreamFailure)),
            ],
            expect: &["opened x-2025-03-10-1:ops:3"],
        },
        Case {
            name: "another service is not told",
            rule: Rule { services: vec!["y".into()], ..ops() },
            steps: vec![(0, 1, true, Danger, None)],
            expect: &[],
        },
        Case {
            name: "a failure everywhere is one in every country",
            rule: about(About { countries: vec![germany()], ..About::default() }),
            steps: vec![(0, 1, true, Danger, None)],
            expect: &["opened x-2025-03-10-1:ops:1"],
        },
        Case {
            name: "another component is not told",
            rule: about(About { components: vec!["login".into()], ..About::default() }),
            steps: vec![(0, 1, true, Danger, None)],
            expect: &[],
        },
        Case {
            name: "others are told when nobody acknowledges, and hear of the end if they were",
            rule: Rule {
                escalation: Some(Escalation { after_ms: 10 * MINUTE_MS, to: vec!["boss".into()] }),
                ..ops()
            },
            steps: vec![(0, 1, true, Danger, None), (20, 2, false, Danger, None)],
            expect: &[
                "opened x-2025-03-10-1:ops:1",
                "escalated x-2025-03-10-1:boss:e1 @10",
                "resolved x-2025-03-10-1:ops:2",
                "resolved x-2025-03-10-1:boss:2",
            ],
        },
    ]
}

#[test]
fn each_story_is_told_as_its_rule_says() {
    for case in cases() {
        assert_eq!(told(&[case.rule], &case.steps), case.expect, "{}", case.name);
    }
}

#[test]
fn who_chose_other_incidents_is_another_receiver() {
    let of = |about: About, text: &str| {
        let (name, to) = (format!("subscribers {text}"), vec![To::Subscribers(text.into())]);
        Rule { name: name.as_str().into(), about, to, ..ops() }
    };
    let danger = About { severity: Severity::Danger, ..About::default() };
    let rules = [of(About::default(), ""), of(danger, "severity=danger")];
    let mut state = State::default();
    let mut tell = |revision, severity| -> Vec<(Kind, To)> {
        let story = story(revision, true, severity, None);
        let messages = plan(&story, &rules, &mut state, &at(i64::from(revision)));
        messages.into_iter().map(|message| (message.kind, message.to)).collect()
    };
    let (all, some) = (To::Subscribers("".into()), To::Subscribers("severity=danger".into()));
    assert_eq!(tell(1, Severity::Warning), [(Kind::Opened, all.clone())]);
    let worse = tell(2, Severity::Danger);
    assert_eq!(worse, [(Kind::Worse, all), (Kind::Opened, some)], "to them it begins now");
}

#[test]
fn a_place_is_told_when_it_fails_there() {
    let about = About { countries: vec![germany()], ..About::default() };
    let mut incident = incident("x-2025-03-10-1", 1, true, Severity::Warning);
    let mut covers = |scope: Scope| {
        incident.scope = scope;
        about.covers(&incident, &Weighed::default())
    };
    let france = Country::parse("FR").expect("two letters");
    assert!(covers(Scope::Everywhere));
    assert!(covers(Scope::Countries([france, germany()].into())));
    assert!(!covers(Scope::Countries([france].into())));
    assert!(!covers(Scope::Partial), "nothing is known of Germany");
    incident.places.clear();
    incident.scope = Scope::Everywhere;
    assert!(!about.covers(&incident, &Weighed::default()), "what is not known is not everywhere");
}

#[test]
fn moments_are_told_to_those_who_asked_for_them() {
    let heard = |moments: Moments| -> Vec<Kind> {
        Kind::ALL.into_iter().filter(|kind| kind.is_for(moments.on())).collect()
    };
    use Kind::Cause;
    use Kind::Escalated;
    use Kind::Flapping;
    use Kind::Opened;
    use Kind::Reopened;
    use Kind::Resolved;
    use Kind::Settled;
    let news = [Opened, Reopened, Cause, Resolved, Flapping, Settled, Escalated];
    assert_eq!(heard(Moments::News), news);
    assert_eq!(heard(Moments::End), [Resolved, Settled, Escalated]);
    assert_eq!(heard(Moments::Everything), Kind::ALL);
}

#[test]
fn two_rules_with_one_receiver_tell_it_once() {
    let other = Rule { name: "other".into(), ..ops() };
    let steps = [(0, 1, true, Severity::Danger, None)];
    assert_eq!(told(&[ops(), other], &steps), ["opened x-2025-03-10-1:ops:1"]);
}

#[test]
fn what_began_in_maintenance_is_told_when_it_outlasts_it() {
    let (mut state, rules) = (State::default(), [ops()]);
    let during =
        |minute| Moment { muted_until: Some(UnixMillis(T0 + 5 * MINUTE_MS)), ..at(minute) };
    let open = |revision| story(revision, true, Severity::Danger, None);
    assert!(plan(&open(1), &rules, &mut state, &during(0)).is_empty());
    assert!(plan(&open(2), &rules, &mut state, &during(4)).is_empty());
    let told = plan(&open(3), &rules, &mut state, &during(5));
    assert_eq!(told.iter().map(|it| it.kind).collect::<Vec<_>>(), [Kind::Opened]);
    let over = story(4, false, Severity::Danger, None);
    let muted_again = Moment { muted_until: Some(UnixMillis(i64::MAX)), ..at(6) };
    let told = plan(&over, &rules, &mut state, &muted_again);
    assert_eq!(told[0].kind, Kind::Resolved, "who was told it began is told it is over");
}

#[test]
fn quiet_hours_hold_back_all_but_the_beginning_of_danger() {
    let until = UnixMillis(T0 + 60 * MINUTE_MS);
    let quiet = Moment { quiet_until: BTreeMap::from([("all".into(), until)]), ..at(0) };
    for (severity, held) in [(Severity::Danger, None), (Severity::Warning, Some(until))] {
        let mut state = State::default();
        let told = plan(&story(1, true, severity, None), &[ops()], &mut state, &quiet);
        assert_eq!(told[0].not_before, held, "{severity:?}");
        let told = plan(&story(2, false, severity, None), &[ops()], &mut state, &quiet);
        assert_eq!(told[0].not_before, Some(until), "the end waits");
    }
}

#[test]
fn what_opened_long_ago_is_no_news() {
    let old = Moment { fresh_from: UnixMillis(T0 + 1), ..at(0) };
    let mut state = State::default();
    assert!(plan(&story(1, true, Severity::Danger, None), &[ops()], &mut state, &old).is_empty());
    assert_eq!(state, State::default(), "nothing was told");
}

prop_compose! {
    fn steps()
        (raw in prop::collection::vec((0_i64..4, any::<bool>(), any::<bool>(), 0_u8..3), 1..60))
        -> Vec<Step>
    {
        let mut minute = 0;
        let mut danger = false;
        raw.into_iter().zip(1..).map(|((gap, open, worse, why), revision)| {
            minute += gap;
            danger |= worse;
            let severity = if danger { Severity::Danger } else { Severity::Warning };
            let weighed = match why {
                0 => None,
                1 => Some(Weighed::default()),
                _ => named(Hypothesis::BadChange),
            };
            (minute, revision, open, severity, weighed)
        }).collect()
    }
}

proptest! {
    #[test]
    fn the_first_is_never_held_back_and_no_id_comes_twice_but_a_settled_one(steps in steps()) {
        let told = told(&[ops()], &steps);
        let open = steps.iter().any(|(_, _, open, ..)| *open);
        prop_assert_eq!(told.is_empty(), !open);
        if let Some(first) = told.first() {
            let revision = steps.iter().find(|step| step.2).map_or(0, |step| step.1);
            prop_assert_eq!(first, &format!("opened x-2025-03-10-1:ops:{revision}"));
        }
        let sent: Vec<&String> = told.iter().filter(|it| !it.starts_with("settled")).collect();
        let distinct: BTreeSet<&&String> = sent.iter().collect();
        prop_assert_eq!(distinct.len(), sent.len());
    }

    #[test]
    fn reading_again_tells_nothing_and_forgets_nothing(steps in steps(), cut in 0_usize..60) {
        let (mut state, rules) = (State::default(), [ops()]);
        let mut tell = |step: &Step| {
            let (minute, revision, open, severity, weighed) = step;
            let story = story(*revision, *open, *severity, weighed.clone());
            let messages = plan(&story, &rules, &mut state, &at(*minute));
            (messages, state.clone())
        };
        let mut last = State::default();
        for step in &steps {
            last = tell(step).1;
        }
        for step in steps.iter().skip(cut) {
            let (messages, state) = tell(step);
            prop_assert_eq!(messages, Vec::new());
            prop_assert_eq!(&state, &last);
        }
    }

    #[test]
    fn no_more_than_four_flips_are_told_in_a_quarter_of_an_hour(steps in steps()) {
        let mut state = State::default();
        let mut flips: Vec<i64> = Vec::new();
        for (minute, revision, open, severity, weighed) in &steps {
            let story = story(*revision, *open, *severity, weighed.clone());
            for message in plan(&story, &[ops()], &mut state, &at(*minute)) {
                if matches!(message.kind, Kind::Opened | Kind::Reopened | Kind::Resolved) {
                    flips.push(*minute);
                }
            }
        }
        for window in flips.windows(FLIPS_MAX) {
            prop_assert!(window[FLIPS_MAX - 1] - window[0] >= 15, "{flips:?}");
        }
    }
}

//! Properties of verdicts that must hold whatever the evidence: each line of the method is a test.
//!
//! Items are made from any state of any family, so that the space is wider than what extractors
//! find together. Nothing here knows a case.

use std::collections::BTreeMap;

use outcry_core::evidence::CASE_FILE_VERSION;
use outcry_core::evidence::CaseFile;
use outcry_core::evidence::Family;
use outcry_core::evidence::Item;
use outcry_core::evidence::State;
use outcry_core::evidence::testimony::Voice;
use outcry_core::hypothesis::Cause;
use outcry_core::hypothesis::Group;
use outcry_core::hypothesis::HYPOTHESES;
use outcry_core::hypothesis::Hypothesis;
use outcry_core::incident::Incident;
use outcry_core::incident::IncidentId;
use outcry_core::incident::Scope;
use outcry_core::incident::Severity;
use outcry_core::time::UnixMillis;
use outcry_core::verdict::Assessment;
use outcry_core::verdict::assess_items;
use outcry_core::verdict::naming::SHARE_MIN;
use outcry_core::verdict::posterior::UNKNOWN_MIN;
use outcry_core::verdict::posterior::total;
use outcry_wire::likelihood::built_in;
use outcry_wire::verdict::verdict_line;
use proptest::collection::vec;
use proptest::prelude::ProptestConfig;
use proptest::prelude::Strategy;
use proptest::prelude::any;
use proptest::prop_assert;
use proptest::prop_assert_eq;
use proptest::proptest;

/// How far sums of floating numbers may differ.
const TINY: f64 = 1e-9;

fn case() -> CaseFile {
    let at = UnixMillis(1_741_600_000_000);
    CaseFile {
        version: CASE_FILE_VERSION,
        as_of: at.plus_ms(3_600_000),
        parent: None,
        incident: Incident {
            id: IncidentId("x-2025-03-10-1".into()),
            service: "x".into(),
            severity: Severity::Danger,
            opened_at: at,
            closed_at: None,
            surges: Vec::new(),
            outages: Vec::new(),
            components: Vec::new(),
            problems: Vec::new(),
            places: Vec::new(),
            scope: Scope::Everywhere,
            peers: Default::default(),
            reports_counted: 0,
            reports_received: 0,
            reconstruction: false,
            revision: 1,
        },
        minutes: Vec::new(),
        service: Default::default(),
        crowd: Default::default(),
        peers: Default::default(),
        observed: Default::default(),
        signals: BTreeMap::new(),
        claims: Vec::new(),
        acts: Vec::new(),
    }
}

fn item(family: Family, state: State) -> Item {
    Item {
        family,
        state,
        figures: Vec::new(),
        names: Vec::new(),
        source: match family {
            Family::Shape | Family::Peers | Family::Places | Family::Components => "reports",
            _ => "probes",
        },
        window: (UnixMillis(0), UnixMillis(1)),
        caveat: "people_notice_late",
        synthetic: false,
    }
}

/// For each family nothing, or one of its states.
fn items() -> impl Strategy<Value = Vec<Item>> {
    vec(any::<(bool, u8, u8)>(), Family::ALL.len()).prop_map(|picks| {
        let mut items = Vec::new();
        for (family, (looked, pick, voice)) in Family::ALL.into_iter().zip(picks) {
            if !looked {
                continue;
            }
            let states = family.states();
            items.push(match states.is_empty() {
                false => item(family, State::Listed(states[usize::from(pick) % states.len()])),
                true => {
                    let cause = Hypothesis::ALL[usize::from(pick) % (HYPOTHESES - 1)];
                    let voice = Voice::ALL[usize::from(voice) % Voice::ALL.len()];
                    item(family, State::Says(voice, Cause::One(cause)))
                }
            });
        }
        items
    })
}

/// Evidence that mostly points one way, so that names come about.
fn pointed() -> impl Strategy<Value = Vec<Item>> {
    (any::<u8>(), vec(any::<(bool, u8, u8)>(), Family::ALL.len())).prop_map(|(pick, picks)| {
        let cause = Hypothesis::ALL[usize::from(pick) % (HYPOTHESES - 1)];
        let mut items = Vec::new();
        for (family, (looked, stray, other)) in Family::ALL.into_iter().zip(picks) {
            if !looked && stray % 2 == 0 {
                continue;
            }
            let states = family.states();
            let state = if states.is_empty() {
                State::Says(Voice::Measured, Cause::One(cause))
            } else if stray % 4 == 0 {
                State::Listed(states[usize::from(other) % states.len()])
            } else {
                let ratio = |state: &&'static str| {
                    built_in().ratios(family, State::Listed(state))[cause.index()]
                };
                let best = states.iter().copied().max_by(|a, b| ratio(a).total_cmp(&ratio(b)));
                State::Listed(best.expect("a family has states"))
            };
            items.push(item(family, state));
        }
        items
    })
}

fn judge(items: &[Item]) -> Assessment {
    assess_items(&case(), items.to_vec(), built_in())
}

fn without(items: &[Item], place: usize) -> Vec<Item> {
    let mut rest = items.to_vec();
    rest.remove(place);
    rest
}

fn shares(assessment: &Assessment) -> [f64; HYPOTHESES] {
    assessment.shares.map(|share| share.p)
}

#[test]
fn no_evidence_returns_the_prior_and_names_nothing() {
    let assessment = judge(&[]);
    for (share, prior) in shares(&assessment).iter().zip(&assessment.prior) {
        assert!((share - prior).abs() < TINY);
    }
    assert_eq!(assessment.named, None);
    assert_eq!(assessment.missing.len(), Family::ALL.len());
}

#[test]
fn each_cause_can_be_named_by_evidence_that_points_at_it() {
    let mut unnamed = Vec::new();
    for cause in Hypothesis::ALL.into_iter().filter(|it| *it != Hypothesis::Unknown) {
        let best = |family: Family| {
            let ratio = |state: &&'static str| {
                built_in().ratios(family, State::Listed(state))[cause.index()]
            };
            let states = family.states().iter().copied();
            states.max_by(|a, b| ratio(a).total_cmp(&ratio(b)))
        };
        let items: Vec<Item> = Family::ALL
            .into_iter()
            .filter_map(|family| Some(item(family, State::Listed(best(family)?))))
            .collect();
        let named = judge(&items).named;
        if named.is_none_or(|named| named.group() != cause.group()) {
            unnamed.push((cause, named));
        }
    }
    assert!(unnamed.is_empty(), "{unnamed:?}");
}

#[test]
fn reports_alone_never_name_a_cause() {
    let of = |family: Family| {
        family.states().iter().map(move |state| item(family, State::Listed(state)))
    };
    for shape in of(Family::Shape) {
        for places in of(Family::Places).filter(|it| it.state != State::Listed("staged")) {
            for components in of(Family::Components) {
                let items = [shape.clone(), places.clone(), components];
                let named = judge(&items).named;
                assert_eq!(named, None, "{:?}", items.map(|it| it.state.name()));
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn shares_sum_to_one_and_unknown_keeps_its_floor(items in items()) {
        let assessment = judge(&items);
        prop_assert!((shares(&assessment).iter().sum::<f64>() - 1.0).abs() < TINY);
        let unknown = assessment.share(Hypothesis::Unknown);
        prop_assert!(unknown.p >= UNKNOWN_MIN - TINY);
        for share in assessment.shares {
            prop_assert!(share.low <= share.p && share.p <= share.high);
        }
        for other in &assessment.alternatives {
            prop_assert!((other.shares.iter().sum::<f64>() - 1.0).abs() < TINY);
        }
    }

    #[test]
    fn order_of_arrival_changes_nothing(items in items(), turn in any::<usize>()) {
        let mut turned = items.clone();
        let n = turned.len().max(1);
        turned.rotate_left(turn % n);
        turned.reverse();
        let (a, b) = (judge(&items), judge(&turned));
        prop_assert_eq!(a.shares, b.shares);
        prop_assert_eq!(a.named, b.named);
    }

    #[test]
    fn running_again_gives_the_same_bytes(items in items()) {
        let line = |assessment: &Assessment| verdict_line(assessment, built_in());
        prop_assert_eq!(line(&judge(&items)), line(&judge(&items)));
    }

    #[test]
    fn an_item_that_says_nothing_changes_nothing(items in items()) {
        let rest: Vec<Item> =
            items.into_iter().filter(|it| it.family != Family::Testimony).collect();
        let claimed = State::Says(Voice::Claimed, Cause::Any(Group::Attack));
        let mut more = rest.clone();
        more.push(item(Family::Testimony, claimed));
        let (a, b) = (judge(&rest), judge(&more));
        for (a, b) in shares(&a).iter().zip(shares(&b)) {
            prop_assert!((a - b).abs() < TINY);
        }
        prop_assert_eq!(a.named, b.named);
    }

    #[test]
    fn the_item_most_favourable_to_a_cause_never_lowers_it(items in items(), pick in any::<u8>()) {
        let hypothesis = Hypothesis::ALL[usize::from(pick) % (HYPOTHESES - 1)];
        let assessment = judge(&items);
        // An item favours a cause most when no other cause gains more by it.
        let favours = assessment.evidence.iter().position(|evidence| {
            let own = evidence.ratios[hypothesis.index()];
            own >= 1.0 && evidence.ratios.iter().all(|ratio| *ratio <= own)
        });
        let Some(favours) = favours else { return Ok(()) };
        let family = assessment.evidence[favours].item.family;
        let rest: Vec<Item> = items.into_iter().filter(|it| it.family != family).collect();
        let less = judge(&rest).share(hypothesis).p;
        prop_assert!(less <= assessment.share(hypothesis).p + TINY);
    }

    #[test]
    fn unknown_gains_when_an_item_that_favours_all_causes_goes(items in items()) {
        let assessment = judge(&items);
        for evidence in &assessment.evidence {
            if evidence.ratios.iter().all(|ratio| *ratio >= 1.0) {
                let rest: Vec<Item> = items
                    .iter()
                    .filter(|it| it.family != evidence.item.family)
                    .cloned()
                    .collect();
                let unknown = |it: &Assessment| it.share(Hypothesis::Unknown).p;
                prop_assert!(unknown(&judge(&rest)) >= unknown(&assessment) - TINY);
            }
        }
    }

    #[test]
    fn taking_a_family_away_gives_the_same_name_or_none(items in pointed()) {
        let Some(named) = judge(&items).named else { return Ok(()) };
        for place in 0..items.len() {
            if let Some(other) = judge(&without(&items, place)).named {
                prop_assert_eq!(other.group(), named.group());
                let both = matches!((other, named), (Cause::One(a), Cause::One(b)) if a != b);
                prop_assert!(!both, "{:?} became {:?}", named, other);
            }
        }
    }

    #[test]
    fn what_is_named_keeps_the_rule(items in pointed()) {
        let assessment = judge(&items);
        if let Some(named) = assessment.named {
            let of = |shares: &[f64; HYPOTHESES]| total(shares, named);
            prop_assert!(of(&shares(&assessment)) >= SHARE_MIN);
            for other in &assessment.alternatives {
                prop_assert!(of(&other.shares) >= 0.6);
            }
            if named.group() == Group::Attack {
                let measured = |it: &Item| {
                    it.family == Family::Traffic || it.state == State::Listed("to_scrubbing")
                };
                prop_assert!(items.iter().any(measured));
            }
        }
    }

    #[test]
    fn what_was_not_looked_at_is_what_was_left_out(items in items()) {
        let assessment = judge(&items);
        let missing: Vec<Family> = assessment.missing.iter().map(|it| it.family).collect();
        for family in Family::ALL {
            let looked = items.iter().any(|it| it.family == family);
            prop_assert_eq!(missing.contains(&family), !looked);
        }
        prop_assert!(assessment.missing.iter().all(|it| it.gain_bits >= 0.0));
    }
}

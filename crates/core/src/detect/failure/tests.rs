//! Vantage points that agree, lie, or are cut off.

use proptest::prelude::any;
use proptest::prelude::prop;
use proptest::prop_assert;
use proptest::prop_assert_eq;
use proptest::proptest;
use proptest::strategy::Strategy;

use super::*;
use crate::units::NetworkKind;

/// A vantage point in a few letters: country, network, prefix (0: not known), stance.
type Short = (&'static str, u32, u32, Stance);

use Stance::Blocked as B;
use Stance::CutOff as C;
use Stance::Fails as F;
use Stance::Passes as P;

fn finding(shorts: &[Short]) -> Finding {
    let prefixes: Vec<Option<Text>> = shorts
        .iter()
        .map(|(_, _, prefix, _)| (*prefix > 0).then(|| prefix.to_string().into()))
        .collect();
    let votes: Vec<Vote<'_>> = shorts
        .iter()
        .zip(&prefixes)
        .map(|((country, asn, _, stance), prefix)| Vote {
            place: Place {
                country: Country::parse(country),
                asn: (*asn > 0).then_some(Asn(*asn)),
                network: NetworkKind::Unknown,
            },
            prefix: prefix.as_ref(),
            stance: *stance,
        })
        .collect();
    agree(&votes)
}

#[test]
fn places_agree_as_the_rule_says() {
    use Agreement::*;
    type Case = (&'static str, &'static [Short], Agreement, (u32, u32));
    let cases: &[Case] = &[
        ("nobody looked", &[], Unknown, (0, 0)),
        ("cut off", &[("DE", 1, 1, C)], Unknown, (0, 0)),
        ("turned away", &[("DE", 1, 1, B), ("US", 2, 2, C)], Agreement::Blocked, (0, 0)),
        ("one that passes", &[("DE", 1, 1, P)], Passing, (0, 1)),
        ("one that fails", &[("DE", 1, 1, F)], OnePlace, (1, 1)),
        ("one of two", &[("DE", 1, 1, F), ("US", 2, 2, P)], Local, (1, 2)),
        ("two of two", &[("DE", 1, 1, F), ("US", 2, 2, F)], Global, (2, 2)),
        ("two in one network are one place", &[("DE", 1, 1, F), ("US", 1, 2, F)], OnePlace, (1, 1)),
        (
            "two in one prefix are one place",
            &[("DE", 1, 7, F), ("US", 2, 7, F), ("FR", 3, 3, P)],
            Local,
            (1, 2),
        ),
        (
            "the turned away and the cut off do not judge",
            &[("DE", 1, 1, F), ("US", 2, 2, B), ("FR", 3, 3, C)],
            OnePlace,
            (1, 1),
        ),
        (
            "nothing known of them: places of their own",
            &[("DE", 0, 0, F), ("US", 0, 0, F), ("FR", 0, 0, P), ("GB", 0, 0, P)],
            Global,
            (2, 4),
        ),
        (
            "two of five, scattered",
            &[("DE", 1, 1, F), ("US", 2, 2, F), ("FR", 3, 3, P), ("GB", 4, 4, P), ("BR", 5, 5, P)],
            Partial,
            (2, 5),
        ),
        (
            "two of five, in one country",
            &[("DE", 1, 1, F), ("DE", 2, 2, F), ("FR", 3, 3, P), ("GB", 4, 4, P), ("BR", 5, 5, P)],
            Regional,
            (2, 5),
        ),
        (
            "two of five, in one network: one place, two witnesses",
            &[("DE", 9, 1, F), ("US", 9, 2, F), ("FR", 3, 3, P), ("GB", 4, 4, P), ("BR", 5, 5, P)],
            Regional,
            (1, 4),
        ),
    ];
    for (name, shorts, want, (failing, asked)) in cases {
        let got = finding(shorts);
        assert_eq!((got.agreement, got.failing, got.asked), (*want, *failing, *asked), "{name}");
    }
}

#[test]
fn a_majority_never_hides_a_region() {
    let mut shorts: Vec<Short> = (1..=41).map(|n| ("US", n, n, P)).collect();
    shorts.extend([("JP", 100, 100, F), ("JP", 101, 101, F)]);
    let got = finding(&shorts);
    assert_eq!(got.agreement, Agreement::Regional);
    assert_eq!(got.countries, BTreeSet::from([Country::parse("JP").expect("a country")]));
}

#[test]
fn two_of_three_rounds_make_a_failure() {
    let cases: &[(&[bool], Option<bool>)] = &[
        (&[], None),
        (&[true], None),
        (&[false], Some(false)),
        (&[true, true], Some(true)),
        (&[false, true], Some(false)),
        (&[true, false, true], Some(true)),
        (&[true, true, false, false], Some(false)),
        (&[true, true, true, false], Some(true)),
    ];
    for (rounds, want) in cases {
        let mut state = Rounds::default();
        rounds.iter().for_each(|failed| state.note(*failed));
        assert_eq!(state.fails(), *want, "{rounds:?}");
    }
}

fn shorts() -> impl Strategy<Value = Vec<Short>> {
    let country = prop::sample::select(vec!["DE", "US", "JP", ""]);
    let stance = prop::sample::select(vec![P, F, B, C]);
    prop::collection::vec((country, 0_u32..9, 0_u32..9, stance), 0..12)
}

proptest! {
    /// The order in which votes are told changes nothing.
    #[test]
    fn order_changes_nothing(mut votes in shorts(), by in any::<usize>()) {
        let before = finding(&votes);
        let middle = by % votes.len().max(1);
        votes.rotate_left(middle);
        prop_assert_eq!(&before, &finding(&votes));
        votes.reverse();
        prop_assert_eq!(&before, &finding(&votes));
    }

    /// One vantage point alone, whatever it says, makes nothing that concerns others.
    #[test]
    fn one_voice_is_never_a_failure_of_all(asn in 1_u32..9, others in 2_u32..9) {
        let mut votes: Vec<Short> = (10..10 + others).map(|n| ("US", n, n, P)).collect();
        votes.push(("DE", asn, asn, F));
        prop_assert_eq!(finding(&votes).agreement, Agreement::Local);
    }

    /// One more place that fails never makes it look better.
    #[test]
    fn a_further_failing_place_never_soothes(votes in shorts()) {
        let before = finding(&votes);
        let mut more = votes;
        more.push(("BR", 100, 100, F));
        let after = finding(&more);
        prop_assert!(after.agreement >= before.agreement, "{before:?} {after:?}");
        prop_assert!(after.failing == before.failing + 1 && after.asked == before.asked + 1);
    }

    /// What is counted adds up, and a failure has its witnesses.
    #[test]
    fn a_failure_has_two_witnesses(votes in shorts()) {
        let got = finding(&votes);
        prop_assert!(got.failing <= got.asked);
        let witnesses = votes.iter().filter(|vote| vote.3 == F).count();
        if got.agreement.is_failure() {
            prop_assert!(witnesses >= WITNESSES_MIN);
        }
        if got.agreement == Agreement::Global {
            prop_assert!(2 * got.failing >= got.asked && got.failing >= 2);
        }
        if got.agreement == Agreement::OnePlace {
            prop_assert_eq!(got.asked, 1);
        }
    }
}

//! Simulated vantage points, liars among them, through the real engine. A few runs here; the full
//! count is `cargo xtask score vantages`.

#![expect(clippy::disallowed_methods, reason = "the environment says how many runs")]

use outcry_core::detect::failure::Agreement;
use outcry_core::incident::Scope;
use outcry_core::units::Country;
use outcry_sim::vantages::Nature;
use outcry_sim::vantages::Plan;
use outcry_sim::vantages::honest;
use outcry_sim::vantages::run;

/// Runs of each kind; `OUTCRY_VANTAGE_RUNS` sets another count.
fn runs() -> u64 {
    std::env::var("OUTCRY_VANTAGE_RUNS").ok().and_then(|n| n.parse().ok()).unwrap_or(60)
}

fn plan(vantages: usize) -> Plan {
    Plan {
        vantages: honest(vantages),
        interval_s: 60,
        minutes: 60,
        loss: 0.002,
        fails: None,
        fails_in: None,
    }
}

#[test]
fn one_of_five_that_lies_or_is_cut_off_makes_no_incident() {
    let natures = [Nature::SaysFails, Nature::SaysAnything, Nature::CutOff, Nature::SaysWorks];
    for seed in 0..runs() {
        let mut plan = plan(5);
        let liar = (seed / 4 % 5) as usize;
        plan.vantages[liar].nature = natures[(seed % 4) as usize];
        let run = run(&plan, seed);
        assert!(run.incidents.is_empty(), "seed {seed}: {:?}", run.incidents);
    }
}

#[test]
fn a_hard_failure_is_decided_within_the_interval_and_six_seconds() {
    let mut delays: Vec<f64> = Vec::new();
    for seed in 0..runs() {
        let mut plan = plan(5);
        plan.fails = Some((20, 50));
        plan.vantages[0].nature = Nature::SaysWorks;
        let run = run(&plan, seed);
        assert_eq!(run.incidents.len(), 1, "seed {seed}: {:?}", run.incidents);
        let incident = &run.incidents[0];
        assert!(incident.closed_at.is_some(), "seed {seed}: it works again");
        assert_eq!(incident.outages[0].agreement, Agreement::Global, "seed {seed}");
        delays.push(run.decided_after_s.expect("it opened after the onset"));
    }
    delays.sort_by(f64::total_cmp);
    let p99 = delays[(delays.len() * 99).div_ceil(100) - 1];
    assert!(p99 <= 66.0, "{p99} s");
}

#[test]
fn a_region_seen_by_two_of_forty_three_is_found_within_two_rounds() {
    let jp = Country::parse("JP").expect("two letters");
    for seed in 0..runs().min(20) {
        let mut plan = plan(43);
        (plan.fails, plan.fails_in, plan.minutes) = (Some((20, 50)), Some(jp), 40);
        // Two of the five of Japan; the others stand elsewhere.
        let us = Country::parse("US").expect("two letters");
        for vantage in plan.vantages.iter_mut().filter(|vantage| vantage.country == jp).skip(2) {
            vantage.country = us;
        }
        let run = run(&plan, seed);
        let after_s = run.decided_after_s.expect("it opened");
        assert!(after_s <= 120.0, "seed {seed}: {after_s} s");
        let incident = run.incidents.last().expect("one");
        assert_eq!(incident.outages[0].agreement, Agreement::Regional, "seed {seed}");
        assert_eq!(incident.scope, Scope::Countries(vec![jp]), "seed {seed}");
    }
}

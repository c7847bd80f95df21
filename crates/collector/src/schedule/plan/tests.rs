//! When looks are due: spread, shed, asked again.

use crate::address::Url;
use crate::phase::Fault;
use crate::phase::Phase;
use crate::phase::Phases;
use crate::probe::Check;
use crate::probe::Target;
use crate::probe::http;
use crate::probe::outcome::Facts;
use crate::schedule::GAP;

use super::*;

fn monitor(service: &str, host: &str, interval_s: u64) -> Monitor {
    let url = Url::parse(&format!("http://{host}/")).unwrap();
    Monitor {
        id: format!("{service}/{host}").into(),
        service: service.into(),
        component: None,
        kind: "http",
        check: Check { target: Target::Http(http::Target::new(url)), conditions: Vec::new() },
        interval: Duration::from_secs(interval_s),
    }
}

fn many(count: u32) -> Vec<Monitor> {
    (0..count).map(|n| monitor(&format!("s{n}"), &format!("h{n}.example"), 60)).collect()
}

fn outcome(verdict: Verdict) -> Outcome {
    let fault = (verdict != Verdict::Ok).then(|| Fault {
        phase: Phase::Connect,
        about: About::Target,
        reason: "the connection was refused".into(),
    });
    Outcome {
        verdict,
        fault,
        phases: Phases::default(),
        address: None,
        facts: Facts::default(),
        rulings: Vec::new(),
    }
}

/// Runs a plan with looks that take `takes` and end as `end` says; gives when each began.
fn drive(
    plan: &mut Plan,
    (from, until): (Duration, Duration),
    mut end: impl FnMut(&Round, Duration) -> Verdict,
) -> Vec<(Duration, Arc<str>, Cause)> {
    let mut began = Vec::new();
    let mut now = from;
    while let Some(next) = plan.next_at() {
        now = now.max(next);
        if now >= until {
            break;
        }
        while let Some(round) = plan.take(now) {
            let verdict = end(&round, now);
            began.push((now, round.monitor.id.clone(), round.cause));
            plan.ended(round.ticket, &outcome(verdict), now);
        }
    }
    began
}

const S: Duration = Duration::from_secs(1);

#[test]
fn ten_thousand_monitors_are_spread_over_their_interval() {
    let mut plan = Plan::new(GAP, 0.25);
    plan.set(many(10_000), Duration::ZERO);
    let began = drive(&mut plan, (Duration::ZERO, S * 240), |_, _| Verdict::Ok);
    let mut of_second = BTreeMap::new();
    let mut of_monitor = BTreeMap::new();
    for (at, id, _) in &began {
        *of_second.entry(at.as_secs()).or_insert(0_u32) += 1;
        of_monitor.entry(id.clone()).or_insert_with(Vec::new).push(*at);
    }
    let (least, most) = (120..240).fold((u32::MAX, 0), |(least, most), second| {
        let count = of_second.get(&second).copied().unwrap_or(0);
        (least.min(count), most.max(count))
    });
    assert!(least >= 165 && most <= 169, "{least} to {most} a second, 10,000/60 = 166.7");
    assert_eq!(of_monitor.len(), 10_000);
    for looks in of_monitor.values() {
        let last_two = &looks[looks.len() - 2..];
        assert_eq!(last_two[1] - last_two[0], S * 60, "each keeps its rhythm to the nanosecond");
        assert!(looks[0] < S * 60, "each is looked at within the first interval");
    }
}

#[test]
fn after_a_start_few_monitors_do_not_wait_for_their_phase() {
    let mut plan = Plan::new(GAP, 0.0);
    plan.set(many(20), Duration::ZERO);
    let began = drive(&mut plan, (Duration::ZERO, S), |_, _| Verdict::Ok);
    assert_eq!(began.len(), 20);
    assert!(began[19].0 <= S * 19 / STARTS_PER_S);
}

#[test]
fn at_twice_the_load_every_monitor_is_looked_at_every_second_time() {
    let mut plan = Plan::new(GAP, 0.0);
    plan.set(many(600), Duration::ZERO);
    // A machine that manages 5 looks a second; 600 monitors a minute want 10.
    let mut looks: BTreeMap<Arc<str>, u32> = BTreeMap::new();
    let (mut now, step) = (Duration::ZERO, S / 5);
    while now < S * 3_600 {
        if let Some(round) = plan.take(now) {
            *looks.entry(round.monitor.id.clone()).or_default() += 1;
            plan.ended(round.ticket, &outcome(Verdict::Ok), now);
        }
        now += step;
    }
    let (least, most) = (looks.values().min().unwrap(), looks.values().max().unwrap());
    assert_eq!(looks.len(), 600);
    assert!(*least >= 28 && *most <= 34, "of 60 each: {least} to {most}");
    let done = plan.counts.planned + plan.counts.shed;
    assert!(done.abs_diff(36_000) < 700, "each look was taken or counted as shed: {done}");
}

#[test]
fn a_first_failure_is_looked_at_again_at_once_and_after_5_and_15_seconds() {
    let mut plan = Plan::new(GAP, 0.0);
    plan.set(vec![monitor("x", "x.example", 60)], Duration::ZERO);
    let fails = |_: &Round, now| if now < S * 100 { Verdict::Failed } else { Verdict::Ok };
    let began = drive(&mut plan, (Duration::ZERO, S * 200), fails);
    let rechecks: Vec<u64> = began
        .iter()
        .filter(|(_, _, cause)| matches!(cause, Cause::Recheck(_)))
        .map(|(at, _, _)| at.as_millis() as u64)
        .collect();
    // The first waits for its turn; while it goes on failing there is no second burst.
    assert_eq!(rechecks, [1_000, 5_000, 15_000]);
    assert!(plan.recheck("x/x.example", S * 300), "others may ask too");
    assert!(!plan.recheck("x/x.example", S * 310), "but not again within the interval");
    assert!(!plan.recheck("nobody", S * 310));
}

#[test]
fn a_surge_brings_one_round_a_minute_and_one_look_a_second() {
    let mut plan = Plan::new(GAP, 0.0);
    let mut monitors: Vec<Monitor> = (0..4).map(|_| monitor("x", "x.example", 60)).collect();
    for (n, monitor) in monitors.iter_mut().enumerate() {
        monitor.id = format!("x/{n}").into();
    }
    monitors.push(monitor("y", "y.example", 60));
    plan.set(monitors, Duration::ZERO);
    let mut began = drive(&mut plan, (Duration::ZERO, S * 60), |_, _| Verdict::Ok);
    let mut at = S * 60;
    for n in 0..600 {
        plan.surge("x", at);
        plan.surge(&format!("no such service {n}"), at);
        began.extend(drive(&mut plan, (at, at + S / 5), |_, _| Verdict::Ok));
        at += S / 5;
    }
    let surges = began.iter().filter(|(_, _, cause)| *cause == Cause::Surge).count();
    assert_eq!(surges, 2 * 4, "two minutes of shouting bring two rounds");
    let of_x: Vec<Duration> =
        began.iter().filter(|(_, id, _)| id.starts_with("x/")).map(|(at, _, _)| *at).collect();
    let closest = of_x.windows(2).map(|two| two[1] - two[0]).min().unwrap();
    assert!(closest >= GAP, "{closest:?}");
}

#[test]
fn a_new_list_keeps_the_rhythm_of_those_that_stay() {
    let mut plan = Plan::new(GAP, 0.0);
    plan.set(many(100), Duration::ZERO);
    let before = drive(&mut plan, (Duration::ZERO, S * 120), |_, _| Verdict::Ok);
    let mut fewer = many(100);
    fewer.retain(|monitor| &*monitor.service != "s7");
    fewer.push(fewer[0].clone());
    plan.set(fewer, S * 120);
    assert_eq!(plan.len(), 99);
    let after = drive(&mut plan, (S * 120, S * 180), |_, _| Verdict::Ok);
    assert_eq!(after.len(), 99);
    for (at, id, _) in &after {
        assert!(before.iter().any(|(then, who, _)| who == id && *then + S * 60 == *at), "{id}");
    }
}

#[test]
fn what_runs_is_not_begun_a_second_time() {
    let mut plan = Plan::new(Duration::ZERO, 0.0);
    plan.set(vec![monitor("x", "x.example", 5)], Duration::ZERO);
    let first = plan.take(Duration::ZERO).expect("due at once");
    assert!(plan.take(S * 12).is_none());
    assert_eq!(plan.counts.overlapped, 1);
    plan.ended(first.ticket, &outcome(Verdict::Ok), S * 12);
    assert!(plan.take(S * 16).is_some());
}

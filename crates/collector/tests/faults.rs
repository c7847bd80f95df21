//! What a probe says when its target fails in a certain way, and what the loop makes of it: real
//! sockets, on loopback only.

mod stand;

use std::sync::mpsc;
use std::time::Duration;

use outcry_collector::define::Definition;
use outcry_collector::dns::resolver::Resolver;
use outcry_collector::guard::Guard;
use outcry_collector::guard::Ports;
use outcry_collector::guard::Reach;
use outcry_collector::phase::About;
use outcry_collector::phase::Phase;
use outcry_collector::probe::Check;
use outcry_collector::probe::Context;
use outcry_collector::probe::outcome::Outcome;
use outcry_collector::probe::outcome::Verdict;
use outcry_collector::schedule::Cause;
use outcry_collector::schedule::Looked;
use outcry_collector::schedule::Monitor;
use outcry_collector::schedule::Settings;
use outcry_collector::schedule::Standing;
use outcry_collector::schedule::run;
use outcry_collector::soft;
use outcry_collector::tls::Tls;
use rustls::RootCertStore;
use stand::Fault;
use stand::serve;

fn context() -> Context {
    Context {
        guard: Guard::new(Reach::Private, Ports::Any),
        resolver: Resolver::default(),
        tls: Tls::new(RootCertStore::empty()),
        agent: http::HeaderValue::from_static("outcry test"),
        judge: soft::judge,
        heartbeats: Default::default(),
    }
}

fn check(target: &str) -> Check {
    let redirects = target.starts_with("http").then_some(3);
    let definition = Definition { timeout_ms: Some(1_000), redirects, ..Definition::new(target) };
    definition.check().expect("well written").1
}

fn look(target: &str) -> Outcome {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime").block_on(async { check(target).run(&context()).await })
}

#[test]
fn every_way_to_fail_is_named_with_its_phase() {
    for (fault, verdict, phase, words) in [
        (Fault::Nothing, Verdict::Ok, None, ""),
        (Fault::Delay, Verdict::Ok, None, ""),
        (Fault::Drop, Verdict::Failed, Some(Phase::Processing), "timed out"),
        (Fault::Reset, Verdict::Failed, Some(Phase::Transfer), "reset"),
        (Fault::HalfClose, Verdict::Failed, Some(Phase::Processing), "closed"),
        (Fault::SlowLoris, Verdict::Failed, Some(Phase::Processing), "timed out"),
        (Fault::Truncate, Verdict::Failed, Some(Phase::Transfer), "closed"),
        (Fault::Garbage, Verdict::Failed, Some(Phase::Processing), "not HTTP"),
        (Fault::Redirect, Verdict::Failed, Some(Phase::Guard), "metadata"),
    ] {
        let outcome = look(&format!("http://{}/", serve(fault)));
        let reason = outcome.reason().unwrap_or_default();
        assert_eq!(outcome.verdict, verdict, "{fault:?}: {reason}");
        assert_eq!(outcome.fault.as_ref().map(|it| it.phase), phase, "{fault:?}: {reason}");
        assert!(reason.contains(words), "{fault:?}: {reason}");
        let about = outcome.fault.map(|it| it.about);
        let ours = (fault == Fault::Redirect).then_some(About::Filter);
        assert!(about.is_none() || ours.is_none_or(|ours| about == Some(ours)), "{fault:?}");
    }
    let late = look(&format!("http://{}/", serve(Fault::Delay)));
    let waited = late.phases.spent(Phase::Processing);
    assert!(waited >= Duration::from_millis(240), "the delay is in its phase: {waited:?}");
}

#[test]
fn a_flow_carries_values_and_names_the_step_that_fails() {
    let (good, bad) = (serve(Fault::Nothing), serve(Fault::HalfClose));
    let step = |name: &str, url: String| outcry_collector::define::StepDefinition {
        name: name.into(),
        url,
        ..Default::default()
    };
    let mut first = step("open", format!("http://{good}/"));
    first.capture = vec![("title".into(), "<title>…</title>".into())];
    first.conditions = vec!["[STATUS] == 200".into()];
    let second = step("buy", format!("http://{bad}/{{title}}"));
    let flow = Definition { steps: vec![first, second], ..Definition::default() };
    let (kind, check) = flow.check().expect("well written");
    assert_eq!(kind, "flow");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let outcome = runtime.expect("a runtime").block_on(async { check.run(&context()).await });
    let reason = outcome.reason().unwrap_or_default();
    assert!(reason.contains("step 2 (buy)"), "{reason}");
}

/// Runs a loop until `enough` of what it saw is there.
fn run_loop(
    settings: Settings,
    target: &str,
    enough: impl Fn(&[Looked]) -> bool,
) -> (Vec<Looked>, run::State) {
    let (tell, told) = mpsc::channel();
    // Whoever has seen enough hears no more.
    let sink = Box::new(move |looked| drop(tell.send(looked)));
    let scheduler = run::spawn(settings, context(), sink).expect("a thread");
    let monitor = Monitor {
        id: "x/page".into(),
        service: "x".into(),
        component: None,
        kind: "http",
        check: check(target),
        interval: Duration::from_secs(5),
    };
    assert!(scheduler.set(vec![monitor]));
    let mut seen = Vec::new();
    while !enough(&seen) {
        seen.push(told.recv_timeout(Duration::from_secs(20)).expect("the loop looks"));
    }
    let state = scheduler.state();
    scheduler.stop();
    (seen, state)
}

#[test]
fn the_loop_looks_again_at_once_when_something_fails() {
    let target = format!("http://{}/", serve(Fault::HalfClose));
    let settings = Settings { gap: Duration::from_millis(50), ..Settings::default() };
    let (seen, _) = run_loop(settings, &target, |seen| seen.len() >= 2);
    assert_eq!(seen[0].cause, Cause::Planned);
    assert_eq!(seen[1].cause, Cause::Recheck(1));
    assert!(seen[0].is_evidence() || seen[0].standing == Standing::Late);
}

#[test]
fn nothing_counts_while_our_own_network_is_down() {
    let target = format!("http://{}/", serve(Fault::HalfClose));
    // Nobody listens at the references: from here, the network is down.
    let references = (1..=3).map(|port| check(&format!("tcp://127.0.0.1:{port}"))).collect();
    let settings = Settings { references, ..Settings::default() };
    let (seen, state) = run_loop(settings, &target, |seen| !seen.is_empty());
    assert!(!seen[0].is_evidence(), "{:?}", seen[0].standing);
    assert!(state.is_offline || state.vetoed_late + state.vetoed_offline > 0);
    // One that answers is enough to believe in ourselves.
    let good = serve(Fault::Nothing);
    let references = vec![check("tcp://127.0.0.1:1"), check(&format!("tcp://{good}"))];
    let settings = Settings { references, ..Settings::default() };
    let (seen, _) = run_loop(settings, &target, |seen| !seen.is_empty());
    assert_ne!(seen[0].standing, Standing::Offline);
}

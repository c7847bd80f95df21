//! Windows of flows through the real engine: what stands in the case file about them.

use super::*;
use crate::evidence::State;
use crate::evidence::traffic;
use crate::signal::Flow;

/// A window of a minute that ends at a minute.
fn flow(minute: i64, bps_in: f64, bps_out: f64, vectors: &[&str]) -> Signal {
    Signal {
        id: minute as u128 + 1,
        at: MIDNIGHT.plus_ms(minute * MINUTE_MS),
        service: "x".into(),
        provenance: Provenance::default(),
        body: Body::Flow(Flow {
            window_s: 60.0,
            bps_in,
            pps_in: bps_in / 1_000.0,
            bps_out: Some(bps_out),
            vectors: vectors.iter().map(|name| (*name).into()).collect(),
            sources: "unknown".into(),
            sources_distinct: None,
            exporter: "own".into(),
        }),
    }
}

/// The state of traffic in the last case file of an outage from minute 120 on, with its figures.
fn told(make: impl Fn(i64) -> Signal) -> (State, Vec<(&'static str, f64)>) {
    let mut signals = crowd(0..120, 1, "web");
    signals.extend(crowd(120..160, 200, "mobile_app"));
    signals.extend((1..160).map(make));
    signals.sort_by_key(|signal| signal.at);
    let actions = run(&mut taught(60), signals, 240);
    let cases = actions.into_iter().filter_map(|action| match action {
        Action::Case(case) => Some(case),
        _ => None,
    });
    let case = cases.last().expect("a case file");
    let item = traffic::look(&case).expect("traffic was looked at");
    (item.state, item.figures)
}

fn figure(figures: &[(&'static str, f64)], name: &str) -> Option<f64> {
    figures.iter().find(|(own, _)| *own == name).map(|(_, value)| *value)
}

#[test]
fn a_flood_that_ended_before_the_outage_is_told_with_the_minutes_between() {
    let (state, figures) = told(|minute| match minute {
        40..=80 => flow(minute, 9e9, 1e9, &["tcp_syn_flood"]),
        _ => flow(minute, 1e9, 1e9, &[]),
    });
    assert_eq!(state, State::Listed("flood_ended_before"), "{figures:?}");
    let minutes = figure(&figures, "flood_ended_before_min").expect("told");
    assert!((38.0..=42.0).contains(&minutes), "{minutes}");
}

#[test]
fn a_flood_during_the_outage_has_its_ratio_and_no_end_before_it() {
    let (state, figures) = told(|minute| match minute {
        115..=150 => flow(minute, 9e9, 1e9, &["tcp_syn_flood"]),
        _ => flow(minute, 1e9, 1e9, &[]),
    });
    assert_eq!(state, State::Listed("flood_during"), "{figures:?}");
    let ratio = figure(&figures, "in_out_ratio").expect("told");
    assert!((ratio - 9.0).abs() < 0.1, "{ratio}");
    assert_eq!(figure(&figures, "flood_ended_before_min"), None);
}

//! Properties: what must not change when the same day is told in another way, and what bad input
//! must not do.

use proptest::collection::vec;
use proptest::prelude::ProptestConfig;
use proptest::prop_assert;
use proptest::prop_assert_eq;
use proptest::proptest;

use super::*;

/// Reports of a made-up morning: `(second, people)` bursts over a report a minute.
fn morning(bursts: &[(i64, i64)]) -> Vec<Signal> {
    let mut signals = crowd(0..180, 1, "web");
    for (burst, (second, people)) in bursts.iter().enumerate() {
        for person in 0..*people {
            let mut signal = crowd(0..1, 1, "mobile_app").remove(0);
            signal.id = ((burst as u128 + 1) << 80) | person as u128;
            signal.at = MIDNIGHT.plus_ms(second * 1_000 + person * 370);
            if let Body::Report(report) = &mut signal.body {
                let key = (burst as u64 + 1) << 40 | person as u64;
                (report.reporter, report.prefix) = (ReporterKey(key), PrefixKey(key));
                report.place.asn = Some(Asn(64_500 + (key % 11) as u32));
            }
            signals.push(signal);
        }
    }
    signals.sort_by_key(|signal| (signal.at, signal.id));
    signals
}

/// When each incident opened and closed, in milliseconds after `from`, its surges and their peaks.
fn told(actions: &[Action], from: UnixMillis) -> Vec<(Change, i64, Option<i64>, Vec<u64>)> {
    let entry = |(change, incident): (Change, Incident)| {
        let closed = incident.closed_at.map(|at| at.since_ms(from));
        let peaks = incident.surges.iter().map(|surge| surge.peak).collect();
        (change, incident.opened_at.since_ms(from), closed, peaks)
    };
    changes(actions).into_iter().map(entry).collect()
}

const END_MINUTE: i64 = 300;

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn any_chunking_gives_the_same(
        bursts in vec((0_i64..10_000, 1_i64..120), 0..6),
        stops in vec(0_i64..18_000_000, 0..40),
    ) {
        let signals = morning(&bursts);
        let mut whole = taught(60);
        let actions = run(&mut whole, signals.clone(), END_MINUTE);
        let want = outcome(&mut whole, &actions);
        let mut stops: Vec<UnixMillis> = stops.iter().map(|ms| MIDNIGHT.plus_ms(*ms)).collect();
        stops.sort();
        let mut chunked = taught(60);
        let mut actions = chunked.handle(Event::Watermark(MIDNIGHT));
        let mut stops = stops.into_iter().peekable();
        for signal in signals {
            while let Some(stop) = stops.next_if(|stop| *stop <= signal.at) {
                actions.extend(chunked.handle(Event::Watermark(stop)));
            }
            actions.extend(chunked.handle(Event::Signal(signal)));
        }
        let end = MIDNIGHT.plus_ms(END_MINUTE * MINUTE_MS);
        actions.extend(chunked.handle(Event::Watermark(end)));
        prop_assert!(outcome(&mut chunked, &actions) == want);
    }

    #[test]
    fn late_within_the_watermark_is_the_same_as_in_order(
        bursts in vec((0_i64..10_000, 1_i64..120), 0..6),
        lateness in vec(0_i64..240_000, 64),
    ) {
        let signals = morning(&bursts);
        let mut whole = taught(60);
        let actions = run(&mut whole, signals.clone(), END_MINUTE);
        let want = outcome(&mut whole, &actions);
        // Each signal arrives up to four minutes late; the watermark stays four minutes behind.
        let mut arrivals: Vec<(i64, Signal)> = signals
            .into_iter()
            .enumerate()
            .map(|(i, signal)| (signal.at.0 + lateness[i % lateness.len()], signal))
            .collect();
        arrivals.sort_by_key(|(at, signal)| (*at, signal.id));
        let mut late = taught(60);
        let mut actions = late.handle(Event::Watermark(MIDNIGHT));
        for (at, signal) in arrivals {
            let behind = UnixMillis(at - 240_000).max(MIDNIGHT);
            actions.extend(late.handle(Event::Watermark(behind)));
            actions.extend(late.handle(Event::Signal(signal)));
        }
        let end = MIDNIGHT.plus_ms(END_MINUTE * MINUTE_MS);
        actions.extend(late.handle(Event::Watermark(end)));
        prop_assert_eq!(late.counters().late, 0);
        prop_assert!(outcome(&mut late, &actions) == want);
    }

    #[test]
    fn a_shift_by_whole_weeks_changes_nothing_but_the_dates(
        bursts in vec((0_i64..10_000, 1_i64..120), 0..6),
        weeks in 1_i64..60,
    ) {
        let shift_ms = weeks * 168 * HOUR_MS;
        let mut here = taught(60);
        let want = told(&run(&mut here, morning(&bursts), END_MINUTE), MIDNIGHT);
        let mut there = Engine::new(CONFIG, catalog());
        for hour in (MIDNIGHT.hour() - 4 * 168)..MIDNIGHT.hour() {
            for service in ["x", "other"] {
                let mut past = past_hour(service, hour, 60);
                past.hour += weeks * 168;
                let _ = there.handle(Event::Past(past));
            }
        }
        let from = MIDNIGHT.plus_ms(shift_ms);
        let mut actions = there.handle(Event::Watermark(from));
        for mut signal in morning(&bursts) {
            signal.at = signal.at.plus_ms(shift_ms);
            actions.extend(there.handle(Event::Signal(signal)));
        }
        actions.extend(there.handle(Event::Watermark(from.plus_ms(END_MINUTE * MINUTE_MS))));
        prop_assert_eq!(told(&actions, from), want);
    }

    #[test]
    fn telling_everything_twice_changes_no_opening(
        bursts in vec((0_i64..10_000, 1_i64..120), 0..6),
    ) {
        let signals = morning(&bursts);
        let mut once = taught(60);
        let want = told(&run(&mut once, signals.clone(), END_MINUTE), MIDNIGHT);
        let again = signals.iter().cloned().map(|mut signal| {
            signal.id |= 1 << 126;
            signal
        });
        let mut doubled: Vec<Signal> = signals.iter().cloned().chain(again).collect();
        doubled.sort_by_key(|signal| (signal.at, signal.id));
        let mut twice = taught(60);
        prop_assert_eq!(told(&run(&mut twice, doubled, END_MINUTE), MIDNIGHT), want);
    }

    #[test]
    fn bad_input_never_panics_and_opens_nothing_by_itself(
        steps in vec((0_u8..7, -400_i64..400), 1..60),
    ) {
        let mut engine = taught(60);
        let mut now = MIDNIGHT;
        let mut actions = engine.handle(Event::Watermark(now));
        for (step, size) in steps {
            let event = match step {
                // The clock jumps, forwards and back, by up to 400 hours.
                0 => {
                    now = now.plus_ms(size * HOUR_MS);
                    Event::Watermark(now)
                }
                // A week of silence.
                1 => {
                    now = now.plus_ms(168 * HOUR_MS);
                    Event::Watermark(now)
                }
                // One report, of a time that may be long gone, or far ahead, or unheard of.
                2 | 3 => {
                    let mut signal = crowd(0..1, 1, "web").remove(0);
                    signal.at = now.plus_ms(size * MINUTE_MS);
                    if step == 3 {
                        signal.service = "nobody".into();
                    }
                    Event::Signal(signal)
                }
                // The catalogue loses all its services, and gets them back.
                4 => Event::Catalog(Arc::default()),
                5 => Event::Catalog(catalog()),
                _ => Event::Past(PastHour { total: u64::MAX, ..past_hour("x", size, 60) }),
            };
            actions.extend(engine.handle(event));
        }
        prop_assert_eq!(changes(&actions), Vec::new());
    }
}

#[test]
fn what_cannot_be_used_is_counted() {
    let mut engine = taught(60);
    let _ = engine.handle(Event::Watermark(MIDNIGHT.plus_ms(HOUR_MS)));
    let mut stranger = crowd(90..91, 1, "web").remove(0);
    stranger.service = "nobody".into();
    let _ = engine.handle(Event::Signal(stranger));
    let _ = engine.handle(Event::Signal(crowd(0..1, 1, "web").remove(0)));
    let _ = engine.handle(Event::Watermark(MIDNIGHT.plus_ms(24 * 60 * HOUR_MS)));
    let counters = engine.counters();
    assert_eq!((counters.unknown_service, counters.late, counters.gaps), (1, 1, 1));
}

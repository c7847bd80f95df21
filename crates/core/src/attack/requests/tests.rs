//! Logs as crowds, floods, scans and crawlers write them.

mod floods;
mod harmless;
mod made;

use super::*;
use harmless::Case;
use made::Made;

const BROWSER: &str = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/126.0";

/// People who read pages: each page with its images, from a link, now and then.
fn people(requests: &mut Requests, from_ms: i64, seconds: i64, pages_a_second: i64) {
    for second in 0..seconds {
        for page in 0..pages_a_second {
            let visit = second * pages_a_second + page;
            let agent = format!("{BROWSER} Build/{}", visit % 40);
            let page_path = format!("/story/{}", visit % 60);
            let client = Some((visit * 7_919 % 50_000) as u128);
            let at_ms = from_ms + second * 1_000 + page * 1_000 / pages_a_second;
            let first = Request {
                at_ms,
                client,
                path: &page_path,
                status: 200,
                octets: Some(20_000),
                has_referrer: Some(visit % 3 != 0),
                agent: Some(&agent),
                ..Request::default()
            };
            requests.take(&first);
            for asset in ["/a.css", "/b.js", "/c.png", "/d.woff2"] {
                requests.take(&Request { path: asset, has_referrer: Some(true), ..first });
            }
        }
    }
}

fn kinds(requests: &Requests) -> Vec<Kind> {
    requests.report().iter().map(|stretch| stretch.kind).collect()
}

#[test]
fn an_ordinary_day_is_nothing() {
    let mut requests = Requests::new(1);
    people(&mut requests, 0, 3_600, 4);
    assert_eq!(kinds(&requests), []);
}

#[test]
fn a_crowd_of_people_is_a_crowd() {
    let mut requests = Requests::new(1);
    people(&mut requests, 0, 3_600, 2);
    people(&mut requests, 3_600_000, 600, 40);
    assert_eq!(kinds(&requests), [Kind::FlashCrowd]);
}

#[test]
fn many_machines_that_ask_for_one_path_are_a_flood() {
    for with_usual in [true, false] {
        let mut requests = Requests::new(1);
        if with_usual {
            people(&mut requests, 0, 3_600, 2);
        }
        for n in 0..60_000_i64 {
            let path = format!("/search?q={}", n * 31);
            requests.take(&Request {
                at_ms: 3_600_000 + n * 2,
                client: Some((900_000 + n % 300) as u128),
                path: &path,
                status: 503,
                octets: Some(0),
                has_referrer: Some(false),
                agent: Some(BROWSER),
                ..Request::default()
            });
        }
        assert_eq!(kinds(&requests), [Kind::Attack(Vector::Http)], "usual: {with_usual}");
    }
}

#[test]
fn one_client_that_tries_many_addresses_is_a_scan() {
    let mut requests = Requests::new(1);
    people(&mut requests, 0, 1_800, 1);
    for n in 0..3_000_i64 {
        let path = format!("/wp-{n}.php");
        requests.take(&Request {
            at_ms: 1_800_000 + n * 20,
            client: Some(77),
            path: &path,
            status: 404,
            octets: Some(150),
            has_referrer: Some(false),
            agent: Some("zgrab"),
            ..Request::default()
        });
    }
    assert_eq!(kinds(&requests), [Kind::Scan]);
}

#[test]
fn requests_that_never_finish_are_slowloris() {
    let mut requests = Requests::new(1);
    people(&mut requests, 0, 1_800, 1);
    for n in 0..400_i64 {
        requests.take(&Request {
            at_ms: 1_800_000 + n * 100,
            client: Some((n % 20) as u128),
            path: "-",
            status: 408,
            octets: Some(0),
            has_referrer: Some(false),
            agent: Some("-"),
            took_ms: Some(60_000),
            ..Request::default()
        });
    }
    assert_eq!(kinds(&requests), [Kind::Attack(Vector::Slowloris)]);
}

#[test]
fn streams_that_are_reset_at_once_are_a_rapid_reset() {
    let mut requests = Requests::new(1);
    for n in 0..20_000_i64 {
        requests.take(&Request {
            at_ms: n,
            client: Some((n % 30) as u128),
            path: "/",
            status: 499,
            octets: Some(0),
            has_referrer: Some(false),
            agent: Some(BROWSER),
            is_http2: true,
            ..Request::default()
        });
    }
    assert_eq!(kinds(&requests), [Kind::Attack(Vector::Http2RapidReset)]);
}

/// What each case comes to that is not as it should be.
fn wrong(cases: &[Case], is_attack: bool) -> Vec<String> {
    let mut wrong = Vec::new();
    for (name, sites, make) in cases {
        for site in *sites {
            let mut made = Made::new(*site, 11);
            make(&mut made, *site);
            let stretches = made.requests().report();
            let told =
                stretches.iter().any(|stretch| matches!(stretch.kind, Kind::Attack(Vector::Http)));
            if told != is_attack {
                let signs: Vec<_> =
                    stretches.iter().map(|it| (it.kind.name(), &it.signs)).collect();
                wrong.push(format!("{name}, {site:?}: {signs:?}"));
            }
        }
    }
    wrong
}

#[test]
fn what_is_no_attack_is_not_called_one() {
    let wrong = wrong(harmless::CASES, false);
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn floods_are_found() {
    let wrong = wrong(floods::CASES, true);
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn visitors_that_are_sent_in_a_circle_have_a_name_of_their_own() {
    let (name, _, make) = harmless::CASES.iter().find(|it| it.0.contains("circle")).expect("there");
    let mut made = Made::new(made::Site::Pages, 3);
    make(&mut made, made::Site::Pages);
    assert_eq!(kinds(&made.requests()), [Kind::RedirectLoop], "{name}");
}

#[test]
fn who_waits_for_answers_that_do_not_come_is_no_slowloris() {
    for (clients, is_attack) in [(400_i64, false), (20, true)] {
        let mut requests = Requests::new(1);
        people(&mut requests, 0, 1_800, 1);
        for n in 0..8_000_i64 {
            requests.take(&Request {
                at_ms: 1_800_000 + n * 25,
                client: Some((n % clients) as u128),
                path: "/",
                status: 499,
                octets: Some(0),
                has_referrer: Some(false),
                agent: Some(BROWSER),
                took_ms: Some(30_000),
                ..Request::default()
            });
        }
        let told = kinds(&requests);
        assert_eq!(told.contains(&Kind::Attack(Vector::Slowloris)), is_attack, "{told:?}");
    }
}

//! What is no attack, on every site it can come to.

use super::made::CHROME;
use super::made::Made;
use super::made::Site;

const ALL: &[Site] = &[Site::Pages, Site::Cdn, Site::Api, Site::Unknown];
const API: &[Site] = &[Site::Api];
const KNOWN: &[Site] = &[Site::Pages, Site::Cdn, Site::Api];

/// What it is, where it happens, and how it is written.
pub(super) type Case = (&'static str, &'static [Site], fn(&mut Made, Site));

pub(super) const CASES: &[Case] = &[
    ("a push message opens one link in the app", ALL, |made, _| {
        for n in 0..6_000_u64 {
            let at_ms = made.at_ms + (made.below(1 + n * 20)) as i64;
            let client = 10_000 + made.below(20_000);
            let agent = made.agent_of(client, Made::app);
            made.ask(at_ms, client, "/v1/deep/4711", &agent);
        }
    }),
    ("a push message of one app version", ALL, |made, _| {
        for _ in 0..6_000 {
            let at_ms = made.at_ms + made.below(60_000) as i64;
            let client = 10_000 + made.below(4_000);
            made.ask(at_ms, client, "/v1/deep/4711", "Acme/5.2 (iPhone) CFNetwork/1494");
        }
    }),
    ("apps retry after an outage", API, |made, _| {
        for client in 0..700_u64 {
            let agent = made.agent_of(client, Made::app);
            for n in 0..60 {
                let at_ms = made.at_ms + n * 2_000 + made.below(900) as i64;
                made.ask(at_ms, client, "/v1/timeline", &agent).status = 503;
            }
        }
    }),
    ("apps that nobody knows retry", &[Site::Api, Site::Unknown], |made, _| {
        for client in 0..700_u64 {
            let agent = made.agent_of(client, Made::app);
            for n in 0..60 {
                let at_ms = made.at_ms + n * 1_000;
                made.ask(at_ms, 50_000 + client, "/v1/timeline", &agent).status = 503;
            }
        }
    }),
    ("readers of a feed on the hour", ALL, |made, _| {
        for n in 0..4_000_u64 {
            let at_ms = made.at_ms + (made.below(40) * made.below(800)) as i64;
            let agent = format!("Feedly/{}.0 (+http://www.feedly.com/fetcher.html)", n % 30);
            made.ask(at_ms, 20_000 + n, "/feed.xml", &agent).status = 304;
        }
    }),
    ("programs look for an update", ALL, |made, _| {
        for n in 0..5_000_u64 {
            let at_ms = made.at_ms + made.below(90_000) as i64;
            let agent = format!("AcmeUpdater/2.{}", n % 6);
            made.ask(at_ms, 20_000 + n, "/update/latest.json", &agent);
        }
    }),
    ("devices report at the full minute", ALL, |made, _| {
        for minute in 0..6 {
            for device in 0..1_500_u64 {
                let at_ms = made.at_ms + minute * 60_000 + made.below(3_000) as i64;
                made.ask(at_ms, 20_000 + device, "/telemetry", "thing-os/1.4").method = "POST";
            }
        }
    }),
    ("a thousand people behind one address", ALL, |made, _| {
        for n in 0..5_000_i64 {
            let at_ms = made.at_ms + n * 30;
            let state = made.below(1_000);
            let before = made.asks.len();
            made.visit(at_ms, 30_000 + state, true, None);
            made.asks[before..].iter_mut().for_each(|ask| ask.client = 7);
        }
    }),
    ("a partner reads page after page", ALL, |made, _| {
        for n in 0..9_000_i64 {
            let at_ms = made.at_ms + n * 20;
            let path = format!("/api/orders?page={n}");
            made.ask(at_ms, 31_000, &path, "python-requests/2.31.0");
        }
    }),
    ("a partner with eight workers reads item after item", ALL, |made, _| {
        for n in 0..12_000_i64 {
            let at_ms = made.at_ms + n * 12;
            let path = format!("/api/item?id={}", n * 13);
            made.ask(at_ms, 31_000 + n as u64 % 8, &path, "python-requests/2.31.0");
        }
    }),
    ("a crawler that says so", ALL, |made, _| {
        for n in 0..9_000_i64 {
            let at_ms = made.at_ms + n * 15;
            let agent = "Mozilla/5.0 (compatible; GPTBot/1.2; +https://openai.com/gptbot)";
            made.ask(at_ms, 32_000 + n as u64 % 40, &format!("/story/{n}"), agent);
        }
    }),
    ("servers of a network look at one link", ALL, |made, _| {
        for n in 0..3_000_u64 {
            let at_ms = made.at_ms + made.below(40_000) as i64;
            let agent = format!("http.rb/5.1.1 (Mastodon/4.2.{}; +https://m{n}.example/)", n % 9);
            made.ask(at_ms, 33_000 + n, "/story/17", &agent);
        }
    }),
    ("scanners of e-mail open each link once", ALL, |made, _| {
        for n in 0..4_000_u64 {
            let at_ms = made.at_ms + made.below(100_000) as i64;
            let path = format!("/confirm?token={:x}", n * 7_919_777);
            made.ask(at_ms, 34_000 + n % 900, &path, CHROME);
        }
    }),
    ("sockets come back after a restart", ALL, |made, _| {
        for client in 0..800_u64 {
            for n in 0..25_i64 {
                let at_ms = made.at_ms + n * 4_000 + made.below(3_000) as i64;
                let agent = made.agent_of(client, Made::browser);
                let status = if n < 20 { 502 } else { 101 };
                made.ask(at_ms, client, "/ws", &agent).status = status;
            }
        }
    }),
    ("results of an exam, served", ALL, |made, site| {
        for _ in 0..9_000 {
            let at_ms = made.at_ms + made.below(200_000) as i64;
            let client = 40_000 + made.below(3_000);
            made.visit(at_ms, client, site != Site::Cdn, Some("/results"));
        }
    }),
    ("results of an exam, too many", ALL, |made, _| {
        for client in 0..3_000_u64 {
            let agent = made.agent_of(client, Made::browser);
            let mut at_ms = made.at_ms + made.below(120_000) as i64;
            for _ in 0..2 + made.below(14) {
                made.ask(at_ms, 40_000 + client, "/results", &agent).status = 503;
                at_ms += 1_500 + (made.below(90) * made.below(200)) as i64;
            }
        }
    }),
    ("a queue for tickets asks by the clock", ALL, |made, _| {
        for client in 0..1_500_u64 {
            let agent = made.agent_of(client, Made::browser);
            let at_ms = made.at_ms + made.below(30_000) as i64;
            made.visit(at_ms, 40_000 + client, true, Some("/queue"));
            for n in 1..40 {
                let path = format!("/queue/status?id={client}");
                made.ask(at_ms + n * 5_000, 40_000 + client, &path, &agent).referred = true;
            }
        }
    }),
    ("caches are emptied", ALL, |made, _| {
        for n in 0..8_000_u64 {
            let at_ms = made.at_ms + n as i64 * 8;
            let agent = made.browser();
            let path =
                if n % 3 == 0 { format!("/story/{}", n % 60) } else { format!("/i/{n}.png") };
            let edge = 60_000 + made.below(12);
            made.ask(at_ms, edge, &path, &agent).referred = n % 2 == 0;
        }
    }),
    ("visitors are sent in a circle", ALL, |made, _| {
        for visit in 0..900_u64 {
            let agent = made.agent_of(visit, Made::browser);
            let at_ms = made.at_ms + made.below(90_000) as i64;
            for n in 0..20 {
                made.ask(at_ms + n * 90, 40_000 + visit, "/login", &agent).status = 302;
            }
        }
    }),
    ("a match is on and apps ask for the score", API, |made, _| {
        for client in 0..1_500_u64 {
            let agent = made.agent_of(client, Made::app);
            for n in 0..40 {
                let at_ms = made.at_ms + n * 8_000 + (client % 8) as i64 * 1_000;
                made.ask(at_ms, 70_000 + client, "/v1/score", &agent);
            }
        }
    }),
    ("a release is downloaded in pieces", ALL, |made, _| {
        for client in 0..800_u64 {
            let agent = made.agent_of(client, Made::browser);
            let at_ms = made.at_ms + made.below(120_000) as i64;
            for n in 0..12 {
                made.ask(at_ms + n * 2_000, 70_000 + client, "/acme-5.iso", &agent).status = 206;
            }
        }
    }),
    ("more of the usual", KNOWN, |made, site| {
        for n in 0..12_000_i64 {
            let at_ms = made.at_ms + n * 20;
            let client = made.below(9_000);
            match site {
                Site::Api => made.calls(at_ms, client),
                _ => made.visit(at_ms, client, site == Site::Pages, None),
            }
        }
    }),
    ("a busy site and nothing else", &[Site::Unknown], |made, _| {
        for n in 0..16_000_i64 {
            let client = made.below(2_000);
            match n % 4 {
                0 => made.visit(n * 25, client, true, None),
                1 => made.visit(n * 25, client, false, None),
                _ => made.calls(n * 25, client + 50_000),
            }
        }
    }),
    ("a webhook of another company", ALL, |made, _| {
        for n in 0..8_000_i64 {
            let at_ms = made.at_ms + n * 15;
            made.ask(at_ms, 80_000 + n as u64 % 5, "/hooks/pay", "Stripe/1.0").method = "POST";
        }
    }),
    ("a message opens the app behind addresses of many people", ALL, |made, _| {
        for _ in 0..9_000 {
            let at_ms = made.at_ms + made.below(60_000) as i64;
            let (person, address) = (made.below(6_000), 70_000 + made.below(50));
            let agent = made.agent_of(person, Made::app);
            made.ask(at_ms, address, "/v1/deep/4711", &agent);
        }
    }),
    ("a school reloads from one address", ALL, |made, _| {
        for _ in 0..900 {
            let at_ms = made.at_ms + made.below(60_000) as i64;
            let person = made.below(300);
            let agent = format!("{} {person}", made.agent_of(person, Made::browser));
            made.ask(at_ms, 70_000, "/results", &agent).status = 503;
        }
    }),
    ("a partner sends orders", ALL, |made, _| {
        for n in 0..6_000_i64 {
            let at_ms = made.at_ms + n * 22;
            made.ask(at_ms, 71_000, "/api/orders", "python-requests/2.31.0").method = "POST";
        }
    }),
    ("services call a service", &[Site::Unknown], |made, _| {
        for n in 0..20_000_i64 {
            let pod = 71_000 + made.below(40);
            made.ask(n * 8, pod, "/internal/check", "Go-http-client/1.1");
        }
    }),
    ("sockets that nobody takes", &[Site::Unknown], |made, _| {
        for client in 0..800_u64 {
            for n in 0..60_i64 {
                let agent = made.agent_of(client, Made::browser);
                made.ask(n * 1_000, client, "/live/ws", &agent).status = 502;
            }
        }
    }),
    ("a match is watched", ALL, |made, _| {
        for client in 0..600_u64 {
            let agent = made.agent_of(client, Made::browser);
            for n in 0..40_i64 {
                let at_ms = made.at_ms + n * 6_000;
                made.ask(at_ms, 72_000 + client, "/live/a.m3u8", &agent);
                made.ask(at_ms + 500, 72_000 + client, &format!("/live/{n}.ts"), &agent);
            }
        }
    }),
    ("words are completed as they are typed", ALL, |made, _| {
        for client in 0..500_u64 {
            let agent = made.agent_of(client, Made::browser);
            let at_ms = made.at_ms + made.below(90_000) as i64;
            for n in 0..18_u64 {
                let path = format!("/suggest?q={:x}", client * 31 + n);
                let ask = made.ask(at_ms + n as i64 * 400, 73_000 + client, &path, &agent);
                ask.referred = true;
            }
        }
    }),
];

//! Floods, on every site they can come to.

use super::harmless::Case;
use super::made::CHROME;
use super::made::Made;
use super::made::Site;

const ALL: &[Site] = &[Site::Pages, Site::Cdn, Site::Api, Site::Unknown];
const WEB: &[Site] = &[Site::Pages, Site::Cdn, Site::Unknown];

pub(super) const CASES: &[Case] = &[
    ("a botnet asks for one page", ALL, |made, _| {
        for n in 0..40_000_i64 {
            let at_ms = made.at_ms + n * 3;
            let client = 900_000 + made.below(300);
            made.ask(at_ms, client, "/", CHROME).status = if n > 5_000 { 503 } else { 200 };
        }
    }),
    ("a botnet of many makes asks for one page", ALL, |made, _| {
        for n in 0..40_000_i64 {
            let at_ms = made.at_ms + n * 3;
            let client = 900_000 + made.below(300);
            let agent = made.agent_of(client, Made::browser);
            made.ask(at_ms, client, "/", &agent);
        }
    }),
    ("questions that get past the cache", ALL, |made, _| {
        for n in 0..20_000_i64 {
            let at_ms = made.at_ms + n * 6;
            let client = 900_000 + made.below(2_000);
            let path = format!("/?q={:x}", n * 7_919);
            made.ask(at_ms, client, &path, "python-requests/2.31.0");
        }
    }),
    ("questions with ever new names", ALL, |made, _| {
        for n in 0..20_000_i64 {
            let at_ms = made.at_ms + n * 6;
            let client = 900_000 + made.below(200);
            let (path, agent) = (format!("/story/3?{:x}={:x}", n * 97, n * 7_919), made.browser());
            made.ask(at_ms, client, &path, &agent).referred = true;
        }
    }),
    ("one host with a tool", ALL, |made, _| {
        for n in 0..20_000_i64 {
            made.ask(made.at_ms + n * 3, 900_000, "/", "ApacheBench/2.3");
        }
    }),
    ("one host with ever new questions and makes", ALL, |made, _| {
        for n in 0..20_000_i64 {
            let (path, agent) = (format!("/?{:x}={:x}", n * 97, n * 7_919), made.browser());
            made.ask(made.at_ms + n * 5, 900_000, &path, &agent).referred = true;
        }
    }),
    ("sign-ins are sent", ALL, |made, _| {
        for n in 0..30_000_i64 {
            let at_ms = made.at_ms + n * 4;
            let client = 900_000 + made.below(150);
            let ask = made.ask(at_ms, client, "/login", CHROME);
            (ask.method, ask.status) = ("POST", 401);
        }
    }),
    ("each request says something else", ALL, |made, _| {
        for n in 0..20_000_i64 {
            let at_ms = made.at_ms + n * 6;
            let client = 900_000 + made.below(1_000);
            let agent = made.browser();
            made.ask(at_ms, client, "/search", &agent);
        }
    }),
    ("many and slow, for long", ALL, |made, _| {
        for client in 0..2_000_u64 {
            let agent = made.agent_of(client, Made::browser);
            for n in 0..28_i64 {
                let at_ms = made.at_ms + n * 10_000 + made.below(5_000) as i64;
                made.ask(at_ms, 900_000 + client, "/", &agent);
            }
        }
    }),
    ("referrers are made up", WEB, |made, _| {
        for n in 0..40_000_i64 {
            let at_ms = made.at_ms + n * 4;
            let client = 900_000 + made.below(400);
            made.ask(at_ms, client, "/", CHROME).referred = true;
        }
    }),
    ("strangers hammer one call of an app", &[Site::Api], |made, _| {
        for n in 0..60_000_i64 {
            let at_ms = made.at_ms + n * 2;
            let client = 900_000 + made.below(200);
            let agent = made.agent_of(client, Made::app);
            made.ask(at_ms, client, "/v1/timeline", &agent);
        }
    }),
    ("sites that were told to look", ALL, |made, _| {
        for n in 0..8_000_i64 {
            let at_ms = made.at_ms + n * 15;
            let client = 900_000 + made.below(700);
            let agent = format!(
                "WordPress/6.{}; http://w{client}.example; verifying pingback from 192.0.2.9",
                client % 5
            );
            made.ask(at_ms, client, "/", &agent);
        }
    }),
    ("a large file again and again", WEB, |made, _| {
        for client in 0..400_u64 {
            for n in 0..35_i64 {
                let at_ms = made.at_ms + n * 8_000 + made.below(2_000) as i64;
                made.ask(at_ms, 900_000 + client, "/big.zip", CHROME);
            }
        }
    }),
    ("pulses", ALL, |made, _| {
        for pulse in 0..5 {
            for n in 0..6_000_i64 {
                let at_ms = made.at_ms + pulse * 50_000 + n;
                let client = 900_000 + made.below(120);
                made.ask(at_ms, client, "/", CHROME);
            }
        }
    }),
    ("a flood in a crowd", &[Site::Pages, Site::Cdn], |made, site| {
        for n in 0..9_000_i64 {
            let client = 40_000 + made.below(5_000);
            made.visit(made.at_ms + n * 25, client, site == Site::Pages, Some("/results"));
        }
        for n in 0..40_000_i64 {
            let client = 900_000 + made.below(300);
            made.ask(made.at_ms + 60_000 + n * 3, client, "/", CHROME);
        }
    }),
    ("paths that do not exist", ALL, |made, _| {
        for n in 0..40_000_i64 {
            let client = 900_000 + made.below(250);
            let path = format!("/{:x}", n * 7_919);
            made.ask(made.at_ms + n * 3, client, &path, CHROME).status = 404;
        }
    }),
    ("browsers of another time", ALL, |made, _| {
        for n in 0..20_000_i64 {
            let client = 900_000 + made.below(400);
            let agent =
                format!("Mozilla/4.0 (compatible; MSIE {}.0; Windows NT 5.1)", 6 + client % 3);
            made.ask(made.at_ms + n * 6, client, "/index.php", &agent);
        }
    }),
    ("a minute of a botnet of many makes", ALL, |made, _| {
        for n in 0..30_000_i64 {
            let client = 900_000 + made.below(250);
            let agent = made.agent_of(client, Made::browser);
            made.ask(made.at_ms + n * 2, client, "/", &agent);
        }
    }),
    ("very many and very slow", &[Site::Pages, Site::Cdn], |made, _| {
        for client in 0..4_000_u64 {
            let agent = made.agent_of(client, Made::browser);
            for _ in 0..10 {
                let at_ms = made.at_ms + made.below(280_000) as i64;
                made.ask(at_ms, 900_000 + client, "/", &agent);
            }
        }
    }),
    ("searches of a hundred scripts", ALL, |made, _| {
        for n in 0..30_000_i64 {
            let client = 900_000 + made.below(120);
            let path = format!("/search?q={:x}", n * 31);
            made.ask(made.at_ms + n * 3, client, &path, "python-requests/2.31.0");
        }
    }),
    ("a flood for all of a log", &[Site::Unknown], |made, _| {
        for n in 0..60_000_i64 {
            let client = 900_000 + made.below(500);
            made.ask(n * 10, client, "/", CHROME);
        }
    }),
    ("one picture again and again", WEB, |made, _| {
        for n in 0..40_000_i64 {
            let client = 900_000 + made.below(300);
            let agent = made.agent_of(client, Made::browser);
            made.ask(made.at_ms + n * 3, client, "/top.jpg", &agent);
        }
    }),
    ("strangers ask an app's call once in a second", &[Site::Api], |made, _| {
        for n in 0..40_000_i64 {
            let client = 900_000 + made.below(300);
            let agent = made.agent_of(client, Made::app);
            made.ask(made.at_ms + n * 4, client, "/v1/timeline", &agent);
        }
    }),
    ("pieces of a large file without an end", WEB, |made, _| {
        for n in 0..40_000_i64 {
            let client = 900_000 + made.below(200);
            let agent = made.agent_of(client, Made::browser);
            made.ask(made.at_ms + n * 4, client, "/big.zip", &agent).status = 206;
        }
    }),
    ("a flood that rises for minutes", ALL, |made, _| {
        for n in 0..40_000_i64 {
            let at_ms = made.at_ms + ((n as f64).sqrt() * 1_200.0) as i64;
            let client = 900_000 + made.below(20 + n as u64 / 100);
            let agent = made.agent_of(client, Made::browser);
            made.ask(at_ms, client, "/", &agent);
        }
    }),
];

//! Harmless: machines that read, check or probe a site, and people behind shared addresses.
//!
//! Truth throughout: a machine that says what it is and reads as it always does, one that tries
//! many addresses from few clients (a scan, no flood), or an address that stands for many people.

use crate::crowds::people;
use crate::crowds::people::Who;
use crate::crowds::scene::Kind;
use crate::crowds::scene::Scene;
use crate::crowds::site::Crowd;
use crate::crowds::site::Visit;

/// Kinds of this file.
pub const KINDS: &[Kind] = &kinds![
    health_checks,
    monitors_in_outage,
    search_crawler,
    ai_crawlers,
    polite_crawler,
    archive_bot,
    site_audit,
    vulnerability_scan,
    folder_guessing,
    partner_batch,
    payment_webhooks,
    ci_packages,
    site_mirror,
    chat_previews,
    fediverse_previews,
    mail_pictures,
    service_mesh,
    own_build_fetch,
];

/// A host whose log is health checks of many load balancers: steady, bare, one path, since ever.
fn health_checks(s: &mut Scene) {
    s.fields.agent = true;
    s.history_s = s.history_s.min(1_000.0);
    s.usual(300.0);
    let agents = s.named(&["ELB-HealthChecker/2.0", "GoogleHC/1.0", "kube-probe/1.29"]);
    let path = s.name("/healthz");
    let span_ms = (s.start_ms, s.end_ms);
    for place in 0..s.dice.size(60, 160) {
        let who = s.machine(60 + place as u64 % 4, agents[place % 3]);
        s.poll(&who, path, span_ms, 4.0, false);
    }
}

/// The site is down: monitors check from many places and more often, dashboards of known people
/// reload; all of it 5xx. They say who they are.
fn monitors_in_outage(s: &mut Scene) {
    s.fields.agent = true;
    let from_ms = s.usual(900.0);
    for line in &mut s.lines {
        if line.at_ms >= from_ms && line.at_ms < from_ms + 900_000 {
            line.status = 503;
        }
    }
    let agents = s.named(&[
        "Mozilla/5.0+(compatible; UptimeRobot/2.0; http://uptimerobot.com/)",
        "Pingdom.com_bot_version_1.4_(http://www.pingdom.com/)",
        "StatusCake",
        "Site24x7",
        "Better Uptime Bot Mozilla/5.0",
    ]);
    let home = s.site.pages[0];
    for place in 0..s.dice.size(100, 250) {
        let who = s.machine(70 + place as u64 % 30, agents[place % 5]);
        let begin = s.lines.len();
        s.poll(&who, home, (from_ms, from_ms + 900_000), 5.0, false);
        s.lines[begin..].iter_mut().for_each(|line| line.status = 503);
    }
}

/// Machines of one kind read many pages of the site, each page once or twice.
fn readers(s: &mut Scene, agents: &[&str], hosts: usize, rps: f64, secs: f64, from_ms: i64) {
    s.fields.agent = true;
    let agents = s.named(agents);
    let hosts: Vec<_> = (0..hosts)
        .map(|place| {
            let agent = agents[place % agents.len()];
            s.machine(200 + place as u64 % agents.len() as u64, agent)
        })
        .collect();
    let count = (rps * secs) as usize;
    let section = s.dice.token(6);
    let mut pages = s.site.pages.clone();
    for place in pages.len()..count * 3 / 4 {
        pages.push(s.name(format!("/{section}/{}?page={}", place / 4, place % 4)));
    }
    for place in 0..count {
        let at_ms = from_ms + (place as f64 / rps * 1_000.0) as i64 + s.dice.whole(0, 300) as i64;
        let who = s.dice.pick(&hosts);
        let status = s.dice.weighted(&[(200, 0.88), (301, 0.05), (404, 0.05), (304, 0.02)]);
        s.ask(at_ms, &who, pages[place % pages.len()], status);
    }
}

/// A search engine reads the site anew: many pages, a named agent, some dozens of its machines.
fn search_crawler(s: &mut Scene) {
    let from_ms = s.usual(600.0);
    let rps = s.peak(6.0, 20.0, 600.0);
    let agent = "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; Googlebot/2.1; \
                 +http://www.google.com/bot.html) Chrome/125.0.6422.175 Safari/537.36";
    let hosts = s.dice.size(8, 60);
    readers(s, &[agent], hosts, rps, 600.0, from_ms);
}

/// Machines that gather text for models: fast, many pages, and named.
fn ai_crawlers(s: &mut Scene) {
    let from_ms = s.usual(400.0);
    let rps = s.peak(10.0, 60.0, 400.0);
    let agents = [
        "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; \
         +https://openai.com/gptbot)",
        "Mozilla/5.0 (compatible; ClaudeBot/1.0; +claudebot@anthropic.com)",
        "Mozilla/5.0 (Linux; Android 5.0) AppleWebKit/537.36 (compatible; Bytespider; \
         spider-feedback@bytedance.com)",
        "meta-externalagent/1.1 (+https://developers.facebook.com/docs/sharing/webmasters/crawler)",
    ];
    let (first, hosts) = (s.dice.size(0, 3), s.dice.size(20, 200));
    readers(s, &agents[first..], hosts, rps, 400.0, from_ms);
}

/// A small engine follows the sitemap from two machines, without haste but for hours.
fn polite_crawler(s: &mut Scene) {
    let from_ms = s.usual(1_500.0);
    let rps = s.dice.between(5.0, 25.0);
    readers(s, &["MojeekBot/0.11 (+https://www.mojeek.com/bot.html)"], 2, rps, 1_500.0, from_ms);
}

/// An archive keeps a copy of all: some machines, each page and asset once.
fn archive_bot(s: &mut Scene) {
    let from_ms = s.usual(600.0);
    let rps = s.peak(6.0, 20.0, 600.0);
    let agent =
        "Mozilla/5.0 (compatible; archive.org_bot +http://archive.org/details/archive.org_bot)";
    readers(s, &[agent], 6, rps, 600.0, from_ms);
}

/// The owner lets a program look for broken links: one machine, named, all pages.
fn site_audit(s: &mut Scene) {
    let from_ms = s.usual(500.0);
    let rps = s.peak(6.0, 20.0, 500.0);
    let agent = s.dice.pick(&[
        "Screaming Frog SEO Spider/19.8",
        "Mozilla/5.0 (compatible; AhrefsSiteAudit/6.1; +http://ahrefs.com/robot/site-audit)",
        "LinkChecker/10.4 (+https://linkchecker.github.io/linkchecker/)",
    ]);
    readers(s, &[agent], 1, rps, 500.0, from_ms);
}

/// Few addresses try this many paths that do not exist.
fn probes(s: &mut Scene, hosts: usize, agent: &str, stems: &[&str]) {
    let from_ms = s.usual(400.0);
    let rps = s.peak(6.0, 30.0, 400.0).min(150.0);
    let agent = s.name(agent);
    let hosts: Vec<_> = (0..hosts).map(|place| s.machine(300 + place as u64, agent)).collect();
    let mut at_ms = from_ms as f64;
    while at_ms < from_ms as f64 + 350_000.0 {
        at_ms += s.dice.wait(1_000.0 / rps);
        let (stem, rest) = (s.dice.pick(stems), s.dice.token(5));
        let path = s.name(format!("/{stem}{rest}"));
        let status = s.dice.weighted(&[(404, 0.93), (403, 0.04), (200, 0.01), (301, 0.02)]);
        let who = s.dice.pick(&hosts);
        s.ask(at_ms as i64, &who, path, status);
    }
}

/// A scanner for holes: one or two addresses, thousands of addresses of known programs, 404.
fn vulnerability_scan(s: &mut Scene) {
    let hosts = s.dice.size(1, 3);
    let agent =
        s.dice.pick(&["Mozilla/5.00 (Nikto/2.5.0)", "Nuclei - Open-source project", "Mozilla/5.0"]);
    let stems = ["cgi-bin/", ".git/", "wp-admin/", "phpmyadmin/", "vendor/phpunit/", ".env."];
    probes(s, hosts, agent, &stems);
}

/// Names of folders are guessed from a list: few addresses, each path once, 404.
fn folder_guessing(s: &mut Scene) {
    let hosts = s.dice.size(1, 4);
    let agent =
        s.dice.pick(&["gobuster/3.6", "Fuzz Faster U Fool v2.1.0-dev", "feroxbuster/2.10.3"]);
    probes(s, hosts, agent, &["", "admin", "backup", "old-", "api/", "test/"]);
}

/// A partner's nightly job goes through its orders by number: one address that asked before, a
/// library's agent, steady, all of it answered.
fn partner_batch(s: &mut Scene) {
    let agent = s.name("python-requests/2.31.0");
    let who = s.machine(400, agent);
    let from_ms = s.usual(600.0);
    let rps = s.peak(6.0, 15.0, 600.0).min(90.0);
    for number in 0..(s.history_s / 30.0) as i64 {
        let path = s.name(format!("/api/v1/orders?since={number}"));
        s.ask(s.start_ms + number * 30_000, &who, path, 200);
    }
    for number in 0..(rps * 600.0) as i64 {
        let path = s.name(format!("/api/v1/orders/{}", 880_000 + number));
        let late = s.dice.whole(0, 40) as i64;
        s.ask(from_ms + (number as f64 / rps * 1_000.0) as i64 + late, &who, path, 200);
    }
}

/// A payment service tells of a monthly run: one path, its dozen addresses, its name, since ever.
fn payment_webhooks(s: &mut Scene) {
    s.fields.agent = true;
    let agent = s.name("Stripe/1.0 (+https://stripe.com/docs/webhooks)");
    let path = s.name("/webhooks/stripe");
    let hosts: Vec<_> = (0..12).map(|place| s.machine(410 + place, agent)).collect();
    let from_ms = s.usual(500.0);
    let rps = s.peak(6.0, 20.0, 500.0);
    let mut at_ms = s.start_ms as f64;
    while at_ms < s.end_ms as f64 {
        let is_loud = at_ms as i64 >= from_ms && (at_ms as i64) < from_ms + 400_000;
        at_ms += s.dice.wait(1_000.0 / if is_loud { rps } else { 0.3 });
        let who = s.dice.pick(&hosts);
        let status = s.dice.weighted(&[(200, 0.97), (500, 0.03)]);
        s.ask(at_ms as i64, &who, path, status);
    }
}

/// A push starts hundreds of builds that fetch packages: machines in a cloud, tools that say what
/// they are, each a list of many files.
fn ci_packages(s: &mut Scene) {
    s.api(&["pip/24.0", "npm/10.5.0 node/v20.12.2 linux x64", "Debian APT-HTTP/1.3 (2.6.1)"]);
    s.site.starts.clear();
    let from_ms = s.usual(600.0);
    let rps = s.peak(6.0, 25.0, 600.0);
    let packages: Vec<_> = (0..300)
        .map(|number| {
            let name = s.dice.token(8);
            s.name(format!("/packages/{name}-{}.{}.tar.gz", number % 5, number % 9))
        })
        .collect();
    for place in 0..(rps * 400.0 / 60.0) as u64 {
        let agent = s.site.agents[place as usize % 3];
        let who = s.machine(420 + place % 40, agent);
        let mut at_ms = from_ms + (s.dice.skewed(120.0, 0.6) * 1_000.0) as i64;
        let first = s.dice.size(0, 240);
        for package in &packages[first..first + 60] {
            s.ask(at_ms, &who, *package, 200);
            at_ms += s.dice.whole(20, 400) as i64;
        }
    }
}

/// A known mirror copies the site with wget, each file once.
fn site_mirror(s: &mut Scene) {
    let from_ms = s.usual(500.0);
    let rps = s.peak(6.0, 20.0, 500.0);
    readers(s, &["Wget/1.21.4"], 1, rps, 500.0, from_ms);
}

/// A link goes through large groups: each chat's program looks at it once for its preview, under
/// its own name, and people follow.
fn chat_previews(s: &mut Scene) {
    s.fields.agent = true;
    let from_ms = s.usual(600.0);
    let rps = s.peak(6.0, 25.0, 600.0);
    let land = s.site.pages[1];
    let agents = s.named(&[
        "WhatsApp/2.24.11.85 A",
        "WhatsApp/2.24.10.77 i",
        "TelegramBot (like TwitterBot)",
        "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
        "Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)",
        "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
    ]);
    for _ in 0..(rps * 120.0) as usize {
        let agent = s.dice.pick(&agents);
        let who = Who { agent, ..s.newcomer() };
        let at_ms = from_ms + (s.dice.skewed(120.0, 0.8) * 1_000.0) as i64;
        s.ask(at_ms, &who, land, 200);
    }
    let visit = Visit { land: Some(land), more: 0.3, referred: 0.1, ..Visit::default() };
    let (rise_s, hold_s, fade_s) = (60.0, 100.0, 200.0);
    s.crowd(&Crowd { from_ms, rise_s, hold_s, fade_s, rps, visit, ..Crowd::default() });
}

/// A link is posted on the fediverse: thousands of servers fetch it within a minute for their
/// previews. One path, bare, steep; but each server once or twice, under its own name.
fn fediverse_previews(s: &mut Scene) {
    s.fields.agent = true;
    let from_ms = s.usual(300.0);
    let land = s.site.pages[1];
    for place in 0..s.dice.size(2_500, 5_000) {
        let (name, minor) = (s.dice.token(8), s.dice.whole(0, 12));
        let agent = match place % 6 {
            0 => format!("Akkoma 3.10.{minor}; https://{name}.social <admin@{name}.social>"),
            1 => format!("Misskey/2023.{minor}.1 (https://{name}.net)"),
            _ => format!("http.rb/5.1.1 (Mastodon/4.2.{minor}; +https://{name}.social/)"),
        };
        let agent = s.name(agent);
        let who = s.machine(1_000 + place as u64 % 900, agent);
        let at_ms = from_ms + (s.dice.skewed(25.0, 0.7) * 1_000.0) as i64;
        let status = s.dice.weighted(&[(200, 0.9), (503, 0.1)]);
        s.ask(at_ms, &who, land, status);
        if s.dice.chance(0.3) {
            s.ask(at_ms + 700, &who, land, 200);
        }
    }
}

/// A mailing is opened: one picture, a token for each reader, through the mail services' proxies.
fn mail_pictures(s: &mut Scene) {
    s.fields.agent = true;
    let from_ms = s.usual(900.0);
    let rps = s.peak(6.0, 20.0, 900.0);
    let agents = s.named(&[
        "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)",
        "YahooMailProxy; https://help.yahoo.com/kb/yahoo-mail-proxy-SLN28749.html",
        "Mozilla/5.0",
        "Microsoft Office/16.0 (Microsoft Outlook 16.0.17531; Pro)",
    ]);
    for _ in 0..(rps * 500.0) as usize {
        let agent = s.dice.pick(&agents);
        let network = 500 + s.dice.whole(0, 8);
        let who = if s.dice.chance(0.7) { s.machine(network, agent) } else { s.visitor(0.5) };
        let token = s.dice.token(16);
        let path = s.name(format!("/o/{token}.gif"));
        let at_ms = from_ms + (s.dice.skewed(250.0, 0.8) * 1_000.0) as i64;
        s.ask(at_ms, &who, path, 200);
    }
}

/// Services inside a company: five clients, three paths, a hundred requests in a second, always;
/// a job makes it several times as much for some minutes, answered well.
fn service_mesh(s: &mut Scene) {
    s.history_s = s.dice.between(500.0, 900.0).round();
    s.after_s = 120.0;
    s.usual_rps = 0.1;
    let agent = s.name("grpc-go/1.62.1");
    let paths = s.named(&["/inv.v1.Stock/Get", "/inv.v1.Stock/Reserve", "/inv.v1.Price/List"]);
    let clients: Vec<_> = (0..5)
        .map(|n| Who { client: people::v4(0x0a01_0010 + n), agent, is_http2: true })
        .collect();
    let from_ms = s.usual(150.0);
    let (rps, above) = (s.dice.between(20.0, 40.0), s.dice.between(5.5, 8.0));
    let mut at_ms = s.start_ms as f64;
    while at_ms < s.end_ms as f64 {
        let is_loud = at_ms as i64 >= from_ms && (at_ms as i64) < from_ms + 150_000;
        at_ms += s.dice.wait(1_000.0 / if is_loud { rps * above } else { rps });
        let (who, path) = (s.dice.pick(&clients), s.dice.pick(&paths));
        s.ask(at_ms as i64, &who, path, 200);
    }
}

/// A machine of the owner builds static pages from the site's API: every page once, in a burst of
/// a known address, each hour.
fn own_build_fetch(s: &mut Scene) {
    s.history_s = 7_400.0;
    s.usual_rps = s.usual_rps.min(1.0);
    let agent = s.name("node-fetch/1.0 (+https://github.com/bitinn/node-fetch)");
    let who = s.machine(600, agent);
    let from_ms = s.usual(200.0);
    let rps = s.dice.between(30.0, 80.0);
    for hour in 0..3 {
        for number in 0..(rps * 60.0) as i64 {
            let path = s.name(format!("/api/pages/{number}"));
            let at_ms = from_ms - hour * 3_600_000 + (number as f64 / rps * 1_000.0) as i64;
            s.ask(at_ms, &who, path, 200);
        }
    }
}

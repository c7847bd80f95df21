//! Hostile: floods of whole requests, told by what they ask for and how the server is left.
//!
//! Truth throughout: machines ask without any pause or purpose, far above the usual; an expert
//! sees no page's belongings, no reading, no use of the answers.

use outcry_core::attack::vector::Vector;

use crate::crowds::flood::Flood;
use crate::crowds::flood::Target;
use crate::crowds::people::Who;
use crate::crowds::scene::Kind;
use crate::crowds::scene::Scene;
use crate::crowds::site::Crowd;
use crate::crowds::site::Visit;

/// Kinds of this file.
pub const KINDS: &[Kind] = &kinds![
    home_page,
    one_article,
    fresh_queries,
    fresh_paths,
    search_words,
    sign_in,
    xmlrpc,
    wordpress_sign_in,
    basket,
    own_pages_evenly,
    one_large_file,
    asset_with_queries,
    api_one_path,
    graphql,
    blocked_by_rules,
    limited_by_rate,
    while_site_fails,
    pulses,
    five_times_usual,
    hundred_times_usual,
    for_hours,
    log_is_all_flood,
    during_a_crowd,
    slow_ramp,
    short_burst,
    changing_target,
    busy_site,
    night,
];

/// A flood in an ordinary log: a botnet of some hundreds with some agents, each of which asks
/// about once in a second or more, on the first page. Kinds change what makes them.
fn plain(s: &mut Scene, secs: f64, low: f64, high: f64) -> Flood {
    let from_ms = s.usual(secs);
    let rps = s.peak(low, high, secs);
    s.hostile(Vector::Http, from_ms, secs);
    let agents = match s.dice.whole(0, 2) {
        0 => s.listed(),
        1 => vec![s.dice.pick(&s.browsers.clone())],
        _ => s.browsers[..60].to_vec(),
    };
    let count = (rps / s.dice.between(0.6, 3.0)) as usize + 5;
    let bots = s.botnet(count, &agents);
    s.flood_on(from_ms, secs, rps, bots)
}

/// A length that attacks have.
fn length(s: &mut Scene) -> f64 {
    s.dice.between(120.0, 500.0).round()
}

/// The first page again and again by a botnet: each client asks once in a second for the same page
/// and never for what belongs to it.
fn home_page(s: &mut Scene) {
    let secs = length(s);
    let flood = plain(s, secs, 8.0, 60.0);
    s.flood(&flood);
}

/// One deep page, likewise.
fn one_article(s: &mut Scene) {
    let secs = length(s);
    let mut flood = plain(s, secs, 8.0, 60.0);
    flood.target = Target::Of(vec![s.dice.pick(&s.site.pages.clone())]);
    s.flood(&flood);
}

/// A fresh query at each request keeps caches from helping; nobody reads `/?x4k2=…`.
fn fresh_queries(s: &mut Scene) {
    let secs = length(s);
    let mut flood = plain(s, secs, 8.0, 60.0);
    flood.target = Target::Query("/".into());
    s.flood(&flood);
}

/// Fresh paths that do not exist, by hundreds of devices at once: too many clients, too often the
/// same ones, for a scan.
fn fresh_paths(s: &mut Scene) {
    let secs = length(s);
    let mut flood = plain(s, secs, 8.0, 60.0);
    flood.target = Target::Fresh("/".into());
    flood.statuses = vec![(404, 0.8), (503, 0.2)];
    s.flood(&flood);
}

/// Searches for words without sense, each once, by machines that open no page.
fn search_words(s: &mut Scene) {
    let secs = length(s);
    let mut flood = plain(s, secs, 8.0, 50.0);
    flood.target = Target::Query("/search".into());
    flood.statuses = vec![(200, 0.5), (504, 0.5)];
    s.flood(&flood);
}

/// The sign-in address is sent to without its page ever being shown; the server breaks down.
fn sign_in(s: &mut Scene) {
    let secs = length(s);
    let mut flood = plain(s, secs, 8.0, 50.0);
    flood.target = Target::Of(vec![s.name("/login")]);
    flood.statuses = vec![(200, 0.3), (401, 0.4), (503, 0.3)];
    s.flood(&flood);
}

/// WordPress's `/xmlrpc.php`, at hundreds in a second.
fn xmlrpc(s: &mut Scene) {
    let secs = length(s);
    let mut flood = plain(s, secs, 8.0, 50.0);
    flood.target = Target::Of(vec![s.name("/xmlrpc.php")]);
    flood.statuses = vec![(200, 0.6), (403, 0.1), (500, 0.3)];
    s.flood(&flood);
}

/// WordPress's `/wp-login.php` at a rate that no guessing of passwords needs.
fn wordpress_sign_in(s: &mut Scene) {
    let secs = length(s);
    let mut flood = plain(s, secs, 12.0, 60.0);
    flood.target = Target::Of(vec![s.name("/wp-login.php")]);
    flood.statuses = vec![(200, 0.5), (503, 0.5)];
    s.flood(&flood);
}

/// Things are put into baskets by machines that never looked at them.
fn basket(s: &mut Scene) {
    let secs = length(s);
    let mut flood = plain(s, secs, 8.0, 40.0);
    flood.target = Target::Query("/cart/add".into());
    flood.statuses = vec![(302, 0.7), (500, 0.3)];
    s.flood(&flood);
}

/// The site's own pages, evenly: the least read as often as the first, no assets, no referrers,
/// each client once in a second.
fn own_pages_evenly(s: &mut Scene) {
    s.evident();
    let secs = length(s);
    let mut flood = plain(s, secs, 8.0, 40.0);
    flood.target = Target::Of(s.site.pages.clone());
    s.flood(&flood);
}

/// One large file, wholly, again and again by the same clients.
fn one_large_file(s: &mut Scene) {
    let secs = length(s);
    let mut flood = plain(s, secs, 8.0, 30.0);
    flood.target = Target::Of(vec![s.name("/files/catalogue-2024.pdf")]);
    flood.statuses = vec![(200, 1.0)];
    let begin = s.lines.len();
    s.flood(&flood);
    s.lines[begin..].iter_mut().for_each(|line| line.octets = 48_000_000);
}

/// A script of the site with fresh queries and without the page that would need it; who counts
/// assets as a sign of people is fooled, but no browser asks for the same script each second.
fn asset_with_queries(s: &mut Scene) {
    s.evident();
    let secs = length(s);
    let mut flood = plain(s, secs, 8.0, 40.0);
    let asset = s.names[s.site.assets[2] as usize].clone();
    flood.target = Target::Query(asset);
    s.flood(&flood);
}

/// An API that is bare always: one address of it, without the app's usual start, by agents that
/// are not the app's and clients that were never there.
fn api_one_path(s: &mut Scene) {
    s.api(&["okhttp/4.12.0", "ShopApp/5.3.0 (iOS 17.5.1; iPhone14,5)"]);
    let secs = length(s);
    let mut flood = plain(s, secs, 10.0, 60.0);
    flood.target = Target::Of(vec![s.site.pages[1]]);
    flood.statuses = vec![(200, 0.2), (401, 0.5), (503, 0.3)];
    s.flood(&flood);
}

/// `/graphql` without the page around it, several times in a second by each client.
fn graphql(s: &mut Scene) {
    s.evident();
    let query = s.name("/graphql");
    s.site.scripted = vec![query; 3];
    let secs = length(s);
    let mut flood = plain(s, secs, 8.0, 40.0);
    flood.target = Target::Of(vec![query]);
    s.flood(&flood);
}

/// A firewall of the site answers all of it 403, and it goes on.
fn blocked_by_rules(s: &mut Scene) {
    let secs = length(s);
    let mut flood = plain(s, secs, 8.0, 60.0);
    flood.statuses = vec![(403, 1.0)];
    s.flood(&flood);
}

/// A limiter answers most of it 429, and it goes on.
fn limited_by_rate(s: &mut Scene) {
    let secs = length(s);
    let mut flood = plain(s, secs, 8.0, 60.0);
    flood.statuses = vec![(429, 0.9), (200, 0.1)];
    s.flood(&flood);
}

/// The site is down under it: visitors and flood alike get 503.
fn while_site_fails(s: &mut Scene) {
    let secs = length(s);
    let mut flood = plain(s, secs, 10.0, 60.0);
    flood.statuses = vec![(503, 1.0)];
    s.flood(&flood);
    let until = flood.from_ms + (secs * 1_000.0) as i64;
    for line in &mut s.lines {
        if line.at_ms >= flood.from_ms && line.at_ms < until {
            line.status = 503;
        }
    }
}

/// Twenty to forty seconds on, two minutes off.
fn pulses(s: &mut Scene) {
    let mut flood = plain(s, 600.0, 12.0, 60.0);
    flood.rps = flood.rps.max(60.0) * 1.5;
    flood.secs = s.dice.between(20.0, 40.0);
    for _ in 0..4 {
        s.flood(&flood);
        flood.from_ms += 150_000;
    }
}

/// Not much above the usual of a site with something to do: seven to nine times.
fn five_times_usual(s: &mut Scene) {
    s.history_s = s.dice.between(1_200.0, 2_000.0).round();
    s.usual_rps = 8.0;
    let mut flood = plain(s, 240.0, 7.0, 9.0);
    flood.target = Target::Query("/".into());
    s.flood(&flood);
}

/// A hundred times the usual.
fn hundred_times_usual(s: &mut Scene) {
    s.usual_rps = s.usual_rps.min(4.0);
    let mut flood = plain(s, 100.0, 80.0, 120.0);
    flood.rps = (s.usual_rps * 100.0).max(100.0);
    s.flood(&flood);
}

/// For two hours, longer than the log was calm before.
fn for_hours(s: &mut Scene) {
    s.history_s = s.dice.between(900.0, 5_000.0).round();
    s.usual_rps = s.usual_rps.min(0.8);
    let mut flood = plain(s, 5_400.0, 8.0, 20.0);
    flood.rps = s.dice.between(30.0, 45.0);
    let count = s.dice.size(15, 60);
    flood.bots.truncate(count);
    s.flood(&flood);
}

/// The log was cut to the flood and has hardly anything besides it.
fn log_is_all_flood(s: &mut Scene) {
    s.history_s = 0.0;
    s.after_s = 0.0;
    s.usual_rps = s.usual_rps.min(2.0);
    let flood = plain(s, 300.0, 30.0, 100.0);
    s.flood(&flood);
}

/// A flood hides in a crowd: while people come by a link, machines ask for `/?…` more often than
/// all of them.
fn during_a_crowd(s: &mut Scene) {
    s.evident();
    let mut flood = plain(s, 400.0, 12.0, 40.0);
    flood.target = Target::Query("/".into());
    flood.rps *= 1.4;
    let visit =
        Visit { land: Some(s.site.pages[1]), more: 0.4, referred: 0.85, ..Visit::default() };
    let (from_ms, rps) = (flood.from_ms - 60_000, flood.rps / 2.0);
    let (rise_s, hold_s, fade_s) = (60.0, 300.0, 100.0);
    s.crowd(&Crowd { from_ms, rise_s, hold_s, fade_s, rps, visit, ..Crowd::default() });
    s.flood(&flood);
}

/// It grows over twenty minutes as a crowd would; each client still asks for one page only.
fn slow_ramp(s: &mut Scene) {
    let mut flood = plain(s, 1_200.0, 10.0, 30.0);
    let top = flood.rps.max(50.0);
    flood.secs = 60.0;
    for step in 1..=20 {
        flood.rps = top * f64::from(step) / 20.0;
        s.flood(&flood);
        flood.from_ms += 60_000;
    }
}

/// Three quarters of a minute, at a high rate.
fn short_burst(s: &mut Scene) {
    let mut flood = plain(s, 45.0, 30.0, 100.0);
    flood.rps = flood.rps.max(200.0);
    s.flood(&flood);
}

/// The target changes each minute, as attackers do who look for what hurts.
fn changing_target(s: &mut Scene) {
    let mut flood = plain(s, 300.0, 10.0, 50.0);
    let search = s.name("/search");
    flood.secs = 60.0;
    let targets = [
        Target::Of(vec![s.site.pages[0]]),
        Target::Query("/search".into()),
        Target::Of(vec![search]),
        Target::Query("/".into()),
        Target::Of(vec![s.site.pages[1]]),
    ];
    for target in targets {
        flood.target = target;
        s.flood(&flood);
        flood.from_ms += 60_000;
    }
}

/// A site at forty requests in a second, and a flood of some hundreds.
fn busy_site(s: &mut Scene) {
    (s.history_s, s.after_s, s.usual_rps) = (420.0, 60.0, 45.0);
    let flood = plain(s, 90.0, 8.0, 12.0);
    s.flood(&flood);
}

/// A site at night has one visitor in a minute; a few dozen machines ask thirty times in a second.
fn night(s: &mut Scene) {
    s.history_s = 10_000.0;
    s.usual_rps = 0.05;
    let mut flood = plain(s, 600.0, 8.0, 60.0);
    flood.rps = s.dice.between(30.0, 60.0);
    let few: Vec<Who> = flood.bots.iter().take(40).copied().collect();
    flood.bots = few;
    s.flood(&flood);
}

//! Hostile: floods told by who asks, and those that hurt by the protocol instead of the page.
//!
//! Truth throughout: the clients say or do what no visitor's program does.

use outcry_core::attack::vector::Vector;

use crate::crowds::flood::Flood;
use crate::crowds::flood::Target;
use crate::crowds::people;
use crate::crowds::people::Who;
use crate::crowds::scene::Kind;
use crate::crowds::scene::Scene;

/// Kinds of this file.
pub const KINDS: &[Kind] = &kinds![
    rotating_agents,
    few_fast_clients,
    one_client,
    slow_botnet,
    false_referrers,
    all_false,
    machine_browsers,
    without_agent,
    common_log_form,
    old_protocol,
    false_crawler,
    through_edges,
    rotating_ipv6,
    open_proxies,
    pingbacks,
    old_tool,
    list_in_a_circle,
    reset_streams,
    reset_streams_unanswered,
    reset_streams_by_many,
    unfinished_requests,
    unfinished_at_nginx,
    slow_bodies,
    unfinished_short_log,
    known_client_turns,
    page_and_icon,
];

/// The event of an attack: when it begins, how long it lasts, how loud it is.
fn event(s: &mut Scene, vector: Vector, low: f64, high: f64) -> (i64, f64, f64) {
    let secs = s.dice.between(120.0, 450.0).round();
    let from_ms = s.usual(secs);
    let rps = s.peak(low, high, secs);
    s.hostile(vector, from_ms, secs);
    (from_ms, secs, rps)
}

/// A flood by these.
fn by(s: &mut Scene, low: f64, high: f64, clients: usize, agents: &[u32]) -> Flood {
    let (from_ms, secs, rps) = event(s, Vector::Http, low, high);
    let bots = s.botnet(clients, agents);
    s.flood_on(from_ms, secs, rps, bots)
}

/// Each request of a client names another browser of the market: one address, sixty agents, one
/// page, no pauses.
fn rotating_agents(s: &mut Scene) {
    s.fields.agent = true;
    let agents = s.browsers.clone();
    let clients = s.dice.size(20, 80);
    let mut flood = by(s, 8.0, 50.0, clients, &agents);
    flood.rotating = agents;
    s.flood(&flood);
}

/// A handful of clients ask tens of times in a second each.
fn few_fast_clients(s: &mut Scene) {
    let agents = s.browsers[..3].to_vec();
    let clients = s.dice.size(2, 6);
    let mut flood = by(s, 15.0, 60.0, clients, &agents);
    flood.rps = flood.rps.max(100.0);
    s.flood(&flood);
}

/// One client with a browser's name asks a hundred times in a second for `/?…` until it breaks.
fn one_client(s: &mut Scene) {
    let agents = s.browsers[..1].to_vec();
    let mut flood = by(s, 15.0, 50.0, 1, &agents);
    flood.rps = flood.rps.max(100.0);
    flood.target = Target::Query("/".into());
    flood.statuses = vec![(200, 0.4), (503, 0.6)];
    s.flood(&flood);
}

/// Thousands of devices with a few requests each: nobody is fast, all ask for one page in a step
/// that begins and ends within seconds, bare, never its assets, and with a tool's list of agents.
fn slow_botnet(s: &mut Scene) {
    s.evident();
    let agents = s.listed();
    let clients = s.dice.size(3_000, 8_000);
    let flood = by(s, 15.0, 60.0, clients, &agents);
    s.flood(&flood);
}

/// Each request claims to come from a page; but nothing of the asked page is fetched, and each
/// client asks once in some seconds for minutes.
fn false_referrers(s: &mut Scene) {
    s.evident();
    let agents = s.browsers[..80].to_vec();
    let clients = s.dice.size(60, 200);
    let mut flood = by(s, 10.0, 50.0, clients, &agents);
    flood.referred = 1.0;
    s.flood(&flood);
}

/// All is made up (query, agent, referrer), as a well-known tool does; each client several times
/// in a second.
fn all_false(s: &mut Scene) {
    let agents = s.listed();
    let clients = s.dice.size(10, 60);
    let mut flood = by(s, 10.0, 60.0, clients, &agents);
    flood.target = Target::Query("/".into());
    (flood.referred, flood.rotating) = (0.9, agents);
    s.flood(&flood);
}

/// Browsers without a screen load a page with all its assets, each second anew, for minutes: never
/// from a cache, always all, by clients that do nothing else.
fn machine_browsers(s: &mut Scene) {
    s.evident();
    let (from_ms, secs, rps) = event(s, Vector::Http, 12.0, 40.0);
    let agents = s.browsers[..4].to_vec();
    let per_page = s.site.per_page + 1;
    let rps = rps.max(80.0);
    let bots = s.botnet((rps / per_page as f64).ceil() as usize + 1, &agents);
    let (home, assets) = (s.site.pages[0], s.site.assets[..per_page - 1].to_vec());
    for who in &bots {
        let mut at_ms = from_ms + s.dice.whole(0, 1_000) as i64;
        while at_ms < from_ms + (secs * 1_000.0) as i64 {
            s.ask(at_ms, who, home, 200);
            for (place, asset) in assets.iter().enumerate() {
                s.ask(at_ms + 40 + place as i64 * 9, who, *asset, 200).referred = true;
            }
            at_ms += s.dice.whole(800, 1_200) as i64;
        }
    }
}

/// A flood that names no program at all.
fn without_agent(s: &mut Scene) {
    s.fields.agent = true;
    let agents = vec![s.dice.pick(&[0, 1])];
    let empty = s.name("-");
    let agents = if agents[0] == 1 { vec![empty] } else { agents };
    let clients = s.dice.size(20, 300);
    let flood = by(s, 8.0, 50.0, clients, &agents);
    s.flood(&flood);
}

/// The log has neither agents nor referrers; some dozens of clients ask for one page several times
/// in a second each, which speaks for itself.
fn common_log_form(s: &mut Scene) {
    (s.fields.agent, s.fields.referrer) = (false, false);
    let agents = s.browsers[..3].to_vec();
    let clients = s.dice.size(8, 30);
    let flood = by(s, 15.0, 60.0, clients, &agents);
    s.flood(&flood);
}

/// Visitors use HTTP/2; thousands of clients that use HTTP/1.1, with one browser's name that has
/// no HTTP/1.1 of its own, ask for one page, bare.
fn old_protocol(s: &mut Scene) {
    s.evident();
    s.site.http2_share = 0.95;
    let agents = s.browsers[..1].to_vec();
    let clients = s.dice.size(800, 3_000);
    let mut flood = by(s, 12.0, 60.0, clients, &agents);
    flood.bots.iter_mut().for_each(|who| who.is_http2 = false);
    s.flood(&flood);
}

/// Devices all over the world say they were a search engine and ask for `/?…` only; an engine
/// reads pages, each once, from its own networks.
fn false_crawler(s: &mut Scene) {
    s.fields.agent = true;
    let agent = s.name("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)");
    let clients = s.dice.size(100, 900);
    let mut flood = by(s, 12.0, 60.0, clients, &[agent]);
    flood.target = Target::Query("/".into());
    flood.statuses = vec![(200, 0.5), (503, 0.5)];
    s.flood(&flood);
}

/// The log names a CDN's edges only. Still: fresh queries on one page, bare, hardly any assets.
fn through_edges(s: &mut Scene) {
    s.evident();
    let edges: Vec<_> = (0..40).map(|n| people::v4(0xac44_1000 + n)).collect();
    s.known = s.behind(&edges, 3_000);
    s.returning = 1.0;
    let agents = s.listed();
    let mut flood = by(s, 12.0, 60.0, 400, &agents);
    for who in &mut flood.bots {
        who.client = s.dice.pick(&edges);
    }
    flood.target = Target::Query("/".into());
    s.flood(&flood);
}

/// One holder of an IPv6 network takes a new address for each request; all of one network, all
/// one page, all one agent.
fn rotating_ipv6(s: &mut Scene) {
    s.evident();
    let agents = s.browsers[..1].to_vec();
    let mut flood = by(s, 12.0, 60.0, 20_000, &agents);
    let prefix = 0x2a0e_b107_0000u128 << 80;
    for who in &mut flood.bots {
        who.client = prefix | (u128::from(s.dice.bits()) << 8);
    }
    s.flood(&flood);
}

/// A few hundred open proxies are used in turn with a small list of agents; each asks for one page
/// every second.
fn open_proxies(s: &mut Scene) {
    let agents = s.browsers[..10].to_vec();
    let clients = s.dice.size(40, 120);
    let mut flood = by(s, 12.0, 60.0, clients, &agents);
    flood.rps = flood.rps.max(clients as f64);
    flood.statuses = vec![(200, 0.6), (502, 0.4)];
    s.flood(&flood);
}

/// Others' WordPress sites are made to check a link that nobody set: each says its name and whom
/// it verifies, at hundreds in a second.
fn pingbacks(s: &mut Scene) {
    s.fields.agent = true;
    let (from_ms, secs, rps) = event(s, Vector::Http, 10.0, 60.0);
    let bots: Vec<_> = (0..s.dice.size(200, 1_500))
        .map(|place| {
            let (name, minor) = (s.dice.token(9), s.dice.whole(0, 9));
            let ip = format!("185.62.{}.{}", minor * 3, place % 250);
            let agent = s.name(format!(
                "WordPress/5.{minor}; http://{name}.example; verifying pingback from {ip}"
            ));
            s.machine(2_000 + place as u64, agent)
        })
        .collect();
    let mut flood = s.flood_on(from_ms, secs, rps, bots);
    if s.dice.chance(0.5) {
        flood.target = Target::Query("/".into());
    }
    s.flood(&flood);
}

/// A flooding tool that leaves its library's name, from rented machines.
fn old_tool(s: &mut Scene) {
    let tool = s.dice.pick(&["Go-http-client/1.1", "python-requests/2.25.1", "Java/1.8.0_151"]);
    let agent = s.name(tool);
    let (from_ms, secs, rps) = event(s, Vector::Http, 12.0, 60.0);
    let bots = (0..s.dice.size(10, 50)).map(|n| s.machine(3_000 + n as u64 % 6, agent)).collect();
    let mut flood = s.flood_on(from_ms, secs, rps.max(80.0), bots);
    flood.statuses = vec![(200, 0.4), (503, 0.6)];
    s.flood(&flood);
}

/// Each bot goes through the same list of eight pages in the same order, again and again, twice in
/// a second.
fn list_in_a_circle(s: &mut Scene) {
    s.evident();
    let (from_ms, secs, rps) = event(s, Vector::Http, 10.0, 40.0);
    let agents = s.browsers[..20].to_vec();
    let bots = s.botnet((rps / 2.0) as usize + 1, &agents);
    let list = s.site.pages[..8].to_vec();
    for who in &bots {
        let mut at_ms = from_ms + s.dice.whole(0, 4_000) as i64;
        let mut turn = 0;
        while at_ms < from_ms + (secs * 1_000.0) as i64 {
            s.ask(at_ms, who, list[turn % 8], 200);
            turn += 1;
            at_ms += s.dice.whole(400, 600) as i64;
        }
    }
}

/// Streams of HTTP/2 that are opened and reset at once: each client hundreds in a second, status
/// and octets as this server writes them.
fn resets(s: &mut Scene, clients: usize, statuses: Vec<(u16, f64)>) {
    s.site.http2_share = 0.9;
    let secs = s.dice.between(60.0, 150.0).round();
    let from_ms = s.usual(secs);
    s.hostile(Vector::Http2RapidReset, from_ms, secs);
    let agents = s.browsers[..5].to_vec();
    let mut bots = s.botnet(clients, &agents);
    bots.iter_mut().for_each(|who| who.is_http2 = true);
    let rps = (40_000.0 / secs).max(s.usual_rps * 15.0);
    let mut flood = s.flood_on(from_ms, secs, rps, bots);
    flood.statuses = statuses;
    let begin = s.lines.len();
    s.flood(&flood);
    for line in &mut s.lines[begin..] {
        line.octets = 0;
        line.took_ms = 0;
    }
}

/// Reset streams at nginx: 499, nothing sent, no time taken.
fn reset_streams(s: &mut Scene) {
    let clients = s.dice.size(2, 10);
    resets(s, clients, vec![(499, 1.0)]);
}

/// Reset streams at a proxy that writes no status at all for them.
fn reset_streams_unanswered(s: &mut Scene) {
    let clients = s.dice.size(2, 10);
    resets(s, clients, vec![(0, 0.97), (503, 0.03)]);
}

/// Reset streams by dozens, each tens in a second: far beyond any reload key.
fn reset_streams_by_many(s: &mut Scene) {
    let clients = s.dice.size(15, 30);
    resets(s, clients, vec![(499, 0.9), (200, 0.1)]);
}

/// Connections that never finish a request, as this server writes them when they time out.
fn unfinished(s: &mut Scene, path: u32, agent: u32, status: u16, took_ms: u32) {
    let (from_ms, secs, rps) = event(s, Vector::Slowloris, 8.0, 25.0);
    let agents = [agent];
    let clients = s.dice.size(3, 60);
    let bots = s.botnet(clients, &agents);
    let mut flood = s.flood_on(from_ms, secs, rps.clamp(30.0, 120.0), bots);
    flood.bots.iter_mut().for_each(|who| who.is_http2 = false);
    flood.target = Target::Of(vec![path]);
    flood.statuses = vec![(status, 1.0)];
    let begin = s.lines.len();
    s.flood(&flood);
    for place in begin..s.lines.len() {
        let late = s.dice.whole(0, 400) as u32;
        s.lines[place].took_ms = took_ms + late;
        s.lines[place].octets = 0;
    }
}

/// Apache: 408 without a path, hundreds by each client, who asks for nothing else.
fn unfinished_requests(s: &mut Scene) {
    let mark = s.dice.pick(&["", "-"]);
    let mark = s.name(mark);
    unfinished(s, mark, mark, 408, 20_000);
}

/// nginx: the path came, the rest of the head did not; 408 after a minute.
fn unfinished_at_nginx(s: &mut Scene) {
    s.fields.took = true;
    let (home, agent) = (s.site.pages[0], s.browsers[3]);
    unfinished(s, home, agent, 408, 60_000);
}

/// Bodies sent an octet at a time to the sign-in address until the server gives up.
fn slow_bodies(s: &mut Scene) {
    s.fields.took = true;
    let (login, agent) = (s.name("/login"), s.browsers[7]);
    unfinished(s, login, agent, 408, 110_000);
}

/// The log is a few minutes of nothing but unfinished requests.
fn unfinished_short_log(s: &mut Scene) {
    s.history_s = 60.0;
    s.after_s = 30.0;
    let mark = s.name("-");
    unfinished(s, mark, mark, 408, 30_000);
}

/// Visitors known from before are captured and turn into a flood: the addresses are familiar, the
/// conduct (one page, three times in a second, bare) is not.
fn known_client_turns(s: &mut Scene) {
    s.evident();
    let agents = s.browsers[..8].to_vec();
    let mut flood = by(s, 12.0, 50.0, 1, &agents);
    let count = (flood.rps / 3.0) as usize + 3;
    flood.bots = s.known.iter().take(count).copied().collect::<Vec<Who>>();
    s.flood(&flood);
}

/// Each bot asks for the page and the icon, in turn, ten times in a second.
fn page_and_icon(s: &mut Scene) {
    let agents = s.browsers[..20].to_vec();
    let clients = s.dice.size(8, 30);
    let mut flood = by(s, 15.0, 50.0, clients, &agents);
    flood.rps = flood.rps.max(100.0);
    flood.target = Target::Of(vec![s.site.pages[0], s.site.assets[0]]);
    s.flood(&flood);
}

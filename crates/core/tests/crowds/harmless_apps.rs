//! Harmless: apps, devices and players that ask without pages, assets or referrers.
//!
//! Truth throughout: the clients are the site's own, known from before or named by what they say,
//! and each asks as its program does; none could hurt more than its number allows.

use crate::crowds::people;
use crate::crowds::people::Who;
use crate::crowds::scene::Kind;
use crate::crowds::scene::Scene;
use crate::crowds::site::Crowd;
use crate::crowds::site::Visit;

/// Kinds of this file.
pub const KINDS: &[Kind] = &kinds![
    push_notification,
    retry_storm,
    token_renewal,
    redirect_loop,
    busy_release,
    live_scores,
    socket_reconnects,
    long_poll,
    devices_each_minute,
    power_returns,
    guide_at_midnight,
    live_video,
    graphql_page,
    game_launch,
    app_precache,
    merchants_on_sale_day,
];

const OKHTTP: &[&str] = &["okhttp/4.12.0"];
const SHOP_APP: &[&str] = &[
    "ShopApp/5.3.0 (iOS 17.5.1; iPhone14,5)",
    "ShopApp/5.3.0 (Android 14; SM-S911B)",
    "ShopApp/5.2.2 (Android 13; Pixel 7)",
    "ShopApp/5.2.2 (iOS 16.7; iPhone10,4)",
];

/// Some of those who come often, and newcomers, in this share.
pub fn users(s: &mut Scene, count: usize, returning: f64) -> Vec<Who> {
    (0..count).map(|_| s.visitor(returning)).collect()
}

/// A push message opens one item in the app: a wall, one agent, no referrer, nothing but the API.
/// Each client starts the app once as it always does, and most of them are known.
fn push_notification(s: &mut Scene) {
    let agents = if s.dice.chance(0.5) { OKHTTP } else { SHOP_APP };
    s.api(agents);
    let from_ms = s.usual(500.0);
    let rps = s.peak(8.0, 40.0, 500.0);
    let item = Some(s.dice.pick(&s.site.pages.clone()));
    let visit = Visit { land: item, more: 0.8, referred: 0.0, think_s: 9.0, ..Visit::default() };
    let returning = s.dice.between(0.55, 0.85);
    let (rise_s, fade_s) = (s.dice.between(5.0, 30.0), 90.0);
    s.crowd(&Crowd {
        from_ms,
        rise_s,
        hold_s: 20.0,
        fade_s,
        rps,
        returning,
        visit,
        ..Crowd::default()
    });
}

/// The API fails and its app tries again and again: one agent, one path, all 5xx. The errors come
/// before the rise, the clients are the known ones, each with growing pauses, and it ends with the
/// errors.
fn retry_storm(s: &mut Scene) {
    let agents = if s.dice.chance(0.5) { OKHTTP } else { SHOP_APP };
    s.api(agents);
    s.returning = 0.8;
    let from_ms = s.usual(900.0);
    let until = from_ms + 600_000;
    for line in &mut s.lines {
        if line.at_ms >= from_ms && line.at_ms < until {
            line.status = 503;
        }
    }
    let path = s.site.starts[1];
    let rps = s.peak(6.0, 20.0, 600.0);
    for who in users(s, (rps * 600.0 / 22.0) as usize, 0.85) {
        let mut at_ms = from_ms + s.dice.whole(0, 150_000) as i64;
        let mut pause = s.dice.between(1.0, 2.0);
        for _ in 0..40 {
            if at_ms >= until {
                s.visit(at_ms, &who, &Visit { more: 1.0, ..Visit::default() });
                break;
            }
            s.ask(at_ms, &who, path, 503);
            at_ms += (pause * s.dice.between(0.7, 1.3) * 1_000.0) as i64;
            pause = (pause * 1.5).min(30.0);
        }
    }
}

/// All sessions are made void: each app gets 401, renews its token, and asks again.
fn token_renewal(s: &mut Scene) {
    s.api(SHOP_APP);
    let from_ms = s.usual(400.0);
    let rps = s.peak(6.0, 30.0, 400.0);
    let (feed, token) = (s.site.pages[0], s.name("/oauth/token"));
    for who in users(s, (rps * 250.0 / 4.0) as usize, 0.9) {
        let at_ms = from_ms + (s.dice.wait(70.0) * 1_000.0) as i64;
        s.ask(at_ms, &who, feed, 401);
        let status = s.dice.weighted(&[(200, 0.9), (400, 0.1)]);
        s.ask(at_ms + 150, &who, token, status);
        s.ask(at_ms + 420, &who, feed, 200);
        s.ask(at_ms + 640, &who, s.site.starts[2], 200);
    }
}

/// A release sends signed-in people round in circles: `/a` to `/b` to `/a` by 302. Known people;
/// each browser gives up after twenty and its owner tries again a little later.
fn redirect_loop(s: &mut Scene) {
    let from_ms = s.usual(900.0);
    let rps = s.peak(6.0, 20.0, 900.0);
    let (one, other) = (s.name("/account"), s.name("/account/?lang=en"));
    for who in users(s, (rps * 600.0 / 45.0) as usize, 0.85) {
        let mut at_ms = from_ms + s.dice.whole(0, 600_000) as i64;
        for _ in 0..s.dice.size(1, 4) {
            for hop in 0..20 {
                s.ask(at_ms, &who, if hop % 2 == 0 { one } else { other }, 302).referred = true;
                at_ms += s.dice.whole(40, 160) as i64;
            }
            at_ms += (s.dice.skewed(15.0, 0.7) * 1_000.0) as i64;
        }
    }
}

/// A release of the app asks for its settings far too often; the new version spreads over an hour
/// among known clients and all is answered well.
fn busy_release(s: &mut Scene) {
    s.api(SHOP_APP);
    let from_ms = s.usual(2_400.0);
    let fresh = s.name("ShopApp/5.4.0 (Android 14; SM-S911B)");
    let (path, end_ms) = (s.site.starts[0], s.end_ms);
    for who in users(s, (s.usual_rps * 90.0).clamp(150.0, 400.0) as usize, 0.9) {
        let who = Who { agent: fresh, ..who };
        let at_ms = from_ms + (2_400_000.0 * s.dice.unit().sqrt()) as i64;
        let until = end_ms.min(at_ms + s.dice.whole(120_000, 500_000) as i64);
        s.poll(&who, path, (at_ms, until), 4.0, false);
    }
}

/// A match is on: each open page asks for the score every eight seconds; nine tenths are one path,
/// asked from the page.
fn live_scores(s: &mut Scene) {
    let from_ms = s.usual(900.0);
    let (page, score) = (s.name("/match/4711"), s.name("/api/live/4711.json"));
    let count = s.dice.size(250, 600);
    for who in users(s, count, 0.4) {
        let at_ms = from_ms + (s.dice.skewed(100.0, 0.9) * 1_000.0) as i64;
        s.visit(at_ms, &who, &Visit { land: Some(page), more: 0.0, ..Visit::default() });
        let until = at_ms + (s.dice.wait(500.0) * 1_000.0) as i64;
        s.poll(&who, score, (at_ms + 1_000, until.min(from_ms + 900_000)), 8.0, true);
    }
}

/// A deploy cuts all sockets: every open page joins again, with a fresh token each time and 502 at
/// first. The clients have been there before, the page is named.
fn socket_reconnects(s: &mut Scene) {
    s.returning = 0.9;
    let from_ms = s.usual(300.0);
    let rps = s.peak(10.0, 60.0, 120.0);
    let count = (rps * 60.0 / 5.0) as usize;
    for who in users(s, count, 0.93) {
        let before = s.dice.whole(0, s.history_s as u64) as i64 * 1_000;
        let mut asks = vec![(from_ms - before, 101)];
        let mut at_ms = from_ms + (s.dice.wait(1.5) * 1_000.0) as i64;
        let mut pause = 1_000.0;
        for _ in 0..s.dice.size(1, 5) {
            asks.push((at_ms, 502));
            pause = f64::min(pause * 2.0, 5_000.0);
            at_ms += (pause * s.dice.between(0.5, 1.5)) as i64;
        }
        asks.extend([(at_ms, 200), (at_ms + 120, 200), (at_ms + 240, 101)]);
        for (at_ms, status) in asks {
            let mark = s.dice.token(7);
            let path = s.name(format!("/socket.io/?EIO=4&transport=polling&t={mark}"));
            s.ask(at_ms, &who, path, status).referred = true;
        }
    }
}

/// A chat holds requests open for half a minute: long times, empty answers, one path, always.
fn long_poll(s: &mut Scene) {
    s.fields.took = true;
    let from_ms = s.usual(900.0);
    let path = s.name("/chat/poll");
    let count = s.dice.size(500, 1_200);
    for who in users(s, count, 0.6) {
        let mut at_ms = from_ms + (s.dice.skewed(150.0, 0.8) * 1_000.0) as i64;
        s.visit(at_ms, &who, &Visit { more: 0.0, ..Visit::default() });
        for _ in 0..s.dice.size(3, 20) {
            at_ms += 30_000;
            let status = s.dice.weighted(&[(200, 0.3), (204, 0.6), (408, 0.1)]);
            let line = s.ask(at_ms, &who, path, status);
            (line.referred, line.took_ms) = (true, 30_000);
        }
    }
}

/// Devices report at each full minute, all at once: one agent, one path, new in nothing.
fn devices_each_minute(s: &mut Scene) {
    s.api(&["ESP32-HTTPClient/1.0"]);
    s.usual_rps = 0.2;
    let from_ms = s.usual(300.0);
    let path = s.name("/v1/telemetry");
    let count = s.dice.size(300, 900);
    let devices = users(s, count, 0.0);
    let minutes = (40_000 / devices.len() as i64).min((s.end_ms - s.start_ms) / 60_000);
    s.start_ms = s.start_ms.max(s.end_ms - minutes * 60_000);
    let first = s.start_ms - s.start_ms.rem_euclid(60_000);
    for minute in 0..=minutes {
        // Some more are sold while the log runs.
        let on = if first + minute * 60_000 > from_ms { 10 } else { 9 };
        for who in &devices[..devices.len() * on / 10] {
            let late = (s.dice.wait(0.8) * 1_000.0) as i64;
            s.ask(first + minute * 60_000 + late, who, path, 204);
        }
    }
}

/// Power returns to a region and thousands of meters join within seconds, each with the same three
/// requests, from addresses known from before.
fn power_returns(s: &mut Scene) {
    s.api(&["meter-fw/2.8.1", "meter-fw/2.7.0"]);
    s.returning = 0.98;
    let from_ms = s.usual(300.0);
    let rps = s.peak(10.0, 60.0, 120.0);
    let paths = s.named(&["/v1/register", "/v1/config", "/v1/telemetry"]);
    for who in users(s, (rps * 60.0 / 3.0) as usize, 0.95) {
        let mut at_ms = from_ms + (s.dice.skewed(20.0, 0.6) * 1_000.0) as i64;
        for path in &paths {
            s.ask(at_ms, &who, *path, 200);
            at_ms += s.dice.whole(200, 1_500) as i64;
        }
    }
}

/// Television sets fetch the programme guide at midnight: one path, few agents, each set once.
fn guide_at_midnight(s: &mut Scene) {
    s.api(&["SmartTV/4.1 (Tizen 6.5)", "SmartTV/4.0 (webOS 6)", "SmartTV/3.9 (Tizen 5)"]);
    let from_ms = s.usual(500.0);
    let rps = s.peak(8.0, 40.0, 400.0);
    let guide = s.name("/guide/epg.xml.gz");
    for who in users(s, (rps * 150.0) as usize, 0.75) {
        let at_ms = from_ms + (s.dice.wait(80.0) * 1_000.0) as i64;
        s.ask(at_ms, &who, guide, 200);
    }
}

/// A live event: each viewer asks for the list of pieces and the next piece every six seconds.
fn live_video(s: &mut Scene) {
    s.site.hide_assets();
    let from_ms = s.usual(700.0);
    let (page, list) = (s.name("/live"), s.name("/hls/720/index.m3u8"));
    let pieces: Vec<_> = (0..150).map(|n| s.name(format!("/hls/720/seg{n:05}.ts"))).collect();
    let count = s.dice.size(150, 350);
    for who in users(s, count, 0.2) {
        let first = s.dice.skewed(60.0, 0.8);
        let at_ms = from_ms + (first * 1_000.0) as i64;
        s.visit(at_ms, &who, &Visit { land: Some(page), more: 0.0, ..Visit::default() });
        let from = (first / 6.0) as usize + 1;
        let until = (from + s.dice.size(10, 100)).min(115);
        for (place, piece) in pieces.iter().enumerate().take(until).skip(from) {
            let at_ms = from_ms + place as i64 * 6_000 + s.dice.whole(0, 1_500) as i64;
            s.ask(at_ms, &who, list, 200).referred = true;
            s.ask(at_ms + 90, &who, *piece, 200).referred = true;
        }
    }
}

/// All of a page's questions go to one address, as GraphQL has it: a crowd looks like one path.
fn graphql_page(s: &mut Scene) {
    s.evident();
    let query = s.name("/graphql");
    s.site.scripted = vec![query; 6];
    let from_ms = s.usual(900.0);
    let rps = s.peak(6.0, 30.0, 900.0);
    let visit = Visit { more: 2.5, referred: 0.7, ..Visit::default() };
    let (hold_s, fade_s) = (200.0, 300.0);
    s.crowd(&Crowd {
        from_ms,
        rise_s: 200.0,
        hold_s,
        fade_s,
        rps,
        returning: 0.3,
        visit,
        ..Crowd::default()
    });
}

/// A game opens its servers: one agent, manifest and sign-in, 503 and a try again, patches then.
fn game_launch(s: &mut Scene) {
    s.api(&["UnityPlayer/2022.3.21f1 (UnityWebRequest/1.0, libcurl/8.5.0-DEV)"]);
    let from_ms = s.usual(900.0);
    let rps = s.peak(10.0, 60.0, 900.0);
    let (manifest, sign_in) = (s.name("/launcher/manifest.json"), s.name("/auth/login"));
    let patches: Vec<_> = (0..30).map(|n| s.name(format!("/patch/1.1/{n:03}.pak"))).collect();
    for who in users(s, (rps * 450.0 / 14.0) as usize, 0.3) {
        let mut at_ms = from_ms + (s.dice.wait(200.0) * 1_000.0) as i64;
        s.ask(at_ms, &who, manifest, 200);
        for patch in &patches[..s.dice.size(0, 12)] {
            at_ms += s.dice.whole(300, 4_000) as i64;
            s.ask(at_ms, &who, *patch, 200).octets = 8_000_000;
        }
        while s.dice.chance(0.7) {
            at_ms += s.dice.whole(4_000, 30_000) as i64;
            s.ask(at_ms, &who, sign_in, 503);
        }
        s.ask(at_ms + 5_000, &who, sign_in, 200);
    }
}

/// A new version of a web app lets each open page fetch all its parts ahead: assets only.
fn app_precache(s: &mut Scene) {
    s.site.show_assets();
    let from_ms = s.usual(900.0);
    let rps = s.peak(6.0, 25.0, 900.0);
    let parts: Vec<_> = (0..40).map(|n| s.name(format!("/build/{n}.9f31c2.js"))).collect();
    let worker = s.name("/sw.js");
    for who in users(s, (rps * 500.0 / 41.0) as usize, 0.9) {
        let mut at_ms = from_ms + (s.dice.wait(250.0) * 1_000.0) as i64;
        s.ask(at_ms, &who, worker, 200).referred = true;
        for part in &parts {
            at_ms += s.dice.whole(5, 60) as i64;
            s.ask(at_ms, &who, *part, 200).referred = true;
        }
    }
}

/// A payment service on a sale day: servers of known merchants, few agents, few paths, all day
/// long and six times as often, answered well.
fn merchants_on_sale_day(s: &mut Scene) {
    s.api(&["acme-pay-php/4.2", "acme-pay-node/3.0", "acme-pay-java/2.9"]);
    let paths = s.named(&["/v1/charges", "/v1/charges", "/v1/tokens", "/v1/customers"]);
    s.site.starts.clear();
    s.site.pages = paths.clone();
    s.known = (0..120)
        .map(|shop| {
            let client = people::hosted(&mut s.dice, 100 + shop);
            Who { client, ..s.newcomer() }
        })
        .collect();
    s.returning = 0.99;
    let from_ms = s.usual(1_800.0);
    let rps = s.peak(6.0, 12.0, 1_800.0);
    let shops = s.known[..120].to_vec();
    let mut at_ms = from_ms as f64;
    while at_ms < from_ms as f64 + 1_800_000.0 {
        let rise = ((at_ms - from_ms as f64) / 600_000.0).clamp(0.1, 1.0);
        at_ms += s.dice.wait(1_000.0 / (rps * rise));
        let who = shops[s.dice.popular(shops.len())];
        let path = s.dice.pick(&paths);
        let status = s.dice.weighted(&[(200, 0.96), (402, 0.04)]);
        s.ask(at_ms as i64, &who, path, status);
    }
}

//! Harmless: servers whose trade is one file or one address for everybody's programs.
//!
//! Truth throughout: what looks narrow and bare is what this server is for, and always was; each
//! client takes what it needs and goes.

use crate::crowds::harmless_apps::users;
use crate::crowds::people::Who;
use crate::crowds::scene::Kind;
use crate::crowds::scene::Scene;

/// Kinds of this file.
pub const KINDS: &[Kind] = &kinds![
    update_check,
    hourly_lists,
    feeds_on_the_hour,
    podcast_release,
    distro_release,
    map_tiles,
    widget_host,
    advert_pixel,
    beacons,
    name_resolver,
    tracker_announce,
    connectivity_check,
];

/// A release is out: programs in the field see the new number in one small file, once each, and
/// fetch the archive.
fn update_check(s: &mut Scene) {
    s.api(&["Editor-Updater/3.2 (Windows)", "Editor-Updater/3.2 (macOS)", "Editor-Updater/3.1"]);
    let latest = s.name("/releases/latest.json");
    s.site.starts = vec![latest];
    let archives = s.named(&["/dl/editor-3.3-win.zip", "/dl/editor-3.3-mac.dmg"]);
    let from_ms = s.usual(900.0);
    let rps = s.peak(6.0, 30.0, 900.0);
    for who in users(s, (rps * 350.0) as usize, 0.5) {
        let at_ms = from_ms + (s.dice.skewed(200.0, 0.8) * 1_000.0) as i64;
        s.ask(at_ms, &who, latest, 200);
        if s.dice.chance(0.7) {
            let archive = s.dice.pick(&archives);
            s.ask(at_ms + 2_000, &who, archive, 206);
        }
    }
}

/// A list is fetched by cron on the full hour by curl and wget; the hour before was the same.
fn hourly_lists(s: &mut Scene) {
    s.api(&["curl/7.88.1", "curl/8.5.0", "Wget/1.21.3", "curl/7.68.0", "python-requests/2.31.0"]);
    s.history_s = 7_300.0;
    s.usual_rps = 0.2;
    let from_ms = s.usual(300.0);
    let list = s.name("/lists/block.txt");
    let count = s.dice.size(800, 4_000);
    let hosts = users(s, count, 0.0);
    for hour in 0..3 {
        for who in &hosts {
            let late = (s.dice.wait(4.0) * 1_000.0) as i64;
            let status = s.dice.weighted(&[(200, 0.4), (304, 0.6)]);
            s.ask(from_ms - hour * 3_600_000 + late, who, list, status);
        }
    }
}

/// Feed readers ask on the hour and half hour, each for its feed, and say what they are.
fn feeds_on_the_hour(s: &mut Scene) {
    s.fields.agent = true;
    s.history_s = 5_500.0;
    s.usual_rps = s.usual_rps.min(1.0);
    let from_ms = s.usual(300.0);
    let agents = s.named(&[
        "Feedly/1.0 (+http://www.feedly.com/fetcher.html; 231 subscribers)",
        "NetNewsWire (RSS Reader; https://netnewswire.com/)",
        "Tiny Tiny RSS/23.06 (https://tt-rss.org/)",
        "Miniflux/2.1.0",
        "FreshRSS/1.24.0 (Linux; https://freshrss.org)",
        "newsboat/2.32 (Linux x86_64)",
        "Inoreader/1.0 (+http://www.inoreader.com/feed-fetcher)",
    ]);
    let feeds = s.named(&["/feed.xml", "/feed.xml", "/comments/feed", "/atom.xml"]);
    let readers: Vec<_> = (0..s.dice.size(500, 2_000))
        .map(|_| Who { agent: s.dice.pick(&agents), ..s.newcomer() })
        .collect();
    for half in 0..4 {
        for who in &readers {
            let late = (s.dice.wait(9.0) * 1_000.0) as i64;
            let feed = s.dice.pick(&feeds);
            let status = s.dice.weighted(&[(200, 0.2), (304, 0.8)]);
            s.ask(from_ms - half * 1_800_000 + late, who, feed, status);
        }
    }
}

/// An episode is out: players fetch one file in pieces (206), and say what they are.
fn podcast_release(s: &mut Scene) {
    s.api(&[
        "AppleCoreMedia/1.0.0.21F90 (iPhone; U; CPU OS 17_5 like Mac OS X; en_us)",
        "Spotify/1.0",
        "Overcast/3.0 (+http://overcast.fm/; iOS podcast app)",
        "PocketCasts/1.0",
        "AntennaPod/3.4.0",
        "Podcasts/1650.20 CFNetwork/1494 Darwin/23.4.0",
    ]);
    s.site.starts = s.named(&["/feed/podcast.xml"]);
    let from_ms = s.usual(900.0);
    let rps = s.peak(6.0, 25.0, 900.0);
    let episode = s.name("/media/ep-212.mp3");
    for who in users(s, (rps * 400.0 / 8.0) as usize, 0.4) {
        let mut at_ms = from_ms + (s.dice.skewed(200.0, 0.8) * 1_000.0) as i64;
        s.ask(at_ms, &who, s.site.starts[0], 200);
        for _ in 0..s.dice.size(2, 14) {
            at_ms += (s.dice.skewed(3.0, 0.9) * 1_000.0) as i64;
            s.ask(at_ms, &who, episode, 206);
        }
    }
}

/// A distribution releases: one very large file, fetched in pieces by download programs, some with
/// sixteen connections; it is what this server is for, and each fetches it once.
fn distro_release(s: &mut Scene) {
    s.api(&["Wget/1.21.4", "curl/8.5.0", "aria2/1.37.0", "Transmission/4.0", "Mozilla/5.0 (X11)"]);
    s.site.starts = s.named(&["/releases/SHA256SUMS"]);
    let from_ms = s.usual(1_200.0);
    let rps = s.peak(6.0, 25.0, 1_200.0);
    let images = s.named(&["/releases/24/desktop-amd64.iso", "/releases/24/server-amd64.iso"]);
    for who in users(s, (rps * 600.0 / 12.0) as usize, 0.1) {
        let mut at_ms = from_ms + (s.dice.skewed(300.0, 0.7) * 1_000.0) as i64;
        let image = s.dice.pick(&images);
        let pieces = s.dice.pick(&[1, 1, 4, 16, 32]);
        for _ in 0..pieces {
            let status = if pieces == 1 { 200 } else { 206 };
            let line = s.ask(at_ms, &who, image, status);
            (line.octets, line.took_ms) = (180_000_000, 300_000);
            at_ms += s.dice.whole(0, 9_000) as i64;
        }
        s.ask(at_ms, &who, s.site.starts[0], 200);
    }
}

/// A map is shown on a busy page: bursts of tiles, all of them pictures, from that page.
fn map_tiles(s: &mut Scene) {
    s.site.hide_assets();
    let from_ms = s.usual(900.0);
    let rps = s.peak(6.0, 30.0, 900.0);
    for who in users(s, (rps * 500.0 / 36.0) as usize, 0.1) {
        let mut at_ms = from_ms + (s.dice.skewed(200.0, 0.7) * 1_000.0) as i64;
        let (mut x, y) = (s.dice.whole(540, 552), s.dice.whole(330, 340));
        for _ in 0..s.dice.size(1, 5) {
            for tile in 0..12 {
                let path = s.name(format!("/tiles/10/{}/{}.png", x + tile % 4, y + tile / 4));
                s.ask(at_ms, &who, path, 200).referred = true;
                at_ms += s.dice.whole(5, 80) as i64;
            }
            x += 4;
            at_ms += (s.dice.skewed(4.0, 0.6) * 1_000.0) as i64;
        }
    }
}

/// A script for other people's pages: one asset is all this server has, and a large page begins to
/// use it. Each client asks once, from that page.
fn widget_host(s: &mut Scene) {
    s.fields.referrer = true;
    s.site.pages = s.named(&["/widget/v2.js", "/widget/v1.js", "/widget/v2.css"]);
    s.site.hide_assets();
    let from_ms = s.usual(900.0);
    let rps = s.peak(6.0, 25.0, 900.0);
    let path = s.site.pages[0];
    for who in users(s, (rps * 600.0) as usize, 0.1) {
        let at_ms = from_ms + (s.dice.unit().sqrt() * 800_000.0) as i64;
        let status = s.dice.weighted(&[(200, 0.85), (304, 0.15)]);
        s.ask(at_ms, &who, path, status).referred = true;
    }
}

/// A pixel for adverts: fresh queries are its trade, always were, and come from pages.
fn advert_pixel(s: &mut Scene) {
    s.evident();
    s.site.hide_assets();
    s.usual_rps = 0.2;
    let from_ms = s.usual(900.0);
    let rps = s.dice.between(5.0, 8.0);
    let (start_ms, end_ms) = (s.start_ms.max(s.end_ms - 3_000_000), s.end_ms);
    s.start_ms = start_ms;
    let mut at_ms = start_ms as f64;
    while at_ms < end_ms as f64 {
        let is_loud = at_ms as i64 > from_ms && (at_ms as i64) < from_ms + 700_000;
        at_ms += s.dice.wait(1_000.0 / if is_loud { rps * 7.0 } else { rps });
        let who = s.visitor(0.3);
        let chance = s.dice.whole(1_000_000, 9_999_999);
        let path = s.name(format!("/pixel.gif?cb={chance}"));
        s.ask(at_ms as i64, &who, path, 200).referred = true;
    }
}

/// Pages of others send what was read where: one path, empty answers, several from each reader.
fn beacons(s: &mut Scene) {
    s.fields.referrer = true;
    s.site.pages = s.named(&["/collect", "/collect/v2"]);
    s.site.hide_assets();
    let from_ms = s.usual(900.0);
    let rps = s.peak(6.0, 20.0, 900.0);
    let path = s.site.pages[0];
    for who in users(s, (rps * 500.0 / 6.0) as usize, 0.3) {
        let mut at_ms = from_ms + (s.dice.skewed(250.0, 0.7) * 1_000.0) as i64;
        for _ in 0..s.dice.size(2, 10) {
            s.ask(at_ms, &who, path, 204).referred = true;
            at_ms += (s.dice.skewed(12.0, 1.0) * 1_000.0) as i64;
        }
    }
}

/// Names over HTTPS: one path, always a fresh query, HTTP/2, no agent; the evening is louder.
fn name_resolver(s: &mut Scene) {
    s.api(&["", "Go-http-client/2.0", "cloudflared/2024.6.1"]);
    s.site.http2_share = 1.0;
    s.usual_rps = 0.1;
    let from_ms = s.usual(1_200.0);
    s.start_ms = s.start_ms.max(s.end_ms - 3_600_000);
    let rps = s.dice.between(4.0, 7.0);
    let mut at_ms = s.start_ms as f64;
    while at_ms < s.end_ms as f64 {
        let above = (at_ms - from_ms as f64) / 1_200_000.0;
        let factor = 1.0 + 5.0 * above.clamp(0.0, 1.0);
        let who = s.visitor(0.95);
        for _ in 0..s.dice.size(1, 8) {
            let name = s.dice.token(22);
            let path = s.name(format!("/dns-query?dns=AAABAAABAAAAAAAA{name}"));
            s.ask(at_ms as i64, &who, path, 200);
            at_ms += s.dice.wait(1_000.0 / (rps * factor));
        }
    }
}

/// A tracker: nothing but announcements, each with its own query; a release brings peers.
fn tracker_announce(s: &mut Scene) {
    s.api(&["Transmission/4.05", "qBittorrent/4.6.4", "uTorrent/3.6.0", "Deluge/2.1.1 libtorrent"]);
    s.site.starts.clear();
    s.site.pages = s.named(&["/announce", "/scrape"]);
    let from_ms = s.usual(1_500.0);
    let rps = s.peak(5.0, 20.0, 1_500.0);
    for who in users(s, (rps * 800.0 / 3.0) as usize, 0.4) {
        let mut at_ms = from_ms + (s.dice.skewed(300.0, 0.7) * 1_000.0) as i64;
        let peer = s.dice.token(12);
        for event in ["started", "", "completed"] {
            let left = s.dice.whole(0, 1 << 30);
            let path = s.name(format!("/announce?info_hash=%a1{peer}&left={left}&event={event}"));
            s.ask(at_ms, &who, path, 200);
            at_ms += s.dice.whole(60_000, 400_000) as i64;
        }
    }
}

/// Devices ask whether they are on line; when a provider's fault ends, a region asks at once. One
/// path, few agents, each device once or twice.
fn connectivity_check(s: &mut Scene) {
    s.api(&["Dalvik/2.1.0 (Linux; U; Android 14; Pixel 8)", "CaptiveNetworkSupport-471 wispr", ""]);
    s.site.starts.clear();
    s.site.pages = s.named(&["/generate_204"]);
    let from_ms = s.usual(300.0);
    let rps = s.peak(6.0, 25.0, 300.0);
    let path = s.site.pages[0];
    for who in users(s, (rps * 120.0) as usize, 0.75) {
        let at_ms = from_ms + (s.dice.wait(40.0) * 1_000.0) as i64;
        s.ask(at_ms, &who, path, 204);
        if s.dice.chance(0.3) {
            s.ask(at_ms + 5_000, &who, path, 204);
        }
    }
}

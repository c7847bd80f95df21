//! Harmless: people with browsers come to a site of pages, many at once.
//!
//! Truth throughout: each client behaves as a person does (pages, what belongs to them, pauses),
//! however steep the rise is and however few pages they want.

use crate::crowds::scene::Kind;
use crate::crowds::scene::Scene;
use crate::crowds::site::Crowd;
use crate::crowds::site::Visit;

/// Kinds of this file.
pub const KINDS: &[Kind] = &kinds![
    news_spike,
    stripped_link,
    tv_mention,
    cdn_article,
    ticket_sale,
    waiting_room,
    login_storm,
    black_friday,
    election_night,
    small_site_first_day,
    bare_blog_first_day,
    begins_in_crowd,
    only_crowd,
    busy_few_minutes,
    quiet_few_minutes,
    daily_peak,
    office_opens,
    failover,
    after_maintenance,
    single_page_app,
];

/// A crowd on one page, with the ordinary values that most kinds share.
pub fn on_page(s: &mut Scene, event_s: f64, low: f64, high: f64) -> Crowd {
    let from_ms = s.usual(event_s);
    let rps = s.peak(low, high, event_s);
    let land = Some(s.dice.pick(&s.site.pages.clone()));
    let returning = s.dice.between(0.02, 0.25);
    let visit = Visit { land, referred: 0.85, more: 0.35, ..Visit::default() };
    let (hold_s, fade_s) = (event_s * 0.3, event_s * 0.4);
    Crowd {
        from_ms,
        rise_s: event_s * 0.3,
        hold_s,
        fade_s,
        rps,
        returning,
        visit,
        ..Crowd::default()
    }
}

/// One article is linked by an aggregator: newcomers with referrers, assets, varied browsers.
fn news_spike(s: &mut Scene) {
    let crowd = on_page(s, 900.0, 6.0, 40.0);
    s.crowd(&crowd);
}

/// An app's browser strips the referrer of the first page; its assets name the page all the same.
fn stripped_link(s: &mut Scene) {
    let mut crowd = on_page(s, 900.0, 6.0, 40.0);
    crowd.visit.referred = 0.05;
    s.crowd(&crowd);
}

/// A programme names the site: all type it in within seconds, so the rise is a wall; then people
/// read on and the crowd fades as people do.
fn tv_mention(s: &mut Scene) {
    let mut crowd = on_page(s, 400.0, 10.0, 100.0);
    crowd.rise_s = s.dice.between(2.0, 12.0);
    crowd.hold_s = 60.0;
    crowd.visit.land = Some(s.site.pages[0]);
    crowd.visit.referred = 0.15;
    crowd.visit.more = 1.0;
    s.crowd(&crowd);
}

/// Assets lie on a CDN, so the log shows one path only; but each client asks once or twice, comes
/// by a link and has the browsers of the market.
fn cdn_article(s: &mut Scene) {
    s.site.hide_assets();
    let crowd = on_page(s, 900.0, 6.0, 30.0);
    s.crowd(&crowd);
}

/// Before a sale opens people reload the same page every few seconds; known customers, irregular
/// pauses, and the shop answers 503 at times.
fn ticket_sale(s: &mut Scene) {
    let mut crowd = on_page(s, 900.0, 10.0, 60.0);
    crowd.returning = 0.5;
    crowd.hold_s = 300.0;
    let page = crowd.visit.land;
    let fans = s.dice.size(150, 400);
    let hot: Vec<_> = (0..fans).map(|_| s.visitor(0.5)).collect();
    for who in &hot {
        let mut at_ms = crowd.from_ms + s.dice.whole(0, 240_000) as i64;
        let visit = Visit { land: page, more: 0.0, cold: 0.1, fails: 0.1, ..Visit::default() };
        for _ in 0..s.dice.size(10, 40) {
            at_ms = s.visit(at_ms, who, &visit);
            at_ms += (s.dice.skewed(6.0, 0.5) * 1_000.0) as i64;
        }
    }
    crowd.rps /= 2.0;
    s.crowd(&crowd);
}

/// A waiting room's page asks for its place in the queue every ten seconds, from the page, for
/// each person apart.
fn waiting_room(s: &mut Scene) {
    let crowd = on_page(s, 700.0, 8.0, 40.0);
    let people = s.dice.size(200, 500);
    for _ in 0..people {
        let who = s.visitor(0.4);
        let at_ms = crowd.from_ms + (s.dice.wait(60.0) * 1_000.0) as i64;
        s.visit(at_ms, &who, &Visit { more: 0.0, land: crowd.visit.land, ..crowd.visit });
        let token = s.dice.token(12);
        let path = s.name(format!("/queue/status?t={token}"));
        let until = at_ms + s.dice.whole(120_000, 600_000) as i64;
        s.poll(&who, path, (at_ms, until), 10.0, true);
    }
}

/// Everybody signs in at nine: known people, sign-in page, redirect, start page and its assets.
fn login_storm(s: &mut Scene) {
    let from_ms = s.usual(1_200.0);
    let rps = s.peak(6.0, 25.0, 1_200.0);
    let (login, home) = (s.name("/login"), s.name("/home"));
    let people = (rps * 900.0 / 14.0) as usize;
    for _ in 0..people {
        let who = s.visitor(0.92);
        let at_ms = from_ms + (s.dice.skewed(420.0, 0.5) * 1_000.0) as i64;
        let visit =
            Visit { land: Some(login), more: 0.0, referred: 0.2, cold: 0.4, ..Visit::default() };
        s.visit(at_ms, &who, &visit);
        let mut at_ms = at_ms + (s.dice.skewed(9.0, 0.5) * 1_000.0) as i64;
        while s.dice.chance(0.12) {
            s.ask(at_ms, &who, login, 401).referred = true;
            at_ms += 7_000;
        }
        s.ask(at_ms, &who, login, 302).referred = true;
        let visit =
            Visit { land: Some(home), referred: 1.0, cold: 0.3, more: 2.0, ..Visit::default() };
        s.visit(at_ms + 200, &who, &visit);
    }
}

/// A sale over the whole range: customers old and new, long visits, baskets and checkouts.
fn black_friday(s: &mut Scene) {
    let baskets = s.named(&["/cart", "/cart/add", "/checkout", "/checkout/pay", "/account"]);
    s.site.pages.splice(1..1, baskets);
    let mut crowd = on_page(s, 1_500.0, 6.0, 20.0);
    crowd.visit = Visit { more: 5.0, fails: 0.03, ..Visit::default() };
    crowd.returning = 0.5;
    s.crowd(&crowd);
}

/// A live page reloads itself each half minute in many open tabs: one path, the assets cached.
fn election_night(s: &mut Scene) {
    let crowd = on_page(s, 1_200.0, 6.0, 30.0);
    let page = s.name("/live/election");
    for _ in 0..s.dice.size(300, 700) {
        let who = s.visitor(0.4);
        let at_ms = crowd.from_ms + (s.dice.unit() * 300_000.0) as i64;
        s.visit(at_ms, &who, &Visit { land: Some(page), more: 0.0, ..Visit::default() });
        let until = at_ms + s.dice.whole(120_000, 900_000) as i64;
        s.poll(&who, page, (at_ms + 30_000, until), 30.0, true);
    }
}

/// A site with hardly any visitors is on a front page for a day: hundreds of times its usual.
fn small_site_first_day(s: &mut Scene) {
    s.usual_rps = 0.05;
    let mut crowd = on_page(s, 1_500.0, 20.0, 60.0);
    crowd.returning = 0.0;
    s.crowd(&crowd);
}

/// A blog of one file without any assets is on a front page: one path and the icon. Each comes
/// once, by a link, with the browsers of the market.
fn bare_blog_first_day(s: &mut Scene) {
    s.usual_rps = 0.1;
    s.site.assets.truncate(1);
    s.site.per_page = 1;
    s.site.pages.truncate(6);
    let mut crowd = on_page(s, 1_200.0, 20.0, 60.0);
    crowd.returning = 0.0;
    crowd.visit.more = 0.15;
    s.crowd(&crowd);
}

/// The log begins while a crowd is already there and fading.
fn begins_in_crowd(s: &mut Scene) {
    s.history_s = 0.0;
    s.after_s = 2_400.0;
    let mut crowd = on_page(s, 600.0, 8.0, 40.0);
    crowd.from_ms -= 200_000;
    s.crowd(&crowd);
}

/// The log holds the height of a crowd and nothing else.
fn only_crowd(s: &mut Scene) {
    s.history_s = 0.0;
    s.after_s = 0.0;
    let mut crowd = on_page(s, 240.0, 20.0, 80.0);
    crowd.from_ms -= 120_000;
    crowd.hold_s = 500.0;
    s.crowd(&crowd);
}

/// Few minutes of a big site, at its ordinary hundred requests in a second.
fn busy_few_minutes(s: &mut Scene) {
    let secs = s.dice.between(60.0, 300.0);
    let from_ms = s.only(secs);
    let rps = s.dice.between(40.0, 200.0);
    s.ordinary(from_ms, s.end_ms, rps, 0.4);
}

/// Few minutes of a small site.
fn quiet_few_minutes(s: &mut Scene) {
    let secs = s.dice.between(60.0, 400.0);
    s.only(secs);
}

/// A day from its deep night to its evening, which is ten times as loud.
fn daily_peak(s: &mut Scene) {
    s.history_s = 0.0;
    s.after_s = 0.0;
    s.usual_rps = 0.05;
    let from_ms = s.usual(43_200.0);
    let top = s.dice.between(1.5, 2.5);
    for hour in 0..72i64 {
        let share = 0.06 + (hour as f64 / 72.0).powi(6);
        let begin_ms = from_ms + hour * 600_000;
        s.ordinary(begin_ms, begin_ms + 600_000, top * share * 8.0, 0.5);
    }
}

/// An office's system sleeps at night and all begin work within minutes.
fn office_opens(s: &mut Scene) {
    s.history_s = 14_000.0;
    s.usual_rps = 0.05;
    let mut crowd = on_page(s, 1_500.0, 10.0, 20.0);
    crowd.visit = Visit { more: 6.0, cold: 0.3, referred: 0.2, ..Visit::default() };
    crowd.returning = 0.97;
    crowd.hold_s = 900.0;
    s.crowd(&crowd);
}

/// Another site's ordinary traffic is moved here at once: new paths, new people, a step; but each
/// of them an ordinary visitor.
fn failover(s: &mut Scene) {
    let from_ms = s.usual(800.0);
    let rps = s.peak(6.0, 25.0, 800.0);
    s.site = crate::crowds::site::Site::of_pages(&mut s.dice, &mut s.names);
    s.ordinary(from_ms + 120_000, from_ms + 800_000, rps, 0.0);
}

/// The site was off for a while (all got 503) and everybody comes back when it is up.
fn after_maintenance(s: &mut Scene) {
    let from_ms = s.usual(1_500.0);
    for line in &mut s.lines {
        if line.at_ms >= from_ms && line.at_ms < from_ms + 600_000 {
            line.status = 503;
        }
    }
    let rps = s.peak(5.0, 15.0, 600.0);
    let (rise_s, hold_s, fade_s) = (10.0, 60.0, 200.0);
    s.crowd(&Crowd {
        from_ms: from_ms + 600_000,
        rise_s,
        hold_s,
        fade_s,
        rps,
        returning: 0.85,
        ..Crowd::default()
    });
}

/// A page is one program that asks an API for all it shows; the crowd's requests are mostly that.
fn single_page_app(s: &mut Scene) {
    s.site.scripted =
        s.named(&["/api/bootstrap", "/api/me", "/api/feed?page=1", "/api/flags", "/api/i18n/en"]);
    let mut crowd = on_page(s, 900.0, 6.0, 30.0);
    crowd.visit.more = 2.0;
    s.crowd(&crowd);
}

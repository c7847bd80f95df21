//! Harmless: crowds of people that bear one sign of an attack, or several.
//!
//! Truth throughout: the sign (errors, cancelled requests, fresh queries, one address) has a cause
//! that the log shows too, and each client still goes about as a person does.

use crate::crowds::harmless_web::on_page;
use crate::crowds::people;
use crate::crowds::scene::Kind;
use crate::crowds::scene::Scene;
use crate::crowds::site::Visit;

/// Kinds of this file.
pub const KINDS: &[Kind] = &kinds![
    exam_results,
    crumbling_site,
    qr_code,
    tv_vote,
    short_links,
    impatient_crowd,
    type_ahead,
    preconnects,
    newsletter,
    reload_by_keyboard,
];

/// Results are out: each candidate asks `/result` with a number of their own, which looks like
/// cache busting; but the number stays the candidate's, the form comes first, assets come along.
fn exam_results(s: &mut Scene) {
    let from_ms = s.usual(900.0);
    let rps = s.peak(10.0, 80.0, 900.0);
    let form = s.name("/result");
    for _ in 0..(rps * 500.0 / 10.0) as usize {
        let who = s.newcomer();
        let mut at_ms = from_ms + (s.dice.wait(110.0) * 1_000.0) as i64;
        let visit =
            Visit { land: Some(form), more: 0.0, referred: 0.3, fails: 0.2, ..Visit::default() };
        at_ms = s.visit(at_ms, &who, &visit) + (s.dice.skewed(14.0, 0.5) * 1_000.0) as i64;
        let own = s.dice.whole(1_000_000, 9_999_999);
        let own = s.name(format!("/result/show?roll={own}&dob=2006"));
        for _ in 0..s.dice.size(1, 4) {
            let status = s.dice.weighted(&[(200, 0.7), (503, 0.2), (504, 0.1)]);
            s.ask(at_ms, &who, own, status).referred = true;
            if status == 200 {
                s.belongings(at_ms, &who, 0.2);
                break;
            }
            at_ms += (s.dice.skewed(8.0, 0.6) * 1_000.0) as i64;
        }
    }
}

/// A linked site breaks down: most answers are 5xx, so hardly any assets are asked for and people
/// reload by hand some times. They come by links, with the browsers of the market, each a few
/// times.
fn crumbling_site(s: &mut Scene) {
    let mut crowd = on_page(s, 900.0, 8.0, 30.0);
    crowd.visit.fails = s.dice.between(0.45, 0.75);
    crowd.rps = crowd.rps.min(90.0);
    s.crowd(&crowd);
}

/// A stadium holds its phones at a code on the screen: one path, no referrer, phones only, all
/// within seconds and behind some addresses of carriers; assets come along.
fn qr_code(s: &mut Scene) {
    let mut crowd = on_page(s, 300.0, 10.0, 60.0);
    let addresses = people::carrier(&mut s.dice, 24);
    let phones = s.phones(2_000);
    crowd.pool = phones
        .into_iter()
        .map(|who| people::Who { client: s.dice.pick(&addresses), ..who })
        .collect();
    crowd.rise_s = 8.0;
    crowd.visit.land = Some(s.name("/halftime?src=qr"));
    crowd.visit.referred = 0.0;
    s.site.show_assets();
    s.crowd(&crowd);
}

/// A show lets its viewers vote: page and assets, then some dozens of votes each from the page.
fn tv_vote(s: &mut Scene) {
    let from_ms = s.usual(600.0);
    let rps = s.peak(20.0, 90.0, 600.0);
    let (page, vote) = (s.name("/show/vote"), s.name("/api/vote"));
    for _ in 0..(rps * 400.0 / 25.0) as usize {
        let who = s.visitor(0.1);
        let mut at_ms = from_ms + (s.dice.skewed(60.0, 0.7) * 1_000.0) as i64;
        let visit = Visit { land: Some(page), more: 0.0, referred: 0.3, ..Visit::default() };
        s.visit(at_ms, &who, &visit);
        at_ms += 4_000;
        for _ in 0..s.dice.size(1, 30) {
            at_ms += (s.dice.skewed(2.5, 0.7) * 1_000.0) as i64;
            s.ask(at_ms, &who, vote, 204).referred = true;
        }
    }
}

/// A shortener answers nothing but 302; one short link goes round. No assets can be in the log,
/// but each client asks once, with the agents of the market.
fn short_links(s: &mut Scene) {
    s.site.hide_assets();
    s.fields.agent = true;
    let from_ms = s.usual(900.0);
    for line in &mut s.lines {
        line.status = if line.status == 404 { 404 } else { 302 };
    }
    let rps = s.peak(6.0, 30.0, 900.0);
    let link = s.name("/x7GhQ");
    for _ in 0..(rps * 500.0) as usize {
        let who = s.newcomer();
        let at_ms = from_ms + (s.dice.skewed(200.0, 0.8) * 1_000.0) as i64;
        let referred = s.dice.chance(0.55);
        s.ask(at_ms, &who, link, 302).referred = referred;
    }
}

/// A slow site, a crowd over HTTP/2, and many who leave before the answer: 499 with 0 octets.
fn impatient_crowd(s: &mut Scene) {
    s.site.http2_share = 0.95;
    let crowd = on_page(s, 900.0, 6.0, 30.0);
    s.crowd(&crowd);
    let share = s.dice.between(0.2, 0.45);
    for place in 0..s.lines.len() {
        if s.lines[place].at_ms > crowd.from_ms && s.dice.chance(share) {
            s.lines[place].status = 499;
            s.lines[place].octets = 0;
            s.lines[place].took_ms = s.dice.whole(800, 9_000) as u32;
        }
    }
}

/// A crowd searches: each letter asks anew and cancels the request before (499 over HTTP/2), so
/// queries differ always. They spell words, from a page, as fast as people type.
fn type_ahead(s: &mut Scene) {
    s.site.http2_share = 0.95;
    let crowd = on_page(s, 700.0, 6.0, 25.0);
    for _ in 0..(crowd.rps * 350.0 / 20.0) as usize {
        let who = s.visitor(0.3);
        let mut at_ms = crowd.from_ms + (s.dice.skewed(150.0, 0.7) * 1_000.0) as i64;
        s.visit(at_ms, &who, &Visit { more: 0.0, ..Visit::default() });
        let letters = s.dice.size(4, 10);
        let word = s.dice.token(letters);
        for len in 1..=word.len() {
            at_ms += (s.dice.skewed(0.25, 0.5) * 1_000.0) as i64;
            let path = s.name(format!("/suggest?q={}", &word[..len]));
            let status = if len < word.len() && s.dice.chance(0.7) { 499 } else { 200 };
            s.ask(at_ms, &who, path, status).referred = true;
        }
    }
}

/// Browsers open connections ahead of need; Apache writes a 408 without a path when they time out.
/// Looks like slowloris, but each comes from one who asks for pages too.
fn preconnects(s: &mut Scene) {
    let crowd = on_page(s, 900.0, 6.0, 30.0);
    s.crowd(&crowd);
    let mark = s.dice.pick(&["", "-"]);
    let mark = s.name(mark);
    for place in 0..s.lines.len() {
        if s.dice.chance(0.08) {
            let line = s.lines[place];
            let who = people::Who { client: line.client, agent: mark, is_http2: false };
            let new = s.ask(line.at_ms + 20_000, &who, mark, 408);
            new.took_ms = 20_000;
        }
    }
}

/// A newsletter goes out: links with a token for each reader, which mail gateways follow first,
/// by machine and without referrer; then readers come, and land on pages with assets.
fn newsletter(s: &mut Scene) {
    let crowd = on_page(s, 1_500.0, 6.0, 20.0);
    let land = s.named(&["/offer/spring", "/offer/shoes", "/"]);
    for _ in 0..(crowd.rps * 600.0 / 10.0) as usize {
        let token = s.dice.token(14);
        let link = s.name(format!("/c/{token}?m=1"));
        let at_ms = crowd.from_ms + (s.dice.skewed(300.0, 0.9) * 1_000.0) as i64;
        let page = s.dice.pick(&land);
        if s.dice.chance(0.5) {
            let agent = s.dice.pick(&s.browsers.clone());
            let network = s.dice.whole(40, 46);
            let gateway = s.machine(network, agent);
            s.ask(at_ms, &gateway, link, 302);
            s.ask(at_ms + 300, &gateway, page, 200);
        }
        if s.dice.chance(0.5) {
            let who = s.visitor(0.5);
            let at_ms = at_ms + (s.dice.wait(200.0) * 1_000.0) as i64;
            s.ask(at_ms, &who, link, 302);
            s.visit(at_ms + 250, &who, &Visit { land: Some(page), referred: 0.1, ..crowd.visit });
        }
    }
}

/// Appointments are given at noon and people hold the reload key for bursts of some seconds; some
/// dozens of known people, pages with assets between, pauses of minutes.
fn reload_by_keyboard(s: &mut Scene) {
    s.evident();
    let crowd = on_page(s, 600.0, 6.0, 20.0);
    s.crowd(&crowd);
    for _ in 0..s.dice.size(20, 50) {
        let who = s.visitor(0.8);
        let mut at_ms = crowd.from_ms + s.dice.whole(0, 120_000) as i64;
        for _ in 0..s.dice.size(2, 5) {
            for _ in 0..s.dice.size(3, 15) {
                let page = crowd.visit.land.unwrap_or(0);
                s.ask(at_ms, &who, page, 200).referred = true;
                s.belongings(at_ms, &who, 0.05);
                at_ms += s.dice.whole(250, 900) as i64;
            }
            at_ms += s.dice.whole(20_000, 90_000) as i64;
        }
    }
}

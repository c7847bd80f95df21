//! Harmless: addresses that stand for many people or for none, and times that are not those of
//! the requests.
//!
//! Truth throughout: what is behind the address behaves as visitors do, agents and pages vary.

use crate::crowds::people;
use crate::crowds::people::Who;
use crate::crowds::scene::Kind;
use crate::crowds::scene::Scene;
use crate::crowds::site::Crowd;
use crate::crowds::site::Visit;

/// Kinds of this file.
pub const KINDS: &[Kind] = &kinds![
    cache_purge,
    behind_one_proxy,
    company_address,
    carrier_crowd,
    school_class,
    clumped_times,
];

/// A cache is emptied and all its edges ask the origin: few clients known from before, the agents
/// and referrers of people, many paths, assets above all.
fn cache_purge(s: &mut Scene) {
    s.site.show_assets();
    let edges: Vec<_> =
        (0..s.dice.size(8, 60)).map(|n| people::v4(0xac44_1000 + n as u32)).collect();
    let all = s.behind(&edges, 2_000);
    s.known = (0..3_000).map(|n| all[n % 2_000]).collect();
    s.returning = 1.0;
    let from_ms = s.usual(300.0);
    let rps = s.peak(6.0, 40.0, 300.0);
    let visit = Visit { cold: 1.0, ..Visit::default() };
    let (rise_s, hold_s, fade_s) = (3.0, 60.0, 90.0);
    s.crowd(&Crowd { from_ms, rise_s, hold_s, fade_s, rps, pool: all, visit, ..Crowd::default() });
}

/// The log names the proxy in front and nobody else, while a crowd comes.
fn behind_one_proxy(s: &mut Scene) {
    s.evident();
    let from_ms = s.usual(900.0);
    let rps = s.peak(6.0, 30.0, 900.0);
    let land = Some(s.site.pages[1]);
    let visit = Visit { land, more: 0.5, ..Visit::default() };
    let (rise_s, hold_s, fade_s) = (100.0, 200.0, 300.0);
    s.crowd(&Crowd { from_ms, rise_s, hold_s, fade_s, rps, visit, ..Crowd::default() });
    for line in &mut s.lines {
        line.client = people::v4(0x0a00_0005 + (line.client % 2) as u32);
    }
}

/// A company's thousand people open one page after a meeting, all from one address that is known.
fn company_address(s: &mut Scene) {
    s.evident();
    let address = [people::person(&mut s.dice)];
    let staff = s.behind(&address, 1_000);
    s.known = staff.iter().cycle().take(3_000).copied().collect();
    let from_ms = s.usual(500.0);
    let rps = s.peak(6.0, 30.0, 500.0);
    let visit = Visit { land: Some(s.site.pages[2]), referred: 0.3, ..Visit::default() };
    let (rise_s, hold_s, fade_s) = (20.0, 90.0, 120.0);
    s.crowd(&Crowd {
        from_ms,
        rise_s,
        hold_s,
        fade_s,
        rps,
        pool: staff,
        visit,
        ..Crowd::default()
    });
}

/// A crowd on the road: all of it behind some dozens of addresses of two carriers.
fn carrier_crowd(s: &mut Scene) {
    s.site.show_assets();
    let mut addresses = people::carrier(&mut s.dice, 16);
    addresses.extend(people::carrier(&mut s.dice, 24));
    let phones = s.phones(2_500);
    let pool: Vec<_> =
        phones.into_iter().map(|who| Who { client: s.dice.pick(&addresses), ..who }).collect();
    let from_ms = s.usual(900.0);
    let rps = s.peak(6.0, 40.0, 900.0);
    let visit = Visit { land: Some(s.site.pages[1]), more: 0.6, ..Visit::default() };
    let (rise_s, hold_s, fade_s) = (60.0, 200.0, 300.0);
    s.crowd(&Crowd { from_ms, rise_s, hold_s, fade_s, rps, pool, visit, ..Crowd::default() });
}

/// A school's classes open a quiz at once: one address, one kind of machine and browser, and the
/// quiz's assets, then answers as fast as children give them.
fn school_class(s: &mut Scene) {
    s.evident();
    let from_ms = s.usual(700.0);
    let agent = s.browsers[0];
    let client = people::person(&mut s.dice);
    let quiz = s.name("/quiz/412");
    let answers = s.name("/quiz/412/answer");
    for _ in 0..s.dice.size(250, 600) {
        let who = Who { client, agent, is_http2: s.site.http2_share > 0.0 };
        let mut at_ms = from_ms + (s.dice.skewed(35.0, 0.6) * 1_000.0) as i64;
        s.visit(at_ms, &who, &Visit { land: Some(quiz), more: 0.0, cold: 1.0, ..Visit::default() });
        for _ in 0..s.dice.size(10, 25) {
            at_ms += (s.dice.skewed(14.0, 0.6) * 1_000.0) as i64;
            s.ask(at_ms, &who, answers, 200).referred = true;
        }
    }
}

/// A collector stamps lines when it writes its buffer: nothing for half a minute, then hundreds in
/// one second. The traffic itself is ordinary.
fn clumped_times(s: &mut Scene) {
    s.usual(300.0);
    let clump_ms = s.dice.pick(&[10_000, 30_000, 60_000]);
    for line in &mut s.lines {
        line.at_ms += clump_ms - line.at_ms.rem_euclid(clump_ms);
    }
}

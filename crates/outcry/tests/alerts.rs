//! The real program tells real receivers: those that are slow, fail, are gone, send elsewhere or
//! speak nonsense; a mail server; and it is killed while it does. Nothing outside of this machine
//! is asked.
//!
//! A few kills and receivers by default; `OUTCRY_KILLS=200 OUTCRY_RECEIVERS=1000
//! OUTCRY_SUBSCRIBERS=10000` or `cargo xtask bench alerts` for all.

mod house;
mod load;
mod receivers;
mod telling;

use std::collections::BTreeSet;
use std::time::Duration;

use house::Server;
use load::Dice;
use load::pause_ms;
use load::times;
use outcry_herald::channel::webhook::signature;
use receivers::Heard;
use receivers::Mail;
use receivers::Web;
use receivers::now_ms;
use telling::SECRET;
use telling::house_of;
use telling::kind;
use telling::listed;
use telling::rule;
use telling::tell;
use telling::wait_for;
use telling::wait_told;
use telling::wait_up_to;
use telling::webhook;

/// Kills in a usual run of the tests.
const KILLS: u64 = 4;
/// Receivers of one decision in a usual run.
const RECEIVERS: u64 = 40;
/// Subscribers by e-mail in a usual run.
const SUBSCRIBERS: u64 = 200;
/// Within this 95 % of receivers hear of a decision.
const SOON_MS: i64 = 2_000;
/// Within this all e-mails are in the outbox.
const QUEUED_MS: i64 = 10_000;
/// The last moment after a start at which it is killed, in milliseconds.
const LATEST_MS: usize = 2_500;
/// How long the end of an incident may take: calm must hold for two minutes first.
const END_PATIENCE: Duration = Duration::from_secs(240);

#[test]
fn every_receiver_is_told_in_its_way() {
    let (web, mail) = (Web::start(), Mail::start());
    let names = ["ok", "flaky", "gone", "moved", "garbage", "slow", "huge"];
    let mut text = "[alerts]\nallow_private = true\n".to_owned();
    text.extend(names.map(|name| webhook(name, &web)));
    text.push_str(&format!(
        "[[channel]]\nname = \"mail\"\nkind = \"email\"\nurl = \"smtp://{}\"\n\
         from = \"Outcry <alerts@outages.example>\"\nto = [\"ops@people.example\"]\n",
        mail.address
    ));
    let channels: Vec<String> = names.iter().chain(&["mail"]).map(|it| (*it).into()).collect();
    let house = house_of(1, &(text + &rule(&channels)));
    let server = Server::start(&house);
    // Sixty monitors of one service are one incident, however short; its end is told when all has
    // been calm for as long as the engine asks.
    tell(&house, "s0", &["failed", "failed"], 60);
    wait_for("the beginning", || !web.of("/ok").is_empty());
    tell(&house, "s0", &["ok", "ok", "ok"], 60);
    wait_up_to(END_PATIENCE, "the end", || web.of("/ok").len() >= 2);
    wait_for("both, after a failed try each", || web.of("/flaky").len() >= 4);
    wait_for("both, though slow", || web.of("/slow").len() >= 2);
    wait_for("both, though endless", || web.of("/huge").len() >= 2);
    wait_for("both e-mails", || mail.heard.lock().expect("no panic").len() >= 2);

    let told = web.of("/ok");
    let kinds: Vec<String> = told.iter().map(kind).collect();
    assert_eq!(kinds, ["incident.opened", "incident.resolved"], "two messages and no more");
    for it in &told {
        assert_eq!(it.signature, signature(SECRET, &it.id, &it.timestamp, &it.body));
        assert!(it.body.contains("No cause is named."), "{}", it.body);
    }
    let flaky = web.of("/flaky");
    assert_eq!(flaky[0].id, flaky[1].id, "the same id on every try");
    assert_eq!(flaky[0].body, flaky[1].body, "and the same words");
    let flaky: Vec<String> = flaky.iter().filter(|it| it.taken).map(kind).collect();
    assert_eq!(flaky, ["incident.opened", "incident.resolved"], "in order");
    assert_eq!(web.of("/gone").len(), 1, "who is gone is left alone");
    assert!(web.of("/elsewhere").is_empty(), "nobody is followed");
    let listed = listed(&house);
    let state = |channel: &str| -> Vec<&str> {
        let of = |id: &&String| id.contains(&format!(":{channel}:"));
        let found = listed.keys().filter(of).map(|id| listed[id]["state"].as_str().expect("one"));
        found.collect()
    };
    assert_eq!(state("ok"), ["delivered"; 2]);
    assert_eq!(state("gone"), ["dead"; 2]);
    assert_eq!(state("garbage"), ["waiting"; 2]);
    assert_eq!(state("moved"), ["waiting"; 2]);
    let mails = mail.heard.lock().expect("no panic").clone();
    let thread =
        |mail: &str| mail.lines().find(|line| line.starts_with("References:")).map(str::to_owned);
    assert_eq!(mails[0].0, "ops@people.example");
    assert!(thread(&mails[0].1).is_some());
    assert_eq!(thread(&mails[0].1), thread(&mails[1].1), "one thread for an incident");
    drop(server);
}

#[test]
fn nobody_reaches_the_operators_own_network_through_a_channel() {
    let web = Web::start();
    let house = house_of(1, &(webhook("ok", &web) + &rule(&["ok".into()])));
    let server = Server::start(&house);
    tell(&house, "s0", &["failed", "failed"], 1);
    let refused = || {
        let messages = listed(&house);
        messages.values().any(|it| it["said"].as_str().is_some_and(|said| !said.is_empty()))
    };
    wait_for("a refusal", refused);
    assert!(web.of("/ok").is_empty(), "the filter stands before every dial");
    let error = house.run(&["admin", "alerts", "test", "ok"]);
    assert_eq!(error.status.code(), Some(1));
    drop(server);
}

#[test]
fn killed_while_telling_it_tells_all_and_nothing_twice() {
    let kills = times("OUTCRY_KILLS", KILLS);
    let web = Web::start();
    let channels: Vec<String> = vec!["ok".into(), "flaky".into(), "slow".into()];
    let mut text = "[alerts]\nallow_private = true\n".to_owned();
    text.extend(channels.iter().map(|name| webhook(name, &web)));
    let house = house_of(kills, &(text + &rule(&channels)));
    let mut dice = Dice(20_250_310);
    for n in 0..kills {
        tell(&house, &format!("s{n}"), &["failed", "failed"], 2);
        let mut server = Server::start(&house);
        pause_ms(dice.below(LATEST_MS) as u64);
        server.child.kill().expect("SIGKILL");
        server.child.wait().expect("it ends");
    }
    let server = Server::start(&house);
    let expected = usize::try_from(kills).expect("few") * channels.len();
    let taken = || -> Vec<Heard> {
        let heard = web.heard.lock().expect("no panic");
        heard.iter().filter(|it| it.taken).cloned().collect()
    };
    let ids = || -> BTreeSet<String> { taken().into_iter().map(|it| it.id).collect() };
    wait_told(&house, "every receiver hears of every incident", || ids().len() >= expected);
    wait_for("nothing waits", || listed(&house).values().all(|it| it["state"] == "delivered"));
    drop(server);
    // A receiver that honours ids has one message of each incident, whatever was killed.
    assert_eq!(ids().len(), expected, "none twice: {:?}", ids());
    let stories: BTreeSet<(String, String)> = taken()
        .into_iter()
        .map(|it| {
            let incident = it.id.split(':').next().expect("an incident").to_owned();
            (it.path, incident)
        })
        .collect();
    assert_eq!(stories.len(), expected, "none lost");
    let again = taken().len() - expected;
    println!("alerts: {kills} kills, {expected} told, 0 lost, 0 twice by id, {again} sent again");
}

#[test]
fn many_receivers_hear_of_a_decision_soon() {
    let receivers = times("OUTCRY_RECEIVERS", RECEIVERS);
    let web = Web::start();
    let channels: Vec<String> = (0..receivers).map(|n| format!("ok-{n}")).collect();
    let mut text = "[alerts]\nallow_private = true\n".to_owned();
    text.extend(channels.iter().map(|name| webhook(name, &web)));
    let house = house_of(1, &(text + &rule(&channels)));
    let server = Server::start(&house);
    tell(&house, "s0", &["failed", "failed"], 1);
    let expected = channels.len();
    wait_for("all hear of it", || web.heard.lock().expect("no panic").len() >= expected);
    let listed = listed(&house);
    let heard = web.heard.lock().expect("no panic").clone();
    let mut waits: Vec<i64> = heard
        .iter()
        .map(|it| {
            let made_at = listed[&it.id]["made_at"].as_str().expect("a time");
            let made_at = outcry_core::time::UnixMillis::parse(made_at).expect("a time");
            it.at_ms - made_at.0
        })
        .collect();
    waits.sort_unstable();
    let p95 = waits[waits.len() * 95 / 100];
    println!("alerts: {receivers} receivers, decision to webhook p95 {p95} ms, bar {SOON_MS} ms");
    assert!(p95 <= SOON_MS, "p95 {p95} ms");
    drop(server);
}

#[test]
fn many_subscribers_are_in_the_outbox_soon() {
    let subscribers = times("OUTCRY_SUBSCRIBERS", SUBSCRIBERS);
    let mail = Mail::start();
    let house = house_of(
        1,
        &format!(
            "[alerts]\nsubscribers = \"mail\"\n[[channel]]\nname = \"mail\"\nkind = \"email\"\n\
             url = \"smtp://{}\"\nfrom = \"alerts@outages.example\"\n",
            mail.address
        ),
    );
    drop(Server::start(&house));
    let database = rusqlite::Connection::open(house.path("data/outcry.sqlite")).expect("opens");
    database
        .execute(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)
             INSERT INTO subscriber (service, address, moments, made_at, confirmed_at)
             SELECT 's0', 'p' || i || '@people.example', i % 2, 0, 0 FROM n",
            [2 * i64::try_from(subscribers).expect("few")],
        )
        .expect("written");
    let server = Server::start(&house);
    tell(&house, "s0", &["failed", "failed"], 1);
    let queued = || -> u64 {
        let sql = "SELECT count(*) FROM outbox";
        let found: i64 = database.query_row(sql, (), |row| row.get(0)).expect("readable");
        found.unsigned_abs()
    };
    wait_for("the first", || queued() > 0);
    let began = now_ms();
    wait_for("all", || queued() >= subscribers);
    let made: i64 = database
        .query_row("SELECT min(made_at) FROM outbox", (), |row| row.get(0))
        .expect("readable");
    let took = began.max(now_ms()) - made;
    println!("alerts: {subscribers} e-mails in the outbox after {took} ms, bar {QUEUED_MS} ms");
    assert!(took <= QUEUED_MS, "{took} ms");
    assert_eq!(queued(), subscribers, "who wants the end only is not told of the beginning");
    wait_for("some arrive", || mail.heard.lock().expect("no panic").len() >= 100);
    drop(server);
}

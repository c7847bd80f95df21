//! The outbox over a real database: what is put in with a batch comes out once, in order, and
//! again after a kill; what is not needed any more does not.

#![expect(clippy::unwrap_used, reason = "a test that cannot open its store has failed")]

use std::path::Path;

use outcry_core::time::UnixMillis;
use outcry_store::Store as _;
use outcry_store::alerts::ABOUTS_PER_SERVICE_MAX;
use outcry_store::alerts::Alerts;
use outcry_store::alerts::Condition;
use outcry_store::alerts::Fate;
use outcry_store::alerts::NewMessage;
use outcry_store::alerts::REFUSED_MAX;
use outcry_store::alerts::Receiver;
use outcry_store::alerts::Subscribed;
use outcry_store::alerts::Subscriber;
use outcry_store::record::Batch;
use outcry_store::sqlite::SqliteStore;
use outcry_store::sqlite::outbox::Outbox;
use outcry_store::sqlite::outbox::Wish;

const NOW: UnixMillis = UnixMillis(1_741_600_000_000);

fn message(id: &str, kind: &'static str, to: Receiver) -> NewMessage {
    NewMessage {
        id: id.into(),
        incident: "x-2025-03-10-1".into(),
        service: "x".into(),
        story: format!("x/{kind}"),
        to,
        kind,
        made_at: NOW,
        not_before: NOW,
        condition: Condition::Always,
    }
}

fn to(channel: &str) -> Receiver {
    Receiver::Channel(channel.into())
}

fn subscribers(about: &str, moments: u8) -> Receiver {
    Receiver::Subscribers { channel: "mail".into(), about: about.into(), moments }
}

fn wish_of<'a>(
    address: &'a str,
    moments: u8,
    about: &'a str,
    question: &'a dyn Fn(i64) -> String,
) -> Wish<'a> {
    Wish { service: "x", address, moments, about, channel: "mail", question }
}

fn put(path: &Path, messages: Vec<NewMessage>) {
    let mut store = SqliteStore::open(path).unwrap();
    let offset = store.offset().unwrap();
    let stories = messages.iter().map(|it| (it.story.clone(), "{}".to_owned())).collect();
    let alerts = Alerts { stories, messages, ..Alerts::default() };
    let batch = Batch { from_seq: offset, to_seq: offset, alerts, ..Batch::default() };
    store.apply(&batch).unwrap();
}

fn ids(outbox: &mut Outbox, now: UnixMillis) -> Vec<(i64, String)> {
    outbox.claim(now, 1_000).unwrap().into_iter().map(|it| (it.number, it.id)).collect()
}

fn names(claimed: &[(i64, String)]) -> Vec<&str> {
    claimed.iter().map(|(_, id)| id.as_str()).collect()
}

#[test]
fn messages_of_one_incident_to_one_receiver_come_one_after_the_other() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("o.sqlite");
    put(&path, vec![message("i:a:1", "opened", to("a")), message("i:b:1", "opened", to("b"))]);
    put(&path, vec![message("i:a:2", "resolved", to("a")), message("i:a:1", "opened", to("a"))]);
    let mut outbox = Outbox::open(&path).unwrap();
    let first = ids(&mut outbox, NOW);
    assert_eq!(names(&first), ["i:a:1", "i:b:1"], "a known id is ignored; the end waits");
    assert!(ids(&mut outbox, NOW).is_empty(), "what is being sent is not handed out again");
    outbox.finish(&[(first[0].0, Fate::Delivered, "200".into())], NOW).unwrap();
    assert_eq!(names(&ids(&mut outbox, NOW)), ["i:a:2"]);
}

#[test]
fn what_was_being_sent_when_the_program_was_killed_is_sent_again_with_the_same_id() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("o.sqlite");
    put(&path, vec![message("i:a:1", "opened", to("a"))]);
    assert_eq!(ids(&mut Outbox::open(&path).unwrap(), NOW).len(), 1);
    let mut again = Outbox::open(&path).unwrap();
    assert_eq!(again.take_back(NOW).unwrap(), 1);
    let claimed = again.claim(NOW, 10).unwrap();
    assert_eq!((claimed[0].id.as_str(), claimed[0].attempts), ("i:a:1", 2));
    assert_eq!(claimed[0].refused, 0, "nobody refused it: the next wait is the first");
}

#[test]
fn kills_do_not_wear_a_message_out() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("o.sqlite");
    put(&path, vec![message("i:a:1", "opened", to("a"))]);
    for _ in 0..2 * REFUSED_MAX {
        let mut outbox = Outbox::open(&path).unwrap();
        outbox.take_back(NOW).unwrap();
        assert_eq!(ids(&mut outbox, NOW).len(), 1);
    }
    let mut outbox = Outbox::open(&path).unwrap();
    outbox.take_back(NOW).unwrap();
    let claimed = ids(&mut outbox, NOW);
    outbox.finish(&[(claimed[0].0, Fate::Again(NOW), "500".into())], NOW).unwrap();
    let again = outbox.claim(NOW, 10).unwrap();
    assert_eq!(again.iter().map(|it| it.refused).collect::<Vec<_>>(), [1], "and it goes on");
}

#[test]
fn a_message_is_given_up_after_its_last_try_and_can_be_revived() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("o.sqlite");
    put(&path, vec![message("i:a:1", "opened", to("a"))]);
    let mut outbox = Outbox::open(&path).unwrap();
    for attempt in 1..=REFUSED_MAX {
        let claimed = ids(&mut outbox, NOW);
        assert_eq!(claimed.len(), 1, "try {attempt}");
        outbox.finish(&[(claimed[0].0, Fate::Again(NOW), "500".into())], NOW).unwrap();
    }
    assert!(ids(&mut outbox, NOW).is_empty());
    assert_eq!(outbox.tally().unwrap().dead, 1);
    assert_eq!(outbox.revive("a", NOW).unwrap(), 1);
    assert_eq!(ids(&mut outbox, NOW).len(), 1);
}

#[test]
fn an_escalation_is_cancelled_by_the_end_and_by_an_acknowledgement() {
    let later = NOW.plus_ms(600_000);
    let escalation = |id: &str| NewMessage {
        not_before: later,
        condition: Condition::UnlessAcknowledged,
        ..message(id, "escalated", to("boss"))
    };
    let told = |id: &str| NewMessage {
        condition: Condition::IfTold,
        ..message(id, "resolved", to("boss"))
    };
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("o.sqlite");
    put(&path, vec![escalation("i:boss:e1")]);
    put(&path, vec![message("i:a:2", "resolved", to("a")), told("i:boss:2")]);
    let mut outbox = Outbox::open(&path).unwrap();
    assert_eq!(names(&ids(&mut outbox, later)), ["i:a:2"], "who was not told is not told the end");

    let path = dir.path().join("p.sqlite");
    put(&path, vec![escalation("i:boss:e1")]);
    let mut outbox = Outbox::open(&path).unwrap();
    let claimed = ids(&mut outbox, later);
    assert_eq!(names(&claimed), ["i:boss:e1"], "nobody acknowledged");
    outbox.finish(&[(claimed[0].0, Fate::Delivered, "200".into())], later).unwrap();
    put(&path, vec![told("i:boss:2")]);
    assert_eq!(names(&ids(&mut outbox, later)), ["i:boss:2"], "who was told hears of the end");

    let path = dir.path().join("q.sqlite");
    let mut store = SqliteStore::open(&path).unwrap();
    let acknowledged = vec![("x-2025-03-10-1".into(), NOW, "ada".into())];
    let alerts = Alerts { acknowledged, ..Alerts::default() };
    store.apply(&Batch { alerts, ..Batch::default() }).unwrap();
    put(&path, vec![escalation("i:boss:e1")]);
    assert!(ids(&mut Outbox::open(&path).unwrap(), later).is_empty(), "somebody looks already");
}

#[test]
fn a_settled_state_takes_the_place_of_the_one_before() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("o.sqlite");
    for (story, wait) in [("x/1", 900_000), ("x/2", 960_000)] {
        let not_before = NOW.plus_ms(wait);
        let settled = message("i:a:s4", "settled", to("a"));
        put(&path, vec![NewMessage { story: story.into(), not_before, ..settled }]);
    }
    let mut outbox = Outbox::open(&path).unwrap();
    assert!(ids(&mut outbox, NOW.plus_ms(900_000)).is_empty(), "it waits for calm anew");
    assert_eq!(ids(&mut outbox, NOW.plus_ms(960_000)).len(), 1);
    assert_eq!(outbox.tally().unwrap().waiting, 1);
}

#[test]
fn nobody_is_told_who_did_not_say_yes_and_nobody_who_left() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("o.sqlite");
    drop(SqliteStore::open(&path).unwrap());
    let mut outbox = Outbox::open(&path).unwrap();
    let question = |number: i64| format!("{{\"n\":{number}}}");
    let mut wish = |address: &str| {
        let wish = wish_of(address, 0, "", &question);
        outbox.subscribe(&wish, NOW).unwrap()
    };
    let Subscribed::Ask(ada) = wish("ada@people.example") else { panic!("she is asked") };
    let Subscribed::Ask(_) = wish("bob@people.example") else { panic!("he is asked") };
    assert_eq!(wish("ada@people.example"), Subscribed::Known, "nobody is asked twice");
    let asked = outbox.claim(NOW, 10).unwrap();
    assert_eq!(asked.iter().map(|it| it.kind.as_str()).collect::<Vec<_>>(), ["confirm"; 2]);
    let done: Vec<_> = asked.iter().map(|it| (it.number, Fate::Delivered, String::new())).collect();
    outbox.finish(&done, NOW).unwrap();
    assert_eq!(outbox.confirm(ada, NOW).unwrap().as_deref(), Some("x"));
    let all = || subscribers("", u8::MAX);
    put(&path, vec![message("i:subscribers:1", "opened", all())]);
    let told = outbox.claim(NOW, 10).unwrap();
    assert_eq!(told.len(), 1, "who did not say yes is not told");
    assert_eq!(told[0].recipient, "ada@people.example");
    assert_eq!(told[0].id, format!("i:subscriber-{ada}:1"), "no address stands in an id");
    outbox.finish(&[(told[0].number, Fate::Delivered, String::new())], NOW).unwrap();
    assert_eq!(outbox.leave(ada).unwrap().as_deref(), Some("x"));
    put(&path, vec![message("i:subscribers:2", "resolved", all())]);
    assert!(outbox.claim(NOW, 10).unwrap().is_empty(), "who left is not told");
}

/// Who is handed what is due, by address, in order.
fn told(outbox: &mut Outbox) -> Vec<String> {
    let mut due = outbox.claim(NOW, 1_000).unwrap();
    due.retain(|it| it.kind != "confirm");
    let done: Vec<_> = due.iter().map(|it| (it.number, Fate::Delivered, String::new())).collect();
    outbox.finish(&done, NOW).unwrap();
    due.into_iter().map(|it| it.recipient).collect()
}

#[test]
fn each_subscriber_is_told_of_what_they_chose() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("o.sqlite");
    drop(SqliteStore::open(&path).unwrap());
    let mut outbox = Outbox::open(&path).unwrap();
    let question = |_: i64| "{}".to_owned();
    for (address, moments, about) in [
        ("all@x.example", 0, ""),
        ("end@x.example", 1, ""),
        ("most@x.example", 2, ""),
        ("de@x.example", 0, "countries=DE"),
    ] {
        let wish = wish_of(address, moments, about, &question);
        let Subscribed::Ask(number) = outbox.subscribe(&wish, NOW).unwrap() else { panic!("new") };
        outbox.confirm(number, NOW).unwrap();
        let wanted = Subscriber { service: "x".into(), moments, about: about.into() };
        assert_eq!(outbox.subscriber(number).unwrap(), Some(wanted));
    }
    assert_eq!(outbox.abouts("x").unwrap(), ["countries=DE"]);
    assert!(outbox.abouts("y").unwrap().is_empty());
    assert!(told(&mut outbox).is_empty(), "only questions wait");
    for (n, about, moments, want) in [
        (1, "", 0b101, vec!["all@x.example", "most@x.example"]),
        (2, "", 0b100, vec!["most@x.example"]),
        (3, "", 0b111, vec!["all@x.example", "end@x.example", "most@x.example"]),
        (4, "countries=DE", 0b111, vec!["de@x.example"]),
        (5, "countries=DE", 0b010, vec![]),
        (6, "countries=FR", 0b111, vec![]),
    ] {
        let id = format!("i:subscribers:{n}");
        put(&path, vec![message(&id, "opened", subscribers(about, moments))]);
        assert_eq!(told(&mut outbox), want, "{about:?} {moments:b}");
    }
}

#[test]
fn a_browser_that_chooses_again_is_told_of_what_it_chose_last() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("o.sqlite");
    drop(SqliteStore::open(&path).unwrap());
    let mut outbox = Outbox::open(&path).unwrap();
    for about in ["countries=DE", "countries=FR"] {
        let wanted = Subscriber { service: "x".into(), moments: 0, about: about.into() };
        outbox.subscribe_browser(&wanted, "b", NOW).unwrap();
    }
    assert_eq!(outbox.abouts("x").unwrap(), ["countries=FR"]);
}

#[test]
fn there_is_a_limit_of_different_choices_and_the_plain_one_is_not_under_it() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("o.sqlite");
    drop(SqliteStore::open(&path).unwrap());
    let mut outbox = Outbox::open(&path).unwrap();
    let mut choose = |n: u32, about: String| {
        let wanted = Subscriber { service: "x".into(), moments: 0, about };
        outbox.subscribe_browser(&wanted, &format!("b{n}"), NOW).unwrap()
    };
    for n in 0..ABOUTS_PER_SERVICE_MAX {
        assert_eq!(choose(n, format!("components=c{n}")), Subscribed::Known, "{n}");
    }
    assert_eq!(choose(8_000, "components=one_more".into()), Subscribed::Full);
    assert_eq!(choose(8_001, "components=c7".into()), Subscribed::Known, "others chose it");
    assert_eq!(choose(8_002, String::new()), Subscribed::Known);
}

#[test]
fn who_subscribed_before_there_was_a_choice_is_told_as_before() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("o.sqlite");
    let before = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/form-6.sqlite");
    std::fs::copy(before, &path).unwrap();
    let old = rusqlite::Connection::open(&path).unwrap();
    let sql = "INSERT INTO subscriber (id, service, address, wants, made_at, confirmed_at) VALUES
                 (3, 'x', 'all@x.example', 0, 0, 0), (8, 'x', 'end@x.example', 1, 0, 0)";
    old.execute(sql, ()).unwrap();
    old.execute("DELETE FROM subscriber WHERE id = 8", ()).unwrap();
    let sql = "INSERT INTO subscriber (service, address, wants, made_at, confirmed_at)
               VALUES ('x', 'end@x.example', 1, 0, 0)";
    old.execute(sql, ()).unwrap();
    drop(old);
    drop(SqliteStore::open(&path).unwrap());
    let outbox = Outbox::open(&path).unwrap();
    let of = |number: i64| outbox.subscriber(number).unwrap().map(|it| (it.moments, it.about));
    assert_eq!(of(3), Some((0, String::new())));
    assert_eq!(of(9), Some((1, String::new())), "and no number comes twice");
    assert_eq!(of(8), None);
}

#[test]
fn a_lifted_acknowledgement_lets_others_be_told_while_it_is_not_over() {
    let later = NOW.plus_ms(600_000);
    let incident = "x-2025-03-10-1";
    let act = |path: &Path, alerts: Alerts| {
        let mut store = SqliteStore::open(path).unwrap();
        let offset = store.offset().unwrap();
        let batch = Batch { from_seq: offset, to_seq: offset, alerts, ..Batch::default() };
        store.apply(&batch).unwrap();
    };
    let acknowledge = |path: &Path| {
        let acknowledged = vec![(incident.into(), NOW, "ada".into())];
        act(path, Alerts { acknowledged, ..Alerts::default() });
    };
    let lift = |path: &Path| {
        let unacknowledged = vec![(incident.into(), NOW)];
        act(path, Alerts { unacknowledged, ..Alerts::default() });
    };
    let escalation = || NewMessage {
        not_before: later,
        condition: Condition::UnlessAcknowledged,
        ..message("i:boss:e1", "escalated", to("boss"))
    };
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("o.sqlite");
    put(&path, vec![escalation()]);
    acknowledge(&path);
    let mut outbox = Outbox::open(&path).unwrap();
    let found = outbox.acknowledged(None, 10).unwrap();
    assert_eq!((found.len(), &*found[0].incident, &*found[0].actor), (1, incident, "ada"));
    assert!(outbox.acknowledged(Some("another"), 10).unwrap().is_empty());
    assert!(ids(&mut outbox, later).is_empty(), "somebody looks");
    lift(&path);
    assert!(outbox.acknowledged(None, 10).unwrap().is_empty());
    assert_eq!(names(&ids(&mut outbox, later)), ["i:boss:e1"], "nobody looks any more");

    let path = dir.path().join("p.sqlite");
    put(&path, vec![escalation()]);
    acknowledge(&path);
    put(&path, vec![message("i:a:2", "resolved", to("a"))]);
    lift(&path);
    assert_eq!(names(&ids(&mut Outbox::open(&path).unwrap(), later)), ["i:a:2"], "it is over");
}

#[test]
fn silences_are_listed_until_they_end() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("o.sqlite");
    let mut store = SqliteStore::open(&path).unwrap();
    let silenced = |service: &str, ms| (service.into(), NOW.plus_ms(ms), "ada".into());
    let silenced = vec![silenced("x", 60_000), silenced("", 30_000), silenced("y", 0)];
    let alerts = Alerts { silenced, ..Alerts::default() };
    store.apply(&Batch { alerts, ..Batch::default() }).unwrap();
    let outbox = Outbox::open(&path).unwrap();
    let listed = |now| -> Vec<String> {
        outbox.silences(now).unwrap().into_iter().map(|it| it.service).collect()
    };
    assert_eq!(listed(NOW), ["", "x"]);
    assert_eq!(listed(NOW.plus_ms(30_000)), ["x"]);
}

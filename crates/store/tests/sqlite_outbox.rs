//! The outbox over a real database: what is put in with a batch comes out once, in order, and
//! again after a kill; what is not needed any more does not.

use std::path::Path;

use outcry_core::time::UnixMillis;
use outcry_store::Store as _;
use outcry_store::alerts::ATTEMPTS_MAX;
use outcry_store::alerts::Alerts;
use outcry_store::alerts::Condition;
use outcry_store::alerts::Fate;
use outcry_store::alerts::NewMessage;
use outcry_store::alerts::Receiver;
use outcry_store::alerts::Subscribed;
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
}

#[test]
fn a_message_is_given_up_after_its_last_try_and_can_be_revived() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("o.sqlite");
    put(&path, vec![message("i:a:1", "opened", to("a"))]);
    let mut outbox = Outbox::open(&path).unwrap();
    for attempt in 1..=ATTEMPTS_MAX {
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
        let wish = Wish { service: "x", address, wants: 0, channel: "mail", question: &question };
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
    let all = || Receiver::Subscribers("mail".into());
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

//! People choose what they are told of, on the page of the real program; and what operators hold
//! back can be seen and lifted. Mistakes are refused with what may be written.

mod house;
mod load;
mod receivers;
mod telling;

use std::collections::BTreeSet;

use base64::prelude::BASE64_STANDARD;
use base64::prelude::Engine as _;
use house::House;
use house::Server;
use receivers::Mail;
use telling::house_of;
use telling::tell;
use telling::wait_for;

/// The status of an answer, and all of it.
fn ask(server: &Server, method: &str, path: &str, fields: &str, n: u8) -> (u16, String) {
    let answer = server.ask(&format!(
        "{method} {path} HTTP/1.1\r\nHost: outages.example\r\nConnection: close\r\n\
         X-Forwarded-For: 198.51.{n}.1\r\nContent-Type: application/x-www-form-urlencoded\r\n\
         Content-Length: {}\r\n\r\n{fields}",
        fields.len()
    ));
    let status = answer.split(' ').nth(1).and_then(|it| it.parse().ok()).expect("a status");
    (status, answer)
}

/// What a letter says as plain text, to the first who got one that holds `part`.
fn letter(mail: &Mail, to: &str, part: &str) -> Option<String> {
    let heard = mail.heard.lock().expect("no panic");
    let mut texts = heard.iter().filter(|(receiver, _)| receiver == to).map(|(_, mail)| {
        let coded = mail.split("base64\r\n\r\n").nth(1).expect("a part");
        let coded: String = coded.split("--").next().expect("its end").split_whitespace().collect();
        String::from_utf8(BASE64_STANDARD.decode(coded).expect("Base64")).expect("UTF-8")
    });
    texts.find(|text| text.contains(part))
}

fn token_in(letter: &str, path: &str) -> String {
    let rest = letter.split(&format!("https://outages.example{path}?t=")).nth(1);
    let token = rest.expect("an address").split_whitespace().next();
    token.expect("a token").to_owned()
}

fn house_with(mail: &Mail) -> House {
    let house = house_of(
        2,
        &format!(
            "[alerts]\nsubscribers = \"mail\"\n[[channel]]\nname = \"mail\"\nkind = \"email\"\n\
             url = \"smtp://{}\"\nfrom = \"alerts@outages.example\"\n",
            mail.address
        ),
    );
    let file = house.path("outcry.toml");
    let text = std::fs::read_to_string(&file).expect("readable");
    let named = text.replace("[http]\n", "[http]\npublic_url = \"https://outages.example\"\n");
    std::fs::write(&file, named).expect("writable");
    house
}

#[test]
fn each_is_told_of_what_they_chose_and_what_that_was() {
    let mail = Mail::start();
    let house = house_with(&mail);
    let server = Server::start(&house);
    let page = ask(&server, "GET", "/s/s0", "", 1).1;
    assert!(page.contains("<details>") && page.contains("Narrow it down"), "it is folded away");

    let (status, said) =
        ask(&server, "POST", "/s/s0/subscribe", "address=eve%40x.example&country=Germny", 2);
    assert_eq!(status, 422);
    assert!(said.contains("Germny") && said.contains("Germany (DE)"), "{said}");
    for (n, who, chosen) in [
        (3, "ada", "country=Germany&severity=danger"),
        (4, "bob", "cause=outside"),
        (5, "cyd", "component=api"),
        (6, "dan", "country=&component=&cause=&wants="),
        (7, "end", "wants=end"),
    ] {
        let fields = format!("address={who}%40x.example&{chosen}");
        assert_eq!(ask(&server, "POST", "/s/s0/subscribe", &fields, n).0, 200, "{who}");
        let to = format!("{who}@x.example");
        let question = || letter(&mail, &to, "Confirm");
        wait_for("the question", || question().is_some());
        let question = question().expect("it came");
        assert_eq!(question.contains("Germany"), who == "ada", "{question}");
        let token = token_in(&question, "/subscribe");
        let (_, page) = ask(&server, "GET", &format!("/subscribe?t={token}"), "", n);
        assert!(page.contains("About Service 0"), "{page}");
        // A token to say yes is none to leave.
        assert_eq!(ask(&server, "GET", &format!("/unsubscribe?t={token}"), "", n).0, 404);
        assert_eq!(page.contains("only that it is over"), who == "end", "{page}");
        let (status, done) = ask(&server, "POST", "/subscribe", &format!("t={token}"), n);
        assert_eq!((status, done.contains("Germany")), (200, who == "ada"), "{done}");
    }
    let (status, page) = ask(&server, "GET", "/subscribe?t=1-0000", "", 8);
    assert_eq!(status, 404, "{page}");
    assert!(!page.contains("Service 0"), "nobody learns by guessing what others chose");

    tell(&house, "s0", &["failed", "failed"], 1);
    wait_for("the plain one", || letter(&mail, "dan@x.example", "our probes fail").is_some());
    wait_for("who chose it", || letter(&mail, "ada@x.example", "our probes fail").is_some());
    let told = letter(&mail, "ada@x.example", "our probes fail").expect("it came");
    assert!(told.contains("You asked for this.") && told.contains("Germany"), "{told}");
    let plain = letter(&mail, "dan@x.example", "our probes fail").expect("it came");
    assert!(!plain.contains("You asked for this."), "{plain}");
    let leave = token_in(&told, "/unsubscribe");
    let (_, page) = ask(&server, "GET", &format!("/unsubscribe?t={leave}"), "", 9);
    assert!(page.contains("Germany"), "{page}");
    let database = rusqlite::Connection::open(house.path("data/outcry.sqlite")).expect("opens");
    let mut asked =
        database.prepare("SELECT recipient FROM outbox WHERE kind <> 'confirm'").expect("a table");
    let told: BTreeSet<String> = asked
        .query_map((), |row| row.get(0))
        .expect("readable")
        .map(|it| it.expect("text"))
        .collect();
    assert_eq!(told, BTreeSet::from(["ada@x.example".into(), "dan@x.example".into()]));
    drop(server);
}

#[test]
fn what_is_held_back_is_listed_and_lifted() {
    let house = house_with(&Mail::start());
    let server = Server::start(&house);
    let silences = || house.done(&["admin", "alerts", "silences"]);
    assert_eq!(silences().trim(), "nothing is silent");
    let refused = house.refused(&["admin", "alerts", "silence", "s0", "--minutes", "10081"]);
    assert!(refused.contains("0 to 10080"), "{refused}");
    let refused = house.refused(&["admin", "alerts", "silence", "s00"]);
    assert!(refused.contains("did you mean \"s0\""), "{refused}");
    house.refused(&["admin", "alerts", "unsilence", "s0"]);
    house.done(&["admin", "alerts", "silence", "s0", "--minutes", "10080", "--actor", "ada"]);
    house.done(&["admin", "alerts", "silence", "all"]);
    wait_for("both", || silences().contains("s0 until") && silences().contains("all until"));
    assert!(silences().contains("said ada"));
    house.done(&["admin", "alerts", "unsilence", "s0"]);
    house.done(&["admin", "alerts", "unsilence", "all"]);
    wait_for("neither", || silences().trim() == "nothing is silent");
    assert_eq!(house.done(&["admin", "alerts", "silences", "--json"]), "");

    tell(&house, "s0", &["failed", "failed"], 1);
    let database = rusqlite::Connection::open(house.path("data/outcry.sqlite")).expect("opens");
    let incident = || -> Option<String> {
        database.query_row("SELECT id FROM incident", (), |row| row.get(0)).ok()
    };
    wait_for("an incident", || incident().is_some());
    let incident = incident().expect("one");
    let acks = || house.done(&["admin", "alerts", "acks"]);
    house.refused(&["admin", "alerts", "unack", &incident]);
    house.done(&["admin", "alerts", "ack", &incident, "--actor", "ada"]);
    wait_for("it", || acks().contains(&incident) && acks().contains("ada"));
    house.done(&["admin", "alerts", "unack", &incident]);
    wait_for("none", || !acks().contains(&incident));
    drop(server);
}

#[test]
fn what_the_catalogue_does_not_have_is_refused_at_the_start() {
    let house = house_of(
        1,
        "[[channel]]\nname = \"ops\"\nkind = \"ntfy\"\nurl = \"https://n.example\"\nto = [\"t\"]\n\
         [[alert]]\nname = \"all\"\nchannels = [\"ops\"]\nservices = [\"s00\"]\n\
         components = [\"wbe\"]\n",
    );
    for words in [&["serve"], &["check"]] {
        let refused = house.refused(words);
        assert!(refused.contains("\"s00\"") && refused.contains("write \"s0\""), "{refused}");
    }
}

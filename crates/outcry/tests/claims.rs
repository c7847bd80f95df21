//! The way of a claim: somebody proposes it over HTTP, an operator reads it and decides. Until then
//! it stands nowhere; accepted, it stands in the dossier with its rulings; rejected, it never does.

mod house;
mod load;
mod receivers;
mod telling;

use std::fs;

use house::House;
use house::Server;
use serde_json::Value;
use telling::house_of;
use telling::tell;
use telling::wait_for;

const AFTER: &str = "Host: outages.example\r\nConnection: close\r\n";
/// Claims of one network prefix in a minute, as the limit has it.
const PER_MINUTE: usize = 5;
const QUOTE: &str = "There was (still is) a massive cyberattack against us.";

/// The fields of a form, as a browser sends them.
fn form(service: &str, quote: &str, others: &[(&str, &str)]) -> String {
    let good = [
        ("service", service),
        ("quote", quote),
        ("role", "owner"),
        ("when", "2025-03-10T17:25"),
        ("medium", "a post"),
        ("source", "https://news.example/2?a=b&c"),
    ];
    // The first of two equal names counts.
    let pairs = others.iter().chain(&good).map(|(name, value)| {
        let bytes = value.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>();
        format!("{name}={bytes}")
    });
    pairs.collect::<Vec<_>>().join("&")
}

/// Sends a form from an address, with more headers.
fn send(server: &Server, body: &str, from: &str, headers: &str) -> String {
    server.ask(&format!(
        "POST /claims/new HTTP/1.1\r\n{AFTER}X-Forwarded-For: {from}\r\n{headers}\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    ))
}

fn get(server: &Server, path: &str) -> String {
    server.ask(&format!("GET {path} HTTP/1.1\r\n{AFTER}\r\n"))
}

/// What waits, as an operator sees it, once there are `n`.
fn waiting(house: &House, n: usize) -> Vec<Value> {
    let listed = || house.done(&["admin", "claims", "list", "--json"]);
    wait_for("they are stored", || listed().lines().count() == n);
    listed().lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

fn id_of<'a>(waiting: &'a [Value], quote: &str) -> &'a str {
    let it = waiting.iter().find(|it| it["quote"] == quote).expect("it waits");
    it["id"].as_str().expect("an id")
}

/// The dossier of the one incident of `s0`, as programs read it and as people do.
fn dossier(server: &Server) -> String {
    let incident = "api/v1/incidents?service=s0";
    let list = get(server, &format!("/{incident}"));
    let body: Value = serde_json::from_str(list.split("\r\n\r\n").nth(1).expect("a body"))
        .unwrap_or_else(|_| panic!("{list}"));
    let Some(id) = body["incidents"][0]["id"].as_str() else { return String::new() };
    let (page, claims) =
        (get(server, &format!("/i/{id}")), get(server, &format!("/api/v1/incidents/{id}/claims")));
    format!("{page}{claims}{}", get(server, &format!("/i/{id}/case.json")))
}

#[test]
fn a_proposed_claim_is_shown_once_somebody_here_has_made_one_of_it() {
    let house = house_of(1, "");
    let server = Server::start(&house);
    tell(&house, "s0", &["failed", "failed"], 1);
    wait_for("an incident", || !dossier(&server).is_empty());

    let page = get(&server, "/claims/new?service=s0");
    assert!(page.contains("200 OK"), "{page}");
    assert!(get(&server, "/claims/new?service=nowhere").contains("404 Not Found"));
    assert!(page.contains(r#"<option value="s0" selected>"#), "the service is chosen: {page}");
    let rejected = "It was our cat who did it.";
    for (quote, from) in [(QUOTE, "198.51.100.1"), (rejected, "203.0.113.1")] {
        let answer = send(&server, &form("s0", quote, &[]), from, "");
        assert!(answer.contains("303 See Other"), "{answer}");
        assert!(answer.contains("location: /claims?proposed=1#thanks"), "{answer}");
    }
    let thanks = get(&server, "/claims?proposed=1");
    assert!(thanks.contains(r#"id="thanks" role="status""#), "{thanks}");
    assert!(!get(&server, "/claims").contains("id=\"thanks\""), "thanks are the sender's only");

    let all = waiting(&house, 2);
    let people = house.done(&["admin", "claims", "list"]);
    assert!(people.contains(QUOTE) && people.contains("2 proposed claims are held"), "{people}");
    let everything =
        || format!("{}{}{}", dossier(&server), get(&server, "/claims"), get(&server, "/s/s0"));
    let shown = everything();
    assert!(!shown.contains("cyberattack") && !shown.contains("our cat"), "nothing is shown yet");

    let (id, other) = (id_of(&all, QUOTE), id_of(&all, rejected));
    let line = house.done(&["admin", "claims", "show", id]);
    let shown: Value = serde_json::from_str(&line).expect("one line of JSON");
    assert_eq!(
        (&shown["type"], &shown["proposed"], &shown["id"]),
        (&"claim".into(), &true.into(), &id.into())
    );
    assert_eq!(shown["said_at_words"], "10 March 2025, about 17:25 UTC");
    assert_eq!(shown["source"], "https://news.example/2?a=b&c");
    assert_eq!(shown["assertions"][0]["cause"], "attack");
    assert!(!line.contains("198.51.100"), "who sent it is in nothing: {line}");
    let said = house.refused(&["admin", "claims", "enter", &file(&house, &line)]);
    assert!(said.contains("proposed claim"), "{said}");

    let said = house.done(&["admin", "--actor", "ana", "claims", "accept", id]);
    assert!(said.contains("cause (attack)") && said.contains("in the dossier of s0-"), "{said}");
    wait_for("it stands in the dossier, ruled on", || {
        let shown = dossier(&server);
        shown.contains(QUOTE) && shown.contains("Not shown") && shown.contains("\"not_shown\"")
    });
    wait_for("it stands in the list", || get(&server, "/claims").contains("massive cyberattack"));
    house.done(&["admin", "claims", "reject", other, "--reason", "no source says so"]);
    for (id, decided) in [(id, "accepted"), (other, "rejected")] {
        for act in ["accept", "reject"] {
            let said = house.refused(&["admin", "claims", act, id]);
            assert!(said.contains(&format!("was {decided} already")), "{said}");
        }
        let listed = house.done(&["admin", "claims", "list", "--state", decided, "--json"]);
        assert!(listed.contains(id) || decided == "rejected", "{listed}");
    }
    assert!(waiting(&house, 0).is_empty());
    assert!(!everything().contains("our cat"), "what was rejected is shown nowhere");
    drop(server);

    // The same once more, out of the log alone.
    house.done(&["rebuild"]);
    for (id, decided) in [(id, "accepted"), (other, "rejected")] {
        let listed = house.done(&["admin", "claims", "list", "--state", decided, "--json"]);
        assert!(listed.contains(id), "{decided}: {listed}");
    }
    let server = Server::start(&house);
    let again = format!("{}{}", dossier(&server), get(&server, "/claims"));
    assert!(again.contains(QUOTE) && !again.contains("our cat"));
}

#[test]
fn what_an_operator_enters_is_checked_as_what_strangers_propose() {
    let house = house_of(1, "");
    drop(Server::start(&house));
    let good = serde_json::json!({
        "v": 1, "type": "claim", "at": "2025-03-10T17:25:00Z", "service": "s0",
        "claim": "owner-attack", "quote": QUOTE, "speaker_role": "owner", "medium": "a post",
        "source": "https://news.example/2",
        "assertions": [{ "kind": "cause", "what": "an attack", "cause": "attack" }],
    });
    let cases: [(&str, Value, &str); 6] = [
        ("quote", "a\u{202e}b".into(), "cannot be seen"),
        ("quote", "a\0b".into(), "cannot be seen"),
        ("quote", "a".repeat(20_000).into(), "20000 characters"),
        ("claim", "Bad Name <x>".into(), "cannot be the name"),
        ("source", "javascript:alert(1)".into(), "is no address"),
        ("medium", "two\nlines".into(), "cannot be seen"),
    ];
    for (field, value, says) in cases {
        let mut line = good.clone();
        line[field] = value;
        let said = house.refused(&["admin", "claims", "enter", &file(&house, &line.to_string())]);
        assert!(said.contains(says), "{field}: {said}");
    }
    let said = house.done(&["admin", "claims", "enter", &file(&house, &good.to_string())]);
    assert!(said.contains("entered 1 claim"), "{said}");
}

fn file(house: &House, line: &str) -> String {
    house.file("claim.jsonl", line).display().to_string()
}

#[test]
fn a_claim_can_be_corrected_before_it_is_accepted_with_no_server_running() {
    let house = house_of(1, "");
    let server = Server::start(&house);
    // What a stranger types steers no terminal: it is refused, and what looks like it is quoted.
    let steering = send(&server, &form("s0", "a\u{1b}[2Jb", &[]), "198.51.100.1", "");
    assert!(steering.contains("422 Unprocessable"), "{steering}");
    let plain = "Nothing to see here.";
    for quote in [plain, QUOTE] {
        send(&server, &form("s0", quote, &[]), "198.51.100.1", "");
    }
    let all = waiting(&house, 2);
    let (plain, id) = (id_of(&all, plain).to_owned(), id_of(&all, QUOTE).to_owned());
    drop(server);

    let accept = |id: &str, more: &[&str]| {
        let words = ["admin", "claims", "accept", id];
        words.iter().chain(more).map(|it| (*it).to_owned()).collect::<Vec<String>>()
    };
    let refused =
        |words: Vec<String>| house.refused(&words.iter().map(|it| &**it).collect::<Vec<_>>());
    let done = |words: Vec<String>| house.done(&words.iter().map(|it| &**it).collect::<Vec<_>>());
    assert!(refused(accept(&plain, &[])).contains("nothing was found that these words assert"));
    let line = house.done(&["admin", "claims", "show", &id]);
    let corrected = |kind: &str, cause: &str, name: &str| {
        let mut value: Value = serde_json::from_str(&line).expect("JSON");
        value["claim"] = name.into();
        // What the form would refuse is refused here as well.
        match name {
            "quote" => value["quote"] = "hidden \u{202E}words".into(),
            "speaker" => value["speaker"] = "a".repeat(5_000).into(),
            "source" => value["source"] = "https://nowhere".into(),
            _ => {}
        }
        value["assertions"] =
            serde_json::json!([{ "kind": kind, "what": "they were attacked", "cause": cause }]);
        file(&house, &value.to_string())
    };
    for (kind, cause, name, says) in [
        ("couse", "attack", "owner-attack", "no kind of assertion"),
        ("cause", "atack", "owner-attack", "is no cause"),
        ("cause", "attack", "Owner!", "cannot be the name"),
        ("cause", "attack", "quote", "characters that cannot be seen"),
        ("cause", "attack", "speaker", "characters; write"),
        ("cause", "attack", "source", "is no address"),
    ] {
        let said = refused(accept(&id, &["--file", &corrected(kind, cause, name)]));
        assert!(said.contains(says), "{said}");
    }
    let two = file(&house, &format!("{}\n{}\n", line.trim(), line.trim()));
    assert!(refused(accept(&id, &["--file", &two])).contains("holds 2 lines"));
    let said = refused(accept("00000000-0000-7000-8000-000000000000", &[]));
    assert!(said.contains("there is no proposed claim"), "{said}");
    let good = corrected("cause", "attack", "owner-attack");
    let said = done(accept(&id, &["--file", &good, "--name", "owner-attack-1"]));
    assert!(
        said.contains("entered as owner-attack-1") && said.contains("has no incident"),
        "{said}"
    );
    // Nothing runs that would have stored it, and it is known all the same.
    assert!(refused(accept(&id, &[])).contains("was accepted already"));
    let said = refused(accept(&plain, &["--file", &good, "--name", "owner-attack-1"]));
    assert!(said.contains("stands about s0 already"), "{said}");
    house.done(&["admin", "claims", "reject", &plain]);
    assert!(refused(accept(&plain, &["--file", &good])).contains("was rejected already"));

    let server = Server::start(&house);
    for (id, state) in [(&id, "accepted"), (&plain, "rejected")] {
        let listed = || house.done(&["admin", "claims", "list", "--state", state, "--json"]);
        wait_for("the store has it too", || listed().contains(id.as_str()));
    }
    drop(server);
}

#[test]
fn of_two_who_decide_at_once_one_does() {
    let house = house_of(1, "");
    let server = Server::start(&house);
    let quotes: Vec<String> = (0..4).map(|n| format!("We are under attack, part {n}.")).collect();
    for (n, quote) in quotes.iter().enumerate() {
        let from = format!("198.51.{n}.1");
        assert!(send(&server, &form("s0", quote, &[]), &from, "").contains("303 See Other"));
    }
    let all = waiting(&house, quotes.len());
    for quote in &quotes {
        let id = id_of(&all, quote);
        let decide = |act: &'static str| {
            let words = ["admin", "claims", act, id];
            house.run(&words).status.success()
        };
        let (accepted, rejected) = std::thread::scope(|scope| {
            let other = scope.spawn(|| decide("reject"));
            (decide("accept"), other.join().expect("it ends"))
        });
        assert!(accepted != rejected, "{quote}: accepted {accepted}, rejected {rejected}");
    }
}

#[test]
fn the_form_says_what_is_wrong_and_keeps_what_was_typed() {
    let house = house_of(1, "");
    let server = Server::start(&house);
    let from = "198.51.100.9";
    let typed = "Es hieß: „<b>Angriff</b>“ & mehr";
    let answer =
        send(&server, &form("s0", typed, &[("source", "nowhere"), ("when", "")]), from, "");
    assert!(answer.contains("422 Unprocessable"), "{answer}");
    assert!(answer.contains("Es hieß: „&lt;b&gt;Angriff&lt;/b&gt;“ &amp; mehr"), "{answer}");
    assert!(answer.contains(r#"aria-describedby="hint-source fault-source""#), "{answer}");
    assert!(answer.contains("role=\"alert\"") && answer.contains("2 answers need"), "{answer}");
    let cross = send(&server, &form("s0", typed, &[]), from, "Origin: https://evil.example\r\n");
    assert!(cross.contains("403 Forbidden"), "{cross}");
    let long = form("s0", &"a".repeat(40_000), &[]);
    assert!(send(&server, &long, from, "").contains("413 Payload Too Large"));
    for _ in 0..PER_MINUTE {
        // The minute may turn, so that only the last one counts.
        send(&server, &form("s0", typed, &[]), from, "");
    }
    let mut answer = String::new();
    for _ in 0..=PER_MINUTE {
        answer = send(&server, &form("s0", typed, &[]), from, "");
        if answer.contains("429 Too Many") {
            break;
        }
    }
    assert!(answer.contains("429 Too Many") && answer.contains("retry-after: 60"), "{answer}");
    assert!(answer.contains("„&lt;b&gt;Angriff"), "it is kept: {answer}");
    let neighbour = send(&server, &form("s0", typed, &[]), "203.0.113.9", "");
    assert!(neighbour.contains("303 See Other"), "another network is free: {neighbour}");
    // Who sent them stands in no file.
    for file in files(&house) {
        assert!(!String::from_utf8_lossy(&fs::read(&file).unwrap_or_default()).contains(from));
    }
}

fn files(house: &House) -> Vec<std::path::PathBuf> {
    let mut folders = vec![house.path("data")];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for path in fs::read_dir(folder).expect("a folder").flatten().map(|entry| entry.path()) {
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    files
}

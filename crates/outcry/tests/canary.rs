//! Canaries: secrets are planted where secrets go in, and looked for in everything that comes out.
//!
//! A token of the listener, the token of an installation, the address and browser of a reporter and
//! of somebody who proposes a claim, and a comment and that claim under moderation. That the search
//! can find anything is shown by approving the comment and accepting the claim.

mod house;
mod load;
mod receivers;
mod telling;

use std::fs;
use std::io::Read;
use std::io::Write;
use std::net::TcpStream;
use std::path::Path;

use house::House;
use house::Server;
use serde_json::Value;
use serde_json::json;

/// The tools of a language model.
const TOOLS: [&str; 7] = [
    "is_it_down",
    "since_when",
    "for_whom",
    "what_is_said",
    "what_does_the_evidence_say",
    "what_is_in_trouble",
    "find_service",
];
/// An address of documentation (RFC 5737), as a proxy tells it.
const ADDRESS: &str = "203.0.113.77";
const BROWSER: &str = "CanaryBrowser/7.31";
const INSTALLATION: &str = "canary-installation-4711";
const COMMENT: &str = "canary comment waits for an operator";
const QUOTE: &str = "canary claim of a cyberattack waits for an operator";
const SPEAKER: &str = "Canary Speaker";
const PUBLISHED: &str = "https://canary.example/claim";
const AFTER: &str = "Host: x\r\nConnection: close\r\n";

/// The whole answer, head and body.
fn ask(server: &Server, request: &str) -> String {
    let mut stream = TcpStream::connect(&server.address).expect("it listens");
    stream.write_all(request.as_bytes()).expect("it reads");
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).expect("it answers");
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Every address that programs and people read, with examples for what stands in it.
fn addresses(server: &Server) -> Vec<String> {
    let answer = ask(server, &format!("GET /api/v1/openapi.json HTTP/1.1\r\n{AFTER}\r\n"));
    let body = answer.split("\r\n\r\n").nth(1).expect("a body");
    let document: Value = serde_json::from_str(body).expect("the document");
    let mut addresses: Vec<String> =
        ["/", "/s/x", "/services", "/incidents", "/claims", "/methods", "/data", "/search?q=x"]
            .map(str::to_owned)
            .to_vec();
    addresses
        .extend(["/claims?proposed=1", "/claims/new", "/claims/new?service=x"].map(str::to_owned));
    for (path, operations) in document["paths"].as_object().expect("paths") {
        let operation = &operations["get"];
        if operation.is_null() || path.ends_with("/live") {
            continue;
        }
        let mut address = path.clone();
        let mut query = Vec::new();
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            let name = parameter["name"].as_str().expect("a name");
            let example = parameter["example"].as_str().unwrap_or("1");
            match parameter["in"].as_str() {
                Some("path") => address = address.replace(&format!("{{{name}}}"), example),
                _ if parameter["required"] == true => query.push(format!("{name}={example}")),
                _ => {}
            }
        }
        if !query.is_empty() {
            address = format!("{address}?{}", query.join("&"));
        }
        addresses.push(address);
    }
    // What went wrong is an output too.
    addresses.push("/api/v1/services/x/series.json?step=1s".to_owned());
    addresses.push("/nowhere".to_owned());
    addresses
}

/// Everything that comes out, and where.
fn outputs(server: &Server) -> Vec<(String, String)> {
    let asked = |address: String| {
        let headers = format!("X-Forwarded-For: {ADDRESS}\r\nUser-Agent: {BROWSER}\r\n");
        let request = format!("GET {address} HTTP/1.1\r\n{AFTER}{headers}\r\n");
        let answer = ask(server, &request);
        (address, answer)
    };
    let mut all: Vec<_> = addresses(server).into_iter().map(asked).collect();
    all.extend(TOOLS.map(|tool| {
        let params = json!({ "name": tool, "arguments": { "service": "x" } });
        let call = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params });
        let call = call.to_string();
        let request = format!(
            "POST /mcp HTTP/1.1\r\n{AFTER}Content-Type: application/json\r\n\
             Accept: application/json, text/event-stream\r\nX-Forwarded-For: {ADDRESS}\r\n\
             User-Agent: {BROWSER}\r\nContent-Length: {}\r\n\r\n{call}",
            call.len()
        );
        let answer = ask(server, &request);
        assert!(answer.contains("\"freshness\""), "{tool}: {answer}");
        (format!("/mcp {tool}"), answer)
    }));
    all
}

/// Files below a folder, with what is in them.
fn files(folder: &Path, found: &mut Vec<(String, Vec<u8>)>) {
    for entry in fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() {
            files(&path, found);
        } else {
            found.push((path.display().to_string(), fs::read(&path).unwrap_or_default()));
        }
    }
}

fn has(haystack: &[u8], needle: &str) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle.as_bytes())
}

#[test]
fn no_secret_comes_out_anywhere() {
    let house = House::new();
    let server = Server::start(&house);
    // An incident, so that there is a dossier in which a claim could stand.
    telling::tell(&house, "x", &["failed", "failed"], 1);
    house::wait_for(|| {
        ask(&server, &format!("GET /incidents HTTP/1.1\r\n{AFTER}\r\n")).contains("/i/x-")
    });
    let made = house.done(&["admin", "tokens", "create", "--name", "job", "--scope", "heartbeat"]);
    let token = made.lines().next().expect("the token").to_owned();
    assert!(token.starts_with("outcry_") && token.len() > 70, "{token}");
    let listed = house.done(&["admin", "tokens", "list", "--json"]);
    assert!(!listed.contains(&token) && listed.contains("\"heartbeat\""), "{listed}");

    let report = format!(
        "{{\"service\":\"x\",\"affected\":\"web\",\"problem\":\"not_loading\",\
         \"comment\":\"{COMMENT}\",\"token\":\"{INSTALLATION}\"}}"
    );
    let request = format!(
        "POST /api/v1/reports HTTP/1.1\r\n{AFTER}Content-Type: application/json\r\n\
         X-Forwarded-For: {ADDRESS}\r\nUser-Agent: {BROWSER}\r\nContent-Length: {}\r\n\r\n{report}",
        report.len()
    );
    let answer = ask(&server, &request);
    assert!(answer.contains("202 Accepted"), "{answer}");
    let claim = format!(
        "service=x&quote={QUOTE}&role=owner&speaker={SPEAKER}&when=2025-03-10T17:25\
         &medium=a post&source={PUBLISHED}"
    )
    .replace(' ', "+");
    let request = format!(
        "POST /claims/new HTTP/1.1\r\n{AFTER}X-Forwarded-For: {ADDRESS}\r\n\
         User-Agent: {BROWSER}\r\nContent-Length: {}\r\n\r\n{claim}",
        claim.len()
    );
    let answer = ask(&server, &request);
    assert!(answer.contains("303 See Other"), "{answer}");
    let proposed = || house.done(&["admin", "claims", "list", "--json"]);
    house::wait_for(|| proposed().contains(QUOTE));
    // The report is counted before anything is looked for.
    house::wait_for(|| {
        ask(&server, &format!("GET /api/v1/services/x HTTP/1.1\r\n{AFTER}\r\n"))
            .contains("\"received_24h\":1")
    });

    let outputs_now = outputs(&server);
    assert!(outputs_now.len() > 50, "{} addresses", outputs_now.len());
    for (address, answer) in &outputs_now {
        let held = [COMMENT, QUOTE, SPEAKER, PUBLISHED];
        for canary in [ADDRESS, BROWSER, INSTALLATION, &token].into_iter().chain(held) {
            assert!(!answer.contains(canary), "{address} tells {canary}");
        }
    }
    // On disk the comment waits for an operator; what is more than that is nowhere.
    let mut kept = Vec::new();
    files(&house.path("data"), &mut kept);
    assert!(kept.iter().any(|(_, bytes)| has(bytes, COMMENT)), "the comment waits somewhere");
    assert!(kept.iter().any(|(_, bytes)| has(bytes, QUOTE)), "the claim waits somewhere");
    for (file, bytes) in &kept {
        for canary in [ADDRESS, BROWSER, INSTALLATION, token.as_str()] {
            assert!(!has(bytes, canary), "{file} keeps {canary}");
        }
    }

    let waiting = house.done(&["admin", "comments", "list", "--json"]);
    let waiting: Value = serde_json::from_str(waiting.trim()).expect("one comment");
    let id = waiting["id"].as_str().expect("an id");
    house.done(&["admin", "comments", "approve", id]);
    house::wait_for(|| {
        ask(&server, &format!("GET /s/x HTTP/1.1\r\n{AFTER}\r\n")).contains(COMMENT)
    });
    let telling: Vec<String> = outputs(&server)
        .into_iter()
        .filter(|(_, answer)| answer.contains(COMMENT))
        .map(|(address, _)| address)
        .collect();
    assert_eq!(telling, ["/s/x"], "once approved it stands on its page, and nowhere else");
    // So does the claim in its dossier, once it was accepted.
    let proposal: Value = serde_json::from_str(proposed().trim()).expect("one claim");
    house.done(&["admin", "claims", "accept", proposal["id"].as_str().expect("an id")]);
    // Each page is made anew at its own moment.
    for address in ["/s/x", "/claims", "/api/v1/claims"] {
        house::wait_for(|| {
            ask(&server, &format!("GET {address} HTTP/1.1\r\n{AFTER}\r\n")).contains(QUOTE)
        });
    }
    let telling = outputs(&server).into_iter().filter(|(_, answer)| answer.contains(QUOTE));
    let telling: Vec<String> = telling.map(|(address, _)| address).collect();
    for address in ["/s/x", "/claims", "/api/v1/claims", "/mcp what_is_said"] {
        assert!(telling.iter().any(|it| it == address), "{address}: {telling:?}");
    }
    // A token that was taken back is told apart from one that never was.
    house.done(&["admin", "tokens", "revoke", "job"]);
    house.refused(&["admin", "tokens", "revoke", "job"]);
}

//! The public interface of the real program over the day of X: every documented example is asked,
//! and its answer compared with what the document says; shapes of others are compared with theirs.

mod demo;
mod house;
mod shape;

use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;

use demo::Answer;
use demo::Demo;

/// When in the story it is: the outage is over, and claims have been made.
const START: &str = "2025-03-10T22:00:00Z";

/// Addresses that the document gives as examples for an operation: with what is needed, with each
/// optional parameter, and with all of them.
fn examples(path: &str, operation: &Value) -> Vec<String> {
    let (mut path, mut needed, mut more) = (path.to_owned(), Vec::new(), Vec::new());
    for parameter in operation["parameters"].as_array().into_iter().flatten() {
        let name = parameter["name"].as_str().expect("a name");
        let example = match &parameter["example"] {
            Value::String(text) => text.clone(),
            Value::Null => continue,
            other => other.to_string(),
        };
        let pair = format!("{name}={example}");
        match (parameter["in"].as_str(), parameter["required"].as_bool()) {
            (Some("path"), _) => path = path.replace(&format!("{{{name}}}"), &example),
            (_, Some(true)) => needed.push(pair),
            _ => more.push(pair),
        }
    }
    let with = |pairs: &[String]| {
        let all: Vec<String> = needed.iter().chain(pairs).cloned().collect();
        if all.is_empty() { path.clone() } else { format!("{path}?{}", all.join("&")) }
    };
    let mut addresses = vec![with(&[])];
    addresses.extend(more.iter().map(|pair| with(std::slice::from_ref(pair))));
    addresses.push(with(&more));
    addresses.dedup();
    addresses
}

#[test]
fn every_documented_example_is_answered_as_documented() {
    let demo = Demo::start(START);
    let document = demo.get("/api/v1/openapi.json").json();
    let committed = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference");
    let text = std::fs::read_to_string(committed.join("openapi.json")).expect("it is committed");
    let same: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(document, same, "what is served is what is committed");
    let mut asked = 0;
    for (path, operations) in document["paths"].as_object().expect("paths") {
        let operation = &operations["get"];
        // Live numbers have no end; the test of the browser follows them.
        if operation.is_null() || path.ends_with("/live") {
            continue;
        }
        for address in examples(path, operation) {
            let answer = demo.get(&address);
            let told = String::from_utf8_lossy(&answer.body);
            assert_eq!(answer.status, 200, "{address}: {told}");
            let content = &operation["responses"]["200"]["content"];
            let media = answer.media();
            assert!(content.get(media).is_some(), "{address} is {media}");
            if content[media]["schema"].is_object() && media.ends_with("json") {
                let faults = shape::faults(&document, &content[media]["schema"], &answer.json());
                assert!(faults.is_empty(), "{address}: {faults:#?}");
            }
            asked += 1;
        }
    }
    assert!(asked > 70, "{asked} examples");
    let report = &document["paths"]["/api/v1/reports"]["post"]["requestBody"];
    let example = report["content"]["application/json"]["example"].to_string();
    let kind = "Content-Type: application/json\r\n";
    let answer = demo.send("POST", "/api/v1/reports", kind, &example);
    assert_eq!(answer.status, 202, "{}", String::from_utf8_lossy(&answer.body));
    examples_of_the_reference(&demo, &committed.join("api.md"));
}

/// Commands in the reference are run as they stand there.
fn examples_of_the_reference(demo: &Demo, file: &std::path::Path) {
    let text = std::fs::read_to_string(file).expect("the reference");
    let blocks: Vec<&str> =
        text.split("```sh\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    assert!(blocks.len() >= 2, "{} examples", blocks.len());
    for block in blocks {
        let here = block.replace("127.0.0.1:8080", &demo.address);
        let here = here.replace("curl ", "curl --silent --show-error --fail-with-body ");
        let output = Command::new("sh").args(["-e", "-c", &here]).output().expect("a shell");
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{block}: {said}");
    }
}

#[test]
fn what_does_not_fit_is_told_as_a_problem() {
    let demo = Demo::start(START);
    for (address, status, says) in [
        ("/api/v1/services/nowhere", 404, "lists those there are"),
        ("/api/v1/services/x/series.json?step=1s", 400, "such as 5m, 1h or 1d"),
        ("/api/v1/services/x/series.json?of=affected:fax", 400, "one of"),
        ("/api/v1/services/x/series.json?from=2020-01-01T00:00:00Z", 400, "write step="),
        ("/api/v1/services/x/reports?first_day=2024-01-01", 400, "at most 31 days"),
        ("/api/v1/claims?limit=900", 400, "limit=50 or less"),
        ("/oembed", 400, "write url="),
        ("/feeds/claims/nothing/rss.xml", 404, "no such claim"),
        ("/s/x/api/v2/nothing.json", 404, "/data"),
    ] {
        let answer = demo.get(address);
        assert_eq!(answer.status, status, "{address}");
        assert_eq!(answer.media(), "application/problem+json", "{address}");
        let detail = answer.json()["detail"].to_string();
        assert!(detail.contains(says), "{address}: {detail}");
    }
    let other = demo.send("POST", "/api/v1/services", "", "");
    assert_eq!((other.status, other.header("allow")), (405, Some("GET, HEAD, OPTIONS")));
}

#[test]
fn what_http_does_not_allow_and_what_names_nothing_is_told() {
    let house = house::House::new();
    let server = house::Server::start(&house);
    for (request, status, says) in [
        ("GET /api/v1/services HTTP/1.1\r\n", "400", "send one Host header"),
        ("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n", "400", "send one Host header"),
        ("GET / HTTP/1.0\r\n", "200", "<h1"),
        ("GET /s/%ff HTTP/1.1\r\nHost: a\r\n", "404", "<h1"),
        ("POST /s/%ff/report HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n", "404", "<h1"),
        ("GET /assets/%ff HTTP/1.1\r\nHost: a\r\n", "404", "<h1"),
    ] {
        let answer = server.ask(&format!("{request}Connection: close\r\n\r\n"));
        let first = answer.lines().next().unwrap_or("");
        assert!(first.contains(status), "{request}: {first}");
        assert!(answer.contains(says), "{request}: {answer}");
    }
}

#[test]
fn what_is_not_known_yet_is_not_called_fine() {
    let house = house::House::new();
    let server = house::Server::start(&house);
    for path in ["/s/x/api/v2/status.json", "/api/v2/status.json"] {
        let answer = server.ask(&format!(
            "GET {path} HTTP/1.1\r\nHost: outages.example\r\nConnection: close\r\n\r\n"
        ));
        assert!(answer.contains(r#""description":"Not known yet""#), "{path}: {answer}");
    }
    let demo = Demo::start(START);
    let fine = demo.get("/s/github/api/v2/status.json");
    assert_eq!(fine.status, 200);
    assert!(!String::from_utf8_lossy(&fine.body).contains("Not known yet"), "weeks were learnt");
}

#[test]
fn reads_are_open_to_all_sites_and_say_what_is_left() {
    let demo = Demo::start(START);
    let first = demo.get("/api/v1/incidents/x-2025-03-10-1");
    assert_eq!(first.header("access-control-allow-origin"), Some("*"));
    assert_eq!(first.header("ratelimit-policy"), Some("\"reads\";q=600;w=60"));
    let tag = first.header("etag").expect("a tag");
    let again = format!("If-None-Match: {tag}\r\n");
    let again = demo.send("GET", "/api/v1/incidents/x-2025-03-10-1", &again, "");
    assert_eq!((again.status, again.body.len()), (304, 0));
    let preflight = demo.send("OPTIONS", "/api/v1/services", "Origin: https://a.example\r\n", "");
    assert_eq!(preflight.status, 204);
    assert_eq!(preflight.header("access-control-allow-headers"), Some("If-None-Match"));
    let report = demo.send("OPTIONS", "/api/v1/reports", "Origin: https://a.example\r\n", "");
    assert_eq!(report.header("access-control-allow-origin"), None, "reports are not for all");
    let card = demo.get("/s/x/card");
    assert!(card.header("content-security-policy").is_some_and(|it| it.contains("ancestors *")));
    assert!(card.body.len() <= 8_192, "{} bytes of a card", card.body.len());
    let page = demo.get("/s/x");
    assert_eq!(page.header("access-control-allow-origin"), None);
    // What has to be made is counted; what stands in memory is not.
    let left = |answer: &Answer| -> u32 {
        let text = answer.header("ratelimit").expect("what is left");
        text.split(";r=").nth(1).and_then(|it| it.split(';').next()?.parse().ok()).expect("r")
    };
    let kept = left(&demo.get("/api/v1/incidents/x-2025-03-10-1"));
    assert_eq!(left(&demo.get("/api/v1/incidents/x-2025-03-10-1")), kept);
    assert_eq!(left(&demo.get("/api/v1/services/x/series.json?step=7m")), kept - 1);
}

#[test]
fn what_stands_in_memory_is_served_as_the_router_serves_it() {
    let demo = Demo::start(START);
    let heads = |answer: &Answer| -> Vec<String> {
        let lines = answer.head.lines().map(str::to_ascii_lowercase);
        let passing = ["date:", "ratelimit:"];
        let mut lines: Vec<String> =
            lines.filter(|line| !passing.iter().any(|it| line.starts_with(it))).collect();
        lines.sort();
        lines
    };
    // The first is made by the router, the second stands in memory; a HEAD is always the router's.
    for path in ["/s/x", "/api/v1/incidents/x-2025-03-10-1", "/s/x/card", "/claims"] {
        for coding in ["", "Accept-Encoding: zstd\r\n"] {
            demo.get(path);
            let answer = demo.send("GET", path, coding, "");
            let head = demo.send("HEAD", path, coding, "");
            assert_eq!((answer.status, head.body.len()), (200, 0), "{path}");
            assert_eq!(heads(&answer), heads(&head), "{path}");
        }
    }
}

#[test]
fn pages_of_a_list_show_each_item_once() {
    let demo = Demo::start(START);
    let all = demo.get("/api/v1/services").json();
    let slugs = |page: &Value| -> Vec<String> {
        let list = page["services"].as_array().expect("a list");
        list.iter().filter_map(|it| it["slug"].as_str().map(str::to_owned)).collect()
    };
    let (mut seen, mut next) = (Vec::new(), Some("/api/v1/services?limit=37".to_owned()));
    while let Some(address) = next {
        let page = demo.get(&address).json();
        assert!(slugs(&page).len() <= 37);
        seen.extend(slugs(&page));
        next = page["next"].as_str().map(str::to_owned);
    }
    assert!(seen.len() > 100, "{} services", seen.len());
    assert_eq!(seen, slugs(&all));
    // A series by hours sums up what the same series by minutes has.
    let sum = |step: &str| -> u64 {
        let range = "from=2025-03-10T09:00:00Z&until=2025-03-10T19:00:00Z";
        let series = demo.get(&format!("/api/v1/services/x/series.json?{range}&step={step}"));
        let series = series.json();
        let points = series["points"].as_array().expect("points");
        points.iter().filter_map(|it| it["counted"].as_u64()).sum()
    };
    let by_minutes = sum("1m");
    assert!(by_minutes > 300_000, "{by_minutes}");
    for step in ["7m", "1h", "90m"] {
        // Steps that reach over the ends hold a little more.
        let by_steps = sum(step);
        assert!((by_minutes..by_minutes + 200).contains(&by_steps), "{step}: {by_steps}");
    }
}

#[test]
fn the_shape_of_statuspage_is_that_of_github() {
    // In trouble, so that there is an incident to compare.
    let demo = Demo::start("2025-03-10T14:20:00Z");
    let ours = demo.get("/s/x/api/v2/summary.json");
    let file = std::env::temp_dir().join(format!("outcry-summary-{}.json", std::process::id()));
    std::fs::write(&file, &ours.body).expect("writable");
    let read = Command::new(env!("CARGO_BIN_EXE_outcry"))
        .args(["feed", "--json"])
        .arg(&file)
        .output()
        .expect("it runs");
    // It may stay behind where it cannot be removed.
    let _ = std::fs::remove_file(&file);
    let read: Value = serde_json::from_slice(&read.stdout).expect("a snapshot");
    assert_eq!(read["readable"], true, "our own reader reads it: {read}");
    assert_eq!(read["faults"].as_array().map(Vec::len), Some(0), "{read}");
    let grave = ["major", "critical"].map(Value::from);
    assert!(grave.contains(&read["overall"]), "{read}");
    assert_eq!(read["notices"].as_array().map(Vec::len), Some(1), "{read}");
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/feeds/status");
    let theirs = root.join("statuspage_v2_github/major_2023-05-16T212554Z.json");
    let Ok(theirs) = std::fs::read(theirs) else {
        return println!("the page of GitHub is absent here: not compared");
    };
    let theirs: Value = serde_json::from_slice(&theirs).expect("JSON");
    let mut faults = Vec::new();
    differs(&theirs, &ours.json(), "$", &mut faults);
    assert!(faults.is_empty(), "{faults:#?}");
}

/// Fields that theirs has and ours has not, or has of another type; null fits all.
fn differs(theirs: &Value, ours: &Value, at: &str, faults: &mut Vec<String>) {
    match (theirs, ours) {
        (Value::Null, _) | (_, Value::Null) => {}
        (Value::Object(theirs), Value::Object(ours)) => {
            for (name, value) in theirs {
                match ours.get(name) {
                    Some(our) => differs(value, our, &format!("{at}.{name}"), faults),
                    None => faults.push(format!("{at}.{name} is missing")),
                }
            }
        }
        (Value::Array(theirs), Value::Array(ours)) => {
            if let (Some(their), Some(our)) = (theirs.first(), ours.first()) {
                differs(their, our, &format!("{at}[0]"), faults);
            }
        }
        (Value::String(_), Value::String(_))
        | (Value::Number(_), Value::Number(_))
        | (Value::Bool(_), Value::Bool(_)) => {}
        (their, our) => faults.push(format!("{at}: {our} where they have {their}")),
    }
}

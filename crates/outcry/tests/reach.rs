//! What people and programs in a terminal are told by the real program: `status`, `watch`,
//! completions, the manual, and the tools of MCP by both ways.

mod demo;
mod house;

use std::fs::File;
use std::io::Read;
use std::io::Write;
use std::os::fd::OwnedFd;
use std::process::Command;
use std::process::Output;
use std::process::Stdio;
use std::sync::mpsc;
use std::time::Duration;
use std::time::Instant;

use rmcp::ServiceExt;
use rmcp::model::CallToolRequestParams;
use rmcp::model::CallToolResult;
use rustix::pty::OpenptFlags;
use rustix::termios::Winsize;
use serde_json::Value;
use serde_json::json;
use tokio::net::unix::pipe;

use demo::Demo;
use house::House;
use house::Server;
use house::wait_for;

/// In the second surge of the story.
const TROUBLE: &str = "2025-03-10T14:20:00Z";
/// After it, when claims have been made.
const CLAIMED: &str = "2025-03-10T22:00:00Z";
/// How long a terminal may take to show something.
const PATIENCE: Duration = Duration::from_secs(30);
/// The caution of every page.
const CAUTION: &str = "A report is not a user, and a correlation is not a cause.";
/// The tools, by name.
const TOOLS: [&str; 7] = [
    "is_it_down",
    "since_when",
    "for_whom",
    "what_is_said",
    "what_does_the_evidence_say",
    "what_is_in_trouble",
    "find_service",
];

fn outcry(words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_outcry"))
        .args(words)
        .env_remove("OUTCRY_SERVER")
        .output()
        .expect("it runs")
}

fn told(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("text")
}

fn complained(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn url(demo: &Demo) -> String {
    format!("http://{}", demo.address)
}

#[test]
fn status_answers_and_its_code_says_the_same() {
    let demo = Demo::start(TROUBLE);
    let server = url(&demo);
    let x = outcry(&["status", "x", "--server", &server]);
    assert_eq!(x.status.code(), Some(3), "{}", complained(&x));
    let text = told(&x);
    for part in [
        "X is in grave trouble.",
        "times the usual",
        "When      Since 2025-03-10 09:4",
        "Mobile app 5",
        "United States",
        "No cause is established",
        "As of 2025-03-10 14:2",
        "A reconstruction",
        CAUTION,
    ] {
        assert!(text.contains(part), "{part:?} is missing: {text}");
    }
    assert!(!text.contains('\u{1b}'), "no colour in a pipe");
    // The same by what people still call it, for programs.
    let twitter = outcry(&["status", " TWITTER ", "--json", "--server", &server]);
    assert_eq!(twitter.status.code(), Some(3));
    let answers: Value = serde_json::from_str(&told(&twitter)).expect("JSON");
    assert_eq!(answers["service"], "x");
    assert_eq!(answers["exit_code"], 3);
    assert_eq!(answers["is_it_down"]["state"], "danger");
    assert_eq!(answers["evidence"]["named"], Value::Null);
    assert_eq!(answers["freshness"]["reconstruction"], true);
    let calm = outcry(&["status", "youtube", "--server", &server]);
    assert_eq!(calm.status.code(), Some(0), "{}", told(&calm));
    assert!(told(&calm).contains("Silence is not health."));
}

#[test]
fn status_tells_who_errs_what_to_write() {
    let demo = Demo::start(TROUBLE);
    let server = url(&demo);
    for (words, code, says) in [
        (vec!["status", "twiter", "--server", &server], 2, "did you mean x (X)"),
        (vec!["status", "youtub", "--server", &server], 2, "youtube (YouTube)"),
        (vec!["status", "wxyzwxyz", "--server", &server], 2, "none that is called alike"),
        (vec!["status", "x", "--server", "outages"], 2, "write http://127.0.0.1:8080"),
        (vec!["status", "x", "--server", "http://127.0.0.1:1"], 1, "--server URL"),
        (vec!["status", "x", "--server", &format!("{server}/s")], 1, "is this its address?"),
        (vec!["watch", "twiter", "--server", &server], 2, "did you mean x (X)"),
    ] {
        let output = outcry(&words);
        assert_eq!(output.status.code(), Some(code), "{words:?}: {}", complained(&output));
        assert!(complained(&output).contains(says), "{words:?}: {}", complained(&output));
    }
}

#[test]
fn status_of_a_server_that_knows_nothing_yet_is_not_health() {
    let house = House::new();
    house.catalog(2);
    house.configure("[catalog]\ndir = \"catalog\"\n[store]\ndir = \"data\"\n");
    let server = Server::start(&house);
    let here = format!("http://{}", server.address);
    let output = outcry(&["status", "Service 1", "--server", &here]);
    assert_eq!(output.status.code(), Some(4), "{}", told(&output));
    assert!(told(&output).contains("Nobody knows yet"), "{}", told(&output));
    // The server of the configuration is asked when none is named.
    let port = server.address.rsplit(':').next().expect("a port");
    let config = house.file("here.toml", &format!("[http]\nlisten = \"0.0.0.0:{port}\"\n"));
    let config = config.display().to_string();
    let output = outcry(&["status", "s1", "--json", "--config", &config]);
    assert_eq!(output.status.code(), Some(4), "{}", complained(&output));
    assert!(told(&output).contains(&here), "{}", told(&output));
}

#[test]
fn watch_prints_lines_where_there_is_no_terminal() {
    let demo = Demo::start(TROUBLE);
    let server = url(&demo);
    let once = told(&outcry(&["watch", "--once", "--server", &server]));
    for part in ["One of ", "▲ X ", "09:4", "█", "A reconstruction", CAUTION] {
        assert!(once.contains(part), "{part:?} is missing: {once}");
    }
    let mut child = Command::new(env!("CARGO_BIN_EXE_outcry"))
        .args(["watch", "--interval", "1", "x", "youtube", "--server", &server])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it runs");
    let mut lines = std::io::BufReader::new(child.stdout.take().expect("piped"));
    let mut first = String::new();
    for _ in 0..2 {
        std::io::BufRead::read_line(&mut lines, &mut first).expect("two lines");
    }
    assert!(first.contains(" x danger, ") && first.contains(" reports a minute, since "));
    assert!(first.contains(" youtube usual, "), "{first}");
    // It waits for a server that is gone, and says so once.
    drop(demo);
    let mut complaint = String::new();
    let mut complaints = std::io::BufReader::new(child.stderr.take().expect("piped"));
    std::io::BufRead::read_line(&mut complaints, &mut complaint).expect("a line");
    assert!(complaint.contains("asking again"), "{complaint}");
    child.kill().expect("SIGKILL");
    child.wait().expect("it ends");
}

/// A terminal of our own with a program in it.
struct Terminal {
    child: std::process::Child,
    keys: File,
    shown: mpsc::Receiver<Vec<u8>>,
    seen: String,
}

impl Terminal {
    fn run(words: &[&str], (columns, rows): (u16, u16), colour: bool) -> Self {
        let ours = rustix::pty::openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a pty");
        rustix::pty::grantpt(&ours).expect("granted");
        rustix::pty::unlockpt(&ours).expect("unlocked");
        let name = rustix::pty::ptsname(&ours, Vec::new()).expect("a name");
        let name = name.to_str().expect("a path").to_owned();
        let open = || File::options().read(true).write(true).open(&name).expect("their end");
        let theirs = open();
        let size = Winsize { ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
        rustix::termios::tcsetwinsize(&theirs, size).expect("a size");
        let mut command = Command::new(env!("CARGO_BIN_EXE_outcry"));
        command.args(words).env("TERM", "xterm-256color").env_remove("NO_COLOR");
        if !colour {
            command.env("NO_COLOR", "1");
        }
        let child = command
            .stdin(Stdio::from(OwnedFd::from(open())))
            .stdout(Stdio::from(OwnedFd::from(open())))
            .stderr(Stdio::from(OwnedFd::from(theirs)))
            .spawn()
            .expect("it runs");
        let keys = File::from(ours);
        let mut screen = keys.try_clone().expect("a copy");
        let (sender, shown) = mpsc::channel();
        std::thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(count @ 1..) = screen.read(&mut bytes) {
                if sender.send(bytes[..count].to_vec()).is_err() {
                    break;
                }
            }
        });
        Self { child, keys, shown, seen: String::new() }
    }

    fn wait_for(&mut self, what: &str) {
        let began = Instant::now();
        while !self.seen.contains(what) {
            let left = PATIENCE.checked_sub(began.elapsed());
            let left = left.unwrap_or_else(|| panic!("no {what:?} in {:?}", self.seen));
            let bytes = self.shown.recv_timeout(left);
            let bytes = bytes.unwrap_or_else(|_| panic!("no {what:?} in {:?}", self.seen));
            self.seen.push_str(&String::from_utf8_lossy(&bytes));
        }
    }
}

#[test]
fn watch_leaves_a_terminal_as_it_was() {
    let demo = Demo::start(TROUBLE);
    let server = url(&demo);
    let sizes = [(80, 24), (120, 40)];
    for ((size, colour), key) in sizes.into_iter().zip([true, false]).zip([b"q", b"\x03"]) {
        let words = ["watch", "--interval", "1", "--server", &server];
        let mut terminal = Terminal::run(&words, size, colour);
        terminal.wait_for("\u{1b}[?1049h");
        terminal.wait_for("q leaves");
        assert!(terminal.seen.contains("REPORTS, 2 HOURS"), "{:?}", terminal.seen);
        let red = terminal.seen.contains("\u{1b}[1;31m");
        assert_eq!(red, colour, "NO_COLOR is honoured: {:?}", terminal.seen);
        assert_eq!(terminal.seen.contains("FOR WHOM"), size.0 == 120);
        terminal.keys.write_all(key).expect("a key");
        terminal.wait_for("\u{1b}[?1049l");
        terminal.wait_for("\u{1b}[?25h");
        assert_eq!(terminal.child.wait().expect("it ends").code(), Some(0));
    }
}

#[test]
fn shells_complete_every_command() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("outcry.bash");
    std::fs::write(&file, told(&outcry(&["completions", "bash"]))).expect("writable");
    let ask = format!(
        "source {}\nCOMP_WORDS=(outcry sta); COMP_CWORD=1; _outcry outcry sta outcry; \
         echo \"${{COMPREPLY[@]}}\"\nCOMP_WORDS=(outcry status --s); COMP_CWORD=2; \
         _outcry outcry --s status; echo \"${{COMPREPLY[@]}}\"",
        file.display()
    );
    let bash = Command::new("bash").args(["-ec", &ask]).output().expect("bash");
    assert_eq!(told(&bash), "status\n--server\n", "{}", complained(&bash));
    for shell in ["zsh", "fish", "elvish", "powershell"] {
        let script = told(&outcry(&["completions", shell]));
        for command in ["status", "watch", "mcp", "serve", "completions", "manual"] {
            assert!(script.contains(command), "{shell} does not know {command}");
        }
    }
    let wrong = outcry(&["completions", "csh"]);
    assert_eq!(wrong.status.code(), Some(2));
    assert!(complained(&wrong).contains("possible values: bash"), "{}", complained(&wrong));
}

#[test]
fn the_manual_has_a_page_for_each_command() {
    let page = told(&outcry(&["manual"]));
    assert!(page.contains(".TH outcry 1"), "{page}");
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().display().to_string();
    assert!(outcry(&["manual", "--out", &path]).status.success());
    let status = std::fs::read_to_string(folder.path().join("outcry-status.1")).expect("a page");
    assert!(status.contains("Exit codes: 0 no trouble is seen"), "{status}");
    for command in ["serve", "watch", "mcp", "replay", "admin"] {
        assert!(folder.path().join(format!("outcry-{command}.1")).is_file(), "{command}");
    }
    let wrong = outcry(&["manual", "--out", "/nowhere/at/all"]);
    assert_eq!(wrong.status.code(), Some(2));
    assert!(complained(&wrong).contains("a folder that exists"), "{}", complained(&wrong));
}

fn words_of(result: &CallToolResult) -> String {
    let texts = result.content.iter().filter_map(|it| it.as_text());
    texts.map(|it| it.text.clone()).collect()
}

/// A client of the library, over the standard input and output of `outcry mcp`.
#[test]
fn a_client_is_answered_over_standard_input() {
    let demo = Demo::start(CLAIMED);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime").block_on(async {
        let mut child = Command::new(env!("CARGO_BIN_EXE_outcry"))
            .args(["mcp", "--server", &url(&demo)])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("it runs");
        let answers = OwnedFd::from(child.stdout.take().expect("piped"));
        let answers = pipe::Receiver::from_owned_fd(answers).expect("a pipe");
        let questions = OwnedFd::from(child.stdin.take().expect("piped"));
        let ends = (answers, pipe::Sender::from_owned_fd(questions).expect("a pipe"));
        let client = ().serve(ends).await.expect("it speaks MCP");
        let listed = client.list_all_tools().await.expect("tools");
        let names: Vec<&str> = listed.iter().map(|tool| &*tool.name).collect();
        assert_eq!(names, TOOLS);
        for tool in &listed {
            let hints = tool.annotations.as_ref().expect("hints");
            assert_eq!(hints.read_only_hint, Some(true), "{}", tool.name);
        }
        for (tool, says) in [
            ("is_it_down", "X"),
            ("since_when", "2025-03-10 09:4"),
            ("for_whom", "Affected: "),
            ("what_is_said", "“"),
            ("what_does_the_evidence_say", "No cause is established"),
            ("what_is_in_trouble", "services"),
            ("find_service", "x: X"),
        ] {
            let arguments = json!({ "service": "Twitter" });
            let asked = CallToolRequestParams::new(tool)
                .with_arguments(arguments.as_object().expect("an object").clone());
            let answer = client.call_tool(asked).await.expect("an answer");
            let text = words_of(&answer);
            assert_ne!(answer.is_error, Some(true), "{tool}: {text}");
            assert!(text.contains(says), "{tool}: {text}");
            assert!(text.contains("As of 2025-03-10 22:0"), "{tool}: {text}");
            assert!(text.contains("A reconstruction"), "{tool}: {text}");
            assert!(text.ends_with(CAUTION), "{tool}: {text}");
            let data = answer.structured_content.expect("data");
            assert_eq!(data["freshness"]["reconstruction"], true, "{tool}: {data}");
        }
        for (arguments, says) in [
            (json!({ "service": "twiter" }), "did you mean x (X)"),
            (json!({}), "give \"service\""),
            (json!({ "service": "x".repeat(201) }), "at most 200 characters"),
        ] {
            let asked = CallToolRequestParams::new("is_it_down")
                .with_arguments(arguments.as_object().expect("an object").clone());
            let answer = client.call_tool(asked).await.expect("an answer");
            assert_eq!(answer.is_error, Some(true));
            assert!(words_of(&answer).contains(says), "{}", words_of(&answer));
        }
        let strange = client.call_tool(CallToolRequestParams::new("cause_of")).await;
        let strange = strange.expect_err("there is no such tool").to_string();
        assert!(strange.contains("there are is_it_down"), "{strange}");
        client.cancel().await.expect("it ends");
        wait_for(|| child.try_wait().expect("a child").is_some());
        assert_eq!(child.wait().expect("it ended").code(), Some(0));
    });
}

/// A message as the transport over HTTP wants it.
fn post(demo: &Demo, body: &str) -> demo::Answer {
    let heads = "Content-Type: application/json\r\n\
                 Accept: application/json, text/event-stream\r\n";
    demo.send("POST", "/mcp", heads, body)
}

#[test]
fn the_server_answers_the_same_over_http() {
    let demo = Demo::start(CLAIMED);
    let hello = json!({
        "jsonrpc": "2.0", "id": 1, "method": "initialize",
        "params": {
            "protocolVersion": "2025-06-18", "capabilities": {},
            "clientInfo": { "name": "test", "version": "1" },
        },
    });
    let hello = post(&demo, &hello.to_string());
    assert_eq!(hello.status, 200, "{}", hello.head);
    assert_eq!(hello.header("mcp-session-id"), None, "nothing is kept for a client");
    assert_eq!(hello.json()["result"]["serverInfo"]["name"], "outcry");
    let begun = json!({ "jsonrpc": "2.0", "method": "notifications/initialized" });
    assert_eq!(post(&demo, &begun.to_string()).status, 202);
    let call = |tool: &str, id: u64| {
        let params = json!({ "name": tool, "arguments": { "service": "twitter" } });
        let body = json!({ "jsonrpc": "2.0", "id": id, "method": "tools/call", "params": params });
        let answer = post(&demo, &body.to_string());
        assert_eq!((answer.status, answer.media()), (200, "application/json"));
        answer.json()["result"].clone()
    };
    for (id, tool) in (2..).zip(TOOLS) {
        let result = call(tool, id);
        let text = result["content"][0]["text"].as_str().expect("words");
        assert!(text.ends_with(CAUTION), "{tool}: {result}");
        assert_ne!(result["isError"], true, "{tool}: {result}");
        assert_eq!(result["structuredContent"]["freshness"]["reliable"], true, "{tool}");
    }
    // What cannot be a message is refused, and nothing of it is kept.
    assert_eq!(post(&demo, "{").status, 415);
    assert_eq!(post(&demo, &"x".repeat(70_000)).status, 400);
    assert_eq!(demo.get("/mcp").status, 405);
}

#[test]
fn who_asks_over_http_too_often_is_told_to_wait() {
    let house = House::new();
    house.catalog(1);
    house.configure(
        "[catalog]\ndir = \"catalog\"\n[store]\ndir = \"data\"\n[limits]\n\
         reads_per_prefix_per_minute = 5\n",
    );
    // The house writes limits of its own after these.
    let config = std::fs::read_to_string(house.path("outcry.toml")).expect("readable");
    let config = config.replace("[limits]\nreads_per_prefix_per_minute = 5\n", "").replace(
        "reports_per_prefix_per_minute",
        "reads_per_prefix_per_minute = 5\nreports_per_prefix_per_minute",
    );
    std::fs::write(house.path("outcry.toml"), config).expect("writable");
    let server = Server::start(&house);
    let body = r#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#;
    let ask = |from: &str| {
        server.ask(&format!(
            "POST /mcp HTTP/1.1\r\nHost: outages.example\r\nConnection: close\r\n\
             X-Forwarded-For: {from}\r\nContent-Type: application/json\r\n\
             Accept: application/json, text/event-stream\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        ))
    };
    let mut answers = 0;
    wait_for(|| {
        answers += 1;
        ask("198.51.100.7").starts_with("HTTP/1.1 429")
    });
    assert!(answers <= 11, "{answers} answers in what may have been two minutes");
    let other = ask("203.0.113.7");
    assert!(other.starts_with("HTTP/1.1 200"), "another network is answered: {other}");
}

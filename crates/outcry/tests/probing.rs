//! The real program probes stand-ins on loopback: a name server, pages that work, pages that say
//! that they do not, and ports where nothing listens. Nothing outside of this machine is asked.

mod house;

use std::collections::BTreeSet;
use std::io::Read;
use std::io::Write;
use std::net::Ipv4Addr;
use std::net::SocketAddr;
use std::net::TcpListener;
use std::net::TcpStream;
use std::net::UdpSocket;
use std::process::Command;
use std::time::Duration;
use std::time::Instant;

use house::House;
use house::Server;
use serde_json::Value;

const TOKEN: &str = "a-token-of-this-test";
/// Services of the test's own catalogue.
const SERVICES: usize = 40;
/// Within this 95 % of them have to be looked at.
const SOON: Duration = Duration::from_secs(90);

const GOOD: &str = "<!doctype html><html lang=\"en\"><head><title>Lamps</title></head>\
    <body><main>\
    <h1>Lamps</h1><ul><li>Storm lamp</li><li>Desk lamp</li></ul></main></body></html>";
const SORRY: &str = "<!doctype html><html lang=\"en\"><head><title>Warble</title></head>\
    <body><main>\
    <p>Something went wrong. Try reloading.</p><button>Retry</button></main></body></html>";

/// Answers requests until the test ends: `/ok`, `/sorry`, and 503 for all else.
fn web() -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    let address = listener.local_addr().expect("bound");
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let mut head = [0; 2_048];
            let length = stream.read(&mut head).unwrap_or(0);
            let head = String::from_utf8_lossy(&head[..length]).into_owned();
            let (status, body) = match head.split(' ').nth(1) {
                Some("/ok") => ("200 OK", GOOD),
                Some("/sorry") => ("200 OK", SORRY),
                _ => ("503 Service Unavailable", "down"),
            };
            let _ = write!(
                stream,
                "HTTP/1.1 {status}\r\nContent-Type: text/html\r\nContent-Length: {}\r\n\
                 Connection: close\r\n\r\n{body}",
                body.len()
            );
        }
    });
    address
}

/// A name server that knows every name: 127.0.2.1, and no IPv6.
fn names() -> SocketAddr {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    let address = socket.local_addr().expect("bound");
    std::thread::spawn(move || {
        let mut question = [0; 1_500];
        while let Ok((length, from)) = socket.recv_from(&mut question) {
            // The name ends with an empty label; its type and class follow.
            let Some(end) = question[12..length].iter().position(|byte| *byte == 0) else {
                continue;
            };
            let end = 12 + end + 5;
            let is_v4 = question[end - 3] == 1;
            let mut answer = question[..2].to_vec();
            answer.extend([0x81, 0x80, 0, 1, 0, u8::from(is_v4), 0, 0, 0, 0]);
            answer.extend(&question[12..end]);
            if is_v4 {
                answer.extend([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 127, 0, 2, 1]);
            }
            let _ = socket.send_to(&answer, from);
        }
    });
    address
}

fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    listener.local_addr().expect("bound").port()
}

fn console(port: u16, token: &str, method: &str, path: &str) -> String {
    console_with(port, token, method, path, "")
}

fn console_with(port: u16, token: &str, method: &str, path: &str, body: &str) -> String {
    let Ok(mut stream) = TcpStream::connect((Ipv4Addr::LOCALHOST, port)) else {
        return String::new();
    };
    let _ = write!(
        stream,
        "{method} {path} HTTP/1.1\r\nHost: console\r\nAuthorization: Bearer {token}\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    let mut answer = String::new();
    let _ = stream.read_to_string(&mut answer);
    answer
}

fn wait_for(what: &str, mut is_so: impl FnMut() -> bool) {
    let began = Instant::now();
    while !is_so() {
        assert!(began.elapsed() < SOON, "{what} within {SOON:?}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn a_fresh_server_has_soon_looked_at_nearly_every_service() {
    let (web, names, port) = (web(), names(), free_port());
    let house = House::new();
    house.catalog(SERVICES as u64);
    let text = |more: &str| {
        format!(
            "[probes]\nallow_private = true\nresolvers = [\"{names}\"]\nreferences = []\n\
             console = \"127.0.0.1:{port}\"\ntoken = \"{TOKEN}\"\ninterval_s = 60\n\
             [notices]\nnotices_interval_s = 0\n[http]\nlisten = \"127.0.0.1:0\"\n\
             [store]\ndir = \"data\"\n[catalog]\ndir = \"catalog\"\n[log]\nlevel = \"error\"\n\
             [[module]]\nname = \"quick\"\ntimeout_ms = 2000\n\
             [[probe]]\nservice = \"s1\"\ntarget = \"http://{web}/ok\"\nuse = [\"quick\"]\n\
             [[probe]]\nservice = \"s2\"\ntarget = \"http://{web}/sorry\"\n\
             [[probe]]\nservice = \"s3\"\ntarget = \"http://{web}/down\"\n\
             [[probe]]\nservice = \"s4\"\ntarget = \"heartbeat:job\"\ninterval_s = 30\n{more}"
        )
    };
    house.file("outcry.toml", &text(""));
    let server = Server::start(&house);
    let metrics = || console(port, TOKEN, "GET", "/metrics");
    let value = |text: &str, name: &str, monitor: &str| {
        let line = text.lines().find(|line| line.starts_with(name) && line.contains(monitor))?;
        line.rsplit(' ').next()?.parse::<f64>().ok()
    };
    wait_for("95 % of the services were looked at", || {
        let text = metrics();
        let lines = text.lines().filter(|line| line.starts_with("probe_success{"));
        let seen: BTreeSet<&str> =
            lines.filter_map(|line| line.split("service=\"").nth(1)?.split('"').next()).collect();
        seen.len() * 100 >= SERVICES * 95
    });
    wait_for("the pages were looked at", || {
        let text = metrics();
        value(&text, "probe_success{", "/ok\"") == Some(1.0)
            && value(&text, "outcry_probe_soft_failure{", "/sorry\"") == Some(1.0)
            && value(&text, "probe_http_status_code{", "/down\"") == Some(503.0)
    });
    assert_eq!(value(&metrics(), "outcry_probe_looks_total", "lost"), Some(0.0));
    // What was seen went through the log to the engine, and the page tells of it.
    let page =
        || server.ask("GET /api/v1/services/s3 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    wait_for("the engine knows", || page().contains("200 OK"));
    wait_for("what was seen was told", || {
        value(&metrics(), "outcry_probe_looks_total", "told").is_some_and(|told| told > 40.0)
    });

    // A job reports by itself; without the token nobody is heard.
    let path = "/api/v1/endpoints/job/external?success=true&duration=2s";
    assert!(console(port, "wrong", "POST", path).contains("401"));
    assert!(console(port, TOKEN, "POST", path).contains("200 OK"));
    let nobody = "/api/v1/endpoints/nobody/external?success=true";
    assert!(console(port, TOKEN, "POST", nobody).contains("heartbeat:nobody"));
    // A token of its own does what its scope says, until it is taken back.
    let made = house.done(&["admin", "tokens", "create", "--name", "job", "--scope", "heartbeat"]);
    let job = made.lines().next().expect("the token");
    assert!(console(port, job, "POST", path).contains("200 OK"));
    assert!(console(port, job, "GET", "/metrics").contains("401"));
    house.done(&["admin", "tokens", "revoke", "job"]);
    assert!(console(port, job, "POST", path).contains("401"));
    // What Alertmanager says is heard under the same keys.
    let alert = "{\"version\":\"4\",\"alerts\":[{\"status\":\"firing\",\
                 \"labels\":{\"alertname\":\"Down\",\"outcry_heartbeat\":\"job\"}}]}";
    let alerts = |body| console_with(port, TOKEN, "POST", "/api/v1/alertmanager", body);
    assert!(alerts("{}").contains("webhook_config"));
    assert!(alerts(alert).contains("200 OK"));
    wait_for("the probe of the job fails", || {
        value(&metrics(), "probe_success{", "kind=\"heartbeat\"") == Some(0.0)
    });
    let asked = format!("/probe?target=http://{web}/sorry&module=quick&debug=true");
    let answer = console(port, TOKEN, "GET", &asked);
    assert!(
        answer.contains("probe_success 0") && answer.contains("Something went wrong"),
        "{answer}"
    );
    assert!(console(port, TOKEN, "GET", "/probe?target=gopher://x").contains("400"));

    // A changed file is in force soon; one with a mistake changes nothing.
    let more = format!("[[probe]]\nservice = \"s5\"\ntarget = \"http://{web}/ok?late\"\n");
    house.file("outcry.toml", &text(&more));
    wait_for("the new monitor was looked at", || metrics().contains("/ok?late"));
    house.file("outcry.toml", &text("[[probe]]\nservice = \"s5\"\ntarget = \"gopher://x\"\n"));
    std::thread::sleep(Duration::from_millis(1_500));
    assert!(console(port, TOKEN, "GET", "/metrics").contains("outcry_probe_monitors"));
    let told = house.refused(&["check"]);
    assert!(told.contains("gopher") && told.contains("https://"), "{told}");
}

#[test]
fn one_look_by_hand_is_explained_to_people_and_to_programs() {
    let web = web();
    let probe = |target: &str, more: &[&str]| {
        Command::new(env!("CARGO_BIN_EXE_outcry"))
            .args(["probe", target])
            .args(more)
            .output()
            .expect("it runs")
    };
    let line = |target: String| -> Value {
        let output = probe(&target, &["--json"]);
        assert!(output.status.success());
        serde_json::from_slice(&output.stdout).expect("a line of JSON")
    };
    for (path, outcome, status) in
        [("ok", "ok", 200), ("sorry", "soft_failure", 200), ("down", "failed", 503)]
    {
        let told = line(format!("http://{web}/{path}"));
        assert_eq!(told["outcome"], outcome, "{told}");
        assert_eq!(told["status"], status);
        assert!(told["phases_ms"]["connect"].as_f64().is_some_and(|ms| ms > 0.0), "{told}");
        assert!(told["certificate"].is_null());
    }
    let output = probe(&format!("http://{web}/sorry"), &[]);
    let words = String::from_utf8_lossy(&output.stdout).into_owned();
    for part in ["soft failure", "Something went wrong", "connect", "█", "people see this"] {
        assert!(words.contains(part), "{words}");
    }
    let closed = line(format!("tcp://127.0.0.1:{}", free_port()));
    assert_eq!(closed["outcome"], "failed");
    assert_eq!(closed["reason"], "connect: the connection was refused");
    let filtered = line("http://169.254.169.254/latest/meta-data".into());
    assert_eq!(filtered["about_us"], true, "{filtered}");
    let wrong = probe("gopher://example.org", &[]);
    assert_eq!(wrong.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&wrong.stderr).contains("https://"));
}

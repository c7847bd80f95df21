//! Receivers of alerts: a web server that behaves in every way receivers do, and a mail server.
#![allow(dead_code, reason = "each test file uses its part")]

use std::collections::BTreeSet;
use std::io::BufRead;
use std::io::BufReader;
use std::io::Read;
use std::io::Write;
use std::net::Ipv4Addr;
use std::net::SocketAddr;
use std::net::TcpListener;
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::Mutex;
use std::time::Duration;
use std::time::SystemTime;
use std::time::UNIX_EPOCH;

/// How long the slow receiver takes.
const SLOW: Duration = Duration::from_millis(400);

/// One request that came in.
#[derive(Clone, Debug)]
pub struct Heard {
    pub path: String,
    pub id: String,
    pub timestamp: String,
    pub signature: String,
    pub body: String,
    pub at_ms: i64,
    pub taken: bool,
}

/// A web server. `/ok…` takes all; `/flaky` fails the first try of each id; `/gone` says 410;
/// `/moved` sends elsewhere; `/garbage` speaks no HTTP; `/slow` takes its time; `/huge` never ends.
pub struct Web {
    pub address: SocketAddr,
    pub heard: Arc<Mutex<Vec<Heard>>>,
}

impl Web {
    pub fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
        let address = listener.local_addr().expect("bound");
        let heard: Arc<Mutex<Vec<Heard>>> = Arc::default();
        let (all, tried) = (heard.clone(), Arc::new(Mutex::new(BTreeSet::new())));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(stream) = stream else { return };
                let (all, tried) = (all.clone(), tried.clone());
                std::thread::spawn(move || serve(stream, &all, &tried));
            }
        });
        Self { address, heard }
    }

    pub fn of(&self, path: &str) -> Vec<Heard> {
        let heard = self.heard.lock().expect("no panic");
        heard.iter().filter(|it| it.path == path).cloned().collect()
    }
}

fn serve(mut stream: TcpStream, heard: &Mutex<Vec<Heard>>, tried: &Mutex<BTreeSet<String>>) {
    let Some(mut it) = read(&stream) else { return };
    let fresh = tried.lock().expect("no panic").insert(format!("{} {}", it.path, it.id));
    let answer = match it.path.as_str() {
        "/flaky" if fresh => "HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n",
        "/gone" => "HTTP/1.1 410 Gone\r\nContent-Length: 0\r\n\r\n",
        "/moved" => "HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n",
        "/garbage" => "\u{1}\u{2}this is no HTTP\r\n\r\n",
        "/huge" => "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
        _ => "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
    };
    if it.path == "/slow" {
        std::thread::sleep(SLOW);
    }
    it.taken = answer.starts_with("HTTP/1.1 200");
    let is_huge = it.path == "/huge";
    heard.lock().expect("no panic").push(it);
    let _ = stream.write_all(answer.as_bytes());
    let chunk = [b"10000\r\n".to_vec(), vec![b'x'; 0x1_0000], b"\r\n".to_vec()].concat();
    while is_huge && stream.write_all(&chunk).is_ok() {}
}

fn read(stream: &TcpStream) -> Option<Heard> {
    let mut lines = BufReader::new(stream);
    let mut first = String::new();
    lines.read_line(&mut first).ok()?;
    let path = first.split(' ').nth(1)?.to_owned();
    let (mut length, mut heads) = (0, Vec::new());
    loop {
        let mut line = String::new();
        lines.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim().split_once(": ") else { break };
        let (name, value) = (name.to_ascii_lowercase(), value.to_owned());
        if name == "content-length" {
            length = value.parse().ok()?;
        }
        heads.push((name, value));
    }
    let mut body = vec![0; length];
    lines.read_exact(&mut body).ok()?;
    let head = |name: &str| {
        let found = heads.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.clone()).unwrap_or_default()
    };
    Some(Heard {
        path,
        id: head("webhook-id"),
        timestamp: head("webhook-timestamp"),
        signature: head("webhook-signature"),
        body: String::from_utf8(body).ok()?,
        at_ms: now_ms(),
        taken: false,
    })
}

pub fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970");
    i64::try_from(since.as_millis()).expect("not that late")
}

/// A mail server that takes all mail.
pub struct Mail {
    pub address: SocketAddr,
    /// Receiver and message.
    pub heard: Arc<Mutex<Vec<(String, String)>>>,
}

impl Mail {
    pub fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
        let address = listener.local_addr().expect("bound");
        let heard: Arc<Mutex<Vec<(String, String)>>> = Arc::default();
        let all = heard.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(stream) = stream else { return };
                let all = all.clone();
                std::thread::spawn(move || converse(stream, &all));
            }
        });
        Self { address, heard }
    }
}

fn converse(mut stream: TcpStream, heard: &Mutex<Vec<(String, String)>>) -> Option<()> {
    let mut lines = BufReader::new(stream.try_clone().ok()?);
    let mut to = String::new();
    stream.write_all(b"220 test\r\n").ok()?;
    loop {
        let mut line = String::new();
        if lines.read_line(&mut line).ok()? == 0 {
            return None;
        }
        let answer: &[u8] = match line.trim() {
            ehlo if ehlo.starts_with("EHLO") => b"250-test\r\n250 SIZE 100000\r\n",
            rcpt if rcpt.starts_with("RCPT TO:") => {
                to = rcpt.trim_start_matches("RCPT TO:").trim_matches(['<', '>']).to_owned();
                b"250 ok\r\n"
            }
            "DATA" => {
                stream.write_all(b"354 go on\r\n").ok()?;
                let mut message = String::new();
                loop {
                    let mut line = String::new();
                    lines.read_line(&mut line).ok()?;
                    if line == ".\r\n" {
                        break;
                    }
                    message.push_str(line.strip_prefix('.').unwrap_or(&line));
                }
                heard.lock().expect("no panic").push((to.clone(), message));
                b"250 taken\r\n"
            }
            "QUIT" => return stream.write_all(b"221 bye\r\n").ok(),
            _ => b"250 ok\r\n",
        };
        stream.write_all(answer).ok()?;
    }
}

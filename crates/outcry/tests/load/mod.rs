//! Reports over HTTP, as many as go, and which of them were acknowledged.
#![allow(dead_code, reason = "each test file uses its part")]

use std::io::BufRead;
use std::io::BufReader;
use std::io::Write;
use std::net::TcpStream;
use std::sync::Mutex;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;
use std::time::Duration;
use std::time::Instant;

/// How long anything may take before a test gives up.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// SplitMix64.
pub struct Dice(pub u64);

impl Dice {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `end`.
    pub fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end.max(1) as u64).expect("below a usize")
    }

    pub fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }
}

/// Sends reports over one connection until it breaks or `stop` is set; notes what was answered.
/// One in 16 has a comment.
pub fn send(
    address: &str,
    mut dice: Dice,
    stop: &AtomicBool,
    sent: &AtomicU64,
    acknowledged: &Mutex<Vec<String>>,
) {
    let Ok(mut stream) = TcpStream::connect(address) else { return };
    let _ = stream.set_read_timeout(Some(PATIENCE));
    let mut answers = BufReader::new(stream.try_clone().expect("a second handle"));
    while !stop.load(Ordering::Relaxed) {
        let throw = dice.next();
        let [a, b, c, d, ..] = throw.to_le_bytes();
        let slug = ["x", "youtube", "netflix", "steam"][usize::from(a) % 4];
        let comment = if b < 240 { String::new() } else { format!(r#","comment":"{throw}""#) };
        let body = format!(r#"{{"service":"{slug}","problem":"not_loading"{comment}}}"#);
        let from = format!("{}.{b}.{c}.{d}", a % 200 + 1);
        sent.fetch_add(1, Ordering::Relaxed);
        if stream.write_all(report_from(&from, &body).as_bytes()).is_err() {
            return;
        }
        let Some((status, body)) = answer(&mut answers) else { return };
        if status == 202 {
            let id = body.split('"').nth(3).expect("an id").to_owned();
            acknowledged.lock().expect("no panic").push(id);
        }
    }
}

/// The request that sends a report from an address, which a proxy that is believed names.
pub fn report_from(address: &str, body: &str) -> String {
    format!(
        "POST /api/v1/reports HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: {address}\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// One answer: its status and its body.
pub fn answer(stream: &mut impl BufRead) -> Option<(u16, String)> {
    let mut line = String::new();
    stream.read_line(&mut line).ok().filter(|n| *n > 0)?;
    let status = line.split(' ').nth(1)?.parse().ok()?;
    let mut length = 0;
    loop {
        line.clear();
        stream.read_line(&mut line).ok().filter(|n| *n > 0)?;
        if line == "\r\n" {
            break;
        }
        let (name, value) = line.split_once(':')?;
        if name.eq_ignore_ascii_case("content-length") {
            length = value.trim().parse().ok()?;
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).ok()?;
    Some((status, String::from_utf8(body).ok()?))
}

pub fn get(address: &str, path: &str) -> Option<String> {
    let mut stream = TcpStream::connect(address).ok()?;
    write!(stream, "GET {path} HTTP/1.1\r\nHost: x\r\n\r\n").ok()?;
    answer(&mut BufReader::new(stream)).map(|(_, body)| body)
}

/// Waits until all that was taken is decided.
pub fn wait_until_caught_up(address: &str) {
    let began = Instant::now();
    while !get(address, "/healthz").is_some_and(|health| health.contains(r#""behind":0"#)) {
        assert!(began.elapsed() < PATIENCE, "the server has not caught up");
        pause_ms(5);
    }
}

pub fn pause_ms(ms: u64) {
    let until = Instant::now() + Duration::from_millis(ms);
    while Instant::now() < until {
        std::thread::park_timeout(until.saturating_duration_since(Instant::now()));
    }
}

/// How often something is done: a little by default, all of it when the variable says so.
pub fn times(variable: &str, usual: u64) -> u64 {
    match std::env::var(variable) {
        Ok(text) => text.parse().unwrap_or_else(|_| panic!("{variable} is a number: {text}")),
        Err(_) => usual,
    }
}

//! The demo of the real program, and what it answers.
#![allow(dead_code, reason = "each test file uses its part")]

use std::io::BufRead;
use std::io::BufReader;
use std::io::Read;
use std::io::Write;
use std::net::TcpStream;
use std::process::Child;
use std::process::ChildStdout;
use std::process::Command;
use std::process::Stdio;
use std::time::Duration;

use serde_json::Value;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// The demo, ended when it goes out of sight.
pub struct Demo {
    child: Child,
    pub address: String,
    _told: BufReader<ChildStdout>,
}

impl Drop for Demo {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// One answer.
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(':'));
        lines.find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&self.body)))
    }

    /// The media type without its parameters.
    pub fn media(&self) -> &str {
        let kind = self.header("content-type").unwrap_or("");
        kind.split(';').next().unwrap_or("").trim()
    }
}

impl Demo {
    pub fn start(at: &str) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_outcry"))
            .args(["demo", "--listen", "127.0.0.1:0", "--speed", "1", "--start", at])
            .stdout(Stdio::piped())
            .spawn()
            .expect("the demo starts");
        let mut line = String::new();
        let stdout = child.stdout.take().expect("piped");
        let mut told = BufReader::new(stdout);
        told.read_line(&mut line).expect("readable");
        let address = line.trim().rsplit("http://").next().expect("an address").to_owned();
        // Held open: a program that has something to say must have somewhere to say it.
        Self { child, address, _told: told }
    }

    pub fn send(&self, method: &str, path: &str, headers: &str, body: &str) -> Answer {
        let mut stream = TcpStream::connect(&self.address).expect("it listens");
        stream.set_read_timeout(Some(PATIENCE)).expect("a time");
        let length = body.len();
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\
             Content-Length: {length}\r\n{headers}\r\n{body}",
            self.address
        );
        stream.write_all(request.as_bytes()).expect("it reads");
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).expect("it answers");
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").expect("a head");
        let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
        let status = head.split(' ').nth(1).and_then(|code| code.parse().ok()).expect("a code");
        Answer { status, head, body: bytes[end + 4..].to_vec() }
    }

    pub fn get(&self, path: &str) -> Answer {
        self.send("GET", path, "", "")
    }
}

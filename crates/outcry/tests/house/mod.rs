//! A data folder with its configuration, and the real program over it.
#![allow(dead_code, reason = "each test file uses its part")]

use std::fs;
use std::io::BufRead;
use std::io::BufReader;
use std::io::Read;
use std::io::Write;
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::Child;
use std::process::Command;
use std::process::Output;
use std::process::Stdio;
use std::time::Duration;

/// How long anything may take before a test gives up.
const PATIENCE: Duration = Duration::from_secs(30);

/// A data folder with its configuration.
pub struct House(tempfile::TempDir);

impl House {
    pub fn new() -> Self {
        Self::with("[store]\ndir = \"data\"\n")
    }

    /// A house with a section of configuration about its store.
    pub fn with(store: &str) -> Self {
        let house = Self(tempfile::tempdir().expect("a folder"));
        house.configure(store);
        house
    }

    /// Gives it other sections of configuration.
    pub fn configure(&self, sections: &str) {
        let config = format!(
            "[probes]\nenabled = false\n[notices]\n\
             notices_interval_s = 0\n[http]\nlisten = \"127.0.0.1:0\"\nthreads = 2\n\
             trusted_proxies = [\"127.0.0.0/8\"]\n{sections}[limits]\n\
             reports_per_prefix_per_minute = 1000000\n[log]\nlevel = \"error\"\n"
        );
        fs::write(self.path("outcry.toml"), config).expect("writable");
    }

    /// Gives it a catalogue of services `s0`, `s1`, …, each with a domain, in the folder `catalog`.
    pub fn catalog(&self, services: u64) {
        let folder = self.path("catalog");
        fs::create_dir(&folder).expect("writable");
        let vocabulary = include_str!("../../../../catalog/vocabulary.toml");
        fs::write(folder.join("vocabulary.toml"), vocabulary).expect("writable");
        let mut text = "[category]\nslug = \"social\"\nname = \"Social\"\n".to_owned();
        for n in 0..services {
            text.push_str(&format!(
                "[[service]]\nslug = \"s{n}\"\nname = \"Service {n}\"\n\
                 domains = [\"s{n}.example.org\"]\n\
                 countries = [\"*\"]\naliases = []\ncomponents = [\"web\", \"api\"]\n\
                 problems = [\"not_loading\", \"other\"]\n"
            ));
        }
        fs::write(folder.join("social.toml"), text).expect("writable");
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, text).expect("writable");
        path
    }

    pub fn run(&self, words: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_outcry"))
            .args(words)
            .arg("--config")
            .arg(self.path("outcry.toml"))
            .output()
            .expect("it runs")
    }

    /// What is said by a command that does what it is told.
    pub fn done(&self, words: &[&str]) -> String {
        let output = self.run(words);
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{words:?}: {error}");
        String::from_utf8(output.stdout).expect("text")
    }

    /// What is said by a command that was given something wrong.
    pub fn refused(&self, words: &[&str]) -> String {
        let output = self.run(words);
        assert_eq!(output.status.code(), Some(2), "{words:?} is refused");
        String::from_utf8(output.stderr).expect("text")
    }
}

/// A server that is killed when it goes out of sight.
pub struct Server {
    pub child: Child,
    pub address: String,
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Server {
    pub fn start(house: &House) -> Self {
        Self::start_telling(house, Stdio::inherit())
    }

    /// Starts it, with a place for what it says of itself.
    pub fn start_telling(house: &House, errors: Stdio) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_outcry"))
            .args(["serve", "--config"])
            .arg(house.path("outcry.toml"))
            .stdout(Stdio::piped())
            .stderr(errors)
            .spawn()
            .expect("the server starts");
        let mut line = String::new();
        let stdout = child.stdout.take().expect("piped");
        BufReader::new(stdout).read_line(&mut line).expect("readable");
        let address = line.trim().rsplit("http://").next().expect("an address").to_owned();
        Self { child, address }
    }

    pub fn ask(&self, request: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).expect("it listens");
        stream.set_read_timeout(Some(PATIENCE)).expect("a time");
        stream.write_all(request.as_bytes()).expect("it reads");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("it answers");
        answer
    }
}

/// Waits until something is so.
pub fn wait_for(mut is_so: impl FnMut() -> bool) {
    let began = std::time::Instant::now();
    while !is_so() {
        assert!(began.elapsed() < PATIENCE, "not within {PATIENCE:?}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

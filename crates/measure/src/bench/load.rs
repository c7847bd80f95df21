//! Load from wrk on one processor core, and what became of it.

use std::path::Path;
use std::process::Stdio;

use anyhow::Context;
use anyhow::Result;
use anyhow::bail;

use crate::bench::server::pinned;
use xtask::run;

/// The core that servers are kept on.
pub const SERVER_CORE: usize = 0;
/// The core that the load comes from.
pub const LOAD_CORE: usize = 1;

/// One run of wrk.
pub struct Load<'a> {
    /// Where to.
    pub url: String,
    /// Connections held open at the same time.
    pub connections: usize,
    /// Seconds of load.
    pub seconds: u64,
    /// The script in this folder, with its arguments.
    pub script: (&'a str, &'a [&'a str]),
    /// Further header lines.
    pub headers: &'a [&'a str],
}

/// What came of a run.
#[derive(Clone, Copy, Debug)]
pub struct Outcome {
    /// Answers of the classes 2xx and 3xx.
    pub good: u64,
    /// Answers of other classes.
    pub refused: u64,
    /// Requests that broke: not connected, not sent, not answered, late.
    pub broken: u64,
    /// Good answers a second.
    pub per_s: f64,
    /// Half of the answers came within this, milliseconds.
    pub p50_ms: f64,
    /// 99 of 100 answers came within this, milliseconds.
    pub p99_ms: f64,
    /// Bytes of an answer with its head, on average.
    pub bytes_each: f64,
}

impl Load<'_> {
    /// Sends the load and waits for its end.
    pub fn send(&self) -> Result<Outcome> {
        run::need("wrk", &["wrk"])?;
        let mut command = pinned(Path::new("wrk"), load_core());
        command
            .args(["--threads", "1", "--timeout", "10s"])
            .args(["--connections", &self.connections.to_string()])
            .args(["--duration", &format!("{}s", self.seconds)])
            .args(["--script", &format!("crates/measure/src/bench/{}", self.script.0)])
            .current_dir(run::root());
        for header in self.headers {
            command.args(["--header", header]);
        }
        command.arg(&self.url).arg("--").args(self.script.1).stderr(Stdio::inherit());
        let output = command.output().context("cannot start wrk")?;
        let said = String::from_utf8_lossy(&output.stdout);
        let result = said.lines().find_map(|line| line.strip_prefix("RESULT "));
        let Some(result) = result else { bail!("wrk gave no result:\n{said}") };
        read(result).with_context(|| format!("cannot read the result of wrk: {result}"))
    }
}

/// Whether there are two cores to keep server and load apart.
fn has_two_cores() -> bool {
    std::thread::available_parallelism().is_ok_and(|cores| cores.get() > LOAD_CORE)
}

/// The core of servers, where there is more than one.
pub fn server_core() -> Option<usize> {
    has_two_cores().then_some(SERVER_CORE)
}

fn load_core() -> Option<usize> {
    has_two_cores().then_some(LOAD_CORE)
}

/// Reads requests, refused, broken, bytes, and three times in microseconds.
fn read(result: &str) -> Option<Outcome> {
    let numbers: Vec<f64> = result.split(' ').map_while(|word| word.parse().ok()).collect();
    let &[requests, refused, broken, bytes, duration_us, p50_us, p99_us] = &numbers[..] else {
        return None;
    };
    let good = requests - refused;
    Some(Outcome {
        good: good as u64,
        refused: refused as u64,
        broken: broken as u64,
        per_s: good / (duration_us / 1e6),
        p50_ms: p50_us / 1e3,
        p99_ms: p99_us / 1e3,
        bytes_each: bytes / requests.max(1.0),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_result_counts_only_what_was_good() {
        let outcome = read("1000 100 3 500000 2000000 1500 9000").expect("seven numbers");
        assert_eq!((outcome.good, outcome.refused, outcome.broken), (900, 100, 3));
        assert_eq!((outcome.per_s, outcome.bytes_each), (450.0, 500.0));
        assert_eq!((outcome.p50_ms, outcome.p99_ms), (1.5, 9.0));
        assert!(read("1000 100").is_none());
    }
}

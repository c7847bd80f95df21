//! `bench api`: JSON out of memory beside nginx with the same bytes, and the time that 24 hours of
//! a series take when they have to be made.
//!
//! The first is told as a ratio to nginx in the same run. The second is the time from a request on
//! an open connection to its last byte, one after the other, each over a range of its own, so that
//! none is in memory.

use std::io::BufRead;
use std::io::BufReader;
use std::io::Read;
use std::io::Write;
use std::net::TcpStream;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::Context;
use anyhow::Result;
use anyhow::bail;

use crate::bench::close;
use crate::bench::load::server_core;
use crate::bench::median;
use crate::bench::pages::Against;
use crate::bench::server::Server;
use xtask::run;

/// Our answers against those of nginx.
const RATIO_BAR: f64 = 0.8;
/// Milliseconds that 24 hours of one series take at most, in the middle.
const SERIES_MS_BAR: f64 = 2.0;
const JSON: &str = "/api/v1/services/x";
/// Series that are made, one after the other.
const SERIES: usize = 400;
/// When the story is looked at: in its second surge, with a day of minutes behind it.
const START: &str = "2025-03-10T22:00:00Z";

/// Runs both.
pub fn run() -> Result<ExitCode> {
    run::need("/usr/sbin/nginx", &["nginx-light"])?;
    let server = Server::start_with("api", "threads = 1", "", server_core())?;
    let ratio = Against { name: "api", path: JSON }.run(&server)?;
    drop(server);
    let made_ms = series_ms()?;
    println!("24 h of one series, made anew: {made_ms:.2} ms (bar: <= {SERIES_MS_BAR})");
    let holds = ratio >= RATIO_BAR && made_ms <= SERIES_MS_BAR;
    Ok(close(&format!("api: {ratio:.2} of nginx (bar: >= {RATIO_BAR})"), holds))
}

/// Milliseconds that a series takes in the middle.
fn series_ms() -> Result<f64> {
    let demo = Server::demo_with("api-demo", START, &["--reads", "4000000000"])?;
    let mut stream = TcpStream::connect(("127.0.0.1", demo.port)).context("nothing listens")?;
    stream.set_nodelay(true)?;
    let mut answers = BufReader::new(stream.try_clone()?);
    let mut times = Vec::with_capacity(SERIES);
    for turn in 0..SERIES {
        // Seconds are rounded to whole minutes: another address with the same work behind it.
        let (minute, second) = (turn / 60 % 60, turn % 60);
        let path = format!(
            "/api/v1/services/x/series.json?from=2025-03-09T21:{minute:02}:{second:02}Z\
             &until=2025-03-10T21:{minute:02}:{second:02}Z"
        );
        let began = Instant::now();
        write!(stream, "GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n")?;
        let bytes = answer(&mut answers)?;
        times.push(began.elapsed().as_secs_f64() * 1_000.0);
        if !bytes.starts_with(b"{\"as_of\"") {
            bail!("{path} is no series: {}", String::from_utf8_lossy(&bytes));
        }
    }
    Ok(median(&times))
}

/// The body of the next answer of a connection.
fn answer(answers: &mut BufReader<TcpStream>) -> Result<Vec<u8>> {
    let mut length = 0;
    loop {
        let mut line = String::new();
        answers.read_line(&mut line)?;
        if line.trim().is_empty() {
            break;
        }
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().context("an odd length")?;
        }
    }
    let mut body = vec![0; length];
    answers.read_exact(&mut body)?;
    Ok(body)
}

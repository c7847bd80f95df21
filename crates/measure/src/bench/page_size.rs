//! `bench page-size`: bytes of each kind of page, with all it pulls in but fonts and pictures.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::Result;
use anyhow::bail;

use crate::bench::close;
use crate::bench::server::Server;

/// The page of a service in trouble with its style and script, as brotli, bytes.
const BYTES_BAR: usize = 20_000;
/// Asked again this often until the better compression has come.
const TURNS_MAX: usize = 50;
const PAUSE: Duration = Duration::from_millis(200);
const STORY: &str = "/s/x";

/// Starts the demo in its second surge and weighs its pages.
pub fn run() -> Result<ExitCode> {
    let server = Server::demo("page-size", "2025-03-10T14:05:00Z")?;
    let html = String::from_utf8_lossy(&weigh(&server, STORY, "identity")?).into_owned();
    let Some(incident) = quoted(&html, "href=\"/i/").next() else {
        bail!("{STORY} leads to no incident: the story did not come to its surge");
    };
    let incident = format!("/i/{}", incident.split('#').next().unwrap_or(incident));
    let scripts: Vec<String> = quoted(&html, "src=\"/").map(|path| format!("/{path}")).collect();
    let mut pulled = 0;
    for script in &scripts {
        let headers = "Accept-Encoding: br\r\n";
        pulled += server.get(script, headers)?.body.len();
    }
    let kinds = ["/", STORY, &incident, "/incidents", "/services", "/methods", "/data"];
    println!("{:<22} {:>9} {:>9} {:>9} {:>13}", "page", "plain", "zstd", "br", "br + scripts");
    let mut bytes = 0;
    for path in kinds {
        let plain = weigh(&server, path, "identity")?.len();
        let zstd = weigh(&server, path, "zstd")?.len();
        let brotli = weigh(&server, path, "br")?.len();
        let all = brotli + pulled;
        println!("{path:<22} {plain:>9} {zstd:>9} {brotli:>9} {all:>13}");
        if path == STORY {
            bytes = all;
        }
    }
    let line = format!("page-size: {bytes} bytes for {STORY} (bar: <= {BYTES_BAR})");
    Ok(close(&line, bytes <= BYTES_BAR))
}

/// The body as it travels in a coding.
fn weigh(server: &Server, path: &str, coding: &str) -> Result<Vec<u8>> {
    for _ in 0..TURNS_MAX {
        let answer = server.get(path, &format!("Accept-Encoding: {coding}\r\n"))?;
        if answer.status != 200 {
            bail!("{path} answers {}", answer.status);
        }
        if answer.header("content-encoding").unwrap_or("identity") == coding {
            return Ok(answer.body);
        }
        std::thread::sleep(PAUSE);
    }
    bail!("{path} never came as {coding}")
}

/// What stands between `before` and the next quote, each time.
fn quoted<'a>(html: &'a str, before: &'a str) -> impl Iterator<Item = &'a str> {
    html.split(before).skip(1).filter_map(|rest| rest.split('"').next())
}

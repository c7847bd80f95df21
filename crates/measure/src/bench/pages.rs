//! `bench pages`: a page out of memory, beside nginx that serves the same bytes from a file.
//!
//! Both have one core and one worker, send the same headers, and write no log; the load has the
//! other core. nginx is set up as one would for a file that is asked for all the time.

use std::path::Path;
use std::process::ExitCode;
use std::process::Stdio;

use anyhow::Context;
use anyhow::Result;
use anyhow::bail;

use crate::bench::close;
use crate::bench::load::Load;
use crate::bench::load::Outcome;
use crate::bench::load::server_core;
use crate::bench::median;
use crate::bench::server::Answer;
use crate::bench::server::Server;
use crate::bench::server::get;
use crate::bench::server::pinned;
use xtask::run;
use xtask::run::Started;
use xtask::run::free_port;
use xtask::run::wait_for;

/// Our pages against those of nginx.
const RATIO_BAR: f64 = 0.8;
const CONNECTIONS: usize = 64;
const SECONDS: u64 = 10;
const WARM_UP_SECONDS: u64 = 2;
const PAIRS: usize = 5;
/// Short, since the page is made anew every quarter of a minute.
const NOT_AGAIN_SECONDS: u64 = 3;
const NOT_AGAIN_TURNS_MAX: usize = 8;
const PAGE: &str = "/s/x";
const CODING: &str = "Accept-Encoding: zstd";
/// Headers that nginx makes itself.
const OWN: [&str; 6] =
    ["content-length", "content-type", "date", "connection", "server", "transfer-encoding"];

/// Serves the same bytes in both ways and compares.
pub fn run() -> Result<ExitCode> {
    run::need("/usr/sbin/nginx", &["nginx-light"])?;
    let server = Server::start_with("pages", "threads = 1", "", server_core())?;
    let ratio = Against { name: "pages", path: PAGE }.run(&server)?;
    Ok(close(&format!("pages: {ratio:.2} of nginx (bar: >= {RATIO_BAR})"), ratio >= RATIO_BAR))
}

/// One address of ours against nginx with the same bytes.
pub struct Against {
    /// The folder for what nginx serves.
    pub name: &'static str,
    /// The address.
    pub path: &'static str,
}

impl Against {
    /// Our answers a second over those of nginx, the middle of some pairs.
    pub fn run(&self, server: &Server) -> Result<f64> {
        let path = self.path;
        let page = server.get(path, &format!("{CODING}\r\n"))?;
        if page.status != 200 || page.header("content-encoding") != Some("zstd") {
            bail!("{path} did not come as Zstandard:\n{}", page.head);
        }
        let (_nginx, port) = nginx(self, &page)?;
        let peer = get(port, path, &format!("{CODING}\r\n"))?;
        if peer.body != page.body {
            bail!("nginx serves other bytes:\n{}", peer.head);
        }
        let send = |port: u16, seconds, headers: &[&str]| {
            let url = format!("http://127.0.0.1:{port}{path}");
            Load { url, connections: CONNECTIONS, seconds, script: ("done.lua", &[]), headers }
                .send()
        };
        for port in [server.port, port] {
            send(port, WARM_UP_SECONDS, &[CODING])?;
        }
        println!("{} bytes of {path}, {CONNECTIONS} connections, one core each", page.body.len());
        println!(
            "{:<6} {:<12} {:>11} {:>9} {:>9} {:>10} {:>8}",
            "pair", "server", "answers s", "p50 ms", "p99 ms", "bytes each", "broken"
        );
        let mut ratios = Vec::new();
        for pair in 1..=PAIRS {
            let theirs = send(port, SECONDS, &[CODING])?;
            show(&pair.to_string(), "nginx", &theirs);
            let ours = send(server.port, SECONDS, &[CODING])?;
            show(&pair.to_string(), "outcry", &ours);
            ratios.push(ours.per_s / theirs.per_s);
        }
        not_again(server, path, send)?;
        Ok(median(&ratios))
    }
}

/// Answers to those who have the page already. A page made anew meanwhile has a new tag, and the
/// run says nothing about 304: then it is tried again.
fn not_again(
    server: &Server,
    path: &str,
    send: impl Fn(u16, u64, &[&str]) -> Result<Outcome>,
) -> Result<()> {
    for _ in 0..NOT_AGAIN_TURNS_MAX {
        let page = server.get(path, &format!("{CODING}\r\n"))?;
        let tag = page.header("etag").context("the page has no ETag")?;
        let condition = format!("If-None-Match: {tag}");
        let again = server.get(path, &format!("{CODING}\r\n{condition}\r\n"))?;
        if again.status != 304 {
            continue;
        }
        let outcome = send(server.port, NOT_AGAIN_SECONDS, &[CODING, &condition])?;
        if outcome.bytes_each < again.head.len() as f64 * 2.0 {
            show("-", "outcry 304", &outcome);
            return Ok(());
        }
    }
    bail!("{path} was made anew in each of {NOT_AGAIN_TURNS_MAX} runs: no figure for 304")
}

fn show(pair: &str, name: &str, outcome: &Outcome) {
    println!(
        "{pair:<6} {name:<12} {:>11.0} {:>9.2} {:>9.2} {:>10.0} {:>8}",
        outcome.per_s, outcome.p50_ms, outcome.p99_ms, outcome.bytes_each, outcome.broken
    );
}

/// Starts nginx with the bytes and the headers of a page.
fn nginx(against: &Against, page: &Answer) -> Result<(Started, u16)> {
    let folder = run::target().join("bench").join(against.name).join("nginx");
    let file = folder.join(against.path.trim_start_matches('/'));
    let parent = file.parent().context("an address of a file")?;
    std::fs::create_dir_all(parent).context("cannot make the folder of nginx")?;
    std::fs::write(&file, &page.body).context("cannot write the page")?;
    let port = free_port()?;
    let config = folder.join("nginx.conf");
    std::fs::write(&config, config_of(page, &folder, port)).context("cannot write nginx.conf")?;
    let errors = folder.join("error.log");
    let child = pinned(Path::new("/usr/sbin/nginx"), server_core())
        .arg("-c")
        .arg(&config)
        .arg("-p")
        .arg(&folder)
        .arg("-e")
        .arg(&errors)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .context("cannot start nginx")?;
    let started = Started(child);
    wait_for(port).with_context(|| format!("see {}", errors.display()))?;
    Ok((started, port))
}

fn config_of(page: &Answer, folder: &Path, port: u16) -> String {
    let kind = page.header("content-type").unwrap_or("text/html");
    let headers: String = page
        .headers()
        .filter(|(name, _)| !OWN.contains(&name.to_ascii_lowercase().as_str()))
        .map(|(name, value)| format!("      add_header {name} '{}';\n", value.replace('\'', "\\'")))
        .collect();
    let folder = folder.display();
    format!(
        "daemon off;\nmaster_process off;\nworker_processes 1;\npid {folder}/nginx.pid;\n\
         error_log {folder}/error.log crit;\n\
         events {{ worker_connections 4096; multi_accept on; }}\n\
         http {{\n  access_log off;\n  sendfile on;\n  tcp_nopush on;\n  tcp_nodelay on;\n  \
         etag off;\n  if_modified_since off;\n  max_ranges 0;\n  server_tokens off;\n  \
         keepalive_timeout 75;\n  keepalive_requests 1000000000;\n  \
         open_file_cache max=100 inactive=600s;\n  open_file_cache_valid 600s;\n  \
         client_body_temp_path {folder}/t1;\n  proxy_temp_path {folder}/t2;\n  \
         fastcgi_temp_path {folder}/t3;\n  uwsgi_temp_path {folder}/t4;\n  \
         scgi_temp_path {folder}/t5;\n  server {{\n    listen 127.0.0.1:{port} backlog=4096;\n    \
         root {folder};\n    default_type '{kind}';\n    location / {{\n      \
         add_header Last-Modified '';\n{headers}    }}\n  }}\n}}\n"
    )
}

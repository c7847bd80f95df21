//! `outcry probe`: one look at one target, explained.
//!
//! Who runs this stands at the machine and may look at its own network: private addresses and all
//! ports are open here, unless `--public-only` closes them as for targets of the catalogue.

pub mod explain;

use std::io::IsTerminal;
use std::net::IpAddr;
use std::net::SocketAddr;
use std::path::Path;
use std::path::PathBuf;
use std::time::Duration;

use bytes::Bytes;
use http::HeaderValue;
use http::header::CONTENT_TYPE;
use outcry_collector::address::URL_BYTES_MAX;
use outcry_collector::address::Url;
use outcry_collector::define::Definition;
use outcry_collector::define::Wrong;
use outcry_collector::phase::About;
use outcry_collector::phase::Fault;
use outcry_collector::phase::Phase;
use outcry_collector::probe::body::BODY_BYTES_MAX;
use outcry_collector::probe::outcome::Outcome;
use outcry_collector::probe::outcome::Verdict;
use outcry_collector::probe::page::Judgement;
use outcry_collector::probe::page::Page;
use outcry_collector::soft;

use crate::cli::BadInput;
use crate::cli::probe::explain::Paint;
use crate::probing::config::Probes;
use crate::probing::context;

/// Redirects that are followed when nothing else is said.
const REDIRECTS: u8 = 5;

/// Letters that a target may have: those of an address.
const TARGET_CHARS_MAX: usize = URL_BYTES_MAX;
/// Endings of saved pages.
const PAGES: [&str; 5] = ["html", "htm", "json", "xml", "txt"];
/// Characters of a target that a mistake repeats.
const SHOWN_CHARS_MAX: usize = 200;

/// Arguments of `outcry probe`.
#[derive(Debug, clap::Args)]
pub struct Probe {
    /// What to look at: https://…, tcp://host:port, tls://host, dns:name, wss://…, a bare name, or
    /// a file with a page that was saved.
    target: String,
    /// One line of JSON.
    #[arg(long)]
    json: bool,
    /// Its kind, where the target does not say it: http, hls, …
    #[arg(long)]
    kind: Option<String>,
    /// What has to hold, such as '[STATUS] == 200'; may be given several times.
    #[arg(long = "condition", value_name = "LINE")]
    conditions: Vec<String>,
    /// Redirects of a page to follow; 5 unless it is said.
    #[arg(long, value_parser = clap::value_parser!(u8).range(0..=10))]
    redirects: Option<u8>,
    /// Over IPv4 or IPv6 only: v4, v6.
    #[arg(long)]
    family: Option<String>,
    /// Milliseconds the look may take.
    #[arg(long)]
    timeout_ms: Option<u32>,
    /// Type of the records to ask for.
    #[arg(long)]
    record: Option<String>,
    /// Whether pages are looked at for soft failures: on, off.
    #[arg(long)]
    soft: Option<String>,
    /// A name server to ask instead of those of the system.
    #[arg(long, value_name = "ADDRESS")]
    resolver: Option<String>,
    /// A file of roots to trust instead of those of the system.
    #[arg(long, value_name = "FILE")]
    roots: Option<PathBuf>,
    /// Look at addresses of the public internet only, as for targets of the catalogue.
    #[arg(long)]
    public_only: bool,
}

/// Looks once, and says what was seen.
pub fn run(arguments: &Probe) -> anyhow::Result<()> {
    let path = Path::new(&arguments.target);
    let outcome = match is_page(path)? {
        true => look_at_file(path, arguments)?,
        false => look(arguments)?,
    };
    if arguments.json {
        say!("{}", explain::json(&arguments.target, &outcome))?;
    } else {
        let paint = if std::io::stdout().is_terminal() { Paint::Colour } else { Paint::Plain };
        say!("{}", explain::words(&arguments.target, &outcome, paint).trim_end())?;
    }
    Ok(())
}

/// Whether what is named is a saved page. What can only be a path, and is no file, is refused: it
/// is no name of a host either.
fn is_page(path: &Path) -> anyhow::Result<bool> {
    if path.is_file() {
        return Ok(true);
    }
    let text = path.to_string_lossy();
    let is_address = text.contains("://") || text.starts_with("dns:");
    let ending = path.extension().and_then(|it| it.to_str()).unwrap_or_default();
    let looks_so = text.starts_with(['/', '.', '~']) || PAGES.contains(&ending);
    if is_address || !(looks_so || path.is_dir()) {
        return Ok(false);
    }
    let what = if path.is_dir() { "is a folder" } else { "is no file that is there" };
    let shown: String = text.chars().take(SHOWN_CHARS_MAX).collect();
    Err(BadInput(format!(
        "{shown:?} {what}; write the path of a saved page, or an address such as \
         https://example.org/"
    ))
    .into())
}

fn look(arguments: &Probe) -> anyhow::Result<Outcome> {
    let definition = Definition {
        kind: arguments.kind.clone(),
        conditions: arguments.conditions.clone(),
        redirects: arguments.redirects,
        family: arguments.family.clone(),
        timeout_ms: arguments.timeout_ms,
        record: arguments.record.clone(),
        soft: arguments.soft.clone(),
        ..Definition::new(arguments.target.trim())
    };
    if arguments.target.chars().count() > TARGET_CHARS_MAX {
        let what = format!("a target has at most {TARGET_CHARS_MAX} letters");
        return Err(BadInput(format!("cannot probe that: {what}")).into());
    }
    // A page is looked at as people do, who follow redirects; nothing else has any.
    let redirects = definition.redirects.or(Some(REDIRECTS));
    let read = Definition { redirects, ..definition.clone() }.check();
    let read = read.ok().filter(|(kind, _)| *kind == "http");
    let read = read.map_or_else(|| definition.check(), Ok);
    let (kind, check) = read.map_err(|wrong| refuse(&wrong))?;
    if kind == "heartbeat" {
        let what = "a heartbeat is heard by a server that runs, and not looked at from here; see \
                    `outcry status`, or the page of its service";
        return Err(BadInput(what.into()).into());
    }
    let mut probes = Probes {
        allow_private: !arguments.public_only,
        roots: arguments.roots.clone(),
        contact: "run by hand".into(),
        ..Probes::default()
    };
    if let Some(server) = &arguments.resolver {
        let read = server.parse::<SocketAddr>();
        let read = read.or_else(|_| server.parse::<IpAddr>().map(|ip| (ip, 53).into()));
        probes.resolvers.push(read.map_err(|_| {
            BadInput(format!(
                "--resolver {server:?} is no address; write 192.0.2.1 or its port too"
            ))
        })?);
    }
    let context = context::of(&probes, "")?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let outcome = runtime.block_on(async { check.run(&context).await });
    runtime.shutdown_timeout(Duration::ZERO);
    Ok(outcome)
}

fn refuse(wrong: &[Wrong]) -> BadInput {
    let lines = wrong.iter().map(|it| {
        let field = if it.field == "target" { String::new() } else { format!("{}: ", it.field) };
        format!("  {field}{}; write {}", it.what, it.instead)
    });
    let lines: Vec<String> = lines.collect();
    BadInput(format!("cannot probe that:\n{}", lines.join("\n")))
}

/// Judges a page that was saved, as if it had just come with status 200.
fn look_at_file(path: &Path, arguments: &Probe) -> anyhow::Result<Outcome> {
    use anyhow::Context;
    let bytes = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    let is_cut = bytes.len() > BODY_BYTES_MAX;
    let bytes = Bytes::from(bytes);
    let body = bytes.slice(..bytes.len().min(BODY_BYTES_MAX));
    let kind = match path.extension().and_then(|it| it.to_str()).unwrap_or_default() {
        "json" => "application/json",
        "xml" | "rss" | "atom" => "application/xml",
        "txt" => "text/plain",
        _ => "text/html",
    };
    let url = Url::parse("https://page.example/").map_err(|error| BadInput(error.to_string()))?;
    // A page that was saved was seen with 200: conditions are asked of it as of any other.
    let definition =
        Definition { conditions: arguments.conditions.clone(), ..Definition::new("page.example") };
    let (_, check) = definition.check().map_err(|wrong| refuse(&wrong))?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let mut outcome = runtime.block_on(Outcome::observe(Duration::from_secs(10), async |sight| {
        sight.watch.enter(Phase::Condition);
        sight.facts.status = Some(200);
        sight.facts.headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
        (sight.facts.body, sight.facts.body_is_cut) = (body.clone(), is_cut);
        let page = Page {
            url: &url,
            redirects: 0,
            status: 200,
            headers: &sight.facts.headers,
            body: &sight.facts.body,
            is_cut,
            usual: None,
        };
        let verdict = match soft::judge(&page) {
            _ if arguments.soft.as_deref() == Some("off") => return Ok(()),
            Judgement::Healthy => return Ok(()),
            Judgement::Soft(reason) => (Verdict::SoftFailure, reason),
            Judgement::Blocked(reason) => (Verdict::Blocked, reason),
        };
        let (phase, about) = (Phase::Processing, About::Target);
        sight.judgement = Some((verdict.0, Fault { phase, about, reason: verdict.1.into() }));
        Ok(())
    }));
    outcome.weigh(&check.conditions, 0);
    Ok(outcome)
}

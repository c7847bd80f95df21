//! `outcry admin`: what an operator decides. Each act is a signal in the log, like any other.
//!
//! While a server has the log open, the act is handed to it through the folder `inbox`; otherwise
//! it is written to the log here and takes effect at the next start.

pub mod alerts;
pub mod claims;
pub mod tokens;
pub mod vantages;

use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc;
use std::time::Duration;
use std::time::Instant;

use outcry_core::signal::Body;
use outcry_core::signal::Provenance;
use outcry_core::signal::Signal;
use outcry_core::signal::said::OperatorAct;
use outcry_core::units::Text;
use outcry_server::contract::Clock;
use outcry_store::Store;
use outcry_store::log::Log;
use outcry_store::log::LogError;
use outcry_store::record::CommentState;
use outcry_store::sqlite::SqliteStore;
use outcry_wire::signals::write_line;

use crate::cli::BadInput;
use crate::cli::admin_verdicts::Act;
use crate::cli::admin_verdicts::Verdicts;
use crate::cli::admin_verdicts::act as act_on;
use crate::cli::paint::escaped;
use crate::cli::paint::indented;
use crate::cli::serve::read_config;
use crate::config::Config;
use crate::station::DATABASE;
use crate::station::MachineClock;
use crate::station::open_log;

/// Comments that are listed at once.
const COMMENTS_LISTED_MAX: u32 = 200;
/// How long a running server gets to take an act.
const INBOX_WAIT: Duration = Duration::from_secs(10);
/// Files of the inbox taken in one look.
const INBOX_FILES_MAX: usize = 1_000;
/// Name of the folder in the data folder.
const INBOX: &str = "inbox";

/// Arguments of `outcry admin`.
#[derive(Debug, clap::Args)]
pub struct Admin {
    /// The configuration of the site.
    #[arg(long, global = true, default_value = "outcry.toml")]
    config: PathBuf,
    /// Who acts; it is written down with the act.
    #[arg(long, global = true, env = "USER", default_value = "operator")]
    actor: String,
    #[command(subcommand)]
    on: On,
}

#[derive(Debug, clap::Subcommand)]
enum On {
    /// Comments that came with reports.
    #[command(subcommand)]
    Comments(Comments),
    /// Public claims about a cause.
    #[command(subcommand)]
    Claims(claims::Claims),
    /// Findings that wait for two persons, and pages that are held.
    #[command(subcommand)]
    Verdicts(Verdicts),
    /// What is told to whom.
    #[command(subcommand)]
    Alerts(alerts::Alerts),
    /// Vantage points at other places.
    #[command(subcommand)]
    Vantages(vantages::Vantages),
    /// Tokens of the operator's listener.
    #[command(subcommand)]
    Tokens(tokens::Tokens),
}

#[derive(Debug, clap::Subcommand)]
enum Comments {
    /// List comments: those that wait, or those already decided.
    List {
        /// held, approved or rejected.
        #[arg(long, default_value = "held")]
        state: String,
        /// One JSON object a line.
        #[arg(long)]
        json: bool,
    },
    /// Let a comment be shown.
    Approve {
        /// Its id.
        id: String,
    },
    /// Never show a comment.
    Reject {
        /// Its id.
        id: String,
        /// Why.
        #[arg(long)]
        reason: Option<String>,
    },
}

/// Carries out an act.
pub fn run(arguments: &Admin) -> anyhow::Result<()> {
    crate::cli::serve::begin_log("warn");
    let config = read_config(&arguments.config)?;
    match &arguments.on {
        On::Comments(Comments::List { state, json }) => list(&config, state, *json),
        On::Comments(Comments::Approve { id }) => {
            decide(arguments, &config, id, "comment_approved", None)
        }
        On::Comments(Comments::Reject { id, reason }) => {
            decide(arguments, &config, id, "comment_rejected", reason.as_deref())
        }
        On::Claims(what) => claims::run(arguments, &config, what),
        On::Verdicts(verdicts) => {
            let Some(act) = act_on(&reader(&config)?, verdicts)? else { return Ok(()) };
            let Act { service, name, subject, reason } = act;
            send(&config, &[act_of(arguments, service, name, &subject, reason.as_deref())])?;
            say!("{name}: {subject}")?;
            Ok(())
        }
        On::Alerts(what) => {
            let act = |service: &str, act: &str, subject: &str| {
                act_of(arguments, service.into(), act, subject, None)
            };
            match alerts::run(&config, what, &reader(&config)?, act)? {
                Some(act) => send(&config, &[act]),
                None => Ok(()),
            }
        }
        On::Vantages(what) => note(&config, vantages::run(&config, what, act(arguments))?),
        On::Tokens(what) => note(&config, tokens::run(&config, what, act(arguments))?),
    }
}

/// Makes acts that are about no service.
fn act(arguments: &Admin) -> impl Fn(&str, &str, Option<&str>) -> Signal {
    |act, subject, reason| act_of(arguments, "".into(), act, subject, reason)
}

/// Writes an act down, if there was one.
fn note(config: &Config, act: Option<Signal>) -> anyhow::Result<()> {
    act.map_or(Ok(()), |act| send(config, &[act]))
}

fn list(config: &Config, state: &str, json: bool) -> anyhow::Result<()> {
    let state = CommentState::ALL.into_iter().find(|known| known.name() == state);
    let state =
        state.ok_or_else(|| BadInput("--state is one of held, approved, rejected".into()))?;
    let store = reader(config)?;
    let comments = store.comments(state, None, COMMENTS_LISTED_MAX)?;
    for comment in &comments {
        let id = uuid::Uuid::from_u128(comment.id);
        if json {
            let line = serde_json::json!({
                "id": id.to_string(), "at": comment.at.to_string(), "service": &*comment.service,
                "country": comment.country.map(|c| c.to_string()),
                "affected": comment.component.as_deref(), "problem": comment.problem.as_deref(),
                "text": &*comment.text, "state": comment.state.name(),
            });
            say!("{}", escaped(&line.to_string()))?;
        } else {
            say!("{id}  {}  {}", comment.at, comment.service)?;
            say!("{}", indented(&comment.text))?;
        }
    }
    if !json {
        let are = if comments.len() == 1 { "comment is" } else { "comments are" };
        say!("{} {are} {}", comments.len(), state.name())?;
    }
    Ok(())
}

fn reader(config: &Config) -> anyhow::Result<SqliteStore> {
    let path = config.store.dir.join(DATABASE);
    if !path.exists() {
        anyhow::bail!(BadInput(format!(
            "{} does not exist: start `outcry serve` once, or name another configuration",
            path.display()
        )));
    }
    Ok(SqliteStore::open_reader(&path)?)
}

fn decide(
    arguments: &Admin,
    config: &Config,
    id: &str,
    act: &str,
    reason: Option<&str>,
) -> anyhow::Result<()> {
    let uuid = uuid::Uuid::parse_str(id)
        .map_err(|_| BadInput(format!("{id:?} is no id; `outcry admin comments list` has them")))?;
    let store = reader(config)?;
    let all = CommentState::ALL.into_iter();
    let comment = all
        .filter_map(|state| store.comments(state, None, u32::MAX).ok())
        .flatten()
        .find(|comment| comment.id == uuid.as_u128());
    let comment = comment.ok_or_else(|| BadInput(format!("there is no comment {uuid}")))?;
    let signal = act_of(arguments, comment.service, act, &uuid.to_string(), reason);
    send(config, &[signal])?;
    say!("{act}: {uuid}")?;
    Ok(())
}

fn act_of(
    arguments: &Admin,
    service: Text,
    act: &str,
    subject: &str,
    reason: Option<&str>,
) -> Signal {
    Signal {
        id: uuid::Uuid::now_v7().as_u128(),
        at: MachineClock.now(),
        service,
        provenance: Provenance { source: "operator".into(), licence: None, synthetic: false },
        body: Body::Operator(OperatorAct {
            act: act.into(),
            subject: subject.into(),
            actor: arguments.actor.as_str().into(),
            reason: reason.map(Text::from),
        }),
    }
}

/// Puts signals into the log: here, or through the server that has it.
fn send(config: &Config, signals: &[Signal]) -> anyhow::Result<()> {
    let lines: Vec<String> = signals.iter().map(write_line).collect();
    match open_log(config, Arc::new(MachineClock)) {
        Ok(log) => append(&log, &lines),
        Err(error) if error.chain().any(is_in_use) => hand_over(&config.store.dir, &lines),
        Err(error) => Err(error),
    }
}

fn is_in_use(cause: &(dyn std::error::Error + 'static)) -> bool {
    matches!(cause.downcast_ref(), Some(LogError::InUse { .. }))
}

fn append(log: &Log, lines: &[String]) -> anyhow::Result<()> {
    let (tell, told) = mpsc::channel();
    for line in lines {
        let tell = tell.clone();
        let done = Box::new(move |fate: Result<u64, _>| {
            // The receiver waits below for as many as there are lines.
            let _ = tell.send(fate);
        });
        log.append(line.clone().into_bytes(), done)?;
    }
    for _ in lines {
        told.recv()??;
    }
    Ok(())
}

fn hand_over(dir: &Path, lines: &[String]) -> anyhow::Result<()> {
    let inbox = dir.join(INBOX);
    std::fs::create_dir_all(&inbox)?;
    let name = uuid::Uuid::now_v7().to_string();
    let (part, whole) = (inbox.join(format!("{name}.part")), inbox.join(format!("{name}.jsonl")));
    std::fs::write(&part, lines.join("\n"))?;
    std::fs::rename(&part, &whole)?;
    let began = Instant::now();
    while whole.exists() {
        if began.elapsed() > INBOX_WAIT {
            anyhow::bail!("the running server has not taken {}", whole.display());
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    Ok(())
}

/// Files in the inbox that nobody will take.
pub fn strangers_in_inbox(dir: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(dir.join(INBOX)) else { return Vec::new() };
    let taken = |path: &PathBuf| {
        path.extension().is_some_and(|extension| extension == "jsonl" || extension == "part")
    };
    entries.flatten().map(|entry| entry.path()).filter(|path| !taken(path)).collect()
}

/// Takes what operators handed over; called by a running server. A file goes when it is on disk.
pub fn take_inbox(dir: &Path, log: &Log) {
    let Ok(entries) = std::fs::read_dir(dir.join(INBOX)) else { return };
    let mut files: Vec<PathBuf> = entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "jsonl"))
        .take(INBOX_FILES_MAX)
        .collect();
    files.sort();
    for file in files {
        let Ok(text) = std::fs::read_to_string(&file) else { continue };
        let lines: Vec<String> = text.lines().map(str::to_owned).collect();
        let taken = append(log, &lines).and_then(|()| Ok(std::fs::remove_file(&file)?));
        if let Err(error) = taken {
            tracing::error!(%error, file = %file.display(), "an operator's act was not taken");
        }
    }
}

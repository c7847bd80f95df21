//! `outcry feed`: what a provider says about itself, from a file or from its notice page.

use std::io::Write;
use std::path::Path;

use anyhow::Context as _;
use http::HeaderValue;
use outcry_collector::address::Url;
use outcry_collector::feed as fetch;
use outcry_collector::feed::Answer;
use outcry_decode::feed;
use outcry_decode::feed::Impact;
use outcry_decode::feed::Notice;
use outcry_decode::feed::Snapshot;
use serde_json::Value;
use serde_json::json;

use crate::cli::BadInput;
use crate::cli::paint::tame;
use crate::looking;
use crate::unpacked;

/// Snapshots that are told one by one to people; of more, only changes are.
const TOLD_MAX: usize = 20;
/// Characters of an update that are shown.
const UPDATE_CHARS_MAX: usize = 160;

/// Arguments of `outcry feed`.
#[derive(Debug, clap::Args)]
pub struct Feed {
    /// A file (also .gz and .zst, also one snapshot a line), or the address of a notice page.
    source: String,
    /// One JSON object for each snapshot.
    #[arg(long)]
    json: bool,
    /// Addresses of private networks may be asked too.
    #[arg(long)]
    allow_private: bool,
}

/// Reads it and prints it.
pub fn run(arguments: &Feed) -> anyhow::Result<()> {
    let is_address =
        arguments.source.starts_with("http://") || arguments.source.starts_with("https://");
    let snapshots = if is_address {
        asked(arguments)?
    } else {
        feed::snapshots(&unpacked::read(Path::new(&arguments.source))?)
    };
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    if arguments.json {
        for snapshot in &snapshots {
            writeln!(out, "{}", line(snapshot))?;
        }
    } else {
        tell(&mut out, &snapshots)?;
    }
    out.flush()?;
    Ok(())
}

fn asked(arguments: &Feed) -> anyhow::Result<Vec<Snapshot>> {
    let url = Url::parse(&arguments.source)
        .map_err(|error| BadInput(format!("{}: {error}", arguments.source)))?;
    let agent = HeaderValue::from_static(looking::AGENT);
    let context = looking::context(agent, looking::reach(arguments.allow_private));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let (from, answer) = runtime.block_on(fetch::find(&url, &context));
    match answer {
        Answer::Read { snapshots, .. } => {
            if !arguments.json {
                eprintln!("read from {from}");
            }
            Ok(snapshots)
        }
        Answer::Unchanged => Ok(Vec::new()),
        Answer::Failed(reason) => Err(anyhow::anyhow!("{reason}"))
            .with_context(|| format!("cannot ask {}", arguments.source)),
    }
}

/// The line of the contract.
fn line(snapshot: &Snapshot) -> Value {
    let notices: Vec<Value> = snapshot.notices.iter().map(notice).collect();
    let components: Vec<Value> = snapshot
        .components
        .iter()
        .map(|component| json!({ "name": component.name, "impact": component.impact.name() }))
        .collect();
    json!({
        "format": snapshot.format.map(feed::Format::name),
        "readable": snapshot.readable(),
        "reason": snapshot.unreadable,
        "fetched_at": snapshot.fetched_at.and_then(moment),
        "overall": snapshot.overall.map(Impact::name),
        "components": components,
        "notices": notices,
        "faults": snapshot.faults,
    })
}

fn notice(notice: &Notice) -> Value {
    let updates: Vec<Value> = notice
        .updates
        .iter()
        .map(|update| {
            json!({
                "at": update.at.and_then(moment),
                "state": update.state.name(),
                "text": update.text,
            })
        })
        .collect();
    json!({
        "id": notice.id,
        "title": notice.title,
        "impact": notice.impact.name(),
        "state": notice.state.name(),
        "components": notice.components,
        "started_at": notice.started_at.and_then(moment),
        "resolved_at": notice.resolved_at.and_then(moment),
        "updates": updates,
    })
}

fn moment(at: i64) -> Option<String> {
    Some(jiff::Timestamp::from_millisecond(at).ok()?.to_string())
}

fn tell(out: &mut impl Write, snapshots: &[Snapshot]) -> anyhow::Result<()> {
    let unreadable = snapshots.iter().filter(|snapshot| !snapshot.readable()).count();
    if snapshots.len() > 1 {
        writeln!(out, "{} snapshots, {unreadable} of them unreadable", snapshots.len())?;
    }
    let mut last: Option<&Snapshot> = None;
    for snapshot in snapshots {
        // Of a long history only what changed is told.
        let same = |last: &Snapshot| {
            last.notices == snapshot.notices && last.unreadable == snapshot.unreadable
        };
        if snapshots.len() <= TOLD_MAX || !last.is_some_and(same) {
            one(out, snapshot)?;
        }
        last = Some(snapshot);
    }
    Ok(())
}

fn one(out: &mut impl Write, snapshot: &Snapshot) -> anyhow::Result<()> {
    if let Some(at) = snapshot.fetched_at.and_then(moment) {
        writeln!(out, "\n{at}")?;
    }
    if let Some(reason) = &snapshot.unreadable {
        writeln!(out, "Unreadable: {}", tame(reason))?;
        writeln!(out, "This says nothing about the service.")?;
        return Ok(());
    }
    let format = snapshot.format.map_or("unknown", feed::Format::name);
    let overall = match snapshot.overall {
        Some(Impact::None) => "nothing is wrong".to_owned(),
        Some(impact) => format!("impact {}", impact.name()),
        None => "nothing about the whole".to_owned(),
    };
    writeln!(out, "The provider says: {overall} (form: {format})")?;
    for component in &snapshot.components {
        writeln!(out, "  {:<12} {}", component.impact.name(), tame(&component.name))?;
    }
    for notice in &snapshot.notices {
        let began = notice.started_at.and_then(moment).unwrap_or_else(|| "?".to_owned());
        let (state, impact) = (notice.state.name(), notice.impact.name());
        writeln!(out, "  {began}  {state}, {impact}: {}", tame(&notice.title))?;
        if let Some(update) = notice.updates.first() {
            let text: String = tame(&update.text).chars().take(UPDATE_CHARS_MAX).collect();
            writeln!(out, "      {text}")?;
        }
    }
    for fault in &snapshot.faults {
        writeln!(out, "  note: {}", tame(fault))?;
    }
    Ok(())
}

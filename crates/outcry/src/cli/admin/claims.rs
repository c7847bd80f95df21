//! `outcry admin claims`: entering claims, and deciding on those that people proposed.
//!
//! A proposal becomes a claim when somebody here has read what it will assert. Then two signals go
//! into the log: the claim, and after it the act. Cut short between them, the proposal still waits.
//!
//! # What it cannot tell
//!
//! Whether the words were said where the proposal says. That is what the operator looks up.

mod check;
mod waiting;

use std::fs::File;
use std::path::Path;
use std::path::PathBuf;

use outcry_core::claim::propose::propose;
use outcry_core::signal::Body;
use outcry_core::signal::Signal;
use outcry_core::units::Text;
use outcry_server::contract::Clock;
use outcry_store::Store;
use outcry_store::record::IncidentFilter;
use outcry_store::record::Proposal;
use outcry_store::record::ProposalState;
use outcry_store::sqlite::SqliteStore;
use outcry_wire::signals::write_line;

use self::check::asserts;
use self::check::check;
use self::check::found;
use self::check::in_words;
use self::check::known_service;
use self::check::only_line;
use self::check::readable;
use self::waiting::find;
use self::waiting::held;
use self::waiting::unstored;
use super::Admin;
use super::act_of;
use super::reader;
use super::send;
use crate::cli::BadInput;
use crate::cli::paint::escaped;
use crate::cli::paint::indented;
use crate::cli::paint::tame;
use crate::cli::replay::read_signals;
use crate::config::Config;
use crate::station::MachineClock;
use crate::written;

/// Proposals that are listed at once.
const PROPOSALS_LISTED_MAX: u32 = 200;
/// Name of the file in the data folder whose lock says that a proposal is being decided on.
const LOCK: &str = "claims.lock";

/// What can be done about claims.
#[derive(Debug, clap::Subcommand)]
pub enum Claims {
    /// Enter the claims of a file of signals (docs/reference/signals.md); each is ruled by the
    /// evidence there is.
    Enter {
        /// A file whose lines are all of type claim.
        file: PathBuf,
    },
    /// Say which assertions a quotation seems to make, as JSON to be corrected and entered.
    Propose {
        /// The exact words.
        quote: String,
    },
    /// List claims that people proposed: those that wait, or those already decided.
    List {
        /// held, accepted or rejected.
        #[arg(long, default_value = "held")]
        state: String,
        /// One JSON object a line.
        #[arg(long)]
        json: bool,
    },
    /// Print a proposed claim as a line of signals, with the assertions it seems to make.
    Show {
        /// Its id.
        id: String,
    },
    /// Make a claim of a proposed one.
    Accept {
        /// Its id.
        id: String,
        /// A file with the corrected line of `show`. Without it: as `show` prints it.
        #[arg(long)]
        file: Option<PathBuf>,
        /// Name of the claim. Without it: that of the line.
        #[arg(long)]
        name: Option<String>,
    },
    /// Make no claim of a proposed one.
    Reject {
        /// Its id.
        id: String,
        /// Why.
        #[arg(long)]
        reason: Option<String>,
    },
}

/// Does it.
pub fn run(arguments: &Admin, config: &Config, claims: &Claims) -> anyhow::Result<()> {
    match claims {
        Claims::Enter { file } => enter(arguments, config, file),
        Claims::Propose { quote } => print_assertions(quote),
        Claims::List { state, json } => list(config, state, *json),
        Claims::Show { id } => show(config, id),
        Claims::Accept { id, file, name } => {
            accept(arguments, config, id, file.as_deref(), name.as_deref())
        }
        Claims::Reject { id, reason } => reject(arguments, config, id, reason.as_deref()),
    }
}

/// Prints proposed assertions. Nothing is entered: a person confirms first.
fn print_assertions(quote: &str) -> anyhow::Result<()> {
    let assertions: Vec<serde_json::Value> = propose(quote)
        .iter()
        .map(|it| {
            let cause = it.cause.as_deref();
            serde_json::json!({ "kind": &*it.kind, "what": &*it.what, "cause": cause })
        })
        .collect();
    say!("{}", serde_json::to_string_pretty(&assertions)?)?;
    Ok(())
}

fn enter(arguments: &Admin, config: &Config, file: &Path) -> anyhow::Result<()> {
    let catalog = crate::data::catalog(config.catalog_dir.as_deref())?;
    let mut signals = Vec::new();
    let store = reader(config)?;
    for mut signal in read_signals(file)? {
        let claim = match &signal.body {
            Body::Claim(claim) => claim,
            Body::Proposal(_) => anyhow::bail!(BadInput(format!(
                "{} holds a proposed claim; `outcry admin claims accept ID --file {0}` makes a \
                 claim of it",
                file.display()
            ))),
            other => anyhow::bail!(BadInput(format!(
                "{} holds a {}; only claims are entered here",
                file.display(),
                other.kind()
            ))),
        };
        known_service(&catalog, &signal.service)?;
        check(claim)?;
        // Not all that was said stands on a page; what looks like an address is one.
        let source = &signal.provenance.source;
        if source.contains(':') {
            found(source)?;
        }
        readable(claim, source)?;
        let name = claim.claim.clone();
        let dossier = Dossier::of(&store, &signal.service)?;
        dossier.say_where(&name, dossier.has(&name))?;
        signals.push(act_of(arguments, signal.service.clone(), "claim_entered", &name, None));
        // The log orders by the time of entering; when it was said stands in the claim's words.
        signal.at = MachineClock.now();
        signals.push(signal);
    }
    if signals.is_empty() {
        anyhow::bail!(BadInput(format!("{} holds no claim", file.display())));
    }
    send(config, &signals)?;
    let entered = signals.len() / 2;
    say!("entered {entered} claim{}", if entered == 1 { "" } else { "s" })?;
    Ok(())
}

fn list(config: &Config, state: &str, json: bool) -> anyhow::Result<()> {
    let state = ProposalState::ALL.into_iter().find(|known| known.name() == state);
    let state =
        state.ok_or_else(|| BadInput("--state is one of held, accepted, rejected".into()))?;
    let proposals = reader(config)?.proposals(state, PROPOSALS_LISTED_MAX)?;
    for Proposal { signal, .. } in &proposals {
        let Body::Proposal(claim) = &signal.body else { continue };
        let id = uuid::Uuid::from_u128(signal.id);
        if json {
            let line = serde_json::json!({
                "id": id.to_string(), "at": signal.at.to_string(), "service": &*signal.service,
                "quote": &*claim.quote, "speaker": claim.speaker.as_deref(),
                "speaker_role": &*claim.speaker_role, "medium": &*claim.medium,
                "said_at_words": claim.said_at_words.as_deref(),
                "evidence_offered": claim.evidence_offered.as_deref(),
                "source": &*signal.provenance.source, "state": state.name(),
            });
            say!("{}", escaped(&line.to_string()))?;
        } else {
            let who = [claim.speaker.as_deref(), Some(&*claim.speaker_role), Some(&*claim.medium)];
            let who: Vec<&str> =
                who.into_iter().chain([claim.said_at_words.as_deref()]).flatten().collect();
            say!("{id}  {}  {}", signal.at, tame(&signal.service))?;
            say!("{}", indented(&format!("“{}”", claim.quote)))?;
            say!("{}", indented(&who.join(", ")))?;
            say!("{}", indented(&signal.provenance.source))?;
        }
    }
    if !json {
        let are = if proposals.len() == 1 { "proposed claim is" } else { "proposed claims are" };
        say!("{} {are} {}", proposals.len(), state.name())?;
    }
    Ok(())
}

fn show(config: &Config, id: &str) -> anyhow::Result<()> {
    let proposal = find(config, &reader(config)?, id)?;
    if proposal.state != ProposalState::Held {
        eprintln!("this one was {} already", proposal.state.name());
    }
    say!("{}", escaped(&write_line(&prepared(proposal.signal))))?;
    Ok(())
}

fn accept(
    arguments: &Admin,
    config: &Config,
    id: &str,
    file: Option<&Path>,
    name: Option<&str>,
) -> anyhow::Result<()> {
    let store = reader(config)?;
    let _turn = turn(config)?;
    let held = held(config, &store, id)?;
    let uuid = uuid::Uuid::from_u128(held.id);
    let signal = match file {
        Some(file) => only_line(file)?,
        None => prepared(held),
    };
    let Signal { service, provenance, body, .. } = signal;
    let (Body::Claim(mut claim) | Body::Proposal(mut claim)) = body else {
        anyhow::bail!(BadInput(format!("that is a {}, and no claim", body.kind())));
    };
    if let Some(name) = name {
        claim.claim = name.into();
    }
    let catalog = crate::data::catalog(config.catalog_dir.as_deref())?;
    known_service(&catalog, &service)?;
    check(&claim)?;
    asserts(&claim, id)?;
    found(&provenance.source)?;
    readable(&claim, &provenance.source)?;
    let dossier = Dossier::of(&store, &service)?;
    let waiting = unstored(config, &store)?;
    let is_there = |it: &Signal| {
        it.service == service && matches!(&it.body, Body::Claim(it) if it.claim == claim.claim)
    };
    if dossier.has(&claim.claim) || waiting.iter().any(is_there) {
        let name = tame(&claim.claim);
        anyhow::bail!(BadInput(format!(
            "a claim named {name:?} stands about {service} already; give another with --name"
        )));
    }
    dossier.say_where(&claim.claim, false)?;
    for assertion in &claim.assertions {
        say!("{}", indented(&in_words(assertion)))?;
    }
    let (name, now) = (claim.claim.clone(), MachineClock.now());
    let id = uuid::Uuid::now_v7().as_u128();
    let as_what = format!("entered as {name}");
    let act =
        act_of(arguments, service.clone(), written::ACCEPTED, &uuid.to_string(), Some(&as_what));
    let claim = Signal { id, at: now, service, provenance, body: Body::Claim(claim) };
    send(config, &[claim, act])?;
    say!("accepted: {uuid}, {as_what}")?;
    Ok(())
}

fn reject(
    arguments: &Admin,
    config: &Config,
    id: &str,
    reason: Option<&str>,
) -> anyhow::Result<()> {
    let _turn = turn(config)?;
    let held = held(config, &reader(config)?, id)?;
    let uuid = uuid::Uuid::from_u128(held.id).to_string();
    send(config, &[act_of(arguments, held.service, written::REJECTED, &uuid, reason)])?;
    say!("rejected: {uuid}")?;
    Ok(())
}

/// One decides after the other: what the first decided is in the log when the second looks. Held
/// until it goes out of sight.
fn turn(config: &Config) -> anyhow::Result<File> {
    let file = File::options().create(true).append(true).open(config.store.dir.join(LOCK))?;
    rustix::fs::flock(&file, rustix::fs::FlockOperation::LockExclusive)?;
    Ok(file)
}

/// A proposal with the assertions it seems to make.
fn prepared(mut signal: Signal) -> Signal {
    if let Body::Proposal(claim) = &mut signal.body
        && claim.assertions.is_empty()
    {
        claim.assertions = propose(&claim.quote);
    }
    signal
}

/// Where a claim will stand.
struct Dossier {
    service: Text,
    incident: Option<Text>,
    claims: Vec<Text>,
}

impl Dossier {
    /// That of the newest incident of a service.
    fn of(store: &SqliteStore, service: &Text) -> anyhow::Result<Self> {
        let filter = IncidentFilter { service: Some(service.clone()), ..IncidentFilter::default() };
        let incident = store.incidents(&filter, 1)?.pop().map(|incident| incident.id.0);
        let case = match &incident {
            Some(id) => store.case_file(id, None)?,
            None => None,
        };
        let claims = case.into_iter().flat_map(|case| case.claims).map(|it| it.claim.claim);
        Ok(Self { service: service.clone(), incident, claims: claims.collect() })
    }

    /// Whether a claim of this name stands there.
    fn has(&self, name: &Text) -> bool {
        self.claims.contains(name)
    }

    fn say_where(&self, name: &Text, again: bool) -> anyhow::Result<()> {
        let (name, service) = (tame(name), &self.service);
        let again = if again { ", where a claim of this name stands already" } else { "" };
        match &self.incident {
            Some(id) => say!("{name}: in the dossier of {id}{again}")?,
            None => say!("{name}: {service} has no incident; the claim is shown once one opens")?,
        }
        Ok(())
    }
}

//! The agent: looks as its hub says, keeps what it sees, and brings it to the hub.
//!
//! Three things go on side by side and wait for nothing but themselves: what is seen goes into the
//! buffer, the buffer goes to the hub, and orders come from it. A hub that cannot be reached stops
//! the second and the third, never the first.

use std::io;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;
use std::time::Duration;
use std::time::Instant;
use std::time::SystemTime;
use std::time::UNIX_EPOCH;

use http::Method;
use rustls::pki_types::CertificateDer;
use tokio::sync::Notify;

use crate::address::Url;
use crate::phase::About;
use crate::phase::Phase;
use crate::probe::Check;
use crate::probe::Context;
use crate::probe::Target;
use crate::probe::http::Target as HttpTarget;
use crate::probe::outcome::Verdict;
use crate::relay::RESULTS_PER_UPLOAD_MAX;
use crate::relay::buffer::Buffer;
use crate::relay::identity::Identity;
use crate::relay::identity::Key;
use crate::relay::identity::Known;
use crate::relay::link::Hub;
use crate::relay::link::Link;
use crate::relay::link::LinkError;
use crate::relay::message::Enrol;
use crate::relay::message::Enrolled;
use crate::relay::message::MonitorRow;
use crate::relay::message::Monitors;
use crate::relay::message::Orders;
use crate::relay::message::Receipt;
use crate::relay::message::Renewed;
use crate::relay::message::Seen;
use crate::relay::message::Signed;
use crate::relay::message::Token;
use crate::relay::message::Upload;
use crate::relay::message::hex;
use crate::relay::message::proof_of;
use crate::relay::message::result_of;
use crate::relay::message::unhex;
use crate::schedule::Looked;
use crate::schedule::Monitor;
use crate::schedule::Settings;
use crate::schedule::Standing;
use crate::schedule::health::LATE_MAX;
use crate::schedule::run;
use crate::schedule::run::Scheduler;

/// Numbers of one start: the start itself stands above them, so that none is given twice.
const NUMBERS_PER_BOOT: u64 = 1 << 32;
/// How often the buffer is brought to the disk.
const SYNC_EVERY: Duration = Duration::from_secs(1);
/// How often it is asked whether the certificate is to be renewed.
const RENEW_LOOK_EVERY: Duration = Duration::from_secs(3_600);
/// How long is waited after a first failure to reach the hub, and at most after many.
const AGAIN: Duration = Duration::from_millis(500);
const AGAIN_MAX: Duration = Duration::from_secs(60);

/// Why an agent cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum AgentError {
    /// The hub.
    #[error(transparent)]
    Link(#[from] LinkError),
    /// The folder of the agent.
    #[error("the folder of this vantage point cannot be used")]
    Folder(#[from] io::Error),
    /// What the hub or its token says cannot be used.
    #[error("{0}")]
    Wrong(String),
}

/// Where an agent keeps its things, and how it looks.
#[derive(Clone, Debug)]
pub struct Options {
    /// Its folder.
    pub folder: PathBuf,
    /// Bytes of results that may wait there.
    pub buffer_bytes_max: u64,
    /// How it looks.
    pub settings: Settings,
}

/// Enrols with a token: a new key, and a certificate for it.
///
/// # Errors
///
/// When the hub refuses or cannot be reached, or the folder cannot be written.
pub async fn enrol(address: &str, token: &Token, folder: &Path) -> Result<Identity, AgentError> {
    let hub = Hub::parse(address).map_err(AgentError::Wrong)?;
    let key = Key::generate()?;
    let (mut link, pinned) = Link::to_enrol(hub, token.authority);
    let wish = Enrol {
        secret: hex(&token.secret),
        public_key: hex(&key.public()),
        proof: hex(&key.sign(&proof_of(&token.secret))),
    };
    let body = link.ask(Method::POST, "/enrol", json(&wish)).await?;
    let enrolled: Enrolled = read(&body)?;
    let certificate = certificate(&enrolled.certificate)?;
    let authority =
        pinned.authority().ok_or_else(|| wrong("the hub showed no certificate of its own"))?;
    let known = Known { hub: address.into(), agent: enrolled.agent, name: enrolled.name, boots: 0 };
    Ok(Identity::create(folder, key, certificate, authority, known)?)
}

/// Looks and brings until `stop` comes.
///
/// # Errors
///
/// When the hub refuses, or the folder cannot be used. A hub that cannot be reached is waited for.
pub async fn run(
    mut identity: Identity,
    context: Context,
    options: Options,
    stop: impl Future<Output = ()>,
) -> Result<(), AgentError> {
    let boot = identity.boot()?;
    let buffer = Buffer::open(&options.folder.join("buffer"), options.buffer_bytes_max)?;
    let desk = Arc::new(Desk {
        boot,
        started: Instant::now(),
        buffer: Mutex::new(buffer),
        news: Notify::new(),
        revision: Mutex::default(),
    });
    let has_references = !options.settings.references.is_empty();
    let (mut next, to) = (boot * NUMBERS_PER_BOOT, desk.clone());
    let sink = Box::new(move |looked: Looked| {
        next += 1;
        to.keep(seen(&to, next, &looked, has_references));
    });
    let scheduler = run::spawn(options.settings, context, sink)?;
    let hub = Hub::parse(&identity.known.hub).map_err(AgentError::Wrong)?;
    let link = |identity: &Identity| {
        Link::of(hub.clone(), identity).map_err(|error| AgentError::Wrong(error.to_string()))
    };
    let (bringing, hearing, renewing) = (link(&identity)?, link(&identity)?, link(&identity)?);
    let identity = Mutex::new(identity);
    let ended = tokio::select! {
        () = stop => Ok(()),
        ended = bring(&desk, &identity, bringing) => ended,
        ended = hear(&desk, &scheduler, hearing) => ended,
        ended = renew(&identity, renewing) => ended,
        () = sync(&desk) => Ok(()),
    };
    scheduler.stop();
    desk.buffer().sync()?;
    ended
}

/// What the parts of an agent share.
struct Desk {
    boot: u64,
    started: Instant,
    buffer: Mutex<Buffer>,
    news: Notify,
    revision: Mutex<String>,
}

impl Desk {
    fn buffer(&self) -> MutexGuard<'_, Buffer> {
        self.buffer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn revision(&self) -> String {
        self.revision.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn mono_ms(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    fn keep(&self, seen: Seen) {
        let line = String::from_utf8(json(&seen)).unwrap_or_default();
        // A result that has no room is counted by the buffer, and told to the hub.
        let _ = self.buffer().push(seen.sequence, &line);
        self.news.notify_one();
    }
}

/// Brings what waits, for as long as the hub takes it.
async fn bring(desk: &Desk, identity: &Mutex<Identity>, mut link: Link) -> Result<(), AgentError> {
    let mut again = AGAIN;
    loop {
        let oldest = desk.buffer().oldest(RESULTS_PER_UPLOAD_MAX)?;
        if oldest.is_empty() {
            desk.news.notified().await;
            continue;
        }
        let upload = {
            let identity = identity.lock().unwrap_or_else(PoisonError::into_inner);
            let sign = |(_, seen): (u64, String)| {
                let signature = identity.key().sign(&result_of(&identity.known.agent, &seen));
                Signed { seen, signature: hex(&signature) }
            };
            let results = oldest.into_iter().map(sign).collect();
            let lost = desk.buffer().lost();
            let (mono_ms, wall_ms) = (desk.mono_ms(), wall_ms());
            Upload { boot: desk.boot, mono_ms, wall_ms, lost, results }
        };
        match link.ask(Method::POST, "/results", json(&upload)).await {
            Ok(body) => {
                let receipt: Receipt = read(&body)?;
                desk.buffer().acknowledge(receipt.through);
                again = AGAIN;
            }
            Err(error @ LinkError::Refused(_)) => return Err(error.into()),
            Err(_) => {
                tokio::time::sleep(again).await;
                again = (again * 2).min(AGAIN_MAX);
            }
        }
    }
}

/// Hears what is to be looked at, and when out of turn.
async fn hear(desk: &Desk, scheduler: &Scheduler, mut link: Link) -> Result<(), AgentError> {
    let mut again = AGAIN;
    let mut monitors: Vec<MonitorRow> = Vec::new();
    loop {
        let path = format!("/orders?revision={}", desk.revision());
        match heard(&path, desk, &mut link).await {
            Ok((orders, fresh)) => {
                again = AGAIN;
                if let Some(fresh) = fresh {
                    scheduler.set(fresh.monitors.iter().filter_map(monitor).collect());
                    monitors = fresh.monitors;
                    *desk.revision.lock().unwrap_or_else(PoisonError::into_inner) = fresh.revision;
                }
                for row in monitors.iter().filter(|row| orders.look_at.contains(&row.service)) {
                    scheduler.recheck(&row.id);
                }
            }
            Err(AgentError::Link(LinkError::Unreachable(_) | LinkError::Troubled(_))) => {
                tokio::time::sleep(again).await;
                again = (again * 2).min(AGAIN_MAX);
            }
            Err(error) => return Err(error),
        }
    }
}

async fn heard(
    path: &str,
    desk: &Desk,
    link: &mut Link,
) -> Result<(Orders, Option<Monitors>), AgentError> {
    let orders: Orders = read(&link.ask(Method::GET, path, Vec::new()).await?)?;
    if orders.revision == desk.revision() {
        return Ok((orders, None));
    }
    let monitors: Monitors = read(&link.ask(Method::GET, "/monitors", Vec::new()).await?)?;
    Ok((orders, Some(monitors)))
}

/// Renews the certificate when it is time. The old one is good for a month more, so a hub that
/// cannot be reached is simply asked again.
async fn renew(identity: &Mutex<Identity>, mut link: Link) -> Result<(), AgentError> {
    let lock = || identity.lock().unwrap_or_else(PoisonError::into_inner);
    loop {
        if lock().is_to_be_renewed(wall_ms() / 1_000) {
            match link.ask(Method::POST, "/renew", Vec::new()).await {
                Ok(body) => {
                    let renewed: Renewed = read(&body)?;
                    lock().renew(certificate(&renewed.certificate)?)?;
                }
                Err(error @ LinkError::Refused(_)) => return Err(error.into()),
                Err(_) => {}
            }
        }
        tokio::time::sleep(RENEW_LOOK_EVERY).await;
    }
}

async fn sync(desk: &Desk) {
    loop {
        tokio::time::sleep(SYNC_EVERY).await;
        // What cannot be synced is on its way to the hub all the same.
        let _ = desk.buffer().sync();
    }
}

/// A look as it is told to the hub.
fn seen(desk: &Desk, sequence: u64, looked: &Looked, has_references: bool) -> Seen {
    let outcome = &looked.outcome;
    let fault = outcome.fault.as_ref();
    // What is our own fault says no more about the target than a network that is down.
    let ours = fault.is_some_and(|fault| fault.about != About::Target);
    let reachable = has_references.then_some(looked.standing != Standing::Offline);
    let lag = if looked.standing == Standing::Late {
        looked.late.max(LATE_MAX + Duration::from_millis(1))
    } else {
        looked.late
    };
    let ms = |span: Duration| span.as_secs_f64() * 1e3;
    let timed = |phase: Phase| (phase.name().to_owned(), ms(outcome.phases.spent(phase)));
    Seen {
        sequence,
        boot: desk.boot,
        mono_ms: desk.mono_ms(),
        wall_ms: wall_ms(),
        revision: desk.revision(),
        monitor: looked.monitor.id.to_string(),
        service: looked.monitor.service.to_string(),
        component: looked.monitor.component.as_ref().map(ToString::to_string),
        kind: looked.monitor.kind.to_owned(),
        outcome: outcome.verdict.name().to_owned(),
        // What a page says, or lacks, is its content.
        phase: fault.map(|fault| match (outcome.verdict, fault.phase) {
            (Verdict::SoftFailure, _) | (_, Phase::Condition) => "content".to_owned(),
            (_, phase) => phase.name().to_owned(),
        }),
        detail: fault.map(|fault| fault.reason.to_string()),
        phases_ms: Phase::TIMED.into_iter().map(timed).filter(|(_, ms)| *ms > 0.0).collect(),
        interval_s: looked.monitor.interval.as_secs_f64(),
        lag_ms: ms(lag),
        references_ok: if ours { Some(false) } else { reachable },
    }
}

/// A monitor of the hub's as this program looks at it; `None` when it does not know how.
fn monitor(row: &MonitorRow) -> Option<Monitor> {
    Some(Monitor {
        id: row.id.as_str().into(),
        service: row.service.as_str().into(),
        component: row.component.as_deref().map(Into::into),
        kind: "http",
        check: check(&row.url)?,
        interval: Duration::try_from_secs_f64(row.interval_s).ok()?,
    })
}

/// A look at a page.
pub fn check(url: &str) -> Option<Check> {
    let url = Url::parse(url).ok()?;
    Some(Check { target: Target::Http(HttpTarget::new(url)), conditions: Vec::new() })
}

fn certificate(text: &str) -> Result<CertificateDer<'static>, AgentError> {
    let der = unhex(text).ok_or_else(|| wrong("the hub's certificate cannot be read"))?;
    Ok(der.into())
}

fn read<'a, T: serde::Deserialize<'a>>(body: &'a [u8]) -> Result<T, AgentError> {
    serde_json::from_slice(body).map_err(|error| {
        wrong(&format!("the hub's answer cannot be read, is it of another version? {error}"))
    })
}

fn wrong(what: &str) -> AgentError {
    AgentError::Wrong(what.to_owned())
}

fn json(value: &impl serde::Serialize) -> Vec<u8> {
    serde_json::to_vec(value).unwrap_or_default()
}

fn wall_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

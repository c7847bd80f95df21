//! The notices thread: asks the notice pages of the catalogue, and logs what changed.
//!
//! Each page is asked at most once in the configured interval, spread evenly over it, with its
//! `ETag`. A change becomes a signal of kind notice in the log, dated when it was seen here: the
//! provider's own times stand in its words. A page that cannot be read is counted, and tells
//! nothing about the service.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::Ordering;
use std::time::Duration;
use std::time::Instant;

use http::HeaderValue;
use outcry_collector::address::Url;
use outcry_collector::feed;
use outcry_collector::feed::Answer;
use outcry_collector::feed::follow::Change;
use outcry_collector::feed::follow::Follow;
use outcry_collector::probe::Context;
use outcry_core::catalog::Catalog;
use outcry_core::signal::Body;
use outcry_core::signal::Notice;
use outcry_core::signal::Provenance;
use outcry_core::signal::Signal;
use outcry_core::time::UnixMillis;
use outcry_core::units::Text;
use outcry_decode::feed::Impact;
use outcry_store::log::Log;
use outcry_wire::signals::write_line;
use tokio::task::JoinSet;

use crate::records::Known;
use crate::shared::Shared;

/// Pages that are asked at the same time.
const AT_ONCE_MAX: usize = 8;
/// How often the thread looks for pages whose turn has come.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// A page that never could be read is looked for under all its addresses again after this.
const FIND_AGAIN: Duration = Duration::from_secs(6 * 60 * 60);

/// What the thread works with.
pub struct Notices {
    /// Where changes go.
    pub log: Log,
    /// The catalogue in force.
    pub known: Arc<Known>,
    /// What tells the thread to end.
    pub shared: Arc<Shared>,
    /// The filter, names, trust and who we are.
    pub context: Context,
    /// Time between two questions to one page.
    pub interval: Duration,
}

/// One page and what is known of it.
struct Page {
    address: String,
    found: Option<Url>,
    etag: Option<HeaderValue>,
    follow: Follow,
    due: Instant,
    readable: bool,
}

/// Pages by service; one that is being asked is out of its place.
type Pages = BTreeMap<Text, Option<Page>>;

impl Notices {
    /// Runs until the program ends.
    pub fn run(self) {
        let built = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = match built {
            Ok(runtime) => runtime,
            Err(error) => {
                tracing::error!(%error, "notices are not asked for");
                return;
            }
        };
        let pages = Arc::new(Mutex::new(Pages::new()));
        let this = Arc::new(self);
        runtime.block_on(async {
            let mut asking = JoinSet::new();
            while !this.shared.stop.load(Ordering::Relaxed) {
                list(&mut pages.lock().unwrap_or_else(|e| e.into_inner()), &this);
                while asking.len() < AT_ONCE_MAX {
                    let Some((slug, page)) = take_due(&pages) else { break };
                    let (this, pages) = (this.clone(), pages.clone());
                    asking.spawn(async move {
                        let page = this.ask(&slug, page).await;
                        pages.lock().unwrap_or_else(|e| e.into_inner()).insert(slug, Some(page));
                    });
                }
                tokio::select! {
                    _ = asking.join_next(), if !asking.is_empty() => {}
                    () = tokio::time::sleep(LOOK_EVERY) => {}
                }
            }
        });
    }

    async fn ask(&self, slug: &Text, mut page: Page) -> Page {
        page.due = Instant::now() + self.interval;
        let answer = match (&page.found, Url::parse(&page.address)) {
            (Some(url), _) => feed::ask(url, page.etag.as_ref(), &self.context).await,
            (None, Ok(url)) => {
                let (found, answer) = feed::find(&url, &self.context).await;
                match answer.readable() {
                    true => page.found = Some(found),
                    false => page.due = Instant::now() + FIND_AGAIN.max(self.interval),
                }
                answer
            }
            (None, Err(error)) => Answer::Failed(error.to_string()),
        };
        let was = page.readable;
        page.readable = answer.readable() || answer == Answer::Unchanged;
        match answer {
            Answer::Unchanged => {}
            Answer::Failed(reason) => {
                if was {
                    tracing::warn!(service = %slug, %reason, "a notice page cannot be read");
                }
            }
            Answer::Read { snapshots, etag } => {
                page.etag = etag;
                let changes: Vec<Change> =
                    snapshots.iter().flat_map(|snapshot| page.follow.look(snapshot)).collect();
                let source = page.found.as_ref().map(ToString::to_string).unwrap_or_default();
                for change in changes {
                    self.keep(slug, change, &source);
                }
            }
        }
        page
    }

    fn keep(&self, slug: &Text, change: Change, source: &str) {
        let at = UnixMillis(jiff::Timestamp::now().as_millisecond());
        let signal = signal(slug, change, source, at, uuid::Uuid::now_v7().as_u128());
        let told = Box::new(|fate: Result<u64, _>| {
            if let Err(error) = fate {
                tracing::error!(?error, "a notice was not kept");
            }
        });
        if let Err(error) = self.log.append(write_line(&signal).into_bytes(), told) {
            tracing::error!(?error, "a notice was not kept");
        }
    }
}

/// A change as the log has it. Only what is planned has a beginning and an end of its own: of a
/// fault the provider's dates are its word, and the time of the signal is when it was said.
fn signal(slug: &Text, change: Change, source: &str, at: UnixMillis, id: u128) -> Signal {
    let planned = change.impact == Impact::Maintenance;
    Signal {
        id,
        at,
        service: slug.clone(),
        provenance: Provenance { source: source.into(), licence: None, synthetic: false },
        body: Body::Notice(Notice {
            notice: change.id.as_str().into(),
            title: change.title.as_str().into(),
            state: change.state.name().into(),
            impact: change.impact.name().into(),
            text: change.text.as_str().into(),
            starts: change.starts.filter(|_| planned).map(UnixMillis),
            ends: change.ends.filter(|_| planned).map(UnixMillis),
        }),
    }
}

/// Holds the list to the catalogue; new pages get their turns spread over the interval.
fn list(pages: &mut Pages, notices: &Notices) {
    let catalog: Arc<Catalog> = notices.known.catalog.load_full();
    let named: Vec<(&Text, &Text)> = catalog
        .services
        .values()
        .filter_map(|service| Some((&service.slug, service.notices.as_ref()?)))
        .collect();
    let count = u32::try_from(named.len().max(1)).unwrap_or(u32::MAX);
    for (turn, (slug, address)) in (0..).zip(named) {
        match pages.get(slug) {
            Some(None) => continue,
            Some(Some(page)) if *page.address == **address => continue,
            _ => {}
        }
        let page = Page {
            address: address.to_string(),
            found: None,
            etag: None,
            follow: Follow::default(),
            due: Instant::now() + notices.interval / count * turn,
            readable: true,
        };
        pages.insert(slug.clone(), Some(page));
    }
    pages.retain(|slug, page| {
        let service = catalog.services.get(slug);
        page.is_none() || service.is_some_and(|service| service.notices.is_some())
    });
}

fn take_due(pages: &Mutex<Pages>) -> Option<(Text, Page)> {
    let mut pages = pages.lock().unwrap_or_else(|error| error.into_inner());
    let now = Instant::now();
    let is_due = |page: &Option<Page>| page.as_ref().is_some_and(|page| page.due <= now);
    let (slug, page) = pages.iter_mut().find(|(_, page)| is_due(page))?;
    Some((slug.clone(), page.take()?))
}

//! The board: every page that somebody looks at, rendered when the state changes.
//!
//! A request is a look into a map. The renderer goes round four times a second: it takes the
//! services about which something changed, renders those pages that are looked at, and forgets
//! those that nobody has asked for. A page that is not there is rendered once, however many ask.

use std::collections::BTreeMap;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::RwLock;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering;
use std::sync::mpsc;
use std::sync::mpsc::SyncSender;

use arc_swap::ArcSwap;
use arc_swap::ArcSwapOption;
use outcry_core::engine::EngineConfig;
use outcry_core::time::UnixMillis;
use outcry_core::units::Text;

use crate::body::Page;
use crate::limit::BROTLI_QUEUE_MAX;
use crate::limit::PAGES_KEPT_MAX;
use crate::live::Live;
use crate::open::fresh::Freshness;
use crate::problem::Problem;
use crate::site::Site;
use crate::summary::Summary;

mod key;
mod render;

pub use key::Key;
pub use key::is_id;
pub use key::service_of;

/// Rounds of the renderer between two refreshes of everything that is looked at: 15 s.
const ROUNDS_PER_REFRESH: u32 = 60;
/// Refreshes after which a page that nobody asked for is forgotten: 10 minutes.
const IDLE_REFRESHES_MAX: u32 = 40;
/// Rounds in which a page is rendered at most once: 1 s. Each page has its own of them.
const ROUNDS_PER_PAGE: u32 = 4;

/// Every page that somebody looks at.
pub struct Board {
    /// What all pages share.
    pub site: Arc<Site>,
    /// Those who follow live numbers.
    pub live: Live,
    engine: EngineConfig,
    entries: RwLock<HashMap<String, Arc<Entry>>>,
    summaries: RwLock<BTreeMap<Text, Summary>>,
    brotli: SyncSender<Arc<Page>>,
    round: AtomicU32,
    freshness: ArcSwap<Freshness>,
}

/// Rounds after which it is looked how fresh everything is: 5 s.
const ROUNDS_PER_LOOK: u32 = 20;

/// One page.
struct Entry {
    key: Key,
    page: ArcSwapOption<Page>,
    rendering: Mutex<()>,
    /// Refreshes since somebody asked for it.
    idle: AtomicU32,
    /// Whether something changed since it was rendered.
    stale: AtomicBool,
    /// The round of [`ROUNDS_PER_PAGE`] in which it is rendered again.
    slot: u32,
}

impl Board {
    /// Starts with every service in its summary, and a worker that compresses.
    pub fn new(site: Arc<Site>, engine: EngineConfig) -> Arc<Self> {
        let (brotli, pages) = mpsc::sync_channel::<Arc<Page>>(BROTLI_QUEUE_MAX);
        // The worker ends with the board, when the channel closes.
        let worker = std::thread::Builder::new().name("brotli".into()).spawn(move || {
            while let Ok(page) = pages.recv() {
                page.compress_well();
            }
        });
        if let Err(error) = worker {
            tracing::warn!(%error, "no worker for brotli: pages are served as Zstandard");
        }
        let board = Self {
            site,
            live: Live::default(),
            engine,
            entries: RwLock::default(),
            summaries: RwLock::default(),
            brotli,
            round: AtomicU32::new(0),
            freshness: ArcSwap::default(),
        };
        board.look_how_fresh();
        board.sum_up_all();
        Arc::new(board)
    }

    /// The page at an address, rendered now if it is not there.
    ///
    /// # Errors
    ///
    /// What a reader is to be told instead.
    pub fn page(&self, address: &str) -> Result<Arc<Page>, Problem> {
        let known =
            self.entries.read().unwrap_or_else(PoisonError::into_inner).get(address).cloned();
        let entry = match known {
            Some(entry) => entry,
            None => self.enter(address)?,
        };
        entry.idle.store(0, Ordering::Relaxed);
        if let Some(page) = entry.page.load_full() {
            return Ok(page);
        }
        let _one = entry.rendering.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(page) = entry.page.load_full() {
            return Ok(page);
        }
        let page = self.rendered(&entry.key)?;
        entry.page.store(Some(page.clone()));
        Ok(page)
    }

    /// A page for the one who asks, made now and not kept.
    ///
    /// # Errors
    ///
    /// What the one who asks is to be told instead.
    pub fn once(&self, key: &Key) -> Result<Arc<Page>, Problem> {
        render::render(self, key).map(Arc::new)
    }

    /// How fresh what is known is; some seconds old at most.
    pub fn freshness(&self) -> Arc<Freshness> {
        self.freshness.load_full()
    }

    fn look_how_fresh(&self) {
        let site = &self.site;
        let made = site.reconstruction.is_some();
        self.freshness.store(Arc::new(Freshness::of(&*site.records, site.now(), made)));
    }

    /// The page at an address if it stands already.
    pub fn standing(&self, address: &str) -> Option<Arc<Page>> {
        let entries = self.entries.read().unwrap_or_else(PoisonError::into_inner);
        let entry = entries.get(address)?;
        entry.idle.store(0, Ordering::Relaxed);
        entry.page.load_full()
    }

    /// Makes room for a page. Nothing is entered for what does not exist.
    fn enter(&self, address: &str) -> Result<Arc<Entry>, Problem> {
        let key = Key::read(address)?;
        let page = self.rendered(&key)?;
        let entry = Arc::new(Entry {
            key,
            page: ArcSwapOption::from(Some(page)),
            rendering: Mutex::default(),
            idle: AtomicU32::new(0),
            stale: AtomicBool::new(false),
            slot: self.round.load(Ordering::Relaxed) % ROUNDS_PER_PAGE,
        });
        let mut entries = self.entries.write().unwrap_or_else(PoisonError::into_inner);
        if entries.len() >= PAGES_KEPT_MAX {
            let idlest = entries
                .iter()
                .max_by_key(|(_, entry)| entry.idle.load(Ordering::Relaxed))
                .map(|(address, _)| address.clone());
            idlest.and_then(|address| entries.remove(&address));
        }
        Ok(entries.entry(address.to_owned()).or_insert(entry).clone())
    }

    fn rendered(&self, key: &Key) -> Result<Arc<Page>, Problem> {
        let page = Arc::new(render::render(self, key)?);
        page.compress();
        // A full queue means that this version is served as Zstandard, and the next may not be.
        let _ = self.brotli.try_send(page.clone());
        Ok(page)
    }

    /// One round of the renderer.
    pub fn go_round(&self) {
        let round = self.round.fetch_add(1, Ordering::Relaxed).wrapping_add(1);
        let changed = self.site.records.take_changed();
        for slug in &changed {
            self.sum_up(slug);
        }
        let refresh = round.is_multiple_of(ROUNDS_PER_REFRESH);
        self.mark_stale(|key| {
            refresh
                || (key.is_list() && !changed.is_empty())
                || key.service().is_some_and(|slug| changed.iter().any(|c| **c == *slug))
        });
        self.renew(Some(round % ROUNDS_PER_PAGE));
        if refresh {
            self.forget_idle();
        }
        if round.is_multiple_of(ROUNDS_PER_LOOK) {
            self.look_how_fresh();
        }
        for slug in self.live.followed() {
            if (refresh || changed.contains(&slug))
                && let Some(snapshot) = self.site.records.service(&slug)
            {
                self.live.tell(&self.site.words, &snapshot);
            }
        }
    }

    fn mark_stale(&self, concerns: impl Fn(&Key) -> bool) {
        let entries = self.entries.read().unwrap_or_else(PoisonError::into_inner);
        for entry in entries.values().filter(|entry| concerns(&entry.key)) {
            entry.stale.store(true, Ordering::Relaxed);
        }
    }

    /// Renders the stale pages of a slot that are looked at; the others are left to be rendered
    /// when somebody asks.
    fn renew(&self, slot: Option<u32>) {
        let entries: Vec<Arc<Entry>> = self
            .entries
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .values()
            .filter(|entry| slot.is_none_or(|slot| entry.slot == slot))
            .filter(|entry| entry.stale.swap(false, Ordering::Relaxed))
            .cloned()
            .collect();
        for entry in entries {
            if entry.idle.load(Ordering::Relaxed) > 1 {
                entry.page.store(None);
                continue;
            }
            let _one = entry.rendering.lock().unwrap_or_else(PoisonError::into_inner);
            match self.rendered(&entry.key) {
                Ok(page) => entry.page.store(Some(page)),
                // An old page is better than none while the store cannot be read.
                Err(Problem::Unavailable) => {}
                Err(_) => entry.page.store(None),
            }
        }
    }

    fn forget_idle(&self) {
        self.entries
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .retain(|_, entry| entry.idle.fetch_add(1, Ordering::Relaxed) < IDLE_REFRESHES_MAX);
    }

    /// The summaries of all services, by slug.
    pub fn all(&self) -> Vec<Summary> {
        self.summaries.read().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
    }

    fn sum_up_all(&self) {
        let catalog = self.site.records.catalog();
        for slug in catalog.services.keys() {
            self.sum_up(slug);
        }
    }

    fn sum_up(&self, slug: &Text) {
        let catalog = self.site.records.catalog();
        let summary = catalog.service(slug).map(|service| match self.site.records.service(slug) {
            Some(snapshot) => Summary::of(service, &snapshot),
            None => Summary::silent(service),
        });
        let mut summaries = self.summaries.write().unwrap_or_else(PoisonError::into_inner);
        match summary {
            Some(summary) => summaries.insert(slug.clone(), summary),
            None => summaries.remove(slug),
        };
    }

    /// Sums every service of a new catalogue up, and drops those it does not have.
    pub fn catalog_changed(&self) {
        let catalog = self.site.records.catalog();
        self.summaries
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .retain(|slug, _| catalog.service(slug).is_some());
        self.sum_up_all();
        self.mark_stale(|_| true);
        self.renew(None);
    }

    /// Now.
    pub fn now(&self) -> UnixMillis {
        self.site.now()
    }
}

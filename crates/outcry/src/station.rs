//! A station: log, store, engine, pages and HTTP of one running program, started in that order
//! and ended in the other.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::Ordering;
use std::time::Duration;
use std::time::Instant;

use anyhow::Context;
use arc_swap::ArcSwap;
use outcry_core::catalog::Catalog;
use outcry_core::engine::Engine;
use outcry_core::time::HOUR_MS;
use outcry_core::time::UnixMillis;
use outcry_server::board::Board;
use outcry_server::contract::Clock;
use outcry_server::contract::Subscriptions;
use outcry_server::intake::Intake;
use outcry_server::limit::PROPOSALS_PER_PREFIX_PER_MINUTE;
use outcry_server::limit::WISHES_PER_PREFIX_PER_MINUTE;
use outcry_server::rate::Rate;
use outcry_server::rate::Reads;
use outcry_server::router;
use outcry_server::router::App;
use outcry_server::serve;
use outcry_server::site::Reconstruction;
use outcry_server::site::Site;
use outcry_server::words::Words;
use outcry_store::Store;
use outcry_store::log::Limits;
use outcry_store::log::Log;
use outcry_store::log::disk::OsDisk;
use outcry_store::sqlite::SqliteStore;
use outcry_store::sqlite::outbox::Outbox;
use tokio::net::TcpListener;

use crate::alerts::InForce;
use crate::alerts::people::People;
use crate::alerts::planner::Planner;
use crate::cli::BadInput;
use crate::config::Config;
use crate::journal::LogJournal;
use crate::pipeline::Pipeline;
use crate::pipeline::Timing;
use crate::places::Places;
use crate::records::Known;
use crate::shared::Shared;
use crate::start::catch_up;
use crate::start::engine_of;
use crate::start::safe_seq_of;

/// Name of the database in the data folder.
pub const DATABASE: &str = "outcry.sqlite";
/// Name of the folder of the log in the data folder.
pub const LOG: &str = "log";
/// Time between two rounds of the renderer.
const ROUND: Duration = Duration::from_millis(250);
/// Niceness of the thread that decides: about a tenth of the share of one that serves.
const DECIDE_NICENESS: i32 = 10;

/// What a station is started with.
pub struct Parts {
    /// The configuration.
    pub config: Config,
    /// The services to watch.
    pub catalog: Arc<Catalog>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// How event time follows the clock.
    pub timing: Timing,
    /// The story, when this is a reconstruction.
    pub reconstruction: Option<Reconstruction>,
    /// An engine to go on with where the store has none.
    pub engine: Option<Engine>,
}

/// A running station.
pub struct Station {
    /// The log that reports go into.
    pub log: Log,
    /// What is known.
    pub known: Arc<Known>,
    /// The pages.
    pub board: Arc<Board>,
    /// Where addresses are.
    pub places: Arc<Places>,
    /// The alerts in force.
    pub alerts: InForce,
    shared: Arc<Shared>,
    config: Config,
    app: Arc<App>,
    threads: Vec<std::thread::JoinHandle<()>>,
}

/// The clock of a station, as the log wants it.
struct LogClock(Arc<dyn Clock>);

impl outcry_store::log::Clock for LogClock {
    fn now_ms(&self) -> i64 {
        self.0.now().0
    }
}

/// The machine's clock.
pub struct MachineClock;

impl Clock for MachineClock {
    fn now(&self) -> UnixMillis {
        UnixMillis(jiff::Timestamp::now().as_millisecond())
    }
}

impl Station {
    /// Opens what is stored, catches up with the log, and starts the threads.
    ///
    /// # Errors
    ///
    /// [`BadInput`] when a file named in the configuration cannot be used; else what failed.
    pub fn start(parts: Parts) -> anyhow::Result<Self> {
        let Parts { config, catalog, clock, timing, reconstruction, engine } = parts;
        let dir = &config.store.dir;
        let log = open_log(&config, clock.clone())?;
        let database = dir.join(DATABASE);
        let store = SqliteStore::open(&database)?;
        let (engine, from) =
            engine_of(&store, &log, config.engine, &catalog, (engine, clock.now()))?;
        let shared = Arc::new(Shared::new(engine));
        shared.safe_seq.store(safe_seq_of(&store, from)?, Ordering::Relaxed);
        let mut pipeline =
            Pipeline::new(log.clone(), Box::new(store), shared.clone(), timing, from)?;
        let alerts: InForce = Arc::new(ArcSwap::from_pointee(config.alerts.clone()));
        if reconstruction.is_none() {
            let (outbox, url) = (Outbox::open_reader(&database)?, &config.http.public_url);
            let (alerts, catalog) = (alerts.clone(), catalog.clone());
            pipeline.planner = Some(Planner::new(alerts, outbox, catalog, clock.clone(), url)?);
        }
        catch_up(&mut pipeline, from, log.next_seq())?;
        let known = Arc::new(Known {
            shared: shared.clone(),
            store: Mutex::new(Box::new(SqliteStore::open_reader(&database)?)),
            catalog: ArcSwap::new(catalog),
            clock: clock.clone(),
            log: Some(log.clone()),
        });
        let places = Places::open(config.places.country.as_deref(), config.places.asn.as_deref())?;
        let places = Arc::new(places);
        let people = People::open(&config, clock.clone())?.map(Arc::new);
        let site = Arc::new(Site {
            words: Words::english(),
            records: known.clone(),
            places: places.clone(),
            clock: clock.clone(),
            public_url: config.http.public_url.clone(),
            tells_by_mail: people.as_ref().is_some_and(|people| people.writes()),
            push_key: people.as_ref().and_then(|people| people.push_key()),
            limits: config.http.limits,
            reconstruction,
        });
        let board = Board::new(site, config.engine);
        let intake = Intake::new(clock.now())
            .map_err(|error| anyhow::anyhow!("the system has no random numbers: {error}"))?;
        let app = Arc::new(App {
            board: board.clone(),
            journal: Arc::new(LogJournal(log.clone())),
            subscriptions: people.map(|people| people as Arc<dyn Subscriptions>),
            intake,
            rate: Rate::new(config.http.limits.reports_per_prefix_per_minute),
            reads: Reads::new(config.http.limits.reads_per_prefix_per_minute),
            wishes: Reads::new(WISHES_PER_PREFIX_PER_MINUTE),
            proposals: Reads::new(PROPOSALS_PER_PREFIX_PER_MINUTE),
            trusted_proxies: config.http.trusted_proxies.clone(),
        });
        let mut station =
            Self { log, known, board, places, alerts, shared, config, app, threads: Vec::new() };
        station.spawn("decide", move || {
            step_back();
            pipeline.run();
        })?;
        let (board, shared) = (station.board.clone(), station.shared.clone());
        station.spawn("render", move || {
            while !shared.stop.load(Ordering::Relaxed) {
                let began = Instant::now();
                board.go_round();
                std::thread::sleep(ROUND.saturating_sub(began.elapsed()));
            }
        })?;
        Ok(station)
    }

    /// Starts a thread that ends when the station does.
    ///
    /// # Errors
    ///
    /// When the system has no thread to give.
    pub fn spawn(
        &mut self,
        name: &str,
        work: impl FnOnce() + Send + 'static,
    ) -> anyhow::Result<()> {
        let thread = std::thread::Builder::new().name(name.into()).spawn(work)?;
        self.threads.push(thread);
        Ok(())
    }

    /// What tells threads to end.
    pub fn shared(&self) -> Arc<Shared> {
        self.shared.clone()
    }

    /// Serves until the program is told to stop, then ends everything in order.
    ///
    /// # Errors
    ///
    /// [`BadInput`] when the address cannot be listened on.
    pub fn serve(self, ready: impl FnOnce(SocketAddr)) -> anyhow::Result<()> {
        let mut builder = tokio::runtime::Builder::new_multi_thread();
        if let Some(threads) = self.config.http.threads {
            builder.worker_threads(threads);
        }
        let runtime = builder.enable_all().build().context("cannot start the threads")?;
        let listen = self.config.http.listen;
        runtime.block_on(async {
            let bound = TcpListener::bind(listen).await;
            let listener = bound.map_err(|error| cannot_listen(listen, &error))?;
            ready(listener.local_addr()?);
            let router = router::router(self.app.clone(), self.config.http.floor);
            let router = crate::mcp::door::with_door(router, self.app.clone());
            let connections_max = self.config.http.limits.connections_max;
            serve::serve(listener, &self.app, router, connections_max, told_to_stop()).await;
            anyhow::Ok(())
        })?;
        runtime.shutdown_timeout(Duration::from_secs(1));
        self.stop();
        Ok(())
    }

    /// Ends the threads: what was taken is decided, stored, and the log closed.
    pub fn stop(self) {
        self.shared.stop.store(true, Ordering::Relaxed);
        for thread in self.threads {
            if thread.join().is_err() {
                tracing::error!("a thread ended in a panic");
            }
        }
        self.log.close();
    }
}

/// Refuses an address that is in use before anything is opened or made for it.
///
/// # Errors
///
/// [`BadInput`] when it cannot be listened on.
pub fn try_address(listen: SocketAddr) -> anyhow::Result<()> {
    match std::net::TcpListener::bind(listen) {
        Ok(_) => Ok(()),
        Err(error) => Err(cannot_listen(listen, &error).into()),
    }
}

fn cannot_listen(listen: SocketAddr, error: &std::io::Error) -> BadInput {
    BadInput(format!("cannot listen on {listen}: {error}; choose another address"))
}

/// Receiving never waits for deciding: when there is not enough of the machine for both, those who
/// take reports go first and this thread catches up from the log.
pub fn step_back() {
    let this = rustix::thread::gettid();
    if let Err(error) = rustix::process::setpriority_process(Some(this), DECIDE_NICENESS) {
        tracing::warn!(%error, "a thread in the background keeps its priority");
    }
}

/// The signal of Ctrl-C, or of a service manager.
pub async fn told_to_stop() {
    let interrupted = tokio::signal::ctrl_c();
    let terminated = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(_) => std::future::pending::<()>().await,
        }
    };
    tokio::select! {
        _ = interrupted => {}
        () = terminated => {}
    }
}

/// Opens the log of a data folder and says what was found.
///
/// # Errors
///
/// When it cannot be opened, or another program has it.
pub fn open_log(config: &Config, clock: Arc<dyn Clock>) -> anyhow::Result<Log> {
    open_log_of(config, clock, known_seq(&config.store.dir)?)
}

/// The same, of which at least the records before `known_seq` are asked for.
///
/// # Errors
///
/// As those of [`open_log`]; when it ends before that record, it is left as it is.
pub fn open_log_of(config: &Config, clock: Arc<dyn Clock>, known_seq: u64) -> anyhow::Result<Log> {
    let folder = config.store.dir.join(LOG);
    make_folder(&folder)?;
    let limits = Limits {
        segment_bytes_max: config.store.segment_mib << 20,
        segment_age_max_ms: i64::from(config.store.segment_hours) * HOUR_MS,
        known_seq,
        ..Limits::default()
    };
    let disk = Arc::new(OsDisk::open(&folder)?);
    let (log, recovery) = Log::open(disk, Arc::new(LogClock(clock)), limits)?;
    tracing::info!(
        segments = recovery.segments,
        records = recovery.records,
        findings = recovery.findings.len(),
        "the log is open"
    );
    Ok(log)
}

/// Records that the database has worked through: the log must have had them.
fn known_seq(dir: &Path) -> anyhow::Result<u64> {
    let database = dir.join(DATABASE);
    if !database.exists() {
        return Ok(0);
    }
    // A database that cannot be read says so when it is opened to be used.
    Ok(SqliteStore::open_reader(&database).and_then(|store| store.offset()).unwrap_or(0))
}

fn make_folder(folder: &Path) -> anyhow::Result<()> {
    std::fs::create_dir_all(folder)
        .map_err(|error| BadInput(format!("cannot make {}: {error}", folder.display())))
        .context("the data folder")
}

//! Starting the hub of a station: its thread, and what goes on in it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use outcry_core::catalog::Catalog;
use outcry_core::units::Text;
use tokio::net::TcpListener;
use tokio::sync::broadcast;

use crate::cli::BadInput;
use crate::config::Config;
use crate::hub::FOLDER;
use crate::hub::Hub;
use crate::hub::door;
use crate::hub::fleet::Fleet;
use crate::records::Known;
use crate::shared::Shared;
use crate::station::MachineClock;
use crate::station::Station;

/// How often the catalogue is looked at, and whether the station ends.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// Looks between two notes of how far the log was read.
const LOOKS_PER_NOTE: u32 = 120;

/// Starts the hub, if the configuration has one.
///
/// # Errors
///
/// [`BadInput`] when its address cannot be listened on.
pub fn start(station: &mut Station, config: &Config) -> anyhow::Result<()> {
    let Some(listen) = config.hub.listen else { return Ok(()) };
    let listener = std::net::TcpListener::bind(listen).map_err(|error| {
        BadInput(format!("[hub] cannot listen on {listen}: {error}; choose another address"))
    })?;
    listener.set_nonblocking(true)?;
    let folder = config.store.dir.join(FOLDER);
    let names = names(&config.hub.names, listen);
    let (clock, places) = (Arc::new(MachineClock), station.places.clone());
    let hub = Arc::new(Hub::open(folder, &names, station.log.clone(), clock, places)?);
    let (shared, known) = (station.shared(), station.known.clone());
    let asked = shared.rechecks.subscribe();
    let extra = config.hub.monitors.clone();
    station.spawn("hub", move || {
        let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
            Ok(runtime) => runtime,
            Err(error) => return tracing::error!(%error, "there is no hub"),
        };
        runtime
            .block_on(async {
                let listener = TcpListener::from_std(listener)?;
                tracing::info!(%listen, ?names, "vantage points are welcome");
                tokio::select! {
                    ended = door::open(hub.clone(), listener) => ended,
                    () = pass_on(&hub, asked) => Ok(()),
                    () = keep(&hub, &shared, &known, &extra) => Ok(()),
                }
            })
            .unwrap_or_else(|error: anyhow::Error| tracing::error!("the hub has ended: {error:#}"));
        note(&hub);
    })
}

/// Under which names agents come: those that were given, or the address that is listened on.
fn names(given: &[String], listen: SocketAddr) -> Vec<String> {
    if given.is_empty() { vec![listen.ip().to_string()] } else { given.to_vec() }
}

/// Passes on what the engine asks for.
async fn pass_on(hub: &Hub, mut asked: broadcast::Receiver<Text>) {
    loop {
        match asked.recv().await {
            Ok(service) => {
                hub.courtesy.ask(&service, hub.fleet().count_of(&service));
            }
            // So many were asked for that some are passed over: they are looked at in their turn.
            Err(broadcast::error::RecvError::Lagged(_)) => {}
            Err(broadcast::error::RecvError::Closed) => std::future::pending().await,
        }
    }
}

/// Keeps the fleet as the catalogue says, and a note of how far the log was read, until the station
/// ends.
async fn keep(hub: &Hub, shared: &Shared, known: &Known, extra: &[crate::hub::Extra]) {
    let mut seen: Option<Arc<Catalog>> = None;
    let mut looks = 0_u32;
    while !shared.stop.load(Ordering::Relaxed) {
        let catalog = known.catalog.load_full();
        if seen.as_ref().is_none_or(|seen| !Arc::ptr_eq(seen, &catalog)) {
            hub.set_fleet(Fleet::of(&catalog, extra));
            hub.courtesy.news.notify_waiters();
            seen = Some(catalog);
        }
        looks = looks.wrapping_add(1);
        if looks.is_multiple_of(LOOKS_PER_NOTE) {
            note(hub);
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

fn note(hub: &Hub) {
    let seq = hub.log.next_seq();
    if let Err(error) = hub.taken.save(seq) {
        tracing::warn!(%error, "the hub's next start reads more of the log");
    }
}

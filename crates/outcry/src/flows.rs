//! Live traffic: flow exports become slots, slots become floods, and both become signals of the
//! services whose addresses they go to.
//!
//! The thread reads what the collector's listener hands over four times a second. It never makes
//! the receivers wait: a slot that finds it busy is dropped, counted and shown. Signals hold sums,
//! vectors and a verdict; no address of a source leaves this thread but into the view that the
//! operator's console shows as countries, where the verdict allows that.
//!
//! # What it cannot tell
//!
//! What a target sent before it received anything in the same slot: the outflow is at least what is
//! told.

use std::collections::VecDeque;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::Ordering;
use std::time::Duration;

use ipnet::IpNet;
use outcry_collector::flow;
use outcry_collector::flow::Listener;
use outcry_collector::flow::Network;
use outcry_core::attack::Attack;
use outcry_core::detect::flood::FloodConfig;
use outcry_core::detect::flood::Floods;
use outcry_core::detect::flood::SLOT_MS;
use outcry_core::signal::Body;
use outcry_core::signal::Flow;
use outcry_core::time::UnixMillis;
use outcry_core::traffic::slot::Slot;
use outcry_core::traffic::slot::Volume;
use outcry_core::units::Text;
use outcry_decode::address::Address;
use outcry_decode::record::Sampling;
use outcry_decode::record::SamplingOrigin;
use outcry_store::log::Log;

use crate::cli::BadInput;
use crate::config::Config;
use crate::flows::page::Traffic;
use crate::flows::view::View;
use crate::origins::Maps;
use crate::shared::Shared;
use crate::station::Station;
use crate::station::step_back;

pub mod config;
pub mod logs;
pub mod page;
pub mod told;
pub mod view;

/// How long the thread waits for a slot before it looks whether to end.
const WAIT: Duration = Duration::from_millis(200);
/// Seconds of a window of ordinary traffic, and of one with an attack in it.
const ORDINARY_S: i64 = 60;
const ATTACKED_S: i64 = 10;
/// Seconds of the whole traffic that the console shows.
const SECONDS_SHOWN: usize = 900;
/// Who exported it, in signals: exporters' addresses are the operator's own.
const EXPORTER: &str = "own";

/// The view that the console shows, replaced once a second.
pub type Shown = Arc<Mutex<View>>;

/// Begins to listen, if the configuration says so; and to follow logs.
///
/// # Errors
///
/// [`BadInput`] when an address cannot be listened on.
pub fn start(station: &mut Station, config: &Config) -> anyhow::Result<Option<Traffic>> {
    logs::start(station, config)?;
    let flows = &config.flows;
    if flows.listen.is_empty() {
        return Ok(None);
    }
    let listener = flow::listen(listener_config(flows))
        .map_err(|error| BadInput(format!("{:#}", anyhow::Error::from(error))))?;
    let addresses = listener.addresses()?;
    tracing::info!(?addresses, "listening for flows");
    let shown = Shown::default();
    let live = Live {
        listener,
        floods: Floods::new(FloodConfig {
            floor_pps: flows.floor_pps,
            floor_bps: flows.floor_mbps * 1e6,
        }),
        services: flows.services.iter().map(Counted::of).collect(),
        seconds: VecDeque::new(),
        log: station.log.clone(),
        shared: station.shared(),
        shown: shown.clone(),
    };
    station.spawn("flows", move || {
        step_back();
        live.run();
    })?;
    let country: Vec<_> = config.places.country.clone().into_iter().collect();
    let maps = Maps::open(&country, config.places.asn.as_deref())?;
    Ok(Some(Traffic::new(shown, maps)))
}

fn listener_config(flows: &config::Flows) -> flow::Config {
    flow::Config {
        listen: flows.listen.clone(),
        workers: flows.workers,
        receive_buffer: flows.receive_buffer_mib << 20,
        slot_ms: SLOT_MS,
        allowed: flows
            .exporters
            .iter()
            .map(|net| Network {
                address: Address::from(net.network()),
                bits: u32::from(net.prefix_len()),
            })
            .collect(),
        sampling: flows
            .sampling
            .iter()
            .map(|(exporter, one_in)| {
                let sampling = Sampling::one_in(*one_in, SamplingOrigin::Configured);
                (Address::from(*exporter), sampling)
            })
            .collect(),
    }
}

/// The thread.
struct Live {
    listener: Listener,
    floods: Floods,
    services: Vec<Counted>,
    seconds: VecDeque<(i64, Volume)>,
    log: Log,
    shared: Arc<Shared>,
    shown: Shown,
}

/// What one service received since its last signal.
struct Counted {
    service: Text,
    prefixes: Vec<IpNet>,
    since_ms: Option<i64>,
    received: Volume,
    sent: Volume,
}

impl Counted {
    fn of(service: &config::Service) -> Self {
        Self {
            service: service.service.as_str().into(),
            prefixes: service.prefixes.clone(),
            since_ms: None,
            received: Volume::default(),
            sent: Volume::default(),
        }
    }

    fn holds(&self, address: IpAddr) -> bool {
        self.prefixes.iter().any(|net| net.contains(&address))
    }

    /// Whether an attack goes to it: to one of its addresses, or to a network around some.
    fn is_hit(&self, attack: &Attack) -> bool {
        let address = Address::v6(attack.target).ip();
        let Some(bits) = attack.prefix_bits else { return self.holds(address) };
        let Ok(net) = IpNet::new(address, bits) else { return false };
        self.prefixes.iter().any(|own| own.contains(&net) || net.contains(own))
    }
}

impl Live {
    fn run(mut self) {
        let mut second = 0;
        while !self.shared.stop.load(Ordering::Relaxed) {
            let Some(window) = self.listener.next(WAIT) else { continue };
            let started_ms = i64::try_from(window.started_ms).unwrap_or(i64::MAX);
            self.floods.take(started_ms, &window.slot);
            self.count(started_ms, &window.slot);
            self.listener.watch(&self.floods.watched());
            let now = started_ms.div_euclid(1_000);
            if now != second {
                second = now;
                let open = self.floods.open();
                self.tell(started_ms, &open);
                self.show(started_ms, open, &window.slot);
            }
            self.listener.recycle(window);
        }
    }

    fn count(&mut self, started_ms: i64, slot: &Slot) {
        let second = started_ms.div_euclid(1_000);
        match self.seconds.back_mut().filter(|(at, _)| *at == second) {
            Some((_, sum)) => sum.add(slot.total),
            None => self.seconds.push_back((second, slot.total)),
        }
        while self.seconds.len() > SECONDS_SHOWN {
            self.seconds.pop_front();
        }
        for service in &mut self.services {
            service.since_ms.get_or_insert(started_ms);
        }
        if self.services.is_empty() {
            return;
        }
        for target in slot.targets() {
            let address = target.address.ip();
            for service in self.services.iter_mut().filter(|service| service.holds(address)) {
                service.received.add(target.received());
                service.sent.add(target.sent);
            }
        }
    }

    /// Writes the windows that are over into the log.
    fn tell(&mut self, now_ms: i64, open: &[Attack]) {
        for service in &mut self.services {
            let Some(since_ms) = service.since_ms else { continue };
            let is_now = |attack: &&Attack| service.is_hit(attack) && attack.span_ms.1 > since_ms;
            let hits: Vec<&Attack> = open.iter().filter(is_now).collect();
            let length_s = if hits.is_empty() { ORDINARY_S } else { ATTACKED_S };
            if now_ms - since_ms < length_s * 1_000 {
                continue;
            }
            let flow = flow_of(service, (now_ms - since_ms) as f64 / 1_000.0, &hits);
            told::append(&self.log, &service.service, UnixMillis(now_ms), Body::Flow(flow));
            service.since_ms = Some(now_ms);
            service.received = Volume::default();
            service.sent = Volume::default();
        }
    }

    fn show(&self, now_ms: i64, open: Vec<Attack>, slot: &Slot) {
        let view = View::of(
            now_ms,
            (open, self.floods.closed().cloned().collect()),
            // The last second has only begun.
            self.seconds.iter().copied().take_while(|(at, _)| *at < now_ms / 1_000).collect(),
            slot,
            (&self.listener, self.floods.beyond),
        );
        *self.shown.lock().unwrap_or_else(PoisonError::into_inner) = view;
    }
}

fn flow_of(service: &Counted, window_s: f64, hits: &[&Attack]) -> Flow {
    let mut vectors: Vec<Text> = hits
        .iter()
        .flat_map(|attack| &attack.vectors)
        .map(|vector| vector.vector.name().into())
        .collect();
    vectors.sort_unstable();
    vectors.dedup();
    let verdict = hits.first().map(|attack| attack.verdict);
    let agreed = verdict.filter(|first| hits.iter().all(|attack| attack.verdict == *first));
    let most = hits.iter().map(|attack| attack.sources).fold(0.0, f64::max);
    let bps = |volume: Volume| volume.octets as f64 * 8.0 / window_s;
    Flow {
        window_s,
        bps_in: bps(service.received),
        pps_in: service.received.packets as f64 / window_s,
        bps_out: (service.sent.octets > 0).then(|| bps(service.sent)),
        vectors,
        sources: agreed.map_or("unknown", |verdict| verdict.name()).into(),
        sources_distinct: (most > 0.0).then_some(most as u64),
        exporter: EXPORTER.into(),
    }
}

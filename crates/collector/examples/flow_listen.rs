//! A listener by itself, to be measured: counts what is sent to it and watches for floods in it, as
//! `outcry serve` does, until its input is closed.
//!
//! `flow_listen PORT WORKERS` prints one line of JSON at the end: flows, packets, octets, what
//! exporters' numbers say was lost, drops of socket and queue, the most targets of one slot, and
//! the vectors of the attacks that were seen.

use std::io::Read;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;
use std::time::Duration;

use outcry_collector::flow;
use outcry_collector::flow::Config;
use outcry_core::detect::flood::FloodConfig;
use outcry_core::detect::flood::Floods;
use outcry_core::detect::flood::SLOT_MS;
use outcry_core::traffic::slot::Volume;

fn main() {
    let arguments: Vec<u16> =
        std::env::args().skip(1).filter_map(|argument| argument.parse().ok()).collect();
    let [port, workers] = arguments.as_slice() else {
        eprintln!("flow_listen PORT WORKERS");
        std::process::exit(2);
    };
    let config = Config {
        listen: vec![([127, 0, 0, 1], *port).into()],
        workers: usize::from(*workers),
        receive_buffer: 8 << 20,
        slot_ms: SLOT_MS,
        allowed: vec![],
        sampling: vec![],
    };
    let mut listener = flow::listen(config).unwrap_or_else(|error| {
        eprintln!("{error}");
        std::process::exit(1);
    });
    let over = Arc::new(AtomicBool::new(false));
    let told = Arc::clone(&over);
    std::thread::spawn(move || {
        let mut rest = Vec::new();
        let _ = std::io::stdin().read_to_end(&mut rest);
        told.store(true, Ordering::Relaxed);
    });
    println!("ready");
    let (mut flows, mut targets, mut total) = (0, 0, Volume::default());
    let mut floods = Floods::new(FloodConfig { floor_pps: 10_000.0, floor_bps: 100e6 });
    let mut vectors = std::collections::BTreeSet::new();
    // After the end of the input, some slots more: what was sent just before is still on its way.
    let mut windows_left = 6;
    while windows_left > 0 {
        let Some(window) = listener.next(Duration::from_millis(1_200)) else { continue };
        flows += window.slot.flows;
        total.add(window.slot.total);
        floods.take(i64::try_from(window.started_ms).unwrap_or(i64::MAX), &window.slot);
        listener.watch(&floods.watched());
        targets = targets.max(window.slot.targets().len());
        listener.recycle(window);
        for attack in floods.open() {
            vectors.extend(attack.vectors.iter().map(|vector| vector.vector.name()));
        }
        if over.load(Ordering::Relaxed) {
            windows_left -= 1;
        }
    }
    let lost: u64 = listener.exporters().iter().map(|(_, exporter)| exporter.lost()).sum();
    let health = listener.health();
    println!(
        r#"{{"flows":{flows},"packets":{},"octets":{},"lost":{lost},"socket_drops":{},"slots_dropped":{},"targets":{targets},"vectors":{:?}}}"#,
        total.packets,
        total.octets,
        health.socket_drops,
        health.slots_dropped,
        vectors.iter().collect::<Vec<_>>()
    );
}

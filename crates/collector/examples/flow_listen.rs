//! A listener by itself, to be measured: counts what is sent to it until its input is closed.
//!
//! `flow_listen PORT WORKERS` prints one line of JSON at the end: flows, what exporters' numbers
//! say was lost, drops of socket and queue, and the most targets of one slot.

use std::io::Read;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;
use std::time::Duration;

use outcry_collector::flow;
use outcry_collector::flow::Config;

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
        slot_ms: 1_000,
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
    let (mut flows, mut targets) = (0, 0);
    // After the end of the input, one slot more: what was sent just before is still on its way.
    let mut windows_left = 2;
    while windows_left > 0 {
        let Some(window) = listener.next(Duration::from_millis(1_200)) else { continue };
        flows += window.slot.flows;
        targets = targets.max(window.slot.targets().len());
        listener.recycle(window);
        if over.load(Ordering::Relaxed) {
            windows_left -= 1;
        }
    }
    let lost: u64 = listener.exporters().iter().map(|(_, exporter)| exporter.lost()).sum();
    let health = listener.health();
    println!(
        r#"{{"flows":{flows},"lost":{lost},"socket_drops":{},"slots_dropped":{},"targets":{targets}}}"#,
        health.socket_drops, health.slots_dropped
    );
}
